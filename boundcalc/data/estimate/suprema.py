"""Suprema over function classes, one a draw of the noise: sup_f Σ_i σ_i f(x_i).

For a linear ball the supremum is B times the dual norm of Xᵀσ, for a finite class the largest entry
of Fᵀσ: both are read off one product of the noise with the data, which is summed over blocks of
rows. The products of a few blocks are in the precision of the data (float32 stays float32); their
sum is in float64. A kernel matrix is never whole in memory: its rows are made, used and forgotten
in blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.data.estimate.row_blocks import GROUP, NoiseSource, RowBlocks
from boundcalc.errors import InputError

Tick = Callable[[int, int], None]
Floats = NDArray[np.float64]
KERNELS = ("linear", "rbf", "precomputed")
_DRAWS_BYTES = 2**27
_KERNEL_BYTES = 2**24
_ASYMMETRY = 1e-6
_PIECE = 1024
_LEAST_ENERGY = 1e-280  # below it squares have lost digits, or are 0
_BLOCKS_ADDED = 8  # products that are added in the precision of the data
# no normal that NumPy's generator can make is larger
_LARGEST_NORMAL = 20.0


@dataclass(frozen=True)
class Suprema:
    """What the draws gave.

    Attributes
    ----------
    values : ndarray, shape (draws,)
        sup_f Σ_i σ_i f(x_i); over a ball, that of radius 1.
    control : ndarray, shape (draws,)
        A quantity whose mean is known, here ‖Xᵀσ‖₂² or σᵀKσ.
    control_mean : float
        That mean.
    squares, largest : float
        With |f(x_i)| ≤ b_i: Σ b_i² and max b_i.
    rounding : float
        The computed values differ from the exact ones by at most this, on average over the draws.
    """

    values: Floats
    control: Floats
    control_mean: float
    squares: float
    largest: float
    rounding: float


@dataclass(frozen=True)
class LinearBall:
    """x ↦ ⟨w, x⟩ with ‖w‖_p ≤ 1; `dual` is q with 1/p + 1/q = 1."""

    dual: float

    def shifted(self, block: NDArray[Any]) -> NDArray[Any]:
        """The block, less one fixed function, which changes no complexity: here none."""
        return block

    def envelope(self, block: NDArray[Any]) -> Floats:
        """The largest |f(x_i)| for each row: ‖x_i‖_q."""
        if self.dual == 2:
            return np.asarray(np.sqrt(_squared_rows(block)))
        return row_norms(block.astype(np.float64), self.dual)

    def energy(self, block: NDArray[Any], envelope: Floats) -> float:
        """The sum of the squares of all entries, which the envelope ‖x_i‖₂ tells as well."""
        return float(np.dot(envelope, envelope)) if self.dual == 2 else _energy(block)

    def supremum(self, totals: Floats) -> Floats:
        """One supremum for each row of Σ_i σ_i x_i: its norm ‖·‖_q."""
        return row_norms(totals, self.dual)


@dataclass(frozen=True)
class FiniteClass:
    """N functions, given by the m × N matrix of their outputs.

    The midpoint of the outputs on each example is subtracted first: it is one fixed function, so
    the complexity stays, and half the range is the smallest envelope.
    """

    def shifted(self, block: NDArray[Any]) -> NDArray[Any]:
        """The outputs less the midpoint of each row."""
        return np.asarray(
            block - (block.max(axis=1, keepdims=True) / 2 + block.min(axis=1, keepdims=True) / 2)
        )

    def envelope(self, block: NDArray[Any]) -> Floats:
        """Half the range of each row."""
        return np.asarray(np.abs(block).max(axis=1), dtype=np.float64)

    def energy(self, block: NDArray[Any], envelope: Floats) -> float:
        """Σ of the squares of the shifted outputs."""
        return _energy(block)

    def supremum(self, totals: Floats) -> Floats:
        """The largest entry."""
        return np.asarray(totals.max(axis=1))


def row_norms(X: Floats, q: float) -> Floats:
    """‖x_i‖_q of each row; scaled, so that large powers do not overflow."""
    if q == 2:
        return np.asarray(np.sqrt(np.einsum("ij,ij->i", X, X)))
    size = np.abs(X)
    if q == 1:
        return np.asarray(size.sum(axis=1))
    largest = size.max(axis=1)
    if np.isinf(q):
        return np.asarray(largest)
    scale = np.where(largest > 0, largest, 1.0)
    powers = (size / scale[:, None]) ** q
    return np.asarray(scale * powers.sum(axis=1) ** (1 / q))


def draw_groups(draws: int, bytes_each: int) -> Iterator[range]:
    """The draws in groups that fit in the memory set aside for them."""
    size = max(GROUP, _DRAWS_BYTES // bytes_each // GROUP * GROUP)
    for start in range(0, draws, size):
        yield range(start, min(start + size, draws))


def projected_suprema(
    rows: RowBlocks,
    over: LinearBall | FiniteClass,
    *,
    draws: int,
    seed: int,
    gaussian: bool,
    tick: Tick | None = None,
) -> Suprema:
    """The suprema of a class over the noise, in one pass over the data unless they are very wide.

    Raises
    ------
    InputError
        If an entry is missing or infinite.
    """
    noise = NoiseSource(seed, gaussian=gaussian, dtype=rows.dtype)
    values, control = np.empty(draws), np.empty(draws)
    sums = _Sums()
    groups = list(draw_groups(draws, (8 + 2 * noise.dtype.itemsize) * rows.d + 8 * rows.size))
    blocks = len(rows.ranges)
    for done, group in enumerate(groups):
        totals = np.zeros((rows.d, len(group)))
        running = np.zeros_like(totals, dtype=noise.dtype)
        products = _products(rows, over, noise, group)
        for step, (where, read, block, part) in enumerate(products, 1):
            with np.errstate(invalid="ignore", over="ignore"):
                running += part
                if step % _BLOCKS_ADDED == 0 or step == blocks:
                    totals += running
                    running[:] = 0
            # numbers that are not finite are found in the product, at no further pass over the data
            if not np.isfinite(part[:, 0]).all():
                rows.refuse_non_finite(where, read)
            if group.start == 0:
                sums.add(block, over)
            if tick is not None:
                tick(done * blocks + step, len(groups) * blocks)
        if not np.isfinite(totals).all() or not np.isfinite(sums.energy):
            raise InputError(
                f"{rows.where} holds numbers too large to be added: measure it in other units"
            )
        if sums.energy < _LEAST_ENERGY and totals.any():
            raise InputError(
                f"{rows.where} holds numbers too small to be squared: measure it in other units"
            )
        values[group.start : group.stop] = over.supremum(totals.T)
        control[group.start : group.stop] = np.einsum("ij,ij->j", totals, totals)
    # two more for the shift of a block, which rounds each entry once
    short = min(rows.m, rows.size) + 2 + _BLOCKS_ADDED
    relative = summation_error(short, rows.dtype) + summation_error(rows.m)
    rounding = relative * sums.envelope * (_LARGEST_NORMAL if gaussian else 1)
    # squares of float32 numbers are added in float32: the envelope is never too small
    larger = (
        1 + summation_error(min(rows.d, _PIECE) + 2, rows.dtype) + summation_error(rows.m + rows.d)
    )
    squares, largest, rounding = (x * larger for x in (sums.squares, sums.largest, rounding))
    return Suprema(values, control, sums.energy, squares, largest, rounding)


def several_outputs(drawn: Suprema, outputs: int) -> Suprema:
    """The suprema over an ℓ2 ball of functions with k outputs, each from k draws for one.

    sup_f Σ_ij σ_ij f_j(x_i) is the root of the sum of the k squares, one for each output, and b_i
    bounds |Σ_j σ_ij f_j(x_i)|: by Cauchy–Schwarz it is √k times that of one output.
    """
    squares = drawn.control.reshape(-1, outputs).sum(axis=1)
    root = float(np.sqrt(outputs))
    return Suprema(
        values=np.sqrt(squares),
        control=squares,
        control_mean=drawn.control_mean * outputs,
        squares=drawn.squares * outputs,
        largest=drawn.largest * root,
        rounding=drawn.rounding * root,
    )


def _products(
    rows: RowBlocks, over: LinearBall | FiniteClass, noise: NoiseSource, group: range
) -> Iterator[tuple[range, NDArray[Any], NDArray[Any], NDArray[Any]]]:
    """Each block: its rows, as read and as shifted, and its product with the noise.

    What is yielded is overwritten by the next one.
    """
    # one column a draw: BLAS is a little faster than with one row a draw
    part = np.empty((rows.d, len(group)), dtype=noise.dtype)
    for where in rows.ranges:
        read = rows.rows(where)
        block = over.shifted(read)
        with np.errstate(invalid="ignore", over="ignore"):
            np.matmul(block.T.astype(noise.dtype, copy=False), noise(group, where).T, out=part)
        yield where, read, block, part


class _Sums:
    """Sums over the rows, in float64."""

    def __init__(self) -> None:
        self.energy = self.squares = self.envelope = self.largest = 0.0

    def add(self, block: NDArray[Any], over: LinearBall | FiniteClass) -> None:
        with np.errstate(invalid="ignore", over="ignore"):
            envelope = over.envelope(block)
            self.squares += float(np.dot(envelope, envelope))
            self.energy += over.energy(block, envelope)
        self.envelope += float(envelope.sum())
        self.largest = max(self.largest, float(envelope.max()))


def _squared_rows(block: NDArray[Any]) -> Floats:
    """‖x_i‖₂² of each row: pieces of a row in the precision of the data, their sum in float64."""
    out = np.zeros(len(block))
    for start in range(0, block.shape[1], _PIECE):
        piece = block[:, start : start + _PIECE]
        # products of one row with itself: several times faster than einsum
        out += np.matmul(piece[:, None, :], piece[:, :, None])[:, 0, 0]
    # squares that are too small or too large for float32
    outside = ~((out > 2.0**-60) & (out < 2.0**100))
    if block.dtype == np.float32 and outside.any():
        out[outside] = _squared_rows(block[outside].astype(np.float64))
    return out


def _energy(block: NDArray[Any]) -> float:
    return float(_squared_rows(block).sum())


def summation_error(n: int, dtype: Any = np.float64) -> float:
    """An inner product of n terms, added in any order, is off by at most this times Σ |x_i y_i|."""
    unit = n * float(np.finfo(dtype).eps) / 2
    return unit / (1 - unit)


# --- balls of a kernel's space: sup_f Σ_i σ_i f(x_i) = √(σᵀKσ) for radius 1 -----------------------


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
    size = max(1, _KERNEL_BYTES // (8 * m))
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
