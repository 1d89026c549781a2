"""How many examples are needed: forecasts, which are no facts.

A pair is decided by n examples where the observed gap exceeds c(n) standard errors, c(n) the
*critical value*: what the test of the engine asks for, read off the test itself. For 0/1 losses it
is the least difference that the exact test accepts at the expected number of discordant examples;
for other losses it comes from seeded resampling of the differences, moved so that about half the
samples are decided. With it the probability of a decision is a sum over the trinomial where n is
small, else a normal one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from math import ceil, inf, log, sqrt

import numpy as np
from scipy.special import bdtrc, ndtr, ndtri, xlog1py, xlogy

from boundcalc.numeric.decide.bets import Floats, fixed_sample_wealth
from boundcalc.numeric.decide.paired import log_ways, paired_test

CriticalValue = Callable[[int], float]
TARGETS = (0.5, 0.8)
MOST_EXAMPLES = 10**15
_EXACT = 5_000  # up to so many examples the tests themselves are asked
_SAMPLES = 200
_RESAMPLED = (20, 4_000)
_ROUNDS, _FIRST = 12, 200


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


def zero_one_critical_value(p10: float, p01: float, level: float) -> CriticalValue:
    """c(n) of the exact test, for a truth near (p10, p01)."""
    q = p10 + p01

    @lru_cache(maxsize=64)
    def value(n: int) -> float:
        normal = -float(ndtri(level))
        if n > _EXACT:
            return normal
        k = min(max(round(n * q), 1), n)
        least = ceil(normal * sqrt(k))
        least += (least - k) % 2
        decided = _decided(k, least, n, level)
        while decided and least > 2 - k % 2 and _decided(k, least - 2, n, level):
            least -= 2
        while not decided and least < k:
            least += 2
            decided = _decided(k, least, n, level)
        return (least - 1) / sqrt(k) if decided else inf

    return value


def _decided(k: int, difference: int, n: int, level: float) -> bool:
    if difference > k:
        return False
    b = (k + difference) // 2
    return paired_test(b, k - b, n, level=level).guess(0.0) <= level


def zero_one_power(p10: float, p01: float, n: int, critical: float) -> float:
    """The probability that the gap p10 − p01 > 0 is decided."""
    q, theta = p10 + p01, p10 - p01
    if critical == inf:
        return 0.0
    if n > _EXACT:
        return normal_power(theta, sqrt(max(q - theta * theta, 1e-300)), n, critical * sqrt(q))
    k = np.arange(n + 1)
    weight = np.exp(log_ways(n) + xlogy(k, q) + xlog1py(n - k, -min(q, 1.0)))
    least = np.ceil((k + critical * np.sqrt(k)) / 2).astype(int)
    least = np.maximum(least, k // 2 + 1)
    tail = np.where(least <= k, bdtrc(least - 1, k, p10 / q), 0.0)
    return float(np.sum(weight * tail))


def normal_power(theta: float, sd: float, n: int, critical: float) -> float:
    """The probability that a mean with standard deviation sd/√n is above critical/√n."""
    return float(ndtr((sqrt(n) * theta - critical) / sd))


def bounded_critical_value(
    differences: Floats, bound: float, level: float, seed: int
) -> CriticalValue:
    """c(n) of the betting test, for losses whose differences are spread like these."""
    spread = float(np.std(differences))
    centred = differences - differences.mean()

    @lru_cache(maxsize=64)
    def value(n: int) -> float:
        n = min(max(n, _RESAMPLED[0]), _RESAMPLED[1])
        guess = -1.15 * float(ndtri(level))
        random = np.random.default_rng(seed)
        draws = random.choice(centred, size=(n, _SAMPLES))
        for _ in range(2):
            moved = np.clip(draws + guess * spread / sqrt(n), -bound, bound)
            wealth = fixed_sample_wealth(moved, bound, level)
            share = float(np.mean(wealth >= -log(level)))
            guess -= float(ndtri(min(max(share, 0.02), 0.98)))
        return guess

    return value


def least_examples(power: Callable[[int], float], target: float) -> int | None:
    """About the least n whose power is at least the target; None for more than 10^15."""
    low, high = 1, 2
    while power(high) < target:
        low, high = high, 2 * high
        if high > MOST_EXAMPLES:
            return None
    while high - low > max(1, high // 500):
        middle = (low + high) // 2
        low, high = (low, middle) if power(middle) >= target else (middle, high)
    return high


def zero_one_examples(p10: float, p01: float, *, level: float, target: float) -> int | None:
    """How many examples decide p10 against p01 with this probability; None for more than 10^15."""
    p10, p01 = max(p10, p01), min(p10, p01)
    if p10 == p01:
        return None
    critical = zero_one_critical_value(p10, p01, level)
    return _settled(critical, partial(zero_one_power, p10, p01), target)


def bounded_examples(
    gap: float, spread: float, critical: CriticalValue, target: float, *, least: float = 0.0
) -> int | None:
    """How many examples decide a gap with this probability; None for more than 10^15.

    Parameters
    ----------
    least : float
        Over the gap: so many are needed even if all differences are equal.
    """
    if gap == 0 or least / abs(gap) > MOST_EXAMPLES:
        return None
    spread = max(spread, abs(gap) * 1e-6)

    def power(n: int, critical: float) -> float:
        return normal_power(abs(gap), spread, n, critical * spread)

    found = _settled(critical, power, target)
    return None if found is None else max(found, ceil(least / abs(gap)))


def _settled(critical: CriticalValue, power: Callable[..., float], target: float) -> int | None:
    """n with the critical value that belongs to it; the test itself is asked a few times only."""
    n = _FIRST
    seen: set[int] = set()
    for _ in range(_ROUNDS):
        c = critical(n)
        if c == inf:
            n *= 2
            continue
        found = least_examples(partial(power, critical=c), target)
        if found is None or found in seen or abs(found - n) <= n // 100:
            return found
        seen.add(found)
        n = found
    return n


def with_range(
    examples: Callable[[float, float], int | None], gap: float, lower: float, upper: float
) -> tuple[Needed, ...]:
    """Forecasts at the observed gap and at the ends of its interval.

    Parameters
    ----------
    examples : callable
        From a gap and a probability to a number of examples.
    """
    sign = 1.0 if gap > 0 else -1.0
    far, near = (upper, lower) if gap > 0 else (lower, upper)
    found = []
    for target in TARGETS:
        most = examples(near, target) if sign * near > 0 else None
        found.append(Needed(target, examples(gap, target), examples(far, target), most))
    return tuple(found)


def correlated(risk_a: float, risk_b: float, correlation: float) -> tuple[float, float]:
    """p10 and p01 of two 0/1 losses from their risks and their correlation."""
    both = risk_a * risk_b + correlation * sqrt(risk_a * (1 - risk_a) * risk_b * (1 - risk_b))
    return risk_a - both, risk_b - both
