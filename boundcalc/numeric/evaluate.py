"""Evaluate a theorem: domains first, then every term, then what the number means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from mpmath import mp

from boundcalc.arguments import typed
from boundcalc.conventions import Side
from boundcalc.errors import InputError
from boundcalc.numeric.bound import Bound, bind, fitting
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
    probability: Number = 1.0


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
    deciding : str or ndarray of str
        The term that weighs most against the bound.
    """

    deciding: Any

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
            return f"Under the assumptions, {self.statement} = {number(self.value)}."
        shown = significant(self.value, up=self.side is Side.UPPER)
        largest = f"; the largest term is {self.deciding}" if len(self.terms) > 1 else ""
        failure = self.bound.failure(**self.parameters)
        when = "Always, under the assumptions"
        if failure:
            when = f"With probability at least {confidence(failure)}"
        return f"{when}, {self.statement} {self.relation} {shown}{largest}."


@typed
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

    Examples
    --------
    >>> evaluate("holdout.hoeffding", n=840, test_loss=0.1, loss_bound=1, delta=0.015).status
    'With probability at least 0.985, r(f) ≤ 0.149999; the largest term is test_loss.'
    """
    bound = bind(id, variant, values)
    try:
        np.broadcast_shapes(*(np.shape(v) for v in bound.numbers.values()))
    except ValueError:
        shapes = ", ".join(f"{k} {np.shape(v)}" for k, v in bound.numbers.items() if np.ndim(v))
        raise InputError(f"these shapes do not broadcast: {shapes}") from None
    bound.check()
    fit = () if variant else fitting(bound.entry, set(bound.written) | _arrays(bound))
    return evaluation(bound, also=tuple(v.name for v in fit if v is not bound.variant))


def _arrays(bound: Bound) -> set[str]:
    return {name for name, value in bound.numbers.items() if np.ndim(value)}


def evaluation(bound: Bound, *, also: tuple[str, ...] = (), **free: Any) -> Evaluation:
    """The bound at values of its free parameters."""
    terms, total, failure, trivial = bound.values(**free)
    vacuous = False
    variant = bound.variant
    if variant.trivial is not None:
        # a bound that differs from the trivial value by rounding alone is vacuous
        slack = 1e-12 * abs(trivial)
        vacuous = total >= trivial - slack if bound.upper else total <= trivial + slack
    names = [t.name for t in variant.terms]
    worst = np.argmax(terms if bound.upper else np.negative(terms), axis=0)
    shape = np.shape(total)

    def plain(x: Any) -> Any:
        return np.broadcast_to(np.asarray(x), shape).copy() if shape else np.asarray(x).item()

    return Evaluation(
        id=bound.id,
        variant=variant.name,
        value=plain(total),
        terms={name: plain(x) for name, x in zip(names, terms, strict=True)},
        probability=plain(probability(np.asarray(failure, dtype=float))),
        vacuous=plain(vacuous),
        deciding=plain(np.array(names)[worst] if shape else names[worst]),
        side=variant.side,
        relation=variant.relation,
        also_fits=also,
        statement=bound.statement,
        assumes=variant.conditions,
        parameters=bound.at(free),
        bound=bound,
    )


@dataclass(frozen=True)
class Enclosure(Record):
    """A proved interval around the exact value, as decimal text rounded outwards."""

    lower: str
    upper: str


@typed
def certified(
    id: str, /, *, variant: str | None = None, digits: int = 15, **values: Any
) -> Enclosure:
    """Enclose the exact value of a bound by interval arithmetic.

    Parameters are read as the decimals that were written: 0.1 is one tenth.

    Parameters
    ----------
    digits : int
        Decimal places of the result, 1 to 30.

    Raises
    ------
    InputError
        As `evaluate`; also for arrays.
    """
    if not 1 <= digits <= 30:
        raise InputError(f"digits = {digits} is not between 1 and 30")
    result = evaluate(id, variant=variant, **values)
    if np.ndim(result.value):
        raise InputError("a certified value needs single numbers, not arrays")
    if result.bound.whole:
        whole = str(int(result.value))
        return Enclosure(whole, whole)
    working = digits + 25
    box = result.bound.enclosure(digits=working)
    with mp.workdps(working):
        ends = mp.mpf(box.a.a) * 10**digits, mp.mpf(box.b.b) * 10**digits
        return Enclosure(*(_decimal(int(x), digits) for x in (mp.floor(ends[0]), mp.ceil(ends[1]))))


def _decimal(whole: int, digits: int) -> str:
    """A whole number of units of the last decimal place."""
    head, tail = divmod(abs(whole), 10**digits)
    return f"{'-' if whole < 0 else ''}{head}.{tail:0{digits}d}"
