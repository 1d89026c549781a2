"""Tests by betting against their definition: written again in plain terms, with every number named."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from itertools import pairwise, permutations, product

import mpmath
import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import binom

from boundcalc.numeric.decide import bets
from boundcalc.numeric.decide.bets import AnytimeBets, Bets

SHARES = [0.99 / 2**i for i in range(12)]
SMALL = [(1, 0.3), (2, 0.5), (7, 0.05), (20, 0.1)]
FINE = [0.99 / math.sqrt(2) ** i for i in range(24)]


class Game:
    """What `Bets` is said to do, at all points of the grid at once."""

    def __init__(self, d: np.ndarray, s: np.ndarray | None, C: float, level: float, seed: int):
        x, s = (d + C) / (2 * C), np.ones(len(d)) if s is None else s
        rows = np.array(sorted(zip(x, s, strict=True)))
        draw = np.random.default_rng(seed)
        drawn = (draw.permutation(len(d)) for _ in range(16))
        orders = np.stack([*(drawn if len(d) > 6 else permutations(range(len(d))))])
        self.rows, self.ordered = rows, rows[orders]
        self.n, self.C, self.level = len(d), C, level
        self.step = 0.01 / math.sqrt(self.n)

        cells = range(-100 * self.n - 9, 100 * self.n + 9)
        # ½ is in the middle of a cell
        points = [0.5 + (i + 0.5) * self.step for i in cells]
        last = next(i for i, g in enumerate(points) if g >= 1)
        self.points = [g for g in points[: last + 1] if g > 0]
        self.put = played(self.ordered, np.array(self.points), 0.75 * self.level)

    def log_wealth(self, mu: float, i: int) -> float:
        """Against mu, of the bets for the i-th point of the grid and of the mixture."""
        x, s = np.moveaxis(self.ordered, 2, 0)
        put = np.log(1 + self.put[:, i, :] * (s * (x - mu)).T).sum(axis=0)
        x, s = self.rows.T
        mixed = np.log(1 + np.outer(s * (x - mu) / mu, SHARES)).sum(axis=0)
        whole = np.concatenate((put + math.log(0.95 / len(put)), mixed + math.log(0.05 / 12)))
        return float(np.logaddexp.reduce(whole))

    def p_value(self, theta: float) -> float:
        """The largest up to theta."""
        mu = (theta + self.C) / (2 * self.C)
        cell = next(i for i, g in enumerate(self.points) if g >= mu)
        least = min(self.log_wealth(g, i) for i, g in enumerate([*self.points[:cell], mu]))
        return min(1.0, math.exp(-least))

    def lower_limit(self, level: float) -> float:
        """Where the p-value first exceeds the level."""
        needed = -math.log(level)
        first = next(i for i, g in enumerate(self.points) if self.log_wealth(g, i) < needed)
        low, high = (self.points[first - 1] if first else 0.0), self.points[first]
        for _ in range(40):
            middle = (low + high) / 2
            good = self.log_wealth(middle, first) >= needed
            low, high = (middle, high) if good else (low, middle)
        return (2 * low - 1) * self.C


def played(rows: np.ndarray, g: np.ndarray, level: float) -> np.ndarray:
    """The bets in each order of the rows, shape (orders, n, 2), against each g: they change 250 times
    at most, and look at what was seen before.
    """
    n = rows.shape[1]
    stages = min(n, 250)
    starts = {round(i * n / stages) for i in range(stages)}
    wealth = np.zeros((len(g), len(rows)))
    put, bet = [], wealth
    for i in range(n):
        if i in starts:
            x, s = rows[:, :i, 0], rows[:, :i, 1]
            mean = 0.5 + np.sum(s * (x - 0.5), axis=1) / (1 + np.sum(s, axis=1))
            v = (0.01 + np.sum((s * (x - mean[:, None])) ** 2, axis=1)) / (1 + i)
            tail = np.minimum(level * np.exp(wealth), 1.0)
            z = -ndtri(tail)
            hazard = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi) / tail
            bet = np.minimum(hazard / np.sqrt((n - i) * v), 0.99 / g[:, None])
        put.append(bet)
        x, s = rows[:, i, 0], rows[:, i, 1]
        wealth = wealth + np.log(1 + bet * s * (x - g[:, None]))
    return np.array(put)


def sample(n: int, kind: str, C: float) -> tuple[np.ndarray, np.ndarray | None]:
    draw = np.random.default_rng(n)
    d = np.clip(draw.normal(0.15, 0.3, n), -1, 1) * C
    if kind == "ties":
        d = C * draw.choice([-0.5, 0.0, 0.0, 1.0], n)
    return d, draw.choice([0.25, 0.5, 1.0], n) if kind == "weights" else None


@pytest.mark.parametrize(
    ("n", "level", "kind", "C"),
    [
        *((n, level, kind, 3.0) for n, level in SMALL for kind in ("plain", "ties", "weights")),
        (40, 0.1, "weights", 3.0),
        (260, 0.001, "plain", 1.0),
    ],
)
def test_bets_are_as_defined(n: int, level: float, kind: str, C: float) -> None:
    d, s = sample(n, kind, C)
    test, game = Bets(d, s, C, level, 5), Game(d, s, C, level, 5)
    for theta in (-0.97 * C, -0.1 * C, 0.0, 0.2 * C, 0.6 * C):
        expected = game.p_value(theta)
        assert test.p_value(theta) == pytest.approx(expected, rel=2e-4), theta
    for asked in (level, 0.2, 1e-6):
        low, expected = test.lower_limit(asked), game.lower_limit(asked)
        assert -C <= low <= expected + 2e-6 * C
        assert low >= expected - 2e-6 * C
        assert low == -C or test.p_value(low) <= asked
    assert Bets(d, s, C, level).lower_limit(0.3) == Bets(d, s, C, level, 0).lower_limit(0.3)


@pytest.mark.parametrize("level", [0.2, 0.001])
def test_many_samples_are_bet_on_as_one_is(level: float) -> None:
    """In one order; the mixture is lost."""
    C, d = 2.0, np.random.default_rng(4).normal(0.3, 0.6, (30, 8)).clip(-2, 2)
    rows = np.stack(((d.T + C) / (2 * C), np.ones(d.T.shape)), axis=2)
    put = played(rows, np.array([0.5]), 0.95 * level)[:, 0, :]
    expected = math.log(0.95) + np.log(1 + put * (rows[:, :, 0].T - 0.5)).sum(axis=0)
    assert bets.fixed_sample_wealth(d, C, level) == pytest.approx(expected, abs=2e-4)


@pytest.mark.parametrize("count", [1, 4, 16])
def test_more_rows_have_fewer_orders(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bets, "_LEAST_ORDERS", min(count, 2))
    monkeypatch.setattr(bets, "_ROWS", 10 * count + 9)
    test = Bets(np.linspace(-0.5, 1, 10), None, 1.0, 0.1)
    assert test._ordered.x.shape == (10, max(count, min(count, 2)))
    assert sorted(test._ordered.x[:, 0]) == test._sorted.x[:, 0].tolist()


def test_up_to_six_rows_every_order_is_played() -> None:
    """So that no seed matters."""
    for n, orders in ((2, 2), (5, 120), (6, 720), (7, 16)):
        assert Bets(np.linspace(-0.5, 0.6, n), None, 1.0, 0.05)._ordered.x.shape == (n, orders)


def test_hazards_are_those_of_the_normal_law() -> None:
    for root in (0.3, 0.7, 2.123, 9.876, 24.995):
        tail = mpmath.exp(-(mpmath.mpf(root) ** 2))
        z = mpmath.findroot(lambda z, t=tail: mpmath.log(mpmath.ncdf(-z) / t), 1.4 * root - 1)
        expected = float(mpmath.npdf(z) / tail)
        assert np.interp(root, bets._ROOTS, bets._HAZARDS) == pytest.approx(expected, rel=2e-5)
    # almost nothing is missing
    assert 0 <= bets._HAZARDS[0] < 1e-6
    assert pytest.approx(bets._hazards(bets._ROOTS)) == bets._HAZARDS


class Table(Bets):
    """Bets whose wealth at each point of the grid is given: never below the mixture's, which falls."""

    def __init__(self, n: int, draw: np.random.Generator) -> None:
        super().__init__(np.full(n, 0.5), None, 1.0, 0.05)
        last = self._cell(1.0) + 40
        self.__dict__["cells"] = range(self._cell(0.0) - 40, last)
        fall = draw.exponential(draw.choice([0.01, 0.2, 2.0]), len(self.cells))
        floor = draw.uniform(1, 40) - np.cumsum(fall)
        above = floor + draw.choice([0.0, 0.0, 0.3, 3.0], len(floor)) * draw.random(len(floor))
        inside = [math.inf if self._point(c) <= 0 else 0.0 for c in self.cells]
        self.__dict__["floor"] = dict(zip(self.cells, floor + inside, strict=True))
        self.__dict__["worth"] = dict(zip(self.cells, above + inside, strict=True))

    def _floor(self, mu: float) -> float:
        return self.floor[round((mu - 0.5) / self._step - 0.5)]

    def _at_points(self, cells: range) -> list[float]:
        return [self.worth.get(cell, -math.inf) for cell in cells]

    def _inside(self, cell: int) -> Callable[[float], float]:
        return lambda mu: self.worth[cell]

    def _last_inside(self, cell: int, needed: float) -> float:
        return self._point(cell)


@pytest.mark.parametrize("n", [1, 9, 50])
def test_the_largest_p_value_and_the_first_that_is_too_large_are_found(n: int) -> None:
    draw = np.random.default_rng(n)
    for _ in range(60):
        test = Table(n, draw)
        inside = [c for c in test.cells if test._step < test._point(c) < 1]
        for c in draw.choice(inside, 8):
            least = min(test.worth[each] for each in test.cells if each <= c)
            p = test.p_value(2 * (test._point(c) - 0.3 * test._step) - 1)
            assert p == math.exp(min(-least, 0.0))
        for needed in draw.uniform(0, 40, 4):
            first = next((c for c in test.cells if test.worth[c] < needed), None)
            if first is not None and test.worth[test._cell(1.0) + 1] < needed:
                limit = test.lower_limit(math.exp(-needed))
                assert limit == pytest.approx(2 * test._point(first) - 1, abs=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_a_limit_is_above_0_exactly_where_0_is_rejected(seed: int) -> None:
    """At levels just above and just below the p-value of 0."""
    d = np.random.default_rng(seed).normal(0.25, 0.5, 25).clip(-1, 1)
    for test in (Bets(d, None, 1.0, 0.05), AnytimeBets(d, None, 1.0)):
        p = test.p_value(0.0)
        if p < 1:
            assert test.lower_limit(p * (1 + 1e-13)) > 0
            assert test.lower_limit(p * (1 - 1e-13)) <= 0


@pytest.mark.parametrize("C", [1.0, 3.0, 1e-5])
@pytest.mark.parametrize("mu", [0.7, 0.3, 0.5 + 1e-13])
def test_a_limit_is_rounded_down(mu: float, C: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bets, "halved", lambda *search: (mu, 1.0))
    low = Bets(np.linspace(-C, C, 9), None, C, 0.1).lower_limit(0.1)
    exact = (2 * Fraction(mu) - 1) * Fraction(C)
    assert (
        exact - 9 * Fraction(np.spacing(C)) <= Fraction(low) <= exact - 6 * Fraction(np.spacing(C))
    )
    assert (low > 0) == (mu > 0.5)


# at any time


def exact_wealth(x: list[Fraction], s: list[Fraction], mu: Fraction) -> Fraction:
    """The largest wealth so far, by the definition."""
    parts = [Fraction(u) for u in FINE]
    wealths, most = [Fraction(1)] * len(parts), Fraction(0)
    for at, weight in zip(x, s, strict=True):
        wealths = [
            w * (1 + u / mu * weight * (at - mu)) for w, u in zip(wealths, parts, strict=True)
        ]
        most = max(most, sum(wealths, Fraction(0)) / len(parts))
    return most


@pytest.mark.parametrize("C", [1.0, 4.0])
@pytest.mark.parametrize(
    "d",
    [(1,), (1, 1, 1, 0, 1, 1), (1, 1, 1, -1, -1, 0, -1), (0.25, 0.5, 0.25, -0.125) * 3, (-1, 0)],
)
@pytest.mark.parametrize("weighted", [False, True])
def test_bets_at_any_time_are_as_defined(d: tuple[float, ...], C: float, weighted: bool) -> None:
    s = np.array([0.25, 1.0, 0.5, 1.0] * 3)[: len(d)]
    test = AnytimeBets(C * np.array(d), s if weighted else None, C)
    x = [(Fraction(v) + 1) / 2 for v in d]
    weights = [Fraction(w) if weighted else Fraction(1) for w in s]
    wealth: Callable[[Fraction], Fraction] = partial(exact_wealth, x, weights)
    for mu in (Fraction(1, 64), Fraction(1, 4), Fraction(1, 2), Fraction(7, 8)):
        exact = float(min(1, 1 / wealth(mu)))
        p = test.p_value(float((2 * mu - 1) * Fraction(C)))
        assert exact <= p <= exact * (1 + 1e-8)
    for level in (0.4, 0.05):
        low = Fraction(test.lower_limit(level))
        mu = (low / Fraction(C) + 1) / 2
        assert mu == 0 or wealth(mu) >= 1 / level
        assert wealth(mu + Fraction(1, 10**7)) < 1 / level


# what rounding can add


@pytest.mark.parametrize("rows", [30, 600])
@pytest.mark.parametrize("mu", [0.5, 0.01, 0.9])
def test_a_reported_wealth_is_never_above_the_exact_one(rows: int, mu: float) -> None:
    draw = np.random.default_rng(rows)
    x = draw.choice([0.0, 1.0, 0.3, mu, 0.97], rows)
    s = draw.random(rows)
    found = bets._mixture(bets.Rows(x[:, None], s[:, None]), mu, np.array(SHARES))
    with mpmath.workdps(40):
        for u, ln in zip(SHARES, found, strict=True):
            part = mpmath.mpf(u) / mpmath.mpf(mu)
            terms = (
                1 + part * mpmath.mpf(b) * (mpmath.mpf(a) - mpmath.mpf(mu))
                for a, b in zip(x, s, strict=True)
            )
            exact = mpmath.fsum(map(mpmath.log, terms))
            assert exact - 1e-6 <= ln <= exact


@pytest.mark.parametrize(
    ("bet", "mu", "n"),
    [
        (0.01, 0.5, 20),
        (1.9, 0.5, 10**6),
        (1.9, 0.5, 20),
        (50.0, 0.015, 20),
        (50.0, 0.015, 10**6),
        (0.2, 0.99, 300),
    ],
)
def test_what_rounding_can_add_is_what_was_derived(bet: float, mu: float, n: int) -> None:
    """A factor of 1 + λ s(x − μ) is off by 7 units of λ: six, and one for the product. Its logarithm
    is off by two units of its size, and each of n − 1 additions by one of all sizes.
    """
    unit, least = Fraction(1, 2**53), 1 - Fraction(bet) * Fraction(mu)
    size = math.log(1 + bet) - math.log(least)
    derived = float(unit) * (7 * bet / float(least) + (n + 1) * size)
    assert derived <= bets._lost(np.array(bet), mu, n) <= 1.2 * derived


@pytest.mark.parametrize("theta", [-0.2, 0.05])
def test_what_rounding_can_add_is_taken_off(theta: float, monkeypatch: pytest.MonkeyPatch) -> None:
    n, d = 9, np.linspace(-0.1, 1, 9)

    def found() -> list[float]:
        each = Bets(d, None, 1.0, 0.05), AnytimeBets(d, None, 1.0)
        return [-math.log(test.p_value(theta)) for test in each]

    monkeypatch.setattr(bets, "_ROUNDING", 0.0)
    monkeypatch.setattr(bets, "_lost", lambda bet, mu, n: np.zeros_like(bet))
    exact = found()

    def some(bet: np.ndarray, mu: float, n: object) -> np.ndarray:
        if bet.ndim == 1:
            assert np.max(bet * mu) == pytest.approx(0.99)
        return np.full_like(bet, 0.01)

    monkeypatch.setattr(bets, "_lost", some)
    # so much a row: the largest wealth at any time is the last one
    assert found() == pytest.approx([ln - n * 0.01 for ln in exact])
    rows = bets.Rows((d[:, None] + 1) / 2, None)
    low, _ = bets.play(rows, np.array([0.5]), 0.1)
    monkeypatch.setattr(bets, "_lost", lambda bet, mu, n: np.zeros_like(bet))
    assert low + n * 0.01 == pytest.approx(bets.play(rows, np.array([0.5]), 0.1)[0])
    monkeypatch.setattr(bets, "_ROUNDING", 0.01)
    # once more from the mixture, which is a part
    assert exact[0] - 0.02 < found()[0] < exact[0] - 0.01
    assert found()[1] == pytest.approx(exact[1] - 0.01)


# in worlds whose law is known


def differences(population: str, n: int, rng: np.random.Generator) -> np.ndarray:
    u = rng.random(n)
    return {
        "rare gains": np.where(u < 0.02, 0.98, -0.02),
        "rare losses": np.where(u < 0.1, -0.9, 0.1),
        "three values": np.where(u < 0.1, -1.0, np.where(u < 0.2, 1.0, 0.0)),
        "small": np.clip(0.05 * rng.standard_normal(n), -1, 1),
        "uniform": 2 * u - 1,
    }[population]


@pytest.mark.parametrize(
    "population", ["rare gains", "rare losses", "three values", "small", "uniform"]
)
def test_bets_are_wrong_with_probability_at_most_the_level(population: str) -> None:
    level, runs = 0.2, 400
    rng = np.random.default_rng(5)
    samples = np.stack([differences(population, 60, rng) for _ in range(runs)], axis=1)
    most = level * runs + 3 * math.sqrt(level * (1 - level) * runs)
    assert np.sum(bets.fixed_sample_wealth(samples, 1.0, level) >= -math.log(level)) <= most
    few = 25
    wrong = sum(Bets(samples[:, i], None, 1.0, level, i).p_value(0.0) <= level for i in range(few))
    assert wrong <= level * few + 3 * math.sqrt(level * (1 - level) * few)


def test_any_bets_are_a_supermartingale_whatever_the_rows_were() -> None:
    """The wealth after one more fair row is on average what it was: all sign patterns of six rows."""
    level = 0.2
    signs = np.array(list(product([-0.6, 0.6], repeat=6))).T
    wealth, _ = bets.play(bets.Rows((signs + 1) / 2, None), np.array([0.5]), level)
    # less what rounding can add
    assert 1 - 1e-11 < np.exp(wealth).mean() < 1
    weighted = bets.Rows(
        (signs + 1) / 2, np.broadcast_to(np.linspace(0.2, 1, 6)[:, None], signs.shape)
    )
    wealth, _ = bets.play(weighted, np.array([0.5]), level)
    # less what rounding can add
    assert 1 - 1e-11 < np.exp(wealth).mean() < 1


@pytest.mark.parametrize("n", [5, 40, 400])
def test_p_values_and_limits_of_bets_agree(n: int) -> None:
    rng = np.random.default_rng(n)
    for seed in range(4):
        d = np.clip(0.1 * rng.random() + 0.2 * rng.standard_normal(n), -1, 1)
        for level in (0.05, 0.3):
            test = Bets(d, None, 1.0, level, seed)
            assert (test.p_value(0.0) <= level) == (test.lower_limit(level) > 0)
            low = test.lower_limit(level)
            assert -1 <= low < 1
            if low > -0.99:
                assert test.p_value(low - 1e-4) <= level <= test.p_value(low + 1e-2)


def test_the_p_value_of_bets_does_not_decrease() -> None:
    d = np.clip(0.05 + 0.2 * np.random.default_rng(2).standard_normal(80), -1, 1)
    test = Bets(d, None, 1.0, 0.025)
    p = [test.p_value(theta) for theta in np.linspace(-0.1, 0.2, 31)]
    assert all(later >= earlier for earlier, later in pairwise(p))


def test_the_order_of_the_rows_does_not_matter_to_bets_and_the_scale_neither() -> None:
    rng = np.random.default_rng(8)
    d = rng.uniform(-0.3, 0.5, 120)
    low = Bets(d, None, 1.0, 0.025).lower_limit(0.025)
    assert Bets(rng.permutation(d), None, 1.0, 0.025).lower_limit(0.025) == low
    assert Bets(8 * d, None, 8.0, 0.025).lower_limit(0.025) == pytest.approx(8 * low, rel=1e-9)


def test_bets_at_any_time_hold_at_all_times() -> None:
    level, runs = 0.2, 150
    rng = np.random.default_rng(9)
    wrong = 0
    for _ in range(runs):
        d = differences("three values", 150, rng)
        test = AnytimeBets(d, None, 1.0)
        # the p-value is by the largest wealth so far
        wrong += test.p_value(0.0) <= level
        low = test.lower_limit(level)
        assert (test.p_value(0.0) <= level) == (low > 0)
        assert AnytimeBets(d[:75], None, 1.0).p_value(0.0) >= test.p_value(0.0)
    assert wrong <= level * runs + 3 * math.sqrt(level * (1 - level) * runs)


@pytest.mark.parametrize("weights", [None, np.linspace(0.1, 1, 20)])
def test_nothing_is_won_from_equal_losses(weights: np.ndarray | None) -> None:
    for test in (Bets(np.zeros(20), weights, 1.0, 0.05), AnytimeBets(np.zeros(20), weights, 1.0)):
        assert test.p_value(0.0) == 1.0
        assert test.lower_limit(0.05) < 0
    # 0.05^(1/20) = 0.86: all that n equal rows of the largest loss can prove
    assert Bets(np.full(20, -1.0), None, 1.0, 0.05).lower_limit(0.05) == -1.0
    assert Bets(np.full(20, 1.0), None, 1.0, 0.05).lower_limit(0.05) <= 2 * 0.05 ** (1 / 20) - 1


def test_what_every_value_is_can_be_true():
    """θ ≤ −C holds where every value is −C, and is impossible where one is not."""
    least = np.full(30, -2.0)
    above = np.append(least[1:], 0.0)
    for values, p in ((least, 1.0), (above, 0.0)):
        assert Bets(values, None, 2.0, 0.05).p_value(-2.0) == p
        assert AnytimeBets(values, None, 2.0).p_value(-2.0) == p


@pytest.mark.parametrize("n", [2, 5, 6])
def test_bets_on_few_rows_hold_whatever_the_seed(n: int) -> None:
    """Of two values, summed over all samples: the seed that is always the same is no chance."""
    for level in (0.05, 0.4):
        for share in (0.2, 0.5):
            wrong = 0.0
            for k in range(int(n * share) + 1, n + 1):
                test = Bets(np.repeat([-1.0, 1.0], [n - k, k]), None, 1.0, level, 0)
                wrong += binom.pmf(k, n, share) * (test.p_value(2 * share - 1) <= level)
            assert wrong <= level
