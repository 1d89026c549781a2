"""The decision on a pair of predictors: p-values, interval and verdict, for one pair or for many.

θ = r(A) − r(B). A pair has two one-sided tests, each with p-values p(θ₀) of H: θ ≤ θ₀ that do not
decrease in θ₀ and a lower limit, the θ₀ at which p first exceeds the level. B is better where p(0)
≤ the level; with A and B exchanged, A is.

Step-down (Holm 1979), valid under any dependence
    The h hypotheses "θ ≤ 0" and "θ ≥ 0" of all pairs, or one of both a pair where only that
    direction is asked for, are sorted by p; while the j-th smallest is at most δ/(h − j + 1), it is
    rejected. Any wrong verdict has probability ≤ δ. Intervals have each side at δ/h and hold
    together. For one pair the first step is the interval's level: the verdict is given exactly when
    the interval excludes 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import nextafter
from sys import float_info
from typing import Protocol

from boundcalc.errors import InputError, argument, refuse_unknown
from boundcalc.numeric.domains import exactly

DIRECTIONS = ("both", "more", "less")


class OneSided(Protocol):
    """A test of H: θ ≤ θ₀ for every θ₀."""

    def p_value(self, theta: float) -> float:
        """Does not decrease in theta."""
        ...

    def lower_limit(self, level: float) -> float:
        """Above 0 exactly if p_value(0) ≤ level."""
        ...


@dataclass(frozen=True, eq=False)
class PairTest:
    """Both one-sided tests of a pair.

    Attributes
    ----------
    method : str
    difference : float
        The observed gap.
    bound : float
        The gap is in [−bound, bound].
    b_better, a_better : OneSided
        Of θ, and with A and B exchanged.
    """

    method: str
    difference: float
    bound: float
    b_better: OneSided
    a_better: OneSided


@dataclass(frozen=True)
class Decision:
    """What is decided on a pair.

    Attributes
    ----------
    method : str
    difference : float
    p_value_a, p_value_b : float
        Of "r(A) ≥ r(B)", whose rejection certifies A, and of "r(A) ≤ r(B)", whose rejection
        certifies B; 1 where that direction was not asked for.
    level : float
        Of each side of the interval, and of the first step.
    lower, upper : float
        Limits on r(A) − r(B).
    verdict : {"a", "b"} or None
        The better one; None where the limits contradict one another.
    """

    method: str
    difference: float
    p_value_a: float
    p_value_b: float
    level: float
    lower: float
    upper: float
    verdict: str | None

    @property
    def amount(self) -> float | None:
        """By how much it is better at least; None where only the direction is certified."""
        least = {"a": -self.upper, "b": self.lower, None: 0.0}[self.verdict]
        return least if least > 0 else None


def is_asked(direction: str, difference: float) -> bool:
    """Whether it is asked if the one that looks better, by r(A) − r(B), is better."""
    return direction == "both" or (direction == "more") == (difference > 0)


def level_of_each(delta: float, pairs: int = 1, direction: str = "both", looks: int = 1) -> float:
    """The level at which each hypothesis is tested first: δ over their number, rounded down."""
    refuse_unknown("direction", direction, DIRECTIONS)
    hypotheses = looks * pairs * (2 if direction == "both" else 1)
    if delta / hypotheses < float_info.min:  # what is smaller has lost digits
        raise InputError(
            f"{argument('delta')} = {delta:g} is too small to be divided among {hypotheses}"
        )
    return part_of(delta, 1, hypotheses)


def part_of(delta: float, paid: int, events: int) -> float:
    """The part of δ that some of so many events pay for, an equal share each, rounded down."""
    return delta if paid == events else rounded_down(exactly(delta) * paid / events)


def rounded_down(share: Fraction) -> float:
    """The largest float that is at most the share, so that shares never add up to more than δ."""
    value = float(share)
    return value if Fraction(value) <= share else nextafter(value, 0.0)


def step_down(p_values: Sequence[float], hypotheses: int, delta: float) -> tuple[bool, ...]:
    """Which hypotheses are rejected; those that are left out of p_values are not.

    Parameters
    ----------
    hypotheses : int
        How many there are in all.
    """
    rejected = [False] * len(p_values)
    for done, place in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        if p_values[place] > level_of_each(delta, hypotheses - done, "more"):
            break
        rejected[place] = True
    return tuple(rejected)


def decide(
    tests: Sequence[PairTest], *, delta: float, direction: str = "both", looks: int = 1
) -> tuple[Decision, ...]:
    """Decide pairs together: all verdicts and all intervals hold with probability ≥ 1 − δ each.

    Parameters
    ----------
    tests : sequence of PairTest
        Made for the level `level_of_each(delta, len(tests), direction, looks)`.
    direction : {"both", "more", "less"}
        Whether it is asked if B is better, "more", if A is, "less", or both.
    looks : int
        How often this is done in all.
    """
    level = level_of_each(delta, len(tests), direction, looks)
    hypotheses = len(tests) * (2 if direction == "both" else 1)
    p_b = [t.b_better.p_value(0.0) if direction != "less" else 1.0 for t in tests]
    p_a = [t.a_better.p_value(0.0) if direction != "more" else 1.0 for t in tests]
    # of the two directions of a pair at most one is rejected
    smaller = [min(pair) for pair in zip(p_a, p_b, strict=True)]
    rejected = step_down(smaller, hypotheses, delta / looks)
    found = zip(tests, p_a, p_b, rejected, strict=True)
    return tuple(_decision(test, a, b, said, level, direction) for test, a, b, said in found)


def _decision(
    test: PairTest, p_a: float, p_b: float, rejected: bool, level: float, direction: str
) -> Decision:
    lower, upper = -test.bound, test.bound
    if direction != "less":
        lower = test.b_better.lower_limit(level)
    if direction != "more":
        upper = -test.a_better.lower_limit(level)
    verdict = ("a" if p_a < p_b else "b") if rejected and lower <= upper else None
    return Decision(test.method, test.difference, p_a, p_b, level, lower, upper, verdict)
