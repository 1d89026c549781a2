"""The exact paired test, part by part: against enumeration in fractions and against its definition."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from math import comb, nextafter, sqrt

import mpmath
import numpy as np
import pytest
from scipy.stats import beta, binom

from boundcalc.numeric.decide.paired import (
    _STEPS,
    Region,
    Trinomial,
    counts_test,
    difference_region,
    paired_test,
    score_order,
    score_region,
)

TINY = 1e-30
SHARES = [(a / 8, b / 8) for a, b in product(range(9), repeat=2) if a + b <= 8]
SHARES += [(2.0**-60, 2.0**-9), (0.25, 2.0**-60), (2.0**-50, 1 - 2.0**-40), (0.0, 2.0**-1000)]


def outcomes(n: int) -> list[tuple[int, int]]:
    return [(b, c) for b in range(n + 1) for c in range(n + 1 - b)]


def region_of(needed: list[int], n: int) -> Region:
    """Of the outcomes with at least needed[c] of the kind b."""
    met = [[b for b in range(k + 1) if b >= needed[k - b]] for k in range(n + 1)]
    return Region(n, np.array([min(some, default=k + 1) for k, some in enumerate(met)]))


def regions() -> Iterator[Region]:
    """Closed ones: all of one and two examples, and some of more."""
    for n in (1, 2):
        for needed in product(range(n + 2), repeat=n + 1):
            if list(needed) == sorted(needed):
                yield region_of(list(needed), n)
    draw = np.random.default_rng(1)
    for n in (3, 4, 7, 9):
        for _ in range(6):
            yield region_of(sorted(draw.integers(0, n + 2, n + 1).tolist()), n)


def exact(region: Region, p10: float, p01: float) -> Fraction:
    """Every outcome, in fractions."""
    n, b, c = region.n, Fraction(p10), Fraction(p01)
    return sum(
        (
            comb(n, i) * comb(n - i, j) * b**i * c**j * (1 - b - c) ** (n - i - j)
            for i, j in outcomes(n)
            if i >= region.least[i + j]
        ),
        Fraction(0),
    )


def probable(region: Region, q: np.ndarray, theta: float) -> np.ndarray:
    """By SciPy's binomial tails, for discordances q and a gap θ."""
    k = np.arange(region.n + 1)
    share = np.clip((q + theta) / 2 / np.maximum(q, TINY), 0, 1)[:, None]
    return (binom.pmf(k, region.n, q[:, None]) * binom.sf(region.least - 1, k, share)).sum(axis=1)


def test_the_order_is_the_lower_end_of_the_score_interval() -> None:
    """(d − θ)² = z² (q − θ²)/n, z = 2, q = (b + c + 1)/n: the smaller of the two solutions."""
    for n in (1, 2, 7, 50, 10_000):
        for b, c in ((0, 0), (n, 0), (0, n), (n // 2, n // 3), (n // 9, n // 2)):
            d, q = mpmath.mpf(b - c) / n, mpmath.mpf(b + c + 1) / n
            roots = mpmath.polyroots([1 + mpmath.mpf(4) / n, -2 * d, d * d - 4 * q / n])
            found = score_order(np.array(b), np.array(c), n)
            assert float(found) == pytest.approx(float(min(roots)), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize(
    ("n", "every"), [(1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (17, 9), (18, 9), (37, 70)]
)
def test_the_region_is_what_is_as_high_as_the_outcome_and_what_closes_it(
    n: int, every: int
) -> None:
    """In 40 digits; closed means more of the kind b and fewer of the kind c."""
    b, c = np.array(outcomes(n)).T
    with mpmath.workdps(40):
        u = 1 + mpmath.mpf(4) / n

        def order(b: int, c: int) -> mpmath.mpf:
            d, q = mpmath.mpf(b - c) / n, mpmath.mpf(b + c + 1) / n
            return (d - 2 * mpmath.sqrt((q * u - d * d) / n)) / u

        S = np.array([order(*o) for o in outcomes(n)])
        for i in range(0, len(S), every):
            high = np.array([bool(s >= S[i] - mpmath.mpf(10) ** -30) for s in S])
            inside = ((b[high] <= b[:, None]) & (c[high] >= c[:, None])).any(axis=1)
            found = score_region(int(b[i]), int(c[i]), n)
            assert found.n == n
            for k in range(n + 1):
                assert found.least[k] == min(b[inside & (b + c == k)], default=k + 1)


def test_the_region_of_a_difference() -> None:
    for n in (1, 2, 5, 8):
        for d in range(-n, n + 1):
            found = difference_region(d, n)
            for k in range(n + 1):
                some = (b for b in range(k + 1) if b - (k - b) >= d)
                assert found.least[k] == min(some, default=k + 1)


def test_the_probability_of_a_region_is_that_of_its_outcomes() -> None:
    """Never less than the exact sum, and hardly more."""
    p10, p01 = np.array(SHARES).T
    for region in regions():
        found = region.probability(p10, p01, TINY).tolist()
        for said, shares in zip(found, SHARES, strict=True):
            true = exact(region, *shares)
            assert (
                true
                <= Fraction(said)
                <= min(true * (1 + Fraction(1, 10**12)) + 2 * Fraction(TINY), 1)
            )


def test_a_small_probability_keeps_eight_digits() -> None:
    """It is summed from the likeliest number of discordant examples outwards."""
    region, q = difference_region(300, 2000), np.array([0.5, 0.8])
    found = region.probability(q / 2, q / 2, TINY)
    assert found == pytest.approx(probable(region, q, 0.0), rel=1e-8, abs=0)


@pytest.mark.parametrize("omitted", [1e-3, 0.2])
def test_what_is_omitted_is_added(omitted: float) -> None:
    n = 250
    for region in (score_region(40, 20, n), difference_region(-30, n), difference_region(0, n)):
        for theta in (-0.05, 0.0, 0.2):
            q = np.linspace(abs(theta), 1, 9)
            found = region.probability((q + theta) / 2, (q - theta) / 2, omitted)
            most = np.minimum(probable(region, q, theta) + omitted, 1)
            assert (found <= most * (1 + 1e-9)).all()
            assert (found >= probable(region, q, theta) * (1 - 1e-9)).all()
            assert (found >= omitted).all()


def test_what_is_omitted_is_bounded_by_bernstein() -> None:
    """t²/(2 (n q (1 − q) + t/3)) = ln(2/ε): farther from n q than t is one with probability ε."""
    for n, q, omitted in product((1, 40, 5000), (0.0, 0.013, 0.5, 0.93, 1.0), (1e-9, 0.01, 0.3)):
        (first,), (last,) = Region(n, np.zeros(n + 1, dtype=int))._likely(np.array([q]), omitted)
        goal = mpmath.log(2 / mpmath.mpf(omitted))
        t = max(mpmath.polyroots([1, -2 * goal / 3, -2 * goal * n * q * (1 - q)]))
        assert first == max(mpmath.floor(n * q - t), 0)
        assert last == min(mpmath.ceil(n * q + t), n)
        assert binom.cdf(first - 1, n, q) + binom.sf(last, n, q) <= omitted


def test_many_parameters_at_once_are_as_one_by_one() -> None:
    """Also where a table of all of them is made in several parts, of windows of one width."""
    region = score_region(900, 700, 4000)
    q = np.linspace(0.02, 1.0, 150)
    p10, p01 = (q + 0.01) / 2, (q - 0.01) / 2
    together = region.probability(p10, p01, 1e-12)
    alone = [region.probability(p10[[i]], p01[[i]], 1e-12)[0] for i in range(0, 150, 7)]
    np.testing.assert_allclose(together[::7], alone, rtol=1e-9, atol=2e-12)
    np.testing.assert_allclose(together[::7], probable(region, q[::7], 0.01), rtol=1e-7, atol=2e-12)
    assert region.probability(p10[:0], p01[:0], 1e-12).shape == (0,)


def test_what_is_left_to_show_if_the_last_example_is_of_the_kind_b() -> None:
    for region in regions():
        before = region.before()
        assert before.n == region.n - 1
        assert before.least.shape == (region.n,)
        for b, c in outcomes(before.n):
            assert (b >= before.least[b + c]) == (b + 1 >= region.least[b + c + 1])


def test_both_bounds_of_a_cell() -> None:
    """max f + M w²/8 by the curvature, or the coupling where that is less, and needed."""
    seen = set()
    for test in (
        paired_test(5, 2, 9, level=0.1),
        counts_test(6, 3, 9, level=0.1),
        paired_test(1, 0, 1, level=0.1),
    ):
        region, n = test.region, test.region.n
        for theta, (q1, q2) in product(
            (-0.25, 0.0, 0.125), ((0.25, 0.75), (0.5, 0.5625), (0.75, 0.8125), (0.875, 1.0))
        ):
            ends = [float(exact(region, (q + theta) / 2, (q - theta) / 2)) for q in (q1, q2)]
            more, less = (q2 + theta) / 2, (q1 - theta) / 2
            fits = Fraction(more) + Fraction(less) <= 1
            coupled = float(exact(region, more, less)) if fits else 1.0
            if q1 > abs(theta) and q2 < 1:
                p10, p01, rest = (q1 + theta) / 2, (q1 - theta) / 2, 1 - q2
                most = n * (1 / (4 * p10) + 1 / (4 * p01) + 1 / rest)
                inside = float(exact(region.before(), more, less)) if fits else 1.0
                curved = max(ends) + most * inside * (q2 - q1) ** 2 / 8
            else:
                curved = 1.0
            expected = curved if curved <= max(ends) * 1.002 else min(curved, coupled)
            if not fits and expected != curved:
                continue
            cell = np.array([[q1], [q2], [ends[0]], [ends[1]], [1.0]])
            (found,) = test._bound(cell, theta)
            assert found == pytest.approx(min(expected, 1.0), rel=1e-4)
            seen.add("curved" if expected == curved else "coupled")
    assert seen == {"curved", "coupled"}


TESTS = [
    *(
        (paired_test(b, c, n, level=0.025), 0.025)
        for b, c, n in ((3, 1, 4), (8, 1, 50), (0, 5, 9), (40, 22, 90))
    ),
    *(
        (paired_test(b, c, n, level=1e-4), 1e-4)
        for b, c, n in ((1, 0, 1), (30, 8, 64), (12, 12, 24))
    ),
    *(
        (counts_test(a, b, n, level=0.05), 0.05)
        for a, b, n in ((7, 2, 30), (21, 16, 40), (59, 8, 60), (70, 51, 400))
    ),
]
"""Their levels stand beside them."""


def supremum(test: Trinomial, theta: float) -> float | None:
    """Over the discordances that are left, on ever finer grids around the largest value."""
    first = max(test.q[0], abs(theta))
    last = min(test.q[1], test.slope + theta)
    if first > last:
        return None
    most = 0.0
    for _ in range(3):
        q = np.linspace(first, last, 201)
        f = probable(test.region, q, theta)
        at = int(f.argmax())
        most = max(most, float(f[at]))
        first, last = q[max(at - 2, 0)], q[min(at + 2, 200)]
    return most


def test_where_only_one_discordance_is_left_the_guess_is_for_it() -> None:
    """At θ = −1 it is 1, and each of four examples is of the kind c."""
    assert paired_test(0, 4, 4, level=0.05).guess(-1.0) == pytest.approx(1, rel=1e-4)


@pytest.mark.parametrize("theta", [-0.6, -0.11, 0.0, 0.03, 0.2, 0.9])
def test_a_p_value_is_the_supremum_and_what_was_paid(theta: float) -> None:
    """At most two thousandths above, and never below."""
    for test, _ in TESTS:
        most, found = supremum(test, theta), test.p_value(theta)
        if most is None:
            assert found == (1.0 if theta > 0 else pytest.approx(test.gamma, rel=2e-8, abs=0))
            assert found >= test.gamma
            assert test.guess(theta) == (1.0 if theta > 0 else test.gamma)
        else:
            assert found >= min(test.gamma + most * (1 - 1e-12), 1)
            assert found <= min((test.gamma * 1.001 + most) * (1 + 2.01e-3), 1)
            assert min(test.guess(theta), 1.0) <= found
            assert test.guess(theta) >= found * 0.97 or found == 1.0


@pytest.mark.parametrize(
    ("a", "b", "n", "theta"), [(21, 16, 21, 0.0), (522, 58, 603, 0.6804819610838013)]
)
def test_a_cell_that_is_not_halved_keeps_its_bound(a: int, b: int, n: int, theta: float) -> None:
    """The largest value lies in one, and others are halved longer."""
    for level in (0.015476004503505223, 7.428940889636102e-05):
        test = counts_test(a, b, n, level=level)
        most = supremum(test, theta)
        assert most is not None
        assert test.p_value(theta) >= test.gamma + most * (1 - 1e-12)


def test_one_level_is_asked_about_as_the_p_value_says() -> None:
    for test, level in TESTS:
        for theta in (-0.3, 0.0, 0.02):
            p = test.p_value(theta)
            assert test.rejects(theta, p)
            assert not test.rejects(theta, p / 1.01)
            assert test.rejects(theta, level) == (p <= level)


def test_a_limit_is_rejected_and_a_little_above_it_is_not() -> None:
    for test, own in TESTS:
        sd = sqrt(max(test.q[1], 1 / test.region.n) / test.region.n)
        for level in (own, own / 3, 0.3):
            low = test.lower_limit(level)
            assert (low > 0) == (test.p_value(0.0) <= level)
            assert test.p_value(min(low + 5e-3 * sd, 1.0)) > level
            if low > -1:
                assert test.p_value(low) <= level
        assert test.lower_limit(test.gamma) in (-1.0, 0.0)
        assert test.lower_limit(test.gamma / 2) == -1.0
        assert test.p_value(1.0) == 1.0


def test_a_limit_at_the_level_that_is_just_reached() -> None:
    """The p-value of no gap itself: 0 is rejected, so that the limit is above 0, if hardly."""
    for test, _ in TESTS:
        level = test.p_value(0.0)
        if not 2 * test.gamma < level < 0.4:  # where it hardly rises with the gap
            continue
        low = test.lower_limit(level)
        assert 0 < low < 1e-3
        most = supremum(test, low)
        assert most is not None
        assert test.gamma + most <= level
        assert test.lower_limit(nextafter(level, 0)) <= 0


def test_what_a_test_is_made_of() -> None:
    """γ a ten-thousandth, or for numbers of errors a hundredth, of the level; limits by Beta quantiles."""
    for b, c, n, level in ((8, 3, 30, 0.05), (0, 2, 7, 1e-3), (5, 0, 5, 0.2)):
        test, gamma, k = paired_test(b, c, n, level=level), level / 10_000, b + c
        assert test.gamma == pytest.approx(gamma, rel=1e-12)
        assert test.q[0] == pytest.approx(beta.ppf(gamma / 2, k, n - k + 1), rel=1e-6)
        upper = beta.isf(gamma / 2, k + 1, n - k) if k < n else 1.0
        assert test.q[1] == pytest.approx(upper, rel=1e-6)
        assert test.slope == 2.0
        counts, gamma = counts_test(b, c, n, level=level), level / 100
        assert counts.gamma == pytest.approx(gamma, rel=1e-12)
        low = beta.ppf(gamma / 2, b, n - b + 1) if b else 0.0
        high = beta.isf(gamma / 2, c + 1, n - c)
        assert counts.slope == pytest.approx(min(2 * high, 2 - 2 * low), rel=1e-6)
        assert counts.q == (0.0, 1.0)
        np.testing.assert_array_equal(counts.region.least, difference_region(b - c, n).least)
        np.testing.assert_array_equal(test.region.least, score_region(b, c, n).least)


def test_errors_of_nearly_all_examples() -> None:
    """Then r(A) + r(B) is at most 2 − (1 − r(A)) − (1 − r(B)), and 1 − r(A) is small."""
    low = beta.ppf(0.05 / 200, 28, 3)
    assert counts_test(28, 25, 30, level=0.05).slope == pytest.approx(2 - 2 * low, rel=1e-6)


def test_two_examples() -> None:
    """(2, 0) is the highest outcome: p(θ₀) is γ and p₁₀² at the most that q can be, 1."""
    found = paired_test(2, 0, 2, level=0.5)
    for theta in (-0.5, 0.0, 0.5):
        p = 0.5e-4 + ((1 + theta) / 2) ** 2
        assert p <= found.p_value(theta) <= p * 1.002
    assert paired_test(0, 2, 2, level=0.5).p_value(-1.0) == 1.0
    assert paired_test(0, 0, 1, level=0.5).p_value(0.0) == 1.0


def test_a_limit_that_would_be_0_is_above_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no gap is rejected, and the first step from a guess ends at 0."""
    test = paired_test(8, 1, 50, level=0.05)
    step = _STEPS[0] * sqrt(test.q[1] / 50)
    monkeypatch.setattr(Trinomial, "_root", lambda *_: step)
    assert test.p_value(0.0) <= 0.05
    assert 0 < test.lower_limit(0.05) < 1e-9
