"""What is suspicious about data and the predictors that were fitted to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from boundcalc.data.dataset import Dataset
from boundcalc.data.fit.linear import Problem
from boundcalc.data.fit.preparation import Ints
from boundcalc.data.tables import is_sparse
from boundcalc.errors import shorten
from boundcalc.study.predictors import Predictor
from boundcalc.text import count

_SHOWN = 4


def suspicions(
    data: Dataset, training: Ints, held_out: Ints, problem: Problem, found: Sequence[Predictor]
) -> Iterator[str]:
    """One sentence each: constant modalities, copies, predictors that are no better than a
    constant.

    Parameters
    ----------
    problem : Problem
        The losses of all examples.
    """
    for name, X in data.modalities.items():
        if _is_constant(X):
            yield f"the modality {shorten(name)} is constant: it can tell nothing"
    copies = _copies(data, training, held_out)
    if copies:
        yield (
            f"{count(copies)} of {count(len(held_out))} held-out examples are exact copies of "
            f"training "
            "examples: if rows were repeated, they are not independent, and no limit holds"
        )
    yield from _no_better(data, training, held_out, problem, found)


def _is_constant(X: Any) -> bool:
    if is_sparse(X):
        return not X.nnz
    return bool((X[:1] == X[:1000]).all() and (X[:1] == X).all())


def _copies(data: Dataset, training: Ints, held_out: Ints) -> int:
    """How many held-out examples have all features and the label of a training example."""
    seen = set(_rows(data, training))
    return sum(row in seen for row in _rows(data, held_out))


def _rows(data: Dataset, rows: Ints) -> Iterator[bytes]:
    blocks = [X[rows] for X in data.modalities.values()]
    blocks.append(np.asarray(data.labels)[rows].reshape(len(rows), 1))
    for i in range(len(rows)):
        yield b"".join(_bytes(block, i) for block in blocks)


def _bytes(block: Any, i: int) -> bytes:
    """What tells one row from another."""
    if not is_sparse(block):
        return bytes(block[i].tobytes())
    part = slice(block.indptr[i], block.indptr[i + 1])
    return bytes(block.indices[part].tobytes() + block.data[part].tobytes())


def _no_better(
    data: Dataset, training: Ints, held_out: Ints, problem: Problem, found: Sequence[Predictor]
) -> Iterator[str]:
    """Predictors whose held-out loss is no less than that of a constant one."""
    labels = np.asarray(data.labels)
    if found[0].test_errors is not None:
        values, sizes = np.unique(labels[training], return_counts=True)
        most = values[sizes.argmax()]
        constant = float(np.mean(labels[held_out] != most))
        reached = {
            "+".join(one.fit.modalities): (one.fit.test_errors or 0) / len(held_out)
            for one in found
        }
        said = f"always naming the largest class errs on {constant:.3g} of the held-out examples"
    else:
        scores = np.zeros((len(held_out), 1))
        constant = float(problem.part(held_out).losses(scores).mean())
        reached = {"+".join(one.fit.modalities): one.fit.test_loss for one in found}
        said = f"always predicting the mean of the first part has a held-out loss of {constant:.3g}"
    worse = [name for name, loss in reached.items() if loss >= constant]
    if worse:
        more = f" and {len(worse) - _SHOWN} more" if len(worse) > _SHOWN else ""
        are = "is" if len(worse) == 1 else "are"
        yield f"{said}, and {', '.join(worse[:_SHOWN])}{more} {are} no better"
