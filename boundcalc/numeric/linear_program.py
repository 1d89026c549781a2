"""Linear programs in floating point: maximise a linear form over x, the facts being the rows.

What comes back is a proposal. Which rows carry the optimum is used; their multipliers are computed again,
exactly, and checked by the kernel.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from boundcalc.errors import ConvergenceError

Floats = NDArray[np.float64]
_TOLERANCE = 1e-10
_OPTIMAL, _INFEASIBLE, _UNBOUNDED = 0, 2, 3


class Outcome(StrEnum):
    """How a linear program ended."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"


@dataclass(frozen=True, eq=False)
class Rows:
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

    def scaled(self) -> tuple[Rows, Floats, float]:
        """Each row divided by its largest coefficient, and x by the largest bound: what the solver likes."""
        matrix = self.matrix
        rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        largest = np.zeros(matrix.shape[0])
        np.maximum.at(largest, rows, np.abs(matrix.data))
        largest[largest == 0] = 1.0
        bounds = self.bounds / largest
        unit = float(np.abs(bounds).max(initial=0.0)) or 1.0
        entries = (matrix.data / largest[rows], matrix.indices, matrix.indptr)
        scaled = csr_array(entries, shape=matrix.shape)
        return Rows(scaled, bounds / unit, self.equal), largest, unit


@dataclass(frozen=True, eq=False)
class Solution:
    """What the solver found.

    Attributes
    ----------
    outcome : Outcome
    point : ndarray, shape (quantities,)
        Where the optimum is attained; empty unless optimal.
    multipliers : ndarray, shape (facts,)
        Of the rows; those of inequalities are ≥ 0 up to rounding. Empty unless optimal.
    """

    outcome: Outcome
    point: Floats
    multipliers: Floats


def maximise(objective: Floats, rows: Rows) -> Solution:
    """Maximise ``objective @ x`` over the free variables x that satisfy the rows.

    Raises
    ------
    ConvergenceError
        If the solver ends in any other way than with an optimum, a proof that there is none, or
        contradictory rows.
    """
    work, largest, unit = rows.scaled()
    size = float(np.abs(objective).max(initial=0.0)) or 1.0
    loose = ~rows.equal
    result = linprog(
        -objective / size,
        A_ub=work.matrix[loose] if loose.any() else None,
        b_ub=work.bounds[loose] if loose.any() else None,
        A_eq=work.matrix[rows.equal] if rows.equal.any() else None,
        b_eq=work.bounds[rows.equal] if rows.equal.any() else None,
        bounds=(None, None),
        method="highs-ds",
        options={"primal_feasibility_tolerance": _TOLERANCE, "dual_feasibility_tolerance": _TOLERANCE},
    )
    nothing = np.empty(0)
    if result.status == _OPTIMAL:
        multipliers = np.zeros(len(rows.bounds))
        if loose.any():
            multipliers[loose] = -result.ineqlin.marginals
        if rows.equal.any():
            multipliers[rows.equal] = -result.eqlin.marginals
        return Solution(Outcome.OPTIMAL, result.x * unit, multipliers * size / largest)
    if result.status == _INFEASIBLE:
        return Solution(Outcome.INFEASIBLE, nothing, nothing)
    if not np.any(objective):
        raise ConvergenceError(f"the linear program was not solved: {result.message}")
    # "unbounded" and "unbounded or contradictory" are told apart by a program that cannot be unbounded
    feasible = maximise(np.zeros_like(objective), rows).outcome is Outcome.OPTIMAL
    if feasible and result.status != _UNBOUNDED and _bounded(objective, rows):
        raise ConvergenceError(f"the linear program was not solved: {result.message}")
    return Solution(Outcome.UNBOUNDED if feasible else Outcome.INFEASIBLE, nothing, nothing)


def _bounded(objective: Floats, rows: Rows) -> bool:
    """Whether the objective is a combination of the rows with multipliers of the right signs."""
    result = linprog(
        np.zeros(len(rows.bounds)),
        A_eq=rows.matrix.T,
        b_eq=objective,
        bounds=[(None, None) if equal else (0, None) for equal in rows.equal],
        method="highs-ds",
    )
    return bool(result.status == _OPTIMAL)


def stacked(first: Rows, second: Rows) -> Rows:
    """The rows of both, over the same quantities."""
    return Rows(
        csr_array(vstack([first.matrix, second.matrix])),
        np.concatenate([first.bounds, second.bounds]),
        np.concatenate([first.equal, second.equal]),
    )
