"""``boundcalc compare``: the modality subsets of a study, compared."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from boundcalc.cli.common import Format, FormatOption, OutputOption, emit, number

EXAMPLE = "Example: `boundcalc compare examples/iemocap.toml --reference text`"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("compare", epilog=EXAMPLE)(run)


def run(
    study: Annotated[Path, typer.Argument(metavar="STUDY.toml", help="A study file.")],
    delta: Annotated[
        str | None, typer.Option("--delta", "-d", help="Failure probability; replaces the study's.")
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option("--reference", "-r", metavar="A+B", help="Compare every subset with this one."),
    ] = None,
    all_pairs: Annotated[
        bool, typer.Option("--all-pairs", help="Compare every two subsets, not only nested ones.")
    ] = False,
    ledger: Annotated[bool, typer.Option("--ledger", help="Print which event costs what.")] = False,
    alone: Annotated[
        bool,
        typer.Option("--alone/--no-alone", help="Show what other methods say on their own, for contrast."),
    ] = True,
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """Compare modality subsets: which is certified better, and what would settle the rest.

    The study file says what each subset of the modalities reached on the training and the test set. All
    verdicts hold together with probability at least 1 − δ. Without a reference every subset is compared
    with each one that it contains.

    The exit code is 0 whether or not there is a verdict, and 2 for input that cannot be used.
    """
    from boundcalc.render.comparison import comparison_document, rows_document
    from boundcalc.study.front import compare

    result = compare(
        study,
        delta=None if delta is None else float(number(delta, "delta")),
        reference=reference,
        all_pairs=all_pairs,
    )
    emit(
        format,
        data=result.to_dict,
        document=lambda: (
            rows_document(result, alone=alone)
            if format is Format.CSV
            else comparison_document(result, alone=alone, ledger=ledger)
        ),
        output=output,
    )
