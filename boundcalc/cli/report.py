"""``boundcalc report``: a study, losses or data as one page that opens without a network."""

from __future__ import annotations

import inspect
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from boundcalc.cli import compare
from boundcalc.cli.common import OUTPUT, progress_bar
from boundcalc.errors import optional, refuse_unknown

EXAMPLE = (
    "Examples: `boundcalc report examples/iemocap.toml -o report.html` · "
    "`boundcalc report losses.csv --losses -o report.html`"
)
_OF_THE_TERMINAL = frozenset({"ledger", "details", "alone", "format", "output"})
_PAGES = ("html", "htm")
OutputArgument = Annotated[
    Path, typer.Option("--output", "-o", help="The page that is written.", **OUTPUT)
]


def _write(source: list[Path], output: Path, **given: Any) -> None:
    """Write a study, losses or data as one self-contained HTML page.

    The answer in plain words, pictures, what was measured, every bound with its proof, what may be
    wrong and what it costs, what it all rests on. Sliders evaluate every closed form again in the
    page. It loads nothing from anywhere; it takes the options of `compare`.
    """
    from boundcalc.render.files import whole_file
    from boundcalc.render.report import report_page, source_of

    kind = output.suffix.lower().removeprefix(".")
    refuse_unknown("file extension", kind, _PAGES)
    optional("jinja2", "reports", "report")
    with progress_bar("fits") as progress:
        result = compare.compared(source, progress=progress, **given)
    command = shlex.join(["boundcalc", *sys.argv[1:]])
    made_from = source_of(source[0], command) if source[0].is_file() else None
    page = report_page(result, made_from)
    with whole_file(output) as stream:
        stream.write(page.encode())


def _with_options_of_compare() -> Callable[..., None]:
    """The command, with the options of `compare` that say what is compared."""
    taken = inspect.signature(compare.run, eval_str=True).parameters.values()
    asked = [p for p in taken if p.name not in _OF_THE_TERMINAL]
    output = inspect.Parameter(
        "output", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=OutputArgument
    )
    first = next(i for i, p in enumerate(asked) if p.default is not inspect.Parameter.empty)
    asked.insert(first, output)

    def command(**given: Any) -> None:
        _write(**given)

    command.__doc__ = _write.__doc__
    command.__signature__ = inspect.Signature(asked)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in asked}
    return command


run = _with_options_of_compare()
