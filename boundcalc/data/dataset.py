"""A data set: one matrix a modality, rows in the same order, and labels if there are any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.data import memory
from boundcalc.data.labels import Labels, check_task
from boundcalc.data.rows import refuse_other_kinds
from boundcalc.errors import InputError, UnknownNameError, shorten
from boundcalc.numeric.domains import refuse_other_types, unmasked

MOST_MODALITIES = 20
_BLOCK_ENTRIES = 2**22


@dataclass(frozen=True, eq=False)
class Dataset:
    """Measured examples.

    Attributes
    ----------
    modalities : mapping of str to ndarray, shape (m, d_k)
        Finite numbers; float32 stays float32 and memory-mapped files stay on the disk.
    labels : ndarray of shape (m,) or None
        For classes: 0, 1, …, the places in `classes`. Else the numbers as they are.
    classes : tuple or None
        The labels that were found, sorted, where they are classes.
    columns : mapping of str to tuple of str
        The columns of each modality.
    source : str
        The file or what else it was made from.
    notes : mapping of str to tuple of str
        For each modality what is unusual but no error.
    """

    modalities: Mapping[str, NDArray[Any]]
    labels: NDArray[Any] | None
    classes: tuple[Any, ...] | None
    columns: Mapping[str, tuple[str, ...]]
    source: str
    notes: Mapping[str, tuple[str, ...]]

    @property
    def m(self) -> int:
        """Number of examples."""
        return len(next(iter(self.modalities.values())))

    @property
    def names(self) -> tuple[str, ...]:
        """The modalities."""
        return tuple(self.modalities)

    def chosen(self, names: Sequence[str] | None = None) -> tuple[str, ...]:
        """These modalities, in the order of the data set; all where none are named.

        Raises
        ------
        InputError
            For an unknown modality, one that is named twice, and for none.
        """
        if names is None:
            return self.names
        if isinstance(names, str):
            names = [names]
        for name in names:
            if name not in self.modalities:
                raise UnknownNameError(f"modality of {self.source}", str(name), self.modalities)
        if len(set(names)) != len(names) or not names:
            raise InputError("name each modality once, and at least one")
        return tuple(name for name in self.modalities if name in names)

    def features(self, names: Sequence[str] | None = None) -> NDArray[Any]:
        """The columns of some modalities side by side, or of all."""
        blocks = [self.modalities[name] for name in self.chosen(names)]
        if len(blocks) == 1:
            return blocks[0]
        memory.require(sum(block.nbytes for block in blocks), self.source)
        return np.hstack(blocks)


def dataset(
    modalities: Mapping[str, Any],
    labels: Labels | None,
    *,
    source: str,
    task: str | None = None,
    columns: Mapping[str, Sequence[str]] | None = None,
    first_row: int = 1,
) -> Dataset:
    """Check matrices and labels, and make a data set of them.

    Parameters
    ----------
    modalities : mapping of str to array_like, shape (m, d_k) or (m,)
    labels : Labels, optional
    source : str
        What error messages call the data.
    task : {"classification", "regression"}, optional
        What the labels have to be fit for; where left out they need not be.
    columns : mapping of str to sequence of str, optional
        The names of the columns.
    first_row : int
        The row number of the first example in error messages.

    Raises
    ------
    InputError
        With modality, row and column in one line.
    """
    if not modalities:
        raise InputError(f"{source} holds no modality")
    if len(modalities) > MOST_MODALITIES:
        raise InputError(
            f"{source} holds {len(modalities)} modalities; at most {MOST_MODALITIES} can be compared"
        )
    for name in map(str, modalities):
        if not name or name != name.strip() or not name.isprintable():
            raise InputError(
                f"{source}: {shorten(repr(name))} is no name for a modality: printable text without spaces "
                "at its ends"
            )
    arrays = {str(name): _matrix(X, f"{source}, modality '{name}'") for name, X in modalities.items()}
    called = {
        name: tuple((columns or {}).get(name, map(str, range(1, X.shape[1] + 1))))
        for name, X in arrays.items()
    }
    _same_rows({**{f"modality '{n}'": len(X) for n, X in arrays.items()}, **_count(labels)}, source)
    notes = {
        name: (*_checked_entries(X, f"{source}, modality '{name}'", called[name], first_row), *wide(*X.shape))
        for name, X in arrays.items()
    }
    if task is not None:
        check_task(labels, task, source)
    values, classes = (None, None) if labels is None else (labels.values, labels.classes)
    return Dataset(arrays, values, classes, called, source, notes)


def wide(m: int, d: int) -> tuple[str, ...]:
    """A note if there are more features than examples."""
    return (f"There are more features ({d:,}) than examples ({m:,}).",) if d > m else ()


def _count(labels: Labels | None) -> dict[str, int]:
    return {} if labels is None else {"the labels": len(labels.values)}


def _matrix(X: Any, where: str) -> NDArray[Any]:
    refuse_other_kinds(X, where)
    advice = "leave these examples out or fill them in"
    array = unmasked(X, where, advice=advice, expected="a matrix: its rows differ in length")
    refuse_other_types(array, where, "features are numbers")
    if array.ndim == 1:
        array = array.reshape(-1, 1)
    if array.ndim != 2:
        raise InputError(f"{where} has shape {array.shape}; give one row an example, X.reshape(len(X), -1)")
    if 0 in array.shape:
        raise InputError(f"{where} is empty: shape {array.shape}")
    made: NDArray[Any] = array if array.dtype.kind == "f" else array.astype(np.float64)
    return made


def _same_rows(counts: Mapping[str, int], source: str) -> None:
    (first, m), *others = counts.items()
    for name, n in others:
        if n != m:
            raise InputError(
                f"{source}: {first} and {name} differ in their rows: {m:,} and {n:,}; rows are examples"
            )


def _checked_entries(X: NDArray[Any], where: str, columns: Sequence[str], first_row: int) -> tuple[str, ...]:
    """Refuse entries that are not finite; return a note on constant columns. Reads the rows in blocks."""
    size = max(1, _BLOCK_ENTRIES // X.shape[1])
    varies = np.zeros(X.shape[1], dtype=bool)
    for start in range(0, len(X), size):
        block = X[start : start + size]
        finite = np.isfinite(block)
        if not finite.all():
            i, j = (int(k) for k in np.argwhere(~finite)[0])
            problem = "is missing" if np.isnan(block[i, j]) else "is infinite"
            column = shorten(columns[j])
            raise InputError(f"{where}, row {start + i + first_row}, column {column}: the value {problem}")
        varies |= (block != X[0]).any(axis=0)
    constant = [columns[int(j)] for j in np.flatnonzero(~varies)]
    if not constant or len(X) == 1:
        return ()
    shown = ", ".join(map(shorten, constant[:5])) + (", …" if len(constant) > 5 else "")
    number = f"{len(constant)} columns are" if len(constant) > 1 else "One column is"
    return (f"{number} constant: {shown}.",)
