"""Tiles of arrays, what says nothing, and on how many cores blocks are computed."""

from __future__ import annotations

import concurrent.futures
import math
import os
from typing import Any

import numpy as np
import pytest

from boundcalc.numeric import blocks
from boundcalc.numeric.rounding import Values


@pytest.mark.parametrize(
    ("shape", "most", "count"),
    [
        ((10,), 4, 3),
        ((6, 4), 12, 2),  # three rows at a time
        ((6, 4), 4, 6),
        ((6, 4), 2, 12),
        ((3, 2, 4), 8, 3),
        ((3, 2, 4), 24, 1),
        ((3, 2, 4), 16, 3),  # an axis is cut evenly
        ((5, 1, 3), 6, 3),
        ((4, 1), 100, 1),
    ],
)
def test_tiles_are_few_and_cover_an_array_once(
    shape: tuple[int, ...], most: int, count: int
) -> None:
    seen = np.zeros(shape, dtype=int)
    tiles = list(blocks.tiles(shape, most))
    for tile in tiles:
        assert math.prod(cut.stop - cut.start for cut in tile) <= most
        seen[tile] += 1
    assert np.all(seen == 1)
    assert len(tiles) <= count


@pytest.mark.parametrize(
    "tile",
    [
        (slice(0, 4), slice(100, 101)),
        (slice(0, 9), slice(3, 5), slice(2, 4)),
        (slice(7, 9), slice(0, 1), slice(5, 15)),
        (slice(90, 92), slice(0, 7), slice(5, 6)),
    ],
)
def test_halves_cut_the_longest_axis(tile: tuple[slice, ...]) -> None:
    seen = np.zeros([cut.stop for cut in tile], dtype=int)
    for half in blocks._halves(tile):
        seen[half] += 1
        kept = [one == other for one, other in zip(half, tile, strict=True)]
        lengths = [cut.stop - cut.start for cut in tile]
        assert kept == [length < max(lengths) for length in lengths]
        assert all(cut.start < cut.stop for cut in half)
    assert np.all(seen[tile] == 1)
    assert seen.sum() == math.prod(cut.stop - cut.start for cut in tile)


@pytest.mark.parametrize(
    ("upper", "trivial", "value", "nothing"),
    [
        (True, 0.0, 0.0, True),
        (False, 0.0, 0.0, True),
        (True, 2.0, 2 - 1e-15, True),
        (True, 2.0, 2 - 1e-9, False),
        (True, -2.0, -2 - 1e-15, True),
        (True, -2.0, -2 - 1e-9, False),
        (False, -3.0, -3 + 1e-15, True),
        (False, -3.0, -3 + 1e-9, False),
        (False, -3.0, -4.0, True),
    ],
)
def test_what_differs_by_rounding_from_the_trivial_value_says_nothing(
    upper: bool, trivial: float, value: float, nothing: bool
) -> None:
    class Side:
        pass

    bound: Any = Side()
    bound.upper = upper
    found = Values([value], np.array([value]), trivial)
    assert blocks.says_nothing(bound, found).tolist() == [nothing]


@pytest.mark.parametrize(
    ("allowed", "count", "threads"),
    [(4, 64, 4), (2, 64, 2), (1, 64, 0), (None, 3, 3), (None, None, 0)],
)
def test_there_are_as_many_threads_as_cores_may_be_used(
    allowed: int | None, count: int | None, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that this process is allowed, where the system tells them; it may not know any."""
    started = []

    class Pool(concurrent.futures.ThreadPoolExecutor):
        def __init__(self, most: int) -> None:
            started.append(most)
            super().__init__(1)

    def own(process: int) -> set[int]:
        assert process == 0  # this one
        return set(range(allowed or 0))

    monkeypatch.setattr(concurrent.futures, "ThreadPoolExecutor", Pool)
    monkeypatch.setattr(os, "cpu_count", lambda: count)
    if allowed:
        monkeypatch.setattr(os, "sched_getaffinity", own, raising=False)
    else:
        monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    tiles = blocks.tiles((5, 2), 2)
    sizes = blocks._mapped(lambda tile: tile[0].start, tiles, 10**9)
    assert list(sizes) == [0, 1, 2, 3, 4]
    assert started == [threads] * bool(threads)
    assert list(blocks._mapped(lambda tile: 7, blocks.tiles((1,), 1), 1)) == [7]
    assert started == [threads] * bool(threads)
