"""Calls of the lemmas on linear models and on sample sizes."""

from __future__ import annotations

from fractions import Fraction

from calls import Call, Maker, a_name, call_of, conditional
from objects import Objects, rational
from sympy import Integer, S, sqrt

from boundcalc.symbolic import lemmas
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import (
    ModalitySubset,
    Sample,
    best_linear_quality,
    named,
    unimodal_error,
)


def _subset(pool: Objects, text: str) -> ModalitySubset:
    """N is in M, of rank 1 and 2; M may say its rank as a parameter."""
    true = pool.world.at(symbol("rank_m"), 0).low
    rank = pool.random.choice([rational(true), symbol("rank_m")])
    more = ModalitySubset("M", rank=rank)
    return more if text == "M" else ModalitySubset("N", within=(more,), rank=Integer(1))


def _least_squares(pool: Objects) -> Call:
    """The risk of least squares has no mean up to one example more than directions."""
    subset = _subset(pool, pool.random.choice("MN"))
    size = pool.random.choice([3, 4, 6, 9])
    sample = Sample(f"Z{size}", "Z", Integer(size))
    assert subset.rank is not None
    spare = size - subset.rank - 2
    told = conditional(spare, pool.world.at(spare, 0).low)
    return call_of(lemmas.least_squares, subset, sample=sample, told=told)


def _linear_quality(pool: Objects) -> Call:
    return call_of(lemmas.linear_quality, _subset(pool, pool.random.choice("MN")))


def _explained_gain(pool: Objects) -> Call:
    less = _subset(pool, "N")
    better, worse = best_linear_quality(less.within[0]), best_linear_quality(less)
    gain = pool.random.choice([0, 1, 2, 3])
    told = {
        "told": {("gain",): gain, **{("quality", q): None for q in (better, worse)}},
        "false": gain > 2,
    }
    return call_of(
        lemmas.explained_gain,
        better,
        worse,
        least_variance=Integer(gain),
        added_norm=S.One,
        told=told,
    )


def _given_quality(pool: Objects) -> Call:
    quality = best_linear_quality(_subset(pool, pool.random.choice("MN")))
    true = pool.world.values(quality)[0].low
    value = true if pool.random.random() < 0.7 else Fraction(7)
    told = {"told": {("value", quality): value}, "false": value != true}
    return call_of(lemmas.given, quality, rational(value), term="quality", told=told)


def _defined_quality(pool: Objects) -> Call:
    """A latent quality is given another meaning."""
    quality = best_linear_quality(_subset(pool, pool.random.choice("MN")))
    value = Integer(pool.random.choice([0, 5]))
    told = {"told": {("quality", quality): value}, "false": True}
    return call_of(lemmas.definition, quality, value, of="η", source="huang2021", told=told)


def _overtaking(pool: Objects) -> Call:
    """Two risks of least squares: where they cross is found by trying."""
    world, count = pool.world, len(pool.world.definitions)
    name = named("crossover", f"m*{count}", "m^*", count)
    a, b, p, q = (symbol(s) for s in ("latent_quality_m", "latent_quality_n", "rank_m", "rank_n"))
    where = [a > 0, b > a, p > q]
    if pool.random.random() < 0.3:
        where.pop(pool.random.randrange(3))
    fact = call_of(lemmas.overtaking, name, more=(a, p), less=(b, q), where=tuple(where))
    level, above, rank, below = (int(world.at(s, 0).low) for s in (a, b, p, q))
    m = rank + 2
    while level * (1 + Fraction(rank, m - rank - 1)) > above * (1 + Fraction(below, m - below - 1)):
        m += 1
    world.definitions[name] = Integer(m)
    return fact


def _least_size(pool: Objects) -> Call:
    name = named("least", f"m°{len(pool.world.definitions)}", "m^*", len(pool.world.definitions))
    A, target = Fraction(pool.random.choice([1, 3, -1])), Fraction(pool.random.choice([1, 2]), 2)
    m = symbol("m")
    fact = call_of(
        lemmas.least_size, name, threshold=rational(A) / sqrt(m), target=rational(target), size=m
    )
    least = 1
    while Fraction(A) ** 2 > target**2 * least:
        least += 1
    pool.world.definitions[name] = Integer(least)
    return fact


def _hard_labelling(pool: Objects) -> Call:
    size = pool.random.choice([1, 2])
    error = unimodal_error(Integer(size))
    pool.world.constants[error.subjects, error.measure] = Fraction(1, 2)
    quantity = a_name(pool, error) if pool.random.random() < 0.5 else error
    return call_of(lemmas.hard_labelling, quantity)


MAKERS: tuple[Maker, ...] = (
    _least_squares,
    _linear_quality,
    _explained_gain,
    _given_quality,
    _defined_quality,
    _overtaking,
    _least_size,
    _hard_labelling,
)
