"""Micro-worlds of single learners: how stable they are, what they tell of the sample, margins."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
from sympy import Integer

from boundcalc.errors import InputError
from boundcalc.symbolic.lemmas.learners import StablePredictor
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import FunctionClass, Loss, Predictor
from boundcalc.worlds.checks import Floats, Ints
from boundcalc.worlds.micro.finite_classes import Table
from boundcalc.worlds.micro.micro_world import MicroWorld, Values
from boundcalc.worlds.micro.samples import Draws, all_samples


def learner_world(
    name: str,
    drawn: tuple[Draws, Any],
    losses: Floats,
    chosen: Ints,
    *,
    loss_bound: float = 1.0,
) -> MicroWorld:
    """What a learner learns from each sample: the row of `losses` that `chosen` names."""
    draws, chances = drawn
    rows = losses[chosen]
    if len(rows) != len(draws.counts):
        raise InputError(
            f"{name}: one choice for each of the {len(draws.counts)} samples is needed"
        )
    loss = Loss(symbol("lipschitz"), symbol("loss_bound"))
    over = FunctionClass("F", "", loss)
    numbers = {"m": draws.size, "lipschitz": 1.0, "loss_bound": loss_bound}
    likely = [float(chances.floats[chosen == i].sum()) for i in np.unique(chosen)]
    entropy = -sum(p * np.log(p) for p in likely if p > 0)
    extra: dict[str, Values] = {
        "stability": lambda *_: _largest_move(draws, rows),
        "mutual_information": lambda *_: entropy,
    }
    roles = (StablePredictor("f̂", "", over, stable_on="S"), Predictor("f̂", "", over))
    return MicroWorld(
        name,
        {"S": draws},
        chances,
        {"F": Table(losses, losses[..., None])},
        {"f̂": rows},
        {**numbers, "sub_gaussian": loss_bound / 2},
        extra,
        roles=roles,
    )


def _largest_move(draws: Draws, rows: Floats) -> float:
    """How far a loss moves at most where one example is replaced."""
    pairs = combinations(range(len(rows)), 2)
    moves = (
        float(np.abs(rows[a] - rows[b]).max())
        for a, b in pairs
        if np.abs(draws.counts[a] - draws.counts[b]).sum() == 2
    )
    return max(moves, default=0.0)


def margin_world(
    name: str, law: Sequence[Fraction], margins: Sequence[Sequence[float]], m: int, *, rho: float
) -> MicroWorld:
    """Classifiers by their margins y f(x) at each point; the one with the worst gap is learned."""
    draws, chances = all_samples(law, m)
    products: Floats = np.array(margins, dtype=float)
    losses = np.clip(1 - products / rho, 0.0, 1.0)
    gaps = losses @ draws.probabilities - draws.frequencies @ losses.T
    chosen = np.argmax(gaps, axis=1)
    wrong = (products[chosen] <= 0) @ draws.probabilities
    ramp = Loss(1 / symbol("margin"), Integer(1))
    over = FunctionClass("F", "", ramp)
    return MicroWorld(
        name,
        {"S": draws},
        chances,
        {"F": Table(losses, products[..., None])},
        {"f̂": losses[chosen]},
        {"m": m, "margin": rho},
        {"sign_risk": lambda *_: wrong},
        roles=(Predictor("f̂", "", over),),
    )
