"""Data frames, Parquet files and matrices of numbers; rows in messages are counted from 1."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from numbers import Real
from pathlib import Path, PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.data.columns import MOST_COLUMNS, is_categorical, layout, numbered, refuse_twice
from boundcalc.data.tables import (
    PLAIN,
    Contents,
    Levels,
    Reading,
    as_float,
    is_dask,
    is_missing,
    is_pandas,
    is_sparse,
    refuse_bomb,
)
from boundcalc.errors import InputError, normal, optional, shorten
from boundcalc.numeric.domains import unmasked

_TEXTS = ("string", "binary")
_INSIDE = re.compile(r"(?:\w*list|struct|map)\b.*(?:string|binary)")


def read_parquet(file: Path, where: str, reading: Reading) -> Contents:
    """A Parquet file."""
    return from_frame(parquet_frame(file, where), where, reading)


def parquet_frame(file: Path, where: str) -> Any:
    """The data frame in a Parquet file, its index as pandas has written it.

    Of what pandas writes beside the data only the names of the index are used: a file may come from
    strangers.
    """
    optional("pandas", "Parquet files", "data")
    parquet = optional("pyarrow.parquet", "Parquet files", "data")
    with parquet.ParquetFile(file) as opened:
        held, schema = opened.metadata, opened.schema_arrow
        if held.num_columns > MOST_COLUMNS:
            said = f"has {held.num_columns:,} columns; at most {MOST_COLUMNS:,} are read"
            raise InputError(f"{where} {said}")
        groups = map(held.row_group, range(held.num_row_groups))
        parts = [group.column(i) for group in groups for i in range(group.num_columns)]
        sizes = (max(8 * part.num_values, part.total_uncompressed_size) for part in parts)
        refuse_bomb(sum(sizes), file, where)
        refuse_twice(map(normal, schema.names), where)
        inside = next((one for one in schema if _INSIDE.match(str(one.type))), None)
        if inside is not None:
            said = f"holds {shorten(str(inside.type))}; features are numbers or text"
            raise InputError(f"{where}: the column '{shorten(inside.name)}' {said}")
        texts = [one.name for one in schema if str(one.type).endswith(_TEXTS)]
    # a text that is there once in the file may be in every row
    with parquet.ParquetFile(file, read_dictionary=texts) as opened:
        table = opened.read()
    refuse_bomb(sum(map(_unpacked, table.columns)), file, where)
    frame = table.cast(schema).replace_schema_metadata(None).to_pandas()
    index = _index_of(schema.metadata, frame)
    frame = frame.set_index(index) if index else frame
    unnamed = frame.index.names
    return frame.rename_axis([None if str(n).startswith("__index_level_") else n for n in unnamed])


def _unpacked(column: Any) -> int:
    """The bytes of a column of texts, each in full."""
    compute = optional("pyarrow.compute", "Parquet files", "data")
    chunks = [chunk for chunk in column.chunks if hasattr(chunk, "dictionary")]
    texts = [chunk for chunk in chunks if str(chunk.dictionary.type).endswith(_TEXTS)]
    lengths = (compute.take(compute.binary_length(c.dictionary), c.indices) for c in texts)
    return sum(compute.sum(one).as_py() or 0 for one in lengths)


def _index_of(metadata: Any, frame: Any) -> list[str]:
    """The columns that pandas has stored its index in."""
    try:
        found = json.loads(metadata[b"pandas"])["index_columns"]
        return [name for name in found if isinstance(name, str) and name in frame.columns]
    except (KeyError, TypeError, ValueError, RecursionError):
        return []


def from_frame(frame: Any, where: str, reading: Reading) -> Contents:
    """A pandas data frame; a named index that is one of its columns counts as one."""
    wanted = {normal(reading.label), *map(normal, reading.beside)}
    wanted.update(normal(c) for columns in (reading.columns or {}).values() for c in columns)
    named = [level for level in frame.index.names if level is not None]
    inside = [
        level
        for level in named
        if normal(level) in wanted or (reading.columns is None and numbered(normal(level)))
    ]
    if inside:
        frame = frame.reset_index(inside, allow_duplicates=True)
    names = [normal(name) for name in frame.columns]
    plan = layout(names, reading, where)
    frame = frame.set_axis(names, axis=1)
    if not len(frame):
        raise InputError(f"{where} has column names and no examples")
    remarks = plan.remarks + tuple(
        f"the index '{shorten(str(level))}' names rows and is no column"
        for level in named
        if level not in inside
    )
    matrices, levels = {}, {}
    for name, chosen in plan.modalities.items():
        place = f"{where}, modality '{shorten(name)}'"
        matrices[name], levels[name] = frame_matrix(frame[list(chosen)], place, reading)
    return Contents(
        where,
        matrices,
        None if plan.label is None else frame[plan.label],
        columns=plan.modalities,
        remarks=remarks,
        beside={name: frame[name].tolist() for name in plan.beside},
        levels=levels,
    )


def frame_matrix(
    frame: Any, where: str, reading: Reading = PLAIN
) -> tuple[NDArray[Any], dict[int, tuple[str, ...]]]:
    """The numbers of a data frame, NaN where one is missing, and the categories of its columns."""
    replaced: dict[int, Sequence[float]] = {}
    levels: dict[int, tuple[str, ...]] = {}
    for i, (name, dtype) in enumerate(frame.dtypes.items()):
        place = f"column {shorten(str(name))}"
        declared = is_categorical(normal(name), reading) or str(dtype) == "category"
        if declared or str(dtype) in ("object", "str") or str(dtype).startswith("string"):
            values = frame.iloc[:, i].tolist()
            first = next((v for v in values if not is_missing(v)), None)
            if declared or isinstance(first, str):
                known = Levels(declared=declared)
                replaced[i] = [
                    _code(known, value, f"{where}, row {row}, {place}")
                    for row, value in enumerate(values, 1)
                ]
                levels[i] = tuple(known)
            else:
                replaced[i] = [
                    _object_number(value, f"{where}, row {row}, {place}", name)
                    for row, value in enumerate(values, 1)
                ]
        elif getattr(dtype, "kind", "O") not in "biuf":
            said = f"{where}, {place} holds {shorten(str(dtype))}; features are numbers"
            split = " (two columns: real and imaginary part)" if dtype.kind == "c" else ""
            raise InputError(said + split)
    if replaced:
        frame = frame.copy()
        for i, found in replaced.items():
            frame.isetitem(i, found)
    single = all(dtype == np.float32 for dtype in frame.dtypes)
    with np.errstate(over="ignore"):  # long doubles: what is infinite then is refused later
        matrix = frame.to_numpy(dtype=np.float32 if single else np.float64, na_value=np.nan)
    return np.asarray(matrix), levels


def _code(known: Levels, value: Any, where: str) -> float:
    if is_missing(value):
        return math.nan
    if not isinstance(value, (str, Real, Decimal)):
        raise InputError(f"{where} holds {shorten(repr(value))}; categories have names")
    if not isinstance(value, str) and not known.declared:
        said = f"{shorten(repr(value))}, and text before it: declare it with --categorical"
        raise InputError(f"{where} holds {said}")
    try:
        return known.code(_text(value), numeric=not isinstance(value, str))
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def _text(value: Any) -> str:
    """The name of a category: a whole number without its point."""
    if isinstance(value, Real) and not isinstance(value, bool) and float(value).is_integer():
        return f"{float(value):.0f}"
    return str(value)


def _object_number(value: Any, where: str, name: object) -> float:
    if isinstance(value, str):
        option = f"--categorical '{shorten(str(name))}' takes the column as names of categories"
        raise InputError(f"{where} holds {shorten(repr(value))}; features are numbers; {option}")
    if not isinstance(value, (Real, Decimal)) and not is_missing(value):
        raise InputError(f"{where} holds {shorten(repr(value))}; features are numbers")
    return as_float(value)


def columns_of(arrays: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The names of the columns of those that are frames."""
    framed = {name: X for name, X in arrays.items() if hasattr(X, "columns")}
    return {name: tuple(map(str, X.columns)) for name, X in framed.items()}


# --- a matrix of numbers, from whatever holds one -------------------------------------------------


def as_matrix(X: Any, where: str, reading: Reading = PLAIN) -> tuple[Any, dict[int, Any]]:
    """A matrix of numbers, and the categories of the columns that hold codes.

    A NumPy array, also memory-mapped, a Dask one, or a sparse matrix in compressed rows.

    Raises
    ------
    InputError
        The message says what to give instead.
    """
    levels: dict[int, Any] = {}
    if isinstance(X, (str, PurePath)):
        raise InputError(
            f"{where} is a path: read the file with boundcalc.data.arrays.read_dataset"
        )
    if hasattr(X, "to_dask_array"):
        raise InputError(f"{where} is a Dask data frame: give X.to_dask_array(lengths=True)")
    if is_sparse(X):
        X = _in_rows(X, where)
    elif is_pandas(X):
        X, levels = frame_matrix(X.to_frame() if X.ndim == 1 else X, where, reading)
    elif not is_dask(X):
        X = unmasked(X, where, expected="a matrix: its rows differ in length")
        objects = X.dtype.kind in "OU" and X.ndim in (1, 2) and X.size
        if objects and any(isinstance(value, str) for value in X.flat):
            X, levels = _of_objects(X, where, reading)
        elif X.dtype.kind == "O" and X.ndim in (1, 2) and X.size:
            X = _numbers(X, where)
        if X.dtype == np.longdouble:
            with np.errstate(over="ignore"):
                X = X.astype(np.float64)
    if X.dtype.kind not in "biuf":
        two = ": give real and imaginary part as two columns" if X.dtype.kind == "c" else ""
        raise InputError(f"{where} holds {_kind(X)}; it must hold numbers{two}")
    if X.ndim == 1:
        X = X.reshape(-1, 1)
    if X.ndim > 2 and reading.flatten and 0 not in X.shape:
        X = X.reshape(len(X), -1)
    if X.ndim != 2:
        advice = "give one row an example, X.reshape(len(X), -1), or flatten it with --flatten"
        raise InputError(f"{where} has shape {X.shape}; {advice}")
    if 0 in X.shape:
        raise InputError(f"{where} is empty: shape {X.shape}")
    return X, levels


def _in_rows(X: Any, where: str) -> Any:
    """A sparse matrix in compressed rows, whose indices are what they have to be."""
    from scipy.sparse import csr_array

    try:
        rows = csr_array(X)
        rows.check_format(full_check=True)
    except (ValueError, TypeError, IndexError) as error:
        raise InputError(f"{where} is a damaged sparse matrix: {shorten(str(error), 80)}") from None
    rows.sum_duplicates()
    return rows


def _of_objects(X: Any, where: str, reading: Reading) -> tuple[Any, dict[int, Any]]:
    """The columns of an array of texts, read as those of a data frame are."""
    if not reading.categorical:
        raise InputError(
            f"{where} holds {_kind(X)}; it must hold numbers; --categorical '*' takes its "
            "columns as names of categories"
        )
    pandas = optional("pandas", "categories in arrays", "data")
    table = X.reshape(len(X), -1).astype(object)
    names = [str(i) for i in range(1, table.shape[1] + 1)]
    return frame_matrix(pandas.DataFrame(table, columns=names), where, reading)


def _numbers(X: Any, where: str) -> NDArray[np.float64]:
    """An array of Python's numbers."""
    table = X.reshape(len(X), -1)
    found = np.empty(table.shape)
    for (i, j), value in np.ndenumerate(table):
        found[i, j] = _object_number(value, f"{where}, row {i + 1}, column {j + 1}", j + 1)
    return found


def _kind(X: Any) -> str:
    return "Python objects" if X.dtype.kind == "O" else shorten(f"entries of type {X.dtype}")
