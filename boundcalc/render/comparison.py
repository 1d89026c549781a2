"""A comparison of modality subsets on one screen: which subset to use, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from boundcalc.conventions import Side
from boundcalc.numeric.decide.certification import DIRECTION_ONLY, rounded_count
from boundcalc.render.comparison_details import (
    ABSENT,
    WORDS,
    crossover_lines,
    details_document,
    end,
    ledger_table,
    places_of,
    sentences,
    subset_table,
    together,
    training_blocks,
)
from boundcalc.render.document import (
    Block,
    Document,
    Forest,
    Heading,
    Interval,
    Lattice,
    Mark,
    Table,
    Text,
    Tone,
)
from boundcalc.render.measured import measured_document, spread_tables
from boundcalc.study.records import Comparison, Preference, Row, SubsetResult, Verdict
from boundcalc.text import confidence, count, number

T = TypeVar("T", Row, Verdict, Preference)

_MOST_PAIRS = 12
_MOST_NOTES = 5
_EXACT_PLACES = 6
_MOST_NODES = 16
_DIRECTION_ONLY = f"where a certified pair has 0 in its interval, {DIRECTION_ONLY}"


def comparison_document(
    record: Comparison, *, details: bool = False, alone: bool = True, ledger: bool = False
) -> Document:
    """The answer on one screen, or everything.

    Parameters
    ----------
    record : Comparison
    details : bool
        Show everything.
    alone : bool
        With details: show what other methods say on their own.
    ledger : bool
        Show which event costs what.
    """
    if details:
        full = details_document if record.data is None else measured_document
        shown, left_out = fewer_pairs(record)
        return full(shown, alone=alone, ledger=ledger, left_out=left_out)
    return (*_screen(record), *((ledger_table(record),) if ledger else ()))


def _screen(record: Comparison) -> Iterator[Block]:
    title, counts = record.study.title or "Comparison", _counts(record)
    shown, left_out = fewer_pairs(record)
    certified = any(v.certified for v in record.verdicts)
    yield Heading(title)
    yield Text(record.answer, Tone.GOOD if certified else Tone.PLAIN)
    yield Text(f"{counts} {_sizes(record)}")
    yield from pictures(shown)
    yield _pairs(shown)
    yield from spread_tables(shown)
    notes = _notes(record, left_out)[:_MOST_NOTES]
    yield from (Text(f"- {note}", Tone.NOTE) for note in notes)
    yield Text("--details: limits on each subset, other methods, all notes.", Tone.NOTE)


def page_document(record: Comparison) -> Document:
    """What a page says: counts, pictures, what was measured, and the verdicts in words."""
    shown, left_out = fewer_pairs(record)
    return (
        Text(f"{_counts(record)} {_sizes(record)}"),
        *pictures(shown),
        *((Text(left_out, Tone.NOTE),) if left_out else ()),
        Heading("What was measured"),
        subset_table(shown),
        Heading("What is decided"),
        _pairs(shown),
        *spread_tables(shown),
        *sentences(shown),
        *crossover_lines(shown),
        *training_blocks(shown, alone=False, ledger=False),
    )


_MARKS = {
    "more": Mark.BETTER,
    "less": Mark.WORSE,
    "undecided": Mark.UNDECIDED,
    "contradictory": Mark.CONTRADICTORY,
}


def mark_of(verdict: Verdict) -> Mark:
    """The mark of a pair, seen from the one that sees more."""
    if verdict.equivalent and verdict.verdict == "undecided":
        return Mark.EQUIVALENT
    return _MARKS[verdict.verdict]


def pictures(record: Comparison) -> Iterator[Forest | Lattice]:
    """The intervals of all pairs, and the subsets with their certified order."""
    places = places_of(record.verdicts)
    rows = tuple(
        Interval(
            f"{v.more.label} against {v.less.label}",
            v.lower,
            v.upper,
            f"{end(v.lower, Side.LOWER, places)} … {end(v.upper, Side.UPPER, places)}",
            _gap(record, v),
            mark_of(v),
        )
        for v in record.verdicts
    )
    yield Forest(
        rows,
        "risk of the first less risk of the second",
        ("the first is better", "the second is better"),
        f"Differences of risks; the intervals hold {together(record)}. The mark is at the "
        f"observed difference, where one is known.",
    )
    subsets = [
        s for s in record.subsets if any(s.subset in (v.more, v.less) for v in record.verdicts)
    ]
    if 2 <= len(subsets) <= _MOST_NODES:
        yield _lattice(record, subsets)


def _gap(record: Comparison, verdict: Verdict) -> float | None:
    of = {id(s.subset): s for s in record.subsets}
    more, less = of[id(verdict.more)], of[id(verdict.less)]
    ends = [(more.test_loss, less.test_loss)]
    if record.data is None and None in ends[0]:
        ends.append((more.train_loss, less.train_loss))
    known = [(a, b) for a, b in ends if a is not None and b is not None]
    seen = known[0][0] - known[0][1] if known else None
    inside = (
        seen is not None
        and (verdict.lower is None or verdict.lower <= seen)
        and (verdict.upper is None or seen <= verdict.upper)
    )
    return seen if inside else None


def _lattice(record: Comparison, subsets: Sequence[SubsetResult]) -> Lattice:
    place = {id(s.subset): i for i, s in enumerate(subsets)}
    nodes = []
    for s in subsets:
        loss = s.test_loss if s.test_loss is not None else s.train_loss
        kind = "test" if s.test_loss is not None else "training"
        below = "" if loss is None else f"{kind} loss {number(loss, 4)}"
        nodes.append((s.subset.label, len(s.subset.names), below))
    edges = tuple((place[id(v.more)], place[id(v.less)], mark_of(v)) for v in record.verdicts)
    return Lattice(
        tuple(nodes),
        edges,
        "The subsets, those with more modalities above. A mark on a line says what is decided of "
        "the upper one against the lower one.",
    )


def _counts(record: Comparison) -> str:
    """How many pairs are certified, equivalent, undecided."""
    verdicts, delta = record.verdicts, record.study.delta
    certified = sum(v.certified for v in verdicts)
    equivalent = sum(v.equivalent for v in verdicts)
    margin = next((v.margin for v in verdicts if v.margin is not None), None)
    said = [f"{certified} certified"]
    if margin is not None and margin.asked == "equivalence":
        said.append(f"{equivalent} equivalent within {margin.margin:g}")
    said.append(f"{sum(v.verdict == 'undecided' for v in verdicts)} undecided")
    pairs = "1 pair" if len(verdicts) == 1 else f"{count(len(verdicts))} pairs"
    return (
        f"{pairs}: {', '.join(said)}. With probability at least {confidence(delta)} all these "
        f"verdicts are "
        "right, and likewise all intervals."
    )


def _sizes(record: Comparison) -> str:
    study, data = record.study, record.data
    held_out = f"{count(study.test_n)} test examples" if study.test_n else ""
    train = f"{count(study.m)} training examples" if study.m else ""
    seed = "" if data is None else f"seed {data.seed}"
    return f"({', '.join(part for part in (held_out, train, seed) if part)}.)".replace("(.)", "")


def _pairs(record: Comparison) -> Table:
    places = places_of(record.verdicts)
    forecast = any(v.needed is not None and v.needed.forecast for v in record.verdicts)
    rows = tuple(
        (
            v.more.label,
            v.less.label,
            end(v.lower, Side.LOWER, places),
            end(v.upper, Side.UPPER, places),
            _verdict(v),
            *((_decides(v),) if forecast else ()),
        )
        for v in record.verdicts
    )
    heads = ("subset", "against", "gap ≥", "gap ≤", "verdict", *(("n (80 %)",) if forecast else ()))
    caption = f"r(subset) − r(against), intervals {together(record)}"
    if forecast:
        caption += "; n: forecast"
    return Table(
        heads,
        rows,
        numeric=frozenset({2, 3, 5}),
        whole=frozenset({2, 3, 5}),
        caption=caption,
        tones=tuple(WORDS[v.verdict][1] for v in record.verdicts),
    )


def _verdict(verdict: Verdict) -> str:
    said = WORDS[verdict.verdict][0]
    if not verdict.equivalent:
        return said
    return "equivalent" if verdict.verdict == "undecided" else f"{said}, equivalent"


def _decides(verdict: Verdict) -> str:
    """So many examples decide it with probability 0.8, if the losses stayed."""
    if verdict.needed is None or not verdict.needed.forecast:
        return "" if verdict.certified else ABSENT
    return rounded_count(verdict.needed.forecast[-1].n)


def _notes(record: Comparison, left_out: str) -> list[str]:
    """The most important ones first."""
    found = [left_out] if left_out else []
    if any(v.certified and v.amount is None for v in record.verdicts):
        found.append(_DIRECTION_ONLY)
    found += [
        v.sentence for v in record.verdicts if v.margin is not None and v.margin.asked == "margin"
    ]
    data = record.data.notes if record.data is not None else ()
    return list(dict.fromkeys((*found, *data, *record.notes)))


def fewer_pairs(record: Comparison) -> tuple[Comparison, str]:
    """The record with so many pairs that a reader can take them in, and a line on the others.

    Those that are certified come first, then those with the least test losses.
    """
    if len(record.verdicts) <= _MOST_PAIRS:
        return record, ""
    reached = {id(s.subset): s.test_loss or 0.0 for s in record.subsets}

    def order(verdict: Verdict) -> tuple[float, ...]:
        return tuple(sorted(reached[id(s)] for s in (verdict.more, verdict.less)))

    decided = sorted((v for v in record.verdicts if v.certified), key=order)
    rest = sorted((v for v in record.verdicts if not v.certified), key=order)
    kept = [*decided, *rest][:_MOST_PAIRS]
    more = len(decided) - sum(v.certified for v in kept)
    line = f"{count(len(record.verdicts) - len(kept))} more pairs, {more} of them certified"
    labels = {s.label for v in kept for s in (v.more, v.less)}
    return _only(record, labels, [(v.more.label, v.less.label) for v in kept]), (
        f"{line}: --format json has all"
    )


def _only(record: Comparison, labels: set[str], pairs: Sequence[tuple[str, str]]) -> Comparison:
    """Some of the subsets and pairs, the best on the test examples first."""

    def some(found: Sequence[T]) -> tuple[T, ...]:
        return tuple(x for x in found if (x.more.label, x.less.label) in pairs)

    subsets = [s for s in record.subsets if s.subset.label in labels]
    return replace(
        record,
        subsets=tuple(sorted(subsets, key=lambda s: (s.test_loss is None, s.test_loss))),
        verdicts=some(record.verdicts),
        comparisons=some(record.comparisons),
        crossovers=some(record.crossovers),
        training=None if record.training is None else _only(record.training, labels, pairs),
    )


def rows_document(record: Comparison, *, alone: bool = True) -> Document:
    """All rows in one table, for CSV; a column says which statement, where there are two."""
    columns = (
        "more",
        "less",
        "method",
        "joint",
        "lower",
        "upper",
        "probability",
        "certified",
        "value",
        "verdict",
    )
    if record.training is None:
        return (Table(columns, tuple(_cells(record, alone))),)
    names = ("zero-one", "ramp") if record.data is not None else ("held-out", "training")
    both = zip((record, record.training), names, strict=True)
    rows = [(*row, name) for part, name in both for row in _cells(part, alone)]
    return (Table((*columns, "loss" if record.data is not None else "statement"), tuple(rows)),)


def _cells(record: Comparison, alone: bool) -> list[tuple[str, ...]]:
    decided = {(id(v.more), id(v.less)): WORDS[v.verdict][0] for v in record.verdicts}
    rows = [
        (
            row.more.label,
            row.less.label,
            row.method,
            str(row.joint).lower(),
            end(row.lower, Side.LOWER, _EXACT_PLACES),
            end(row.upper, Side.UPPER, _EXACT_PLACES),
            repr(row.probability),
            row.certified or "",
            end(row.value, Side.UPPER, _EXACT_PLACES),
            decided.get((id(row.more), id(row.less)), ""),
        )
        for row in record.comparisons
        if row.joint or alone
    ]
    return [tuple("" if cell == ABSENT else cell for cell in row) for row in rows]
