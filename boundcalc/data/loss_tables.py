"""Tables of losses: one column a predictor, one row a held-out example; from files, frames and
mappings.
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
from boundcalc.data.columns import refuse_twice
from boundcalc.data.frames import parquet_frame
from boundcalc.data.tables import as_float, is_missing, is_missing_text, normal, opening
from boundcalc.errors import InputError, UnknownNameError, placed, shorten, shown
from boundcalc.numeric.decide.population import aligned, refuse_out_of_order

_SUFFIXES = (".csv", ".parquet")


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
    """

    where: str
    columns: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    size: int = 0
    first_row: int = 1

    def numbers(self, column: str) -> NDArray[np.float64]:
        """A column as numbers, NaN where there is none."""
        found = np.empty(self.size)
        for i, value in enumerate(self.columns[column]):
            found[i] = _number(
                value, f"{self.where}, row {i + self.first_row}, column {shorten(column)}"
            )
        return found

    def reordered(self, rows: NDArray[np.int64]) -> LossTable:
        """The same rows in another order."""
        order = rows.tolist()
        columns = {name: [values[i] for i in order] for name, values in self.columns.items()}
        return LossTable(self.where, columns, self.size, self.first_row)


def _number(value: Any, where: str) -> float:
    if isinstance(value, str):
        text = value.strip()
        if is_missing_text(text):
            return math.nan
        try:
            # float() also reads 1_000 and digits of other scripts
            if not text.isascii() or "_" in text:
                raise ValueError
            return float(text)
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
    if file.suffix.lower() not in _SUFFIXES:
        raise InputError(
            f"{where}: losses of several predictors are read from .csv or .parquet, not from "
            f"'{file.suffix or file.name}'"
        )
    csv_file = file.suffix.lower() == ".csv"
    needs = "; it needs a line of names, one a predictor, and one line an example"
    kind = "a CSV file" if csv_file else "a Parquet file"
    with opening(file, where, kind=kind, needs=needs):
        return (
            _read_csv(file, where) if csv_file else as_loss_table(parquet_frame(file, where), where)
        )


def _read_csv(file: Path, where: str) -> LossTable:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream, strict=True))
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    if len(rows) < 2:
        raise InputError(f"{where} needs a line of names, one a predictor, and one line an example")
    names = [normal(name) for name in rows[0]]
    refuse_twice(names, where)
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(names):
            raise InputError(
                f"{where}, row {number}: {len(row)} cells; the first line names {len(names)}"
            )
    columns = {name: [row[i] for row in rows[1:]] for i, name in enumerate(names)}
    return LossTable(where, columns, len(rows) - 1, first_row=2)


def as_loss_table(source: Any, where: str = "losses") -> LossTable:
    """A data frame, or a mapping of names to lists; series are brought into one order by their
    index.

    A named index of a frame is a column.
    """
    if hasattr(source, "columns"):
        named = [level for level in source.index.names if level is not None]
        frame = source.reset_index(named, allow_duplicates=True) if named else source
        names = [normal(name) for name in frame.columns]
        refuse_twice(names, where)
        columns: dict[str, Sequence[Any]] = {
            name: frame.iloc[:, i].tolist() for i, name in enumerate(names)
        }
    else:
        names = [normal(name) for name in source]
        refuse_twice(names, where)
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
            f"be on "
            "the same examples"
        )
    return LossTable(where, columns, next(iter(sizes.values())))


def _as_list(values: Any, where: str) -> list[Any]:
    listed = values.tolist() if hasattr(values, "tolist") else values
    if isinstance(listed, (str, bytes, Mapping)) or not isinstance(listed, Iterable):
        raise InputError(f"{where} must be a list of losses, not {shown(values)}")
    return list(listed)


def joined(tables: Sequence[LossTable], ids: str | None, *, in_order: bool = False) -> LossTable:
    """Several tables side by side, with the rows of the first one; the ids tell which belong
    together.

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
                "which, "
                "with --id (in Python ids, in a study id)"
            )
        return first
    keys = [_ids(table, ids) for table in tables]
    columns = {name: values for name, values in first.columns.items() if name != ids}
    aligned(keys[0], keys[0], (first.where, first.where))
    if in_order:
        with placed(first.where):
            refuse_out_of_order(keys[0])
    for table, key in zip(others, keys[1:], strict=True):
        rows = aligned(keys[0], key, (first.where, table.where))
        for name, values in table.reordered(rows).columns.items():
            if name == ids:
                continue
            if name in columns and list(map(str, columns[name])) != list(map(str, values)):
                raise InputError(
                    f"{table.where}: the column '{shorten(name)}' is in {first.where} as well, "
                    f"with other "
                    "values"
                )
            columns[name] = values
    where = first.where if not others else f"{first.where} and {len(others)} more"
    return LossTable(where, columns, first.size, first.first_row)


def _ids(table: LossTable, ids: str) -> Sequence[Any]:
    if ids not in table.columns:
        raise UnknownNameError(f"column of {table.where}", ids, table.columns)
    found = list(table.columns[ids])
    hole = next((i for i, x in enumerate(found) if is_missing(x) or not str(x).strip()), None)
    if hole is not None:
        raise InputError(f"{table.where}, row {hole + table.first_row}: the id is missing")
    return found
