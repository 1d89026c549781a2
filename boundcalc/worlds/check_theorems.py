"""The checks of theorems, one step at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import partial

from boundcalc.numeric.evaluate import certified, evaluate
from boundcalc.numeric.reference import Reference, encloses, theorem_error, theorem_references
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.theorem import Theorem
from boundcalc.worlds.forms import candidates, forms_of
from boundcalc.worlds.micro import MicroWorld
from boundcalc.worlds.oracle import (
    Verdict,
    expectation_verdict,
    fact_verdict,
    objection,
    statement_verdict,
    values_of,
    without_concentration,
)
from boundcalc.worlds.steps import Step, check_proof, check_value
from boundcalc.worlds.verified import Kind, Outcome


def theorem_steps(entry: Theorem) -> Iterator[Step]:
    """The certificates and values of a theorem."""
    for form, proof in forms_of(entry).items():
        yield Step(entry.id, Kind.CERTIFICATE, form, partial(check_proof, entry.id, form, proof))
    for reference in theorem_references(entry.id):
        where = f"{entry.id}/{reference.form}"
        yield Step(entry.id, Kind.VALUES, where, partial(_reference, reference))
    where = f"{entry.id}/{entry.example_variant}"
    yield Step(entry.id, Kind.VALUES, where, partial(_example, entry))


def _reference(reference: Reference) -> Iterator[Outcome]:
    where = f"{reference.id}/{reference.form}"
    yield check_value(reference.id, where, theorem_error(reference))
    missed = "" if encloses(reference) else "the certified interval does not hold the value"
    yield Outcome(reference.id, Kind.VALUES, where, problem=missed)


def _example(entry: Theorem) -> Iterator[Outcome]:
    """The worked number, in floating point and by interval arithmetic."""
    variant = entry.example_variant
    value = Decimal(evaluate(entry.id, variant=variant, **entry.example).value)
    middle = Decimal(certified(entry.id, variant=variant, digits=30, **entry.example).lower)
    error = abs(value / middle - 1) if middle else abs(value)
    yield check_value(entry.id, f"{entry.id}/{variant}, worked number", error)


def world_steps(entries: Sequence[Theorem]) -> Iterator[Step]:
    """Every proof in every world that it may speak of: the small worlds of all entries first."""
    waiting: list[tuple[int, Step]] = []
    for entry in entries:
        for form, proof in forms_of(entry).items():
            for w in candidates(form):
                check = partial(_in_world, entry.id, form, proof, w)
                size = len(w.chances.weights)
                waiting.append((size, Step(entry.id, Kind.STATEMENT, f"{form}, {w.name}", check)))
    yield from (step for _, step in sorted(waiting, key=lambda pair: pair[0]))


def _in_world(id: str, form: str, proof: Derivation, w: MicroWorld) -> Iterator[Outcome]:
    """Each fact, the statement and the expectation form; nothing where the world is not spoken of."""
    facts = [line.fact for line in proof.lines]
    if objection(w, facts) is not None:
        return
    values = values_of(w, proof)
    for fact in facts:
        yield _outcome(id, Kind.FACTS, form, fact_verdict(w, fact, values))
    yield _outcome(id, Kind.STATEMENT, form, statement_verdict(w, proof, values, proof.expression))
    bound = without_concentration(proof)
    if bound is not None:
        yield _outcome(id, Kind.EXPECTATION, form, expectation_verdict(w, proof, values, bound))


def _outcome(id: str, kind: Kind, form: str, verdict: Verdict) -> Outcome:
    where = f"{form}, {verdict.world}"
    if kind is Kind.FACTS:
        where += f": {verdict.what}"
    if verdict.holds:  # rounding may carry an equality beyond 1
        return Outcome(id, kind, where, None if verdict.ratio is None else min(verdict.ratio, 1.0))
    if kind is Kind.EXPECTATION:
        return Outcome(id, kind, where, verdict.ratio, f"beyond by {verdict.excess:.4g} in the mean")
    often = f"false with probability {float(verdict.probability):.4g}"
    if verdict.delta is not None:
        often += f" at δ = {verdict.delta:.4g}, where {float(verdict.allowed):.4g} is allowed"
    return Outcome(id, kind, where, verdict.ratio, f"{often}; beyond by {verdict.excess:.4g}")
