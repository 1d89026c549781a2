"""Diagnosis of measured modalities: connection, heterogeneity, Lu's two-stage learner.

Why the guarantees are guarantees
---------------------------------
Three parts, drawn before anything is looked at. The setup part
fixes means, scales, radii, the distance bound D and the loss bound of a regression. The training
part fixes ĝ, f̂ and their strengths. Given these two, the held-out part is a sample of i.i.d.
examples on which nothing depends, so the limits for fixed predictors hold. δ is divided among all
statements. The cross-fitted numbers use every example but those of the setup part; their folds
share training examples, no interval is proved for them and nothing rests on them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

import numpy as np

from boundcalc.arguments import typed
from boundcalc.data.arrays import any_dataset
from boundcalc.data.dataset import Dataset
from boundcalc.data.diagnose.connection import STATEMENTS, measured_connection
from boundcalc.data.diagnose.diagnosis import Diagnosis, ModalityPair
from boundcalc.data.diagnose.lu_bound import lu_bound
from boundcalc.data.diagnose.target import Target, target_of
from boundcalc.data.fit.preparation import SCALES, Floats, Prepared, prepared
from boundcalc.data.fit.ridge import KINDS, Ridge
from boundcalc.data.labels import CLASSIFICATION, class_notes, likely_task
from boundcalc.data.tables import Groups
from boundcalc.errors import DomainError, InputError, argument, refuse_unknown, shorten
from boundcalc.numeric.decide.certification import Certification
from boundcalc.numeric.decide.certify_pairs import PairQuestion, certify_pairs
from boundcalc.numeric.decide.decision import part_of
from boundcalc.numeric.decide.sample import checked_seed, paired_sample
from boundcalc.numeric.domains import single
from boundcalc.text import all_of

Tick = Callable[[int, int], None]
_DISTANCES = 1e-9, 1e9


@typed
def diagnose(
    data: Any,
    *,
    labels: Any = None,
    groups: Groups | None = None,
    task: str | None = None,
    missing: str | None = None,
    categorical: str | Sequence[str] = (),
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
    missing : {"indicator", "drop"}, optional
        Missing values: the mean and a column that says where, or leave the example out; refused
        where left out.
    categorical : str or sequence of str
        Names or patterns of columns whose values are categories, also if they are numbers.
    modalities : sequence of str, optional
        Which ones; all where left out.
    connection, predictor : {"linear", "rbf"}
        Ridge regression, or kernel ridge with exp(−‖x − x′‖²/d): for ĝ from x to y, and for f̂ to
        the label.
    labelled : float
        The share of the training part whose labels are used; all its pairs (x, y) are used for ĝ.
    setup, held_out : float
        The shares of the examples that fix the units, and that are never trained on.
    distance_bound : float, optional
        D: longer distances count as D. Where left out the 95 % quantile of ‖y − ȳ‖ on the setup
        part.
    loss_bound : float, optional
        C: larger absolute errors of a regression count as C. Where left out the 95 % quantile of
        the absolute value of z − z̄ on the setup part.
    scale : {"columns", "none"}
        Whether columns are divided by their standard deviations; ``none`` keeps the units of the
        data.
    max_pairs : int
        More ordered pairs are an error.
    delta : float
        All limits hold together with probability at least 1 − delta, and so do all verdicts.
    seed : int
    progress : callable, optional
        Called with the fits done and the fits in all.

    Raises
    ------
    InputError
        For data or options that cannot be used.

    Examples
    --------
    >>> diagnose("examples/digits.npz").modalities[0]
    'top'
    """
    failure = single("delta", delta)
    for what, value, known in (
        ("connection", connection, KINDS),
        ("predictor", predictor, KINDS),
        ("scale", scale, SCALES),
    ):
        refuse_unknown(what, value, known)
    least, most = _DISTANCES
    if distance_bound is not None:
        if not least <= distance_bound <= most:
            said = f"{argument('distance_bound')} = {shorten(repr(distance_bound))}"
            raise DomainError(f"{said} is outside the domain (1e-9 ≤ D ≤ 1e9)")
        distance_bound = float(distance_bound)
    how = {"groups": groups, "missing": missing, "categorical": categorical}
    if isinstance(data, Dataset) and (labels is not None or any(how.values())):
        said = all_of([*map(argument, ("labels", "groups", "missing", "categorical"))])
        raise InputError(f"a data set has its labels and modalities: leave {said} out")
    read = any_dataset(data, labels=labels, **how)
    names = _names(read, modalities, max_pairs)
    seed = checked_seed(seed)
    ready = prepared(read, names, setup=setup, held_out=held_out, seed=seed, scale=scale)
    target = None
    if read.labels is not None or task is not None:
        chosen = task or likely_task(read.classes, read.source)
        read = read.for_task(task).fit_for(chosen)
        target = target_of(
            read,
            ready,
            classes=chosen == CLASSIFICATION,
            labelled=labelled,
            loss_bound=loss_bound,
            seed=seed,
        )
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


@dataclass(eq=False)
class _Run:
    """The fits, each made once."""

    ready: Prepared
    target: Target | None
    connection: str
    predictor: str
    distance_bound: float | None
    delta: float
    seed: int
    progress: Tick | None

    def __post_init__(self) -> None:
        names = tuple(self.ready.blocks)
        self.orders = tuple(permutations(names, 2))
        others = STATEMENTS if self.target is None else STATEMENTS + 1  # Lu's bound
        self.decided = 0 if self.target is None else 2 * len(self.orders)
        self.statements = others * len(self.orders) + self.decided
        self.share = part_of(self.delta, 1, self.statements)
        self.risks: dict[str, float] = {}
        self.losses: dict[str, Floats] = {}
        labelled = len(names) + 3 * len(self.orders)
        self.fits = labelled if self.target is not None else 2 * len(self.orders)
        self.done = 0

    def pairs(self) -> tuple[ModalityPair, ...]:
        """Every ordered pair."""
        if self.target is not None:
            for name in self.ready.blocks:
                found = self._held_out(self.target, self._fit(self.target, (name,)), (name,))
                self.losses[name], self.risks[name] = found, float(found.mean())
        fitted = [self._fitted(x, y) for x, y in self.orders]
        if self.target is None:
            return tuple(pair for pair, _ in fitted)
        verdicts = iter(self._certified(self.target, fitted))
        return tuple(
            replace(pair, adds=next(verdicts), two_stage=next(verdicts)) for pair, _ in fitted
        )

    def _fitted(self, x: str, y: str) -> tuple[ModalityPair, Mapping[str, Floats]]:
        """A pair before anything is decided, and the held-out losses of what x is compared with."""
        found, fitted = measured_connection(
            self.ready,
            x,
            y,
            kind=self.connection,
            delta=self.share,
            distance_bound=self.distance_bound,
            seed=self.seed,
            tick=self._tick,
        )
        target = self.target
        if target is None:
            return ModalityPair(found, None, None, None), {}
        both = self._fit(target, (x, y))
        predicted = {y: fitted.predict(self.ready.rows(x, self.ready.held_out))}
        bound = lu_bound(
            self.ready,
            found,
            fitted,
            both,
            outputs=target.codes.shape[1],
            labelled=len(target.labelled),
            loss_bound=target.loss_bound,
            delta=self.share,
        )
        losses = {
            f"{x} + {y}": self._held_out(target, both, (x, y)),
            f"{x} + predicted {y}": self._held_out(target, both, (x, y), predicted),
        }
        return ModalityPair(found, None, None, bound), losses

    def _certified(
        self, target: Target, fitted: Sequence[tuple[ModalityPair, Mapping[str, Floats]]]
    ) -> tuple[Certification, ...]:
        """All that is compared with some x alone, decided together."""
        names = [(pair.x, other) for pair, losses in fitted for other in losses]
        others = [found for _, losses in fitted for found in losses.values()]
        samples = [
            # 0/1 or not by the task, not by what the losses turned out to be
            paired_sample(self.losses[x], losses, target.loss_bound, target.zero_one)
            for (x, _), losses in zip(names, others, strict=True)
        ]
        delta = part_of(self.delta, self.decided, self.statements)
        return certify_pairs(samples, names, PairQuestion(delta, seed=self.seed))

    def _fit(self, target: Target, names: tuple[str, ...]) -> Ridge:
        fitted = target.fit(self.ready, names, self.predictor)
        self._tick()
        return fitted

    def _held_out(
        self,
        target: Target,
        fitted: Ridge,
        names: Sequence[str],
        instead: Mapping[str, Floats] | None = None,
    ) -> Floats:
        """The losses, some modalities replaced by what is predicted for them."""
        part = self.ready.held_out
        rows = {name: self.ready.rows(name, part) for name in names} | dict(instead or {})
        return target.losses(fitted, np.hstack([rows[name] for name in names]), part)

    def _tick(self) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.fits)


def _names(data: Dataset, modalities: Sequence[str] | None, max_pairs: int) -> tuple[str, ...]:
    names = data.chosen(modalities)
    if len(names) < 2:
        raise InputError(
            f"{data.source}: a connection is between two modalities, and there is only '{names[0]}'"
        )
    if not isinstance(max_pairs, int) or max_pairs < 1:
        said = f"{shorten(repr(max_pairs))} must be a whole number from 1 on"
        raise InputError(f"{argument('max_pairs')} = {said}")
    pairs = len(names) * (len(names) - 1)
    if pairs > max_pairs:
        raise InputError(
            f"{data.source}: {len(names)} modalities make {pairs} ordered pairs, more than "
            f"{argument('max_pairs')} = {max_pairs}: name fewer modalities or raise it"
        )
    return names


def _sizes(ready: Prepared, target: Target | None) -> dict[str, int]:
    sizes = {
        "setup": len(ready.setup),
        "training": len(ready.training),
        "held_out": len(ready.held_out),
    }
    return sizes if target is None else sizes | {"labelled": len(target.labelled)}


def _notes(data: Dataset, ready: Prepared, target: Target | None) -> tuple[str, ...]:
    remarks = dict.fromkeys((*data.remarks, *ready.remarks))
    classes = data.classes if target is not None and target.zero_one else None
    if classes is not None and target is not None and data.labels is not None:
        trained = class_notes(classes, data.labels[target.labelled])
    else:
        trained = ()
    said = [_sentence(remark) for remark in remarks]
    said += [f"Modality '{name}': {note}" for name in ready.blocks for note in data.notes[name]]
    said += [
        f"Modality '{name}': {'one row is' if count == 1 else f'{count:,} rows are'} longer than "
        "twice the longest of the setup part, and shortened to that."
        for name, count in ready.shortened.items()
        if count
    ]
    idle = "columns that vary, but not in the setup part, count for nothing"
    found = ready.idle.items()
    said += [f"Modality '{name}': {idle}: {count:,}." for name, count in found if count]
    said += [_sentence(note) for note in trained]
    if target is None:
        said.append("Without labels only the connection is measured.")
    return tuple(said)


def _sentence(note: str) -> str:
    return f"{note[0].upper()}{note[1:]}."
