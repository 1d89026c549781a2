"""Compare the modality subsets of a study, or of data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from boundcalc.data.tables import Groups
from boundcalc.errors import InputError
from boundcalc.numeric.domains import checked
from boundcalc.study.compare import compare_study, planned_pairs
from boundcalc.study.data_file import names_data, settings_in
from boundcalc.study.design import Design
from boundcalc.study.measured import Tick, is_data, measured, read_data
from boundcalc.study.read import read_study, study_in
from boundcalc.study.records import Comparison
from boundcalc.study.study import Study
from boundcalc.study.toml_file import load_table
from boundcalc.symbolic.parameters import parameter


def compare(
    study: Any,
    *,
    delta: float | None = None,
    reference: str | Sequence[str] | None = None,
    all_pairs: bool = False,
    labels: Any = None,
    groups: Groups | None = None,
    progress: Tick | None = None,
    **options: Any,
) -> Comparison:
    """Compare modality subsets.

    Parameters
    ----------
    study : Study, mapping, str, Path or data
        A study, the path of a study file, or a mapping with the same keys. Or data: the path of an
        ``.npz``, ``.csv`` or ``.parquet`` file, a mapping of modalities to arrays, a data frame, a `Dataset`.
        A linear predictor is then fitted to each subset, as `options` say. A study file with the key
        ``data`` names such a file, and may set ``groups`` and the options.
    delta : float, optional
        Failure probability of everything joint, in (0, 1); replaces the study's.
    reference : str or sequence of str, optional
        The subset that everything is compared with, ``"text+audio"`` or a list of names; replaces the
        study's. For data the default is all modalities together.
    all_pairs : bool
        Compare every two subsets, not only nested ones or those with the study's reference.
    labels : array_like or str, optional
        For data: the labels, or what they are called; ``y`` where left out.
    groups : mapping of str to sequence of str, optional
        For a table: the columns of each modality, where their names do not tell.
    progress : callable, optional
        For data: called with the subsets fitted and the subsets to fit.
    **options
        For data: the attributes of `boundcalc.study.design.Design`.

    Returns
    -------
    Comparison
        Its verdicts rest on the events of its ledger, which all hold together with probability ≥ 1 − δ.

    Raises
    ------
    InputError
        For a study that cannot be used; one line that names the file, the subset and the key.
    """
    if isinstance(study, (str, Path)) and Path(study).suffix.lower() == ".toml":
        path = Path(study)
        table = load_table(path)
        if names_data(table):
            said = {"delta": delta, "reference": reference, "labels": labels, "groups": groups, **options}
            given = {name: value for name, value in said.items() if value is not None}
            asked = settings_in(table, path) | given
            return compare(asked.pop("data"), all_pairs=all_pairs, progress=progress, **asked)
        study = study_in(table, path)
    how: dict[str, Any] = {"reference": reference, "all_pairs": all_pairs}
    if not is_data(study):
        for name, value in {**options, "labels": labels, "groups": groups}.items():
            if value is not None:
                raise InputError(f"{name} is for data, not for a study: leave it out")
        return compare_study(_study(study), delta=delta, **how)
    design = Design.of(options)
    failure = 0.05 if delta is None else float(checked(parameter("delta"), delta))
    data = read_data(study, labels=labels, groups=groups)
    verdicts, training, record = measured(
        data,
        design,
        delta=failure,
        check=lambda bare: planned_pairs(bare, **how),
        progress=progress,
    )
    return replace(
        compare_study(verdicts, **how, apart=training is not None),
        data=record,
        training=None if training is None else compare_study(training, **how, apart=True),
    )


def _study(source: Any) -> Study:
    """A study; a file that is none and whose name says nothing may be meant as data."""
    try:
        return read_study(source)
    except InputError as error:
        if (
            not isinstance(source, (str, Path))
            or not Path(source).is_file()
            or Path(source).suffix == ".toml"
        ):
            raise
        raise InputError(
            f"{source} is neither data (.npz, .csv, .parquet) nor a study file (.toml); read as a study: "
            f"{error}"
        ) from None
