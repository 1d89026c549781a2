"""``boundcalc show``: one theorem, whole, or one lemma."""

from __future__ import annotations

import typer

from boundcalc.cli.common import DetailsOption, Format, FormatOption, IdArgument, OutputOption, emit


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("show", epilog="Example: `boundcalc show huang2021.theorem1`")(run)


def run(
    id: IdArgument,
    details: DetailsOption = False,
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """Show a theorem: closed forms, parameters, assumptions, source, worked number; or a lemma."""
    from boundcalc.render import entries
    from boundcalc.symbolic.catalogue import lemma, lemmas, theorem, theorem_modules

    if id not in theorem_modules() and id in lemmas():
        found = entries.lemma_details(id, lemma(id))
        document = entries.lemma_document(found)
        emit(format, data=lambda: found, document=lambda: document, output=output, details=details)
        return
    entry = theorem(id)
    emit(
        format,
        data=lambda: entries.details(entry),
        document=lambda: entries.entry_document(entry),
        output=output,
        details=details,
    )
