"""From data to a study: split, scale, fit one linear predictor a subset, measure losses and complexities.

The first part of the data fixes means, scales and which subsets are fitted, so the classes are fixed before the
training part is looked at. The norm of each class is chosen from a grid by the training part: the limits that
rest on it pay for every norm of the grid. The held-out part is used for nothing but the losses on it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from boundcalc.complexities.rules import function_class
from boundcalc.data.arrays import as_dataset, read_dataset
from boundcalc.data.dataset import Dataset
from boundcalc.data.estimate import estimate
from boundcalc.data.linear import path
from boundcalc.data.problems import Binary, Floats, Ints, MultiClass, Problem, Regression
from boundcalc.data.promise import first_sets, promises
from boundcalc.data.scaling import Scaling, joined
from boundcalc.data.split import split
from boundcalc.data.tables import Groups
from boundcalc.errors import InputError, shorten
from boundcalc.numeric.complexity import ComplexityValue, complexity
from boundcalc.study.design import CLASSIFICATION, REGRESSION, Choice, Design, Losses
from boundcalc.study.read import STUDY_KEYS
from boundcalc.study.records import Fit, Measurement
from boundcalc.study.study import LossKind, Study, Subset

Tick = Callable[[int, int], None]
_FEWEST = 5  # examples in a part
_MOST_GUESSED = 20  # so many whole numbers are taken for classes without being asked
_VALIDATION = 0.25
_SQRT2 = math.sqrt(2)
_OUTWARD = 1 + 1e-12  # more than rounding takes away from a norm


@dataclass(frozen=True, eq=False)
class Parts:
    """The data, split and scaled.

    Attributes
    ----------
    rows : tuple of three arrays
        Examples for scales, for training, held out.
    train, test : mapping of str to ndarray
        The features of each modality.
    problem, held_out : Problem
        The losses on the training part, and on the held-out part.
    """

    rows: tuple[Ints, Ints, Ints]
    train: dict[str, Floats]
    test: dict[str, Floats]
    problem: Problem
    held_out: Problem


def is_data(source: Any) -> bool:
    """Whether it is data and not a study."""
    if isinstance(source, (str, Path)):
        return Path(source).suffix.lower() in (".npz", ".npy", ".csv", ".parquet")
    if isinstance(source, Mapping):
        return not set(source) <= set(STUDY_KEYS) and "subset" not in source
    return isinstance(source, Dataset) or hasattr(source, "columns")


def read_data(source: Any, *, labels: Any, groups: Groups | None) -> Dataset:
    """Data from a file or from memory."""
    if isinstance(source, Dataset):
        return source
    if isinstance(source, (str, Path)):
        if labels is not None and not isinstance(labels, str):
            raise InputError("labels of a file are the name of a column or an array")
        return read_dataset(source, groups=groups, labels=labels or "y")
    return as_dataset(source, labels=labels, groups=groups)


def measured(
    data: Dataset, design: Design, *, delta: float, progress: Tick | None = None
) -> tuple[Study, Measurement]:
    """Make a study of a data set.

    Parameters
    ----------
    data : Dataset
        With labels, and at least two modalities.
    design : Design
    delta : float
    progress : callable, optional
        Called with the subsets fitted and the subsets to fit.

    Returns
    -------
    Study, Measurement
        What was measured, ready to be compared, and how.

    Raises
    ------
    InputError
    """
    _check(data)
    task = _task(data, design)
    loss = _loss(task, design)
    rows = split(data.m, design.shares, seed=design.seed, least=_FEWEST)
    first, train, test = rows
    scaling = Scaling.of(data, first)
    problem = _problem(data, task, design, first)
    parts = Parts(
        (first, train, test),
        scaling.features(data, train),
        scaling.features(data, test),
        problem.part(train),
        problem.part(test),
    )
    chosen = _subsets(data, design, scaling, parts, problem)
    found = []
    for done, names in enumerate(chosen):
        found.append(_fitted(names, parts, design, loss))
        if progress is not None:
            progress(done + 1, len(chosen))
    record = Measurement(
        source=data.source,
        task=task,
        loss=loss,
        sizes=(len(first), len(train), len(test)),
        seed=design.seed,
        norms=tuple(float(B) for B in design.norms),
        margin=design.margin if task == CLASSIFICATION else None,
        clip=design.clip if task == REGRESSION else None,
        choose=design.choose,
        intercept=design.intercept,
        draws=design.draws,
        subsets=2 ** len(data.names) - 1,
        fits=tuple(fit for _, fit in found),
        notes=(*(f"{name}: {note}" for name, notes in data.notes.items() for note in notes), *scaling.notes),
    )
    return _study(data, design, record, parts, tuple(subset for subset, _ in found), delta), record


def _check(data: Dataset) -> None:
    if data.labels is None:
        raise InputError(f"{data.source} has no labels: add y, or name them")
    if len(data.names) < 2:
        raise InputError(
            f"{data.source} holds one modality, '{shorten(data.names[0])}': there is nothing to compare"
        )
    for name in data.names:
        if "+" in name:
            raise InputError(
                f"{data.source}: the name of the modality '{shorten(name)}' holds '+', which joins names"
            )


def _task(data: Dataset, design: Design) -> str:
    """As named; where not, text, truth values and few whole numbers are classes."""
    classes = data.classes
    few = classes is not None and (isinstance(classes[0], (str, bool)) or len(classes) <= _MOST_GUESSED)
    if design.task is None and classes is not None and not few:
        raise InputError(
            f"{data.source}: the labels are {len(classes)} different whole numbers; "
            f"name the task, {CLASSIFICATION} or {REGRESSION}"
        )
    task = design.task or (CLASSIFICATION if few else REGRESSION)
    if task == CLASSIFICATION:
        if classes is None:
            raise InputError(
                f"{data.source}: the labels are not classes but numbers with many values; "
                f"the task is {REGRESSION}"
            )
        if len(classes) < 2:
            raise InputError(f"{data.source}: all labels are {classes[0]!r}; two classes are needed")
    elif classes is not None and isinstance(classes[0], str):
        raise InputError(f"{data.source}: the labels are text ('{shorten(classes[0])}'), not numbers")
    return task


def _loss(task: str, design: Design) -> str:
    if task == REGRESSION:
        if design.loss not in (None, Losses.ABSOLUTE):
            raise InputError(f"loss = {design.loss} is for classification; regression has the loss absolute")
        return Losses.ABSOLUTE
    if design.loss == Losses.ABSOLUTE:
        raise InputError("loss = absolute is for regression; classification has ramp and zero-one")
    return design.loss or Losses.RAMP


def _problem(data: Dataset, task: str, design: Design, first: Ints) -> Problem:
    """The losses of all examples; targets are centred and scaled by the first part."""
    assert data.labels is not None
    if task == CLASSIFICATION:
        assert data.classes is not None
        if len(data.classes) == 2:
            return Binary(2.0 * data.labels - 1, design.margin)
        return MultiClass(data.labels, len(data.classes), design.margin)
    y = np.asarray(data.labels if data.classes is None else np.array(data.classes)[data.labels], np.float64)
    centre, spread = float(y[first].mean()), float(y[first].std())
    if not spread > 0:
        raise InputError(
            f"{data.source}: the targets of the first part are all {centre:g}; it sets the scale"
        )
    return Regression((y - centre) / spread, design.clip)


def _subsets(
    data: Dataset, design: Design, scaling: Scaling, parts: Parts, problem: Problem
) -> list[tuple[str, ...]]:
    """Those that were named, or the most promising by the first part."""
    if design.subsets is not None:
        named = [s.split("+") if isinstance(s, str) else list(s) for s in design.subsets]
        chosen = [data.chosen([name.strip() for name in names]) for names in named]
        if len(set(chosen)) < len(chosen):
            raise InputError("a subset is named twice")
        if len(chosen) < 2:
            raise InputError("one subset is named; a comparison needs at least two")
        if len(chosen) > design.max_fits:
            raise InputError(f"{len(chosen)} subsets are named, and max_fits = {design.max_fits}")
        return chosen
    first, train, _ = parts.rows
    promise = promises(scaling.features(data, first), _targets(problem.part(first)), len(train))
    return first_sets(data.names, promise, design.max_fits)


def _targets(problem: Problem) -> Floats:
    y: Floats = problem.y
    return np.eye(problem.outputs)[y] if problem.outputs > 1 else y[:, None]


def _fitted(names: tuple[str, ...], parts: Parts, design: Design, loss: str) -> tuple[Subset, Fit]:
    """The predictor of one subset, and what it reached."""
    X, Z = (joined(blocks, names, design.intercept) for blocks in (parts.train, parts.test))
    problem, held_out = parts.problem, parts.held_out
    unit = _measured_class(problem, X, 1.0)
    norm, W = _chosen(X, problem, design, loss, unit.value)
    measured_at, before = (
        _measured_class(problem, X, norm),
        _fixed_class(problem, len(X), names, norm, design),
    )
    train_scores, test_scores = X @ W, Z @ W
    test_losses, errors = held_out.losses(test_scores), held_out.errors(test_scores)
    train_loss = float(problem.losses(train_scores).mean())
    fit = Fit(
        modalities=names,
        norm=norm,
        train_loss=train_loss,
        test_loss=float(test_losses.mean()),
        test_errors=None if errors is None else int(errors.sum()),
        rademacher_empirical=measured_at.value,
    )
    if loss == Losses.ZERO_ONE:
        assert errors is not None
        return Subset(names, test_losses=_frozen(errors), place="+".join(names)), fit
    subset = Subset(
        names,
        train_loss=train_loss,
        test_losses=_frozen(test_losses),
        complexity=before.intrinsic,
        rademacher_empirical=measured_at.value,
        candidates=len(design.norms),
        estimate=_drawn(X, problem, norm, design),
        place="+".join(names),
    )
    return subset, fit


def _chosen(X: Floats, problem: Problem, design: Design, loss: str, unit: float) -> tuple[float, Floats]:
    """The norm and the weights, by the training part alone; the smaller norm of two that are as good."""
    norms = list(design.norms)
    if design.choose == Choice.BOUND:
        fits = path(X, problem, norms)
        least = [
            float(problem.losses(X @ W).mean()) + 2 * problem.lipschitz * B * unit
            for B, W in zip(norms, fits, strict=True)
        ]
        i = int(np.argmin(least))
        return float(norms[i]), fits[i]
    rest, check = split(len(X), (1 - _VALIDATION, _VALIDATION), seed=design.seed)
    tried, on = path(X[rest], problem.part(rest), norms), problem.part(check)
    of = on.errors if loss == Losses.ZERO_ONE else on.losses
    reached = [float(np.mean(of(X[check] @ W))) for W in tried]
    i = int(np.argmin(reached))
    return float(norms[i]), path(X, problem, norms[: i + 1])[-1]


def _measured_class(problem: Problem, X: Floats, norm: float) -> ComplexityValue:
    """R̂_S of the margins, or of the scores, by its closed form."""
    size = float(np.linalg.norm(X)) * _OUTWARD
    return _class(problem, norm, len(X), frobenius=size)


def _fixed_class(
    problem: Problem, m: int, names: tuple[str, ...], norm: float, design: Design
) -> ComplexityValue:
    """The expected complexity: the features of each modality have at most length 1."""
    radius = math.sqrt(len(names) + design.intercept) * _OUTWARD
    return _class(problem, norm, m, radius=radius)


def _class(problem: Problem, norm: float, m: int, **size: float) -> ComplexityValue:
    if problem.outputs == 1:
        return complexity(function_class("linear-l2", norm=norm, m=m, **size))
    scores = function_class("linear-frobenius", outputs=problem.outputs, norm=norm, m=m, **size)
    return complexity(scores.vector_contraction(_SQRT2))


def _drawn(X: Floats, problem: Problem, norm: float, design: Design) -> Any:
    if not design.draws:
        return None
    if problem.outputs > 1:
        raise InputError("draws are for one output, two classes or regression; leave them out")
    return estimate(X, "linear", norm=norm, draws=design.draws, seed=design.seed)


def _frozen(losses: Floats) -> Floats:
    losses.setflags(write=False)
    return losses


def _study(
    data: Dataset,
    design: Design,
    record: Measurement,
    parts: Parts,
    subsets: tuple[Subset, ...],
    delta: float,
) -> Study:
    full = data.names
    errors = record.loss == Losses.ZERO_ONE
    return Study(
        title=f"{shorten(data.source, 60)}: {', '.join(full)}",
        subsets=subsets,
        m=record.sizes[1],
        test_n=record.sizes[2],
        delta=delta,
        lipschitz=None if errors else parts.problem.lipschitz,
        loss_bound=parts.problem.loss_bound,
        loss=LossKind.ZERO_ONE if errors else LossKind.BOUNDED,
        reference=full if any(s.modalities == full for s in subsets) else None,
        place=data.source,
    )
