"""Facts that a user wrote, as facts that the kernel can check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from sympy import Add, Expr, Rational, S

from boundcalc.conventions import Relation
from boundcalc.errors import InputError
from boundcalc.numeric.proving.grammar import parse_fact
from boundcalc.numeric.proving.pool import Charge, Line, lines_of
from boundcalc.numeric.proving.statements import Linear, Name, Statement
from boundcalc.numeric.proving.written import decimal_text
from boundcalc.symbolic.escape import escape_latex
from boundcalc.symbolic.facts import Event, Fact
from boundcalc.symbolic.lemmas.guards import at_most
from boundcalc.symbolic.quantities import Quantity, named

Resolve = Callable[[Name], Quantity]

FACTS_OF = "you"
"""Who asserts the facts that this module builds."""


@dataclass(frozen=True)
class FactSet:
    """Facts, where they were written, and the events that they rest on.

    Attributes
    ----------
    lines : tuple of Line
    places : tuple of str
    charges : tuple of Charge
        The distinct events that they rest on.
    """

    lines: tuple[Line, ...]
    places: tuple[str, ...]
    charges: tuple[Charge, ...] = ()

    @property
    def failure(self) -> Fraction:
        """The cost of all events."""
        return sum((charge.cost for charge in self.charges), Fraction(0))

    def plus(self, other: FactSet) -> FactSet:
        """The facts of both; those of the other have no events."""
        return FactSet(self.lines + other.lines, self.places + other.places, self.charges)


def own_quantities() -> Resolve:
    """What names stand for in facts of the user's own: the first spelling of a name is the one shown."""
    known: dict[Name, Quantity] = {}

    def quantity(name: Name) -> Quantity:
        text = str(name)
        return known.setdefault(name, named("own", text, rf"\text{{{escape_latex(text)}}}", name))

    return quantity


def parse_lines(
    lines: Iterable[str], where: str, places: Sequence[tuple[str, int]] = ()
) -> tuple[Statement, ...]:
    """Parse facts, one a line; blank lines and lines that are comments are skipped.

    Parameters
    ----------
    lines : iterable of str
    where : str
        What messages call the text.
    places : sequence of (str, int), optional
        What messages call each line, and how many characters are before its text there.
    """
    found: list[Statement] = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        indent = len(line) - len(line.lstrip())
        place, shift = places[number - 1] if places else (f"{where}, line {number}", indent)
        found += parse_fact(text, place, shift=shift, number=number)
    return tuple(found)


def expression(linear: Linear, quantity: Resolve) -> Expr:
    """A parsed expression as a symbolic one."""
    terms = [_rational(value) * quantity(name) for name, value in linear.coefficients.items()]
    return Add(_rational(linear.constant), *terms)


def user_facts(statements: Sequence[Statement], quantity: Resolve) -> FactSet:
    """The facts behind parsed statements.

    Raises
    ------
    InputError
        If one event has two costs.
    """
    charges: dict[str | int, Charge] = {}
    lines = []
    for row, statement in enumerate(statements):
        event = _event(statement, row, charges) if statement.cost else None
        net = _below(statement).plus(_above(statement), Fraction(-1))
        lines.append(
            Line(
                coefficients={quantity(name): value for name, value in net.coefficients.items()},
                bound=-net.constant,
                equal=statement.relation == "==",
                fact=partial(_fact, statement, event, quantity),
                label=f"{statement.place.rpartition(', ')[2]}: {statement.text}",
            )
        )
    return FactSet(tuple(lines), tuple(s.place for s in statements), tuple(charges.values()))


def _below(statement: Statement) -> Linear:
    return statement.rhs if statement.relation == ">=" else statement.lhs


def _above(statement: Statement) -> Linear:
    return statement.lhs if statement.relation == ">=" else statement.rhs


def _fact(statement: Statement, event: Event | None, quantity: Resolve) -> Fact:
    return Fact(
        lemma=statement.source or statement.text,
        lhs=expression(_below(statement), quantity),
        relation=Relation.EQUAL if statement.relation == "==" else Relation.AT_MOST,
        rhs=expression(_above(statement), quantity),
        source="fact",
        event=event,
    )


def _event(statement: Statement, row: int, charges: dict[str | int, Charge]) -> Event:
    key = statement.event or statement.number
    name = statement.event or statement.text
    known = charges.get(key, Charge(name, statement.cost, frozenset()))
    if known.cost != statement.cost:
        raise InputError(
            f"{statement.place}: the event {name} costs {decimal_text(statement.cost)} here and "
            f"{decimal_text(known.cost)} before"
        )
    charges[key] = replace(known, rows=known.rows | {row})
    return Event(("own", key), (), _rational(statement.cost))


def loss_ranges(risks: Iterable[Quantity], bound: Fraction) -> FactSet:
    """0 ≤ risk ≤ C for each of the risks."""
    name, width = "range of the loss", _rational(bound)
    pairs = (pair for risk in risks for pair in ((S.Zero, risk), (risk, width)))
    facts = [at_most(name, low, high, "definition") for low, high in pairs]
    return FactSet(lines_of(facts), ("",) * len(facts))


def _rational(value: Fraction) -> Expr:
    return Rational(value.numerator, value.denominator)
