"""What a verification found: every check that was made, and what each kind of check came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """Kinds of checks."""

    CERTIFICATE = "certificates"
    VALUES = "values"
    FACTS = "facts"
    STATEMENT = "statements"
    EXPECTATION = "expectations"
    SIGNS = "signs"
    COVERAGE = "coverage"


@dataclass(frozen=True)
class Outcome:
    """One check.

    Attributes
    ----------
    id : str
        The catalogue entry.
    kind : Kind
    where : str
        The proof, the world or the parameters.
    ratio : float or None
        What was found, as a multiple of the most that is allowed; None where there is nothing to measure.
    problem : str
        What is wrong; empty where the check holds.
    """

    id: str
    kind: Kind
    where: str
    ratio: float | None = None
    problem: str = ""


@dataclass(frozen=True)
class Tally:
    """Checks of one kind, of one entry or of all.

    Attributes
    ----------
    id : str
        The entry; empty for all.
    kind : Kind
    count, failed : int
    worst : float or None
        The largest ratio.
    where : str
        Where it was found.
    """

    id: str
    kind: Kind
    count: int
    failed: int
    worst: float | None
    where: str


@dataclass(frozen=True)
class Verification:
    """Everything that was checked.

    Attributes
    ----------
    ids : tuple of str
        The entries that were asked for.
    outcomes : tuple of Outcome
    seconds : float
    steps, steps_done : int
        In how many steps it is done, and how many of them the budget allowed.
    """

    ids: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    seconds: float
    steps: int
    steps_done: int

    @property
    def complete(self) -> bool:
        """Whether no step was left out for lack of time."""
        return self.steps_done == self.steps

    @property
    def failures(self) -> tuple[Outcome, ...]:
        """The checks that do not hold."""
        return tuple(o for o in self.outcomes if o.problem)

    @property
    def holds(self) -> bool:
        """Whether everything that was checked holds."""
        return not self.failures

    @property
    def by_kind(self) -> tuple[Tally, ...]:
        """One tally a kind, over all entries."""
        found = ((kind, [o for o in self.outcomes if o.kind is kind]) for kind in Kind)
        return tuple(_tally("", kind, mine) for kind, mine in found if mine)

    @property
    def by_entry(self) -> tuple[Tally, ...]:
        """One tally an entry and kind, in the order of `ids`."""
        groups: dict[tuple[str, Kind], list[Outcome]] = {}
        for outcome in self.outcomes:
            groups.setdefault((outcome.id, outcome.kind), []).append(outcome)
        ordered = ((id, kind) for id in self.ids for kind in Kind if (id, kind) in groups)
        return tuple(_tally(id, kind, groups[id, kind]) for id, kind in ordered)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and lists, ready for JSON."""
        return {
            "holds": self.holds,
            "complete": self.complete,
            "seconds": round(self.seconds, 3),
            "checks": len(self.outcomes),
            "tallies": [
                {
                    "id": t.id,
                    "check": t.kind.value,
                    "count": t.count,
                    "failed": t.failed,
                    "worst_ratio": t.worst,
                    "where": t.where,
                }
                for t in self.by_entry
            ],
            "failures": [
                {"id": o.id, "check": o.kind.value, "where": o.where, "problem": o.problem}
                for o in self.failures
            ],
        }


def _tally(id: str, kind: Kind, outcomes: Sequence[Outcome]) -> Tally:
    measured = [(o.ratio, o.where) for o in outcomes if o.ratio is not None]
    worst, where = max(measured, key=lambda pair: pair[0], default=(None, ""))
    return Tally(id, kind, len(outcomes), sum(1 for o in outcomes if o.problem), worst, where)
