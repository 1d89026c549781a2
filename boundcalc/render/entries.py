"""Catalogue entries and evaluations as documents."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from inspect import signature
from typing import Any

import numpy as np

from boundcalc.conventions import Side
from boundcalc.numeric.evaluate import Enclosure, Evaluation
from boundcalc.render.document import Block, Document, Formula, Heading, Table, Text, Tone
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.printing import latex, latex_sum, plain, plain_sum
from boundcalc.symbolic.theorem import Theorem, Variant
from boundcalc.text import number, significant

_MOST_ROWS = 200
_MOST_FORMS = 8
_EMPHASIS = re.compile(r"(?<![\w*])\*(\w[^*]*)\*")


def summary(entry: Theorem) -> dict[str, Any]:
    """What `list` prints of an entry, as plain data."""
    return {
        "id": entry.id,
        "title": entry.title,
        "source": entry.work.short,
        "variants": {name: variant.status.value for name, variant in entry.variants.items()},
    }


def catalogue_document(entries: Sequence[Theorem]) -> Document:
    """The catalogue as a table."""
    rows = tuple((e.id, e.title, ", ".join(e.variants)) for e in entries)
    return (
        Table(("id", "title", "variants"), rows, whole=frozenset({0})),
        Text("boundcalc show ID prints one; boundcalc derive ID prints its proof.", Tone.NOTE),
    )


def formula(variant: Variant) -> Formula:
    """The closed form of a variant."""
    return Formula(plain_sum(variant.terms), latex_sum(variant.terms))


def probability(variant: Variant) -> Formula:
    """With at least which probability it holds."""
    value = 1 - variant.derivation.failure
    return Formula(plain(value), latex(value))


def details(entry: Theorem) -> dict[str, Any]:
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
                "formula": formula(v).text,
                "latex": formula(v).latex,
                "probability": probability(v).text,
                "assumes": list(v.assumes),
                "parameters": [p.name for p in v.parameters],
                "defaults": dict(v.defaults),
            }
            for v in entry.variants.values()
        ],
        "example": {"variant": entry.example_variant, **entry.example},
    }


def entry_document(entry: Theorem) -> Document:
    """A theorem's page: its text, closed forms and parameters."""
    variants = entry.variants.values()
    forms = tuple((v.name, formula(v), probability(v), v.status.value) for v in variants)
    inputs = tuple(
        (p.name, p.glyph, ", ".join(p.aliases), p.domain, p.meaning) for p in entry.parameters
    )
    needs = tuple((v.name, _needs(v), "; ".join(v.assumes)) for v in variants)
    return (
        Heading(f"{entry.id}: {entry.title}"),
        Table(("variant", f"{entry.statement}", "probability", "constants"), forms),
        Table(("variant", "uses", "assumes"), needs, whole=frozenset({0})),
        Table(("parameter", "symbol", "also", "domain", "meaning"), inputs, whole=frozenset({0})),
        *_page(entry.page),
    )


def entry_screen(entry: Theorem) -> Document:
    """A theorem on one screen: its tightest closed forms, what they need and assume."""
    variants = tuple(entry.variants.values())
    shown = variants[:_MOST_FORMS]
    forms = tuple((v.name, formula(v), probability(v)) for v in shown)
    first = variants[0]
    needs = ", ".join(f"{p.glyph} ({p.name})" for p in entry.parameters)
    rest = len(variants) - len(shown)
    more = f"{rest} more forms, their assumptions and the page: " if rest else "The whole page: "
    return (
        Heading(f"{entry.id}: {entry.title}"),
        Text(f"Bounds {entry.statement}. {entry.credit}"),
        Table(("form", entry.statement, "probability"), forms, whole=frozenset({0})),
        Text(f"Takes {needs}.", Tone.NOTE),
        *_assumed(first),
        Text(f"{more}boundcalc show {entry.id} --details.", Tone.NOTE),
    )


def _assumed(variant: Variant) -> tuple[Block, ...]:
    said = f"{variant.name} assumes: {'; '.join(variant.assumes)}."
    return (Text(said, Tone.NOTE),) if variant.assumes else ()


def lemma_details(name: str, constructor: Callable[..., Fact]) -> dict[str, Any]:
    """What `show` prints of a lemma, as plain data."""
    module = constructor.__module__
    own = module.startswith("boundcalc.")
    return {
        "lemma": name,
        "statement": " ".join((constructor.__doc__ or "").split()),
        "arguments": list(signature(constructor).parameters),
        "origin": "library" if own else f"package {module.partition('.')[0]}",
    }


def lemma_document(found: dict[str, Any]) -> Document:
    """A lemma's statement, as its docstring has it."""
    return (
        Heading(f"{found['lemma']} ({found['origin']})"),
        Text(_unmarked(found["statement"])),
        Text(f"Arguments: {', '.join(found['arguments'])}.", Tone.NOTE),
    )


def _needs(variant: Variant) -> str:
    defaults = variant.defaults
    return ", ".join(
        f"{p.name} (default {number(defaults[p.name])})" if p.name in defaults else p.name
        for p in variant.parameters
    )


def _page(page: str) -> list[Block]:
    """The sections of the module's docstring; the first line is the title, already shown."""
    blocks: list[Block] = []
    lines = page.strip().splitlines()[1:]
    paragraph: list[str] = []

    def close() -> None:
        if paragraph:
            blocks.append(Text(" ".join(paragraph)))
            paragraph.clear()

    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        stripped = line.strip()
        if following and set(following.strip()) == {"-"}:
            close()
            blocks.append(Heading(stripped))
        elif set(stripped) == {"-"} and len(stripped) > 1:
            continue
        elif not stripped or stripped.startswith("- "):
            close()
            if stripped:
                paragraph.append(_unmarked(stripped))
        else:
            paragraph.append(_unmarked(stripped))
    close()
    return blocks


def _unmarked(line: str) -> str:
    """Without the marks of code and of *emphasis*; the star of m* is no mark."""
    return _EMPHASIS.sub(r"\1", line.replace("`", ""))


def limit_text(value: float, side: Side) -> str:
    """A limit, rounded outwards."""
    return significant(value, up=side is Side.UPPER)


def evaluation_document(result: Evaluation, box: Enclosure | None = None) -> Document:
    """A value, its terms and what it means; a table for arrays."""
    heading = Heading(f"{result.id} ({result.variant})")
    if np.ndim(result.value):
        return (heading, _array_table(result), Text(result.status))
    rows = [(name, number(value), "") for name, value in result.terms.items()]
    kind = {"=": "exact", "≤": "upper limit", "≥": "lower limit"}[result.relation]
    total = (
        number(result.value) if result.relation == "=" else limit_text(result.value, result.side)
    )
    rows.append((result.statement, total, f"{kind}, vacuous" if result.vacuous else kind))
    blocks: list[Block] = [
        heading,
        Table(("term", "value", "note"), tuple(rows), numeric=frozenset({1})),
        Text(result.status, Tone.BAD if result.vacuous else Tone.GOOD),
    ]
    if box:
        blocks.append(
            Text(f"The exact value lies in [{box.lower}, {box.upper}] (interval arithmetic).")
        )
    if result.also_fits:
        others = ", ".join(result.also_fits)
        blocks.append(Text(f"The same inputs also fit {others}: choose with --variant.", Tone.NOTE))
    if result.assumes:
        blocks.append(Text("Assumes: " + "; ".join(result.assumes) + ".", Tone.NOTE))
    return tuple(blocks)


def _array_table(result: Evaluation) -> Table:
    varied = [name for name, value in result.parameters.items() if np.ndim(value)]
    columns = [
        np.broadcast_to(result.parameters[name], np.shape(result.value)).ravel() for name in varied
    ]
    value, vacuous = np.ravel(result.value), np.ravel(result.vacuous)
    rows = tuple(
        (
            *(number(float(c[i])) for c in columns),
            limit_text(value[i], result.side),
            "vacuous" if vacuous[i] else "",
        )
        for i in range(min(len(value), _MOST_ROWS))
    )
    return Table(
        (*varied, result.statement, "note"), rows, numeric=frozenset(range(len(varied) + 1))
    )
