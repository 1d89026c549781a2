"""The checks of function classes: proofs, values, and complexities over all sign vectors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from boundcalc.numeric.complexity import complexity
from boundcalc.numeric.reference import Reference, class_error, class_references
from boundcalc.symbolic.complexity import ComplexityClass, Form
from boundcalc.worlds.checks import Floats
from boundcalc.worlds.outcomes import (
    Kind,
    Outcome,
    Step,
    bound_outcome,
    proof_outcome,
    value_outcome,
)


def sign_vectors(m: int) -> Floats:
    """All sign vectors of a length, one a row."""
    return np.array(list(product((-1.0, 1.0), repeat=m)))


def rademacher_of_table(table: Floats, *, absolute: bool = False) -> float:
    """R̂ of a finite class given by its values: functions × examples (× outputs)."""
    flat = table.reshape(len(table), -1)
    sums = sign_vectors(flat.shape[1]) @ flat.T
    return float((np.abs(sums) if absolute else sums).max(axis=1).mean()) / int(table.shape[1])


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


def class_steps(entry: ComplexityClass) -> Iterator[Step]:
    """The certificates and values of a class, and its bounds on the cases."""
    for form in entry.forms.values():
        where = f"{entry.id}/{form.name}"
        yield Step(entry.id, Kind.CERTIFICATE, where, partial(_proofs, entry, form, where))
    for reference in class_references(entry.id):
        where = f"{entry.id}/{reference.form}"
        yield Step(entry.id, Kind.VALUES, where, partial(_reference, reference, where))
    yield Step(entry.id, Kind.SIGNS, entry.id, partial(_enumerated, entry))


def _proofs(entry: ComplexityClass, form: Form, where: str) -> Iterator[Outcome]:
    """The bound of a form, and its lower bound where it has one."""
    tags = replace(entry.tags, averages=form.averages)
    yield proof_outcome(entry.id, where, entry.at(form, tags=tags).proof)
    below = entry.lower(form, tags=tags)
    if below is not None:
        yield proof_outcome(entry.id, f"{where}, lower", below)


def _reference(reference: Reference, where: str) -> Iterator[Outcome]:
    yield value_outcome(reference.id, where, class_error(reference))


def _enumerated(entry: ComplexityClass) -> Iterator[Outcome]:
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
