"""The ledger: the events that a statement pays for, fixed before the data are looked at.

Which events there are depends on which numbers a study gives, never on their values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Flag, auto

from boundcalc.conventions import Side
from boundcalc.errors import InputError, prefix_errors
from boundcalc.numeric.decide.decision import (
    Decision,
    decide,
    level_of_each,
    part_of,
    rounded_down,
)
from boundcalc.numeric.decide.sample import counted_looks
from boundcalc.numeric.domains import exactly
from boundcalc.study.evidence import DEVIATION, Evidence, Pair, PairEvidence, SubsetEvidence
from boundcalc.study.records import PaidEvent
from boundcalc.study.study import Study, Subset

UPPER_FIRST = (Side.UPPER, Side.LOWER)
# quantiles at a failure probability below this are beyond floating point
SMALLEST_SHARE = 1e-300
_ASKED = {Side.UPPER: "more", Side.LOWER: "less"}


class Part(Flag):
    """What a statement rests on."""

    HELD_OUT = auto()
    TRAINING = auto()
    ALL = HELD_OUT | TRAINING


@dataclass(frozen=True)
class Ledger:
    """The events of one statement, each at an equal share of δ.

    Attributes
    ----------
    events : tuple of Event
    tested : tuple of Pair
        Decided by a test each, step by step; the others by limits on each risk.
    """

    events: tuple[PaidEvent, ...]
    tested: tuple[Pair, ...] = ()

    @property
    def share(self) -> float:
        """What one event costs; 0 where there is none."""
        return rounded_down(self.events[0].cost) if self.events else 0.0


def planned_ledger(evidence: Evidence, pairs: Sequence[Pair], part: Part = Part.ALL) -> Ledger:
    """The events of a statement.

    For each pair with a loss for each example of both, or whose errors are counted and compared by
    them, one event a direction; for the other pairs limits on the held-out risk of each subset, by
    one method. For each class with a training loss and a complexity, one deviation event a side.

    Raises
    ------
    InputError
        If δ is too small to be divided, or the method that is named fits no pair.
    """
    study = evidence.study
    tested = tuple(
        p for p in pairs if Part.HELD_OUT in part and evidence.pair(*p).method is not None
    )
    deviations = tuple(_deviations(evidence, pairs)) if Part.TRAINING in part else ()
    events = [
        *(
            _held_out(evidence, [p for p in pairs if p not in tested])
            if Part.HELD_OUT in part
            else ()
        ),
        *(event for pair in tested for event in _tests(study, pair, evidence.pair(*pair))),
        *_estimates(deviations),
        *deviations,
    ]
    if Part.HELD_OUT in part:
        _refuse_unused(study, events)
    if not events:
        return Ledger(())
    cost = exactly(study.delta) / counted_looks(study.question.looks) / len(events)
    if rounded_down(cost / max(event.candidates for event in events)) < SMALLEST_SHARE:
        raise InputError(
            f"{study.place}: delta = {study.delta:g} is too small to be divided among {len(events)}"
        )
    return Ledger(tuple(replace(event, cost=cost) for event in events), tested)


def compared(study: Study, pairs: Sequence[Pair]) -> tuple[Subset, ...]:
    """The subsets that are in any pair, in the order of the study."""
    members = {id(member) for pair in pairs for member in pair}
    return tuple(subset for subset in study.subsets if id(subset) in members)


def difference(more: Subset, less: Subset) -> str:
    """The name of a difference of risks."""
    return f"r({more.label}) − r({less.label})"


def _tests(study: Study, pair: Pair, evidence: PairEvidence) -> Iterator[PaidEvent]:
    assert evidence.method is not None
    for side in UPPER_FIRST:
        if study.question.asks(_ASKED[side]):
            yield PaidEvent(difference(*pair), "paired", pair, side, evidence.method, str(side))


def _held_out(evidence: Evidence, pairs: Sequence[Pair]) -> Iterator[PaidEvent]:
    """The limits that the asked directions need: an upper one on what is to be better."""
    study = evidence.study
    for subset in compared(study, pairs):
        method = evidence.of(subset).method
        if method is None:
            continue
        as_more, as_less = (any(pair[i] is subset for pair in pairs) for i in (0, 1))
        more, less = study.question.asks("more"), study.question.asks("less")
        needed = {
            Side.UPPER: (as_more and more) or (as_less and less),
            Side.LOWER: (as_less and more) or (as_more and less),
        }
        for side in UPPER_FIRST:
            if needed[side]:
                name = f"r({subset.label})"
                yield PaidEvent(name, "held-out", (subset,), side, f"holdout.{method}", str(side))


def _refuse_unused(study: Study, events: Sequence[PaidEvent]) -> None:
    """A method that was named and decides nothing is an error."""
    asked = study.question.method
    used = {
        event.method.removeprefix("holdout.")
        for event in events
        if event.kind in ("held-out", "paired")
    }
    if asked is not None and used and asked not in used:
        decides = ", ".join(sorted(used))
        raise InputError(
            f"{study.place}: the method '{asked}' fits no pair; what decides here is {decides}"
        )


def _deviations(evidence: Evidence, pairs: Sequence[Pair]) -> Iterator[PaidEvent]:
    for subset in compared(evidence.study, pairs):
        if subset.train_loss is not None and subset.has_complexity:
            yield from deviation_events(evidence.of(subset))


def deviation_events(
    evidence: SubsetEvidence,
    *,
    known: Mapping[str, float] | None = None,
) -> Iterator[PaidEvent]:
    """The deviations of one class for which everything is known that the limit needs."""
    subset = evidence.subset
    for side in UPPER_FIRST:
        variant = evidence.deviation_variant(side, known=known)
        if variant is not None:
            name, tried = f"r({subset.label})", subset.candidates
            yield PaidEvent(name, "deviation", (subset,), side, DEVIATION, variant, tried)


def _estimates(deviations: Sequence[PaidEvent]) -> Iterator[PaidEvent]:
    """A complexity that was drawn is known only up to an event of its own, one for all sides and
    norms.
    """
    for subset in dict.fromkeys(event.subsets[0] for event in deviations):
        if subset.estimate is not None:
            name = f"R̂_S({subset.label})"
            yield PaidEvent(
                name, "complexity", (subset,), Side.UPPER, "estimate", subset.estimate.lemma
            )


def with_draws(study: Study, events: Sequence[PaidEvent]) -> Study:
    """The study with the limits on the complexities that were drawn, at what the ledger pays for
    each.

    The closed form stands beside it, and the smaller of the two is a limit as well.
    """
    cost = {e.subsets[0]: rounded_down(e.cost) for e in events if e.kind == "complexity"}
    return replace(
        study, subsets=tuple(_drawn(s, cost[s]) if s in cost else s for s in study.subsets)
    )


def _drawn(subset: Subset, share: float) -> Subset:
    assert subset.estimate is not None
    assert subset.rademacher_empirical is not None
    limit = subset.estimate.upper(share).value
    return replace(subset, sampled=min(limit, subset.rademacher_empirical))


@dataclass(frozen=True)
class JointLimits:
    """What the events of a ledger say.

    Attributes
    ----------
    values : mapping
        The limit of each event on a risk, by kind, side and subset, within [0, C].
    decisions : mapping of Pair to Decision
        On the pairs that are tested.
    """

    values: Mapping[tuple[str, Side, Subset], float]
    decisions: Mapping[Pair, Decision]

    def get(self, kind: str, side: Side, subset: Subset) -> float | None:
        """The limit from the event of one kind, or None where the ledger has none."""
        return self.values.get((kind, side, subset))

    def best(self, side: Side, subset: Subset) -> float | None:
        """The tightest limit on a subset's risk."""
        found = [self.get(kind, side, subset) for kind in ("held-out", "deviation")]
        known = [value for value in found if value is not None]
        tightest = min if side is Side.UPPER else max
        return tightest(known, default=None)


def joint_limits(evidence: Evidence, ledger: Ledger) -> JointLimits:
    """Evaluate every event."""
    study = evidence.study
    values: dict[tuple[str, Side, Subset], float] = {}
    for event in ledger.events:
        if event.kind not in ("held-out", "deviation"):
            continue
        (subset,) = event.subsets
        value = _value(evidence.of(subset), event)
        values[event.kind, event.side, subset] = min(max(value, 0.0), study.loss_bound)
    decisions = _decisions(evidence, ledger) if ledger.tested else ()
    return JointLimits(values, dict(zip(ledger.tested, decisions, strict=True)))


def _value(evidence: SubsetEvidence, event: PaidEvent) -> float:
    share = rounded_down(event.cost)
    if event.kind == "deviation":
        return float(evidence.deviation(event.side, share).value)
    assert evidence.held_out is not None
    with prefix_errors(evidence.subset.place):
        low, high = evidence.held_out.limits(event.method.removeprefix("holdout."), share)
    return high if event.side is Side.UPPER else low


def _decisions(evidence: Evidence, ledger: Ledger) -> tuple[Decision, ...]:
    """By step-down over all pairs that are tested, with their part of δ."""
    study = evidence.study
    looks, direction = counted_looks(study.question.looks), study.question.direction
    paid = sum(event.kind == "paired" for event in ledger.events)
    delta = part_of(study.delta, paid, len(ledger.events))
    level = level_of_each(delta, len(ledger.tested), direction, looks)
    tests = [evidence.pair(*pair).test(level) for pair in ledger.tested]
    return decide(tests, delta=delta, direction=direction, looks=looks)
