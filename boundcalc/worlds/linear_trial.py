"""The linear model, repeated: least squares on each subset, and every bound that speaks of it.

The bounds need a bounded Lipschitz loss, so they are tested with the clipped absolute error, whose risk is
known in closed form; the encoder of a subset is the mask that keeps what is seen (orthonormal columns), the
heads are the weights in a ball, and what is learned is least squares, shrunk into the ball.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.random import SeedSequence

from boundcalc.errors import InputError
from boundcalc.numeric.evaluate import evaluate
from boundcalc.worlds.clipped import clipped, clipped_risk, far_off
from boundcalc.worlds.families import Floats
from boundcalc.worlds.judge import ENOUGH
from boundcalc.worlds.linear import LinearWorld
from boundcalc.worlds.trial import Block, Crossing, Experiment, Found, Statement, applied

Numbers = dict[str, Any]

HELD_OUT = ("holdout.hoeffding", "holdout.empirical_bernstein", "holdout.kl")
GAP = "r(f̂_M) − r(f̂_N)"
RISK_BOUND = ("classic.uniform_deviation", "expected")
"""Two of them differ by what two of Theorem 2's differ by, so the selection principle speaks of both."""

_SPARE = 8
"""The mean of least squares is compared from m = p + 8 on: nearer to p its own variance is infinite."""


@dataclass(frozen=True)
class LinearExperiment(Experiment):
    """An experiment in the linear model.

    Attributes
    ----------
    covariance : tuple of tuple of float
    blocks : tuple of (str, tuple of int)
    theta : tuple of float
    noise_variance : float
    subsets : tuple of tuple of str
    norm : float
        B, the radius of the ball of weights.
    loss_bound : float
        C, where the absolute error is clipped.
    test_n : int
        Held-out examples.
    """

    covariance: tuple[tuple[float, ...], ...]
    blocks: tuple[tuple[str, tuple[int, ...]], ...]
    theta: tuple[float, ...]
    noise_variance: float
    subsets: tuple[tuple[str, ...], ...]
    norm: float
    loss_bound: float
    test_n: int

    def drawn(self, size: int) -> int:
        """The coordinates of all examples."""
        return (size + self.test_n) * len(self.theta)

    def build(self) -> LinearTrial:
        """The world, with its subsets checked."""
        given = np.array(self.covariance), dict(self.blocks), np.array(self.theta)
        world = LinearWorld(*given, self.noise_variance)
        return LinearTrial(self, world)


class LinearTrial:
    """Least squares on subsets of the modalities.

    Raises
    ------
    InputError
        If the best weights of a subset, or of all modalities, lie outside the ball.
    """

    axis = "training examples m"
    risk = "squared error"
    loss = "clipped absolute error"

    def __init__(self, plan: LinearExperiment, world: LinearWorld) -> None:
        self.plan, self.world = plan, world
        self.learners = tuple("+".join(world.modalities(s)) for s in plan.subsets)
        self.bounds = dict.fromkeys(self.learners, RISK_BOUND)
        for name in (*self.learners, "+".join(world.blocks)):
            size = float(np.linalg.norm(world.best_weights(name)))
            if size > plan.norm:
                raise InputError(
                    f"norm = {plan.norm:g}: the best weights of {name} have the norm {size:.6g}, so its "
                    f"latent quality would not be known; take {np.ceil(size * 100) / 100:g} or more"
                )

    @property
    def notes(self) -> tuple[str, ...]:
        """What is compared with what."""
        B, C = f"{self.plan.norm:g}", f"{self.plan.loss_bound:g}"
        return (
            "Crossovers, and the risk by size: expected squared error of ordinary least squares. What is "
            "predicted is where Theorem 2's bounds cross (the selection principle), at the losses of the "
            "best predictors.",
            f"Bounds: clipped absolute error min(|f − y|, {C}), L = 1, of least squares shrunk into "
            f"‖w‖ ≤ {B}; the truth is the exact risk of what was learned. R_m is B√(tr Σ/m), R̂ is B‖X‖/m. "
            "η and γ are exact. Least squares does not minimise this loss: the optimisation gap is "
            "r̂(f̂) − r̂(f°), the "
            "only comparison that the proofs make.",
            f"Held-out limits: {self.plan.test_n} fresh examples; Clopper–Pearson for P(|f − y| > {C}).",
            "Proposition 1 is on a mean of something unbounded, for which no limit from finitely many draws "
            f"is rigorous: it is judged from {ENOUGH} draws on, by twice the normal quantile.",
        )

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Nested pairs of subsets, the larger first."""
        sets = {name: set(self.world.modalities(name)) for name in self.learners}
        return tuple((a, b) for a in self.learners for b in self.learners if sets[b] < sets[a])

    def expected(self, size: int) -> tuple[float, ...]:
        """E r of least squares."""
        return tuple(float(self.world.expected_risk(name, size)) for name in self.learners)

    def crossings(self) -> tuple[Crossing, ...]:
        """By the selection principle, with the loss drop of the best predictors, and exactly."""
        return tuple(self._crossing(more, less) for more, less in self.pairs)

    def _crossing(self, more: str, less: str) -> Crossing:
        predicted = self._predicted(more, less)
        vacuous = predicted is not None and all(self._vacuous(name, predicted) for name in (more, less))
        exact = self.world.crossover(more, less)
        return Crossing(more, less, predicted, exact, vacuous)

    def _vacuous(self, name: str, size: int) -> bool:
        """Whether the bound says nothing at the loss of the best predictor."""
        id, variant = RISK_BOUND
        known = {"loss_bound": self.plan.loss_bound, "lipschitz": 1.0, "delta": self.plan.delta}
        known |= {"m": size, "rademacher": self._complexity(name, size), "train_loss": self._best_risk(name)}
        return bool(evaluate(id, variant=variant, **known).vacuous)

    def _predicted(self, more: str, less: str) -> int | None:
        drop = self._best_risk(less) - self._best_risk(more)
        c_m, c_n = (float(self._complexity(name, 1)) ** 2 for name in (more, less))
        if drop <= 0 or self.world.crossover(more, less) is None:
            return None
        if c_m <= c_n:
            return 1
        known = {"lipschitz": 1.0, "complexity_m": c_m, "complexity_n": c_n, "loss_drop": drop}
        return int(evaluate("huang2021.selection", variant="crossover", **known).value)

    def _complexity(self, name: str, m: int) -> float:
        return float(self.world.trace_complexity(name, m, norm=self.plan.norm))

    def _best_risk(self, name: str) -> float:
        """inf over the class of the clipped risk: it grows with the squared error."""
        left = self.world.noise_variance + self.world.latent_quality(name)
        return float(clipped_risk(np.sqrt(left), self.plan.loss_bound))

    def block(self, size: int, seeds: Sequence[SeedSequence]) -> Block:
        """One repetition for each seed."""
        draws = [self._draw(size, seed) for seed in seeds]
        together = {
            name: {key: np.array([draw[name][key] for draw in draws]) for key in draws[0][name]}
            for name in self.learners
        }
        found = [f for name in self.learners for f in self._of_one(size, name, together[name])]
        for more, less in self.pairs:
            found += self._of_two(size, more, less, together[more], together[less])
        risks = np.stack([together[name]["squared"] for name in self.learners], axis=1)
        return Block(tuple(found), risks)

    def _draw(self, size: int, seed: SeedSequence) -> dict[str, Numbers]:
        """Draw, fit and measure: the numbers of each subset."""
        rng = np.random.default_rng(seed)
        train, test = self.world.sample(size, rng), self.world.sample(self.plan.test_n, rng)
        reference = self._losses(train, self.world.theta).mean()
        return {name: self._measured(name, train, test, reference) for name in self.learners}

    def _losses(self, sample: tuple[Floats, Floats], weights: Floats) -> Floats:
        return clipped(sample[1] - sample[0] @ weights, self.plan.loss_bound)

    def _measured(
        self, name: str, train: tuple[Floats, Floats], test: tuple[Floats, Floats], reference: float
    ) -> Numbers:
        C, weights = self.plan.loss_bound, self.world.fit(name, *train)
        squared = float(self.world.risk(weights))
        weights = weights * min(1.0, self.plan.norm / max(float(np.linalg.norm(weights)), 1e-300))
        spread = np.sqrt(self.world.risk(weights))
        losses, held = self._losses(train, weights), self._losses(test, weights)
        best = self._losses(train, self.world.best_weights(name)).mean()
        inputs = train[0][:, self.world.coordinates(name)]
        return {
            "squared": squared,
            "risk": float(clipped_risk(spread, C)),
            "far_off": float(far_off(spread, C)),
            "train_loss": losses.mean(),
            "centred_loss": losses.mean() - reference,
            "gap": max(0.0, losses.mean() - best),
            "rademacher_empirical": self.plan.norm * np.sqrt((inputs**2).sum()) / len(inputs),
            "test_loss": held.mean(),
            "variance": held.var(ddof=1),
            "errors": float(np.count_nonzero(held >= C)),
        }

    def _known(self, size: int) -> Numbers:
        plan = self.plan
        return {
            "m": size,
            "n": plan.test_n,
            "delta": plan.delta,
            "lipschitz": 1.0,
            "loss_bound": plan.loss_bound,
        }

    def _of_one(self, size: int, name: str, x: Numbers) -> Iterator[Found]:
        """The bounds that speak of one subset."""
        R = self._complexity(name, size)
        known = {**self._known(size), **x, "rademacher": R, "optimisation_gap": x["gap"]}
        for variant in ("expected", "empirical", "lower", "lower-empirical", "lower-erm"):
            made = Statement("classic.uniform_deviation", variant, name, "r(f̂)")
            yield applied(made, x["risk"], **known)
        quality = np.full(
            len(x["risk"]), self._best_risk(name) - self._best_risk("+".join(self.world.blocks))
        )
        full = self._complexity("+".join(self.world.blocks), size)
        for variant in ("sharp", "sharp-empirical", "published"):
            made = Statement("huang2021.theorem2", variant, name, "η(ĝ)")
            yield applied(made, quality, rademacher_full=full, **known)
        yield from self._held_out(name, x, known)

    def _held_out(self, name: str, x: Numbers, known: Numbers) -> Iterator[Found]:
        C = self.plan.loss_bound
        for variant in ("upper", "lower"):
            for id in HELD_OUT:
                scale = C if id == "holdout.kl" else 1.0
                made = Statement(id, variant, name, "r(f̂)")
                yield applied(made, x["risk"], scale=scale, **known | {"test_loss": x["test_loss"] / scale})
            made = Statement("holdout.clopper_pearson", variant, name, "P(|f̂ − y| > C)")
            yield applied(made, x["far_off"], **known)

    def _of_two(self, size: int, more: str, less: str, x: Numbers, y: Numbers) -> Iterator[Found]:
        """The bounds that speak of two nested subsets."""
        subject, truth = f"{more} − {less}", x["risk"] - y["risk"]
        R = {"rademacher": self._complexity(more, size), "rademacher_n": self._complexity(less, size)}
        known = {
            **self._known(size),
            **R,
            "rademacher_m": R["rademacher"],
            "rademacher_empirical": x["rademacher_empirical"],
            "rademacher_empirical_m": x["rademacher_empirical"],
            "rademacher_empirical_n": y["rademacher_empirical"],
            "train_loss_m": x["train_loss"],
            "train_loss_n": y["train_loss"],
            "gamma": self._best_risk(more) - self._best_risk(less),
        }
        for variant in ("sharp", "sharp-empirical", "conditional", "published"):
            made = Statement("huang2021.theorem1", variant, subject, GAP, difference=True)
            yield applied(made, truth, optimisation_gap=x["gap"], **known)
        for variant in ("erm", "erm-empirical", "any", "any-empirical"):
            made = Statement("huang2021.certificate", variant, subject, GAP, difference=True)
            yield applied(made, truth, optimisation_gap=y["gap"], **known)
        p, q = self.world.rank(more), self.world.rank(less)
        if size >= max(p, q) + _SPARE:
            made = Statement("huang2021.proposition1", "gap", subject, f"E ({GAP})", True, True)
            qualities = {
                "latent_quality_m": self.world.latent_quality(more),
                "latent_quality_n": self.world.latent_quality(less),
            }
            exact = {"noise_variance": self.world.noise_variance, "rank_m": p, "rank_n": q, **qualities}
            yield applied(made, x["squared"] - y["squared"], m=size, **exact)
