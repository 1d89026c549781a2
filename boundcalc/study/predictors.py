"""The linear predictor of one subset: its norm, losses and complexity, and what is suspicious."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.calculus import function_class
from boundcalc.data.dataset import Dataset
from boundcalc.data.estimate.estimate import estimate
from boundcalc.data.estimate.result import Estimate
from boundcalc.data.fit.ball import Metric, Surrogate, path
from boundcalc.data.fit.linear_predictors import FitProblem, linear_scores
from boundcalc.data.fit.preparation import Floats, Ints, joined, row_lengths
from boundcalc.data.tables import is_sparse
from boundcalc.errors import shorten
from boundcalc.numeric.complexity import ComplexityValue, complexity
from boundcalc.numeric.decide.losses import Groups
from boundcalc.study.design import Design, Fit, Losses, NormChoice, drawn
from boundcalc.study.study import Subset
from boundcalc.text import count

_VALIDATION = 0.25
_SQRT2 = math.sqrt(2)
_BLOCK_ENTRIES = 2**20
_OUTWARD = 1 + 1e-12  # more than rounding takes away from a length


@dataclass(frozen=True, eq=False)
class Halves:
    """The data, split and scaled.

    The features of each modality have length at most 1; `problem` and `held_out` are the losses on
    both parts. Of the training part `check` has the features of the examples that choose a norm,
    `checked` their losses. Of all columns side by side are the metric and both `fits`: of what is
    fitted to choose a norm, and of all of the training part.
    """

    train: Mapping[str, Any]
    test: Mapping[str, Any]
    problem: FitProblem
    held_out: FitProblem
    check: Mapping[str, Any]
    checked: FitProblem
    fits: tuple[Surrogate, Surrogate]
    metric: Metric

    @classmethod
    def of(
        cls,
        train: Mapping[str, Any],
        test: Mapping[str, Any],
        problem: FitProblem,
        held_out: FitProblem,
        *,
        design: Design,
        groups: Groups | None = None,
    ) -> Halves:
        """Choose which training examples choose the norms, group by group; make the metric."""
        m = len(problem.y)
        parts = drawn(np.arange(m), (1 - _VALIDATION, _VALIDATION), design.seed, groups)
        everything = joined(train, tuple(train), design.intercept)
        fitted, check = (Surrogate.of(everything[rows], problem.part(rows)) for rows in parts)
        features = {name: X[parts[1]] for name, X in train.items()}
        fits, metric = (fitted, fitted + check), Metric.of(everything)
        on = problem.part(parts[1])
        return cls(train, test, problem, held_out, features, on, fits, metric)

    def places(self, names: tuple[str, ...], *, intercept: bool) -> list[int]:
        """The columns of some modalities, and of the intercept."""
        start, places = 0, list[int]()
        for name, X in self.train.items():
            places += range(start, start + X.shape[1]) if name in names else ()
            start += X.shape[1]
        return places + [start] * intercept


@dataclass(frozen=True, eq=False)
class FittedPredictor:
    """A fitted predictor.

    Attributes
    ----------
    fit : Fit
    test_losses : ndarray
        The ramp or clipped absolute loss of each held-out example.
    test_errors : ndarray or None
        Its 0/1 loss.
    intrinsic : float or None
        c, where R = √(c/m) bounds the expected complexity, known before the data.
    candidates : int
        The norms of the grid.
    estimate : Estimate or None
    """

    fit: Fit
    test_losses: Floats
    test_errors: Floats | None
    intrinsic: float | None
    candidates: int
    estimate: Estimate | None

    def by_errors(self) -> Subset:
        """What the held-out errors say."""
        return Subset(self.fit.modalities, test_losses=self.test_errors, place=self.place)

    def by_losses(self, *, held_out: bool) -> Subset:
        """What the training part says of the loss that it was fitted for, with the held-out losses
        or not.

        No loss is negative, so the training loss is within itself of the least of the class.
        """
        return Subset(
            self.fit.modalities,
            train_loss=self.fit.train_loss,
            test_losses=self.test_losses if held_out else None,
            complexity=self.intrinsic,
            rademacher_empirical=self.fit.rademacher_empirical,
            optimisation_gap=self.fit.train_loss,
            candidates=self.candidates,
            estimate=self.estimate,
            place=self.place,
        )

    @property
    def place(self) -> str:
        """The names of its modalities."""
        return "+".join(self.fit.modalities)


def fitted_predictor(
    names: tuple[str, ...], halves: Halves, design: Design, loss: str
) -> FittedPredictor:
    """Fit the predictor of one subset."""
    problem, held_out, m = halves.problem, halves.held_out, len(halves.problem.y)
    squares = sum(float(np.sum(row_lengths(halves.train[name]) ** 2)) for name in names)
    squares += m * design.intercept
    # a hair more, so that rounding takes nothing from the lengths
    frobenius = math.sqrt(squares) * _OUTWARD
    radius = math.sqrt(len(names) + design.intercept) * _OUTWARD
    unit = _class(problem, 1.0, m, frobenius=frobenius).value
    norm, W = _chosen(names, halves, design, loss, scale=squares / m, unit=unit)
    scores = linear_scores(halves.test, names, W)
    losses, errors = held_out.losses(scores), held_out.errors(scores)
    for kept in (losses, errors):
        if kept is not None:
            kept.setflags(write=False)
    fit = Fit(
        modalities=names,
        norm=norm,
        train_loss=float(problem.losses(linear_scores(halves.train, names, W)).mean()),
        test_loss=float(losses.mean()),
        test_errors=None if errors is None else int(errors.sum()),
        rademacher_empirical=_class(problem, norm, m, frobenius=frobenius).value,
    )
    intrinsic, draws = _class(problem, norm, m, radius=radius).intrinsic, None
    if design.draws:  # of the complexity of the margins, or of the one score
        how: dict[str, Any] = {"outputs": problem.outputs, "seed": design.seed}
        # margins are √2-Lipschitz in the scores, and Maurer's contraction costs another √2
        how["norm"] = norm if problem.outputs == 1 else 2 * norm
        X = joined(halves.train, names, design.intercept)
        draws = estimate(X, "linear", draws=design.draws, **how)
    return FittedPredictor(fit, losses, errors, intrinsic, len(design.norms), draws)


def _chosen(
    names: tuple[str, ...], halves: Halves, design: Design, loss: str, *, scale: float, unit: float
) -> tuple[float, Floats]:
    """The norm and the weights, by the training part alone; the smaller of two norms that are as
    good.
    """
    norms, problem = [float(B) for B in design.norms], halves.problem
    places = halves.places(names, intercept=design.intercept)
    metric = halves.metric.on(places, scale)
    most, everything = (surrogate.on(places) for surrogate in halves.fits)
    if design.choose == NormChoice.BOUND:
        fits = path(everything, norms, metric)
        bounds = [
            float(problem.losses(linear_scores(halves.train, names, W)).mean())
            + 2 * problem.lipschitz * B * unit
            for B, W in zip(norms, fits, strict=True)
        ]
        i = int(np.argmin(bounds))
        return norms[i], fits[i]
    on, reached = halves.checked, []
    fits = path(most, norms, metric)
    for W in fits:
        scores = linear_scores(halves.check, names, W)
        errors = on.errors(scores) if loss == Losses.ZERO_ONE else None
        reached.append(on.mean(on.losses(scores) if errors is None else errors))
    i = int(np.argmin(reached))
    return norms[i], path(everything, norms[i : i + 1], metric, fits[i])[0]


def _class(
    problem: FitProblem,
    norm: float,
    m: int,
    *,
    frobenius: float | None = None,
    radius: float | None = None,
) -> ComplexityValue:
    """The complexity of the margins, or of the one score: on the sample, or known before it."""
    size = {"frobenius": frobenius} if radius is None else {"radius": radius}
    of = partial(function_class, m=m, form=None, average=None, norm=norm, **size)
    if problem.outputs == 1:
        return complexity(of("linear-l2"))
    scores = of("linear-frobenius", outputs=problem.outputs)
    return complexity(scores.vector_contraction(_SQRT2))


_SHOWN = 4


def suspicions(
    data: Dataset,
    training: Ints,
    held_out: Ints,
    problem: FitProblem,
    found: Sequence[FittedPredictor],
) -> Iterator[str]:
    """One sentence each: constant modalities, copies, predictors that are no better than a
    constant. The problem has the losses of all examples.
    """
    X: Any
    for name, X in data.modalities.items():
        if not X.nnz if is_sparse(X) else (X[:1] == X[:1000]).all() and (X[:1] == X).all():
            yield f"the modality {shorten(name)} is constant: it can tell nothing"
    copies = _copies(data, training, held_out)
    if copies:
        yield (
            f"{count(copies)} of {count(len(held_out))} held-out examples are exact copies of "
            "training examples: if rows were repeated, they are not independent, and no limit holds"
        )
    yield from _no_better(data, training, held_out, problem, found)


def _copies(data: Dataset, training: Ints, held_out: Ints) -> int:
    """How many held-out examples have all features and the label of a training example."""
    labels = np.asarray(data.labels).reshape(data.m, 1)
    marks = np.zeros(data.m, np.uint64)
    for k, X in enumerate((labels, *data.modalities.values())):
        marks += _marks(X, k)
    # few have the mark of another, and only these are compared
    alike = np.isin(marks[training], marks[held_out]), np.isin(marks[held_out], marks[training])
    seen = set(_rows(data, training[alike[0]]))
    return sum(row in seen for row in _rows(data, held_out[alike[1]]))


def _marks(X: Any, seed: int) -> NDArray[np.uint64]:
    """A number for each row, the same for rows with the same bytes, and rarely for others."""
    m, d = X.shape
    factors = np.random.default_rng(seed).integers(1, 2**63, d, np.uint64)
    if is_sparse(X):
        sums = np.append(np.uint64(0), np.cumsum(_words(X.data) * factors[X.indices]))
        return np.asarray(sums[X.indptr[1:]] - sums[X.indptr[:-1]])
    size = max(1, _BLOCK_ENTRIES // d)
    return np.concatenate([_words(X[i : i + size]) @ factors for i in range(0, m, size)])


def _words(entries: NDArray[Any]) -> NDArray[np.uint64]:
    """The bytes of each entry as a number, where the lower half depends on the upper one."""
    words = np.ascontiguousarray(entries).view(f"u{entries.itemsize}").astype(np.uint64)
    words ^= words >> np.uint64(32)
    return words


def _rows(data: Dataset, rows: Ints) -> Iterator[bytes]:
    """What tells one example from another: all features and the label."""
    blocks = [X[rows] for X in data.modalities.values()]
    blocks.append(np.asarray(data.labels)[rows].reshape(len(rows), 1))

    def told(block: Any, i: int) -> bytes:
        if not is_sparse(block):
            return bytes(block[i].tobytes())
        part = slice(block.indptr[i], block.indptr[i + 1])
        return bytes(block.indices[part].tobytes() + block.data[part].tobytes())

    for i in range(len(rows)):
        yield b"".join(told(block, i) for block in blocks)


def _no_better(
    data: Dataset,
    training: Ints,
    held_out: Ints,
    problem: FitProblem,
    found: Sequence[FittedPredictor],
) -> Iterator[str]:
    """Predictors whose held-out loss is no less than that of a constant one."""
    labels, n = np.asarray(data.labels), len(held_out)
    if found[0].test_errors is not None:
        values, sizes = np.unique(labels[training], return_counts=True)
        constant = float(np.mean(labels[held_out] != values[sizes.argmax()]))
        reached = [(one.fit.test_errors or 0) / n for one in found]
        said = f"always naming the largest class errs on {constant:.3g} of the held-out examples"
    else:
        constant = float(problem.part(held_out).losses(np.zeros((1, n))).mean())
        reached = [one.fit.test_loss for one in found]
        said = f"always predicting the mean of the first part has a held-out loss of {constant:.3g}"
    worse = [one.place for one, loss in zip(found, reached, strict=True) if loss >= constant]
    if worse:
        more = f" and {len(worse) - _SHOWN} more" if len(worse) > _SHOWN else ""
        are = "is" if len(worse) == 1 else "are"
        yield f"{said}, and {', '.join(worse[:_SHOWN])}{more} {are} no better"
