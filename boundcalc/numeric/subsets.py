"""Bounds for all subsets of modalities at once: the best, the front, the certified order."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from boundcalc.arguments import typed
from boundcalc.conventions import Side
from boundcalc.errors import InputError, nearest, refuse_unknown, shown
from boundcalc.numeric.compiled import compiled
from boundcalc.numeric.domains import checked, exactly
from boundcalc.numeric.subset_search import (
    Choice,
    Floats,
    FoundSubset,
    Search,
    limits,
    rounded_complexity,
)
from boundcalc.record import Record
from boundcalc.symbolic.parameters import parameter
from boundcalc.text import confidence, count, significant

MOST = 22
"""Modalities: four million subsets, some 300 MB."""
WAYS = ("sum", "norm")
_SMALLEST_SHARE = Fraction(1, 10**300)
"""Numbers at a failure probability below this are beyond floating point."""


@dataclass(frozen=True)
class Subsets(Record):
    """Upper limits for all subsets of modalities, which hold together.

    Attributes
    ----------
    id, variant, lower : str
        The bound, its form and that of the lower limits; empty where there are none.
    modalities : tuple of str
    size : int
        How many subsets there are.
    delta, delta_each : float
        The failure probability of all statements together, and the share of each.
    best : Choice
        The subset with the least upper limit.
    front : tuple of Choice
        The best subset of each number of modalities that is better than all smaller ones.
    reference : tuple of str
    better, worse : int
        How many subsets are certified to have a lower, a higher risk than the reference.
    values, lower_values : ndarray
        The limits by mask − 1: bit i of a mask is modality i.
    order : ndarray
        −1 where a subset is certified to be better than the reference, 1 where worse, else 0.
    """

    json_keys: ClassVar[tuple[str, ...]] = (
        *("id", "variant", "lower", "modalities", "size", "delta", "delta_each", "best", "front"),
        *("reference", "better", "worse", "status"),
    )

    id: str
    variant: str
    lower: str
    modalities: tuple[str, ...]
    size: int
    delta: float
    delta_each: float
    best: Choice
    front: tuple[Choice, ...]
    reference: tuple[str, ...]
    better: int
    worse: int
    values: Floats = field(repr=False, compare=False)
    lower_values: Floats | None = field(repr=False, compare=False)
    order: NDArray[np.int8] | None = field(repr=False, compare=False)

    @property
    def status(self) -> str:
        """The answer in one sentence."""
        held = confidence(self.delta)
        best = significant(self.best.value, up=True)
        first = (
            f"Of {count(self.size)} subsets {'+'.join(self.best.modalities)} has the least upper "
            f"limit, {best}; with probability at least {held} all limits hold"
        )
        if self.order is None:
            return f"{first}."
        numbers = f"{count(self.better)} subsets are certified to be better than"
        return f"{first}; {numbers} {'+'.join(self.reference)}, {count(self.worse)} to be worse."

    def named(self, mask: int) -> tuple[str, ...]:
        """The modalities of a mask."""
        return tuple(name for i, name in enumerate(self.modalities) if mask >> i & 1)


@typed
def subsets(
    id: str,
    /,
    *,
    variant: str,
    modalities: Sequence[str],
    complexities: Sequence[float],
    losses: Any,
    delta: float,
    combine: str = "sum",
    lower: str | None = None,
    reference: Sequence[str] | None = None,
    most: int = 100_000,
    **values: Any,
) -> Subsets | FoundSubset:
    """Bound the risk for every subset of modalities, and rank the subsets.

    All limits hold together: each is stated with the share of δ that is left when it is split
    equally over all of them, so the best subset may be chosen by looking at them.

    Parameters
    ----------
    id : str
        Catalogue id of a bound of one complexity and one observed loss.
    variant : str
        An upper limit.
    modalities : sequence of str
        At most 22 names; any number where losses come from a function.
    complexities : sequence of float
        The complexity of the class of each modality.
    losses : array_like, mapping or callable
        The observed loss of each subset: by mask − 1, where bit i of a mask is modality i; or by
        name, as ``{"text": 0.3, "text+audio": 0.2, …}`` or as such pairs; or a function of a tuple
        of names, for the least losses of nested classes: a larger subset never has a larger loss,
        and one that has is refused. With a function the best subset is searched for by branch and
        bound.
    delta : float
        Failure probability of everything that is said.
    combine : {"sum", "norm"}
        The complexity of a subset: the sum of those of its modalities (sums of functions), or the
        root of the sum of their squares (one bound on the norm of all weights).
    lower : str, optional
        The variant of lower limits, for the certified order against a reference.
    reference : sequence of str, optional
        Default: all modalities.
    most : int
        How many losses a search may ask for; then it says how far from the best one it may be.
    **values : float
        The other parameters of the bound.

    Returns
    -------
    Subsets, or FoundSubset of a search

    Raises
    ------
    UnknownNameError, DomainError, InputError
        For what cannot be used.

    Examples
    --------
    >>> given = {"variant": "expected", "m": 10_000, "lipschitz": 1, "loss_bound": 1, "delta": 0.05}
    >>> found = subsets(
    ...     "classic.uniform_deviation",
    ...     modalities=["text", "audio"],
    ...     complexities=[0.01, 0.02],
    ...     losses=[0.3, 0.4, 0.2],
    ...     **given,
    ... )
    >>> found.best.modalities
    ('text', 'audio')
    >>> found = subsets(
    ...     "classic.uniform_deviation",
    ...     modalities=[f"sensor {i}" for i in range(30)],
    ...     complexities=[0.01] * 30,
    ...     losses=lambda chosen: 0.3 if "sensor 7" in chosen else 0.4,
    ...     **given,
    ... )
    >>> found.best.modalities, found.proved
    (('sensor 7',), True)
    """
    names = _names(modalities, math.inf if callable(losses) else MOST)
    entry = compiled(id)
    forms = [entry.variant(name) for name in (variant, *([lower] if lower else []))]
    if [form.side for form in forms] != [Side.UPPER, Side.LOWER][: len(forms)]:
        raise InputError("subsets are ranked by an upper limit; `lower` names a lower one")
    if reference is not None and lower is None:
        raise InputError(
            "an order against a reference needs lower limits: name their variant, lower (--lower)"
        )
    single = _single(complexities, combine, len(names))
    size = 2 ** len(names) - 1
    share = _share(checked(parameter("delta"), delta), size * len(forms))
    if callable(losses):
        if lower:
            raise InputError("a search finds the best subset; the certified order needs all losses")
        return Search(id, forms[0], names, single, combine, losses, share, values).run(delta, most)
    known = {"complexity": _combined(single, combine), "loss": _losses(losses, names)}
    upper, *others = (limits(id, form, known, share, values) for form in forms)
    under = others[0] if others else None
    chosen = names if reference is None else tuple(reference)
    order = None if under is None else _order(upper, under, _mask(chosen, names) - 1)
    front, best = _front(upper, names)
    return Subsets(
        id=id,
        variant=variant,
        lower=lower or "",
        modalities=names,
        size=size,
        delta=float(delta),
        delta_each=share,
        best=best,
        front=front,
        reference=chosen if lower else (),
        better=0 if order is None else int(np.sum(order < 0)),
        worse=0 if order is None else int(np.sum(order > 0)),
        values=upper,
        lower_values=under,
        order=order,
    )


def _share(delta: float, events: int) -> float:
    """An equal share of δ, rounded down; there may be more events than any float."""
    exact = exactly(delta) / events
    if exact < _SMALLEST_SHARE:
        raise InputError(f"delta = {delta:g} is too small to be divided among {count(events)}")
    return math.nextafter(float(exact), 0.0)


def _names(modalities: Sequence[str], most: float) -> tuple[str, ...]:
    names = tuple(modalities)
    if not 0 < len(names) <= most:
        raise InputError(
            f"{len(names)} modalities; all subsets of 1 to {MOST} can be ranked, and with a "
            "function of losses the best of more be found"
        )
    if len(set(names)) < len(names):
        raise InputError("a modality is named twice")
    return names


def _mask(chosen: Sequence[str], names: tuple[str, ...]) -> int:
    for name in chosen:
        refuse_unknown("modality", name, names)
    if not chosen:
        raise InputError("a subset has no modality")
    return sum(1 << names.index(name) for name in set(chosen))


def _single(complexities: Sequence[float], combine: str, number: int) -> Floats:
    """What every modality adds to the complexity, or to its square."""
    refuse_unknown("way to combine complexities", combine, WAYS)
    single = np.array([checked(parameter("rademacher"), c) for c in complexities], dtype=float)
    if len(single) != number:
        raise InputError(f"{len(single)} complexities for {number} modalities")
    return single if combine == "sum" else single * single


def _combined(single: Floats, combine: str) -> Floats:
    """The complexity of each subset."""
    found = np.zeros(1)
    for each in single:
        found = np.concatenate([found, found + each])
    return rounded_complexity(found[1:], combine, len(single))


def _losses(losses: Any, names: tuple[str, ...]) -> Floats:
    size = 2 ** len(names) - 1
    pairs = losses.items() if isinstance(losses, Mapping) else losses
    if not isinstance(losses, np.ndarray) and all(isinstance(pair, tuple) for pair in pairs):
        found = np.full(size, np.nan)
        for chosen, loss in pairs:
            members = [name.strip() for name in str(chosen).split("+")]
            missing = [name for name in members if name and name not in names]
            if missing:
                raise InputError(
                    f"the loss of {chosen} is given, but no complexity of "
                    f"{shown(missing[0])}{nearest(missing[0], names)}"
                )
            at = _mask(members, names) - 1
            if not np.isnan(found[at]):
                raise InputError(f"the loss of {chosen} is given twice")
            found[at] = checked(parameter("train_loss"), loss)
        if np.isnan(found).any():
            known = int(np.sum(~np.isnan(found)))
            raise InputError(f"losses of {count(known)} of {count(size)} subsets are given")
        return found
    found = np.asarray(checked(parameter("train_loss"), losses), dtype=float)
    if found.shape != (size,):
        raise InputError(f"losses has shape {found.shape}; it takes one a subset, {count(size)}")
    return found


def _order(upper: Floats, under: Floats, reference: int) -> NDArray[np.int8]:
    order = np.zeros(len(upper), dtype=np.int8)
    order[upper < under[reference]] = -1
    order[under > upper[reference]] = 1
    return order


def _front(upper: Floats, names: tuple[str, ...]) -> tuple[tuple[Choice, ...], Choice]:
    """The best subset of each number of modalities, as long as it is better than all smaller
    ones.
    """
    sizes = np.zeros(1, dtype=np.int8)
    for _ in names:
        sizes = np.concatenate([sizes, sizes + 1])
    sizes = sizes[1:]
    found: list[Choice] = []
    for number in range(1, len(names) + 1):
        own = np.flatnonzero(sizes == number)
        best = int(own[np.argmin(upper[own])])
        if not found or upper[best] < found[-1].value:
            chosen = tuple(name for i, name in enumerate(names) if best + 1 >> i & 1)
            found.append(Choice(chosen, float(upper[best])))
    return tuple(found), found[-1]
