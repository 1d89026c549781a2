"""What a solution says, in one sentence; every number in it is rounded to the safe side."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from boundcalc.conventions import Side
from boundcalc.numeric.solving.problem import Problem
from boundcalc.text import significant


def shown(problem: Problem, value: float, *, up: bool | None = None) -> str:
    """A value of the unknown; real numbers with 6 digits, rounded up or down as the safe side asks."""
    if problem.unknown.integer:
        return f"{int(value):,}"
    if up is None or value == 0:
        return f"{value:.6g}".replace("-", "−", 1)
    exact = Decimal(value)
    quantum = Decimal(1).scaleb(exact.adjusted() - 5)
    rounded = exact.quantize(quantum, rounding=ROUND_CEILING if up else ROUND_FLOOR)
    nearest = exact.quantize(quantum)
    rounded = nearest if float(nearest) == value else rounded  # 0.05 is 0.05, not 0.0500001
    return _text(rounded.normalize())


def _text(value: Decimal) -> str:
    text = f"{value:f}" if -5 <= value.adjusted() <= 9 else f"{value:e}"
    return text.replace("-", "−", 1) if text.startswith("-") else text


def span_end(problem: Problem, i: int) -> str:
    """Where a scan begins (0) or ends (1): the end of the domain, or the last value tried."""
    end = problem.axis.ends[i]
    if math.isfinite(end):
        return shown(problem, end)
    tried = problem.axis.scan()[-i]
    return f"{problem.axis.value(tried):.3g}".replace("e+", "e").replace("-", "−", 1)


def beside(problem: Problem, value: float) -> str:
    """A value of the bound, rounded outwards, with enough digits that it stands on its side of the target."""
    if not math.isfinite(value):
        return "too large for a float"
    up, meets = problem.variant.side is Side.UPPER, problem.meets(value)
    for digits in range(6, 17):
        for text in (significant(value, up=up, digits=digits), _nearest(value, digits, up=up)):
            text = text.rstrip("0").rstrip(".") if "." in text else text
            if problem.meets(float(text.replace("−", "-"))) == meets:
                return text
    return f"{value!r}".replace("-", "−", 1) if value < 0 else f"{value!r}"


def _nearest(value: float, digits: int, *, up: bool) -> str:
    """A float rounded up or down as it is, for one that differs from the target by its last digit only."""
    exact = Decimal(value)
    quantum = Decimal(1).scaleb(exact.adjusted() - digits + 1)
    return f"{exact.quantize(quantum, rounding=ROUND_CEILING if up else ROUND_FLOOR):f}"


def goal(problem: Problem) -> str:
    """For example ``≤ 0.1``."""
    return f"{problem.sign} {_text(Decimal(repr(problem.target)).normalize())}"


def wanted(problem: Problem) -> str:
    """For example ``the bound is ≤ 0.1``."""
    return f"the {problem.subject} is {goal(problem)}"


def extreme_value(problem: Problem, value: float, beyond: float, *, smallest: bool) -> str:
    """The smallest or largest value that meets the target, and what the next one does."""
    name, kind = problem.unknown.name, "smallest" if smallest else "largest"
    here = beside(problem, problem.answered(value).value)
    first = (
        f"{shown(problem, value, up=smallest)} is the {kind} {name} for which {wanted(problem)}: it is {here}"
    )
    if problem.unknown.integer:
        there = beside(problem, problem.evaluation(beyond).value)
        return f"{first}; at {shown(problem, beyond)} it is {there}."
    return f"{first}; the next {'smaller' if smallest else 'larger'} float does not."


def every_value(problem: Problem, worst: float | None) -> str:
    """The target is met whatever the unknown is."""
    name, axis = problem.unknown.name, problem.axis
    low, high = (shown(problem, end) if math.isfinite(end) else "" for end in axis.ends)
    left, right = ("" if reached else " (excluded)" for reached in axis.reached)
    span = f" {'≥' if axis.reached[0] else '>'} {low}" if low else f" ≤ {high}" if high else ""
    if low and high:
        span = f" from {low}{left} to {high}{right}" if any(axis.reached) else f" between {low} and {high}"
    if worst is None:
        return f"For every {name}{span} {wanted(problem)}; no {name} is the extreme one."
    kind = "smallest" if worst == axis.ends[0] else "largest"
    value = beside(problem, problem.answered(worst).value)
    return (
        f"The target holds for every {name}{span}: even at the {kind}, {shown(problem, worst)}, "
        f"the {problem.subject} is {value}."
    )


def only_value(problem: Problem, value: float) -> str:
    """The other numbers leave one value."""
    here = beside(problem, problem.answered(value).value)
    return (
        f"{shown(problem, value)} is the only {problem.unknown.name} that the other numbers allow; "
        f"there the {problem.subject} is {here}."
    )
