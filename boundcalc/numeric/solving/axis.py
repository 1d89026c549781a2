"""All values that an unknown may take, in order: whole numbers, or floats one by one.

Searching over positions instead of values makes a bisection end at two neighbouring floats, whatever their
scale, after at most 64 steps: positive floats are spaced like their logarithms.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from boundcalc.symbolic.parameter import Parameter

LARGEST_COUNT = 2**53 - 1
"""Above it a float cannot tell a whole number from the next."""
LARGEST_FLOAT, SMALLEST_FLOAT = 1e100, 1e-300
_SCANNED = 1e-9, 1e9
_CLOSEST = 2**12
"""How many floats are left out before an open end: ln(1/δ) loses its digits where δ is almost 1."""


@dataclass(frozen=True)
class Axis:
    """The allowed values of one parameter, by position.

    Attributes
    ----------
    parameter : Parameter
    first, last : int
        Positions of the least and the greatest value that is searched.
    ends : (float, float)
        Where the allowed values end: at a value, before an open end, or at infinity.
    reached : (bool, bool)
        Whether the end itself is allowed.
    """

    parameter: Parameter
    first: int
    last: int
    ends: tuple[float, float]
    reached: tuple[bool, bool]

    def value(self, position: int) -> float | int:
        """The value at a position."""
        return position if self.parameter.integer else _float_at(position)

    def position(self, value: float, *, up: bool = False) -> int:
        """The position of a value; between two whole numbers the lower one unless `up`."""
        if self.parameter.integer:
            return math.ceil(value) if up else math.floor(value)
        return _float_position(value)

    def scan(self, count: int = 4000) -> list[int]:
        """Positions that cover the axis, evenly and logarithmically from its ends.

        Real numbers are covered from 10⁻⁹ to 10⁹ on either side of 0, or up to the end of their domain.
        """
        low, high = (self.value(p) for p in (self.first, self.last))
        if self.parameter.integer:
            steps = np.arange(min(high - low + 1, 500))
            values = [np.geomspace(max(low, 1), high, count), low + steps]
        else:
            low, high = max(low, -_SCANNED[1]), min(high, _SCANNED[1])
            spread = np.geomspace(*_SCANNED, count // 2)
            values = [low + spread, high - spread, spread, -spread, np.array([0.0, low, high])]
            values += [np.linspace(low, high, count)]
        numbers = np.concatenate(values)
        numbers = numbers[(numbers >= low) & (numbers <= high)]
        found = {self.position(float(x)) for x in numbers}
        return sorted(p for p in found if self.first <= p <= self.last)


def whole_axis(parameter: Parameter) -> Axis:
    """The domain of a parameter."""
    ends = parameter.low, parameter.high
    if parameter.integer:
        reached = (math.isfinite(ends[0]), math.isfinite(ends[1]))
        first = int(ends[0]) if reached[0] else -LARGEST_COUNT
        last = int(ends[1]) if reached[1] else LARGEST_COUNT
        return Axis(parameter, first, last, ends, reached)
    reached = (
        not parameter.open_low and math.isfinite(ends[0]),
        not parameter.open_high and math.isfinite(ends[1]),
    )
    return Axis(
        parameter, _float_end(ends[0], reached[0], 1), _float_end(ends[1], reached[1], -1), ends, reached
    )


def _float_end(end: float, reached: bool, inwards: int) -> int:
    """The position of the first value inside an end; cut where squares of floats would overflow."""
    if math.isinf(end):
        return _float_position(math.copysign(LARGEST_FLOAT, end))
    if reached:
        return _float_position(end)
    if end == 0:
        return inwards * _float_position(SMALLEST_FLOAT)
    return _float_position(end) + inwards * _CLOSEST


def _float_position(x: float) -> int:
    bits: int = struct.unpack("<q", struct.pack("<d", x))[0]
    return bits if bits >= 0 else -(bits & 0x7FFFFFFFFFFFFFFF)


def _float_at(position: int) -> float:
    value: float = struct.unpack("<d", struct.pack("<q", abs(position)))[0]
    return value if position >= 0 else -value


def boundary(holds: Callable[[int], bool], inside: int, outside: int) -> int:
    """The last position on the way from `inside`, where `holds`, to `outside`, where it does not."""
    while abs(outside - inside) > 1:
        middle = (inside + outside) // 2
        if holds(middle):
            inside = middle
        else:
            outside = middle
    return inside


def boundary_near(holds: Callable[[int], bool], guess: int, inside: int, outside: int) -> int:
    """As `boundary`, walking away from a guess in steps that double until `holds` changes."""
    met = holds(guess)
    goal = outside if met else inside
    here, step = guess, 1 if goal > guess else -1
    while here != goal:
        ahead = here + step if abs(step) < abs(goal - here) else goal
        if ahead == goal or holds(ahead) is not met:
            return boundary(holds, here, ahead) if met else boundary(holds, ahead, here)
        here, step = ahead, 2 * step
    return guess
