"""Side conditions at their ends: what is just allowed passes, and just beyond nothing does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sympy import Expr, Integer, Rational, S, log, sqrt
from test_constants import described

import boundcalc as bc
from boundcalc.conventions import Average, Side
from boundcalc.errors import DomainError, InputError, SideConditionError
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas import (
    binomial_limit,
    bounded_differences,
    classes,
    composition,
    empirical_bernstein,
    relative_entropy_limit,
)
from boundcalc.symbolic.lemmas.classes import subscript
from boundcalc.symbolic.lemmas.guards import paid
from boundcalc.symbolic.lemmas.nesting import discordant_risks, only_name
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Loss,
    Predictor,
    Sample,
    empirical_risk,
    rademacher,
    risk,
)

HALF, THREE = Rational(1, 2), Integer(3)
TEST = Sample("T", "T", Integer(50))
UP, COST = Side.UPPER, Rational(1, 20)


def fixed(width: Expr, *, zero_one: bool = False, name: str = "f") -> Predictor:
    over = FunctionClass("F", "F", Loss(S.One, S(width), zero_one=zero_one))
    return Predictor(name, name, over, fixed=True)


def bernstein(variance: Expr) -> Fact:
    return empirical_bernstein(fixed(THREE), sample=TEST, variance=variance, side=UP, cost=COST)


def counted(errors: Expr) -> Fact:
    f = fixed(S.One, zero_one=True)
    return binomial_limit(f, sample=TEST, errors=errors, side=UP, cost=COST)


def entropy(loss: Expr) -> Fact:
    return relative_entropy_limit(fixed(S.One), sample=TEST, loss=loss, side=UP, cost=COST)


def columnwise(q: Expr) -> Fact:
    return classes.columnwise(described("linear-lp", dual_exponent=q))


def inclusion(q: Expr) -> Fact:
    """Of the ball of p = 6/5, whose dual exponent is 6."""
    of = described("linear-lp", p=Rational(6, 5), dual_exponent=q, norm=S.One)
    return classes.ball_inclusion(of)


LEMMAS: dict[Callable[[Expr], object], tuple[list[Expr], list[Expr]]] = {
    # two losses at the ends of [0, 3] have the sample variance 9/2
    bernstein: ([S.Zero, S(9) / 2], [S(9) / 2 + COST]),
    counted: ([S.Zero, S(50)], [S(51), S(-1)]),
    entropy: ([S.Zero, S.One], [1 + COST]),
    columnwise: ([S.One, S(2)], [1 - COST, 2 + COST]),
    inclusion: ([S(2), THREE, S(6)], [2 - COST, 6 + COST]),
    paid: ([COST, S.One], [S.Zero, 1 + COST, -COST]),
}


@pytest.mark.parametrize("lemma", LEMMAS, ids=lambda lemma: lemma.__name__)
def test_what_is_just_allowed_and_what_is_not(lemma: Callable[[Expr], object]) -> None:
    allowed, beyond = LEMMAS[lemma]
    for value in allowed:
        lemma(value)
    for value in beyond:
        with pytest.raises((SideConditionError, DomainError)):
            lemma(value)


def test_a_count_of_errors_is_the_loss_times_the_number_of_examples() -> None:
    assert counted(S(5)).settled_as == Rational(1, 10)


def test_two_statistics_of_one_sample_move_together() -> None:
    """Each empirical risk moves by width/n: 2/n in all, and Σ c² = n (2/n)²."""
    f, g = fixed(S.One), fixed(S.One, name="g")
    both = empirical_risk(f, TEST) + empirical_risk(g, TEST)
    fact = bounded_differences(both, cost=COST)
    moved = sqrt(HALF * log(1 / COST) * 50 * Rational(2, 50) ** 2)
    assert moved in fact.rhs.args


def test_where_both_err_the_difference_is_none() -> None:
    f, g = (fixed(S.One, zero_one=True, name=name) for name in "fg")
    only = [
        Predictor(only_name(*pair), "o", f.member_of, fixed=True, made_of=pair)
        for pair in ((f, g), (g, f))
    ]
    fact = discordant_risks(*only, first=f, second=g)
    assert fact.lhs - fact.rhs in (
        difference := risk(f) - risk(g) - risk(only[0]) + risk(only[1]),
        -difference,
    )


def test_what_settles_a_class_is_the_class_described() -> None:
    over = FunctionClass("G", "G", Loss(S.One, S.One))
    of = rademacher(over, TEST, average=Average.EMPIRICAL)
    inner = described("linear-l2", norm=S.One).subjects[0]
    defined = rademacher(inner, TEST, average=Average.EMPIRICAL)
    fact = composition.identity(of, defined)
    assert (fact.settles, fact.settled_as) == (over, inner)


def test_a_mark_is_a_subscript_in_latex() -> None:
    assert (subscript("₁₂"), subscript("")) == ("_{12}", "")


@pytest.mark.parametrize(("loss", "empty"), [(0.5, False), (0.99, True)])
def test_a_margin_bound_says_nothing_from_1_on(loss: float, empty: bool) -> None:
    given = {"m": 10**6, "delta": 0.05, "rademacher": 0.01, "margin": 1.0}
    assert bc.evaluate("classic.margin", train_loss=loss, **given).vacuous is empty
    with pytest.raises(InputError, match="train_loss"):
        bc.evaluate("classic.margin", train_loss=1.01, **given)


def test_one_task_is_assumed() -> None:
    given = {"n": 500, "delta": 0.05, "loss_bound": 1, "growth": 0.5, "c_composite": 1}
    told, assumed = (
        bc.evaluate("lu2023.unimodal", variant="one-event", **given, **tasks)
        for tasks in ({"tasks": 1}, {})
    )
    assert told.value == assumed.value
