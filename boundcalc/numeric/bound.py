"""A bound whose numbers are bound: the one place where numbers meet a variant of a theorem."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.conventions import Side, Trend
from boundcalc.errors import ConvergenceError, DomainError, InputError, refuse_unknown
from boundcalc.numeric.arithmetic import enclosed_by, floats, moves
from boundcalc.numeric.compiled import CompiledTheorem, CompiledVariant, compiled
from boundcalc.numeric.domains import (
    check_requirements,
    exactly,
    feasible,
    holds,
    named_values,
    select,
)
from boundcalc.numeric.rounding import Values, rounded_block, rounded_outward, total
from boundcalc.numeric.search import Domain
from boundcalc.numeric.tapes import Tape
from boundcalc.record import Brief
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.parameters import parameter

if TYPE_CHECKING:
    from boundcalc.symbolic.analysis.trends import TrendFacts
    from boundcalc.symbolic.precision import Box

DIGITS = 50
TARGET = Parameter("target", "target", "target", "the value to reach", low=float("-inf"))
_LOOSE = 1e-6


@dataclass(frozen=True)
class Bound(Brief):
    """A variant of a theorem with numbers for all its parameters but those that are free.

    Methods take the free ones by name: ``bound.value(m=900)``.

    Attributes
    ----------
    entry : CompiledTheorem
    variant : CompiledVariant
    numbers : mapping of str to number or array
        In the order of the table, defaults included.
    written : mapping of str
        The numbers as they were given: a decimal is exact.
    free : tuple of str
    """

    entry: CompiledTheorem
    variant: CompiledVariant
    numbers: Mapping[str, Any]
    written: Mapping[str, Any]
    free: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Bound({self.name!r}, free={self.free!r})"

    @property
    def id(self) -> str:
        """The theorem's id."""
        return self.entry.id

    @property
    def name(self) -> str:
        """For example ``huang2021.theorem1 (sharp)``."""
        return f"{self.entry.id} ({self.variant.name})"

    @property
    def statement(self) -> str:
        """What is bounded."""
        return self.variant.statement or self.entry.statement

    @property
    def upper(self) -> bool:
        """Whether it is an upper limit, or an exact value."""
        return self.variant.side is Side.UPPER

    @property
    def whole(self) -> bool:
        """Whether a whole number is rounded up to in it: such values are computed exactly."""
        return self.variant.rounds_up

    def at(self, free: Mapping[str, Any]) -> dict[str, Any]:
        """Every number by name, in the order of the table."""
        known = {**self.numbers, **free}
        return {p.name: known[p.name] for p in self.variant.parameters}

    def check(self, **free: Any) -> None:
        """Refuse numbers that contradict each other.

        Raises
        ------
        InputError
        """
        known = {**self.numbers, **free}
        check_requirements(self.variant.requires, known, known)

    def value(self, *, up: bool | None = None, **free: Any) -> Any:
        """The value, rounded as `values` rounds it."""
        return self.values(up=up, **free).value

    def values(self, *, up: bool | None = None, **free: Any) -> Values:
        """What the bound is; nothing is checked.

        Parameters
        ----------
        up : bool, optional
            Whether terms and value are rounded up or down, by what their errors in floating point
            can be. Where left out, outward: an upper limit up, a lower one down, what is no limit
            to the nearest float.

        Raises
        ------
        DomainError
            If it is too large for a float.
        ConvergenceError
            If it cannot be evaluated: ∞ − ∞ or 0/0.
        """
        numbers = self.at(free)
        shape = np.broadcast_shapes(*(np.shape(v) for v in numbers.values()))
        if up is None and self.variant.relation != "=":
            up = self.upper
        run = _rounded_up if self.whole else rounded_outward
        try:
            found = run(self.variant, numbers, up)
        except FloatingPointError:
            found = Values([], np.inf, np.nan)
        if np.any(np.isnan(found.value)):
            raise ConvergenceError(
                f"{self.name} cannot be evaluated with these numbers: ∞ − ∞ or 0/0"
            )
        if not np.all(np.isfinite(found.value)):
            raise DomainError(f"{self.name} is too large for a floating-point number")
        terms = [_broadcast(x, shape) for x in found.terms]
        return found._replace(terms=terms, value=_broadcast(found.value, shape))

    def in_place(
        self, points: Mapping[str, Any], value: NDArray[np.float64], *, terms: bool
    ) -> Values | None:
        """What `values` gives for a block of points, with the value written into an array.

        None where the block needs more care: something leaves the range of floats.
        """
        return rounded_block(self.variant, {**self.numbers, **points}, value, terms=terms)

    def rough(self, **free: Any) -> Any:
        """The value as floats give it, rounded anyhow."""
        return floats(self.variant.whole, {**self.numbers, **free})[0]

    def rough_terms(self, **free: Any) -> tuple[list[Any], Any]:
        """The terms as floats give them, and whether the side conditions hold."""
        values = {**self.numbers, **free}
        terms = floats(self.variant.formula, values)[: len(self.variant.terms)]
        conditions = [holds(r, values) for r in self.variant.requires]
        return terms, reduce(np.logical_and, conditions, True)

    def exact(self, **free: Any) -> dict[Any, Fraction]:
        """The numbers that the value depends on, by symbol, as the decimals that were written."""
        known = {**self.numbers, **self.written, **free}
        return {s: exactly(known[s.name]) for s in self.variant.symbolic.expression.free_symbols}

    def enclosure(self, formula: Tape | None = None, *, digits: int = DIGITS, **free: Any) -> Box:
        """An interval around the value, or a formula in its parameters; TypeError if none is
        proved.
        """
        formula = self.variant.whole if formula is None else formula
        known = {**self.numbers, **self.written, **free}
        return enclosed_by(formula, {n: exactly(known[n]) for n in formula.inputs}, digits)

    def compare(self, target: Fraction, term: int | None = None, **free: Any) -> int:
        """The exact sign of the value, or of a term by its number, minus a target; UndecidedError
        where hundreds of digits agree.
        """
        if self.whole:
            value = self.whole_value(term, **free)
            return (value > target) - (value < target)
        if term is None:
            low, high = self._ends(**free)
            if low > target:
                return 1
            if high < target:
                return -1
        from boundcalc.numeric.exact import sign_against  # by SymPy, where floats do not decide

        return sign_against(self._expression(term), target, self.exact(**free))

    def whole_value(self, term: int | None = None, **free: Any) -> Fraction:
        """The exact value, or that of a term by its number, where a whole number is rounded up
        to: beyond 2⁵³ few of them are floats.
        """
        from boundcalc.numeric.exact import whole_value  # by SymPy

        self.value(**free)  # refuses what is too large
        return whole_value(self._expression(term), self.exact(**free))

    def _expression(self, term: int | None) -> Any:
        form = self.variant.symbolic
        return form.expression if term is None else form.terms[term].expression

    def _ends(self, **free: Any) -> tuple[float, float]:
        """Two floats between which the exact value is; NaN where nothing is known of it."""
        if self.variant.whole.calls:  # limit functions are further out than the exact one by less
            if len(self.variant.terms) > 1:
                return math.nan, math.nan
            value = float(self.value(**free))
            return (value * (1 - _LOOSE), value) if self.upper else (value, value * (1 + _LOOSE))
        return float(self.value(up=False, **free)), float(self.value(up=True, **free))

    def failure(self, **free: Any) -> Any:
        """The probability with which it may fail."""
        (found,) = floats(self.variant.failure, self.at(free))
        return found if np.ndim(found) else float(found)

    def domain(self, name: str) -> Domain:
        """The values of a parameter that its domain and the side conditions allow."""
        return feasible(self.variant.requires, parameter(name), self.numbers)

    def depends_on(self, name: str, term: int | None = None) -> bool:
        """Whether a parameter is left in the formula, or in a term by its number, once zeros are
        put in: L is not, in 2LR with R = 0.
        """
        formula = self.variant.whole if term is None else self.variant.formula.part(term)
        single = {n: v for n, v in self.numbers.items() if np.ndim(v) == 0}
        with np.errstate(all="ignore"):
            return moves(formula, name, single)

    def trend(self, name: str, domain: Domain | None = None) -> Trend:
        """How the value goes as a free parameter grows, with the numbers put in.

        What holds whatever the numbers are was worked out when the theorem was compiled; the
        expression itself is looked at where that does not decide, or where the value might not
        change at all.
        """
        always = self.variant.trends[name]
        decided = always in (Trend.NONDECREASING, Trend.NONINCREASING)
        if always is Trend.CONSTANT or (decided and self._changes(name, domain)):
            return always
        from boundcalc.symbolic.analysis.ranges import ValueRange

        facts, x = self._facts, parameter(name).symbol
        if domain is not None:
            own = ValueRange(*domain.ends, not domain.reached[0], not domain.reached[1])
            facts = replace(facts, ranges={**facts.ranges, x: own})
        return facts.trend(self.variant.symbolic.expression, x)

    def _changes(self, name: str, domain: Domain | None) -> bool:
        """Whether two values differ, at the ends of a domain or nearby."""
        if domain is None or self.free != (name,):
            return True  # whoever asks without a domain asks which way it does not go
        ends = (domain.value(domain.first), domain.value(domain.last))
        try:
            low, high = (float(self.rough(**{name: end})) for end in ends)
        except ConvergenceError:  # too far out for floats
            return False
        return low != high

    @cached_property
    def _facts(self) -> TrendFacts:
        from boundcalc.symbolic.analysis.ranges import point
        from boundcalc.symbolic.analysis.trends import facts_about

        known = {parameter(n).symbol: point(float(v)) for n, v in self.numbers.items()}
        return facts_about(self.variant.symbolic, known)


def _rounded_up(variant: CompiledVariant, numbers: Mapping[str, Any], _: bool | None) -> Values:
    """Terms and sum where a whole number is rounded up to."""
    from boundcalc.numeric.exact import value_of  # by SymPy

    terms = [value_of(t.expression, numbers) for t in variant.symbolic.terms]
    return Values(terms, total(terms), np.nan)


def _broadcast(x: Any, shape: tuple[int, ...]) -> Any:
    return np.broadcast_to(np.asarray(x, dtype=float), shape) if shape else float(x)


Choice = Callable[[CompiledTheorem, str | None, set[str]], CompiledVariant]


def choose(entry: CompiledTheorem, variant: str | None, names: set[str]) -> CompiledVariant:
    """The variant asked for, or the first, tightest one whose inputs are exactly these names."""
    if variant is not None:
        return entry.variant(variant)
    found = entry.fitting(names)
    if found:
        return found[0]
    select(dict.fromkeys(names), (), {p.name for p in entry.parameters}, entry.id)
    variants = list(entry.variants.values())
    usable = [v for v in variants if names <= v.used and v.needed - names]
    if usable:
        nearest = min(usable, key=lambda v: len(v.needed - names))
        missing = ", ".join(sorted(nearest.needed - names))
        raise InputError(f"{entry.id} ({nearest.name}) needs {missing}")
    each = "; ".join(f"{v.name} uses {', '.join(sorted(v.needed))}" for v in variants[:3])
    each += "; …" if len(variants) > 3 else ""
    raise InputError(f"no variant of {entry.id} uses all of {', '.join(sorted(names))}: {each}")


def bind(
    id: str,
    variant: str | None,
    values: Mapping[str, Any],
    *,
    free: Sequence[str] = (),
    choice: Choice = choose,
    partial: bool = False,
    entries: bool = True,
) -> Bound:
    """Bind numbers to a variant.

    Parameters
    ----------
    id : str
        Catalogue id.
    variant : str or None
        Where None, the first in the theorem's order (tightest first) whose inputs are given.
    values : mapping of str to number or array
        By name or alias.
    free : iterable of str
        Parameters that stay free.
    choice : callable, optional
        How the variant is chosen.
    partial : bool
        Whether what is missing stays free as well.
    entries : bool
        Whether the entries of arrays are looked at; who asks not to has `blocks.filled` do it.

    Raises
    ------
    UnknownNameError
        For an unknown id, variant or parameter, given or free.
    InputError, DomainError
        For a number that cannot be used, and where one is missing.
    """
    entry = compiled(id)
    open_ = tuple(entry.parameter(name).name for name in free)
    for name in values:
        entry.parameter(name)
    given = named_values(values, entries=entries)
    chosen = choice(entry, variant, {*given, *open_})
    used = chosen.used
    where = f"{id} ({chosen.name})"
    for name in open_:
        refuse_unknown("parameter", name, used, where)
    missing = chosen.needed - set(open_) - set(given)
    open_ = (*open_, *(p.name for p in chosen.parameters if partial and p.name in missing))
    select(given, chosen.needed - set(open_), used, where)
    known = {**chosen.defaults, **given}
    order = [p.name for p in chosen.parameters if p.name not in open_]
    written = {parameter(n).name: v for n, v in values.items() if np.ndim(v) == 0}
    return Bound(entry, chosen, {n: known[n] for n in order}, written, open_)


def refuse_arrays(bound: Bound, verb: str) -> Bound:
    """Refuse arrays where a verb takes single numbers."""
    for name, value in bound.numbers.items():
        if np.ndim(value):
            raise InputError(f"{verb} takes single numbers, not an array for {name}")
    return bound
