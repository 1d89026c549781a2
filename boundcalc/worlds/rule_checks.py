"""The checks of the calculus of classes: every rule where it is tight, against all sign vectors."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import partial
from math import pi, sqrt
from typing import Any, NamedTuple

import numpy as np

from boundcalc.calculus import Complexity, complete, function_class, given, max_of, union
from boundcalc.numeric.complexity import complexity
from boundcalc.numeric.evaluate import evaluate
from boundcalc.numeric.exact import value_of
from boundcalc.symbolic.catalogue import theorem
from boundcalc.worlds.checks import Floats
from boundcalc.worlds.class_checks import rademacher_of_table
from boundcalc.worlds.outcomes import Kind, Outcome, Step, bound_outcome, proof_outcome

RULES = "rules"

CUBE = np.array(list(itertools.product((0.0, 1.0), repeat=3)))
LARGE = np.array(list(itertools.product((0.0, 1.0), repeat=8)))
RANDOM = np.random.default_rng(3).normal(size=(5, 6))
OTHER = np.random.default_rng(4).normal(size=(4, 6))
PAIR = np.array([[[0.0, 0.0]], [[1.0, 1.0]]])
"""Two functions with two outputs at one point: the constants of vector contraction are attained."""

HALF_NORMAL = 1 / sqrt(2 * pi)
"""E max(0, g)."""


class Rule(NamedTuple):
    """A composed class, its complexity, and whether the rule gives just that."""

    name: str
    build: Callable[[], Complexity]
    truth: float
    equal: bool = False


def of(table: Floats, **conventions: str) -> Complexity:
    """A finite class, given by its exact complexity on the sample."""
    value = rademacher_of_table(table, absolute=conventions.get("signs") == "absolute")
    output = "vector" if table.ndim == 3 else "scalar"
    return given(value, m=table.shape[1], average="empirical", output=output, **conventions)


def rules() -> Iterator[Rule]:
    """Every rule, in a case that needs its constant, or nearly."""
    exact, X, Y = rademacher_of_table, of(RANDOM), of(OTHER)
    both = np.concatenate([RANDOM, -RANDOM])
    ends, low = np.ones((1, 1)), of(np.full((1, 3), -9.0))
    two_ends, one = np.concatenate([ends, -ends]), of(LARGE[:1])
    normal: dict[str, Any] = {"m": 1, "noise": "Gaussian", "average": "empirical"}
    pair = given(sqrt(2) * HALF_NORMAL, output="vector", **normal)
    sums = (RANDOM[:, None] + OTHER[None]).reshape(-1, 6)
    shifted, lengths = RANDOM + np.arange(6.0), np.linalg.norm(PAIR, axis=2)
    yield Rule("sum", lambda: X + Y, exact(sums), equal=True)
    yield Rule("scaling", lambda: -3.0 * X, exact(3 * RANDOM), equal=True)
    yield Rule("shift", lambda: X.offset(), exact(shifted), equal=True)
    yield Rule("hull", lambda: X.convex_hull(), exact(_hull(RANDOM)), equal=True)
    yield Rule("subset", lambda: X.subset(), exact(RANDOM))
    yield Rule("contraction", lambda: X.lipschitz(2), exact(-2 * RANDOM))
    yield Rule("loss class", lambda: X.loss_class(lipschitz=2, loss_bound=9), exact(2 * RANDOM))
    yield Rule("vector contraction", lambda: of(PAIR).vector_contraction(1), exact(lengths))
    yield Rule("maximum", lambda: max_of(of(CUBE), low), exact(CUBE))
    yield Rule("union", lambda: union(of(ends), of(-ends), bound=1), exact(two_ends))
    yield Rule("union of many and one", lambda: union(of(LARGE), one, bound=0.5), exact(LARGE))
    yield Rule("signed from absolute", lambda: of(both, signs="absolute").signed(), exact(both))
    yield Rule("Gaussian", lambda: given(HALF_NORMAL, **normal).rademacher_from_gaussian(), 0.5)
    yield Rule("Gaussian comparison", lambda: pair.vector_contraction(1), sqrt(2) * HALF_NORMAL)


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
    yield proof_outcome(RULES, rule.name, made.derivation)
    yield _compared(rule.name, rule.truth, complexity(made).value, equal=rule.equal)


def _in_a_theorem() -> Iterator[Outcome]:
    """A theorem's proof with a class in it has the value of the theorem at its complexity."""
    id, name = "classic.uniform_deviation", "expected"
    F = function_class("linear-l2", norm=2, radius=3, m=400)
    where, proof = f"{F.kind} in {id}", complete(theorem(id).variant(name).derivation, rademacher=F)
    yield proof_outcome(RULES, where, proof)
    known = {"m": 400, "delta": 0.05, "lipschitz": 1, "loss_bound": 1, "train_loss": 0.25}
    apart = evaluate(id, variant=name, rademacher=2 * 3 / 20, **known).value
    together = value_of(proof.expression, known | {"norm_1": 2, "radius_1": 3})
    yield _compared(where, apart, together, equal=True)


def _compared(where: str, truth: float, bound: float, *, equal: bool) -> Outcome:
    problem = f"{truth:.6g} is known, {bound:.6g} is what the rule gives"
    return bound_outcome(RULES, where, float(truth / bound), problem, equal=equal)
