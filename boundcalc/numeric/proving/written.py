"""Expressions with numbers in them as text: short decimals as they are, everything else rounded outward."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, Inexact
from fractions import Fraction

from sympy import Expr

from boundcalc.numeric.exact import rounded_up
from boundcalc.numeric.proving.exact_basis import coefficients
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.printing import latex, plain
from boundcalc.symbolic.quantities import Quantity

_LONGEST = 12
_DIGITS = 6


def decimal_text(value: Fraction, *, up: bool = True) -> str:
    """A rational number: all of it if it is a short decimal, else rounded up or down to some digits."""
    exactly = Context(prec=_LONGEST)
    shown = exactly.divide(Decimal(value.numerator), Decimal(value.denominator))
    if exactly.flags[Inexact]:
        rough = Context(prec=_DIGITS, rounding=ROUND_CEILING if up else ROUND_FLOOR)
        shown = rough.divide(Decimal(value.numerator), Decimal(value.denominator))
    wide = abs(shown.adjusted()) > 2 * _LONGEST
    return (f"{shown:e}" if wide else f"{shown:f}").replace("-", "−")


def fraction_of(expr: Expr) -> Fraction | None:
    """A rational number as a fraction; anything else is None."""
    return Fraction(int(expr.p), int(expr.q)) if expr.is_Rational else None


def constant_text(expr: Expr, values: Mapping[Expr, Fraction], *, up: bool = True) -> str:
    """The value of an expression without quantities, rounded up or down."""
    exact = fraction_of(expr)
    if exact is None:
        bound, exact = rounded_up(expr if up else -expr, values)
        exact = Fraction(bound if up else -bound)
    return decimal_text(exact, up=up)


def written(expr: Expr, values: Mapping[Expr, Fraction], *, up: bool = True) -> str:
    """A linear expression with decimal numbers: quantities in the order of the formula, then the constant.

    The constant is rounded up or down as asked; coefficients are shown exactly.
    """
    if expr.free_symbols & values.keys():
        return plain(expr)
    return _sum(expr, values, up=up, name=lambda quantity: quantity.name)


def written_latex(expr: Expr, values: Mapping[Expr, Fraction], *, up: bool = True) -> str:
    """The same in LaTeX."""
    if expr.free_symbols & values.keys():
        return latex(expr)
    text = _sum(expr, values, up=up, name=lambda quantity: quantity.latex)
    return text.replace("·", r"\,").replace("−", "-")


def written_fact(fact: Fact, values: Mapping[Expr, Fraction]) -> str:
    """A fact with decimal numbers, each side rounded outward."""
    return f"{written(fact.lhs, values, up=False)} {fact.relation.sign} {written(fact.rhs, values)}"


def _sum(expr: Expr, values: Mapping[Expr, Fraction], *, up: bool, name: Callable[[Quantity], str]) -> str:
    row, rest = coefficients(expr)
    text = ""
    for quantity in _ordered(row):
        text = _joined(text, number_text(row[quantity]), name(quantity))
    if rest != 0 or not text:
        number = constant_text(rest, values, up=up)
        text = _joined(text, number, "") if text else number
    return text


def _ordered(row: Mapping[Quantity, Expr]) -> list[Quantity]:
    """What is added first, then what is subtracted, each by name."""

    def subtracted(factor: Expr) -> bool:
        # SymPy's own question builds the assumptions of every number
        return bool(factor.p < 0 if factor.is_Rational else factor.could_extract_minus_sign())

    return sorted(row, key=lambda quantity: (subtracted(row[quantity]), quantity.name))


def number_text(value: Expr) -> str:
    """A number, exactly: as a decimal if it is a short one, else as a formula."""
    exact = fraction_of(value)
    if exact is None:
        return plain(value)
    shown = decimal_text(exact)
    return shown if Fraction(Decimal(shown.replace("−", "-"))) == exact else plain(value)


def _joined(text: str, number: str, name: str) -> str:
    sign = "−" if number.startswith(("−", "-")) else "+"
    size = number.lstrip("−-")
    body = name if size == "1" and name else f"{size}·{name}" if name else size
    if not text:
        return body if sign == "+" else f"−{body}"
    return f"{text} {sign} {body}"
