"""Statements for every member of a family at once, where each pays its share of δ."""

from __future__ import annotations

from sympy import Expr, expand_mul

from boundcalc.conventions import Relation
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.facts import Event, Fact
from boundcalc.symbolic.lemmas.guards import is_called, paid, require


def for_every_member(proof: Derivation, *, share: Expr, cost: Expr) -> Fact:
    """What holds of one member k with probability 1 − w_k δ holds of all with 1 − δ: Σ w_k ≤ 1.

    The member may then be chosen from the data. The share w_k is the parameter `weight`, or 1/N for
    each of N `candidates`.
    """
    equal = is_called(1 / share, "candidates")
    known = is_called(share, "weight") or equal
    require(known, f"{share} is not a weight, and not 1/candidates")
    Derivation.check(proof)
    spent = expand_mul(proof.failure - share * cost) == 0
    require(spent, f"a member fails with {proof.failure}, not with its share {share * cost}")
    facts = tuple(step.fact for step in proof.steps)
    samples = tuple(dict.fromkeys(s for event in proof.events for s in event.samples))
    weights = "N candidates" if equal else "candidates with weights whose sum is at most 1, both"
    return Fact(
        "union over a family",
        proof.claim,
        Relation.AT_MOST,
        proof.expression,
        "definition",
        event=Event(("union over a family", proof.claim), samples, paid(cost)),
        assumptions=(f"{weights} fixed before the data",),
        inside=facts,
        observed=any(fact.observed for fact in facts),
    )
