"""Unknowns in which a bound may rise and fall: every boundary value is found by a scan and refined."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby

import numpy as np

from boundcalc.errors import DomainError
from boundcalc.numeric.solving.axis import boundary
from boundcalc.numeric.solving.problem import ImpossibleTargetError, Problem
from boundcalc.numeric.solving.sentences import beside, goal, shown, span_end, wanted

_FROM_BELOW = ("m", "n", "tasks", "delta")
"""Unknowns whose smallest value is asked for first; of all others the largest."""
_PIECES_SHOWN = 6
_CLOSE = 1e-9


def scanned(problem: Problem) -> tuple[float | None, str, tuple[float, ...]]:
    """The value asked for, a sentence and all boundary values.

    Raises
    ------
    ImpossibleTargetError
        If no value that was tried meets the target.
    """
    positions = problem.axis.scan()
    values = _values(problem, positions)
    positions, values = _with_turns(problem, positions, values)
    good = [_meets(problem, p, v) for p, v in zip(positions, values, strict=True)]
    if not any(good):
        _refuse(problem, positions, values)
    pieces = _pieces(problem, positions, good)
    ends = (positions[0], positions[-1])
    starts = [low for low, _ in pieces if low != ends[0]]
    stops = [high for _, high in pieces if high != ends[1]]
    # the smallest value that meets the target if one is the start of a stretch, else the largest one
    smallest = bool(starts) and (problem.unknown.name in _FROM_BELOW or not stops)
    found = min(starts) if smallest else max(stops, default=None)
    value = None if found is None else problem.axis.value(found)
    roots = tuple(problem.axis.value(p) for p in sorted({*starts, *stops}))
    return value, _sentence(problem, pieces, ends, value, smallest, len(positions)), roots


def _meets(problem: Problem, position: int, value: float) -> bool:
    """Whether a value that was scanned meets the target; decided by itself where it is close."""
    near = abs(value - problem.target) <= _CLOSE * (abs(value) + abs(problem.target))
    return problem.holds(position) if near else bool(problem.meets(value))


def _values(problem: Problem, positions: list[int]) -> list[float]:
    numbers = np.array([float(problem.axis.value(p)) for p in positions])
    try:
        return [float(v) for v in problem.evaluation(numbers).value]
    except (DomainError, OverflowError):  # somewhere on the way it overflows
        return [problem.at(p) for p in positions]


def _with_turns(problem: Problem, positions: list[int], values: list[float]) -> tuple[list[int], list[float]]:
    """Add the turning points between the scanned values: two boundaries may hide around one."""
    found = dict(zip(positions, values, strict=True))
    for i in range(1, len(positions) - 1):
        for sign in (1, -1):
            left, here, right = (sign * v for v in values[i - 1 : i + 2])
            alike = len({bool(problem.meets(v)) for v in values[i - 1 : i + 2]}) == 1
            # a turn that is far from the target, compared with how much it turns, hides nothing
            near = abs(values[i] - problem.target) <= 2 * (max(left, right) - here)
            if alike and near and here <= min(left, right) and here < max(left, right):
                turn = _lowest(lambda p, s=sign: s * problem.at(p), positions[i - 1], positions[i + 1])  # type: ignore[misc]
                found[turn] = problem.at(turn)
    ordered = sorted(found)
    return ordered, [found[p] for p in ordered]


def _lowest(value: Callable[[int], float], low: int, high: int) -> int:
    """Where a function that falls and then rises is least, by thirds."""
    while high - low > 2:
        third = (high - low) // 3
        a, b = low + third, high - third
        if value(a) <= value(b):
            high = b
        else:
            low = a
    return min(range(low, high + 1), key=value)


def _pieces(problem: Problem, positions: list[int], good: list[bool]) -> list[tuple[int, int]]:
    """The stretches on which the target is met, their ends refined."""
    pieces, start = [], 0
    for holds, group in groupby(good):
        stop = start + len(list(group)) - 1
        if holds:
            low, high = positions[start], positions[stop]
            if start:
                low = boundary(problem.holds, low, positions[start - 1])
            if stop + 1 < len(positions):
                high = boundary(problem.holds, high, positions[stop + 1])
            pieces.append((low, high))
        start = stop + 1
    return pieces


def _sentence(
    problem: Problem,
    pieces: list[tuple[int, int]],
    ends: tuple[int, int],
    value: float | None,
    smallest: bool,
    count: int,
) -> str:
    name, axis = problem.unknown.name, problem.axis
    spans = []
    for low, high in pieces[:_PIECES_SHOWN]:
        left = shown(problem, axis.value(low), up=True)
        right = shown(problem, axis.value(high), up=False)
        spans.append(left if low == high else f"from {left} to {right}")
    more = f" and {len(pieces) - _PIECES_SHOWN} further stretches" if len(pieces) > _PIECES_SHOWN else ""
    where = f"for {name} {', '.join(spans)}{more}"
    if pieces == [ends]:
        where = f"for every {name} that was tried"
    sentence = (
        f"T{wanted(problem)[1:]} {where} (it may rise and fall with {name}: {count:,} values from "
        f"{span_end(problem, 0)} to {span_end(problem, 1)} were scanned)"
    )
    if value is None:
        return sentence + "."
    kind = "smallest" if smallest else "largest"
    here = beside(problem, problem.answered(value).value)
    return f"{sentence}; {shown(problem, value, up=smallest)} is the {kind} boundary: there it is {here}."


def _refuse(problem: Problem, positions: list[int], values: list[float]) -> None:
    best = int(np.argmax(values) if problem.at_least else np.argmin(values))
    at = shown(problem, problem.axis.value(positions[best]))
    low, high = (span_end(problem, i) for i in (0, 1))
    name, kind = problem.unknown.name, "largest" if problem.at_least else "smallest"
    raise ImpossibleTargetError(
        f"no {name} from {low} to {high} meets the target {goal(problem)}: the {kind} {problem.subject} "
        f"found there is {values[best]:.6g}, at {name} = {at}"
    )
