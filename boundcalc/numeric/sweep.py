"""Sweep a bound over a grid of parameters, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from boundcalc.arguments import typed
from boundcalc.conventions import Side
from boundcalc.errors import InputError, argument, optional, shorten
from boundcalc.numeric.arithmetic import floats
from boundcalc.numeric.blocks import Progress, filled
from boundcalc.numeric.bound import Bound, bind
from boundcalc.numeric.compiled import compiled
from boundcalc.numeric.domains import named_values, select
from boundcalc.numeric.evaluate import Evaluation, Valued, evaluate, evaluation
from boundcalc.numeric.grid import LIMIT, Floats, Grid, grid
from boundcalc.numeric.grid import Range as Range
from boundcalc.record import as_plain
from boundcalc.symbolic.parameters import parameter
from boundcalc.text import number, probability

_LARGEST_INTEGER = 2**53


@typed
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

    Examples
    --------
    >>> found = sweep("holdout.hoeffding", vary={"n": [100, 400]}, delta=0.05, loss_bound=1,
    ...               test_loss=0.1)
    >>> found.value.round(4).tolist()
    [0.2224, 0.1612]
    """
    first, whole = _prepare(id, vary, variant, values)
    if chunks is None and whole.size > LIMIT:
        raise InputError(
            f"{whole.size:,} grid points are more than {LIMIT:,}: take fewer, or ask for chunks"
        )
    return _compute(first, whole, None if chunks is None else _count(chunks), progress)


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
    uses = {v: {p.name for p in compiled(id).variant(v).parameters} for v in variants}
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
    first, whole = _prepare(id, vary, variant, values)
    return _blocks(first, whole, chunks, progress)


def _count(chunks: Any) -> int:
    if not isinstance(chunks, (int, np.integer)) or isinstance(chunks, bool) or chunks < 1:
        raise InputError(f"{argument('chunks')} = {shorten(str(chunks))} is not a whole number ≥ 1")
    return int(chunks)


def _prepare(
    id: str, vary: Mapping[str, Any], variant: str | None, values: Mapping[str, Any]
) -> tuple[Evaluation, Grid]:
    """Check all names and numbers; the bound at the first point, free in what is varied."""
    whole, entry = grid(vary), compiled(id)
    for name in values:
        entry.parameter(name)
    for name, value in named_values(values).items():
        if name in whole.axes:
            raise InputError(f"{name} is both varied and given")
        if np.ndim(value):
            raise InputError(f"{name} is an array: vary it, or give a single number")
    corner = {name: float(axis[0]) for name, axis in whole.axes.items()}
    with np.errstate(all="ignore"):
        first = evaluate(id, variant=variant, **values, **corner)
    return replace(first, bound=bind(id, first.variant, values, free=tuple(whole.axes))), whole


def _compute(first: Evaluation, on: Grid, most: int | None, progress: Progress | None) -> Sweep:
    try:
        found = filled(first.bound, on.mesh(), on.shape, terms=True, most=most, progress=progress)
    except InputError as error:
        _blame(first.bound, on, error)
    terms = dict(zip(first.terms, found.terms, strict=True))
    return record(first, on=on, value=found.value, terms=terms, vacuous=found.vacuous)


def _blame(bound: Bound, block: Grid, error: InputError) -> NoReturn:
    """Raise the error of one single grid point, and say which one it is."""

    def refusal(points: Mapping[str, Any]) -> InputError | None:
        try:
            with np.errstate(all="ignore"):
                bound.check(**points)
                evaluation(bound, **points)
        except InputError as found:
            return found
        return None

    while block.size > 1:
        axis = int(np.argmax(block.shape))
        whole = [slice(None)] * len(block.shape)
        middle = block.shape[axis] // 2
        first, second = (
            block.part((*whole[:axis], part, *whole[axis + 1 :]))
            for part in (slice(middle), slice(middle, None))
        )
        block = first if refusal(first.mesh()) else second
    point = {name: float(axis[0]) for name, axis in block.axes.items()}
    shown = ", ".join(f"{name} = {number(x)}" for name, x in point.items())
    raise InputError(f"at {shown}: {refusal(point) or error}")


def _blocks(
    first: Evaluation, whole: Grid, chunks: int, progress: Progress | None
) -> Iterator[Sweep]:
    done = 0

    def tick(part: int, _: int) -> None:
        if progress:
            progress(done + part, whole.size)

    for block in whole.blocks(chunks):
        part = _compute(first, whole.part(block), chunks, tick)
        yield part
        done += part.size


@dataclass(frozen=True, eq=False, kw_only=True)
class Sweep(Valued):
    """A bound on a grid: values, terms and probabilities are arrays.

    Attributes
    ----------
    vary : dict of str to ndarray
        The points on each axis, in the order of the axes.
    trivial : ndarray or None
        The value at which the bound says nothing; None where no value is trivial.
    log : frozenset of str
        The axes whose spacing is logarithmic.
    following : dict of str to ndarray
        Parameters that change along with the only axis (see `along`).
    """

    vary: Mapping[str, Floats]
    trivial: Floats | None
    log: frozenset[str] = frozenset()
    following: Mapping[str, Floats] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The number of grid points."""
        return int(self.value.size)

    @property
    def margin(self) -> Floats | None:
        """How far the bound is from the trivial value, positive where it says something."""
        if self.trivial is None:
            return None
        above: Floats = self.trivial - self.value
        return above if self.side is Side.UPPER else -above

    @property
    def failure(self) -> float | None:
        """The failure probability, where it is the same at every point."""
        failure = self.bound.variant.failure
        same = failure.inputs <= set(self.parameters)
        return float(floats(failure, self.parameters)[0]) if same else None

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the numbers should know."""
        notes = []
        for size in self.vary:
            fixed = [name for name in self.parameters if parameter(name).falls_with == size]
            if fixed:
                names = f"{', '.join(fixed)} {'is' if len(fixed) == 1 else 'are'}"
                falls = f"complexities tend to fall like 1/√{size}"
                notes.append(f"{names} held fixed while {size} varies; {falls}")
        return tuple(notes)

    def columns(self, rows: Any = slice(None)) -> dict[str, NDArray[Any]]:
        """One array a column, one entry a grid point, the last axis changing fastest.

        Parameters
        ----------
        rows : slice or array of int, optional
            Only these points.
        """
        data: dict[str, Any] = {**Grid(self.vary).columns(), **self.following, "value": self.value}
        data |= {f"term_{name.replace(' ', '_')}": term for name, term in self.terms.items()}
        data |= {"probability": self.probability, "vacuous": self.vacuous}
        return {name: np.ravel(column)[rows] for name, column in data.items()}

    def to_rows(self) -> list[dict[str, Any]]:
        """One dict a grid point."""
        columns = self.columns()
        lists = (column.tolist() for column in columns.values())
        return [dict(zip(columns, row, strict=True)) for row in zip(*lists, strict=True)]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and nested lists, ready for JSON."""
        axes = {name: _points(name, axis) for name, axis in self.vary.items()}
        found = {"id": self.id, "variant": self.variant, "vary": axes} | dict(self.following)
        for name in ("value", "terms", "probability", "vacuous", "parameters"):
            found[name] = getattr(self, name)
        written: dict[str, Any] = as_plain(found)
        return written

    def to_pandas(self) -> Any:
        """A `pandas.DataFrame` with one row a grid point."""
        frame = optional("pandas", "data frames", "data").DataFrame(self.columns())
        frame.attrs.update(self._about())
        return frame

    def to_xarray(self) -> Any:
        """An `xarray.Dataset` on the grid; its variable ``terms`` has the further dimension
        ``term``.
        """
        xarray = optional("xarray", "labelled arrays", "data")
        axes = tuple(self.vary)
        variables = {
            "value": (axes, self.value),
            "terms": (("term", *axes), np.stack(list(self.terms.values()))),
            "probability": (axes, self.probability),
            "vacuous": (axes, self.vacuous),
        }
        variables |= {name: (axes, array) for name, array in self.following.items()}
        return xarray.Dataset(
            variables, coords={**self.vary, "term": list(self.terms)}, attrs=self._about()
        )

    def _about(self) -> dict[str, Any]:
        head = {name: getattr(self, name) for name in ("id", "variant", "statement")}
        return head | {"side": self.side.value} | dict(self.parameters)


def _points(name: str, axis: Floats) -> Any:
    """The points of an axis, as whole numbers where the parameter is one."""
    whole = parameter(name).integer and axis.max() <= _LARGEST_INTEGER
    return axis.astype(int) if whole else axis


def record(
    result: Evaluation,
    *,
    on: Grid,
    value: Floats,
    terms: Mapping[str, Floats],
    vacuous: NDArray[np.bool_],
    following: Mapping[str, Floats] | None = None,
) -> Sweep:
    """A sweep from its arrays; `result` says what is the same at every point."""
    following = following or {}
    fixed = {n: x for n, x in result.parameters.items() if n not in on.axes and n not in following}
    numbers = {**fixed, **following, **on.mesh()}
    variant, shape = result.bound.variant, on.shape
    failure = np.asarray(floats(variant.failure, numbers)[0], dtype=float)
    trivial = None
    if variant.trivial:
        (level,) = floats(variant.formula.part(len(variant.terms) + 1), numbers)
        trivial = np.broadcast_to(np.asarray(level, dtype=float), shape)
    same = ("id", "variant", "side", "relation", "also_fits", "statement", "assumes", "bound")
    return Sweep(
        **{name: getattr(result, name) for name in same},
        vary=on.axes,
        value=value,
        terms=terms,
        vacuous=vacuous,
        probability=np.broadcast_to(probability(failure), shape),
        trivial=trivial,
        parameters=fixed,
        log=on.log,
        following=following,
    )


def along(name: str, result: Evaluation, *, log: bool = False) -> Sweep:
    """An evaluation of arrays as a sweep along one of them; others may change with it.

    For example ``along("m", evaluate(…, m=m, rademacher=np.sqrt(c / m)))``: the complexity follows
    m.

    Parameters
    ----------
    name : str
        The parameter on the axis.
    result : Evaluation
        Of one-dimensional arrays.
    log : bool
        Whether the axis is logarithmic.

    Raises
    ------
    InputError
        If the parameter is not the one-dimensional array that was evaluated.
    """
    name = parameter(name).name
    axis = result.parameters.get(name)
    if axis is None or np.ndim(axis) != 1 or np.shape(result.value) != np.shape(axis):
        raise InputError(f"{name} is not a one-dimensional array that {result.id} was evaluated on")
    arrays = {n: x for n, x in result.parameters.items() if np.ndim(x) and n != name}
    following = {n: np.broadcast_to(x, np.shape(axis)) for n, x in arrays.items()}
    return record(
        result,
        on=Grid({name: axis}, frozenset({name}) if log else frozenset()),
        value=result.value,
        terms=result.terms,
        vacuous=result.vacuous,
        following=following,
    )
