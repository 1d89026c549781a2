"""Proofs as documents."""

from __future__ import annotations

from boundcalc.numeric.proof import Proof, ProofStep
from boundcalc.render.document import Block, Document, Heading, Table, Text, Tone


def check_sentence(proof: Proof) -> str:
    """What the kernel has verified."""
    inequalities = sum(step.relation == "≤" for step in proof.steps)
    return (
        f"✓ checked by the kernel, {proof.facts_text}: the sum is the result exactly, every "
        f"multiplier of an inequality ({inequalities}) is ≥ 0, and the events "
        f"({len(proof.ledger)}) cost "
        "no more than the failure probability."
    )


def _why(step: ProofStep) -> str:
    parts = [f"{step.lemma} ({step.credit})"]
    if step.cost:
        parts.append(f"cost {step.cost}")
    if step.multiplier != "1":
        parts.append(f"times {step.multiplier}")
    return f"{', '.join(parts)}: {step.fact}"


def _line(step: ProofStep) -> str:
    numbers = f"\n    adds {step.numbers}" if step.numbers else ""
    return f"{step.relation} {step.bound}\n    {_why(step)}{numbers}"


def steps_table(proof: Proof) -> Table:
    """Running upper bounds, one lemma a step."""
    start = proof.claim if proof.relation != "≥" else f"−{_in_brackets(proof.claim)}"
    rows = [("0", start), *((str(i), _line(step)) for i, step in enumerate(proof.steps, 1))]
    return Table(
        ("step", "running upper bound, and the fact that gives it"),
        tuple(rows),
        numeric=frozenset({0}),
    )


def _in_brackets(claim: str) -> str:
    return f"({claim})" if " + " in claim or " − " in claim or claim.startswith("−") else claim


def proof_document(proof: Proof, *, checked: bool = False, ledger: bool = False) -> Document:
    """Running upper bounds, one lemma a step, then the result."""
    kind = f"{proof.variant}; constants {proof.status}" if proof.status else proof.variant
    blocks: list[Block] = [
        Heading(f"{proof.id} ({kind})"),
        *((Text(proof.credit, Tone.NOTE),) if proof.credit else ()),
        steps_table(proof),
        Text(f"{proof.claim} {proof.relation} {proof.result}", Tone.GOOD),
        Text(held(proof)),
    ]
    if proof.numbers:
        blocks.append(Text(proof.numbers))
    if checked:
        blocks.append(Text(check_sentence(proof), Tone.GOOD))
    if proof.assumes:
        blocks.append(Text("Assumes: " + "; ".join(proof.assumes) + ".", Tone.NOTE))
    if ledger:
        blocks.append(Table(("event", "cost"), proof.ledger, caption="Ledger"))
    return tuple(blocks)


def held(proof: Proof) -> str:
    """With which probability it holds."""
    if proof.probability == "1":
        return "always, under the assumptions"
    return f"with probability at least {proof.probability}"
