"""What the objects of facts stand for in a micro-world, found by comparing declarations.

A world declares its predictors, distributions, views and subsets as facts declare theirs. What an
object is called plays no part: a predictor learned in a class stands for every predictor that is
learned in a class, a fixed minimiser of the risk for every one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from typing import Any, TypeVar

from sympy import Expr, S

from boundcalc.errors import BoundcalcError
from boundcalc.symbolic.lemmas.views import ConditionalMean
from boundcalc.symbolic.posteriors import Posterior, Prior
from boundcalc.symbolic.quantities import (
    FunctionClass,
    ModalitySubset,
    Predictor,
    Quantity,
    Sample,
    quantities_in,
)
from boundcalc.worlds.micro.micro_world import MicroWorld, Names

Read = TypeVar("Read")
Found = dict[Any, Any]
"""From an object of facts to what it stands for: a role of the world, or the name of a sample."""


class View(str):
    """What a conditional mean is given, as an object of facts or a role of a world."""

    __slots__ = ()


class Label(str):
    """What a conditional mean is of."""

    __slots__ = ()


_SMALL = 500
"""Outcomes of a world in which roles are read loosely."""

Leader = Predictor | Prior | Posterior | ModalitySubset | View | Label
"""Objects that stand for a role; classes follow from them."""


def objects_in(expressions: Iterable[Expr]) -> tuple[Any, ...]:
    """Everything that expressions speak of, and what is declared of it."""
    waiting: list[Any] = [q for expr in expressions for q in quantities_in(S(expr))]
    found: dict[Any, None] = {}
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, Quantity):
            waiting += thing.subjects
        elif isinstance(thing, ConditionalMean):
            waiting += [View(view) for view in thing.given]
            waiting.append(Label(thing.of) if isinstance(thing.of, str) else thing.of)
        elif isinstance(thing, Sample | FunctionClass | Leader) and thing not in found:
            found[thing] = None
            over = ("member_of", "risk_minimiser_of", "erm_over", "over")
            waiting += [getattr(thing, name, None) for name in over]
            waiting += getattr(thing, "within", ())
    return tuple(found)


def bindings(
    world: MicroWorld, objects: Sequence[Any], read: Callable[[Names], Read | str]
) -> tuple[tuple[Read, ...], str]:
    """What is read in each way in which objects may stand for those of a world; or why none is.

    First distinct objects stand for distinct ones with the same roles; where that cannot be, two
    may stand for one, and then, in a small world, roles may say more of a world's object than the
    facts say of theirs.
    """
    why = "nothing in it has these roles"
    small = len(world.chances.weights) <= _SMALL
    for strict, distinct in ((True, True), (True, False), (False, False))[: 3 if small else 2]:
        kept: list[Read] = []
        for found in _complete(world, objects, strict=strict, distinct=distinct):
            made = read({thing: str(getattr(role, "text", role)) for thing, role in found.items()})
            if isinstance(made, str):
                why = made or why
            else:
                kept.append(made)
        if kept:
            return tuple(kept), ""
    return (), why


def _complete(
    world: MicroWorld, objects: Sequence[Any], *, strict: bool, distinct: bool
) -> Iterator[Found]:
    partial: list[Found] = [{}]
    for thing in (thing for thing in objects if isinstance(thing, Leader)):
        roles = [role for role in world.roles if _same_role(thing, role, strict=strict)]
        made = (_with(found, thing, role, distinct) for found in partial for role in roles)
        partial = list(filter(None, made))
    for over in (thing for thing in objects if isinstance(thing, FunctionClass)):
        partial = [new for found in partial for new in _with_class(world, found, over, distinct)]
    samples = [thing for thing in objects if isinstance(thing, Sample)]
    for found in partial:
        for drawn in product(world.draws, repeat=len(samples)):
            yield {**found, **dict(zip(samples, drawn, strict=True))}


def _with(found: Found, thing: Any, role: Any, distinct: bool) -> Found | None:
    """More objects bound: a leader, and the classes that belong to it."""
    new = dict(found)
    return new if _bind(new, thing, role, distinct) else None


def _with_class(
    world: MicroWorld, found: Found, over: FunctionClass, distinct: bool
) -> Iterator[Found]:
    """A class that belongs to no leader stands for any class of its kind."""
    if over in found:
        yield found
        return
    for role in _classes(world):
        if role.fixed == over.fixed and (new := _with(found, over, role, distinct)):
            yield new


def _classes(world: MicroWorld) -> tuple[FunctionClass, ...]:
    waiting: list[Any] = list(world.roles)
    found: dict[FunctionClass, None] = {}
    while waiting:
        role = waiting.pop(0)
        if isinstance(role, FunctionClass):
            found[role] = None
        waiting += [c for name in ("member_of", "over") if (c := getattr(role, name, None))]
        waiting += getattr(role, "within", ())
    return tuple(found)


def _same_role(thing: Any, role: Any, *, strict: bool) -> bool:
    """Whether a role declares what is declared of an object; strictly: and nothing else."""
    if not (type(role) is type(thing) if strict else isinstance(role, type(thing))):
        return False
    if isinstance(thing, View | Label):
        return True
    if isinstance(thing, ModalitySubset):
        return bool(thing.within) == bool(role.within)
    if isinstance(thing, Posterior):
        return role.views == thing.views if strict else role.views or not thing.views
    fixed = thing.fixed or bool(thing.independent_of)
    if isinstance(thing, Prior):
        return bool(role.fixed) or not fixed
    if thing.made_of:
        return False
    best, of = thing.risk_minimiser_of, role.risk_minimiser_of
    if not strict:
        return bool(role.fixed) or not fixed
    same = best is None or of is None or best.fixed == of.fixed
    return role.fixed == fixed and (best is None) == (of is None) and same


def _bind(found: Found, thing: Any, role: Any, distinct: bool) -> bool:
    """Let an object stand for a role, and what belongs to it for what belongs to the role."""
    if isinstance(thing, FunctionClass):
        if thing.fixed and not role.fixed:
            if not role.within:
                return False
            role = role.within[0]
        if (thing.loss.letter == "d") != (role.loss.letter == "d"):
            return False
    if thing in found:
        return bool(found[thing] == role)
    if distinct and any(role == other and type(role) is type(other) for other in found.values()):
        return False
    found[thing] = role
    pairs = [
        (getattr(thing, name), getattr(role, name))
        for name in ("member_of", "over", "risk_minimiser_of")
        if getattr(thing, name, None) is not None and getattr(role, name, None) is not None
    ]
    if not all(_bind(found, mine, its, distinct) for mine, its in pairs):
        return False
    return all(_contained(found, larger, role, distinct) for larger in getattr(thing, "within", ()))


def _contained(found: Found, larger: Any, role: Any, distinct: bool) -> bool:
    if larger in found:
        return bool(role.is_within(found[larger]))
    return bool(role.within) and _bind(found, larger, role.within[0], distinct)


def misplaced(world: MicroWorld, quantities: Iterable[Quantity], names: Names) -> bool:
    """Whether a quantity is that of a predictor or class on a sample that it does not live on."""
    if len(world.draws) == 1:
        return False
    for quantity in quantities:
        drawn = [names[s] for s in quantity.subjects if isinstance(s, Sample)]
        for thing in (s for s in quantity.subjects if isinstance(s, FunctionClass | Predictor)):
            if any(world.home.get(names[thing]) != sample for sample in drawn):
                return True
    by_text = {s.text: names[s] for s in names if isinstance(s, Sample)}
    learned = [thing for thing in names if isinstance(thing, Predictor) and thing.erm_over]
    homes = {f: world.home.get(names[f]) for f in learned}
    return any(home != by_text.get(f.erm_on, home) for f, home in homes.items())


def false_declaration(world: MicroWorld, names: Names) -> str | None:
    """What is declared of an object and false in the world, or None."""
    for thing in sorted(names, key=lambda thing: not isinstance(thing, Sample)):
        try:
            problem = world.contradicts(thing, names)
        except BoundcalcError as error:
            problem = str(error)
        if problem:
            return problem
    return None
