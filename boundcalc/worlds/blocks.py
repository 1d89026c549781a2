"""Coordinates divided among modalities, and weights for all of them: what is wrong with those given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from boundcalc.errors import InputError, shorten
from boundcalc.worlds.checks import Floats, whole


def weights_of(given: Any, d: int) -> Floats:
    try:
        theta = np.array(given, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"theta is {shorten(given)}: it has to be a list of {d} numbers") from None
    if theta.shape != (d,) or not np.all(np.isfinite(theta)):
        raise InputError(
            f"theta has the shape {theta.shape}: it has to be {d} finite numbers, one a row of the covariance"
        )
    theta.flags.writeable = False
    return theta


def blocks_of(given: Any, d: int) -> dict[str, tuple[int, ...]]:
    """The blocks, if they divide the coordinates 0, …, d − 1 among the modalities."""
    if not isinstance(given, Mapping) or not given:
        raise InputError(f"blocks is {shorten(given)}: it has to map each modality to its coordinates")
    owner: dict[int, str] = {}
    blocks: dict[str, tuple[int, ...]] = {}
    for name, members in given.items():
        if not isinstance(name, str) or not name.strip() or "+" in name:
            raise InputError(f"blocks: {shorten(name)} cannot name a modality; give a text without '+'")
        try:
            listed = [*members]
        except TypeError:
            raise InputError(f"blocks: '{name}' is {shorten(members)}: give a list of coordinates") from None
        blocks[name] = tuple(whole(f"blocks: a coordinate of '{name}'", i, 0, d - 1) for i in listed)
        if not listed:
            raise InputError(f"blocks: '{name}' has no coordinates")
        for i in blocks[name]:
            if i in owner:
                where = f"twice in '{name}'" if owner[i] == name else f"in '{owner[i]}' and in '{name}'"
                raise InputError(f"blocks overlap: coordinate {i} is {where}")
            owner[i] = name
    missing = sorted(set(range(d)) - set(owner))
    if missing:
        raise InputError(f"blocks leave a gap: coordinate {missing[0]} of 0, …, {d - 1} is in none of them")
    return blocks
