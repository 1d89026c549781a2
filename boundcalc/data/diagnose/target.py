"""The label of a diagnosis: its loss, and ridge predictors of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from boundcalc.data.dataset import Dataset
from boundcalc.data.diagnose.diagnosis import CLIPPED, ZERO_ONE
from boundcalc.data.fit.preparation import Floats, Ints, Prepared, split
from boundcalc.data.fit.ridge import Ridge, fit_ridge
from boundcalc.errors import InputError, argument
from boundcalc.numeric.decide.losses import range_end

_QUANTILE = 0.95
_FEWEST = 2
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Target:
    """The label and its loss.

    Attributes
    ----------
    values : ndarray, shape (m,)
        Classes 0, 1, … or numbers.
    codes : ndarray, shape (m, k)
        What is fitted: the number itself, −1 and 1 for two classes, one column a class for more;
        less their means on the setup part.
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
    labelled: Ints

    @property
    def zero_one(self) -> bool:
        """Whether the label is a class."""
        return self.loss == ZERO_ONE

    def fit(self, ready: Prepared, names: Sequence[str], kind: str) -> Ridge:
        """f̂ on the labelled examples, from some modalities side by side."""
        X = np.hstack([ready.rows(name, self.labelled) for name in names])
        return fit_ridge(X, self.codes[self.labelled], kind)

    def losses(self, fitted: Ridge, X: Floats, which: Ints) -> Floats:
        """The loss on each of some examples, whose inputs are X."""
        outputs = fitted.predict(X) + self.offset
        truth = self.values[which]
        if not self.zero_one:
            return np.asarray(np.minimum(np.abs(outputs[:, 0] - truth), self.loss_bound))
        single = outputs.shape[1] == 1
        predicted = (outputs[:, 0] > 0).astype(int) if single else outputs.argmax(axis=1)
        return np.asarray(predicted != truth, dtype=np.float64)


def target_of(
    data: Dataset,
    ready: Prepared,
    *,
    classes: bool,
    labelled: float = 1.0,
    loss_bound: float | None = None,
    seed: int,
) -> Target:
    """The label of a data set, for one task that it fits.

    Parameters
    ----------
    classes : bool
        Whether the task is classification.
    labelled : float
        The share of the training part whose labels are used.
    loss_bound : float, optional
        Of the absolute error; where left out the 95 % quantile of |z − z̄| on the setup part.
    """
    assert data.labels is not None
    some = _labelled(ready.training, labelled, seed)
    values, names = data.labels, data.classes or ()
    if classes:
        if loss_bound is not None:
            raise InputError(
                f"{argument('loss_bound')} is for regression: the loss of a class is 0 or 1"
            )
        two = len(names) == 2
        codes = 2.0 * values[:, None] - 1 if two else np.eye(len(names))[values]
        if len(np.unique(values[some])) < 2:
            raise InputError(
                f"{data.source}: the {len(some)} training labels that are used are all of one "
                f"class; raise {argument('labelled')} or change the {argument('seed')}"
            )
        bound, loss = 1.0, ZERO_ONE
    else:
        values = np.asarray(names, float)[values] if names else values
        codes = values.astype(np.float64)[:, None]
        with np.errstate(over="ignore"):
            if not np.isfinite(np.sum(codes**2)):
                said = "the labels are too large to be squared: use other units"
                raise InputError(f"{data.source}: {said}")
        usual = _usual_error(values[ready.setup])
        bound, loss = usual if loss_bound is None else range_end(loss_bound), CLIPPED
        if bound == 0:
            said = "the labels of the setup part are equal but for a few; give "
            raise InputError(f"{data.source}: {said}{argument('loss_bound')}")
    offset = codes[ready.setup].mean(axis=0)
    return Target(values.astype(np.float64), codes - offset, offset, loss, bound, some)


def _usual_error(labels: NDArray[np.float64]) -> float:
    usual = float(np.quantile(np.abs(labels - labels.mean()), _QUANTILE))
    # labels that rounding alone moves are equal
    return usual if usual > _ROUNDING * float(np.abs(labels).max()) else 0.0


def _labelled(training: Ints, share: float, seed: int) -> Ints:
    if not 0 < share <= 1:
        raise InputError(f"{argument('labelled')} = {share} must be a share, above 0 and at most 1")
    if share == 1:
        return training
    some = training[split(len(training), (share, 1 - share), seed=seed, least=0)[0]]
    if len(some) < _FEWEST:
        said = f"leaves {len(some)} of {len(training):,} training labels: raise it"
        raise InputError(f"{argument('labelled')} = {share:g} {said}")
    return some
