"""Calls of the rules for composed classes, and of the lemmas on catalogue classes."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from calls import Call, Maker, a_sample, an_average, call_of, conditional, some
from objects import Objects, complexity, rational
from rational_intervals import exact
from sympy import Integer, S
from tables import Ball

from boundcalc.conventions import Average
from boundcalc.symbolic.complexity import StructuredClass
from boundcalc.symbolic.lemmas import classes, covering
from boundcalc.symbolic.lemmas import composition as rules
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Quantity,
    gaussian,
    rademacher,
)


def _whole(pool: Objects) -> Quantity:
    """A complexity of a composed class, mostly in the convention of its parts."""
    over = some(pool.composed, pool)
    part = over.parts[0]
    random = pool.random.random()
    if random < 0.7:
        subjects = (over, *part.subjects[1:-1], random < 0.2)
        return Quantity(
            part.measure, subjects, f"{part.measure} of {over.text} {subjects[1:]}", over.latex
        )
    like = complexity(pool)
    subjects = (over, *like.subjects[1:])
    return Quantity(
        like.measure, subjects, f"{like.measure} of {over.text} {subjects[1:]}", over.latex
    )


_RULES = {
    "sum": rules.sum_rule,
    "offset": rules.shift_rule,
    "subset": rules.subset_rule,
    "convex-hull": rules.hull_rule,
    "max": rules.maximum_rule,
    "scale": rules.scale_rule,
    "lipschitz": rules.lipschitz_rule,
    "vector-contraction": rules.vector_rule,
    "union": rules.union_rule,
}


def _rule(pool: Objects) -> Call:
    whole = _whole(pool)
    which = _RULES[whole.subjects[0].operation]
    return call_of(
        which if pool.random.random() < 0.9 else pool.random.choice(list(_RULES.values())), whole
    )


def _between_conventions(pool: Objects) -> Call:
    first = complexity(pool)
    over, sample, average, flag = (
        first.subjects
        if len(first.subjects) == 4
        else (*first.subjects[:2], Average.EXPECTED, False)
    )
    if pool.random.random() < 0.5:
        flag = not flag
    if pool.random.random() < 0.5:
        measure = f"{first.measure}_absolute"
        other = Quantity(
            measure, (over, sample, average, flag), f"{measure} {first.name} {flag}", first.latex
        )
        return call_of(rules.signed_rule, first, other)
    other = gaussian(over, sample, loss_class=flag)
    if average is Average.EMPIRICAL:
        other = Quantity(
            "gaussian", (over, sample, average, flag), f"Ĝ {first.name} {flag}", first.latex
        )
    return call_of(rules.gaussian_rule, first, other)


def _identity(pool: Objects) -> Call:
    """A class that a theorem speaks of is another: of the same functions, or not."""
    first, second = complexity(pool), complexity(pool)
    if pool.random.random() < 0.8:
        families = pool.world.families
        outputs = {
            over: {f.outputs for f in rows}
            for over, rows in families.items()
            if isinstance(rows, tuple)
        }
        mine = outputs.get(first.subjects[0])
        alike = [
            c
            for c in outputs
            if mine is not None and outputs[c] == mine and c.output is first.subjects[0].output
        ]
        over = pool.random.choice(alike or [first.subjects[0]])
        flag = first.subjects[-1] if pool.random.random() < 0.6 else not first.subjects[-1]
        subjects = (over, *first.subjects[1:-1], flag)
        second = Quantity(
            first.measure, subjects, f"{first.measure} of {over.text} {subjects[1:]}", over.latex
        )
    same = _same_functions(pool, first.subjects[0], second.subjects[0])
    told = {"told": {("is", first.subjects[0]): second.subjects[0]}, "false": not same}
    return call_of(rules.identity, first, second, told=told)


def _same_functions(pool: Objects, first: FunctionClass, second: FunctionClass) -> bool:
    one, other = pool.world.families[first], pool.world.families[second]
    if not (isinstance(one, tuple) and isinstance(other, tuple)):
        return first == second
    return {f.outputs for f in one} == {f.outputs for f in other}


def _ball(pool: Objects, *operations: str) -> Quantity:
    """A complexity of a ball, on a sample or expected; sometimes in another convention."""
    balls = [
        c
        for c in pool.classes
        if isinstance(c, StructuredClass) and isinstance(pool.world.families[c], Ball)
    ]
    over = some([b for b in balls if b.operation in operations] or balls, pool)
    flag = pool.random.random() < 0.15
    return rademacher(over, a_sample(pool), average=an_average(pool), loss_class=flag)


_GEOMETRIES = (
    classes.EUCLIDEAN,
    classes.KERNEL,
    classes.FROBENIUS,
    classes.SUPREMUM,
    classes.COLUMNS,
)


def _geometry(pool: Objects, of: Quantity) -> classes.Geometry:
    fitting = [g for g in _GEOMETRIES if of.subjects[0].operation in g.ids]
    return pool.random.choice(fitting or _GEOMETRIES)


def _of_ball(pool: Objects) -> Call:
    of = _ball(pool)
    which = pool.random.choice(
        [classes.dual_norm, classes.second_moment, classes.khinchin_kahane, classes.almost_surely]
    )
    return call_of(which, of, _geometry(pool, of))


def _columns(pool: Objects) -> Call:
    of = _ball(pool, "linear-l1", "linear-lp")
    which = pool.random.choice([classes.massart_columns, classes.khintchine, classes.columnwise])
    q = pool.world.numbers.get(symbol("dual_exponent"), exact(2)).low  # type: ignore[union-attr]
    spares = {classes.khintchine: [-2, 1], classes.columnwise: [2, -1]}.get(which)
    told: dict[str, Any] = {}
    if spares:
        declared = dict(of.subjects[0].constants).get("dual_exponent", S(2))
        if "p" in dict(of.subjects[0].constants):
            declared, q = Integer(4), Fraction(4)
        told = conditional(spares[0] + spares[1] * declared, Fraction(spares[0]) + spares[1] * q)
    return call_of(which, of, told=told)


def _measured(pool: Objects) -> Call:
    of = _ball(pool)
    geometry = _geometry(pool, of)
    size = classes.data_size(of, geometry)
    values = pool.world.values(size)
    value = (
        pool.random.choice(values).low
        if pool.random.random() < 0.7
        else Fraction(pool.random.choice([-1, 1]))
    )
    where = frozenset(i for i, v in enumerate(values) if v == exact(value))
    told = {"told": {("value", size): value}, "possible": where, "visible": value < 0}
    return call_of(classes.measured, of, geometry, rational(value), told=told)


def _leaf(pool: Objects, operation: str) -> Quantity:
    over = some(
        [c for c in pool.classes if isinstance(c, StructuredClass) and c.operation == operation],
        pool,
    )
    flag = pool.random.random() < 0.2
    return rademacher(over, a_sample(pool), average=an_average(pool), loss_class=flag)


def _finite(pool: Objects) -> Call:
    return call_of(
        pool.random.choice([classes.finite_maximum, classes.bounded_values]), _leaf(pool, "finite")
    )


def _patterns(pool: Objects) -> Call:
    of = _leaf(pool, "vc")
    if pool.random.random() < 0.5:
        return call_of(classes.massart_patterns, of)
    over, sample = of.subjects[:2]
    loose = pool.random.random() < 0.5
    spare = sample.size - dict(over.constants)["dimension"]
    told = conditional(spare, pool.world.at(spare, 0).low) if loose else {}
    return call_of(classes.sauer_shelah, of, loose=loose, told=told)


def _network(pool: Objects) -> Call:
    of = _ball(pool, "network-frobenius")
    which = pool.random.choice([classes.peeling, classes.network_inputs, classes.measured_inputs])
    if which is not classes.measured_inputs:
        return call_of(which, of)
    family = pool.world.families[of.subjects[0]]
    assert isinstance(family, Ball)
    lengths = [family.frobenius(pool.world.draw(of.subjects[1], i)) for i in pool.world.outcomes]
    value = pool.random.choice([pool.random.choice(lengths).low, Fraction(-1), Fraction(0)])
    where = frozenset(i for i, v in enumerate(lengths) if v == exact(value))
    told = {"possible": where, "visible": value < 0}
    return call_of(which, of, rational(value), told=told)


def _chaining(pool: Objects) -> Call:
    known = [covering.chaining, covering.covering_family, covering.quadratic_covering]
    of = _leaf(pool, pool.random.choice(["entropy-integral", "covering-quadratic"]))
    return call_of(pool.random.choice(known), of)


def _ball_inclusion(pool: Objects) -> Call:
    """The ball of a larger exponent, whose functions are known as well."""
    of = _ball(pool, "linear-lp")
    found = call_of(classes.ball_inclusion, of)
    family, outer = pool.world.families[of.subjects[0]], found.fact.rhs.subjects[0]
    assert isinstance(family, Ball)
    q = pool.world.at(dict(outer.constants)["dual_exponent"], 0).low
    pool.world.families[outer] = replace(family, q=float(q))
    return found


MAKERS: tuple[Maker, ...] = (
    _rule,
    _between_conventions,
    _identity,
    _of_ball,
    _columns,
    _measured,
    _finite,
    _patterns,
    _network,
    _chaining,
    _ball_inclusion,
)
