"""Fits in a ball: x ↦ W φ(x) with ‖W‖_F ≤ B that nearly minimises a convex surrogate.

A step goes against the gradient, in the metric of the Gram matrix of the features (which bounds the
curvature of the surrogate up to a constant), onto the ball, with a length that the last step taught
(Barzilai and Borwein) and a search that is satisfied with what is lower than any of the last values
(Birgin, Martínez and Raydan). Along the eigenvectors of the Gram matrix its metric is a diagonal
and the ball stays a ball. One Gram matrix of all columns serves all subsets, all norms and all
their fits; each fit of a path starts from the one before.

A fit ends where its own certificate says that it is near the minimum: the surrogate f is convex, so
f(W) − min f ≤ ⟨∇f, W⟩ + B ‖∇f‖. How near does not matter to any bound: whatever is returned is in
the ball.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from boundcalc.data.fit.linear import FitProblem
from boundcalc.data.fit.preparation import Floats
from boundcalc.data.tables import is_sparse

_MOST_STEPS = 500
_ENOUGH = 2e-4  # of the surrogate, which is then this near its minimum
_SMALL = 1e-2  # a surrogate below this is near enough as well
_REMEMBERED = 8
_FALL = 1e-4
# Scores of a block stay in the cache, and its products are so small that linear algebra starts no
# threads for them, which would wait for one another most of the time.
_PRODUCT, _LEAST_BLOCK = 2**18, 256
_MOST_COLUMNS = 1500  # of more, a Gram matrix costs more than it saves
_FLAT = 1e-4


@dataclass(frozen=True, eq=False)
class Metric:
    """The Gram matrix of features, or the mean of its diagonal.

    Attributes
    ----------
    gram : ndarray, shape (d, d), or None
        Its mean over the rows.
    scale : float
        The mean of ‖φ‖², which bounds every curvature.
    columns : int
    """

    gram: Floats | None
    scale: float
    columns: int

    @classmethod
    def of(cls, X: Any) -> Metric:
        """Of some rows; of no more columns than it is worth for."""
        m, d = X.shape
        squares = float(np.sum(X.data**2) if is_sparse(X) else np.vdot(X, X))
        gram = None
        if d <= _MOST_COLUMNS:
            product = X.T @ X
            gram = (product.toarray() if is_sparse(product) else product) / m
        return cls(gram, squares / m, d)

    def on(self, columns: Sequence[int], scale: float) -> Metric:
        """For some of the columns."""
        part = None if self.gram is None else self.gram[np.ix_(columns, columns)]
        return Metric(part, scale, len(columns))

    @cached_property
    def axes(self) -> tuple[Floats, Callable[[Floats], Floats], Callable[[Floats], Floats]]:
        """The curvature along each axis; turns to the axes, and back."""
        if self.gram is None:
            largest = np.full((self.columns, 1), max(self.scale, 1e-300))
            return largest, lambda W: W, lambda V: V
        lengths, Q = np.linalg.eigh(self.gram)
        lengths = np.maximum(lengths, max(_FLAT * float(lengths.max()), 1e-300))
        return lengths[:, None], lambda W: Q.T @ W, lambda V: Q @ V


class Surrogate:
    """The mean surrogate loss of the scores X W and its gradient, block by block."""

    def __init__(self, X: Any, problem: FitProblem) -> None:
        m, d = X.shape
        size = m if problem.outputs == 1 else max(_LEAST_BLOCK, _PRODUCT // (d * problem.outputs))
        ranges = [slice(i, min(i + size, m)) for i in range(0, m, size)]
        self.blocks = [
            (X[rows], problem.part(rows), (rows.stop - rows.start) / m) for rows in ranges
        ]

    def __call__(self, W: Floats) -> tuple[float, Floats]:
        """The value and the gradient at some weights."""
        value, slope = 0.0, np.zeros_like(W)
        for X, problem, share in self.blocks:
            here, gradient = problem.surrogate(X @ W)
            value += share * here
            slope += share * (X.T @ gradient)
        return value, slope


def path(
    X: Any,
    problem: FitProblem,
    norms: Sequence[float],
    metric: Metric | None = None,
    start: Floats | None = None,
) -> list[Floats]:
    """Weights for each norm, shape (d, outputs), each fit started from the one before.

    Parameters
    ----------
    X : ndarray or sparse matrix, shape (m, d)
    problem : Problem
    norms : sequence of float
        Ascending.
    metric : Metric, optional
        Of these rows or of more.
    start : ndarray, optional
        Weights near the first ones.
    """
    metric, surrogate = metric or Metric.of(X), Surrogate(X, problem)
    W = np.zeros((X.shape[1], problem.outputs)) if start is None else start
    found = []
    for norm in norms:
        W = fit(surrogate, norm, metric, W)
        found.append(W)
    return found


def fit(surrogate: Surrogate, norm: float, metric: Metric, start: Floats) -> Floats:
    """Weights with ‖W‖_F ≤ norm that nearly minimise the surrogate."""
    lengths, turned, back = metric.axes

    def at(V: Floats) -> tuple[float, Floats]:
        value, slope = surrogate(back(V))
        return value, turned(slope)

    here = inside(turned(start), norm)
    value, slope = at(here)
    step, last = 1.0, [value]
    best, lowest = here, value
    for _ in range(_MOST_STEPS):
        missing = float(np.vdot(slope, here)) + norm * float(np.linalg.norm(slope))
        if missing <= _ENOUGH * max(value, _SMALL):
            break
        move = _nearest(here - step * slope / lengths, lengths, norm) - here
        falls = float(np.vdot(slope, move))
        part = 1.0
        while True:
            reached, there = at(here + part * move)
            if reached <= max(last) + _FALL * part * falls or part < 1e-10:
                break
            curved = reached - value - part * falls
            part = float(np.clip(-falls * part**2 / (2 * curved), part / 10, part / 2))
        change = part * move
        bent = float(np.vdot(change, there - slope))
        along = float(np.vdot(change, lengths * change))
        step = float(np.clip(along / bent, 1e-3, 1e3)) if bent > 0 else 1e3
        here, value, slope = here + change, reached, there
        last = [*last[1 - _REMEMBERED :], value]
        if value < lowest:
            best, lowest = here, value
        if along <= 1e-28 * norm**2 * float(lengths.max()):
            break
    return inside(back(best), norm)


def _nearest(V: Floats, lengths: Floats, norm: float) -> Floats:
    """The weights in the ball that are nearest in the metric: V e/(e + λ), λ ≥ 0 by Newton."""
    if float(np.linalg.norm(V)) <= norm:
        return V
    squares = np.sum(V**2, axis=1, keepdims=True)
    added = 0.0
    for _ in range(100):
        shrunk = squares * (lengths / (lengths + added)) ** 2
        size = float(np.sqrt(shrunk.sum()))
        # 1/‖V(λ)‖ is nearly a line, and concave: from below Newton's steps never go too far
        further = (size / norm - 1) * size**2 / float((shrunk / (lengths + added)).sum())
        added += further
        if further <= 1e-12 * (added + 1e-300):
            break
    return inside(V * (lengths / (lengths + added)), norm)


def inside(W: Floats, norm: float) -> Floats:
    """The nearest weights in the ball."""
    length = float(np.linalg.norm(W))
    # a hair inside, so that rounding cannot put it outside
    return W if length <= norm else W * (norm / length * (1 - 1e-12))
