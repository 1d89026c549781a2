"""Micro-worlds of so many points that a sample matters only through how often it repeats them."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Any

import numpy as np

from boundcalc.errors import InputError
from boundcalc.worlds.checks import Floats, Ints
from boundcalc.worlds.micro.finite_classes import (
    SAME,
    Average,
    Cube,
    Table,
    mean_supremum,
)
from boundcalc.worlds.micro.micro_world import Chosen, MicroWorld
from boundcalc.worlds.micro.modality_subsets import MULTIMODAL, NUMBERS, roles
from boundcalc.worlds.micro.samples import Chances, Draws, orbits


def mean_size(count: int) -> float:
    """E of the absolute value of a sum of `count` signs."""
    return mean_supremum(np.array([[1.0], [-1.0]]), np.array([count]))


class HalfCubes(Table):
    """All functions to {0, ½} and all functions to {½, 1}; the loss is linear in `k` equal outputs."""

    lipschitz = 1.0

    def __init__(self, outputs: int) -> None:
        super().__init__(np.zeros((1, 1)), np.zeros((1, 1, outputs)))

    @property
    def interval(self) -> tuple[float, float]:
        return 0.0, 1.0

    def lowest(self, weights: Floats) -> Floats:
        """The better of the two cubes."""
        gain = np.maximum(weights, 0).sum(axis=-1) / 2
        below = np.minimum(weights, 0).sum(axis=-1) / 2
        return np.asarray(np.minimum(below, weights.sum(axis=-1) - gain))

    def supremum(self, average: Average, counts: Ints, of_loss: bool) -> Floats:
        """E max(a, b) = ½ E(a + b + |a − b|), a and b the sums of positive signs in the two cubes."""
        if average is not mean_supremum:
            raise InputError("the Gaussian complexity of half-cubes is not enumerated")
        signs = 1 if of_loss else self.k
        scale = 1.0 if of_loss else 1 / (self.lipschitz * sqrt(self.k))

        def both(row: Ints) -> float:
            visits = zip(*np.unique(row, return_counts=True), strict=True)
            total = sum(float(times) * mean_size(signs * int(c)) for c, times in visits)
            return scale * (total + mean_size(signs * int(row.sum()))) / 4

        return np.apply_along_axis(both, -1, counts)

    def contains(self, losses: Floats) -> bool:
        """Whether each row is in one of the two cubes."""
        levels = np.abs(losses[..., None] - np.array([0, 0.5, 1])) <= SAME
        halves = (levels[..., :2], levels[..., 1:])
        lower, upper = (half.any(axis=-1).all(axis=-1) for half in halves)
        return bool(np.all(lower | upper))


def overfit(seen: Any, low: float, high: float) -> Floats:
    """The least loss where it was trained, the largest elsewhere: an ERM as bad as can be."""
    return np.where(seen, low, high)


def underfit(seen: Any, low: float, high: float) -> Floats:
    """The largest loss where it was trained, the least elsewhere."""
    return np.where(seen, high, low)


def faultless(seen: Any, low: float, high: float) -> Floats:
    """The least loss everywhere."""
    return np.full(seen.shape, low)


def levels(low: float, high: float, *, k: int = 1, lipschitz: float = 1.0) -> Cube:
    """Two levels at each point; k equal outputs, in which the loss is linear."""
    losses = np.array([low, high])
    return Cube(losses, np.outer(losses - (low + high) / 2, np.full(k, 1 / sqrt(k))) / lipschitz)


def _one_by_one(losses: Floats, k: int, lipschitz: float) -> Chosen:
    """For each sample the class of one predictor."""
    each = [
        Table(row[None], np.repeat(row[None, :, None], k, axis=2) / lipschitz) for row in losses
    ]
    return Chosen(each, range(len(each)))


def _of_two(
    name: str, draws: Draws, chances: Chances, classes: Any, predictors: Any, numbers: Any
) -> MicroWorld:
    extra, declared = MULTIMODAL, roles("M", "N")
    drawn = {"S": draws}
    return MicroWorld(name, drawn, chances, classes, predictors, numbers, extra, roles=declared)


def rich(
    name: str,
    points: int,
    m: int,
    cube: Cube,
    *,
    learn_m: Callable[..., Floats] = overfit,
    learn_n: Callable[..., Floats] = faultless,
    heads: bool = True,
    **numbers: float,
) -> MicroWorld:
    """All functions to a few levels, for both subsets.

    Parameters
    ----------
    cube : Cube
        The losses and outputs that can be taken at a point.
    learn_m, learn_n : callable
        `overfit`, `underfit` or `faultless`.
    heads : bool
        Whether one encoder has all functions as heads, or each function is an encoder with one head.
    """
    draws, chances = orbits(points, m)
    numbers = {"m": m, **NUMBERS, **numbers}
    low, high = cube.interval
    least = np.full(points, low)
    classes: dict[str, Table | Chosen] = {"H∘G": cube}
    predictors = {"f*": least}
    for subset, learn in (("M", learn_m), ("N", learn_n)):
        learned = learn(draws.counts > 0, low, high)
        classes[f"H∘G_{subset}"] = cube
        classes[f"H∘ĝ_{subset}"] = (
            cube if heads else _one_by_one(learned, cube.k, numbers["lipschitz"])
        )
        predictors[f"f̂_{subset}"] = learned
        predictors[f"f°_{subset}"] = least
        predictors[f"h°∘ĝ_{subset}"] = least if heads else learned
    return _of_two(name, draws, chances, classes, predictors, numbers)


def half_hidden(name: str, points: int, m: int, *, k: int = 1) -> MicroWorld:
    """An encoder for each set A: the loss is ½ on A, and off it 0 with one head and 1 with the other.

    An adversary takes the sample for A, so both heads fit equally well and the worse is learned.
    """
    draws, chances = orbits(points, m)
    seen = draws.counts > 0
    everything, least = HalfCubes(k), np.zeros(points)
    bad, good = np.where(seen, 0.5, 1.0), np.where(seen, 0.5, 0.0)
    spread = np.full(k, 1 / sqrt(k))
    constant = np.array([least, least + 1])
    heads = [np.array(pair) for pair in zip(bad, good, strict=True)]
    tables = [Table(rows, rows[:, :, None] * spread) for rows in [*heads, constant]]
    classes: dict[str, Table | Chosen] = {
        **dict.fromkeys(("H∘G", "H∘G_M", "H∘G_N"), everything),
        "H∘ĝ_M": Chosen(tables, range(len(heads))),
        "H∘ĝ_N": Chosen(tables, [len(heads)] * len(heads)),
    }
    names = ("f*", "f°_M", "f̂_N", "f°_N", "h°∘ĝ_N")
    predictors = {"f̂_M": bad, "h°∘ĝ_M": good, **dict.fromkeys(names, least)}
    return _of_two(name, draws, chances, classes, predictors, {"m": m, **NUMBERS})
