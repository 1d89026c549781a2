"""How many examples are needed before there are data: what is assumed, and what is refused."""

from __future__ import annotations

import math
import re
from typing import Any
from unittest import mock

import numpy as np
import pytest
from scipy.special import ndtr

import boundcalc as bc
from boundcalc.errors import BoundcalcError
from boundcalc.numeric.decide import forecast
from boundcalc.numeric.decide.power import power

ENDS: list[dict[str, Any]] = [
    {"p10": 0.6, "p01": 0.4},
    {"p10": 0.5, "p01": 0.0},
    {"gap": 0.4, "risk": 0.4, "correlation": 0},
    {"gap": 1, "risk": 1, "correlation": 0},
    {"gap": 0.5, "risk": 0.75, "correlation": -1},
    {"gap": 0.6, "spread": 0.8},
    {"gap": 1.2, "spread": 1.6, "loss_bound": 2},
    {"p10": 0.5, "p01": 0.1, "pairs": 1},
    {"p10": 0.5, "p01": 0.1, "pairs": 10_000},
    {"p10": 0.5, "p01": 0.1, "n": 2},
    {"p10": 0.5, "p01": 0.1, "n": 10**15},
]
BEYOND: list[tuple[dict[str, Any], str]] = [
    ({"p10": 0.6, "p01": 0.4001}, "p10 + p01 = 1.0001 is above 1"),
    ({"p10": 0.3, "p01": 0.3}, "p10 must be above p01"),
    ({"p10": 1.2, "p01": 0.0}, "p10 = 1.2 is no probability"),
    ({"p10": 0.5, "p01": -0.1}, "p01 = -0.1 is no probability"),
    ({"gap": 0.41, "risk": 0.4, "correlation": 0}, "gap = 0.41 is outside"),
    ({"gap": 0, "risk": 0.4, "correlation": 0}, "gap = 0 is outside"),
    ({"gap": 0.1, "risk": 0.4, "correlation": 1.01}, "correlation = 1.01 is outside"),
    ({"gap": 0.1, "risk": 0.4, "correlation": -1.01}, "correlation = -1.01 is outside"),
    ({"gap": 0.1, "risk": 0.2, "correlation": 0.7}, "cannot have a correlation of 0.7"),
    ({"gap": 0.2, "risk": 0.9, "correlation": -0.7}, "cannot have a correlation of -0.7"),
    ({"gap": 0.1, "risk": 0.2, "correlation": -0.9}, "cannot have a correlation of -0.9"),
    ({"gap": 0.6, "spread": 0.80001}, "have a spread of at most 0.8, not 0.80001"),
    ({"gap": 1.2, "spread": 1.60001, "loss_bound": 2}, "have a spread of at most 1.6, not 1.60001"),
    ({"gap": 0.1, "spread": 0}, "spread = 0 is outside"),
    ({"gap": 0.1, "spread": 1.01}, "spread = 1.01 is outside"),
    ({"p10": 0.5, "p01": 0.1, "target": 0}, "target = 0 is no probability strictly inside"),
    ({"p10": 0.5, "p01": 0.1, "target": 1}, "target = 1 is no probability strictly inside"),
    ({"p10": 0.5, "p01": 0.1, "pairs": 0}, "pairs must be a whole number from 1 to 10,000"),
    ({"p10": 0.5, "p01": 0.1, "pairs": 10_001}, "pairs must be a whole number"),
    ({"p10": 0.5, "p01": 0.1, "n": 1}, "n must be a whole number from 2 to"),
    ({"p10": 0.5, "p01": 0.1, "n": 10**15 + 1}, "n must be a whole number from 2 to"),
    ({"p10": 0.5}, "p10 and p01 go together"),
    ({"p10": 0.5, "p01": 0.1, "risk": 0.3}, "p10 and p01 and risk are two ways"),
    ({"gap": 0.5, "spread": 0.1, "p01": 0.3}, "spread and p01 are two ways"),
    ({"gap": 0.5, "risk": 0.6}, "give p10 and p01; or gap, risk and correlation"),
    ({"spread": 0.5}, "gap is missing"),
]


@pytest.mark.parametrize("assumed", ENDS, ids=str)
def test_what_can_just_be_is_answered(assumed: dict[str, Any]) -> None:
    assert bc.power(**assumed).needed[0].n is not None


@pytest.mark.parametrize(("assumed", "says"), BEYOND, ids=str)
def test_what_cannot_be_is_refused(assumed: dict[str, Any], says: str) -> None:
    with pytest.raises(BoundcalcError, match=re.escape(says)):
        bc.power(**assumed)


def test_what_is_not_said_is_usual() -> None:
    """One pair, both directions, δ = 0.05, losses up to 1, ½ and 0.8, seed 0."""
    usual = {"loss_bound": 1.0, "target": 0.8, "delta": 0.05, "pairs": 1, "seed": 0}
    found = bc.power(gap=0.3, spread=0.2)
    assert bc.power(gap=0.3, spread=0.2, direction="both", **usual) == found
    assert [needed.probability for needed in found.needed] == [0.5, 0.8]
    assert found.level == pytest.approx(0.025)
    assert (found.gap, found.p10, found.p01, found.spread) == (0.3, None, None, 0.2)
    with mock.patch.object(forecast, "betting_power", wraps=forecast.betting_power) as called:
        bc.power(gap=0.3, spread=0.2)
        bc.power(gap=0.3, spread=0.2, pairs=5, seed=7)
    assert [call.args[1:] for call in called.call_args_list] == [
        (1.0, found.level, 0),
        (1.0, pytest.approx(0.005), 7),
    ]


def test_a_spread_stands_for_normal_differences() -> None:
    with mock.patch.object(forecast, "betting_power", wraps=forecast.betting_power) as called:
        bc.power(gap=0.3, spread=0.2)
        bc.power(gap=0.3, spread=0.8)
    narrow, wide = (call.args[0] for call in called.call_args_list)
    for value in (-0.4, -0.1, 0.0, 0.2, 0.3):
        below = np.mean(narrow < value) + np.mean(narrow == value) / 2
        assert below == pytest.approx(ndtr(value / 0.2), abs=1 / 400)
    assert narrow.mean() == pytest.approx(0, abs=1e-12)
    assert narrow.std() == pytest.approx(0.2, rel=0.01)
    assert np.array_equal(wide, np.clip(4 * narrow, -1, 1))
    assert wide.max() == 1.0


@pytest.mark.parametrize("correlation", [-0.2, 0.0, 0.35])
@pytest.mark.parametrize(("a", "b"), [(0.3, 0.2), (0.7, 0.45)])
def test_a_correlation_is_that_of_the_two_losses(a: float, b: float, correlation: float) -> None:
    """By the covariance of the table of both."""
    found = bc.power(gap=a - b, risk=a, correlation=correlation)
    assert found.p10 is not None
    assert found.p01 is not None
    both = a - found.p10
    assert both + found.p01 == pytest.approx(b)
    covariance = both * (1 - a) * (1 - b) - found.p10 * (1 - a) * b
    covariance += (1 - both - found.p10 - found.p01) * a * b - found.p01 * a * (1 - b)
    deviations = math.sqrt(a * (1 - a) * b * (1 - b))
    assert covariance / deviations == pytest.approx(correlation, abs=1e-12)
    assert found.gap == pytest.approx(a - b)


@pytest.mark.parametrize(
    "assumed",
    [{"gap": 0.6, "risk": 0.8, "correlation": -1}, {"gap": 1, "risk": 1, "correlation": 1}],
)
def test_rounding_does_not_make_probabilities_impossible(assumed: dict[str, Any]) -> None:
    found = bc.power(**assumed)
    assert found.p10 is not None
    assert found.p01 is not None
    assert found.p01 >= 0
    assert found.p10 + found.p01 <= 1


def test_a_forecast_names_the_gap_and_both_numbers() -> None:
    found = bc.power(gap=0.3, spread=0.2, n=16)
    half, most = found.needed
    assert half.n is not None
    assert most.n is not None
    assert found.probability is not None
    assert half.n <= 16 < most.n
    assert 0.5 <= found.probability < 0.8
    assert found.sentence == (
        f"If the risks differ by 0.3, about {half.n} test examples decide it with probability 0.5 "
        f"and {most.n} with probability 0.8; 16 do with probability {found.probability:.2f}."
    )
    assert "about more than 10^15 test examples" in bc.power(gap=1e-9, spread=0.5).sentence


def test_probabilities_of_a_decision_are_those_of_the_exact_test() -> None:
    found = bc.power(p10=0.3, p01=0.2, n=30, pairs=2)
    assert found.gap == pytest.approx(0.1)
    assert found.probability == pytest.approx(forecast.ExactPower(found.level)(0.3, 0.2, 30))
    assert found.probability == pytest.approx(power(p10=0.3, p01=0.2, n=30, pairs=2).probability)
