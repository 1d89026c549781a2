"""Simulate a world: every bound beside the truth."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from boundcalc.errors import InputError
from boundcalc.study.world_file import read_world
from boundcalc.worlds.repeat import Progress, Runner, pieces, repeat, serially
from boundcalc.worlds.simulated import Simulation
from boundcalc.worlds.trial import Experiment

_MOST_WORKERS = 1024


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
        Processes on this machine, 1024 at most; no more are started than there are pieces of work. More than
        1 needs Dask (``boundcalc[parallel]``), and a script that starts them has to guard itself by
        ``if __name__ == "__main__":``.
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
    """
    experiment = read_world(world)
    return repeat(experiment, runner=_runner(workers, scheduler, len(pieces(experiment))), progress=progress)


def _runner(workers: int, scheduler: str | None, pieces: int) -> Runner:
    if scheduler is not None:
        from boundcalc.worlds.cluster import on_cluster

        return on_cluster(scheduler)
    if not 1 <= workers <= _MOST_WORKERS:
        raise InputError(f"workers = {workers}: give 1 to {_MOST_WORKERS} processes")
    workers = min(workers, pieces)
    if workers == 1:
        return serially
    from boundcalc.worlds.cluster import on_cores

    return on_cores(workers)
