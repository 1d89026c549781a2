"""What runs tapes: floats, floats with their rounding errors, and intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
_ALIKE = ("input", "sum", "mul", "div", "pow")
"""Operations whose error, relative to the result, is the same at all points."""
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
    "largest": lambda _, *parts: reduce(np.maximum, parts),
    "smallest": lambda _, *parts: reduce(np.minimum, parts),
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
    "largest": lambda _, *parts: _enclose("Largest", *parts),
    "smallest": lambda _, *parts: _enclose("Least", *parts),
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
    for step in tape.steps:
        errors.take(*step)
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
            return _function(text)(*map(self.moved, operands, ways))
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
    units: Sequence[Any], positive: Sequence[bool], up: bool
) -> Callable[[Sequence[Any], Any], Any]:
    """A function that adds terms, each off by so many u, and moves the sum up or down by what they
    and the additions can be off; `positive` says which terms are known not to be below 0. The
    result goes into a second argument, unless that is None.
    """
    if len(units) == 1 and np.ndim(units[0]) == 0 and units[0] == 0:
        return lambda terms, out: np.add(terms[0], 0.0, out=out)
    unit = 1.001 * UNIT if up else -1.001 * UNIT
    # one for each addition; `SPARE` has room for the last step and for the decimal
    far = [(u + len(units) - 1) * unit for u in units]
    furthest = (reduce(_larger, units) + len(units) - 1) * unit

    def added(terms: Sequence[Any], out: Any) -> Any:
        # a number that is 0 at all points changes nothing
        some = [i for i, x in enumerate(terms) if np.ndim(x) or x]
        whole = reduce(add, [terms[i] for i in some] or [0.0])
        if all(positive):
            return np.multiply(whole, 1 + furthest, out=out)
        # what cancels: each term by its own error
        sizes = [(terms[i] if positive[i] else abs(terms[i])) * far[i] for i in some]
        return np.add(whole, reduce(add, sizes or [0.0]), out=out)

    return added


class Program:
    """A tape with some of its inputs put in, to be run for one block of the others after another:
    the results are those of `rounded`.

    Parameters
    ----------
    tape, values, ways
        As for `rounded`.

    Attributes
    ----------
    units : list
        The errors of the results.

    Raises
    ------
    TypeError
        If an error depends on the inputs that are left.
    """

    def __init__(self, tape: Tape, values: Mapping[str, Any], ways: Sequence[int]) -> None:
        self._steps: list[tuple[int, str, str, list[int], list[int]]] = []
        self._outputs = tape.outputs
        known = self._known = Errors(values, ways)
        last = {i: place for place, (_, _, parts) in enumerate(tape.steps) for i in parts}
        for place, (name, text, parts) in enumerate(tape.steps):
            left = name == "input" and text not in values
            if not left and all(known.values[i] is not None for i in parts):
                known.take(name, text, parts)
                continue
            if name not in _ALIKE and not known.directed(place, name, text):
                raise TypeError(f"the error of {name} depends on its operands")
            known.units.append(known.error(place, None, name, text, parts))
            known.values.append(None)
            done = [i for i in parts if last[i] == place and i not in tape.outputs]
            self._steps.append((place, name, text, parts, done))
        self.units = [known.units[i] for i in tape.outputs]

    def run(self, inputs: Mapping[str, Any]) -> list[Any]:
        """The results for a block."""
        errors = Errors(inputs, self._known.ways)
        errors.units = self._known.units
        values = errors.values = self._known.values.copy()
        for place, name, text, parts, done in self._steps:
            values[place] = errors.value(place, name, text, parts)
            for i in done:  # its memory is used again while it is in the cache
                values[i] = None
        return [values[i] for i in self._outputs]
