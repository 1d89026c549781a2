"""Exact multipliers: the linear equations of a certificate, solved without rounding.

Over the rationals where all coefficients are, else over expressions in the parameters, such as 2L.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from fractions import Fraction
from heapq import heapify, heappop, heappush
from typing import Any

from sympy import Expr, Rational, S, expand_mul

from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.quantities import Quantity, quantities_in

Row = Mapping[Any, Any]


def coefficients(expr: Expr) -> tuple[dict[Quantity, Expr], Expr]:
    """A linear expression taken apart: the coefficient of each quantity, and the rest."""
    expr, rest, found = expand_mul(expr), S.Zero, dict[Quantity, Expr]()
    for term in expr.args if expr.is_Add else (expr,):
        factor, quantity = term.as_coeff_Mul()
        if not isinstance(quantity, Quantity):
            inside = quantities_in(term)
            if not inside:
                rest += term
                continue
            (quantity,) = inside
            factor = term.coeff(quantity)
        found[quantity] = found.get(quantity, S.Zero) + factor
    return found, rest


def multipliers(facts: Sequence[Fact], claim: Expr) -> list[Expr] | None:
    """The c with claim + Σ c (rhs − lhs) free of quantities, or None if there are none.

    Where they are not unique, those that the equations leave open are 0.
    """
    rows = [coefficients(fact.lhs - fact.rhs)[0] for fact in facts]
    target = coefficients(claim)[0]
    numeric = all(c.is_Rational for row in (*rows, target) for c in row.values())
    if not numeric:
        found = solve(rows, target, zero=S.Zero, tidy=expand_mul)
        return found if found is None else [S(c) for c in found]
    exact = [{q: Fraction(int(c.p), int(c.q)) for q, c in row.items()} for row in (*rows, target)]
    found = solve(exact[:-1], exact[-1], zero=Fraction(0), tidy=lambda c: c)
    return found if found is None else [Rational(c.numerator, c.denominator) for c in found]


def solve(rows: Sequence[Row], target: Row, *, zero: Any, tidy: Callable[[Any], Any]) -> list[Any] | None:
    """Solve Σ c_i rows_i = target by sparse elimination, the shortest equation first.

    Parameters
    ----------
    rows : sequence of mapping
        Sparse vectors.
    target : mapping
    zero : number
    tidy : callable
        Brings a number into a form in which 0 is 0.

    Returns
    -------
    list or None
        None if the equations contradict each other; unknowns that they leave open are 0.
    """
    equations: dict[Hashable, dict[int, Any]] = {key: {} for row in (*rows, target) for key in row}
    where: list[set[Hashable]] = [set(row) for row in rows]
    for i, row in enumerate(rows):
        for key, value in row.items():
            equations[key][i] = value
    right = {key: target.get(key, zero) for key in equations}
    order = list(equations)
    place = {key: n for n, key in enumerate(order)}
    queue = [(len(equation), place[key]) for key, equation in equations.items()]
    heapify(queue)
    solved: list[tuple[int, dict[int, Any], Any]] = []
    while queue:
        length, n = heappop(queue)
        key = order[n]
        if key not in equations or len(equations[key]) != length:
            continue
        equation, value = equations.pop(key), right.pop(key)
        if not equation:
            if value != 0:
                return None
            continue
        pivot = min(equation, key=lambda i: (len(where[i]), i))
        by = equation.pop(pivot)
        rest = {i: tidy(c / by) for i, c in equation.items()}
        value = tidy(value / by)
        solved.append((pivot, rest, value))
        for i in (pivot, *rest):
            where[i].discard(key)
        for other in where[pivot]:
            _substitute(equations[other], right, other, pivot, rest, value, where, tidy)
            heappush(queue, (len(equations[other]), place[other]))
        where[pivot] = set()
    return _back(solved, len(rows), zero, tidy)


def _substitute(
    equation: dict[int, Any],
    right: dict[Hashable, Any],
    key: Hashable,
    pivot: int,
    rest: Mapping[int, Any],
    value: Any,
    where: list[set[Hashable]],
    tidy: Callable[[Any], Any],
) -> None:
    """Put pivot = value − Σ rest into one equation."""
    factor = equation.pop(pivot)
    right[key] = tidy(right[key] - factor * value)
    for i, c in rest.items():
        changed = tidy(equation.get(i, 0) - factor * c)
        if changed == 0:
            equation.pop(i, None)
            where[i].discard(key)
        else:
            equation[i] = changed
            where[i].add(key)


def _back(
    solved: Sequence[tuple[int, Mapping[int, Any], Any]], size: int, zero: Any, tidy: Callable[[Any], Any]
) -> list[Any]:
    found = [zero] * size
    for pivot, rest, value in reversed(solved):
        found[pivot] = tidy(value - sum((c * found[i] for i, c in rest.items()), zero))
    return found
