"""Micro-worlds of `verify` for risks, subsets of modalities and the two-stage learner.

In each of them some constant is needed: halve it, and a fact or a bound is false there. They are
built when first asked for. The first line of a function says what its world is for.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as Q
from math import inf, sqrt
from typing import Any

import numpy as np
from scipy.integrate import quad
from scipy.stats import chi2

from boundcalc.errors import InputError
from boundcalc.symbolic.quantities import Subset
from boundcalc.worlds.checks import Floats
from boundcalc.worlds.micro.finite_classes import Cube, all_tables
from boundcalc.worlds.micro.gallery import kept
from boundcalc.worlds.micro.micro_world import MicroWorld, Values, empirical_risk
from boundcalc.worlds.micro.modality_subsets import (
    Learner,
    Modalities,
    best,
    given_encoder,
    joint_erm,
    mean_complexity,
    overfitted,
    two_subsets,
    underfitted,
)
from boundcalc.worlds.micro.one_sample import held_out, numbers_only
from boundcalc.worlds.micro.samples import Chances, Draws, all_samples, orbits
from boundcalc.worlds.micro.two_stage import TwoStage, table_of, two_stage
from boundcalc.worlds.simulate.experiment import bound_at

WORSE_OF_TWO = np.array([[0.0, 1.0], [1.0, 0.0]])
"""Losses of two functions on two points: which of them is worse is a matter of the draw."""


def uniform(points: int) -> tuple[Q, ...]:
    """The uniform distribution."""
    return (Q(1, points),) * points


TWO_SUBSETS = (Subset("M"), Subset("N", within=(Subset("M"),)))
"""What two subsets see of linear models."""


# --- a held-out test set: with losses 0 and 1 the number of errors is binomial ------------------


@kept
def _two_test_examples(name: str) -> MicroWorld:
    """The least n for a sample variance: limits that leave no more than δ."""
    return held_out(name, (Q(1, 2), Q(1, 2)), (1, 0), 2)


@kept
def _one_test_example(name: str) -> MicroWorld:
    """An error in five: the chance of none is nearly all of δ."""
    return held_out(name, (Q(1, 5), Q(4, 5)), (1, 0), 1)


@kept
def _very_many_errors(name: str) -> MicroWorld:
    """p = ½, n = 10 000: only the variance term of empirical Bernstein counts."""
    return held_out(name, (Q(1, 2), Q(1, 2)), (2, 0), 10_000, loss_bound=2)


# --- two subsets of modalities ------------------------------------------------------------------


def heads_on_six_points(name: str, learn_m: Learner, learn_n: Learner, gap: float) -> MicroWorld:
    """All {0,1} functions on six points as heads, and one example."""
    game = Modalities(all_tables((0, 1), 6)[None], learn_m=learn_m, learn_n=learn_n)
    return two_subsets(name, uniform(6), 1, game, optimisation_gap=gap)


@kept
def _overfitting_on_six_points(name: str) -> MicroWorld:
    """Symmetrisation's 2: M learns an ERM with risk 5/6, N the best predictor."""
    return heads_on_six_points(name, joint_erm, best, 0)


@kept
def _both_deviate_on_six_points(name: str) -> MicroWorld:
    """f̂_M overfits, f̂_N underfits: a certificate needs both complexities, and the gap of 1."""
    return heads_on_six_points(name, overfitted, underfitted, 1)


@kept
def _cube_of_encoders(name: str) -> MicroWorld:
    """All {0,2} functions as encoders with one head each: η and γ are as large as the gap."""
    game = Modalities(all_tables((0, 2), 4)[:, None], n_sees=[0])
    return two_subsets(name, uniform(4), 1, game, lipschitz=3, loss_bound=2)


@kept
def _unseen_twice_with_two_outputs(name: str) -> MicroWorld:
    """Vector contraction's √2: in half of the samples two draws miss where functions differ."""
    losses = np.array([[[0.0, 1.0], [0.0, 0.0]]])
    game = Modalities(losses, losses[..., None] * np.full(2, 1 / sqrt(2)))
    return two_subsets(name, (Q(7071, 10_000), Q(2929, 10_000)), 2, game)


@kept
def _two_functions_2000(name: str) -> MicroWorld:
    """Concentration: the worse of two functions wins on a sample that is unlikely, m = 2000."""
    return two_subsets(name, (Q(3, 5), Q(2, 5)), 2000, Modalities(WORSE_OF_TWO[None]))


@kept
def _certain_losses_plus_minus(name: str) -> MicroWorld:
    """One point, |ℓ| ≤ C, m = 900: M takes the worse of two encoders, and γ is the gap."""
    game = Modalities(np.array([[[-1.0]], [[1.0]]]), learn_m=given_encoder("risk"), n_sees=[0])
    return two_subsets(name, (Q(1),), 900, game)


@kept
def _unfinished_training(name: str) -> MicroWorld:
    """One point and an optimisation gap that is used up, m = 10 000."""
    game = Modalities(np.array([[[0.25], [0.75]]]))
    return two_subsets(name, (Q(1),), 10_000, game, optimisation_gap=0.5)


# --- statements about other bounds: nothing is random -------------------------------------------


def _quality_bound(world: MicroWorld, subjects: tuple[Any, ...]) -> Any:
    over, learned, best_of_all, variant = subjects
    known = dict(world.numbers) | {
        "rademacher": mean_complexity(world, over),
        "rademacher_full": mean_complexity(world, "H∘G"),
        "centred_loss": empirical_risk(world, learned) - empirical_risk(world, best_of_all),
    }
    return bound_at("huang2021.theorem2", variant, known).value


def with_quality_bounds(built: MicroWorld, name: str) -> MicroWorld:
    """A world that also knows the bounds on both qualities, at δ = 0.1."""
    extra: dict[str, Values] = {
        **built.extra,
        "rademacher_full": lambda world, _: mean_complexity(world, "H∘G"),
        "theorem2_bound": _quality_bound,
    }
    return replace(built, name=name, numbers={**built.numbers, "delta": 0.1}, extra=extra)


def plain(
    name: str,
    seed: int,
    learners: tuple[Learner, Learner],
    *,
    m: int,
    k: int = 1,
    lipschitz: float = 1.0,
    gap: float = 0.0,
) -> MicroWorld:
    """Three points, four random encoders with three heads each; M sees three of them, N two."""
    rng = np.random.default_rng(seed)
    outputs, label = rng.integers(0, 5, (4, 3, 3, k)) / 4, rng.integers(0, 5, (3, k)) / 4
    losses = np.minimum(1.0, lipschitz * np.linalg.norm(outputs - label, axis=-1))
    game = Modalities(losses, outputs, [0, 1, 2], [0, 1], *learners)
    law = (Q(1, 2), Q(1, 3), Q(1, 6))
    return two_subsets(name, law, m, game, lipschitz=lipschitz, optimisation_gap=gap)


@kept
def _two_bounds_on_the_quality(name: str) -> MicroWorld:
    """The selection principle: Theorem 2's bounds for both subsets of a plain world."""
    return with_quality_bounds(plain(name, 1, (joint_erm, best), m=3), name)


@kept
def _crossover(name: str) -> MicroWorld:
    """The least m at which Theorem 2's bound for M is at most that for N, found by trying all m."""
    numbers = {"lipschitz": 1.5, "complexity_m": 9.0, "complexity_n": 4.0, "loss_drop": 0.1}

    def least(world: MicroWorld, subjects: tuple[Any, ...]) -> float:
        sizes = np.arange(1, 10_000)
        known = {"m": sizes, "lipschitz": 1.5, "loss_bound": 1, "delta": 0.1, "rademacher_full": 0}
        for_m = known | {"rademacher": np.sqrt(9 / sizes), "centred_loss": 0.2}
        for_n = known | {"rademacher": np.sqrt(4 / sizes), "centred_loss": 0.3}
        each = (bound_at("huang2021.theorem2", subjects[0], k).value for k in (for_m, for_n))
        bounds = list(each)
        return float(sizes[np.argmax(bounds[0] <= bounds[1] + 1e-12)])

    return numbers_only(name, numbers, {"crossover": least})


@kept
def _two_learners(name: str) -> MicroWorld:
    """The quotient of the unimodal and the multimodal bound."""
    numbers = {
        **{"m": 900.0, "n": 100.0, "tasks": 3.0, "delta": 0.1, "growth": 0.75},
        **{"lipschitz": 2.0, "loss_bound": 1.5, "distance_bound": 0.5, "connection_gap": 0.05},
        **{"c_connection": 0.4, "c_predictor": 0.3, "c_composite": 0.7},
    }

    def ratio(world: MicroWorld, subjects: tuple[Any, ...]) -> float:
        if not subjects:
            raise InputError(f"{world.name}: another ratio")
        kinds = ("lu2023.unimodal", "lu2023.multimodal")
        bounds = [bound_at(kind, subjects[0], world.numbers).value for kind in kinds]
        return float(bounds[0] / bounds[1])

    return numbers_only(name, numbers, {"ratio": ratio})


@kept
def _two_independent_coordinates(name: str) -> MicroWorld:
    """Proposition 1: least squares on one or two of three coordinates, by a numerical integral."""
    theta, scale, noise, m = np.array([0.5, 0.4, 1.0]), np.array([1.0, 2.0, 1.0]), 0.7, 5
    parts = (theta * scale) ** 2
    seen = {"M": 2, "N": 1}
    quality = {subset: float(parts[p:].sum()) for subset, p in seen.items()}

    def mean_risk(subset: str, size: int) -> float:
        """1/((XᵀX)⁻¹)_jj is χ² with size − p + 1 degrees of freedom."""
        p = seen[subset]
        inverse = quad(lambda u: chi2.pdf(u, size - p + 1) / u, 0, inf, epsabs=0, epsrel=1e-12)[0]
        return float((noise + quality[subset]) * (1 + p * inverse))

    def overtaking(*_: object) -> float:
        sizes = range(seen["M"] + 2, 200)
        return float(next(k for k in sizes if mean_risk("M", k) <= mean_risk("N", k) * (1 + 1e-9)))

    numbers = {"m": float(m), "noise_variance": noise, "rank_m": 2.0, "rank_n": 1.0}
    numbers |= {f"latent_quality_{subset.lower()}": value for subset, value in quality.items()}
    numbers |= {"least_variance": float(scale[1] ** 2), "added_norm": float(theta[1])}
    extra: dict[str, Values] = {
        "noise_variance": lambda *_: noise,
        "rank": lambda _, subjects: seen[subjects[0]],
        "latent_quality": lambda _, subjects: quality[subjects[0]],
        "best_linear_risk": lambda _, subjects: noise + quality[subjects[0]],
        "least_squares_risk": lambda _, subjects: mean_risk(subjects[0], m),
        "overtaking": overtaking,
        "population_gamma": lambda _, subjects: quality[subjects[0]] - quality[subjects[1]],
    }
    return numbers_only(name, numbers, extra, size=m, roles=TWO_SUBSETS)


# --- the two-stage learner ----------------------------------------------------------------------

ONE_CONNECTION = np.zeros((1, 1))
"""y is known: one connection at distance 0, and pairs that cannot be told apart."""

ONE_PREDICTOR = np.zeros((1, 1))
"""One predictor without loss on the true y, and triples that cannot be told apart."""

LEVELS = np.array([0.0, 1.0])
ALL_TABLES = Cube(LEVELS, LEVELS[:, None])
Sampled = tuple[Draws, Chances]


def certain(size: int) -> Sampled:
    """A sample in which nothing is random."""
    return all_samples((Q(1),), size)


def overfitting(points: int, m: int) -> tuple[Floats, Sampled]:
    """Of all {0,1} tables the best, and for each sample the one that is right only there."""
    drawn = orbits(points, m)
    return np.vstack([np.zeros(points), drawn[0].counts == 0]), drawn


def labels_as_tables(name: str, points: int, n: int) -> MicroWorld:
    """y is known, and the predictors, or the composites, have all {0,1} losses."""
    rows, drawn = overfitting(points, n)
    risks = rows.mean(axis=1)[:, None]
    known, cube = table_of(ONE_CONNECTION), ALL_TABLES
    game = TwoStage(ONE_CONNECTION, known, rows, risks, cube, rows, composite_class=cube)
    return two_stage(name, game, certain(10**9), drawn)


@kept
def _tables_of_labels_from_twenty_triples(name: str) -> MicroWorld:
    """√(2π)·G of the predictors, or of the composites: tables on 2000 points, 20 triples."""
    return labels_as_tables(name, 2000, 20)


def table_game(rows: Floats) -> TwoStage:
    """y is one of the tables, the label y or its negation."""
    wrong = rows.mean(axis=1)
    return TwoStage(rows, ALL_TABLES, np.array([[0.0], [1.0]]), np.array([wrong, 1 - wrong]))


def tables_and_two_functions(name: str, *, n: int, m: int) -> MicroWorld:
    """The table world with N = 2n and a learner that memorises."""
    drawn = all_samples(uniform(2 * n), m)
    built = two_stage(name, table_game(all_tables((0, 1), 2 * n)), drawn, certain(n))
    seen, chances = orbits(2 * n, n)
    coin = float(chances.floats @ (seen.counts == 0).mean(axis=1)) / 2

    def ratio(world: MicroWorld, subjects: tuple[Any, ...]) -> float:
        if subjects:
            raise InputError(f"{world.name}: another ratio")
        return coin / float(bound_at("lu2023.separation", "multimodal", world.numbers).value)

    return replace(built, extra={**built.extra, "unimodal_error": lambda *_: coin, "ratio": ratio})


@kept
def _tables_and_two_functions(name: str) -> MicroWorld:
    """The separation: N = 2n = 4, m = 8."""
    return tables_and_two_functions(name, n=2, m=8)


@kept
def _tables_on_a_hundred_points(name: str) -> MicroWorld:
    """The same with N = 2n = 100 and 20 pairs."""
    rows, drawn = overfitting(100, 20)
    return two_stage(name, table_game(rows), drawn, certain(50))


@kept
def _worse_connection_wins(name: str) -> MicroWorld:
    """L²D²/m: the worse of two connections wins on an unlikely sample of 2000 pairs."""
    composed = 2 * np.array([[0.4, 0.6]])
    game = TwoStage(WORSE_OF_TWO, table_of(WORSE_OF_TWO), ONE_PREDICTOR, composed)
    drawn = all_samples((Q(3, 5), Q(2, 5)), 2000)
    return two_stage(name, game, drawn, certain(10**7), lipschitz=2, loss_bound=2)


@kept
def _two_tasks(name: str) -> MicroWorld:
    """T, and C²/(nT): both of two tasks learn the worse predictor, from 150 triples each."""
    risks, known = np.array([[0.27], [0.73]]), table_of(ONE_CONNECTION)
    game = TwoStage(ONE_CONNECTION, known, WORSE_OF_TWO, risks, composites=WORSE_OF_TWO)
    drawn = all_samples((Q(73, 100), Q(27, 100)), 150)
    return two_stage(name, game, certain(10**9), drawn, tasks=2, growth=0.75)
