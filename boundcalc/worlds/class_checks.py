"""The checks of function classes and of the rules that compose them.

Proofs, values, and complexities over all sign vectors; each rule in a case where it is tight.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from math import pi, sqrt
from typing import Any, NamedTuple

import numpy as np

from boundcalc.calculus import Complexity, complete, function_class, given, max_of, union
from boundcalc.numeric.complexity import complexity
from boundcalc.numeric.evaluate import evaluate
from boundcalc.numeric.exact import value_of
from boundcalc.numeric.reference import Reference, class_error, class_references
from boundcalc.symbolic.catalogue import theorem
from boundcalc.symbolic.complexity import ComplexityClass, Form
from boundcalc.worlds.checks import Floats
from boundcalc.worlds.micro.finite_classes import all_tables, mean_supremum
from boundcalc.worlds.outcomes import (
    CheckOutcome,
    CheckStep,
    Kind,
    bound_outcome,
    proof_outcome,
    value_outcome,
)


def sign_vectors(m: int) -> Floats:
    """All sign vectors of a length, one a row."""
    return all_tables((-1.0, 1.0), m)


def rademacher_of_table(table: Floats, *, absolute: bool = False) -> float:
    """R̂ of a finite class given by its values: functions × examples (× outputs)."""
    flat = table.reshape(len(table), -1)
    both = np.concatenate([flat, -flat]) if absolute else flat
    return mean_supremum(both, np.ones(flat.shape[1], dtype=np.int64)) / int(table.shape[1])


def mean_dual_norm(X: Floats, q: float) -> float:
    """E‖Xᵀσ‖_q/m."""
    sums = sign_vectors(len(X)) @ X
    return float(np.linalg.norm(sums, ord=q, axis=1).mean()) / len(X)


class Case(NamedTuple):
    """A class on given inputs, and its complexity there, or a part of that for a large class."""

    id: str
    form: str
    parameters: Mapping[str, Any]
    exact: float


def class_steps(entry: ComplexityClass) -> Iterator[CheckStep]:
    """The certificates and values of a class, and its bounds on the cases."""
    for form in entry.forms.values():
        where = f"{entry.id}/{form.name}"
        yield CheckStep(entry.id, Kind.CERTIFICATE, where, partial(_proofs, entry, form, where))
    for reference in class_references(entry.id):
        where = f"{entry.id}/{reference.form}"
        yield CheckStep(entry.id, Kind.VALUES, where, partial(_reference, reference, where))
    yield CheckStep(entry.id, Kind.SIGNS, entry.id, partial(_enumerated, entry))


def _proofs(entry: ComplexityClass, form: Form, where: str) -> Iterator[CheckOutcome]:
    """The bound of a form, and its lower bound where it has one."""
    tags = replace(entry.tags, averages=form.averages)
    yield proof_outcome(entry.id, where, entry.at(form, tags=tags).proof)
    below = entry.lower(form, tags=tags)
    if below is not None:
        yield proof_outcome(entry.id, f"{where}, lower", below)


def _reference(reference: Reference, where: str) -> Iterator[CheckOutcome]:
    yield value_outcome(reference.id, where, class_error(reference))


def _enumerated(entry: ComplexityClass) -> Iterator[CheckOutcome]:
    for case in (case for case in cases() if case.id == entry.id):
        found = complexity(case.id, **{entry.selector: case.form}, **case.parameters)
        where = f"{case.id}/{case.form}, {case.parameters['m']} examples"
        problem = f"the complexity is {case.exact:.6g}"
        yield bound_outcome(case.id, where, case.exact / found.value, problem)
        if found.lower is not None:
            yield bound_outcome(case.id, where, found.lower / case.exact, problem)


def _arrays() -> Iterator[Floats]:
    """Inputs: one, two equal ones (where constants are attained), and random ones."""
    yield np.ones((1, 1))
    yield np.ones((2, 1))
    for seed, shape in enumerate([(2, 3), (7, 2), (12, 5)]):
        yield np.random.default_rng(seed).normal(size=shape)


def cases() -> Iterator[Case]:
    """Every class that can be enumerated, on small inputs."""
    for X in _arrays():
        yield from _linear(X)
        yield from _networks(X)
        yield from _shared(X)
    yield from _tables()


def _linear(X: Floats) -> Iterator[Case]:
    m, d = X.shape
    columns, size = tuple(np.linalg.norm(X, axis=0).tolist()), float(np.linalg.norm(X))
    longest = float(np.linalg.norm(X, axis=1).max())
    ball, known = 3 * mean_dual_norm(X, 2), {"norm": 3, "m": m}
    yield Case("linear-l2", "data", known | {"frobenius": size}, ball)
    yield Case("linear-l2", "radius", known | {"radius": longest}, ball)
    yield Case("linear-l2", "concatenated", known | {"radii": (longest, 0)}, ball)
    yield Case("kernel", "data", known | {"trace": size**2}, ball)
    yield Case("kernel", "radius", known | {"radius": longest}, ball)
    corners = 3 * mean_dual_norm(X, np.inf)
    yield Case("linear-l1", "data", known | {"column_norms": columns}, corners)
    largest = float(np.abs(X).max())
    yield Case("linear-l1", "radius", known | {"radius": largest, "features": d}, corners)
    for p in (1.01, 1.2, 1.5, 2, 2.5, 4, 30):
        form = "small-p" if p <= 2 else "large-p"
        exact = 3 * mean_dual_norm(X, p / (p - 1))
        yield Case("linear-lp", form, known | {"p": p, "column_norms": columns}, exact)
    if m <= 7:
        yield from _vector(X, known | {"outputs": 2}, size, longest)


def _vector(X: Floats, known: Mapping[str, Any], size: float, longest: float) -> Iterator[Case]:
    """Two outputs, a sign for each example and output."""
    m = len(X)
    sums = np.einsum("smk,md->skd", sign_vectors(2 * m).reshape(-1, m, 2), X)
    exact = 3 * float(np.sqrt((sums**2).sum(axis=(1, 2))).mean()) / m
    yield Case("linear-frobenius", "data", {**known, "frobenius": size}, exact)
    yield Case("linear-frobenius", "radius", {**known, "radius": longest}, exact)


def _shared(X: Floats) -> Iterator[Case]:
    """Tasks on one subspace: the projection onto the top eigenvectors is one of those allowed."""
    m, d = X.shape
    top = float(np.linalg.norm(X, 2)) ** 2 / m
    longest = float(np.linalg.norm(X, axis=1).max())
    for tasks, K in {(1, 1), (min(2, m), 1), (min(2, m), d), (m, d)}:
        masks = np.arange(m) % tasks == np.arange(tasks)[:, None]
        sums = np.einsum("sm,tm,md->std", sign_vectors(m), masks, X)
        _, vectors = np.linalg.eigh(np.einsum("std,ste->sde", sums, sums))
        seen = np.einsum("std,sdk->stk", sums, vectors[:, :, d - K :])
        exact = 3 * float(np.linalg.norm(seen, axis=2).sum(axis=1).mean()) / m
        known = {"norm": 3, "subspace": K, "tasks": tasks, "task_size": int(masks.sum(1).max())}
        known |= {"top_variance": top * (1 + 1e-12), "radius": longest, "m": m}
        yield Case("shared-subspace", "data", known, exact)


def _networks(X: Floats) -> Iterator[Case]:
    """Networks of one layer exactly; of two, a few hundred of them, so a part of the complexity."""
    m, rng = len(X), np.random.default_rng(len(X))
    size, longest = float(np.linalg.norm(X)), float(np.linalg.norm(X, axis=1).max())
    rows = []
    for _ in range(200):
        first, second = rng.normal(size=(4, X.shape[1])), rng.normal(size=4)
        hidden = np.maximum(first / np.linalg.norm(first) @ X.T, 0)
        rows.append(second / np.linalg.norm(second) @ hidden)
    two = 3 * rademacher_of_table(np.array(rows))
    for norms, exact in (((3,), 3 * mean_dual_norm(X, 2)), ((3, 1), two)):
        yield Case("network-frobenius", "data", {"norms": norms, "frobenius": size, "m": m}, exact)
        by_radius = {"norms": norms, "radius": longest, "m": m}
        yield Case("network-frobenius", "radius", by_radius, exact)


def _tables() -> Iterator[Case]:
    """Finitely many functions, and thresholds on a line."""
    for m, functions in ((1, 2), (5, 3), (10, 40)):
        table = np.random.default_rng(functions).uniform(-1, 1, size=(functions, m))
        table[0], table[1] = 1, -1
        size_known = {"size": functions, "bound": 1, "m": m}
        yield Case("finite", "massart", size_known, rademacher_of_table(table))
    for m in (1, 2, 3, 8, 12):
        thresholds = np.where(np.arange(m)[None] >= np.arange(m + 1)[:, None], 0.5, -0.5)
        for form in ("sauer", "loose"):
            known = {"dimension": 1, "bound": 0.5, "m": m}
            yield Case("vc", form, known, rademacher_of_table(thresholds))


# --- the rules that compose classes -------------------------------------------------------------

RULES = "rules"

CUBE, LARGE = all_tables((0, 1), 3), all_tables((0, 1), 8)
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


def rule_steps() -> Iterator[CheckStep]:
    """The proof of each rule and its bound, then a class put into a theorem."""
    for rule in rules():
        yield CheckStep(RULES, Kind.SIGNS, rule.name, partial(_rule, rule))
    yield CheckStep(RULES, Kind.SIGNS, "a class in a theorem", _in_a_theorem)


def _rule(rule: Rule) -> Iterator[CheckOutcome]:
    made = rule.build()
    yield proof_outcome(RULES, rule.name, made.derivation)
    yield _compared(rule.name, rule.truth, complexity(made).value, equal=rule.equal)


def _in_a_theorem() -> Iterator[CheckOutcome]:
    """A theorem's proof with a class in it has the value of the theorem at its complexity."""
    id, name = "classic.uniform_deviation", "expected"
    F = function_class("linear-l2", norm=2, radius=3, m=400)
    where, proof = f"{F.kind} in {id}", complete(theorem(id).variant(name).derivation, rademacher=F)
    yield proof_outcome(RULES, where, proof)
    known = {"m": 400, "delta": 0.05, "lipschitz": 1, "loss_bound": 1, "train_loss": 0.25}
    apart = evaluate(id, variant=name, rademacher=2 * 3 / 20, **known).value
    together = value_of(proof.expression, known | {"norm_1": 2, "radius_1": 3})
    yield _compared(where, apart, together, equal=True)


def _compared(where: str, truth: float, bound: float, *, equal: bool) -> CheckOutcome:
    problem = f"{truth:.6g} is known, {bound:.6g} is what the rule gives"
    return bound_outcome(RULES, where, float(truth / bound), problem, equal=equal)
