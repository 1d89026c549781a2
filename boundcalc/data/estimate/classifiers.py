"""What a classifier reaches when it is fitted to random signs: a lower bound on the supremum.

The supremum runs over all predictors that the classifier can end with; the fitted one is one of
them. How far below the supremum it stays is unknown, so this bounds the complexity from below only.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from boundcalc.data.estimate.row_blocks import GROUP, NoiseSource, RowBlocks
from boundcalc.data.estimate.suprema import Suprema, Tick
from boundcalc.errors import InputError, find, optional, refuse_unknown, shorten

_LARGEST_SEED = 2**31


def fitted_suprema(
    rows: RowBlocks, model: Any, *, draws: int, seed: int, tick: Tick | None = None
) -> Suprema:
    """The correlation Σ_i σ_i f(x_i) of the predictor f fitted to each draw of the signs.

    Parameters
    ----------
    model : scikit-learn classifier
        It is cloned and never changed; where its `random_state` is None it is set from `seed`.

    Raises
    ------
    InputError
        If it is no classifier, or does not predict the labels that it was given.
    """
    base = optional("sklearn.base", "fitted classifiers", "examples")
    if not hasattr(model, "get_params") or not base.is_classifier(model):
        raise InputError(f"model must be a scikit-learn classifier, not {shorten(repr(model))}")
    X = rows.whole()
    noise = NoiseSource(seed, gaussian=False)
    values = np.empty(draws)
    for k in range(draws):
        if k % GROUP == 0:
            group = range(k, min(k + GROUP, draws))
            signs = noise.whole(group, rows.m).astype(np.int64)
        values[k] = _correlation(base.clone(model), X, signs[k % GROUP], seed + k)
        if tick is not None:
            tick(k + 1, draws)
    m = float(rows.m)
    # each draw is in [−1, 1] after division by m: Hoeffding with one term a draw
    return Suprema(values, np.zeros(draws), 0.0, m, 1.0, 0.0)


def _correlation(model: Any, X: Any, signs: Any, seed: int) -> float:
    if np.all(signs == signs[0]):
        # one class cannot be fitted; every predictor reaches at least this
        return -float(signs.size)
    free = {
        n: seed % _LARGEST_SEED
        for n, v in model.get_params().items()
        if n.endswith("random_state") and v is None
    }
    model.set_params(**free)
    with warnings.catch_warnings():
        # a fit that has not converged is a lower bound all the same
        warnings.simplefilter("ignore")
        try:
            predicted = np.asarray(model.fit(X, signs).predict(X))
        except (TypeError, ValueError) as error:
            raise InputError(
                f"{type(model).__name__} cannot be fitted: {shorten(str(error), 100)}"
            ) from None
    if predicted.shape != signs.shape or not np.isin(predicted, (-1, 1)).all():
        raise InputError(
            f"{type(model).__name__} predicts other labels than the −1 and 1 that it was fitted to"
        )
    return float(np.sum(predicted * signs))


def classifier(name: str, parameters: Mapping[str, Any] | None = None) -> Any:
    """One of scikit-learn's classifiers by its class name.

    Parameters
    ----------
    name : str
        For example ``"DecisionTreeClassifier"``.
    parameters : mapping of str to value, optional
        Those that are not the default.

    Raises
    ------
    UnknownNameError
        If there is none of that name, or it has no such parameter.
    InputError
        If it cannot be made without arguments.
    """
    found = optional("sklearn.utils", "fitted classifiers", "examples").all_estimators(
        type_filter="classifier"
    )
    classes = dict(found)
    kind = find("classifier of scikit-learn", name, classes)
    try:
        made = kind()
    except TypeError:
        raise InputError(f"{name} needs arguments: use the Python function bc.estimate") from None
    for parameter in parameters or ():
        refuse_unknown("parameter", parameter, made.get_params(), name)
    return made.set_params(**(parameters or {}))
