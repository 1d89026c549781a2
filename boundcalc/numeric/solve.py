"""Solve a bound for any of its parameters, on the safe side."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from boundcalc.arguments import typed
from boundcalc.conventions import Trend
from boundcalc.errors import InputError, UnknownNameError
from boundcalc.numeric.arithmetic import floats
from boundcalc.numeric.bound import TARGET, Bound, bind, refuse_arrays
from boundcalc.numeric.compiled import compiled
from boundcalc.numeric.domains import checked, exactly
from boundcalc.numeric.enclosures import Bracket, bracket, checked_digits
from boundcalc.numeric.evaluate import Evaluation, OfBound
from boundcalc.numeric.problem import Problem
from boundcalc.numeric.search import LARGEST_COUNT, first_beyond, stretches, turns
from boundcalc.symbolic.parameter import Role
from boundcalc.symbolic.parameters import parameter
from boundcalc.text import number, probability

_CLOSE = 1e-9
_EXTREME = ("closed form", "bisection")
"""How a single value that stands beside one that misses the target is found."""


@dataclass(frozen=True, kw_only=True)
class Solution(OfBound):
    """The value of the unknown that meets a target, and what it means.

    Attributes
    ----------
    unknown : str
    target : float
    relation : str
        ``≤`` where the value has to be at most the target, ``≥`` where at least.
    value : int or float or None
        The extreme value that still meets the target; None where every value does and none is
        extreme.
    status : str
        A sentence on what the number is.
    achieved : float or None
        The bound at that value: what `evaluate` gives, or the target, where the bound meets it and
        is rounded beyond it.
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
    bracket : Bracket or None
        The proof by enclosures, where digits were asked for.
    """

    json_keys: ClassVar[tuple[str, ...]] = (
        *("id", "variant", "unknown", "target", "relation", "value", "achieved", "status"),
        *("method", "closed_form", "roots", "parameters", "bracket?"),
    )

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
    bracket: Bracket | None = None


@typed
def solve(
    id: str,
    /,
    *,
    unknown: str,
    target: float,
    variant: str | None = None,
    at_least: bool | None = None,
    certified: bool = False,
    digits: int | None = None,
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
        For quantities that are no bounds, such as a ratio: ask for at least (True) or at most
        (False, the default) the target.
    certified : bool
        Whether to prove by enclosures that the answer meets the target and the next value does not.
    digits : int, optional
        How many significant digits of the answer, 1 to 1000: 15 where `certified` is given alone.
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

    Examples
    --------
    >>> solve("holdout.hoeffding", unknown="n", target=0.05, delta=0.015, C=1, test_loss=0).value
    840
    """
    proved = checked_digits(certified, digits)
    problem = _problem(id, unknown, target, variant, at_least, values)
    found = _solved(problem)
    if proved is None or found.value is None:
        return found
    ends = bracket(problem, found.value, proved)
    if ends.misses and not problem.unknown.integer and found.method in _EXTREME:
        status = problem.neighbours(ends.meets, ends.misses, proved)
        return replace(found, bracket=ends, status=status)
    return replace(found, bracket=ends)


def _solved(problem: Problem) -> Solution:
    domain, bound = problem.domain, problem.bound
    if domain.first == domain.last:
        return _only(problem)
    way = bound.trend(problem.name, domain=domain)
    if way is Trend.CONSTANT or not bound.depends_on(problem.name):
        value = problem.evaluation(domain.value(domain.first)).value
        raise InputError(
            f"with these numbers the value of {bound.name} does not depend on "
            f"{problem.name}: it is always {value:.6g}"
        )
    problem = problem.within_reach()
    if way is Trend.UNKNOWN:
        return _scanned(problem)
    return _monotone(problem, better_up=(way is Trend.NONDECREASING) is problem.at_least)


def _problem(
    id: str,
    unknown: str,
    target: Any,
    variant: str | None,
    at_least: bool | None,
    values: Mapping[str, Any],
) -> Problem:
    """Check a question."""
    entry, asked = compiled(id), parameter(unknown)
    if asked.name not in {p.name for p in entry.parameters}:
        raise UnknownNameError("parameter", unknown, [p.name for p in entry.parameters], id)
    if any(parameter(name).name == asked.name for name in values):
        raise InputError(
            f"{asked.name} is the unknown and is given as well; leave one of the two out"
        )
    goal = checked(TARGET, target)
    bound = refuse_arrays(bind(id, variant, values, free=(asked.name,)), "solve")
    if asked.name not in bound.variant.whole.inputs:
        raise InputError(f"the value of {bound.name} does not depend on {asked.name}")
    direction = _direction(bound, at_least)
    return Problem(bound, goal, exactly(target), direction, bound.domain(asked.name))


def _direction(bound: Bound, at_least: bool | None) -> bool:
    natural = not bound.upper
    if at_least is None or at_least is natural:
        return natural
    if bound.variant.relation != "=":
        kind, word = ("a lower limit", "at most") if natural else ("an upper bound", "at least")
        raise InputError(
            f"{bound.name} is {kind}: asking for it to be {word} the target says nothing"
        )
    return at_least


def _solution(
    problem: Problem,
    value: float | None,
    status: str,
    method: str,
    roots: tuple[float, ...] = (),
    closed_form: str = "",
) -> Solution:
    result = None if value is None else problem.answered(value)
    found = {} if value is None else problem.named(value)
    bound = problem.bound
    return Solution(
        id=bound.id,
        variant=bound.variant.name,
        assumes=bound.variant.assumes,
        probability=probability(bound.failure(**found)) if found else math.nan,
        unknown=problem.name,
        target=problem.target,
        relation=problem.sign,
        value=value,
        status=status,
        achieved=None if result is None else result.value,
        parameters={**bound.numbers, **found},
        roots=roots,
        method=method,
        closed_form=closed_form,
        evaluation=result,
    )


def _only(problem: Problem) -> Solution:
    """The side conditions leave one value: it meets the target or nothing does."""
    value = problem.domain.value(problem.domain.first)
    if not problem.holds(problem.domain.first):
        problem.refuse_far(problem.domain.first)
    return _solution(problem, value, problem.only_value(value), "only value")


def _monotone(problem: Problem, *, better_up: bool) -> Solution:
    """Search between the better and the worse end of the domain."""
    domain = problem.domain
    better, worse = (domain.last, domain.first) if better_up else (domain.first, domain.last)
    if problem.holds(worse):
        return _everything(problem, worse, better_up)
    if not domain.reached[better_up]:
        limits = problem.limits(domain.ends[better_up])
        problem.refuse_limit(limits, up=better_up)
    found, text, method = *_at_closed_form(problem, better_up), "closed form"
    if found is None:
        method, text = "bisection", ""
        pair: tuple[int, int] | None = better, worse
        if problem.unknown.integer and not domain.reached[better_up]:
            pair = first_beyond(problem.holds, worse, better)
        elif not problem.holds(better):
            pair = None
        if pair is None:
            problem.refuse_far(better)
        found = problem.between(*pair)
    value, beyond = (domain.value(found + step) for step in (0, -1 if better_up else 1))
    status = problem.extreme_value(value, beyond, smallest=better_up)
    return _solution(problem, value, status, method, closed_form=text)


def _everything(problem: Problem, worse: int, better_up: bool) -> Solution:
    """Even the worst value meets the target, if there is one."""
    domain = problem.domain
    value = domain.value(worse)
    if domain.reached[not better_up]:
        return _solution(problem, value, problem.every_value(value), "every value")
    limits = problem.limits(domain.ends[not better_up])
    if not problem.meets(math.fsum(limits.values())):
        way = "down" if better_up else "up"
        raise InputError(
            f"the target is met by every {problem.name} that can be tried, {way} to "
            f"{value:.3g}; the extreme one lies beyond"
        )
    return _solution(problem, None, problem.every_value(None), "every value")


def _at_closed_form(problem: Problem, better_up: bool) -> tuple[int | None, str]:
    """⌈(B/(target − A))²⌉ for a bound A + B/√m, if it and its neighbour are confirmed exactly."""
    form = problem.bound.variant.roots.get(problem.name)
    if form is None or not better_up or not problem.unknown.integer:
        return None, ""
    constant, slope = map(float, floats(form, problem.bound.numbers))
    room, name, sign = problem.target - constant, problem.name, problem.sign
    ratio = slope / room if room else math.inf
    root = ratio * ratio
    if not problem.domain.first < root <= LARGEST_COUNT:
        return None, ""
    numbers = f"with A = {number(constant)} and B = {number(slope)}"
    text = f"A + B/√{name} {sign} target, so {name} = ⌈(B/(target − A))²⌉ {numbers}"
    for guess in (math.ceil(root) + shift for shift in (0, 1, -1)):
        inside = problem.domain.first < guess <= problem.domain.last
        if inside and problem.holds(guess) and not problem.holds(guess - 1):
            return guess, text
    return None, ""


def _scanned(problem: Problem) -> Solution:
    """All boundary values, for an unknown in which the bound may rise and fall."""
    domain = problem.domain
    positions = domain.scan()
    values = problem.values(positions)
    with np.errstate(invalid="ignore"):
        found = turns(problem.at, positions, np.array(values) - problem.target)
    known = dict(zip(positions, values, strict=True)) | {p: problem.at(p) for p in found}
    positions = sorted(known)
    good = [_meets(problem, p, known[p]) for p in positions]
    if not any(good):
        problem.refuse_scanned(known)
    pieces = [s for s in stretches(problem.holds, positions, good) if s.state]
    starts = [s.first for s in pieces if s.first != positions[0]]
    stops = [s.last for s in pieces if s.last is not None and s.last != positions[-1]]
    # the smallest value that meets the target if one is the start of a stretch, else the largest
    # one
    from_below = problem.unknown.role in (Role.COUNT, Role.FREE)
    smallest = bool(starts) and (from_below or not stops)
    chosen = min(starts) if smallest else max(stops, default=None)
    value = None if chosen is None else domain.value(chosen)
    everywhere = [(s.first, s.last) for s in pieces] == [(positions[0], positions[-1])]
    spans = [] if everywhere else pieces
    status = problem.scanned(spans, value, smallest=smallest, tried=len(positions))
    roots = tuple(domain.value(p) for p in sorted({*starts, *stops}))
    return _solution(problem, value, status, "scan", roots)


def _meets(problem: Problem, position: int, value: float) -> bool:
    """Whether a value that was scanned meets the target; decided by itself where it is close."""
    near = abs(value - problem.target) <= _CLOSE * (abs(value) + abs(problem.target))
    return problem.holds(position) if near else bool(problem.meets(value))
