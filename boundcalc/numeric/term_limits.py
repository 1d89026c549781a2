"""What each term of a bound tends to at an end of an unknown's domain."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from sympy import Dummy, Expr, Pow, Rational

from boundcalc.errors import ConvergenceError
from boundcalc.numeric.compiled import value_of
from boundcalc.numeric.domains import exactly
from boundcalc.symbolic.analysis.quantiles import limit_rule
from boundcalc.symbolic.analysis.series import NoExpansionError, expand
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.theorem import Variant


def term_limits(variant: Variant, unknown: str, end: float, given: Mapping[str, Any]) -> dict[str, float]:
    """The limit of every term as the unknown goes to `end`; NaN where it is not known.

    Parameters
    ----------
    variant : Variant
    unknown : str
    end : float
        A finite end, at which the terms are continuous, or ±∞.
    given : mapping of str to float
        All other parameters.
    """
    return {t.name: _limit(t.expression, unknown, end, given) for t in variant.terms}


def _limit(expr: Expr, unknown: str, end: float, given: Mapping[str, Any]) -> float:
    x = symbol(unknown)
    with np.errstate(all="ignore"):
        try:
            if not expr.has(x) or math.isfinite(end):
                return float(value_of(expr, {**given, unknown: np.float64(end)}))
            return _far_limit(expr, x, end, given)
        except (ArithmeticError, ConvergenceError, NoExpansionError, TypeError):
            return math.nan


def _far_limit(expr: Expr, x: Expr, end: float, given: Mapping[str, Any]) -> float:
    powers = set().union(*(p.exp.free_symbols for p in expr.atoms(Pow)))
    left = {s for s in powers if s.is_integer and s != x}  # (1 − 1/(2n))ⁿ has too many digits for n = 10⁹
    numbers = {symbol(name): v for name, v in given.items()}
    exact = {s: Rational(*exactly(v).as_integer_ratio()) for s, v in numbers.items() if s not in left}
    far = Dummy("far", positive=True)
    series = expand(expr.xreplace({**exact, x: far if end > 0 else -far}), far, limit_rule)
    exponent, coefficient = series.lead if series.parts else (0, 0)
    if exponent == 0:
        return float(value_of(coefficient, given)) if coefficient != 0 else 0.0
    return math.copysign(math.inf, float(value_of(coefficient, given))) if exponent > 0 else 0.0
