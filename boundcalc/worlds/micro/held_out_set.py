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
from boundcalc.worlds.micro.micro_world import (
    MicroWorld,
    Values,
    empirical_risk,
    sample_variance,
)
from boundcalc.worlds.micro.samples import all_samples


def held_out(
    name: str, law: Sequence[Fraction], losses: Sequence[float], n: int, *, loss_bound: float = 1.0
) -> MicroWorld:
    """All test sets of n examples, for a predictor with these losses at the points.

    With two points this is the binomial distribution, so n can be large. The sample variance is
    defined for n ≥ 2, the number of errors for losses 0 and 1.
    """
    draws, chances = all_samples(law, n)
    if len(losses) != len(draws.law):
        points = len(draws.law)
        raise InputError(f"{name}: losses at {len(losses)} points, probabilities of {points}")
    row: Floats = np.array(losses, dtype=float)
    alone = Table(row[None], row[None, :, None])
    numbers = {"n": n, "loss_bound": loss_bound, "lipschitz": 1.0, "sub_gaussian": loss_bound / 2}
    extra: dict[str, Values] = {"test_loss": lambda world, _: empirical_risk(world, "f")}
    if n > 1:
        extra["variance"] = lambda world, _: sample_variance(world, "f", "T")
    if set(losses) <= {0, 1}:
        extra["errors"] = lambda world, _: world.sample("T").counts @ row
    over = FunctionClass("{f}", "", Loss(symbol("lipschitz"), symbol("loss_bound")))
    fixed = Predictor("f", "", over, fixed=True)
    return MicroWorld(
        name, {"T": draws}, chances, {"{f}": alone}, {"f": row}, numbers, extra, roles=(fixed,)
    )
