"""Ridge regression and limits on a ratio, against what is computed in another way."""

from __future__ import annotations

import math

import numpy as np
import pytest

from boundcalc.data.diagnose.connection import ratio_limits
from boundcalc.data.fit.ridge import MOST_KERNEL_EXAMPLES, fit_ridge
from boundcalc.errors import InputError

SHAPES = {"tall": (30, 4, "linear"), "wide": (12, 40, "linear"), "kernel": (20, 3, "rbf")}


def kernel(A: np.ndarray, B: np.ndarray, kind: str) -> np.ndarray:
    if kind == "linear":
        return A @ B.T
    return np.exp(-((A[:, None] - B[None]) ** 2).sum(axis=2) / A.shape[1])


def textbook(
    X: np.ndarray, Y: np.ndarray, new: np.ndarray, strength: float, kind: str
) -> np.ndarray:
    """The linear system of kernel ridge with an intercept that is not penalised."""
    m = len(X)
    system = np.block(
        [[kernel(X, X, kind) + strength * np.eye(m), np.ones((m, 1))], [np.ones((1, m)), 0]]
    )
    solved = np.linalg.solve(system, np.vstack([Y, np.zeros((1, Y.shape[1]))]))
    return kernel(new, X, kind) @ solved[:m] + solved[m]


@pytest.mark.parametrize("shape", SHAPES)
def test_ridge_and_its_left_out_predictions(shape: str) -> None:
    m, d, kind = SHAPES[shape]
    rng = np.random.default_rng(1)
    X = rng.standard_normal((m, d)) + 2
    Y = np.column_stack([np.sin(X[:, 0]), X[:, 1] - 3]) + 0.3 * rng.standard_normal((m, 2))
    fitted = fit_ridge(X, Y, kind)
    new = rng.standard_normal((5, d))
    assert fitted.predict(new) == pytest.approx(
        textbook(X, Y, new, fitted.strength, kind), abs=1e-7
    )
    if kind == "linear":
        assert new @ fitted.weights + fitted.intercept == pytest.approx(fitted.predict(new))
        for i in (0, m - 1):
            rest = np.arange(m) != i
            alone = textbook(X[rest], Y[rest], X[[i]], fitted.strength, kind)[0]
            assert fitted.left_out[i] == pytest.approx(alone, abs=1e-7)


def test_the_strength_is_chosen_by_left_out_distances() -> None:
    rng = np.random.default_rng(2)
    X = rng.standard_normal((40, 30))
    noise, signal = rng.standard_normal((40, 1)), X[:, :1] * 3
    strong, weak = fit_ridge(X, noise), fit_ridge(X, signal)
    assert strong.strength > 100 * weak.strength
    # noise is predicted by its mean, not followed
    assert np.linalg.norm(strong.predict(X) - noise.mean()) < 0.5 * np.linalg.norm(
        noise - noise.mean()
    )


def test_constant_inputs_predict_the_mean() -> None:
    Y = np.arange(6.0)[:, None]
    for width in (2, 20):
        assert fit_ridge(np.ones((6, width)), Y).predict(np.zeros((1, width))) == pytest.approx(2.5)


def test_a_kernel_matrix_that_would_be_too_large() -> None:
    many = np.zeros((MOST_KERNEL_EXAMPLES + 1, 1))
    with pytest.raises(InputError, match="at most 5,000 training examples, not 5,001: use linear"):
        fit_ridge(many, many, "rbf")


def excluded(d: np.ndarray, s: np.ndarray, ratio: float, bound: float, delta: float) -> bool:
    """Whether the empirical Bernstein limits of d − ρ s, typed here, leave out 0."""
    x, n = d - ratio * s, len(d)
    log = math.log(4 / delta)
    width = math.sqrt(2 * x.var(ddof=1) * log / n) + 7 * (1 + ratio) * bound * log / (3 * (n - 1))
    return bool(abs(x.mean()) > width)


@pytest.mark.parametrize(("spread", "n"), [(0.3, 400), (1.0, 900), (0.05, 4000)])
def test_the_ratio_limits_are_the_ends_of_what_is_not_excluded(spread: float, n: int) -> None:
    rng = np.random.default_rng(3)
    d, s = rng.random(n) * spread, 0.5 + 0.5 * rng.random(n)
    low, high = ratio_limits(d, s, bound=1, delta=0.1)
    centre = d.mean() / s.mean()
    kept = [
        ratio for ratio in np.linspace(0, 4 * centre + 1, 4001) if not excluded(d, s, ratio, 1, 0.1)
    ]
    step = (4 * centre + 1) / 4000
    assert kept[0] - step <= low <= kept[0] + 1e-9
    assert kept[-1] - 1e-9 <= high <= kept[-1] + step


def test_a_ratio_without_an_upper_limit() -> None:
    d, s = np.full(10, 0.5), np.linspace(0, 0.1, 10)
    assert ratio_limits(d, s, bound=1, delta=0.1)[1] == math.inf
    assert ratio_limits(d, np.zeros(10), bound=1, delta=0.1) == (0, math.inf)


def test_the_ratio_limits_miss_as_seldom_as_they_say() -> None:
    rng = np.random.default_rng(4)
    missed = 0
    for _ in range(16):
        s = rng.random(60)
        low, high = ratio_limits(s * rng.integers(0, 2, 60), s, bound=1, delta=0.5)
        missed += not low <= 0.5 <= high
    assert missed <= 8
