"""What is shown, before it is known how: headings, texts, tables, code and pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import Any


class Tone(StrEnum):
    """What a text says to the reader, shown as colour where there is colour."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    NOTE = "note"
    HINT = "hint"  # how a command shows more: for whoever has typed one


@dataclass(frozen=True)
class Formula:
    """A formula in both notations."""

    text: str
    latex: str


Cell = str | Formula


@dataclass(frozen=True)
class Heading:
    """A heading."""

    text: str


@dataclass(frozen=True)
class Text:
    """A paragraph; a formula may stand alone in it."""

    text: Cell
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes
    ----------
    columns : tuple of str
        Column heads.
    rows : tuple of tuple of Cell
    align : str
        A letter a column: l left, which is the default, and r right; L and R for columns that are
        never wrapped, such as names that a reader copies.
    caption : str
        Shown above the table.
    tones : tuple of Tone
        One a row, or empty.
    brief : tuple of tuple of Cell
        Shorter rows for a screen that has no room for these.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    align: str = ""
    caption: str = ""
    tones: tuple[Tone, ...] = ()
    brief: tuple[tuple[Cell, ...], ...] = ()

    def is_right(self, column: int) -> bool:
        """Whether a column is aligned to the right."""
        return self.align[column : column + 1].upper() == "R"

    def is_whole(self, column: int) -> bool:
        """Whether a column is never wrapped."""
        return self.align[column : column + 1].isupper()


@dataclass(frozen=True)
class Code:
    """Text to be copied as it is, such as BibTeX."""

    text: str
    language: str = ""


class Mark(StrEnum):
    """What is decided on a pair, shown by a shape and a colour; other methods decide nothing."""

    BETTER = "certified better"
    WORSE = "certified worse"
    EQUIVALENT = "equivalent"
    UNDECIDED = "undecided"
    CONTRADICTORY = "contradictory"
    OTHER = "another method"


@dataclass(frozen=True)
class Span:
    """One line of a forest plot: an interval, what was observed, and what is decided.

    An end that is None is unknown: the line runs to the edge.
    """

    label: str
    lower: float | None
    upper: float | None
    shown: str
    seen: float | None
    mark: Mark


@dataclass(frozen=True)
class Forest:
    """Intervals one below the other, with a line at 0; what is shown along the horizontal axis,
    and what it means to be left, and right, of 0.
    """

    rows: tuple[Span, ...]
    axis: str
    sides: tuple[str, str]
    caption: str = ""


@dataclass(frozen=True)
class Lattice:
    """Subsets by their size, and what is decided between them.

    A node has a label, a level, and a line of text below the label; an edge goes from a node to
    another one, and its mark says whether the first is better.
    """

    nodes: tuple[tuple[str, int, str], ...]
    edges: tuple[tuple[int, int, Mark], ...]
    caption: str = ""


Picture = Forest | Lattice
Words = Heading | Text | Table | Code
Block = Words | Picture
Document = tuple[Block, ...]


def words(document: Document) -> tuple[Words, ...]:
    """Everything but the pictures: what a format without any shows."""
    return tuple(block for block in document if not isinstance(block, (Forest, Lattice)))


def without_hints(document: Document) -> Document:
    """A document for a file, a page or a notebook, where nobody types a command."""
    return tuple(b for b in document if not isinstance(b, Text) or b.tone is not Tone.HINT)


def small_print(*said: str) -> tuple[Text, ...]:
    """Small print, a paragraph each; what is empty is left out."""
    return tuple(Text(text, Tone.NOTE) for text in said if text)


def assumed(conditions: Sequence[str], id: str = "") -> str:
    """What something assumes, in one line; empty where that is nothing.

    The page of a theorem, where its id is given, says more.
    """
    more = f" (`boundcalc show {id}` says more)" if "." in id else ""
    return f"Assumes{more}: {'; '.join(conditions)}." if conditions else ""


def tidy_rows(items: Iterable[Any], *names: str, **columns: str | Callable[[Any], Any]) -> Table:
    """One row an item, for CSV and data frames.

    Parameters
    ----------
    items : iterable
    *names : str
        Attributes of the items, each a column of its name.
    **columns : str or callable
        By the head of each further column: an attribute, or a function of an item.
    """
    named = {**{name: name for name in names}, **columns}
    reads = [attrgetter(read) if isinstance(read, str) else read for read in named.values()]
    rows = (tuple(exact_text(read(item)) for read in reads) for item in items)
    return Table(tuple(named), tuple(rows))


def exact_text(value: Any) -> str:
    """A single value with all its digits, as other programs read it."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
