"""The ``boundcalc`` command."""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from functools import cache, partial
from importlib import import_module
from io import StringIO
from typing import Annotated, Any, NoReturn

import typer

from boundcalc import __version__
from boundcalc.cli import streams
from boundcalc.errors import BoundcalcError, PluginWarning, nearest, shorten, visible

_ANYWHERE = ("--debug", "--allow-outside")
"""Options of every command, before or after its name."""
_FAULT = 70  # EX_SOFTWARE of sysexits.h

COMMANDS = (
    "compare",
    "certify",
    "report",
    "list",
    "show",
    "derive",
    "eval",
    "solve",
    "rates",
    "crossover",
    "estimate",
    "diagnose",
    "complexity",
    "plan",
    "power",
    "prove",
    "sweep",
    "simulate",
    "verify",
    "cite",
    "schema",
)

# Typer ships its own copy of Click in some releases and depends on Click in others.
UsageProblem: type[Exception] = next(
    c
    for c in typer.BadParameter.__mro__
    if c.__name__ == "ClickException" and issubclass(c, Exception)
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"boundcalc {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show where in the program an error comes from.")
    ] = False,
    outside: Annotated[
        bool,
        typer.Option("--allow-outside", help="Studies may name files outside their folders."),
    ] = False,
) -> None:
    pass


@cache
def application(commands: tuple[str, ...] = COMMANDS) -> typer.Typer:
    """The command line with some of its commands; the modules of others are not loaded."""
    found = typer.Typer(
        name="boundcalc",
        help="Generalization bounds for multi-modal learning: is the extra modality worth it, "
        "provably, "
        "at my sample size?",
        no_args_is_help=True,
        rich_markup_mode="markdown",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog="Examples: `boundcalc list` · `boundcalc derive huang2021.theorem1 --check` · "
        "`boundcalc compare examples/iemocap.toml`",
    )
    found.callback()(_root)
    for command in commands:
        import_module(f"boundcalc.cli.{command}").register(found)
    return found


def __getattr__(name: str) -> Any:
    """``app``, the whole command line, which is built when it is first asked for."""
    if name == "app":
        return application()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _commands(words: Iterable[str]) -> tuple[str, ...]:
    """The command that is asked for; all of them where none is."""
    first = next((word for word in words if not word.startswith("-")), "")
    return (first,) if first in COMMANDS else COMMANDS


def main() -> None:
    """Run the command line.

    Bad input ends in one line on stderr and exit code 2, a fault of ours in one line and 70.
    """
    arguments = sys.argv[1:]
    ours = arguments[: arguments.index("--")] if "--" in arguments else arguments
    debug, outside = (option in ours for option in _ANYWHERE)
    try:
        with streams.prepared(debug=debug), _any_file() if outside else nullcontext():
            warnings.simplefilter("default", PluginWarning)
            warnings.showwarning = partial(_note, warnings.showwarning)
            code = _run([a for a in ours if a not in _ANYWHERE] + arguments[len(ours) :])
    except KeyboardInterrupt:
        _fail("interrupted", 130)
    except Exception as error:
        if debug:
            traceback.print_exc()
        code, message = _explained(error)
        # what is left in the buffer cannot be written either, and would be tried again at the exit
        if isinstance(error, OSError):
            sys.stdout = StringIO()
        _fail(message, code)
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    try:
        # while the shell completes, it says what was typed
        typed = os.environ.get("COMP_WORDS", "").split()[1:] or arguments
        app = application(_commands(typed))
        code = app(arguments or ["--help"], standalone_mode=False)
        sys.stdout.flush()
    except typer.Abort:
        raise KeyboardInterrupt from None
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


def _explained(error: Exception) -> tuple[int, str]:
    """The exit code and the line for an error."""
    if isinstance(error, BoundcalcError):
        return 2, str(error)
    if isinstance(error, MemoryError):
        return 2, "not enough memory for what was asked: make it smaller, or free some memory"
    if isinstance(error, OSError):
        name = error.filename or "the output"
        return 2, f"cannot read or write {name}: {error.strerror or error}"
    if isinstance(error, UsageProblem):
        return 2, _usage(getattr(error, "format_message", error.__str__)())
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


def _usage(message: str) -> str:
    """Name the nearest command for a mistyped one."""
    unknown = message.partition("No such command '")[2].partition("'")[0]
    return (
        f"unknown command '{unknown}'{nearest(unknown, COMMANDS)}"
        if unknown
        else shorten(message, 400)
    )


def _any_file() -> AbstractContextManager[None]:
    """Within it, a study may name files outside its folder."""
    from boundcalc.study.toml_file import allow_outside

    return allow_outside()


def _fail(message: str, code: int) -> NoReturn:
    print(f"Error: {visible(' '.join(message.split()))}", file=sys.stderr)
    sys.exit(code)
