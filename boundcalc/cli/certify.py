"""``boundcalc certify``: which of two predictors is better, from their losses."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from boundcalc.cli.common import (
    CLASS_WEIGHTS,
    DIRECTIONS,
    EQUIVALENCE,
    GROUP_SIZE,
    LOOKS,
    CertifiedOption,
    Format,
    FormatOption,
    OutputOption,
    delta_option,
    emit,
    number_option,
    remark,
    whole_option,
    word_option,
)
from boundcalc.cli.values import parsed
from boundcalc.errors import InputError

EXAMPLE = (
    "Example: `boundcalc certify examples/digits/top.csv examples/digits/both.csv --delta 0.05`"
)
METHODS = ("discordant", "betting", "empirical_bernstein", "hoeffding")
LOSSES = ("zero-one", "bounded")


def _names(text: str, option: str) -> tuple[str, str]:
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 2 or not all(parts):
        raise InputError(f"{option} takes two names with a comma between them, not '{text}'")
    return parts[0], parts[1]


def run(
    losses_a: Annotated[Path, typer.Argument(metavar="LOSSES_A", help="Losses of predictor A.")],
    losses_b: Annotated[Path, typer.Argument(metavar="LOSSES_B", help="Losses of predictor B.")],
    delta: Annotated[float, delta_option("Failure probability.")] = 0.05,
    loss_bound: Annotated[
        float | None,
        number_option(
            "--loss-bound",
            "-C",
            help="The most that the loss can be, fixed before the data are seen (not their "
            "maximum). Default: 1; losses above it are an error.",
        ),
    ] = None,
    loss: Annotated[
        str | None,
        word_option(
            LOSSES,
            "--loss",
            help="The kind of loss. Default: zero-one if every loss is 0 or 1, which is then said.",
        ),
    ] = None,
    method: Annotated[
        str | None,
        word_option(
            METHODS,
            "--method",
            help="What decides, named before the data are seen. Default: discordant for 0/1 "
            "losses, else betting.",
        ),
    ] = None,
    names: Annotated[
        Any,
        typer.Option(
            "--names",
            help="What to call them; default: the file names.",
            **parsed(_names, "--names", "A,B"),
        ),
    ] = None,
    direction: Annotated[
        str,
        word_option(DIRECTIONS, "--direction", help="Ask only if B is better, or only if A is."),
    ] = "both",
    margin: Annotated[
        float | None,
        number_option(
            "--margin", help="Is one no worse than the other by this much? Fixed before."
        ),
    ] = None,
    equivalence: Annotated[float | None, typer.Option("--equivalence", **EQUIVALENCE)] = None,
    ids: Annotated[
        str | None,
        typer.Option("--id", metavar="COLUMN", help="Join the two CSV files by this column."),
    ] = None,
    groups: Annotated[
        str | None,
        typer.Option(
            "--group",
            metavar="FILE|COLUMN",
            help="Which examples belong together (patients, speakers): a file with one name a "
            "line, or a column of LOSSES_A. The mean is over groups.",
        ),
    ] = None,
    group_size: Annotated[int | None, typer.Option("--group-size", **GROUP_SIZE)] = None,
    classes: Annotated[
        str | None,
        typer.Option(
            "--classes", metavar="FILE|COLUMN", help="The class of each example, as --group."
        ),
    ] = None,
    weights: Annotated[Any, typer.Option("--class-weights", **CLASS_WEIGHTS)] = None,
    looks: Annotated[Any, typer.Option("--looks", **LOOKS)] = 1,
    seed: Annotated[
        int, whole_option("--seed", help="Of the orders in which betting sees the rows.")
    ] = 0,
    certified: CertifiedOption = False,
    digits: Annotated[
        Any,
        whole_option(
            "--digits",
            help="How many proven digits to print, 1 to 17; with --certified alone 15.",
            least=None,
        ),
    ] = None,
    details: Annotated[
        bool, typer.Option("--details/--brief", help="Also show what other methods say.")
    ] = False,
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """Certify which of two predictors has the lower risk, from their losses on the same examples.

    LOSSES_A and LOSSES_B are .npy arrays, .csv or .txt files with one loss a line, or .csv files
    with a column ``loss``: **the same held-out examples in the same order** in both (or with --id),
    and neither predictor has been trained or chosen on them.

    The exit code is 0 whether or not there is a verdict, and 2 for input that cannot be used.
    """
    from boundcalc.data.certify import certify
    from boundcalc.data.loss_files import begins_with_zero

    result = certify(
        losses_a,
        losses_b,
        delta=delta,
        loss_bound=loss_bound,
        loss=loss,
        method=method,
        names=names or _labels(losses_a, losses_b),
        ids=ids,
        groups=groups,
        group_size=group_size,
        classes=classes,
        weights=weights,
        margin=margin,
        equivalence=equivalence,
        looks=looks,
        direction=direction,
        seed=seed,
        certified=certified,
        digits=digits,
    )
    if begins_with_zero(losses_a) and begins_with_zero(losses_b):
        remark(
            "neither file has a header: its line 1, which is 0, counts as a loss; if it is a "
            "header, call it loss"
        )
    emit(result, format, output, details=details)


def _labels(a: Path, b: Path) -> tuple[str, str]:
    """The shortest of stem and folder/stem that tells the two apart."""
    for called in ((a.stem, b.stem), (f"{a.parent.name}/{a.stem}", f"{b.parent.name}/{b.stem}")):
        if called[0] != called[1]:
            return called
    return "A", "B"
