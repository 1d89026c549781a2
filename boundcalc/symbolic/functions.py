"""Limits that are defined by an equation, or a sum, instead of a formula.

``BinomialUpper(k, n, δ)`` and ``BinomialLower(k, n, δ)`` are the Clopper–Pearson limits;
``KLUpper(q, c)`` and ``KLLower(q, c)`` are the ends of {p : kl(q‖p) ≤ c}. Here they are symbols
with a definition and a proved enclosure; the numeric layer inverts the defining equation.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import comb
from typing import Any, ClassVar

from mpmath import iv, mp
from mpmath.libmp import to_rational
from sympy import Function

from boundcalc.errors import ConvergenceError


class LimitFunction(Function):  # type: ignore[misc]
    """A limit defined by an equation; `glyph` and `definition` say which, `values` holds all its
    values.
    """

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

    @staticmethod
    def enclose(*parts: Any) -> Any:
        """Enclose the value, given enclosures of the arguments."""
        raise TypeError("no enclosure")

    def _latex(self, printer: Any, exp: Any = None) -> str:
        inside = ",\\,".join(printer._print(arg) for arg in self.args)
        return rf"{self.latex_name}\left({inside}\right)"


_NEWTON = 60
_MOST_BITS_OF_N, _MOST_BITS = 100, 10**7  # of the trials, and of a binomial coefficient


def _bisect(excess: Any, low: Any, high: Any) -> Any:
    """Enclose the root of an increasing interval function: its sign is proved at both ends.

    Close to the root the sign is open, at the root itself it always is: from there on each end
    moves alone, to the last point at which its sign is proved. A root very near 0 is left in a wide
    interval.
    """
    for _ in range(4 * mp.prec):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        sign = excess(iv.mpf(middle))
        if sign.a > 0:
            high = middle
        elif sign.b < 0:
            low = middle
        else:
            low = _edge(lambda p: excess(p).b < 0, low, middle)
            high = _edge(lambda p: excess(p).a > 0, high, middle)
            break
    return iv.mpf([low, high])


def _edge(proved: Any, inside: Any, outside: Any) -> Any:
    """The last point from `inside` towards `outside` at which something is proved."""
    for _ in range(4 * mp.prec):
        middle = (inside + outside) / 2
        if middle in (inside, outside):
            break
        if proved(iv.mpf(middle)):
            inside = middle
        else:
            outside = middle
    return inside


class _Binomial(LimitFunction):
    """A limit from the tail of a binomial count: arguments k, n, δ."""

    nargs = (3,)


class BinomialUpper(_Binomial):
    """The p with P(Bin(n, p) ≤ k) = δ; 1 if k = n. The 1 − δ quantile of Beta(k + 1, n − k)."""

    glyph = "BinomialUpper"
    latex_name = r"\mathrm{Bin}^{-1}_{+}"
    definition = (
        "the p at which P(Bin(n, p) ≤ k) = δ, the 1 − δ quantile of Beta(k + 1, n − k); 1 if k = n"
    )

    @staticmethod
    def enclose(*parts: Any) -> Any:
        """Enclose by the signs of the exact binomial tail in interval arithmetic."""
        k, n, delta = int(parts[0].mid), int(parts[1].mid), parts[2]
        return iv.mpf(1) if k == n else _binomial_limit(k, n, delta._mpi_, -1, (mp.prec, iv.prec))


class BinomialLower(_Binomial):
    """The p with P(Bin(n, p) ≥ k) = δ; 0 if k = 0. The δ quantile of Beta(k, n − k + 1)."""

    glyph = "BinomialLower"
    latex_name = r"\mathrm{Bin}^{-1}_{-}"
    definition = (
        "the p at which P(Bin(n, p) ≥ k) = δ, the δ quantile of Beta(k, n − k + 1); 0 if k = 0"
    )

    @staticmethod
    def enclose(*parts: Any) -> Any:
        """Enclose by the signs of the exact binomial tail in interval arithmetic."""
        k, n, delta = int(parts[0].mid), int(parts[1].mid), parts[2]
        return iv.mpf(0) if k == 0 else _binomial_limit(k, n, delta._mpi_, 1, (mp.prec, iv.prec))


@lru_cache(maxsize=4096)
def _binomial_limit(k: int, n: int, delta: Any, step: int, precision: tuple[int, int]) -> Any:
    """The p at which the tail of `_binomial_tail` is δ, between two points at which the sign is
    proved.

    δ is given by the ends of its interval, and the precisions of mpmath are arguments: that is what
    the result depends on.
    """
    if n.bit_length() > _MOST_BITS_OF_N or min(k + 1, n - k + 1) * n.bit_length() > _MOST_BITS:
        raise ConvergenceError(
            f"a binomial limit of {n:.6g} trials with {k:.6g} errors is not enclosed: "
            "that takes too long"
        )
    share, bits = iv.make_mpf(delta), min(precision)

    def excess(p: Any) -> Any:
        return step * (_binomial_tail(k, n, p, step=step) - share)

    p = _newton(k, n, mp.mpf(share.mid), step=step)
    # the tail is known up to a relative error of about n units in the last place
    for spare in (4, 12, 20, 28):
        around = min(p, 1 - p) * mp.mpf(2) ** (n.bit_length() + spare - bits)
        low, high = p - around, p + around
        if low > 0 and high < 1 and excess(iv.mpf(low)).b < 0 < excess(iv.mpf(high)).a:
            return iv.mpf([low, high])
    return _bisect(excess, mp.mpf(0), mp.mpf(1))


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
        tail = mp.mpf(_binomial_tail(k, n, iv.mpf(p), step=step).mid)
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


def _binomial_tail(k: int, n: int, p: Any, *, step: int) -> Any:
    """P(Bin(n, p) ≤ k) for step −1, P(Bin(n, p) ≥ k) for step 1: the first term times a sum of
    ratios.
    """
    first = iv.mpf(_ways(k, n)) * p**k * (1 - p) ** (n - k)
    ends = (Fraction(*map(int, to_rational(end))) for end in p._mpi_)
    odds = sorted((end / (1 - end)) ** step for end in ends)
    bits = mp.prec + 2 * n.bit_length()
    low, high = tail_in_units(k, n, odds[0], odds[1], step=step, bits=bits, precision=mp.prec)
    return first * iv.mpf([low, high]) / (1 << bits)


def tail_in_units(
    k: int, n: int, least: Fraction, most: Fraction, *, step: int, bits: int, precision: int
) -> tuple[int, int]:
    """Whole numbers below and above 2^bits times a binomial tail, divided by its first term, that
    of k.

    Parameters
    ----------
    least, most : Fraction
        Limits on p/(1 − p) for step 1, on (1 − p)/p for step −1.
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
        up, down = most.numerator * above, most.denominator * below
        if up < down:
            rest = -(-high * up // (down - up))
            if rest << precision < low_total:
                return low_total, high_total + rest
        low = low * least.numerator * above // (least.denominator * below)
        high = -(-high * up // down)
        low_total, high_total = low_total + low, high_total + high
    return low_total, high_total


def _kl(q: Any, p: Any) -> Any:
    first = q * iv.log(q / p) if q.a > 0 else iv.mpf(0)
    second = (1 - q) * iv.log((1 - q) / (1 - p)) if q.b < 1 else iv.mpf(0)
    return first + second


class KLUpper(LimitFunction):
    """max{p : kl(q‖p) ≤ c}."""

    nargs = (2,)
    glyph = "kl⁻¹₊"
    latex_name = r"\mathrm{kl}^{-1}_{+}"
    definition = "max{p : kl(q‖p) ≤ c}, kl(q‖p) = q ln(q/p) + (1−q) ln((1−q)/(1−p))"

    @staticmethod
    def enclose(*parts: Any) -> Any:
        """Enclose by bisection above q, where kl(q‖·) increases."""
        q, c = parts
        if q.a >= 1:
            return iv.mpf(1)
        return _bisect(lambda p: _kl(q, p) - c, mp.mpf(q.b), mp.mpf(1))


class KLLower(LimitFunction):
    """min{p : kl(q‖p) ≤ c}."""

    nargs = (2,)
    glyph = "kl⁻¹₋"
    latex_name = r"\mathrm{kl}^{-1}_{-}"
    definition = "min{p : kl(q‖p) ≤ c}, kl(q‖p) = q ln(q/p) + (1−q) ln((1−q)/(1−p))"

    @staticmethod
    def enclose(*parts: Any) -> Any:
        """Enclose by bisection below q, where kl(q‖·) decreases."""
        q, c = parts
        if q.b <= 0:
            return iv.mpf(0)
        return _bisect(lambda p: c - _kl(q, p), mp.mpf(0), mp.mpf(q.a))


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

    def _eval_is_real(self) -> bool:
        return True

    @staticmethod
    def enclose(*parts: Any) -> Any:
        """Enclose by the sum, its end by a geometric series; for large m by Stirling's and
        Ramanujan's.

        e^m/2 = Σ_{k<m} m^k/k! + θ m^m/m!, θ = 1/3 + 4/(135(m + t)), 0 < t < 1 (Flajolet et al.
        1995), gives ξ(m) = m! e^m/(2 m^m) + 1 − θ.
        """
        m = int(parts[0].mid)
        if m > _MOST_SUMMED:
            inverse = 1 / iv.mpf(m)
            stirling = inverse / 12 - inverse**3 / 360 * iv.mpf([0, 1])
            theta = iv.mpf(1) / 3 + iv.mpf(4) / 135 / (m + iv.mpf([0, 1]))
            return iv.log(iv.sqrt(2 * iv.pi * m) * iv.exp(stirling) / 2 + 1 - theta)
        term = total = iv.mpf(1)
        for i in range(m):
            term = term * (m - i) / m
            total += term
            if term.b < mp.mpf(10) ** -(iv.dps + 3):
                # every later ratio is at most 1 − i/m
                total += term * iv.mpf([0, 1]) * m / (i + 1)
                break
        return iv.log(total)
