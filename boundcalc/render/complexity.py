"""Function classes, their complexities with proofs, estimates of these, and what the weights of a
network prove, as documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
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
    between = record.interval(probability(delta))
    one_sided = record.side is Side.LOWER
    upper = "none" if one_sided else significant(record.upper(delta).value, up=True)
    rows = [
        (
            "Student's interval, level 1 − δ",
            significant(between.lower, up=False),
            significant(between.upper, up=True),
            "approximate",
        ),
        (
            f"{record.lemma}, each at δ",
            significant(record.lower(delta).value, up=False),
            upper,
            "guarantee",
        ),
    ]
    if record.ceiling is not None:
        known = significant(record.ceiling, up=True)
        rows.append(("Jensen's inequality", "", known, "always true"))
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
        return (
            tags,
            "The class is what the classifier can learn with these parameters, on any labels.",
        )
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
    said = tuple(
        Text(bound.sentence, Tone.BAD if _says_nothing(bound.risk, bound.vacuous) else Tone.GOOD)
        if bound.value is not None
        else Text(bound.sentence, Tone.NOTE)
        for bound in found.bounds
    )
    formulas = (f"{b.id}: error ≤ {b.formula}" for b in found.bounds if b.formula)
    rows = tuple(
        (
            layer.name,
            f"{layer.outputs} × {layer.inputs}",
            *(significant(x, up=True) for x in (layer.frobenius, layer.spectral, layer.distance)),
        )
        for layer in found.layers
    )
    return (
        Heading(f"Network: {size}"),
        *said,
        *small_print(*formulas),
        Table(
            ("layer", "outputs × inputs", "‖W‖_F", "‖W‖", "‖(W−M)ᵀ‖_{2,1}"),
            rows,
            "llrrr",
            "Norms, rounded up",
        ),
        *small_print(assumed(found.assumes)),
    )


def _says_nothing(risk: float | None, vacuous: bool | None) -> bool:
    return bool(vacuous) if risk is None else risk >= 1
