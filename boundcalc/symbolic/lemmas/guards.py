"""What every lemma constructor uses to check its side conditions and to build a fact."""

from __future__ import annotations

from sympy import Expr

from boundcalc.conventions import Relation
from boundcalc.errors import SideConditionError
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.kernel import provably_nonnegative


def require(condition: bool, message: str) -> None:
    """Refuse with `message` unless the side condition holds."""
    if not condition:
        raise SideConditionError(message)


def paid(cost: Expr) -> Expr:
    """The cost of an event: an expression that is provably ≥ 0 and not 0."""
    require(cost != 0 and provably_nonnegative(cost), f"an event cannot cost {cost}")
    return cost


def at_most(lemma: str, lhs: Expr, rhs: Expr, source: str, *assumptions: str) -> Fact:
    """A fact ``lhs <= rhs`` that always holds."""
    return Fact(lemma, lhs, Relation.AT_MOST, rhs, source, assumptions=assumptions)


def equal(lemma: str, lhs: Expr, rhs: Expr, source: str, *assumptions: str) -> Fact:
    """A fact ``lhs = rhs``."""
    return Fact(lemma, lhs, Relation.EQUAL, rhs, source, assumptions=assumptions)
