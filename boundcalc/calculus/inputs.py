"""The numbers of a class: which of them it takes, and in which form."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from sympy import Rational

from boundcalc.errors import InputError, UnknownNameError
from boundcalc.symbolic.complexity import ComplexityClass, Form
from boundcalc.symbolic.parameters import parameter
from boundcalc.symbolic.theorem import Requirement


def named(entry: ComplexityClass, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Resolve aliases, refuse what the class does not use, check every value."""
    known = {name for form in entry.forms.values() for name in form.inputs}
    found: dict[str, Any] = {}
    for written, value in inputs.items():
        target = next(
            (p for p in map(parameter, sorted(known)) if written == p.name or written in p.aliases),
            None,
        )
        if target is None:
            raise UnknownNameError(f"parameter of {entry.id}", written, {*known, "m"})
        if target.name in found:
            raise InputError(f"{target.name} is given twice (also as '{written}')")
        found[target.name] = target.check(value)
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
