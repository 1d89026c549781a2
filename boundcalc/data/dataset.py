"""A data set: one matrix a modality, rows in the same order, and labels if there are any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.data.columns import listed
from boundcalc.data.frames import as_matrix
from boundcalc.data.labels import CLASSIFICATION, REGRESSION, TASKS, Labels, as_labels
from boundcalc.data.leaks import notes_on_leaks
from boundcalc.data.tables import DROP, INDICATOR, PLAIN, Contents, Reading, is_sparse, row_blocks
from boundcalc.errors import InputError, normal, refuse_alike, refuse_unknown, shorten

MOST_MODALITIES = 20


@dataclass(frozen=True, eq=False)
class Dataset:
    """Measured examples.

    Attributes
    ----------
    modalities : mapping of str to ndarray or sparse matrix, shape (m, d_k)
        Finite numbers; float32 stays float32 and memory-mapped files stay on the disk. Where
        `levels` or `gaps` say so, codes of categories and NaN for missing values.
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
    beside : mapping of str to list
        Columns that are no features, such as groups of rows.
    levels : mapping of str to mapping of int to tuple of str
        For each modality the columns that hold codes, and the categories that these stand for.
    gaps : frozenset of str
        The modalities with missing values.
    kept : ndarray of bool or None
        Where examples were left out: of all that were there, which are left.
    """

    modalities: Mapping[str, NDArray[Any]]
    labels: NDArray[Any] | None
    classes: tuple[Any, ...] | None
    columns: Mapping[str, tuple[str, ...]]
    source: str
    notes: Mapping[str, tuple[str, ...]]
    remarks: tuple[str, ...] = ()
    other_labels: Labels | None = None
    beside: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    levels: Mapping[str, Mapping[int, tuple[str, ...]]] = field(default_factory=dict)
    gaps: frozenset[str] = frozenset()
    kept: NDArray[np.bool_] | None = None

    @property
    def m(self) -> int:
        """Number of examples."""
        return int(next(iter(self.modalities.values())).shape[0])

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
        refuse_unknown("task", task, TASKS)
        if self.labels is None:
            raise InputError(f"{self.source} has no labels, which {task} needs: add y")
        found = self.for_task(task)
        classes = found.classes
        if task == REGRESSION:
            if classes is not None and isinstance(classes[0], str):
                said = (
                    f"the labels are text ('{shorten(classes[0])}'), and regression needs numbers"
                )
                raise InputError(f"{self.source}: {said}: the task is {CLASSIFICATION}")
        elif classes is None:
            raise InputError(
                f"{self.source}: the labels are not classes but numbers with many values: the task "
                f"is {REGRESSION}"
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
        for name in found:
            refuse_unknown(f"modality of {self.source}", name, self.modalities)
        if len(set(found)) != len(found) or not found:
            raise InputError("name each modality once, and at least one")
        return tuple(name for name in self.modalities if name in found)

    def features(self, names: Sequence[str] | None = None) -> NDArray[Any]:
        """The columns of some modalities side by side, or of all."""
        found: NDArray[Any] = side_by_side([self.modalities[name] for name in self.chosen(names)])
        return found


def dataset(given: Contents, reading: Reading = PLAIN, *, task: str | None = None) -> Dataset:
    """Check matrices and labels, and make a data set of them.

    Parameters
    ----------
    given : Contents
    reading : Reading
        The rule for missing values, and which columns hold categories.
    task : {"classification", "regression"}, optional
        What the labels have to be fit for; where left out they need not be.

    Raises
    ------
    InputError
        With modality, row and column in one line.
    """
    source = given.source
    names = _names(given.modalities, source)
    known = given.columns or {}
    arrays, columns, levels = {}, {}, {}
    for name, (own, values) in zip(names, given.modalities.items(), strict=True):
        X, found = as_matrix(values, f"{source}, modality '{name}'", reading)
        arrays[name] = X if X.dtype in (np.float32, np.float64) else X.astype(np.float64)
        columns[name] = tuple(known.get(own) or map(str, range(1, X.shape[1] + 1)))
        levels[name] = dict(given.levels.get(own) or found)
    labels = None
    if given.labels is not None:
        labels = as_labels(given.labels, where=f"{source}, labels", rows=given.rows)
    counts = {f"modality '{name}'": X.shape[0] for name, X in arrays.items()}
    counts |= {f"'{name}'": len(values) for name, values in given.beside.items()}
    _same_rows(counts | ({} if labels is None else {"the labels": len(labels.values)}), source)
    rows = range(1, next(iter(counts.values())) + 1) if given.rows is None else given.rows
    notes, remarks, holes = {}, given.remarks, {}
    for name, X in arrays.items():
        where = f"{source}, modality '{name}'"
        holes[name], said = _checked_entries(X, where, columns[name], rows, reading.missing)
        notes[name] = (*said, *width_note(*X.shape))
        if labels is not None:
            coded = holes[name] is not None and reading.missing == INDICATOR
            notes[name] += notes_on_leaks(X, labels, columns[name], indicators=coded)
    values, classes, other = (None, None, None)
    if labels is not None:
        values, classes, other = labels.values, labels.classes, labels.other
        remarks += labels.remarks
    made = Dataset(
        arrays,
        values,
        classes,
        columns,
        source,
        notes,
        remarks,
        other,
        beside=given.beside,
        levels={name: found for name, found in levels.items() if found},
        gaps=frozenset(name for name, found in holes.items() if found is not None),
    )
    if made.gaps and reading.missing == DROP:
        made = _complete(made, [found for found in holes.values() if found is not None])
    return made if task is None else made.fit_for(task)


def _complete(data: Dataset, holes: Sequence[NDArray[np.bool_]]) -> Dataset:
    """The examples without missing values."""
    complete = ~np.any(holes, axis=0)
    kept = np.flatnonzero(complete)
    if not kept.size:
        said = f"no example is complete; --missing {INDICATOR} takes them all"
        raise InputError(f"{data.source}: {said}")
    left = data.m - len(kept)
    said = (
        f"{left:,} of {data.m:,} examples are left out since a value is missing: every statement "
        "is about examples without missing values"
    )
    other = data.other_labels
    return replace(
        data,
        modalities={name: X[kept] for name, X in data.modalities.items()},
        labels=None if data.labels is None else data.labels[kept],
        remarks=(*data.remarks, said),
        other_labels=None if other is None else replace(other, values=other.values[kept]),
        beside={name: [found[i] for i in kept.tolist()] for name, found in data.beside.items()},
        gaps=frozenset(),
        kept=complete,
    )


def side_by_side(blocks: Sequence[Any]) -> Any:
    """Matrices side by side; sparse if one of them is."""
    if len(blocks) == 1:
        return blocks[0]
    if not any(map(is_sparse, blocks)):
        return np.hstack(blocks)
    from scipy.sparse import csr_array, hstack

    return hstack([csr_array(block) for block in blocks], format="csr")


def width_note(m: int, d: int) -> tuple[str, ...]:
    """A note if there are more features than examples."""
    return (f"There are more features ({d:,}) than examples ({m:,}).",) if d > m else ()


def _names(modalities: Mapping[str, Any], source: str) -> list[str]:
    """The names in their normal form, which tell the modalities apart."""
    if not modalities:
        raise InputError(f"{source} holds no modality")
    if len(modalities) > MOST_MODALITIES:
        said = f"at most {MOST_MODALITIES} can be compared"
        raise InputError(f"{source} holds {len(modalities)} modalities; {said}")
    for name in modalities:
        if not name or name != name.strip() or not name.isprintable():
            raise InputError(
                f"{source}: {shorten(repr(name))} is no name for a modality: printable text "
                "without spaces at its ends"
            )
    refuse_alike(modalities, source, "modality")
    return [normal(name) for name in modalities]


def _same_rows(counts: Mapping[str, int], source: str) -> None:
    (first, m), *others = counts.items()
    for name, n in others:
        if n != m:
            said = f"{first} and {name} differ in their rows: {m:,} and {n:,}"
            raise InputError(f"{source}: {said}; rows are examples")


def _checked_entries(
    X: Any, where: str, columns: Sequence[str], rows: Sequence[int], missing: str | None
) -> tuple[NDArray[np.bool_] | None, tuple[str, ...]]:
    """Refuse entries that cannot be used; the rows with holes, and a note on constant columns."""
    m, d = X.shape
    if is_sparse(X):
        return None, _checked_stored(X, where, columns, rows)
    varies, holes = np.zeros(d, dtype=bool), np.zeros(m, dtype=bool)
    for part in row_blocks(m, d):
        block = X[part]
        finite = np.isfinite(block)
        if not finite.all():
            gaps = np.isnan(block)
            bad = ~finite & ~gaps if missing else ~finite
            if bad.any():
                i, j = (int(k) for k in np.argwhere(bad)[0])
                raise _unusable(float(block[i, j]), where, rows[part.start + i], columns[j])
            holes[part] = gaps.any(axis=1)
        still = np.flatnonzero(~varies)
        if still.size:
            first, others = X[0, still], block[:, still]
            varies[still] = ((others != first) & ~(np.isnan(others) & np.isnan(first))).any(axis=0)
    found = holes if holes.any() else None
    constant = [columns[int(j)] for j in np.flatnonzero(~varies)]
    if not constant or m == 1:
        return found, ()
    number = f"{len(constant)} columns are" if len(constant) > 1 else "One column is"
    return found, (f"{number} constant: {listed(constant)}.",)


def _unusable(value: float, where: str, row: int, column: str) -> InputError:
    place = f"{where}, row {row}, column {shorten(column)}"
    if np.isnan(value):
        rule = "--missing indicator or drop says what becomes of such values"
        return InputError(f"{place}: the value is missing; {rule}")
    return InputError(f"{place}: the value is infinite")


def _checked_stored(
    X: Any, where: str, columns: Sequence[str], rows: Sequence[int]
) -> tuple[str, ...]:
    """Refuse entries of a sparse matrix that are not finite."""
    bad = np.flatnonzero(~np.isfinite(X.data))
    if bad.size:
        row = int(np.searchsorted(X.indptr, bad[0], side="right")) - 1
        place = f"{where}, row {rows[row]}, column {shorten(columns[int(X.indices[bad[0]])])}"
        problem = "missing" if np.isnan(X.data[bad[0]]) else "infinite"
        raise InputError(f"{place}: the value is {problem}; a sparse matrix holds finite numbers")
    return ()
