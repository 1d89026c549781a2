"""Which of two bounds is better at one size: decided exactly where interval arithmetic can."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Dummy, Expr, Symbol

from boundcalc.conventions import Side
from boundcalc.errors import InputError
from boundcalc.numeric.crossing.contender import Contender, proved_sign
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.exact import UndecidedError, sign
from boundcalc.symbolic.parameter import Parameter
from boundcalc.text import confidence

_ALIKE = 1e-12


@dataclass(frozen=True)
class Contest:
    """Two bounds of the same kind.

    Raises
    ------
    InputError
        If one is an upper and the other a lower limit, or neither depends on the size.
    """

    first: Contender
    second: Contender

    def __post_init__(self) -> None:
        relations = [c.variant.relation for c in (self.first, self.second)]
        if relations[0] != relations[1]:
            kinds = {"≤": "an upper bound", "≥": "a lower limit", "=": "a value"}
            raise InputError(
                f"{self.first.name} is {kinds[relations[0]]} and {self.second.name} {kinds[relations[1]]}: "
                "neither is better than the other"
            )
        if not any(c.variant.expression.has(self.size.symbol) for c in (self.first, self.second)):
            raise InputError(f"neither {self.first.name} nor {self.second.name} depends on {self.size.name}")

    @property
    def size(self) -> Parameter:
        """The size that grows."""
        return self.first.size

    @property
    def labels(self) -> dict[str, str]:
        """What the two are called; the same variant on both sides is told apart by its place."""
        names = {"first": self.first.name, "second": self.second.name}
        if self.first.name == self.second.name:
            names = {side: f"the {side} {name}" for side, name in names.items()}
        return names | {"equal": "equal"}

    @property
    def lower(self) -> bool:
        """Whether the two are lower limits, of which the larger one is better."""
        return self.first.variant.side is Side.LOWER

    def sizes(self) -> tuple[int, int, bool]:
        """The least and the largest size that both allow, and whether sizes really end there.

        Raises
        ------
        InputError
            If they have none in common.
        """
        axes = [axis for axis in (self.first.axis(), self.second.axis()) if axis is not None]
        low, high = max(axis.first for axis in axes), min(axis.last for axis in axes)
        if low > high:
            raise InputError(
                f"no {self.size.name} is allowed by both {self.first.name} and {self.second.name}"
            )
        return low, high, any(axis.last == high and axis.reached[1] for axis in axes)

    def both(self, size: int) -> tuple[float, float]:
        """The two values."""
        return float(self.first.values(size)), float(self.second.values(size))

    def leads(self, sizes: Any) -> Any:
        """By how much the first is better at each size of an array; 0 where 12 digits agree."""
        (first, weight1), (second, weight2) = (c.weighed(sizes) for c in (self.first, self.second))
        lead = (first - second) if self.lower else (second - first)
        return np.where(np.abs(lead) <= _ALIKE * np.maximum(weight1, weight2), 0.0, lead)

    def states(self, sizes: list[int], *, exactly: bool) -> list[str]:
        """``first``, ``second`` or ``equal`` at each size; where 12 digits agree, `exactly` if it can."""
        leads = self.leads(np.array(sizes, dtype=float))
        names = {1: "first", -1: "second", 0: "equal"}
        return [
            self.state(k) if exactly and lead == 0 else names[int(np.sign(lead))]
            for k, lead in zip(sizes, leads, strict=True)
        ]

    def state(self, size: int) -> str:
        """``first``, ``second`` or ``equal`` at one size; exactly if it can."""
        if self.both(size) == (0, 0):  # or so small that both are 0 as floats
            return "equal"
        sides = (self.first, self.second)
        try:
            lead = proved_sign(*(c.enclosed(size=size) for c in sides))
        except TypeError:
            return self.states([size], exactly=False)[0]
        return self.winner(lead or self._exact_lead(size))

    def _exact_lead(self, size: int) -> int:
        """By how much the second exceeds the first where 30 digits agree: nothing, as a rule."""
        parts: list[Expr] = []
        known: dict[Symbol, Fraction] = {}
        for side in (self.first, self.second):
            own = {s: Dummy(s.name, positive=s.is_positive) for s in side.variant.expression.free_symbols}
            parts.append(side.variant.expression.xreplace(own))
            numbers = {**side.given, self.size.name: size}
            known |= {own[s]: exactly(numbers[s.name]) for s in own}
        try:
            return sign(parts[1] - parts[0], known)
        except UndecidedError:  # they agree to hundreds of digits
            return 0

    def winner(self, lead: float) -> str:
        """Who is better if the second value exceeds the first by `lead`."""
        if lead == 0:
            return "equal"
        return "first" if (lead > 0) is not self.lower else "second"

    def notes(self) -> tuple[str, ...]:
        """What differs between the two besides the value."""
        first, second = self.first, self.second
        notes = []
        if first.statement != second.statement:
            notes.append(
                f"They bound different things: the first {first.statement}, the second {second.statement}."
            )
        fails = first.failure(), second.failure()
        if fails[0] != fails[1]:
            notes.append(
                f"They hold with different probabilities: the first with {confidence(fails[0])}, "
                f"the second with {confidence(fails[1])}."
            )
        fixed = {n for c in (first, second) for n in c.given if n.startswith("rademacher")}
        if self.size.name == "m" and fixed:
            names = ", ".join(sorted(fixed))
            notes.append(f"Held fixed while m grows, though complexities usually shrink with m: {names}.")
        if self.size.name == "n" and any("errors" in c.given for c in (first, second)):
            notes.append("Held fixed while n grows: errors, so that the error rate errors/n shrinks.")
        return tuple(notes)
