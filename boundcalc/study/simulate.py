"""Simulate a world: every bound beside the truth."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from boundcalc.arguments import typed
from boundcalc.study.world_file import read_world
from boundcalc.worlds.simulate.experiment import Experiment
from boundcalc.worlds.simulate.repeat import Progress, repeat
from boundcalc.worlds.simulate.results import Simulation


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
