"""Tests of a mean of bounded values by betting: for a fixed number of examples, or at any time.

Values x₁, …, x_n in [0, 1] with weights s₁, …, s_n in [0, 1], independent and identically
distributed as pairs; H: E s(x − μ₀) ≤ 0, that is μ ≤ μ₀ where the mean is weighted. A gambler who
starts with 1 and puts the part λ_i < 1/μ₀, chosen before example i is seen, has W = Π (1 + λ_i
s_i(x_i − μ₀)), which under H is a nonnegative supermartingale: P(W ≥ 1/α) ≤ α, also for the largest
W over time (Ville 1939), so 1/W is a p-value (Waudby-Smith & Ramdas 2024). An average of such
wealths with fixed weights is one.

Fixed n (`Bets`)
    λ is the share that hedges a payment of 1/α' at the end, made if a normal sum exceeds its
    quantile: with a wealth of W it is h(z)/√(v r), h the hazard of the normal law, P(N > z) = α' W,
    r the rows that are left and v the variance so far (as in Voráček & Orabona 2025, "STaR-Bets",
    by the normal quantile in place of the exponential bound). Nothing is put once 1/α' is reached.
    The wealths of several random orders of the rows are averaged; since each order then pays nearly
    the same, the result hardly depends on them. A small part is bet by a fixed mixture, which tells
    far hypotheses apart at little cost. Bets for μ₀ are those for the next point g ≥ μ₀ of a grid
    that depends on n only. So between two points W falls as μ₀ grows, and the p-value is the
    largest up to μ₀: p̄(μ₀) = max over μ' ≤ μ₀ of p(μ'). The lower limit is where it first exceeds
    α. It is above μ only if p(μ) ≤ α, which has probability ≤ α.
Any time (`AnytimeBets`)
    λ = u/μ₀ for a fixed list of u, averaged: W falls as μ₀ grows. The largest wealth so far counts,
    in the order of arrival, so the test may be looked at after every example.

The orders are random and drawn independently of the data: a seed that is named beforehand fixes
them, and the probability is over both. The rows are sorted first, so the order of the file does not
matter. Of a few rows all orders are played: there one seed alone, the same for every sample, would
make an error more probable than α.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, permutations
from math import ceil, exp, inf, log, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, ndtri_exp

from boundcalc.numeric.search import boundary, halved

Floats = NDArray[np.float64]

_EARLY = 0.75  # 1/α' is this much more than what is needed, for the orders do not all pay the same
_MIXED = 0.05  # the part of the fixed mixture
_CUT = 0.99  # of the largest λ that cannot lose everything
_PRIOR = 0.01  # a variance that counts as one observation
_STAGES = 250  # times at which the bets change
_LEAST_ORDERS, _ORDERS, _ROWS = 4, 16, 400_000  # of many rows fewer orders, as many rows in all
_ALL_ORDERS = 6  # up to so many rows every order is played
_GRID = 0.01  # over √n: the distance of the grid's points
_CELLS = 16  # of the grid that are played at once
_ROUNDING = 1e-9  # taken from the logarithm of an average of wealths, for rounding in it
_UNIT = 2.0**-53
_HALVINGS = 14
_LEAST_STEP = 1e-13
_SHARES: Floats = np.array([_CUT * 2.0**-i for i in range(12)])
_FINE_SHARES: Floats = np.array([_CUT * 2.0 ** (-i / 2) for i in range(24)])


def _hazards(roots: Floats) -> Floats:
    """The hazard of the normal law where its tail is exp(−root²)."""
    tail = -(np.maximum(roots, 1e-8) ** 2)
    z = ndtri_exp(tail)
    return np.asarray(np.exp(-z * z / 2 - log(2 * np.pi) / 2 - tail))


_ROOTS: Floats = np.linspace(0.0, 25.0, 2501)
_HAZARDS = _hazards(_ROOTS)


class Rows(NamedTuple):
    """Values and weights, one column an order: shape (n, orders)."""

    x: Floats
    s: Floats | None

    def gains(self, mu: float | Floats, part: slice = slice(None)) -> Floats:
        """s(x − μ), with a middle axis for several μ."""
        gain = np.asarray(self.x[part, None, :] - np.reshape(mu, (1, -1, 1)))
        return gain if self.s is None else np.asarray(gain * self.s[part, None, :])

    def stages(self) -> NDArray[np.int64]:
        """Where the bets change, with both ends."""
        n = len(self.x)
        return np.linspace(0, n, min(n, _STAGES) + 1).round().astype(int)

    def variances(self) -> Floats:
        """The variance of s(x − mean) as the rows before each stage show it."""
        before = self.stages()[:-1]
        s = np.ones((1, 1)) if self.s is None else self.s

        def sums(values: Floats) -> Floats:
            each = np.add.reduceat(np.broadcast_to(values, self.x.shape), before, axis=0)
            return np.concatenate((np.zeros_like(each[:1]), np.cumsum(each[:-1], axis=0)))

        # from ½, where equal losses are
        y = self.x - 0.5
        mean = sums(s * y) / (1 + sums(s))
        squares = sums(s * s * y * y) - 2 * mean * sums(s * s * y) + mean**2 * sums(s * s)
        return (_PRIOR + np.maximum(squares, 0.0)) / (1 + before[:, None])


def play(rows: Rows, mu: Floats, level: float) -> tuple[Floats, Floats]:
    """Bet against E s(x − μ) ≤ 0 for 1/level at the end.

    Returns
    -------
    wealth : ndarray, shape (len(mu), orders)
        Its logarithm, less what rounding can add to it.
    bets : ndarray, shape (stages, len(mu), orders)
    """
    ends, variances = rows.stages(), rows.variances()
    wealth = np.zeros((len(mu), rows.x.shape[1]))
    most = (_CUT / mu)[:, None]
    bets = np.empty((len(variances), *wealth.shape))
    rounding = np.zeros_like(wealth)
    for stage, (start, end) in enumerate(pairwise(ends)):
        missing = -log(level) - wealth
        hazard = np.interp(np.sqrt(np.maximum(missing, 0.0)), _ROOTS, _HAZARDS)
        bet = np.minimum(hazard / np.sqrt((len(rows.x) - start) * variances[stage]), most)
        bets[stage] = bet = np.where(missing > 0, bet, 0.0)
        wealth += np.log1p(bet * rows.gains(mu, slice(start, end))).sum(axis=0)
        rounding += (end - start) * _lost(bet, mu[:, None], len(rows.x))
    return wealth - rounding, bets


def _lost(bet: Floats, mu: float | Floats, n: int | NDArray[np.int64]) -> Floats:
    """By how much one of n logarithms of 1 + λ s(x − μ) and its place in their sum can be off.

    x, in [0, 1], is off by 3 units 2⁻⁵³ at most, and s(x − μ) by 6; the factor is at least 1 − λμ
    and at most 1 + λ; each of the additions is off by a unit of the sum of all sizes.
    """
    least = 1 - bet * mu
    return np.asarray(_UNIT * (8 * bet / least + (n + 4) * np.log((1 + bet) / least)))


def _mixture(rows: Rows, mu: float, shares: Floats) -> Floats:
    """ln W of the bets u/μ, shape (shares,), for rows in one order."""
    gains = rows.gains(mu)[:, 0, :]
    n = len(gains)
    wealth = np.log1p(gains / mu * shares).sum(axis=0)
    return np.asarray(wealth - n * _lost(shares / mu, mu, n))


def fixed_sample_wealth(differences: Floats, bound: float, level: float) -> Floats:
    """ln W against H: θ ≤ 0 for many samples, shape (n, samples), in one order each; the part of
    the fixed mixture is put and counts as lost.
    """
    rows = Rows(scaled(differences, bound), None)
    wealth, _ = play(rows, np.array([0.5]), (1 - _MIXED) * level)
    return np.asarray(wealth[0]) + log(1 - _MIXED)


def scaled(differences: Floats, bound: float) -> Floats:
    """Differences in [−C, C] as values in [0, 1]."""
    return (differences + bound) / (2 * bound)


@dataclass(frozen=True, eq=False)
class Bets:
    """The one-sided test of H: θ ≤ θ₀ for the mean of a fixed number of values in [−C, C].

    Attributes
    ----------
    values : ndarray, shape (n,)
    weights : ndarray, shape (n,), or None
        In [0, 1].
    bound : float
        C.
    level : float
        The level that the bets aim at, fixed before the data; other levels are valid.
    seed : int
        Of the orders.
    """

    values: Floats
    weights: Floats | None
    bound: float
    level: float
    seed: int = 0

    @cached_property
    def _sorted(self) -> Rows:
        x = scaled(self.values, self.bound)
        s = self.weights
        order = np.argsort(x, kind="stable") if s is None else np.lexsort((s, x))
        return Rows(x[order, None], None if s is None else s[order, None])

    @cached_property
    def _ordered(self) -> Rows:
        n = len(self.values)
        if n <= _ALL_ORDERS:
            orders = np.array([*permutations(range(n))]).T
        else:
            random = np.random.default_rng(self.seed)
            count = max(_LEAST_ORDERS, min(_ORDERS, _ROWS // n))
            orders = np.stack([random.permutation(n) for _ in range(count)], axis=1)
        x, s = self._sorted
        return Rows(x[orders, 0], None if s is None else s[orders, 0])

    @cached_property
    def _step(self) -> float:
        return _GRID / sqrt(len(self.values))

    @cached_property
    def _played(self) -> dict[int, float]:
        return {}

    def _point(self, cell: int) -> float:
        # ½, the mean of equal losses, is inside a cell
        return 0.5 + (cell + 0.5) * self._step

    def _cell(self, mu: float) -> int:
        return ceil((mu - 0.5) / self._step - 0.5)

    def _floor(self, mu: float) -> float:
        """What the fixed mixture alone is worth; it falls as μ grows."""
        if mu > 0:
            wealth = _mixture(self._sorted, mu, _SHARES)
            return float(logsumexp(wealth)) + log(_MIXED / len(_SHARES)) - _ROUNDING
        return inf

    def _total(self, played: Floats, mu: float) -> float:
        mean = float(logsumexp(played)) + log((1 - _MIXED) / played.size)
        return float(np.logaddexp(mean, self._floor(mu))) - _ROUNDING

    def _at_points(self, cells: range) -> list[float]:
        """ln W at the upper ends of cells."""
        # at and below 0 everything is rejected
        self._played.update({cell: inf for cell in cells if self._point(cell) <= 0})
        new = [cell for cell in cells if cell not in self._played]
        if new:
            points = np.array([self._point(cell) for cell in new])
            wealth, _ = play(self._ordered, points, _EARLY * self.level)
            for cell, point, row in zip(new, points, wealth, strict=True):
                self._played[cell] = self._total(row, float(point))
        return [self._played[cell] for cell in cells]

    def _inside(self, cell: int) -> Callable[[float], float]:
        """ln W in a cell of the grid, by the bets for its upper end."""
        rows, end = self._ordered, self._point(cell)
        n, sizes = len(rows.x), np.diff(rows.stages())
        played = play(rows, np.array([end]), _EARLY * self.level)[1][:, 0, :]
        bets, rounding = np.repeat(played, sizes, axis=0), sizes @ _lost(played, end, n)

        def wealth(mu: float) -> float:
            gains = bets * rows.gains(mu)[:, 0, :]
            return self._total(np.log1p(gains).sum(axis=0) - rounding, mu)

        return wealth

    def p_value(self, theta: float) -> float:
        """The p-value of H: θ ≤ theta, rounded up."""
        mu = float(scaled(np.array(theta), self.bound))
        if mu <= 0:
            return 0.0 if self.values.max() > -self.bound else 1.0
        cell = self._cell(mu)
        least = self._inside(cell)(mu)
        while self._floor(self._point(cell - 1)) < least:
            least = min(least, *self._at_points(range(cell - _CELLS, cell)))
            cell -= _CELLS
        return exp(min(-least, 0.0))

    def lower_limit(self, level: float) -> float:
        """Where the p-value first exceeds the level, rounded down; −C if it does from the start."""
        needed = -log(level)
        # the first point is below 0, where everything is rejected
        ends = self._cell(0.0) - 1, self._cell(1.0) + 1
        cell = boundary(lambda c: self._floor(self._point(c)) >= needed, *ends) + 1
        while True:
            found = self._at_points(range(cell, cell + _CELLS))
            short = next((i for i, wealth in enumerate(found) if wealth < needed), None)
            if short is not None:
                break
            cell += _CELLS
        limit = self._last_inside(cell + short, needed)
        slack = 8 * float(np.spacing(self.bound))
        return max((2 * limit - 1) * self.bound - slack, -self.bound)

    def _last_inside(self, cell: int, needed: float) -> float:
        wealth = self._inside(cell)
        low, high = max(self._point(cell - 1), 0.0), self._point(cell)
        if low < 0.5 < high:
            low, high = (0.5 + _LEAST_STEP, high) if wealth(0.5) >= needed else (low, 0.5)
        return halved(lambda mu: wealth(mu) >= needed, low, high, _HALVINGS)[0]


@dataclass(frozen=True, eq=False)
class AnytimeBets:
    """The one-sided test of H: θ ≤ θ₀ that may be looked at after every value, in their order.

    Attributes
    ----------
    values, weights, bound
        As for `Bets`.
    """

    values: Floats
    weights: Floats | None
    bound: float

    @cached_property
    def _rows(self) -> Rows:
        s = self.weights
        return Rows(scaled(self.values, self.bound)[:, None], None if s is None else s[:, None])

    def _wealth(self, mu: float) -> float:
        gains = self._rows.gains(mu)[:, 0, :] / mu
        n = np.arange(1, len(gains) + 1)[:, None]
        wealth = np.cumsum(np.log1p(gains * _FINE_SHARES), axis=0)
        wealth -= n * _lost(_FINE_SHARES / mu, mu, n)
        return float(logsumexp(wealth, axis=1).max()) - log(len(_FINE_SHARES)) - _ROUNDING

    def p_value(self, theta: float) -> float:
        """The p-value of H: θ ≤ theta, rounded up."""
        mu = float(scaled(np.array(theta), self.bound))
        if mu <= 0:
            return 0.0 if self.values.max() > -self.bound else 1.0
        return exp(min(-self._wealth(mu), 0.0))

    def lower_limit(self, level: float) -> float:
        """Where the p-value exceeds the level, rounded down; −C if it does from the start."""
        needed = -log(level)
        above = self._wealth(0.5) >= needed
        ends = (0.5 + _LEAST_STEP, 1.0) if above else (0.0, 0.5)
        low, _ = halved(lambda mu: self._wealth(mu) >= needed, *ends, 3 * _HALVINGS)
        return (2 * low - 1) * self.bound
