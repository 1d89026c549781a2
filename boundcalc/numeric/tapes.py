"""Tapes: formulas as plain data.

A tape is a flat list of operations on numbered places. Parts that are shared are computed once; it
is plain data, written to JSON and read back, and nothing in it is ever executed as code. One tape
is run by every arithmetic (`boundcalc.numeric.arithmetic`); `boundcalc.numeric.compile` makes them
of expressions. Neither NumPy nor SymPy is loaded here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import prod
from typing import Any

from boundcalc.errors import InputError
from boundcalc.symbolic.parameters import parameter

OUTWARD = {
    "KLUpper": (1, 1),
    "KLLower": (-1, 1),
    "BinomialUpper": (0, 0, -1),
    "BinomialLower": (0, 0, -1),
}
"""Which way every argument of a limit is moved to make it lie further out."""
OPERATIONS = frozenset(
    ("input", "number", "add", "sum", "mul", "div", "pow", "power", "exp", "log", "log1p")
) | {"ceiling", "call", "largest", "smallest"}
Arithmetic = Mapping[str, Callable[..., Any]]
"""A function for every operation; it takes the text of the operation, then the operands."""


@dataclass(frozen=True)
class Tape:
    """Formulas as plain data.

    Attributes
    ----------
    operations : tuple of tuple
        A name, then whole numbers, which are places of earlier results, and texts. Of a logarithm
        the text is its sign where it has one, whatever the inputs are.
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

    @cached_property
    def last_uses(self) -> list[list[int]]:
        """The places of results that no operation after this one needs, those that are asked for
        left out.
        """
        last = {i: place for place, (_, _, parts) in enumerate(self.steps) for i in parts}
        found: list[list[int]] = [[] for _ in self.steps]
        for i in last.keys() - set(self.outputs):
            found[last[i]].append(i)
        return found

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

    def limit(self, output: int) -> tuple[str, str]:
        """The limit of which a result is a multiple, and the number; empty where it is none."""
        name, *rest = self.operations[self.outputs[output]]
        times = "1"
        if name == "mul" and len(rest) == 2:
            (factor, *number), (name, *rest) = (self.operations[i] for i in rest)  # type: ignore[index]
            times = str(number[0]) if factor == "number" else ""
        found = name == "call" and rest[0] in OUTWARD and times and not times.startswith("-")
        return (str(rest[0]), times) if found else ("", "")

    def part(self, *outputs: int) -> Tape:
        """The tape of some of the results, by their numbers."""
        return _part(self, outputs)

    @cached_property
    def inputs(self) -> frozenset[str]:
        """The names of what it depends on."""
        return frozenset(text for name, text, _ in self.steps if name == "input")

    @cached_property
    def calls(self) -> frozenset[str]:
        """The functions in it that are defined by an equation or a sum."""
        return frozenset(text for name, text, _ in self.steps if name == "call")

    @cached_property
    def signs(self) -> list[int]:
        """1 where a result is never below 0, −1 where it is never above it, 0 where it may be."""
        found: list[int] = []
        for name, text, operands in self.steps:
            own = [found[i] for i in operands]
            if name == "input":
                known = parameter(text)
                sign = 1 if known.low >= 0 else -1 if known.high <= 0 else 0
            elif name in ("number", "log"):
                sign = -1 if text.startswith("-") else 1 if text else 0
            elif name in ("mul", "div"):
                sign = prod(own)
            elif name == "pow":
                sign = 1 if own[0] > 0 or text == "2" or "/" in text else 0
            else:
                sign = own[0] if name == "sum" else 0
            found.append(sign)
        return found

    @cached_property
    def loud(self) -> frozenset[str]:
        """The inputs that make some result infinite or NaN where they are infinite."""
        heard = set(self.outputs)
        for place, (name, _, operands) in reversed(list(enumerate(self.steps))):
            if place in heard and name in ("add", "sum", "mul", "pow", "log"):
                heard |= set(operands)
            elif place in heard and name == "div":
                heard.add(operands[0])
        return frozenset(
            text for i, (name, text, _) in enumerate(self.steps) if name == "input" and i in heard
        )

    def ways(self, count: int, up: bool) -> tuple[int, ...]:
        """Which way every place moves the first results up or down: 1 with it, −1 against it.

        0 where that is not sure, and where a result beyond the first ones depends on it.
        """
        return _ways(self, count, up)

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, ready for JSON."""
        return {"operations": [list(o) for o in self.operations], "outputs": list(self.outputs)}


@lru_cache(maxsize=4096)
def _part(tape: Tape, outputs: tuple[int, ...]) -> Tape:
    """The operations that some results need, renumbered."""
    wanted = [tape.outputs[i] for i in outputs]
    needed: set[int] = set()
    left = list(wanted)
    while left:
        place = left.pop()
        if place not in needed:
            needed.add(place)
            left += (r for r in tape.operations[place][1:] if type(r) is int)
    number = {old: new for new, old in enumerate(sorted(needed))}
    operations = tuple(
        tuple(number[r] if type(r) is int else r for r in tape.operations[old])
        for old in sorted(needed)
    )
    return Tape(operations, tuple(number[place] for place in wanted))


@lru_cache(maxsize=4096)
def _ways(tape: Tape, count: int, up: bool) -> tuple[int, ...]:
    signs = tape.signs
    found: dict[int, int] = {}
    for i, place in enumerate(tape.outputs):
        way = (1 if up else -1) if i < count else 0
        found[place] = way if found.get(place, way) == way else 0
    for place in reversed(range(len(tape.steps))):
        way = found.setdefault(place, 0)
        name, text, operands = tape.steps[place]
        for at, i in enumerate(operands):
            if name == "mul":
                own = way * prod(signs[j] for k, j in enumerate(operands) if k != at)
            elif name == "div":
                own = -way * signs[operands[0]] if at else way * signs[operands[1]]
            elif name == "pow":
                own = way * (signs[i] > 0)
            elif name == "call":
                own = OUTWARD[text][at] if text in OUTWARD and way == _end(text) else 0
            else:
                own = 0 if name == "power" else way
            found[i] = own if found.get(i, own) == own else 0
    return tuple(found[place] for place in range(len(tape.steps)))


def _end(limit: str) -> int:
    return 1 if limit.endswith("Upper") else -1


def tape_from(data: Any) -> Tape:
    """A tape from plain data; InputError for an unknown operation, or a place not yet computed."""
    try:
        operations = tuple(tuple(operation) for operation in data["operations"])
        outputs = tuple(data["outputs"])
        for place, (name, *rest) in enumerate(operations):
            sound = all(type(r) is str or (type(r) is int and 0 <= r < place) for r in rest)
            if name not in OPERATIONS or not sound:
                raise ValueError
        if not all(type(place) is int and 0 <= place < len(operations) for place in outputs):
            raise ValueError
    except (KeyError, TypeError, ValueError):
        raise InputError("these data are not a tape") from None
    return Tape(operations, outputs)
