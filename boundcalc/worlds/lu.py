"""Lu's two worlds, in which y is easy to learn from unlabelled pairs, and the gain from that exact.

The sine world: x is uniform on [1/2, 1], y = θx, z = sin(1/y), and the label is whether z > 0; no
noise. Connections are x ↦ θx; predictors are the label as a function of y, and its negation.

The table world: x is uniform on N points, y = g*(x) in {0, 1} is an arbitrary table, and the label
of a task is y itself or its negation. Who never saw y has to learn the table from labels of one
task; who sees unlabelled pairs (x, y) learns it from them, and one label then tells the identity
from the negation.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log1p
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.errors import ConvergenceError, DomainError, InputError, shorten
from boundcalc.worlds.checks import (
    Floats,
    Ints,
    checked_number,
    checked_numbers,
    checked_whole,
    generator,
)

Bits = NDArray[np.bool_]

LOW, HIGH = 0.5, 1.0
_BATCH, _MOST_BATCHES = 4096, 250
_LABELS_AT_ONCE = 500
_MOST_CROSSINGS = _MOST_DRAWN = 10_000_000
_LEAST_THETA = 1e-12  # below, the rounding of 1/y decides the labels


@dataclass(frozen=True)
class SinePredictor:
    """x ↦ whether sin(frequency/x) > 0, or the negation of it; `frequency` is 1/θ."""

    frequency: float
    flipped: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "frequency", checked_number("frequency", self.frequency))
        if not isinstance(self.flipped, bool | np.bool_):
            raise InputError(f"flipped is {shorten(self.flipped)}: it has to be True or False")

    def __call__(self, x: Any) -> Bits:
        """The labels at some points."""
        return np.asarray((np.sin(self.frequency / _positive("x", x, (...,))) > 0) ^ self.flipped)

    def crossings(self) -> Floats:
        """Where the label changes.

        Raises
        ------
        DomainError
            If it changes too often for a list of these points.
        """
        if self.frequency > _MOST_CROSSINGS:
            raise DomainError(
                f"frequency is {self.frequency:g}: the changes of the label are listed up to "
                f"{_MOST_CROSSINGS:g}"
            )
        first, last = (int(np.floor(self.frequency / (np.pi * x))) for x in (HIGH, LOW))
        return np.asarray(self.frequency / (np.pi * np.arange(last, first, -1)))


@dataclass(frozen=True)
class SineWorld:
    """y = θx, z = sin(1/y), x uniform on [1/2, 1]; the label is whether z > 0.

    Parameters
    ----------
    theta : float
        1e-12 ≤ θ ≤ 1.

    Examples
    --------
    >>> world = SineWorld(theta=0.1)
    >>> world.error(SinePredictor(10.0))
    0.0
    """

    theta: float

    def __post_init__(self) -> None:
        theta = checked_number("theta", self.theta)
        if not _LEAST_THETA <= theta <= 1:
            raise DomainError(f"theta is {theta:g}: it has to be in [{_LEAST_THETA:g}, 1]")
        object.__setattr__(self, "theta", theta)

    @property
    def truth(self) -> SinePredictor:
        """The predictor that is always right."""
        return SinePredictor(1 / self.theta)

    def draw(self, count: int, seed: Any) -> Floats:
        """Points x."""
        size = checked_whole("count", count, 1, _MOST_DRAWN)
        return np.asarray(generator(seed).uniform(LOW, HIGH, size))

    def sample(self, m: int, seed: Any) -> tuple[Floats, Floats, Floats]:
        """m triples: x, y = θx and z = sin(1/y)."""
        x = self.draw(checked_whole("m", m, 1, _MOST_DRAWN), seed)
        y = self.theta * x
        return x, y, np.sin(1 / y)

    def error(self, learned: SinePredictor) -> float:
        """The exact share of [1/2, 1] on which a predictor is wrong: between crossings."""
        if not isinstance(learned, SinePredictor):
            raise InputError(f"learned is {shorten(learned)}: it has to be a SinePredictor")
        cuts = np.sort(np.concatenate([[LOW, HIGH], self.truth.crossings(), learned.crossings()]))
        middles = (cuts[1:] + cuts[:-1]) / 2
        wrong = learned(middles) != self.truth(middles)
        return float(np.diff(cuts) @ wrong / (HIGH - LOW))

    def learn_multimodal(self, x: Any, y: Any, labelled: Any) -> SinePredictor:
        """The two-stage learner: θ from unlabelled pairs, then the label or its negation.

        Parameters
        ----------
        x, y : array
            Unlabelled pairs; without noise one is enough.
        labelled : array
            Points of labelled examples, whose labels are this world's.
        """
        known = _positive("x", x, (None,))
        with np.errstate(over="ignore"):
            slopes = known / _positive("y", y, known.shape)
        labelled = _positive("labelled", labelled, (None,))
        connection = SinePredictor(float(slopes.mean()))
        wrong = np.mean(connection(labelled) != self.truth(labelled))
        return SinePredictor(connection.frequency, bool(wrong > 0.5))

    def learn_unimodal(self, labelled: Any, seed: Any, *, highest: float = 1e6) -> SinePredictor:
        """From labels alone: the first 1/θ, in random order from [1, highest], that fits.

        One empirical risk minimiser of many.

        Raises
        ------
        ConvergenceError
            If none of a million fits.
        """
        labelled = _positive("labelled", labelled, (None,))
        rng, right, highest = (
            generator(seed),
            self.truth(labelled),
            checked_number("highest", highest),
        )
        if not 1 <= highest <= 1 / _LEAST_THETA:
            raise DomainError(f"highest is {highest:g}: it has to be in [1, {1 / _LEAST_THETA:g}]")
        for _ in range(_MOST_BATCHES):
            frequency = rng.uniform(1, highest, _BATCH)
            fits, negated = _agreeing(frequency, labelled, right)
            (found,) = np.nonzero(fits | negated)
            if len(found):
                return SinePredictor(float(frequency[found[0]]), bool(negated[found[0]]))
        raise ConvergenceError(
            f"none of {_BATCH * _MOST_BATCHES:,} values of 1/theta up to {highest:g} fits "
            f"{len(right)} labels"
        )


def _agreeing(frequency: Floats, labelled: Floats, right: Bits) -> tuple[Bits, Bits]:
    """Which frequencies give all labels, and which the negation of all; some labels at a time."""
    fits, negated = (np.ones(len(frequency), dtype=bool) for _ in range(2))
    for start in range(0, len(labelled), _LABELS_AT_ONCE):
        part = slice(start, start + _LABELS_AT_ONCE)
        same = (np.sin(np.outer(frequency, 1 / labelled[part])) > 0) == right[part]
        fits &= same.all(axis=1)
        negated &= ~same.any(axis=1)
        if not np.any(fits | negated):
            break
    return fits, negated


def _positive(name: str, value: Any, shape: tuple[Any, ...]) -> Floats:
    """An array of numbers above 0, at least one."""
    found = checked_numbers(name, value, shape)
    if not found.size:
        raise InputError(f"{name} is empty: it has to have at least one number")
    if np.any(found <= 0):
        raise DomainError(f"{name} has the entry {found.min():g}: it has to be above 0")
    return found


# --- the table world ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class TableSample:
    """One draw: the truth, the unlabelled pairs, and the labelled triples of each task.

    Attributes
    ----------
    table : ndarray of shape (points,)
        y at each point.
    negated : ndarray of shape (tasks,)
        Whether a task's label is the negation of y.
    pairs : ndarray of shape (m,)
        The points x of the unlabelled pairs; their y is table[pairs].
    triples : ndarray of shape (tasks, n)
        The points x of the labelled triples.
    coins : ndarray of shape (tasks, points)
        What the unimodal learner answers at a point that it has not seen.
    guess : ndarray of shape (points,)
        What the learned connection says of a point that is in no pair.
    """

    table: Bits
    negated: Bits
    pairs: Ints
    triples: Ints
    coins: Bits
    guess: Bits

    def y(self, x: Ints) -> Bits:
        """The second modality at some points."""
        return np.asarray(self.table[x])

    def labels(self) -> Bits:
        """z of the triples, shape (tasks, n)."""
        return self.table[self.triples] ^ self.negated[:, None]

    @property
    def truth(self) -> Bits:
        """The right label at every point, shape (tasks, points)."""
        return self.table ^ self.negated[:, None]


@dataclass(frozen=True)
class TableWorld:
    """x uniform on `points` points, y a table of zeros and ones, z = y or its negation; 0/1 loss.

    Parameters
    ----------
    points : int
        N, the number of points.

    Examples
    --------
    >>> world = TableWorld(points=2)
    >>> world.unimodal_error(1), world.multimodal_error(3)
    (0.25, 0.0625)
    """

    points: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", checked_whole("points", self.points, 1))

    def _unseen(self, size: int) -> float:
        """P(a point is not among `size` draws) = (1 − 1/N)^size, without loss of digits."""
        if self.points == 1:
            return float(size == 0)
        try:
            return exp(size * log1p(-1 / self.points))
        except OverflowError:  # more draws than a float can count
            return 0.0

    def unimodal_error(self, n: int) -> float:
        """½(1 − 1/N)ⁿ: the expected error of a table learned from n labels, coins off them."""
        return 0.5 * self._unseen(checked_whole("n", n, 0))

    def multimodal_error(self, m: int) -> float:
        """½(1 − 1/N)ᵐ: the expected error with the table learned from m unlabelled pairs.

        A task needs one label or more to tell y from its negation; without any its error is ½.
        """
        return 0.5 * self._unseen(checked_whole("m", m, 0))

    def sample(self, m: int, n: int, seed: Any, *, tasks: int = 1) -> TableSample:
        """m unlabelled pairs, and n labelled triples for each task; the table is drawn as well."""
        m, n, tasks = (
            checked_whole("m", m, 0),
            checked_whole("n", n, 0),
            checked_whole("tasks", tasks, 1),
        )
        rng = generator(seed)
        return TableSample(
            table=rng.random(self.points) < 0.5,
            negated=rng.random(tasks) < 0.5,
            pairs=rng.integers(self.points, size=m),
            triples=rng.integers(self.points, size=(tasks, n)),
            coins=rng.random((tasks, self.points)) < 0.5,
            guess=rng.random(self.points) < 0.5,
        )

    def learn_unimodal(self, data: TableSample) -> Bits:
        """For each task the table of its labels, a fair coin elsewhere; shape (tasks, points)."""
        learned = data.coins.copy()
        np.put_along_axis(learned, data.triples, data.labels(), axis=1)
        return learned

    def learn_multimodal(self, data: TableSample) -> Bits:
        """The two-stage learner: a connection from pairs, then identity or negation from labels.

        The connection is one for all tasks, a fair coin where no pair was seen; a task without
        labels takes the identity. Shape (tasks, points).
        """
        connection = data.guess.copy()
        connection[data.pairs] = data.y(data.pairs)
        if not data.triples.shape[1]:
            return np.tile(connection, (len(data.triples), 1))
        negated = data.labels()[:, 0] ^ data.y(data.triples[:, 0])
        return np.asarray(connection ^ negated[:, None])

    def errors(self, data: TableSample, learned: Bits) -> Floats:
        """The exact error of what was learned, for each task."""
        return np.asarray((learned != data.truth).mean(axis=1))
