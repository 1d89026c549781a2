"""Losses of predictors: of one from a file, or a table with one column a predictor.

Of one predictor: ``.npy``, or ``.csv`` and ``.txt`` with one loss a line. A ``.csv`` file may have
more columns; its first line then names them, and the losses are in ``loss``. A table has one row a
held-out example and comes from a file, a frame or a mapping.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.data.arrays import aligned_rows, read_npy
from boundcalc.data.columns import refuse_twice
from boundcalc.data.frames import parquet_frame
from boundcalc.data.tables import (
    MISSING_TEXT,
    as_float,
    is_missing,
    is_missing_text,
    opening,
    read_number,
)
from boundcalc.errors import (
    InputError,
    UnknownNameError,
    find,
    normal,
    prefix_errors,
    refuse_alike,
    shorten,
    shown,
)
from boundcalc.numeric.decide.losses import Losses, aligned, as_losses, refuse_out_of_order

_POINT = re.compile(r"\d+\.\d+(e[+-]?\d+)?|\d+e-\d+", re.ASCII)
_QUOTED = re.compile(r'\s*"([^"]*)"\s*')
_LONGEST_NUMBER = 400
_KIND = "a file of losses"
_TABLE = "needs a line of names, one a predictor, and one line an example"
_NAME_HEADERS = frozenset({"group", "groups", "class", "classes", "label", "labels"})
# A first line that starts with a letter is a header, but not one of these: they stand for a missing
# loss or a truth value, and dropping an example silently would shift all the others.
_NOT_A_HEADER = MISSING_TEXT | {"true", "false"}


def read_losses(path: str | Path, *, loss_bound: float | None = None) -> Losses:
    """Read the losses of one predictor.

    Parameters
    ----------
    path : str or Path
        ``.npy``: an array of numbers or booleans, shape (n,) or (n, 1); never a pickle. ``.csv`` or
        ``.txt``: UTF-8, one loss a line, and one line of header at most; or a ``.csv`` whose first
        line names several columns, one of them ``loss``.
    loss_bound : float, optional
        The losses lie in [0, loss_bound]; where left out, in [0, 1].

    Raises
    ------
    InputError
        If the file cannot be read or a loss cannot be used; the message names the file and the row.
        In a text file rows are lines, the header included; in an array the first row is 1.
    """
    file, where = Path(path), shorten(str(path), 200)
    suffix = _suffix(file, where)
    with opening(file, where, kind=_KIND, needs="; it needs one loss for each example"):
        if suffix == ".npy":
            return as_losses(read_npy(file, where), where=where, loss_bound=loss_bound)
        values, first_row, place = _lines(file, where)
        return as_losses(values, where=place, loss_bound=loss_bound, first_row=first_row)


def read_column(path: str | Path, column: str, what: str) -> list[str]:
    """A column of a CSV file of losses, as text: ids, groups or classes.

    Raises
    ------
    InputError
        If there is no such column; the message names the nearest one.
    """
    where, columns = shorten(str(path), 200), read_columns(path)
    if columns is None:
        said = f"is no file, and {where} has no columns with names"
        raise InputError(f"{what}: '{shorten(column)}' {said}")
    return find(f"column of {where}", normal(column), columns)


def read_columns(path: str | Path) -> dict[str, list[str]] | None:
    """The columns of a CSV file of losses, as text; None where its first line names none."""
    file, where = Path(path), shorten(str(path), 200)
    with opening(file, where, kind=_KIND):
        return _table(_text(file, where), where) if file.suffix.lower() == ".csv" else None


def read_names(path: str | Path) -> Any:
    """Names of groups or classes from a file: one a line, or a ``.npy`` array; one header at most.

    A first line ``group``, ``groups``, ``class``, ``classes``, ``label`` or ``labels`` is a header.
    """
    file, where = Path(path), shorten(str(path), 200)
    suffix = _suffix(file, where)
    with opening(file, where, kind=_KIND, needs="; it needs one name for each example"):
        if suffix == ".npy":
            return read_npy(file, where).tolist()
        rows = [row.strip().strip("\"'") for row in _text(file, where)]
        return rows[1:] if rows[0].lower() in _NAME_HEADERS else rows


def _suffix(file: Path, where: str) -> str:
    suffix = file.suffix.lower()
    if suffix not in (".npy", ".csv", ".txt"):
        said = f"not from '{shorten(suffix or file.name)}'"
        raise InputError(f"{where}: losses are read from .npy, .csv or .txt, {said}")
    return suffix


def _text(file: Path, where: str) -> list[str]:
    """The lines of a text file without the empty ones at its end; at least one."""
    rows = file.read_text(encoding="utf-8-sig").split("\n")
    while rows and not rows[-1].strip():
        rows.pop()
    if not rows:
        raise InputError(f"{where} is empty; it needs one loss a line")
    return rows


def _table(rows: list[str], where: str) -> dict[str, list[str]] | None:
    """The columns of a file whose first line names several; None if it does not."""
    if "," not in rows[0] or rows[0].count('"') == 2 or not _is_header(rows[0]):
        return None
    try:
        columns = _by_name(list(csv.reader(rows, strict=True)), where)
    except csv.Error as error:
        raise InputError(f"{where} is not a CSV file: {shorten(str(error), 80)}") from None
    return {name: [cell.strip() for cell in cells] for name, cells in columns.items()}


def _by_name(rows: list[list[str]], where: str) -> dict[str, list[str]]:
    """The columns below a line of names."""
    names = [normal(name) for name in rows[0]]
    refuse_twice(names, where)
    refuse_alike(names, where, "column")
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(names):
            said = f"{len(row)} cells; the first line names {len(names)}"
            raise InputError(f"{where}, row {number}: {said}")
    return {name: [row[i] for row in rows[1:]] for i, name in enumerate(names)}


def _lines(file: Path, where: str) -> tuple[list[float], int, str]:
    """The numbers of a text file, the row of the first, and where they stand."""
    rows = _text(file, where)
    columns = _table(rows, where) if file.suffix.lower() == ".csv" else None
    if columns is not None:
        if "loss" not in columns:
            unknown = UnknownNameError(f"column of {where}", "loss", columns)
            raise InputError(f"{unknown}; a table of predictors is for `compare --losses`")
        rows, where = ["loss", *columns["loss"]], f"{where}, column loss"
    rows = [_QUOTED.sub(r"\1", row) for row in rows]
    header = 1 if _is_header(rows[0]) or _is_number_header(rows, where) else 0
    if len(rows) == header:
        raise InputError(f"{where} has a header and no losses")
    numbers = [_loss(row, i, where) for i, row in enumerate(rows[header:], header + 1)]
    return numbers, header + 1, where


def begins_with_zero(path: str | Path) -> bool:
    """Whether a CSV file begins with the line 0: a loss, or the header of a bare Series."""
    file, where = Path(path), shorten(str(path), 200)
    if file.suffix.lower() != ".csv":
        return False
    with opening(file, where, kind=_KIND):
        rows = _text(file, where)
        return rows[0].strip() == "0" and not _is_number_header(rows, str(file))


def _is_number_header(rows: list[str], where: str) -> bool:
    """Whether the first line is the number of a column, as pandas writes it above a bare Series.

    Raises
    ------
    InputError
        If it may be one.
    """
    first, *others = (row.strip() for row in rows)
    if len(others) < 2 or not first.isascii() or not first.isdigit():
        return False
    if not all(_POINT.fullmatch(row) for row in others):
        return False
    if any(row.endswith(".0") for row in others):  # so this writer would write the loss 0 as 0.0
        return True
    raise InputError(
        f"{where}, row 1: '{shorten(first)}' may be a header, since every other line has a point: "
        f"write {shorten(first)}.0 for a loss, or loss for a header"
    )


def _is_header(row: str) -> bool:
    text = row.strip().strip("\"'")
    if not (text[:1].isalpha() or text[:1] == "_") or text.lower() in _NOT_A_HEADER:
        return False
    try:
        float(text)
    except ValueError:
        return True
    return False


def _loss(row: str, i: int, where: str) -> float:
    text = row.strip()
    if len(text) > _LONGEST_NUMBER:
        raise InputError(
            f"{where}, row {i} has {len(text)} characters; a number has at most {_LONGEST_NUMBER}"
        )
    if not text:
        raise InputError(f"{where}, row {i} is empty; each line holds one loss")
    try:
        return read_number(text)
    except ValueError:
        several = "; each line holds one loss" if "," in text or ";" in text or " " in text else ""
        raise InputError(f"{where}, row {i}: '{shorten(text)}' is not a number{several}") from None


# --- tables, one column a predictor ---------------------------------------------------------------


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
        rows = enumerate(self.columns[column], self.first_row)
        said = f"column {shorten(column)}"
        return np.array([_number(value, f"{self.where}, row {i}, {said}") for i, value in rows])

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
        rows = list(csv.reader(stream, strict=True))
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    if len(rows) < 2:
        raise InputError(f"{where} {_TABLE}")
    return LossTable(where, _by_name(rows, where), len(rows) - 1, first_row=2)


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
    keys = [_ids(table, ids) for table in tables]
    columns = {name: values for name, values in first.columns.items() if name != ids}
    aligned(keys[0], keys[0], (first.where, first.where))
    if in_order:
        with prefix_errors(first.where):
            refuse_out_of_order(keys[0])
    for table, key in zip(others, keys[1:], strict=True):
        rows = aligned(keys[0], key, (first.where, table.where))
        for name, values in table.reordered(rows).columns.items():
            if name in columns and list(map(str, columns[name])) != list(map(str, values)):
                said = f"the column '{shorten(name)}' is in {first.where} as well"
                raise InputError(f"{table.where}: {said}, with other values")
            if name != ids:
                columns[name] = values
    where = first.where if not others else f"{first.where} and {len(others)} more"
    return LossTable(where, columns, first.size, first.first_row)


def _ids(table: LossTable, ids: str) -> Sequence[Any]:
    found = list(find(f"column of {table.where}", ids, table.columns))
    hole = next((i for i, x in enumerate(found) if is_missing(x) or not str(x).strip()), None)
    if hole is not None:
        raise InputError(f"{table.where}, row {hole + table.first_row}: the id is missing")
    return found
