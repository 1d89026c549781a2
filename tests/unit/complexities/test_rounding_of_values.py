"""Values of complexities are on the safe side: an upper bound is not below, a lower one not above."""

import math
import random
from fractions import Fraction

import mpmath as mp
import pytest

import boundcalc as bc

DRAW = random.Random(5)


def size(low=0.001, high=50.0):
    return round(DRAW.uniform(low, high), DRAW.randint(0, 6)) or 1.0


def decimal(x):
    """The decimal that was written."""
    exact = Fraction(repr(x)) if isinstance(x, float) else Fraction(x)
    return mp.mpf(exact.numerator) / exact.denominator


def numbers(*names):
    return {name: size() for name in names}


CASES = {
    "linear-l2": (
        lambda: numbers("norm", "radius"),
        lambda m, norm, radius: norm * radius / mp.sqrt(m),
    ),
    "finite": (
        lambda: {"size": DRAW.randint(1, 10**6), "bound": size()},
        lambda m, size, bound: bound * mp.sqrt(2 * mp.log(size) / m),
    ),
    "linear-l1": (
        lambda: {"features": DRAW.randint(1, 999), **numbers("norm", "radius")},
        lambda m, features, norm, radius: norm * radius * mp.sqrt(2 * mp.log(2 * features) / m),
    ),
    "network-frobenius": (
        lambda: {"norms": tuple(size() for _ in range(4)), "radius": size()},
        lambda m, norms, radius: (
            radius * (mp.sqrt(2 * mp.log(2) * 4) + 1) * mp.fprod(norms) / mp.sqrt(m)
        ),
    ),
    "kernel": (
        lambda: numbers("norm", "trace"),
        lambda m, norm, trace: norm * mp.sqrt(trace) / m,
    ),
}


@pytest.mark.parametrize("id", CASES)
def test_a_value_is_the_least_float_that_is_not_below(id):
    draw, exact = CASES[id]
    for _ in range(40):
        m, given = DRAW.randint(1, 10**6), draw()
        with mp.workdps(50):
            plain = {
                k: [decimal(x) for x in v] if isinstance(v, tuple) else decimal(v)
                for k, v in given.items()
            }
            true = exact(m, **plain)
            value = mp.mpf(bc.complexity(id, m=m, **given).value)
            assert true <= value <= true * (1 + mp.mpf(10) ** -14)


def test_the_lower_bound_is_not_above():
    for _ in range(40):
        m, norm, frobenius = DRAW.randint(1, 10**6), size(), size()
        found = bc.complexity("linear-l2", norm=norm, frobenius=frobenius, m=m)
        with mp.workdps(50):
            upper = decimal(norm) * decimal(frobenius) / m
            assert mp.mpf(found.lower) <= upper / mp.sqrt(2) <= upper <= mp.mpf(found.value)


def test_several_inputs_and_terms_are_rounded_up_too():
    for _ in range(40):
        radii, norm, m = tuple(size() for _ in range(3)), size(), DRAW.randint(1, 10**6)
        found = bc.complexity("linear-l2", norm=norm, radii=radii, m=m)
        with mp.workdps(50):
            true = decimal(norm) * mp.sqrt(sum(decimal(x) ** 2 for x in radii) / m)
            assert true <= mp.mpf(found.value) <= true * (1 + mp.mpf(10) ** -14)
            assert mp.mpf(found.intrinsic) >= true**2 * m


def test_what_is_exact_stays_exact():
    assert bc.complexity("linear-l2", norm=2, radius=1, m=100).value == 0.2
    assert bc.complexity("linear-l2", norm=1, radii=(3, 4), m=25).value == 1.0
    assert bc.complexity("linear-l2", norm=2, radius=1, m=100).intrinsic == 4.0
    assert "≤ 0.200000." in bc.complexity("linear-l2", norm=2, radius=1, m=100).status


def test_a_lower_bound_is_rounded_down_and_an_upper_one_up() -> None:
    """3/7 and 3/(7√2): B‖X‖_F/m is from above, and by the best constant 1/√2 of it from below."""
    found = bc.complexity("linear-l2", form="data", norm=1, frobenius=3, m=7)
    above, below = math.nextafter(found.value, 0), math.nextafter(found.lower, 1)
    assert Fraction(above) < Fraction(3, 7) <= Fraction(found.value)
    assert Fraction(found.lower) ** 2 <= Fraction(9, 98) < Fraction(below) ** 2


@pytest.mark.parametrize(("share", "vacuous"), [(1, True), (1 - 1e-9, False), (1 + 1e-9, True)])
def test_what_is_as_large_as_functions_can_be_says_nothing(share: float, vacuous: bool) -> None:
    """b√(2 ln(N)/m) is b for N = e^(m/2), here to 17 digits."""
    size = math.floor(share * math.exp(35))
    found = bc.complexity("finite", size=size, bound=0.3, m=70)
    assert found.value == pytest.approx(0.3, rel=1e-9)
    assert found.vacuous is vacuous
