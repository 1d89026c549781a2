"""A wrong constant is caught: every mutant of every proof and closed form is refused or refuted.

The kernel refuses a certificate whose facts no longer add up; a micro-world refutes a false statement. What
neither does is listed in `survivors.py` with the reason, and the list is exact.
"""

from __future__ import annotations

import importlib.util
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from mutants import of_fact, of_sum, weaker
from proofs import proof_named, proof_names
from survivors import OPEN_FACTS, OPEN_STATEMENTS, TRUE_FACTS, TRUE_STATEMENTS, UNREFUTED
from sympy import Expr, S
from worlds import read

from boundcalc.calculus import function_class
from boundcalc.conventions import Relation, Side
from boundcalc.errors import BoundcalcError, CertificateError
from boundcalc.numeric.complexity import float_value as value_of_class
from boundcalc.numeric.complexity import values_of
from boundcalc.numeric.exact import value_of
from boundcalc.numeric.reference import class_references, theorem_references
from boundcalc.symbolic import lemmas
from boundcalc.symbolic.catalogue import complexities, theorem_modules
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.kernel import verify
from boundcalc.symbolic.lemmas import concentration
from boundcalc.symbolic.parameters import symbol
from boundcalc.worlds.micro.checking import fact_verdict, statement_verdict
from boundcalc.worlds.micro.gallery import own_worlds
from boundcalc.worlds.micro.reading import checked_facts, proofs_of, value_on_arrays

PROOFS = proof_names()
BY_VALUES = (
    *("pac_bayes.", "classic.margin", "classic.mutual_information", "classic.stability"),
    *("liang2024.", "tosh2021.", "holdout.relative", "classic.structural_risk"),
    "holdout.smaller",
)
"""Theorems whose mutants are judged by worlds and by 50-digit values, whichever sees it."""

MICRO = [form for form in PROOFS if not form.startswith(BY_VALUES)]
OTHERS = [form for form in PROOFS if form.startswith(BY_VALUES)]


def sign(proof: Derivation) -> int:
    return 1 if proof.side is Side.UPPER else -1


def accepted(proof: Derivation, line: int, fact: Fact) -> bool:
    """Whether the kernel accepts the proof, folded anew, with another fact in one line."""
    lines = list(proof.lines)
    lines[line] = Apply(fact, lines[line].times)
    try:
        replace(proof, lines=tuple(lines)).check()
    except CertificateError:
        return False
    return True


def refuter(form: str, fact: Fact) -> str | None:
    """A world in which the fact fails more often than it pays for."""
    return next((r.world.name for r in read(form) if not fact_verdict(r, fact).holds), None)


def statement_mutants(form: str) -> dict[str, Any]:
    """Mutants of the upper bound on the claim (for a lower limit: of its negation)."""
    proof = proof_named(form)
    bound = sign(proof) * proof.expression
    return {label: mutant for label, mutant in of_sum(bound).items() if not weaker(bound, mutant)}


@pytest.mark.parametrize("form", MICRO)
def test_every_wrong_fact_is_caught(form: str) -> None:
    proof, survivors, refuted = proof_named(form), set(), 0
    for i, line in enumerate(proof.lines):
        for label, fact in of_fact(line.fact).items():
            if accepted(proof, i, fact):
                if refuter(form, fact):
                    refuted += 1
                else:
                    survivors.add(f"{i} {label}")
    assert survivors == set(TRUE_FACTS.get(form, {})) | set(OPEN_FACTS.get(form, {}))
    assert refuted


@pytest.mark.parametrize("form", MICRO)
def test_every_wrong_closed_form_is_refuted(form: str) -> None:
    proof, survivors = proof_named(form), set()
    for label, mutant in statement_mutants(form).items():
        bound = sign(proof) * mutant
        if all(statement_verdict(reading, proof, bound).holds for reading in read(form)):
            survivors.add(label)
    assert survivors == set(TRUE_STATEMENTS.get(form, {})) | set(OPEN_STATEMENTS.get(form, {}))


def off(form: str, proof: Derivation, bound: Expr) -> bool:
    """Whether an upper bound on the claim is not what other code computed with 50 digits, or costs less."""
    id, variant = form.split("/")[:2]
    records = [r for r in theorem_references(id) if r.form == variant]
    assert records, f"{form} has no reference values"
    for record in records:
        known = {name: float(value) for name, value in record.parameters.items()}
        value = sign(proof) * float(value_of(bound, known))
        if not abs(value - float(record.value)) <= 1e-9 * abs(float(record.value)):
            return True
    return proof.failure != proof_named(form).failure


@pytest.mark.parametrize("form", OTHERS)
def test_every_wrong_fact_and_closed_form_is_off_the_reference_values(form: str) -> None:
    proof, judged = proof_named(form), 0
    assert not off(form, proof, sign(proof) * proof.expression)
    for i, line in enumerate(proof.lines):
        for label, fact in of_fact(line.fact).items():
            if accepted(proof, i, fact):
                lines = [*proof.lines[:i], Apply(fact, line.times), *proof.lines[i + 1 :]]
                changed = replace(proof, lines=tuple(lines))
                assert off(form, changed, sign(proof) * changed.expression), f"{i} {label}"
                judged += 1
    for label, mutant in statement_mutants(form).items():
        assert off(form, proof, mutant), label
        judged += 1
    assert judged


@pytest.mark.parametrize("form", PROOFS)
def test_no_wrong_closed_form_is_a_certificate(form: str) -> None:
    """Even a mutant that is true is not what the facts add up to."""
    proof = proof_named(form)
    steps = [(step.fact, step.multiplier) for step in proof.steps]
    for mutant in statement_mutants(form).values():
        with pytest.raises(CertificateError, match="do not add up"):
            verify(proof.claim, mutant, steps, proof.failure)


@pytest.mark.parametrize(
    "form", [f for f in PROOFS if f in TRUE_STATEMENTS or f in OPEN_STATEMENTS]
)
def test_survivors_differ_from_the_reference_values(form: str) -> None:
    """What no world refutes is still not the closed form: the 50-digit values reject it."""
    id, variant = form.split("/")[:2]
    records = [r for r in theorem_references(id) if r.form == variant]
    proof, mutants = proof_named(form), statement_mutants(form)
    for label in {**TRUE_STATEMENTS.get(form, {}), **OPEN_STATEMENTS.get(form, {})}:
        for record in records:
            at = {symbol("optimisation_gap"): 0.0, symbol("tasks"): 1.0}
            at |= {symbol(name): float(value) for name, value in record.parameters.items()}
            value = sign(proof) * float(value_on_arrays(S(mutants[label]), at.__getitem__))
            if not any(at[s] == 0 for s in mutants[label].free_symbols):
                assert abs(value - float(record.value)) > 1e-9 * abs(value), label


@cache
def caught_by_verify() -> Mapping[tuple[str, str], set[str]]:
    """What the few worlds of `verify` have to catch, and those that do.

    Every change of every lemma in one of the proofs that use it, and every halved term of every
    theorem in one of its variants; but not what no world of the whole gallery refutes.
    """
    found: dict[tuple[str, str], set[str]] = {}
    for form in PROOFS:
        proof = proof_named(form)
        few = [reading for reading in read(form) if reading.world.name in own_worlds()]
        survivors = {**TRUE_FACTS.get(form, {}), **OPEN_FACTS.get(form, {})}
        lines = [line.fact for line in proof.lines]
        for fact in checked_facts(lines):
            place = next((i for i, line in enumerate(lines) if line is fact), None)
            for label, mutant in of_fact(fact).items():
                outer = place is not None and not accepted(proof, place, mutant)
                if f"{place} {label}" in survivors or outer:
                    continue
                refuting = {r.world.name for r in few if not fact_verdict(r, mutant).holds}
                key = (fact.lemma, label.rpartition(": ")[2])
                found.setdefault(key, set()).update(refuting)
        survivors = {**TRUE_STATEMENTS.get(form, {}), **OPEN_STATEMENTS.get(form, {})}
        for label, mutant in statement_mutants(form).items():
            if label.endswith(": halved") and label not in survivors:
                bound = sign(proof) * mutant
                refuting = {
                    r.world.name for r in few if not statement_verdict(r, proof, bound).holds
                }
                found.setdefault((form.partition("/")[0], label), set()).update(refuting)
    return found


@pytest.mark.slow
def test_the_few_worlds_of_verify_catch_every_wrong_lemma_and_theorem() -> None:
    found = caught_by_verify()
    assert len(found) > 150
    assert {what for what, refuting in found.items() if not refuting} == set(UNREFUTED)


@pytest.mark.slow
def test_each_world_of_verify_is_needed() -> None:
    alone = {
        name for refuting in caught_by_verify().values() if len(refuting) == 1 for name in refuting
    }
    # B is evaluated by itself; views without symmetry; no information, and all of it
    others = {"two bounds on the quality", "two dependent views"}
    others |= {"views that say nothing", "views that say all"}
    assert alone | others == set(own_worlds())


def test_the_lists_of_survivors_name_forms_that_exist_and_give_reasons() -> None:
    for table in (TRUE_FACTS, OPEN_FACTS, TRUE_STATEMENTS, OPEN_STATEMENTS):
        assert set(table) <= set(PROOFS)
        assert all(len(reason) > 40 for entries in table.values() for reason in entries.values())
    for true, unknown in ((TRUE_FACTS, OPEN_FACTS), (TRUE_STATEMENTS, OPEN_STATEMENTS)):
        assert not any(set(true[form]) & set(unknown[form]) for form in set(true) & set(unknown))


# --- classes ----------------------------------------------------------------------------------------


CLASS_FORMS = [(id, form) for id, entry in complexities().items() for form in entry.forms]


def wrong_sides(fact: Fact) -> Iterator[tuple[str, Fact]]:
    """A fact with one number, constant or sign of a side changed."""
    for side in ("rhs", "lhs") if fact.relation is Relation.EQUAL else ("rhs",):
        for label, mutant in of_sum(getattr(fact, side)).items():
            yield f"{side}, {label}", replace(fact, **{side: mutant})


@pytest.mark.parametrize(("id", "form"), CLASS_FORMS)
def test_every_wrong_fact_on_a_class_is_off_the_reference_values(id: str, form: str) -> None:
    selector, values = complexities()[id].selector, []
    for record in (r for r in class_references(id) if r.form == form):
        given = {k: np.asarray(v, dtype=float).tolist() for k, v in record.parameters.items()}
        F = function_class(id, **{selector: form}, **given)
        values.append((values_of(F.tree, F.m), float(record.value)))
    proof, judged = F.derivation, 0

    def off_values(bound: Expr) -> bool:
        return any(abs(of_class(bound, known) - v) > 1e-9 * v for known, v in values)

    assert not off_values(proof.expression)
    for i, line in enumerate(proof.lines):
        for label, fact in wrong_sides(line.fact):
            lines = (*proof.lines[:i], Apply(fact, line.times), *proof.lines[i + 1 :])
            changed = replace(proof, lines=lines)
            try:
                changed.check()
            except CertificateError:
                continue
            assert off_values(changed.expression), f"{fact.lemma}: {label}"
            judged += 1
    assert judged


def of_class(bound: Expr, known: Mapping[str, Any]) -> float:
    """The value of a bound; infinite where it has none."""
    try:
        return value_of_class(bound, known)
    except BoundcalcError:
        return math.inf


# --- the lemma library itself -----------------------------------------------------------------------


def constructors() -> list[str]:
    """The names of all functions that return a fact."""
    named = ((name, getattr(lemmas, name)) for name in lemmas.__all__)
    return [name for name, f in named if f.__annotations__.get("return") == "Fact"]


def wrong(fact: Fact) -> Iterator[tuple[str, Fact]]:
    """Coarse changes that make sense for whatever a constructor returns."""
    rhs, lhs = S(fact.rhs), S(fact.lhs)
    yield "right halved", replace(fact, rhs=rhs / 2)
    yield "right dropped", replace(fact, rhs=S.Zero)
    yield "right flipped", replace(fact, rhs=-rhs)
    yield "left flipped", replace(fact, lhs=-lhs)
    for name in ("lipschitz", "loss_bound"):
        yield f"{name} halved", replace(fact, rhs=rhs.subs(symbol(name), symbol(name) / 2))
    if fact.event:
        yield "cost halved", replace(fact, event=replace(fact.event, cost=fact.event.cost / 2))


KINDS = (
    "right halved",
    "right dropped",
    "right flipped",
    "left flipped",
    "lipschitz halved",
    "loss_bound halved",
    "cost halved",
)

HARMLESS = {
    ("complexity_is_nonnegative", "right halved"): "0 ≤ R/2 is true",
    ("root_is_nonnegative", "right halved"): "0 ≤ √…/2 is true",
    ("root_is_nonnegative", "right dropped"): "0 ≤ 0 is true",
    ("hard_labelling", "left flipped"): "a negative lower limit is true",
    ("explained_gain", "left flipped"): "a negative lower limit is true",
}
"""Changes to a constructor after which nothing that it is used for is refuted, as in `survivors.py`."""


def rebuilt(module: str) -> ModuleType:
    """A theorem's module, run again with whatever the lemma library holds now."""
    spec = importlib.util.find_spec(module)
    assert spec
    assert spec.loader
    fresh = importlib.util.module_from_spec(spec)
    shared = f"{module.rpartition('.')[0]}._setting"
    with pytest.MonkeyPatch.context() as patch:
        patch.delitem(sys.modules, shared, raising=False)
        spec.loader.exec_module(fresh)
    return fresh


def instead(patch: pytest.MonkeyPatch, name: str, change: Callable[[Fact], Fact]) -> None:
    """Let a constructor of the library return something else."""
    right = getattr(lemmas, name)
    patch.setattr(lemmas, name, lambda *args, **kwargs: change(right(*args, **kwargs)))


@cache
def made() -> Mapping[str, Mapping[str, list[Fact]]]:
    """The facts that a constructor returns while a theorem's module is built, by their names."""
    modules = [place.partition(":")[0] for place in theorem_modules().values()]
    found: dict[str, dict[str, list[Fact]]] = {name: {} for name in constructors()}
    for module in modules:
        with pytest.MonkeyPatch.context() as patch:
            for name, by_module in found.items():
                facts = by_module.setdefault(module, [])
                instead(patch, name, lambda fact, facts=facts: facts.append(fact) or fact)
            rebuilt(module)
    return found


def verdict_on(module: str, changed: list[Fact]) -> str | None:
    """Who notices that the library is wrong while a theorem's module is built from it."""
    try:
        entry = rebuilt(module).THEOREM
    except BoundcalcError:
        return "a constructor or the kernel, while the module is built"
    for form, proof in proofs_of(entry).items():
        if proof == proof_named(form):
            continue  # nothing wrong has reached it
        try:
            proof.check()
        except CertificateError:
            return "the kernel"
        if form in OTHERS and off(form, proof, sign(proof) * proof.expression):
            return "the reference values"
        made = checked_facts(line.fact for line in proof.lines)
        facts = [fact for fact in made if any(fact is other for other in changed)]
        for fact in facts:
            name = refuter(form, fact)
            if name:
                return name
    return None


def changed_by(kind: str, fact: Fact) -> Fact | None:
    """The fact after a change; None where the change makes no difference to it."""
    new = dict(wrong(fact)).get(kind, fact)
    return None if (new.lhs, new.rhs, new.event) == (fact.lhs, fact.rhs, fact.event) else new


@pytest.mark.parametrize("name", constructors())
def test_a_wrong_lemma_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    users = {module: facts for module, facts in made()[name].items() if facts}
    assert users, "no theorem uses it: test it in test_lemmas.py and say so here"
    for kind in KINDS:
        touched = [
            module
            for module, facts in users.items()
            if any(changed_by(kind, fact) for fact in facts)
        ]
        changed: list[Fact] = []

        def mutated(fact: Fact, kind: str = kind, changed: list[Fact] = changed) -> Fact:
            new = changed_by(kind, fact)
            if new:
                changed.append(new)
            return new or fact

        with monkeypatch.context() as patch:
            instead(patch, name, mutated)
            noticed = next(filter(None, (verdict_on(module, changed) for module in touched)), None)
        assert bool(noticed) == (bool(touched) and (name, kind) not in HARMLESS), (kind, noticed)
        assert bool(changed) == bool(touched)


@pytest.mark.parametrize("measure", ["deviation", "empirical_risk", "rademacher"])
@pytest.mark.parametrize("factor", [0, S.Half], ids=["dropped", "halved"])
def test_a_wrong_range_is_noticed(
    measure: str, factor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The c_i of bounded differences: each part of them is needed."""
    right = concentration.sensitivity
    changed: list[Fact] = []

    def narrower(quantity: Any) -> dict[Any, Any]:
        moves = right(quantity)
        return {s: factor * c for s, c in moves.items()} if quantity.measure == measure else moves

    users = [module for module, facts in made()["bounded_differences"].items() if facts]
    monkeypatch.setattr(concentration, "sensitivity", narrower)
    instead(monkeypatch, "bounded_differences", lambda fact: changed.append(fact) or fact)
    assert any(verdict_on(module, changed) for module in users)
