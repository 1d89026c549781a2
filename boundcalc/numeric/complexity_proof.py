"""The printed proof of a bound on a complexity: formula → numbers put in → result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from boundcalc.numeric.complexity_values import limit_text, value_of
from boundcalc.numeric.printed import Proof, proof_ledger, proof_step
from boundcalc.symbolic.derivation import Derivation, Step
from boundcalc.symbolic.printing import latex, latex_sum, plain, plain_sum
from boundcalc.text import number


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
    return tuple(dict.fromkeys(text for step in proof.steps for text in step.fact.all_assumptions))


def printed(proof: Derivation, values: Mapping[str, Any], header: Header) -> Proof:
    """A proof, ready to be printed, with the numbers put in."""
    shown = {name: number(float(value), 10) for name, value in values.items()}
    with_numbers = plain_sum(proof.terms, shown)
    result = limit_text(value_of(proof.expression, values), up=True)
    return Proof(
        id=header.id,
        variant=header.form,
        status=header.constants,
        credit=header.credit,
        claim=plain(proof.claim),
        claim_latex=latex(proof.claim),
        steps=tuple(proof_step(step, numbers=_added(step, values, shown)) for step in proof.steps),
        result=plain_sum(proof.terms),
        result_latex=latex_sum(proof.terms),
        relation="≤",
        probability=plain(1 - proof.failure),
        numbers=f"{plain_sum(proof.terms)} = {with_numbers} ≤ {result}",
        ledger=proof_ledger(proof),
        assumes=header.assumes,
        derivation=proof,
    )


def _added(step: Step, values: Mapping[str, Any], shown: Mapping[str, str]) -> str:
    """What a step adds to the bound in numbers."""
    if step.added == 0:
        return ""
    result = f"{value_of(step.added, values):.6g}"
    if step.added.is_Symbol:
        return f"{plain(step.added)} = {result}"
    return f"{plain(step.added)} = {plain(step.added, shown)} ≈ {result}"
