"""A matrix of numbers, one row an example, from whatever holds one."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from boundcalc.data.frames import frame_matrix
from boundcalc.data.tables import PLAIN, Reading, is_dask, is_pandas, is_sparse, plain_array
from boundcalc.errors import InputError, optional, shorten


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
            f"{where} is a path: read the file with boundcalc.data.arrays.read_dataset",
        )
    if hasattr(X, "to_dask_array"):
        raise InputError(f"{where} is a Dask data frame: give X.to_dask_array(lengths=True)")
    if is_sparse(X):
        X = _in_rows(X, where)
    elif is_pandas(X):
        X, levels = frame_matrix(X.to_frame() if X.ndim == 1 else X, where, reading)
    elif not is_dask(X):
        X = plain_array(X, where, "a matrix: its rows differ in length")
        if X.dtype.kind in "OU" and X.ndim in (1, 2) and X.size and _may_be_text(X):
            X, levels = _of_objects(X, where, reading)
    if X.dtype.kind not in "biuf":
        kind = "Python objects" if X.dtype.kind == "O" else f"entries of type {X.dtype}"
        two = ": give real and imaginary part as two columns" if X.dtype.kind == "c" else ""
        raise InputError(f"{where} holds {shorten(kind)}; it must hold numbers{two}")
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


def _may_be_text(X: Any) -> bool:
    return X.dtype.kind == "U" or any(isinstance(value, str) for value in X.flat)


def _of_objects(X: Any, where: str, reading: Reading) -> tuple[Any, dict[int, Any]]:
    """The columns of an array of texts, read as those of a data frame are."""
    if not reading.categorical:
        kind = "Python objects" if X.dtype.kind == "O" else f"entries of type {X.dtype}"
        raise InputError(
            f"{where} holds {shorten(kind)}; it must hold numbers; --categorical '*' takes its "
            "columns as names of categories"
        )
    pandas = optional("pandas", "categories in arrays", "data")
    table = X.reshape(len(X), -1).astype(object)
    names = [str(i) for i in range(1, table.shape[1] + 1)]
    return frame_matrix(pandas.DataFrame(table, columns=names), where, reading)
