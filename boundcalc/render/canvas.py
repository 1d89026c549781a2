"""What all pictures share: size, fonts, colours, titles, axes and the legend below them.

matplotlib is imported when a picture is made, without pyplot and its global state.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from boundcalc.conventions import Side
from boundcalc.errors import optional
from boundcalc.numeric.sweep import Sweep
from boundcalc.symbolic.catalogue import theorem
from boundcalc.symbolic.parameters import parameter
from boundcalc.symbolic.printing import latex
from boundcalc.symbolic.theorem import Variant
from boundcalc.text import confidence, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

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
VACUOUS_LABEL = "vacuous: says nothing"
TITLE, LABEL, TEXT = 15, 13, 11.5
WIDTH, HEIGHT = 8.0, 6.4
_SMALL_LINE, _TITLE_LINE, _LONG_CLAIM = 82, 54, 32
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


@contextmanager
def style() -> Iterator[None]:
    """Pictures look alike whatever the user's own settings of matplotlib are."""
    matplotlib = optional("matplotlib", "plots", "plot")
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        yield


def new() -> tuple[Figure, Axes]:
    """An empty figure and its axes."""
    module = optional("matplotlib.figure", "plots", "plot")
    figure = module.Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    optional("matplotlib.backends.backend_agg", "plots", "plot").FigureCanvasAgg(figure)
    return figure, figure.add_subplot()


def stacked(count: int) -> tuple[Figure, Sequence[Axes]]:
    """A tall figure with axes one above the other, which share the horizontal one."""
    figure, first = new()
    figure.set_size_inches(WIDTH, HEIGHT + 3.2 * (count - 1))
    first.remove()
    return figure, tuple(figure.subplots(count, 1, sharex=True))


def words(name: str) -> str:
    """A term's or a parameter's name in words."""
    return name.replace("_", " ")


def variant_of(sweep: Sweep) -> Variant:
    """The catalogue's record of the variant that was swept."""
    return theorem(sweep.id).variant(sweep.variant)


def claim(sweep: Sweep) -> str:
    """What the vertical axis shows."""
    if sweep.relation == "=":
        return _balanced(sweep.statement, 46)
    return _limit(f"{sweep.side.value} limit on", _bounded(sweep))


def common_claim(sweeps: Sequence[Sweep]) -> str:
    """What the vertical axis shows for several bounds."""
    if len({claim(s) for s in sweeps}) == 1:
        return claim(sweeps[0])
    quantities = {_bounded(s) for s in sweeps}
    if len(quantities) > 1:
        return "limit on each one's own quantity"
    return _limit("limit on", quantities.pop())


def _bounded(sweep: Sweep) -> str:
    bounded = variant_of(sweep).derivation.claim
    return latex(bounded if sweep.side is Side.UPPER else -bounded)


def _limit(what: str, bounded: str) -> str:
    return f"{what}{chr(10) if len(bounded) > _LONG_CLAIM else ' '}${bounded}$"


def symbol(name: str) -> str:
    """A parameter's symbol."""
    return f"${parameter(name).latex}$"


def quantity(name: str, width: int, *ids: str) -> str:
    """A parameter's meaning in these theorems and its symbol, for an axis."""
    return f"{_balanced(parameter(name).meaning_in(*ids), width)}, {symbol(name)}"


def _balanced(text: str, width: int) -> str:
    """Lines of about the same length."""
    lines = math.ceil(len(text) / width)
    return textwrap.fill(text, math.ceil(len(text) / lines) + 6)


def held(name: str, sweep: Sweep) -> list[str]:
    """What is drawn and which parameters are held fixed, in lines that fit above the axes."""
    lines, room = [f"{name}:"], _SMALL_LINE - len(name)
    for parameter_name, value in sweep.parameters.items():
        target, shown = parameter(parameter_name), number(value)
        needs = len(target.glyph) + len(shown) + 5
        if needs > room:
            lines.append("")
            room = _SMALL_LINE
        lines[-1] += f"  ${target.latex}$ = {shown}"
        room -= needs
    axis = "".join(symbol(n) for n in sweep.vary)
    changing = [f"{symbol(n)} changes along with {axis}" for n in sweep.following]
    return [line.strip(" :") for line in (*lines, *changing)]


def level(sweep: Sweep) -> str:
    """With which probability each point holds by itself; empty where it always does."""
    if sweep.failure == 0:
        return ""
    if sweep.failure is None:
        return f"${latex(1 - variant_of(sweep).derivation.failure)}$"
    return confidence(sweep.failure)


def holds(level: str) -> list[str]:
    """The line that says so."""
    return [f"each point by itself holds with probability ≥ {level}"] if level else []


def notes(sweep: Sweep) -> list[str]:
    """What a reader of the numbers should know."""
    return [line for note in sweep.notes for line in textwrap.wrap(note, _SMALL_LINE)]


def head(axes: Axes, title: str, small: Sequence[str]) -> None:
    """A title and small lines below it, above the axes; the lowest strip is left for labels."""
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
        )
        height += 1.4 * size


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
    near, alone = vacuous | _beside(vacuous), ~vacuous & ~_beside(~vacuous)
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


def _beside(marked: Any) -> Any:
    """Which points have a marked neighbour."""
    found = np.zeros_like(marked)
    found[1:] |= marked[:-1]
    found[:-1] |= marked[1:]
    return found


def logarithmic(axes: Axes) -> None:
    """A logarithmic vertical axis with plain numbers."""
    ticker = optional("matplotlib.ticker", "plots", "plot")
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    few = high / low < 100

    def between(value: float, _: int) -> str:
        digit = round(value / 10.0 ** math.floor(math.log10(value) + 1e-9))
        return f"{value:g}" if few and digit in (2, 5) else ""

    axes.yaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(ticker.FuncFormatter(between))


def legend(figure: Figure, handles: Sequence[Any]) -> None:
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
