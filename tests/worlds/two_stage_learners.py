"""Worlds of the two-stage learner: which constant each of them needs is in its first line."""

from __future__ import annotations

from fractions import Fraction as Q

import numpy as np

from boundcalc.worlds.checks import Floats
from boundcalc.worlds.micro.examples import (
    ALL_TABLES,
    ONE_CONNECTION,
    ONE_PREDICTOR,
    certain,
    labels_as_tables,
    overfitting,
    tables_and_two_functions,
)
from boundcalc.worlds.micro.micro_world import MicroWorld
from boundcalc.worlds.micro.samples import all_samples
from boundcalc.worlds.micro.two_stage import TwoStage, losses_table, two_stage
from worlds import register


def _tables_of_y(name: str, points: int, m: int) -> MicroWorld:
    rows, drawn = overfitting(points, m)
    game = TwoStage(rows, ALL_TABLES, ONE_PREDICTOR, 3 * rows.mean(axis=1)[None])
    return two_stage(name, game, drawn, certain(10**9), lipschitz=3, loss_bound=3)


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


@register
def tables_of_labels(name: str) -> MicroWorld:
    """√(2π)·G of the predictors, or of the composites: all {0,1} losses on 40 points, one triple."""
    return labels_as_tables(name, 40, 1)


@register
def tables_on_two_points(name: str) -> MicroWorld:
    """The table world with N = 2n = 2 and one pair."""
    return tables_and_two_functions(name, n=1, m=1)


@register
def tables_and_one_pair(name: str) -> MicroWorld:
    """The same with N = 2n = 4 and one pair."""
    return tables_and_two_functions(name, n=2, m=1)


@register
def far_from_y(name: str) -> MicroWorld:
    """L·κ: no connection comes closer than ½, nothing is random, and the loss feels all of it."""
    distances = np.array([[0.5]])
    game = TwoStage(distances, losses_table(distances), ONE_PREDICTOR, 2 * distances)
    return two_stage(name, game, certain(2500), certain(10_000), lipschitz=2)


@register
def worse_predictor_wins(name: str) -> MicroWorld:
    """C²/(nT): the worse of two predictors, and of two composites, wins on an unlikely sample."""
    losses = np.array([[0.0, 1.0], [1.0, 0.0]])
    law = (Q(3, 5), Q(2, 5))
    risks = np.array([[0.4], [0.6]])
    game = TwoStage(ONE_CONNECTION, losses_table(ONE_CONNECTION), losses, risks, composites=losses)
    return two_stage(name, game, certain(10**7), all_samples(law, 2000))


@register
def composite_unseen_twice(name: str) -> MicroWorld:
    """With probability just below ½ two examples miss the point on which two functions differ."""
    losses = np.array([[0.0, 1.0], [0.0, 0.0]])
    law = (Q(7071, 10_000), Q(2929, 10_000))
    risks = losses @ np.array([0.7071, 0.2929])
    game = TwoStage(
        ONE_CONNECTION, losses_table(ONE_CONNECTION), losses, risks[:, None], composites=losses
    )
    return two_stage(name, game, certain(10**9), all_samples(law, 2))


def _one_rare_point(rare: Q) -> tuple[Floats, tuple[Q, ...]]:
    """The best function errs on 8 rare points, each of 8 others everywhere but on one of them."""
    rows = 1 - np.eye(9)
    return rows, (1 - rare, *((rare / 8,) * 8))


@register
def one_rare_pair(name: str) -> MicroWorld:
    """The sum over the pairs moves by 2LD, with probability 6/25."""
    rows, law = _one_rare_point(Q(6, 25))
    distance = rows @ np.array([float(p) for p in law])
    game = TwoStage(rows, losses_table(rows), ONE_PREDICTOR, distance[None])
    return two_stage(name, game, all_samples(law, 1), certain(10**9))


@register
def one_rare_triple(name: str) -> MicroWorld:
    """The sum over the triples moves by 2C, with probability 6/25."""
    rows, law = _one_rare_point(Q(6, 25))
    risks = rows @ np.array([float(p) for p in law])
    game = TwoStage(
        ONE_CONNECTION, losses_table(ONE_CONNECTION), rows, risks[:, None], composites=rows
    )
    return two_stage(name, game, certain(10**9), all_samples(law, 1))


@register
def pairs_of_the_triples(name: str) -> MicroWorld:
    """The pairs are those of the triples, and both stages fail together."""
    rows = np.array([[0.0, 1.0], [1.0, 0.0]])
    law = (Q(3, 5), Q(2, 5))
    wrong = np.array([[0.4, 0.6], [0.6, 1.0]])
    game = TwoStage(rows, losses_table(rows), rows, wrong, composites=rows)
    drawn = all_samples(law, 60)
    return two_stage(name, game, drawn, drawn, shared=True)
