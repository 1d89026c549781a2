"""Examples made ready for fits: split, centred and scaled by a part used for nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.data.dataset import Dataset, side_by_side
from boundcalc.data.encode import encoded
from boundcalc.data.tables import is_sparse
from boundcalc.errors import DomainError, InputError, argument, shorten
from boundcalc.numeric.decide.sample import checked_seed

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SCALES = ("columns", "none")
UNCLIPPED = 0.9  # the share of the first part that clipping leaves as it is
FEWEST_IN_A_PART = 5  # examples in each part
_LARGEST_LENGTH = 2.0  # longer rows are shortened, in units of the longest of the setup part
_QUANTILE = 0.95
_ROUNDING = 1e-12  # a smaller spread, in units of the largest entry, is rounding
_TOLERANCE = 1e-9
_MOST_ROWS = 1e12  # more are no advice


def split(
    m: int, shares: Sequence[float], *, seed: int = 0, least: int = 1, units: str = "examples"
) -> tuple[Ints, ...]:
    """Split the examples 0, …, m − 1 at random into parts.

    Every order of the examples is equally likely, whatever their labels: given that the examples
    are i.i.d., so are those of each part, and the parts are independent of one another. A split
    that balances the classes would not have this property.

    Parameters
    ----------
    m : int
        How many examples there are.
    shares : sequence of float
        The share of each part, positive; together 1. Sizes are rounded to whole numbers by
        largest remainder.
    seed : int
        The same seed, the same parts.
    least : int
        No part is smaller.
    units : str
        What is split, for messages.

    Returns
    -------
    tuple of ndarray of int
        For each part its examples in ascending order; every example is in one part.

    Raises
    ------
    InputError
        For shares that are none, and where there are too few examples for the parts.
    """
    if not shares or any(
        isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 < share <= 1
        for share in shares
    ):
        said = "are not positive numbers up to 1"
        raise DomainError(f"{argument('shares')} = {shorten(repr(list(shares)))} {said}")
    total = math.fsum(shares)
    if abs(total - 1) > _TOLERANCE:
        said = f"{shorten(repr(list(shares)))} add up to {total:.6g}, not 1"
        raise InputError(f"{argument('shares')} = {said}")
    seed = checked_seed(seed)
    exact = [m * share / total for share in shares]
    sizes = [math.floor(size) for size in exact]
    remainders = sorted(range(len(sizes)), key=lambda i: (sizes[i] - exact[i], i))
    for i in remainders[: m - sum(sizes)]:
        sizes[i] += 1
    if min(sizes) < least:
        enough = least / min(shares)
        raise InputError(
            f"{f'one {units[:-1]} is' if m == 1 else f'{m:,} {units} are'} too few: split by "
            f"{', '.join(f'{share:g}' for share in shares)}, a part has {min(sizes)} of them and "
            f"needs {least}"
            + (f"; about {math.ceil(enough):,} would do" if enough < _MOST_ROWS else "")
        )
    order = np.random.default_rng(seed).permutation(m)
    return tuple(np.sort(part) for part in np.split(order, np.cumsum(sizes)[:-1]))


# --- features of a fixed length -------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class ColumnScale:
    """How the columns of one modality become features φ with ‖φ‖₂ ≤ 1.

    Attributes
    ----------
    unit, centre, weight : ndarray, shape (d,)
        z = (x / unit − centre) · weight; the unit is the largest entry, the weight is 1 over the
        standard deviation, and 0 for a column that is constant in the first part.
    radius : float
        φ = z / max(radius, ‖z‖₂).
    """

    unit: Floats
    centre: Floats
    weight: Floats
    radius: float

    @classmethod
    def of(cls, X: Any) -> ColumnScale:
        """Read units, means, deviations and the radius off some examples.

        A sparse modality keeps its zeros: one unit for all columns, and no centre.
        """
        if is_sparse(X):
            size = float(np.abs(X.data).max(initial=0.0)) or 1.0
            lengths = row_lengths(X / size)
            ones = np.ones(X.shape[1])
            return cls(ones * size, 0 * ones, ones, float(np.quantile(lengths, UNCLIPPED)) or 1.0)
        # in units of the largest entry, so that no square overflows or vanishes
        unit = np.abs(X).max(axis=0)
        unit[unit == 0] = 1.0
        U = X / unit
        centre, spread = U.mean(axis=0), U.std(axis=0)
        weight = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > _ROUNDING)
        lengths = np.linalg.norm((U - centre) * weight, axis=1)
        return cls(unit, centre, weight, float(np.quantile(lengths, UNCLIPPED)) or 1.0)

    def features(self, X: Any) -> Any:
        """φ of each row."""
        if is_sparse(X):
            z = X.astype(np.float64) / self.unit[0]
            lengths = np.maximum(row_lengths(z), self.radius)
            z.data /= np.repeat(lengths, np.diff(z.indptr))
            return z
        with np.errstate(over="ignore", invalid="ignore"):
            z = (np.asarray(X, dtype=np.float64) / self.unit - self.centre) * self.weight
        if not np.isfinite(z).all():
            raise InputError(
                "a feature is too far from those of the first part to be scaled by them"
            )
        lengths = np.linalg.norm(z, axis=1, keepdims=True)
        phi: Floats = z / np.maximum(lengths, self.radius)
        return phi


@dataclass(frozen=True, eq=False)
class Scaling:
    """How examples become features; fixed before the training examples are looked at.

    Attributes
    ----------
    blocks : mapping of str to ColumnScale
        One a modality.
    """

    blocks: Mapping[str, ColumnScale]

    @classmethod
    def of(cls, data: Dataset, rows: Ints) -> Scaling:
        """Read means, scales and radii off some examples."""
        found = data.modalities.items()
        return cls({name: ColumnScale.of(X[rows].astype(np.float64)) for name, X in found})

    def features(self, data: Dataset, rows: Ints) -> dict[str, Floats]:
        """The features of each modality, ‖φ‖₂ ≤ 1 for every example."""
        found = self.blocks.items()
        return {name: block.features(data.modalities[name][rows]) for name, block in found}

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out."""
        idle = {name: int(np.sum(block.weight == 0)) for name, block in self.blocks.items()}
        said = ", ".join(f"{count} of {name}" for name, count in idle.items() if count)
        about = "constant in the first part, so they count for nothing: columns"
        return (f"{about} {said}",) if said else ()


def joined(blocks: Mapping[str, Any], names: tuple[str, ...], intercept: bool) -> Any:
    """The features of some modalities side by side, and the constant 1 if there is an intercept."""
    parts = [blocks[name] for name in names]
    if intercept:
        parts.append(np.ones((parts[0].shape[0], 1)))
    return side_by_side(parts)


# --- rows no longer than a radius -----------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Prepared:
    """Measured examples in three parts.

    Attributes
    ----------
    blocks : mapping of str to ndarray, shape (m, d_k)
        All examples of each modality; means, scales and radii are those of the setup part.
    radii : mapping of str to float
        No row of a modality is longer.
    usual : mapping of str to float
        The 95 % quantile of the lengths of the rows in the setup part, whose mean is 0.
    shortened : mapping of str to int
        How many rows were, outside the setup part, and have been shortened to it.
    idle : mapping of str to int
        How many columns vary, but not in the setup part: they have no scale and count for nothing.
    setup, training, held_out : ndarray of int
    remarks : tuple of str
        What the data say of themselves, and how categories and missing values were written.
    """

    blocks: Mapping[str, Floats]
    radii: Mapping[str, float]
    usual: Mapping[str, float]
    shortened: Mapping[str, int]
    idle: Mapping[str, int]
    setup: Ints
    training: Ints
    held_out: Ints
    remarks: tuple[str, ...] = ()

    def rows(self, name: str, part: Ints) -> Floats:
        """Some examples of a modality."""
        return self.blocks[name][part]


def prepared(
    data: Dataset,
    names: Sequence[str],
    *,
    setup: float,
    held_out: float,
    seed: int,
    scale: str = "columns",
) -> Prepared:
    """Split and scale a data set.

    Parameters
    ----------
    setup, held_out : float
        The shares of the part that fixes means, scales and radii, and of the held-out part.
    scale : {"columns", "none"}
        Whether each column is divided by its standard deviation.

    Raises
    ------
    InputError
        If a part would be too small, if numbers are too large, or for sparse matrices.
    """
    for name, share in (("setup", setup), ("held_out", held_out)):
        if not 0 < share < 1:
            raise InputError(f"{argument(name)} = {share} must be a share between 0 and 1")
    if setup + held_out >= 1:
        said = f"{argument('held_out')} = {held_out:g} leave nothing to train on"
        raise InputError(f"{argument('setup')} = {setup:g} and {said}")
    shares = (setup, 1 - setup - held_out, held_out)
    parts = split(data.m, shares, seed=seed, least=FEWEST_IN_A_PART)
    data = encoded(data, parts[0])
    blocks, radii, usual, shortened, idle = {}, {}, {}, {}, {}
    for name in names:
        if is_sparse(data.modalities[name]):
            said = (
                "is a sparse matrix, and kernels need dense ones: give it as an array (.toarray())"
            )
            raise InputError(f"{data.source}: modality '{name}' {said}")
        rows, idle[name] = _scaled(data.modalities[name], parts[0], scale)
        lengths = row_lengths(rows)
        if not np.isfinite(lengths).all():
            said = "holds numbers too large to be squared: measure it in other units"
            raise InputError(f"{data.source}, modality '{name}' {said}")
        # constant on the setup part: any radius fixed before the other parts are seen will do
        radius = _LARGEST_LENGTH * (float(lengths[parts[0]].max()) or 1.0)
        long = lengths > radius
        rows[long] *= (radius / lengths[long])[:, None]
        blocks[name], radii[name], shortened[name] = rows, radius, int(long.sum())
        usual[name] = float(np.quantile(lengths[parts[0]], _QUANTILE)) or radius
    first, training, last = parts
    return Prepared(
        blocks, radii, usual, shortened, idle, first, training, last, remarks=data.remarks
    )


def _scaled(X: NDArray[Any], setup: Ints, scale: str) -> tuple[Floats, int]:
    """The rows less the mean of the setup part, in its standard deviations."""
    with np.errstate(over="ignore", invalid="ignore"):
        rows = X.astype(np.float64)
        largest = np.abs(rows[setup]).max(axis=0)
        rows -= rows[setup].mean(axis=0)
        if scale == "none":
            return rows, 0
        spread = rows[setup].std(axis=0)
        # a column that rounding alone moves is constant
        still = spread <= _ROUNDING * largest
        idle = int(np.sum(still & (np.ptp(X, axis=0) > 0)))
        rows /= np.where(still, 1.0, spread)
        rows[:, still] = 0
    return rows, idle


def row_lengths(X: Any) -> Floats:
    """‖x_i‖₂ of each row."""
    if is_sparse(X):
        sums = np.asarray((X * X).sum(axis=1) if X.ndim else 0.0)
        return np.asarray(np.sqrt(sums).ravel())
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(np.sqrt(np.einsum("ij,ij->i", X, X)))
