"""A progress bar on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_PATIENCE = 1.0  # seconds before it appears


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on stderr once the work takes longer than a second, and only on a terminal.

    Yields
    ------
    callable or None
        To be called with the steps done and the steps in all.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import Progress

    from boundcalc.render.terminal import console

    began = time.monotonic()
    with Progress(console=console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, visible=False)

        def tick(done: int, total: int) -> None:
            late = time.monotonic() - began > _PATIENCE
            bar.update(task, completed=done, total=total, visible=late)

        yield tick
