"""``boundcalc estimate``: the empirical complexity of a class on real data, by Monte Carlo."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any

import typer

from boundcalc.cli.common import (
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
from boundcalc.cli.values import assignments, decimal_from, parsed
from boundcalc.errors import InputError, prefix_errors

EXAMPLE = (
    "Examples: `boundcalc estimate examples/breast_cancer.csv --class linear --modality mean` · "
    "`boundcalc estimate examples/breast_cancer.csv --class kernel --kernel rbf --gamma 0.1` · "
    "`boundcalc estimate examples/digits.npz --class sklearn --model DecisionTreeClassifier "
    "--set max_depth=3 --draws 20`"
)

_WORDS = {"true": True, "false": False, "none": None}
CLASSES = ("linear", "kernel", "finite", "sklearn")
KERNELS = ("linear", "rbf", "precomputed")
NOISES = ("rademacher", "gaussian")


def _exponent(text: str, name: str) -> float:
    return math.inf if text.strip().lower() in ("inf", "∞") else float(decimal_from(text, name))


def run(
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA", help=".npz, .npy, .csv or .parquet; or a .toml that names one."
        ),
    ],
    kind: Annotated[str, word_option(CLASSES, "--class", "-c", help="Which functions.")] = "linear",
    modalities: Annotated[
        list[str] | None,
        typer.Option(
            "--modality",
            "-m",
            help="Take these columns only; repeatable. Default: all side by side.",
        ),
    ] = None,
    p: Annotated[
        float,
        typer.Option(
            "--p", help="The ball is ‖w‖_p ≤ norm; 1 to inf.", **parsed(_exponent, "--p", "NUMBER")
        ),
    ] = 2,
    norm: Annotated[float, number_option("--norm", "-B", help="The radius of the ball.")] = 1,
    outputs: Annotated[
        int,
        whole_option(
            "--outputs", "-k", help="k > 1: linear functions with k outputs, ‖W‖_F ≤ norm."
        ),
    ] = 1,
    kernel: Annotated[str, word_option(KERNELS, "--kernel", help="Of --class kernel.")] = "linear",
    gamma: Annotated[
        float | None, number_option("--gamma", help="Of the kernel rbf, exp(−γ‖x − x′‖²).")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", help="A classifier of scikit-learn by name, for --class sklearn."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="A parameter of that classifier; repeatable."
        ),
    ] = None,
    draws: Annotated[
        int, whole_option("--draws", "-n", help="How many draws of the noise.")
    ] = 1000,
    seed: Annotated[int, whole_option("--seed", "-s", help="The same seed, the same numbers.")] = 0,
    noise: Annotated[
        str, word_option(NOISES, "--noise", help="Random signs or normals.")
    ] = "rademacher",
    delta: Annotated[float, delta_option("Failure probability of each limit.")] = 0.05,
    labels: Annotated[
        str | None,
        typer.Option("--labels", help="The name of the labels, which are left out. Default: y."),
    ] = None,
    missing: MissingOption = None,
    categorical: CategoricalOption = None,
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
        "p": p,
        "norm": norm,
        "outputs": outputs,
        "kernel": kernel,
        "gamma": gamma,
        "draws": draws,
        "seed": seed,
        "noise": noise,
    }
    from boundcalc.data.estimate.classifiers import classifier
    from boundcalc.data.estimate.estimate import estimate
    from boundcalc.numeric.domains import checked
    from boundcalc.study.read import named_dataset
    from boundcalc.symbolic.parameters import parameter
    from boundcalc.text import probability

    checked(parameter("delta"), delta)
    if model is not None:
        with prefix_errors("--set"):
            chosen_settings = assignments(settings or (), _setting, ())
        options["model"] = classifier(model, chosen_settings)
    elif settings:
        raise InputError("--set is for the classifier that --model names")
    read = named_dataset(data, labels, missing, categorical)
    chosen = read.chosen(modalities)
    with progress_bar("draws") as progress:
        result = estimate(read, kind, modalities=chosen, progress=progress, **options)
    emit(
        result,
        format,
        output,
        details=details,
        data=lambda: {
            "modalities": list(chosen),
            **result.to_dict(delta=delta, level=probability(delta)),
        },
        delta=delta,
        of=" + ".join(chosen),
    )


def _setting(text: str, name: str) -> Any:
    """A number, true, false, none or else a text."""
    value = text.strip()
    if value.lower() in _WORDS:
        return _WORDS[value.lower()]
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value
