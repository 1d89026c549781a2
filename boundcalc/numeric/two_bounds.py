"""Two bounds that are compared as a sample grows: which is better at a size, exactly where it can
be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from boundcalc.errors import InputError, refuse_unknown
from boundcalc.numeric.bound import Bound, bind, refuse_arrays
from boundcalc.numeric.compiled import compiled
from boundcalc.numeric.domains import check_settled, named_values
from boundcalc.numeric.tapes import Tape
from boundcalc.record import Record
from boundcalc.symbolic.parameter import Parameter, Role
from boundcalc.symbolic.parameters import parameter
from boundcalc.symbolic.precision import Box
from boundcalc.text import confidence

if TYPE_CHECKING:
    from sympy import Expr

    from boundcalc.numeric.compiled import CompiledTheorem, CompiledVariant
    from boundcalc.symbolic.quantities import Loss

_ALIKE = 1e-12
_FEW = 200
"""Up to this many examples a binomial limit is enclosed: the exact tail is a sum of so many terms.
"""
_NARROW = Fraction(1, 10**30)
"""An enclosure of two values that agree is at most this wide, relative to them."""

_KINDS = {"≤": "an upper bound", "≥": "a lower limit", "=": "a value"}


def check_kind(names: Sequence[str], relations: Sequence[str]) -> None:
    """Refuse to compare an upper bound with a lower limit, or either with a value.

    Raises
    ------
    InputError
    """
    if relations[0] != relations[1]:
        (first, second), kinds = names, [_KINDS[relation] for relation in relations]
        said = f"{first} is {kinds[0]} and {second} {kinds[1]}"
        raise InputError(f"{said}: neither is better than the other")


def unlike(statements: Sequence[str]) -> str:
    """What is said first of two bounds on different things; empty where they are on one."""
    if statements[0] == statements[1]:
        return ""
    return (
        f"They bound different things: the first {statements[0]}, the second {statements[1]}. "
        f"Which number is smaller says nothing of which bound is better."
    )


def loss_in(claim: Expr) -> Loss | None:
    """The loss that a claim speaks of, by the class of its predictors; None for another claim."""
    from boundcalc.symbolic.posteriors import Posterior
    from boundcalc.symbolic.quantities import FunctionClass, Predictor, quantities_in

    for subject in (s for quantity in quantities_in(claim) for s in quantity.subjects):
        if isinstance(subject, Predictor):
            return subject.member_of.loss
        if isinstance(subject, Posterior):
            return subject.over.loss
        if isinstance(subject, FunctionClass):
            return subject.loss
    return None


@dataclass(frozen=True)
class OneSide(Record):
    """One of the two bounds, with all numbers but the size.

    Attributes
    ----------
    bound : Bound
    size : Parameter
        The size that grows; the bound need not depend on it.
    """

    json_keys: ClassVar[tuple[str, ...]] = (
        *("id=bound.id", "variant=bound.variant.name", "parameters=bound.numbers"),
    )

    bound: Bound
    size: Parameter

    def own(self, sizes: Any) -> dict[str, Any]:
        """The size by name, where the bound depends on it."""
        return {name: sizes for name in self.bound.free}

    def weighed(self, sizes: Any) -> tuple[Any, Any]:
        """The bound, and the sum of the sizes of its terms, of which it is known to some 12
        digits.
        """
        found = self.bound.values(**self.own(sizes))
        weight = sum(np.abs(term) for term in found.terms)
        shape = np.shape(sizes)
        return np.broadcast_to(found.value, shape)[()], np.broadcast_to(weight, shape)[()]

    def failure(self) -> float:
        """The probability with which it may fail."""
        sizes = {name: self.bound.domain(name).first for name in self.bound.free}
        return float(self.bound.failure(**sizes))

    @property
    def root_parts(self) -> tuple[Box, Box] | None:
        """Enclosures of A and B in A + B/√size; None if it has another form."""
        form = self.bound.variant
        try:
            if self.size.name not in form.whole.inputs:
                return self._enclosed(form.whole), Box(0, 0)
            if self.size.name not in form.roots:
                return None
            constant, slope = (form.roots[self.size.name].part(i) for i in (0, 1))
            return self._enclosed(constant), self._enclosed(slope)
        except TypeError:
            return None

    def enclosed(self, size: int) -> Box:
        """An interval around the exact value."""
        return self._enclosed(self.bound.variant.whole, **self.own(size))

    def _enclosed(self, formula: Tape, **own: int) -> Box:
        counts = (p.name for p in self.bound.variant.parameters if p.role is Role.COUNT)
        known = {**self.bound.numbers, **own}
        examples = [known[name] for name in counts if name in formula.inputs]
        if formula.calls & {"BinomialUpper", "BinomialLower"} and max(examples, default=0) > _FEW:
            raise TypeError("no enclosure")
        return self.bound.enclosure(formula, **own)


def proved_sign(first: Box, second: Box) -> int:
    """The sign of second − first, given enclosures of both; 0 if they agree to 30 digits."""
    lead = Box(second.lower - first.upper, second.upper - first.lower)
    if lead.sign is not None:
        return lead.sign
    if lead.width > _NARROW * max(map(abs, (*first, *second))):
        raise TypeError("the enclosure is too wide")
    return 0


def placed(place: str) -> CompiledTheorem | CompiledVariant:
    """The theorem at ``ID``, or its variant at ``ID:VARIANT``."""
    id, _, variant = place.partition(":")
    entry = compiled(id)
    return entry.variant(variant) if variant else entry


def side_of(
    place: str, size: Parameter, shared: Mapping[str, Any], own: Mapping[str, Any], which: str
) -> OneSide:
    """Check one side of a comparison.

    Parameters
    ----------
    place : str
        ``ID`` or ``ID:VARIANT``.
    size : Parameter
    shared, own : mapping of str to number
        Values for both sides, of which those that this one knows are used, and values for this
        side.
    which : str
        What a message calls it: ``first`` or ``second``.
    """
    id, _, variant = place.partition(":")
    known = {p.name for p in placed(place).parameters}
    named_values(shared)
    named_values(own)
    for name in (parameter(n).name for n in own):
        refuse_unknown("parameter", name, known, f"the {which} bound, {place}")
    given = {parameter(n).name: v for n, v in {**shared}.items() if parameter(n).name in known}
    given |= {parameter(n).name: v for n, v in own.items()}
    if size.name in given:
        raise InputError(f"{size.name} is the size that grows and is given as well; leave it out")
    free = (size.name,) if size.name in known else ()
    bound = refuse_arrays(bind(id, variant or None, given, free=free), "crossover")
    check_settled(bound.variant.requires, size, bound.numbers)
    return OneSide(bound, size)


@dataclass(frozen=True)
class TwoBounds:
    """Two bounds of the same kind.

    Raises
    ------
    InputError
        If one is an upper and the other a lower limit, if they are for losses of different
        ranges, or neither depends on the size.
    """

    first: OneSide
    second: OneSide

    def __post_init__(self) -> None:
        sides = (self.first, self.second)
        names = [side.bound.name for side in sides]
        check_kind(names, [side.bound.variant.relation for side in sides])
        self._check_losses()
        if not any(self.size.name in side.bound.variant.whole.inputs for side in sides):
            raise InputError(f"neither {names[0]} nor {names[1]} depends on {self.size.name}")

    def _check_losses(self) -> None:
        """Refuse two bounds that are for losses of different ranges."""
        sides = (self.first, self.second)
        for one, other in (sides, sides[::-1]):
            width = other.bound.numbers.get("loss_bound", 1)
            if width == 1 or "loss_bound" in one.bound.numbers:
                continue
            loss = loss_in(one.bound.variant.symbolic.derivation.claim)
            if loss is not None and loss.width == 1:
                raise InputError(
                    f"{one.bound.name} is for losses in [0, 1], and {other.bound.name} is asked "
                    f"for losses in [0, {width:g}]: divide the losses by {width:g}, and give "
                    f"loss_bound=1"
                )

    @property
    def size(self) -> Parameter:
        """The size that grows."""
        return self.first.size

    @property
    def labels(self) -> dict[str, str]:
        """What the two are called; the same variant on both sides is told apart by its place."""
        names = {"first": self.first.bound.name, "second": self.second.bound.name}
        if self.first.bound.name == self.second.bound.name:
            names = {which: f"the {which} {name}" for which, name in names.items()}
        return names | {"equal": "equal"}

    @property
    def word(self) -> str:
        """What the winner is: a better bound only where the two are on one thing."""
        relation = self.first.bound.variant.relation
        if relation == "=":
            return "smaller"
        if not self.caveats():
            return "better"
        return f"the {'smaller' if relation == '≤' else 'larger'} number"

    def sizes(self) -> tuple[int, int, bool]:
        """The least and the largest size that both allow, and whether sizes really end there."""
        sides = [s.bound for s in (self.first, self.second) if s.bound.free]
        domains = [bound.domain(self.size.name) for bound in sides]
        low, high = max(d.first for d in domains), min(d.last for d in domains)
        if low > high:
            names = f"{self.first.bound.name} and {self.second.bound.name}"
            raise InputError(f"no {self.size.name} is allowed by both {names}")
        return low, high, any(d.last == high and d.reached[1] for d in domains)

    def both(self, size: int) -> tuple[float, float]:
        """The two values."""
        first, second = (float(side.weighed(size)[0]) for side in (self.first, self.second))
        return first, second

    def leads(self, sizes: Any) -> Any:
        """By how much the first is better at each size of an array; 0 where 12 digits agree."""
        (first, weight1), (second, weight2) = (s.weighed(sizes) for s in (self.first, self.second))
        lead = (second - first) if self.first.bound.upper else (first - second)
        return np.where(np.abs(lead) <= _ALIKE * np.maximum(weight1, weight2), 0.0, lead)

    def lead(self, size: int) -> float:
        """By how much the first is better at one size."""
        return float(self.leads(float(size)))

    def states(self, sizes: list[int], *, exactly: bool) -> list[str]:
        """``first``, ``second`` or ``equal`` at each size; where 12 digits agree, `exactly` if it
        can.
        """
        leads = self.leads(np.array(sizes, dtype=float))
        names = {1: "first", -1: "second", 0: "equal"}
        return [
            self.state(k) if exactly and lead == 0 else names[int(np.sign(lead))]
            for k, lead in zip(sizes, leads, strict=True)
        ]

    def state(self, size: int) -> str:
        """``first``, ``second`` or ``equal`` at one size; exactly if it can."""
        if self.both(size) == (0, 0):  # or so small that both are 0 as floats
            return "equal"
        try:
            lead = proved_sign(self.first.enclosed(size), self.second.enclosed(size))
        except TypeError:
            return self.states([size], exactly=False)[0]
        return self.winner(lead or self._exact_lead(size))

    def _exact_lead(self, size: int) -> int:
        """The sign of second − first where 30 digits agree: 0, as a rule."""
        from sympy import Dummy, Symbol

        from boundcalc.numeric.exact import UndecidedError, sign

        parts: list[Expr] = []
        known: dict[Symbol, Fraction] = {}
        for which, side in (("first", self.first), ("second", self.second)):
            numbers = side.bound.exact(**{self.size.name: size})
            own = {s: Dummy(f"{s.name} {which}", positive=s.is_positive) for s in numbers}
            parts.append(side.bound.variant.symbolic.expression.xreplace(own))
            known |= {own[s]: value for s, value in numbers.items()}
        try:
            return sign(parts[1] - parts[0], known)
        except UndecidedError:  # they agree to hundreds of digits
            return 0

    def winner(self, lead: float) -> str:
        """Who is better if the second value exceeds the first by `lead`."""
        if lead == 0:
            return "equal"
        return "first" if (lead > 0) is self.first.bound.upper else "second"

    def caveats(self) -> tuple[str, ...]:
        """What keeps the two from being bounds on one thing from the same data."""
        found = [unlike([side.bound.statement for side in (self.first, self.second)])]
        read = [side.bound.numbers.keys() for side in (self.first, self.second)]
        counted = [which for which in (0, 1) if "errors" in read[which]]
        if self.size.name == "n" and len(counted) == 1 and "test_loss" in read[1 - counted[0]]:
            found.append(
                "They speak of different data: the number of errors is held fixed while n grows "
                "for the one, the mean loss for the other."
            )
        return tuple(text for text in found if text)

    def notes(self) -> tuple[str, ...]:
        """What differs between the two besides the value."""
        first, second, size = self.first, self.second, self.size.name
        notes = []
        fails = first.failure(), second.failure()
        if fails[0] != fails[1]:
            both = f"the first with {confidence(fails[0])}, the second with {confidence(fails[1])}"
            notes.append(f"They hold with different probabilities: {both}.")
        fixed = {
            n
            for n in (*first.bound.numbers, *second.bound.numbers)
            if parameter(n).falls_with == size
        }
        if fixed:
            names = ", ".join(sorted(fixed))
            usually = f"though complexities usually shrink with {size}"
            notes.append(f"Held fixed while {size} grows, {usually}: {names}.")
        if size == "n" and any("errors" in side.bound.numbers for side in (first, second)):
            notes.append(
                "Held fixed while n grows: errors, so that the error rate errors/n shrinks."
            )
        return tuple(notes)
