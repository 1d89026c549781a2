"""Per-example losses from users: checked before anything is computed from them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from boundcalc.errors import DomainError, InputError
from boundcalc.numeric.domains import refuse_other_types, single, unmasked

Losses = NDArray[np.float64]
ASK_FOR_BOUND = (
    "give loss_bound, the most that this loss can be; it is fixed before the data are seen, "
    "so it is not their maximum"
)
_SMALLEST, _LARGEST = 1e-9, 1e9


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
            f"loss_bound = {end:g} is outside [1e-9, 1e9]; measure the loss in other units"
        )
    return end


def as_losses(
    values: ArrayLike, *, where: str, loss_bound: float | None = None, first_row: int = 1
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
    first_row : int
        The row number of the first loss in error messages.

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
        f"is above loss_bound = {bound:g}"
        if loss_bound is not None
        else f"is above 1: {ASK_FOR_BOUND}"
    )
    for problem, bad in (
        ("is not a number", np.isnan(x)),
        ("is not finite", np.isinf(x)),
        ("is below 0; a loss is not negative", x < 0),
        (above, x > bound),
    ):
        if bad.any():
            row = int(np.argmax(bad))
            raise InputError(f"{where}, row {row + first_row}: {float(x[row])!r} {problem}")
    return x


def _numbers(values: ArrayLike, where: str) -> Losses:
    advice = "leave these examples out of both predictors' losses"
    x = np.asarray(unmasked(values, where, advice=advice, expected="a list of numbers"))
    refuse_other_types(x, where, "losses are numbers or booleans")
    if x.size == 0:
        raise InputError(f"{where} is empty; it needs one loss for each example")
    if x.ndim != 1 and not (x.ndim == 2 and x.shape[1] == 1):
        raise InputError(f"{where} has shape {x.shape}; losses have shape (n,) or (n, 1)")
    return x.reshape(-1).astype(np.float64)
