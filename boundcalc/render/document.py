"""What is shown, before it is known how: headings, texts, tables and code."""

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
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: frozenset[int] = frozenset()
    whole: frozenset[int] = frozenset()
    caption: str = ""
    tones: tuple[Tone, ...] = ()


@dataclass(frozen=True)
class Code:
    """Text to be copied as it is, such as BibTeX."""

    text: str
    language: str = ""


Block = Heading | Text | Table | Code
Document = tuple[Block, ...]
