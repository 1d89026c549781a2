"""Exact multipliers: the linear equations of a certificate, solved without rounding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import EXRAW, QQ, Expr, Rational, expand_mul
from sympy.polys.matrices import DomainMatrix

from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.quantities import Quantity, coefficients


def exact_multipliers(facts: Sequence[Fact], claim: Expr) -> list[Expr] | None:
    """The c with claim + Σ c (rhs − lhs) free of quantities, or None if there are none.

    They are rational where all coefficients are, else expressions in the parameters, such as 2L.
    Where they are not unique, those that the equations leave open are 0.
    """
    rows = [coefficients(fact.lhs - fact.rhs)[0] for fact in facts]
    columns = (*rows, coefficients(claim)[0])
    place: dict[Quantity, int] = {}
    numbers = [number for row in columns for number in row.values()]
    domain = QQ if all(number.is_Rational for number in numbers) else EXRAW
    equations: dict[int, dict[int, Any]] = {}
    for j, row in enumerate(columns):
        for quantity, number in row.items():
            i = place.setdefault(quantity, len(place))
            equations.setdefault(i, {})[j] = domain.from_sympy(number)
    matrix = DomainMatrix(equations, (len(place), len(columns)), domain)
    reduced, pivots = matrix.rref()
    if len(rows) in pivots:
        return None
    found = [Rational(0)] * len(rows)
    for i, row_of in reduced.rep.to_sdm().items():
        if len(rows) in row_of:
            found[pivots[i]] = expand_mul(domain.to_sympy(row_of[len(rows)]))
    return found
