"""Losses of one predictor from a file: ``.npy``, or ``.csv`` and ``.txt`` with one loss a line.

A ``.csv`` file may have more columns; its first line then names them, and the losses are in
``loss``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from boundcalc.data.arrays import read_npy
from boundcalc.data.columns import names_rows, refuse_twice
from boundcalc.data.tables import MISSING_TEXT, opening, read_number
from boundcalc.errors import InputError, UnknownNameError, find, normal, refuse_alike, shorten
from boundcalc.numeric.decide.losses import Losses, as_losses

_POINT = re.compile(r"\d+\.\d+(e[+-]?\d+)?|\d+e-\d+", re.ASCII)
_QUOTED = re.compile(r'\s*"([^"]*)"\s*')
_LONGEST_NUMBER = 400
_KIND = "a file of losses"
_LOSS = "loss"
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


def refuse_other_order(
    own: Mapping[str, list[str]], other: Mapping[str, list[str]], names: tuple[str, str]
) -> None:
    """Refuse the columns of two files that name their examples, and not in the same order.

    A column names examples by what it is called, or where its entries are the same in both files
    and no two are alike: but for losses, which may be such a column by chance.
    """
    for column in sorted((own.keys() & other.keys()) - {"", _LOSS}):
        mine, theirs = own[column], other[column]
        both = set(mine) & set(theirs)
        named = names_rows(column) or len(both) == len(mine) == len(theirs)
        if mine != theirs and both and named:
            raise InputError(
                f"{names[0]} and {names[1]} name their examples in the column "
                f"'{shorten(column)}', and not in the same order: join them by it, with --id "
                f"{shorten(column)} (in Python ids, in a study id)"
            )


def notes_on_order(losses_a: Any, losses_b: Any, names: tuple[str, str]) -> list[str]:
    """What is to be said of two files that are paired by position.

    Files that name their examples, and not in the same order, are refused; where one of them alone
    does, nothing can be compared.
    """
    if not all(isinstance(losses, (str, Path)) for losses in (losses_a, losses_b)):
        return []
    own, other = read_columns(losses_a) or {}, read_columns(losses_b) or {}
    refuse_other_order(own, other, names)
    ids = [[*filter(names_rows, columns)] for columns in (own, other)]
    if bool(ids[0]) == bool(ids[1]):
        return []
    named, rest = names if ids[0] else names[::-1]
    return [
        f"only {named} names its examples (column {shorten((ids[0] or ids[1])[0])}): that the rows "
        f"of {rest} are in the same order is taken for granted"
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


def _table(rows: list[str], where: str) -> dict[str, list[str]] | None:
    """The columns of a file whose first line names several; None if it does not."""
    # a nameless first column is the index that pandas writes
    if "," not in rows[0] or rows[0].count('"') == 2 or not _is_header(rows[0].lstrip(",")):
        return None
    try:
        columns = columns_below_names(list(csv.reader(rows, strict=True)), where)
    except csv.Error as error:
        raise InputError(f"{where} is not a CSV file: {shorten(str(error), 80)}") from None
    return {name: [cell.strip() for cell in cells] for name, cells in columns.items()}


def columns_below_names(
    rows: list[list[str]], where: str, lines: Iterable[int] | None = None
) -> dict[str, list[str]]:
    """The columns of a table whose first row names them; `lines` are those that rows start on."""
    names = [normal(name) for name in rows[0]]
    refuse_twice(names, where)
    refuse_alike(names, where, "column")
    for number, row in zip(lines or count(1), rows, strict=False):
        if len(row) != len(names):
            said = f"{len(row)} cells; the first line names {len(names)}"
            raise InputError(f"{where}, row {number}: {said}")
    return {name: [row[i] for row in rows[1:]] for i, name in enumerate(names)}


def _lines(file: Path, where: str) -> tuple[list[float], int, str]:
    """The numbers of a text file, the row of the first, and where they stand."""
    rows = _text(file, where)
    columns = _table(rows, where) if file.suffix.lower() == ".csv" else None
    if columns is not None:
        if _LOSS not in columns:
            unknown = UnknownNameError(f"column of {where}", _LOSS, columns)
            raise InputError(f"{unknown}; a table of predictors is for `compare --losses`")
        rows, where = [_LOSS, *columns[_LOSS]], f"{where}, column {_LOSS}"
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
