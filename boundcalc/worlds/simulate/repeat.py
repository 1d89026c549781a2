"""Repeat an experiment, batch by batch: here one after the other, or on many processes by Dask.

Every repetition has a seed of its own, made from the experiment's seed, its size and its number. So
neither the batches, nor their order, nor who runs them changes a digit.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from numpy.random import SeedSequence

from boundcalc.errors import BoundcalcError, InputError, argument, optional, shorten, shown
from boundcalc.worlds.simulate.experiment import Experiment, Repetitions
from boundcalc.worlds.simulate.results import Simulation, simulation

PATIENCE = 3.0
"""Seconds to wait for a scheduler."""

_MOST_WORKERS = 1024
_IN_FLIGHT = 200
_LONGEST = 50
"""Repetitions in a batch at most."""

_DRAWN = 10**6
"""Numbers that a batch draws, about, where a repetition draws fewer: so that none takes long."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Batch:
    """Some repetitions at one size.

    Attributes
    ----------
    size : int
        Which of the experiment's sizes.
    first, count : int
        The numbers of the repetitions.
    """

    size: int
    first: int
    count: int


Done = Iterator[tuple[Batch, Repetitions]]
Runner = Callable[[Experiment, Sequence[Batch]], Done]
"""Runs all batches, and hands them over as they are done."""


def batches(experiment: Experiment) -> list[Batch]:
    """All batches; the sizes take turns, so that an interrupted run has some of each."""
    count, found = experiment.repetitions, list[Batch]()
    for i, size in enumerate(experiment.sizes):
        length = max(1, min(_LONGEST, _DRAWN // experiment.drawn(size)))
        found += (Batch(i, first, min(length, count - first)) for first in range(0, count, length))
    return sorted(found, key=lambda batch: (batch.first, batch.size))


def run_batch(experiment: Experiment, batch: Batch) -> tuple[Batch, Repetitions]:
    """Run one batch, here."""
    numbers = range(batch.first, batch.first + batch.count)
    seeds = [SeedSequence(experiment.seed, spawn_key=(batch.size, i)) for i in numbers]
    return batch, experiment.run(experiment.sizes[batch.size], seeds)


def repeat(
    experiment: Experiment,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    progress: Progress | None = None,
    runner: Runner | None = None,
) -> Simulation:
    """Repeat draw → fit → bound, and compare every bound with the truth.

    An interrupt (Ctrl-C) ends it early: what was done until then is kept, and the result says so.

    Parameters
    ----------
    experiment : Experiment
    workers : int
        Processes on this machine; no more are started than there are batches.
    scheduler : str, optional
        The address of a Dask scheduler, to run on its workers instead.
    progress : callable, optional
        Called with the number of repetitions done and of all.
    runner : Runner, optional
        Another way to run the batches.

    Raises
    ------
    InputError
        If the experiment cannot be run, or the scheduler does not answer.
    MissingExtraError
        If Dask is needed and not installed.
    KeyboardInterrupt
        If it is interrupted before anything was done.
    """
    if scheduler is None and not 1 <= workers <= _MOST_WORKERS:
        raise InputError(
            f"{argument('workers')} = {shown(workers)}: give 1 to {_MOST_WORKERS} processes"
        )
    todo, done, finished = batches(experiment), dict[Batch, Repetitions](), 0
    total = sum(batch.count for batch in todo)
    run = runner or runner_of(min(workers, len(todo)), scheduler)
    try:
        for batch, found in run(experiment, todo):
            done[batch] = found
            finished += batch.count
            if progress:
                progress(finished, total)
    except KeyboardInterrupt:
        if not done:
            raise
    by_size: dict[int, list[Repetitions]] = {}
    for batch in (batch for batch in todo if batch in done):
        by_size.setdefault(batch.size, []).append(done[batch])
    return simulation(experiment, by_size)


def runner_of(workers: int, scheduler: str | None) -> Runner:
    """One after the other in this process, or by Dask.

    Raises
    ------
    MissingExtraError
        If Dask is needed and not installed.
    """
    if scheduler is None and workers == 1:
        return serially
    distributed = optional("distributed", "parallel simulations", "parallel")
    return lambda experiment, todo: _by_dask(distributed, workers, scheduler, experiment, todo)


def serially(experiment: Experiment, todo: Sequence[Batch]) -> Done:
    """One batch after the other, in this process."""
    for batch in todo:
        yield run_batch(experiment, batch)


# --- Dask: those of a worker that dies are run again by another ---------------------------------


def _by_dask(
    distributed: Any,
    workers: int,
    scheduler: str | None,
    experiment: Experiment,
    todo: Sequence[Batch],
) -> Done:
    """Some hundred batches at a time are on their way."""
    with client(distributed, workers, scheduler) as hands:
        waiting = (hands.submit(run_batch, experiment, batch, pure=False) for batch in todo)
        done = distributed.as_completed(islice(waiting, _IN_FLIGHT))
        for future in done:
            yield result_of(future, "simulation")
            done.update(islice(waiting, 1))


def result_of(future: Any, what: str) -> Any:
    """What a worker has computed; its own refusals are raised as they are."""
    try:
        return future.result()
    except BoundcalcError:
        raise
    except Exception as error:
        reason = shorten(f"{type(error).__name__}: {error}", 120)
        raise BoundcalcError(f"the workers cannot run the {what}: {reason}") from None


@contextmanager
def client(distributed: Any, workers: int, scheduler: str | None) -> Iterator[Any]:
    """Dask's client on new processes, or on the workers of a scheduler."""
    if scheduler is None:
        made = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": None}
        if multiprocessing.current_process().daemon:
            raise InputError(
                f"{argument('workers')} = {workers}: a daemonic process starts no others; use 1"
            )
        with _without_main():
            with _ignoring_interrupts():
                cluster = distributed.LocalCluster(silence_logs=logging.CRITICAL, **made)
            with cluster, distributed.Client(cluster) as client:
                yield client
        return
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        asked = asyncio.wait_for(_identity(distributed, scheduler), PATIENCE)
        with ThreadPoolExecutor(1) as thread:  # a notebook has a loop of its own in this one
            thread.submit(asyncio.run, asked).result()
        client = distributed.Client(scheduler, timeout=PATIENCE)
    except Exception:  # whatever listens there may answer anything
        raise InputError(
            f"no scheduler at {shorten(scheduler)}: nothing there answers as one; an address is "
            "HOST:PORT or tcp://HOST:PORT"
        ) from None
    with client:
        yield client


async def _identity(distributed: Any, address: str) -> Any:
    """Who answers there; what never answers, Dask's client would wait for without end."""
    async with distributed.core.rpc(address) as other:
        return await other.identity()


@contextmanager
def _without_main() -> Iterator[None]:
    """Processes that start now do not run the user's script again, which would start its own.

    What the workers run is all in this package, so a script needs no guard, and may come from
    standard input.
    """
    main = vars(sys.modules["__main__"])
    names: tuple[str, ...] = ("__file__", "__spec__")
    hidden = {name: main.pop(name) for name in names if name in main}
    main["__spec__"] = None
    try:
        yield
    finally:
        main.update(hidden)


@contextmanager
def _ignoring_interrupts() -> Iterator[None]:
    """Processes that start now ignore Ctrl-C: it is for the one that hands out the work."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
