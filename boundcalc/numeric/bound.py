"""A bound whose numbers are bound: the one place where numbers meet a variant of a theorem."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, cached_property, lru_cache, reduce
from typing import Any, NamedTuple

import numpy as np
from sympy import Dummy, Expr, Pow, S, ceiling, limit, log, oo

from boundcalc.conventions import Side
from boundcalc.errors import ConvergenceError, DomainError, InputError, UnknownNameError
from boundcalc.numeric import compile
from boundcalc.numeric.compile import FLOATS, Tape, enclosure, tape
from boundcalc.numeric.domains import (
    check_requirements,
    exactly,
    feasible,
    holds,
    named_values,
    select,
)
from boundcalc.numeric.exact import compare, float_above, rational, rounded_up, whole_value
from boundcalc.numeric.search import Domain
from boundcalc.record import Brief
from boundcalc.symbolic.analysis.ranges import Range, point
from boundcalc.symbolic.analysis.trends import Facts, Trend, facts_about
from boundcalc.symbolic.catalogue import theorem
from boundcalc.symbolic.functions import LimitFunction
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.parameters import parameter, symbol
from boundcalc.symbolic.theorem import Theorem, Variant

DIGITS = 50
TARGET = Parameter("target", "target", "target", "the value to reach", low=float("-inf"))
_LARGEST_WHOLE = 1e300
_LOOSE = 1e-6


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
    entry : Theorem
    variant : Variant
    numbers : mapping of str to number or array
        In the order of the table, defaults included.
    written : mapping of str
        The numbers as they were given: a decimal is exact.
    free : tuple of str
    """

    entry: Theorem
    variant: Variant
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

    @cached_property
    def whole(self) -> bool:
        """Whether a whole number is rounded up to in it: such values are computed exactly."""
        return _rounds_up(self.variant.expression)

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
        check_requirements(self.variant.requires, {**self.numbers, **free})

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
        terms, value, failure, trivial = found
        if not np.all(np.isfinite(value)):
            if np.any(np.isnan(value)):
                raise ConvergenceError(
                    f"{self.name} cannot be evaluated with these numbers: ∞ − ∞ or 0/0"
                )
            raise self._too_large()
        return Values(
            [_broadcast(x, shape) for x in terms], _broadcast(value, shape), failure, trivial
        )

    def _too_large(self) -> DomainError:
        return DomainError(f"{self.name} is too large for a floating-point number")

    @cached_property
    def _formula(self) -> Tape:
        """Terms, failure and, where there is one, the trivial value."""
        trivial = () if self.variant.trivial is None else (self.variant.trivial,)
        terms = (t.expression for t in self.variant.terms)
        return tape(*terms, self.variant.derivation.failure, *trivial)

    def _whole(self, numbers: Mapping[str, Any]) -> Values:
        terms = [value_of(t.expression, numbers) for t in self.variant.terms]
        return Values(terms, compile.total(terms, None), 0.0, np.nan)

    def _directed(self, numbers: Mapping[str, Any], up: bool | None) -> Values:
        """Terms and sum, moved by what their errors can be."""
        formula, count = self._formula, len(self.variant.terms)
        results, units = self._run(numbers, under="raise") or self._run(numbers, under="ignore")  # type: ignore[misc]
        terms, (failure, *trivial) = results[:count], results[count:]
        rest = failure, trivial[0] if trivial else np.nan
        with np.errstate(all="ignore"):
            if up is None:
                return Values(terms, compile.total(terms, up), *rest)
            errors = [self._error(i, u + compile.SPARE, up) for i, u in enumerate(units[:count])]
            moved = [compile.away(x, u, up) for x, u in zip(terms, errors, strict=True)]
            value = compile.total(moved, up)
            if not np.all(np.isfinite(value)):
                moved = [self._enclosed(numbers, i, x, up) for i, x in enumerate(moved)]
                value = compile.total(moved, up)
        # what was given is shown as it was written
        parts = [x if formula.given(i) else moved[i] for i, x in enumerate(terms)]
        return Values(parts, value, *rest)

    def _error(self, i: int, units: Any, up: bool) -> Any:
        """By how many units a term is moved; a limit on this side is rounded outward itself."""
        name, error = self._formula.limit(i)
        return error if name.endswith("Upper" if up else "Lower") and name else units

    def _run(self, numbers: Mapping[str, Any], *, under: Any) -> tuple[list[Any], list[Any]] | None:
        """The results and their errors; an overflow on the way is an error, an underflow is None.

        Where an underflow is ignored nothing is known of the errors.
        """
        try:
            with np.errstate(over="raise", divide="ignore", invalid="ignore", under=under):
                results, units = compile.rounded(self._formula, numbers)
        except FloatingPointError as error:
            if "underflow" in str(error):
                return None
            raise self._too_large() from None
        return results, units if under == "raise" else [np.nan] * len(units)

    def _enclosed(self, numbers: Mapping[str, Any], i: int, term: Any, up: bool) -> Any:
        """A term by interval arithmetic, slower, where nothing is known of its error in floats."""
        sign = 1 if up else -1
        expression = sign * self.variant.terms[i].expression
        names = [s.name for s in expression.free_symbols]
        *arrays, term = np.broadcast_arrays(*(numbers[n] for n in names), term)
        term = term.copy()
        for place in zip(*np.nonzero(~np.isfinite(np.atleast_1d(term))), strict=True):
            index = place if term.ndim else ()
            known = {symbol(n): exactly(a[index]) for n, a in zip(names, arrays, strict=True)}
            with suppress(TypeError):  # what cannot be enclosed stays as it is: NaN
                term[index] = compile.away(
                    sign * rounded_up(expression, known)[0], compile.SPARE, up
                )
        return term[()]

    def rough(self, **free: Any) -> Any:
        """The value as floats give it, rounded anyhow."""
        with np.errstate(all="ignore"):
            return tape(self.variant.expression).run({**self.numbers, **free}, FLOATS)[0]

    def rough_terms(self, **free: Any) -> tuple[list[Any], Any]:
        """The terms as floats give them, and whether the side conditions hold."""
        values = {**self.numbers, **free}
        with np.errstate(all="ignore"):
            terms = self._formula.run(values, FLOATS)[: len(self.variant.terms)]
            conditions = [holds(r.relation, values) for r in self.variant.requires]
        return terms, reduce(np.logical_and, conditions, True)

    def exact(self, **free: Any) -> dict[Any, Fraction]:
        """The numbers that the value depends on, by symbol, as the decimals that were written."""
        known = {**self.numbers, **self.written, **free}
        return {s: exactly(known[s.name]) for s in self.variant.expression.free_symbols}

    def enclosure(
        self, expression: Expr | None = None, *, digits: int = DIGITS, **free: Any
    ) -> Any:
        """An interval around the value, or an expression in its parameters; TypeError if none is
        proved.
        """
        expression = self.variant.expression if expression is None else expression
        known = {**self.numbers, **self.written, **free}
        exact = {s.name: exactly(known[s.name]) for s in expression.free_symbols}
        return enclosure(expression, exact, digits)

    def compare(self, target: Fraction, **free: Any) -> int:
        """The exact sign of the value minus a target; UndecidedError where hundreds of digits
        agree.
        """
        if self.whole:
            value = exactly(float(self.value(**free)))
            return (value > target) - (value < target)
        low, high = self._ends(**free)
        if low > target or high < target:
            return 1 if low > target else -1
        return compare(self.variant.expression, target, self.exact(**free))

    def _ends(self, **free: Any) -> tuple[float, float]:
        """Two floats between which the exact value is; NaN where nothing is known of it."""
        if self.variant.expression.has(LimitFunction):  # further out than the exact one by less
            if len(self.variant.terms) > 1:
                return math.nan, math.nan
            value = float(self.value(**free))
            return (value * (1 - _LOOSE), value) if self.upper else (value, value * (1 + _LOOSE))
        return float(self.value(up=False, **free)), float(self.value(up=True, **free))

    def failure(self, **free: Any) -> float:
        """The probability with which it may fail."""
        return float(value_of(self.variant.derivation.failure, self.at(free)))

    def domain(self, name: str) -> Domain:
        """The values of a parameter that its domain and the side conditions allow."""
        return feasible(self.variant, parameter(name), self.numbers)

    def depends_on(self, name: str) -> bool:
        """Whether a parameter is left in the formula once zeros are put in: L is not, in 2LR with R
        = 0.
        """
        zeros = {symbol(n): 0 for n, v in self.numbers.items() if np.ndim(v) == 0 and v == 0}
        return bool(self.variant.expression.subs(zeros).has(symbol(name)))

    def trend(
        self, name: str, expression: Expr | None = None, domain: Domain | None = None
    ) -> Trend:
        """How the value, or a term, goes as a free parameter grows, with the numbers put in."""
        facts = self._facts
        if domain is not None:
            own = Range(*domain.ends, not domain.reached[0], not domain.reached[1])
            facts = replace(facts, ranges={**facts.ranges, symbol(name): own})
        return facts.trend(
            self.variant.expression if expression is None else expression, symbol(name)
        )

    @cached_property
    def _facts(self) -> Facts:
        known = {symbol(n): point(float(v)) for n, v in self.numbers.items()}
        return facts_about(self.variant, known)

    def limits(self, name: str, end: float) -> dict[str, float]:
        """What every term tends to as a free parameter goes to a finite end or ±∞; NaN if not
        known.
        """
        return {t.name: self._limit(t.expression, name, end) for t in self.variant.terms}

    def _limit(self, expr: Expr, name: str, end: float) -> float:
        from boundcalc.symbolic.analysis.series import NoExpansionError  # not needed for a value

        try:
            if not expr.has(symbol(name)) or math.isfinite(end):
                return float(value_of(expr, {**self.numbers, name: end}))
            return self._far_limit(expr, symbol(name), end)
        except (ArithmeticError, ConvergenceError, NoExpansionError, TypeError):
            return math.nan

    def _far_limit(self, expr: Expr, x: Expr, end: float) -> float:
        from boundcalc.symbolic.analysis.quantiles import limit_rule
        from boundcalc.symbolic.analysis.series import expand

        powers = set().union(*(p.exp.free_symbols for p in expr.atoms(Pow)))
        # (1 − 1/(2n))ⁿ has too many digits for n = 10⁹
        left = {s for s in powers if s.is_integer and s != x}
        exact = {symbol(n): rational(exactly(v)) for n, v in self.numbers.items()}
        known = {s: v for s, v in exact.items() if s not in left}
        far = Dummy("far", positive=True)
        series = expand(expr.xreplace({**known, x: far if end > 0 else -far}), far, limit_rule)
        exponent, coefficient = series.lead if series.parts else (S.Zero, S.Zero)
        if exponent < 0 or coefficient == 0:
            return 0.0
        if coefficient.has(far):
            size = _limit_in_logarithm(coefficient.xreplace(exact), far)
        else:
            size = float(value_of(coefficient, self.numbers))
        if exponent == 0:
            return size
        return math.copysign(math.inf, size) if size else math.nan


def _limit_in_logarithm(coefficient: Expr, far: Expr) -> float:
    """The limit of an expression in ln x as x → ∞."""
    from boundcalc.symbolic.analysis.series import NoExpansionError

    slow = Dummy("slow", positive=True)
    found = limit(coefficient.xreplace({log(far): slow}), slow, oo)
    if found.has(far) or not found.is_extended_real:
        raise NoExpansionError(f"no limit of {coefficient} is known")
    return float(found)


def _broadcast(x: Any, shape: tuple[int, ...]) -> Any:
    return np.broadcast_to(np.asarray(x, dtype=float), shape) if shape else float(x)


@lru_cache(maxsize=1024)
def _rounds_up(expression: Expr) -> bool:
    return bool(expression.has(ceiling))


def value_of(expression: Expr, values: Mapping[str, Any]) -> Any:
    """The value of one expression in the parameters, as floats give it; whole numbers exactly."""
    with np.errstate(all="ignore"):
        if not _rounds_up(expression):
            return tape(expression).run(values, FLOATS)[0]
        roughly = np.asarray(tape(expression).run(values, FLOATS)[0])
    symbols = list(expression.free_symbols)
    arrays = np.broadcast_arrays(*(np.asarray(values[s.name], dtype=float) for s in symbols))
    out = np.empty(arrays[0].shape)
    for index in np.ndindex(out.shape):
        if not roughly[index] < _LARGEST_WHOLE:
            out[index] = np.inf
            continue
        exact = {s: exactly(a[index]) for s, a in zip(symbols, arrays, strict=True)}
        out[index] = float_above(whole_value(expression, exact))
    return out


Choice = Callable[[Theorem, str | None, set[str]], Variant]


def fitting(entry: Theorem, names: set[str]) -> list[Variant]:
    """The variants that use exactly these names and say what the theorem's first variant says.

    A lower limit never stands in for an upper one because an input was forgotten.
    """
    first = next(iter(entry.variants.values()))
    return [
        v
        for v in entry.variants.values()
        if v.relation == first.relation and names <= _used(v) and _needed(v) <= names
    ]


@cache
def _used(variant: Variant) -> frozenset[str]:
    return frozenset(p.name for p in variant.parameters)


@cache
def _needed(variant: Variant) -> frozenset[str]:
    return _used(variant) - set(variant.defaults)


def choose(entry: Theorem, variant: str | None, names: set[str]) -> Variant:
    """The variant asked for, or the first, tightest one whose inputs are exactly these names."""
    if variant is not None:
        return entry.variant(variant)
    found = fitting(entry, names)
    if found:
        return found[0]
    select(dict.fromkeys(names), (), {p.name for p in entry.parameters}, entry.id)
    variants = list(entry.variants.values())
    usable = [v for v in variants if names <= _used(v) and _needed(v) - names]
    if usable:
        nearest = min(usable, key=lambda v: len(_needed(v) - names))
        missing = ", ".join(sorted(_needed(nearest) - names))
        raise InputError(f"{entry.id} ({nearest.name}) needs {missing}")
    each = "; ".join(f"{v.name} uses {', '.join(sorted(_needed(v)))}" for v in variants[:3])
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

    Raises
    ------
    UnknownNameError
        For an unknown id, variant or parameter, given or free.
    InputError, DomainError
        For a number that cannot be used, and where one is missing.
    """
    entry = theorem(id)
    given = named_values(values)
    open_ = tuple(parameter(name).name for name in free)
    chosen = choice(entry, variant, {*given, *open_})
    used = _used(chosen)
    where = f"{id} ({chosen.name})"
    for name in open_:
        if name not in used:
            raise UnknownNameError(f"parameter of {where}", name, used)
    missing = _needed(chosen) - set(open_) - set(given)
    open_ = (*open_, *(p.name for p in chosen.parameters if partial and p.name in missing))
    select(given, _needed(chosen) - set(open_), used, where)
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
