"""Columns that tell the label: is it among the features?

A column tells classes if it has one value for each of them; several tell them if their values do
together. It tells a number if it is that number in other units. What is missing tells nothing, and
a few examples, or classes of few, may be told by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import lgamma, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.data.columns import listed
from boundcalc.data.labels import Labels
from boundcalc.data.tables import is_sparse, row_blocks

# how far values that are the same may lie apart: a share of their size, and of that of the labels
# from the first quartile to the third
_ROUNDING, _NOISE = 1e-11, 1e-6
_RESOLVED = 1e-4  # a column whose rounding is more than this share of its spread tells nothing
# of columns that have nothing to do with the labels, one in a thousand tables has one that seems
# to tell them
_CHANCE = log(1000)
_NONE = np.array([], dtype=np.int64)
Rows = NDArray[np.int64]


def notes_on_leaks(
    X: Any, labels: Labels, columns: Sequence[str], *, indicators: bool = False
) -> tuple[str, ...]:
    """Notes if columns tell the label wherever they have a value, or by where they have none."""
    least = _CHANCE + log(X.shape[1])
    told = _telling_classes if labels.classes else _telling_numbers
    notes = []
    with np.errstate(all="ignore"):
        found = told(X, labels.values, least)
        if found.size:
            holes = any(not _present(X, j).all() for j in found.tolist())
            there = " that has a value there" * holes
            tell = "Column {} tells" if found.size == 1 else "Columns {} tell"
            notes.append((found, f"{tell} the label of every example{there}"))
        if indicators and labels.classes:
            found = _telling_classes(np.isnan(X).astype(np.float32), labels.values, least)
            notes.append((found, "Where {} has no value tells the label of every example"))
    asked = ": is the label among the features?"
    return tuple(
        said.format(listed([columns[j] for j in found.tolist()])) + asked
        for found, said in notes
        if found.size
    )


def _telling_classes(X: Any, values: Rows, least: float) -> Rows:
    """The columns that tell the classes, which are numbered from 0."""
    m, counts = len(values), np.bincount(values)
    if not 2 <= len(counts) <= m / 2 or _orders(counts) < least:
        return _NONE
    members = np.split(np.argsort(values, kind="stable"), np.cumsum(counts)[:-1])
    kept = np.arange(X.shape[1])
    if is_sparse(X):
        # a column has entries for all examples of a class, or for none
        first = X[[rows[0] for rows in members]]
        entries = _stored(first, np.repeat(counts, np.diff(first.indptr)))
        kept = np.flatnonzero((entries > 0) & (entries == _stored(X)))
        codes, X = first[:, kept].toarray(), X[:, kept]
    else:
        codes = np.stack([X[_first(X, rows), kept] for rows in members]).astype(np.float64)
    rounding = _precision(X) * np.fmax.reduce(np.abs(codes), axis=0)
    order = np.argsort(codes, axis=0)
    steps = np.diff(np.take_along_axis(codes, order, 0), axis=0) > 30 * rounding
    groups = np.zeros(codes.shape, dtype=np.int64)  # of classes with one value
    np.put_along_axis(groups, order[1:], steps.cumsum(axis=0), 0)
    told = np.flatnonzero(groups.any(axis=0))
    for rows in row_blocks(m, len(told)):
        off = np.abs(_dense(X[rows][:, told]) - codes[values[rows]][:, told]) > rounding[told]
        told = told[~off.any(axis=0)]

    def is_chance(j: int) -> bool:
        there = np.bincount(groups[values[_present(X, j)], j])
        return _orders(there) < least

    sure = np.array([j for j in told.tolist() if not is_chance(j)], dtype=np.int64)
    for chosen in (sure, told):  # a rare class may need one that alone might be chance
        if sure.size and len(np.unique(groups[:, chosen], axis=0)) == len(counts):
            return kept[chosen]
    return _NONE


def _telling_numbers(X: Any, values: NDArray[np.float64], least: float) -> Rows:
    """The columns that are the labels in other units: on a line through two examples."""
    m, counts = len(values), np.unique(values, return_counts=True)[1]
    if _orders(counts) < least:
        return _NONE
    kept = np.arange(X.shape[1])
    if is_sparse(X):  # examples without an entry have one label
        kept = np.flatnonzero(_stored(X) >= m - counts.max())
        X = X[:, kept].toarray()
    order = np.argsort(values, kind="stable")
    ends = np.stack([_first(X, order), _first(X, order[::-1])])  # least and greatest label
    x = X[ends, np.arange(len(kept))].astype(np.float64)
    ends = np.where(np.abs(x[0]) <= np.abs(x[1]), ends, ends[::-1])  # the one near 0 comes first
    x, y = X[ends, np.arange(len(kept))].astype(np.float64), values[ends]
    slope = (x[1] - x[0]) / (y[1] - y[0])
    spread = np.subtract(*np.quantile(values, (0.75, 0.25))) or np.ptp(values)
    size = np.abs(slope) * spread
    precision = _precision(X)
    resolved = precision * np.abs(x[0]) <= _RESOLVED * size
    told = np.flatnonzero(np.isfinite(slope) & (slope != 0) & resolved)
    for rows in row_blocks(m, len(told)):
        steps = (values[rows][:, None] - y[0, told]) * slope[told]
        room = precision * (np.abs(x[0, told]) + np.abs(steps)) + _NOISE * size[told]
        off = np.abs(X[rows][:, told] - x[0, told] - steps) > room
        told = told[~off.any(axis=0)]
    there = (np.unique(values[_present(X, j)], return_counts=True)[1] for j in told.tolist())
    return kept[told[[_orders(left) >= least for left in there]]]


def _orders(counts: NDArray[np.int64]) -> float:
    """The logarithm of the number of orders of labels, of which there are so many alike."""
    return lgamma(counts.sum() + 1) - sum(lgamma(count + 1) for count in counts.tolist())


def _first(X: NDArray[Any], rows: Rows) -> Rows:
    """For each column the first of some rows that has a value; the first one where none has."""
    found = np.full(X.shape[1], rows[0])
    left = np.flatnonzero(np.isnan(X[rows[0]]))
    for part in row_blocks(len(rows), len(left)):
        there = ~np.isnan(X[rows[part]][:, left])
        some = there.any(axis=0)
        found[left[some]] = rows[part][there.argmax(axis=0)[some]]
        left = left[~some]
    return found


def _stored(X: Any, weights: NDArray[np.int64] | None = None) -> NDArray[Any]:
    """How many entries other than 0 each column of a sparse matrix has; with weights their sum."""
    there = X.data != 0
    weighed = None if weights is None else weights[there]
    return np.bincount(X.indices[there], weighed, X.shape[1])


def _present(X: Any, j: int) -> NDArray[np.bool_]:
    """Which examples have a value in a column."""
    return np.ones(X.shape[0], dtype=bool) if is_sparse(X) else ~np.isnan(X[:, j])


def _precision(X: Any) -> float:
    return max(_ROUNDING, 4 * float(np.finfo(X.dtype).eps))


def _dense(X: Any) -> NDArray[Any]:
    return np.asarray(X.toarray() if is_sparse(X) else X)
