"""Which values of an unknown the other numbers allow: an average loss is at most the largest loss, say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from sympy import Poly, PolynomialError, Rational, lambdify

from boundcalc.errors import InputError
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.evaluate import check_requirements
from boundcalc.numeric.solving.axis import SMALLEST_FLOAT, Axis, boundary, whole_axis
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.theorem import Requirement, Variant


def feasible(variant: Variant, unknown: Parameter, given: Mapping[str, Any]) -> Axis:
    """The values of `unknown` that its domain and the variant's side conditions allow.

    Parameters
    ----------
    variant : Variant
    unknown : Parameter
    given : mapping of str to float
        All other parameters.

    Raises
    ------
    InputError
        If no value is allowed, or the allowed ones are not in one piece.
    """
    settled = tuple(r for r in variant.requires if not r.relation.has(unknown.symbol))
    check_requirements(settled, given)
    axis = whole_axis(unknown)
    for requirement in variant.requires:
        if requirement.relation.has(unknown.symbol):
            axis = _narrowed(axis, requirement, given)
    return axis


def _narrowed(axis: Axis, requirement: Requirement, given: Mapping[str, Any]) -> Axis:
    x = axis.parameter.symbol
    others = [s for s in requirement.relation.free_symbols if s != x]
    compiled = lambdify([x, *others], requirement.relation, modules="numpy")
    numbers = [given[s.name] for s in others]

    def allowed(position: int) -> bool:
        return bool(compiled(float(axis.value(position)), *numbers))

    cuts = _cuts(axis, requirement, {s: given[s.name] for s in others})
    tried = _probes(axis, cuts)
    good = [p for p in tried if allowed(p)]
    if not good:
        raise InputError(f"no {x.name} is allowed by the other numbers: {requirement.otherwise}")
    low, high = tried.index(good[0]), tried.index(good[-1])
    if high - low + 1 != len(good):
        raise InputError(f"cannot solve for {x.name}: the values that are allowed are not in one piece")
    first = boundary(allowed, tried[low], tried[low - 1]) if low else axis.first
    last = boundary(allowed, tried[high], tried[high + 1]) if high + 1 < len(tried) else axis.last
    # a strict inequality leaves its end out: the allowed values then end at the float next to it
    ends, reached = axis.ends, axis.reached
    if first != axis.first:
        near_zero = 0 < axis.value(first) < SMALLEST_FLOAT  # x > 0: as for a domain that is open at 0
        first = axis.position(SMALLEST_FLOAT) if near_zero else first
        ends = (0.0 if near_zero else float(axis.value(first)), ends[1])
        reached = (not near_zero, reached[1])
    if last != axis.last:
        ends, reached = (ends[0], float(axis.value(last))), (reached[0], True)
    return replace(axis, first=first, last=last, ends=ends, reached=reached)


def _cuts(axis: Axis, requirement: Requirement, given: Mapping[Any, Any]) -> list[float]:
    """Where the two sides of a condition meet."""
    x = axis.parameter.symbol
    exact = {s: Rational(*exactly(v).as_integer_ratio()) for s, v in given.items()}
    difference = (requirement.relation.lhs - requirement.relation.rhs).xreplace(exact)
    if not difference.has(x):
        return []
    try:
        roots = np.roots([float(c) for c in Poly(difference, x).all_coeffs()])
    except PolynomialError:
        raise InputError(f"cannot solve for {x.name}: {requirement.otherwise}") from None
    return sorted(float(r.real) for r in roots if abs(r.imag) <= 1e-9 * abs(r))


def _probes(axis: Axis, cuts: list[float]) -> list[int]:
    """Positions on both sides of every cut, between the cuts, and the ends."""
    inside = [c for c in cuts if axis.value(axis.first) <= c <= axis.value(axis.last)]
    found = {axis.first, axis.last}
    for cut in inside:
        found |= {axis.position(cut) + step for step in (-64, 0, 64)} | {axis.position(cut, up=True)}
    middles = sorted({*inside, axis.value(axis.first), axis.value(axis.last)})
    found |= {axis.position((a + b) / 2) for a, b in pairwise(middles)}
    return sorted(p for p in found if axis.first <= p <= axis.last)
