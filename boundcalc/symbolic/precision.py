"""The number of digits that mpmath works with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mpmath import iv, mp


@contextmanager
def working_digits(digits: int) -> Iterator[None]:
    """Work with so many decimal digits, in mpmath's intervals and numbers alike."""
    with mp.workdps(digits):
        before, iv.dps = iv.dps, digits
        try:
            yield
        finally:
            iv.dps = before
