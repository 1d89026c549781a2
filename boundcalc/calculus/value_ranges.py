"""In how long an interval the functions of a class have their values, where a class says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from sympy import Rational

from boundcalc.calculus.inputs import is_symbolic
from boundcalc.calculus.node import Leaf, Node, nodes
from boundcalc.errors import ConventionError
from boundcalc.symbolic.parameters import symbol

Parts = Sequence[Fraction | None]


def width(F: Node) -> Fraction | None:
    """The length of an interval with all values at any one example; None where it is not known."""
    if any(map(is_symbolic, F.numbers.values())):
        return None
    if isinstance(F.operation, Leaf):
        length = F.operation.entry.width
        if length is None:
            return None
        numbers = {symbol(s.name): _rational(F.numbers[s.name]) for s in length.free_symbols}
        return Fraction(str(length.subs(numbers)))
    parts = [width(part) for part in F.parts]
    return _RULES.get(F.kind, _same)(parts, F)


def holds_losses(F: Node) -> bool:
    """Whether it is a loss class or made of one."""
    return any(node.tags.loss_class for node in nodes(F))


def require_within(parts: Sequence[Node], bound: float) -> None:
    """Refuse parts of a union whose values need a longer interval than [−b, b].

    Raises
    ------
    ConventionError
    """
    for part in parts:
        length = width(part)
        if is_symbolic(bound) and length is not None:
            raise ConventionError(f"bound = {bound} is not known to suffice for {part.kind}")
        if length is not None and length > 2 * _exact(bound):
            raise ConventionError(
                f"{part.kind} has values in an interval of length {_shown(length)}, and bound = "
                f"{bound:g} allows the union one of length {_shown(2 * _exact(bound))}"
            )


def _shown(length: Fraction) -> str:
    """A length as a short number."""
    return f"{float(length):.10g}"


def _exact(number: Any) -> Fraction:
    """The decimal that was written."""
    return Fraction(repr(float(number)))


def _rational(number: Any) -> Rational:
    exact = _exact(number)
    return Rational(exact.numerator, exact.denominator)


def _same(parts: Parts, F: Node) -> Fraction | None:
    """A shift, a part, the hull and another convention need no longer interval; a number says
    nothing.
    """
    return parts[0] if parts else None


def _all(combine: Callable[[list[Fraction]], Fraction]) -> Callable[[Parts, Node], Fraction | None]:
    """From the lengths of all parts, if they are known."""

    def combined(parts: Parts, F: Node) -> Fraction | None:
        known = [length for length in parts if length is not None]
        return combine(known) if len(known) == len(parts) else None

    return combined


def _times(name: str) -> Callable[[Parts, Node], Fraction | None]:
    """The length multiplied by a number of the rule."""

    def multiplied(parts: Parts, F: Node) -> Fraction | None:
        return None if parts[0] is None else _exact(F.numbers[name]) * parts[0]

    return multiplied


_RULES: dict[str, Callable[[Parts, Node], Fraction | None]] = {
    "sum": _all(lambda lengths: sum(lengths, Fraction(0))),
    "max": _all(max),
    "scale": _times("factor"),
    "lipschitz": _times("lipschitz"),
    "vector-contraction": lambda parts, F: None,
    "union": lambda parts, F: 2 * _exact(F.numbers["bound"]),
    "loss": lambda parts, F: _exact(F.numbers["loss_bound"]),
}
