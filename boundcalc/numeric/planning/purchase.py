"""What a plan may buy: prices, limits and fixed values, checked before anything is searched."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Expr

from boundcalc.conventions import Side
from boundcalc.errors import DomainError, InputError, UnknownNameError
from boundcalc.numeric.decided import met
from boundcalc.numeric.domains import checked, exactly, named_values, select
from boundcalc.numeric.evaluate import Evaluation, choose, evaluate
from boundcalc.numeric.planning.cheapest import LARGEST, Basket
from boundcalc.symbolic.analysis.ranges import point
from boundcalc.symbolic.analysis.trends import Trend, facts_about
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.parameters import parameter, parameters
from boundcalc.symbolic.theorem import Theorem, Variant

COUNTS = ("m", "n", "tasks")
_EXACT = 10**9
_TARGET = Parameter("target", "target", "target", "the value to reach", low=float("-inf"))
_PRICE = {
    name: Parameter(f"the price of {name}", name, name, "cost of one", open_low=True) for name in COUNTS
}


@dataclass(frozen=True)
class Purchase:
    """A request that makes sense: what is bought, at which prices, within which limits."""

    entry: Theorem
    variant: Variant
    target: Fraction
    prices: Mapping[str, Fraction]
    at_least: Mapping[str, int]
    at_most: Mapping[str, int]
    fixed: Mapping[str, Any]

    @property
    def counts(self) -> tuple[str, ...]:
        """The sample counts of the entry, whether or not this form of it depends on them."""
        return counts_of(self.entry)

    def basket(self, target: Fraction) -> Basket:
        """The search for `target`."""
        low = {name: self.at_least.get(name, max(1, int(parameter(name).low))) for name in self.prices}
        return Basket(
            variant=self.variant,
            fixed={name: float(value) for name, value in self.fixed.items()},
            low=low,
            high={name: min(self.at_most.get(name, LARGEST), LARGEST) for name in self.prices},
            prices=_whole(self.prices),
            labels_per_n=int(self.fixed.get("tasks", 1)),
            target=float(target),
        )

    def everything(self, bought: Mapping[str, int]) -> dict[str, int]:
        """All counts of the entry, those that are fixed included."""
        known = {**self.fixed, **bought}
        return {name: int(known[name]) for name in self.counts if name in known}

    def spending(self, counts: Mapping[str, int]) -> dict[str, Fraction]:
        """What is spent on each count; labels are paid for every task."""
        units = dict(counts) | ({"n": counts["n"] * counts.get("tasks", 1)} if "n" in counts else {})
        return {name: price * units[name] for name, price in self.prices.items()}


def _whole(prices: Mapping[str, Fraction]) -> dict[str, float]:
    """The prices in a unit of money that makes them small whole numbers: costs, and ties, are then exact.

    Where there is no such unit they are fractions of the highest price.
    """
    scale = math.lcm(*(price.denominator for price in prices.values()))
    units = {name: int(price * scale) for name, price in prices.items()}
    unit = math.gcd(*units.values())
    highest = max(units.values(), default=0)
    unit = unit if highest < unit * _EXACT else highest
    return {name: float(Fraction(price, unit)) for name, price in units.items()}


def counts_of(entry: Theorem) -> tuple[str, ...]:
    """The sample counts that any form of the entry depends on."""
    return tuple(p.name for p in entry.parameters if p.name in COUNTS)


def purchase(
    entry: Theorem,
    *,
    variant: str | None,
    target: Any,
    prices: Mapping[str, Any],
    at_least: Mapping[str, Any],
    at_most: Mapping[str, Any],
    values: Mapping[str, Any],
) -> Purchase:
    """Check a request.

    Raises
    ------
    UnknownNameError
        For a name that is not known, or not a sample count where one is needed.
    DomainError, InputError
        For a number outside its domain; a count with both a price and a value, or with neither; a limit on a
        count that is not bought; a bound that does not fall with what is bought.
    """
    goal = _finite(_TARGET, target)
    named_values(values)
    given = {parameter(name).name: value for name, value in values.items()}
    paid = {name: _finite(_PRICE[name], price) for name, price in _counts(entry, prices, "price").items()}
    if paid and max(paid.values()) > LARGEST * min(paid.values()):
        raise InputError("the prices differ by more than 10^15 times: the cheapest is as good as free")
    for name in paid:
        if name in given:
            raise InputError(
                f"{name} has both a price and a value; one that is fixed is not bought: leave one of them out"
            )
    chosen = _chosen(entry, variant, set(given) | set(paid))
    fixed = _fixed(entry, chosen, given, set(paid))
    least = {n: _limit(n, v, "at_least") for n, v in _bought(entry, at_least, paid, "at_least").items()}
    most = {n: _limit(n, v, "at_most") for n, v in _bought(entry, at_most, paid, "at_most").items()}
    for name in least:
        if least[name] > most.get(name, LARGEST):
            raise InputError(
                f"at_least {name} = {least[name]} is above at_most {name} = {most.get(name, LARGEST)}"
            )
    _falls(entry, chosen, fixed, set(paid))
    return Purchase(entry, chosen, goal, paid, least, most, fixed)


def _finite(domain: Parameter, value: Any) -> Fraction:
    number = checked(domain, value)
    if np.ndim(number):
        raise InputError(f"{domain.name} must be one number, not an array")
    return exactly(value if isinstance(value, (int, Fraction, Decimal)) else number)


def _counts(entry: Theorem, given: Mapping[str, Any], what: str) -> dict[str, Any]:
    """Resolve aliases; anything but a sample count of the entry is an error."""
    found: dict[str, Any] = {}
    known = counts_of(entry)
    if not known:
        raise InputError(f"{entry.id} depends on none of {', '.join(COUNTS)}: there is nothing to plan")
    full = {alias: name for name in known for alias in (name, *parameter(name).aliases)}
    for name, value in given.items():
        if name in parameters() and name not in known:
            raise InputError(f"{what} {name}: not a sample count of {entry.id}, which has {', '.join(known)}")
        if name not in full:
            raise UnknownNameError(f"sample count of {entry.id}", name, known)
        if full[name] in found:
            raise InputError(f"{what} {full[name]} is given twice (also as '{name}')")
        found[full[name]] = value
    return found


def _bought(
    entry: Theorem, given: Mapping[str, Any], paid: Mapping[str, Any], what: str
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
        raise DomainError(f"at_least {name} = {number:g} is above 10^15, the largest count that is tried")
    return int(number)


def _chosen(entry: Theorem, variant: str | None, names: set[str]) -> Variant:
    """As `evaluate` chooses; the number of tasks may matter to the cost alone."""
    if variant is not None:
        return entry.variant(variant)
    for used in (names, names - {"tasks"}):
        for candidate in entry.variants.values():
            needs = {p.name for p in candidate.parameters}
            if used <= needs and needs - set(candidate.defaults) <= used and needs & set(COUNTS):
                return candidate
    missing = [c for c in counts_of(entry) if c not in names and not _defaulted(entry, c)]
    if missing:
        raise InputError(_neither(missing))
    return choose(entry, None, names)


def _defaulted(entry: Theorem, name: str) -> bool:
    return any(
        name in v.defaults or name not in {p.name for p in v.parameters} for v in entry.variants.values()
    )


def _neither(names: list[str]) -> str:
    verb, them = ("have", "each") if len(names) > 1 else ("has", "it")
    return f"{', '.join(names)} {verb} neither a price nor a value; give {them} one of the two"


def _fixed(entry: Theorem, chosen: Variant, given: Mapping[str, Any], paid: set[str]) -> dict[str, Any]:
    """Every number that is not bought, defaults included."""
    used = {p.name for p in chosen.parameters}
    extra = {"tasks"} & set(counts_of(entry))
    where = f"{entry.id} ({chosen.name})"
    missing = [c for c in COUNTS if c in used and c not in {*given, *paid, *chosen.defaults}]
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
    fixed = {name: given.get(name, chosen.defaults.get(name)) for name in used if name not in paid}
    return fixed | ({"tasks": given.get("tasks", 1)} if extra - paid else {})


def _falls(entry: Theorem, chosen: Variant, fixed: Mapping[str, Any], paid: set[str]) -> None:
    """The search rests on it, so it is proved, not assumed."""
    upper = chosen.side is Side.UPPER
    for name in sorted(paid & {p.name for p in chosen.parameters}):
        if moves(chosen, chosen.expression, fixed, name) & (
            Trend.NONDECREASING if upper else Trend.NONINCREASING
        ):
            move = "fall" if upper else "rise"
            raise InputError(
                f"{entry.id} ({chosen.name}) cannot be planned for {name}: its value is not proved to {move} "
                f"as {name} grows"
            )


def moves(chosen: Variant, expression: Expr, fixed: Mapping[str, Any], name: str) -> Trend:
    """How the value, or a term of it, goes with a count when all that is fixed is put in."""
    known = {p.symbol: point(float(fixed[p.name])) for p in chosen.parameters if p.name in fixed}
    return facts_about(chosen, known).trend(expression, parameter(name).symbol)


def evaluated(request: Purchase, counts: Mapping[str, int]) -> Evaluation:
    """The bound at these counts."""
    used = {p.name for p in request.variant.parameters}
    values = {name: value for name, value in {**request.fixed, **counts}.items() if name in used}
    return evaluate(request.entry.id, variant=request.variant.name, **values)


def equal_or_better(request: Purchase, target: Fraction, counts: Mapping[str, int]) -> bool:
    """Whether the exact value of the bound is on the right side of the target, equality included."""
    value = float(evaluated(request, counts).value)
    numbers, lower = {**request.fixed, **counts}, request.variant.side is Side.LOWER
    return met(request.entry, request.variant, numbers, value, target, at_least=lower)
