"""``boundcalc plan``: the cheapest numbers of examples that reach a target."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import typer

from boundcalc.cli.common import (
    VALUES,
    DetailsOption,
    Format,
    FormatOption,
    IdArgument,
    OutputOption,
    VariantOption,
    emit,
    progress_bar,
)
from boundcalc.cli.values import assignments, typed_decimal

EXAMPLE = (
    "Example: `boundcalc plan lu2023.multimodal --target 0.2 --price m=0.01 --price n=1 --price "
    "tasks=5 "
    "--at-most m=100000 delta=0.05 L=1 C=1 D=1 connection_gap=0 c_predictor=0.4 c_connection=1`"
)


def run(
    id: IdArgument,
    target: Annotated[
        Decimal,
        typer.Option(
            "--target",
            "-t",
            help="The value that the bound has to reach.",
            **typed_decimal("--target"),
        ),
    ],
    values: Annotated[
        list[str] | None,
        typer.Argument(
            help="The other parameters; for lu2023.multimodal, c_composite and growth add the "
            "comparison with lu2023.unimodal.",
            **VALUES,
        ),
    ] = None,
    price: Annotated[
        list[str] | None,
        typer.Option(
            "--price",
            "-p",
            metavar="NAME=COST",
            help="Price of one of m, of one labelled example (n of them in each task are paid), or "
            "of one task. What has a price is bought; every other count needs a value.",
        ),
    ] = None,
    at_most: Annotated[
        list[str] | None,
        typer.Option(
            "--at-most", metavar="NAME=COUNT", help="Upper limit on a count that is bought."
        ),
    ] = None,
    at_least: Annotated[
        list[str] | None,
        typer.Option(
            "--at-least", metavar="NAME=COUNT", help="Lower limit on a count that is bought."
        ),
    ] = None,
    variant: VariantOption = None,
    details: DetailsOption = False,
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """Plan a data collection: the cheapest whole numbers of examples that reach a target.

    The cost is m·price + n·tasks·price + tasks·price; counts without a price are fixed and not
    paid.
    """
    from boundcalc.numeric.plan import plan

    with progress_bar("searching for the cheapest plan") as progress:
        result = plan(
            id,
            target=target,
            prices=assignments(price or []),
            variant=variant,
            at_most=assignments(at_most or []),
            at_least=assignments(at_least or []),
            progress=progress,
            **_parameters(values or []),
        )
    emit(result, format, output, details=details)


def _parameters(pairs: list[str]) -> dict[str, Any]:
    """The parameters; any other name is refused here, before it could be taken for an option."""
    from boundcalc.symbolic.parameters import parameter

    found = assignments(pairs)
    for name in found:
        parameter(name)
    return dict(found)
