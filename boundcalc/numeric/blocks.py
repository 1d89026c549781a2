"""Arrays of numbers, evaluated in blocks that fit into a cache, on all cores."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.numeric.domains import checked, within
from boundcalc.symbolic.parameters import parameter

if TYPE_CHECKING:
    from boundcalc.numeric.bound import Bound
    from boundcalc.numeric.rounding import Values

BLOCK = 65_536
"""Points evaluated at once: what that takes stays in the cache of a core."""
_EXACT_BLOCK = 256
"""The same for whole-number results: a point takes a millisecond, and progress is to be seen."""
_HELD = 3_000_000
"""An array of so many floats that is freed makes glibc keep what smaller arrays leave behind.

Without it every block's arrays are given back to the system, and their pages are cleared anew.
"""
_WORTH_THREADS = 8 * BLOCK
Tile = tuple[slice, ...]
Progress = Callable[[int, int], None]
"""Called with the number of points that are done and of all points."""


def tiles(shape: tuple[int, ...], most: int) -> Iterator[Tile]:
    """Slices that tile an array in its order, each with at most `most` entries."""
    inner = 1
    steps: list[int] = []
    for length in reversed(shape):
        room = max(1, most // inner)
        pieces = math.ceil(length / room)
        steps.append(math.ceil(length / pieces))
        inner = inner * length if pieces == 1 else most  # further axes are taken one by one
    cuts = (
        [slice(a, min(a + step, length)) for a in range(0, length, step)]
        for length, step in zip(shape, reversed(steps), strict=True)
    )
    return product(*cuts)


@dataclass(frozen=True, eq=False)
class Filled:
    """A bound on arrays: value, whether it says nothing; the terms, if they were asked for."""

    value: NDArray[np.float64]
    vacuous: NDArray[np.bool_]
    terms: list[NDArray[np.float64]]


def filled(
    bound: Bound,
    points: Mapping[str, Any],
    shape: tuple[int, ...],
    *,
    terms: bool,
    unchecked: Collection[str] = (),
    most: int | None = None,
    progress: Progress | None = None,
) -> Filled:
    """Evaluate a bound on arrays that broadcast to a shape.

    Domains and side conditions are checked block by block, in the same pass. Beside the results
    memory is needed for one block a core.

    Parameters
    ----------
    bound : Bound
    points : mapping of str to number or array
        What is put in for its free parameters, or in place of numbers that it has.
    shape : tuple of int
    terms : bool
        Whether the terms are wanted as well.
    unchecked : collection of str
        Arrays whose entries have not been looked at.
    most : int, optional
        Points evaluated at once.
    progress : callable, optional
    """
    form, known = bound.variant, bound.at(points)
    arrays = {name: x for name, x in known.items() if np.ndim(x)}
    loud = form.formula.part(*range(len(form.terms))).loud
    quick = not bound.whole and form.relation != "="
    found = Filled(
        value=np.empty(shape),
        vacuous=np.empty(shape, dtype=bool) if form.trivial else np.zeros(shape, dtype=bool),
        terms=[np.empty(shape) for _ in form.terms] if terms else [],
    )

    def fill(tile: Tile) -> int:
        left = [tile]
        while left:
            cut = left.pop()
            if not put(cut):  # few points need more care
                left += _halves(cut)
        return math.prod(cut.stop - cut.start for cut in tile)

    def put(tile: Tile) -> bool:
        own = {name: _cut(x, tile) for name, x in arrays.items()}
        here = {**points, **own}
        bound.check(**here)
        part = None
        if quick and all(within(parameter(n), own[n], finite=n not in loud) for n in unchecked):
            part = bound.in_place(here, found.value[tile], terms=terms)
        if part is None:
            for name in unchecked:
                checked(parameter(name), own[name])
            if quick and found.value[tile].size > 1:
                return False
            part = bound.values(**here)
            found.value[tile] = part.value
        for whole, term in zip(found.terms, part.terms, strict=False):
            whole[tile] = term
        if form.trivial:
            found.vacuous[tile] = says_nothing(bound, part)
        return True

    np.empty(_HELD)
    done, size = 0, math.prod(shape)
    each = _EXACT_BLOCK if bound.whole else BLOCK
    for count in _mapped(fill, tiles(shape, min(most or each, each)), size):
        done += count
        if progress:
            progress(done, size)
    return found


def _halves(tile: Tile) -> Iterator[Tile]:
    """A tile cut in two along its longest axis."""
    axis = max(range(len(tile)), key=lambda i: tile[i].stop - tile[i].start)
    first, last = tile[axis].start, tile[axis].stop
    for a, b in ((first, (first + last) // 2), ((first + last) // 2, last)):
        yield (*tile[:axis], slice(a, b), *tile[axis + 1 :])


def says_nothing(bound: Bound, found: Values) -> Any:
    """Whether a value is trivial; one that differs from the trivial value by rounding alone is."""
    slack = 1e-12 * abs(found.trivial)
    if bound.upper:
        return found.value >= found.trivial - slack
    return found.value <= found.trivial + slack


def _cut(x: Any, tile: Tile) -> Any:
    """The part of an array, which may broadcast, that a tile needs."""
    own = tile[len(tile) - x.ndim :]
    pairs = zip(own, x.shape, strict=True)
    return x[tuple(cut if length > 1 else slice(None) for cut, length in pairs)]


def _mapped(function: Callable[[Tile], int], parts: Iterator[Tile], size: int) -> Iterator[int]:
    """In order, on all cores where there is enough to do: NumPy computes without the lock."""
    allowed = getattr(os, "sched_getaffinity", None)  # not on every system
    cores = len(allowed(0)) if allowed else os.cpu_count() or 1
    if size < _WORTH_THREADS or cores < 2:
        yield from map(function, parts)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(cores) as pool:
        yield from pool.map(function, parts)
