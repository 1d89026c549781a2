"""``boundcalc rates``: how fast a bound approaches its limit as a sample grows."""

from __future__ import annotations

from typing import Annotated

from boundcalc.cli.common import (
    DetailsOption,
    Format,
    FormatOption,
    IdArgument,
    OutputOption,
    emit,
    variant_option,
)

EXAMPLE = "Example: `boundcalc rates lu2023.improvement --variant expected`"


def run(
    id: IdArgument,
    variant: Annotated[
        str | None, variant_option("Which form; default: the first, tightest one.")
    ] = None,
    details: DetailsOption = False,
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """Show limits, leading orders with their constants, and the term that decides, as m or n grows.

    Where both sizes enter, also for m = λn and m = μn²; where a Rademacher complexity enters, also
    for R = ρ/√m.
    """
    from boundcalc.symbolic.analysis.rates import rates

    result = rates(id, variant=variant)
    emit(result, format, output, details=details)
