"""The bounds of the catalogue on which a comparison rests, with the numbers that were put in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from boundcalc.numeric.decide.decision import rounded_down
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.evaluate import Evaluation
from boundcalc.study.evidence import Evidence, SubsetEvidence
from boundcalc.study.records import Comparison, PaidEvent
from boundcalc.study.study import Subset
from boundcalc.study.training_bounds import LEARNED


@dataclass(frozen=True)
class UsedBound:
    """One bound on one quantity.

    Attributes
    ----------
    quantity : str
        What is bounded, for example ``r(text)``.
    subject : str
        The subset, or the pair, whose numbers were put in.
    evaluation : Evaluation
    share : Fraction
        Its δ as a part of the study's.
    joint : bool
        Whether it is an event of the ledger; if not, it holds by itself.
    intrinsic : float or None
        The c of R = √(c/m), where the complexity was given so.
    """

    quantity: str
    subject: str
    evaluation: Evaluation
    share: Fraction
    joint: bool
    intrinsic: float | None = None


def bounds_used(record: Comparison) -> tuple[UsedBound, ...]:
    """What the ledger pays for first, then what holds by itself.

    Paired tests are decided by their own p-values and are no bounds of the catalogue.
    """
    statements = [r for r in (record, record.training) if r is not None]
    found = [used for statement in statements for used in _joint(statement)]
    alone = [used for statement in statements[-1:] for used in _alone(statement)]
    return (*found, *alone)


def _joint(record: Comparison) -> Iterator[UsedBound]:
    evidence = Evidence(record.study)
    delta = exactly(record.study.delta)
    for event in record.ledger:
        if event.kind in ("held-out", "deviation"):
            (subset,) = event.subsets
            found = _of_event(evidence.of(subset), event)
            share = event.cost / event.candidates / delta
            yield _used(event.quantity, subset, found, share, joint=True)


def _of_event(known: SubsetEvidence, event: PaidEvent) -> Evaluation:
    share = rounded_down(event.cost)
    if event.kind == "deviation":
        return known.deviation(event.side, share)
    assert known.held_out is not None
    return known.held_out.evaluated(event.method.removeprefix("holdout."), event.side, share)


def _alone(record: Comparison) -> Iterator[UsedBound]:
    """Theorems 1 and 2, which say something of what no data show."""
    evidence = Evidence(record.study)
    for result in record.subsets:
        known = evidence.of(result.subset)
        if known.latent_quality is not None:
            share = Fraction(1, result.subset.candidates)
            name = f"η({result.subset.label})"
            yield _used(name, result.subset, known.latent_quality, share, joint=False)
        yield from _by_themselves(known, record.study.delta)
    for row in record.comparisons:
        if row.method == "theorem1":
            found = evidence.of(row.more).threshold
            if found is not None:
                share = Fraction(1, row.more.candidates)
                name = f"r({row.more.label}) − r({row.less.label})"
                yield _used(name, row.more, found, share, joint=False)


def _by_themselves(known: SubsetEvidence, delta: float) -> Iterator[UsedBound]:
    """What a posterior or β says: upper limits, on the losses as the bounds take them."""
    subset, share = known.subset, Fraction(1, known.subset.candidates)
    for bound in known.by_itself:
        found = known.bounded_by(bound, rounded_down(exactly(delta)), upper=True)
        unit = f"/{float(bound.unit):g}" if bound.unit != 1 else ""
        of = subset.label if bound.quantity == LEARNED else f"Q of {subset.label}"
        yield UsedBound(f"{bound.quantity}{unit} of {of}", of, found, share, joint=False)


def _used(
    quantity: str, subset: Subset, found: Evaluation, share: Fraction, *, joint: bool
) -> UsedBound:
    return UsedBound(quantity, subset.label, found, share, joint, subset.intrinsic)
