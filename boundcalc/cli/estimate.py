"""``boundcalc estimate``: the empirical complexity of a class on real data, by Monte Carlo."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any

import typer

from boundcalc.cli import completion
from boundcalc.cli.common import (
    DetailsOption,
    Format,
    FormatOption,
    MissingOption,
    OutputOption,
    emit,
    number,
    progress_bar,
    typed_number,
    typed_whole,
)
from boundcalc.errors import InputError, shorten

EXAMPLE = (
    "Examples: `boundcalc estimate examples/breast_cancer.csv --class linear --modality mean` · "
    "`boundcalc estimate examples/breast_cancer.csv --class kernel --kernel rbf --gamma 0.1` · "
    "`boundcalc estimate examples/digits.npz --class sklearn --model DecisionTreeClassifier "
    "--set max_depth=3 --draws 20`"
)

_WORDS = {"true": True, "false": False, "none": None}


def run(
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA",
            help=".npz, .npy, .csv or .parquet; or a .toml that names one.",
        ),
    ],
    kind: Annotated[
        str,
        typer.Option(
            "--class",
            "-c",
            help="linear, kernel, finite or sklearn.",
            show_default=True,
            autocompletion=completion.measured_classes,
        ),
    ] = "linear",
    modality: Annotated[
        list[str] | None,
        typer.Option(
            "--modality",
            "-m",
            help="Take these columns only; repeatable. Default: all side by side.",
        ),
    ] = None,
    p: Annotated[str, typer.Option("--p", help="The ball is ‖w‖_p ≤ norm; 1 to inf.")] = "2",
    norm: Annotated[
        Any, typer.Option("--norm", "-B", **typed_number("norm"), help="The radius of the ball.")
    ] = "1",
    outputs: Annotated[
        Any,
        typer.Option(
            "--outputs",
            "-k",
            **typed_whole("outputs"),
            help="k > 1: linear functions with k outputs, ‖W‖_F ≤ norm.",
        ),
    ] = "1",
    kernel: Annotated[str, typer.Option("--kernel", help="linear, rbf or precomputed.")] = "linear",
    gamma: Annotated[
        Any,
        typer.Option(
            "--gamma", **typed_number("gamma"), help="Of the kernel rbf, exp(−γ‖x − x′‖²)."
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            help="A classifier of scikit-learn by name, for --class sklearn.",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="A parameter of that classifier; repeatable.",
        ),
    ] = None,
    draws: Annotated[
        Any,
        typer.Option("--draws", "-n", **typed_whole("draws"), help="How many draws of the noise."),
    ] = "1000",
    seed: Annotated[
        Any,
        typer.Option(
            "--seed", "-s", **typed_whole("seed"), help="The same seed, the same numbers."
        ),
    ] = "0",
    noise: Annotated[
        str,
        typer.Option("--noise", help="rademacher (signs) or gaussian."),
    ] = "rademacher",
    delta: Annotated[
        Any,
        typer.Option(
            "--delta", "-d", **typed_number("delta"), help="Failure probability of each limit."
        ),
    ] = "0.05",
    labels: Annotated[
        str | None,
        typer.Option(
            "--labels",
            help="The name of the labels, which are left out. Default: y.",
        ),
    ] = None,
    missing: MissingOption = None,
    details: DetailsOption = False,
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """Estimate the empirical Rademacher or Gaussian complexity of a class on real data.

    DATA holds one row an example: in a table the columns audio_1, audio_2, … are the modality
    audio; an .npz file holds one array a modality. A study file with the key `data` names such a
    file, and may sort its columns under `[groups]`. For **finite** the columns are the outputs of
    the functions; for the kernel **precomputed** they are the kernel matrix.

    The estimate is a Monte-Carlo mean and no bound; the limit printed below it is one. For
    **sklearn** a classifier is fitted to random signs, which gives a lower bound only.
    """
    options: dict[str, Any] = {
        "p": math.inf if p.strip().lower() in ("inf", "∞") else float(number(p, "p")),
        "norm": float(norm),
        "outputs": outputs,
        "kernel": kernel,
        "gamma": None if gamma is None else float(gamma),
        "draws": draws,
        "seed": seed,
        "noise": noise,
    }
    failure = float(delta)
    from boundcalc.data.estimate.classifiers import classifier
    from boundcalc.data.estimate.estimate import estimate
    from boundcalc.numeric.domains import checked
    from boundcalc.render.estimate import estimate_document
    from boundcalc.study.read import named_dataset
    from boundcalc.symbolic.parameters import parameter
    from boundcalc.text import probability

    checked(parameter("delta"), failure)
    if model is not None:
        options["model"] = classifier(model, dict(map(_setting, settings or ())))
    elif settings:
        raise InputError("--set is for the classifier that --model names")
    read = named_dataset(data, labels, missing)
    chosen = read.chosen(modality)
    with progress_bar("draws") as progress:
        result = estimate(read, kind, modalities=chosen, progress=progress, **options)
    emit(
        format,
        data=lambda: {
            "modalities": list(chosen),
            **result.to_dict(delta=failure, level=probability(failure)),
        },
        document=lambda: estimate_document(result, delta=failure, of=" + ".join(chosen)),
        output=output,
        details=details,
        record=result,
    )


def _setting(text: str) -> tuple[str, Any]:
    """NAME=VALUE; the value is a number, true, false, none or else a text."""
    name, equals, value = (part.strip() for part in text.partition("="))
    if not equals or not name:
        raise InputError(f"--set takes NAME=VALUE, not '{shorten(text)}'")
    if value.lower() in _WORDS:
        return name, _WORDS[value.lower()]
    for kind in (int, float):
        try:
            return name, kind(value)
        except ValueError:
            continue
    return name, value
