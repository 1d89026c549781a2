"""Categories and missing values as columns of numbers, fixed on some of the examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.data.columns import listed
from boundcalc.data.dataset import Dataset

Ints = NDArray[np.int64]
Named = list[tuple[str, NDArray[Any]]]


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
        X = data.modalities[name]
        made = _columns(X, data.columns[name], data.levels.get(name, {}), rows, said)
        columns[name] = tuple(column for column, _ in made)
        modalities[name] = np.zeros((len(X), max(len(made), 1)), X.dtype)
        for j, (_, values) in enumerate(made):
            modalities[name][:, j] = values
    return replace(
        data,
        modalities=modalities,
        columns=columns,
        levels={},
        gaps=frozenset(),
        remarks=(*data.remarks, *said.remarks("" if first is None else " of the first part")),
    )


@dataclass(eq=False)
class _Said:
    """What was encoded."""

    categories: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    filled: list[str] = field(default_factory=list)

    def remarks(self, where: str) -> tuple[str, ...]:
        """In words."""
        said = {
            f"one column for each category{where}": self.categories,
            "categories that the first part does not have count for nothing": self.unseen,
            f"a missing number is the mean{where}, and a column says where": self.filled,
        }
        return tuple(f"{words}: {listed(names)}" for words, names in said.items() if names)


def _columns(
    X: NDArray[Any],
    names: Sequence[str],
    levels: Mapping[int, Sequence[str]],
    rows: Ints,
    said: _Said,
) -> Named:
    """The columns of a modality, then one for each set of gaps."""
    found: Named = []
    indicators: dict[bytes, tuple[str, NDArray[np.bool_]]] = {}
    for j, name in enumerate(names):
        if j in levels:
            found += _one_hot(X[:, j], name, levels[j], rows, said)
            continue
        values, gaps = X[:, j], np.isnan(X[:, j])
        if gaps.any():
            here = gaps[rows]
            known = values[rows][~here]
            values = np.where(gaps, known.mean() if known.size else 0.0, values)
            said.filled.append(name)
            if here.any():  # columns with the same gaps share one indicator
                indicators.setdefault(here.tobytes(), (f"{name} missing", gaps))
        found.append((name, values))
    return [*found, *indicators.values()]


def _one_hot(
    values: NDArray[Any], name: str, levels: Sequence[str], rows: Ints, said: _Said
) -> Named:
    """One column for each category, and for a missing one."""
    first = values[rows]
    seen = np.unique(first[~np.isnan(first)]).astype(int).tolist()
    seen.sort(key=lambda code: levels[code])
    found: Named = [(f"{name}={levels[code]}", values == code) for code in seen]
    if np.isnan(first).any():
        found.append((f"{name} missing", np.isnan(values)))
    said.categories.append(f"{name} ({len(seen)})")
    if len(levels) > len(seen):
        said.unseen.append(f"{len(levels) - len(seen)} of {name}")
    return found
