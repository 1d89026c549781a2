"""Per-example losses from users, checked, and what the examples are: groups and classes.

Groups
    Patients, speakers or sites are drawn independently; the examples of one are not independent of
    each other. *Mean over groups*: a group's mean difference is one observation. *Mean over
    examples*: with M a bound on a group's size that is fixed beforehand, E Σ_{i in g} (d_i − θ)/M =
    0 at the risk that counts each example once, θ = E Σ d / E n_g: a bet on the group's mean
    difference with the weight n_g/M.
Classes
    With weights w_y fixed before the data the loss is w_y ℓ, in [0, C max w]; w_y = 1/(K ·
    prevalence) makes the balanced error.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from boundcalc.errors import DomainError, InputError, argument, normal, shorten
from boundcalc.numeric.domains import refuse_other_types, single, unmasked

Losses = NDArray[np.float64]
ASK_FOR_BOUND = (
    f"give {argument('loss_bound')}, the most that this loss can be; it is fixed before the data "
    "are seen, so it is not their maximum"
)
_NEITHER = "is neither 0 nor 1"
_SMALLEST, _LARGEST = 1e-9, 1e9
_MISSING = frozenset({"", "na", "n/a", "nan", "none", "null", "missing"})


def range_end(loss_bound: float | None) -> float:
    """The C of the range [0, C] that losses lie in: 1 where it is not given.

    Raises
    ------
    DomainError
        If it is not positive, or so large or small that rounding would show.
    """
    if loss_bound is None:
        return 1.0
    end = single("loss_bound", loss_bound)
    if not _SMALLEST <= end <= _LARGEST:
        raise DomainError(
            f"{argument('loss_bound')} = {end:g} is outside [1e-9, 1e9]; measure the loss in "
            "other units"
        )
    return end


def as_losses(
    values: ArrayLike,
    *,
    where: str,
    loss_bound: float | None = None,
    rows: Sequence[int] | None = None,
    zero_one: bool = False,
) -> Losses:
    """Return per-example losses as floats, or raise.

    Parameters
    ----------
    values : array_like, shape (n,) or (n, 1)
        Numbers or booleans, n ≥ 1; booleans are 0/1 losses.
    where : str
        What error messages call them: an argument or a file.
    loss_bound : float, optional
        The losses lie in [0, loss_bound]. Where left out they must lie in [0, 1].
    rows : sequence of int, optional
        The number of each in error messages; where left out they are counted from 1.
    zero_one : bool
        Whether there are no others than 0 and 1.

    Returns
    -------
    ndarray of float, shape (n,)

    Raises
    ------
    InputError
        If there are none, if they are not numbers, or if one is NaN, infinite, negative or above
        the bound.
    """
    bound = range_end(loss_bound)
    x = _numbers(values, where)
    above = (
        f"is above {argument('loss_bound')} = {bound:g}"
        if loss_bound is not None
        else f"is above 1: {ASK_FOR_BOUND}"
    )
    for problem, bad in (
        ("is not a number", np.isnan(x)),
        ("is not finite", np.isinf(x)),
        ("is below 0; a loss is not negative", x < 0),
        (above, x > bound),
        (_NEITHER, zero_one & (x != 0) & (x != 1)),
    ):
        if bad.any():
            i = int(np.argmax(bad))
            row = i + 1 if rows is None else rows[i]
            raise InputError(f"{where}, row {row}: {float(x[i])!r} {problem}")
    return x


def refuse_between(named: Mapping[str, Losses], width: float) -> None:
    """Refuse losses that 0/1 losses cannot be; NaN is none.

    Parameters
    ----------
    named : mapping of str to ndarray
        By where they stand.
    width : float
        They lie in [0, width].

    Raises
    ------
    InputError
        For another width than 1, and a loss that is neither 0 nor 1.
    """
    if width != 1:
        said = f"{argument('loss_bound')} = 1, not {width:g}"
        raise InputError(f"{argument('loss')} = zero-one has {said}")
    for where, losses in named.items():
        other = np.flatnonzero(~np.isnan(losses) & (losses != 0) & (losses != 1))
        if other.size:
            said = f"{float(losses[other[0]])!r} {_NEITHER}"
            raise InputError(f"{where}, example {other[0] + 1}: {said}")


def _numbers(values: ArrayLike, where: str) -> Losses:
    advice = "leave these examples out of both predictors' losses"
    x = np.asarray(unmasked(values, where, advice=advice, expected="a list of numbers"))
    refuse_other_types(x, where, "losses are numbers or booleans")
    if x.size == 0:
        raise InputError(f"{where} is empty; it needs one loss for each example")
    if x.ndim != 1 and not (x.ndim == 2 and x.shape[1] == 1):
        raise InputError(f"{where} has shape {x.shape}; losses have shape (n,) or (n, 1)")
    return x.ravel().astype(np.float64)


@dataclass(frozen=True, eq=False)
class Groups:
    """Which group each example is in.

    Attributes
    ----------
    index : ndarray of int, shape (n,)
        Groups are numbered in their order of arrival.
    sizes : ndarray of int, shape (groups,)
    """

    index: NDArray[np.int64]
    sizes: NDArray[np.int64]

    def means(self, values: Losses) -> Losses:
        """The mean of each group."""
        return np.asarray(np.bincount(self.index, weights=values) / self.sizes)

    def weights(self, largest: int) -> Losses:
        """n_g/M.

        Raises
        ------
        InputError
            If a group is larger than M.
        """
        if self.sizes.max() > largest:
            raise InputError(
                f"a group has {self.sizes.max():,} examples, more than {argument('group_size')} = "
                f"{largest:,}: it is a bound that is fixed before the data are seen"
            )
        return np.asarray(self.sizes / largest)

    def refuse_scattered(self) -> None:
        """Refuse groups whose rows do not stand together.

        At any time means after every observation, which is a whole group: of groups that arrive in
        pieces each look would see other observations, and their bets are worth nothing.
        """
        most = np.maximum.accumulate(self.index)
        starts = 1 + np.flatnonzero(np.diff(self.index))
        back = starts[self.index[starts] <= most[starts - 1]]
        if back.size:
            raise InputError(
                f"{argument('groups')}: example {back[0] + 1} is of a group that came before other "
                f"groups; with {argument('looks')} = any a group counts once it is complete, so "
                "that its rows stand together"
            )


def labels(values: Any, n: int, what: str) -> list[Hashable]:
    """Names of groups or classes, one an example, none missing.

    Raises
    ------
    InputError
        If there are more or fewer than n, or if one is missing; the message says where.
    """
    entries = np.asarray(values).tolist() if not isinstance(values, list) else values
    if not isinstance(entries, list) or any(isinstance(entry, list) for entry in entries):
        raise InputError(f"{what}: one name an example is needed, a list of them")
    if len(entries) != n:
        raise InputError(f"{what}: {len(entries)} names for {n} examples; each example needs one")
    named = [name_of(entry) for entry in entries]
    hole = next((row for row, name in enumerate(named, 1) if name.lower() in _MISSING), None)
    if hole is not None:
        raise InputError(f"{what}, example {hole}: the name is missing")
    return list(named)


def name_of(entry: Any) -> str:
    """A group, class or example as a name; nothing where it has none."""
    if entry is None:
        return ""
    if isinstance(entry, float) and isfinite(entry) and entry.is_integer():
        return str(int(entry))
    return normal(entry)


def grouped(values: Any, n: int, *, least: int = 2) -> Groups:
    """Read the groups.

    Raises
    ------
    InputError
        For a missing name, or for one group only where `least` is 2.
    """
    numbers: dict[Hashable, int] = {}
    named = labels(values, n, argument("groups"))
    index = np.array([numbers.setdefault(name, len(numbers)) for name in named])
    if len(numbers) < least:
        raise InputError(f"{argument('groups')}: there is one group only; at least two are needed")
    return Groups(index, np.bincount(index))


def class_weights(classes: Any, weights: Mapping[Any, float], n: int) -> tuple[Losses, float]:
    """The weight of each example's class, and the largest weight of any class.

    Raises
    ------
    InputError
        For a weight that is not positive, or a class that has none.
    """
    table: dict[Hashable, float] = {}
    for name, weight in weights.items():
        if isinstance(weight, bool) or not isinstance(weight, (int, float, np.number)):
            raise InputError(f"the weight of class '{name_of(name)}' must be a number")
        if not (isfinite(weight) and weight > 0):
            said = f"is {float(weight):g}; it must be positive"
            raise InputError(f"the weight of class '{name_of(name)}' {said}")
        table[name_of(name)] = float(weight)
    if not table:
        raise InputError("class weights: none is given")
    named = labels(classes, n, argument("classes"))
    unknown = next((name for name in named if name not in table), None)
    if unknown is not None:
        weighted = ", ".join(shorten(str(name)) for name in [*table][:8])
        raise InputError(
            f"class '{shorten(str(unknown))}' of the data has no weight; weights were given for "
            f"{weighted}"
        )
    return np.array([table[name] for name in named]), max(table.values())
