"""Certify from arrays, series or files: the losses are read and brought into one order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from boundcalc.arguments import dimensions, typed
from boundcalc.data.arrays import aligned_rows
from boundcalc.data.loss_files import (
    Column,
    columns_if_file,
    notes_on_groups,
    notes_on_order,
    read_column,
    read_losses,
    read_names,
)
from boundcalc.data.loss_tables import joined_rows
from boundcalc.errors import InputError, argument, refuse_unknown
from boundcalc.numeric.decide.certification import WEIGHTED, Certification, same_losses
from boundcalc.numeric.decide.certify_pairs import PairQuestion, certify_pairs
from boundcalc.numeric.decide.decision import DIRECTIONS
from boundcalc.numeric.decide.losses import Losses, as_losses, range_end, refuse_between
from boundcalc.numeric.decide.sample import (
    ANY,
    Population,
    checked_looks,
    checked_seed,
    margin_in_range,
    paired_sample,
    refuse_two_questions,
)
from boundcalc.numeric.domains import single
from boundcalc.numeric.enclosures import checked_digits

KINDS = ("zero-one", "bounded")
MOST_DIGITS = 17
"""Limits from losses are floats: more digits say nothing."""


@typed
def certify(
    losses_a: Any,
    losses_b: Any,
    *,
    delta: float = 0.05,
    loss_bound: float | None = None,
    loss: str | None = None,
    method: str | None = None,
    names: tuple[str, str] = ("A", "B"),
    ids: str | tuple[Any, Any] | None = None,
    groups: Any = None,
    group_size: int | None = None,
    classes: Any = None,
    weights: Mapping[Any, float] | None = None,
    margin: float | None = None,
    equivalence: float | None = None,
    looks: int | str = 1,
    direction: str = "both",
    seed: int = 0,
    certified: bool = False,
    digits: int | None = None,
) -> Certification:
    """Certify which of two predictors has the lower risk.

    Parameters
    ----------
    losses_a, losses_b : path, array_like of shape (n,) or (n, 1), or Series; n ≥ 2
        Losses in [0, loss_bound] on the same held-out examples in the same order. Both predictors
        were fixed before the examples were seen. Two series are brought into one order by their
        index.
    delta : float
        Failure probability, in (0, 1).
    loss_bound : float, optional
        The most that the loss can be, fixed before the data are seen. Where left out it is 1, and
        losses above 1 are an error: a maximum of the observed losses would not do.
    loss : {"zero-one", "bounded"}, optional
        Whether the loss takes no other value than 0 and 1. Where left out it is taken for 0/1 if
        every loss is 0 or 1 and loss_bound is 1; the result says so.
    method : {"discordant", "betting", "empirical_bernstein", "hoeffding"}, optional
        What decides, named before the data are seen. Where left out: ``discordant``, the exact
        paired test, for 0/1 losses, else ``betting``.
    names : tuple of two str
        What the two predictors are called in the result.
    ids : str or tuple of two array_like, optional
        The ids of A's and of B's examples, which bring B into A's order; for two CSV files the name
        of the column.
    groups : array_like, path or str, optional
        The group of each example (a patient, a speaker), where examples of one group are not
        independent; a file with one name a line, or the name of a column of A's CSV file. The mean
        is over groups. A series goes by its index where A is one.
    group_size : int, optional
        The most examples that a group can have, fixed before the data: the mean is then over
        examples.
    classes : array_like, path or str, optional
        The class of each example, as `groups`.
    weights : mapping, optional
        The positive weight of each class, fixed before the data.
    margin : float, optional
        In [0, loss_bound], fixed before the data: is one no worse than the other by this much?
    equivalence : float, optional
        Likewise: do the two differ by less than this?
    looks : int or "any"
        How often the data are looked at in all; with ``any`` after every example, which are then in
        their order of arrival.
    direction : {"both", "more", "less"}
        Whether it is asked if B (the one that sees more) is better, "more", if A is, "less", or
        both.
    seed : int
        Of the orders in which the betting method sees the rows, named before the data are seen.
    certified : bool
        Whether every tail and every rounding is proved, where else SciPy is trusted to eight
        digits; the losses are the floats that were read.
    digits : int, optional
        How many significant digits are printed, 1 to 17: 15 where `certified` is given alone.

    Returns
    -------
    Certification

    Raises
    ------
    InputError
        For losses, names or numbers that cannot be used; the message names the row.

    Examples
    --------
    >>> import boundcalc as bc
    >>> result = bc.certify([1] * 9 + [0] * 51, [0] * 60, loss="zero-one")
    >>> result.verdict
    'b'
    """
    called = _checked_names(names)
    failure = single("delta", delta)
    refuse_unknown("direction", direction, DIRECTIONS)
    width = range_end(loss_bound)
    beside = [losses_a, groups, classes, losses_b if ids is None else None]
    said = [called[0], "groups", "classes", called[1]]
    losses_a, groups, classes, other = aligned_rows(beside, said)
    losses_b = other if ids is None else losses_b
    read = partial(_read, loss_bound=loss_bound, zero_one=loss == "zero-one")
    a, b = _losses(losses_a, losses_b, read, ids, called, looks)
    own = columns_if_file(losses_a) if ids is None or groups is None else None
    order = notes_on_order(own, columns_if_file(losses_b), called) if ids is None else []
    if a.size < 2:
        raise InputError("one example is too few; certify needs at least two")
    zero_one = _zero_one(loss, {called[0]: a, called[1]: b}, width)
    examples = ("groups", groups), ("classes", classes)
    named = [_named(given, losses_a, argument(what)) for what, given in examples]
    sample = paired_sample(
        a, b, width, zero_one, Population(named[0], group_size, named[1], weights)
    )
    refuse_two_questions(margin, equivalence)
    question = PairQuestion(
        delta=float(failure),
        direction=direction,
        looks=checked_looks(looks),
        margin=margin_in_range("margin", margin, sample.width),
        equivalence=margin_in_range("equivalence", equivalence, sample.width),
        method=method,
        seed=checked_seed(seed),
        digits=checked_digits(certified, digits, most=MOST_DIGITS),
    )
    declared = loss is not None or method is not None
    found = certify_pairs([sample], [called], question, declared=declared)[0]
    notes = [same_losses(*called)] if np.array_equal(a, b) else []
    if weights is not None:
        notes.append(WEIGHTED)
    notes += order
    if groups is None:
        notes += notes_on_groups(own, ids)
    return replace(found, notes=tuple(notes) or None)


def _checked_names(names: tuple[str, str]) -> tuple[str, str]:
    a, b = (" ".join(str(name).split()) for name in names) if len(names) == 2 else ("", "")
    if not a or not b or a == b:
        given = ", ".join(map(repr, names))
        raise InputError(f"{argument('names')} must be two different names, not {given}")
    return a, b


def _zero_one(loss: str | None, named: dict[str, Losses], width: float) -> bool:
    """Whether the losses are 0/1: as declared, or as they look."""
    if loss is not None:
        refuse_unknown("kind of loss", loss, KINDS)
    if loss == "bounded":
        return False
    if loss == "zero-one":
        refuse_between(named, width)
    return width == 1 and all(np.isin(x, (0, 1)).all() for x in named.values())


def _losses(
    losses_a: Any,
    losses_b: Any,
    read: Callable[[Any, str], Losses],
    ids: Any,
    names: tuple[str, str],
    looks: int | str,
) -> tuple[Losses, Losses]:
    """The losses of both, on the same examples in the order of A's."""
    a, b = read(losses_a, "losses_a"), read(losses_b, "losses_b")
    if ids is not None:
        sides = _by_ids(ids, names, losses_a, losses_b)
        for side, losses in zip(sides, (a, b), strict=True):
            if len(side.entries) != len(losses):
                said = f"{len(losses)} losses and {len(side.entries)} ids"
                raise InputError(f"{side.where} has {said}")
        b = b[joined_rows(sides, in_order=looks == ANY)[1]]
    if a.size != b.size:
        raise InputError(
            f"{names[0]} has {a.size} losses and {names[1]} has {b.size}; they must be on the "
            f"same examples"
        )
    return a, b


def _read(losses: Any, where: str, *, loss_bound: float | None, zero_one: bool) -> Losses:
    if not isinstance(losses, (str, Path)):
        return as_losses(losses, where=where, loss_bound=loss_bound)
    return read_losses(losses, loss_bound=loss_bound, zero_one=zero_one)


def _named(values: Any, losses_a: Any, what: str) -> Any:
    """Groups or classes: as given, from a file, or from a column of A's file."""
    if not isinstance(values, (str, Path)):
        return values
    if isinstance(losses_a, (str, Path)) and not Path(values).is_file():
        return read_column(losses_a, str(values), what).entries
    return read_names(values)


def _by_ids(ids: Any, names: tuple[str, str], *files: Any) -> list[Column]:
    """The ids of both."""
    if isinstance(ids, str):
        if not all(isinstance(file, (str, Path)) for file in files):
            raise InputError(f"{argument('ids')} is a column of two files, or two lists of ids")
        return [read_column(file, ids, argument("ids")) for file in files]
    if len(ids) != 2 or any(dimensions(side) != 1 for side in ids):
        raise InputError(f"{argument('ids')} are two lists, one for each predictor")
    sides = zip(names, (np.asarray(side).tolist() for side in ids), strict=True)
    return [Column(name, side, range(1, len(side) + 1)) for name, side in sides]
