"""``boundcalc cite``: BibTeX of what a result rests on."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from boundcalc.cli.common import Format, OutputOption, emit, write_whole


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("cite", epilog="Example: `boundcalc cite huang2021.theorem1 >> references.bib`")(run)


def run(
    ids: Annotated[
        list[str], typer.Argument(metavar="ID", help="Catalogue ids, or a study file that was compared.")
    ],
    format: Annotated[
        Format, typer.Option("--format", "-f", help="rich prints plain BibTeX.", case_sensitive=False)
    ] = Format.RICH,
    output: OutputOption = None,
) -> None:
    """Print BibTeX for the sources of theorems and of every lemma in their proofs."""
    from boundcalc.render.document import Code, Table
    from boundcalc.symbolic.catalogue import theorem

    works = {work.key: work for id in ids for work in theorem(id).works}
    bibtex = "\n\n".join(work.bibtex for work in works.values()) + "\n"
    if format is Format.RICH:
        if output is None:
            sys.stdout.write(bibtex)
        else:
            write_whole(output, bibtex)
        return
    table = Table(
        ("key", "work", "title"), tuple((w.key, w.short, dict(w.fields)["title"]) for w in works.values())
    )
    emit(
        format,
        data=lambda: [{"key": w.key, "type": w.kind, **dict(w.fields)} for w in works.values()],
        document=lambda: (table,) if format is Format.CSV else (Code(bibtex.rstrip(), "bibtex"),),
        output=output,
    )
