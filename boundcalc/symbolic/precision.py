"""Interval arithmetic: python-flint's arb where it is installed, else mpmath's intervals.

Both take +, −, ×, ÷ and whole powers, and say of ``x > 0`` that it is true only where it is proved.
The rest is here, so that a formula is enclosed in one way whichever of the two runs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import cache
from math import inf
from typing import Any, NamedTuple

from mpmath import iv, mp

_MPMATH = type(iv.mpf(0))
_FARTHEST = 100_000
"""Beyond 2 to this power an end is infinite, and below its inverse 0: no fraction is that long."""


class Box(NamedTuple):
    """The ends of an interval: fractions, or infinite."""

    lower: Any
    upper: Any

    @property
    def width(self) -> Any:
        """How far apart the ends are."""
        return self.upper - self.lower

    @property
    def sign(self) -> int | None:
        """−1, 0 or 1; None where it is open."""
        if self.lower > 0 or self.upper < 0:
            return 1 if self.lower > 0 else -1
        return 0 if self.lower == 0 == self.upper else None


@contextmanager
def working_digits(digits: int) -> Iterator[None]:
    """Work with so many decimal digits, in intervals and in mpmath's numbers alike."""
    flint = _flint()
    before = iv.dps, flint and flint.ctx.dps
    with mp.workdps(digits):
        iv.dps = digits
        if flint:
            flint.ctx.dps = digits
        try:
            yield
        finally:
            iv.dps = before[0]
            if flint:
                flint.ctx.dps = before[1]


@cache
def _flint() -> Any:
    """python-flint, or None: everything works without it, with more patience."""
    try:
        import flint
    except ImportError:
        return None
    return flint


def interval(number: Fraction | int, like: Any = None) -> Any:
    """An interval around a number, of the kind of another one, or of the faster kind."""
    flint = None if isinstance(like, _MPMATH) else _flint()
    if flint:
        return flint.arb(flint.fmpq(number.numerator, number.denominator))
    return iv.mpf(number.numerator) / number.denominator


def pi(like: Any = None) -> Any:
    """An interval around π."""
    return +iv.pi if isinstance(like, _MPMATH) or not _flint() else _flint().arb.pi()


def log(x: Any) -> Any:
    """The natural logarithm; of what is not proved to be positive there is none."""
    if not x > 0:
        raise TypeError("the logarithm of what is not proved to be positive")
    return iv.log(x) if isinstance(x, _MPMATH) else x.log()


def exp(x: Any) -> Any:
    """The exponential function."""
    return iv.exp(x) if isinstance(x, _MPMATH) else x.exp()


def sqrt(x: Any) -> Any:
    """The root; of what is not proved to be nonnegative there is none."""
    if not x >= 0:
        raise TypeError("the root of what is not proved to be nonnegative")
    return iv.sqrt(x) if isinstance(x, _MPMATH) else x.sqrt()


def gamma(x: Any) -> Any:
    """The gamma function."""
    return iv.gamma(x) if isinstance(x, _MPMATH) else x.gamma()


def hull(box: Iterable[Any], like: Any = None) -> Any:
    """An interval with these ends.

    Raises
    ------
    TypeError
        If one is infinite.
    """
    low, high = box
    if isinstance(low, float) or isinstance(high, float):
        raise TypeError("an interval without end")
    first, last = interval(low, like), interval(high, like)
    return iv.mpf([first.a, last.b]) if isinstance(first, _MPMATH) else first.union(last)


def whole_within(x: Any) -> int:
    """The whole number that an interval stands for."""
    return round(Fraction(sum(ends(x))) / 2)


def ends(x: Any) -> Box:
    """The exact ends of an interval; infinite where one is nowhere near any number."""
    if isinstance(x, _MPMATH):
        first, last = ((-man if negative else man, exp) for negative, man, exp, _ in x._mpi_)
        finite = all(man or not exp for man, exp in (first, last))
        return Box(-_above(-first[0], first[1]), _above(*last)) if finite else Box(-inf, inf)
    if not x.is_finite():
        return Box(-inf, inf)
    (man, exp), radius = (tuple(map(int, part.man_exp())) for part in (x.mid(), x.rad()))
    around = _above(*radius)
    low, high = (
        inf if inf in (end, around) else end + around
        for end in (_above(-man, exp), _above(man, exp))
    )
    return Box(-low, high)


def _above(man: int, exp: int) -> Fraction | float:
    """man·2^exp, or a limit on it where that is no fraction to compute with."""
    size = man.bit_length() + exp
    if man and size > _FARTHEST:
        return inf if man > 0 else -Fraction(1 << _FARTHEST)
    if man and size < -_FARTHEST:
        return Fraction(man > 0, 1 << _FARTHEST)
    return Fraction(int(man) << exp) if exp >= 0 else Fraction(int(man), 1 << -exp)
