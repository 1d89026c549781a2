"""Rounding errors of single operations, between what is proved by hand and one unit more."""

from __future__ import annotations

from fractions import Fraction
from math import log1p, nextafter
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from mpmath import mp
from sympy import Expr, exp, log, sqrt

from boundcalc.conventions import Side
from boundcalc.numeric import rounding
from boundcalc.numeric.compile import tape
from boundcalc.numeric.rounding import (
    ELEMENTARY,
    SPARE,
    UNIT,
    Errors,
    away,
    exact_float,
    multiple_error,
    outer_sum,
    total,
)
from boundcalc.symbolic.functions import KLLower, KLUpper
from boundcalc.symbolic.parameters import symbol

U = Fraction(1, 2**53)
L, m = symbol("lipschitz"), symbol("m")


def at(*places: tuple[float, float]) -> Errors:
    """Values and how many units each is off, in the middle of a tape."""
    errors = Errors({}, ())
    errors.values = [np.float64(value) for value, _ in places]
    errors.units = [units for _, units in places]
    return errors


def test_the_unit_is_half_the_distance_of_two_floats_at_1() -> None:
    assert nextafter(1.0, 2.0) - 1 == 2 * UNIT
    assert ELEMENTARY >= 8  # NumPy promises 4 units in the last place
    assert SPARE >= 2


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        *(("0", True), ("1", True), ("-3/8", True), ("9007199254740991", True), ("1/1024", True)),
        *(("1/3", False), ("1/10", False), ("9007199254740993", False), ("pi", False)),
        *(("-9007199254740993", False), ("7/12", False)),
    ],
)
def test_numbers_that_are_floats(text: str, exact: bool) -> None:
    assert exact_float(text) is exact
    assert at().number(0, text, []) == (0 if exact else 1)
    if text != "pi":
        assert not exact or Fraction(float(Fraction(text))) == Fraction(text)


def test_sums_of_one_sign() -> None:
    """Each addition is off by a unit of its result, which is no larger than the sum."""
    errors = at((1.0, 3.0), (2.0, 5.0), (4.0, 0.0))
    assert 5 + 2 <= errors.sum(7.0, "", [0, 1, 2]) <= 5 + 3
    many = at((1.0, np.array([1.0, 9.0])), (2.0, 5.0))  # type: ignore[arg-type]
    assert np.all(many.sum(3.0, "", [0, 1]) == [5 + 2, 9 + 2])


def test_sums_that_cancel() -> None:
    """By the sizes of the terms: each with its own error and those of the additions."""
    errors = at((8.0, 3.0), (-7.0, 5.0))
    own, sizes = 8 * 3 + 7 * 5, 8 + 7
    found = errors.add(1.0, "", [0, 1]) * 1.0
    assert own + sizes <= found <= own + 2 * sizes
    assert errors.absolute[2] == found
    assert errors.add(0.5, "", [0, 1]) == 2 * found
    errors.values.append(np.float64(-1e-9))
    errors.units.append(1.0)
    assert errors.spread(2) == found  # its absolute error, whatever is left of the value
    assert errors.spread(1) == 7 * 5


@pytest.mark.parametrize(
    ("values", "largest", "smallest"),
    [
        ((2.0, 5.0), 5 * 30, 2 * 30),  # of one sign: as a share
        ((-2.0, -5.0), 2 * 30, 5 * 30),
        ((0.0, 5.0), 5 * 30, 0),
        ((-5.0, 0.0), 0, 5 * 30),
        ((-1.0, 5.0), 50, 50),  # else what moves most
        ((5.0, -4.0), 120, 120),
        ((-5.0, 0.5), 50, 50),
        ((-0.5, 5.0), 150, 150),
    ],
)
def test_extremes_are_off_by_what_moves_most(
    values: tuple[float, float], largest: float, smallest: float
) -> None:
    for name, expected in (("largest", largest), ("smallest", smallest)):
        errors = at((values[0], 10.0), (values[1], 30.0))
        value = max(values) if name == "largest" else min(values)
        with np.errstate(all="ignore"):
            found = getattr(errors, name)(np.float64(value), "", [0, 1])
        if values[0] * values[1] < 0:
            expected = max(abs(values[0]) * 10, abs(values[1]) * 30)
        assert errors.absolute[2] == expected
        assert found == expected / abs(value) if value else np.isnan(found)


def test_products_quotients_and_powers() -> None:
    errors = at((3.0, 4.0), (5.0, 6.0), (7.0, 1.0))
    assert 11 + 2 <= errors.mul(105.0, "", [0, 1, 2]) <= 11 + 3
    assert 10 + 1 <= errors.div(0.6, "", [0, 1]) <= 10 + 2
    for text, power in (("2", 2), ("1/2", 0.5)):
        assert 4 * power + 1 <= errors.pow(9.0, text, [0]) <= 4 * power + 2
    for text, power in (("-1", 1), ("3/2", 1.5), ("-5", 5), ("1/3", 1 / 3)):
        assert errors.pow(9.0, text, [0]) == pytest.approx(4 * power + ELEMENTARY)
    # x^y: |y| times the error of x, |ln x| times that of y
    assert errors.power(0.0, "", [0, 1]) == pytest.approx(
        5 * 4 + float(np.log(3)) * 30 + ELEMENTARY
    )


def test_elementary_functions() -> None:
    errors = at((3.0, 4.0), (-0.25, 6.0))
    assert errors.exp(0.0, "", [0]) == 12 + ELEMENTARY
    value = np.log(3.0)
    assert errors.log(value, "", [0]) == pytest.approx(4 / value + ELEMENTARY)
    assert errors.absolute[2] == pytest.approx(4 + ELEMENTARY * value)
    for x, place in ((3.0, 0), (-0.25, 1)):
        known = errors.units[place] * abs(x / ((1 + x) * log1p(x))) + ELEMENTARY
        assert errors.log1p(np.float64(log1p(x)), "", [place]) == pytest.approx(known)
    assert np.isnan(errors.ceiling(3.0, "", [0]))


def test_the_steps_of_a_tape() -> None:
    errors = Errors({"m": 4.0, "delta": 0.1}, (0, 0, 1, -1, 1, -1))
    errors.take("input", "m", [])
    errors.take("input", "delta", [])
    assert errors.values == [4.0, 0.1]
    assert errors.units == [1.0, 1.0]
    # a logarithm that moves a result one way: of an argument that is moved that way
    for text, place, way in (("+", 0, 1), ("+", 0, -1), ("-", 1, 1), ("-", 1, -1)):
        errors.take("log", text, [place])
        moved = Fraction(float(np.exp(np.longdouble(errors.values[-1]))))
        value = Fraction(float(errors.values[place]))
        assert (moved > value) is (way > 0)
        expected = np.log(float(value) * (1 + way * (1 + SPARE) * UNIT))
        assert errors.values[-1] == pytest.approx(float(expected), rel=4e-16, abs=0)
        assert errors.units[-1] == ELEMENTARY
    errors.take("log", "", [0])
    assert errors.values[-1] == np.log(4.0)
    assert errors.units[-1] > ELEMENTARY


@pytest.mark.parametrize(
    ("text", "way", "value", "expected"),
    [
        ("+", -1, 1.0, 0.0),  # ln(1 − …) would be below the 0 that it cannot be below
        ("-", 1, 1.0, 0.0),
        ("+", 1, 1.0, 5 * UNIT),
        ("-", -1, 1.0, -5 * UNIT),
    ],
)
def test_a_moved_logarithm_stays_on_its_side_of_0(
    text: str, way: int, value: float, expected: float
) -> None:
    errors = Errors({"m": value}, (0, way))
    errors.take("input", "m", [])
    errors.take("log", text, [0])
    assert errors.values[1] == pytest.approx(expected, abs=1.5 * UNIT)


def test_arguments_of_limits_are_moved_outward() -> None:
    errors = at((0.25, 4.0), (-0.5, 2.0))
    for way in (1, -1):
        for place, value, units in ((0, 0.25, 4), (1, 0.5, 2)):
            moved = Fraction(float(errors.moved(place, way))) - Fraction(
                float(errors.values[place])
            )
            assert moved * way == Fraction(value) * (units + SPARE) * U
    assert errors.moved(0, 0) == 0.25
    called = Errors({"q": 0.25, "c": 0.5}, ())
    for name in ("q", "c"):
        called.values.append(called.inputs[name])
        called.units.append(3.0)
    plain = rounding.function("KLLower")
    called.take("call", "KLLower", [0, 1])
    assert called.units[-1] is np.nan or np.isnan(called.units[-1])
    assert called.values[-1] == plain(0.25 * (1 - 7 * UNIT), 0.5 * (1 + 7 * UNIT))
    called.take("call", "LogEntropyMoment", [0])
    assert 500 <= called.units[-1] <= 600


def test_multiples_of_a_limit() -> None:
    assert [multiple_error(text) for text in ("1", "2", "1/4", "-8")[:3]] == [0, 0, 0]
    assert multiple_error("3") >= 1
    assert multiple_error("1/3") >= 2


@pytest.mark.parametrize("up", [True, False])
def test_moved_floats_are_as_far_as_was_said(up: bool) -> None:
    way = 1 if up else -1
    for value in (3.0, -0.7, 1e300, 1e-300):
        for units in (4.0, 100.0, 2.0**20):
            moved = (Fraction(float(away(value, units, up))) - Fraction(value)) * way
            least = abs(Fraction(value)) * Fraction(units) * U
            ulp = Fraction(float(np.spacing(abs(value))))
            assert least - ulp / 2 <= moved <= least * Fraction("1.002") + ulp
            if units > 10**6:
                assert moved > least
    assert away(0.0, 9.0, up) == 0
    assert away(np.array([1.0, 2.0]), 8.0, up).shape == (2,)


def test_a_sum_to_the_nearest_float() -> None:
    """To a unit of what was lost, as sums of fractions show."""
    rng = np.random.default_rng(2)
    for _ in range(200):
        terms = (rng.choice([-1, 1], 5) * 10 ** rng.uniform(-8, 8, 5)).tolist()
        true = sum(map(Fraction, terms))
        error = abs(Fraction(float(total(terms))) - true)
        assert error <= abs(true) * U * Fraction("1.01") + max(map(abs, terms)) * Fraction(
            1, 2**100
        )
    assert total([1.0, 1e100, 1.0, -1e100]) == 2
    assert total([0.1, 0.2]) == pytest.approx(0.3)
    assert total([7.0]) == 7


@pytest.mark.parametrize("up", [True, False])
def test_sums_are_moved_by_what_their_terms_and_additions_can_be_off(up: bool) -> None:
    """Of fractions: beyond the worst terms, and by little."""
    rng = np.random.default_rng(5)
    way = 1 if up else -1
    for positive in (True, False):
        for count in (1, 2, 3, 6):
            for _ in range(20):
                terms = 10 ** rng.uniform(-3, 3, count)
                if not positive:
                    terms *= rng.choice([-1, 1], count)
                known = [positive or (x > 0 and bool(rng.integers(2))) for x in terms]
                units = rng.integers(0, 2 ** rng.integers(1, 30), count).astype(float)
                units += SPARE
                found = Fraction(
                    float(outer_sum(list(map(np.float64, terms)), list(units), known, up))
                )
                units -= SPARE  # which have room for the last step
                fractions = [Fraction(float(x)) for x in terms]
                worst = sum(
                    x + way * abs(x) * int(e) * U for x, e in zip(fractions, units, strict=True)
                )
                size = sum(map(abs, fractions))
                assert (found - worst) * way >= 0
                if all(known):
                    far = size * (max(map(int, units)) + SPARE + count + 2) * U
                else:
                    far = sum(abs(x) * int(e) for x, e in zip(fractions, units, strict=True)) * U
                    far += size * (SPARE + 2 * count + 2) * U
                assert (found - sum(fractions)) * way <= far * Fraction("1.0011")


def test_terms_that_cannot_be_off_are_left_as_they_are() -> None:
    assert outer_sum([np.float64(0.3)], [0], [False], True) == 0.3
    assert outer_sum([np.float64(np.inf)], [0], [False], True) == np.inf
    assert outer_sum([np.float64(0.3)], [4.0], [True], True) > 0.3
    assert outer_sum([np.float64(0.0), np.float64(0.0)], [4.0, 4.0], [False, True], True) == 0
    # a 0 that only underflowed is not nothing
    for other in (0.0, 0.5):
        values = [np.float64(0.3), np.float64(other)]
        for units in ([4.0, np.nan], [np.nan, 4.0]):
            for positive in (True, False):
                assert np.isnan(outer_sum(values, units, [positive] * 2, True))
    # the error of a 0 counts for nothing beside another term
    alone = outer_sum([np.float64(0.3), np.float64(0.0)], [4.0, 2.0**30], [True, True], True)
    assert alone < 0.3 * (1 + 1e-14)
    both = outer_sum([np.float64(-0.3), np.float64(0.0)], [4.0, 2.0**30], [False, False], True)
    assert abs(both + 0.3) < 1e-14


@pytest.mark.parametrize("positive", [True, False])
def test_a_sum_is_written_into_an_array_that_is_given(positive: bool) -> None:
    terms: list[Any] = [np.array([0.1, 0.2]), np.array([3.0, 4.0])]
    out = np.empty(2)
    found = outer_sum(terms, [4.0, np.array([4.0, 9.0])], [positive, positive], True, out)
    assert found is out
    for i in range(2):
        units = [4.0, [4.0, 9.0][i]]
        alone = outer_sum([t[i] for t in terms], units, [positive, positive], True)
        assert out[i] == alone
    zero = outer_sum([np.array([0.1, 0.2])], [0], [positive], False, out)
    assert zero is out
    assert out.tolist() == [0.1, 0.2]


def variant(*forms: Expr) -> Any:
    """What is looked at of a compiled variant: its terms, and a tape of them."""
    return SimpleNamespace(formula=tape(*forms, sum(forms[1:], forms[0])), terms=forms)


@pytest.mark.parametrize("up", [True, False])
def test_a_term_of_which_nothing_is_known_is_enclosed(up: bool) -> None:
    """A root that underflows on the way, by fractions; what is known stays as it is."""
    way = 1 if up else -1
    form = tape(sqrt(L**2 / m))
    numbers = {"lipschitz": 1e-170, "m": 3.0}
    found = rounding._enclosed(form, numbers, np.float64(np.nan), up)
    square, true = Fraction(float(found)) ** 2, Fraction("1e-170") ** 2 / 3
    assert 0 < (square / true - 1) * way < 30 * U
    assert rounding._enclosed(form, numbers, np.float64(7.0), up) == 7
    assert rounding._enclosed(form, numbers, np.float64(np.inf), up) == found
    many = {"lipschitz": np.array([1e-170, 2.0, 0.0]), "m": np.float64(3.0)}
    several = rounding._enclosed(form, many, np.array([np.nan, 5.0, np.nan]), up)
    assert several.tolist() == [found, 5.0, 0.0]
    denormal = rounding._enclosed(form, {"lipschitz": 3e-321, "m": 3.0}, np.float64(np.nan), up)
    assert (Fraction(float(denormal)) ** 2 - Fraction("3e-321") ** 2 / 3) * way > 0
    # what has no enclosure stays unknown
    assert np.isnan(rounding._enclosed(tape(log(m - 3)), {"m": 3.0}, np.float64(np.nan), up))
    with pytest.raises(FloatingPointError):
        rounding._enclosed(tape(exp(m)), {"m": 1_000.0}, np.float64(np.inf), up)


def test_limits_have_no_error_of_their_own_on_their_own_side() -> None:
    upper = KLUpper(L, m)
    alone, beside = variant(upper), variant(3 * upper, L)
    assert rounding._error(alone, 0, np.nan, True) == 0
    assert rounding._error(beside, 0, np.nan, True) == multiple_error("3") + SPARE
    assert np.isnan(rounding._error(alone, 0, np.nan, False))
    assert rounding._error(beside, 1, 7.0, True) == 7 + SPARE
    lower = variant(KLLower(L, m))
    assert rounding._error(lower, 0, np.nan, False) == 0
    assert np.isnan(rounding._error(lower, 0, np.nan, True))


def test_signs_of_terms() -> None:
    """A Lipschitz constant is at least 0, a gap may be anything, and so is the sum of both."""
    assert rounding._positive(variant(L, symbol("gamma"))) == [True, False]
    assert rounding._positive(variant(-L)) == [False]


@pytest.mark.parametrize("up", [True, False])
def test_what_floats_do_not_know_is_repaired(up: bool) -> None:
    way = 1 if up else -1
    asked = variant(sqrt(L**2 / m), symbol("gamma"))
    numbers = {"lipschitz": 1e-170, "m": 3.0, "gamma": 2e-171}
    unknown = rounding.Values([np.float64(np.nan)] * 2, np.float64(np.nan), np.nan)
    found = rounding._repaired(asked, numbers, unknown, up)
    with mp.workdps(40):
        true = mp.sqrt(mp.mpf("1e-340") / 3) + mp.mpf("2e-171")
        off = (mp.mpf(float(found.value)) - true) / true * way
        assert 0 < off < 40 * UNIT
    assert found.value > sum(found.terms) if up else found.value < sum(found.terms)
    known = unknown._replace(value=np.float64(0.25))
    assert rounding._repaired(asked, numbers, known, up).value == 0.25
    nothing = rounding._repaired(asked, {**numbers, "lipschitz": 0.0, "gamma": 0.0}, unknown, up)
    assert nothing.value == 0
    one = rounding._repaired(
        variant(sqrt(L**2 / m)), numbers, unknown._replace(terms=[np.float64(np.nan)]), up
    )
    assert one.value == one.terms[0]


@pytest.mark.parametrize("up", [True, False])
def test_every_addition_counts_for_one_unit(up: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a unit beside which the roundings of this computer are nothing."""
    unit = 2.0**-20
    monkeypatch.setattr(rounding, "UNIT", unit)
    way = 1.001 * unit * (1 if up else -1)
    terms, units = [np.float64(x) for x in (3.0, 0.5, 7.0, 1.25)], [5.0, 9.0, 4.0, 6.0]
    for count in (1, 2, 4):
        some, off = terms[:count], units[:count]
        together = sum(some) * (1 + (max(off) + count - 1) * way)
        assert outer_sum(some, off, [True] * count, up) == pytest.approx(together, rel=1e-12)
        each = sum(x * (1 + (e + count - 1) * way) for x, e in zip(some, off, strict=True))
        assert outer_sum(some, off, [False] * count, up) == pytest.approx(each, rel=1e-12)
        below = sum(x * (1 - (e + count - 1) * way) for x, e in zip(some, off, strict=True))
        found = outer_sum([-x for x in some], off, [False] * count, up)
        assert found == pytest.approx(-below, rel=1e-12)
    rows = np.array([3.0, 4.0])
    found = outer_sum([rows], [np.array([0.0, 5.0])], [True], up)
    assert found == pytest.approx(rows * (1 + np.array([0, 5]) * way), rel=1e-12)


def test_of_what_underflowed_nothing_is_known() -> None:
    asked = variant(L / m, symbol("gamma"))
    asked.side = Side.UPPER
    numbers = {"lipschitz": 1.0, "m": 3.0, "gamma": 0.5}
    found = rounding._floats(asked, numbers, True)
    assert found is not None
    assert 0 < found.value - (1 / 3 + 0.5) < 1e-14
    assert [abs(a - b) < 1e-14 for a, b in zip(found.terms, (1 / 3, 0.5), strict=True)] == [
        True
    ] * 2
    nothing = rounding._floats(asked, numbers, True, under="ignore", over="ignore")
    assert nothing is not None
    assert np.isnan(nothing.value)
    tiny = {**numbers, "lipschitz": 1e-320}
    assert rounding._floats(asked, tiny, True) is None
    nearest = rounding._floats(asked, numbers, None)
    assert nearest is not None
    assert nearest.value == 1 / 3 + 0.5


def test_arguments_of_other_functions_stay_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounding, "function", lambda name: lambda x: x)
    errors = at((0.3, 4.0))
    assert errors.value(1, "call", "LogEntropyMoment", [0]) == 0.3


def test_what_was_given_is_shown_as_it_was_written() -> None:
    asked = variant(L / m, symbol("gamma"))
    numbers = {"lipschitz": 1.0, "m": 3.0, "gamma": 0.5}
    moved = rounding.Values([np.float64(9.0)] * 2, np.float64(18.0), np.nan)
    assert rounding._as_given(asked, numbers, moved).terms == [9.0, 0.5]


def test_the_probability_of_failure_and_what_is_trivial_come_last() -> None:
    asked = SimpleNamespace(formula=tape(L / m, symbol("delta"), L), terms=[L / m], side=Side.UPPER)
    numbers = {"lipschitz": 1.0, "m": 4.0, "delta": 0.05}
    found = rounding._floats(asked, numbers, None)  # type: ignore[arg-type]
    assert found is not None
    assert (found.value, found.trivial) == (0.25, 1.0)
    assert np.isnan(rounding._floats(variant_of(L / m), numbers, None).trivial)  # type: ignore[union-attr]


def variant_of(form: Expr) -> Any:
    """One term, and nothing beyond its failure."""
    return SimpleNamespace(formula=tape(form, symbol("delta")), terms=[form], side=Side.UPPER)
