"""The ledger: the events that a statement pays for, fixed before the data are looked at.

Which events there are depends on which numbers a study gives, never on their values. Whoever picks
the facts of a proof after seeing the data pays for all of them: the ledger of a proof has every
event, used or not, and splits δ by nothing but sizes, ranges and weights that were fixed in
advance.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Context
from enum import Flag, auto
from fractions import Fraction

import numpy as np

from boundcalc.conventions import Side, Split
from boundcalc.errors import (
    DomainError,
    InputError,
    UnknownNameError,
    normal,
    prefix_errors,
    shorten,
)
from boundcalc.numeric.decide.decision import Decision, decide, level_of_each, part_of, rounded_down
from boundcalc.numeric.decide.sample import ANY, counted_looks
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.search import halved
from boundcalc.study.evidence import DEVIATION, LATENT, Evidence, Pair, SubsetEvidence
from boundcalc.study.records import PaidEvent
from boundcalc.study.study import Study, Subset, compared_pairs

UPPER_FIRST = (Side.UPPER, Side.LOWER)
# quantiles at a failure probability below this are beyond floating point
_SMALLEST_SHARE = 1e-300
_ASKED = {Side.UPPER: "more", Side.LOWER: "less"}
_SHORT = Context(prec=6, rounding=ROUND_FLOOR)
_STEPS = 100
_KINDS = ("held-out", "paired", "deviation")


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

    Refused if δ is too small to be divided, or the method that is named fits no pair.
    """
    study, events, tested = evidence.study, list[PaidEvent](), tuple[Pair, ...]()
    if Part.HELD_OUT in part:
        tested = tuple(pair for pair in pairs if evidence.pair(*pair).method is not None)
        events += _held_out(evidence, [pair for pair in pairs if pair not in tested])
        for pair in tested:
            method = str(evidence.pair(*pair).method)
            sides = [side for side in UPPER_FIRST if study.question.asks(_ASKED[side])]
            events += _of_pair(pair, sides, method)
    if Part.TRAINING in part:
        trained = (s for s in subsets_in(study, pairs) if s.train_loss is not None)
        deviations = [e for s in trained if s.has_complexity for e in _deviations(evidence.of(s))]
        events += [*_draws(deviations), *deviations]
    if Part.HELD_OUT in part:
        _refuse_unused(study, events)
    cost = study.each_look / max(len(events), 1)
    return Ledger(_paid(study, events, [cost] * len(events)), tested)


def _paid(
    study: Study, events: Sequence[PaidEvent], costs: Sequence[Fraction]
) -> tuple[PaidEvent, ...]:
    """The events with what each costs."""
    each = zip(costs, events, strict=True)
    least = min((cost / event.candidates for cost, event in each), default=Fraction(1))
    if rounded_down(least) < _SMALLEST_SHARE:
        raise InputError(
            f"{study.place}: delta = {study.delta:g} is too small to be divided among {len(events)}"
        )
    return tuple(replace(event, cost=cost) for event, cost in zip(events, costs, strict=True))


def subsets_in(study: Study, pairs: Sequence[Pair]) -> tuple[Subset, ...]:
    """The subsets that are in any pair, in the order of the study."""
    members = {id(member) for pair in pairs for member in pair}
    return tuple(subset for subset in study.subsets if id(subset) in members)


def _of_pair(pair: Pair, sides: Sequence[Side], method: str) -> Iterator[PaidEvent]:
    name = f"r({pair[0].label}) − r({pair[1].label})"
    for side in sides:
        yield PaidEvent(name, "paired", pair, side, method, str(side))


def _of_subset(subset: Subset, sides: Sequence[Side], method: str) -> Iterator[PaidEvent]:
    for side in sides:
        yield PaidEvent(f"r({subset.label})", "held-out", (subset,), side, method, str(side))


def _held_out(evidence: Evidence, pairs: Sequence[Pair]) -> Iterator[PaidEvent]:
    """The limits that the asked directions need: an upper one on what is to be better."""
    more, less = (evidence.study.question.asks(which) for which in ("more", "less"))
    for subset in subsets_in(evidence.study, pairs):
        method = evidence.of(subset).method
        as_more, as_less = (any(pair[i] is subset for pair in pairs) for i in (0, 1))
        needed = {
            Side.UPPER: (as_more and more) or (as_less and less),
            Side.LOWER: (as_less and more) or (as_more and less),
        }
        if method is not None:
            sides = [side for side in UPPER_FIRST if needed[side]]
            yield from _of_subset(subset, sides, f"holdout.{method}")


def _refuse_unused(study: Study, events: Sequence[PaidEvent]) -> None:
    """A method that was named and decides nothing is an error."""
    asked = study.question.method
    deciding = (event.method for event in events if event.kind in ("held-out", "paired"))
    used = {method.removeprefix("holdout.") for method in deciding}
    if asked is not None and used and asked not in used:
        decides = ", ".join(sorted(used))
        raise InputError(
            f"{study.place}: the method '{asked}' fits no pair; what decides here is {decides}"
        )


def _deviations(evidence: SubsetEvidence, **known: float) -> Iterator[PaidEvent]:
    """The deviations of one class for which everything is known that the limit needs, or is taken
    for known.
    """
    subset = evidence.subset
    for side in UPPER_FIRST:
        variant = evidence.deviation_variant(side, **known)
        if variant is not None:
            name, tried = f"r({subset.label})", subset.candidates
            yield PaidEvent(name, "deviation", (subset,), side, DEVIATION, variant, tried)


def _draws(deviations: Sequence[PaidEvent]) -> Iterator[PaidEvent]:
    """A complexity that was drawn is known only up to an event of its own, one for all sides and
    norms.
    """
    for subset in dict.fromkeys(event.subsets[0] for event in deviations):
        if subset.estimate is not None:
            name, lemma = f"R̂_S({subset.label})", subset.estimate.lemma
            yield PaidEvent(name, "complexity", (subset,), Side.UPPER, "estimate", lemma)


def with_draws(study: Study, events: Sequence[PaidEvent]) -> Study:
    """The study with the limits on the complexities that were drawn, at what the ledger pays for
    each.

    The closed form stands beside it, and the smaller of the two is a limit as well.
    """
    cost = {e.subsets[0]: rounded_down(e.cost) for e in events if e.kind == "complexity"}

    def drawn(subset: Subset) -> Subset:
        assert subset.estimate is not None
        assert subset.rademacher_empirical is not None
        limit = subset.estimate.upper(cost[subset]).value
        return replace(subset, sampled=min(limit, subset.rademacher_empirical))

    return replace(study, subsets=tuple(drawn(s) if s in cost else s for s in study.subsets))


def without_draws(study: Study) -> Study:
    """The study with the closed forms of complexities alone: no ledger but the one that fixed the
    limits on their draws pays for these.
    """
    return replace(study, subsets=tuple(replace(s, sampled=None) for s in study.subsets))


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


# --- of a proof --------------------------------------------------------------------------------


def every_event(study: Study) -> Iterator[PaidEvent]:
    """Everything that the study's lemmas may rest on, without costs.

    For each subset with test losses, the limits on its risk on both sides; for each compared pair
    with a loss for each example, those on the difference; for each class, one deviation a side; for
    the true pair, if a centred loss is given, its deviation.
    """
    evidence = Evidence(study)
    for subset in study.subsets:
        if (test := evidence.of(subset).held_out) is not None:
            yield from _of_subset(subset, UPPER_FIRST, test.by_lemma)
    if any(subset.test_losses is not None for subset in study.subsets):
        for pair in _pairs(study):
            if (found := evidence.pair(*pair).differences) is not None:
                yield from _of_pair(pair, UPPER_FIRST, found.by_lemma)
    for subset in study.subsets:
        if subset.has_complexity or subset.train_loss is not None:
            yield from _deviations(evidence.of(subset), train_loss=0.0)
    if study.m is not None and any(subset.centred_loss is not None for subset in study.subsets):
        yield PaidEvent("r(f*)", "deviation", (), Side.LOWER, LATENT, "sharp")


def _pairs(study: Study) -> Sequence[tuple[Subset, Subset]]:
    try:
        return compared_pairs(study)
    except InputError:
        return compared_pairs(study, all_pairs=True)


def full_ledger(
    study: Study, *, weights: Mapping[str, float] | None = None, split: Split = Split.EQUAL
) -> tuple[PaidEvent, ...]:
    """The ledger of a proof: all events, each with its share of the δ of one look.

    Parameters
    ----------
    study : Study
    weights : mapping of str to float, optional
        For a kind of events (``held-out``, ``paired``, ``deviation``), a subset (``text+audio``) or
        both (``held-out(text+audio)``), how much more than weight 1 its events get; the most
        specific one counts.
    split : Split
        ``equal``: in proportion to the weights. ``planned``: such that the weighted sum of the
        widths √(½ ln(1/δ_e) Σ c_i²) is least, which depends on sample sizes and ranges only.

    Raises
    ------
    InputError
        For an unknown weight, one that is not positive, a δ that is too small to be divided, or
        held-out losses that may be looked at any time.
    """
    events = tuple(every_event(study))
    if study.question.looks == ANY and any(e.kind in ("held-out", "paired") for e in events):
        raise InputError(
            f"{study.place}: looks = any is for the bets of compare; the held-out limits of a "
            "proof hold for one number of examples: give a number of looks"
        )
    if not events:
        return ()
    importance = _weights(study, events, weights or {})
    if split is Split.EQUAL:
        total = sum(importance, Fraction(0))
        return _paid(study, events, [study.each_look * each / total for each in importance])
    widths = [float(w) * _width(study, e) for w, e in zip(importance, events, strict=True)]
    return _paid(study, events, _planned(study.each_look, widths))


def _weights(
    study: Study, events: Sequence[PaidEvent], weights: Mapping[str, float]
) -> list[Fraction]:
    labels = {subset.names: subset.label for subset in study.subsets}
    found: dict[tuple[str | None, str | None], Fraction] = {}
    for key, value in weights.items():
        kind, label = _key(key, labels)
        if not (isinstance(value, (int, float, Fraction)) and 0 < value < math.inf):
            raise DomainError(
                f"the weight {shorten(key)} = {shorten(str(value))} is not a positive number"
            )
        found[kind, label] = exactly(value)
    one = Fraction(1)

    def weight(event: PaidEvent) -> Fraction:
        names: list[str | None] = [subset.label for subset in event.subsets]
        keys = [*((event.kind, n) for n in names), *((None, n) for n in names), (event.kind, None)]
        return next((found[key] for key in keys if key in found), one)

    return [weight(event) for event in events]


def _key(key: str, labels: Mapping[frozenset[str], str]) -> tuple[str | None, str | None]:
    """The kind and the subset that a weight is for."""
    if key in _KINDS:
        return key, None
    match = re.fullmatch(r"([a-z-]+)\((.*)\)", key)
    kind, text = (match[1], match[2]) if match else (None, key)
    label = labels.get(frozenset(map(normal, text.split("+"))))
    if label is None or (kind is not None and kind not in _KINDS):
        known = [
            *_KINDS,
            *labels.values(),
            *(f"held-out({label})" for label in list(labels.values())[:1]),
        ]
        raise UnknownNameError("weight", key, known)
    return kind, label


def _width(study: Study, event: PaidEvent) -> float:
    """√(½ Σ c_i²) of the event's statistic, known before the data; Hoeffding's for every held-out
    limit.
    """
    size = (study.m if event.kind == "deviation" else study.test_n) or 1
    double = event.kind == "paired" or event.variant == "empirical"
    return study.loss_bound * (2 if double else 1) / math.sqrt(2 * size)


def _planned(delta: Fraction, widths: Sequence[float]) -> list[Fraction]:
    """The costs that minimise Σ a √ln(1/δ_e) subject to Σ δ_e = δ, rounded down.

    For δ_e < 1/√e every term is convex, and at the minimum all derivatives a / (2 δ_e √ln(1/δ_e))
    agree.
    """
    sizes, members = np.unique(np.asarray(widths, dtype=float), return_inverse=True)
    counts = np.bincount(members)
    most = float(delta)

    def costs(rate: float) -> np.ndarray:
        low, high = np.full(sizes.shape, -700.0), np.full(sizes.shape, -0.5)
        for _ in range(_STEPS):  # the logarithm of δ_e, by bisection
            middle = (low + high) / 2
            steep = sizes / (2 * np.exp(middle) * np.sqrt(-middle)) > rate
            low, high = np.where(steep, middle, low), np.where(steep, high, middle)
        return np.asarray(np.exp(low))

    def dear(rate: float) -> bool:
        return bool(costs(math.exp(rate)) @ counts > most)

    _, rate = halved(dear, -700.0, 700.0, _STEPS)
    short = [Fraction(_SHORT.create_decimal_from_float(float(c))) for c in costs(math.exp(rate))]
    found = [short[member] for member in members.tolist()]
    total = sum(found, Fraction(0))
    return found if total <= delta else [c * delta / total for c in found]
