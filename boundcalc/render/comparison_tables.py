"""The tables and sentences of a comparison of modality subsets."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

from boundcalc.conventions import Side
from boundcalc.numeric.decide.certification import IN_WORDS, rounded_count
from boundcalc.render.document import Block, Heading, Mark, Table, Text, Tone, small_print
from boundcalc.study.notes import other_risk
from boundcalc.study.records import Comparison, Limit, Row, SubsetResult, Verdict
from boundcalc.text import confidence, count, lower, number, upper

_PLACES, _MOST_PLACES = 4, 12
ABSENT = "–"
_METHODS = {name.replace("_", "-"): words for name, words in IN_WORDS.items()} | {
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
MARKS = {
    "more": Mark.BETTER,
    "less": Mark.WORSE,
    "undecided": Mark.UNDECIDED,
    "contradictory": Mark.CONTRADICTORY,
}
_TONES = {Mark.BETTER: Tone.GOOD, Mark.WORSE: Tone.BAD, Mark.CONTRADICTORY: Tone.BAD}


def mark_of(verdict: Verdict) -> Mark:
    """What is decided of a pair, seen from the one that sees more."""
    if verdict.equivalent and verdict.verdict == "undecided":
        return Mark.EQUIVALENT
    return MARKS[verdict.verdict]


def training_blocks(record: Comparison, *, alone: bool, ledger: bool) -> Iterator[Block]:
    """What the training examples say, where that is a statement of its own."""
    training = record.training
    if training is None:
        return
    of, more, about = "", "", other_risk(training.study)
    if record.data is not None and record.data.loss == "zero-one":
        of = ": the ramp loss"
        more = (
            " The ramp loss is 1 on every error, so its upper limits hold for the probability of "
            "an error as well."
        )
    yield Heading(f"From the training examples alone{of}")
    yield from small_print(
        f"A statement of its own: its {len(training.ledger)} limits hold together with "
        f"probability at least {confidence(training.study.delta)}, and decide nothing above."
        f"{more}{_vacuous(training)}",
        about and f"Note that {about}.",
    )
    yield _training_table(training)
    yield from crossover_lines(training)
    if alone:
        yield from method_by_method(training)
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
            *(_measured(value) for value in (s.train_loss, s.rademacher_empirical)),
            end(s.risk_lower, Side.LOWER, _PLACES),
            end(s.risk_upper, Side.UPPER, _PLACES),
            end(quality.get(s.subset.label), Side.UPPER, _PLACES),
        )
        for s in record.subsets
    )
    heads = ("modalities", "training loss", "R̂_S ≤", "risk ≥", "risk ≤", "η ≤")
    return Table(heads, rows, "lRRRRR", "Risk, and Theorem 2's η (alone)")


def _measured(value: float | None) -> str:
    return ABSENT if value is None else number(value, 4)


def _vacuous(record: Comparison) -> str:
    """How many upper limits say nothing."""
    limits = [s.risk_upper for s in record.subsets if s.risk_upper is not None]
    empty = sum(limit >= record.study.loss_bound for limit in limits)
    many = "All" if empty == len(limits) else f"{empty} of the {len(limits)}"
    few = f"{record.study.m} examples are too few for such classes"
    return f" {many} upper limits are vacuous: {few}." if empty else ""


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


def together(record: Comparison) -> str:
    """How sure everything joint is."""
    return f"together with probability at least {confidence(record.study.delta)}"


def subset_table(record: Comparison) -> Table:
    """Only the columns for which there is a number."""
    columns: dict[str, list[str]] = {"modalities": [s.subset.label for s in record.subsets]}
    if record.data is not None:
        norms = {fit.modalities: fit.norm for fit in record.data.fits}
        columns["B"] = [number(norms[s.subset.modalities], 3) for s in record.subsets]
    on_sample = [s.rademacher_empirical for s in record.subsets]
    expected = [s.rademacher if s.rademacher_empirical is None else None for s in record.subsets]
    for name, values in (
        ("training loss", [s.train_loss for s in record.subsets]),
        ("R", expected),
        ("R̂_S", on_sample),
        ("test loss", [s.test_loss for s in record.subsets]),
    ):
        if any(value is not None for value in values):
            columns[name] = [_measured(value) for value in values]
    if any((s.risk_lower, s.risk_upper) != (None, None) for s in record.subsets):
        columns["risk ≥"] = [end(s.risk_lower, Side.LOWER, _PLACES) for s in record.subsets]
        columns["risk ≤"] = [end(s.risk_upper, Side.UPPER, _PLACES) for s in record.subsets]
    mean = record.study.population.mean
    caption = f"What was measured{mean and f'; test losses: {mean}'}"
    if "risk ≤" in columns:
        caption = f"Risk of each subset; all {len(record.ledger)} limits hold {together(record)}"
        caption += mean and f"; test losses: {mean}"
    rows = tuple(zip(*columns.values(), strict=True))
    return Table(tuple(columns), rows, "l" + "R" * (len(columns) - 1), caption)


def verdict_table(record: Comparison) -> Table:
    """One row a pair; a column of forecasts where there are any."""
    places = places_of(record.verdicts)
    forecast = any(v.needed is not None and v.needed.forecast for v in record.verdicts)
    rows = tuple(
        (
            v.more.label,
            v.less.label,
            end(v.lower, Side.LOWER, places),
            end(v.upper, Side.UPPER, places),
            mark_of(v) + (", equivalent" if v.equivalent and v.certified else ""),
            *((_decides(v),) if forecast else ()),
        )
        for v in record.verdicts
    )
    heads = ("subset", "against", "gap ≥", "gap ≤", "verdict", *(("n (80 %)",) if forecast else ()))
    mean = record.study.population.mean
    caption = f"r(subset) − r(against){mean and f', {mean}'}"
    if any(v.is_limited for v in record.verdicts):
        caption += f", intervals {together(record)}"
    units = "test examples" if record.study.population.groups is None else "groups"
    caption += f"; n: {units} that would decide it with probability 0.8" if forecast else ""
    tones = tuple(_TONES.get(mark_of(v), Tone.PLAIN) for v in record.verdicts)
    return Table(heads, rows, "llRRlR", caption, tones)


def _decides(verdict: Verdict) -> str:
    """So many examples decide it with probability 0.8, if the losses stayed."""
    if verdict.needed is None or not verdict.needed.forecast:
        return "" if verdict.certified or verdict.equivalent else ABSENT
    return rounded_count(verdict.needed.forecast[-1].n)


def spread_tables(record: Comparison) -> Iterator[Table]:
    """How much the observed gaps of the pairs depend on the split, where several were tried."""
    shown = {(v.more.modalities, v.less.modalities) for v in record.verdicts}
    spread = [s for s in record.data.spread if (s.more, s.less) in shown] if record.data else []
    if spread:
        rows = tuple(
            (
                "+".join(s.more),
                "+".join(s.less),
                *(number(round(x, 4)) for x in (s.least, s.median, s.most)),
            )
            for s in spread
        )
        yield Table(
            ("subset", "against", "least", "median", "most"),
            rows,
            "llRRR",
            f"Observed gaps over {count(spread[0].splits)} splits, which share examples: no "
            "evidence; the first split decides",
        )


def sentences(record: Comparison) -> Iterator[Block]:
    """The certified verdicts first."""
    yield Heading("In words")
    order = ("more", "less", "contradictory", "undecided")
    for verdict in sorted(record.verdicts, key=lambda v: order.index(v.verdict)):
        yield Text(f"- {verdict.sentence}.", Tone.GOOD if verdict.certified else Tone.PLAIN)


def crossover_lines(record: Comparison) -> Iterator[Block]:
    """One line a pair, and what they do not say."""
    if record.crossovers:
        yield Heading("From which sample size on Theorem 2 prefers more modalities")
        for crossover in record.crossovers:
            yield Text(f"- {crossover.sentence}.")
        yield from small_print(
            "This compares upper bounds on the latent quality, at the training losses observed. "
            "It is not a verdict on the risks."
        )


def method_by_method(record: Comparison) -> Iterator[Block]:
    """The rows of each pair, joint first."""
    if all(row.joint for row in record.comparisons):
        return
    places = places_of(record.comparisons)
    rows: list[tuple[str, ...]] = []
    tones: list[Tone] = []
    for v in record.verdicts:
        of_pair = [r for r in record.comparisons if r.more is v.more and r.less is v.less]
        rows += [(f"{v.more.label} against {v.less.label}", "", "", "", "")]
        rows += [_detail(record, row, places) for row in of_pair]
        tones += [Tone.PLAIN, *(Tone.PLAIN if row.joint else Tone.NOTE for row in of_pair)]
    yield Heading("Method by method")
    yield from small_print(
        "Joint rows carry the verdicts. Each row marked alone holds by itself with probability at "
        f"least {confidence(record.study.delta)} and decides nothing; the best of them would have "
        "to be named beforehand."
    )
    if any(row.method == "theorem2" for row in record.comparisons):
        yield from small_print(
            "γ = η(ĝ_M) − η(ĝ_N) is not observable. A bound on it by Theorem 2 is never negative, "
            "so the two theorems together cannot certify more modalities; certificates and test "
            "data can."
        )
    heads = ("gap by", "holds", "gap ≥", "gap ≤", "says")
    yield Table(heads, tuple(rows), "llRR", tones=tuple(tones))


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
        name = row.method.removeprefix("held-out-")
        return f"{'held-out, ' if name != row.method else ''}{_METHODS[name]}"
    pair = row.more, row.less
    paired = [e for e in record.ledger if e.subsets == pair]
    single = [e for e in record.ledger if e.kind == "held-out" and e.subsets[0] in pair]
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
            "lllrr",
            "Limits on single subsets, each end by itself",
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


def ledger_table(record: Comparison) -> Table:
    """Which event costs what."""
    rows = []
    for event in record.ledger:
        shared = f", shared by {event.candidates} classes" if event.candidates > 1 else ""
        by = f"{event.method} ({event.variant}{shared})"
        rows.append((event.quantity, str(event.side), by, str(event.cost)))
    total = sum((event.cost for event in record.ledger), start=Fraction(0))
    rows.append(("all of them together", "", "", str(total)))
    caption = "Ledger: what may fail, and what it costs"
    return Table(("event: a limit on", "side", "by", "cost"), tuple(rows), "lllr", caption)
