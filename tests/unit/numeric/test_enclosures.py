"""Certified decimals: neighbours around a value, how they are asked for, and proved brackets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest
from mpmath import mp

import boundcalc as bc
from boundcalc.errors import ConvergenceError, InputError
from boundcalc.numeric import enclosures as module
from boundcalc.numeric.bound import Bound
from boundcalc.numeric.enclosures import (
    Bracket,
    Enclosure,
    _beside,
    _beyond,
    _enclosed,
    _settled,
    checked_digits,
    in_digits,
)


def test_digits_that_can_be_asked_for() -> None:
    assert checked_digits(False, None) is None
    assert checked_digits(True, None) == 15
    assert [checked_digits(False, d) for d in (1, 1000)] == [1, 1000]
    assert checked_digits(True, 3, most=3) == 3
    for digits in (0, 1001, -1):
        with pytest.raises(InputError, match="digits must be a whole number from 1 to 1000"):
            checked_digits(True, digits)
    with pytest.raises(InputError, match="from 1 to 3"):
        checked_digits(True, 4, most=3)


def unasked(number: Fraction) -> int:
    raise AssertionError(f"nobody has to know on which side of {number} it is")


class Value:
    """A number that is enclosed ever closer; how is kept."""

    def __init__(self, exact: Fraction, wide: int = 0) -> None:
        self.exact, self.wide, self.works, self.asked = exact, wide, list[int](), list[Fraction]()

    def enclose(self, work: int) -> tuple[Fraction, Fraction]:
        self.works.append(work)
        off = Fraction(10) ** (self.wide - work)
        return self.exact - off, self.exact + off

    def above(self, number: Fraction) -> int:
        self.asked.append(number)
        return (self.exact > number) - (self.exact < number)

    def settled(self, digits: int) -> Enclosure:
        return _settled(self.enclose, digits, self.above, "it")


@pytest.mark.parametrize("digits", [1, 5, 40])
@pytest.mark.parametrize("share", ["1/3", "-2/7", "123456789/1000", "1/1000003", "-17"])
def test_a_value_lies_between_two_neighbours(share: str, digits: int) -> None:
    exact = Fraction(share)
    found = Value(exact).settled(digits)
    low, high = map(Fraction, found.ends)
    assert low <= exact <= high
    size, unit = abs(exact), Fraction(1)
    while size < Fraction(10) ** (digits - 1) * unit:
        unit /= 10
    while size >= Fraction(10) ** digits * unit:
        unit *= 10
    assert high - low == (0 if (exact / unit).denominator == 1 else unit)
    assert found.digits == digits


def test_an_interval_that_is_too_wide_is_made_again_with_twice_the_digits() -> None:
    wide = Value(Fraction(1, 3), wide=100)
    assert wide.settled(5).ends == ("0.33333", "0.33334")
    assert wide.works == [30, 60, 120]
    # a whole decimal inside is asked about once there is no other one beside it
    decimal = Value(Fraction(1, 4))
    assert list(map(Fraction, decimal.settled(5).ends)) == [Fraction(1, 4)] * 2
    assert (decimal.works, decimal.asked) == ([30], [Fraction(1, 4)])
    for step, ends in ((1, ("0.25", "0.25001")), (-1, ("0.24999", "0.25"))):
        near = Value(Fraction(1, 4) + Fraction(step, 10**500)).settled(5)
        assert list(map(Fraction, near.ends)) == list(map(Fraction, ends))


def test_a_value_that_is_not_told_from_0() -> None:
    for sign, ends in ((0, ("0", "0")), (1, ("0", "up")), (-1, ("down", "0"))):
        tiny = Value(Fraction(sign, 10**10_000))
        found = tiny.settled(4)
        assert tiny.asked == [0]
        assert tiny.works[0] == 29
        assert len(tiny.works) <= 8
        for end, expected in zip(found.ends, ends, strict=True):
            assert (Fraction(end) == 0) is (expected == "0")
        assert Fraction(found.lower) <= tiny.exact <= Fraction(found.upper)
    # an end at 0 needs no question
    beside = _settled(lambda work: (Fraction(0), Fraction(1, 10**work)), 4, unasked, "it")
    assert Fraction(beside.lower) == 0 < Fraction(beside.upper)


def test_what_is_not_decided_keeps_both_ends() -> None:
    def undecided(number: Fraction) -> int:
        raise ConvergenceError("too close")

    assert _beside("0.5", ("0.49", "0.51"), 2, undecided).ends == ("0.49", "0.51")
    for side, ends in ((-1, ("0.49", "0.5")), (0, ("0.5", "0.5")), (1, ("0.5", "0.51"))):
        assert _beside("0.5", ("0.49", "0.51"), 2, lambda number, s=side: s).ends == ends  # type: ignore[misc]

    def nothing(work: int) -> Any:
        raise TypeError

    with pytest.raises(ConvergenceError, match="no enclosure of it is proved"):
        _settled(nothing, 5, unasked, "it")


def test_numbers_as_programs_read_them() -> None:
    assert in_digits(Fraction(-1, 3), 4, up=True) == "-0.3333"
    assert in_digits(Fraction(-1, 3), 4) == "-0.3334"
    assert in_digits(Fraction(12), 1, whole=True) == "12"
    with pytest.raises(TypeError):
        in_digits(float("inf"), 3)


def test_what_is_shown_of_an_enclosure() -> None:
    box = Enclosure("-0.25", "0.5", 2)
    assert [box.shown(r) for r in ("≤", "≥", "=")] == ["0.5", "−0.25", "[−0.25, 0.5]"]
    assert replace(box, lower="0.5").shown("=") == "0.5"
    assert replace(box, lower="-1e-7").shown("≥") == "−1e-7"
    bracket = Bracket("3", "4", box, replace(box, lower="-1e-7"))
    assert bracket.sentence == (
        "Proved by interval arithmetic: at 3 it lies in [−0.25, 0.5], and at 4 it lies in "
        "[−1e-7, 0.5]."
    )
    alone = Bracket("3", None, box, None)
    assert alone.sentence == "Proved by interval arithmetic: at 3 it lies in [−0.25, 0.5]."


@pytest.fixture
def enclosures(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """How often a bound was enclosed."""
    asked: list[Any] = []
    known: Callable[..., Any] = Bound.enclosure

    def counted(self: Bound, *args: Any, **free: Any) -> Any:
        asked.append(free)
        return known(self, *args, **free)

    monkeypatch.setattr(Bound, "enclosure", counted)
    return asked


@pytest.mark.parametrize("digits", [15, 60, 300])
@pytest.mark.parametrize(
    ("id", "unknown", "target", "numbers"),
    [
        ("holdout.hoeffding", "delta", 0.1, {"n": 500, "test_loss": 0, "loss_bound": 1}),
        ("holdout.hoeffding", "loss_bound", 0.05, {"n": 100, "test_loss": 0, "delta": 0.015}),
        ("holdout.kl", "test_loss", 0.2, {"n": 840, "delta": 0.015}),
        ("lu2023.separation", "n", 0.45, {"m": 1001, "variant": "multimodal"}),
    ],
)
def test_a_root_is_proved_in_few_enclosures(
    id: str,
    unknown: str,
    target: float,
    numbers: dict[str, Any],
    digits: int,
    enclosures: list[Any],
) -> None:
    """By secants first: halving alone would take as many as the digits have bits."""
    found = bc.solve(id, unknown=unknown, target=target, digits=digits, **numbers).bracket
    assert found is not None
    assert found.misses is not None
    assert found.at_misses is not None
    exact = Fraction(str(target))
    assert Fraction(found.at_meets.upper) <= exact < Fraction(found.at_misses.lower)
    gap = abs(Fraction(found.meets) - Fraction(found.misses))
    whole = bc.symbol(unknown).is_integer
    assert gap == 1 if whole else gap <= abs(Fraction(found.meets)) * Fraction(10) ** (1 - digits)
    assert whole or gap >= abs(Fraction(found.meets)) * Fraction(10) ** (-digits)
    assert len(enclosures) <= 20
    # as many digits as it takes to tell both from the target
    assert max(len(e.lower) for e in (found.at_meets, found.at_misses)) <= 4 * max(digits, 15) + 20


@pytest.mark.parametrize("digits", [1, 3, 12])
def test_a_root_to_few_digits(digits: int) -> None:
    """δ = exp(−2·500·0.1²) = e^−10 = 4.5399929762484851…·10^−5."""
    found = bc.solve(
        "holdout.hoeffding",
        unknown="delta",
        target=0.1,
        digits=digits,
        n=500,
        test_loss=0,
        loss_bound=1,
    ).bracket
    assert found is not None
    below = Fraction("4.5399929762484851") / 10**5
    unit = Fraction(10) ** (-4 - digits)
    assert Fraction(found.meets) == -(-below // unit) * unit
    assert found.misses is not None
    assert Fraction(found.misses) == below // unit * unit


def test_whole_numbers_at_the_end_of_their_domain() -> None:
    """√(ln 10/(2n)) is 1.07 at n = 1 and 0.76 at n = 2."""
    numbers = {"test_loss": 0, "loss_bound": 1, "delta": 0.1, "certified": True}
    two = bc.solve("holdout.hoeffding", unknown="n", target=0.8, **numbers).bracket
    assert two is not None
    assert (two.meets, two.misses) == ("2", "1")
    every = bc.solve("holdout.hoeffding", unknown="n", target=1.1, **numbers).bracket
    assert every is not None
    assert (every.meets, every.misses, every.at_misses) == ("1", None, None)
    with mp.workdps(30):
        value = mp.sqrt(mp.log(10) / 2)
        assert mp.mpf(every.at_meets.lower) < value < mp.mpf(every.at_meets.upper)


def test_an_enclosure_that_touches_the_target_decides_nothing() -> None:
    one = Fraction(1)
    for low, high, expected in (
        (one, one, 0),  # as `compare` says
        (one, one + 1, 0),
        (one - 1, one, 0),
        (one - 1, one + 1, 0),
        (one + 1, one + 2, 1),
        (one - 2, one - 1, -1),
    ):
        asked = list[int]()

        def enclosure(
            digits: int, at: Any = (low, high), asked: list[int] = asked, **_: Any
        ) -> Any:
            asked.append(digits)
            return at

        bound = SimpleNamespace(whole=False, enclosure=enclosure, compare=lambda target, **_: 0)
        problem: Any = SimpleNamespace(bound=bound, exact_target=one, named=lambda x: {"x": x})
        assert _beyond(problem, Fraction(7), 400) == expected
        assert asked[0] > 400


def test_as_many_digits_as_show_a_value_beside_the_target(monkeypatch: pytest.MonkeyPatch) -> None:
    target, asked = Fraction(1, 4), list[int]()
    problem: Any = SimpleNamespace(bound=None, exact_target=target, named=lambda x: {"x": x})

    def beside(exact: Fraction, digits: int) -> Enclosure:
        """What is found of a value for so many digits, and how often it was asked for."""
        asked.clear()

        def enclosed(_: Any, digits: int, x: Fraction) -> Enclosure:
            asked.append(digits)
            assert digits <= 1000, "more than can be asked for"
            return Enclosure(in_digits(x, digits), in_digits(x, digits, up=True), digits)

        monkeypatch.setattr(module, "enclosed_value", enclosed)
        return _enclosed(problem, exact, digits)

    for far in (-10, -25, -40, -600):
        for sign in (1, -1):
            found = beside(target + sign * Fraction(10) ** far, 500 if far == -600 else 15)
            assert Fraction(found.lower) > target or Fraction(found.upper) < target
            assert len(asked) == 1 or found.digits < 2 * -far
    assert beside(target, 15).digits == 15
    assert beside(target + Fraction(1, 10**2000), 15).digits == 960
    assert beside(target - Fraction(1, 10**2000), 300).digits == 600
