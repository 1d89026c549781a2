"""Fact files: the user's own quantities and facts, what to bound, and a study that they go with."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

from boundcalc.errors import InputError, shorten
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.prove.fact_text import (
    QuantityName,
    Statement,
    parse_expression,
    parse_lines,
)
from boundcalc.study.folder import file_in
from boundcalc.study.schema import FactTable
from boundcalc.study.toml_file import Raw
from boundcalc.study.toml_places import Written, strings_of


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
    """Line of the file and column of each fact; its number where escapes hide that."""
    raw = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    ends = [found.end() for found in re.finditer("\n", raw)]
    places = list[tuple[str, int]]()
    for i, (line, start) in enumerate(
        zip(lines, _starts(lines, strings_of("facts", raw)), strict=True), 1
    ):
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
    return [
        w.start if w and w.text == line else None for w, line in zip(written, lines, strict=True)
    ]


def _quantities(given: Sequence[str] | None, where: str) -> tuple[QuantityName, ...] | None:
    return None if given is None else tuple(_name(entry, where) for entry in given)


def _name(entry: str, where: str) -> QuantityName:
    linear = parse_expression(entry, f"{where}, '{shorten(entry)}'")
    if linear.constant or list(linear.coefficients.values()) != [1]:
        raise InputError(f"{where}: expected the name of one quantity, not '{shorten(entry)}'")
    return next(iter(linear.coefficients))
