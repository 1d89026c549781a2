"""``boundcalc show``: one theorem, whole, or one lemma."""

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
    """Show a theorem: closed forms, parameters, assumptions, source, worked number; or a lemma."""
    from boundcalc.render.entries import (
        details,
        entry_document,
        lemma_details,
        lemma_document,
        mention_details,
        mention_document,
    )
    from boundcalc.symbolic.catalogue import lemma, lemmas, mentions, theorem, theorem_modules

    if id in mentions():
        cited = mentions()[id]
        emit(
            format,
            data=lambda: mention_details(cited),
            document=lambda: mention_document(cited),
            output=output,
        )
        return
    if id not in theorem_modules() and id in lemmas():
        found = lemma_details(id, lemma(id))
        emit(format, data=lambda: found, document=lambda: lemma_document(found), output=output)
        return
    entry = theorem(id)
    emit(format, data=lambda: details(entry), document=lambda: entry_document(entry), output=output)
