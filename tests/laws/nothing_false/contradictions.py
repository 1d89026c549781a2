"""A search for sums of facts in which every quantity cancels, by a linear program."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np
from calls import Call
from rational_intervals import Undefined
from scipy.optimize import linprog
from small_world import World
from sympy import Expr, S
from tables import Unknown

from boundcalc.conventions import Relation
from boundcalc.numeric.prove.pool import exact_multipliers
from boundcalc.symbolic.quantities import Quantity, coefficients

_SMALL = 1e-7


def contradiction(
    world: World, calls: Sequence[Call], random: Random
) -> list[tuple[Call, Expr]] | None:
    """Facts with exact multipliers whose sum is 0 ≤ −c, c > 0 in the world, if there are any."""
    rows, bounds, usable = _rows(world, calls, random.choice(list(world.outcomes)))
    if not usable:
        return None
    # multipliers y with Σ y row = 0 and Σ y bound = −1; of an equation, with both signs
    equal = [c.fact.relation is Relation.EQUAL for c in usable]
    signed = [(i, 1.0) for i in range(len(usable))] + [
        (i, -1.0) for i, both in enumerate(equal) if both
    ]
    columns = np.array([sign * np.append(rows[i], bounds[i]) for i, sign in signed]).T
    target = np.append(np.zeros(len(columns) - 1), -1.0)
    prices = [random.uniform(1, 2) for _ in signed]
    found = linprog(prices, A_eq=columns, b_eq=target, bounds=(0, None), method="highs-ds")
    if found.status != 0:
        return None
    support = [usable[i] for (i, _), y in zip(signed, found.x, strict=True) if y > _SMALL]
    return _exact(list({id(c): c for c in support}.values()))


def _rows(
    world: World, calls: Sequence[Call], outcome: int
) -> tuple[np.ndarray, list[float], list[Call]]:
    known: dict[Quantity, int] = {}
    usable, sparse, bounds = [], [], []
    for call in calls:
        row, rest = coefficients(S(call.fact.lhs) - S(call.fact.rhs))
        try:
            numbers = {q: float(world.at(c, outcome).low) for q, c in row.items()}
            bound = -float(world.at(rest, outcome).low)
        except (Unknown, Undefined):
            continue
        usable.append(call)
        sparse.append({known.setdefault(q, len(known)): v for q, v in numbers.items()})
        bounds.append(bound)
    rows = np.zeros((len(usable), len(known)))
    for i, entries in enumerate(sparse):
        for j, value in entries.items():
            rows[i, j] = value
    return rows, bounds, usable


def _exact(support: list[Call]) -> list[tuple[Call, Expr]] | None:
    first, *others = support
    claim = S(first.fact.rhs) - S(first.fact.lhs)
    found = exact_multipliers([c.fact for c in others], claim)
    if found is None:
        return None
    return [
        (first, S.One),
        *((c, times) for c, times in zip(others, found, strict=True) if times != 0),
    ]
