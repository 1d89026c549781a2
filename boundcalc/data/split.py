"""One seeded split of the examples into parts."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from boundcalc.errors import DomainError, InputError, shorten

_LARGEST_SEED = 2**64
_TOLERANCE = 1e-9


def split(m: int, shares: Sequence[float], *, seed: int = 0, least: int = 1) -> tuple[NDArray[np.int64], ...]:
    """Split the examples 0, …, m − 1 at random into parts.

    Every order of the examples is equally likely, whatever their labels: given that the examples are i.i.d.,
    so are those of each part, and the parts are independent of one another. A split that balances the
    classes would not have this property.

    Parameters
    ----------
    m : int
        How many examples there are.
    shares : sequence of float
        The share of each part, positive; together 1. Sizes are rounded to whole numbers by largest remainder.
    seed : int
        The same seed, the same parts.
    least : int
        No part is smaller.

    Returns
    -------
    tuple of ndarray of int
        For each part its examples in ascending order; every example is in one part.

    Raises
    ------
    InputError
        For shares that are none, and where there are too few examples for the parts.
    """
    if not shares or any(
        isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 < share <= 1
        for share in shares
    ):
        raise DomainError(f"shares = {shorten(repr(list(shares)))} are not positive numbers up to 1")
    if abs(math.fsum(shares) - 1) > _TOLERANCE:
        raise InputError(f"shares = {shorten(repr(list(shares)))} add up to {math.fsum(shares):.6g}, not 1")
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < _LARGEST_SEED:
        raise DomainError(f"seed = {shorten(repr(seed))} is outside the domain (a whole number from 0 on)")
    sizes = _sizes(m, shares)
    if min(sizes) < least:
        raise InputError(
            f"{'one example is' if m == 1 else f'{m:,} examples are'} too few: split by "
            f"{', '.join(f'{share:g}' for share in shares)}, a part has {min(sizes)} of them and needs "
            f"{least}; about {math.ceil(least / min(shares)):,} would do"
        )
    order = np.random.default_rng(seed).permutation(m)
    return tuple(np.sort(part) for part in np.split(order, np.cumsum(sizes)[:-1]))


def _sizes(m: int, shares: Sequence[float]) -> list[int]:
    """Whole numbers that add up to m, each less than 1 from its share of m."""
    exact = [m * share / math.fsum(shares) for share in shares]
    sizes = [math.floor(size) for size in exact]
    remainders = sorted(range(len(sizes)), key=lambda i: (sizes[i] - exact[i], i))
    for i in remainders[: m - sum(sizes)]:
        sizes[i] += 1
    return sizes
