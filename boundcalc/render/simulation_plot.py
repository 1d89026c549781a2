"""A simulation as a picture: risks above, bounds below, and the three crossovers."""

from __future__ import annotations

import textwrap
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from boundcalc.errors import optional
from boundcalc.render import canvas
from boundcalc.render.numbers import count
from boundcalc.render.simulation import between, ran
from boundcalc.worlds.simulated import Crossover, Row, Simulation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LINE = 78
_WIDE = 4.0  # a vertical range by which it is logarithmic: a narrower one would have no labels


def check() -> None:
    """Refuse before anything is computed if matplotlib is missing."""
    optional("matplotlib", "plots", "plot")


def simulation_figure(record: Simulation) -> Figure:
    """Draw the first pair of learners that can be compared, or the only learner."""
    with optional("matplotlib", "plots", "plot").rc_context(canvas.STYLE):
        figure, (above, below) = canvas.stacked(2)
        first = record.crossovers[:1]
        pair = [(c.crossing.more, c.crossing.less) for c in first]
        names = pair[0] if pair else tuple(record.curves)[:1]
        handles = [*_risks(above, record, names), *_bounds(below, record, names)]
        for axes in (above, below):
            axes.set_xscale("log")
            low, high = axes.get_ylim()
            if low > 0 and high > _WIDE * low:
                canvas.logarithmic(axes)
            handles += _marks(axes, record, first[0]) if first else []
        below.set_xlabel(record.axis)
        above.set_ylabel(f"expected {record.risk}")
        below.set_ylabel(record.loss)
        small = [ran(record), *(line for c in first for line in _said(c))]
        canvas.head(above, record.experiment.title, small)
        canvas.legend(figure, list({h.get_label(): h for h in handles}.values()))
        return figure


def _said(c: Crossover) -> list[str]:
    crossing = c.crossing
    exact, predicted = (
        "never" if m is None else f"m = {count(m)}" for m in (crossing.exact, crossing.predicted)
    )
    predicted += " by vacuous bounds" if crossing.vacuous else ""
    bounds = " and ".join(dict.fromkeys(id for id, _ in crossing.bounds))
    said = [
        f"{crossing.more} is better: exactly {exact}, simulated {between(c)}, predicted {predicted}",
        "above: exact and simulated, ± 2 standard errors",
        f"below: {bounds}; thin where vacuous",
    ]
    return [part for line in said for part in textwrap.wrap(line, _LINE)]


def _risks(axes: Axes, record: Simulation, names: tuple[str, ...]) -> list[Any]:
    handles = list[Any]()
    for i, name in enumerate(names):
        sizes, exact = np.array(record.curves[name]).T
        exact[~np.isfinite(exact)] = np.nan
        look: dict[str, Any] = {"color": canvas.LINES[i], "gid": f"exact {i}"}
        handles += axes.plot(sizes, exact, lw=2.4, ls=canvas.DASHES[i], label=f"{name}: exact", **look)
        mine = [r for r in record.risks if r.learner == name]
        bars = axes.errorbar(
            [r.size for r in mine],
            [r.mean for r in mine],
            [2 * r.error if isfinite(r.error) else 0.0 for r in mine],
            fmt="os"[i % 2],
            ms=7,
            mfc="white",
            mew=1.8,
            capsize=3,
            color=canvas.LINES[i],
            label=f"{name}: simulated",
        )
        handles.append(bars)
    seen = [r.mean for r in record.risks if r.mean > 0]
    if seen:
        low, high = axes.get_ylim()
        axes.set_ylim(max(low, min(seen) / 1.5), min(high, max(seen) * 1.5))
    return handles


def _span(record: Simulation) -> tuple[int, int]:
    sizes = [r.size for r in record.risks]
    return min(sizes), max(sizes)


def _bounds(axes: Axes, record: Simulation, names: tuple[str, ...]) -> list[Any]:
    """The truth and the bound of each learner; thin where the bound is vacuous."""
    handles = list[Any]()
    bounds = record.crossovers[0].crossing.bounds if record.crossovers else ()
    for i, (name, (id, variant)) in enumerate(zip(names, bounds, strict=False)):
        made = [
            r
            for r in record.rows
            if (r.statement.id, r.statement.variant, r.statement.subject) == (id, variant, name)
        ]
        x = [r.size for r in made]
        look: dict[str, Any] = {"color": canvas.LINES[i]}
        truth = [r.truth or np.nan for r in made]
        handles += axes.plot(x, truth, "os"[i % 2], ls=":", lw=1.5, ms=5, label=f"{name}: truth", **look)
        axes.plot(x, [r.bound for r in made], lw=1.2, ls=canvas.DASHES[i], **look)
        handles += axes.plot(
            x,
            [r.bound if _useful(r) else np.nan for r in made],
            lw=3,
            ls=canvas.DASHES[i],
            label=f"{name}: bound",
            **look,
        )
    return handles


def _useful(row: Row) -> bool:
    return row.vacuous < 0.5


def _marks(axes: Axes, record: Simulation, c: Crossover) -> list[Any]:
    """The three crossovers, where they lie between the sizes."""
    handles, (low, high) = list[Any](), _span(record)
    if c.simulated is not None:
        before, after = max(c.simulated[0], low), c.simulated[1]
        handles.append(
            axes.axvspan(before, after, fc="#e9e9e9", zorder=0, label="crossover: simulated", gid="simulated")
        )
    for value, style, what in (
        (c.crossing.exact, "solid", "exact"),
        (c.crossing.predicted, (0, (4, 3)), "predicted by bounds"),
    ):
        if value is not None and low <= value <= 3 * high:
            handles.append(
                axes.axvline(value, color=canvas.INK, lw=1.4, ls=style, label=f"crossover: {what}", gid=what)
            )
    return handles
