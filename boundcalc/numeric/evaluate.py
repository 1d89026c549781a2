"""Evaluate a theorem: domains first, then every term, then what the number means."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from boundcalc.conventions import Side
from boundcalc.errors import ConvergenceError, DomainError, InputError
from boundcalc.numeric import roundoff
from boundcalc.numeric.compiled import Number, compiled, exact_ceiling, floats, rounds, value_of
from boundcalc.numeric.domains import exactly, named_values, select
from boundcalc.numeric.outward import rounded_up
from boundcalc.symbolic.catalogue import theorem
from boundcalc.symbolic.parameters import parameter
from boundcalc.symbolic.theorem import Requirement, Theorem, Variant
from boundcalc.text import confidence, number, probability, significant


@dataclass(frozen=True)
class Evaluation:
    """The value of a bound and what it means.

    Attributes
    ----------
    id, variant : str
    value : float or ndarray
        An upper limit is rounded up, a lower one down, by what the errors of its terms can be;
        what is no limit (`relation` ``=``) is the nearest float.
    terms : dict of str to float or ndarray
        The named terms, rounded likewise, those that were given as they are; up to rounding they
        add up to the value.
    probability : float or ndarray
        With at least this probability the statement holds.
    vacuous : bool or ndarray of bool
        Whether it says nothing.
    deciding : str or ndarray of str
        The term that weighs most against the bound.
    side : Side
        Whether the value is an upper or a lower limit.
    relation : str
        ``≤``, ``≥`` or ``=``: how what is bounded compares with the value.
    also_fits : tuple of str
        Other variants with the same inputs, where none was asked for.
    statement : str
        What is bounded.
    assumes : tuple of str
    parameters : dict of str to float or ndarray
        All numbers that were used, defaults included.
    """

    id: str
    variant: str
    value: Number
    terms: Mapping[str, Number]
    probability: Number
    vacuous: Any
    deciding: Any
    side: Side
    relation: str
    also_fits: tuple[str, ...]
    statement: str
    assumes: tuple[str, ...]
    parameters: Mapping[str, Number]

    @property
    def status(self) -> str:
        """One sentence on what the number says."""
        if np.ndim(self.value):
            count = int(np.sum(self.vacuous))
            return f"{np.size(self.value)} values, {count} of them vacuous."
        if self.vacuous:
            return (
                f"Vacuous: this says nothing about {self.statement}; the {self.deciding} term is the largest."
            )
        if self.relation == "=":
            return f"Under the assumptions, {self.statement} = {number(self.value)}."
        shown = significant(self.value, up=self.side is Side.UPPER)
        largest = f"; the largest term is {self.deciding}" if len(self.terms) > 1 else ""
        failure = value_of(theorem(self.id).variant(self.variant).derivation.failure, self.parameters)
        when = "Always, under the assumptions"
        if failure:
            when = f"With probability at least {confidence(float(failure))}"
        return f"{when}, {self.statement} {self.relation} {shown}{largest}."

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and lists, ready for JSON."""
        return {
            "id": self.id,
            "variant": self.variant,
            "value": _plain(self.value),
            "terms": {name: _plain(value) for name, value in self.terms.items()},
            "probability": _plain(self.probability),
            "vacuous": _plain(self.vacuous),
            "parameters": {name: _whole(name, _plain(value)) for name, value in self.parameters.items()},
        }


def _plain(value: Any) -> Any:
    return np.asarray(value).tolist()


def _whole(name: str, value: Any) -> Any:
    return int(value) if isinstance(value, float) and parameter(name).integer else value


def fitting(entry: Theorem, names: set[str]) -> list[Variant]:
    """The variants that use exactly these names and say what the theorem's first variant says.

    A lower limit never stands in for an upper one because an input was forgotten.
    """
    first = next(iter(entry.variants.values()))
    return [
        v
        for v in entry.variants.values()
        if v.relation == first.relation
        and names <= {p.name for p in v.parameters}
        and {p.name for p in v.parameters} - set(v.defaults) <= names
    ]


def choose(entry: Theorem, variant: str | None, names: set[str]) -> Variant:
    """The variant asked for, or the first, tightest one whose inputs are exactly these names."""
    if variant is not None:
        return entry.variant(variant)
    found = fitting(entry, names)
    if found:
        return found[0]
    known = {p.name for p in entry.parameters}
    select(dict.fromkeys(names), (), known, entry.id)
    needs = {v: {p.name for p in v.parameters} - set(v.defaults) for v in entry.variants.values()}
    usable = [v for v in needs if names <= needs[v] | set(v.defaults) and needs[v] - names]
    if usable:
        nearest_variant = min(usable, key=lambda v: len(needs[v] - names))
        missing = ", ".join(sorted(needs[nearest_variant] - names))
        raise InputError(f"{entry.id} ({nearest_variant.name}) needs {missing}")
    each = "; ".join(f"{v.name} uses {', '.join(sorted(needs[v]))}" for v in needs)
    raise InputError(f"no variant of {entry.id} uses all of {', '.join(sorted(names))}: {each}")


def check_requirements(requires: tuple[Requirement, ...], values: Mapping[str, Number]) -> None:
    """Refuse parameters that contradict each other."""
    for requirement in requires:
        if not np.all(value_of(requirement.relation, values)):
            symbols = sorted(requirement.relation.free_symbols, key=str)
            shown = ", ".join(
                f"{s.name} = {number(values[s.name]) if np.ndim(values[s.name]) == 0 else 'an array'}"
                for s in symbols
            )
            raise InputError(f"{requirement.otherwise} ({shown})")


def evaluate(id: str, /, *, variant: str | None = None, **values: Any) -> Evaluation:
    """Evaluate a bound.

    Parameters
    ----------
    id : str
        Catalogue id, for example ``"huang2021.theorem1"``.
    variant : str, optional
        Where left out, the first in the theorem's order (tightest first) whose inputs are given.
    **values : float or array_like
        The parameters by name or alias; arrays broadcast.

    Returns
    -------
    Evaluation

    Raises
    ------
    UnknownNameError
        For an unknown id, variant or parameter.
    DomainError, InputError
        For a number that cannot be used.
    """
    entry = theorem(id)
    given = named_values(values)
    chosen = choose(entry, variant, set(given))
    used = [p.name for p in chosen.parameters]
    select(given, set(used) - set(chosen.defaults), used, f"{id} ({chosen.name})")
    numbers = {name: given[name] if name in given else chosen.defaults[name] for name in used}
    try:
        shape = np.broadcast_shapes(*(np.shape(v) for v in numbers.values()))
    except ValueError:
        shapes = ", ".join(f"{k} {np.shape(v)}" for k, v in numbers.items() if np.ndim(v))
        raise InputError(f"these shapes do not broadcast: {shapes}") from None
    check_requirements(chosen.requires, numbers)
    others = () if variant else tuple(v.name for v in fitting(entry, set(given)) if v is not chosen)
    return _evaluation(entry, chosen, numbers, shape, others)


def _computed(entry: Theorem, chosen: Variant, numbers: Mapping[str, Number], *, under: Any) -> Any:
    """All that is compiled; an overflow on the way, under a root or a fraction bar say, is an error."""
    try:
        with np.errstate(over="raise", divide="ignore", invalid="ignore", under=under):
            return compiled(entry.id, chosen.name)(*map(floats, numbers.values()))
    except FloatingPointError as error:
        if "underflow" in str(error):
            return None
        raise _too_large(entry, chosen) from None


def _too_large(entry: Theorem, chosen: Variant) -> DomainError:
    return DomainError(f"{entry.id} ({chosen.name}) is too large for a floating-point number")


def directed(
    entry: Theorem,
    chosen: Variant,
    numbers: Mapping[str, Number],
    shape: tuple[int, ...] = (),
    *,
    up: bool | None,
) -> tuple[list[Any], Any, Any, Any]:
    """The terms, their sum, the failure and the trivial value.

    Terms and sum are rounded up or down by what their errors in floating point can be, or to the
    nearest float where `up` is None.
    """
    count = len(chosen.terms)
    if rounds(chosen.expression):
        parts = [exact_ceiling(t.expression, numbers) for t in chosen.terms]
        units, failure, trivial = [0.0] * count, 0.0, np.nan
    else:
        found = _computed(entry, chosen, numbers, under="raise")
        small = found is None
        if small:
            found = _computed(entry, chosen, numbers, under="ignore")
        parts, units, (failure, trivial) = found[:count], found[count:-2], found[-2:]
        units = [np.nan] * count if small else units
    with np.errstate(all="ignore"):
        if up is None:
            value = roundoff.total(parts, up)
        else:
            moved = [roundoff.away(x, unit, up) for x, unit in zip(parts, units, strict=True)]
            value = roundoff.total(moved, up)
            if not np.all(np.isfinite(value)):
                for row, unit in enumerate(units):
                    unknown = ~np.isfinite(unit)
                    moved[row] = _enclosed(chosen, numbers, row, moved[row], unknown, up=up)
                value = roundoff.total(moved, up)
            # what was given is shown as it was written
            parts = [
                x if known else y
                for x, y, known in zip(parts, moved, _given(entry.id, chosen.name), strict=True)
            ]
    return [_broadcast(x, shape) for x in parts], _broadcast(value, shape), failure, trivial


@cache
def _given(id: str, variant: str) -> tuple[bool, ...]:
    """Which terms are parameters and nothing else."""
    return tuple(roundoff.given(t.expression) for t in theorem(id).variant(variant).terms)


def _broadcast(x: Any, shape: tuple[int, ...]) -> Any:
    return np.broadcast_to(np.asarray(x, dtype=float), shape) if shape else float(x)


def _enclosed(
    chosen: Variant, numbers: Mapping[str, Number], row: int, term: Any, unknown: Any, *, up: bool
) -> Any:
    """A term by interval arithmetic, slower, where nothing is known of its rounding."""
    sign = 1 if up else -1
    expression = sign * chosen.terms[row].expression
    names = [s.name for s in expression.free_symbols]
    *arrays, term, unknown = np.broadcast_arrays(*(numbers[n] for n in names), term, unknown)
    term = term.copy()
    for place in zip(*np.nonzero(np.atleast_1d(unknown)), strict=True):
        index = place if term.ndim else ()
        known = {n: exactly(a[index]) for n, a in zip(names, arrays, strict=True)}
        with suppress(TypeError):  # what cannot be enclosed stays as it is: NaN
            end = rounded_up(expression, {s: known[s.name] for s in expression.free_symbols})[0]
            term[index] = sign * end
    return term


def _evaluation(
    entry: Theorem,
    chosen: Variant,
    numbers: dict[str, Number],
    shape: tuple[int, ...],
    others: tuple[str, ...],
) -> Evaluation:
    upper = chosen.side is Side.UPPER
    up = None if chosen.relation == "=" else upper
    terms, total, failure, trivial = directed(entry, chosen, numbers, shape, up=up)
    if not np.all(np.isfinite(total)):
        if np.any(np.isnan(total)):
            place = f"{entry.id} ({chosen.name})"
            raise ConvergenceError(f"{place} cannot be evaluated with these numbers: ∞ − ∞ or 0/0")
        raise _too_large(entry, chosen)
    vacuous = False
    if chosen.trivial is not None:
        # a bound that differs from the trivial value by rounding alone is vacuous
        slack = 1e-12 * abs(trivial)
        vacuous = total >= trivial - slack if upper else total <= trivial + slack
    names = [t.name for t in chosen.terms]
    worst = np.argmax(terms if upper else np.negative(terms), axis=0)
    deciding = np.array(names)[worst] if shape else names[worst]

    def scalar(x: Any) -> Any:
        return np.broadcast_to(np.asarray(x), shape).copy() if shape else np.asarray(x).item()

    return Evaluation(
        id=entry.id,
        variant=chosen.name,
        value=scalar(total),
        terms={t.name: scalar(x) for t, x in zip(chosen.terms, terms, strict=True)},
        probability=scalar(probability(np.asarray(failure, dtype=float))),
        vacuous=scalar(vacuous),
        deciding=scalar(deciding),
        side=chosen.side,
        relation=chosen.relation,
        also_fits=others,
        statement=chosen.statement or entry.statement,
        assumes=chosen.assumes,
        parameters=numbers,
    )
