"""Why a target is out of reach: the term that is left when everything is bought that may be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from boundcalc.conventions import Side
from boundcalc.numeric.compiled import value_of
from boundcalc.numeric.evaluate import Evaluation
from boundcalc.numeric.planning.purchase import COUNTS, Purchase, evaluated, moves
from boundcalc.numeric.solving.impossible import formula
from boundcalc.symbolic.analysis.trends import Trend
from boundcalc.symbolic.derivation import Term
from boundcalc.text import count, number, significant


def obstacle(request: Purchase, target: float, high: Mapping[str, int]) -> str:
    """One line that names the term that is in the way, its value, and the limit where there is one.

    `high` are the counts at which the bound still misses the target: the largest that may be bought.
    """
    at_high = evaluated(request, high)
    stuck = [term for term in request.variant.terms if at_high.terms[term.name] and not _moved(request, term)]
    left = sum(at_high.terms[term.name] for term in stuck)
    upper = request.variant.side is Side.UPPER
    if stuck and (left >= target if upper else left <= target):
        return _stuck(request, target, stuck, at_high)
    if upper and target <= 0 and all(value >= 0 for value in at_high.terms.values()):
        return f"the bound is positive{whatever(request)}"
    return _limited(request, at_high)


def listed(names: Iterable[str]) -> str:
    """``m, n and tasks``."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _moved(request: Purchase, term: Term) -> bool:
    """Whether a term goes with anything that is bought."""
    trends = (moves(request.variant, term.expression, request.fixed, name) for name in request.prices)
    return any(trend is not Trend.CONSTANT for trend in trends)


def _stuck(request: Purchase, target: float, stuck: list[Term], at_high: Evaluation) -> str:
    values = {t.name: float(value_of(t.expression, at_high.parameters)) for t in stuck}
    largest = max(stuck, key=lambda term: values[term.name])
    positive = request.variant.side is Side.UPPER and min(values.values()) >= 0
    if positive and values[largest.name] >= target:
        verb = "exceeds" if values[largest.name] > target else "uses up"
        shown = (
            f"{formula(largest)} = {number(values[largest.name])} alone {verb} the target {number(target)}"
        )
    else:
        verb = "leave" if len(stuck) > 1 else "leaves"
        shown = (
            f"{_sum(stuck)} = {number(sum(values.values()))} {verb} no room for the target {number(target)}"
        )
    return f"{shown}{whatever(request)}{_fixed_counts(request, stuck)}"


def whatever(request: Purchase) -> str:
    """``, whatever m and n``."""
    return f", whatever {listed(request.prices)}" if request.prices else ""


def _sum(terms: list[Term]) -> str:
    return " + ".join(formula(term) for term in terms).replace("+ −", "− ")


def _limited(request: Purchase, at_high: Evaluation) -> str:
    """What moves does not move far enough: the limits, or the fixed counts, are in the way."""
    sign = 1 if request.variant.side is Side.UPPER else -1
    moving = [term for term in request.variant.terms if _moved(request, term)]
    largest = max(moving or request.variant.terms, key=lambda term: sign * at_high.terms[term.name])
    involved = {s.name for s in largest.expression.free_symbols} & set(COUNTS)
    limits = {name: limit for name, limit in request.at_most.items() if name in involved} or request.at_most
    within = listed(
        [f"{name} ≤ {count(limit)}" for name, limit in limits.items()] or ["every count at 10^15"]
    )
    still = significant(at_high.value, up=sign > 0)
    term = f"{largest.name} = {formula(largest)} = {number(at_high.terms[largest.name])}"
    return f"with {within} the bound is still {still}, of which {term}{_fixed_counts(request, [largest])}"


def _fixed_counts(request: Purchase, terms: list[Term]) -> str:
    """The fixed counts that the terms depend on: more of them would help."""
    names = {s.name for term in terms for s in term.expression.free_symbols}
    fixed: dict[str, Any] = {c: request.fixed[c] for c in COUNTS if c in request.fixed and c in names}
    shown = ", ".join(f"{name} = {count(int(value))}" for name, value in fixed.items())
    return f" ({shown} {'is' if len(fixed) == 1 else 'are'} fixed)" if fixed else ""
