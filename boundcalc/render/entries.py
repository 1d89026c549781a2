"""Entries of the catalogue, lemmas and words of the glossary as documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from boundcalc.errors import UnknownNameError
from boundcalc.render.document import (
    Block,
    Document,
    Formula,
    Heading,
    Table,
    Text,
    Tone,
    small_print,
)
from boundcalc.render.texts import sections, unmarked
from boundcalc.symbolic.catalogue import catalogue, lemma_page, sources_of, uses_of
from boundcalc.symbolic.glossary import TERMS
from boundcalc.symbolic.literature import Mention, short
from boundcalc.symbolic.parameters import parameter
from boundcalc.text import number

if TYPE_CHECKING:
    from boundcalc.numeric.compiled import CompiledTheorem, CompiledVariant
    from boundcalc.symbolic.theorem import Theorem

_MOST_FORMS = 8
_LONGEST_TITLE = 48


def summary(entry: CompiledTheorem) -> dict[str, Any]:
    """What `list` prints of an entry, as plain data."""
    return {
        "id": entry.id,
        "title": entry.title,
        "source": entry.short,
        "variants": {name: variant.status.value for name, variant in entry.variants.items()},
    }


def mention_details(cited: Mention) -> dict[str, Any]:
    """What `list` and `show` say of a result without a number, as plain data."""
    return {
        "id": cited.id,
        "title": cited.title,
        "source": cited.work.short,
        "variants": {},
        "status": cited.status.value,
        "statement": cited.statement,
    }


def mention_document(cited: Mention) -> Document:
    """What a result says, and that it has no number here."""
    return (
        Heading(f"{cited.id}: {cited.title}"),
        Text(cited.statement),
        *small_print(f"{cited.refusal}. boundcalc cite {cited.id} prints the work."),
    )


def catalogue_document(
    entries: Sequence[CompiledTheorem], cited: Sequence[Mention] = ()
) -> Document:
    """The catalogue as a table, and results that are cited without a number."""
    rows = tuple((e.id, e.title, ", ".join(e.variants)) for e in entries)
    unknown = tuple((c.id, c.title, c.status.value) for c in cited)
    return (
        *((Table(("id", "title", "variants"), rows, "L"),) if rows else ()),
        *((Table(("id", "title", "number"), unknown, "L"),) if unknown else ()),
        *small_print("boundcalc show ID prints one; boundcalc derive ID prints its proof."),
    )


def catalogue_screen(entries: Sequence[CompiledTheorem], cited: Sequence[Mention] = ()) -> Document:
    """The catalogue on one screen, a line a theorem."""
    fits = ((e, len(e.title) <= _LONGEST_TITLE) for e in entries)
    rows = tuple((e.id, e.title if fit else f"{e.title[: _LONGEST_TITLE - 1]}…") for e, fit in fits)
    names, why = ", ".join(c.id for c in cited), ", ".join(sorted({c.status.value for c in cited}))
    more = "boundcalc show ID prints one; --details: whole titles, and all variants."
    return (
        Table(("id", "title"), rows, "L"),
        *small_print(f"Cited without a number ({why}): {names}." if cited else ""),
        Text(more, Tone.HINT),
    )


def closed_form(variant: CompiledVariant) -> Formula:
    """The closed form of a variant."""
    return Formula(variant.notation.text, variant.notation.latex)


def held_with(variant: CompiledVariant) -> Formula:
    """With at least which probability it holds."""
    return Formula(variant.notation.probability, variant.notation.probability_latex)


def entry_details(entry: CompiledTheorem) -> dict[str, Any]:
    """What `show` prints, as plain data."""
    return summary(entry) | {
        "statement": entry.statement,
        "credit": entry.credit,
        "page": entry.page.strip(),
        "parameters": [
            {
                "name": p.name,
                "symbol": p.glyph,
                "latex": p.latex,
                "domain": p.domain,
                "aliases": list(p.aliases),
                "meaning": p.meaning,
            }
            for p in entry.parameters
        ],
        "variants": [
            {
                "name": v.name,
                "status": v.status.value,
                "side": v.side.value,
                "formula": closed_form(v).text,
                "latex": closed_form(v).latex,
                "probability": held_with(v).text,
                "assumes": list(v.assumes),
                "parameters": [p.name for p in v.parameters],
                "defaults": dict(v.defaults),
            }
            for v in entry.variants.values()
        ],
        "example": {"variant": entry.example_variant, **entry.example},
    }


def entry_document(entry: CompiledTheorem) -> Document:
    """A theorem's page: its text, closed forms and parameters."""
    variants = entry.variants.values()
    forms = tuple((v.name, closed_form(v), held_with(v), v.status.value) for v in variants)
    inputs = tuple(
        (p.name, p.glyph, ", ".join(p.aliases), p.domain, p.meaning) for p in entry.parameters
    )
    needs = tuple((v.name, _needs(v), "; ".join(v.assumes)) for v in variants)
    # the sections of the module's docstring; its first line is the title, already shown
    page: list[Block] = []
    for head, parts in sections(entry.page).items():
        page += [Heading(head), *(Text(unmarked(part)) for part in parts)]
    return (
        Heading(f"{entry.id}: {entry.title}"),
        Table(("variant", f"{entry.statement}", "probability", "constants"), forms),
        Table(("variant", "uses", "assumes"), needs, "L"),
        Table(("parameter", "symbol", "also", "domain", "meaning"), inputs, "L"),
        *page,
    )


def entry_screen(entry: Theorem | CompiledTheorem) -> Document:
    """A theorem on one screen: its tightest closed forms, what they need and assume."""
    from boundcalc.numeric.compiled import CompiledTheorem, from_theorem

    known = entry if isinstance(entry, CompiledTheorem) else from_theorem(entry)
    variants = tuple(known.variants.values())
    shown = variants[:_MOST_FORMS]
    forms = tuple((v.name, closed_form(v), held_with(v)) for v in shown)
    first = variants[0]
    needs = ", ".join(f"{p.glyph} ({p.name})" for p in entry.parameters)
    rest = len(variants) - len(shown)
    more = f"{rest} more forms, their assumptions and the page: " if rest else "The whole page: "
    assumes = f"{first.name} assumes: {'; '.join(first.conditions)}."
    return (
        Heading(f"{entry.id}: {entry.title}"),
        Text(f"Bounds {entry.statement}. {entry.credit}"),
        Table(("form", entry.statement, "probability"), forms, "L"),
        *small_print(
            f"Takes {needs}.",
            assumes if first.conditions else "",
            f"{more}boundcalc show {entry.id} --details.",
        ),
    )


def lemma_details(name: str) -> dict[str, Any]:
    """What `show` prints of a lemma, as plain data."""
    page = lemma_page(name)
    return {
        "lemma": name,
        "statement": " ".join((page.statement, *page.remarks.split("\n\n"))).strip(),
        "why": page.why,
        "loses": page.loses,
        "arguments": list(page.arguments),
        "origin": page.origin,
        "sources": [short(key) for key in sources_of(name)],
        "used_in": uses_of(name),
    }


def lemma_document(found: dict[str, Any]) -> Document:
    """A lemma: its statement, why it is true, what it loses, and which theorems use it."""
    used = "; ".join(f"{id} ({', '.join(forms)})" for id, forms in found["used_in"].items())
    said = (
        ("Why", found["why"]),
        ("Loses", found["loses"]),
        ("Source", ", ".join(found["sources"])),
        ("Used in", used),
        ("Arguments", ", ".join(found["arguments"])),
    )
    return (
        Heading(f"{found['lemma']} ({found['origin']})"),
        Text(unmarked(found["statement"])),
        *(Text(f"{head}: {text.rstrip('.')}.") for head, text in said if text),
    )


def term_details(name: str) -> dict[str, Any]:
    """What `show` prints of a word of the glossary or of a parameter, as plain data."""
    try:
        p = parameter(name) if name not in TERMS else None
    except UnknownNameError:
        p = None
    if p is None:
        term = {term.lower(): term for term in TERMS}[name.lower()]
        return {"term": term, "meaning": TERMS[term]}
    used = [id for id, entry in catalogue().items() if p in entry.parameters]
    return {
        "term": p.name,
        "symbol": p.glyph,
        "meaning": p.meaning,
        "domain": p.domain,
        "aliases": list(p.aliases),
        "used_in": used,
    }


def term_document(found: dict[str, Any]) -> Document:
    """A word of the glossary, or a parameter with its domain and the theorems that have it."""
    symbol = f" ({found['symbol']})" if "symbol" in found else ""
    blocks: list[Block] = [Heading(f"{found['term']}{symbol}"), Text(found["meaning"])]
    if "domain" in found:
        also = f"; also called {', '.join(found['aliases'])}" if found["aliases"] else ""
        blocks.append(Text(f"Domain: {found['domain']}{also}."))
        blocks += small_print(f"Used in: {', '.join(found['used_in'])}.")
    return tuple(blocks)


def glossary_document() -> Document:
    """All words of the glossary."""
    more = small_print("boundcalc show NAME also explains lemmas and parameters.")
    return (Heading("Glossary"), Table(("word", "meaning"), tuple(TERMS.items()), "L"), *more)


def _needs(variant: CompiledVariant) -> str:
    defaults = variant.defaults
    return ", ".join(
        f"{p.name} (default {number(defaults[p.name])})" if p.name in defaults else p.name
        for p in variant.parameters
    )
