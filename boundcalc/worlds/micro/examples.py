"""Micro-worlds of `verify`: in each some constant is needed.

Halve it, and a fact or a bound is false there. A world is built when it is first asked for; what it
is for stands above it in the table at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction as Q
from math import inf, sqrt
from typing import Any

import numpy as np
from scipy.integrate import quad
from scipy.stats import chi2

from boundcalc.errors import InputError
from boundcalc.symbolic.quantities import ModalitySubset
from boundcalc.worlds.checks import Floats
from boundcalc.worlds.micro.finite_classes import Cube, all_tables
from boundcalc.worlds.micro.micro_world import MicroWorld, Values, mean_loss_of
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
from boundcalc.worlds.micro.one_sample import (
    Joint,
    held_out,
    label_world,
    learner_world,
    margin_world,
    numbers_only,
    posterior_world,
    tilted,
    view_world,
)
from boundcalc.worlds.micro.samples import Chances, Draws, all_samples, orbits
from boundcalc.worlds.micro.two_stage import TwoStage, losses_table, two_stage
from boundcalc.worlds.simulate.experiment import bound_at

Builder = Callable[[str], MicroWorld]
Sampled = tuple[Draws, Chances]

HALF = (Q(1, 2), Q(1, 2))
TWO_SUBSETS = (ModalitySubset("M"), ModalitySubset("N", within=(ModalitySubset("M"),)))
"""What two subsets see of linear models."""

WORSE_OF_TWO = np.array([[0.0, 1.0], [1.0, 0.0]])
"""Losses of two functions on two points: which of them is worse is a matter of the draw."""


def uniform(points: int) -> tuple[Q, ...]:
    """The uniform distribution."""
    return (Q(1, points),) * points


# --- two subsets of modalities ------------------------------------------------------------------


def _heads_on_six_points(name: str, learn_m: Learner, learn_n: Learner, gap: float) -> MicroWorld:
    """All {0,1} functions on six points as heads, and one example."""
    game = Modalities(all_tables((0, 1), 6)[None], learn_m=learn_m, learn_n=learn_n)
    return two_subsets(name, uniform(6), 1, game, optimisation_gap=gap)


def _cube_of_encoders(name: str) -> MicroWorld:
    """All {0,2} functions as encoders with one head each."""
    game = Modalities(all_tables((0, 2), 4)[:, None], n_sees=[0])
    return two_subsets(name, uniform(4), 1, game, lipschitz=3, loss_bound=2)


def _unseen_twice_with_two_outputs(name: str) -> MicroWorld:
    losses = np.array([[[0.0, 1.0], [0.0, 0.0]]])
    game = Modalities(losses, losses[..., None] * np.full(2, 1 / sqrt(2)))
    return two_subsets(name, (Q(7071, 10_000), Q(2929, 10_000)), 2, game)


def _certain_losses_plus_minus(name: str) -> MicroWorld:
    """M takes the worse of two encoders on one point, and γ is the gap."""
    game = Modalities(np.array([[[-1.0]], [[1.0]]]), learn_m=given_encoder("risk"), n_sees=[0])
    return two_subsets(name, (Q(1),), 900, game)


def plain_world(
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


# --- statements about other bounds: nothing is random -------------------------------------------


def _quality_bound(world: MicroWorld, subjects: tuple[Any, ...]) -> Any:
    over, learned, best_of_all, variant = subjects
    known = dict(world.numbers) | {
        "rademacher": mean_complexity(world, over),
        "rademacher_full": mean_complexity(world, "H∘G"),
        "centred_loss": mean_loss_of(world, learned) - mean_loss_of(world, best_of_all),
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


def _crossover(name: str) -> MicroWorld:
    """Two bounds of Theorem 2 at every m."""
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


def _two_learners(name: str) -> MicroWorld:
    """The unimodal and the multimodal bound."""
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


def _two_independent_coordinates(name: str) -> MicroWorld:
    """Least squares on one or two of three coordinates, by a numerical integral."""
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
    known, cube = losses_table(ONE_CONNECTION), ALL_TABLES
    game = TwoStage(ONE_CONNECTION, known, rows, risks, cube, rows, composite_class=cube)
    return two_stage(name, game, certain(10**9), drawn)


def _table_game(rows: Floats) -> TwoStage:
    """y is one of the tables, the label y or its negation."""
    wrong = rows.mean(axis=1)
    return TwoStage(rows, ALL_TABLES, np.array([[0.0], [1.0]]), np.array([wrong, 1 - wrong]))


def tables_and_two_functions(name: str, *, n: int, m: int) -> MicroWorld:
    """The table world with N = 2n and a learner that memorises."""
    drawn = all_samples(uniform(2 * n), m)
    built = two_stage(name, _table_game(all_tables((0, 1), 2 * n)), drawn, certain(n))
    seen, chances = orbits(2 * n, n)
    coin = float(chances.floats @ (seen.counts == 0).mean(axis=1)) / 2

    def ratio(world: MicroWorld, subjects: tuple[Any, ...]) -> float:
        if subjects:
            raise InputError(f"{world.name}: another ratio")
        return coin / float(bound_at("lu2023.separation", "multimodal", world.numbers).value)

    return replace(built, extra={**built.extra, "unimodal_error": lambda *_: coin, "ratio": ratio})


def _tables_on_a_hundred_points(name: str) -> MicroWorld:
    rows, drawn = overfitting(100, 20)
    return two_stage(name, _table_game(rows), drawn, certain(50))


def _worse_connection_wins(name: str) -> MicroWorld:
    composed = 2 * np.array([[0.4, 0.6]])
    game = TwoStage(WORSE_OF_TWO, losses_table(WORSE_OF_TWO), ONE_PREDICTOR, composed)
    drawn = all_samples((Q(3, 5), Q(2, 5)), 2000)
    return two_stage(name, game, drawn, certain(10**7), lipschitz=2, loss_bound=2)


def _two_tasks(name: str) -> MicroWorld:
    """Both of two tasks learn the worse predictor, from 150 triples each."""
    risks, known = np.array([[0.27], [0.73]]), losses_table(ONE_CONNECTION)
    game = TwoStage(ONE_CONNECTION, known, WORSE_OF_TWO, risks, composites=WORSE_OF_TWO)
    drawn = all_samples((Q(73, 100), Q(27, 100)), 150)
    return two_stage(name, game, certain(10**9), drawn, tasks=2, growth=0.75)


# --- one learner --------------------------------------------------------------------------------


def _memoriser_of_sixty(name: str) -> MicroWorld:
    drawn = all_samples(uniform(60), 1)
    return learner_world(name, drawn, 1 - np.eye(60), np.argmax(drawn[0].counts, axis=1))


def _constant_learner(name: str) -> MicroWorld:
    drawn = all_samples(HALF, 400)
    return learner_world(name, drawn, np.array([[0.0, 1.0]]), np.zeros(401, dtype=int))


def _memoriser_of_two_of_four(name: str) -> MicroWorld:
    drawn = all_samples(uniform(4), 2)
    return learner_world(name, drawn, 1.0 * (drawn[0].counts == 0), np.arange(10))


def _two_views_of_two_predictors(name: str) -> MicroWorld:
    law, prior = (Q(1, 2), Q(3, 10), Q(1, 5)), (0.4, 0.3, 0.2, 0.1)
    losses = [(0, 0, 1), (0, 1, 1), (1, 0, 0), (1, 1, 0)]
    return posterior_world(name, law, losses, 3, tilted, prior=prior, views=(0, 0, 1, 1))


def _prior(p: Floats, entropies: Floats, _: Floats) -> Floats:
    """The posterior that learns nothing."""
    return 0 * entropies + p


def _sum_of_two_views(name: str) -> MicroWorld:
    x, z = np.array([[-0.1], [0.1]]), np.array([[-1.0, 1.0]])
    return view_world(name, Joint(np.full((2, 2), 0.25), x + z))


def _two_dependent_views(name: str) -> MicroWorld:
    chances = np.array([[0.3, 0.1, 0.05], [0.05, 0.2, 0.3]])
    return view_world(name, Joint(chances, np.array([[0.0, 1, 3], [2, -1, 0.5]])))


WORLDS: Mapping[str, Builder] = {
    # The least n for a sample variance: limits that leave no more than δ.
    "two test examples": lambda name: held_out(name, HALF, (1, 0), 2),
    # An error in five: the chance of none is nearly all of δ.
    "one test example": lambda name: held_out(name, (Q(1, 5), Q(4, 5)), (1, 0), 1),
    # p = ½, n = 10 000: only the variance term of empirical Bernstein counts.
    "very many errors": lambda name: held_out(name, HALF, (2, 0), 10_000, loss_bound=2),
    # Symmetrisation's 2: M learns an ERM with risk 5/6, N the best predictor.
    "overfitting on six points": lambda name: _heads_on_six_points(name, joint_erm, best, 0),
    # f̂_M overfits, f̂_N underfits: a certificate needs both complexities, and the gap of 1.
    "both deviate on six points": lambda name: _heads_on_six_points(
        name, overfitted, underfitted, 1
    ),
    # η and γ are as large as the gap.
    "cube of encoders": _cube_of_encoders,
    # Vector contraction's √2: in half of the samples two draws miss where functions differ.
    "unseen twice with two outputs": _unseen_twice_with_two_outputs,
    # Concentration: the worse of two functions wins on a sample that is unlikely, m = 2000.
    "two functions 2000": lambda name: two_subsets(
        name, (Q(3, 5), Q(2, 5)), 2000, Modalities(WORSE_OF_TWO[None])
    ),
    # One point, |ℓ| ≤ C, m = 900.
    "certain losses plus minus": _certain_losses_plus_minus,
    # One point and an optimisation gap that is used up, m = 10 000.
    "unfinished training": lambda name: two_subsets(
        name, (Q(1),), 10_000, Modalities(np.array([[[0.25], [0.75]]])), optimisation_gap=0.5
    ),
    # The selection principle: Theorem 2's bounds for both subsets of a plain world.
    "two bounds on the quality": lambda name: with_quality_bounds(
        plain_world(name, 1, (joint_erm, best), m=3), name
    ),
    # The least m at which Theorem 2's bound for M is at most that for N, found by trying all m.
    "crossover": _crossover,
    # The quotient of the unimodal and the multimodal bound.
    "two learners": _two_learners,
    # Proposition 1.
    "two independent coordinates": _two_independent_coordinates,
    # √(2π)·G of the predictors, or of the composites: tables on 2000 points, 20 triples.
    "tables of labels from twenty triples": lambda name: labels_as_tables(name, 2000, 20),
    # The separation: N = 2n = 4, m = 8.
    "tables and two functions": lambda name: tables_and_two_functions(name, n=2, m=8),
    # The same with N = 2n = 100 and 20 pairs.
    "tables on a hundred points": _tables_on_a_hundred_points,
    # L²D²/m: the worse of two connections wins on an unlikely sample of 2000 pairs.
    "worse connection wins": _worse_connection_wins,
    # T, and C²/(nT).
    "two tasks": _two_tasks,
    # One predictor that errs half of the time: long tails of the relative entropy.
    "coin thrown 400 times": lambda name: posterior_world(
        name, HALF, [(1, 0)], 400, tilted, views=(0,)
    ),
    # Losses 1 and 1/20: Markov's inequality for exp Λ is nearly an equation.
    "nearly a coin": lambda name: posterior_world(name, HALF, [(1, 0.05)], 1, tilted),
    # The posterior at which the change of measure is an equation; KL within and between views.
    "two views of two predictors": _two_views_of_two_predictors,
    # Where one of two voters errs there is no majority for the truth: the 2 of the vote.
    "two voters": lambda name: posterior_world(name, HALF, [(1, 0), (0, 0)], 100, _prior),
    # No loss on the one example that was seen, the largest elsewhere: β is needed in the mean.
    "memoriser of sixty": _memoriser_of_sixty,
    # β = 0 and one coin thrown 400 times: only C is left.
    "constant learner": _constant_learner,
    # No loss on two examples that were seen: all that it learned of them is in use.
    "memoriser of two of four": _memoriser_of_two_of_four,
    # All classifiers with margins 0 and ρ, and one example: symmetrisation and contraction.
    "margins on six points": lambda name: margin_world(
        name, uniform(6), all_tables((0, 0.5), 6).tolist(), 1, rho=0.5
    ),
    # The worse of two classifiers wins on a sample that is unlikely: concentration.
    "two margins 2000": lambda name: margin_world(
        name, (Q(3, 5), Q(2, 5)), (2 * WORSE_OF_TWO).tolist(), 2000, rho=2.0
    ),
    # Y = X/10 + Z, views independent: the squares add up, and one is far the larger.
    "sum of two views": _sum_of_two_views,
    # A label that is no sum, of views that know of each other.
    "two dependent views": _two_dependent_views,
    # Three labels and no information: the 1 of Fano.
    "views that say nothing": lambda name: label_world(
        name, Joint(np.array([[1.0]]), np.full((1, 1, 3), 1 / 3))
    ),
    # Eight labels, each with its own pair of views.
    "views that say all": lambda name: label_world(
        name, Joint(np.full((2, 4), 1 / 8), np.eye(8).reshape(2, 4, 8))
    ),
}
