"""Certified numbers: decimals of which every digit is proved, and solutions between two of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from boundcalc.errors import ConvergenceError, InputError, argument, shown
from boundcalc.numeric.arithmetic import EXACT
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.search import boundary_near
from boundcalc.record import Record
from boundcalc.text import decimal, minus

if TYPE_CHECKING:
    from boundcalc.numeric.bound import Bound
    from boundcalc.numeric.problem import Problem
    from boundcalc.numeric.tapes import Tape

DIGITS, MOST_DIGITS = 15, 1000
"""How many digits are certified where no number is given, and the most that may be asked for."""
SPARE = 25
_DOUBLINGS = 6
_SECANTS = 30
_STEP = Fraction(1, 10**8)
Box = tuple[Fraction | float, Fraction | float]
Above = Callable[[Fraction], int]
"""The exact sign of a value minus a number."""


@dataclass(frozen=True)
class Enclosure(Record):
    """A proved interval around an exact value, as decimals rounded outwards.

    Attributes
    ----------
    lower, upper : str
        Two neighbours among the decimals with so many significant digits, or twice the value where
        it is one of them.
    digits : int
    """

    lower: str
    upper: str
    digits: int

    @property
    def ends(self) -> tuple[str, str]:
        """Both ends."""
        return self.lower, self.upper

    def shown(self, relation: str) -> str:
        """What is printed for a limit, or both ends of what is none."""
        if relation == "=" and self.lower != self.upper:
            return f"[{self.shown('≥')}, {self.shown('≤')}]"
        return (self.lower if relation == "≥" else self.upper).replace("-", "−", 1)


def checked_digits(certified: bool, digits: int | None, most: int = MOST_DIGITS) -> int | None:
    """How many digits are certified; None where no certificate is asked for.

    Raises
    ------
    InputError
        If they are not between 1 and `most`.
    """
    if not isinstance(certified, bool):
        raise InputError(f"{argument('certified')} must be true or false, not {shown(certified)}")
    if digits is not None and not (type(digits) is int and 1 <= digits <= most):
        said = f"a whole number from 1 to {most}, not {shown(digits)}"
        raise InputError(f"{argument('digits')} must be {said}")
    return DIGITS if certified and digits is None else digits


def enclosed_value(bound: Bound, digits: int, **free: Any) -> Enclosure:
    """Certify the value of a bound.

    Raises
    ------
    InputError
        For arrays.
    ConvergenceError
        Where no enclosure of the value is proved.
    """
    if any(getattr(value, "ndim", 0) for value in bound.at(free).values()):
        raise InputError("a certified value needs single numbers, not arrays")
    return _certified(bound, bound.variant.whole, bound.name, digits, free)


def enclosed_terms(bound: Bound, digits: int, **free: Any) -> dict[str, Enclosure]:
    """Certify every term of a bound by itself."""
    found = {}
    for i, term in enumerate(bound.variant.terms):
        part, where = bound.variant.formula.part(i), f"the {term.name} term of {bound.name}"
        found[term.name] = _certified(bound, part, where, digits, free, term=i)
    return found


def _certified(
    bound: Bound,
    formula: Tape,
    name: str,
    digits: int,
    free: Mapping[str, Any],
    *,
    term: int | None = None,
) -> Enclosure:
    """A bound, or a term of it; fractions are computed exactly."""
    known, exact = {**bound.numbers, **bound.written, **free}, None
    if bound.whole:
        exact = bound.whole_value(term, **free)
    else:
        with suppress(TypeError, ValueError, ZeroDivisionError):
            (exact,) = formula.run({n: exactly(known[n]) for n in formula.inputs}, EXACT)
    if exact is not None:
        return Enclosure(in_digits(exact, digits), in_digits(exact, digits, up=True), digits)
    return _settled(
        lambda work: bound.enclosure(formula, digits=work, **free),
        digits,
        lambda number: bound.compare(number, term, **free),
        name,
    )


def _settled(enclose: Callable[[int], Box], digits: int, above: Above, name: str) -> Enclosure:
    """Enclose a value until at most one decimal of so many digits lies inside the interval: on
    which side of that the value is, is decided exactly.
    """
    work = digits + SPARE
    for _ in range(_DOUBLINGS):
        try:
            low, high = enclose(work)
        except TypeError:
            raise ConvergenceError(f"no enclosure of {name} is proved at these numbers") from None
        outer = in_digits(low, digits, up=False), in_digits(high, digits, up=True)
        inner = in_digits(low, digits, up=True), in_digits(high, digits, up=False)
        if Fraction(inner[0]) > Fraction(inner[1]):
            break
        if Fraction(inner[0]) == Fraction(inner[1]):
            return _beside(inner[0], outer, digits, above)
        work *= 2
    # so near to 0 that no digit of it is told
    return _beside("0", outer, digits, above) if low < 0 < high else Enclosure(*outer, digits)


def _beside(number: str, outer: tuple[str, str], digits: int, above: Above) -> Enclosure:
    """The interval on that side of a decimal on which the value is."""
    try:
        side = above(Fraction(number))
    except (ConvergenceError, TypeError):  # they agree to hundreds of digits
        return Enclosure(*outer, digits)
    return Enclosure(outer[0] if side < 0 else number, outer[1] if side > 0 else number, digits)


def in_digits(
    number: Fraction | float, digits: int, *, up: bool = False, whole: bool = False
) -> str:
    """A number as text that programs read: a whole one as it is, else to so many digits."""
    if isinstance(number, float):
        raise TypeError("an interval without end")
    return str(number) if whole else decimal(number, up=up, digits=digits).replace("−", "-")


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
        return problem.domain.allows(x) and problem.met(_beyond(problem, x, digits))

    guess = round((found if whole else _refined(problem, found, digits)) / unit)
    ahead = outwards * 10 ** (digits + 1)
    last = boundary_near(holds, guess, guess - ahead, guess + ahead)
    if not holds(last) or holds(last + outwards):
        raise ConvergenceError(f"{digits} digits of {problem.unknown.name} are not proved")
    meets, misses = last * unit, (last + outwards) * unit
    return Bracket(
        in_digits(meets, digits, whole=whole),
        in_digits(misses, digits, whole=whole),
        _enclosed(problem, meets, digits),
        _enclosed(problem, misses, digits) if problem.domain.allows(misses) else None,
    )


def _beyond(problem: Problem, x: Fraction, digits: int) -> int:
    """The sign of the bound minus the target: by an enclosure with more digits than are asked for,
    or exactly.
    """
    bound, target = problem.bound, problem.exact_target
    if not bound.whole:
        with suppress(TypeError):
            low, high = bound.enclosure(digits=2 * digits + SPARE, **problem.named(x))
            if low > target or high < target:
                return 1 if low > target else -1
    return bound.compare(target, **problem.named(x))


def _refined(problem: Problem, x: Fraction, digits: int) -> Fraction:
    """A root to more digits than a float has, by secants; nothing is proved here."""
    work = 2 * digits + SPARE

    def miss(x: Fraction) -> Fraction:
        low, high = problem.bound.enclosure(digits=work, **problem.named(x))
        return Fraction(low + high) / 2 - problem.exact_target

    before = x * (1 + _STEP)
    with suppress(TypeError, OverflowError):  # beyond where it can be enclosed
        far = miss(before)
        for _ in range(_SECANTS):
            near = miss(x)
            if near == far or abs(x - before) * 10 ** (digits + 2) < abs(x):
                break
            new = x - near * (x - before) / (near - far)
            before, far, x = x, near, Fraction(in_digits(new, work))
    return x


def _enclosed(problem: Problem, x: Fraction, digits: int) -> Enclosure:
    """The bound at a value, to as many more digits as it takes to see it beside the target."""
    target = problem.exact_target
    while True:
        found = enclosed_value(problem.bound, digits, **problem.named(x))
        low, high = map(Fraction, found.ends)
        if low > target or high < target or low == high or 2 * digits > MOST_DIGITS:
            return found
        digits *= 2
