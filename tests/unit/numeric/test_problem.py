"""What is said of the values that meet a target: rounded to the safe side, with the term that is in the way."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any
from unittest import mock

import pytest

from boundcalc.errors import ImpossibleTargetError
from boundcalc.numeric.bound import Bound
from boundcalc.numeric.problem import Problem, _short
from boundcalc.numeric.search import Stretch
from boundcalc.numeric.solve import _problem


def problem(unknown: str, target: float, id: str = "holdout.hoeffding", **values: Any) -> Problem:
    known = {"n": 100, "test_loss": 0.1, "loss_bound": 1, "delta": 0.05} if "." in id[:8] else {}
    known = {"n": 100, "test_loss": 0.1, "loss_bound": 1, "delta": 0.05} | values
    variant = known.pop("variant", "upper")
    known = {name: v for name, v in known.items() if name != unknown and v is not None}
    return _problem(id, unknown, target, variant, None, known)


def test_zeros_at_the_end_are_left_out() -> None:
    texts = {"0.50": "0.5", "10": "10", "1.0": "1", "1.50e-10": "1.50e-10", "100": "100"}
    assert {text: _short(text) for text in texts} == texts


def test_a_bound_is_met_from_below_and_a_limit_from_above() -> None:
    upper = problem("n", 0.2)
    assert upper.met(0)
    assert upper.met(-1)
    assert not upper.met(1)
    assert [upper.meets(v) for v in (0.2, 0.2000001, 0.1)] == [True, False, True]
    lower = problem("n", 0.05, variant="lower")
    assert lower.met(0)
    assert lower.met(1)
    assert not lower.met(-1)
    assert [lower.meets(v) for v in (0.05, 0.0499, 0.1)] == [True, False, True]
    assert (upper.sign, upper.goal, upper.wanted) == ("≤", "≤ 0.2", "the bound is ≤ 0.2")
    assert (lower.sign, lower.goal, lower.wanted) == ("≥", "≥ 0.05", "the limit is ≥ 0.05")
    assert replace(upper, target=-1.0).goal == "≤ −1"


def test_whole_values_are_decided_exactly() -> None:
    """√(ln 20/(2n)) = 1/10 at n = 50 ln 20 = 149.8, exactly between two."""
    asked = problem("n", 0.2)
    assert [asked.holds(n) for n in (149, 150)] == [False, True]
    assert asked.between(10_000, 1) == 150
    assert asked.at(150) <= 0.2 < asked.at(149)
    assert asked._beyond(150) <= 0 < asked._beyond(149)
    lower = problem("n", 0.0, variant="lower")
    assert [lower.holds(n) for n in (149, 150)] == [False, True]
    assert lower._beyond(150) <= 0 < lower._beyond(149)
    assert asked.values([149, 150]) == [asked.at(149), asked.at(150)]


def test_a_value_beside_its_target_has_the_digits_that_show_it() -> None:
    asked = problem("n", 0.1)
    for value, text in (
        (0.1234567891, "0.123457"),
        (0.10000000001, "0.100001"),
        (0.05, "0.05"),
        (0.0999999999, "0.1"),
        (0.1, "0.1"),
        (math.inf, "too large for a float"),
    ):
        assert asked.beside(value) == text
    lower = problem("n", 0.1, variant="lower")
    assert lower.beside(0.1234567891) == "0.123456"
    assert lower.beside(0.0999999999) == "0.0999999"
    finer = replace(asked, target=0.123456789)
    assert finer.beside(0.1234567) == "0.1234567"
    assert finer.beside(0.123456789) == "0.123456789"
    below = math.nextafter(0.123456789012345678, 0)
    assert float(replace(asked, target=0.123456789012345678).beside(below)) <= 0.123456789012345678
    assert replace(lower, target=-0.1).beside(-0.10000000001) == "−0.100001"
    long = 1.5000000000000002  # rounded up to sixteen digits it is larger
    assert replace(asked, target=long).beside(long) == "1.5000000000000002"
    next_one = math.nextafter(0.1, 1)
    assert float(asked.beside(next_one)) > 0.1


def test_values_of_the_unknown_are_rounded_to_the_safe_side() -> None:
    real = problem("delta", 0.2)
    assert real.shown(0.12345678, up=True) == "0.123457"
    assert real.shown(0.12345678, up=False) == "0.123456"
    assert real.shown(0.5, up=True) == "0.5"
    assert problem("n", 0.2).shown(1234.0, up=True) == "1,234"


def test_the_extreme_value_and_the_next_one() -> None:
    asked = problem("n", 0.2)
    said = asked.extreme_value(150, 149, smallest=True)
    assert said.startswith("150 is the smallest n for which the bound is ≤ 0.2: it is 0.199929")
    assert "; at 149 it is 0.20026" in said
    real = problem("delta", 0.2)
    for smallest, word, other in ((True, "smallest", "smaller"), (False, "largest", "larger")):
        said = real.extreme_value(0.2, 0.1, smallest=smallest)
        assert said.startswith(f"0.2 is the {word} delta")
        assert said.endswith(f"; the next {other} float does not.")


def test_neighbours_among_decimals() -> None:
    asked = problem("delta", 0.2)
    assert asked.neighbours("0.3", "0.2", 1).startswith("0.3 is the smallest delta of 1 digit for")
    assert asked.neighbours("0.20", "0.21", 2).startswith("0.20 is the largest delta of 2 digits")


@pytest.mark.parametrize(
    ("ends", "reached", "span"),
    [
        ((0.0, 1.0), (False, False), " between 0 and 1 "),
        ((0.0, 1.0), (True, False), " from 0 to 1 (excluded) "),
        ((0.0, 1.0), (False, True), " from 0 (excluded) to 1 "),
        ((0.0, math.inf), (True, False), " ≥ 0 "),
        ((0.0, math.inf), (False, False), " > 0 "),
        ((-math.inf, 2.0), (False, True), " ≤ 2 "),
        ((-math.inf, math.inf), (False, False), " the bound"),
    ],
)
def test_every_value(ends: tuple[float, float], reached: tuple[bool, bool], span: str) -> None:
    asked = problem("delta", 0.5)
    asked = replace(asked, domain=replace(asked.domain, ends=ends, reached=reached))
    said = asked.every_value(None)
    assert said.startswith("For every delta")
    assert span in said
    assert said.endswith("no delta is the extreme one.")
    worst = asked.every_value(0.25)
    assert span.replace(" the bound", ": even") in worst.replace(
        f"delta{span.rstrip()}:", f"delta{span}"
    )
    low = replace(asked, domain=replace(asked.domain, ends=(0.25, 1.0), reached=(True, True)))
    assert "even at the smallest, 0.25, the bound is" in low.every_value(0.25)
    high = replace(asked, domain=replace(asked.domain, ends=(0.0, 0.25), reached=(True, True)))
    assert "even at the largest, 0.25, the bound is" in high.every_value(0.25)


def test_where_a_scan_found_the_target_met() -> None:
    asked = problem("n", 0.2)
    pieces = [Stretch(10 * i, 10 * i + (i != 2), True) for i in range(1, 9)]
    said = asked.scanned(pieces, 150, smallest=True, tried=4321)
    assert said.startswith("The bound is ≤ 0.2 for n from 10 to 11, 20, from 30 to 31")
    assert "from 60 to 61 and 2 further stretches (it may" in said
    assert "4,321 values from 1 to 9.01e15 were scanned" in said
    assert said.endswith("; 150 is the smallest boundary: there it is 0.199929.")
    assert "and 1 further stretch (it" in asked.scanned(pieces[:7], 150, smallest=True, tried=10)
    seven = asked.scanned(pieces[:6], None, smallest=False, tried=10)
    assert "further" not in seven
    assert seven.endswith("were scanned).")
    nothing = asked.scanned([], 150, smallest=False, tried=10)
    assert "for every n that was tried" in nothing
    assert "150 is the largest boundary" in nothing


def limits(asked: Problem, **named: float) -> str:
    return asked.reason(named, "at n = 7")


def test_the_term_that_is_in_the_way() -> None:
    asked = problem("n", 0.2)
    assert "alone exceeds it, whatever n is" in limits(asked, test_loss=0.3, concentration=0.1)
    assert limits(asked, test_loss=0.1, concentration=0.3).endswith(
        "= 0.3 alone exceeds it at n = 7"
    ) or ("→ 0.3 alone exceeds it at n = 7" in limits(asked, test_loss=0.1, concentration=0.3))
    both = limits(asked, test_loss=0.15, concentration=0.15)
    assert both.startswith("at n = 7 what is left is")
    assert both.endswith("; together 0.3")
    # a term of the other sign may help
    assert "what is left is" in limits(asked, test_loss=0.3, concentration=-0.05)
    # a term that is as large as the target is not in the way by itself
    assert "what is left is" in limits(asked, test_loss=0.2, concentration=0.1)
    lower = problem("n", 0.2, variant="lower")
    assert "falls short of it" in limits(lower, test_loss=0.0, concentration=-0.05)
    assert "what is left is" in limits(lower, test_loss=0.1, concentration=0.0)
    assert "what is left is" in limits(lower, test_loss=0.1, concentration=-0.05)
    assert "what is left is" in limits(lower, test_loss=-0.1, concentration=-0.05)
    assert asked.sum({"test_loss": 0.0, "concentration": 0.0}) == "0"
    assert asked.sum({"test_loss": 0.25, "concentration": 0.0}).endswith("= 0.25")


def test_a_limit_that_does_not_meet_the_target_is_refused() -> None:
    asked = problem("n", 0.2)
    for last, text in (
        (0.1, "alone exceeds it"),
        (0.0, "alone exceeds it"),
    ):
        with pytest.raises(ImpossibleTargetError, match=text):
            asked.refuse_limit({"test_loss": 0.3, "concentration": last}, up=True)
    with pytest.raises(ImpossibleTargetError, match="tends to it as n → ∞ and never gets there"):
        asked.refuse_limit({"test_loss": 0.2, "concentration": 0.0}, up=True)
    almost = 0.2 * (1 - 4e-16)
    with pytest.raises(ImpossibleTargetError, match="never gets there"):
        asked.refuse_limit({"test_loss": almost, "concentration": 0.0}, up=True)
    asked.refuse_limit({"test_loss": 0.2 * (1 - 1e-14), "concentration": 0.0}, up=True)
    asked.refuse_limit({"test_loss": math.nan, "concentration": 9.0}, up=True)
    asked.refuse_limit({"test_loss": math.inf, "concentration": 9.0}, up=True)
    delta = problem("delta", 0.05)
    with pytest.raises(ImpossibleTargetError, match="as delta → 1 what is left is"):
        delta.refuse_limit({"test_loss": 0.04, "concentration": 0.04}, up=True)
    with pytest.raises(ImpossibleTargetError, match="as delta → 0 what is left is"):
        delta.refuse_limit({"test_loss": 0.04, "concentration": 0.04}, up=False)


def test_where_a_bound_overflows_it_is_infinite_on_its_side() -> None:
    upper, lower = problem("n", 0.2), problem("n", 0.2, variant="lower")
    with mock.patch.object(Bound, "value", side_effect=OverflowError):
        assert (upper.at(3), lower.at(3)) == (math.inf, -math.inf)


def test_a_term_that_grows_from_nothing_stays_there() -> None:
    """√(2I/m) times the range is 0 for every range if I is 0."""
    known = {"m": 100, "mutual_information": 0, "n": None, "test_loss": None, "delta": None}
    asked = problem("loss_bound", 0.1, "classic.mutual_information", variant="bounded", **known)
    assert asked.limits(math.inf) == {"information": 0.0}


def test_the_best_value_that_was_found_is_told() -> None:
    with pytest.raises(
        ImpossibleTargetError,
        match=r"no n from 1 to 9.01e15 meets .* the smallest bound found there is 0\.3, at n = 5$",
    ):
        problem("n", 0.2).refuse_scanned({3: 0.4, 5: 0.3, 7: 0.5})
    with pytest.raises(
        ImpossibleTargetError, match=r"the largest limit found there is 0\.5, at n = 7$"
    ):
        problem("n", 0.7, variant="lower").refuse_scanned({3: 0.4, 5: 0.3, 7: 0.5})
    asked = problem("n", 0.11)
    with pytest.raises(ImpossibleTargetError, match="alone exceeds it at n = 12"):
        asked.refuse_far(12)
    far = r"that can be tried meets .*: even at n = 9,007,199,254,740,991 the bound is 0\.1"
    with pytest.raises(ImpossibleTargetError, match=far):
        asked.refuse_far(asked.domain.last)
    ended = replace(asked, domain=replace(asked.domain, last=12, reached=(True, True)))
    with pytest.raises(ImpossibleTargetError, match="at n = 12"):
        ended.refuse_far(12)


def test_open_ends_are_moved_to_where_the_bound_has_a_value() -> None:
    asked = problem("delta", 0.2)
    near = asked.within_reach().domain
    assert (near.first, near.last) == (asked.domain.first, asked.domain.last)
    tiny = problem(
        "delta", 0.5, "holdout.clopper_pearson", errors=3, test_loss=None, loss_bound=None
    )
    moved = tiny.within_reach().domain
    assert moved.last == tiny.domain.last
    assert tiny.domain.value(moved.first) >= 1e-250
    gap = tiny.domain.last - tiny.domain.first
    step = gap // 16
    assert (moved.first - tiny.domain.first) % step == 0
    assert moved.first - tiny.domain.first <= 4 * step


def test_what_terms_tend_to() -> None:
    asked = problem("n", 0.2)
    assert asked.limits(math.inf) == {"test_loss": 0.1, "concentration": 0.0}
    delta = problem("delta", 0.2)
    assert delta.limits(1.0) == {"test_loss": 0.1, "concentration": 0.0}
    assert delta.limits(0.5)["concentration"] == pytest.approx(math.sqrt(math.log(2) / 200))
    assert Fraction(asked.exact_target) == Fraction("0.2")
