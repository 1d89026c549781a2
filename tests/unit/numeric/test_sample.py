"""What a sample, a population and a question may be, and which test and forecast it gets."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan, sqrt
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from boundcalc.errors import BoundcalcError
from boundcalc.numeric.decide import pairs
from boundcalc.numeric.decide.bets import AnytimeBets, Bets
from boundcalc.numeric.decide.decision import Decision, decide
from boundcalc.numeric.decide.forecast import betting_power, exact_power
from boundcalc.numeric.decide.paired import Trinomial
from boundcalc.numeric.decide.pairs import MeanLimit, Summary
from boundcalc.numeric.decide.sample import (
    PairedSample,
    Population,
    checked_looks,
    checked_seed,
    counted_looks,
    deciding_method,
    limit_power,
    margin_in_range,
    mean_loss,
    pair_forecast,
    pair_test,
    paired_sample,
)

A, B = np.array([1.0, 0.0, 0.5, 0.5]), np.array([0.0, 0.5, 0.5, 0.0])


def test_losses_are_weighted_by_class_and_averaged_by_group() -> None:
    plain = paired_sample(A, B, 1.0, False)
    assert (plain.only, plain.n, plain.weights, plain.width) == ((2, 1), 4, None, 1.0)
    of_classes = Population(classes=["x", "y", "x", "y"], weights={"x": 2.0, "y": 0.5, "z": 4})
    found = paired_sample(A, B, 3.0, True, of_classes)
    assert found.a.tolist() == [2.0, 0.0, 1.0, 0.25]
    assert found.b.tolist() == [0.0, 0.25, 1.0, 0.0]
    assert (found.width, found.zero_one, found.n) == (12.0, False, 4)
    of_groups = Population(groups=["u", "v", "u", "u"], group_size=4)
    found = paired_sample(A, B, 1.0, True, of_groups)
    assert found.a.tolist() == [pytest.approx(2 / 3), 0.0]
    assert found.weights is not None
    assert found.weights.tolist() == [0.75, 0.25]
    assert (found.zero_one, found.n) == (False, 4)


def test_the_mean_loss_of_one_predictor_is_that_of_the_population() -> None:
    """Of the examples that have one; one group is enough."""
    losses = np.array([1.0, 0.5, nan, 0.5])
    assert mean_loss(losses) == pytest.approx(2 / 3)
    of_classes = Population(classes=["x", "y", "x", "y"], weights={"x": 2.0, "y": 0.5})
    assert mean_loss(losses, of_classes) == pytest.approx(2.5 / 3)
    assert mean_loss(losses, Population(groups=["u", "v", "w", "v"])) == pytest.approx(0.75)
    assert mean_loss(losses, Population(groups=["u", "u", "w", "u"])) == pytest.approx(2 / 3)


def test_a_part_of_a_population() -> None:
    whole = Population(["u", "v", "w"], 2, ["x", "y", "x"], {"x": 1.0, "y": 2.0})
    part = whole.on(np.array([2, 0]))
    assert (part.groups, part.classes) == (["w", "u"], ["x", "x"])
    assert (part.group_size, part.weights) == (2, whole.weights)
    assert Population().on(np.array([1])) == Population() or Population().plain
    assert [Population().plain, whole.plain, Population(groups=["u"]).plain] == [True, False, False]


@pytest.mark.parametrize(
    "wrong",
    [
        {"classes": ["x"]},
        {"weights": {"x": 1.0}},
        {"group_size": 3},
        *({"groups": ["u"], "group_size": size} for size in (0, -1, True, 1.5, "2")),
    ],
)
def test_no_population(wrong: dict[str, Any]) -> None:
    with pytest.raises(BoundcalcError):
        Population(**wrong)
    Population(groups=["u"], group_size=1)


def test_a_margin_is_in_the_range_of_the_loss() -> None:
    for value in (0, 0.0, 0.5, 3, np.float64(3.0)):
        assert margin_in_range("margin", value, 3.0) == value
    assert margin_in_range("margin", None, 3.0) is None
    for wrong in (-1e-9, 3.000001, nan, inf, True, "1"):
        with pytest.raises(BoundcalcError):
            margin_in_range("margin", wrong, 3.0)  # type: ignore[arg-type]


def test_how_often_is_looked() -> None:
    for value, count in ((1, 1), (7, 7), (1000, 1000), ("any", 1)):
        assert checked_looks(value) == value  # type: ignore[arg-type]
        assert counted_looks(value) == count  # type: ignore[arg-type]
    for wrong in (0, 1001, -3, True, 1.0, "one"):
        with pytest.raises(BoundcalcError):
            checked_looks(wrong)  # type: ignore[arg-type]


def test_a_seed_has_at_most_256_bits() -> None:
    for value in (0, 1, 2**256 - 1, np.int64(12)):
        assert checked_seed(value) == value
    for wrong in (-1, -(2**300), 2**256, True, False, 1.0, "1", None):
        with pytest.raises(BoundcalcError):
            checked_seed(wrong)


def test_the_method_is_by_the_kind_of_the_losses() -> None:
    assert deciding_method(None, zero_one=True) == "discordant"
    assert deciding_method(None, zero_one=True, looks=5) == "discordant"
    assert deciding_method(None, zero_one=True, looks="any") == "betting"
    assert deciding_method(None, zero_one=False) == "betting"
    assert deciding_method("betting", zero_one=True, weighted=True, looks="any") == "betting"
    assert deciding_method(" empirical-bernstein ", zero_one=False) == "empirical_bernstein"
    assert deciding_method("discordant", zero_one=True) == "discordant"
    assert deciding_method("hoeffding", zero_one=True, looks=3) == "hoeffding"
    for says, wrong in (
        ("looks = any", {"method": "hoeffding", "zero_one": True, "looks": "any"}),
        ("looks = any", {"method": "discordant", "zero_one": True, "looks": "any"}),
        ("group_size", {"method": "hoeffding", "zero_one": False, "weighted": True}),
        ("0/1 losses", {"method": "discordant", "zero_one": False}),
        ("method", {"method": "wald", "zero_one": False}),
    ):
        with pytest.raises(BoundcalcError, match=says):
            deciding_method(**wrong)  # type: ignore[arg-type]


def sample(d: np.ndarray, width: float = 1.0, weights: np.ndarray | None = None) -> PairedSample:
    """Differences of losses in [0, width]."""
    return PairedSample(width / 2 + d / 2, width / 2 - d / 2, width, weights, False, None, d.size)


def test_each_method_has_its_test_of_the_differences() -> None:
    d = np.array([0.5, -0.25, 0.75, 0.0, 0.25, 0.5])
    weights = np.array([0.5, 1.0, 0.25, 0.5, 0.75, 1.0])
    zero_one = paired_sample(np.array([1.0, 1, 0, 1]), np.array([0.0, 1, 1, 0]), 1.0, True)
    found = pair_test("discordant", zero_one, 0.1)
    assert isinstance(found.b_better, Trinomial)
    assert (found.b_better.region.n, found.difference) == (4, 0.25)
    for method in ("hoeffding", "empirical_bernstein"):
        test = pair_test(method, sample(d, 2.0), 0.1).b_better
        assert isinstance(test, MeanLimit)
        assert (test.method, test.bound, test.sample.mean) == (method, 2.0, pytest.approx(d.mean()))
    bets = pair_test("betting", sample(d, 2.0, weights), 0.1).b_better
    assert isinstance(bets, Bets)
    assert (bets.seed, bets.level, bets.weights is weights) == (0, 0.1, True)
    assert pair_test("betting", sample(d), 0.1, seed=7).b_better.seed == 7  # type: ignore[attr-defined]
    at_any_time = pair_test("betting", sample(d, 2.0), 0.1, looks="any")
    assert isinstance(at_any_time.b_better, AnytimeBets)
    assert at_any_time.difference == pytest.approx(d.mean())
    assert isinstance(pair_test("betting", sample(d), 0.1, looks=3).b_better, Bets)


@pytest.mark.parametrize("width", [1.0, 8.0])
@pytest.mark.parametrize("level", [0.6, 0.02])
def test_how_often_an_interval_decides(width: float, level: float) -> None:
    """A normal mean that is above half the width: C √(2 ln(1/α)/n) by Hoeffding's."""
    gap = Summary(50, 0.1, 0.04)
    found = limit_power("hoeffding", gap, width, level)
    for n, theta in ((2000, 0.2 * width), (500, 0.3), (100_000, -0.01 * width)):
        half = width * sqrt(2 * np.log(1 / level) / n)
        power = norm.cdf(sqrt(n) * (abs(theta) - half) / 0.2)
        assert found.power(theta, n) == pytest.approx(power, rel=1e-9, abs=1e-12)
    assert (found.spread, found.level) == (0.2, level)
    # with one example as with two, of which there is a variance
    one, two = (limit_power("empirical_bernstein", gap, 1e-3, 0.1).power(0.001, n) for n in (1, 2))
    assert norm.ppf(one) == pytest.approx((0.001 - 0.001) / 0.2, abs=1e-6)
    assert norm.ppf(two) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("n", [2, 3])
def test_the_power_of_a_limit_for_very_few_examples(n: int) -> None:
    found = limit_power("hoeffding", Summary(50, 0.1, 0.04), 0.1, 0.5).power(0.05, n)
    half = 0.1 * sqrt(2 * np.log(2) / n)
    assert found == pytest.approx(norm.cdf(sqrt(n) * (0.05 - half) / 0.2), rel=1e-6)


def decision(s: PairedSample, method: str) -> Decision:
    return decide([pair_test(method, s, 0.05)], delta=0.1)[0]


def test_forecasts_are_those_of_the_deciding_method() -> None:
    """At the gap and the ends of the interval that were seen; the same if A and B are exchanged."""
    d = np.clip(0.08 + 0.2 * np.random.default_rng(3).standard_normal(30), -1, 1)
    kinds = np.repeat([1.0, -1.0, 0.0], [9, 5, 46])
    zero_one = PairedSample((kinds > 0) * 1.0, (kinds < 0) * 1.0, 1.0, None, True, None, 60)
    for s, method, power in (
        (sample(d), "hoeffding", limit_power("hoeffding", Summary.of(d), 1.0, 0.05)),
        (zero_one, pairs.EXACT, exact_power(0.05).at(14 / 60)),
    ):
        found = decision(s, method)
        needed = pair_forecast(s, found)
        assert needed == power.range(found.difference, found.lower, found.upper)
        assert needed[0].n is not None
        turned = PairedSample(s.b, s.a, s.width, None, s.zero_one, None, s.n)
        assert pair_forecast(turned, decision(turned, method))[0].n == needed[0].n
        assert pair_forecast(s, found, direction="less") == ()
        # of a question of one direction no end of an interval is known on the far side
        asked = tuple(replace(one, least=None) for one in needed)
        assert pair_forecast(s, found, direction="more") == asked != needed


def test_a_forecast_of_bets_is_of_those_for_the_better_one() -> None:
    d = np.where(np.arange(40) % 10 == 0, -0.9, 0.02)
    found = Decision("betting", float(d.mean()), 0.4, 0.9, 0.05, -0.3, 0.1, None)
    for seed in (0, 4):
        power = betting_power(-d, 1.0, 0.05, seed)
        needed = pair_forecast(sample(d), found, **({"seed": seed} if seed else {}))
        assert needed == power.range(found.difference, -0.3, 0.1)


def test_no_forecast_of_equal_means() -> None:
    s = sample(np.array([0.5, -0.5, 0.25, -0.25]))
    assert pair_forecast(s, decision(s, "hoeffding")) == ()
    s = sample(np.ones(4))
    assert pair_forecast(s, decision(s, "hoeffding")) != ()
