"""What a command finds in its process: closed streams, code pages, widths, warnings."""

from __future__ import annotations

import errno
import io
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from boundcalc.render.spelling import SIGNS

_WIDEST = 10_000  # columns


class _Closed(io.StringIO):
    """In place of a stream that is closed: whatever is printed is an error, as on a full disk."""

    def write(self, text: str, /) -> int:
        if text:
            raise OSError(errno.EBADF, "it is closed")
        return 0


@contextmanager
def prepared_process(*, debug: bool) -> Iterator[None]:
    """A process fit for a command: its streams, its width, its warnings.

    Warnings of libraries say nothing to whoever typed a command, and must not become errors.
    """
    _open_streams()
    columns = os.environ.get("COLUMNS", "1")
    if not (columns.isascii() and columns.isdigit() and 0 < int(columns[:9]) <= _WIDEST):
        del os.environ["COLUMNS"]
    os.environ.pop("MPLBACKEND", None)  # pictures are drawn into files only
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        if not debug:
            warnings.simplefilter("ignore")
        yield


def _open_streams() -> None:
    closed = None in (sys.stdin, sys.stdout, sys.stderr)
    spare = os.open(os.devnull, os.O_RDWR) if closed else 3
    while spare <= 2:  # a file that is opened later must not become a standard stream
        spare = os.open(os.devnull, os.O_RDWR)
    if closed:
        os.close(spare)
    if sys.stdout is None:
        sys.stdout = _Closed()
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - until the exit
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=SIGNS)
