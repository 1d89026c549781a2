"""What is printed is on the safe side of what was computed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundcalc.text import lower, number, significant, upper

FINITE = st.floats(-1e6, 1e6, allow_nan=False)


def read(text: str) -> Decimal:
    return Decimal(text.replace("−", "-"))


@given(FINITE, st.integers(0, 9))
def test_limits_are_rounded_outwards_by_less_than_a_unit(value: float, places: int) -> None:
    unit = Decimal(1).scaleb(-places)
    slack = Decimal("1e-13") * max(1, abs(Decimal(value)))
    assert (
        0
        <= read(upper(value, places)) - Decimal(value) + Decimal("1e-15") * abs(Decimal(value))
        <= unit + 2 * slack
    )
    assert (
        0
        <= Decimal(value) - read(lower(value, places)) + Decimal("1e-15") * abs(Decimal(value))
        <= unit + 2 * slack
    )


def test_a_computed_value_just_below_a_printed_digit_is_moved_over_it() -> None:
    """0.1 + 0.2 differs from 0.3 in the last bit: an upper limit must not be printed as less than it."""
    assert upper(0.30000000000000004, 3) == "0.301"
    assert upper(0.3, 3) == lower(0.3, 3) == "0.300"
    assert upper(0.29999999999999993, 3) == "0.301"
    assert lower(0.30000000000000004, 3) == "0.299"


@pytest.mark.parametrize(
    ("value", "up", "text"),
    [
        (0.04468941447, True, "0.0446895"),
        (-0.15869509, True, "−0.158695"),
        (-0.15869509, False, "−0.158696"),
        (0.0, True, "0"),
    ],
)
def test_significant_digits(value: float, up: bool, text: str) -> None:
    assert significant(value, up=up) == text


@pytest.mark.parametrize("value", [1e-30, 5e-324, 1.7e308, -3e-200])
def test_extreme_limits_are_printed_and_on_the_safe_side(value: float) -> None:
    high, low = read(significant(value, up=True)), read(significant(value, up=False))
    # the decimal that the float is meant to be counts as the float itself
    assert float(low) <= value <= float(high)
    assert high - low <= Decimal("3e-5") * abs(Decimal(value))


def test_numbers_that_are_no_limits() -> None:
    assert number(-0.2) == "−0.2"
    assert number(13200.0) == "13200"
    assert number(1 / 3) == "0.333333"
