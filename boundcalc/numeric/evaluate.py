"""Evaluate a theorem: domains first, then every term, then what the number means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from boundcalc.arguments import typed
from boundcalc.conventions import Side
from boundcalc.errors import InputError
from boundcalc.numeric.blocks import filled, says_nothing
from boundcalc.numeric.bound import Bound, bind
from boundcalc.numeric.domains import named_values
from boundcalc.numeric.enclosures import (
    Enclosure,
    checked_digits,
    enclosed_terms,
    enclosed_value,
)
from boundcalc.record import Record
from boundcalc.text import confidence, number, probability, significant

Number = Any
"""A float, or an array of floats where a parameter was an array."""


@dataclass(frozen=True, kw_only=True)
class OfBound(Record):
    """What every result of one bound says: which one, what it rests on, how often it may fail.

    Attributes
    ----------
    id, variant : str
    assumes : tuple of str
        What must hold beyond the setting, in words.
    probability : float or ndarray
        With at least this probability the statement holds.
    """

    id: str
    variant: str
    assumes: tuple[str, ...] = ()
    probability: Number


@dataclass(frozen=True, kw_only=True)
class Valued(OfBound):
    """A bound at numbers for all its parameters.

    Attributes
    ----------
    value : float or ndarray
        An upper limit is rounded up, a lower one down, by what the errors of its terms can be; what
        is no limit (`relation` ``=``) is the nearest float.
    terms : dict of str to float or ndarray
        The named terms, rounded likewise, those that were given as they are; up to rounding they
        add up to the value.
    vacuous : bool or ndarray of bool
        Whether it says nothing.
    side : Side
        Whether the value is an upper or a lower limit.
    relation : str
        ``≤``, ``≥`` or ``=``: how what is bounded compares with the value.
    also_fits : tuple of str
        Other variants with the same inputs, where none was asked for.
    statement : str
        What is bounded.
    parameters : dict of str to float or ndarray
        All numbers that were used, defaults included.
    bound : Bound
        The variant with its numbers.
    """

    json_keys: ClassVar[tuple[str, ...]] = (
        *("id", "variant", "value", "terms", "probability", "vacuous", "parameters"),
    )

    value: Number
    terms: Mapping[str, Number]
    vacuous: Any
    side: Side
    relation: str
    also_fits: tuple[str, ...]
    statement: str
    parameters: Mapping[str, Number]
    bound: Bound = field(repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class Evaluation(Valued):
    """The value of a bound and what it means.

    Attributes
    ----------
    enclosure : Enclosure or None
        A proved interval around the exact value, where digits were asked for.
    enclosed_terms : mapping of str to Enclosure
        The same of every term by itself.
    """

    json_keys: ClassVar[tuple[str, ...]] = (*Valued.json_keys, "certified?", "enclosure?")

    enclosure: Enclosure | None = None
    enclosed_terms: Mapping[str, Enclosure] = field(default_factory=dict)

    @property
    def certified(self) -> tuple[str, str] | None:
        """The ends of the proved interval."""
        return None if self.enclosure is None else self.enclosure.ends

    @property
    def shown(self) -> str:
        """The value as text, rounded outwards, to the digits that were asked for."""
        if self.enclosure is not None:
            return self.enclosure.shown(self.relation)
        if self.relation == "=":
            return number(self.value)
        return significant(self.value, up=self.side is Side.UPPER)

    # computed when it is asked for: an array of the size of the value where δ varies
    probability: Number = field(init=False, default=property(lambda self: self._probability()))

    def _probability(self) -> Number:
        odds = probability(self.bound.failure(**self.parameters))
        shape = np.shape(self.value)
        return np.broadcast_to(odds, shape).copy() if shape else float(odds)

    @property
    def deciding(self) -> Any:
        """The term that weighs most against the bound, or an array of them."""
        names, terms = list(self.terms), list(self.terms.values())
        worst = np.argmax(terms if self.side is Side.UPPER else np.negative(terms), axis=0)
        return np.array(names)[worst] if np.ndim(worst) else names[worst]

    @property
    def status(self) -> str:
        """One sentence on what the number says."""
        if np.ndim(self.value):
            count = int(np.sum(self.vacuous))
            return f"{np.size(self.value)} values, {count} of them vacuous."
        if self.vacuous:
            nothing = f"Vacuous: this says nothing about {self.statement}"
            return f"{nothing}; the {self.deciding} term is the largest."
        if self.relation == "=":
            where = "in" if self.shown.startswith("[") else "="
            return f"Under the assumptions, {self.statement} {where} {self.shown}."
        largest = f"; the largest term is {self.deciding}" if len(self.terms) > 1 else ""
        failure = self.bound.failure(**self.parameters)
        when = "Always, under the assumptions"
        if failure:
            when = f"With probability at least {confidence(failure)}"
        return f"{when}, {self.statement} {self.relation} {self.shown}{largest}."


@typed
def evaluate(
    id: str,
    /,
    *,
    variant: str | None = None,
    certified: Any = False,
    digits: Any = None,
    **values: Any,
) -> Evaluation:
    """Evaluate a bound.

    Parameters
    ----------
    id : str
        Catalogue id, for example ``"huang2021.theorem1"``.
    variant : str, optional
        Where left out, the first in the theorem's order (tightest first) whose inputs are given.
    certified : bool
        Whether to prove an interval around the exact value as well; single numbers only, which are
        read as the decimals that were written.
    digits : int, optional
        How many significant digits of it, 1 to 1000: 15 where `certified` is given alone.
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

    Examples
    --------
    >>> evaluate("holdout.hoeffding", n=840, test_loss=0.1, loss_bound=1, delta=0.015).status
    'With probability at least 0.985, r(f) ≤ 0.149999; the largest term is test_loss.'
    >>> evaluate("holdout.kl", n=840, test_loss=0.1, delta=0.015, digits=25).certified
    ('0.1326397053719744515651290', '0.1326397053719744515651291')
    """
    proved = checked_digits(certified, digits)
    bound = bind(id, variant, values, entries=False)
    try:
        np.broadcast_shapes(*(np.shape(v) for v in bound.numbers.values()))
    except ValueError:
        shapes = ", ".join(f"{k} {np.shape(v)}" for k, v in bound.numbers.items() if np.ndim(v))
        raise InputError(f"these shapes do not broadcast: {shapes}") from None
    arrays = _arrays(bound)
    if not arrays:
        bound.check()
    fit = () if variant else bound.entry.fitting(set(bound.written) | arrays)
    others = tuple(v.name for v in fit if v is not bound.variant)
    try:
        found = evaluation(bound, also=others, checked=not arrays)
    except InputError:
        named_values(values)  # what is wrong with a number by itself comes first
        raise
    if proved is None:
        return found
    whole, terms = enclosed_value(bound, proved), enclosed_terms(bound, proved)
    return replace(found, enclosure=whole, enclosed_terms=terms)


def _arrays(bound: Bound) -> set[str]:
    return {name for name, value in bound.numbers.items() if np.ndim(value)}


def evaluation(
    bound: Bound, *, also: tuple[str, ...] = (), checked: bool = True, **free: Any
) -> Evaluation:
    """The bound at values of its free parameters; arrays are checked for side conditions as well,
    unless they are `checked`.
    """
    known = bound.at(free)
    shape = np.broadcast_shapes(*(np.shape(v) for v in known.values()))
    if shape and not checked:
        found = filled(bound, free, shape, terms=False, unchecked=_arrays(bound))
        terms: Mapping[str, Any] = TermArrays(bound, free, shape)
        value, vacuous = found.value, found.vacuous
    else:
        value, terms, vacuous = _at_once(bound, free, shape)
    return Evaluation(
        id=bound.id,
        variant=bound.variant.name,
        value=value,
        terms=terms,
        vacuous=vacuous,
        side=bound.variant.side,
        relation=bound.variant.relation,
        also_fits=also,
        statement=bound.statement,
        assumes=bound.variant.conditions,
        parameters=known,
        bound=bound,
    )


def _at_once(
    bound: Bound, free: Mapping[str, Any], shape: tuple[int, ...]
) -> tuple[Any, Mapping[str, Any], Any]:
    """Value, terms and vacuity at one point, or on arrays that are small."""
    found = bound.values(**free)
    vacuous = says_nothing(bound, found) if bound.variant.trivial else False

    def plain(x: Any) -> Any:
        return np.broadcast_to(np.asarray(x), shape).copy() if shape else np.asarray(x).item()

    names = (t.name for t in bound.variant.terms)
    terms = {name: plain(x) for name, x in zip(names, found.terms, strict=True)}
    return plain(found.value), terms, plain(vacuous)


class TermArrays(Mapping[str, Any]):
    """The named terms of a bound on arrays, computed when the first one is asked for.

    The arrays that the bound was evaluated on are not copied: change none of them before.
    """

    def __init__(self, bound: Bound, free: Mapping[str, Any], shape: tuple[int, ...]) -> None:
        self._names = tuple(t.name for t in bound.variant.terms)
        self._made_from = bound, free, shape

    @cached_property
    def _arrays(self) -> dict[str, Any]:
        bound, free, shape = self._made_from
        found = filled(bound, free, shape, terms=True)
        return dict(zip(self._names, found.terms, strict=True))

    def __getitem__(self, name: str) -> Any:
        return self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
