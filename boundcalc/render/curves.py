"""Where curves on a grid cross, and where a bound says nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from boundcalc.errors import InputError
from boundcalc.numeric.grid import Floats
from boundcalc.numeric.sweep import Sweep


@dataclass(frozen=True)
class OrderChange:
    """A change of order of two bounds between two neighbouring points of the grid.

    Attributes
    ----------
    before, after : float
        The last point with the old order and the first with the new one.
    x, y : float
        Where straight lines between the points cross: for a mark in a picture, no more exact than
        the grid is.
    vacuous : bool
        Whether both bounds say nothing at both points.
    """

    before: float
    after: float
    x: float
    y: float
    vacuous: bool


def axis_of(sweep: Sweep) -> tuple[str, Floats]:
    """The only axis of a sweep.

    Raises
    ------
    InputError
        If there are several.
    """
    if len(sweep.vary) != 1:
        raise InputError(
            f"this needs one varied parameter, not {len(sweep.vary)}: {', '.join(sweep.vary)}"
        )
    return next(iter(sweep.vary.items()))


def crossings(first: Sweep, second: Sweep) -> tuple[OrderChange, ...]:
    """Where two bounds on the same points change order.

    Raises
    ------
    InputError
        If the points are not the same.
    """
    (name, x), (other, points) = axis_of(first), axis_of(second)
    if name != other or not np.array_equal(x, points):
        raise InputError(f"the bounds are not on the same points of {name}")
    log = name in first.log
    gap = first.value - second.value
    apart = np.flatnonzero(gap)
    changes = np.flatnonzero(np.diff(np.sign(gap[apart])))
    found = []
    for i, j in zip(apart[changes], apart[changes + 1], strict=True):
        share = float(gap[i] / (gap[i] - gap[j]))
        y = float(first.value[i] + share * (first.value[j] - first.value[i]))
        nothing = bool(np.all([s.vacuous[[i, j]] for s in (first, second)]))
        found.append(
            OrderChange(float(x[i]), float(x[j]), _between(x[i], x[j], share, log), y, nothing)
        )
    return tuple(found)


def vacuous_spans(sweep: Sweep) -> tuple[tuple[float, float], ...]:
    """The parts of the axis where the bound says nothing; ends between points are interpolated."""
    name, x = axis_of(sweep)
    margin = sweep.margin
    if margin is None:
        return ()
    edges = np.diff(np.concatenate([[False], sweep.vacuous, [False]]).astype(int))
    starts, stops = np.flatnonzero(edges == 1).tolist(), (np.flatnonzero(edges == -1) - 1).tolist()
    log = name in sweep.log
    return tuple(
        (_edge(x, margin, i, i - 1, log), _edge(x, margin, j, j + 1, log))
        for i, j in zip(starts, stops, strict=True)
    )


def _edge(x: Floats, margin: Floats, vacuous: int, informative: int, log: bool) -> float:
    """Where the margin is zero between a vacuous point and its informative neighbour, if it has
    one.
    """
    if not 0 <= informative < len(x):
        return float(x[vacuous])
    below = max(0.0, float(-margin[vacuous]))
    share = below / (below + float(margin[informative]))
    return _between(x[vacuous], x[informative], share, log)


def _between(a: float, b: float, share: float, log: bool) -> float:
    if log:
        return float(np.exp(np.log(a) + share * (np.log(b) - np.log(a))))
    return float(a + share * (b - a))
