"""Micro-worlds of two views and a label: every conditional mean and information by summation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from boundcalc.symbolic.lemmas.views import Conditional
from boundcalc.worlds.checks import Floats
from boundcalc.worlds.micro.binding import Label, View
from boundcalc.worlds.micro.micro_world import Key, MicroWorld, Values
from boundcalc.worlds.micro.samples import all_samples

VIEWS = (View("X"), View("Z"))


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
        if not isinstance(of, Conditional):
            return self.label
        inner = self.mean(of.of)
        axes = tuple(axis for axis, view in enumerate(VIEWS) if view not in of.given)
        if not axes:
            return inner
        total = (self.chances * inner).sum(axis=axes, keepdims=True)
        return np.broadcast_to(
            total / self.chances.sum(axis=axes, keepdims=True), self.chances.shape
        )

    def distance(self, a: Conditional, b: Conditional) -> float:
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
    return _without_sample(name, {}, extra, roles=(*VIEWS, Label("Y")))


def label_world(name: str, joint: Joint) -> MicroWorld:
    """A label of few values: its information in bits, and the best accuracy of all predictors."""
    cells = joint.chances[..., None] * joint.label

    def entropy(chances: Floats) -> float:
        found = chances[chances > 0]
        return float(-(found * np.log2(found)).sum())

    label = entropy(cells.sum(axis=(0, 1)))
    left = entropy(cells) - entropy(joint.chances)
    extra: dict[str, Values] = {
        "accuracy": lambda *_: cells.max(axis=-1).sum(),
        "label_entropy": lambda *_: label,
        "remaining_entropy": lambda *_: left,
        "information_bits": lambda *_: label - left,
    }
    return _without_sample(name, {"classes": cells.shape[-1]}, extra)


def _without_sample(
    name: str,
    numbers: Mapping[str, float],
    extra: Mapping[str, Values],
    roles: tuple[Any, ...] = (),
) -> MicroWorld:
    draws, chances = all_samples((1,), 1)
    return MicroWorld(name, {"S": draws}, chances, {}, {}, numbers, extra, roles=roles)
