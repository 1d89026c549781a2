"""``boundcalc eval``: the value of a bound."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from boundcalc.cli import completion
from boundcalc.cli.common import (
    CertifiedOption,
    DetailsOption,
    DigitsOption,
    Format,
    FormatOption,
    IdArgument,
    OutputOption,
    VariantOption,
    assignments,
    emit_record,
)

EXAMPLE = (
    "Example: `boundcalc eval huang2021.theorem1 m=13200 delta=0.05 L=1 C=1 rademacher=0.01 "
    "gamma=-0.2 "
    "--variant sharp`"
)


def run(
    id: IdArgument,
    values: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME=VALUE",
            help="The parameters; `boundcalc show ID` lists them.",
            autocompletion=completion.assignments,
        ),
    ] = None,
    variant: VariantOption = None,
    certified: CertifiedOption = False,
    digits: DigitsOption = None,
    details: DetailsOption = False,
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """Evaluate a bound: value, terms, probability, and whether it says anything."""
    from boundcalc.numeric.evaluate import evaluate

    numbers: dict[str, Any] = dict(assignments(values or []))
    result = evaluate(id, variant=variant, certified=certified, digits=digits, **numbers)
    emit_record(result, format, output, details=details)
