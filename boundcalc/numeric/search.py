"""Searches over whole positions: the last that holds, and every change; exact for integers.

The values of a parameter have positions: whole numbers themselves, floats one by one, so that a
bisection ends at two neighbours, whatever their scale, after at most 64 steps.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from boundcalc.symbolic.parameter import Parameter

LARGEST_COUNT = 2**53 - 1
"""Above it a float cannot tell a whole number from the next."""
LARGEST_FLOAT, SMALLEST_FLOAT = 1e100, 1e-300
_SCANNED = 1e-9, 1e9
_CLOSEST = 2**12
"""How many floats are left out before an open end: ln(1/δ) loses its digits where δ is almost 1."""


@dataclass(frozen=True)
class Domain:
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

    def allows(self, x: Fraction) -> bool:
        """Whether an exact value is one of them."""
        low, high = (Fraction(repr(e)) if math.isfinite(e) else e for e in map(float, self.ends))
        above = x > low or (self.reached[0] and x == low)
        return above and (x < high or (self.reached[1] and x == high))

    def scan(self, count: int = 4000) -> list[int]:
        """Positions that cover the domain, evenly and logarithmically from its ends.

        Real numbers are covered from 10⁻⁹ to 10⁹ on either side of 0, or up to the end of their
        domain.
        """
        low, high = (self.value(p) for p in (self.first, self.last))
        if self.parameter.integer:
            values = [np.geomspace(max(low, 1), high, count), low + np.arange(500)]
        else:
            low, high = max(low, -_SCANNED[1]), min(high, _SCANNED[1])
            spread = np.geomspace(*_SCANNED, count // 2)
            values = [low + spread, high - spread, spread, -spread, np.array([0.0, low, high])]
            values += [np.linspace(low, high, count)]
        numbers = np.concatenate(values)
        numbers = numbers[(numbers >= low) & (numbers <= high)]
        found = {self.position(float(x)) for x in numbers}
        return sorted(p for p in found if self.first <= p <= self.last)


def whole_domain(parameter: Parameter) -> Domain:
    """The domain of a parameter by itself."""
    ends = parameter.low, parameter.high
    if parameter.integer:
        return Domain(parameter, int(ends[0]), LARGEST_COUNT, ends, (True, False))
    opens = parameter.open_low, parameter.open_high
    low, high = (math.isfinite(e) and not o for e, o in zip(ends, opens, strict=True))
    first, last = _float_end(ends[0], low, 1), _float_end(ends[1], high, -1)
    return Domain(parameter, first, last, ends, (low, high))


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
    bits: int = struct.unpack("<q", struct.pack("<d", abs(x)))[0]
    return bits * int(math.copysign(1, x))


def _float_at(position: int) -> float:
    value: float = struct.unpack("<d", struct.pack("<q", abs(position)))[0]
    return value if position >= 0 else -value


State = TypeVar("State")
Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Stretch(Generic[State]):
    """From the position `first` to `last` the state is the same; no end is known where that is
    None.
    """

    first: int
    last: int | None
    state: State


def boundary(holds: Callable[[int], bool], inside: int, outside: int) -> int:
    """The last position on the way from `inside`, where `holds`, to `outside`, where it
    does not.
    """
    while abs(outside - inside) > 1:
        middle = (inside + outside) // 2
        if holds(middle):
            inside = middle
        else:
            outside = middle
    return inside


def boundaries(holds: Callable[[Positions], Any], inside: Any, outside: Any) -> Positions:
    """As `boundary`, for arrays of positions at once."""
    inside, outside = np.broadcast_arrays(inside, outside)
    while np.any(np.abs(outside - inside) > 1):
        middle = inside + (outside - inside) // 2  # their sum may be too large for 64 bits
        met = holds(middle)
        inside, outside = np.where(met, middle, inside), np.where(met, outside, middle)
    return np.asarray(inside)


def halved(
    holds: Callable[[float], bool], inside: float, outside: float, steps: int
) -> tuple[float, float]:
    """The ends of what is left between numbers, cut in two so often, where `holds` changes."""
    for _ in range(steps):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if holds(middle) else (inside, middle)
    return inside, outside


def boundary_between(distance: Callable[[int], float], inside: int, outside: int) -> int:
    """As `boundary`, where a distance from 0 changes its sign: by secants, so in fewer steps.

    An end that stays twice counts half as far (the Illinois rule); every third step halves the
    way.
    """
    ends = [inside, outside]
    far = [distance(end) for end in ends]
    kept: int | None = None
    sign, steps = far[0] > 0, 0
    while abs(ends[1] - ends[0]) > 1:
        steps += 1
        middle, span = (ends[0] + ends[1]) // 2, far[0] - far[1]
        if steps % 3 and math.isfinite(span) and span:
            middle = ends[0] + round(Fraction(far[0] / span) * (ends[1] - ends[0]))
            low, high = sorted(ends)
            middle = min(max(middle, low + 1), high - 1)
        found = distance(middle)
        side = 0 if (found > 0) == sign else 1
        ends[side], far[side] = middle, found
        if kept == side:
            far[1 - side] /= 2
        kept = side
    return ends[0]


def boundary_near(holds: Callable[[int], bool], guess: int, inside: int, outside: int) -> int:
    """As `boundary`, walking away from a guess in steps that double until `holds` changes."""
    met = holds(guess)
    here, ahead = _walk(holds, guess, outside if met else inside, met)
    if ahead is None:
        return here
    return boundary(holds, here, ahead) if met else boundary(holds, ahead, here)


def first_beyond(
    holds: Callable[[int], bool], outside: int, furthest: int
) -> tuple[int, int] | None:
    """A position that holds and one that does not, from `outside` in steps that double; None if
    none does.
    """
    here, ahead = _walk(holds, outside, furthest, False)
    if ahead is None or (ahead == furthest and not holds(furthest)):
        return None
    return ahead, here


def _walk(holds: Callable[[int], bool], start: int, goal: int, met: bool) -> tuple[int, int | None]:
    """Two positions between which `holds` stops being `met`; the goal is taken to be beyond."""
    here, step = start, 1 if goal > start else -1
    while here != goal:
        ahead = here + step if abs(step) < abs(goal - here) else goal
        if ahead == goal or holds(ahead) is not met:
            return here, ahead
        here, step = ahead, 2 * step
    return here, None


def lowest(value: Callable[[int], float], low: int, high: int) -> int:
    """Where a function that falls and then rises is least, by thirds."""
    while high - low > 2:
        third = (high - low) // 3
        a, b = low + third, high - third
        if value(a) <= value(b):
            high = b
        else:
            low = a
    return min(range(low, high + 1), key=value)


def turns(distance: Callable[[int], float], positions: Sequence[int], distances: Any) -> list[int]:
    """Where a distance turns close to 0 between positions that were looked at: two changes may hide
    there.

    A turn that is far from 0, compared with how much it turns, hides nothing.
    """
    found = []
    signs, sizes = np.sign(distances), np.abs(distances)
    for i in range(1, len(positions) - 1):
        sign, (left, here, right) = signs[i], sizes[i - 1 : i + 2]
        alike = signs[i - 1] == sign == signs[i + 1] != 0
        if alike and here <= min(left, right) and here / 2 <= max(left, right) - here > 0:
            ends = positions[i - 1], positions[i + 1]
            found.append(lowest(lambda p, s=sign: s * distance(p), *ends))  # type: ignore[misc]
    return found


def stretches(
    state: Callable[[int], State], positions: Sequence[int], states: Sequence[State]
) -> list[Stretch[State]]:
    """The stretches between positions of known state, their ends refined to neighbours."""
    found, start, current = [], positions[0], states[0]
    for (a, here), (b, there) in pairwise(zip(positions, states, strict=True)):
        while here != there:
            change = boundary(lambda p, held=here: state(p) == held, a, b)  # type: ignore[misc]
            found.append(Stretch(start, change, current))
            start = a = change + 1
            current = here = state(a) if a < b else there
    return [*found, Stretch(start, positions[-1], current)]
