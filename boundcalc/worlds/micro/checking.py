"""Check facts, statements and expectation forms in a micro-world, exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
from sympy import Expr, S, Symbol, ceiling, log, pi

from boundcalc.conventions import Relation, Side
from boundcalc.errors import InputError
from boundcalc.numeric.special import IMPLEMENTATIONS
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.functions import LimitFunction
from boundcalc.symbolic.parameter_symbol import ParameterSymbol
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import FunctionClass, Predictor, Quantity, Sample, quantities_in
from boundcalc.worlds.checks import Floats
from boundcalc.worlds.micro.micro_world import MEASURES, SLACK, MicroWorld

Values = Mapping[Symbol, Any]

_DELTA = symbol("delta")
_REFERENCES = (0.5, 1e-2, 1e-6)
_LEAST_DELTA = 1e-100
_MOST_DELTAS, _LEAST_DELTAS, _MOST_CELLS = 80, 24, 200_000


@dataclass(frozen=True)
class Verdict:
    """The worst that a world does to an inequality.

    Attributes
    ----------
    what, world : str
    excess : float
        The largest left side minus right side over all outcomes (its size, for an equality).
    probability : Fraction
        The exact probability of the outcomes that violate it.
    allowed : Fraction
        The probability with which it may fail.
    delta : float or None
        The δ at which this is so: the one that makes the most of the violation.
    share : float or None
        For an expectation form: E of the claim as a share of the bound, where that is positive.
    """

    what: str
    world: str
    excess: float
    probability: Fraction
    allowed: Fraction
    delta: float | None = None
    share: float | None = None

    @property
    def ratio(self) -> float | None:
        """What was found ÷ the most that is allowed; None where there is nothing to compare."""
        if self.share is not None or not self.allowed:
            return self.share
        return float(self.probability / self.allowed)

    @property
    def holds(self) -> bool:
        """Whether the violation is no more likely than allowed."""
        return self.probability <= self.allowed


def value_on_arrays(expr: Expr, lookup: Callable[[Symbol], Any]) -> Any:
    """The value of an expression, symbols looked up, arrays broadcast; NaN where it has none."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return _value(expr, lookup)


def _value(expr: Expr, lookup: Callable[[Symbol], Any]) -> Any:
    if expr.is_Symbol:
        return lookup(expr)
    if expr.is_Rational or expr is pi:
        return float(expr)
    parts = [_value(arg, lookup) for arg in expr.args]
    if expr.is_Add:
        return sum(parts[1:], parts[0])
    if expr.is_Mul:
        return prod(parts[1:], start=parts[0])
    if expr.is_Pow:
        return np.power(parts[0], parts[1])
    if isinstance(expr, log):
        return np.log(parts[0])
    if isinstance(expr, ceiling):
        return np.ceil(np.round(parts[0], 9))
    if isinstance(expr, LimitFunction):
        return _limit(type(expr).__name__, parts)
    raise InputError(f"no value for {type(expr).__name__} in a micro-world")


def _limit(name: str, parts: list[Any]) -> Any:
    """A limit where its last argument makes sense: a δ in (0, 1), a divergence > 0."""
    implementation: Any = IMPLEMENTATIONS[name]
    *others, last = parts
    valid = (last > 0) & ((last < 1) | (not name.startswith("Binomial")))
    return np.where(valid, implementation(*others, np.where(valid, last, 0.5)), np.nan)


def values_of(world: MicroWorld, derivation: Derivation | None = None) -> Values:
    """The values of the parameters on every outcome: constants, and what `given` facts give."""
    values: dict[Symbol, Any] = {symbol(name): value for name, value in world.numbers.items()}
    for line in derivation.lines if derivation else ():
        if line.fact.lemma == "given" and isinstance(line.fact.rhs, ParameterSymbol):
            values[line.fact.rhs] = world.value(line.fact.lhs)
    return values


def _lookup(world: MicroWorld, values: Values, delta: Any) -> Callable[[Symbol], Any]:
    known = {_DELTA: delta, **values}

    def look(s: Symbol) -> Any:
        if s in known:
            return known[s]
        return world.value(s) if isinstance(s, Quantity) else world.named(str(s.name))

    return look


def _declared(facts: Iterable[Fact]) -> Iterator[Sample | FunctionClass | Predictor]:
    waiting: list[Any] = [
        q for fact in facts for side in (fact.lhs, fact.rhs) for q in quantities_in(S(side))
    ]
    while waiting:
        found = waiting.pop()
        if isinstance(found, Quantity):
            waiting += found.subjects
        elif isinstance(found, Sample | Predictor | FunctionClass):
            yield found
            over = ("member_of", "risk_minimiser_of", "erm_over")
            waiting += [getattr(found, name, None) for name in over]


def objection(world: MicroWorld, facts: Iterable[Fact]) -> str | None:
    """Why facts say nothing about a world, or None: an undefined name or a false declaration."""
    facts = tuple(facts)
    given = {f.rhs for f in facts if f.lemma == "given"} | set(values_of(world)) | {_DELTA}
    used = {s for f in facts for s in S(f.lhs).free_symbols | S(f.rhs).free_symbols} - given
    names = {s.label if isinstance(s, Quantity) else s.name for s in used} - set(MEASURES)
    missing = sorted(names - set(world.extra))
    if missing:
        return f"{world.name}: {missing[0]} is not defined"
    try:
        for found in used:
            if isinstance(found, Quantity) and found.label in world.extra:
                world.value(found)
        problems = (world.contradicts(found) for found in dict.fromkeys(_declared(facts)))
        return next((f"{world.name}: {problem}" for problem in problems if problem), None)
    except InputError as error:
        return str(error)


def _biting(margin: Callable[[Any], Floats], chances: Floats, cost: float) -> Floats:
    """The δ at which a violation may just be too likely: below the margin's tail probabilities."""
    deltas = [1 - 1e-9, 0.5, 0.05]
    references = margin(np.array(_REFERENCES)[:, None])
    for at in np.round(np.broadcast_to(references, (len(_REFERENCES), chances.size)), 9):
        order = np.argsort(-at)
        tails = np.cumsum(chances[order])[np.flatnonzero(np.diff(at[order], append=-np.inf))]
        deltas += [t / cost * (1 - 1e-9) for t in tails]
    found = np.unique([delta for delta in deltas if _LEAST_DELTA < delta < 1])
    count = max(_LEAST_DELTAS, min(_MOST_DELTAS, _MOST_CELLS // chances.size))
    return np.asarray(found[np.unique(np.linspace(0, found.size - 1, count).astype(int))])


def _worst(
    what: str, world: MicroWorld, margin: Callable[[Any], Floats], cost: Expr, *, random: bool
) -> Verdict:
    """The violation at the δ where it is the most likely relative to its cost."""
    ratio, chances = Fraction(str(S(cost).subs(_DELTA, 1))), world.chances.floats
    if not random:
        excess = np.broadcast_to(margin(None), chances.shape)
        exact = world.probability(excess > SLACK)
        return Verdict(what, world.name, float(excess.max()), exact, ratio)
    deltas = _biting(margin, chances, float(ratio) or 1.0)
    margins = np.broadcast_to(margin(deltas[:, None]), (deltas.size, chances.size))
    violated = margins > SLACK
    i = int(np.argmax((violated @ chances) / deltas))
    exact = world.probability(violated[i])
    worst, delta = float(np.nanmax(margins[i], initial=-np.inf)), float(deltas[i])
    return Verdict(what, world.name, worst, exact, ratio * Fraction(delta), delta)


def fact_verdict(world: MicroWorld, fact: Fact, values: Values) -> Verdict:
    """`check_fact` without looking at what is declared."""

    def margin(delta: Any) -> Floats:
        look = _lookup(world, values, delta)
        gap = value_on_arrays(S(fact.lhs), look) - value_on_arrays(S(fact.rhs), look)
        return np.asarray(np.abs(gap) if fact.relation is Relation.EQUAL else gap)

    used = S(fact.lhs).free_symbols | S(fact.rhs).free_symbols | S(fact.cost).free_symbols
    return _worst(fact.lemma, world, margin, fact.cost, random=_DELTA in used - set(values))


def statement_verdict(
    world: MicroWorld, derivation: Derivation, values: Values, bound: Expr
) -> Verdict:
    """P(the claim is beyond `bound`), against the failure probability of the derivation."""
    sign = 1 if derivation.side is Side.UPPER else -1

    def margin(delta: Any) -> Floats:
        look = _lookup(world, values, delta)
        claim, limit = (value_on_arrays(e, look) for e in (derivation.claim, bound))
        return np.asarray(claim - sign * limit)

    used = bound.free_symbols | S(derivation.failure).free_symbols
    random = _DELTA in used - set(values)
    return _worst("statement", world, margin, derivation.failure, random=random)


def expectation_verdict(
    world: MicroWorld, derivation: Derivation, values: Values, bound: Expr
) -> Verdict:
    """E of the claim against E of `bound`, a bound without its concentration term."""
    sign = 1 if derivation.side is Side.UPPER else -1
    look, chances = _lookup(world, values, None), world.chances.floats
    claim, mean = (
        world.on_outcomes(value_on_arrays(S(e), look)) @ chances for e in (derivation.claim, bound)
    )
    excess, limit = float(claim - sign * mean), float(sign * mean)
    share = float(claim) / limit if limit > SLACK else None
    broken = Fraction(int(excess > SLACK))
    return Verdict("expectation", world.name, excess, broken, Fraction(0), share=share)


def without_concentration(derivation: Derivation) -> Expr | None:
    """The closed form in expectation; None where events are not those of sums about their means."""
    lemmas = {step.fact.lemma for step in derivation.steps if step.fact.event}
    if lemmas - {"bounded differences"}:
        return None
    return sum((t.expression for t in derivation.terms if t.name != "concentration"), S.Zero)


def _require(world: MicroWorld, facts: Iterable[Fact]) -> None:
    problem = objection(world, facts)
    if problem:
        raise InputError(problem)


def check_fact(world: MicroWorld, fact: Fact) -> Verdict:
    """The worst violation of one fact, and its exact probability.

    Parameters
    ----------
    world : MicroWorld
    fact : Fact

    Returns
    -------
    Verdict

    Raises
    ------
    InputError
        If what the fact declares (membership, fixed, minimiser, ranges) is false in the world.
    """
    _require(world, [fact])
    return fact_verdict(world, fact, values_of(world))


def check_derivation(world: MicroWorld, derivation: Derivation) -> tuple[Verdict, ...]:
    """Every fact of a derivation, then its whole statement."""
    facts = [line.fact for line in derivation.lines]
    _require(world, facts)
    values = values_of(world, derivation)
    each = [fact_verdict(world, fact, values) for fact in facts]
    return (*each, statement_verdict(world, derivation, values, derivation.expression))


def check_expectation(world: MicroWorld, derivation: Derivation) -> Verdict | None:
    """The expectation form; None for held-out limits that have none."""
    _require(world, [line.fact for line in derivation.lines])
    bound = without_concentration(derivation)
    if bound is None:
        return None
    return expectation_verdict(world, derivation, values_of(world, derivation), bound)
