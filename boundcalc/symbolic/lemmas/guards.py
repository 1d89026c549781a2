"""What every lemma constructor uses to check its side conditions and to build a fact."""

from __future__ import annotations

from sympy import Expr, Float, Rel, S, diff, expand_log, expand_mul, log

from boundcalc.conventions import Relation
from boundcalc.errors import SideConditionError
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.kernel import below_one, provably_nonnegative
from boundcalc.symbolic.parameter_symbol import ParameterSymbol
from boundcalc.symbolic.quantities import Quantity, quantities_in


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
    fits = cost != 0 and provably_nonnegative(cost) and provably_nonnegative(_logarithm(1 / cost))
    require(fits and not is_measured(cost), f"an event cannot cost {cost}")
    return cost


def _logarithm(expr: Expr) -> Expr:
    """ln of an expression: the sign of ln(1/δ) is seen."""
    return expand_log(log(below_one(expr)))


def is_parameter(expr: Expr, *kinds: str) -> bool:
    """Whether an expression is a parameter of one of these names, or one that is called
    after it.
    """
    if not isinstance(expr, ParameterSymbol):
        return False
    return any(expr.name == kind or expr.name.startswith(f"{kind}_") for kind in kinds)


def is_measured(expr: Expr) -> bool:
    """Whether an expression has a parameter that depends on the sample."""
    symbols = (s for s in expr.free_symbols if isinstance(s, ParameterSymbol))
    return any(s.parameter.measured for s in symbols)


def weights(expr: Expr) -> dict[Quantity, Expr]:
    """The coefficients of a linear sum of quantities; whatever is left over is a constant."""
    found = {quantity: diff(expr, quantity) for quantity in quantities_in(expr)}
    require(
        not any(quantities_in(weight) for weight in found.values()), f"{expr} is not a linear sum"
    )
    return found


def constant_in(expr: Expr) -> Expr:
    """What a linear sum of quantities has besides them."""
    return expand_mul(expr - sum(weight * quantity for quantity, weight in weights(expr).items()))


def at_most(lemma: str, lhs: Expr, rhs: Expr, source: str, *assumptions: str) -> Fact:
    """A fact ``lhs <= rhs`` that always holds."""
    return Fact(lemma, lhs, Relation.AT_MOST, rhs, source, assumptions=assumptions)


def equal(lemma: str, lhs: Expr, rhs: Expr, source: str, *assumptions: str) -> Fact:
    """A fact ``lhs = rhs``."""
    return Fact(lemma, lhs, Relation.EQUAL, rhs, source, assumptions=assumptions)
