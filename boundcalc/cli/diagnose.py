"""``boundcalc diagnose``: connection and heterogeneity of measured modalities."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from boundcalc.cli.common import (
    DetailsOption,
    Format,
    FormatOption,
    MissingOption,
    OutputOption,
    emit_record,
    progress_bar,
    typed_number,
    typed_whole,
)

EXAMPLE = (
    "Examples: `boundcalc diagnose examples/breast_cancer.csv` · "
    "`boundcalc diagnose examples/breast_cancer.csv -m mean -m worst --labelled 0.2` · "
    "`boundcalc diagnose examples/diabetes.csv --task regression --connection rbf --format json`"
)


def run(
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA",
            help=".npz, .csv or .parquet; or a .toml that names one.",
        ),
    ],
    labels: Annotated[
        str | None,
        typer.Option(
            "--labels",
            help="The name of the labels, if there are any. Default: y.",
        ),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(
            "--task",
            help="classification or regression. Default: classification if the labels are text or "
            "whole numbers.",
        ),
    ] = None,
    modality: Annotated[
        list[str] | None,
        typer.Option("--modality", "-m", help="Only these modalities; repeatable. Default: all."),
    ] = None,
    connection: Annotated[
        str,
        typer.Option(
            "--connection",
            help="How y is predicted from x: linear (ridge) or rbf (kernel ridge).",
        ),
    ] = "linear",
    predictor: Annotated[
        str, typer.Option("--predictor", help="How the label is predicted: linear or rbf.")
    ] = "linear",
    labelled: Annotated[
        Any,
        typer.Option(
            "--labelled",
            **typed_number("labelled"),
            help="Use the labels of this share of the training part only.",
        ),
    ] = "1",
    setup: Annotated[
        Any,
        typer.Option(
            "--setup",
            **typed_number("setup"),
            help="Share of the examples that fixes units and radii.",
        ),
    ] = "0.1",
    held_out: Annotated[
        Any,
        typer.Option(
            "--held-out", **typed_number("held-out"), help="Share that is never trained on."
        ),
    ] = "0.4",
    distance_bound: Annotated[
        Any,
        typer.Option(
            "--distance-bound",
            "-D",
            **typed_number("distance-bound"),
            help="Distances ‖ĝ(x) − y‖ above it count as it. Default: the 95 % quantile of ‖y − ȳ‖ "
            "on the setup part.",
        ),
    ] = None,
    loss_bound: Annotated[
        Any,
        typer.Option(
            "--loss-bound",
            "-C",
            **typed_number("loss-bound"),
            help="Absolute errors of a regression above it count as it. Default: the 95 % quantile "
            "of |z − z̄| on the setup part.",
        ),
    ] = None,
    scale: Annotated[
        str,
        typer.Option(
            "--scale",
            help="Units: columns (standard deviations of the columns) or none (those of the data).",
        ),
    ] = "columns",
    max_pairs: Annotated[
        Any,
        typer.Option(
            "--max-pairs",
            **typed_whole("max-pairs"),
            help="More ordered pairs of modalities are an error.",
        ),
    ] = "42",
    delta: Annotated[
        Any,
        typer.Option(
            "--delta",
            "-d",
            **typed_number("delta"),
            help="Failure probability of all statements together.",
        ),
    ] = "0.05",
    seed: Annotated[
        Any,
        typer.Option("--seed", "-s", **typed_whole("seed"), help="The same seed, the same parts."),
    ] = "0",
    missing: MissingOption = None,
    details: DetailsOption = False,
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """Measure the seeds of a multimodal advantage: connection and heterogeneity.

    **Connection**: how well one modality predicts another one, for every ordered pair.
    **Heterogeneity**: what a modality adds to another one for the label. Then Lu's two-stage
    learner, which learns from both and sees one, is run on the data, and Lu's bound evaluated.

    DATA holds one row an example: in a table the columns audio_1, audio_2, … are the modality audio
    and y the labels; an .npz file holds one array a modality. A study file with the key `data`
    names such a file, and may sort its columns under `[groups]`. Without labels only the connection
    is measured.
    """
    options: dict[str, Any] = {
        "labelled": float(labelled),
        "setup": float(setup),
        "held_out": float(held_out),
        "delta": float(delta),
        "distance_bound": None if distance_bound is None else float(distance_bound),
        "loss_bound": None if loss_bound is None else float(loss_bound),
        "max_pairs": max_pairs,
        "seed": seed,
    }
    from boundcalc.data.diagnose.diagnose import diagnose
    from boundcalc.study.read import named_dataset

    read = named_dataset(data, labels, missing)
    with progress_bar("fits") as progress:
        result = diagnose(
            read,
            task=task,
            modalities=modality,
            connection=connection,
            predictor=predictor,
            scale=scale,
            progress=progress,
            **options,
        )
    emit_record(result, format, output, details=details)
