"""Pictures of sweeps: the stacked terms of one bound, the curves of several, or the map of a bound
over two parameters.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from boundcalc.conventions import Side
from boundcalc.errors import InputError
from boundcalc.numeric.grid import Floats
from boundcalc.numeric.sweep import Sweep
from boundcalc.render import plot
from boundcalc.symbolic.parameters import parameter
from boundcalc.text import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_MARKS = 6
_ROOM = 1.5  # how far beyond the informative part the vertical axis goes, as a multiple of it
_NARROW = 0.1  # a narrower part of the axis has no room for a word above it
_COLOURS, _LIGHT = "YlGnBu", (0.03, 0.62)  # the light part: black numbers stay legible on it
_STEPS = 10
_SPREAD = 30.0  # from this ratio of the largest to the smallest value on, colours are logarithmic


def areas(sweep: Sweep, ax: Axes | None = None) -> Figure:
    """The terms stacked, their sum as a line; the vacuous part shaded."""
    axes = plot.new(ax)
    name, x = axis_of(sweep)
    patches, low, high = _stack(axes, sweep)
    (total,) = axes.plot(x, sweep.value, color=plot.INK, lw=2.8, gid="bound")
    total.set_label(
        ("value" if sweep.relation == "=" else "bound")
        + (": the sum of the terms" if len(patches) > 1 else "")
    )
    axes.axhline(0, color=plot.INK, lw=0.8)
    plot.scale(axes, sweep, name)
    axes.set_ylabel(plot.claim(sweep))
    axes.set_xlim(x[0], x[-1])
    cut = _view(axes, sweep, np.minimum(low, sweep.value), np.maximum(high, sweep.value))
    marks = [*_trivial_line(axes, [sweep]), *_shade_spans(axes, sweep)]
    handles = [total, *patches[::-1], *marks]
    return _finished(axes, ax, sweep, cut, handles)


def _finished(
    axes: Axes, ax: Axes | None, sweep: Sweep, cut: Sequence[str], handles: Sequence[Any]
) -> Figure:
    small = [*plot.described(f"{sweep.id}, {sweep.variant}", sweep), *cut]
    return plot.finished(axes, ax, sweep.bound.entry.title, small, handles)


def _stack(axes: Axes, sweep: Sweep) -> tuple[list[Any], Any, Any]:
    """Draw what is positive upwards from 0 and what is negative downwards; terms that are 0 are
    left out.
    """
    _, x = axis_of(sweep)
    formulas = {t.name: t.latex for t in sweep.bound.variant.terms}
    shown = {term: y for term, y in sweep.terms.items() if np.any(y)}
    below, above = np.zeros(len(x)), np.zeros(len(x))
    patches = []
    for i, (term, y) in enumerate(shown.items()):
        look: dict[str, Any] = {
            "fc": plot.AREAS[i % len(plot.AREAS)],
            "lw": 0,
            "gid": f"term {term}",
        }
        patch = None
        for base, part in ((above, np.maximum(y, 0)), (below, np.minimum(y, 0))):
            if np.any(part):
                patch = axes.fill_between(x, base, base + part, **look)
            base += part
        assert patch is not None
        patch.set_label(f"{term.replace('_', ' ')}: ${formulas[term]}$")
        patches.append(patch)
    return patches, below, above


def _view(axes: Axes, sweep: Sweep, low: Any, high: Any) -> list[str]:
    """Keep the informative part readable: what is far outside it is cut off, and this is said."""
    bottom, top = float(low.min()), float(high.max())
    useful, cut = ~sweep.vacuous, list[str]()
    if sweep.trivial is not None and useful.any() and sweep.vacuous.any():
        highest = _ROOM * max(float(high[useful].max()), float(sweep.trivial.max()))
        lowest = min(_ROOM * float(low[useful].min()), 0.0)
        if top > highest:
            top, cut = highest, [*cut, "above"]
        if bottom < lowest - 0.05 * top:
            bottom, cut = lowest - 0.05 * top, [*cut, "below"]
    pad = 0.05 * (top - bottom) or 1.0
    axes.set_ylim(
        bottom - (pad if bottom < 0 and "below" not in cut else 0),
        top + (0 if "above" in cut else pad),
    )
    return [f"the vertical axis is cut {' and '.join(cut)}"] if cut else []


def _trivial_line(axes: Axes, sweeps: Sequence[Sweep]) -> list[Any]:
    """The value at which the bounds say nothing, where it is the same for all."""
    level, (low, high) = _common_trivial(sweeps), axes.get_ylim()
    if level is None or not low <= level <= high:
        return []
    look: dict[str, Any] = {"color": plot.INK, "lw": 1.3, "ls": (0, (4, 3)), "gid": "trivial"}
    return [axes.axhline(level, label=f"trivial value: {number(level)}", **look)]


def _common_trivial(sweeps: Sequence[Sweep]) -> float | None:
    known = [s.trivial for s in sweeps if s.trivial is not None]
    if len(known) < len(sweeps) or len({s.side for s in sweeps}) > 1:
        return None
    least, *others = np.unique(np.concatenate([t.ravel() for t in known])).tolist()
    return None if others else float(least)


def _shade_spans(axes: Axes, sweep: Sweep) -> list[Any]:
    """Shade where the bound is vacuous, over the full height."""
    patch = None
    for low, high in vacuous_spans(sweep):
        patch = axes.axvspan(low, high, **plot.VACUOUS)
        ends = axes.transLimits.transform(axes.transScale.transform([(low, 1), (high, 1)]))[:, 0]
        if ends[1] - ends[0] > _NARROW:
            axes.annotate(
                "vacuous",
                (float(ends.mean()), 1),
                (0, 4),
                xycoords="axes fraction",
                textcoords="offset points",
                ha="center",
                fontsize=plot.TEXT,
            )
    if patch is None:
        return []
    patch.set_label(plot.VACUOUS_LABEL)
    return [patch]


def curves(
    sweeps: Sequence[Sweep],
    *,
    labels: Sequence[str] = (),
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    log: bool | None = None,
    observed: Mapping[str, tuple[Any, Any]] | None = None,
) -> Figure:
    """Several bounds on the same points of one parameter, with the places where they change order.

    Parameters
    ----------
    sweeps : sequence of Sweep
    labels : sequence of str, optional
        One a bound; default: the variants, with the id where the theorems differ.
    title, xlabel, ylabel : str, optional
        Default: the theorem's, the parameter's, and what is bounded where that is the same for all.
    log : bool, optional
        Whether the vertical axis is logarithmic. Default: if the other is and all bounds are
        positive.
    observed : mapping of str to pair of arrays, optional
        Measured points to be shown with the bounds: label → (parameter, value).

    Raises
    ------
    InputError
        If they are not on the same points.
    """
    axes = plot.new()
    name, x = axis_of(sweeps[0])
    ids = {s.id for s in sweeps}
    labels = labels or [s.variant if len(ids) == 1 else f"{s.id} {s.variant}" for s in sweeps]
    levels = {plot.level(s) for s in sweeps}
    handles = []
    for i, (sweep, label) in enumerate(zip(sweeps, labels, strict=True)):
        own = plot.level(sweep) if len(levels) > 1 else ""
        handles.append(plot.bound_line(axes, x, sweep.value, sweep.vacuous, i))
        handles[-1].set_label(f"{label} (probability ≥ {own})" if own else label)
    look: dict[str, Any] = {"gid": "observed", "clip_on": False, "zorder": 4, "mfc": "white"}
    for (label, points), marker in zip((observed or {}).items(), "sD^v", strict=False):
        handles += axes.plot(*points, marker, ms=8, color=plot.INK, mew=1.8, label=label, **look)
    plot.scale(axes, sweeps[0], name)
    if log is None:
        log = name in sweeps[0].log and all(np.all(s.value > 0) for s in sweeps)
    if log:
        plot.logarithmic(axes)
    axes.set_xlim(x[0], x[-1])
    axes.set_xlabel(xlabel or axes.get_xlabel())
    axes.set_ylabel(ylabel or plot.claim(*sweeps))
    shade, cut = _shade_levels(axes, sweeps)
    handles += [*_trivial_line(axes, sweeps), *shade]
    _mark_crossings(axes, sweeps)
    small = [*plot.described(", ".join(dict.fromkeys(s.id for s in sweeps)), *sweeps), *cut]
    return plot.finished(axes, None, title or sweeps[0].bound.entry.title, small, handles)


def _shade_levels(axes: Axes, sweeps: Sequence[Sweep]) -> tuple[list[Any], list[str]]:
    """Shade the values that say nothing, where these are the same for all bounds and one is
    reached.
    """
    level = _common_trivial(sweeps)
    if level is None or not any(s.vacuous.any() for s in sweeps):
        return [], []
    low, high = map(float, axes.get_ylim())
    useful = [float(np.abs(s.value[~s.vacuous]).max(initial=0.0)) for s in sweeps]
    reach = math.inf if axes.get_yscale() == "log" else _ROOM * max(*useful, abs(level))
    upper = sweeps[0].side is Side.UPPER
    if min(float(s.value.min()) for s in sweeps) >= 0:
        low = max(low, -0.05 * reach)
    inner = (low, max(min(high, reach), 1.3 * level)) if upper else (max(low, -reach), high)
    axes.set_ylim(*inner)
    shade = axes.axhspan(*((level, inner[1]) if upper else (inner[0], level)), **plot.VACUOUS)
    shade.set_label(plot.VACUOUS_LABEL)
    cut = ["above"] * (inner[1] < high) + ["below"] * (not upper and inner[0] > low)
    return [shade], [f"the vertical axis is cut {side}" for side in cut]


def _mark_crossings(axes: Axes, sweeps: Sequence[Sweep]) -> None:
    """Mark where two bounds change order, with the neighbouring points of the grid."""
    symbol = f"${parameter(axis_of(sweeps[0])[0]).latex}$"
    pairs = ((a, b) for a, b in combinations(sweeps, 2) if a.side is b.side)
    found = [c for a, b in pairs for c in crossings(a, b) if not c.vacuous]
    for c in found[:_MOST_MARKS]:
        said = f"{symbol} between\n{number(c.before)} and {number(c.after)}"
        plot.changing(axes, c.x, c.y, said)


@dataclass(frozen=True)
class OrderChange:
    """A change of order of two bounds between two neighbouring points of the grid.

    Straight lines between the points cross at x, y: for a mark in a picture, no more exact than the
    grid is. It is vacuous where both bounds say nothing at both points.
    """

    before: float
    after: float
    x: float
    y: float
    vacuous: bool


def axis_of(sweep: Sweep) -> tuple[str, Floats]:
    """The only axis of a sweep.

    Refused if there are several.
    """
    if len(sweep.vary) != 1:
        raise InputError(
            f"this needs one varied parameter, not {len(sweep.vary)}: {', '.join(sweep.vary)}"
        )
    return next(iter(sweep.vary.items()))


def crossings(first: Sweep, second: Sweep) -> tuple[OrderChange, ...]:
    """Where two bounds on the same points change order.

    Refused if the points are not the same.
    """
    (name, x), (other, points) = axis_of(first), axis_of(second)
    if name != other or not np.array_equal(x, points):
        raise InputError(f"the bounds are not on the same points of {name}")
    log = name in first.log
    gap = first.value - second.value
    apart = np.flatnonzero(gap)
    changes = np.flatnonzero(np.diff(np.sign(gap[apart])))
    found = []
    for i, j in zip(apart[changes], apart[changes + 1], strict=True):
        share = float(gap[i] / (gap[i] - gap[j]))
        y = float(first.value[i] + share * (first.value[j] - first.value[i]))
        nothing = bool(np.all([s.vacuous[[i, j]] for s in (first, second)]))
        found.append(
            OrderChange(float(x[i]), float(x[j]), _between(x[i], x[j], share, log), y, nothing)
        )
    return tuple(found)


def vacuous_spans(sweep: Sweep) -> tuple[tuple[float, float], ...]:
    """The parts of the axis where the bound says nothing; ends between points are interpolated."""
    name, x = axis_of(sweep)
    margin = sweep.margin
    if margin is None:
        return ()
    edges = np.diff(np.concatenate([[False], sweep.vacuous, [False]]).astype(int))
    starts, stops = np.flatnonzero(edges == 1).tolist(), (np.flatnonzero(edges == -1) - 1).tolist()

    def edge(nothing: int, says: int) -> float:
        """Where the margin is zero between a vacuous point and a neighbour that says something."""
        if not 0 <= says < len(x):
            return float(x[nothing])
        below = max(0.0, float(-margin[nothing]))
        share = below / (below + float(margin[says]))
        return _between(x[nothing], x[says], share, name in sweep.log)

    return tuple((edge(i, i - 1), edge(j, j + 1)) for i, j in zip(starts, stops, strict=True))


def _between(a: float, b: float, share: float, log: bool) -> float:
    if log:
        return float(np.exp(np.log(a) + share * (np.log(b) - np.log(a))))
    return float(a + share * (b - a))


def surface(sweep: Sweep, ax: Axes | None) -> Figure:
    """Colour where the bound says something, grey where it is vacuous."""
    axes = plot.new(ax)
    across, up = sweep.vary
    x, y = sweep.vary[across], sweep.vary[up]
    plot.scale(axes, sweep, across, up)
    axes.set_xlim(x[0], x[-1])
    axes.set_ylim(y[0], y[-1])
    axes.grid(visible=False)
    if not sweep.vacuous.all():
        _colours(axes, sweep)
    handles = [_grey(axes, sweep)] if sweep.vacuous.any() else []
    return _finished(axes, ax, sweep, [], handles)


def _colours(axes: Axes, sweep: Sweep) -> None:
    x, y = sweep.vary.values()
    levels, log = _levels(sweep)
    colors = plot.part("colors")
    norm = colors.LogNorm(levels[0], levels[-1]) if log else colors.Normalize(levels[0], levels[-1])
    shades = plot.part().colormaps[_COLOURS](np.linspace(*_LIGHT, 256))
    z = np.clip(sweep.value.T, levels[0], levels[-1])
    filled = axes.contourf(x, y, z, levels=levels, cmap=colors.ListedColormap(shades), norm=norm)
    lines = axes.contour(x, y, sweep.value.T, levels=levels[1:-1], colors=plot.INK, linewidths=0.9)
    axes.clabel(lines, fontsize=plot.TEXT, fmt="%.3g")
    figure: Any = axes.get_figure()
    bar = figure.colorbar(filled, ax=axes, ticks=levels, format="%.3g", pad=0.02)
    bar.set_label(plot.claim(sweep))


def _levels(sweep: Sweep) -> tuple[Any, bool]:
    """Round levels over the informative values, up to the trivial value where that is reached."""
    useful = ~sweep.vacuous
    low, high = float(sweep.value[useful].min()), float(sweep.value[useful].max())
    if sweep.trivial is not None and sweep.vacuous.any():
        edge = sweep.trivial[useful]
        if sweep.side is Side.UPPER:
            high = float(edge.max())
        else:
            low = float(edge.min())
    if low <= 0 or high / low < _SPREAD:
        ticker = plot.part("ticker")
        return ticker.MaxNLocator(_STEPS).tick_values(low, high), False
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    digits = (1, 2, 5) if len(decades) <= _STEPS // 2 else (1,)
    steps = np.array([digit * 10.0**decade for decade in decades for digit in digits])
    first = np.searchsorted(steps, low * (1 + 1e-9), side="right") - 1
    last = np.searchsorted(steps, high * (1 - 1e-9), side="left")
    return steps[first : last + 1], True


def _grey(axes: Axes, sweep: Sweep) -> Any:
    """The vacuous region, its boundary, and what stands for it in the legend."""
    x, y = sweep.vary.values()
    assert sweep.margin is not None
    margin = np.where(sweep.vacuous, np.minimum(sweep.margin, 0.0), sweep.margin)
    lowest = min(float(margin.min()), -1.0) - 1.0
    look = plot.VACUOUS
    region = axes.contourf(
        x, y, margin.T, levels=[lowest, 0.0], colors=[look["fc"]], hatches=[look["hatch"]]
    )
    region.set_gid("vacuous")
    if not sweep.vacuous.all():
        axes.contour(x, y, margin.T, levels=[0.0], colors=plot.INK, linewidths=2.8)
    label = "vacuous everywhere: says nothing" if sweep.vacuous.all() else plot.VACUOUS_LABEL
    key = {k: look[k] for k in ("fc", "ec", "hatch")}
    return plot.part("patches").Patch(**key, label=label)
