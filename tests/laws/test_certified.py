"""Proven digits: enclosures hold what 60 digits elsewhere give, and nothing printed is on the wrong side."""

from __future__ import annotations

import importlib.util
from fractions import Fraction
from math import comb
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from files import ROOT

import boundcalc as bc
from boundcalc.errors import BoundcalcError, InputError
from boundcalc.numeric.decide.paired import Region, score_region
from boundcalc.numeric.decide.proved import ProvedRegion, proved_test
from boundcalc.numeric.enclosures import _settled
from boundcalc.symbolic import precision


def _benchmark() -> ModuleType:
    place = importlib.util.spec_from_file_location("certified", ROOT / "benchmarks/certified.py")
    assert place is not None
    assert place.loader is not None
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.parametrize(
    ("points", "seed"), [(1_000, 11), pytest.param(20_000, 12, marks=pytest.mark.long)]
)
def test_random_points_of_the_catalogue(points: int, seed: int) -> None:
    """Every form, about three hundred times each in the longer run."""
    counts, wrong = _benchmark().checked(points, seed)
    assert not wrong
    assert counts.total() - counts["refused"] == points


POINTS: list[tuple[str, str, dict[str, Any]]] = [
    ("holdout.kl", "upper", {"n": 840, "test_loss": 0.1, "delta": 0.015}),
    ("holdout.kl", "lower", {"n": 840, "test_loss": 0.1, "delta": 1e-300}),
    ("holdout.kl", "upper", {"n": 10**18, "test_loss": 0.25, "delta": 1e-17}),
    ("holdout.kl", "upper", {"n": 10, "test_loss": 0.9999999, "delta": 1e-17}),
    ("holdout.clopper_pearson", "upper", {"n": 500, "errors": 12, "delta": 0.05}),
    ("holdout.clopper_pearson", "lower", {"n": 500, "errors": 500, "delta": 1e-17}),
    ("holdout.clopper_pearson", "upper", {"n": 10**18, "errors": 0, "delta": 1e-17}),
    ("holdout.hoeffding", "upper", {"n": 9, "test_loss": 0, "delta": 0.015, "loss_bound": 1e300}),
    ("holdout.hoeffding", "upper", {"n": 9, "test_loss": 0, "delta": 0.015, "loss_bound": 1e-300}),
    ("pac_bayes.kl", "exact", {"m": 500, "divergence": 2, "train_loss": 0.1, "delta": 0.05}),
]


@pytest.mark.parametrize(("id", "variant", "numbers"), POINTS)
@pytest.mark.parametrize("digits", [3, 15, 50])
def test_both_arithmetics_print_the_same_digits(
    id: str, variant: str, numbers: dict[str, Any], digits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    faster = bc.evaluate(id, variant=variant, digits=digits, **numbers)
    monkeypatch.setattr(precision, "_flint", lambda: None)
    slower = bc.evaluate(id, variant=variant, digits=digits, **numbers)
    assert faster.certified == slower.certified
    low, high = map(Fraction, faster.certified or ())
    assert high - low <= abs(high) * Fraction(10) ** (1 - digits)


@pytest.mark.parametrize(
    ("id", "unknown", "target", "numbers"),
    [
        ("holdout.kl", "delta", 0.15, {"n": 840, "test_loss": 0.1}),
        ("holdout.hoeffding", "loss_bound", 0.05, {"n": 100, "test_loss": 0, "delta": 0.015}),
        ("holdout.hoeffding", "n", 0.05, {"loss_bound": 1, "test_loss": 0, "delta": 0.015}),
        ("holdout.clopper_pearson", "delta", 0.05, {"n": 1000, "errors": 40}),
        ("holdout.clopper_pearson", "n", 0.05, {"errors": 40, "delta": 0.05}),
        ("holdout.clopper_pearson", "errors", 0.05, {"n": 1000, "delta": 0.05}),
    ],
)
def test_a_solution_meets_its_target_and_the_next_value_does_not(
    id: str, unknown: str, target: float, numbers: dict[str, Any]
) -> None:
    for digits in (2, 20, 40):
        found = bc.solve(id, unknown=unknown, target=target, digits=digits, **numbers).bracket
        assert found is not None
        assert found.misses is not None
        assert found.at_misses is not None
        exact = Fraction(str(target))
        assert Fraction(found.at_meets.upper) <= exact < Fraction(found.at_misses.lower)
        gap = abs(Fraction(found.meets) - Fraction(found.misses))
        if bc.symbol(unknown).is_integer:
            assert gap == 1
        else:
            assert gap <= Fraction(found.meets) * Fraction(10) ** (1 - digits)


def test_a_target_that_is_met_exactly() -> None:
    """1/√n + √(2n/m) = 1/4 + 1/5 at n = 16 and m = 800."""
    found = bc.solve(
        "lu2023.separation", variant="multimodal", unknown="m", target=0.45, n=16, digits=6
    )
    assert found.bracket is not None
    assert found.bracket.meets == "800"
    assert Fraction(found.bracket.at_meets.lower) == Fraction(found.bracket.at_meets.upper)


@pytest.mark.parametrize(("side", "ends"), [(-1, "49999 5"), (0, "5 5"), (1, "5 50001")])
def test_a_value_beside_a_decimal_is_on_its_side_of_it(side: int, ends: str) -> None:
    """Where only the exact sign tells the two apart."""
    half, near = Fraction(1, 2), Fraction(1, 10**3000)
    found = _settled(lambda work: (half - near, half + near), 5, lambda number: side, "a half")
    assert [Fraction(end) for end in found.ends] == [Fraction(f"0.{x}") for x in ends.split()]


def exact_probability(region: Region, p10: Fraction, p01: Fraction) -> Fraction:
    n, rest, total = region.n, 1 - p10 - p01, Fraction(0)
    for k in range(n + 1):
        for b in range(max(int(region.least[k]), 0), k + 1):
            total += comb(n, k) * comb(k, b) * p10**b * p01 ** (k - b) * rest ** (n - k)
    return total


@pytest.mark.parametrize("n", [1, 2, 5, 9, 17])
def test_the_probability_of_a_region_is_bounded_from_above(n: int) -> None:
    rng = np.random.default_rng(n)
    for _ in range(12):
        b = int(rng.integers(0, n + 1))
        region = score_region(b, int(rng.integers(0, n - b + 1)), n)
        for part in (region, region.before()) if n > 1 else (region,):
            shares = rng.dirichlet((1, 1, 1)) * rng.choice([0, 1, 1, 1], 3)
            p10, p01 = np.array([shares[0]]), np.array([min(shares[1], 1 - shares[0])])
            proved = ProvedRegion(part.n, part.least).probability(p10, p01, 1e-12)[0]
            true = exact_probability(part, Fraction(p10[0]), Fraction(p01[0]))
            assert true <= Fraction(proved) <= true + Fraction(2e-12)
            assert part.probability(p10, p01, 1e-12)[0] == pytest.approx(float(true), abs=3e-12)


@pytest.mark.parametrize(("b", "c"), [(0, 9), (4, 14), (5, 5), (9, 0)])
def test_few_discordant_examples_are_not_left_out_of_a_region(b: int, c: int) -> None:
    """Where all outcomes of k discordant examples speak as much as (b, c), all of them count."""
    region = score_region(b, c, 60)
    assert region.least.min() >= 0
    true = exact_probability(region, Fraction(1, 50), Fraction(1, 4))
    for each in (region, ProvedRegion(region.n, region.least)):
        found = each.probability(np.array([0.02]), np.array([0.25]), 1e-12)[0]
        assert found == pytest.approx(float(true), abs=3e-12)


@pytest.mark.parametrize(("b", "c", "n"), [(14, 4, 60), (4, 14, 60), (0, 9, 60), (30, 20, 300)])
def test_a_proved_test_says_what_the_float_one_says(b: int, c: int, n: int) -> None:
    level = 0.025
    proved = proved_test(b, c, n, level=level)
    fast = proved.test
    assert proved.p_value(0.0) == pytest.approx(fast.p_value(0.0), rel=1e-6)
    assert proved.lower_limit(level) == pytest.approx(fast.lower_limit(level), abs=1e-6)
    assert (proved.lower_limit(level) > 0) is (proved.p_value(0.0) <= level)
    assert proved.p_value(proved.lower_limit(level)) <= level


def test_a_certified_comparison_decides_as_the_other() -> None:
    a, b = [1] * 9 + [0] * 51, [0] * 60
    for method in ("discordant", "betting", "hoeffding", "empirical_bernstein"):
        plain = bc.certify(a, b, loss="zero-one", method=method)
        found = bc.certify(a, b, loss="zero-one", method=method, digits=7)
        assert found.verdict == plain.verdict
        assert found.proved is not None
        assert Fraction(found.proved.lower) <= Fraction(found.decider.lower)
        assert Fraction(found.proved.upper) >= Fraction(found.decider.upper)
        assert Fraction(found.proved.p_value_b) >= Fraction(found.p_value_b)


@pytest.mark.parametrize("digits", [0, 1001, 2.5, "5", True])
def test_digits_that_cannot_be(digits: Any) -> None:
    with pytest.raises(InputError, match="digits"):
        bc.evaluate("holdout.kl", n=840, test_loss=0.1, delta=0.015, digits=digits)
    with pytest.raises(InputError, match="digits"):
        bc.certify([1, 0, 1], [0, 0, 1], digits=digits)


ENDS = [
    (id, name, {**dict(entry.example), **change})
    for id, entry in bc.catalogue().items()
    for name in [entry.example_variant]
    for change in (
        *({c: 10**18} for c in ("m", "n") if c in entry.example),
        *({"delta": d} for d in (1e-17, 1e-300) if "delta" in entry.example),
        *({"loss_bound": c} for c in (1e300, 1e-300) if "loss_bound" in entry.example),
        *({"errors": k} for k in (0, entry.example.get("n")) if "errors" in entry.example),
        {next(iter(entry.example)): 10**399},
    )
]


@pytest.mark.parametrize(("id", "variant", "numbers"), ENDS)
def test_numbers_at_the_ends_are_certified_or_refused(
    id: str, variant: str, numbers: dict[str, Any]
) -> None:
    try:
        result = bc.evaluate(id, variant=variant, digits=20, **numbers)
    except BoundcalcError:
        return
    low, high = map(Fraction, result.certified or ())
    assert low <= high
    if result.relation != "=":
        outward = Fraction(result.value) - (high if result.relation == "≤" else low)
        assert outward * (1 if result.relation == "≤" else -1) >= -abs(high - low)


@pytest.mark.parametrize(
    ("given", "exact"),
    [
        (
            {"lipschitz": 1, "complexity_m": 9, "complexity_n": 4, "loss_drop": 3e-9},
            444_444_444_444_444_445,
        ),
        (
            {"lipschitz": 1, "complexity_m": 9, "complexity_n": 4, "loss_drop": 0.1},
            400,
        ),
    ],
)
def test_whole_numbers_beyond_the_floats_are_certified_exactly(
    given: dict[str, float], exact: int
) -> None:
    """⌈4 L² (3 − 2)²/d²⌉ by hand: of 4.4·10¹⁷ the next float is another whole number."""
    assert exact == -(-4 // Fraction(str(given["loss_drop"])) ** 2)
    found = bc.evaluate("huang2021.selection", variant="crossover", digits=25, **given)
    assert [int(Fraction(end)) for end in found.certified] == [exact, exact]
    (term,) = found.enclosed_terms.values()
    assert [int(Fraction(end)) for end in term.ends] == [exact, exact]
