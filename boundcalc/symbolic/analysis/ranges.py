"""What values an expression can take, from the domains of its parameters: interval arithmetic.

Used for signs only: an end that is open is never reached, so ln(1/δ) with 0 < δ < 1 is known to be
positive, which SymPy's assumptions cannot see.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product

from sympy import Expr, Rel, Symbol, ceiling, log

from boundcalc.symbolic.complexity_functions import Largest, Least
from boundcalc.symbolic.functions import LimitFunction
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.parameter_symbol import ParameterSymbol

_INF = math.inf
_End = tuple[float, bool]


@dataclass(frozen=True)
class ValueRange:
    """An interval; an open end is not reached."""

    low: float
    high: float
    open_low: bool = False
    open_high: bool = False

    @property
    def nonnegative(self) -> bool:
        """Whether no value is below 0."""
        return self.low >= 0

    @property
    def nonpositive(self) -> bool:
        """Whether no value is above 0."""
        return self.high <= 0

    @property
    def positive(self) -> bool:
        """Whether every value is above 0."""
        return self.low > 0 or (self.low == 0 and self.open_low)

    @property
    def zero(self) -> bool:
        """Whether 0 is the only value."""
        return self.low == 0 == self.high

    @property
    def negated(self) -> ValueRange:
        """The range of −x."""
        return ValueRange(-self.high, -self.low, self.open_high, self.open_low)

    @property
    def ends(self) -> tuple[_End, _End]:
        """Both ends, each with whether it is reached."""
        return (self.low, not self.open_low), (self.high, not self.open_high)


EVERYTHING = ValueRange(-_INF, _INF, True, True)


def point(value: float) -> ValueRange:
    """A single value."""
    return ValueRange(value, value)


def domain(parameter: Parameter) -> ValueRange:
    """The domain of a parameter."""
    infinite = math.isinf(parameter.low), math.isinf(parameter.high)
    return ValueRange(
        parameter.low,
        parameter.high,
        parameter.open_low or infinite[0],
        parameter.open_high or infinite[1],
    )


def domains(
    parameters: Iterable[Parameter], relations: Iterable[Rel] = ()
) -> dict[Symbol, ValueRange]:
    """The domains of parameters by symbol, narrowed by relations such as ``n >= 2``.

    Relations between two parameters are not used here; see `ordered_pairs`.
    """
    found = {p.symbol: domain(p) for p in parameters}
    for small, large, strict in map(_sides, relations):
        if large in found and small.is_number:
            own = found[large]
            if float(small) >= own.low:
                found[large] = ValueRange(float(small), own.high, strict, own.open_high)
        elif small in found and large.is_number:
            own = found[small]
            if float(large) <= own.high:
                found[small] = ValueRange(own.low, float(large), own.open_low, strict)
    return found


def ordered_pairs(relations: Iterable[Rel]) -> tuple[tuple[Symbol, Symbol], ...]:
    """Pairs (greater, lesser) of parameters that relations put in order."""
    sides = map(_sides, relations)
    return tuple((large, small) for small, large, _ in sides if large.is_Symbol and small.is_Symbol)


def _sides(relation: Rel) -> tuple[Expr, Expr, bool]:
    """The lesser and the greater side, and whether they differ."""
    return relation.lts, relation.gts, relation.rel_op in ("<", ">")


def range_of(expr: Expr, known: Mapping[Symbol, ValueRange]) -> ValueRange:
    """A range that holds every value of `expr`; `EVERYTHING` where nothing is known."""
    if expr in known:
        return known[expr]
    if isinstance(expr, ParameterSymbol):
        return domain(expr.parameter)
    if expr.is_Symbol:
        above = ValueRange(0.0, _INF, bool(expr.is_positive), True)
        return above if expr.is_nonnegative else EVERYTHING
    if expr.is_number and not expr.has(LimitFunction):
        return point(float(expr))
    parts = [range_of(arg, known) for arg in expr.args]
    if expr.is_Add:
        return ValueRange(
            sum(p.low for p in parts),
            sum(p.high for p in parts),
            any(p.open_low for p in parts),
            any(p.open_high for p in parts),
        )
    if expr.is_Mul:
        result = parts[0]
        for part in parts[1:]:
            result = _times(result, part)
        return result
    if expr.is_Pow:
        return _power(*parts)
    if isinstance(expr, log):
        return _monotone(parts[0], lambda v: math.log(v) if v > 0 else -_INF)
    if isinstance(expr, ceiling):
        inner = parts[0]
        return ValueRange(inner.low, inner.high + 1, inner.open_low, inner.open_high)
    if isinstance(expr, (Largest, Least)):
        extremum = max if isinstance(expr, Largest) else min
        return ValueRange(extremum(p.low for p in parts), extremum(p.high for p in parts))
    return ValueRange(*expr.values) if isinstance(expr, LimitFunction) else EVERYTHING


def _hull(ends: list[_End]) -> ValueRange:
    low, high = min(v for v, _ in ends), max(v for v, _ in ends)
    return ValueRange(
        low,
        high,
        not any(reached for v, reached in ends if v == low),
        not any(reached for v, reached in ends if v == high),
    )


def _times(a: ValueRange, b: ValueRange) -> ValueRange:
    ends = []
    for (x, has_x), (y, has_y) in product(a.ends, b.ends):
        # 0 times an end that is not reached is 0; a 0 that is reached makes the product 0 whatever
        # the other
        zero_reached = (x == 0 and has_x) or (y == 0 and has_y)
        ends.append((0.0, zero_reached) if 0 in (x, y) else (x * y, has_x and has_y))
    return _hull(ends)


def _monotone(a: ValueRange, function: object) -> ValueRange:
    low, high = function(a.low), (_INF if a.high == _INF else function(a.high))  # type: ignore[operator]
    return ValueRange(low, high, a.open_low or math.isinf(low), a.open_high or math.isinf(high))


def _power(base: ValueRange, exponent: ValueRange) -> ValueRange:
    whole = exponent.low == exponent.high and float(exponent.low).is_integer()
    if not base.nonnegative:
        if not whole or (exponent.low < 0 and not base.nonpositive):
            return EVERYTHING
        odd = exponent.low % 2 == 1
        if base.nonpositive:
            result = _power(base.negated, exponent)
            return result.negated if odd else result
        low = _pow(-base.low, exponent.low)
        return ValueRange(
            -low if odd else 0.0, max(_pow(base.high, exponent.low), -_INF if odd else low)
        )
    ends = []
    for (x, has_x), (y, has_y) in product(base.ends, exponent.ends):
        value = _pow(x, y)
        ends.append((value, not math.isinf(value) and has_x and (has_y or x in (0, 1))))
    return _hull(ends)


def _pow(x: float, y: float) -> float:
    """x^y for x ≥ 0 with the limits at 0 and ∞."""
    if y == 0 or x == 1:
        return 1.0
    if x in (0, _INF):
        return x if y > 0 else _INF - x if x == 0 else 0.0
    try:
        return float(x**y)
    except OverflowError:
        return _INF
