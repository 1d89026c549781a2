"""``boundcalc prove``: the best bound that a set of facts can prove."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
from boundcalc.cli.values import named_numbers, parsed
from boundcalc.conventions import Split

EXAMPLE = (
    "Examples: `boundcalc prove examples/facts.toml` · "
    "`boundcalc prove examples/best_provable.toml --maximise 'risk(text+audio) - risk(text)'`"
)


def run(
    facts: Annotated[
        Path,
        typer.Argument(
            metavar="FACTS.toml",
            help="A fact file or a study file; or FACTS.txt, facts alone, one a line.",
        ),
    ],
    maximise: Annotated[
        str | None, typer.Option("--maximise", metavar="EXPR", help="What to bound from above.")
    ] = None,
    minimise: Annotated[
        str | None, typer.Option("--minimise", metavar="EXPR", help="What to bound from below.")
    ] = None,
    weights: Annotated[
        dict[str, float] | None,
        typer.Option(
            "--weights",
            **parsed(named_numbers, "--weights", "EVENTS=W,…"),
            help="Shares of a study's events in its δ, fixed before the data are seen: held-out=3, "
            "text+audio=2 or deviation(text)=0.5. Default: 1 each.",
        ),
    ] = None,
    split: Annotated[
        Split,
        word_option(
            Split,
            "--split",
            help="planned: the split with the least weighted sum of interval widths, which depends "
            "on sample sizes and ranges only.",
        ),
    ] = Split.EQUAL,
    ledger: Annotated[bool, typer.Option("--ledger", help="Print which event costs what.")] = False,
    details: DetailsOption = False,
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """Find the best bound that a set of facts can prove, with its proof.

    Facts are linear (in)equalities between quantities. The tightest bound that they prove is a
    linear program; its dual solution is the proof, computed exactly and checked by the kernel.
    """
    from boundcalc.study.prove import prove

    proof = prove(facts, maximise=maximise, minimise=minimise, weights=weights or {}, split=split)
    kind = resolved(format, output)
    if kind in (Format.MARKDOWN, Format.LATEX):
        text = proof.to_markdown() if kind == Format.MARKDOWN else proof.to_latex()
        emit_text(text, output)
        return
    emit(proof, format, output, details=details or ledger, ledger=ledger)
