"""``boundcalc derive``: the proof of a bound, step by step."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from boundcalc.cli import completion
from boundcalc.cli.common import (
    VALUES,
    DetailsOption,
    Format,
    OutputOption,
    StandaloneOption,
    emit,
    emit_text,
    require_latex,
    resolved,
    variant_option,
    word_option,
)
from boundcalc.cli.values import assignments
from boundcalc.errors import CertificateError, InputError
from boundcalc.record import as_json

if TYPE_CHECKING:
    from boundcalc.numeric.proof import Proof

EXAMPLE = (
    "Examples: `boundcalc derive huang2021.theorem1 --variant sharp --check` · "
    "`boundcalc derive holdout.hoeffding n=500 delta=0.05 loss_bound=1 test_loss=0.024` · "
    "`boundcalc derive --facts examples/facts.toml` · "
    "`boundcalc derive huang2021.theorem1 --format certificate -o theorem1.json`"
)


class ProofFormat(StrEnum):
    """Output formats of a proof."""

    RICH = "rich"
    JSON = "json"
    MARKDOWN = "markdown"
    LATEX = "latex"
    CSV = "csv"
    HTML = "html"
    CERTIFICATE = "certificate"
    LEAN = "lean"


def run(
    id: Annotated[
        str | None,
        typer.Argument(
            metavar="ID",
            help="Catalogue id; see `boundcalc list`.",
            autocompletion=completion.known_ids,
        ),
    ] = None,
    values: Annotated[
        list[str] | None, typer.Argument(help="Numbers to put in, if any.", **VALUES)
    ] = None,
    variant: Annotated[str | None, variant_option("Which form; default: the tightest.")] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Let the kernel verify the certificate; exit 1 if it fails."),
    ] = False,
    ledger: Annotated[bool, typer.Option("--ledger", help="Print which event costs what.")] = False,
    facts: Annotated[
        Path | None,
        typer.Option(
            "--facts",
            metavar="FACTS.toml",
            help="The best bound that these facts prove, instead of ID.",
        ),
    ] = None,
    details: DetailsOption = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say of each step why it is true and what it loses.")
    ] = False,
    standalone: StandaloneOption = False,
    format: Annotated[
        ProofFormat,
        word_option(
            ProofFormat,
            "--format",
            "-f",
            help="How to print it; certificate and lean are for others to check.",
        ),
    ] = ProofFormat.RICH,
    output: OutputOption = None,
) -> None:
    """Derive a bound: running upper bound, lemma, source and cost of every step."""
    from boundcalc.render.proof import check_sentence
    from boundcalc.render.texts import in_latex, in_markdown

    proof = _proof(id, values or [], variant, facts)
    if check:
        try:
            proof.check()
        except CertificateError as error:
            print(
                f"The certificate of {proof.id} ({proof.variant}) does not hold: {error}",
                file=sys.stderr,
            )
            raise typer.Exit(1) from None
    if format in (ProofFormat.CERTIFICATE, ProofFormat.LEAN):
        if values:
            raise InputError(f"--format {format} is of the formula: leave out the numbers")
        require_latex(standalone, format)
        lean = format is ProofFormat.LEAN
        resolved(Format.RICH, output, "lean")
        require_latex(standalone, format.value)
        emit_text(proof.to_lean() if lean else as_json(proof.to_certificate()), output)
        return
    kind = resolved(Format(format.value), output)
    require_latex(standalone, kind)
    if kind in (Format.MARKDOWN, Format.LATEX):
        tex = kind == Format.LATEX
        text = proof.to_latex(standalone=standalone) if tex else proof.to_markdown()
        if check:
            said = check_sentence(proof)
            text += f"\n% {in_latex(said)}\n" if tex else f"\n{in_markdown(said)}\n"
        emit_text(text, output)
        return
    also: dict[str, Any] = {"checked": True} if check else {}
    also |= {"explained": [each.to_dict() for each in proof.explain()]} if explain else {}
    shown: dict[str, Any] = {"checked": check, "ledger": ledger, "explained": explain}
    emit(proof, Format(format.value), output, details=details, also=also, **shown)


def _proof(id: str | None, values: list[str], variant: str | None, facts: Path | None) -> Proof:
    """The proof of a theorem, or the one found from facts."""
    from boundcalc.numeric.derive import derive
    from boundcalc.study.prove import prove

    if facts is not None:
        if id is not None or values or variant is not None:
            raise InputError(
                "--facts goes without ID, numbers and --variant: the file says what to bound"
            )
        return prove(facts).printed()
    if id is None:
        raise InputError("derive needs the ID of a theorem, or --facts FILE")
    return derive(id, variant=variant, **assignments(values))
