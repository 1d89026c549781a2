"""``boundcalc verify``: check the catalogue against proofs, values and worlds."""

from __future__ import annotations

from typing import Annotated

import typer

from boundcalc.cli import completion
from boundcalc.cli.common import (
    DetailsOption,
    Format,
    FormatOption,
    OutputOption,
    emit,
    progress_bar,
)
from boundcalc.cli.values import typed_number

EXAMPLE = (
    "Examples: `boundcalc verify` · `boundcalc verify huang2021.theorem1` · `boundcalc verify "
    "--budget 10`"
)


def run(
    id: Annotated[
        str | None,
        typer.Argument(
            metavar="ID",
            help="A theorem, a function class, or `rules` for the calculus of classes; default: "
            "everything.",
            show_default=False,
            autocompletion=completion.checked_ids,
        ),
    ] = None,
    budget: Annotated[
        float | None,
        typer.Option(
            "--budget",
            help="Begin nothing new after this many seconds.",
            **typed_number("--budget") | {"metavar": "SECONDS"},
        ),
    ] = None,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            help="Fail where no micro-world speaks of a theorem or of one of its lemmas.",
        ),
    ] = False,
    details: DetailsOption = False,
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """Check proofs, values, micro-worlds and coverage; exit 1 if anything fails.

    Proofs are checked by the kernel, values against 50-digit arithmetic done elsewhere, facts and
    bounds in every micro-world by enumeration, complexities over all signs, and coverage by
    simulation.
    """
    from boundcalc.worlds.verify import verify

    with progress_bar("checks") as progress:
        record = verify(id, budget=budget, progress=progress, strict=strict)
    emit(record, format, output, details=details)
    if not record.holds:
        raise typer.Exit(1)
