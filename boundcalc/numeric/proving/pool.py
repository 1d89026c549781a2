"""Pools of facts: rows of a linear program, and the fact behind each row, built when it is asked for."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, partial
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from sympy import Expr

from boundcalc.conventions import Relation
from boundcalc.errors import InputError
from boundcalc.numeric.bound import value_of
from boundcalc.numeric.exact import rounded_up
from boundcalc.numeric.proving.exact_basis import coefficients
from boundcalc.numeric.proving.linear_program import Floats, Rows, stacked
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.quantities import Quantity

_WIDEST = 10**9
_LARGEST = 10**15


@dataclass(frozen=True)
class Charge:
    """An event that is paid for, whether a proof rests on it or not.

    Attributes
    ----------
    event : str
    cost : Fraction
    rows : frozenset of int
        The facts that hold unless it fails.
    """

    event: str
    cost: Fraction
    rows: frozenset[int]


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
    charges : tuple of Charge
        All events that any fact of the pool rests on.
    values : mapping of symbol to Fraction
        The numbers behind the parameters of symbolic facts.
    budget : sympy.Expr or None
        The failure probability as an expression, where the facts are symbolic.
    label : callable
        What messages call fact i.
    """

    rows: Rows
    quantity: Callable[[int], Quantity]
    column: Callable[[Quantity], int | None]
    fact: Callable[[int], Fact]
    charges: tuple[Charge, ...] = ()
    values: Mapping[Expr, Fraction] = field(default_factory=dict)
    budget: Expr | None = None
    label: Callable[[int], str] = str

    @cached_property
    def failure(self) -> Fraction:
        """The cost of all events, used or not."""
        return sum((charge.cost for charge in self.charges), Fraction(0))

    def numeric(self, expr: Expr) -> float:
        """The value of an expression in the parameters, in floating point."""
        return number_of(expr, self.values)

    def objective(self, claim: Expr) -> Floats:
        """The coefficients of a linear expression in the quantities of the pool.

        Raises
        ------
        KeyError
            For a quantity of which no fact speaks.
        InputError
            For a coefficient that floating point has not.
        """
        vector = np.zeros(self.rows.matrix.shape[1])
        for quantity, value in coefficients(claim)[0].items():
            column = self.column(quantity)
            if column is None:
                raise KeyError(quantity.name)
            vector[column] += self.numeric(value)
            if not math.isfinite(vector[column]) or (value.is_Rational and vector[column] == 0):
                raise InputError(
                    f"the coefficient of {quantity.name} in what is asked for is too large or too small; "
                    "divide what is asked for by a number"
                )
        return vector


def number_of(expr: Expr, values: Mapping[Expr, Fraction]) -> float:
    """An expression in floating point; beyond its range, an infinity of the right sign."""
    if expr.is_Rational:
        return _float(Fraction(int(expr.p), int(expr.q)))
    if not expr.free_symbols:
        return rounded_up(expr, {})[0]
    return float(value_of(expr, {s.name: float(values[s]) for s in expr.free_symbols}))


def _float(value: Fraction | float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


@dataclass(frozen=True)
class Line:
    """A fact by its numbers: Σ coefficients · quantities ≤ (or =) bound.

    Attributes
    ----------
    coefficients : mapping of Quantity to number
    bound : number
    equal : bool
    fact : callable
        Builds the fact itself.
    label : str
        What messages call it.
    """

    coefficients: Mapping[Quantity, Fraction | float]
    bound: Fraction | float
    equal: bool
    fact: Callable[[], Fact]
    label: str


def lines_of(facts: Iterable[Fact], values: Mapping[Expr, Fraction] | None = None) -> tuple[Line, ...]:
    """Symbolic facts, with numbers put in for their parameters."""
    found = []
    for fact in facts:
        row, rest = coefficients(fact.lhs - fact.rhs)
        numbers: dict[Quantity, Fraction | float] = {q: number_of(c, values or {}) for q, c in row.items()}
        bound = -number_of(rest, values or {})
        found.append(Line(numbers, bound, fact.relation is Relation.EQUAL, partial(_same, fact), fact.lemma))
    return tuple(found)


def _same(fact: Fact) -> Fact:
    return fact


def pool_of(
    lines: Sequence[Line],
    *,
    charges: tuple[Charge, ...] = (),
    values: Mapping[Expr, Fraction] | None = None,
    budget: Expr | None = None,
) -> Pool:
    """A pool of the facts behind some lines.

    Raises
    ------
    InputError
        If the numbers of a fact are too far apart to be solved for reliably.
    """
    columns = _Columns(lambda quantity: None, 0)
    rows = _rows(lines, columns)
    return Pool(
        rows=rows,
        quantity=list(columns.own).__getitem__,
        column=columns.get,
        fact=lambda i: lines[i].fact(),
        charges=charges,
        values=values or {},
        budget=budget,
        label=lambda i: lines[i].label,
    )


def extended(pool: Pool, lines: Sequence[Line], *, charges: tuple[Charge, ...]) -> Pool:
    """A pool and some facts more, which may speak of quantities of their own.

    Parameters
    ----------
    charges : tuple of Charge
        For the events of the facts, whose rows are counted from 0.
    """
    count, width = pool.rows.matrix.shape
    columns = _Columns(pool.column, width)
    added = _rows(lines, columns)
    own = list(columns.own)
    old = pool.rows.matrix
    wide = csr_array((old.data, old.indices, old.indptr), shape=(count, width + len(own)))
    return replace(
        pool,
        rows=stacked(replace(pool.rows, matrix=wide), added),
        quantity=lambda j: pool.quantity(j) if j < width else own[j - width],
        column=columns.get,
        fact=lambda i: pool.fact(i) if i < count else lines[i - count].fact(),
        charges=pool.charges + tuple(replace(c, rows=frozenset(i + count for i in c.rows)) for c in charges),
        label=lambda i: pool.label(i) if i < count else lines[i - count].label,
    )


class _Columns:
    """The columns of quantities: those that are known already, and new ones for the rest."""

    def __init__(self, known: Callable[[Quantity], int | None], width: int) -> None:
        self.known, self.width = known, width
        self.own: dict[Quantity, int] = {}

    def get(self, quantity: Quantity) -> int | None:
        found = self.known(quantity)
        return self.own.get(quantity) if found is None else found

    def index(self, quantity: Quantity) -> int:
        found = self.known(quantity)
        return self.own.setdefault(quantity, self.width + len(self.own)) if found is None else found


def _rows(lines: Sequence[Line], columns: _Columns) -> Rows:
    """The rows of some facts; quantities that have no column yet are given one."""
    data, indices, starts = list[float](), list[int](), [0]
    for line in lines:
        numbers = [_float(value) for value in line.coefficients.values()]
        _check_range(line)
        indices += [columns.index(quantity) for quantity in line.coefficients]
        data += numbers
        starts.append(len(data))
    matrix = csr_array((data, indices, starts), shape=(len(lines), columns.width + len(columns.own)))
    bounds = np.array([_float(line.bound) for line in lines], dtype=float)
    return Rows(matrix, bounds, np.array([line.equal for line in lines], dtype=bool))


def _check_range(line: Line) -> None:
    """Refuse numbers that floating point has not, or that are too far apart, as exactly as they are given."""
    sizes: list[Any] = [abs(value) for value in line.coefficients.values() if value]
    bound: Any = abs(line.bound)
    least, most = min(sizes, default=1), max(sizes, default=1)
    if most > _WIDEST * least:
        raise InputError(
            f"{line.label}: the coefficients of a fact must be within a factor of {_WIDEST:.0e} of one "
            f"another; these go from {_float(least):.3g} to {_float(most):.3g}"
        )
    if bound > _LARGEST * most:
        raise InputError(
            f"{line.label}: the number {_float(bound):.3g} is more than {_LARGEST:.0e} times the "
            f"largest coefficient, {_float(most):.3g}: too large to be solved for reliably"
        )
    if least < sys.float_info.min or max(most, bound) > sys.float_info.max:
        raise InputError(
            f"{line.label}: its numbers must be between {sys.float_info.min:.3g} and "
            f"{sys.float_info.max:.3g} in size; multiply the fact by a number"
        )
