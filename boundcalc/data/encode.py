"""Categories and missing values as columns of numbers, fixed on some of the examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.data.dataset import Dataset, listed

Ints = NDArray[np.int64]


def encoded(data: Dataset, first: Ints | None = None) -> Dataset:
    """The same data in numbers alone.

    A category is one column, 1 where it is named and 0 elsewhere; a missing number is the mean of
    its column, and one more column says where it was missing. Categories, means and which columns
    there are come from the examples `first`, or from all: so features that are fixed before the
    other examples are seen stay fixed. A category that these do not have is 0 in every column.
    """
    if not data.levels and not data.gaps:
        return data
    rows = np.arange(data.m) if first is None else first
    modalities, columns = dict(data.modalities), dict(data.columns)
    said = _Said()
    for name in dict.fromkeys((*data.levels, *data.gaps)):
        X, levels = data.modalities[name], data.levels.get(name, {})
        made = _Made(X, data.columns[name], rows, said)
        for j in range(X.shape[1]):
            if j in levels:
                made.one_hot(j, levels[j])
            else:
                made.number(j)
        modalities[name], columns[name] = made.matrix(), made.names()
    return replace(
        data,
        modalities=modalities,
        columns=columns,
        levels={},
        gaps=frozenset(),
        remarks=(*data.remarks, *said.remarks(of_all=first is None)),
    )


@dataclass(eq=False)
class _Said:
    """What was encoded."""

    categories: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    filled: list[str] = field(default_factory=list)

    def remarks(self, *, of_all: bool) -> tuple[str, ...]:
        """In words."""
        where = "" if of_all else " of the first part"
        said = []
        if self.categories:
            said.append(f"one column for each category{where}: {listed(self.categories)}")
        if self.unseen:
            said.append(
                f"categories that the first part does not have count for nothing: "
                f"{listed(self.unseen)}"
            )
        if self.filled:
            said.append(
                f"a missing number is the mean{where}, and a column says where: "
                f"{listed(self.filled)}"
            )
        return tuple(said)


class _Made:
    """The columns of a modality, one after another."""

    def __init__(self, X: NDArray[Any], columns: Sequence[str], rows: Ints, said: _Said) -> None:
        self.X, self.columns, self.rows, self.said = X, columns, rows, said
        self.found: list[tuple[str, NDArray[Any]]] = []
        self.gaps: dict[bytes, tuple[str, NDArray[np.bool_]]] = {}

    def number(self, j: int) -> None:
        """A column of numbers, its gaps filled with the mean."""
        values = self.X[:, j]
        gaps = np.isnan(values)
        if gaps.any():
            known = values[self.rows][~gaps[self.rows]]
            values = np.where(gaps, known.mean() if known.size else 0.0, values)
            self.said.filled.append(self.columns[j])
            here = gaps[self.rows]
            if here.any():  # columns with the same gaps share one indicator
                self.gaps.setdefault(here.tobytes(), (f"{self.columns[j]} missing", gaps))
        self.found.append((self.columns[j], values))

    def one_hot(self, j: int, levels: Sequence[str]) -> None:
        """One column for each category, and for a missing one."""
        values, name = self.X[:, j], self.columns[j]
        first = values[self.rows]
        seen = np.unique(first[~np.isnan(first)]).astype(int).tolist()
        for code in sorted(seen, key=lambda code: levels[code]):
            self.found.append((f"{name}={levels[code]}", values == code))
        if np.isnan(first).any():
            self.found.append((f"{name} missing", np.isnan(values)))
        self.said.categories.append(f"{name} ({len(seen)})")
        unseen = len(levels) - len(seen)
        if unseen:
            self.said.unseen.append(f"{unseen} of {name}")

    def names(self) -> tuple[str, ...]:
        """What the columns are called."""
        return tuple(name for name, _ in (*self.found, *self.gaps.values()))

    def matrix(self) -> NDArray[Any]:
        """The columns side by side; one of zeros where there is none."""
        parts = [values for _, values in (*self.found, *self.gaps.values())]
        if not parts:
            return np.zeros((len(self.X), 1), self.X.dtype)
        made = np.empty((len(self.X), len(parts)), self.X.dtype)
        for j, values in enumerate(parts):
            made[:, j] = values
        return made
