"""Losses of several predictors: tables with one column each, joined by the ids of the examples.

A table has one row a held-out example and comes from a file, a frame or a mapping.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.data.arrays import aligned_rows
from boundcalc.data.columns import listed, refuse_twice
from boundcalc.data.frames import parquet_frame
from boundcalc.data.loss_files import LOSS, Column, columns_below_names
from boundcalc.data.tables import opening
from boundcalc.errors import InputError, argument, find, normal, refuse_alike, shorten, shown

_TABLE = "needs a line of names, one a predictor, and one line an example"


@dataclass(frozen=True, eq=False)
class LossTable:
    """Columns of one length.

    Attributes
    ----------
    where : str
        What error messages call it.
    columns : mapping of str to Column
    size : int
        Examples.
    """

    where: str
    columns: Mapping[str, Column] = field(default_factory=dict)
    size: int = 0


def read_loss_table(path: str | Path) -> LossTable:
    """Read a ``.csv`` or ``.parquet`` file of losses, with a name for each column.

    Raises
    ------
    InputError
        If the file cannot be read; the message names it.
    """
    file, where = Path(path), shorten(str(path), 200)
    if file.suffix.lower() not in (".csv", ".parquet"):
        said = "losses of several predictors are read from .csv or .parquet"
        raise InputError(f"{where}: {said}, not from '{file.suffix or file.name}'")
    if file.suffix.lower() == ".csv":
        with opening(file, where, kind="a CSV file", needs=f"; it {_TABLE}"):
            return _read_csv(file, where)
    with opening(file, where, kind="a Parquet file", needs=f"; it {_TABLE}"):
        return as_loss_table(parquet_frame(file, where), where)


def _read_csv(file: Path, where: str) -> LossTable:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        columns = columns_below_names(stream, where)
    size = len(next(iter(columns.values())).entries)
    if not size:
        raise InputError(f"{where} {_TABLE}")
    return LossTable(where, columns, size)


def as_loss_table(source: Any, where: str = "losses") -> LossTable:
    """A data frame, or a mapping of names to lists; series are ordered by the first one's index.

    A named index of a frame is a column.
    """
    if hasattr(source, "columns"):
        named = [level for level in source.index.names if level is not None]
        frame = source.reset_index(named, allow_duplicates=True) if named else source
        names = [normal(name) for name in frame.columns]
        refuse_twice(names, where)
        refuse_alike(names, where, "column")
        columns: dict[str, Sequence[Any]] = {
            name: frame.iloc[:, i].tolist() for i, name in enumerate(names)
        }
    else:
        names = [normal(name) for name in source]
        refuse_twice(names, where)
        refuse_alike(names, where, "column")
        values = aligned_rows(list(source.values()), names)
        columns = {
            name: _as_list(column, f"{where}, column {shorten(name)}")
            for name, column in zip(names, values, strict=True)
        }
    sizes = {name: len(column) for name, column in columns.items()}
    if not sizes or not min(sizes.values()):
        raise InputError(f"{where}: there are no losses")
    if len(set(sizes.values())) > 1:
        (first, n), *rest = sizes.items()
        other, size = next((name, size) for name, size in rest if size != n)
        raise InputError(
            f"{where}: {shorten(first)} has {n} losses and {shorten(other)} has {size}; they must "
            "be on the same examples"
        )
    size = next(iter(sizes.values()))
    rows = range(1, size + 1)
    found = {name: Column(where, column, rows, name) for name, column in columns.items()}
    return LossTable(where, found, size)


def _as_list(values: Any, where: str) -> list[Any]:
    listed = values.tolist() if hasattr(values, "tolist") else values
    if isinstance(listed, (str, bytes, Mapping)) or not isinstance(listed, Iterable):
        raise InputError(f"{where} must be a list of losses, not {shown(values)}")
    return list(listed)


def joined_tables(
    tables: Sequence[LossTable], ids: str | None, *, in_order: bool = False
) -> LossTable:
    """Several tables side by side, in the rows of the first one; ids tell what belongs together.

    Parameters
    ----------
    in_order : bool
        Whether the rows have to be in their order of arrival.

    Raises
    ------
    InputError
        For an id that is there twice or not in every table, for several tables without ids, and
        for numbered examples that are out of order.
    """
    if not tables:
        raise InputError("there is no file of losses")
    first, *others = tables
    if ids is None:
        if others:
            raise InputError(
                "several files of losses are joined by the column that names the examples: say "
                "which, with --id (in Python ids, in a study id)"
            )
        return first
    examples = [find(f"column of {table.where}", ids, table.columns) for table in tables]
    rows = joined_rows(examples, in_order=in_order)
    columns = {name: column for name, column in first.columns.items() if name != ids}
    for table, order in zip(others, rows[1:], strict=True):
        for name, column in table.columns.items():
            if name == ids:
                continue
            other, known = column.in_rows(order.tolist()), columns.get(name)
            if known and list(map(str, known.entries)) != list(map(str, other.entries)):
                said = f"the column '{shorten(name)}' is in {known.where} as well"
                advice = (
                    "name each column after its predictor, as in text+audio; certify compares two "
                    f"files with a column {LOSS}"
                )
                advice = f": {advice}" * (name == LOSS)
                raise InputError(f"{table.where}: {said}, with other values{advice}")
            columns.setdefault(name, other)
    where = first.where if not others else f"{first.where} and {len(others)} more"
    return LossTable(where, columns, first.size)


def joined_rows(ids: Sequence[Column], *, in_order: bool = False) -> list[NDArray[np.int64]]:
    """The rows of each file in the order of the first one's, as their columns of ids tell.

    Parameters
    ----------
    in_order : bool
        Whether the rows have to be in their order of arrival, which numbers as ids tell.

    Raises
    ------
    InputError
        For an id that is missing, there twice, or not in every table, and for numbers out of order.
    """
    keys = [column.names() for column in ids]
    first, own = ids[0], keys[0]
    for column, key in zip(ids, keys, strict=True):
        refuse_twice(key, column.where, "id")
    if in_order:
        _refuse_out_of_order(own, first.where)
    rows = []
    for column, key in zip(ids, keys, strict=True):
        sides = (first, column, {*own} - {*key}), (column, first, {*key} - {*own})
        for one, other, left in sides:
            if left:
                said = f"{len(left):,} ids of {one.where} are not in {other.where}"
                raise InputError(f"{said}: {listed(sorted(left))}")
        places = {name: row for row, name in enumerate(key)}
        rows.append(np.array([places[name] for name in own]))
    return rows


def _refuse_out_of_order(ids: Sequence[str], where: str) -> None:
    try:
        numbers = [float(name) for name in ids]
    except ValueError:
        return
    later = next((i for i in range(1, len(numbers)) if numbers[i] < numbers[i - 1]), None)
    if later is not None:
        raise InputError(
            f"{where}: example {later + 1}: the id {ids[later]} comes after {ids[later - 1]}; with "
            f"{argument('looks')} = any the rows are in their order of arrival"
        )
