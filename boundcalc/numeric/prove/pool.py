"""Pools of facts: rows of a linear program, and the fact behind each, built when asked for.

And the exact multipliers of facts: the linear equations of a certificate, without rounding.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, partial
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_array, vstack
from sympy import EXRAW, QQ, Expr, Rational, expand_mul
from sympy.polys.matrices import DomainMatrix

from boundcalc.conventions import Relation
from boundcalc.errors import InputError
from boundcalc.numeric.exact import rounded_up
from boundcalc.numeric.prove.program import Constraints, Floats
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.quantities import Quantity, coefficients

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


class Entry(NamedTuple):
    """The fact behind a row: how it is built, what messages call it, and where it was written.

    The place is empty for a lemma.
    """

    fact: Callable[[], Fact]
    label: Callable[[], str]
    place: str = ""


class FactRow(NamedTuple):
    """A fact by its numbers: Σ coefficients · quantities ≤ (or =) bound."""

    coefficients: Mapping[Quantity, Fraction | float]
    bound: Fraction | float
    equal: bool
    entry: Entry


@dataclass(frozen=True, eq=False)
class Pool:
    """What a bound may be proved from.

    Attributes
    ----------
    rows : Constraints
        In floating point; row i is fact i.
    quantity : callable
        The quantity of each column.
    column : callable
        The column of a quantity, or None.
    entry : callable
        What is behind row i: a large pool builds only the facts that are asked for.
    charges : tuple of Charge
        All events that any fact of the pool rests on.
    values : mapping of symbol to Fraction
        The numbers behind the parameters of symbolic facts.
    budget : sympy.Expr or None
        The failure probability as an expression, where the facts are symbolic.
    """

    rows: Constraints
    quantity: Callable[[int], Quantity]
    column: Callable[[Quantity], int | None]
    entry: Callable[[int], Entry]
    charges: tuple[Charge, ...] = ()
    values: Mapping[Expr, Fraction] = field(default_factory=dict)
    budget: Expr | None = None

    @cached_property
    def failure(self) -> Fraction:
        """The cost of all events, used or not."""
        return sum((charge.cost for charge in self.charges), Fraction(0))

    def fact(self, row: int) -> Fact:
        """The fact behind a row."""
        return self.entry(row).fact()

    def label(self, row: int) -> str:
        """What messages call the fact behind a row."""
        return self.entry(row).label()

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
                    f"the coefficient of {quantity.name} in what is asked for is too large or too "
                    "small; divide what is asked for by a number"
                )
        return vector


def number_of(expr: Expr, values: Mapping[Expr, Fraction]) -> float:
    """An expression in floating point; beyond its range, an infinity of the right sign."""
    if expr.is_Rational:
        return _float(Fraction(int(expr.p), int(expr.q)))
    return rounded_up(expr, values)[0]


def _float(value: Fraction | float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def pool_of(
    rows: Sequence[FactRow],
    *,
    base: Pool | None = None,
    charges: Iterable[Charge] = (),
    values: Mapping[Expr, Fraction] | None = None,
    budget: Expr | None = None,
) -> Pool:
    """A pool of the facts behind some rows.

    Parameters
    ----------
    rows : sequence of FactRow
        They may speak of quantities of their own.
    base : Pool, optional
        A pool whose facts come first.
    charges : iterable of Charge
        For the events of the facts, whose rows are counted from 0.
    values : mapping of symbol to Fraction, optional
    budget : sympy.Expr, optional

    Raises
    ------
    InputError
        If the numbers of a fact are too far apart to be solved for reliably.
    """
    count, width = base.rows.matrix.shape if base else (0, 0)
    own: dict[Quantity, int] = {}

    def column(quantity: Quantity) -> int | None:
        known = base.column(quantity) if base else None
        return own.get(quantity) if known is None else known

    data, indices, starts = list[float](), list[int](), [0]
    for row in rows:
        _check_range(row)
        for quantity, value in row.coefficients.items():
            j = column(quantity)
            indices.append(own.setdefault(quantity, width + len(own)) if j is None else j)
            data.append(_float(value))
        starts.append(len(data))
    matrix = csr_array((data, indices, starts), shape=(len(rows), width + len(own)))
    bounds = np.array([_float(row.bound) for row in rows], dtype=float)
    found = Constraints(matrix, bounds, np.array([row.equal for row in rows], dtype=bool))
    made = list(own)
    if base is None:
        entry = [row.entry for row in rows].__getitem__
        return Pool(found, made.__getitem__, column, entry, tuple(charges), values or {}, budget)
    old = base.rows.matrix
    wide = csr_array((old.data, old.indices, old.indptr), shape=(count, width + len(own)))
    return replace(
        base,
        rows=Constraints(
            csr_array(vstack([wide, matrix])),
            np.concatenate([base.rows.bounds, found.bounds]),
            np.concatenate([base.rows.equal, found.equal]),
        ),
        quantity=lambda j: base.quantity(j) if j < width else made[j - width],
        column=column,
        entry=lambda i: base.entry(i) if i < count else rows[i - count].entry,
        charges=(
            *base.charges,
            *(replace(c, rows=frozenset(i + count for i in c.rows)) for c in charges),
        ),
    )


def _check_range(row: FactRow) -> None:
    """Refuse numbers that floating point has not, or that are too far apart."""
    label = row.entry.label
    sizes: list[Any] = [abs(value) for value in row.coefficients.values() if value] or [1]
    bound: Any = abs(row.bound)
    least, most = min(sizes), max(sizes)
    if most > _WIDEST * least:
        raise InputError(
            f"{label()}: the coefficients of a fact must be within a factor of {_WIDEST:.0e} of "
            f"one another; these go from {_float(least):.3g} to {_float(most):.3g}"
        )
    if bound > _LARGEST * most:
        raise InputError(
            f"{label()}: the number {_float(bound):.3g} is more than {_LARGEST:.0e} times the "
            f"largest coefficient, {_float(most):.3g}: too large to be solved for reliably"
        )
    if least < sys.float_info.min or max(most, bound) > sys.float_info.max:
        raise InputError(
            f"{label()}: its numbers must be between {sys.float_info.min:.3g} and "
            f"{sys.float_info.max:.3g} in size; multiply the fact by a number"
        )


def fact_rows(
    facts: Iterable[Fact], values: Mapping[Expr, Fraction] | None = None
) -> list[FactRow]:
    """Facts as rows, with numbers put in for their parameters."""
    known, found = values or {}, []
    for fact in facts:
        row, rest = coefficients(fact.lhs - fact.rhs)
        numbers = {q: number_of(c, known) for q, c in row.items()}
        entry = Entry(partial(_same, fact), partial(str, fact.lemma))
        equal = fact.relation is Relation.EQUAL
        found.append(FactRow(numbers, -number_of(rest, known), equal, entry))
    return found


def _same(fact: Fact) -> Fact:
    return fact


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
