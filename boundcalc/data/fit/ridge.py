"""Ridge regression with a strength chosen by leaving one example out: linear, or with a kernel.

One eigendecomposition serves every strength. Let the columns of P be the principal scores of the
centred inputs and e their squared lengths; the fitted values are P (e + λ)⁻¹ Pᵀ Y, and what example
i's prediction would be without it follows from its leverage h_i: the residual is divided by 1 −
h_i.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from boundcalc.data.fit.preparation import Floats
from boundcalc.errors import InputError

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
    weights: Floats | None = None
    intercept: Floats | None = None


def fit_ridge(X: Floats, Y: Floats, kind: str = "linear") -> Ridge:
    """Fit Y by a ridge regression on X, with an intercept that is not penalised.

    The strength is the one of a fixed list that has the least mean distance ‖prediction − y‖₂ when
    each example is predicted without itself.

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
    if kind == "rbf":
        means, scores, energies, left = _kernel_scores(X)
    else:
        x_mean, directions, scores, energies = _principal_scores(X)
    projected = scores.T @ centred
    strength, residuals = _strength(scores, energies, projected, centred)
    shrunk = (1 / (energies + strength))[:, None]
    if kind == "rbf":
        # its columns add up to 0, so a new input's kernel need not be centred over the examples
        dual = left @ (left.T @ centred * shrunk)
        return Ridge(lambda new: (_kernel(new, X) - means) @ dual + y_mean, Y - residuals, strength)
    weights = directions @ (projected * shrunk)
    intercept = y_mean - x_mean @ weights
    return Ridge(lambda new: new @ weights + intercept, Y - residuals, strength, weights, intercept)


def _strength(
    scores: Floats, energies: Floats, projected: Floats, centred: Floats
) -> tuple[float, Floats]:
    """The strength with the least mean left-out residual, and these residuals."""
    leverages = scores**2
    scale = float(energies.mean()) or 1.0
    best, found = np.inf, (0.0, centred)
    for strength in (float(s) * scale for s in _STRENGTHS):
        shrunk = 1 / (energies + strength)
        residuals = centred - scores @ (projected * shrunk[:, None])
        # the mean is fitted too: 1/m
        residuals /= np.maximum(1 - leverages @ shrunk - 1 / len(scores), 1e-9)[:, None]
        loss = float(np.sqrt(np.einsum("ij,ij->i", residuals, residuals)).mean())
        if loss < best:
            best, found = loss, (strength, residuals)
    return found


def _principal_scores(X: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean, directions V, scores P = (X − x̄) V and the squared lengths of their columns."""
    mean = X.mean(axis=0)
    centred = X - mean
    if X.shape[1] <= len(X):
        energies, directions = np.linalg.eigh(centred.T @ centred)
        return mean, directions, centred @ directions, np.maximum(energies, 0)
    # more features than examples: the directions are combinations of the examples
    energies, left = np.linalg.eigh(centred @ centred.T)
    energies = np.maximum(energies, 0)
    kept = energies > energies.max(initial=0) * len(X) * np.finfo(float).eps
    if not kept.any():
        return mean, np.zeros((X.shape[1], 1)), np.zeros((len(X), 1)), np.zeros(1)
    roots = np.sqrt(energies[kept])
    return mean, centred.T @ (left[:, kept] / roots), left[:, kept] * roots, energies[kept]


def _kernel_scores(X: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Column means of the kernel matrix; scores, energies and eigenvectors of the centred one."""
    if len(X) > MOST_KERNEL_EXAMPLES:
        raise InputError(
            f"kernel ridge is for at most {MOST_KERNEL_EXAMPLES:,} training examples, not "
            f"{len(X):,}: use linear"
        )
    K = _kernel(X, X)
    means = K.mean(axis=0)
    energies, left = np.linalg.eigh(K - means - means[:, None] + means.mean())
    energies = np.maximum(energies, 0)
    return means, left * np.sqrt(energies), energies, left


def _kernel(new: Floats, X: Floats) -> Floats:
    squares = np.einsum("ij,ij->i", new, new)[:, None] + np.einsum("ij,ij->i", X, X)
    distances = np.maximum(squares - 2 * new @ X.T, 0)
    return np.asarray(np.exp(-distances / X.shape[1]))
