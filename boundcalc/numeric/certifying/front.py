"""Certify from files, arrays or series: the losses are read and brought into one order."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from boundcalc.arguments import typed
from boundcalc.errors import InputError
from boundcalc.numeric.certifying.certification import Certification
from boundcalc.numeric.certifying.certify import certify as certify_arrays
from boundcalc.numeric.decide.population import aligned
from boundcalc.numeric.decide.sample import ANY


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
        is over groups.
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
    a, b = _read(losses_a, loss_bound), _read(losses_b, loss_bound)
    if ids is not None:
        a, b = _by_ids(losses_a, losses_b, a, b, ids, names, looks)
    elif hasattr(a, "iloc") and hasattr(b, "iloc"):
        own, other = a.index, b.index
        b = b.iloc[aligned(own.tolist(), other.tolist(), names)]
    result = certify_arrays(
        a,
        b,
        delta=delta,
        loss_bound=loss_bound,
        loss=loss,
        method=method,
        names=names,
        groups=_named(groups, losses_a, "groups"),
        group_size=group_size,
        classes=_named(classes, losses_a, "classes"),
        weights=weights,
        margin=margin,
        equivalence=equivalence,
        looks=looks,
        direction=direction,
        seed=seed,
    )
    if np.array_equal(np.asarray(a), np.asarray(b)):
        raise InputError(
            f"{result.a} and {result.b} have the same loss on every example: there is nothing to "
            f"decide"
        )
    return result


def _read(losses: Any, loss_bound: float | None) -> Any:
    if not isinstance(losses, (str, Path)):
        return losses
    from boundcalc.data.losses import read_losses

    return read_losses(losses, loss_bound=loss_bound)


def _named(values: Any, losses_a: Any, what: str) -> Any:
    """Groups or classes: as given, from a file, or from a column of A's file."""
    if not isinstance(values, (str, Path)):
        return values
    from boundcalc.data.losses import read_column, read_names

    if isinstance(losses_a, (str, Path)) and not Path(values).is_file():
        return read_column(losses_a, str(values), what)
    return read_names(values)


def _by_ids(
    file_a: Any, file_b: Any, a: Any, b: Any, ids: Any, names: tuple[str, str], looks: int | str
) -> tuple[Any, Any]:
    if isinstance(ids, str):
        from boundcalc.data.losses import read_column

        for file in (file_a, file_b):
            if not isinstance(file, (str, Path)):
                raise InputError("ids is a column of two files, or two lists of ids")
        ids = read_column(file_a, ids, "ids"), read_column(file_b, ids, "ids")
    if len(ids) != 2 or any(np.ndim(side) != 1 for side in ids):
        raise InputError("ids are two lists, one for each predictor")
    own, other = (list(np.asarray(side).tolist()) for side in ids)
    a, b = np.asarray(a), np.asarray(b)
    for side, losses, name in ((own, a, names[0]), (other, b, names[1])):
        if len(side) != len(losses):
            raise InputError(f"{name} has {len(losses)} losses and {len(side)} ids")
    places = aligned(own, other, names)
    if looks == ANY:
        _in_order(own)
    return a, b[places]


def _in_order(ids: list[Any]) -> None:
    """Refuse numbered examples that are not in their order of arrival."""
    try:
        numbers = [float(entry) for entry in ids]
    except (TypeError, ValueError):
        return
    later = next((i for i in range(1, len(numbers)) if numbers[i] < numbers[i - 1]), None)
    if later is not None:
        raise InputError(
            f"row {later + 1}: the id {ids[later]} comes after {ids[later - 1]}; with looks = any "
            f"the "
            "rows are in their order of arrival"
        )
