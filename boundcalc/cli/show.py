"""``boundcalc show``: one theorem, whole, or one lemma, parameter or word."""

from __future__ import annotations

from typing import Annotated

import typer

from boundcalc.cli import completion
from boundcalc.cli.common import (
    DetailsOption,
    Format,
    FormatOption,
    OutputOption,
    StandaloneOption,
    emit,
    emit_text,
    require_latex,
    resolved,
)
from boundcalc.errors import UnknownNameError

EXAMPLE = (
    "Examples: `boundcalc show huang2021.theorem1` · `boundcalc show symmetrisation` · "
    "`boundcalc show delta` · `boundcalc show glossary`"
)
GLOSSARY = "glossary"


def run(
    name: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="A theorem, a lemma, a parameter, a word such as vacuous, or glossary.",
            autocompletion=completion.shown_names,
        ),
    ],
    details: DetailsOption = False,
    standalone: StandaloneOption = False,
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """Show a theorem: closed forms, parameters, assumptions, source; or explain a lemma or word."""
    from boundcalc.numeric.compiled import compiled
    from boundcalc.render import entries
    from boundcalc.symbolic.catalogue import lemmas, theorem, theorem_modules
    from boundcalc.symbolic.glossary import TERMS
    from boundcalc.symbolic.literature import mentions

    kind = resolved(format, output)
    name = _as_known(name)
    require_latex(standalone, kind)
    if name in mentions():
        data = entries.mention_details(mentions()[name])
        document = entries.mention_document(mentions()[name])
    elif name not in TERMS and (name in theorem_modules() or "." in name):
        if kind == Format.LATEX:
            from boundcalc.render.paper import page_latex

            emit_text(page_latex(theorem(name), standalone=standalone), output)
            return
        entry = compiled(name)
        brief = kind == Format.RICH and not details
        data = entries.entry_details(entry)
        document = entries.entry_screen(entry) if brief else entries.entry_document(entry)
    elif name in lemmas():
        data = entries.lemma_details(name)
        document = entries.lemma_document(data)
    elif name == GLOSSARY:
        data, document, details = dict(TERMS), entries.glossary_document(), True
    elif _is_term(name):
        data = entries.term_details(name)
        document = entries.term_document(data)
    else:
        known = [*theorem_modules(), *mentions(), *lemmas(), *TERMS, GLOSSARY]
        raise UnknownNameError("theorem, lemma or word", name, known)
    emit(None, format, output, details=details, data=lambda: data, document=lambda: document)


def _as_known(name: str) -> str:
    """In lower case, where only so it is known."""
    from boundcalc.symbolic.catalogue import lemmas, theorem_modules
    from boundcalc.symbolic.literature import mentions

    if name == name.lower():
        return name  # the names of lemmas are known by SymPy only
    names = {*theorem_modules(), *mentions(), *lemmas(), GLOSSARY}
    as_written, low = (x in names or _is_term(x) for x in (name, name.lower()))
    return name.lower() if low and not as_written else name


def _is_term(name: str) -> bool:
    from boundcalc.symbolic.glossary import TERMS
    from boundcalc.symbolic.parameters import parameter

    if name.lower() in {term.lower() for term in TERMS}:
        return True
    try:
        return bool(parameter(name))
    except UnknownNameError:
        return False
