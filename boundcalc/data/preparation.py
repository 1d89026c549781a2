"""Modalities made ready for learning: split once, centred, scaled, no input longer than a radius."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from boundcalc.data.dataset import Dataset
from boundcalc.data.ridge import Floats
from boundcalc.data.split import split
from boundcalc.errors import InputError

SCALES = ("columns", "none")
_ROOM = 2.0
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
    shortened : mapping of str to int
        How many rows were, outside the setup part, and have been shortened to it.
    setup, training, held_out : ndarray of int
    """

    blocks: Mapping[str, Floats]
    radii: Mapping[str, float]
    shortened: Mapping[str, int]
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
    made = {
        name: _block(data.modalities[name], parts[0], scale, f"{data.source}, '{name}'") for name in names
    }
    return Prepared(
        {name: block for name, (block, _, _) in made.items()},
        {name: radius for name, (_, radius, _) in made.items()},
        {name: count for name, (_, _, count) in made.items()},
        *parts,
    )


def _block(
    X: NDArray[np.floating], setup: NDArray[np.int64], scale: str, where: str
) -> tuple[Floats, float, int]:
    """The scaled rows, their radius, and how many were longer."""
    with np.errstate(over="ignore", invalid="ignore"):
        rows = X.astype(np.float64)
        rows -= rows[setup].mean(axis=0)
        if scale == "columns":
            spread = rows[setup].std(axis=0)
            rows /= np.where(spread > 0, spread, 1.0)
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    if not np.isfinite(lengths).all():
        raise InputError(f"{where} holds numbers too large to be squared: measure it in other units")
    radius = _ROOM * float(lengths[setup].max())
    if radius == 0:
        radius = _ROOM  # constant on the setup part: any radius that is fixed before will do
    long = lengths > radius
    rows[long] *= (radius / lengths[long])[:, None]
    return rows, radius, int(long.sum())
