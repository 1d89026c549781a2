"""What a simulation found: risks, bounds beside the truth, violation rates, crossovers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from boundcalc.worlds.trial import Crossing, Experiment, Statement


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
