"""Limits of an equation, in floats: against fractions and 60 digits, on the safe side and close to it."""

from __future__ import annotations

from fractions import Fraction
from math import comb, inf, log, pi, sqrt
from typing import Any

import numpy as np
import pytest
from mpmath import mp
from scipy import special as scipy_special

from boundcalc.errors import ConvergenceError
from boundcalc.numeric import special
from boundcalc.numeric.special import (
    bernoulli_kl,
    binomial_lower,
    binomial_upper,
    kl_lower,
    kl_upper,
    log_entropy_moment,
)

UNIT = 2.0**-53
ALMOST_ONE = 1 - UNIT


def at_most(k: int, n: int, p: float) -> Fraction:
    """P(Bin(n, p) ≤ k), exactly."""
    hit = Fraction(p)
    return sum((comb(n, i) * hit**i * (1 - hit) ** (n - i) for i in range(k + 1)), Fraction(0))


def points(count: int) -> list[tuple[int, int, float]]:
    rng = np.random.default_rng(6)
    found = []
    for _ in range(count):
        n = int(rng.integers(1, 30))
        size = 10 ** rng.uniform(-30, -0.01)
        delta = rng.choice([size, 10 ** rng.uniform(-240, -30), 0.3 + 0.4 * size, 1 - size])
        found.append((int(rng.integers(0, n + 1)), n, min(float(delta), ALMOST_ONE)))
    return found


def test_no_binomial_limit_leaves_more_than_its_tail() -> None:
    """By fractions, whatever of the tail SciPy loses."""
    for k, n, delta in points(250):
        upper, lower = float(binomial_upper(k, n, delta)), float(binomial_lower(k, n, delta))
        assert 0 <= lower <= 1
        assert 0 <= upper <= 1
        assert (upper == 1) if k == n else upper == 1 or at_most(k, n, upper) <= delta
        assert (lower == 0) if k == 0 else 1 - at_most(k - 1, n, lower) <= delta
        # and by no more than a part in 10⁷
        if k < n and upper < 1 - 1e-9:
            assert at_most(k, n, upper * (1 - 1.1e-7)) > delta
        if 0 < lower < 1 - 1e-6:
            assert 1 - at_most(k - 1, n, lower * (1 + 1.1e-7)) > delta
        assert (lower > 0) is (k > 0)


def test_arrays_are_what_their_entries_are() -> None:
    k, n, delta = map(np.array, zip(*points(60), strict=True))
    for function in (binomial_upper, binomial_lower):
        alone = [float(function(*each)) for each in zip(k, n, delta, strict=True)]
        assert function(k, n, delta).tolist() == alone
    assert binomial_upper([[0], [3]], 5, [0.1, 0.2, 0.3]).shape == (2, 3)
    assert binomial_lower(0, 5, 0.1).shape == ()


def test_no_chance_of_failure_leaves_everything() -> None:
    assert binomial_upper([0, 3], 7, 0.0).tolist() == [1, 1]
    assert binomial_lower([4, 7], 7, 0.0).tolist() == [0, 0]


def test_the_least_chance_of_failure_whose_tails_are_known() -> None:
    """It is asked for only where a tail is computed."""
    assert binomial_upper(7, 7, 1e-300) == 1
    assert binomial_lower(0, 7, 1e-300) == 0
    assert 0 < binomial_lower(1, 7, 1e-250) < 1e-200
    assert binomial_upper(6, 7, 1e-250) <= 1
    for function, errors in ((binomial_upper, 6), (binomial_lower, 1)):
        with pytest.raises(ConvergenceError, match="the least is 1e-250"):
            function(errors, 7, 0.999e-250)


@pytest.mark.parametrize("delta", [1e-200, 0.05, 0.5, 0.9, ALMOST_ONE])
@pytest.mark.parametrize(("a", "b"), [(1.0, 4.0), (400.0, 90_000.0)])
def test_three_times_the_errors_that_were_seen_are_allowed_for(
    a: float, b: float, delta: float
) -> None:
    """SciPy's tails were off by 7 (1 + √(min(a, b)/100)) (8 + |ln δ|) roundings at most."""
    share = min(delta, 1 - delta)
    seen = 7 * (1 + sqrt(min(a, b) / 100)) * (8 - log(share)) * UNIT
    sign = -1 if delta <= 0.5 else 1
    ends = np.array([a]), np.array([b]), np.array([delta])

    def known(*parts: Any) -> Any:
        return parts[-1]

    def unknown(*parts: Any) -> Any:
        raise AssertionError

    # a tail that is given as it is: of the far side where δ is next to 1
    holds = special._at_most(*((known, unknown) if sign < 0 else (known, known)), *ends)
    for times, expected in ((3.0, False), (4.0, True)):
        assert holds(np.array([share * (1 + sign * times * seen)])).tolist() == [expected]


def test_a_binomial_limit_is_one_float_beyond_where_its_tail_holds() -> None:
    k, n, delta = (np.array(x, dtype=float) for x in zip(*points(200), strict=True))
    some = (k > 0) & (k < n)
    k, n, delta = k[some], n[some], delta[some]
    tails = scipy_special.betaincc, scipy_special.betainc
    upper, limits = special._at_most(*tails, k + 1, n - k, delta), binomial_upper(k, n, delta)
    assert np.all(upper(np.nextafter(limits, 0)) | (limits == 1))
    lower = special._at_most(*tails[::-1], k, n - k + 1, delta)
    assert lower(np.nextafter(binomial_lower(k, n, delta), 1)).all()


class Counted:
    """Whether a limit is beyond an end; how often it is asked is counted."""

    def __init__(self, ends: Any, towards: float) -> None:
        self.ends, self.towards, self.calls = np.array(ends), towards, 0

    def __call__(self, p: Any, at: Any = slice(None)) -> Any:
        self.calls += 1
        return p >= self.ends[at] if self.towards else p <= self.ends[at]


@pytest.mark.parametrize("towards", [0.0, 1.0])
def test_a_good_guess_is_moved_a_little_without_a_search(towards: float) -> None:
    ends = np.array([0.3, 0.9, UNIT, ALMOST_ONE, 1e-200, 5e-324, 0.5])
    for floats in (0, 1, 5, 90):
        guess = ends.copy()
        for _ in range(floats):
            guess = np.nextafter(guess, 1 - towards)
        holds = Counted(ends, towards)
        found = special._settled(guess.copy(), towards, holds)
        assert holds.calls <= 12
        assert holds(found).all()
        assert np.all((found >= 0) & (found <= 1))
        assert np.all(abs(found - ends) <= 2 * abs(guess - ends))
        if not floats:
            assert np.all(found == ends)


@pytest.mark.parametrize("towards", [0.0, 1.0])
def test_a_guess_that_is_far_away_is_searched_for(towards: float) -> None:
    """From either side, also where there is none; beyond a part in 10⁷ the limit is not kept."""
    ends = np.array([0.3, 0.3, 0.3, 0.3, 0.3, 1e-250, 0.999])
    guess = np.array([np.nan, np.nan, 0.3 * (1 + 1.6e-7), 0.3 * (1 - 1.6e-7), 1e-30, 0.2, 0.2])
    with np.errstate(invalid="ignore"):
        found = special._settled(guess, towards, Counted(ends, towards))
    assert Counted(ends, towards)(found).all()
    assert abs(found / ends - 1) == pytest.approx(0, abs=1.01e-7)
    near = np.array([0.3 * (1 + (2 * towards - 1) * 0.8e-7)])
    assert special._settled(near.copy(), towards, Counted([0.3], towards)) == near
    never = Counted([2.0 if towards else -1.0], towards)
    assert special._settled(np.array([0.5]), towards, never) == towards


def kl(q: float, p: Any) -> Any:
    """kl(q‖p) to 60 digits."""
    with mp.workdps(60):
        q, p = mp.mpf(q), mp.mpf(p)
        hit = q * mp.log(q / p) if q and p else (0 if not q else mp.inf)
        miss = (1 - q) * mp.log((1 - q) / (1 - p)) if q < 1 and p < 1 else (0 if q == 1 else mp.inf)
        return hit + miss


SHARES = [0.0, 5e-324, 1e-300, 1e-17, 1e-3, 0.2, 0.5, 0.85, 1 - 1e-9, ALMOST_ONE, 1.0]
ROOMS = [1e-25, 1e-12, 3e-4, 0.1, 0.7, 1.0, 30.0, 700.0]


@pytest.mark.parametrize("q", SHARES)
def test_relative_entropy_limits_are_outside_and_close(q: float) -> None:
    for c in ROOMS:
        low, high = float(kl_lower(q, c)), float(kl_upper(q, c))
        assert 0 <= low <= q <= high <= 1
        assert low == 0 or kl(q, low) >= c
        assert high == 1 or kl(q, high) >= c
        with mp.workdps(60):
            near = mp.mpf(q) + (mp.mpf(high) - q) * (1 - mp.mpf(10) ** -7) - 2 * mp.mpf(q) * UNIT
            assert c < 1e-20 or near <= q or kl(q, near) < c
            near = mp.mpf(q) - (mp.mpf(q) - low) * (1 - mp.mpf(10) ** -7) + 2 * mp.mpf(q) * UNIT
            assert c < 1e-20 or near >= q or kl(q, near) < c
            if 0 < low < q / 2:
                assert kl(q, mp.mpf(low) * (1 + mp.mpf(8e-12))) < c or low < 1e-307


def test_random_relative_entropy_limits_are_outside_by_a_little() -> None:
    rng = np.random.default_rng(8)
    q = np.concatenate(
        (rng.random(60), 10 ** rng.uniform(-12, 0, 30), 1 - 10 ** rng.uniform(-9, 0, 30))
    )
    c = 10 ** rng.uniform(-7, 1.3, q.size)
    for share, room, low, high in zip(q, c, kl_lower(q, c), kl_upper(q, c), strict=True):
        assert kl(share, low) >= room
        assert high == 1 or kl(share, high) >= room
        for end in (low, high):
            step = mp.mpf(float(end)) - mp.mpf(float(share))
            inside = mp.mpf(float(share)) + step * (1 - mp.mpf(10) ** -8)
            assert end == 1 or kl(share, inside) < room


def test_what_a_logarithm_makes_of_roundings_is_allowed_for_next_to_1() -> None:
    """1 − step/(1 − q) is off by two roundings of what is subtracted, in the worst case."""
    rng = np.random.default_rng(12)
    q = rng.uniform(0, 0.4, 150)
    c = (1 - q) * rng.uniform(4, 26, q.size)
    for share, room, high in zip(q, c, kl_upper(q, c), strict=True):
        off = (1 - share) ** 2 / (1 - high) * UNIT
        beyond = float(kl(share, high) - mp.mpf(float(room)))
        assert 1.95 * off <= beyond <= 11 * off + 1e-13


def test_relative_entropy_of_small_steps() -> None:
    for q in (0.0, 5e-324, 1e-9, 0.3, 0.999, 1.0):
        for step in (-q / 3, -1e-12 * q, 1e-14 * (1 - q), (1 - q) / 3):
            with mp.workdps(60):
                true = kl(q, mp.mpf(q) + mp.mpf(step))
            found = float(bernoulli_kl(q, step))
            allowed = 1e-15 * abs(step) + 1e-15 * float(abs(true)) + 5e-324
            assert abs(found - true) <= allowed


def test_relative_entropy_limits_of_no_number_and_beyond_1() -> None:
    assert np.isnan(kl_upper(np.nan, 1.0))
    assert np.isnan(kl_lower(0.5, np.nan))
    assert kl_upper(1 + 2 * UNIT, 0.1) == 1
    assert kl_upper([0.1, 0.2], 0.3).shape == (2,)
    assert kl_lower(0.0, inf) == 0


def entropy_moment(m: int) -> Any:
    """ln Σ_k (m choose k) (k/m)^k (1 − k/m)^(m − k), exactly up to 60, else as a sum of products."""
    if m <= 60:
        shares = (Fraction(k, m) for k in range(m + 1))
        terms = (comb(m, k) * p**k * (1 - p) ** (m - k) for k, p in enumerate(shares))
        total = sum(terms, Fraction(0))
        return mp.log(mp.mpf(total.numerator) / total.denominator)
    term, found = mp.mpf(1), mp.mpf(1)
    for i in range(1, m):
        found += term
        term *= 1 - mp.mpf(i) / m
        if term < mp.mpf(10) ** -30:
            break
    return mp.log(found)


@pytest.mark.parametrize("m", [1, 2, 3, 4, 9, 40, 60, 1_000, 99_999, 100_001, 1_000_003])
def test_an_entropy_moment_is_rounded_up_by_what_its_products_can_be_off(m: int) -> None:
    """Three roundings a factor, √(2m/π) of them on average; where it is no sum, 128."""
    with mp.workdps(40):
        beyond = float((mp.mpf(float(log_entropy_moment(m))) - entropy_moment(m)) / UNIT)
    products = 3 * sqrt(2 * m / pi)
    least, most = (products, 2 * products + 40) if m <= 1e5 else (100, 160)
    assert least <= beyond <= most


def test_entropy_moments_of_arrays() -> None:
    found = log_entropy_moment([[3, 7], [7, 2]])
    assert found.tolist() == [
        [float(log_entropy_moment(m)) for m in row] for row in ([3, 7], [7, 2])
    ]


@pytest.mark.parametrize("q", [0.0004265, 0.003, 0.5])
def test_a_limit_below_the_normal_numbers_is_on_the_safe_side_as_it_is_written(q: float) -> None:
    """There ln(1 − p) is nothing: q ln p = q ln q + (1 − q) ln(1 − q) − c. Few digits are left, and
    the shortest decimal that is read as a float may be above it.
    """
    with mp.workdps(60):
        share = mp.mpf(q)
        kept = share * mp.log(share) + (1 - share) * mp.log1p(-share)
        for power in np.linspace(-321, -309, 60).tolist():
            c = float(kept - share * power * mp.log(10))
            true = mp.exp((kept - mp.mpf(c)) / share)
            found = mp.mpf(repr(float(kl_lower(q, c))))
            assert true * (1 - mp.mpf(10) ** -9) - 2 * mp.mpf(10) ** -323 <= found <= true
