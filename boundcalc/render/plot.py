"""Pictures of sweeps: which one is drawn, as which file, and the map of a bound over two
parameters.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from boundcalc.conventions import Side
from boundcalc.errors import InputError, UnknownNameError
from boundcalc.numeric.compiled import compiled
from boundcalc.numeric.sweep import Sweep
from boundcalc.render import canvas

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

KINDS = ("png", "svg", "pdf")
SMOOTH = {1: 400, 2: 60}
"""So many points an axis make a line, or a map, look smooth."""
_DPI = 200
_MADE_BY = {"png": "Software", "svg": "Date", "pdf": "CreationDate"}
_MOST_POINTS = 250_000
_COLOURS, _LIGHT = "YlGnBu", (0.03, 0.62)  # the light part: black numbers stay legible on it
_STEPS = 10
_SPREAD = 30.0  # from this ratio of the largest to the smallest value on, colours are logarithmic


def check(axes: int, size: int) -> None:
    """Refuse what a picture cannot show, and a missing matplotlib, before anything is computed.

    Raises
    ------
    InputError
        For more than two varied parameters or more than 250 000 points.
    MissingExtraError
        If matplotlib is not installed.
    """
    canvas.part()
    if axes > 2:
        raise InputError(
            f"a plot shows one or two varied parameters, not {axes}; a table holds any number"
        )
    if size > _MOST_POINTS:
        raise InputError(f"a plot shows at most {_MOST_POINTS:,} points, not {size:,}")


def figure(sweeps: Sweep | Sequence[Sweep], ax: Axes | None = None, **look: Any) -> Figure:
    """Draw a sweep over one or two parameters, or several sweeps over the same one.

    One parameter: the terms stacked, the bound as a line. Two: a contour map. Several sweeps: a
    curve each, with the places where they change order. What is vacuous is shaded.

    Parameters
    ----------
    sweeps : Sweep or sequence of Sweep
    ax : matplotlib.axes.Axes, optional
        Where one sweep is drawn; default: in a new figure.
    **look
        For several sweeps: labels, title, xlabel, ylabel, log and observed of
        `boundcalc.render.charts.curves`.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        If it cannot be shown.
    """
    several = [sweeps] if isinstance(sweeps, Sweep) else list(sweeps)
    if not several:
        raise InputError("there is nothing to plot")
    for sweep in several:
        check(len(sweep.vary), sweep.size)
        for name, axis in sweep.vary.items():
            if len(axis) < 2 or np.any(np.diff(axis) <= 0):
                raise InputError(f"a plot needs two or more increasing points of {name}")
    from boundcalc.render.charts import areas, curves

    with canvas.style():
        if not isinstance(sweeps, Sweep):
            return curves(several, **look)
        return areas(sweeps, ax) if len(sweeps.vary) == 1 else _surface(sweeps, ax)


def save(picture: Figure, stream: BinaryIO, kind: str) -> None:
    """Write a figure as PNG (200 dots an inch), SVG or PDF; the same figure gives the same bytes.

    Raises
    ------
    UnknownNameError
        For another kind of file.
    InputError
        For numbers that cannot be drawn.
    """
    if kind not in KINDS:
        raise UnknownNameError("kind of picture", kind, KINDS)
    metadata = {_MADE_BY[kind]: None}
    drawn = BytesIO()  # the stream may be a pipe, where nothing can be written twice
    try:
        with canvas.style():
            picture.savefig(drawn, format=kind, dpi=_DPI, metadata=metadata)
    except OverflowError:  # matplotlib's ticks
        raise InputError("these numbers are too large or too far apart for a picture") from None
    stream.write(drawn.getbuffer())


def _surface(sweep: Sweep, ax: Axes | None) -> Figure:
    """Colour where the bound says something, grey where it is vacuous."""
    axes = canvas.new(ax)
    across, up = sweep.vary
    x, y = sweep.vary[across], sweep.vary[up]
    canvas.scale(axes, sweep, across, up)
    axes.set_xlim(x[0], x[-1])
    axes.set_ylim(y[0], y[-1])
    axes.grid(visible=False)
    if not sweep.vacuous.all():
        _colours(axes, sweep)
    handles = [_grey(axes, sweep)] if sweep.vacuous.any() else []
    return canvas.finished(axes, ax, compiled(sweep.id).title, canvas.described(sweep), handles)


def _colours(axes: Axes, sweep: Sweep) -> None:
    x, y = sweep.vary.values()
    levels, log = _levels(sweep)
    colors = canvas.part("colors")
    norm = colors.LogNorm(levels[0], levels[-1]) if log else colors.Normalize(levels[0], levels[-1])
    shades = canvas.part().colormaps[_COLOURS](np.linspace(*_LIGHT, 256))
    z = np.clip(sweep.value.T, levels[0], levels[-1])
    filled = axes.contourf(x, y, z, levels=levels, cmap=colors.ListedColormap(shades), norm=norm)
    lines = axes.contour(
        x, y, sweep.value.T, levels=levels[1:-1], colors=canvas.INK, linewidths=0.9
    )
    axes.clabel(lines, fontsize=canvas.TEXT, fmt="%.3g")
    figure: Any = axes.get_figure()
    bar = figure.colorbar(filled, ax=axes, ticks=levels, format="%.3g", pad=0.02)
    bar.set_label(canvas.claim(sweep))


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
        ticker = canvas.part("ticker")
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
    look = canvas.VACUOUS
    region = axes.contourf(
        x, y, margin.T, levels=[lowest, 0.0], colors=[look["fc"]], hatches=[look["hatch"]]
    )
    region.set_gid("vacuous")
    if not sweep.vacuous.all():
        axes.contour(x, y, margin.T, levels=[0.0], colors=canvas.INK, linewidths=2.8)
    label = "vacuous everywhere: says nothing" if sweep.vacuous.all() else canvas.VACUOUS_LABEL
    key = {k: look[k] for k in ("fc", "ec", "hatch")}
    return canvas.part("patches").Patch(**key, label=label)
