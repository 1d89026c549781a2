"""A proof read in a micro-world: what its objects stand for, and what its parameters come to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, reduce
from math import prod
from typing import Any

import numpy as np
from sympy import Expr, Rational, S, Symbol, ceiling, log, pi, simplify

from boundcalc.conventions import Relation
from boundcalc.errors import BoundcalcError, InputError
from boundcalc.numeric.special import IMPLEMENTATIONS
from boundcalc.symbolic.complexity_functions import Largest, Least
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.functions import LimitFunction
from boundcalc.symbolic.lemmas.learners import StablePredictor
from boundcalc.symbolic.parameter_symbol import ParameterSymbol
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import Name, Quantity, quantities_in
from boundcalc.symbolic.theorem import Theorem
from boundcalc.worlds.micro.binding import bindings, false_declaration, misplaced, objects_in
from boundcalc.worlds.micro.micro_world import MEASURES, SLACK, MicroWorld, Names

DELTA = symbol("delta")
_EXTREMA = {"largest": np.maximum, "smallest": np.minimum}
_MADE_OF_OTHERS = ("root", *_EXTREMA)


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
    if isinstance(expr, (Largest, Least)):
        return reduce(np.maximum if isinstance(expr, Largest) else np.minimum, parts)
    if isinstance(expr, LimitFunction):
        return _limit(type(expr).__name__, parts)
    raise InputError(f"no value for {type(expr).__name__} in a micro-world")


def _limit(name: str, parts: list[Any]) -> Any:
    """A limit where its last argument makes sense: a δ in (0, 1), a divergence > 0, a size."""
    implementation: Any = IMPLEMENTATIONS[name]
    *others, last = parts
    valid = (last > 0) & ((last < 1) | (not name.startswith("Binomial")))
    return np.where(valid, implementation(*others, np.where(valid, last, 0.5)), np.nan)


@dataclass(frozen=True, eq=False)
class WorldReading:
    """One way to read facts in a world.

    Attributes
    ----------
    world : MicroWorld
    names : mapping
        What each object of the facts is called in the world.
    definitions : mapping of Quantity to Expr
        What names of the facts stand for that the world does not know.
    values : mapping of Symbol to array or float
        The parameters: constants of the world, and what the facts take them to measure.
    """

    world: MicroWorld
    names: Names
    definitions: Mapping[Quantity, Expr]
    values: Mapping[Symbol, Any]

    def value(self, quantity: Quantity, delta: Any = None) -> Any:
        """A quantity on every outcome, at a δ where its definition speaks of one."""
        if quantity in self.definitions:
            return value_on_arrays(self.definitions[quantity], self.lookup(delta))
        if quantity.measure == "root":
            of, factor = quantity.subjects
            return np.sqrt(self.value(of, delta) * value_on_arrays(factor, self.lookup(delta)))
        if quantity.measure in _EXTREMA:
            each = (self.value(part, delta) for part in quantity.subjects)
            return reduce(_EXTREMA[quantity.measure], each)
        return self.world.value(quantity, self.names)

    def needs_delta(self, *exprs: Expr) -> bool:
        """Whether expressions, or the definitions of what they speak of, need a δ."""
        waiting = [s for expr in exprs for s in S(expr).free_symbols]
        while waiting:
            found = waiting.pop()
            if found == DELTA and DELTA not in self.values:
                return True
            waiting += self.definitions[found].free_symbols if found in self.definitions else ()
            if isinstance(found, Quantity) and found.measure == "root":
                waiting += found.subjects[1].free_symbols
        return False

    def cost(self, expr: Expr) -> Expr:
        """The cost of an event in δ alone: counts and weights are constants of the world."""
        known = self.world.numbers
        others = {s for s in S(expr).free_symbols if s.name in known and s != DELTA}
        return S(expr).subs({s: Rational(str(known[s.name])) for s in others})

    def lookup(self, delta: Any) -> Callable[[Symbol], Any]:
        """The value of any symbol, at a δ."""

        def look(s: Symbol) -> Any:
            if s in self.values:
                return self.values[s]
            if s == DELTA:
                return delta
            if isinstance(s, Quantity):
                return self.value(s, delta)
            return self.world.named(str(s.name))

        return look


def checked_facts(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Facts and those inside them; what an instance was made from speaks of other parameters."""
    for fact in facts:
        yield fact
        if not fact.sets:
            yield from checked_facts(fact.inside)


def readings(
    world: MicroWorld, facts: Iterable[Fact], *claims: Expr
) -> tuple[tuple[WorldReading, ...], str]:
    """All ways to read facts in a world, and where there is none the reason."""
    facts = tuple(facts)
    every = tuple(part for fact in facts for part in fact.tree())
    sides = [S(side) for fact in every for side in (fact.lhs, fact.rhs)]
    sides += [fact.settles for fact in every if isinstance(fact.settles, Expr)]
    about = {q for expr in (*sides, *map(S, claims)) for q in quantities_in(expr)}
    unknown, definitions = _undefined(world, about, every)
    if unknown:
        return (), f"{world.name}: {unknown} is not defined"

    def read(names: Names) -> WorldReading | str:
        if misplaced(world, about, names):
            return ""
        problem = false_declaration(world, names)
        if problem:
            return problem
        try:
            values = _values(world, names, every, definitions)
            reading = WorldReading(world, names, definitions, values)
            return _unread(reading, about, every, facts, claims) or reading
        except BoundcalcError as error:
            return str(error)

    found, why = bindings(world, objects_in([*sides, *map(S, claims)]), read)
    return found, "" if found else f"{world.name}: {why.removeprefix(f'{world.name}: ')}"


def _undefined(
    world: MicroWorld, about: set[Quantity], every: tuple[Fact, ...]
) -> tuple[str, dict[Quantity, Expr]]:
    """A quantity that the world does not have, or the definitions of the names that it has not."""
    definitions: dict[Quantity, Expr] = {}
    waiting, labels = list(about), {*MEASURES, *world.extra}
    while waiting:
        q = waiting.pop()
        inner = [s for s in q.subjects if isinstance(s, Quantity)]
        waiting += inner if q.measure in ("mean", *_MADE_OF_OTHERS) else []
        known = q.label in (world.extra if isinstance(q, Name) else labels)
        if known or q in definitions or q.measure in _MADE_OF_OTHERS:
            continue
        meant = next(
            (
                fact.rhs if fact.lhs == q else fact.lhs
                for fact in every
                if fact.settles == q and fact.source != "input" and q in (fact.lhs, fact.rhs)
            ),
            None,
        )
        if not isinstance(q, Name) or meant is None or not quantities_in(S(meant)):
            return q.label, {}
        definitions[q] = S(meant)
        waiting += quantities_in(S(meant))
    return "", definitions


def _values(
    world: MicroWorld, names: Names, every: tuple[Fact, ...], definitions: Mapping[Quantity, Expr]
) -> dict[Symbol, Any]:
    """The parameters of the world, and those that stand for a quantity: what that is here."""
    values: dict[Symbol, Any] = {symbol(name): value for name, value in world.numbers.items()}
    reading = WorldReading(world, names, definitions, values)
    for expr, measured in _measured(every, names):
        free = expr.free_symbols - set(values) - {DELTA}
        if len(free) == 1 and not quantities_in(expr):
            (unknown,) = free
            _solve(values, reading, expr, unknown, measured)
    return values


def _measured(every: tuple[Fact, ...], names: Names) -> Iterator[tuple[Expr, Expr | Symbol]]:
    """What is read as a number, and what it is the number of."""
    for fact in every:
        if fact.settled_as is not None and isinstance(fact.settles, Expr):
            yield S(fact.settled_as), fact.settles
        elif fact.source == "input":
            yield S(fact.rhs), S(fact.lhs)
    for thing in names:
        if isinstance(thing, StablePredictor):
            yield thing.stability, Quantity("stability", (thing,), "β", r"\beta")


def _solve(
    values: dict[Symbol, Any], reading: WorldReading, expr: Expr, unknown: Symbol, measured: Expr
) -> None:
    """Put in what a parameter is where it, or its root, is a quantity in some unit such as 1/√m.

    A number before it would say that the parameter is not what its name says.
    """
    if not isinstance(unknown, ParameterSymbol):
        return
    unit, power = _unit(expr, unknown)
    if unit is not None:
        look = reading.lookup(None)
        found, one = value_on_arrays(measured, look), value_on_arrays(unit, look)
        values[unknown] = found**power / one


@cache
def _unit(expr: Expr, unknown: Symbol) -> tuple[Expr | None, int]:
    """c and k with ``expr**k = c·unknown``, c without a number before it."""
    for power in (1, 2):
        unit = simplify(expr**power / unknown)
        if unknown not in unit.free_symbols and unit.as_coeff_Mul()[0] == 1:
            return unit, power
    return None, 1


def _unread(
    reading: WorldReading,
    about: set[Quantity],
    every: tuple[Fact, ...],
    facts: tuple[Fact, ...],
    claims: tuple[Expr, ...],
) -> str | None:
    """What has no value, or a value that the facts exclude; None if all can be read."""
    for q in about - set(reading.definitions):
        if q.measure not in _MADE_OF_OTHERS:
            reading.value(q)
    checked = tuple(checked_facts(facts))
    sides = [S(side) for fact in checked for side in (fact.lhs, fact.rhs)]
    used = {s for expr in (*sides, *map(S, claims)) for s in expr.free_symbols}
    used |= {s for expr in reading.definitions.values() for s in expr.free_symbols}
    known = {*reading.values, DELTA, *about}
    for s in sorted(used - known, key=str):
        if not isinstance(s, Quantity) and s.name not in reading.world.extra:
            return f"{s.name} is not defined"
    over = {s for f in every if f.relation is Relation.AT_MOST for s in S(f.rhs).free_symbols}
    look = reading.lookup(None)
    for fact in every:
        for name, value in fact.sets:
            if name not in reading.values and name.name not in reading.world.extra:
                return f"{name.name} is not defined"
            gap = look(name) - value_on_arrays(value, look)
            # what may be given too large may be smaller here
            if np.max(gap) > SLACK or (np.min(gap) < -SLACK and name not in over):
                return f"{name.name} is not {value}"
    return None


# --- the proofs of the catalogue ----------------------------------------------------------------


def proofs_of(entry: Theorem) -> dict[str, Derivation]:
    """The proofs of a theorem: ``id/variant``; the second of a variant has ``/2``, and so on."""
    return {
        f"{entry.id}/{variant.name}{f'/{i}' if i > 1 else ''}": proof
        for variant in entry.variants.values()
        for i, proof in enumerate((variant.derivation, *variant.also), start=1)
    }


def read_in(proof: Derivation, world: MicroWorld) -> tuple[WorldReading, ...]:
    """All ways to read a proof in a world; none where it does not speak of it."""
    return readings(world, [line.fact for line in proof.lines], proof.claim)[0]
