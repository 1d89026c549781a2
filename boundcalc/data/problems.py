"""What linear scores are fitted for: losses in [0, C], and convex surrogates to fit by.

Binary. One score f(x), y in {−1, 1}, margin u = y f(x). Several classes. One score a class, margin
u = f_y − max_{j≠y} f_j. Both: the ramp loss min(1, max(0, 1 − u/ρ)), which is 1/ρ-Lipschitz in the
margin, lies in [0, 1] and is 1 on every error (u ≤ 0). Regression. The clipped absolute error
min(|f(x) − y|, C), which is 1-Lipschitz in the score.

The complexity that a bound needs is that of the margins, one number an example. Multiplying a function by y_i
in {−1, 1} does not change R̂_S, so in the binary case it is that of the scores. With several classes
u = min_{j≠y} (f_y − f_j), each difference is √2-Lipschitz in ℓ2, and so is their minimum: by Maurer's
contraction R̂_S(margins) ≤ √2 · √2 · R̂^vec_S(scores).

A margin ρ and a norm B say the same as a margin 1 and the norm B/ρ: u/ρ is the margin of the predictor
w/ρ. So a grid of norms is a grid of margins, and one margin for all subsets makes their losses one loss.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_SOFT = 0.25  # how sharp the smooth maximum over the other classes is, in margins
_NEAR = 0.25  # below this residual the surrogate of the absolute error is a parabola


class Problem(Protocol):
    """What a fit and a bound need of a loss.

    Attributes
    ----------
    outputs : int
        Scores an example.
    loss_bound, lipschitz : float
        The loss is in [0, loss_bound], and Lipschitz in the margin or in the one score.
    """

    @property
    def outputs(self) -> int: ...
    @property
    def loss_bound(self) -> float: ...
    @property
    def lipschitz(self) -> float: ...

    def losses(self, scores: Floats) -> Floats:
        """The loss of each example."""

    def errors(self, scores: Floats) -> Floats | None:
        """The 0/1 loss of each example, or None where there is none."""

    def surrogate(self, scores: Floats) -> tuple[float, Floats]:
        """The mean of a convex function of the scores, and its gradient in them."""

    def part(self, rows: Ints) -> Problem:
        """The same for some of the examples."""

    def targets(self) -> Floats:
        """What the scores should be like, shape (m, outputs)."""


def _hinge(margins: Floats, margin: float) -> tuple[float, Floats]:
    """The mean of the hinge 1 − u/ρ, rounded off below 1, and its derivative in the margins."""
    short = np.maximum(1 - margins / margin, 0.0)
    values = np.where(short < 1, short**2 / 2, short - 0.5)
    return float(values.mean()), -np.minimum(short, 1.0) / (margin * len(margins))


class _Classification(ABC):
    """Classes: the ramp loss of a margin."""

    margin: float

    @abstractmethod
    def margins(self, scores: Floats) -> Floats:
        """How far each score is on the right side."""

    @property
    def lipschitz(self) -> float:
        """1/ρ, in the margin."""
        return 1 / self.margin

    def losses(self, scores: Floats) -> Floats:
        """The ramp loss."""
        return np.clip(1 - self.margins(scores) / self.margin, 0.0, 1.0)

    def errors(self, scores: Floats) -> Floats:
        """1 where the margin is not positive."""
        return (self.margins(scores) <= 0).astype(np.float64)


@dataclass(frozen=True, eq=False)
class Binary(_Classification):
    """Two classes, y in {−1, 1}."""

    y: Floats
    margin: float = 1.0
    outputs: int = 1
    loss_bound: float = 1.0

    def margins(self, scores: Floats) -> Floats:
        """y f."""
        return self.y * scores[:, 0]

    def surrogate(self, scores: Floats) -> tuple[float, Floats]:
        """The hinge."""
        value, slope = _hinge(self.margins(scores), self.margin)
        return value, (slope * self.y)[:, None]

    def part(self, rows: Ints) -> Binary:
        """Some of the examples."""
        return Binary(self.y[rows], self.margin)

    def targets(self) -> Floats:
        """The signs."""
        return self.y[:, None]


@dataclass(frozen=True, eq=False)
class MultiClass(_Classification):
    """Classes 0, …, k − 1."""

    y: Ints
    outputs: int
    margin: float = 1.0
    loss_bound: float = 1.0

    def _others(self, scores: Floats) -> tuple[Floats, Floats]:
        rows = np.arange(len(scores))
        others = scores.copy()
        others[rows, self.y] = -np.inf
        own: Floats = scores[rows, self.y]
        return own, others

    def margins(self, scores: Floats) -> Floats:
        """f_y − max_{j≠y} f_j."""
        own, others = self._others(scores)
        found: Floats = own - others.max(axis=1)
        return found

    def surrogate(self, scores: Floats) -> tuple[float, Floats]:
        """The hinge of the margin with a smooth maximum, which is convex: the margin is then concave."""
        own, others = self._others(scores)
        width = _SOFT * self.margin
        most = others.max(axis=1, keepdims=True)
        weights = np.exp((others - most) / width)
        total = weights.sum(axis=1, keepdims=True)
        value, slope = _hinge(own - (most + width * np.log(total))[:, 0], self.margin)
        gradient = -slope[:, None] * weights / total
        gradient[np.arange(len(scores)), self.y] = slope
        return value, gradient

    def part(self, rows: Ints) -> MultiClass:
        """Some of the examples."""
        return MultiClass(self.y[rows], self.outputs, self.margin)

    def targets(self) -> Floats:
        """1 for the class, 0 for the others."""
        return np.eye(self.outputs)[self.y]


@dataclass(frozen=True, eq=False)
class Regression:
    """Targets on a scale that was fixed beforehand."""

    y: Floats
    loss_bound: float
    outputs: int = 1
    lipschitz: float = 1.0

    def losses(self, scores: Floats) -> Floats:
        """The clipped absolute error."""
        return np.minimum(np.abs(scores[:, 0] - self.y), self.loss_bound)

    def errors(self, scores: Floats) -> None:
        """There is no 0/1 loss."""

    def surrogate(self, scores: Floats) -> tuple[float, Floats]:
        """Huber's function."""
        residual = scores[:, 0] - self.y
        size = np.abs(residual)
        values = np.where(size < _NEAR, size**2 / (2 * _NEAR), size - _NEAR / 2)
        return float(values.mean()), (np.clip(residual / _NEAR, -1, 1) / len(size))[:, None]

    def part(self, rows: Ints) -> Regression:
        """Some of the examples."""
        return Regression(self.y[rows], self.loss_bound)

    def targets(self) -> Floats:
        """The targets themselves."""
        return self.y[:, None]
