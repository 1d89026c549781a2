"""Values in floats on the safe side: how far each can be off, and moved up or down by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import reduce
from math import frexp, inf, nextafter
from operator import add
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from boundcalc.conventions import Side
from boundcalc.errors import InputError
from boundcalc.numeric.arithmetic import (
    FLOATS,
    enclosed_by,
    floats,
    fraction_of,
    function,
    outer_end,
)
from boundcalc.numeric.compiled import CompiledVariant
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.tapes import OUTWARD, Tape

UNIT = 2.0**-53
"""Half the distance from 1 to the next float: the relative error of one operation, u."""
SPARE = 4
"""Added to every limit on a rounding error: the decimal of a moved float stays on its side too."""
ELEMENTARY = 8
"""The error of an elementary function, in u."""
SUMMED = {"LogEntropyMoment": 512.0}
"""Errors in u of functions that are no limit: the logarithm of a sum of some thousand products."""
_LARGEST_WHOLE = 2**53
_FLOAT_DIGITS = 20


class Values(NamedTuple):
    """The terms of a bound, their sum and the value that says nothing: floats or arrays."""

    terms: list[Any]
    value: Any
    trivial: Any


def rounded_outward(
    variant: CompiledVariant, numbers: Mapping[str, Any], up: bool | None
) -> Values:
    """Terms and sum of a variant, moved up or down by what their errors can be; where `up` is
    None, to the nearest float.

    Raises
    ------
    FloatingPointError
        If it is too large for a float.
    """
    # a limit is outward by itself, and says nothing of what its arguments lost
    limits = any(variant.formula.limit(i)[0] for i in range(len(variant.terms)))
    far = "raise" if up is None or limits else "ignore"
    found = _floats(variant, numbers, up)
    found = found or _floats(variant, numbers, up, under="ignore", over=far)
    if found is None:
        raise FloatingPointError
    if up is None:
        return found
    if not np.all(np.isfinite(found.value)):
        found = _repaired(variant, numbers, found, up)
    return _as_given(variant, numbers, found)


def rounded_block(
    variant: CompiledVariant,
    numbers: Mapping[str, Any],
    out: NDArray[np.float64],
    *,
    terms: bool,
) -> Values | None:
    """What `rounded_outward` gives for a block of points; None where that needs more care.

    Parameters
    ----------
    out : ndarray
        What the sum is written into.
    terms : bool
        Whether the terms are wanted.
    """
    found = _floats(variant, numbers, variant.side is Side.UPPER, out, terms=terms)
    if found is None or not np.isfinite(out).all():
        return None
    return _as_given(variant, numbers, found)


def _as_given(variant: CompiledVariant, numbers: Mapping[str, Any], found: Values) -> Values:
    """What was given is shown as it was written."""
    formula = variant.formula
    terms = [
        floats(formula.part(i), numbers)[0] if formula.given(i) else x
        for i, x in enumerate(found.terms)
    ]
    return found._replace(terms=terms)


def _floats(
    variant: CompiledVariant,
    numbers: Mapping[str, Any],
    up: bool | None,
    out: NDArray[np.float64] | None = None,
    *,
    terms: bool = True,
    under: Any = "raise",
    over: Any = "raise",
) -> Values | None:
    """Terms and sum in floats, up or down; None if a number on the way leaves their range.

    Where that is ignored nothing is known of the errors.
    """
    count, known = len(variant.terms), under == "raise"
    upper = variant.side is Side.UPPER
    ways = variant.formula.ways(count, upper) if up is upper else ()
    try:
        with np.errstate(over=over, divide="ignore", invalid="ignore", under=under):
            results, units = rounded(variant.formula, numbers, ways)
            found, (_, *nothing) = results[:count], results[count:]
            trivial = nothing[0] if nothing else np.nan
            if up is None:
                return Values(found, total(found), trivial)
            each = enumerate(units[:count])
            errors = [_error(variant, i, u if known else np.nan, up) for i, u in each]
            value = outer_sum(found, errors, _positive(variant), up, out)
    except FloatingPointError:
        return None
    moved = []
    if terms:
        with np.errstate(all="ignore"):
            moved = [away(x, error, up) for x, error in zip(found, errors, strict=True)]
    return Values(moved, value, trivial)


def _repaired(
    variant: CompiledVariant, numbers: Mapping[str, Any], found: Values, up: bool
) -> Values:
    """Terms and sum by interval arithmetic where floats say nothing."""
    formula, count = variant.formula, len(variant.terms)
    with np.errstate(all="ignore"):
        moved = [_enclosed(formula.part(i), numbers, x, up) for i, x in enumerate(found.terms)]
        # every term is a float and more outside, which is room for what the additions round
        whole = outer_sum(moved, [0] * count, _positive(variant), up)
    value = np.where(np.isfinite(found.value), found.value, whole)[()]
    return found._replace(terms=moved, value=value)


def _enclosed(formula: Tape, numbers: Mapping[str, Any], term: Any, up: bool) -> Any:
    """A term by interval arithmetic, slower, where nothing is known of its error in floats."""
    names = sorted(formula.inputs)
    *arrays, term = np.broadcast_arrays(*(numbers[n] for n in names), term)
    term = term.copy()
    for place in zip(*np.nonzero(~np.isfinite(np.atleast_1d(term))), strict=True):
        index = place if term.ndim else ()
        known = {n: exactly(a[index]) for n, a in zip(names, arrays, strict=True)}
        with suppress(TypeError):  # what cannot be enclosed stays as it is: NaN
            box = enclosed_by(formula, known, _FLOAT_DIGITS)
            try:
                end = outer_end(box, up)
            except InputError:
                raise FloatingPointError from None
            term[index] = end and nextafter(away(end, SPARE, up), inf if up else -inf)
    return term[()]


def _error(variant: CompiledVariant, i: int, units: Any, up: bool) -> Any:
    """By how many units a term is moved; a limit on this side is rounded outward itself."""
    name, times = variant.formula.limit(i)
    if not name.endswith("Upper" if up else "Lower"):
        return units + SPARE
    return multiple_error(times) + (SPARE if len(variant.terms) > 1 else 0)


def _positive(variant: CompiledVariant) -> list[bool]:
    """Which terms are known not to be below 0."""
    formula = variant.formula
    return [formula.signs[place] > 0 for place in formula.outputs[: len(variant.terms)]]


def exact_float(text: str) -> bool:
    """Whether a number on a tape is a float."""
    if text == "pi":
        return False
    q = fraction_of(text)
    return q.denominator & (q.denominator - 1) == 0 and abs(q.numerator) < _LARGEST_WHOLE


def rounded(
    tape: Tape, values: Mapping[str, Any], ways: Sequence[int] = ()
) -> tuple[list[Any], list[Any]]:
    """The results as floats, and how far each can be from the exact value, in units of u of its
    size.

    With u = 2⁻⁵³: +, −, ×, ÷ and √ are off by at most u of their result; log, log1p, exp and powers
    by at most 8u, NumPy's own limit of 4 units in the last place; a parameter by u, as the float
    nearest to the decimal that was written. What a formula makes of these errors follows from its
    operations, and where terms of different sign cancel inside it, from their sizes. Where nothing
    is known of an error it is NaN. A limit that is defined by an equation is rounded outward
    itself, at arguments that are moved outward: it has no error of its own.

    Parameters
    ----------
    ways : sequence of int, optional
        Those of `Tape.ways`. Where a logarithm moves a result one way only its argument is moved
        outward likewise: what the argument's error makes of a logarithm near 0 then needs no limit,
        and the units of most results are the same at all points. Results are then further out by
        more than the arguments' errors, and off by their units from there.
    """
    errors = Errors(values, ways)
    for step, done in zip(tape.steps, tape.last_uses, strict=True):
        errors.take(*step)
        for place in done:  # the memory of an array is used again while it is in the cache
            errors.values[place] = None
    return [errors.values[i] for i in tape.outputs], [errors.units[i] for i in tape.outputs]


class Errors:
    """Values and errors by place, while a tape runs; `absolute` where terms may cancel to 0."""

    def __init__(self, inputs: Mapping[str, Any], ways: Sequence[int]) -> None:
        self.inputs, self.ways = inputs, ways
        self.absolute: dict[int, Any] = {}
        self.values: list[Any] = []
        self.units: list[Any] = []

    def take(self, name: str, text: str, operands: Sequence[int]) -> None:
        """The next step of the tape."""
        place = len(self.values)
        found = self.value(place, name, text, operands)
        self.units.append(self.error(place, found, name, text, operands))
        self.values.append(found)

    def error(self, place: int, found: Any, name: str, text: str, operands: Sequence[int]) -> Any:
        """The units of a result."""
        if name in ("input", "call"):
            return 1.0 if name == "input" else SUMMED.get(text, np.nan)
        if self.directed(place, name, text):
            return ELEMENTARY
        return getattr(self, name)(found, text, operands)

    def directed(self, place: int, name: str, text: str) -> bool:
        """Whether it is a logarithm of a moved argument."""
        return bool(name == "log" and text and self.ways and self.ways[place])

    def value(self, place: int, name: str, text: str, operands: Sequence[int]) -> Any:
        """The result of a step."""
        if name == "input":
            return FLOATS[name](self.inputs[text])
        if name == "call":
            ways = OUTWARD.get(text, (0,) * len(operands))
            return function(text)(*map(self.moved, operands, ways))
        if self.directed(place, name, text):
            return self.moved_log(text == "+", operands[0], self.ways[place])
        return FLOATS[name](text, *[self.values[i] for i in operands])

    def moved_log(self, positive: bool, place: int, way: int) -> Any:
        """The logarithm of an argument that is moved, on its own side of 0."""
        found = np.log(self.values[place] * (1 + way * (self.units[place] + SPARE) * UNIT))
        if positive == (way > 0):
            return found
        return np.maximum(found, 0.0) if positive else np.minimum(found, 0.0)

    def spread(self, place: int) -> Any:
        """The error itself, in units of u."""
        if place in self.absolute:
            return self.absolute[place]
        return abs(self.values[place]) * self.units[place]

    def moved(self, place: int, way: int) -> Any:
        """A value moved to where a limit of it is further out."""
        value = self.values[place]
        return value + abs(value) * (way * (self.units[place] + SPARE) * UNIT) if way else value

    def number(self, value: Any, text: str, parts: Sequence[int]) -> Any:
        return 0 if exact_float(text) else 1

    def sum(self, value: Any, text: str, parts: Sequence[int]) -> Any:
        """Of terms of one sign: the largest relative error, and one more for every addition."""
        return reduce(_larger, [self.units[i] for i in parts]) + len(parts)

    def add(self, value: Any, text: str, parts: Sequence[int]) -> Any:
        each = (self.spread(i) + len(parts) * abs(self.values[i]) for i in parts)
        absolute = self.absolute[len(self.values)] = reduce(add, each)
        return absolute / abs(value)

    def largest(self, value: Any, text: str, parts: Sequence[int]) -> Any:
        """An extremum moves by no more than what moves most; of one sign, as a share of itself."""
        values = [self.values[i] for i in parts]
        least, most = reduce(np.minimum, values), reduce(np.maximum, values)
        share = abs(value) * reduce(_larger, [self.units[i] for i in parts])
        size = reduce(_larger, map(self.spread, parts))
        absolute = np.where((least >= 0) | (most <= 0), share, size)[()]
        self.absolute[len(self.values)] = absolute
        return absolute / abs(value)

    smallest = largest

    def mul(self, value: Any, text: str, parts: Sequence[int]) -> Any:
        return sum(self.units[i] for i in parts) + len(parts)

    div = mul

    def pow(self, value: Any, text: str, parts: Sequence[int]) -> Any:
        rounding = 2 if text in ("1/2", "2") else ELEMENTARY
        return abs(float(fraction_of(text))) * self.units[parts[0]] + rounding

    def power(self, value: Any, text: str, parts: Sequence[int]) -> Any:
        base, exponent = parts
        inside = abs(self.values[exponent]) * self.units[base]
        return inside + abs(np.log(self.values[base])) * self.spread(exponent) + ELEMENTARY

    def exp(self, value: Any, text: str, parts: Sequence[int]) -> Any:
        return self.spread(parts[0]) + ELEMENTARY

    def log(self, value: Any, text: str, parts: Sequence[int]) -> Any:
        inside, size = self.units[parts[0]], abs(value)
        self.absolute[len(self.values)] = inside + ELEMENTARY * size
        return inside / size + ELEMENTARY

    def log1p(self, value: Any, text: str, parts: Sequence[int]) -> Any:
        x = self.values[parts[0]]
        return self.units[parts[0]] * abs(x / ((1 + x) * value)) + ELEMENTARY

    def ceiling(self, value: Any, text: str, parts: Sequence[int]) -> Any:
        return np.nan


def _larger(a: Any, b: Any) -> Any:
    """The larger one; NaN where either is."""
    if np.ndim(a) or np.ndim(b):
        return np.maximum(a, b)
    return b if a <= b or b != b else a


def multiple_error(text: str) -> int:
    """How far a multiple of a rounded limit is off, in units of u; not at all for powers of two."""
    return 0 if frexp(FLOATS["number"](text))[0] == 0.5 else ELEMENTARY


def away(values: Any, units: Any, up: bool) -> Any:
    """Floats moved up or down by so many u of their size: 0 stays, and what underflows as well."""
    return values + np.abs(values) * (units * ((1.0 if up else -1.0) * 1.001 * UNIT))


def total(terms: Sequence[Any]) -> Any:
    """A sum rounded to the nearest float, but for a little: every addition's error is known exactly
    (Knuth's two-sum).
    """
    whole, *others = terms
    lost = 0.0
    for term in others:
        new = whole + term
        part = new - whole
        lost = lost + ((whole - (new - part)) + (term - part))
        whole = new
    return whole + lost


def outer_sum(
    terms: Sequence[Any],
    units: Sequence[Any],
    positive: Sequence[bool],
    up: bool,
    out: NDArray[np.float64] | None = None,
) -> Any:
    """The sum of terms, each off by so many u, moved up or down by what they and the additions can
    be off; `positive` says which are known not to be below 0. An array may be given for it.
    """
    if len(units) == 1 and np.ndim(units[0]) == 0 and units[0] == 0:
        return np.add(terms[0], 0.0, out=out)
    unit = 1.001 * UNIT if up else -1.001 * UNIT
    # one for each addition; `SPARE` has room for the last step and for the decimal
    additions = len(units) - 1
    # a number that is 0 at all points changes nothing, unless it only underflowed
    some = [i for i, x in enumerate(terms) if np.ndim(x) or x or not np.all(np.isfinite(units[i]))]
    if all(positive) and some:
        share = 1 + (reduce(_larger, [units[i] for i in some]) + additions) * unit
        return np.multiply(reduce(add, [terms[i] for i in some]), share, out=out)
    # what cancels: each term by its own error
    moved = [_moved(terms[i], (units[i] + additions) * unit, positive[i]) for i in some]
    *others, last = moved or [0.0]
    return np.add(reduce(add, others or [0.0]), last, out=out)


def _moved(term: Any, share: Any, positive: bool) -> Any:
    return term * (1 + share) if positive else term + abs(term) * share
