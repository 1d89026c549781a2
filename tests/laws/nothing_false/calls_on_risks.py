"""Calls of the lemmas on risks, deviations and means."""

from __future__ import annotations

from fractions import Fraction

from calls import (
    Call,
    Maker,
    a_class,
    a_cost,
    a_larger,
    a_member,
    a_name,
    a_predictor,
    a_sample,
    a_side,
    an_average,
    any_quantity,
    call_of,
    some,
)
from objects import LOOSE_DELTA, WIDE_DELTA, Objects, U, rational
from sympy import Expr, Float, S, log, sqrt

from boundcalc.conventions import Average
from boundcalc.symbolic import lemmas
from boundcalc.symbolic.lemmas import nesting
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import (
    deviation,
    empirical_risk,
    rademacher,
    risk,
)

delta = symbol("delta")


def _definition(pool: Objects) -> Call:
    name = a_name(pool, any_quantity(pool) if pool.random.random() < 0.5 else None)
    meaning = pool.world.definitions[name]
    return call_of(
        lemmas.definition,
        name,
        meaning,
        of="y",
        source="huang2021",
        told={"told": {("name", name): meaning}},
    )


def _infimum(pool: Objects) -> Call:
    f = a_member(pool)
    return call_of(lemmas.infimum, a_larger(pool, f.member_of), f)


def _minimiser(pool: Objects) -> Call:
    best = [f for f in pool.predictors if f.risk_minimiser_of]
    f = some(best, pool)
    inside = [
        c for c in pool.classes if f.risk_minimiser_of and c.is_within(f.risk_minimiser_of)
    ] or pool.classes
    over = pool.random.choice(inside)
    members = [g for g in pool.predictors if g.member_of == over] or pool.predictors
    return call_of(
        lemmas.minimiser, f, below=pool.random.choice([over, pool.random.choice(members)])
    )


def _erm(pool: Objects) -> Call:
    learned = [f for f in pool.predictors if f.erm_over]
    f = some(learned, pool)
    members = [g for g in pool.predictors if f.erm_over and g.is_in(f.erm_over)] or pool.predictors
    gap = pool.random.choice([S.Zero, S.Zero, symbol("optimisation_gap"), Float(0.0)])
    return call_of(
        lemmas.erm, f, against=pool.random.choice(members), sample=a_sample(pool), gap=gap
    )


def _erm_infimum(pool: Objects) -> Call:
    learned = [f for f in pool.predictors if f.erm_over]
    return call_of(nesting.erm_infimum, some(learned, pool), sample=a_sample(pool))


def _uniform_deviation(pool: Objects) -> Call:
    f = a_member(pool)
    over = a_larger(pool, f.member_of)
    return call_of(lemmas.uniform_deviation, f, over=over, sample=a_sample(pool), side=a_side(pool))


def _fixed_deviation(pool: Objects) -> Call:
    return call_of(lemmas.fixed_deviation, a_predictor(pool), sample=a_sample(pool))


def _substitution(pool: Objects) -> Call:
    f, g = pool.random.choice([*pool.world.composed, (a_predictor(pool), a_predictor(pool))])
    return call_of(lemmas.substitution, f, by=g)


def _empirical_infimum(pool: Objects) -> Call:
    f = a_member(pool)
    return call_of(
        nesting.empirical_infimum, a_larger(pool, f.member_of), at=f, sample=a_sample(pool)
    )


def _nested(pool: Objects) -> Call:
    over, sample = a_class(pool), a_sample(pool)
    larger = a_larger(pool, over)
    kind = pool.random.choice(["deviation", "complexity", "infimum"])
    if kind == "deviation":
        return call_of(
            nesting.nested_deviation, over, larger=larger, sample=sample, side=a_side(pool)
        )
    if kind == "infimum":
        return call_of(nesting.nested_empirical_infimum, over, larger=larger, sample=sample)
    flag = pool.random.random() < 0.5
    return call_of(
        nesting.nested_complexity,
        over,
        larger=larger,
        sample=sample,
        average=an_average(pool),
        loss_class=flag,
    )


def _loss_range(pool: Objects) -> Call:
    f = a_predictor(pool)
    plain = pool.random.choice([risk(f), empirical_risk(f, a_sample(pool))])
    quantity = a_name(pool, plain) if pool.random.random() < 0.2 else plain
    return call_of(nesting.loss_range, quantity, side=a_side(pool))


def _paired_risk(pool: Objects) -> Call:
    d, first, second = some(pool.pairs, pool)
    return call_of(nesting.paired_risk, d, first=first, second=second)


def _discordant(pool: Objects) -> Call:
    first, second = some([p[1:] for p in pool.pairs], pool)
    only = [
        f for f in pool.predictors if f.text == nesting.only_name(first, second)
    ] or pool.predictors
    other = [
        f for f in pool.predictors if f.text == nesting.only_name(second, first)
    ] or pool.predictors
    chosen = pool.random.choice(only), pool.random.choice(other)
    return call_of(nesting.discordant_risks, *chosen, first=first, second=second)


def _symmetrisation(pool: Objects) -> Call:
    return call_of(lemmas.symmetrisation, a_class(pool), sample=a_sample(pool), side=a_side(pool))


def _expected_complexity(pool: Objects) -> Call:
    return call_of(lemmas.expected_complexity, a_class(pool), sample=a_sample(pool))


def _contraction(pool: Objects) -> Call:
    return call_of(
        lemmas.contraction, a_class(pool), sample=a_sample(pool), average=an_average(pool)
    )


def _from_gaussian(pool: Objects) -> Call:
    which = pool.random.choice([lemmas.gaussian_from_rademacher, lemmas.gaussian_comparison])
    return call_of(which, a_class(pool), sample=a_sample(pool))


def _nonnegative(pool: Objects) -> Call:
    return call_of(lemmas.complexity_is_nonnegative, a_class(pool), sample=a_sample(pool))


def _root(pool: Objects) -> Call:
    tries = [
        sqrt(U + log(delta)),
        sqrt(symbol("m")),
        sqrt(U + log(WIDE_DELTA)),
        sqrt(log(1 / LOOSE_DELTA)),
        sqrt(log(1 / delta)),
    ]
    return call_of(lemmas.root_is_nonnegative, pool.random.choice(tries), term="rate")


def _of_samples(pool: Objects) -> Expr:
    """A sum of up to three statistics."""
    found = S.Zero
    for _ in range(pool.random.choice([1, 2, 2, 3])):
        f, over, sample = a_predictor(pool), a_class(pool), a_sample(pool)
        statistic = pool.random.choice(
            [
                empirical_risk(f, sample),
                empirical_risk(f, sample),
                deviation(over, sample, a_side(pool)),
                rademacher(
                    over, sample, average=Average.EMPIRICAL, loss_class=pool.random.random() < 0.7
                ),
                risk(f),
                any_quantity(pool),
            ]
        )
        found += (
            pool.random.choice([1, 1, -1, -2, symbol("lipschitz"), rational(Fraction(1, 2))])
            * statistic
        )
    return found


def _bounded_differences(pool: Objects) -> Call:
    return call_of(lemmas.bounded_differences, _of_samples(pool), cost=a_cost(pool))


MAKERS: tuple[Maker, ...] = (
    _definition,
    _infimum,
    _minimiser,
    _erm,
    _erm_infimum,
    _uniform_deviation,
    _fixed_deviation,
    _substitution,
    _empirical_infimum,
    _nested,
    _loss_range,
    _paired_risk,
    _discordant,
    _symmetrisation,
    _expected_complexity,
    _contraction,
    _from_gaussian,
    _nonnegative,
    _root,
    _bounded_differences,
)
