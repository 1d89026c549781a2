"""How many more examples would decide a pair, if what was observed stayed as it is: forecasts, no
facts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from boundcalc.conventions import Side
from boundcalc.numeric.decide.certification import EQUAL_MEANS, rounded_count
from boundcalc.numeric.decide.decision import Decision
from boundcalc.numeric.decide.forecast import Needed, mean_power
from boundcalc.numeric.decide.paired import counts_test
from boundcalc.numeric.decide.sample import pair_forecast
from boundcalc.numeric.search import boundary_near
from boundcalc.numeric.special import binomial_lower, binomial_upper
from boundcalc.study.evidence import PairEvidence, SubsetEvidence
from boundcalc.study.ledger import JointLimits, Ledger, Part
from boundcalc.study.notes import what_is_lost
from boundcalc.study.records import Outlook
from boundcalc.study.study import CLOPPER_PEARSON

_MOST_TRAINING = _MOST_EXAMPLES = 10**15
_LEAST_SPREAD = 1e-12
_ASKED_UP_TO = 5_000  # examples; beyond, half-widths fall as 1/√n
Found = tuple[int | None, str]


def outlook(known: PairEvidence, limits: JointLimits, ledger: Ledger, part: Part) -> Outlook:
    """By more test examples, and by more training examples."""
    study, finder = known.study, _Outlook(known, limits, ledger.share)
    forecast, by_test = finder.by_test() if Part.HELD_OUT in part else ((), "")
    trained = any(s.train_loss is not None or s.has_complexity for s in known.pair)
    tested = any(e.held_out is not None for e in (known.more, known.less)) or known.is_known
    # who gave test losses alone did not ask what training losses would say
    told = Part.TRAINING in part and (trained or not tested)
    m, by_training = finder.by_training() if told else (None, "")
    now = (study.test_n or 0) if known.sample is None else known.sample.a.size
    half = forecast[0].n if forecast else None
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


@dataclass(frozen=True)
class _Outlook:
    known: PairEvidence
    limits: JointLimits
    share: float

    @property
    def _both(self) -> tuple[SubsetEvidence, SubsetEvidence]:
        return self.known.more, self.known.less

    def by_test(self) -> tuple[tuple[Needed, ...], str]:
        """The forecast, and in words why there is none."""
        study, pair = self.known.study, self.known
        if not pair.is_known:
            without = [e.subset.label for e in self._both if e.held_out is None]
            lost = (
                "test_n is" if study.test_n is None else "test_loss, test_errors or test_losses is"
            )
            return (), f"there are no held-out limits on {' and '.join(without)}: {lost} missing"
        if pair.gap == 0:
            return (), EQUAL_MEANS
        decision = self.limits.decisions.get(pair.pair)
        if decision is not None and pair.sample is not None:
            found = pair_forecast(pair.sample, decision, seed=study.question.seed)
        else:
            found = self._from_means(decision)
        if not found or found[0].n is None:
            said = "more than 10^15 test examples would be needed if the losses stayed as observed"
            return (), said
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
        low, high = sorted((more.mean, less.mean))
        spread = max(math.sqrt(more.variance + less.variance), _LEAST_SPREAD)

        def half_width(n: int) -> float:
            if decision is None:
                up = _end(better, n, Side.UPPER, self.share) - low
                return up + high - _end(worse, n, Side.LOWER, self.share)
            few, many = round(low * n), round(high * n)
            test = counts_test(many, few, n, level=decision.level)
            return (many - few) / n - test.lower_limit(decision.level)

        most = _MOST_EXAMPLES if decision is None else _ASKED_UP_TO

        def critical(n: int) -> float:
            asked = max(min(n, most), 2)
            return half_width(asked) * math.sqrt(asked) / spread

        ends = self._ends() if decision is None else (decision.lower, decision.upper)
        level = self.share if decision is None else decision.level
        return mean_power(spread, critical, level).range(gap, *ends)

    def _ends(self) -> tuple[float, float]:
        """The limits on r(less) − r(more); the range of the loss where they are not asked for."""
        C = self.known.study.loss_bound
        (low_m, high_m), (low_l, high_l) = (
            [
                default if (found := self.limits.get("held-out", side, subset)) is None else found
                for side, default in ((Side.LOWER, 0.0), (Side.UPPER, C))
            ]
            for subset in self.known.pair
        )
        return low_l - high_m, high_l - low_m

    def by_training(self) -> Found:
        """The number of training examples, and in words what it rests on or why there is none."""
        without = [
            s for s in self.known.pair if self.limits.get("deviation", Side.UPPER, s) is None
        ]
        if without:
            of = " and ".join(s.label for s in without)
            lost = what_is_lost(self.known.study, without)
            return None, f"there are no deviation limits on {of}: {lost}"
        for better, worse in (self._both, self._both[::-1]):
            if _parts(better, Side.UPPER, self.share)[0] < _parts(worse, Side.LOWER, self.share)[0]:
                return self._search(better, worse)
        return None, f"no number of training examples would decide it while {self._obstacle()}"

    def _obstacle(self) -> str:
        """Why the deviation limits do not decide however large m is."""
        more, less = self.known.pair
        fixed = " and ".join(s.label for s in (more, less) if s.complexity is None)
        if more.train_loss == less.train_loss:
            return "the training losses are equal"
        if fixed:
            return f"the complexity of {fixed} stays as given and only the concentration terms fall"
        return "the training losses differ by no more than the optimisation gap"

    def _search(self, better: SubsetEvidence, worse: SubsetEvidence) -> Found:
        def decides(m: int) -> bool:
            upper = better.deviation(Side.UPPER, self.share, m).value
            return bool(upper < worse.deviation(Side.LOWER, self.share, m).value)

        now = self.known.study.m
        assert now is not None
        high, down = _parts(better, Side.UPPER, self.share)
        low, up = _parts(worse, Side.LOWER, self.share)

        # where the two limits meet if what falls in them falls as 1/√m
        guess = math.floor(now * ((down - up) / (low - high)) ** 2) + 1
        guess = min(max(guess, now + 1), _MOST_TRAINING)
        m = boundary_near(decides, guess, _MOST_TRAINING, now)
        if m == _MOST_TRAINING and not decides(m):
            said = f"not even {m:,} training examples would decide it at these training losses"
            return None, said
        falls = [e.subset.complexity is not None for e in (better, worse)]
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
    falling = {"concentration"}
    falling |= {"complexity"} if evidence.subset.complexity is not None else set()
    falls = math.fsum(value for name, value in terms.items() if name in falling)
    return math.fsum(value for name, value in terms.items() if name not in falling), falls
