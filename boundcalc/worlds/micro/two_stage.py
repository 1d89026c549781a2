"""Micro-worlds of the two-stage learner: unlabelled pairs for a connection, triples for each task.

The names bound here (``ĝ``, ``f̂``, ``û``, …) are those of the derivations in ``lu2023``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from boundcalc.worlds.checks import Floats, Ints
from boundcalc.worlds.micro.finite_classes import Cube, FiniteClass, Product, Table
from boundcalc.worlds.micro.micro_world import Chosen, MicroWorld, Values
from boundcalc.worlds.micro.samples import Chances, Draws

TIE = 1e-10
HOME = {"G": "P", "ĝ": "P", "g°": "P"} | dict.fromkeys(("Fᵀ", "f̂", "f°", "(F∘G)ᵀ", "û", "u°"), "Z")


@dataclass(frozen=True, eq=False)
class TwoStage:
    """What there is to learn, point by point.

    Parameters
    ----------
    distances : ndarray of shape (connections, pair points)
        ‖g(x) − y‖.
    connections : FiniteClass
        The class of connections, with its outputs.
    losses : ndarray of shape (predictors, triple points)
        ℓ(f(x, y), z), the same for each task.
    composed : ndarray of shape (predictors, connections)
        The risk of f(x, g(x)).
    predictors : Cube, optional
        The class of predictors, where it has a closed form that the table has not.
    composites : ndarray of shape (composites, triple points), optional
        The losses of the unimodal class.
    composite_class : Cube, optional
        That class, where it has a closed form that the table has not.
    """

    distances: Floats
    connections: FiniteClass
    losses: Floats
    composed: Floats
    predictors: Cube | None = None
    composites: Floats | None = None
    composite_class: Cube | None = None


def table_of(losses: Floats) -> Table:
    """A class of which only the losses matter."""
    return Table(losses, losses[..., None])


def _worst(empirical: Floats, score: Floats) -> Ints:
    """The minimiser with the largest score, on every sample."""
    least = empirical.min(axis=-1, keepdims=True)
    return np.asarray(np.argmax(np.where(empirical <= least + TIE, score, -np.inf), axis=-1))


def _tasks(draws: Draws, chances: Chances, tasks: int) -> tuple[Draws, Chances]:
    """Independent samples of the same size for each task, side by side."""
    counts, together = draws.counts, chances
    for _ in range(tasks - 1):
        before, new = len(counts), len(draws.counts)
        counts = np.hstack([np.repeat(counts, new, axis=0), np.tile(draws.counts, (before, 1))])
        together = together * chances
    return Draws(tuple(p / tasks for p in draws.law) * tasks, counts), together


def _every_task(given: Cube | None, losses: Floats) -> FiniteClass:
    """A class for each task: of a cube, which is one for each point anyway, nothing changes."""
    return given or Product(table_of(losses))


def _constant(size: str, of: str, power: float) -> Values:
    """c in G(class) = c·size^(−power), the size that of a task's sample."""

    def constant(world: MicroWorld, _: tuple[Any, ...]) -> float:
        measured = world.complexities("gaussian", of, of_loss=of != "G")
        return world.mean(measured) * float(world.numbers[size] ** power)

    return constant


def two_stage(
    name: str,
    game: TwoStage,
    pairs: tuple[Draws, Chances],
    triples: tuple[Draws, Chances],
    *,
    tasks: int = 1,
    shared: bool = False,
    **numbers: float,
) -> MicroWorld:
    """Enumerate a game of two stages.

    Parameters
    ----------
    pairs, triples : (Draws, Chances)
        The unlabelled pairs, and the labelled triples of one task.
    shared : bool
        Whether the pairs are those of the (one task's) triples; else they are independent.
    **numbers : float
        Parameters that are not 1; `growth` is ½ where it is not given.
    """
    n = triples[0].size
    own, chances = _tasks(*triples, tasks)
    drawn = pairs[0]
    if not shared:
        count = len(own.counts)
        own = Draws(own.law, np.tile(own.counts, (len(drawn.counts), 1)))
        drawn = Draws(drawn.law, np.repeat(drawn.counts, count, axis=0))
        chances = pairs[1] * chances
    defaults = {"lipschitz": 1.0, "loss_bound": 1.0, "distance_bound": 1.0, "growth": 0.5}
    numbers = {"m": drawn.size, "n": n, "tasks": tasks, **defaults, **numbers}
    learned, excess = _learn(game, drawn, own, tasks)
    classes: dict[str, FiniteClass | Chosen] = {
        "G": game.connections,
        "Fᵀ": _every_task(game.predictors, game.losses),
    }
    extra: dict[str, Values] = {
        "composed_risk": lambda world, _: excess,
        "c_connection": _constant("m", "G", 0.5),
        "c_predictor": _constant("n", "Fᵀ", 0.5),
    }
    if game.composites is not None:
        classes["(F∘G)ᵀ"] = _every_task(game.composite_class, game.composites)
        extra["c_composite"] = _constant("n", "(F∘G)ᵀ", 1 - numbers["growth"])
    draws = {"P": drawn, "Z": own}
    return MicroWorld(name, draws, chances, classes, learned, numbers, extra, HOME, not shared)


def _learn(
    game: TwoStage, drawn: Draws, own: Draws, tasks: int
) -> tuple[dict[str, Floats], Floats]:
    """All predictors, the learned ones as bad as an ERM can be, and the risk of f̂(x, ĝ(x))."""
    distance = game.distances @ drawn.probabilities
    g = _worst(drawn.frequencies @ game.distances.T, distance)
    law = own.probabilities[: game.losses.shape[1]] * tasks
    by_task = np.split(own.frequencies, tasks, axis=1)
    f = np.stack([_worst(seen @ game.losses.T, game.composed[:, g].T) for seen in by_task], axis=1)
    learned = {
        "ĝ": game.distances[g],
        "g°": game.distances[np.argmin(distance)],
        "f̂": game.losses[f].reshape(len(f), -1),
        "f°": np.tile(game.losses[np.argmin(game.losses @ law)], tasks),
    }
    if game.composites is not None:
        rows, alone = game.composites, game.composites @ law
        u = np.stack([_worst(seen @ rows.T, alone) for seen in by_task], axis=1)
        learned |= {"û": rows[u].reshape(len(u), -1), "u°": np.tile(rows[np.argmin(alone)], tasks)}
    return learned, game.composed[f, g[:, None]].mean(axis=1)
