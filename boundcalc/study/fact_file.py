"""Fact files: the user's own quantities and facts, what to bound, and a study that they go with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from boundcalc.errors import InputError, shorten
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.prove.fact_text import (
    QuantityName,
    Statement,
    parse_expression,
    parse_lines,
)
from boundcalc.study.schema import FactTable
from boundcalc.study.toml_file import Raw, file_in

_KEY = re.compile(r"""^[ \t]*["']?facts["']?[ \t]*=""", re.MULTILINE)


@dataclass(frozen=True)
class FactFile:
    """What a fact file says.

    Attributes
    ----------
    title : str
    statements : tuple of Statement
    maximise, minimise : str
        What to bound from above or below; empty where it is not said.
    delta : Fraction or None
        The most that the costs may add up to.
    loss_bound : Fraction or None
        Every ``risk(…)`` lies between 0 and this.
    quantities : tuple of Name or None
        The only quantities that may occur, if they are listed.
    study : Path or None
        A study whose quantities and lemmas go with the facts.
    place : str
    """

    title: str
    statements: tuple[Statement, ...]
    maximise: str = ""
    minimise: str = ""
    delta: Fraction | None = None
    loss_bound: Fraction | None = None
    quantities: tuple[QuantityName, ...] | None = None
    study: Path | None = None
    place: str = "facts"


def facts_from_text(lines: str) -> FactFile:
    """Facts as lines of text."""
    return FactFile("facts", parse_lines(lines.splitlines(), "facts"))


def is_study(raw: Raw) -> bool:
    """Whether a TOML table is a study rather than a fact file."""
    return "subset" in raw


def facts_in(raw: Raw, path: Path) -> FactFile:
    """The facts in a TOML file that has been read.

    Raises
    ------
    InputError
        For whatever cannot be used: one line that names the file and the key, or line and column.
    """
    where = str(path)
    table = FactTable.read(raw, where)
    return FactFile(
        title=table.title or path.stem,
        statements=parse_lines(table.facts, where, _places(table.facts, where, path)),
        maximise=table.maximise,
        minimise=table.minimise,
        delta=None if table.delta is None else exactly(table.delta),
        loss_bound=None if table.loss_bound is None else exactly(table.loss_bound),
        quantities=_quantities(table.quantities, f"{where}, quantities"),
        study=file_in(path.parent, table.study) if table.study else None,
        place=where,
    )


def _places(lines: Sequence[str], where: str, path: Path) -> list[tuple[str, int]]:
    """Line of the file and column of each fact; its number where it is not found as it reads."""
    raw = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    key = _KEY.search(raw)
    at = key.end() if key else -1
    line, counted = 1, 0
    places = list[tuple[str, int]]()
    for number, fact in enumerate(lines, 1):
        text = fact.strip()
        found = raw.find(text, at) if text and at >= 0 else -1
        while found >= 0 and not _starts_there(raw, found):
            found = raw.find(text, found + 1)
        if found < 0:
            at = -1 if text else at  # what is written otherwise, with escapes, ends the search
            places.append((f"{where}, fact {number}", len(fact) - len(fact.lstrip())))
            continue
        line, counted = line + raw.count("\n", counted, found), found
        places.append((f"{where}, line {line}", found - raw.rfind("\n", 0, found) - 1))
        at = found + len(text)
    return places


def _starts_there(raw: str, place: int) -> bool:
    """Whether a fact starts there: after a quote, or first in its line."""
    before = raw[raw.rfind("\n", 0, place) + 1 : place]
    return not before.strip(" \t") or before[-1] in "\"'" or not before[-1].isprintable()


def _quantities(given: Sequence[str] | None, where: str) -> tuple[QuantityName, ...] | None:
    return None if given is None else tuple(_name(entry, where) for entry in given)


def _name(entry: str, where: str) -> QuantityName:
    linear = parse_expression(entry, f"{where}, '{shorten(entry)}'")
    if linear.constant or list(linear.coefficients.values()) != [1]:
        raise InputError(f"{where}: expected the name of one quantity, not '{shorten(entry)}'")
    return next(iter(linear.coefficients))
