"""How many examples are needed: forecasts against enumeration, simulation and closed forms."""

from __future__ import annotations

import math
from functools import cache
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri
from scipy.stats import binom

import boundcalc as bc
from boundcalc.numeric.decide import forecast
from boundcalc.numeric.decide.bets import Bets, fixed_sample_wealth
from boundcalc.numeric.decide.forecast import (
    CriticalValues,
    ExactPower,
    PowerAt,
    betting_power,
    least_examples,
    mean_power,
    normal_power,
)
from boundcalc.numeric.decide.paired import paired_test

# exact tests


@cache
def least_that_decides(k: int, n: int, level: float) -> int:
    """Of k discordant examples; one more than all where none will do."""
    for b in range(k // 2 + 1, k + 1):
        if paired_test(b, k - b, n, level=level).p_value(0.0) <= level:
            return b
    return k + 1


@pytest.mark.parametrize("level", [0.9, 0.4, 0.025, 1e-4])
@pytest.mark.parametrize(("k", "n"), [(1, 1), (3, 5), (8, 30), (15, 40), (24, 24)])
def test_the_least_number_that_decides_is_found_from_any_guess(
    k: int, n: int, level: float
) -> None:
    least = least_that_decides(k, n, level)
    p = {
        b: paired_test(b, k - b, n, level=level).p_value(0.0) for b in (least - 1, least) if b <= k
    }
    found = {ExactPower(level)._least(b, k, n) for b in range(k // 2 + 1, k + 1)}
    for each in found:
        assert least - 1 < each <= least
        if least <= k and least - 1 > k // 2:
            # where ln p is that of the level
            part = math.log(level / p[least]) / math.log(p[least - 1] / p[least])
            assert each == pytest.approx(least - part, abs=0.02)
    times = ExactPower(level)._times(k, n)
    assert math.ceil((k + times * math.sqrt(k)) / 2 - 1e-9) == least
    if least == k + 1:
        assert found == {k + 0.5}


@pytest.mark.parametrize("level", [0.55, 0.1, 0.01])
@pytest.mark.parametrize(
    ("p10", "p01", "n"),
    [(0.5, 0.1, 9), (0.3, 0.3, 14), (0.2, 0.1, 24), (0.9, 0.1, 12), (1, 0, 7), (0.1, 0.05, 6)],
)
def test_power_of_few_examples_is_the_sum_over_all_outcomes(
    p10: float, p01: float, n: int, level: float
) -> None:
    q = p10 + p01
    exact = sum(
        binom.pmf(k, n, q) * binom.sf(least_that_decides(k, n, level) - 1, k, p10 / q)
        for k in range(1, n + 1)
    )
    assert ExactPower(level)(p10, p01, n) == pytest.approx(exact, abs=0.003)


def test_a_level_that_is_almost_the_p_value_is_made_sure_of() -> None:
    """Between the guess of a p-value and the p-value itself, which is above it, none is decided."""
    k, b, n = 14, 11, 31
    level = paired_test(b, k - b, n, level=0.05).p_value(0.0)
    for _ in range(5):
        level = paired_test(b, k - b, n, level=level).p_value(0.0)
    for times, least in ((1 - 1e-6, b + 1), (1 + 1e-6, b)):
        assert math.ceil(ExactPower(level * times)._least(10, k, n)) == least
    just_below = ExactPower(level * (1 - 1e-6))
    test = paired_test(b, k - b, n, level=just_below.level)
    with mock.patch.object(type(test), "guess", lambda test, theta: 0.98 * test.p_value(theta)):
        assert math.ceil(just_below._least(10, k, n)) == b + 1


def test_probabilities_that_add_up_to_more_than_1_by_rounding() -> None:
    more, even = ExactPower(0.05)(0.5 + 2**-52, 0.5, 12), ExactPower(0.05)(0.5, 0.5, 12)
    assert more == pytest.approx(even)


@pytest.mark.parametrize(("q", "n"), [(0.1, 300), (0.3, 1500), (0.02, 6000), (0.9, 90)])
def test_what_has_to_be_exceeded_is_that_of_numbers_nearby(q: float, n: int) -> None:
    power, sd = ExactPower(0.025), math.sqrt(n * q * (1 - q))
    k, times = power._critical(q, n)
    assert k == pytest.approx([n * q - sd, n * q + sd])
    for each, found in zip(k, times, strict=True):
        b = _least_by_search(round(each), n, 0.025)
        exact = (2 * b - 0.5 - round(each)) / math.sqrt(round(each))
        # it lies between two whole numbers
        assert found == pytest.approx(exact, abs=0.03 + 1.5 / math.sqrt(each))
    assert times[0] > 1.96


@pytest.mark.parametrize(("p10", "p01", "n"), [(0.09, 0.04, 300), (0.02, 0.005, 1500)])
def test_power_of_many_examples_is_nearly_so(p10: float, p01: float, n: int) -> None:
    """Each number of discordant ones that is likely; what decides 3 % of the k is interpolated."""
    q, level = p10 + p01, 0.025
    sd = math.sqrt(n * q * (1 - q))
    k = np.arange(round(n * q - 3.5 * sd), round(n * q + 3.5 * sd))
    least = [_least_by_search(int(each), n, level) for each in k]
    exact = float(binom.pmf(k, n, q) @ binom.sf(np.array(least) - 1, k, p10 / q))
    assert ExactPower(level)(p10, p01, n) == pytest.approx(exact, abs=0.02)


def _least_by_search(k: int, n: int, level: float) -> int:
    low, high = k // 2, k
    while high - low > 1:
        b = (low + high) // 2
        decided = paired_test(b, k - b, n, level=level).guess(0.0) <= level
        low, high = (low, b) if decided else (b, high)
    return high


@pytest.mark.parametrize("n", [3_000, 100_000, 10**8])
@pytest.mark.parametrize("q", [0.02, 0.6])
def test_the_exact_test_of_many_examples_is_nearly_normal(n: int, q: float) -> None:
    """A gap of z standard errors is decided with probability Φ(z − z_α), whichever way it is summed."""
    power, spread = ExactPower(0.025), math.sqrt(q / n)
    for z in (1.0, 1.96, 2.8):
        theta = z * spread
        found = power((q + theta) / 2, (q - theta) / 2, n)
        assert found == pytest.approx(float(ndtr(z + ndtri(0.025))), abs=0.04)


def test_a_sum_and_the_normal_law_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    summed = [ExactPower(0.01)(0.31, 0.3, n) for n in (10_000, 60_000)]
    monkeypatch.setattr(forecast, "_SUMMED", 0)
    normal = [ExactPower(0.01)(0.31, 0.3, n) for n in (10_000, 60_000)]
    assert normal == pytest.approx(summed, abs=0.01)


def test_a_gap_above_the_discordance_needs_as_much_of_it() -> None:
    by, power = ExactPower(0.05).at(0.1), ExactPower(0.05)
    assert by.power(0.04, 50) == power(0.07, 0.03, 50)
    assert by.power(-0.04, 50) == pytest.approx(power(0.07, 0.03, 50))
    assert by.power(0.3, 20) == power(0.3, 0.0, 20)
    assert by.spread == pytest.approx(math.sqrt(0.1))
    assert by.level == 0.05


# means


@pytest.mark.parametrize("sd", [0.0, 0.3, 2.0])
@pytest.mark.parametrize("theta", [0.01, 0.2])
def test_power_of_a_normal_mean(theta: float, sd: float) -> None:
    """By drawing means: they exceed 1.5 over √n so often."""
    n, draw = 100, np.random.default_rng(1)
    means = draw.normal(theta, sd / math.sqrt(n), 40_000)
    expected = float(np.mean(means > 1.5 / math.sqrt(n)))
    assert normal_power(theta, sd, n, 1.5) == pytest.approx(expected, abs=0.01)
    by = mean_power(sd, lambda m: 1.5 / (sd or 1) * (m == n), 0.05)
    if sd:
        assert by.power(theta, n) == by.power(-theta, n) == normal_power(theta, sd, n, 1.5)
    assert (by.spread, by.level) == (sd, 0.05)


def smooth(level: float, spread: float) -> PowerAt:
    """That of a z-test."""

    def power(theta: float, n: int) -> float:
        return float(ndtr(abs(theta) / spread * math.sqrt(n) + ndtri(level)))

    return PowerAt(power, spread, level)


@pytest.mark.parametrize("level", [0.1, 0.025, 1e-9])
@pytest.mark.parametrize("target", [0.5, 0.8, 0.999])
@pytest.mark.parametrize("gap", [0.9, 0.03, -1e-4, 4e-7])
def test_the_number_of_examples_for_a_known_power(gap: float, target: float, level: float) -> None:
    exact = ((float(ndtri(target)) - float(ndtri(level))) / (abs(gap) / 0.3)) ** 2
    found = smooth(level, 0.3).examples(gap, target)
    assert found is not None
    assert exact * (1 - 1e-9) <= found <= 1.02 * exact + 1


@pytest.mark.parametrize("method", [None, "betting", "empirical_bernstein", "hoeffding"])
@pytest.mark.parametrize("tiny", [5e-324, 2.2e-311, 1e-160])
def test_no_number_of_examples_decides_the_least_floats(tiny: float, method: str | None) -> None:
    found = bc.certify([0, 0, 0], [tiny, 2 * tiny, 0], method=method)
    assert {needed.n for needed in found.forecast} == {None}


def test_no_number_of_examples_decides_almost_nothing() -> None:
    by = smooth(0.025, 0.3)
    assert by.examples(0.0, 0.8) is None
    most = 0.3 * (float(ndtri(0.8)) - float(ndtri(0.025))) / math.sqrt(1e15)
    assert by.examples(0.97 * most, 0.8) is None
    found = by.examples(1.03 * most, 0.8)
    assert found is not None
    assert 9e14 < found <= 10**15
    # nothing is asked that needs more than 2·10^15
    silent = PowerAt(lambda theta, n: 1 / 0, 0.3, 0.025)
    assert silent.examples(0.6 * most, 0.8) is None
    # equal differences
    assert PowerAt(lambda theta, n: float(n >= 77), 0.0, 0.025).examples(0.1, 0.8) == 77


@pytest.mark.parametrize("target", [0.5, 0.8, 0.99])
@pytest.mark.parametrize("guess", [1, 2, 7, 500, 10**15])
def test_a_step_is_found_exactly(target: float, guess: int) -> None:
    for least in (*range(1, 12), 77, 499):
        asked = []

        def power(n: int, least: int = least, asked: list[int] = asked) -> float:
            asked.append(n)
            return float(n >= least)

        assert least_examples(power, target, guess, 0.5) == least
        assert len(asked) < 60
        if target < 0.9:  # just as much is enough

            def just(n: int, least: int = least) -> float:
                return target * (n >= least)

            found = least_examples(just, target, guess, 0.5)
            assert found is not None
            assert least <= found <= max(guess, 10**6)
        assert min(asked) >= 1
        assert max(asked) <= 10**15


def test_a_range_is_from_the_far_end_to_the_near_one() -> None:
    by = smooth(0.025, 0.3)

    def n(gap: float) -> list[int | None]:
        return [by.examples(gap, target) for target in (0.5, 0.8)]

    for sign in (1, -1):
        found = by.range(sign * 0.1, *sorted((sign * 0.04, sign * 0.2)))
        assert [each.probability for each in found] == [0.5, 0.8]
        assert [each.n for each in found] == n(0.1)
        assert [each.least for each in found] == n(0.2)
        assert [each.most for each in found] == n(0.04)
        for end in (0.0, -0.02):
            found = by.range(sign * 0.1, *sorted((sign * end, sign * 0.2)))
            assert [each.most for each in found] == [None, None]
            assert [each.least for each in found] == n(0.2)


# betting


@pytest.mark.parametrize(("n", "bound"), [(20, 1.0), (160, 1.0), (57, 1.0), (40, 4.0), (320, 9.0)])
@pytest.mark.parametrize("level", [0.3, 0.005])
def test_half_of_the_samples_are_decided_at_the_critical_value(
    n: int, bound: float, level: float
) -> None:
    draw = np.random.default_rng(99)
    differences = np.sort(draw.uniform(-0.5, 0.9, 300))
    found = CriticalValues(differences, bound, level, 0)
    theta = found(n) * differences.std() / math.sqrt(n)
    moved = draw.choice(differences - differences.mean(), (n, 1500)) + theta
    decided = np.mean(
        fixed_sample_wealth(moved.clip(-bound, bound), bound, level) > -math.log(level)
    )
    assert decided == pytest.approx(0.5, abs=0.12)


def test_critical_values_between_points_of_the_grid() -> None:
    found = CriticalValues(np.linspace(-0.5, 0.6, 50), 1.0, 0.025, 3)
    points = {n: found(n) for n in (20, 40, 80, 160)}
    for n, (low, high) in {30: (20, 40), 100: (80, 160), 45: (40, 80)}.items():
        part = math.log(n / low) / math.log(high / low)
        expected = points[low] ** (1 - part) * points[high] ** part
        assert found(n) == pytest.approx(expected)
    # it falls to the normal quantile
    assert points[20] > points[160] > 1.96
    assert found(10**12) == pytest.approx(1.96, rel=0.15)
    assert found(10**12) == found(10**13)


def test_more_examples_are_drawn_as_5120_with_a_smaller_bound() -> None:
    """What counts is √n over C: 20·2¹⁰ with C are as 5,120 with C/2."""
    found = CriticalValues(np.linspace(-0.05, 0.06, 50), 4.0, 0.025, 3)
    assert found._at(10.0) == found._resampled(5120, 2.0)
    assert found._at(2.0) == found._resampled(80, 4.0)
    # until it is no larger than what differs from the mean: 4/0.055 is 2^6.18
    assert found._most == pytest.approx(8 + 2 * math.log(4 / 0.055, 2))


@pytest.mark.parametrize("bound", [1.0, 20.0])
def test_equal_differences_are_decided_when_the_bets_pay(bound: float) -> None:
    """Each bet of 0.99 C⁻¹ at most multiplies by 1 + 0.99 d/C; 0.95 is bet."""
    by = betting_power(np.full(30, 0.6), bound, 0.025, 0)
    assert by.spread == pytest.approx(1e-9 * bound)
    exact = math.log(40 / 0.95) / math.log(1 + 0.99 * 0.6 / bound)
    for target in (0.5, 0.8):
        found = by.examples(0.6, target)
        assert found is not None
        assert exact <= found <= 1.01 * exact + 1


@pytest.mark.parametrize("times", [2.0, -3.0])
@pytest.mark.parametrize(("p10", "p01", "n"), [(0.002, 0.001, 40_000), (0.4, 0.2, 30)])
def test_power_is_summed_over_the_numbers_of_discordant_examples(
    p10: float, p01: float, n: int, times: float
) -> None:
    """A majority of them is needed at least."""
    k = np.arange(400 if n > 400 else n + 1)
    needed = np.maximum(np.ceil((k + times * np.sqrt(k)) / 2), k // 2 + 1)
    tail = np.where(needed <= k, binom.sf(needed - 1, k, p10 / (p10 + p01)), 0)
    with mock.patch.object(ExactPower, "_critical", return_value=([0, n], [times, times])):
        found = ExactPower(0.025)(p10, p01, n)
    assert found == pytest.approx(float(binom.pmf(k, n, p10 + p01) @ tail), rel=1e-6)


def test_what_has_to_be_exceeded_is_asked_for_likely_numbers() -> None:
    """Of few discordant examples for each, of many for one standard deviation on either side, at
    the powers of 2 beside n.
    """
    power = ExactPower(0.025)
    with mock.patch.object(ExactPower, "_times", side_effect=lambda k, n: k + n):
        assert power._critical(0.5, 20) == ([*map(float, range(3, 18))], [*range(23, 38)])
        k, times = power._critical(0.05, 20)
        assert (k[0], k[-1]) == (1.0, 4.0)
    with mock.patch.object(ExactPower, "_apart", side_effect=lambda q, n, side: side * n) as asked:
        k, times = power._critical(0.3, 1000)
    assert k == pytest.approx([300 - math.sqrt(210), 300 + math.sqrt(210)])
    between = 512 + 512 * (math.log2(1000) - 9)
    assert times == pytest.approx([-between, between])
    assert {call.args for call in asked.call_args_list} == {
        (0.3, n, side) for n in (512, 1024) for side in (-1, 1)
    }


@pytest.mark.parametrize(
    ("q", "n", "side", "asked"),
    [
        (0.3, 1000, 1, (304, 1000)),  # 314.5 is nearest to 1.1^60
        (0.3, 1000, -1, (277, 1000)),  # 285.5 is nearest to 1.1^59
        (0.001, 64, -1, (1, 64)),
        (0.9, 10_000, 1, (2500, 5000)),
        (0.3, 10_000, 1, (2500, 5000)),
    ],
)
def test_numbers_of_discordant_examples_are_rounded_to_powers(
    q: float, n: int, side: int, asked: tuple[int, int]
) -> None:
    with mock.patch.object(ExactPower, "_times", return_value=1.0) as called:
        ExactPower(0.025)._apart(q, n, side)
    assert called.call_args.args == asked


def test_a_probability_that_is_one_less_the_target_is_no_end() -> None:
    """Power 0.2 is met on the way to 0.8."""

    def power(n: int) -> float:
        return float(ndtr(0.1 * (n - 1000)))

    below = 1000 - 8
    assert power(below) == pytest.approx(0.2, abs=0.015)
    assert least_examples(power, 0.8, below, 0.01) == 1009


def test_tiny_differences_cost_few_samples_and_more_certainty_no_fewer_examples() -> None:
    """The bets are so small that n times the gap has to be about C ln(1/α), whatever the spread."""
    pool = 3e-8 * np.random.default_rng(0).standard_normal(40)
    gap, error = abs(float(pool.mean())), 3e-8 / math.sqrt(40)
    by = betting_power(pool, 2.0, 0.05, 0)
    real = CriticalValues._resampled
    with mock.patch.object(CriticalValues, "_resampled", autospec=True, side_effect=real) as called:
        half, most = by.range(gap, gap - 3 * error, gap + 3 * error)
    assert called.call_count <= 8
    assert half.n is not None
    assert most.n is not None
    assert half.n <= most.n
    assert half.n == pytest.approx(2 * math.log(20) / gap, rel=0.05)
    half, most = bc.power(gap=1e-9, spread=3e-8, loss_bound=2.0, target=0.6).needed
    assert half.n is not None
    assert most.n is not None
    assert half.n <= most.n


@pytest.mark.parametrize(("gap", "spread"), [(0.3, 0.2), (0.5, 0.1), (0.8, 0.3), (0.4, 0.3)])
def test_a_forecast_of_few_examples_is_how_many_decide(gap: float, spread: float) -> None:
    """Fewer than 6 do not decide at 0.025 whatever they are: 0.95 · 1.99⁵ < 40."""
    draw, by = np.random.default_rng(3), bc.power(gap=gap, spread=spread)
    for needed in by.needed:
        share = [0.0]
        for n in range(1, 22):
            d = draw.normal(gap, spread, (n, 1000)).clip(-1, 1)
            share.append(np.mean(fixed_sample_wealth(d, 1.0, 0.025) >= math.log(40)))
        assert needed.n is not None
        assert share[needed.n + 1] >= needed.probability - 0.04
        assert share[needed.n - 2] <= needed.probability
    few = CriticalValues(np.linspace(-0.5, 0.6, 50), 1.0, 0.025, 3)
    assert [few(n) == math.inf for n in (1, 2, 4, 5, 6, 7)] == [True] * 4 + [False] * 2
    # at 5e-10 fewer than 32 do not
    rare = CriticalValues(np.linspace(-0.5, 0.6, 50), 1.0, 5e-10, 3)
    assert [rare(n) == math.inf for n in (20, 30, 31, 32, 50)] == [True] * 3 + [False] * 2


# all together


def exact_power(p10: float, p01: float, n: int, level: float) -> float:
    """Every outcome, by the test itself."""
    first = {}
    for k in range(n + 1):
        b = max(first.get(k - 1, 0), k // 2 + 1)
        while b <= k and paired_test(b, k - b, n, level=level).p_value(0.0) > level:
            b += 1
        first[k] = b
    return sum(
        binom.pmf(k, n, p10 + p01) * binom.sf(b - 1, k, p10 / (p10 + p01)) for k, b in first.items()
    )


@pytest.mark.parametrize(
    ("p10", "p01", "level"), [(0.3, 0.1, 0.025), (0.1, 0.0, 0.05), (0.5, 0.2, 1e-4)]
)
def test_a_forecast_decides_as_often_as_it_says(p10: float, p01: float, level: float) -> None:
    for target in (0.5, 0.8):
        n = ExactPower(level).at(p10 + p01).examples(p10 - p01, target)
        assert n is not None
        power, before = (exact_power(p10, p01, m, level) for m in (n, n - 1))
        assert power > target - 0.01
        # with whole counts it jumps
        assert power < target + 0.04 or before < target


def test_a_forecast_for_bets_is_about_right() -> None:
    rng = np.random.default_rng(2)
    pool = np.clip(0.05 + 0.25 * rng.standard_normal(2000), -1, 1)
    n = betting_power(pool, 1.0, 0.025, 0).examples(float(pool.mean()), 0.8)
    assert n is not None
    runs = 60
    decided = sum(
        Bets(rng.choice(pool, n), None, 1.0, 0.025, seed).p_value(0.0) <= 0.025
        for seed in range(runs)
    )
    assert abs(decided / runs - 0.8) < 3 * math.sqrt(0.16 / runs)


@pytest.mark.parametrize("bound", [10.0, 20.0, 100.0, 1000.0])
def test_a_forecast_where_the_bet_is_capped(bound: float) -> None:
    """Then ln W is a sum of ln(1 + 0.99 d/C), nearly normal, of which 5 % of the bets have no
    part.
    """
    gap, spread, most = 0.02, 0.1, 0.99 / bound
    mean = most * gap - most**2 * (gap**2 + spread**2) / 2
    needed = bc.power(gap=gap, spread=spread, loss_bound=bound).needed
    assert needed[1].n > needed[0].n
    for found in needed:
        assert found.n is not None
        wealth = found.n * mean - ndtri(found.probability) * most * spread * math.sqrt(found.n)
        assert wealth == pytest.approx(-math.log(0.95 * 0.025), rel=0.01)


@pytest.mark.slow
@pytest.mark.parametrize(
    "bound",
    [pytest.param(1.0, marks=pytest.mark.long), pytest.param(3.0, marks=pytest.mark.long), 10.0],
)
def test_power_is_how_often_certify_decides(bound: float) -> None:
    draw = np.random.default_rng(7)
    for needed in bc.power(gap=0.02, spread=0.1, loss_bound=bound).needed:
        runs, n = 60, needed.n
        assert n is not None
        found = [
            bc.certify(bound / 2 + d, np.full(n, bound / 2), loss_bound=bound).verdict == "b"
            for d in np.clip(draw.normal(0.02, 0.1, (runs, n)), -bound / 2, bound / 2)
        ]
        p = needed.probability
        assert abs(sum(found) / runs - p) < 3 * math.sqrt(p * (1 - p) / runs)


def test_power_just_below_what_equal_differences_need() -> None:
    """With ln(1/α) C over the gap, 1,845, a decision is not yet likely, and not impossible."""
    found = bc.power(gap=0.02, spread=0.1, loss_bound=10.0, n=1800).probability
    assert found is not None
    assert 0.1 < found < 0.4


@given(
    st.floats(1e-6, 1).map(lambda x: x**3),
    st.sampled_from([0.3, 0.025, 1e-6, 1e-100]),
    st.sampled_from([0.5, 0.8, 0.99]),
)
@settings(max_examples=40, deadline=None)
def test_a_search_for_n_ends_at_the_first_that_is_enough(
    rate: float, level: float, target: float
) -> None:
    """Smooth powers, steps, and powers that never reach the target."""
    needed = (float(ndtri(target)) - float(ndtri(level))) / rate

    def smooth(n: int) -> float:
        return float(ndtr(rate * math.sqrt(n) + ndtri(level)))

    def step(n: int) -> float:
        return 0.9 * (target < 0.9) + 0.999 * (target > 0.9) if n >= needed**2 else 0.0

    for power in (smooth, step):
        found = least_examples(power, target, 7, rate)
        if needed**2 > 1.1e15:
            assert found is None
        elif found is not None:
            assert power(found) >= target
            before = found - max(1, found // 250)
            assert power(found) <= target + 0.0051 or found == 1 or power(before) < target
    assert least_examples(lambda n: 0.3, target, 7, rate) is None
