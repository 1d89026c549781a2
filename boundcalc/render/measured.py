"""A comparison that was measured on data, as a document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from boundcalc.conventions import Side
from boundcalc.render.comparison import (
    comparison_document,
    crossover_lines,
    details,
    end,
    ledger_table,
    note_lines,
)
from boundcalc.render.document import Block, Document, Heading, Table, Text, Tone
from boundcalc.study.measurement import Measurement
from boundcalc.study.records import Comparison
from boundcalc.text import confidence, count, number

_MOST_SHOWN = 12  # pairs; of more, those that are certified and those with the least test loss
_OF_THE_REST = 5
_PLACES = 4
_LOSSES = {
    "zero-one": "The verdicts are about the probability of an error.",
    "ramp": "The verdicts are about the ramp loss of the margin.",
    "absolute": "The verdicts are about the absolute error; 1 is one standard deviation of the target.",
}
_CHOSEN = {
    "validation": "the least loss on a quarter of the training part",
    "bound": "the least training loss plus twice the complexity",
}


def measured_document(record: Comparison, *, alone: bool = True, ledger: bool = False) -> Document:
    """How it was measured, then the comparison, then what the training part says by itself."""
    shown, left_out = readable(record)
    said = (Text(left_out, Tone.NOTE),) if left_out else ()
    also = () if record.training is None else record.training.notes
    assert record.data is not None
    head, sizes, *rest = comparison_document(replace(shown, notes=()), alone=alone, ledger=ledger)
    return (
        head,
        sizes,
        Text(_how(record.data), Tone.NOTE),
        *rest,
        *said,
        *_training(shown, alone=alone, ledger=ledger),
        *_standing(record),
        *note_lines(tuple(dict.fromkeys((*record.data.notes, *record.notes, *also)))),
    )


def readable(record: Comparison) -> tuple[Comparison, str]:
    """The record with so many pairs that a reader can take them in, and a line on the others."""
    if len(record.verdicts) <= _MOST_SHOWN:
        return record, ""
    reached = {s.subset.label: s.test_loss for s in record.subsets}

    def order(pair: tuple[str, str]) -> tuple[float, ...]:
        return tuple(sorted(reached[label] or 0.0 for label in pair))

    decided = [v for v in record.verdicts if v.verdict in ("more", "less")]
    rest = sorted(
        (v for v in record.verdicts if v.verdict not in ("more", "less")),
        key=lambda v: order((v.more.label, v.less.label)),
    )
    kept = [*sorted(decided, key=lambda v: order((v.more.label, v.less.label))), *rest[:_OF_THE_REST]]
    labels = {s.label for v in kept for s in (v.more, v.less)}
    fewer = len(record.verdicts) - len(kept)
    line = f"{count(fewer)} more pairs are undecided; --format json has all." if fewer else ""
    return _only(record, labels, {(v.more.label, v.less.label) for v in kept}), line


def _only(record: Comparison, labels: set[str], pairs: set[tuple[str, str]]) -> Comparison:
    """Some of the subsets and pairs, the best on the test examples first."""
    return replace(
        record,
        subsets=tuple(
            sorted(
                (s for s in record.subsets if s.subset.label in labels),
                key=lambda s: (s.test_loss is None, s.test_loss),
            )
        ),
        verdicts=tuple(v for v in record.verdicts if (v.more.label, v.less.label) in pairs),
        comparisons=tuple(r for r in record.comparisons if (r.more.label, r.less.label) in pairs),
        crossovers=tuple(c for c in record.crossovers if (c.more.label, c.less.label) in pairs),
        training=None if record.training is None else _only(record.training, labels, pairs),
    )


def _how(data: Measurement) -> str:
    first, train, test = data.sizes
    fixed = f"margin {data.margin:g}" if data.margin is not None else f"clipped at {data.clip:g}"
    fits = len(data.fits)
    of = f"{fits} of {count(data.subsets)} subsets" if fits < data.subsets else "Each subset"
    return (
        f"{_LOSSES[data.loss]} {count(first)} examples fixed means and scales, {count(train)} trained, "
        f"{count(test)} were held out (seed {data.seed}). {of}: one linear predictor of norm at most B, "
        f"{fixed}, {'an' if data.intercept else 'no'} intercept; B is one of {len(data.norms)} norms from "
        f"{data.norms[0]:g} to {data.norms[-1]:g}, by {_CHOSEN[data.choose]}."
    )


def _training(record: Comparison, *, alone: bool, ledger: bool) -> Iterator[Block]:
    """The ramp loss of the same predictors, from the training part."""
    training = record.training
    if training is None:
        return
    yield Heading("From the training examples alone: the ramp loss")
    yield Text(
        f"A statement of its own: its {len(training.ledger)} limits hold together with probability at least "
        f"{confidence(training.study.delta)}, and decide nothing above. The ramp loss is 1 on every error, "
        f"so its upper limits hold for the probability of an error as well. {_vacuous(training)}",
        Tone.NOTE,
    )
    yield _training_table(training)
    yield from crossover_lines(training)
    if alone:
        yield from details(training)
    if ledger:
        yield ledger_table(training)


def _training_table(record: Comparison) -> Table:
    quality = {
        s.subset.label: limit.value for s in record.subsets for limit in s.limits if limit.quantity != "risk"
    }
    rows = tuple(
        (
            s.subset.label,
            number(s.train_loss or 0.0, 4),
            "–" if s.rademacher_empirical is None else number(s.rademacher_empirical, 4),
            end(s.risk_lower, Side.LOWER, _PLACES),
            end(s.risk_upper, Side.UPPER, _PLACES),
            end(quality.get(s.subset.label), Side.UPPER, _PLACES),
        )
        for s in record.subsets
    )
    numeric = frozenset(range(1, 6))
    heads = ("modalities", "training loss", "R̂_S ≤", "risk ≥", "risk ≤", "η ≤")
    return Table(heads, rows, numeric=numeric, whole=numeric, caption="Ramp risk, and Theorem 2's η (alone)")


def _vacuous(record: Comparison) -> str:
    """How many upper limits say nothing."""
    bounded = [s for s in record.subsets if s.risk_upper is not None]
    empty = [s for s in bounded if s.risk_upper is not None and s.risk_upper >= record.study.loss_bound]
    if not empty:
        return ""
    many = "All" if len(empty) == len(bounded) else f"{len(empty)} of the {len(bounded)}"
    return f"{many} upper limits are vacuous: {record.study.m} examples are too few for such norms."


def _both(record: Comparison) -> str:
    if record.training is None:
        return ""
    delta = record.study.delta
    return (
        " The statement about errors and the one about the ramp loss hold with this probability each, both "
        f"together with at least {confidence(min(2 * delta, 1.0))}."
    )


def _standing(record: Comparison) -> Iterator[Block]:
    """Which numbers are guarantees and which are estimates."""
    assert record.data is not None
    yield Heading("Guarantees and estimates")
    yield Text(
        f"- Guarantees, with probability at least {confidence(record.study.delta)} over the examples: "
        f"the limits on gaps and risks that are joint, and the verdicts.{_both(record)} Rows marked alone: "
        "each by itself."
    )
    drawn = ", or by draws whose limit the ledger pays for" if record.data.draws else ""
    yield Text(f"- Guarantees on the sample at hand: R̂_S ≤ the number shown, by a closed form{drawn}.")
    yield Text(
        "- Estimates: test losses; the numbers of examples that would decide a pair; the sizes from which "
        "Theorem 2 prefers more modalities, at the training losses observed."
    )
