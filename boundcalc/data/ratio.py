"""Limits on the ratio of two means, E d / E s, of nonnegative quantities measured on the same examples."""

from __future__ import annotations

import math
from collections.abc import Callable

from boundcalc.data.ridge import Floats
from boundcalc.numeric.certifying.paired import Summary, mean_limits

METHOD = "empirical_bernstein"
_STEPS = 20
_LARGEST = 1e9


def ratio_limits(d: Floats, s: Floats, *, bound: float, delta: float) -> tuple[float, float]:
    """Lower and upper limit on ρ = E d / E s, both together with probability at least 1 − delta.

    For the true ratio E(d − ρ s) = 0, and d − ρ s lies in [−ρ D, D]. So every ρ for which the empirical
    Bernstein limits of E(d − ρ s), each at δ/2, exclude 0 is excluded; this is one event, that of the true ρ.
    Both limits, times 1 + ρ, are a linear function of ρ plus or minus a norm of one. The upper one is convex
    with the slope −(lower limit of E s) in the end: if that is negative it falls everywhere and has one root,
    else ρ has no upper limit. The lower one is concave and falls in the end: what it excludes is an interval
    that starts at 0, if it excludes anything.

    Parameters
    ----------
    d, s : ndarray, shape (n,)
        Values in [0, bound].
    """
    centre = float(d.mean()) / float(s.mean()) if s.any() else math.inf

    def limits(ratio: float) -> tuple[float, float]:
        # divided by 1 + ρ, so that the width is the same for all
        shift = bound * ratio / (1 + ratio)
        low, high = mean_limits(
            METHOD, Summary.of((d - ratio * s) / (1 + ratio)).shifted(shift), bound, delta / 2
        )
        return low - shift, high - shift

    upper, lower = math.inf, 0.0
    if mean_limits(METHOD, Summary.of(s), bound, delta / 2)[0] > 0:
        upper = _end_above(lambda ratio: limits(ratio)[1] >= 0, centre)
    if math.isfinite(centre) and limits(0.0)[0] > 0:
        lower = _end_below(lambda ratio: limits(ratio)[0] > 0, centre)
    return lower, upper


def _end_above(kept: Callable[[float], bool], start: float) -> float:
    """Just above the largest kept value; `start` is kept."""
    low, high = start, 2 * start + 1
    while kept(high):
        low, high = high, 2 * high
        if high > _LARGEST:
            return math.inf
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if kept(middle) else (low, middle)
    return high


def _end_below(excluded: Callable[[float], bool], high: float) -> float:
    """Just below the least value that is not excluded; 0 is excluded, `high` is not."""
    low = 0.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if excluded(middle) else (low, middle)
    return low
