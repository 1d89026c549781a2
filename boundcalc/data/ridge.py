"""Ridge regression with a strength chosen by leaving one example out: linear, or with a Gaussian kernel.

One eigendecomposition serves every strength. Let the columns of P be the principal scores of the centred
inputs and e their squared lengths; the fitted values are P (e + λ)⁻¹ Pᵀ Y, and what example i's prediction
would be without it follows from its leverage h_i: the residual is divided by 1 − h_i.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from boundcalc.errors import InputError

Floats = NDArray[np.float64]
KINDS = ("linear", "rbf")
MOST_KERNEL_EXAMPLES = 5000
# relative to the mean eigenvalue
_STRENGTHS = 10.0 ** np.linspace(-6, 3, 13)


@dataclass(frozen=True, eq=False)
class Ridge:
    """A fitted function.

    Attributes
    ----------
    predict : callable
        From inputs, shape (n, d), to outputs, shape (n, k).
    left_out : ndarray, shape (m, k)
        For each training example the prediction of the fit without it.
    strength : float
    weights : ndarray of shape (d, k) or None
        Of a linear function.
    intercept : ndarray of shape (k,) or None
    """

    predict: Callable[[Floats], Floats]
    left_out: Floats
    strength: float
    weights: Floats | None
    intercept: Floats | None


def fit_ridge(X: Floats, Y: Floats, kind: str = "linear") -> Ridge:
    """Fit Y by a ridge regression on X, with an intercept that is not penalised.

    The strength is the one of a fixed list that has the least mean distance ‖prediction − y‖₂ when each
    example is predicted without itself.

    Parameters
    ----------
    X, Y : ndarray, shapes (m, d) and (m, k), m ≥ 2
    kind : {"linear", "rbf"}
        ``rbf`` is kernel ridge with the kernel exp(−‖x − x′‖²/d).

    Raises
    ------
    InputError
        For more examples than a kernel matrix is made for.
    """
    y_mean = Y.mean(axis=0)
    centred = Y - y_mean
    basis = _Kernel(X) if kind == "rbf" else _linear(X)
    projected = basis.scores.T @ centred
    leverages = basis.scores**2
    scale = float(basis.energies.mean()) or 1.0
    best: tuple[float, float, Floats] | None = None
    for strength in (float(s) * scale for s in _STRENGTHS):
        shrunk = 1 / (basis.energies + strength)
        residuals = centred - basis.scores @ (projected * shrunk[:, None])
        # the mean is fitted too: 1/m
        free = np.maximum(1 - leverages @ shrunk - 1 / len(X), 1e-9)
        residuals /= free[:, None]
        loss = float(np.sqrt(np.einsum("ij,ij->i", residuals, residuals)).mean())
        if best is None or loss < best[0]:
            best = loss, strength, residuals
    assert best is not None
    _, strength, residuals = best
    return basis.fitted(centred, strength, y_mean, Y - residuals)


@dataclass(frozen=True, eq=False)
class _Linear:
    """Scores P = (X − x̄) V; V holds the directions."""

    mean: Floats
    directions: Floats
    scores: Floats
    energies: Floats

    def fitted(self, centred: Floats, strength: float, y_mean: Floats, left_out: Floats) -> Ridge:
        shrunk = 1 / (self.energies + strength)
        weights = self.directions @ (self.scores.T @ centred * shrunk[:, None])
        intercept = y_mean - self.mean @ weights
        return Ridge(lambda X: X @ weights + intercept, left_out, strength, weights, intercept)


def _linear(X: Floats) -> _Linear:
    mean = X.mean(axis=0)
    centred = X - mean
    if X.shape[1] <= len(X):
        energies, directions = np.linalg.eigh(centred.T @ centred)
        return _Linear(mean, directions, centred @ directions, np.maximum(energies, 0))
    # more features than examples: the directions are combinations of the examples
    energies, left = np.linalg.eigh(centred @ centred.T)
    energies = np.maximum(energies, 0)
    kept = energies > energies.max(initial=0) * len(X) * np.finfo(float).eps
    roots = np.sqrt(energies[kept])
    if not kept.any():
        return _Linear(mean, np.zeros((X.shape[1], 1)), np.zeros((len(X), 1)), np.zeros(1))
    return _Linear(mean, centred.T @ (left[:, kept] / roots), left[:, kept] * roots, energies[kept])


class _Kernel:
    """Scores from the centred kernel matrix of the training examples."""

    def __init__(self, X: Floats) -> None:
        if len(X) > MOST_KERNEL_EXAMPLES:
            raise InputError(
                f"kernel ridge is for at most {MOST_KERNEL_EXAMPLES:,} training examples, not {len(X):,}: "
                "use linear"
            )
        self._X = X
        K = self._kernel(X)
        self._means = K.mean(axis=0)
        K = K - self._means - self._means[:, None] + self._means.mean()
        energies, self._left = np.linalg.eigh(K)
        self.energies: Floats = np.maximum(energies, 0)
        self.scores: Floats = self._left * np.sqrt(self.energies)

    def _kernel(self, X: Floats) -> Floats:
        squares = np.einsum("ij,ij->i", X, X)[:, None] + np.einsum("ij,ij->i", self._X, self._X)
        distances = np.maximum(squares - 2 * X @ self._X.T, 0)
        return np.asarray(np.exp(-distances / X.shape[1]))

    def fitted(self, centred: Floats, strength: float, y_mean: Floats, left_out: Floats) -> Ridge:
        shrunk = 1 / (self.energies + strength)
        # its columns add up to 0, so the kernel of a new input need not be centred over the examples
        dual = self._left @ (self._left.T @ centred * shrunk[:, None])

        def predict(X: Floats) -> Floats:
            return np.asarray((self._kernel(X) - self._means) @ dual + y_mean)

        return Ridge(predict, left_out, strength, None, None)
