"""A certified comparison of two predictors as a document."""

from __future__ import annotations

from boundcalc.numeric.certifying.certification import IN_WORDS, SIGN_TEST, Certification, Interval, p_value
from boundcalc.render.document import Block, Document, Heading, Table, Text, Tone
from boundcalc.text import confidence, count, lower, number, upper


def certification_document(record: Certification) -> Document:
    """Verdict first, then what it rests on."""
    blocks: list[Block] = [
        Heading(f"{record.a} against {record.b}"),
        Text(record.sentence, Tone.GOOD if record.verdict else Tone.PLAIN),
        _observed(record),
        _limits(record),
    ]
    if record.discordant is not None:
        blocks.append(_discordant(record))
    return (*blocks, *(Text(note, Tone.NOTE) for note in _notes(record)))


def _observed(record: Certification) -> Table:
    rows = (
        (f"r̂({record.a})", number(record.mean_a)),
        (f"r̂({record.b})", number(record.mean_b)),
        (f"r̂({record.a}) − r̂({record.b})", number(record.difference)),
    )
    caption = f"Mean loss on {count(record.n)} examples"
    return Table(("quantity", "observed"), rows, numeric=frozenset({1}), caption=caption)


def _limits(record: Certification) -> Table:
    return Table(
        ("method", "examples", "lower", "upper", "vs paired", "role"),
        tuple(_limit_row(row, record.decimals) for row in record.rows),
        numeric=frozenset({2, 3, 4}),
        caption=f"Limits on r({record.a}) − r({record.b}), δ = {record.delta:g}",
        tones=tuple(Tone.PLAIN if row.deciding else Tone.NOTE for row in record.rows),
    )


def _limit_row(row: Interval, decimals: int) -> tuple[str, ...]:
    return (
        IN_WORDS[row.method],
        "paired" if row.paired else "unpaired",
        lower(row.lower, decimals),
        upper(row.upper, decimals),
        "" if row.wider is None else f"{row.wider:.2f}×",
        "decides" if row.deciding else "contrast",
    )


def _discordant(record: Certification) -> Table:
    pairs = record.discordant
    assert pairs is not None
    rows = (
        (record.a, count(pairs.n10), record.b, p_value(pairs.p_value_b)),
        (record.b, count(pairs.n01), record.a, p_value(pairs.p_value_a)),
    )
    role = "decides" if record.deciding == SIGN_TEST else "contrast"
    return Table(
        ("only this one is wrong", "examples", "speaks for", "p-value"),
        rows,
        numeric=frozenset({1, 3}),
        caption=f"Exact sign test, each direction at δ/2 = {pairs.level:g} ({role})",
    )


def _notes(record: Certification) -> tuple[str, ...]:
    held = confidence(record.delta)
    notes = [
        "What decides is fixed by the type of loss or by name, not by the data; each other row holds with "
        f"probability at least {held} by itself and decides nothing. vs paired: the width over that of the "
        "paired interval by the same method.",
        f"Assumed: {'; '.join(record.assumes)}.",
    ]
    if record.further_examples:
        notes.append(
            "To test again after adding examples is a second look: divide δ by the number of looks "
            "before the first."
        )
    return tuple(notes)
