"""What runs tapes: floats, floats with their rounding errors, and intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, reduce
from importlib import import_module
from math import frexp, inf, nextafter
from operator import add, mul
from typing import TYPE_CHECKING, Any

import numpy as np

from boundcalc.errors import InputError
from boundcalc.numeric.tapes import OUTWARD, Arithmetic, Tape

if TYPE_CHECKING:
    from boundcalc.symbolic.precision import Box

UNIT = 2.0**-53
"""Half the distance from 1 to the next float: the relative error of one operation, u."""
SPARE = 4
"""Added to every limit on a rounding error: the decimal of a moved float stays on its side too."""
ELEMENTARY = 8
"""The error of an elementary function, in u."""
_LARGEST_WHOLE = 2**53
SUMMED = {"LogEntropyMoment": 512.0}
"""Errors in u of functions that are no limit: the logarithm of a sum of some thousand products."""
_FUNCTIONS = ("boundcalc.numeric.special", "boundcalc.numeric.class_functions")
_ENCLOSED = ("boundcalc.symbolic.functions", "boundcalc.symbolic.complexity_functions")


@cache
def _function(name: str) -> Callable[..., Any]:
    """A function of closed forms by name; what it needs is imported when it is first used."""
    for module in _FUNCTIONS:
        found: dict[str, Callable[..., Any]] = import_module(module).IMPLEMENTATIONS
        if name in found:
            return found[name]
    raise TypeError(f"no function {name}")


def _add(_: str, *parts: Any) -> Any:
    return reduce(add, parts)


def _mul(_: str, *parts: Any) -> Any:
    return reduce(mul, parts)


_fraction = cache(Fraction)


@cache
def _float(text: str) -> Any:
    return np.float64(np.pi if text == "pi" else Fraction(text))


def exact_float(text: str) -> bool:
    """Whether a number on a tape is a float."""
    q = _fraction(0 if text == "pi" else text)
    whole = q.denominator & (q.denominator - 1) == 0 and abs(q.numerator) < _LARGEST_WHOLE
    return whole and text != "pi"


def _float_power(text: str, base: Any) -> Any:
    if text == "1/2":
        return np.sqrt(base)
    return base * base if text == "2" else np.power(base, float(_fraction(text)))


def _interval(text: str | Fraction) -> Any:
    intervals = _intervals()
    return intervals.pi() if text == "pi" else intervals.interval(Fraction(text))


def _interval_power(text: str, base: Any) -> Any:
    exponent = _fraction(text)
    if exponent.denominator <= 2:
        root = base if exponent.denominator == 1 else _intervals().sqrt(base)
        return root**exponent.numerator
    return _power_of(_interval(exponent), base)


def _power_of(exponent: Any, base: Any) -> Any:
    return _intervals().exp(exponent * _intervals().log(base))


@cache
def _intervals() -> Any:
    """Interval arithmetic, which floats do without."""
    return import_module("boundcalc.symbolic.precision")


def _enclose(name: str, *parts: Any) -> Any:
    for module in _ENCLOSED:
        function = getattr(import_module(module), name, None)
        if function is not None:
            return function.enclose(*parts)
    raise TypeError(f"no enclosure for {name}")


FLOATS: Arithmetic = {
    # NumPy's floats: where Python's raise OverflowError or ZeroDivisionError, these become ∞ or NaN
    "input": lambda value: np.asarray(value, dtype=float)[()],
    "number": _float,
    "add": _add,
    "sum": _add,
    "mul": _mul,
    "div": lambda _, above, below: above / below,
    "pow": _float_power,
    "power": lambda _, base, exponent: np.power(base, exponent),
    "exp": lambda _, x: np.exp(x),
    "log": lambda _, x: np.log(x),
    "log1p": lambda _, x: np.log1p(x),
    "ceiling": lambda _, x: np.ceil(x),
    "call": lambda name, *parts: _function(name)(*parts),
}
EXACT: Arithmetic = {
    # fractions, for what has no roots and no functions in it
    **{name: FLOATS[name] for name in ("add", "sum", "mul", "div")},
    "input": lambda value: value if isinstance(value, Fraction) else Fraction(repr(float(value))),
    "number": lambda text: _fraction(text),
    "pow": lambda text, base: base ** int(text),
}
INTERVALS: Arithmetic = {
    **{name: FLOATS[name] for name in ("add", "sum", "mul", "div")},
    "input": _interval,
    "number": _interval,
    "pow": _interval_power,
    "power": lambda _, base, exponent: _power_of(exponent, base),
    "exp": lambda _, x: _intervals().exp(x),
    "log": lambda _, x: _intervals().log(x),
    "log1p": lambda _, x: _intervals().log(1 + x),
    "call": _enclose,
}


def moves(tape: Tape, name: str, values: Mapping[str, Any]) -> bool:
    """Whether the first result depends on an input, given some of the others: 2LR does not depend
    on L where R = 0.
    """
    known: list[Any] = []  # a number, None for what has none yet
    moving: list[bool] = []
    for kind, text, operands in tape.steps:
        parts = [known[i] for i in operands]
        given = kind == "input" and values.get(text) is not None
        value = FLOATS[kind](values[text]) if given else None
        vanishes = (kind == "mul" and 0 in parts) or (kind in ("div", "pow") and parts[0] == 0)
        if vanishes:
            value = 0
        elif kind == "power" and parts[1] == 0:
            value = 1
        elif None not in parts and kind != "input":
            value = FLOATS[kind](text, *parts)
        known.append(value)
        here = text == name if kind == "input" else any(moving[i] for i in operands)
        moving.append(here and value is None)
    return moving[tape.outputs[0]]


def enclosed_by(tape: Tape, values: Mapping[str, Fraction], digits: int) -> Box:
    """An interval around the exact value of the first result; TypeError where none can be
    proved.
    """
    with _intervals().working_digits(digits):
        try:
            box: Box = _intervals().ends(tape.run(values, INTERVALS)[0])
        except (ValueError, ZeroDivisionError):  # an argument that is not proved to be positive
            raise TypeError("no enclosure of this formula") from None
    if box.lower == -inf:
        raise TypeError("no enclosure of this formula: it may be infinite")
    return box


def outer_end(box: Box, up: bool) -> float:
    """The float next to an interval, outside of it; an end may be far too large or too small."""
    return float_above(box.upper) if up else -float_above(-box.lower)


def float_above(exact: Fraction | float) -> float:
    """The least float that is not below a number."""
    try:
        value = float(exact)
    except OverflowError:
        raise InputError("the bound is larger than any floating-point number") from None
    return value if Fraction(value) >= exact else nextafter(value, inf)


def rounded(tape: Tape, values: Mapping[str, Any]) -> tuple[list[Any], list[Any]]:
    """The results as floats, and how far each can be from the exact value, in units of u of its
    size.

    With u = 2⁻⁵³: +, −, ×, ÷ and √ are off by at most u of their result; log, log1p, exp and powers
    by at most 8u, NumPy's own limit of 4 units in the last place; a parameter by u, as the float
    nearest to the decimal that was written. What a formula makes of these errors follows from its
    operations, and where terms of different sign cancel inside it, from their sizes. Where nothing
    is known of an error it is NaN. A limit that is defined by an equation is rounded outward
    itself, at arguments that are moved outward: it has no error of its own.
    """
    errors = _Errors([], [], {})
    for name, text, operands in tape.steps:
        if name == "input":
            found, units = FLOATS[name](values[text]), 1.0
        elif name == "call":
            ways = OUTWARD.get(text, (0,) * len(operands))
            found = _function(text)(*map(errors.moved, operands, ways))
            units = SUMMED.get(text, np.nan)
        else:
            found = FLOATS[name](text, *[errors.values[i] for i in operands])
            units = getattr(errors, name)(found, text, operands)
        errors.values.append(found)
        errors.units.append(units)
    return [errors.values[i] for i in tape.outputs], [errors.units[i] for i in tape.outputs]


@dataclass
class _Errors:
    """Values and errors by place, while a tape runs; `absolute` where terms may cancel to 0."""

    values: list[Any]
    units: list[Any]
    absolute: dict[int, Any]

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

    def mul(self, value: Any, text: str, parts: Sequence[int]) -> Any:
        return sum(self.units[i] for i in parts) + len(parts)

    div = mul

    def pow(self, value: Any, text: str, parts: Sequence[int]) -> Any:
        rounding = 2 if text in ("1/2", "2") else ELEMENTARY
        return abs(float(_fraction(text))) * self.units[parts[0]] + rounding

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
    return np.maximum(a, b) if np.ndim(a) or np.ndim(b) else max(a, b)


def multiple_error(text: str) -> int:
    """How far a multiple of a rounded limit is off, in units of u; not at all for powers of two."""
    return 0 if frexp(_float(text))[0] == 0.5 else ELEMENTARY


def away(values: Any, units: Any, up: bool) -> Any:
    """Floats moved up or down by so many u of their size; 0 is exact: what underflows is
    not used.
    """
    if np.ndim(values) == 0 == np.ndim(units):
        if units == 0 or (values == 0 and np.isfinite(units)):
            return values
        far = values + abs(values) * (units * ((1.0 if up else -1.0) * 1.001 * UNIT))
        return np.nextafter(far, np.inf if up else -np.inf)
    if np.ndim(units) == 0 and units == 0:
        return values
    far = np.abs(values) * (units * ((1.0 if up else -1.0) * 1.001 * UNIT))
    far += values
    moved = _next(far, up)
    if np.all(values) or not np.any(np.isfinite(units)):
        return moved
    return np.where((values == 0) & np.isfinite(units), values, moved)


def _next(values: Any, up: bool) -> Any:
    """The next floats up or down, in place of an array that nobody else uses.

    Floats are ordered like their bits, turned round below 0: one step of a whole number is far
    faster than `nextafter`, which the step down from 0 is left to. What is infinite becomes NaN.
    """
    if not up and not values.all():
        return np.nextafter(values, -np.inf)
    bits = values.view(np.int64)
    step = bits >> 63
    step |= 1
    if up:
        bits += step
    else:
        bits -= step
    return values


def total(terms: Sequence[Any], up: bool | None) -> Any:
    """A sum rounded up or down, or to the nearest float where `up` is None.

    Every addition's error is known exactly (Knuth's two-sum), so that 0 + 1 is 1.
    """
    whole, *others = terms
    lost = size = 0.0
    for term in others:
        if np.ndim(term) == 0 and term == 0:
            continue
        new = whole + term
        part = new - whole
        error = new - part
        error = _minus(whole, error)
        error += _minus(term, part)
        whole, lost = new, _plus(lost, error)
        size = _plus(size, np.abs(error))
    if up is None:
        return whole + lost
    sign = 1.0 if up else -1.0
    shift = size * (sign * len(terms) * 4 * UNIT)
    shift += lost
    shift += whole
    if np.ndim(shift):
        return np.where(size == 0, whole, _next(shift, up))
    return np.nextafter(shift, sign * np.inf) if np.ndim(size) or size else whole


def _minus(a: Any, b: Any) -> Any:
    """a − b, in place of b where b is an array of the shape of the result."""
    fits = np.ndim(b) and np.shape(b) == np.broadcast_shapes(np.shape(a), np.shape(b))
    return np.subtract(a, b, out=b) if fits else a - b


def _plus(a: Any, b: Any) -> Any:
    """a + b, in place of a where a is an array of the shape of the result."""
    if np.ndim(a) and np.shape(a) == np.broadcast_shapes(np.shape(a), np.shape(b)):
        a += b
        return a
    return a + b
