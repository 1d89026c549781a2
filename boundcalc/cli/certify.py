"""``boundcalc certify``: which of two predictors is better, from their losses on the same examples."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from boundcalc.cli.common import Format, FormatOption, OutputOption, emit, number
from boundcalc.errors import InputError

EXAMPLE = "Example: `boundcalc certify examples/digits/top.csv examples/digits/both.csv --delta 0.05`"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("certify", epilog=EXAMPLE)(run)


def run(
    losses_a: Annotated[Path, typer.Argument(metavar="LOSSES_A", help="Losses of predictor A.")],
    losses_b: Annotated[Path, typer.Argument(metavar="LOSSES_B", help="Losses of predictor B.")],
    delta: Annotated[str, typer.Option("--delta", "-d", help="Failure probability.")] = "0.05",
    loss_bound: Annotated[
        str | None,
        typer.Option(
            "--loss-bound",
            "-C",
            help="The most that the loss can be, fixed before the data are seen (not their maximum). "
            "Default: 1; losses above it are an error.",
        ),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(
            "--method",
            help="What decides: discordant, empirical_bernstein or hoeffding, named before the data are "
            "seen. Default: discordant for 0/1 losses, else empirical_bernstein.",
        ),
    ] = None,
    names: Annotated[
        str | None, typer.Option("--names", metavar="A,B", help="What to call them; default: the file names.")
    ] = None,
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """Certify which of two predictors has the lower risk, from their losses on the same examples.

    LOSSES_A and LOSSES_B are .npy arrays, or .csv or .txt files with one loss a line: **the same held-out
    examples in the same order** in both, and neither predictor has been trained or chosen on them.

    The exit code is 0 whether or not there is a verdict, and 2 for input that cannot be used.
    """
    from boundcalc.data.losses import read_losses
    from boundcalc.numeric.certifying.certify import certify
    from boundcalc.render.certification import certification_document

    bound = None if loss_bound is None else float(number(loss_bound, "loss_bound"))
    called = _labels(losses_a, losses_b) if names is None else _names(names)
    result = certify(
        read_losses(losses_a, loss_bound=bound),
        read_losses(losses_b, loss_bound=bound),
        delta=float(number(delta, "delta")),
        loss_bound=bound,
        method=method,
        names=called,
    )
    emit(format, data=result.to_dict, document=lambda: certification_document(result), output=output)


def _names(text: str) -> tuple[str, str]:
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 2 or not all(parts):
        raise InputError(f"--names takes two names with a comma between them, not '{text}'")
    return parts[0], parts[1]


def _labels(a: Path, b: Path) -> tuple[str, str]:
    """The shortest of stem and folder/stem that tells the two apart."""
    for called in ((a.stem, b.stem), (f"{a.parent.name}/{a.stem}", f"{b.parent.name}/{b.stem}")):
        if called[0] != called[1]:
            return called
    return "A", "B"
