"""How fast a bound approaches its limit as a sample grows, read off its closed form.

Nothing here is typed in: limits, constants and exponents are those of the expansion of the
expression that is evaluated, setting by setting and case by case.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sympy import Expr, Integer, Rational, S, Symbol, exp, limit, log, oo

from boundcalc.arguments import typed
from boundcalc.record import Record
from boundcalc.symbolic.analysis.orders import Order, Rate, TermRate, positive
from boundcalc.symbolic.analysis.quantiles import limit_rule
from boundcalc.symbolic.analysis.series import (
    GROWTH,
    NoExpansionError,
    Series,
    expand,
    sign_of_difference,
)
from boundcalc.symbolic.analysis.trends import facts_about
from boundcalc.symbolic.catalogue import theorem
from boundcalc.symbolic.complexity_functions import definitions_in
from boundcalc.symbolic.parameter import Parameter, Role
from boundcalc.symbolic.parameter_symbol import ParameterSymbol
from boundcalc.symbolic.parameters import SAMPLE_SIZES, symbol
from boundcalc.symbolic.printing import plain
from boundcalc.symbolic.theorem import Theorem, Variant

LAMBDA, MU = positive("lambda", "λ", r"\lambda"), positive("mu", "μ", r"\mu")
SHARE = Parameter("share", "q", "q", "", 0, 1, open_low=True, open_high=True).symbol
Substitution = dict[Symbol, Expr]


@dataclass(frozen=True)
class Rates(Record):
    """All growth rates of one variant; `caveats` are the assumptions on the entry's page."""

    id: str
    variant: str
    statement: str
    rates: tuple[Rate, ...]
    definitions: tuple[tuple[str, str], ...]
    caveats: str

    def to_dict(self) -> dict[str, Any]:
        """Plain text and lists, ready for JSON."""
        return {
            "id": self.id,
            "variant": self.variant,
            "statement": self.statement,
            "caveats": self.caveats,
            "rates": [rate.to_dict() for rate in self.rates],
            "definitions": dict(self.definitions),
        }


@typed
def rates(id: str, /, *, variant: str | None = None) -> Rates:
    """Rates of convergence or growth of a bound in each of its sample sizes.

    Parameters
    ----------
    id : str
    variant : str, optional
        Where left out, the first, tightest one.

    Returns
    -------
    Rates
        For each size with the rest fixed; where both sizes enter, jointly with m = λn and m = μn²;
        where a Rademacher complexity enters, with R = ρ/√m; for error counts, with errors = qn.

    Raises
    ------
    UnknownNameError
        For an unknown id or variant.

    Examples
    --------
    >>> rates("holdout.hoeffding").statement
    'r(f)'
    """
    entry = theorem(id)
    chosen = next(iter(entry.variants.values())) if variant is None else entry.variant(variant)
    found = tuple(analyses(chosen))
    return Rates(
        id=id,
        variant=chosen.name,
        statement=chosen.statement or entry.statement,
        rates=found,
        definitions=_definitions(found),
        caveats=section(entry, "Assumptions"),
    )


def _definitions(found: tuple[Rate, ...]) -> tuple[tuple[str, str], ...]:
    """What the quantiles in the constants mean."""
    shown = [rate.order.coefficient for rate in found if rate.order]
    shown += [rate.limit for rate in found if rate.limit is not None]
    return tuple(sorted(definitions_in(*shown).items()))


def section(entry: Theorem, head: str) -> str:
    """One section of an entry's page, as one paragraph."""
    _, _, rest = entry.page.partition(f"\n{head}\n")
    lines = rest.splitlines()[1:]
    text: list[str] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if following and set(following) == {"-"}:
            break
        text.append(line.strip())
    return " ".join(" ".join(text).translate({ord("`"): None, ord("*"): None}).split())


# --- the settings of a variant, and the cases in which they differ --------------------------------


def analyses(variant: Variant) -> Iterator[Rate]:
    """Every setting of a variant, with a rate for each case in which the answer differs."""
    for size, setting, substitution in _settings(variant):
        yield from _cases(variant, symbol(size), setting, substitution)


def _settings(variant: Variant) -> Iterator[tuple[str, str, Substitution]]:
    by_name = {p.name: p.symbol for p in variant.parameters if variant.expression.has(p.symbol)}
    sizes = [size for size in SAMPLE_SIZES if size in by_name]
    for size in sizes:
        yield size, "", {}
    m, n = symbol("m"), symbol("n")
    complexities = [s for s in by_name.values() if s.parameter.falls_with == "m"]
    if complexities and sizes == ["m"]:
        put = {s: _shrinking(s) / m ** Rational(1, 2) for s in complexities}
        yield "m", ", ".join(f"{plain(s)} = {plain(value)}" for s, value in put.items()), put
    if "errors" in by_name:
        yield "n", "k = qn, 0 < q < 1", {by_name["errors"]: SHARE * n}
    if sizes == ["m", "n"]:
        yield "n", "m = λn", {m: LAMBDA * n}
        yield "n", "m = μn²", {m: MU * n**2}


def _shrinking(complexity: ParameterSymbol) -> ParameterSymbol:
    """ρ for R, ρ_M for R_M: the constant in R = ρ/√m."""
    tail = complexity.parameter.glyph.partition("_")[2]
    if not tail:
        return positive("rho", "ρ", r"\rho")
    return positive(f"rho_{tail}", f"ρ_{tail}", rf"\rho_{{{tail}}}")


def _cases(
    variant: Variant, x: Symbol, setting: str, put: Substitution, case: tuple[str, ...] = ()
) -> Iterator[Rate]:
    """The general case, then every special value for which it says something else."""
    try:
        series = {
            term.name: expand(term.expression.xreplace(put), x, limit_rule)
            for term in variant.terms
        }
        if GROWTH not in put and any(p.has(GROWTH) for s in series.values() for p, _ in s.parts):
            for value, text in ((GROWTH, "½ < a < 1"), (S.One, "a = 1"), (Rational(1, 2), "a = ½")):
                yield from _cases(variant, x, setting, {**put, GROWTH: value}, (*case, text))
            return
        total = sum(series.values(), Series(()))
        rate = _rate(variant, x, setting, put, case, total, series)
    except NoExpansionError as problem:
        yield Rate(x.name, setting, case, None, None, (), (), put, f"no closed form: {problem}")
        return
    special = list(_special(variant, put, rate, total))
    yield replace(rate, case=(*case, *(_inside(s, values) for s, values in special)))
    for s, values in special:
        for value in values:
            yield from _cases(
                variant, x, setting, {**put, s: value}, (*case, f"{plain(s)} = {plain(value)}")
            )


def _rate(
    variant: Variant,
    x: Symbol,
    setting: str,
    put: Substitution,
    case: tuple[str, ...],
    total: Series,
    series: dict[str, Series],
) -> Rate:
    value, order = _split(total, x)
    if order is not None and value is oo and put.get(GROWTH, GROWTH).is_number:
        order = replace(order, coefficient=_exact(variant.expression.xreplace(put), order))
    terms = tuple(TermRate(name, *_split(s, x)) for name, s in series.items())
    deciding = tuple(
        t.name
        for t in terms
        if order and t.order and sign_of_difference(t.order.exponent, order.exponent) == 0
    )
    return Rate(x.name, setting, case, value, order, deciding, terms, put)


def _split(series: Series, x: Symbol) -> tuple[Expr, Order | None]:
    """The limit, and the largest power of what is left."""
    if series.parts and sign_of_difference(series.lead[0], S.Zero) > 0:
        exponent, coefficient = series.lead
        return oo, Order(coefficient, exponent, x)
    constant = dict(series.parts).get(S.Zero, S.Zero)
    if constant.has(x):
        if limit(constant, x, oo) is not oo:
            raise NoExpansionError("what a logarithm of the sample size tends to")
        return oo, Order(constant, S.Zero, x)
    rest = replace(series, parts=tuple((p, c) for p, c in series.parts if p != 0))
    if not rest.parts and rest.error is None:
        return constant, None
    exponent, coefficient = rest.lead
    return constant, Order(coefficient, exponent, x)


def _exact(expr: Expr, order: Order) -> Expr:
    """The coefficient of the growth once more, as a limit; δ = exp(−u) shows SymPy the signs."""
    u, delta = Symbol("u", positive=True), symbol("delta")
    scaled = expr.xreplace({delta: exp(-u)}) / order.size**order.exponent
    return limit(scaled, order.size, oo).xreplace({u: log(1 / delta)})


def _special(
    variant: Variant, put: Substitution, rate: Rate, total: Series
) -> Iterator[tuple[Symbol, tuple[Expr, ...]]]:
    """Values at the ends of a domain at which a coefficient of the general case vanishes.

    Complexities are taken to be positive: a class of complexity 0 has nothing to learn.
    """
    watched = [*total.provisos, *([rate.order.coefficient] if rate.order else [])]
    ranges = facts_about(variant).ranges
    for p in variant.parameters:
        s = p.symbol
        if s in put or p.name in SAMPLE_SIZES or p.role is Role.COMPLEXITY:
            continue
        # the ends of its range that are finite, whole and reached
        ends = [Integer(int(v)) for v, has in ranges[s].ends if has and float(v).is_integer()]
        found = tuple(e for e in ends if any(c.has(s) and c.xreplace({s: e}) == 0 for c in watched))
        if found:
            yield s, found


def _inside(s: Symbol, ends: tuple[Expr, ...]) -> str:
    if len(ends) == 2:
        return f"{plain(ends[0])} < {plain(s)} < {plain(ends[1])}"
    return f"{plain(s)} > {plain(ends[0])}"
