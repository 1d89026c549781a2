"""Certified solutions: two neighbours, of which one meets a target and the other does not."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import TYPE_CHECKING, Any, ClassVar

from boundcalc.errors import ConvergenceError
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.enclosures import MOST_DIGITS, SPARE, Enclosure, as_text, enclosed_value
from boundcalc.numeric.search import boundary_near
from boundcalc.record import Record
from boundcalc.text import minus

if TYPE_CHECKING:
    from boundcalc.numeric.solve import Problem

_SECANTS = 30
_STEP = Fraction(1, 10**8)


@dataclass(frozen=True)
class Bracket(Record):
    """Two neighbouring values of an unknown: the first meets a target and the second does not, both
    of it proved by enclosures of the bound.

    Attributes
    ----------
    meets, misses : str
        Whole numbers, or neighbours among the decimals with so many significant digits; `misses`
        is None where every value meets the target.
    at_meets, at_misses : Enclosure
        The bound there.
    """

    json_keys: ClassVar[tuple[str, ...]] = ("meets", "misses?", "at_meets", "at_misses?")

    meets: str
    misses: str | None
    at_meets: Enclosure
    at_misses: Enclosure | None

    @property
    def sentence(self) -> str:
        """What is proved, in words."""
        found = [(self.meets, self.at_meets)]
        if self.misses and self.at_misses:
            found.append((self.misses, self.at_misses))
        said = (
            f"at {minus(at)} it lies in [{minus(box.lower)}, {minus(box.upper)}]"
            for at, box in found
        )
        return f"Proved by interval arithmetic: {', and '.join(said)}."


def bracket(problem: Problem, value: float, digits: int) -> Bracket:
    """Prove that a solution meets its target and that the next value does not.

    Raises
    ------
    ConvergenceError
        Where that is not proved.
    """
    domain, whole, found = problem.domain, problem.unknown.integer, exactly(value)
    position = domain.position(value)
    ways = [way for way in (1, -1) if domain.first <= position + way <= domain.last]
    outwards = next((way for way in ways if not problem.holds(position + way)), 0)
    if not outwards:
        return Bracket(f"{value}", None, _enclosed(problem, found, digits), None)
    unit = Fraction(1) if whole else Fraction(10) ** (Decimal(value).adjusted() - digits + 1)

    def holds(place: int) -> bool:
        x = place * unit
        return _inside(problem, x) and problem.met(_beyond(problem, x, digits))

    guess = round((found if whole else _refined(problem, found, digits)) / unit)
    ahead = outwards * 10 ** (digits + 1)
    last = boundary_near(holds, guess, guess - ahead, guess + ahead)
    if not holds(last) or holds(last + outwards):
        raise ConvergenceError(f"{digits} digits of {problem.unknown.name} are not proved")
    meets, misses = last * unit, (last + outwards) * unit
    return Bracket(
        as_text(meets, digits, whole=whole),
        as_text(misses, digits, whole=whole),
        _enclosed(problem, meets, digits),
        _enclosed(problem, misses, digits) if _inside(problem, misses) else None,
    )


def _inside(problem: Problem, x: Fraction) -> bool:
    """Whether the unknown may have a value."""
    (low, high), reached = problem.domain.ends, problem.domain.reached
    above = not isfinite(low) or x > exactly(low) or (reached[0] and x == exactly(low))
    below = not isfinite(high) or x < exactly(high) or (reached[1] and x == exactly(high))
    return above and below


def _named(problem: Problem, x: Fraction) -> dict[str, Any]:
    return problem.named(int(x) if problem.unknown.integer else x)


def _beyond(problem: Problem, x: Fraction, digits: int) -> int:
    """The sign of the bound minus the target: by an enclosure with more digits than are asked for,
    or exactly.
    """
    bound, target = problem.bound, problem.exact_target
    if not bound.whole:
        with suppress(TypeError):
            low, high = bound.enclosure(digits=2 * digits + SPARE, **_named(problem, x))
            if low > target or high < target:
                return 1 if low > target else -1
    return bound.compare(target, **_named(problem, x))


def _refined(problem: Problem, x: Fraction, digits: int) -> Fraction:
    """A root to more digits than a float has, by secants; nothing is proved here."""
    work = 2 * digits + SPARE

    def miss(x: Fraction) -> Fraction:
        low, high = problem.bound.enclosure(digits=work, **_named(problem, x))
        return Fraction(low + high) / 2 - problem.exact_target

    before = x * (1 + _STEP)
    with suppress(TypeError, OverflowError):  # beyond where it can be enclosed
        far = miss(before)
        for _ in range(_SECANTS):
            near = miss(x)
            if near == far or abs(x - before) * 10 ** (digits + 2) < abs(x):
                break
            new = x - near * (x - before) / (near - far)
            before, far, x = x, near, Fraction(as_text(new, work))
    return x


def _enclosed(problem: Problem, x: Fraction, digits: int) -> Enclosure:
    """The bound at a value, to as many more digits as it takes to see it beside the target."""
    target = problem.exact_target
    while True:
        found = enclosed_value(problem.bound, digits, **_named(problem, x))
        low, high = map(Fraction, found.ends)
        if low > target or high < target or low == high or 2 * digits > MOST_DIGITS:
            return found
        digits *= 2
