"""The parts of the search for the cheapest counts: money, distances, ties, and what is in the way."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import boundcalc as bc
from boundcalc.errors import ImpossibleTargetError
from boundcalc.numeric import cheapest as module
from boundcalc.numeric.cheapest import Basket, cheapest
from boundcalc.numeric.compiled import compiled
from boundcalc.numeric.plan_request import request

LU = "lu2023.multimodal"
EXPECTED = {"lipschitz": 1, "connection_gap": 0, "c_predictor": 0.4, "c_connection": 1}
TASKS = EXPECTED | {"delta": 0.05, "loss_bound": 1, "distance_bound": 1}
THEOREM1 = {"delta": 0.05, "lipschitz": 1, "loss_bound": 1, "gamma": -0.2}


def basket(
    id: str = LU,
    *,
    target: Any = 0.2,
    prices: Mapping[str, Any] | None = None,
    values: Mapping[str, Any] = EXPECTED,
    variant: str | None = None,
    **limits: Mapping[str, int],
) -> Basket:
    ends = {"at_least": {}, "at_most": {}} | limits
    paid = prices or {"m": 1, "n": 1}
    return request(compiled(id), variant=variant, target=target, prices=paid, values=values, **ends)


@pytest.mark.parametrize(
    ("prices", "units"),
    [
        ({"m": 6, "n": 4}, {"m": 3, "n": 2}),
        ({"m": Decimal("0.01"), "n": 1}, {"m": 1, "n": 100}),
        ({"m": 0.3, "n": 0.45}, {"m": 2, "n": 3}),
        ({"m": Fraction(1, 3), "n": Fraction(1, 7)}, {"m": 7, "n": 3}),
        ({"m": Fraction(5, 6), "n": Fraction(5, 4)}, {"m": 2, "n": 3}),
    ],
)
def test_prices_are_small_whole_numbers_of_one_unit(
    prices: dict[str, Any], units: dict[str, int]
) -> None:
    assert basket(prices=prices).units == units
    assert replace(basket(), prices={}).units == {}


def test_labels_are_paid_for_every_task() -> None:
    rows = np.array([[10.0, 3.0], [7.0, 5.0]])
    bought = basket(prices={"m": 1, "n": 2})
    assert bought.cost(rows).tolist() == [16, 17]
    assert replace(bought, fixed={}).cost(rows).tolist() == [16, 17]
    of_four = replace(bought, fixed={**bought.fixed, "tasks": 4})
    assert of_four.cost(rows).tolist() == [34, 47]
    all_three = basket(prices={"m": 1, "n": 2, "tasks": 5}, values=TASKS)
    assert all_three.cost(np.array([[10.0, 3.0, 4.0]])).tolist() == [10 + 2 * 3 * 4 + 5 * 4]


def test_the_distance_from_the_target_is_positive_where_it_is_missed() -> None:
    """r̂ ± √(ln 20/(2n)); sums of rounded terms, hence to 13 digits."""
    sizes = np.array([[10.0], [100.0], [1000.0]])
    width = np.sqrt(math.log(20) / (2 * sizes[:, 0]))
    known = {"test_loss": 0.5, "delta": 0.05, "loss_bound": 1}
    for variant, sign in (("upper", 1), ("lower", -1)):
        asked = basket(
            "holdout.hoeffding",
            target=0.5 + sign * 0.1,
            prices={"n": 1},
            values=known,
            variant=variant,
        )
        assert asked.sign == sign
        distance = asked.distance(sizes)
        assert distance == pytest.approx(width - 0.1, rel=1e-13, abs=1e-15)
        assert asked.reached(sizes, 1.0).tolist() == [False, False, True]


def test_a_target_that_is_met_exactly_is_reached() -> None:
    """A margin of ±1 moves it by 1e-13 of what the terms are in size, for either side."""
    known = {"test_loss": 0.5, "delta": 0.05, "loss_bound": 1}
    for variant, out in (("upper", 1), ("lower", -1)):
        asked = basket(
            "holdout.hoeffding", target=0.5, prices={"n": 1}, values=known, variant=variant
        )
        size, row = 150, np.array([[150.0]])
        terms, _ = asked.bound.rough_terms(n=size)
        exact = replace(asked, target=Fraction(sum(map(float, terms))))
        assert exact.reached(row, 0.0).all()
        allowed = 1e-13 * sum(map(abs, map(float, terms)))
        for share, lenient, strict in ((0.8, True, False), (1.2, False, False), (-1.2, True, True)):
            near = replace(asked, target=exact.target - out * Fraction(share * allowed))
            assert near.reached(row, 1.0).all() == lenient
            assert near.reached(row, -1.0).all() == strict


@pytest.mark.parametrize(
    ("prices", "most"), [((1, 1), (120, 60)), ((1, 2), (120, 60)), ((3, 2), (90, 90))]
)
def test_of_equally_cheap_plans_the_lowest_bound_is_found_as_by_trying_all(
    prices: tuple[int, int], most: tuple[int, int]
) -> None:
    names = ("m", "n")
    rows = np.array(list(itertools.product(*(range(1, end + 1) for end in most))), dtype=float)
    ties = 0
    ends = {"at_most": dict(zip(names, most, strict=True))}
    for target in np.linspace(0.45, 0.9, 19):
        asked = basket(target=target, prices=dict(zip(names, prices, strict=True)), **ends)
        good = rows[asked.reached(rows, 1.0)]
        costs = good @ np.array(prices, dtype=float)
        level = good[costs == costs.min()]
        values = math.sqrt(2 * math.pi) * (1 / np.sqrt(level[:, 0]) + 0.4 / np.sqrt(level[:, 1]))
        best = level[np.argmin(values)]
        ties += len(level) > 1
        assert cheapest(asked, 1.0) == {"m": best[0], "n": best[1]}
    assert ties > 4


@pytest.mark.parametrize(
    ("prices", "most", "target"),
    [
        ((2, 2, 1), (56, 12, 2), 2.323),
        ((1, 1, 1), (17, 15, 8), 2.204),
        ((2, 2, 2), (11, 19, 12), 2.406),
        ((3, 1, 1), (48, 14, 4), 2.249),
    ],
)
def test_boxes_with_as_cheap_a_plan_are_searched_too(
    prices: tuple[int, ...], most: tuple[int, ...], target: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the dearest plan on: what is as cheap as the best so far may have a lower bound."""
    names = ("m", "n", "tasks")
    asked = basket(
        target=target,
        prices=dict(zip(names, prices, strict=True)),
        at_most=dict(zip(names, most, strict=True)),
        values=TASKS,
    )
    rows = np.array(list(itertools.product(*(range(1, end + 1) for end in most))))
    columns = dict(zip(names, rows.T, strict=True))
    values = np.asarray(bc.evaluate(LU, variant="one-event", **TASKS, **columns).value)
    m, n, tasks = rows.T
    costs = prices[0] * m + prices[1] * n * tasks + prices[2] * tasks
    least = costs[values <= target].min()
    level = np.flatnonzero((costs == least) & (values <= target))
    assert len(level) > 1
    best = rows[level[np.argmin(values[level])]]
    monkeypatch.setattr(module, "_start", lambda basket, margin, low, high: high.copy())
    assert cheapest(asked, 1.0) == dict(zip(names, best, strict=True))


def test_no_fewer_are_bought_than_have_to_be() -> None:
    """The least number of labels is enough, whatever the number of pairs."""
    asked = basket(
        target=0.5, values=EXPECTED, prices={"m": 1, "n": 1}, at_least={"n": 2_000, "m": 3}
    )
    found = cheapest(asked, 1.0)
    assert found is not None
    assert found["n"] == 2_000
    least = (math.sqrt(2 * math.pi) / (0.5 - 0.4 * math.sqrt(2 * math.pi / 2_000))) ** 2
    assert found["m"] == math.ceil(least)
    forced = basket(target=0.5, at_least={"m": 5_000, "n": 4})
    low = (0.4 * math.sqrt(2 * math.pi) / (0.5 - math.sqrt(2 * math.pi / 5_000))) ** 2
    assert cheapest(forced, 1.0) == {"m": 5_000, "n": math.ceil(low)}


@pytest.mark.parametrize("start", [1, 2, 17, 561, 600])
def test_the_least_last_count_reaches_the_target_and_one_less_does_not(start: int) -> None:
    """From m = 25 pairs nothing is left for labels; from m = 27 more than 1,000 are needed."""
    asked = basket(target=0.5, at_most={"n": 1_000})
    pairs, root = [25, 27, 30, 100, 10**6], math.sqrt(2 * math.pi)
    left = [0.5 - root / math.sqrt(m) for m in pairs]
    least = [math.ceil((0.4 * root / x) ** 2) if x > 0 else math.inf for x in left]
    assert [x <= 1_000 for x in least] == [False, False, True, True, True]
    found = module._least(asked, 1.0, np.array([pairs], dtype=float).T, np.full(5, float(start)))
    assert found.tolist() == [max(x, start) if x <= 1_000 else math.inf for x in least]


def test_what_is_left_at_a_target_that_it_equals_uses_it_up() -> None:
    """γ is left for every m; a bound above it that tends to it never gets there."""
    known = THEOREM1 | {"rademacher": 0}
    with pytest.raises(ImpossibleTargetError, match=r"gamma = −0\.2 leaves no room for the target"):
        bc.plan("huang2021.theorem1", target=-0.2, prices={"m": 1}, **known)
    with pytest.raises(ImpossibleTargetError, match=r"gamma = 0\.2 alone uses up the target 0\.2"):
        bc.plan("huang2021.theorem1", target=0.2, prices={"m": 1}, **known | {"gamma": 0.2})
    with pytest.raises(ImpossibleTargetError, match=r"gamma = 0\.2 alone exceeds the target 0\.1"):
        bc.plan("huang2021.theorem1", target=0.1, prices={"m": 1}, **known | {"gamma": 0.2})
