"""``boundcalc list``: the catalogue."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from boundcalc.cli import completion
from boundcalc.cli.common import Format, FormatOption, OutputOption, emit
from boundcalc.errors import InputError, UnknownNameError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("list", epilog="Example: `boundcalc list --paper huang2021`")(run)


def run(
    paper: Annotated[
        str | None,
        typer.Option(
            "--paper",
            "-p",
            help="Only this family, for example huang2021.",
            autocompletion=completion.families,
        ),
    ] = None,
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """List the theorems and their variants."""
    from boundcalc.render.entries import catalogue_document, summary
    from boundcalc.symbolic.catalogue import theorem, theorem_modules

    families = {id.partition(".")[0] for id in theorem_modules()}
    if paper is not None and paper not in families:
        raise UnknownNameError("family", paper, families)
    entries = []
    for id in theorem_modules():
        if paper in (None, id.partition(".")[0]):
            try:
                entries.append(theorem(id))
            except InputError as error:  # a broken package of somebody else must not hide the rest
                print(f"Left out: {error}", file=sys.stderr)
    emit(
        format,
        data=lambda: [summary(entry) for entry in entries],
        document=lambda: catalogue_document(entries),
        output=output,
    )
