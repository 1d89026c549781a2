"""Steps of a verification, and the checks that theorems, classes and rules share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from boundcalc.numeric.reference import TOLERANCE
from boundcalc.symbolic.derivation import Derivation
from boundcalc.worlds.verified import Kind, Outcome


@dataclass(frozen=True)
class Step:
    """A piece of work that makes some checks of one entry."""

    id: str
    kind: Kind
    where: str
    run: Callable[[], Iterable[Outcome]]


def check_proof(id: str, where: str, proof: Derivation) -> Iterator[Outcome]:
    """Let the kernel verify a proof; it raises where the proof does not hold."""
    proof.check()
    yield Outcome(id, Kind.CERTIFICATE, where)


def check_value(id: str, where: str, error: Decimal) -> Outcome:
    """Compare a relative error with what floating point may do."""
    too_far = f"off by {error:.2g} of itself" if error > TOLERANCE else ""
    return Outcome(id, Kind.VALUES, where, float(error / TOLERANCE), too_far)
