"""Tables whose columns belong to modalities: CSV files, Parquet files, data frames."""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import numpy as np

from boundcalc.data import memory
from boundcalc.data.dataset import Dataset, dataset
from boundcalc.data.labels import as_labels
from boundcalc.errors import InputError, UnknownNameError, nearest, optional, shorten

Groups = Mapping[str, Sequence[str]]
_NUMBERED = re.compile(r"(?P<modality>.*\S)_\d+")
_MISSING = frozenset({"", "na", "n/a", "nan", "none", "null", "missing"})
_LONGEST_CELL = 400
_FIRST_LOOK = 4096  # the row after which, and at twice as many each time, the size of the whole is foreseen
_GROWTH = 9 / 8  # so much more than its numbers an array takes while it grows
_FRAME_COPIES = 2  # a Parquet file is in memory as columns, and as a data frame


@dataclass(frozen=True)
class Table:
    """Which columns of a table are what.

    Attributes
    ----------
    groups : mapping of str to tuple of str
        The columns of each modality.
    label : str or None
        The column of the labels, if there is one.
    """

    groups: Mapping[str, tuple[str, ...]]
    label: str | None


def grouped(names: Sequence[str], groups: Groups | None, label: str, where: str) -> Table:
    """Sort the columns of a table into modalities: by a mapping, or by name: audio_1, audio_2, ….

    Raises
    ------
    InputError
        For a column that is missing, named twice or belongs to no modality.
    """
    twice = (
        next((name for i, name in enumerate(names) if name in names[:i]), None)
        if len(set(names)) < len(names)
        else None
    )
    if twice is not None:
        raise InputError(f"{where}: the column '{shorten(twice)}' is there twice")
    label_column = label if label in names else None
    if label_column is None and label != "y":
        raise InputError(f"{where} has no column '{shorten(label)}' for the labels{nearest(label, names)}")
    if groups is not None:
        return Table(_by_mapping(names, groups, where), label_column)
    found: dict[str, list[str]] = {}
    for name in names:
        if name == label_column:
            continue
        match = _NUMBERED.fullmatch(name)
        if match is None:
            raise InputError(
                f"{where}: the column '{shorten(name)}' belongs to no modality: name it like audio_1, or "
                "name the columns of each modality"
            )
        found.setdefault(match["modality"], []).append(name)
    return Table({name: tuple(columns) for name, columns in found.items()}, label_column)


def _by_mapping(names: Sequence[str], groups: Groups, where: str) -> dict[str, tuple[str, ...]]:
    known, seen = set(names), set()
    for modality, columns in groups.items():
        if isinstance(columns, str) or not columns:
            raise InputError(f"modality '{shorten(str(modality))}' needs a list of columns")
        for name in columns:
            if name not in known:
                raise UnknownNameError(f"column of {where}", str(name), known)
            if name in seen:
                raise InputError(f"{where}: the column '{shorten(name)}' is in two modalities")
            seen.add(name)
    return {str(modality): tuple(columns) for modality, columns in groups.items()}


def read_csv(file: Path, where: str, *, groups: Groups | None, label: str, task: str | None) -> Dataset:
    """A CSV file in UTF-8 with a line of column names; rows in messages are lines."""
    size = file.stat().st_size
    try:
        with file.open("rb") as raw, TextIOWrapper(raw, encoding="utf-8-sig", newline="") as stream:
            lines = _lines(csv.reader(stream), where)
            names = [name.strip() for name in next(lines, [])]
            table = _header(names, groups, label, where)

            def room(held: int) -> None:
                # what is still to come is as dense as what has been read
                memory.require(_GROWTH * held * max(0.0, size / raw.tell() - 1), where)

            numbers, labels = _cells(lines, names, table, where, room)
    except UnicodeDecodeError:
        raise InputError(f"{where} is not UTF-8 text") from None
    matrices = {name: np.asarray(into).reshape(-1, len(table.groups[name])) for name, into in numbers.items()}
    made = None if table.label is None else as_labels(labels, where=f"{where}, labels", first_row=2)
    return dataset(matrices, made, source=where, task=task, columns=table.groups, first_row=2)


def _header(names: list[str], groups: Groups | None, label: str, where: str) -> Table:
    if not any(names):
        raise InputError(f"{where} is empty; it needs a line of column names and one line an example")
    if all(_is_number(name) for name in names):
        raise InputError(f"{where} starts with numbers; its first line must name the columns, as in audio_1")
    if len(names) == 1 and any(sign in names[0] for sign in ";\t"):
        raise InputError(f"{where}: the first line has no commas; columns are separated by commas")
    return grouped(names, groups, label, where)


def _cells(
    lines: Iterator[list[str]], names: list[str], table: Table, where: str, room: Callable[[int], None]
) -> tuple[dict[str, array[float]], list[str]]:
    """The numbers of each modality, row after row, and the labels."""
    places = {name: i for i, name in enumerate(names)}
    numbers = {modality: array("d") for modality in table.groups}
    takes = [(numbers[modality], [places[c] for c in columns]) for modality, columns in table.groups.items()]
    labels: list[str] = []
    row, look = 1, _FIRST_LOOK
    for row, cells in enumerate(lines, 2):
        if len(cells) != len(names):
            said = f"the number of cells is {len(cells)}; the first line names {len(names)}"
            raise InputError(f"{where}, row {row}: {said}")
        for into, which in takes:
            try:
                into.extend([_float(cells[i]) for i in which])
            except ValueError:
                _explain(cells, which, names, f"{where}, row {row}")
        if table.label is not None:
            labels.append(cells[places[table.label]])
        if row == look:
            room(sum(values.itemsize * len(values) for values in numbers.values()))
            look *= 2
    if row == 1:
        raise InputError(f"{where} has column names and no examples")
    return numbers, labels


def _lines(reader: Any, where: str) -> Iterator[list[str]]:
    """The lines; those that are empty at the end are left out, others are rows with one empty cell."""
    empty = 0
    try:
        for cells in reader:
            if not cells:
                empty += 1
                continue
            for _ in range(empty):
                yield [""]
            empty = 0
            yield cells
    except csv.Error as error:
        raise InputError(f"{where} is not a CSV file: {shorten(str(error), 80)}") from None


def _is_number(text: str) -> bool:
    try:
        _float(text)
    except ValueError:
        return False
    return True


def _float(cell: str) -> float:
    # float() also reads 1_000 and digits of other scripts
    if "_" in cell or not cell.isascii() or len(cell) > _LONGEST_CELL:
        raise ValueError
    return float(cell)


def _explain(cells: Sequence[str], which: Sequence[int], names: Sequence[str], where: str) -> None:
    """Raise for the first cell that is not a number."""
    i = next(i for i in which if not _is_number(cells[i]))
    said = (
        "the value is missing"
        if cells[i].strip().lower() in _MISSING
        else f"'{shorten(cells[i])}' is not a number"
    )
    raise InputError(f"{where}, column {shorten(names[i])}: {said}")


def read_parquet(file: Path, where: str, *, groups: Groups | None, label: str, task: str | None) -> Dataset:
    """A Parquet file; rows in messages are counted from 1."""
    pandas = optional("pandas", "Parquet files", "data")
    optional("pyarrow", "Parquet files", "data")
    if file.stat().st_size == 0:
        raise InputError(f"{where} is empty")
    try:
        memory.require(_FRAME_COPIES * _parquet_size(file), where)
        frame = pandas.read_parquet(file, engine="pyarrow")
    except InputError:
        raise
    # pyarrow's errors are kinds of these
    except (ValueError, TypeError, KeyError, NotImplementedError) as error:
        raise InputError(f"{where} is damaged or not a Parquet file: {shorten(str(error), 80)}") from None
    return from_frame(frame, where, groups=groups, label=label, task=task)


def _parquet_size(file: Path) -> int:
    """Bytes of the numbers when they are read, by the file's own account."""
    found = optional("pyarrow.parquet", "Parquet files", "data").read_metadata(file)
    kinds = [found.schema.column(i).physical_type for i in range(found.num_columns)]
    return int(found.num_rows) * sum(4 if kind == "FLOAT" else 8 for kind in kinds)


def from_frame(frame: Any, where: str, *, groups: Groups | None, label: str, task: str | None) -> Dataset:
    """A pandas data frame."""
    pandas = optional("pandas", "data frames", "data")
    names = [str(name) for name in frame.columns]
    table = grouped(names, groups, label, where)
    frame = frame.set_axis(names, axis=1)
    if not len(frame):
        raise InputError(f"{where} has column names and no examples")
    for modality, columns in table.groups.items():
        for name in columns:
            if not pandas.api.types.is_numeric_dtype(frame[name].dtype):
                raise InputError(
                    f"{where}, modality '{shorten(modality)}', column {shorten(name)} holds "
                    f"{shorten(str(frame[name].dtype))}; features are numbers"
                )
    matrices = {name: _numbers(frame[list(columns)]) for name, columns in table.groups.items()}
    labels = None
    if table.label is not None:
        labels = as_labels(_plain(frame[table.label], pandas), where=f"{where}, labels")
    return dataset(matrices, labels, source=where, task=task, columns=table.groups)


def _numbers(frame: Any) -> Any:
    single = all(dtype == np.float32 for dtype in frame.dtypes)
    return frame.to_numpy(dtype=np.float32 if single else np.float64, na_value=np.nan)


def _plain(column: Any, pandas: Any) -> Any:
    """Labels as numbers or as text; missing ones as None."""
    if pandas.api.types.is_numeric_dtype(column.dtype) and not column.isna().any():
        return column.to_numpy()
    return np.array([None if pandas.isna(value) else value for value in column], dtype=object)
