"""Linear predictors x ↦ W φ(x) with ‖W‖_F ≤ B, fitted by a convex surrogate.

The minimum is approached by accelerated projected gradients with a step that is halved where it is too long,
and with restarts. How close it comes does not matter to any bound: whatever the fit returns is in the ball.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from boundcalc.data.problems import Floats, Problem

_MOST_STEPS = 300
_PATIENCE = 5
_ENOUGH = 1e-6


@dataclass(eq=False)
class _Point:
    """Weights and their scores, which are kept together so that each step takes one product with X."""

    W: Floats
    scores: Floats

    def beyond(self, other: _Point, by: float) -> _Point:
        """On the line from the other point through this one."""
        return _Point(self.W + by * (self.W - other.W), self.scores + by * (self.scores - other.scores))


def path(X: Floats, problem: Problem, norms: Sequence[float]) -> list[Floats]:
    """Weights for each norm, shape (d, outputs), each fit started from the one before.

    Parameters
    ----------
    X : ndarray, shape (m, d)
    problem : Problem
    norms : sequence of float
        Ascending.
    """
    W, found = np.zeros((X.shape[1], problem.outputs)), []
    for norm in norms:
        W = fit(X, problem, norm, W)
        found.append(W)
    return found


def fit(X: Floats, problem: Problem, norm: float, start: Floats) -> Floats:
    """Weights with ‖W‖_F ≤ norm that nearly minimise the surrogate."""
    last = here = _Point(start, X @ start)
    step, speed, still = 4 * len(X) / max(float(np.sum(X * X)), 1e-300), 1.0, 0
    best = problem.surrogate(here.scores)[0]
    for _ in range(_MOST_STEPS):
        value, slope = problem.surrogate(here.scores)
        gradient = X.T @ slope
        new, reached, step = _stepped(X, problem, here, (value, gradient), step, norm)
        if np.sum(gradient * (new.W - last.W)) > 0:
            speed = 1.0
        faster = (1 + np.sqrt(1 + 4 * speed**2)) / 2
        here, last, speed = new.beyond(last, (speed - 1) / faster), new, faster
        still = still + 1 if reached > best - _ENOUGH * max(abs(best), 1e-3) else 0
        best = min(best, reached)
        if still >= _PATIENCE:
            break
    return last.W


def _stepped(
    X: Floats, problem: Problem, here: _Point, model: tuple[float, Floats], step: float, norm: float
) -> tuple[_Point, float, float]:
    """The point after a step that lowers the surrogate as its slope promises, its value, and the step."""
    value, gradient = model
    while True:
        W = inside(here.W - step * gradient, norm)
        move = W - here.W
        new = _Point(W, X @ W)
        reached = problem.surrogate(new.scores)[0]
        allowed = value + float(np.sum(gradient * move)) + float(np.sum(move * move)) / (2 * step)
        if reached <= allowed + 1e-12 * max(1.0, abs(value)):
            return new, reached, step
        step /= 2


def inside(W: Floats, norm: float) -> Floats:
    """The nearest weights in the ball."""
    length = float(np.linalg.norm(W))
    # a hair inside, so that rounding cannot put it outside
    return W if length <= norm else W * (norm / length * (1 - 1e-12))
