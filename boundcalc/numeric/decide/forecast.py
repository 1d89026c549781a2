"""How many examples are needed: forecasts, which are no facts.

For 0/1 losses the tests themselves are asked: of k discordant examples a certain number has to
speak for the better predictor, which the exact test says for a few k around their mean and
interpolation for the others. The probability of a decision is then a sum over the trinomial, or a
normal one where the counts are large. For other losses a mean is decided where it exceeds c(n)
standard errors; c(n), the *critical value*, comes from seeded resampling of the differences, moved
so that about half the samples are decided, on a grid of n.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from math import exp, floor, log, pi, sqrt

import numpy as np
from scipy.special import bdtrc, gammaln, ndtr, ndtri, xlog1py, xlogy

from boundcalc.numeric.decide.bets import Floats, fixed_sample_wealth
from boundcalc.numeric.decide.paired import paired_test

CriticalValue = Callable[[int], float]
TARGETS = (0.5, 0.8)
MOST_EXAMPLES = 10**15
_CLOSE = 0.01  # a probability is hit within this
_EXACT = 5_000  # of more examples only the number of discordant ones matters
_ALL = 24  # up to so many discordant examples the test is asked for each number of them
_SUMMED = 20_000
_LEAST = 1e-12  # a power of less counts as this
_SAMPLES = 200
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
        on the same side of 0.
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
    def _found(self) -> dict[tuple[int, int], int]:
        return {}

    @cached_property
    def _times(self) -> list[float]:
        return []

    def __call__(self, p10: float, p01: float, n: int) -> float:
        """For n examples and p10 > p01."""
        q, theta = min(p10 + p01, 1.0), p10 - p01
        sd = sqrt(n * q * (1 - q))
        first, last = max(floor(n * q - 6 * sd) - 9, 0), min(floor(n * q + 6 * sd) + 10, n)
        if last - first > _SUMMED:
            critical = self._critical(n * q, 0.0, n)[1][0]
            return normal_power(theta, sqrt(q - theta * theta), n, critical * sqrt(q))
        k = np.arange(first, last + 1)
        weight = xlogy(k, q) + xlog1py(n - k, -q) - gammaln(k + 1) - gammaln(n - k + 1)
        weight = np.exp(weight - weight.max())
        least = np.ceil((k + np.interp(k, *self._critical(n * q, sd, n)) * np.sqrt(k)) / 2)
        least = np.maximum(least, k // 2 + 1)
        tail = np.where(least <= k, bdtrc(np.minimum(least, k) - 1, k, p10 / q), 0.0)
        return float(np.sum(weight * tail) / np.sum(weight))

    def _critical(self, mean: float, sd: float, n: int) -> tuple[list[int], list[float]]:
        """Some k, and how many times √k the difference has to be."""
        first, last = max(floor(mean - 3 * sd), 1), min(floor(mean + 3 * sd) + 1, n)
        k = list(range(first, last + 1))
        if last > _ALL:
            k = sorted({max(round(mean + times * sd), 1) for times in (-1, 1)})
        # least - ½, so that rounding up gives the least
        return k, [(2 * self._least(i, n) - i - 1) / sqrt(i) for i in k]

    def _least(self, k: int, n: int) -> int:
        """How many of k have to be of the kind b; k + 1 where none will do."""
        n = min(n, _EXACT)
        if 2 * k > n == _EXACT:
            # the difference grows as √k from there
            times = (2 * self._least(n // 2, n) - n // 2) / sqrt(n // 2)
            return round((k + times * sqrt(k)) / 2)
        if (k, n) not in self._found:
            # as many times √k as the last time
            times = next(reversed(self._times), -float(ndtri(self.level)))
            guess = floor((k + times * sqrt(k)) / 2) + 1
            least = self._searched(min(max(guess, k // 2 + 1), k), k, n)
            self._found[k, n] = least
            if least <= k:
                self._times.append((2 * least - k - 1) / sqrt(k))
        return self._found[k, n]

    def _searched(self, guess: int, k: int, n: int) -> int:
        low, high, step = k // 2, k + 1, 1
        while high - low > 1:
            if self._decided(guess, k, n):
                high, guess = guess, guess - step
            else:
                low, guess = guess, guess + step
            step *= 2
            if not low < guess < high:
                guess = (low + high) // 2
        return high

    def _decided(self, b: int, k: int, n: int) -> bool:
        return paired_test(b, k - b, n, level=self.level).guess(0.0) <= self.level

    def at(self, q: float) -> PowerAt:
        """By gap and n, at a discordance of q, or of the gap where that is more."""

        def power(theta: float, n: int) -> float:
            wide = max(q, abs(theta))
            return self((wide + abs(theta)) / 2, (wide - abs(theta)) / 2, n)

        return PowerAt(power, sqrt(q), self.level)


@dataclass(frozen=True, eq=False)
class PowerAt:
    """The probability of a decision by gap and number of examples.

    Attributes
    ----------
    power : callable
    spread : float
        Of one difference, about.
    level : float
    """

    power: Callable[[float, int], float]
    spread: float
    level: float

    def examples(self, gap: float, target: float) -> int | None:
        """About how many examples decide a gap with this probability; None for more than 10^15."""
        if gap == 0:
            return None
        rate = abs(gap) / max(self.spread, 1e-6 * abs(gap))
        normal = (float(ndtri(target)) - float(ndtri(self.level))) / rate
        if normal**2 > 2 * MOST_EXAMPLES:
            return None
        return least_examples(partial(self.power, gap), target, max(round(normal**2), 2), rate)

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


def mean_power(spread: float, critical: CriticalValue, level: float, least: float = 0.0) -> PowerAt:
    """That of a mean which is decided above c(n) standard errors.

    Parameters
    ----------
    least : float
        Over the gap: so many are needed even if all differences are equal.
    """

    def power(theta: float, n: int) -> float:
        if n * abs(theta) < least:
            return 0.0
        sd = max(spread, abs(theta) * 1e-6)
        return normal_power(abs(theta), sd, n, critical(n) * sd)

    return PowerAt(power, spread, level)


def normal_power(theta: float, sd: float, n: int, critical: float) -> float:
    """The probability that a mean with standard deviation sd/√n is above critical/√n."""
    return float(ndtr((sqrt(n) * theta - critical) / max(sd, 1e-150)))


def betting_power(differences: Floats, bound: float, level: float, seed: int) -> PowerAt:
    """That of the betting test, for losses whose differences are spread like these."""
    spread = float(np.std(differences))
    critical = CriticalValues(np.sort(differences), bound, level, seed)
    return mean_power(spread, critical, level, -log(level) * bound)


@dataclass(frozen=True, eq=False)
class CriticalValues:
    """c(n) of the betting test, on a grid of n and between its points by interpolation.

    c is convex in ln n, so that a value between two points is rather too large than too small.

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
    def _found(self) -> dict[int, float]:
        return {}

    def __call__(self, n: int) -> float:
        """For n examples; what 5,120 need for more."""
        least, most = _RESAMPLED
        place = log(min(max(n, least), most) / least, 2)
        below = floor(place)
        if place == below:
            return self._at(below)
        return float(np.interp(place, (below, below + 1), (self._at(below), self._at(below + 1))))

    def _at(self, point: int) -> float:
        if point not in self._found:
            self._found[point] = self._resampled(_RESAMPLED[0] * 2**point)
        return self._found[point]

    def _resampled(self, n: int) -> float:
        centred = self.differences - self.differences.mean()
        error = float(np.std(centred)) / sqrt(n)
        random = np.random.default_rng(self.seed)
        draws = random.choice(centred, size=(n, _SAMPLES))
        guess = -1.15 * float(ndtri(self.level))
        for _ in range(2):
            moved = np.clip(draws + guess * error, -self.bound, self.bound)
            wealth = fixed_sample_wealth(moved, self.bound, self.level)
            share = float(np.mean(wealth >= -log(self.level)))
            guess -= float(ndtri(min(max(share, 0.02), 0.98)))
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
    close = _CLOSE * sqrt(2 * pi) * exp(goal * goal / 2)
    low, high, n = 0, 2 * MOST_EXAMPLES, min(guess, MOST_EXAMPLES)
    known: dict[int, float] = {}
    while True:
        known[n] = at = float(ndtri(min(max(power(n), _LEAST), 1 - _LEAST)))
        low, high = (low, n) if at >= goal else (n, high)
        if low == MOST_EXAMPLES:
            return None
        if high - low <= max(1, high // 500) or 0 <= at - goal <= close:
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
