"""Run the pieces of an experiment on all cores, or on the machines of a cluster, by Dask.

Pieces are on their way to the workers, a few hundred at a time, and come back as they are done; those of a
worker that dies are run again by another.
"""

from __future__ import annotations

import logging
import signal
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from boundcalc.errors import BoundcalcError, InputError, optional, shorten
from boundcalc.worlds.repeat import Piece, Runner, run_piece
from boundcalc.worlds.trial import Block, Experiment

PATIENCE = 3.0
"""Seconds to wait for a scheduler."""


_IN_FLIGHT = 200
_SCHEMES = ("tcp", "tls", "ucx", "ws", "wss")
_LONGEST_GREETING = 10**6
"""A scheduler first says how long its greeting is."""


def on_cores(workers: int) -> Runner:
    """A runner with this many processes on this machine.

    Raises
    ------
    MissingExtraError
        If Dask is not installed.
    """
    _distributed()

    @contextmanager
    def local() -> Iterator[Any]:
        made = {"n_workers": workers, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
        with _deaf_to_interrupts():
            cluster = _distributed().LocalCluster(silence_logs=logging.CRITICAL, **made)
        with cluster, _distributed().Client(cluster) as client:
            yield client

    return _runner(local)


def on_cluster(address: str) -> Runner:
    """A runner on the workers of a Dask scheduler, such as ``tcp://10.0.0.1:8786``.

    Raises
    ------
    MissingExtraError
        If Dask is not installed.
    InputError
        When it is run: if the scheduler cannot be reached within a few seconds.
    """
    _distributed()

    @contextmanager
    def remote() -> Iterator[Any]:
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        try:
            _greeted(address)
            client = _distributed().Client(address, timeout=PATIENCE)
        except InputError:
            raise
        except Exception:  # whatever listens there may answer anything
            raise InputError(f"no scheduler at {shorten(address)}: nothing there answers as one") from None
        with client:
            yield client

    return _runner(remote)


def _greeted(address: str) -> None:
    """Wait for the first bytes of a scheduler, which speaks first: Dask itself may wait for ever.

    Raises
    ------
    OSError
        If there is no connection, or nothing is said.
    InputError
        If the address is not one that other processes can reach.
    """
    scheme, separator, place = address.rpartition("://")
    host, _, port = place.rpartition(":")
    if (separator and scheme not in _SCHEMES) or not host or not port.isdigit():
        others = ", ".join(_SCHEMES[1:])
        raise InputError(
            f"no scheduler at {shorten(address)}: an address is HOST:PORT or tcp://HOST:PORT (or {others})"
        )
    if scheme not in ("", "tcp"):
        return
    with socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE) as connection:
        start = connection.recv(8, socket.MSG_WAITALL)
    if len(start) < 8 or int.from_bytes(start, "little") > _LONGEST_GREETING:
        raise OSError("this is no Dask scheduler")


def _distributed() -> Any:
    return optional("distributed", "parallel simulations", "parallel")


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes that start now ignore Ctrl-C: it is for the process that hands out the work, and it only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _runner(connect: Any) -> Runner:
    def run(experiment: Experiment, todo: Sequence[Piece]) -> Iterator[tuple[Piece, Block]]:
        with connect() as client:
            waiting, futures = iter(todo), dict[Any, Piece]()

            def submitted(count: int) -> list[Any]:
                new = {client.submit(run_piece, experiment, p, pure=False): p for p in islice(waiting, count)}
                futures.update(new)
                return list(new)

            done = _distributed().as_completed(submitted(_IN_FLIGHT))
            for future in done:
                yield futures.pop(future), _result(future)
                done.update(submitted(1))

    return run


def _result(future: Any) -> Block:
    try:
        block: Block = future.result()
    except BoundcalcError:
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise BoundcalcError(f"the workers cannot run the simulation: {shorten(reason, 120)}") from None
    return block
