"""The ``boundcalc`` command: its process, its errors, its exit code."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from io import StringIO
from typing import Any, NoReturn

from boundcalc.cli import pages, streams
from boundcalc.errors import BoundcalcError, PluginWarning, shorten, visible

_ANYWHERE = ("--debug", "--allow-outside")
"""Options of every command, before or after its name."""
_FAULT = 70  # EX_SOFTWARE of sysexits.h


def __getattr__(name: str) -> Any:
    """``app``, which loads Typer."""
    if name == "app":
        from boundcalc.cli.group import app

        return app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def main(signals: Sequence[int] = ()) -> None:
    """Run the command line.

    Bad input ends in one line on stderr and exit code 2, a fault of ours in one line and 70.

    Parameters
    ----------
    signals : sequence of int
        Those that asked to end; it grows when one arrives.
    """
    arguments = sys.argv[1:]
    ours = arguments[: arguments.index("--")] if "--" in arguments else arguments
    debug, outside = (option in ours for option in _ANYWHERE)
    try:
        with streams.prepared_process(debug=debug), _any_file() if outside else nullcontext():
            warnings.simplefilter("default", PluginWarning)
            warnings.showwarning = partial(_note, warnings.showwarning)
            code = _run([a for a in ours if a not in _ANYWHERE] + arguments[len(ours) :])
    except KeyboardInterrupt:
        _fail("interrupted", 130)
    except Exception as error:
        if debug:
            import traceback

            traceback.print_exc()
        code, message = _explained(error)
        if code == _FAULT and signals:
            code, message = 130, "interrupted"
        # what is left in the buffer cannot be written either, and would be tried again at the exit
        if isinstance(error, OSError):
            sys.stdout = StringIO()
        _fail(message, code)
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    try:
        with pages.kept(arguments or ["--help"]) as known:
            code = 0 if known else _typed(arguments or ["--help"])
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit) as stop:
        # Typer and Rich end a closed pipe as a failure
        if not isinstance(stop, BrokenPipeError) and not isinstance(
            stop.__context__, BrokenPipeError
        ):
            raise
        # the reader of our output has gone: leave quietly, as `head` expects
        sys.stderr.close()
        sys.exit(141)
    return code if isinstance(code, int) else 0


def _typed(arguments: list[str]) -> Any:
    """What Typer makes of it."""
    from typer import Abort

    from boundcalc.cli.group import app, completed_quickly

    if pages.COMPLETES in os.environ:
        completed_quickly()
    try:
        return app(arguments, prog_name="boundcalc", standalone_mode=False)
    except Abort:
        raise KeyboardInterrupt from None


def _explained(error: Exception) -> tuple[int, str]:
    """The exit code and the line for an error."""
    if isinstance(error, BoundcalcError):
        return 2, str(error)
    if isinstance(error, MemoryError):
        return 2, "not enough memory for what was asked: make it smaller, or free some memory"
    if isinstance(error, OSError):
        name = error.filename or "the output"
        return 2, f"cannot read or write {name}: {error.strerror or error}"
    if any(kind.__name__ == "ClickException" for kind in type(error).__mro__):
        # Typer ships its own copy of Click in some releases and depends on Click in others
        return 2, shorten(getattr(error, "format_message", error.__str__)(), 400)
    said = f"{type(error).__name__}: {shorten(str(error), 100)}"
    return _FAULT, f"a fault of boundcalc ({said}); please report it with what --debug shows"


def _note(
    otherwise: Callable[..., None], message: Warning | str, category: type[Warning], *where: Any
) -> None:
    """What is left out, in one line; every other warning as usual."""
    if not issubclass(category, PluginWarning):
        otherwise(message, category, *where)
        return
    text = " ".join(str(message).split())
    print(f"Note: {text}", file=sys.stderr)


def _any_file() -> AbstractContextManager[None]:
    """Within it, a study may name files outside its folder."""
    from boundcalc.study.toml_file import allow_outside

    return allow_outside()


def _fail(message: str, code: int) -> NoReturn:
    try:
        print(f"Error: {visible(' '.join(message.split()))}", file=sys.stderr)
    except OSError:  # where nobody can be told, the code still says it
        sys.stderr = StringIO()
    sys.exit(code)
