"""Held-out test sets: with losses 0 and 1 the number of errors is binomial, so n can be large."""

from __future__ import annotations

from fractions import Fraction as Q

from boundcalc.worlds.micro.micro_world import MicroWorld
from boundcalc.worlds.micro.one_sample import held_out
from worlds import register


def _errors(name: str, p: Q, n: int) -> MicroWorld:
    return held_out(name, (p, 1 - p), (1, 0), n)


@register
def one_test_example_of_three_tenths(name: str) -> MicroWorld:
    """The constant ½ of bounded differences: one Bernoulli draw with p near 0.28."""
    return _errors(name, Q(28, 100), 1)


@register
def few_errors(name: str) -> MicroWorld:
    """Often no error at all."""
    return _errors(name, Q(1, 50), 100)


@register
def some_errors(name: str) -> MicroWorld:
    """An error in ten."""
    return _errors(name, Q(1, 10), 20)


@register
def mostly_errors(name: str) -> MicroWorld:
    """Nine errors in ten, often nothing else."""
    return _errors(name, Q(9, 10), 20)


@register
def losses_of_three(name: str) -> MicroWorld:
    """Losses 0 or 3."""
    return held_out(name, (Q(1, 4), Q(3, 4)), (3, 0), 30, loss_bound=3)


@register
def half_losses(name: str) -> MicroWorld:
    """Losses 0, ½ and 1."""
    return held_out(name, (Q(1, 4), Q(1, 4), Q(1, 2)), (1, 0.5, 0), 12)


@register
def fair_errors(name: str) -> MicroWorld:
    """p = ½, n = 400: an exact limit is attained."""
    return _errors(name, Q(1, 2), 400)
