"""From data to a study: split, scale, fit one linear predictor a subset, measure losses and
complexities.

The first part of the data fixes means, scales and which subsets are fitted, so the classes are
fixed before the training part is looked at. The norm of each class is chosen from a grid by the
training part: the limits that rest on this part pay for every norm of the grid. Of the held-out
part its losses are used; which classes there are is assumed to be known beforehand, and read off
all labels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from boundcalc.data.arrays import any_dataset, as_dataset, read_array
from boundcalc.data.dataset import Dataset
from boundcalc.data.encode import encoded
from boundcalc.data.fit.linear_predictors import (
    Binary,
    FitProblem,
    MultiClass,
    Regression,
    first_subsets,
    subset_scores,
)
from boundcalc.data.fit.preparation import Ints, Scaling
from boundcalc.data.labels import class_notes, likely_task
from boundcalc.data.tables import Groups
from boundcalc.errors import InputError, argument, shorten
from boundcalc.numeric.decide.losses import class_weights
from boundcalc.study.design import (
    CLASSIFICATION,
    REGRESSION,
    Design,
    Losses,
    Measurement,
    Parts,
    Sampling,
    parts_of,
)
from boundcalc.study.schema import StudyTable
from boundcalc.study.study import LossKind, Study, Subset
from boundcalc.text import count

if TYPE_CHECKING:
    from boundcalc.study.predictors import FittedPredictor

Tick = Callable[[int, int], None]
_ARRAYS = (".npz", ".npy")
_SUFFIXES = (*_ARRAYS, ".csv", ".parquet")


def is_data(source: Any) -> bool:
    """Whether it is data and not a study; a mapping or a frame may hold losses as well."""
    if isinstance(source, (list, tuple)):
        return bool(source) and all(
            isinstance(path, (str, Path)) and Path(path).suffix.lower() in _ARRAYS
            for path in source
        )
    if isinstance(source, (str, Path)):
        return Path(source).suffix.lower() in _SUFFIXES
    if isinstance(source, Mapping):
        return "subset" not in source and not set(source) <= set(StudyTable.keys())
    return isinstance(source, Dataset) or hasattr(source, "columns")


def read_data(
    source: Any, design: Design, sampling: Sampling, *, labels: Any, columns: Groups | None
) -> Dataset:
    """Data from a file, from several with one modality each, or from memory."""
    how: dict[str, Any] = {
        "groups": columns,
        "beside": tuple(n for n in (sampling.groups, sampling.split) if isinstance(n, str)),
        "categorical": design.categorical,
        "missing": design.missing,
        "flatten": design.flatten,
    }
    if isinstance(source, (list, tuple)):
        label = labels or "y"
        arrays = {Path(path).stem: read_array(path) for path in source}
        if len(arrays) < len(source):
            raise InputError("two files have one name, which is the name of a modality")
        if label not in arrays:
            raise InputError(f"no file holds the labels: call it {label}.npy, or name it (labels)")
        return as_dataset(arrays, labels=arrays.pop(label), **how)
    if isinstance(source, (str, Path)) and Path(source).suffix.lower() == ".npy":
        raise InputError(
            f"{source}: an .npy file holds one array; compare takes .npz, .csv or .parquet, "
            "or several arrays with one modality each"
        )
    return any_dataset(source, labels=labels, **how)


def studies_of_data(
    data: Dataset,
    design: Design,
    *,
    delta: float,
    sampling: Sampling,
    check: Callable[[Study], object] | None = None,
    progress: Tick | None = None,
) -> tuple[Study, Study | None, Measurement]:
    """Make studies of a data set, and say how they were measured.

    The first is on the loss that the verdicts are about. The second, where this is the 0/1 loss,
    is what the training part says of the ramp loss of the same predictors; None with groups, since
    limits from the training part need independent examples. `check` is called with a study of the
    same subsets before they are fitted, `progress` with the subsets fitted and the subsets to fit.
    """
    from boundcalc.study.predictors import Halves, fitted_predictor, suspicions  # SymPy

    _check(data)
    data = data.for_task(design.task)
    task = _task(data, design)
    loss = _loss(task, design)
    parts = parts_of(data, design.shares, design.seed, sampling)
    population = parts.population(data, sampling)
    rows = parts.rows
    data = encoded(data, rows[0])
    scaling = Scaling.of(data, rows[0])
    problem = _problem(data, task, design, sampling, rows[0])
    chosen = _subsets(data, design, scaling, rows, problem)
    if check is not None:
        bare = tuple(Subset(names) for names in chosen)
        check(Study("", bare, reference=_reference(data, chosen), place=data.source))
    train, test = (scaling.features(data, part) for part in rows[1:])
    losses = problem.part(rows[1]), problem.part(rows[2])
    halves = Halves.of(train, test, *losses, design=design, groups=parts.groups_of(rows[1]))
    found = []
    for done, names in enumerate(chosen, 1):
        found.append(fitted_predictor(names, halves, design, loss))
        if progress is not None:
            progress(done, len(chosen))
    record = _record(data, design, task, loss, rows, found, scaling)
    suspicious = suspicions(data, rows[1], rows[2], problem, found, population)
    record = replace(record, notes=(*suspicious, *_of_sampling(sampling, parts), *record.notes))
    verdicts, training = _studies(data, record, problem, found, delta)
    verdicts = replace(verdicts, population=population)
    if training is not None:
        training = replace(training, population=population)
    if parts.groups is not None:
        held_out = tuple(Subset(s.modalities, test_losses=s.test_losses) for s in verdicts.subsets)
        return replace(verdicts, subsets=held_out, m=None, lipschitz=None), None, record
    return verdicts, training, record


def _of_sampling(sampling: Sampling, parts: Parts) -> Iterator[str]:
    """What rests on how the examples were drawn and split."""
    if parts.groups is not None:
        first, train, test = (len(np.unique(parts.groups.index[rows])) for rows in parts.rows)
        yield (
            f"no group stands on both sides: {count(first)} groups fix means and scales, "
            f"{count(train)} train, {count(test)} are held out; what the training examples say is "
            "left out, since it needs independent ones"
        )
    if sampling.split is not None:
        yield (
            "assumed: the split that was given was made without looking at the labels, and all its "
            "parts are of one population"
        )


def _check(data: Dataset) -> None:
    if data.labels is None:
        raise InputError(f"{data.source} has no labels: add y, or say what they are called")
    if len(data.names) < 2:
        one = f"holds one modality, '{shorten(data.names[0])}'"
        raise InputError(f"{data.source} {one}: there is nothing to compare")
    for name in data.names:
        if "+" in name:
            said = f"the name of the modality '{shorten(name)}' holds '+', which joins names"
            raise InputError(f"{data.source}: {said}")


def _task(data: Dataset, design: Design) -> str:
    """As named; where not, text, truth values and few whole numbers are classes."""
    task = design.task or likely_task(data.classes, data.source)
    data.fit_for(task)
    return task


def _loss(task: str, design: Design) -> str:
    fitting = (Losses.ABSOLUTE,) if task == REGRESSION else (Losses.ZERO_ONE, Losses.RAMP)
    if design.loss is None:
        return fitting[0]
    if design.loss not in fitting:
        raise InputError(
            f"{argument('loss')} = {design.loss} does not fit {task}: choose {' or '.join(fitting)}"
        )
    return design.loss


def _problem(
    data: Dataset, task: str, design: Design, sampling: Sampling, first: Ints
) -> FitProblem:
    """The losses of all examples; targets are centred and scaled by the first part."""
    assert data.labels is not None
    classes = data.classes
    if task == CLASSIFICATION and classes is not None:
        weights = None
        if sampling.weights is not None:
            named = [classes[int(i)] for i in data.labels]
            weights = class_weights(named, sampling.weights, data.m)[0]
        if len(classes) == 2:
            return Binary(2.0 * data.labels - 1, design.margin, weights=weights)
        return MultiClass(data.labels, len(classes), design.margin, weights=weights)
    y = np.asarray(data.labels if classes is None else np.array(classes)[data.labels], np.float64)
    # in units of the largest target, so that no square overflows or vanishes
    unit = float(np.abs(y[first]).max()) or 1.0
    with np.errstate(over="ignore"):
        y = y / unit
    centre, spread = float(y[first].mean()), float(y[first].std())
    if spread == 0:
        raise InputError(
            f"{data.source}: the targets of the first part ({len(first):,} examples) are all the "
            "same number, so they set no scale; if they are codes, name the task classification"
        )
    if not np.isfinite(y / spread).all():
        raise InputError(
            f"{data.source}: a target is too far from those of the first part to be scaled by them"
        )
    return Regression((y - centre) / spread, design.clip)


def _subsets(
    data: Dataset, design: Design, scaling: Scaling, rows: tuple[Ints, ...], problem: FitProblem
) -> list[tuple[str, ...]]:
    """Those that were named, or the most promising by the first part."""
    if design.subsets is None:
        features = scaling.features(data, rows[0])
        return first_subsets(
            data.names,
            subset_scores(features, problem.part(rows[0]).targets(), len(rows[1])),
            design.max_fits,
        )
    named = [s.split("+") if isinstance(s, str) else list(s) for s in design.subsets]
    chosen = [data.chosen([str(name).strip() for name in names]) for names in named]
    for names in chosen:
        if chosen.count(names) > 1:
            raise InputError(f"the subset {'+'.join(names)} is named twice")
    if len(chosen) < 2:
        raise InputError("one subset is named; a comparison needs at least two")
    if len(chosen) > design.max_fits:
        raise InputError(
            f"{len(chosen)} subsets are named, but {argument('max_fits')} = {design.max_fits}"
        )
    return chosen


def _record(
    data: Dataset,
    design: Design,
    task: str,
    loss: str,
    rows: tuple[Ints, ...],
    found: Sequence[FittedPredictor],
    scaling: Scaling,
) -> Measurement:
    return Measurement(
        source=data.source,
        task=task,
        loss=loss,
        sizes=(len(rows[0]), len(rows[1]), len(rows[2])),
        seed=design.seed,
        norms=tuple(float(B) for B in design.norms),
        margin=design.margin if task == CLASSIFICATION else None,
        clip=design.clip if task == REGRESSION else None,
        choose=str(design.choose),
        intercept=design.intercept,
        draws=design.draws,
        subsets=2 ** len(data.names) - 1,
        fits=tuple(one.fit for one in found),
        notes=tuple(_unusual(data, scaling, task, rows[1])),
    )


def _unusual(data: Dataset, scaling: Scaling, task: str, training: Ints) -> Iterator[str]:
    yield from (f"{name}: {note}" for name, said in data.notes.items() for note in said)
    yield from data.remarks
    yield from scaling.notes
    features, m = sum(X.shape[1] for X in data.modalities.values()), len(training)
    if features > m:
        yield (
            f"all modalities together have {features:,} features, more than the {m:,} training "
            "examples: without a limit on the norm they could fit any labels; the limits rest on "
            "the norm alone"
        )
    if task == CLASSIFICATION and data.classes is not None and data.labels is not None:
        yield from class_notes(data.classes, data.labels[training])


def _reference(data: Dataset, chosen: Sequence[tuple[str, ...]]) -> tuple[str, ...] | None:
    """All modalities together, if they are fitted together."""
    return data.names if data.names in chosen else None


def _studies(
    data: Dataset,
    record: Measurement,
    problem: FitProblem,
    found: Sequence[FittedPredictor],
    delta: float,
) -> tuple[Study, Study | None]:
    """On the loss of the verdicts; and, where these are about errors, on the ramp loss."""
    by_errors = record.loss == Losses.ZERO_ONE
    on_losses = Study(
        title=f"{shorten(data.source, 60)}: {', '.join(data.names)}",
        subsets=tuple(one.by_losses(held_out=not by_errors) for one in found),
        m=record.sizes[1],
        test_n=None if by_errors else record.sizes[2],
        delta=delta,
        lipschitz=problem.lipschitz,
        loss_bound=problem.loss_bound,
        reference=_reference(data, [one.fit.modalities for one in found]),
        place=data.source,
    )
    if not by_errors:
        return on_losses, None
    on_errors = replace(
        on_losses,
        subsets=tuple(one.by_errors() for one in found),
        test_n=record.sizes[2],
        lipschitz=None,
        loss_bound=1.0,
        loss=LossKind.ZERO_ONE,
    )
    return on_errors, on_losses
