"""Which complexities may stand in one formula, and which bridge leads from one convention to
another.
"""

from __future__ import annotations

from collections.abc import Sequence

from boundcalc.calculus.node import Node
from boundcalc.conventions import Average, Noise, Output, Signs
from boundcalc.errors import ConventionError, InputError

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
            f"{operation} needs a class with one output: take .vector_contraction(L), R ≤ √2 L "
            f"R^vec"
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
