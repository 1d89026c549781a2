"""Expressions of the form A + B/√x, which can be solved in closed form."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Add, Expr, Rational, S, Symbol, expand_mul


@dataclass(frozen=True)
class RootForm:
    """``constant + slope/√x``; neither depends on x."""

    constant: Expr
    slope: Expr


def root_form(expr: Expr, x: Symbol) -> RootForm | None:
    """Split an expression into A + B/√x; None if it has another form in `x`."""
    constant = slope = S.Zero
    for term in Add.make_args(expand_mul(expr)):
        coefficient, power = term.as_independent(x, as_Add=False)
        if power == 1:
            constant += coefficient
        elif power == x ** Rational(-1, 2):
            slope += coefficient
        else:
            return None
    return RootForm(constant, slope) if slope != 0 else None
