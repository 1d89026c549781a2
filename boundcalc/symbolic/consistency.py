"""One meaning for each name: the facts of one derivation must not contradict one another.

The kernel adds facts up and asks no fact what it means. Two definitions of one quantity, each fine
by itself, would prove that their right-hand sides are equal; so would two numbers given for it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import Any

from sympy import Expr, S, Symbol, expand_mul

from boundcalc.errors import CertificateError
from boundcalc.symbolic.facts import Event, Fact
from boundcalc.symbolic.posteriors import Posterior, Prior
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Name,
    Predictor,
    Quantity,
    Sample,
    quantities_in,
)

Named = Sample | FunctionClass | Predictor | Prior | Posterior | Quantity
_KINDS = (Sample, FunctionClass, Predictor, Prior, Posterior, Quantity)

# what a name may be the difference of, for a number to be given for it: labels of quantities
_BEST = frozenset({"best_risk", "latent_quality"})
_INPUTS = {
    "gamma": (_BEST, _BEST),
    "latent_quality": (frozenset({"best_risk"}), frozenset({"risk"})),
    "centred_loss": (frozenset({"empirical_risk"}), frozenset({"empirical_risk"})),
}


def check_consistency(claim: Expr, facts: Iterable[Fact]) -> None:
    """Refuse facts that cannot stand in one derivation.

    Raises
    ------
    CertificateError
        If a quantity or class is defined, or given, in two ways; if definitions go in a circle; if
        one number is given for two quantities, or for one that is defined as what no one observes;
        if a parameter has a value in one fact and another, or none, in another, or values that a
        fact excludes; if one name stands for two things; or if one event about a member of a family
        is paid for every member and another for one member only.
    """
    facts = tuple(facts)
    _set_alike(claim, facts)
    every = tuple(part for fact in facts for part in fact.tree())
    _settled_once([fact for fact in every if fact.settles is not None])
    known: dict[tuple[type, str], Named] = {}
    for thing in spoken_of(claim, *(side for fact in every for side in (fact.lhs, fact.rhs))):
        kind = next(k for k in _KINDS if isinstance(thing, k))
        text = thing.name if isinstance(thing, Quantity) else thing.text
        if known.setdefault((kind, text), thing) != thing:
            raise CertificateError(
                f"{text} stands for two different things: give one of them another name"
            )
    _paid_for_every_member([fact for fact in facts if fact.event is not None])


def _paid_for_every_member(random: list[Fact]) -> None:
    """What the data may choose, because an event holds for every member of a family, no other event
    takes to be fixed: it would be paid for one member, and be used for the one that looks best.
    """
    chosen: dict[Named, Fact] = {}
    for fact in random:
        if fact.event and fact.event.every_member:
            chosen |= dict.fromkeys(_fixed_by(fact), fact)
    for fact in random:
        if fact.event and not fact.event.every_member:
            for thing in sorted(_fixed_by(fact) & chosen.keys(), key=str):
                raise CertificateError(
                    f"the event of '{chosen[thing].lemma}' is paid for every member of a family, "
                    f"so the data may choose {thing.text}, and that of '{fact.lemma}' is paid for "
                    f"one member only: share it with for_every_member too"
                )


def _fixed_by(fact: Fact) -> set[Named]:
    """The classes, predictors and distributions of which the event of a fact is one."""
    about = spoken_of(fact.lhs, fact.rhs, about=fact.event.about if fact.event else ())
    return {thing for thing in about if not isinstance(thing, Sample | Quantity)}


def spoken_of(*expressions: Expr, about: tuple[Any, ...] = ()) -> Iterator[Named]:
    """The quantities of expressions, and what they, and what an event is `about`, speak of."""
    waiting: list[Any] = [q for expr in expressions for q in quantities_in(S(expr))]
    waiting += about
    seen: set[Named] = set()
    while waiting:
        found = waiting.pop()
        if isinstance(found, Event):
            waiting += found.about
        elif isinstance(found, tuple | frozenset):
            waiting += found
        elif isinstance(found, Expr) and not isinstance(found, Quantity):
            waiting += quantities_in(found)
        if not isinstance(found, Named) or found in seen:
            continue
        seen.add(found)
        yield found
        waiting += getattr(found, "subjects", ())
        waiting += [
            getattr(found, name, None)
            for name in ("member_of", "risk_minimiser_of", "erm_over", "over")
        ]
        waiting += getattr(found, "made_of", ())
        waiting += (*getattr(found, "within", ()), *getattr(found, "parts", ()))


def _set_alike(claim: Expr, facts: tuple[Fact, ...]) -> None:
    """Where an instance has L = 1, another fact that speaks of L would be about another L."""
    values: dict[Symbol, Expr] = {}
    where: dict[Symbol, str] = {}
    for fact in facts:
        for name, value in fact.settings:
            if values.setdefault(name, value) != value:
                raise CertificateError(
                    f"{name} is {values[name]} in '{where[name]}' and {value} in '{fact.lemma}'"
                )
            where.setdefault(name, fact.lemma)
    if not values:
        return
    for part in (part for fact in facts for part in fact.tree()):
        for needed in part.conditions:
            if needed.subs(values, simultaneous=True) is S.false:
                raise CertificateError(f"{needed}, which '{part.lemma}' needs, does not hold here")
    speaking = [("the claim", (claim,))]
    for fact in facts:
        settings = (value for _, value in fact.settings)
        speaking.append((f"'{fact.lemma}'", (fact.lhs, fact.rhs, fact.cost, *settings)))
    for other, exprs in speaking:
        free = frozenset[Symbol]().union(*(S(expr).free_symbols for expr in exprs)) & values.keys()
        if free:
            name = min(free, key=str)
            raise CertificateError(f"{name} has a value in '{where[name]}' and none in {other}")


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
    for quantity in inputs.keys() & definitions.keys():
        _require_input(quantity, _settled_as(definitions[quantity]))
    _no_circle(definitions)


def _settled_as(fact: Fact) -> Any:
    """What a fact takes the thing to be that it settles."""
    if fact.settled_as is not None:
        return fact.settled_as
    return fact.rhs if fact.lhs == fact.settles else fact.lhs


def _require_input(name: Hashable, value: Expr) -> None:
    """Numbers are given for those defined names only that are differences which the table knows."""
    other = expand_mul(value)
    plus, minus = _INPUTS.get(getattr(name, "label", ""), (frozenset[str](), frozenset[str]()))
    parts = quantities_in(other)
    known = (a - b for a in parts for b in parts if a.label in plus and b.label in minus)
    if not any(other == difference and other != 0 for difference in known):
        raise CertificateError(f"{name} is defined as {other}: no number can be given for it")


def _no_circle(definitions: dict[Hashable, Fact]) -> None:
    """Every definition rests on quantities that are defined without it."""
    resting = {
        q: {*spoken_of(fact.lhs), *spoken_of(fact.rhs)} - {q} for q, fact in definitions.items()
    }
    while resting:
        settled = [q for q, parts in resting.items() if parts.isdisjoint(resting)]
        if not settled:
            first = next(iter(resting))
            raise CertificateError(f"{getattr(first, 'text', first)} is defined in a circle")
        for q in settled:
            del resting[q]
