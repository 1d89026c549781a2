"""What a simulation repeats: draw, fit, and the bounds of the catalogue on what was learned."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, ClassVar

import numpy as np
from numpy.random import SeedSequence

from boundcalc.conventions import Side
from boundcalc.numeric.compiled import compiled
from boundcalc.numeric.evaluate import Evaluation, evaluate
from boundcalc.record import Record
from boundcalc.symbolic.catalogue import theorem
from boundcalc.worlds.checks import Floats

ENOUGH = 100
"""Draws from which on the mean of something unbounded is judged, by a normal approximation."""


def bound_at(id: str, variant: str, known: Mapping[str, Any]) -> Evaluation:
    """A bound of the catalogue at those of some known numbers that it needs."""
    names = [p.name for p in theorem(id).variant(variant).parameters]
    return evaluate(id, variant=variant, **{name: known[name] for name in names if name in known})


@dataclass(frozen=True)
class SimulatedStatement:
    """One variant of a bound on one quantity of a world.

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
        For a statement about the expectation: the length of an interval that has all values of what
        is bounded; infinite where there is none.
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
        return compiled(self.id).variant(self.variant).side

    @property
    def exact(self) -> bool:
        """Whether it is an equation."""
        return compiled(self.id).variant(self.variant).relation == "="

    def compared(self, truth: Floats, known: Mapping[str, Any], *, scale: float = 1.0) -> Floats:
        """The truth, the bound, and whether the bound is vacuous, one column a repetition.

        Parameters
        ----------
        truth : array
            The quantity that it bounds, on each repetition.
        known : mapping
            Numbers, of which the bound takes those that it needs.
        scale : float
            What the value is multiplied with, for limits on a loss in [0, 1].
        """
        result = bound_at(self.id, self.variant, known)
        return np.stack(np.broadcast_arrays(truth, scale * result.value, result.vacuous))


@dataclass(frozen=True)
class Repetitions:
    """Some repetitions at one size: what each statement says, and the risk of each learner."""

    found: Mapping[SimulatedStatement, Floats]
    risks: Floats


@dataclass(frozen=True)
class SimulatedCrossover(Record):
    """From which size on one learner is better than another; None where it never is.

    Attributes
    ----------
    more, less : str
    predicted : int or None
        By the bounds.
    vacuous : bool
        Whether both bounds say nothing where they cross.
    exact : int or None
        In expected risk.
    simulated : tuple of int or None
        The last size of the experiment at which it was not better in the mean (0 if there is none),
        and the next one; None where it was not better at the largest.
    """

    json_keys = (
        *("more", "less", "predicted"),
        *("predicted_by_vacuous_bounds=vacuous", "exact", "simulated"),
    )
    more: str
    less: str
    predicted: int | None
    vacuous: bool
    exact: int | None
    simulated: tuple[int, int] | None = None


@dataclass(frozen=True)
class Experiment(ABC):
    """A world, its learners, the bounds that apply to them, and how often it is drawn from.

    The fields are plain values, so that it can be sent to another machine.

    Attributes
    ----------
    title : str
    sizes : tuple of int
    repetitions : int
    delta : float
        The failure probability of every bound by itself.
    seed : int
    axis, risk, loss : str
        What the sizes count, what the risks are, and what the bounds speak of.
    theorems : tuple of str
        Whose bounds are compared with the truth.
    """

    title: str
    sizes: tuple[int, ...]
    repetitions: int
    delta: float
    seed: int

    axis: ClassVar[str]
    risk: ClassVar[str]
    loss: ClassVar[str]
    theorems: ClassVar[tuple[str, ...]]

    @property
    @abstractmethod
    def world(self) -> Any:
        """The world; it is refused here if it cannot be used."""

    @property
    @abstractmethod
    def learners(self) -> tuple[str, ...]:
        """The names of the learners, in the order of the risks."""

    @property
    @abstractmethod
    def bounds(self) -> Mapping[str, tuple[str, str]]:
        """The bound on each learner, id and variant, whose crossings are predicted."""

    @property
    @abstractmethod
    def notes(self) -> tuple[str, ...]:
        """What is compared with what, in sentences."""

    @abstractmethod
    def drawn(self, size: int) -> int:
        """About how many numbers one repetition at a size draws."""

    @abstractmethod
    def expected(self, size: int) -> tuple[float, ...]:
        """The exact expected risk of each learner; infinite or NaN where there is none."""

    @abstractmethod
    def crossovers(self) -> tuple[SimulatedCrossover, ...]:
        """The pairs of learners, and where the first is better: predicted and exactly."""

    @abstractmethod
    def run(self, size: int, seeds: Sequence[SeedSequence]) -> Repetitions:
        """One repetition for each seed."""
