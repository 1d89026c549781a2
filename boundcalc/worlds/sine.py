"""Lu's sine world: x tells z only through y, and y is easy to learn from unlabelled pairs.

x is uniform on [1/2, 1], y = θx, z = sin(1/y), and the label is whether z > 0; no noise.
Connections are x ↦ θx; predictors are the label as a function of y, and its negation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.errors import ConvergenceError, DomainError, InputError, shorten
from boundcalc.worlds.checks import Floats, generator, number, numbers, whole

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
        object.__setattr__(self, "frequency", number("frequency", self.frequency))
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
        theta = number("theta", self.theta)
        if not _LEAST_THETA <= theta <= 1:
            raise DomainError(f"theta is {theta:g}: it has to be in [{_LEAST_THETA:g}, 1]")
        object.__setattr__(self, "theta", theta)

    @property
    def truth(self) -> SinePredictor:
        """The predictor that is always right."""
        return SinePredictor(1 / self.theta)

    def draw(self, count: int, seed: Any) -> Floats:
        """Points x."""
        size = whole("count", count, 1, _MOST_DRAWN)
        return np.asarray(generator(seed).uniform(LOW, HIGH, size))

    def sample(self, m: int, seed: Any) -> tuple[Floats, Floats, Floats]:
        """m triples: x, y = θx and z = sin(1/y)."""
        x = self.draw(whole("m", m, 1, _MOST_DRAWN), seed)
        y = self.theta * x
        return x, y, np.sin(1 / y)

    def error(self, learned: SinePredictor) -> float:
        """The exact share of [1/2, 1] on which a predictor is wrong: labels change at crossings
        only.
        """
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
        """From labels alone: the first 1/θ, in random order from [1, highest], that fits, perhaps
        negated.

        One empirical risk minimiser of many.

        Raises
        ------
        ConvergenceError
            If none of a million fits.
        """
        labelled = _positive("labelled", labelled, (None,))
        rng, right, highest = generator(seed), self.truth(labelled), number("highest", highest)
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
    found = numbers(name, value, shape)
    if not found.size:
        raise InputError(f"{name} is empty: it has to have at least one number")
    if np.any(found <= 0):
        raise DomainError(f"{name} has the entry {found.min():g}: it has to be above 0")
    return found
