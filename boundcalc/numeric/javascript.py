"""Tapes as JavaScript: the same operations in the same order, with the same limits on their errors.

A page that re-evaluates a closed form runs what is generated here, so that no formula is typed a
second time. What is computed by an equation instead of a formula is in ``limits.js``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from importlib.resources import files

from boundcalc.numeric.arithmetic import FLOATS
from boundcalc.numeric.rounding import (
    ELEMENTARY,
    SPARE,
    SUMMED,
    UNIT,
    exact_float,
    multiple_error,
)
from boundcalc.numeric.tapes import OUTWARD, Tape

LIMITS = frozenset({"BinomialUpper", "BinomialLower", "KLUpper", "KLLower", "LogEntropyMoment"})
"""The functions that `runtime` has."""


def runtime() -> str:
    """What the functions of `javascript` need: limits defined by an equation, sums, rounding."""
    text = (files("boundcalc.numeric") / "limits.js").read_text(encoding="utf-8")
    return text.replace("@UNIT@", repr(UNIT)).replace("@SPARE@", repr(SPARE))


def javascript(tape: Tape) -> str:
    """A JavaScript function of the inputs by name, of values and their errors in units of u.

    Raises
    ------
    TypeError
        For an operation that JavaScript has not.

    Examples
    --------
    >>> from boundcalc.numeric.compile import tape
    >>> from boundcalc.symbolic.parameters import symbol
    >>> javascript(tape(symbol("m") * 2))[:27]
    '(v) => {\\nconst a0 = 2.0, u0'
    """
    lines = []
    spread: set[int] = set()
    for place, (name, text, operands) in enumerate(tape.steps):
        value, units, absolute = _step(name, text, operands, place, spread)
        extra = f", s{place} = {absolute}" if absolute else ""
        lines.append(f"const a{place} = {value}{extra}, u{place} = {units};")
        if absolute:
            spread.add(place)
    values = ", ".join(f"a{i}" for i in tape.outputs)
    errors = ", ".join(f"u{i}" for i in tape.outputs)
    return "\n".join(("(v) => {", *lines, f"return [[{values}], [{errors}]];", "}"))


def _step(
    name: str, text: str, parts: list[int], place: int, spread: set[int]
) -> tuple[str, str, str]:
    """The value, its error in units, and the error itself where terms may cancel."""
    if name == "input":
        return f"v[{json.dumps(text)}]", "1", ""
    if name == "number":
        return repr(float(FLOATS["number"](text))), "0" if exact_float(text) else "1", ""
    if name == "call":
        return _call(text, parts), repr(SUMMED[text]) if text in SUMMED else "NaN", ""
    places = [f"a{i}" for i in parts]
    units = [f"u{i}" for i in parts]
    own = [_spread(i, spread) for i in parts]
    count = len(parts)
    if name == "sum":
        return " + ".join(places), f"{_largest(units)} + {count}", ""
    if name == "add":
        sizes = (f"{s} + {count} * Math.abs({a})" for s, a in zip(own, places, strict=True))
        return " + ".join(places), f"s{place} / Math.abs(a{place})", " + ".join(sizes)
    if name in ("mul", "div"):
        sign = " * " if name == "mul" else " / "
        return sign.join(places), f"{' + '.join(units)} + {count}", ""
    if name == "pow":
        return _power(text, places[0], units[0])
    (first, *others), inside = places, own[-1]
    if name == "power":
        moved = f"Math.abs({others[0]}) * {units[0]} + Math.abs(Math.log({first})) * {inside}"
        return f"Math.pow({first}, {others[0]})", f"{moved} + {ELEMENTARY}", ""
    if name == "exp":
        return f"Math.exp({first})", f"{inside} + {ELEMENTARY}", ""
    if name == "log":
        absolute = f"{units[0]} + {ELEMENTARY} * Math.abs(Math.log({first}))"
        return f"Math.log({first})", f"s{place} / Math.abs(a{place})", absolute
    if name == "log1p":
        ratio = f"Math.abs({first} / ((1 + {first}) * a{place}))"
        return f"Math.log1p({first})", f"{units[0]} * {ratio} + {ELEMENTARY}", ""
    if name in ("largest", "smallest"):
        way = "max" if name == "largest" else "min"
        listed = ", ".join(places)
        share = f"Math.abs(a{place}) * {_largest(units)}"
        one_sign = f"Math.min({listed}) >= 0 || Math.max({listed}) <= 0"
        absolute = f"{one_sign} ? {share} : {_largest(own)}"
        return f"Math.{way}({listed})", f"s{place} / Math.abs(a{place})", absolute
    if name == "ceiling":
        return f"Math.ceil({first})", "NaN", ""
    raise TypeError(f"no {name} in JavaScript")


def _spread(place: int, spread: set[int]) -> str:
    return f"s{place}" if place in spread else f"Math.abs(a{place}) * u{place}"


def _largest(units: list[str]) -> str:
    return f"Math.max({', '.join(units)})"


def _power(text: str, base: str, units: str) -> tuple[str, str, str]:
    exponent = repr(float(Fraction(text)))
    if text in ("1/2", "2"):
        value = f"Math.sqrt({base})" if text == "1/2" else f"{base} * {base}"
        return value, f"{exponent} * {units} + 2", ""
    return f"Math.pow({base}, {exponent})", f"{exponent} * {units} + {ELEMENTARY}", ""


def _call(name: str, parts: list[int]) -> str:
    if name not in LIMITS:
        raise TypeError(f"no function {name} in JavaScript")
    ways = OUTWARD.get(name, (0,) * len(parts))
    return f"limits.{name}({', '.join(_moved(parts, ways))})"


def _moved(parts: list[int], ways: tuple[int, ...]) -> Iterator[str]:
    for i, way in zip(parts, ways, strict=True):
        yield f"moved(a{i}, u{i}, {way})" if way else f"a{i}"


def moved_outward(tape: Tape, output: int, *, up: bool) -> str:
    """By how many units of u a result is moved outward, as JavaScript of its units ``u``.

    A limit that is defined by an equation is rounded outward itself.
    """
    name, times = tape.limit(output)
    own = name.endswith("Upper" if up else "Lower") and name
    return str(multiple_error(times)) if own else f"u + {SPARE}"
