"""Sweeps as documents, CSV and Parquet."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from typing import Any, BinaryIO, TextIO

import numpy as np

from boundcalc.errors import optional
from boundcalc.numeric.sweep import Sweep
from boundcalc.render.document import Document, Heading, Table, Text, Tone, assumed, exactly, notes
from boundcalc.render.evaluation import also_fitting, with_limit
from boundcalc.symbolic.parameters import parameters
from boundcalc.text import confidence, count, number

_MOST_ROWS = 24


def sweep_document(sweep: Sweep) -> Document:
    """A table, capped, with a line that says what was left out."""
    shown = _shown(sweep)
    vacuous = "" if sweep.trivial is None else count(int(sweep.vacuous.sum()))
    said = [_left_out(sweep, len(shown)), _constant(sweep)]
    if sweep.failure != 0:
        held = sweep.bound.variant.notation.probability
        odds = held if sweep.failure is None else confidence(sweep.failure)
        said.append(f"Each row by itself holds with probability at least {odds}.")
    said += [f"{note}." for note in sweep.notes]
    return (
        Heading(f"{sweep.id} ({sweep.variant})"),
        Text(f"{sweep.statement}:"),
        _table(sweep, shown),
        Text(f"{count(sweep.size)} points" + (f", {vacuous} of them vacuous." if vacuous else ".")),
        *notes(*said, also_fitting(sweep.also_fits), assumed(sweep.assumes)),
    )


def _left_out(sweep: Sweep, shown: int) -> str:
    if shown == sweep.size:
        return ""
    which = f"{shown} rows, evenly spaced," if len(sweep.vary) == 1 else f"The first {shown} rows"
    rest = count(sweep.size - shown)
    return f"{which} are shown and {rest} left out: -o FILE.csv or --format csv gives all."


def _constant(sweep: Sweep) -> str:
    """The terms that are the same in all rows, in one line."""
    if len(sweep.terms) == 1:
        return ""
    same = {
        n.replace("_", " "): t.flat[0] for n, t in sweep.terms.items() if n not in _changing(sweep)
    }
    shown = ", ".join(f"{name} {number(float(x), 4)}" for name, x in same.items())
    return f"In all rows: {shown}." if same else ""


def _changing(sweep: Sweep) -> list[str]:
    """The terms that get a column: those that change, where there are several."""
    return [n for n, t in sweep.terms.items() if len(sweep.terms) > 1 and np.any(t != t.flat[0])]


def _shown(sweep: Sweep) -> Any:
    """Evenly spaced rows along one axis; the first rows where there are more axes."""
    if sweep.size <= _MOST_ROWS:
        return np.arange(sweep.size)
    if len(sweep.vary) > 1:
        return np.arange(_MOST_ROWS)
    return np.unique(np.rint(np.linspace(0, sweep.size - 1, _MOST_ROWS)).astype(int))


def _table(sweep: Sweep, shown: Any) -> Table:
    columns = sweep.columns(shown)
    inputs, terms, exact = [*sweep.vary, *sweep.following], _changing(sweep), sweep.relation == "="
    rows = tuple(
        (
            *(number(float(columns[name][i])) for name in inputs),
            *(number(float(sweep.terms[name].flat[row]), 4) for name in terms),
            number(x) if exact else with_limit(x, sweep.side),
            "vacuous" if columns["vacuous"][i] else "",
        )
        for i, (row, x) in enumerate(zip(shown, columns["value"].tolist(), strict=True))
    )
    heads = (*inputs, *(name.replace("_", " ") for name in terms))
    return Table(
        (*heads, "value" if exact else f"{sweep.side.value} limit", "note"),
        rows,
        "r" * (len(heads) + 1),
        tones=tuple(Tone.BAD if vacuous else Tone.PLAIN for vacuous in columns["vacuous"]),
    )


def sweep_rows(sweep: Sweep) -> Table:
    """One row a grid point with all digits, for data frames."""
    columns = sweep.columns()
    cells = [[exactly(x) for x in _cells(name, column)] for name, column in columns.items()]
    return Table(tuple(columns), tuple(zip(*cells, strict=True)))


def write_csv(blocks: Iterable[Sweep], stream: TextIO) -> None:
    """One line a grid point, with all digits."""
    writer = csv.writer(stream, lineterminator="\n")
    for i, block in enumerate(blocks):
        columns = block.columns()
        if not i:
            writer.writerow(columns)
        writer.writerows(
            zip(*(_cells(name, column) for name, column in columns.items()), strict=True)
        )


def _cells(name: str, column: Any) -> list[Any]:
    whole = name in parameters() and parameters()[name].integer
    return [int(x) for x in column.tolist()] if whole else column.tolist()


def write_parquet(blocks: Iterable[Sweep], stream: BinaryIO) -> None:
    """One row a grid point; the metadata say which bound it is and what is held fixed.

    Raises
    ------
    MissingExtraError
        If pyarrow is not installed.
    """
    arrow = optional("pyarrow", "Parquet files", "data")
    parquet = optional("pyarrow.parquet", "Parquet files", "data")
    writer = None
    try:
        for block in blocks:
            about = {"id": block.id, "variant": block.variant, "parameters": dict(block.parameters)}
            table = arrow.table(block.columns(), metadata={"boundcalc": json.dumps(about)})
            writer = writer or parquet.ParquetWriter(stream, table.schema)
            writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()
