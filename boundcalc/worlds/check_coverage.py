"""The coverage of bounds: how often they fail in simulated worlds whose truth is known."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial

from boundcalc.worlds.linear_trial import LinearExperiment
from boundcalc.worlds.repeat import repeat
from boundcalc.worlds.simulated import Row
from boundcalc.worlds.steps import Step
from boundcalc.worlds.table_trial import TableExperiment
from boundcalc.worlds.trial import Experiment
from boundcalc.worlds.verified import Kind, Outcome

LINEAR = LinearExperiment(
    title="two correlated modalities",
    sizes=(40,),
    repetitions=200,
    delta=0.2,
    seed=1,
    covariance=((1, 0.3, 0.5), (0.3, 1, 0.2), (0.5, 0.2, 1)),
    blocks=(("text", (0, 1)), ("audio", (2,))),
    theta=(1, 0.5, 0.5),
    noise_variance=0.5,
    subsets=(("text",), ("text", "audio")),
    norm=1.5,
    loss_bound=2,
    test_n=50,
)
TABLE = TableExperiment(
    title="ten points", sizes=(5, 80), repetitions=300, delta=0.2, seed=1, points=10, n=5, tasks=2
)
_SPEAK_OF: tuple[tuple[Experiment, tuple[str, ...]], ...] = (
    (LINEAR, ("classic.", "holdout.", "huang2021.")),
    (TABLE, ("lu2023.",)),
)


def coverage_steps(ids: Collection[str]) -> Iterator[Step]:
    """One step a world that speaks of one of the theorems."""
    for experiment, families in _SPEAK_OF:
        wanted = [id for id in ids if id.startswith(families)]
        if wanted:
            run = partial(_covered, experiment, frozenset(wanted))
            yield Step(wanted[0], Kind.COVERAGE, experiment.title, run)


def _covered(experiment: Experiment, ids: frozenset[str]) -> Iterator[Outcome]:
    record = repeat(experiment)
    if not record.complete:
        raise KeyboardInterrupt
    return (_outcome(row) for row in record.rows if row.statement.id in ids)


def _outcome(row: Row) -> Outcome:
    made = row.statement
    where = f"{made.id}/{made.variant}, {made.subject}, m = {row.size}"
    often = f"false in {row.violations} of {row.repetitions} draws" if row.rate else "false in the mean"
    return Outcome(made.id, Kind.COVERAGE, where, row.alarm, "" if row.holds else often)
