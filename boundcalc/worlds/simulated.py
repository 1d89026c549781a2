"""What a simulation found: risks, bounds beside the truth, violation rates, crossovers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite, log, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import norm

from boundcalc.conventions import Side
from boundcalc.numeric.special import binomial_lower, binomial_upper
from boundcalc.worlds.families import Floats
from boundcalc.worlds.trial import Block, Crossing, Experiment, Found, Statement, Trial, trial_of

if TYPE_CHECKING:
    from boundcalc.worlds.repeat import Piece

LEVEL = 0.05
"""The intervals of violation rates hold with probability 0.95 each."""

ALARM = 1e-4
"""The chance that a true set of bounds is called violated somewhere in a simulation."""

ENOUGH = 100
"""Draws from which on the mean of something unbounded is judged, by a normal approximation."""

_CAUTION = 2
"""How many times the normal quantile an unbounded mean has to be away: no such limit is rigorous."""

_POINTS = 200
SLACK = 1e-12
"""Rounding errors are not violations."""


@dataclass(frozen=True)
class Row:
    """One statement at one size.

    Attributes
    ----------
    statement : Statement
    size, repetitions : int
    truth, bound : float
        Means over the repetitions.
    error : float
        The standard error of the mean of truth − bound.
    violations : int
        The repetitions on which the bound is wrong; 0 for a statement about the mean.
    rate : tuple of float or None
        A Clopper–Pearson interval for the probability of a violation; None for a statement about the mean.
    vacuous : float
        The share of the repetitions in which it says nothing.
    alarm : float or None
        What the failures prove beyond chance, as a multiple of what is allowed: above 1 the bound is refuted.
        None where the draws are too few to judge.
    """

    statement: Statement
    size: int
    repetitions: int
    truth: float
    bound: float
    error: float
    violations: int
    rate: tuple[float, float] | None
    vacuous: float
    alarm: float | None

    @property
    def tightness(self) -> float | None:
        """Mean bound ÷ mean truth; None for a difference, and where the truth is not positive."""
        compares = self.truth > 0 and not self.statement.difference
        return self.bound / self.truth if compares else None

    @property
    def holds(self) -> bool:
        """Whether the bound is not refuted."""
        return self.alarm is None or self.alarm <= 1


@dataclass(frozen=True)
class Risk:
    """The risk of one learner at one size: exactly, and simulated with its standard error."""

    learner: str
    size: int
    expected: float
    mean: float
    error: float


@dataclass(frozen=True)
class Crossover:
    """Where more becomes better than less.

    Attributes
    ----------
    crossing : Crossing
        Predicted and exact.
    simulated : tuple of int or None
        The last size of the experiment at which it was not better in the mean (0 if there is none), and the
        next one; None where it was not better at the largest.
    """

    crossing: Crossing
    simulated: tuple[int, int] | None


@dataclass(frozen=True)
class Simulation:
    """An experiment and what came of it.

    Attributes
    ----------
    experiment : Experiment
    done : int
        Repetitions that were run, over all sizes.
    rows : tuple of Row
    risks : tuple of Risk
    crossovers : tuple of Crossover
    curves : mapping of str to tuple of (int, float)
        The exact expected risk of each learner at many sizes; infinite where the mean is, NaN where no closed
        form is given.
    bounds : mapping of str to (str, str)
        The bound on each learner, id and variant, whose crossings are predicted.
    axis, risk, loss : str
        What the sizes count, what the risks are, and what the bounds speak of.
    notes : tuple of str
        What is compared with what.
    """

    experiment: Experiment
    done: int
    rows: tuple[Row, ...]
    risks: tuple[Risk, ...]
    crossovers: tuple[Crossover, ...]
    curves: Mapping[str, tuple[tuple[int, float], ...]]
    bounds: Mapping[str, tuple[str, str]]
    axis: str
    risk: str
    loss: str
    notes: tuple[str, ...]

    @property
    def total(self) -> int:
        """Repetitions that were asked for, over all sizes."""
        return self.experiment.repetitions * len(self.experiment.sizes)

    @property
    def complete(self) -> bool:
        """Whether it was not interrupted."""
        return self.done == self.total

    @property
    def refuted(self) -> tuple[Row, ...]:
        """The bounds that are violated more often than chance explains."""
        return tuple(row for row in self.rows if not row.holds)

    def at(self, size: int) -> tuple[Row, ...]:
        """The bounds at one size."""
        return tuple(row for row in self.rows if row.size == size)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and lists, ready for JSON; what is infinite is null."""
        return {
            "title": self.experiment.title,
            "complete": self.complete,
            "repetitions": self.done,
            "asked_for": self.total,
            "delta": self.experiment.delta,
            "seed": self.experiment.seed,
            "refuted": len(self.refuted),
            "risks": [
                {
                    "learner": r.learner,
                    "m": r.size,
                    "expected": r.expected if isfinite(r.expected) else None,
                    "simulated": r.mean,
                    "standard_error": r.error if isfinite(r.error) else None,
                }
                for r in self.risks
            ],
            "crossovers": [
                {
                    "more": c.crossing.more,
                    "less": c.crossing.less,
                    "predicted": c.crossing.predicted,
                    "predicted_by_vacuous_bounds": c.crossing.vacuous,
                    "exact": c.crossing.exact,
                    "simulated": None if c.simulated is None else list(c.simulated),
                }
                for c in self.crossovers
            ],
            "bounds": [_plain(row) for row in self.rows],
        }


def _plain(row: Row) -> dict[str, Any]:
    made = row.statement
    return {
        "id": made.id,
        "variant": made.variant,
        "subject": made.subject,
        "quantity": made.quantity,
        "side": made.side.value,
        "m": row.size,
        "repetitions": row.repetitions,
        "truth": row.truth,
        "bound": row.bound,
        "standard_error": row.error if isfinite(row.error) else None,
        "tightness": row.tightness,
        "violations": None if row.rate is None else row.violations,
        "violation_rate": None if row.rate is None else list(row.rate),
        "vacuous": row.vacuous,
        "refuted": not row.holds,
    }


def simulation(experiment: Experiment, blocks: Mapping[Piece, Block]) -> Simulation:
    """Put the pieces together, in their order."""
    by_size: dict[int, list[Block]] = {}
    for piece, block in blocks.items():
        by_size.setdefault(piece.size, []).append(block)
    trial, sizes = trial_of(experiment), experiment.sizes
    tests = sum(len(mine[0].found) for mine in by_size.values())
    rows, risks, means = list[Row](), list[Risk](), dict[int, Floats]()
    for i in sorted(by_size):
        mine = by_size[i]
        for parts in zip(*(block.found for block in mine), strict=True):
            rows.append(_row(parts, sizes[i], experiment.delta, ALARM / tests))
        values = np.concatenate([block.risks for block in mine])
        means[sizes[i]] = values.mean(axis=0)
        for name, exact, column in zip(trial.learners, trial.expected(sizes[i]), values.T, strict=True):
            risks.append(Risk(name, sizes[i], exact, float(column.mean()), _standard_error(column)))
    crossovers = tuple(Crossover(c, _simulated(c, trial.learners, means)) for c in trial.crossings())
    done = sum(piece.count for piece in blocks)
    return Simulation(
        experiment=experiment,
        done=done,
        rows=tuple(rows),
        risks=tuple(risks),
        crossovers=crossovers,
        curves=_curves(trial, min(sizes), max(sizes)),
        bounds=dict(trial.bounds),
        axis=trial.axis,
        risk=trial.risk,
        loss=trial.loss,
        notes=trial.notes,
    )


def _curves(trial: Trial, least: int, most: int) -> dict[str, tuple[tuple[int, float], ...]]:
    sizes = np.unique(np.geomspace(least, most, _POINTS).round().astype(int)).tolist()
    values = [trial.expected(m) for m in sizes]
    return {
        name: tuple((m, v[i]) for m, v in zip(sizes, values, strict=True))
        for i, name in enumerate(trial.learners)
    }


def _row(parts: Sequence[Found], size: int, delta: float, alarm: float) -> Row:
    """One statement, from all pieces of a size."""
    made = parts[0].statement
    truth, bound = (np.concatenate([getattr(part, name) for part in parts]) for name in ("truth", "bound"))
    beyond = truth - bound if made.side is Side.UPPER else bound - truth
    count, error = len(truth), _standard_error(beyond)
    rate, violations = None, 0
    if made.mean:
        chance = _chance(made.width, count, error, alarm)
        excess = abs(float(beyond.mean())) if made.exact else float(beyond.mean())
        proved = None if chance is None else max(excess / (chance + SLACK), 0.0)
    else:
        violations = int(np.count_nonzero(beyond > SLACK))
        rate = clopper_pearson(violations, count, LEVEL)
        proved = float(binomial_lower(violations, count, alarm)) / delta
    vacuous = float(np.concatenate([part.vacuous for part in parts]).mean())
    means = float(truth.mean()), float(bound.mean())
    return Row(made, size, count, *means, error, violations, rate, vacuous, proved)


def _chance(width: float, count: int, error: float, alarm: float) -> float | None:
    """How far a mean may be off by chance; None where too few draws are known to tell.

    By Hoeffding's inequality where the values are bounded (the bound is a constant); else by the standard
    error.
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


def _simulated(c: Crossing, learners: Sequence[str], means: Mapping[int, Floats]) -> tuple[int, int] | None:
    """Between which sizes the mean risks change order for good."""
    more, less = learners.index(c.more), learners.index(c.less)
    sizes = sorted(means)
    worse = [i for i, size in enumerate(sizes) if means[size][more] >= means[size][less]]
    if not worse:
        return 0, sizes[0]
    last = worse[-1]
    return None if last + 1 == len(sizes) else (sizes[last], sizes[last + 1])
