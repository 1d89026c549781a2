"""How well one modality can be predicted from another: Lu's connection κ, measured.

κ(G) = inf over g in G of E‖g(x) − y‖₂. Any fixed ĝ in G gives E‖ĝ(x) − y‖ ≥ κ(G), so an upper limit on the
distance of one ĝ, fitted on the training part and measured on the held-out part, is an upper limit on κ of
every class that contains it. A lower limit on it is none on κ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from boundcalc.data.preparation import Prepared, row_lengths
from boundcalc.data.ratio import METHOD, ratio_limits
from boundcalc.data.ridge import Ridge, fit_ridge
from boundcalc.data.split import split
from boundcalc.numeric.certifying.paired import Summary, mean_limits

FOLDS = 5
STATEMENTS = 2  # the mean distance and its ratio to the spread


@dataclass(frozen=True)
class Limited:
    """A mean on the held-out part with its two limits, which hold together.

    Attributes
    ----------
    value : float or None
        None if it is not defined.
    lower, upper : float
    """

    value: float | None
    lower: float
    upper: float

    def to_dict(self) -> dict[str, float | None]:
        """Plain numbers; no upper limit is None."""
        return {
            "value": self.value,
            "lower": self.lower,
            "upper": self.upper if np.isfinite(self.upper) else None,
        }


@dataclass(frozen=True)
class Connection:
    """The connection of one ordered pair of modalities.

    Attributes
    ----------
    source, target : str
        The modality x that predicts, and the modality y that is predicted.
    kappa : Limited
        E min(‖ĝ(x) − y‖, D).
    normalised : Limited
        The same over E min(‖ȳ − y‖, D), ȳ the mean of the training part: 1 if x tells nothing.
    cross_fitted, cross_fitted_normalised : float or None
        From five folds of all examples but the setup part: an estimate, its folds share training examples.
    distance_bound : float
        D.
    clipped : int
        Held-out distances above D.
    strength : float
        Of the ridge.
    """

    source: str
    target: str
    kappa: Limited
    normalised: Limited
    cross_fitted: float
    cross_fitted_normalised: float | None
    distance_bound: float
    clipped: int
    strength: float

    @property
    def certified(self) -> bool:
        """Whether x is certified to predict y better than the mean of y does."""
        return self.normalised.upper < 1

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text."""
        return {
            "source": self.source,
            "target": self.target,
            "kappa": self.kappa.to_dict(),
            "normalised": self.normalised.to_dict(),
            "certified": self.certified,
            "cross_fitted": self.cross_fitted,
            "cross_fitted_normalised": self.cross_fitted_normalised,
            "distance_bound": self.distance_bound,
            "clipped": self.clipped,
            "strength": self.strength,
        }


def measured_connection(
    data: Prepared,
    source: str,
    target: str,
    *,
    kind: str,
    delta: float,
    distance_bound: float | None,
    seed: int,
    tick: Callable[[], None],
) -> tuple[Connection, Ridge]:
    """Fit ĝ on the training part and measure it on the held-out part.

    Parameters
    ----------
    delta : float
        Failure probability of each of the two statements.
    distance_bound : float, optional
        D; where left out the usual length of y.
    """
    X, Y = (data.rows(name, data.training) for name in (source, target))
    fitted = fit_ridge(X, Y, kind)
    tick()
    mean = Y.mean(axis=0)
    bound = data.usual[target] if distance_bound is None else distance_bound
    held_out = data.rows(target, data.held_out)
    distances = row_lengths(fitted.predict(data.rows(source, data.held_out)) - held_out)
    spreads = np.minimum(row_lengths(held_out - mean), bound)
    clipped = int(np.sum(distances > bound))
    distances = np.minimum(distances, bound)
    low, high = mean_limits(METHOD, Summary.of(distances), bound, delta / 2)
    ends = ratio_limits(distances, spreads, bound=bound, delta=delta)
    across, spread = cross_fitted(data, source, target, kind=kind, seed=seed)
    tick()
    record = Connection(
        source=source,
        target=target,
        kappa=Limited(float(distances.mean()), low, high),
        normalised=Limited(_over(float(distances.mean()), float(spreads.mean())), *ends),
        cross_fitted=across,
        cross_fitted_normalised=_over(across, spread),
        distance_bound=bound,
        clipped=clipped,
        strength=fitted.strength,
    )
    return record, fitted


def cross_fitted(data: Prepared, source: str, target: str, *, kind: str, seed: int) -> tuple[float, float]:
    """The mean distance ‖ĝ(x) − y‖ and ‖ȳ − y‖ where each fold is predicted from the others."""
    used = np.concatenate([data.training, data.held_out])
    X, Y = data.rows(source, used), data.rows(target, used)
    distance = spread = 0.0
    for fold in split(len(used), [1 / FOLDS] * FOLDS, seed=seed):
        rest = np.setdiff1d(np.arange(len(used)), fold, assume_unique=True)
        fitted = fit_ridge(X[rest], Y[rest], kind)
        distance += float(row_lengths(fitted.predict(X[fold]) - Y[fold]).sum())
        spread += float(row_lengths(Y[fold] - Y[rest].mean(axis=0)).sum())
    return distance / len(used), spread / len(used)


def _over(value: float, spread: float) -> float | None:
    return value / spread if spread > 0 else None
