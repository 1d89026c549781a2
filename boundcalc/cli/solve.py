"""``boundcalc solve``: the value of a parameter at which a bound meets a target."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import typer

from boundcalc.cli import completion
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
from boundcalc.cli.values import assignments, typed_decimal

EXAMPLE = (
    "Example: `boundcalc solve huang2021.theorem1 --for m --target 0.1 delta=0.05 L=1 C=1 "
    "rademacher=0.01 gamma=0`"
)


def run(
    id: IdArgument,
    unknown: Annotated[
        str,
        typer.Option(
            "--for",
            metavar="NAME",
            help="The parameter to solve for; any of the bound's.",
            autocompletion=completion.names,
        ),
    ],
    target: Annotated[
        Decimal,
        typer.Option(
            "--target",
            "-t",
            help="What an upper bound has to stay below or a lower limit above.",
            **typed_decimal("--target"),
        ),
    ],
    values: Annotated[
        list[str] | None, typer.Argument(help="All other parameters.", **VALUES)
    ] = None,
    variant: VariantOption = None,
    at_least: Annotated[
        bool,
        typer.Option(
            "--at-least",
            help="Ask for at least the target, for values that are no bounds, such as a ratio.",
        ),
    ] = False,
    certified: CertifiedOption = False,
    digits: DigitsOption = None,
    details: DetailsOption = False,
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """Solve a bound for one parameter: the extreme value that still meets a target.

    The answer meets the target and the next value does not; a target that no value meets is refused
    with the term that is in the way.
    """
    from boundcalc.numeric.compiled import compiled
    from boundcalc.numeric.solve import solve

    numbers = assignments(values or [])
    for name in (unknown, *numbers):
        compiled(id).parameter(name)
    result = solve(
        id,
        unknown=unknown,
        target=target,  # type: ignore[arg-type]
        variant=variant,
        at_least=at_least or None,
        certified=certified,
        digits=digits,
        **numbers,
    )
    emit(result, format, output, details=details)
