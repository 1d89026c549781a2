"""Solve a bound for any of its parameters, on the safe side."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from boundcalc.arguments import typed
from boundcalc.conventions import Trend
from boundcalc.errors import ConvergenceError, DomainError, InputError, UnknownNameError
from boundcalc.numeric.arithmetic import FLOATS
from boundcalc.numeric.bound import TARGET, Bound, bind, single
from boundcalc.numeric.bracket import Bracket, bracket
from boundcalc.numeric.compiled import compiled
from boundcalc.numeric.domains import checked, exactly
from boundcalc.numeric.enclosures import checked_digits
from boundcalc.numeric.evaluate import Evaluation, OfBound, evaluation
from boundcalc.numeric.search import (
    LARGEST_COUNT,
    Domain,
    Stretch,
    boundary,
    boundary_between,
    boundary_near,
    first_beyond,
    stretches,
    turns,
)
from boundcalc.numeric.solve_text import Words, refuse_far, refuse_limit, refuse_scanned
from boundcalc.symbolic.parameter import Parameter, Role
from boundcalc.symbolic.parameters import parameter
from boundcalc.text import number

_STEPS = 16
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


@dataclass(frozen=True)
class Problem:
    """Which values of the free parameter of a bound meet a target.

    Attributes
    ----------
    bound : Bound
    target : float
    exact_target : Fraction
        The target as it was written.
    at_least : bool
        Whether the value has to be at least the target instead of at most.
    domain : Domain
        The values that the unknown may take.
    """

    bound: Bound
    target: float
    exact_target: Fraction
    at_least: bool
    domain: Domain

    @property
    def unknown(self) -> Parameter:
        """The parameter that is asked for."""
        return self.domain.parameter

    def named(self, value: Any) -> dict[str, Any]:
        """The unknown by name."""
        return {self.unknown.name: value}

    def evaluation(self, value: Any) -> Evaluation:
        """The bound with this value put in for the unknown."""
        with np.errstate(all="ignore"):
            return evaluation(self.bound, **self.named(value))

    def at(self, position: int) -> float:
        """The value of the bound with the unknown at this position; ∞, on its side, where it
        overflows.
        """
        try:
            return float(self.bound.value(**self.named(self.domain.value(position))))
        except (DomainError, OverflowError):
            return math.inf if self.bound.upper else -math.inf

    def meets(self, value: Any) -> Any:
        """Whether a value of the bound meets the target; for arrays, elementwise."""
        return value >= self.target if self.at_least else value <= self.target

    def holds(self, position: int) -> bool:
        """Whether the unknown at this position meets the target; for whole numbers exactly."""
        if not self.unknown.integer or self.bound.whole:
            return bool(self.meets(self.at(position)))
        try:
            beyond = self.bound.compare(self.exact_target, **self.named(position))
        except (DomainError, OverflowError):
            return bool(self.meets(self.at(position)))
        return self.met(beyond)

    def met(self, sign: int) -> bool:
        """Whether the target is met, from the sign of the bound minus the target."""
        return sign >= 0 if self.at_least else sign <= 0

    def _beyond(self, position: int) -> float:
        """How far the target is from being met, by floats alone: fast, and wrong by a little."""
        value = float(self.bound.rough(**self.named(self.domain.value(position))))
        gap = self.target - value if self.at_least else value - self.target
        return math.inf if math.isnan(gap) else gap

    def between(self, inside: int, outside: int) -> int:
        """The last position that holds: near the one that floats show."""
        if not self.unknown.integer and not self.bound.whole:
            return boundary(self.holds, inside, outside)
        guess = boundary_between(self._beyond, inside, outside)
        return boundary_near(self.holds, guess, inside, outside)

    def within_reach(self) -> Problem:
        """The same question with open and infinite ends moved in to where the bound has a value."""
        domain, found = self.domain, [self.domain.first, self.domain.last]
        for i in (0, 1):
            if not domain.reached[i] and not self.unknown.integer:
                towards = (found[1 - i] - found[i]) // _STEPS
                tried = (found[i] + k * towards for k in range(_STEPS))
                found[i] = next(filter(self._has_value, tried), found[i])
        return replace(self, domain=replace(domain, first=found[0], last=found[1]))

    def _has_value(self, position: int) -> bool:
        try:
            self.at(position)
        except ConvergenceError:
            return False
        return True

    def answered(self, value: Any) -> Evaluation:
        """The bound at a value that meets the target; no further out than the target, which it
        meets.
        """
        result = self.evaluation(value)
        if np.isfinite(result.value) and not self.meets(result.value):
            return replace(result, value=self.target)
        return result


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
        status = Words(problem).neighbours(ends.meets, ends.misses, proved)
        return replace(found, bracket=ends, status=status)
    return replace(found, bracket=ends)


def _solved(problem: Problem) -> Solution:
    domain, bound = problem.domain, problem.bound
    if domain.first == domain.last:
        return _only(problem)
    way = bound.trend(problem.unknown.name, domain=domain)
    if way is Trend.CONSTANT or not bound.depends_on(problem.unknown.name):
        value = problem.evaluation(domain.value(domain.first)).value
        raise InputError(
            f"with these numbers the value of {bound.name} does not depend on "
            f"{problem.unknown.name}: it is always {value:.6g}"
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
        raise UnknownNameError(f"parameter of {id}", unknown, [p.name for p in entry.parameters])
    if any(parameter(name).name == asked.name for name in values):
        raise InputError(
            f"{asked.name} is the unknown and is given as well; leave one of the two out"
        )
    goal = checked(TARGET, target)
    bound = single(bind(id, variant, values, free=(asked.name,)), "solve")
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
        probability=1 - bound.failure(**found) if found else math.nan,
        unknown=problem.unknown.name,
        target=problem.target,
        relation=Words(problem).sign,
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
        refuse_far(problem, problem.domain.first)
    return _solution(problem, value, Words(problem).only_value(value), "only value")


def _monotone(problem: Problem, *, better_up: bool) -> Solution:
    """Search between the better and the worse end of the domain."""
    domain, name = problem.domain, problem.unknown.name
    better, worse = (domain.last, domain.first) if better_up else (domain.first, domain.last)
    if problem.holds(worse):
        return _everything(problem, worse, better_up)
    if not domain.reached[better_up]:
        limits = problem.bound.limits(name, domain.ends[better_up])
        refuse_limit(problem, limits, up=better_up)
    found, text, method = *_at_closed_form(problem, better_up), "closed form"
    if found is None:
        method, text = "bisection", ""
        pair: tuple[int, int] | None = better, worse
        if problem.unknown.integer and not domain.reached[better_up]:
            pair = first_beyond(problem.holds, worse, better)
        elif not problem.holds(better):
            pair = None
        if pair is None:
            refuse_far(problem, better)
        found = problem.between(*pair)
    value, beyond = (domain.value(found + step) for step in (0, -1 if better_up else 1))
    status = Words(problem).extreme_value(value, beyond, smallest=better_up)
    return _solution(problem, value, status, method, closed_form=text)


def _everything(problem: Problem, worse: int, better_up: bool) -> Solution:
    """Even the worst value meets the target, if there is one."""
    domain, words = problem.domain, Words(problem)
    value = domain.value(worse)
    if domain.reached[not better_up]:
        return _solution(problem, value, words.every_value(value), "every value")
    limits = problem.bound.limits(problem.unknown.name, domain.ends[not better_up])
    if not problem.meets(math.fsum(limits.values())):
        way = "down" if better_up else "up"
        raise InputError(
            f"the target is met by every {problem.unknown.name} that can be tried, {way} to "
            f"{value:.3g}; the extreme one lies beyond"
        )
    return _solution(problem, None, words.every_value(None), "every value")


def _at_closed_form(problem: Problem, better_up: bool) -> tuple[int | None, str]:
    """⌈(B/(target − A))²⌉ for a bound A + B/√m, if it and its neighbour are confirmed exactly."""
    form = problem.bound.variant.roots.get(problem.unknown.name)
    if form is None or not better_up or not problem.unknown.integer:
        return None, ""
    with np.errstate(all="ignore"):
        constant, slope = map(float, form.run(problem.bound.numbers, FLOATS))
    room, name, sign = problem.target - constant, problem.unknown.name, Words(problem).sign
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
    values = _values(problem, positions)

    def distance(position: int) -> float:
        return problem.at(position) - problem.target

    with np.errstate(invalid="ignore"):
        found = turns(distance, positions, np.array(values) - problem.target)
    known = dict(zip(positions, values, strict=True)) | {p: problem.at(p) for p in found}
    positions = sorted(known)
    good = [_meets(problem, p, known[p]) for p in positions]
    if not any(good):
        refuse_scanned(problem, known)
    pieces = [s for s in stretches(problem.holds, positions, good) if s.state]
    starts = [s.first for s in pieces if s.first != positions[0]]
    stops = [s.last for s in pieces if s.last is not None and s.last != positions[-1]]
    # the smallest value that meets the target if one is the start of a stretch, else the largest
    # one
    from_below = problem.unknown.role in (Role.COUNT, Role.FREE)
    smallest = bool(starts) and (from_below or not stops)
    chosen = min(starts) if smallest else max(stops, default=None)
    value = None if chosen is None else domain.value(chosen)
    spans = [] if _everywhere(pieces, positions) else pieces
    status = Words(problem).scanned(spans, value, smallest=smallest, tried=len(positions))
    roots = tuple(domain.value(p) for p in sorted({*starts, *stops}))
    return _solution(problem, value, status, "scan", roots)


def _everywhere(pieces: list[Stretch[bool]], positions: list[int]) -> bool:
    return [(s.first, s.last) for s in pieces] == [(positions[0], positions[-1])]


def _meets(problem: Problem, position: int, value: float) -> bool:
    """Whether a value that was scanned meets the target; decided by itself where it is close."""
    near = abs(value - problem.target) <= _CLOSE * (abs(value) + abs(problem.target))
    return problem.holds(position) if near else bool(problem.meets(value))


def _values(problem: Problem, positions: list[int]) -> list[float]:
    numbers = np.array([float(problem.domain.value(p)) for p in positions])
    try:
        with np.errstate(all="ignore"):
            return list(map(float, problem.bound.value(**problem.named(numbers))))
    except (DomainError, OverflowError):  # somewhere on the way it overflows
        return [problem.at(p) for p in positions]
