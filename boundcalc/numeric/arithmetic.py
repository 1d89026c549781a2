"""What runs tapes: floats, fractions and intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache, reduce
from importlib import import_module
from math import inf, nextafter
from operator import add, mul
from typing import TYPE_CHECKING, Any

import numpy as np

from boundcalc.errors import InputError
from boundcalc.numeric.tapes import Arithmetic, Tape

if TYPE_CHECKING:
    from boundcalc.symbolic.precision import Box

_FUNCTIONS = ("boundcalc.numeric.special", "boundcalc.numeric.class_functions")
_ENCLOSED = ("boundcalc.symbolic.functions", "boundcalc.symbolic.complexity_functions")


@cache
def function(name: str) -> Callable[..., Any]:
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


fraction_of = cache(Fraction)


@cache
def _float(text: str) -> Any:
    return np.float64(np.pi if text == "pi" else Fraction(text))


def _float_power(text: str, base: Any) -> Any:
    if text == "1/2":
        return np.sqrt(base)
    return base * base if text == "2" else np.power(base, float(fraction_of(text)))


def _interval(text: str | Fraction) -> Any:
    intervals = _intervals()
    return intervals.pi() if text == "pi" else intervals.interval(Fraction(text))


def _interval_power(text: str, base: Any) -> Any:
    exponent = fraction_of(text)
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
    "call": lambda name, *parts: function(name)(*parts),
    "largest": lambda _, *parts: reduce(np.maximum, parts),
    "smallest": lambda _, *parts: reduce(np.minimum, parts),
}
EXACT: Arithmetic = {
    # fractions, for what has no roots and no functions in it
    **{name: FLOATS[name] for name in ("add", "sum", "mul", "div")},
    "input": lambda value: value if isinstance(value, Fraction) else Fraction(repr(float(value))),
    "number": lambda text: fraction_of(text),
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


def floats(tape: Tape, values: Mapping[str, Any]) -> list[Any]:
    """The results as floats give them; what overflows is ∞."""
    with np.errstate(all="ignore"):
        return tape.run(values, FLOATS)


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
        return value if Fraction(value) >= exact else nextafter(value, inf)
    except OverflowError:
        raise InputError("the bound is larger than any floating-point number") from None
