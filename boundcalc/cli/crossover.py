"""``boundcalc crossover``: the sample sizes at which the better of two bounds changes."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import typer

from boundcalc.cli.common import (
    VALUES,
    DetailsOption,
    FirstBound,
    Format,
    FormatOption,
    OutputOption,
    SecondBound,
    emit,
)
from boundcalc.cli.values import assignments
from boundcalc.errors import InputError

EXAMPLE = (
    "Example: `boundcalc crossover holdout.hoeffding holdout.empirical_bernstein --in n delta=0.05 "
    "C=1 test_loss=0.1 2.variance=0.05`"
)


def run(
    first: FirstBound,
    second: SecondBound,
    over: Annotated[str, typer.Option("--in", metavar="SIZE", help="The size that grows, m or n.")],
    values: Annotated[
        list[str] | None,
        typer.Argument(
            help="Numbers for both; 1.NAME=VALUE is for the first bound alone, 2.NAME=VALUE for "
            "the second.",
            **VALUES,
        ),
    ] = None,
    details: DetailsOption = False,
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """Find all sample sizes at which the better of two bounds changes, everything else held fixed.

    Of two upper bounds the smaller one is better, of two lower limits the larger one.
    """
    from boundcalc.numeric.crossover import crossover
    from boundcalc.symbolic.parameters import parameter

    shared, own = _sides(assignments(values or []))
    for name in (*shared, *own["1"], *own["2"]):
        parameter(name)
    result = crossover(
        first, second, over=over, only_first=own["1"], only_second=own["2"], **shared
    )
    emit(result, format, output, details=details)


def _sides(values: dict[str, Decimal]) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Numbers for both bounds, and those for either one."""
    shared: dict[str, Any] = {}
    own: dict[str, dict[str, Any]] = {"1": {}, "2": {}}
    for name, value in values.items():
        side, dot, rest = name.partition(".")
        if not dot:
            shared[name] = value
        elif side in own:
            own[side][rest] = value
        else:
            raise InputError(f"expected 1.NAME=VALUE or 2.NAME=VALUE, not '{name}'")
    return shared, own
