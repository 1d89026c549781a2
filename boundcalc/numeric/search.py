"""Searches over whole positions: the last that holds, and every change on a stretch; exact for integers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Generic, TypeVar

import numpy as np

State = TypeVar("State")


@dataclass(frozen=True)
class Stretch(Generic[State]):
    """From the position `first` to `last` the state is the same; no end is known where that is None."""

    first: int
    last: int | None
    state: State


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
    here, ahead = _walk(holds, guess, outside if met else inside, met)
    if ahead is None:
        return here
    return boundary(holds, here, ahead) if met else boundary(holds, ahead, here)


def first_beyond(holds: Callable[[int], bool], outside: int, furthest: int) -> tuple[int, int] | None:
    """A position that holds and one that does not, from `outside` in steps that double; None if none does."""
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
        third = max((high - low) // 3, 1)
        a, b = low + third, high - third
        if value(a) <= value(b):
            high = b
        else:
            low = a
    return min(range(low, high + 1), key=value)


def turns(distance: Callable[[int], float], positions: Sequence[int], distances: Any) -> list[int]:
    """Where a distance turns close to 0 between positions that were looked at: two changes may hide there.

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
