"""Grids of parameters: ranges, axes, and blocks of a size that memory can hold."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.arguments import dimensions, is_number, typed
from boundcalc.errors import InputError, shorten
from boundcalc.numeric.blocks import tiles
from boundcalc.numeric.domains import checked
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.parameters import parameter

Floats = NDArray[np.float64]
LIMIT = 10_000_000
"""The most points of a grid that is computed without asking, and the most on one axis."""


@typed
@dataclass(frozen=True)
class Range:
    """Evenly spaced numbers, both ends included.

    Parameters
    ----------
    start, stop : float
        The ends, ``start < stop``.
    count : int
        How many, at least 2. For a parameter that is a whole number the points are rounded, and
        those that coincide are taken once.
    log : bool
        Whether the spacing is even in the logarithm; then ``start > 0``.

    Raises
    ------
    InputError
        If the numbers do not make a range.

    Examples
    --------
    >>> sweep("holdout.hoeffding", vary={"n": Range(100, 300, 3)}, delta=0.05, loss_bound=1,
    ...       test_loss=0.1).value.size
    3
    """

    start: Any
    stop: Any
    count: int
    log: bool = False

    def __post_init__(self) -> None:
        start, stop = _finite(self.start, "FROM"), _finite(self.stop, "TO")
        if not start < stop:
            raise InputError(
                f"FROM = {shorten(str(self.start))} is not below TO = {shorten(str(self.stop))}"
            )
        if not isinstance(self.count, int) or self.count < 2:
            raise InputError(f"COUNT = {shorten(str(self.count))} is not a whole number ≥ 2")
        if self.count > LIMIT:
            raise InputError(
                f"COUNT = {shorten(str(self.count))} is more than {LIMIT:,} points on one axis"
            )
        if self.log and start <= 0:
            raise InputError(f"FROM = {shorten(str(self.start))} must be above 0 on a log axis")

    def finer(self, count: int) -> Range:
        """The same range with at least so many points: for a line that is to look smooth."""
        return replace(self, count=max(self.count, count))

    def points(self, target: Parameter) -> Floats:
        """The points for one parameter, inside its domain and whole where it must be."""
        ends = [checked(target, self.start), checked(target, self.stop)]
        # long doubles made from the decimals: 0.1, 0.2, 0.3 and not 0.30000000000000004
        start, stop = np.longdouble(str(self.start)), np.longdouble(str(self.stop))
        spread = np.geomspace if self.log else np.linspace
        x = np.asarray(spread(start, stop, self.count), dtype=float)
        x[0], x[-1] = ends
        return np.unique(np.rint(x)) if target.integer else x


def _finite(value: Any, name: str) -> float:
    if not is_number(value):
        raise InputError(f"{name} must be a number, not {shorten(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise InputError(f"{name} = {shorten(str(value))} is not finite")
    return number


def _axis(target: Parameter, points: Any) -> Floats:
    if isinstance(points, Range):
        return points.points(target)
    if dimensions(points) != 1 or isinstance(points, (str, bytes)):
        raise InputError(
            f"{target.name} is varied: give a Range or a 1-D array, not {shorten(points)}"
        )
    if len(points) > LIMIT:
        raise InputError(f"{target.name} has more than {LIMIT:,} points on one axis")
    return np.array(checked(target, points), dtype=float)


@dataclass(frozen=True, eq=False)
class Grid:
    """The axes of a sweep, in order.

    Attributes
    ----------
    axes : dict of str to ndarray
        The points of each varied parameter, by long name.
    log : frozenset of str
        The axes whose spacing is logarithmic.
    """

    axes: Mapping[str, Floats]
    log: frozenset[str] = frozenset()

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of points on each axis."""
        return tuple(len(axis) for axis in self.axes.values())

    @property
    def size(self) -> int:
        """The number of points."""
        return math.prod(self.shape)

    def blocks(self, most: int) -> Iterator[tuple[slice, ...]]:
        """Slices that tile the grid in its order, each with at most `most` points."""
        return tiles(self.shape, most)

    def part(self, block: tuple[slice, ...]) -> Grid:
        """The grid on one block."""
        axes = {name: x[cut] for (name, x), cut in zip(self.axes.items(), block, strict=True)}
        return Grid(axes, self.log)

    def mesh(self) -> dict[str, Floats]:
        """The axes shaped so that they broadcast against each other."""
        if not self.axes:
            return {}
        return dict(zip(self.axes, np.ix_(*self.axes.values()), strict=True))

    def columns(self) -> dict[str, Floats]:
        """The coordinates of every point, in the grid's order."""
        return {name: np.broadcast_to(x, self.shape).ravel() for name, x in self.mesh().items()}


def grid(vary: Mapping[str, Any]) -> Grid:
    """Check what is varied: names, ranges, domains."""
    if not isinstance(vary, Mapping) or not vary:
        raise InputError("nothing is varied: name a parameter and its range")
    axes: dict[str, Floats] = {}
    for name, points in vary.items():
        target = parameter(name)
        if target.name in axes:
            raise InputError(f"{target.name} is varied twice (also as '{name}')")
        axes[target.name] = _axis(target, points)
    log = {
        parameter(n).name for n, points in vary.items() if isinstance(points, Range) and points.log
    }
    return Grid(axes, frozenset(log))
