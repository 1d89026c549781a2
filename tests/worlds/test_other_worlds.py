"""The table and sine worlds against enumeration and sampling; micro-worlds as a tool; exact fractions."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from boundcalc.errors import ConvergenceError, InputError
from boundcalc.worlds import SinePredictor, SineWorld, TableSample, TableWorld
from boundcalc.worlds.lu import HIGH, LOW

# --- table ------------------------------------------------------------------------------------------


def every_sample(points: int, m: int, n: int) -> list[TableSample]:
    """All outcomes of one task, equally likely: table, negation, pairs, triples and coins."""
    bits = [np.array(b) for b in product([False, True], repeat=points)]
    draws = [
        [np.array(x, dtype=int) for x in product(range(points), repeat=size)] for size in (m, n)
    ]
    return [
        TableSample(table, np.array([negated]), pairs, triples[None], coins[None], coins)
        for table, negated, pairs, triples, coins in product(bits, [False, True], *draws, bits)
    ]


@pytest.mark.parametrize(
    ("points", "m", "n"), [(2, 2, 1), (3, 2, 1), (2, 1, 3), (2, 3, 0), (1, 1, 1)]
)
def test_table_errors_are_the_means_over_every_outcome(points: int, m: int, n: int) -> None:
    world, outcomes = TableWorld(points=points), every_sample(points, m, n)
    unimodal = np.mean([world.errors(s, world.learn_unimodal(s)) for s in outcomes])
    multimodal = np.mean([world.errors(s, world.learn_multimodal(s)) for s in outcomes])
    assert unimodal == pytest.approx(world.unimodal_error(n), rel=1e-12)
    assert multimodal == pytest.approx(world.multimodal_error(m) if n else 0.5, rel=1e-12)


def test_sampled_tables_agree_with_the_closed_forms() -> None:
    world = TableWorld(points=40)
    draws = [world.sample(30, 25, seed, tasks=20) for seed in range(400)]
    for learn, exact in (
        (world.learn_unimodal, world.unimodal_error(25)),
        (world.learn_multimodal, world.multimodal_error(30)),
    ):
        errors = np.array([world.errors(s, learn(s)).mean() for s in draws])
        assert abs(errors.mean() - exact) <= 4 * errors.std(ddof=1) / math.sqrt(len(draws))
    again = world.sample(30, 25, 0, tasks=20)
    assert np.array_equal(again.triples, draws[0].triples)
    assert again.labels().shape == (20, 25)


def test_table_errors_keep_their_digits_and_their_limit() -> None:
    """With N = n the error tends to ½ e⁻¹, with m = nT to ½ e^−T."""
    n = 10**12
    world = TableWorld(points=n)
    assert world.unimodal_error(n) == pytest.approx(0.5 * math.exp(-1), rel=1e-11)
    assert world.multimodal_error(5 * n) == pytest.approx(0.5 * math.exp(-5), rel=1e-11)
    exact = Fraction(1, 2) * Fraction(6, 7) ** 9
    assert TableWorld(points=7).unimodal_error(9) == pytest.approx(float(exact), rel=1e-15)


def test_bad_tables_are_refused() -> None:
    for points in (0, 1.5, "two"):
        with pytest.raises(InputError, match=r"points is .*: it has to be a whole number"):
            TableWorld(points=points)
    with pytest.raises(InputError, match="n is -1"):
        TableWorld(points=2).unimodal_error(-1)
    with pytest.raises(InputError, match="tasks is 0"):
        TableWorld(points=2).sample(1, 1, 0, tasks=0)


# --- sine -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("frequency", [1.0, 10.0, 11.0, 123.4])
def test_sine_errors_are_exact(frequency: float) -> None:
    world = SineWorld(theta=0.1)
    x = np.linspace(LOW, HIGH, 400_001)
    for flipped in (False, True):
        learned = SinePredictor(frequency, flipped)
        on_grid = np.mean(learned(x) != world.truth(x))
        assert world.error(learned) == pytest.approx(on_grid, abs=1e-3)


def test_sine_learners() -> None:
    world = SineWorld(theta=0.1)
    x, y, z = world.sample(5, 0)
    assert z == pytest.approx(np.sin(1 / (0.1 * x)))
    assert np.array_equal(z > 0, world.truth(x))
    assert world.error(world.learn_multimodal(x[:1], y[:1], x)) < 1e-12
    labelled = world.draw(6, 1)
    learned = world.learn_unimodal(labelled, 2)
    assert np.array_equal(learned(labelled), world.truth(labelled))
    assert learned == world.learn_unimodal(labelled, 2)
    assert world.error(learned) > 0.3


def test_bad_sine_worlds_are_refused() -> None:
    for theta in (0, 1.5, "x"):
        with pytest.raises(InputError, match="theta is"):
            SineWorld(theta=theta)
    with pytest.raises(InputError, match="up to"):
        SineWorld(theta=0.1).error(SinePredictor(1e9))


SINE = SineWorld(theta=0.1)
X, Y = [0.6, 0.7], [0.06, 0.07]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: SineWorld(theta=1e-320), "theta is 9.99989e-321: it has to be in [1e-12, 1]"),
        (
            lambda: SineWorld(theta=1e-9).error(SinePredictor(3.0)),
            "frequency is 1e+09: the changes",
        ),
        (lambda: SinePredictor("a"), "frequency is a: it has to be a number"),
        (lambda: SinePredictor(-1), "frequency is -1: it has to be a finite number ≥ 0"),
        (lambda: SinePredictor(1, "x"), "flipped is x: it has to be True or False"),
        (lambda: SinePredictor(1)("a"), "x is a: it has to be an array of numbers"),
        (lambda: SinePredictor(1)([[0.5, 0]]), "x has the entry 0: it has to be above 0"),
        (
            lambda: SINE.draw(10**13, 0),
            "count is 10000000000000: it has to be a whole number from 1 to",
        ),
        (lambda: SINE.sample(0, 0), "m is 0: it has to be a whole number from 1 to"),
        (lambda: SINE.error(3.0), "learned is 3: it has to be a SinePredictor"),
        (lambda: SINE.learn_multimodal(X, Y[:1], X), "y has the shape (1,): it has to be (2)"),
        (lambda: SINE.learn_multimodal([], [], X), "x is empty"),
        (lambda: SINE.learn_multimodal(X, [0.06, 0], X), "y has the entry 0: it has to be above 0"),
        (lambda: SINE.learn_multimodal(X, [0.06, 1e-320], X), "frequency is inf"),
        (
            lambda: SINE.learn_multimodal(X, Y, [math.nan]),
            "labelled has entries that are not finite",
        ),
        (lambda: SINE.learn_unimodal([], 0), "labelled is empty"),
        (lambda: SINE.learn_unimodal([X], 0), "labelled has the shape (1, 2): it has to be (any)"),
        (
            lambda: SINE.learn_unimodal(X, 0, highest=0.5),
            "highest is 0.5: it has to be in [1, 1e+12]",
        ),
        (lambda: SINE.learn_unimodal(X, "s"), "seed is s"),
    ],
)
def test_bad_calls_of_the_sine_world_are_refused_in_one_line(
    call: Callable[[], object], message: str
) -> None:
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_labels_are_compared_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    labelled = SINE.draw(7, 3)
    at_once = SINE.learn_unimodal(labelled, 5)
    monkeypatch.setattr("boundcalc.worlds.lu._LABELS_AT_ONCE", 2)
    assert SINE.learn_unimodal(labelled, 5) == at_once


def test_a_search_that_finds_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boundcalc.worlds.lu._MOST_BATCHES", 1)
    world = SineWorld(theta=0.1)
    with pytest.raises(ConvergenceError, match="fits 200 labels"):
        world.learn_unimodal(world.draw(200, 0), 0)
