"""CSV files: numbers and categories of each modality; rows in messages are lines."""

from __future__ import annotations

import csv
import math
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from boundcalc.data.columns import Layout, is_categorical, layout
from boundcalc.data.tables import Contents, Levels, Reading, is_missing_text, read_number
from boundcalc.errors import InputError, normal, shorten


def read_csv(file: Path, where: str, reading: Reading) -> Contents:
    """A CSV file in UTF-8 with a line of column names."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = records(stream, where)
            names = column_names(rows, where)
            _check_header(names, reading, where)
            found = _Cells(names, layout(names, reading, where), reading, where)
            for row, cells in rows:
                found.add(row, cells)
    except UnicodeDecodeError:
        raise InputError(f"{where} is not UTF-8 text") from None
    return found.contents()


def records(stream: Iterable[str], where: str) -> Iterator[tuple[int, list[str]]]:
    """The records and the lines that they start on; blank lines at the end are left out.

    Other blank lines are records with one empty cell.
    """
    reader, line = csv.reader(stream, strict=True), 1
    blank: list[int] = []
    try:
        for cells in reader:
            if cells:
                yield from ((i, [""]) for i in blank)
                blank = []
                yield line, cells
            else:
                blank.append(line)
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{where} is not a CSV file: {shorten(str(error), 80)}") from None


def column_names(rows: Iterator[tuple[int, list[str]]], where: str) -> list[str]:
    """The names in the first record.

    Raises
    ------
    InputError
        If it is blank.
    """
    names = [normal(name) for name in next(rows, (1, []))[1]]
    if not any(names):
        said = "starts with a blank line" if names else "is empty"
        raise InputError(f"{where} {said}; it needs a line of column names and one an example")
    return names


def _check_header(names: list[str], reading: Reading, where: str) -> None:
    numbers = (name for name in names if name not in (reading.label, *reading.beside))
    if reading.columns is None and any(map(_is_number, numbers)):
        raise InputError(
            f"{where} starts with numbers; its first line must name the columns, as in audio_1"
        )
    if len(names) == 1 and any(sign in names[0] for sign in ";\t"):
        raise InputError(f"{where}: the first line has no commas; columns are separated by commas")


class _Cells:
    """The cells of a file, row after row.

    A column is one of numbers, or of categories if that is declared or its first value is text.
    """

    def __init__(self, names: Sequence[str], plan: Layout, reading: Reading, where: str) -> None:
        self.names, self.plan, self.where = names, plan, where
        places = {name: i for i, name in enumerate(names)}
        self.chosen = [places[name] for columns in plan.modalities.values() for name in columns]
        self.label = None if plan.label is None else places[plan.label]
        self.beside = {name: (places[name], list[str]()) for name in plan.beside}
        self.levels: dict[int, Levels] = {}
        # float() is several times faster, but also reads 1_000 and digits of other scripts
        self.fast: list[Callable[[str], float]] = [float] * len(self.chosen)
        self.strict: list[Callable[[str], float]] = [read_number] * len(self.chosen)
        for i, place in enumerate(self.chosen):
            if is_categorical(names[place], reading):
                self._categories(i, declared=True)
        self.numbers, self.labels, self.rows = array("d"), list[str](), array("q")

    def add(self, row: int, cells: list[str]) -> None:
        """Read one record."""
        if len(cells) != len(self.names):
            said = f"the number of cells is {len(cells)}; the first line names {len(self.names)}"
            raise InputError(f"{self.where}, row {row}: {said}")
        text = "".join(cells)
        readers = self.fast if text.isascii() and "_" not in text else self.strict
        try:
            values = [read(cells[place]) for read, place in zip(readers, self.chosen, strict=True)]
        except ValueError:
            values = [self._value(i, cells[place], row) for i, place in enumerate(self.chosen)]
        self.numbers.extend(values)
        if self.label is not None:
            self.labels.append(cells[self.label])
        for place, kept in self.beside.values():
            kept.append(cells[place])
        self.rows.append(row)

    def _categories(self, i: int, *, declared: bool) -> None:
        self.levels[i] = Levels(declared=declared)
        self.fast[i] = self.strict[i] = self.levels[i].code

    def _value(self, i: int, cell: str, row: int) -> float:
        """A cell that is missing, or names a category, or is refused."""
        name = self.names[self.chosen[i]]
        place = f"{self.where}, row {row}, column {shorten(name)}"
        try:
            return self.strict[i](cell)
        except InputError as error:
            raise InputError(f"{place}: {error}") from None
        except ValueError:
            if is_missing_text(cell):
                return math.nan
        earlier = np.asarray(self.numbers[i :: len(self.chosen)])
        if not np.isnan(earlier).all():
            raise InputError(
                f"{place}: '{shorten(cell)}' is not a number; --categorical '{shorten(name)}' "
                "takes the column as names of categories"
            )
        self._categories(i, declared=False)
        return self._value(i, cell, row)

    def contents(self) -> Contents:
        """What was read."""
        if not self.rows:
            raise InputError(f"{self.where} has column names and no examples")
        table = np.asarray(self.numbers).reshape(len(self.rows), -1)
        matrices, levels, start = {}, {}, 0
        for name, columns in self.plan.modalities.items():
            end = start + len(columns)
            matrices[name] = table[:, start:end]
            levels[name] = {
                i - start: tuple(known) for i, known in self.levels.items() if start <= i < end
            }
            start = end
        return Contents(
            self.where,
            matrices,
            None if self.label is None else self.labels,
            columns=self.plan.modalities,
            rows=self.rows,
            remarks=self.plan.remarks,
            beside={name: kept for name, (_, kept) in self.beside.items()},
            levels=levels,
        )


def _is_number(text: str) -> bool:
    try:
        read_number(text)
    except ValueError:
        return False
    return True
