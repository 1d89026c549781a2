"""``boundcalc show``: one theorem, whole, or one lemma."""

from __future__ import annotations

import typer

from boundcalc.cli.common import (
    Format,
    FormatOption,
    IdArgument,
    OutputOption,
    StandaloneOption,
    emit,
    emit_text,
    require_latex,
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("show", epilog="Example: `boundcalc show huang2021.theorem1`")(run)


def run(
    id: IdArgument,
    standalone: StandaloneOption = False,
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """Show a theorem: closed forms, parameters, assumptions, source, worked number; or a lemma."""
    from boundcalc.render.entries import details, entry_document, lemma_details, lemma_document
    from boundcalc.symbolic.catalogue import lemma, lemmas, theorem, theorem_modules

    require_latex(standalone, format)
    if id not in theorem_modules() and id in lemmas():
        found = lemma_details(id, lemma(id))
        emit(format, data=lambda: found, document=lambda: lemma_document(found), output=output)
        return
    entry = theorem(id)
    if format is Format.LATEX:
        from boundcalc.render.paper import page_latex

        emit_text(page_latex(entry, standalone=standalone), output)
        return
    emit(format, data=lambda: details(entry), document=lambda: entry_document(entry), output=output)
