"""What a plan takes and says: limits that bind, prices as written, who fails how often, its notes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

import boundcalc as bc
import boundcalc.numeric.plan as module
from boundcalc.errors import InputError
from boundcalc.numeric.cheapest import LARGEST, Basket
from boundcalc.numeric.compiled import compiled
from boundcalc.numeric.plan_request import request

LU = "lu2023.multimodal"
HOEFFDING = {"delta": 0.015, "loss_bound": 1, "test_loss": 0}  # n = 840 for 0.05
EXPECTED = {"lipschitz": 1, "connection_gap": 0, "c_predictor": 0.4, "c_connection": 1}
TASKS = EXPECTED | {"delta": 0.05, "loss_bound": 1, "distance_bound": 1}
THEOREM1 = {"delta": 0.05, "lipschitz": 1, "loss_bound": 1, "rademacher": 0.01, "gamma": -0.2}


def asked(
    id: str = LU,
    *,
    target: Any = 0.2,
    prices: Mapping[str, Any],
    values: Mapping[str, Any] = TASKS,
    **limits: Mapping[str, Any],
) -> Basket:
    ends = {"at_least": {}, "at_most": {}} | limits
    return request(compiled(id), variant=None, target=target, prices=prices, values=values, **ends)


@pytest.mark.parametrize(
    ("least", "size"), [(1, 840), (839, 840), (840, 840), (841, 841), (2000, 2000)]
)
def test_one_count_is_never_below_the_least_that_is_asked_for(least: int, size: int) -> None:
    found = bc.plan(
        "holdout.hoeffding", target=0.05, prices={"n": 3}, at_least={"n": least}, **HOEFFDING
    )
    assert (found.n, found.cost) == (size, 3 * size)


@pytest.mark.parametrize("guess", [839, 840, 841, 842, 5000])
@pytest.mark.parametrize("least", [1, 839, 840])
def test_one_count_is_decided_exactly_whatever_the_search_in_floats_found(
    guess: int, least: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "cheapest", lambda basket, margin: {"n": guess})
    found = bc.plan(
        "holdout.hoeffding", target=0.05, prices={"n": 3}, at_least={"n": least}, **HOEFFDING
    )
    assert found.n == 840


def test_a_target_of_0_has_no_lower_one_by_a_percent() -> None:
    found = bc.plan("huang2021.theorem1", target=0, prices={"m": 1}, **THEOREM1)
    assert found.one_percent is None
    assert found.marginal_price is None


def test_every_outcome_says_how_often_its_bound_may_fail() -> None:
    found = bc.plan(LU, target=0.2, prices={"m": 1, "n": 1}, c_composite=1, growth=0.75, **TASKS)
    assert found.probability == found.one_percent.probability == found.unimodal.probability == 0.95
    gap = bc.plan(LU, target=0.1005, prices={"m": 1, "n": 1}, **TASKS | {"connection_gap": 0.1})
    assert gap.one_percent.cost is None
    assert gap.one_percent.probability == 0.95
    expected = bc.plan(LU, target=0.2, prices={"m": 1, "n": 1}, **EXPECTED)
    assert expected.probability == expected.one_percent.probability == 1


def test_numbers_that_are_held_fixed_are_noted() -> None:
    notes = bc.plan("huang2021.theorem1", target=0, prices={"m": 1}, **THEOREM1).notes
    held = [note for note in notes if "complexity" in note]
    assert held == ["rademacher: held fixed; it has to bound the complexity at the m found"]
    values = {"loss_bound": 1, "delta": 0.05, "test_loss": 0.1}
    of_n = bc.plan("holdout.hoeffding", target=0.2, prices={"n": 1}, **values).notes
    assert of_n == ("test_loss: held as given, an assumption until the examples are there",)


def test_targets_prices_and_limits_are_taken_as_they_are_written() -> None:
    long = Decimal("0.20000000000000000000000000001")
    found = asked(target=long, prices={"m": Fraction(1, 3), "n": 0.1})
    assert found.target == Fraction(long)
    assert found.prices == {"m": Fraction(1, 3), "n": Fraction(1, 10)}


def test_prices_may_differ_10_to_the_15th_times() -> None:
    for low, high in ((1, 10**15), (Fraction(1, 10**9), 10**6), (10**3, 10**18)):
        assert asked(prices={"m": low, "n": high}).prices == {"m": low, "n": high}
        with pytest.raises(InputError, match=r"differ by more than 10\^15 times"):
            asked(prices={"m": low, "n": high + 1})


def test_both_limits_may_be_the_same_number_and_the_largest() -> None:
    paid = {"m": 1, "n": 1}
    same = asked(prices=paid, at_least={"m": 50}, at_most={"m": 50})
    assert (same.low["m"], same.high["m"]) == (50, 50)
    with pytest.raises(InputError, match="above"):
        asked(prices=paid, at_least={"m": 51}, at_most={"m": 50})
    assert asked(prices=paid, at_least={"m": LARGEST}).low["m"] == 10**15
    with pytest.raises(InputError, match=r"above 10\^15"):
        asked(prices=paid, at_least={"m": LARGEST + 1})
    assert asked(prices=paid, at_most={"m": LARGEST + 1}).high["m"] == LARGEST


def test_counts_without_price_and_value_are_named_in_a_sentence() -> None:
    with pytest.raises(InputError, match=r"n has neither a price nor a value; give it one of"):
        asked(prices={"m": 1}, values=TASKS)
    with pytest.raises(
        InputError, match=r"m, n have neither a price nor a value; give each one of the two"
    ):
        asked(prices={"tasks": 1}, values=TASKS)


@pytest.mark.parametrize("given", [EXPECTED, EXPECTED | {"loss_bound": 1}])
def test_tasks_that_only_cost_leave_the_form_that_all_other_numbers_are_of(
    given: dict[str, float],
) -> None:
    found = bc.plan(LU, target=0.2, prices={"m": 1, "n": 1, "tasks": 5}, **given)
    assert (found.variant, found.tasks) == ("expected", 1)


@pytest.mark.parametrize("gap", [{}, {"optimisation_gap": 0.01}])
def test_a_form_is_found_by_all_that_it_uses_and_by_all_that_it_needs(
    gap: dict[str, float],
) -> None:
    """0.5 − √(ln 20/(2m)) − gap ≥ 0.4"""
    found = bc.plan(
        "classic.uniform_deviation",
        target=0.4,
        prices={"m": 1},
        delta=0.05,
        loss_bound=1,
        train_loss=0.5,
        **gap,
    )
    assert found.variant == "lower-erm"
    assert found.m == math.ceil(math.log(20) / 2 / (0.1 - sum(gap.values())) ** 2)
