"""Numbers that are exact, or lie between two fractions: the arithmetic of the law.

Independent of the product's own enclosures: a mistake there must not hide itself here.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, reduce
from math import ceil, comb, gamma, isqrt, sqrt
from typing import Any

import numpy as np
from mpmath import iv
from mpmath.libmp import to_rational
from sympy import Expr, Symbol, ceiling, exp, log, pi

from boundcalc.numeric.special import IMPLEMENTATIONS

_BITS = 160
_ONE = 1 << _BITS
_ACCURACY = Fraction(1, 10**8)
"""How far the inversions of SciPy may be off."""


class Undefined(Exception):
    """An expression has no value, such as the root of a negative number."""


class NoValue(Undefined):
    """An expression is infinite: a division by 0."""


@dataclass(frozen=True)
class Interval:
    """The numbers from `low` to `high`; one exact number where both agree."""

    low: Fraction
    high: Fraction

    def __add__(self, other: Interval) -> Interval:
        return _tidy(self.low + other.low, self.high + other.high)

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __sub__(self, other: Interval) -> Interval:
        return self + -other

    def __mul__(self, other: Interval) -> Interval:
        if self.low == self.high and other.low == other.high:
            return exact(self.low * other.low)
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return _tidy(min(ends), max(ends))

    def inverse(self) -> Interval:
        """1/x."""
        if self.low <= 0 <= self.high:
            raise NoValue("a division by 0")
        return _tidy(1 / self.high, 1 / self.low)

    def root(self) -> Interval:
        """√x."""
        if self.low < 0:
            raise Undefined("the root of a negative number")
        return Interval(_root_below(self.low), _root_above(self.high))

    def power(self, exponent: Fraction) -> Interval:
        """x to a rational power."""
        if exponent.denominator == 2:
            return self.root().power(Fraction(exponent.numerator))
        if exponent.denominator != 1:
            return (self.log() * exact(exponent)).exp()
        if exponent < 0:
            return self.power(-exponent).inverse()
        return reduce(operator.mul, [self] * int(exponent), ONE)

    def log(self) -> Interval:
        """Natural logarithm."""
        if self.low <= 0:
            raise Undefined("the logarithm of a number that is not positive")
        return ZERO if self.low == self.high == 1 else self._through(iv.log)

    def exp(self) -> Interval:
        """e to the power x."""
        return self._through(iv.exp)

    def _through(self, function: Callable[[Any], Any]) -> Interval:
        ends = [iv.mpf(e.numerator) / e.denominator for e in (self.low, self.high)]
        values = [_fractions(function(end)) for end in ends]
        return _tidy(values[0][0], values[1][1])


def exact(value: Fraction | int) -> Interval:
    """One number."""
    return Interval(Fraction(value), Fraction(value))


def around(value: float) -> Interval:
    """A number that SciPy computed."""
    if not np.isfinite(value):
        raise Undefined("no finite value")
    middle = Fraction(float(value))
    return Interval(middle - _ACCURACY, middle + _ACCURACY)


ZERO, ONE = exact(0), exact(1)


def largest(*parts: Interval) -> Interval:
    """The largest of some numbers."""
    return Interval(max(p.low for p in parts), max(p.high for p in parts))


def least(*parts: Interval) -> Interval:
    """The smallest of some numbers."""
    return Interval(min(p.low for p in parts), min(p.high for p in parts))


def total(parts: list[Interval]) -> Interval:
    """The sum."""
    return sum(parts, ZERO)


def _tidy(low: Fraction, high: Fraction) -> Interval:
    """Rounded outward where it is no exact number, so that the fractions stay short."""
    if low == high:
        return Interval(low, high)
    return Interval(
        Fraction(low.numerator * _ONE // low.denominator, _ONE),
        Fraction(-(-high.numerator * _ONE // high.denominator), _ONE),
    )


def _root_below(x: Fraction) -> Fraction:
    whole = isqrt(x.numerator), isqrt(x.denominator)
    if whole[0] ** 2 == x.numerator and whole[1] ** 2 == x.denominator:
        return Fraction(*whole)
    return Fraction(isqrt(x.numerator * _ONE * _ONE // x.denominator), _ONE)


def _root_above(x: Fraction) -> Fraction:
    below = _root_below(x)
    return below if below**2 == x else below + Fraction(1, _ONE)


def _fractions(interval: Any) -> tuple[Fraction, Fraction]:
    low, high = (Fraction(*map(int, to_rational(end))) for end in interval._mpi_)
    return low, high


@lru_cache
def _pi() -> Interval:
    return Interval(*_fractions(+iv.pi))


def value_of(expr: Expr, lookup: Callable[[Symbol], Interval]) -> Interval:
    """The value of an expression; a floating-point number is the binary fraction that it is.

    Raises
    ------
    Undefined
        If it has none.
    """
    if expr.is_Symbol:
        return lookup(expr)
    if expr.is_Rational:
        return exact(Fraction(int(expr.p), int(expr.q)))
    if expr.is_Float:
        return exact(Fraction(*map(int, to_rational(expr._mpf_))))
    if expr is pi:
        return _pi()
    if not expr.args:
        raise Undefined(f"{expr} is no number")
    parts = [value_of(arg, lookup) for arg in expr.args]
    if expr.is_Add:
        return total(parts)
    if expr.is_Mul:
        return reduce(operator.mul, parts)
    if expr.is_Pow:
        return _power(*parts)
    if isinstance(expr, log):
        return parts[0].log()
    if isinstance(expr, exp):
        return parts[0].exp()
    return _function(expr, parts)


def _power(base: Interval, exponent: Interval) -> Interval:
    if exponent.low == exponent.high:
        return base.power(exponent.low)
    return (base.log() * exponent).exp()


def _function(expr: Expr, parts: list[Interval]) -> Interval:
    name = type(expr).__name__
    if isinstance(expr, ceiling):
        return Interval(Fraction(ceil(parts[0].low)), Fraction(ceil(parts[0].high)))
    if name == "Abs":
        return largest(parts[0], -parts[0])
    if name in ("Largest", "Max"):
        return largest(*parts)
    if name in ("Least", "Min"):
        return least(*parts)
    if name == "LogGrowth":
        m, d = (int(part.low) for part in parts)
        return exact(sum(comb(m, i) for i in range(d + 1))).log()
    values = [float((part.low + part.high) / 2) for part in parts]
    if name.startswith("Binomial") and not (0 <= values[0] <= values[1] and 0 < values[2] < 1):
        raise Undefined(f"{name} at {values}")
    if name.startswith("KL") and not (0 <= values[0] <= 1 and values[1] > 0):
        raise Undefined(f"{name} at {values}")
    if name == "NormalMoment":
        (q,) = values
        return around(sqrt(2) * (gamma((q + 1) / 2) / sqrt(np.pi)) ** (1 / q))
    if name == "EntropyIntegral" and values[2] == 2:
        return around(_quadratic_integral(*values[:2]))
    if name not in IMPLEMENTATIONS:
        raise Undefined(f"no value for {name}")
    implementation: Any = IMPLEMENTATIONS[name]
    return around(float(implementation(*values)))


def _quadratic_integral(m: float, scale: float) -> float:
    """min{½, inf_α 4α/√m + (12/m) ∫_α^√m √A/ε dε}: the derivative is 0 at α = 3√(A/m)."""
    start = min(3 * sqrt(scale / m), sqrt(m))
    return min(0.5, 4 * start / sqrt(m) + 12 / m * sqrt(scale) * float(np.log(sqrt(m) / start)))
