"""Suprema over the ball of a kernel's space: sup_f Σ_i σ_i f(x_i) = √(σᵀKσ) for radius 1.

The kernel matrix is never whole in memory: its rows are made, used and forgotten in blocks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.data.estimate.blocks import NoiseSource, RowBlocks
from boundcalc.data.estimate.suprema import Floats, Suprema, Tick, draw_groups, summation_error
from boundcalc.errors import InputError

KERNELS = ("linear", "rbf", "precomputed")
_BLOCK_BYTES = 2**24
_ASYMMETRY = 1e-6


def kernel_suprema(
    rows: RowBlocks,
    *,
    gamma: float | None,
    draws: int,
    seed: int,
    gaussian: bool,
    tick: Tick | None = None,
) -> Suprema:
    """The suprema over the unit ball.

    Parameters
    ----------
    rows : RowBlocks
        Inputs for the Gaussian kernel exp(−gamma ‖x − x′‖²); the kernel matrix if `gamma` is None.

    Raises
    ------
    InputError
        If a given matrix is not a kernel matrix: square, symmetric, positive semidefinite.
    """
    matrix = _Given(rows) if gamma is None else _Gaussian(rows, gamma)
    m = rows.m
    noise = NoiseSource(seed, gaussian=gaussian)
    forms = np.zeros(draws)
    groups = list(draw_groups(draws, 16 * m))
    step, steps, power = 0, len(groups) * len(_ranges(m)), 1.0
    for group in groups:
        signs = noise.whole(group, m)
        power = max(power, float((signs**2).mean(axis=1).max()))
        for where in _ranges(m):
            block = matrix.block(where)
            forms[group.start : group.stop] += np.einsum(
                "ki,ik->k", signs[:, where.start : where.stop], block @ signs.T
            )
            step += 1
            if tick is not None:
                tick(step, steps)
    # |K_ij| ≤ √(K_ii K_jj), hence Σ |σ_i K_ij σ_j| ≤ tr K Σ σ_i²
    scale = m * float(matrix.diagonal.sum()) * power
    error = (2 * summation_error(m) + matrix.rounding + 1e-12 / m) * scale
    if forms.min() < -error - _ASYMMETRY * matrix.diagonal.sum():
        raise InputError(f"{rows.where} is no kernel matrix: it is not positive semidefinite")
    roots = np.sqrt(np.maximum(forms, 0))
    # √ moves by at most the error over the root, and by the root of the error
    moved = np.minimum(np.sqrt(error), error / np.maximum(roots, 1e-300))
    trace, largest = float(matrix.diagonal.sum()), float(np.sqrt(matrix.diagonal.max()))
    return Suprema(roots, forms, trace, trace, largest, float(moved.mean()))


def _ranges(m: int) -> list[range]:
    """The rows of each block of an m × m matrix."""
    size = max(1, _BLOCK_BYTES // (8 * m))
    return [range(start, min(start + size, m)) for start in range(0, m, size)]


class _Gaussian:
    """The kernel matrix of exp(−gamma ‖x − x′‖²)."""

    def __init__(self, rows: RowBlocks, gamma: float) -> None:
        self.X: NDArray[Any] = rows.whole().astype(np.float64, copy=False)
        if not np.isfinite(np.einsum("ij,ij->i", self.X, self.X)).all():
            said = "holds numbers too large to be squared: measure it in other units"
            raise InputError(f"{rows.where} {said}")
        self.gamma = gamma
        self.diagonal: Floats = np.ones(rows.m)
        # ‖x − x′‖² is off by a share of itself, and t exp(−t) ≤ 1: an entry by so much at most
        self.rounding = summation_error(rows.d + 8)

    def block(self, where: range) -> Floats:
        """Some rows of the matrix."""
        from scipy.spatial.distance import cdist

        # from the differences: ‖x‖² + ‖x′‖² − 2 ⟨x, x′⟩ loses small distances of inputs far from
        # the mean
        distances = cdist(self.X[where.start : where.stop], self.X, "sqeuclidean")
        distances *= -self.gamma
        return np.asarray(np.exp(distances, out=distances))


class _Given:
    """A matrix that is given."""

    rounding = 0.0

    def __init__(self, rows: RowBlocks) -> None:
        if rows.m != rows.d:
            shape = (rows.m, rows.d)
            raise InputError(f"{rows.where} has shape {shape}; a kernel matrix is square")
        self.rows = rows
        self.diagonal = np.empty(rows.m)
        for where in _ranges(rows.m):
            read = rows.rows(where)
            rows.refuse_non_finite(where, read)
            self.diagonal[where.start : where.stop] = read[np.arange(len(where)), list(where)]
        if self.diagonal.min() < 0:
            said = "a kernel matrix has no negative entry on its diagonal"
            raise InputError(f"{rows.where}, row {int(np.argmin(self.diagonal)) + 1}: {said}")

    def block(self, where: range) -> Floats:
        """Some rows of the matrix, checked."""
        read = self.rows.rows(where).astype(np.float64, copy=False)
        mirrored = self.rows.columns(where)
        none = f"{self.rows.where} is no kernel matrix"
        if np.any(np.abs(read - mirrored) > _ASYMMETRY * max(self.diagonal.max(), 1e-300)):
            raise InputError(f"{none}: it is not symmetric")
        limit = np.sqrt(self.diagonal[where.start : where.stop, None] * self.diagonal)
        large = np.abs(read) > limit * (1 + _ASYMMETRY) + 1e-300
        if large.any():
            i, j = (int(k) for k in np.argwhere(large)[0])
            entry = f"row {where.start + i + 1}, column {j + 1}"
            raise InputError(f"{none}: {entry} is larger than the diagonal allows")
        return read
