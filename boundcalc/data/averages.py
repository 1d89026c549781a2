"""Means of draws, with the help of a quantity whose mean is known."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from boundcalc.data.suprema import Floats

_FOLDS = 10
_FEWEST = 100  # of fewer draws the standard error of the residuals misses their tail


@dataclass(frozen=True)
class Mean:
    """A mean and how far it may be off.

    Attributes
    ----------
    value, standard_error : float
    freedom : int
        Degrees of freedom of the standard error.
    """

    value: float
    standard_error: float
    freedom: int


def plain_mean(draws: Floats) -> Mean:
    """The mean of independent draws."""
    n = draws.size
    return Mean(float(draws.mean()), float(draws.std(ddof=1)) / math.sqrt(n), n - 1)


def controlled_mean(draws: Floats, control: Floats, control_mean: float) -> Mean:
    """The mean of draws less what a control variate explains of their deviation.

    The coefficient of each tenth of the draws is the regression coefficient of the other nine tenths. So it
    is independent of the draws that it corrects, and the mean stays unbiased; a coefficient from the same
    draws would bias it. The standard error is that of the residuals.
    """
    n = draws.size
    if n < _FEWEST or control_mean <= 0 or not np.isfinite(control_mean):
        return plain_mean(draws)
    excess = control / control_mean - 1
    fold = np.arange(n) % _FOLDS
    adjusted = draws - _coefficients(draws, excess, fold) * excess
    return Mean(float(adjusted.mean()), float(adjusted.std(ddof=2)) / math.sqrt(n), n - 2)


def _coefficients(y: Floats, x: Floats, fold: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Floats:
    """For each draw the slope of y on x in the folds that it is not in."""
    sums = np.array(
        [np.bincount(fold, weights=w, minlength=_FOLDS) for w in (np.ones_like(y), x, y, x * x, x * y)]
    )
    n, sx, sy, sxx, sxy = sums.sum(axis=1, keepdims=True) - sums
    spread = sxx - sx * sx / n
    slope = np.divide(sxy - sx * sy / n, spread, out=np.zeros_like(spread), where=spread > 1e-20 * n)
    return np.asarray(slope[fold])
