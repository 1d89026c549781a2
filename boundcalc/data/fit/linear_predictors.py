"""Linear predictors x ↦ W φ(x) with ‖W‖_F ≤ B: their losses in [0, C], and which come first.

Binary. One score f(x), y in {−1, 1}, margin u = y f(x). Several classes. One score a class, margin
u = f_y − max_{j≠y} f_j. Both: the ramp loss min(1, max(0, 1 − u/ρ)), which is 1/ρ-Lipschitz in the
margin, lies in [0, 1] and is 1 on every error (u ≤ 0). Regression. The clipped absolute error
min(|f(x) − y|, C), which is 1-Lipschitz in the score.

The complexity that a bound needs is that of the margins, one number an example. Multiplying a
function by y_i in {−1, 1} does not change R̂_S, so in the binary case it is that of the scores.
With several classes u = min_{j≠y} (f_y − f_j), each difference is √2-Lipschitz in ℓ2, and so is
their minimum: by Maurer's contraction R̂_S(margins) ≤ √2 · √2 · R̂^vec_S(scores).

A margin ρ and a norm B say the same as a margin 1 and the norm B/ρ: u/ρ is the margin of the
predictor w/ρ. So a grid of norms is a grid of margins, and one margin for all subsets makes their
losses one loss.

Each loss has a convex surrogate, which is what a fit minimises.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from boundcalc.data.fit.preparation import Floats, Ints, row_lengths
from boundcalc.data.tables import is_sparse

_SOFT = 0.25  # how sharp the smooth maximum over the other classes is, in margins
_NEAR = 0.25  # below this residual the surrogate of the absolute error is a parabola


def linear_scores(blocks: Mapping[str, Any], names: Sequence[str], W: Floats) -> Floats:
    """The scores W φ(x) of each example from some modalities, shape (outputs, m).

    Rows of W that are left are of the constant 1.
    """
    found, start = np.zeros((W.shape[1], blocks[names[0]].shape[0])), 0
    for name in names:
        X = blocks[name]
        part = W[start : start + X.shape[1]]
        found += (X @ part).T if is_sparse(X) else part.T @ X.T
        start += X.shape[1]
    found += W[start:].sum(axis=0)[:, None]
    return found


class FitProblem(ABC):
    """What a fit and a bound need of a loss; the classes below are frozen dataclasses.

    Attributes
    ----------
    y : ndarray, shape (m,)
    outputs : int
        Scores an example.
    loss_bound, lipschitz : float
        The loss is in [0, loss_bound], and Lipschitz in the margin or in the one score.
    weights : ndarray, shape (m,), or None
        How much each example counts in a fit, where they do not count alike.
    """

    y: NDArray[Any]
    outputs: int
    loss_bound: float
    lipschitz: float
    weights: Floats | None

    def part(self, rows: Ints | slice) -> Self:
        """The same for some of the examples."""
        weights = None if self.weights is None else self.weights[rows]
        return replace(self, y=self.y[rows], weights=weights)  # type: ignore[type-var]

    def mean(self, values: Floats) -> float:
        """The mean over the examples, as much as they count."""
        return float(values.mean() if self.weights is None else np.mean(values * self.weights))

    @abstractmethod
    def losses(self, scores: Floats) -> Floats:
        """The loss of each example, from scores of shape (outputs, m)."""

    def errors(self, scores: Floats) -> Floats | None:
        """The 0/1 loss of each example, or None where there is none."""
        return None

    @abstractmethod
    def surrogate(self, scores: Floats) -> tuple[float, Floats]:
        """The mean of a convex function of the scores, and its gradient in them; both of shape
        (outputs, m).
        """

    @abstractmethod
    def targets(self) -> Floats:
        """What the scores should be like, shape (m, outputs)."""


class _Classification(FitProblem):
    """Classes: the ramp loss of a margin."""

    margin: float

    @abstractmethod
    def margins(self, scores: Floats) -> Floats:
        """How far each score is on the right side."""

    @property
    def lipschitz(self) -> float:  # type: ignore[override]
        """1/ρ, in the margin."""
        return 1 / self.margin

    def losses(self, scores: Floats) -> Floats:
        """The ramp loss."""
        return np.clip(1 - self.margins(scores) / self.margin, 0.0, 1.0)

    def errors(self, scores: Floats) -> Floats:
        """1 where the margin is not positive."""
        return (self.margins(scores) <= 0).astype(np.float64)

    def _hinge(self, margins: Floats) -> tuple[float, Floats]:
        """The mean of the hinge 1 − u/ρ, rounded off below 1, and its derivative in the margins."""
        short = np.maximum(1 - margins / self.margin, 0.0)
        slope = np.minimum(short, 1.0)
        # short²/2 below 1, short − 1/2 from there on
        value = self.mean(slope * (short - slope / 2))
        slope /= -self.margin * len(margins)
        return value, slope if self.weights is None else slope * self.weights


@dataclass(frozen=True, eq=False)
class Binary(_Classification):
    """Two classes, y in {−1, 1}."""

    y: Floats
    margin: float = 1.0
    outputs: int = 1
    loss_bound: float = 1.0
    weights: Floats | None = None

    def margins(self, scores: Floats) -> Floats:
        """y f."""
        return np.asarray(self.y * scores[0])

    def surrogate(self, scores: Floats) -> tuple[float, Floats]:
        """The hinge."""
        value, slope = self._hinge(self.margins(scores))
        return value, (slope * self.y)[None]

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
    weights: Floats | None = None

    @cached_property
    def _own(self) -> Ints:
        """Where the scores of the examples' own classes are among all, row after row."""
        return np.asarray(self.y * len(self.y) + np.arange(len(self.y)))

    def margins(self, scores: Floats) -> Floats:
        """f_y − max_{j≠y} f_j."""
        others = scores.copy()
        np.put(others, self._own, -np.inf)
        return np.asarray(np.take(scores, self._own) - others.max(axis=0))

    def surrogate(self, scores: Floats) -> tuple[float, Floats]:
        """The hinge of the margin with a smooth maximum, convex as the margin is then concave."""
        width = _SOFT * self.margin
        most = scores.max(axis=0)
        shares = scores - most
        shares /= width
        np.exp(shares, out=shares)
        np.put(shares, self._own, 0)
        # where the others are so far below, the hinge is 0
        total = np.maximum(shares.sum(axis=0), np.finfo(shares.dtype).tiny)
        value, slope = self._hinge(np.take(scores, self._own) - most - width * np.log(total))
        shares *= -slope / total
        np.put(shares, self._own, slope)
        return value, shares

    def targets(self) -> Floats:
        """1 for the class, 0 for the others."""
        return np.eye(self.outputs)[self.y]


@dataclass(frozen=True, eq=False)
class Regression(FitProblem):
    """Targets on a scale that was fixed beforehand."""

    y: Floats
    loss_bound: float
    outputs: int = 1
    lipschitz: float = 1.0
    weights: Floats | None = None

    def losses(self, scores: Floats) -> Floats:
        """The clipped absolute error."""
        return np.asarray(np.minimum(np.abs(scores[0] - self.y), self.loss_bound))

    def surrogate(self, scores: Floats) -> tuple[float, Floats]:
        """Huber's function."""
        residual = scores[0] - self.y
        size = np.abs(residual)
        values = np.where(size < _NEAR, size**2 / (2 * _NEAR), size - _NEAR / 2)
        slope = np.clip(residual / _NEAR, -1, 1) / len(size)
        return float(values.mean()), slope[None]

    def targets(self) -> Floats:
        """The targets themselves."""
        return self.y[:, None]


# --- which subsets are fitted first, by examples that are used for nothing else -------------


def subset_scores(blocks: Mapping[str, Floats], targets: Floats, m: int) -> Floats:
    """How fast a training-based bound falls with the norm, for every set of modalities.

    Over the ball ‖W‖_F ≤ B the mean of ⟨t_i, W φ(x_i)⟩ is at most B a, a = ‖(1/n) Σ t_i φ(x_i)ᵀ‖_F,
    and twice the complexity is at most 2 B √(s/m), s the mean of ‖φ‖₂². The score is a − 2√(s/m).
    Both a² and s of a set are the sums of those of its modalities, so all 2^K sets take 2^K
    additions. What noise alone adds to a² is subtracted.

    Parameters
    ----------
    blocks : mapping of str to ndarray, shape (n, d_k)
        Features of each modality.
    targets : ndarray, shape (n, outputs)
        What the scores should be like.
    m : int
        Training examples.

    Returns
    -------
    ndarray, shape (2^K,)
        Bit k of the index says whether the k-th modality is in the set.
    """
    n = len(targets)
    centred = targets - targets.mean(axis=0)
    spread = float(np.mean(np.sum(centred**2, axis=1)))
    aligned, sizes = np.zeros(1), np.zeros(1)
    for phi in blocks.values():
        size = float(np.mean(row_lengths(phi) ** 2))
        found = float(np.sum((phi.T @ centred / n) ** 2)) - size * spread / n
        aligned = np.concatenate([aligned, aligned + max(found, 0.0)])
        sizes = np.concatenate([sizes, sizes + size])
    value: Floats = np.sqrt(aligned) - 2 * np.sqrt(sizes / m)
    return value


def first_subsets(names: Sequence[str], scores: Floats, most: int) -> list[tuple[str, ...]]:
    """At most so many sets: all modalities together, each alone, then those of largest score."""
    K = len(names)
    order = [2**K - 1, *(2**k for k in range(K))]
    ranked = np.argsort(-scores, kind="stable")[: most + len(order) + 1].tolist()
    order += [mask for mask in ranked if mask]
    return [
        tuple(name for k, name in enumerate(names) if mask >> k & 1)
        for mask in list(dict.fromkeys(order))[:most]
    ]
