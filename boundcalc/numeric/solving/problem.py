"""A question to a bound: which value of the unknown meets the target?"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy import lambdify

from boundcalc.conventions import Side
from boundcalc.errors import ConvergenceError, DomainError, InputError, UnknownNameError
from boundcalc.numeric.compiled import rounds
from boundcalc.numeric.decided import met
from boundcalc.numeric.domains import checked, exactly, named_values, select
from boundcalc.numeric.evaluate import Evaluation, choose, evaluate
from boundcalc.numeric.solving.axis import Axis
from boundcalc.numeric.solving.feasible import feasible
from boundcalc.symbolic.analysis.ranges import Range, point
from boundcalc.symbolic.analysis.trends import Trend, trend
from boundcalc.symbolic.catalogue import theorem
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.parameters import parameter
from boundcalc.symbolic.theorem import Variant

_STEPS = 16


class ImpossibleTargetError(InputError):
    """A target that no value of the unknown meets; the message names the term that is in the way."""


@dataclass(frozen=True)
class Problem:
    """What is asked, checked.

    Attributes
    ----------
    id : str
    variant : Variant
    unknown : Parameter
    target : float
    at_least : bool
        Whether the value has to be at least the target instead of at most.
    given : mapping of str to float
        All other parameters, defaults included.
    axis : Axis
        The values that the unknown may take.
    """

    id: str
    variant: Variant
    unknown: Parameter
    target: float
    at_least: bool
    given: Mapping[str, Any]
    axis: Axis

    @property
    def sign(self) -> str:
        """``≤`` or ``≥``."""
        return "≥" if self.at_least else "≤"

    @property
    def subject(self) -> str:
        """What the value is called in a sentence."""
        return {"=": "value", "≤": "bound", "≥": "limit"}[self.variant.relation]

    def evaluation(self, value: float | Any) -> Evaluation:
        """The bound with this value put in for the unknown."""
        with np.errstate(all="ignore"):
            return evaluate(self.id, variant=self.variant.name, **self.given, **{self.unknown.name: value})

    def at(self, position: int) -> float:
        """The value of the bound with the unknown at this position; ∞, on its side, where it overflows.

        Raises
        ------
        ConvergenceError
            Where it cannot be evaluated.
        """
        value = self.axis.value(position)
        try:
            return float(self.evaluation(value).value)
        except (DomainError, OverflowError):
            return math.inf if self.variant.side is Side.UPPER else -math.inf
        except ArithmeticError:
            name = self.unknown.name
            raise ConvergenceError(f"{self.id} cannot be evaluated at {name} = {value:.6g}") from None

    def meets(self, value: Any) -> Any:
        """Whether a value of the bound meets the target; for arrays, elementwise."""
        return value >= self.target if self.at_least else value <= self.target

    def seems(self, position: int) -> bool:
        """Whether the unknown at this position meets the target as `evaluate` rounds the value."""
        return bool(self.meets(self.at(position)))

    def holds(self, position: int) -> bool:
        """Whether the unknown at this position meets the target; for whole numbers exactly.

        Raises
        ------
        ConvergenceError
            Where it cannot be evaluated, or decided.
        """
        found = self.at(position)
        if not self.unknown.integer:
            return bool(self.meets(found))
        numbers = {**self.given, self.unknown.name: self.axis.value(position)}
        goal = exactly(self.target)
        return met(theorem(self.id), self.variant, numbers, found, goal, at_least=self.at_least)

    def roughly(self) -> Callable[[int], bool]:
        """`holds` by floats alone: `evaluate` computes whole-number values exactly and slowly."""
        expression = self.variant.expression
        if not rounds(expression):
            return self.seems
        symbols = sorted(expression.free_symbols, key=str)
        compiled = lambdify(symbols, expression, modules="numpy")

        def rough(position: int) -> bool:
            known = {**self.given, self.unknown.name: np.float64(self.axis.value(position))}
            with np.errstate(all="ignore"):
                return bool(self.meets(compiled(*(known[s.name] for s in symbols))))

        return rough

    def within_reach(self) -> Problem:
        """The same question with open and infinite ends moved in to where the bound can be evaluated."""
        axis, found = self.axis, [self.axis.first, self.axis.last]
        for i in (0, 1):
            if not axis.reached[i] and not self.unknown.integer:
                towards = (found[1 - i] - found[i]) // _STEPS
                found[i] = next(
                    (p for p in (found[i] + k * towards for k in range(_STEPS)) if self._ends(p)), found[i]
                )
        return replace(self, axis=replace(axis, first=found[0], last=found[1]))

    def _ends(self, position: int) -> bool:
        try:
            self.at(position)
        except ConvergenceError:
            return False
        return True

    def answered(self, value: float | Any) -> Evaluation:
        """The bound at a value that meets the target; no further out than the target."""
        result = self.evaluation(value)
        if np.isfinite(result.value) and not self.meets(result.value):
            return replace(result, value=self.target)
        return result

    @property
    def trend(self) -> Trend:
        """How the value goes as the unknown grows, decided from the formula with the numbers put in."""
        known = {parameter(name).symbol: point(float(v)) for name, v in self.given.items()}
        low, high = self.axis.ends
        known[self.unknown.symbol] = Range(low, high, not self.axis.reached[0], not self.axis.reached[1])
        return trend(self.variant, self.unknown.name, known)


def pose(
    id: str,
    unknown: str,
    target: Any,
    variant: str | None,
    at_least: bool | None,
    values: Mapping[str, Any],
) -> Problem:
    """Check a question.

    Raises
    ------
    UnknownNameError
        For an unknown id, variant or parameter.
    InputError, DomainError
        For a number that cannot be used, a missing one, or one for the unknown itself.
    """
    entry = theorem(id)
    asked = parameter(unknown)
    if asked.name not in {p.name for p in entry.parameters}:
        raise UnknownNameError(f"parameter of {id}", unknown, [p.name for p in entry.parameters])
    given = named_values(values)
    if asked.name in given:
        raise InputError(f"{asked.name} is the unknown and is given as well; leave one of the two out")
    arrays = [name for name, value in given.items() if np.ndim(value)]
    if arrays:
        raise InputError(f"solve takes single numbers, not an array for {arrays[0]}")
    goal = checked(Parameter("target", "target", "", "", low=float("-inf")), target)
    if np.ndim(goal):
        raise InputError("solve takes a single target, not an array")
    chosen = choose(entry, variant, {*given, asked.name})
    used = [p.name for p in chosen.parameters]
    where = f"{id} ({chosen.name})"
    if asked.name not in used:
        raise UnknownNameError(f"parameter of {where}", unknown, used)
    select(given, set(used) - set(chosen.defaults) - {asked.name}, used, where)
    numbers = {n: given[n] if n in given else chosen.defaults[n] for n in used if n != asked.name}
    if not chosen.expression.has(asked.symbol):
        raise InputError(f"the value of {where} does not depend on {asked.name}")
    axis = feasible(chosen, asked, numbers)
    return Problem(id, chosen, asked, goal, _direction(chosen, where, at_least), numbers, axis)


def _direction(chosen: Variant, where: str, at_least: bool | None) -> bool:
    natural = chosen.side is Side.LOWER
    if at_least is None or at_least is natural:
        return natural
    if chosen.relation != "=":
        kind, word = ("a lower limit", "at most") if natural else ("an upper bound", "at least")
        raise InputError(f"{where} is {kind}: asking for it to be {word} the target says nothing")
    return at_least


def depends_at_these_numbers(problem: Problem) -> bool:
    """Whether the unknown is left in the formula once zeros are put in: L is not, in 2LR with R = 0."""
    zeros = {parameter(n).symbol: 0 for n, v in problem.given.items() if v == 0}
    return bool(problem.variant.expression.subs(zeros).has(problem.unknown.symbol))
