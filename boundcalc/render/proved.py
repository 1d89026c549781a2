"""The best bound that facts prove, as a document."""

from __future__ import annotations

from collections.abc import Iterator

from boundcalc.conventions import Side
from boundcalc.numeric.prove.proved_bound import Carrier, Idle, ProvedBound
from boundcalc.render.document import Block, Document, Heading, Table, Text, Tone
from boundcalc.render.proof import check_sentence, held, steps_table
from boundcalc.text import number

_DIGITS = 4


def proved_document(record: ProvedBound, *, ledger: bool = False) -> Document:
    """The bound, its proof, what each fact is worth, and what came close."""
    printed = record.printed()
    blocks: list[Block] = [
        Heading(record.title),
        Text(f"{record.claim} {record.relation} {record.shown}", Tone.GOOD),
        Text(f"{held(printed)}; no combination of the facts proves more"),
        steps_table(printed),
        Text(check_sentence(printed), Tone.GOOD),
        *_prices(record),
        *_idle(record),
    ]
    if record.assumes:
        blocks += [Heading("Notes"), *(Text(f"- {note}", Tone.NOTE) for note in record.assumes)]
    if ledger and record.ledger:
        rows = tuple(
            (paid.event, "yes" if paid.used else "no", paid.cost_text) for paid in record.ledger
        )
        total = ("all of them together", "", record.failure_text)
        blocks.append(
            Table(
                ("event", "used", "cost"), (*rows, total), numeric=frozenset({2}), caption="Ledger"
            )
        )
    return tuple(blocks)


def _prices(record: ProvedBound) -> Iterator[Block]:
    """Of the facts that hold a number of the user's."""
    rows = tuple((_where(c), c.fact, number(c.price)) for c in record.facts if c.numeric)
    if rows:
        word = "falls" if record.side is Side.UPPER else "rises"
        yield Heading("What each number is worth")
        yield Text(
            f"By how much the bound {word} for each unit by which a number improves.", Tone.NOTE
        )
        yield Table(("fact", "says", "price"), rows, numeric=frozenset({2}))


def _idle(record: ProvedBound) -> Iterator[Block]:
    rows = tuple((_where(idle), idle.fact, number(idle.slack, _DIGITS)) for idle in record.unused)
    if rows:
        yield Heading("Not used, but closest")
        yield Text("By how much a number has to improve before the bound does.", Tone.NOTE)
        yield Table(("fact", "says", "short by"), rows, numeric=frozenset({2}))


def _where(fact: Carrier | Idle) -> str:
    """The line of the file, or the lemma."""
    return fact.place.rpartition(", ")[2] if fact.place else fact.lemma


def carriers_document(record: ProvedBound) -> Document:
    """The facts that carry the bound in one table, for CSV."""
    rows = tuple(
        (
            c.place,
            c.lemma,
            c.source,
            c.origin,
            c.fact,
            c.multiplier,
            number(c.price),
            number(float(c.cost)),
        )
        for c in record.facts
    )
    columns = ("place", "lemma", "source", "origin", "fact", "multiplier", "price", "cost")
    return (Table(columns, rows),)
