"""A simulation as a document and a picture: crossovers, risks, and every bound beside the truth."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby
from math import isfinite, isnan
from typing import TYPE_CHECKING, Any

import numpy as np

from boundcalc.conventions import Side
from boundcalc.errors import InputError
from boundcalc.render import plot
from boundcalc.render.document import Document, Heading, Table, Text, Tone, small_print, tidy_rows
from boundcalc.text import count, lower, number, upper
from boundcalc.worlds.simulate.experiment import ENOUGH, SimulatedCrossover
from boundcalc.worlds.simulate.results import ALARM, SimulatedBound, Simulation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LINE = 86
_WIDE = 4.0  # a vertical range by which it is logarithmic: a narrower one would have no labels
_ROOM = 1.2  # how far the horizontal axis goes beyond what is drawn, as a ratio
_FAR = 3.0  # a crossover further beyond the largest size is told, not drawn
_MOST_LEARNERS = len(plot.LINES)
_MOST_PAIRS = 6
_MARKERS = "osD^vP"
_MARK: dict[str, Any] = {"ms": 7, "mfc": "white", "mew": 1.8}


def simulation_document(record: Simulation, *, size: int | None = None) -> Document:
    """The whole simulation; the bounds at one size, the largest where none is named."""
    largest = max(row.size for row in record.rows)
    return (
        Heading(record.experiment.title),
        Text(_ran(record), Tone.PLAIN if record.complete else Tone.BAD),
        _verdict(record),
        *((_crossovers(record),) if record.crossovers else ()),
        _risks(record),
        *_bounds(record, largest if size is None else size),
        *small_print(*record.experiment.notes),
    )


def _ran(record: Simulation) -> str:
    """How often it was repeated, and whether that is all."""
    plan = record.experiment
    said = f"δ = {plan.delta:g}, seed {plan.seed}."
    if record.complete:
        several = f"each of {len(plan.sizes)} sizes"
        where = several if len(plan.sizes) > 1 else f"m = {count(plan.sizes[0])}"
        return f"{count(plan.repetitions)} repetitions at {where}, {said}"
    done = f"{count(record.done)} of {count(record.total)}"
    return f"PARTIAL: interrupted after {done} repetitions, {said}"


def _verdict(record: Simulation) -> Text:
    if record.refuted:
        named = ", ".join(dict.fromkeys(map(_named, record.refuted)))
        return Text(f"Violated more often than chance explains: {named}.", Tone.BAD)
    worst = max(
        (row for row in record.rows if row.rate), key=lambda r: (r.violations or 0) / r.repetitions
    )
    often = f"{_named(worst)} at m = {worst.size}"
    most = f"{worst.violations} of {worst.repetitions} ({often})" if worst.violations else "none"
    judged = count(sum(row.alarm is not None for row in record.rows))
    said = (
        f"Of {judged} bounds, counted at each size, none is violated more often than δ, beyond "
        f"chance (at level {ALARM:g} in all). Most violations: {most}."
    )
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
            _between(c),
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


def _between(crossover: SimulatedCrossover) -> str:
    """The simulated crossover, between two of the sizes."""
    if crossover.simulated is None:
        return "not seen"
    before, after = crossover.simulated
    return f"{count(before)} to {count(after)}" if before else f"by {count(after)}"


def _risks(record: Simulation) -> Table:
    rows = []
    for r in record.risks:
        exact = number(r.expected, 4) if isfinite(r.expected) else "infinite"
        exact = "no closed form" if isnan(r.expected) else exact
        error = f"{r.error:.2g}" if isfinite(r.error) else "unknown"
        rows.append((count(r.size), r.learner, exact, number(r.mean, 4), error))
    heads = ("m", "learner", "exact", "simulated", "± standard error")
    return Table(heads, tuple(rows), "rlrrr", f"Expected {record.experiment.risk}")


def _bounds(record: Simulation, size: int) -> Iterator[Table]:
    """One table for each quantity of each subset."""

    def of(row: SimulatedBound) -> tuple[bool, str, str]:
        return row.statement.difference, row.statement.subject, row.statement.quantity

    for (_, subject, quantity), group in groupby(sorted(record.at(size), key=of), key=of):
        rows = tuple(group)
        truth = number(rows[0].truth, 4)
        yield Table(
            ("bound", "mean", "÷ truth", "wrong", "rate, 95 %"),
            tuple(_row(row) for row in rows),
            "lRRRR",
            f"{quantity} of {subject}: {truth} in the mean at m = {count(size)}",
            tones=tuple(Tone.PLAIN if row.holds else Tone.BAD for row in rows),
        )


def _row(row: SimulatedBound) -> tuple[str, ...]:
    up = row.statement.side is Side.UPPER
    sign = "=" if row.statement.exact else "≤" if up else "≥"
    value = upper(row.bound, 4) if up else lower(row.bound, 4)
    tightness = "" if row.tightness is None else number(row.tightness, 3)
    violated, rate = "", "in the mean" if row.alarm is not None else "not judged"
    if row.rate is not None:
        violated = f"{row.violations}/{row.repetitions}"
        rate = f"{lower(row.rate[0], 3)}–{upper(row.rate[1], 3)}"
    share = "" if row.vacuous == 1 else f" in {number(100 * row.vacuous, 2)} %"
    name = _named(row) + (f"\n  vacuous{share}" if row.vacuous else "")
    return name, f"{sign} {value}", tightness, violated, rate


def simulation_rows(record: Simulation) -> Table:
    """Every bound at every size in one table, for CSV."""
    named = ("id", "variant", "subject", "quantity", "side")
    return tidy_rows(
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


def simulation_figure(record: Simulation, ax: Axes | None = None) -> Figure:
    """Draw all learners and the crossovers of all pairs, or say which are left out.

    Risks above, bounds below, each with the crossovers of what is drawn there.

    Raises
    ------
    InputError
        If axes are given: it needs two.
    """
    if ax is not None:
        raise InputError("a simulation has two axes, so it is drawn in a figure of its own")
    with plot.style():
        above, below = plot.empty(plot.HEIGHT + 3.2).subplots(2, 1, sharex=True)
        names = record.experiment.learners[:_MOST_LEARNERS]
        among = [c for c in record.crossovers if {c.more, c.less} <= {*names}]
        pairs = among[:_MOST_PAIRS]
        handles = [  # the colour, dashes and mark of each learner
            above.plot(
                [], [], _MARKERS[i], lw=2.4, label=plot.as_written(name), **_MARK, **plot.look(i)
            )[0]
            for i, name in enumerate(names)
        ]
        _draw_risks(above, record, names)
        _draw_bounds(below, record, names)
        for axes in (above, below):
            axes.set_xscale("log")
            plot.logarithmic(axes, ratio=_WIDE)
        drawn = [m for c in pairs for size in (c.exact, c.predicted) for m in _near(record, size)]
        drawn += [r.size for r in record.risks]
        below.set_xlim(min(drawn) / _ROOM, max(drawn) * _ROOM)
        handles += [*_of_risks(above, record, pairs), *_of_bounds(below, record, pairs)]
        below.set_xlabel(record.experiment.axis)
        above.set_ylabel(f"expected {record.experiment.risk}")
        below.set_ylabel(record.experiment.loss)
        small, once = _small(record, names, pairs), {h.get_label(): h for h in handles}
        return plot.finished(above, None, record.experiment.title, small, list(once.values()))


def _small(
    record: Simulation, names: Sequence[str], pairs: Sequence[SimulatedCrossover]
) -> list[str]:
    """What is drawn, where one learner overtakes another, and what is left out."""
    bounds = " and ".join(dict.fromkeys(" ".join(record.experiment.bounds[name]) for name in names))
    said = [
        _ran(record),
        *map(_said, pairs),
        "above: lines exact, marks simulated ± 2 standard errors",
        f"below: {bounds}, thin where mostly vacuous; truth dotted",
    ]
    missing = [name for name in record.experiment.learners if name not in names]
    if missing:
        said.append(f"left out: {', '.join(missing)}")
    if len(pairs) < len(record.crossovers):
        said.append(f"crossovers of {len(record.crossovers) - len(pairs)} more pairs are left out")
    return [plot.as_written(part) for line in said for part in textwrap.wrap(line, _LINE)]


def _said(c: SimulatedCrossover) -> str:
    exact, predicted = (
        "never" if m is None else f"m\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{count(m)}"
        for m in (c.exact, c.predicted)
    )
    predicted += " by vacuous bounds" if c.vacuous else ""
    pair = f"{c.more} over {c.less}"
    return f"{pair}: exact {exact}, simulated {_between(c)}, predicted {predicted}"


def _draw_risks(axes: Axes, record: Simulation, names: Sequence[str]) -> None:
    curves = record.curves
    for i, name in enumerate(names):
        sizes, exact = np.array(curves[name]).T
        exact[~np.isfinite(exact)] = np.nan
        axes.plot(sizes, exact, lw=2.4, gid=f"exact {i}", **plot.look(i))
        mine = [r for r in record.risks if r.learner == name]
        axes.errorbar(
            [r.size for r in mine],
            [r.mean for r in mine],
            [2 * r.error if isfinite(r.error) else 0.0 for r in mine],
            fmt=_MARKERS[i],
            capsize=3,
            color=plot.LINES[i],
            **_MARK,
        )
    seen = [r.mean for r in record.risks if r.learner in names]
    low, high = axes.get_ylim()
    top = min(high, max(seen) * 1.5)
    if top > 0:
        axes.set_ylim(max(low, min(seen) / 1.5) if min(seen) > 0 else -0.05 * top, top)


def _draw_bounds(axes: Axes, record: Simulation, names: Sequence[str]) -> None:
    """The truth and the bound of each learner; thin where the bound is vacuous."""
    for i, name in enumerate(names):
        of, rows = (*record.experiment.bounds[name], name), record.rows
        named = [((r.statement.id, r.statement.variant, r.statement.subject), r) for r in rows]
        made = [r for key, r in named if key == of]
        x = [r.size for r in made]
        truth: dict[str, Any] = {"color": plot.LINES[i], "ls": ":", "gid": f"truth {i}"}
        axes.plot(x, [r.truth for r in made], _MARKERS[i], lw=1.5, ms=5, **truth)
        vacuous = np.array([r.vacuous >= 0.5 for r in made])
        plot.bound_line(axes, x, np.array([r.bound for r in made]), vacuous, i)


def _near(record: Simulation, size: int | None) -> list[int]:
    """A crossover, if it is near the sizes."""
    sizes = [r.size for r in record.risks]
    return [] if size is None or not min(sizes) <= size <= _FAR * max(sizes) else [size]


def _of_risks(axes: Axes, record: Simulation, pairs: Sequence[SimulatedCrossover]) -> list[Any]:
    """Where the risks cross: simulated and exactly."""
    handles = list[Any]()
    for i, c in enumerate(pairs):
        if c.simulated is not None:
            before, after = c.simulated
            look: dict[str, Any] = {"fc": "#e9e9e9", "zorder": 0, "gid": f"simulated crossover {i}"}
            start = before or axes.get_xlim()[0]
            handles.append(axes.axvspan(start, after, label="crossover: simulated", **look))
        handles += [_line(axes, m, "solid", "exact", i) for m in _near(record, c.exact)]
    return handles


def _of_bounds(axes: Axes, record: Simulation, pairs: Sequence[SimulatedCrossover]) -> list[Any]:
    """Where the bounds cross."""
    return [
        _line(axes, m, (0, (4, 3)), "predicted by bounds", i)
        for i, c in enumerate(pairs)
        for m in _near(record, c.predicted)
    ]


def _line(axes: Axes, at: float, style: Any, what: str, i: int) -> Any:
    look: dict[str, Any] = {"color": plot.INK, "ls": style, "gid": f"{what} crossover {i}"}
    return axes.axvline(at, lw=1.4, label=f"crossover: {what}", **look)
