"""Facts with numbers: those of a user for the kernel to check, and their text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache, partial

from sympy import Add, Expr, Rational, S

from boundcalc.conventions import Relation
from boundcalc.errors import InputError
from boundcalc.numeric.exact import rounded_up
from boundcalc.numeric.prove.fact_text import Linear, QuantityName, Statement, symbolic
from boundcalc.numeric.prove.pool import Charge, Entry, FactRow, fact_rows, number_of
from boundcalc.symbolic.escape import escape_latex
from boundcalc.symbolic.facts import Event, Fact
from boundcalc.symbolic.lemmas.guards import at_most
from boundcalc.symbolic.printing import plain
from boundcalc.symbolic.quantities import Quantity, coefficients, named
from boundcalc.text import decimal, tex_relation

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
    return fact_rows(at_most("range of the loss", low, high, "definition") for low, high in pairs)


# --- facts with numbers as text: decimals, rounded outwards where they are not short --------------


def fraction_of(expr: Expr) -> Fraction | None:
    """A rational number as a fraction; anything else is None."""
    return Fraction(int(expr.p), int(expr.q)) if expr.is_Rational else None


def constant_text(expr: Expr, *, up: bool = True) -> str:
    """The value of an expression without symbols, rounded up or down."""
    exact = fraction_of(expr)
    if exact is None:
        bound, exact = rounded_up(expr if up else -expr, {})
        exact = Fraction(bound if up else -bound)
    return decimal(exact, up=up)


@lru_cache(maxsize=4096)
def number_text(value: Expr) -> str:
    """A number, exactly: as a decimal if it is a short one, else as a formula."""
    exact = fraction_of(value)
    if exact is None:
        return plain(value)
    shown = decimal(exact, up=True)
    return shown if Fraction(Decimal(shown.replace("−", "-"))) == exact else plain(value)


def sum_texts(row: Mapping[Quantity, Expr], rest: Expr, *, up: bool = True) -> tuple[str, str]:
    """A linear expression, taken apart, as plain text and as LaTeX.

    What is added comes first, then what is subtracted, each by name, then the constant. The
    constant is rounded up or down as asked; coefficients are shown exactly.
    """
    constant = constant_text(rest, up=up) if rest != 0 or not row else ""
    numbers = {quantity: number_text(factor) for quantity, factor in row.items()}
    ordered = sorted(row, key=lambda quantity: (numbers[quantity].startswith("−"), quantity.name))

    def joined(name: Callable[[Quantity], str]) -> str:
        terms = [_term(numbers[quantity], name(quantity)) for quantity in ordered]
        text = "".join(terms) + (_term(constant, "") if constant else "")
        return text[3:] if text.startswith(" + ") else f"−{text[3:]}"

    tex = joined(lambda quantity: quantity.latex)
    return joined(lambda quantity: quantity.name), tex.replace("·", r"\,").replace("−", "-")


def _term(number: str, name: str) -> str:
    size = number.removeprefix("−")
    body = name if size == "1" and name else f"{size}·{name}" if name else size
    return f" − {body}" if number.startswith("−") else f" + {body}"


def fact_texts(fact: Fact) -> tuple[str, str]:
    """A fact as plain text and as LaTeX, each side rounded outward."""
    lhs, lhs_latex = sum_texts(*coefficients(fact.lhs), up=False)
    rhs, rhs_latex = sum_texts(*coefficients(fact.rhs))
    sign = fact.relation.sign
    return f"{lhs} {sign} {rhs}", f"{lhs_latex} {tex_relation(sign)} {rhs_latex}"
