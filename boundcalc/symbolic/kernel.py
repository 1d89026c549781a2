"""The trusted kernel: it verifies certificates and knows no theorem and no lemma."""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Add, Expr, S, Symbol, exp, expand_log, expand_mul

from boundcalc.conventions import Relation
from boundcalc.errors import CertificateError
from boundcalc.symbolic.enclosure import enclose
from boundcalc.symbolic.facts import Event, Fact

_U = Symbol("u", positive=True)


def provably_nonnegative(expr: Expr) -> bool:
    """Whether `expr` ≥ 0 follows from the signs of its symbols and interval arithmetic on numbers.

    δ enters as exp(−u), u > 0: with δ only positive the sign of ln(2/δ) is undecidable.
    """
    expr = expand_log(expr.subs({s: exp(-_U) for s in expr.free_symbols if s.name == "delta"}))
    if not expr.free_symbols:
        try:
            return bool(enclose(expr).a >= 0)
        except (TypeError, ValueError, ZeroDivisionError):
            return False
    if expr.is_Symbol:
        return expr.is_nonnegative is True
    if expr.is_Add or expr.is_Mul:
        return all(provably_nonnegative(part) for part in expr.args)
    if expr.is_Pow:
        defined = expr.exp.is_nonnegative or (expr.exp.is_real and expr.base.is_positive)
        return bool(defined) and provably_nonnegative(expr.base)
    return expr.is_nonnegative is True


def verify(claim: Expr, result: Expr, steps: Iterable[tuple[Fact, Expr]], budget: Expr) -> None:
    """Verify that the facts prove ``claim <= result`` with failure probability at most `budget`.

    Raises
    ------
    CertificateError
        If result − claim − Σ c (rhs − lhs) is not identically 0, if the multiplier of an
        inequality is not provably ≥ 0, or if the distinct events cost more than `budget`.
    """
    parts, events = [result, -claim], set[Event]()
    for fact, multiplier in steps:
        parts.append(-multiplier * (fact.rhs - fact.lhs))
        if fact.event:
            events.add(fact.event)
        if fact.relation is not Relation.EQUAL and not provably_nonnegative(multiplier):
            raise CertificateError(f"the multiplier {multiplier} of '{fact.lemma}' is not provably ≥ 0")
    residual = expand_mul(Add(*parts))
    if residual != 0:
        raise CertificateError(f"the facts do not add up to the result: {residual} is left over")
    spare = budget - sum((event.cost for event in events), S.Zero)
    if not all(provably_nonnegative(cost) for cost in (expand_mul(spare), *(e.cost for e in events))):
        raise CertificateError(f"the events are not proved to cost between 0 and {budget}")
