"""Covariance matrices: what is wrong with one, and what some coordinates say of the others.

All of it rests on Cholesky factors with pivots of the correlation matrix, so a singular covariance
is as good as any other: coordinates that are linear functions of others are found and left out,
which is what a pseudo-inverse does, without one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import lapack, solve_triangular

from boundcalc.errors import InputError
from boundcalc.worlds.checks import Floats, Ints

EXPLAINED = 1e-12
"""A coordinate with less than this share of its variance left counts as a linear function of the
others.
"""

_ASYMMETRY = 1e-9
_NEGATIVE = 1e-10


def covariance_matrix(given: Any) -> Floats:
    """A covariance matrix, checked.

    Raises
    ------
    InputError
        If it is not a square matrix of finite numbers, symmetric and positive semidefinite.
    """
    try:
        matrix = np.array(given, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise InputError(
            "covariance is not a matrix of numbers: give rows of equal length"
        ) from None
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise InputError(
            f"covariance has the shape {matrix.shape}: it has to be square, one row a coordinate"
        )
    if not np.all(np.isfinite(matrix)):
        row, column = np.argwhere(~np.isfinite(matrix))[0]
        raise InputError(
            f"covariance[{row}, {column}] is {matrix[row, column]}: it has to be finite"
        )
    gap = np.abs(matrix - matrix.T)
    if gap.max() > _ASYMMETRY * np.abs(matrix).max():
        i, j = np.unravel_index(np.argmax(gap), gap.shape)
        entries = f"entry [{i}, {j}] is {matrix[i, j]:g}, entry [{j}, {i}] is {matrix[j, i]:g}"
        raise InputError(f"covariance is not symmetric: {entries}")
    values = np.linalg.eigvalsh(matrix)
    if values[0] < -_NEGATIVE * max(values[-1], 0.0):
        raise InputError(
            f"covariance is not positive semidefinite: it has the eigenvalue {values[0]:.6g}; "
            f"{-values[0]:.6g} more on the diagonal would do"
        )
    symmetric: Floats = (matrix + matrix.T) / 2
    symmetric.flags.writeable = False
    return symmetric


def pivoted_cholesky(matrix: Floats) -> tuple[Floats, Ints]:
    """Coordinates of which all are linear functions, and the factor that makes all from normals.

    Returns
    -------
    factor : ndarray of shape (coordinates, rank)
        factor @ factor.T is the matrix; the rows of the pivots are lower triangular.
    pivots : ndarray of shape (rank,)
    """
    scale = np.sqrt(np.clip(np.diag(matrix), 0, None))
    safe = np.where(scale > 0, scale, 1.0)
    correlation = matrix / np.outer(safe, safe)
    if not np.any(scale):
        return np.zeros((len(matrix), 0)), np.zeros(0, dtype=np.int64)
    packed, order, rank, _ = lapack.dpstrf(correlation, lower=1, tol=EXPLAINED)
    factor = np.zeros((len(matrix), rank))
    order = np.asarray(order, dtype=np.int64) - 1
    factor[order] = np.tril(packed)[:, :rank]
    return factor * safe[:, None], order[:rank]


@dataclass(frozen=True, eq=False)
class Conditional:
    """What the coordinates that are seen say of those that are not.

    Attributes
    ----------
    pivots : ndarray
        Seen coordinates of which all that are seen are linear functions.
    hidden : ndarray
        The coordinates that are not seen.
    slopes : ndarray of shape (rank, hidden)
        The best linear prediction of x_hidden is x_pivots @ slopes.
    schur : ndarray of shape (hidden, hidden)
        The covariance of what is left: the Schur complement.
    """

    pivots: Ints
    hidden: Ints
    slopes: Floats
    schur: Floats

    @property
    def rank(self) -> int:
        """How many directions are seen."""
        return len(self.pivots)


def conditional(covariance: Floats, seen: Sequence[int]) -> Conditional:
    """Split a covariance by what is seen, with triangular solves only."""
    shown = np.array(sorted(seen), dtype=np.int64)
    hidden = np.setdiff1d(np.arange(len(covariance)), shown)
    factor, chosen = pivoted_cholesky(covariance[np.ix_(shown, shown)])
    pivots, triangle = shown[chosen], factor[chosen]
    explained = slopes = covariance[np.ix_(pivots, hidden)]
    if explained.size:  # older LAPACK wrappers refuse to solve for nothing
        explained = solve_triangular(triangle, explained, lower=True)
        slopes = solve_triangular(triangle, explained, lower=True, trans="T")
    schur = covariance[np.ix_(hidden, hidden)] - explained.T @ explained
    known = np.diag(schur) <= EXPLAINED * np.diag(covariance)[hidden]
    schur[known, :] = schur[:, known] = 0.0
    return Conditional(pivots, hidden, slopes, (schur + schur.T) / 2)
