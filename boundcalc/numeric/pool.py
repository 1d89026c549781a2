"""Pools of facts: rows of a linear program, and the fact behind each row, built when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from scipy.sparse import csr_array
from sympy import Expr

from boundcalc.conventions import Relation
from boundcalc.errors import InputError
from boundcalc.numeric.evaluate import value_of
from boundcalc.numeric.exact_basis import coefficients
from boundcalc.numeric.linear_program import Floats, Rows
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.quantities import Quantity

_WIDEST = 1e9
_LARGEST = 1e15


@dataclass(frozen=True, eq=False)
class Pool:
    """What a bound may be proved from.

    Attributes
    ----------
    rows : Rows
        In floating point; row i is fact i.
    quantity : callable
        The quantity of each column.
    column : callable
        The column of a quantity, or None.
    fact : callable
        Fact i: a large pool builds only the facts that are asked for.
    failure : Fraction
        The cost of all events that any fact of the pool rests on, used or not.
    values : mapping of symbol to Fraction
        The numbers behind the parameters of symbolic facts.
    label : callable
        What messages call fact i.
    """

    rows: Rows
    quantity: Callable[[int], Quantity]
    column: Callable[[Quantity], int | None]
    fact: Callable[[int], Fact]
    failure: Fraction
    values: Mapping[Expr, Fraction] = field(default_factory=dict)
    label: Callable[[int], str] = str

    def numeric(self, expr: Expr) -> float:
        """The value of an expression in the parameters, in floating point."""
        return number_of(expr, self.values)

    def objective(self, claim: Expr) -> Floats:
        """The coefficients of a linear expression in the quantities of the pool.

        Raises
        ------
        KeyError
            For a quantity of which no fact speaks.
        """
        vector = np.zeros(self.rows.matrix.shape[1])
        for quantity, value in coefficients(claim)[0].items():
            column = self.column(quantity)
            if column is None:
                raise KeyError(quantity.name)
            vector[column] += self.numeric(value)
        return vector


def number_of(expr: Expr, values: Mapping[Expr, Fraction]) -> float:
    """An expression in floating point; beyond its range, an infinity of the right sign."""
    if expr.is_Rational:
        try:
            return int(expr.p) / int(expr.q)
        except OverflowError:
            return float("inf") if expr.p > 0 else float("-inf")
    return float(value_of(expr, {s.name: float(values[s]) for s in expr.free_symbols}))


def pool_of(
    facts: Sequence[Fact],
    *,
    failure: Fraction,
    values: Mapping[Expr, Fraction] | None = None,
    labels: Sequence[str] = (),
) -> Pool:
    """A pool of facts that exist already.

    Raises
    ------
    InputError
        If the numbers of a fact are too far apart to be solved for reliably.
    """
    known = values or {}
    columns: dict[Quantity, int] = {}
    data, indices, starts, bounds = list[float](), list[int](), [0], list[float]()
    for i, fact in enumerate(facts):
        row, rest = coefficients(fact.lhs - fact.rhs)
        numbers = {q: number_of(c, known) for q, c in row.items()}
        bound = -number_of(rest, known)
        _check_range(numbers, bound, labels[i] if labels else fact.lemma)
        for quantity, value in numbers.items():
            indices.append(columns.setdefault(quantity, len(columns)))
            data.append(value)
        starts.append(len(data))
        bounds.append(bound)
    matrix = csr_array((data, indices, starts), shape=(len(facts), len(columns)))
    equal = np.array([fact.relation is Relation.EQUAL for fact in facts], dtype=bool)
    return Pool(
        rows=Rows(matrix, np.array(bounds, dtype=float), equal),
        quantity=list(columns).__getitem__,
        column=columns.get,
        fact=facts.__getitem__,
        failure=failure,
        values=known,
        label=labels.__getitem__ if labels else lambda i: facts[i].lemma,
    )


def _check_range(numbers: Mapping[Quantity, float], bound: float, place: str) -> None:
    sizes = [abs(value) for value in numbers.values() if value]
    if not sizes:
        return
    if max(sizes) == float("inf") or max(sizes) > _WIDEST * min(sizes):
        raise InputError(
            f"{place}: the coefficients of a fact must be within a factor of {_WIDEST:.0e} of one another; "
            f"these go from {min(sizes):.3g} to {max(sizes):.3g}"
        )
    if abs(bound) > _LARGEST * max(sizes):
        raise InputError(
            f"{place}: the number {abs(bound):.3g} is more than {_LARGEST:.0e} times the largest coefficient, "
            f"{max(sizes):.3g}: too large to be solved for reliably"
        )
