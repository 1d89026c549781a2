"""Which examples fix means and scales, which train, and which are held out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from boundcalc.data.dataset import Dataset
from boundcalc.data.fit.preparation import Ints, split
from boundcalc.errors import InputError, UnknownNameError, shorten
from boundcalc.numeric.decide.losses import Groups, grouped
from boundcalc.numeric.decide.sample import Population
from boundcalc.study.losses import looked_up
from boundcalc.text import count

_FEWEST = 5  # examples or groups in a part
_NAMES = (
    ("setup", "scale", "val", "valid", "validation", "dev"),
    ("train", "training", "false", "0"),
    ("test", "testing", "held-out", "held_out", "heldout", "holdout", "true", "1"),
)
_PARTS = {name: i for i, names in enumerate(_NAMES) for name in names}


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

    @property
    def beside(self) -> tuple[str, ...]:
        """The columns that it may name."""
        return tuple(name for name in (self.groups, self.split) if isinstance(name, str))


NO_SAMPLING = Sampling()


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
    if len(found) != data.m:
        said = f"{what}: {count(len(found))} entries for {count(data.m)} examples"
        raise InputError(f"{data.source}: {said}; each example needs one")
    return list(found)


@dataclass(frozen=True, eq=False)
class Parts:
    """The three parts of the examples.

    Attributes
    ----------
    rows : tuple of three ndarray of int
        For means and scales, for training, held out.
    groups : Groups or None
        Of all examples.
    names : list or None
        The group of each example.
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

    Raises
    ------
    InputError
        Where a part would be too small, or a group stands on both sides.
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
        _refuse_torn(named, groups, names or [], data.source)
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


def _refuse_torn(named: Ints, groups: Groups, names: Sequence[Any], where: str) -> None:
    """Refuse a group in two parts."""
    one = np.empty(len(groups.sizes), dtype=np.int64)
    one[groups.index] = named
    torn = np.flatnonzero(one[groups.index] != named)
    if torn.size:
        name = shorten(str(names[int(torn[0])]))
        raise InputError(f"{where}: the group '{name}' stands on both sides of the split")
