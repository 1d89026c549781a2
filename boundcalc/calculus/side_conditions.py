"""What is checked before classes are made or combined: their numbers, conventions and ranges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import inf
from typing import Any

from sympy import Expr, Rational, Rel, S

from boundcalc.calculus.tree import Leaf, Node, nodes
from boundcalc.conventions import Average, Noise, Output, Signs
from boundcalc.errors import ConventionError, DomainError, InputError, UnknownNameError
from boundcalc.symbolic.analysis.ranges import ValueRange, domain, domains, range_of
from boundcalc.symbolic.complexity import ComplexityClass, Form
from boundcalc.symbolic.kernel import provably_nonnegative
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.parameter_symbol import ParameterSymbol
from boundcalc.symbolic.parameters import parameter, symbol
from boundcalc.symbolic.theorem import Requirement

# --- numbers: which of them a class takes, and in which form -------------------------------------


def is_symbolic(value: object) -> bool:
    """Whether a value is an expression in symbols, and no number."""
    return isinstance(value, Expr) and bool(value.free_symbols)


def checked_input(target: Parameter, value: Any) -> Any:
    """A number from the domain of a parameter, or an expression that is known to be in it."""
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


def named_inputs(entry: ComplexityClass, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Resolve aliases, refuse what the class does not use, check every value."""
    known = {name for form in entry.forms.values() for name in form.inputs}
    found: dict[str, Any] = {}
    for written, value in inputs.items():
        target = next(
            (p for p in map(parameter, sorted(known)) if written == p.name or written in p.aliases),
            None,
        )
        if target is None:
            raise UnknownNameError("parameter", written, {*known, "m"}, entry.id)
        if target.name in found:
            raise InputError(f"{target.name} is given twice (also as '{written}')")
        found[target.name] = checked_input(target, value)
    return found


def fitting_form(entry: ComplexityClass, numbers: Mapping[str, Any], m: int) -> Form:
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
        known = {**numbers, "m": m}
        failed = next((r.otherwise for r in form.requires if not _holds(r, known)), "")
        if not failed:
            return form
    raise InputError(f"{entry.id}: {failed}")


def _holds(requirement: Requirement, numbers: Mapping[str, Any]) -> bool:
    """Whether a condition holds exactly for the numbers as they are stored; or for all symbols."""
    values = {s: as_expression(numbers[s.name]) for s in requirement.relation.free_symbols}
    relation: Rel = requirement.relation.subs(values)
    if relation in (S.true, S.false):
        return relation is S.true
    return provably_nonnegative(relation.gts - relation.lts)


def as_expression(number: Any) -> Expr:
    """A number as it was written, or an expression, for SymPy."""
    if is_symbolic(number):
        return number
    return Rational(number if isinstance(number, int) else _exact(number))


def _exact(number: Any) -> Fraction:
    """The decimal that was written."""
    return Fraction(repr(float(number)))


def _needs(entry: ComplexityClass, names: set[str]) -> str:
    larger = [form for form in entry.forms.values() if names < set(form.inputs)]
    if larger:
        form = min(larger, key=lambda f: len(f.inputs))
        missing = ", ".join(name for name in form.inputs if name not in names)
        return f"{entry.id} ({form.name}) needs {missing}"
    each = "; or ".join(dict.fromkeys(", ".join(form.inputs) for form in entry.forms.values()))
    return f"{entry.id} takes m and {each}, not {', '.join(sorted(names)) or 'nothing'}"


# --- conventions: where they differ, the message names the bridge ---------------------------------

BRIDGE = (
    "pay R_m ≤ R̂_S + (w/2)√(ln(1/δ)/(2m)) on the bounded loss class: "
    ".loss_class(lipschitz=…, loss_bound=…).expected(delta=…)"
)
_SIGNED = "take .signed() first: R ≤ R_abs, at no cost"
_RADEMACHER = "take .rademacher_from_gaussian() first: R ≤ √(π/2) G"
_NEEDED = {
    "signed": ("signs", Signs.SIGNED, f"the signed complexity: {_SIGNED}"),
    "rademacher": ("noise", Noise.RADEMACHER, f"a Rademacher complexity: {_RADEMACHER}"),
    "scalar": (
        *("output", Output.SCALAR),
        "a class with one output: take .vector_contraction(L), R ≤ √2 L R^vec",
    ),
    "vector": (
        *("output", Output.VECTOR),
        "a class with vector outputs; for one output .lipschitz(L) has no √2",
    ),
    "predictors": (
        *("loss_class", False),
        "the class of predictors; this is already that of a loss class",
    ),
}
_APART = {
    "output": "a scalar and a vector class: take the vector class to one output with "
    ".vector_contraction(L), R ≤ √2 L R^vec",
    "noise": f"a Rademacher and a Gaussian complexity: {_RADEMACHER}",
    "signs": f"a signed complexity and one with absolute values: {_SIGNED}",
}


def require_form(part: Node, operation: str, *forms: str) -> None:
    """Refuse a complexity that is not in the forms that a rule, or its constant, needs.

    They are ``signed``, ``rademacher``, ``scalar``, ``vector`` and ``predictors``.
    """
    for form in forms:
        tag, wanted, said = _NEEDED[form]
        if getattr(part.tags, tag) != wanted:
            raise ConventionError(f"{operation} needs {said}")


def common_averages(parts: Sequence[Node], operation: str) -> tuple[Average, ...]:
    """What all parts bound: the measured complexity, the expected one, or both.

    Raises
    ------
    ConventionError
        If there is nothing that all of them bound.
    """
    shared = tuple(
        a for a in parts[0].tags.averages if all(a in part.tags.averages for part in parts)
    )
    if not shared:
        raise ConventionError(f"{operation} of an empirical and an expected complexity: {BRIDGE}")
    return shared


def require_one_convention(parts: Sequence[Node], operation: str) -> None:
    """Refuse to combine complexities of different samples, outputs, signs or noise.

    Raises
    ------
    ConventionError
        The message names the bridge.
    """
    if not parts:
        raise InputError(f"{operation} of no classes")
    sizes = sorted({part.m for part in parts}, key=str)
    if len(sizes) > 1:
        raise ConventionError(
            f"{operation} of complexities on different samples, m = {sizes[0]} and m = {sizes[1]}: "
            "state all of them for one m"
        )
    for tag, said in _APART.items():
        if len({getattr(part.tags, tag) for part in parts}) > 1:
            raise ConventionError(f"{operation} of {said}")


# --- in how long an interval the functions have their values --------------------------------------


def width(F: Node) -> Fraction | None:
    """The length of an interval with all values at any one example; None where it is not known."""
    if any(map(is_symbolic, F.numbers.values())):
        return None
    if isinstance(F.operation, Leaf):
        length = F.operation.entry.width
        if length is None:
            return None
        numbers = {symbol(s.name): as_expression(F.numbers[s.name]) for s in length.free_symbols}
        return Fraction(str(length.subs(numbers)))
    for kind, name, times in (("union", "bound", 2), ("loss", "loss_bound", 1)):
        if F.kind == kind:
            return times * _exact(F.numbers[name])
    known = [length for part in F.parts if (length := width(part)) is not None]
    if len(known) < len(F.parts) or not known or F.kind == "vector-contraction":
        return None
    if F.kind in ("scale", "lipschitz"):
        return _exact(F.numbers["factor" if F.kind == "scale" else "lipschitz"]) * known[0]
    # a shift, a part, the hull and another convention of one class need no longer interval
    return sum(known, Fraction(0)) if F.kind == "sum" else max(known)


def require_within(parts: Sequence[Node], bound: float) -> None:
    """Refuse parts of a union whose values need a longer interval than [−b, b]."""
    for part in parts:
        length = width(part)
        if is_symbolic(bound) and length is not None:
            raise ConventionError(f"bound = {bound} is not known to suffice for {part.kind}")
        if length is not None and length > 2 * _exact(bound):
            raise ConventionError(
                f"{part.kind} has values in an interval of length {float(length):.10g}, and bound "
                f"= {bound:g} allows the union one of length {float(2 * _exact(bound)):.10g}"
            )


def holds_losses(F: Node) -> bool:
    """Whether it is a loss class or made of one."""
    return any(node.tags.loss_class for node in nodes(F))
