"""Worlds from files and mappings, and simulations of them: every bound beside the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from boundcalc.arguments import typed
from boundcalc.errors import InputError, prefix_errors
from boundcalc.numeric.decide.sample import checked_seed
from boundcalc.study.schema import MOST_REPETITIONS, LinearWorldTable, world_table
from boundcalc.study.toml_file import Raw, opened
from boundcalc.worlds import checks
from boundcalc.worlds.simulate.experiment import Experiment
from boundcalc.worlds.simulate.least_squares import LinearExperiment
from boundcalc.worlds.simulate.repeat import Progress, repeat
from boundcalc.worlds.simulate.results import Simulation
from boundcalc.worlds.simulate.table_learners import TableExperiment

_MOST_DRAWN = 10**7  # 80 MB, of which a repetition holds a few at a time


def read_world(source: Experiment | Mapping[str, Any] | str | Path) -> Experiment:
    """The experiment of a world file or of a mapping with its keys; an experiment as it is.

    What cannot be used is refused in one line that names the file and the key.
    """
    if isinstance(source, Experiment):
        return source
    if isinstance(source, Mapping):
        return _experiment(source, "world", "")
    raw, path = opened(source, "world")
    return _experiment(raw, str(path), path.stem)


def changed(experiment: Experiment, *, repetitions: int | None, seed: int | None) -> Experiment:
    """An experiment repeated so often, or with this seed; None leaves it as it is."""
    if repetitions is not None:
        number = checks.checked_whole("repetitions", repetitions, 1, MOST_REPETITIONS)
        experiment = replace(experiment, repetitions=number)
    if seed is not None:
        experiment = replace(experiment, seed=checked_seed(seed))
    return experiment


def _experiment(raw: Raw, where: str, title: str) -> Experiment:
    table = world_table(raw, where)
    given = table.model_dump(exclude={"kind", "m", "title"})
    given |= {"title": table.title or title, "sizes": table.m}
    if isinstance(table, LinearWorldTable):
        names = tuple(name for name, _ in table.blocks)
        each_and_all = tuple(dict.fromkeys((*((name,) for name in names), names)))
        given["subsets"] = table.subsets or each_and_all
    made = LinearExperiment if isinstance(table, LinearWorldTable) else TableExperiment
    experiment: Experiment = made(**given)
    drawn = experiment.drawn(experiment.sizes[-1])
    if drawn > _MOST_DRAWN:
        raise InputError(
            f"{where}: a repetition at m = {experiment.sizes[-1]:,} draws {drawn:,} numbers; "
            f"give a world with {_MOST_DRAWN:,} (80 MB) at most"
        )
    with prefix_errors(where):
        _ = experiment.world  # it is refused here if it cannot be used
    return experiment


@typed
def simulate(
    world: Experiment | Mapping[str, Any] | str | Path,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    progress: Progress | None = None,
) -> Simulation:
    """Repeat draw → fit → bound in a world whose truth is known.

    The result is the same to the last digit however it is run.

    Parameters
    ----------
    world : path or mapping
        A world file, or a mapping with its keys.
    workers : int
        Processes on this machine, 1024 at most; no more are started than there are batches. More
        than 1 needs Dask (``boundcalc[parallel]``).
    scheduler : str, optional
        The address of a Dask scheduler, to run on its workers instead.
    progress : callable, optional
        Called with the number of repetitions done and of all.

    Returns
    -------
    Simulation

    Raises
    ------
    InputError
        For a world that cannot be used, and a scheduler that does not answer.
    MissingExtraError
        If Dask is needed and not installed.

    Examples
    --------
    >>> simulate("examples/worlds/table.toml").refuted_count
    0
    """
    return repeat(read_world(world), workers=workers, scheduler=scheduler, progress=progress)
