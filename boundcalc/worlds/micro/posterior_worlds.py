"""Micro-worlds of posteriors: few predictors, a prior, and what is chosen from each sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Integer

from boundcalc.errors import InputError
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.posteriors import Posterior, Prior
from boundcalc.symbolic.quantities import FunctionClass, Loss
from boundcalc.worlds.checks import Floats
from boundcalc.worlds.micro.finite_classes import Table
from boundcalc.worlds.micro.micro_world import MicroWorld, Values
from boundcalc.worlds.micro.samples import all_samples

Choice = Callable[[Floats, Floats, Floats], Floats]
"""From the prior, the relative entropies m kl(r̂(f)‖r(f)) and the gaps r − r̂, shape (samples,
predictors), to the weights of the posterior on every sample.
"""


def relative_entropies(q: Floats, p: Floats) -> Floats:
    """kl(q‖p) of two coins, from its definition."""
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [
            np.where(a > 0, a * np.log(np.where(a > 0, a, 1.0) / b), 0.0)
            for a, b in ((q, p), (1 - q, 1 - p))
        ]
    return np.asarray(np.maximum(parts[0] + parts[1], 0.0))


def divergences(weights: Floats, prior: Floats) -> Floats:
    """KL of distributions in rows."""
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(
            weights > 0, weights * np.log(np.where(weights > 0, weights, 1) / prior), 0
        )
    return np.asarray(parts.sum(axis=-1))


def tilted(prior: Floats, entropies: Floats, gaps: Floats) -> Floats:
    """The posterior at which the change of measure is an equation."""
    weights = prior * np.exp(entropies)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def most_overfitted(prior: Floats, entropies: Floats, gaps: Floats) -> Floats:
    """All weight on the predictor whose risk is furthest above its mean loss."""
    return np.asarray(np.eye(len(prior))[np.argmax(np.where(prior > 0, gaps, -np.inf), axis=1)])


def posterior_world(
    name: str,
    law: Sequence[Fraction],
    losses: Sequence[Sequence[float]],
    m: int,
    choice: Choice,
    *,
    prior: Sequence[float] | None = None,
    views: Sequence[int] | None = None,
) -> MicroWorld:
    """All samples of m points, for predictors with these losses in [0, 1].

    Parameters
    ----------
    prior : sequence of float, optional
        Its weights; all alike where left out.
    views : sequence of int, optional
        Which view each predictor belongs to; else there are no views.
    """
    draws, chances = all_samples(law, m)
    rows: Floats = np.array(losses, dtype=float)
    if rows.ndim != 2 or rows.shape[1] != len(draws.law) or np.any((rows < 0) | (rows > 1)):
        raise InputError(f"{name}: losses have to be in [0, 1], one row a predictor")
    p = np.full(len(rows), 1 / len(rows)) if prior is None else np.array(prior, dtype=float)
    risks, means = rows @ draws.probabilities, draws.frequencies @ rows.T
    entropies = relative_entropies(means, np.broadcast_to(risks, means.shape))
    q = choice(p, m * entropies, risks - means)
    over = FunctionClass("F", "", Loss(symbol("lipschitz"), Integer(1)))
    moment = np.log(np.exp(m * entropies) @ p)
    gibbs, seen = q @ risks, (q * means).sum(axis=1)
    extra: dict[str, Values] = {
        "gibbs_risk": lambda *_: gibbs,
        "empirical_gibbs_risk": lambda *_: seen,
        "divergence": lambda *_: divergences(q, p),
        "relative_entropy": lambda *_: relative_entropies(seen, gibbs),
        "mean_relative_entropy": lambda *_: (q * entropies).sum(axis=1),
        "log_moment": lambda *_: moment,
        "log_mean_moment": lambda *_: np.log(chances.floats @ np.exp(moment)),
        "vote_risk": lambda *_: (q @ rows >= 0.5) @ draws.probabilities,
    }
    if views is not None:
        extra |= _by_view(q, p, np.array(views))
    roles = (Posterior("Q", "", over, views is not None), Prior("P", "", over))
    table = Table(rows, rows[:, :, None])
    numbers = {"m": m, "lipschitz": 1.0}
    return MicroWorld(name, {"S": draws}, chances, {"F": table}, {}, numbers, extra, roles=roles)


def _by_view(q: Floats, p: Floats, views: Any) -> dict[str, Values]:
    """KL of the weights of the views, and the mean KL within them."""
    member = views[:, None] == np.unique(views)
    rho, pi = q @ member, p @ member
    inner = np.stack(
        [
            divergences(q[:, mine] / np.where(rho[:, [v]] > 0, rho[:, [v]], 1.0), p[mine] / pi[v])
            for v, mine in enumerate(member.T)
        ],
        axis=1,
    )
    return {
        "view_divergence": lambda *_: (rho * inner).sum(axis=1),
        "weight_divergence": lambda *_: divergences(rho, pi),
    }
