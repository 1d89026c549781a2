"""What is said of a certified comparison: rounded to the safe side, and of what was asked."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

import boundcalc as bc
from boundcalc.numeric.decide.certification import (
    Certification,
    Interval,
    Margin,
    forecast_in_words,
    p_value,
    rounded_count,
)
from boundcalc.numeric.decide.forecast import Needed


def record(lower: float, upper: float, **changes: Any) -> Certification:
    """A comparison with this interval, for A and B."""
    verdict = "b" if lower > 0 else "a" if upper < 0 else None
    known = {
        **{"a": "A", "b": "B", "n": 100, "delta": 0.05, "loss_bound": 1.0, "mean_a": 0.5},
        **{"mean_b": 0.4, "difference": 0.1, "deciding": "betting", "verdict": verdict},
        **{"discordant": None, "further_examples": None, "assumes": (), "loss": "bounded"},
        **{"loss_declared": True, "direction": "both", "level": 0.025, "p_value_a": 1.0},
        **{"p_value_b": 0.1, "groups": None, "looks": 1, "margin": None, "forecast": ()},
        "seed": 0,
    }
    row = Interval("betting", True, lower, upper, 0.95, True, None)
    return Certification(rows=(row,), **known | changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("bound", "decimals"),
    [(1, 4), (0.5, 5), (9.99, 4), (10, 3), (1e4, 0), (1e5, 0), (1e9, 0), (0.01, 6), (1e-9, 13)],
)
def test_decimals_suit_the_scale_of_the_loss(bound: float, decimals: int) -> None:
    """One ten-thousandth of it, and no fractions of a unit where that is more."""
    assert record(0, 1, loss_bound=bound).decimals == decimals


def test_the_amount_is_the_end_next_to_0() -> None:
    assert record(0.02, 0.3).amount == 0.02
    assert record(-0.4, -0.01).amount == 0.01
    assert record(-0.1, 0.3).amount is None
    assert record(0.0, 0.3, verdict="b").amount is None
    assert record(-0.3, 0.0, verdict="a").amount is None
    assert record(-0.3, 0.1, verdict="a").amount is None


@pytest.mark.parametrize(
    ("amount", "bound", "text"),
    [
        (0.123456, 1, "0.1234"),
        (0.00001239, 1, "0.000012"),
        (0.000999, 1, "0.00099"),
        (1.2399e-9, 1, "0.0000000012"),
        (0.9e-9, 1, ""),  # less than a part in 10⁹ of the loss says nothing
        (12.3456, 100, "12.34"),
        (99e-9, 100, ""),
        (1.51e-7, 100, "0.00000015"),
    ],
)
def test_the_amount_is_rounded_down_to_two_digits_at_least(
    amount: float, bound: float, text: str
) -> None:
    said = record(amount, bound, loss_bound=bound).sentence
    start = "B is certified better than A: with probability at least 0.95 its risk is lower"
    assert said == f"{start} by at least {text}." if text else said == f"{start}."
    mirrored = record(-bound, -amount, loss_bound=bound).sentence
    assert mirrored == said.replace("A", "C").replace("B is", "A is").replace("C", "B")


@pytest.mark.parametrize(
    ("direction", "asked", "where", "p"),
    [
        (
            "both",
            "",
            "between −0.1235 and 0.3457",
            "both p-values are above 0.025, the smaller one",
        ),
        ("more", "whether B is better: ", "at least −0.1235", "the p-value, 0.101, is above 0.025"),
        ("less", "whether A is better: ", "at most 0.3457", "the p-value, 0.101, is above 0.025"),
    ],
)
def test_what_is_undecided_is_rounded_outwards(
    direction: str, asked: str, where: str, p: str
) -> None:
    said = record(-0.12341, 0.34561, direction=direction, p_value_b=0.1001).sentence
    assert said.startswith(f"Undecided: {asked}with probability at least 0.95 the risk of A minus")
    assert where in said
    assert p in said
    below = record(-0.3, -0.00001, verdict=None, direction=direction).sentence
    assert "−0.0000" not in below
    nothing = record(-0.1, 0.3, direction=direction, p_value_b=1.0).sentence
    assert f"speak for {'neither' if direction == 'both' else 'nothing of that'}" in nothing
    almost = record(-0.1, 0.3, direction=direction, p_value_a=0.99, p_value_b=1.0).sentence
    assert "0.99" in almost


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.025001, "0.0251"),
        (0.25, "0.25"),
        (0.9999, "1"),
        (0.0078125, "0.00782"),
        (0.1234, "0.124"),
    ],
)
def test_p_values_are_rounded_up_to_three_digits(value: float, text: str) -> None:
    assert p_value(value) == text
    assert Decimal(text) >= Decimal(value)


def test_counts_are_rounded_up_to_two_digits() -> None:
    counts = {1: "1", 99: "99", 100: "100", 101: "110", 1_234: "1,300", 129_999: "130,000"}
    assert {count: rounded_count(count) for count in counts} == counts
    assert rounded_count(None) == "more than 10^15"


def test_margins_in_words() -> None:
    said = record(-0.1, 0.04, margin=Margin(0.05, True, False, "margin")).sentence
    assert "Certified: that the risk of A is less than 0.05 above that of B." in said
    assert "Not certified: that the risk of B is less than 0.05 above that of A." in said
    assert said.index("Certified") > said.index("Undecided")
    for direction, worse in (("more", "of A is less"), ("less", "of B is less")):
        margin = Margin(0.05, True, True, "margin")
        one = record(-0.1, 0.04, direction=direction, margin=margin).sentence
        assert one.count("ertified") == 1
        assert worse not in one
    both = record(-0.01, 0.04, margin=Margin(0.05, True, True, "equivalence")).sentence
    assert "The two are certified to be equivalent within 0.05." in both
    assert not both.endswith("stayed so.")
    half = record(-0.1, 0.04, difference=0.0, margin=Margin(0.05, True, False, "equivalence"))
    assert "The two are not certified to be equivalent within 0.05." in half.sentence
    assert half.sentence.endswith("stayed so.")
    assert half.to_dict()["margin"]["equivalent"] is False


def needed(n: int | None, least: int = 5, most: int | None = 9_000) -> Needed:
    return Needed(probability=0.5, n=n, least=least, most=most)


def test_what_would_decide_it() -> None:
    forecast = (needed(1_234), replace(needed(5_678), probability=0.9))
    said = record(-0.1, 0.3, forecast=forecast).sentence
    assert "about 1,300 examples in all decide it with probability 0.5, 5,700 with 0.9" in said
    assert "(between 5 and 9,000 over the interval)" in said
    assert ". A forecast, if the losses stayed as observed: " in said
    groups = record(-0.1, 0.3, forecast=forecast, groups=7).sentence
    assert "about 1,300 groups in all" in groups
    assert "decide it for B with" in forecast_in_words(forecast, "examples", "B")
    endless = (needed(1_234), needed(5_678, most=None))
    assert "infinitely many" in record(-0.1, 0.3, forecast=endless).sentence
    beyond = record(-0.1, 0.3, forecast=(needed(None), needed(None))).sentence
    assert beyond.endswith(
        "More than 10^15 examples would be needed if the losses stayed as observed."
    )
    assert record(-0.1, 0.3, p_value_b=0.25).sentence.endswith("the smaller one is 0.25.")


def test_what_was_not_asked_is_said() -> None:
    for direction, difference, better in (("less", 0.1, "B"), ("more", -0.1, "A")):
        said = record(-0.2, 0.3, direction=direction, difference=difference).sentence
        assert f"It was not asked whether {better} is better, which has the lower mean loss" in said
    for direction, difference in (("more", 0.1), ("less", -0.1), ("both", 1e-300), ("both", -1.0)):
        assert (
            "not asked"
            not in record(-0.2, 0.3, direction=direction, difference=difference).sentence
        )
    same = record(-0.2, 0.3, difference=0.0).sentence
    assert " The observed mean losses are equal: " in same
    assert same.endswith("no number of examples would decide it if they stayed so.")


def test_limits_that_contradict_one_another() -> None:
    assert record(0.2, 0.1, verdict=None).contradictory
    assert record(0.2, 0.1, verdict=None).sentence.startswith("No verdict")
    assert not record(0.2, 0.2).contradictory


def test_a_margin_is_met_where_the_interval_is_inside_it() -> None:
    """At the margin itself it is not; a sample of known limits."""
    a, b = [1] * 30 + [0] * 70, [0, 1] * 25 + [0] * 50
    plain = bc.certify(a, b, loss="zero-one")
    low, high = plain.decider.lower, plain.decider.upper
    for size, holds in ((high, False), (high * (1 + 1e-9), True)):
        margin = bc.certify(a, b, loss="zero-one", margin=size).margin
        assert margin is not None
        assert margin.a_not_worse is holds
    for size, holds in ((-low, False), (-low * (1 + 1e-9), True)):
        margin = bc.certify(a, b, loss="zero-one", margin=size).margin
        assert margin is not None
        assert margin.b_not_worse is holds


def test_a_kind_of_loss_that_was_read_off_is_told_of_the_exact_test_alone() -> None:
    said = "The loss is taken for 0/1, since every loss here is 0 or 1."
    for deciding, declared in (("discordant", False), ("discordant", True), ("betting", False)):
        found = record(0.1, 0.3, deciding=deciding, loss_declared=declared).sentence
        assert found.endswith(said) is (deciding == "discordant" and not declared)


def test_a_margin_that_is_met_both_ways_is_no_end_of_the_question() -> None:
    margin = Margin(0.05, True, True, "margin")
    assert record(-0.01, 0.04, margin=margin, difference=0.0).sentence.endswith("stayed so.")


def test_the_first_and_the_last_chance_of_a_forecast_are_told() -> None:
    beyond = record(-0.1, 0.3, forecast=(needed(1_234), needed(None))).sentence
    assert "about 1,300 examples in all decide it with probability 0.5, more than 10^15" in beyond
    three = (needed(10), needed(20), replace(needed(30), probability=0.9))
    assert "about 10 examples in all decide it with probability 0.5, 30 with 0.9" in (
        forecast_in_words(three, "examples")
    )
