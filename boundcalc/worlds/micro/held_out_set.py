"""Micro-worlds of a held-out test set: one fixed predictor."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from boundcalc.errors import InputError
from boundcalc.worlds.checks import Floats
from boundcalc.worlds.micro.finite_classes import Table
from boundcalc.worlds.micro.micro_world import MicroWorld, Values, empirical_risk
from boundcalc.worlds.micro.samples import all_samples


def _test_loss(world: MicroWorld, _: tuple[Any, ...]) -> Any:
    return empirical_risk(world, "f")


def _variance(world: MicroWorld, _: tuple[Any, ...]) -> Any:
    draws, losses = world.sample("T"), world.predictors["f"]
    spread = draws.frequencies @ losses**2 - (draws.frequencies @ losses) ** 2
    return np.maximum(spread, 0) * draws.size / (draws.size - 1)


def _errors(world: MicroWorld, _: tuple[Any, ...]) -> Any:
    return world.sample("T").counts @ world.predictors["f"]


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
    extra: dict[str, Values] = {"test_loss": _test_loss}
    if n > 1:
        extra["variance"] = _variance
    if set(losses) <= {0, 1}:
        extra["errors"] = _errors
    row: Floats = np.array(losses, dtype=float)
    alone = Table(row[None], row[None, :, None])
    numbers = {"n": n, "loss_bound": loss_bound, "lipschitz": 1.0}
    return MicroWorld(name, {"T": draws}, chances, {"{f}": alone}, {"f": row}, numbers, extra)
