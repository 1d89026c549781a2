"""Worlds in which one or two draws decide: concentration at δ of order one."""

from __future__ import annotations

from fractions import Fraction as Q

import numpy as np

from boundcalc.worlds.checks import Floats
from boundcalc.worlds.micro.micro_world import MicroWorld
from boundcalc.worlds.micro.modality_subsets import (
    Modalities,
    joint_erm,
    overfitted,
    two_subsets,
    underfitted,
)
from worlds import register


def _rows(*rows: tuple[float, ...]) -> Floats:
    """One encoder a row, each with one head."""
    return np.array(rows, dtype=float)[:, None, :]


SIMPLE_THERE = np.array([[[0.0, 0.0], [1.0, 0.0]]])
"""Two heads that agree on the second point: a sample that falls there shows no complexity."""


@register
def one_function(name: str) -> MicroWorld:
    """A class of one function: no complexity, and either side is missed with probability 9/20."""
    law = (Q(9, 20), Q(1, 10), Q(9, 20))
    return two_subsets(name, law, 1, Modalities(_rows((0, 0.5, 1)), learn_n=joint_erm))


@register
def opposite_functions(name: str) -> MicroWorld:
    """f̂_M and f̂_N have opposite losses, so both deviate together."""
    game = Modalities(_rows((0, 0.5, 1), (1, 0.5, 0)), m_sees=[0], n_sees=[1], learn_n=joint_erm)
    return two_subsets(name, (Q(9, 20), Q(1, 10), Q(9, 20)), 1, game)


@register
def two_functions_drawn_once(name: str) -> MicroWorld:
    """The sum Δ⁺ + [r̂ − r](f°) moves by 2C."""
    game = Modalities(np.array([[[0.0, 2.0], [2.0, 0.0]]]))
    return two_subsets(name, (Q(3, 5), Q(2, 5)), 1, game, loss_bound=2)


@register
def unseen_twice(name: str) -> MicroWorld:
    """With probability just below ½ two draws miss the point on which two functions differ."""
    game = Modalities(np.array([[[0.0, 1.0], [0.0, 0.0]]]))
    return two_subsets(name, (Q(7071, 10_000), Q(2929, 10_000)), 2, game)


@register
def better_pair_not_seen(name: str) -> MicroWorld:
    """M sees one function, f* is another: Theorem 2 with no complexity."""
    game = Modalities(_rows((1, 0), (0, 1)), m_sees=[1])
    return two_subsets(name, (Q(9, 20), Q(11, 20)), 1, game)


@register
def better_pair_not_seen_plus_minus(name: str) -> MicroWorld:
    """The same for |ℓ| ≤ C."""
    game = Modalities(_rows((1, -1), (-1, 1)), m_sees=[1])
    return two_subsets(name, (Q(6, 25), Q(19, 25)), 1, game)


def _one_rare_point(low: float, high: float, rare: Q) -> tuple[Modalities, tuple[Q, ...]]:
    """Functions that are constant except on one of 8 rare points: Δ⁺ + Δ⁻ is large only if one is drawn."""
    heads = []
    for level, other in ((low, high), (high, low)):
        for j in range(1, 9):
            heads.append([other if i == j else level for i in range(9)])
    return Modalities(np.array([heads])), (1 - rare, *((rare / 8,) * 8))


@register
def one_rare_point(name: str) -> MicroWorld:
    """The sum Δ⁺ + Δ⁻ moves by 2C, with probability 9/20."""
    game, law = _one_rare_point(0, 1, Q(9, 20))
    return two_subsets(name, law, 1, game)


@register
def one_rare_point_plus_minus(name: str) -> MicroWorld:
    """The same for |ℓ| ≤ C, with probability 6/25."""
    game, law = _one_rare_point(-1, 1, Q(6, 25))
    return two_subsets(name, law, 1, game)


@register
def simple_where_it_deviates(name: str) -> MicroWorld:
    """Where the sample falls on the second point, Δ⁺ is large and R̂ is 0."""
    return two_subsets(name, (Q(7, 10), Q(3, 10)), 1, Modalities(SIMPLE_THERE, learn_m=overfitted))


@register
def simple_where_it_deviates_more_often(name: str) -> MicroWorld:
    """The same with probability 9/20, where a likely failure decides."""
    return two_subsets(name, (Q(11, 20), Q(9, 20)), 1, Modalities(SIMPLE_THERE))


@register
def simple_where_it_is_unlucky(name: str) -> MicroWorld:
    """The mirror image, for the lower limit: Δ⁻ is large and R̂ is 0."""
    game = Modalities(1 - SIMPLE_THERE, learn_m=underfitted)
    return two_subsets(name, (Q(7, 10), Q(3, 10)), 1, game)


@register
def both_simple_where_they_deviate(name: str) -> MicroWorld:
    """Δ⁺, Δ⁻ and both −2R̂ move together."""
    losses = np.concatenate([SIMPLE_THERE, np.array([[[0.0, 1.0], [1.0, 1.0]]])])
    game = Modalities(losses, m_sees=[0], n_sees=[1], learn_m=overfitted, learn_n=underfitted)
    return two_subsets(name, (Q(7, 10), Q(3, 10)), 1, game)


def _with_rival(rare: Q) -> tuple[Modalities, tuple[Q, ...]]:
    losses = np.concatenate([SIMPLE_THERE, np.array([[[0.0, 1.0], [0.0, 1.0]]])])
    game = Modalities(losses, m_sees=[0], n_sees=[1], learn_m=overfitted, learn_n=joint_erm)
    return game, (1 - rare, rare)


@register
def rival_deviates_too(name: str) -> MicroWorld:
    """Δ⁺, [r̂ − r](f°_N) and −2R̂ move together, by 3C."""
    game, law = _with_rival(Q(3, 10))
    return two_subsets(name, law, 1, game)


@register
def rival_deviates_too_more_often(name: str) -> MicroWorld:
    """The same with probability 9/20."""
    game, law = _with_rival(Q(9, 20))
    return two_subsets(name, law, 1, game)


@register
def true_pair_deviates_too(name: str) -> MicroWorld:
    """Δ⁺, [r̂ − r](f*) and −2R̂ move together although f* is the best predictor."""
    losses = np.array([[[0.0, 1.0], [0.0, 1.0]], [[0.2, 0.0], [1.0, 0.0]]])
    return two_subsets(
        name, (Q(21, 25), Q(4, 25)), 1, Modalities(losses, m_sees=[1], learn_m=overfitted)
    )
