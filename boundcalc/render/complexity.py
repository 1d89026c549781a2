"""Function classes, their complexities with proofs, estimates of these, and what the weights of a
network prove, as documents.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from boundcalc.conventions import Average, Output, Side
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
from boundcalc.text import count, number, probability, significant

if TYPE_CHECKING:
    from boundcalc.data.estimate.result import Estimate
    from boundcalc.data.network import NetworkBounds


def _proof(entry: ComplexityClass, form: Form) -> Derivation:
    return entry.at(form, tags=replace(entry.tags, averages=form.averages)).proof


def _formula(entry: ComplexityClass, form: Form) -> Formula:
    terms = _proof(entry, form).terms
    return Formula(plain_sum(terms), latex_sum(terms))


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
    more = "boundcalc complexity CLASS prints its formulas; with NAME=VALUE …, their value."
    heads = ("class", "what it is", "parameters besides m")
    return (Table(heads, tuple(rows), "L"), *small_print(more))


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


def _least(entry: ComplexityClass) -> Iterator[Block]:
    """The lower bounds that are known."""
    for form in entry.forms.values():
        proof = entry.lower(form, tags=replace(entry.tags, averages=form.averages))
        if proof:
            text = f"{form.name}: {plain(-proof.claim)} ≥ {plain_sum(proof.terms)}"
            tex = rf"{latex(-proof.claim)} \geq {latex_sum(proof.terms)}"
            yield Text(Formula(text, tex))


def _said(entry: ComplexityClass) -> list[str]:
    """The definitions of all forms, each with the form's name where not all share it."""
    of = {form.name: _definitions(entry, form) for form in entry.forms.values()}
    every = dict.fromkeys(text for said in of.values() for text in said)
    shared = [text for text in every if all(text in said for said in of.values())]
    own = [f"{name}: {text}" for name, said in of.items() for text in said if text not in shared]
    return [*own, *shared]


def class_document(entry: ComplexityClass) -> Document:
    """One class: the closed forms, what they take and what they assume."""
    heading = (Heading(f"{entry.id}: {entry.title}"), Text(entry.members))
    if not entry.forms:
        reason = Text(f"No value: {entry.reason}.", Tone.BAD)
        return (*heading, reason, Text(f"Source: {entry.work.short}."))
    forms = entry.forms.values()
    glyphs = {Average.EXPECTED: "R", Average.EMPIRICAL: "R̂"}
    rows = tuple(
        (
            form.name,
            _formula(entry, form),
            " and ".join(glyph for kind, glyph in glyphs.items() if kind in form.averages),
            "; ".join(form.assumes),
        )
        for form in forms
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
    terms = result.terms.items() if len(result.terms) > 1 else ()
    rows = [(name, number(value), "") for name, value in terms]
    rows.append((result.statement, significant(result.value, up=True), "upper limit"))
    if result.lower is not None:
        rows.append((result.statement, significant(result.lower, up=False), "lower limit"))
    tex = rf"{result.statement_latex} \leq {result.formula_latex}"
    return (
        Heading(f"{result.id} ({result.form})"),
        *(Text(f"{name}: {members}") for name, members in result.members),
        Text(Formula(f"{result.statement} ≤ {result.formula}", tex)),
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
    return tuple(
        block
        for proof in checked_proofs(result)
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


def estimate_document(record: Estimate, *, delta: float = 0.05, of: str = "the sample") -> Document:
    """The estimate first, then its limits, then what it rests on.

    Parameters
    ----------
    delta : float
        Failure probability of each limit; the interval has level 1 − delta.
    of : str
        What the data are called.
    """
    size = f"{count(record.examples)} examples, {count(record.features)} columns"
    return (
        Heading(f"{record.symbol} on {of}"),
        Text(f"F: {record.members}. {size}."),
        Text(record.status),
        Text(record.guarantee(delta), Tone.GOOD),
        _limits(record, delta),
        _numbers(record),
        *small_print(*record.notes, *_notes(record)),
    )


def _limits(record: Estimate, delta: float) -> Table:
    down, up = partial(significant, up=False), partial(significant, up=True)
    between = record.interval(probability(delta))
    ends, one_sided = (down(between.lower), up(between.upper)), record.side is Side.LOWER
    upper = "none" if one_sided else up(record.upper(delta).value)
    rows = [
        ("Student's interval, level 1 − δ", *ends, "approximate"),
        (f"{record.lemma}, each at δ", down(record.lower(delta).value), upper, "guarantee"),
    ]
    if record.ceiling is not None:
        rows.append(("Jensen's inequality", "", up(record.ceiling), "always true"))
    about = f"a lower bound on {record.symbol}" if one_sided else record.symbol
    caption = f"Limits on {about}, δ = {delta:g}"
    return Table(("limits", "lower", "upper", "is"), tuple(rows), "lrr", caption)


def _numbers(record: Estimate) -> Table:
    one = "|⟨σ_i, f(x_i)⟩|" if record.output is Output.VECTOR else "|f(x_i)|"
    rows = [
        ("estimate", number(record.value)),
        ("standard error", number(record.standard_error, 3)),
        ("mean of the draws", number(record.mean)),
        ("its standard error", number(record.plain_standard_error, 3)),
        ("draws", count(record.draws)),
        ("seed", str(record.seed)),
        ("noise", record.noise.value),
        (f"b, root mean square of the largest {one}", significant(record.bound, up=True)),
    ]
    if record.rounding > 1e-9 * record.mean:
        allowed = significant(record.rounding, up=True, digits=2)
        rows.append(("allowance for rounding, in the limits", allowed))
    return Table(("quantity", "value"), tuple(rows), "lr")


def _notes(record: Estimate) -> tuple[str, ...]:
    names = f"{record.average.value}, {record.signs.value}, {record.output.value} output"
    tags = f"Conventions: {names}."
    if record.side is Side.LOWER:
        members = "The class is what the classifier can learn with these parameters, on any labels."
        return tags, members
    fewer = ""
    if record.freedom < record.draws - 1:
        fewer = (
            "The estimate uses a control variate; the plain mean would need "
            f"{record.variance_reduction:.3g} times as many draws. "
        )
    return (
        f"{fewer}The limits rest on the plain mean. As a bound the estimate pays: use the upper "
        "limit, whose δ is one more event of the ledger.",
        f"{tags} Products are in {record.precision}.",
    )


def network_document(found: NetworkBounds) -> Document:
    """What each class says first, then the norms of the layers."""
    plural = "s" * (found.outputs > 1)
    size = f"{len(found.layers)} layers, {found.outputs} output{plural}, m = {found.m:,}"
    said = []
    for bound in found.bounds:
        nothing = bool(bound.vacuous) if bound.risk is None else bound.risk >= 1
        tone = Tone.BAD if nothing else Tone.GOOD
        said.append(Text(bound.sentence, Tone.NOTE if bound.value is None else tone))
    formulas = (f"{b.id}: error ≤ {b.formula}" for b in found.bounds if b.formula)
    biased = any(layer.bias for layer in found.layers)
    rows = tuple(
        (
            layer.name,
            *((layer.bias or "–",) if biased else ()),
            f"{layer.outputs} × {layer.inputs}",
            *(significant(x, up=True) for x in (layer.frobenius, layer.spectral, layer.distance)),
        )
        for layer in found.layers
    )
    sizes = ("outputs × inputs", "‖W‖_F", "‖W‖", "‖(W−M)ᵀ‖_{2,1}")
    heads = ("layer", "bias", *sizes) if biased else ("layer", *sizes)
    caption = "Norms, rounded up" + (", of matrices with the constant unit" if biased else "")
    return (
        Heading(f"Network: {size}"),
        *said,
        *small_print(*formulas),
        Table(heads, rows, "l" * (2 + biased) + "rrr", caption),
        *small_print(
            f"Not used: {', '.join(found.unused)}." if found.unused else "", assumed(found.assumes)
        ),
    )
