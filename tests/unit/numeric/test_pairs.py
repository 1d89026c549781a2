"""Which limits a pair has, against their formulas and quantiles typed once more."""

from __future__ import annotations

from fractions import Fraction
from math import exp, log, nextafter, sqrt, ulp

import numpy as np
import pytest
from scipy.stats import beta

from boundcalc.numeric.decide import pairs
from boundcalc.numeric.decide.pairs import (
    MeanLimit,
    Summary,
    anytime_pair,
    bounded_pair,
    counts_pair,
    discordant,
    limits_pair,
    mean_limits,
    mean_numbers,
    unpaired,
    zero_one_pair,
)


def half(method: str, sample: Summary, width: float, share: float) -> float:
    """Hoeffding's, or Maurer & Pontil's Theorem 4."""
    if method == "hoeffding":
        return width * sqrt(log(1 / share) / (2 * sample.n))
    variance = sample.spread * sample.n / (sample.n - 1)
    last = 7 * width * log(2 / share) / (3 * (sample.n - 1))
    return sqrt(2 * variance * log(2 / share) / sample.n) + last


METHODS = ["hoeffding", "empirical_bernstein"]


def test_a_summary() -> None:
    x = np.array([0.25, 0.5, 0.75, 0.125])
    found = Summary.of(x)
    assert (found.n, found.mean) == (4, 0.40625)
    assert found.variance == pytest.approx(np.var(x, ddof=1), rel=1e-14)
    assert found.shifted(0.5) == Summary(4, 0.90625, found.spread)
    assert found.repeated(9) == Summary(9, 0.40625, found.spread)
    assert Summary(5, 0.25).spread == 0


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("width", [1.0, 8.0])
def test_the_limits_of_a_mean(method: str, width: float) -> None:
    """The formulas', moved outwards by some 64 units in the last place of the range."""
    sample = Summary(900, 0.4 * width, 0.02 * width**2)
    low, high = mean_limits(method, sample, width, 0.03)
    away = half(method, sample, width, 0.03)
    assert 60 <= (sample.mean - away - low) / ulp(width) <= 90
    assert 60 <= (high - sample.mean - away) / ulp(width) <= 90
    assert mean_limits(method, Summary(3, 0.4 * width, 0.0), width, 1e-9) == (0.0, width)


def test_the_errors_and_the_mean_that_a_limit_is_told() -> None:
    assert mean_numbers("clopper_pearson", Summary(10, 0.3), 1.0, 0.1) == {
        "n": 10,
        "delta": 0.1,
        "errors": 3,
    }
    for mean, told in ((-1e-17, 0.0), (0.0, 0.0), (1.0, 1.0), (2 + 1e-15, 2.0)):
        found = mean_numbers("hoeffding", Summary(9, mean), 2.0, 0.1)
        assert found == {"n": 9, "delta": 0.1, "loss_bound": 2.0, "test_loss": told}


@pytest.mark.parametrize(("n", "width", "mean"), [(2, 1.0, 0.5), (7, 3.0, 0.75), (40, 0.5, 0.45)])
def test_a_variance_is_no_more_than_such_values_can_have(n: int, width: float, mean: float) -> None:
    """m (C − m) n/(n − 1), of values that are 0 or C; a smaller one is told as it is."""
    most = Fraction(mean) * (Fraction(width) - Fraction(mean)) * Fraction(n, n - 1)
    found = mean_numbers("empirical_bernstein", Summary(n, mean, width), width, 0.1)
    assert most * (1 - Fraction(1, 10**14)) <= Fraction(found["variance"]) <= most
    less = Summary(n, mean, 0.9 * mean * (width - mean))
    assert mean_numbers("empirical_bernstein", less, width, 0.1)["variance"] == less.variance


@pytest.mark.parametrize("method", METHODS)
def test_limits_on_a_gap(method: str) -> None:
    """Paired: half of δ a side, on values of twice the range. Else four events."""
    n, bound, delta = 2000, 2.0, 0.04
    gap, a, b = Summary(n, 0.3, 0.1), Summary(n, 0.9, 0.2), Summary(n, 0.6, 0.3)
    away = half(method, gap, 2 * bound, delta / 2)
    low, high = pairs.paired(method, gap, bound, delta)
    assert (low, high) == (pytest.approx(0.3 - away, 1e-12), pytest.approx(0.3 + away, 1e-12))
    assert low <= 0.3 - away <= 0.3 + away <= high
    away = half(method, a, bound, delta / 4) + half(method, b, bound, delta / 4)
    low, high = unpaired(method, a, b, bound, delta)
    assert (low, high) == (pytest.approx(0.3 - away, 1e-12), pytest.approx(0.3 + away, 1e-12))


def test_four_clopper_pearson_limits() -> None:
    n, share = 40, 0.1 / 4
    ends = [(beta.ppf(share, k, n - k + 1), beta.isf(share, k + 1, n - k)) for k in (9, 4)]
    low, high = discordant(9, 4, n, 0.1)
    assert low == pytest.approx(ends[0][0] - ends[1][1], rel=1e-9)
    assert high == pytest.approx(ends[0][1] - ends[1][0], rel=1e-9)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("level", [0.3, 0.013, 1e-6])
def test_the_test_that_a_limit_makes(method: str, level: float) -> None:
    bound, sample = 2.0, Summary(300, 0.5, 0.3)
    test = MeanLimit(method, sample, bound, level)
    for share in (level / 7, (1 + level) / 2):
        low = 0.5 - half(method, sample, 2 * bound, share)
        if low > -bound:
            assert test.lower_limit(share) == pytest.approx(low, abs=1e-12)
            found = test.p_value(low)
            assert found == pytest.approx(share, rel=1e-6)
            assert test.p_value(low + 1e-9) > share
    # the limit is above θ exactly if θ is rejected at the level
    low = test.lower_limit(level)
    assert test.p_value(low) > level
    for below in (nextafter(low, -1), low - 1e-13, low - 1e-9):
        assert test.p_value(below) <= level
    assert test.p_value(bound) == 1.0
    least = MeanLimit(method, Summary(300, -bound), bound, level)
    assert least.p_value(-bound) == 1.0


def test_a_p_value_that_is_tiny() -> None:
    """exp(−2 n (gap/(2C))²) = e^−320, in a range of 2; no less is said than 10⁻²⁰⁰."""
    for n, p in ((2000, exp(-2 * 2000 * 0.2**2)), (10**6, 1e-200)):
        found = MeanLimit("hoeffding", Summary(n, 0.4), 1.0, 0.05).p_value(0.0)
        assert p * (1 - 1e-6) <= found <= 2.5 * p


def test_pairs_of_each_kind_say_both_directions() -> None:
    d = np.array([0.5, -0.25, 0.75, 0.0, 0.25, 0.5])
    exact, counts = zero_one_pair(7, 2, 20, level=0.1), counts_pair(7, 2, 20, level=0.1)
    for found, method in ((exact, "discordant"), (counts, "error_counts")):
        assert (found.method, found.difference, found.bound) == (method, 0.25, 1.0)
        assert found.b_better.p_value(0.0) < 0.5 < found.a_better.p_value(0.0)
    weights = np.array([0.5, 1.0, 0.25, 0.5, 0.75, 1.0])
    for found in (
        bounded_pair(d, 2.0, level=0.1),
        anytime_pair(d, 2.0),
        limits_pair("hoeffding", d, 2.0, level=0.1),
    ):
        assert (found.difference, found.bound) == (pytest.approx(1.75 / 6), 2.0)
        assert found.b_better.p_value(-1.5) <= found.a_better.p_value(-1.5)
        assert found.b_better.p_value(0.0) <= found.a_better.p_value(0.0)
    for found in (
        bounded_pair(d, 1.0, level=0.1, weights=weights),
        anytime_pair(d, 1.0, weights=weights),
    ):
        assert found.difference == pytest.approx(float(np.average(d, weights=weights)))
    limit = limits_pair("hoeffding", d, 1.0, level=0.1)
    assert limit.b_better.sample.mean == -limit.a_better.sample.mean == d.mean()


def test_the_seed_is_0_if_none_is_named() -> None:
    d = np.random.default_rng(0).uniform(-0.4, 0.6, 40)
    said = [bounded_pair(d, 1.0, level=0.1, **kw).b_better.seed for kw in ({}, {"seed": 5})]
    assert said == [0, 5]
