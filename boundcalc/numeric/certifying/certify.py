"""Which of two predictors has the lower risk, certified from their losses on the same examples.

One method decides, and it is fixed by the kind of the loss, not by the outcome: 0/1 losses by the
exact paired test, other losses by betting, unless the user names another one. Its p-values,
interval and verdict come from one function of θ₀ (`boundcalc.numeric.decide`), so they never
contradict each other: the interval excludes 0 exactly when there is a verdict. Each direction that
is asked for is tested at δ over their number. All other limits are computed for contrast: each
holds with probability ≥ 1 − δ by itself, and none takes part in the verdict.

The amount is read off the interval, and so is what is said of a margin: where the interval holds,
all of it is true, which fails with probability at most δ.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from boundcalc.errors import InputError, UnknownNameError
from boundcalc.numeric.certifying.certification import (
    SIGN_TEST,
    Certification,
    Discordant,
    Interval,
    Margin,
)
from boundcalc.numeric.certifying.losses import Losses, as_losses, range_end
from boundcalc.numeric.certifying.paired import Summary, paired, unpaired
from boundcalc.numeric.decide import pairs
from boundcalc.numeric.decide.decision import DIRECTIONS, Decision, decide, level_of_each
from boundcalc.numeric.decide.sample import (
    ANY,
    INTERVALS,
    PairedSample,
    Population,
    checked_looks,
    checked_seed,
    counted_looks,
    deciding_method,
    margin_in_range,
    pair_forecast,
    pair_test,
    paired_sample,
)
from boundcalc.numeric.domains import checked
from boundcalc.symbolic.parameters import parameter
from boundcalc.text import probability

KINDS = ("zero-one", "bounded")


class _Question(NamedTuple):
    """What is asked."""

    names: tuple[str, str]
    delta: float
    direction: str
    looks: int | str
    margin: float | None
    equivalence: float | None
    seed: int


def certify(
    losses_a: ArrayLike,
    losses_b: ArrayLike,
    *,
    delta: float = 0.05,
    loss_bound: float | None = None,
    loss: str | None = None,
    method: str | None = None,
    names: tuple[str, str] = ("A", "B"),
    groups: Any = None,
    group_size: int | None = None,
    classes: Any = None,
    weights: Mapping[Any, float] | None = None,
    margin: float | None = None,
    equivalence: float | None = None,
    looks: int | str = 1,
    direction: str = "both",
    seed: int = 0,
) -> Certification:
    """Certify which of two predictors has the lower risk, from two arrays; see `front.certify`."""
    called = _checked_names(names)
    failure = checked(parameter("delta"), delta)
    if np.ndim(failure):
        raise InputError("delta must be a single number")
    if direction not in DIRECTIONS:
        raise UnknownNameError("direction", str(direction), DIRECTIONS)
    width = range_end(loss_bound)
    a = as_losses(losses_a, where="losses_a", loss_bound=loss_bound)
    b = as_losses(losses_b, where="losses_b", loss_bound=loss_bound)
    if a.size != b.size:
        raise InputError(
            f"{called[0]} has {a.size} losses and {called[1]} has {b.size}; they must be on the "
            f"same examples"
        )
    if a.size < 2:
        raise InputError("one example is too few; certify needs at least two")
    zero_one = _zero_one(loss, method, a, b, width)
    sample = paired_sample(a, b, width, zero_one, Population(groups, group_size, classes, weights))
    question = _Question(
        names=called,
        delta=float(failure),
        direction=direction,
        looks=checked_looks(looks),
        margin=margin_in_range("margin", margin, sample.width),
        equivalence=margin_in_range("equivalence", equivalence, sample.width),
        seed=checked_seed(seed),
    )
    if margin is not None and equivalence is not None:
        raise InputError("margin and equivalence are two questions: ask one of them")
    deciding = deciding_method(
        method,
        zero_one=sample.zero_one,
        weighted=sample.weights is not None,
        looks=question.looks,
    )
    declared = loss is not None or method is not None
    return _certification(a.size, sample, question, deciding, declared)


def _checked_names(names: tuple[str, str]) -> tuple[str, str]:
    a, b = (" ".join(str(name).split()) for name in names) if len(names) == 2 else ("", "")
    if not a or not b or a == b:
        raise InputError(f"names must be two different names, not {', '.join(map(repr, names))}")
    return a, b


def _zero_one(loss: str | None, method: str | None, a: Losses, b: Losses, width: float) -> bool:
    """Whether the losses are 0/1: as declared, or as they look."""
    if loss is not None and loss not in KINDS:
        raise UnknownNameError("kind of loss", str(loss), KINDS)
    if loss == "bounded":
        return False
    named = {"losses_a": a, "losses_b": b}
    other = {where: np.flatnonzero((x != 0) & (x != 1)) for where, x in named.items()}
    if loss == "zero-one":
        if width != 1:
            raise InputError(f"loss = zero-one has loss_bound = 1, not {width:g}")
        for where, rows in other.items():
            if rows.size:
                value = float(named[where][rows[0]])
                raise InputError(f"{where}, row {rows[0] + 1}: {value!r} is neither 0 nor 1")
    return width == 1 and not any(rows.size for rows in other.values())


def _certification(
    n: int, sample: PairedSample, question: _Question, deciding: str, declared: bool
) -> Certification:
    looks = counted_looks(question.looks)
    level = level_of_each(question.delta, 1, question.direction, looks)
    test = pair_test(deciding, sample, level=level, looks=question.looks, seed=question.seed)
    (decision,) = decide([test], delta=question.delta, direction=question.direction, looks=looks)
    counts = sample.only
    exact = sample.zero_one and question.looks != ANY
    needed = (
        ()
        if decision.verdict
        else pair_forecast(sample, decision, deciding, level=level, seed=question.seed)
    )
    half = needed[0].n if needed else None
    return Certification(
        a=question.names[0],
        b=question.names[1],
        n=n,
        delta=question.delta,
        loss_bound=sample.width,
        mean_a=float(np.average(sample.a, weights=sample.weights)),
        mean_b=float(np.average(sample.b, weights=sample.weights)),
        difference=decision.difference,
        deciding=test.method,
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
        margin=_margin(question, decision),
        forecast=needed,
        seed=question.seed,
    )


def _discordant(counts: tuple[int, int], sample: PairedSample, decision: Decision) -> Discordant:
    p_a, p_b = decision.p_value_a, decision.p_value_b
    if decision.method != SIGN_TEST:
        contrast = pairs.zero_one_pair(*counts, sample.a.size, level=decision.level)
        p_a, p_b = contrast.a_better.p_value(0.0), contrast.b_better.p_value(0.0)
    return Discordant(*counts, p_a, p_b, decision.level)


def _rows(
    sample: PairedSample, decision: Decision, question: _Question, counts: tuple[int, int] | None
) -> tuple[Interval, ...]:
    """The deciding interval first, then those of other methods, two-sided and for one look."""
    held = float(probability(question.delta))
    first = Interval(decision.method, True, decision.lower, decision.upper, held, True, None)
    if question.looks == ANY or sample.weights is not None:
        return (first,)
    width, delta = sample.width, question.delta
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


def _margin(question: _Question, decision: Decision) -> Margin | None:
    asked = "margin" if question.margin is not None else "equivalence"
    size = question.margin if question.margin is not None else question.equivalence
    if size is None:
        return None
    return Margin(size, decision.upper < size, decision.lower > -size, asked)


def _assumes(sample: PairedSample, question: _Question) -> tuple[str, ...]:
    units = "the examples are i.i.d."
    if sample.groups is not None:
        units = "the groups are i.i.d., the examples within one need not be"
        over = "groups" if sample.weights is None else "examples"
        units += f"; the mean is over {over}"
    order = "in their order of arrival" if question.looks == ANY else "in the same order"
    return (
        "both predictors were fixed before these examples were seen",
        f"{units}, the same ones {order} for both",
        "the loss takes no other value than 0 and 1"
        if sample.zero_one
        else f"the loss is in [0, {sample.width:g}]",
    )
