"""Why a target is out of reach: the term that is left when everything is bought that may be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from boundcalc.numeric.bound import value_of
from boundcalc.numeric.evaluate import Evaluation, evaluation
from boundcalc.numeric.plan_request import Request
from boundcalc.numeric.solve_text import formula
from boundcalc.symbolic.analysis.trends import Trend
from boundcalc.symbolic.derivation import Term
from boundcalc.text import count, number, significant


def out_of_reach(asked: Request, target: float, high: Mapping[str, int]) -> str:
    """One line that names the term that is in the way, its value, and the limit where there is one.

    `high` are the counts at which the bound still misses the target: the largest that may be
    bought.
    """
    bound = asked.bound
    at_high = evaluation(bound, **asked.own(high))
    sign = 1 if bound.upper else -1
    moving = [term for term in bound.variant.terms if _moves(asked, term)]
    stuck = [t for t in bound.variant.terms if at_high.terms[t.name] and t not in moving]
    left = sum(at_high.terms[term.name] for term in stuck)
    if stuck and sign * left >= sign * target:
        return _stuck(asked, target, stuck, at_high)
    if bound.upper and target <= 0 and all(value >= 0 for value in at_high.terms.values()):
        return f"the bound is positive{_whatever(asked)}"
    # what moves does not move far enough: the limits, or the fixed counts, are in the way
    largest = max(moving or bound.variant.terms, key=lambda t: sign * at_high.terms[t.name])
    involved = {s.name for s in largest.expression.free_symbols}
    limits = {name: most for name, most in asked.at_most.items() if name in involved}
    within = [f"{name} ≤ {count(most)}" for name, most in (limits or asked.at_most).items()]
    still = significant(at_high.value, up=bound.upper)
    term = f"{largest.name} = {formula(largest)} = {number(at_high.terms[largest.name])}"
    start = f"with {_listed(within or ['every count at 10^15'])} the bound is still {still}"
    return f"{start}, of which {term}{_fixed_counts(asked, [largest])}"


def _moves(asked: Request, term: Term) -> bool:
    """Whether a term goes with anything that is bought."""
    trends = (asked.bound.trend(name, term.expression) for name in asked.bound.free)
    return any(trend is not Trend.CONSTANT for trend in trends)


def _stuck(asked: Request, target: float, stuck: list[Term], at_high: Evaluation) -> str:
    values = {t.name: float(value_of(t.expression, at_high.parameters)) for t in stuck}
    largest = max(stuck, key=lambda term: values[term.name])
    positive = asked.bound.upper and min(values.values()) >= 0
    if positive and values[largest.name] >= target:
        verb = "alone exceeds" if values[largest.name] > target else "alone uses up"
        name, size = formula(largest), values[largest.name]
    else:
        verb = f"leave{'s' * (len(stuck) == 1)} no room for"
        name, size = " + ".join(map(formula, stuck)).replace("+ −", "− "), sum(values.values())
    start = f"{name} = {number(size)} {verb} the target {number(target)}"
    return f"{start}{_whatever(asked)}{_fixed_counts(asked, stuck)}"


def _whatever(asked: Request) -> str:
    """``, whatever m and n``."""
    return f", whatever {_listed(asked.prices)}" if asked.prices else ""


def _listed(names: Iterable[str]) -> str:
    """``m, n and tasks``."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _fixed_counts(asked: Request, terms: list[Term]) -> str:
    """The fixed counts that the terms depend on: more of them would help."""
    names = {s.name for term in terms for s in term.expression.free_symbols}
    fixed = [name for name in asked.counts if name in asked.fixed and name in names]
    shown = ", ".join(f"{name} = {count(int(asked.fixed[name]))}" for name in fixed)
    return f" ({shown} {'is' if len(fixed) == 1 else 'are'} fixed)" if fixed else ""
