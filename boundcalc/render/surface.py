"""A bound over two parameters: a filled contour map with the boundary of what is vacuous."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from boundcalc.conventions import Side
from boundcalc.errors import optional
from boundcalc.numeric.compiled import compiled
from boundcalc.numeric.sweep import Sweep
from boundcalc.render import canvas

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLOURS, _LIGHT = "YlGnBu", (0.03, 0.62)  # the light part: black numbers stay legible on it
_STEPS = 10
_SPREAD = 30.0  # from this ratio of the largest to the smallest value on, colours are logarithmic


def surface(sweep: Sweep) -> Figure:
    """Colour where the bound says something, grey where it is vacuous."""
    figure, axes = canvas.new()
    across, up = sweep.vary
    x, y = sweep.vary[across], sweep.vary[up]
    canvas.scale(axes, sweep, across, up)
    axes.set_xlim(x[0], x[-1])
    axes.set_ylim(y[0], y[-1])
    axes.grid(visible=False)
    handles = []
    if not sweep.vacuous.all():
        _colours(figure, axes, sweep)
    if sweep.vacuous.any():
        handles.append(_grey(axes, sweep))
    small = [
        *canvas.held(f"{sweep.id}, {sweep.variant}", sweep),
        *canvas.holds(canvas.level(sweep)),
        *canvas.notes(sweep),
    ]
    canvas.head(axes, compiled(sweep.id).title, small)
    if handles:
        canvas.legend(figure, handles)
    return figure


def _colours(figure: Figure, axes: Axes, sweep: Sweep) -> None:
    x, y = sweep.vary.values()
    levels, log = _levels(sweep)
    colors = optional("matplotlib.colors", "plots", "plot")
    norm = colors.LogNorm(levels[0], levels[-1]) if log else colors.Normalize(levels[0], levels[-1])
    shades = optional("matplotlib", "plots", "plot").colormaps[_COLOURS](np.linspace(*_LIGHT, 256))
    z = np.clip(sweep.value.T, levels[0], levels[-1])
    filled = axes.contourf(x, y, z, levels=levels, cmap=colors.ListedColormap(shades), norm=norm)
    lines = axes.contour(
        x, y, sweep.value.T, levels=levels[1:-1], colors=canvas.INK, linewidths=0.9
    )
    axes.clabel(lines, fontsize=canvas.TEXT, fmt="%.3g")
    bar = figure.colorbar(filled, ax=axes, ticks=levels, format="%.3g", pad=0.02)
    bar.set_label(canvas.claim(sweep))


def _levels(sweep: Sweep) -> tuple[Any, bool]:
    """Round levels over the informative values, up to the trivial value where that is reached."""
    useful = ~sweep.vacuous
    low, high = float(sweep.value[useful].min()), float(sweep.value[useful].max())
    if sweep.trivial is not None and sweep.vacuous.any():
        edge = sweep.trivial[useful]
        low, high = (
            (low, float(edge.max())) if sweep.side is Side.UPPER else (float(edge.min()), high)
        )
    if low <= 0 or high / low < _SPREAD:
        ticker = optional("matplotlib.ticker", "plots", "plot")
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
    patches = optional("matplotlib.patches", "plots", "plot")
    key = {k: look[k] for k in ("fc", "ec", "hatch")}
    return patches.Patch(**key, label=label)
