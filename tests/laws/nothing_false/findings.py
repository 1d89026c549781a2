"""What the law finds: a certified statement that is false, with the calls that it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from calls import Call, shown


@dataclass(frozen=True)
class Finding:
    """A certified statement that is false, or a constructor that breaks.

    Attributes
    ----------
    kind : str
    seed : int
        Of the world.
    calls : tuple of Call
    statement : str
    """

    kind: str
    seed: int
    calls: tuple[Call, ...]
    statement: str

    @property
    def signature(self) -> str:
        """The reason in short, so that findings of one kind are counted together."""
        if len(self.calls) == 1:
            return f"{self.kind}: {names_in(self.calls[0].trail)}"
        seen = sorted({key[0] for key in conflicts(self.calls)})
        seen += sorted({names_in(c.trail) for c in self.calls if c.visible})
        return f"{self.kind}: {', '.join(seen) or 'a sum of facts that are true'}"

    def __str__(self) -> str:
        lines = "".join(f"\n    {c.trail}\n        {_fact_text(c)}" for c in self.calls)
        return f"{self.signature} (world {self.seed}){lines}\n    certified: {self.statement}"


def names_in(trail: str) -> str:
    """The constructors in a call, without their arguments."""
    head = trail.split("(", 1)[0]
    inner = [
        n
        for n in ("instance", "in_expectation", "largest_of_bounds", "smallest_of_bounds")
        if n == head
    ]
    return f"{head}[{trail.split('[', 1)[1].split('(', 1)[0]}…]" if inner and "[" in trail else head


def _fact_text(call: Call) -> str:
    fact = call.fact
    event = f" unless an event of {fact.cost}" if fact.event else ""
    return f"{shown(fact.lhs)} {fact.relation.sign} {shown(fact.rhs)}{event}"


def conflicts(calls: Sequence[Call]) -> list[Any]:
    """Of what two calls were told different things."""
    known: dict[Any, Any] = {}
    return [
        key for c in calls for key, value in c.told.items() if known.setdefault(key, value) != value
    ]
