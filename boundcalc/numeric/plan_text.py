"""Why a target is out of reach: the term that is left when everything is bought that may be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from boundcalc.numeric.arithmetic import FLOATS
from boundcalc.numeric.compiled import CompiledTerm
from boundcalc.numeric.evaluate import Evaluation, evaluation
from boundcalc.numeric.plan_request import Request
from boundcalc.text import count, number, significant


def out_of_reach(asked: Request, target: float, high: Mapping[str, int]) -> str:
    """One line that names the term that is in the way, its value, and the limit where there is one.

    `high` are the counts at which the bound still misses the target: the largest that may be
    bought.
    """
    bound = asked.bound
    at_high = evaluation(bound, **asked.own(high))
    sign = 1 if bound.upper else -1
    terms = bound.variant.terms
    moving = [t for i, t in enumerate(terms) if any(bound.moves(i, name) for name in bound.free)]
    stuck = [t for t in terms if at_high.terms[t.name] and t not in moving]
    left = sum(at_high.terms[term.name] for term in stuck)
    if stuck and sign * left >= sign * target:
        return _stuck(asked, target, stuck, at_high)
    if bound.upper and target <= 0 and all(value >= 0 for value in at_high.terms.values()):
        return f"the bound is positive{_whatever(asked)}"
    # what moves does not move far enough: the limits, or the fixed counts, are in the way
    largest = max(moving or terms, key=lambda t: sign * at_high.terms[t.name])
    involved = _involved(asked, largest)
    limits = {name: most for name, most in asked.at_most.items() if name in involved}
    within = [f"{name} ≤ {count(most)}" for name, most in (limits or asked.at_most).items()]
    still = significant(at_high.value, up=bound.upper)
    term = f"{largest.name} = {largest.text} = {number(at_high.terms[largest.name])}"
    start = f"with {_listed(within or ['every count at 10^15'])} the bound is still {still}"
    return f"{start}, of which {term}{_fixed_counts(asked, [largest])}"


def _involved(asked: Request, term: CompiledTerm) -> frozenset[str]:
    """The parameters that a term depends on."""
    form = asked.bound.variant
    return form.formula.part(form.terms.index(term)).inputs


def _stuck(asked: Request, target: float, stuck: list[CompiledTerm], at_high: Evaluation) -> str:
    exact = asked.bound.variant.formula.run(at_high.parameters, FLOATS)
    by_name = zip(asked.bound.variant.terms, exact, strict=False)
    values = {t.name: float(x) for t, x in by_name if t in stuck}
    largest = max(stuck, key=lambda term: values[term.name])
    positive = asked.bound.upper and min(values.values()) >= 0
    if positive and values[largest.name] >= target:
        verb = "alone exceeds" if values[largest.name] > target else "alone uses up"
        name, size = largest.text, values[largest.name]
    else:
        verb = f"leave{'s' * (len(stuck) == 1)} no room for"
        name, size = " + ".join(t.text for t in stuck).replace("+ −", "− "), sum(values.values())
    start = f"{name} = {number(size)} {verb} the target {number(target)}"
    return f"{start}{_whatever(asked)}{_fixed_counts(asked, stuck)}"


def _whatever(asked: Request) -> str:
    """``, whatever m and n``."""
    return f", whatever {_listed(asked.prices)}" if asked.prices else ""


def _listed(names: Iterable[str]) -> str:
    """``m, n and tasks``."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _fixed_counts(asked: Request, terms: list[CompiledTerm]) -> str:
    """The fixed counts that the terms depend on: more of them would help."""
    names = {name for term in terms for name in _involved(asked, term)}
    fixed = [name for name in asked.counts if name in asked.fixed and name in names]
    shown = ", ".join(f"{name} = {count(int(asked.fixed[name]))}" for name in fixed)
    return f" ({shown} {'is' if len(fixed) == 1 else 'are'} fixed)" if fixed else ""
