"""The printed proof of a bound on a complexity: formula → numbers put in → result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from boundcalc.conventions import Relation
from boundcalc.numeric.complexity_values import limit_text, value_of
from boundcalc.numeric.derive import Proof, ProofStep
from boundcalc.rounding import number
from boundcalc.symbolic.derivation import Derivation, Step
from boundcalc.symbolic.printing import latex, latex_sum, plain, plain_sum
from boundcalc.symbolic.sources import short


@dataclass(frozen=True)
class Header:
    """What a printed proof says before and after its steps."""

    id: str
    form: str
    constants: str
    credit: str
    assumes: tuple[str, ...]


def said_in(proof: Derivation) -> tuple[str, ...]:
    """What the facts of a proof assume."""
    return tuple(dict.fromkeys(text for step in proof.steps for text in step.fact.assumptions))


def printed(proof: Derivation, values: Mapping[str, Any], header: Header) -> Proof:
    """A proof, ready to be printed, with the numbers put in."""
    shown = {name: number(float(value), 10) for name, value in values.items()}
    with_numbers = plain_sum(proof.terms, shown)
    result = limit_text(value_of(proof.expression, values), up=True)
    first = {step.fact.event: step.fact for step in reversed(proof.steps) if step.fact.event}
    return Proof(
        id=header.id,
        variant=header.form,
        status=header.constants,
        credit=header.credit,
        claim=plain(proof.claim),
        claim_latex=latex(proof.claim),
        steps=tuple(_step(step, values, shown) for step in proof.steps),
        result=plain_sum(proof.terms),
        result_latex=latex_sum(proof.terms),
        relation="≤",
        probability=plain(1 - proof.failure),
        numbers=f"{plain_sum(proof.terms)} = {with_numbers} ≤ {result}",
        ledger=tuple((f"{plain(first[e].lhs)} ≤ {plain(first[e].rhs)}", plain(e.cost)) for e in proof.events),
        assumes=header.assumes,
        derivation=proof,
    )


def _step(step: Step, values: Mapping[str, Any], shown: Mapping[str, str]) -> ProofStep:
    fact = step.fact
    sign, sign_latex = ("=", "=") if fact.relation is Relation.EQUAL else ("≤", r"\leq")
    return ProofStep(
        lemma=fact.lemma,
        source=short(fact.source),
        relation=sign,
        fact=f"{plain(fact.lhs)} {sign} {plain(fact.rhs)}",
        fact_latex=f"{latex(fact.lhs)} {sign_latex} {latex(fact.rhs)}",
        multiplier=plain(step.multiplier),
        cost=plain(fact.cost) if fact.event else "",
        bound=plain(step.bound),
        bound_latex=latex(step.bound),
        numbers=_added(step, values, shown),
        assumptions=fact.assumptions,
    )


def _added(step: Step, values: Mapping[str, Any], shown: Mapping[str, str]) -> str:
    """What a step adds to the bound in numbers."""
    if step.added == 0:
        return ""
    result = f"{value_of(step.added, values):.6g}"
    if step.added.is_Symbol:
        return f"{plain(step.added)} = {result}"
    return f"{plain(step.added)} = {plain(step.added, shown)} ≈ {result}"
