"""The tests of a pair, by the kind of its losses and by what is known of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log

from boundcalc.numeric.decide.bets import AnytimeBets, Bets, Floats
from boundcalc.numeric.decide.decision import OneSided, PairTest
from boundcalc.numeric.decide.limits import Summary, mean_limits
from boundcalc.numeric.decide.paired import counts_test, paired_test

EXACT, BETTING, ANYTIME, COUNTS = "discordant", "betting", "betting_anytime", "error_counts"
_LEAST_LEVEL = 1e-200
_HALVINGS = 60


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
        low, high = log(_LEAST_LEVEL), 0.0
        if self.lower_limit(self.level) > theta:
            high = log(self.level)
        else:
            low = log(self.level)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            if self.lower_limit(min(exp(middle), 1 - 1e-12)) > theta:
                high = middle
            else:
                low = middle
        return min(exp(high), self.level) if high <= log(self.level) else exp(high)
