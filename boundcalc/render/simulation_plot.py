"""A simulation as a picture: risks above, bounds below, each with the crossovers of what is drawn
there.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from boundcalc.errors import optional
from boundcalc.render import canvas
from boundcalc.render.simulation import between, ran
from boundcalc.text import count
from boundcalc.worlds.simulate.experiment import SimulatedCrossover
from boundcalc.worlds.simulate.results import Simulation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LINE = 86
_WIDE = 4.0  # a vertical range by which it is logarithmic: a narrower one would have no labels
_ROOM = 1.2  # how far the horizontal axis goes beyond what is drawn, as a ratio
_FAR = 3.0  # a crossover further beyond the largest size is told, not drawn
_MOST_LEARNERS = len(canvas.LINES)
_MOST_PAIRS = 6
_MARKERS = "osD^vP"


def check() -> None:
    """Refuse before anything is computed if matplotlib is missing."""
    optional("matplotlib", "plots", "plot")


def simulation_figure(record: Simulation) -> Figure:
    """Draw all learners and the crossovers of all pairs, or say which are left out."""
    with canvas.style():
        figure, (above, below) = canvas.stacked(2)
        names = record.experiment.learners[:_MOST_LEARNERS]
        among = [c for c in record.crossovers if {c.more, c.less} <= {*names}]
        pairs = among[:_MOST_PAIRS]
        handles = _learners(above, names)
        _risks(above, record, names)
        _bounds(below, record, names)
        for axes in (above, below):
            axes.set_xscale("log")
            low, high = axes.get_ylim()
            if low > 0 and high > _WIDE * low:
                canvas.logarithmic(axes)
        _horizontal(below, record, pairs)
        handles += [*_of_risks(above, record, pairs), *_of_bounds(below, record, pairs)]
        below.set_xlabel(record.experiment.axis)
        above.set_ylabel(f"expected {record.experiment.risk}")
        below.set_ylabel(record.experiment.loss)
        canvas.head(above, record.experiment.title, _small(record, names, pairs))
        canvas.legend(figure, list({h.get_label(): h for h in handles}.values()))
        return figure


def _small(
    record: Simulation, names: Sequence[str], pairs: Sequence[SimulatedCrossover]
) -> list[str]:
    """What is drawn, where one learner overtakes another, and what is left out."""
    bounds = " and ".join(dict.fromkeys(" ".join(record.experiment.bounds[name]) for name in names))
    said = [
        ran(record),
        *map(_said, pairs),
        "above: lines exact, marks simulated ± 2 standard errors",
        f"below: {bounds}, thin where mostly vacuous; truth dotted",
    ]
    missing = [name for name in record.experiment.learners if name not in names]
    if missing:
        said.append(f"left out: {', '.join(missing)}")
    if len(pairs) < len(record.crossovers):
        said.append(f"crossovers of {len(record.crossovers) - len(pairs)} more pairs are left out")
    return [part for line in said for part in textwrap.wrap(line, _LINE)]


def _said(c: SimulatedCrossover) -> str:
    exact, predicted = (
        "never" if m is None else f"m\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{count(m)}"
        for m in (c.exact, c.predicted)
    )
    predicted += " by vacuous bounds" if c.vacuous else ""
    pair = f"{c.more} over {c.less}"
    return f"{pair}: exact {exact}, simulated {between(c)}, predicted {predicted}"


def _learners(axes: Axes, names: Sequence[str]) -> list[Any]:
    """The colour, dashes and mark of each, for the legend."""
    return [
        axes.plot(
            [], [], _MARKERS[i], lw=2.4, ms=7, mfc="white", mew=1.8, label=name, **canvas.look(i)
        )[0]
        for i, name in enumerate(names)
    ]


def _risks(axes: Axes, record: Simulation, names: Sequence[str]) -> None:
    curves = record.curves
    for i, name in enumerate(names):
        sizes, exact = np.array(curves[name]).T
        exact[~np.isfinite(exact)] = np.nan
        axes.plot(sizes, exact, lw=2.4, gid=f"exact {i}", **canvas.look(i))
        mine = [r for r in record.risks if r.learner == name]
        axes.errorbar(
            [r.size for r in mine],
            [r.mean for r in mine],
            [2 * r.error if isfinite(r.error) else 0.0 for r in mine],
            fmt=_MARKERS[i],
            ms=7,
            mfc="white",
            mew=1.8,
            capsize=3,
            color=canvas.LINES[i],
        )
    seen = [r.mean for r in record.risks if r.learner in names]
    low, high = axes.get_ylim()
    top = min(high, max(seen) * 1.5)
    if top > 0:
        axes.set_ylim(max(low, min(seen) / 1.5) if min(seen) > 0 else -0.05 * top, top)


def _bounds(axes: Axes, record: Simulation, names: Sequence[str]) -> None:
    """The truth and the bound of each learner; thin where the bound is vacuous."""
    for i, name in enumerate(names):
        of = (*record.experiment.bounds[name], name)
        made = [
            r
            for r in record.rows
            if (r.statement.id, r.statement.variant, r.statement.subject) == of
        ]
        x = [r.size for r in made]
        truth: dict[str, Any] = {
            "color": canvas.LINES[i],
            "ls": ":",
            "lw": 1.5,
            "ms": 5,
            "gid": f"truth {i}",
        }
        axes.plot(x, [r.truth for r in made], _MARKERS[i], **truth)
        vacuous = np.array([r.vacuous >= 0.5 for r in made])
        canvas.bound_line(axes, x, np.array([r.bound for r in made]), vacuous, i)


def _near(record: Simulation, size: int | None) -> list[int]:
    """A crossover, if it is near the sizes."""
    sizes = [r.size for r in record.risks]
    return [] if size is None or not min(sizes) <= size <= _FAR * max(sizes) else [size]


def _horizontal(axes: Axes, record: Simulation, pairs: Sequence[SimulatedCrossover]) -> None:
    crossings = [m for c in pairs for m in (c.exact, c.predicted)]
    sizes = [
        *(r.size for r in record.risks),
        *(m for size in crossings for m in _near(record, size)),
    ]
    axes.set_xlim(min(sizes) / _ROOM, max(sizes) * _ROOM)


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
    look: dict[str, Any] = {
        "color": canvas.INK,
        "lw": 1.4,
        "ls": style,
        "gid": f"{what} crossover {i}",
    }
    return axes.axvline(at, label=f"crossover: {what}", **look)
