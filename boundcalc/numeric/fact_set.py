"""Facts that a user wrote, as facts that the kernel can check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from sympy import Expr, Rational, S

from boundcalc.conventions import Relation
from boundcalc.errors import InputError
from boundcalc.numeric.grammar import Linear, Name, Statement, parse_fact
from boundcalc.numeric.pool import Charge
from boundcalc.numeric.written import decimal_text
from boundcalc.symbolic.escape import escape_latex
from boundcalc.symbolic.facts import Event, Fact
from boundcalc.symbolic.lemmas.guards import at_most
from boundcalc.symbolic.quantities import Quantity, named

Resolve = Callable[[Name], Quantity]


@dataclass(frozen=True)
class FactSet:
    """Facts, what messages call them, and the quantities that they speak of.

    Attributes
    ----------
    facts : tuple of Fact
    labels : tuple of str
        The place and the text of each.
    places : tuple of str
    charges : tuple of Charge
        The distinct events that they rest on.
    """

    facts: tuple[Fact, ...]
    labels: tuple[str, ...]
    places: tuple[str, ...]
    charges: tuple[Charge, ...] = ()

    @property
    def failure(self) -> Fraction:
        """The cost of all events."""
        return sum((charge.cost for charge in self.charges), Fraction(0))

    def plus(self, other: FactSet) -> FactSet:
        """The facts of both; those of the other have no events."""
        return FactSet(
            self.facts + other.facts, self.labels + other.labels, self.places + other.places, self.charges
        )


def own_quantities() -> Resolve:
    """What names stand for in facts of the user's own: the first spelling of a name is the one shown."""
    known: dict[Name, Quantity] = {}

    def quantity(name: Name) -> Quantity:
        text = str(name)
        return known.setdefault(name, named("own", text, rf"\text{{{escape_latex(text)}}}", name))

    return quantity


def parse_lines(lines: Iterable[str], where: str, raw: str = "") -> tuple[Statement, ...]:
    """Parse facts, one a line; blank lines and lines that are comments are skipped.

    Parameters
    ----------
    lines : iterable of str
    where : str
        What messages call the text.
    raw : str
        The file that the lines are from: messages name its lines where they are found in it.
    """
    found: list[Statement] = []
    at = max(raw.find("facts"), 0)
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        start = raw.find(text, at) if raw else -1
        if start < 0:
            place, shift = f"{where}, {'fact' if raw else 'line'} {number}", len(line) - len(line.lstrip())
        else:
            place, shift = f"{where}, line {raw.count(chr(10), 0, start) + 1}", start - raw.rfind("\n", 0, start) - 1
            at = start + len(text)
        found += parse_fact(text, place, shift=shift, number=number)
    return tuple(found)


def expression(linear: Linear, quantity: Resolve) -> Expr:
    """A parsed expression as a symbolic one."""
    terms = [_rational(value) * quantity(name) for name, value in linear.coefficients.items()]
    return S.Zero + sum(terms, _rational(linear.constant))


def user_facts(statements: Sequence[Statement], quantity: Resolve) -> FactSet:
    """The facts behind parsed statements.

    Raises
    ------
    InputError
        If one event has two costs.
    """
    charges: dict[str | int, Charge] = {}
    facts = []
    for row, statement in enumerate(statements):
        left, right = (expression(side, quantity) for side in (statement.lhs, statement.rhs))
        if statement.relation == ">=":
            left, right = right, left
        facts.append(
            Fact(
                lemma=statement.source or statement.text,
                lhs=left,
                relation=Relation.EQUAL if statement.relation == "==" else Relation.AT_MOST,
                rhs=right,
                source="fact",
                event=_event(statement, row, charges) if statement.cost else None,
            )
        )
    return FactSet(
        facts=tuple(facts),
        labels=tuple(f"{s.place}: {s.text}" for s in statements),
        places=tuple(s.place for s in statements),
        charges=tuple(charges.values()),
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
    facts = []
    for risk in risks:
        facts.append(at_most("range of the loss", S.Zero, risk, "definition"))
        facts.append(at_most("range of the loss", risk, _rational(bound), "definition"))
    labels = tuple(f"loss_bound = {decimal_text(bound)}: {f.lhs} <= {f.rhs}" for f in facts)
    return FactSet(tuple(facts), labels, ("",) * len(facts))


def _rational(value: Fraction) -> Expr:
    return Rational(value.numerator, value.denominator)
