"""What every lemma constructor uses to check its side conditions and to build a fact."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Float, Rel, S, diff, expand_log, expand_mul, log

from boundcalc.conventions import Relation
from boundcalc.errors import SideConditionError
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.facts import Event, Fact
from boundcalc.symbolic.kernel import below_one, provably_nonnegative
from boundcalc.symbolic.parameter_symbol import ParameterSymbol
from boundcalc.symbolic.quantities import FunctionClass, Predictor, Quantity, Sample, quantities_in


def require(condition: bool, message: str) -> None:
    """Refuse with `message` unless the side condition holds."""
    if not condition:
        raise SideConditionError(message)


def require_possible(spare: Expr, message: str) -> Rel:
    """Refuse where ``spare >= 0`` is known to fail; between numbers it has to hold.

    The condition is for the fact, to be checked again where its parameters have values.
    """
    fails = not provably_nonnegative(spare) if spare.is_number else (-spare).is_positive
    require(not fails, message)
    return spare >= 0


def exact(value: object) -> Expr:
    """A number, or an expression, that holds no float: rounding would be taken for the number."""
    found = S(value)
    require(not found.has(Float), f"{value} is a float: write it exactly, such as Rational(1, 10)")
    return found


def nonnegative(factor: Expr) -> Expr:
    """A bound or a Lipschitz constant: provably ≥ 0."""
    require(provably_nonnegative(factor), f"{factor} is not known to be at least 0")
    return factor


def paid(cost: Expr) -> Expr:
    """The cost of an event: provably in (0, 1], and the same whatever the sample is."""
    fits = cost != 0 and provably_nonnegative(cost)
    # e^−u for δ: the sign of ln(1/δ) is seen
    fits = fits and provably_nonnegative(expand_log(log(below_one(1 / cost))))
    require(fits and not is_measured(cost), f"an event cannot cost {cost}")
    return cost


def is_parameter(expr: Expr, *kinds: str) -> bool:
    """Whether an expression is a parameter of one of these names, or called after one."""
    if not isinstance(expr, ParameterSymbol):
        return False
    return any(expr.name == kind or expr.name.startswith(f"{kind}_") for kind in kinds)


def given_number(value: Expr, name: str, what: str = "") -> Expr:
    """A number that a user gives: one that is ≥ 0, or the parameter that stands for it."""
    known = (is_parameter(value, name) or value.is_number) and provably_nonnegative(value)
    require(known, f"{value} is not {what or f'the parameter {name}, and not a number ≥ 0'}")
    return value


def require_in(thing: Predictor | FunctionClass, over: FunctionClass) -> None:
    """The predictor is declared to be a member of the class, or the class a part of it."""
    inside = thing.is_in(over) if isinstance(thing, Predictor) else thing.is_within(over)
    require(inside, f"{thing.text} is not declared to be in {over.text}")


def require_fixed(thing: Any, sample: Sample, kind: str = "sample") -> None:
    """The predictor or distribution is declared not to depend on the sample."""
    fixed = thing.is_fixed_for(sample)
    require(fixed, f"{thing.text} depends on the {kind} {sample.text}, or may do so")


def is_measured(expr: Expr) -> bool:
    """Whether an expression has a parameter that depends on the sample."""
    symbols = (s for s in expr.free_symbols if isinstance(s, ParameterSymbol))
    return any(s.parameter.measured for s in symbols)


def weights(expr: Expr) -> dict[Quantity, Expr]:
    """The coefficients of a linear sum of quantities; whatever is left over is a constant."""
    found = {quantity: diff(expr, quantity) for quantity in quantities_in(expr)}
    said = f"{expr} is not a linear sum"
    require(not any(quantities_in(weight) for weight in found.values()), said)
    return found


def constant_in(expr: Expr) -> Expr:
    """What a linear sum of quantities has besides them."""
    return expand_mul(expr - sum(weight * quantity for quantity, weight in weights(expr).items()))


def at_most(lemma: str, lhs: Expr, rhs: Expr, source: str, *assumes: str, **about: Any) -> Fact:
    """A fact ``lhs <= rhs``; `about` has what else a `Fact` may say, such as its event."""
    return Fact(lemma, lhs, Relation.AT_MOST, rhs, source, assumptions=assumes, **about)


def equal(lemma: str, lhs: Expr, rhs: Expr, source: str, *assumes: str, **about: Any) -> Fact:
    """A fact ``lhs = rhs``, likewise."""
    return Fact(lemma, lhs, Relation.EQUAL, rhs, source, assumptions=assumes, **about)


def from_proofs(
    lemma: str, lhs: Expr, rhs: Expr, source: str, *proofs: Derivation, **about: Any
) -> Fact:
    """A fact ``lhs <= rhs`` that rests on proofs: the kernel checks them, their events are paid."""
    for proof in proofs:
        Derivation.check(proof)
    return at_most(lemma, lhs, rhs, source, event=_all_events(proofs), proofs=proofs, **about)


def _all_events(proofs: tuple[Derivation, ...]) -> Event | None:
    """One event for all: it fails if any of them does."""
    events = tuple(dict.fromkeys(event for proof in proofs for event in proof.events))
    if len(events) < 2:
        return events[0] if events else None
    shared = {event.every_member for event in events}
    require(len(shared) == 1, "one event is paid for every member of a family, another for one")
    samples = tuple(dict.fromkeys(sample for event in events for sample in event.samples))
    cost = sum(event.cost for event in events)
    return Event(("all of", *events), samples, cost, every_member=shared.pop())
