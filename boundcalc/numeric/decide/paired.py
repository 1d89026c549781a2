"""Exact paired tests for 0/1 losses, with their nuisance parameter bounded cell by cell.

On b of n examples only A is wrong, on c only B; (b, c) is trinomial with p₁₀, p₀₁. The gap is
θ = p₁₀ − p₀₁, the discordance q = p₁₀ + p₀₁ ∈ [|θ|, 1], and H: θ ≤ θ₀ is tested.

Valid
    Outcomes are ordered by a function S that depends on n only, and E is the set of those at least
    as high as the observed one, made closed: with (b, c) also (b + 1, c) and (b, c − 1), while
    these are outcomes. The closed sets are still nested, so P(P_{θ,q}(E) ≤ α) ≤ α. q lies in the
    interval Q but for a probability of γ (Berger & Boos 1994), so p(θ₀) = γ + sup over q ∈ Q, q ≥
    |θ₀|, of P_{θ₀,q}(E) is a p-value.
Monotone
    At a fixed q a larger θ₀ moves mass from c to b, and E is closed; where q < θ₀ the point (θ₀, q
    = θ₀) dominates. So p does not decrease in θ₀, and every θ₀ with p(θ₀) ≤ α is below the limit.
The supremum, on a cell q₁ ≤ q ≤ q₂
    is at most P(E) at p₁₀ = (q₂ + θ₀)/2, p₀₁ = (q₁ − θ₀)/2 (more b, less c). It is also at most max
    f(q₁), f(q₂) plus M (q₂ − q₁)²/8, f(q) = P_{θ₀,q}(E) and −f″ ≤ M: with the score s, f″ = E 1_E
    (s² + s′) and E 1_E (−s′) = n [P(E_b)/(4p₁₀) + P(E_c)/(4p₀₁) + P(E_0)/(1 − q)], where E_b, E_c,
    E_0 are what n − 1 examples have to show if the last one is b, c or neither: E_c and E_0 are
    within E_b. Cells are halved until the largest bound is within a set factor of a value of f.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil, log, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammaln

from boundcalc.numeric.search import boundaries, boundary_between, halved
from boundcalc.numeric.special import binomial_lower, binomial_upper

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

Z = 2.0  # of the order: fixed, for limits have to be nested over all levels
GAMMA_SHARE, _COUNTS_GAMMA = 1e-4, 0.01
_TOLERANCE = 2e-3  # the certified supremum is within this factor of the true one
_ROUNDING = 1e-8  # more than the tails are off by in floating point
_CELLS, _MOST_HALVINGS = 16, 50
_NODES = (1 - np.cos(np.pi * np.arange(_CELLS + 1) / _CELLS)) / 2  # closer at the ends
_SHORT = 0.2
_BLOCK = 2**16  # entries of a table of steps that are in memory at once
_STEPS = (5e-4, 2e-3, 8e-3, 0.03, 0.12, 0.5, 2.0)  # outwards, in standard deviations of the gap
_HALVINGS = 3  # of the last of these steps, where it is not the first
_SCANNED = 16
_CLOSE = 1e-5  # to a limit a guess is, in standard deviations of the gap


@dataclass(frozen=True)
class Region:
    """A closed set of outcomes of n examples, by the number k of discordant ones.

    Attributes
    ----------
    n : int
    least : ndarray of int, shape (n + 1,)
        Of k discordant examples at least least[k] are of the kind b; k + 1 where none will do.
    """

    n: int
    least: Counts

    @cached_property
    def _factorials(self) -> Floats:
        return np.asarray(gammaln(np.arange(1.0, self.n + 2)))

    @cached_property
    def _ways(self) -> Floats:
        """ln of n over k, for k = 0, …, n."""
        found = self._factorials
        return np.asarray(found[-1] - found - found[::-1])

    @cached_property
    def _steps(self) -> tuple[Floats, Floats, Floats]:
        """From k to k + 1 discordant examples the chance of E moves by s C x^a (1 − x)^(k + 1 − a),
        x the share of the kind b: the signs s, ln C and a.

        least[k + 1] is least[k], and what had one b too few gets it, or one more, and what had just
        enough loses.
        """
        k = np.arange(self.n)
        rises = self.least[1:] > self.least[:-1]
        had = self.least[:-1] - ~rises
        possible = (had >= 0) & (had <= k)
        had = np.where(possible, had, 0)
        factorial = self._factorials
        ways = np.where(possible, factorial[k] - factorial[had] - factorial[k - had], -np.inf)
        return np.where(rises, -1.0, 1.0), ways, (had + ~rises).astype(float)

    def before(self) -> Region:
        """What n − 1 examples have to show if the last one is of the kind b."""
        return replace(self, n=self.n - 1, least=np.maximum(self.least[1:] - 1, 0))

    def probability(self, p10: Floats, p01: Floats, omitted: float) -> Floats:
        """An upper bound on the probability, by at most `omitted`; one for each parameter."""
        found = np.empty(p10.shape)
        if not found.size:
            return found
        q = np.minimum(p10 + p01, 1.0)
        first, last = self._likely(q, omitted)
        width = int((last - first).max()) + 1
        rows = max(1, _BLOCK // width)
        for start in range(0, len(q), rows):
            part = slice(start, start + rows)
            begin = np.minimum(first[part], self.n + 1 - width)
            found[part] = self._sum(begin, width, q[part], p10[part])
        return np.asarray(np.minimum(found + omitted, 1.0))

    def _likely(self, q: Floats, omitted: float) -> tuple[Counts, Counts]:
        """Numbers of discordant examples outside of which there are few: Bernstein's inequality."""
        spread = log(2 / omitted)
        half = spread / 3 + np.sqrt((spread / 3) ** 2 + 2 * spread * self.n * q * (1 - q))
        first = np.maximum(np.floor(self.n * q - half), 0).astype(int)
        return first, np.minimum(np.ceil(self.n * q + half), self.n).astype(int)

    def _sum(self, first: Counts, width: int, q: Floats, p10: Floats) -> Floats:
        """The sum over `width` numbers of discordant examples of their probability times that of E
        given it: that at the likeliest number, and what each step away adds to all beyond it.

        So no step is larger than a term beside it, and no rounding of it than a small share of the
        sum; every rounding is counted as if it had made the sum smaller.
        """
        share = p10 / np.maximum(q, 1e-300)
        logs = [np.log(np.maximum(x, 1e-300)) for x in (q, 1 - q, share, 1 - share)]
        (in_q, out_q, in_b, out_b), k = (x[:, None] for x in logs), np.arange(width)

        def window(values: Floats, width: int) -> Floats:
            return np.lib.stride_tricks.sliding_window_view(values, width)[first]

        at = first[:, None]
        ways = window(self._ways, width)
        weights = ways + (k * (in_q - out_q) + (at * (in_q - out_q) + self.n * out_q))
        np.exp(weights, out=weights)
        k = k[:-1]  # a step is between two of them
        signs, ways, wins = (window(values, width - 1) for values in self._steps)
        moved = ways + wins * (in_b - out_b) + (k * out_b + (at + 1) * out_b)
        np.exp(moved, out=moved)
        centre = np.rint(self.n * q).astype(int) - first  # among those that are likely
        upwards = k >= centre[:, None]
        above = np.cumsum(weights[:, ::-1], axis=1)[:, ::-1]
        below = np.cumsum(weights, axis=1)
        moved *= np.where(upwards, above[:, 1:], below[:, :-1])
        at_centre = self._tail(first + centre, share) * below[:, -1]
        size = at_centre + moved.sum(axis=1)
        moved *= signs
        found = at_centre + np.where(upwards, moved, -moved).sum(axis=1)
        return np.asarray(np.maximum(found, 0.0) + self._rounding * size)

    def _tail(self, k: Counts, share: Floats) -> Floats:
        """The probability of E given that k examples are discordant."""
        b = self.least[k]
        some = (b > 0) & (b <= k)
        tail = betainc(np.where(some, b, 1), np.where(some, k - b, 0) + 1, share)
        return np.where(some, tail, np.where(b == 0, 1.0, 0.0))

    @property
    def _rounding(self) -> float:
        """What the factorials take from a term, of itself: their logarithms lose digits."""
        return 4e-15 * float(gammaln(self.n + 2.0))


def score_order(b: Counts, c: Counts, n: int) -> Floats:
    """S(b, c): the lower end of the score interval, z = 2, q estimated by (b + c + 1)/n."""
    u = 1 + Z * Z / n
    d = (b - c) / n
    spread = np.maximum((b + c + 1) / n * u - d * d, 0.0) / n
    return np.asarray((d - Z * np.sqrt(spread)) / u)


def score_region(b: int, c: int, n: int) -> Region:
    """The outcomes that speak at least as much for θ > θ₀ as (b, c) does, and what closes them.

    Where more than 16 examples are not of the kind c, S increases in b: its derivative is positive
    where x(1 − x) + 1/n ≥ (1 + 4/n + 2x)²/n, x = c/n, but for b = c = 0, where the step is. The
    others are scanned.
    """
    others = np.arange(n + 1)
    # a hair below, so that rounding takes no equal outcome away
    level = float(score_order(np.array(b), np.array(c), n)) - 1e-12
    low, high = np.full(n + 1, -1), n - others + 1  # S at high is at least the level, or no outcome
    high = boundaries(lambda b: score_order(b, others, n) >= level, high, low)
    high = np.where(high > n - others, n + 1, high)
    for left in range(min(_SCANNED, n) + 1):
        order = score_order(np.arange(left + 1), np.full(left + 1, n - left), n)
        some = np.flatnonzero(order >= level)
        high[n - left] = some[0] if some.size else n + 1
    return _closed(np.minimum.accumulate(high[::-1])[::-1], n)


def difference_region(d: int, n: int) -> Region:
    """The outcomes with b − c ≥ d."""
    others = np.arange(n + 1)
    return _closed(np.maximum(others + d, 0), n)


def _closed(needed: Counts, n: int) -> Region:
    """From the least b for each c, which does not decrease in c, to the least b for each k."""
    sums = np.arange(n + 1) + needed
    k = np.arange(n + 1)
    # as many c, from 0 on, will do; where none does, k + 1 is left
    return Region(n, np.maximum(k + 1 - np.searchsorted(sums, k, side="right"), 0))


@dataclass(frozen=True)
class Trinomial:
    """The one-sided test of H: θ ≤ θ₀ from a region of outcomes.

    Attributes
    ----------
    region : Region
    q : (float, float)
        What the discordance lies in but for a probability of `gamma`.
    gamma : float
    slope : float
        The discordance is at most this + θ, but for `gamma`. (A limit on q that changes by at most
        as much as θ keeps p monotone: (θ', q') with θ' < θ₀ is dominated by (θ₀, q' − θ₀ + θ').)
    """

    region: Region
    q: tuple[float, float]
    gamma: float
    slope: float = 2.0

    @cached_property
    def _before(self) -> Region:
        return self.region.before()

    @property
    def _omitted(self) -> float:
        return self.gamma * 1e-3

    def p_value(self, theta: float) -> float:
        """The p-value of H: θ ≤ theta, certified and rounded up."""
        return self._of_no_gap if theta == 0 else self._settled(theta)

    @cached_property
    def _of_no_gap(self) -> float:
        return self._settled(0.0)

    def rejects(self, theta: float, level: float) -> bool:
        """Whether p_value(theta) ≤ level, at less cost."""
        return self._settled(theta, level) <= level

    def lower_limit(self, level: float) -> float:
        """A point at which H is rejected at this level, close to the last one; −1 for none."""
        low, high = (0.0, 1.0) if self.p_value(0.0) <= level else (-1.0, 0.0)
        if self.guess(-1.0) > level:
            return low
        guess = self._root(level, low, high)
        failed = guess
        for step in _STEPS:
            point = guess - step * self._spread
            if point <= low:
                break
            if self.rejects(point, level):
                halvings = _HALVINGS if step > _STEPS[0] else 0
                return halved(lambda at: self.rejects(at, level), point, failed, halvings)[0]
            failed = point
        # p(0) ≤ α before rounding up leaves room: P changes by at most n times the change of θ
        return low if low < 0 else level * _ROUNDING / (10 * self.region.n)

    @cached_property
    def _spread(self) -> float:
        """The standard deviation of an observed gap is no more, but for γ."""
        return sqrt(self.q[1] / self.region.n)

    def _root(self, level: float, low: float, high: float) -> float:
        def excess(theta: float) -> float:
            return log(self.guess(theta)) - log(level)

        if excess(high) <= 0:
            return high
        unit, most = _CLOSE * self._spread, high
        steps = ceil((high - low) / unit)
        return low + unit * boundary_between(lambda i: excess(min(low + i * unit, most)), 0, steps)

    def _ends(self, theta: float) -> tuple[float, float]:
        return max(self.q[0], abs(theta)), min(self.q[1], self.slope + theta)

    def guess(self, theta: float) -> float:
        """The p-value without the certificate: the supremum over a few values of q."""
        first, last = self._ends(theta)
        if first > last:
            return 1.0 if theta > 0 else self.gamma
        # over a short interval P(E) bends little
        long = last - first > _SHORT or last > 2 * first
        q = first + (last - first) * (_NODES if long else _NODES[::4])
        return self.gamma + float(self._at(q, theta).max())

    def _at(self, q: Floats, theta: float) -> Floats:
        return self.region.probability(
            np.maximum((q + theta) / 2, 0.0), np.maximum((q - theta) / 2, 0.0), self._omitted
        )

    def _settled(self, theta: float, level: float | None = None) -> float:
        """The certified p-value, or a bound on it that is on the same side of a level."""
        for low, high in self._bounds(theta):
            if level is not None and not low <= level < high:
                break
        return high

    def _bounds(self, theta: float) -> Iterator[tuple[float, float]]:
        """Ever closer lower and upper bounds on p(theta), the same ones for every level."""
        first, last = self._ends(theta)
        if first > last:
            p = 1.0 if theta > 0 else self._rounded(0.0)
            yield p, p
            return
        q = first + (last - first) * _NODES
        f = self._at(q, theta)
        best = float(f.max())
        # rows: both ends of q, f at both, and the bound between them
        cells = np.stack((q[:-1], q[1:], f[:-1], f[1:], np.ones(_CELLS)))
        cells[4] = self._bound(cells, theta)
        closed = 0.0  # the largest bound of what is not halved any more
        for _ in range(_MOST_HALVINGS):
            most = max(best, closed, float(cells[4].max()))
            yield self._rounded(best), self._rounded(most)
            open_ = self.gamma + cells[4] > (self.gamma + best) * (1 + _TOLERANCE)
            if not open_.any():
                return
            closed = max(closed, float(cells[4, ~open_].max(initial=0.0)))
            low, high, f_low, f_high, bound = cells[:, open_]
            middle = (low + high) / 2
            at = self._at(middle, theta)
            best = max(best, float(at.max()))
            left, right = (low, middle, f_low, at, bound), (middle, high, at, f_high, bound)
            cells = np.concatenate((np.stack(left), np.stack(right)), axis=1)
            cells[4] = np.minimum(cells[4], self._bound(cells, theta))

    def _bound(self, cells: Floats, theta: float) -> Floats:
        """The bounds on P(E) in each cell: by its curvature, or by the coupling if that is less."""
        low, high, ends = cells[0], cells[1], np.maximum(cells[2], cells[3])
        more, less = np.maximum((high + theta) / 2, 0.0), np.maximum((low - theta) / 2, 0.0)
        bound = np.ones_like(low)
        smooth = (low > abs(theta)) & (high < 1)
        if smooth.any():
            q1, q2 = low[smooth], high[smooth]
            score = 1 / (2 * (q1 + theta)) + 1 / (2 * (q1 - theta)) + 1 / (1 - q2)
            inside = self._before.probability(more[smooth], less[smooth], self._omitted)
            bound[smooth] = ends[smooth] + self.region.n * inside * score * (q2 - q1) ** 2 / 8
        rough = bound > ends * (1 + _TOLERANCE)
        coupled = self.region.probability(more[rough], less[rough], self._omitted)
        bound[rough] = np.minimum(bound[rough], coupled)
        return np.asarray(bound)

    def _rounded(self, supremum: float) -> float:
        return min(1.0, (self.gamma + supremum) * (1 + _ROUNDING))


def paired_test(b: int, c: int, n: int, *, level: float) -> Trinomial:
    """The exact test of H: θ ≤ θ₀ from b and c of n examples on which only A, only B is wrong.

    Parameters
    ----------
    level : float
        The level that is fixed before the data; γ is 10⁻⁴ of it.
    """
    gamma = GAMMA_SHARE * level
    k = b + c
    q = float(binomial_lower(k, n, gamma / 2)), float(binomial_upper(k, n, gamma / 2))
    return Trinomial(score_region(b, c, n), q, gamma)


def counts_test(a: int, b: int, n: int, *, level: float) -> Trinomial:
    """The exact test of H: θ ≤ θ₀ from the numbers of errors alone, whatever the coupling.

    The statistic is the difference of the two numbers, which has the law of b − c. But for γ, a
    hundredth of the level, r(A) is at least l and r(B) at most u (Clopper–Pearson), and q ≤ r(A) +
    r(B) = 2 r(B) + θ ≤ 2u + θ, q ≤ 2 − r(A) − r(B) = 2 − 2 r(A) + θ ≤ 2 − 2l + θ.
    """
    gamma = _COUNTS_GAMMA * level
    low, high = float(binomial_lower(a, n, gamma / 2)), float(binomial_upper(b, n, gamma / 2))
    slope = min(2 * high, 2 - 2 * low)
    return Trinomial(difference_region(a - b, n), (0.0, 1.0), gamma, slope)
