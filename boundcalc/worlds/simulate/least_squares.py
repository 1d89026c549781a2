"""The linear model, repeated: least squares on each subset, and every bound that speaks of it.

The bounds need a bounded Lipschitz loss, so they are tested with the clipped absolute error
min(|f − y|, C). In the linear model y − wᵀx is normal with mean 0 and a variance s² that is known,
so its mean and P(|f − y| > C) are functions of s alone. Both grow with s: whatever has the least
squared error also has the least of these. The encoder of a subset is the mask that keeps what is
seen (orthonormal columns), the heads are the weights in a ball, and what is learned is least
squares, shrunk into the ball.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import pi, sqrt
from typing import Any

import numpy as np
from numpy.random import SeedSequence
from scipy.special import erfc

from boundcalc.errors import InputError
from boundcalc.worlds.checks import Floats
from boundcalc.worlds.linear import LinearWorld
from boundcalc.worlds.simulate.experiment import (
    ENOUGH,
    Experiment,
    Repetitions,
    SimulatedCrossover,
    SimulatedStatement,
    bound_at,
)

Numbers = dict[str, Any]
Compared = Iterator[tuple[SimulatedStatement, Floats]]

UNIFORM = "classic.uniform_deviation"
HELD_OUT = ("holdout.hoeffding", "holdout.empirical_bernstein", "holdout.kl")
ERRORS = "holdout.clopper_pearson"
QUALITY, GAP_BOUND, CERTIFICATE, LEAST_SQUARES = (
    f"huang2021.{name}" for name in ("theorem2", "theorem1", "certificate", "proposition1")
)
GAP = "r(f̂_M) − r(f̂_N)"
RISK_BOUND = (UNIFORM, "expected")
"""Two of them differ by what two of Theorem 2's differ by: the selection principle is on both."""

_SPARE = 8
"""The mean of least squares is compared from m = p + 8 on: nearer to p its variance is infinite."""


def clipped(residuals: Any, bound: float) -> Floats:
    """The losses of residuals."""
    return np.asarray(np.minimum(np.abs(residuals), bound))


def clipped_risk(spread: Any, bound: float) -> Floats:
    """E min(|Z|, C) for Z normal with mean 0 and standard deviation `spread`."""
    s = np.asarray(spread, dtype=float)
    safe = np.where(s > 0, s, 1.0)
    with np.errstate(over="ignore"):  # the exponential is 0 then
        inside = safe * sqrt(2 / pi) * -np.expm1(-((bound / safe) ** 2) / 2)
    return np.where(s > 0, inside + bound * erfc(bound / safe / sqrt(2)), 0.0)


def far_off(spread: Any, bound: float) -> Floats:
    """P(|Z| > C)."""
    s = np.asarray(spread, dtype=float)
    safe = np.where(s > 0, s, 1.0)
    return np.where(s > 0, erfc(bound / safe / sqrt(2)), 0.0)


@dataclass(frozen=True)
class LinearExperiment(Experiment):
    """Least squares on subsets of the modalities of a linear world.

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

    axis = "training examples m"
    risk = "squared error"
    loss = "clipped absolute error"
    theorems = (UNIFORM, *HELD_OUT, ERRORS, QUALITY, GAP_BOUND, CERTIFICATE, LEAST_SQUARES)

    @cached_property
    def world(self) -> LinearWorld:
        """The world.

        Raises
        ------
        InputError
            If the best weights of a subset, or of all modalities, lie outside the ball.
        """
        given: tuple[Any, ...] = self.covariance, dict(self.blocks), self.theta, self.noise_variance
        world = LinearWorld(*given)
        for subset in (*self.subsets, tuple(world.blocks)):
            name = "+".join(world.modalities(subset))
            size = float(np.linalg.norm(world.best_weights(name)))
            if size > self.norm:
                enough = np.ceil(size * 100) / 100
                raise InputError(
                    f"norm = {self.norm:g}: the best weights of {name} have the norm {size:.6g}, "
                    f"so its latent quality would not be known; take {enough:g} or more"
                )
        return world

    @cached_property
    def learners(self) -> tuple[str, ...]:
        """The subsets."""
        return tuple("+".join(self.world.modalities(subset)) for subset in self.subsets)

    @property
    def bounds(self) -> Mapping[str, tuple[str, str]]:
        return dict.fromkeys(self.learners, RISK_BOUND)

    @property
    def notes(self) -> tuple[str, ...]:
        B, C = f"{self.norm:g}", f"{self.loss_bound:g}"
        return (
            "Crossovers, and the risk by size: expected squared error of ordinary least squares. "
            "What is predicted is where Theorem 2's bounds cross (the selection principle), at the "
            "losses of the best predictors.",
            f"Bounds: clipped absolute error min(|f − y|, {C}), L = 1, of least squares shrunk "
            f"into ‖w‖ ≤ {B}; the truth is the exact risk of what was learned. R_m is B√(tr Σ/m), "
            "R̂ is B‖X‖/m. η and γ are exact. Least squares does not minimise this loss: the "
            "optimisation gap is r̂(f̂) − r̂(f°), the only comparison that the proofs make.",
            f"Held-out limits: {self.test_n} fresh examples; Clopper–Pearson for P(|f − y| > {C}).",
            "Proposition 1 is on a mean of something unbounded, for which no limit from finitely "
            f"many draws is rigorous: it is judged from {ENOUGH} draws on, by twice the normal "
            "quantile.",
        )

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Nested pairs of subsets, the larger first."""
        sets = {name: set(self.world.modalities(name)) for name in self.learners}
        return tuple((a, b) for a in self.learners for b in self.learners if sets[b] < sets[a])

    def drawn(self, size: int) -> int:
        """The coordinates of all examples."""
        return (size + self.test_n) * len(self.theta)

    def expected(self, size: int) -> tuple[float, ...]:
        """E r of least squares."""
        return tuple(float(self.world.expected_risk(name, size)) for name in self.learners)

    # --- where more becomes better --------------------------------------------------------------

    def crossovers(self) -> tuple[SimulatedCrossover, ...]:
        """By the selection principle, with the loss drop of the best predictors, and exactly."""
        found = []
        for pair in self.pairs:
            size = self._predicted(*pair)
            vacuous = size is not None and all(self._vacuous(name, size) for name in pair)
            exact = self.world.crossover(*pair)
            found.append(SimulatedCrossover(*pair, size, vacuous, exact))
        return tuple(found)

    def _vacuous(self, name: str, size: int) -> bool:
        """Whether the bound says nothing at the loss of the best predictor."""
        known = {"m": size, "loss_bound": self.loss_bound, "lipschitz": 1.0, "delta": self.delta}
        known |= {"rademacher": self._complexity(name, size), "train_loss": self._best_risk(name)}
        return bool(bound_at(*RISK_BOUND, known).vacuous)

    def _predicted(self, more: str, less: str) -> int | None:
        drop = self._best_risk(less) - self._best_risk(more)
        at_one = [float(self._complexity(name, 1)) for name in (more, less)]
        c_m, c_n = (complexity * complexity for complexity in at_one)  # infinite where too large
        if drop <= 0 or self.world.crossover(more, less) is None:
            return None
        if c_m <= c_n:
            return 1
        known = {"lipschitz": 1.0, "complexity_m": c_m, "complexity_n": c_n, "loss_drop": drop}
        return int(bound_at("huang2021.selection", "crossover", known).value)

    def _complexity(self, name: str, m: int) -> float:
        return float(self.world.trace_complexity(name, m, norm=self.norm))

    def _best_risk(self, name: str) -> float:
        """inf over the class of the clipped risk: it grows with the squared error."""
        left = self.world.noise_variance + self.world.latent_quality(name)
        return float(clipped_risk(np.sqrt(left), self.loss_bound))

    # --- draw and fit ---------------------------------------------------------------------------

    def run(self, size: int, seeds: Sequence[SeedSequence]) -> Repetitions:
        draws = [self._draw(size, seed) for seed in seeds]
        each = {
            name: {key: np.array([draw[name][key] for draw in draws]) for key in draws[0][name]}
            for name in self.learners
        }
        found = dict[SimulatedStatement, Floats]()
        for name in self.learners:
            found |= self._of_one(size, name, each[name])
        for more, less in self.pairs:
            found |= self._of_two(size, more, less, each[more], each[less])
        risks = np.stack([each[name]["squared"] for name in self.learners], axis=1)
        return Repetitions(found, risks)

    def _draw(self, size: int, seed: SeedSequence) -> dict[str, Numbers]:
        """Draw, fit and measure: the numbers of each subset."""
        rng = np.random.default_rng(seed)
        train, test = self.world.sample(size, rng), self.world.sample(self.test_n, rng)
        reference = self._losses(train, self.world.theta).mean()
        return {name: self._measured(name, train, test, reference) for name in self.learners}

    def _losses(self, sample: tuple[Floats, Floats], weights: Floats) -> Floats:
        return clipped(sample[1] - sample[0] @ weights, self.loss_bound)

    def _measured(
        self, name: str, train: tuple[Floats, Floats], test: tuple[Floats, Floats], reference: float
    ) -> Numbers:
        C, weights = self.loss_bound, self.world.fit(name, *train)
        squared = float(self.world.risk(weights))
        weights = weights * min(1.0, self.norm / max(float(np.linalg.norm(weights)), 1e-300))
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
            "rademacher_empirical": self.norm * np.sqrt((inputs**2).sum()) / len(inputs),
            "test_loss": held.mean(),
            "variance": held.var(ddof=1),
            "errors": float(np.count_nonzero(held >= C)),
        }

    # --- the bounds on what was learned ---------------------------------------------------------

    def _known(self, size: int) -> Numbers:
        return {
            **{"m": size, "n": self.test_n, "delta": self.delta},
            **{"lipschitz": 1.0, "loss_bound": self.loss_bound},
        }

    def _of_one(self, size: int, name: str, x: Numbers) -> Compared:
        """The bounds that speak of one subset."""
        everything = "+".join(self.world.blocks)
        known = {
            **self._known(size),
            **x,
            "optimisation_gap": x["gap"],
            "rademacher": self._complexity(name, size),
            "rademacher_full": self._complexity(everything, size),
        }
        for variant in ("expected", "empirical", "lower", "lower-empirical", "lower-erm"):
            made = SimulatedStatement(UNIFORM, variant, name, "r(f̂)")
            yield made, made.compared(x["risk"], known)
        quality = np.full_like(x["risk"], self._best_risk(name) - self._best_risk(everything))
        for variant in ("sharp", "sharp-empirical", "published"):
            made = SimulatedStatement(QUALITY, variant, name, "η(ĝ)")
            yield made, made.compared(quality, known)
        for variant in ("upper", "lower"):
            for id in HELD_OUT:
                scale = self.loss_bound if id == "holdout.kl" else 1.0
                made = SimulatedStatement(id, variant, name, "r(f̂)")
                scaled = known | {"test_loss": x["test_loss"] / scale}
                yield made, made.compared(x["risk"], scaled, scale=scale)
            made = SimulatedStatement(ERRORS, variant, name, "P(|f̂ − y| > C)")
            yield made, made.compared(x["far_off"], known)

    def _of_two(self, size: int, more: str, less: str, x: Numbers, y: Numbers) -> Compared:
        """The bounds that speak of two nested subsets."""
        subject, truth = f"{more} − {less}", x["risk"] - y["risk"]
        known = self._known(size) | {
            "rademacher": self._complexity(more, size),
            "rademacher_m": self._complexity(more, size),
            "rademacher_n": self._complexity(less, size),
            "rademacher_empirical": x["rademacher_empirical"],
            "rademacher_empirical_m": x["rademacher_empirical"],
            "rademacher_empirical_n": y["rademacher_empirical"],
            "train_loss_m": x["train_loss"],
            "train_loss_n": y["train_loss"],
            "gamma": self._best_risk(more) - self._best_risk(less),
        }
        for id, gap, variants in (
            (GAP_BOUND, x["gap"], ("sharp", "sharp-empirical", "conditional", "published")),
            (CERTIFICATE, y["gap"], ("erm", "erm-empirical", "any", "any-empirical")),
        ):
            for variant in variants:
                made = SimulatedStatement(id, variant, subject, GAP, difference=True)
                yield made, made.compared(truth, known | {"optimisation_gap": gap})
        p, q = self.world.rank(more), self.world.rank(less)
        if size >= max(p, q) + _SPARE:
            made = SimulatedStatement(LEAST_SQUARES, "gap", subject, f"E ({GAP})", True, True)
            exact = {
                **{"m": size, "rank_m": p, "rank_n": q},
                "noise_variance": self.world.noise_variance,
                "latent_quality_m": self.world.latent_quality(more),
                "latent_quality_n": self.world.latent_quality(less),
            }
            yield made, made.compared(x["squared"] - y["squared"], exact)
