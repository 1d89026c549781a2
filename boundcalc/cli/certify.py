"""``boundcalc certify``: which of two predictors is better, from their losses."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from boundcalc.cli.common import (
    CertifiedOption,
    Format,
    FormatOption,
    OutputOption,
    emit_record,
    named_numbers,
    remark,
    typed_number,
    typed_whole,
    whole,
)
from boundcalc.errors import InputError

EXAMPLE = (
    "Example: `boundcalc certify examples/digits/top.csv examples/digits/both.csv --delta 0.05`"
)


def run(
    losses_a: Annotated[Path, typer.Argument(metavar="LOSSES_A", help="Losses of predictor A.")],
    losses_b: Annotated[Path, typer.Argument(metavar="LOSSES_B", help="Losses of predictor B.")],
    delta: Annotated[
        Any, typer.Option("--delta", "-d", **typed_number("delta"), help="Failure probability.")
    ] = "0.05",
    loss_bound: Annotated[
        Any,
        typer.Option(
            "--loss-bound",
            "-C",
            **typed_number("loss_bound"),
            help="The most that the loss can be, fixed before the data are seen (not their "
            "maximum). "
            "Default: 1; losses above it are an error.",
        ),
    ] = None,
    loss: Annotated[
        str | None,
        typer.Option(
            "--loss",
            metavar="zero-one|bounded",
            help="The kind of loss. Default: zero-one if every loss is 0 or 1, which is then said.",
        ),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(
            "--method",
            help="What decides: discordant, betting, empirical_bernstein or hoeffding, named "
            "before "
            "the data are seen. Default: discordant for 0/1 losses, else betting.",
        ),
    ] = None,
    names: Annotated[
        str | None,
        typer.Option("--names", metavar="A,B", help="What to call them; default: the file names."),
    ] = None,
    direction: Annotated[
        str,
        typer.Option(
            "--direction",
            metavar="more|less|both",
            help="Ask only if B is better, or only if A is.",
        ),
    ] = "both",
    margin: Annotated[
        Any,
        typer.Option(
            "--margin",
            **typed_number("margin"),
            help="Is one no worse than the other by this much? Fixed before.",
        ),
    ] = None,
    equivalence: Annotated[
        Any,
        typer.Option(
            "--equivalence",
            **typed_number("equivalence"),
            help="Do the two differ by less than this? Fixed before.",
        ),
    ] = None,
    ids: Annotated[
        str | None,
        typer.Option("--id", metavar="COLUMN", help="Join the two CSV files by this column."),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(
            "--group",
            metavar="FILE|COLUMN",
            help="Which examples belong together (patients, speakers): a file with one name a "
            "line, "
            "or a column of LOSSES_A. The mean is over groups.",
        ),
    ] = None,
    group_size: Annotated[
        Any,
        typer.Option(
            "--group-size",
            **typed_whole("group_size"),
            help="The most examples a group can have, fixed before: mean over examples.",
        ),
    ] = None,
    classes: Annotated[
        str | None,
        typer.Option(
            "--classes", metavar="FILE|COLUMN", help="The class of each example, as --group."
        ),
    ] = None,
    class_weights: Annotated[
        str | None,
        typer.Option(
            "--class-weights",
            metavar="NAME=W,…",
            help="The weight of each class, fixed before the data.",
        ),
    ] = None,
    looks: Annotated[
        str,
        typer.Option(
            "--looks",
            metavar="K|any",
            help="How often you look at the data in all; any: after every example, in order.",
        ),
    ] = "1",
    seed: Annotated[
        Any,
        typer.Option(
            "--seed", **typed_whole("seed"), help="Of the orders in which betting sees the rows."
        ),
    ] = "0",
    certified: CertifiedOption = False,
    digits: Annotated[
        Any,
        typer.Option(
            "--digits",
            **typed_whole("digits", 1),
            help="How many proven digits to print, 1 to 17; with --certified alone 15.",
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
    from boundcalc.data.losses import begins_with_zero
    from boundcalc.numeric.decide.certify import certify

    result = certify(
        losses_a,
        losses_b,
        delta=float(delta),
        loss_bound=None if loss_bound is None else float(loss_bound),
        loss=loss,
        method=method,
        names=_labels(losses_a, losses_b) if names is None else _names(names),
        ids=ids,
        groups=group,
        group_size=group_size,
        classes=classes,
        weights=None if class_weights is None else named_numbers(class_weights),
        margin=None if margin is None else float(margin),
        equivalence=None if equivalence is None else float(equivalence),
        looks="any" if looks.strip() == "any" else whole(looks, "looks"),
        direction=direction,
        seed=seed,
        certified=certified,
        digits=digits,
    )
    if begins_with_zero(losses_a) and begins_with_zero(losses_b):
        remark("the first line of both files, 0, was read as a loss; name a header loss")
    emit_record(result, format, output, details=details)


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
