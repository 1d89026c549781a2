"""Refusals of targets that cannot be met, with the term that is in the way."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NoReturn

from boundcalc.numeric.solving.problem import ImpossibleTargetError, Problem
from boundcalc.numeric.solving.sentences import beside, goal, shown
from boundcalc.symbolic.derivation import Term
from boundcalc.symbolic.printing import plain
from boundcalc.text import number

_EQUAL = 1e-15


def formula(term: Term) -> str:
    """A term in the long names of its parameters, for example ``lipschitz·connection_gap``."""
    return plain(term.expression, {s.name: s.name for s in term.expression.free_symbols})


def refuse_limit(problem: Problem, limits: Mapping[str, float], *, up: bool) -> None:
    """Refuse a target that the limit at the better end does not meet.

    Raises
    ------
    ImpossibleTargetError
    """
    total = math.fsum(limits.values()) if all(map(math.isfinite, limits.values())) else math.nan
    if math.isnan(total):
        return  # a term that grows, or of which no limit is known: the search decides
    close = abs(total - problem.target) <= _EQUAL * max(map(abs, (total, problem.target, *limits.values())))
    if problem.meets(total) and not close:
        return
    name, end = problem.unknown.name, problem.axis.ends[up]
    towards = f"as {name} → {_end(problem, end)}"
    reason = _reason(problem, limits, towards)
    if close:
        left = f" ({_sum(problem, limits)})" if any(limits.values()) else ""
        reason = f"the {problem.subject} tends to it {towards} and never gets there{left}"
    raise ImpossibleTargetError(f"no {name} meets the target {goal(problem)}: {reason}")


def refuse_far(problem: Problem, position: int) -> NoReturn:
    """Refuse a target that the best value that exists, or that can be tried, does not meet."""
    name, axis = problem.unknown.name, problem.axis
    at = f"at {name} = {shown(problem, axis.value(position))}"
    if axis.reached[position == axis.last]:
        reason = _reason(problem, problem.evaluation(axis.value(position)).terms, at)
        raise ImpossibleTargetError(f"no {name} meets the target {goal(problem)}: {reason}")
    raise ImpossibleTargetError(
        f"no {name} that can be tried meets the target {goal(problem)}: even {at} "
        f"the {problem.subject} is {beside(problem, problem.at(position))}"
    )


def _end(problem: Problem, end: float) -> str:
    if math.isinf(end):
        return "∞" if end > 0 else "−∞"
    return shown(problem, end)


def _reason(problem: Problem, limits: Mapping[str, float], where: str) -> str:
    """One term that is too large by itself, or the sum of what is left."""
    worst = (min if problem.at_least else max)(limits, key=lambda name: limits[name])
    sign = -1 if problem.at_least else 1
    others_help = any(sign * v < 0 for name, v in limits.items() if name != worst)
    single = len([v for v in limits.values() if v]) <= 1
    if sign * limits[worst] > sign * problem.target and not others_help and (sign > 0 or single):
        terms = {t.name: t for t in problem.variant.terms}
        moves = terms[worst].expression.has(problem.unknown.symbol)
        verb = "exceeds" if sign > 0 else "falls short of"
        text = f"{formula(terms[worst])} {'→' if moves else '='} {number(limits[worst])}"
        return f"{text} alone {verb} it" + (f" {where}" if moves else f", whatever {problem.unknown.name} is")
    return f"{where} what is left is {_sum(problem, limits)}"


def _sum(problem: Problem, limits: Mapping[str, float]) -> str:
    """The limits that are not 0, by name."""
    parts = [f"{formula(t)} = {number(limits[t.name])}" for t in problem.variant.terms if limits[t.name]]
    total = math.fsum(limits.values())
    if not parts:
        return number(total)
    return parts[0] if len(parts) == 1 else f"{', '.join(parts)}; together {number(total)}"
