"""Two worlds in which each constant of the lemma is needed: halve one, and `verify` says so."""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from boundcalc.worlds import MicroWorld, all_samples, learner_world


def sixteen_descriptions(name: str) -> MicroWorld:
    """Four bits for each of 16 predictors; the one that is right on the one example is learned."""
    draws, chances = all_samples([Fraction(1, 16)] * 16, 1)
    learned = np.argmax(draws.counts, axis=1)
    world = learner_world(name, (draws, chances), 1 - np.eye(16), learned)
    return replace(world, numbers={**world.numbers, "description_length": 4})


def nothing_to_describe(name: str) -> MicroWorld:
    """One predictor, so no bits, and one throw of a fair coin."""
    half = Fraction(1, 2)
    drawn = all_samples([half, half], 1)
    world = learner_world(name, drawn, np.array([[2.0, 0.0]]), np.array([0, 0]), loss_bound=2)
    return replace(world, numbers={**world.numbers, "description_length": 0})
