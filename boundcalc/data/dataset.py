"""A data set: one matrix a modality, rows in the same order, and labels if there are any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.data.labels import CLASSIFICATION, REGRESSION, TASKS, Labels, as_labels
from boundcalc.data.tables import Contents, as_matrix, normal
from boundcalc.errors import InputError, UnknownNameError, shorten

MOST_MODALITIES = 20
_BLOCK_ENTRIES = 2**22
_ROUNDING = 1e-9
_FEWEST = 10  # of fewer examples a column may tell the labels by chance


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
    remarks : tuple of str
        What was left out, and how labels were read.
    other_labels : Labels or None
        The same labels for the other task, where they can be read in two ways.
    """

    modalities: Mapping[str, NDArray[Any]]
    labels: NDArray[Any] | None
    classes: tuple[Any, ...] | None
    columns: Mapping[str, tuple[str, ...]]
    source: str
    notes: Mapping[str, tuple[str, ...]]
    remarks: tuple[str, ...] = ()
    other_labels: Labels | None = None

    @property
    def m(self) -> int:
        """Number of examples."""
        return len(next(iter(self.modalities.values())))

    @property
    def names(self) -> tuple[str, ...]:
        """The modalities."""
        return tuple(self.modalities)

    def for_task(self, task: str | None) -> Dataset:
        """The same data with their labels read for a task, where they can be read in two ways.

        Codes such as 250.0 are numbers, and classes where the task is classification. Where no
        task is named, a remark says what the labels were taken for.
        """
        other = self.other_labels
        if task is None and self.labels is not None and self.classes is None:
            said = (
                "the labels are numbers with fractions or many values, so they are the targets of "
                "a regression; if they are codes, name the task classification"
            )
            return replace(self, remarks=(*self.remarks, said))
        if task is None or other is None or (task == CLASSIFICATION) == (other.classes is None):
            return self
        return replace(self, labels=other.values, classes=other.classes, other_labels=None)

    def fit_for(self, task: str) -> Dataset:
        """The same data with labels that fit a task.

        Raises
        ------
        InputError
            If there are none; for classification also if they are no classes or one class only.
        """
        if task not in TASKS:
            raise UnknownNameError("task", str(task), TASKS)
        if self.labels is None:
            raise InputError(f"{self.source} has no labels, which {task} needs: add y")
        found = self.for_task(task)
        classes = found.classes
        if task == REGRESSION:
            if classes is not None and isinstance(classes[0], str):
                said = f"the labels are text ('{shorten(classes[0])}'); regression needs numbers"
                raise InputError(f"{self.source}: {said}")
        elif classes is None:
            raise InputError(
                f"{self.source}: the labels are not classes but numbers with many values",
            )
        elif len(classes) < 2:
            raise InputError(
                f"{self.source}: all labels are {classes[0]!r}; classification needs two classes"
            )
        return found

    def chosen(self, names: Sequence[str] | None = None) -> tuple[str, ...]:
        """These modalities, in the order of the data set; all where none are named.

        Raises
        ------
        InputError
            For an unknown modality, one that is named twice, and for none.
        """
        if names is None:
            return self.names
        asked = [names] if isinstance(names, str) else [str(name) for name in names]
        found = [normal(name) for name in asked]
        for name, said in zip(found, asked, strict=True):
            if name not in self.modalities:
                raise UnknownNameError(f"modality of {self.source}", said, self.modalities)
        if len(set(found)) != len(found) or not found:
            raise InputError("name each modality once, and at least one")
        return tuple(name for name in self.modalities if name in found)

    def features(self, names: Sequence[str] | None = None) -> NDArray[Any]:
        """The columns of some modalities side by side, or of all."""
        blocks = [self.modalities[name] for name in self.chosen(names)]
        return blocks[0] if len(blocks) == 1 else np.hstack(blocks)


def dataset(given: Contents, *, task: str | None = None) -> Dataset:
    """Check matrices and labels, and make a data set of them.

    Parameters
    ----------
    given : Contents
    task : {"classification", "regression"}, optional
        What the labels have to be fit for; where left out they need not be.

    Raises
    ------
    InputError
        With modality, row and column in one line.
    """
    source = given.source
    names = _names(given.modalities, source)
    arrays = {}
    for name, X in zip(names, given.modalities.values(), strict=True):
        X = as_matrix(X, f"{source}, modality '{name}'")
        arrays[name] = X if X.dtype.kind == "f" else X.astype(np.float64)
    rows = range(1, len(next(iter(arrays.values()))) + 1) if given.rows is None else given.rows
    labels = None
    if given.labels is not None:
        labels = as_labels(given.labels, where=f"{source}, labels", rows=given.rows)
    counts = {f"modality '{name}'": len(X) for name, X in arrays.items()}
    _same_rows(counts | ({} if labels is None else {"the labels": len(labels.values)}), source)
    known = given.columns or {}
    columns, notes = {}, {}
    for given_name, (name, X) in zip(given.modalities, arrays.items(), strict=True):
        columns[name] = tuple(known.get(given_name) or map(str, range(1, X.shape[1] + 1)))
        notes[name] = (
            *_checked_entries(X, f"{source}, modality '{name}'", columns[name], rows),
            *wide(*X.shape),
            *(() if labels is None else _leaks(X, labels, columns[name])),
        )
    values, classes, other = (None, None, None)
    remarks = given.remarks
    if labels is not None:
        values, classes, other = labels.values, labels.classes, labels.other
        remarks += labels.remarks
    made = Dataset(arrays, values, classes, columns, source, notes, remarks, other)
    return made if task is None else made.fit_for(task)


def wide(m: int, d: int) -> tuple[str, ...]:
    """A note if there are more features than examples."""
    return (f"There are more features ({d:,}) than examples ({m:,}).",) if d > m else ()


def _names(modalities: Mapping[str, Any], source: str) -> list[str]:
    """The names in their normal form, which tell the modalities apart."""
    if not modalities:
        raise InputError(f"{source} holds no modality")
    if len(modalities) > MOST_MODALITIES:
        said = f"at most {MOST_MODALITIES} can be compared"
        raise InputError(f"{source} holds {len(modalities)} modalities; {said}")
    seen: dict[str, str] = {}
    for name in modalities:
        if not name or name != name.strip() or not name.isprintable():
            raise InputError(
                f"{source}: {shorten(repr(name))} is no name for a modality: printable text "
                "without spaces at its ends"
            )
        alike = "".join(normal(name).casefold().split())
        if alike in seen:
            raise InputError(
                f"{source}: the names '{shorten(seen[alike])}' and '{shorten(name)}' differ in "
                "case, blanks or Unicode form only: is this one modality?"
            )
        seen[alike] = name
    return [normal(name) for name in modalities]


def _same_rows(counts: Mapping[str, int], source: str) -> None:
    (first, m), *others = counts.items()
    for name, n in others:
        if n != m:
            said = f"{first} and {name} differ in their rows: {m:,} and {n:,}"
            raise InputError(f"{source}: {said}; rows are examples")


def _checked_entries(
    X: NDArray[Any], where: str, columns: Sequence[str], rows: Sequence[int]
) -> tuple[str, ...]:
    """Refuse entries that are not finite; return a note on constant columns."""
    size = max(1, _BLOCK_ENTRIES // X.shape[1])
    varies = np.zeros(X.shape[1], dtype=bool)
    for start in range(0, len(X), size):
        block = X[start : start + size]
        finite = np.isfinite(block)
        if not finite.all():
            i, j = (int(k) for k in np.argwhere(~finite)[0])
            problem = "is missing" if np.isnan(block[i, j]) else "is infinite"
            place = f"row {rows[start + i]}, column {shorten(columns[j])}"
            raise InputError(f"{where}, {place}: the value {problem}")
        varies |= (block != X[0]).any(axis=0)
    constant = [columns[int(j)] for j in np.flatnonzero(~varies)]
    if not constant or len(X) == 1:
        return ()
    number = f"{len(constant)} columns are" if len(constant) > 1 else "One column is"
    return (f"{number} constant: {_listed(constant)}.",)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(shorten, names[:5])) + (", …" if len(names) > 5 else "")


def _leaks(X: NDArray[Any], labels: Labels, columns: Sequence[str]) -> tuple[str, ...]:
    """A note if columns tell the label: as a code of the classes, or in other units."""
    m, values = len(X), labels.values
    found = np.unique(values, return_index=True)[1] if labels.classes else np.argsort(values)
    if m < _FEWEST or (labels.classes and not 2 <= len(found) <= m / 2):
        return ()
    same = np.ones(X.shape[1], dtype=bool)
    size = max(1, _BLOCK_ENTRIES // X.shape[1])
    if labels.classes:
        codes = np.asarray(X[found], np.float64)  # of the first example of each class
    else:
        ends = np.asarray(X[found[[0, -1]]], np.float64)
        low, high = values[found[0]], values[found[-1]]
    with np.errstate(all="ignore"):
        for start in range(0, m, size):
            block = np.asarray(X[start : start + size], np.float64)[:, same]
            part = values[start : start + size]
            if labels.classes:
                same[same] = (block == codes[part][:, same]).all(axis=0)
            else:
                share = ((part - low) / (high - low))[:, None]
                line = ends[0, same] + share * (ends[1] - ends[0])[same]
                near = np.abs(block - line) <= _ROUNDING * np.abs(ends[:, same]).max(axis=0)
                same[same] = near.all(axis=0) & (ends[0] != ends[1])[same]
            if not same.any():
                return ()
    if labels.classes and len(np.unique(codes[:, same], axis=0)) < len(found):
        return ()
    named = [columns[int(j)] for j in np.flatnonzero(same)]
    which = f"Column {named[0]} tells" if len(named) == 1 else f"Columns {_listed(named)} tell"
    return (f"{which} the label of every example: is the label among the features?",)
