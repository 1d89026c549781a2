"""Connection and heterogeneity of measured modalities, and what Lu's two-stage learner makes of them.

Why the guarantees are guarantees
---------------------------------
Three parts, drawn before anything is looked at. The setup part fixes means, scales, radii, the
distance bound D and the loss bound of a regression. The training part fixes ĝ, f̂ and their strengths. Given
these two, the held-out part is a sample of i.i.d. examples on which nothing depends, so the limits for fixed
predictors hold. δ is divided among all statements. The cross-fitted numbers use every example but those of
the setup part; their folds share training examples, no interval is proved for them and nothing rests on them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

from boundcalc.data.arrays import as_dataset, read_dataset
from boundcalc.data.connection import STATEMENTS, Connection, measured_connection
from boundcalc.data.dataset import Dataset
from boundcalc.data.diagnosis import Diagnosis, Pair
from boundcalc.data.labels import class_notes, likely_task
from boundcalc.data.learners import Target, fit_predictor, held_out_losses, target_of
from boundcalc.data.lu_bound import lu_bound
from boundcalc.data.preparation import SCALES, Prepared, prepared
from boundcalc.data.ridge import KINDS, Floats, Ridge
from boundcalc.data.tables import Groups
from boundcalc.errors import DomainError, InputError, UnknownNameError, shorten
from boundcalc.numeric.certifying.certification import Certification
from boundcalc.numeric.certifying.certify import certify
from boundcalc.numeric.domains import checked
from boundcalc.symbolic.parameters import parameter

Tick = Callable[[int, int], None]
_LEAST_DISTANCE, _LARGEST_DISTANCE = 1e-9, 1e9


def diagnose(
    data: Any,
    *,
    labels: Any = None,
    groups: Groups | None = None,
    task: str | None = None,
    modalities: Sequence[str] | None = None,
    connection: str = "linear",
    predictor: str = "linear",
    labelled: float = 1.0,
    setup: float = 0.1,
    held_out: float = 0.4,
    distance_bound: float | None = None,
    loss_bound: float | None = None,
    scale: str = "columns",
    max_pairs: int = 42,
    delta: float = 0.05,
    seed: int = 0,
    progress: Tick | None = None,
) -> Diagnosis:
    """Measure connection and heterogeneity, and run Lu's two-stage learner.

    Parameters
    ----------
    data : Dataset, path, mapping of str to array_like, or data frame
        At least two modalities; without labels only the connection is measured.
    labels
        For a path or a data frame the name of the labels, else the labels themselves.
    groups : mapping of str to sequence of str, optional
        For a table: the columns of each modality, where their names do not tell.
    task : {"classification", "regression"}, optional
        Where left out, the labels tell; many whole numbers do not.
    modalities : sequence of str, optional
        Which ones; all where left out.
    connection, predictor : {"linear", "rbf"}
        Ridge regression, or kernel ridge with exp(−‖x − x′‖²/d): for ĝ from x to y, and for f̂ to the label.
    labelled : float
        The share of the training part whose labels are used; all its pairs (x, y) are used for ĝ.
    setup, held_out : float
        The shares of the examples that fix the units, and that are never trained on.
    distance_bound : float, optional
        D: longer distances count as D. Where left out the 95 % quantile of ‖y − ȳ‖ on the setup part.
    loss_bound : float, optional
        C: larger absolute errors of a regression count as C. Where left out the 95 % quantile of |z − z̄|
        on the setup part.
    scale : {"columns", "none"}
        Whether columns are divided by their standard deviations; ``none`` keeps the units of the data.
    max_pairs : int
        More ordered pairs are an error.
    delta : float
        All statements hold together with probability at least 1 − delta.
    seed : int
    progress : callable, optional
        Called with the fits done and the fits in all.

    Returns
    -------
    Diagnosis

    Raises
    ------
    InputError
        For data or options that cannot be used.
    """
    failure = checked(parameter("delta"), delta)
    if not isinstance(failure, float):
        raise InputError("delta must be a single number")
    _known("connection", connection, KINDS)
    _known("predictor", predictor, KINDS)
    _known("scale", scale, SCALES)
    if distance_bound is not None:
        distance_bound = _distance(distance_bound)
    read = _read(data, labels, groups)
    names = _names(read, modalities, max_pairs)
    ready = prepared(read, names, setup=setup, held_out=held_out, seed=seed, scale=scale)
    target = None
    if read.labels is not None or task is not None:
        chosen = task or likely_task(read.classes, read.source)
        target = target_of(read, ready, task=chosen, labelled=labelled, loss_bound=loss_bound, seed=seed)
    run = _Run(ready, target, connection, predictor, distance_bound, failure, seed, progress)
    return Diagnosis(
        source=read.source,
        modalities=names,
        examples=_sizes(ready, target),
        seed=seed,
        connection_class=connection,
        predictor_class=predictor,
        loss=target.loss if target else None,
        loss_bound=target.loss_bound if target else None,
        pairs=run.pairs(),
        risks=run.risks,
        delta=failure,
        statements=run.statements,
        share=run.share,
        scale=scale,
        notes=_notes(read, ready, target),
    )


class _Run:
    """The fits, each made once."""

    def __init__(
        self,
        ready: Prepared,
        target: Target | None,
        connection: str,
        predictor: str,
        distance_bound: float | None,
        delta: float,
        seed: int,
        progress: Tick | None,
    ) -> None:
        self._ready, self._target, self._seed = ready, target, seed
        self._connection, self._predictor, self._distance_bound = connection, predictor, distance_bound
        names = tuple(ready.blocks)
        self._orders = tuple(permutations(names, 2))
        per_pair = STATEMENTS
        if target is not None:
            # for classes a test and an interval each; one for Lu's bound
            per_pair += 2 * (2 if target.zero_one else 1) + 1
        self.statements = per_pair * len(self._orders)
        self.share = delta / self.statements
        self.risks: dict[str, float] = {}
        self._losses: dict[str, Floats] = {}
        self._progress, self._done = progress, 0
        fits = len(names) + 3 * len(self._orders)
        self._fits = fits if target is not None else 2 * len(self._orders)

    def pairs(self) -> tuple[Pair, ...]:
        """Every ordered pair."""
        if self._target is not None:
            for name in self._ready.blocks:
                self._losses[name] = self._loss(self._target, self._fit(self._target, (name,)), (name,), {})
                self.risks[name] = float(self._losses[name].mean())
        return tuple(self._pair(x, y) for x, y in self._orders)

    def _pair(self, x: str, y: str) -> Pair:
        found, fitted = measured_connection(
            self._ready,
            x,
            y,
            kind=self._connection,
            delta=self.share,
            distance_bound=self._distance_bound,
            seed=self._seed,
            tick=self._tick,
        )
        if self._target is None:
            return Pair(found, None, None, None)
        return self._labelled_pair(self._target, found, fitted)

    def _labelled_pair(self, target: Target, found: Connection, fitted: Ridge) -> Pair:
        x, y = found.source, found.target
        both = self._fit(target, (x, y))
        predicted = fitted.predict(self._ready.rows(x, self._ready.held_out))
        real = self._loss(target, both, (x, y), {})
        fed = self._loss(target, both, (x, y), {y: predicted})
        return Pair(
            connection=found,
            adds=self._certified(target, x, f"{x} + {y}", real),
            two_stage=self._certified(target, x, f"{x} + predicted {y}", fed),
            bound=lu_bound(self._ready, target, found, fitted, both, delta=self.share),
        )

    def _certified(self, target: Target, x: str, other: str, losses: Floats) -> Certification:
        return certify(
            self._losses[x],
            losses,
            delta=self.share,
            loss_bound=target.loss_bound,
            # fixed by the task, not by what the losses turned out to be
            method="discordant" if target.zero_one else "empirical_bernstein",
            names=(x, other),
        )

    def _fit(self, target: Target, names: tuple[str, ...]) -> Ridge:
        fitted = fit_predictor(self._ready, target, names, self._predictor)
        self._tick()
        return fitted

    def _loss(
        self, target: Target, fitted: Ridge, names: Sequence[str], instead: Mapping[str, Floats]
    ) -> Floats:
        return held_out_losses(self._ready, target, fitted, names, instead)

    def _tick(self) -> None:
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, self._fits)


def _read(data: Any, labels: Any, groups: Groups | None) -> Dataset:
    if isinstance(data, Dataset):
        if labels is not None or groups is not None:
            raise InputError("a data set has its labels and modalities: leave labels and groups out")
        return data
    if isinstance(data, (str, Path)):
        if labels is not None and not isinstance(labels, str):
            raise InputError("labels of a file are a name, not values")
        return read_dataset(data, groups=groups, labels="y" if labels is None else labels)
    return as_dataset(data, labels=labels, groups=groups)


def _known(what: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise UnknownNameError(what, str(value), known)


def _names(data: Dataset, modalities: Sequence[str] | None, max_pairs: int) -> tuple[str, ...]:
    names = data.chosen(modalities)
    if len(names) < 2:
        raise InputError(
            f"{data.source}: a connection is between two modalities, and there is only '{names[0]}'"
        )
    if isinstance(max_pairs, bool) or not isinstance(max_pairs, int) or max_pairs < 1:
        raise InputError(f"max_pairs = {shorten(repr(max_pairs))} must be a whole number from 1 on")
    pairs = len(names) * (len(names) - 1)
    if pairs > max_pairs:
        raise InputError(
            f"{data.source}: {len(names)} modalities make {pairs} ordered pairs, more than max_pairs = "
            f"{max_pairs}: name fewer modalities or raise it"
        )
    return names


def _distance(value: float) -> float:
    least, most = _LEAST_DISTANCE, _LARGEST_DISTANCE
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
        raise DomainError(f"distance_bound = {shorten(repr(value))} is outside the domain (1e-9 ≤ D ≤ 1e9)")
    return float(value)


def _sizes(ready: Prepared, target: Target | None) -> dict[str, int]:
    sizes = {"setup": len(ready.setup), "training": len(ready.training), "held_out": len(ready.held_out)}
    return sizes if target is None else sizes | {"labelled": len(target.labelled)}


def _notes(data: Dataset, ready: Prepared, target: Target | None) -> tuple[str, ...]:
    said = [f"Modality '{name}': {note}" for name in ready.blocks for note in data.notes[name]]
    said += [
        f"Modality '{name}': {'one row is' if count == 1 else f'{count:,} rows are'} longer than twice the "
        "longest of the setup part, and shortened to that."
        for name, count in ready.shortened.items()
        if count
    ]
    said += [
        f"Modality '{name}': columns that vary, but not in the setup part, count for nothing: {count:,}."
        for name, count in ready.idle.items()
        if count
    ]
    classes = data.classes if target is not None and target.zero_one else None
    if classes is not None and target is not None and data.labels is not None:
        said += [
            f"{note[0].upper()}{note[1:]}." for note in class_notes(classes, data.labels[target.labelled])
        ]
    if target is None:
        said.append("Without labels only the connection is measured.")
    return tuple(said)
