"""Exact decisions: the sign of a difference, whole numbers, limits, floats on the safe side.

A sign is shown by enclosures, and where the two sides may be equal, by algebra.

Numbers are the decimals that were written. An algebraic number that is not 0 cannot be arbitrarily
small: its size has a lower limit that its expression shows (Burnikel, Funke, Mehlhorn, Schirra &
Schmitt 2001). An enclosure that is narrower and holds 0 proves that it is 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from math import ceil, comb, copysign, inf, isfinite, lcm, log2, nan, prod
from typing import TYPE_CHECKING, Any

import numpy as np
from sympy import (
    Add,
    Dummy,
    Expr,
    Integer,
    Mul,
    Pow,
    Rational,
    Symbol,
    ceiling,
    expand_mul,
    fraction,
    limit,
    log,
    oo,
    together,
)

from boundcalc.errors import ConvergenceError
from boundcalc.numeric.arithmetic import float_above, floats, outer_end
from boundcalc.numeric.compile import enclosure, tape
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.search import boundary
from boundcalc.symbolic.analysis.quantiles import limit_rule
from boundcalc.symbolic.analysis.series import NoExpansionError, expand
from boundcalc.symbolic.functions import BinomialLower, BinomialUpper, KLUpper, LimitFunction
from boundcalc.symbolic.parameters import parameter
from boundcalc.symbolic.precision import Box

if TYPE_CHECKING:
    from boundcalc.numeric.bound import Bound

_DIGITS = (30, 120, 600)
_FLOAT_DIGITS, _WHOLE_DIGITS = (20, 120, 600), 40
_NARROW = Fraction(1, 2**53)
_MOST_BITS = 60_000
_LARGEST_WHOLE = 1e300
_MOST_DIGITS = 2_000
_MOST_TRIALS, _ENCLOSED_TRIALS = 1_000, 2_000_000
Exact = Mapping[Symbol, Fraction]


class UndecidedError(ConvergenceError):
    """Two numbers that agree to hundreds of digits and are not proved to be equal."""


def sign_against(expression: Expr, target: Fraction, values: Exact) -> int:
    """The sign of an expression minus a target: −1, 0 or 1.

    Parameters
    ----------
    expression : sympy.Expr
        Of sums, products, powers and logarithms, or a limit that is defined by an equation.
    target : Fraction
    values : mapping of symbol to Fraction
    """
    if isinstance(expression, (BinomialUpper, BinomialLower)):
        return _compare_binomial(expression, target, values)
    if isinstance(expression, LimitFunction):
        return _compare_kl(expression, target, values)
    return sign(expression, values, target)


def sign(expression: Expr, values: Exact, target: Fraction = Fraction(0)) -> int:
    """The sign of an expression minus a target."""
    for digits in _DIGITS:
        found = _enclosed_sign(expression, values, target, digits)
        if found is not None:
            return found
        if digits == _DIGITS[0] and _is_zero(expression - rational(target), values):
            return 0
    raise UndecidedError(
        f"two numbers agree to more than {_DIGITS[-1] // 2} digits: which one is larger is not "
        f"decided"
    )


def enclosed(expression: Expr, values: Exact, digits: int) -> Box:
    """An interval around an expression, or TypeError; its symbols have different names."""
    used = expression.free_symbols
    known = {s.name: values[s] for s in used if s in values}
    if len(known) < len(used):
        raise TypeError("a symbol without a value, or two of one name")
    return enclosure(expression, known, digits)


def rational(number: Fraction) -> Rational:
    """A fraction for SymPy."""
    return Rational(number.numerator, number.denominator)


def _enclosed_sign(expression: Expr, values: Exact, target: Fraction, digits: int) -> int | None:
    """The sign where an enclosure shows it."""
    try:
        low, high = enclosed(expression, values, digits)
    except TypeError:
        return None
    return Box(low - target, high - target).sign


def _is_zero(expression: Expr, values: Exact) -> bool:
    """Whether it is proved to be 0."""
    roots: dict[Expr, int] = {}
    try:
        above, below = _sizes(expression, values, roots)
    except TypeError:
        return _logarithms_cancel(expression.xreplace({s: rational(v) for s, v in values.items()}))
    degree = 1
    for root in roots.values():
        degree *= root
    bits = below + above * (degree - 1)
    if bits > _MOST_BITS:
        return False
    digits = int((bits + above) / log2(10)) + 30
    box = enclosed(expression, values, digits)
    return bool(box.lower <= 0 <= box.upper and box.width < Fraction(1, 1 << int(bits + 2)))


def _sizes(expr: Expr, values: Exact, roots: dict[Expr, int]) -> tuple[float, float]:
    """log₂ u and log₂ l of the theorem: 0 ≠ |E| ≥ 1/(l u^(d−1)), d the product of the roots'
    degrees.
    """
    if expr in values or expr.is_Rational:
        number = values[expr] if expr in values else Fraction(int(expr.p), int(expr.q))
        return log2(max(abs(number.numerator), 1)), log2(number.denominator)
    if expr.is_Add or expr.is_Mul:
        above = below = 0.0 if expr.is_Mul else None
        for part in expr.args:
            up, down = _sizes(part, values, roots)
            if above is None or below is None:
                above, below = up, down
            elif expr.is_Mul:
                above, below = above + up, below + down
            else:
                above, below = max(above + down, below + up) + 1, below + down
        assert above is not None
        assert below is not None
        return above, below
    if not expr.is_Pow:
        raise TypeError(f"{expr} is not algebraic")
    power = _fraction(expr.exp, values)
    above, below = _sizes(expr.base, values, roots)
    degree = power.denominator
    if degree > 1:
        roots[expr.base] = lcm(roots.get(expr.base, 1), degree)
        if above >= below:
            above = (above + (degree - 1) * below) / degree
        else:
            below = (below + (degree - 1) * above) / degree
    times = abs(power.numerator)
    return (above * times, below * times) if power > 0 else (below * times, above * times)


def _fraction(expr: Expr, values: Exact) -> Fraction:
    """A rational expression as a number."""
    number = expr.xreplace({s: rational(values[s]) for s in expr.free_symbols})
    if not number.is_Rational:
        raise TypeError(f"{expr} is not rational")
    return Fraction(int(number.p), int(number.q))


def _logarithms_cancel(expression: Expr) -> bool:
    """Whether Σ cᵢ ln rᵢ = 0 with whole and rational numbers: Π rᵢ^cᵢ = 1; over whatever it is
    divided by.
    """
    above, _ = fraction(together(expression))
    factors = []
    for term in Add.make_args(expand_mul(above)):
        times = Mul(*(a for a in Mul.make_args(term) if not isinstance(a, log)))
        logs = [a for a in Mul.make_args(term) if isinstance(a, log)]
        if len(logs) != 1 or not logs[0].args[0].is_Rational or not times.is_Integer:
            return False
        factors.append((int(times), Fraction(str(logs[0].args[0]))))
    bits = sum(abs(times) * log2(r.numerator * r.denominator) for times, r in factors)
    return bits <= _MOST_BITS and prod(r**times for times, r in factors) == 1


def _compare_binomial(end: LimitFunction, target: Fraction, values: Exact) -> int:
    """A Clopper–Pearson limit is above a target where the target leaves too large, or too small, a
    tail.
    """
    errors, trials, delta = (_fraction(a, values) for a in end.args)
    k, n, upper = int(errors), int(trials), isinstance(end, BinomialUpper)
    at_end = k == (n if upper else 0)
    if at_end or not 0 < target < 1:
        value = Fraction(upper) if at_end else Fraction(1, 2)
        return (value > target) - (value < target)
    if n <= _MOST_TRIALS:
        counts = range(k + 1) if upper else range(k, n + 1)
        tail = sum(comb(n, i) * target**i * (1 - target) ** (n - i) for i in counts)
        return (1 if upper else -1) * ((tail > delta) - (tail < delta))
    if n <= _ENCLOSED_TRIALS:
        return sign(end, values, target)
    raise UndecidedError(f"a binomial limit of {n} trials is too close to the target to decide")


def _compare_kl(end: LimitFunction, target: Fraction, values: Exact) -> int:
    """An end of {p : kl(q‖p) ≤ c} is further out than a target p where kl(q‖p) < c."""
    q, out = _fraction(end.args[0], values), 1 if isinstance(end, KLUpper) else -1
    if not 0 < target < 1:
        value = Fraction(q) if q == max(out, 0) else Fraction(1, 2)
        return (value > target) - (value < target)
    if (target - q) * out < 0:
        return out  # c ≥ 0: the limit is q or beyond
    room = end.args[1].xreplace({s: rational(values[s]) for s in end.args[1].free_symbols})
    for share, other in ((q, target), (1 - q, 1 - target)):
        if share:
            room -= rational(share) * log(rational(share / other))
    return out * sign(room, {})


def whole_value(expression: Expr, values: Exact) -> Fraction:
    """A rational expression in whole numbers that are rounded up to: 400.00000000000006 is
    not 401.
    """
    whole = {c: Integer(_next_whole(c.args[0], values)) for c in expression.atoms(ceiling)}
    found = expression.xreplace(whole).xreplace({s: rational(v) for s, v in values.items()})
    return Fraction(int(found.p), int(found.q))


def _next_whole(expression: Expr, values: Exact) -> int:
    """⌈x⌉ where an enclosure of x decides it, or else the exact sign of its distance to a whole
    number.
    """
    low, high, digits = 0, 2, _WHOLE_DIGITS
    while high - low > 1 and digits <= _MOST_DIGITS:
        box = enclosed(expression, values, digits)
        low, high = map(ceil, box)
        digits += max(_WHOLE_DIGITS, high.bit_length() // 3)
    if low == high:
        return low
    return boundary(lambda k: sign_against(expression, Fraction(k), values) <= 0, high, low - 1)


def rounded_up(expr: Expr, values: Exact) -> tuple[float, Fraction | None]:
    """An expression as the least float that is not below it, and as a fraction if it is
    rational.
    """
    if expr.is_Rational:
        exact = Fraction(int(expr.p), int(expr.q))
        return float_above(exact), exact
    for digits in _FLOAT_DIGITS:
        box = enclosed(expr, values, digits)
        if box.width <= abs(box.upper) * _NARROW:
            break
    return outer_end(box, True), None


@lru_cache(maxsize=1024)
def _rounds_up(expression: Expr) -> bool:
    return bool(expression.has(ceiling))


def value_of(expression: Expr, values: Mapping[str, Any]) -> Any:
    """The value of one expression in the parameters, as floats give it; whole numbers exactly."""
    (found,) = floats(tape(expression), values)
    if not _rounds_up(expression):
        return found
    roughly = np.asarray(found)
    symbols = list(expression.free_symbols)
    arrays = np.broadcast_arrays(*(np.asarray(values[s.name], dtype=float) for s in symbols))
    out = np.empty(arrays[0].shape)
    for index in np.ndindex(out.shape):
        if not roughly[index] < _LARGEST_WHOLE:
            out[index] = np.inf
            continue
        exact = {s: exactly(a[index]) for s, a in zip(symbols, arrays, strict=True)}
        out[index] = float_above(whole_value(expression, exact))
    return out


def far_limits(bound: Bound, name: str, end: float) -> list[float]:
    """What every term tends to as a free parameter goes to a finite end or ±∞; NaN if not known."""
    x = parameter(name).symbol
    return [_limit(bound, t.expression, x, end) for t in bound.variant.symbolic.terms]


def _limit(bound: Bound, expr: Expr, x: Expr, end: float) -> float:
    try:
        if not expr.has(x) or isfinite(end):
            return float(value_of(expr, {**bound.numbers, x.name: end}))
        return _far_limit(bound, expr, x, end)
    except (ArithmeticError, ConvergenceError, NoExpansionError, TypeError):
        return nan


def _far_limit(bound: Bound, expr: Expr, x: Expr, end: float) -> float:
    powers = set().union(*(p.exp.free_symbols for p in expr.atoms(Pow)))
    # (1 − 1/(2n))ⁿ has too many digits for n = 10⁹
    left = {s for s in powers if s.is_integer and s != x}
    exact = {parameter(n).symbol: rational(exactly(v)) for n, v in bound.numbers.items()}
    known = {s: v for s, v in exact.items() if s not in left}
    far = Dummy("far", positive=True)
    series = expand(expr.xreplace({**known, x: far if end > 0 else -far}), far, limit_rule)
    exponent, coefficient = series.towards
    if exponent < 0:
        return 0.0
    if coefficient.has(far):
        size = _limit_in_logarithm(coefficient.xreplace(exact), far)
    else:
        size = float(value_of(coefficient, bound.numbers))
    if exponent == 0:
        return size
    return copysign(inf, size) if size else nan


def _limit_in_logarithm(coefficient: Expr, far: Expr) -> float:
    """The limit of an expression in ln x as x → ∞."""
    slow = Dummy("slow", positive=True)
    found = limit(coefficient.xreplace({log(far): slow}), slow, oo)
    if found.has(far) or not found.is_extended_real:
        raise NoExpansionError(f"no limit of {coefficient} is known")
    return float(found)
