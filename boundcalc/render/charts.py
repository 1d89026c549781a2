"""Bounds along one parameter: the stacked terms of one bound, or the curves of several."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from boundcalc.conventions import Side
from boundcalc.errors import InputError
from boundcalc.numeric.compiled import compiled
from boundcalc.numeric.grid import Floats
from boundcalc.numeric.sweep import Sweep
from boundcalc.render import canvas
from boundcalc.symbolic.parameters import parameter
from boundcalc.text import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_MARKS = 6
_ROOM = 1.5  # how far beyond the informative part the vertical axis goes, as a multiple of it
_NARROW = 0.1  # a narrower part of the axis has no room for a word above it


def areas(sweep: Sweep, ax: Axes | None = None) -> Figure:
    """The terms stacked, their sum as a line; the vacuous part shaded."""
    axes = canvas.new(ax)
    name, x = axis_of(sweep)
    patches, low, high = _stack(axes, sweep)
    (total,) = axes.plot(x, sweep.value, color=canvas.INK, lw=2.8, gid="bound")
    total.set_label(
        ("value" if sweep.relation == "=" else "bound")
        + (": the sum of the terms" if len(patches) > 1 else "")
    )
    axes.axhline(0, color=canvas.INK, lw=0.8)
    canvas.scale(axes, sweep, name)
    axes.set_ylabel(canvas.claim(sweep))
    axes.set_xlim(x[0], x[-1])
    cut = _view(axes, sweep, np.minimum(low, sweep.value), np.maximum(high, sweep.value))
    marks = [*_trivial_line(axes, [sweep]), *_shade_spans(axes, sweep)]
    small = [*canvas.described(sweep), *cut]
    handles = [total, *patches[::-1], *marks]
    return canvas.finished(axes, ax, compiled(sweep.id).title, small, handles)


def _stack(axes: Axes, sweep: Sweep) -> tuple[list[Any], Any, Any]:
    """Draw what is positive upwards from 0 and what is negative downwards; terms that are 0 are
    left out.
    """
    _, x = axis_of(sweep)
    formulas = {t.name: t.latex for t in canvas.variant_of(sweep).terms}
    shown = {term: y for term, y in sweep.terms.items() if np.any(y)}
    below, above = np.zeros(len(x)), np.zeros(len(x))
    patches = []
    for i, (term, y) in enumerate(shown.items()):
        look: dict[str, Any] = {
            "fc": canvas.AREAS[i % len(canvas.AREAS)],
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
    level = _common_trivial(sweeps)
    if level is None:
        return []
    low, high = axes.get_ylim()
    if not low <= level <= high:
        return []
    label = f"trivial value: {number(level)}"
    return [
        axes.axhline(level, color=canvas.INK, lw=1.3, ls=(0, (4, 3)), label=label, gid="trivial")
    ]


def _common_trivial(sweeps: Sequence[Sweep]) -> float | None:
    known = [s.trivial for s in sweeps if s.trivial is not None]
    if len(known) < len(sweeps) or len({s.side for s in sweeps}) > 1:
        return None
    least, most = min(float(t.min()) for t in known), max(float(t.max()) for t in known)
    return least if least == most else None


def _shade_spans(axes: Axes, sweep: Sweep) -> list[Any]:
    """Shade where the bound is vacuous, over the full height."""
    patch = None
    for low, high in vacuous_spans(sweep):
        patch = axes.axvspan(low, high, **canvas.VACUOUS)
        ends = axes.transLimits.transform(axes.transScale.transform([(low, 1), (high, 1)]))[:, 0]
        if ends[1] - ends[0] > _NARROW:
            axes.annotate(
                "vacuous",
                (float(ends.mean()), 1),
                (0, 4),
                xycoords="axes fraction",
                textcoords="offset points",
                ha="center",
                fontsize=canvas.TEXT,
            )
    if patch is None:
        return []
    patch.set_label(canvas.VACUOUS_LABEL)
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
    axes = canvas.new()
    name, x = axis_of(sweeps[0])
    ids = {s.id for s in sweeps}
    labels = labels or [s.variant if len(ids) == 1 else f"{s.id} {s.variant}" for s in sweeps]
    levels = {canvas.level(s) for s in sweeps}
    handles = []
    for i, (sweep, label) in enumerate(zip(sweeps, labels, strict=True)):
        own = canvas.level(sweep) if len(levels) > 1 else ""
        handles.append(canvas.bound_line(axes, x, sweep.value, sweep.vacuous, i))
        handles[-1].set_label(f"{label} (probability ≥ {own})" if own else label)
    handles += _points(axes, observed or {})
    canvas.scale(axes, sweeps[0], name)
    if log is None:
        log = name in sweeps[0].log and all(np.all(s.value > 0) for s in sweeps)
    if log:
        canvas.logarithmic(axes)
    axes.set_xlim(x[0], x[-1])
    axes.set_xlabel(xlabel or axes.get_xlabel())
    axes.set_ylabel(ylabel or canvas.common_claim(sweeps))
    shade, cut = _shade_levels(axes, sweeps)
    handles += [*_trivial_line(axes, sweeps), *shade]
    _mark_crossings(axes, sweeps)
    small = [*_small(sweeps, levels), *cut]
    return canvas.finished(axes, None, title or compiled(sweeps[0].id).title, small, handles)


def _points(axes: Axes, observed: Mapping[str, tuple[Any, Any]]) -> list[Any]:
    extra: dict[str, Any] = {"gid": "observed", "clip_on": False, "zorder": 4, "mfc": "white"}
    return [
        axes.plot(x, y, marker, ms=8, color=canvas.INK, mew=1.8, label=label, **extra)[0]
        for (label, (x, y)), marker in zip(observed.items(), "sD^v", strict=False)
    ]


def _small(sweeps: Sequence[Sweep], levels: set[str]) -> list[str]:
    """The parameters on which all bounds agree, and notes."""
    names = dict.fromkeys(n for s in sweeps for n in s.parameters)
    values = {n: {s.parameters[n] for s in sweeps if n in s.parameters} for n in names}
    same = {n: v.pop() for n, v in values.items() if len(v) == 1}
    together = replace(sweeps[0], parameters=same)
    head = canvas.fixed(", ".join(dict.fromkeys(s.id for s in sweeps)), together)
    notes = dict.fromkeys(line for s in sweeps for line in canvas.remarks(s))
    return [*head, *(canvas.surely(*levels) if len(levels) == 1 else ()), *notes]


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
    shade = axes.axhspan(*((level, inner[1]) if upper else (inner[0], level)), **canvas.VACUOUS)
    shade.set_label(canvas.VACUOUS_LABEL)
    cut = ["above"] * (inner[1] < high) + ["below"] * (not upper and inner[0] > low)
    return [shade], [f"the vertical axis is cut {side}" for side in cut]


def _mark_crossings(axes: Axes, sweeps: Sequence[Sweep]) -> None:
    """Mark where two bounds change order, with the neighbouring points of the grid."""
    symbol = f"${parameter(axis_of(sweeps[0])[0]).latex}$"
    pairs = ((a, b) for i, a in enumerate(sweeps) for b in sweeps[i + 1 :] if a.side is b.side)
    found = [c for a, b in pairs for c in crossings(a, b) if not c.vacuous]
    for c in found[:_MOST_MARKS]:
        said = f"{symbol} between\n{number(c.before)} and {number(c.after)}"
        canvas.changing(axes, c.x, c.y, said)


@dataclass(frozen=True)
class OrderChange:
    """A change of order of two bounds between two neighbouring points of the grid.

    Attributes
    ----------
    before, after : float
        The last point with the old order and the first with the new one.
    x, y : float
        Where straight lines between the points cross: for a mark in a picture, no more exact than
        the grid is.
    vacuous : bool
        Whether both bounds say nothing at both points.
    """

    before: float
    after: float
    x: float
    y: float
    vacuous: bool


def axis_of(sweep: Sweep) -> tuple[str, Floats]:
    """The only axis of a sweep.

    Raises
    ------
    InputError
        If there are several.
    """
    if len(sweep.vary) != 1:
        raise InputError(
            f"this needs one varied parameter, not {len(sweep.vary)}: {', '.join(sweep.vary)}"
        )
    return next(iter(sweep.vary.items()))


def crossings(first: Sweep, second: Sweep) -> tuple[OrderChange, ...]:
    """Where two bounds on the same points change order.

    Raises
    ------
    InputError
        If the points are not the same.
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
    log = name in sweep.log
    return tuple(
        (_edge(x, margin, i, i - 1, log), _edge(x, margin, j, j + 1, log))
        for i, j in zip(starts, stops, strict=True)
    )


def _edge(x: Floats, margin: Floats, vacuous: int, informative: int, log: bool) -> float:
    """Where the margin is zero between a vacuous point and its informative neighbour, if it has
    one.
    """
    if not 0 <= informative < len(x):
        return float(x[vacuous])
    below = max(0.0, float(-margin[vacuous]))
    share = below / (below + float(margin[informative]))
    return _between(x[vacuous], x[informative], share, log)


def _between(a: float, b: float, share: float, log: bool) -> float:
    if log:
        return float(np.exp(np.log(a) + share * (np.log(b) - np.log(a))))
    return float(a + share * (b - a))
