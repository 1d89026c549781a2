"""``boundcalc subsets``: which subset of many modalities has the least upper limit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from boundcalc.cli import completion
from boundcalc.cli.common import Format, FormatOption, IdArgument, OutputOption, emit, word_option
from boundcalc.cli.values import assignments, decimal_from
from boundcalc.conventions import Side
from boundcalc.errors import InputError

EXAMPLE = (
    "Example: `boundcalc subsets classic.uniform_deviation examples/subset_losses.csv --variant "
    "expected --lower lower --complexity text=0.002 --complexity audio=0.003 --complexity "
    "video=0.004 --reference audio m=100000 delta=0.05 L=1 C=1`"
)


def run(
    id: IdArgument,
    losses: Annotated[
        Path,
        typer.Argument(
            metavar="LOSSES",
            help="The loss of every subset: a CSV file with the columns subset and loss, where a "
            "subset is written text+audio.",
        ),
    ],
    complexity: Annotated[
        list[str],
        typer.Option(
            "--complexity",
            metavar="MODALITY=VALUE",
            help="The complexity of the class of one modality; once for each.",
        ),
    ],
    values: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME=VALUE...",
            help="delta, and the other parameters of the bound.",
            autocompletion=completion.parameters_left,
        ),
    ] = None,
    variant: Annotated[
        str | None,
        typer.Option(
            "--variant", help="An upper limit; required.", autocompletion=completion.variants
        ),
    ] = None,
    combine: Annotated[
        str,
        word_option(
            ("sum", "norm"),
            "--combine",
            help="How complexities add up: as those of sums of functions, or as norms do.",
        ),
    ] = "sum",
    lower: Annotated[
        str | None,
        typer.Option(
            "--lower",
            help="The form of the lower limits, for a certified order.",
            autocompletion=completion.variants,
        ),
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(
            "--reference", metavar="A+B", help="What the others are ordered against: default, all."
        ),
    ] = None,
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """Rank all subsets of modalities by an upper limit; all limits hold together.

    Each limit is stated with an equal share of delta, so that the best subset may be chosen by
    looking at them. In Python, `bc.subsets` takes a function of losses as well, and searches among
    more than 22 modalities.
    """
    from boundcalc.data.loss_files import read_column
    from boundcalc.numeric.subsets import subsets
    from boundcalc.symbolic.catalogue import theorem

    if variant is None:
        forms = theorem(id).variants.items()
        upper = [name for name, form in forms if form.side is Side.UPPER]
        raise InputError(f"say which upper limit of {id}, with --variant: {', '.join(upper)}")
    single = assignments(complexity)
    names, column = (read_column(losses, name, "losses").entries for name in ("subset", "loss"))
    pairs = [
        (subset, decimal_from(text, f"the loss of {subset}"))
        for subset, text in zip(names, column, strict=True)
    ]
    numbers: dict[str, Any] = {"delta": 0.05, **assignments(values or [])}
    result = subsets(
        id,
        variant=variant,
        modalities=list(single),
        complexities=[float(x) for x in single.values()],
        losses=pairs,
        combine=combine,
        lower=lower,
        reference=reference.split("+") if reference else None,
        **numbers,
    )
    emit(result, format, output)
