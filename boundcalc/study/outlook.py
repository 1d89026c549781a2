"""How many more examples would decide a pair, if what was observed stayed as it is: forecasts, no
facts.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from boundcalc.conventions import Side
from boundcalc.numeric.decide.certification import rounded_count
from boundcalc.numeric.decide.decision import Decision
from boundcalc.numeric.decide.forecast import Needed, mean_power
from boundcalc.numeric.decide.paired import counts_test
from boundcalc.numeric.decide.sample import pair_forecast
from boundcalc.numeric.special import binomial_lower, binomial_upper
from boundcalc.study.evidence import Evidence, SubsetEvidence
from boundcalc.study.ledger import JointLimits, Ledger, Part
from boundcalc.study.notes import what_is_lost
from boundcalc.study.records import Outlook
from boundcalc.study.study import CLOPPER_PEARSON, Subset

_MOST_TRAINING = _MOST_EXAMPLES = 10**15
_LEAST_SPREAD = 1e-12
_ASKED_UP_TO = 5_000  # examples; beyond, half-widths fall as 1/√n
Found = tuple[int | None, str]


def outlook(
    evidence: Evidence,
    pair: tuple[Subset, Subset],
    limits: JointLimits,
    ledger: Ledger,
    part: Part,
) -> Outlook:
    """By more test examples, and by more training examples."""
    study = evidence.study
    finder = _Outlook(evidence, *pair, limits, ledger.share)
    forecast, by_test = finder.by_test() if Part.HELD_OUT in part else ((), "")
    m, by_training = finder.by_training() if Part.TRAINING in part else (None, "")
    half = forecast[0].n if forecast else None
    sample = evidence.pair(*pair).sample
    now = (study.test_n or 0) if sample is None else sample.a.size
    if half is not None:
        half = max(half, now + 1)
    return Outlook(
        test_n=half,
        m=m,
        more_test_n=None if half is None else half - now,
        more_m=None if m is None else m - (study.m or 0),
        reasons=(by_test, by_training),
        forecast=forecast,
    )


def least_that_decides(
    decides: Callable[[int], bool], *, start: int, most: int, guess: int | None = None
) -> int | None:
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
class _Outlook:
    evidence: Evidence
    more: Subset
    less: Subset
    limits: JointLimits
    share: float

    @property
    def _both(self) -> tuple[SubsetEvidence, SubsetEvidence]:
        return self.evidence.of(self.more), self.evidence.of(self.less)

    def by_test(self) -> tuple[tuple[Needed, ...], str]:
        """The forecast, and in words why there is none."""
        study, pair = self.evidence.study, self.evidence.pair(self.more, self.less)
        if not pair.is_known:
            without = [e.subset.label for e in self._both if e.held_out is None]
            lost = (
                "test_n is" if study.test_n is None else "test_loss, test_errors or test_losses is"
            )
            return (), f"there are no held-out limits on {' and '.join(without)}: {lost} missing"
        if pair.gap == 0:
            said = (
                "no number of test examples would decide it while the observed test losses are "
                "equal"
            )
            return (), said
        decision = self.limits.decisions.get((self.more, self.less))
        if decision is not None and pair.sample is not None:
            found = pair_forecast(pair.sample, decision, seed=study.question.seed)
        else:
            found = self._from_means(decision)
        if not found or found[0].n is None:
            return (
                (),
                "more than 10^15 test examples would be needed if the losses stayed as observed",
            )
        return found, "a forecast, if the observed test losses stayed"

    def _from_means(self, decision: Decision | None) -> tuple[Needed, ...]:
        """By the half-width of the interval; how the two losses vary together is not known, so they
        are taken to vary independently.
        """
        more, less = (e.held_out for e in self._both)
        assert more is not None
        assert less is not None
        gap = less.mean - more.mean
        better, worse = self._both if gap > 0 else self._both[::-1]
        spread = max(math.sqrt(more.variance + less.variance), _LEAST_SPREAD)
        half, most = self._half_width(better, worse), _MOST_EXAMPLES
        if decision is not None:
            half, most = self._half_width_of_counts(better, worse, decision.level), _ASKED_UP_TO

        def critical(n: int) -> float:
            asked = max(min(n, most), 2)
            return half(asked) * math.sqrt(asked) / spread

        ends = self._ends() if decision is None else (decision.lower, decision.upper)
        level = self.share if decision is None else decision.level
        return mean_power(spread, critical, level).range(gap, *ends)

    def _ends(self) -> tuple[float, float]:
        """The limits on r(less) − r(more); the range of the loss where they are not asked for."""
        C = self.evidence.study.loss_bound

        def limit(side: Side, subset: Subset) -> float:
            found = self.limits.get("held-out", side, subset)
            return (C if side is Side.UPPER else 0.0) if found is None else found

        low = limit(Side.LOWER, self.less) - limit(Side.UPPER, self.more)
        return low, limit(Side.UPPER, self.less) - limit(Side.LOWER, self.more)

    def _half_width(self, better: SubsetEvidence, worse: SubsetEvidence) -> Callable[[int], float]:
        def half(n: int) -> float:
            assert better.held_out is not None
            assert worse.held_out is not None
            up = _end(better, n, Side.UPPER, self.share) - better.held_out.mean
            return up + worse.held_out.mean - _end(worse, n, Side.LOWER, self.share)

        return half

    def _half_width_of_counts(
        self, better: SubsetEvidence, worse: SubsetEvidence, level: float
    ) -> Callable[[int], float]:
        def half(n: int) -> float:
            assert better.held_out is not None
            assert worse.held_out is not None
            few, many = (
                round(e.held_out.mean * n) for e in (better, worse) if e.held_out is not None
            )
            return (many - few) / n - counts_test(many, few, n, level=level).lower_limit(level)

        return half

    def by_training(self) -> Found:
        """The number of training examples, and in words what it rests on or why there is none."""
        pair = self.more, self.less
        without = [s.label for s in pair if self.limits.get("deviation", Side.UPPER, s) is None]
        if without:
            return (
                None,
                f"there are no deviation limits on {' and '.join(without)}: {self._lost(without)}",
            )
        for better, worse in (self._both, self._both[::-1]):
            if _parts(better, Side.UPPER, self.share)[0] < _parts(worse, Side.LOWER, self.share)[0]:
                return self._search(better, worse)
        return None, f"no number of training examples would decide it while {self._obstacle()}"

    def _obstacle(self) -> str:
        """Why the deviation limits do not decide however large m is."""
        fixed = " and ".join(s.label for s in (self.more, self.less) if not _falls(s))
        if self.more.train_loss == self.less.train_loss:
            return "the training losses are equal"
        if fixed:
            return f"the complexity of {fixed} stays as given and only the concentration terms fall"
        return "the training losses differ by no more than the optimisation gap"

    def _lost(self, labels: list[str]) -> str:
        subsets = [s for s in (self.more, self.less) if s.label in labels]
        return what_is_lost(self.evidence.study, subsets)

    def _search(self, better: SubsetEvidence, worse: SubsetEvidence) -> Found:
        def decides(m: int) -> bool:
            upper = better.deviation(Side.UPPER, self.share, m).value
            return bool(upper < worse.deviation(Side.LOWER, self.share, m).value)

        now = self.evidence.study.m
        assert now is not None
        (high, down), (low, up) = (
            _parts(better, Side.UPPER, self.share),
            _parts(worse, Side.LOWER, self.share),
        )
        # where the two limits meet if what falls in them falls as 1/√m
        guess = math.floor(now * ((down - up) / (low - high)) ** 2) + 1
        m = least_that_decides(decides, start=now, most=_MOST_TRAINING, guess=guess)
        if m is None:
            said = (
                f"not even {_MOST_TRAINING:,} training examples would decide it at these training "
                f"losses"
            )
            return None, said
        falls = _falls(better.subset), _falls(worse.subset)
        falling = ", and the complexities fell as √(c/m)" if any(falls) else ""
        fixed = "" if all(falls) else " (a complexity that was given as a number stays)"
        return m, (
            f"a forecast: about {rounded_count(m)} training examples in all decide it for "
            f"{better.subset.label} if the training losses stayed{falling}{fixed}"
        )


def _end(evidence: SubsetEvidence, n: int, side: Side, share: float) -> float:
    """A limit from n examples with the same losses in the same shares.

    For a 0/1 loss the count is a real number: with whole counts the limits would jump up and down.
    """
    test, method = evidence.held_out, evidence.method
    assert test is not None
    assert method is not None
    if test.errors is not None and method == CLOPPER_PEARSON:
        limit = binomial_upper if side is Side.UPPER else binomial_lower
        count = test.errors[side is Side.UPPER] * n / test.sample.n
        return float(limit(min(count, float(n)), n, share))
    low, high = replace(test, sample=test.sample.repeated(n), errors=None).limits(method, share)
    return high if side is Side.UPPER else low


def _parts(evidence: SubsetEvidence, side: Side, share: float) -> tuple[float, float]:
    """The terms of the deviation limit that stay as m grows, and those that fall; ±∞ without a
    limit.
    """
    if evidence.deviation_variant(side) is None:
        return (math.inf if side is Side.UPPER else -math.inf), 0.0
    terms = evidence.deviation(side, share).terms
    falling = {"concentration"} | ({"complexity"} if _falls(evidence.subset) else set())
    falls = math.fsum(value for name, value in terms.items() if name in falling)
    return math.fsum(value for name, value in terms.items() if name not in falling), falls


def _falls(subset: Subset) -> bool:
    return subset.intrinsic is not None
