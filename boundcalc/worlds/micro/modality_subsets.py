"""Micro-worlds of the modality subsets N ⊆ M: encoders G_N ⊆ G_M ⊆ G, heads H, and learners.

Each subset S has the class ``H∘G_S``, the class ``H∘ĝ_S`` of the heads on the encoder that was
learned, what was learned in it (``f̂_S``), and the best predictors of both (``f°_S``, ``h°∘ĝ_S``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from boundcalc.errors import InputError
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import FunctionClass, Loss, Predictor
from boundcalc.worlds.checks import Floats, Ints
from boundcalc.worlds.micro.finite_classes import Table
from boundcalc.worlds.micro.micro_world import Chosen, MicroWorld, Values, mean_loss_of, risk_of
from boundcalc.worlds.micro.samples import all_samples

TIE = 1e-10


@dataclass(frozen=True, eq=False)
class Candidates:
    """What a learner may choose from, one column a predictor.

    Attributes
    ----------
    risk : ndarray of shape (predictors,)
    empirical : ndarray of shape (samples, predictors)
    encoder : ndarray of shape (predictors,)
        Which encoder a predictor uses.
    gap : float
        The optimisation gap that learners may leave.
    """

    risk: Floats
    empirical: Floats
    encoder: Ints
    gap: float

    def best_given(self, encoder: int) -> Floats:
        """The least empirical risk with one encoder, on every sample."""
        return np.asarray(self.empirical[:, self.encoder == encoder].min(axis=1))


Learner = Callable[[Candidates], Ints]
"""From the candidates to the predictor learned on every sample."""


def worst_minimiser(
    empirical: Floats, score: Floats, *, gap: float = 0.0, least: Floats | None = None
) -> Ints:
    """The near-minimiser of the empirical risk with the largest score, on every sample."""
    floor = empirical.min(axis=-1, keepdims=True) if least is None else least
    return np.asarray(np.argmax(np.where(empirical <= floor + gap + TIE, score, -np.inf), axis=-1))


def joint_erm(candidates: Candidates) -> Ints:
    """The near-minimiser of the empirical risk with the largest risk."""
    return worst_minimiser(candidates.empirical, candidates.risk, gap=candidates.gap)


def lucky_erm(candidates: Candidates) -> Ints:
    """The exact minimiser of the empirical risk with the least risk."""
    return worst_minimiser(candidates.empirical, -candidates.risk)


def given_encoder(score: str) -> Learner:
    """An adversary chooses the encoder, then the head is the worst near-minimiser given it.

    `score` is ``excess`` (of the risk over the encoder's best head) or ``risk``.
    """

    def learn(candidates: Candidates) -> Ints:
        least = np.stack([candidates.best_given(e) for e in candidates.encoder], axis=1)
        encoder = candidates.encoder
        floor = np.array([candidates.risk[encoder == e].min() for e in encoder])
        goal = candidates.risk - floor if score == "excess" else candidates.risk
        return worst_minimiser(candidates.empirical, goal, gap=candidates.gap, least=least)

    return learn


def overfitted(candidates: Candidates) -> Ints:
    """Attains Δ⁺: risk far above empirical risk."""
    return np.asarray(np.argmax(candidates.risk - candidates.empirical, axis=1))


def underfitted(candidates: Candidates) -> Ints:
    """Attains Δ⁻: risk far below empirical risk."""
    return np.asarray(np.argmin(candidates.risk - candidates.empirical, axis=1))


def best(candidates: Candidates) -> Ints:
    """The minimiser of the risk, whatever the sample."""
    return np.full(len(candidates.empirical), int(np.argmin(candidates.risk)))


def latent_quality(world: MicroWorld, encoder: str, best_of_all: str) -> Floats:
    """η(ĝ) = inf_h r(h∘ĝ) − r(h*∘g*), the first over what uses an encoder."""
    least = world.measured(("best_risk", "best_risk", (encoder,)))
    return np.asarray(least - risk_of(world, best_of_all))


def mean_complexity(world: MicroWorld, name: str) -> float:
    """The expected Rademacher complexity of a class, of its outputs."""
    return world.mean(world.complexities("rademacher", name, of_loss=False))


def _gain(world: MicroWorld, subjects: tuple[Any, ...]) -> Floats:
    more, less = subjects or ("H∘ĝ_M", "H∘ĝ_N")
    return latent_quality(world, more, "f*") - latent_quality(world, less, "f*")


MULTIMODAL: Mapping[str, Values] = {
    "gamma": _gain,
    "latent_quality": lambda world, subjects: latent_quality(world, *subjects),
    "centred_loss": lambda world, subjects: (
        mean_loss_of(world, subjects[0]) - mean_loss_of(world, subjects[1])
    ),
}
"""γ, η and L̂, from their definitions."""

NUMBERS = {
    "lipschitz": 1.0,
    "loss_bound": 1.0,
    "optimisation_gap": 0.0,
    "candidates": 1,
    "weight": 1,
}

_LOSS = Loss(symbol("lipschitz"), symbol("loss_bound"))


def roles(*subsets: str, everything: bool = True) -> tuple[Predictor, ...]:
    """What is declared of the predictors of some subsets, and of the best of all."""
    found = []
    for subset in subsets:
        joint = FunctionClass(f"H∘G_{subset}", "", _LOSS)
        encoder = FunctionClass(f"H∘ĝ_{subset}", "", _LOSS, fixed=False, within=(joint,))
        found += [
            Predictor(f"f̂_{subset}", "", encoder),
            Predictor(f"f°_{subset}", "", joint, fixed=True, risk_minimiser_of=joint),
            Predictor(f"h°∘ĝ_{subset}", "", encoder, risk_minimiser_of=encoder),
        ]
    if everything:
        over = FunctionClass("H∘G", "", _LOSS)
        found.append(Predictor("f*", "", over, fixed=True, risk_minimiser_of=over))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class Modalities:
    """What there is to learn, and who learns.

    Parameters
    ----------
    losses : ndarray of shape (encoders, heads, N)
    outputs : ndarray of shape (encoders, heads, N, k), optional
        Where left out, the loss is linear: ℓ = L·f.
    m_sees, n_sees : sequence of int, optional
        The encoders in G_M and in G_N; all of them, and those in G_M, where left out.
    learn_m, learn_n : Learner
        From the candidates of the subset's own encoders.
    """

    losses: Floats
    outputs: Floats | None = None
    m_sees: Sequence[int] | None = None
    n_sees: Sequence[int] | None = None
    learn_m: Learner = joint_erm
    learn_n: Learner = best

    def __post_init__(self) -> None:
        losses = np.asarray(self.losses, dtype=float)
        if losses.ndim != 3 or not losses.size:
            raise InputError(
                f"losses has the shape {losses.shape}: it has to be (encoders, heads, points)"
            )
        object.__setattr__(self, "losses", losses)
        for name in ("m_sees", "n_sees"):
            seen = getattr(self, name)
            if seen is not None and (not len(seen) or not set(seen) <= set(range(len(losses)))):
                raise InputError(
                    f"{name} is {list(seen)}: it has to name encoders from 0 to {len(losses) - 1}"
                )

    @property
    def encoder(self) -> Ints:
        """The encoder of each predictor."""
        return np.repeat(np.arange(self.losses.shape[0]), self.losses.shape[1])

    @property
    def rows(self) -> Floats:
        """The losses of all predictors."""
        return self.losses.reshape(-1, self.losses.shape[2])

    def sees(self, subset: str) -> Sequence[int]:
        """The encoders of a subset."""
        by_m = range(len(self.losses)) if self.m_sees is None else self.m_sees
        return by_m if subset == "M" or self.n_sees is None else self.n_sees

    def table(self, chosen: Any, lipschitz: float) -> Table:
        """The class of some of the predictors."""
        losses = self.rows[chosen]
        if self.outputs is None:
            return Table(losses, losses[..., None] / lipschitz)
        return Table(losses, self.outputs.reshape(-1, *self.outputs.shape[2:])[chosen])

    def subset(
        self, subset: str, law: Floats, frequencies: Floats, numbers: Mapping[str, float]
    ) -> tuple[dict[str, Table | Chosen], dict[str, Floats]]:
        """The classes and predictors of one subset."""
        learn, slope = self.learn_m if subset == "M" else self.learn_n, numbers["lipschitz"]
        encoder, rows, expected = self.encoder, self.rows, self.rows @ law
        seen = np.flatnonzero(np.isin(encoder, self.sees(subset)))
        gap = numbers["optimisation_gap"]
        empirical = frequencies @ rows[seen].T
        chosen = seen[learn(Candidates(expected[seen], empirical, encoder[seen], gap))]
        groups = [np.flatnonzero(encoder == e) for e in range(len(self.losses))]
        tables = [self.table(group, slope) for group in groups]
        best_head = np.array([group[np.argmin(expected[group])] for group in groups])
        classes: dict[str, Table | Chosen] = {
            f"H∘G_{subset}": self.table(seen, slope),
            f"H∘ĝ_{subset}": Chosen(tables, encoder[chosen].tolist()),
        }
        predictors = {
            f"f̂_{subset}": rows[chosen],
            f"f°_{subset}": rows[seen[np.argmin(expected[seen])]],
            f"h°∘ĝ_{subset}": rows[best_head[encoder[chosen]]],
        }
        return classes, predictors


def two_subsets(
    name: str, law: Sequence[Fraction], m: int, game: Modalities, **numbers: float
) -> MicroWorld:
    """Enumerate a game of two subsets.

    Where G_N is not within G_M they are two classes like any others: γ and η are not defined.

    Parameters
    ----------
    name : str
    law : sequence of Fraction
        The probability of each point.
    m : int
        The sample size.
    game : Modalities
    **numbers : float
        `lipschitz`, `loss_bound` and `optimisation_gap` where they are not 1, 1 and 0.
    """
    draws, chances = all_samples(law, m)
    if game.losses.shape[2] != len(draws.law):
        raise InputError(
            f"{name}: losses at {game.losses.shape[2]} points, probabilities of {len(draws.law)}"
        )
    numbers = {"m": m, **NUMBERS, **numbers}
    classes, predictors = game.subset("M", draws.probabilities, draws.frequencies, numbers)
    for_n = game.subset("N", draws.probabilities, draws.frequencies, numbers)
    classes, predictors = classes | for_n[0], predictors | for_n[1]
    nested = set(game.sees("N")) <= set(game.sees("M"))
    if nested:
        classes["H∘G"] = game.table(slice(None), numbers["lipschitz"])
        predictors["f*"] = game.rows[np.argmin(game.rows @ draws.probabilities)]
    told, extra = roles("M", "N", everything=nested), MULTIMODAL if nested else {}
    return MicroWorld(name, {"S": draws}, chances, classes, predictors, numbers, extra, roles=told)
