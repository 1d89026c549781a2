"""The best subset of many modalities, by branch and bound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from boundcalc.conventions import Trend
from boundcalc.errors import InputError, shorten
from boundcalc.numeric.compiled import CompiledVariant
from boundcalc.numeric.domains import checked
from boundcalc.numeric.evaluate import evaluate
from boundcalc.record import Record
from boundcalc.symbolic.parameter import Role
from boundcalc.symbolic.parameters import parameter
from boundcalc.text import confidence, count, significant

Floats = NDArray[np.float64]
_SAME = 1e-12
"""Limits that differ by less, relatively, are the same but for rounding."""
_AT_ONCE = 256
"""Parts of the search that are looked at together."""


@dataclass(frozen=True)
class Choice(Record):
    """A subset of modalities and its upper limit."""

    modalities: tuple[str, ...]
    value: float


@dataclass(frozen=True)
class FoundSubset(Record):
    """The subset with the least upper limit, as far as a search has proved it.

    Attributes
    ----------
    id, variant, modalities, size, delta, delta_each
        As those of `Subsets`.
    best : Choice
        The best subset that was found.
    least : float
        No subset has a lower upper limit than this, but for rounding.
    asked : int
        How many losses were asked for.
    """

    json_keys: ClassVar[tuple[str, ...]] = (
        *("id", "variant", "modalities", "size", "delta", "delta_each", "best", "least", "gap"),
        *("proved", "asked", "status"),
    )

    id: str
    variant: str
    modalities: tuple[str, ...]
    size: int
    delta: float
    delta_each: float
    best: Choice
    least: float
    asked: int

    @property
    def gap(self) -> float:
        """By how much another subset's limit may be lower."""
        return self.best.value - self.least

    @property
    def proved(self) -> bool:
        """Whether no subset has a lower limit, but for rounding."""
        return self.gap <= _SAME * abs(self.best.value)

    @property
    def status(self) -> str:
        """The answer in one sentence."""
        said = "has the least upper limit" if self.proved else "has the least upper limit found"
        rest = (
            ""
            if self.proved
            else f"; no subset is better by more than {significant(self.gap, up=True)}"
        )
        return (
            f"Of {count(self.size)} subsets {'+'.join(self.best.modalities)} {said}, "
            f"{significant(self.best.value, up=True)}{rest}; with probability at least "
            f"{confidence(self.delta)} all limits hold. {count(self.asked)} losses were asked for."
        )


def _below(limit: float, value: float) -> bool:
    """Whether a limit, which is positive, is lower than another by more than rounding."""
    return limit < value * (1 - _SAME)


def rounded_complexity(added: Floats, combine: str, number: int) -> Floats:
    """A complexity from its parts, rounded up by more than their addition can be off."""
    return (np.sqrt(added) if combine == "norm" else added) * (1 + (number + 4) * 2.0**-52)


def limits(
    id: str, form: CompiledVariant, known: dict[str, Floats], share: float, values: dict[str, Any]
) -> Floats:
    """The limit of every subset; the other numbers are those that the variant uses."""
    arrays = dict(zip(used(id, form), (known["complexity"], known["loss"]), strict=True))
    found = evaluate(id, variant=form.name, delta=share, **arrays, **values)
    return np.asarray(found.value)


def used(id: str, form: CompiledVariant) -> list[str]:
    """The names of the complexity and the loss of a bound."""
    names = []
    for role in (Role.COMPLEXITY, Role.OBSERVED):
        own = [p.name for p in form.parameters if p.role is role and p.name not in form.defaults]
        if len(own) != 1:
            raise InputError(f"{id} ({form.name}) is no bound of one complexity and one loss")
        names += own
    return names


@dataclass
class Search:
    """Branch and bound: for the subsets between two, the loss of the larger one and the complexity
    of the smaller one give a limit that none of them is below.
    """

    id: str
    form: CompiledVariant
    names: tuple[str, ...]
    single: Floats
    combine: str
    losses: Callable[[tuple[str, ...]], Any]
    share: float
    values: dict[str, Any]
    asked: dict[int, float] = field(default_factory=dict)

    def run(self, delta: float, most: int) -> FoundSubset:
        """Take the most promising parts first, until none is left or too many losses were asked."""
        for name in used(self.id, self.form):
            if self.form.trends[name] is not Trend.NONDECREASING:
                raise InputError(f"{self.id} ({self.form.name}) need not grow with {name}")
        full, order = 2 ** len(self.names) - 1, np.argsort(-self.single).tolist()
        best, value = full, float(self.limits([full], [full])[0])
        parts = [(float(self.limits([0], [full])[0]), 0, 0, full)]
        while parts and _below(parts[0][0], value) and len(self.asked) < most:
            left = most - len(self.asked)  # a part asks for one loss or none
            now = [heappop(parts) for _ in range(min(_AT_ONCE, len(parts), left))]
            halves = []
            for _, depth, chosen, top in now:
                bit = 1 << order[depth]
                halves.append((depth + 1, chosen | bit, top))
                if top != bit:
                    halves.append((depth + 1, chosen, top & ~bit))
                    self.loss(top & ~bit, within=top)
            tops = [top for _, _, top in halves]
            reached = self.limits(tops, tops)
            at = int(np.argmin(reached))
            if reached[at] < value:
                best, value = tops[at], float(reached[at])
            for limit, half in zip(
                self.limits([c for _, c, _ in halves], tops).tolist(), halves, strict=True
            ):
                if _below(limit, value):  # never where nothing is left to decide
                    heappush(parts, (limit, *half))
        return FoundSubset(
            id=self.id,
            variant=self.form.name,
            modalities=self.names,
            size=full,
            delta=float(delta),
            delta_each=self.share,
            best=Choice(self.named(best), value),
            least=min([value, *(limit for limit, *_ in parts)]),
            asked=len(self.asked),
        )

    def named(self, mask: int) -> tuple[str, ...]:
        return tuple(name for i, name in enumerate(self.names) if mask >> i & 1)

    def loss(self, mask: int, *, within: int) -> float:
        """The loss of a subset, which may not be below that of a larger one."""
        if mask not in self.asked:
            found = checked(parameter("train_loss"), self.losses(self.named(mask)))
            self.asked[mask] = float(found)
        if self.asked[mask] < self.asked[within]:
            one, other = ("+".join(self.named(x)) for x in (mask, within))
            raise InputError(
                f"the loss of {shorten(one)} is below that of {shorten(other)}, which has more "
                "modalities: a search is for the least losses of nested classes"
            )
        return self.asked[mask]

    def limits(self, chosen: Sequence[int], tops: Sequence[int]) -> Floats:
        """The limits at the complexities of some subsets and the losses of others."""
        bits = np.array([[mask >> i & 1 for i in range(len(self.names))] for mask in chosen])
        known = {
            "complexity": rounded_complexity(bits @ self.single, self.combine, len(self.names)),
            "loss": np.array([self.loss(top, within=top) for top in tops]),
        }
        return limits(self.id, self.form, known, self.share, self.values)
