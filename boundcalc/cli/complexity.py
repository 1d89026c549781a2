"""``boundcalc complexity``: the Rademacher complexity of a function class in closed form."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from boundcalc.cli import completion
from boundcalc.cli.common import (
    DetailsOption,
    Format,
    FormatOption,
    OutputOption,
    emit,
    emit_text,
    resolved,
    word_option,
)
from boundcalc.cli.values import assignments, decimal_from
from boundcalc.conventions import Average
from boundcalc.errors import InputError, refuse_unknown

EXAMPLE = (
    "Examples: `boundcalc complexity linear-l2 norm=1 radius=1 m=1000` · "
    "`boundcalc complexity network-frobenius norms=2,1,3 radius=1 m=10000 --derive` · "
    "`boundcalc complexity --weights model.safetensors m=10000 radius=1`"
)
_WORDS = ("log_covering",)
_OPTIONS = ("form", "average")
_SWITCHES = {"true": True, "false": False}
_LONGEST = 1_000_000


def run(
    class_: Annotated[
        str | None,
        typer.Argument(
            metavar="[CLASS]",
            help="A function class, or late-fusion; left out: list them.",
            autocompletion=completion.known_classes,
        ),
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME=VALUE]...",
            help="m and the parameters of the class; a list as NAME=1,2,3. Left out: print the "
            "formulas.",
            autocompletion=completion.class_assignments,
        ),
    ] = None,
    form: Annotated[
        str | None,
        typer.Option("--form", help="Which form of the bound; default: the one that fits."),
    ] = None,
    average: Annotated[
        Average | None,
        word_option(Average, "--average", help="Where a form bounds both; default: expected."),
    ] = None,
    derive: Annotated[
        bool, typer.Option("--derive", help="Print the proof as well, checked by the kernel.")
    ] = False,
    weights: Annotated[
        Path | None,
        typer.Option(
            "--weights",
            metavar="FILE",
            help="Of a network, .npz or .safetensors, instead of CLASS; with m and radius or "
            "frobenius, and margin, delta and train_loss for a bound on the error.",
        ),
    ] = None,
    initial: Annotated[
        Path | None,
        typer.Option("--initial", metavar="FILE", help="The weights before training; default: 0."),
    ] = None,
    layers: Annotated[
        str | None,
        typer.Option("--layers", metavar="A,B,…", help="The matrices in order; default: by name."),
    ] = None,
    encoders: Annotated[
        str | None,
        typer.Option(
            "--encoders", metavar="A,B,…", help="How the names of each encoder's arrays begin."
        ),
    ] = None,
    head: Annotated[
        str | None,
        typer.Option("--head", metavar="NAME", help="How the names of the fusion head's begin."),
    ] = None,
    details: DetailsOption = False,
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """Bound the Rademacher complexity of a function class: value, conventions, proof."""
    if weights is not None:
        pairs = [class_, *(values or [])] if class_ is not None else values or []
        if form is not None or average is not None or derive:
            raise InputError("--weights goes without --form, --average and --derive")
        names = {"layers": layers, "encoders": encoders}
        listed = {key: _names(text) for key, text in names.items() if text is not None}
        _network(weights, pairs, listed | {"initial": initial, "head": head}, format, output)
        return
    if any(option is not None for option in (initial, layers, encoders, head)):
        raise InputError("--initial, --layers, --encoders and --head are for --weights FILE")
    if class_ is None:
        _list(format, output, details)
        return
    from boundcalc.calculus.constructors import is_composed

    if not values and not derive and not is_composed(class_):
        _show(class_, format, output, details)
    else:
        options = {"form": form, "average": average}
        given = {name: value for name, value in options.items() if value is not None}
        given = assignments(values or [], _value, _OPTIONS) | given
        _evaluate(class_, given, derive, format, output, details)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


def _network(
    weights: Path, pairs: Sequence[str], options: dict[str, Any], format: Format, output: Any
) -> None:
    from boundcalc.data.network import network

    given = assignments(pairs, _value, _OPTIONS)
    known = ("m", "radius", "frobenius", "margin", "delta", "train_loss", "lipschitz")
    for name, value in given.items():
        refuse_unknown("number for --weights", name, known)
        if isinstance(value, tuple):
            raise InputError(f"{name} is one number, not a list")
    if "m" not in given:
        raise InputError("--weights needs m, the number of examples")
    found = network(weights, **given, **options)
    emit(found, format, output)


def _list(format: Format, output: Any, details: bool) -> None:
    from boundcalc.render.complexity import class_summary, classes_document
    from boundcalc.symbolic.catalogue import complexities

    entries = tuple(complexities().values())
    emit(
        None,
        format,
        output,
        details=details,
        data=lambda: [class_summary(entry) for entry in entries],
        document=lambda: classes_document(entries),
    )


def _show(id: str, format: Format, output: Any, details: bool) -> None:
    from boundcalc.render.complexity import class_details, class_document
    from boundcalc.symbolic.catalogue import complexity_class

    entry = complexity_class(id)
    emit(
        None,
        format,
        output,
        details=details,
        data=lambda: class_details(entry),
        document=lambda: class_document(entry),
    )


def _evaluate(
    id: str, values: dict[str, Any], derive: bool, format: Format, output: Any, details: bool
) -> None:
    from boundcalc.numeric.complexity import complexity
    from boundcalc.render.complexity import checked_proofs, derivation_data, derivation_document

    result = complexity(id, **values)
    kind = resolved(format, output)
    if derive and kind in (Format.MARKDOWN, Format.LATEX):
        markdown = kind == Format.MARKDOWN
        proofs = checked_proofs(result)
        text = "\n".join(proof.to_markdown() if markdown else proof.to_latex() for proof in proofs)
        emit_text(text, output)
        return
    if not derive:
        emit(result, format, output, details=details)
        return
    emit(
        None,
        format,
        output,
        details=details,
        data=lambda: derivation_data(result),
        document=lambda: derivation_document(result),
    )


def _value(text: str, name: str) -> Any:
    """A number, a list of numbers with commas between them, or one of the few words."""
    if name in _WORDS:
        return text.strip()
    if text.strip() in _SWITCHES:
        return _SWITCHES[text.strip()]
    if "," not in text:
        return decimal_from(text, name)
    parts = text.split(",")
    if len(parts) > _LONGEST:
        raise InputError(f"{name} has {len(parts)} entries; it takes at most {_LONGEST}")
    return tuple(decimal_from(part, name) for part in parts)
