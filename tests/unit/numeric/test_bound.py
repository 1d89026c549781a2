"""A bound with its numbers: exact signs, what it depends on, which way it goes, which variant is meant."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sympy import Rational

import boundcalc as bc
from boundcalc.conventions import Trend
from boundcalc.errors import InputError
from boundcalc.numeric.bound import Bound, bind, choose
from boundcalc.numeric.compile import tape
from boundcalc.numeric.compiled import compiled
from boundcalc.symbolic.analysis.trends import TrendFacts

HOEFFDING = {"test_loss": 0.1, "loss_bound": 1, "delta": 0.05}


def selection(loss_drop: Any, **numbers: Any) -> Bound:
    """⌈4(√9 − √4)²/loss_drop²⌉"""
    known = {"lipschitz": 1, "complexity_m": 9, "complexity_n": 4, "loss_drop": loss_drop} | numbers
    return bind("huang2021.selection", "crossover", known)


def test_a_value_that_is_rounded_up_is_compared_exactly() -> None:
    """⌈4/9⌉ … ⌈4/0.01²⌉, and 4·10³² + 1, which no float is."""
    for drop, value in ((3, 1), (2, 1), ("0.7", 9), ("0.01", 40_000)):
        bound = selection(Fraction(drop))
        signs = [bound.compare(value + Fraction(shift)) for shift in ("-1/2", "0", "1/2", "1")]
        assert signs == [1, 0, -1, -1]
    large = selection(Fraction(1), lipschitz=Fraction(10**32 + 1, 10**16))
    exact = -(-4 * Fraction(10**32 + 1, 10**16) ** 2 // 1)
    assert large.whole_value() == exact
    assert [large.compare(exact + shift) for shift in (-1, 0, 1)] == [1, 0, -1]


def test_a_sign_is_1_0_or_minus_1() -> None:
    hoeffding = bind("holdout.hoeffding", "upper", HOEFFDING, free=("n",))
    exact = 0.1 + math.sqrt(math.log(20) / 200)
    assert hoeffding.compare(Fraction(exact) - Fraction(1, 10**9), n=100) == 1
    assert hoeffding.compare(Fraction(exact) + Fraction(1, 10**9), n=100) == -1
    equal = bind("lu2023.separation", "multimodal", {"n": 100, "m": 5000})  # √(200/5000) + 1/√100
    assert equal.compare(Fraction(3, 10)) == 0
    # 0 + 0 is 0 in floats too
    nothing = bind("tosh2021.redundancy", "sharp", {"redundancy_x": 0, "redundancy_z": 0})
    assert [nothing.compare(Fraction(target)) for target in (-1, 0, 1)] == [1, 0, -1]


@pytest.mark.parametrize("variant", ["upper", "lower"])
def test_what_a_limit_without_closed_form_lost_to_rounding_decides_nothing(variant: str) -> None:
    """Outward it is off by some 10⁻¹⁵: from a constant taken off nothing but that may be left."""
    plain = bind("holdout.kl", variant, {"test_loss": 0.1, "n": 100, "delta": 0.05})
    box = plain.enclosure()
    outside = Fraction(plain.value())
    between = (outside + (box.upper if variant == "upper" else box.lower)) / 2
    between = Fraction(round(between * 10**20), 10**20)
    form = plain.variant
    limit, part = form.symbolic.expression, -Rational(between.numerator, between.denominator)
    cancelling = replace(
        form, terms=2 * form.terms, formula=tape(limit, part, 0 * part), whole=tape(limit + part)
    )
    cancelling.__dict__["symbolic"] = SimpleNamespace(expression=limit + part)
    sign = -1 if variant == "upper" else 1
    assert replace(plain, variant=cancelling).compare(Fraction(0)) == sign
    assert plain.compare(between) == sign


def test_what_numbers_make_constant_is_constant() -> None:
    """2LR with R = 0, and with R = 0.1 it grows with L."""
    known = {"m": 100, "delta": 0.05, "loss_bound": 1, "gamma": 0.1}
    for rademacher, way in ((0, Trend.CONSTANT), (0.1, Trend.NONDECREASING)):
        bound = bind(
            "huang2021.theorem1", "sharp", known | {"rademacher": rademacher}, free=("lipschitz",)
        )
        assert bound.trend("lipschitz", bound.domain("lipschitz")) is way


def test_an_end_that_is_not_reached_says_how_a_value_goes() -> None:
    """x²/(x + 1) rises for x > 0; of x ≥ 0 the rules know nothing, as a ratio may be 0/0."""
    bound = bind("holdout.hoeffding", "upper", HOEFFDING | {"n": 10, "loss_bound": 1})
    x = bc.symbol("loss_bound")
    form = replace(bound.variant, trends={"loss_bound": Trend.UNKNOWN})
    form.__dict__["symbolic"] = SimpleNamespace(expression=x**2 / (x + 1))
    bound = replace(bound, variant=form)
    bound.__dict__["_facts"] = TrendFacts()
    domain = bind(
        "holdout.hoeffding", "upper", {"test_loss": 0, "delta": 0.1, "n": 9}, free=("loss_bound",)
    ).domain("loss_bound")
    above = replace(domain, ends=(0.0, 1.0), reached=(False, True))
    assert bound.trend("loss_bound", above) is Trend.NONDECREASING
    assert bound.trend("loss_bound", replace(above, reached=(True, False))) is Trend.UNKNOWN


def test_numbers_are_kept_as_they_were_written() -> None:
    """1/3 and a decimal of 30 digits are no floats; an array has no exact value."""
    long = Fraction("0.012345678901234567890123456789")
    given = {"test_loss": Fraction(1, 3), "delta": long, "C": 2, "n": [100, 200]}
    bound = bind("holdout.hoeffding", "upper", given)
    assert bound.written == {"test_loss": Fraction(1, 3), "delta": long, "loss_bound": 2}
    exact = replace(bound, numbers={**bound.numbers, "n": 100}).exact()
    assert {s.name: v for s, v in exact.items()} == {
        "test_loss": Fraction(1, 3),
        "delta": long,
        "loss_bound": 2,
        "n": 100,
    }


def test_what_fits_as_well_is_told_for_single_numbers_and_arrays() -> None:
    known = {"delta": 0.05, "L": 1, "C": 1, "gamma": -0.2, "rademacher": 0.01}
    for m in (13_200, np.array([10, 20]), [10, 20]):
        fits = bc.evaluate("huang2021.theorem1", m=m, **known).also_fits
        assert fits == ("sharp-vector", "conditional", "conditional-vector", "published")


def test_what_no_variant_takes_together_is_told_with_three_of_them() -> None:
    def refused(id: str, *names: str) -> str:
        with pytest.raises(InputError) as error:
            choose(compiled(id), None, set(names))
        return str(error.value)

    many = refused("huang2021.theorem1", "rademacher", "rademacher_empirical")
    start = "no variant of huang2021.theorem1 uses all of rademacher, rademacher_empirical: sharp "
    assert many.startswith(start + "uses delta, gamma, lipschitz")
    assert many.endswith("rademacher_empirical; …")
    names = ["sharp", "sharp-vector", "sharp-empirical"]
    shown = many.partition(": ")[2].split("; ")
    assert [text.partition(" uses ")[0] for text in shown] == [*names, "…"]
    few = refused("huang2021.proposition1", "m", "added_norm")
    assert [text.partition(" uses ")[0] for text in few.partition(": ")[2].split("; ")] == [
        "gap",
        "crossover",
        "population",
    ]
    assert "…" not in few


def test_the_variant_that_lacks_least_is_named() -> None:
    with pytest.raises(InputError, match=r"^huang2021\.theorem2 \(published\) needs delta$"):
        choose(
            compiled("huang2021.theorem2"),
            None,
            {"centred_loss", "lipschitz", "loss_bound", "m", "rademacher", "rademacher_full"},
        )
