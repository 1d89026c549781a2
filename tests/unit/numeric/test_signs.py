"""Signs, and which of two bounds is smaller: what is claimed holds at random numbers."""

import math
import random

import pytest
from sympy import Float, Symbol, log, sqrt

import boundcalc as bc
from boundcalc.errors import InputError, UnknownNameError

DOMAINS = {"delta": (0.001, 0.999), "margin": (0.01, 5), "m": (1, 10**6), "n": (1, 10**6)}


def value(expression, numbers):
    return float(expression.evalf(30, subs=numbers))


def places(expression, count=200):
    draw = random.Random(7)
    for _ in range(count):
        low_high = ((s, DOMAINS.get(s.name, (0, 3))) for s in expression.free_symbols)
        yield {
            s: draw.randint(*ends) if s.is_integer else draw.uniform(*ends) for s, ends in low_high
        }


def test_the_kernels_test_of_signs_is_public():
    L, delta, C = bc.symbol("lipschitz"), bc.symbol("delta"), bc.symbol("loss_bound")
    assert bc.nonnegative(L * log(2 / delta))
    assert bc.nonnegative(C - C)
    assert not bc.nonnegative(log(delta))
    assert not bc.nonnegative(L - C)
    assert bc.nonnegative(3)
    assert not bc.nonnegative(-3)
    for wrong in ("1", None, [1]):
        with pytest.raises(InputError, match="a sign is that of a SymPy expression"):
            bc.nonnegative(wrong)


PAIRS = [
    ("huang2021.theorem1:sharp", "huang2021.theorem1:published", "first"),
    ("huang2021.theorem1:published", "huang2021.theorem1:conditional", "second"),
    ("huang2021.theorem1:sharp-vector", "huang2021.theorem1:published", "first"),
    ("huang2021.theorem2:sharp", "huang2021.theorem2:published", "first"),
    ("huang2021.theorem1:sharp", "huang2021.theorem1:sharp", "equal"),
    ("huang2021.theorem1:sharp", "huang2021.theorem1:sharp-empirical", "where"),
    ("huang2021.certificate:erm", "huang2021.certificate:any", "where"),
    ("holdout.hoeffding:upper", "holdout.empirical_bernstein:upper", "neither"),
]


@pytest.mark.parametrize(("first", "second", "relation"), PAIRS)
def test_what_is_said_of_two_bounds_holds_at_random_numbers(first, second, relation):
    found = bc.compare_bounds(first, second)
    assert found.relation == relation
    for numbers in places(found.difference, 25):
        low = value(found.difference, numbers)
        if relation == "first":
            assert low >= -1e-12
        if relation == "second":
            assert low <= 1e-12


def test_the_condition_is_the_sign_of_the_difference():
    found = bc.compare_bounds("huang2021.theorem1:sharp", "huang2021.theorem1:sharp-empirical")
    assert found.condition == "C ≥ 2L(R − R̂)√(2m/ln(1/δ))"
    L, C, m, delta, R, R_hat = (
        bc.symbol(x)
        for x in ("lipschitz", "loss_bound", "m", "delta", "rademacher", "rademacher_empirical")
    )
    level = 2 * L * (R - R_hat) * sqrt(2 * m / log(1 / delta))
    for numbers in places(found.difference, 40):
        assert (value(C, numbers) >= value(level, numbers)) == (
            value(found.difference, numbers) >= 0
        )


def test_a_condition_is_not_divided_by_what_may_be_0():
    found = bc.compare_bounds("huang2021.certificate:erm", "huang2021.certificate:any")
    assert found.condition == "ε ≤ 2LR_N"


def test_both_counterexamples_are_counterexamples():
    found = bc.compare_bounds("holdout.hoeffding:upper", "holdout.empirical_bernstein:upper")
    names = {s.name: s for s in found.difference.free_symbols}
    for at, sign in ((found.first_smaller, 1), (found.second_smaller, -1)):
        numbers = {names[k]: Float(eval(v), 30) for k, v in at.items() if k in names}
        assert math.copysign(1, value(found.difference, numbers)) == sign
    assert str(found.to_dict()["relation"]) == "neither"


def test_bounds_are_compared_at_one_failure_probability():
    m, delta = bc.symbol("m"), bc.symbol("delta")
    found = bc.compare_bounds("huang2021.theorem1:conditional", "huang2021.theorem1:published")
    assert "fails with probability δ/2" in found.notes[0]
    assert not found.difference.has(log(2 / delta))
    assert found.difference.has(m)


def test_formulas_and_derivations_are_compared_too():
    L, R = bc.symbol("lipschitz"), bc.symbol("rademacher")
    assert bc.compare_bounds(2 * L * R, 3 * L * R).relation == "first"
    proof = bc.theorem("holdout.hoeffding").variant("upper").derivation
    assert bc.compare_bounds(proof, proof.expression).relation == "equal"
    x = Symbol("x")
    assert bc.compare_bounds(x, x**2).relation == "open"


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("holdout.hoeffding:upper", "holdout.hoeffding:lower", "limits on different sides"),
        (1.5, 2, "no bound to compare: float"),
    ],
)
def test_what_cannot_be_compared_is_refused(first, second, message):
    with pytest.raises(InputError, match=message):
        bc.compare_bounds(first, second)


def test_unknown_names_are_refused():
    with pytest.raises(UnknownNameError, match="did you mean"):
        bc.compare_bounds("holdout.hoefding", "holdout.kl")
    with pytest.raises(UnknownNameError, match="unknown variant"):
        bc.compare_bounds("holdout.hoeffding:uper", "holdout.kl")
