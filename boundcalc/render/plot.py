"""Pictures by matplotlib: which one is drawn and as which file, and what all share: size, fonts,
colours, titles, axes and the legend below them.

matplotlib is imported when a picture is made, without pyplot and its global state.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from boundcalc.errors import InputError, optional, refuse_unknown, shorten, visible
from boundcalc.numeric.sweep import Sweep
from boundcalc.symbolic.parameters import parameter
from boundcalc.text import confidence, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

KINDS = ("png", "svg", "pdf")
SMOOTH = {1: 400, 2: 60}
"""So many points an axis make a line, or a map, look smooth."""
AREAS = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#F0E442", "#D55E00")
"""Okabe and Ito's colours, apart for colour-blind readers and in grey."""
LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
DASHES: tuple[Any, ...] = ("solid", (0, (6, 2)), (0, (6, 2, 1.5, 2)), (0, (1.5, 1.5)))
INK = "#1a1a1a"
VACUOUS: dict[str, Any] = {
    "fc": "#d0d0d0",
    "ec": "#8a8a8a",
    "hatch": "//",
    "alpha": 0.6,
    "lw": 0,
    "zorder": 1.5,
    "gid": "vacuous",
}
BESIDE: dict[str, Any] = {"fc": "white", "ec": "none", "alpha": 0.85}
"""The background of words that stand on lines."""
VACUOUS_LABEL = "vacuous: says nothing"
TITLE, LABEL, TEXT = 15, 13, 11.5
WIDTH, HEIGHT = 8.0, 6.4
_SMALL_LINE, _TITLE_LINE, _LONG_CLAIM = 82, 54, 32
_DPI = 200
_MADE_BY = {"png": "Software", "svg": "Date", "pdf": "CreationDate"}
_MOST_POINTS = 250_000
_NO_FORMULA = re.compile(r"Parse\w*Exception")
_STYLE: dict[str, Any] = {
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.labelsize": LABEL,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.family": "DejaVu Sans",  # ships with matplotlib
    "font.size": TEXT,
    "grid.color": "#ececec",
    "hatch.color": "#8a8a8a",
    "hatch.linewidth": 0.8,
    "mathtext.fontset": "dejavusans",
    "svg.hashsalt": "boundcalc",  # the same picture gives the same file
    "xtick.labelsize": TEXT,
    "ytick.labelsize": TEXT,
}


def check(axes: int, size: int) -> None:
    """Refuse what a picture cannot show, and a missing matplotlib, before anything is computed."""
    part()
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
    from boundcalc.render import charts

    with style():
        if not isinstance(sweeps, Sweep):
            return charts.curves(several, **look)
        return (charts.areas if len(sweeps.vary) == 1 else charts.surface)(sweeps, ax)


def save(picture: Figure, stream: BinaryIO, kind: str) -> None:
    """Write a figure as PNG (200 dots an inch), SVG or PDF; the same figure gives the same bytes.

    Raises
    ------
    UnknownNameError
        For another kind of file.
    InputError
        For numbers that cannot be drawn.
    """
    refuse_unknown("kind of picture", kind, KINDS)
    metadata = {_MADE_BY[kind]: None}
    drawn = BytesIO()  # the stream may be a pipe, where nothing can be written twice
    try:
        with style():
            picture.savefig(drawn, format=kind, dpi=_DPI, metadata=metadata)
    except OverflowError:  # matplotlib's ticks
        raise InputError("these numbers are too large or too far apart for a picture") from None
    stream.write(drawn.getbuffer())


def part(name: str = "") -> Any:
    """A module of matplotlib.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    return optional(f"matplotlib.{name}" if name else "matplotlib", "plots", "plot")


@contextmanager
def style() -> Iterator[None]:
    """Pictures look alike whatever the user's own settings of matplotlib are."""
    matplotlib = part()
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        try:
            yield
        except ValueError as error:
            if not _NO_FORMULA.search(str(error)):
                raise
            said = shorten(str(error), 100)
            raise InputError(f"a label is no formula that matplotlib knows: {said}") from None


def as_written(words: str) -> str:
    """Words as they are: no sign in them starts a formula."""
    return visible(words).replace("$", r"\$")


def empty(height: float = HEIGHT) -> Any:
    """A figure without axes."""
    figure = part("figure").Figure(figsize=(WIDTH, height), layout="constrained")
    part("backends.backend_agg").FigureCanvasAgg(figure)
    return figure


def new(ax: Axes | None = None) -> Axes:
    """Axes to draw on: those that are given, or those of a figure of their own."""
    made: Axes = empty().add_subplot() if ax is None else ax
    return made


def finished(
    axes: Axes, ax: Axes | None, title: str, small: Sequence[str], handles: Sequence[Any]
) -> Figure:
    """The figure, with a title above and a legend below where it is one of our own."""
    if ax is not None:
        if handles:
            ax.legend(handles=list(handles), frameon=False)
        return ax.get_figure()  # type: ignore[return-value]
    figure: Any = axes.get_figure()
    _head(axes, title, small)
    if handles:
        _legend(figure, handles)
    return figure  # type: ignore[no-any-return]


def claim(*sweeps: Sweep) -> str:
    """What the vertical axis shows for one bound, or for several."""
    said = {s.statement if s.relation == "=" else f"{s.side.value} limit on" for s in sweeps}
    first = said.pop() if len(said) == 1 else "limit on"
    if sweeps[0].relation == "=" and not said:
        return _balanced(first, 46)
    latex, *others = {s.bound.variant.notation.claim_latex for s in sweeps}
    if others:
        return "limit on each one's own quantity"
    return f"{first}{chr(10) if len(latex) > _LONG_CLAIM else ' '}${latex}$"


def _symbol(name: str) -> str:
    return f"${parameter(name).latex}$"


def quantity(name: str, width: int, *ids: str) -> str:
    """A parameter's meaning in these theorems and its symbol, for an axis."""
    return f"{_balanced(parameter(name).meaning_in(*ids), width)}, {_symbol(name)}"


def _balanced(text: str, width: int) -> str:
    """Lines of about the same length."""
    lines = math.ceil(len(text) / width)
    return textwrap.fill(text, math.ceil(len(text) / lines) + 6)


def described(name: str, *sweeps: Sweep) -> list[str]:
    """What is drawn, on which fixed parameters all agree, how surely each point holds, and notes,
    in lines above the axes.
    """
    names = dict.fromkeys(n for s in sweeps for n in s.parameters)
    values = {n: {s.parameters[n] for s in sweeps if n in s.parameters} for n in names}
    lines, room = [f"{name}:"], _SMALL_LINE - len(name)
    for target, found in ((parameter(n), found) for n, found in values.items()):
        if len(found) > 1:
            continue
        shown = number(found.pop())
        needs = len(target.glyph) + len(shown) + 5
        if needs > room:
            lines.append("")
            room = _SMALL_LINE
        lines[-1] += f"  ${target.latex}$ = {shown}"
        room -= needs
    axis = "".join(map(_symbol, sweeps[0].vary))
    lines += [f"{_symbol(n)} changes along with {axis}" for n in sweeps[0].following]
    levels = {level(s) for s in sweeps}
    if len(levels) == 1 and (sure := levels.pop()):
        lines.append(f"each point by itself holds with probability ≥ {sure}")
    notes = (line for s in sweeps for note in s.notes for line in textwrap.wrap(note, _SMALL_LINE))
    return [*(line.strip(" :") for line in lines), *dict.fromkeys(notes)]


def level(sweep: Sweep) -> str:
    """With which probability each point holds by itself; empty where it always does."""
    if sweep.failure == 0:
        return ""
    if sweep.failure is None:
        return f"${sweep.bound.variant.notation.probability_latex}$"
    return confidence(sweep.failure)


def _head(axes: Axes, title: str, small: Sequence[str]) -> None:
    """A title and small lines below it, above the axes; the lowest strip is left for labels.

    The layout leaves room for their height alone: else a colour bar would stand to the right of the
    longest line, and the axes would be narrow.
    """
    texts = [(line, TEXT, "normal", "#404040") for line in reversed(small)]
    texts += [(line, TITLE, "bold", INK) for line in reversed(textwrap.wrap(title, _TITLE_LINE))]
    height = 20.0
    for line, size, weight, colour in texts:
        axes.annotate(
            line,
            (0, 1),
            (0, height),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=size,
            fontweight=weight,
            color=colour,
        ).set_in_layout(False)
        height += 1.4 * size
    axes.set_title(" ", fontsize=1, pad=height - 0.6 * TITLE)


def scale(axes: Axes, sweep: Sweep, *names: str) -> None:
    """Label the parameter axes, logarithmic where the range is."""
    for name, axis, width in zip(names, ("x", "y"), (62, 44), strict=False):
        getattr(axes, f"set_{axis}label")(quantity(name, width, sweep.id))
        if name in sweep.log:
            getattr(axes, f"set_{axis}scale")("log")


def look(i: int) -> dict[str, Any]:
    """Colour and dashes of the i-th of several lines."""
    return {"color": LINES[i % len(LINES)], "ls": DASHES[i % len(DASHES)]}


def bound_line(axes: Axes, x: Any, y: Any, vacuous: Any, i: int) -> Any:
    """A bound, thin where it is vacuous and up to the next point; no thin line is below a thick
    one.
    """
    near, alone = vacuous | _adjacent(vacuous), ~vacuous & ~_adjacent(~vacuous)
    cuts = 1 + np.flatnonzero(near[:-1] & near[1:] & ~vacuous[:-1] & ~vacuous[1:])
    thin = np.insert(np.where(near, y, np.nan), cuts, np.nan)
    axes.plot(
        np.insert(np.asarray(x, dtype=float), cuts, np.nan),
        thin,
        lw=1.3,
        gid=f"thin {i}",
        **look(i),
    )
    dash: dict[str, Any] = {
        "marker": "_",
        "ms": 14,
        "mew": 3,
        "markevery": np.flatnonzero(alone).tolist(),
    }
    thick = np.where(vacuous, np.nan, y)
    return axes.plot(
        x, thick, lw=3.0, gid=f"curve {i}", **look(i), **(dash if alone.any() else {})
    )[0]


def _adjacent(marked: Any) -> Any:
    """Which points have a marked neighbour."""
    found = np.zeros_like(marked)
    found[1:] |= marked[:-1]
    found[:-1] |= marked[1:]
    return found


def changing(axes: Axes, x: float, y: float, said: str) -> None:
    """A mark where bounds change order, and what is said of it beside it."""
    look: dict[str, Any] = {"mfc": "white", "mec": INK, "mew": 2, "zorder": 5, "gid": "crossing"}
    axes.plot([x], [y], "o", ms=10, **look)
    axes.annotate(
        said,
        (x, y),
        (14, 14),
        textcoords="offset points",
        fontsize=TEXT,
        bbox={**BESIDE, "pad": 2},
        zorder=6,
    )


def logarithmic(axes: Axes, ratio: float = 0.0) -> None:
    """A logarithmic vertical axis with plain numbers, where the range spans such a ratio."""
    low, high = axes.get_ylim()
    if ratio and not high > ratio * low > 0:
        return
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    few = high / low < 100

    def between(value: float, _: int) -> str:
        digit = round(value / 10.0 ** math.floor(math.log10(value) + 1e-9))
        return f"{value:g}" if few and digit in (2, 5) else ""

    formatter = part("ticker").FuncFormatter
    axes.yaxis.set_major_formatter(formatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(formatter(between))


def _legend(figure: Figure, handles: Sequence[Any]) -> None:
    """The legend, below the axes where it covers nothing; in one column where two are too wide."""
    for columns in (2, 1):
        made = figure.legend(
            handles=list(handles),
            loc="outside lower left",
            ncols=columns,
            frameon=False,
            fontsize=TEXT,
            handlelength=3.2,
            columnspacing=1.6,
        )
        if columns == 1 or made.get_window_extent().width < figure.bbox.width:
            return
        made.remove()
