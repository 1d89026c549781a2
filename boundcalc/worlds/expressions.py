"""The value of a symbolic expression on arrays of samples."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
from sympy import Expr, Symbol, ceiling, log, pi

from boundcalc.errors import InputError
from boundcalc.numeric.special import IMPLEMENTATIONS
from boundcalc.symbolic.functions import LimitFunction


def numeric(expr: Expr, lookup: Callable[[Symbol], Any]) -> Any:
    """The value of an expression, symbols looked up; arrays broadcast; nan where it is not defined."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return _value(expr, lookup)


def _value(expr: Expr, lookup: Callable[[Symbol], Any]) -> Any:
    if expr.is_Symbol:
        return lookup(expr)
    if expr.is_Rational or expr is pi:
        return float(expr)
    parts = [_value(arg, lookup) for arg in expr.args]
    if expr.is_Add:
        return sum(parts[1:], parts[0])
    if expr.is_Mul:
        return prod(parts[1:], start=parts[0])
    if expr.is_Pow:
        return np.power(parts[0], parts[1])
    if isinstance(expr, log):
        return np.log(parts[0])
    if isinstance(expr, ceiling):
        return np.ceil(np.round(parts[0], 9))
    if isinstance(expr, LimitFunction):
        return _limit(type(expr).__name__, parts)
    raise InputError(f"no value for {type(expr).__name__} in a micro-world")


def _limit(name: str, parts: list[Any]) -> Any:
    """A limit function where its last argument makes sense: a δ in (0, 1), a divergence > 0."""
    implementation: Any = IMPLEMENTATIONS[name]
    *others, last = parts
    valid = (last > 0) & ((last < 1) | name.startswith("KL"))
    return np.where(valid, implementation(*others, np.where(valid, last, 0.5)), np.nan)
