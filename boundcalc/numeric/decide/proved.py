"""Paired tests of 0/1 losses with every rounding on the safe side.

`ProvedRegion` bounds the probability of a region from above in whole numbers, rounded up, where
`Region` trusts floats. Along the border of a region, b = least[k], a step of k is a step of b by 0
or 1, because the region is closed, so that with s = p₁₀/q, for K discordant examples,

    P(B ≥ b | k + 1) = P(B ≥ b | k) + s P(B = b − 1 | k),
    P(B ≥ b + 1 | k + 1) = P(B ≥ b | k) − (1 − s) P(B = b | k),

and the probabilities of single outcomes differ by rational factors. Only the first of each is
enclosed by interval arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import ceil, floor, log10
from typing import Any

import numpy as np

from boundcalc.numeric.arithmetic import float_above, outer_end
from boundcalc.numeric.decide.paired import (
    GAMMA_SHARE,
    Floats,
    Region,
    Trinomial,
    score_region,
)
from boundcalc.symbolic.functions import BinomialLower, BinomialUpper, binomial_tail
from boundcalc.symbolic.precision import ends, gamma, interval, working_digits

_DIGITS = 30
_BESIDE = 2.0**-50
"""A hypothesis is tested this much further out: more than floats of it and of q are off by."""
_STEPS = (0.0, 1e-9, 1e-6, 1e-4, 1e-3, 1e-2, 0.1, 1.0)


@dataclass(frozen=True)
class ProvedRegion(Region):
    """A closed set of outcomes whose probability is proved to be at most what is said."""

    def probability(self, p10: Floats, p01: Floats, omitted: float) -> Floats:
        """An upper bound on the probability, for each parameter."""
        found = np.empty(p10.shape)
        digits = _DIGITS + 2 * ceil(-log10(omitted))
        with working_digits(digits):
            for place, (b, c) in enumerate(zip(p10.tolist(), p01.tolist(), strict=True)):
                likely = self._likely(np.array([b + c]), omitted)
                first, last = (int(end[0]) for end in likely)
                shares = Fraction(b), min(Fraction(c), 1 - Fraction(b))
                inside = self._above(max(first - 1, 0), min(last + 1, self.n), *shares, 3 * digits)
                found[place] = min(float_above(inside + Fraction(omitted)), 1.0)
        return found

    def _above(self, first: int, last: int, p10: Fraction, p01: Fraction, bits: int) -> Fraction:
        """A limit on the probability of the part with so many discordant examples."""
        q = p10 + p01
        odds = q if q == 1 else q / (1 - q)
        if q == 1:  # all are discordant
            first = self.n
        begin = _outcome(self.n, first, q)
        spare = _spare_bits(begin)
        weight = _units(begin, bits + spare)[1]
        tails = _Tails(p10 / q if q else q, bits)
        total = 0
        for k in range(first, last + 1):
            total += weight * tails.at(k, int(self.least[k]))
            weight = -(-weight * (self.n - k) * odds.numerator // ((k + 1) * odds.denominator))
        return Fraction(total, 1 << 2 * bits + spare)


class _Tails:
    """Upper bounds on P(Bin(k, s) ≥ b) in units of 2^−bits, for k that grow one by one."""

    def __init__(self, s: Fraction, bits: int) -> None:
        self.s, self.bits = s, bits
        self.hit, self.miss = s.numerator, s.denominator - s.numerator
        self.b: int | None = None  # the last one, where P(B ≥ b) was no whole number
        # P(B ≥ b) from above, P(B = b) from below and from above, in units of 2^−(bits + spare)
        self.tail: int
        self.one: tuple[int, int]
        self.spare: int

    def at(self, k: int, b: int) -> int:
        """The bound at the next k, with b or b + 1 after b."""
        if b == 0 or b > k or self.s == 1:
            self.b = None
            return (b <= k) << self.bits
        if self.b is None:
            one = _outcome(k, b, self.s)
            self.spare = _spare_bits(one)
            self.one = _units(one, self.bits + self.spare)
            tail = binomial_tail(b, k, self.s, step=1)
            self.tail = _units(tail, self.bits + self.spare)[1]
        else:
            self._step(k, b, self.b)
        self.b = b
        return -(-self.tail >> self.spare)

    def _step(self, k: int, b: int, old: int) -> None:
        (low, high), whole = self.one, self.hit + self.miss
        if b == old:
            self.tail -= -high * b * self.miss // ((k - b) * whole)
            up, down = k * self.miss, (k - b) * whole
        else:
            self.tail -= low * self.miss // whole
            up, down = k * self.hit, b * whole
        self.one = low * up // down, -(-high * up // down)


def _units(box: Any, bits: int) -> tuple[int, int]:
    """An interval in whole units, outwards."""
    low, high = ends(box)
    return floor(low * (1 << bits)), ceil(high * (1 << bits))


def _spare_bits(box: Any) -> int:
    """How many more bits a probability takes, with which others grow that are computed from it."""
    high = Fraction(ends(box).upper)
    return high.denominator.bit_length() - high.numerator.bit_length()


def _outcome(n: int, k: int, p: Fraction) -> Any:
    """An interval around P(Bin(n, p) = k)."""
    total, hits, misses = (gamma(interval(count + 1)) for count in (n, k, n - k))
    return total / hits / misses * interval(p) ** k * interval(1 - p) ** (n - k)


@dataclass(frozen=True)
class ProvedTest:
    """A paired test whose p-values and limits are proved: those of floats, moved out where need be.

    Attributes
    ----------
    test : Trinomial
        Of floats.
    """

    test: Trinomial

    @cached_property
    def _proved(self) -> Trinomial:
        region = self.test.region
        return replace(self.test, region=ProvedRegion(region.n, region.least))

    def p_value(self, theta: float) -> float:
        """The p-value of H: θ ≤ theta, rounded up."""
        return self._proved.p_value(theta + _BESIDE)

    def lower_limit(self, level: float) -> float:
        """A point at which H is rejected at this level, above 0 exactly if 0 is rejected."""
        guess = self.test.lower_limit(level)
        above = self._proved.rejects(_BESIDE, level)
        for step in _STEPS:
            point = guess - step
            if (point > 0) is above and self._proved.rejects(point + _BESIDE, level):
                return max(point, -1.0)
        return _BESIDE / 4 if above else -1.0


def proved_test(b: int, c: int, n: int, *, level: float) -> ProvedTest:
    """As `paired_test`, with limits on the discordance that are proved."""
    share = GAMMA_SHARE * level
    with working_digits(_DIGITS):
        arguments = [interval(x) for x in (b + c, n, Fraction(share) / 2)]
        low, high = (ends(limit.enclose(*arguments)) for limit in (BinomialLower, BinomialUpper))
    q = outer_end(low, False), min(outer_end(high, True), 1.0)
    return ProvedTest(Trinomial(score_region(b, c, n), q, share))
