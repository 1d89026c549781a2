"""A number that a fact on a class rests on belongs to the class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sympy import Expr, Integer, Rational, S

from boundcalc.conventions import Average, Output
from boundcalc.errors import CertificateError, SideConditionError
from boundcalc.symbolic.complexity import StructuredClass
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas import classes, covering
from boundcalc.symbolic.lemmas import composition as rules
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import FunctionClass, Loss, Quantity, Sample, rademacher

m = symbol("m")
TRAIN = Sample("S", "S", m)
LOSS = Loss(S.One, S.One)
F = FunctionClass("F", "F", LOSS)
EMPIRICAL = Average.EMPIRICAL
ONE, FIVE = Integer(1), Integer(5)


def certify(*lines: tuple[Fact, int]) -> Derivation:
    """Add facts up, whatever that says, and let it be checked."""
    claim = -sum(times * (fact.rhs - fact.lhs) for fact, times in lines)
    return Derivation(S(claim), tuple(Apply(fact, S(times)) for fact, times in lines)).check()


def described(
    kind: str, *parts: Quantity, output: Output = Output.SCALAR, **constants: Expr
) -> Quantity:
    """The complexity on the sample of a class called c."""
    numbers = {name: S(value) for name, value in constants.items()}
    over = StructuredClass(
        "c", "c", LOSS, output, operation=kind, parts=parts, constants=tuple(numbers.items())
    )
    return rademacher(over, TRAIN, average=EMPIRICAL)


PART = rademacher(F, TRAIN, average=EMPIRICAL)
VECTOR = rademacher(replace(F, output=Output.VECTOR), TRAIN, average=EMPIRICAL)
L2, FROBENIUS = classes.EUCLIDEAN, classes.FROBENIUS


def matrices(outputs: Expr) -> Quantity:
    return described("linear-frobenius", output=Output.VECTOR, outputs=outputs)


def network(**constants: object) -> Quantity:
    return described("network-frobenius", **constants)


Lemma = Callable[[Quantity], Fact]
# each a lemma on one class, and such a class with the constant that the lemma reads from it
CASES: dict[str, tuple[Lemma, Callable[[Expr], Quantity]]] = {
    "factor": (rules.scale_rule, lambda c: described("scale", PART, factor=c)),
    "bound of a union": (rules.union_rule, lambda c: described("union", PART, PART, bound=c)),
    "Lipschitz": (rules.lipschitz_rule, lambda c: described("lipschitz", PART, lipschitz=c)),
    "vector": (rules.vector_rule, lambda c: described("vector-contraction", VECTOR, lipschitz=c)),
    "norm": (lambda of: classes.dual_norm(of, L2), lambda c: described("linear-l2", norm=c)),
    "radius": (
        lambda of: classes.almost_surely(of, L2),
        lambda c: described("linear-l2", radius=c),
    ),
    "features": (classes.massart_columns, lambda c: described("linear-l1", features=c)),
    "outputs": (lambda of: classes.second_moment(of, FROBENIUS), matrices),
    "least outputs": (lambda of: classes.khinchin_kahane(of, FROBENIUS), matrices),
    "size": (classes.finite_maximum, lambda c: described("finite", size=c)),
    "values": (classes.bounded_values, lambda c: described("finite", bound=c)),
    "patterns": (classes.massart_patterns, lambda c: described("vc", bound=c)),
    "dimension": (classes.sauer_shelah, lambda c: described("vc", dimension=c)),
    "product": (classes.peeling, lambda c: network(norm_product=c)),
    "depth": (classes.network_inputs, lambda c: network(depth=c, radius=1)),
    "measured depth": (lambda of: classes.measured_inputs(of, ONE), lambda c: network(depth=c)),
    "inputs": (classes.network_inputs, lambda c: network(depth=1, radius=c)),
    "scale": (covering.quadratic_covering, lambda c: described("covering-quadratic", scale=c)),
    "family": (covering.covering_family, lambda c: described("entropy-integral", scale=c)),
    "exponent": (
        covering.covering_family,
        lambda c: described("entropy-integral", scale=1, exponent=c),
    ),
    "parameters": (
        covering.covering_family,
        lambda c: described("entropy-integral", scale=1, dimension=c),
    ),
    "dual exponent": (classes.khintchine, lambda c: described("linear-lp", p=1 + 1 / (1 + c))),
    "large exponent": (classes.columnwise, lambda c: described("linear-lp", p=1 + c)),
}


@pytest.mark.parametrize("name", CASES)
def test_two_constants_of_one_class_are_two_classes(name: str) -> None:
    """The difference of the two facts used to say that the two constants are the same."""
    lemma, with_constant = CASES[name]
    small, large = (lemma(with_constant(c)) for c in (ONE, FIVE))
    assert small.lhs != large.lhs
    with pytest.raises(CertificateError, match="two different things"):
        certify((small, 1), (large, 1))
    assert certify((small, 1), (small, 1))


@pytest.mark.parametrize("name", CASES)
def test_a_class_that_does_not_say_its_constant_has_no_bound(name: str) -> None:
    lemma, with_constant = CASES[name]
    bare = replace(with_constant(ONE).subjects[0], constants=())
    with pytest.raises(SideConditionError, match="does not say its"):
        lemma(rademacher(bare, TRAIN, average=EMPIRICAL))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (
            lambda: classes.sauer_shelah(described("vc", dimension=Rational(1, 2), bound=1)),
            "is no dimension",
        ),
        (lambda: classes.finite_maximum(described("finite", size=0, bound=1)), "is no size"),
        (
            lambda: classes.finite_maximum(described("finite", size=symbol("bound"), bound=1)),
            "is no size",
        ),
        (
            lambda: classes.bounded_values(described("finite", size=1, bound=-1)),
            "not known to be at least 0",
        ),
        (lambda: classes.khintchine(described("linear-lp", norm=1, p=3)), "below 2"),
        (
            lambda: classes.columnwise(described("linear-lp", norm=1, p=Rational(3, 2))),
            "between 1 and 2",
        ),
        (lambda: classes.columnwise(described("linear-lp", norm=1, p=1)), "between 1 and 2"),
        (
            lambda: classes.ball_inclusion(
                described("linear-lp", norm=1, p=Rational(3, 2), dual_exponent=4)
            ),
            "not between",
        ),
        (
            lambda: classes.dual_norm(described("network-frobenius", norm=1), L2),
            "of the kind linear-l2",
        ),
        (
            lambda: classes.measured_inputs(described("network-frobenius", depth=1), -ONE),
            "at least 0",
        ),
    ],
)
def test_constants_are_checked_where_they_are_numbers(
    build: Callable[[], Fact], message: str
) -> None:
    with pytest.raises(SideConditionError, match=message):
        build()


def test_more_examples_than_the_dimension_where_both_are_numbers() -> None:
    few = Sample("S", "S", Integer(4))
    over = described("vc", dimension=5, bound=1).subjects[0]
    with pytest.raises(SideConditionError, match="fewer than the VC dimension"):
        classes.sauer_shelah(rademacher(over, few))
    assert classes.sauer_shelah(rademacher(over, replace(few, size=Integer(5))))
    assert classes.sauer_shelah(rademacher(over, TRAIN))


def test_the_size_of_the_data_is_given_once() -> None:
    """Two sizes would bound one class twice, or make 9 = 1 of a ball."""
    deep, ball = network(depth=1), described("linear-l2", norm=1)
    for lemma in (
        lambda size: classes.measured_inputs(deep, size),
        lambda size: classes.measured(ball, L2, size),
    ):
        assert certify((lemma(ONE), 1), (lemma(ONE), 1))
        with pytest.raises(CertificateError, match="given in two ways"):
            certify((lemma(ONE), 1), (lemma(FIVE), 1))
