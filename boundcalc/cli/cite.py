"""``boundcalc cite``: BibTeX of what a result rests on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from boundcalc.cli import completion
from boundcalc.cli.common import (
    OUTPUT,
    PICTURES,
    Format,
    emit,
    emit_text,
    resolved,
    variant_option,
    word_option,
)
from boundcalc.render.files import is_stream

if TYPE_CHECKING:
    from boundcalc.symbolic.literature import Work

EXAMPLE = (
    "Examples: `boundcalc cite huang2021.theorem1 >> references.bib` · `boundcalc cite "
    "examples/iemocap.toml -o references.bib`"
)


def run(
    ids: Annotated[
        list[str],
        typer.Argument(
            metavar="ID", help="Catalogue ids or study files.", autocompletion=completion.known_ids
        ),
    ],
    variant: Annotated[
        str | None, variant_option("Only what this form of the theorems rests on.")
    ] = None,
    format: Annotated[
        Format,
        word_option(
            [word for word in Format if word not in PICTURES],
            "--format",
            "-f",
            help="rich prints plain BibTeX.",
        ),
    ] = Format.RICH,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Write this file: .bib, .json, .md, .tex, .csv or .html.",
            **OUTPUT,
        ),
    ] = None,
) -> None:
    """Print BibTeX for theorems, or for what a study's verdicts use, and for the lemmas in their
    proofs.
    """
    from boundcalc.render.document import Code, Table

    works = {work.key: work for id in ids for work in _works(id, variant)}
    bibtex = "\n\n".join(work.bibtex for work in works.values()) + "\n"
    stream = output is None or is_stream(output)
    kind = resolved(format, output, "bib")
    if kind == "bib" or (stream and format is Format.RICH):
        emit_text(bibtex, output)
        return
    table = Table(
        ("key", "work", "title"),
        tuple((w.key, w.short, dict(w.fields)["title"]) for w in works.values()),
    )
    emit(
        None,
        format,
        output,
        data=lambda: [{"key": w.key, "type": w.kind, **dict(w.fields)} for w in works.values()],
        document=lambda: (table,) if kind == Format.CSV else (Code(bibtex.rstrip(), "bibtex"),),
    )


def _works(id: str, variant: str | None) -> Iterator[Work]:
    from boundcalc.symbolic.catalogue import theorem
    from boundcalc.symbolic.literature import mentions

    if id in mentions():
        yield mentions()[id].work
        return
    if not id.endswith(".toml"):
        yield from theorem(id).works(variant)
        return
    from boundcalc.study.compare import compare

    for used in dict.fromkeys((event.method, event.variant) for event in compare(id).ledger):
        if "." in used[0]:
            yield from theorem(used[0]).works(used[1])
