"""Lu's sine example: x tells z only through y, and y is easy to learn from unlabelled pairs.

The world: x is uniform on [1/2, 1], y = θx with θ = 0.1 unknown, z = f(y) with f(y) = 1 if sin(1/y)
> 0 and 0 otherwise; 0/1 loss, no noise. Connections G = {x ↦ θx : 0 < θ ≤ 1}, predictors F = {f, 1
− f}; one task.

Multimodal bound. Without noise one pair gives θ = y/x, so the learned connection is the true one
with probability 1: the learner is the one whose class of connections is {g*} alone. For that class
κ and c_G are 0 (a single function has no complexity) and D is any number above 0. f jumps, so it is
not Lipschitz; but L is only the price L·E‖ĝ(x) − y‖ of putting ĝ(x) for y, which is 0 here: any L
serves. c_F = 1/√(2π) exactly: the losses of f are all 0, those of 1 − f all 1, and the positive
part of the mean of n normals has the mean 1/√(2πn).

Unimodal bound. F∘G shatters almost every sample: the numbers 1/x_i are rationally independent with
probability 1, so the phases (1/θ)/x_i come close to every point of the torus as θ → 0 (Kronecker).
Hence c_FG = 1/√(2π), a = 1, and the bound is at least 1 at every n: it says nothing.

Both bounds are about the excess over 0 (y is a function of x, so the best predictors of both kinds
make no error), but a bound is not the truth. That is simulated. The unimodal learner takes the
first 1/θ that fits its n labels, in random order from [1, 10⁶]: one empirical risk minimiser of
many, while the bound is about all of them; and as its 1/θ is bounded, it does learn once n is well
above log₂ 10⁶ ≈ 20.

    python examples/sine.py -o sine.png
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

import boundcalc as bc
from boundcalc.render import plot

WORLD, DELTA = bc.worlds.SineWorld(theta=0.1), 0.05
SIZES, TRIALS, FRESH = (1, 2, 4, 6, 8, 10, 12), 100, 1000
HALF_NORMAL = 1 / np.sqrt(2 * np.pi)  # E max(0, g), g normal


def error(rng: np.random.Generator, learned: bc.worlds.SinePredictor) -> float:
    """The share of fresh examples that a predictor gets wrong; `WORLD.error` is exact, but
    slower.
    """
    x = WORLD.draw(FRESH, rng)
    return float(np.mean(learned(x) != WORLD.truth(x)))


def multimodal_error(rng: np.random.Generator, n: int) -> float:
    """One unlabelled pair gives θ; n labelled examples choose between f and 1 − f."""
    x, y, _ = WORLD.sample(1, rng)
    return error(rng, WORLD.learn_multimodal(x, y, WORLD.draw(n, rng)))


def unimodal_error(rng: np.random.Generator, n: int) -> float:
    """The first θ, in random order, with which f or 1 − f fits all n labels."""
    return error(rng, WORLD.learn_unimodal(WORLD.draw(n, rng), rng))


def sweeps() -> dict[str, Any]:
    event = {"loss_bound": 1, "tasks": 1, "delta": DELTA}
    pairs = {"m": 1, "connection_gap": 0, "c_connection": 0, "lipschitz": 1}
    two_stages = {
        **pairs,
        "c_predictor": HALF_NORMAL,
        "vary": {"n": bc.Range(1, 10_000, 200, log=True)},
    }
    one_stage = {"c_composite": HALF_NORMAL, "growth": 1, "vary": two_stages["vary"]}
    multimodal, unimodal = "lu2023.multimodal", "lu2023.unimodal"
    return {
        "multimodal bound": bc.sweep(
            multimodal, variant="one-event", distance_bound=1e-9, **two_stages, **event
        ),
        "multimodal bound on the mean": bc.sweep(multimodal, variant="expected", **two_stages),
        "unimodal bound": bc.sweep(unimodal, variant="one-event", **one_stage, **event),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Bounds and simulated errors of Lu's sine example."
    )
    parser.add_argument("-o", "--output", type=Path, help="draw them: FILE.png or FILE.svg")
    output = parser.parse_args().output

    bounds = sweeps()
    rng = np.random.default_rng(0)
    learners = {"unimodal, simulated": unimodal_error, "multimodal, simulated": multimodal_error}
    means = {
        name: [np.mean([learner(rng, n) for _ in range(TRIALS)]) for n in SIZES]
        for name, learner in learners.items()
    }
    for name, bound in bounds.items():
        useful = bound.vary["n"][~bound.vacuous]
        says = f"says something from n = {useful[0]:g} on" if len(useful) else "vacuous at every n"
        print(f"{name}: {says}")
    for name, values in means.items():
        print(
            f"{name}: "
            + ", ".join(f"{v:.3f} at n = {n}" for n, v in zip(SIZES, values, strict=True))
        )
    if output:
        picture = plot.figure(
            list(bounds.values()),
            labels=list(bounds),
            title="The sine example: what the bounds say and what is true",
            xlabel="labelled examples, $n$",
            ylabel="excess risk over the best predictor",
            log=False,
            observed={name: (SIZES, values) for name, values in means.items()},
        )
        with output.open("wb") as stream:
            plot.save(picture, stream, output.suffix[1:])


if __name__ == "__main__":
    main()
