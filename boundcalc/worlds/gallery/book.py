"""Worlds for statements about other bounds: each of those is evaluated by itself, and nothing is random."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from boundcalc.errors import InputError
from boundcalc.numeric.evaluate import evaluate
from boundcalc.symbolic.catalogue import theorem
from boundcalc.worlds.gallery.plain import plain_erm
from boundcalc.worlds.gallery.registry import numbers_only, register
from boundcalc.worlds.gallery.tight import cube_of_encoders
from boundcalc.worlds.micro import MicroWorld, empirical_risk
from boundcalc.worlds.modalities import complexity_of

LARGEST_SIZE = 10_000


def _bound(id: str, variant: str, known: Mapping[str, Any]) -> Any:
    """A bound of the catalogue at those of the known numbers that it needs."""
    names = [p.name for p in theorem(id).variant(variant).parameters]
    return evaluate(id, variant=variant, **{name: known[name] for name in names if name in known}).value


def _theorem2(world: MicroWorld, subjects: tuple[Any, ...]) -> Any:
    subset, form = subjects
    known = dict(world.numbers) | {
        "rademacher": complexity_of(world, f"H∘G_{subset}"),
        "rademacher_full": complexity_of(world, "H∘G"),
        "centred_loss": empirical_risk(world, f"f̂_{subset}") - empirical_risk(world, "f*"),
    }
    return _bound("huang2021.theorem2", form, known)


def _with_theorem2(built: MicroWorld) -> MicroWorld:
    full = {"rademacher_full": lambda world, _: complexity_of(world, "H∘G")}
    extra = {**built.extra, **full, "theorem2_bound": _theorem2}
    return replace(built, numbers={**built.numbers, "delta": 0.1}, extra=extra)


@register
def two_bounds_on_the_quality(name: str) -> MicroWorld:
    """Theorem 2's bounds for both subsets of a plain world, at δ = 0.1."""
    return _with_theorem2(plain_erm(name))


@register
def two_bounds_of_a_cube(name: str) -> MicroWorld:
    """The same where N sees one encoder of a cube."""
    return _with_theorem2(cube_of_encoders(name))


@register
def crossover(name: str) -> MicroWorld:
    """The least m at which Theorem 2's bound for M is at most that for N, found by trying all m."""
    numbers = {"lipschitz": 1.5, "complexity_m": 9.0, "complexity_n": 4.0, "loss_drop": 0.1}

    def least(world: MicroWorld, subjects: tuple[Any, ...]) -> float:
        sizes = np.arange(1, LARGEST_SIZE)
        known = {"m": sizes, "lipschitz": 1.5, "loss_bound": 1, "delta": 0.1, "rademacher_full": 0}
        for_m = known | {"rademacher": np.sqrt(9 / sizes), "centred_loss": 0.2}
        for_n = known | {"rademacher": np.sqrt(4 / sizes), "centred_loss": 0.3}
        bounds = [_bound("huang2021.theorem2", subjects[0], k) for k in (for_m, for_n)]
        return float(sizes[np.argmax(bounds[0] <= bounds[1] + 1e-12)])

    return numbers_only(name, numbers, {"crossover": least})


@register
def two_learners(name: str) -> MicroWorld:
    """The quotient of the unimodal and the multimodal bound."""
    numbers = {
        **{"m": 900.0, "n": 100.0, "tasks": 3.0, "delta": 0.1, "growth": 0.75, "connection_gap": 0.05},
        **{"lipschitz": 2.0, "loss_bound": 1.5, "distance_bound": 0.5},
        **{"c_connection": 0.4, "c_predictor": 0.3, "c_composite": 0.7},
    }

    def ratio(world: MicroWorld, subjects: tuple[Any, ...]) -> float:
        if not subjects:
            raise InputError(f"{world.name}: another ratio")
        kinds = ("lu2023.unimodal", "lu2023.multimodal")
        unimodal, multimodal = (_bound(kind, subjects[0], world.numbers) for kind in kinds)
        return float(unimodal / multimodal)

    return numbers_only(name, numbers, {"ratio": ratio})
