"""Losses of one predictor from a file: ``.npy``, or ``.csv`` and ``.txt`` with one loss a line.

A ``.csv`` file may have more columns; its first line then names them, and the losses are in
``loss``. A column says where its entries stand.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from boundcalc.data.arrays import read_npy
from boundcalc.data.columns import names_rows, refuse_twice
from boundcalc.data.csv_file import column_names, records
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
    argument,
    find,
    normal,
    refuse_alike,
    shorten,
)
from boundcalc.numeric.decide.losses import Losses, as_losses, name_of

_POINT = re.compile(r"\d+\.\d+(e[+-]?\d+)?|\d+e-\d+", re.ASCII)
_QUOTED = re.compile(r'\s*"([^"]*)"\s*')
_LONGEST_NUMBER = 400
_MANY = 10  # of fewer losses all may differ
_KIND = "a file of losses"
LOSS = "loss"
_NAME_HEADERS = frozenset({"group", "groups", "class", "classes", "label", "labels"})
# Of these more is better: whoever reads them as losses certifies the worse predictor.
_SCORES = frozenset(
    {"acc", "accuracy", "auc", "auroc", "correct", "correctly", "correctness", "f1"}
)
_SCORES |= {"hit", "hits", "is_correct", "precision", "r2", "recall", "right", "success"}
# A first line that starts with a letter is a header, but not one of these: they stand for a missing
# loss or a truth value, and dropping an example silently would shift all the others.
_NOT_A_HEADER = MISSING_TEXT | {"true", "false"}


@dataclass(frozen=True, eq=False)
class Column:
    """Losses, ids or names of examples.

    Attributes
    ----------
    where : str
        The file or the argument that it comes from.
    entries : sequence
        Text or numbers.
    rows : sequence of int
        The number of each entry in messages: in a text file the line.
    name : str
        What it is called there, if anything.
    """

    where: str
    entries: Sequence[Any]
    rows: Sequence[int]
    name: str = ""

    @property
    def place(self) -> str:
        """What error messages call it."""
        return f"{self.where}, column {shorten(self.name)}" if self.name else self.where

    def in_rows(self, order: Iterable[int]) -> Column:
        """The entries in another order, each with its row."""
        entries, rows = ([of[i] for i in order] for of in (self.entries, self.rows))
        return Column(self.where, entries, rows, self.name)

    def names(self) -> list[str]:
        """The entries as names, none of them missing: the ids of the examples."""
        for row, name in zip(self.rows, self.entries, strict=True):
            if is_missing(name) or name != name or not str(name).strip():  # NaN differs from NaN
                raise InputError(f"{self.place}, row {row}: the id is missing")
        return [name_of(name) for name in self.entries]

    def losses(
        self,
        loss_bound: float | None,
        *,
        zero_one: bool = False,
        gaps: bool = False,
        alone: bool = False,
    ) -> Losses:
        """The entries as losses in their range, or 0 and 1 only; with `gaps` NaN where there is
        none. What stands `alone`, beside columns of other modalities, may hold names.

        Raises
        ------
        InputError
            For another entry, with its row.
        """
        _refuse_score(self.name, self.place)
        place = self.place
        numbered = zip(self.rows, self.entries, strict=True)
        x = np.array([_number(one, f"{place}, row {row}", gaps) for row, one in numbered])
        missing = np.isnan(x) & gaps
        if missing.all() and gaps:
            raise InputError(f"{place}: there is no loss")
        if gaps and self._names_rows(x[~missing], alone):
            takes = f"{argument('ids')} or {argument('groups')} takes the column"
            raise InputError(
                f"{place}: whole numbers that name examples or groups are no losses: {takes}, and "
                f"predictor[{shorten(self.name)}] is a name of losses"
            )
        as_losses(
            np.where(missing, 0.0, x),
            where=place,
            loss_bound=loss_bound,
            rows=self.rows,
            zero_one=zero_one,
        )
        return np.where(missing, math.nan, x)

    def _names_rows(self, present: Losses, alone: bool) -> bool:
        """Whether whole numbers are names: each is there once, or the column says so."""
        if not (np.isfinite(present) & (present == np.floor(present))).all():
            return False
        if names_rows(self.name):
            return bool(present.max() > 1)
        distinct = len({*map(str, self.entries)}) == len(self.entries)
        return alone and distinct and len(present) >= _MANY


def _refuse_score(name: str, place: str) -> None:
    """Refuse what its name says is no loss."""
    if name.strip().lower() in _SCORES:
        name = shorten(name.strip())
        said = f"of '{name}' more is better, and of a loss less is"
        raise InputError(f"{place}: {said}; give 1 − {name}, or a loss by another name")


def _number(entry: Any, place: str, gaps: bool) -> float:
    """A loss; NaN for one that is missing, where that may be."""
    if not isinstance(entry, str):
        try:
            return as_float(entry)
        except TypeError:
            raise InputError(f"{place}: {shorten(repr(entry))} is not a number") from None
    text = entry.strip()
    if gaps and is_missing_text(text):
        return math.nan
    if not text:
        raise InputError(f"{place} is empty; each line holds one loss")
    if len(text) > _LONGEST_NUMBER:
        said = f"a number has at most {_LONGEST_NUMBER}"
        raise InputError(f"{place} has {len(text)} characters; {said}")
    try:
        return read_number(text)
    except ValueError:
        several = not gaps and any(sign in text for sign in ",; ")
        advice = "; each line holds one loss" * several
        if gaps and text[0].isalpha():
            takes = f"{argument('groups')} or {argument('classes')} takes it"
            advice = f"; if the column says what the examples are, {takes}"
        raise InputError(f"{place}: '{shorten(entry)}' is not a number{advice}") from None


def read_losses(
    path: str | Path, *, loss_bound: float | None = None, zero_one: bool = False
) -> Losses:
    """Read the losses of one predictor.

    Parameters
    ----------
    path : str or Path
        ``.npy``: an array of numbers or booleans, shape (n,) or (n, 1); never a pickle. ``.csv`` or
        ``.txt``: UTF-8, one loss a line, and one line of header at most; or a ``.csv`` whose first
        line names several columns, one of them ``loss``.
    loss_bound : float, optional
        The losses lie in [0, loss_bound]; where left out, in [0, 1].
    zero_one : bool
        Whether there are no others than 0 and 1.

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
            found = read_npy(file, where)
            return as_losses(found, where=where, loss_bound=loss_bound, zero_one=zero_one)
        return _lines(file, where).losses(loss_bound, zero_one=zero_one)


def read_column(path: str | Path, column: str, what: str) -> Column:
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


def read_columns(path: str | Path) -> dict[str, Column] | None:
    """The columns of a CSV file of losses, as text; None where its first line names none."""
    file, where = Path(path), shorten(str(path), 200)
    with opening(file, where, kind=_KIND):
        return _table(file, where) if file.suffix.lower() == ".csv" else None


def refuse_other_order(
    own: Mapping[str, Column], other: Mapping[str, Column], names: tuple[str, str]
) -> None:
    """Refuse the columns of two files that name their examples, and not in the same order.

    A column names examples by what it is called, or where its entries are the same in both files
    and no two are alike: but for losses, which may be such a column by chance.
    """
    for column in sorted((own.keys() & other.keys()) - {"", LOSS}):
        mine, theirs = own[column].entries, other[column].entries
        both = set(mine) & set(theirs)
        named = names_rows(column) or len(both) == len(mine) == len(theirs)
        if mine != theirs and both and named:
            raise InputError(
                f"{names[0]} and {names[1]} name their examples in the column "
                f"'{shorten(column)}', and not in the same order: join them by it, with --id "
                f"{shorten(column)} (in Python ids, in a study id)"
            )


def columns_if_file(losses: Any) -> dict[str, Column] | None:
    """The columns of what may be a file of losses; None where it is none."""
    return (read_columns(losses) or {}) if isinstance(losses, (str, Path)) else None


def notes_on_order(
    own: Mapping[str, Column] | None, other: Mapping[str, Column] | None, names: tuple[str, str]
) -> list[str]:
    """What is to be said of two files that are paired by position.

    Files that name their examples, and not in the same order, are refused; where one of them alone
    does, nothing can be compared.
    """
    if own is None or other is None:
        return []
    refuse_other_order(own, other, names)
    ids = [[*filter(names_rows, columns)] for columns in (own, other)]
    if bool(ids[0]) == bool(ids[1]):
        return []
    named, rest = names if ids[0] else names[::-1]
    return [
        f"only {named} names its examples (column {shorten((ids[0] or ids[1])[0])}): that the rows "
        f"of {rest} are in the same order is taken for granted"
    ]


def notes_on_groups(columns: Mapping[str, Column] | None, ids: Any) -> list[str]:
    """What is to be said of a file without groups, where columns that name rows repeat a name."""
    return [
        f"names in the column {shorten(name)} are there several times: if their rows belong "
        f"together, take them as groups, with --group {shorten(name)}"
        for name, column in (columns or {}).items()
        if name not in ("", ids) and names_rows(name) and len({*column.entries}) < len(column.rows)
    ]


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


def _table(file: Path, where: str) -> dict[str, Column] | None:
    """The columns of a file whose first line names several; None if it does not."""
    text = file.read_text(encoding="utf-8-sig")
    try:
        first = next(csv.reader(StringIO(text)), [])
    except csv.Error:
        first = []
    # a nameless first column is the index that pandas writes
    if len(first) < 2 or not _is_header(",".join(first).lstrip(",")):
        return None
    return columns_below_names(StringIO(text), where)


def columns_below_names(stream: Iterable[str], where: str) -> dict[str, Column]:
    """The columns of a CSV file whose first record names them, without blank records at the end."""
    found = records(stream, where)
    names = column_names(found, where)
    refuse_twice(names, where)
    refuse_alike(names, where, "column")
    rows = list(found)
    while rows and not any(cell.strip() for cell in rows[-1][1]):
        rows.pop()
    for line, cells in rows:
        if len(cells) != len(names):
            said = f"{len(cells)} cells; the first line names {len(names)}"
            raise InputError(f"{where}, row {line}: {said}")
    lines = [line for line, _ in rows]
    return {
        name: Column(where, [cells[i].strip() for _, cells in rows], lines, name)
        for i, name in enumerate(names)
    }


def _lines(file: Path, where: str) -> Column:
    """The losses of a text file."""
    columns = _table(file, where) if file.suffix.lower() == ".csv" else None
    if columns is not None:
        if LOSS not in columns:
            unknown = UnknownNameError(f"column of {where}", LOSS, columns)
            raise InputError(f"{unknown}; a table of predictors is for `compare --losses`")
        found = columns[LOSS]
    else:
        rows = _text(file, where)
        rows = [_QUOTED.sub(r"\1", row) for row in rows]
        header = 1 if _is_header(rows[0]) or _is_number_header(rows, where) else 0
        if header:
            _refuse_score(rows[0], where)
        found = Column(where, rows[header:], range(header + 1, len(rows) + 1))
    if not found.entries:
        raise InputError(f"{where} has a header and no losses")
    return found


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
