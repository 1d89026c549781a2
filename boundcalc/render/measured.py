"""A comparison that was measured on data, as a document."""

from __future__ import annotations

from collections.abc import Iterator

from boundcalc.render.comparison_details import (
    note_lines,
    opening,
    statement_blocks,
    training_blocks,
)
from boundcalc.render.document import Block, Document, Heading, Table, Text, Tone
from boundcalc.study.design import Measurement
from boundcalc.study.records import Comparison
from boundcalc.text import confidence, count, number

_LOSSES = {
    "zero-one": "The verdicts are about the probability of an error.",
    "ramp": "The verdicts are about the ramp loss of the margin.",
    "absolute": "The verdicts are about the absolute error; 1 is one standard deviation of the "
    "target.",
}
_CHOSEN = {
    "validation": "the least loss on a quarter of the training part",
    "bound": "the least training loss plus twice the complexity",
}


def measured_document(
    record: Comparison, *, alone: bool = True, ledger: bool = False, left_out: str = ""
) -> Document:
    """How it was measured, then the comparison, then what the training part says by itself."""
    also = () if record.training is None else record.training.notes
    assert record.data is not None
    of, more = "", ""
    if record.data.loss == "zero-one":
        of = ": the ramp loss"
        more = (
            " The ramp loss is 1 on every error, so its upper limits hold for the probability of "
            "an error "
            "as well."
        )
    return (
        *opening(record),
        Text(_how(record.data), Tone.NOTE),
        *statement_blocks(record, alone=alone, ledger=ledger),
        *spread_tables(record),
        *((Text(left_out, Tone.NOTE),) if left_out else ()),
        *training_blocks(record, alone=alone, ledger=ledger, of=of, more=more),
        *_standing(record),
        *note_lines(tuple(dict.fromkeys((*record.data.notes, *record.notes, *also)))),
    )


def spread_tables(record: Comparison) -> tuple[Table, ...]:
    """How much the observed gaps of the pairs depend on the split, where several were tried."""
    shown = {(v.more.modalities, v.less.modalities) for v in record.verdicts}
    spread = [s for s in record.data.spread if (s.more, s.less) in shown] if record.data else []
    if not spread:
        return ()
    rows = tuple(
        (
            "+".join(s.more),
            "+".join(s.less),
            *(number(round(x, 4)) for x in (s.least, s.median, s.most)),
        )
        for s in spread
    )
    caption = (
        f"Observed gaps over {count(spread[0].splits)} splits, which share examples: no evidence; "
        "the first split decides"
    )
    columns = ("subset", "against", "least", "median", "most")
    return (Table(columns, rows, frozenset({2, 3, 4}), frozenset({2, 3, 4}), caption),)


def _how(data: Measurement) -> str:
    first, train, test = data.sizes
    fixed = f"margin {data.margin:g}" if data.margin is not None else f"clipped at {data.clip:g}"
    fits = len(data.fits)
    of = f"{fits} of {count(data.subsets)} subsets" if fits < data.subsets else "Each subset"
    return (
        f"{_LOSSES[data.loss]} {count(first)} examples fixed means and scales, {count(train)} "
        f"trained, "
        f"{count(test)} were held out (seed {data.seed}). {of}: one linear predictor of norm at "
        f"most B, "
        f"{fixed}, {'an' if data.intercept else 'no'} intercept; B is one of {len(data.norms)} "
        f"norms from "
        f"{data.norms[0]:g} to {data.norms[-1]:g}, by {_CHOSEN[data.choose]}."
    )


def _both(record: Comparison) -> str:
    if record.training is None:
        return ""
    delta = record.study.delta
    return (
        " The statement on the held-out part and the one on the training part hold with this "
        "probability "
        f"each, both together with at least {confidence(min(2 * delta, 1.0))}."
    )


def _standing(record: Comparison) -> Iterator[Block]:
    """Which numbers are guarantees and which are estimates."""
    assert record.data is not None
    yield Heading("Guarantees and estimates")
    yield Text(
        f"- Guarantees, with probability at least {confidence(record.study.delta)} over the "
        f"examples: "
        f"the limits on gaps and risks that are joint, and the verdicts.{_both(record)} Rows "
        f"marked alone: "
        "each by itself."
    )
    if record.training is None and record.study.m is None:
        yield Text("- Estimates: test losses; the numbers of groups that would decide a pair.")
        return
    drawn = ", or by draws whose limit the ledger pays for" if record.data.draws else ""
    yield Text(
        f"- Guarantees on the sample at hand: R̂_S ≤ the number shown, by a closed form{drawn}."
    )
    yield Text(
        "- Estimates: test losses; the numbers of examples that would decide a pair; the sizes "
        "from which "
        "Theorem 2 prefers more modalities, at the training losses observed."
    )
