"""Facts with numbers in them as text: decimals, rounded outwards where they are not short."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from sympy import Expr

from boundcalc.numeric.exact import rounded_up
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.printing import plain
from boundcalc.symbolic.quantities import Quantity, coefficients
from boundcalc.text import decimal, tex_relation


def fraction_of(expr: Expr) -> Fraction | None:
    """A rational number as a fraction; anything else is None."""
    return Fraction(int(expr.p), int(expr.q)) if expr.is_Rational else None


def constant_text(expr: Expr, *, up: bool = True) -> str:
    """The value of an expression without symbols, rounded up or down."""
    exact = fraction_of(expr)
    if exact is None:
        bound, exact = rounded_up(expr if up else -expr, {})
        exact = Fraction(bound if up else -bound)
    return decimal(exact, up=up)


@lru_cache(maxsize=4096)
def number_text(value: Expr) -> str:
    """A number, exactly: as a decimal if it is a short one, else as a formula."""
    exact = fraction_of(value)
    if exact is None:
        return plain(value)
    shown = decimal(exact, up=True)
    return shown if Fraction(Decimal(shown.replace("−", "-"))) == exact else plain(value)


def sum_texts(row: Mapping[Quantity, Expr], rest: Expr, *, up: bool = True) -> tuple[str, str]:
    """A linear expression, taken apart, as plain text and as LaTeX.

    What is added comes first, then what is subtracted, each by name, then the constant. The
    constant is rounded up or down as asked; coefficients are shown exactly.
    """
    constant = constant_text(rest, up=up) if rest != 0 or not row else ""
    numbers = {quantity: number_text(factor) for quantity, factor in row.items()}
    ordered = sorted(row, key=lambda quantity: (numbers[quantity].startswith("−"), quantity.name))

    def joined(name: Callable[[Quantity], str]) -> str:
        terms = [_term(numbers[quantity], name(quantity)) for quantity in ordered]
        text = "".join(terms) + (_term(constant, "") if constant else "")
        return text[3:] if text.startswith(" + ") else f"−{text[3:]}"

    tex = joined(lambda quantity: quantity.latex)
    return joined(lambda quantity: quantity.name), tex.replace("·", r"\,").replace("−", "-")


def _term(number: str, name: str) -> str:
    size = number.removeprefix("−")
    body = name if size == "1" and name else f"{size}·{name}" if name else size
    return f" − {body}" if number.startswith("−") else f" + {body}"


def fact_texts(fact: Fact) -> tuple[str, str]:
    """A fact as plain text and as LaTeX, each side rounded outward."""
    lhs, lhs_latex = sum_texts(*coefficients(fact.lhs), up=False)
    rhs, rhs_latex = sum_texts(*coefficients(fact.rhs))
    sign = fact.relation.sign
    return f"{lhs} {sign} {rhs}", f"{lhs_latex} {tex_relation(sign)} {rhs_latex}"
