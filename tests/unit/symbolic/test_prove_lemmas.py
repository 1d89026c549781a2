"""The lemmas between nested classes, and predictors that were learned before a sample was drawn."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import Integer, Rational, log, sqrt

from boundcalc.conventions import Average, Output, Side
from boundcalc.errors import SideConditionError
from boundcalc.symbolic.lemmas import (
    bounded_differences,
    empirical_bernstein,
    fixed_deviation,
    infimum,
    uniform_deviation,
)
from boundcalc.symbolic.lemmas.nesting import (
    ModalityClass,
    empirical_infimum,
    erm_infimum,
    loss_range,
    nested_complexity,
    nested_deviation,
    nested_empirical_infimum,
    pair_name,
    paired_risk,
)
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Loss,
    Predictor,
    Sample,
    best_empirical_risk,
    deviation,
    empirical_risk,
    mean,
    rademacher,
    risk,
)

S = Sample("S", "S", Integer(100), independent_of=frozenset({"T"}))
T = Sample("T", "T", Integer(50), independent_of=frozenset({"S"}))
LOSS = Loss(Integer(2), Integer(3))


def class_of(
    seen: str, family: str = "study", loss: Loss = LOSS, output: Output = Output.SCALAR
) -> ModalityClass:
    return ModalityClass(f"F_{seen}", seen, loss, output, sees=frozenset(seen), family=family)


A, AB = class_of("a"), class_of("ab")
LEARNED = Predictor("f", "f", A, independent_of=frozenset({"T"}))


@pytest.mark.parametrize(
    "other",
    [class_of("b"), class_of("ab", family="other"), class_of("ab", loss=Loss(Integer(1), Integer(3))), class_of("ab", output=Output.VECTOR), FunctionClass("F_ab", "ab", LOSS)],
)  # fmt: skip
def test_classes_are_nested_only_in_one_family_and_with_one_loss(other: FunctionClass) -> None:
    assert A.is_within(AB)
    assert not AB.is_within(A)
    assert not A.is_within(other)
    with pytest.raises(SideConditionError, match="F_a is not declared to be in"):
        nested_deviation(A, larger=other, sample=S, side=Side.UPPER)


def test_a_class_of_no_family_is_in_itself_only() -> None:
    alone, more = class_of("a", family=""), class_of("ab", family="")
    assert alone.is_within(alone)
    assert not alone.is_within(more)


def test_suprema_grow_and_infima_shrink_with_the_class() -> None:
    fact = nested_deviation(A, larger=AB, sample=S, side=Side.LOWER)
    assert (fact.lhs, fact.rhs) == (deviation(A, S, Side.LOWER), deviation(AB, S, Side.LOWER))
    kind = {"average": Average.EMPIRICAL, "loss_class": True}
    fact = nested_complexity(A, larger=AB, sample=S, **kind)
    assert (fact.lhs, fact.rhs) == (rademacher(A, S, **kind), rademacher(AB, S, **kind))
    fact = nested_empirical_infimum(A, larger=AB, sample=S)
    assert (fact.lhs, fact.rhs) == (best_empirical_risk(AB, S), best_empirical_risk(A, S))
    assert infimum(AB, at=LEARNED).rhs == empirical_infimum(AB, at=LEARNED, sample=S).rhs.subs(
        empirical_risk(LEARNED, S), risk(LEARNED)
    )
    with pytest.raises(SideConditionError, match="f is not declared to be in F_b"):
        empirical_infimum(class_of("b"), at=LEARNED, sample=S)


def test_only_an_erm_is_compared_with_the_infimum() -> None:
    with pytest.raises(SideConditionError, match="not declared an empirical risk minimiser"):
        erm_infimum(LEARNED, sample=S)
    fact = erm_infimum(replace(LEARNED, erm_over=AB, erm_on="S"), sample=S, gap=Rational(1, 10))
    assert fact.rhs == best_empirical_risk(AB, S) + Rational(1, 10)


def test_the_range_is_that_of_the_loss() -> None:
    assert loss_range(risk(LEARNED), side=Side.UPPER).rhs == 3
    assert loss_range(risk(LEARNED), side=Side.LOWER).lhs == 0
    with pytest.raises(SideConditionError, match="not the mean of a loss"):
        loss_range(deviation(A, S, Side.UPPER), side=Side.UPPER)


def test_a_learned_predictor_is_fixed_for_the_samples_it_does_not_depend_on() -> None:
    assert fixed_deviation(LEARNED, sample=T).rhs == risk(LEARNED)
    fact = bounded_differences(-empirical_risk(LEARNED, T), cost=Rational(1, 20))
    assert fact.rhs == -mean(empirical_risk(LEARNED, T)) + 3 * sqrt(log(20) / 100)
    assert empirical_bernstein(
        LEARNED, sample=T, variance=Rational(1, 4), side=Side.UPPER, cost=Rational(1, 20)
    )
    for refused in (
        lambda: fixed_deviation(LEARNED, sample=S),
        lambda: bounded_differences(empirical_risk(LEARNED, S), cost=Rational(1, 20)),
        lambda: empirical_bernstein(LEARNED, sample=S, variance=Rational(1, 4), side=Side.UPPER, cost=Rational(1, 20)),
    ):  # fmt: skip
        with pytest.raises(SideConditionError):
            refused()


def test_a_statistic_of_both_samples_counts_no_learned_predictor_as_fixed() -> None:
    """A point of S moves r̂_T(f̂) as well, through f̂: by how much is not known."""
    both = deviation(A, S, Side.UPPER) + empirical_risk(LEARNED, T)
    with pytest.raises(SideConditionError, match="f depends on the sample S"):
        bounded_differences(both, cost=Rational(1, 20))
    fixed = Predictor("g", "g", A, fixed=True)
    assert bounded_differences(
        deviation(A, S, Side.UPPER) + empirical_risk(fixed, T), cost=Rational(1, 20)
    )


def test_the_difference_of_two_losses_is_shifted_into_its_range() -> None:
    other = Predictor("g", "g", AB)
    pairs = FunctionClass("pairs", "pairs", Loss(Integer(2), Integer(6)))
    d = Predictor(pair_name(LEARNED, other), "d", pairs, made_of=(LEARNED, other))
    assert paired_risk(d, first=LEARNED, second=other).rhs == risk(LEARNED) - risk(other) + 3
    narrow = replace(d, member_of=FunctionClass("pairs", "pairs", LOSS))
    for wrong in (narrow, replace(d, text="g−f"), replace(d, made_of=(other, LEARNED))):
        with pytest.raises(SideConditionError):
            paired_risk(wrong, first=LEARNED, second=other)


def test_deviations_of_the_larger_class_hold_for_the_smaller_one() -> None:
    assert uniform_deviation(LEARNED, over=AB, sample=S, side=Side.UPPER).rhs == deviation(
        AB, S, Side.UPPER
    )
