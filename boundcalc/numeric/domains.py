"""Numbers from users: checked against the domains of the parameters before anything is computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.errors import InputError, UnknownNameError, shorten
from boundcalc.symbolic.parameter import Parameter, is_number
from boundcalc.symbolic.parameters import parameter


def checked(target: Parameter, value: Any) -> Any:
    """One number as `Parameter.check` gives it, or an array of floats.

    Raises
    ------
    InputError
        If it is not a number.
    DomainError
        If it is NaN, infinite, not whole where it must be, or outside the domain.
    """
    if is_number(value):
        return target.check(value)
    try:
        numbers = np.asarray(value)
        if numbers.dtype.kind not in "iuf" or numbers.size == 0:
            raise TypeError
    except (TypeError, ValueError):
        return target.check(value)  # refused
    numbers = numbers.astype(float)
    for extreme in (numbers.min(), numbers.max()):
        target.check(float(extreme))
    if target.integer:
        uneven = numbers[numbers != np.floor(numbers)]
        if uneven.size:
            target.check(float(uneven.flat[0]))
    return numbers if numbers.ndim else target.check(float(numbers))


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
