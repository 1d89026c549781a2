"""The table world, repeated: a table learned from labels, and one learned from unlabelled pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import pi, sqrt
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.random import SeedSequence

from boundcalc.numeric.evaluate import evaluate
from boundcalc.worlds.families import Floats
from boundcalc.worlds.table import TableWorld
from boundcalc.worlds.trial import Block, Crossing, Experiment, Found, Statement, applied

UNIMODAL, MULTIMODAL = "unimodal", "multimodal"
_QUANTITY = {True: "E error", False: "error"}
_MOST_PAIRS = 2**60


@dataclass(frozen=True)
class TableExperiment(Experiment):
    """An experiment in the table world: `sizes` count unlabelled pairs.

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

    def drawn(self, size: int) -> int:
        """The pairs, and for each task its labels and coins."""
        return size + self.tasks * max(self.n, self.points)

    def build(self) -> TableTrial:
        """The world with its two learners."""
        return TableTrial(self, TableWorld(self.points))


class TableTrial:
    """Who learns the table from n labels, and who learns it from m unlabelled pairs."""

    axis = "unlabelled pairs m"
    risk = loss = "error"
    learners = (MULTIMODAL, UNIMODAL)
    bounds: Mapping[str, tuple[str, str]] = MappingProxyType(
        {MULTIMODAL: ("lu2023.multimodal", "one-event"), UNIMODAL: ("lu2023.unimodal", "one-event")}
    )

    def __init__(self, plan: TableExperiment, world: TableWorld) -> None:
        self.plan, self.world = plan, world

    @property
    def notes(self) -> tuple[str, ...]:
        """What is compared with what."""
        return (
            f"Error on all {self.plan.points} points, averaged over the tasks ({self.plan.tasks}, "
            f"{self.plan.n} labels each); the best predictors make no error, so this is the excess as well.",
            "The bounds have κ = 0, L = C = D = 1, G_m(G) ≤ √(N/(2πm)) for all tables on N points, and "
            "G_n = 1/√(2πn) for identity and negation. What is predicted is where the one-event bounds "
            "cross.",
            "A bound on an expected error, which is in [0, 1], is called violated only if the mean error is "
            "further beyond it than Hoeffding's inequality leaves to chance.",
        )

    def expected(self, size: int) -> tuple[float, ...]:
        """½(1 − 1/N)ᵐ and ½(1 − 1/N)ⁿ."""
        return self.world.multimodal_error(size), self.world.unimodal_error(self.plan.n)

    def crossings(self) -> tuple[Crossing, ...]:
        """Where the multimodal bound, and the multimodal error, are the smaller."""
        alone = self._unimodal("one-event")
        limit = float(alone.value)
        predicted = _least(lambda m: float(self._multimodal("one-event", m).value) < limit)
        exact = _least(lambda m: self.world.multimodal_error(m) < self.world.unimodal_error(self.plan.n))
        vacuous = predicted is not None and bool(
            alone.vacuous and self._multimodal("one-event", predicted).vacuous
        )
        return (Crossing(MULTIMODAL, UNIMODAL, predicted, exact, vacuous),)

    @property
    def _known(self) -> dict[str, Any]:
        table = sqrt(self.world.points / (2 * pi))
        return {
            **{"n": self.plan.n, "tasks": self.plan.tasks, "delta": self.plan.delta, "growth": 0.5},
            **{"lipschitz": 1.0, "loss_bound": 1.0, "distance_bound": 1.0, "connection_gap": 0.0},
            **{"c_connection": table, "c_composite": table, "c_predictor": 1 / sqrt(2 * pi)},
        }

    def _unimodal(self, variant: str) -> Any:
        names = ("n", "tasks", "delta", "loss_bound", "c_composite", "growth")
        return evaluate("lu2023.unimodal", variant=variant, **{k: self._known[k] for k in names})

    def _multimodal(self, variant: str, m: int) -> Any:
        left_out = ("c_composite", "growth")
        known = {k: v for k, v in self._known.items() if k not in left_out}
        return evaluate("lu2023.multimodal", variant=variant, m=m, **known)

    def block(self, size: int, seeds: Sequence[SeedSequence]) -> Block:
        """One repetition for each seed."""
        risks = np.array([self._draw(size, seed) for seed in seeds])
        return Block(tuple(self._bounds(size, risks)), risks)

    def _draw(self, size: int, seed: SeedSequence) -> tuple[float, float]:
        data = self.world.sample(size, self.plan.n, seed, tasks=self.plan.tasks)
        both = (self.world.learn_multimodal(data), self.world.learn_unimodal(data))
        multimodal, unimodal = (float(self.world.errors(data, learned).mean()) for learned in both)
        return multimodal, unimodal

    def _bounds(self, size: int, risks: Floats) -> Iterator[Found]:
        known, (both, alone) = {**self._known, "m": size}, risks.T
        for variant in ("one-event", "two-event", "expected"):
            mean = variant == "expected"
            made = Statement("lu2023.multimodal", variant, MULTIMODAL, _QUANTITY[mean], mean, width=1)
            yield applied(made, both, **known)
        for variant in ("one-event", "expected"):
            mean = variant == "expected"
            made = Statement("lu2023.unimodal", variant, UNIMODAL, _QUANTITY[mean], mean, width=1)
            yield applied(made, alone, **known)
        if self.world.points == 2 * self.plan.n:
            for variant, name, x in (("multimodal", MULTIMODAL, both), ("unimodal-lower", UNIMODAL, alone)):
                made = Statement("lu2023.separation", variant, name, _QUANTITY[True], True, width=1)
                yield applied(made, x, **known)


def _least(holds: Callable[[int], bool]) -> int | None:
    """The least m for which something holds that holds for all larger m; None beyond 2⁶⁰."""
    if not holds(_MOST_PAIRS):
        return None
    low, high = 0, _MOST_PAIRS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high
