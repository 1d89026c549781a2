"""Rates: every limit, constant and exponent that is reported, against numbers at huge sizes."""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Callable
from typing import Any

import mpmath
import pytest
import sympy
from mpmath import mp
from rich.cells import cell_len
from scipy import special, stats
from sympy import Expr, Integer, Rational, Symbol, oo, pi, sqrt

import boundcalc as bc
from boundcalc.errors import UnknownNameError
from boundcalc.symbolic.analysis.orders import Order, Rate
from boundcalc.symbolic.analysis.quantiles import NormalQuantile, PoissonLower, PoissonUpper
from boundcalc.symbolic.analysis.ranges import range_of
from boundcalc.symbolic.analysis.rates import LAMBDA, MU, SHARE
from boundcalc.symbolic.analysis.series import GROWTH, NoExpansionError, expand, sign_of_difference
from boundcalc.symbolic.complexity_functions import LogGrowth, NormalMoment
from boundcalc.symbolic.functions import BinomialLower, BinomialUpper, KLLower, KLUpper
from boundcalc.symbolic.parameters import parameter, symbol

computed = functools.cache(bc.rates)
"""The same rates are looked at by several tests."""


FORMS = [(id, variant) for id, entry in bc.catalogue().items() for variant in entry.variants]
VALUES = {
    "m": 7000,
    "n": 900,
    "delta": 0.05,
    "errors": 3,
    "tasks": 4,
    "growth": "0.8",
    "gamma": "-0.3",
    "distance_bound": 2,
}


def value_of_symbol(s: Symbol) -> Any:
    """Decimals that are not special in any way, one for each name."""
    if s.name in VALUES:
        return mp.mpf(VALUES[s.name])
    if s == SHARE:
        return mp.mpf("0.3")
    if parameter_or_none(s) and s.name.startswith(("test_loss", "train_loss", "variance")):
        return mp.mpf("0.11")
    return mp.mpf(1) / 3 + mp.mpf(sum(map(ord, s.name)) % 17) / 10


def parameter_or_none(s: Symbol) -> object:
    return getattr(s, "parameter", None)


def root(function: Any, low: Any, high: Any) -> Any:
    """Bisection for an increasing function."""
    for _ in range(4 * mp.prec):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) < 0 else (low, middle)
    return (low + high) / 2


def kl(q: Any, p: Any) -> Any:
    first = q * mp.log(q / p) if q else mp.mpf(0)
    return first + ((1 - q) * mp.log((1 - q) / (1 - p)) if q != 1 else 0)


def kl_upper(q: Any, c: Any) -> Any:
    return mp.mpf(1) if q == 1 else root(lambda p: kl(q, p) - c, q, mp.mpf(1))


def kl_lower(q: Any, c: Any) -> Any:
    return mp.mpf(0) if q == 0 else root(lambda p: c - kl(q, p), mp.mpf(0), q)


def binomial_upper(k: Any, n: Any, delta: Any) -> Any:
    return mp.mpf(float(special.betainccinv(float(k) + 1, float(n - k), float(delta))))


def binomial_lower(k: Any, n: Any, delta: Any) -> Any:
    return (
        mp.mpf(0)
        if k == 0
        else mp.mpf(float(special.betaincinv(float(k), float(n - k) + 1, float(delta))))
    )


def log_entropy_moment(m: Any) -> Any:
    """ln ξ(m) for huge m: m! e^m/(2 m^m) + 2/3 − 4/(135 m), up to 1/m²."""
    return mp.log(mp.exp(mp.loggamma(m + 1) + m - m * mp.log(m)) / 2 + mp.mpf(2) / 3)


NUMERIC = {
    "Largest": max,
    "Least": min,
    "LogEntropyMoment": log_entropy_moment,
    "KLUpper": kl_upper,
    "KLLower": kl_lower,
    "BinomialUpper": binomial_upper,
    "BinomialLower": binomial_lower,
    "NormalQuantile": lambda d: mp.mpf(stats.norm.isf(float(d))),
    "PoissonUpper": lambda k, d: mp.mpf(stats.chi2.isf(float(d), 2 * float(k) + 2) / 2),
    "PoissonLower": lambda k, d: mp.mpf(stats.chi2.ppf(float(d), 2 * float(k)) / 2),
}


def value(expr: Expr, known: dict[Symbol, Any] | None = None) -> Any:
    """A value with mpmath, independent of the package's numeric layer."""
    symbols = sorted(expr.free_symbols, key=str)
    numbers = [(known or {}).get(s, value_of_symbol(s)) for s in symbols]
    return mp.mpf(sympy.lambdify(symbols, expr, modules=[NUMERIC, "mpmath"])(*numbers))


def at_size(rate: Rate, expr: Expr, size: Any) -> Any:
    x = symbol(rate.size)
    return value(expr.xreplace(rate.substitution), {x: size})


def huge(expr: Expr) -> list[Any]:
    """Two sizes: as large as the precision of the tail functions allows."""
    if expr.has(BinomialUpper, BinomialLower):
        return [mp.mpf(10) ** 8, mp.mpf(10) ** 9]
    return [mp.mpf(10) ** 40, mp.mpf(10) ** 42]


def check_order(rate: Rate, expr: Expr, limit: Expr, order: Order | None) -> None:
    sizes = huge(expr)
    with mp.workdps(150):
        base = mp.mpf(0) if limit is oo else value(limit.xreplace(rate.substitution))
        left = [at_size(rate, expr, x) - base for x in sizes]
        if order is None:
            assert max(map(abs, left)) < mp.mpf(10) ** -100
            return
        x = order.size
        predicted = [
            value(order.expression.xreplace(rate.substitution), {x: size}) for size in sizes
        ]
        for found, wanted in zip(left, predicted, strict=True):
            assert abs(found / wanted - 1) < 1e-3
        # a logarithm of the size in the coefficient grows on its own
        growth = [value(order.coefficient.xreplace(rate.substitution), {x: size}) for size in sizes]
        slope = mp.log(left[1] / left[0] * growth[0] / growth[1]) / mp.log(sizes[1] / sizes[0])
        assert abs(slope - value(order.exponent.xreplace(rate.substitution))) < 1e-3


@pytest.mark.parametrize(("id", "variant"), FORMS)
def test_every_reported_rate_is_what_numbers_at_huge_sizes_show(id: str, variant: str) -> None:
    form = bc.theorem(id).variant(variant)
    for rate in computed(id, variant=variant).rates:
        assert rate.limit is not None, rate.note
        check_order(rate, form.expression, rate.limit, rate.order)
        for reported, term in zip(rate.terms, form.terms, strict=True):
            assert reported.name == term.name
            check_order(rate, term.expression, reported.limit, reported.order)
        assert bool(rate.deciding) == (rate.order is not None)
        exponents = {t.name: t.order.exponent for t in rate.terms if t.order}
        if rate.order:
            assert set(rate.deciding) == {
                name for name, p in exponents.items() if p == rate.order.exponent
            }


@pytest.mark.parametrize(("id", "variant"), FORMS)
def test_every_size_of_every_form_has_a_rate(id: str, variant: str) -> None:
    form = bc.theorem(id).variant(variant)
    sizes = {s for s in ("m", "n") if form.expression.has(symbol(s))}
    found = computed(id, variant=variant)
    assert {rate.size for rate in found.rates if not rate.setting} == sizes
    assert json.loads(json.dumps(found.to_dict()))["id"] == id
    assert all(rate.note == "" for rate in found.rates)


def only(id: str, variant: str, setting: str, *case: str) -> Rate:
    (found,) = (
        r for r in computed(id, variant=variant).rates if r.setting == setting and r.case == case
    )
    return found


def test_rates_of_theorem1_and_of_held_out_limits() -> None:
    rate = only("huang2021.theorem1", "sharp", "")
    assert rate.order.text == "C√(2 ln(1/δ))·m^(−1/2)"
    assert rate.deciding == ("concentration",)
    joint = only("huang2021.theorem1", "sharp", "R = ρ/√m")
    assert joint.order.text == "(2Lρ + C√(2 ln(1/δ)))·m^(−1/2)"
    assert joint.deciding == ("complexity", "concentration")
    bernstein = only("holdout.empirical_bernstein", "upper", "", "V = 0")
    assert bernstein.order.exponent == -1
    kl_rate = only("holdout.kl", "upper", "", "0 < r̂ < 1")
    assert kl_rate.order.text == "√(2r̂(1 − r̂) ln(1/δ))·n^(−1/2)"
    assert only("holdout.kl", "upper", "", "r̂ = 0").order.text == "ln(1/δ)·n^(−1)"
    assert only("lu2023.unimodal", "expected", "", "a = 1").limit == sqrt(2) * sqrt(pi) * symbol(
        "c_composite"
    )
    assert bc.rates("huang2021.selection", variant="crossover").rates == ()


L, C, D, T = (symbol(name) for name in ("lipschitz", "loss_bound", "distance_bound", "tasks"))
delta, c_F, c_G, c_FG = (
    symbol(name) for name in ("delta", "c_predictor", "c_connection", "c_composite")
)


def test_growth_of_lu_is_the_limit_of_the_theory() -> None:
    """The one place where the limit is typed: √(2π)c_FG / (√(2π)(c_F + L c_G/√λ) + √(2 ln(1/δ)(L²D²/λ + C²/T)))."""
    rate = only("lu2023.improvement", "one-event", "m = λn", "a = 1", "κ = 0")
    u = Symbol("u", positive=True)
    wanted = (
        sqrt(2 * pi)
        * c_FG
        / (
            sqrt(2 * pi) * (c_F + L * c_G / sqrt(LAMBDA))
            + sqrt(2 * sympy.log(1 / delta) * (L**2 * D**2 / LAMBDA + C**2 / T))
        )
    )
    assert (rate.limit, rate.order.exponent) == (oo, Rational(1, 2))
    quotient = (rate.order.coefficient / wanted).subs(delta, sympy.exp(-u))
    assert sympy.simplify(quotient) == 1
    # and once more as SymPy's limit of the two closed forms
    forms = [
        bc.theorem(f"lu2023.{kind}").variant("one-event").expression
        for kind in ("unimodal", "multimodal")
    ]
    n = symbol("n")
    put = {
        symbol("m"): LAMBDA * n,
        GROWTH: sympy.S.One,
        symbol("connection_gap"): sympy.S.Zero,
        delta: sympy.exp(-u),
    }
    again = sympy.limit((forms[0] / forms[1]).xreplace(put) / sqrt(n), n, oo)
    assert sympy.simplify(again / wanted.subs(delta, sympy.exp(-u))) == 1


def test_improvement_over_root_n_at_a_trillion() -> None:
    values = {
        "delta": 0.05,
        "tasks": 3,
        "lipschitz": 1.5,
        "loss_bound": 0.8,
        "distance_bound": 2,
        "c_predictor": 0.7,
        "c_connection": 1.1,
        "c_composite": 0.4,
    }
    n, ratio = 10**12, 2
    found = bc.evaluate(
        "lu2023.improvement",
        variant="one-event",
        n=n,
        m=ratio * n,
        connection_gap=0,
        growth=1,
        **values,
    )
    rate = only("lu2023.improvement", "one-event", "m = λn", "a = 1", "κ = 0")
    put = {symbol(k): v for k, v in values.items()} | {LAMBDA: ratio}
    coefficient = float(rate.order.coefficient.subs(put))
    assert found.value / n**0.5 == pytest.approx(coefficient, abs=1e-5)


def test_growth_exponent_of_lu_in_general() -> None:
    for variant in ("one-event", "expected"):
        growing = only("lu2023.improvement", variant, "m = λn", "½ < a < 1", "κ = 0")
        assert growing.order.exponent == GROWTH - Rational(1, 2)
        assert growing.limit is oo
        falling = only("lu2023.improvement", variant, "m = λn", "½ < a < 1", "κ > 0")
        assert (falling.limit, falling.order.exponent) == (0, GROWTH - 1)
        bounded = only("lu2023.improvement", variant, "m = λn", "a = 1", "κ > 0")
        assert (
            sympy.simplify(bounded.limit * L * symbol("connection_gap") / sqrt(2 * pi) / c_FG) == 1
        )


def test_separation_is_a_constant_or_grows_like_root_n() -> None:
    constant = only("lu2023.separation", "ratio", "m = λn")
    assert sympy.simplify(constant.limit / (sympy.exp(Rational(-1, 2)) * sqrt(LAMBDA / 8))) == 1
    growing = only("lu2023.separation", "ratio", "m = μn²")
    assert (growing.limit, growing.order.exponent) == (oo, Rational(1, 2))
    wanted = sympy.exp(Rational(-1, 2)) / (2 * (1 + sqrt(2 / MU)))
    assert sympy.simplify(growing.order.coefficient / wanted) == 1


def test_the_two_ratios_are_kept_apart() -> None:
    bounds, errors = (bc.rates(f"lu2023.{name}").caveats for name in ("improvement", "separation"))
    assert "A ratio of upper bounds is not a ratio of risks" in bounds
    assert "lu2023.separation" in bounds
    assert "This is a statement about errors, unlike lu2023.improvement" in errors


def test_expansions() -> None:
    x, a = symbol("n"), GROWTH
    c = Symbol("c", positive=True)
    assert expand(3 / (2 * x - 1), x).parts[:2] == ((-1, Rational(3, 2)), (-2, Rational(3, 4)))
    assert expand((1 + c / x) ** x, x).lead == (0, sympy.exp(c))
    assert expand(x ** (a - 1) + 1 / sqrt(x), x).lead[0] == a - 1
    assert expand(sqrt(x + 1) - sqrt(x), x).lead == (-Rational(1, 2), Rational(1, 2))
    assert expand(sympy.log(1 + 1 / x), x).lead == (-1, 1)
    with pytest.raises(NoExpansionError, match="depends on a"):
        sign_of_difference(a, Rational(3, 4))
    # what is left lies beyond the powers that are kept: no answer, not 0
    with pytest.raises(NoExpansionError, match="cancels"):
        expand(sympy.log(1 + 1 / x) - 1 / x + 1 / (2 * x**2) - 1 / (3 * x**3), x).lead  # noqa: B018
    for hopeless in (
        sympy.log(sympy.log(x)),
        x ** sympy.log(x),
        sympy.exp(x),
        sympy.sin(x),
        sympy.gamma(x),
    ):
        with pytest.raises(NoExpansionError):
            expand(hopeless, x)


def test_what_cannot_be_expanded_is_said(
    run: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise NoExpansionError("planted")

    monkeypatch.setattr("boundcalc.symbolic.analysis.rates.limit_rule", refuse)
    (rate, *_) = bc.rates("holdout.kl").rates
    assert (rate.limit, rate.order, rate.note) == (None, None, "no closed form: planted")
    code, out, _ = run("rates", "holdout.kl")
    assert code == 0
    assert "n → ∞, the rest fixed: no closed form: planted." in out


@pytest.mark.parametrize("id", list(bc.catalogue()))
def test_the_command_prints_every_entry(
    id: str, run: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("boundcalc.symbolic.analysis.rates.rates", computed)
    for variant in bc.theorem(id).variants:
        code, out, err = run("rates", id, "--variant", variant)
        assert (code, err) == (0, "")
        assert max(cell_len(line.rstrip()) for line in out.splitlines()) <= 80
        assert not re.search(r"sqrt|\*\*|exp\(", out)
        if variant != next(iter(bc.theorem(id).variants)):
            continue  # the other formats print the same expressions
        for format in ("json", "markdown", "latex", "csv"):
            if format == "csv" and not computed(id, variant=variant).rates:
                continue
            code, out, err = run("rates", id, "-v", variant, "-f", format)
            assert (code, err) == (0, "")
            assert out.strip()
            if format == "latex":
                assert [c for c in out if ord(c) > 255] == []


def test_bad_input(refused: Callable[..., str]) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'sharp'"):
        bc.rates("huang2021.theorem1", variant="shrp")
    assert (
        refused("rates", "holdout.kll")
        == "Error: unknown theorem 'holdout.kll'; did you mean 'holdout.kl'?\n"
    )


def test_quantiles_are_what_their_definitions_say() -> None:
    with mp.workdps(30):
        lam = value(PoissonUpper(3, delta))
        tail = mp.exp(-lam) * mpmath.fsum(lam**j / mp.factorial(j) for j in range(4))
        assert abs(tail - mp.mpf("0.05")) < 1e-12
        lam = value(PoissonLower(3, delta))
        tail = mp.exp(-lam) * mpmath.fsum(lam**j / mp.factorial(j) for j in range(3))
        assert abs(1 - tail - mp.mpf("0.05")) < 1e-12
        z = value(NormalQuantile(delta))
        assert abs(mp.ncdf(z) - mp.mpf("0.95")) < 1e-12
    assert PoissonUpper(0, delta) == sympy.log(1 / delta)
    assert PoissonLower(0, delta) == 0
    assert KLUpper(c_F, c_G) != KLLower(c_F, c_G)
    assert parameter("growth").symbol == GROWTH


def test_a_range_holds_the_values_of_every_function_of_complexities() -> None:
    """(E g⁴)^(1/4) = 3^(1/4) and ln(1 + 20) are above 1."""
    four = NormalMoment(Integer(4))
    patterns = LogGrowth(Integer(20), Integer(1))
    for function, value in ((four, 3**0.25), (patterns, math.log(21))):
        found = range_of(function, {})
        assert found.low <= value <= found.high
        assert not range_of(1 - function, {}).nonnegative
