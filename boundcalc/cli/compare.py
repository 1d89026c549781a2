"""``boundcalc compare``: the modality subsets of a study or of data, compared."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from boundcalc.cli.common import (
    MISSING,
    Format,
    FormatOption,
    OutputOption,
    emit_record,
    named_numbers,
    number,
    progress_bar,
    whole,
)
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


def _data(*names: str, help: str, **more: Any) -> Any:
    return typer.Option(*names, help=help, rich_help_panel=_DATA, **more)


def _losses(*names: str, help: str, **more: Any) -> Any:
    return typer.Option(*names, help=help, rich_help_panel=_LOSSES, **more)


def _examples(*names: str, help: str, **more: Any) -> Any:
    return typer.Option(*names, help=help, rich_help_panel=_EXAMPLES, **more)


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
        str | None, typer.Option("--delta", "-d", help="Failure probability; replaces the study's.")
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
        typer.Option(
            "--direction",
            metavar="more|less|both",
            help="Ask only if the one that sees more is better, or only if the other is.",
        ),
    ] = None,
    equivalence: Annotated[
        str | None,
        typer.Option("--equivalence", help="Do the two differ by less than this? Fixed before."),
    ] = None,
    looks: Annotated[
        str | None,
        typer.Option(
            "--looks",
            metavar="K|any",
            help="How often you look at the data in all; any: after every example, in order of "
            "arrival.",
        ),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(
            "--method",
            help="What decides, where it fits: discordant, betting, empirical_bernstein, "
            "hoeffding; for "
            "counts of errors clopper_pearson or error_counts; for means kl. Named before the "
            "data are seen.",
        ),
    ] = None,
    joint: Annotated[
        str | None,
        typer.Option(
            "--joint",
            metavar="held-out|all",
            help="all: what the training examples say shares δ with the held-out losses.",
        ),
    ] = None,
    losses: Annotated[
        bool,
        _losses("--losses", help="One column a predictor, such as late_fusion[text+audio]."),
    ] = False,
    ids: Annotated[
        str | None, _losses("--id", metavar="COLUMN", help="Join files of losses by this column.")
    ] = None,
    group: Annotated[
        str | None,
        _examples(
            "--group",
            metavar="FILE|COLUMN",
            help="Which examples belong together (patients, speakers). The mean is over groups; "
            "of data no group stands in two parts.",
        ),
    ] = None,
    group_size: Annotated[
        str | None,
        _examples(
            "--group-size",
            help="The most examples a group can have, fixed before: mean over examples.",
        ),
    ] = None,
    classes: Annotated[
        str | None,
        _losses("--classes", metavar="FILE|COLUMN", help="The class of each example."),
    ] = None,
    class_weights: Annotated[
        str | None,
        _examples(
            "--class-weights",
            metavar="NAME=W,…",
            help="The weight of each class, fixed before the data.",
        ),
    ] = None,
    loss_bound: Annotated[
        str | None,
        _losses("--loss-bound", "-C", help="The most that a loss can be, fixed before; default 1."),
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
    subset: Annotated[
        list[str] | None,
        _data("--subset", metavar="A+B", help="Fit these subsets only; repeatable."),
    ] = None,
    task: Annotated[
        str | None, _data("--task", help="classification or regression; default: the labels tell.")
    ] = None,
    loss: Annotated[
        str | None,
        _data(
            "--loss", help="zero-one (default) or ramp; regression has absolute; losses: bounded."
        ),
    ] = None,
    seed: Annotated[
        str | None, _data("--seed", "-s", help="Of the split, or of the orders of bets; default 0.")
    ] = None,
    shares: Annotated[
        str | None,
        _data("--shares", help="Parts for scales, training, held out; default 0.1,0.45,0.45."),
    ] = None,
    norms: Annotated[
        str | None, _data("--norms", help="The grid of B, ascending; default 0.5,1,2,4,8,16,32.")
    ] = None,
    choose: Annotated[
        str | None, _data("--choose", help="B by validation (default) or by the bound.")
    ] = None,
    margin: Annotated[
        str | None,
        _data(
            "--margin",
            help="ρ of the ramp loss; default 1. For losses and studies: is one no worse by this "
            "much?",
        ),
    ] = None,
    clip: Annotated[
        str | None,
        _data(
            "--clip", help="Where absolute errors are clipped, in standard deviations; default 2."
        ),
    ] = None,
    intercept: Annotated[
        bool | None, _data("--intercept/--no-intercept", help="The constant 1 as one more feature.")
    ] = None,
    draws: Annotated[
        str | None,
        _data("--draws", "-n", help="Draw R̂_S so often; its event enters the ledger. Default 0."),
    ] = None,
    max_fits: Annotated[
        str | None,
        _data("--max-fits", help="Fit so many subsets, the most promising first; default 64."),
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
        str | None,
        _data(
            "--repeats",
            metavar="N",
            help="Show the observed gaps over N splits; the first decides. Default 1.",
        ),
    ] = None,
    categorical: Annotated[
        list[str] | None,
        _data(
            "--categorical",
            metavar="COLUMN",
            help="Names or a pattern of columns whose values are categories; repeatable. Columns "
            "of text are.",
        ),
    ] = None,
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
    emit_record(result, format, output, details=details, alone=alone, ledger=ledger)


def compared(source: list[Path], *, progress: Any, **asked: Any) -> Comparison:
    """What `compare` and `report` compare, from their options as they were typed."""
    from boundcalc.study.compare import compare
    from boundcalc.study.measured import is_data

    read: dict[str, Callable[[Any], Any]] = {
        **{name: partial(_decimal, name=name) for name in _DECIMALS},
        **{name: partial(whole, name=name) for name in _WHOLE},
        **{name: partial(_list, name=name) for name in ("shares", "norms")},
        "class_weights": named_numbers,
        "group_columns": _columns,
        "looks": lambda text: text if text.strip() == "any" else whole(text, "looks"),
    }
    losses = asked.pop("losses")
    arrays = len(source) > 1 and is_data(source)
    if len(source) > 1 and not losses and not arrays:
        raise InputError(
            f"{len(source)} files are compared with --losses, or where each holds one array (.npy, "
            "sparse .npz)"
        )
    given = {
        _CALLED.get(name, name): read[name](value) if name in read else value
        for name, value in asked.items()
        if value is not None
    }
    if losses:
        return compare(source, losses=True, progress=progress, **given)
    return compare(source if arrays else source[0], progress=progress, **given)


_DECIMALS = ("delta", "margin", "clip", "equivalence", "loss_bound")
_WHOLE = ("group_size", "seed", "draws", "max_fits", "repeats")
_CALLED = {"subset": "subsets", "group": "groups", "class_weights": "weights"}


def _decimal(text: str, name: str) -> float:
    return float(number(text, name))


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


def _list(text: str, name: str) -> list[float]:
    parts = [part for part in text.split(",") if part.strip()]
    if not parts:
        raise InputError(f"{name} is a list of numbers with commas between them, not '{text}'")
    return [float(number(part, name)) for part in parts]
