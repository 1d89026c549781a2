"""What the user says of a thing, a derivation takes in one way; numbers are checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sympy import Expr, Integer, Rational, S

import boundcalc as bc
from boundcalc.calculus import complete, function_class
from boundcalc.conventions import Average, Side
from boundcalc.errors import CertificateError, SideConditionError
from boundcalc.symbolic.complexity import StructuredClass
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas import (
    binomial_limit,
    empirical_bernstein,
    explained_gain,
    given,
    instance,
    least_squares,
    relative_entropy_limit,
)
from boundcalc.symbolic.lemmas.composition import given_bound, identity
from boundcalc.symbolic.lemmas.extrema import largest_of_bounds
from boundcalc.symbolic.lemmas.nesting import only_name
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Loss,
    ModalitySubset,
    Predictor,
    Sample,
    best_linear_quality,
    empirical_risk,
    rademacher,
)

L, m, n, delta = (symbol(name) for name in ("lipschitz", "m", "n", "delta"))
TRAIN, TEST = Sample("S", "S", m), Sample("T", "T", Integer(100))
LOSS = Loss(L, S.One, zero_one=True)
F, G = FunctionClass("F", "F", LOSS), FunctionClass("G", "G", LOSS)
f = Predictor("f", "f", F, independent_of=frozenset({"T"}))
UPPER, LOWER = Side.UPPER, Side.LOWER


def certify(*lines: tuple[Fact, int], budget: Expr = delta) -> Derivation:
    """Add facts up, whatever that says, and let it be checked."""
    claim = -sum(times * (fact.rhs - fact.lhs) for fact, times in lines)
    return Derivation(
        S(claim), tuple(Apply(fact, S(times)) for fact, times in lines), budget
    ).check()


def errors(k: object, *, side: Side = UPPER, cost: Expr = delta / 4, of: Predictor = f) -> Fact:
    return binomial_limit(of, sample=TEST, errors=S(k), side=side, cost=cost)


def kl(loss: object, *, side: Side = UPPER) -> Fact:
    return relative_entropy_limit(f, sample=TEST, loss=S(loss), side=side, cost=delta / 4)


def bernstein(variance: object, *, side: Side = UPPER) -> Fact:
    return empirical_bernstein(f, sample=TEST, variance=S(variance), side=side, cost=delta / 4)


def told(value: object) -> Fact:
    return given(empirical_risk(f, TEST), S(value), term="x")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (errors(0), errors(100, side=LOWER)),
        (errors(0), told(1)),
        (errors(0), kl(1, side=LOWER)),
        (kl(0), kl(1, side=LOWER)),
        (kl(0), told(1)),
        (errors(0), told(symbol("test_loss"))),
        (errors(symbol("errors")), told(Rational(1, 2))),
        (bernstein(0), bernstein(Rational(1, 4), side=LOWER)),
    ],
)
def test_one_sample_is_observed_once(one: Fact, other: Fact) -> None:
    with pytest.raises(CertificateError, match="given in two ways"):
        certify((one, 1), (other, 1))


def test_what_agrees_is_observed_together() -> None:
    assert certify((errors(20), 1), (errors(20, side=LOWER), 1), (told(Rational(1, 5)), 1))
    assert certify((kl(Rational(1, 5)), 1), (errors(20, side=LOWER), 1))
    assert certify((errors(20), 1), (errors(20, cost=delta / 8), 1))
    assert certify((bernstein(0), 1), (errors(0), 1))
    other = replace(f, text="g", latex="g")
    assert certify((errors(0), 1), (errors(100, of=other), 1))


def test_one_count_is_that_of_one_predictor() -> None:
    count, other = symbol("errors"), replace(f, text=only_name(f, replace(f, text="g")))
    with pytest.raises(CertificateError, match="given for both"):
        certify((errors(count), 1), (errors(count, of=other), 1))
    assert certify((errors(3), 1), (errors(3, of=other), 1))


def test_an_observation_inside_an_instance_counts() -> None:
    fact = told(0)
    proof = Derivation(empirical_risk(f, TEST), (Apply(fact),))
    inner = instance(proof, of="r̂", source="boundcalc", at={}, term="x")
    with pytest.raises(CertificateError, match="given in two ways"):
        certify((inner, 1), (errors(100, side=LOWER), 1))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: errors(101), "there are not 101 errors"),
        (lambda: errors(Rational(1, 2)), "not a number of errors"),
        (lambda: kl(Rational(11, 10)), "not in"),
        (lambda: told(2), "at most 1"),
        (lambda: bernstein(1), "too large"),
        (
            lambda: least_squares(
                ModalitySubset("M", rank=Integer(5)), sample=replace(TRAIN, size=Integer(6))
            ),
            "mean",
        ),
        (lambda: least_squares(ModalitySubset("M", rank=m), sample=TRAIN), "mean"),
        (lambda: least_squares(ModalitySubset("M", rank=m - 1), sample=TRAIN), "mean"),
        (lambda: least_squares(ModalitySubset("M"), sample=TRAIN), "not a rank"),
        (
            lambda: least_squares(ModalitySubset("M", rank=Rational(1, 2)), sample=TRAIN),
            "not a rank",
        ),
    ],
)
def test_conditions_are_checked_as_soon_as_numbers_are_there(
    build: Callable[[], Fact], message: str
) -> None:
    with pytest.raises(SideConditionError, match=message):
        build()


def test_least_squares_just_above_the_rank() -> None:
    fact = least_squares(
        ModalitySubset("M", rank=Integer(5)), sample=replace(TRAIN, size=Integer(7))
    )
    assert [fact.rhs.coeff(q) for q in fact.rhs.free_symbols] == [6]
    assert least_squares(ModalitySubset("M", rank=symbol("rank_m")), sample=TRAIN)


# --- least squares and explained variance -----------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        least_squares(ModalitySubset("M", rank=Integer(2)), sample=Sample("S", "S", Integer(90))),
        least_squares(ModalitySubset("M", rank=Integer(1)), sample=Sample("S", "S", Integer(50))),
        least_squares(ModalitySubset("M", rank=Integer(1)), sample=Sample("U", "U", Integer(50))),
    ],
)
def test_a_rank_and_a_size_belong_to_what_is_learned(other: Fact) -> None:
    """The difference would say that 1 + p/(m − p − 1) is the same for two p, or for two m."""
    fact = least_squares(ModalitySubset("M", rank=Integer(1)), sample=Sample("S", "S", Integer(90)))
    assert certify((fact, 1), (fact, -1))
    with pytest.raises(CertificateError, match="two different things"):
        certify((fact, 1), (other, -1))


def test_what_a_subset_adds_is_one_number() -> None:
    larger = ModalitySubset("M")
    eta = [best_linear_quality(s) for s in (larger, ModalitySubset("N", within=(larger,)))]

    def gain(least: int, norm: int) -> Fact:
        return explained_gain(*eta, least_variance=Integer(least), added_norm=Integer(norm))

    assert certify((gain(1, 2), 1), (gain(1, 2), 1))
    for other in (gain(9, 2), gain(1, 3)):
        with pytest.raises(CertificateError, match="in two ways"):
            certify((gain(1, 2), 1), (other, 1))


# --- what a class is --------------------------------------------------------------------------------


def structured(name: str, kind: str, *parts: FunctionClass, **constants: int) -> StructuredClass:
    numbers = tuple((key, Integer(value)) for key, value in constants.items())
    return StructuredClass(
        name,
        name,
        LOSS,
        operation=kind,
        parts=tuple(rademacher(part, TRAIN) for part in parts),
        constants=numbers,
    )


def same(one: FunctionClass, other: FunctionClass, average: Average = Average.EXPECTED) -> Fact:
    return identity(
        rademacher(one, TRAIN, average=average), rademacher(other, TRAIN, average=average)
    )


def test_a_class_is_described_once() -> None:
    """Otherwise R(c₁) = R(F) = R(c₂) for any two classes."""
    small, large = (structured(f"c{k}", "linear-l2", norm=k) for k in (1, 5))
    assert certify((same(F, small), 1), (same(F, small, Average.EMPIRICAL), -1))
    for average in Average:
        with pytest.raises(CertificateError, match="F is defined in two ways"):
            certify((same(F, small), 1), (same(F, large, average), -1))


def test_a_class_is_not_described_by_itself_or_in_a_circle() -> None:
    double = structured("2F", "scale", F, factor=2)
    with pytest.raises(SideConditionError, match="defined by itself"):
        same(F, double)
    with pytest.raises(SideConditionError, match="says already what it is"):
        same(double, structured("c", "linear-l2", norm=0))
    with pytest.raises(CertificateError, match="defined in a circle"):
        certify((same(G, double), 1), (same(F, structured("3G", "scale", G, factor=3)), 1))


def test_a_description_inside_a_nested_proof_counts() -> None:
    small = structured("c1", "given", given_complexity=1)
    proof = Derivation(
        rademacher(F, TRAIN), (Apply(same(F, small)), Apply(given_bound(rademacher(small, TRAIN))))
    )
    with pytest.raises(CertificateError, match="F is defined in two ways"):
        certify(
            (largest_of_bounds((proof,)), 1), (same(F, structured("c5", "linear-l2", norm=5)), 1)
        )


def test_a_given_complexity_is_given_in_one_convention() -> None:
    over = structured("c", "given", given_complexity=1)
    expected, measured = (rademacher(over, TRAIN, average=average) for average in Average)
    assert certify((given_bound(expected), 1), (given_bound(expected), 1))
    with pytest.raises(CertificateError, match="c is given in two ways"):
        certify((given_bound(expected), 1), (given_bound(measured), 1))
    with pytest.raises(SideConditionError, match="not declared to be given"):
        given_bound(rademacher(structured("c", "linear-l2", norm=1), TRAIN))


def test_a_class_in_a_theorem_is_still_described() -> None:
    proof = bc.theorem("huang2021.theorem1").variant("sharp").derivation
    whole = complete(proof, rademacher=function_class("linear-l2", norm=1, radius=1, m=100)).check()
    assert any(step.fact.lemma == "definition of the class" for step in whole.steps)
