"""Formulas as NumPy functions of their parameters: numbers or arrays in, numbers or arrays out."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

import numpy as np
from mpmath import iv, mp
from sympy import Expr, Integer, ceiling, exp, fraction, lambdify, log, nan
from sympy.codegen.cfunctions import log1p

from boundcalc.numeric import roundoff, special
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.exact import compare, rational
from boundcalc.numeric.outward import float_above
from boundcalc.symbolic.analysis.intervals import enclose, working_digits
from boundcalc.symbolic.catalogue import theorem

_LARGEST = 1e300
_DIGITS = 40
_MODULES = [roundoff.IMPLEMENTATIONS, special.IMPLEMENTATIONS, "numpy"]

Number = Any
"""A float, or an array of floats where a parameter was an array."""


@cache
def compiled(id: str, variant: str) -> Any:
    """A NumPy function of the parameters.

    It returns the terms, the allowance for the rounding of each, the failure and the trivial value.
    """
    v = theorem(id).variant(variant)
    terms = [_accurate(t.expression) for t in v.terms]
    rest = [v.derivation.failure, nan if v.trivial is None else v.trivial]
    outputs = [*map(roundoff.outward, terms), *map(roundoff.allowance, terms), *rest]
    return lambdify([p.symbol for p in v.parameters], outputs, modules=_MODULES, cse=True)


def _accurate(expression: Expr) -> Expr:
    """(1 − x)ⁿ as exp(n log1p(−x)): for huge n the power itself keeps no digit; ln(c/δ) as ln c − ln δ."""
    return expression.replace(
        lambda e: e.is_Pow and e.base.is_Add and not e.exp.is_number,
        lambda e: exp(e.exp * log1p(e.base - 1)),
    ).replace(
        lambda e: isinstance(e, log) and fraction(e.args[0])[1].is_Symbol,
        lambda e: log(fraction(e.args[0])[0]) - log(fraction(e.args[0])[1]),
    )


def value_of(expression: Expr, values: Mapping[str, Number]) -> Number:
    """The value of one expression in the parameters."""
    if rounds(expression):
        return exact_ceiling(expression, {s.name: values[s.name] for s in expression.free_symbols})
    names, function = _function(expression)
    with np.errstate(all="ignore"):
        return function(*(floats(values[name]) for name in names))


@lru_cache(maxsize=1024)
def rounds(expression: Expr) -> bool:
    """Whether a whole number is rounded up to in it."""
    return bool(expression.has(ceiling))


def floats(value: Number) -> Any:
    """NumPy's floats: where Python's raise OverflowError or ZeroDivisionError, these become ∞ or NaN."""
    return np.asarray(value, dtype=float)[()]


@lru_cache(maxsize=1024)
def _function(expression: Expr) -> tuple[tuple[str, ...], Any]:
    """The names of an expression's parameters and a NumPy function of them."""
    symbols = sorted(expression.free_symbols, key=str)
    return tuple(s.name for s in symbols), lambdify(symbols, _accurate(expression), modules=_MODULES)


def exact_ceiling(expression: Expr, values: Mapping[str, Number]) -> Any:
    """Whole-number results are computed exactly: a float 400.00000000000006 must not become 401."""
    names = list(values)
    arrays = np.broadcast_arrays(*(np.asarray(values[n], dtype=float) for n in names))
    out = np.empty(arrays[0].shape)
    ceilings = expression.atoms(ceiling)
    roughly = value_of(expression.replace(ceiling, lambda e: e), dict(zip(names, arrays, strict=True)))
    for index in np.ndindex(out.shape):
        if not np.asarray(roughly)[index] < _LARGEST:
            out[index] = np.inf
            continue
        exact = {n: exactly(a[index]) for n, a in zip(names, arrays, strict=True)}
        given = {s: exact[s.name] for s in expression.free_symbols}
        whole = {rounded: Integer(_next_whole(rounded.args[0], given)) for rounded in ceilings}
        subs = {symbol: rational(value) for symbol, value in given.items()}
        found = expression.xreplace(whole).xreplace(subs)
        out[index] = float_above(Fraction(int(found.p), int(found.q)))
    return out


def _next_whole(expression: Expr, values: Mapping[Expr, Fraction]) -> int:
    """⌈x⌉: where an enclosure of x leaves several, decided by exact signs."""
    with working_digits(_DIGITS):
        box = enclose(expression, {s: iv.mpf(v.numerator) / v.denominator for s, v in values.items()})
        low, high = (int(mp.ceil(mp.mpf(end))) for end in (box.a, box.b))
    while low < high:
        middle = (low + high) // 2
        if compare(expression, Fraction(middle), values) <= 0:
            high = middle
        else:
            low = middle + 1
    return low
