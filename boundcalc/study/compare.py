"""Compare the modality subsets of a study, of losses, or of data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from itertools import permutations
from pathlib import Path
from statistics import median
from typing import Any, Literal

from boundcalc.arguments import typed, whole
from boundcalc.data.arrays import in_rows_of
from boundcalc.data.tables import Groups
from boundcalc.errors import InputError, argument
from boundcalc.numeric.decide.sample import ANY, Population, checked_looks, checked_seed
from boundcalc.numeric.domains import checked
from boundcalc.study.design import Design, Measurement, Sampling, Spread
from boundcalc.study.evidence import Evidence
from boundcalc.study.from_losses import is_losses, population_of, study_of_losses
from boundcalc.study.ledger import Part
from boundcalc.study.measured import Tick, is_data, read_data, studies_of_data
from boundcalc.study.read import losses_of_each, names_data, read_study, settings_in, study_in
from boundcalc.study.records import Comparison
from boundcalc.study.statements import compare_study, configured
from boundcalc.study.study import Question, Study, compared_pairs
from boundcalc.study.toml_file import load_table
from boundcalc.symbolic.parameters import parameter

_ASKED = frozenset(field.name for field in fields(Question))
_OF_DATA = frozenset(Design.model_fields)
# options of data that are no question, though they have the name of one
_SHARED = frozenset({"margin", "seed"})
_SAMPLING = ("groups", "group_size", "weights", "split")
_READ = ("labels", "group_columns", "delta", "reference")
_OF_EXAMPLES = ("groups", "group_size", "classes", "weights")


@typed
def compare(
    study: Any,
    *,
    delta: float | None = None,
    reference: str | Sequence[str] | None = None,
    all_pairs: bool = False,
    labels: Any = None,
    groups: Any = None,
    losses: bool | None = None,
    ids: str | None = None,
    group_size: int | None = None,
    classes: Any = None,
    weights: Mapping[Any, float] | None = None,
    split: Any = None,
    group_columns: Groups | None = None,
    progress: Tick | None = None,
    **options: Any,
) -> Comparison:
    """Compare modality subsets.

    Parameters
    ----------
    study : Study, mapping, str, Path, losses or data
        A study, the path of a study file, or a mapping with the same keys. Or losses: a data frame,
        a mapping of names to lists or a file (or several) with one column a predictor, one row a
        held-out example; names such as ``text+audio`` or ``late_fusion[text+audio]`` say what a
        predictor sees. Or data: the path of an ``.npz``, ``.csv`` or ``.parquet`` file, several
        paths of arrays and sparse matrices, a mapping of modalities to arrays, a data frame, a
        `Dataset`. A linear predictor is then fitted to each subset, as `options` say. A study file
        with the key ``data`` names such a file, and may set ``groups`` and the options.
    delta : float, optional
        Failure probability, in (0, 1); replaces the study's.
    reference : str or sequence of str, optional
        The subset that everything is compared with, ``"text+audio"`` or a list of names; replaces
        the study's. For data the default is all modalities together.
    all_pairs : bool
        Compare every two subsets, not only nested ones or those with the study's reference.
    labels : array_like or str, optional
        For data: the labels, or what they are called; ``y`` where left out.
    groups : array_like or str
        The group of each example (a patient, a speaker): a list, a file with one name a line, or a
        column of the losses or the data; the mean is then over groups, and no group stands in two
        parts of the data. For a table of data a mapping means `group_columns`.
    losses : bool, optional
        Whether files and frames hold losses; where left out, a frame or a mapping without labels
        does.
    ids : str, optional
        The column of the losses that names the examples, by which several files are joined.
    group_size : int, optional
        The most examples that a group can have, fixed before the data: the mean is then over
        examples.
    classes : array_like or str, optional
        The class of each example, as `groups`.
    weights : mapping, optional
        The positive weight of each class, fixed before the data.
    split : array_like or str, optional
        For data: the part of each example, ``train``, ``test`` or ``val`` (for means and scales),
        or a mask that is true for the examples held out; a list, a column or a file. Where left
        out, at random.
    group_columns : mapping of str to sequence of str, optional
        For a table of data: the columns of each modality, names or patterns such as ``M*``, where
        their names do not tell.
    progress : callable, optional
        For data: called with the subsets fitted and the subsets to fit.
    **options
        What is asked, the attributes of `boundcalc.study.study.Question`: ``direction``,
        ``method``, ``joint``, ``looks``, ``margin``, ``equivalence``, ``seed``; for losses also
        ``loss`` and ``loss_bound``. For data: the attributes of `boundcalc.study.design.Design`,
        whose ``margin`` and ``seed`` are those of the fit.

    Returns
    -------
    Comparison
        Its verdicts together are right with probability ≥ 1 − δ.

    Raises
    ------
    InputError
        For input that cannot be used; one line that names the file, the subset and the key.

    Examples
    --------
    >>> import boundcalc as bc
    >>> result = bc.compare({"text": [1] * 9 + [0] * 51, "text+audio": [0] * 60})
    >>> result.verdicts[0].verdict
    'more'
    """
    for name, check in (("seed", checked_seed), ("looks", checked_looks)):
        if name in options:
            options[name] = check(whole(options[name]))
    data, folder = study, None
    asked: dict[str, Any] = {}
    if isinstance(study, (str, Path)) and Path(study).suffix.lower() == ".toml":
        path = Path(study)
        table = load_table(path)
        if names_data(table):
            asked, folder = settings_in(table, path), path.parent
            data = asked.pop("data")
        else:
            study = study_in(_with_looks(table, options), path)
    kind = "data" if folder is not None else _kind(study, losses, labels)
    if kind == "data":
        _refuse("losses, not for data", losses=losses, ids=ids, classes=classes)
        if isinstance(groups, Mapping):
            if group_columns is not None:
                both = f"{argument('groups')} and {argument('group_columns')}"
                raise InputError(f"{both} both name columns: leave one out")
            group_columns, groups = groups, None
        said = {"delta": delta, "reference": reference, "labels": labels, "groups": groups}
        said |= {"group_columns": group_columns, "group_size": group_size}
        said |= {"weights": weights, "split": split, **options}
        said |= in_rows_of(data, {"groups": groups, "split": split})
        asked |= {name: value for name, value in said.items() if value is not None}
        return _of_data(data, asked, folder=folder, all_pairs=all_pairs, progress=progress)
    how: dict[str, Any] = {"delta": delta, "reference": reference, "all_pairs": all_pairs}
    examples = {"groups": groups, "group_size": group_size, "classes": classes, "weights": weights}
    if any(given is not None for given in examples.values()):
        examples = in_rows_of(losses_of_each(study) if kind == "study" else study, examples)
    if kind == "losses":
        own = {name: options.pop(name, None) for name in ("loss", "loss_bound")}
        found = study_of_losses(study, ids=ids, looks=options.get("looks"), **own, **examples)
        nested = any(a.names < b.names for a, b in permutations(found.subsets, 2))
        how["all_pairs"] = all_pairs or (reference is None and not nested)
        return _compared(found, options, **how)
    given = {"labels": labels, "split": split, "group_columns": group_columns}
    given |= {n: v for n, v in options.items() if n not in _ASKED}
    _refuse("data, not for a study", **given)
    if isinstance(study, Mapping):
        study = _with_looks(study, options)
    return _compared(_with_examples(_study(study), examples), options, **how)


def _kind(source: Any, losses: bool | None, labels: Any) -> Literal["study", "losses", "data"]:
    """What is to be compared."""
    if isinstance(source, Study) and losses is None:
        return "study"
    if is_losses(source, losses, labels):
        return "losses"
    return "data" if is_data(source) else "study"


def _with_looks(table: Mapping[str, Any], options: Mapping[str, Any]) -> Mapping[str, Any]:
    """A study's keys, with what decides how its losses are read: the ids have to be in order."""
    return {**table, "looks": ANY} if options.get("looks") == ANY else table


def _refuse(of: str, /, **given: Any) -> None:
    """Refuse options of another kind of input."""
    for name, value in given.items():
        if value is not None:
            raise InputError(f"{argument(name)} is for {of}: leave it out")


def _compared(
    study: Study, options: Mapping[str, Any], *, all_pairs: bool, **how: Any
) -> Comparison:
    study = _asked(configured(study, all_pairs=all_pairs, **how), options)
    return compare_study(study, all_pairs=all_pairs)


def _asked(study: Study, options: Mapping[str, Any]) -> Study:
    """The study with those parts of its question replaced that are given."""
    given = {name: value for name, value in options.items() if value is not None}
    if unknown := next((name for name in given if name not in _ASKED), None):
        raise InputError(f"{argument(unknown)} is for data, not for losses: leave it out")
    if "margin" in given or "equivalence" in given:
        given = {"margin": None, "equivalence": None} | given
    now = {field.name: getattr(study.question, field.name) for field in fields(Question)}
    return replace(study, question=Question(**(now | given)))


def _with_examples(study: Study, examples: Mapping[str, Any]) -> Study:
    """The study with those of the examples' groups and classes that are given."""
    if all(value is None for value in examples.values()):
        return study
    now = {name: getattr(study.population, name) for name in _OF_EXAMPLES}
    given = {name: value for name, value in examples.items() if value is not None}
    return replace(study, population=population_of(study, Population(**(now | given))))


def _of_data(
    source: Any,
    options: dict[str, Any],
    *,
    folder: Path | None,
    all_pairs: bool,
    progress: Tick | None,
) -> Comparison:
    """Measure a study on data, and compare its subsets."""
    of_examples = {name: options.pop(name, None) for name in (*_SAMPLING, *_READ)}
    sampling = Sampling(**{name: of_examples[name] for name in _SAMPLING}, folder=folder)
    labels, columns, delta, reference = (of_examples[name] for name in _READ)
    asked = {n: v for n, v in options.items() if n in _ASKED - _SHARED and n not in _OF_DATA}
    if asked.get("looks") == ANY and sampling.split is None:
        raise InputError(
            f"{argument('looks')} = any is for predictors that stay the same while examples are "
            "added, and each look at more data draws another split and fits other ones: give "
            f"{argument('split')}, whose training part stays, or a number of looks"
        )
    design = Design.of({n: v for n, v in options.items() if n not in asked})
    failure = 0.05 if delta is None else float(checked(parameter("delta"), delta))
    data = read_data(source, design, sampling, labels=labels, columns=columns)

    def ready(study: Study) -> Study:
        return _asked(configured(study, reference=reference, all_pairs=all_pairs), asked)

    def measured_with(design: Design) -> tuple[Study, Study | None, Measurement]:
        return studies_of_data(
            data,
            design,
            delta=failure,
            sampling=sampling,
            check=lambda bare: compared_pairs(ready(bare), all_pairs=all_pairs),
            progress=progress,
        )

    verdicts, training, record = measured_with(design)
    verdicts = ready(verdicts)
    if design.repeats > 1:
        fixed = design.model_copy(update={"subsets": [fit.modalities for fit in record.fits]})
        studies = [verdicts]
        for seed in range(design.seed + 1, design.seed + design.repeats):
            again, _, _ = measured_with(fixed.model_copy(update={"seed": seed}))
            studies.append(ready(again))
        record = replace(record, spread=spreads(studies, all_pairs=all_pairs))
    if training is None:
        return replace(compare_study(verdicts, all_pairs=all_pairs), data=record)
    said = compare_study(ready(training), all_pairs=all_pairs, part=Part.TRAINING)
    found = compare_study(verdicts, all_pairs=all_pairs, part=Part.HELD_OUT)
    return replace(found, data=record, training=said)


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
            f"{source} is neither data (.npz, .csv, .parquet) nor a study file (.toml); read as a "
            f"study: {error}"
        ) from None


def spreads(studies: Sequence[Study], *, all_pairs: bool) -> tuple[Spread, ...]:
    """The observed gaps of each pair over studies of the same subsets on other splits.

    The splits share examples, so their gaps depend on one another in a way that nobody knows: no
    interval comes from them.
    """
    gaps: dict[tuple[tuple[str, ...], tuple[str, ...]], list[float]] = {}
    for study in studies:
        evidence = Evidence(study)
        for more, less in compared_pairs(study, all_pairs=all_pairs):
            found = gaps.setdefault((more.modalities, less.modalities), [])
            found.append(evidence.pair(more, less).gap)
    return tuple(
        Spread(more, less, len(found), min(found), median(found), max(found))
        for (more, less), found in gaps.items()
    )
