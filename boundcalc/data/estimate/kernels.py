"""Suprema over the ball of a kernel's space: sup_f Σ_i σ_i f(x_i) = √(σᵀKσ) for radius 1.

The kernel matrix is never whole in memory: its rows are made, used and forgotten in blocks.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
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
    step, steps, power = 0, len(groups) * len(matrix.starts), 1.0
    for group in groups:
        signs = noise.whole(group, m)
        power = max(power, float((signs**2).mean(axis=1).max()))
        for where, block in matrix.blocks():
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


class _Matrix(ABC):
    """A kernel matrix in blocks of rows."""

    diagonal: Floats
    rounding = 0.0  # an entry is off by at most this times √(K_ii K_jj)

    def __init__(self, rows: RowBlocks) -> None:
        self.rows = rows
        self.size = max(1, _BLOCK_BYTES // (8 * rows.m))
        self.starts = range(0, rows.m, self.size)

    def blocks(self) -> Iterator[tuple[range, Floats]]:
        for start in self.starts:
            where = range(start, min(start + self.size, self.rows.m))
            yield where, self.block(where)

    @abstractmethod
    def block(self, where: range) -> Floats:
        """Some rows of the matrix."""


class _Gaussian(_Matrix):
    def __init__(self, rows: RowBlocks, gamma: float) -> None:
        super().__init__(rows)
        self.X: NDArray[Any] = rows.whole().astype(np.float64, copy=False)
        if not np.isfinite(np.einsum("ij,ij->i", self.X, self.X)).all():
            raise InputError(
                f"{rows.where} holds numbers too large to be squared: measure it in other units",
            )
        self.gamma = gamma
        self.diagonal = np.ones(rows.m)
        # ‖x − x′‖² is off by a share of itself, and t exp(−t) ≤ 1
        self.rounding = summation_error(rows.d + 8)

    def block(self, where: range) -> Floats:
        from scipy.spatial.distance import cdist

        # from the differences: ‖x‖² + ‖x′‖² − 2 ⟨x, x′⟩ loses small distances of inputs far from
        # the mean
        distances = cdist(self.X[where.start : where.stop], self.X, "sqeuclidean")
        distances *= -self.gamma
        return np.asarray(np.exp(distances, out=distances))


class _Given(_Matrix):
    def __init__(self, rows: RowBlocks) -> None:
        super().__init__(rows)
        if rows.m != rows.d:
            raise InputError(
                f"{rows.where} has shape {(rows.m, rows.d)}; a kernel matrix is square",
            )
        self.diagonal = np.empty(rows.m)
        for where in (range(s, min(s + self.size, rows.m)) for s in self.starts):
            read = rows.rows(where)
            rows.refuse_non_finite(where, read)
            self.diagonal[where.start : where.stop] = read[np.arange(len(where)), list(where)]
        if self.diagonal.min() < 0:
            i = int(np.argmin(self.diagonal))
            raise InputError(
                f"{rows.where}, row {i + 1}: a kernel matrix has no negative entry on its diagonal"
            )

    def block(self, where: range) -> Floats:
        read = self.rows.rows(where).astype(np.float64, copy=False)
        mirrored = self.rows.columns(where)
        limit = np.sqrt(self.diagonal[where.start : where.stop, None] * self.diagonal)
        if np.any(np.abs(read - mirrored) > _ASYMMETRY * max(float(self.diagonal.max()), 1e-300)):
            raise InputError(f"{self.rows.where} is no kernel matrix: it is not symmetric")
        if np.any(np.abs(read) > limit * (1 + _ASYMMETRY) + 1e-300):
            i, j = (
                int(k)
                for k in np.argwhere(
                    np.abs(read) > limit * (1 + _ASYMMETRY) + 1e-300,
                )[0]
            )
            entry = f"row {where.start + i + 1}, column {j + 1}"
            raise InputError(
                f"{self.rows.where} is no kernel matrix: {entry} is larger than the diagonal allows"
            )
        return read
