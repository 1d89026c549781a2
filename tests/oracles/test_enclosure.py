"""Limits that are defined by an equation are enclosed tightly, also where a bisection meets the root itself."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest

import boundcalc as bc
from boundcalc.symbolic.functions import KLLower

HALVES = [
    ("upper", {"n": 1, "errors": 0, "delta": 0.5}, Fraction(1, 2)),
    ("lower", {"n": 1, "errors": 1, "delta": 0.5}, Fraction(1, 2)),
    ("upper", {"n": 2, "errors": 0, "delta": 0.25}, Fraction(1, 2)),
    ("lower", {"n": 3, "errors": 2, "delta": 0.5}, Fraction(1, 2)),
    ("upper", {"n": 1, "errors": 0, "delta": 0.25}, Fraction(3, 4)),
    ("lower", {"n": 2, "errors": 2, "delta": 0.0625}, Fraction(1, 4)),
]


def ends(id: str, variant: str, **numbers: float) -> tuple[Fraction, Fraction]:
    found = bc.evaluate(id, variant=variant, certified=True, **numbers).certified
    assert found is not None
    return Fraction(found[0]), Fraction(found[1])


@pytest.mark.parametrize(("variant", "numbers", "root"), HALVES)
def test_a_root_at_a_middle_is_enclosed(
    variant: str, numbers: dict[str, float], root: Fraction
) -> None:
    lower, upper = ends("holdout.clopper_pearson", variant, **numbers)
    assert lower <= root <= upper
    assert upper - lower < Fraction(1, 10**12)


def test_a_root_next_to_one_is_enclosed() -> None:
    """1 − p ≈ e^(−170): no number of this precision lies between the limit and 1."""
    numbers = {"n": 1, "delta": 0.15007960086598962, "test_loss": 0.9888853053690824}
    lower, upper = ends("holdout.kl", "upper", **numbers)
    assert lower > 1 - Fraction(1, 10**12)
    assert upper == 1
    mirrored = ends("holdout.kl", "lower", n=1, delta=0.15, test_loss=0.0111146946309176)
    assert mirrored[0] >= 0
    assert mirrored[1] < Fraction(1, 10**12)


def test_a_root_too_near_zero_ends_in_an_interval() -> None:
    box = KLLower.enclose(mpmath.iv.mpf("1e-300"), mpmath.iv.mpf(5))
    assert box.a == 0
    assert 0 < box.b < 1e-60
