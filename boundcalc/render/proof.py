"""Proofs, and the best bounds that facts prove, as documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from boundcalc.numeric.proof import Proof, ProofStep
from boundcalc.render.document import (
    Block,
    Document,
    Heading,
    Table,
    Text,
    Tone,
    assumed,
    small_print,
    tidy_rows,
)
from boundcalc.text import number

if TYPE_CHECKING:
    from boundcalc.numeric.derive import StepExplanation
    from boundcalc.numeric.prove.proved_bound import Carrier, Idle, ProvedBound

_DIGITS = 4


def check_sentence(proof: Proof) -> str:
    """What the kernel has verified."""
    inequalities = sum(step.relation == "≤" for step in proof.steps)
    return (
        f"✓ checked by the kernel, {proof.facts_text}: the sum is the result exactly, every "
        f"multiplier of an inequality ({inequalities}) is ≥ 0, and the events "
        f"({len(proof.ledger)}) cost no more than the failure probability."
    )


def _line(step: ProofStep, *, fact: bool = True) -> str:
    """The running bound, then lemma, source and cost, and what it adds in numbers."""
    cost = f", cost {step.cost}" if step.cost else ""
    times = f", times {step.multiplier}" if step.multiplier != "1" else ""
    numbers = f"\n    adds {step.numbers}" if step.numbers else ""
    whose = f"{step.lemma} ({step.credit}){cost}{times}" + (f": {step.fact}" if fact else "")
    return f"{step.relation} {step.bound}\n    {whose}{numbers}"


def steps_table(proof: Proof, explained: Sequence[StepExplanation] = ()) -> Table:
    """Running upper bounds, one lemma a step; the proofs inside a fact stand below it."""
    start = claim = proof.claim
    if proof.relation == "≥":
        several = " + " in claim or " − " in claim or claim.startswith("−")
        start = f"−({claim})" if several else f"−{claim}"
    words = {each.step: _words(each) for each in explained}
    rows = [("0", start + words.get("0", "")), *_rows(proof.steps, "", words)]
    short = (_line(step, fact=False) for step in proof.steps)
    return Table(
        ("step", "running upper bound, and the fact that gives it"),
        tuple(rows),
        "R",
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


def proof_document(
    proof: Proof, *, checked: bool = False, ledger: bool = False, explained: bool = False
) -> Document:
    """The result first, then running upper bounds, one lemma a step."""
    kind = f"{proof.variant}; constants {proof.status}" if proof.status else proof.variant
    events = Table(("event", "cost"), proof.ledger, caption="Ledger")
    return (
        Heading(f"{proof.id} ({kind})"),
        Text(f"{proof.claim} {proof.relation} {proof.result}", Tone.GOOD),
        Text(held(proof)),
        *((Text(proof.numbers),) if proof.numbers else ()),
        *((Text(check_sentence(proof), Tone.GOOD),) if checked else ()),
        *small_print(proof.credit, assumed(proof.assumes, proof.id)),
        steps_table(proof, proof.explain() if explained else ()),
        *((events,) if ledger else ()),
    )


def held(proof: Proof) -> str:
    """With which probability it holds."""
    if proof.probability == "1":
        return "always, under the assumptions"
    return f"with probability at least {proof.probability}"


def proof_rows(proof: Proof) -> Table:
    """One row a step, for CSV."""
    names = ("relation", "bound", "lemma", "source", "origin", "fact", "multiplier", "cost")
    bare = tidy_rows(proof.steps, *names).rows
    rows = tuple((str(i), *row) for i, row in enumerate(bare, 1))
    return Table(("step", *names), rows)


def proved_document(record: ProvedBound, *, ledger: bool = False) -> Document:
    """The bound, its proof, what each fact is worth, and what came close."""
    printed = record.printed()
    falls = "falls" if record.relation == "≤" else "rises"
    blocks: list[Block] = [
        Heading(record.title),
        Text(f"{record.claim} {record.relation} {record.shown}", Tone.GOOD),
        Text(f"{held(printed)}; no combination of the facts proves more"),
        steps_table(printed),
        Text(check_sentence(printed), Tone.GOOD),
        *_facts(
            "What each number is worth",
            f"By how much the bound {falls} for each unit by which a number improves.",
            "price",
            ((c, number(c.price)) for c in record.facts if c.numeric),
        ),
        *_facts(
            "Not used, but closest",
            "By how much a number has to improve before the bound does.",
            "short by",
            ((idle, number(idle.slack, _DIGITS)) for idle in record.unused),
        ),
    ]
    if record.assumes:
        blocks += [Heading("Notes"), *small_print(*(f"- {note}" for note in record.assumes))]
    if ledger and record.ledger:
        rows = tuple(
            (paid.event, "yes" if paid.used else "no", paid.cost_text) for paid in record.ledger
        )
        total = ("all of them together", "", record.failure_text)
        blocks.append(Table(("event", "used", "cost"), (*rows, total), "llr", "Ledger"))
    return tuple(blocks)


def _facts(
    heading: str, said: str, column: str, facts: Iterable[tuple[Carrier | Idle, str]]
) -> Iterator[Block]:
    """Facts that hold a number of the user's, each with what the heading speaks of."""
    rows = tuple(  # the line of the file, or the lemma
        (f.place.rpartition(", ")[2] or f.lemma, f.fact, shown) for f, shown in facts
    )
    if rows:
        yield Heading(heading)
        yield from small_print(said)
        yield Table(("fact", "says", column), rows, "llr")


def proved_rows(record: ProvedBound) -> Table:
    """The facts that carry the bound in one table, for CSV; each row has the bound as well."""
    names = ("place", "lemma", "source", "origin", "fact", "multiplier")
    return tidy_rows(
        record.facts,
        *names,
        price=lambda c: number(c.price),
        cost=lambda c: number(float(c.cost)),
        claim=lambda _: record.claim,
        relation=lambda _: record.relation,
        bound=lambda _: record.shown,
        probability=lambda _: record.probability,
    )
