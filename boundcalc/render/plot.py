"""Pictures of sweeps: which one is drawn, and as which file."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from boundcalc.errors import InputError, UnknownNameError, optional
from boundcalc.numeric.sweep import Sweep
from boundcalc.render.canvas import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("png", "svg", "pdf")
SMOOTH = {1: 400, 2: 60}
"""So many points an axis make a line, or a map, look smooth."""
_DPI = 200
_MADE_BY = {"png": "Software", "svg": "Date", "pdf": "CreationDate"}
_MOST_POINTS = 250_000


def check(axes: int, size: int) -> None:
    """Refuse what a picture cannot show, and a missing matplotlib, before anything is computed.

    Raises
    ------
    InputError
        For more than two varied parameters or more than 250 000 points.
    MissingExtraError
        If matplotlib is not installed.
    """
    optional("matplotlib", "plots", "plot")
    if axes > 2:
        raise InputError(
            f"a plot shows one or two varied parameters, not {axes}; a table holds any number"
        )
    if size > _MOST_POINTS:
        raise InputError(f"a plot shows at most {_MOST_POINTS:,} points, not {size:,}")


def figure(sweeps: Sweep | Sequence[Sweep], **look: Any) -> Figure:
    """Draw a sweep over one or two parameters, or several sweeps over the same one.

    One parameter: the terms stacked, the bound as a line. Two: a contour map. Several sweeps: a
    curve each, with the places where they change order. What is vacuous is shaded.

    Parameters
    ----------
    sweeps : Sweep or sequence of Sweep
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
    from boundcalc.render.surface import surface

    with style():
        if not isinstance(sweeps, Sweep):
            return curves(several, **look)
        return areas(sweeps) if len(sweeps.vary) == 1 else surface(sweeps)


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
        with style():
            picture.savefig(drawn, format=kind, dpi=_DPI, metadata=metadata)
    except OverflowError:  # matplotlib's ticks
        raise InputError("these numbers are too large or too far apart for a picture") from None
    stream.write(drawn.getbuffer())
