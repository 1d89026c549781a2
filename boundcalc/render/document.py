"""What is shown, before it is known how: headings, texts, tables, code and pictures."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """What a text says to the reader, shown as colour where there is colour."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    NOTE = "note"


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
    numeric : frozenset of int
        Columns that are aligned to the right.
    whole : frozenset of int
        Columns that are never wrapped: names that a reader copies.
    caption : str
        Shown above the table.
    tones : tuple of Tone
        One a row, or empty.
    brief : tuple of tuple of Cell
        Shorter rows for a screen that has no room for these.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: frozenset[int] = frozenset()
    whole: frozenset[int] = frozenset()
    caption: str = ""
    tones: tuple[Tone, ...] = ()
    brief: tuple[tuple[Cell, ...], ...] = ()


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
class Interval:
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
    """Intervals one below the other, with a line at 0.

    Attributes
    ----------
    rows : tuple of Interval
    axis : str
        What is shown along the horizontal axis.
    sides : tuple of str
        What it means to be left, and right, of 0.
    caption : str
    """

    rows: tuple[Interval, ...]
    axis: str
    sides: tuple[str, str]
    caption: str = ""


@dataclass(frozen=True)
class Lattice:
    """Subsets by their size, and what is decided between them.

    Attributes
    ----------
    nodes : tuple of (str, int, str)
        Label, level, and a line of text below the label.
    edges : tuple of (int, int, Mark)
        From a node to another one, about which the mark says whether the first is better.
    caption : str
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
