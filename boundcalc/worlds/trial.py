"""What a simulation repeats: draw, fit, and the bounds of the catalogue on what was learned."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from typing import Any, Protocol

import numpy as np
from numpy.random import SeedSequence
from numpy.typing import NDArray

from boundcalc.conventions import Side
from boundcalc.numeric.evaluate import evaluate
from boundcalc.symbolic.catalogue import theorem
from boundcalc.worlds.families import Floats


@dataclass(frozen=True)
class Statement:
    """One form of a bound on one quantity of a world.

    Attributes
    ----------
    id, variant : str
    subject : str
        The subset that it speaks of, or two of them.
    quantity : str
        What is bounded.
    mean : bool
        Whether it is a statement about the expectation: then single draws cannot violate it.
    difference : bool
        Whether it bounds the difference of two risks, of which a ratio says nothing.
    width : float
        For a statement about the expectation: the length of an interval that has all values of what is
        bounded; infinite where there is none.
    """

    id: str
    variant: str
    subject: str
    quantity: str
    mean: bool = False
    difference: bool = False
    width: float = inf

    @property
    def side(self) -> Side:
        """Whether it is an upper or a lower limit."""
        return theorem(self.id).variant(self.variant).side

    @property
    def exact(self) -> bool:
        """Whether it is an equation."""
        return theorem(self.id).variant(self.variant).relation == "="


@dataclass(frozen=True)
class Found:
    """A statement on some repetitions: the truth and the bound on each, and whether the bound is vacuous."""

    statement: Statement
    truth: Floats
    bound: Floats
    vacuous: NDArray[np.bool_]


@dataclass(frozen=True)
class Block:
    """Some repetitions at one size: the statements, and the risk of each learner."""

    found: tuple[Found, ...]
    risks: Floats


@dataclass(frozen=True)
class Crossing:
    """From which size on one learner is better than another; None where it never is.

    Attributes
    ----------
    more, less : str
    predicted : int or None
        By the bounds.
    exact : int or None
        In expected risk.
    vacuous : bool
        Whether both bounds say nothing where they cross.
    """

    more: str
    less: str
    predicted: int | None
    exact: int | None
    vacuous: bool


class Trial(Protocol):
    """A world, its learners and the bounds that apply to them."""

    @property
    def learners(self) -> tuple[str, ...]:
        """The names of the learners, in the order of the risks."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What is compared with what, in sentences."""

    @property
    def axis(self) -> str:
        """What the sizes count."""

    @property
    def risk(self) -> str:
        """What the risk of the learners is."""

    @property
    def loss(self) -> str:
        """What the bounds speak of."""

    @property
    def bounds(self) -> Mapping[str, tuple[str, str]]:
        """The bound on each learner, id and variant: crossovers are predicted where two of them cross."""

    def expected(self, size: int) -> tuple[float, ...]:
        """The exact expected risk of each learner; infinite where the mean is, NaN without a closed form."""

    def crossings(self) -> tuple[Crossing, ...]:
        """The pairs of learners, and where the first is better."""

    def block(self, size: int, seeds: Sequence[SeedSequence]) -> Block:
        """One repetition for each seed."""


@dataclass(frozen=True)
class Experiment(ABC):
    """A world and how often it is drawn from; plain values only, so that it can be sent to another machine.

    Attributes
    ----------
    title : str
    sizes : tuple of int
    repetitions : int
    delta : float
        The failure probability of every bound by itself.
    seed : int
    """

    title: str
    sizes: tuple[int, ...]
    repetitions: int
    delta: float
    seed: int

    @abstractmethod
    def drawn(self, size: int) -> int:
        """About how many numbers one repetition at a size draws."""

    @abstractmethod
    def build(self) -> Trial:
        """The world with its learners and bounds."""


@lru_cache(maxsize=8)
def trial_of(experiment: Experiment) -> Trial:
    """The trial of an experiment, built once in each process."""
    return experiment.build()


def applied(statement: Statement, truth: Any, *, scale: float = 1.0, **known: Any) -> Found:
    """Evaluate a bound with those of the known numbers that it needs.

    Parameters
    ----------
    truth : array
        The quantity that it bounds, on each repetition.
    scale : float
        What the value is multiplied with, for limits on a loss in [0, 1].
    """
    names = [p.name for p in theorem(statement.id).variant(statement.variant).parameters]
    given = {name: known[name] for name in names if name in known}
    result = evaluate(statement.id, variant=statement.variant, **given)
    shape = np.shape(truth)
    bound = scale * np.broadcast_to(result.value, shape)
    return Found(statement, np.asarray(truth, dtype=float), bound, np.broadcast_to(result.vacuous, shape))
