"""Sweep a bound over a grid of parameters, block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from sympy import ceiling

from boundcalc.errors import InputError, shorten
from boundcalc.numeric.domains import named_values, select
from boundcalc.numeric.evaluate import Evaluation, evaluate
from boundcalc.numeric.sweeping.grid import LIMIT, Grid, grid
from boundcalc.numeric.sweeping.grid import Range as Range
from boundcalc.numeric.sweeping.swept import Sweep, record
from boundcalc.symbolic.catalogue import theorem
from boundcalc.text import number

BLOCK = 16_384
"""Points evaluated at once: temporaries stay small."""
_EXACT_BLOCK = 256
"""The same for whole-number results: a point takes a millisecond, and progress is to be seen."""

Progress = Callable[[int, int], None]
"""Called with the number of points that are done and of all points."""


@dataclass(frozen=True)
class _Job:
    """What is the same at every grid point."""

    id: str
    first: Evaluation
    values: Mapping[str, Any]

    @property
    def block(self) -> int:
        """The number of points to be evaluated at once."""
        exact = theorem(self.id).variant(self.first.variant).expression.has(ceiling)
        return _EXACT_BLOCK if exact else BLOCK

    def at(self, points: Mapping[str, Any]) -> Evaluation:
        with np.errstate(all="ignore"):
            return evaluate(self.id, variant=self.first.variant, **self.values, **points)

    def blame(self, block: Grid, error: InputError) -> NoReturn:
        """Raise the error of one single grid point, and say which one it is."""
        while block.size > 1:
            axis = int(np.argmax(block.shape))
            cut = [slice(None)] * len(block.shape)
            cut[axis] = slice(0, block.shape[axis] // 2)
            half = block.part(tuple(cut))
            cut[axis] = slice(block.shape[axis] // 2, None)
            try:
                self.at(half.mesh())
                block = block.part(tuple(cut))
            except InputError:
                block = half
        point = {name: float(axis[0]) for name, axis in block.axes.items()}
        try:
            self.at(point)
        except InputError as first:
            error = first
        shown = ", ".join(f"{name} = {number(x)}" for name, x in point.items())
        raise InputError(f"at {shown}: {error}")


def sweep(
    id: str,
    /,
    *,
    vary: Mapping[str, Any],
    variant: str | None = None,
    chunks: int | None = None,
    progress: Progress | None = None,
    **values: Any,
) -> Sweep:
    """Evaluate a bound on a grid.

    Parameters
    ----------
    id : str
        Catalogue id, for example ``"huang2021.theorem1"``.
    vary : mapping of str to Range or array_like
        The varied parameters, by name or alias; the grid has one axis for each.
    variant : str, optional
        Where left out, the first in the theorem's order (tightest first) whose inputs are given.
    chunks : int, optional
        Points evaluated at once. Above 10 million points it has to be given; all results are then
        still held in memory (`sweep_blocks` holds one block).
    progress : callable, optional
        Called as ``progress(done, total)``.
    **values : float
        The other parameters.

    Returns
    -------
    Sweep

    Raises
    ------
    UnknownNameError
        For an unknown id, variant or parameter.
    DomainError, InputError
        For numbers that cannot be used, at any grid point.
    """
    job, whole = _prepare(id, vary, variant, values)
    if chunks is None and whole.size > LIMIT:
        raise InputError(f"{whole.size:,} grid points are more than {LIMIT:,}: take fewer, or ask for chunks")
    return _compute(job, whole, job.block if chunks is None else _count(chunks), progress)


def sweep_variants(
    id: str,
    variants: Sequence[str],
    /,
    *,
    vary: Mapping[str, Any],
    progress: Progress | None = None,
    **values: Any,
) -> list[Sweep]:
    """Evaluate several variants of a bound on one grid; each takes the parameters that it uses.

    Raises
    ------
    InputError
        As `sweep`; also if no variant uses a parameter, or a variant is named twice.
    """
    if len(set(variants)) < len(variants):
        raise InputError(f"a variant of {id} is named twice: {', '.join(variants)}")
    given = named_values(values)
    uses = {v: {p.name for p in theorem(id).variant(v).parameters} for v in variants}
    select(given, (), set().union(*uses.values()), f"{id} ({', '.join(variants)})")
    own = {v: {name: x for name, x in given.items() if name in used} for v, used in uses.items()}
    return [sweep(id, variant=v, vary=vary, progress=progress, **own[v]) for v in variants]


def sweep_blocks(
    id: str,
    /,
    *,
    vary: Mapping[str, Any],
    chunks: int,
    variant: str | None = None,
    progress: Progress | None = None,
    **values: Any,
) -> Iterator[Sweep]:
    """Evaluate a bound on a grid of any size, one sweep a block, in the grid's order.

    Parameters
    ----------
    chunks : int
        The most points in a block; memory is needed for one block at a time.
    vary, variant, progress, **values
        As for `sweep`.

    Returns
    -------
    iterator of Sweep
        The input is checked before the first block is asked for.
    """
    _count(chunks)
    job, whole = _prepare(id, vary, variant, values)
    return _blocks(job, whole, chunks, progress)


def _count(chunks: Any) -> int:
    if not isinstance(chunks, (int, np.integer)) or isinstance(chunks, bool) or chunks < 1:
        raise InputError(f"chunks = {shorten(str(chunks))} is not a whole number ≥ 1")
    return int(chunks)


def _prepare(
    id: str, vary: Mapping[str, Any], variant: str | None, values: Mapping[str, Any]
) -> tuple[_Job, Grid]:
    """Check all names and numbers, and the bound at the first point."""
    whole = grid(vary)
    for name, value in named_values(values).items():
        if name in whole.axes:
            raise InputError(f"{name} is both varied and given")
        if np.ndim(value):
            raise InputError(f"{name} is an array: vary it, or give a single number")
    corner = {name: float(axis[0]) for name, axis in whole.axes.items()}
    with np.errstate(all="ignore"):
        first = evaluate(id, variant=variant, **values, **corner)
    return _Job(id, first, values), whole


def _compute(job: _Job, whole: Grid, most: int, progress: Progress | None) -> Sweep:
    value, vacuous = np.empty(whole.shape), np.empty(whole.shape, dtype=bool)
    terms = {name: np.empty(whole.shape) for name in job.first.terms}
    done = 0
    for block in whole.blocks(most):
        part = whole.part(block)
        try:
            found = job.at(part.mesh())
        except InputError as error:
            job.blame(part, error)
        value[block], vacuous[block] = found.value, found.vacuous
        for name, term in found.terms.items():
            terms[name][block] = term
        done += part.size
        if progress:
            progress(done, whole.size)
    return record(job.first, on=whole, value=value, terms=terms, vacuous=vacuous)


def _blocks(job: _Job, whole: Grid, chunks: int, progress: Progress | None) -> Iterator[Sweep]:
    done = 0

    def tick(part: int, _: int) -> None:
        if progress:
            progress(done + part, whole.size)

    for block in whole.blocks(chunks):
        part = _compute(job, whole.part(block), min(chunks, job.block), tick)
        yield part
        done += part.size
