"""How many more examples would decide a pair, if what was observed stayed as it is.

The least number is found by doubling and bisection: the limits tighten as samples grow. What is returned
decides, and one example less does not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from boundcalc.conventions import Side
from boundcalc.errors import ConvergenceError
from boundcalc.numeric.special import binomial_lower, binomial_upper
from boundcalc.study.ledger import JointLimits
from boundcalc.study.limits import HeldOut, deviation, held_out, paired
from boundcalc.study.notes import what_is_lost
from boundcalc.study.records import Needed
from boundcalc.study.study import Study, Subset

_MOST_TEST = 10**9
_MOST_TRAINING = 10**15
Found = tuple[int | None, str]


def least(decides: Callable[[int], bool], *, start: int, most: int, guess: int | None = None) -> int | None:
    """The least whole number above `start` that decides, or None if `most` does not.

    Parameters
    ----------
    decides : callable
        False at `start`; once true, true for every larger number.
    start, most : int
    guess : int, optional
        Where it probably is, to save the search.
    """
    if guess is not None and start < guess <= most:
        for n in (guess, guess + 1):
            if decides(n) and not decides(n - 1):
                return n
    low, high = start, start
    while not decides(high):
        if high >= most:
            return None
        low, high = high, min(2 * high, most)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if decides(middle) else (middle, high)
    return high


@dataclass(frozen=True)
class Forecast:
    """How much would decide one pair, at the same cost of each event."""

    study: Study
    more: Subset
    less: Subset
    limits: JointLimits
    share: float

    def needed(self) -> Needed:
        """By more test examples, and by more training examples."""
        (test_n, by_test), (m, by_training) = self._test(), self._training()
        return Needed(
            test_n=test_n,
            m=m,
            more_test_n=None if test_n is None else test_n - (self.study.test_n or 0),
            more_m=None if m is None else m - (self.study.m or 0),
            reasons=(by_test, by_training),
        )

    def _better(self, gap: float) -> Subset:
        return self.more if gap < 0 else self.less

    def _test(self) -> Found:
        without = [s.label for s in (self.more, self.less) if held_out(self.study, s) is None]
        if without:
            lost = "test_n is" if self.study.test_n is None else "test_loss, test_errors or test_losses is"
            return None, f"there are no held-out limits on {' and '.join(without)}: {lost} missing"
        gap, decides = self._held_out_test()
        if gap == 0:
            return None, "no number of test examples would decide it while the observed test losses are equal"
        assert self.study.test_n is not None
        try:
            n = least(decides, start=self.study.test_n, most=_MOST_TEST)
        except ConvergenceError:
            return None, "how many test examples would decide it could not be computed"
        if n is None:
            return None, f"not even {_MOST_TEST:,} test examples would decide it at the observed test losses"
        return n, (
            f"{n:,} test examples in total ({n - self.study.test_n:,} more) would decide it for "
            f"{self._better(gap).label} if the observed test losses stayed"
        )

    def _held_out_test(self) -> tuple[float, Callable[[int], bool]]:
        """The observed gap, and whether n examples like the observed ones would decide."""
        together = paired(self.study, self.more, self.less)
        if together is not None:
            gap, sign = together.mean, -1.0 if together.mean < 0 else 1.0
            side = Side.UPPER if gap < 0 else Side.LOWER
            return gap, lambda n: sign * _forecast(together, n, side, self.share) > 0
        more, less = held_out(self.study, self.more), held_out(self.study, self.less)
        assert more is not None
        assert less is not None
        better, worse = (more, less) if more.mean < less.mean else (less, more)
        return (
            more.mean - less.mean,
            lambda n: (
                _forecast(better, n, Side.UPPER, self.share) < _forecast(worse, n, Side.LOWER, self.share)
            ),
        )

    def _training(self) -> Found:
        pair = self.more, self.less
        without = [s.label for s in pair if self.limits.get("deviation", Side.UPPER, s) is None]
        if without:
            return None, f"there are no deviation limits on {' and '.join(without)}: {self._lost(without)}"
        for better, worse in (pair, pair[::-1]):
            if self._limit(better, Side.UPPER) < self._limit(worse, Side.LOWER):
                return self._training_search(better, worse)
        return None, f"no number of training examples would decide it while {self._obstacle()}"

    def _obstacle(self) -> str:
        """Why the deviation limits do not decide however large m is."""
        pair = self.more, self.less
        fixed = " and ".join(s.label for s in pair if not _falls(s))
        if self.more.train_loss == self.less.train_loss:
            return "the training losses are equal"
        if fixed:
            return f"the complexity of {fixed} stays as given and only the concentration terms fall"
        return "the training losses differ by no more than the optimisation gap"

    def _lost(self, labels: list[str]) -> str:
        subsets = [s for s in (self.more, self.less) if s.label in labels]
        return what_is_lost(self.study, subsets)

    def _training_search(self, better: Subset, worse: Subset) -> Found:
        def decides(m: int) -> bool:
            upper = deviation(self.study, better, Side.UPPER, self.share, m).value
            return bool(upper < deviation(self.study, worse, Side.LOWER, self.share, m).value)

        assert self.study.m is not None
        m = least(decides, start=self.study.m, most=_MOST_TRAINING, guess=self._guess(better, worse))
        if m is None:
            return (
                None,
                f"not even {_MOST_TRAINING:,} training examples would decide it at these training losses",
            )
        falling = ", and the complexities fell as √(c/m)" if _falls(better) or _falls(worse) else ""
        fixed = "" if _falls(better) and _falls(worse) else " (a complexity that was given as a number stays)"
        return m, (
            f"{m:,} training examples in total ({m - self.study.m:,} more) would decide it for "
            f"{better.label} if the training losses stayed{falling}{fixed}"
        )

    def _guess(self, better: Subset, worse: Subset) -> int:
        """Where the two limits meet if what falls in them falls as 1/√m."""
        (high, down), (low, up) = self._parts(better, Side.UPPER), self._parts(worse, Side.LOWER)
        assert self.study.m is not None
        return math.floor(self.study.m * ((down - up) / (low - high)) ** 2) + 1

    def _limit(self, subset: Subset, side: Side) -> float:
        """The deviation limit as m grows without end; ±∞ where there is none."""
        if self.limits.get("deviation", side, subset) is None:
            return math.inf if side is Side.UPPER else -math.inf
        return self._parts(subset, side)[0]

    def _parts(self, subset: Subset, side: Side) -> tuple[float, float]:
        """The terms of the deviation limit that stay as m grows, and those that fall."""
        terms = deviation(self.study, subset, side, self.share).terms
        falling = {"concentration"} | ({"complexity"} if _falls(subset) else set())
        falls = math.fsum(value for name, value in terms.items() if name in falling)
        return math.fsum(value for name, value in terms.items() if name not in falling), falls


def _falls(subset: Subset) -> bool:
    return subset.intrinsic is not None


def _forecast(test: HeldOut, n: int, side: Side, share: float) -> float:
    """A limit from n examples with the same losses in the same shares.

    For a 0/1 loss the count is a real number: with whole counts the limits would jump up and down.
    """
    if test.errors is not None:
        limit = binomial_upper if side is Side.UPPER else binomial_lower
        count = test.errors[side is Side.UPPER] * n / test.sample.n
        return float(limit(min(count, float(n)), n, share))
    if test.only is not None:
        first, second = test.only if side is Side.UPPER else test.only[::-1]
        most = float(binomial_upper(first * n, n, share / 2) - binomial_lower(second * n, n, share / 2))
        return most if side is Side.UPPER else -most
    low, high = test.repeated(n).limits(test.methods[0], share)
    return high if side is Side.UPPER else low
