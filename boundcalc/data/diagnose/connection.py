"""How well one modality can be predicted from another: Lu's connection κ, measured.

κ(G) = inf over g in G of E‖g(x) − y‖₂. Any fixed ĝ in G gives E‖ĝ(x) − y‖ ≥ κ(G), so an upper limit
on the distance of one ĝ, fitted on the training part and measured on the held-out part, is an upper
limit on κ of every class that contains it. A lower limit on it is none on κ.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from boundcalc.data.fit.preparation import Floats, Prepared, row_lengths, split
from boundcalc.data.fit.ridge import Ridge, fit_ridge
from boundcalc.numeric.decide.pairs import Summary, mean_limits
from boundcalc.record import Record

FOLDS = 5
STATEMENTS = 2  # the mean distance and its ratio to the spread
METHOD = "empirical_bernstein"
_STEPS = 20
_LARGEST = 1e9


@dataclass(frozen=True)
class LimitedMean(Record):
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


@dataclass(frozen=True)
class Connection(Record):
    """The connection of one ordered pair of modalities.

    Attributes
    ----------
    source, target : str
        The modality x that predicts, and the modality y that is predicted.
    kappa : LimitedMean
        E min(‖ĝ(x) − y‖, D).
    normalised : LimitedMean
        The same over E min(‖ȳ − y‖, D), ȳ the mean of the training part: 1 if x tells nothing.
    cross_fitted, cross_fitted_normalised : float or None
        From five folds of all examples but the setup part: an estimate, its folds share training
        examples.
    distance_bound : float
        D.
    clipped : int
        Held-out distances above D.
    strength : float
        Of the ridge.
    """

    json_keys: ClassVar[tuple[str, ...]] = (
        *("source", "target", "kappa", "normalised", "certified", "cross_fitted"),
        *("cross_fitted_normalised", "distance_bound", "clipped", "strength"),
    )
    source: str
    target: str
    kappa: LimitedMean
    normalised: LimitedMean
    cross_fitted: float
    cross_fitted_normalised: float | None
    distance_bound: float
    clipped: int
    strength: float

    @property
    def certified(self) -> bool:
        """Whether x is certified to predict y better than the mean of y does."""
        return self.normalised.upper < 1


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
    bound = data.usual[target] if distance_bound is None else distance_bound
    held_out = data.rows(target, data.held_out)
    distances = row_lengths(fitted.predict(data.rows(source, data.held_out)) - held_out)
    spreads = np.minimum(row_lengths(held_out - Y.mean(axis=0)), bound)
    clipped = int(np.sum(distances > bound))
    distances = np.minimum(distances, bound)
    mean = float(distances.mean())
    limits = mean_limits(METHOD, Summary.of(distances), bound, delta / 2)
    across, spread = cross_fitted(data, source, target, kind=kind, seed=seed)
    tick()
    record = Connection(
        source=source,
        target=target,
        kappa=LimitedMean(mean, *limits),
        normalised=LimitedMean(
            _over(mean, float(spreads.mean())),
            *ratio_limits(distances, spreads, bound=bound, delta=delta),
        ),
        cross_fitted=across,
        cross_fitted_normalised=_over(across, spread),
        distance_bound=bound,
        clipped=clipped,
        strength=fitted.strength,
    )
    return record, fitted


def cross_fitted(
    data: Prepared, source: str, target: str, *, kind: str, seed: int
) -> tuple[float, float]:
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


def ratio_limits(d: Floats, s: Floats, *, bound: float, delta: float) -> tuple[float, float]:
    """Lower and upper limit on ρ = E d / E s, both together with probability at least 1 − delta.

    For the true ratio E(d − ρ s) = 0, and d − ρ s lies in [−ρ D, D]. So every ρ for which the
    empirical Bernstein limits of E(d − ρ s), each at δ/2, exclude 0 is excluded; this is one event,
    that of the true ρ. Both limits, times 1 + ρ, are a linear function of ρ plus or minus a norm of
    one. The upper one is convex with the slope −(lower limit of E s) in the end: if that is
    negative it falls everywhere and has one root, else ρ has no upper limit. The lower one is
    concave and falls in the end: what it excludes is an interval that starts at 0, if it excludes
    anything.

    Parameters
    ----------
    d, s : ndarray, shape (n,)
        Values in [0, bound].
    """
    centre = float(d.mean()) / float(s.mean()) if s.any() else math.inf

    def limits(ratio: float) -> tuple[float, float]:
        # divided by 1 + ρ, so that the width is the same for all
        shift = bound * ratio / (1 + ratio)
        found = Summary.of((d - ratio * s) / (1 + ratio)).shifted(shift)
        low, high = mean_limits(METHOD, found, bound, delta / 2)
        return low - shift, high - shift

    upper, lower = math.inf, 0.0
    if mean_limits(METHOD, Summary.of(s), bound, delta / 2)[0] > 0:
        inside, outside = centre, 2 * centre + 1
        while limits(outside)[1] >= 0 and outside <= _LARGEST:
            inside, outside = outside, 2 * outside
        if outside <= _LARGEST:
            upper = _change(lambda ratio: limits(ratio)[1] >= 0, inside, outside)[1]
    if math.isfinite(centre) and limits(0.0)[0] > 0:
        lower = _change(lambda ratio: limits(ratio)[0] > 0, 0.0, centre)[0]
    return lower, upper


def _change(holds: Callable[[float], bool], low: float, high: float) -> tuple[float, float]:
    """Ends of a short stretch on which something that holds at `low` stops holding."""
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low, high
