"""The numbers that a user gives, and theorems used as facts."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Expr, ceiling, expand_mul, factor_terms, sqrt

from boundcalc.conventions import Average, Relation
from boundcalc.errors import ConventionError
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas.guards import equal, require
from boundcalc.symbolic.parameters import ParameterSymbol
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Quantity,
    Sample,
    rademacher,
)


def given(quantity: Quantity, value: Expr, *, term: str) -> Fact:
    """Replace a quantity by the number that the user gives for it.

    A complexity may be over-estimated (``≤``); every other quantity is the number itself (``=``).
    A parameter measured on the sample cannot stand for an expected complexity, nor the reverse.
    The risk that may be given is a connection gap κ, of the best connection.
    """
    if quantity.measure == "rademacher":
        has = quantity.subjects[2]
        for symbol in value.free_symbols:
            wants = Average.EMPIRICAL if "empirical" in symbol.name else Average.EXPECTED
            if isinstance(symbol, ParameterSymbol) and "rademacher" in symbol.name and wants is not has:
                raise ConventionError(
                    f"{symbol.name} is {wants}, {quantity.name} is {has}: "
                    "pay bounded differences between them"
                )
    if quantity.measure == "risk":
        f = quantity.subjects[0]
        best = f.fixed and f.risk_minimiser_of is not None and f.member_of.loss.letter == "d"
        require(best, f"{quantity.name} is what a bound is about: it cannot be given")
    is_complexity = quantity.measure in {"rademacher", "gaussian"}
    relation = Relation.AT_MOST if is_complexity else Relation.EQUAL
    return Fact("given", quantity, relation, value, "input", term=term)


def intrinsic_complexity(over: FunctionClass, *, sample: Sample, value: Expr) -> Fact:
    """R_m(F) = √(c/m), assumed: c is the intrinsic complexity."""
    return Fact(
        "intrinsic complexity",
        rademacher(over, sample),
        Relation.EQUAL,
        sqrt(value / sample.size),
        "input",
        assumptions=(f"the complexity of {over.text} is exactly √(c/m)",),
    )


def instance(proof: Derivation, *, of: str, source: str, at: Mapping[Expr, Expr], term: str) -> Fact:
    """A theorem that always holds, used as a fact with some of its parameters fixed.

    The kernel checks the theorem's own derivation first.
    """
    proof.check()
    require(proof.failure == 0, f"{of} may fail: its event has to be paid for")
    return Fact(
        of,
        proof.claim,
        Relation.AT_MOST,
        expand_mul(proof.expression.subs(at)),
        source,
        assumptions=tuple(f"{name} = {value}" for name, value in at.items()),
        term=term,
    )


def least_size(quantity: Quantity, *, threshold: Expr, target: Expr, size: Expr) -> Fact:
    """The least whole `size` with threshold = A/√size ≤ target is ⌈(A/target)²⌉; A, target > 0."""
    numerator = factor_terms(expand_mul(threshold * sqrt(size)))
    require(size not in numerator.free_symbols, f"{threshold} is not of the form A/√{size}")
    return equal(
        "solution for the sample size",
        quantity,
        ceiling((numerator / target) ** 2),
        "boundcalc",
        "the threshold and its target are positive",
    )
