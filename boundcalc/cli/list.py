"""``boundcalc list``: the catalogue."""

from __future__ import annotations

from typing import Annotated

import typer

from boundcalc.cli import completion
from boundcalc.cli.common import DetailsOption, Format, FormatOption, OutputOption, emit, resolved
from boundcalc.errors import UnknownNameError

EXAMPLE = "Example: `boundcalc list --paper huang2021`"


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
    details: DetailsOption = False,
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """List the theorems and their variants."""
    from boundcalc.numeric.compiled import compiled_catalogue
    from boundcalc.render.entries import (
        catalogue_document,
        catalogue_screen,
        mention_details,
        summary,
    )
    from boundcalc.symbolic.catalogue import theorem_modules
    from boundcalc.symbolic.literature import mentions

    families = {id.partition(".")[0] for id in (*theorem_modules(), *mentions())}
    if paper is not None and paper not in families:
        with_numbers = {id.partition(".")[0] for id in theorem_modules()}
        raise UnknownNameError("family", paper, with_numbers)
    known = compiled_catalogue().items()
    entries = [entry for id, entry in known if paper in (None, id.partition(".")[0])]
    cited = [found for id, found in mentions().items() if paper in (None, id.partition(".")[0])]
    brief = paper is None and not details and resolved(format, output) == Format.RICH
    shown = catalogue_screen if brief else catalogue_document
    emit(
        None,
        format,
        output,
        details=details,
        data=lambda: [*map(summary, entries), *map(mention_details, cited)],
        document=lambda: shown(entries, cited),
    )
