"""Modalities made ready for learning: split once, centred, scaled, no input longer than a radius."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.data import memory
from boundcalc.data.dataset import Dataset
from boundcalc.data.ridge import Floats
from boundcalc.data.split import split
from boundcalc.errors import InputError

SCALES = ("columns", "none")
_ROOM = 2.0
_QUANTILE = 0.95
_STILL = 1e-12
_PAIR_COPIES = 5  # what the fits to two modalities take beside the scaled data
LEAST = 5  # examples in each part


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
    """

    blocks: Mapping[str, Floats]
    radii: Mapping[str, float]
    usual: Mapping[str, float]
    shortened: Mapping[str, int]
    idle: Mapping[str, int]
    setup: NDArray[np.int64]
    training: NDArray[np.int64]
    held_out: NDArray[np.int64]

    def rows(self, name: str, part: NDArray[np.int64]) -> Floats:
        """Some examples of a modality."""
        return self.blocks[name][part]


def prepared(
    data: Dataset, names: Sequence[str], *, setup: float, held_out: float, seed: int, scale: str = "columns"
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
        If a part would be too small, or if numbers are too large.
    """
    for name, share in (("setup", setup), ("held_out", held_out)):
        if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 < share < 1:
            raise InputError(f"{name} = {share} must be a share between 0 and 1")
    if setup + held_out >= 1:
        raise InputError(f"setup = {setup:g} and held_out = {held_out:g} leave nothing to train on")
    shares = (setup, 1 - setup - held_out, held_out)
    parts = split(data.m, shares, seed=seed, least=LEAST)
    sizes = sorted(data.modalities[name].size for name in names)
    memory.require(8 * (sum(sizes) + _PAIR_COPIES * sum(sizes[-2:])), data.source)
    blocks, radii, usual, shortened, idle = {}, {}, {}, {}, {}
    for name in names:
        rows, idle[name] = _scaled(data.modalities[name], parts[0], scale)
        lengths = row_lengths(rows)
        if not np.isfinite(lengths).all():
            where = f"{data.source}, modality '{name}'"
            raise InputError(f"{where} holds numbers too large to be squared: measure it in other units")
        # constant on the setup part: any radius that is fixed before the other parts are seen will do
        radius = _ROOM * (float(lengths[parts[0]].max()) or 1.0)
        long = lengths > radius
        rows[long] *= (radius / lengths[long])[:, None]
        blocks[name], radii[name], shortened[name] = rows, radius, int(long.sum())
        usual[name] = float(np.quantile(lengths[parts[0]], _QUANTILE)) or radius
    return Prepared(blocks, radii, usual, shortened, idle, *parts)


def _scaled(X: NDArray[Any], setup: NDArray[np.int64], scale: str) -> tuple[Floats, int]:
    """The rows less the mean of the setup part, in its standard deviations."""
    with np.errstate(over="ignore", invalid="ignore"):
        rows = X.astype(np.float64)
        largest = np.abs(rows[setup]).max(axis=0)
        rows -= rows[setup].mean(axis=0)
        if scale == "none":
            return rows, 0
        spread = rows[setup].std(axis=0)
        # a column that rounding alone moves is constant
        still = spread <= _STILL * largest
        idle = int(np.sum(still & (np.ptp(X, axis=0) > 0)))
        rows /= np.where(still, 1.0, spread)
        rows[:, still] = 0
    return rows, idle


def row_lengths(X: Floats) -> Floats:
    """‖x_i‖₂ of each row."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(np.sqrt(np.einsum("ij,ij->i", X, X)))
