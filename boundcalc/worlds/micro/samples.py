"""All samples of m points, up to their order, with exact probabilities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import comb, factorial, lcm, prod
from typing import Any

import numpy as np

from boundcalc.errors import InputError, shorten
from boundcalc.numeric.domains import exactly
from boundcalc.worlds.checks import Floats, Ints, checked_whole

_MOST_SAMPLES = 1_000_000


@dataclass(frozen=True, eq=False)
class Draws:
    """A distribution on points, and how often each point occurs in each sample.

    Attributes
    ----------
    law : tuple of Fraction
        The probability of each point.
    counts : ndarray of shape (samples, points)
    """

    law: tuple[Fraction, ...]
    counts: Ints

    @property
    def size(self) -> int:
        """The number of points in a sample."""
        return int(self.counts[0].sum())

    @cached_property
    def probabilities(self) -> Floats:
        """The law as floats."""
        return np.array([float(p) for p in self.law])

    @property
    def everywhere(self) -> Floats:
        """The law beside each sample, shape (samples, points)."""
        return np.broadcast_to(self.probabilities, self.counts.shape)

    @cached_property
    def frequencies(self) -> Floats:
        """The counts divided by the size."""
        return np.asarray(self.counts / self.size)


@dataclass(frozen=True, eq=False)
class Chances:
    """The probabilities of all samples: whole-number weights over their sum."""

    weights: tuple[int, ...]
    total: int

    @cached_property
    def floats(self) -> Floats:
        """As floats."""
        return np.array([weight / self.total for weight in self.weights])

    def __mul__(self, other: Chances) -> Chances:
        """Of independent pairs, the second running fastest."""
        weights = tuple(a * b for a in self.weights for b in other.weights)
        return Chances(weights, self.total * other.total)


def _compositions(m: int, parts: int) -> Iterator[tuple[int, ...]]:
    if parts == 1:
        yield (m,)
        return
    for first in range(m + 1):
        for rest in _compositions(m - first, parts - 1):
            yield (first, *rest)


def _arrangements(counts: Sequence[int]) -> int:
    """In how many orders the points can be drawn."""
    left, ways = sum(counts), 1
    for count in counts:
        ways *= comb(left, count)
        left -= count
    return ways


def _binomial(hit: int, miss: int, m: int) -> tuple[int, ...]:
    """The weights of 0, …, m hits, each from the one before: m may be large."""
    weights = [miss**m]
    for k in range(m):
        weights.append(weights[-1] * (m - k) * hit // ((k + 1) * miss))
    return tuple(weights)


def probabilities(given: Iterable[Any]) -> tuple[Fraction, ...]:
    """A distribution on a few points, exactly: 0.1 is 1/10.

    Raises
    ------
    InputError
        If one is not a number in [0, 1], or they do not sum to 1.
    """
    law = []
    for p in given:
        try:
            law.append(exactly(p))
        except (TypeError, ValueError):
            raise InputError(f"the probability {shorten(p)} is not a number") from None
        if not 0 <= law[-1] <= 1:
            raise InputError(f"the probability {law[-1]} is not in [0, 1]")
    if sum(law) != 1:
        raise InputError(f"the probabilities of the points do not sum to 1 but to {sum(law)}")
    return tuple(law)


def all_samples(given: Iterable[Any], m: int) -> tuple[Draws, Chances]:
    """Every sample of m draws from a distribution on a few points.

    Parameters
    ----------
    given : iterable of Fraction, int, float or Decimal
        The probability of each point.
    m : int

    Raises
    ------
    InputError
        If the probabilities are none, or there are more than a million samples up to their order.
    """
    law, m = probabilities(given), checked_whole("m", m, 1)
    count = comb(m + len(law) - 1, m)
    if count > _MOST_SAMPLES:
        raise InputError(
            f"{m} draws from {len(law)} points have {count:,} samples: too many to enumerate"
        )
    base = lcm(*(p.denominator for p in law))
    shares = [int(p * base) for p in law]
    rows = list(_compositions(m, len(law)))
    if len(law) == 2:
        weights = _binomial(shares[0], shares[1], m)
    else:
        powers = (prod(s**c for s, c in zip(shares, row, strict=True)) for row in rows)
        weights = tuple(_arrangements(row) * p for row, p in zip(rows, powers, strict=True))
    return Draws(law, np.array(rows, dtype=np.int64)), Chances(weights, base**m)


def _partitions(m: int, parts: int, largest: int) -> Iterator[tuple[int, ...]]:
    if m == 0:
        yield ()
    elif parts:
        for first in range(min(m, largest), 0, -1):
            for rest in _partitions(m - first, parts - 1, first):
                yield (first, *rest)


def orbits(points: int, m: int) -> tuple[Draws, Chances]:
    """One sample for each way to repeat points, for the uniform distribution on many points.

    Enough where nothing depends on which points they are: points are interchangeable.
    """
    rows, weights = [], []
    for parts in _partitions(m, points, m):
        row = (*parts, *([0] * (points - len(parts))))
        placings = factorial(points) // prod(factorial(n) for n in Counter(row).values())
        rows.append(row)
        weights.append(_arrangements(parts) * placings)
    law = (Fraction(1, points),) * points
    return Draws(law, np.array(rows, dtype=np.int64)), Chances(tuple(weights), points**m)
