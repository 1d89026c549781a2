"""Function classes, values of their complexities and the proofs of those as documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from boundcalc.conventions import Average
from boundcalc.numeric.complexity import ComplexityValue
from boundcalc.numeric.proof import Proof
from boundcalc.render.document import (
    Block,
    Document,
    Formula,
    Heading,
    Table,
    Text,
    Tone,
    assumed,
    small_print,
)
from boundcalc.render.proof import proof_document
from boundcalc.symbolic.complexity import ComplexityClass, Form
from boundcalc.symbolic.complexity_functions import definitions_in
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.parameters import parameter
from boundcalc.symbolic.printing import latex, latex_sum, plain, plain_sum
from boundcalc.text import number, significant


def _proof(entry: ComplexityClass, form: Form) -> Derivation:
    return entry.at(form, tags=replace(entry.tags, averages=form.averages)).proof


def _formula(entry: ComplexityClass, form: Form) -> Formula:
    terms = _proof(entry, form).terms
    return Formula(plain_sum(terms), latex_sum(terms))


def _bounds(form: Form) -> str:
    both = len(form.averages) > 1
    return "R and R̂" if both else "R̂" if Average.EMPIRICAL in form.averages else "R"


def class_summary(entry: ComplexityClass) -> dict[str, Any]:
    """What the list of classes says of one, as plain data."""
    return {
        "id": entry.id,
        "title": entry.title,
        "members": entry.members,
        "source": entry.work.short,
        "constants": entry.status.value,
        "reason": entry.reason,
        "forms": {name: ["m", *form.inputs] for name, form in entry.forms.items()},
    }


def classes_document(entries: Sequence[ComplexityClass]) -> Document:
    """All classes as a table."""
    rows = []
    for entry in entries:
        inputs = dict.fromkeys(", ".join(form.inputs) for form in entry.forms.values())
        rows.append((entry.id, entry.title, "; ".join(inputs) or "constants unknown"))
    return (
        Table(("class", "what it is", "parameters besides m"), tuple(rows), "L"),
        *small_print(
            "boundcalc complexity CLASS prints its formulas; with NAME=VALUE …, their value."
        ),
    )


def class_details(entry: ComplexityClass) -> dict[str, Any]:
    """What is printed of one class, as plain data."""
    forms = [
        {
            "name": form.name,
            "inputs": ["m", *form.inputs],
            "bounds": [average.value for average in form.averages],
            "formula": _formula(entry, form).text,
            "latex": _formula(entry, form).latex,
            "definitions": _definitions(entry, form),
            "assumes": list(form.assumes),
        }
        for form in entry.forms.values()
    ]
    summary = class_summary(entry) | {"forms": forms, "credit": entry.credit}
    return summary | {"page": entry.page.strip(), "example": dict(entry.example)}


def _definitions(entry: ComplexityClass, form: Form) -> list[str]:
    derived = [f"{parameter(d.name).glyph} = {d.definition}" for d in form.derived]
    return [*derived, *definitions_in(_proof(entry, form).expression).values()]


def _least(entry: ComplexityClass) -> list[Block]:
    """The lower bounds that are known."""
    found: list[Block] = []
    for form in entry.forms.values():
        proof = entry.lower(form, tags=replace(entry.tags, averages=form.averages))
        if proof:
            name, terms = plain(-proof.claim), proof.terms
            limit = Formula(
                f"{form.name}: {name} ≥ {plain_sum(terms)}",
                rf"{latex(-proof.claim)} \geq {latex_sum(terms)}",
            )
            found.append(Text(limit))
    return found


def _said(entry: ComplexityClass) -> list[str]:
    """The definitions of all forms, each with the form's name where not all share it."""
    of = {form.name: _definitions(entry, form) for form in entry.forms.values()}
    shared = [
        text
        for text in dict.fromkeys(t for said in of.values() for t in said)
        if all(text in x for x in of.values())
    ]
    own = [f"{name}: {text}" for name, said in of.items() for text in said if text not in shared]
    return [*own, *shared]


def class_document(entry: ComplexityClass) -> Document:
    """One class: the closed forms, what they take and what they assume."""
    heading: list[Block] = [Heading(f"{entry.id}: {entry.title}"), Text(entry.members)]
    if not entry.forms:
        return (
            *heading,
            Text(f"No value: {entry.reason}.", Tone.BAD),
            Text(f"Source: {entry.work.short}."),
        )
    forms = entry.forms.values()
    rows = tuple(
        (form.name, _formula(entry, form), _bounds(form), "; ".join(form.assumes)) for form in forms
    )
    names = dict.fromkeys(name for form in forms for name in ("m", *form.inputs))
    inputs = tuple((p.name, p.glyph, p.domain, p.meaning) for p in map(parameter, names))
    return (
        *heading,
        Table((entry.selector, "upper bound", "on", "assumes"), rows, "L"),
        Table(("parameter", "symbol", "domain", "meaning"), inputs, "L"),
        *_least(entry),
        *(Text(f"{text}.") for text in _said(entry)),
        *small_print(f"Constants {entry.status.value}. {entry.credit}"),
    )


def _conventions(result: ComplexityValue) -> str:
    """The conventions in one line."""
    of = "of the loss class" if result.loss_class else f"{result.output.value} output"
    return (
        f"{result.noise.value}, {result.signs.value}, {result.average.value}, {of}; "
        f"normalised by m = {number(result.parameters['m'])}."
    )


def complexity_document(result: ComplexityValue) -> Document:
    """A value, its terms, its conventions and what it means."""
    rows: list[tuple[str, str, str]] = []
    if len(result.terms) > 1:
        rows += [(name, number(value), "") for name, value in result.terms.items()]
    rows.append((result.statement, significant(result.value, up=True), "upper limit"))
    if result.lower is not None:
        rows.append((result.statement, significant(result.lower, up=False), "lower limit"))
    classes = tuple(Text(f"{name}: {members}") for name, members in result.members)
    return (
        Heading(f"{result.id} ({result.form})"),
        *classes,
        Text(
            Formula(
                f"{result.statement} ≤ {result.formula}",
                rf"{result.statement_latex} \leq {result.formula_latex}",
            )
        ),
        *(Text(f"{text}.") for text in result.definitions),
        Table(("term", "value", "note"), tuple(rows), "lr"),
        Text(result.status, Tone.BAD if result.vacuous else Tone.GOOD),
        *small_print(f"Conventions: {_conventions(result)}", assumed(result.assumes)),
    )


def checked_proofs(result: ComplexityValue) -> tuple[Proof, ...]:
    """The proofs that stand inside one line, then the proof itself; all checked by the kernel."""
    return tuple(proof.check() for proof in (*result.printed_parts, result.proof))


def derivation_document(result: ComplexityValue) -> Document:
    """The proofs step by step."""
    proofs = checked_proofs(result)
    return tuple(
        block
        for proof in proofs
        for block in proof_document(proof, checked=True, ledger=bool(proof.ledger))
    )


def derivation_data(result: ComplexityValue) -> dict[str, Any]:
    """The value and its proof as plain data."""
    *parts, proof = checked_proofs(result)
    return result.to_dict() | {
        "proof": proof.to_dict(),
        "parts": [part.to_dict() for part in parts],
        "checked": True,
    }
