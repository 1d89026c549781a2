"""Proofs as documents."""

from __future__ import annotations

from boundcalc.numeric.derive import Proof, ProofStep
from boundcalc.render.document import Block, Document, Heading, Table, Text, Tone


def check_sentence(proof: Proof) -> str:
    """What the kernel has verified."""
    inequalities = sum(step.relation == "≤" for step in proof.steps)
    return (
        f"✓ checked by the kernel: the facts ({len(proof.steps)}) add up to the result exactly, every "
        f"multiplier of an inequality ({inequalities}) is ≥ 0, and the events ({len(proof.ledger)}) cost "
        "no more than the failure probability."
    )


def _why(step: ProofStep) -> str:
    parts = [f"{step.lemma} ({step.source})"]
    if step.cost:
        parts.append(f"cost {step.cost}")
    if step.multiplier != "1":
        parts.append(f"times {step.multiplier}")
    return f"{', '.join(parts)}: {step.fact}"


def _line(step: ProofStep) -> str:
    numbers = f"\n    adds {step.numbers}" if step.numbers else ""
    return f"{step.relation} {step.bound}\n    {_why(step)}{numbers}"


def proof_document(proof: Proof, *, checked: bool, ledger: bool) -> Document:
    """Running upper bounds, one lemma a step, then the result."""
    start = proof.claim if proof.relation != "≥" else f"−{proof.claim}"
    rows = [("0", start), *((str(i), _line(step)) for i, step in enumerate(proof.steps, 1))]
    blocks: list[Block] = [
        Heading(f"{proof.id} ({proof.variant}; constants {proof.status})"),
        Text(proof.credit, Tone.NOTE),
        Table(
            ("step", "running upper bound, and the fact that gives it"), tuple(rows), numeric=frozenset({0})
        ),
        Text(f"{proof.claim} {proof.relation} {proof.result}", Tone.GOOD),
        Text(
            "always, under the assumptions"
            if proof.probability == "1"
            else f"with probability at least {proof.probability}"
        ),
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
