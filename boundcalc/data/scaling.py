"""Features of a fixed size: centred, scaled and clipped by examples that are used for nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from boundcalc.data.dataset import Dataset
from boundcalc.errors import InputError

Floats = NDArray[np.float64]
_ROUNDING = 1e-12
INSIDE = 0.9  # the share of the first part that clipping leaves as it is


@dataclass(frozen=True, eq=False)
class Block:
    """How the columns of one modality become features φ with ‖φ‖₂ ≤ 1.

    Attributes
    ----------
    unit, centre, weight : ndarray, shape (d,)
        z = (x / unit − centre) · weight; the unit is the largest entry, the weight is 1 over the standard
        deviation, and 0 for a column that is constant in the first part.
    radius : float
        φ = z / max(radius, ‖z‖₂).
    """

    unit: Floats
    centre: Floats
    weight: Floats
    radius: float

    def features(self, X: NDArray[np.floating]) -> Floats:
        """φ of each row."""
        with np.errstate(over="ignore", invalid="ignore"):
            z = (np.asarray(X, dtype=np.float64) / self.unit - self.centre) * self.weight
        if not np.isfinite(z).all():
            raise InputError("a feature is too far from those of the first part to be scaled by them")
        lengths = np.linalg.norm(z, axis=1, keepdims=True)
        phi: Floats = z / np.maximum(lengths, self.radius)
        return phi

    @property
    def idle(self) -> int:
        """How many columns were constant in the first part and count for nothing."""
        return int(np.sum(self.weight == 0))


@dataclass(frozen=True, eq=False)
class Scaling:
    """How examples become features; fixed before the training examples are looked at.

    Attributes
    ----------
    blocks : mapping of str to Block
        One a modality.
    """

    blocks: Mapping[str, Block]

    @classmethod
    def of(cls, data: Dataset, rows: NDArray[np.int64]) -> Scaling:
        """Read means, scales and radii off some examples."""
        return cls({name: _block(np.asarray(X[rows], np.float64)) for name, X in data.modalities.items()})

    def features(self, data: Dataset, rows: NDArray[np.int64]) -> dict[str, Floats]:
        """The features of each modality, ‖φ‖₂ ≤ 1 for every example."""
        return {name: block.features(data.modalities[name][rows]) for name, block in self.blocks.items()}

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out."""
        idle = {name: block.idle for name, block in self.blocks.items() if block.idle}
        said = ", ".join(f"{count} of {name}" for name, count in idle.items())
        return (f"constant in the first part, so they count for nothing: columns {said}",) if idle else ()


def _block(X: Floats) -> Block:
    # in units of the largest entry, so that no square overflows or vanishes
    unit = np.abs(X).max(axis=0)
    unit[unit == 0] = 1.0
    U = X / unit
    centre, spread = U.mean(axis=0), U.std(axis=0)
    varies = spread > _ROUNDING  # less is a constant column that rounding moves
    weight = np.divide(1.0, spread, out=np.zeros_like(spread), where=varies)
    lengths = np.linalg.norm((U - centre) * weight, axis=1)
    radius = float(np.quantile(lengths, INSIDE))
    return Block(unit, centre, weight, radius if radius > 0 else 1.0)


def joined(blocks: Mapping[str, Floats], names: tuple[str, ...], intercept: bool) -> Floats:
    """The features of some modalities side by side, and the constant 1 if there is an intercept."""
    parts = [blocks[name] for name in names]
    if intercept:
        parts.append(np.ones((len(parts[0]), 1)))
    return np.hstack(parts)
