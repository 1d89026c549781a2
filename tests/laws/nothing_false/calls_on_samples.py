"""Calls of the lemmas that take a number of the sample, or any other that a user gives."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from calls import (
    Call,
    Maker,
    a_class,
    a_cost,
    a_name,
    a_predictor,
    a_sample,
    a_side,
    any_quantity,
    call_of,
    conditional,
    merged,
    some,
)
from objects import Objects, complexity, rational
from rational_intervals import Interval, exact
from small_world import Values
from sympy import Expr, Float, Integer, S

from boundcalc.conventions import Average
from boundcalc.symbolic import lemmas
from boundcalc.symbolic.complexity import StructuredClass
from boundcalc.symbolic.lemmas import composition as rules
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import (
    Predictor,
    Quantity,
    Sample,
    empirical_risk,
    rademacher,
    risk,
)


def observed(pool: Objects, name: str, values: Values, about: Any) -> tuple[Expr, dict[str, Any]]:
    """A number of the sample: its parameter, what it is on some outcome, or any other."""
    parameter, world = symbol(name), pool.world
    numbers = world.numbers
    if pool.random.random() < 0.4:
        known = numbers.setdefault(parameter, values)
        told = {("stands", parameter): about}
        return parameter, {"told": told, "false": known != values}
    value = (
        pool.random.choice(values).low
        if pool.random.random() < 0.8
        else Fraction(pool.random.choice([0, 1, 2]))
    )
    where = frozenset(i for i, v in enumerate(values) if v == exact(value))
    given: Expr = rational(value)
    if pool.random.random() < 0.1 and value.denominator == 1:
        given = Float(float(value))
    return given, {"told": {("value", about): value}, "possible": where}


def _errors(pool: Objects, f: Predictor, sample: Sample) -> Values:
    size = exact(len(pool.world.draw(sample, 0)))
    return [v * size for v in pool.world.values(empirical_risk(f, sample))]


def _zero_one(pool: Objects) -> Predictor:
    return pool.random.choice(
        [f for f in pool.predictors if f.member_of.loss.zero_one] or pool.predictors
    )


def _binomial(pool: Objects) -> Call:
    f, sample = _zero_one(pool), a_sample(pool)
    errors, told = observed(pool, "errors", _errors(pool, f, sample), ("errors", f, sample.text))
    told = _as_share(told, f, sample, pool)
    return call_of(
        lemmas.binomial_limit,
        f,
        sample=sample,
        errors=errors,
        side=a_side(pool),
        cost=a_cost(pool),
        told=told,
    )


def _as_share(told: dict[str, Any], f: Predictor, sample: Sample, pool: Objects) -> dict[str, Any]:
    """A count of errors says what the empirical risk is, and is at most the size of the sample."""
    size, about = len(pool.world.draw(sample, 0)), ("value", ("loss", f, sample.text))
    count = told["told"].get(("value", ("errors", f, sample.text)))
    if count is None:
        return told
    as_share = {"told": {about: count / size}}
    return merged(told, as_share, conditional(sample.size - rational(count), size - count))


def _relative_entropy(pool: Objects) -> Call:
    f, sample = _zero_one(pool), a_sample(pool)
    values = pool.world.values(empirical_risk(f, sample))
    loss, told = observed(pool, "test_loss", values, ("loss", f, sample.text))
    return call_of(
        lemmas.relative_entropy_limit,
        f,
        sample=sample,
        loss=loss,
        side=a_side(pool),
        cost=a_cost(pool),
        told=told,
    )


def _bernstein(pool: Objects) -> Call:
    f, sample, world = a_predictor(pool), a_sample(pool), pool.world
    variances: list[Interval] = []
    for i, each in enumerate(world.predictors[f]):
        losses = [each.losses[j] for j in world.draw(sample, i)]
        mean_loss = sum(losses, Fraction(0)) / len(losses)
        variances.append(
            exact(
                sum(((v - mean_loss) ** 2 for v in losses), Fraction(0)) / max(len(losses) - 1, 1)
            )
        )
    variance, told = observed(pool, "variance", variances, ("variance", f, sample.text))
    spare = sample.size - 2
    told = merged(told, conditional(spare, world.at(spare, 0).low))
    return call_of(
        lemmas.empirical_bernstein,
        f,
        sample=sample,
        variance=variance,
        side=a_side(pool),
        cost=a_cost(pool),
        told=told,
    )


def _given_risk(pool: Objects) -> Call:
    f, sample = a_predictor(pool), a_sample(pool)
    quantity = empirical_risk(f, sample)
    name = pool.random.choice(["train_loss", "test_loss"])
    value, told = observed(pool, name, pool.world.values(quantity), ("loss", f, sample.text))
    if value.is_number:
        spare = f.member_of.loss.width - value
        told = merged(told, conditional(spare, pool.world.at(spare, 0).low))
    return call_of(lemmas.given, quantity, value, term="loss", told=told)


def _given_risk_of_the_best(pool: Objects) -> Call:
    best = [f for f in pool.predictors if f.risk_minimiser_of and f.fixed]
    f = some(best, pool)
    value = pool.world.values(risk(f))[0].low
    given = rational(value) if pool.random.random() < 0.8 else S.Zero
    told = {"told": {("value", risk(f)): given}, "false": given != rational(value)}
    return call_of(lemmas.given, risk(f), given, term="gap", told=told)


def _given_name(pool: Objects) -> Call:
    name = a_name(pool)
    values = pool.world.values(name)
    value = values[0].low
    given = pool.random.choice(
        [rational(value), Float(float(value)), S.Zero, Integer(2), Float(1e17)]
    )
    where = frozenset(i for i, v in enumerate(values) if v == exact(_binary(given)))
    random = len(set(values)) > 1
    told = {("name", name): given}
    if random:
        return call_of(
            lemmas.given,
            name,
            given,
            term="name",
            told={"told": {("given", name): given}, "possible": where},
        )
    return call_of(lemmas.given, name, given, term="name", told={"told": told, "false": not where})


def _binary(value: Expr) -> Fraction:
    return Fraction(float(value)) if value.is_Float else Fraction(int(value.p), int(value.q))


def _given_complexity(pool: Objects) -> Call:
    quantity = complexity(pool)
    values = pool.world.values(quantity)
    top, slack = (
        pool.random.choice([v.high.__ceil__() for v in values]),
        pool.random.choice([0, 1, -3]),
    )
    told = _at_most(quantity, values, top + slack)
    return call_of(lemmas.given, quantity, Integer(top + slack), term="complexity", told=told)


def _at_most(quantity: Quantity, values: Values, value: int) -> dict[str, Any]:
    """Where a complexity does not exceed a number."""
    where = frozenset(i for i, v in enumerate(values) if v.high <= value)
    told: dict[str, Any] = {"false": not where}
    if Average.EMPIRICAL in quantity.subjects:
        told = {"possible": where}
    return {**told, "visible": value < 0}


def _given_bound(pool: Objects) -> Call:
    """The number that a class gives, in a convention; a risk is nothing that a user could give."""
    if pool.random.random() < 0.2:
        return call_of(rules.given_bound, any_quantity(pool), told={"visible": True})
    over = some(
        [c for c in pool.classes if isinstance(c, StructuredClass) and c.operation == "given"], pool
    )
    like = complexity(pool)
    quantity = Quantity(
        like.measure, (over, *like.subjects[1:]), f"{like.measure} given {like.subjects[1:]}", "v"
    )
    value = int(dict(over.constants)["given_complexity"])
    told = _at_most(quantity, pool.world.values(quantity), value)
    told["told"] = {("given", over): (like.measure, like.subjects[1:])}
    return call_of(rules.given_bound, quantity, told=told)


def _intrinsic(pool: Objects) -> Call:
    over, sample = a_class(pool), a_sample(pool)
    quantity = rademacher(over, sample)
    (value, *_) = pool.world.values(quantity)
    square = value * value * exact(len(pool.world.draw(sample, 0)))
    given = (
        rational(square.low)
        if square.low == square.high and pool.random.random() < 0.7
        else Integer(7)
    )
    told = {"told": {("value", quantity): given}, "false": given == 7}
    return call_of(lemmas.intrinsic_complexity, over, sample=sample, value=given, told=told)


MAKERS: tuple[Maker, ...] = (
    _binomial,
    _relative_entropy,
    _bernstein,
    _given_risk,
    _given_risk_of_the_best,
    _given_name,
    _given_complexity,
    _given_bound,
    _intrinsic,
)
