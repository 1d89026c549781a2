"""What the terms of a bound tend to, from their expansions, with the numbers put in."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sympy import Dummy, Expr, Pow, S, limit, log, oo

from boundcalc.errors import ConvergenceError
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.exact import rational, value_of
from boundcalc.symbolic.analysis.quantiles import limit_rule
from boundcalc.symbolic.analysis.series import NoExpansionError, expand
from boundcalc.symbolic.parameters import parameter

if TYPE_CHECKING:
    from boundcalc.numeric.bound import Bound


def far_limits(bound: Bound, name: str, end: float) -> list[float]:
    """What every term tends to as a free parameter goes to a finite end or ±∞; NaN if not known."""
    x = parameter(name).symbol
    return [_limit(bound, t.expression, x, end) for t in bound.variant.symbolic.terms]


def _limit(bound: Bound, expr: Expr, x: Expr, end: float) -> float:
    try:
        if not expr.has(x) or math.isfinite(end):
            return float(value_of(expr, {**bound.numbers, x.name: end}))
        return _far_limit(bound, expr, x, end)
    except (ArithmeticError, ConvergenceError, NoExpansionError, TypeError):
        return math.nan


def _far_limit(bound: Bound, expr: Expr, x: Expr, end: float) -> float:
    powers = set().union(*(p.exp.free_symbols for p in expr.atoms(Pow)))
    # (1 − 1/(2n))ⁿ has too many digits for n = 10⁹
    left = {s for s in powers if s.is_integer and s != x}
    exact = {parameter(n).symbol: rational(exactly(v)) for n, v in bound.numbers.items()}
    known = {s: v for s, v in exact.items() if s not in left}
    far = Dummy("far", positive=True)
    series = expand(expr.xreplace({**known, x: far if end > 0 else -far}), far, limit_rule)
    exponent, coefficient = series.lead if series.parts else (S.Zero, S.Zero)
    if exponent < 0 or coefficient == 0:
        return 0.0
    if coefficient.has(far):
        size = _limit_in_logarithm(coefficient.xreplace(exact), far)
    else:
        size = float(value_of(coefficient, bound.numbers))
    if exponent == 0:
        return size
    return math.copysign(math.inf, size) if size else math.nan


def _limit_in_logarithm(coefficient: Expr, far: Expr) -> float:
    """The limit of an expression in ln x as x → ∞."""
    slow = Dummy("slow", positive=True)
    found = limit(coefficient.xreplace({log(far): slow}), slow, oo)
    if found.has(far) or not found.is_extended_real:
        raise NoExpansionError(f"no limit of {coefficient} is known")
    return float(found)
