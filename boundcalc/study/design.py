"""How data become a study: every choice that is made before they are looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import model_validator

from boundcalc.data.labels import TASKS
from boundcalc.data.tables import MISSING_RULES
from boundcalc.errors import DomainError, InputError, UnknownNameError, shown
from boundcalc.record import Record
from boundcalc.study.toml_file import (
    FLAG,
    TomlTable,
    ValueType,
    WrongTypeError,
    between,
    list_of,
    whole,
    word,
)

CLASSIFICATION, REGRESSION = TASKS
_MOST_NORMS = 1000
_MOST_FITS = 4096
_MOST_REPEATS = 1000


class Losses(StrEnum):
    """What the verdicts are about."""

    ZERO_ONE = "zero-one"
    RAMP = "ramp"
    ABSOLUTE = "absolute"


class NormChoice(StrEnum):
    """How the norm is chosen from the training examples."""

    VALIDATION = "validation"
    BOUND = "bound"


def _subset(key: str, value: Any) -> str | tuple[str, ...]:
    """Names of modalities: a text with ``+`` between them, or a list."""
    if isinstance(value, str) and value.strip():
        return value
    listed = value if isinstance(value, (list, tuple)) else ()
    if not listed or not all(isinstance(name, str) for name in listed):
        raise WrongTypeError
    return tuple(listed)


_LIST = {"type": "array", "items": {"type": "string"}, "minItems": 1}
SUBSET = ValueType(
    'names of modalities, "text+audio" or a list',
    {"anyOf": [{"type": "string", "minLength": 1}, _LIST]},
    _subset,
)
PATTERNS = ValueType(
    'names or patterns of columns, such as ["sex", "M*"]',
    {"anyOf": [{"type": "string", "minLength": 1}, _LIST]},
    lambda key, value: (found,) if isinstance(found := _subset(key, value), str) else found,
)
POSITIVE = between(1e-9, 1e9)
POSITIVES = list_of(POSITIVE.validated, "a list of numbers", POSITIVE.schema)


class Design(TomlTable):
    """The choices, each fixed beforehand.

    Attributes
    ----------
    task : {"classification", "regression"}, optional
        Where left out, the labels tell.
    loss : {"zero-one", "ramp", "absolute"}, optional
        What the verdicts are about: errors (the default for classification), the ramp loss
        of the margin, or for regression the clipped absolute error.
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
        The norm with the least loss on a quarter of the training part, or with the least
        training loss plus twice the complexity.
    intercept : bool
        Whether the constant 1 is one more feature, with its weight in the ball.
    draws : int
        Draws of the complexity; 0 for the closed form alone.
    max_fits : int
        At most so many subsets are fitted, the most promising first.
    subsets : sequence of str or of sequences of str, optional
        The subsets to compare, ``"text+audio"`` or a list of names; default: all.
    repeats : int
        How many splits are tried, with the seeds from `seed` on. The first one decides; the others
        show how much the observed gaps depend on the split, and are no evidence.
    categorical : str or sequence of str
        Names or patterns of columns whose values are names of categories, also if they are numbers;
        columns of text are.
    missing : {"indicator", "drop"}, optional
        What becomes of missing values: the mean of the first part and a column that says where, or
        the example is left out; where left out they are refused.
    flatten : bool
        Whether an array of more dimensions, such as images, becomes one row an example.
    """

    task: Annotated[str | None, word(TASKS)] = None
    loss: Annotated[str | None, word(Losses)] = None
    seed: Annotated[int, whole(0)] = 0
    shares: Annotated[tuple[float, ...], POSITIVES] = (0.1, 0.45, 0.45)
    norms: Annotated[tuple[float, ...], POSITIVES] = (0.5, 1, 2, 4, 8, 16, 32)
    margin: Annotated[float, POSITIVE] = 1.0
    clip: Annotated[float, POSITIVE] = 2.0
    choose: Annotated[str, word(NormChoice)] = NormChoice.VALIDATION
    intercept: Annotated[bool, FLAG] = True
    draws: Annotated[int, whole(0, 10**7)] = 0
    max_fits: Annotated[int, whole(2, _MOST_FITS)] = 64
    subsets: Annotated[
        tuple[str | tuple[str, ...], ...] | None,
        list_of(SUBSET.validated, "a list of subsets", SUBSET.schema),
    ] = None
    repeats: Annotated[int, whole(1, _MOST_REPEATS)] = 1
    categorical: Annotated[tuple[str, ...], PATTERNS] = ()
    missing: Annotated[str | None, word(MISSING_RULES)] = None
    flatten: Annotated[bool, FLAG] = False

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if len(self.norms) > _MOST_NORMS or any(b <= a for a, b in pairwise(self.norms)):
            most = f"at most {_MOST_NORMS:,} of them"
            raise InputError(f"norms = {shown(self.norms)} must ascend, {most}")
        if len(self.shares) != 3:
            parts = "for means and scales, for training, held out"
            raise InputError(f"shares are three numbers: {parts}")
        if self.draws == 1:
            raise DomainError("draws = 1 is outside the domain (0, or at least 2)")
        return self

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Design:
        """From names and values; unknown names are errors, None is the default."""
        for name in options:
            if name not in cls.model_fields:
                raise UnknownNameError("option", name, cls.model_fields)
        return cls.read({name: value for name, value in options.items() if value is not None}, "")


@dataclass(frozen=True)
class Fit(Record):
    """The linear predictor of one subset.

    Attributes
    ----------
    modalities : tuple of str
    norm : float
        The norm that the training examples chose.
    train_loss, test_loss : float
        Mean ramp or clipped absolute loss.
    test_errors : int or None
        Errors on the held-out part, for classification.
    rademacher_empirical : float
        R̂_S of the class of that norm, by its closed form.
    """

    modalities: tuple[str, ...]
    norm: float
    train_loss: float
    test_loss: float
    test_errors: int | None
    rademacher_empirical: float


@dataclass(frozen=True)
class Spread(Record):
    """The observed gaps of a pair over several splits: no evidence.

    Attributes
    ----------
    more, less : tuple of str
    splits : int
    least, median, most : float
        Of r(more) − r(less) on the held-out parts.
    """

    more: tuple[str, ...]
    less: tuple[str, ...]
    splits: int
    least: float
    median: float
    most: float


@dataclass(frozen=True)
class Measurement(Record):
    """How a study was measured on data.

    Attributes
    ----------
    source, task, loss : str
    sizes : tuple of three int
        Examples for means and scales, for training, held out.
    seed : int
    norms : tuple of float
        The grid.
    margin, clip : float or None
        ρ for classification, C for regression.
    choose : str
        How the norms were chosen.
    intercept : bool
    draws : int
    subsets : int
        How many nonempty subsets there are.
    fits : tuple of Fit
    notes : tuple of str
        What is unusual about the data.
    spread : tuple of Spread
        Where several splits were tried.
    """

    source: str
    task: str
    loss: str
    sizes: tuple[int, int, int]
    seed: int
    norms: tuple[float, ...]
    margin: float | None
    clip: float | None
    choose: str
    intercept: bool
    draws: int
    subsets: int
    fits: tuple[Fit, ...]
    notes: tuple[str, ...]
    spread: tuple[Spread, ...] = ()
