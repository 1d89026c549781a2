"""Exact decisions: the sizes of algebraic numbers, tails of fractions, whole numbers and limits."""

from __future__ import annotations

from fractions import Fraction
from math import comb, inf, isnan, isqrt, log2
from typing import Any

import numpy as np
import pytest
from mpmath import mp
from sympy import Expr, Integer, Mul, Rational, Symbol, ceiling, exp, log, sqrt

from boundcalc.errors import ConvergenceError
from boundcalc.numeric import exact
from boundcalc.numeric.bound import Bound, bind
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
from boundcalc.symbolic.precision import Box

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
        (x ** Rational(1, 3), {x: Fraction(3, 7)}, log2(3), log2(7 * 9) / 3, {x: 3}),
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


def test_a_small_difference_is_not_0() -> None:
    """√(N² + 1) − N is almost 1/(2N), hardly more than the least that it can be."""
    near = {x: Fraction(2**800 + 1), y: Fraction(2**400)}
    assert not exact._is_zero(sqrt(x) - y, near)
    assert sign_against(sqrt(x) - y, Fraction(0), near) == 1
    assert exact._is_zero(sqrt(x) - y, {x: Fraction(2**800), y: Fraction(2**400)})


def test_as_many_digits_are_used_as_the_least_size_takes() -> None:
    z = Symbol("z", positive=True)
    form = sqrt(x) + sqrt(y) - sqrt(z)  # √2 + √8 = √18
    for size in (10**50, 10**900):
        values = {s: Fraction(k * size**2) for s, k in ((x, 2), (y, 8), (z, 18))}
        assert exact._is_zero(form, values)
        assert not exact._is_zero(form, values | {z: values[z] + 1})


@pytest.mark.parametrize(("bits", "tried"), [(30_000, True), (30_001, False)])
def test_a_number_with_too_many_bits_is_not_tried(bits: int, tried: bool) -> None:
    values = {x: Fraction(1, 2**bits), y: Fraction(1, 2**bits)}  # of the difference: twice as many
    assert exact._is_zero(x - y, values) is tried


def test_an_enclosure_of_0_is_a_proof_where_it_is_narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """√x − y with x = 4, y = 2: u = 4, l = 1 and d = 2, so no such number is below 1/4."""
    for width, proved in ((Fraction(1, 4), False), (Fraction(1, 10**6), True)):
        monkeypatch.setattr(exact, "enclosed", lambda *_, w=width: Box(-w / 2, w / 2))
        assert exact._is_zero(sqrt(x) - y, {x: Fraction(4), y: Fraction(2)}) is proved


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
        (two * 30_000 - log(Integer(4)) * 15_000, True),
        (two / 2 - three / 2, False),
        # equal numbers of more bits than are tried
        (two * 30_001 - log(Integer(4)) * Rational(30_001, 2), False),
        (log(Integer(2**40)) * 1501 - log(Integer(4)) * 30_020, False),
        (log(Rational(3, 2)) * 20_000 - log(Rational(9, 4)) * 10_000, False),
        ((two / 2 - three / 3) / 5 - (log(Integer(72)) - three) / 30, False),
        ((two / 2 + three / 3) / 5 - log(Integer(72)) / 30, True),
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


@pytest.mark.parametrize("n", [2, 2_000_001])
def test_a_binomial_limit_beside_what_is_no_probability(n: int) -> None:
    targets = [Fraction(t) for t in ("-1/2", "0", "1", "3/2")]
    for k, upper, expected in (
        (0, True, [1, 1, -1, -1]),
        (n - 1, True, [1, 1, -1, -1]),
        (n, True, [1, 1, 0, -1]),  # the limit is 1
        (0, False, [1, 0, -1, -1]),  # the limit is 0
        (1, False, [1, 1, -1, -1]),
        (n, False, [1, 1, -1, -1]),
    ):
        kind = BinomialUpper if upper else BinomialLower
        limit = kind(Integer(k), Integer(n), Rational(1, 20))
        assert [sign_against(limit, target, {}) for target in targets] == expected


@pytest.mark.parametrize("n", [1, 5])
def test_a_lower_binomial_limit_of_one_error(n: int) -> None:
    """1 − (1 − p)ⁿ = δ."""
    p = Fraction(1, 7)
    for step in (-1, 0, 1):
        delta = (1 - (1 - p) ** n) * (1 + Fraction(step, 10**12))
        limit = BinomialLower(Integer(1), Integer(n), exact.rational(delta))
        assert sign_against(limit, p, {}) == step


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
        (KLUpper(Rational(1, 2), Integer(0)), ("49/100", "1/2", "51/100"), [1, 0, -1]),
        (KLLower(Rational(1, 2), Integer(0)), ("49/100", "1/2", "51/100"), [1, 0, -1]),
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


@pytest.mark.parametrize("sign", [1, -1])
def test_whole_numbers_of_many_digits_are_rounded_up(sign: int) -> None:
    """⌊√2·2⁵⁸⁸⁰⌋ has 1,771 digits: more than those that a sign is decided with."""
    below = isqrt(2 * 4**5880)
    found = whole_value(ceiling(sign * sqrt(2) * 2**5880), {})
    assert found == (below + 1 if sign > 0 else -below)


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


@pytest.fixture
def bound() -> Bound:
    values = {"test_loss": 0.1, "loss_bound": 1, "delta": 0.05}
    return bind("holdout.hoeffding", "upper", values, free=("n",))


def test_limits_far_away(bound: Bound) -> None:
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


n, gamma = symbol("n"), symbol("gamma")


@pytest.mark.parametrize(
    ("form", "name", "expected"),
    [
        (n, "n", [inf]),
        (-n, "n", [-inf]),
        (n**2 - n, "n", [inf]),
        (-sqrt(n), "n", [-inf]),
        (1 / n, "n", [0]),
        (1 / sqrt(n), "n", [0]),
        ((2 * n + 1) / (n + 1), "n", [2]),
        ((n + 3) / (n + 2), "n", [1]),
        (log(n), "n", [inf]),
        (1 - log(n), "n", [-inf]),
        (n - log(n), "n", [inf]),
        (1 + 1 / log(n), "n", [1]),
        (n * symbol("test_loss"), "n", [inf]),
        ((sqrt(n**2 + n) - n) * symbol("test_loss"), "n", [0.05]),
        (exp(-1 / n) - 1, "n", [0]),
        (gamma, "gamma", [inf, -inf]),
        (-gamma, "gamma", [-inf, inf]),
        (gamma**2, "gamma", [inf, inf]),
        (gamma**3 + gamma**2, "gamma", [inf, -inf]),
        (gamma / (gamma - 1), "gamma", [1, 1]),
        (1 / gamma, "gamma", [0, 0]),
    ],
)
def test_limits_of_forms(form: Expr, name: str, expected: list[float], bound: Bound) -> None:
    for end, limit in zip((inf, -inf), expected, strict=False):
        assert exact._limit(bound, form, symbol(name), end) == limit


def test_a_limit_of_which_all_known_powers_cancel(bound: Bound) -> None:
    """n⁵(e^(−1/n) − 1 + 1/n − 1/(2n²)) is −n²/6 far away, and an n³-th of it tends to 0."""
    rest = exp(-1 / n) - 1 + 1 / n - 1 / (2 * n**2) + 1 / (6 * n**3)
    assert exact._limit(bound, rest, n, inf) == 0
    assert isnan(exact._limit(bound, n**5 * rest, n, inf))


def test_a_power_with_a_large_exponent_is_left_as_it_is() -> None:
    """√n/2·(1 − 1/(2n))ⁿ, the limit for m → ∞, has more than 40,000 digits as a fraction."""
    ratio = bind("lu2023.separation", "ratio", {"n": 10_000}, free=("m",))
    (found,) = exact.far_limits(ratio, "m", inf)
    assert found == pytest.approx(50 * (1 - 1 / 20_000) ** 10_000, rel=1e-12)


def test_numbers_that_agree_to_hundreds_of_digits_are_not_decided() -> None:
    with pytest.raises(UndecidedError, match="more than 300 digits"):
        sign(
            log(x) - log(y) * sqrt(Integer(2)) / sqrt(Integer(2)) + log(log(x)) - log(log(y)),
            {x: Fraction(3), y: Fraction(3) + Fraction(1, 10**700)},
        )
    assert issubclass(UndecidedError, ConvergenceError)
