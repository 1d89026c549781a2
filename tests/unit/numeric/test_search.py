"""Searches against looking everywhere, and which values of a parameter have a position."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import groupby, pairwise
from typing import Any

import numpy as np
import pytest

from boundcalc.numeric.search import (
    LARGEST_COUNT,
    Domain,
    boundaries,
    boundary,
    boundary_between,
    boundary_near,
    first_beyond,
    halved,
    lowest,
    stretches,
    turns,
    whole_domain,
)
from boundcalc.symbolic.parameters import parameter


class Counted:
    """A function that keeps where it was called; no search calls one this often."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function, self.calls = function, list[Any]()

    def __call__(self, at: Any) -> Any:
        self.calls.append(at)
        assert len(self.calls) < 2_000
        return self.function(at)


@pytest.mark.parametrize(("inside", "outside"), [(0, 1000), (1000, 0), (-7, 12), (3, 4)])
def test_an_array_is_searched_like_its_entries(inside: int, outside: int) -> None:
    low, high = sorted((inside, outside))
    cuts = np.arange(low, high) + 0.5
    up = inside < outside
    asked = Counted(lambda p: (p < cuts) == up)
    found = boundaries(asked, np.full(cuts.shape, inside), outside)
    each = [Counted(lambda p, c=c: bool((p < c) == up)) for c in cuts]  # type: ignore[misc]
    alone = [boundary(holds, inside, outside) for holds in each]
    assert found.tolist() == alone
    assert np.all((found < cuts) == up)


@pytest.mark.parametrize("cut", [5, 2**62, 2**63 - 2])
@pytest.mark.parametrize("up", [True, False])
def test_positions_are_as_large_as_64_bits_hold(cut: int, up: bool) -> None:
    ends = (np.array([0]), np.array([2**63 - 1]))
    asked = Counted(lambda p: (p <= cut) == up)
    assert boundaries(asked, *(ends if up else ends[::-1])).tolist() == [cut if up else cut + 1]


@pytest.mark.parametrize(("inside", "outside"), [(0.0, 1.0), (1.0, 0.0)])
def test_numbers_are_cut_in_two_so_often(inside: float, outside: float) -> None:
    holds = [lambda x: x <= 0.3, lambda x: x >= 0.3][inside > outside]
    here, beyond = halved(holds, inside, outside, 20)
    assert holds(here)
    assert not holds(beyond)
    assert abs(here - beyond) == 2.0**-20
    assert halved(holds, inside, outside, 0) == (inside, outside)


@pytest.mark.parametrize("edge", [1, 2, 37, 62, 63])
@pytest.mark.parametrize("top", [64, 2**40])
def test_one_boundary_is_found_in_every_way(edge: int, top: int) -> None:
    """In steps that no table can tell: as many as its logarithm, or less from a guess beside it."""
    for shift in (0, -31):
        for inside, outside, last in ((top, 0, edge), (0, top, edge - 1)):
            inside, outside, last = (x + shift for x in (inside, outside, last))
            up = inside > outside

            def holds(p: int, last: int = last, up: bool = up) -> bool:
                return p >= last if up else p <= last

            asked = Counted(holds)
            assert boundary(asked, inside, outside) == last
            assert len(asked.calls) <= math.log2(top) + 1
            for off in (0, 1, -1, 5, -5):
                guess = min(max(last + off, min(inside, outside)), max(inside, outside))
                asked = Counted(holds)
                assert boundary_near(asked, guess, inside, outside) == last
                assert len(asked.calls) <= 4 + 2 * abs(off)
                assert all(min(inside, outside) <= p <= max(inside, outside) for p in asked.calls)
            asked = Counted(holds)
            pair = first_beyond(asked, outside, inside)
            assert pair is not None
            assert holds(pair[0])
            assert not holds(pair[1])
            away = abs(last - outside)
            assert abs(pair[0] - outside) < 4 * away
            assert len(asked.calls) <= 2 + math.log2(2 * away)


def test_steps_away_from_a_guess_double() -> None:
    asked = Counted(lambda p: p < 1000)
    assert first_beyond(lambda p: not asked(p), 0, 10**9) == (1023, 511)
    assert asked.calls == [1, 3, 7, 15, 31, 63, 127, 255, 511, 1023]
    asked = Counted(lambda p: p > -20)
    assert boundary_near(asked, 0, 0, -1000) == -19
    assert asked.calls[:6] == [0, -1, -3, -7, -15, -31]


def test_a_position_beyond_is_the_furthest_or_there_is_none() -> None:
    assert first_beyond(Counted(lambda p: p == 50), 0, 50) == (50, 31)
    assert first_beyond(Counted(lambda p: p == 1), 0, 1) == (1, 0)
    assert first_beyond(Counted(lambda p: False), 0, 50) is None
    assert first_beyond(Counted(lambda p: p == 0), 0, 0) is None
    assert boundary_near(Counted(lambda p: True), 7, 7, 7) == 7


SHAPES: list[Callable[[float], float]] = [
    lambda x: x,
    lambda x: x**3,
    lambda x: math.copysign(abs(x) ** 0.1, x),
    lambda x: math.expm1(min(x, 600.0)),
    lambda x: math.copysign(1.0, x),
    lambda x: math.inf if x > 3 else x,
    lambda x: x / (1 + abs(x)),
]


@pytest.mark.parametrize("shape", range(len(SHAPES)))
@pytest.mark.parametrize("top", [2, 70, 10**6, 2**53])
def test_a_change_of_sign_is_found_by_secants(shape: int, top: int) -> None:
    """Whatever the distance does elsewhere; rarely in more steps than halving takes three times."""
    for part in (0.0, 1e-4, 0.3, 0.99):
        edge = int(part * (top - 1))
        for inside, outside in ((0, top), (top, 0)):
            sign = 1 if inside == 0 else -1
            asked = Counted(lambda p, e=edge: SHAPES[shape](p - e - 0.5))
            found = boundary_between(asked, inside, outside)
            assert found == (edge if sign > 0 else edge + 1)
            assert all(0 <= p <= top for p in asked.calls)
            assert len(asked.calls) <= 3 * math.log2(top) + 5
            assert len(set(asked.calls)) == len(asked.calls)
    asked = Counted(lambda p: p - 0.7 * top)
    boundary_between(asked, 0, top)
    assert len(asked.calls) <= 6  # of a line: the ends, the root and its neighbour


def test_a_change_next_to_an_end_takes_few_steps() -> None:
    """Where a plain secant keeps the far end and creeps."""
    for power in (3, 9, 25):
        asked = Counted(lambda p, k=power: (p / 1e9) ** k - 1e-3)
        found = boundary_between(asked, 0, 10**9)
        assert asked.function(found) <= 0 < asked.function(found + 1)
        assert len(asked.calls) <= 45


@pytest.mark.parametrize(
    ("distance", "top", "most"),
    [
        (lambda p: 0.1 + 1 / math.sqrt(p + 1) - 0.1012, 10**9, 38),
        (lambda p: math.log(p + 1e-3) - 7.3, 2**53, 29),
        (lambda p: math.exp(20 * p / 1e9) - 1e4, 10**9, 20),
    ],
)
def test_an_end_that_stays_counts_half(
    distance: Callable[[int], float], top: int, most: int
) -> None:
    """With the plain rule these take 45, 45 and 22 steps."""
    asked = Counted(distance)
    found = boundary_between(asked, 0, top)
    assert (distance(found) > 0) is not (distance(found + 1) > 0)
    assert len(asked.calls) <= most


def test_a_distance_of_0_is_on_the_side_that_is_not_above() -> None:
    assert boundary_between(lambda p: max(0, p - 5), 0, 10) == 5
    assert boundary_between(lambda p: max(0, p - 5), 10, 0) == 6
    for size in (0.25, 1.0, 2.0):
        assert boundary_between(lambda p, s=size: s if p >= 5 else -s, 10, 0) == 5  # type: ignore[misc]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 9, 40, 101])
def test_the_lowest_of_a_valley(size: int) -> None:
    for bottom in range(size):
        for left, right in ((1, 1), (3, 1), (1, 50)):
            valley = [(left if p < bottom else right) * abs(p - bottom) for p in range(size)]
            asked = Counted(lambda p, v=valley: v[p - 5])
            assert lowest(asked, 5, 4 + size) == bottom + 5
            assert len(asked.calls) <= 5 + 2 * math.log(size) / math.log(1.5)


@pytest.mark.parametrize(
    ("distances", "hidden"),
    [
        ([3.0, 2.0, 3.0], True),  # turns by as much as half of what is left
        ([2.9, 2.0, 2.9], False),
        ([2.9, 2.0, 3.0], True),
        ([3.0, 2.0, 2.9], True),
        ([2.0, 2.0, 3.0], True),
        ([2.0, 2.0, 2.0], False),
        ([1.9, 2.0, 4.0], False),
        ([4.0, 2.0, 1.9], False),
        ([3.0, -0.1, 3.0], False),  # a change of sign is seen
        ([3.0, 0.0, 3.0], False),
        ([3.0, 0.1, -3.0], False),
        ([-3.0, 0.1, 3.0], False),
    ],
)
def test_what_turns_close_to_0_may_hide_two_changes(distances: list[float], hidden: bool) -> None:
    places = [10, 20, 30]
    for sign in (1.0, -1.0):
        for before, after in (([], []), ([-distances[0]], [-distances[2]])):
            here = [0] * bool(before) + places + [40] * bool(after)
            seen = sign * np.array([*before, *distances, *after])
            asked = Counted(lambda p, s=sign: s * abs(p - 17))
            found = turns(asked, here, seen)
            assert found == ([17] if hidden else [])
            assert all(10 <= p <= 30 for p in asked.calls)


@pytest.mark.parametrize("seed", range(12))
def test_stretches_are_what_looking_everywhere_finds(seed: int) -> None:
    draw = random.Random(seed)
    states = [letter for letter in "abcabcbacb" for _ in range(draw.randint(3, 9))]
    known = sorted({0, len(states) - 1, *range(0, len(states), 3)})
    found = stretches(Counted(lambda p: states[p]), known, [states[p] for p in known])
    assert [(s.state, s.last - s.first + 1) for s in found if s.last is not None] == [
        (state, len(list(group))) for state, group in groupby(states)
    ]


def test_a_known_state_is_kept_whatever_is_said_of_it_later() -> None:
    """Two ways to decide may differ where a value is next to the target."""
    found = stretches(Counted(lambda p: p < 6), [0, 5], [True, False])
    assert [(s.first, s.last, s.state) for s in found] == [(0, 4, True), (5, 5, False)]


def test_whole_numbers_are_their_positions() -> None:
    domain = whole_domain(parameter("m"))
    assert (domain.first, domain.last) == (1, LARGEST_COUNT)
    assert domain.ends[0] == 1
    assert domain.reached == (True, False)
    assert domain.value(7) == domain.position(7) == domain.position(7.9) == 7
    assert domain.position(7.1, up=True) == 8
    assert float(LARGEST_COUNT) + 1 != float(LARGEST_COUNT)
    assert float(LARGEST_COUNT + 1) == float(LARGEST_COUNT + 2)


def test_floats_have_positions_one_by_one() -> None:
    domain = whole_domain(parameter("gamma"))
    for x in (0.0, 1.0, -1.0, 5e-324, -5e-324, 1e-300, -0.1, 1e100, -1e100, 1 - 2.0**-53):
        assert domain.value(domain.position(x)) == x
        assert domain.position(np.nextafter(x, np.inf)) == domain.position(x) + 1
        assert domain.position(np.nextafter(x, -np.inf)) == domain.position(x) - 1
    assert domain.position(0.0) == 0
    assert math.copysign(1, domain.value(0)) == 1
    assert domain.reached == (False, False)
    low, high = domain.value(domain.first), domain.value(domain.last)
    assert (low, high) == (-1e100, 1e100)


def test_what_is_left_out_before_an_open_end() -> None:
    """At least 1e-300; of ln(1/δ) twelve bits are right whatever the last float is."""
    domain = whole_domain(parameter("delta"))
    assert domain.value(domain.first) == 1e-300
    lost = 2.0**-53 / (1 - domain.value(domain.last))
    assert 2.0**-13 < lost <= 2.0**-12
    mirrored = whole_domain(replace(parameter("delta"), low=-1.0, high=0.0))
    assert mirrored.value(mirrored.last) == -1e-300
    assert mirrored.value(mirrored.first) == -domain.value(domain.last)


def test_a_domain_allows_its_reached_ends_as_decimals() -> None:
    domain = replace(whole_domain(parameter("delta")), ends=(0.1, 0.3), reached=(True, False))
    tiny = Fraction(1, 10**40)
    allowed = [Fraction(1, 10), Fraction(1, 10) + tiny, Fraction(3, 10) - tiny]
    assert all(map(domain.allows, allowed))
    assert not any(map(domain.allows, [Fraction(1, 10) - tiny, Fraction(3, 10), Fraction(1, 2)]))
    other = replace(domain, reached=(False, True))
    assert not other.allows(Fraction(1, 10))
    assert other.allows(Fraction(3, 10))
    assert not other.allows(Fraction(3, 10) + tiny)
    endless = whole_domain(parameter("gamma"))
    assert endless.allows(Fraction(-(10**400)))


def scanned(domain: Domain) -> list[float]:
    positions = domain.scan()
    assert positions == sorted(set(positions))
    assert domain.first <= positions[0]
    assert positions[-1] <= domain.last
    return [float(domain.value(p)) for p in positions]


@pytest.mark.parametrize(("first", "last"), [(0, 0), (0, 1), (3, 9), (1, 2000), (-4, 700)])
def test_a_short_scan_of_whole_numbers(first: int, last: int) -> None:
    """All of them next to the lower end, and nothing outside."""
    domain = replace(whole_domain(parameter("m")), first=first, last=last)
    if last:
        found = scanned(domain)
        assert {*range(first, min(first + 500, last + 1)), last} <= set(found)


def test_a_long_scan_of_whole_numbers() -> None:
    found = scanned(whole_domain(parameter("m")))
    assert found[:500] == list(range(1, 501))
    assert found[500] > 501
    far = [b / a for a, b in pairwise(found) if a > 1e6]
    assert max(far) < 2 ** (53.2 / 3999)
    assert min(far[:-1]) > 2 ** (52.8 / 3999)
    assert found[-1] >= 0.999 * LARGEST_COUNT


@pytest.mark.parametrize(
    ("name", "changes", "anchors"),
    [
        ("gamma", {}, [(0.0, 1), (0.0, -1)]),
        ("gamma", {"ends": (-5.0, 3.0)}, [(-5.0, 1), (3.0, -1), (0.0, 1), (0.0, -1)]),
        ("gamma", {"ends": (2.0, 4e9)}, [(2.0, 1)]),
    ],
)
def test_a_scan_of_real_numbers_is_dense_next_to_its_ends_and_0(
    name: str, changes: dict[str, Any], anchors: list[tuple[float, int]]
) -> None:
    domain = whole_domain(parameter(name))
    if changes:
        first, last = map(domain.position, changes["ends"])
        domain = replace(domain, first=first, last=last, **changes)
    found = np.array(scanned(domain))
    low, high = max(domain.ends[0], -1e9), min(domain.ends[1], 1e9)
    assert found[0] == low
    assert found[-1] == high
    assert (0.0 in found) is (low <= 0)
    even = np.diff(found) / (high - low)
    assert even.max() <= 1.001 / 3999
    assert even[len(even) // 3 : -len(even) // 3].max() > 0.3 / 3999
    for anchor, side in anchors:
        away = side * (found - anchor)
        away = np.sort(away[(away > 0.9e-9) & (away < 1e-3)])
        assert away[0] == pytest.approx(1e-9, rel=1e-3 if anchor == 0 else 1e-6)
        steps = np.log(away[1:] / away[:-1])
        assert steps.max() <= 1.02 * math.log(1e18) / 1999 + 1e-4 * (anchor != 0)
        assert len(away) < 1.05 * 6 / 18 * 2000 + 30
