"""One of two bounds that are compared as a sample grows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from mpmath import iv, mp
from sympy import Expr, S, ceiling

from boundcalc.errors import InputError, UnknownNameError
from boundcalc.numeric.compiled import value_of
from boundcalc.numeric.domains import exactly, named_values
from boundcalc.numeric.evaluate import choose, evaluate
from boundcalc.numeric.solving.axis import Axis
from boundcalc.numeric.solving.feasible import feasible
from boundcalc.symbolic.analysis.intervals import enclose, working_digits
from boundcalc.symbolic.analysis.root_form import RootForm, root_form
from boundcalc.symbolic.catalogue import theorem
from boundcalc.symbolic.functions import BinomialLower, BinomialUpper
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.theorem import Variant

DIGITS = 50
_FEW = 200
"""Up to this many examples a binomial limit is enclosed: the exact tail is a sum of so many terms."""
_NARROW = 1e-30
"""An enclosure of two values that agree is at most this wide, relative to them."""


@dataclass(frozen=True)
class Contender:
    """A variant with all numbers but the size.

    Attributes
    ----------
    id : str
    variant : Variant
    size : Parameter
        The size that grows; the bound need not depend on it.
    given : mapping of str to float
    """

    id: str
    variant: Variant
    size: Parameter
    given: Mapping[str, Any]

    @property
    def name(self) -> str:
        """For example ``huang2021.theorem1 (sharp)``."""
        return f"{self.id} ({self.variant.name})"

    @property
    def statement(self) -> str:
        """What it bounds."""
        return self.variant.statement or theorem(self.id).statement

    @property
    def uses_size(self) -> bool:
        """Whether the size is one of its parameters."""
        return self.size.name in {p.name for p in self.variant.parameters}

    def axis(self) -> Axis | None:
        """The sizes that the other numbers allow; None if the size is not one of its parameters."""
        return feasible(self.variant, self.size, self.given) if self.uses_size else None

    def values(self, sizes: Any) -> Any:
        """The bound at one size or an array of sizes."""
        return self.weighed(sizes)[0]

    def weighed(self, sizes: Any) -> tuple[Any, Any]:
        """The bound, and the sum of the sizes of its terms, of which it is known to some 12 digits."""
        own = {self.size.name: sizes} if self.uses_size else {}
        result = evaluate(self.id, variant=self.variant.name, **self.given, **own)
        weight = sum(np.abs(term) for term in result.terms.values())
        if np.ndim(sizes):
            return np.broadcast_to(result.value, np.shape(sizes)), np.broadcast_to(weight, np.shape(sizes))
        return float(result.value), float(weight)

    def failure(self) -> float:
        """The probability with which it may fail."""
        own = {self.size.name: max(2, self._smallest())} if self.uses_size else {}
        numbers = evaluate(self.id, variant=self.variant.name, **self.given, **own).parameters
        return float(value_of(self.variant.derivation.failure, numbers))

    def _smallest(self) -> int:
        axis = self.axis()
        return axis.first if axis else 1

    @property
    def form(self) -> RootForm | None:
        """A + B/√size, where it has that form."""
        if not self.variant.expression.has(self.size.symbol):
            return RootForm(self.variant.expression, S.Zero)
        return root_form(self.variant.expression, self.size.symbol)

    def enclosed(self, expression: Expr | None = None, size: int | None = None) -> Any:
        """An interval around the exact value of the bound, or of an expression in its parameters.

        Raises
        ------
        TypeError
            Where none can be proved, or would take too long.
        """
        expression = self.variant.expression if expression is None else expression
        examples = max(size or 0, self.given.get("n", 0))
        if expression.has(ceiling) or (expression.has(BinomialUpper, BinomialLower) and examples > _FEW):
            raise TypeError("no enclosure")
        values = {symbol(k): exactly(v) for k, v in self.given.items()}
        with working_digits(DIGITS):
            box = {s: iv.mpf(f.numerator) / f.denominator for s, f in values.items()}
            try:
                return enclose(expression, box if size is None else box | {self.size.symbol: iv.mpf(size)})
            except ValueError:  # an argument of a logarithm or a root that is not proved to be positive
                raise TypeError("no enclosure") from None


def proved_sign(first: Any, second: Any) -> int:
    """The sign of second − first, given enclosures of both; 0 if they agree to 30 digits.

    Raises
    ------
    TypeError
        Where the enclosures are too wide to tell.
    """
    lead = second - first
    if lead.a > 0 or lead.b < 0:
        return 1 if lead.a > 0 else -1
    largest = max(abs(mp.mpf(end)) for value in (first, second) for end in (value.a, value.b))
    if mp.mpf(lead.delta) > _NARROW * largest:
        raise TypeError("the enclosure is too wide")
    return 0


def contender(
    place: str, size: Parameter, shared: Mapping[str, Any], own: Mapping[str, Any], side: str
) -> Contender:
    """Check one side of a comparison.

    Parameters
    ----------
    place : str
        ``ID`` or ``ID:VARIANT``.
    size : Parameter
    shared, own : mapping of str to number
        Values for both sides, of which those that this one knows are used, and values for this side.
    side : str
        What a message calls it: ``first`` or ``second``.

    Raises
    ------
    UnknownNameError, DomainError, InputError
        For what cannot be used or is missing.
    """
    id, _, variant = place.partition(":")
    entry = theorem(id)
    known = {p.name for p in (entry.variant(variant) if variant else entry).parameters}
    mine = named_values(own)
    for name in mine:
        if name not in known:
            raise UnknownNameError(f"parameter of the {side} bound, {place},", name, known)
    given = {k: v for k, v in named_values(shared).items() if k in known} | mine
    if size.name in given:
        raise InputError(f"{size.name} is the size that grows and is given as well; leave it out")
    for name, value in given.items():
        if np.ndim(value):
            raise InputError(f"crossover takes single numbers, not an array for {name}")
    names = {*given, size.name} if size.name in known else set(given)
    chosen = choose(entry, variant or None, names)
    used = {p.name for p in chosen.parameters}
    missing = sorted(used - set(chosen.defaults) - names)
    if missing:
        raise InputError(f"the {side} bound, {id} ({chosen.name}), needs {', '.join(missing)}")
    numbers = {n: given[n] if n in given else chosen.defaults[n] for n in used if n != size.name}
    order = [p for p in chosen.parameters if p.name in numbers]
    return Contender(
        id, chosen, size, {p.name: int(numbers[p.name]) if p.integer else numbers[p.name] for p in order}
    )
