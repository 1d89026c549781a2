"""Blocks of rows, and random signs and normals for them.

Each sign is a pure function of seed, draw and example, read off the counter-based generator Philox
at a place computed from its draw and its example. So signs depend neither on how the data are cut
into blocks, nor on the number of draws (100 draws are the first 100 of 1,000), nor on the
modality: two modalities see the same ones.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.data.frames import as_matrix
from boundcalc.data.tables import is_dask, is_sparse
from boundcalc.errors import InputError

TILE = 2048  # examples that share one stream
GROUP = 8  # draws that share one stream of normals
_WORDS = TILE // 64  # words of 64 signs that one draw takes from a tile
_COUNTERS = _WORDS // 4  # Philox makes four words from each value of its counter
_CHUNK = 64  # draws whose places in the table stay in the processor's cache
_SIGNS, _NORMALS = 0, 1
_BLOCK_BYTES = 2**25

# the eight signs in a byte, one row a byte
_BITS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little")


class RowBlocks:
    """A matrix of numbers, m × d, of which a block of rows at a time is in memory.

    Parameters
    ----------
    X : array_like
        Two-dimensional; one dimension is one column. NumPy arrays (also memory-mapped), data
        frames, sparse matrices, Dask arrays.
    where : str
        What error messages call it.

    Raises
    ------
    InputError
        If it is not a matrix of numbers.
    """

    def __init__(self, X: Any, *, where: str = "X") -> None:
        if is_dask(X) and any(math.isnan(size) for sizes in X.chunks for size in sizes):
            said = "a Dask array with chunks of unknown sizes: call compute_chunk_sizes() first"
            raise InputError(f"{where} is {said}")
        self.where = where
        X, levels = as_matrix(X, where)
        if levels:
            raise InputError(f"{where} holds text: make a data set of it, which gives it columns")
        self._X = X
        self.m, self.d = (int(size) for size in X.shape)
        small = X.dtype.kind == "f" and X.dtype.itemsize <= 4
        self.dtype = np.dtype(np.float32 if small else np.float64)

    @property
    def size(self) -> int:
        """Rows of a block: a power of two from 8 to TILE that depends on the shape alone."""
        fitting = _BLOCK_BYTES // (8 * self.d)
        return min(TILE, max(8, 1 << max(fitting.bit_length() - 1, 0)))

    @property
    def ranges(self) -> list[range]:
        """The rows of each block, from the top."""
        return [range(i, min(i + self.size, self.m)) for i in range(0, self.m, self.size)]

    def rows(self, which: range) -> NDArray[Any]:
        """Some rows, in float32 if the data are in float32 or shorter, else in float64."""
        return self._read(self._X[which.start : which.stop])

    def columns(self, which: range) -> NDArray[Any]:
        """Some columns, transposed."""
        return self._read(self._X[:, which.start : which.stop].T)

    def _read(self, part: Any) -> NDArray[Any]:
        part = part.compute() if is_dask(part) else part
        return np.ascontiguousarray(part.toarray() if is_sparse(part) else part, dtype=self.dtype)

    def whole(self) -> NDArray[Any]:
        """All rows at once, of which every entry is finite."""
        X = self.rows(range(self.m))
        self.refuse_non_finite(range(self.m), X)
        return X

    def refuse_non_finite(self, which: range, block: NDArray[Any]) -> None:
        """Name the first entry that is not finite, if there is one.

        Raises
        ------
        InputError
        """
        bad = ~np.isfinite(block)
        if bad.any():
            i, j = (int(k) for k in np.argwhere(bad)[0])
            problem = "is missing" if np.isnan(block[i, j]) else "is infinite"
            raise InputError(f"{self.where}, row {which.start + i + 1}, column {j + 1} {problem}")


class NoiseSource:
    """A source of random signs, or of standard normals.

    Parameters
    ----------
    seed : int
    gaussian : bool
        Standard normals instead of signs.
    dtype : data type
        float32 or float64; normals are always float64.
    """

    def __init__(self, seed: int, *, gaussian: bool, dtype: Any = np.float64) -> None:
        self.gaussian = gaussian
        self.dtype = np.dtype(np.float64 if gaussian else dtype)
        self._key = np.random.SeedSequence(seed).generate_state(2, np.uint64)
        self._table = _BITS.astype(self.dtype) * 2 - 1
        # memory that is used again costs no page faults
        self._buffer: NDArray[Any] = np.empty(0, dtype=self.dtype)
        self._index: NDArray[np.intp] = np.empty((_CHUNK, TILE // 8), dtype=np.intp)

    def __call__(self, draws: range, rows: range) -> NDArray[Any]:
        """The noise of some draws on some examples, shape (draws, rows).

        Draws start at a multiple of GROUP; rows lie in one tile and start at a multiple of 8. What
        is returned is overwritten by the next call.
        """
        made = self._normals(draws, rows) if self.gaussian else self._signs(draws, rows)
        return made[:, : len(rows)]

    def whole(self, draws: range, m: int) -> NDArray[Any]:
        """The noise of some draws on all examples."""
        tiles = [range(start, min(start + TILE, m)) for start in range(0, m, TILE)]
        return np.concatenate([self(draws, rows).copy() for rows in tiles], axis=1)

    def _stream(self, kind: int, tile: int, start: int, group: int = 0) -> np.random.Philox:
        counter = np.array([start, group, tile, kind], dtype=np.uint64)
        return np.random.Philox(key=self._key, counter=counter)

    def _signs(self, draws: range, rows: range) -> NDArray[Any]:
        tile, first = divmod(rows.start, TILE)
        stream = self._stream(_SIGNS, tile, _COUNTERS * draws.start)
        words = stream.random_raw(len(draws) * _WORDS).astype("<u8", copy=False)
        packed = words.view(np.uint8).reshape(len(draws), TILE // 8)
        packed = packed[:, first // 8 : (first + len(rows) + 7) // 8]
        out = self._space((*packed.shape, 8))
        # one look-up makes eight signs; every byte is in the table, so the mode costs nothing
        for start in range(0, len(draws), _CHUNK):
            part = packed[start : start + _CHUNK]
            index = self._index[: part.shape[0], : part.shape[1]]
            np.copyto(index, part)
            np.take(self._table, index, axis=0, out=out[start : start + _CHUNK], mode="wrap")
        return out.reshape(len(draws), -1)

    def _normals(self, draws: range, rows: range) -> NDArray[Any]:
        tile, first = divmod(rows.start, TILE)
        out = self._space((len(draws), len(rows)))
        for start in range(0, len(draws), GROUP):
            stream = self._stream(_NORMALS, tile, 0, (draws.start + start) // GROUP)
            made = np.random.Generator(stream).standard_normal((GROUP, TILE))
            part = out[start : start + GROUP]
            part[:] = made[: len(part), first : first + len(rows)]
        return out

    def _space(self, shape: tuple[int, ...]) -> NDArray[Any]:
        size = int(np.prod(shape))
        if self._buffer.size < size:
            self._buffer = np.empty(size, dtype=self.dtype)
        return self._buffer[:size].reshape(shape)
