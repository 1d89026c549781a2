"""The table world: a rich connection, where the gain from unlabelled pairs is known exactly.

x is uniform on N points, y = g*(x) in {0, 1} is an arbitrary table, and the label of a task is y
itself or its negation. Who never saw y has to learn the table from labels of one task; who sees
unlabelled pairs (x, y) learns it from them, and one label then tells the identity from the
negation.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log1p
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.worlds.checks import Floats, Ints, generator, whole

Bits = NDArray[np.bool_]


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
    """x uniform on `points` points, y an arbitrary table of zeros and ones, z = y or its negation;
    0/1 loss.

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
        object.__setattr__(self, "points", whole("points", self.points, 1))

    def _unseen(self, size: int) -> float:
        """P(a point is not among `size` draws) = (1 − 1/N)^size, without loss of digits."""
        if self.points == 1:
            return float(size == 0)
        try:
            return exp(size * log1p(-1 / self.points))
        except OverflowError:  # more draws than a float can count
            return 0.0

    def unimodal_error(self, n: int) -> float:
        """½(1 − 1/N)ⁿ: the expected error of a table learned from n labels of one task, coins off
        them.
        """
        return 0.5 * self._unseen(whole("n", n, 0))

    def multimodal_error(self, m: int) -> float:
        """½(1 − 1/N)ᵐ: the expected error with the table learned from m unlabelled pairs.

        A task needs one label or more to tell y from its negation; without any its error is ½.
        """
        return 0.5 * self._unseen(whole("m", m, 0))

    def sample(self, m: int, n: int, seed: Any, *, tasks: int = 1) -> TableSample:
        """m unlabelled pairs, and n labelled triples for each task; the table is drawn as well.

        Parameters
        ----------
        m, n, tasks : int
        seed : int, numpy.random.SeedSequence or numpy.random.Generator
        """
        m, n, tasks = whole("m", m, 0), whole("n", n, 0), whole("tasks", tasks, 1)
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
        """The two-stage learner: a connection from the pairs, then identity or negation from a
        task's labels.

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
