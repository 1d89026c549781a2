"""``boundcalc`` and ``python -m boundcalc``: the command line."""

from __future__ import annotations

import atexit
import os
import signal
import sys
from contextlib import suppress
from typing import Any, NoReturn

_INTERRUPTED = 130
_seen: list[int] = []


def main() -> None:
    """Run the command line; an interrupt while it is loaded ends as any other does."""
    try:
        with suppress(ValueError):  # in another thread signals are none of ours
            for kind in (signal.SIGINT, signal.SIGTERM):
                if signal.getsignal(kind) in (signal.SIG_DFL, signal.default_int_handler):
                    signal.signal(kind, _interrupt)
        from boundcalc.cli.app import main as run

        run(_seen)
    except KeyboardInterrupt:
        print("Error: interrupted", file=sys.stderr)
        _end()
    except SystemExit as stop:
        if stop.code == _INTERRUPTED:
            _end()
        raise


def _interrupt(number: int, frame: Any) -> None:
    _seen.append(number)  # a module in C that is being loaded makes an ImportError of it
    raise KeyboardInterrupt


def _end() -> NoReturn:
    """End with that code; Python sends itself the signal if a dataclass was being made.

    It sends it to all threads, of which those of other libraries cannot be told to wait.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # it may be closed
            stream.flush()
    atexit._run_exitfuncs()
    os._exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
