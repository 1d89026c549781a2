"""Numbers from users, checked against the domains of the parameters; no arrays, no NumPy."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from numbers import Real
from typing import Any

from sympy import Rational

from boundcalc.errors import DomainError, InputError, UnknownNameError, shorten, shown
from boundcalc.symbolic.complexity import ComplexityClass, Form
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.parameters import parameter
from boundcalc.symbolic.theorem import Requirement

_LONGEST_LIST = 1_000_000


def checked(target: Parameter, value: Any) -> Any:
    """Return one number (a whole one as an int) or, for a list parameter, a tuple of numbers.

    Raises
    ------
    InputError
        For what is not a number, or not a list of them; `DomainError` if it is outside the domain.
    """
    if not target.vector:
        return _number(target, value)
    values = (value,) if _is_number(value) else value
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        raise InputError(f"{target.name} must be a list of numbers, not {shown(value)}")
    numbers = tuple(_number(target, each) for each in values)
    if not 0 < len(numbers) <= _LONGEST_LIST:
        raise InputError(f"{target.name} has {len(numbers)} entries; it takes 1 to {_LONGEST_LIST}")
    return numbers


def _is_number(value: Any) -> bool:
    return isinstance(value, (Real, Decimal)) and not isinstance(value, bool)


def _number(target: Parameter, value: Any) -> Any:
    if not _is_number(value):
        said = f"a list of {len(value)}" if isinstance(value, (list, tuple)) else shown(value)
        raise InputError(f"{target.name} must be a number, not {said}")
    said = shown(value) if isinstance(value, int) else shorten(str(value))
    try:
        number = float(value)
    except OverflowError:
        raise DomainError(f"{target.name} is too large: {said}") from None
    if not math.isfinite(number):
        raise DomainError(f"{target.name} = {said} is not a finite number ({target.domain})")
    below = number <= target.low if target.open_low else number < target.low
    above = number >= target.high if target.open_high else number > target.high
    if below or above:
        raise DomainError(f"{target.name} = {said} is outside the domain ({target.domain})")
    if target.integer:
        if number != math.floor(number):
            raise DomainError(f"{target.name} = {said} is not a whole number ({target.domain})")
        return int(value)
    return number


def named(entry: ComplexityClass, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Resolve aliases, refuse what the class does not use, check every value."""
    known = {name for form in entry.forms.values() for name in form.inputs}
    found: dict[str, Any] = {}
    for written, value in inputs.items():
        target = next(
            (p for p in map(parameter, sorted(known)) if written == p.name or written in p.aliases), None
        )
        if target is None:
            raise UnknownNameError(f"parameter of {entry.id}", written, {*known, "m"})
        if target.name in found:
            raise InputError(f"{target.name} is given twice (also as '{written}')")
        found[target.name] = checked(target, value)
    return found


def fitting(entry: ComplexityClass, numbers: Mapping[str, Any], m: int) -> Form:
    """The first form whose inputs are exactly the numbers given and whose conditions hold.

    Raises
    ------
    InputError
        If there is none; the message says what is missing or which condition fails.
    """
    names = set(numbers)
    candidates = [form for form in entry.forms.values() if set(form.inputs) == names]
    if not candidates:
        raise InputError(_needs(entry, names))
    failed = ""
    for form in candidates:
        failed = next((r.otherwise for r in form.requires if not holds(r, {**numbers, "m": m})), "")
        if not failed:
            return form
    raise InputError(f"{entry.id}: {failed}")


def holds(requirement: Requirement, numbers: Mapping[str, Any]) -> bool:
    """Whether a condition holds exactly for the numbers as they are stored."""
    exact = {s: Fraction(numbers[s.name]) for s in requirement.relation.free_symbols}
    values = {s: Rational(f.numerator, f.denominator) for s, f in exact.items()}
    return bool(requirement.relation.subs(values))


def _needs(entry: ComplexityClass, names: set[str]) -> str:
    larger = [form for form in entry.forms.values() if names < set(form.inputs)]
    if larger:
        form = min(larger, key=lambda f: len(f.inputs))
        missing = ", ".join(name for name in form.inputs if name not in names)
        return f"{entry.id} ({form.name}) needs {missing}"
    each = "; or ".join(dict.fromkeys(", ".join(form.inputs) for form in entry.forms.values()))
    return f"{entry.id} takes m and {each}, not {', '.join(sorted(names)) or 'nothing'}"
