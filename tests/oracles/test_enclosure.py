"""Limits that are defined by an equation are enclosed tightly, also where a bisection meets the root itself."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest

from boundcalc.numeric.evaluate import certified
from boundcalc.symbolic.functions import KLLower

HALVES = [
    ("upper", {"n": 1, "errors": 0, "delta": 0.5}, Fraction(1, 2)),
    ("lower", {"n": 1, "errors": 1, "delta": 0.5}, Fraction(1, 2)),
    ("upper", {"n": 2, "errors": 0, "delta": 0.25}, Fraction(1, 2)),
    ("lower", {"n": 3, "errors": 2, "delta": 0.5}, Fraction(1, 2)),
    ("upper", {"n": 1, "errors": 0, "delta": 0.25}, Fraction(3, 4)),
    ("lower", {"n": 2, "errors": 2, "delta": 0.0625}, Fraction(1, 4)),
]


@pytest.mark.parametrize(("variant", "numbers", "root"), HALVES)
def test_a_root_at_a_middle_is_enclosed(
    variant: str, numbers: dict[str, float], root: Fraction
) -> None:
    box = certified("holdout.clopper_pearson", variant=variant, **numbers)
    lower, upper = Fraction(box.lower), Fraction(box.upper)
    assert lower <= root <= upper
    assert upper - lower < Fraction(1, 10**12)


def test_a_root_next_to_one_is_enclosed() -> None:
    """1 − p ≈ e^(−170): no number of this precision lies between the limit and 1."""
    numbers = {"n": 1, "delta": 0.15007960086598962, "test_loss": 0.9888853053690824}
    box = certified("holdout.kl", variant="upper", **numbers)
    assert Fraction(box.lower) > 1 - Fraction(1, 10**12)
    assert Fraction(box.upper) == 1
    mirrored = certified(
        "holdout.kl", variant="lower", n=1, delta=0.15, test_loss=0.0111146946309176
    )
    assert Fraction(mirrored.lower) == 0
    assert Fraction(mirrored.upper) < Fraction(1, 10**12)


def test_a_root_too_near_zero_ends_in_an_interval() -> None:
    box = KLLower.enclose(mpmath.iv.mpf("1e-300"), mpmath.iv.mpf(5))
    assert box.a == 0
    assert 0 < box.b < 1e-60
