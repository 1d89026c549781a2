"""How data become a study: every choice that is made before they are looked at, and which examples
fix means and scales, which train, and which are held out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Self

import numpy as np
from pydantic import model_validator

from boundcalc.data.dataset import Dataset
from boundcalc.data.fit.preparation import Ints, split
from boundcalc.data.labels import TASKS
from boundcalc.data.tables import MISSING_RULES
from boundcalc.errors import (
    DomainError,
    InputError,
    UnknownNameError,
    argument,
    refuse_unknown,
    shorten,
    shown,
)
from boundcalc.numeric.decide.losses import Groups, grouped
from boundcalc.numeric.decide.sample import Population
from boundcalc.record import Record
from boundcalc.study.from_losses import looked_up
from boundcalc.study.toml_file import (
    FLAG,
    TomlTable,
    ValueType,
    WrongTypeError,
    between,
    integer,
    list_of,
    word,
)
from boundcalc.text import count

CLASSIFICATION, REGRESSION = TASKS
_MOST_NORMS = 1000
_MOST_FITS = 4096
_MOST_REPEATS = 1000
_FEWEST = 5  # examples or groups in a part
_NAMES = (
    ("setup", "scale", "val", "valid", "validation", "dev"),
    ("train", "training", "false", "0"),
    ("test", "testing", "held-out", "held_out", "heldout", "holdout", "true", "1"),
)
_PARTS = {name: i for i, names in enumerate(_NAMES) for name in names}


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
_ONE_OR_MORE = {"anyOf": [{"type": "string", "minLength": 1}, _LIST]}
SUBSET = ValueType('names of modalities, "text+audio" or a list', _ONE_OR_MORE, _subset)
PATTERNS = ValueType(
    'names or patterns of columns, such as ["sex", "M*"]',
    _ONE_OR_MORE,
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
    seed: Annotated[int, integer(0)] = 0
    shares: Annotated[tuple[float, ...], POSITIVES] = (0.1, 0.45, 0.45)
    norms: Annotated[tuple[float, ...], POSITIVES] = (0.5, 1, 2, 4, 8, 16, 32)
    margin: Annotated[float, POSITIVE] = 1.0
    clip: Annotated[float, POSITIVE] = 2.0
    choose: Annotated[str, word(NormChoice)] = NormChoice.VALIDATION
    intercept: Annotated[bool, FLAG] = True
    draws: Annotated[int, integer(0, 10**7)] = 0
    max_fits: Annotated[int, integer(2, _MOST_FITS)] = 64
    subsets: Annotated[
        tuple[str | tuple[str, ...], ...] | None,
        list_of(SUBSET.validated, "a list of subsets", SUBSET.schema),
    ] = None
    repeats: Annotated[int, integer(1, _MOST_REPEATS)] = 1
    categorical: Annotated[tuple[str, ...], PATTERNS] = ()
    missing: Annotated[str | None, word(MISSING_RULES)] = None
    flatten: Annotated[bool, FLAG] = False

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if len(self.norms) > _MOST_NORMS or any(b <= a for a, b in pairwise(self.norms)):
            most = f"at most {_MOST_NORMS:,} of them"
            raise InputError(f"{argument('norms')} = {shown(self.norms)} must ascend, {most}")
        if len(self.shares) != 3:
            parts = "for means and scales, for training, held out"
            raise InputError(f"{argument('shares')} are three numbers: {parts}")
        if self.draws == 1:
            raise DomainError(f"{argument('draws')} = 1 is outside the domain (0, or at least 2)")
        return self

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Design:
        """From names and values; unknown names are errors, None is the default."""
        for name in options:
            refuse_unknown("option", name, cls.model_fields)
        return cls.read({name: value for name, value in options.items() if value is not None}, "")


@dataclass(frozen=True, eq=False)
class Sampling:
    """How the examples were drawn, and how they are split: fixed before they are looked at.

    Attributes
    ----------
    groups : str, Path or sequence, optional
        The group of each example (a patient, a speaker): a column, a file or a list.
    group_size : int, optional
        The most examples that a group can have: the mean is then over examples.
    weights : mapping, optional
        The positive weight of each class.
    split : str, Path or sequence, optional
        The part of each example: train, test, or a third one for means and scales; or a mask, true
        for those held out.
    folder : Path, optional
        Of the study that names files.
    """

    groups: Any = None
    group_size: int | None = None
    weights: Mapping[Any, float] | None = None
    split: Any = None
    folder: Path | None = None


def column(data: Dataset, given: Any, what: str, folder: Path | None = None) -> list[Any] | None:
    """What a list, a column or a file says of each example."""
    if given is None:
        return None
    known = [*data.beside, *(c for names in data.columns.values() for c in names)]
    name = str(given) if isinstance(given, (str, Path)) else ""
    unknown = UnknownNameError(f"column or file for {what}", name, known)
    found = looked_up(given, data.beside, folder, unknown)
    found = found.tolist() if hasattr(found, "tolist") else found
    if not isinstance(found, (list, tuple)):
        raise InputError(f"{what}: a list with one entry an example, or the name of a column")
    if data.kept is not None and len(found) == len(data.kept):
        found = [found[i] for i in np.flatnonzero(data.kept).tolist()]
    if len(found) != data.m:
        said = f"{what}: {count(len(found))} entries for {count(data.m)} examples"
        raise InputError(f"{data.source}: {said}; each example needs one")
    return list(found)


@dataclass(frozen=True, eq=False)
class Parts:
    """The three parts of the examples, for means and scales, for training and held out; and the
    groups of all examples, with their names.
    """

    rows: tuple[Ints, Ints, Ints]
    groups: Groups | None
    names: list[Any] | None

    def groups_of(self, rows: Ints) -> Groups | None:
        """The groups of some examples, numbered as they come."""
        if self.groups is None:
            return None
        index = np.unique(self.groups.index[rows], return_inverse=True)[1]
        return Groups(index, np.bincount(index))

    def population(self, data: Dataset, sampling: Sampling) -> Population:
        """What the held-out examples are."""
        held_out = self.rows[2].tolist()
        names = None if self.names is None else [self.names[i] for i in held_out]
        if sampling.weights is None:
            return Population(names, sampling.group_size)
        assert data.labels is not None
        if data.classes is None:
            raise InputError(f"{data.source}: class weights are for classes, not for a regression")
        classes = [data.classes[int(data.labels[i])] for i in held_out]
        return Population(names, sampling.group_size, classes, sampling.weights)


def parts_of(data: Dataset, shares: Sequence[float], seed: int, sampling: Sampling) -> Parts:
    """Split the examples: as the user says, or at random; no group stands in two parts.

    Refused where a part would be too small, or a group stands on both sides.
    """
    names = column(data, sampling.groups, "groups", sampling.folder)
    groups = None if names is None else grouped(names, data.m)
    declared = column(data, sampling.split, "the split", sampling.folder)
    if declared is None:
        everything = np.arange(data.m)
        first, train, test = drawn(everything, shares, seed, groups, least=_FEWEST)
        return Parts((first, train, test), groups, names)
    named = _declared(declared, data.source)
    first, train, test = (np.flatnonzero(named == i) for i in range(3))
    if groups is not None:
        one = np.empty(len(groups.sizes), dtype=np.int64)
        one[groups.index] = named
        torn = np.flatnonzero(one[groups.index] != named)
        if torn.size:
            name = shorten(str((names or [])[int(torn[0])]))
            said = f"the group '{name}' stands on both sides of the split"
            raise InputError(f"{data.source}: {said}")
    if not first.size:
        share = shares[0] / (shares[0] + shares[1])
        first, train = drawn(train, (share, 1 - share), seed, groups, least=_FEWEST)
    for rows, part in ((first, "for means and scales"), (train, "to train on"), (test, "held out")):
        units = len(rows) if groups is None else len(np.unique(groups.index[rows]))
        if units < _FEWEST:
            what = "groups" if groups is not None else "examples"
            raise InputError(f"{data.source}: the split leaves {units} {what} {part}; {_FEWEST} do")
    return Parts((first, train, test), groups, names)


def drawn(
    rows: Ints, shares: Sequence[float], seed: int, groups: Groups | None, *, least: int = 1
) -> tuple[Ints, ...]:
    """Split some examples at random, each group as a whole.

    Shares are shares of groups: how many groups a part has must not depend on what is in them.
    """
    if groups is None:
        return tuple(rows[part] for part in split(len(rows), shares, seed=seed, least=least))
    present, place = np.unique(groups.index[rows], return_inverse=True)
    owner = np.empty(len(present), dtype=np.int64)
    for i, part in enumerate(split(len(present), shares, seed=seed, least=least, units="groups")):
        owner[part] = i
    return tuple(rows[owner[place] == i] for i in range(len(shares)))


def _declared(values: Sequence[Any], where: str) -> Ints:
    found = np.empty(len(values), dtype=np.int64)
    for row, value in enumerate(values):
        name = str(value).strip().lower()
        if name.endswith(".0"):  # a mask beside missing values
            name = name[:-2]
        if name not in _PARTS:
            raise InputError(
                f"{where}, example {row + 1}: the part {shorten(repr(value))} is none of train, "
                "test, val; a mask is true for the examples held out"
            )
        found[row] = _PARTS[name]
    for i, part in ((1, "train"), (2, "test")):
        if not np.any(found == i):
            raise InputError(f"{where}: no example is of the part {part}")
    return found


@dataclass(frozen=True)
class Fit(Record):
    """The linear predictor of one subset.

    Attributes
    ----------
    modalities : tuple of str
    norm : float
        The norm that the training examples chose.
    train_loss, test_loss : float
        Mean ramp or clipped absolute loss over examples, without weights of classes.
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
    """The observed gaps r(more) − r(less) of a pair on the held-out parts of several splits: no
    evidence.
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
