"""Worlds of few points whose samples are large: long tails, or losses that are certain."""

from __future__ import annotations

from fractions import Fraction as Q
from math import sqrt

import numpy as np

from boundcalc.worlds.checks import Floats
from boundcalc.worlds.micro.micro_world import MicroWorld
from boundcalc.worlds.micro.modality_subsets import (
    Modalities,
    given_encoder,
    joint_erm,
    two_subsets,
)
from worlds import register


def _pair(low: float, high: float) -> Floats:
    """Two heads with opposite losses on two points."""
    return np.array([[[low, high], [high, low]]])


@register
def one_function_400(name: str) -> MicroWorld:
    """A class of one function with losses 0 and 1, m = 400."""
    game = Modalities(np.array([[[0.0, 1.0]]]), learn_n=joint_erm)
    return two_subsets(name, (Q(1, 2), Q(1, 2)), 400, game)


@register
def opposite_functions_400(name: str) -> MicroWorld:
    """f̂_M and f̂_N have opposite losses, so both deviate together, m = 400."""
    game = Modalities(_pair(0, 1).transpose(1, 0, 2), m_sees=[0], n_sees=[1], learn_n=joint_erm)
    return two_subsets(name, (Q(1, 2), Q(1, 2)), 400, game)


@register
def better_pair_not_seen_400(name: str) -> MicroWorld:
    """M sees one function, f* is a slightly better one: Theorem 2 with no complexity, m = 400."""
    game = Modalities(_pair(1, 0).transpose(1, 0, 2), m_sees=[1])
    return two_subsets(name, (Q(49, 100), Q(51, 100)), 400, game)


@register
def two_functions_5000_plus_minus(name: str) -> MicroWorld:
    """The same for |ℓ| ≤ C and m = 5000: the tail is long enough to outweigh 8 L R + 4 C/√m."""
    return two_subsets(name, (Q(16, 25), Q(9, 25)), 5000, Modalities(_pair(-1, 1)))


@register
def two_functions_with_two_outputs(name: str) -> MicroWorld:
    """The same with vector outputs, m = 2000."""
    losses = _pair(0, 1)
    outputs = (losses - 0.5)[..., None] * np.full(2, 1 / sqrt(2))
    return two_subsets(name, (Q(3, 5), Q(2, 5)), 2000, Modalities(losses, outputs))


@register
def certain_losses(name: str) -> MicroWorld:
    """One point, so nothing is random: an adversary takes the worse of two encoders, and γ is the gap."""
    game = Modalities(np.array([[[0.0]], [[1.0]]]), learn_m=given_encoder("risk"), n_sees=[0])
    return two_subsets(name, (Q(1),), 36, game)
