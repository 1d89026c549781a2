"""Solving a bound for any of its parameters: what comes back, on which side, and what is refused."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import beta

import boundcalc as bc
from boundcalc.errors import DomainError, ImpossibleTargetError, InputError, UnknownNameError
from boundcalc.numeric.search import boundary, boundary_between, whole_domain
from boundcalc.numeric.solve import _meets
from boundcalc.numeric.special import binomial_upper
from boundcalc.symbolic.analysis.ranges import range_of
from boundcalc.symbolic.analysis.trends import Trend, TrendFacts, trend
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.parameters import parameter, symbol

FORMS = [(id, variant) for id, entry in bc.catalogue().items() for variant in entry.variants]
THEOREM1 = {"delta": 0.05, "lipschitz": 1, "loss_bound": 1, "rademacher": 0.01, "gamma": 0}


def unknowns(id: str, variant: str) -> list[str]:
    """The parameters on which the value depends."""
    form = bc.theorem(id).variant(variant)
    return [p.name for p in form.parameters if form.expression.has(p.symbol)]


_SHARES = st.integers(0, 10_000).map(lambda i: i / 10_000)


def _between(low: float, high: float) -> st.SearchStrategy[float]:
    return _SHARES.map(lambda u: low + (high - low) * u)


def _log_between(low: float, high: float) -> st.SearchStrategy[float]:
    return _SHARES.map(lambda u: low * (high / low) ** u)


def _strategy(id: str, p: Parameter) -> st.SearchStrategy[float]:
    if p.name in ("m", "n"):
        # the lower limit of lu2023.separation loses its digits for n above 10⁵
        return _log_between(2, 1e4 if id == "lu2023.separation" else 1e7).map(round)
    if p.name in ("rank_m", "rank_n"):
        return st.integers(0, 20)
    if p.name == "tasks":
        return st.integers(1, 50)
    if p.name == "classes":
        return st.integers(2, 1000)
    if p.name == "delta":
        return _log_between(1e-6, 0.9)
    if p.low == float("-inf"):
        return _between(-1, 1)
    if p.open_low:
        return _log_between(0.1, 5)
    if p.high == 1:
        return _between(p.low, p.high)
    if p.name.startswith(("complexity", "c_")):
        return _log_between(0.05, 20)
    return _between(0, 0.5)


@st.composite
def numbers(draw: st.DrawFn, id: str, variant: str) -> dict[str, Any]:
    """Numbers that a variant accepts."""
    values = {p.name: draw(_strategy(id, p)) for p in bc.theorem(id).variant(variant).parameters}
    largest = values.get("loss_bound", 1)
    for name in values:
        if name.startswith(("train_loss", "test_loss")):
            values[name] = largest * draw(_SHARES)
    if "rank_m" in values:
        values["rank_n"] = round(0.9 * draw(_SHARES) * values["rank_m"])
        values["rank_m"] += 1
        values["latent_quality_n"] = 0.01 + values["latent_quality_m"] + values["latent_quality_n"]
        values["noise_variance"] += 0.01
    if "rank_m" in values and "m" in values:
        values["m"] += values["rank_m"] + 1
    if "variance" in values:
        loss = values["test_loss"]
        values["variance"] = 0.99 * draw(_SHARES) * loss * (largest - loss)
    if "candidates" in values:
        values["candidates"] = 1 + round(99 * draw(_SHARES))
    if "errors" in values:
        values["errors"] = round(draw(_SHARES) * values["n"])
    if "loss_drop" in values and "complexity_n" in values:
        values["loss_drop"] = 0.01 + abs(values["loss_drop"])
        values["complexity_n"] = 0.9 * draw(_SHARES) * values["complexity_m"]
    return values


def check_knock_out(id: str, variant: str, values: dict[str, Any], name: str) -> None:
    """Remove one value, ask for the bound that was reached with it: it comes back, on the safe side."""
    reached = bc.evaluate(id, variant=variant, **values)
    rest = {k: v for k, v in values.items() if k != name}
    form, target = bc.theorem(id).variant(variant), reached.value
    if form.relation == "=" and not form.expression.has(sympy.ceiling):
        # no limit, so not rounded up: the exact value may be above it, and miss it as a target
        target += 4e-15 * sum(map(abs, reached.terms.values()))
    ask = {"variant": variant, "unknown": name, "target": target, **rest}
    if does_not_depend(id, ask):
        for other in (1, 2) if parameter(name).integer else (0.5, 1):
            assert value_with(id, variant, rest, name, other) == pytest.approx(
                reached.value, rel=1e-12, abs=1e-15
            )
        return
    found = bc.solve(id, **ask)
    assert found.status.endswith(".")
    assert found.status
    if found.method == "every value":
        assert meets(found, found.achieved) if found.value is not None else True
    elif found.method == "scan":
        check_scan(found, values[name], parameter(name))
    else:
        check_extreme(id, variant, rest, found, values[name], reached)


def does_not_depend(id: str, ask: dict[str, Any]) -> bool:
    """Whether the question is refused because the other numbers hide the unknown: L in 2LR with R = 0."""
    try:
        bc.solve(id, **ask)
    except InputError as refusal:
        return "does not depend" in str(refusal)
    return False


def value_with(id: str, variant: str, rest: dict[str, Any], name: str, value: float) -> float:
    return bc.evaluate(id, variant=variant, **rest, **{name: value}).value


def meets(found: Any, value: float) -> bool:
    return value <= found.target if found.relation == "≤" else value >= found.target


def check_extreme(
    id: str, variant: str, rest: dict[str, Any], found: Any, original: float, reached: Any
) -> None:
    form, name = bc.theorem(id).variant(variant), found.unknown
    again = bc.evaluate(id, variant=variant, **found.parameters)
    assert again.value == found.achieved
    assert meets(found, again.value)
    if found.method == "only value":
        assert found.value == pytest.approx(original)
        return
    smallest = f"the smallest {name}" in found.status
    assert smallest or f"the largest {name}" in found.status
    # the value that was removed meets the target as well, so the extreme one lies on the other side of it
    # (up to the last digits, in which the difference of two rounded terms may go up and down)
    assert (found.value <= original if smallest else found.value >= original) or (
        not parameter(name).integer and found.value == pytest.approx(original, rel=1e-13)
    )
    if parameter(name).integer:
        beyond = found.value + (-1 if smallest else 1)
        assert isinstance(found.value, int)
    else:
        beyond = float(np.nextafter(found.value, -math.inf if smallest else math.inf))
    outside = bc.evaluate(id, variant=variant, **(found.parameters | {name: beyond})).value
    assert not meets(found, outside)
    if not parameter(name).integer and not form.expression.has(sympy.ceiling):
        assert again.value == pytest.approx(reached.value, rel=1e-9, abs=1e-12)
        far = found.value != pytest.approx(original, rel=1e-6, abs=1e-9)
        if far:  # only where the bound is flat to the last digits between the two
            middle = bc.evaluate(
                id, variant=variant, **(rest | {name: (found.value + original) / 2})
            ).value
            assert middle == pytest.approx(reached.value, rel=1e-13, abs=1e-15)


def check_scan(found: Any, original: float, p: Parameter) -> None:
    if found.value is None:
        assert "every" in found.status
        return
    candidates = [*found.roots, found.value]
    spread = 1 if p.integer else 1e-6 * max(abs(original), 1e-3)
    assert min(abs(r - original) for r in candidates) <= spread


@pytest.mark.parametrize(("id", "variant"), FORMS)
def test_knock_out_law_for_numbers_of_all_kinds(id: str, variant: str) -> None:
    slow = "crossover" in variant or id == "holdout.kl"

    @settings(
        max_examples=1 if slow else 3,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(values=numbers(id, variant), name=st.sampled_from(unknowns(id, variant)))
    def law(values: dict[str, Any], name: str) -> None:
        check_knock_out(id, variant, values, name)

    law()


# The directions that the rules cannot decide, each because there is none: the value may rise and fall.
UNDECIDED = {
    ("huang2021.proposition1", "gap"): {"m"},
    ("huang2021.selection", "threshold"): {"m", "lipschitz"},
    ("huang2021.selection", "threshold-published"): {"m", "lipschitz"},
    ("lu2023.improvement", "one-event"): {"n", "delta", "loss_bound", "tasks"},
    ("lu2023.improvement", "expected"): {"n"},
    ("lu2023.separation", "ratio"): {"n"},
    ("lu2023.separation", "multimodal"): {"n"},
    # β + 2mβ/√m: no sign of a derivative that the rules see
    **{("classic.stability", form): {"m"} for form in ("replacement", "removal")},
}


@pytest.mark.parametrize(("id", "variant"), FORMS)
def test_every_declared_direction_is_true(id: str, variant: str) -> None:
    form = bc.theorem(id).variant(variant)
    declared = {p.name: trend(form, p.name) for p in form.parameters}
    undecided = {name for name, way in declared.items() if way is Trend.UNKNOWN}
    assert undecided == UNDECIDED.get((id, variant), set())

    @settings(max_examples=4, deadline=None, derandomize=True, database=None)
    @given(values=numbers(id, variant), other=numbers(id, variant))
    def law(values: dict[str, Any], other: dict[str, Any]) -> None:
        for name, way in declared.items():
            if way is not Trend.UNKNOWN:
                check_direction(id, variant, values, name, sorted([values[name], other[name]]), way)

    law()


def check_direction(
    id: str, variant: str, values: dict[str, Any], name: str, ends: list[float], way: Trend
) -> None:
    try:
        low, high = (bc.evaluate(id, variant=variant, **(values | {name: x})).value for x in ends)
    except InputError:  # the side conditions do not allow one of the two
        return
    slack = 1e-9 * max(abs(low), abs(high), 1e-6)
    if not way & Trend.NONDECREASING:
        assert high <= low + slack, name
    if not way & Trend.NONINCREASING:
        assert high >= low - slack, name


def test_directions_of_expressions() -> None:
    m, delta, gamma, a = (symbol(name) for name in ("m", "delta", "gamma", "growth"))
    facts = TrendFacts()
    up, down = Trend.NONDECREASING, Trend.NONINCREASING
    expected = {
        (sympy.log(1 / delta), delta): down,
        (sympy.sqrt(sympy.log(2 / delta)) / m, delta): down,
        (gamma**2, gamma): Trend.UNKNOWN,
        (gamma**3, gamma): up,
        (gamma * m, m): Trend.UNKNOWN,
        (m ** (a - 1), m): down,
        (m ** (a - 1), a): up,
        ((1 / m) ** a, a): down,
        (m - m, m): Trend.CONSTANT,
        (m + 1 / m, m): Trend.UNKNOWN,
        ((1 - 1 / (2 * m)) ** m, m): up,
        (sympy.ceiling(10 / m), m): down,
        (m * (1 / m - 2), m): down,
        ((1 / m - 2) * (1 - 3 * m), m): up,
        (sympy.sin(m), m): Trend.UNKNOWN,
    }
    for (expression, x), way in expected.items():
        assert facts.trend(expression, x) is way, expression
    assert range_of(sympy.log(1 / delta), {}).positive
    assert not range_of(sympy.log(m), {}).positive
    assert range_of(sympy.log(m), {}).nonnegative
    below = 1 / m - 2
    assert [(r.low, r.high) for r in (range_of(below**p, {}) for p in (1, 2, 3, -1))] == [
        (-2, -1),
        (1, 4),
        (-8, -1),
        (-1, -0.5),
    ]


def test_positions_are_in_the_order_of_floats() -> None:
    axis = whole_domain(parameter("gamma"))
    values = [-1e100, -2.5, -1e-300, -5e-324, 0.0, 5e-324, 1.0, np.nextafter(1, 2), 1e100]
    positions = [axis.position(v) for v in values]
    assert positions == sorted(positions)
    assert [axis.value(p) for p in positions] == values
    assert axis.position(np.nextafter(1, 2)) - axis.position(1.0) == 1
    calls = []

    def holds(position: int) -> bool:
        calls.append(position)
        return axis.value(position) <= 1 / 3

    assert axis.value(boundary(holds, axis.first, axis.last)) == 1 / 3
    assert len(calls) <= 64


GOLDEN = [(0.015, 840), (0.0015, 1301), (0.00015, 1761)]


@pytest.mark.parametrize(("delta", "expected"), GOLDEN)
def test_sample_sizes_of_learning_from_data(delta: float, expected: int) -> None:
    """ε = 0.05, δ = 0.03 two-sided, 1, 10 and 100 hypotheses."""
    found = bc.solve(
        "holdout.hoeffding", unknown="n", target=0.05, delta=delta, loss_bound=1, test_loss=0
    )
    assert found.value == expected
    assert found.method == "closed form"


def test_perfect_squares_are_not_missed() -> None:
    for c_m, drop, expected in [(9, 0.1, 400), (9, 0.2, 100), (16, 0.1, 1600)]:
        values = {"lipschitz": 1, "complexity_m": c_m, "complexity_n": 4}
        found = bc.solve("huang2021.selection", unknown="m", target=drop, **values)
        assert found.value == expected
        least = bc.evaluate("huang2021.selection", variant="crossover", loss_drop=drop, **values)
        assert found.value == least.value


@settings(max_examples=10, deadline=None, derandomize=True, database=None)
@given(st.integers(1, 10**6), st.integers(0, 300), st.integers(-300, 300), st.integers(1, 2000))
def test_closed_form_equals_a_root_finder(delta: int, loss: int, gamma: int, room: int) -> None:
    values = {
        "delta": delta / (10**6 + 1),
        "lipschitz": 1.5,
        "loss_bound": 0.7,
        "rademacher": loss / 1000,
    }
    target = gamma / 1000 + 2 * 1.5 * loss / 1000 + room / 1000
    form = {"id": "huang2021.theorem1", "variant": "sharp", "gamma": gamma / 1000}
    id = form.pop("id")
    found = bc.solve(id, unknown="m", target=target, **form, **values)

    def gap(log_m: float) -> float:
        concentration = 0.7 * math.sqrt(2 * math.log(1 / values["delta"]) / math.exp(log_m))
        return gamma / 1000 + 3 * loss / 1000 + concentration - target

    if gap(0) <= 0:
        assert found.value == 1
        assert "every m ≥ 1" in found.status
    else:
        root = math.exp(brentq(gap, 0, 60, xtol=1e-13))
        assert found.method == "closed form"
        assert found.value == pytest.approx(math.ceil(root), rel=1e-9, abs=1)
        assert found.value - 1 <= root * (1 + 1e-9)


def test_the_closed_form_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    values = THEOREM1 | {"target": 0.0512, "unknown": "m"}
    closed = bc.solve("huang2021.theorem1", **values)
    monkeypatch.setattr("boundcalc.numeric.solve._at_closed_form", lambda *_: (None, ""))
    searched = bc.solve("huang2021.theorem1", **values)
    assert (closed.method, searched.method) == ("closed form", "bisection")
    assert closed.value == searched.value


@pytest.mark.parametrize(
    ("lipschitz", "target", "expected"),
    [
        (1.0, 0.1, 400),
        # (2·L/target)² is a little more than 100,020,001 and just 456,976; floats round it across
        (500.05000000000007, 0.1, 100_020_002),
        (101.4, 0.3, 456_976),
    ],
)
def test_the_closed_form_is_off_by_one_at_most(
    lipschitz: float, target: float, expected: int
) -> None:
    """2·L·(√9 − √4)/√m, and its neighbour where rounding hides which of them it is."""
    assert expected == math.ceil((2 * Fraction(repr(lipschitz)) / Fraction(repr(target))) ** 2)
    found = bc.solve(
        "huang2021.selection",
        unknown="m",
        target=target,
        lipschitz=lipschitz,
        complexity_m=9,
        complexity_n=4,
    )
    assert (found.value, found.method) == (expected, "closed form")


def test_what_the_next_whole_number_does() -> None:
    """√(ln(1/0.015)/(2n)) at 840 and 839; P(Bin(500, p) ≤ k) = 0.05 at 16 and 17 by SciPy."""
    smallest = bc.solve(
        "holdout.hoeffding", unknown="n", target=0.05, delta=0.015, loss_bound=1, test_loss=0
    )
    at, beside = (math.sqrt(math.log(1 / 0.015) / (2 * n)) for n in (840, 839))
    said = re.search(r"it is ([\d.]+); at 839 it is ([\d.]+)\.$", smallest.status)
    assert said is not None
    assert list(map(float, said.groups())) == pytest.approx([at, beside], rel=1e-5)
    assert smallest.probability == pytest.approx(0.985)
    largest = bc.solve("holdout.clopper_pearson", unknown="errors", target=0.05, n=500, delta=0.05)
    said = re.search(r"it is ([\d.]+); at 17 it is ([\d.]+)\.$", largest.status)
    assert said is not None
    ends = [beta.ppf(0.95, k + 1, 500 - k) for k in (16, 17)]
    assert list(map(float, said.groups())) == pytest.approx(ends, rel=1e-5)


def test_array_of_targets_from_a_published_pair() -> None:
    """Clopper–Pearson, 0 errors: p ≤ target needs n ≥ ln δ / ln(1 − target); 59 for 0.05 and 95 %."""
    found = bc.solve("holdout.clopper_pearson", unknown="n", target=0.05, errors=0, delta=0.05)
    assert found.value == 59
    least = bc.solve("holdout.clopper_pearson", unknown="errors", target=0.05, n=500, delta=0.05)
    assert (least.value, "largest errors" in least.status) == (16, True)


IMPOSSIBLE = [
    (
        "lu2023.multimodal",
        "m",
        0.1,
        {"n": 10**5, "kappa": 0.3, "L": 1, "c_predictor": 1, "c_connection": 1},
        "lipschitz·connection_gap = 0.3 alone exceeds it",
    ),
    (
        "huang2021.theorem1",
        "m",
        0.015,
        THEOREM1,
        "2·lipschitz·rademacher = 0.02 alone exceeds it, whatever m is",
    ),
    ("huang2021.theorem1", "m", 0.02, THEOREM1, "tends to it as m → ∞ and never gets there"),
    (
        "huang2021.theorem1",
        "m",
        -0.1,
        THEOREM1 | {"gamma": -0.05},
        "gamma = −0.05, 2·lipschitz·rademacher = 0.02; together −0.03",
    ),
    (
        "huang2021.theorem1",
        "rademacher",
        0.01,
        {"m": 100, "delta": 0.05, "lipschitz": 1, "loss_bound": 1, "gamma": 0},
        "loss_bound·√(2·ln(1/delta)/m) = 0.244775 alone exceeds it, whatever rademacher is",
    ),
    (
        "huang2021.theorem1",
        "delta",
        0.01,
        {k: v for k, v in THEOREM1.items() if k != "delta"} | {"m": 50},
        "2·lipschitz·rademacher = 0.02 alone exceeds it",
    ),
    ("holdout.kl", "n", 0.1, {"test_loss": 0.3, "delta": 0.05}, "→ 0.3 alone exceeds it as n → ∞"),
    (
        "holdout.kl",
        "n",
        0.3,
        {"test_loss": 0.3, "delta": 0.05},
        "tends to it as n → ∞ and never gets there",
    ),
    ("holdout.clopper_pearson", "n", 0, {"errors": 3, "delta": 0.05}, "tends to it as n → ∞"),
    ("lu2023.separation", "n", 0.31, {"variant": "unimodal-lower"}, "→ 0.303265 alone falls short"),
    (
        "lu2023.separation",
        "n",
        0.1,
        {"variant": "multimodal", "m": 10},
        "smallest bound found there is 1.33956, at n = 2",
    ),
    (
        "holdout.hoeffding",
        "n",
        0.9,
        {"variant": "lower", "test_loss": 0.5, "C": 1, "delta": 0.1},
        "as n → ∞ what is left is test_loss = 0.5",
    ),
    (
        "huang2021.theorem1",
        "m",
        0.0200000001,
        THEOREM1,
        "even at m = 9,007,199,254,740,991 the bound is 0.0200001",
    ),
    (
        "holdout.empirical_bernstein",
        "variance",
        0.1,
        {"test_loss": 0, "C": 1, "delta": 0.1, "n": 10},
        "alone exceeds it",
    ),
]


@pytest.mark.parametrize(("id", "unknown", "target", "values", "reason"), IMPOSSIBLE)
def test_impossible_targets_name_what_is_in_the_way(
    id: str, unknown: str, target: float, values: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ImpossibleTargetError) as refusal:
        bc.solve(id, unknown=unknown, target=target, **values)
    assert reason in str(refusal.value)
    assert "nan" not in str(refusal.value)


def test_a_target_that_every_value_meets() -> None:
    found = bc.solve("huang2021.theorem1", unknown="m", target=3, **THEOREM1)
    assert (found.value, found.method) == (1, "every value")
    assert "every m ≥ 1" in found.status
    top = bc.solve(
        "holdout.hoeffding", unknown="test_loss", target=5, n=10, delta=0.1, loss_bound=2
    )
    assert top.value == 2
    assert "from 0 to 2" in top.status
    # the end of the domain is open: there is no extreme value to return
    open_end = bc.solve("holdout.kl", unknown="delta", target=1, n=10, test_loss=0.2)
    assert open_end.value is open_end.achieved is open_end.evaluation is None
    assert "between 0 and 1" in open_end.status
    threshold = {"lipschitz": 1, "complexity_m": 4, "complexity_n": 9}
    assert bc.solve("huang2021.selection", unknown="m", target=0, **threshold).value is None


def test_all_boundaries_where_a_value_rises_and_falls() -> None:
    found = bc.solve("lu2023.separation", variant="multimodal", unknown="n", target=0.5, m=1000)
    inside = [n for n in range(1, 2000) if 1 / math.sqrt(n) + math.sqrt(2 * n / 1000) <= 0.5]
    assert found.roots == (inside[0], inside[-1])
    assert found.value == inside[0]
    assert "were scanned" in found.status
    assert f"for n from {inside[0]} to {inside[-1]} (" in found.status
    every = bc.solve("lu2023.separation", variant="multimodal", unknown="n", target=1e30, m=1000)
    assert "for every n that was tried" in every.status
    assert (every.value, every.achieved, every.roots) == (None, None, ())
    assert math.isnan(every.probability)
    # a stretch of a few sizes around the minimum, far narrower than the steps of the scan
    m = 36_000_000_000_000
    target = bc.evaluate("lu2023.separation", variant="multimodal", n=4_242_641 + 30, m=m).value
    narrow = bc.solve("lu2023.separation", variant="multimodal", unknown="n", target=target, m=m)
    met = [
        n
        for n in range(4_242_000, 4_243_500)
        if bc.evaluate("lu2023.separation", variant="multimodal", n=n, m=m).value <= target
    ]
    assert narrow.roots == (met[0], met[-1])
    assert len(met) < 200


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("value", "target", "near"),
    [
        (1e6, 1e6 + 1e-4, True),
        (1e6 + 1e-4, 1e6, True),
        (1e6, 1e6 + 1, False),
        (1, -1, False),
        (1e-9, 1e-9 + 1e-19, True),
        (1e-9, 0, False),
        (0, 0, True),  # a difference may be rounded to 0
    ],
)
def test_values_that_are_close_to_a_target_are_decided_by_themselves(
    value: float, target: float, near: bool, sign: int
) -> None:
    problem: Any = SimpleNamespace(
        target=sign * target, holds=lambda position: "exactly", meets=lambda value: True
    )
    assert _meets(problem, 7, sign * value) == ("exactly" if near else True)


def test_a_power_with_a_huge_exponent_is_not_written_out() -> None:
    """(1 − 1/(2n))ⁿ as a fraction has more digits than fit into memory; here it is e^(−1/2) to 9 digits."""
    with pytest.raises(ImpossibleTargetError) as refusal:
        bc.solve(
            "lu2023.separation", variant="ratio", unknown="m", target=1e4, at_least=True, n=10**9
        )
    limit = math.exp(-0.5) * math.sqrt(10**9) / 2
    assert f"→ {limit:.6g} alone falls short of it as m → ∞" in str(refusal.value)


def test_a_ratio_may_be_asked_for_at_least() -> None:
    values = {
        "m": 10_000,
        "lipschitz": 1,
        "connection_gap": 0,
        "c_predictor": 1,
        "c_connection": 1,
        "c_composite": 1,
    }
    found = bc.solve("lu2023.improvement", unknown="n", target=3, at_least=True, growth=1, **values)
    assert (found.value, found.relation) == (10, "≥")
    assert bc.solve("lu2023.improvement", unknown="n", target=3, growth=1, **values).value == 9
    with pytest.raises(InputError, match="an upper bound"):
        bc.solve("huang2021.theorem1", unknown="m", target=0.1, at_least=True, **THEOREM1)


def test_what_is_found_is_ready_for_evaluate_and_json() -> None:
    found = bc.solve(
        "huang2021.theorem1", unknown="δ", target=0.05, m=9000, L=1, C=1, R=0.01, gamma=0
    )
    record = json.loads(json.dumps(found.to_dict()))
    assert record["unknown"] == "delta"
    again = bc.evaluate(record["id"], variant=record["variant"], **record["parameters"])
    assert again.value == record["achieved"] <= 0.05
    assert set(record) == {
        "id",
        "variant",
        "unknown",
        "target",
        "relation",
        "value",
        "achieved",
        "status",
        "method",
        "closed_form",
        "roots",
        "parameters",
    }


BAD_CALLS = [
    ({"unknown": "mm", **THEOREM1}, UnknownNameError, "did you mean 'm'"),
    ({"unknown": "errors", **THEOREM1}, UnknownNameError, "'errors' of huang2021.theorem1"),
    (
        {"unknown": "rademacher_empirical", "variant": "sharp", **THEOREM1},
        UnknownNameError,
        "huang2021.theorem1 (sharp)",
    ),
    ({"unknown": "m", **THEOREM1, "m": 5}, InputError, "m is the unknown and is given as well"),
    ({"unknown": "m", **THEOREM1, "gamma": [0, 1]}, InputError, "not an array for gamma"),
    ({"unknown": "m", **THEOREM1, "delta": 2}, DomainError, "delta = 2"),
    ({"unknown": "m", **THEOREM1, "target": float("nan")}, DomainError, "target = nan"),
    ({"unknown": "m", **THEOREM1, "target": "x"}, InputError, "target must be a number"),
    ({"unknown": "m", **THEOREM1, "target": [0.1, 0.2]}, InputError, "target must be a number"),
    ({"unknown": "m", "delta": 0.05}, InputError, "needs gamma, lipschitz, loss_bound, rademacher"),
    (
        {
            "unknown": "lipschitz",
            "m": 9,
            "delta": 0.1,
            "loss_bound": 1,
            "gamma": 0,
            "rademacher": 0,
        },
        InputError,
        "does not depend on lipschitz",
    ),
]


@pytest.mark.parametrize(("call", "error", "text"), BAD_CALLS)
def test_bad_calls(call: dict[str, Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as refusal:
        bc.solve("huang2021.theorem1", **({"target": 0.1} | call))
    assert text in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_an_unknown_of_the_trivial_value_alone() -> None:
    values = {
        "m": 100,
        "n": 100,
        "lipschitz": 1,
        "connection_gap": 0,
        "c_predictor": 1,
        "c_connection": 1,
    }
    with pytest.raises(InputError, match="does not depend on loss_bound"):
        bc.solve("lu2023.multimodal", variant="expected", unknown="loss_bound", target=1, **values)


def test_side_conditions_limit_the_unknown() -> None:
    bernstein = {"delta": 0.05, "loss_bound": 1, "test_loss": 0.1}
    found = bc.solve(
        "holdout.empirical_bernstein", unknown="variance", target=1, n=2000, **bernstein
    )
    most = 2000 * 0.1 * 0.9 / 1999
    assert found.value == pytest.approx(most, rel=1e-8)
    with pytest.raises(InputError, match="no n is allowed by the other numbers"):
        bc.solve("holdout.empirical_bernstein", unknown="n", target=0.5, variance=0.9, **bernstein)
    count = bc.solve("holdout.clopper_pearson", unknown="n", target=1, errors=7, delta=0.1)
    assert count.value == 7
    alone = bc.solve(
        "holdout.empirical_bernstein",
        unknown="variance",
        target=9,
        n=9,
        delta=0.1,
        loss_bound=1,
        test_loss=0,
    )
    assert alone.value <= 1e-11


@pytest.mark.parametrize("command", ["solve", "rates", "crossover"])
def test_help_is_light(command: str) -> None:
    code = (
        f"import sys\nsys.argv = ['boundcalc', '{command}', '--help']\n"
        "from boundcalc.cli.app import main\ntry: main()\nexcept SystemExit: pass\n"
        "print(sorted({'sympy', 'scipy', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


COMMAND = ["solve", "huang2021.theorem1", "--for", "m", "delta=0.05", "L=1", "C=1", "gamma=0"]
BAD_COMMANDS = [
    ([*COMMAND, "rademacher=0.01", "--target", "0.01"], "alone exceeds it"),
    ([*COMMAND, "rademacher=0.01"], "--target"),
    ([*COMMAND, "rademacher=0.01", "--target", "zero"], "target must be a number, not 'zero'"),
    ([*COMMAND, "rademacher=0.01", "--target", "nan"], "target must be a finite number"),
    ([*COMMAND, "rademacher=0.01", "m=7", "--target", "0.1"], "m is the unknown"),
    (
        [*COMMAND, "rademacher=0.01", "target=7", "--target", "0.1"],
        "target is an option, not a parameter",
    ),
    ([*COMMAND, "rademacher=0.01", "unknown=7", "--target", "0.1"], "unknown parameter 'unknown'"),
    ([*COMMAND, "--target", "0.1"], "needs rademacher"),
    ([*COMMAND, "rademacher=0.01", "--target", "0.1", "--variant", "shrp"], "did you mean 'sharp'"),
    ([*COMMAND, "rademacher=0.01", "--target", "0.1", "--at-least"], "says nothing"),
]


@pytest.mark.parametrize(("arguments", "text"), BAD_COMMANDS)
def test_bad_commands_are_one_line(
    arguments: list[str], text: str, refused: Callable[..., str]
) -> None:
    assert text in refused(*arguments)


@pytest.mark.parametrize("format", ["rich", "json", "markdown", "latex", "csv"])
def test_every_format(format: str, run: Callable[..., tuple[int, str, str]]) -> None:
    code, out, _ = run(*COMMAND, "rademacher=0.01", "--target", "0.1", "--format", format)
    assert code == 0
    assert "937" in out
    if format == "json":
        assert json.loads(out)["value"] == 937
    if format == "latex":
        assert [c for c in out if ord(c) > 255] == []


@pytest.mark.parametrize(
    "distance",
    [
        lambda k: k - 12345.5,
        lambda k: 1e3 / math.sqrt(k) - 0.02,
        lambda k: math.inf if k < 10**6 else -1.0,
        lambda k: math.log(k) - 30,
        lambda k: math.expm1(min(k - 40, 700)),
        lambda k: float(k > 10**15) - 0.5,
        lambda k: k**3 - 8e27,
    ],
)
def test_secants_end_where_halving_does(distance: Callable[[int], float]) -> None:
    steps = Counter[str]()

    def counted(k: int) -> float:
        steps["by secants"] += 1
        return distance(k)

    low, high = 1, 2**53
    inside, outside = (low, high) if distance(low) <= 0 else (high, low)
    found = boundary_between(counted, inside, outside)
    assert found == boundary(lambda k: distance(k) <= 0, inside, outside)
    assert steps["by secants"] <= 3 * 53


def test_a_binomial_limit_is_inverted_in_few_steps() -> None:
    """A limit of 10¹⁵ trials takes long: a search has to do with few of them."""
    tried = []

    def distance(k: int) -> float:
        tried.append(k)
        return float(binomial_upper(k, 10**9, 0.5)) - 0.1

    found = boundary_between(distance, 0, 10**9)
    assert distance(found) <= 0 < distance(found + 1)
    assert len(tried) <= 22


def test_what_may_fail_is_never_said_to_hold_always() -> None:
    """1 − 10⁻¹⁷ is nearest to 1 among floats."""
    rare = {"delta": 1e-17, "loss_bound": 1, "test_loss": 0}
    found = bc.solve("holdout.hoeffding", unknown="n", target=0.5, **rare)
    assert found.value == math.ceil(2 * math.log(1e17))
    assert 1 - 1e-15 < found.probability < 1
