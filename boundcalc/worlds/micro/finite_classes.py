"""Small classes of predictors, given by their losses and outputs at every point.

All that deviations and risks need of a class is w ↦ inf_f Σ_j w_j ℓ_f(j); a Rademacher complexity
also averages a supremum over signs, a Gaussian one over normals. All are exact here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import combinations, product
from math import pi, sqrt
from typing import Any

import numpy as np
from scipy.stats import binom

from boundcalc.errors import InputError
from boundcalc.worlds.checks import Floats, Ints

SAME = 1e-12
_MOST_GAUSSIAN = 3

Average = Callable[[Floats, Ints], float]
"""E of a supremum over the rows of a table, given how often each of its columns occurs."""


@cache
def _signed_sum(count: int) -> tuple[Floats, Floats]:
    """The values of a sum of `count` signs, and their probabilities."""
    heads = np.arange(count + 1)
    return np.asarray(2.0 * heads - count), np.asarray(binom.pmf(heads, count, 0.5), dtype=float)


@cache
def _mean_supremum(columns: tuple[tuple[float, ...], ...], counts: tuple[int, ...]) -> float:
    """E max_f Σ_c A_c column_c(f), A_c an independent sum of counts_c signs."""
    totals, chances = np.zeros((1, len(columns[0]))), np.ones(1)
    for column, count in zip(columns, counts, strict=True):
        values, weights = _signed_sum(count)
        moved = totals[:, None, :] + values[None, :, None] * np.array(column)
        totals = moved.reshape(-1, len(column))
        chances = (chances[:, None] * weights[None, :]).reshape(-1)
    return float(chances @ totals.max(axis=1))


def mean_supremum(table: Floats, counts: Ints) -> float:
    """E max_f Σ_c A_c table[f, c], A_c a sum of counts_c signs.

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
    """E max_f Σ_c √counts_c N_c table[f, c], where there is a closed form.

    For functions on a line (all differences parallel) it is their spread times E max(N, 0); for at
    most three functions it is made of the spreads of their differences.
    """
    rows = (table - table[0]) * np.sqrt(counts)
    size = np.linalg.norm(rows, axis=1)
    if not np.any(size > SAME):
        return 0.0
    along = rows @ rows[np.argmax(size)] / size.max()
    if np.allclose(np.abs(along), size, rtol=0, atol=SAME):
        return float(np.ptp(along)) / sqrt(2 * pi)
    if len(table) > _MOST_GAUSSIAN:
        raise InputError("the Gaussian complexity of these functions has no closed form")
    spreads = sum(float(np.linalg.norm(a - b)) for a, b in combinations(rows, 2))
    return spreads / sqrt(2 * pi) / 2


def _distinct(rows: Any) -> tuple[Any, Any]:
    """The different rows, and which of them each row is."""
    if rows.shape[1] == 1:  # sorting numbers is much faster
        values, which = np.unique(rows[:, 0], return_inverse=True)
        return values[:, None], which
    found, which = np.unique(rows, axis=0, return_inverse=True)
    return found, which.reshape(-1)


@dataclass(frozen=True, eq=False)
class Table:
    """All functions that are, on each of several blocks of points, one of a table's rows.

    A finite class is the case of one block, which is all points; how many there are is read from
    what the class is asked about.

    Parameters
    ----------
    losses : ndarray of shape (predictors, points of a block)
    outputs : ndarray of shape (predictors, points of a block, k)
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

    @property
    def zero_one(self) -> bool:
        """Whether all losses are 0 or 1."""
        return bool(np.all((self.losses == 0) | (self.losses == 1)))

    @cached_property
    def lipschitz(self) -> float:
        """The largest |Δℓ|/‖Δf‖ at a point; infinite if equal outputs lose differently."""
        steepest = 0.0
        for a, b in combinations(range(len(self.losses)), 2):
            rise = np.abs(self.losses[a] - self.losses[b])
            run = np.linalg.norm(self.outputs[a] - self.outputs[b], axis=-1)
            moved = rise > SAME
            if np.any(moved & (run <= SAME)):
                return float("inf")
            if np.any(moved):
                steepest = max(steepest, float((rise[moved] / run[moved]).max()))
        return steepest

    def _summed(self, values: Any, of_block: Callable[[Any], Floats]) -> Floats:
        """The sum over the blocks of what each comes to by itself."""
        found = of_block(values.reshape(-1, self.losses.shape[1]))
        return np.asarray(found.reshape(*values.shape[:-1], -1).sum(axis=-1))

    def lowest(self, weights: Floats) -> Floats:
        """inf_f Σ_j w_j ℓ_f(j), for weights of shape (…, N)."""
        return self._summed(weights, lambda rows: (rows @ self.losses.T).min(axis=-1))

    def supremum(self, average: Average, counts: Ints, of_loss: bool) -> Floats:
        """The mean supremum of signed sums of losses, or of outputs, for each row of counts."""
        table, repeats = self.losses, 1
        if not of_loss:
            table, repeats = self.outputs.reshape(len(self.outputs), -1), self.k

        def of_block(rows: Ints) -> Floats:
            distinct, which = _distinct(rows)
            each = [average(table, np.repeat(row, repeats)) for row in distinct]
            return np.asarray(np.array(each)[which])

        return self._summed(counts, of_block)

    def contains(self, losses: Floats) -> bool:
        """Whether every row of losses, shape (…, N), is that of a member."""
        rows, _ = _distinct(losses.reshape(-1, self.losses.shape[1]))
        return all(bool(np.any(np.all(np.abs(self.losses - row) <= SAME, axis=1))) for row in rows)

    def rademacher(self, counts: Ints, *, of_loss: bool) -> Floats:
        """E_σ sup_f (1/m) Σ σ ℓ_f, or Σ over examples and outputs of σ f, on each sample.

        `counts` says how often a sample has each point, shape (…, N).
        """
        return np.asarray(self.supremum(mean_supremum, counts, of_loss) / counts.sum(axis=-1))

    def gaussian(self, counts: Ints, *, of_loss: bool) -> Floats:
        """The same with standard normals for the signs."""
        total = self.supremum(mean_gaussian_supremum, counts, of_loss)
        return np.asarray(total / counts.sum(axis=-1))


class Cube(Table):
    """All functions that take, at each of the points, one of the same few levels.

    Parameters
    ----------
    losses : ndarray of shape (levels,)
    outputs : ndarray of shape (levels, k)
    """

    def __init__(self, losses: Floats, outputs: Floats) -> None:
        super().__init__(losses[:, None], outputs[:, None, :])


def all_tables(levels: Sequence[float], points: int) -> Floats:
    """Every function from the points to the levels, one a row."""
    return np.array(list(product(levels, repeat=points)), dtype=float)
