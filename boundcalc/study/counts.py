"""Errors of a 0/1 loss on the test set: as counted, or every count that a mean allows."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

from boundcalc.numeric.domains import exactly
from boundcalc.study.study import LossKind, Study, Subset

_WHOLE = Fraction(1, 10**6)


class WrittenNumber(float):
    """A number of a TOML file that remembers how it was written: 0.4700 has four decimals."""

    text: str

    def __new__(cls, text: str) -> WrittenNumber:
        """Read it."""
        number = super().__new__(cls, text)
        number.text = text
        return number


def last_digit(value: float) -> Fraction:
    """One unit of the last digit that was written; of the shortest form, where that is lost."""
    text = value.text if isinstance(value, WrittenNumber) else repr(float(value))
    exponent = Decimal(text).as_tuple().exponent
    return Fraction(10) ** int(exponent)


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
    unit = last_digit(subset.test_loss) * n
    fewest, most = math.floor(errors - unit) + 1, math.ceil(errors + unit) - 1
    if fewest == most and abs(fewest - errors) <= unit / 2:
        return fewest, fewest
    return max(min(fewest, math.floor(errors)), 0), min(max(most, math.ceil(errors)), n)


def is_rounded(study: Study, subset: Subset, counts: tuple[int, int]) -> bool:
    """Whether the reported mean is not a whole number of errors."""
    if subset.test_loss is None or study.test_n is None:
        return False
    return abs(exactly(subset.test_loss) * study.test_n - counts[0]) > _WHOLE
