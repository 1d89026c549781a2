"""Worlds that are tight in expectation: m = 1 or 2, or very many points."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from boundcalc.worlds.checks import Floats
from boundcalc.worlds.micro.examples import uniform
from boundcalc.worlds.micro.finite_classes import all_tables
from boundcalc.worlds.micro.micro_world import MicroWorld
from boundcalc.worlds.micro.modality_subsets import (
    Modalities,
    given_encoder,
    joint_erm,
    two_subsets,
)
from worlds import register
from worlds.many_points import half_hidden, levels, rich, underfit

ZERO_ONE = levels(0, 1)
TWO_OUTPUTS = levels(0, 1, k=2, lipschitz=2)


@register
def cube_of_heads(name: str) -> MicroWorld:
    """Symmetrisation's 2: all {0,1} functions on 4 points as heads; both learn an ERM with risk 3/4."""
    return two_subsets(
        name, uniform(4), 1, Modalities(all_tables((0, 1), 4)[None], learn_n=joint_erm)
    )


@register
def large_cube(name: str) -> MicroWorld:
    """The cube on 40 points: the 2 is needed up to 1/40."""
    return rich(name, 40, 1, ZERO_ONE)


@register
def large_cube_of_encoders(name: str) -> MicroWorld:
    """Its functions as encoders."""
    return rich(name, 40, 1, ZERO_ONE, heads=False)


@register
def both_deviate(name: str) -> MicroWorld:
    """f̂_M overfits, f̂_N underfits: both complexities of the certificate are needed, or an ERM's gap of 1."""
    return rich(name, 40, 1, ZERO_ONE, learn_n=underfit, optimisation_gap=1)


@register
def underfitted(name: str) -> MicroWorld:
    """f̂_M underfits, and is an ERM only up to a gap of 1."""
    return rich(name, 40, 1, ZERO_ONE, learn_m=underfit, optimisation_gap=1)


@register
def vector_cube(name: str) -> MicroWorld:
    """Vector contraction's √2: outputs ±(a, a), the loss linear along them."""
    return rich(name, 40, 1, TWO_OUTPUTS, lipschitz=2)


@register
def vector_encoders(name: str) -> MicroWorld:
    """The same functions as encoders."""
    return rich(name, 40, 1, TWO_OUTPUTS, heads=False, lipschitz=2)


@register
def vector_both_deviate(name: str) -> MicroWorld:
    """f̂_M overfits, f̂_N underfits."""
    return rich(name, 40, 1, TWO_OUTPUTS, learn_n=underfit, lipschitz=2, optimisation_gap=1)


@register
def vector_underfitted(name: str) -> MicroWorld:
    """f̂_M underfits."""
    return rich(name, 40, 1, TWO_OUTPUTS, learn_m=underfit, lipschitz=2, optimisation_gap=1)


@register
def half_on_pairs(name: str) -> MicroWorld:
    """The 4 of the conditional form: losses ½ on a pair A of 8 points, 0 or 1 off it, m = 2.

    An adversary chooses the encoder A ⊇ sample; then both heads fit equally well.
    """
    pairs = list(combinations(range(8), 2))
    losses: Floats = np.empty((len(pairs), 2, 8))
    for encoder, pair in enumerate(pairs):
        losses[encoder] = [[1] * 8, [0] * 8]
        losses[encoder][:, pair] = 0.5
    return two_subsets(name, uniform(8), 2, Modalities(losses, learn_m=given_encoder("excess")))


@register
def half_hidden_12(name: str) -> MicroWorld:
    """The same with A any set, m = 12: the 4 is needed within a third."""
    return half_hidden(name, 400, 12)


@register
def half_hidden_with_two_outputs(name: str) -> MicroWorld:
    """The 4√2 of the conditional form, m = 12."""
    return half_hidden(name, 400, 12, k=2)


@register
def rich_heads(name: str) -> MicroWorld:
    """All functions to ±1 on 250 points, m = 16: most of the distribution is unseen."""
    return rich(name, 250, 16, levels(-1, 1))


@register
def rich_encoders(name: str) -> MicroWorld:
    """The same functions as encoders."""
    return rich(name, 250, 16, levels(-1, 1), heads=False)
