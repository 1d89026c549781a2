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
_ORDERS, _ROWS = (
    16,
    400_000,
)  # orders; as many rows in all where n is large, but four orders at least
_LEAST_ORDERS = 4
_ALL_ORDERS = 6  # up to so many rows every order is played
_GRID = 0.01  # over √n: the distance of the grid's points
_CELLS = 16  # of the grid that are played at once
_EXPONENT, _LARGEST = 600.0, 1e4  # exp(600), a product of factors up to 10⁴, is a float
_ROUNDING = 1e-9  # taken from every logarithm of a wealth, for what is lost in floating point
_UNIT = 2.0**-53
_LOST = 40.0  # units a row: a factor, its place in a product of at most e^600 and the logarithm
_HALVINGS = 14
_LEAST_STEP = 1e-13
_SHARES: Floats = np.array([_CUT * 2.0**-i for i in range(12)])
_FINE_SHARES: Floats = np.array([_CUT * 2.0 ** (-i / 2) for i in range(24)])


def _hazards(roots: Floats) -> Floats:
    """The hazard of the normal law where its tail is exp(−root²)."""
    tail = -(np.maximum(roots, 1e-8) ** 2)
    z = -ndtri_exp(tail)
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
            whole = np.cumsum(np.broadcast_to(values, self.x.shape), axis=0)
            return np.concatenate((np.zeros((1, self.x.shape[1])), whole))[before]

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
        Its logarithm, less what is lost in floating point beyond what is taken from all.
    bets : ndarray, shape (stages, len(mu), orders)
    """
    ends, variances = rows.stages(), rows.variances()
    wealth = np.zeros((len(mu), rows.x.shape[1]))
    most = (_CUT / mu)[:, None]
    bets = np.empty((len(variances), *wealth.shape))
    lost = np.zeros_like(wealth)
    for stage, (start, end) in enumerate(pairwise(ends)):
        missing = -log(level) - wealth
        hazard = np.interp(np.sqrt(np.maximum(missing, 0.0)), _ROOTS, _HAZARDS)
        bet = np.minimum(hazard / np.sqrt((len(rows.x) - start) * variances[stage]), most)
        bets[stage] = bet = np.where(missing > 0, bet, 0.0)
        wealth += _log_product(bet * rows.gains(mu, slice(start, end)))
        lost += (end - start) * _units_lost(bet, mu[:, None])
    return wealth - _beyond_rounding(lost), bets


def _units_lost(bet: Floats, mu: float | Floats) -> Floats:
    """By how many units 2⁻⁵³ the logarithm of a factor 1 + λ s(x − μ) can be off.

    x, in [0, 1], is off by 3 units at most, and s(x − μ) by 6; the factor is at least 1 − λμ.
    """
    return np.asarray(_LOST + 8 * bet / (1 - bet * mu))


def _beyond_rounding(lost: Floats) -> Floats:
    """What twice these units take from a logarithm beyond `_ROUNDING`."""
    return np.maximum(2 * _UNIT * lost - _ROUNDING, 0.0)


def _log_product(gains: Floats) -> Floats:
    """Σ ln(1 + gain) over the first axis, by products of a few at a time."""
    total = np.zeros(gains.shape[1:])
    # a factor is at least 0.01; a product of so many is a float above 0
    several = max(1, int(_EXPONENT / log(max(1 + float(gains.max()), _LARGEST))))
    for start in range(0, len(gains), several):
        total += np.log(np.prod(1 + gains[start : start + several], axis=0))
    return total


def _mixture(rows: Rows, mu: float, shares: Floats) -> Floats:
    """ln W of the bets u/μ, shape (shares,), for rows in one order."""
    gains = rows.gains(mu)[:, 0, :]
    lost = len(gains) * _units_lost(shares / mu, mu)
    return np.asarray(_log_product(gains / mu * shares) - _beyond_rounding(lost))


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

    @cached_property
    def _mixed(self) -> dict[float, float]:
        return {}

    def _point(self, cell: int) -> float:
        # ½, the mean of equal losses, is inside a cell
        return 0.5 + (cell + 0.5) * self._step

    def _cell(self, mu: float) -> int:
        return ceil((mu - 0.5) / self._step - 0.5)

    def _floor(self, mu: float) -> float:
        """What the fixed mixture alone is worth; it falls as μ grows."""
        if mu <= 0:
            return inf
        if mu not in self._mixed:
            wealth = _mixture(self._sorted, mu, _SHARES)
            self._mixed[mu] = float(logsumexp(wealth)) + log(_MIXED / len(_SHARES)) - _ROUNDING
        return self._mixed[mu]

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

    def _inside(self, cell: int) -> _Cell:
        end, sizes = self._point(cell), np.diff(self._ordered.stages())
        bets = play(self._ordered, np.array([end]), _EARLY * self.level)[1][:, 0, :]
        lost = _beyond_rounding(sizes @ _units_lost(bets, end))
        return _Cell(self, np.repeat(bets, sizes, axis=0), lost)

    def p_value(self, theta: float) -> float:
        """The p-value of H: θ ≤ theta, rounded up."""
        mu = float(scaled(np.array(theta), self.bound))
        if mu <= 0:
            return 0.0 if self.values.max() > -self.bound else 1.0
        cell = self._cell(mu)
        least = self._inside(cell).wealth(mu)
        while self._floor(self._point(cell - 1)) < least:
            least = min(least, *self._at_points(range(cell - _CELLS, cell)))
            cell -= _CELLS
        return min(1.0, exp(-least))

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
        if limit > 0.5:
            return max((2 * limit - 1) * self.bound - slack, slack)
        return max((2 * limit - 1) * self.bound - slack, -self.bound)

    def _last_inside(self, cell: int, needed: float) -> float:
        inside = self._inside(cell)
        low, high = max(self._point(cell - 1), 0.0), self._point(cell)
        if low < 0.5 < high:
            low, high = (0.5 + _LEAST_STEP, high) if inside.wealth(0.5) >= needed else (low, 0.5)
        return halved(lambda mu: inside.wealth(mu) >= needed, low, high, _HALVINGS)[0]


@dataclass(frozen=True, eq=False)
class _Cell:
    """A cell of the grid, with the bets for its upper end, shape (n, orders), and what they lose in
    floating point.
    """

    test: Bets
    bets: Floats
    lost: Floats

    def wealth(self, mu: float) -> float:
        gains = self.bets * self.test._ordered.gains(mu)[:, 0, :]
        return self.test._total(_log_product(gains) - self.lost, mu)


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
        lost = np.arange(1, len(gains) + 1)[:, None] * _units_lost(_FINE_SHARES / mu, mu)
        wealth = np.cumsum(np.log1p(gains * _FINE_SHARES), axis=0) - _beyond_rounding(lost)
        return float(logsumexp(wealth, axis=1).max()) - log(len(_FINE_SHARES)) - _ROUNDING

    def p_value(self, theta: float) -> float:
        """The p-value of H: θ ≤ theta, rounded up."""
        mu = float(scaled(np.array(theta), self.bound))
        if mu <= 0:
            return 0.0 if self.values.max() > -self.bound else 1.0
        return min(1.0, exp(-self._wealth(mu)))

    def lower_limit(self, level: float) -> float:
        """Where the p-value exceeds the level, rounded down; −C if it does from the start."""
        needed = -log(level)
        above = self._wealth(0.5) >= needed
        ends = (0.5 + _LEAST_STEP, 1.0) if above else (0.0, 0.5)
        low, _ = halved(lambda mu: self._wealth(mu) >= needed, *ends, 3 * _HALVINGS)
        return (2 * low - 1) * self.bound
