"""What a plan may buy: prices, limits and fixed values, checked before anything is searched."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from boundcalc.conventions import Trend
from boundcalc.errors import DomainError, InputError, UnknownNameError
from boundcalc.numeric.bound import TARGET, Bound, bind, choose
from boundcalc.numeric.cheapest import LARGEST, Basket
from boundcalc.numeric.compiled import CompiledTheorem, CompiledVariant
from boundcalc.numeric.domains import checked, exactly, named_values, select
from boundcalc.symbolic.parameter import Parameter, Role
from boundcalc.symbolic.parameters import parameter, parameters

_PRICE = Parameter("price", "price", "price", "cost of one", open_low=True)


@dataclass(frozen=True)
class Request:
    """What is bought, at which prices, within which limits.

    Attributes
    ----------
    bound : Bound
        Free in what is bought, as far as it depends on it.
    target : Fraction
    prices : mapping of str to Fraction
    at_least, at_most : mapping of str to int
    fixed : mapping of str to number
        What is not bought, as it was given, with the tasks that only cost.
    """

    bound: Bound
    target: Fraction
    prices: Mapping[str, Fraction]
    at_least: Mapping[str, int]
    at_most: Mapping[str, int]
    fixed: Mapping[str, Any]

    @property
    def counts(self) -> tuple[str, ...]:
        """The sample counts of the entry, whether or not this form of it depends on them."""
        return sample_counts(self.bound.entry)

    def own(self, counts: Mapping[str, int]) -> dict[str, Any]:
        """Of these counts those that the bound depends on and that are bought."""
        return {name: counts[name] for name in self.bound.free}

    def basket(self, target: Fraction) -> Basket:
        """The search for `target`."""
        least = {name: max(1, int(parameter(name).low)) for name in self.prices}
        return Basket(
            bound=self.bound,
            low={name: self.at_least.get(name, low) for name, low in least.items()},
            high={name: min(self.at_most.get(name, LARGEST), LARGEST) for name in self.prices},
            prices=_in_units(self.prices),
            labels_per_n=int(self.fixed.get("tasks", 1)),
            target=float(target),
        )

    def everything(self, bought: Mapping[str, int]) -> dict[str, int]:
        """All counts of the entry, those that are fixed included."""
        known = {**self.fixed, **bought}
        return {name: int(known[name]) for name in self.counts if name in known}

    def spending(self, counts: Mapping[str, int]) -> dict[str, Fraction]:
        """What is spent on each count; labels are paid for every task."""
        units = dict(counts)
        if "n" in counts:
            units["n"] = counts["n"] * counts.get("tasks", 1)
        return {name: price * units[name] for name, price in self.prices.items()}


def _in_units(prices: Mapping[str, Fraction]) -> dict[str, float]:
    """Prices in the largest unit of money of which they are multiples: costs and ties are exact."""
    common = math.lcm(*(price.denominator for price in prices.values()))
    unit = Fraction(math.gcd(*(int(price * common) for price in prices.values())) or 1, common)
    return {name: float(price / unit) for name, price in prices.items()}


def sample_counts(entry: CompiledTheorem) -> tuple[str, ...]:
    """The sample counts that any form of the entry depends on."""
    return tuple(p.name for p in entry.parameters if p.role is Role.COUNT)


def request(
    entry: CompiledTheorem,
    *,
    variant: str | None,
    target: Any,
    prices: Mapping[str, Any],
    at_least: Mapping[str, Any],
    at_most: Mapping[str, Any],
    values: Mapping[str, Any],
) -> Request:
    """Check a request."""
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
    least, most = (
        {name: _limit(name, value, what) for name, value in _limits(entry, of, paid, what).items()}
        for what, of in (("at_least", at_least), ("at_most", at_most))
    )
    for name, low in least.items():
        if low > most.get(name, LARGEST):
            high = most.get(name, LARGEST)
            raise InputError(f"at_least {name} = {low} is above at_most {name} = {high}")
    _check_that_it_falls(bound)
    return Request(bound, goal, paid, least, most, fixed)


def _single(domain: Parameter, value: Any) -> Fraction:
    number = checked(domain, value)
    if np.ndim(number):
        raise InputError(f"{domain.name} must be one number, not an array")
    return exactly(value if np.ndim(value) == 0 else number)


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
) -> Mapping[str, Any]:
    found = _counts(entry, given, what)
    for name in found:
        if name not in paid:
            raise InputError(f"{what} {name}: only a count with a price can have a limit")
    return found


def _limit(name: str, value: Any, what: str) -> int:
    number = checked(replace(parameter(name), name=f"{what} {name}"), value)
    if np.ndim(number):
        raise InputError(f"{what} {name} must be one number, not an array")
    if number > LARGEST and what == "at_least":
        most = "10^15, the largest count that is tried"
        raise DomainError(f"at_least {name} = {number:g} is above {most}")
    return int(number)


def _chosen(entry: CompiledTheorem, variant: str | None, names: set[str]) -> CompiledVariant:
    """As `evaluate` chooses; the number of tasks may matter to the cost alone."""
    if variant is not None:
        return entry.variant(variant)
    variants, counts = entry.variants.values(), set(sample_counts(entry))
    for used in (names, names - {"tasks"}):
        for candidate in variants:
            takes = {p.name for p in candidate.parameters}
            if used <= takes and takes - set(candidate.defaults) <= used and takes & counts:
                return candidate
    missing = [
        count
        for count in sample_counts(entry)
        if count not in names and all(_needs(candidate, count) for candidate in variants)
    ]
    if missing:
        raise InputError(_neither(missing))
    return choose(entry, None, names)


def _needs(variant: CompiledVariant, name: str) -> bool:
    return name in {p.name for p in variant.parameters} - set(variant.defaults)


def _neither(names: list[str]) -> str:
    verb, them = ("have", "each") if len(names) > 1 else ("has", "it")
    return f"{', '.join(names)} {verb} neither a price nor a value; give {them} one of the two"


def _bound(
    entry: CompiledTheorem, chosen: CompiledVariant, given: Mapping[str, Any], paid: set[str]
) -> tuple[Bound, dict[str, Any]]:
    """The bound, free in what is bought, and every number that is not, defaults included."""
    used = {p.name for p in chosen.parameters}
    extra = {"tasks"} & set(sample_counts(entry))
    where = f"{entry.id} ({chosen.name})"
    counts = [p.name for p in chosen.parameters if p.role is Role.COUNT and _needs(chosen, p.name)]
    missing = [name for name in counts if name not in {*given, *paid}]
    if missing:
        raise InputError(f"{where}: {_neither(missing)}")
    for name in paid - used - extra:
        raise InputError(f"price {name}: {where} does not depend on {name}")
    select(given, used - set(chosen.defaults) - paid, used | extra, where)
    if paid and not paid & used:
        raise InputError(f"{where} depends on nothing that has a price")
    for name, value in given.items():
        if np.ndim(value):
            raise InputError(f"{name} must be one number, not an array")
    own = {name: value for name, value in given.items() if name in used}
    free = [p.name for p in chosen.parameters if p.name in paid]
    bound = bind(entry.id, chosen.name, own, free=free)
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
