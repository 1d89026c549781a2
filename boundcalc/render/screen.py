"""What of a document fits on one screen: 40 lines of 80 columns, the first blocks first.

It is measured at 80 columns whatever the terminal has: a narrow one shows the same in more lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from boundcalc.render.document import Document, Heading, Table, Text, Tone, Words, words
from boundcalc.render.terminal import as_text

LINES, WIDTH = 40, 80
_FEWEST_ROWS, _LONGEST = 3, 40
_CLOSING = 3  # an empty line and two of text that say what is left out
_NOTES = 12  # lines that the rows of a table leave for notes, such as what is assumed


def one_screen(document: Document, more: str = "--details") -> Document:
    """A document that fits, and a last line on what was left out.

    Parameters
    ----------
    document : Document
    more : str
        How the rest is asked for.
    """
    blocks = words(document)
    if _lines(blocks) <= LINES:
        return document
    short = tuple(_brief(block) for block in blocks)
    left = ["parts of each step"] * (short != blocks)
    closed = (*short, _closing(left, more))
    if _lines(closed) <= LINES:
        return closed
    kept, more_left = _fitting(short)
    return (*kept, _closing([*left, *more_left], more))


def _closing(left: Sequence[str], more: str) -> Text:
    return Text(f"Left out: {_listed(left)}. {more} shows everything.", Tone.NOTE)


def _brief(block: Words) -> Words:
    """A table with its shorter rows, where it has some."""
    if isinstance(block, Table) and block.brief:
        return replace(block, rows=block.brief, brief=())
    return block


def _lines(blocks: Sequence[Words]) -> int:
    return len(as_text(tuple(blocks), width=WIDTH).splitlines())


def _fitting(blocks: Sequence[Words]) -> tuple[Sequence[Words], list[str]]:
    """In order what fits, tables without their last rows, and the names of the rest."""
    kept: list[Words] = []
    left: list[str] = []
    heading = ""
    for i, block in enumerate(blocks):
        if i and isinstance(block, Heading):
            heading = block.text
        if _lines([*kept, block]) <= LINES - _CLOSING:
            kept.append(block)
        elif isinstance(block, Table):
            rest = [b for b in blocks[i + 1 :] if not isinstance(b, Table)]
            shorter = _shorter(kept, block, LINES - _CLOSING - min(_lines(rest) + 1, _NOTES))
            if shorter is not None:
                kept.append(shorter)
            else:
                _close_section(kept)
            left.append(_name(block, heading))
        elif not isinstance(block, Heading):
            left.append("")
    return [b for b, following in _pairs(kept) if not _hangs(b, following)], left


def _close_section(kept: list[Words]) -> None:
    """Take away the heading, and the words below it, that spoke of a table which is left out."""
    last = max((i for i, block in enumerate(kept) if isinstance(block, Heading)), default=0)
    if last and all(isinstance(block, Text) for block in kept[last + 1 :]):
        del kept[last:]


def _pairs(blocks: Sequence[Words]) -> Iterator[tuple[Words, Words | None]]:
    return zip(blocks, [*blocks[1:], None], strict=True)


def _hangs(block: Words, following: Words | None) -> bool:
    """Whether it is a heading with nothing below it."""
    return isinstance(block, Heading) and (following is None or isinstance(following, Heading))


def _shorter(kept: Sequence[Words], table: Table, room: int) -> Table | None:
    """The first rows of a table that leave room for the notes below it; None for too few."""
    for count in range(len(table.rows) - 1, _FEWEST_ROWS - 1, -1):
        part = replace(table, rows=table.rows[:count], tones=table.tones[:count])
        if _lines([*kept, part]) <= room:
            return part
    return None


def _name(block: Table, heading: str) -> str:
    """What a table is called: by its caption, the heading above it, or its first column."""
    name = block.caption.partition(":")[0] or heading or f"{block.columns[0]}, …"
    return f"“{name if len(name) <= _LONGEST else f'{name[: _LONGEST - 1]}…'}”"


def _listed(left: Sequence[str]) -> str:
    tables = [name for name in left if name]
    notes = len(left) - len(tables)
    said = tables[:2]
    said += [f"{len(tables) - 2} more table{'s' * (len(tables) > 3)}"] if len(tables) > 2 else []
    said += [f"{notes} note{'s' * (notes > 1)}"] if notes else []
    return ", ".join(said)
