"""Numbers from users: checked against the domains of the parameters before anything is computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.errors import DomainError, InputError, UnknownNameError, shorten
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.parameters import parameter

_PLAIN = (float, int, np.float64)
_EXACT = 2**53


def checked(target: Parameter, value: Any) -> Any:
    """Return `value` as a float or float array, or raise.

    Parameters
    ----------
    target : Parameter
    value : number or array_like of numbers

    Raises
    ------
    InputError
        If it is not a number.
    DomainError
        If it is NaN, infinite, not whole where it must be, or outside the domain.
    """
    if type(value) in _PLAIN and abs(value) < _EXACT and _inside(target, float(value)):
        return float(value)
    scalar = isinstance(value, (Real, Decimal)) and not isinstance(value, bool)
    try:
        numbers = np.asarray(float(value) if scalar else value)
        if numbers.dtype.kind not in "iuf" or numbers.size == 0:
            raise TypeError
        numbers = numbers.astype(float)
    except OverflowError:
        raise DomainError(f"{target.name} is too large: {_show(value)}") from None
    except (TypeError, ValueError):
        raise InputError(f"{target.name} must be a number, not {_show(value)}") from None
    for problem, bad in _problems(target, numbers):
        if np.any(bad):
            first = numbers[bad].flat[0] if numbers.ndim else (value if scalar else numbers)
            raise DomainError(f"{target.name} = {_show(first)} {problem} ({target.domain})")
    return numbers if numbers.ndim else float(numbers)


def _inside(target: Parameter, x: float) -> bool:
    """Whether a number is inside the domain, not on its border; an array would take longer."""
    return target.low < x < target.high and (x.is_integer() or not target.integer)


def _problems(target: Parameter, x: Any) -> Iterable[tuple[str, Any]]:
    yield "is not a number", np.isnan(x)
    yield "is not finite", np.isinf(x)
    below = x <= target.low if target.open_low else x < target.low
    above = x >= target.high if target.open_high else x > target.high
    yield "is outside the domain", below | above
    if target.integer:
        yield "is not a whole number", x != np.floor(x)


def _show(value: Any) -> str:
    if isinstance(value, int) and value.bit_length() > 200:
        return "a whole number of more than 60 digits"
    return shorten(str(value) if isinstance(value, (Real, Decimal)) else repr(value))


def named_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Resolve aliases and check every value; a parameter named twice is an error."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        target = parameter(name)
        if target.name in found:
            raise InputError(f"{target.name} is given twice (also as '{name}')")
        found[target.name] = checked(target, value)
    return found


def exactly(value: Any) -> Fraction:
    """The exact decimal that the user wrote: 0.1 is 1/10, not the float nearest to it."""
    if isinstance(value, (int, Fraction, Decimal)):
        return Fraction(value)
    return Fraction(repr(float(value)))


def select(given: Mapping[str, Any], needed: Iterable[str], known: Iterable[str], where: str) -> None:
    """Refuse parameters that `where` does not use, and name those that are missing."""
    needed, known = set(needed), set(known)
    for name in given:
        if name not in known:
            raise UnknownNameError(f"parameter of {where}", name, known)
    missing = sorted(needed - set(given))
    if missing:
        raise InputError(f"{where} needs {', '.join(missing)}")


def unmasked(values: Any, where: str, *, advice: str, expected: str) -> NDArray[Any]:
    """What a user gave as an array, which no mask hides a part of.

    Parameters
    ----------
    values : array_like
    where : str
        What error messages call it.
    advice : str
        What to do with masked entries.
    expected : str
        What it has to be.

    Raises
    ------
    InputError
    """
    if np.ma.is_masked(values):
        raise InputError(f"{where} has masked entries; {advice}")
    try:
        return np.asanyarray(values)
    except (TypeError, ValueError):
        raise InputError(f"{where} is not {expected}") from None


def refuse_other_types(array: NDArray[Any], where: str, expected: str) -> None:
    """Refuse an array that holds neither numbers nor truth values; `expected` says what it has to hold."""
    if array.dtype.kind not in "biuf":
        kind = "Python objects" if array.dtype.kind == "O" else f"entries of type {array.dtype}"
        raise InputError(f"{where} holds {shorten(kind)}; {expected}")
