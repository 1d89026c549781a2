"""Formulas as tapes, and what runs them: floats, floats with their rounding errors, and intervals.

A tape is a flat list of operations on numbered places. Parts that are shared are computed once; it
is plain data, written to JSON and read back, and nothing in it is ever executed as code. One
expression gives one tape, whichever arithmetic runs it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property, lru_cache, reduce
from importlib import import_module
from math import frexp
from operator import add, mul
from typing import Any

import numpy as np
from mpmath import iv
from sympy import Expr, Function, Rational, ceiling, exp, fraction, log, pi
from sympy.codegen.cfunctions import log1p

from boundcalc.errors import InputError
from boundcalc.symbolic.analysis.intervals import working_digits
from boundcalc.symbolic.analysis.ranges import range_of

UNIT = 2.0**-53
"""Half the distance from 1 to the next float: the relative error of one operation, u."""
SPARE = 4
"""Added to every limit on a rounding error: the decimal of a moved float stays on its side too."""
ELEMENTARY = 8
"""The error of an elementary function, in u."""
_LARGEST_WHOLE = 2**53
OUTWARD = {
    "KLUpper": (1, 1),
    "KLLower": (-1, 1),
    "BinomialUpper": (0, 0, -1),
    "BinomialLower": (0, 0, -1),
}
"""Which way every argument of a limit is moved to make it lie further out."""
SUMMED = {"LogEntropyMoment": 512.0}
"""Errors in u of functions that are no limit: the logarithm of a sum of some thousand products."""
_FUNCTIONS = ("boundcalc.numeric.special", "boundcalc.numeric.class_functions")
_ENCLOSED = ("boundcalc.symbolic.functions", "boundcalc.symbolic.complexity_functions")


@dataclass(frozen=True)
class Tape:
    """Formulas as plain data.

    Attributes
    ----------
    operations : tuple of tuple
        A name, then whole numbers, which are places of earlier results, and texts.
    outputs : tuple of int
        The places of the results.
    """

    operations: tuple[tuple[str | int, ...], ...]
    outputs: tuple[int, ...]

    @cached_property
    def steps(self) -> list[tuple[str, str, list[int]]]:
        """Name, text and operands of every operation."""
        return [
            (
                str(name),
                "".join(r for r in rest if type(r) is str),
                [r for r in rest if type(r) is int],
            )
            for name, *rest in self.operations
        ]

    def run(self, values: Mapping[str, Any], arithmetic: Arithmetic) -> list[Any]:
        """The results for values of the inputs by name; TypeError for an unknown operation."""
        places: list[Any] = []
        for name, text, operands in self.steps:
            function = arithmetic.get(name)
            if function is None:
                raise TypeError(f"no {name} in this arithmetic")
            inputs = [places[i] for i in operands]
            places.append(function(values[text]) if name == "input" else function(text, *inputs))
        return [places[place] for place in self.outputs]

    def given(self, output: int) -> bool:
        """Whether a result is an input and nothing else, up to its sign."""
        name, *rest = self.operations[self.outputs[output]]
        if name == "mul" and len(rest) == 2 and self.operations[rest[0]] == ("number", "-1"):  # type: ignore[index]
            name = self.operations[rest[1]][0]  # type: ignore[index]
        return name == "input"

    def limit(self, output: int) -> tuple[str, int]:
        """The limit of which a result is a positive multiple, if any, and the error of the
        multiple.
        """
        name, *rest = self.operations[self.outputs[output]]
        error = 0
        if name == "mul" and len(rest) == 2:
            (factor, *number), (name, *rest) = (self.operations[i] for i in rest)  # type: ignore[index]
            if factor != "number" or not _float(str(number[0])) > 0:
                return "", 0
            error = 0 if frexp(_float(str(number[0])))[0] == 0.5 else ELEMENTARY
        return (str(rest[0]), error) if name == "call" and rest[0] in OUTWARD else ("", 0)

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, ready for JSON."""
        return {"operations": [list(o) for o in self.operations], "outputs": list(self.outputs)}


def tape_from(data: Any) -> Tape:
    """A tape from plain data; InputError for an unknown operation, or a place not yet computed."""
    try:
        operations = tuple(tuple(operation) for operation in data["operations"])
        outputs = tuple(data["outputs"])
        for place, (name, *rest) in enumerate(operations):
            sound = all(type(r) is str or (type(r) is int and 0 <= r < place) for r in rest)
            if name not in FLOATS or not sound:
                raise ValueError
        if not all(type(place) is int and 0 <= place < len(operations) for place in outputs):
            raise ValueError
    except (KeyError, TypeError, ValueError):
        raise InputError("these data are not a tape") from None
    return Tape(operations, outputs)


class _Recorder:
    """Turns expressions into operations; equal ones share a place."""

    def __init__(self) -> None:
        self.operations: list[tuple[str | int, ...]] = []
        self.places: dict[Any, int] = {}

    def place(self, expr: Expr) -> int:
        """The place of an expression."""
        if expr not in self.places:
            self.places[expr] = self._recorded(expr)
        return self.places[expr]

    def _emit(self, *operation: str | int) -> int:
        if operation not in self.places:
            self.operations.append(operation)
            self.places[operation] = len(self.operations) - 1
        return self.places[operation]

    def _recorded(self, expr: Expr) -> int:
        if expr.is_Symbol:
            return self._emit("input", expr.name)
        if expr.is_Rational or expr.is_Float:
            return self._emit("number", str(Rational(expr)))
        if expr is pi:
            return self._emit("number", "pi")
        if expr.is_Add:
            name = "sum" if _one_sign(expr) else "add"
            return self._emit(name, *map(self.place, expr.args))
        if expr.is_Mul:
            return self._product(expr)
        if expr.is_Pow:
            return self._power(expr.base, expr.exp)
        if isinstance(expr, log) and fraction(expr.args[0])[1].is_Symbol:
            above, below = fraction(expr.args[0])
            return self.place(log(above) - log(below))
        if isinstance(expr, (exp, log, log1p, ceiling)):
            return self._emit(type(expr).__name__, self.place(expr.args[0]))
        if isinstance(expr, Function):
            return self._emit("call", type(expr).__name__, *map(self.place, expr.args))
        raise TypeError(f"{type(expr).__name__} cannot be put on a tape")

    def _product(self, expr: Expr) -> int:
        """Factors with a negative exponent are divided by."""
        below = [a for a in expr.args if a.is_Pow and a.exp.is_Rational and a.exp < 0]
        above = [self.place(a) for a in expr.args if a not in below]
        whole = self._emit("mul", *above) if len(above) > 1 else above[0] if above else None
        if not below:
            return whole  # type: ignore[return-value]
        divisors = [self.place(1 / a) for a in below]
        divisor = self._emit("mul", *divisors) if len(divisors) > 1 else divisors[0]
        return self._emit("div", self._emit("number", "1") if whole is None else whole, divisor)

    def _power(self, base: Expr, exponent: Expr) -> int:
        if exponent.is_Rational and exponent < 0:
            return self._emit("div", self._emit("number", "1"), self.place(base**-exponent))
        if exponent.is_Rational:
            return self._emit("pow", self.place(base), str(exponent))
        if base.is_Add:  # (1 − x)ⁿ: for huge n the power itself keeps no digit
            return self.place(exp(exponent * log1p(base - 1)))
        return self._emit("power", self.place(base), self.place(exponent))


def _one_sign(expr: Expr) -> bool:
    ranges = [range_of(a, {}) for a in expr.args]
    return all(r.nonnegative for r in ranges) or all(r.nonpositive for r in ranges)


@lru_cache(maxsize=2048)
def tape(*expressions: Expr) -> Tape:
    """The tape of formulas; TypeError for a kind of expression that it does not know."""
    recorder = _Recorder()
    outputs = tuple(recorder.place(e) for e in expressions)
    return Tape(tuple(recorder.operations), outputs)


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
    if text == "pi":
        return +iv.pi
    exact = Fraction(text)
    return iv.mpf(exact.numerator) / exact.denominator


def _interval_power(text: str, base: Any) -> Any:
    exponent = _fraction(text)
    if exponent.denominator <= 2:
        root = base if exponent.denominator == 1 else iv.sqrt(base)
        return root**exponent.numerator
    return iv.exp(_interval(exponent) * iv.log(base))


def _enclose(name: str, *parts: Any) -> Any:
    for module in _ENCLOSED:
        function = getattr(import_module(module), name, None)
        if function is not None:
            return function.enclose(*parts)
    raise TypeError(f"no enclosure for {name}")


Arithmetic = Mapping[str, Callable[..., Any]]
"""A function for every operation; it takes the text of the operation, then the operands."""

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
INTERVALS: Arithmetic = {
    **{name: FLOATS[name] for name in ("add", "sum", "mul", "div")},
    "input": _interval,
    "number": _interval,
    "pow": _interval_power,
    "power": lambda _, base, exponent: iv.exp(exponent * iv.log(base)),
    "exp": lambda _, x: iv.exp(x),
    "log": lambda _, x: iv.log(x),
    "log1p": lambda _, x: iv.log(1 + x),
    "call": _enclose,
}


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


def enclosure(expression: Expr, values: Mapping[str, Fraction], digits: int) -> Any:
    """An interval around the exact value of a formula; TypeError where none can be proved."""
    with working_digits(digits):
        try:
            return tape(expression).run(values, INTERVALS)[0]
        except (ValueError, ZeroDivisionError):  # an argument that is not proved to be positive
            raise TypeError(f"no enclosure of {expression}") from None


def away(values: Any, units: Any, up: bool) -> Any:
    """Floats moved up or down by so many u of their size; 0 is exact: what underflows is
    not used.
    """
    if np.ndim(units) == 0 and units == 0:
        return values
    if np.ndim(units) == 0 == np.ndim(values) and (
        units == 0 or (values == 0 and np.isfinite(units))
    ):
        return values
    sign = 1.0 if up else -1.0
    far = values + abs(values) * (units * (sign * 1.001 * UNIT))
    moved = np.nextafter(far, sign * np.inf)
    return np.where((values == 0) & np.isfinite(units), values, moved) if np.ndim(moved) else moved


def total(terms: Sequence[Any], up: bool | None) -> Any:
    """A sum rounded up or down, or to the nearest float where `up` is None.

    Every addition's error is known exactly (Knuth's two-sum), so that 0 + 1 is 1.
    """
    whole, *others = terms
    lost = size = 0.0
    for term in others:
        new = whole + term
        part = new - whole
        error = (whole - (new - part)) + (term - part)
        whole, lost, size = new, lost + error, size + abs(error)
    if up is None:
        return whole + lost
    sign = 1.0 if up else -1.0
    moved = np.nextafter(whole + (lost + size * (sign * len(terms) * 4 * UNIT)), sign * np.inf)
    if np.ndim(moved):
        return np.where(size == 0, whole, moved)
    return moved if size else whole
