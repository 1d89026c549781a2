"""Checks of the numbers that a world is asked with."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.arguments import whole
from boundcalc.errors import DomainError, InputError, shorten, shown

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def checked_number(name: str, value: Any) -> float:
    """A finite number that is not negative."""
    try:
        if np.ndim(value):  # NumPy before 2.4 takes an array of one entry for a number
            raise TypeError
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        raise DomainError(f"{name} is {shorten(value)}: it has to be a number") from None
    if not (isfinite(found) and found >= 0):
        raise DomainError(f"{name} is {found:g}: it has to be a finite number ≥ 0")
    return found


def checked_whole(name: str, value: Any, low: int, high: int | None = None) -> int:
    """A whole number in a range."""
    try:
        found = operator.index(whole(value))
    except TypeError:
        raise DomainError(f"{name} is {shorten(value)}: it has to be a whole number") from None
    if found < low or (high is not None and found > high):
        allowed = f"≥ {low}" if high is None else f"from {low} to {high}"
        raise DomainError(f"{name} is {shown(found)}: it has to be a whole number {allowed}")
    return found


def checked_numbers(name: str, value: Any, shape: tuple[Any, ...]) -> Floats:
    """An array of finite numbers; in its shape None is any length, a leading ``...`` any axes."""
    try:
        found = np.asarray(value, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{name} is {shorten(value)}: it has to be an array of numbers") from None
    wanted = shape[1:] if shape[0] is ... else shape
    seen = found.shape[max(0, found.ndim - len(wanted)) :] if shape[0] is ... else found.shape
    fits = len(seen) == len(wanted)
    if not fits or any(w not in (None, s) for s, w in zip(seen, wanted, strict=True)):
        needed = ", ".join("…" if n is ... else "any" if n is None else str(n) for n in shape)
        raise InputError(f"{name} has the shape {found.shape}: it has to be ({needed})")
    if not np.all(np.isfinite(found)):
        raise InputError(f"{name} has entries that are not finite numbers")
    return found


def sizes(name: str, value: Any, low: int = 1) -> Ints:
    """A sample size or an array of them."""
    found = np.asarray(value)
    numeric = found.dtype != object and np.issubdtype(found.dtype, np.number)
    if not numeric or np.any(found != np.floor(found)):
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


def weights_of(given: Any, d: int) -> Floats:
    """Weights for d coordinates, as an array that cannot be changed."""
    try:
        theta = np.array(given, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"theta is {shorten(given)}: it has to be a list of {d} numbers") from None
    if theta.shape != (d,) or not np.all(np.isfinite(theta)):
        raise InputError(
            f"theta has the shape {theta.shape}: it has to be {d} finite numbers, one a row of "
            f"the covariance"
        )
    theta.flags.writeable = False
    return theta


def blocks_of(given: Any, d: int) -> dict[str, tuple[int, ...]]:
    """The blocks, if they divide the coordinates 0, …, d − 1 among the modalities."""
    if not isinstance(given, Mapping) or not given:
        raise InputError(
            f"blocks is {shorten(given)}: it has to map each modality to its coordinates"
        )
    owner: dict[int, str] = {}
    blocks: dict[str, tuple[int, ...]] = {}
    for name, members in given.items():
        if not isinstance(name, str) or not name.strip() or "+" in name:
            raise InputError(
                f"blocks: {shorten(name)} cannot name a modality; give a text without '+'"
            )
        try:
            listed = [*members]
        except TypeError:
            raise InputError(
                f"blocks: '{name}' is {shorten(members)}: give a list of coordinates"
            ) from None
        said = f"blocks: a coordinate of '{name}'"
        blocks[name] = tuple(checked_whole(said, i, 0, d - 1) for i in listed)
        if not listed:
            raise InputError(f"blocks: '{name}' has no coordinates")
        for i in blocks[name]:
            if i in owner:
                both = f"in '{owner[i]}' and in '{name}'"
                where = f"twice in '{name}'" if owner[i] == name else both
                raise InputError(f"blocks overlap: coordinate {i} is {where}")
            owner[i] = name
    missing = sorted(set(range(d)) - set(owner))
    if missing:
        raise InputError(
            f"blocks leave a gap: coordinate {missing[0]} of 0, …, {d - 1} is in none of them"
        )
    return blocks
