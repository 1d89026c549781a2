"""How many examples are needed: forecasts, which are no facts.

For 0/1 losses the tests themselves are asked: of k discordant examples a certain number has to
speak for the better predictor, which the exact test says for each k where they are few, else for
two k at n a power of 2, and interpolation in between. The probability of a decision is then a sum
over the trinomial, or a normal one where the counts are large. For other losses a mean is decided
where it exceeds c(n) standard errors; c(n), the *critical value*, comes from seeded resampling of
the differences, moved so that about half the samples are decided, on a grid of n.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from math import exp, floor, inf, log, pi, sqrt

import numpy as np
from scipy.special import bdtrc, gammaln, ndtr, ndtri, xlog1py, xlogy

from boundcalc.numeric.decide.bets import Floats, fixed_sample_wealth
from boundcalc.numeric.decide.paired import paired_test
from boundcalc.numeric.search import boundary_near

CriticalValue = Callable[[int], float]
TARGETS = (0.5, 0.8)
MOST_EXAMPLES = 10**15
_CLOSE, _STEEP = 0.005, 0.5  # a probability is hit within this, and its normal quantile within 0.02
_EXACT = 5_000  # of more examples only the number of discordant ones matters
_ALL = 24  # up to so many discordant examples the test is asked for each number of them
_SUMMED, _RATIO = 20_000, 1.1
_NEAR = 0.05  # a guess of ln p so near to the level is made sure of
_LEAST, _TINY = 1e-12, 1e-300  # less counts as this: of a power, and of a p-value
_SAMPLES = 200
_TRIES, _HALF = 12, 0.8  # a share is about a half if its normal quantile is so near to 0
_STEP, _SURE = 0.02, 0.003  # over the guess: its least change, and what need not be told apart
_LEAST_SPREAD = 1e-9  # over C
_RESAMPLED = (20, 5_120)


@dataclass(frozen=True)
class Needed:
    """The number of examples for one probability of a decision.

    Attributes
    ----------
    probability : float
        Of a decision.
    n : int or None
        If the gap is the observed, or the assumed, one; None for more than 10^15.
    least, most : int or None
        If it is at the far and the near end of its interval; `most` is None where that end is not
        on the same side of 0, `least` where one direction was asked, which limits no far end.
    """

    probability: float
    n: int | None
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, eq=False)
class ExactPower:
    """The probability that the exact paired test decides, at one level."""

    level: float

    @cached_property
    def _known(self) -> dict[tuple[int, int], float]:
        return {}

    def __call__(self, p10: float, p01: float, n: int) -> float:
        """For n examples and p10 > p01."""
        q, theta = min(p10 + p01, 1.0), p10 - p01
        width = 6 * sqrt(n * q * (1 - q)) + 9
        first, last = max(floor(n * q - width), 0), min(floor(n * q + width) + 1, n)
        if last - first > _SUMMED:
            critical = self._critical(q, n)[1][0]
            return normal_power(theta, sqrt(q - theta * theta), n, critical * sqrt(q))
        k = np.arange(first, last + 1)
        weight = xlogy(k, q) + xlog1py(n - k, -q) - gammaln(k + 1) - gammaln(n - k + 1)
        weight = np.exp(weight - weight.max())
        least = np.ceil((k + np.interp(k, *self._critical(q, n)) * np.sqrt(k)) / 2)
        least = np.maximum(least, k // 2 + 1)
        tail = np.where(least <= k, bdtrc(np.minimum(least, k) - 1, k, p10 / q), 0.0)
        return float(np.sum(weight * tail) / np.sum(weight))

    def _critical(self, q: float, n: int) -> tuple[list[float], list[float]]:
        """Some numbers k of discordant examples, and how many times √k the difference has to be."""
        sd = sqrt(n * q * (1 - q))
        last = min(floor(n * q + 3 * sd) + 1, n)
        if last <= _ALL:
            k = range(max(floor(n * q - 3 * sd), 1), last + 1)
            return list(map(float, k)), [self._times(i, n) for i in k]
        point = log(n, 2)
        below = 2 ** floor(point), 2 ** (floor(point) + 1)
        times = [
            float(np.interp(point, np.log2(below), [self._apart(q, m, side) for m in below]))
            for side in (-1, 1)
        ]
        return [n * q - sd, n * q + sd], times

    def _apart(self, q: float, n: int, side: int) -> float:
        k = max(n * q + side * sqrt(n * q * (1 - q)), 1.0)
        # it varies little with k, so that nearby ones share it
        k = min(round(_RATIO ** round(log(k, _RATIO))), n)
        n = min(n, _EXACT)
        return self._times(min(k, n // 2) if n == _EXACT else k, n)

    def _times(self, k: int, n: int) -> float:
        """How many times √k the difference has to be, where p is the level between two counts."""
        if (k, n) not in self._known:
            # as many as the last time
            guess = next(reversed(self._known.values()), -float(ndtri(self.level)))
            first = min(max(floor((k + guess * sqrt(k)) / 2) + 1, k // 2 + 1), k)
            self._known[k, n] = (2 * self._least(first, k, n) - k) / sqrt(k)
        return self._known[k, n]

    def _least(self, guess: int, k: int, n: int) -> float:
        """How many of k have to be of the kind b; k + ½ where none will do."""
        goal = log(self.level)
        p: dict[int, float] = {}

        def decides(b: int) -> bool:
            test = paired_test(b, k - b, n, level=self.level)
            p[b] = log(max(test.guess(0.0), _TINY))
            if k <= _ALL and abs(p[b] - goal) < _NEAR:
                p[b] = log(test.p_value(0.0))
            return p[b] <= goal

        least = boundary_near(decides, guess, k + 1, k // 2)
        if least in p and least - 1 in p:
            return least - (goal - p[least]) / (p[least - 1] - p[least])
        return least - 0.5

    def at(self, q: float) -> PowerAt:
        """By gap and n, at a discordance of q, or of the gap where that is more."""

        def power(theta: float, n: int) -> float:
            wide = max(q, abs(theta))
            return self((wide + abs(theta)) / 2, (wide - abs(theta)) / 2, n)

        return PowerAt(power, sqrt(q), self.level)


@lru_cache(maxsize=4)
def exact_power(level: float) -> ExactPower:
    """The one for a level, which remembers what its tests said."""
    return ExactPower(level)


@dataclass(frozen=True, eq=False)
class PowerAt:
    """The probability of a decision by gap and number of examples.

    Attributes
    ----------
    power : callable
    spread : float
        Of one difference, about.
    level : float
    sum : float
        About the least that n times the gap has to be.
    """

    power: Callable[[float, int], float]
    spread: float
    level: float
    sum: float = 0.0

    def examples(self, gap: float, target: float) -> int | None:
        """About how many examples decide a gap with this probability; None for more than 10^15."""
        if gap == 0:
            return None
        spreads = max(self.spread / abs(gap), 1e-6)  # a gap may be the least float
        normal = (float(ndtri(target)) - float(ndtri(self.level))) * spreads
        about = max(normal * normal, self.sum / abs(gap))
        if about > 2 * MOST_EXAMPLES:
            return None
        return least_examples(partial(self.power, gap), target, max(round(about), 2), 1 / spreads)

    def range(self, gap: float, lower: float, upper: float) -> tuple[Needed, ...]:
        """Forecasts at the observed gap and at the ends of its interval."""
        sign = 1.0 if gap > 0 else -1.0
        far, near = (upper, lower) if gap > 0 else (lower, upper)
        found = []
        for target in TARGETS:
            most = self.examples(near, target) if sign * near > 0 else None
            ends = self.examples(far, target), most
            found.append(Needed(target, self.examples(gap, target), *ends))
        return tuple(found)


def mean_power(spread: float, critical: CriticalValue, level: float) -> PowerAt:
    """That of a mean which is decided above c(n) standard errors."""

    def power(theta: float, n: int) -> float:
        return normal_power(abs(theta), spread, n, critical(n) * spread)

    return PowerAt(power, spread, level)


def normal_power(theta: float, sd: float, n: int, critical: float) -> float:
    """The probability that a mean with standard deviation sd/√n is above critical/√n."""
    return float(ndtr((sqrt(n) * theta - critical) / max(sd, 1e-150)))


def betting_power(differences: Floats, bound: float, level: float, seed: int) -> PowerAt:
    """That of the betting test, for losses whose differences are spread like these."""
    critical = CriticalValues(np.sort(differences), bound, level, seed)
    by_mean = mean_power(critical.spread, critical, level)
    return replace(by_mean, sum=-bound * log(level))  # no more is put than C allows


@dataclass(frozen=True, eq=False)
class CriticalValues:
    """c(n) of the betting test, from 20 on for a grid of n and between its points by interpolation.

    ln c is convex in ln n, so that a value between two points is rather too large than too small.
    No more is put than C allows, so that n θ > C ln(1/α) is needed besides: with few examples for
    their C the wealth is about n times the mean over C, and c falls as 1/√n. What counts is √n
    times the spread over C: more than 5,120 are drawn as so many, with a C that is as much smaller,
    until it is no larger than the differences.

    Attributes
    ----------
    differences : ndarray
    bound, level : float
    seed : int
    """

    differences: Floats
    bound: float
    level: float
    seed: int

    @cached_property
    def spread(self) -> float:
        """Of one difference; not 0, for equal ones are a limit as well."""
        return max(float(np.std(self.differences)), _LEAST_SPREAD * self.bound)

    @cached_property
    def _most(self) -> float:
        """The grid's place from which on C does not matter."""
        least, most = _RESAMPLED
        reach = min(max(float(np.abs(self._centred).max()), self.spread), self.bound)
        return log(most / least, 2) + 2 * log(self.bound / reach, 2)

    @cached_property
    def _centred(self) -> Floats:
        return np.asarray(self.differences - self.differences.mean())

    @cached_property
    def _found(self) -> dict[float, float]:
        return {}

    def __call__(self, n: int) -> float:
        """For n examples."""
        place = min(log(n / _RESAMPLED[0], 2), self._most)
        if place < 0 or self._at(float(floor(place))) == inf:
            return self._at(place)
        ends = float(floor(place)), min(floor(place) + 1.0, self._most)
        return exp(float(np.interp(place, ends, [log(self._at(end)) for end in ends])))

    def _at(self, place: float) -> float:
        if place not in self._found:
            n = _RESAMPLED[0] * 2**place
            drawn = round(min(n, _RESAMPLED[1]))
            self._found[place] = self._resampled(drawn, self.bound * sqrt(drawn / n))
        return self._found[place]

    def _resampled(self, n: int, bound: float) -> float:
        """c(n), by a bracket of it and a last step where the share decided is about a half.

        It is infinite where not even the largest differences decide.
        """
        if fixed_sample_wealth(np.full((n, 1), bound), bound, self.level)[0] < -log(self.level):
            return inf
        error, goal = self.spread / sqrt(n), -log(self.level)
        draws = np.random.default_rng(self.seed).choice(self._centred, size=(n, _SAMPLES))
        low, high = 0.0, inf
        guess = max(-1.15 * float(ndtri(self.level)), goal * bound / (n * error))
        for _ in range(_TRIES):
            moved = np.clip(draws + guess * error, -bound, bound)
            wealth = fixed_sample_wealth(moved, bound, self.level)
            share = float(np.mean(wealth >= goal))
            low, high = (low, guess) if share >= 0.5 else (guess, high)
            step = -float(ndtri(min(max(share, 0.02), 0.98)))
            if abs(step) < _HALF or high - low < _SURE * low:
                return max(guess + step, _LEAST)
            guess += step if abs(step) < 2 else step * max(1.0, _STEP * guess)
            if not low < guess < high:
                guess = (low + high) / 2
        return guess


def least_examples(
    power: Callable[[int], float], target: float, guess: int, rate: float
) -> int | None:
    """About the least n whose power is at least the target; None for more than 10^15.

    Parameters
    ----------
    guess : int
    rate : float
        The normal quantile of the power is about linear in √n, with this slope.
    """
    goal = float(ndtri(target))
    close = _CLOSE * sqrt(2 * pi) * exp(min(goal * goal / 2, _STEEP))
    low, high, n = 0, 2 * MOST_EXAMPLES, min(guess, MOST_EXAMPLES)
    known: dict[int, float] = {}
    while True:
        known[n] = at = float(ndtri(min(max(power(n), _LEAST), 1 - _LEAST)))
        low, high = (low, n) if at >= goal else (n, high)
        if low == MOST_EXAMPLES:
            return None
        if high - low <= 1 or 0 <= at - goal <= close:
            return high
        if low in known and high in known:
            rate = (known[high] - known[low]) / (sqrt(high) - sqrt(low))
        better = sqrt(n) + (goal + close / 2 - at) / rate
        n = min(max(round(better * better), 1), MOST_EXAMPLES)
        if not low < n < high or len(known) % 4 == 0:  # halving now and then, for steps
            n = min(2 * low + 1, (low + high) // 2, MOST_EXAMPLES)


def correlated(risk_a: float, risk_b: float, correlation: float) -> tuple[float, float]:
    """p10 and p01 of two 0/1 losses from their risks and their correlation."""
    both = risk_a * risk_b + correlation * sqrt(risk_a * (1 - risk_a) * risk_b * (1 - risk_b))
    return risk_a - both, risk_b - both
