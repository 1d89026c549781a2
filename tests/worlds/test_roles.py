"""Worlds read facts by what is declared of their objects: renaming everything changes nothing."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from proofs import proof_named, proof_names
from sympy import Expr, S

import boundcalc as bc
from boundcalc.conventions import Side
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas.views import ConditionalMean
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Loss,
    Name,
    Predictor,
    Quantity,
    Sample,
    deviation,
    empirical_risk,
    quantities_in,
    rademacher,
    risk,
)
from boundcalc.worlds.micro.checking import statement_verdict
from boundcalc.worlds.micro.gallery import all_worlds
from boundcalc.worlds.micro.reading import read_in

PRINTED = {"text", "latex", "foot"}
REFERRING = {"erm_on", "stable_on", "independent_of"}


def renamed(thing: Any) -> Any:
    """The same object, expression, fact or proof with other names for everything in it."""
    if isinstance(thing, Quantity):
        word = (thing.word,) if isinstance(thing, Name) else (thing.measure,)
        subjects = tuple(map(renamed, thing.subjects))
        return type(thing)(*word, subjects, f"{thing.name}′", f"{thing.latex}'")
    if isinstance(thing, Expr):
        return thing.xreplace({q: renamed(q) for q in quantities_in(thing)})
    if isinstance(thing, ConditionalMean):
        of = renamed(thing.of) if isinstance(thing.of, ConditionalMean) else f"{thing.of}′"
        return ConditionalMean(of, frozenset(f"{view}′" for view in thing.given))
    if isinstance(thing, tuple | list):
        return tuple(map(renamed, thing))
    if isinstance(thing, Derivation | Fact | Apply) or (
        is_dataclass(thing) and hasattr(thing, "text")
    ):
        changed = {}
        for field in fields(thing):
            value = getattr(thing, field.name)
            if field.name in PRINTED:
                changed[field.name] = f"{value}′"
            elif field.name in REFERRING:
                one = isinstance(value, str)
                changed[field.name] = f"{value}′" if one else frozenset(f"{v}′" for v in value)
            elif field.init and not isinstance(value, str):
                changed[field.name] = renamed(value)
        return replace(thing, **changed)
    return thing


@pytest.mark.parametrize("form", proof_names())
def test_renaming_every_object_changes_no_number_of_checks(form: str) -> None:
    proof = proof_named(form)
    other = renamed(proof)
    assert other != proof
    for world in all_worlds().values():
        assert len(read_in(other, world)) == len(read_in(proof, world)), world.name


def bound_of_a_stranger(factor: Expr) -> Derivation:
    """r(k̂) ≤ r̂(k̂) + factor·L R(K) + C√(ln(1/δ)/(2m)), with letters that no world uses."""
    m, L, C, delta = (bc.symbol(n) for n in ("m", "lipschitz", "loss_bound", "delta"))
    D = Sample("D", "D", m)
    K = FunctionClass("K", "K", Loss(L, C))
    k = Predictor("k̂", "k", K)
    lemma = bc.lemma
    contracted = lemma("contraction")(K, sample=D)
    halved = lemma("symmetrisation")(K, sample=D, side=Side.UPPER)
    return Derivation(
        risk(k),
        (
            Apply(lemma("uniform_deviation")(k, over=K, sample=D, side=Side.UPPER)),
            Apply(lemma("given")(empirical_risk(k, D), bc.symbol("train_loss"), term="train_loss")),
            Apply(lemma("bounded_differences")(deviation(K, D, Side.UPPER), cost=delta)),
            Apply(replace(halved, rhs=halved.rhs * factor / 2)),
            Apply(contracted),
            Apply(lemma("given")(rademacher(K, D), bc.symbol("rademacher"), term="complexity")),
        ),
    )


@pytest.mark.parametrize(("factor", "true"), [(2, True), (1, False)])
def test_a_false_theorem_with_other_letters_is_refuted(factor: int, true: bool) -> None:
    proof = bound_of_a_stranger(S(factor)).check()
    readings = [r for world in all_worlds().values() for r in read_in(proof, world)]
    assert len(readings) > 5
    held = [statement_verdict(r, proof, proof.expression).holds for r in readings]
    assert all(held) is true
