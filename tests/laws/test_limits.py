"""Limits defined by an equation: extreme δ, limits far from the mean, and what is refused."""

from __future__ import annotations

from fractions import Fraction
from math import comb, exp, expm1, inf, log, log1p, sqrt

import numpy as np
import pytest

import boundcalc as bc
from boundcalc.errors import ConvergenceError
from boundcalc.numeric.special import binomial_lower, binomial_upper, kl_lower, kl_upper

ALMOST_ONE = 1 - 2.0**-53
DELTAS = [1e-250, 1e-200, 1e-30, 0.05, 0.999, ALMOST_ONE]


def at_most(k: int, n: int, p: Fraction) -> Fraction:
    """P(Bin(n, p) ≤ k), exactly."""
    return sum((comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1)), Fraction(0))


@pytest.mark.parametrize("delta", DELTAS)
@pytest.mark.parametrize(("k", "n"), [(2, 5), (1, 30), (29, 40)])
def test_a_binomial_limit_leaves_its_tail(k: int, n: int, delta: float) -> None:
    """SciPy's inverse is NaN at (2, 5) and 1e-200; near δ = 1 the tail itself has no digits left."""
    step = Fraction(2, 10**7)
    upper, lower = (
        Fraction(float(binomial_upper(k, n, delta))),
        Fraction(float(binomial_lower(k, n, delta))),
    )
    most = Fraction(delta) + Fraction(1, 10**10) * min(Fraction(delta), 1 - Fraction(delta))
    if upper < 1:
        assert at_most(k, n, upper) <= most
        assert at_most(k, n, upper * (1 - step)) > delta
    else:
        assert at_most(k, n, 1 - Fraction(2, 2**52)) > delta
    assert 1 - at_most(k - 1, n, lower) <= most
    assert 1 - at_most(k - 1, n, lower * (1 + step)) > delta


def test_closed_forms_without_errors_and_with_errors_alone() -> None:
    deltas = np.array(DELTAS)
    assert binomial_upper(0, 7, deltas) == pytest.approx(-np.expm1(np.log(deltas) / 7), rel=1e-7)
    assert binomial_lower(7, 7, deltas) == pytest.approx(np.exp(np.log(deltas) / 7), rel=1e-7)
    assert binomial_lower(0, 7, 1e-300) == 0
    assert binomial_upper(7, 7, 1e-300) == 1


def test_a_delta_whose_tails_cannot_be_computed_is_refused() -> None:
    with pytest.raises(ConvergenceError, match="delta = 1e-251 is too small for a binomial limit"):
        binomial_upper([0, 3], 7, [0.05, 1e-251])
    with pytest.raises(ConvergenceError, match="the least is 1e-250"):
        binomial_lower(3, 7, 1e-251)


@pytest.mark.parametrize("c", [0.0, 1e-300, 1e-30, 1e-12, 0.3, 40.0, 600.0])
def test_relative_entropy_has_closed_forms_at_0_and_1(c: float) -> None:
    assert kl_upper(0, c) == pytest.approx(-expm1(-c), rel=1e-14, abs=1e-320)
    assert kl_lower(1, c) == pytest.approx(exp(-c), rel=1e-11)
    assert kl_lower(1, c) <= exp(-c) * (1 + 1e-15)
    assert kl_lower(0, c) == 0
    assert kl_upper(1, c) == 1


@pytest.mark.parametrize("c", [1e-3, 0.4, 30.0, 340.0])
def test_a_fair_coin(c: float) -> None:
    """kl(½‖p) = c has the roots (1 ± √(1 − e^(−2c)))/2; the smaller one without cancellation."""
    root = (-expm1(-2 * c)) ** 0.5
    assert kl_upper(0.5, c) == pytest.approx((1 + root) / 2, rel=1e-14)
    assert kl_lower(0.5, c) == pytest.approx(exp(-2 * c) / (1 + root) / 2, rel=1e-11)


@pytest.mark.parametrize("q", [1e-320, 1e-300, 1e-12, 0.2, ALMOST_ONE])
def test_the_two_ends_of_a_relative_entropy_ball(q: float) -> None:
    def kl(p: float) -> float:
        if not 0 < p < 1:
            return inf
        return q * (log(q) - log(p)) + (1 - q) * (log1p(-q) - log1p(-p))

    for c in (1e-3, 1.0, 20.0):
        low, high = float(kl_lower(q, c)), float(kl_upper(q, c))
        assert 0 <= low < q < high <= 1
        assert low == 0 or (kl(low) >= c * (1 - 1e-12) and kl(low * (1 + 1e-9)) < c)
        assert kl(high) >= c * (1 - 1e-12)
        assert high == 1 or kl(high * (1 - 1e-9)) < c


REFUSED = [
    (
        "lu2023.multimodal",
        {"D": 1e308, "m": 9, "n": 9, "L": 10, "C": 1, "kappa": 0, "c_F": 1, "c_G": 1, "delta": 0.1},
        "lu2023.multimodal (one-event) is too large for a floating-point number",
    ),
    (
        "lu2023.improvement",
        {"D": 1e200, "m": 9, "n": 9, "L": 1, "C": 1, "kappa": 0, "c_F": 1, "c_G": 1, "delta": 0.1}
        | {"c_FG": 1, "growth": 1},
        "lu2023.improvement (one-event) is too large for a floating-point number",
    ),
    (
        "lu2023.improvement",
        {"m": 9, "n": 9, "L": 1, "kappa": 0, "c_F": 0, "c_G": 0, "c_FG": 1, "growth": 1},
        "with κ = c_F = c_G = 0 the multimodal bound is 0 and the ratio is not defined",
    ),
    (
        "huang2021.selection",
        {"L": 1, "c_M": 9, "c_N": 4, "loss_drop": 1e-300},
        "huang2021.selection (crossover) is too large for a floating-point number",
    ),
]


@pytest.mark.parametrize(("id", "values", "text"), REFUSED)
def test_numbers_that_overflow_or_are_not_defined(
    id: str, values: dict[str, float], text: str
) -> None:
    with pytest.raises(bc.errors.InputError) as refusal:
        bc.evaluate(id, **values)
    assert text in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_squares_that_overflow_are_no_obstacle() -> None:
    """D² is too large for a float, and its root is not."""
    values = {"D": 1e200, "m": 9, "n": 9, "L": 1, "C": 1, "kappa": 0, "c_F": 1, "c_G": 1}
    found = bc.evaluate("lu2023.multimodal", **values, delta=0.1).value
    assert found == pytest.approx(1e200 * sqrt(2 * log(10) / 9), rel=1e-12)
    assert Fraction(found) ** 2 > Fraction(10) ** 400 * 2 * Fraction("2.302585092994045") / 9


def test_a_tiny_failure_probability_is_not_called_certain() -> None:
    result = bc.evaluate("holdout.hoeffding", n=100, delta=1e-30, test_loss=0.1, loss_bound=1)
    assert result.status.startswith("With probability at least 1 − 1e-30,")
    result = bc.evaluate("holdout.hoeffding", n=100, delta=1e-8, test_loss=0.1, loss_bound=1)
    assert result.status.startswith("With probability at least 0.99999999,")
    result = bc.evaluate("holdout.hoeffding", n=100, delta=1e-310, test_loss=0.1, loss_bound=9)
    assert result.terms["concentration"] == pytest.approx(
        9 * (310 * log(10) / 200) ** 0.5, rel=1e-14
    )
