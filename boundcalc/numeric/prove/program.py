"""Linear programs in floating point: maximise a linear form over x, the facts being the rows.

What comes back is a proposal. Which rows carry the optimum is used; their multipliers are computed
again, exactly, and checked by the kernel.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from boundcalc.errors import ConvergenceError

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]
_TOLERANCE = 1e-10
_ROUNDING = 1e-9
SHRINK = (1.0, 1e-4, 1e-8)
_OPTIMAL, _INFEASIBLE, _UNBOUNDED = 0, 2, 3


class Ending(StrEnum):
    """How a linear program ended."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"


@dataclass(frozen=True, eq=False)
class Constraints:
    """The facts as rows: ``matrix @ x <= bounds``, with equality where `equal` is true.

    Attributes
    ----------
    matrix : csr_array, shape (facts, quantities)
    bounds : ndarray, shape (facts,)
    equal : ndarray of bool, shape (facts,)
    """

    matrix: csr_array
    bounds: Floats
    equal: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.bounds)

    def parts(self) -> tuple[Indices, Indices]:
        """Which part each row and each quantity is in: no fact speaks of two parts."""
        count, width = self.matrix.shape
        rows, columns = self.matrix.nonzero()  # an entry may be stored and 0
        links = (np.ones(len(rows)), (rows, count + columns))
        graph = coo_array(links, shape=(count + width,) * 2)
        labels = connected_components(graph, directed=False)[1]
        return labels[:count], labels[count:]

    def scaled(self, shrink: float) -> tuple[Constraints, Floats, Floats]:
        """Each row divided by its largest coefficient, and x by the largest bound.

        The largest bound of its part: the solver's tolerance is absolute, and a large number must
        not hide small ones that have nothing to do with it. The units are smaller by the factor
        `shrink`.
        """
        matrix = self.matrix
        rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        largest = _largest_of(np.abs(matrix.data), rows, np.arange(matrix.shape[0]))
        bounds = self.bounds / largest
        of_row, of_column = self.parts()
        units = _largest_of(np.abs(bounds), of_row, of_column) * shrink
        entries = (matrix.data / largest[rows], matrix.indices, matrix.indptr)
        scaled = csr_array(entries, shape=matrix.shape)
        return Constraints(scaled, bounds / units[of_row], self.equal), largest, units[of_column]

    def satisfied(self, point: Floats) -> bool:
        """Whether a point satisfies each fact up to rounding, in the fact's own units."""
        excess = self.matrix @ point - self.bounds
        excess[self.equal] = np.abs(excess[self.equal])
        sizes = np.abs(self.bounds)
        reach = np.maximum(abs(self.matrix) @ np.abs(point), sizes)
        least = float(sizes[sizes > 0].min(initial=np.inf))
        floor = least if np.isfinite(least) else 1.0
        return bool(np.all(excess <= _ROUNDING * np.maximum(reach, floor)))


def _largest_of(sizes: Floats, labels: Any, *others: Any) -> Floats:
    """The largest of the sizes with each label, 1 where there is none but 0."""
    found = np.zeros(1 + max(int(each.max(initial=-1)) for each in (labels, *others)))
    np.maximum.at(found, labels, sizes)
    found[found == 0] = 1.0
    return found


@dataclass(frozen=True, eq=False)
class Optimum:
    """What the solver found.

    Attributes
    ----------
    ending : Ending
    point : ndarray, shape (quantities,)
        Where the optimum is attained; empty unless optimal.
    multipliers : ndarray, shape (facts,)
        Of the rows; those of inequalities are ≥ 0 up to rounding. Empty unless optimal.
    """

    ending: Ending
    point: Floats
    multipliers: Floats


def maximise(objective: Floats, rows: Constraints) -> Optimum:
    """Maximise ``objective @ x`` over the free variables x that satisfy the rows.

    Raises
    ------
    ConvergenceError
        If the solver ends in any other way than with an optimum, a proof that there is none, or
        contradictory rows.
    """
    for shrink in SHRINK:
        found = _optimum(objective, rows, shrink)
        if found.ending is not Ending.OPTIMAL or rows.satisfied(found.point):
            return found
    raise ConvergenceError(
        "the linear program was not solved: the solver's point does not satisfy the facts; "
        "their numbers may be too far apart"
    )


def _optimum(objective: Floats, rows: Constraints, shrink: float) -> Optimum:
    """What the solver says, in units smaller by some factor than the largest bounds."""
    work, largest, units = rows.scaled(shrink)
    # the parts share nothing, so each may be given a weight of its own in the objective
    of_row, of_column = rows.parts()
    sizes = _largest_of(np.abs(objective), of_column, of_row)
    loose = ~rows.equal
    result = linprog(
        -objective / sizes[of_column],
        A_ub=work.matrix[loose] if loose.any() else None,
        b_ub=work.bounds[loose] if loose.any() else None,
        A_eq=work.matrix[rows.equal] if rows.equal.any() else None,
        b_eq=work.bounds[rows.equal] if rows.equal.any() else None,
        bounds=(None, None),
        method="highs-ds",
        options={
            "primal_feasibility_tolerance": _TOLERANCE,
            "dual_feasibility_tolerance": _TOLERANCE,
        },
    )
    nothing = np.empty(0)
    if result.status == _OPTIMAL:
        multipliers = np.zeros(len(rows))
        multipliers[loose] = -result.ineqlin.marginals
        multipliers[rows.equal] = -result.eqlin.marginals
        return Optimum(Ending.OPTIMAL, result.x * units, multipliers * sizes[of_row] / largest)
    if result.status == _INFEASIBLE:
        return Optimum(Ending.INFEASIBLE, nothing, nothing)
    if not np.any(objective):
        raise ConvergenceError(f"the linear program was not solved: {result.message}")
    # a program that cannot be unbounded tells "unbounded" from "unbounded or contradictory"
    feasible = maximise(np.zeros_like(objective), rows).ending is Ending.OPTIMAL
    if feasible and result.status != _UNBOUNDED and _bounded(objective, rows):
        raise ConvergenceError(f"the linear program was not solved: {result.message}")
    return Optimum(Ending.UNBOUNDED if feasible else Ending.INFEASIBLE, nothing, nothing)


def _bounded(objective: Floats, rows: Constraints) -> bool:
    """Whether the objective is a combination of the rows with multipliers of the right signs."""
    result = linprog(
        np.zeros(len(rows)),
        A_eq=rows.matrix.T,
        b_eq=objective,
        bounds=[(None, None) if equal else (0, None) for equal in rows.equal],
        method="highs-ds",
    )
    return bool(result.status == _OPTIMAL)
