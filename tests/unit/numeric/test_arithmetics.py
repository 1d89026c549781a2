"""One tape in three arithmetics: powers, dependence on an input, and floats next to exact ends."""

from __future__ import annotations

from fractions import Fraction
from math import inf, nextafter
from typing import Any

import numpy as np
import pytest
from sympy import Expr, Integer, Rational, exp, log, sqrt

from boundcalc.errors import InputError
from boundcalc.numeric.arithmetic import (
    EXACT,
    FLOATS,
    INTERVALS,
    enclosed_by,
    float_above,
    floats,
    function,
    moves,
    outer_end,
)
from boundcalc.numeric.compile import tape
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.precision import Box, ends, interval, working_digits

m, n, L, delta = (symbol(name) for name in ("m", "n", "lipschitz", "delta"))


@pytest.mark.parametrize("text", ["2", "1/2", "-1/2", "3/2", "-1", "5", "1/3", "-2/3", "0"])
def test_powers_in_every_arithmetic(text: str) -> None:
    power = Fraction(text)
    for base in (4.0, 0.3):
        with working_digits(30):
            low, high = ends(INTERVALS["pow"](text, interval(Fraction(base))))
        # x^(p/q) to the power q is x^p
        p, q = power.numerator, power.denominator
        exact = Fraction(base) ** p
        assert low**q <= exact <= high**q
        assert high - low <= Fraction(1, 10**25) * high
        assert FLOATS["pow"](text, np.float64(base)) == pytest.approx(float(high), rel=1e-15)
        if q == 1:
            assert EXACT["pow"](text, Fraction(base)) == exact
    assert FLOATS["pow"]("1/2", np.float64(2)) == np.sqrt(2)
    assert FLOATS["pow"]("2", np.float64(0.1)) == 0.1 * 0.1


def test_a_power_that_is_no_number() -> None:
    with working_digits(30):
        low, high = ends(INTERVALS["power"]("", interval(3), interval(Fraction(1, 3))))
    assert low**3 <= 3 <= high**3
    assert FLOATS["power"]("", 3.0, 2.0) == 9
    assert FLOATS["log1p"]("", 0.5) == np.log1p(0.5)
    assert FLOATS["ceiling"]("", 1.2) == 2
    with working_digits(30):
        assert ends(INTERVALS["pow"]("1/2", interval(0))) == (0, 0)
        low, high = map(float, ends(INTERVALS["log1p"]("", interval(Fraction(1, 2)))))
    assert low == high == np.log(1.5)


def test_numbers_in_every_arithmetic() -> None:
    assert FLOATS["number"]("pi") == np.pi
    assert FLOATS["number"]("1/3") == 1 / 3
    assert EXACT["number"]("1/3") == Fraction(1, 3)
    assert EXACT["input"](0.1) == Fraction(1, 10)
    with working_digits(30):
        for text, value in (("1/3", 1 / 3), ("pi", np.pi)):
            low, high = map(float, ends(INTERVALS["number"](text)))
            assert low == high == value


@pytest.mark.parametrize(
    ("form", "name", "values", "expected"),
    [
        (2 * L * n, "lipschitz", {"n": 0.0}, False),
        (2 * L * n, "lipschitz", {"n": 1.0}, True),
        (2 * L * n, "lipschitz", {}, True),
        (m / L, "lipschitz", {"m": 0.0}, False),
        (m / L, "lipschitz", {"m": 1.0}, True),
        (m / L, "m", {"lipschitz": 2.0}, True),
        (m ** (n - 1), "m", {"n": 1.0}, False),
        (m ** (n - 1), "m", {"n": 3.0}, True),
        (m + n * L, "lipschitz", {"m": 3.0, "n": 0.0}, False),
        (sqrt(n) * log(L), "lipschitz", {"n": 0.0}, False),
        (exp(n) * L, "n", {"lipschitz": 0.0}, False),
        (exp(n) * L, "m", {"lipschitz": 1.0}, False),
        (log(m / n), "n", {"m": 2.0}, True),
        (L * (m ** (n - 1) - 1), "lipschitz", {"n": 1.0}, False),
        (L * (m - n), "lipschitz", {"m": 2.0, "n": 2.0}, False),
    ],
)
def test_what_a_value_depends_on(
    form: Expr, name: str, values: dict[str, Any], expected: bool
) -> None:
    assert moves(tape(form), name, values) is expected


def test_the_least_float_that_is_not_below() -> None:
    third = Fraction(1, 3)
    for number in (third, -third, Fraction(1, 10), Fraction(1, 2), Fraction(0), 10**30 + 1):
        found = float_above(Fraction(number))
        assert Fraction(found) >= number > Fraction(nextafter(found, -inf))
    assert float_above(Fraction(1, 10**400)) == 5e-324
    assert float_above(Fraction(-1, 10**400)) == 0
    with pytest.raises(InputError, match="larger than any floating-point number"):
        float_above(Fraction(10) ** 400)
    with pytest.raises(InputError, match="larger than any floating-point number"):
        float_above(inf)
    box = Box(third, 2 * third)
    high = outer_end(box, True)
    assert Fraction(high) >= 2 * third > Fraction(nextafter(high, 0))
    low = outer_end(box, False)
    assert Fraction(low) <= third < Fraction(nextafter(low, 1))


def test_what_overflows_or_is_not_defined() -> None:
    assert floats(tape(exp(m)), {"m": 1e6}) == [inf]
    assert floats(tape(1 / n), {"n": 0.0}) == [inf]
    with pytest.raises(TypeError, match="not proved to be positive"):
        enclosed_by(tape(log(m - n)), {"m": Fraction(1), "n": Fraction(1)}, 20)
    with pytest.raises(TypeError, match="no enclosure of this formula"):
        enclosed_by(tape(1 / (m - n)), {"m": Fraction(1), "n": Fraction(1)}, 20)
    box = enclosed_by(tape(log(1 / delta) / m), {"m": Fraction(3), "delta": Fraction(1, 2)}, 30)
    doubled = Fraction("0.693147180559945309417232121458") / 3
    assert box.lower < doubled + Fraction(1, 10**28)
    assert box.upper > doubled
    assert box.width < Fraction(1, 10**28)
    with pytest.raises(TypeError, match="no function nothing"):
        function("nothing")


def test_exact_arithmetic_has_no_roots() -> None:
    made = tape((m + 1) * n / 3 + m ** Integer(-2))
    values = {"m": Fraction(2), "n": 0.1}
    assert made.run(values, EXACT) == [Fraction(1, 10) + Fraction(1, 4)]
    with pytest.raises((TypeError, ValueError)):
        tape(sqrt(m) * Rational(1, 2)).run({"m": Fraction(4)}, EXACT)
