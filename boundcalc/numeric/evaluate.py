"""Evaluate a theorem: domains first, then every term, then what the number means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from boundcalc.conventions import Side
from boundcalc.errors import ConvergenceError, DomainError, InputError
from boundcalc.numeric.compiled import Number, compiled, exact_ceiling, floats, rounds, value_of
from boundcalc.numeric.domains import named_values, select
from boundcalc.rounding import confidence, number, probability, significant
from boundcalc.symbolic.catalogue import theorem
from boundcalc.symbolic.parameters import parameter
from boundcalc.symbolic.theorem import Requirement, Theorem, Variant


@dataclass(frozen=True)
class Evaluation:
    """The value of a bound and what it means.

    Attributes
    ----------
    id, variant : str
    value : float or ndarray
    terms : dict of str to float or ndarray
        The named terms; they add up to the value.
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


def _finite(entry: Theorem, chosen: Variant, numbers: Mapping[str, Number]) -> Any:
    """All that is compiled; an overflow on the way, under a root or a fraction bar say, is an error."""
    try:
        with np.errstate(over="raise", divide="ignore", invalid="ignore", under="ignore"):
            return compiled(entry.id, chosen.name)(*map(floats, numbers.values()))
    except FloatingPointError:
        raise _too_large(entry, chosen) from None


def _too_large(entry: Theorem, chosen: Variant) -> DomainError:
    return DomainError(f"{entry.id} ({chosen.name}) is too large for a floating-point number")


def _evaluation(
    entry: Theorem,
    chosen: Variant,
    numbers: dict[str, Number],
    shape: tuple[int, ...],
    others: tuple[str, ...],
) -> Evaluation:
    if rounds(chosen.expression):
        parts = [exact_ceiling(t.expression, numbers) for t in chosen.terms]
        failure, trivial = 0.0, np.nan
    else:
        *parts, failure, trivial = _finite(entry, chosen, numbers)
    terms = [np.broadcast_to(np.asarray(part, dtype=float), shape) for part in parts]
    total = np.sum([t.astype(np.longdouble) for t in terms], axis=0).astype(float)
    if np.any(np.isnan(total)):
        place = f"{entry.id} ({chosen.name})"
        raise ConvergenceError(f"{place} cannot be evaluated with these numbers: ∞ − ∞ or 0/0")
    if not np.all(np.isfinite(total)):
        raise _too_large(entry, chosen)
    upper = chosen.side is Side.UPPER
    vacuous = np.zeros(shape, dtype=bool)
    if chosen.trivial is not None:
        # a bound that differs from the trivial value by rounding alone is vacuous
        slack = 1e-12 * np.abs(np.asarray(trivial, dtype=float))
        vacuous = total >= trivial - slack if upper else total <= trivial + slack
    names = np.array([t.name for t in chosen.terms])
    weights = np.stack(terms) if upper else -np.stack(terms)
    deciding = names[np.argmax(weights, axis=0)]

    def scalar(x: Any) -> Any:
        return np.asarray(x).item() if shape == () else np.broadcast_to(np.asarray(x), shape).copy()

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
