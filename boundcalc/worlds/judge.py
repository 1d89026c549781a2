"""Put the pieces of a simulation together, and judge every bound against the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf, isfinite, log, sqrt
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm

from boundcalc.conventions import Side
from boundcalc.numeric.special import binomial_lower, binomial_upper
from boundcalc.worlds.families import Floats
from boundcalc.worlds.simulated import Crossover, Risk, Row, Simulation
from boundcalc.worlds.trial import Block, Crossing, Experiment, Found, Trial, trial_of

if TYPE_CHECKING:
    from boundcalc.worlds.repeat import Piece

_LEVEL = 0.05
"""The intervals of violation rates hold with probability 0.95 each."""

_ALARM = 1e-4
"""The chance that a true set of bounds is called violated somewhere in a simulation."""

ENOUGH = 100
"""Draws from which on the mean of something unbounded is judged, by a normal approximation."""

_CAUTION = 2
"""How many times the normal quantile an unbounded mean has to be away: no such limit is rigorous."""

_POINTS = 200
_SLACK = 1e-12
"""Rounding errors are not violations."""


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
            rows.append(_row(parts, sizes[i], experiment.delta, _ALARM / tests))
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
        proved = None if chance is None else max(excess / (chance + _SLACK), 0.0)
    else:
        violations = int(np.count_nonzero(beyond > _SLACK))
        rate = clopper_pearson(violations, count, _LEVEL)
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
