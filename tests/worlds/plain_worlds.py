"""Plain worlds: three points, random outputs on a grid, the clipped distance to a label as loss."""

from __future__ import annotations

from boundcalc.worlds.micro.examples import plain_world
from boundcalc.worlds.micro.micro_world import MicroWorld
from boundcalc.worlds.micro.modality_subsets import (
    best,
    given_encoder,
    joint_erm,
    lucky_erm,
    overfitted,
    underfitted,
)
from worlds import register


@register
def plain_erm(name: str) -> MicroWorld:
    """Joint ERM against the best predictor."""
    return plain_world(name, 1, (joint_erm, best), m=3)


@register
def plain_gap(name: str) -> MicroWorld:
    """Both stop early; a steep loss."""
    return plain_world(name, 2, (joint_erm, joint_erm), m=2, lipschitz=3, gap=0.2)


@register
def plain_conditional(name: str) -> MicroWorld:
    """An adversary chooses the encoder."""
    return plain_world(name, 3, (given_encoder("risk"), underfitted), m=3, lipschitz=0.5)


@register
def plain_vector(name: str) -> MicroWorld:
    """Two outputs, joint ERM."""
    return plain_world(name, 4, (joint_erm, lucky_erm), m=2, k=2)


@register
def plain_vector_conditional(name: str) -> MicroWorld:
    """Two outputs and an adversary."""
    return plain_world(name, 5, (given_encoder("excess"), best), m=2, k=2, lipschitz=2)


@register
def plain_any(name: str) -> MicroWorld:
    """Members as bad as can be: one overfits, one underfits."""
    return plain_world(name, 6, (overfitted, underfitted), m=3, lipschitz=2)


@register
def plain_any_reversed(name: str) -> MicroWorld:
    """The other way round."""
    return plain_world(name, 7, (underfitted, overfitted), m=3)
