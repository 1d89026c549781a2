"""The numbers of a class: which of them it takes, and in which form."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import inf
from typing import Any

from sympy import Expr, Rational, Rel, S

from boundcalc.errors import DomainError, InputError, UnknownNameError
from boundcalc.symbolic.analysis.ranges import ValueRange, domain, domains, range_of
from boundcalc.symbolic.complexity import ComplexityClass, Form
from boundcalc.symbolic.kernel import provably_nonnegative
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.parameter_symbol import ParameterSymbol
from boundcalc.symbolic.parameters import parameter
from boundcalc.symbolic.theorem import Requirement


def is_symbolic(value: object) -> bool:
    """Whether a value is an expression in symbols, and no number."""
    return isinstance(value, Expr) and bool(value.free_symbols)


def checked(target: Parameter, value: Any) -> Any:
    """A number from the domain of a parameter, or an expression that is known to be in it.

    Raises
    ------
    InputError, DomainError
    """
    if not is_symbolic(value):
        return target.check(value)
    own = [s.parameter for s in value.free_symbols if isinstance(s, ParameterSymbol)]
    found, wanted = range_of(value, domains(own)), domain(target)
    if len(own) < len(value.free_symbols):  # of another symbol only its sign is known
        signed = provably_nonnegative(value)
        found = ValueRange(0 if signed else -inf, inf, bool(value.is_positive), True)
    inside = (
        (found.low, found.open_low) >= (wanted.low, wanted.open_low)
        and (found.high, not found.open_high) <= (wanted.high, not wanted.open_high)
        and (not target.integer or value.is_integer)
    )
    if target.vector or not inside:
        raise DomainError(f"{target.name} = {value} is not known to be allowed ({target.domain})")
    return value


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
    """Whether a condition holds exactly for the numbers as they are stored; or for all symbols."""
    values = {s: exactly(numbers[s.name]) for s in requirement.relation.free_symbols}
    relation: Rel = requirement.relation.subs(values)
    if relation in (S.true, S.false):
        return relation is S.true
    return provably_nonnegative(relation.gts - relation.lts)


def exactly(number: Any) -> Expr:
    """A number as it was written, or an expression, for SymPy."""
    if is_symbolic(number):
        return number
    return Rational(number if isinstance(number, int) else Fraction(repr(float(number))))


def _needs(entry: ComplexityClass, names: set[str]) -> str:
    larger = [form for form in entry.forms.values() if names < set(form.inputs)]
    if larger:
        form = min(larger, key=lambda f: len(f.inputs))
        missing = ", ".join(name for name in form.inputs if name not in names)
        return f"{entry.id} ({form.name}) needs {missing}"
    each = "; or ".join(dict.fromkeys(", ".join(form.inputs) for form in entry.forms.values()))
    return f"{entry.id} takes m and {each}, not {', '.join(sorted(names)) or 'nothing'}"
