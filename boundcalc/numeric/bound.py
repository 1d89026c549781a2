"""A bound whose numbers are bound: the one place where numbers meet a variant of a theorem."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, cached_property, reduce
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from boundcalc.conventions import Side, Trend
from boundcalc.errors import ConvergenceError, DomainError, InputError, UnknownNameError
from boundcalc.numeric import arithmetic
from boundcalc.numeric.arithmetic import FLOATS, enclosed_by
from boundcalc.numeric.compiled import CompiledTheorem, CompiledVariant, compiled
from boundcalc.numeric.domains import (
    check_requirements,
    exactly,
    feasible,
    holds,
    named_values,
    select,
)
from boundcalc.numeric.search import Domain
from boundcalc.numeric.tapes import Tape
from boundcalc.record import Brief
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.parameters import parameter
from boundcalc.text import probability

if TYPE_CHECKING:
    from boundcalc.symbolic.analysis.trends import TrendFacts
    from boundcalc.symbolic.precision import Box

DIGITS = 50
TARGET = Parameter("target", "target", "target", "the value to reach", low=float("-inf"))
_LOOSE = 1e-6
_FLOAT_DIGITS = 20


class Values(NamedTuple):
    """The terms of a bound, their sum and the probability that it fails: floats or arrays."""

    terms: list[Any]
    value: Any
    failure: Any
    trivial: Any


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

    def terms(self, **free: Any) -> dict[str, Any]:
        """The named terms."""
        found = self.values(**free).terms
        return {t.name: x for t, x in zip(self.variant.terms, found, strict=True)}

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
        found = self._whole(numbers) if self.whole else self._directed(numbers, up)
        parts, value, failure, trivial = found
        if not np.all(np.isfinite(value)):
            if np.any(np.isnan(value)):
                raise ConvergenceError(
                    f"{self.name} cannot be evaluated with these numbers: ∞ − ∞ or 0/0"
                )
            raise self._too_large()
        return Values(
            [_broadcast(x, shape) for x in parts], _broadcast(value, shape), failure, trivial
        )

    def _too_large(self) -> DomainError:
        return DomainError(f"{self.name} is too large for a floating-point number")

    def _whole(self, numbers: Mapping[str, Any]) -> Values:
        from boundcalc.numeric.exact import value_of  # by SymPy

        terms = [value_of(t.expression, numbers) for t in self.variant.symbolic.terms]
        return Values(terms, arithmetic.total(terms), 0.0, np.nan)

    def _directed(self, numbers: Mapping[str, Any], up: bool | None) -> Values:
        """Terms and sum, moved by what their errors can be."""
        count = len(self.variant.terms)
        run = self._run if up is self.upper else self._rounded
        # a limit is outward by itself, and says nothing of what its arguments lost
        limits = any(self.variant.formula.limit(i)[0] for i in range(count))
        far: Any = "raise" if up is None or limits else "ignore"
        results, units = run(numbers) or run(numbers, under="ignore", over=far)  # type: ignore[misc]
        found, (failure, *trivial) = results[:count], results[count:]
        rest = failure, trivial[0] if trivial else np.nan
        if up is None:
            return Values(found, arithmetic.total(found), *rest)
        errors = self._errors(units, up)
        try:
            with np.errstate(all="ignore", under="raise"):
                value = self._outer_sum(errors, up)(found, None)
        except FloatingPointError:
            value, errors = np.nan, [np.nan] * count
        with np.errstate(all="ignore"):
            moved = [arithmetic.away(x, u, up) for x, u in zip(found, errors, strict=True)]
            if not np.all(np.isfinite(value)):
                moved = [self._enclosed(numbers, i, x, up) for i, x in enumerate(moved)]
                whole = self._outer_sum([0] * count, up)(moved, None)
                if count > 1:  # what is left may be too small to be multiplied by 1 + 2⁻⁵⁰
                    nothing = reduce(np.logical_and, [x == 0 for x in moved])
                    end = np.inf if up else -np.inf
                    whole = np.where(nothing, 0.0, np.nextafter(whole, end))
                value = np.where(np.isfinite(value), value, whole)[()]
        return Values(self._shown(found, moved), value, *rest)

    def _errors(self, units: Sequence[Any], up: bool) -> list[Any]:
        """By how many units each term is moved."""
        count = len(self.variant.terms)
        return [self._error(i, u + arithmetic.SPARE, up) for i, u in enumerate(units[:count])]

    def _outer_sum(self, errors: Sequence[Any], up: bool) -> Callable[..., Any]:
        formula = self.variant.formula
        positive = [formula.signs[place] > 0 for place in formula.outputs[: len(errors)]]
        return arithmetic.outer_sum(errors, positive, up)

    def _shown(self, found: Sequence[Any], moved: Sequence[Any]) -> list[Any]:
        """What was given is shown as it was written."""
        pairs = enumerate(zip(found, moved, strict=True))
        return [x if self.variant.formula.given(i) else far for i, (x, far) in pairs]

    def quick(
        self, points: Mapping[str, Any], *, terms: bool
    ) -> Callable[[Mapping[str, Any], NDArray[np.float64]], Values | None] | None:
        """A function that gives what `values` gives, for one block of points after another, and
        writes the value into an array.

        None where errors depend on the numbers; the function gives None where a block needs more
        care.

        Parameters
        ----------
        points : mapping of str
            What the function takes, by name.
        terms : bool
            Whether the terms are wanted.
        """
        single = {n: x for n, x in self.numbers.items() if np.ndim(x) == 0 and n not in points}
        formula, count, up = self.variant.formula, len(self.variant.terms), self.upper
        if self.whole or self.variant.relation == "=" or len(single) == len(self.numbers):
            return None
        try:
            with np.errstate(over="raise", divide="ignore", invalid="ignore", under="raise"):
                program = arithmetic.Program(formula, single, self._ways)
        except (FloatingPointError, TypeError):
            return None
        errors = self._errors(program.units, up)
        add = self._outer_sum(errors, up)

        def run(block: Mapping[str, Any], value: NDArray[np.float64]) -> Values | None:
            moved: list[Any] = []
            try:
                with np.errstate(over="raise", divide="ignore", invalid="ignore", under="raise"):
                    results = program.run(block)
                    found, (failure, *trivial) = results[:count], results[count:]
                    add(found, value)
                    if terms:
                        far = map(arithmetic.away, found, errors, [up] * count)
                        moved = self._shown(found, list(far))
            except FloatingPointError:
                return None
            if not np.isfinite(value).all():
                return None
            return Values(moved, value, failure, trivial[0] if trivial else np.nan)

        return run

    def _error(self, i: int, units: Any, up: bool) -> Any:
        """By how many units a term is moved; a limit on this side is rounded outward itself."""
        name, times = self.variant.formula.limit(i)
        own = name.endswith("Upper" if up else "Lower")
        if not (own and name):
            return units
        spare = arithmetic.SPARE if len(self.variant.terms) > 1 else 0
        return arithmetic.multiple_error(times) + spare

    def _run(self, numbers: Mapping[str, Any], **at: Any) -> tuple[list[Any], list[Any]] | None:
        """The results and their errors, outward from where logarithms put them; see `_rounded`."""
        return self._rounded(numbers, self._ways, **at)

    def _rounded(
        self,
        numbers: Mapping[str, Any],
        ways: Sequence[int] = (),
        *,
        under: Any = "raise",
        over: Any = "raise",
    ) -> tuple[list[Any], list[Any]] | None:
        """The results and their errors; None if a number on the way leaves the range of floats.

        Where that is ignored nothing is known of the errors.
        """
        try:
            with np.errstate(over=over, divide="ignore", invalid="ignore", under=under):
                results, units = arithmetic.rounded(self.variant.formula, numbers, ways)
        except FloatingPointError:
            if under == "ignore":
                raise self._too_large() from None
            return None
        return results, units if under == "raise" else [np.nan] * len(units)

    @cached_property
    def _ways(self) -> Sequence[int]:
        return self.variant.formula.ways(len(self.variant.terms), self.upper)

    def _enclosed(self, numbers: Mapping[str, Any], i: int, term: Any, up: bool) -> Any:
        """A term by interval arithmetic, slower, where nothing is known of its error in floats."""
        formula = self.variant.formula.part(i)
        names = sorted(formula.inputs)
        *arrays, term = np.broadcast_arrays(*(numbers[n] for n in names), term)
        term = term.copy()
        for place in zip(*np.nonzero(~np.isfinite(np.atleast_1d(term))), strict=True):
            index = place if term.ndim else ()
            known = {n: exactly(a[index]) for n, a in zip(names, arrays, strict=True)}
            with suppress(TypeError):  # what cannot be enclosed stays as it is: NaN
                box = enclosed_by(formula, known, _FLOAT_DIGITS)
                try:
                    end = arithmetic.outer_end(box, up)
                except InputError:
                    raise self._too_large() from None
                far = arithmetic.away(end, arithmetic.SPARE, up)
                term[index] = end and math.nextafter(far, math.inf if up else -math.inf)
        return term[()]

    def rough(self, **free: Any) -> Any:
        """The value as floats give it, rounded anyhow."""
        with np.errstate(all="ignore"):
            return self.variant.whole.run({**self.numbers, **free}, FLOATS)[0]

    def rough_terms(self, **free: Any) -> tuple[list[Any], Any]:
        """The terms as floats give them, and whether the side conditions hold."""
        values = {**self.numbers, **free}
        with np.errstate(all="ignore"):
            terms = self.variant.formula.run(values, FLOATS)[: len(self.variant.terms)]
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

    def compare(self, target: Fraction, **free: Any) -> int:
        """The exact sign of the value minus a target; UndecidedError where hundreds of digits
        agree.
        """
        if self.whole:
            value = self.whole_value(**free)
            return (value > target) - (value < target)
        low, high = self._ends(**free)
        if low > target or high < target:
            return 1 if low > target else -1
        from boundcalc.numeric.exact import compare  # by SymPy, where floats do not decide

        return compare(self.variant.symbolic.expression, target, self.exact(**free))

    def whole_value(self, term: int | None = None, **free: Any) -> Fraction:
        """The exact value, or that of a term by its number, where a whole number is rounded up
        to: beyond 2⁵³ few of them are floats.
        """
        from boundcalc.numeric.exact import whole_value  # by SymPy

        self.value(**free)  # refuses what is too large
        form = self.variant.symbolic
        return whole_value(
            form.expression if term is None else form.terms[term].expression, self.exact(**free)
        )

    def _ends(self, **free: Any) -> tuple[float, float]:
        """Two floats between which the exact value is; NaN where nothing is known of it."""
        if self.variant.whole.calls:  # limit functions are further out than the exact one by less
            if len(self.variant.terms) > 1:
                return math.nan, math.nan
            value = float(self.value(**free))
            return (value * (1 - _LOOSE), value) if self.upper else (value, value * (1 + _LOOSE))
        return float(self.value(up=False, **free)), float(self.value(up=True, **free))

    def failure(self, **free: Any) -> float:
        """The probability with which it may fail."""
        with np.errstate(all="ignore"):
            return float(self.variant.failure.run(self.at(free), FLOATS)[0])

    def probability(self, numbers: Mapping[str, Any]) -> Any:
        """With at least which probability it holds, at these numbers."""
        with np.errstate(all="ignore"):
            (failure,) = self.variant.failure.run(numbers, FLOATS)
        return probability(np.asarray(failure, dtype=float))

    def domain(self, name: str) -> Domain:
        """The values of a parameter that its domain and the side conditions allow."""
        return feasible(self.variant.requires, parameter(name), self.numbers)

    def depends_on(self, name: str) -> bool:
        """Whether a parameter is left in the formula once zeros are put in: L is not, in 2LR with R
        = 0.
        """
        return self._moves(self.variant.whole, name)

    def moves(self, term: int, name: str) -> bool:
        """Whether a term, by its number, depends on a parameter once the numbers are put in."""
        return self._moves(self.variant.formula.part(term), name)

    def _moves(self, formula: Tape, name: str) -> bool:
        single = {n: v for n, v in self.numbers.items() if np.ndim(v) == 0}
        with np.errstate(all="ignore"):
            return arithmetic.moves(formula, name, single)

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

    def limits(self, name: str, end: float) -> dict[str, float]:
        """What every term tends to as a free parameter goes to a finite end or ±∞; NaN if not
        known.
        """
        found = self._values_at(name, end) if math.isfinite(end) else self._far_limits(name, end)
        if found is None:
            from boundcalc.numeric.far_limits import far_limits  # by SymPy

            found = far_limits(self, name, end)
        return {t.name: x for t, x in zip(self.variant.terms, found, strict=True)}

    def _values_at(self, name: str, end: float) -> list[float] | None:
        if self.whole:
            return None
        found, values = [], {**self.numbers, name: end}
        for i in range(len(self.variant.terms)):
            try:
                with np.errstate(all="ignore"):
                    found.append(float(self.variant.formula.part(i).run(values, FLOATS)[0]))
            except (ArithmeticError, ConvergenceError, TypeError):
                found.append(math.nan)
        return found

    def _far_limits(self, name: str, end: float) -> list[float] | None:
        """Limits that were worked out when the theorem was compiled."""
        known = self.variant.limits.get(name if end > 0 else f"-{name}")
        if known is None:
            return None
        with np.errstate(all="ignore"):
            sizes = [float(x) for x in known.sizes.run(self.numbers, FLOATS)]
            provisos = [float(x) for x in known.provisos.run(self.numbers, FLOATS)]
        pairs = list(zip(sizes, known.grows, strict=True))
        if (
            not all(map(math.isfinite, sizes))
            or not all(x and math.isfinite(x) for x in provisos)
            or any(grows and x == 0 for x, grows in pairs)
        ):
            return None
        return [math.copysign(math.inf, x) if grows else x for x, grows in pairs]


def _broadcast(x: Any, shape: tuple[int, ...]) -> Any:
    return np.broadcast_to(np.asarray(x, dtype=float), shape) if shape else float(x)


Choice = Callable[[CompiledTheorem, str | None, set[str]], CompiledVariant]


def fitting(entry: CompiledTheorem, names: set[str]) -> list[CompiledVariant]:
    """The variants that use exactly these names and say what the theorem's first variant says.

    A lower limit never stands in for an upper one because an input was forgotten.
    """
    first = next(iter(entry.variants.values()))
    return [
        v
        for v in entry.variants.values()
        if v.relation == first.relation and names <= used_by(v) and needed_by(v) <= names
    ]


@cache
def used_by(variant: CompiledVariant) -> frozenset[str]:
    """The names of its parameters."""
    return frozenset(p.name for p in variant.parameters)


@cache
def needed_by(variant: CompiledVariant) -> frozenset[str]:
    """Those of them that have no value by default."""
    return used_by(variant) - set(variant.defaults)


def choose(entry: CompiledTheorem, variant: str | None, names: set[str]) -> CompiledVariant:
    """The variant asked for, or the first, tightest one whose inputs are exactly these names."""
    if variant is not None:
        return entry.variant(variant)
    found = fitting(entry, names)
    if found:
        return found[0]
    select(dict.fromkeys(names), (), {p.name for p in entry.parameters}, entry.id)
    variants = list(entry.variants.values())
    usable = [v for v in variants if names <= used_by(v) and needed_by(v) - names]
    if usable:
        nearest = min(usable, key=lambda v: len(needed_by(v) - names))
        missing = ", ".join(sorted(needed_by(nearest) - names))
        raise InputError(f"{entry.id} ({nearest.name}) needs {missing}")
    each = "; ".join(f"{v.name} uses {', '.join(sorted(needed_by(v)))}" for v in variants[:3])
    each += "; …" if len(variants) > 3 else ""
    raise InputError(f"no variant of {entry.id} uses all of {', '.join(sorted(names))}: {each}")


def bind(
    id: str,
    variant: str | None,
    values: Mapping[str, Any],
    *,
    free: Iterable[str] = (),
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
    given = named_values(values, entries=entries)
    open_ = tuple(parameter(name).name for name in free)
    chosen = choice(entry, variant, {*given, *open_})
    used = used_by(chosen)
    where = f"{id} ({chosen.name})"
    for name in open_:
        if name not in used:
            raise UnknownNameError(f"parameter of {where}", name, used)
    missing = needed_by(chosen) - set(open_) - set(given)
    open_ = (*open_, *(p.name for p in chosen.parameters if partial and p.name in missing))
    select(given, needed_by(chosen) - set(open_), used, where)
    known = {**chosen.defaults, **given}
    order = [p.name for p in chosen.parameters if p.name not in open_]
    written = {parameter(n).name: v for n, v in values.items() if np.ndim(v) == 0}
    return Bound(entry, chosen, {n: known[n] for n in order}, written, open_)


def single(bound: Bound, verb: str) -> Bound:
    """Refuse arrays where a verb takes single numbers."""
    for name, value in bound.numbers.items():
        if np.ndim(value):
            raise InputError(f"{verb} takes single numbers, not an array for {name}")
    return bound
