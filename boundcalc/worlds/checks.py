"""Checks of the numbers that a world is asked with."""

from __future__ import annotations

import operator
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.errors import DomainError, InputError, shorten

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def number(name: str, value: Any) -> float:
    """A finite number that is not negative."""
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        raise DomainError(f"{name} is {shorten(value)}: it has to be a number") from None
    if not (isfinite(found) and found >= 0):
        raise DomainError(f"{name} is {found:g}: it has to be a finite number ≥ 0")
    return found


def whole(name: str, value: Any, low: int, high: int | None = None) -> int:
    """A whole number in a range."""
    try:
        found = operator.index(value)
    except TypeError:
        raise DomainError(f"{name} is {shorten(value)}: it has to be a whole number") from None
    if found < low or (high is not None and found > high):
        allowed = f"≥ {low}" if high is None else f"from {low} to {high}"
        raise DomainError(f"{name} is {found}: it has to be a whole number {allowed}")
    return found


def numbers(name: str, value: Any, shape: tuple[Any, ...]) -> Floats:
    """An array of finite numbers; in its shape None is any length, and a leading ``...`` any axes."""
    try:
        found = np.asarray(value, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{name} is {shorten(value)}: it has to be an array of numbers") from None
    wanted = shape[1:] if shape[0] is ... else shape
    seen = found.shape[max(0, found.ndim - len(wanted)) :] if shape[0] is ... else found.shape
    if len(seen) != len(wanted) or any(w not in (None, s) for s, w in zip(seen, wanted, strict=True)):
        needed = ", ".join("…" if n is ... else "any" if n is None else str(n) for n in shape)
        raise InputError(f"{name} has the shape {found.shape}: it has to be ({needed})")
    if not np.all(np.isfinite(found)):
        raise InputError(f"{name} has entries that are not finite numbers")
    return found


def sizes(name: str, value: Any, low: int = 1) -> Ints:
    """A sample size or an array of them."""
    found = np.asarray(value)
    if found.dtype == object or not np.issubdtype(found.dtype, np.number) or np.any(found != np.floor(found)):
        raise DomainError(f"{name} is {shorten(value)}: it has to be a whole number")
    if np.any(found < low):
        raise DomainError(f"{name} is {found.min()}: it has to be a whole number ≥ {low}")
    return found.astype(np.int64)


def generator(seed: Any) -> np.random.Generator:
    """The random numbers of a seed."""
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError):
        raise InputError(f"seed is {shorten(seed)}: it has to be a whole number ≥ 0") from None
