"""Exact decisions: the sizes of algebraic numbers, tails of fractions, whole numbers and limits."""

from __future__ import annotations

from fractions import Fraction
from math import comb, inf, isnan, log2
from typing import Any

import numpy as np
import pytest
from mpmath import mp
from sympy import Expr, Integer, Mul, Rational, Symbol, ceiling, log, sqrt

from boundcalc.errors import ConvergenceError
from boundcalc.numeric import exact
from boundcalc.numeric.bound import bind
from boundcalc.numeric.exact import (
    UndecidedError,
    rounded_up,
    sign,
    sign_against,
    value_of,
    whole_value,
)
from boundcalc.symbolic.functions import BinomialLower, BinomialUpper, KLLower, KLUpper
from boundcalc.symbolic.parameters import symbol

x, y = Symbol("x", positive=True), Symbol("y", positive=True)


@pytest.mark.parametrize(
    ("form", "values", "above", "below", "degrees"),
    [
        # u and l of a quotient, of sums, products and powers; of a root of degree d of u/l
        (x, {x: Fraction(3, 8)}, log2(3), 3, {}),
        (x, {x: Fraction(-5)}, log2(5), 0, {}),
        (x, {x: Fraction(0)}, 0, 0, {}),
        (Rational(7, 4), {}, log2(7), 2, {}),
        (x + y, {x: Fraction(3, 4), y: Fraction(5, 8)}, max(log2(3) + 3, log2(5) + 2) + 1, 5, {}),
        (x + y, {x: Fraction(5, 8), y: Fraction(3, 4)}, max(log2(3) + 3, log2(5) + 2) + 1, 5, {}),
        (x * y, {x: Fraction(3, 4), y: Fraction(5, 8)}, log2(15), 5, {}),
        (x * x, {x: Fraction(3, 4)}, 2 * log2(3), 4, {}),
        (1 / x, {x: Fraction(3, 4)}, 2, log2(3), {}),
        (x**-3, {x: Fraction(3, 4)}, 6, 3 * log2(3), {}),
        (sqrt(x), {x: Fraction(7, 2)}, (log2(7) + 1) / 2, 1, {x: 2}),
        (sqrt(x), {x: Fraction(2, 7)}, 1, (log2(7) + 1) / 2, {x: 2}),
        (x ** Rational(1, 3), {x: Fraction(7, 2)}, (log2(7) + 2) / 3, 1, {x: 3}),
        (x ** Rational(1, 3), {x: Fraction(2, 7)}, 1, (log2(7) + 2) / 3, {x: 3}),
        (x ** Rational(-3, 2), {x: Fraction(7, 2)}, 3, 3 * (log2(7) + 1) / 2, {x: 2}),
        (sqrt(x) * x ** Rational(1, 3), {x: Fraction(2)}, 1 / 2 + 1 / 3, 0, {x: 6}),
        (x**y, {x: Fraction(7, 2), y: Fraction(1, 2)}, (log2(7) + 1) / 2, 1, {x: 2}),
    ],
)
def test_the_sizes_of_an_algebraic_number(
    form: Expr, values: dict[Any, Fraction], above: float, below: float, degrees: dict[Any, int]
) -> None:
    """By the table of Burnikel, Funke, Mehlhorn, Schirra & Schmitt, as logarithms to base 2."""
    if form == sqrt(x) * x ** Rational(1, 3):
        form = Mul(sqrt(x), x ** Rational(1, 3), evaluate=False)
    roots: dict[Expr, int] = {}
    assert exact._sizes(form, values, roots) == pytest.approx((above, below))
    assert roots == degrees


@pytest.mark.parametrize("seed", range(6))
def test_a_number_that_is_not_0_is_not_as_small_as_its_limit(seed: int) -> None:
    """|E| ≥ 1/(l u^(d − 1)), next to 0 as well: √a + √b − √c with whole numbers that nearly cancel."""
    rng = np.random.default_rng(seed)
    a, b = (int(v) for v in rng.integers(2, 10**6, 2))
    with mp.workdps(80):
        near = int(mp.nint((mp.sqrt(a) + mp.sqrt(b)) ** 2))
        value = mp.sqrt(a) + mp.sqrt(b) - mp.sqrt(near)
        form = sqrt(x) + sqrt(y) - sqrt(Symbol("z", positive=True))
        values = {x: Fraction(a), y: Fraction(b), Symbol("z", positive=True): Fraction(near)}
        roots: dict[Expr, int] = {}
        above, below = exact._sizes(form, values, roots)
        assert value == 0 or mp.log(abs(value), 2) >= -(below + 7 * above)
        assert sorted(roots.values()) == [2, 2, 2]
    assert sign(form, values) == (value > 0) - (value < 0)
    assert sign(form, values, Fraction(1, 10**200)) == (1 if value > 0 else -1)


def test_what_is_0_is_proved_to_be_and_what_is_not_is_not() -> None:
    root = sqrt(x + 2 * sqrt(y)) - sqrt(x - 2 * sqrt(y))
    values = {x: Fraction(101), y: Fraction(100)}  # √121 − √81 = 2
    assert exact._is_zero(root - 2, values)
    assert not exact._is_zero(root - 2 - Rational(1, 10**80), values)
    assert not exact._is_zero(x - 1, values)


def test_logarithms_that_cancel() -> None:
    two, three = log(Integer(2)), log(Integer(3))
    for form, expected in (
        (two * 3 - log(Integer(8)), True),
        (two / 2 + three / 3 - log(Integer(72)) / 6, True),
        ((two * 3 - log(Integer(8))) / three, True),
        (two - three, False),
        (two * three, False),
        (two * 70_000 - three * 44_165, False),  # more bits than are tried
        (two * sqrt(Integer(2)), False),
        (two * 20_000 - log(Integer(4)) * 10_000, True),
    ):
        assert exact._logarithms_cancel(form) is expected, form


@pytest.mark.parametrize(("k", "n"), [(0, 1), (2, 7), (6, 7), (5, 1_000), (3, 1_001)])
def test_a_binomial_limit_beside_a_target(k: int, n: int) -> None:
    """The tail at a fraction, as δ: the limit is that fraction, and δ's neighbours move it."""
    p = Fraction(1, 3) if n < 100 else Fraction(k + 20, n)
    low = sum(comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1))
    for step in (-1, 0, 1) if n <= 1_000 else (-1, 1):
        delta = low * (1 + Fraction(step, 10**12))
        found = sign_against(BinomialUpper(Integer(k), Integer(n), exact.rational(delta)), p, {})
        assert found == -step
    high = 1 - low + comb(n, k) * p**k * (1 - p) ** (n - k)
    if k and high < 1 - Fraction(1, 10**10):
        for step in (-1, 1):
            delta = high * (1 + Fraction(step, 10**12))
            assert (
                sign_against(BinomialLower(Integer(k), Integer(n), exact.rational(delta)), p, {})
                == step
            )


def test_more_trials_than_a_tail_is_summed_for() -> None:
    for n, decided in ((2_000_000, True), (2_000_001, False)):
        limit = BinomialUpper(Integer(2), Integer(n), Rational(1, 20))
        if decided:
            assert sign_against(limit, Fraction(1, 2), {}) == -1
        else:
            with pytest.raises(UndecidedError, match="2000001 trials"):
                sign_against(limit, Fraction(1, 2), {})


def test_relative_entropy_limits_beside_a_target() -> None:
    q, p = Fraction(1, 5), Fraction(1, 2)
    room = log(Rational(2, 5)) / 5 + log(Rational(8, 5)) * Rational(4, 5)
    tiny = Rational(1, 10**25)
    for step in (-1, 0, 1):
        assert sign_against(KLUpper(exact.rational(q), room + step * tiny), p, {}) == step
        lower = KLLower(Rational(4, 5), room + step * tiny)  # the mirror
        assert sign_against(lower, p, {}) == -step
    for limit, targets, expected in (
        (KLUpper(Integer(0), Integer(1)), (-1, 0, Fraction(99, 100)), [1, 1, -1]),
        (KLUpper(Integer(1), Integer(1)), (0, Fraction(1, 2), 1, 2), [1, 1, 0, -1]),
        (KLLower(Integer(0), Integer(1)), (-1, 0, Fraction(1, 2), 1), [1, 0, -1, -1]),
        (KLLower(Integer(1), Integer(1)), (0, Fraction(1, 100), 1), [1, 1, -1]),
        (KLUpper(Rational(1, 2), Integer(1)), (Fraction(1, 2), 1), [1, -1]),
        (KLLower(Rational(1, 2), Integer(1)), (Fraction(1, 2), 0), [-1, 1]),
    ):
        assert [sign_against(limit, Fraction(t), {}) for t in targets] == expected, limit


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (ceiling(x), 7),
        (ceiling(x + Rational(1, 10**50)), 8),
        (ceiling(x - Rational(1, 10**50)), 7),
        (ceiling(sqrt(x**2)), 7),
        (ceiling(log(x**6) / log(x)), 6),
        (ceiling(log(x**6) / log(x) + Rational(1, 10**100)), 7),
        (3 + ceiling(sqrt(x)) / x, 3 + Fraction(3, 7)),
        (ceiling(sqrt(2) * 10**60), 10**60 * 2**0.5),
        (ceiling(-x / 2), -3),
        (ceiling(x * Rational(10**50, 3)), Fraction(0)),
    ],
)
def test_whole_numbers_are_rounded_up_exactly(form: Expr, expected: Any) -> None:
    found = whole_value(form, {x: Fraction(7)})
    if isinstance(expected, float):
        with mp.workdps(90):
            expected = int(mp.ceil(mp.sqrt(2) * mp.mpf(10) ** 60))
    elif expected == 0:
        expected = -(-7 * 10**50 // 3)
    assert found == expected


def test_rounded_up_to_the_next_float() -> None:
    for form in (
        sqrt(Integer(2)),
        log(Integer(3)),
        -sqrt(Integer(2)),
        sqrt(Integer(2)) - log(Integer(4)),
    ):
        with mp.workdps(60):
            true = mp.mpf(0) + mp.mpmathify(form.evalf(60))
            value, fraction = rounded_up(form, {})
            assert fraction is None
            assert mp.mpf(value) >= true > mp.mpf(float(np.nextafter(value, -inf)))
    assert rounded_up(Rational(1, 3), {}) == (float(np.nextafter(1 / 3, 1)), Fraction(1, 3))
    # what nearly cancels is enclosed with more digits
    near = sqrt(Integer(2)) - Rational(141421356237309504880168872420969807856967187537694, 10**50)
    with mp.workdps(90):
        true = (
            mp.sqrt(2)
            - mp.mpf(141421356237309504880168872420969807856967187537694) / mp.mpf(10) ** 50
        )
        value, _ = rounded_up(near, {})
        assert mp.mpf(value) >= true > mp.mpf(float(np.nextafter(value, -inf)))


def test_values_of_expressions_with_whole_numbers() -> None:
    m = symbol("m")
    assert value_of(sqrt(m), {"m": 16.0}) == 4
    found = value_of(ceiling(m / 3) * 1, {"m": np.array([[3.0, 4.0], [1e299, 3.1e300]])})
    assert found[0].tolist() == [1, 2]
    assert found[1][0] == pytest.approx(1e299 / 3)
    assert found[1][1] == inf
    assert value_of(ceiling(m / 10), {"m": 10.0}) == 1


def test_limits_far_away() -> None:
    bound = bind(
        "holdout.hoeffding",
        "upper",
        {"test_loss": 0.1, "loss_bound": 1, "delta": 0.05},
        free=("n",),
    )
    found = dict(
        zip((t.name for t in bound.variant.terms), exact.far_limits(bound, "n", inf), strict=True)
    )
    assert found == {"test_loss": 0.1, "concentration": 0}
    far = Symbol("far", positive=True)
    assert exact._limit_in_logarithm(1 + 1 / log(far), far) == 1
    assert exact._limit_in_logarithm(log(far), far) == inf
    delta = bind(
        "holdout.hoeffding", "upper", {"test_loss": 0.1, "loss_bound": 2, "n": 50}, free=("delta",)
    )
    ends = exact.far_limits(delta, "delta", 1.0)
    assert ends == [pytest.approx(0.1), 0]
    assert all(x == inf or isnan(x) or x == 0.1 for x in exact.far_limits(delta, "delta", 0.0))


def test_numbers_that_agree_to_hundreds_of_digits_are_not_decided() -> None:
    with pytest.raises(UndecidedError, match="more than 300 digits"):
        sign(
            log(x) - log(y) * sqrt(Integer(2)) / sqrt(Integer(2)) + log(log(x)) - log(log(y)),
            {x: Fraction(3), y: Fraction(3) + Fraction(1, 10**700)},
        )
    assert issubclass(UndecidedError, ConvergenceError)
