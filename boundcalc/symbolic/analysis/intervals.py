"""Interval enclosure of expressions: the one place where a sign or value is proved numerically."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mpmath
from mpmath import iv
from sympy import Expr, log, pi

from boundcalc.symbolic.functions import LimitFunction


def enclose(expr: Expr, values: Mapping[Expr, Any] | None = None) -> Any:
    """Enclose the value of an expression in an ``mpmath.iv`` interval.

    Parameters
    ----------
    expr : sympy.Expr
        Sums, products, powers, logarithms and limit functions of numbers and of `values`.
    values : mapping of symbol to interval

    Raises
    ------
    TypeError
        For any other kind of expression: an enclosure is proved or it is not given.
    """
    known = values or {}
    if expr in known:
        return known[expr]
    if expr.is_Rational:
        return iv.mpf(int(expr.p)) / int(expr.q)
    if expr is pi:
        return +iv.pi
    if not expr.args:
        raise TypeError(f"no enclosure for {expr}")
    parts = [enclose(arg, known) for arg in expr.args]
    if expr.is_Add:
        return sum(parts[1:], parts[0])
    if expr.is_Mul:
        return mpmath.iv.mpf(1) * _product(parts)
    if expr.is_Pow:
        return _power(expr, parts)
    if isinstance(expr, log):
        return iv.log(parts[0])
    if isinstance(expr, LimitFunction):
        return expr.enclose(*parts)
    raise TypeError(f"no enclosure for {type(expr).__name__}")


def _product(parts: list[Any]) -> Any:
    result = parts[0]
    for part in parts[1:]:
        result = result * part
    return result


def _power(expr: Expr, parts: list[Any]) -> Any:
    base, exponent = parts
    if expr.exp.is_Integer:
        return base ** int(expr.exp)
    if expr.exp.is_Rational and expr.exp.q == 2:
        root = iv.sqrt(base)
        return root ** int(expr.exp.p)
    return iv.exp(exponent * iv.log(base))
