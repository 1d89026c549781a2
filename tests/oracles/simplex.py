"""A small exact simplex over fractions: the oracle for linear programs. Bland's rule, so it always ends."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

Vector = list[Fraction]


class Infeasible(Exception):
    """No point satisfies the rows."""


class Unbounded(Exception):
    """The objective has no maximum."""


def maximum(
    objective: Sequence[Fraction],
    rows: Sequence[Sequence[Fraction]],
    bounds: Sequence[Fraction],
    equal: Sequence[bool],
) -> Fraction:
    """max objective·x over free x with rows·x ≤ bounds, or = where `equal`."""
    signed: list[tuple[Vector, Fraction]] = []
    for row, bound, both in zip(rows, bounds, equal, strict=True):
        signed.append(([*row], bound))
        if both:
            signed.append(([-a for a in row], -bound))
    # x = u − v with u, v ≥ 0, one slack a row
    count, height = len(objective), len(signed)
    table = [
        [*row, *(-a for a in row), *(Fraction(i == j) for j in range(height)), bound]
        for i, (row, bound) in enumerate(signed)
    ]
    cost = [*objective, *(-c for c in objective), *([Fraction(0)] * height), Fraction(0)]
    basis = [2 * count + i for i in range(height)]
    _feasible(table, basis)
    for row, basic in zip(table, basis, strict=True):
        _eliminate(cost, row, basic)
    _pivot_until_optimal(table, basis, cost)
    return -cost[-1]


def _eliminate(target: Vector, row: Vector, column: int) -> None:
    factor = target[column]
    if factor:
        target[:] = [a - factor * b for a, b in zip(target, row, strict=True)]


def _pivot(table: list[Vector], basis: list[int], cost: Vector, i: int, j: int) -> None:
    pivot = table[i][j]
    table[i] = [a / pivot for a in table[i]]
    for k, row in enumerate(table):
        if k != i:
            _eliminate(row, table[i], j)
    _eliminate(cost, table[i], j)
    basis[i] = j


def _pivot_until_optimal(table: list[Vector], basis: list[int], cost: Vector) -> None:
    while True:
        enter = next((j for j, c in enumerate(cost[:-1]) if c > 0), None)
        if enter is None:
            return
        ratios = [
            (row[-1] / row[enter], basis[i], i) for i, row in enumerate(table) if row[enter] > 0
        ]
        if not ratios:
            raise Unbounded
        _pivot(table, basis, cost, min(ratios)[2], enter)


def _feasible(table: list[Vector], basis: list[int]) -> None:
    """Phase one: one artificial variable, which starts at the most violated row."""
    worst = min(range(len(table)), key=lambda i: table[i][-1], default=None)
    if worst is None or table[worst][-1] >= 0:
        return
    width = len(table[0]) - 1
    for row in table:
        row.insert(width, Fraction(-1))
    cost = [Fraction(0)] * (width + 2)
    cost[width] = Fraction(-1)
    _pivot(table, basis, cost, worst, width)
    _pivot_until_optimal(table, basis, cost)
    if cost[-1] != 0:
        raise Infeasible
    if width in basis:
        i = basis.index(width)
        j = next(j for j in range(width) if table[i][j] != 0)
        _pivot(table, basis, cost, i, j)
    for row in table:
        del row[width]
