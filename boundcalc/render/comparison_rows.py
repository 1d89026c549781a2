"""The rows of a comparison in one table, for CSV."""

from __future__ import annotations

from boundcalc.conventions import Side
from boundcalc.render.comparison import ABSENT, end
from boundcalc.render.document import Document, Table
from boundcalc.study.records import Comparison

_PLACES = 6


def rows_document(record: Comparison, *, alone: bool = True) -> Document:
    """All rows in one table, for CSV; a column says which loss, where there are two."""
    columns = ("more", "less", "method", "joint", "lower", "upper", "probability", "certified", "value")
    if record.training is not None:
        errors, ramp = (_cells(part, alone) for part in (record, record.training))
        both = [(*row, "zero-one") for row in errors] + [(*row, "ramp") for row in ramp]
        return (Table((*columns, "loss"), tuple(both)),)
    return (Table(columns, tuple(_cells(record, alone))),)


def _cells(record: Comparison, alone: bool) -> list[tuple[str, ...]]:
    rows = [
        (
            row.more.label,
            row.less.label,
            row.method,
            str(row.joint).lower(),
            end(row.lower, Side.LOWER, _PLACES),
            end(row.upper, Side.UPPER, _PLACES),
            repr(row.probability),
            row.certified or "",
            end(row.value, Side.UPPER, _PLACES),
        )
        for row in record.comparisons
        if row.joint or alone
    ]
    return [tuple("" if cell == ABSENT else cell for cell in row) for row in rows]
