"""``boundcalc diagnose``: connection and heterogeneity of measured modalities."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from boundcalc.cli.common import (
    TASKS,
    CategoricalOption,
    DetailsOption,
    Format,
    FormatOption,
    MissingOption,
    OutputOption,
    delta_option,
    emit,
    number_option,
    progress_bar,
    whole_option,
    word_option,
)

EXAMPLE = (
    "Examples: `boundcalc diagnose examples/breast_cancer.csv` · "
    "`boundcalc diagnose examples/breast_cancer.csv -m mean -m worst --labelled 0.2` · "
    "`boundcalc diagnose examples/diabetes.csv --task regression --connection rbf --format json`"
)
RIDGES = ("linear", "rbf")
SCALES = ("columns", "none")


def run(
    data: Annotated[
        Path,
        typer.Argument(metavar="DATA", help=".npz, .csv or .parquet; or a .toml that names one."),
    ],
    labels: Annotated[
        str | None,
        typer.Option("--labels", help="The name of the labels, if there are any. Default: y."),
    ] = None,
    task: Annotated[
        str | None,
        word_option(
            TASKS, "--task", help="Default: classification if the labels are text or whole numbers."
        ),
    ] = None,
    modalities: Annotated[
        list[str] | None,
        typer.Option("--modality", "-m", help="Only these modalities; repeatable. Default: all."),
    ] = None,
    connection: Annotated[
        str,
        word_option(
            RIDGES,
            "--connection",
            help="How y is predicted from x: by ridge or kernel ridge regression.",
        ),
    ] = "linear",
    predictor: Annotated[
        str, word_option(RIDGES, "--predictor", help="How the label is predicted.")
    ] = "linear",
    labelled: Annotated[
        float,
        number_option("--labelled", help="Use the labels of this share of the training part only."),
    ] = 1,
    setup: Annotated[
        float, number_option("--setup", help="Share of the examples that fixes units and radii.")
    ] = 0.1,
    held_out: Annotated[
        float, number_option("--held-out", help="Share that is never trained on.")
    ] = 0.4,
    distance_bound: Annotated[
        float | None,
        number_option(
            "--distance-bound",
            "-D",
            help="Distances ‖ĝ(x) − y‖ above it count as it. Default: the 95 % quantile of ‖y − ȳ‖ "
            "on the setup part.",
        ),
    ] = None,
    loss_bound: Annotated[
        float | None,
        number_option(
            "--loss-bound",
            "-C",
            help="Absolute errors of a regression above it count as it. Default: the 95 % quantile "
            "of |z − z̄| on the setup part.",
        ),
    ] = None,
    scale: Annotated[
        str,
        word_option(
            SCALES,
            "--scale",
            help="Units: standard deviations of the columns, or those of the data.",
        ),
    ] = "columns",
    max_pairs: Annotated[
        int, whole_option("--max-pairs", help="More ordered pairs of modalities are an error.")
    ] = 42,
    delta: Annotated[
        float,
        delta_option("Failure probability of all statements together."),
    ] = 0.05,
    seed: Annotated[int, whole_option("--seed", "-s", help="The same seed, the same parts.")] = 0,
    missing: MissingOption = None,
    categorical: CategoricalOption = None,
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
    from boundcalc.data.diagnose.diagnose import diagnose
    from boundcalc.study.read import named_dataset

    read = named_dataset(data, labels, missing, categorical)
    with progress_bar("fits") as progress:
        result = diagnose(
            read,
            task=task,
            modalities=modalities,
            connection=connection,
            predictor=predictor,
            labelled=labelled,
            setup=setup,
            held_out=held_out,
            distance_bound=distance_bound,
            loss_bound=loss_bound,
            scale=scale,
            max_pairs=max_pairs,
            delta=delta,
            seed=seed,
            progress=progress,
        )
    emit(result, format, output, details=details)
