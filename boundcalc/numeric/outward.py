"""Exact results as floats on the safe side."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from mpmath import iv, mp
from sympy import Expr

from boundcalc.errors import InputError
from boundcalc.symbolic.analysis.intervals import enclose, working_digits

_DIGITS = 20


def rounded_up(expr: Expr, values: Mapping[Expr, Fraction]) -> tuple[float, Fraction | None]:
    """An expression as the least float that is not below it, and as a fraction if it is rational."""
    if expr.is_Rational:
        exact = Fraction(int(expr.p), int(expr.q))
        return float_above(exact), exact
    with working_digits(_DIGITS):
        box: Any = enclose(expr, {s: iv.mpf(v.numerator) / v.denominator for s, v in values.items()})
        end = mp.mpf(box.b)
        sign, mantissa, exponent, _ = end._mpf_
    above = Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
    return float_above(-above if sign else above), None


def float_above(exact: Fraction) -> float:
    """The least float that is not below a fraction."""
    try:
        value = float(exact)
    except OverflowError:
        raise InputError("the bound is larger than any floating-point number") from None
    return value if Fraction(value) >= exact else math.nextafter(value, math.inf)
