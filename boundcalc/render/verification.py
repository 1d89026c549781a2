"""A verification as a document: what was checked how often, and the worst that was seen."""

from __future__ import annotations

from collections.abc import Iterator

from boundcalc.render.document import (
    Block,
    Document,
    Heading,
    Table,
    Text,
    Tone,
    small_print,
    tidy_rows,
)
from boundcalc.text import count, upper
from boundcalc.worlds.outcomes import Kind, Tally, Verification

_KINDS = {
    Kind.CERTIFICATE: ("proof", "proofs that the kernel accepts; there is nothing to measure"),
    Kind.VALUES: (
        "value",
        "relative error against values computed elsewhere ÷ 1e-13, and enclosures that hold them",
    ),
    Kind.FACTS: (
        "fact",
        "P(a fact of a proof is false) ÷ its cost, exactly, in each of the {worlds} micro-worlds "
        "that it speaks of",
    ),
    Kind.STATEMENT: ("bound", "P(the bound fails) ÷ δ, exactly, in the same worlds"),
    Kind.EXPECTATION: (
        "mean",
        "E of the claim ÷ E of the bound without its concentration term, exactly",
    ),
    Kind.SIGNS: ("sign", "a complexity, by enumeration of all signs ÷ its bound"),
    Kind.WORLDS: ("world", "theorems and lemmas that no micro-world speaks of"),
    Kind.COVERAGE: (
        "cover",
        "simulated draws: the violation rate that is proved, beyond chance ÷ δ",
    ),
}
"""The head of a column for each kind of check, and what it measures."""
_MOST_FAILURES = 3
_LARGE = 1e6


def verification_document(record: Verification) -> Document:
    """The verdict, the failures, each kind of check, and each entry."""
    return tuple(_blocks(record))


def _blocks(record: Verification) -> Iterator[Block]:
    several = len(record.ids) > 1
    yield Heading("Verification" if several else f"Verification of {record.ids[0]}")
    yield Text(_verdict(record), Tone.GOOD if record.holds else Tone.BAD)
    if record.failures:
        yield _failures(record)
    if record.outcomes:
        yield _kinds(record)
    if several:
        yield _entries(record)
    # how many worlds speak of each theorem and of each lemma, and of which none
    for kind in ("theorem", "lemma"):
        rows = ", ".join(f"{row.id} {row.worlds}" for row in record.spoken if row.kind == kind)
        yield from small_print(f"Micro-worlds that speak of each {kind}: {rows}." if rows else "")
    if record.silent:
        names = ", ".join(row.id for row in record.silent)
        yield Text(f"No world speaks of {names}: not verified.", Tone.BAD)
    for tally in record.by_kind:
        meaning = _KINDS[tally.kind][1].format(worlds=record.worlds)
        yield from small_print(f"{tally.kind.value}: {meaning}.")


def _verdict(record: Verification) -> str:
    checks, failed = len(record.outcomes), len(record.failures)
    said = f"{failed} of {count(checks)} checks FAIL."
    if record.holds:
        said = f"{count(checks)} checks hold." if checks else "Nothing was checked."
    if not record.complete:
        said += (
            f" Partial: the budget allowed {count(record.steps_done)} of {count(record.steps)} "
            "steps; the rest was not looked at."
        )
    return said


def _failures(record: Verification) -> Table:
    """The first failures of each kind."""
    each = {kind: [o for o in record.failures if o.kind is kind] for kind in Kind}
    shown = [o for mine in each.values() for o in mine[:_MOST_FAILURES]]
    left = len(record.failures) - len(shown)
    rows = [(o.id, o.kind.value, f"{o.where}: {o.problem}") for o in shown]
    rows += [("…", "", f"and {count(left)} more: --format json lists all")] if left else []
    tones = (Tone.BAD,) * len(rows)
    return Table(("entry", "check", "what is wrong"), tuple(rows), caption="Failures", tones=tones)


def _kinds(record: Verification) -> Table:
    rows = tuple((t.kind.value, count(t.count), _ratio(t), t.where) for t in record.by_kind)
    caption = "What was found ÷ the most that is allowed: up to 1 holds"
    return Table(("check", "times", "worst", "where it is the worst"), rows, "Lrr", caption)


def _entries(record: Verification) -> Table:
    kinds = [kind for kind in Kind if any(t.kind is kind for t in record.by_kind)]
    cells = {
        (t.id, t.kind): f"{t.count}" + (f" ({t.failed} fail)" if t.failed else "")
        for t in record.by_entry
    }
    failing = {t.id for t in record.by_entry if t.failed}
    rows = tuple((id, *(cells.get((id, kind), "·") for kind in kinds)) for id in record.ids)
    return Table(
        ("entry", *(_KINDS[kind][0] for kind in kinds)),
        rows,
        "L" + "r" * len(kinds),
        "How often each entry was checked",
        tones=tuple(Tone.BAD if id in failing else Tone.PLAIN for id in record.ids),
    )


def _ratio(tally: Tally) -> str:
    if tally.worst is None:
        return ""
    return upper(tally.worst, 3) if tally.worst < _LARGE else f"{tally.worst:.1e}"


def verification_rows(record: Verification) -> Table:
    """One row an entry and kind of check, for CSV."""
    named = {name: name for name in ("count", "failed", "worst", "where")}
    return tidy_rows(record.by_entry, entry="id", check="kind.value", **named)
