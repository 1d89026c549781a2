"""What lemmas refuse, at the edge of what is possible: a little less is taken."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from sympy import Integer, Rational, Symbol, exp, integrate, oo, pi, sqrt

from boundcalc.conventions import Noise, Side
from boundcalc.errors import BoundcalcError
from boundcalc.symbolic.complexity import Tags, complexity_of
from boundcalc.symbolic.lemmas import binomial_limit, empirical_bernstein
from boundcalc.symbolic.lemmas.composition import gaussian_rule
from boundcalc.symbolic.lemmas.learners import ramp
from boundcalc.symbolic.lemmas.linear import overtaking
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import FunctionClass, Loss, Predictor, Sample, named

n, delta = symbol("n"), symbol("delta")
TEST = Sample("T", "T", n)


def held_out(loss: Loss) -> Predictor:
    return Predictor("f", "f", FunctionClass("{f}", "f", loss), fixed=True)


def test_a_variance_is_at_most_that_of_two_losses_at_the_ends() -> None:
    """Of losses in [0, C] the sample variance is largest for 0 and C: (0 − C)²/2."""
    C = Integer(3)
    most = max(np.var(pair, ddof=1) for pair in itertools.product([0, 1.5, 3], repeat=2))
    assert most == float(C**2 / 2)
    f = held_out(Loss(symbol("lipschitz"), C))
    given = {"sample": TEST, "side": Side.UPPER, "cost": delta}
    assert empirical_bernstein(f, variance=C**2 / 2, **given)
    with pytest.raises(BoundcalcError, match="too large for the range"):
        empirical_bernstein(f, variance=C**2 / 2 + Rational(1, 100), **given)


def test_there_are_no_more_errors_than_examples() -> None:
    f = held_out(Loss(symbol("lipschitz"), Integer(1), True))
    ten = Sample("T", "T", Integer(10))
    for side in Side:
        assert binomial_limit(f, sample=ten, errors=Integer(10), side=side, cost=delta)
        with pytest.raises(BoundcalcError, match="there are not 11 errors"):
            binomial_limit(f, sample=ten, errors=Integer(11), side=side, cost=delta)


def test_one_level_overtakes_another_only_if_every_difference_is_known_to_be_positive() -> None:
    first = named("overtaking", "m*", "m^*")
    a, b, p, q = (Symbol(name, nonnegative=True) for name in "abpq")
    where = (a > 0, b > a, p > q)
    assert overtaking(first, more=(a, p), less=(b, q), where=where)
    for left_out in where:
        rest = tuple(one for one in where if one != left_out)
        for others in (rest, (*rest, p > 0, b > 0)):  # that sums are positive says nothing
            with pytest.raises(BoundcalcError, match="not known to be positive"):
                overtaking(first, more=(a, p), less=(b, q), where=others)


def test_the_factor_of_gaussian_complexities_is_one_over_the_mean_size_of_a_normal() -> None:
    """On one point, of all functions with values ±1, R = 1 and G = E|g|: nothing smaller will do."""
    x = Symbol("x", positive=True)
    mean_size = 2 * integrate(x * exp(-(x**2) / 2) / sqrt(2 * pi), (x, 0, oo))
    over = FunctionClass("F", "F", Loss(symbol("lipschitz"), symbol("loss_bound")))
    sample = Sample("S", "S", symbol("m"))
    signs, normals = (complexity_of(over, sample, Tags(noise=noise)) for noise in Noise)
    fact = gaussian_rule(signs, normals)
    assert (fact.lhs, fact.rhs) == (signs, normals / mean_size)
    with pytest.raises(BoundcalcError, match="not a Rademacher complexity"):
        gaussian_rule(normals, normals)


@pytest.mark.parametrize("margin", [Rational(1, 3), Integer(2), symbol("margin")])
def test_the_ramp_loss_has_the_slope_of_its_margin(margin: object) -> None:
    """min{1, max{0, 1 − z/ρ}} falls from 1 to 0 on [0, ρ]."""
    assert ramp(held_out(Loss(1 / margin, Integer(1))), margin=margin)
    for slope, width in ((margin, 1), (1 / (2 * margin), 1), (1 / margin, 2)):
        with pytest.raises(BoundcalcError, match="not declared to be in"):
            ramp(held_out(Loss(slope, Integer(width))), margin=margin)
