"""Per-example losses from a file: ``.npy``, or ``.csv`` and ``.txt`` with one loss a line.

A ``.csv`` file may have more columns; its first line then names them, and the losses are in
``loss``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from boundcalc.data.arrays import read_npy
from boundcalc.data.tables import opening
from boundcalc.errors import InputError, UnknownNameError, shorten
from boundcalc.numeric.decide.losses import Losses, as_losses

T = TypeVar("T")
_POINT = re.compile(r"\d+\.\d+(e[+-]?\d+)?|\d+e-\d+", re.ASCII)
_QUOTED = re.compile(r'\s*"([^"]*)"\s*')
_TEXT = (".csv", ".txt")
_LONGEST_NUMBER = 400
_NAME_HEADERS = frozenset({"group", "groups", "class", "classes", "label", "labels"})
# A first line that starts with a letter is a header, but not one of these: they stand for a missing
# loss or a truth value, and dropping an example silently would shift all the others.
_NOT_A_HEADER = frozenset({"na", "n/a", "none", "null", "missing", "true", "false"})


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

    Returns
    -------
    ndarray of float, shape (n,)

    Raises
    ------
    InputError
        If the file cannot be read or a loss cannot be used; the message names the file and the row.
        In a text file rows are lines, the header included; in an array the first row is 1.
    """
    file, where = Path(path), shorten(str(path), 200)

    suffix = _suffix(file, where)

    def read() -> Losses:
        if suffix == ".npy":
            array = read_npy(file, where)
            return as_losses(array, where=where, loss_bound=loss_bound)
        values, first_row, place = _lines(file, where)
        return as_losses(values, where=place, loss_bound=loss_bound, first_row=first_row)

    return _opened(read, file, where, needs="; it needs one loss for each example")


def read_column(path: str | Path, column: str, what: str) -> list[str]:
    """A column of a CSV file of losses, as text: ids, groups or classes.

    Raises
    ------
    InputError
        If there is no such column; the message names the nearest one.
    """
    file, where = Path(path), shorten(str(path), 200)

    def read() -> list[str]:
        columns = _table(_text(file, where), where) if file.suffix.lower() == ".csv" else None
        if columns is None:
            said = f"'{shorten(column)}' is no file, and {where} has no columns with names"
            raise InputError(f"{what}: {said}")
        if column not in columns:
            raise UnknownNameError(f"column of {where}", column, columns)
        return columns[column]

    return _opened(read, file, where)


def read_names(path: str | Path) -> Any:
    """Names of groups or classes from a file: one a line, or a ``.npy`` array; one header at most.

    A first line that is called ``group``, ``groups``, ``class``, ``classes`` or ``label`` is a
    header.
    """
    file, where = Path(path), shorten(str(path), 200)

    suffix = _suffix(file, where)

    def read() -> Any:
        if suffix == ".npy":
            return read_npy(file, where).tolist()
        rows = [row.strip().strip("\"'") for row in _text(file, where)]
        return rows[1:] if rows[0].lower() in _NAME_HEADERS else rows

    return _opened(read, file, where, needs="; it needs one name for each example")


def _suffix(file: Path, where: str) -> str:
    suffix = file.suffix.lower()
    if suffix not in (".npy", *_TEXT):
        raise InputError(
            f"{where}: losses are read from .npy, .csv or .txt, not from "
            f"'{shorten(suffix or file.name)}'"
        )
    return suffix


def _opened(read: Callable[[], T], file: Path, where: str, *, needs: str = "") -> T:
    with opening(file, where, kind="a file of losses", needs=needs):
        return read()


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
        names, *lines = csv.reader(rows, strict=True)
    except csv.Error as error:
        raise InputError(f"{where} is not a CSV file: {shorten(str(error), 80)}") from None
    names = [name.strip() for name in names]
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise InputError(f"{where}: the column '{shorten(twice)}' is there twice")
    for row, cells in enumerate(lines, 2):
        if len(cells) != len(names):
            said = f"{len(cells)} cells; the first line names {len(names)}"
            raise InputError(f"{where}, row {row}: {said}")
    return {name: [cells[i].strip() for cells in lines] for i, name in enumerate(names)}


def _lines(file: Path, where: str) -> tuple[list[float], int, str]:
    """The numbers of a text file, the row of the first, and where they stand."""
    rows = _text(file, where)
    columns = _table(rows, where) if file.suffix.lower() == ".csv" else None
    if columns is not None:
        if "loss" not in columns:
            raise UnknownNameError(f"column of {where}", "loss", columns)
        rows, where = ["loss", *columns["loss"]], f"{where}, column loss"
    rows = [_QUOTED.sub(r"\1", row) for row in rows]
    header = 1 if _is_header(rows[0]) or _is_number_header(rows, where) else 0
    if len(rows) == header:
        raise InputError(f"{where} has a header and no losses")
    numbers = [_number(row, i, where) for i, row in enumerate(rows[header:], header + 1)]
    return numbers, header + 1, where


def begins_with_zero(path: str | Path) -> bool:
    """Whether a CSV file begins with the line 0: a loss, or the header of a Series without
    a name.
    """
    file = Path(path)
    if file.suffix.lower() != ".csv":
        return False
    return _opened(lambda: _read_as_zero(file), file, shorten(str(path), 200))


def _read_as_zero(file: Path) -> bool:
    rows = _text(file, shorten(str(file), 200))
    return rows[0].strip() == "0" and not _is_number_header(rows, str(file))


def _is_number_header(rows: list[str], where: str) -> bool:
    """Whether the first line is the number of a column, as pandas writes above a Series without a
    name.

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


def _number(row: str, i: int, where: str) -> float:
    text = row.strip()
    if len(text) > _LONGEST_NUMBER:
        raise InputError(
            f"{where}, row {i} has {len(text)} characters; a number has at most {_LONGEST_NUMBER}"
        )
    if not text:
        raise InputError(f"{where}, row {i} is empty; each line holds one loss")
    try:
        # float() also reads 1_000 and digits of other scripts
        if not text.isascii() or "_" in text:
            raise ValueError
        return float(text)
    except ValueError:
        several = "; each line holds one loss" if "," in text or ";" in text or " " in text else ""
        raise InputError(f"{where}, row {i}: '{shorten(text)}' is not a number{several}") from None
