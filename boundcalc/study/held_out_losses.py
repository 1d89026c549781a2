"""Held-out losses: what a sample says of one mean, and which counts of errors a mean allows."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, partial

import numpy as np

from boundcalc.conventions import Side
from boundcalc.errors import InputError, prefix_errors
from boundcalc.numeric.decide.pairs import Summary, discordant, mean_limits, mean_numbers
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.evaluate import Evaluation, evaluate
from boundcalc.study.study import LossKind, Study, Subset
from boundcalc.study.toml_file import WrittenNumber

DISCORDANT = "discordant"
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class HeldOut:
    """What a held-out sample says of one mean.

    Attributes
    ----------
    sample : Summary
        Of values in [0, width].
    width : float
    methods : tuple of str
        The ``holdout`` theorems whose inputs are there, or ``discordant``; the first decides.
    shift : float
        What was added to the values: C for differences of losses in [0, C].
    errors : (int, int) or None
        For a 0/1 loss: the fewest and the most errors that there may have been.
    only : (int, int) or None
        For a pair with 0/1 losses: on how many examples only the first, only the second errs.
    """

    sample: Summary
    width: float
    methods: tuple[str, ...]
    shift: float = 0.0
    errors: tuple[int, int] | None = None
    only: tuple[int, int] | None = None

    @property
    def mean(self) -> float:
        """The observed mean."""
        return self.sample.mean - self.shift

    @property
    def variance(self) -> float:
        """The variance of one value, or the most that it can be with this mean."""
        if self.sample.spread:
            return self.sample.spread
        return max(self.sample.mean * (self.width - self.sample.mean), 0.0)

    @property
    def by_lemma(self) -> str:
        """The first method that is a lemma: what a proof may rest on."""
        method = next(m for m in self.methods if m != "kl")
        return f"holdout.{'clopper_pearson' if method == DISCORDANT else method}"

    @cached_property
    def _known(self) -> dict[tuple[str, float], tuple[float, float]]:
        return {}

    def limits(self, method: str, share: float) -> tuple[float, float]:
        """Lower and upper limit on the mean, each missed with probability at most `share`.

        Each is computed once.
        """
        if (method, share) not in self._known:
            fewest, most = self.errors or (None, None)
            low, high = self._at(fewest, method, share)
            if most != fewest:
                high = self._at(most, method, share)[1]
            self._known[method, share] = low - self.shift, high - self.shift
        return self._known[method, share]

    def evaluated(self, method: str, side: Side, share: float) -> Evaluation:
        """The bound of the catalogue behind one of the limits, with its numbers."""
        fewest, most = self.errors or (None, None)
        sample = self._with(most if side is Side.UPPER else fewest)
        if method == "kl":
            numbers = {"n": sample.n, "delta": share, "test_loss": sample.mean / self.width}
        else:
            numbers = mean_numbers(method, sample, self.width, share)
        return evaluate(f"holdout.{method}", variant=str(side), **numbers)

    def _with(self, errors: int | None) -> Summary:
        """The sample, with the mean of so many errors."""
        return self.sample if errors is None else replace(self.sample, mean=errors / self.sample.n)

    def _at(self, errors: int | None, method: str, share: float) -> tuple[float, float]:
        sample = self._with(errors)
        if method == "kl":
            numbers = {"n": sample.n, "delta": share, "test_loss": sample.mean / self.width}
            low, high = (
                evaluate("holdout.kl", variant=side, **numbers).value for side in ("lower", "upper")
            )
            return low * self.width, high * self.width
        if method == DISCORDANT:
            assert self.only is not None
            # two of its four limits make a side
            low, high = discordant(*self.only, sample.n, 2 * share)
            return low + self.shift, high + self.shift
        return mean_limits(method, sample, self.width, share)


def of_subset(study: Study, subset: Subset) -> HeldOut | None:
    """The test losses of a subset, or None where they or their number are not given."""
    n, C = study.test_n, study.loss_bound
    if n is None:
        return None
    errors, mean = error_counts(study, subset), subset.test_loss
    if mean is None and errors is not None:
        mean = errors[0] / n
    if subset.test_losses is not None:
        sample = Summary.of(subset.test_losses)
    elif mean is not None:
        sample = Summary(n, mean, (subset.variance or 0.0) * (n - 1) / n)
    else:
        return None
    exact = () if errors is None else ("clopper_pearson",)
    spread_known = n >= 2 and (subset.test_losses is not None or subset.variance is not None)
    bernstein = ("empirical_bernstein",) if spread_known else ()
    return HeldOut(sample, C, (*exact, *bernstein, "kl", "hoeffding"), errors=errors)


def of_pair(study: Study, more: Subset, less: Subset) -> HeldOut | None:
    """The differences of two losses on each test example, or None where either list is missing."""
    if more.test_losses is None or less.test_losses is None:
        return None
    C, n = study.loss_bound, more.test_losses.size
    differences = Summary.of(more.test_losses - less.test_losses).shifted(C)
    methods: tuple[str, ...] = ("empirical_bernstein", "hoeffding") if n >= 2 else ("hoeffding",)
    if study.loss is not LossKind.ZERO_ONE:
        return HeldOut(differences, 2 * C, methods, shift=C)
    first, second = more.test_losses, less.test_losses
    only = int(np.sum(first > second)), int(np.sum(first < second))
    return HeldOut(differences, 2 * C, (DISCORDANT, *methods), shift=C, only=only)


def check_variance(study: Study, subset: Subset) -> None:
    """Let the catalogue refuse a variance that losses with this mean cannot have.

    Refused if it is too large by more than rounding.
    """
    n, variance, mean = study.test_n, subset.variance, subset.test_loss
    if n is None or n < 2 or variance is None or mean is None:
        return
    numbers = {"n": n, "loss_bound": study.loss_bound, "test_loss": mean, "delta": 0.5}
    bernstein = partial(evaluate, "holdout.empirical_bernstein", variant="upper", **numbers)
    with prefix_errors(subset.place):
        try:
            bernstein(variance=variance * (1 - _ROUNDING))
        except InputError:
            bernstein(variance=variance)  # refused as well, with the number that was written


_WHOLE = Fraction(1, 10**6)


def error_counts(study: Study, subset: Subset) -> tuple[int, int] | None:
    """The fewest and the most errors on the test set; None for other losses, or if nothing is
    known.

    A mean that is a whole number of errors is that number. Any other was rounded, or is an average
    over runs. If a single count is within one unit of its last digit, and rounds to it, that is the
    count; otherwise it lies among those within one unit and the whole numbers on both sides.
    """
    n = study.test_n
    if study.loss is not LossKind.ZERO_ONE or n is None:
        return None
    if subset.test_losses is not None:
        return (int(subset.test_losses.sum()),) * 2
    if subset.test_errors is not None:
        return (subset.test_errors,) * 2
    if subset.test_loss is None:
        return None
    errors = exactly(subset.test_loss) * n
    nearest = math.floor(errors + Fraction(1, 2))
    if abs(errors - nearest) <= _WHOLE:
        return nearest, nearest
    value = subset.test_loss
    written = value.text if isinstance(value, WrittenNumber) else repr(float(value))
    # one unit of the last digit that was written; of the shortest form, where that is lost
    unit = Fraction(10) ** int(Decimal(written).as_tuple().exponent) * n
    fewest, most = math.floor(errors - unit) + 1, math.ceil(errors + unit) - 1
    if fewest == most and abs(fewest - errors) <= unit / 2:
        return fewest, fewest
    return max(min(fewest, math.floor(errors)), 0), min(max(most, math.ceil(errors)), n)


def is_rounded(study: Study, subset: Subset, counts: tuple[int, int]) -> bool:
    """Whether the reported mean is not a whole number of errors."""
    if subset.test_loss is None or study.test_n is None:
        return False
    return abs(exactly(subset.test_loss) * study.test_n - counts[0]) > _WHOLE
