"""Which of two predictors has the lower risk, certified from their losses on the same examples.

One method decides, and it is fixed by the kind of the loss, not by the outcome: 0/1 losses by the
exact paired test, other losses by betting, unless the user names another one. Its p-values,
interval and verdict come from one function of θ₀ (`boundcalc.numeric.decide`), so they never
contradict each other: the interval of one pair excludes 0 exactly when there is a verdict. Pairs
that are certified together share δ by step-down. All other limits are computed for contrast: each
holds with probability ≥ 1 − δ by itself, and none takes part in a verdict.

The amount is read off the interval, and so is what is said of a margin: where the interval holds,
all of it is true, which fails with probability at most δ.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from boundcalc.numeric.decide import pairs
from boundcalc.numeric.decide.certification import (
    SIGN_TEST,
    Certification,
    Discordant,
    Interval,
    Margin,
    Proved,
)
from boundcalc.numeric.decide.decision import Decision, decide, level_of_each, part_of
from boundcalc.numeric.decide.forecast import Needed
from boundcalc.numeric.decide.pairs import Summary, paired, unpaired
from boundcalc.numeric.decide.sample import (
    ANY,
    INTERVALS,
    PairedSample,
    counted_looks,
    deciding_method,
    pair_forecast,
    pair_test,
)
from boundcalc.numeric.enclosures import in_digits
from boundcalc.text import probability


class PairQuestion(NamedTuple):
    """What is asked of all pairs."""

    delta: float
    direction: str = "both"
    looks: int | str = 1
    margin: float | None = None
    equivalence: float | None = None
    method: str | None = None
    seed: int = 0
    digits: int | None = None


def certify_pairs(
    samples: Sequence[PairedSample],
    names: Sequence[tuple[str, str]],
    question: PairQuestion,
    *,
    declared: bool = True,
) -> tuple[Certification, ...]:
    """Certify pairs together: all verdicts hold with probability ≥ 1 − δ, and so do all intervals.

    Both at once are not promised: a step-down decides at more than the level of an interval.

    Parameters
    ----------
    declared : bool
        Whether the kind of loss was said, or read off the losses.
    """
    looks, direction = counted_looks(question.looks), question.direction
    level = level_of_each(question.delta, len(samples), direction, looks)
    tests = [
        pair_test(
            _method(sample, question),
            sample,
            level,
            question.looks,
            question.seed,
            certified=question.digits is not None,
        )
        for sample in samples
    ]
    found = decide(tests, delta=question.delta, direction=direction, looks=looks)
    return tuple(
        _certification(called, sample, question, decision, declared)
        for called, sample, decision in zip(names, samples, found, strict=True)
    )


def _method(sample: PairedSample, question: PairQuestion) -> str:
    weighted = sample.weights is not None
    return deciding_method(
        question.method, zero_one=sample.zero_one, weighted=weighted, looks=question.looks
    )


def _certification(
    names: tuple[str, str],
    sample: PairedSample,
    question: PairQuestion,
    decision: Decision,
    declared: bool,
) -> Certification:
    counts = sample.only
    exact = sample.zero_one and question.looks != ANY
    asked, seed = question.direction, question.seed
    margin = _margin(question, decision)
    alike = margin is not None and margin.asked == "equivalence" and margin.equivalent
    needed: tuple[Needed, ...] = ()
    if not decision.verdict and not alike and decision.lower <= decision.upper:
        needed = pair_forecast(sample, decision, direction=asked, seed=seed)
    half = needed[0].n if needed else None
    return Certification(
        a=names[0],
        b=names[1],
        n=sample.n,
        delta=question.delta,
        loss_bound=sample.width,
        mean_a=float(np.average(sample.a, weights=sample.weights)),
        mean_b=float(np.average(sample.b, weights=sample.weights)),
        difference=decision.difference,
        deciding=decision.method,
        verdict=decision.verdict,
        rows=_rows(sample, decision, question, counts if exact else None),
        discordant=_discordant(counts, sample, decision) if exact else None,
        further_examples=0 if decision.verdict else half and max(half - sample.a.size, 1),
        assumes=_assumes(sample, question),
        loss="zero-one" if sample.zero_one else "bounded",
        loss_declared=declared,
        direction=question.direction,
        level=decision.level,
        p_value_a=decision.p_value_a,
        p_value_b=decision.p_value_b,
        groups=None if sample.groups is None else sample.groups.sizes.size,
        looks=question.looks,
        margin=margin,
        forecast=needed,
        seed=question.seed,
        proved=None if question.digits is None else _proved(decision, question.digits),
    )


def _proved(decision: Decision, digits: int) -> Proved:
    """What is certified, with so many digits: outwards, as the floats themselves were."""
    lower, upper, p_a, p_b = (
        in_digits(Fraction(value), digits, up=up)
        for value, up in (
            (decision.lower, False),
            (decision.upper, True),
            (decision.p_value_a, True),
            (decision.p_value_b, True),
        )
    )
    return Proved(lower, upper, p_a, p_b, digits)


def _discordant(counts: tuple[int, int], sample: PairedSample, decision: Decision) -> Discordant:
    p_a, p_b = decision.p_value_a, decision.p_value_b
    if decision.method != SIGN_TEST:
        contrast = pairs.zero_one_pair(*counts, sample.a.size, level=decision.level)
        p_a, p_b = contrast.a_better.p_value(0.0), contrast.b_better.p_value(0.0)
    return Discordant(*counts, p_a, p_b, decision.level)


def _rows(
    sample: PairedSample, decision: Decision, question: PairQuestion, counts: tuple[int, int] | None
) -> tuple[Interval, ...]:
    """The deciding interval first, then those of other methods, two-sided."""
    held = float(probability(question.delta))
    first = Interval(decision.method, True, decision.lower, decision.upper, held, True, None)
    if question.looks == ANY or sample.weights is not None:
        return (first,)
    width, delta = sample.width, part_of(question.delta, 1, counted_looks(question.looks))
    gap, samples = Summary.of(sample.a - sample.b), (Summary.of(sample.a), Summary.of(sample.b))
    together = {method: paired(method, gap, width, delta) for method in INTERVALS}
    together.pop(decision.method, None)
    apart = {method: unpaired(method, *samples, width, delta) for method in INTERVALS}
    counterpart = {method: together.get(method, (first.lower, first.upper)) for method in INTERVALS}
    if counts is not None:
        exact = first.lower, first.upper
        if decision.method != SIGN_TEST:
            exact = _two_sided(counts, sample.a.size, delta)
            together = {SIGN_TEST: exact} | together
        apart = {"clopper_pearson": unpaired("clopper_pearson", *samples, width, delta)} | apart
        counterpart["clopper_pearson"] = exact
    rows = [Interval(m, True, *ends, held, False, None) for m, ends in together.items()]
    for method, (low, high) in apart.items():
        rival = counterpart[method]
        wider = (high - low) / (rival[1] - rival[0])
        rows.append(Interval(method, False, low, high, held, False, wider))
    return (first, *rows)


def _two_sided(counts: tuple[int, int], n: int, delta: float) -> tuple[float, float]:
    level = level_of_each(delta)
    test = pairs.zero_one_pair(*counts, n, level=level)
    return test.b_better.lower_limit(level), -test.a_better.lower_limit(level)


def _margin(question: PairQuestion, decision: Decision) -> Margin | None:
    asked = "margin" if question.margin is not None else "equivalence"
    size = question.margin if question.margin is not None else question.equivalence
    if size is None:
        return None
    known = decision.lower <= decision.upper
    return Margin(size, known and decision.upper < size, known and decision.lower > -size, asked)


def _assumes(sample: PairedSample, question: PairQuestion) -> tuple[str, ...]:
    units = "the examples are i.i.d."
    if sample.groups is not None:
        units = "the groups are i.i.d., the examples within one need not be"
        over = "groups" if sample.weights is None else "examples"
        units += f"; the mean is over {over}"
        if question.looks == ANY:
            units += "; each group was complete when it was looked at"
    order = "in their order of arrival" if question.looks == ANY else "in the same order"
    return (
        "both predictors were fixed before these examples were seen",
        f"{units}, the same ones {order} for both",
        "the loss takes no other value than 0 and 1"
        if sample.zero_one
        else f"the loss is in [0, {sample.width:g}]",
    )
