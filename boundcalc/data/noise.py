"""Random signs and normals that are a pure function of seed, draw and example.

Each is read off the counter-based generator Philox at a place computed from its draw and its example.
So they depend neither on how the data are cut into blocks, nor on the number of draws (100 draws are the
first 100 of 1,000), nor on the modality: two modalities see the same noise.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

TILE = 2048  # examples that share one stream
GROUP = 8  # draws that share one stream of normals
_WORDS = TILE // 64  # words of 64 signs that one draw takes from a tile
_COUNTERS = _WORDS // 4  # Philox makes four words from each value of its counter
_CHUNK = 64  # draws whose places in the table stay in the processor's cache
_SIGNS, _NORMALS = 0, 1

# the eight signs in a byte, one row a byte
_BITS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little")


class Noise:
    """A source of noise.

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

        Draws start at a multiple of GROUP; rows lie in one tile and start at a multiple of 8. What is
        returned is overwritten by the next call.
        """
        made = self._normals(draws, rows) if self.gaussian else self._signs(draws, rows)
        return made[:, : len(rows)]

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
        # one look-up makes eight signs; every byte is in the table, and the mode is the one that costs least
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
            stream = np.random.Generator(self._stream(_NORMALS, tile, 0, (draws.start + start) // GROUP))
            made = stream.standard_normal((GROUP, TILE))
            part = out[start : start + GROUP]
            part[:] = made[: len(part), first : first + len(rows)]
        return out

    def _space(self, shape: tuple[int, ...]) -> NDArray[Any]:
        size = int(np.prod(shape))
        if self._buffer.size < size:
            self._buffer = np.empty(size, dtype=self.dtype)
        return self._buffer[:size].reshape(shape)
