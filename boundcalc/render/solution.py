"""Solutions as documents."""

from __future__ import annotations

from boundcalc.conventions import Side
from boundcalc.numeric.solve import Solution
from boundcalc.render.document import Block, Document, Heading, Table, Text, Tone
from boundcalc.text import number, significant


def solution_document(solution: Solution) -> Document:
    """The answer first, then the bound at the answer, term by term."""
    vacuous = solution.evaluation is not None and bool(solution.evaluation.vacuous)
    blocks: list[Block] = [
        Heading(f"{solution.id} ({solution.variant}), solved for {solution.unknown}"),
        Text(solution.status, Tone.BAD if vacuous else Tone.GOOD),
        _answers(solution),
    ]
    if solution.evaluation is not None:
        blocks.append(_terms(solution))
        if vacuous:
            blocks.append(Text(solution.evaluation.status, Tone.BAD))
    if solution.bracket is not None:
        blocks.append(Text(solution.bracket.sentence))
    if solution.closed_form:
        blocks.append(Text(f"Closed form: {solution.closed_form}.", Tone.NOTE))
    if solution.evaluation is not None and solution.evaluation.assumes:
        blocks.append(Text("Assumes: " + "; ".join(solution.evaluation.assumes) + ".", Tone.NOTE))
    return tuple(blocks)


def _answers(solution: Solution) -> Table:
    """The answer to the last digit, and all boundary values where there are several."""
    target = f"{solution.relation} {number(solution.target, 12)}"
    value = "every" if solution.value is None else f"{solution.value}"
    if solution.bracket is not None:
        value = solution.bracket.meets
    reached = "" if solution.achieved is None else number(solution.achieved, 12)
    rows = [(solution.unknown, value, target, reached)]
    rows += [
        (solution.unknown, f"{root}", target, "boundary")
        for root in solution.roots
        if root != solution.value
    ]
    return Table(("unknown", "value", "target", "reached"), tuple(rows), numeric=frozenset({1, 3}))


def _terms(solution: Solution) -> Table:
    result = solution.evaluation
    assert result is not None
    rows = [(name, number(value)) for name, value in result.terms.items()]
    total = (
        number(result.value)
        if result.relation == "="
        else significant(result.value, up=result.side is Side.UPPER)
    )
    rows.append((f"{result.statement} {result.relation}", total))
    return Table(("term", "value there"), tuple(rows), numeric=frozenset({1}))
