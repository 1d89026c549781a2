"""What tables, files and frames have in common: how they are read, and what they hold."""

from __future__ import annotations

import math
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from boundcalc.errors import BoundcalcError, InputError, UnknownNameError, normal, shorten

Groups = Mapping[str, Sequence[str]]
INDICATOR, DROP = MISSING_RULES = ("indicator", "drop")
MISSING_TEXT = frozenset({"", "na", "n/a", "nan", "none", "null", "missing", "<na>"})
_NOTHING = frozenset({"NAType", "NaTType", "MaskedConstant"})
_MOST_LEVELS = 1000
# a file that unpacks to more than this many bytes, and to a hundred times its size, is no data
_UNPACKED = 2**30
_BLOCK_ENTRIES = 2**20
_SOME = 1000  # examples


@dataclass(frozen=True)
class Reading:
    """How tables and arrays become a data set.

    Attributes
    ----------
    columns : mapping of str to sequence of str, optional
        Of each modality, names or patterns such as ``M*``; where left out their names tell.
    label : str
        The name of the labels.
    beside : tuple of str
        Columns that are no features: groups of rows, parts. Those that are not there are no error.
    categorical : tuple of str
        Names or patterns of columns whose numbers are names of categories.
    missing : {"indicator", "drop"}, optional
        What becomes of missing values; where left out they are refused.
    flatten : bool
        Whether arrays of more dimensions, such as images, become one row an example.
    """

    columns: Groups | None = None
    label: str = "y"
    beside: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    missing: str | None = None
    flatten: bool = False

    def __post_init__(self) -> None:
        if self.missing not in (None, *MISSING_RULES):
            raise UnknownNameError("rule for missing values", str(self.missing), MISSING_RULES)


PLAIN = Reading()


@dataclass(frozen=True, eq=False)
class Contents:
    """What a file, a frame or a mapping holds, before it is checked.

    Attributes
    ----------
    source : str
        What error messages call it.
    modalities : mapping of str to array_like
    labels : array_like or None
    columns : mapping of str to sequence of str
        The names of the columns, where they have some.
    rows : sequence of int or None
        The number of each row in error messages; where left out they are counted from 1.
    remarks : tuple of str
        What was left out.
    beside : mapping of str to sequence
        Columns that are kept as they are.
    levels : mapping of str to mapping of int to tuple of str
        For each modality the columns that hold codes, and the categories that these stand for.
    """

    source: str
    modalities: Mapping[str, Any]
    labels: Any = None
    columns: Mapping[str, Sequence[str]] | None = None
    rows: Sequence[int] | None = None
    remarks: tuple[str, ...] = ()
    beside: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    levels: Mapping[str, Mapping[int, tuple[str, ...]]] = field(default_factory=dict)


class Levels(dict[str, float]):
    """The codes of the categories of a column, first come, first served.

    Parameters
    ----------
    declared : bool
        Whether the column was declared to hold categories; else a number in it is a mistake.
    """

    def __init__(self, *, declared: bool) -> None:
        super().__init__()
        self.declared = declared

    def code(self, text: str, *, numeric: bool = False) -> float:
        """The code of a text, NaN where it stands for no value.

        Raises
        ------
        InputError
            For a number among texts, and for more categories than a column has.
        """
        name = normal(text)
        if name in self:
            return self[name]
        if is_missing_text(name):
            return math.nan
        if not (self.declared or numeric) and _is_number(name):
            first = next(iter(self), "")
            plain = name.isascii() and "_" not in name
            why = "written as text" if plain else "not written in plain digits"
            why = f"and '{shorten(first)}' before it is text" if self else why
            raise InputError(
                f"{shorten(name)} is a number, {why}: --categorical takes the column as names of "
                "categories"
            )
        if len(self) >= _MOST_LEVELS:
            raise InputError(
                f"a column of text has more than {_MOST_LEVELS:,} values: if they name rows, leave "
                "it out, which `compare` does with --group-columns"
            )
        return self.setdefault(name, float(len(self)))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


# --- files ----------------------------------------------------------------------------------


@contextmanager
def opening(
    file: Path, where: str, *, kind: str, advice: str = "", needs: str = ""
) -> Iterator[None]:
    """Read a stranger's file: whatever goes wrong inside becomes one line.

    Parameters
    ----------
    kind : str
        What the file should be, for messages.
    advice : str
        What to do where memory does not suffice.
    needs : str
        What an empty file lacks.
    """
    try:
        mode = file.stat().st_mode
        if stat.S_ISDIR(mode):
            raise InputError(f"{where} is a folder, not a file")
        if not stat.S_ISREG(mode):
            raise InputError(f"{where} is a device or a pipe, not a file")
        if not file.stat().st_size:
            raise InputError(f"{where} is empty{needs}")
        yield
    except BoundcalcError:
        raise
    except MemoryError:
        said = "is damaged, or too large for the memory"
        raise InputError(f"{where} {said}{advice and ': '}{advice}") from None
    except FileNotFoundError:
        raise InputError(f"{where}: no such file") from None
    except UnicodeDecodeError:
        raise InputError(f"{where} is not UTF-8 text") from None
    except OSError as error:
        said = shorten(str(error.strerror or error), 80)
        raise InputError(f"{where}: cannot be read ({said})") from None
    except ValueError as error:
        if "null" in str(error):  # a name with a zero byte
            raise InputError(f"{where} is not the name of a file") from None
        raise InputError(_damaged(where, kind, error)) from None
    except Exception as error:  # damaged files end in any error of the libraries that read them
        raise InputError(_damaged(where, kind, error)) from None


def _damaged(where: str, kind: str, error: Exception) -> str:
    said = shorten(str(error), 80)
    return f"{where} is damaged or not {kind}{said and ': '}{said}"


def refuse_bomb(size: int, file: Path, where: str) -> None:
    """Refuse a small file that unpacks to more than memory is there for."""
    packed = file.stat().st_size
    if size > max(_UNPACKED, 100 * packed):
        raise InputError(
            f"{where} has {packed:,} bytes and unpacks to {size / 1e9:.3g} GB, more than a hundred "
            "times as much; save it without compression if that is meant"
        )


# --- values ---------------------------------------------------------------------------------


def read_number(text: str) -> float:
    """The number that a text is, our minus sign too; float() also reads 1_000 and other digits.

    Raises
    ------
    ValueError
        For any other text.
    """
    plain = text.replace("−", "-")
    if "_" in plain or not plain.isascii():
        raise ValueError
    return float(plain)


def as_float(value: Any) -> float:
    """A number in floating point: infinite where it is too large, NaN where it is missing."""
    try:
        return math.nan if is_missing(value) else float(value)
    except OverflowError:
        return math.inf


def is_missing(value: Any) -> bool:
    """Whether it stands for no value: None, NaN, pandas' and NumPy's own signs."""
    if isinstance(value, Decimal):
        return value.is_nan()
    if isinstance(value, (float, np.floating)):
        return bool(value != value)
    return value is None or type(value).__name__ in _NOTHING


def is_missing_text(text: str) -> bool:
    """Whether a cell stands for no value."""
    return text.strip().lower() in MISSING_TEXT


def row_blocks(m: int, d: int) -> Iterator[slice]:
    """The rows in blocks, few in the first one, for it settles most questions about columns."""
    size = max(1, _BLOCK_ENTRIES // max(d, 1))
    yield slice(0, min(m, size, _SOME))
    for start in range(min(size, _SOME), m, size):
        yield slice(start, min(start + size, m))


def is_pandas(X: Any) -> bool:
    """Whether it is a Series or data frame, told without importing pandas."""
    return hasattr(X, "index") and hasattr(X, "reindex") and hasattr(X, "to_numpy")


def is_dask(X: Any) -> bool:
    """Whether it is a Dask array, told without importing Dask."""
    return type(X).__module__.partition(".")[0] == "dask" and hasattr(X, "chunks")


def is_sparse(X: Any) -> bool:
    """Whether it is a sparse matrix of SciPy, told without importing it."""
    return hasattr(X, "nnz") and hasattr(X, "tocsr")
