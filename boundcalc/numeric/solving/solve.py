"""Solve a bound for any of its parameters, on the safe side."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from boundcalc.errors import InputError
from boundcalc.numeric.compiled import value_of
from boundcalc.numeric.evaluate import Evaluation
from boundcalc.numeric.solving.axis import LARGEST_COUNT, boundary, boundary_near
from boundcalc.numeric.solving.impossible import refuse_far, refuse_limit
from boundcalc.numeric.solving.problem import Problem, depends_at_these_numbers, pose
from boundcalc.numeric.solving.scanned import scanned
from boundcalc.numeric.solving.sentences import every_value, extreme_value, only_value
from boundcalc.numeric.term_limits import term_limits
from boundcalc.symbolic.analysis.root_form import root_form
from boundcalc.symbolic.analysis.trends import Trend
from boundcalc.symbolic.parameters import parameter
from boundcalc.text import number


@dataclass(frozen=True)
class Solution:
    """The value of the unknown that meets a target, and what it means.

    Attributes
    ----------
    id, variant, unknown : str
    target : float
    relation : str
        ``≤`` where the value has to be at most the target, ``≥`` where at least.
    value : int or float or None
        The extreme value that still meets the target; None where every value does and none is extreme.
    status : str
        A sentence on what the number is.
    achieved : float or None
        The bound at that value: what `evaluate` gives, or the target, where the bound meets it
        and is rounded beyond it.
    parameters : dict of str to float
        All numbers that were used, the value found among them.
    roots : tuple of float
        All boundary values, where the bound is not known to go one way.
    method : str
        ``closed form``, ``bisection``, ``scan``, ``every value`` or ``only value``.
    closed_form : str
        The closed form with its numbers, where there is one.
    evaluation : Evaluation or None
        The bound at that value, term by term.
    """

    id: str
    variant: str
    unknown: str
    target: float
    relation: str
    value: int | float | None
    status: str
    achieved: float | None
    parameters: Mapping[str, Any]
    roots: tuple[int | float, ...]
    method: str
    closed_form: str
    evaluation: Evaluation | None

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        names = (
            "id",
            "variant",
            "unknown",
            "target",
            "relation",
            "value",
            "achieved",
            "status",
            "method",
            "closed_form",
        )
        lists = {"roots": list(self.roots), "parameters": dict(self.parameters)}
        return {name: getattr(self, name) for name in names} | lists


def solve(
    id: str,
    /,
    *,
    unknown: str,
    target: float,
    variant: str | None = None,
    at_least: bool | None = None,
    **values: Any,
) -> Solution:
    """Find the extreme value of one parameter that still meets a target.

    Parameters
    ----------
    id : str
        Catalogue id.
    unknown : str
        The parameter to solve for, by name or alias.
    target : float
        An upper bound has to be at most this, a lower limit at least.
    variant : str, optional
        As in `evaluate`, with the unknown among the inputs.
    at_least : bool, optional
        For quantities that are no bounds, such as a ratio: ask for at least (True) or at most (False, the
        default) the target.
    **values : float
        All other parameters.

    Returns
    -------
    Solution
        Whole numbers meet the target and the next one does not, both decided exactly; of real
        numbers the answer meets the target and the next float, as `evaluate` rounds the bound
        outward, does not.

    Raises
    ------
    ImpossibleTargetError
        If no value meets the target; the term that is in the way is named.
    InputError
        As `evaluate`; also for an unknown on which the bound does not depend.
    ConvergenceError
        If the bound cannot be evaluated on the way.
    """
    problem = pose(id, unknown, target, variant, at_least, values)
    axis = problem.axis
    if axis.first == axis.last:
        return _only(problem)
    way = problem.trend
    if way is Trend.CONSTANT or not depends_at_these_numbers(problem):
        value = problem.evaluation(axis.value(axis.first)).value
        raise InputError(
            f"with these numbers the value of {problem.id} ({problem.variant.name}) does not depend on "
            f"{problem.unknown.name}: it is always {value:.6g}"
        )
    problem = problem.within_reach()
    if way is Trend.UNKNOWN:
        value, status, roots = scanned(problem)
        return _solution(problem, value, status, "scan", roots)
    return _monotone(problem, better_up=(way is Trend.NONDECREASING) is problem.at_least)


def _only(problem: Problem) -> Solution:
    """The side conditions leave one value: it meets the target or nothing does."""
    value = problem.axis.value(problem.axis.first)
    if not problem.holds(problem.axis.first):
        refuse_far(problem, problem.axis.first)
    return _solution(problem, value, only_value(problem, value), "only value")


def _solution(
    problem: Problem, value: float | None, status: str, method: str, roots: tuple[float, ...] = ()
) -> Solution:
    result = None if value is None else problem.answered(value)
    found = {} if value is None else {problem.unknown.name: value}
    form = _closed_form(problem) if method == "closed form" else None
    return Solution(
        id=problem.id,
        variant=problem.variant.name,
        unknown=problem.unknown.name,
        target=problem.target,
        relation=problem.sign,
        value=value,
        status=status,
        achieved=None if result is None else result.value,
        parameters={name: _whole(name, v) for name, v in {**problem.given, **found}.items()},
        roots=roots,
        method=method,
        closed_form=form.text if form else "",
        evaluation=result,
    )


def _whole(name: str, value: Any) -> Any:
    return int(value) if parameter(name).integer else value


def _monotone(problem: Problem, *, better_up: bool) -> Solution:
    """Search between the better and the worse end of the axis."""
    axis = problem.axis
    better, worse = (axis.last, axis.first) if better_up else (axis.first, axis.last)
    if problem.holds(worse):
        return _everything(problem, worse, better_up)
    if not axis.reached[better_up]:
        limits = term_limits(problem.variant, problem.unknown.name, axis.ends[better_up], problem.given)
        refuse_limit(problem, limits, up=better_up)
    found, method = _at_closed_form(problem) if better_up else None, "closed form"
    if found is None:
        found, method = _search(problem, worse, better), "bisection"
    if found is None:
        refuse_far(problem, better)
    value = axis.value(found)
    beyond = axis.value(found + (-1 if better_up else 1))
    return _solution(problem, value, extreme_value(problem, value, beyond, smallest=better_up), method)


def _everything(problem: Problem, worse: int, better_up: bool) -> Solution:
    """Even the worst value meets the target, if there is one."""
    axis = problem.axis
    if axis.reached[not better_up]:
        value = axis.value(worse)
        return _solution(problem, value, every_value(problem, value), "every value")
    limits = term_limits(problem.variant, problem.unknown.name, axis.ends[not better_up], problem.given)
    if not problem.meets(math.fsum(limits.values())):
        way = "down" if better_up else "up"
        raise InputError(
            f"the target is met by every {problem.unknown.name} that can be tried, {way} to "
            f"{axis.value(worse):.3g}; the extreme one lies beyond"
        )
    return _solution(problem, None, every_value(problem, None), "every value")


@dataclass(frozen=True)
class _ClosedForm:
    """(B/(target − A))² for a bound A + B/√m."""

    root: float
    text: str


def _closed_form(problem: Problem) -> _ClosedForm | None:
    form = root_form(problem.variant.expression, problem.unknown.symbol)
    if form is None or not problem.unknown.integer:
        return None
    constant, slope = (float(value_of(part, problem.given)) for part in (form.constant, form.slope))
    room = problem.target - constant
    if room == 0:
        return None
    name = problem.unknown.name
    numbers = f"with A = {number(constant)} and B = {number(slope)}"
    text = f"A + B/√{name} {problem.sign} target, so {name} = ⌈(B/(target − A))²⌉ {numbers}"
    return _ClosedForm((slope / room) ** 2, text)


def _at_closed_form(problem: Problem) -> int | None:
    """The closed form, rounded up, if it and its neighbour are confirmed exactly."""
    form = _closed_form(problem)
    if form is None or not problem.axis.first < form.root <= LARGEST_COUNT:
        return None
    for guess in (math.ceil(form.root) + shift for shift in (0, 1, -1)):
        inside = problem.axis.first < guess <= problem.axis.last
        if inside and problem.holds(guess) and not problem.holds(guess - 1):
            return guess
    return None


def _search(problem: Problem, worse: int, better: int) -> int | None:
    """Bisection; towards infinitely many whole numbers in steps that double first."""
    if problem.unknown.integer and not problem.axis.reached[better > worse]:
        step, outside = (1 if better > worse else -1), worse
        while abs(step) < 2 * LARGEST_COUNT:
            inside = min(worse + step, better) if better > worse else max(worse + step, better)
            if problem.holds(inside):
                return _between(problem, inside, outside)
            outside, step = inside, 2 * step
        return None
    return _between(problem, better, worse) if problem.holds(better) else None


def _between(problem: Problem, inside: int, outside: int) -> int:
    """The boundary: near the one that floats show, which are faster, and wrong by a little."""
    guess = boundary(problem.roughly(), inside, outside)
    return boundary_near(problem.holds, guess, inside, outside)
