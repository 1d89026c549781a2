"""Whether a bound rises or falls in a parameter, decided from the structure of its formula.

As in disciplined convex programming, the answer is composed: sums of rising expressions rise,
products of nonnegative rising factors rise, a power, a logarithm or a limit function passes its
argument's direction on. What the rules cannot decide is `Trend.UNKNOWN`; they never guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import prod

from sympy import Add, Expr, Mul, S, Symbol, ceiling, expand_mul, log

from boundcalc.conventions import Trend
from boundcalc.symbolic.analysis.ranges import ValueRange, domains, ordered_pairs, range_of
from boundcalc.symbolic.complexity_functions import Largest, Least
from boundcalc.symbolic.functions import (
    BinomialLower,
    BinomialUpper,
    KLLower,
    KLUpper,
    LimitFunction,
    LogEntropyMoment,
)
from boundcalc.symbolic.theorem import Variant

# How each limit function goes in its arguments: (q, c) for kl, (k, n, δ) for binomial limits.
_CLEARLY = 1e-9  # beyond what rounding does to an elasticity
_UP, _DOWN = Trend.NONDECREASING, Trend.NONINCREASING
_ARGUMENTS: dict[type[LimitFunction], tuple[Trend, ...]] = {
    KLUpper: (_UP, _UP),
    KLLower: (_UP, _DOWN),
    BinomialUpper: (_UP, _DOWN, _DOWN),
    BinomialLower: (_UP, _DOWN, _UP),
    LogEntropyMoment: (_UP,),
}
_XI = 0.5
"""The elasticity of ξ(m) is at most ½: ξ(m)/√m falls.

ξ(m) = A + 1 − θ with A = m! e^m/(2m^m), and θ ≤ ½ as in `LogEntropyMoment.enclose` (Flajolet et al.
1995). A/√m falls, because (1 + 1/m)^(m+½) > e. From m to m + 1, 1 − θ grows by at most
8/(135 m(m+2)), hence by the factor 1 + 16/(135 m(m+2)) < 1 + 3/(8m) ≤ √(1 + 1/m).
"""


@dataclass(frozen=True)
class TrendFacts:
    """What is known of the parameters.

    Attributes
    ----------
    ranges : mapping of Symbol to Range
        Domains; a single number where the value is given.
    order : tuple of (Symbol, Symbol)
        Pairs (greater, lesser).
    nonnegative : tuple of Expr
        What side conditions say is ≥ 0, such as m − p − 2.
    """

    ranges: Mapping[Symbol, ValueRange] = field(default_factory=dict)
    order: tuple[tuple[Symbol, Symbol], ...] = ()
    nonnegative: tuple[Expr, ...] = ()

    def sign(self, expr: Expr) -> int | None:
        """1 if `expr` ≥ 0, −1 if ≤ 0, 0 if it is 0, None if that cannot be decided."""
        found = range_of(expr, self.ranges)
        if found.zero:
            return 0
        if found.nonnegative:
            return 1
        if found.nonpositive:
            return -1
        for greater, lesser in self.order:
            # 0 where the two are equal, and moving one way as the greater one grows
            if expr.has(greater) and expand_mul(expr.xreplace({greater: lesser})) == 0:
                # asked there again, the order of the two would go round in circles
                trend = replace(self, order=()).trend(expr, greater)
                if trend in (_UP, _DOWN):
                    return 1 if trend is _UP else -1
        if expr.is_Add:
            parts = {self.sign(part) for part in expr.args}
            same = next((s for s in (1, -1) if parts <= {0, s}), None)
            return self._sign_beside_conditions(expr) if same is None else same
        if expr.is_Mul:
            signs = [self.sign(factor) for factor in expr.args]
            return None if None in signs else prod(s for s in signs if s is not None)
        return 1 if expr.is_Pow and self.sign(expr.base) == 1 else None

    def _sign_beside_conditions(self, expr: Expr) -> int | None:
        """The sign of what exceeds a quantity known to be ≥ 0: m − p − 1 is above m − p − 2."""
        for known in self.nonnegative:
            for sign in (1, -1):
                if range_of(expand_mul(sign * expr - known), self.ranges).nonnegative:
                    return sign
        return None

    def trend(self, expr: Expr, x: Symbol) -> Trend:
        """The trend of `expr` in `x`, everything else fixed."""
        if not expr.has(x):
            return Trend.CONSTANT
        if expr == x:
            return _UP
        if expr.is_Add:
            return self._sum(expr, x)
        if expr.is_Mul:
            return self._product(expr, x)
        if expr.is_Pow:
            return self._power(expr.base, expr.exp, x)
        if isinstance(expr, (log, ceiling)):
            return self.trend(expr.args[0], x)
        return self._limit_function(expr, x)

    def _sum(self, expr: Expr, x: Symbol) -> Trend:
        """Terms with the same dependent part are one term: 2L√(c_M/m) − 2L√(c_N/m) has one sign."""
        groups: dict[Expr, Expr] = {}
        for term in Add.make_args(expr):
            constant, dependent = term.as_independent(x, as_Add=False)
            groups[dependent] = groups.get(dependent, S.Zero) + constant
        result = Trend.CONSTANT
        for dependent, coefficient in groups.items():
            result |= self._scaled(self.trend(dependent, x), self.sign(coefficient))
        return result

    @staticmethod
    def _scaled(trend: Trend, sign: int | None) -> Trend:
        if trend is Trend.CONSTANT or sign == 0:
            return Trend.CONSTANT
        if sign is None:
            return Trend.UNKNOWN
        return trend if sign > 0 else trend.reversed

    def _product(self, expr: Expr, x: Symbol) -> Trend:
        constant, dependent = expr.as_independent(x, as_Add=False)
        factors = Mul.make_args(dependent)
        if len(factors) == 1 and dependent != expr:
            return self._scaled(self.trend(dependent, x), self.sign(constant))
        sign = self.sign(constant)
        size = Trend.CONSTANT  # of the product of the factors' absolute values
        for factor in factors:
            own = self.sign(factor)
            if own is None or sign is None:
                return Trend.UNKNOWN
            size |= self._scaled(self.trend(factor, x), own)
            sign *= own
        if size is Trend.UNKNOWN:
            size = self._by_elasticity(dependent, x)
        return self._scaled(size, sign)

    def _by_elasticity(self, expr: Expr, x: Symbol) -> Trend:
        """The trend of a product of nonnegative factors: the sign of x f′/f, as in ln(2√m)/m."""
        found = self._elasticity(expr, x) if range_of(x, self.ranges).positive else None
        if found is None:
            return Trend.UNKNOWN
        if found[0] >= _CLEARLY:
            return _UP
        return _DOWN if found[1] <= -_CLEARLY else Trend.UNKNOWN

    def _elasticity(self, expr: Expr, x: Symbol) -> tuple[float, float] | None:
        """The least and the largest x f′/f of an expression ≥ 0; None where that is not known.

        For whole x: e with f(y)/f(x) ≤ (y/x)^e for every y > x, which obeys the same rules.
        A sum of nonnegative terms has a mean of theirs, weighted by their sizes.
        """
        if not expr.has(x):
            return 0.0, 0.0
        if expr == x:
            return 1.0, 1.0
        if expr.is_Pow and expr.exp.is_number:
            return _times(float(expr.exp), self._elasticity(expr.base, x))
        if isinstance(expr, (log, LogEntropyMoment)):
            inside, least = self._elasticity(expr.args[0], x), range_of(expr, self.ranges).low
            most = _XI if isinstance(expr, LogEntropyMoment) else 1
            return _times(most / least, inside, with_zero=True) if least > 0 else None
        if not (expr.is_Add or expr.is_Mul) or self.sign(expr) != 1:
            return None
        if expr.is_Add and any(self.sign(part) not in (0, 1) for part in expr.args):
            return None
        parts = [self._elasticity(part, x) for part in expr.args]
        if any(part is None for part in parts):
            return None
        lows, highs = zip(*(part for part in parts if part is not None), strict=True)
        return (sum(lows), sum(highs)) if expr.is_Mul else (min(lows), max(highs))

    def _power(self, base: Expr, exponent: Expr, x: Symbol) -> Trend:
        if not exponent.has(x):
            return self._fixed_exponent(base, exponent, x)
        values = range_of(base, self.ranges)
        if not base.has(x):
            if values.low >= 1:
                return self.trend(exponent, x)
            falls = values.nonnegative and values.high <= 1
            return self.trend(exponent, x).reversed if falls else Trend.UNKNOWN
        if self._compound(base, exponent, x):
            return _UP
        if not values.positive:
            return Trend.UNKNOWN
        return self._product(Mul(exponent, log(base), evaluate=False), x)

    def _fixed_exponent(self, base: Expr, exponent: Expr, x: Symbol) -> Trend:
        inner, sign, way = self.trend(base, x), self.sign(base), self.sign(exponent)
        if way == 0:
            return Trend.CONSTANT
        if way is None or sign is None:
            odd = exponent.is_Integer and exponent > 0 and exponent % 2 == 1
            return inner if odd else Trend.UNKNOWN
        if sign >= 0:
            return self._scaled(inner, way)
        if not exponent.is_Integer:
            return Trend.UNKNOWN
        # below 0 an even power turns the direction round: (−3)² > (−2)²
        return self._scaled(inner if exponent % 2 == 1 else inner.reversed, way)

    def _compound(self, base: Expr, exponent: Expr, x: Symbol) -> bool:
        """(1 + c/x)^(kx), k ≥ 0, rises in x wherever 1 + c/x > 0."""
        rest, factor = expand_mul((base - 1) * x), exponent / x
        return (
            not rest.has(x)
            and not factor.has(x)
            and self.sign(factor) == 1
            and range_of(x, self.ranges).positive
            and range_of(base, self.ranges).positive
        )

    def _limit_function(self, expr: Expr, x: Symbol) -> Trend:
        extremum = isinstance(expr, (Largest, Least))
        ways = (_UP,) * len(expr.args) if extremum else _ARGUMENTS.get(type(expr))
        if ways is None:
            return Trend.UNKNOWN
        result = Trend.CONSTANT
        for argument, way in zip(expr.args, ways, strict=True):
            inner = self.trend(argument, x)
            result |= inner if way is _UP else inner.reversed
        return result


def _times(
    factor: float, ends: tuple[float, float] | None, *, with_zero: bool = False
) -> tuple[float, float] | None:
    """An interval times a number, or times all numbers from 0 up to it."""
    if ends is None:
        return None
    found = sorted((factor * ends[0], factor * ends[1]))
    return (min(found[0], 0.0), max(found[1], 0.0)) if with_zero else (found[0], found[1])


def facts_about(variant: Variant, values: Mapping[Symbol, ValueRange] | None = None) -> TrendFacts:
    """The domains and side conditions of a variant; with `values` put in place of domains."""
    relations = [requirement.relation for requirement in variant.requires]
    ranges = domains(variant.parameters, relations) | dict(values or {})
    differences = tuple(relation.gts - relation.lts for relation in relations)
    return TrendFacts(ranges, ordered_pairs(relations), differences)


def trend(variant: Variant, name: str, values: Mapping[Symbol, ValueRange] | None = None) -> Trend:
    """How the value of a variant goes as one parameter grows and the others stay fixed.

    Parameters
    ----------
    variant : Variant
    name : str
        Long name of the parameter.
    values : mapping of Symbol to Range, optional
        Ranges narrower than the domains, for example single numbers.

    Returns
    -------
    Trend
        ``UNKNOWN`` where the rules cannot decide.
    """
    by_name = {p.name: p.symbol for p in variant.parameters}
    return facts_about(variant, values).trend(variant.expression, by_name[name])
