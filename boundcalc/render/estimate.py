"""An estimated complexity, and what the weights of a network prove, as documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boundcalc.conventions import Output, Side
from boundcalc.render.document import Document, Heading, Table, Text, Tone, assumed, small_print
from boundcalc.text import count, number, probability, significant

if TYPE_CHECKING:
    from boundcalc.data.estimate.result import Estimate
    from boundcalc.data.network import NetworkBounds


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
    return (
        Heading(f"Network: {size}"),
        *said,
        *small_print(*formulas),
        Table(
            (
                *("layer", *(("bias",) if biased else ())),
                *("outputs × inputs", "‖W‖_F", "‖W‖", "‖(W−M)ᵀ‖_{2,1}"),
            ),
            rows,
            "l" * (2 + biased) + "rrr",
            "Norms, rounded up" + (", of matrices with the constant unit" if biased else ""),
        ),
        *small_print(
            f"Not used: {', '.join(found.unused)}." if found.unused else "", assumed(found.assumes)
        ),
    )


def _says_nothing(risk: float | None, vacuous: bool | None) -> bool:
    return bool(vacuous) if risk is None else risk >= 1
