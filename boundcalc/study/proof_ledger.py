"""How the failure probability is split over all events that a study instantiates, before the data
are seen.

Whoever picks the facts of a proof after seeing the data pays for all of them: the split is over
every event, used or not, and rests on nothing but sizes, ranges and weights that were fixed in
advance.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_FLOOR, Context
from fractions import Fraction

import numpy as np

from boundcalc.conventions import Side
from boundcalc.conventions import Split as Split
from boundcalc.errors import DomainError, InputError, UnknownNameError, shorten
from boundcalc.numeric.decide.decision import rounded_down
from boundcalc.numeric.domains import exactly
from boundcalc.study.evidence import LATENT, Evidence
from boundcalc.study.ledger import SMALLEST_SHARE, UPPER_FIRST, deviation_events, difference
from boundcalc.study.records import PaidEvent
from boundcalc.study.study import Study, Subset, compared_pairs
from boundcalc.text import normal

_SHORT = Context(prec=6, rounding=ROUND_FLOOR)
_STEPS = 100
_KINDS = ("held-out", "paired", "deviation")


def every_event(study: Study) -> tuple[PaidEvent, ...]:
    """Everything that the study's lemmas may rest on, without costs.

    For each subset with test losses, the limits on its risk on both sides; for each compared pair
    with a loss for each example, those on the difference; for each class, one deviation a side; for
    the true pair, if a centred loss is given, its deviation.
    """
    return tuple(_events(study))


def _events(study: Study) -> Iterator[PaidEvent]:
    evidence = Evidence(study)
    for subset in study.subsets:
        test = evidence.of(subset).held_out
        for side in () if test is None else UPPER_FIRST:
            assert test is not None
            name = f"r({subset.label})"
            yield PaidEvent(name, "held-out", (subset,), side, test.by_lemma, str(side))
    if any(subset.test_losses is not None for subset in study.subsets):
        for pair in _pairs(study):
            found = evidence.pair(*pair).differences
            for side in () if found is None else UPPER_FIRST:
                assert found is not None
                yield PaidEvent(difference(*pair), "paired", pair, side, found.by_lemma, str(side))
    for subset in study.subsets:
        if subset.has_complexity or subset.train_loss is not None:
            yield from deviation_events(evidence.of(subset), known={"train_loss": 0.0})
    if study.m is not None and any(subset.centred_loss is not None for subset in study.subsets):
        yield PaidEvent("r(f*)", "deviation", (), Side.LOWER, LATENT, "sharp")


def _pairs(study: Study) -> Sequence[tuple[Subset, Subset]]:
    try:
        return compared_pairs(study)
    except InputError:
        return compared_pairs(study, all_pairs=True)


def proof_ledger(
    study: Study, *, weights: Mapping[str, float] | None = None, split: Split = Split.EQUAL
) -> tuple[PaidEvent, ...]:
    """The ledger of a proof: all events, each with its share of the study's δ.

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
        For an unknown weight, one that is not positive, or a δ that is too small to be divided.
    """
    events = every_event(study)
    if not events:
        return ()
    importance = _weights(study, events, weights or {})
    delta = exactly(study.delta)
    if split is Split.EQUAL:
        total = sum(importance, Fraction(0))
        costs = [delta * weight / total for weight in importance]
    else:
        costs = _planned(
            delta, [float(w) * _width(study, e) for w, e in zip(importance, events, strict=True)]
        )
    least = min(cost / event.candidates for cost, event in zip(costs, events, strict=True))
    if rounded_down(least) < SMALLEST_SHARE:
        raise InputError(
            f"{study.place}: delta = {study.delta:g} is too small to be divided among {len(events)}"
        )
    return tuple(replace(event, cost=cost) for event, cost in zip(events, costs, strict=True))


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

    low, high = -700.0, 700.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if costs(math.exp(middle)) @ counts > most else (low, middle)
    short = [Fraction(_SHORT.create_decimal_from_float(float(c))) for c in costs(math.exp(high))]
    found = [short[member] for member in members.tolist()]
    total = sum(found, Fraction(0))
    return found if total <= delta else [c * delta / total for c in found]
