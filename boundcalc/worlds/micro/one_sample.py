"""Micro-worlds of one sample: a held-out set, a learner, margins, posteriors, views of a label."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import log
from typing import Any

import numpy as np
from scipy.special import entr, rel_entr
from sympy import Integer

from boundcalc.errors import InputError
from boundcalc.symbolic.lemmas.learners import StablePredictor
from boundcalc.symbolic.lemmas.views import ConditionalMean
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.posteriors import Posterior, Prior
from boundcalc.symbolic.quantities import FunctionClass, Loss, Predictor
from boundcalc.worlds.checks import Floats, Ints
from boundcalc.worlds.micro.binding import Label, View
from boundcalc.worlds.micro.finite_classes import Table
from boundcalc.worlds.micro.micro_world import Key, MicroWorld, Values, mean_loss_of, variance_of
from boundcalc.worlds.micro.samples import Draws, all_samples

Choice = Callable[[Floats, Floats, Floats], Floats]
"""From the prior, the relative entropies m kl(r̂(f)‖r(f)) and the gaps r − r̂, shape (samples,
predictors), to the weights of the posterior on every sample.
"""
LOSS = Loss(symbol("lipschitz"), symbol("loss_bound"))
VIEWS = (View("X"), View("Z"))


def numbers_only(
    name: str,
    numbers: Mapping[str, float],
    extra: Mapping[str, Values],
    *,
    size: int = 1,
    roles: tuple[Any, ...] = (),
) -> MicroWorld:
    """A world in which nothing is drawn: parameters, and what is computed from them."""
    draws, chances = all_samples((1,), size)
    return MicroWorld(name, {"S": draws}, chances, {}, {}, numbers, extra, roles=roles)


# --- one fixed predictor ------------------------------------------------------------------------


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
    extra: dict[str, Values] = {"test_loss": lambda world, _: mean_loss_of(world, "f")}
    if n > 1:
        extra["variance"] = lambda world, _: variance_of(world, "f", "T")
    if set(losses) <= {0, 1}:
        extra["errors"] = lambda world, _: world.sample("T").counts @ row
    roles = (Predictor("f", "", FunctionClass("{f}", "", LOSS), fixed=True),)
    drawn = {"T": draws}
    return MicroWorld(name, drawn, chances, {"{f}": alone}, {"f": row}, numbers, extra, roles=roles)


# --- what one learner learns --------------------------------------------------------------------


def learner_world(
    name: str, drawn: tuple[Draws, Any], losses: Floats, chosen: Ints, *, loss_bound: float = 1.0
) -> MicroWorld:
    """What a learner learns from each sample: the row of `losses` that `chosen` names."""
    draws, chances = drawn
    rows = losses[chosen]
    if len(rows) != len(draws.counts):
        raise InputError(
            f"{name}: one choice for each of the {len(draws.counts)} samples is needed"
        )
    over = FunctionClass("F", "", LOSS)
    numbers = {"m": draws.size, "lipschitz": 1.0, "loss_bound": loss_bound}
    numbers |= {"sub_gaussian": loss_bound / 2}
    entropy = float(entr(np.bincount(chosen, chances.floats)).sum())
    extra: dict[str, Values] = {
        "stability": lambda *_: _largest_move(draws, rows),
        "mutual_information": lambda *_: entropy,
    }
    roles = (StablePredictor("f̂", "", over, stable_on="S"), Predictor("f̂", "", over))
    classes, learned = {"F": Table(losses, losses[..., None])}, {"f̂": rows}
    return MicroWorld(name, {"S": draws}, chances, classes, learned, numbers, extra, roles=roles)


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
    over = FunctionClass("F", "", Loss(1 / symbol("margin"), Integer(1)))
    classes, learned = {"F": Table(losses, products[..., None])}, {"f̂": losses[chosen]}
    extra, roles = {"sign_risk": lambda *_: wrong}, (Predictor("f̂", "", over),)
    numbers = {"m": m, "margin": rho}
    return MicroWorld(name, {"S": draws}, chances, classes, learned, numbers, extra, roles=roles)


# --- posteriors over few predictors -------------------------------------------------------------


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
    entropies = _of_coins(means, risks)
    q = choice(p, m * entropies, risks - means)
    moment = np.log(np.exp(m * entropies) @ p)
    gibbs, seen = q @ risks, (q * means).sum(axis=1)
    extra: dict[str, Values] = {
        "gibbs_risk": lambda *_: gibbs,
        "empirical_gibbs_risk": lambda *_: seen,
        "divergence": lambda *_: rel_entr(q, p).sum(axis=1),
        "relative_entropy": lambda *_: _of_coins(seen, gibbs),
        "mean_relative_entropy": lambda *_: (q * entropies).sum(axis=1),
        "log_moment": lambda *_: moment,
        "log_mean_moment": lambda *_: np.log(chances.floats @ np.exp(moment)),
        "vote_risk": lambda *_: (q @ rows >= 0.5) @ draws.probabilities,
    }
    if views is not None:
        extra |= _by_view(q, p, np.array(views))
    over = FunctionClass("F", "", Loss(symbol("lipschitz"), Integer(1)))
    roles = (Posterior("Q", "", over, views is not None), Prior("P", "", over))
    table = Table(rows, rows[:, :, None])
    numbers = {"m": m, "lipschitz": 1.0}
    return MicroWorld(name, {"S": draws}, chances, {"F": table}, {}, numbers, extra, roles=roles)


def _of_coins(q: Floats, p: Floats) -> Floats:
    """kl(q‖p) of two coins; not negative by rounding."""
    return np.asarray(np.maximum(rel_entr(q, p) + rel_entr(1 - q, 1 - p), 0.0))


def _by_view(q: Floats, p: Floats, views: Any) -> dict[str, Values]:
    """KL of the weights of the views, and the mean KL within them."""
    member = views[:, None] == np.unique(views)
    rho, pi = q @ member, p @ member
    inner = np.stack(
        [
            rel_entr(q[:, mine] / np.where(rho[:, [v]] > 0, rho[:, [v]], 1.0), p[mine] / pi[v]).sum(
                axis=1
            )
            for v, mine in enumerate(member.T)
        ],
        axis=1,
    )
    return {
        "view_divergence": lambda *_: (rho * inner).sum(axis=1),
        "weight_divergence": lambda *_: rel_entr(rho, pi).sum(axis=1),
    }


# --- two views and a label ----------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Joint:
    """A distribution of (x, z), and the label there: its mean, or the chances of its values.

    Attributes
    ----------
    chances : ndarray of shape (x, z)
    label : ndarray of shape (x, z) or (x, z, classes)
    """

    chances: Floats
    label: Floats

    def mean(self, of: Any) -> Floats:
        """A conditional mean at every (x, z)."""
        if not isinstance(of, ConditionalMean):
            return self.label
        inner = self.mean(of.of)
        axes = tuple(axis for axis, view in enumerate(VIEWS) if view not in of.given)
        if not axes:
            return inner
        total = (self.chances * inner).sum(axis=axes, keepdims=True)
        return np.broadcast_to(
            total / self.chances.sum(axis=axes, keepdims=True), self.chances.shape
        )

    def distance(self, a: ConditionalMean, b: ConditionalMean) -> float:
        """√E(a − b)²."""
        return float(np.sqrt((self.chances * (self.mean(a) - self.mean(b)) ** 2).sum()))


def view_world(name: str, joint: Joint) -> MicroWorld:
    """A numerical label: only its mean given both views matters."""

    def squared(_: MicroWorld, subjects: tuple[Key, ...]) -> float:
        (of,) = subjects
        return joint.distance(*of[2]) ** 2

    extra: dict[str, Values] = {
        "distance": lambda _, subjects: joint.distance(*subjects),
        "squared": squared,
    }
    return numbers_only(name, {}, extra, roles=(*VIEWS, Label("Y")))


def label_world(name: str, joint: Joint) -> MicroWorld:
    """A label of few values: its information in bits, and the best accuracy of all predictors."""
    cells = joint.chances[..., None] * joint.label
    label = float(entr(cells.sum(axis=(0, 1))).sum()) / log(2)
    left = float(entr(cells).sum() - entr(joint.chances).sum()) / log(2)
    extra: dict[str, Values] = {
        "accuracy": lambda *_: cells.max(axis=-1).sum(),
        "label_entropy": lambda *_: label,
        "remaining_entropy": lambda *_: left,
        "information_bits": lambda *_: label - left,
    }
    return numbers_only(name, {"classes": cells.shape[-1]}, extra)
