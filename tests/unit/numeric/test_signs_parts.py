"""Signs: what side conditions and limits prove, where examples are looked for, which data exist."""

from __future__ import annotations

import statistics
from fractions import Fraction
from typing import Any

import pytest
from sympy import Expr, Symbol, log, sqrt

from boundcalc.numeric.signs import (
    _decided,
    _possible,
    examples_of_signs,
    facts_on,
    proved_order,
)
from boundcalc.symbolic.functions import KLLower, KLUpper
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.printing import plain

m, n, L, R, delta, gamma, q = (
    symbol(x) for x in ("m", "n", "lipschitz", "rademacher", "delta", "gamma", "train_loss")
)


def test_a_side_condition_proves_a_sign() -> None:
    difference = m - n - 2
    assert proved_order(difference, facts_on(difference, ()))[0] == "where"
    for relation in (m >= n + 2, n + 2 <= m, m > n + 2):
        facts = facts_on(difference, (relation,))
        assert proved_order(difference, facts) == ("first", "", "")
        assert proved_order(-difference, facts) == ("second", "", "")


@pytest.mark.parametrize(
    ("difference", "level"), [(gamma + R, -R), (2 * gamma + R, -R / 2), (gamma * m - R, R / m)]
)
def test_a_condition_is_solved_for_a_parameter_of_any_slope(difference: Expr, level: Expr) -> None:
    where = f"{plain(gamma)} ≥ {plain(level)}"
    assert proved_order(difference, facts_on(difference, ())) == ("where", where, "")


c = log(1 / delta) / m
PINSKER = "proved by Pinsker's inequality, kl(q‖p) ≥ 2(p − q)²"


@pytest.mark.parametrize("times", [1, m, L, 3 * L])
def test_limits_are_compared_with_closed_forms(times: Any) -> None:
    above, below = q + sqrt(c / 2), q - sqrt(c / 2)
    for difference, order in (
        (times * (above - KLUpper(q, c)), "first"),
        (times * (KLUpper(q, c) - above), "second"),
        (times * (KLLower(q, c) - below), "first"),
    ):
        expanded = difference.expand()
        assert proved_order(expanded, facts_on(expanded, ())) == (order, "", PINSKER)
    difference = (times * (above - KLLower(q, c))).expand()
    assert proved_order(difference, facts_on(difference, ()))[0] == "open"


@pytest.mark.parametrize(
    "difference", [gamma, delta - Fraction(1, 2), L - R, log(1 / delta) - Fraction(1, 2), m - 2]
)
def test_examples_of_both_signs_are_found(difference: Expr) -> None:
    found = dict(examples_of_signs(difference, ()))
    assert found.keys() == {1, -1}
    for way, at in found.items():
        put = {s: Fraction(at[s.name]) for s in difference.free_symbols}
        assert difference.subs(put) * way > 0


def test_no_example_of_a_sign_that_there_is_not() -> None:
    for difference, signs in ((L * m, {1}), (-(gamma**2), {-1}), (L - L * delta, {1})):
        assert dict(examples_of_signs(difference, ())).keys() == signs
    assert dict(examples_of_signs(m - n, (m >= n,))).keys() == {1}


def worst(count: int, mean: Fraction, most: Fraction) -> Fraction:
    """The largest variance of so many losses in [0, C] of this mean: all full or empty, but one."""
    left, losses = count * mean, []
    for _ in range(count):
        losses.append(min(most, left))
        left -= losses[-1]
    return statistics.variance(losses)


@pytest.mark.parametrize("most", [None, Fraction(1), Fraction(1, 2), Fraction(5)])
@pytest.mark.parametrize("count", [2, 3, 10])
@pytest.mark.parametrize("share", ["0", "1/10", "1/3", "1/2", "9/10", "1"])
def test_data_vary_no_more_than_losses_in_their_range_can(
    most: Fraction | None, count: int, share: str
) -> None:
    C = most or Fraction(1)
    mean = Fraction(share) * C
    at = {symbol("n"): Fraction(count), symbol("test_loss"): mean}
    at |= {symbol("loss_bound"): most} if most else {}
    largest = worst(count, mean, C)
    assert _possible(at)
    assert _possible(at | {symbol("variance"): largest})
    assert not _possible(at | {symbol("variance"): largest + Fraction(1, 10**9)})
    assert not _possible(at | {symbol("n"): Fraction(1), symbol("variance"): Fraction(0)})


@pytest.mark.parametrize("name", ["test_loss", "train_loss", "gamma", "loss_drop"])
def test_a_mean_is_in_the_range_of_the_loss(name: str) -> None:
    for C in (Fraction(1, 2), Fraction(1), Fraction(3)):
        at = {symbol("loss_bound"): C} if C != 1 else {}  # 1 where it is not named
        assert _possible(at | {symbol(name): C})
        assert _possible(at | {symbol(name): -C})
        assert not _possible(at | {symbol(name): C + Fraction(1, 10)})
        assert not _possible(at | {symbol(name): -C - Fraction(1, 10)})


def test_a_sign_that_intervals_do_not_show_is_not_decided() -> None:
    at = {m: Fraction(4), n: Fraction(2)}
    assert _decided(log(m) - 2 * log(n), at) == 0  # it is 0
    assert _decided(log(m) - log(n), at) == 1
    assert _decided(log(n) - log(m), at) == -1
    one, other = Symbol("x", positive=True), Symbol("x", real=True)
    assert _decided(one - other, {one: Fraction(2), other: Fraction(1)}) == 0
