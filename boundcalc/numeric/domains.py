"""Numbers from users: checked against the domains of the parameters before anything is computed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.arguments import is_number
from boundcalc.errors import InputError, argument, refuse_unknown, shorten
from boundcalc.numeric.arithmetic import EXACT, floats
from boundcalc.numeric.compiled import CompiledRequirement
from boundcalc.numeric.search import SMALLEST_FLOAT, Domain, boundary, whole_domain
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.parameters import parameter
from boundcalc.text import number

_AT_ONCE = 2**16
"""Numbers of an array that are looked at at once: what that takes fits into a cache."""


def checked(target: Parameter, value: Any, *, entries: bool = True) -> Any:
    """One number as `Parameter.check` gives it, or an array of floats; refused as there.

    Without `entries` those of an array are not looked at: see `within`.
    """
    if type(value) in (float, int) or is_number(value):
        return target.check(value)
    try:
        numbers = np.asarray(value)
        if numbers.dtype.kind not in "iuf" or numbers.size == 0:
            raise TypeError
    except (TypeError, ValueError):
        return target.check(value)  # refused
    numbers = np.asarray(numbers, dtype=float)
    if not entries and numbers.ndim:
        return numbers
    for extreme in (numbers.min(), numbers.max()):
        target.check(float(extreme))
    if target.integer:
        for part in np.array_split(numbers.ravel(), numbers.size // _AT_ONCE + 1):
            uneven = part[part != np.floor(part)]
            if uneven.size:
                target.check(float(uneven[0]))
    return numbers if numbers.ndim else target.check(float(numbers))


def single(name: str, value: Any) -> float:
    """One number for a parameter; an array is refused as well."""
    found = checked(parameter(name), value)
    if isinstance(found, np.ndarray):
        raise InputError(f"{argument(name)} must be a single number")
    return float(found)


def within(target: Parameter, numbers: NDArray[np.float64], *, finite: bool) -> bool:
    """Whether a part of an array that fits into a cache is in the domain of a parameter.

    What is NaN may pass, and what is infinite where that is not asked for.
    """
    ends = ((target.low, numbers.min), (target.high, numbers.max))
    try:
        for extreme in (float(most()) for end, most in ends if finite or math.isfinite(end)):
            if not math.isnan(extreme):
                target.check(extreme)
    except InputError:
        return False
    return not target.integer or bool((numbers == np.floor(numbers)).all())


def named_values(values: Mapping[str, Any], *, entries: bool = True) -> dict[str, Any]:
    """Resolve aliases and check every value, entries of arrays too if they are asked for; a
    parameter named twice is an error.
    """
    found: dict[str, Any] = {}
    for name, value in values.items():
        target = parameter(name)
        if target.name in found:
            raise InputError(f"{target.name} is given twice (also as '{name}')")
        found[target.name] = checked(target, value, entries=entries)
    return found


def exactly(value: Any) -> Fraction:
    """The exact decimal that the user wrote: 0.1 is 1/10, not the float nearest to it."""
    if isinstance(value, (int, Fraction, Decimal)):
        return Fraction(value)
    return Fraction(repr(float(value)))


def select(
    given: Mapping[str, Any], needed: Iterable[str], known: Iterable[str], where: str
) -> None:
    """Refuse parameters that `where` does not use, and name those that are missing."""
    needed, known = set(needed), set(known)
    for name in given:
        refuse_unknown("parameter", name, known, where)
    missing = sorted(needed - set(given))
    if missing:
        raise InputError(f"{where} needs {', '.join(missing)}")


def unmasked(
    values: Any,
    where: str,
    *,
    expected: str,
    advice: str = "leave these examples out or fill them in",
) -> NDArray[Any]:
    """What a user gave as an array, which no mask hides a part of, also of a list's entries.

    Parameters
    ----------
    values : array_like
    where : str
        What error messages call it.
    expected : str
        What it has to be.
    advice : str
        What to do with masked entries.
    """
    each = [np.ma.is_masked(v) for v in values] if isinstance(values, (list, tuple)) else False
    mask = np.atleast_1d(each or np.ma.getmask(values))  # pandas' arrays have one as well
    if mask.any():
        row = int(np.argmax(mask.reshape(len(mask), -1).any(axis=1))) + 1
        raise InputError(f"{where} has masked entries, the first in row {row}; {advice}")
    try:
        return np.asanyarray(values)
    except (TypeError, ValueError):
        raise InputError(f"{where} is not {expected}") from None


def refuse_other_types(array: NDArray[Any], where: str, expected: str) -> None:
    """Refuse an array that holds neither numbers nor truth values; `expected` says what it has to
    hold.
    """
    if array.dtype.kind not in "biuf":
        kind = "Python objects" if array.dtype.kind == "O" else f"entries of type {array.dtype}"
        raise InputError(f"{where} holds {shorten(kind)}; {expected}")


def holds(requirement: CompiledRequirement, values: Mapping[str, Any]) -> Any:
    """Whether a condition between parameters holds; for arrays, elementwise."""
    low, high = floats(requirement.sides, values)
    return low < high if requirement.strict else low <= high


def check_requirements(
    requires: Iterable[CompiledRequirement], values: Mapping[str, Any], given: Mapping[str, Any]
) -> None:
    """Refuse parameters that contradict each other; `given` are they as a message shows them."""
    for requirement in requires:
        if not np.all(holds(requirement, values)):
            names = sorted(requirement.sides.inputs)
            shown = ", ".join(f"{name} = {_shown(given[name])}" for name in names)
            raise InputError(f"{requirement.otherwise} ({shown})")


def _shown(value: Any) -> str:
    return "an array" if np.ndim(value) else number(float(value))


def check_settled(
    requires: Iterable[CompiledRequirement], unknown: Parameter, given: Mapping[str, Any]
) -> None:
    """Refuse numbers that contradict each other whatever the unknown is."""
    settled = [r for r in requires if unknown.name not in r.sides.inputs]
    check_requirements(settled, given, given)


def feasible(
    requires: Sequence[CompiledRequirement], unknown: Parameter, given: Mapping[str, Any]
) -> Domain:
    """The values of a parameter that its domain and the side conditions allow.

    Parameters
    ----------
    requires : sequence of CompiledRequirement
    unknown : Parameter
    given : mapping of str to float
        All other parameters.
    """
    check_settled(requires, unknown, given)
    domain = whole_domain(unknown)
    for requirement in requires:
        if unknown.name in requirement.sides.inputs:
            domain = _narrowed(domain, requirement, given)
    return domain


def _narrowed(domain: Domain, requirement: CompiledRequirement, given: Mapping[str, Any]) -> Domain:
    x = domain.parameter.name

    def allowed(position: int) -> bool:
        return bool(holds(requirement, {**given, x: domain.value(position)}))

    tried = _around(domain, _where_equal(x, requirement, given))
    good = [p for p in tried if allowed(p)]
    if not good:
        raise InputError(f"no {x} is allowed by the other numbers: {requirement.otherwise}")
    low, high = tried.index(good[0]), tried.index(good[-1])
    if high - low + 1 != len(good):
        raise InputError(f"cannot solve for {x}: the values that are allowed are not in one piece")
    first = boundary(allowed, tried[low], tried[low - 1]) if low else domain.first
    last = boundary(allowed, tried[high], tried[high + 1]) if high + 1 < len(tried) else domain.last
    # a strict inequality leaves its end out: the allowed values then end at the float next to it
    ends, reached = domain.ends, domain.reached
    if first != domain.first:
        near_zero = (
            0 < domain.value(first) < SMALLEST_FLOAT
        )  # x > 0: as where a domain is open at 0
        first = domain.position(SMALLEST_FLOAT) if near_zero else first
        ends = (0.0 if near_zero else float(domain.value(first)), ends[1])
        reached = (not near_zero, reached[1])
    if last != domain.last:
        ends, reached = (ends[0], float(domain.value(last))), (reached[0], True)
    return replace(domain, first=first, last=last, ends=ends, reached=reached)


def _where_equal(x: str, requirement: CompiledRequirement, given: Mapping[str, Any]) -> list[float]:
    """Where the two sides of a condition meet."""
    if x not in requirement.cuts:
        raise InputError(f"cannot solve for {x}: {requirement.otherwise}")
    return _real_roots(requirement.cuts[x].run(given, EXACT))


def _real_roots(coefficients: list[Fraction]) -> list[float]:
    """About the real roots of a polynomial, whose numbers may be too large for floats."""
    while coefficients and not coefficients[0]:
        coefficients = coefficients[1:]
    degree = len(coefficients) - 1
    if degree < 1:
        return []
    last = coefficients[-1]
    shift = (_exponent(last) - _exponent(coefficients[0])) // degree if last else 0
    # in y = x/2^shift all roots are of ordinary size
    scaled = [c * Fraction(2) ** (shift * (degree - i)) for i, c in enumerate(coefficients)]
    top = max(map(abs, scaled))
    roots = np.roots([float(c / top) for c in scaled])
    near = sorted(float(r.real) for r in roots if abs(r.imag) <= 1e-9 * abs(r))
    return [math.ldexp(r, shift) for r in near if _exponent(Fraction(r)) + shift < 1023]


def _exponent(number: Fraction) -> int:
    """About log₂ of the size."""
    return number.numerator.bit_length() - number.denominator.bit_length()


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
