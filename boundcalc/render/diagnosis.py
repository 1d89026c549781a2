"""A diagnosis as a document."""

from __future__ import annotations

from collections.abc import Callable

from boundcalc.data.diagnose.connection import LimitedMean
from boundcalc.data.diagnose.diagnosis import ZERO_ONE, Diagnosis, ModalityPair
from boundcalc.numeric.decide.certification import DIRECTION_ONLY, Certification
from boundcalc.render.document import (
    Block,
    Document,
    Heading,
    Table,
    Text,
    Tone,
    exact_text,
    small_print,
)
from boundcalc.text import confidence, count, lower, number, upper

_VERDICTS = {"a": "x alone is better", "b": "the other one is better", None: "undecided"}
_DIFFERENCES = "Risk of x alone less the other one; positive: the other one is better"


def diagnosis_document(record: Diagnosis) -> Document:
    """What it says in plain words, then the numbers, then what they rest on."""
    blocks: list[Block] = [
        Heading(f"Connection and heterogeneity in {record.source}"),
        Text(_parts(record)),
        *(Text(sentence) for sentence in record.sentences),
        _connections(record),
    ]
    if record.loss is not None:
        blocks += [_risks(record), _differences(record)]
        if any(p.bound and p.bound.value is not None for p in record.pairs):
            blocks.append(_bounds(record))
    return (*blocks, *small_print(*record.notes, *_notes(record)))


def _parts(record: Diagnosis) -> str:
    sizes = record.examples
    labels = ""
    if sizes.get("labelled", sizes["training"]) < sizes["training"]:
        labels = f" ({count(sizes['labelled'])} with their labels)"
    return (
        f"{count(sizes['setup'])} examples fix the units (setup), "
        f"{count(sizes['training'])}{labels} train, {count(sizes['held_out'])} are held out."
    )


def _arrow(pair: ModalityPair) -> str:
    return f"{pair.x} → {pair.y}"


def _limits(found: LimitedMean) -> tuple[str, str, str]:
    return _observed(found.value), lower(found.lower, 3), upper(found.upper, 3)


def _connections(record: Diagnosis) -> Table:
    rows = tuple(
        (
            _arrow(pair),
            *_limits(pair.connection.kappa),
            *_limits(pair.connection.normalised),
            _observed(pair.connection.cross_fitted_normalised),
        )
        for pair in record.pairs
    )
    return Table(
        ("x → y", "κ̂", "lower", "upper", "share", "at least", "at most", "estimate"),
        rows,
        "lrrrrrrr",
        "Connection: mean distance ‖ĝ(x) − y‖, and its share of the spread of y",
        tones=tuple(Tone.GOOD if p.connection.certified else Tone.PLAIN for p in record.pairs),
    )


def _observed(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"


def _risks(record: Diagnosis) -> Table:
    rows = []
    for pair in record.pairs:
        assert pair.adds is not None
        assert pair.two_stage is not None
        alone = (record.risks[name] for name in (pair.x, pair.y))
        together = pair.adds.mean_b, pair.two_stage.mean_b
        rows.append((_arrow(pair), *(number(value, 4) for value in (*alone, *together))))
    return Table(
        ("x → y", "x alone", "y alone", "x and y", "x and ĝ(x)"),
        tuple(rows),
        "lrrrr",
        f"Mean held-out loss ({record.loss})",
    )


def _differences(record: Diagnosis) -> Table:
    rows, tones, caption = [], [], _DIFFERENCES
    kinds: tuple[tuple[str, Callable[[ModalityPair], Certification | None]], ...] = (
        ("x and y", lambda pair: pair.adds),
        ("x and ĝ(x)", lambda pair: pair.two_stage),
    )
    for pair in record.pairs:
        for name, which in kinds:
            found = which(pair)
            assert found is not None
            decider, places = found.decider, found.decimals
            ends = lower(decider.lower, places), upper(decider.upper, places)
            rows.append((_arrow(pair), name, *ends, _VERDICTS[found.verdict]))
            tones.append(Tone.GOOD if found.verdict == "b" else Tone.PLAIN)
            if found.verdict is not None and found.amount is None:
                caption = f"{_DIFFERENCES}; where 0 is in between, {DIRECTION_ONLY}"
    return Table(
        ("x → y", "x alone against", "lower", "upper", "certified"),
        tuple(rows),
        "llrr",
        caption,
        tuple(tones),
    )


def _bounds(record: Diagnosis) -> Table:
    rows = []
    for pair in record.pairs:
        if pair.bound is None or pair.bound.value is None:
            continue
        names = ("connection_gap", "connection", "prediction", "concentration")
        values = (*(pair.bound.terms[name] for name in names), pair.bound.value)
        vacuous = "vacuous" if pair.bound.vacuous else ""
        rows.append((_arrow(pair), *(upper(value, 3) for value in values), vacuous))
    bound = next(pair.bound.loss_bound for pair in record.pairs if pair.bound is not None)
    return Table(
        ("x → y", "L κ", "of G", "of F", "of δ", "bound", ""),
        tuple(rows),
        "lrrrrr",
        f"Lu's bound and its terms; vacuous from {bound:g} on",
    )


def _notes(record: Diagnosis) -> tuple[str, ...]:
    scaled = record.scale == "columns"
    unit = "standard deviations of the columns" if scaled else "units of the data"
    clipped = sum(pair.connection.clipped for pair in record.pairs)
    counted = len(record.pairs) * record.examples["held_out"]
    said = (
        f"All limits hold together with probability at least {confidence(record.delta)}, and so do "
        f"all verdicts: δ is divided among {count(record.statements)} statements, "
        f"{record.share:.3g} each.",
        f"Distances are in {unit}. Those above D count as D, {count(clipped)} of {count(counted)} "
        "held-out ones; D is declared, or the 95 % quantile of ‖y − ȳ‖ on the setup part. An upper "
        "limit is one on κ, for these distances, of every class that contains ĝ; a lower limit is "
        "one for this ĝ only. Estimate: the share of the spread, cross-fitted in five folds, "
        "nothing clipped; no guarantee.",
    )
    if record.loss is None:
        return said
    surrogate = "the ramp loss of margin 1" if record.loss == ZERO_ONE else "this loss"
    return (
        *said,
        "x and ĝ(x): f̂ learned on x and y, and fed with ĝ(x) in place of y. Risks are those of "
        "these learners, not the least of their class.",
        f"Lu's bound is for the minimisers of the mean distance and of {surrogate} over the least "
        "norm balls of a fixed list that contain ĝ and f̂; the ridge fits stand in for them.",
    )


# --- for CSV: one table with one row a pair ----------------------------------------------------

_PLACES = 6
_AGAINST = ("risk", "difference_lower", "difference_upper", "certified")
_COLUMNS = (
    *("x", "y", "kappa", "kappa_lower", "kappa_upper", "share_lower", "share_upper", "connected"),
    "risk_x",
    *(f"{which}_{name}" for which in ("x_and_y", "two_stage") for name in _AGAINST),
    "lu_bound",
)


def diagnosis_rows(record: Diagnosis) -> Table:
    """One row an ordered pair; differences are r(x alone) less the other risk."""
    return Table(_COLUMNS, tuple(map(_cells, record.pairs)))


def _cells(pair: ModalityPair) -> tuple[str, ...]:
    kappa, share = pair.connection.kappa, pair.connection.normalised
    bound = None if pair.bound is None else pair.bound.value
    return (
        *(pair.x, pair.y, "" if kappa.value is None else number(kappa.value, _PLACES)),
        *(lower(kappa.lower, _PLACES), upper(kappa.upper, _PLACES)),
        *(lower(share.lower, _PLACES), upper(share.upper, _PLACES)),
        exact_text(pair.connection.certified),
        "" if pair.adds is None else number(pair.adds.mean_a, _PLACES),
        *_against(pair.adds),
        *_against(pair.two_stage),
        "" if bound is None else upper(bound, _PLACES),
    )


def _against(found: Certification | None) -> tuple[str, ...]:
    if found is None:
        return ("",) * len(_AGAINST)
    better = {"a": "worse", "b": "better", None: ""}[found.verdict]
    ends = lower(found.decider.lower, _PLACES), upper(found.decider.upper, _PLACES)
    return number(found.mean_b, _PLACES), *ends, better
