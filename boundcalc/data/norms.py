"""Norms of matrices, rounded up: what is returned is never below the norm."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
_UNIT = 2.0**-53
_LARGEST_SVD = 3000


def frobenius(W: Matrix) -> float:
    """‖W‖_F: the entries are divided by the largest, so that no square overflows."""
    top = float(np.abs(W).max())
    if top == 0:
        return 0.0
    return _above(top * math.sqrt(float(np.square(W / top).sum())), W.size)


def two_one(W: Matrix) -> float:
    """‖Wᵀ‖_{2,1}, the sum of the ℓ2 norms of the rows of W."""
    return _above(math.fsum(frobenius(row[None, :]) for row in W), 4)


def spectral(W: Matrix) -> float:
    """‖W‖, from W = U S Vᵀ + E: at most ‖U‖ s₁ ‖V‖ + ‖E‖_F, with what rounding can add.

    A computed decomposition is no proof: how far U and V are from orthonormal, and how much is
    left over, is computed and bounded. Of very large matrices √(‖W‖₁ ‖W‖_∞) is taken. Neither is
    above ‖W‖_F.
    """
    top, size = float(np.abs(W).max()), max(W.shape)
    if top == 0:
        return 0.0
    A = W / top
    sums = (float(np.abs(A).sum(axis=axis).max()) for axis in (0, 1))
    limits = [frobenius(W), _above(top * math.sqrt(math.prod(sums)), 2 * size)]
    if min(W.shape) <= _LARGEST_SVD:
        U, s, Vt = np.linalg.svd(A, full_matrices=False)
        lost = 4 * (size + len(s) + 4) * _UNIT
        grown = [1 + _gram(U.T) + lost * len(s), 1 + _gram(Vt) + lost * len(s)]
        rest = float(np.linalg.norm(A - (U * s) @ Vt))
        rounding = lost * len(s) * float(s[0])
        limits.append(_above(top * (math.sqrt(math.prod(grown)) * s[0] + rest + rounding), size))
    return min(limits)


def _gram(Q: Matrix) -> float:
    """How far the rows of Q are from orthonormal: ‖QQᵀ − I‖_F."""
    return float(np.linalg.norm(Q @ Q.T - np.eye(len(Q))))


def _above(value: float, operations: int) -> float:
    """A float that was computed in so many roundings, moved up by all that they can have lost."""
    if value == 0:
        return 0.0
    return math.nextafter(value * (1 + 2 * (operations + 8) * _UNIT), math.inf)
