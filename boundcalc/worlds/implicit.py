"""Classes with too many functions for a table, whose suprema are sums over points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from math import sqrt
from typing import Any

import numpy as np

from boundcalc.errors import InputError
from boundcalc.worlds.families import (
    SAME,
    Family,
    Floats,
    Ints,
    mean_gaussian_supremum,
    mean_size,
    mean_supremum,
    steepest_slope,
)


@dataclass(frozen=True, eq=False)
class Cube:
    """All functions that take, at each of the points, one of the same few levels.

    Parameters
    ----------
    losses : ndarray of shape (levels,)
    outputs : ndarray of shape (levels, k)
    """

    losses: Floats
    outputs: Floats

    @property
    def k(self) -> int:
        """The number of outputs."""
        return int(self.outputs.shape[1])

    @property
    def interval(self) -> tuple[float, float]:
        """The smallest interval that holds all losses."""
        return float(self.losses.min()), float(self.losses.max())

    @cached_property
    def lipschitz(self) -> float:
        """The smallest Lipschitz constant on the levels."""
        return steepest_slope(self.losses[:, None], self.outputs[:, None, :])

    def lowest(self, weights: Floats) -> Floats:
        """Each point chooses by itself."""
        low, high = self.interval
        return np.asarray(np.where(weights > 0, weights * low, weights * high).sum(axis=-1))

    def rademacher(self, counts: Ints, *, of_loss: bool) -> float:
        """A sum over points."""
        table = self.losses[:, None] if of_loss else self.outputs
        visits = zip(*np.unique(counts, return_counts=True), strict=True)
        total = sum(times * mean_supremum(table, np.full(table.shape[1], c)) for c, times in visits)
        return float(total) / int(counts.sum())

    def gaussian(self, counts: Ints, *, of_loss: bool) -> float:
        """A sum over points."""
        table = self.losses[:, None] if of_loss else self.outputs
        once = mean_gaussian_supremum(table, np.ones(table.shape[1], dtype=np.int64))
        return once * float(np.sqrt(counts).sum()) / int(counts.sum())

    def contains(self, losses: Floats) -> bool:
        """Whether all values are levels."""
        return bool(np.all(np.abs(losses[..., None] - self.losses).min(axis=-1) <= SAME))


@dataclass(frozen=True, eq=False)
class HalfCubes:
    """All functions to {0, ½} and all functions to {½, 1}; the loss is linear in `k` equal outputs."""

    k: int
    lipschitz: float = 1.0

    @property
    def interval(self) -> tuple[float, float]:
        """Losses in [0, 1]."""
        return 0.0, 1.0

    def lowest(self, weights: Floats) -> Floats:
        """The better of the two cubes."""
        gain = np.maximum(weights, 0).sum(axis=-1) / 2
        return np.asarray(np.minimum(np.minimum(weights, 0).sum(axis=-1) / 2, weights.sum(axis=-1) - gain))

    def rademacher(self, counts: Ints, *, of_loss: bool) -> float:
        """E max(a, b) = ½ E(a + b + |a − b|), a and b the sums that the two cubes make of positive signs."""
        signs = 1 if of_loss else self.k
        scale = 1.0 if of_loss else 1 / (self.lipschitz * sqrt(self.k))
        visits = zip(*np.unique(counts, return_counts=True), strict=True)
        total = sum(float(times) * mean_size(signs * int(c)) for c, times in visits)
        total += mean_size(signs * int(counts.sum()))
        return scale * total / 4 / int(counts.sum())

    def gaussian(self, counts: Ints, *, of_loss: bool) -> float:
        """Refused: only signs are enumerated."""
        raise InputError("the Gaussian complexity of half-cubes is not enumerated")

    def contains(self, losses: Floats) -> bool:
        """Whether each row is in one of the two cubes."""
        levels = np.abs(losses[..., None] - np.array([0, 0.5, 1])) <= SAME
        lower, upper = levels[..., :2].any(axis=-1).all(axis=-1), levels[..., 1:].any(axis=-1).all(axis=-1)
        return bool(np.all(lower | upper))


@dataclass(frozen=True, eq=False)
class Blocks:
    """A product of classes, one on each block of points: one class for each of several tasks."""

    families: Sequence[Family]
    _known: dict[Any, float] = field(default_factory=dict, repr=False)

    @property
    def k(self) -> int:
        """The number of outputs."""
        return self.families[0].k

    @property
    def interval(self) -> tuple[float, float]:
        """The smallest interval that holds all losses."""
        return min(f.interval[0] for f in self.families), max(f.interval[1] for f in self.families)

    @property
    def lipschitz(self) -> float:
        """The largest of the blocks'."""
        return max(f.lipschitz for f in self.families)

    def lowest(self, weights: Floats) -> Floats:
        """A sum over blocks."""
        parts = np.split(weights, len(self.families), axis=-1)
        return np.asarray(sum(f.lowest(w) for f, w in zip(self.families, parts, strict=True)))

    def rademacher(self, counts: Ints, *, of_loss: bool) -> float:
        """A mean over blocks of equal size."""
        return self._mean("rademacher", counts, of_loss)

    def gaussian(self, counts: Ints, *, of_loss: bool) -> float:
        """A mean over blocks of equal size."""
        return self._mean("gaussian", counts, of_loss)

    def _mean(self, kind: str, counts: Ints, of_loss: bool) -> float:
        total, size = 0.0, len(counts) // len(self.families)
        for i, f in enumerate(self.families):
            part = counts[i * size : (i + 1) * size]
            key = (kind, i, of_loss, part.tobytes())
            if key not in self._known:
                self._known[key] = getattr(f, kind)(part, of_loss=of_loss)
            total += self._known[key]
        return total / len(self.families)

    def contains(self, losses: Floats) -> bool:
        """Whether every block is in its class."""
        parts = np.split(losses, len(self.families), axis=-1)
        return all(f.contains(part) for f, part in zip(self.families, parts, strict=True))


def all_tables(levels: Sequence[float], points: int) -> Floats:
    """Every function from the points to the levels, one a row."""
    return np.array(list(product(levels, repeat=points)), dtype=float)
