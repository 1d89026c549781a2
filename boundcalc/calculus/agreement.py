"""Which complexities may stand in one formula, and in how long an interval values lie.

Where conventions differ, the message names the bridge from one to the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from boundcalc.calculus.inputs import exactly, is_symbolic
from boundcalc.calculus.tree import Leaf, Node, nodes
from boundcalc.conventions import Average, Noise, Output, Signs
from boundcalc.errors import ConventionError, InputError
from boundcalc.symbolic.parameters import symbol

BRIDGE = (
    "pay R_m ≤ R̂_S + (w/2)√(ln(1/δ)/(2m)) on the bounded loss class: "
    ".loss_class(lipschitz=…, loss_bound=…).expected(delta=…)"
)
_SIGNED = "take .signed() first: R ≤ R_abs, at no cost"
_RADEMACHER = "take .rademacher_from_gaussian() first: R ≤ √(π/2) G"


def common_averages(parts: Sequence[Node], operation: str) -> tuple[Average, ...]:
    """What all parts bound: the measured complexity, the expected one, or both.

    Raises
    ------
    ConventionError
        If there is nothing that all of them bound.
    """
    shared = tuple(
        a for a in parts[0].tags.averages if all(a in part.tags.averages for part in parts)
    )
    if not shared:
        raise ConventionError(f"{operation} of an empirical and an expected complexity: {BRIDGE}")
    return shared


def agree(parts: Sequence[Node], operation: str) -> None:
    """Refuse to combine complexities of different samples, outputs, signs or noise.

    Raises
    ------
    ConventionError
        The message names the bridge.
    """
    if not parts:
        raise InputError(f"{operation} of no classes")
    sizes = sorted({part.m for part in parts}, key=str)
    if len(sizes) > 1:
        raise ConventionError(
            f"{operation} of complexities on different samples, m = {sizes[0]} and m = {sizes[1]}: "
            "state all of them for one m"
        )
    if len({part.tags.output for part in parts}) > 1:
        raise ConventionError(
            f"{operation} of a scalar and a vector class: "
            "take the vector class to one output with .vector_contraction(L), R ≤ √2 L R^vec"
        )
    if len({part.tags.noise for part in parts}) > 1:
        raise ConventionError(
            f"{operation} of a Rademacher and a Gaussian complexity: {_RADEMACHER}"
        )
    if len({part.tags.signs for part in parts}) > 1:
        raise ConventionError(
            f"{operation} of a signed complexity and one with absolute values: {_SIGNED}"
        )


def signed(part: Node, operation: str) -> None:
    """Refuse absolute values where the rule or its constant needs the signed form."""
    if part.tags.signs is Signs.ABSOLUTE:
        raise ConventionError(f"{operation} needs the signed complexity: {_SIGNED}")


def rademacher(part: Node, operation: str) -> None:
    """Refuse a Gaussian complexity."""
    if part.tags.noise is Noise.GAUSSIAN:
        raise ConventionError(f"{operation} needs a Rademacher complexity: {_RADEMACHER}")


def scalar(part: Node, operation: str) -> None:
    """Refuse a vector class."""
    if part.tags.output is Output.VECTOR:
        raise ConventionError(
            f"{operation} needs a class with one output: take .vector_contraction(L), "
            "R ≤ √2 L R^vec"
        )


def vector(part: Node, operation: str) -> None:
    """Refuse a class with one output."""
    if part.tags.output is Output.SCALAR:
        raise ConventionError(
            f"{operation} needs a class with vector outputs; for one output .lipschitz(L) has no √2"
        )


def predictors(part: Node, operation: str) -> None:
    """Refuse a loss class, which is contracted already."""
    if part.tags.loss_class:
        raise ConventionError(
            f"{operation} needs the class of predictors; this is already that of a loss class"
        )


# --- in how long an interval the functions have their values ------------------------------------


def width(F: Node) -> Fraction | None:
    """The length of an interval with all values at any one example; None where it is not known."""
    if any(map(is_symbolic, F.numbers.values())):
        return None
    if isinstance(F.operation, Leaf):
        length = F.operation.entry.width
        if length is None:
            return None
        numbers = {symbol(s.name): exactly(F.numbers[s.name]) for s in length.free_symbols}
        return Fraction(str(length.subs(numbers)))
    for kind, name, times in (("union", "bound", 2), ("loss", "loss_bound", 1)):
        if F.kind == kind:
            return times * _exact(F.numbers[name])
    known = [length for part in F.parts if (length := width(part)) is not None]
    if len(known) < len(F.parts) or not known or F.kind == "vector-contraction":
        return None
    if F.kind in ("scale", "lipschitz"):
        return _exact(F.numbers["factor" if F.kind == "scale" else "lipschitz"]) * known[0]
    # a shift, a part, the hull and another convention of one class need no longer interval
    return sum(known, Fraction(0)) if F.kind == "sum" else max(known)


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
                f"{part.kind} has values in an interval of length {float(length):.10g}, and bound "
                f"= {bound:g} allows the union one of length {float(2 * _exact(bound)):.10g}"
            )


def _exact(number: Any) -> Fraction:
    """The decimal that was written."""
    return Fraction(repr(float(number)))


def holds_losses(F: Node) -> bool:
    """Whether it is a loss class or made of one."""
    return any(node.tags.loss_class for node in nodes(F))
