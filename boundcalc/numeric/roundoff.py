"""How far a formula in floating point can be from its exact value: a proved allowance.

With u = 2⁻⁵³: +, −, ×, ÷ and √ are off by at most u of their result; log, log1p, exp and powers by
at most 8u, NumPy's own limit of 4 units in the last place; a parameter by u, as the float nearest to
the decimal that was written. What a formula makes of these errors follows from its operations, and
where terms of different sign cancel inside it, from their sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sympy import Abs, Expr, Function, Integer, Max, exp, log, nan, pi
from sympy.codegen.cfunctions import log1p

from boundcalc.symbolic.analysis.ranges import range_of
from boundcalc.symbolic.functions import KLLower, KLUpper, LimitFunction
from boundcalc.symbolic.parameter import ParameterSymbol

UNIT = 2.0**-53
_SPARE = 4
"""Added to every allowance: the decimal that a moved float is printed as stays on its side too."""
_ELEMENTARY = 8
_OPERATIONS = {-2: 2, -1: 1, 2: 1}
_LARGEST_WHOLE = 2**53


class Moved(Function):  # type: ignore[misc]
    """The first argument, moved by so many u of its size, the second."""


IMPLEMENTATIONS = {"Moved": lambda x, units: x + abs(x) * units * UNIT}


def allowance(term: Expr) -> Expr:
    """The relative error of a computed term, in units of u; NaN where nothing is known of it."""
    if given(term):
        return Integer(1 + _SPARE)
    if isinstance(term, LimitFunction):
        return Integer(0)  # rounded outward itself, from arguments that are: `outward`
    try:
        return _relative(term) + _SPARE
    except TypeError:
        return nan


def given(term: Expr) -> bool:
    """Whether a term is a parameter and nothing else, up to its sign."""
    return bool(term.is_Symbol or (-term).is_Symbol)


def outward(term: Expr) -> Expr:
    """A limit, its arguments moved to where it is further out; any other term as it is."""
    if isinstance(term, (KLUpper, KLLower)):
        q, c = term.args
        up = 1 if isinstance(term, KLUpper) else -1
        return term.func(Moved(q, up * allowance(q)), Moved(c, allowance(c)))
    if isinstance(term, LimitFunction):
        k, n, delta = term.args
        return term.func(k, n, Moved(delta, -allowance(delta)))
    return term


def _relative(expr: Expr) -> Expr:
    """The relative error of a part of a formula."""
    if isinstance(expr, ParameterSymbol) or expr is pi:
        return Integer(1)
    if expr.is_Rational:
        return Integer(0 if expr.q & (expr.q - 1) == 0 and abs(expr.p) < _LARGEST_WHOLE else 1)
    if expr.is_Add and _one_sign(expr):
        parts = [_relative(a) for a in expr.args]
        worst = Max(*parts) if all(part.is_number for part in parts) else sum(parts)
        return worst + len(parts)
    if expr.is_Add:
        return _absolute(expr) / _size(expr)
    if expr.is_Mul:
        return sum(_relative(a) for a in expr.args) + len(expr.args)
    if isinstance(expr, exp):
        return _absolute(expr.args[0]) + _ELEMENTARY
    if expr.is_Pow and expr.exp.is_Rational:
        rounds = 2 if abs(expr.exp) == 1 / Integer(2) else _OPERATIONS.get(expr.exp, _ELEMENTARY)
        return abs(expr.exp) * _relative(expr.base) + rounds
    if expr.is_Pow:
        inside = _size(expr.exp) * _relative(expr.base)
        return inside + _size(log(expr.base)) * _absolute(expr.exp) + _ELEMENTARY
    if isinstance(expr, log):
        return _relative(expr.args[0]) / _size(expr) + _ELEMENTARY
    if isinstance(expr, log1p):
        y = expr.args[0]
        return _relative(y) * _size(y / ((1 + y) * expr)) + _ELEMENTARY
    raise TypeError(f"nothing is known of the rounding of {type(expr).__name__}")


def _absolute(expr: Expr) -> Expr:
    """The error itself: that of terms which may cancel is measured by their sizes."""
    if expr.is_Add:
        return sum(_size(a) * (_relative(a) + len(expr.args)) for a in expr.args)
    return _size(expr) * _relative(expr)


def _one_sign(expr: Expr) -> bool:
    ranges = [range_of(a, {}) for a in expr.args]
    return all(r.nonnegative for r in ranges) or all(r.nonpositive for r in ranges)


def _size(expr: Expr) -> Expr:
    return abs(expr) if expr.is_number else Abs(expr, evaluate=False)


def away(values: Any, units: Any, up: bool) -> Any:
    """Floats moved up or down by so many u of their size; 0 is exact: underflows are not used."""
    if np.ndim(units) == 0 and (units == 0 or (np.ndim(values) == 0 == values and np.isfinite(units))):
        return values
    sign = 1.0 if up else -1.0
    moved = np.nextafter(values + abs(values) * (units * (sign * 1.001 * UNIT)), sign * np.inf)
    return np.where((values == 0) & np.isfinite(units), values, moved) if np.ndim(moved) else moved


def total(terms: Sequence[Any], up: bool | None) -> Any:
    """A sum rounded up or down, or to the nearest float where `up` is None.

    Every addition's error is known exactly (Knuth's two-sum), so that 0 + 1 is 1.
    """
    whole, *others = terms
    lost = size = 0.0
    for term in others:
        new = whole + term
        part = new - whole
        error = (whole - (new - part)) + (term - part)
        whole, lost, size = new, lost + error, size + abs(error)
    if up is None:
        return whole + lost
    sign = 1.0 if up else -1.0
    moved = np.nextafter(whole + (lost + size * (sign * len(terms) * 4 * UNIT)), sign * np.inf)
    return np.where(size == 0, whole, moved) if np.ndim(moved) else moved if size else whole
