"""A bound on a grid, as a record: rows, tables, labelled arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.conventions import Side
from boundcalc.errors import InputError, optional
from boundcalc.numeric.compiled import value_of
from boundcalc.numeric.evaluate import Evaluation
from boundcalc.numeric.sweeping.grid import Floats, Grid
from boundcalc.symbolic.catalogue import theorem
from boundcalc.symbolic.parameters import parameter
from boundcalc.text import probability


@dataclass(frozen=True, eq=False)
class Sweep:
    """A bound on a grid.

    Attributes
    ----------
    id, variant : str
    vary : dict of str to ndarray
        The points on each axis, in the order of the axes.
    value : ndarray
        The bound at each grid point.
    terms : dict of str to ndarray
        The named terms; they add up to the value.
    vacuous : ndarray of bool
        Where the bound says nothing.
    probability : ndarray
        With at least this probability the statement holds, at each point by itself.
    trivial : ndarray or None
        The value at which the bound says nothing; None where no value is trivial.
    parameters : dict of str to float
        What is held fixed, defaults included.
    side : Side
        Whether the values are upper or lower limits.
    relation : str
        ``≤``, ``≥`` or ``=``: how what is bounded compares with the values.
    also_fits : tuple of str
        Other variants with the same inputs, where none was asked for.
    statement : str
        What is bounded.
    assumes : tuple of str
    log : frozenset of str
        The axes whose spacing is logarithmic.
    following : dict of str to ndarray
        Parameters that change along with the only axis (see `along`).
    """

    id: str
    variant: str
    vary: Mapping[str, Floats]
    value: Floats
    terms: Mapping[str, Floats]
    vacuous: NDArray[np.bool_]
    probability: Floats
    trivial: Floats | None
    parameters: Mapping[str, float]
    side: Side
    relation: str
    also_fits: tuple[str, ...]
    statement: str
    assumes: tuple[str, ...]
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
        return self.trivial - self.value if self.side is Side.UPPER else self.value - self.trivial

    @property
    def failure(self) -> float | None:
        """The failure probability, where it is the same at every point."""
        failure = theorem(self.id).variant(self.variant).derivation.failure
        if not {symbol.name for symbol in failure.free_symbols} <= set(self.parameters):
            return None
        return float(value_of(failure, self.parameters))

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the numbers should know."""
        fixed = [name for name in self.parameters if name.startswith("rademacher")]
        if "m" not in self.vary or not fixed:
            return ()
        held = f"{', '.join(fixed)} {'is' if len(fixed) == 1 else 'are'} held fixed while m varies"
        return (f"{held}; complexities tend to fall like 1/√m",)

    def columns(self, rows: Any = slice(None)) -> dict[str, NDArray[Any]]:
        """One array a column, one entry a grid point, the last axis changing fastest.

        Parameters
        ----------
        rows : slice or array of int, optional
            Only these points.
        """
        data: dict[str, Any] = Grid(self.vary).columns() | dict(self.following) | {"value": self.value}
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
        return {
            "id": self.id,
            "variant": self.variant,
            "vary": {name: _plain(name, axis) for name, axis in self.vary.items()},
            **{name: array.tolist() for name, array in self.following.items()},
            "value": self.value.tolist(),
            "terms": {name: term.tolist() for name, term in self.terms.items()},
            "probability": self.probability.tolist(),
            "vacuous": self.vacuous.tolist(),
            "parameters": {name: _plain(name, x) for name, x in self.parameters.items()},
        }

    def to_pandas(self) -> Any:
        """A `pandas.DataFrame` with one row a grid point.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.
        """
        frame = optional("pandas", "data frames", "data").DataFrame(self.columns())
        frame.attrs.update(self._about())
        return frame

    def to_xarray(self) -> Any:
        """An `xarray.Dataset` on the grid; its variable ``terms`` has the further dimension ``term``.

        Raises
        ------
        MissingExtraError
            If xarray is not installed.
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
        return xarray.Dataset(variables, coords={**self.vary, "term": list(self.terms)}, attrs=self._about())

    def _about(self) -> dict[str, Any]:
        head = {"id": self.id, "variant": self.variant, "statement": self.statement, "side": self.side.value}
        return head | dict(self.parameters)


def _plain(name: str, value: Any) -> Any:
    """Numbers for JSON; whole ones where the parameter is."""
    plain = np.asarray(value).tolist()
    if not parameter(name).integer:
        return plain
    return [int(x) for x in plain] if isinstance(plain, list) else int(plain)


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
    variant = theorem(result.id).variant(result.variant)
    failure = np.asarray(value_of(variant.derivation.failure, numbers), dtype=float)
    trivial = None
    if variant.trivial is not None:
        trivial = np.broadcast_to(np.asarray(value_of(variant.trivial, numbers), dtype=float), on.shape)
    return Sweep(
        id=result.id,
        variant=result.variant,
        vary=on.axes,
        value=value,
        terms=terms,
        vacuous=vacuous,
        probability=np.broadcast_to(probability(failure), on.shape),
        trivial=trivial,
        parameters=fixed,
        side=result.side,
        relation=result.relation,
        also_fits=result.also_fits,
        statement=result.statement,
        assumes=result.assumes,
        log=on.log,
        following=following,
    )


def along(name: str, result: Evaluation, *, log: bool = False) -> Sweep:
    """An evaluation of arrays as a sweep along one of them; others may change with it.

    For example ``along("m", evaluate(…, m=m, rademacher=np.sqrt(c / m)))``: the complexity follows m.

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
