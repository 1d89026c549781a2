"""The largest and the smallest of several quantities, and of several bounds."""

from __future__ import annotations

from sympy import Expr

from boundcalc.conventions import Side
from boundcalc.symbolic.complexity_functions import Largest, Least
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.facts import Event, Fact
from boundcalc.symbolic.lemmas.guards import at_most, require
from boundcalc.symbolic.quantities import Quantity, largest, smallest

Proofs = tuple[Derivation, ...]


def largest_is_above(part: Quantity, *, among: tuple[Quantity, ...]) -> Fact:
    """x ≤ max(x, y, …).

    Why: it is one of them.

    Loses: how far it is below the largest.
    """
    _require_among(part, among)
    return at_most("largest of quantities", part, largest(*among), "definition")


def smallest_is_below(part: Quantity, *, among: tuple[Quantity, ...]) -> Fact:
    """min(x, y, …) ≤ x.

    Why: it is one of them.

    Loses: how far it is above the smallest.
    """
    _require_among(part, among)
    return at_most("smallest of quantities", smallest(*among), part, "definition")


def largest_of_bounds(proofs: Proofs) -> Fact:
    """max(x, y, …) ≤ max(a, b, …), where the proofs have x ≤ a, y ≤ b, ….

    The kernel checks the proofs first. Where they may fail, all their events are paid for.

    Why: the largest is one of them, and its bound is at most the largest bound.

    Loses: nothing where the largest quantity has the largest bound.
    """
    for proof in proofs:
        upper = proof.side is Side.UPPER and isinstance(proof.claim, Quantity)
        require(upper, f"{proof.claim} is not a quantity with an upper bound")
    whole = largest(*(proof.claim for proof in proofs))
    fact = _from_all("largest of the bounds", whole, _one_of(Largest, proofs), proofs)
    return fact.called("largest part")


def smallest_of_bounds(proofs: Proofs) -> Fact:
    """x ≤ min(a, b, …), where the proofs have x ≤ a, x ≤ b, …: all their events are paid for.

    The kernel checks the proofs first. Which bound is the smallest may be seen in the data.

    Why: all hold together unless an event fails, and the cost of all of them is paid.

    Loses: what is paid for the bounds that turn out to be larger.
    """
    claims = {proof.claim for proof in proofs}
    require(len(claims) == 1, "the proofs are not all about one thing")
    return _from_all("smallest of the bounds", claims.pop(), _one_of(Least, proofs), proofs)


def _require_among(part: Quantity, among: tuple[Quantity, ...]) -> None:
    require(part in among, f"{part.name} is none of {', '.join(q.name for q in among)}")


def _one_of(function: type[Largest | Least], proofs: Proofs) -> Expr:
    for proof in proofs:
        Derivation.check(proof)
    limits = tuple(dict.fromkeys(proof.limit for proof in proofs))
    return limits[0] if len(limits) == 1 else function(*limits)


def _from_all(lemma: str, lhs: Expr, rhs: Expr, proofs: Proofs) -> Fact:
    return at_most(
        lemma,
        lhs,
        rhs,
        "definition",
        event=_all_events(proofs),
        proofs=proofs,
        observed=any(step.fact.observed for proof in proofs for step in proof.steps),
    )


def _all_events(proofs: Proofs) -> Event | None:
    """One event for all: it fails if any of them does."""
    events = tuple(dict.fromkeys(event for proof in proofs for event in proof.events))
    if len(events) < 2:
        return events[0] if events else None
    shared = {event.every_member for event in events}
    require(len(shared) == 1, "one event is paid for every member of a family, another for one")
    samples = tuple(dict.fromkeys(sample for event in events for sample in event.samples))
    cost = sum(event.cost for event in events)
    return Event(("all of", *events), samples, cost, every_member=shared.pop())
