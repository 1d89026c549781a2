"""The trusted kernel: it verifies certificates and knows no theorem and no lemma."""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Add, Dummy, Expr, Float, S, exp, expand_log, expand_mul, log

from boundcalc.conventions import Relation
from boundcalc.errors import CertificateError
from boundcalc.symbolic.analysis.intervals import enclose
from boundcalc.symbolic.facts import Event, Fact
from boundcalc.symbolic.quantities import quantities_in


def below_one(expr: Expr) -> Expr:
    """Put e^−u, u ≥ 0 a new symbol, for each parameter up to 1: so the sign of ln(2/δ) is seen.

    And 1 + v, v ≥ 0, for each from 1 on beside a logarithm: so that of ln(N/δ) is.
    """
    new = {}
    for s, domain in ((s, getattr(s, "parameter", None)) for s in expr.free_symbols):
        if domain and s.is_positive and domain.high <= 1:
            new[s] = exp(-Dummy("u", nonnegative=True, positive=domain.open_high or None))
        elif domain and domain.low >= 1 and expr.has(log):
            new[s] = 1 + Dummy("v", nonnegative=True)
    return expr.subs(new)


def provably_nonnegative(expr: Expr) -> bool:
    """Whether `expr` ≥ 0 follows from the signs of its symbols and interval arithmetic on numbers.

    δ enters as exp(−u), u > 0: with δ only positive the sign of ln(2/δ) is undecidable.
    """
    expr = expand_log(below_one(expr))
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
        inequality is not provably ≥ 0, if a multiplier speaks of a quantity (1/(1 − y) is no number
        where y = 1), if the distinct events cost more than `budget`, or if a
        number is a float: sums of floats are rounded.
    """
    _require_exact(claim, result, budget)
    parts, events = [result, -claim], set[Event]()
    for fact, multiplier in steps:
        _require_exact(fact.lhs, fact.rhs, fact.cost, multiplier)
        parts.append(-multiplier * (fact.rhs - fact.lhs))
        if fact.event:
            events.add(fact.event)
        held = quantities_in(S(multiplier))
        if held:
            raise CertificateError(f"the multiplier {multiplier} speaks of {held[0].name}")
        if fact.relation is not Relation.EQUAL and not provably_nonnegative(multiplier):
            raise CertificateError(
                f"the multiplier {multiplier} of '{fact.lemma}' is not provably ≥ 0"
            )
    residual = expand_mul(Add(*parts))
    if residual != 0:
        raise CertificateError(f"the facts do not add up to the result: {residual} is left over")
    spare = budget - sum((event.cost for event in events), S.Zero)
    if not all(
        provably_nonnegative(cost) for cost in (expand_mul(spare), *(e.cost for e in events))
    ):
        raise CertificateError(f"the events are not proved to cost between 0 and {budget}")


def _require_exact(*exprs: Expr) -> None:
    for expr in exprs:
        inexact = min(S(expr).atoms(Float), key=str, default=None)
        if inexact is not None:
            raise CertificateError(f"{inexact} in '{expr}' is a float, not an exact number")
