"""The functions in the closed forms of classes, against many digits, and on the side of safety."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from boundcalc.numeric.class_functions import (
    DERIVED,
    dual_exponent,
    entropy_integral,
    log_growth,
    normal_moment,
    parametric_entropy_integral,
)


@pytest.mark.parametrize(("m", "d", "tail"), [(10**14, 4 * 10**13, 3), (10**15, 2 * 10**14, 4 / 3)])
def test_what_a_growth_function_adds_to_its_last_term(m: int, d: int, tail: float) -> None:
    """The terms before it are d/(m − d) times smaller each, but for one part in 10¹³."""
    with mpmath.workdps(40):
        last = mpmath.loggamma(m + 1) - mpmath.loggamma(d + 1) - mpmath.loggamma(m - d + 1)
        assert float(log_growth(m, d) - last) == pytest.approx(math.log(tail), abs=0.1)


@pytest.mark.parametrize(
    ("m", "exponent", "length"), [(400, 20.0, 0.9), (400, 30.0, 1.0), (10**15, 0.01, 3000.0)]
)
def test_an_integral_to_a_quarter_of_the_root(m: int, exponent: float, length: float) -> None:
    """∫ √(A/ε^s) = √A ε^t/t between the ends, with t = 1 − s/2 and ln N(α) = m/9."""
    with mpmath.workdps(60):
        top = mpmath.sqrt(m) / 4
        alpha = top * mpmath.exp(-length)
        scale = float(alpha**exponent * m / 9)
        alpha, t = (9 * mpmath.mpf(scale) / m) ** (1 / mpmath.mpf(exponent)), 1 - exponent / 2
        area = mpmath.sqrt(scale) * (top**t - alpha**t) / t
        exact = 4 * alpha / mpmath.sqrt(m) + 12 * area / m
        assert exact < 0.5
        assert entropy_integral(m, scale, exponent, 0.25) == pytest.approx(float(exact), rel=1e-10)


@pytest.mark.parametrize(
    ("m", "scale", "dimension", "end"),
    [(100, 1.0, 5.0, 1.0), (100, 2.6, 100 / 36, 0.25), (10**4, 30.0, 200.0, 0.25)],
)
def test_a_parametric_integral_between_its_ends(
    m: int, scale: float, dimension: float, end: float
) -> None:
    top, alpha = min(end * math.sqrt(m), scale), scale * math.exp(-m / (9 * dimension))
    area = mpmath.quad(lambda e: mpmath.sqrt(mpmath.log(scale / e)), [alpha, top])
    exact = 4 * alpha / math.sqrt(m) + 12 * math.sqrt(dimension) * area / m
    assert exact < 0.5
    found = parametric_entropy_integral(m, scale, dimension, end)
    assert found == pytest.approx(float(exact), rel=1e-8)


def height(q: float, columns: np.ndarray) -> float:
    """μ(q) ‖c‖_q, of which the least is asked for."""
    return normal_moment(q) * float((columns**q).sum()) ** (1 / q)


@pytest.mark.parametrize("wanted", [2.02, 2.05])
def test_a_best_exponent_near_two_is_found(wanted: float) -> None:
    def slope(x: float) -> float:
        columns = np.array([1, 1, x])
        return height(wanted * 1.0001, columns) - height(wanted / 1.0001, columns)

    low, high = 0.0, 1.0  # more of a third column asks for a larger exponent
    assert slope(low) > 0 > slope(high)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    assert dual_exponent(1.001, np.array([1, 1, low])) == pytest.approx(wanted, rel=1e-3)


def test_a_best_exponent_near_the_largest_is_found() -> None:
    columns = np.ones(400)
    free = dual_exponent(1.01, columns)
    for beyond in (1.004, 1.01, 1.02):
        most = free * beyond
        assert dual_exponent(most / (most - 1), columns) == pytest.approx(free, rel=1e-5)


def test_an_exponent_is_never_above_the_largest_allowed() -> None:
    for p in np.linspace(1.15, 1.95, 60):
        assert dual_exponent(p, np.ones(400)) == p / (p - 1)


def test_products_are_exact_where_floats_hold_them() -> None:
    assert DERIVED["norm_product"]({"norms": (2.0, 3.0, 0.5)}) == 3
    assert DERIVED["radius"]({"radii": (3.0, 4.0)}) == 5
    third = DERIVED["norm_product"]({"norms": (0.1, 0.1)})
    assert Fraction(math.nextafter(third, 0)) < Fraction(1, 100) <= Fraction(repr(third))


@pytest.mark.parametrize("columns", [(3.0, 4.0), (0.1, 0.2, 0.7), tuple(np.arange(1.0, 300.0))])
def test_a_sum_over_columns_is_rounded_up_and_hardly(columns: tuple[float, ...]) -> None:
    found = DERIVED["column_sum"]({"p": 1.5, "column_norms": columns})
    with mpmath.workdps(40):
        exact = sum(mpmath.mpf(c) ** 3 for c in columns) ** (mpmath.mpf(1) / 3)
        assert exact < found < exact * (1 + mpmath.mpf(10) ** -12)


def test_a_sum_of_distances_is_rounded_up_and_hardly() -> None:
    found = DERIVED["distance_sum"]({"distances": (0.1, 3.0), "spectral_norms": (0.7, 2.0)})
    with mpmath.workdps(40):
        powers = (mpmath.mpf(b) / s for b, s in ((0.1, 0.7), (3.0, 2.0)))
        exact = sum(r ** (mpmath.mpf(2) / 3) for r in powers) ** (mpmath.mpf(3) / 2)
        assert exact < found < exact * (1 + mpmath.mpf(10) ** -12)


def test_columns_of_zeros_sum_to_nothing() -> None:
    assert DERIVED["column_sum"]({"p": 1.5, "column_norms": (0.0, 0.0)}) == 0
