"""The checks of the calculus of classes: every rule where it is tight, against all sign vectors."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from math import pi, sqrt
from typing import Any

import numpy as np

from boundcalc.complexities.rules import Complexity, complete, function_class, given, max_of, union
from boundcalc.numeric.bound import value_of
from boundcalc.numeric.complexity import complexity
from boundcalc.numeric.evaluate import evaluate
from boundcalc.symbolic.catalogue import theorem
from boundcalc.worlds.families import Floats
from boundcalc.worlds.signs import of_table
from boundcalc.worlds.steps import Step
from boundcalc.worlds.verified import Kind, Outcome

RULES = "rules"
ROUNDING = 1e-12

CUBE = np.array(list(itertools.product((0.0, 1.0), repeat=3)))
LARGE = np.array(list(itertools.product((0.0, 1.0), repeat=8)))
RANDOM = np.random.default_rng(3).normal(size=(5, 6))
OTHER = np.random.default_rng(4).normal(size=(4, 6))
PAIR = np.array([[[0.0, 0.0]], [[1.0, 1.0]]])
"""Two functions with two outputs at one point: the constants of vector contraction are attained."""

HALF_NORMAL = 1 / sqrt(2 * pi)
"""E max(0, g)."""


@dataclass(frozen=True)
class Rule:
    """A rule on classes whose complexities are known.

    Attributes
    ----------
    name : str
    build : callable
        The composed class.
    truth : float
        Its complexity, by enumeration or in closed form.
    equal : bool
        Whether the rule is an equation.
    """

    name: str
    build: Callable[[], Complexity]
    truth: float
    equal: bool = False


def of(table: Floats, **conventions: str) -> Complexity:
    """A finite class, given by its exact complexity on the sample."""
    value = of_table(table, absolute=conventions.get("signs") == "absolute")
    output = "vector" if table.ndim == 3 else "scalar"
    return given(value, m=table.shape[1], average="empirical", output=output, **conventions)


def rules() -> Iterator[Rule]:
    """Every rule, in a case that needs its constant, or nearly."""
    both = np.concatenate([RANDOM, -RANDOM])
    sums = (RANDOM[:, None] + OTHER[None]).reshape(-1, 6)
    ends, low = np.ones((1, 1)), np.full((1, 3), -9.0)
    normal: dict[str, Any] = {"m": 1, "noise": "Gaussian", "average": "empirical"}
    yield Rule("sum", lambda: of(RANDOM) + of(OTHER), of_table(sums), equal=True)
    yield Rule("scaling", lambda: -3.0 * of(RANDOM), of_table(3 * RANDOM), equal=True)
    yield Rule("shift", lambda: of(RANDOM).offset(), of_table(RANDOM + np.arange(6.0)), equal=True)
    yield Rule("hull", lambda: of(RANDOM).convex_hull(), of_table(_hull(RANDOM)), equal=True)
    yield Rule("subset", lambda: of(RANDOM).subset(), of_table(RANDOM))
    yield Rule("contraction", lambda: of(RANDOM).lipschitz(2), of_table(-2 * RANDOM))
    yield Rule("loss class", lambda: of(RANDOM).loss_class(lipschitz=2, loss_bound=9), of_table(2 * RANDOM))
    yield Rule(
        "vector contraction", lambda: of(PAIR).vector_contraction(1), of_table(np.linalg.norm(PAIR, axis=2))
    )
    yield Rule("maximum", lambda: max_of(of(CUBE), of(low)), of_table(CUBE))
    yield Rule("union", lambda: union(of(ends), of(-ends), bound=1), of_table(np.concatenate([ends, -ends])))
    yield Rule("union of many and one", lambda: union(of(LARGE), of(LARGE[:1]), bound=0.5), of_table(LARGE))
    yield Rule("signed from absolute", lambda: of(both, signs="absolute").signed(), of_table(both))
    yield Rule("Gaussian", lambda: given(HALF_NORMAL, **normal).rademacher_from_gaussian(), 0.5)
    yield Rule(
        "Gaussian comparison",
        lambda: given(sqrt(2) * HALF_NORMAL, output="vector", **normal).vector_contraction(1),
        sqrt(2) * HALF_NORMAL,
    )


def _hull(table: Floats) -> Floats:
    weights = np.random.default_rng(0).dirichlet(np.ones(len(table)), size=50)
    return np.concatenate([table, weights @ table])


def rule_steps() -> Iterator[Step]:
    """The proof of each rule and its bound, then a class put into a theorem."""
    for rule in rules():
        yield Step(RULES, Kind.SIGNS, rule.name, partial(_rule, rule))
    yield Step(RULES, Kind.SIGNS, "a class in a theorem", _in_a_theorem)


def _rule(rule: Rule) -> Iterator[Outcome]:
    made = rule.build()
    made.derivation.check()
    yield Outcome(RULES, Kind.CERTIFICATE, rule.name)
    yield _compared(rule.name, rule.truth, complexity(made).value, equal=rule.equal)


def _in_a_theorem() -> Iterator[Outcome]:
    """The proof of a theorem with a class in it has the value that the theorem has at its complexity."""
    id, name = "classic.uniform_deviation", "expected"
    F = function_class("linear-l2", norm=2, radius=3, m=400)
    proof = complete(theorem(id).variant(name).derivation, rademacher=F)
    proof.check()
    yield Outcome(RULES, Kind.CERTIFICATE, f"{F.kind} in {id}")
    known = {"m": 400, "delta": 0.05, "lipschitz": 1, "loss_bound": 1, "train_loss": 0.25}
    apart = evaluate(id, variant=name, rademacher=2 * 3 / 20, **known).value
    together = value_of(proof.expression, known | {"norm_1": 2, "radius_1": 3})
    yield _compared(f"{F.kind} in {id}", apart, together, equal=True)


def _compared(where: str, truth: float, bound: float, *, equal: bool) -> Outcome:
    ratio = float(truth / bound)
    wrong = abs(ratio - 1) > ROUNDING if equal else ratio > 1 + ROUNDING
    problem = f"{truth:.6g} is known, {bound:.6g} is what the rule gives" if wrong else ""
    return Outcome(RULES, Kind.SIGNS, where, ratio if wrong else min(ratio, 1.0), problem)
