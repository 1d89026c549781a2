"""Facts: one (in)equality between quantities, with a price and a source."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from sympy import Expr, S, Symbol

from boundcalc.conventions import Relation
from boundcalc.symbolic.quantities import FunctionClass, Sample


@dataclass(frozen=True)
class Event:
    """A random event whose failure a derivation pays for; equal events are paid for once.

    `about` identifies what may fail, by the expressions and objects themselves and not by how they
    print; `cost` bounds the probability that it fails.
    """

    about: tuple[Hashable, ...]
    samples: tuple[Sample, ...]
    cost: Expr


@dataclass(frozen=True)
class Fact:
    """``lhs <= rhs`` or ``lhs = rhs``, true except on `event`.

    Attributes
    ----------
    lemma : str
        Name of the lemma that it is an instance of.
    lhs, rhs : sympy.Expr
        Linear in the quantities; coefficients and constants are expressions in the parameters.
    relation : Relation
    source : str
        Key of the work that the lemma is from.
    event : Event or None
        The event that may fail, with its cost; None for a fact that always holds.
    assumptions : tuple of str
        The side conditions that were checked or are assumed.
    term : str
        The name under which its parameter-only part appears in the bound.
    settles : Quantity, FunctionClass or Expr, or None
        What it defines, or takes from the user: one derivation settles a thing in one way.
    settled_as : Hashable
        What it takes that to be; where left out, the other side.
    inside : tuple of Fact
        The facts of a proof that stands inside this one.
    sets : frozenset of Symbol
        The parameters that have one value in it: beside it they must not be free.
    observed : bool
        Whether it holds a number of the sample at hand, so that it says nothing of other samples.
    """

    lemma: str
    lhs: Expr
    relation: Relation
    rhs: Expr
    source: str
    event: Event | None = None
    assumptions: tuple[str, ...] = ()
    term: str = "constant"
    settles: FunctionClass | Expr | None = None
    settled_as: Hashable = None
    inside: tuple[Fact, ...] = ()
    sets: frozenset[Symbol] = frozenset()
    observed: bool = False

    @property
    def cost(self) -> Expr:
        """The failure probability that the fact pays."""
        return self.event.cost if self.event else S.Zero
