"""Predictors of the label from modalities, and their losses on the held-out part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from boundcalc.data.dataset import Dataset
from boundcalc.data.labels import Labels, check_task
from boundcalc.data.preparation import Prepared
from boundcalc.data.ridge import Floats, Ridge, fit_ridge
from boundcalc.data.split import split
from boundcalc.errors import InputError
from boundcalc.numeric.certifying.losses import range_end

_QUANTILE = 0.95
_FEWEST = 2
_STILL = 1e-12
ZERO_ONE, CLIPPED = "0/1 loss", "clipped absolute error"


@dataclass(frozen=True, eq=False)
class Target:
    """The label and its loss.

    Attributes
    ----------
    values : ndarray, shape (m,)
        Classes 0, 1, … or numbers.
    codes : ndarray, shape (m, k)
        What is fitted: the number itself, −1 and 1 for two classes, one column a class for more; less their
        means on the setup part.
    offset : ndarray, shape (k,)
        These means.
    loss : str
    loss_bound : float
        C.
    labelled : ndarray of int
        The training examples whose labels are used.
    """

    values: NDArray[np.float64]
    codes: Floats
    offset: Floats
    loss: str
    loss_bound: float
    labelled: NDArray[np.int64]

    @property
    def zero_one(self) -> bool:
        """Whether the label is a class."""
        return self.loss == ZERO_ONE

    def losses(self, fitted: Ridge, X: Floats, which: NDArray[np.int64]) -> Floats:
        """The loss on each of some examples, whose inputs are X."""
        outputs = fitted.predict(X) + self.offset
        truth = self.values[which]
        if not self.zero_one:
            return np.asarray(np.minimum(np.abs(outputs[:, 0] - truth), self.loss_bound))
        single = outputs.shape[1] == 1
        predicted = (outputs[:, 0] > 0).astype(int) if single else outputs.argmax(axis=1)
        return np.asarray(predicted != truth, dtype=np.float64)


def target_of(
    data: Dataset, ready: Prepared, *, task: str, labelled: float, loss_bound: float | None, seed: int
) -> Target:
    """The label of a data set, for one task.

    Parameters
    ----------
    labelled : float
        The share of the training part whose labels are used.
    loss_bound : float, optional
        Of the absolute error; where left out the 95 % quantile of |z − z̄| on the setup part.

    Raises
    ------
    InputError
    """
    found = None if data.labels is None else Labels(data.labels, data.classes)
    check_task(found, task, data.source)
    assert found is not None
    some = _labelled(ready.training, labelled, seed)
    if task == "classification":
        if loss_bound is not None:
            raise InputError("loss_bound is for regression: the loss of a class is 0 or 1")
        codes = _codes(found)
        used = found.values
        if len(np.unique(used[some])) < 2:
            raise InputError(
                f"{data.source}: the {len(some)} training labels that are used are all of one class; "
                "raise labelled or change the seed"
            )
        bound, loss = 1.0, ZERO_ONE
    else:
        used = found.values if found.classes is None else np.asarray(found.classes, float)[found.values]
        codes = used.astype(np.float64)[:, None]
        with np.errstate(over="ignore"):
            if not np.isfinite(np.sum(codes**2)):
                raise InputError(f"{data.source}: the labels are too large to be squared: use other units")
        bound = _usual_error(used[ready.setup]) if loss_bound is None else range_end(loss_bound)
        if bound == 0:
            raise InputError(
                f"{data.source}: the labels of the setup part are equal but for a few; give loss_bound"
            )
        loss = CLIPPED
    offset = codes[ready.setup].mean(axis=0)
    return Target(used.astype(np.float64), codes - offset, offset, loss, bound, some)


def _usual_error(labels: NDArray[np.float64]) -> float:
    usual = float(np.quantile(np.abs(labels - labels.mean()), _QUANTILE))
    # labels that rounding alone moves are equal
    return usual if usual > _STILL * float(np.abs(labels).max()) else 0.0


def _labelled(training: NDArray[np.int64], share: float, seed: int) -> NDArray[np.int64]:
    if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 < share <= 1:
        raise InputError(f"labelled = {share} must be a share, above 0 and at most 1")
    if share == 1:
        return training
    some = training[split(len(training), (share, 1 - share), seed=seed, least=0)[0]]
    if len(some) < _FEWEST:
        raise InputError(
            f"labelled = {share:g} leaves {len(some)} of {len(training):,} training labels: raise it"
        )
    return some


def _codes(labels: Labels) -> Floats:
    """−1 and 1 for two classes, else one column a class."""
    count = len(labels.classes or ())
    if count == 2:
        return np.asarray(2.0 * labels.values - 1)[:, None]
    return np.asarray(np.eye(count)[labels.values])


def fit_predictor(ready: Prepared, target: Target, names: Sequence[str], kind: str) -> Ridge:
    """f̂ on the labelled examples, from some modalities side by side."""
    X = np.hstack([ready.rows(name, target.labelled) for name in names])
    return fit_ridge(X, target.codes[target.labelled], kind)


def held_out_losses(
    ready: Prepared, target: Target, fitted: Ridge, names: Sequence[str], instead: Mapping[str, Floats]
) -> Floats:
    """The losses of a predictor, some modalities replaced by what is predicted for them."""
    part = ready.held_out
    X = np.hstack([instead[name] if name in instead else ready.rows(name, part) for name in names])
    return target.losses(fitted, X, part)
