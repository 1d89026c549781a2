"""Limits that are defined by an equation, or a sum, instead of a formula.

``BinomialUpper(k, n, δ)`` and ``BinomialLower(k, n, δ)`` are the Clopper–Pearson limits;
``KLUpper(q, c)`` and ``KLLower(q, c)`` are the ends of {p : kl(q‖p) ≤ c}. Here they are symbols
with a definition and a proved enclosure; the numeric layer inverts the defining equation.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from math import comb
from typing import Any, ClassVar

from mpmath import mp
from mpmath.libmp import to_rational
from sympy import Function

from boundcalc.errors import ConvergenceError
from boundcalc.symbolic.precision import Box, ends, exp, hull, interval, log, pi, sqrt, whole_within


class LimitFunction(Function):  # type: ignore[misc]
    """A limit defined by an equation, its `definition`; `values` holds all its values."""

    glyph: ClassVar[str]
    latex_name: ClassVar[str]
    definition: ClassVar[str]
    values: ClassVar[tuple[float, float]] = (0.0, 1.0)

    @classmethod
    def eval(cls, *args: Any) -> None:
        """Never evaluates by itself."""

    @property
    def meaning(self) -> str:
        """The definition, for as many arguments as it has here."""
        return self.definition

    @classmethod
    def enclose(cls, *parts: Any) -> Any:
        """Enclose the value, given enclosures of the arguments."""
        raise TypeError("no enclosure")

    def _latex(self, printer: Any, exp: Any = None) -> str:
        inside = ",\\,".join(printer._print(arg) for arg in self.args)
        return rf"{self.latex_name}\left({inside}\right)"


_NEWTON = 100
_MOST_BITS_OF_N, _MOST_BITS = 100, 10**7  # of the trials, and of a binomial coefficient
_MOST_LOGIT = 50_000  # of a limit on a relative entropy that is found by Newton's method
_SPARE_BITS = (4, 12, 20, 28)
Excess = Callable[[Fraction], Any]
"""An interval around how far a defining equation is exceeded at a point; it increases."""


def _root(excess: Excess, guess: Callable[[], tuple[Fraction, Fraction]], bits: int) -> Box:
    """Enclose a root in (0, 1): the sign of `excess` is proved at both ends.

    `guess` gives about where the root is and how far it is from 0 or 1, and `bits` how many of them
    are known of the equation; where the guess is no good, the interval is halved.
    """
    p, room = guess()
    for spare in _SPARE_BITS:
        around = room * Fraction(2) ** (spare - bits)
        low, high = p - around, p + around
        if low > 0 and high < 1 and excess(low) < 0 and excess(high) > 0:
            return Box(low, high)
    return _halved(excess, Fraction(0), Fraction(1))


def _halved(excess: Excess, low: Fraction, high: Fraction) -> Box:
    """Halve an interval around a root.

    Close to the root the sign is open, at the root itself it always is: from there on each end
    moves alone, to the last point at which its sign is proved. A root very near 0 is left in a wide
    interval.
    """
    least = Fraction(1, 1 << mp.prec)
    for _ in range(4 * mp.prec):
        middle = (low + high) / 2
        if high - low <= least * min(high, 1 - low):
            break
        sign = excess(middle)
        if sign > 0:
            high = middle
        elif sign < 0:
            low = middle
        else:
            low = _edge(lambda p: excess(p) < 0, low, middle)
            high = _edge(lambda p: excess(p) > 0, high, middle)
            break
    return Box(low, high)


def _edge(proved: Any, inside: Fraction, outside: Fraction) -> Fraction:
    """The last point from `inside` towards `outside` at which something is proved."""
    for _ in range(2 * mp.prec):
        middle = (inside + outside) / 2
        if proved(middle):
            inside = middle
        else:
            outside = middle
    return inside


def _exactly(number: Any) -> Fraction:
    """A number of mpmath as a fraction."""
    return Fraction(*map(int, to_rational(number._mpf_)))


def _mp(number: Any) -> Any:
    return mp.mpf(number.numerator) / number.denominator if number else mp.mpf(0)


class _Binomial(LimitFunction):
    """A limit from the tail of a binomial count: arguments k, n, δ.

    `step` is −1 for the tail of at most k, 1 for that of at least k; `end` is the limit at n or 0.
    """

    nargs = (3,)
    step: ClassVar[int]
    end: ClassVar[int]

    @classmethod
    def enclose(cls, *parts: Any) -> Any:
        """Enclose by the signs of the exact binomial tail in interval arithmetic."""
        k, n, delta = whole_within(parts[0]), whole_within(parts[1]), parts[2]
        if k == n * cls.end:
            return hull(Box(cls.end, cls.end), delta)
        return hull(_binomial_limit(k, n, ends(delta), cls.step, mp.prec), delta)


class BinomialUpper(_Binomial):
    """The p with P(Bin(n, p) ≤ k) = δ; 1 if k = n. The 1 − δ quantile of Beta(k + 1, n − k)."""

    glyph = "BinomialUpper"
    latex_name = r"\mathrm{Bin}^{-1}_{+}"
    step, end = -1, 1
    definition = (
        "the p at which P(Bin(n, p) ≤ k) = δ, the 1 − δ quantile of Beta(k + 1, n − k); 1 if k = n"
    )


class BinomialLower(_Binomial):
    """The p with P(Bin(n, p) ≥ k) = δ; 0 if k = 0. The δ quantile of Beta(k, n − k + 1)."""

    glyph = "BinomialLower"
    latex_name = r"\mathrm{Bin}^{-1}_{-}"
    step, end = 1, 0
    definition = (
        "the p at which P(Bin(n, p) ≥ k) = δ, the δ quantile of Beta(k, n − k + 1); 0 if k = 0"
    )


@lru_cache(maxsize=4096)
def _binomial_limit(k: int, n: int, delta: Box, step: int, precision: int) -> Box:
    """The p at which the tail of `binomial_tail` is δ, between two points of proved signs."""
    if n.bit_length() > _MOST_BITS_OF_N or min(k + 1, n - k + 1) * n.bit_length() > _MOST_BITS:
        raise ConvergenceError(
            f"a binomial limit of {n:.6g} trials with {k:.6g} errors is not enclosed: "
            "that takes too long"
        )
    share = hull(delta)

    def excess(p: Fraction) -> Any:
        return step * (binomial_tail(k, n, p, step=step) - share)

    def guess() -> tuple[Fraction, Fraction]:
        p = _exactly(_newton(k, n, _mp(sum(delta) / 2), step=step))
        return p, min(p, 1 - p)

    # the tail is known up to a relative error of about n units in the last place
    return _root(excess, guess, precision - n.bit_length())


def _newton(k: int, n: int, delta: Any, *, step: int) -> Any:
    """About the root: nothing is proved here.

    The logarithm of a tail is concave in p, so Newton's method on it settles on the root.
    """
    p = mp.mpf(2 * k + 1 - step) / (2 * n + 2)
    # d/dp P(Bin(n, p) ≥ i) = i C(n, i) p^(i−1) (1 − p)^(n−i), and (k + 1) C(n, k + 1) = (n − k)
    # C(n, k)
    i = k if step > 0 else k + 1
    ways = mp.mpf((k if step > 0 else n - k) * _ways(k, n))
    for _ in range(_NEWTON):
        tail = _mp(sum(ends(binomial_tail(k, n, _exactly(p), step=step))) / 2)
        slope = step * ways * p ** (i - 1) * (1 - p) ** (n - i)
        move = mp.log(delta / tail) * tail / slope
        new = min(max(p + move, p / 8), 1 - (1 - p) / 8)
        done = abs(new - p) <= abs(new) * mp.mpf(2) ** (8 - mp.prec) * n
        p = new
        if done:
            break
    return p


@lru_cache(maxsize=4096)
def _ways(k: int, n: int) -> int:
    """The binomial coefficient, which is slow to compute for large n."""
    return comb(n, k)


def binomial_tail(k: int, n: int, p: Fraction, *, step: int) -> Any:
    """P(Bin(n, p) ≤ k) for step −1, ≥ k for step 1: the first term times a sum of ratios."""
    hit, miss = interval(p), interval(1 - p)
    first = interval(_ways(k, n)) * hit**k * miss ** (n - k)
    odds, bits = (p / (1 - p)) ** step, mp.prec + 2 * n.bit_length()
    units = tail_in_units(k, n, odds, step=step, bits=bits, precision=mp.prec)
    return first * hull(Fraction(u, 1 << bits) for u in units)


def tail_in_units(
    k: int, n: int, odds: Fraction, *, step: int, bits: int, precision: int
) -> tuple[int, int]:
    """Whole numbers below and above 2^bits times a binomial tail, divided by its first term.

    Parameters
    ----------
    odds : Fraction
        p/(1 − p) for step 1, (1 − p)/p for step −1.
    bits : int
        The terms are multiples of 2^−bits: the lower ones are rounded down, the upper ones up.
    precision : int
        The sum stops when what is left is less than 2^−precision of it.

    Notes
    -----
    The ratio r of successive terms decreases, so what is left after a term is at most term·r/(1 −
    r) once r < 1.
    """
    low = high = low_total = high_total = 1 << bits
    for i in range(k, n if step > 0 else 0, step):
        above, below = (n - i, i + 1) if step > 0 else (i, n - i + 1)
        up, down = odds.numerator * above, odds.denominator * below
        if up < down:
            rest = -(-high * up // (down - up))
            if rest << precision < low_total:
                return low_total, high_total + rest
        low = low * up // down
        high = -(-high * up // down)
        low_total, high_total = low_total + low, high_total + high
    return low_total, high_total


def _kl_limit(way: int, q: Any, c: Any) -> Any:
    """Enclose the p above (way 1) or below (way −1) q with kl(q‖p) = c."""
    near = ends(q)
    if near.lower >= 1 or near.upper <= 0:
        at_end = (near.lower >= 1) is (way > 0)
        rest = exp(-c)  # −ln(1 − p) = c where q = 0, and −ln p = c where q = 1
        return interval(int(way > 0), q) if at_end else 1 - rest if way > 0 else rest
    if near.lower <= 0 or near.upper >= 1:
        raise TypeError("a relative entropy of what may be 0 or 1")

    def excess(p: Fraction) -> Any:
        if not (p > near.upper if way > 0 else p < near.lower):
            return interval(-way, q)
        kl = q * log(q / interval(p, q)) + (1 - q) * log((1 - q) / interval(1 - p, q))
        return way * (kl - c)

    def guess() -> tuple[Fraction, Fraction]:
        u = _logit(_mp(sum(near) / 2), _mp(sum(ends(c)) / 2), way)
        room = _exactly(1 / (1 + mp.exp(min(abs(u), _MOST_LOGIT))))
        return (1 - room if u > 0 else room), room

    nearest = Fraction(1, 1 << _MOST_LOGIT)  # to the end: beyond it nothing is told apart
    at = 1 - nearest if way > 0 else nearest
    if excess(at) * way < 0:
        return hull(sorted((at, Fraction(way > 0))), q)
    return hull(_root(excess, guess, mp.prec - 8), q)


def _logit(q: Any, c: Any, way: int) -> Any:
    """About ln(p/(1 − p)), by Newton's method from where kl(q‖p), convex in it, exceeds c."""
    entropy = -q * mp.log(q) - (1 - q) * mp.log(1 - q)
    u = way * (c + entropy) / (1 - q if way > 0 else q)
    for _ in range(_NEWTON):
        if not abs(u) < _MOST_LOGIT:
            u = way * mp.mpf(_MOST_LOGIT)
        rest = mp.log1p(mp.exp(-abs(u))) + max(u, 0)
        move = (rest - entropy - q * u - c) / (1 / (1 + mp.exp(-u)) - q)
        u -= move
        if abs(move) <= abs(u) * mp.mpf(2) ** (8 - mp.prec):
            break
    return u


_KL = "p : kl(q‖p) ≤ c}, kl(q‖p) = q ln(q/p) + (1−q) ln((1−q)/(1−p))"


class KLUpper(LimitFunction):
    """max{p : kl(q‖p) ≤ c}."""

    nargs = (2,)
    glyph = "kl⁻¹₊"
    latex_name = r"\mathrm{kl}^{-1}_{+}"
    definition = f"max{{{_KL}"

    @classmethod
    def enclose(cls, *parts: Any) -> Any:
        """Enclose above q, where kl(q‖·) increases."""
        return _kl_limit(1, *parts)


class KLLower(LimitFunction):
    """min{p : kl(q‖p) ≤ c}."""

    nargs = (2,)
    glyph = "kl⁻¹₋"
    latex_name = r"\mathrm{kl}^{-1}_{-}"
    definition = f"min{{{_KL}"

    @classmethod
    def enclose(cls, *parts: Any) -> Any:
        """Enclose below q, where kl(q‖·) decreases."""
        return _kl_limit(-1, *parts)


_MOST_SUMMED = 10**5


class LogEntropyMoment(LimitFunction):
    """ln ξ(m), ξ(m) = Σ_k (m choose k)(k/m)^k (1 − k/m)^(m−k), the mean of exp(m kl) for m coins.

    By Abel's identity ξ(m) = Σ_j Π_{i<j} (1 − i/m), j = 0, …, m.
    """

    nargs = (1,)
    glyph = "lnξ"
    latex_name = r"\ln\xi"
    definition = "lnξ(m) = ln Σ_k (m choose k)(k/m)^k(1−k/m)^(m−k), at most ln(2√m)"
    values = (0.69, float("inf"))  # ξ(1) = 2, and ξ increases

    def _eval_is_positive(self) -> bool:
        return True

    _eval_is_real = _eval_is_positive

    @classmethod
    def enclose(cls, *parts: Any) -> Any:
        """Enclose by the sum, its end by a geometric series; for large m by Stirling and Ramanujan.

        e^m/2 = Σ_{k<m} m^k/k! + θ m^m/m!, θ = 1/3 + 4/(135(m + t)), 0 < t < 1 (Flajolet et al.
        1995), gives ξ(m) = m! e^m/(2 m^m) + 1 − θ.
        """
        m, like = whole_within(parts[0]), parts[0]
        some, least = hull((0, 1), like), interval(Fraction(1, 10 ** (mp.dps + 3)), like)
        if m > _MOST_SUMMED:
            inverse = 1 / interval(m, like)
            stirling = inverse / 12 - inverse**3 / 360 * some
            theta = interval(Fraction(1, 3), like) + interval(Fraction(4, 135), like) / (m + some)
            return log(sqrt(2 * pi(like) * m) * exp(stirling) / 2 + 1 - theta)
        term = total = interval(1, like)
        for i in range(m):
            term = term * (m - i) / m
            total += term
            if term < least:
                # every later ratio is at most 1 − i/m
                total += term * some * m / (i + 1)
                break
        return log(total)
