"""Formulas as tapes: one expression gives one tape, whichever arithmetic runs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import lru_cache
from typing import Any

from sympy import (
    Dummy,
    Expr,
    Function,
    Poly,
    PolynomialError,
    Rational,
    S,
    Symbol,
    ceiling,
    exp,
    fraction,
    log,
    pi,
)
from sympy.codegen.cfunctions import log1p

from boundcalc.conventions import Side
from boundcalc.numeric.arithmetic import enclosed_by
from boundcalc.numeric.compiled import (
    CompiledRequirement,
    CompiledTerm,
    CompiledVariant,
    Limits,
    Notation,
)
from boundcalc.numeric.tapes import Tape
from boundcalc.symbolic.analysis.quantiles import limit_rule
from boundcalc.symbolic.analysis.ranges import range_of
from boundcalc.symbolic.analysis.series import NoExpansionError, expand, root_form
from boundcalc.symbolic.analysis.trends import facts_about
from boundcalc.symbolic.complexity_functions import Largest, Least
from boundcalc.symbolic.derivation import Term
from boundcalc.symbolic.parameter import Role
from boundcalc.symbolic.parameter_symbol import ParameterSymbol
from boundcalc.symbolic.precision import Box
from boundcalc.symbolic.printing import latex, latex_sum, plain, plain_sum
from boundcalc.symbolic.theorem import Requirement, Variant


class _Recorder:
    """Turns expressions into operations; equal ones share a place."""

    def __init__(self) -> None:
        self.operations: list[tuple[str | int, ...]] = []
        self.places: dict[Any, int] = {}

    def place(self, expr: Expr) -> int:
        """The place of an expression."""
        if expr not in self.places:
            self.places[expr] = self._recorded(expr)
        return self.places[expr]

    def _emit(self, *operation: str | int) -> int:
        if operation not in self.places:
            self.operations.append(operation)
            self.places[operation] = len(self.operations) - 1
        return self.places[operation]

    def _recorded(self, expr: Expr) -> int:
        if expr.is_Symbol:
            return self._emit("input", expr.name)
        if expr.is_Rational or expr.is_Float:
            return self._emit("number", str(Rational(expr)))
        if expr is pi:
            return self._emit("number", "pi")
        if expr.is_Add:
            name = "sum" if _one_sign(expr) else "add"
            return self._emit(name, *map(self.place, expr.args))
        if expr.is_Mul:
            return self._product(expr)
        if expr.is_Pow:
            return self._power(expr.base, expr.exp)
        if isinstance(expr, log) and fraction(expr.args[0])[1].is_Symbol:
            above, below = fraction(expr.args[0])
            return self.place(log(above) - log(below))
        if isinstance(expr, log):
            found = range_of(expr, {})
            sign = "+" if found.nonnegative else "-" if found.nonpositive else ""
            return self._emit("log", self.place(expr.args[0]), sign)
        if isinstance(expr, (exp, log1p, ceiling)):
            return self._emit(type(expr).__name__, self.place(expr.args[0]))
        if isinstance(expr, (Largest, Least)):
            name = "largest" if isinstance(expr, Largest) else "smallest"
            return self._emit(name, *map(self.place, expr.args))
        if isinstance(expr, Function):
            return self._emit("call", type(expr).__name__, *map(self.place, expr.args))
        raise TypeError(f"{type(expr).__name__} cannot be put on a tape")

    def _product(self, expr: Expr) -> int:
        """Factors with a negative exponent are divided by.

        The root of a logarithm and of other numbers that vary is drawn at once; other roots are
        not, as those that terms share cancel in their differences.
        """
        args = sorted(expr.args, key=_varies)
        roots = [a for a in args if a.is_Pow and abs(a.exp) == S.Half and _varies(a)]
        roots = roots if len(roots) > 1 and any(a.has(log) for a in roots) else []
        below = [a for a in args if a.is_Pow and a.exp.is_Rational and a.exp < 0 and a not in roots]
        above = [self.place(a) for a in args if a not in below and a not in roots]
        if roots:
            over = [self.place(a.base) for a in roots if a.exp > 0]
            under = [self.place(a.base) for a in roots if a.exp < 0]
            above.append(self._emit("pow", self._quotient(over, under), "1/2"))
        return self._quotient(above, [self.place(1 / a) for a in below])

    def _quotient(self, above: list[int], below: list[int]) -> int:
        over, under = (self._emit("mul", *x) if len(x) > 1 else x and x[0] for x in (above, below))
        if not below:
            return over  # type: ignore[return-value]
        return self._emit("div", over if above else self._emit("number", "1"), under)  # type: ignore[arg-type]

    def _power(self, base: Expr, exponent: Expr) -> int:
        if exponent.is_Rational and exponent < 0:
            return self._emit("div", self._emit("number", "1"), self.place(base**-exponent))
        if exponent.is_Rational:
            return self._emit("pow", self.place(base), str(exponent))
        if base.is_Add:  # (1 − x)ⁿ: for huge n the power itself keeps no digit
            return self.place(exp(exponent * log1p(base - 1)))
        return self._emit("power", self.place(base), self.place(exponent))


def _varies(expr: Expr) -> bool:
    """Whether it is rarely the same at all points: what is not is multiplied first, once."""
    known = [x.parameter for x in expr.free_symbols if isinstance(x, ParameterSymbol)]
    return any(p.role is not Role.CONSTANT for p in known) or len(known) < len(expr.free_symbols)


def _one_sign(expr: Expr) -> bool:
    ranges = [range_of(a, {}) for a in expr.args]
    return all(r.nonnegative for r in ranges) or all(r.nonpositive for r in ranges)


@lru_cache(maxsize=2048)
def tape(*expressions: Expr) -> Tape:
    """The tape of formulas; TypeError for a kind of expression that it does not know."""
    recorder = _Recorder()
    outputs = tuple(recorder.place(e) for e in expressions)
    return Tape(tuple(recorder.operations), outputs)


def enclosure(expression: Expr, values: Mapping[str, Fraction], digits: int) -> Box:
    """An interval around the exact value of a formula; TypeError where none can be proved."""
    return enclosed_by(tape(expression), values, digits)


_SHARED = "name", "status", "side", "relation", "assumes", "conditions", "statement", "parameters"
"""What a compiled variant has from the variant as it is."""


def compiled_variant(id: str, form: Variant) -> CompiledVariant:
    """A variant as plain data, all of it computed from its derivation."""
    terms = [t.expression for t in form.terms]
    failure, trivial = form.derivation.failure, form.trivial
    facts = facts_about(form)
    by_name = {p.name: p.symbol for p in form.parameters}
    roots = {name: root_form(form.expression, x) for name, x in by_name.items()}
    limits = {
        f"{'' if way > 0 else '-'}{p.name}": _limits(terms, p.symbol, way)
        for p in form.parameters
        for way, end in ((1, p.high), (-1, p.low))
        if abs(end) == float("inf")
    }
    return CompiledVariant(
        **{name: getattr(form, name) for name in _SHARED},
        id=id,
        defaults=dict(form.defaults),
        terms=tuple(map(_term, form.terms)),
        formula=tape(*terms, failure, *(() if trivial is None else (trivial,))),
        whole=tape(form.expression),
        trivial=trivial is not None,
        rounds_up=bool(form.expression.has(ceiling)),
        requires=tuple(map(_requirement, form.requires)),
        notation=_notation(form),
        trends={name: facts.trend(form.expression, x) for name, x in by_name.items()},
        roots={name: tape(*root) for name, root in roots.items() if root is not None},
        limits={name: found for name, found in limits.items() if found is not None},
    )


def _term(term: Term) -> CompiledTerm:
    """A term, with the long names of its parameters in its text: ``lipschitz·connection_gap``."""
    names = {s.name: s.name for s in term.expression.free_symbols}
    return CompiledTerm(term.name, plain(term.expression, names), latex_sum((term,)))


def _notation(form: Variant) -> Notation:
    held, claim = 1 - form.derivation.failure, form.derivation.claim
    return Notation(
        text=plain_sum(form.terms),
        latex=latex_sum(form.terms),
        probability=plain(held),
        probability_latex=latex(held),
        claim_latex=latex(claim if form.side is Side.UPPER else -claim),
    )


def _requirement(requirement: Requirement) -> CompiledRequirement:
    relation = requirement.relation
    difference = relation.lhs - relation.rhs
    cuts = {}
    for x in relation.free_symbols:
        with suppress(PolynomialError):
            cuts[x.name] = tape(*Poly(difference, x).all_coeffs())
    return CompiledRequirement(
        otherwise=requirement.otherwise,
        strict=relation.rel_op in ("<", ">"),
        sides=tape(relation.lts, relation.gts),
        cuts=cuts,
    )


def _limits(terms: Sequence[Expr], x: Symbol, way: int) -> Limits | None:
    """What terms tend to as x goes to ±∞; None where that depends on the other numbers."""
    far = Dummy("far", positive=True)
    sizes: list[Expr] = []
    grows: list[bool] = []
    provisos: set[Expr] = set()
    for term in terms:
        if not term.has(x):
            sizes.append(term)
            grows.append(False)
            continue
        try:
            series = expand(term.xreplace({x: way * far}), far, limit_rule)
            exponent, size = series.towards
        except (ArithmeticError, NoExpansionError, TypeError):
            return None
        provisos |= series.provisos
        if not exponent.is_Rational or any(e.has(far) for e in (size, *provisos)):
            return None
        sizes.append(S.Zero if exponent < 0 else size)
        grows.append(bool(exponent > 0))
    found = Limits(tape(*sizes), tuple(grows), tape(*sorted(provisos, key=str)))
    # a quantile of a limit distribution is nothing that tapes compute
    return None if found.sizes.calls | found.provisos.calls else found
