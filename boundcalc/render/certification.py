"""A certified comparison of two predictors as a document."""

from __future__ import annotations

from boundcalc.errors import shorten
from boundcalc.numeric.decide.certification import (
    IN_WORDS,
    SIGN_TEST,
    Certification,
    Discordant,
    Interval,
    Proved,
    p_value,
)
from boundcalc.numeric.decide.power import Power
from boundcalc.render.document import (
    Document,
    Forest,
    Heading,
    Mark,
    Span,
    Table,
    Text,
    Tone,
    exact_text,
    small_print,
    tidy_rows,
)
from boundcalc.text import confidence, count, lower, number, upper

_UNITS = {False: "examples", True: "groups"}


def certification_document(record: Certification, details: bool = False) -> Document:
    """Verdict first, then what it rests on; with `details` what other methods say as well."""
    return (
        Heading(f"{record.a} against {record.b}"),
        Text(record.sentence, Tone.GOOD if record.verdict else Tone.PLAIN),
        certification_forest(record),
        _observed(record),
        _limits(record, record.rows if details else (record.decider,)),
        *(() if record.discordant is None else (_discordant(record, record.discordant),)),
        *(() if record.proved is None else (_proved(record, record.proved),)),
        *small_print(*_notes(record, details)),
    )


def _proved(record: Certification, proved: Proved) -> Table:
    """The deciding numbers to the digits that were asked for."""
    a, b = record.a, record.b
    rows = (
        (f"r({a}) − r({b}) ≥", proved.lower.replace("-", "−", 1)),
        (f"r({a}) − r({b}) ≤", proved.upper.replace("-", "−", 1)),
        (f"p-value for {b}", proved.p_value_b),
        (f"p-value for {a}", proved.p_value_a),
    )
    caption = f"Certified, {proved.digits} digits, each rounded to the safe side"
    return Table(("quantity", "proved"), rows, "lr", caption)


def certification_forest(record: Certification) -> Forest:
    """The intervals of all methods, the one that decides first."""
    marks = {"b": Mark.BETTER, "a": Mark.BETTER, None: Mark.UNDECIDED}
    if record.margin is not None and record.margin.equivalent:
        marks[None] = Mark.EQUIVALENT
    if record.contradictory:
        marks[None] = Mark.CONTRADICTORY
    places = record.decimals
    rows = tuple(
        Span(
            f"{IN_WORDS[row.method]}{'' if row.paired else ', unpaired'}"
            f"{' (decides)' if row.deciding else ''}",
            row.lower,
            row.upper,
            f"{lower(row.lower, places)} … {upper(row.upper, places)}",
            record.difference if row.lower <= record.difference <= row.upper else None,
            marks[record.verdict] if row.deciding else Mark.OTHER,
        )
        for row in sorted(record.rows, key=lambda row: not row.deciding)
    )
    return Forest(
        rows,
        f"risk of {shorten(record.a)} less risk of {shorten(record.b)}",
        (f"{shorten(record.a, 24)} is better", f"{shorten(record.b, 24)} is better"),
        "Only the first interval decides; each holds by itself with probability at least "
        f"{confidence(record.delta)}.",
    )


def _observed(record: Certification) -> Table:
    rows = (
        (f"r̂({record.a})", number(record.mean_a)),
        (f"r̂({record.b})", number(record.mean_b)),
        (f"r̂({record.a}) − r̂({record.b})", number(record.difference)),
    )
    caption = f"Mean loss on {count(record.n)} examples"
    if record.groups is not None:
        caption += f" in {count(record.groups)} groups"
    return Table(("quantity", "observed"), rows, "lr", caption)


def _limits(record: Certification, rows: tuple[Interval, ...]) -> Table:
    shown = 4 if len(rows) == 1 else 6  # the last two columns are for several
    cells = (
        (
            IN_WORDS[row.method],
            "paired" if row.paired else "unpaired",
            lower(row.lower, record.decimals),
            upper(row.upper, record.decimals),
            "" if row.wider is None else f"{row.wider:.2f}×",
            "decides" if row.deciding else "contrast",
        )
        for row in rows
    )
    return Table(
        ("method", "examples", "lower", "upper", "vs paired", "role")[:shown],
        tuple(row[:shown] for row in cells),
        "llrrr",
        f"Limits on r({record.a}) − r({record.b}), δ = {record.delta:g}",
        tones=tuple(Tone.PLAIN if row.deciding else Tone.NOTE for row in rows),
    )


def _discordant(record: Certification, pairs: Discordant) -> Table:
    rows = (
        (record.a, count(pairs.n10), record.b, p_value(pairs.p_value_b)),
        (record.b, count(pairs.n01), record.a, p_value(pairs.p_value_a)),
    )
    role = "decides" if record.deciding == SIGN_TEST else "contrast"
    heads = ("only this one is wrong", "examples", "speaks for", "p-value")
    caption = f"Exact paired test, each direction at {pairs.level:g} ({role})"
    return Table(heads, rows, "lrlr", caption)


def _notes(record: Certification, details: bool) -> tuple[str, ...]:
    notes = [f"{note[:1].upper()}{note[1:]}." for note in record.notes or ()]
    units = _UNITS[record.groups is not None]
    if details and len(record.rows) > 1:
        notes.append(
            "What decides is fixed by the kind of loss or by name, not by the data; each other row "
            f"holds with probability at least {confidence(record.delta)} by itself and decides "
            "nothing. vs paired: the width over that of the paired interval by the same method."
        )
    notes.append(f"Assumed: {'; '.join(record.assumes)}.")
    if record.deciding == "betting":
        notes.append(
            f"The {units} are bet on in random orders, fixed by the seed {record.seed} before the "
            "data are seen; the order of the file does not matter."
        )
    elif record.deciding.startswith("betting"):
        arrival = "are in their order of arrival; the statement holds after each of them"
        notes.append(f"The {units} {arrival}.")
    if not record.verdict and record.looks == 1:
        again = "To test again after adding examples is a second look"
        notes.append(f"{again}: before the first, name the number of looks.")
    return tuple(notes)


def power_document(record: Power) -> Document:
    """How many examples, then what was assumed."""
    rows = tuple(
        (f"{needed.probability:g}", "more than 10^15" if needed.n is None else count(needed.n))
        for needed in record.needed
    )
    if record.p10 is not None and record.p01 is not None:
        first, second = number(record.p10), number(record.p01)
        assumed = f"only A is wrong with probability {first}, only B with {second}"
    else:
        spread = number(record.spread or 0.0)
        assumed = f"the differences of the losses have the standard deviation {spread}"
    caption = f"δ = {record.delta:g}, each direction of each pair at {record.level:.3g}"
    return (
        Heading("How many test examples"),
        Text(record.sentence),
        Table(("probability of a decision", "examples"), rows, "rr", caption),
        *small_print(
            f"Assumed: {assumed}.",
            "A forecast is no fact: decide by `certify` once the losses are there.",
        ),
    )


def power_rows(record: Power) -> Table:
    """One row a number of examples, for CSV: the probability that so many decide it."""
    shared = ("gap", "p10", "p01", "spread", "loss_bound", "delta", "direction", "pairs", "level")
    assumed = tuple(exact_text(getattr(record, name)) for name in shared)
    asked = () if record.n is None else (record,)
    found = tidy_rows((*record.needed, *asked), "n", "probability")
    return Table((*shared, *found.columns), tuple((*assumed, *row) for row in found.rows))


def certification_rows(record: Certification) -> Table:
    """One row a method, for CSV; the verdict stands on the row that decides."""
    columns = (
        *("a", "b", "n", "mean_a", "mean_b", "difference", "verdict", "method", "paired"),
        *("decides", "lower", "upper", "probability", "p_value_a", "p_value_b", "level"),
    )
    said = {"a": f"{record.a} better", "b": f"{record.b} better", None: "undecided"}
    means = record.mean_a, record.mean_b, record.difference
    shared = record.a, record.b, str(record.n), *(number(x, 12) for x in means)
    proved = record.proved
    tests = p_value(record.p_value_a), p_value(record.p_value_b)
    tests = tests if proved is None else (proved.p_value_a, proved.p_value_b)

    def ends(row: Interval) -> tuple[str, str]:
        if row.deciding and proved is not None:
            return proved.lower, proved.upper
        return lower(row.lower, 10), upper(row.upper, 10)

    rows = tuple(
        (
            *(*shared, said[record.verdict] if row.deciding else ""),
            *(row.method, exact_text(row.paired)),
            *(exact_text(row.deciding), *ends(row)),
            *(exact_text(row.probability), *(tests if row.deciding else ("", ""))),
            f"{record.level:.10g}",
        )
        for row in record.rows
    )
    return Table(columns, rows)
