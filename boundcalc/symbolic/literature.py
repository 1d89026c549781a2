"""The literature: works by citation key, read from BibTeX files, and results without a number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from boundcalc.conventions import Status
from boundcalc.errors import CatalogueError, find
from boundcalc.symbolic.plugins import leave_out, load_each

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINTS = "boundcalc.sources"

_NOT_WORKS = {"definition": "by definition", "input": "your number", "fact": "your fact"}
_ENTRY = re.compile(r"@(\w+)\s*\{\s*([^\s,{}]+)\s*,")
_FIELD = re.compile(r"\s*(\w+)\s*=\s*\{")
_SHORT = "shorthand"
_MENTION = ("mention", "result", "claim")


@dataclass(frozen=True)
class Work:
    """A published work: citation key, BibTeX entry type, short form and fields.

    `mention` has the id, the title and the statement of a result that is listed without a number.
    """

    key: str
    kind: str
    short: str
    fields: tuple[tuple[str, str], ...]
    mention: tuple[str, ...] = ()

    @property
    def bibtex(self) -> str:
        """The BibTeX entry."""
        body = ",\n".join(f"  {name} = {{{value}}}" for name, value in self.fields)
        return f"@{self.kind}{{{self.key},\n{body}\n}}"


def read_bibtex(text: str, place: str) -> dict[str, Work]:
    """The works of a BibTeX file whose values stand in braces.

    Parameters
    ----------
    text : str
        Each entry has the field ``shorthand``: how printed proofs name the work. One with the
        fields ``mention``, ``result`` and ``claim`` is listed among the results without a number.
    place : str
        What messages call the file.

    Raises
    ------
    CatalogueError
        For an entry that cannot be read, or that has no ``shorthand``.

    Examples
    --------
    >>> text = "@book{mohri2018, shorthand = {Mohri 2018}, title = {Foundations}}"
    >>> read_bibtex(text, "my.bib")["mohri2018"].short
    'Mohri 2018'
    """
    found: dict[str, Work] = {}
    position = 0
    while entry := _ENTRY.search(text, position):
        kind, key = entry.groups()
        fields: dict[str, str] = {}
        position = entry.end()
        while field := _FIELD.match(text, position):
            end = _closing(text, field.end())
            if end is None:
                raise CatalogueError(f"{place}: a brace of {key}, {field[1]} is never closed")
            fields[field[1].lower()] = " ".join(text[field.end() : end].split())
            position = end + 1
            position += text[position : position + 1] == ","
        if not text[position:].lstrip().startswith("}"):
            raise CatalogueError(f"{place}: {key} has a field that is not name = {{value}}")
        if _SHORT not in fields:
            raise CatalogueError(f"{place}: {key} has no {_SHORT}")
        if key in found:
            raise CatalogueError(f"{place}: {key} stands there twice")
        short, mention = fields.pop(_SHORT), [fields.pop(name, "") for name in _MENTION]
        told = tuple(mention) if all(mention) else ()
        found[key] = Work(key, kind, short, tuple(fields.items()), told)
    return found


def _closing(text: str, start: int) -> int | None:
    """Where the brace that was opened before `start` is closed."""
    depth = 1
    for position in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            return position
    return None


def short(key: str) -> str:
    """How a source is named in a printed proof: a work, a definition, or the user's own number."""
    return _NOT_WORKS.get(key) or work(key).short


@cache
def works() -> dict[str, Work]:
    """All works by citation key: ours, then those of other packages' BibTeX files."""
    path = Path(__file__).with_name("references.bib")
    found = read_bibtex(path.read_text(encoding="utf-8"), path.name)
    for added in load_each(ENTRY_POINTS, _bibtex_of):
        for key, item in added.items():
            if found.setdefault(key, item) != item:
                leave_out(f"the work {key} of another package", "the key stands for another work")
    return found


def _bibtex_of(entry: EntryPoint) -> dict[str, Work]:
    """The works of ``package:file.bib``, a file inside the package."""
    from importlib.resources import files

    module, _, name = entry.value.partition(":")
    path = files(module) / name.strip()
    return read_bibtex(path.read_text(encoding="utf-8"), entry.value)


def work(key: str) -> Work:
    """One work by its citation key."""
    known = works()
    return find("work", key, known)


@dataclass(frozen=True)
class Mention:
    """A result that is listed and cited without a number: its constants are unknown.

    Attributes
    ----------
    id : str
        ``work.result``.
    title : str
    statement : str
        What is proved, in words.
    source : str
        Key of the work.
    """

    id: str
    title: str
    statement: str
    source: str
    status: Status = Status.CONSTANTS_UNKNOWN

    @property
    def work(self) -> Work:
        """The work that it is from."""
        return work(self.source)

    @property
    def refusal(self) -> str:
        """Why there is no number."""
        return f"{self.id} ({self.work.short}): {self.status.value}, so no number is given"


def mentions() -> dict[str, Mention]:
    """Results that are cited without a number, by id."""
    listed = sorted((*w.mention, w.key) for w in works().values() if w.mention)
    return {id: Mention(id, title, claim, key) for id, title, claim, key in listed}
