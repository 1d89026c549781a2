"""The ledger: the one set of events that a comparison pays for, fixed before the data are looked at.

Which events there are depends on which numbers a study gives, never on their values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from boundcalc.conventions import Side
from boundcalc.errors import InputError, placed
from boundcalc.numeric.domains import exactly
from boundcalc.study.limits import (
    DEVIATION,
    LEAST,
    deviation,
    deviation_variant,
    held_out,
    missing,
    paired,
    spend,
    training_numbers,
)
from boundcalc.study.records import Event
from boundcalc.study.study import Study, Subset

Pair = tuple[Subset, Subset]
UPPER_FIRST = (Side.UPPER, Side.LOWER)


def plan(study: Study, pairs: Sequence[Pair]) -> tuple[Event, ...]:
    """The events, each at an equal share of δ.

    For each subset that is compared, one method for its held-out losses, each side an event; for a pair with
    per-example losses of both, the difference of the two risks instead. For each class with a training loss
    and a complexity, one deviation event a side.

    Raises
    ------
    InputError
        If δ is too small to be divided.
    """
    deviations = tuple(_deviations(study, pairs))
    events = [*_held_out(study, pairs), *_paired(study, pairs), *_estimates(deviations), *deviations]
    if not events:
        return ()
    cost = exactly(study.delta) / len(events)
    if spend(cost / max(event.candidates for event in events)) < LEAST:
        raise InputError(
            f"{study.place}: delta = {study.delta:g} is too small to be divided among {len(events)}"
        )
    return tuple(replace(event, cost=cost) for event in events)


def compared(study: Study, pairs: Sequence[Pair]) -> tuple[Subset, ...]:
    """The subsets that are in any pair, in the order of the study."""
    members = {id(member) for pair in pairs for member in pair}
    return tuple(subset for subset in study.subsets if id(subset) in members)


def difference(more: Subset, less: Subset) -> str:
    """The name of a difference of risks."""
    return f"r({more.label}) − r({less.label})"


def _held_out(study: Study, pairs: Sequence[Pair]) -> Iterator[Event]:
    unpaired = [pair for pair in pairs if paired(study, *pair) is None]
    for subset in compared(study, unpaired):
        yield from held_out_events(study, subset)


def held_out_events(study: Study, subset: Subset) -> Iterator[Event]:
    """The limits on the risk of one subset from its held-out losses, if there are any."""
    test = held_out(study, subset)
    if test is not None:
        for side in UPPER_FIRST:
            yield Event(f"r({subset.label})", "held-out", (subset,), side, test.theorem, str(side))


def _paired(study: Study, pairs: Sequence[Pair]) -> Iterator[Event]:
    for pair in pairs:
        yield from paired_events(study, *pair)


def paired_events(study: Study, more: Subset, less: Subset) -> Iterator[Event]:
    """The limits on the difference of two risks, if both have a loss for each test example."""
    test = paired(study, more, less)
    if test is not None:
        for side in UPPER_FIRST:
            yield Event(difference(more, less), "paired", (more, less), side, test.theorem, str(side))


def _deviations(study: Study, pairs: Sequence[Pair]) -> Iterator[Event]:
    for subset in compared(study, pairs):
        if subset.train_loss is not None and subset.has_complexity:
            yield from deviation_events(study, subset, training_numbers(study, subset))


def deviation_events(study: Study, subset: Subset, known: Mapping[str, float]) -> Iterator[Event]:
    """The deviations of one class for which everything is known that the limit needs."""
    for side in UPPER_FIRST:
        variant = deviation_variant(study, subset, side)
        if variant is not None and not missing(DEVIATION, variant, known):
            yield Event(
                f"r({subset.label})", "deviation", (subset,), side, DEVIATION, variant, subset.candidates
            )


def _estimates(deviations: Sequence[Event]) -> Iterator[Event]:
    """A complexity that was drawn is known only up to an event of its own, one for all sides and norms."""
    for subset in dict.fromkeys(event.subsets[0] for event in deviations):
        if subset.estimate is not None:
            name = f"R̂_S({subset.label})"
            yield Event(name, "complexity", (subset,), Side.UPPER, "estimate", subset.estimate.lemma)


def sampled(study: Study, ledger: Sequence[Event]) -> Study:
    """The study with the limits on the complexities that were drawn, at what the ledger pays for each.

    The closed form stands beside it, and the smaller of the two is a limit as well.
    """
    cost = {event.subsets[0]: spend(event.cost) for event in ledger if event.kind == "complexity"}
    return replace(study, subsets=tuple(_drawn(s, cost[s]) if s in cost else s for s in study.subsets))


def _drawn(subset: Subset, share: float) -> Subset:
    assert subset.estimate is not None
    assert subset.rademacher_empirical is not None
    limit = subset.estimate.upper(share).value
    return replace(subset, sampled=min(limit, subset.rademacher_empirical))


@dataclass(frozen=True)
class JointLimits:
    """The limits that the events of the ledger give, by kind, side and subsets."""

    values: Mapping[tuple[str, Side, tuple[Subset, ...]], float]

    def get(self, kind: str, side: Side, *subsets: Subset) -> float | None:
        """The limit from the event of one kind, or None where the ledger has none."""
        return self.values.get((kind, side, subsets))

    def best(self, side: Side, subset: Subset) -> float | None:
        """The tightest limit on a subset's risk."""
        found = [self.get(kind, side, subset) for kind in ("held-out", "deviation")]
        known = [value for value in found if value is not None]
        tightest = min if side is Side.UPPER else max
        return tightest(known, default=None)


def joint_limits(study: Study, ledger: Sequence[Event]) -> JointLimits:
    """Evaluate every event, within the range that the loss has in any case."""
    return JointLimits({(e.kind, e.side, e.subsets): _clipped(study, e, _value(study, e)) for e in ledger})


def _value(study: Study, event: Event) -> float:
    share = spend(event.cost)
    if event.kind == "complexity":
        assert event.subsets[0].sampled is not None
        return event.subsets[0].sampled
    if event.kind == "deviation":
        return float(deviation(study, event.subsets[0], event.side, share).value)
    test = paired(study, *event.subsets) if event.kind == "paired" else held_out(study, *event.subsets)
    assert test is not None
    with placed(event.subsets[0].place):
        low, high = test.limits(test.methods[0], share)
    return high if event.side is Side.UPPER else low


def _clipped(study: Study, event: Event, value: float) -> float:
    low = -study.loss_bound if event.kind == "paired" else 0.0
    return min(max(value, low), study.loss_bound)
