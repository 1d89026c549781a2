"""``boundcalc compare``: the modality subsets of a study or of data, compared."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from boundcalc.cli import certify
from boundcalc.cli.common import (
    CATEGORICAL,
    CLASS_WEIGHTS,
    DIRECTIONS,
    EQUIVALENCE,
    GROUP_SIZE,
    LOOKS,
    MISSING,
    TASKS,
    Format,
    FormatOption,
    OutputOption,
    delta_option,
    emit,
    progress_bar,
    word_option,
)
from boundcalc.cli.values import typed_number, typed_numbers, typed_whole, typed_word
from boundcalc.errors import InputError, shorten

if TYPE_CHECKING:
    from boundcalc.study.records import Comparison

EXAMPLE = (
    "Examples: `boundcalc compare examples/iemocap.toml --reference text` · "
    "`boundcalc compare losses.csv --losses` · `boundcalc compare examples/breast_cancer.csv` · "
    "`boundcalc compare visits.csv --group patient --missing indicator --repeats 10` · "
    "`boundcalc compare table.csv --group-columns 'demo=age,sex' --group-columns 'lab=M*'` · "
    "`boundcalc compare words.npz audio.npy y.npy --split part.npy`"
)
_DATA, _LOSSES = "Options for data", "Options for losses and studies"
_EXAMPLES = "Options for examples: losses, studies and data"


METHODS = (*certify.METHODS, "clopper_pearson", "error_counts", "kl")
LOSSES = ("zero-one", "ramp", "absolute", "bounded")
JOINT = ("held-out", "all")
CHOICES = ("validation", "bound")


_data, _losses, _examples = (
    partial(typer.Option, rich_help_panel=panel) for panel in (_DATA, _LOSSES, _EXAMPLES)
)


def run(
    source: Annotated[
        list[Path],
        typer.Argument(
            metavar="STUDY|LOSSES|DATA",
            help="A study file (.toml); with --losses tables of losses; or data: .npz, .csv, "
            ".parquet, or several arrays (.npy, sparse .npz) with one modality each.",
        ),
    ],
    delta: Annotated[
        float | None,
        delta_option("Failure probability; replaces the study's."),
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(
            "--reference", "-r", metavar="A+B", help="Compare every subset with this one."
        ),
    ] = None,
    all_pairs: Annotated[
        bool, typer.Option("--all-pairs", help="Compare every two subsets, not only nested ones.")
    ] = False,
    direction: Annotated[
        str | None,
        word_option(
            DIRECTIONS,
            "--direction",
            help="Ask only if the one that sees more is better, or only if the other is.",
        ),
    ] = None,
    equivalence: Annotated[float | None, typer.Option("--equivalence", **EQUIVALENCE)] = None,
    looks: Annotated[Any, typer.Option("--looks", **LOOKS)] = None,
    method: Annotated[
        str | None,
        word_option(
            METHODS,
            "--method",
            help="What decides, where it fits; clopper_pearson and error_counts are for counts of "
            "errors, kl for means. Named before the data are seen.",
        ),
    ] = None,
    joint: Annotated[
        str | None,
        word_option(
            JOINT,
            "--joint",
            help="all: what the training examples say shares δ with the held-out losses.",
        ),
    ] = None,
    losses: Annotated[
        bool, _losses("--losses", help="One column a predictor, such as late_fusion[text+audio].")
    ] = False,
    ids: Annotated[
        str | None, _losses("--id", metavar="COLUMN", help="Join files of losses by this column.")
    ] = None,
    groups: Annotated[
        str | None,
        _examples(
            "--group",
            metavar="FILE|COLUMN",
            help="Which examples belong together (patients, speakers). The mean is over groups; "
            "of data no group stands in two parts.",
        ),
    ] = None,
    group_size: Annotated[int | None, _examples("--group-size", **GROUP_SIZE)] = None,
    classes: Annotated[
        str | None, _losses("--classes", metavar="FILE|COLUMN", help="The class of each example.")
    ] = None,
    weights: Annotated[Any, _examples("--class-weights", **CLASS_WEIGHTS)] = None,
    loss_bound: Annotated[
        float | None,
        _losses(
            "--loss-bound",
            "-C",
            help="The most that a loss can be, fixed before; default 1.",
            **typed_number("--loss-bound"),
        ),
    ] = None,
    ledger: Annotated[bool, typer.Option("--ledger", help="Print which event costs what.")] = False,
    details: Annotated[
        bool, typer.Option("--details/--brief", help="Everything, or the answer on one screen.")
    ] = False,
    alone: Annotated[
        bool,
        typer.Option(
            "--alone/--no-alone",
            help="With --details: show what other methods say on their own, for contrast.",
        ),
    ] = True,
    subsets: Annotated[
        list[str] | None,
        _data("--subset", metavar="A+B", help="Fit these subsets only; repeatable."),
    ] = None,
    task: Annotated[
        str | None, _data("--task", help="Default: the labels tell.", **typed_word(TASKS, "--task"))
    ] = None,
    loss: Annotated[
        str | None,
        _data(
            "--loss",
            help="Default: zero-one. Regression has absolute, losses have zero-one or bounded.",
            **typed_word(LOSSES, "--loss"),
        ),
    ] = None,
    seed: Annotated[
        int | None,
        _data(
            "--seed",
            "-s",
            help="Of the split, or of the orders of bets; default 0.",
            **typed_whole("--seed", None),
        ),
    ] = None,
    shares: Annotated[
        Any,
        _data(
            "--shares",
            help="Parts for scales, training, held out; default 0.1,0.45,0.45.",
            **typed_numbers("--shares"),
        ),
    ] = None,
    norms: Annotated[
        Any,
        _data(
            "--norms",
            help="The grid of B, ascending; default 0.5,1,2,4,8,16,32.",
            **typed_numbers("--norms"),
        ),
    ] = None,
    choose: Annotated[
        str | None,
        _data(
            "--choose",
            help="What B is chosen by; default: validation.",
            **typed_word(CHOICES, "--choose"),
        ),
    ] = None,
    margin: Annotated[
        float | None,
        _data(
            "--margin",
            **typed_number("--margin"),
            help="ρ of the ramp loss; default 1. For losses and studies: is one no worse by this "
            "much?",
        ),
    ] = None,
    clip: Annotated[
        float | None,
        _data(
            "--clip",
            **typed_number("--clip"),
            help="Where absolute errors are clipped, in standard deviations; default 2.",
        ),
    ] = None,
    intercept: Annotated[
        bool | None, _data("--intercept/--no-intercept", help="The constant 1 as one more feature.")
    ] = None,
    draws: Annotated[
        int | None,
        _data(
            "--draws",
            "-n",
            help="Draw R̂_S so often; its event enters the ledger. Default 0.",
            **typed_whole("--draws", None),
        ),
    ] = None,
    max_fits: Annotated[
        int | None,
        _data(
            "--max-fits",
            help="Fit so many subsets, the most promising first; default 64.",
            **typed_whole("--max-fits", None),
        ),
    ] = None,
    labels: Annotated[
        str | None, _data("--labels", help="The name of the labels; default y.")
    ] = None,
    group_columns: Annotated[
        list[str] | None,
        _data(
            "--group-columns",
            metavar="NAME=C,…",
            help="The columns of a modality, names or patterns such as M*; repeatable. Default: "
            "audio_1 and audio_pitch are of audio.",
        ),
    ] = None,
    split: Annotated[
        str | None,
        _data(
            "--split",
            metavar="FILE|COLUMN",
            help="Your own split: train, test, val (for scales), or a mask, true for held out.",
        ),
    ] = None,
    repeats: Annotated[
        int | None,
        _data(
            "--repeats",
            **typed_whole("--repeats", None),
            help="Show the observed gaps over N splits; the first decides. Default 1.",
        ),
    ] = None,
    categorical: Annotated[list[str] | None, _data("--categorical", **CATEGORICAL)] = None,
    missing: Annotated[str | None, _data("--missing", **MISSING)] = None,
    flatten: Annotated[
        bool | None, _data("--flatten", help="Images and the like: one row an example.")
    ] = None,
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """Compare modality subsets: which is certified better, and what would settle the rest.

    A **study** file says what each subset of the modalities reached on the training and the test
    set. Without a reference every subset is compared with each one that it contains.

    **Losses** are tables with one line a held-out example and one column a predictor, whose name
    says which modalities it sees: `text`, `text+audio`, or `late_fusion[text+audio]`.

    **Data** hold one array a modality and the labels y; in a table the columns audio_1, audio_2, …
    are the modality audio. One part of them fixes means and scales, one trains a linear predictor
    for each subset, one is held out. Without a reference every subset is compared with all
    modalities together. A study file with the key `data` names the file, and the columns of each
    modality under `[groups]`.

    All verdicts together are right with probability at least 1 − δ. The exit code is 0 whether or
    not there is a verdict, and 2 for input that cannot be used.
    """
    asked = {
        name: value
        for name, value in locals().items()
        if name not in ("source", "ledger", "details", "alone", "format", "output")
    }

    with progress_bar("fits") as progress:
        result = compared(source, progress=progress, **asked)
    emit(result, format, output, details=details, alone=alone, ledger=ledger)


def compared(source: list[Path], *, progress: Any, **asked: Any) -> Comparison:
    """What `compare` and `report` compare, from their options as they were typed."""
    from boundcalc.study.compare import compare
    from boundcalc.study.measured import is_data

    losses = asked.pop("losses")
    arrays = len(source) > 1 and is_data(source)
    if len(source) > 1 and not losses and not arrays:
        raise InputError(
            f"{len(source)} files are compared with --losses, or where each holds one array (.npy, "
            "sparse .npz); two files with a loss a line are for `certify`"
        )
    if asked["group_columns"] is not None:
        asked["group_columns"] = _columns(asked["group_columns"])
    given = {name: value for name, value in asked.items() if value is not None}
    if losses:
        return compare(source, losses=True, progress=progress, **given)
    return compare(source if arrays else source[0], progress=progress, **given)


def _columns(given: list[str]) -> dict[str, list[str]]:
    """``demo=age,M*`` for each modality."""
    found: dict[str, list[str]] = {}
    for text in given:
        name, equals, columns = text.partition("=")
        listed = [part.strip() for part in columns.split(",") if part.strip()]
        if not equals or not name.strip() or not listed:
            raise InputError(f"--group-columns takes NAME=COLUMN,COLUMN, not '{shorten(text)}'")
        found.setdefault(name.strip(), []).extend(listed)
    return found
