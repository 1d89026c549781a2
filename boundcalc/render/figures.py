"""The pictures of a document by matplotlib: intervals about 0, and subsets by their size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from boundcalc.errors import shorten
from boundcalc.numeric.decide.certification import Certification
from boundcalc.render import canvas
from boundcalc.render.certification import certification_forest
from boundcalc.render.comparison import fewer_pairs, pictures
from boundcalc.render.document import Forest, Lattice, Mark
from boundcalc.render.svg import WIDE, lattice_edges, lattice_places, span_of
from boundcalc.study.records import Comparison
from boundcalc.text import confidence, count

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LOOKS: dict[Mark, dict[str, Any]] = {
    Mark.BETTER: {"color": "#0072B2", "marker": "D", "ms": 9},
    Mark.WORSE: {"color": "#D55E00", "marker": "s", "ms": 9},
    Mark.EQUIVALENT: {"color": "#009E73", "marker": "_", "ms": 16, "mew": 5},
    Mark.UNDECIDED: {"color": "#6a6f76", "marker": "o", "ms": 8, "mfc": "white", "mew": 1.8},
    Mark.CONTRADICTORY: {"color": "#CC79A7", "marker": "x", "ms": 10, "mew": 3},
    Mark.OTHER: {"color": "#6a6f76", "marker": "|", "ms": 10, "mew": 1.8},
}
_LINE, _HEAD, _LEVEL = 0.62, 2.1, 1.25  # inches
_LONGEST_LABEL = 46


def comparison_figure(record: Comparison | Certification, ax: Axes | None = None) -> Figure:
    """The intervals of a comparison; in a figure of its own the lattice of the subsets below.

    Parameters
    ----------
    record : Comparison or Certification
    ax : matplotlib.axes.Axes, optional
        Where the intervals are drawn; default: in a new figure.
    """
    if isinstance(record, Certification):
        title = f"{record.a} against {record.b}"
        shown: list[Forest | Lattice] = [certification_forest(record)]
        said = [
            f"{count(record.n)} examples; each interval by itself with probability ≥ "
            f"{confidence(record.delta)}"
        ]
    else:
        few, left_out = fewer_pairs(record)
        title = record.study.title or "Comparison"
        shown = list(pictures(few))
        said = [f"all together with probability ≥ {confidence(record.study.delta)}"]
        said += [left_out] if left_out else []
    forest, *lattices = shown
    assert isinstance(forest, Forest)
    with canvas.style():
        if ax is not None:
            _forest(ax, forest)
            return ax.get_figure()  # type: ignore[return-value]
        heights = [_HEAD + _LINE * len(forest.rows)]
        for lattice in lattices:
            assert isinstance(lattice, Lattice)
            heights.append(_LEVEL * len({level for _, level, _ in lattice.nodes}) + 0.5)
        figure = canvas.empty(sum(heights))
        drawn = figure.subplots(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
        _forest(drawn[0], forest)
        for below, lattice in zip(drawn[1:], lattices, strict=True):
            assert isinstance(lattice, Lattice)
            _lattice(below, lattice)
        used = {r.mark for r in forest.rows}
        key = [_key(drawn[0], mark) for mark in Mark if mark in used]
        return canvas.finished(drawn[0], None, title, said, key)


def _key(axes: Axes, mark: Mark) -> Any:
    return axes.plot([], [], lw=2.4, label=mark.value, **_LOOKS[mark])[0]


def _forest(axes: Axes, forest: Forest) -> None:
    low, high = span_of(forest.rows)
    axes.set_xlim(low, high)
    axes.set_ylim(len(forest.rows) - 0.4, -0.7)
    axes.axvline(0, color=canvas.INK, lw=1.4, ls=(0, (5, 3)), gid="zero")
    for i, row in enumerate(forest.rows):
        look = _LOOKS[row.mark]
        ends = low if row.lower is None else row.lower, high if row.upper is None else row.upper
        axes.plot(ends, (i, i), lw=2.4, color=look["color"], gid=f"interval {i}")
        caps = [end for end in (row.lower, row.upper) if end is not None]
        axes.plot(caps, [i] * len(caps), "|", ms=11, mew=2.4, color=look["color"])
        axes.plot([sum(ends) / 2 if row.seen is None else row.seen], [i], gid=f"mark {i}", **look)
        _above(axes, i, shorten(row.label, _LONGEST_LABEL), "left")
        _above(axes, i, row.shown, "right")
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(f"{forest.axis}\n← {forest.sides[0]}, {forest.sides[1]} →")


def _above(axes: Axes, i: int, text: str, side: str) -> None:
    """A line of text above an interval, where it covers nothing."""
    axes.annotate(
        text.replace("$", r"\$"),
        (0 if side == "left" else 1, i - 0.34),
        xycoords=("axes fraction", "data"),
        ha=side,
        va="center",
        fontsize=canvas.TEXT,
        bbox={**canvas.BESIDE, "pad": 1},
    )


def _lattice(axes: Axes, lattice: Lattice) -> None:
    """Boxes by the number of modalities; lines say what is decided."""
    places, height, box_width = lattice_places(lattice, WIDE)
    axes.set_xlim(0, WIDE)
    axes.set_ylim(height + 10, -10)
    axes.axis("off")
    edges = lattice_edges(lattice, places, box_width)
    for edge, (_, _, mark) in zip(edges, lattice.edges, strict=True):
        look, style = _LOOKS[mark], ":" if mark is Mark.UNDECIDED else "-"
        across, up = zip(*(edge.at(t) for t in np.linspace(0, 1, 41)), strict=True)
        axes.plot(across, up, style, color=look["color"], lw=2.6, zorder=1)
        axes.plot(*edge.mark, zorder=2, **look)
    for (label, _, below), (x, y) in zip(lattice.nodes, places, strict=True):
        words = f"{shorten(label, 26)}\n{below}".replace("$", r"\$")
        box = {"boxstyle": "round,pad=0.5", "fc": "white", "ec": "#8a8a8a"}
        axes.annotate(words, (x, y), ha="center", va="center", bbox=box, fontsize=11, zorder=3)
