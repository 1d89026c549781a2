"""How limits that are defined by an equation behave for large samples.

Each rule is read off the defining equation: the relative entropy is quadratic near its minimum, a
binomial count with a fixed number of errors tends to a Poisson count, and one with a fixed share of
errors to a normal one.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache, reduce

from sympy import Expr, Rational, S, Symbol, cancel, diff, log, pi, sqrt

from boundcalc.symbolic.analysis.series import (
    NoExpansionError,
    Series,
    constant,
    largest_exponent,
    sign_of_difference,
)
from boundcalc.symbolic.complexity_functions import Largest, Least
from boundcalc.symbolic.functions import (
    BinomialLower,
    BinomialUpper,
    KLLower,
    KLUpper,
    LimitFunction,
    LogEntropyMoment,
)
from boundcalc.symbolic.kernel import provably_nonnegative


class NormalQuantile(LimitFunction):
    """The 1 − δ quantile of the standard normal distribution."""

    nargs = (1,)
    glyph = "z"
    latex_name = "z"
    definition = "the 1 − δ quantile of the standard normal distribution"


class PoissonUpper(LimitFunction):
    """The λ with P(Poisson(λ) ≤ k) = δ."""

    nargs = (2,)
    glyph = "PoissonUpper"
    latex_name = r"\mathrm{Poi}^{-1}_{+}"
    definition = "the mean of a Poisson count that is at most k with probability δ"

    @classmethod
    def eval(cls, *args: Expr) -> Expr | None:
        """P(Poisson(λ) = 0) = e^(−λ)."""
        return log(1 / args[1]) if args[0] == 0 else None


class PoissonLower(LimitFunction):
    """The λ with P(Poisson(λ) ≥ k) = δ."""

    nargs = (2,)
    glyph = "PoissonLower"
    latex_name = r"\mathrm{Poi}^{-1}_{-}"
    definition = "the mean of a Poisson count that is at least k with probability δ; 0 if k = 0"

    @classmethod
    def eval(cls, *args: Expr) -> Expr | None:
        """Every λ has P(Poisson(λ) ≥ 0) = 1."""
        return S.Zero if args[0] == 0 else None


@cache
def _kl_curvature(q: Expr) -> Expr:
    """2/kl″, so that kl(q‖p) ≤ c holds up to |p − q| ≈ √(c·2/kl″); found by differentiating kl."""
    p, variance = Symbol("p", positive=True), q * (1 - q)
    kl = q * log(q / p) + (1 - q) * log((1 - q) / (1 - p))
    return 2 * variance / cancel(diff(kl, p, 2).subs(p, q) * variance)


def limit_rule(expr: LimitFunction, parts: tuple[Series, ...], x: Symbol) -> Series:
    """Expand a limit function for x → ∞, given the expansions of its arguments.

    Raises
    ------
    NoExpansionError
        If no expansion is known.
    """
    if isinstance(expr, (KLUpper, KLLower)):
        q, c = parts
        return _relative_entropy(expr, q, c, x)
    if isinstance(expr, (BinomialUpper, BinomialLower)):
        k, n, delta = parts
        return _binomial(expr, k, n, delta, x)
    if isinstance(expr, LogEntropyMoment):
        return _entropy_moment(parts[0], x)
    if isinstance(expr, (Largest, Least)):
        return _extremum(expr, parts)
    raise NoExpansionError(f"no expansion of {expr.glyph} is known")


def _extremum(expr: LimitFunction, parts: tuple[Series, ...]) -> Series:
    """The part that is the largest, or the smallest, at last; of equal powers that of the factors.

    Raises
    ------
    NoExpansionError
        If a part may be negative, or nothing is known of it.
    """
    if not all(provably_nonnegative(part.lead[1]) for part in parts):
        raise NoExpansionError(f"which part of {expr.glyph} counts depends on the other numbers")
    sign = 1 if isinstance(expr, Largest) else -1
    first = reduce(
        lambda a, b: a if sign * sign_of_difference(a.lead[0], b.lead[0]) >= 0 else b, parts
    )
    power = first.lead[0]
    same = [part for part in parts if sign_of_difference(part.lead[0], power) == 0]
    provisos = frozenset(part.lead[1] for part in parts)
    if len(same) == 1:
        return replace(first, provisos=first.provisos | provisos)
    rest = [Series(part.parts[1:], part.error) for part in same]
    error = largest_exponent(part.lead[0] if part.parts else part.error for part in rest)
    return Series(((power, expr.func(*(part.lead[1] for part in same))),), error, provisos)


def _entropy_moment(m: Series, x: Symbol) -> Series:
    """ξ(m) = √(πm/2) + 2/3 + O(1/√m), by Stirling's and Ramanujan's formulas."""
    half = Rational(1, 2)
    root = (constant(pi / 2) * m).power(half)
    return (root + constant(Rational(2, 3)) + Series((), -half * m.lead[0])).log(x)


def _fixed(series: Series, x: Symbol) -> Expr | None:
    """The value of a series that is a constant."""
    if series.error is not None or any(p != 0 or c.has(x) for p, c in series.parts):
        return None
    return series.lead[1]


def _relative_entropy(expr: LimitFunction, q: Series, c: Series, x: Symbol) -> Series:
    loss, upper = _fixed(q, x), isinstance(expr, KLUpper)
    if loss is None or not c.lead[0].is_negative:
        raise NoExpansionError(
            "the loss or the exponent of the relative entropy changes with the size"
        )
    if loss in (0, 1):  # kl(0‖p) = −ln(1 − p) and kl(1‖p) = −ln p
        certain = (loss == 1) is upper
        tail = (constant(-S.One) * c).exp(x)
        inner = constant(S.One) + constant(-S.One) * tail
        return constant(loss) if certain else inner if upper else tail
    width = (constant(_kl_curvature(loss)) * c).power(Rational(1, 2))
    sign = S.One if upper else -S.One
    return constant(loss) + constant(sign) * width + Series((), c.lead[0])


def _binomial(expr: LimitFunction, k: Series, n: Series, delta: Series, x: Symbol) -> Series:
    errors, failure, upper = _fixed(k, x), _fixed(delta, x), isinstance(expr, BinomialUpper)
    if failure is None or n.parts != ((S.One, S.One),) or n.error is not None:
        raise NoExpansionError("only the number of examples may grow in a binomial limit")
    shrinking = Series(((-S.One, S.One),))
    if errors is None:
        if len(k.parts) != 1 or k.parts[0][0] != 1:
            raise NoExpansionError(
                "the errors neither stay fixed nor are a fixed share of the examples"
            )
        share = k.parts[0][1]
        spread = NormalQuantile(failure) * sqrt(share * (1 - share)) * (S.One if upper else -S.One)
        return constant(share) + Series(((-Rational(1, 2), spread),), -S.One)
    if errors == 0:  # (1 − p)ⁿ = δ
        tail = (constant(-log(1 / failure)) * shrinking).exp(x)
        return constant(S.One) + constant(-S.One) * tail if upper else constant(S.Zero)
    mean = (PoissonUpper if upper else PoissonLower)(errors, failure)
    return Series(((-S.One, mean),), S(-2))
