"""The ``boundcalc`` command."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from functools import partial
from importlib import import_module
from io import StringIO
from typing import Annotated, Any, NoReturn

import typer

from boundcalc import __version__
from boundcalc.errors import BoundcalcError, PluginWarning, nearest

COMMANDS = (
    "compare",
    "certify",
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
)

# Typer ships its own copy of Click in some releases and depends on Click in others.
UsageProblem: type[Exception] = next(
    c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException" and issubclass(c, Exception)
)

app = typer.Typer(
    name="boundcalc",
    help="Generalization bounds for multi-modal learning: is the extra modality worth it, provably, "
    "at my sample size?",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Examples: `boundcalc list` · `boundcalc derive huang2021.theorem1 --check` · "
    "`boundcalc compare examples/iemocap.toml`",
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"boundcalc {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


for command in COMMANDS:
    import_module(f"boundcalc.cli.{command}").register(app)


def main() -> None:
    """Run the command line; bad input ends in one line on stderr and exit code 2."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("default", PluginWarning)
            warnings.showwarning = partial(_note, warnings.showwarning)
            code = app(sys.argv[1:] or ["--help"], standalone_mode=False)
        sys.stdout.flush()
    except BoundcalcError as error:
        _fail(str(error), 2)
    except (typer.Abort, KeyboardInterrupt):
        _fail("interrupted", 130)
    except (BrokenPipeError, SystemExit) as stop:
        # Typer and Rich end a closed pipe as a failure
        if not isinstance(stop, BrokenPipeError) and not isinstance(stop.__context__, BrokenPipeError):
            raise
        # the reader of our output has gone: leave quietly, as `head` expects
        sys.stderr.close()
        sys.exit(141)
    except MemoryError:
        _fail("not enough memory for what was asked: make it smaller, or free some memory", 2)
    except OSError as error:
        # what is left in the buffer cannot be written either, and would be tried again at the exit
        sys.stdout = StringIO()
        _fail(f"cannot read or write {error.filename or 'the output'}: {error.strerror or error}", 2)
    except UsageProblem as error:
        _fail(_usage(getattr(error, "format_message", error.__str__)()), 2)
    sys.exit(code if isinstance(code, int) else 0)


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
    return f"unknown command '{unknown}'{nearest(unknown, COMMANDS)}" if unknown else message


def _fail(message: str, code: int) -> NoReturn:
    print(f"Error: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(code)
