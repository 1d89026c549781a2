"""Events of every member of a family at once, where each pays its share of δ."""

from __future__ import annotations

from sympy import Expr, expand_mul

from boundcalc.conventions import Relation
from boundcalc.errors import SideConditionError
from boundcalc.symbolic.facts import Event, Fact
from boundcalc.symbolic.lemmas.guards import is_parameter, paid, require


def for_every_member(fact: Fact, *, share: Expr, cost: Expr) -> Fact:
    """What holds of one member k except with w_k δ holds of all except with δ: Σ w_k ≤ 1.

    The member may then be chosen from the data, and so may all that belongs to it: in one
    derivation every event about the member, its class and its predictors is paid for in this way.
    The share w_k is the parameter `weight`, or 1/N for each of N `candidates`.

    Why: the probability of any of several events is at most the sum of theirs.

    Loses: what the events of similar members have in common.
    """
    equal = is_parameter(1 / share, "candidates")
    known = is_parameter(share, "weight") or equal
    require(known, f"{share} is not a weight, and not 1/candidates")
    if fact.event is None or fact.relation is not Relation.AT_MOST:
        raise SideConditionError(f"'{fact.lemma}' is no inequality that may fail")
    spent = expand_mul(fact.cost - share * cost) == 0
    require(spent, f"a member fails with {fact.cost}, not with its share {share * cost}")
    which = "N candidates" if equal else "candidates with weights whose sum is at most 1, both"
    return Fact(
        "union over a family",
        fact.lhs,
        Relation.AT_MOST,
        fact.rhs,
        "definition",
        # the event of a member says its cost: two ways to share δ are two events
        event=Event(("union over a family", fact.event), fact.event.samples, paid(cost), True),
        assumptions=(f"{which} fixed before the data",),
        term=fact.term,
        inside=(fact,),
        observed=fact.observed,
    )
