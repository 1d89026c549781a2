"""The commands: each is imported when it is asked for, and its values are read without Pydantic."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup

from boundcalc import __version__
from boundcalc.errors import BoundcalcError, InputError, nearest

COMMANDS = {
    "compare": "Compare modality subsets: which is certified better, and what would settle the "
    "rest.",
    "certify": "Certify which of two predictors has the lower risk, from their losses on the same "
    "examples.",
    "report": "Write a study, losses or data as one self-contained HTML page.",
    "list": "List the theorems and their variants.",
    "show": "Show a theorem: closed forms, parameters, assumptions, source; or explain a lemma or "
    "word.",
    "derive": "Derive a bound: running upper bound, lemma, source and cost of every step.",
    "eval": "Evaluate a bound: value, terms, probability, and whether it says anything.",
    "solve": "Solve a bound for one parameter: the extreme value that still meets a target.",
    "rates": "Show limits, leading orders with their constants, and the term that decides, as m or "
    "n grows.",
    "crossover": "Find all sample sizes at which the better of two bounds changes, everything else "
    "held fixed.",
    "compare-bounds": "Say which of two bounds is smaller for all values of their parameters, or "
    "where each is.",
    "estimate": "Estimate the empirical Rademacher or Gaussian complexity of a class on real data.",
    "diagnose": "Measure the seeds of a multimodal advantage: connection and heterogeneity.",
    "complexity": "Bound the Rademacher complexity of a function class: value, conventions, proof.",
    "plan": "Plan a data collection: the cheapest whole numbers of examples that reach a target.",
    "subsets": "Rank all subsets of modalities by an upper limit; all limits hold together.",
    "power": "Forecast how many test examples decide which of two predictors is better.",
    "prove": "Find the best bound that a set of facts can prove, with its proof.",
    "sweep": "Sweep a bound over ranges of parameters: value, terms, and where it is vacuous.",
    "simulate": "Repeat draw, fit, bound; print truth, bound, tightness, violation rate, and the "
    "crossovers.",
    "verify": "Check proofs, values, micro-worlds and coverage; exit 1 if anything fails.",
    "cite": "Print BibTeX for theorems, or for what a study's verdicts use, and for the lemmas in "
    "their proofs.",
    "schema": "Print the JSON Schema of a kind of file: its keys, their types, ranges and "
    "meanings.",
}
"""The first paragraph of each command's help: the list of all of them imports none."""
_FEW = 6
_CALLED_HERE = {
    "--alpha": "--delta, the failure probability",
    "--level": "--delta, the failure probability",
    "--confidence": "--delta, the failure probability, 0.05 for a confidence of 0.95",
    "--cost": "--price, such as --price n=1",
}
"""Options by other names that newcomers try, where the command has the one meant."""


class _Quick:
    """A command whose values are read here: for Pydantic, which Typer loads for it, we wait longer
    than for all else.
    """

    def get_params(self, ctx: Any) -> list[Any]:
        """Its options and arguments."""
        found: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for parameter in found:
            read = _reader(getattr(parameter, "type_descriptor", None))
            if read is not None and "process_value" not in vars(parameter):
                parameter.process_value = _processed(parameter, read)
        return found


class Command(_Quick, TyperCommand):
    """One command; what it refuses is called as it is typed."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Read its options and arguments."""
        with self._as_typed():
            try:
                return super().make_context(*args, **kwargs)
            except Exception as error:
                # Click's own class, which Typer ships in some releases and imports in others
                option = str(getattr(error, "option_name", ""))
                meant = _CALLED_HERE.get(option, "")
                if any(meant.partition(",")[0] in p.opts for p in self.params):
                    raise InputError(f"{self.name} has no option {option}: say {meant}") from None
                if type(error).__name__ != "NoSuchOption":
                    raise
                owners = _having(option)
                if 0 < len(owners) <= _FEW:
                    has = "has" if len(owners) == 1 else "have"
                    elsewhere = f"; {', '.join(owners)} {has} it"
                else:  # an option of nearly all, or of none
                    elsewhere = nearest(option, (max(p.opts, key=len) for p in self.options()))
                raise InputError(f"{self.name} has no option {option}{elsewhere}") from None

    def invoke(self, ctx: Any) -> Any:
        """Run it."""
        with self._as_typed():
            return super().invoke(ctx)

    def options(self) -> list[Any]:
        """Its parameters that are given by name."""
        return [p for p in self.params if p.opts[0][0] == "-"]

    @contextmanager
    def _as_typed(self) -> Iterator[None]:
        called = {p.name: max(p.opts, key=len) for p in self.options()}
        try:
            yield
        except BoundcalcError as error:
            error.args = (error.calling(called),)
            raise
        except KeyboardInterrupt:  # of which some releases of Typer make a silent exit
            raise typer.Abort from None


class Group(_Quick, TyperGroup):
    """All commands. What lists them gets their names and summaries; what runs one gets it whole."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, in the order of the help page."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """What stands in for a command in a list."""
        return TyperCommand(cmd_name, help=COMMANDS[cmd_name]) if cmd_name in COMMANDS else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is asked for."""
        name = args[0]
        if name in COMMANDS:
            return name, command(name), args[1:]
        if not name.startswith("-") and not ctx.resilient_parsing:
            raise InputError(f"unknown command '{name}'{nearest(name, COMMANDS)}")
        return super().resolve_command(ctx, args)


def _having(option: str) -> list[str]:
    """The commands that have an option."""
    return [c for c in COMMANDS if any(option in p.opts for p in command(c).params)]


def _reader(declared: Any) -> Callable[[Any], Any] | None:
    """How a value is read from text; None where that is left to Typer."""
    if declared is None:  # a release of Typer without Pydantic
        return None
    if declared.parameter_info.parser is not None:
        return declared.parameter_info.parser  # type: ignore[no-any-return]
    kind = declared.annotation
    kind = get_args(kind)[0] if get_origin(kind) is list else kind
    return kind if kind in (str, Path, bool) else None


def _processed(parameter: Any, read: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """Read the value of a parameter; what is missing is Typer's business."""
    otherwise, several = parameter.process_value, parameter.multiple or parameter.nargs == -1

    def process(ctx: Any, value: Any) -> Any:
        missing = parameter.required and parameter.value_is_missing(value)
        if missing and not ctx.resilient_parsing:  # a shell that completes misses nothing yet
            return otherwise(ctx, value)
        if several:
            value = [read(each) for each in value or ()]
        elif value is not None:
            value = read(value)
        return value if parameter.callback is None else parameter.callback(ctx, parameter, value)

    return process


def completed_quickly() -> None:
    """Offer summaries as they are: Typer loads Rich to take out markup, and they have none."""
    offered: Any = sys.modules.get("typer._completion_classes")
    if hasattr(offered, "_sanitize_help_text"):
        offered._sanitize_help_text = str


@cache
def command(name: str) -> Any:
    """A command, from its module: its function `run`, and `EXAMPLE` for the end of its help."""
    module = import_module(f"boundcalc.cli.{name}".replace("-", "_"))
    alone = typer.Typer(add_completion=False, rich_markup_mode="markdown")
    alone.command(name, epilog=module.EXAMPLE, cls=Command)(module.run)
    return typer.main.get_command(alone)


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
        bool, typer.Option("--allow-outside", help="Studies may name files outside their folders.")
    ] = False,
) -> None:
    pass


app = typer.Typer(
    name="boundcalc",
    cls=Group,
    help="Generalization bounds for multi-modal learning: is the extra modality worth it, "
    "provably, at my sample size?",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Examples: `boundcalc list` · `boundcalc derive huang2021.theorem1 --check` · "
    "`boundcalc compare examples/iemocap.toml`",
)
app.callback()(_root)
