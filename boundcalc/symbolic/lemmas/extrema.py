"""The largest and the smallest of several quantities, and of several bounds."""

from __future__ import annotations

from sympy import Expr

from boundcalc.conventions import Side
from boundcalc.symbolic.complexity_functions import Largest, Least
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas.guards import at_most, from_proofs, require
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
    limit = _one_of(Largest, proofs)
    fact = from_proofs("largest of the bounds", whole, limit, "definition", *proofs)
    return fact.called("largest part")


def smallest_of_bounds(proofs: Proofs) -> Fact:
    """x ≤ min(a, b, …), where the proofs have x ≤ a, x ≤ b, …: all their events are paid for.

    The kernel checks the proofs first. Which bound is the smallest may be seen in the data.

    Why: all hold together unless an event fails, and the cost of all of them is paid.

    Loses: what is paid for the bounds that turn out to be larger.
    """
    claims = {proof.claim for proof in proofs}
    require(len(claims) == 1, "the proofs are not all about one thing")
    limit = _one_of(Least, proofs)
    return from_proofs("smallest of the bounds", claims.pop(), limit, "definition", *proofs)


def _require_among(part: Quantity, among: tuple[Quantity, ...]) -> None:
    require(part in among, f"{part.name} is none of {', '.join(q.name for q in among)}")


def _one_of(function: type[Largest | Least], proofs: Proofs) -> Expr:
    limits = tuple(dict.fromkeys(proof.limit for proof in proofs))
    return limits[0] if len(limits) == 1 else function(*limits)
