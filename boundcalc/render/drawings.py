"""Forest plots and lattices of subsets, drawn from their data: as SVG inside a page, where colours
come from the classes of the style sheet, so that one drawing serves light and dark; and by
matplotlib.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from boundcalc.errors import shorten, visible
from boundcalc.render.document import Forest, Lattice, Mark, Picture, Span
from boundcalc.text import confidence, count, minus

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from boundcalc.numeric.decide.certification import Certification
    from boundcalc.study.records import Comparison

NARROW, WIDE = 350, 700
_ROW, _NARROW_ROW, _TOP, _BOTTOM = 44, 62, 30, 52
_BOX, _LEVEL, _SIDE = 58, 124, 8
_LETTER = 7.6  # the width of a letter at 13 px, at most
_PARTS, _CLEAR = 40, 18.0  # of a line between two boxes; room enough around a mark
_Scale = Callable[[float], float]
_Point = tuple[float, float]
_MOST_BOXES = 5  # in a line of a wide lattice
_LOOKS: dict[Mark, dict[str, Any]] = {
    Mark.BETTER: {"color": "#0072B2", "marker": "D", "ms": 9},
    Mark.WORSE: {"color": "#D55E00", "marker": "s", "ms": 9},
    Mark.EQUIVALENT: {"color": "#009E73", "marker": "_", "ms": 16, "mew": 5},
    Mark.UNDECIDED: {"color": "#6a6f76", "marker": "o", "ms": 8, "mfc": "white", "mew": 1.8},
    Mark.CONTRADICTORY: {"color": "#CC79A7", "marker": "x", "ms": 10, "mew": 3},
    Mark.OTHER: {"color": "#6a6f76", "marker": "|", "ms": 10, "mew": 1.8},
}
_INCHES = {"row": 0.62, "head": 2.1, "level": 1.25}
_LONGEST_LABEL = 46


def svg(picture: Picture) -> str:
    """A drawing for wide screens and one for narrow ones, of which a page shows one."""
    draw = _forest if isinstance(picture, Forest) else _lattice
    return "".join(draw(picture, width) for width in (WIDE, NARROW))  # type: ignore[arg-type]


def _opened(width: int, height: float, name: str, title: str) -> str:
    size = "wide" if width == WIDE else "narrow"
    return (
        f'<svg class="{name} {size}" viewBox="0 0 {width} {height:g}" width="{width}" '
        f'height="{height:g}" role="img" aria-label="{escape(visible(title))}">'
    )


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
        f"{escape(visible(text))}</text>"
    )


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _kind(mark: Mark) -> str:
    return mark.value.split()[-1]


def shape(x: float, y: float, mark: Mark, r: float = 6) -> str:
    """A mark that is told by its shape as well as by its colour."""
    kind = _kind(mark)
    if mark is Mark.BETTER:
        points = f"{x},{y - r - 2} {x + r + 2},{y} {x},{y + r + 2} {x - r - 2},{y}"
        return f'<polygon class="mark {kind}" points="{points}"/>'
    if mark is Mark.WORSE:
        return _box(x, y, r, r, kind)
    if mark is Mark.EQUIVALENT:
        return _box(x, y, r + 3, 3, kind)
    if mark is Mark.CONTRADICTORY:
        lines = (x - r, y - r, x + r, y + r), (x - r, y + r, x + r, y - r)
        return "".join(_line(*ends, f"cross {kind}") for ends in lines)
    if mark is Mark.OTHER:
        return _line(x, y - r, x, y + r, f"bar {kind}")
    return f'<circle class="mark {kind}" cx="{x:.1f}" cy="{y:.1f}" r="{r}"/>'


def legend_mark(mark: Mark) -> str:
    """A mark by itself, for a legend."""
    drawing = shape(11, 10, mark, 6)
    return f'<svg width="22" height="20" viewBox="0 0 22 20" aria-hidden="true">{drawing}</svg>'


def _box(x: float, y: float, across: float, up: float, kind: str) -> str:
    size = f'width="{2 * across:g}" height="{2 * up:g}"'
    return f'<rect class="mark {kind}" x="{x - across:.1f}" y="{y - up:.1f}" {size}/>'


def _span_of(rows: Sequence[Span]) -> tuple[float, float]:
    """The part of the axis that holds all intervals and 0, with some room."""
    ends = [e for row in rows for e in (row.lower, row.upper, row.seen) if e is not None]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    room = 0.06 * (high - low) or 1.0
    return low - room, high + room


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers between two ends, 0 among them where it is between."""
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(f * power for f in (1, 2, 5, 10) if f * power >= rough)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [i * step for i in range(first, last + 1)]


def _forest(forest: Forest, width: int) -> str:
    row_height = _ROW if width == WIDE else _NARROW_ROW
    height = _TOP + row_height * len(forest.rows) + _BOTTOM
    low, high = _span_of(forest.rows)
    edge = width - 2 * _SIDE

    def x(value: float) -> float:
        return _SIDE + edge * (value - low) / (high - low)

    bottom = height - _BOTTOM
    parts = [_opened(width, height, "forest", forest.caption or forest.axis)]
    parts += _axis(forest, ticks(low, high, 7 if width == WIDE else 5), x, bottom, height, width)
    for i, row in enumerate(forest.rows):
        parts += _interval(row, x, _TOP + i * row_height, width)
    return "".join((*parts, "</svg>"))


def _axis(
    forest: Forest, at: Sequence[float], x: _Scale, bottom: float, height: float, width: int
) -> Iterator[str]:
    yield from (_line(x(t), _TOP, x(t), bottom, "grid") for t in at)
    yield _line(x(0), _TOP - 4, x(0), bottom + 4, "zero")
    for t in at:
        yield _text(x(t), bottom + 18, minus(f"{t:g}"), "tick", "middle")
    left, right = forest.sides
    if x(0) > _LETTER * (len(left) + 2):
        yield _text(x(0) - 8, _TOP - 12, f"← {left}", "small", "end")
    if width - x(0) > _LETTER * (len(right) + 2):
        yield _text(x(0) + 8, _TOP - 12, f"{right} →", "small")
    yield _text(width / 2, height - 12, forest.axis, "small", "middle")


def _interval(row: Span, x: _Scale, top: float, width: int) -> Iterator[str]:
    kind, below = _kind(row.mark), 0 if width == WIDE else 17
    y = top + 31 + below
    numbers = 0.0 if below else _LETTER * len(row.shown)
    room = max(int((width - 3 * _SIDE - numbers) / _LETTER), 8)
    yield f"<g><title>{escape(visible(f'{row.label}: {row.shown}, {row.mark.value}'))}</title>"
    label = _cut(row.label, room)
    for at, words in ((_SIDE, label), (width - _SIDE - _LETTER * len(row.shown), row.shown)):
        size = f'width="{_LETTER * len(words):.1f}" height="18"'
        down = 0 if words is label else below
        # else the line at 0 would run through the words
        yield f'<rect class="paper" x="{at:.1f}" y="{top + 1 + down}" {size}/>'
    yield _text(_SIDE, top + 15, label)
    yield _text(width - _SIDE, top + 15 + below, row.shown, "number", "end")
    start = _SIDE if row.lower is None else x(row.lower)
    end = width - _SIDE if row.upper is None else x(row.upper)
    yield _line(start, y, end, y, f"bar {kind}")
    for known, at in ((row.lower, start), (row.upper, end)):
        if known is not None:
            yield _line(at, y - 5, at, y + 5, f"bar {kind}")
    yield shape(x(row.seen) if row.seen is not None else (start + end) / 2, y, row.mark)
    yield "</g>"


def _cut(text: str, room: int) -> str:
    return visible(text) if len(text) <= room else f"{visible(text)[: room - 1]}…"


def _lattice(lattice: Lattice, width: int) -> str:
    places, height, box = _places(lattice, width)
    parts = [_opened(width, height, "lattice", lattice.caption)]
    edges = tuple(zip(_edges(lattice, places, box), lattice.edges, strict=True))
    for edge, (_, _, mark) in edges:
        (x1, y1), (x2, y2), (x3, y3) = edge.curve
        path = f"M{x1:.1f} {y1:.1f} Q{x2:.1f} {y2:.1f} {x3:.1f} {y3:.1f}"
        parts.append(f'<path class="edge {_kind(mark)}" d="{path}"/>')
    parts += [shape(*edge.mark, mark, 5) for edge, (_, _, mark) in edges]
    for (label, _, below), (x, y) in zip(lattice.nodes, places, strict=True):
        parts += _node(label, below, x, y, box)
    return "".join((*parts, "</svg>"))


def _places(lattice: Lattice, width: int) -> tuple[list[tuple[float, float]], float, float]:
    """Where the nodes stand, the larger subsets above; the height, and the width of a box."""
    most = _MOST_BOXES if width == WIDE else 2
    lines: list[list[int]] = []
    for level in sorted({level for _, level, _ in lattice.nodes}, reverse=True):
        members = [i for i, node in enumerate(lattice.nodes) if node[1] == level]
        rows = math.ceil(len(members) / most)
        each = math.ceil(len(members) / rows)
        lines += [members[k : k + each] for k in range(0, len(members), each)]
    widest = max(map(len, lines))
    box = min(180.0, (width - 2 * _SIDE) / max(widest, 1) - 26)
    places = [(0.0, 0.0)] * len(lattice.nodes)
    for row, members in enumerate(lines):
        for k, i in enumerate(members):
            places[i] = (width * (k + 1) / (len(members) + 1), 36 + row * _LEVEL)
            if len(members) > 1:
                pitch = (width - 2 * _SIDE) / len(members)
                places[i] = (_SIDE + pitch * (k + 0.5), 36 + row * _LEVEL)
    return places, 72 + (len(lines) - 1) * _LEVEL, box


@dataclass(frozen=True)
class _Edge:
    """A line from one box to another: the three points of a quadratic curve, and where its mark
    stands.
    """

    curve: tuple[_Point, _Point, _Point]
    mark: _Point

    def at(self, t: float) -> _Point:
        """A point of the curve."""
        parts = zip(((1 - t) ** 2, 2 * t * (1 - t), t**2), self.curve, strict=True)
        x, y = zip(*((share * x, share * y) for share, (x, y) in parts), strict=True)
        return sum(x), sum(y)


def _edges(lattice: Lattice, places: Sequence[_Point], box: float) -> tuple[_Edge, ...]:
    """The lines of a lattice: each passes no box if it can, and no mark stands on another line."""
    lines = [_between(places, start, end, box) for start, end, _ in lattice.edges]
    paths = [[line.at(t / _PARTS) for t in range(_PARTS + 1)] for line in lines]
    marks: list[_Point] = []
    for i, path in enumerate(paths):
        others = [point for k, other in enumerate(paths) if k != i for point in other]
        inside = path[_PARTS // 8 : -_PARTS // 8]

        def free(at: _Point, others: Sequence[_Point] = others) -> float:
            near = min((math.dist(at, point) for point in (*others, *marks)), default=_CLEAR)
            return min(near, *(_beside(at, place, box) for place in places), _CLEAR)

        # of the places that are as free, the one nearest to the middle
        middle = len(inside) / 2
        k = max(range(len(inside)), key=lambda k: (free(inside[k]), -abs(k - middle)))
        marks.append(inside[k])
    return tuple(_Edge(line.curve, mark) for line, mark in zip(lines, marks, strict=True))


def _between(places: Sequence[_Point], start: int, end: int, box: float) -> _Edge:
    """A straight line, or the least bent one that passes no box between its ends."""
    (x1, y1), (x2, y2) = places[start], places[end]
    if y1 == y2:  # in one line: along an arc below the boxes
        low = y1 + _BOX / 2
        return _Edge(((x1, low), ((x1 + x2) / 2, low + 44), (x2, low)), (0.0, 0.0))
    down = _BOX / 2 if y2 > y1 else -_BOX / 2
    first, last = (x1, y1 + down), (x2, y2 - down)
    middle, height = (x1 + x2) / 2, (first[1] + last[1]) / 2
    passed = [place for i, place in enumerate(places) if i not in (start, end)]

    def covered(edge: _Edge) -> int:
        points = (edge.at(t / _PARTS) for t in range(1, _PARTS))
        return sum(min((_beside(at, p, box) for p in passed), default=9.0) < 4 for at in points)

    bows = sorted((w * k for k in range(0, int(box) + 60, 12) for w in (1, -1)), key=abs)
    bent = (_Edge((first, (middle + bow, height), last), (0.0, 0.0)) for bow in bows)
    return min(bent, key=covered)


def _beside(at: _Point, place: _Point, box: float) -> float:
    """How far a point is from a box; 0 inside it."""
    x, y = abs(at[0] - place[0]) - box / 2, abs(at[1] - place[1]) - _BOX / 2
    return math.hypot(max(x, 0.0), max(y, 0.0))


def _node(label: str, below: str, x: float, y: float, box: float) -> Iterator[str]:
    yield f"<g><title>{escape(visible(shorten(f'{label}: {below}', 200)))}</title>"
    yield (
        f'<rect class="box" x="{x - box / 2:.1f}" y="{y - _BOX / 2:.1f}" width="{box:.1f}" '
        f'height="{_BOX}" rx="6"/>'
    )
    lines = _wrapped(label, int(box / _LETTER) - 1)
    start = y - 8 * len(lines) + 2
    for i, line in enumerate(lines):
        yield _text(x, start + 16 * i + 4, line, "label", "middle")
    yield _text(x, start + 16 * len(lines) + 4, below, "small", "middle")
    yield "</g>"


def _wrapped(label: str, room: int) -> list[str]:
    """One or two lines, broken before a +."""
    if len(label) <= room:
        return [visible(label)]
    cuts = [i for i, letter in enumerate(label) if letter == "+" and 0 < i <= room]
    at = max(cuts, default=room)
    return [_cut(label[:at], room), _cut(label[at:], room)]


def comparison_figure(record: Comparison | Certification, ax: Axes | None = None) -> Figure:
    """The intervals of a comparison; in a figure of its own the lattice of the subsets below.

    Parameters
    ----------
    record : Comparison or Certification
    ax : matplotlib.axes.Axes, optional
        Where the intervals are drawn; default: in a new figure.
    """
    from boundcalc.numeric.decide.certification import Certification
    from boundcalc.render import plot
    from boundcalc.render.certification import certification_forest
    from boundcalc.render.comparison import about, fewer_pairs, pictures

    if isinstance(record, Certification):
        title, lattices = f"{record.a} against {record.b}", list[Lattice]()
        forest, sure = certification_forest(record), confidence(record.delta)
        said = [
            f"{count(record.n)} examples; each interval by itself holds with probability ≥ {sure}"
        ]
    else:
        few, left_out = fewer_pairs(record)
        title = record.study.title or "Comparison"
        forest, *lattices = pictures(few)
        seen = "; marks: observed differences" * all(r.seen is not None for r in forest.rows)
        sure = confidence(record.study.delta)
        said = [f"all intervals together hold with probability ≥ {sure}{seen}"]
        said += textwrap.wrap(about(record), 80)
        said += [left_out] if left_out else []
    with plot.style():
        if ax is not None:
            _draw_forest(ax, forest)
            return ax.get_figure()  # type: ignore[return-value]
        heights = [_INCHES["head"] + _INCHES["row"] * len(forest.rows)]
        heights += [_INCHES["level"] * (_places(each, WIDE)[1] / _LEVEL + 0.8) for each in lattices]
        figure = plot.empty(sum(heights))
        first, *below = figure.subplots(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
        _draw_forest(first, forest)
        for axes, lattice in zip(below, lattices, strict=True):
            _draw_lattice(axes, lattice)
        used = {r.mark for r in forest.rows}
        key = [
            first.plot([], [], lw=2.4, label=mark.value, **_LOOKS[mark])[0]
            for mark in Mark
            if mark in used
        ]
        return plot.finished(first, None, plot.as_written(title), said, key)


def _draw_forest(axes: Axes, forest: Forest) -> None:
    from boundcalc.render import plot

    low, high = _span_of(forest.rows)
    axes.set_xlim(low, high)
    axes.set_ylim(len(forest.rows) - 0.4, -0.7)
    axes.axvline(0, color=plot.INK, lw=1.4, ls=(0, (5, 3)), gid="zero")
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
    axes.set_xlabel(plot.as_written(f"{forest.axis}\n← {forest.sides[0]}, {forest.sides[1]} →"))


def _above(axes: Axes, i: int, text: str, side: str) -> None:
    """A line of text above an interval, where it covers nothing."""
    from boundcalc.render import plot

    axes.annotate(
        plot.as_written(text),
        (0 if side == "left" else 1, i - 0.34),
        xycoords=("axes fraction", "data"),
        ha=side,
        va="center",
        fontsize=plot.TEXT,
        bbox={**plot.BESIDE, "alpha": 1.0, "pad": 3},
        zorder=4,
    )


def _draw_lattice(axes: Axes, lattice: Lattice) -> None:
    """Boxes by the number of modalities; lines say what is decided."""
    import numpy as np

    from boundcalc.render import plot

    places, height, box_width = _places(lattice, WIDE)
    axes.set_xlim(0, WIDE)
    axes.set_ylim(height + 10, -10)
    axes.axis("off")
    edges = _edges(lattice, places, box_width)
    for edge, (_, _, mark) in zip(edges, lattice.edges, strict=True):
        look, style = _LOOKS[mark], ":" if mark is Mark.UNDECIDED else "-"
        across, up = zip(*(edge.at(t) for t in np.linspace(0, 1, 41)), strict=True)
        axes.plot(across, up, style, color=look["color"], lw=2.6, zorder=1)
        axes.plot(*edge.mark, zorder=2, **look)
    for (label, _, below), (x, y) in zip(lattice.nodes, places, strict=True):
        words = plot.as_written(f"{shorten(label, 26)}\n{below}")
        box = {"boxstyle": "round,pad=0.5", "fc": "white", "ec": "#8a8a8a"}
        axes.annotate(words, (x, y), ha="center", va="center", bbox=box, fontsize=11, zorder=3)
