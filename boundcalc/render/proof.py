"""Proofs as documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from boundcalc.numeric.explain import StepExplanation
from boundcalc.numeric.proof import Proof, ProofStep
from boundcalc.render.document import Block, Document, Heading, Table, Text, Tone
from boundcalc.render.entries import assumed


def check_sentence(proof: Proof) -> str:
    """What the kernel has verified."""
    inequalities = sum(step.relation == "≤" for step in proof.steps)
    return (
        f"✓ checked by the kernel, {proof.facts_text}: the sum is the result exactly, every "
        f"multiplier of an inequality ({inequalities}) is ≥ 0, and the events "
        f"({len(proof.ledger)}) cost "
        "no more than the failure probability."
    )


def _whose(step: ProofStep) -> str:
    """Lemma, source and cost."""
    parts = [f"{step.lemma} ({step.credit})"]
    if step.cost:
        parts.append(f"cost {step.cost}")
    if step.multiplier != "1":
        parts.append(f"times {step.multiplier}")
    return ", ".join(parts)


def _line(step: ProofStep, *, fact: bool = True) -> str:
    numbers = f"\n    adds {step.numbers}" if step.numbers else ""
    said = f": {step.fact}" if fact else ""
    return f"{step.relation} {step.bound}\n    {_whose(step)}{said}{numbers}"


def steps_table(proof: Proof, explained: Sequence[StepExplanation] = ()) -> Table:
    """Running upper bounds, one lemma a step; the proofs inside a fact stand below it."""
    start = proof.claim if proof.relation != "≥" else f"−{_in_brackets(proof.claim)}"
    words = {each.step: _words(each) for each in explained}
    rows = [("0", start + words.get("0", "")), *_rows(proof.steps, "", words)]
    short = (_line(step, fact=False) for step in proof.steps)
    return Table(
        ("step", "running upper bound, and the fact that gives it"),
        tuple(rows),
        numeric=frozenset({0}),
        whole=frozenset({0}),
        brief=(("0", start), *((str(i), line) for i, line in enumerate(short, 1))),
    )


def _rows(
    steps: Sequence[ProofStep], prefix: str, words: Mapping[str, str], first: int = 1
) -> Iterator[tuple[str, str]]:
    for i, step in enumerate(steps, first):
        name = f"{prefix}{i}"
        yield name, _line(step) + words.get(name, "")
        begun = 1
        for inner in step.inside:
            yield "", f"    this rests on {inner.claim} ≤ {inner.result}:\n    {inner.claim}"
            yield from _rows(inner.steps, f"{name}.", words, begun)
            begun += len(inner.steps)


def _words(explained: StepExplanation) -> str:
    """An explanation below its step."""
    lines = [f"{symbol}: {text}" for symbol, text in explained.symbols]
    heads = ("why", explained.why), ("c_i", explained.moves), ("loses", explained.loses)
    lines += [f"{head}: {text}" for head, text in heads if text]
    return "".join(f"\n    {line}" for line in lines)


def _in_brackets(claim: str) -> str:
    return f"({claim})" if " + " in claim or " − " in claim or claim.startswith("−") else claim


def proof_document(
    proof: Proof, *, checked: bool = False, ledger: bool = False, explained: bool = False
) -> Document:
    """The result first, then running upper bounds, one lemma a step."""
    kind = f"{proof.variant}; constants {proof.status}" if proof.status else proof.variant
    blocks: list[Block] = [
        Heading(f"{proof.id} ({kind})"),
        Text(f"{proof.claim} {proof.relation} {proof.result}", Tone.GOOD),
        Text(held(proof)),
    ]
    if proof.numbers:
        blocks.append(Text(proof.numbers))
    if checked:
        blocks.append(Text(check_sentence(proof), Tone.GOOD))
    if proof.credit:
        blocks.append(Text(proof.credit, Tone.NOTE))
    if proof.assumes:
        blocks.append(Text(assumed(proof.id, proof.assumes), Tone.NOTE))
    blocks.append(steps_table(proof, proof.explain() if explained else ()))
    if ledger:
        blocks.append(Table(("event", "cost"), proof.ledger, caption="Ledger"))
    return tuple(blocks)


def held(proof: Proof) -> str:
    """With which probability it holds."""
    if proof.probability == "1":
        return "always, under the assumptions"
    return f"with probability at least {proof.probability}"


def rows_document(proof: Proof) -> Document:
    """One row a step, for CSV."""
    columns = (
        "step",
        "relation",
        "bound",
        "lemma",
        "source",
        "origin",
        "fact",
        "multiplier",
        "cost",
    )
    rows = tuple(
        (str(i), *(str(getattr(step, name)) for name in columns[1:]))
        for i, step in enumerate(proof.steps, 1)
    )
    return (Table(columns, rows),)
