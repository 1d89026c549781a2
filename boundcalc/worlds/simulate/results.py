"""What a simulation found: risks, bounds beside the truth, violation rates, crossovers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite, log, sqrt

import numpy as np
from scipy.stats import norm

from boundcalc.conventions import Side
from boundcalc.numeric.special import binomial_lower, binomial_upper
from boundcalc.record import Record
from boundcalc.worlds.checks import Floats
from boundcalc.worlds.simulate.experiment import (
    ENOUGH,
    Experiment,
    Repetitions,
    SimulatedCrossover,
    SimulatedStatement,
)

_LEVEL = 0.05
"""The intervals of violation rates hold with probability 0.95 each."""

ALARM = 1e-4
"""The chance that a true set of bounds is called violated somewhere in a simulation."""

_CAUTION = 2
"""How many normal quantiles an unbounded mean has to be away: no such limit is rigorous."""

_POINTS = 200
_SLACK = 1e-12
"""Rounding errors are not violations."""


@dataclass(frozen=True)
class SimulatedBound(Record):
    """One statement at one size.

    Attributes
    ----------
    statement : Statement
    size, repetitions : int
    truth, bound : float
        Means over the repetitions.
    error : float
        The standard error of the mean of truth − bound.
    violations : int or None
        The repetitions on which the bound is wrong; None for a statement about the mean.
    rate : tuple of float or None
        A Clopper–Pearson interval for the probability of a violation; None where those are.
    vacuous : float
        The share of the repetitions in which it says nothing.
    alarm : float or None
        What the failures prove beyond chance, as a multiple of what is allowed: above 1 the bound
        is refuted. None where the draws are too few to judge.
    """

    json_keys = (
        *("id=statement.id", "variant=statement.variant", "subject=statement.subject"),
        *("quantity=statement.quantity", "side=statement.side", "m=size", "repetitions", "truth"),
        *("bound", "standard_error=error", "tightness", "violations", "violation_rate=rate"),
        *("vacuous", "refuted"),
    )
    statement: SimulatedStatement
    size: int
    repetitions: int
    truth: float
    bound: float
    error: float
    violations: int | None
    rate: tuple[float, float] | None
    vacuous: float
    alarm: float | None

    @property
    def tightness(self) -> float | None:
        """Mean bound ÷ mean truth; None for a difference, and where the truth is not positive."""
        compares = self.truth > 0 and not self.statement.difference
        return self.bound / self.truth if compares else None

    @property
    def refuted(self) -> bool:
        """Whether it is violated more often than chance explains."""
        return self.alarm is not None and self.alarm > 1

    @property
    def holds(self) -> bool:
        """Whether the bound is not refuted."""
        return not self.refuted


@dataclass(frozen=True)
class SimulatedRisk(Record):
    """The risk of one learner at one size: exactly, and simulated with its standard error."""

    json_keys = ("learner", "m=size", "expected", "simulated=mean", "standard_error=error")
    learner: str
    size: int
    expected: float
    mean: float
    error: float


@dataclass(frozen=True)
class Simulation(Record):
    """An experiment and what came of it.

    Attributes
    ----------
    experiment : Experiment
    done : int
        Repetitions that were run, over all sizes.
    rows : tuple of SimulatedBound
    risks : tuple of SimulatedRisk
    crossovers : tuple of SimulatedCrossover
    """

    json_keys = (
        *("title=experiment.title", "complete", "repetitions=done", "asked_for=total"),
        *("delta=experiment.delta", "seed=experiment.seed", "refuted=refuted_count"),
        *("risks", "crossovers", "bounds=rows"),
    )
    experiment: Experiment
    done: int
    rows: tuple[SimulatedBound, ...]
    risks: tuple[SimulatedRisk, ...]
    crossovers: tuple[SimulatedCrossover, ...]

    @property
    def total(self) -> int:
        """Repetitions that were asked for, over all sizes."""
        return self.experiment.repetitions * len(self.experiment.sizes)

    @property
    def complete(self) -> bool:
        """Whether it was not interrupted."""
        return self.done == self.total

    @property
    def refuted(self) -> tuple[SimulatedBound, ...]:
        """The bounds that are violated more often than chance explains."""
        return tuple(row for row in self.rows if row.refuted)

    @property
    def refuted_count(self) -> int:
        """How many they are."""
        return len(self.refuted)

    @property
    def curves(self) -> dict[str, tuple[tuple[int, float], ...]]:
        """The exact expected risk of each learner at many sizes; infinite or NaN where it is."""
        ends = min(self.experiment.sizes), max(self.experiment.sizes)
        sizes = np.unique(np.geomspace(*ends, _POINTS).round().astype(int)).tolist()
        values = zip(*(self.experiment.expected(m) for m in sizes), strict=True)
        each = zip(self.experiment.learners, values, strict=True)
        return {name: tuple(zip(sizes, mine, strict=True)) for name, mine in each}

    def at(self, size: int) -> tuple[SimulatedBound, ...]:
        """The bounds at one size."""
        return tuple(row for row in self.rows if row.size == size)


def simulation(experiment: Experiment, done: Mapping[int, Sequence[Repetitions]]) -> Simulation:
    """Put together what was done, by the number of the size."""
    together = {experiment.sizes[i]: _together(done[i]) for i in sorted(done)}
    tests = sum(len(part.found) for part in together.values())
    rows, risks, means = list[SimulatedBound](), list[SimulatedRisk](), dict[int, Floats]()
    for size, part in together.items():
        rows += (
            simulated_bound(made, values, size, experiment.delta, ALARM / tests)
            for made, values in part.found.items()
        )
        means[size] = part.risks.mean(axis=0)
        exact = zip(experiment.learners, experiment.expected(size), part.risks.T, strict=True)
        risks += (
            SimulatedRisk(name, size, expected, float(column.mean()), _standard_error(column))
            for name, expected, column in exact
        )
    crossovers = tuple(
        replace(c, simulated=_simulated(c, experiment.learners, means))
        for c in experiment.crossovers()
    )
    count = sum(len(part.risks) for part in together.values())
    return Simulation(experiment, count, tuple(rows), tuple(risks), crossovers)


def _together(parts: Sequence[Repetitions]) -> Repetitions:
    found = {}
    for made in parts[0].found:
        found[made] = np.concatenate([part.found[made] for part in parts], axis=1)
    return Repetitions(found, np.concatenate([part.risks for part in parts]))


def simulated_bound(
    made: SimulatedStatement, values: Floats, size: int, delta: float, alarm: float
) -> SimulatedBound:
    """Judge one statement, false alarms having the probability `alarm` at most."""
    truth, bound, vacuous = values
    beyond = truth - bound if made.side is Side.UPPER else bound - truth
    count, error = len(truth), _standard_error(beyond)
    rate, violations, proved = None, None, None
    if made.mean:
        chance = _chance(made.width, count, error, alarm)
        excess = abs(float(beyond.mean())) if made.exact else float(beyond.mean())
        proved = None if chance is None else max(excess / (chance + _SLACK), 0.0)
    else:
        violations = int(np.count_nonzero(beyond > _SLACK))
        rate = clopper_pearson(violations, count, _LEVEL)
        proved = float(binomial_lower(violations, count, alarm)) / delta
    return SimulatedBound(
        statement=made,
        size=size,
        repetitions=count,
        truth=float(truth.mean()),
        bound=float(bound.mean()),
        error=error,
        violations=violations,
        rate=rate,
        vacuous=float(vacuous.mean()),
        alarm=proved,
    )


def _chance(width: float, count: int, error: float, alarm: float) -> float | None:
    """How far a mean may be off by chance; None where too few draws are known to tell.

    By Hoeffding's inequality where the values are bounded (the bound is a constant); else by the
    standard error.
    """
    if isfinite(width):
        return width * sqrt(log(2 / alarm) / (2 * count))
    return _CAUTION * float(norm.isf(alarm / 2)) * error if count >= ENOUGH else None


def clopper_pearson(successes: int, count: int, level: float) -> tuple[float, float]:
    """A two-sided interval for a probability, wrong with probability `level` at most."""
    lower, upper = (f(successes, count, level / 2) for f in (binomial_lower, binomial_upper))
    return float(lower), float(upper)


def _standard_error(values: Floats) -> float:
    return float(values.std(ddof=1)) / sqrt(len(values)) if len(values) > 1 else inf


def _simulated(
    c: SimulatedCrossover, learners: Sequence[str], means: Mapping[int, Floats]
) -> tuple[int, int] | None:
    """Between which sizes the mean risks change order for good."""
    more, less = learners.index(c.more), learners.index(c.less)
    sizes = sorted(means)
    worse = [i for i, size in enumerate(sizes) if means[size][more] >= means[size][less]]
    if not worse:
        return 0, sizes[0]
    last = worse[-1]
    return None if last + 1 == len(sizes) else (sizes[last], sizes[last + 1])
