"""The values that a parameter may take, in order: whole numbers, or floats one by one.

Searching over positions instead of values makes a bisection end at two neighbouring floats, whatever
their scale, after at most 64 steps: positive floats are spaced like their logarithms.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from sympy import Expr, Poly, PolynomialError, Rational, Rel

from boundcalc.errors import InputError
from boundcalc.numeric.compile import Floats, tape
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.search import boundary
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.theorem import Requirement, Variant
from boundcalc.text import number

LARGEST_COUNT = 2**53 - 1
"""Above it a float cannot tell a whole number from the next."""
LARGEST_FLOAT, SMALLEST_FLOAT = 1e100, 1e-300
_SCANNED = 1e-9, 1e9
_CLOSEST = 2**12
"""How many floats are left out before an open end: ln(1/δ) loses its digits where δ is almost 1."""


@dataclass(frozen=True)
class Domain:
    """The allowed values of one parameter, by position.

    Attributes
    ----------
    parameter : Parameter
    first, last : int
        Positions of the least and the greatest value that is searched.
    ends : (float, float)
        Where the allowed values end: at a value, before an open end, or at infinity.
    reached : (bool, bool)
        Whether the end itself is allowed.
    """

    parameter: Parameter
    first: int
    last: int
    ends: tuple[float, float]
    reached: tuple[bool, bool]

    def value(self, position: int) -> float | int:
        """The value at a position."""
        return position if self.parameter.integer else _float_at(position)

    def position(self, value: float, *, up: bool = False) -> int:
        """The position of a value; between two whole numbers the lower one unless `up`."""
        if self.parameter.integer:
            return math.ceil(value) if up else math.floor(value)
        return _float_position(value)

    def scan(self, count: int = 4000) -> list[int]:
        """Positions that cover the domain, evenly and logarithmically from its ends.

        Real numbers are covered from 10⁻⁹ to 10⁹ on either side of 0, or up to the end of their domain.
        """
        low, high = (self.value(p) for p in (self.first, self.last))
        if self.parameter.integer:
            steps = np.arange(min(high - low + 1, 500))
            values = [np.geomspace(max(low, 1), high, count), low + steps]
        else:
            low, high = max(low, -_SCANNED[1]), min(high, _SCANNED[1])
            spread = np.geomspace(*_SCANNED, count // 2)
            values = [low + spread, high - spread, spread, -spread, np.array([0.0, low, high])]
            values += [np.linspace(low, high, count)]
        numbers = np.concatenate(values)
        numbers = numbers[(numbers >= low) & (numbers <= high)]
        found = {self.position(float(x)) for x in numbers}
        return sorted(p for p in found if self.first <= p <= self.last)


def whole_domain(parameter: Parameter) -> Domain:
    """The domain of a parameter by itself."""
    ends = parameter.low, parameter.high
    if parameter.integer:
        reached = (math.isfinite(ends[0]), math.isfinite(ends[1]))
        first = int(ends[0]) if reached[0] else -LARGEST_COUNT
        last = int(ends[1]) if reached[1] else LARGEST_COUNT
    else:
        opens = parameter.open_low, parameter.open_high
        reached = tuple(math.isfinite(e) and not o for e, o in zip(ends, opens, strict=True))  # type: ignore[assignment]
        first = _float_end(ends[0], reached[0], 1)
        last = _float_end(ends[1], reached[1], -1)
    return Domain(parameter, first, last, ends, reached)


def _float_end(end: float, reached: bool, inwards: int) -> int:
    """The position of the first value inside an end; cut where squares of floats would overflow."""
    if math.isinf(end):
        return _float_position(math.copysign(LARGEST_FLOAT, end))
    if reached:
        return _float_position(end)
    if end == 0:
        return inwards * _float_position(SMALLEST_FLOAT)
    return _float_position(end) + inwards * _CLOSEST


def _float_position(x: float) -> int:
    bits: int = struct.unpack("<q", struct.pack("<d", x))[0]
    return bits if bits >= 0 else -(bits & 0x7FFFFFFFFFFFFFFF)


def _float_at(position: int) -> float:
    value: float = struct.unpack("<d", struct.pack("<q", abs(position)))[0]
    return value if position >= 0 else -value


def holds(relation: Rel, values: Mapping[str, Any]) -> Any:
    """Whether a relation between parameters holds; for arrays, elementwise."""
    low, high = tape(relation.lts, relation.gts).run(values, Floats)
    return low < high if relation.rel_op in ("<", ">") else low <= high


def check_requirements(requires: tuple[Requirement, ...], values: Mapping[str, Any]) -> None:
    """Refuse parameters that contradict each other."""
    for requirement in requires:
        if not np.all(holds(requirement.relation, values)):
            symbols = sorted(requirement.relation.free_symbols, key=str)
            shown = ", ".join(f"{s.name} = {_shown(values[s.name])}" for s in symbols)
            raise InputError(f"{requirement.otherwise} ({shown})")


def _shown(value: Any) -> str:
    return "an array" if np.ndim(value) else number(float(value))


def feasible(variant: Variant, unknown: Parameter, given: Mapping[str, Any]) -> Domain:
    """The values of a parameter that its domain and the side conditions of a variant allow.

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
    domain = whole_domain(unknown)
    for requirement in variant.requires:
        if requirement.relation.has(unknown.symbol):
            domain = _narrowed(domain, requirement, given)
    return domain


def _narrowed(domain: Domain, requirement: Requirement, given: Mapping[str, Any]) -> Domain:
    x = domain.parameter.symbol

    def allowed(position: int) -> bool:
        return bool(holds(requirement.relation, {**given, x.name: domain.value(position)}))

    tried = _around(domain, _where_equal(domain, requirement, given))
    good = [p for p in tried if allowed(p)]
    if not good:
        raise InputError(f"no {x.name} is allowed by the other numbers: {requirement.otherwise}")
    low, high = tried.index(good[0]), tried.index(good[-1])
    if high - low + 1 != len(good):
        raise InputError(f"cannot solve for {x.name}: the values that are allowed are not in one piece")
    first = boundary(allowed, tried[low], tried[low - 1]) if low else domain.first
    last = boundary(allowed, tried[high], tried[high + 1]) if high + 1 < len(tried) else domain.last
    # a strict inequality leaves its end out: the allowed values then end at the float next to it
    ends, reached = domain.ends, domain.reached
    if first != domain.first:
        near_zero = 0 < domain.value(first) < SMALLEST_FLOAT  # x > 0: as where a domain is open at 0
        first = domain.position(SMALLEST_FLOAT) if near_zero else first
        ends = (0.0 if near_zero else float(domain.value(first)), ends[1])
        reached = (not near_zero, reached[1])
    if last != domain.last:
        ends, reached = (ends[0], float(domain.value(last))), (reached[0], True)
    return replace(domain, first=first, last=last, ends=ends, reached=reached)


def _where_equal(domain: Domain, requirement: Requirement, given: Mapping[str, Any]) -> list[float]:
    """Where the two sides of a condition meet."""
    x, relation = domain.parameter.symbol, requirement.relation
    exact = {s: _rational(given[s.name]) for s in relation.free_symbols if s != x}
    difference = (relation.lhs - relation.rhs).xreplace(exact)
    if not difference.has(x):
        return []
    try:
        roots = np.roots([float(c) for c in Poly(difference, x).all_coeffs()])
    except PolynomialError:
        raise InputError(f"cannot solve for {x.name}: {requirement.otherwise}") from None
    return sorted(float(r.real) for r in roots if abs(r.imag) <= 1e-9 * abs(r))


def _rational(value: Any) -> Expr:
    return Rational(*exactly(value).as_integer_ratio())


def _around(domain: Domain, cuts: list[float]) -> list[int]:
    """Positions on both sides of every cut, between the cuts, and the ends."""
    low, high = domain.value(domain.first), domain.value(domain.last)
    inside = [c for c in cuts if low <= c <= high]
    found = {domain.first, domain.last}
    for cut in inside:
        found |= {domain.position(cut) + step for step in (-64, 0, 64)}
        found.add(domain.position(cut, up=True))
    middles = sorted({*inside, low, high})
    found |= {domain.position((a + b) / 2) for a, b in pairwise(middles)}
    return sorted(p for p in found if domain.first <= p <= domain.last)
