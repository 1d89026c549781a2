"""What is read from the text of facts: names of quantities, linear expressions, statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction


@dataclass(frozen=True)
class Name:
    """What identifies a quantity: ``risk(a+b)`` and ``risk(b + a)`` are the same one."""

    head: str
    arguments: tuple[frozenset[str], ...] = ()
    written: str = field(default="", compare=False)

    def __str__(self) -> str:
        return self.written or self.head


@dataclass(frozen=True)
class Linear:
    """A linear expression: coefficients of quantities, in the order written, and a constant."""

    coefficients: Mapping[Name, Fraction] = field(default_factory=dict)
    constant: Fraction = Fraction(0)

    def plus(self, other: Linear, times: Fraction = Fraction(1)) -> Linear:
        """This expression plus a multiple of another."""
        found = dict(self.coefficients)
        for name, value in other.coefficients.items():
            found[name] = found.get(name, Fraction(0)) + times * value
        kept = {name: value for name, value in found.items() if value}
        return Linear(kept, self.constant + times * other.constant)


@dataclass(frozen=True)
class Statement:
    """One fact as it was written.

    Attributes
    ----------
    lhs, rhs : Linear
    relation : {"<=", ">=", "=="}
    cost : Fraction
        Its failure probability; 0 for a fact that always holds.
    event : str
        Facts with the same event hold together and are paid for once; empty for the event of the line.
    source : str
        The comment at its end.
    text, place : str
        As written, and where.
    number : int
        Which line of the facts it is from: the statements of a chain share it, and with it their event.
    """

    lhs: Linear
    relation: str
    rhs: Linear
    cost: Fraction
    event: str
    source: str
    text: str
    place: str
    number: int = 0
