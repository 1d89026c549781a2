"""Whether a bound meets a target: by floats where they show it, or else exactly."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from boundcalc.conventions import Side
from boundcalc.numeric.compiled import rounds
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.evaluate import directed
from boundcalc.numeric.exact import compare
from boundcalc.symbolic.functions import LimitFunction
from boundcalc.symbolic.theorem import Theorem, Variant

_LOOSE = 1e-6


def met(
    entry: Theorem,
    variant: Variant,
    numbers: Mapping[str, Any],
    value: float,
    target: Fraction,
    *,
    at_least: bool,
) -> bool:
    """Whether the exact value is at most, or at least, the target; equality included.

    Parameters
    ----------
    entry, variant
    numbers : mapping of str to number
        All parameters of the variant, as they were written.
    value : float
        What `evaluate` makes of them.
    target : Fraction
    at_least : bool

    Raises
    ------
    UndecidedError
        If the two are too close to tell with reasonable effort.
    """
    if rounds(variant.expression) or math.isinf(value):
        return value >= target if at_least else value <= target
    ends = _ends(entry, variant, numbers, value)
    sides = {end >= target if at_least else end <= target for end in ends}
    if len(sides) == 1 and all(map(math.isfinite, ends)):
        return sides.pop()
    written = {s: exactly(numbers[s.name]) for s in variant.expression.free_symbols}
    beyond = compare(variant.expression, target, written)
    return beyond >= 0 if at_least else beyond <= 0


def _ends(entry: Theorem, variant: Variant, numbers: Mapping[str, Any], value: float) -> tuple[float, float]:
    """Two floats between which the exact value is."""
    if variant.expression.has(LimitFunction):  # further out than the exact one, by far less than this
        return value, value * (1 - _LOOSE if variant.side is Side.UPPER else 1 + _LOOSE)
    known = {p.name: float(numbers[p.name]) for p in variant.parameters}
    low, high = (float(directed(entry, variant, known, up=up)[1]) for up in (False, True))
    return low, high
