"""Rates of convergence and growth as documents."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from sympy import Expr

from boundcalc.render.document import (
    Block,
    Cell,
    Document,
    Formula,
    Heading,
    Table,
    Text,
    small_print,
)
from boundcalc.symbolic.analysis.orders import Order, Rate, limit_latex, limit_text
from boundcalc.symbolic.analysis.rates import Rates

_LEADING = (
    "Leading order: of what is left when the limit is subtracted; of the value itself where the "
    "limit is ∞. Read off the formula that is evaluated; complexities are taken to be positive."
)


def rates_document(result: Rates) -> Document:
    """One table for each way in which the samples may grow."""
    blocks: list[Block] = [
        Heading(f"{result.id} ({result.variant}): {result.statement}"),
        *small_print(result.caveats),
    ]
    if not result.rates:
        blocks.append(Text("Neither m nor n enters this form, so there is no rate."))
        return tuple(blocks)
    for (size, setting), group in groupby(result.rates, key=lambda rate: (rate.size, rate.setting)):
        blocks += _setting(size, setting, list(group))
    return (
        *blocks,
        *small_print(_LEADING, *(f"{glyph}: {said}." for glyph, said in result.definitions)),
    )


def _setting(size: str, setting: str, rates: list[Rate]) -> Iterator[Block]:
    caption = f"{size} → ∞, {f'with {setting}' if setting else 'the rest fixed'}"
    known = [rate for rate in rates if rate.limit is not None]
    if known and max(len(rate.terms) for rate in known) == 1:
        yield _cases(caption, known)
    else:
        for rate in known:
            yield _terms(", ".join((caption, *rate.case)), rate)
    for rate in rates:
        if rate.limit is None:
            yield Text(f"{', '.join((caption, *rate.case))}: {rate.note}.")


def _cases(caption: str, rates: list[Rate]) -> Table:
    """Bounds of one term: a row for each case."""
    if len(rates) == 1 and not rates[0].case:
        alone = (_cells(rates[0].limit, rates[0].order),)
        return Table(("limit", "leading order"), alone, caption=caption)
    rows = tuple((", ".join(rate.case), *_cells(rate.limit, rate.order)) for rate in rates)
    return Table(("case", "limit", "leading order"), rows, "L", caption)


def _terms(caption: str, rate: Rate) -> Table:
    """A row for each term, those that decide marked, and one for the sum."""
    rows = [
        (t.name, *_cells(t.limit, t.order), "decides" if t.name in rate.deciding else "")
        for t in rate.terms
    ]
    rows.append(("all terms", *_cells(rate.limit, rate.order), ""))
    return Table(("term", "limit", "leading order", ""), tuple(rows), "L", caption)


def _cells(value: Expr | None, order: Order | None) -> tuple[Cell, Cell]:
    left: Cell = Formula(order.text, order.latex) if order else "0"
    return Formula(limit_text(value), limit_latex(value)), left


def rates_rows(result: Rates) -> Table:
    """One row a term and a case, for CSV."""
    rows = tuple(
        (rate.size, rate.setting, ", ".join(rate.case), *named)
        for rate in result.rates
        for named in _parts(rate)
    )
    columns = ("size", "setting", "case", "term", "limit", "leading_order", "note")
    return Table(columns, rows)


def _parts(rate: Rate) -> Iterator[tuple[str, ...]]:
    for name, value, order in (
        *((t.name, t.limit, t.order) for t in rate.terms),
        ("all terms", rate.limit, rate.order),
    ):
        shown = "" if value is None else limit_text(value)
        yield name, shown, order.text if order else "", rate.note
