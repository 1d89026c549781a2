"""Check facts, statements and expectation forms in a micro-world, exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Expr, S

from boundcalc.conventions import Relation, Side
from boundcalc.errors import InputError
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.facts import Fact
from boundcalc.worlds.checks import Floats
from boundcalc.worlds.micro.micro_world import SLACK, MicroWorld
from boundcalc.worlds.micro.reading import (
    DELTA,
    WorldReading,
    checked_facts,
    readings,
    value_on_arrays,
)

_REFERENCES = (0.5, 1e-2, 1e-6)
_SMALLEST_DELTA = 1e-100
_MOST_DELTAS, _FEWEST_DELTAS, _MOST_CELLS = 80, 24, 200_000


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


def _critical_deltas(margin: Callable[[Any], Floats], chances: Floats, cost: float) -> Floats:
    """The δ at which a violation may just be too likely: below the margin's tail probabilities."""
    deltas = [1 - 1e-9, 0.5, 0.05]
    references = margin(np.array(_REFERENCES)[:, None])
    for at in np.round(np.broadcast_to(references, (len(_REFERENCES), chances.size)), 9):
        order = np.argsort(-at)
        tails = np.cumsum(chances[order])[np.flatnonzero(np.diff(at[order], append=-np.inf))]
        deltas += [t / cost * (1 - 1e-9) for t in tails]
    found = np.unique([delta for delta in deltas if _SMALLEST_DELTA < delta < 1])
    count = max(_FEWEST_DELTAS, min(_MOST_DELTAS, _MOST_CELLS // chances.size))
    return np.asarray(found[np.unique(np.linspace(0, found.size - 1, count).astype(int))])


def _worst(
    what: str, world: MicroWorld, margin: Callable[[Any], Floats], cost: Expr, *, random: bool
) -> Verdict:
    """The violation at the δ where it is the most likely relative to its cost."""
    ratio, chances = Fraction(str(S(cost).subs(DELTA, 1))), world.chances.floats
    if not random:
        excess = np.broadcast_to(margin(None), chances.shape)
        exact = world.probability(excess > SLACK)
        return Verdict(what, world.name, float(excess.max()), exact, ratio)
    deltas = _critical_deltas(margin, chances, float(ratio) or 1.0)
    margins = np.broadcast_to(margin(deltas[:, None]), (deltas.size, chances.size))
    violated = margins > SLACK
    i = int(np.argmax((violated @ chances) / deltas))
    exact = world.probability(violated[i])
    worst, delta = float(np.nanmax(margins[i], initial=-np.inf)), float(deltas[i])
    return Verdict(what, world.name, worst, exact, ratio * Fraction(delta), delta)


def fact_verdict(reading: WorldReading, fact: Fact) -> Verdict:
    """The worst violation of one fact, and its exact probability."""

    def margin(delta: Any) -> Floats:
        look = reading.lookup(delta)
        gap = value_on_arrays(S(fact.lhs), look) - value_on_arrays(S(fact.rhs), look)
        return np.asarray(np.abs(gap) if fact.relation is Relation.EQUAL else gap)

    random = reading.needs_delta(fact.lhs, fact.rhs, fact.cost)
    return _worst(fact.lemma, reading.world, margin, reading.cost(fact.cost), random=random)


def statement_verdict(reading: WorldReading, derivation: Derivation, bound: Expr) -> Verdict:
    """P(the claim is beyond `bound`), against the failure probability of the derivation."""
    sign = 1 if derivation.side is Side.UPPER else -1

    def margin(delta: Any) -> Floats:
        look = reading.lookup(delta)
        claim, limit = (value_on_arrays(e, look) for e in (derivation.claim, bound))
        return np.asarray(claim - sign * limit)

    random = reading.needs_delta(derivation.claim, bound, derivation.failure)
    cost = reading.cost(derivation.failure)
    return _worst("statement", reading.world, margin, cost, random=random)


def expectation_verdict(reading: WorldReading, derivation: Derivation, bound: Expr) -> Verdict:
    """E of the claim against E of `bound`, a bound without its concentration term."""
    sign = 1 if derivation.side is Side.UPPER else -1
    world, look = reading.world, reading.lookup(_REFERENCES[0])
    claim, mean = (
        world.on_outcomes(value_on_arrays(S(e), look)) @ world.chances.floats
        for e in (derivation.claim, bound)
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


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The one that holds least."""
    return max(verdicts, key=lambda v: (not v.holds, v.ratio or 0.0, v.excess))


def _read(world: MicroWorld, facts: Iterable[Fact], *claims: Expr) -> tuple[WorldReading, ...]:
    found, why = readings(world, facts, *claims)
    if not found:
        raise InputError(why)
    return found


def verdicts(found: Sequence[WorldReading], derivation: Derivation) -> tuple[Verdict, ...]:
    """Every fact of a derivation, then its whole statement: of several readings the worst."""
    facts = checked_facts(line.fact for line in derivation.lines)
    each = [worst(fact_verdict(r, fact) for r in found) for fact in facts]
    bound = derivation.expression
    return (*each, worst(statement_verdict(r, derivation, bound) for r in found))


def mean_verdict(found: Sequence[WorldReading], derivation: Derivation) -> Verdict | None:
    """The expectation form, likewise; None for held-out limits that have none."""
    bound = without_concentration(derivation)
    if bound is None:
        return None
    return worst(expectation_verdict(r, derivation, bound) for r in found)


def check_fact(world: MicroWorld, fact: Fact) -> Verdict:
    """The worst violation of one fact, and its exact probability.

    What the fact speaks of stands for whatever in the world has the same role, whatever it is
    called; of several ways to read the fact the worst counts.

    Raises
    ------
    InputError
        If what the fact declares (membership, fixed, minimiser, ranges) is true of nothing in the
        world.
    """
    return worst(fact_verdict(reading, fact) for reading in _read(world, [fact]))


def check_derivation(world: MicroWorld, derivation: Derivation) -> tuple[Verdict, ...]:
    """Every fact of a derivation, then its whole statement."""
    found = _read(world, [line.fact for line in derivation.lines], derivation.claim)
    return verdicts(found, derivation)


def check_expectation(world: MicroWorld, derivation: Derivation) -> Verdict | None:
    """The expectation form; None for held-out limits that have none."""
    found = _read(world, [line.fact for line in derivation.lines], derivation.claim)
    return mean_verdict(found, derivation)
