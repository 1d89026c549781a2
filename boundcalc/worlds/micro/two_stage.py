"""Micro-worlds of the two-stage learner: unlabelled pairs for a connection, triples for each task.

ĝ learns a connection from the pairs, f̂ a predictor of both modalities from the triples, û one of
the first modality alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import Integer

from boundcalc.conventions import Output
from boundcalc.errors import InputError
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import FunctionClass, Loss, Predictor
from boundcalc.worlds.checks import Floats
from boundcalc.worlds.micro.finite_classes import Cube, Table
from boundcalc.worlds.micro.micro_world import Chosen, MicroWorld
from boundcalc.worlds.micro.modality_subsets import worst_minimiser
from boundcalc.worlds.micro.samples import Chances, Draws

HOME = {"G": "P", "ĝ": "P", "g°": "P"} | dict.fromkeys(("Fᵀ", "f̂", "f°", "(F∘G)ᵀ", "û", "u°"), "Z")


@dataclass(frozen=True, eq=False)
class TwoStage:
    """What there is to learn, point by point.

    Parameters
    ----------
    distances : ndarray of shape (connections, pair points)
        ‖g(x) − y‖.
    connections : Table
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
    connections: Table
    losses: Floats
    composed: Floats
    predictors: Cube | None = None
    composites: Floats | None = None
    composite_class: Cube | None = None


def losses_table(losses: Floats) -> Table:
    """A class of which only the losses matter."""
    return Table(losses, losses[..., None])


def _tasks(draws: Draws, chances: Chances, tasks: int) -> tuple[Draws, Chances]:
    """Independent samples of the same size for each task, side by side."""
    counts, together = draws.counts, chances
    for _ in range(tasks - 1):
        before, new = len(counts), len(draws.counts)
        counts = np.hstack([np.repeat(counts, new, axis=0), np.tile(draws.counts, (before, 1))])
        together = together * chances
    return Draws(tuple(p / tasks for p in draws.law) * tasks, counts), together


_LOSS = Loss(symbol("lipschitz"), symbol("loss_bound"))
_DISTANCE = Loss(Integer(1), symbol("distance_bound"), letter="d")
_OVER = {
    "g": FunctionClass("G", "", _DISTANCE, Output.VECTOR),
    "f": FunctionClass("Fᵀ", "", _LOSS),
    "u": FunctionClass("(F∘G)ᵀ", "", _LOSS),
}


def _roles(**called: str) -> tuple[Predictor, ...]:
    """What is declared of what is learned, and of the best of each class."""
    learned = (Predictor(name, "", _OVER[x]) for x, name in called.items())
    best = (Predictor(f"{x}°", "", over, True, over) for x, over in _OVER.items() if x in called)
    return (*learned, *best)


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
    classes: dict[str, Table | Chosen] = {
        "G": game.connections,
        "Fᵀ": game.predictors or losses_table(game.losses),
    }
    roles = {"g": "ĝ", "f": "f̂"}
    if game.composites is not None:
        classes["(F∘G)ᵀ"] = game.composite_class or losses_table(game.composites)
        roles["u"] = "û"

    def composed(world: MicroWorld, subjects: tuple[Any, ...]) -> Floats:
        if subjects != ("f̂", "ĝ"):
            raise InputError(f"{world.name}: the risk of {subjects} together is not defined")
        return excess

    draws, extra = {"P": drawn, "Z": own}, {"composed_risk": composed}
    about = (HOME, not shared, _roles(**roles))
    return MicroWorld(name, draws, chances, classes, learned, numbers, extra, *about)


def _learn(
    game: TwoStage, drawn: Draws, own: Draws, tasks: int
) -> tuple[dict[str, Floats], Floats]:
    """All predictors, the learned ones as bad as an ERM can be, and the risk of f̂(x, ĝ(x))."""
    distance = game.distances @ drawn.probabilities
    g = worst_minimiser(drawn.frequencies @ game.distances.T, distance)
    law = own.probabilities[: game.losses.shape[1]] * tasks
    by_task = np.split(own.frequencies, tasks, axis=1)
    composed = game.composed[:, g].T
    f = np.stack([worst_minimiser(seen @ game.losses.T, composed) for seen in by_task], axis=1)
    learned = {
        "ĝ": game.distances[g],
        "g°": game.distances[np.argmin(distance)],
        "f̂": game.losses[f].reshape(len(f), -1),
        "f°": np.tile(game.losses[np.argmin(game.losses @ law)], tasks),
    }
    if game.composites is not None:
        rows, alone = game.composites, game.composites @ law
        u = np.stack([worst_minimiser(seen @ rows.T, alone) for seen in by_task], axis=1)
        learned |= {"û": rows[u].reshape(len(u), -1), "u°": np.tile(rows[np.argmin(alone)], tasks)}
    return learned, game.composed[f, g[:, None]].mean(axis=1)
