"""Fact files: the user's own quantities and facts, what to bound, and a study that they go with."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import Any

from boundcalc.errors import InputError, shorten
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.prove.fact_text import (
    QuantityName,
    Statement,
    parse_expression,
    parse_lines,
)
from boundcalc.study.fields import Table, known_keys, number, text
from boundcalc.study.folder import file_in
from boundcalc.study.toml_places import Written, strings_of

_KEYS = ("title", "maximise", "minimise", "delta", "loss_bound", "quantities", "facts", "study")
_MOST_FACTS = 100_000


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


def is_study(table: Table) -> bool:
    """Whether a TOML table is a study rather than a fact file."""
    return "subset" in table


def facts_in(table: Table, path: Path) -> FactFile:
    """The facts in a TOML file that has been read.

    Raises
    ------
    InputError
        For whatever cannot be used: one line that names the file and the key, or line and column.
    """
    where = str(path)
    known_keys(table, _KEYS, where)
    delta, bound = (number(table, key, where) for key in ("delta", "loss_bound"))
    study = text(table, "study", where)
    if "facts" not in table and not study:
        raise InputError(f'{where}: facts is missing; give facts = ["risk(full) - risk(text) <= 0.03", …]')
    if study and bound is not None:
        raise InputError(
            f"{where}: loss_bound = {bound:g} beside study = '{shorten(study)}': "
            "the study says the loss_bound"
        )
    lines = _lines(table, where)
    return FactFile(
        title=text(table, "title", where) or path.stem,
        statements=parse_lines(lines, where, _places(lines, where, path)),
        maximise=text(table, "maximise", where),
        minimise=text(table, "minimise", where),
        delta=None if delta is None else exactly(delta),
        loss_bound=None if bound is None else exactly(bound),
        quantities=_quantities(table, where),
        study=file_in(path.parent, study) if study else None,
        place=where,
    )


def _places(lines: Sequence[str], where: str, path: Path) -> list[tuple[str, int]]:
    """Line of the file and column of each fact; its number where escapes hide that."""
    raw = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    ends = [found.end() for found in re.finditer("\n", raw)]
    places = list[tuple[str, int]]()
    for i, (line, start) in enumerate(zip(lines, _starts(lines, strings_of("facts", raw)), strict=True), 1):
        indent = len(line) - len(line.lstrip())
        if start is None:
            places.append((f"{where}, fact {i}", indent))
        else:
            before = bisect_right(ends, start + indent)
            column = start + indent - (ends[before - 1] if before else 0)
            places.append((f"{where}, line {before + 1}", column))
    return places


def _starts(lines: Sequence[str], strings: Sequence[Written]) -> list[int | None]:
    """Where each line starts in the file: one string each, or all in one."""
    if len(strings) == 1 and strings[0].text.splitlines(keepends=True) == list(lines):
        lengths = accumulate(map(len, lines), initial=0)
        return [strings[0].start + before for before, _ in zip(lengths, lines, strict=False)]
    written = strings if len(strings) == len(lines) else [None] * len(lines)
    return [w.start if w and w.text == line else None for w, line in zip(written, lines, strict=True)]


def _lines(table: Table, where: str) -> Sequence[str]:
    """The facts, one a line: a text of several lines, or a list with one fact each."""
    given = table.get("facts", [])
    if isinstance(given, str):
        lines: list[Any] = given.splitlines(keepends=True)
    elif isinstance(given, list):
        lines = given
    else:
        raise InputError(f"{where}: facts must be a text or a list of texts, not {shorten(repr(given))}")
    if len(lines) > _MOST_FACTS:
        raise InputError(f"{where}: {len(lines)} facts; at most {_MOST_FACTS} can be used")
    for i, line in enumerate(lines, 1):
        if not isinstance(line, str) or "\n" in line.strip():
            raise InputError(
                f"{where}, fact {i}: each fact must be one line of text, not {shorten(repr(line))}"
            )
    return lines


def _quantities(table: Table, where: str) -> tuple[QuantityName, ...] | None:
    if "quantities" not in table:
        return None
    given = table["quantities"]
    if not isinstance(given, list) or not all(isinstance(entry, str) for entry in given):
        raise InputError(f'{where}: quantities must be a list of names, such as ["risk(text)"]')
    return tuple(_name(entry, f"{where}, quantities") for entry in given)


def _name(entry: str, where: str) -> QuantityName:
    linear = parse_expression(entry, f"{where}, '{shorten(entry)}'")
    if linear.constant or list(linear.coefficients.values()) != [1]:
        raise InputError(f"{where}: expected the name of one quantity, not '{shorten(entry)}'")
    return next(iter(linear.coefficients))
