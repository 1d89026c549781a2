"""Per-example losses from a file: ``.npy``, or ``.csv`` and ``.txt`` with one loss a line."""

from __future__ import annotations

from pathlib import Path

from boundcalc.data.arrays import read_npy
from boundcalc.errors import InputError, shorten
from boundcalc.numeric.certifying.losses import Losses, as_losses

_TEXT = (".csv", ".txt")
_LONGEST_NUMBER = 400
# A first line that starts with a letter is a header, but not one of these: they stand for a missing loss
# or a truth value, and dropping an example silently would shift all the others.
_NOT_A_HEADER = frozenset({"na", "n/a", "none", "null", "missing", "true", "false"})


def read_losses(path: str | Path, *, loss_bound: float | None = None) -> Losses:
    """Read the losses of one predictor.

    Parameters
    ----------
    path : str or Path
        ``.npy``: an array of numbers or booleans, shape (n,) or (n, 1); never a pickle. ``.csv`` or
        ``.txt``: UTF-8, one loss a line, and one line of header at most.
    loss_bound : float, optional
        The losses lie in [0, loss_bound]; where left out, in [0, 1].

    Returns
    -------
    ndarray of float, shape (n,)

    Raises
    ------
    InputError
        If the file cannot be read or a loss cannot be used; the message names the file and the row. In a
        text file rows are lines, the header included; in an array the first row is 1.
    """
    file = Path(path)
    where = shorten(str(path), 200)
    suffix = file.suffix.lower()
    if suffix not in (".npy", *_TEXT):
        raise InputError(
            f"{where}: losses are read from .npy, .csv or .txt, not from '{suffix or file.name}'"
        )
    try:
        if suffix == ".npy":
            array = read_npy(file, where, needs="; it needs one loss for each example")
            return as_losses(array, where=where, loss_bound=loss_bound)
        values, first_row = _lines(file, where)
        return as_losses(values, where=where, loss_bound=loss_bound, first_row=first_row)
    except MemoryError:
        raise InputError(f"{where} is damaged, or too large for the memory") from None
    except FileNotFoundError:
        raise InputError(f"{where}: no such file") from None
    except OSError as error:
        raise InputError(f"{where}: cannot be read ({error.strerror or error})") from None


def _lines(file: Path, where: str) -> tuple[list[float], int]:
    """The numbers of a text file, and the row of the first."""
    try:
        rows = file.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise InputError(f"{where} is not UTF-8 text") from None
    while rows and not rows[-1].strip():
        rows.pop()
    if not rows:
        raise InputError(f"{where} is empty; it needs one loss a line")
    header = 1 if _is_header(rows[0]) else 0
    if len(rows) == header:
        raise InputError(f"{where} has a header and no losses")
    return [_number(row, i, where) for i, row in enumerate(rows[header:], header + 1)], header + 1


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
