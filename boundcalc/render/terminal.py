"""Documents on a terminal, by Rich."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from operator import le
from typing import Literal

from rich import box
from rich.console import Console, Group, RenderableType
from rich.measure import Measurement
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table as RichTable
from rich.text import Text as RichText

from boundcalc.errors import visible
from boundcalc.render.document import Block, Cell, Code, Document, Heading, Table, Text, Tone
from boundcalc.render.signs import spelled

_TRAILING = re.compile(r"(?: |\x1b\[[\d;]*m)+$", re.MULTILINE)
_WIDE = 10_000
_GAP = 3  # between two columns
_STYLES = {Tone.PLAIN: "", Tone.GOOD: "green", Tone.BAD: "red", Tone.NOTE: "dim"}


def console(*, stderr: bool = False) -> Console:
    """A console that is 80 columns wide in a pipe unless COLUMNS says otherwise; obeys NO_COLOR."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else 80
    return Console(stderr=stderr, width=width, highlight=False, soft_wrap=False)


def show(document: Document) -> None:
    """Print a document; no line of a file or a pipe ends in blanks."""
    out = console()
    if sys.stdout.isatty():
        _print(out, document)
        return
    with out.capture() as captured:
        _print(out, document)
    sys.stdout.write(_TRAILING.sub(lambda found: found[0].replace(" ", ""), captured.get()))


def _print(out: Console, document: Document) -> None:
    for i, block in enumerate(document):
        if i and not (isinstance(block, Text) and isinstance(document[i - 1], Text)):
            out.print()
        _show(out, block)


def _plain(cell: Cell, out: Console) -> str:
    """A text as this console can show it."""
    return spelled(visible(cell if isinstance(cell, str) else cell.text), out.encoding)


def _show(out: Console, block: Block) -> None:
    if isinstance(block, Heading):
        out.print(RichText(_plain(block.text, out), style="bold"))
    elif isinstance(block, Text):
        out.print(_paragraph(_plain(block.text, out), _STYLES[block.tone]))
    elif isinstance(block, Code):
        colour = out.color_system is not None and block.language
        text = _plain(block.text, out)
        out.print(Syntax(text, block.language) if colour else RichText(text), soft_wrap=True)
    else:
        for i, part in enumerate(_fitting(block, out)):
            if i:
                out.print()
            out.print(Padding(_table(part, out), 0))


def _fitting(block: Table, out: Console) -> Iterator[Table]:
    """A table, or its columns in several tables one below the other where they are too wide.

    Rich would cut what does not wrap, digits too, without a sign.
    """
    start, caption = 0, block.caption
    for end in range(1, len(block.columns) + 1):
        part = _columns(block, start, end, caption)
        if sum(_widths(part, out)[0]) > _room(part, out) and end - start > 1:
            yield _columns(block, start, end - 1, caption)
            start, caption = end - 1, ""
    yield _columns(block, start, len(block.columns), caption)


def _room(block: Table, out: Console) -> int:
    return out.width - _GAP * (len(block.columns) - 1)


def _columns(block: Table, start: int, end: int, caption: str) -> Table:
    return replace(
        block,
        columns=block.columns[start:end],
        rows=tuple(row[start:end] for row in block.rows),
        numeric=frozenset(i - start for i in block.numeric if start <= i < end),
        whole=frozenset(i - start for i in block.whole if start <= i < end),
        caption=caption,
    )


def _widths(block: Table, out: Console) -> tuple[list[int], list[int]]:
    """The least width of each column, at which no word of it is broken, and its full width."""
    found, wide = [], out.options.update(width=_WIDE)
    for i, column in enumerate(block.columns):
        cells = [_cell(_plain(row[i], out)) for row in block.rows]
        sizes = [
            Measurement.get(out, wide, cell) for cell in (RichText(_plain(column, out)), *cells)
        ]
        most = max(size.maximum for size in sizes)
        found.append((most if i in block.whole else max(size.minimum for size in sizes), most))
    return [least for least, _ in found], [most for _, most in found]


def _levelled(widths: list[int], least: list[int], room: int) -> list[int]:
    """Widths that fit: the widest column gives way first, none below its least width."""
    widths = list(widths)
    while sum(widths) > room:
        slack = [i for i, width in enumerate(widths) if width > least[i]]
        if not slack:
            break
        widths[max(slack, key=lambda i: widths[i])] -= 1
    return widths


def _paragraph(text: str, style: str) -> RenderableType:
    """An item of a list hangs on its dash."""
    if not text.startswith("- "):
        return RichText(text, style=style)
    item = RichTable.grid()
    item.add_column()
    item.add_column(overflow="fold")
    item.add_row("- ", RichText(text[2:], style=style))
    return item


def _table(block: Table, out: Console) -> RichTable:
    table = RichTable(
        title=RichText(_plain(block.caption, out)) if block.caption else None,
        title_justify="left",
        title_style="",
        header_style="bold",
        pad_edge=False,
        box=box.SIMPLE_HEAD,
        show_edge=False,
    )
    least, full = _widths(block, out)
    room = _room(block, out)
    wrapped = [0 if i not in block.whole else width for i, width in enumerate(full)]
    # Rich breaks words, and numbers, before it takes the room from a column that has it, and may
    # level by a character less than here
    broken = any(map(le, _levelled(full, wrapped, room), least))
    widths = _levelled(full, least, room) if broken and len(full) > 1 else [None] * len(full)
    for i, column in enumerate(block.columns):
        justify: Literal["left", "right"] = "right" if i in block.numeric else "left"
        table.add_column(
            RichText(_plain(column, out)),
            justify=justify,
            overflow="fold",
            vertical="top",
            width=widths[i],
            no_wrap=i in block.whole and len(block.columns) > 1,
        )
    for i, row in enumerate(block.rows):
        style = _STYLES[block.tones[i]] if block.tones else ""
        table.add_row(*(_cell(_plain(cell, out)) for cell in row), style=style)
    return table


def _cell(text: str) -> RenderableType:
    """Indented lines keep their indentation where they are wrapped."""
    if "\n" not in text:
        return RichText(text)
    parts = ((line, len(line) - len(line.lstrip())) for line in text.split("\n"))
    return Group(*(Padding(RichText(line.strip()), (0, 0, 0, indent)) for line, indent in parts))
