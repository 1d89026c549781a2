"""Fits in a ball: x ↦ W φ(x) with ‖W‖_F ≤ B that nearly minimises a convex surrogate.

A step goes against the gradient, in the metric of the Gram matrix of the features (which bounds the
curvature of the surrogate up to a constant), onto the ball, with a length that the last step taught
(Barzilai and Borwein) and a search that is satisfied with what is lower than any of the last values
(Birgin, Martínez and Raydan). Along the eigenvectors of the Gram matrix its metric is a diagonal
and the ball stays a ball. One Gram matrix of all columns serves all subsets, all norms and all
their fits; each fit of a path starts from the one before.

Every evaluation bounds the minimum from below, for the surrogate f is convex: min f ≥ f(W) −
⟨∇f, W⟩ − B ‖∇f‖. A fit ends where it is certainly near the largest of these bounds, or not far from
it and the last steps gained next to nothing, less than the examples can tell. How near does not
matter to any limit: whatever is returned is in the ball.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from boundcalc.data.fit.linear_predictors import FitProblem
from boundcalc.data.fit.preparation import Floats
from boundcalc.data.tables import is_sparse

_MOST_STEPS = 500
_ENOUGH = 2e-4  # of the surrogate, which is then this near its minimum
_NEAR, _GAIN, _STEPS = 0.05, 1e-3, 8  # or this near, and so many steps gained less than this
_SMALL = 1e-2  # a surrogate below this is near enough as well
_REMEMBERED = 8
_FALL = 1e-4
# One product is so small that linear algebra starts no threads for it, which would wait for one
# another most of the time; the scores of some products stay in the cache.
_PRODUCT, _LEAST_BLOCK, _TOGETHER = 2**18, 256, 8
_SINGLE = 2**20  # more entries are in float32, which is far nearer than a fit comes to its minimum
_MOST_COLUMNS = 1500  # of more, a Gram matrix costs more than it saves
_FLAT = 1e-4
_INSIDE = 1 - 1e-6


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


@dataclass(frozen=True, eq=False)
class Surrogate:
    """The mean surrogate loss of linear scores and its gradient, block by block.

    Attributes
    ----------
    blocks : list
        Features and losses of some rows: a sparse matrix as it is, or an array of shape (places, d,
        rows of each).
    """

    blocks: list[tuple[Any, FitProblem]]

    @classmethod
    def of(cls, X: Any, problem: FitProblem) -> Surrogate:
        """Of rows as they come."""
        m, d = X.shape
        size = m if problem.outputs == 1 else max(_LEAST_BLOCK, _PRODUCT // (d * problem.outputs))
        together = 1 if is_sparse(X) else _TOGETHER
        whole = m - m % size
        starts = [*range(0, whole, together * size), *([whole] if whole < m else [])]
        blocks = []
        for start, end in zip(starts, [*starts[1:], m], strict=True):
            part = X[start:end]
            if not is_sparse(X):
                places = part.reshape(-1, min(size, end - start), d).transpose(0, 2, 1)
                part = np.ascontiguousarray(places, np.float32 if m * d > _SINGLE else np.float64)
            blocks.append((part, problem.part(slice(start, end))))
        return cls(blocks)

    def on(self, columns: Sequence[int]) -> Surrogate:
        """For some of the columns."""
        return Surrogate([(X[:, columns], problem) for X, problem in self.blocks])

    def __add__(self, other: Surrogate) -> Surrogate:
        """The rows of both."""
        return Surrogate(self.blocks + other.blocks)

    def __call__(self, W: Floats) -> tuple[float, Floats]:
        """The value and the gradient at some weights."""
        rows, value, slope = 0, 0.0, np.zeros_like(W)
        for X, problem in self.blocks:
            m = len(problem.y)
            if is_sparse(X):
                here, gradient = problem.surrogate((X @ W).T)
                back = X.T @ gradient.T
            else:
                scores = np.empty((W.shape[1], m), X.dtype)
                np.matmul(W.T.astype(X.dtype), X, out=_placed(scores, X))
                here, gradient = problem.surrogate(scores)
                gradient = gradient.astype(X.dtype, copy=False)
                back = np.matmul(X, _placed(gradient, X).transpose(0, 2, 1)).sum(axis=0)
            rows += m
            value += m * here
            slope += m * back
        return value / rows, slope / rows


def _placed(scores: Floats, X: Floats) -> Floats:
    """Scores, shape (outputs, rows), as X has its rows: (places, outputs, rows of each)."""
    return scores.reshape(len(scores), len(X), -1).transpose(1, 0, 2)


def path(
    surrogate: Surrogate,
    norms: Sequence[float],
    metric: Metric,
    start: Floats | None = None,
) -> list[Floats]:
    """Weights for each norm, shape (d, outputs), each fit started from the one before.

    Parameters
    ----------
    surrogate : Surrogate
    norms : sequence of float
        Ascending.
    metric : Metric
        Of these rows or of more.
    start : ndarray, optional
        Weights near the first ones.
    """
    outputs = surrogate.blocks[0][1].outputs
    W = np.zeros((metric.columns, outputs)) if start is None else start
    found = list[Floats]()
    length = np.inf
    for norm in norms:
        # what is lowest inside of a ball is lowest in every larger one
        if not found or length > _INSIDE * norms[len(found) - 1]:
            W = fit(surrogate, norm, metric, W)
            length = float(np.linalg.norm(W))
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
    step, last, reached_by = 1.0, [value], [value]
    best, least = here, -np.inf
    for _ in range(_MOST_STEPS):
        missing = float(np.vdot(slope, here)) + norm * float(np.linalg.norm(slope))
        lowest, least = reached_by[-1], max(least, value - missing)
        if lowest - least <= _ENOUGH * max(lowest, _SMALL) or (
            len(reached_by) > _STEPS
            and reached_by[-1 - _STEPS] - lowest <= _GAIN * max(lowest, _SMALL)
            and lowest - least <= _NEAR * max(lowest, _SMALL)
        ):
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
            best = here
        reached_by.append(min(value, lowest))
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
