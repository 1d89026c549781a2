"""Documents on a terminal, by Rich."""

from __future__ import annotations

import os
import re
import sys
from typing import Literal

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table as RichTable
from rich.text import Text as RichText

from boundcalc.render.document import Block, Cell, Code, Document, Heading, Table, Text, Tone

_TRAILING = re.compile(r"(?: |\x1b\[[\d;]*m)+$", re.MULTILINE)
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


def _plain(cell: Cell) -> str:
    return cell if isinstance(cell, str) else cell.text


def _show(out: Console, block: Block) -> None:
    if isinstance(block, Heading):
        out.print(RichText(block.text, style="bold"))
    elif isinstance(block, Text):
        out.print(_paragraph(_plain(block.text), _STYLES[block.tone]))
    elif isinstance(block, Code):
        colour = out.color_system is not None and block.language
        out.print(Syntax(block.text, block.language) if colour else RichText(block.text), soft_wrap=True)
    else:
        out.print(Padding(_table(block), 0))


def _paragraph(text: str, style: str) -> RenderableType:
    """An item of a list hangs on its dash."""
    if not text.startswith("- "):
        return RichText(text, style=style)
    item = RichTable.grid()
    item.add_row("- ", RichText(text[2:], style=style))
    return item


def _table(block: Table) -> RichTable:
    table = RichTable(
        title=RichText(block.caption) if block.caption else None,
        title_justify="left",
        title_style="",
        header_style="bold",
        pad_edge=False,
        box=box.SIMPLE_HEAD,
        show_edge=False,
    )
    for i, column in enumerate(block.columns):
        justify: Literal["left", "right"] = "right" if i in block.numeric else "left"
        table.add_column(
            RichText(column), justify=justify, overflow="fold", vertical="top", no_wrap=i in block.whole
        )
    for i, row in enumerate(block.rows):
        style = _STYLES[block.tones[i]] if block.tones else ""
        table.add_row(*(_cell(_plain(cell)) for cell in row), style=style)
    return table


def _cell(text: str) -> RenderableType:
    """Indented lines keep their indentation where they are wrapped."""
    if "\n" not in text:
        return RichText(text)
    parts = ((line, len(line) - len(line.lstrip())) for line in text.split("\n"))
    return Group(*(Padding(RichText(line.strip()), (0, 0, 0, indent)) for line, indent in parts))
