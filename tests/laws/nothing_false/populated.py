"""Small worlds full of objects."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import prod
from random import Random

from composed_classes import bounded_elsewhere, structured
from objects import Objects, numbers_in, plain_class, relatives, samples_in
from random_predictors import connections, pairs, predictors_of
from small_world import World


def bare_world(seed: int) -> World:
    """A distribution, and all outcomes of a sample S, its copy D, and an independent sample T."""
    random = Random(seed)
    law = random.choice([(1, 1), (1, 1), (1, 3), (2, 1), (1, 1, 1)])
    points = [Fraction(p, sum(law)) for p in law]
    sizes = random.choice([(1, 1), (2, 1), (1, 2), (2, 2)] if len(law) == 2 else [(1, 1), (2, 1)])
    draws, weights = [], []
    for first in product(range(len(law)), repeat=sizes[0]):
        for second in product(range(len(law)), repeat=sizes[1]):
            draws.append({"S": first, "D": first, "T": second})
            weights.append(prod((points[j] for j in (*first, *second)), start=Fraction(1)))
    return World(random, tuple(points), draws, weights)


def objects(seed: int) -> Objects:
    """A world full of objects."""
    pool = Objects(bare_world(seed))
    numbers_in(pool)
    samples_in(pool)
    for text in "ABV":
        plain_class(pool, text, outputs=2 if text == "V" else 1)
    for base in list(pool.classes):
        relatives(pool, base)
    structured(pool)
    bounded_elsewhere(pool)
    for base in list(pool.classes):
        predictors_of(pool, base)
    pairs(pool)
    connections(pool)
    if pool.random.random() < 0.8:
        _focus(pool)
    return pool


def _focus(pool: Objects) -> None:
    """Few objects that have to do with one another: then facts meet in their quantities."""
    random = pool.random
    larger = [c for c in pool.classes if any(c in other.within for other in pool.classes)]
    base = random.choice(larger if random.random() < 0.8 else pool.classes)
    family = [c for c in pool.classes if base in (c, *c.within) or c.text.startswith(base.text)]
    others = [c for c in pool.classes if c not in family]
    across = [c for c in family if c.loss != base.loss]
    kept = [base, *across, *random.sample(family, min(4, len(family))), *random.sample(others, 2)]
    pool.composed = random.sample(pool.composed, min(2, len(pool.composed)))
    kept += [p.subjects[0] for c in pool.composed for p in c.parts] + pool.composed
    pool.classes = list(dict.fromkeys(kept))
    pool.pairs = random.sample(pool.pairs, min(2, len(pool.pairs)))
    made = [f for pair in pool.pairs for f in pair]
    near = [f for f in pool.predictors if f.member_of in pool.classes]
    pool.predictors = (
        list(dict.fromkeys([*random.sample(near, min(7, len(near))), *made])) or pool.predictors
    )
    if random.random() < 0.5:
        pool.samples = random.sample(pool.samples, 1)
