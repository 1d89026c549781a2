"""Random fact sets: the bound that is proved is the exact optimum, and every certificate checks."""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction

import pytest
from simplex import Infeasible, Unbounded, maximum
from sympy import Rational, S

from boundcalc.conventions import Relation
from boundcalc.errors import ContradictionError, UnboundedError
from boundcalc.numeric.prove.best_bound import best_bound
from boundcalc.numeric.prove.pool import Entry, FactRow, exact_multipliers, pool_of
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.quantities import named

X = [named("own", f"x{i}", f"x_{i}", i) for i in range(4)]


def number(draw: random.Random) -> Fraction:
    return Fraction(draw.randint(-4, 4), draw.choice([1, 1, 1, 2, 3, 10]))


def problem(seed: int) -> tuple[list[Fraction], list[list[Fraction]], list[Fraction], list[bool]]:
    """Few quantities, few facts, many zeros and ties: degenerate on purpose."""
    draw = random.Random(seed)
    width, height = draw.randint(1, 4), draw.randint(1, 8)
    rows = [
        [number(draw) if draw.random() < 0.6 else Fraction(0) for _ in range(width)]
        for _ in range(height)
    ]
    rows = [row for row in rows if any(row)] or [[Fraction(1)] * width]
    if draw.random() < 0.7:  # a box, so that most problems have an optimum
        for i in range(width):
            unit = [Fraction(i == j) for j in range(width)]
            rows += [unit, [-a for a in unit]]
    bounds = [
        abs(number(draw)) + draw.choice([0, 1]) if draw.random() < 0.8 else number(draw)
        for _ in rows
    ]
    equal = [draw.random() < 0.1 for _ in rows]
    objective = [number(draw) for _ in range(width)]
    return objective if any(objective) else [Fraction(1)] * width, rows, bounds, equal


def rational(value: Fraction) -> Rational:
    return Rational(value.numerator, value.denominator)


def line(row: list[Fraction], bound: Fraction, equal: bool) -> FactRow:
    lhs = sum((rational(a) * x for a, x in zip(row, X, strict=False)), S.Zero)
    fact = Fact(
        "random", lhs, Relation.EQUAL if equal else Relation.AT_MOST, rational(bound), "fact"
    )
    numbers = {x: a for a, x in zip(row, X, strict=False) if a}
    return FactRow(numbers, bound, equal, Entry(lambda: fact, lambda: "random"))


def exact(seed: int) -> Fraction | str:
    try:
        return maximum(*problem(seed))
    except Infeasible:
        return "contradictory"
    except Unbounded:
        return "unbounded"


def proved(seed: int) -> Fraction | str:
    objective, rows, bounds, equal = problem(seed)
    # a quantity of which no fact speaks is bounded by none
    free = [i for i, c in enumerate(objective) if c and not any(row[i] for row in rows)]
    pool = pool_of([line(*fact) for fact in zip(rows, bounds, equal, strict=True)])
    claim = sum(
        (
            rational(c) * x
            for i, (c, x) in enumerate(zip(objective, X, strict=False))
            if i not in free
        ),
        S.Zero,
    )
    try:
        certificate = best_bound(claim, pool)
    except ContradictionError:
        return "contradictory"
    except UnboundedError:
        return "unbounded"
    # the kernel has checked it already: what is not accepted is not returned
    assert certificate.exact is not None
    assert Fraction(certificate.value) >= certificate.exact
    return "unbounded" if free else certificate.exact


def test_equations_that_contradict_each_other_have_no_multipliers() -> None:
    """2x ≤ 1 gives nothing on x + y, nor do two facts that leave y over."""
    facts = [
        line([Fraction(2)], Fraction(1), False).entry.fact(),
        line([Fraction(1)] * 3, Fraction(1), True).entry.fact(),
    ]
    assert exact_multipliers(facts[:1], X[0] + X[1]) is None
    assert exact_multipliers(facts, X[0] + X[1]) is None
    assert exact_multipliers(facts, X[0] - X[1] - X[2]) == [S.One, -S.One]


@pytest.mark.parametrize("block", range(10))
def test_the_optimum_is_the_exact_one(block: int) -> None:
    outcomes = Counter()
    for seed in range(100 * block, 100 * block + 100):
        expected = exact(seed)
        assert proved(seed) == expected, seed
        outcomes[expected if isinstance(expected, str) else "optimum"] += 1
    # every kind of outcome is met, and optima most often
    assert outcomes["optimum"] > 30
    assert outcomes["contradictory"] > 3
    assert outcomes["unbounded"] > 3
