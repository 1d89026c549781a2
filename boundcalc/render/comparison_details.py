"""Everything that a comparison of modality subsets says, as a document."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from boundcalc.conventions import Side
from boundcalc.render.document import Block, Document, Heading, Table, Text, Tone
from boundcalc.study.records import Comparison, Event, Limit, Row, SubsetResult, Verdict
from boundcalc.text import confidence, count, lower, number, upper

_PLACES, _MOST_PLACES = 4, 12
ABSENT = "–"
_METHODS = {
    "betting": "betting",
    "betting-anytime": "betting, at any time",
    "clopper-pearson": "Clopper–Pearson",
    "empirical-bernstein": "empirical Bernstein",
    "hoeffding": "Hoeffding",
    "kl": "relative entropy",
    "theorem1": "Theorem 1",
    "theorem2": "Theorem 2",
    "certificate-any": "certificate, any predictors",
    "certificate-erm": "certificate, ERM",
    "deviation": "training sample, each class",
    "combined": "best joint limit on each risk",
    "best-provable": "best provable from all of them",
    "classic.uniform-deviation": "training sample",
    "classic.stability": "uniform stability",
    "pac-bayes.kl": "PAC-Bayes, relative entropy",
    "pac-bayes.quadratic": "PAC-Bayes, quadratic",
    "pac-bayes.mcallester": "PAC-Bayes, root",
    "pac-bayes.majority-vote": "PAC-Bayes, vote",
    "pac-bayes.multi-view": "multi-view PAC-Bayes",
    "pac-bayes": "PAC-Bayes, of r(Q)",
    "stability": "uniform stability",
    "huang2021.theorem2": "Theorem 2",
}
WORDS = {
    "more": ("certified better", Tone.GOOD),
    "less": ("certified worse", Tone.BAD),
    "undecided": ("undecided", Tone.PLAIN),
    "contradictory": ("contradictory", Tone.BAD),
}


def details_document(
    record: Comparison, *, alone: bool = True, ledger: bool = False, left_out: str = ""
) -> Document:
    """The answer, subsets and verdicts, then what would settle the rest, then method by method.

    Parameters
    ----------
    record : Comparison
    alone : bool
        Show what other methods say on their own.
    ledger : bool
        Show which event costs what.
    left_out : str
        A line on pairs that are not shown.
    """
    also = () if record.training is None else record.training.notes
    return (
        *opening(record),
        *statement_blocks(record, alone=alone, ledger=ledger),
        *((Text(left_out, Tone.NOTE),) if left_out else ()),
        *training_blocks(record, alone=alone, ledger=ledger),
        *note_lines(tuple(dict.fromkeys((*record.notes, *also)))),
    )


def opening(record: Comparison) -> Iterator[Block]:
    """What is compared, and which subset to use."""
    yield Heading(record.study.title or "Comparison")
    yield Text(record.answer)
    yield Text(sizes(record), Tone.NOTE)


def statement_blocks(record: Comparison, *, alone: bool, ledger: bool) -> Iterator[Block]:
    """What is said together: the subsets, the verdicts, and what they rest on."""
    yield subset_table(record)
    yield verdict_table(record)
    yield from sentences(record)
    yield from crossover_lines(record)
    if alone:
        yield from details(record)
        yield from own_limits(record)
    if ledger:
        yield ledger_table(record)


def training_blocks(
    record: Comparison, *, alone: bool, ledger: bool, of: str = "", more: str = ""
) -> Iterator[Block]:
    """What the training examples say, where that is a statement of its own."""
    training = record.training
    if training is None:
        return
    yield Heading(f"From the training examples alone{of}")
    yield Text(
        f"A statement of its own: its {len(training.ledger)} limits hold together with "
        f"probability at least "
        f"{confidence(training.study.delta)}, and decide nothing above.{more}{_vacuous(training)}",
        Tone.NOTE,
    )
    yield _training_table(training)
    yield from crossover_lines(training)
    if alone:
        yield from details(training)
        yield from own_limits(training, but="latent quality")
    if ledger:
        yield ledger_table(training)


def _training_table(record: Comparison) -> Table:
    quality = {
        s.subset.label: limit.value
        for s in record.subsets
        for limit in s.limits
        if limit.quantity == "latent quality"
    }
    rows = tuple(
        (
            s.subset.label,
            ABSENT if s.train_loss is None else number(s.train_loss, 4),
            ABSENT if s.rademacher_empirical is None else number(s.rademacher_empirical, 4),
            end(s.risk_lower, Side.LOWER, _PLACES),
            end(s.risk_upper, Side.UPPER, _PLACES),
            end(quality.get(s.subset.label), Side.UPPER, _PLACES),
        )
        for s in record.subsets
    )
    numeric = frozenset(range(1, 6))
    heads = ("modalities", "training loss", "R̂_S ≤", "risk ≥", "risk ≤", "η ≤")
    return Table(
        heads, rows, numeric=numeric, whole=numeric, caption="Risk, and Theorem 2's η (alone)"
    )


def _vacuous(record: Comparison) -> str:
    """How many upper limits say nothing."""
    bounded = [s for s in record.subsets if s.risk_upper is not None]
    empty = [
        s for s in bounded if s.risk_upper is not None and s.risk_upper >= record.study.loss_bound
    ]
    if not empty:
        return ""
    many = "All" if len(empty) == len(bounded) else f"{len(empty)} of the {len(bounded)}"
    return (
        f" {many} upper limits are vacuous: {record.study.m} examples are too few for such classes."
    )


def note_lines(notes: Sequence[str]) -> Iterator[Block]:
    """What a reader has to know."""
    if notes:
        yield Heading("Notes")
        yield from (Text(f"- {note}", Tone.NOTE) for note in notes)


def places_of(intervals: Sequence[Verdict | Row]) -> int:
    """So many decimals that no end of an interval that excludes 0 is printed as 0."""
    nearest = [i.lower for i in intervals if i.lower is not None and i.lower > 0]
    nearest += [-i.upper for i in intervals if i.upper is not None and i.upper < 0]
    return min(max(_PLACES, -math.floor(math.log10(min(nearest, default=1.0)))), _MOST_PLACES)


def end(value: float | None, side: Side, places: int) -> str:
    """One end of an interval, rounded outward."""
    if value is None:
        return ABSENT
    return upper(value, places) if side is Side.UPPER else lower(value, places)


def sizes(record: Comparison) -> str:
    """How many examples, and δ."""
    study = record.study
    parts = [
        "" if study.m is None else f"{count(study.m)} training examples",
        "" if study.test_n is None else f"{count(study.test_n)} test examples",
        f"δ = {study.delta:g}",
    ]
    return ", ".join(part for part in parts if part)


def together(record: Comparison) -> str:
    """How sure everything joint is."""
    return f"together with probability at least {confidence(record.study.delta)}"


def subset_table(record: Comparison) -> Table:
    """Only the columns for which there is a number."""
    columns: dict[str, list[str]] = {"modalities": [s.subset.label for s in record.subsets]}
    if record.data is not None:
        norms = {fit.modalities: fit.norm for fit in record.data.fits}
        columns["B"] = [number(norms[s.subset.modalities], 3) for s in record.subsets]
    for name, values in (
        ("training loss", [s.train_loss for s in record.subsets]),
        (
            "R",
            [None if s.rademacher_empirical is not None else s.rademacher for s in record.subsets],
        ),
        ("R̂_S", [s.rademacher_empirical for s in record.subsets]),
        ("test loss", [s.test_loss for s in record.subsets]),
    ):
        if any(value is not None for value in values):
            columns[name] = [ABSENT if v is None else number(v, 4) for v in values]
    if any((s.risk_lower, s.risk_upper) != (None, None) for s in record.subsets):
        columns["risk ≥"] = [end(s.risk_lower, Side.LOWER, _PLACES) for s in record.subsets]
        columns["risk ≤"] = [end(s.risk_upper, Side.UPPER, _PLACES) for s in record.subsets]
    caption = "What was measured"
    if "risk ≤" in columns:
        caption = f"Risk of each subset; all {len(record.ledger)} limits hold {together(record)}"
    rows = tuple(zip(*columns.values(), strict=True))
    numeric = frozenset(range(1, len(columns)))
    return Table(tuple(columns), rows, numeric=numeric, whole=numeric, caption=caption)


def verdict_table(record: Comparison) -> Table:
    """One row a pair."""
    places = places_of(record.verdicts)
    rows = tuple(
        (
            v.more.label,
            v.less.label,
            end(v.lower, Side.LOWER, places),
            end(v.upper, Side.UPPER, places),
            WORDS[v.verdict][0],
        )
        for v in record.verdicts
    )
    return Table(
        ("subset", "against", "gap ≥", "gap ≤", "verdict"),
        rows,
        numeric=frozenset({2, 3}),
        whole=frozenset({2, 3}),
        caption=f"Gaps r(subset) − r(against), {together(record)}",
        tones=tuple(WORDS[v.verdict][1] for v in record.verdicts),
    )


def sentences(record: Comparison) -> Iterator[Block]:
    """The certified verdicts first."""
    yield Heading("In words")
    order = ("more", "less", "contradictory", "undecided")
    for verdict in sorted(record.verdicts, key=lambda v: order.index(v.verdict)):
        tone = Tone.GOOD if verdict.verdict in ("more", "less") else Tone.PLAIN
        yield Text(f"- {verdict.sentence}.", tone)


def crossover_lines(record: Comparison) -> Iterator[Block]:
    """One line a pair, and what they do not say."""
    if record.crossovers:
        yield Heading("From which sample size on Theorem 2 prefers more modalities")
        for crossover in record.crossovers:
            yield Text(f"- {crossover.sentence}.")
        yield Text(
            "This compares upper bounds on the latent quality, at the training losses observed. "
            "It is not a verdict on the risks.",
            Tone.NOTE,
        )


def details(record: Comparison) -> Iterator[Block]:
    """The rows of each pair, joint first."""
    if all(row.joint for row in record.comparisons):
        return
    places = places_of(record.comparisons)
    rows: list[tuple[str, ...]] = []
    tones: list[Tone] = []
    for verdict in record.verdicts:
        of_pair = [
            r for r in record.comparisons if r.more is verdict.more and r.less is verdict.less
        ]
        rows += [(f"{verdict.more.label} against {verdict.less.label}", "", "", "", "")]
        rows += [_detail(record, row, places) for row in of_pair]
        tones += [Tone.PLAIN, *(Tone.PLAIN if row.joint else Tone.NOTE for row in of_pair)]
    yield Heading("Method by method")
    yield Text(
        "Joint rows carry the verdicts. Each row marked alone holds by itself with probability at "
        "least "
        f"{confidence(record.study.delta)} and decides nothing; the best of them would have to be "
        f"named "
        "beforehand.",
        Tone.NOTE,
    )
    if any(row.method == "theorem2" for row in record.comparisons):
        yield Text(
            "γ = η(ĝ_M) − η(ĝ_N) is not observable. A bound on it by Theorem 2 is never negative, "
            "so the two "
            "theorems together cannot certify more modalities; certificates and test data can.",
            Tone.NOTE,
        )
    yield Table(
        ("gap by", "holds", "gap ≥", "gap ≤", "says"),
        tuple(rows),
        numeric=frozenset({2, 3}),
        whole=frozenset({2, 3}),
        tones=tuple(tones),
    )


def _detail(record: Comparison, row: Row, places: int) -> tuple[str, ...]:
    ends = end(row.lower, Side.LOWER, places), end(row.upper, Side.UPPER, places)
    says = {"more": "better", "less": "worse", None: ""}[row.certified]
    return (f"  {_method(record, row, places)}", "joint" if row.joint else "alone", *ends, says)


def _method(record: Comparison, row: Row, places: int) -> str:
    """In words; a joint held-out row is named after the events that it rests on."""
    if row.value is not None:
        says = "needs γ below −{}" if row.method == "theorem1" else "gives γ ≤ {}"
        return f"{_METHODS[row.method]} {says.format(upper(row.value, places))}"
    if row.method != "held-out":
        return (
            _METHODS.get(row.method)
            or f"held-out, {_METHODS[row.method.removeprefix('held-out-')]}"
        )
    paired = [e for e in record.ledger if e.subsets == (row.more, row.less)]
    single = [
        e for e in record.ledger if e.kind == "held-out" and e.subsets[0] in (row.more, row.less)
    ]
    if paired and row.note != "paired differences":
        return f"held-out, {row.note}"
    names = dict.fromkeys(_METHODS[_short(event.method)] for event in paired or single)
    return f"held-out, {'paired ' if paired else ''}{' and '.join(names)}"


def _short(id: str) -> str:
    return id.removeprefix("holdout.").replace("_", "-")


def own_limits(record: Comparison, *, but: str = "") -> Iterator[Block]:
    """Limits on single subsets that are no events of the ledger, one row a subset and method."""
    rows = [row for subset in record.subsets for row in _limit_rows(subset) if row[1] != but]
    if rows:
        yield Table(
            ("modalities", "quantity", "method", "≥", "≤"),
            tuple(rows),
            numeric=frozenset({3, 4}),
            caption="Limits on single subsets, each alone",
            tones=(Tone.NOTE,) * len(rows),
        )


def _limit_rows(result: SubsetResult) -> Iterator[tuple[str, ...]]:
    ends: dict[tuple[str, str], dict[Side, Limit]] = {}
    for limit in result.limits:
        if not limit.joint:
            ends.setdefault((limit.quantity, limit.method), {})[limit.side] = limit
    for (quantity, method), sides in ends.items():
        low, high = sides.get(Side.LOWER), sides.get(Side.UPPER)
        yield (
            result.subset.label,
            quantity,
            _METHODS[_short(method)],
            end(low.value if low else None, Side.LOWER, _PLACES),
            end(high.value if high else None, Side.UPPER, _PLACES),
        )


def _by(event: Event) -> str:
    shared = f", shared by {event.candidates} classes" if event.candidates > 1 else ""
    return f"{event.method} ({event.variant}{shared})"


def ledger_table(record: Comparison) -> Table:
    """Which event costs what."""
    rows = tuple(
        (event.quantity, str(event.side), _by(event), str(event.cost)) for event in record.ledger
    )
    total = (
        str(sum((event.cost for event in record.ledger), start=0 * record.ledger[0].cost))
        if rows
        else "0"
    )
    return Table(
        ("event: a limit on", "side", "by", "cost"),
        (*rows, ("all of them together", "", "", total)),
        numeric=frozenset({3}),
        caption="Ledger: what may fail, and what it costs",
    )
