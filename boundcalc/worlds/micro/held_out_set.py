"""Micro-worlds of a held-out test set: one fixed predictor."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from boundcalc.errors import InputError
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import FunctionClass, Loss, Predictor
from boundcalc.worlds.checks import Floats
from boundcalc.worlds.micro.finite_classes import Table
from boundcalc.worlds.micro.micro_world import MicroWorld
from boundcalc.worlds.micro.samples import all_samples


def held_out(
    name: str, law: Sequence[Fraction], losses: Sequence[float], n: int, *, loss_bound: float = 1.0
) -> MicroWorld:
    """All test sets of n examples, for a predictor with these losses at the points.

    With two points this is the binomial distribution, so n can be large.
    """
    draws, chances = all_samples(law, n)
    if len(losses) != len(draws.law):
        points = len(draws.law)
        raise InputError(f"{name}: losses at {len(losses)} points, probabilities of {points}")
    row: Floats = np.array(losses, dtype=float)
    alone = Table(row[None], row[None, :, None])
    numbers = {"n": n, "loss_bound": loss_bound, "lipschitz": 1.0, "sub_gaussian": loss_bound / 2}
    over = FunctionClass("{f}", "", Loss(symbol("lipschitz"), symbol("loss_bound")))
    fixed = Predictor("f", "", over, fixed=True)
    return MicroWorld(
        name, {"T": draws}, chances, {"{f}": alone}, {"f": row}, numbers, roles=(fixed,)
    )
