"""The functions of the closed forms of classes, and what is computed from lists."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from boundcalc.errors import DomainError, InputError
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.rounding import UNIT

Numbers = Mapping[str, Any]
_MANY = 1_000_000
_GRID = 65
_DIGITS = 50


def normal_moment(q: float) -> float:
    """(E|g|^q)^(1/q) for a standard normal g."""
    return math.sqrt(2) * math.exp(
        (float(special.gammaln((q + 1) / 2)) - math.log(math.pi) / 2) / q
    )


def log_growth(m: int, d: int) -> float:
    """ln Σ_{i≤d} (m choose i), for 1 ≤ d ≤ m; the last terms are summed, or bounded by a geometric
    series.
    """
    m, d = int(m), int(d)
    if d >= m:
        return m * math.log(2)
    if 2 * d >= m:  # at least half of all subsets
        return m * math.log(2) + math.log(float(special.betainc(m - d, d + 1, 0.5)))
    kept = min(d, math.isqrt(100 * m) + 100)
    if kept <= _MANY:
        i = d - np.arange(kept, dtype=float)
        tail = 1 + float(np.cumprod(i / (m - i + 1)).sum())
    else:
        tail = (m - d + 1) / (m - 2 * d + 1)
    return _log_choose(m, d) + math.log(tail)


def _log_choose(m: int, d: int) -> float:
    if d <= _MANY:
        i = np.arange(1, d + 1, dtype=float)
        return float(np.log((m - d + i) / i).sum())
    with mpmath.mp.workdps(_DIGITS):
        whole = mpmath.loggamma(m + 1) - mpmath.loggamma(d + 1) - mpmath.loggamma(m - d + 1)
        return float(whole)


def entropy_integral(m: float, scale: float, exponent: float, end: float = 1.0) -> float:
    """min{½, inf_α 4α/√m + (12/m) ∫_α^c√m √(A/ε^s) dε}; the best α has ln N(α) = m/9.

    With L = ln(c√m/α) and t = 1 − s/2 it is 4c e^−L (1 + (e^(tL) − 1)/t).
    """
    length = math.log(m) / 2 + math.log(end) - math.log(9 * scale / m) / exponent
    if length <= 0:
        return 0.5
    t = 1 - exponent / 2
    if abs(t) * length < 1:
        rest = math.exp(-length) * (length if t == 0 else math.expm1(t * length) / t)
    else:
        rest = (math.exp(-exponent * length / 2) - math.exp(-length)) / t
    return min(0.5, 4 * end * (math.exp(-length) + rest))


def parametric_entropy_integral(
    m: float, scale: float, dimension: float, end: float = 1.0
) -> float:
    """The same for ln N(ε) = d ln(A/ε) below A and 0 above: the integral is one of √(ln(A/ε))."""
    depth = m / (9 * dimension)
    alpha, top = scale * math.exp(-depth), min(end * math.sqrt(m), scale)
    if alpha >= end * math.sqrt(m):
        return 0.5
    half = math.sqrt(math.pi) / 2
    if (
        top == scale
    ):  # the integral of 2u² exp(−u²): its ends would cancel where m is small beside d
        area = scale * half * float(special.gammainc(1.5, depth))
    else:  # α is well below top, or the result is ½
        fine, coarse = math.sqrt(depth), math.sqrt(math.log(scale / top))
        area = top * (coarse + half * float(special.erfcx(coarse)))
        area -= alpha * (fine + half * float(special.erfcx(fine)))
    return min(0.5, 4 * alpha / math.sqrt(m) + 12 * math.sqrt(dimension) * area / m)


def dual_exponent(p: float, columns: NDArray[np.float64]) -> float:
    """The q in [2, p/(p − 1)] with the least μ(q) ‖c‖_q; any other one gives a valid bound as well.

    Beyond q = 10 d + 10 the factor μ(q) alone exceeds √d, so that q = 2 is better.
    """
    most = min(p / (p - 1), 10.0 * len(columns) + 10)
    if most <= 2 or not columns.any():
        return 2.0

    def height(log_q: float) -> float:
        q = math.exp(log_q)
        return math.log(normal_moment(q)) + math.log(_norm(columns, q))

    grid = np.linspace(math.log(2), math.log(most), _GRID)
    heights = [height(x) for x in grid]
    best = int(np.argmin(heights))
    around = (grid[max(best - 1, 0)], grid[min(best + 1, _GRID - 1)])
    found = optimize.minimize_scalar(
        height, bounds=around, method="bounded", options={"xatol": 1e-10}
    )
    if found.fun < heights[best]:
        return math.exp(float(found.x))
    return {0: 2.0, _GRID - 1: most}.get(best, math.exp(grid[best]))


def _norm(columns: NDArray[np.float64], q: float) -> float:
    largest = float(columns.max())
    return largest * float(np.sum((columns / largest) ** q)) ** (1 / q) if largest > 0 else 0.0


def _column_sum(x: Numbers) -> float:
    q = x.get("dual_exponent", x["p"] / (x["p"] - 1))
    columns = np.asarray(x["column_norms"], dtype=float)
    return _above(_norm(columns, q), len(columns))


def _spectral_product(x: Numbers) -> float:
    sizes = {name: len(x[name]) for name in ("spectral_norms", "distances", "activations")}
    if len(set(sizes.values())) > 1:
        each = ", ".join(f"{name} has {size}" for name, size in sizes.items())
        raise InputError(f"the lists need one entry a layer: {each}")
    if not any(x["distances"]):
        raise DomainError("distances are all 0: the network cannot move, its complexity is 0")
    return _product(x["activations"] + x["spectral_norms"])


def _distance_sum(x: Numbers) -> float:
    ratios = (b / s for b, s in zip(x["distances"], x["spectral_norms"], strict=True))
    return _above(math.fsum(ratio ** (2 / 3) for ratio in ratios) ** 1.5, 0)


def _product(numbers: tuple[float, ...]) -> float:
    """A product rounded up; ∞ where it is too large."""
    exact = math.prod((exactly(number) for number in numbers), start=Fraction(1))
    try:
        return _least(float(exact), lambda found: found >= exact)
    except OverflowError:
        return math.inf


def _joint_radius(x: Numbers) -> float:
    """The root of a sum of squares, rounded up."""
    square = sum(exactly(radius) ** 2 for radius in x["radii"])
    return _least(math.hypot(*x["radii"]), lambda found: found**2 >= square)


def _least(near: float, enough: Callable[[Fraction], bool]) -> float:
    """The first float from one near by that is enough, read as the decimal it is written as."""
    while math.isfinite(near) and not enough(exactly(near)):
        near = math.nextafter(near, math.inf)
    return near


def _above(value: float, operations: int) -> float:
    """A float moved up by what so many operations, powers among them, can have lost."""
    return math.nextafter(value * (1 + (2 * operations + 100) * UNIT), math.inf) if value else 0.0


DERIVED: dict[str, Callable[[Numbers], float]] = {
    "features": lambda x: len(x["column_norms"]),
    "largest_column": lambda x: max(x["column_norms"]),
    "dual_exponent": lambda x: dual_exponent(x["p"], np.asarray(x["column_norms"], dtype=float)),
    "column_sum": _column_sum,
    "depth": lambda x: len(x["norms"]),
    "norm_product": lambda x: _product(x["norms"]),
    "radius": _joint_radius,
    "spectral_product": _spectral_product,
    "distance_sum": _distance_sum,
}

IMPLEMENTATIONS: dict[str, Callable[..., float]] = {
    "NormalMoment": normal_moment,
    "LogGrowth": log_growth,
    "EntropyIntegral": entropy_integral,
    "ParametricEntropyIntegral": parametric_entropy_integral,
}
