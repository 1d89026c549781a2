"""Worlds of the two-stage learner: which constant each of them needs is in its first line."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as Q
from typing import Any

import numpy as np

from boundcalc.errors import InputError
from boundcalc.numeric.evaluate import evaluate
from boundcalc.worlds.families import Floats
from boundcalc.worlds.gallery.registry import register, uniform
from boundcalc.worlds.implicit import Cube, all_tables
from boundcalc.worlds.micro import MicroWorld
from boundcalc.worlds.samples import Chances, Draws, all_samples, orbits
from boundcalc.worlds.two_stage import TwoStage, table, two_stage

ONE_CONNECTION = np.zeros((1, 1))
"""y is known: one connection at distance 0, and pairs that cannot be told apart."""

ONE_PREDICTOR = np.zeros((1, 1))
"""One predictor without loss on the true y, and triples that cannot be told apart."""


def _same(size: int) -> tuple[Draws, Chances]:
    """A sample in which nothing is random."""
    return all_samples((Q(1),), size)


LEVELS = np.array([0.0, 1.0])
ALL_TABLES = Cube(LEVELS, LEVELS[:, None])


def _overfitting(points: int, m: int) -> tuple[Floats, tuple[Draws, Chances]]:
    """Of all {0,1} tables the best, and for each sample the one that is right there and nowhere else."""
    drawn = orbits(points, m)
    return np.vstack([np.zeros(points), drawn[0].counts == 0]), drawn


def _tables_of_y(name: str, points: int, m: int) -> MicroWorld:
    rows, drawn = _overfitting(points, m)
    game = TwoStage(rows, ALL_TABLES, ONE_PREDICTOR, 3 * rows.mean(axis=1)[None])
    return two_stage(name, game, drawn, _same(10**9), lipschitz=3, loss_bound=3)


@register
def tables_of_y(name: str) -> MicroWorld:
    """√(2π)·L·G of the connections: all {0,1} tables on 40 points, one pair; a steep loss."""
    return _tables_of_y(name, 40, 1)


@register
def tables_of_y_from_two_pairs(name: str) -> MicroWorld:
    """The same with two pairs, so that G ~ 1/√m matters."""
    return _tables_of_y(name, 40, 2)


@register
def tables_of_y_from_twenty_pairs(name: str) -> MicroWorld:
    """The same with 20 pairs, so that the deviation outweighs its own fluctuation."""
    return _tables_of_y(name, 2000, 20)


def _tables_of_labels(name: str, points: int, n: int) -> MicroWorld:
    rows, drawn = _overfitting(points, n)
    risks = rows.mean(axis=1)[:, None]
    game = TwoStage(
        ONE_CONNECTION, table(ONE_CONNECTION), rows, risks, ALL_TABLES, rows, composite_class=ALL_TABLES
    )
    return two_stage(name, game, _same(10**9), drawn)


@register
def tables_of_labels(name: str) -> MicroWorld:
    """√(2π)·G of the predictors, or of the composites: all {0,1} losses on 40 points, one triple."""
    return _tables_of_labels(name, 40, 1)


@register
def tables_of_labels_from_twenty_triples(name: str) -> MicroWorld:
    """The same with 20 triples."""
    return _tables_of_labels(name, 2000, 20)


@register
def tables_and_two_functions(name: str) -> MicroWorld:
    """The table world with N = 2n = 4, m = 8: y a table, z = y or its negation; a memorising learner."""
    return _table_world(name, n=2, m=8)


@register
def tables_on_two_points(name: str) -> MicroWorld:
    """The same with N = 2n = 2 and one pair."""
    return _table_world(name, n=1, m=1)


@register
def tables_and_one_pair(name: str) -> MicroWorld:
    """The same with N = 2n = 4 and one pair."""
    return _table_world(name, n=2, m=1)


@register
def tables_on_a_hundred_points(name: str) -> MicroWorld:
    """The same with N = 2n = 100 and 20 pairs."""
    rows, drawn = _overfitting(100, 20)
    return two_stage(name, _table_game(rows), drawn, _same(50))


def _table_game(rows: Floats) -> TwoStage:
    wrong = rows.mean(axis=1)
    return TwoStage(rows, ALL_TABLES, np.array([[0.0], [1.0]]), np.array([wrong, 1 - wrong]))


def _table_world(name: str, *, n: int, m: int) -> MicroWorld:
    rows = all_tables((0, 1), 2 * n)
    built = two_stage(name, _table_game(rows), all_samples(uniform(2 * n), m), _same(n))
    seen, chances = orbits(2 * n, n)
    coin = float(chances.floats @ (seen.counts == 0).mean(axis=1)) / 2

    def ratio(world: MicroWorld, subjects: tuple[Any, ...]) -> float:
        if subjects:
            raise InputError(f"{world.name}: another ratio")
        return coin / float(evaluate("lu2023.separation", variant="multimodal", n=n, m=m).value)

    return replace(built, extra={**built.extra, "unimodal_error": lambda world, _: coin, "ratio": ratio})


@register
def far_from_y(name: str) -> MicroWorld:
    """L·κ: no connection comes closer than ½, nothing is random, and the loss feels all of it."""
    distances = np.array([[0.5]])
    game = TwoStage(distances, table(distances), ONE_PREDICTOR, 2 * distances)
    return two_stage(name, game, _same(2500), _same(10_000), lipschitz=2)


@register
def worse_connection_wins(name: str) -> MicroWorld:
    """L²D²/m: the worse of two connections wins on an unlikely sample of 2000 pairs."""
    distances = np.array([[0.0, 1.0], [1.0, 0.0]])
    law = (Q(3, 5), Q(2, 5))
    game = TwoStage(distances, table(distances), ONE_PREDICTOR, 2 * np.array([[0.4, 0.6]]))
    return two_stage(name, game, all_samples(law, 2000), _same(10**7), lipschitz=2, loss_bound=2)


@register
def worse_predictor_wins(name: str) -> MicroWorld:
    """C²/(nT): the worse of two predictors, and of two composites, wins on an unlikely sample."""
    losses = np.array([[0.0, 1.0], [1.0, 0.0]])
    law = (Q(3, 5), Q(2, 5))
    risks = np.array([[0.4], [0.6]])
    game = TwoStage(ONE_CONNECTION, table(ONE_CONNECTION), losses, risks, composites=losses)
    return two_stage(name, game, _same(10**7), all_samples(law, 2000))


@register
def two_tasks(name: str) -> MicroWorld:
    """T: both of two tasks learn the worse predictor, from 150 triples each."""
    losses = np.array([[0.0, 1.0], [1.0, 0.0]])
    law = (Q(73, 100), Q(27, 100))
    risks = np.array([[0.27], [0.73]])
    game = TwoStage(ONE_CONNECTION, table(ONE_CONNECTION), losses, risks, composites=losses)
    return two_stage(name, game, _same(10**9), all_samples(law, 150), tasks=2, growth=0.75)


@register
def composite_unseen_twice(name: str) -> MicroWorld:
    """With probability just below ½ two examples miss the point on which two functions differ."""
    losses = np.array([[0.0, 1.0], [0.0, 0.0]])
    law = (Q(7071, 10_000), Q(2929, 10_000))
    risks = losses @ np.array([0.7071, 0.2929])
    game = TwoStage(ONE_CONNECTION, table(ONE_CONNECTION), losses, risks[:, None], composites=losses)
    return two_stage(name, game, _same(10**9), all_samples(law, 2))


def _one_rare_point(rare: Q) -> tuple[Floats, tuple[Q, ...]]:
    """The best function errs on 8 rare points, each of 8 others everywhere but on one of them."""
    rows = 1 - np.eye(9)
    return rows, (1 - rare, *((rare / 8,) * 8))


@register
def one_rare_pair(name: str) -> MicroWorld:
    """The sum over the pairs moves by 2LD, with probability 6/25."""
    rows, law = _one_rare_point(Q(6, 25))
    distance = rows @ np.array([float(p) for p in law])
    game = TwoStage(rows, table(rows), ONE_PREDICTOR, distance[None])
    return two_stage(name, game, all_samples(law, 1), _same(10**9))


@register
def one_rare_triple(name: str) -> MicroWorld:
    """The sum over the triples moves by 2C, with probability 6/25."""
    rows, law = _one_rare_point(Q(6, 25))
    risks = rows @ np.array([float(p) for p in law])
    game = TwoStage(ONE_CONNECTION, table(ONE_CONNECTION), rows, risks[:, None], composites=rows)
    return two_stage(name, game, _same(10**9), all_samples(law, 1))


@register
def pairs_of_the_triples(name: str) -> MicroWorld:
    """The pairs are those of the triples, and both stages fail together."""
    rows = np.array([[0.0, 1.0], [1.0, 0.0]])
    law = (Q(3, 5), Q(2, 5))
    wrong = np.array([[0.4, 0.6], [0.6, 1.0]])
    game = TwoStage(rows, table(rows), rows, wrong, composites=rows)
    drawn = all_samples(law, 60)
    return two_stage(name, game, drawn, drawn, shared=True)
