"""Sweeps as documents, CSV and Parquet."""

from __future__ import annotations

import csv
import io
import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import numpy as np

from boundcalc.arguments import typed
from boundcalc.errors import InputError, optional
from boundcalc.numeric.blocks import Progress
from boundcalc.numeric.grid import grid
from boundcalc.numeric.sweep import Sweep, sweep, sweep_blocks
from boundcalc.render.document import (
    Document,
    Heading,
    Table,
    Text,
    Tone,
    assumed,
    exact_text,
    small_print,
)
from boundcalc.render.evaluation import also_fitting, with_limit
from boundcalc.render.files import whole_file
from boundcalc.symbolic.parameters import parameters
from boundcalc.text import confidence, count, number

_MOST_ROWS = 24
_LOOKED_AT = 20_000


def sweep_document(sweep: Sweep) -> Document:
    """A table, capped, with a line that says what was left out."""
    shown = _shown(sweep)
    vacuous = "" if sweep.trivial is None else count(int(sweep.vacuous.sum()))
    said = []
    if len(shown) < sweep.size:
        several, rest = len(sweep.vary) > 1, count(sweep.size - len(shown))
        which = f"The first {len(shown)} rows" if several else f"{len(shown)} rows, evenly spaced,"
        all_rows = "-o FILE.csv or --format csv gives all"
        said.append(f"{which} are shown and {rest} left out: {all_rows}.")
    terms, changing = sweep.terms.items(), _changing(sweep)
    same = ((n, t.flat[0]) for n, t in terms if len(terms) > 1 and n not in changing)
    constant = ", ".join(f"{n.replace('_', ' ')} {number(float(x), 4)}" for n, x in same)
    said += [f"In all rows: {constant}."] if constant else []
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
        *small_print(*said, also_fitting(sweep.also_fits), assumed(sweep.assumes)),
    )


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
    rows = (tuple(map(exact_text, row)) for row in _rows(columns))
    return Table(tuple(columns), tuple(rows))


def write_csv(blocks: Iterable[Sweep], stream: TextIO) -> None:
    """One line a grid point, with all digits."""
    writer = csv.writer(stream, lineterminator="\n")
    for i, block in enumerate(blocks):
        columns = block.columns()
        if not i:
            writer.writerow(columns)
        writer.writerows(_rows(columns))


def _rows(columns: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    whole = {name for name in columns if name in parameters() and parameters()[name].integer}
    lists = ((name, column.tolist()) for name, column in columns.items())
    return zip(*(map(int, one) if name in whole else one for name, one in lists), strict=True)


def _arrow(block: Sweep) -> Any:
    """One row a grid point; the metadata say which bound it is and what is held fixed."""
    about = {"id": block.id, "variant": block.variant, "parameters": dict(block.parameters)}
    arrow = optional("pyarrow", "Parquet files", "data")
    return arrow.table(block.columns(), metadata={"boundcalc": json.dumps(about)})


def _write_parquet(tables: Iterable[Any], stream: BinaryIO) -> None:
    parquet = optional("pyarrow.parquet", "Parquet files", "data")
    with ExitStack() as stack:
        writer = None
        for table in tables:
            if writer is None:
                first = table.slice(0, _LOOKED_AT)
                # a dictionary of numbers that do not come again takes time and room
                again = [n for n in table.column_names if len(first[n].unique()) * 2 < len(first)]
                made = parquet.ParquetWriter(stream, table.schema, use_dictionary=again)
                writer = stack.enter_context(made)
            writer.write_table(table)


@typed
def write_sweep(
    path: str | Path,
    id: str,
    /,
    *,
    vary: Mapping[str, Any],
    variant: str | None = None,
    chunks: int = 1_000_000,
    workers: int = 1,
    scheduler: str | None = None,
    progress: Progress | None = None,
    **values: Any,
) -> None:
    """Write a sweep of any size to a file, one row a grid point; memory is needed for one block.

    Parameters
    ----------
    path : str or Path
        ``FILE.csv`` with all digits, or ``FILE.parquet``. It appears whole or not at all.
    id, vary, variant, progress, **values
        As for `sweep`.
    chunks : int
        Rows in a block.
    workers : int
        Processes that compute blocks, for Parquet: the rows are the same, in the same order.
    scheduler : str, optional
        Address of a Dask scheduler, on whose workers the blocks are computed.

    Raises
    ------
    MissingExtraError
        If pyarrow is needed and not installed, or Dask.
    InputError
        As `sweep`; also for another kind of file, and one that cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_sweep(
    ...         f"{folder}/hoeffding.parquet",
    ...         "holdout.hoeffding",
    ...         vary={"n": Range(100, 1e6, 300, log=True), "delta": Range(0.01, 0.1, 100)},
    ...         test_loss=0.1,
    ...         loss_bound=1,
    ...     )
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind not in (".csv", ".parquet"):
        raise InputError(f"{path}: a sweep is written to .csv or .parquet")
    asked = {"vary": vary, "variant": variant, "chunks": chunks, **values}
    with ExitStack() as stack:
        stream = stack.enter_context(whole_file(path))
        if workers > 1 or scheduler is not None:
            if kind == ".csv":
                raise InputError("only a Parquet file is written by several processes")
            _write_parquet(_tables(id, asked, workers, scheduler, progress, stack), stream)
            return
        blocks = sweep_blocks(id, progress=progress, **asked)
        if kind == ".parquet":
            _write_parquet(map(_arrow, blocks), stream)
        else:
            text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
            write_csv(blocks, text)
            text.detach()


def _tables(
    id: str,
    asked: dict[str, Any],
    workers: int,
    scheduler: str | None,
    progress: Progress | None,
    stack: ExitStack,
) -> Iterator[Any]:
    """The blocks in the grid's order from other processes; as many as are needed are on their
    way.
    """
    from boundcalc.worlds.simulate.repeat import client, result_of

    distributed = optional("distributed", "parallel sweeps", "parallel")
    whole, done = grid(asked["vary"]), 0
    next(sweep_blocks(id, **asked | {"chunks": 1}))  # what cannot be used is refused here
    parts = (
        asked | {"vary": dict(whole.part(block).axes)} for block in whole.blocks(asked["chunks"])
    )
    hands = stack.enter_context(client(distributed, workers, scheduler))
    most = 2 * sum(hands.ncores().values()) + 1
    waiting: deque[Any] = deque()
    for part in chain(parts, [None] * most):
        if part is not None:
            waiting.append(hands.submit(_block, id, part, pure=False))
        if waiting and (part is None or len(waiting) > most):
            table = result_of(waiting.popleft(), "sweep")
            done += table.num_rows
            if progress:
                progress(done, whole.size)
            yield table


def _block(id: str, asked: dict[str, Any]) -> Any:
    """One block, in another process."""
    return _arrow(sweep(id, **asked))
