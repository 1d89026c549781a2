"""Expansions in falling powers of a sample size that grows without bound.

A series is a finite sum of c·x^p, exponents falling, and an error O(x^q) after which nothing is
known. The coefficients are expressions in the other parameters, and may hold ln x, which grows more
slowly than every power; the exponents are rational, or linear in the growth exponent a, ½ < a < 1.
The rules are those for sums, products, powers, logarithms and exponentials of such series, so an
order that is read off comes from the formula and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, cmp_to_key, reduce
from math import factorial
from operator import add, mul

from sympy import Abs, Add, Expr, Rational, S, Symbol, binomial, exp, expand_mul, log

from boundcalc.errors import BoundcalcError
from boundcalc.symbolic.functions import LimitFunction
from boundcalc.symbolic.kernel import provably_nonnegative
from boundcalc.symbolic.parameters import symbol

GROWTH = symbol("growth")
_KEPT = 3


class NoExpansionError(BoundcalcError):
    """An expression for which the rules give no expansion; the message says why."""


@cache
def sign_of_difference(p: Expr, q: Expr) -> int:
    """The sign of p − q for exponents that hold for every a with ½ < a < 1.

    Raises
    ------
    NoExpansionError
        If the sign depends on a.
    """
    difference = expand_mul(p - q)
    ends = [difference.subs(GROWTH, end) for end in (Rational(1, 2), S.One)]
    if not all(end.is_Rational for end in ends):
        raise NoExpansionError(f"the exponents {p} and {q} cannot be compared")
    low, high = min(ends), max(ends)
    if low < 0 < high:
        raise NoExpansionError("which power is the larger one depends on a")
    return 1 if high > 0 else -1 if low < 0 else 0


def largest_exponent(exponents: Iterable[Expr | None]) -> Expr | None:
    """The largest of those that are known; None if none is."""
    known = [p for p in exponents if p is not None]
    return reduce(lambda p, q: p if sign_of_difference(p, q) >= 0 else q, known) if known else None


def _plus(p: Expr | None, q: Expr | None) -> Expr | None:
    return None if p is None or q is None else expand_mul(p + q)


@dataclass(frozen=True)
class Series:
    """Σ coefficient·x^exponent, exponents falling, up to an error O(x^error).

    Attributes
    ----------
    parts : tuple of (exponent, coefficient)
    error : Expr or None
        None where the sum is exact.
    provisos : frozenset of Expr
        Coefficients that were divided by and that must not be 0.
    """

    parts: tuple[tuple[Expr, Expr], ...]
    error: Expr | None = None
    provisos: frozenset[Expr] = frozenset()

    @property
    def lead(self) -> tuple[Expr, Expr]:
        """The largest power and its coefficient.

        Raises
        ------
        NoExpansionError
            If nothing is known of it.
        """
        if not self.parts:
            if self.error is not None:
                raise NoExpansionError("every power that is known cancels")
            return S.Zero, S.Zero
        return self.parts[0]

    @property
    def towards(self) -> tuple[Expr, Expr]:
        """As `lead`, or 0 where all that is known is that it tends to 0."""
        if not self.parts and self.error is not None and sign_of_difference(self.error, S.Zero) < 0:
            return S.Zero, S.Zero
        return self.lead

    def __add__(self, other: Series) -> Series:
        return _collect(
            (*self.parts, *other.parts),
            largest_exponent((self.error, other.error)),
            self.provisos | other.provisos,
        )

    def __mul__(self, other: Series) -> Series:
        parts = [(expand_mul(p + q), a * b) for p, a in self.parts for q, b in other.parts]
        tails = [
            _plus(s.error, t.lead[0] if t.parts else t.error)
            for s, t in ((self, other), (other, self))
        ]
        return _collect(parts, largest_exponent(tails), self.provisos | other.provisos)

    def power(self, r: Expr) -> Series:
        """The r-th power, by the binomial series around the largest power."""
        p, c = self.lead
        if c == 0:
            if r.is_positive:
                return self
            raise NoExpansionError("a power of 0 that is not positive")
        whole = r.is_Integer and r >= 0
        scale = Series(
            ((expand_mul(p * r), c**r),), provisos=frozenset() if whole else frozenset({c})
        )
        return scale * self._relative().compose(
            lambda k: binomial(r, k), last=int(r) if whole else None
        )

    def _relative(self) -> Series:
        """What is left of the series divided by its largest power, minus 1."""
        p, c = self.lead
        parts = tuple((expand_mul(q - p), d / c) for q, d in self.parts[1:])
        return Series(parts, _plus(self.error, -p), self.provisos)

    def compose(self, coefficient: Callable[[int], Expr], *, last: int | None = None) -> Series:
        """Σ_k coefficient(k)·self^k, for a series that tends to 0; exact if it ends at `last`."""
        total, term = constant(coefficient(0)), constant(S.One)
        kept = _KEPT if last is None else last
        if not self.parts and self.error is None:
            return total
        for k in range(1, kept + 1):
            term = term * self
            total = total + Series(
                tuple((p, coefficient(k) * c) for p, c in term.parts), term.error, term.provisos
            )
        order = self.parts[0][0] if self.parts else self.error
        if last is None and order is not None:
            total = total + Series((), expand_mul((kept + 1) * order))
        return total

    def log(self, x: Symbol) -> Series:
        """The logarithm of a series whose first coefficient is positive: ln(c x^p) + …"""
        p, c = self.lead
        if not p.is_Rational or c.has(x):
            raise NoExpansionError("a logarithm of a logarithm, or of a power that is not known")
        return constant(log(c * x**p)) + self._relative().compose(
            lambda k: Rational((-1) ** (k + 1), k) if k else S.Zero
        )

    def exp(self, x: Symbol) -> Series:
        """The exponential of a series that tends to a constant."""
        if self.parts and sign_of_difference(self.lead[0], S.Zero) > 0:
            raise NoExpansionError("an exponential of the sample size")
        at_infinity = dict(self.parts).get(S.Zero, S.Zero)
        if at_infinity.has(x):
            raise NoExpansionError("a power of the sample size that is not known")
        rest = self + constant(-at_infinity)
        return constant(exp(at_infinity)) * rest.compose(lambda k: Rational(1, factorial(k)))


def constant(value: Expr) -> Series:
    """A series that does not depend on the size."""
    return Series(((S.Zero, value),)) if value != 0 else Series(())


def _collect(
    parts: Iterable[tuple[Expr, Expr]], error: Expr | None, provisos: frozenset[Expr]
) -> Series:
    """Equal powers added up, sorted, cut at the error and after the largest few."""
    found: dict[Expr, list[Expr]] = {}
    for p, c in parts:
        if error is None or sign_of_difference(p, error) > 0:
            found.setdefault(p, []).append(c)
    known = [(p, _without_moduli(_sum(cs))) for p, cs in found.items()]
    known = [(p, c) for p, c in known if c != 0]
    known.sort(key=lambda part: cmp_to_key(sign_of_difference)(part[0]), reverse=True)
    if len(known) > _KEPT:
        error = largest_exponent((error, known[_KEPT][0]))
    return Series(tuple(known[:_KEPT]), error, provisos)


def _without_moduli(expr: Expr) -> Expr:
    """√(x²) is x where x ≥ 0, which SymPy does not see for ln(1/δ)."""
    if not expr.has(Abs):
        return expr
    return expr.replace(
        lambda e: isinstance(e, Abs) and provably_nonnegative(e.args[0]), lambda e: e.args[0]
    )


def _sum(coefficients: list[Expr]) -> Expr:
    """Their sum; expanded only where two or more could cancel."""
    total = Add(*coefficients)
    return total if len(coefficients) == 1 or expand_mul(total) != 0 else S.Zero


def root_form(expr: Expr, x: Symbol) -> tuple[Expr, Expr] | None:
    """A and B where an expression is A + B/√x and B is not 0; None where it has another form."""
    constant = slope = S.Zero
    for term in Add.make_args(expand_mul(expr)):
        coefficient, power = term.as_independent(x, as_Add=False)
        if power == 1:
            constant += coefficient
        elif power == x ** Rational(-1, 2):
            slope += coefficient
        else:
            return None
    return (constant, slope) if slope != 0 else None


LimitRule = Callable[[LimitFunction, tuple[Series, ...], Symbol], Series]


def expand(expr: Expr, x: Symbol, limit_rule: LimitRule | None = None) -> Series:
    """Expand an expression for x → ∞.

    Parameters
    ----------
    expr : sympy.Expr
    x : Symbol
        The size that grows.
    limit_rule : callable, optional
        Expands a limit function, given the expansions of its arguments.

    Raises
    ------
    NoExpansionError
        Where the rules do not apply.
    """
    if not expr.has(x):
        return constant(expr)
    if expr == x:
        return Series(((S.One, S.One),))
    if isinstance(expr, Abs) and provably_nonnegative(expr.args[0]):
        return expand(expr.args[0], x, limit_rule)
    parts = tuple(expand(arg, x, limit_rule) for arg in expr.args)
    if expr.is_Pow and expr.exp.has(x):
        return (parts[1] * parts[0].log(x)).exp(x)
    if expr.is_Add:
        return reduce(add, parts)
    if expr.is_Mul:
        return reduce(mul, parts)
    if expr.is_Pow:
        return parts[0].power(expr.exp)
    if isinstance(expr, log):
        return parts[0].log(x)
    if isinstance(expr, exp):
        return parts[0].exp(x)
    if isinstance(expr, LimitFunction) and limit_rule is not None:
        return limit_rule(expr, parts, x)
    raise NoExpansionError(f"no expansion of {type(expr).__name__} is known")
