"""Facts whose numbers are far apart, and numbers that floating point has not."""

from __future__ import annotations

import re
from fractions import Fraction

import numpy as np
import pytest
from scipy.sparse import csr_array

import boundcalc as bc
from boundcalc.errors import ContradictionError, InputError
from boundcalc.numeric.prove.program import Constraints

CHAIN = "x <= y + 0.5\ny <= 0.2\nx <= 0.9\nx + y <= 0.8\nx - w <= 0.1\nw <= 0.3\n"
HUGE = "z <= 3e10\nz >= 2e10\n"


@pytest.mark.parametrize("text", [CHAIN + HUGE, HUGE + CHAIN, CHAIN + "z + x <= 3e10\nz >= 2e10\n"])
def test_a_large_number_does_not_change_a_small_bound(text: str) -> None:
    """0.1 + 0.3: not the 0.9 of a single fact."""
    assert bc.prove(text, maximise="x").exact == Fraction(2, 5)


def test_large_and_small_are_bounded_together() -> None:
    assert bc.prove(CHAIN + HUGE, maximise="z + x").exact == 30_000_000_000 + Fraction(2, 5)


@pytest.mark.parametrize(
    ("large", "asked"),
    [("z <= 1e7", "z"), ("params(full) <= 1.2e9", "params(full)"), ("z + x <= 1e10", "z")],
)
def test_a_large_number_does_not_hide_a_contradiction(large: str, asked: str) -> None:
    with pytest.raises(ContradictionError) as caught:
        bc.prove(f"{large}\nx <= 0\nx >= 0.01\n", maximise=asked)
    assert caught.value.facts == (1, 2)


def test_a_point_satisfies_a_fact_in_the_units_of_the_fact() -> None:
    """0.001 too much is rounding beside 1e9, and wrong beside 1."""
    matrix = csr_array(np.eye(2))
    rows = Constraints(matrix, np.array([1e9, 1.0]), np.array([False, True]))
    assert rows.satisfied(np.array([1e9 + 1e-3, 1.0]))
    assert rows.satisfied(np.array([-5.0, 1.0]))
    assert not rows.satisfied(np.array([1e9, 1.001]))
    assert not rows.satisfied(np.array([1e9, 0.999]))


@pytest.mark.parametrize(
    ("text", "asked", "message"),
    [
        ("1e300*x <= 1e310\nx <= 2", "x", "1e300*x <= 1e310: its numbers must be between"),
        ("1e-400*x <= -1\nx <= 2", "x", "1e-400*x <= -1: the number 1 is more than 1e+15 times"),
        ("1e-400*x <= 1e-400\nx <= 2", "x", "its numbers must be between"),
        ("1e-400*x + y <= 1\nx <= 2", "x", "must be within a factor of 1e+09"),
        ("x <= 1e10\n", "1e300*x", "the bound is larger than any floating-point number"),
        ("x <= -1e10\n", "1e300*x", "the bound is larger than any floating-point number"),
        (
            "x <= 1\n",
            "1e400*x",
            "the coefficient of x in what is asked for is too large or too small",
        ),
        (
            "x <= 1\n",
            "1e-400*x",
            "the coefficient of x in what is asked for is too large or too small",
        ),
    ],
)
def test_numbers_that_floating_point_has_not(text: str, asked: str, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        bc.prove(text + "\n", maximise=asked)


@pytest.mark.parametrize("command", [bc.prove, bc.compare])
def test_a_failure_probability_too_small_for_quantiles(command: object) -> None:
    subsets = [{"modalities": list(name), "test_errors": 5} for name in ("a", "ab")]
    study = {"delta": 1e-310, "test_n": 50, "loss": "zero-one", "subset": subsets}
    asked = {"maximise": "risk(a)"} if command is bc.prove else {}
    with pytest.raises(InputError, match="delta = 1e-310 is too small to be divided among"):
        command(study, **asked)  # type: ignore[operator]


def test_a_weight_too_small_for_quantiles() -> None:
    numbers = {"test_errors": 5, "train_loss": 0.1, "rademacher": 0.1}
    subsets = [{"modalities": list(name)} | numbers for name in ("a", "ab")]
    study = {"test_n": 50, "m": 50, "loss": "zero-one", "subset": subsets}
    assert bc.prove(study, maximise="risk(a)").value < 1
    with pytest.raises(InputError, match="too small to be divided"):
        bc.prove(study, maximise="risk(a)", weights={"held-out(a)": 1e-320})
