"""What a verification found: every check that was made, and what each kind of check came to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from boundcalc.numeric.reference import TOLERANCE
from boundcalc.record import Record
from boundcalc.symbolic.derivation import Derivation


class Kind(StrEnum):
    """Kinds of checks."""

    CERTIFICATE = "certificates"
    VALUES = "values"
    FACTS = "facts"
    STATEMENT = "statements"
    EXPECTATION = "expectations"
    SIGNS = "signs"
    COVERAGE = "coverage"
    WORLDS = "worlds"


@dataclass(frozen=True)
class CheckOutcome(Record):
    """One check.

    Attributes
    ----------
    id : str
        The catalogue entry.
    kind : Kind
    where : str
        The proof, the world or the parameters.
    ratio : float or None
        What was found, as a multiple of the most that is allowed; None where nothing is measured.
    problem : str
        What is wrong; empty where the check holds.
    """

    json_keys = ("id", "check=kind", "where", "problem")
    id: str
    kind: Kind
    where: str
    ratio: float | None = None
    problem: str = ""


@dataclass(frozen=True)
class CheckStep:
    """A piece of work that makes some checks of one entry."""

    id: str
    kind: Kind
    where: str
    run: Callable[[], Iterable[CheckOutcome]]


@dataclass(frozen=True)
class Tally(Record):
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

    json_keys = ("id", "check=kind", "count", "failed", "worst_ratio=worst", "where")
    id: str
    kind: Kind
    count: int
    failed: int
    worst: float | None
    where: str


@dataclass(frozen=True)
class Spoken(Record):
    """How many micro-worlds speak of a theorem or a lemma.

    Attributes
    ----------
    kind : str
        ``theorem`` or ``lemma``.
    id : str
    worlds : int
        Of a theorem: of the variant that the fewest speak of.
    """

    json_keys = ("kind", "id", "worlds")
    kind: str
    id: str
    worlds: int


@dataclass(frozen=True)
class Verification(Record):
    """Everything that was checked.

    Attributes
    ----------
    ids : tuple of str
        The entries that were asked for.
    outcomes : tuple of Outcome
    seconds : float
    steps, steps_done : int
        In how many steps it is done, and how many of them the budget allowed.
    worlds : int
        How many micro-worlds there are for the theorems among the entries.
    spoken : tuple of Spoken
        How many of them speak of each theorem and lemma; empty where a budget cut it short.
    """

    json_keys = (
        *("holds", "complete", "seconds", "checks", "worlds"),
        *("spoken", "tallies=by_entry", "failures"),
    )
    ids: tuple[str, ...]
    outcomes: tuple[CheckOutcome, ...]
    seconds: float
    steps: int
    steps_done: int
    worlds: int
    spoken: tuple[Spoken, ...] = ()

    @property
    def silent(self) -> tuple[Spoken, ...]:
        """The theorems and lemmas that no world speaks of: they are not verified."""
        return tuple(row for row in self.spoken if not row.worlds)

    @property
    def checks(self) -> int:
        """How many checks were made."""
        return len(self.outcomes)

    @property
    def complete(self) -> bool:
        """Whether no step was left out for lack of time."""
        return self.steps_done == self.steps

    @property
    def failures(self) -> tuple[CheckOutcome, ...]:
        """The checks that do not hold."""
        return tuple(o for o in self.outcomes if o.problem)

    @property
    def holds(self) -> bool:
        """Whether everything that was checked holds."""
        return not self.failures

    @property
    def by_kind(self) -> tuple[Tally, ...]:
        """One tally a kind, over all entries."""
        found = ([o for o in self.outcomes if o.kind is kind] for kind in Kind)
        return tuple(_tally("", mine) for mine in found if mine)

    @property
    def by_entry(self) -> tuple[Tally, ...]:
        """One tally an entry and kind, in the order of `ids`."""
        groups: dict[tuple[str, Kind], list[CheckOutcome]] = {}
        for outcome in self.outcomes:
            groups.setdefault((outcome.id, outcome.kind), []).append(outcome)
        ordered = (groups.get((id, kind)) for id in self.ids for kind in Kind)
        return tuple(_tally(mine[0].id, mine) for mine in ordered if mine)


def _tally(id: str, outcomes: Sequence[CheckOutcome]) -> Tally:
    measured = [(o.ratio, o.where) for o in outcomes if o.ratio is not None]
    worst, where = max(measured, key=lambda pair: pair[0], default=(None, ""))
    failed = sum(1 for o in outcomes if o.problem)
    return Tally(id, outcomes[0].kind, len(outcomes), failed, worst, where)


def proof_outcome(id: str, where: str, proof: Derivation) -> CheckOutcome:
    """Let the kernel verify a proof; it raises where the proof does not hold."""
    proof.check()
    return CheckOutcome(id, Kind.CERTIFICATE, where)


def value_outcome(id: str, where: str, error: Decimal) -> CheckOutcome:
    """Compare a relative error with what floating point may do."""
    too_far = f"off by {error:.2g} of itself" if error > TOLERANCE else ""
    return CheckOutcome(id, Kind.VALUES, where, float(error / TOLERANCE), too_far)


ROUNDING = 1e-12


def bound_outcome(
    id: str, where: str, ratio: float, problem: str, *, equal: bool = False
) -> CheckOutcome:
    """Compare an enumerated complexity with a bound on it, as their ratio; or with its value."""
    wrong = abs(ratio - 1) > ROUNDING if equal else ratio > 1 + ROUNDING
    if wrong:
        return CheckOutcome(id, Kind.SIGNS, where, ratio, problem)
    return CheckOutcome(id, Kind.SIGNS, where, min(ratio, 1.0))
