"""``boundcalc compare``: the modality subsets of a study or of data, compared."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from boundcalc.cli.common import Format, FormatOption, OutputOption, emit, number, progress_bar, whole
from boundcalc.errors import InputError

EXAMPLE = (
    "Examples: `boundcalc compare examples/iemocap.toml --reference text` · "
    "`boundcalc compare examples/breast_cancer.csv` · "
    "`boundcalc compare examples/diabetes.csv --task regression --subset body --subset body+blood`"
)
_DATA = "Options for data"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("compare", epilog=EXAMPLE)(run)


def _data(*names: str, help: str, **more: Any) -> Any:
    return typer.Option(*names, help=help, rich_help_panel=_DATA, **more)


def run(
    source: Annotated[
        Path,
        typer.Argument(metavar="STUDY|DATA", help="A study file (.toml), or data: .npz, .csv, .parquet."),
    ],
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
    subset: Annotated[
        list[str] | None, _data("--subset", metavar="A+B", help="Fit these subsets only; repeatable.")
    ] = None,
    task: Annotated[
        str | None, _data("--task", help="classification or regression; default: the labels tell.")
    ] = None,
    loss: Annotated[
        str | None, _data("--loss", help="zero-one (default) or ramp; regression has absolute.")
    ] = None,
    seed: Annotated[str | None, _data("--seed", "-s", help="Of the split; default 0.")] = None,
    shares: Annotated[
        str | None, _data("--shares", help="Parts for scales, training, held out; default 0.1,0.45,0.45.")
    ] = None,
    norms: Annotated[
        str | None, _data("--norms", help="The grid of B, ascending; default 0.5,1,2,4,8,16,32.")
    ] = None,
    choose: Annotated[
        str | None, _data("--choose", help="B by validation (default) or by the bound.")
    ] = None,
    margin: Annotated[str | None, _data("--margin", help="ρ of the ramp loss; default 1.")] = None,
    clip: Annotated[
        str | None,
        _data("--clip", help="Where absolute errors are clipped, in standard deviations; default 2."),
    ] = None,
    intercept: Annotated[
        bool | None, _data("--intercept/--no-intercept", help="The constant 1 as one more feature.")
    ] = None,
    draws: Annotated[
        str | None, _data("--draws", "-n", help="Draw R̂_S so often; its event enters the ledger. Default 0.")
    ] = None,
    max_fits: Annotated[
        str | None, _data("--max-fits", help="Fit so many subsets, the most promising first; default 64.")
    ] = None,
    labels: Annotated[str | None, _data("--labels", help="The name of the labels; default y.")] = None,
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """Compare modality subsets: which is certified better, and what would settle the rest.

    A **study** file says what each subset of the modalities reached on the training and the test set. Without
    a reference every subset is compared with each one that it contains.

    **Data** hold one array a modality and the labels y; in a table the columns audio_1, audio_2, … are the
    modality audio. One part of them fixes means and scales, one trains a linear predictor for each subset,
    one is held out. Without a reference every subset is compared with all modalities together. A
    study file with the key `data` names the file, and the columns of each modality under `[groups]`.

    All verdicts hold together with probability at least 1 − δ. The exit code is 0 whether or not there is a
    verdict, and 2 for input that cannot be used.
    """
    options: dict[str, Any] = {
        "subsets": subset,
        "task": task,
        "loss": loss,
        "choose": choose,
        "intercept": intercept,
        "labels": labels,
        "seed": None if seed is None else whole(seed, "seed"),
        "draws": None if draws is None else whole(draws, "draws"),
        "max_fits": None if max_fits is None else whole(max_fits, "max_fits"),
        "margin": None if margin is None else float(number(margin, "margin")),
        "clip": None if clip is None else float(number(clip, "clip")),
        "shares": None if shares is None else _list(shares, "shares"),
        "norms": None if norms is None else _list(norms, "norms"),
    }
    given = {name: value for name, value in options.items() if value is not None}
    failure = None if delta is None else float(number(delta, "delta"))
    from boundcalc.render.comparison import comparison_document
    from boundcalc.render.comparison_rows import rows_document
    from boundcalc.render.measured import measured_document
    from boundcalc.study.front import compare

    with progress_bar("fits") as progress:
        result = compare(
            source, delta=failure, reference=reference, all_pairs=all_pairs, progress=progress, **given
        )
    full = comparison_document if result.data is None else measured_document
    emit(
        format,
        data=result.to_dict,
        document=lambda: (
            rows_document(result, alone=alone)
            if format is Format.CSV
            else full(result, alone=alone, ledger=ledger)
        ),
        output=output,
    )


def _list(text: str, name: str) -> list[float]:
    parts = [part for part in text.split(",") if part.strip()]
    if not parts:
        raise InputError(f"{name} is a list of numbers with commas between them, not '{text}'")
    return [float(number(part, name)) for part in parts]
