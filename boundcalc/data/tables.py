"""Tables: what CSV and Parquet files, frames and arrays hold, one matrix a modality."""

from __future__ import annotations

import csv
import math
import re
import unicodedata
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from pathlib import Path, PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.errors import InputError, UnknownNameError, nearest, optional, shorten
from boundcalc.numeric.domains import unmasked

Groups = Mapping[str, Sequence[str]]
_NUMBERED = re.compile(r"(?P<modality>.*\S)_\d+")
_MISSING = frozenset({"", "na", "n/a", "nan", "none", "null", "missing"})
_NOTHING = frozenset({"NAType", "NaTType", "MaskedConstant"})
# a file that unpacks to more than this many bytes, and to a hundred times its size, is no data
_UNPACKED = 2**30


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
    """

    source: str
    modalities: Mapping[str, Any]
    labels: Any = None
    columns: Mapping[str, Sequence[str]] | None = None
    rows: Sequence[int] | None = None
    remarks: tuple[str, ...] = ()


def normal(name: object) -> str:
    """A name in its one normal form: Unicode's composed one, without blanks at its ends."""
    return unicodedata.normalize("NFC", str(name)).strip()


def _grouped(
    names: Sequence[str], groups: Groups | None, label: str, where: str
) -> tuple[dict[str, tuple[str, ...]], str | None, tuple[str, ...]]:
    """The columns of each modality, that of the labels, and a remark on those left out.

    Columns are sorted by a mapping, or by name: audio_1, audio_2, …
    """
    refuse_twice(names, where)
    label = normal(label)
    label_column = label if label in names else None
    if label_column is None and label != "y":
        hint = nearest(label, names)
        raise InputError(f"{where} has no column '{shorten(label)}' for the labels{hint}")
    if groups is not None:
        found = _by_mapping(names, groups, where)
        used = {label_column, *(name for columns in found.values() for name in columns)}
        idle = [shorten(name) for name in names if name not in used]
        shown = ", ".join(idle[:5]) + (", …" if len(idle) > 5 else "")
        return found, label_column, (f"columns that no group uses: {shown}",) if idle else ()
    modalities: dict[str, list[str]] = {}
    for name in names:
        if name == label_column:
            continue
        match = _NUMBERED.fullmatch(name)
        if match is None:
            raise InputError(
                f"{where}: the column '{shorten(name)}' belongs to no modality: name it like "
                "audio_1, or name the columns of each modality"
            )
        modalities.setdefault(match["modality"], []).append(name)
    return {name: tuple(columns) for name, columns in modalities.items()}, label_column, ()


def refuse_twice(names: Iterable[str], where: str, what: str = "column") -> None:
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise InputError(f"{where}: the {what} '{shorten(twice)}' is there twice")


def _by_mapping(names: Sequence[str], groups: Groups, where: str) -> dict[str, tuple[str, ...]]:
    known, seen = set(names), set()
    found: dict[str, tuple[str, ...]] = {}
    for modality, columns in groups.items():
        if isinstance(columns, str) or not columns:
            raise InputError(f"modality '{shorten(str(modality))}' needs a list of columns")
        found[normal(modality)] = chosen = tuple(map(normal, columns))
        for name in chosen:
            if name not in known:
                raise UnknownNameError(f"column of {where}", name, known)
            if name in seen:
                raise InputError(f"{where}: the column '{shorten(name)}' is in two modalities")
            seen.add(name)
    refuse_twice(map(normal, groups), where, "modality")
    return found


# --- CSV ------------------------------------------------------------------------------------


def read_csv(file: Path, where: str, groups: Groups | None, label: str) -> Contents:
    """A CSV file in UTF-8 with a line of column names; rows in messages are lines."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            records = _records(stream, where)
            names = [normal(name) for name in next(records, (1, []))[1]]
            _check_header(names, groups, label, where)
            columns, label_column, remarks = _grouped(names, groups, label, where)
            chosen = {name: [names.index(c) for c in cs] for name, cs in columns.items()}
            at = None if label_column is None else names.index(label_column)
            numbers, labels, rows = _cells(records, names, chosen, at, where)
    except UnicodeDecodeError:
        raise InputError(f"{where} is not UTF-8 text") from None
    matrices = {name: np.asarray(numbers[name]).reshape(-1, len(columns[name])) for name in columns}
    found = None if at is None else labels
    return Contents(where, matrices, found, columns, rows, remarks)


def _records(stream: Iterable[str], where: str) -> Iterator[tuple[int, list[str]]]:
    """The records and the lines that they start on; blank lines at the end are left out.

    Other blank lines are records with one empty cell.
    """
    reader, line = csv.reader(stream), 1
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


def _check_header(names: list[str], groups: Groups | None, label: str, where: str) -> None:
    if not any(names):
        raise InputError(
            f"{where} is empty; it needs a line of column names and one line an example",
        )
    if groups is None and any(_is_number(name) for name in names if name != label):
        raise InputError(
            f"{where} starts with numbers; its first line must name the columns, as in audio_1",
        )
    if len(names) == 1 and any(sign in names[0] for sign in ";\t"):
        raise InputError(f"{where}: the first line has no commas; columns are separated by commas")


def _cells(
    records: Iterator[tuple[int, list[str]]],
    names: Sequence[str],
    chosen: Mapping[str, Sequence[int]],
    at: int | None,
    where: str,
) -> tuple[dict[str, array[float]], list[str], array[int]]:
    """The numbers of each modality, row after row, the labels, and the lines."""
    numbers = {modality: array("d") for modality in chosen}
    takes = [(numbers[modality], which) for modality, which in chosen.items()]
    labels: list[str] = []
    rows = array("q")
    for row, cells in records:
        if len(cells) != len(names):
            said = f"the number of cells is {len(cells)}; the first line names {len(names)}"
            raise InputError(f"{where}, row {row}: {said}")
        text = "".join(cells)
        plain = text.isascii() and "_" not in text
        read = float if plain else _float  # float() is several times faster
        for into, which in takes:
            try:
                into.extend([read(cells[i]) for i in which])
            except ValueError:
                raise _no_number(cells, which, names, f"{where}, row {row}") from None
        if at is not None:
            labels.append(cells[at])
        rows.append(row)
    if not rows:
        raise InputError(f"{where} has column names and no examples")
    return numbers, labels, rows


def _float(cell: str) -> float:
    # float() also reads 1_000 and digits of other scripts
    if "_" in cell or not cell.isascii():
        raise ValueError
    return float(cell)


def _is_number(text: str) -> bool:
    try:
        _float(text)
    except ValueError:
        return False
    return True


def _no_number(
    cells: Sequence[str],
    which: Sequence[int],
    names: Sequence[str],
    where: str,
) -> InputError:
    i = next(i for i in which if not _is_number(cells[i]))
    missing = cells[i].strip().lower() in _MISSING
    said = "the value is missing" if missing else f"'{shorten(cells[i])}' is not a number"
    return InputError(f"{where}, column {shorten(names[i])}: {said}")


# --- frames and Parquet ---------------------------------------------------------------------


def read_parquet(file: Path, where: str, groups: Groups | None, label: str) -> Contents:
    """A Parquet file; rows in messages are counted from 1."""
    optional("pandas", "Parquet files", "data")
    parquet = optional("pyarrow.parquet", "Parquet files", "data")
    if file.stat().st_size == 0:
        raise InputError(f"{where} is empty")
    try:
        with parquet.ParquetFile(file) as opened:
            held = opened.metadata
            refuse_bomb(8 * held.num_rows * held.num_columns, file, where)
            frame = opened.read().to_pandas()
    except (InputError, OSError, MemoryError):
        raise
    except Exception as error:  # a damaged file ends in any of pyarrow's and pandas' errors
        said = shorten(str(error), 80)
        raise InputError(f"{where} is damaged or not a Parquet file: {said}") from None
    return from_frame(frame, where, groups, label)


def from_frame(frame: Any, where: str, groups: Groups | None, label: str) -> Contents:
    """A pandas data frame; a named index that is one of its columns counts as one."""
    wanted = {normal(label), *(normal(c) for columns in (groups or {}).values() for c in columns)}
    named = [level for level in frame.index.names if level is not None]
    inside = [
        level
        for level in named
        if normal(level) in wanted or (groups is None and _NUMBERED.fullmatch(normal(level)))
    ]
    if inside:
        frame = frame.reset_index(inside, allow_duplicates=True)
    names = [normal(name) for name in frame.columns]
    columns, label_column, remarks = _grouped(names, groups, label, where)
    frame = frame.set_axis(names, axis=1)
    if not len(frame):
        raise InputError(f"{where} has column names and no examples")
    remarks += tuple(
        f"the index '{shorten(str(level))}' names rows and is no column"
        for level in named
        if level not in inside
    )
    matrices = {
        name: frame_matrix(frame[list(chosen)], f"{where}, modality '{shorten(name)}'")
        for name, chosen in columns.items()
    }
    labels = None if label_column is None else frame[label_column]
    return Contents(where, matrices, labels, columns, None, remarks)


def frame_matrix(frame: Any, where: str) -> NDArray[Any]:
    """The numbers of a data frame; missing ones are NaN."""
    objects = {}
    for i, (name, dtype) in enumerate(frame.dtypes.items()):
        column = f"column {shorten(str(name))} holds"
        if str(dtype) == "object":
            objects[i] = [
                _object_number(value, f"{where}, row {row}, {column}")
                for row, value in enumerate(frame.iloc[:, i], 1)
            ]
        elif getattr(dtype, "kind", "O") not in "biuf":
            raise InputError(f"{where}, {column} {shorten(str(dtype))}; features are numbers")
    if objects:
        frame = frame.copy()
        for i, values in objects.items():
            frame.isetitem(i, values)
    single = all(dtype == np.float32 for dtype in frame.dtypes)
    found = frame.to_numpy(dtype=np.float32 if single else np.float64, na_value=np.nan)
    return np.asarray(found)


def _object_number(value: Any, where: str) -> float:
    if not isinstance(value, (Real, Decimal)) and not is_missing(value):
        raise InputError(f"{where} {shorten(repr(value))}; features are numbers")
    return as_float(value)


def as_float(value: Any) -> float:
    """A number in floating point: infinite where it is too large, NaN where it is missing."""
    try:
        return math.nan if is_missing(value) else float(value)
    except OverflowError:
        return math.inf
    except ValueError:  # the signalling NaN of a Decimal
        return math.nan


def refuse_bomb(size: int, file: Path, where: str) -> None:
    """Refuse a small file that unpacks to more than memory is there for."""
    packed = file.stat().st_size
    if size > max(_UNPACKED, 100 * packed):
        raise InputError(
            f"{where} has {packed:,} bytes and unpacks to {size / 1e9:.3g} GB, more than a hundred "
            "times as much; save it without compression if that is meant"
        )


# --- arrays ---------------------------------------------------------------------------------


def as_matrix(X: Any, where: str) -> Any:
    """A matrix of numbers, one row an example: a NumPy array, also memory-mapped, or a Dask one.

    Raises
    ------
    InputError
        The message says what to give instead.
    """
    if isinstance(X, (str, PurePath)):
        raise InputError(
            f"{where} is a path: read the file with boundcalc.data.arrays.read_dataset",
        )
    if hasattr(X, "nnz") and hasattr(X, "toarray"):
        raise InputError(f"{where} is a sparse matrix, which is not read: give X.toarray()")
    if hasattr(X, "to_dask_array"):
        raise InputError(f"{where} is a Dask data frame: give X.to_dask_array(lengths=True)")
    if is_pandas(X):
        X = frame_matrix(X.to_frame() if X.ndim == 1 else X, where)
    elif not is_dask(X):
        X = plain_array(X, where, "a matrix: its rows differ in length")
    if X.dtype.kind not in "biuf":
        kind = "Python objects" if X.dtype.kind == "O" else f"entries of type {X.dtype}"
        raise InputError(f"{where} holds {shorten(kind)}; it must hold numbers")
    if X.ndim == 1:
        X = X.reshape(-1, 1)
    if X.ndim != 2:
        advice = "give one row an example, X.reshape(len(X), -1)"
        raise InputError(f"{where} has shape {X.shape}; {advice}")
    if 0 in X.shape:
        raise InputError(f"{where} is empty: shape {X.shape}")
    return X


def plain_array(values: Any, where: str, expected: str) -> NDArray[Any]:
    """An array that no mask hides a part of, also where the rows of a list are masked."""
    advice = "leave these examples out or fill them in"
    masked: Sequence[Any] | NDArray[Any] = ()
    if isinstance(values, np.ma.MaskedArray):
        masked = np.flatnonzero(np.ma.getmaskarray(values).reshape(len(values), -1).any(axis=1))
    elif isinstance(values, (list, tuple)):
        masked = [i for i, value in enumerate(values) if np.ma.is_masked(value)]
    if len(masked):
        raise InputError(f"{where} has masked entries, the first in row {masked[0] + 1}; {advice}")
    return unmasked(values, where, advice=advice, expected=expected)


def is_missing(value: Any) -> bool:
    """Whether it stands for no value: None, pandas' and NumPy's own signs."""
    return value is None or type(value).__name__ in _NOTHING


def is_pandas(X: Any) -> bool:
    """Whether it is a Series or data frame, told without importing pandas."""
    return hasattr(X, "index") and hasattr(X, "reindex") and hasattr(X, "to_numpy")


def is_dask(X: Any) -> bool:
    """Whether it is a Dask array, told without importing Dask."""
    return type(X).__module__.partition(".")[0] == "dask" and hasattr(X, "chunks")
