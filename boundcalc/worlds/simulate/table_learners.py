"""The table world, repeated: a table learned from labels, and one learned from unlabelled pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import pi, sqrt
from operator import lt
from typing import Any

import numpy as np
from numpy.random import SeedSequence

from boundcalc.numeric.evaluate import Evaluation
from boundcalc.numeric.search import boundary
from boundcalc.worlds.checks import Floats
from boundcalc.worlds.lu import TableWorld
from boundcalc.worlds.simulate.experiment import (
    Experiment,
    Repetitions,
    SimulatedCrossover,
    SimulatedStatement,
    bound_at,
)

ALONE, PAIRED, SEPARATION = (f"lu2023.{n}" for n in ("unimodal", "multimodal", "separation"))
_MOST_PAIRS = 2**60


@dataclass(frozen=True)
class TableExperiment(Experiment):
    """Who learns the table from n labels, and who learns it from m unlabelled pairs.

    Attributes
    ----------
    points : int
    n : int
        Labels of each task.
    tasks : int
    """

    points: int
    n: int
    tasks: int

    axis = "unlabelled pairs m"
    risk = loss = "error"
    theorems = (ALONE, PAIRED, SEPARATION)
    learners = ("multimodal", "unimodal")

    @cached_property
    def world(self) -> TableWorld:
        return TableWorld(self.points)

    @property
    def bounds(self) -> Mapping[str, tuple[str, str]]:
        return {"multimodal": (PAIRED, "one-event"), "unimodal": (ALONE, "one-event")}

    @property
    def notes(self) -> tuple[str, ...]:
        return (
            f"Error on all {self.points} points, averaged over the tasks ({self.tasks}, {self.n} "
            "labels each); the best predictors make no error, so this is the excess as well.",
            "The bounds have κ = 0, L = C = D = 1, G_m(G) ≤ √(N/(2πm)) for all tables on N points, "
            "and G_n = 1/√(2πn) for identity and negation. What is predicted is where the "
            "one-event bounds cross.",
            "A bound on an expected error, which is in [0, 1], is called violated only if the mean "
            "error is further beyond it than Hoeffding's inequality leaves to chance.",
        )

    def drawn(self, size: int) -> int:
        """The pairs, and for each task its labels and coins."""
        return size + self.tasks * max(self.n, self.points)

    def expected(self, size: int) -> tuple[float, ...]:
        """½(1 − 1/N)ᵐ and ½(1 − 1/N)ⁿ."""
        return self.world.multimodal_error(size), self.world.unimodal_error(self.n)

    def crossovers(self) -> tuple[SimulatedCrossover, ...]:
        """Where the multimodal bound, and the multimodal error, are the smaller."""

        def bounds(m: int) -> list[Evaluation]:
            return [bound_at(*self.bounds[name], self._known(m)) for name in self.learners]

        def values(m: int) -> list[float]:
            return [float(bound.value) for bound in bounds(m)]

        predicted = _least(lambda m: lt(*values(m)))
        exact = _least(lambda m: lt(*self.expected(m)))
        vacuous = predicted is not None and all(bound.vacuous for bound in bounds(predicted))
        return (SimulatedCrossover(*self.learners, predicted, vacuous, exact),)

    def _known(self, m: int) -> dict[str, Any]:
        table = sqrt(self.points / (2 * pi))
        return {
            **{"m": m, "n": self.n, "tasks": self.tasks, "delta": self.delta, "growth": 0.5},
            **{"lipschitz": 1.0, "loss_bound": 1.0, "distance_bound": 1.0, "connection_gap": 0.0},
            **{"c_connection": table, "c_composite": table, "c_predictor": 1 / sqrt(2 * pi)},
        }

    def run(self, size: int, seeds: Sequence[SeedSequence]) -> Repetitions:
        risks = np.array([self._draw(size, seed) for seed in seeds])
        return Repetitions(dict(self._compared(size, risks)), risks)

    def _draw(self, size: int, seed: SeedSequence) -> tuple[float, float]:
        data = self.world.sample(size, self.n, seed, tasks=self.tasks)
        both = (self.world.learn_multimodal(data), self.world.learn_unimodal(data))
        multimodal, unimodal = (float(self.world.errors(data, f).mean()) for f in both)
        return multimodal, unimodal

    def _compared(self, size: int, risks: Floats) -> Iterator[tuple[SimulatedStatement, Floats]]:
        spoken = [
            *((PAIRED, variant, 0) for variant in ("one-event", "two-event", "expected")),
            *((ALONE, variant, 1) for variant in ("one-event", "expected")),
        ]
        if self.points == 2 * self.n:
            spoken += [(SEPARATION, "multimodal", 0), (SEPARATION, "unimodal-lower", 1)]
        for id, variant, i in spoken:
            mean = id == SEPARATION or variant == "expected"
            quantity = "E error" if mean else "error"
            made = SimulatedStatement(id, variant, self.learners[i], quantity, mean, width=1)
            yield made, made.compared(risks[:, i], self._known(size))


def _least(holds: Callable[[int], bool]) -> int | None:
    """The least m for which something holds that holds for all larger m; None beyond 2⁶⁰."""
    if not holds(_MOST_PAIRS):
        return None
    return boundary(holds, _MOST_PAIRS, 0)
