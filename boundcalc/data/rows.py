"""Matrices that are read in blocks of rows: arrays, memory-mapped files, data frames, Dask arrays."""

from __future__ import annotations

import math
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.data.noise import TILE
from boundcalc.errors import InputError, optional, shorten
from boundcalc.numeric.domains import unmasked

_BLOCK_BYTES = 2**25


class Rows:
    """A matrix of numbers, m × d, of which a block of rows at a time is in memory.

    Parameters
    ----------
    X : array_like
        Two-dimensional; one dimension is one column. NumPy arrays (also memory-mapped), data frames, Dask
        arrays.
    where : str
        What error messages call it.

    Raises
    ------
    InputError
        If it is not a matrix of numbers.
    """

    def __init__(self, X: Any, *, where: str = "X") -> None:
        self.where = where
        if is_dask(X):
            if any(math.isnan(size) for sizes in X.chunks for size in sizes):
                raise InputError(
                    f"{where} is a Dask array with chunks of unknown sizes: call compute_chunk_sizes() first"
                )
        else:
            X = _array(X, where)
        if X.dtype.kind not in "biuf":
            kind = "Python objects" if X.dtype.kind == "O" else f"entries of type {X.dtype}"
            raise InputError(f"{where} holds {shorten(kind)}; it must hold numbers")
        if X.ndim == 1:
            X = X.reshape(-1, 1)
        if X.ndim != 2 or 0 in X.shape:
            raise InputError(
                f"{where} has shape {X.shape}; it needs one row an example and at least one column"
            )
        self._X = X
        self.m, self.d = (int(size) for size in X.shape)
        small = X.dtype.kind == "f" and X.dtype.itemsize <= 4
        self.dtype = np.dtype(np.float32 if small else np.float64)

    @property
    def block_rows(self) -> int:
        """Rows of a block: a power of two from 8 to TILE that depends on the shape alone."""
        fitting = _BLOCK_BYTES // (8 * self.d)
        return min(TILE, max(8, 1 << max(fitting.bit_length() - 1, 0)))

    def block(self, rows: range) -> NDArray[Any]:
        """Some rows in C order, in float32 if the data are in float32 or shorter, else in float64."""
        part = self._X[rows.start : rows.stop]
        if is_dask(part):
            part = part.compute()
        return np.ascontiguousarray(part, dtype=self.dtype)

    def columns(self, which: range) -> NDArray[Any]:
        """Some columns, transposed."""
        part = self._X[:, which.start : which.stop]
        if is_dask(part):
            part = part.compute()
        return np.ascontiguousarray(part.T, dtype=self.dtype)

    @property
    def ranges(self) -> list[range]:
        """The rows of each block, from the top."""
        size = self.block_rows
        return [range(start, min(start + size, self.m)) for start in range(0, self.m, size)]

    def whole(self) -> NDArray[Any]:
        """All rows at once."""
        return self.block(range(self.m))

    def refuse_non_finite(self, rows: range, block: NDArray[Any]) -> None:
        """Name the first entry that is not finite, if there is one.

        Raises
        ------
        InputError
        """
        bad = ~np.isfinite(block)
        if bad.any():
            i, j = (int(k) for k in np.argwhere(bad)[0])
            problem = "is missing" if np.isnan(block[i, j]) else "is infinite"
            raise InputError(f"{self.where}, row {rows.start + i + 1}, column {j + 1} {problem}")


def is_dask(X: Any) -> bool:
    """Whether it is a Dask array, told without importing Dask."""
    return type(X).__module__.partition(".")[0] == "dask" and hasattr(X, "chunks")


def refuse_other_kinds(X: Any, where: str) -> None:
    """Refuse what NumPy would take for one object, or read into the memory whole.

    Raises
    ------
    InputError
        The message says what to give instead.
    """
    if isinstance(X, (str, PurePath)):
        raise InputError(f"{where} is a path: read the file with boundcalc.data.arrays.read_dataset")
    if hasattr(X, "nnz") and hasattr(X, "toarray"):
        raise InputError(f"{where} is a sparse matrix, which is not read: give X.toarray()")
    if hasattr(X, "to_dask_array"):
        raise InputError(f"{where} is a Dask data frame: give X.to_dask_array(lengths=True)")


def _array(X: Any, where: str) -> Any:
    refuse_other_kinds(X, where)
    if type(X).__module__.partition(".")[0] == "pandas":
        pandas = optional("pandas", "data frames", "data")
        frame = pandas.DataFrame(X)
        for name, column in frame.items():
            if not pandas.api.types.is_numeric_dtype(column.dtype):
                raise InputError(f"{where}, column '{shorten(str(name))}' does not hold numbers")
        dtypes = {column.dtype for _, column in frame.items()}
        dtype = np.float32 if dtypes == {np.dtype(np.float32)} else np.float64
        return frame.to_numpy(dtype=dtype, na_value=np.nan)
    advice = "leave these rows out or fill them in"
    return unmasked(X, where, advice=advice, expected="a matrix of numbers: its rows differ in length")
