"""Small classes of predictors, given by their losses and outputs at every point.

All that deviations and risks need of a class is its support function w ↦ inf_f Σ_j w_j ℓ_f(j); a
Rademacher complexity also averages it over signs, a Gaussian one over normals. All are exact here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from itertools import combinations
from math import pi, sqrt
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from boundcalc.errors import InputError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SAME = 1e-12


class Family(Protocol):
    """A class of predictors on N points; losses are scalar, outputs may be vectors."""

    @property
    def k(self) -> int:
        """The number of outputs."""

    @property
    def interval(self) -> tuple[float, float]:
        """The smallest interval that holds all losses."""

    @property
    def lipschitz(self) -> float:
        """The smallest Lipschitz constant of the loss in the outputs, in ℓ2, on the outputs that occur."""

    def lowest(self, weights: Floats) -> Floats:
        """inf_f Σ_j w_j ℓ_f(j), for weights of shape (…, N)."""

    def rademacher(self, counts: Ints, *, of_loss: bool) -> float:
        """E_σ sup_f (1/m) Σ σ ℓ_f, or Σ over examples and outputs of σ f, on a sample with these counts."""

    def gaussian(self, counts: Ints, *, of_loss: bool) -> float:
        """The same with standard normals for the signs."""

    def contains(self, losses: Floats) -> bool:
        """Whether every row of losses, shape (…, N), is that of a member."""


@cache
def _signed_sum(count: int) -> tuple[Floats, Floats]:
    """The values of a sum of `count` signs, and their probabilities."""
    heads = np.arange(count + 1)
    return np.asarray(2.0 * heads - count), np.asarray(binom.pmf(heads, count, 0.5), dtype=float)


@cache
def mean_size(count: int) -> float:
    """E of the absolute value of a sum of `count` signs."""
    values, chances = _signed_sum(count)
    return float(np.abs(values) @ chances)


@cache
def _mean_supremum(columns: tuple[tuple[float, ...], ...], counts: tuple[int, ...]) -> float:
    """E max_f Σ_c A_c column_c(f), A_c an independent sum of counts_c signs."""
    totals, chances = np.zeros((1, len(columns[0]))), np.ones(1)
    for column, count in zip(columns, counts, strict=True):
        values, weights = _signed_sum(count)
        totals = (totals[:, None, :] + values[None, :, None] * np.array(column)).reshape(-1, len(column))
        chances = (chances[:, None] * weights[None, :]).reshape(-1)
    return float(chances @ totals.max(axis=1))


def mean_supremum(table: Floats, counts: Ints) -> float:
    """E max_f Σ_c A_c table[f, c], with c_c signs in column c.

    Subtracting one row changes nothing on average; then columns that are equal up to sign can be
    merged, because signs are symmetric, and columns of zeros dropped.
    """
    merged: dict[tuple[float, ...], int] = {}
    for column, count in zip((table - table[0]).T, counts, strict=True):
        leading = column[np.flatnonzero(np.abs(column) > SAME)[:1]]
        if leading.size and count:
            key = tuple(np.round(column * np.sign(leading[0]), 12).tolist())
            merged[key] = merged.get(key, 0) + int(count)
    if not merged:
        return 0.0
    columns = sorted(merged)
    return _mean_supremum(tuple(columns), tuple(merged[c] for c in columns))


def mean_gaussian_supremum(table: Floats, counts: Ints) -> float:
    """E max_f Σ_c √c_c N_c table[f, c], where there is a closed form.

    For functions on a line (all differences parallel) it is their spread times E max(N, 0); for at most
    three functions it is made of the spreads of their differences.
    """
    rows = (table - table[0]) * np.sqrt(counts)
    size = np.linalg.norm(rows, axis=1)
    if not np.any(size > SAME):
        return 0.0
    along = rows @ rows[np.argmax(size)] / size.max()
    if np.allclose(np.abs(along), size, rtol=0, atol=SAME):
        return float(np.ptp(along)) / sqrt(2 * pi)
    if len(table) > 3:
        raise InputError("the Gaussian complexity of these functions has no closed form")
    spreads = sum(float(np.linalg.norm(a - b)) for a, b in combinations(rows, 2))
    return spreads / sqrt(2 * pi) / 2


def steepest_slope(losses: Floats, outputs: Floats) -> float:
    """The largest |Δℓ|/‖Δf‖ over pairs of rows at a point; infinite if equal outputs lose differently."""
    steepest = 0.0
    for a, b in combinations(range(len(losses)), 2):
        rise = np.abs(losses[a] - losses[b])
        run = np.sqrt(((outputs[a] - outputs[b]) ** 2).sum(axis=-1))
        moved = rise > SAME
        if np.any(moved & (run <= SAME)):
            return float("inf")
        if np.any(moved):
            steepest = max(steepest, float((rise[moved] / run[moved]).max()))
    return steepest


@dataclass(frozen=True, eq=False)
class Table:
    """A finite class, one row a predictor.

    Parameters
    ----------
    losses : ndarray of shape (predictors, N)
    outputs : ndarray of shape (predictors, N, k)
    """

    losses: Floats
    outputs: Floats

    @property
    def k(self) -> int:
        """The number of outputs."""
        return int(self.outputs.shape[2])

    @property
    def interval(self) -> tuple[float, float]:
        """The smallest interval that holds all losses."""
        return float(self.losses.min()), float(self.losses.max())

    @cached_property
    def lipschitz(self) -> float:
        """The smallest Lipschitz constant on the outputs that occur."""
        return steepest_slope(self.losses, self.outputs)

    def lowest(self, weights: Floats) -> Floats:
        """inf_f Σ_j w_j ℓ_f(j)."""
        return np.asarray((weights @ self.losses.T).min(axis=-1))

    def _columns(self, counts: Ints, of_loss: bool) -> tuple[Floats, Ints]:
        if of_loss:
            return self.losses, counts
        return self.outputs.reshape(len(self.outputs), -1), np.repeat(counts, self.k)

    def rademacher(self, counts: Ints, *, of_loss: bool) -> float:
        """Signed sums point by point, and output by output."""
        return mean_supremum(*self._columns(counts, of_loss)) / int(counts.sum())

    def gaussian(self, counts: Ints, *, of_loss: bool) -> float:
        """Closed form for predictors on a line, or at most three."""
        return mean_gaussian_supremum(*self._columns(counts, of_loss)) / int(counts.sum())

    def contains(self, losses: Floats) -> bool:
        """Whether every row is one of the table's."""
        rows = losses.reshape(-1, losses.shape[-1])
        rows = np.unique(rows, axis=0) if len(rows) > 1 else rows
        return all(bool(np.any(np.all(np.abs(self.losses - row) <= SAME, axis=1))) for row in rows)
