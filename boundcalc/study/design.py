"""How data become a study: every choice that is made before they are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from itertools import pairwise
from typing import Any

from boundcalc.data.labels import TASKS
from boundcalc.errors import DomainError, InputError, UnknownNameError, shorten

CLASSIFICATION, REGRESSION = TASKS
_LEAST, _MOST = 1e-9, 1e9
_MOST_NORMS = 1000
_MOST_FITS = 4096


class Losses(StrEnum):
    """What the verdicts are about."""

    ZERO_ONE = "zero-one"
    RAMP = "ramp"
    ABSOLUTE = "absolute"


class Choice(StrEnum):
    """How the norm is chosen from the training examples."""

    VALIDATION = "validation"
    BOUND = "bound"


@dataclass(frozen=True)
class Design:
    """The choices, each fixed beforehand.

    Attributes
    ----------
    task : {"classification", "regression"}, optional
        Where left out, the labels tell.
    loss : {"zero-one", "ramp", "absolute"}, optional
        What the verdicts are about: errors (the default for classification), the ramp loss of the margin, or
        for regression the clipped absolute error.
    seed : int
        Of the split.
    shares : sequence of three float
        The parts for means and scales, for training, held out.
    norms : sequence of float
        The grid of B, from which one is chosen for each subset.
    margin : float
        ρ, the same for all subsets. A larger one says the same as smaller norms.
    clip : float
        For regression: C in standard deviations of the target in the first part.
    choose : {"validation", "bound"}
        The norm with the least loss on a quarter of the training part, or with the least training loss plus
        twice the complexity.
    intercept : bool
        Whether the constant 1 is one more feature, with its weight in the ball.
    draws : int
        Draws of the complexity; 0 for the closed form alone.
    max_fits : int
        At most so many subsets are fitted, the most promising first.
    subsets : sequence of str or of sequences of str, optional
        The subsets to compare, ``"text+audio"`` or a list of names; default: all.
    """

    task: str | None = None
    loss: str | None = None
    seed: int = 0
    shares: Sequence[float] = (0.1, 0.45, 0.45)
    norms: Sequence[float] = (0.5, 1, 2, 4, 8, 16, 32)
    margin: float = 1.0
    clip: float = 2.0
    choose: str = Choice.VALIDATION
    intercept: bool = True
    draws: int = 0
    max_fits: int = 64
    subsets: Sequence[str | Sequence[str]] | None = None

    def __post_init__(self) -> None:
        _word("task", self.task, TASKS)
        _word("loss", self.loss, tuple(Losses))
        _word("choose", self.choose, tuple(Choice))
        for name in ("margin", "clip"):
            _positive(name, getattr(self, name))
        norms = _numbers("norms", self.norms)
        if len(norms) > _MOST_NORMS or any(b <= a for a, b in pairwise(norms)):
            raise InputError(f"norms = {shorten(repr(norms))} must ascend, at most {_MOST_NORMS:,} of them")
        if len(_numbers("shares", self.shares)) != 3:
            raise InputError("shares are three numbers: for means and scales, for training, held out")
        _whole("draws", self.draws, 0, 10**7)
        if self.draws == 1:
            raise DomainError("draws = 1 is outside the domain (0, or at least 2)")
        _whole("max_fits", self.max_fits, 2, _MOST_FITS)
        if not isinstance(self.intercept, bool):
            raise InputError(f"intercept must be true or false, not {shorten(repr(self.intercept))}")

    @classmethod
    def of(cls, options: dict[str, Any]) -> Design:
        """From names and values; unknown names are errors."""
        known = [f.name for f in fields(cls)]
        for name in options:
            if name not in known:
                raise UnknownNameError("option", name, known)
        return cls(**options)


def _word(name: str, value: object, known: Sequence[str]) -> None:
    if value is not None and value not in known:
        raise UnknownNameError(name, str(value), known)


def _positive(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not _LEAST <= value <= _MOST:
        raise DomainError(
            f"{name} = {shorten(repr(value))} is outside the domain (a positive number from 1e-9 to 1e9)"
        )
    return float(value)


def _numbers(name: str, values: object) -> list[float]:
    if isinstance(values, str) or not isinstance(values, Sequence) or not values:
        raise InputError(f"{name} must be a list of numbers, not {shorten(repr(values))}")
    return [_positive(name, value) for value in values]


def _whole(name: str, value: object, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise DomainError(
            f"{name} = {shorten(repr(value))} is outside the domain (a whole number from {low} to {high:,})"
        )
