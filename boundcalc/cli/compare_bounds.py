"""``boundcalc compare-bounds``: which of two bounds is smaller, whatever the numbers are."""

from __future__ import annotations

from typing import Annotated

import typer

from boundcalc.cli import completion
from boundcalc.cli.common import Format, FormatOption, OutputOption, emit

EXAMPLE = (
    "Examples: `boundcalc compare-bounds huang2021.theorem1:sharp huang2021.theorem1:published` · "
    "`boundcalc compare-bounds holdout.hoeffding:upper holdout.empirical_bernstein:upper`"
)


def run(
    first: Annotated[
        str,
        typer.Argument(
            metavar="ID1[:VARIANT]", help="The first bound.", autocompletion=completion.known_ids
        ),
    ],
    second: Annotated[
        str,
        typer.Argument(
            metavar="ID2[:VARIANT]", help="The second bound.", autocompletion=completion.known_ids
        ),
    ],
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """Say which of two bounds is smaller for all values of their parameters, or where each is.

    Both are taken at the same failure probability. What is claimed is proved, or shown by numbers
    at which it is decided exactly; `crossover` compares two bounds at given numbers.
    """
    from boundcalc.numeric.signs import compare_bounds

    emit(compare_bounds(first, second), format, output)
