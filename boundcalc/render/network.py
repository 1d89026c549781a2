"""What the weights of a network prove, as a document."""

from __future__ import annotations

from boundcalc.data.network import NetworkBounds
from boundcalc.render.document import Document, Heading, Table, Text, Tone
from boundcalc.text import significant


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
    formulas = tuple(
        Text(f"{bound.id}: error ≤ {bound.formula}", Tone.NOTE)
        for bound in found.bounds
        if bound.formula
    )
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
        *formulas,
        Table(
            ("layer", "outputs × inputs", "‖W‖_F", "‖W‖", "‖(W−M)ᵀ‖_{2,1}"),
            rows,
            numeric=frozenset({2, 3, 4}),
            caption="Norms, rounded up",
        ),
        Text("Assumes: " + "; ".join(found.assumes) + ".", Tone.NOTE),
    )


def _says_nothing(risk: float | None, vacuous: bool | None) -> bool:
    return bool(vacuous) if risk is None else risk >= 1
