"""What a plan says: records, computed in `boundcalc.numeric.planning.plan`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from boundcalc.conventions import Side


@dataclass(frozen=True)
class Outcome:
    """What a target costs, or why it is out of reach.

    Attributes
    ----------
    id, variant : str
        The bound.
    target : float
    cost : float or None
        None where the target is out of reach.
    counts : mapping of str to int
        All counts, fixed ones included; empty where the target is out of reach.
    achieved : float or None
        The value of the bound at these counts.
    reason : str
        Why the target is out of reach; else empty.
    assumes : tuple of str
    """

    id: str
    variant: str
    target: float
    cost: float | None
    counts: Mapping[str, int]
    achieved: float | None
    reason: str
    assumes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and lists, ready for JSON."""
        return {
            "id": self.id,
            "variant": self.variant,
            "target": self.target,
            "cost": self.cost,
            "counts": dict(self.counts),
            "achieved": self.achieved,
            "reason": self.reason,
            "assumes": list(self.assumes),
        }


@dataclass(frozen=True)
class Plan:
    """The cheapest counts at which a bound reaches a target.

    Attributes
    ----------
    id, variant : str
    status : str
        One sentence on what the bound says at the plan.
    side : Side
    target, achieved : float
        What was asked for, and the value of the bound at the plan, on the right side of the target.
    cost : float
    counts : mapping of str to int
        m, n and tasks, as far as the entry has them; those that were fixed included.
    prices, spending : mapping of str to float
        Price a unit, and what is spent, of each count that is bought.
    at_least, at_most : mapping of str to int
        The limits that were given.
    terms : mapping of str to float
        The named terms of the bound; they add up to `achieved`.
    binding : str
        The term that weighs most against the target.
    probability : float
    vacuous : bool
        Whether the bound, though it reaches the target, says nothing.
    parameters : mapping of str to float
        Every number that was used.
    one_percent : Outcome or None
        The plan for a target 1 % lower; None for a lower limit and for a target that is not positive.
    one_more_decimal : Outcome or None
        The plan for a tenth of the target; None as above.
    unimodal : Outcome or None
        The cheapest plan of the unimodal bound for the same target, where its parameters were given.
    assumes, notes : tuple of str
    """

    id: str
    variant: str
    status: str
    side: Side
    target: float
    achieved: float
    cost: float
    counts: Mapping[str, int]
    prices: Mapping[str, float]
    spending: Mapping[str, float]
    at_least: Mapping[str, int]
    at_most: Mapping[str, int]
    terms: Mapping[str, float]
    binding: str
    probability: float
    vacuous: bool
    parameters: Mapping[str, Any]
    one_percent: Outcome | None
    one_more_decimal: Outcome | None
    unimodal: Outcome | None
    assumes: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def m(self) -> int | None:
        """Unlabelled pairs (training examples outside Lu's setting); None where the entry has none."""
        return self.counts.get("m")

    @property
    def n(self) -> int | None:
        """Labelled examples of a task (held-out examples outside Lu's setting); None as above."""
        return self.counts.get("n")

    @property
    def tasks(self) -> int | None:
        """Tasks; None where the entry has none."""
        return self.counts.get("tasks")

    @property
    def marginal_price(self) -> float | None:
        """Money for each unit by which the target is lowered, estimated from the last 1 %."""
        if self.one_percent is None or self.one_percent.cost is None:
            return None
        return (self.one_percent.cost - self.cost) / (self.target - self.one_percent.target)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and lists, ready for JSON."""
        again = {
            name: None if outcome is None else outcome.to_dict()
            for name, outcome in (
                ("one_percent", self.one_percent),
                ("one_more_decimal", self.one_more_decimal),
                ("unimodal", self.unimodal),
            )
        }
        return {
            "id": self.id,
            "variant": self.variant,
            "target": self.target,
            "cost": self.cost,
            "counts": dict(self.counts),
            "prices": dict(self.prices),
            "spending": dict(self.spending),
            "at_least": dict(self.at_least),
            "at_most": dict(self.at_most),
            "achieved": self.achieved,
            "status": self.status,
            "terms": dict(self.terms),
            "binding": self.binding,
            "probability": self.probability,
            "vacuous": self.vacuous,
            "parameters": {name: float(value) for name, value in self.parameters.items()},
            "marginal_price": self.marginal_price,
            **again,
            "assumes": list(self.assumes),
            "notes": list(self.notes),
        }
