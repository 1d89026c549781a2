"""The largest and the smallest of quantities and bounds: in worlds, in numbers, and in print."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction as Q

import numpy as np
import pytest
from sympy import Expr, Integer, Rational

import boundcalc as bc
from boundcalc.conventions import Side, Trend
from boundcalc.errors import CertificateError, SideConditionError
from boundcalc.numeric.compile import enclosure, tape
from boundcalc.numeric.rounding import rounded
from boundcalc.symbolic.analysis.trends import trend
from boundcalc.symbolic.complexity_functions import Largest, Least
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.functions import LogEntropyMoment
from boundcalc.symbolic.kernel import provably_nonnegative
from boundcalc.symbolic.lemmas import (
    bounded_differences,
    fixed_deviation,
    for_every_member,
    given,
    smallest_of_bounds,
)
from boundcalc.symbolic.lemmas.extrema import (
    largest_is_above,
    largest_of_bounds,
    smallest_is_below,
)
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Loss,
    Predictor,
    Quantity,
    Sample,
    empirical_risk,
    largest,
    risk,
    smallest,
)
from boundcalc.worlds import check_fact, held_out

n, delta, C, test_loss = (symbol(name) for name in ("n", "delta", "loss_bound", "test_loss"))
T, OTHER = Sample("T", "T", n), Sample("U", "U", n)
f = Predictor("f", "f", FunctionClass("{f}", "f", Loss(symbol("lipschitz"), C)), fixed=True)
BOTH = (risk(f), empirical_risk(f, T))
WORLD = held_out("a few draws", (Q(3, 10), Q(7, 10)), (1, 0), 4)


def hoeffding(cost: Expr, sample: Sample = T) -> Derivation:
    """r(f) ≤ r̂ + C√(ln(1/cost)/(2n))."""
    gap = risk(f) - empirical_risk(f, sample)
    return Derivation(
        risk(f),
        (
            Apply(bounded_differences(gap, cost=cost), times=1),
            Apply(fixed_deviation(f, sample=sample)),
            Apply(given(empirical_risk(f, sample), test_loss, term="test_loss")),
        ),
    )


def observed() -> Derivation:
    """r̂ is the number that is given for it."""
    quantity = empirical_risk(f, T)
    return Derivation(quantity, (Apply(given(quantity, test_loss, term="test_loss")),))


@pytest.mark.parametrize("part", BOTH)
def test_an_extremum_is_beyond_each_of_its_parts(part: Quantity) -> None:
    above, below = (lemma(part, among=BOTH) for lemma in (largest_is_above, smallest_is_below))
    assert (above.lhs, above.rhs) == (part, largest(*BOTH))
    assert (below.lhs, below.rhs) == (smallest(*BOTH), part)
    for fact in (above, below):
        assert check_fact(WORLD, fact).holds
    assert not check_fact(WORLD, replace(above, rhs=smallest(*BOTH))).holds
    assert not check_fact(WORLD, replace(below, lhs=largest(*BOTH))).holds
    assert not check_fact(WORLD, replace(above, rhs=largest(*BOTH) / 2)).holds
    for lemma in (largest_is_above, smallest_is_below):
        with pytest.raises(SideConditionError, match="is none of"):
            lemma(empirical_risk(f, OTHER), among=BOTH)


def test_the_largest_of_two_bounds_needs_the_larger_one() -> None:
    fact = largest_of_bounds((hoeffding(delta), observed()))
    assert fact.lhs == largest(*BOTH)
    assert fact.cost == delta
    assert check_fact(WORLD, fact).holds
    assert not check_fact(WORLD, replace(fact, rhs=Least(*fact.rhs.args))).holds
    assert not check_fact(WORLD, replace(fact, rhs=fact.rhs / 2)).holds


def test_the_smallest_of_two_bounds_holds_where_both_are_paid_for() -> None:
    """One draw of r = 0.72 and d = 0.36: each bound fails with 0.28, one of two with 0.48 > d."""
    cost, chance = Rational(36, 100), 0.28
    assert 1 - chance > math.sqrt(math.log(1 / 0.36) / 2)
    fact = smallest_of_bounds((hoeffding(cost), hoeffding(cost / 2, OTHER)))
    one = smallest_of_bounds((hoeffding(cost), hoeffding(cost, OTHER)))
    assert fact.cost == cost * 3 / 2
    assert one.cost == 2 * cost > 1 - (1 - chance) ** 2 > cost
    assert smallest_of_bounds((hoeffding(delta), hoeffding(delta))).cost == delta
    assert check_fact(WORLD, smallest_of_bounds((hoeffding(delta / 2), hoeffding(delta / 3)))).holds
    with pytest.raises(SideConditionError, match="not all about one thing"):
        smallest_of_bounds((hoeffding(delta), observed()))
    with pytest.raises(SideConditionError, match="not all about one thing"):
        smallest_of_bounds(())


def test_a_maximum_stands_in_a_derivation() -> None:
    """½ r + ½ r̂ ≤ max(r, r̂) ≤ the larger bound, from two facts and a multiplier each."""
    half = Rational(1, 2)
    proof = Derivation(
        half * sum(BOTH),
        (
            *(Apply(largest_is_above(part, among=BOTH), half) for part in BOTH),
            Apply(largest_of_bounds((hoeffding(delta), observed()))),
        ),
    )
    assert proof.check().failure == delta
    assert proof.expression == Largest(hoeffding(delta).expression, test_loss)
    twice = replace(proof, lines=(proof.lines[0], *proof.lines))
    with pytest.raises(CertificateError, match=r"do not add up|left"):
        twice.check()


def test_bounds_of_a_member_and_of_every_member_are_not_mixed() -> None:
    gap, w = risk(f) - empirical_risk(f, T), symbol("weight")
    own = for_every_member(bounded_differences(gap, cost=w * delta), share=w, cost=delta)
    rest = (Apply(fixed_deviation(f, sample=T)),)
    whole, alone = (
        Derivation(gap, (Apply(fact, times=1), *rest))
        for fact in (own, bounded_differences(gap, cost=delta))
    )
    with pytest.raises(SideConditionError, match="for every member of a family, another for one"):
        smallest_of_bounds((whole, alone))
    assert smallest_of_bounds((whole, whole)).event.every_member


def test_numbers_of_an_extremum_are_outward_in_every_arithmetic() -> None:
    a, b = n * delta, C / n
    run = tape(Largest(a, b) - 1, Least(a, b))
    values = {"n": np.array([2.0, 30.0]), "delta": 0.3, "loss_bound": np.array([3.0, 0.1])}
    (largest_, least), (_, units) = rounded(run, values)
    np.testing.assert_allclose(largest_ + 1, [1.5, 9.0])
    np.testing.assert_allclose(least, [0.6, 0.1 / 30])
    assert np.all(units < 20)
    _, (far,) = rounded(tape(Least(a - 8, b)), values)
    assert np.isfinite(far).all()
    exact = {"n": Q(2), "delta": Q(3, 10), "loss_bound": Q(3)}
    for function, way in ((Largest, max), (Least, min)):
        box = enclosure(function(a, b), exact, 30)
        assert box.lower <= way(Q(6, 10), Q(3, 2)) <= box.upper
        assert box.width < 1e-25
    assert provably_nonnegative(Least(a, b))
    assert provably_nonnegative(Largest(a, -b))
    assert not provably_nonnegative(Least(a, -b))


def test_an_extremum_goes_as_its_parts_do() -> None:
    form = bc.theorem("holdout.smaller").variant("upper")
    for name, way in (("n", Trend.NONINCREASING), ("variance", Trend.NONDECREASING)):
        assert trend(form, name) is way


def test_the_smaller_limit_is_the_smaller_of_two_at_half_of_delta() -> None:
    rng = np.random.default_rng(5)
    given_ = {"n": rng.integers(2, 5000, 200), "delta": rng.uniform(1e-6, 0.9, 200)}
    given_ |= {"loss_bound": 1, "test_loss": 0.3, "variance": rng.uniform(0, 0.2, 200)}
    halves = given_ | {"delta": given_["delta"] / 2}
    for side in (Side.UPPER, Side.LOWER):
        both = bc.evaluate("holdout.smaller", variant=side.value, **given_).value
        one = bc.evaluate("holdout.empirical_bernstein", variant=side.value, **halves).value
        del halves["variance"]
        other = bc.evaluate("holdout.hoeffding", variant=side.value, **halves).value
        halves["variance"] = given_["variance"]
        nearer = np.minimum if side is Side.UPPER else np.maximum
        np.testing.assert_allclose(both, nearer(one, other), rtol=1e-12)
        assert 0 < np.mean(one < other) < 1


def test_the_moment_of_kl_grows_no_faster_than_the_root() -> None:
    """ξ(m)/√m falls: that is what decides that ln ξ(m)/m does."""
    before = math.inf
    for m in range(1, 200):
        xi = sum(math.prod(1 - i / m for i in range(j)) for j in range(m + 1))
        assert xi / math.sqrt(m) < before
        before = xi / math.sqrt(m)
    for id in ("pac_bayes.kl", "pac_bayes.mcallester", "pac_bayes.multi_view"):
        assert trend(bc.theorem(id).variant("exact"), "m") is Trend.NONINCREASING
    assert LogEntropyMoment(Integer(1)).is_positive
