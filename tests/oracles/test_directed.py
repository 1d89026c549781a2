"""A logarithm whose argument is moved outward leaves what is made of it on the safe side."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from sympy import Expr, Integer, log, sqrt

from boundcalc.numeric.compile import enclosure, tape
from boundcalc.numeric.rounding import UNIT, rounded
from boundcalc.symbolic.parameters import symbol

m, delta, L = symbol("m"), symbol("delta"), symbol("lipschitz")
FORMS: list[Expr] = [
    log(1 / delta) / m,
    sqrt(log(2 / delta) / m),
    m / log(1 / delta),
    L / (1 + log(1 / delta)),
    -sqrt(log(1 / delta)) * L,
    -L / log(1 / delta),
    log(1 + log(1 / delta)),
    (log(1 / delta) / m) ** Integer(2),
    log(1 / delta) / log(2 * m + 1),
]
BOTH_WAYS: list[Expr] = [
    sqrt(log(1 / delta)) / (log(2 / delta) * sqrt(m)),
    log(1 / delta) * log(2 * m) / log(3 / delta),
]
"""Forms in which a larger ln(1/δ) makes one factor larger and another smaller."""
SIZES = [0.05, 0.5, 0.9, 1 - 1e-3, 1 - 1e-9, float(f"{1 - 3e-15:.16g}"), 1e-300]


@pytest.mark.parametrize("up", [True, False])
@pytest.mark.parametrize("form", FORMS + BOTH_WAYS, ids=str)
def test_results_are_outward_but_for_their_units(form: Expr, up: bool) -> None:
    made = tape(form)
    ways = made.ways(1, up)
    for size in SIZES:
        values = {"m": 17.0, "lipschitz": 0.3, "delta": size}
        (found,), (units,) = rounded(made, values, ways)
        assert isinstance(units, np.floating) is (form in BOTH_WAYS)  # else the same at all points
        written = {name: Fraction(repr(x)) for name, x in values.items()}
        box = enclosure(form, written, 40)
        result, far = Fraction(float(found)), abs(Fraction(float(found))) * (int(units) + 1)
        far *= Fraction(UNIT)
        slack, least = Fraction(1, 10**35), Fraction(1, 10**330)
        if up:
            assert result + far >= box.upper * (1 - slack) - least
        else:
            assert result - far <= box.lower * (1 + slack) + least
        row = values | {"delta": np.array([size, size])}
        (many,), (each,) = rounded(made, row, ways)
        assert many.tolist() == [found, found]
        assert np.ndim(each) == (form in BOTH_WAYS)
        assert np.all(each == units)


def test_what_goes_both_ways_is_not_moved() -> None:
    """One logarithm is written above and below a line, and what it does to the sum is not sure."""
    both = tape(log(1 / delta) + L / log(1 / delta))
    assert both.ways(1, True)[[name for name, *_ in both.operations].index("log")] == 0
    # and neither is what a result beyond the first ones depends on
    other = tape(log(1 / delta), log(1 / delta) / m)
    assert set(other.ways(1, True)) <= {0, 1}
    assert other.ways(1, True)[[name for name, *_ in other.operations].index("log")] == 0
