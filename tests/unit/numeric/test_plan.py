"""The planner: never beaten by a grid, locally optimal, honest about what is out of reach."""

from __future__ import annotations

import csv
import io
import itertools
import json
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import boundcalc as bc
import boundcalc.numeric.cheapest as search
import boundcalc.numeric.plan as module
from boundcalc.cli.app import app
from boundcalc.errors import BoundcalcError, ConvergenceError
from boundcalc.numeric.compiled import compiled
from boundcalc.numeric.plan import Plan, outcome
from boundcalc.numeric.plan_request import request as request_of

LU = "lu2023.multimodal"
PLAIN = {
    "delta": 0.05,
    "lipschitz": 1,
    "loss_bound": 1,
    "distance_bound": 1,
    "connection_gap": 0,
    "c_predictor": 0.4,
    "c_connection": 1,
}
PRICES = {"m": 0.01, "n": 1.0, "tasks": 5.0}
COUNTS = ("m", "n", "tasks")


def value(id: str, variant: str, fixed: dict[str, Any], counts: dict[str, Any]) -> Any:
    return bc.evaluate(id, variant=variant, **fixed, **counts).value


def cost(prices: dict[str, float], counts: dict[str, Any]) -> Any:
    """Written out independently: pairs, labels of all tasks, tasks."""
    tasks = counts.get("tasks", 1)
    return (
        prices.get("m", 0) * counts.get("m", 0)
        + prices.get("n", 0) * counts.get("n", 0) * tasks
        + prices.get("tasks", 0) * tasks
    )


def cheapest_on(
    axes: dict[str, np.ndarray],
    id: str,
    variant: str,
    fixed: dict[str, Any],
    prices: dict[str, float],
    target: float,
) -> float:
    """The brute force: every point of the grid, through `evaluate`."""
    grid = dict(zip(axes, np.meshgrid(*axes.values(), indexing="ij", sparse=True), strict=True))
    reaches = value(id, variant, fixed, grid) <= target
    costs = np.where(reaches, cost(prices, fixed | grid), np.inf)
    return float(costs.min())


def axes_for(found: Plan, at_most: dict[str, int], least: int = 1) -> list[dict[str, np.ndarray]]:
    """60 points a count: over all magnitudes, within a factor of the plan, and next to it."""
    bought = {c: found.counts[c] for c in found.prices}
    wide = {
        c: np.unique(np.geomspace(1, min(100 * v + 100, at_most.get(c, 10**9)), 60).round())
        for c, v in bought.items()
    }
    near = {c: np.unique(np.geomspace(max(1, v / 2), 2 * v, 60).round()) for c, v in bought.items()}
    beside = {c: np.arange(max(1, v - 30), v + 30) for c, v in bought.items()}
    return [
        {c: a[(least <= a) & (a <= at_most.get(c, 10**9))] for c, a in axes.items()}
        for axes in (wide, near, beside)
    ]


def check(
    found: Plan,
    fixed: dict[str, Any],
    prices: dict[str, float],
    at_most: dict[str, int],
    least: int = 1,
) -> None:
    target, id, variant = found.target, found.id, found.variant
    used = {p.name for p in bc.theorem(id).variant(variant).parameters}
    counts = {c: v for c, v in found.counts.items() if c in used and c not in fixed}
    assert all(
        isinstance(v, int) and 1 <= v <= at_most.get(c, 10**15) for c, v in found.counts.items()
    )
    assert value(id, variant, fixed, counts) <= target
    assert found.achieved == value(id, variant, fixed, counts)
    assert found.cost == pytest.approx(cost(prices, fixed | found.counts), rel=1e-12)
    for c in prices:
        if counts.get(c, 1) > least:
            assert value(id, variant, fixed, counts | {c: counts[c] - 1}) > target
    for axes in axes_for(found, at_most, least):
        best = cheapest_on(
            {c: a for c, a in axes.items() if c in used}, id, variant, fixed, prices, target
        )
        assert found.cost <= best * (1 + 1e-12)


def instance(
    rng: np.random.Generator,
) -> tuple[dict[str, Any], dict[str, float], dict[str, int], float, str]:
    fixed = {
        "delta": float(rng.uniform(1e-4, 0.3)),
        "lipschitz": float(10 ** rng.uniform(-1, 1)),
        "loss_bound": float(10 ** rng.uniform(-0.5, 1)),
        "distance_bound": float(10 ** rng.uniform(-1, 0.5)),
        "connection_gap": float(rng.choice([0, rng.uniform(0, 0.1)])),
        "c_predictor": float(rng.choice([0, rng.uniform(0, 2)])),
        "c_connection": float(rng.uniform(0, 2)),
    }
    prices = {c: float(10 ** rng.uniform(-3, 2)) for c in COUNTS}
    at_most = {"n": int(10 ** rng.uniform(1, 4))} if rng.random() < 0.5 else {}
    variant = str(rng.choice(["one-event", "two-event"]))
    at_cap = value(LU, variant, fixed, {"m": 10**9, "n": at_most.get("n", 10**9), "tasks": 10**6})
    return fixed, prices, at_most, float(at_cap * 1.01 + 10 ** rng.uniform(-2, 0)), variant


@pytest.mark.parametrize("seed", range(5))
def test_no_grid_beats_the_plan(seed: int) -> None:
    fixed, prices, at_most, target, variant = instance(np.random.default_rng(seed))
    found = bc.plan(LU, target=target, prices=prices, at_most=at_most, variant=variant, **fixed)
    check(found, fixed, prices, at_most)


numbers = st.floats(0.01, 10, allow_nan=False)


@settings(max_examples=5, deadline=None, derandomize=True)
@given(
    fixed=st.fixed_dictionaries(
        {
            "delta": st.floats(1e-6, 0.9),
            "lipschitz": numbers,
            "loss_bound": numbers,
            "distance_bound": numbers,
            "c_predictor": st.floats(0, 3),
            "c_connection": st.floats(0, 3),
        }
    ),
    prices=st.fixed_dictionaries({"m": numbers, "n": numbers, "tasks": numbers}),
    share=st.floats(0.02, 0.9),
    most=st.none() | st.integers(1, 200),
)
def test_no_grid_beats_the_plan_of_any_instance(
    fixed: dict[str, float], prices: dict[str, float], share: float, most: int | None
) -> None:
    fixed = fixed | {"connection_gap": 0.0}
    at_most = {} if most is None else {"n": most}
    ends = [
        value(LU, "one-event", fixed, dict(zip(COUNTS, counts, strict=True)))
        for counts in ((1, 1, 1), (10**12, most or 10**12, 10**9))
    ]
    target = float(ends[1] + share * (ends[0] - ends[1]))
    found = bc.plan(LU, target=target, prices=prices, at_most=at_most, variant="one-event", **fixed)
    check(found, fixed, prices, at_most)


@pytest.mark.parametrize("seed", range(6))
def test_small_plans_equal_the_enumeration_of_everything(seed: int) -> None:
    rng = np.random.default_rng(100 + seed)
    fixed = PLAIN | {
        "c_predictor": float(rng.uniform(0, 0.3)),
        "c_connection": float(rng.uniform(0, 0.5)),
        "delta": 0.5,
    }
    prices = {
        "m": float(rng.uniform(0.1, 2)),
        "n": float(rng.uniform(0.1, 2)),
        "tasks": float(rng.uniform(0.01, 1)),
    }
    at_most = {"m": 300, "n": 12, "tasks": 60}
    target = 1.1 * float(value(LU, "one-event", fixed, at_most))
    found = bc.plan(LU, target=target, prices=prices, at_most=at_most, **fixed)
    everything = {c: np.arange(1, limit + 1) for c, limit in at_most.items()}
    assert found.cost == pytest.approx(
        cheapest_on(everything, LU, "one-event", fixed, prices, target), rel=1e-13
    )


@pytest.mark.parametrize("target", [0.5, 0.03, 1e-3, 1e-4])
def test_the_expected_form_is_within_one_unit_of_its_closed_optimum(target: float) -> None:
    """min p·m + q·n with A/√m + B/√n = t is ((A²p)^⅓ + (B²q)^⅓)³/t² (Lagrange)."""
    prices, first, second = {"m": 0.3, "n": 2.0}, 0.7, 0.4
    found = bc.plan(
        LU,
        target=target,
        prices=prices,
        lipschitz=1,
        connection_gap=0,
        c_connection=first,
        c_predictor=second,
    )
    assert found.variant == "expected"
    parts = [
        (2 * math.pi * c**2 * p) ** (1 / 3)
        for c, p in zip((first, second), prices.values(), strict=True)
    ]
    optimum = sum(parts) ** 3 / target**2
    assert optimum <= found.cost * (1 + 1e-12)
    assert found.cost <= optimum + sum(prices.values())


def test_one_task_is_enough_until_the_labels_of_a_task_run_out() -> None:
    """T enters the concentration term only: n labels of one task prove more than n/2 of two."""
    assert bc.plan(LU, target=0.2, prices=PRICES, **PLAIN).tasks == 1
    limited = bc.plan(LU, target=0.2, prices=PRICES, at_most={"n": 50}, **PLAIN)
    assert limited.n == 50
    assert limited.tasks > 1
    check(limited, PLAIN, PRICES, {"n": 50})


@pytest.mark.parametrize("factor", ["2", "0.25", "3.7"])
def test_the_unit_of_money_changes_the_cost_alone(factor: str) -> None:
    prices = {c: Decimal(str(p)) for c, p in PRICES.items()}
    one = bc.plan(LU, target=0.1, prices=prices, **PLAIN)
    other = bc.plan(
        LU, target=0.1, prices={c: Decimal(factor) * p for c, p in prices.items()}, **PLAIN
    )
    assert other.counts == one.counts
    assert other.cost == pytest.approx(float(factor) * one.cost, rel=1e-12)
    assert other.marginal_price == pytest.approx(float(factor) * one.marginal_price, rel=1e-9)


def test_dearer_is_bought_less_and_a_limit_never_saves_money() -> None:
    one = bc.plan(LU, target=0.1, prices=PRICES, **PLAIN)
    dearer = bc.plan(LU, target=0.1, prices=PRICES | {"m": 0.1}, **PLAIN)
    assert dearer.m < one.m
    assert dearer.cost > one.cost
    limited = bc.plan(LU, target=0.1, prices=PRICES, at_most={"m": one.m // 2}, **PLAIN)
    assert 0.99 * (one.m // 2) < limited.m <= one.m // 2
    assert limited.cost > one.cost
    forced = bc.plan(LU, target=0.1, prices=PRICES, at_least={"n": 2 * one.n, "tasks": 2}, **PLAIN)
    assert (forced.n, forced.tasks) == (2 * one.n, 2)
    check_limits = bc.plan(
        LU, target=0.1, prices=PRICES, at_most={"m": one.m}, at_least={"n": one.n}, **PLAIN
    )
    assert check_limits.counts == one.counts


def test_fixed_counts_are_not_paid() -> None:
    found = bc.plan(LU, target=0.2, prices={"n": 2.0}, m=100_000, tasks=3, **PLAIN)
    assert (found.m, found.tasks) == (100_000, 3)
    assert found.cost == 2.0 * found.n * 3
    assert set(found.spending) == {"n"}
    check(found, PLAIN | {"m": 100_000, "tasks": 3}, {"n": 2.0}, {})
    prices = {"m": 0.01, "n": 1.0}
    check(
        bc.plan(LU, target=0.2, prices=prices, tasks=12, **PLAIN), PLAIN | {"tasks": 12}, prices, {}
    )


def test_tasks_that_the_bound_does_not_depend_on_are_paid_all_the_same() -> None:
    short = {
        name: PLAIN[name] for name in ("lipschitz", "connection_gap", "c_predictor", "c_connection")
    }
    fixed = bc.plan(LU, target=0.2, prices={"m": 0.01, "n": 1.0}, tasks=7, **short)
    assert fixed.variant == "expected"
    assert fixed.cost == pytest.approx(0.01 * fixed.m + 7 * fixed.n)
    bought = bc.plan(LU, target=0.2, prices=PRICES, **short)
    assert bought.tasks == 1
    assert any("does not depend on tasks" in note for note in bought.notes)


@pytest.mark.parametrize(("hypotheses", "size"), [(1, 840), (10, 1301), (100, 1761)])
def test_a_test_set_by_hoeffding(hypotheses: int, size: int) -> None:
    """Sample sizes for ε = 0.05, δ = 0.03, two-sided (Learning From Data)."""
    found = bc.plan(
        "holdout.hoeffding",
        target=0.05,
        prices={"n": 3},
        delta=0.03 / (2 * hypotheses),
        loss_bound=1,
        test_loss=0,
    )
    assert (found.n, found.cost) == (size, 3 * size)
    lower = bc.plan(
        "holdout.hoeffding",
        variant="lower",
        target=0.45,
        prices={"n": 3},
        delta=0.03 / (2 * hypotheses),
        loss_bound=1,
        test_loss=0.5,
    )
    assert lower.n == size
    assert lower.one_percent is None
    assert lower.marginal_price is None


@pytest.mark.parametrize(
    ("id", "target", "fixed"),
    [
        ("holdout.clopper_pearson", 0.05, {"delta": 0.05, "errors": 12}),
        ("holdout.kl", 0.05, {"delta": 0.05, "test_loss": 0.024}),
        (
            "holdout.empirical_bernstein",
            0.05,
            {"delta": 0.05, "loss_bound": 1, "test_loss": 0.02, "variance": 0.019},
        ),
        (
            "huang2021.theorem1",
            0.0,
            {"delta": 0.05, "lipschitz": 1, "loss_bound": 1, "rademacher": 0.01, "gamma": -0.2},
        ),
        ("huang2021.selection", 0.03, {"lipschitz": 1, "complexity_m": 5, "complexity_n": 2}),
    ],
)
def test_one_count_is_the_least_that_reaches_the_target(
    id: str, target: float, fixed: dict[str, Any]
) -> None:
    (count,) = {"m", "n"} & {p.name for p in bc.theorem(id).parameters}
    found = bc.plan(id, target=target, prices={count: 1}, **fixed)
    check(found, fixed, {count: 1}, {}, least=fixed.get("errors", 2))


def test_equality_is_reached_exactly() -> None:
    """√(200/5000) + 1/√100 is 0.3, though floats say 0.30000000000000004."""
    found = bc.plan("lu2023.separation", variant="multimodal", target=0.3, prices={"m": 1}, n=100)
    assert (found.m, found.achieved) == (5000, 0.3)
    assert (
        bc.plan("lu2023.separation", variant="multimodal", target=0.2, prices={"m": 1}, n=100).m
        == 20_000
    )


@pytest.mark.parametrize("size", [3, 17, 500, 12_345])
def test_the_value_at_a_size_is_reached_at_that_size(size: int) -> None:
    fixed = {"delta": 0.05, "loss_bound": 1, "test_loss": 0.024}
    target = bc.evaluate("holdout.hoeffding", variant="upper", n=size, **fixed).value
    assert (
        bc.plan("holdout.hoeffding", variant="upper", target=target, prices={"n": 1}, **fixed).n
        == size
    )


def test_what_a_lower_target_costs() -> None:
    found = bc.plan(LU, target=0.2, prices=PRICES, **PLAIN)
    lower, again = found.one_percent, bc.plan(LU, target=0.198, prices=PRICES, **PLAIN)
    assert (lower.target, lower.cost, lower.counts) == (0.198, again.cost, again.counts)
    assert found.marginal_price == pytest.approx((found.one_percent.cost - found.cost) / 0.002)
    gap = bc.plan(LU, target=0.1005, prices=PRICES, **PLAIN | {"connection_gap": 0.1})
    assert gap.one_percent.cost is None
    assert "lipschitz·connection_gap = 0.1 alone exceeds the target 0.099" in gap.one_percent.reason


def test_the_unimodal_plan_is_the_plan_of_the_unimodal_bound() -> None:
    found = bc.plan(LU, target=0.2, prices=PRICES, c_composite=1, growth=0.75, **PLAIN)
    alone = bc.plan(
        "lu2023.unimodal",
        target=0.2,
        prices={c: PRICES[c] for c in ("n", "tasks")},
        c_composite=1,
        growth=0.75,
        delta=0.05,
        loss_bound=1,
    )
    assert (found.unimodal.cost, found.unimodal.counts) == (alone.cost, alone.counts)
    assert found.cost == bc.plan(LU, target=0.2, prices=PRICES, **PLAIN).cost
    assert "min_F r_t(f(x, y))" in found.assumes[0]
    assert "min r_t over F∘G" in found.unimodal.assumes[0]


def test_with_growth_1_no_number_of_labels_is_enough() -> None:
    c = 1 / math.sqrt(2 * math.pi)
    found = bc.plan(LU, target=0.2, prices=PRICES, c_composite=c, a=1, **PLAIN)
    assert found.unimodal.cost is None
    assert found.unimodal.reason.startswith(
        "√(2·π)·c_composite·n^(growth − 1) = 1 alone exceeds the target 0.2"
    )
    text = CliRunner().invoke(app, ["plan", LU, *ARGUMENTS, f"c_composite={c}", "growth=1"]).stdout
    assert "No number of labels reaches the target with the unimodal bound" in " ".join(
        text.split()
    )


def test_fixed_labels_either_reach_the_target_or_miss_it() -> None:
    reached = bc.plan(
        LU, target=0.2, prices={"m": 1}, n=1000, c_composite=0.4, growth=0.5, **PLAIN
    ).unimodal
    assert (reached.cost, reached.counts) == (0, {"n": 1000, "tasks": 1})
    missed = bc.plan(
        LU, target=0.2, prices={"m": 1}, n=1000, c_composite=0.4, growth=0.9, **PLAIN
    ).unimodal
    assert missed.cost is None
    assert "n = 1,000" in missed.reason


@pytest.mark.parametrize(
    ("prices", "rate"),
    [({"m": 1, "n": 1}, 1), ({"m": 0.01, "n": 1}, 100), ({"m": 0.1, "n": 0.7}, 7)],
)
def test_of_equally_cheap_plans_the_one_with_the_lowest_bound_is_taken(
    prices: dict[str, float], rate: int
) -> None:
    ties = 0
    for target in (0.2, 0.1, 0.07, 0.05, 0.03, 0.02, 0.01):
        asked = {"target": target, "prices": prices, "values": PLAIN, "at_least": {}, "at_most": {}}
        request = request_of(compiled(LU), variant=None, **asked)
        found = outcome(request)
        m, n = found.counts["m"], found.counts["n"]
        shift = np.arange(-min(2000, m // (2 * rate), n // 2), min(2000, n // 2))
        others = value(LU, "one-event", PLAIN, {"m": m + rate * shift, "n": n - shift})
        ties += np.sum(others <= target) > 1
        assert found.achieved == others.min(), target
    assert ties > 2


def test_a_search_that_does_not_end_is_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    boxes = iter([search._MOST_BOXES, 5])
    endless = search.cheapest

    def stopped(*asked: Any) -> Any:
        monkeypatch.setattr(search, "_MOST_BOXES", next(boxes))
        return endless(*asked)

    monkeypatch.setattr(module, "cheapest", stopped)
    found = bc.plan(LU, target=0.2, prices=PRICES, **PLAIN)
    assert found.one_percent.cost is None
    assert "did not end" in found.one_percent.reason
    monkeypatch.setattr(module, "cheapest", endless)
    monkeypatch.setattr(search, "_MOST_BOXES", 500)
    with pytest.raises(ConvergenceError, match="did not end"):
        bc.plan(LU, target=0.02, prices=PRICES, **PLAIN)


def test_the_search_does_not_need_its_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """The grids save time; the answer is proved by the boxes."""
    right = bc.plan(LU, target=0.2, prices=PRICES, **PLAIN)
    for start in (1.0, 7.5, 1e12):
        monkeypatch.setattr(
            search,
            "_start",
            lambda basket, margin, low, high, start=start: np.full(len(low), start),
        )
        assert bc.plan(LU, target=0.2, prices=PRICES, **PLAIN).cost == right.cost


def test_the_start_is_near_the_end() -> None:
    """So that the boxes have little left to do."""
    found = bc.plan(LU, target=0.05, prices=PRICES, **PLAIN)
    basket = request_of(
        compiled(LU),
        variant=None,
        target=0.05,
        prices=PRICES,
        at_least={},
        at_most={},
        values=PLAIN,
    )
    low, high = (np.array(list(ends.values()), dtype=float) for ends in (basket.low, basket.high))
    start = search._start(basket, 1.0, low, high)
    assert float(basket.cost(start[None])[0]) * PRICES["m"] / basket.units["m"] == pytest.approx(
        found.cost, rel=1e-3
    )


def test_progress_is_counted() -> None:
    seen: list[tuple[int, int]] = []
    bc.plan(
        LU,
        target=0.2,
        prices=PRICES,
        c_composite=1,
        growth=0.75,
        progress=lambda *step: seen.append(step),
        **PLAIN,
    )
    assert seen == [(i, 3) for i in range(1, 4)]


def test_a_vacuous_target_is_called_vacuous() -> None:
    found = bc.plan(LU, target=2, prices=PRICES, **PLAIN)
    assert found.vacuous
    assert "Vacuous" in found.status


ARGUMENTS = [
    "--target",
    "0.2",
    "--price",
    "m=0.01",
    "--price",
    "n=1",
    "delta=0.05",
    "L=1",
    "C=1",
    "D=1",
    "connection_gap=0",
    "c_predictor=0.4",
    "c_connection=1",
]


def with_target(target: str) -> list[str]:
    return ["--target", target, *ARGUMENTS[2:]]


UNIMODAL = [
    "lu2023.unimodal",
    "--target",
    "0.2",
    "--price",
    "n=1",
    "delta=0.05",
    "C=1",
    "c_composite=0.4",
]
BAD = [
    ([LU, *with_target("0")], "target 0 is out of reach: the bound is positive, whatever m and n"),
    ([LU, *with_target("-1")], "target −1 is out of reach"),
    ([LU, *with_target("nan")], "target must be a finite number"),
    ([LU, *with_target("much")], "target must be a number, not 'much'"),
    ([LU, *ARGUMENTS[2:]], "--target"),
    ([LU, *ARGUMENTS[:-3], "kappa=0.3", "c_E=1", "c_connection=1"], "unknown parameter 'c_E'"),
    (
        [LU, *ARGUMENTS[:-3], "kappa=0.3", "c_predictor=1", "c_connection=1"],
        "lipschitz·connection_gap = 0.3 alone exceeds the target 0.2",
    ),
    (
        [LU, *ARGUMENTS[:-3], "kappa=0.2", "c_predictor=1", "c_connection=1"],
        "lipschitz·connection_gap = 0.2 alone uses up the target 0.2",
    ),
    ([LU, *ARGUMENTS, "--at-most", "m=100"], "with m ≤ 100 the bound is still 0.49"),
    ([LU, *ARGUMENTS[:2], "--price", "n=1", "m=100", *ARGUMENTS[6:]], "(m = 100 is fixed)"),
    ([LU, *ARGUMENTS, "--price", "tasks=0"], "the price of tasks = 0 is outside the domain"),
    ([LU, *ARGUMENTS, "--price", "tasks=-1"], "the price of tasks = -1 is outside the domain"),
    ([LU, *ARGUMENTS, "--price", "tasks=1e20"], "the prices differ by more than 10^15"),
    ([LU, *ARGUMENTS, "--price", "tasks=free"], "tasks must be a number, not 'free'"),
    (
        [LU, *ARGUMENTS, "--price", "delta=1"],
        "price delta: not a sample count of lu2023.multimodal",
    ),
    ([LU, *ARGUMENTS, "--price", "task=1"], "did you mean 'tasks'?"),
    ([LU, *ARGUMENTS, "--price", "T=1", "--price", "tasks=1"], "price tasks is given twice"),
    ([LU, *ARGUMENTS[:4], *ARGUMENTS[6:]], "n has neither a price nor a value"),
    ([LU, *ARGUMENTS[:2], *ARGUMENTS[6:]], "needs the price of at least one count"),
    ([LU, *ARGUMENTS, "m=5"], "m has both a price and a value"),
    ([LU, *ARGUMENTS, "--at-most", "m=0"], "--at-most m = 0 is outside the domain"),
    ([LU, *ARGUMENTS, "--at-most", "m=2.5"], "--at-most m = 2.5 is not a whole number"),
    (
        [LU, *ARGUMENTS, "--at-most", "tasks=3"],
        "--at-most tasks: only a count with a price can have a limit",
    ),
    (
        [LU, *ARGUMENTS, "--at-most", "m=3", "--at-least", "m=4"],
        "--at-least m = 4 is above --at-most m = 3",
    ),
    ([LU, *ARGUMENTS, "--at-least", "m=1e16"], "above 10^15"),
    ([LU, *ARGUMENTS, "gama=1"], "did you mean 'gamma'?"),
    ([LU, *ARGUMENTS, "gamma=1"], "gamma"),
    ([LU, *ARGUMENTS, "target=1"], "target is an option"),
    ([LU, *ARGUMENTS, "growth=1"], "lu2023.unimodal (one-event) needs c_composite"),
    ([LU, *ARGUMENTS, "growth=2", "c_composite=1"], "growth = 2 is outside the domain"),
    ([LU, *ARGUMENTS, "--variant", "one-evnt"], "did you mean 'one-event'?"),
    (["lu2023.multimodel", *ARGUMENTS], "did you mean 'lu2023.multimodal'?"),
    (
        [*UNIMODAL, "a=1"],
        "√(2·π)·c_composite·n^(growth − 1) = 1.00265 alone exceeds",
    ),
    (
        [*UNIMODAL, "a=0.999"],
        "with every count at 10^15",
    ),
    (
        [
            "lu2023.improvement",
            "--target",
            "2",
            "--price",
            "n=1",
            "m=9",
            *ARGUMENTS[6:],
            "c_composite=1",
            "a=1",
        ],
        "its value is not proved to fall as n grows",
    ),
    (
        [
            "holdout.clopper_pearson",
            "--variant",
            "lower",
            "--target",
            "0.1",
            "--price",
            "n=1",
            "delta=0.1",
            "errors=3",
        ],
        "not proved to rise",
    ),
    (
        [
            "huang2021.selection",
            "--variant",
            "crossover",
            "--target",
            "9",
            "--price",
            "m=1",
            "L=1",
            "c_M=9",
            "c_N=4",
            "loss_drop=0.1",
        ],
        "does not depend on m",
    ),
    (
        ["holdout.kl", "--target", "0.1", "--price", "m=1", "delta=0.1", "test_loss=0.01"],
        "price m: not a sample count of holdout.kl, which has n",
    ),
    (
        [
            "huang2021.theorem1",
            "--target",
            "-0.19",
            "--price",
            "m=1",
            "delta=0.05",
            "L=1",
            "C=1",
            "rademacher=0.01",
            "gamma=-0.2",
        ],
        "gamma + 2·lipschitz·rademacher = −0.18 leave no room",
    ),
    (
        [
            "holdout.empirical_bernstein",
            "--target",
            "0.3",
            "--price",
            "n=1",
            "delta=0.05",
            "C=1",
            "test_loss=0.01",
            "V=0.3",
        ],
        "variance is above",
    ),
]


@pytest.mark.parametrize(("arguments", "names"), BAD, ids=[text[:40] for _, text in BAD])
def test_bad_input_is_one_line_and_exit_2(
    arguments: list[str], names: str, refused: Callable[..., str]
) -> None:
    said = refused("plan", *arguments)
    assert names in said
    assert len(said) < 400


@pytest.mark.parametrize(
    ("option", "number"),
    list(
        itertools.product(
            ["target", "price", "at_most", "value"],
            [float("nan"), float("inf"), "one", None, [1, 2], 10**400, True],
        )
    ),
)
def test_numbers_that_cannot_be_used(option: str, number: Any) -> None:
    request: dict[str, Any] = {"target": 0.2, "prices": {"m": 1, "n": 1}, "at_most": {}} | PLAIN
    if option == "target":
        request["target"] = number
    elif option == "value":
        request["connection_gap"] = number
    else:
        request["prices" if option == "price" else "at_most"] = {"m": number, "n": 1}
    with pytest.raises(BoundcalcError):
        bc.plan(LU, **request)


def test_json_is_the_record() -> None:
    done = CliRunner().invoke(
        app, ["plan", LU, *ARGUMENTS, "--at-most", "m=100000", "-f", "json"], catch_exceptions=False
    )
    found = bc.plan(LU, target=0.2, prices={"m": 0.01, "n": 1}, at_most={"m": 100_000}, **PLAIN)
    assert json.loads(done.stdout) == found.to_dict()
    assert found.to_dict()["counts"] == {"m": found.m, "n": found.n, "tasks": 1}


@pytest.mark.parametrize("format", ["rich", "markdown", "latex", "csv"])
def test_every_format_shows_the_plan(format: str) -> None:
    done = CliRunner().invoke(
        app,
        ["plan", LU, *ARGUMENTS, "c_composite=1", "growth=0.75", "-f", format],
        catch_exceptions=False,
    )
    found = bc.plan(LU, target=0.2, prices={"m": 0.01, "n": 1}, **PLAIN)
    assert done.exit_code == 0
    if format == "csv":
        (row,) = csv.DictReader(io.StringIO(done.stdout))
        assert (int(row["counts.m"]), float(row["cost"])) == (found.m, found.cost)
        return
    assert f"{found.m:,}" in done.stdout
    assert f"{found.cost:,.2f}" in done.stdout
    if format == "rich":
        assert max(len(line.rstrip()) for line in done.stdout.splitlines()) <= 80
