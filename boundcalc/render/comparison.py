"""A comparison of modality subsets: which subset to use, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from boundcalc.conventions import Side
from boundcalc.numeric.decide.certification import DIRECTION_ONLY
from boundcalc.render.comparison_tables import (
    ABSENT,
    MARKS,
    crossover_lines,
    end,
    ledger_table,
    mark_of,
    method_by_method,
    own_limits,
    places_of,
    sentences,
    spread_tables,
    subset_table,
    together,
    training_blocks,
    verdict_table,
)
from boundcalc.render.document import (
    Block,
    Document,
    Forest,
    Heading,
    Lattice,
    Mark,
    Span,
    Table,
    Text,
    Tone,
    exact_text,
    small_print,
)
from boundcalc.study.design import Measurement
from boundcalc.study.records import Comparison, Preference, Row, SubsetResult, Verdict
from boundcalc.text import confidence, count, number

T = TypeVar("T", Row, Verdict, Preference)

_MOST_PAIRS = 12
_MOST_NOTES = 5
_EXACT_PLACES = 6
_MOST_NODES = 16
_DIRECTION_ONLY = f"where a certified pair has 0 in its interval, {DIRECTION_ONLY}"
_LOSSES = {
    "zero-one": "the probability of an error",
    "ramp": "the ramp loss of the margin",
    "absolute": "the absolute error, cut at {clip:g}; 1 is one standard deviation of the target",
}
_CHOSEN = {
    "validation": "the least loss on a quarter of the training part",
    "bound": "the least training loss plus twice the complexity",
}


def comparison_document(
    record: Comparison, *, details: bool = False, alone: bool = True, ledger: bool = False
) -> Document:
    """The answer on one screen, or with `details` everything, with `alone` what other methods say
    on their own; with `ledger` which event costs what.
    """
    shown, left_out = fewer_pairs(record)
    certified = any(v.certified for v in record.verdicts)
    opening: Document = (
        Heading(record.study.title or "Comparison"),
        Text(record.answer, Tone.GOOD if certified else Tone.PLAIN),
        _counts(record),
        *small_print(about(record)),
    )
    if details:
        return (*opening, *_everything(record, pictures(shown, left_out), alone, ledger))
    said = _notes(record, left_out)[:_MOST_NOTES]
    joint = any(row.joint for row in record.comparisons)
    return (
        *opening,
        *pictures(shown),
        verdict_table(shown),
        *(() if joint else method_by_method(shown)),
        *spread_tables(shown),
        *small_print(*(f"- {note}" for note in said)),
        Text(
            f"--details: {'all pairs, ' if left_out else ''}limits on each subset, other methods, "
            "all notes.",
            Tone.HINT,
        ),
        *((ledger_table(record),) if ledger else ()),
    )


def _everything(
    record: Comparison, seen: Sequence[Block], alone: bool, ledger: bool
) -> Iterator[Block]:
    """What is said together, then what the training examples say by themselves, then notes."""
    if record.data is not None:
        yield from small_print(_how(record.data))
    yield from seen
    yield subset_table(record)
    yield verdict_table(record)
    yield from sentences(record)
    yield from crossover_lines(record)
    if alone:
        yield from method_by_method(record)
        yield from own_limits(record)
    if ledger:
        yield ledger_table(record)
    yield from spread_tables(record)
    yield from training_blocks(record, alone=alone, ledger=ledger)
    if record.data is not None:
        yield from _standing(record, record.data)
    also = record.training.notes if record.training is not None else ()
    said = dict.fromkeys((*_of_data(record), *record.notes, *also))
    if said:
        yield Heading("Notes")
        yield from small_print(*(f"- {note}" for note in said))


def page_document(record: Comparison) -> Document:
    """What a page says: counts, pictures, what was measured, and the verdicts in words."""
    shown, left_out = fewer_pairs(record)
    return (
        _counts(record),
        *small_print(about(record)),
        *pictures(shown),
        *small_print(left_out),
        Heading("The subsets"),
        subset_table(shown),
        Heading("What is decided"),
        verdict_table(shown),
        *spread_tables(shown),
        *sentences(shown),
        *crossover_lines(shown),
        *training_blocks(shown, alone=False, ledger=False),
    )


def pictures(record: Comparison, left_out: str = "") -> tuple[Forest, *tuple[Lattice, ...]]:
    """The intervals of all pairs, and the subsets with their certified order."""
    places, mean = places_of(record.verdicts), record.study.population.mean
    rows = tuple(
        Span(
            f"{v.more.label} against {v.less.label}",
            v.lower,
            v.upper,
            f"{end(v.lower, Side.LOWER, places)} … {end(v.upper, Side.UPPER, places)}",
            _gap(record, v),
            mark_of(v),
        )
        for v in record.verdicts
    )
    forest = Forest(
        rows,
        "risk of the first less risk of the second",
        ("the first is better", "the second is better"),
        f"Differences of risks{mean and f', {mean}'}; the intervals hold {together(record)}. "
        f"The mark is at the observed difference, where one is known."
        f"{left_out and f' {left_out}.'}",
    )
    subsets = [
        s for s in record.subsets if any(s.subset in (v.more, v.less) for v in record.verdicts)
    ]
    # of subsets of one size a lattice would show nothing but a tangle of lines
    if len(subsets) <= _MOST_NODES and len({len(s.subset.names) for s in subsets}) > 1:
        return forest, _lattice(record, subsets)
    return (forest,)


def _gap(record: Comparison, verdict: Verdict) -> float | None:
    """The observed difference, where it is in the interval."""
    of = {id(s.subset): s for s in record.subsets}
    more, less = of[id(verdict.more)], of[id(verdict.less)]
    a, b = more.test_loss, less.test_loss
    if record.data is None and (a is None or b is None):
        a, b = more.train_loss, less.train_loss
    if a is None or b is None:
        return None
    low = verdict.lower is None or verdict.lower <= a - b
    return a - b if low and (verdict.upper is None or a - b <= verdict.upper) else None


def _lattice(record: Comparison, subsets: Sequence[SubsetResult]) -> Lattice:
    place = {id(s.subset): i for i, s in enumerate(subsets)}
    nodes = []
    for s in subsets:
        loss, kind = s.observed_loss, "test" if s.test_loss is not None else "training"
        below = "" if loss is None else f"{kind} loss {number(loss, 4)}"
        nodes.append((s.subset.label, len(s.subset.names), below))
    return Lattice(
        tuple(nodes),
        tuple((place[id(v.more)], place[id(v.less)], mark_of(v)) for v in record.verdicts),
        "The subsets, those with more modalities above. A mark on a line says what is decided of "
        "the upper one against the lower one.",
    )


def _counts(record: Comparison) -> Text:
    """How many pairs are certified, equivalent, undecided, and on how many examples."""
    verdicts, study = record.verdicts, record.study
    margin = next((v.margin for v in verdicts if v.margin is not None), None)
    marks = [mark_of(v) for v in verdicts]  # one a pair: the counts add up to the pairs
    said = [f"{sum(v.certified for v in verdicts)} certified"]
    if margin is not None and margin.asked == "equivalence":
        both = sum(v.certified and v.equivalent for v in verdicts)
        said[0] += f" ({both} of them equivalent as well)" if both else ""
        said.append(f"{marks.count(Mark.EQUIVALENT)} equivalent within {margin.margin:g}")
    said.append(f"{marks.count(Mark.UNDECIDED)} undecided")
    if Mark.CONTRADICTORY in marks:
        said.append(f"{marks.count(Mark.CONTRADICTORY)} contradictory")
    pairs = "1 pair" if len(verdicts) == 1 else f"{count(len(verdicts))} pairs"
    groups = study.population.groups
    among = "" if groups is None else f" in {count(len(set(groups)))} groups"
    sizes = [f"{count(study.test_n)} test examples{among}"] if study.test_n else []
    sizes += [f"{count(study.m)} training examples"] if study.m else []
    sizes += [f"seed {record.data.seed}"] if record.data is not None else []
    on = f" ({', '.join(sizes)}.)" if sizes else ""
    if not any(v.is_limited for v in verdicts):
        return Text(f"{pairs}: {', '.join(said)}.{on}")
    return Text(
        f"{pairs}: {', '.join(said)}. With probability at least {confidence(study.delta)} all "
        f"these verdicts are right, and likewise all intervals.{on}"
    )


def _of_data(record: Comparison) -> tuple[str, ...]:
    return () if record.data is None else tuple(record.data.notes)


def _notes(record: Comparison, left_out: str) -> list[str]:
    """The most important ones first."""
    found = [left_out] if left_out else []
    if any(v.certified and v.amount is None for v in record.verdicts):
        found.append(_DIRECTION_ONLY)
    found += [
        v.sentence for v in record.verdicts if v.margin is not None and v.margin.asked == "margin"
    ]
    return list(dict.fromkeys((*found, *_of_data(record), *record.notes)))


def about(record: Comparison) -> str:
    """Which loss of the data the numbers are, and its unit; empty where it is not known."""
    if record.data is None:
        return ""
    loss = _LOSSES[record.data.loss].format(clip=record.data.clip)
    mean = record.study.population.mean
    return f"The verdicts are about {loss}{mean and f', {mean}'}."


def _how(data: Measurement) -> str:
    """How the data were split and the predictors fitted."""
    first, train, test = data.sizes
    fixed = "" if data.margin is None else f" margin {data.margin:g},"
    few = len(data.fits) < data.subsets
    of = f"{len(data.fits)} of {count(data.subsets)} subsets" if few else "Each subset"
    return (
        f"{count(first)} examples fixed means and scales, {count(train)} "
        f"trained, {count(test)} were held out (seed {data.seed}). {of}: one linear predictor of "
        f"norm at most B,{fixed} {'an' if data.intercept else 'no'} intercept; B is one of "
        f"{len(data.norms)} norms from {data.norms[0]:g} to {data.norms[-1]:g}, by "
        f"{_CHOSEN[data.choose]}."
    )


def _standing(record: Comparison, data: Measurement) -> Iterator[Block]:
    """Which numbers are guarantees and which are estimates."""
    delta, both = record.study.delta, ""
    if record.training is not None:
        both = (
            " The statement on the held-out part and the one on the training part hold with this "
            f"probability each, both together with at least {confidence(min(2 * delta, 1.0))}."
        )
    yield Heading("Guarantees and estimates")
    yield Text(
        f"- Guarantees, with probability at least {confidence(delta)} over the examples: the "
        f"limits on gaps and risks that are joint, and the verdicts.{both} Rows marked alone: "
        "each by itself."
    )
    if record.training is None and record.study.m is None:
        yield Text("- Estimates: test losses; the numbers of groups that would decide a pair.")
        return
    closed = "R̂_S ≤ the number shown, by a closed form"
    closed += ", or by draws whose limit the ledger pays for" if data.draws else ""
    yield Text(f"- Guarantees on the sample at hand: {closed}.")
    yield Text(
        "- Estimates: test losses; the numbers of examples that would decide a pair; the sizes "
        "from which Theorem 2 prefers more modalities, at the training losses observed."
    )


def fewer_pairs(record: Comparison) -> tuple[Comparison, str]:
    """The record with so many pairs that a reader can take them in, and a line on the others.

    Those that are certified come first, then those with the least test losses.
    """
    if len(record.verdicts) <= _MOST_PAIRS:
        return record, ""
    reached = {id(s.subset): s.test_loss or 0.0 for s in record.subsets}

    def order(verdict: Verdict) -> tuple[bool, list[float]]:
        return not verdict.certified, sorted(reached[id(s)] for s in (verdict.more, verdict.less))

    kept = sorted(record.verdicts, key=order)[:_MOST_PAIRS]
    more = sum(v.certified for v in record.verdicts) - sum(v.certified for v in kept)
    line = f"{count(len(record.verdicts) - len(kept))} more pairs, {more} of them certified"
    labels = {s.label for v in kept for s in (v.more, v.less)}
    pairs = [(v.more.label, v.less.label) for v in kept]
    return _only(record, labels, pairs), f"{line}: JSON has all"


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


def comparison_rows(record: Comparison) -> Table:
    """All rows in one table, for CSV; a column says which statement, where there are two."""
    columns = (
        *("more", "less", "method", "joint", "lower", "upper", "probability", "certified"),
        *("value", "verdict"),
    )
    if record.training is None:
        return Table(columns, tuple(_cells(record)))
    # of data the statement on errors has another one on the ramp loss beside it; else both are
    # about one loss
    two = record.data is not None and record.data.loss == "zero-one"
    names = ("zero-one", "ramp") if two else ("held-out", "training")
    both = zip((record, record.training), names, strict=True)
    rows = tuple((*row, name) for part, name in both for row in _cells(part))
    return Table((*columns, "loss" if two else "statement"), rows)


def _cells(record: Comparison) -> Iterator[tuple[str, ...]]:
    # the verdict on a pair stands once, on a row that it rests on: who counts rows counts pairs
    decided: dict[int, str] = {}
    for v in record.verdicts:
        joint = (row for row in record.comparisons if row.joint)
        own = [r for r in joint if r.more is v.more and r.less is v.less]
        own.sort(key=lambda row: row.certified != v.verdict)
        decided |= {id(row): MARKS[v.verdict] for row in own[:1]}
        if not own:
            yield (v.more.label, v.less.label, "", "true", *[""] * 5, MARKS[v.verdict])
    for row in record.comparisons:
        cells = (
            *(row.more.label, row.less.label, row.method, exact_text(row.joint)),
            end(row.lower, Side.LOWER, _EXACT_PLACES),
            end(row.upper, Side.UPPER, _EXACT_PLACES),
            *(exact_text(row.probability), row.certified or ""),
            end(row.value, Side.UPPER, _EXACT_PLACES),
            decided.get(id(row), ""),
        )
        yield tuple("" if cell == ABSENT else cell for cell in cells)
