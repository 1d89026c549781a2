"""A simulation as a document: crossovers, risks, and every bound beside the truth."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from math import isfinite, isnan

from boundcalc.conventions import Side
from boundcalc.render.document import Block, Document, Heading, Table, Text, Tone, notes, rows_of
from boundcalc.text import count, lower, number, upper
from boundcalc.worlds.simulate.experiment import ENOUGH, SimulatedCrossover
from boundcalc.worlds.simulate.results import SimulatedBound, SimulatedRisk, Simulation


def simulation_document(record: Simulation, *, size: int | None = None) -> Document:
    """The whole simulation; the bounds at one size, the largest where none is named."""
    largest = max(row.size for row in record.rows)
    tone = Tone.PLAIN if record.complete else Tone.BAD
    blocks: list[Block] = [Heading(record.experiment.title), Text(ran(record), tone)]
    blocks.append(_verdict(record))
    if record.crossovers:
        blocks.append(_crossovers(record))
    blocks.append(_risks(record))
    blocks += _bounds(record, largest if size is None else size)
    return (*blocks, *notes(*record.experiment.notes))


def ran(record: Simulation) -> str:
    """How often it was repeated, and whether that is all."""
    plan = record.experiment
    said = f"δ = {plan.delta:g}, seed {plan.seed}."
    if record.complete:
        where = (
            f"m = {count(plan.sizes[0])}"
            if len(plan.sizes) == 1
            else f"each of {len(plan.sizes)} sizes"
        )
        return f"{count(plan.repetitions)} repetitions at {where}, {said}"
    return (
        f"PARTIAL: interrupted after {count(record.done)} of {count(record.total)} repetitions, "
        f"{said}"
    )


def _verdict(record: Simulation) -> Text:
    if record.refuted:
        named = ", ".join(dict.fromkeys(map(_named, record.refuted)))
        return Text(f"Violated more often than chance explains: {named}.", Tone.BAD)
    worst = max(
        (row for row in record.rows if row.rate), key=lambda r: (r.violations or 0) / r.repetitions
    )
    often = f"{_named(worst)} at m = {worst.size}"
    most = f"{worst.violations} of {worst.repetitions} ({often})" if worst.violations else "none"
    said = f"No bound is violated more often than δ, beyond chance. Most violations: {most}."
    few = dict.fromkeys(_named(row) for row in record.rows if row.alarm is None)
    if few:
        said += f" Not judged, for want of {ENOUGH} draws: {', '.join(few)}."
    return Text(said, Tone.GOOD)


def _named(row: SimulatedBound) -> str:
    return f"{row.statement.id} {row.statement.variant}"


def _crossovers(record: Simulation) -> Table:
    rows = tuple(
        (
            f"{c.more} over {c.less}",
            _least(c.predicted) + (" (vacuous)" if c.vacuous else ""),
            _least(c.exact),
            between(c),
        )
        for c in record.crossovers
    )
    return Table(
        ("better", "predicted by bounds", "exact", "simulated"),
        rows,
        "lrrr",
        f"Crossovers: the least number of {record.experiment.axis} from which on more "
        "modalities are better",
    )


def _least(value: int | None) -> str:
    return "never" if value is None else count(value)


def between(crossover: SimulatedCrossover) -> str:
    """The simulated crossover, between two of the sizes."""
    if crossover.simulated is None:
        return "not seen"
    before, after = crossover.simulated
    return f"{count(before)} to {count(after)}" if before else f"by {count(after)}"


def _risks(record: Simulation) -> Table:
    rows = tuple(
        (count(r.size), r.learner, _finite(r.expected), number(r.mean, 4), _error(r))
        for r in record.risks
    )
    return Table(
        ("m", "learner", "exact", "simulated", "± standard error"),
        rows,
        "rlrrr",
        f"Expected {record.experiment.risk}",
    )


def _finite(value: float) -> str:
    if isnan(value):
        return "no closed form"
    return number(value, 4) if isfinite(value) else "infinite"


def _error(risk: SimulatedRisk) -> str:
    return f"{risk.error:.2g}" if isfinite(risk.error) else "unknown"


def _bounds(record: Simulation, size: int) -> Iterator[Table]:
    """One table for each quantity of each subset."""
    for (subject, quantity), group in groupby(
        sorted(record.at(size), key=_group),
        key=lambda row: (row.statement.subject, row.statement.quantity),
    ):
        rows = tuple(group)
        truth = number(rows[0].truth, 4)
        yield Table(
            ("bound", "mean", "÷ truth", "wrong", "rate, 95 %"),
            tuple(_row(row) for row in rows),
            "lRRRR",
            f"{subject}: {quantity}, {truth} in the mean at m = {count(size)}",
            tones=tuple(Tone.PLAIN if row.holds else Tone.BAD for row in rows),
        )


def _group(row: SimulatedBound) -> tuple[bool, str, str]:
    return row.statement.difference, row.statement.subject, row.statement.quantity


def _row(row: SimulatedBound) -> tuple[str, ...]:
    up = row.statement.side is Side.UPPER
    sign = "=" if row.statement.exact else "≤" if up else "≥"
    value = upper(row.bound, 4) if up else lower(row.bound, 4)
    tightness = "" if row.tightness is None else number(row.tightness, 3)
    violated, rate = "", "in the mean" if row.alarm is not None else "not judged"
    if row.rate is not None:
        violated = f"{row.violations}/{row.repetitions}"
        rate = f"{lower(row.rate[0], 3)}–{upper(row.rate[1], 3)}"
    return _named(row) + _vacuous(row), f"{sign} {value}", tightness, violated, rate


def _vacuous(row: SimulatedBound) -> str:
    if not row.vacuous:
        return ""
    return "\n  vacuous" if row.vacuous == 1 else f"\n  vacuous in {number(100 * row.vacuous, 2)} %"


def simulation_rows(record: Simulation) -> Table:
    """Every bound at every size in one table, for CSV."""
    named = ("id", "variant", "subject", "quantity", "side")
    return rows_of(
        record.rows,
        **{name: f"statement.{name}" for name in named},
        m="size",
        repetitions="repetitions",
        truth=lambda row: f"{row.truth:.10g}",
        bound=lambda row: f"{row.bound:.10g}",
        standard_error=lambda row: f"{row.error:.6g}" if isfinite(row.error) else "",
        tightness=lambda row: "" if row.tightness is None else f"{row.tightness:.6g}",
        violations=lambda row: None if row.rate is None else row.violations,
        rate_lower=lambda row: "" if row.rate is None else f"{row.rate[0]:.6g}",
        rate_upper=lambda row: "" if row.rate is None else f"{row.rate[1]:.6g}",
        vacuous=lambda row: f"{row.vacuous:.6g}",
        complete=lambda _: record.complete,
    )
