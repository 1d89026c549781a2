"""Documents on a terminal, by Rich, and what of a document fits on one screen.

That is 40 lines of 80 columns, the first blocks first. It is measured at 80 columns whatever the
terminal has: a narrow one shows the same in more lines.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from operator import le
from typing import Literal

from rich import box
from rich.console import Console, Group, RenderableType
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text as RichText

from boundcalc.errors import visible
from boundcalc.render.document import Cell, Code, Document, Heading, Table, Text, Tone, Words, words
from boundcalc.render.spelling import spelled

_TRAILING = re.compile(r"(?: |\x1b\[[\d;]*m)+$", re.MULTILINE)
LINES, WIDTH = 40, 80
_FEWEST_ROWS, _LONGEST = 3, 40
_CLOSING = 3  # an empty line and two of text that say what is left out
_NOTES = 12  # lines that the rows of a table leave for notes, such as what is assumed
_WIDE = 10_000
_GAP = 3  # between two columns
_STYLES = {
    Tone.PLAIN: "",
    Tone.GOOD: "green",
    Tone.BAD: "red",
    Tone.NOTE: "dim",
    Tone.HINT: "dim",
}


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


def as_text(document: Document, *, width: int) -> str:
    """The same without colours, as text."""
    out = Console(width=width, file=io.StringIO(), highlight=False, color_system=None)
    with out.capture() as captured:
        _print(out, document)
    return _TRAILING.sub("", captured.get())


def _print(out: Console, document: Document) -> None:
    before = None
    for block in words(document):
        if before is not None and not (isinstance(block, Text) and isinstance(before, Text)):
            out.print()
        _show(out, block)
        before = block


def _plain(cell: Cell, out: Console) -> str:
    """A text as this console can show it."""
    return spelled(visible(cell if isinstance(cell, str) else cell.text), out.encoding)


def _show(out: Console, block: Words) -> None:
    if isinstance(block, Heading):
        out.print(RichText(_plain(block.text, out), style="bold"))
    elif isinstance(block, Text):
        out.print(_paragraph(_plain(block.text, out), _STYLES[block.tone]))
    elif isinstance(block, Code):
        text = _plain(block.text, out)
        if out.color_system is None or not block.language:
            out.print(RichText(text), soft_wrap=True)
            return
        from rich.syntax import Syntax  # Pygments

        out.print(Syntax(text, block.language), soft_wrap=True)
    else:
        if block.caption:
            out.print(RichText(_plain(block.caption, out)))
        for table in (block, _turned(block, out)):
            least, full = _widths(table, out)
            room = out.width - _GAP * (len(table.columns) - 1)
            if len(block.columns) == 1 or sum(least) <= room:
                out.print(Padding(_table(table, out, least, full, room), 0))
                return
        out.print(Group(*_records(block, out)))  # Rich would cut digits without a sign


def _turned(block: Table, out: Console) -> Table:
    """A table on its side: each row is a column beside the heads, which are said once."""
    cells = [[_plain(cell, out) for cell in row] for row in (block.columns, *block.rows)]
    first, *others = zip(*cells, strict=True)
    whole = any(
        block.is_whole(i) and " " in cell for row in cells[1:] for i, cell in enumerate(row)
    )
    return Table(first, tuple(others), "l" + "lL"[whole] * len(block.rows))


def _records(block: Table, out: Console) -> Iterator[RenderableType]:
    """A table that does not fit, one field a line, each with the head of its column."""
    for i, row in enumerate(block.rows):
        style = _STYLES[block.tones[i]] if block.tones else ""
        for k, (head, field) in enumerate(zip(block.columns, row, strict=True)):
            text = _plain(field, out)
            if text or not i:  # the first row says what all columns are
                label = f"{_plain(head, out)}: " if head else ""
                said = RichText(label, style="bold").append(RichText(text, style=style))
                said.overflow = "fold"
                yield Padding(said, (0, 0, 0, 2 if k else 0))


def _widths(block: Table, out: Console) -> tuple[list[int], list[int]]:
    """The least width of each column, at which no word of it is broken, and its full width."""
    least, full, wide = list[int](), list[int](), out.options.update(width=_WIDE)
    for i, column in enumerate(block.columns):
        cells = [RichText(_plain(column, out)), *(_cell(_plain(row[i], out)) for row in block.rows)]
        sizes = [Measurement.get(out, wide, cell) for cell in cells]
        full.append(max(size.maximum for size in sizes))
        least.append(full[i] if block.is_whole(i) else max(size.minimum for size in sizes))
    return least, full


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


def _table(block: Table, out: Console, least: list[int], full: list[int], room: int) -> RichTable:
    table = RichTable(header_style="bold", pad_edge=False, box=box.SIMPLE_HEAD, show_edge=False)
    wrapped = [0 if not block.is_whole(i) else width for i, width in enumerate(full)]
    # Rich breaks words, and numbers, before it takes the room from a column that has it, and may
    # level by a character less than here
    broken = any(map(le, _levelled(full, wrapped, room), least))
    widths = _levelled(full, least, room) if broken and len(full) > 1 else [None] * len(full)
    for i, column in enumerate(block.columns):
        justify: Literal["left", "right"] = "right" if block.is_right(i) else "left"
        table.add_column(
            RichText(_plain(column, out)),
            justify=justify,
            overflow="fold",
            vertical="top",
            width=widths[i],
            no_wrap=block.is_whole(i) and len(block.columns) > 1,
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


def one_screen(document: Document, more: str = "--details") -> Document:
    """A document that fits, and a last line on what was left out, and how this is asked for."""
    blocks = words(document)
    if _height(blocks) <= LINES:
        return document
    short = tuple(
        replace(block, rows=block.brief, brief=())
        if isinstance(block, Table) and block.brief
        else block
        for block in blocks
    )
    left = ["parts of each step"] * (short != blocks)
    closed = (*short, _closing(left, more))
    if _height(closed) <= LINES:
        return closed
    kept, more_left = _fitting(short)
    return (*kept, _closing([*left, *more_left], more))


def _closing(left: Sequence[str], more: str) -> Text:
    return Text(f"Left out: {_listed(left)}. {more} shows everything.", Tone.NOTE)


def _height(blocks: Sequence[Words]) -> int:
    return len(as_text(tuple(blocks), width=WIDTH).splitlines())


def _fitting(blocks: Sequence[Words]) -> tuple[Sequence[Words], list[str]]:
    """In order what fits, tables without their last rows, and the names of the rest."""
    kept: list[Words] = []
    left: list[str] = []
    heading = ""
    for i, block in enumerate(blocks):
        if i and isinstance(block, Heading):
            heading = block.text
        if _height([*kept, block]) <= LINES - _CLOSING:
            kept.append(block)
        elif isinstance(block, Table):
            rest = [b for b in blocks[i + 1 :] if not isinstance(b, Table)]
            shorter = _shorter(kept, block, LINES - _CLOSING - min(_height(rest) + 1, _NOTES))
            if shorter is not None:
                kept.append(shorter)
                count = len(block.rows) - len(shorter.rows)
                of = f" of {_name(block, heading)}" if block.caption or heading else ""
                left.append(f"the last {f'{count} rows' if count > 1 else 'row'}{of}")
            else:
                # the heading, and the words below it, that spoke of the table
                last = max((i for i, b in enumerate(kept) if isinstance(b, Heading)), default=0)
                if last and all(isinstance(b, Text) for b in kept[last + 1 :]):
                    del kept[last:]
                left.append(_name(block, heading))
        elif not isinstance(block, Heading):
            left.append("")
    below = [*kept[1:], Heading("")]  # a heading with nothing below it is left out
    return [
        block
        for block, after in zip(kept, below, strict=False)
        if not (isinstance(block, Heading) and isinstance(after, Heading))
    ], left


def _shorter(kept: Sequence[Words], table: Table, room: int) -> Table | None:
    """The first rows of a table that leave room for the notes below it; None for too few."""
    for count in range(len(table.rows) - 1, _FEWEST_ROWS - 1, -1):
        part = replace(table, rows=table.rows[:count], tones=table.tones[:count])
        if _height([*kept, part]) <= room:
            return part
    return None


def _name(block: Table, heading: str) -> str:
    """What a table is called: by its caption, the heading above it, or its first column."""
    name = block.caption.partition(":")[0] or heading or f"{block.columns[0]}, …"
    if len(name) > _LONGEST:
        name = name.partition(",")[0]  # a title and more about it
    return f"“{name if len(name) <= _LONGEST else f'{name[: _LONGEST - 1]}…'}”"


def _listed(left: Sequence[str]) -> str:
    tables = [name for name in left if name]
    notes = len(left) - len(tables)
    said = tables[:2]
    said += [f"{len(tables) - 2} more table{'s' * (len(tables) > 3)}"] if len(tables) > 2 else []
    said += [f"{notes} note{'s' * (notes > 1)}"] if notes else []
    return ", ".join(said)
