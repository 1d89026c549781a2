"""``boundcalc show``: one theorem, whole."""

from __future__ import annotations

import typer

from boundcalc.cli.common import Format, FormatOption, IdArgument, OutputOption, emit


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("show", epilog="Example: `boundcalc show huang2021.theorem1`")(run)


def run(
    id: IdArgument,
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """Show a theorem: closed forms, parameters with domains, assumptions, source, worked number."""
    from boundcalc.render.entries import details, entry_document
    from boundcalc.symbolic.catalogue import theorem

    entry = theorem(id)
    emit(format, data=lambda: details(entry), document=lambda: entry_document(entry), output=output)
