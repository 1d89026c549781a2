"""Proved paired tests against exact sums of fractions, and their limits in worlds of a known end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from math import comb
from typing import Any

import numpy as np
import pytest

from boundcalc.numeric.decide.paired import Region, score_region
from boundcalc.numeric.decide.proved import (
    ProvedRegion,
    ProvedTest,
    _outcome,
    _Tails,
    _units,
    proved_test,
)
from boundcalc.symbolic import precision


@pytest.fixture(params=[True, False], ids=["flint", "mpmath"])
def arithmetic(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if not request.param:
        monkeypatch.setattr(precision, "_flint", lambda: None)


def single(n: int, k: int, p: Fraction) -> Fraction:
    return comb(n, k) * p**k * (1 - p) ** (n - k)


def tail(b: int, k: int, s: Fraction) -> Fraction:
    return sum((single(k, i, s) for i in range(b, k + 1)), Fraction(0))


def probability(least: list[int], p10: Fraction, p01: Fraction) -> Fraction:
    n, total = len(least) - 1, Fraction(0)
    for k, needed in enumerate(least):
        for b in range(needed, k + 1):
            ways = comb(n, k) * comb(k, b)
            total += ways * p10**b * p01 ** (k - b) * (1 - p10 - p01) ** (n - k)
    return total


def closed(rng: np.random.Generator, n: int) -> list[int]:
    """Of a closed region: least b by k, which grows by 0 or 1, and is at most k + 1."""
    first = int(rng.integers(0, 2))
    least = [first]
    for _ in range(n):
        least.append(least[-1] + int(rng.integers(0, 2)))
    return least


@pytest.mark.usefixtures("arithmetic")
@pytest.mark.parametrize(("n", "k"), [(0, 0), (1, 0), (1, 1), (7, 3), (40, 40), (900, 17)])
def test_the_probability_of_one_outcome_is_enclosed(n: int, k: int) -> None:
    for p in (Fraction(0), Fraction(1, 3), Fraction(7, 8), Fraction(1)):
        with precision.working_digits(40):
            low, high = precision.ends(_outcome(n, k, p))
            units = _units(_outcome(n, k, p), 100)
        true = single(n, k, p)
        assert low <= true <= high <= true + Fraction(1, 10**30)
        assert units[0] <= true * 2**100 <= units[1] <= units[0] + 10
        assert low >= true - Fraction(1, 10**30)


@pytest.mark.parametrize("share", ["0", "1", "1/2", "2/7", "19/20"])
def test_tails_that_follow_a_border_are_bounded_from_above(share: str) -> None:
    s, bits, rng = Fraction(share), 90, np.random.default_rng(3)
    for _ in range(12):
        least = closed(rng, 11)
        first = int(rng.integers(0, 5))
        with precision.working_digits(30):
            tails = _Tails(s, bits)
            found = [Fraction(tails.at(k, least[k]), 2**bits) for k in range(first, 12)]
        for k, bound in enumerate(found, first):
            true = tail(least[k], k, s)
            assert true <= bound <= true + Fraction(100, 2**bits)
        if tails.b is not None:
            one = [Fraction(end, 2 ** (bits + tails.spare)) for end in tails.one]
            true = single(11, tails.b, s)
            assert one[0] <= true <= one[1] <= one[0] + Fraction(400, 2**bits)


@pytest.mark.usefixtures("arithmetic")
@pytest.mark.parametrize("n", [1, 2, 3, 6])
def test_the_probability_of_a_region_is_bounded_tightly(n: int) -> None:
    rng = np.random.default_rng(n)
    shares = [
        *((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (0.0, 0.3), (0.3, 0.0), (0.25, 0.75), (0.5, 0.25)),
        *map(tuple, rng.dirichlet((1, 1, 1), 3)[:, :2].tolist()),
    ]
    omitted = 1e-12
    for p10, p01 in shares:
        for least in ([0] * (n + 1), closed(rng, n)):
            region = ProvedRegion(n, np.array(least))
            bound = region.probability(np.array([p10]), np.array([p01]), omitted)[0]
            true = probability(least, Fraction(p10), Fraction(p01))
            most = min(1, true + Fraction(omitted) * (1 + Fraction(1, 10**15)) + Fraction(2) ** -53)
            assert min(1, true + Fraction(omitted)) <= Fraction(bound) <= most


@pytest.mark.parametrize("omitted", [1e-3, 1e-30, 1e-200])
def test_what_is_omitted_is_as_little_as_was_said(omitted: float) -> None:
    region = ProvedRegion(200, score_region(150, 3, 200).least)
    (found,) = region.probability(np.array([0.2]), np.array([0.1]), omitted)
    true = probability(region.least.tolist(), Fraction(0.2), Fraction(0.1))
    assert true < Fraction(1, 10**40)
    assert 1 <= Fraction(found) / max(true, Fraction(omitted)) <= Fraction(21, 10)
    assert Fraction(found) >= true


def test_tails_that_begin_far_below_what_is_counted_in() -> None:
    """P(B ≥ b) grows with k from less than 2^−bits to far more."""
    s, bits = Fraction(1, 10**6), 90
    for first in (5, 6):
        with precision.working_digits(30):
            tails = _Tails(s, bits)
            found = [Fraction(tails.at(k, 5), 2**bits) for k in range(first, 3_000)]
        assert tail(5, first, s) < Fraction(1, 2**bits)
        true = 1 - sum(single(2_999, i, s) for i in range(5))
        assert true > Fraction(2**20, 2**bits)
        assert true <= found[-1] <= true * (1 + Fraction(1, 10**5))


@pytest.mark.parametrize(("n", "q"), [(9, 1 - 3e-7), (40, 1 - 1e-12), (40, 1 - 2.0**-53)])
def test_a_region_of_examples_that_are_nearly_all_discordant(n: int, q: float) -> None:
    """The likeliest number is far more likely than the first one of which there is a sum."""
    region = ProvedRegion(n, score_region(n - 1, 0, n).least)
    (found,) = region.probability(np.array([q / 2]), np.array([q / 2]), 1e-9)
    true = probability(region.least.tolist(), Fraction(q) / 2, Fraction(q) / 2)
    assert true <= Fraction(found) <= true + Fraction(1.01e-9)


@pytest.mark.parametrize(("b", "c", "n"), [(8, 0, 9), (30, 0, 31), (30, 2, 33)])
def test_what_floats_reject_is_rejected_with_a_proof(b: int, c: int, n: int) -> None:
    """Also where nearly all examples are discordant."""
    test = proved_test(b, c, n, level=0.025)
    assert test.p_value(0.0) == pytest.approx(test.test.p_value(0.0), rel=1e-9)
    assert test.lower_limit(0.025) == pytest.approx(test.test.lower_limit(0.025), abs=1e-9)


def test_shares_that_add_up_to_more_than_1_as_they_were_rounded() -> None:
    """The second one gives way, as far as 200 examples show it."""
    p10, n = 0.7, 200
    p01 = float(np.nextafter(1 - p10, 1))
    assert Fraction(p10) + Fraction(p01) > 1
    region = ProvedRegion(n, score_region(180, 2, n).least)
    (found,) = region.probability(np.array([p10]), np.array([p01]), 1e-200)
    true = probability(region.least.tolist(), Fraction(p10), 1 - Fraction(p10))
    assert true < 1e-9
    assert true <= Fraction(found) <= true * (1 + Fraction(2.0**-52))


@pytest.mark.parametrize(("b", "c", "n"), [(3, 1, 8), (0, 5, 9), (9, 0, 9), (0, 0, 4), (40, 9, 99)])
@pytest.mark.parametrize("level", [0.025, 1e-40])
def test_the_discordance_lies_in_its_clopper_pearson_interval(
    b: int, c: int, n: int, level: float
) -> None:
    test = proved_test(b, c, n, level=level).test
    k, half = b + c, Fraction(1e-4 * level) / 2
    low, high = map(Fraction, test.q)
    assert 0 <= low < high <= 1
    assert test.gamma == 1e-4 * level
    assert (low == 0) is (k == 0)
    assert high == 1 if k == n else high < 1 or level < 1e-30
    if k:
        inwards = low * (1 + Fraction(1, 10**14))
        assert tail(k, n, low) <= half < tail(k, n, inwards)
    if k < n and high < 1:
        inwards = high - Fraction(1, 10**14)
        assert 1 - tail(k + 1, n, high) <= half < 1 - tail(k + 1, n, inwards)


def test_a_limit_next_to_1_is_no_more_than_1() -> None:
    assert proved_test(29, 0, 30, level=1e-60).test.q[1] == 1


@dataclass(frozen=True)
class World:
    """A test that rejects up to an end; every hypothesis that it was asked about is kept."""

    end: float
    said: float
    region: Any
    asked: list[float] = field(default_factory=list)

    def rejects(self, theta: float, level: float) -> bool:
        self.asked.append(theta)
        return theta <= self.end

    def p_value(self, theta: float) -> float:
        self.asked.append(theta)
        return 0.01 if theta <= self.end else 0.5

    def lower_limit(self, level: float) -> float:
        return self.said


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Callable[[float, float], tuple[World, ProvedTest]]:
    def made(end: float, said: float) -> tuple[World, ProvedTest]:
        found = World(end, said, Region(100, np.zeros(101, dtype=np.int64)))
        monkeypatch.setattr(ProvedTest, "_proved", found)
        return found, ProvedTest(found)  # type: ignore[arg-type]

    return made


ROUNDING = 2.0**-51
"""Floats of θ and of q in [0, 1], and their sum, are off by less."""


@pytest.mark.parametrize("end", [-1.5, -0.999, -0.3, -1e-7, 0.0, 1e-15, 2e-15, 1e-7, 0.3, 0.9])
@pytest.mark.parametrize("off", [-0.4, -1e-3, -1e-12, 0.0, 1e-12, 3e-10, 3e-7, 3e-3, 0.09, 0.4])
def test_a_proved_limit_is_rejected_and_close_to_the_last_one(
    end: float, off: float, world: Callable[[float, float], tuple[World, ProvedTest]]
) -> None:
    """However far the guess of floats is from the true end."""
    for said in (end + off, 0.0) if off == 0 else (end + off,):
        truth, test = world(end, said)
        limit = test.lower_limit(0.05)
        decided = truth.rejects(2.0**-50, 0.05)
        assert (limit > 0) is decided
        assert limit >= -1
        assert limit == -1 or limit <= end - (ROUNDING if abs(limit) > 1e-12 else 0)
        if 1e-9 < off < 0.09 and abs(said) > 0.2:  # one step too far at the most, each 10³ or less
            assert limit >= end - 1001 * off
        if off == -1e-3 and abs(end) > 0.2 and end > -0.99:
            assert limit == said


def test_hypotheses_are_tested_further_out_than_floats_are_off(
    world: Callable[[float, float], tuple[World, ProvedTest]],
) -> None:
    truth, test = world(1.0, 0.0)
    for theta in (-0.7, 0.0, 0.4):
        test.p_value(theta)
        assert theta + ROUNDING < truth.asked[-1] < theta + 1e-12


@pytest.mark.parametrize(("b", "c", "n"), [(5, 1, 12), (1, 5, 12), (8, 0, 9), (3, 3, 9)])
def test_a_proved_p_value_is_above_the_probability_at_every_discordance(
    b: int, c: int, n: int
) -> None:
    """The supremum over q of the exact probability, and what is left out of q."""
    level = 0.05
    proved = proved_test(b, c, n, level=level)
    region, test = proved._proved.region, proved.test
    assert isinstance(region, ProvedRegion)
    for theta in (-0.2, 0.0, 0.1):
        low, high = max(test.q[0], abs(theta)), test.q[1]
        tried = [Fraction(low + (high - low) * i / 16) for i in range(17)]
        gap = Fraction(theta)
        found = max(
            probability(region.least.tolist(), (q + gap) / 2, max((q - gap) / 2, Fraction(0)))
            for q in tried
        )
        value = proved.p_value(theta)
        found = min(found + Fraction(test.gamma), Fraction(1))
        assert found <= Fraction(value) <= found * Fraction("1.02")
    limit = proved.lower_limit(level)
    assert proved.p_value(limit) <= level
    assert limit == -1 or proved.p_value(limit + 0.02) > level
