"""Facts that a user wrote, as facts that the kernel can check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial

from sympy import Add, Expr, Rational, S

from boundcalc.conventions import Relation
from boundcalc.errors import InputError
from boundcalc.numeric.prove.fact_text import Linear, QuantityName, Statement, symbolic
from boundcalc.numeric.prove.pool import Charge, Entry, FactRow, number_of, rows_of
from boundcalc.symbolic.escape import escape_latex
from boundcalc.symbolic.facts import Event, Fact
from boundcalc.symbolic.lemmas.guards import at_most
from boundcalc.symbolic.quantities import Quantity, named
from boundcalc.text import decimal

Resolve = Callable[[QuantityName], Quantity]

FACTS_OF = "you"
"""Who asserts the facts that this module builds."""


def own_quantities() -> Resolve:
    """What names stand for in a user's facts: the first spelling of a name is the one shown."""
    known: dict[QuantityName, Quantity] = {}

    def quantity(name: QuantityName) -> Quantity:
        text = str(name)
        return known.setdefault(name, named("own", text, rf"\text{{{escape_latex(text)}}}", name))

    return quantity


def expression(linear: Linear, quantity: Resolve) -> Expr:
    """A parsed expression as a symbolic one."""
    terms = [Rational(value) * quantity(name) for name, value in linear.coefficients.items()]
    return Add(symbolic(linear.constant), *terms)


def user_facts(
    statements: Sequence[Statement],
    quantity: Resolve,
) -> tuple[list[FactRow], list[Charge]]:
    """The facts behind parsed statements, and the distinct events that they rest on.

    Raises
    ------
    InputError
        If one event has two costs.
    """
    charges: dict[str | int, Charge] = {}
    rows = []
    for i, statement in enumerate(statements):
        event = _event(statement, i, charges) if statement.cost else None
        below, above = _ends(statement)
        net = below.minus(above)
        bound = -net.constant
        bound = bound if isinstance(bound, Fraction) else number_of(bound, {})
        label = f"{statement.place.rpartition(', ')[2]}: {statement.text}"
        fact = partial(_fact, statement, event, quantity)
        rows.append(
            FactRow(
                {quantity(name): value for name, value in net.coefficients.items()},
                bound,
                statement.relation == "==",
                Entry(fact, partial(str, label), statement.place),
            )
        )
    return rows, list(charges.values())


def _ends(statement: Statement) -> tuple[Linear, Linear]:
    """The side that is at most the other, and the other."""
    lhs, rhs = statement.lhs, statement.rhs
    return (rhs, lhs) if statement.relation == ">=" else (lhs, rhs)


def _fact(statement: Statement, event: Event | None, quantity: Resolve) -> Fact:
    below, above = _ends(statement)
    return Fact(
        lemma=statement.source or statement.text,
        lhs=expression(below, quantity),
        relation=Relation.EQUAL if statement.relation == "==" else Relation.AT_MOST,
        rhs=expression(above, quantity),
        source="fact",
        event=event,
    )


def _event(statement: Statement, row: int, charges: dict[str | int, Charge]) -> Event:
    key = statement.event or statement.number
    name = statement.event or statement.text
    known = charges.get(key, Charge(name, statement.cost, frozenset()))
    if known.cost != statement.cost:
        here, before = (decimal(cost, up=True) for cost in (statement.cost, known.cost))
        problem = f"the event {name} costs {here} here and {before} before"
        raise InputError(f"{statement.place}: {problem}")
    charges[key] = replace(known, rows=known.rows | {row})
    return Event(("own", key), (), Rational(statement.cost))


def loss_ranges(risks: Iterable[Quantity], bound: Fraction) -> list[FactRow]:
    """0 ≤ risk ≤ C for each of the risks."""
    pairs = (pair for risk in risks for pair in ((S.Zero, risk), (risk, Rational(bound))))
    return rows_of(at_most("range of the loss", low, high, "definition") for low, high in pairs)
