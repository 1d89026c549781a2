"""Micro-worlds of `verify` for posteriors, single learners, margins and views.

The first line of a function says what its world is for.
"""

from __future__ import annotations

from fractions import Fraction as Q

import numpy as np

from boundcalc.worlds.micro.examples import WORSE_OF_TWO, uniform
from boundcalc.worlds.micro.finite_classes import all_tables
from boundcalc.worlds.micro.gallery import kept
from boundcalc.worlds.micro.micro_world import MicroWorld
from boundcalc.worlds.micro.one_sample import (
    Joint,
    label_world,
    learner_world,
    margin_world,
    posterior_world,
    tilted,
    view_world,
)
from boundcalc.worlds.micro.samples import all_samples

HALF = (Q(1, 2), Q(1, 2))

# --- posteriors ---------------------------------------------------------------------------------


@kept
def _coin_thrown_400_times(name: str) -> MicroWorld:
    """One predictor that errs half of the time: long tails of the relative entropy."""
    return posterior_world(name, HALF, [(1, 0)], 400, tilted, views=(0,))


@kept
def _nearly_a_coin(name: str) -> MicroWorld:
    """Losses 1 and 1/20: Markov's inequality for exp Λ is nearly an equation."""
    return posterior_world(name, HALF, [(1, 0.05)], 1, tilted)


@kept
def _two_views_of_two_predictors(name: str) -> MicroWorld:
    """The posterior at which the change of measure is an equation; KL within and between views."""
    law, prior = (Q(1, 2), Q(3, 10), Q(1, 5)), (0.4, 0.3, 0.2, 0.1)
    losses = [(0, 0, 1), (0, 1, 1), (1, 0, 0), (1, 1, 0)]
    return posterior_world(name, law, losses, 3, tilted, prior=prior, views=(0, 0, 1, 1))


@kept
def _two_voters(name: str) -> MicroWorld:
    """Where one of two voters errs there is no majority for the truth: the 2 of the vote."""
    return posterior_world(
        name, HALF, [(1, 0), (0, 0)], 100, lambda p, entropies, _: 0 * entropies + p
    )


# --- single learners ----------------------------------------------------------------------------


@kept
def _memoriser_of_sixty(name: str) -> MicroWorld:
    """No loss on the one example that was seen, the largest elsewhere: β is needed in the mean."""
    drawn = all_samples(uniform(60), 1)
    return learner_world(name, drawn, 1 - np.eye(60), np.argmax(drawn[0].counts, axis=1))


@kept
def _constant_learner(name: str) -> MicroWorld:
    """β = 0 and one coin thrown 400 times: only C is left."""
    drawn = all_samples(HALF, 400)
    losses = np.array([[0.0, 1.0]])
    return learner_world(name, drawn, losses, np.zeros(401, dtype=int))


@kept
def _memoriser_of_two_of_four(name: str) -> MicroWorld:
    """No loss on two examples that were seen: all that it learned of them is in use."""
    drawn = all_samples(uniform(4), 2)
    return learner_world(name, drawn, 1.0 * (drawn[0].counts == 0), np.arange(10))


@kept
def _margins_on_six_points(name: str) -> MicroWorld:
    """All classifiers with margins 0 and ρ, and one example: symmetrisation and contraction."""
    margins = all_tables((0, 0.5), 6)
    return margin_world(name, uniform(6), margins.tolist(), 1, rho=0.5)


@kept
def _two_margins_2000(name: str) -> MicroWorld:
    """The worse of two classifiers wins on a sample that is unlikely: concentration."""
    law = (Q(3, 5), Q(2, 5))
    return margin_world(name, law, (2 * WORSE_OF_TWO).tolist(), 2000, rho=2.0)


# --- views --------------------------------------------------------------------------------------


@kept
def _sum_of_two_views(name: str) -> MicroWorld:
    """Y = X/10 + Z, views independent: the squares add up, and one is far the larger."""
    x, z = np.array([[-0.1], [0.1]]), np.array([[-1.0, 1.0]])
    return view_world(name, Joint(np.full((2, 2), 0.25), x + z))


@kept
def _two_dependent_views(name: str) -> MicroWorld:
    """A label that is no sum, of views that know of each other."""
    chances = np.array([[0.3, 0.1, 0.05], [0.05, 0.2, 0.3]])
    return view_world(name, Joint(chances, np.array([[0.0, 1, 3], [2, -1, 0.5]])))


@kept
def _views_that_say_nothing(name: str) -> MicroWorld:
    """Three labels and no information: the 1 of Fano."""
    return label_world(name, Joint(np.array([[1.0]]), np.full((1, 1, 3), 1 / 3)))


@kept
def _views_that_say_all(name: str) -> MicroWorld:
    """Eight labels, each with its own pair of views."""
    return label_world(name, Joint(np.full((2, 4), 1 / 8), np.eye(8).reshape(2, 4, 8)))
