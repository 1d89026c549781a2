"""What is asked of a plan, checked before anything is searched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from boundcalc.conventions import Trend
from boundcalc.errors import DomainError, InputError, UnknownNameError, argument
from boundcalc.numeric.bound import TARGET, Bound, bind, choose
from boundcalc.numeric.cheapest import LARGEST, Basket, sample_counts
from boundcalc.numeric.compiled import CompiledTheorem, CompiledVariant
from boundcalc.numeric.domains import checked, exactly, named_values
from boundcalc.symbolic.parameter import Parameter, Role
from boundcalc.symbolic.parameters import parameter, parameters

_PRICE = Parameter("price", "price", "price", "cost of one", open_low=True)


def request(
    entry: CompiledTheorem,
    *,
    variant: str | None,
    target: Any,
    prices: Mapping[str, Any],
    at_least: Mapping[str, Any],
    at_most: Mapping[str, Any],
    values: Mapping[str, Any],
) -> Basket:
    """What may be bought at these prices, within these limits, for this target."""
    goal = _single(TARGET, target)
    named_values(values)
    given = {parameter(name).name: value for name, value in values.items()}
    paid = {
        name: _single(replace(_PRICE, name=f"the price of {name}"), price)
        for name, price in _counts(entry, prices, "price").items()
    }
    if paid and max(paid.values()) > LARGEST * min(paid.values()):
        raise InputError(
            "the prices differ by more than 10^15 times: the cheapest is as good as free"
        )
    for name in paid:
        if name in given:
            raise InputError(
                f"{name} has both a price and a value; one that is fixed is not bought: leave one "
                f"of them out"
            )
    bound, fixed = _bound(entry, _chosen(entry, variant, {*given, *paid}), given, set(paid))
    least = _limits(entry, at_least, paid, argument("at_least"))
    most = _limits(entry, at_most, paid, argument("at_most"))
    for name, low in least.items():
        high = most.get(name, LARGEST)
        if low > high:
            said = f"{argument('at_least')} {name} = {low}"
            raise InputError(f"{said} is above {argument('at_most')} {name} = {high}")
    _check_that_it_falls(bound)
    return Basket(bound, goal, paid, least, most, fixed, tuple(paid))


def _single(domain: Parameter, value: Any) -> Fraction:
    if np.ndim(checked(domain, value)):
        raise InputError(f"{domain.name} must be one number, not an array")
    return exactly(value)


def _counts(entry: CompiledTheorem, given: Mapping[str, Any], what: str) -> dict[str, Any]:
    """Resolve aliases; anything but a sample count of the entry is an error."""
    found: dict[str, Any] = {}
    known = sample_counts(entry)
    if not known:
        counts = ", ".join(p.name for p in parameters().values() if p.role is Role.COUNT)
        raise InputError(f"{entry.id} depends on none of {counts}: there is nothing to plan")
    full = {alias: name for name in known for alias in (name, *parameter(name).aliases)}
    for name, value in given.items():
        if name in parameters() and name not in known:
            has = f"{entry.id}, which has {', '.join(known)}"
            raise InputError(f"{what} {name}: not a sample count of {has}")
        if name not in full:
            raise UnknownNameError(f"sample count of {entry.id}", name, known)
        if full[name] in found:
            raise InputError(f"{what} {full[name]} is given twice (also as '{name}')")
        found[full[name]] = value
    return found


def _limits(
    entry: CompiledTheorem, given: Mapping[str, Any], paid: Mapping[str, Any], what: str
) -> dict[str, int]:
    found = {}
    for name, value in _counts(entry, given, what).items():
        if name not in paid:
            raise InputError(f"{what} {name}: only a count with a price can have a limit")
        limit = int(_single(replace(parameter(name), name=f"{what} {name}"), value))
        if limit > LARGEST and what == argument("at_least"):
            most = "10^15, the largest count that is tried"
            raise DomainError(f"{what} {name} = {limit:g} is above {most}")
        found[name] = limit
    return found


def _chosen(entry: CompiledTheorem, variant: str | None, names: set[str]) -> CompiledVariant:
    """As `evaluate` chooses; the number of tasks may matter to the cost alone."""
    if variant is not None:
        return entry.variant(variant)
    counts = sample_counts(entry)
    for asked in (names, names - {"tasks"}):
        for form in entry.variants.values():
            used = form.used
            if asked <= used and form.needed <= asked and used & set(counts):
                return form
    needed = frozenset.intersection(*(form.needed for form in entry.variants.values()))
    _refuse_neither([name for name in counts if name not in names and name in needed])
    return choose(entry, None, names)


def _refuse_neither(names: list[str], where: str = "") -> None:
    """Refuse counts that are neither bought nor given."""
    if names:
        verb, them = ("have", "each") if len(names) > 1 else ("has", "it")
        said = f"{verb} neither a price nor a value; give {them} one of the two"
        raise InputError(f"{where}{', '.join(names)} {said}")


def _bound(
    entry: CompiledTheorem, chosen: CompiledVariant, given: Mapping[str, Any], paid: set[str]
) -> tuple[Bound, dict[str, Any]]:
    """The bound, free in what is bought, and every number that is not, defaults included."""
    used, where = chosen.used, f"{entry.id} ({chosen.name})"
    extra = {"tasks"} & set(sample_counts(entry))
    counts = [p.name for p in chosen.parameters if p.role is Role.COUNT]
    _refuse_neither([n for n in counts if n in chosen.needed - {*given, *paid}], f"{where}: ")
    for name in paid - used - extra:
        raise InputError(f"price {name}: {where} does not depend on {name}")
    for name, value in given.items():
        if np.ndim(value):
            raise InputError(f"{name} must be one number, not an array")
    own = {name: value for name, value in given.items() if name not in extra - used}
    bound = bind(entry.id, chosen.name, own, free=[p for p in counts if p in paid])
    if paid and not paid & used:
        raise InputError(f"{where} depends on nothing that has a price")
    tasks = {"tasks": given.get("tasks", 1)} if extra - paid else {}
    return bound, {**bound.numbers, **bound.written, **tasks}


def _check_that_it_falls(bound: Bound) -> None:
    """The search rests on it, so it is proved, not assumed."""
    wrong = Trend.NONDECREASING if bound.upper else Trend.NONINCREASING
    for name in sorted(bound.free):
        if bound.trend(name) & wrong:
            move = "fall" if bound.upper else "rise"
            raise InputError(
                f"{bound.name} cannot be planned for {name}: its value is not proved to {move} as "
                f"{name} grows"
            )
