"""Shares of δ, steps and verdicts, against fractions and with tests that say what they are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import nextafter
from sys import float_info

import pytest

from boundcalc.errors import InputError
from boundcalc.numeric.decide.decision import (
    Decision,
    PairTest,
    decide,
    is_asked,
    level_of_each,
    part_of,
    rounded_down,
    step_down,
)


@dataclass
class Said:
    """A test of one p-value and one limit, which keeps what it was asked."""

    p: float
    limit: float
    asked: list[float] = field(default_factory=list)

    def p_value(self, theta: float) -> float:
        self.asked.append(theta)
        return self.p

    def lower_limit(self, level: float) -> float:
        self.asked.append(level)
        return self.limit


def pair(p_b: float, p_a: float, lower: float = -0.2, upper: float = 0.3) -> PairTest:
    return PairTest("told", lower + upper, 2.0, Said(p_b, lower), Said(p_a, -upper))


def test_a_share_is_the_largest_float_that_is_no_more() -> None:
    for delta, looks, pairs, direction, sides in (
        ("0.05", 1, 1, "both", 2),
        ("0.1", 1, 7, "more", 1),
        ("0.3", 5, 3, "less", 1),
        ("0.05", 3, 11, "both", 2),
    ):
        found = level_of_each(float(delta), pairs, direction, looks)
        share = Fraction(delta) / (looks * pairs * sides)
        assert Fraction(found) <= share < Fraction(nextafter(found, 1))
    assert level_of_each(0.25) == 0.125
    assert level_of_each(0.1, 1, "more") == 0.1


def test_a_part_of_delta() -> None:
    assert part_of(0.1, 3, 3) == 0.1  # δ itself, not the float below the decimal
    for paid, events in ((1, 3), (2, 7), (5, 6)):
        found, share = part_of(0.1, paid, events), Fraction(1, 10) * paid / events
        assert Fraction(found) <= share < Fraction(nextafter(found, 1))


def test_what_is_a_float_is_not_rounded() -> None:
    assert rounded_down(Fraction(3, 8)) == 0.375
    third = rounded_down(Fraction(1, 3))
    assert Fraction(third) < Fraction(1, 3) < Fraction(nextafter(third, 1))
    above = Fraction(0.1) - Fraction(1, 10**30)  # the nearest float is above
    assert rounded_down(above) == nextafter(0.1, 0)


def test_the_least_delta_that_can_be_divided() -> None:
    assert level_of_each(2 * float_info.min) <= float_info.min
    for delta, pairs in ((1.9 * float_info.min, 1), (3e-308, 4)):
        with pytest.raises(InputError, match="too small to be divided among"):
            level_of_each(delta, pairs)


@pytest.mark.parametrize(
    ("direction", "difference", "asked"),
    [
        ("both", 0.1, True),
        ("both", -0.1, True),
        ("more", 0.5, True),
        ("more", -0.5, False),
        ("less", 0.5, False),
        ("less", -0.5, True),
        ("more", 0.0, False),
        ("less", 0.0, True),
    ],
)
def test_what_is_asked(direction: str, difference: float, asked: bool) -> None:
    assert is_asked(direction, difference) is asked


def test_a_step_that_is_just_met() -> None:
    """Holm's levels of three hypotheses: δ/3, δ/2, δ."""
    levels = [level_of_each(0.1, n, "more") for n in (3, 2, 1)]
    assert step_down(levels, 3, 0.1) == (True, True, True)
    assert step_down([levels[0], *[nextafter(levels[1], 1)] * 2], 3, 0.1) == (True, False, False)
    assert step_down([nextafter(levels[0], 1)] * 3, 3, 0.1) == (False, False, False)
    assert step_down([0.06, 0.001], 5, 0.1) == (False, True)


def test_a_decision_is_what_the_tests_say() -> None:
    """All at δ over the hypotheses and looks, of no gap."""
    found = pair(1e-9, 0.9, 0.1, 0.4)
    (one,) = decide([found], delta=0.06, looks=3)
    assert (one.p_value_b, one.p_value_a, one.lower, one.upper) == (1e-9, 0.9, 0.1, 0.4)
    assert (one.verdict, one.amount, one.method, one.difference) == ("b", 0.1, "told", 0.5)
    assert found.b_better.asked == found.a_better.asked == [0.0, one.level]
    assert one.level == level_of_each(0.06, looks=3) <= 0.01
    assert decide([pair(0.9, 1e-9, -0.4, -0.1)], delta=0.06)[0].verdict == "a"
    assert decide([pair(0.9, 1e-9, -0.4, -0.1)], delta=0.06)[0].amount == 0.1


@pytest.mark.parametrize("looks", [1, 4])
@pytest.mark.parametrize("direction", ["both", "more", "less"])
def test_the_levels_of_several_pairs(direction: str, looks: int) -> None:
    """Two pairs have four hypotheses, or two of one direction: δ/4 first, δ/3 next, or δ/2 and δ."""
    hypotheses = 4 if direction == "both" else 2
    first, second = (level_of_each(0.1 / looks, n, "more") for n in (hypotheses, hypotheses - 1))
    turn = -1 if direction == "less" else 1
    limits = (0.05, 0.3) if turn > 0 else (-0.3, -0.05)
    for p, said in (
        ((first, second), (True, True)),
        ((second, first), (True, True)),
        ((nextafter(first, 1), second), (False, False)),
        ((first, nextafter(second, 1)), (True, False)),
    ):
        tests = [pair(*(x, 0.9)[::turn], *limits) for x in p]
        found = decide(tests, delta=0.1, direction=direction, looks=looks)
        assert tuple(one.verdict is not None for one in found) == said
        assert {one.verdict for one in found} <= {"b" if turn > 0 else "a", None}


@pytest.mark.parametrize(("direction", "kept"), [("more", "b"), ("less", "a")])
def test_a_direction_that_is_not_asked_for_has_no_limit(direction: str, kept: str) -> None:
    found = pair(1e-9, 1e-9, 0.1, 0.3)
    (one,) = decide([found], delta=0.1, direction=direction)
    if kept == "b":
        assert (one.p_value_b, one.p_value_a, one.lower, one.upper) == (1e-9, 1.0, 0.1, 2.0)
    else:
        assert (one.p_value_b, one.p_value_a, one.lower, one.upper) == (1.0, 1e-9, -2.0, 0.3)
    assert one.verdict == kept
    assert one.level == 0.1


def test_an_interval_may_be_a_point_but_not_empty() -> None:
    assert decide([pair(1e-9, 0.5, 0.2, 0.2)], delta=0.1)[0].verdict == "b"
    assert decide([pair(1e-9, 0.5, 0.3, 0.2)], delta=0.1)[0].verdict is None


@pytest.mark.parametrize(
    ("verdict", "lower", "upper", "amount"),
    [
        ("b", 0.25, 0.5, 0.25),
        ("b", 0.0, 0.5, None),
        ("b", -0.25, 0.5, None),
        ("a", -0.5, -0.25, 0.25),
        ("a", -0.5, 0.0, None),
        ("a", -0.5, 0.25, None),
        (None, -0.5, 0.25, None),
        ("b", 1e-9, 0.5, 1e-9),
    ],
)
def test_the_amount_is_the_end_next_to_0(
    verdict: str | None, lower: float, upper: float, amount: float | None
) -> None:
    assert Decision("told", 0.1, 0.1, 0.1, 0.05, lower, upper, verdict).amount == amount
