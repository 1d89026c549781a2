"""One meaning for each name: what the facts of one derivation settle and speak of must not contradict.

The kernel adds facts up and asks no fact what it means. Two definitions of one quantity, each fine by itself,
would prove that their right-hand sides are equal; so would two numbers given for it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import Any

from sympy import Expr, S, Symbol

from boundcalc.errors import CertificateError
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Name,
    Predictor,
    Quantity,
    Sample,
    quantities_in,
)

Named = Sample | FunctionClass | Predictor | Quantity


def check_vocabulary(claim: Expr, facts: Iterable[Fact]) -> None:
    """Refuse facts that cannot stand in one derivation.

    Raises
    ------
    CertificateError
        If a quantity or class is defined, or given, in two ways; if definitions go in a circle; if one
        number is given for two quantities; if a parameter has a value in one fact and none in another; or if
        one name stands for two things.
    """
    facts = tuple(facts)
    _set_everywhere(facts)
    every = tuple(_with_inner(facts))
    _settled_once([fact for fact in every if fact.settles is not None])
    known: dict[tuple[type, str], Named] = {}
    for thing in spoken_of(claim, *(side for fact in every for side in (fact.lhs, fact.rhs))):
        kind = next(k for k in (Sample, FunctionClass, Predictor, Quantity) if isinstance(thing, k))
        text = thing.name if isinstance(thing, Quantity) else thing.text
        if known.setdefault((kind, text), thing) != thing:
            raise CertificateError(f"{text} stands for two different things: give one of them another name")


def spoken_of(*expressions: Expr) -> Iterator[Named]:
    """The quantities of expressions, and the samples, classes and predictors that they are about."""
    waiting: list[Any] = [q for expr in expressions for q in quantities_in(S(expr))]
    seen: set[Named] = set()
    while waiting:
        found = waiting.pop()
        if not isinstance(found, Named) or found in seen:
            continue
        seen.add(found)
        yield found
        waiting += getattr(found, "subjects", ())
        waiting += [getattr(found, name, None) for name in ("member_of", "risk_minimiser_of", "erm_over")]
        waiting += (*getattr(found, "within", ()), *getattr(found, "parts", ()))


def _with_inner(facts: Iterable[Fact]) -> Iterator[Fact]:
    for fact in facts:
        yield fact
        yield from _with_inner(fact.inside)


def _set_everywhere(facts: tuple[Fact, ...]) -> None:
    """Where an instance of a theorem has L = 1, another fact that speaks of L would be about another L."""
    valued = frozenset[Symbol]().union(*(fact.sets for fact in facts))
    free = ((other, (S(other.lhs).free_symbols | S(other.rhs).free_symbols) - other.sets) for other in facts)
    speaking = [(other, symbols) for other, symbols in free if symbols & valued]
    for fact in facts:
        for other, symbols in speaking:
            if symbols & fact.sets:
                name = min(symbols & fact.sets, key=str)
                raise CertificateError(f"{name} has a value in '{fact.lemma}' and none in '{other.lemma}'")


def _settled_once(settling: list[Fact]) -> None:
    inputs: dict[Hashable, Fact] = {}
    definitions: dict[Hashable, Fact] = {}
    of: dict[Hashable, Hashable] = {}
    for fact in settling:
        own, value = fact.settles, _settled_as(fact)
        defines = fact.source != "input" and isinstance(own, Name | FunctionClass)
        told, verb = (definitions, "defined") if defines else (inputs, "given")
        if _settled_as(told.setdefault(own, fact)) != value:
            raise CertificateError(f"{getattr(own, 'text', own)} is {verb} in two ways")
        parametric = not defines and isinstance(value, Expr) and not value.is_number
        if parametric and of.setdefault(value, own) != own:
            raise CertificateError(f"{value} is given for both {of[value]} and {own}")
    _no_circle(definitions)


def _settled_as(fact: Fact) -> Any:
    """What a fact takes the thing to be that it settles."""
    if fact.settled_as is not None:
        return fact.settled_as
    return fact.rhs if fact.lhs == fact.settles else fact.lhs


def _no_circle(definitions: dict[Hashable, Fact]) -> None:
    """Every definition rests on quantities that are defined without it."""
    resting = {q: {*spoken_of(fact.lhs), *spoken_of(fact.rhs)} - {q} for q, fact in definitions.items()}
    while resting:
        settled = [q for q, parts in resting.items() if parts.isdisjoint(resting)]
        if not settled:
            first = next(iter(resting))
            raise CertificateError(f"{getattr(first, 'text', first)} is defined in a circle")
        for q in settled:
            del resting[q]
