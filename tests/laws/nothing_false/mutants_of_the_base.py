"""Holes in the trusted base, opened by hand: the law has to find each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from objects import U
from sympy import Expr, exp

from boundcalc.symbolic import kernel
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas import classes, composition
from boundcalc.symbolic.quantities import Convention, FunctionClass, Quantity, convention


def containment_without_loss(patch: pytest.MonkeyPatch) -> None:
    """A class lies in another whatever their losses and outputs are."""

    def is_within(self: FunctionClass, other: FunctionClass) -> bool:
        return self == other or any(larger.is_within(other) for larger in self.within)

    patch.setattr(FunctionClass, "is_within", is_within)


def conventions_without_loss(patch: pytest.MonkeyPatch) -> None:
    """The complexity of a loss class is taken for that of the class."""

    def without(of: Quantity) -> Convention:
        return replace(convention(of), loss=None)

    for module in (composition, classes):
        patch.setattr(module, "convention", without)


def facts_without_what_is_inside(patch: pytest.MonkeyPatch) -> None:
    """What a fact was made from is forgotten: numbers of a sample, and values of parameters."""

    def tree(self: Fact) -> Iterator[Fact]:
        yield self

    patch.setattr(Fact, "tree", tree)
    patch.setattr(Fact, "settings", property(lambda self: self.sets))


def signs_by_name(patch: pytest.MonkeyPatch) -> None:
    """Whatever is called delta is e^−u, with the u that a user may have."""

    def below_one(expr: Expr) -> Expr:
        return expr.subs({s: exp(-U) for s in expr.free_symbols if s.name == "delta"})

    patch.setattr(kernel, "below_one", below_one)


def any_multiplier(patch: pytest.MonkeyPatch) -> None:
    """An inequality may be multiplied by anything."""
    patch.setattr(kernel, "provably_nonnegative", lambda expr: True)


def multipliers_of_quantities(patch: pytest.MonkeyPatch) -> None:
    """A multiplier may speak of a quantity: 1/(1 − y), where y is 1."""
    patch.setattr(kernel, "quantities_in", lambda expr: [])


MUTANTS: dict[Callable[[pytest.MonkeyPatch], None], int] = {
    containment_without_loss: 4,
    conventions_without_loss: 5,
    facts_without_what_is_inside: 6,
    signs_by_name: 0,
    any_multiplier: 0,
    multipliers_of_quantities: 9,
}
"""With a world in which each is found."""
