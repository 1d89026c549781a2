"""``boundcalc eval``: the value of a bound."""

from __future__ import annotations

from typing import Annotated

import typer

from boundcalc.cli.common import (
    VALUES,
    CertifiedOption,
    DetailsOption,
    DigitsOption,
    Format,
    FormatOption,
    IdArgument,
    OutputOption,
    VariantOption,
    emit,
)
from boundcalc.cli.values import assignments

EXAMPLE = (
    "Example: `boundcalc eval huang2021.theorem1 m=13200 delta=0.05 L=1 C=1 rademacher=0.01 "
    "gamma=-0.2 --variant sharp`"
)


def run(
    id: IdArgument,
    values: Annotated[
        list[str] | None,
        typer.Argument(help="The parameters; `boundcalc show ID` lists them.", **VALUES),
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

    numbers = assignments(values or [])
    result = evaluate(id, variant=variant, certified=certified, digits=digits, **numbers)
    emit(result, format, output, details=details)
