"""Whole unknowns are decided exactly, where a target is met exactly and where floats have no digits left."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from mpmath import mp
from sympy import Integer, Rational, Symbol, log, sqrt
from test_outward import exact

import boundcalc as bc
from boundcalc.numeric.exact import UndecidedError, sign, sign_against
from boundcalc.symbolic.functions import BinomialLower, BinomialUpper, KLLower, KLUpper

TABLES = [  # a, b: 1/a + 1/b is a short decimal, n = a², m = 2 a² b²
    (5, 10),
    (4, 5),
    (2, 8),
    (10, 20),
    (20, 25),
    (8, 40),
    (16, 125),
    (25, 200),
]


@pytest.mark.parametrize(("a", "b"), TABLES)
def test_a_target_that_is_met_exactly_is_met(a: int, b: int) -> None:
    """1/√n + √(2n/m) = 1/a + 1/b."""
    target, n, m = float(Fraction(1, a) + Fraction(1, b)), a**2, 2 * a**2 * b**2
    found = bc.solve("lu2023.separation", variant="multimodal", unknown="m", target=target, n=n)
    assert found.value == m
    assert found.achieved == target
    assert (
        bc.plan("lu2023.separation", variant="multimodal", target=target, prices={"m": 1}, n=n).m
        == m
    )
    back = bc.solve("lu2023.separation", variant="multimodal", unknown="n", target=target, m=m)
    assert n in {back.value, *back.roots}


EXACTLY = [  # other bounds that meet their target exactly: the least or largest whole number, by hand
    # 2 L (√9 − √4)/√m = 0.1
    ("huang2021.selection", "threshold", "m", 0.1, {"L": 1, "c_M": 9, "c_N": 4}, 400),
    # 4·0.3 (√0.49 − √0.04)/√m = 0.003: m = 200²
    (
        "huang2021.selection",
        "threshold-published",
        "m",
        0.003,
        {"L": 0.3, "c_M": 0.49, "c_N": 0.04},
        40_000,
    ),
    # 1·60/40 − 1.5·60/50 = −0.3, and with one weight more 60/39 − 1.8 = −0.26
    (
        "huang2021.proposition1",
        "gap",
        "rank_m",
        -0.3,
        {
            "m": 61,
            "noise_variance": 1,
            "latent_quality_m": 0,
            "latent_quality_n": 0.5,
            "rank_n": 10,
        },
        20,
    ),
    # tail of no errors: (1 − 0.3)³ = 0.343; of one hit in three: 1 − 0.7³
    ("holdout.clopper_pearson", "upper", "n", 0.3, {"errors": 0, "delta": 0.343}, 3),
    ("holdout.clopper_pearson", "upper", "errors", 0.3, {"n": 3, "delta": 0.343}, 0),
    ("holdout.clopper_pearson", "lower", "n", 0.3, {"errors": 1, "delta": 0.657}, 3),
    # −ln 0.25/2 = −ln 0.5
    ("holdout.kl", "upper", "n", 0.5, {"test_loss": 0, "delta": 0.25}, 2),
    ("holdout.kl", "lower", "n", 0.5, {"test_loss": 1, "delta": 0.25}, 2),
    ("holdout.kl", "upper", "n", 0.3, {"test_loss": 0, "delta": 0.117649}, 6),
]


@pytest.mark.parametrize(("id", "variant", "unknown", "target", "values", "answer"), EXACTLY)
def test_equality_counts_as_met(
    id: str, variant: str, unknown: str, target: float, values: dict[str, Any], answer: int
) -> None:
    found = bc.solve(id, variant=variant, unknown=unknown, target=target, **values)
    assert answer in {found.value, *found.roots}
    assert found.achieved == pytest.approx(target)
    if found.value == answer and found.method != "every value":
        assert found.achieved <= target if found.relation == "≤" else found.achieved >= target


HUGE = [
    (
        "huang2021.theorem1",
        "sharp",
        {"delta": 0.05, "L": 1, "C": 1, "rademacher": 0.05, "gamma": -0.3},
        -0.2,
    ),
    (
        "huang2021.theorem1",
        "published",
        {"delta": 0.1, "L": 2, "C": 0.2, "rademacher": 0.1, "gamma": 0.1},
        1.7,
    ),
    (
        "huang2021.certificate",
        "any-empirical",
        {"delta": 0.1, "L": 1, "C": 1, "train_loss_m": 0.3},
        0.1,
    ),
    (
        "classic.uniform_deviation",
        "lower",
        {"delta": 0.3, "L": 1, "C": 1, "rademacher": 0.1, "train_loss": 0.7},
        0.5,
    ),
    (
        "lu2023.multimodal",
        "one-event",
        {"delta": 0.1, "n": 100, "L": 1, "C": 1, "D": 1, "kappa": 0.1},
        None,
    ),
]


@pytest.mark.parametrize(
    ("id", "variant", "values", "limit"), HUGE, ids=[f"{h[0]}-{h[1]}" for h in HUGE]
)
def test_the_least_m_is_exact_also_where_floats_cannot_tell_it_from_the_next(
    id: str, variant: str, values: dict[str, Any], limit: float | None
) -> None:
    rng = np.random.default_rng(3)
    if id == "huang2021.certificate":
        values = values | {
            "train_loss_n": 0.4,
            "rademacher_empirical_m": 0.05,
            "rademacher_empirical_n": 0.05,
        }
    if limit is None:
        values = values | {"c_connection": 1, "c_predictor": 1}
        limit = 0.1 + float(mp.sqrt(2 * mp.pi) / 10 + mp.sqrt(2 * mp.log(10) / 100))
    sense = -1 if "lower" in variant else 1
    for _ in range(12):
        target = float(f"{limit + sense * 10 ** rng.uniform(-7, -4.6):.15g}")
        found = bc.solve(id, variant=variant, unknown="m", target=target, **values)
        assert found.value > 10**8
        known = found.parameters
        here, before = (
            sense * (exact(id, variant, {**known, "m": m}) - Fraction(str(target)))
            for m in (found.value, found.value - 1)
        )
        assert here <= 0 < before, (target, found.value)
        if found.value < 10**15 and id.startswith("huang2021"):
            planned = bc.plan(id, variant=variant, target=target, prices={"m": 1}, **values)
            assert planned.m == found.value
        if sense > 0:
            fixed = {name: v for name, v in values.items() if name != "m"}
            assert (
                bc.plan(id, variant=variant, target=target, prices={"m": 1}, **fixed).m
                == found.value
            )


def test_signs_of_nested_roots_and_of_logarithms() -> None:
    m, n = Symbol("m", positive=True), Symbol("n", positive=True)
    nested = sqrt(5 + 2 * sqrt(6)) - sqrt(2) - sqrt(3)
    assert [sign(nested + Rational(x, 10**60), {}) for x in (-1, 0, 1)] == [-1, 0, 1]
    sums = sqrt(m) + sqrt(n) - sqrt(m + n + 2 * sqrt(m * n))
    assert sign(sums, {m: Fraction(7, 3), n: Fraction(123456789, 1000)}) == 0
    assert sign(m ** (n - 1) - 1 / sqrt(m), {m: Fraction(17), n: Fraction(1, 2)}) == 0
    assert sign(log(m) / 3 - log(n), {m: Fraction(27, 8), n: Fraction(3, 2)}) == 0
    assert (
        sign(log(m) / 3 - log(n), {m: Fraction(27, 8), n: Fraction(15, 10) - Fraction(1, 10**50)})
        == 1
    )
    with pytest.raises(UndecidedError, match="agree to more than 300 digits"):
        sign(sqrt(log(m)) - sqrt(log(m**2) / 2) * sqrt(n), {m: Fraction(3), n: Fraction(1)})


def test_limits_of_an_equation_are_compared_by_the_equation() -> None:
    half = Fraction(1, 2)
    near = [half - Fraction(1, 10**40), half, half + Fraction(1, 10**40)]
    for limit in (
        BinomialUpper(Integer(0), Integer(1), Rational(1, 2)),
        BinomialLower(Integer(2), Integer(3), Rational(1, 2)),
        KLUpper(Integer(0), -log(Rational(1, 4)) / 2),
        KLLower(Integer(1), -log(Rational(1, 4)) / 2),
    ):
        assert [sign_against(limit, target, {}) for target in near] == [1, 0, -1], limit
    for limit, value in (
        (BinomialUpper(Integer(3), Integer(3), Rational(1, 9)), 1),
        (BinomialLower(Integer(0), Integer(3), Rational(1, 9)), 0),
        (KLUpper(Integer(1), Integer(2)), 1),
        (KLLower(Integer(0), Integer(2)), 0),
    ):
        targets = [Fraction(-1), Fraction(0), half, Fraction(1), Fraction(2)]
        assert [sign_against(limit, t, {}) for t in targets] == [
            (value > t) - (value < t) for t in targets
        ]
    inside = KLUpper(Rational(1, 5), Integer(1))
    assert [sign_against(inside, Fraction(t), {}) for t in (-1, 0, 1, 2)] == [1, 1, -1, -1]
    assert sign_against(inside, Fraction(1, 5), {}) == 1
    assert sign_against(KLLower(Rational(1, 5), Integer(1)), Fraction(1, 5), {}) == -1


def test_a_crossover_size_is_rounded_up() -> None:
    """⌈4/(3·10⁻⁹)²⌉, which no float is."""
    values = {"L": 1, "c_M": 9, "c_N": 4, "loss_drop": 3e-9}
    found = bc.evaluate("huang2021.selection", variant="crossover", **values).value
    assert (
        Fraction(found) >= Fraction(4) / Fraction(3, 10**9) ** 2 > Fraction(np.nextafter(found, 0))
    )


def test_a_ratio_of_logarithms_that_meets_the_target_is_decided() -> None:
    """(2 + 1)/log₂ K ≤ 0.3 for K ≥ 1,024: equality at 1,024."""
    found = bc.solve("liang2024.accuracy", unknown="classes", target=0.3, information_bits=2)
    assert found.value == 1024
