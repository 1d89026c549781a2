"""Plain worlds: three points, random outputs on a grid, the clipped distance to a label as loss."""

from __future__ import annotations

from fractions import Fraction as Q

import numpy as np

from boundcalc.worlds.gallery.registry import register
from boundcalc.worlds.micro import MicroWorld
from boundcalc.worlds.modalities import (
    Learner,
    Modalities,
    best,
    given_encoder,
    joint_erm,
    lucky_erm,
    overfitted,
    two_subsets,
    underfitted,
)


def _plain(
    name: str,
    seed: int,
    learners: tuple[Learner, Learner],
    *,
    m: int,
    k: int = 1,
    lipschitz: float = 1.0,
    gap: float = 0.0,
) -> MicroWorld:
    """Four encoders with three heads each; M sees three of them, N two."""
    rng = np.random.default_rng(seed)
    outputs, label = rng.integers(0, 5, (4, 3, 3, k)) / 4, rng.integers(0, 5, (3, k)) / 4
    losses = np.minimum(1.0, lipschitz * np.linalg.norm(outputs - label, axis=-1))
    game = Modalities(losses, outputs, [0, 1, 2], [0, 1], *learners)
    law = (Q(1, 2), Q(1, 3), Q(1, 6))
    return two_subsets(name, law, m, game, lipschitz=lipschitz, optimisation_gap=gap)


@register
def plain_erm(name: str) -> MicroWorld:
    """Joint ERM against the best predictor."""
    return _plain(name, 1, (joint_erm, best), m=3)


@register
def plain_gap(name: str) -> MicroWorld:
    """Both stop early; a steep loss."""
    return _plain(name, 2, (joint_erm, joint_erm), m=2, lipschitz=3, gap=0.2)


@register
def plain_conditional(name: str) -> MicroWorld:
    """An adversary chooses the encoder."""
    return _plain(name, 3, (given_encoder("risk"), underfitted), m=3, lipschitz=0.5)


@register
def plain_vector(name: str) -> MicroWorld:
    """Two outputs, joint ERM."""
    return _plain(name, 4, (joint_erm, lucky_erm), m=2, k=2)


@register
def plain_vector_conditional(name: str) -> MicroWorld:
    """Two outputs and an adversary."""
    return _plain(name, 5, (given_encoder("excess"), best), m=2, k=2, lipschitz=2)


@register
def plain_any(name: str) -> MicroWorld:
    """Members as bad as can be: one overfits, one underfits."""
    return _plain(name, 6, (overfitted, underfitted), m=3, lipschitz=2)


@register
def plain_any_reversed(name: str) -> MicroWorld:
    """The other way round."""
    return _plain(name, 7, (underfitted, overfitted), m=3)
