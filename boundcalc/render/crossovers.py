"""Crossovers as documents."""

from __future__ import annotations

from boundcalc.numeric.crossover import Crossover, size_text
from boundcalc.render.document import Block, Document, Heading, Table, Text, Tone
from boundcalc.text import number


def crossover_document(result: Crossover) -> Document:
    """The answer, the stretches, and both values on either side of every change."""
    names = result.labels
    blocks: list[Block] = [
        Heading(f"{names['first']} against {names['second']} in {result.over}"),
        Text(result.status, Tone.GOOD),
        Table(
            ("from", "to", "better"),
            tuple(
                (f"{s.first:,}", "∞" if s.last is None else size_text(s.last), names[s.better])
                for s in result.stretches
            ),
            numeric=frozenset({0, 1}),
        ),
    ]
    if result.crossings:
        blocks.append(_neighbours(result))
    blocks += [Text(note, Tone.NOTE) for note in result.notes]
    return tuple(blocks)


def _neighbours(result: Crossover) -> Table:
    rows = [
        (f"{size:,}", number(first, 12), number(second, 12))
        for crossing in result.crossings
        for size, first, second in (crossing.before, crossing.at)
    ]
    heads = (result.over, result.labels["first"], result.labels["second"])
    caption = "Both values on either side of every change"
    return Table(heads, tuple(rows), numeric=frozenset({0, 1, 2}), caption=caption)


def rows_document(result: Crossover) -> Document:
    """The stretches, for CSV."""
    names = result.labels
    rows = tuple(
        (
            result.over,
            str(s.first),
            "" if s.last is None else str(s.last),
            names[s.better],
        )
        for s in result.stretches
    )
    return (Table(("over", "from", "to", "better"), rows),)
