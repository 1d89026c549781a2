"""Lu's sine world: x tells z only through y, and y is easy to learn from unlabelled pairs.

x is uniform on [1/2, 1], y = θx, z = sin(1/y), and the label is whether z > 0; no noise. Connections are
x ↦ θx; predictors are the label as a function of y, and its negation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.errors import ConvergenceError, DomainError
from boundcalc.worlds.checks import Floats, generator, number, whole

LOW, HIGH = 0.5, 1.0
_BATCH, _MOST_BATCHES = 4096, 250
_MOST_CROSSINGS = 10_000_000


@dataclass(frozen=True)
class SinePredictor:
    """x ↦ whether sin(frequency/x) > 0, or the negation of it; `frequency` is 1/θ."""

    frequency: float
    flipped: bool = False

    def __call__(self, x: Any) -> NDArray[np.bool_]:
        """The labels at some points."""
        return np.asarray((np.sin(self.frequency / np.asarray(x)) > 0) ^ self.flipped)

    def crossings(self) -> Floats:
        """Where the label changes."""
        first, last = (int(np.floor(self.frequency / (np.pi * x))) for x in (HIGH, LOW))
        return np.asarray(self.frequency / (np.pi * np.arange(last, first, -1)))


@dataclass(frozen=True)
class SineWorld:
    """y = θx, z = sin(1/y), x uniform on [1/2, 1]; the label is whether z > 0.

    Parameters
    ----------
    theta : float
        0 < θ ≤ 1.

    Examples
    --------
    >>> world = SineWorld(theta=0.1)
    >>> world.error(SinePredictor(10.0))
    0.0
    """

    theta: float

    def __post_init__(self) -> None:
        theta = number("theta", self.theta)
        if not 0 < theta <= 1:
            raise DomainError(f"theta is {theta:g}: it has to be in (0, 1]")
        object.__setattr__(self, "theta", theta)

    @property
    def truth(self) -> SinePredictor:
        """The predictor that is always right."""
        return SinePredictor(1 / self.theta)

    def draw(self, count: int, seed: Any) -> Floats:
        """Points x."""
        return np.asarray(generator(seed).uniform(LOW, HIGH, whole("count", count, 1)))

    def sample(self, m: int, seed: Any) -> tuple[Floats, Floats, Floats]:
        """m triples: x, y = θx and z = sin(1/y)."""
        x = self.draw(m, seed)
        y = self.theta * x
        return x, y, np.sin(1 / y)

    def error(self, learned: SinePredictor) -> float:
        """The exact share of [1/2, 1] on which a predictor is wrong: labels change at crossings only."""
        if learned.frequency > _MOST_CROSSINGS:
            raise DomainError(
                f"frequency is {learned.frequency:g}: the error is computed up to {_MOST_CROSSINGS:g}"
            )
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
        connection = SinePredictor(float(np.mean(np.asarray(x) / np.asarray(y))))
        wrong = np.mean(connection(labelled) != self.truth(labelled))
        return SinePredictor(connection.frequency, bool(wrong > 0.5))

    def learn_unimodal(self, labelled: Any, seed: Any, *, highest: float = 1e6) -> SinePredictor:
        """From labels alone: the first 1/θ, in random order from [1, highest], that fits, perhaps negated.

        One empirical risk minimiser of many.

        Raises
        ------
        ConvergenceError
            If none of a million fits.
        """
        rng, right = generator(seed), self.truth(labelled)
        for _ in range(_MOST_BATCHES):
            frequency = rng.uniform(1, number("highest", highest), _BATCH)
            labels = np.sin(np.outer(frequency, 1 / np.asarray(labelled))) > 0
            wrong = np.mean(labels != right, axis=1)
            (fits,) = np.nonzero((wrong == 0) | (wrong == 1))
            if len(fits):
                return SinePredictor(float(frequency[fits[0]]), bool(wrong[fits[0]] == 1))
        raise ConvergenceError(
            f"none of {_BATCH * _MOST_BATCHES:,} values of 1/theta up to {highest:g} fits {len(right)} labels"
        )
