"""The tests of a pair, by the kind of its losses and by what is known of them; limits for contrast.

The limits are on the difference of two risks, r(A) − r(B), from the losses a_i, b_i on the same n
examples. Every number comes from a held-out limit of the catalogue, each side of it at a share of
δ. A and B are fixed before the examples are seen, the examples are i.i.d., the losses lie in
[0, C].

Paired (`paired`)
    The d_i + C, d_i = a_i − b_i, are i.i.d. in [0, 2C] with mean r(A) − r(B) + C: a lower and an
    upper limit on this mean at δ/2 each, moved back by C. Both hold together with probability ≥ 1 −
    δ.
Unpaired (`unpaired`)
    A lower and an upper limit on each of the two risks, four events at δ/4. Where all hold,
    lower(A) − upper(B) ≤ r(A) − r(B) ≤ upper(A) − lower(B). The union bound needs no independence
    between A's losses and B's, and gets nothing from their dependence: that is what pairing gains.
Exact, 0/1 losses (`discordant`)
    r(A) − r(B) = P(only A is wrong) − P(only B is wrong), since examples on which both are wrong
    cancel. Each of the two counts is binomial in n: the unpaired argument, with the two
    probabilities in place of the two risks. Four Clopper–Pearson limits at δ/4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import exp, log, nextafter
from typing import Self

import numpy as np

from boundcalc.numeric.decide.bets import AnytimeBets, Bets, Floats
from boundcalc.numeric.decide.decision import OneSided, PairTest
from boundcalc.numeric.decide.losses import Losses
from boundcalc.numeric.decide.paired import counts_test, paired_test
from boundcalc.numeric.evaluate import evaluate
from boundcalc.numeric.search import halved

EXACT, BETTING, ANYTIME, COUNTS = "discordant", "betting", "betting_anytime", "error_counts"
_LEAST_LEVEL = 1e-200
_HALVINGS = 60
# Rounding in a mean of n ≤ 10^15 floats by pairwise summation, and in the shift by C, stays below
# this many units in the last place of the range; every limit is moved outwards by as much.
_OUTWARD_ULPS = 64


def zero_one_pair(n10: int, n01: int, n: int, *, level: float, certified: bool = False) -> PairTest:
    """0/1 losses: only A is wrong on n10 of n examples, only B on n01 of them.

    Where it is `certified`, every tail is enclosed; else floats are trusted to eight digits.
    """
    test: Callable[..., OneSided] = paired_test
    if certified:
        from boundcalc.numeric.decide.proved import proved_test as test  # interval arithmetic
    tests = test(n10, n01, n, level=level), test(n01, n10, n, level=level)
    return PairTest(EXACT, (n10 - n01) / n, 1.0, *tests)


def counts_pair(errors_a: int, errors_b: int, n: int, *, level: float) -> PairTest:
    """0/1 losses of which only the numbers of errors are known, whatever their coupling."""
    tests = (
        counts_test(errors_a, errors_b, n, level=level),
        counts_test(errors_b, errors_a, n, level=level),
    )
    return PairTest(COUNTS, (errors_a - errors_b) / n, 1.0, *tests)


def bounded_pair(
    differences: Floats, bound: float, *, level: float, weights: Floats | None = None, seed: int = 0
) -> PairTest:
    """Losses in [0, bound], by their differences, each with a weight in [0, 1] if they have
    some.
    """

    def test(d: Floats) -> Bets:
        return Bets(d, weights, bound, level, seed)

    return _both_ways(BETTING, differences, bound, weights, test)


def anytime_pair(differences: Floats, bound: float, *, weights: Floats | None = None) -> PairTest:
    """The same after any number of examples, which are in their order of arrival."""
    return _both_ways(
        ANYTIME, differences, bound, weights, lambda d: AnytimeBets(d, weights, bound)
    )


def _both_ways(
    method: str, d: Floats, bound: float, weights: Floats | None, test: Callable[[Floats], OneSided]
) -> PairTest:
    mean = d.mean() if weights is None else (weights * d).sum() / weights.sum()
    return PairTest(method, float(mean), bound, test(d), test(-d))


def limits_pair(method: str, differences: Floats, bound: float, *, level: float) -> PairTest:
    """By a held-out limit of the catalogue on the mean of the differences."""
    tests = (MeanLimit(method, Summary.of(d), bound, level) for d in (differences, -differences))
    return PairTest(method, float(differences.mean()), bound, *tests)


@dataclass(frozen=True)
class Summary:
    """What the limits read of a sample.

    Attributes
    ----------
    n : int
        Its size, at least 2.
    mean : float
    spread : float
        The mean squared deviation from the mean, with n in the denominator.
    """

    n: int
    mean: float
    spread: float = 0.0

    @classmethod
    def of(cls, x: Losses) -> Self:
        """Summarise a sample, shape (n,)."""
        return cls(int(x.size), float(np.mean(x)), float(np.var(x)))

    @property
    def variance(self) -> float:
        """The unbiased sample variance."""
        return self.spread * self.n / (self.n - 1)

    def repeated(self, n: int) -> Summary:
        """A sample of n examples with the same distribution of values."""
        return replace(self, n=n)

    def shifted(self, by: float) -> Summary:
        """The same sample with every value moved."""
        return replace(self, mean=self.mean + by)


def mean_limits(method: str, sample: Summary, width: float, share: float) -> tuple[float, float]:
    """Lower and upper limit on the mean of values in [0, width], each missed with probability ≤
    share.

    Parameters
    ----------
    method : str
        ``holdout.<method>`` is the catalogue entry that is evaluated.
    sample : Summary
    width : float
        For ``clopper_pearson`` it is 1.
    share : float
        In (0, 1).
    """
    numbers = mean_numbers(method, sample, width, share)
    low, high = (
        evaluate(f"holdout.{method}", variant=side, **numbers).value for side in ("lower", "upper")
    )
    slack = _OUTWARD_ULPS * float(np.spacing(width))
    return max(low - slack, 0.0), min(high + slack, width)


def mean_numbers(method: str, sample: Summary, width: float, share: float) -> dict[str, float]:
    """What ``holdout.<method>`` is told of such a sample."""
    n, mean = sample.n, min(max(sample.mean, 0.0), width)
    numbers: dict[str, float] = {"n": n, "delta": share}
    if method == "clopper_pearson":
        numbers["errors"] = round(mean * n)
    else:
        numbers |= {"loss_bound": width, "test_loss": mean}
    if method == "empirical_bernstein":
        # rounding must not push the variance above the most that such values can have
        most = mean * (width - mean) * n / (n - 1) * (1 - 4 * np.finfo(float).eps)
        numbers["variance"] = min(sample.variance, most)
    return numbers


def paired(
    method: str, differences: Summary, loss_bound: float, delta: float
) -> tuple[float, float]:
    """Limits from the differences a_i − b_i by ``hoeffding`` or ``empirical_bernstein``; δ/2 a
    side.
    """
    low, high = mean_limits(method, differences.shifted(loss_bound), 2 * loss_bound, delta / 2)
    return low - loss_bound, high - loss_bound


def unpaired(
    method: str, a: Summary, b: Summary, loss_bound: float, delta: float
) -> tuple[float, float]:
    """Limits from both limits on each risk; four events at δ/4."""
    low_a, high_a = mean_limits(method, a, loss_bound, delta / 4)
    low_b, high_b = mean_limits(method, b, loss_bound, delta / 4)
    return low_a - high_b, high_a - low_b


def discordant(n10: int, n01: int, n: int, delta: float) -> tuple[float, float]:
    """Exact limits for 0/1 losses from n₁₀, n₀₁ of n examples on which only A, only B is wrong; δ/4
    each.
    """
    return unpaired("clopper_pearson", Summary(n, n10 / n), Summary(n, n01 / n), 1.0, delta)


@dataclass(frozen=True)
class MeanLimit:
    """The test that a lower limit on a mean makes: θ₀ is rejected where the limit is above it.

    Attributes
    ----------
    method : str
        ``holdout.<method>`` of the catalogue.
    sample : Summary
        Of values in [−bound, bound].
    bound, level : float
    """

    method: str
    sample: Summary
    bound: float
    level: float

    def lower_limit(self, level: float) -> float:
        """The catalogue's limit on θ + bound, in [0, 2 bound], moved back."""
        low, _ = mean_limits(self.method, self.sample.shifted(self.bound), 2 * self.bound, level)
        return low - self.bound

    def p_value(self, theta: float) -> float:
        """The least level at which theta is rejected, rounded up."""
        own = log(self.level)

        def rejected(log_level: float) -> bool:
            return self.lower_limit(min(exp(log_level), 1 - 1e-12)) > theta

        met = self.lower_limit(self.level) > theta
        ends = (own, log(_LEAST_LEVEL)) if met else (0.0, own)
        high, _ = halved(rejected, *ends, _HALVINGS)
        # exp(ln α) may be on the other side of α
        return min(exp(high), self.level) if met else max(exp(high), nextafter(self.level, 1.0))
