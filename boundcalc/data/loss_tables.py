"""Losses of several predictors: tables with one column each, joined by the ids of the examples.

A table has one row a held-out example and comes from a file, a frame or a mapping.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.data.arrays import aligned_rows
from boundcalc.data.columns import listed, refuse_twice
from boundcalc.data.frames import parquet_frame
from boundcalc.data.loss_files import columns_below_names
from boundcalc.data.tables import as_float, is_missing, is_missing_text, opening, read_number
from boundcalc.errors import InputError, argument, find, normal, refuse_alike, shorten, shown
from boundcalc.numeric.decide.losses import name_of

_TABLE = "needs a line of names, one a predictor, and one line an example"


@dataclass(frozen=True, eq=False)
class LossTable:
    """Columns of one length.

    Attributes
    ----------
    where : str
        What error messages call it.
    columns : mapping of str to sequence
        Text or numbers.
    size : int
        Examples.
    first_row : int
        The number of the first example in messages: in a CSV file rows are lines.
    lines : sequence of int
        The number of each example in messages, where a line break in quotes shifts them.
    """

    where: str
    columns: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    size: int = 0
    first_row: int = 1
    lines: Sequence[int] = ()

    @property
    def rows(self) -> Sequence[int]:
        """The number of each example in messages."""
        return self.lines or range(self.first_row, self.first_row + self.size)

    def numbers(self, column: str) -> NDArray[np.float64]:
        """A column as numbers, NaN where there is none."""
        rows = zip(self.rows, self.columns[column], strict=True)
        said = f"column {shorten(column)}"
        return np.array([_number(value, f"{self.where}, row {i}, {said}") for i, value in rows])

    def names(self, column: str) -> list[str]:
        """A column as names, none of them missing: the ids of the examples."""
        found = find(f"column of {self.where}", column, self.columns)
        for row, name in zip(self.rows, found, strict=True):
            if is_missing(name) or name != name or not str(name).strip():  # NaN differs from NaN
                raise InputError(f"{self.where}, row {row}: the id is missing")
        return [name_of(name) for name in found]


def _number(value: Any, where: str) -> float:
    if isinstance(value, str):
        text = value.strip()
        if is_missing_text(text):
            return math.nan
        try:
            return read_number(text)
        except ValueError:
            raise InputError(f"{where}: '{shorten(value)}' is not a number") from None
    if is_missing(value):
        return math.nan
    try:
        return as_float(value)
    except TypeError:
        raise InputError(f"{where}: {shorten(repr(value))} is not a number") from None


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
        reader, rows, lines = csv.reader(stream, strict=True), list[list[str]](), [1]
        for cells in reader:
            rows.append(cells)
            lines.append(reader.line_num + 1)
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    if len(rows) < 2:
        raise InputError(f"{where} {_TABLE}")
    columns, size = columns_below_names(rows, where, lines), len(rows) - 1
    return LossTable(where, columns, size, first_row=2, lines=lines[1 : size + 1])


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
    return LossTable(where, columns, next(iter(sizes.values())))


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
    rows = joined_rows(tables, ids, in_order=in_order)
    columns = {name: values for name, values in first.columns.items() if name != ids}
    for table, order in zip(others, rows[1:], strict=True):
        for name, column in table.columns.items():
            values = [column[i] for i in order.tolist()]
            if name in columns and list(map(str, columns[name])) != list(map(str, values)):
                said = f"the column '{shorten(name)}' is in {first.where} as well"
                raise InputError(f"{table.where}: {said}, with other values")
            if name != ids:
                columns[name] = values
    where = first.where if not others else f"{first.where} and {len(others)} more"
    return LossTable(where, columns, first.size, first.first_row, first.lines)


def joined_rows(
    tables: Sequence[LossTable], ids: str, *, in_order: bool = False
) -> list[NDArray[np.int64]]:
    """The rows of each table in the order of the first one's, as the column of ids tells.

    Parameters
    ----------
    in_order : bool
        Whether the rows have to be in their order of arrival, which numbers as ids tell.

    Raises
    ------
    InputError
        For an id that is missing, there twice, or not in every table, and for numbers out of order.
    """
    keys = [table.names(ids) for table in tables]
    first, own = tables[0], keys[0]
    for table, key in zip(tables, keys, strict=True):
        refuse_twice(key, table.where, "id")
    if in_order:
        _refuse_out_of_order(own, first.where)
    rows = []
    for table, key in zip(tables, keys, strict=True):
        for one, other, left in ((first, table, {*own} - {*key}), (table, first, {*key} - {*own})):
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
