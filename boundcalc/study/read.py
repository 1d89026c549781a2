"""Studies from files and mappings, and study files that name data in place of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.conventions import Average, Noise, Output, Signs
from boundcalc.data.arrays import aligned_rows, read_dataset
from boundcalc.data.dataset import Dataset
from boundcalc.data.loss_files import read_column, read_columns, read_losses, refuse_other_order
from boundcalc.data.loss_tables import LossTable, joined_rows
from boundcalc.errors import ConventionError, InputError, prefix_errors, shorten
from boundcalc.numeric.decide.losses import as_losses
from boundcalc.numeric.decide.sample import ANY, Population
from boundcalc.numeric.domains import exactly
from boundcalc.study.from_losses import (
    check_subsets,
    loss_table,
    named_subsets,
    population_of,
    with_losses,
)
from boundcalc.study.schema import QUESTION_KEYS, DataTable, StudyTable, SubsetTable
from boundcalc.study.study import LossKind, Question, Study, Subset
from boundcalc.study.toml_file import Raw, entry_place, file_in, load_table, opened
from boundcalc.study.training_bounds import posterior_of
from boundcalc.text import confidence, number

if TYPE_CHECKING:
    from boundcalc.calculus import Complexity

# classes whose functions may be the 0/1 losses themselves; all others are classes of scores
_OF_LOSSES = ("vc", "finite", "given")

# keys that are fields of a study, and of a subset
_SAME_OF_STUDY = (
    *("m", "test_n", "delta", "lipschitz", "loss_bound", "erm", "nested", "vector_outputs"),
    "reference",
)
_SAME = (
    *("modalities", "name", "train_loss", "test_loss", "test_errors", "variance", "complexity"),
    *("rademacher", "rademacher_empirical", "centred_loss", "optimisation_gap", "stability"),
)


def read_study(source: Study | Mapping[str, Any] | str | Path) -> Study:
    """Read a study.

    Parameters
    ----------
    source : Study, mapping, str or Path
        A study is returned as it is; a mapping has the keys of a study file; anything else is
        the path of a TOML file. Paths in a file are relative to it, paths in a mapping to the
        working directory.

    Returns
    -------
    Study

    Raises
    ------
    InputError
        For whatever cannot be used: one line that names the file, the subset and the key.
    """
    if isinstance(source, Study):
        return source
    if isinstance(source, Mapping):
        return _study(source, where="study", folder=None, title="")
    return study_in(*opened(source, "study"))


def losses_of_each(source: Any) -> dict[str, Any]:
    """The test losses of the subsets of a study that is a mapping, as they are given."""
    entries = source.get("subset") if isinstance(source, Mapping) else None
    tables = entries if isinstance(entries, (list, tuple)) else ()
    named = enumerate((one.get("test_losses") for one in tables if isinstance(one, Mapping)), 1)
    return {f"the losses of subset {i}": losses for i, losses in named}


def study_in(raw: Raw, path: Path) -> Study:
    """The study in a TOML file that has been read."""
    return _study(raw, where=str(path), folder=path.parent, title=path.stem)


def _study(raw: Raw, *, where: str, folder: Path | None, title: str) -> Study:
    table = StudyTable.read(raw, where)
    with prefix_errors(where):
        asked = Question(**table.model_dump(include=QUESTION_KEYS, exclude_unset=True))
    bare = Study(
        title=table.title or title,
        subsets=(),
        loss=table.loss_kind,
        loss_declared=table.loss is not None,
        **{name: getattr(table, name) for name in _SAME_OF_STUDY},
        question=asked,
        place=where,
    )
    columns = _columns(table, where, folder)
    entries = table.subset
    if columns is not None and not entries:
        named = named_subsets(columns, {name for name in (table.group, table.classes) if name})
        entries = tuple(SubsetTable.read(one, where) for one in named)
    if folder is None:  # a file has no series
        losses = {f"the losses of subset {i}": one.test_losses for i, one in enumerate(entries, 1)}
        found = aligned_rows([*losses.values()], [*losses])
        entries = tuple(
            one.model_copy(update={"test_losses": x}) if x is not one.test_losses else one
            for one, x in zip(entries, found, strict=True)
        )
    if len(entries) < 2:
        counted = "only one subset" if entries else "no subset"
        raise InputError(f"{where}: {counted}; a comparison needs at least two [[subset]] tables")
    subsets = tuple(
        _subset(one, bare, where + entry_place("subset", i, one.modalities), folder)
        for i, one in enumerate(entries)
    )
    if columns is not None:
        subsets = tuple(with_losses(columns, subset, bare) for subset in subsets)
    else:
        with prefix_errors(where):
            subsets = _paired(table, subsets, folder)
    check_subsets(replace(bare, subsets=subsets))
    for subset in subsets:
        beta = subset.stability
        if bare.loss is LossKind.ZERO_ONE and beta is not None and 0 < beta < 1:
            raise InputError(
                f"{subset.place}: stability = {beta:g}, but a 0/1 loss moves by 0 or by 1: give "
                "the β and the losses of a bounded loss, such as the ramp loss"
            )
    if bare.nested and len({subset.names for subset in subsets}) < len(subsets):
        raise InputError(f"{where}: nested = true needs one predictor of each subset")
    study = replace(bare, subsets=subsets, test_n=_test_n(bare, subsets))
    with prefix_errors(where):
        given = Population(table.group, table.group_size, table.classes, table.class_weights)
        if (given.groups, given.classes) != (None, None):
            given = population_of(study, given, columns, folder)
        study = replace(study, population=given)
    if study.reference is not None:
        study.subset(study.reference, f"{where}: reference")
    return study


def _columns(table: StudyTable, where: str, folder: Path | None) -> LossTable | None:
    """The columns of losses that a study names."""
    if table.losses is None:
        return None
    with prefix_errors(where):
        files = [file_in(folder, name) for name in table.losses]
        return loss_table(files, table.id, table.looks)


def _paired(
    table: StudyTable, subsets: tuple[Subset, ...], folder: Path | None
) -> tuple[Subset, ...]:
    """The losses of all subsets in the order of the first one's file.

    Refused where no column of ids is named and files name their examples in different orders.
    """
    files = {
        i: file_in(folder, one.test_losses)
        for i, one in enumerate(table.subset)
        if isinstance(one.test_losses, str)
    }
    if not table.id:
        named = [(subsets[i].label, read_columns(file) or {}) for i, file in files.items()]
        for (one, own), (two, other) in combinations(named, 2):
            refuse_other_order(own, other, (one, two))
    if not files or not table.id:
        return subsets
    found = list(subsets)
    ids = [read_column(file, str(table.id), "id") for file in files.values()]
    rows = joined_rows(ids, in_order=table.looks == ANY)
    for i, order in zip(files, rows, strict=True):
        losses = np.asarray(subsets[i].test_losses)[order]
        losses.setflags(write=False)
        found[i] = replace(subsets[i], test_losses=losses)
    return tuple(found)


def _subset(table: SubsetTable, study: Study, where: str, folder: Path | None) -> Subset:
    for key in ("train_loss", "test_loss"):
        _at_most(getattr(table, key), study.loss_bound, key, "loss_bound", where)
    size = abs(table.centred_loss or 0.0)
    _at_most(size, study.loss_bound, "the size of centred_loss", "loss_bound", where)
    if study.test_n is not None:
        _at_most(table.test_errors, study.test_n, "test_errors", "test_n", where)
    said = {name: getattr(table, name) for name in _SAME}
    if table.class_ is not None:
        said |= _class_numbers(table.class_, study, where)
    said["test_losses"] = _losses(table.test_losses, study, where, folder)
    if table.posterior is not None:
        said["posterior"] = posterior_of(table.posterior, study, table.modalities, where)
    return Subset(place=where, **said)


def _at_most(value: float | None, most: float, key: str, most_key: str, where: str) -> None:
    """Refuse a value above another key's."""
    if value is not None and value > most:
        raise InputError(f"{where}: {key} = {value:.10g} is above {most_key} = {most:.10g}")


def _losses(
    given: Any, study: Study, where: str, folder: Path | None
) -> NDArray[np.float64] | None:
    """Per-example test losses, from a file or from the list itself; read-only."""
    if given is None:
        return None
    bound = study.loss_bound
    with prefix_errors(where):
        if isinstance(given, str):
            zero_one = study.loss is LossKind.ZERO_ONE
            losses = read_losses(file_in(folder, given), loss_bound=bound, zero_one=zero_one)
        else:
            losses = as_losses(given, where="test_losses", loss_bound=bound)
    losses.setflags(write=False)
    return losses


def _class_numbers(entry: object, study: Study, where: str) -> dict[str, Any]:
    """Evaluate the class of a subset, in the conventions of the study: its complexity, in the form
    that it has, and what it assumes, as fields of a `Subset`.

    Refused for a class that cannot be evaluated; `ConventionError` for one in other conventions
    than the study.
    """
    if not isinstance(entry, Mapping):
        example = '{ kind = "linear-l2", norm = 1, radius = 1 }'
        raise InputError(f"{where}: class must be a table, such as {example}")
    from boundcalc.calculus import class_from_dict  # SymPy
    from boundcalc.numeric.complexity import complexity

    where = f"{where}, class"
    F = class_from_dict(entry, 1 if study.m is None else study.m, where=where)
    _check_class(F, str(entry.get("kind")), study, where)
    F = F.expected() if Average.EXPECTED in F.tags.averages else F.on_sample()
    found = complexity(F)
    if found.failure:
        raise ConventionError(
            f"{where} holds with probability {confidence(found.failure)}, and the ledger does not "
            "pay for that: give the complexity on the sample, without expected"
        )
    if found.average is not Average.EMPIRICAL and found.intrinsic is not None:
        # c = R² at m = 1, where rounding has the least to do
        one = complexity(class_from_dict(entry, 1, where=where).expected()).value
        return {"complexity": one**2, "assumes": found.assumes}
    if study.m is None:
        raise InputError(
            f"{where} needs m, the number of training examples, which the study does not give"
        )
    empirical = found.average is Average.EMPIRICAL
    kind = "rademacher_empirical" if empirical else "rademacher"
    return {kind: found.value, "assumes": found.assumes}


def _check_class(F: Complexity, kind: str, study: Study, where: str) -> None:
    """Refuse a class in other conventions than the theorems take, and name the bridge."""
    tags = F.tags
    if study.loss is LossKind.ZERO_ONE and kind not in _OF_LOSSES:
        raise InputError(
            f"{where}: {shorten(kind)} is a class of scores, and a 0/1 loss is not Lipschitz; "
            f"give the class of the losses themselves, {', '.join(_OF_LOSSES)}, or rademacher"
        )
    if tags.signs is not Signs.SIGNED:
        raise ConventionError(
            f'{where} has absolute values: wrap it, {{ kind = "signed", of = … }}'
        )
    if tags.noise is not Noise.RADEMACHER:
        bridge = '{ kind = "rademacher-from-gaussian", of = … }'
        raise ConventionError(f"{where} is a Gaussian complexity: wrap it, {bridge}")
    if (tags.output is Output.VECTOR) != study.vector_outputs:
        vector = tags.output is Output.VECTOR
        has, says = ("several outputs", "false") if vector else ("one output", "true")
        raise ConventionError(f"{where}: {shorten(kind)} has {has}, but vector_outputs is {says}")
    _check_range(F, kind, study, where)
    if F.holds_losses and study.lipschitz not in (None, 1.0):
        raise ConventionError(
            f"{where} is a class of losses, in which the Lipschitz constant is already: "
            f"lipschitz is 1 then, not {study.lipschitz:g}"
        )


def _check_range(F: Complexity, kind: str, study: Study, where: str) -> None:
    """Refuse a class of losses whose values leave out some that the study's loss may take."""
    of_errors = study.loss is LossKind.ZERO_ONE
    length = F.width if F.holds_losses or of_errors else None
    if length is None or length >= exactly(study.loss_bound):
        return
    end = number(float(length / 2 if of_errors else length), 10)
    has = f"[−{end}, {end}]" if of_errors else f"[0, {end}]"
    raise ConventionError(
        f"{where}: {shorten(kind)} has values in {has}, or in an interval of that length, and the "
        f"losses of the study lie in [0, {study.loss_bound:g}]: let the two agree"
    )


def _test_n(study: Study, subsets: Sequence[Subset]) -> int | None:
    """The number of test examples: as given, or the common length of the lists of losses."""
    n, by = study.test_n, f"test_n = {study.test_n}"
    for subset in subsets:
        if subset.test_losses is None:
            continue
        length = len(subset.test_losses)
        if n is not None and length != n:
            raise InputError(f"{subset.place}: test_losses has {length} losses, but {by}")
        n, by = length, f"{subset.label} has {length}"
    for subset in subsets:
        if n is None and subset.test_errors is not None:
            said = "needs test_n, the number of test examples (a top-level key of the study)"
            raise InputError(f"{subset.place}: test_errors {said}")
        if n is not None:
            counted = "the number of test losses"
            _at_most(subset.test_errors, n, "test_errors", counted, subset.place)
    return n


# what the keys are called as options
_CALLED = {"groups": "group_columns", "group": "groups", "class_weights": "weights"}


def names_data(raw: Raw) -> bool:
    """Whether a TOML table names data rather than numbers."""
    return "data" in raw


def settings_in(raw: Raw, path: Path) -> dict[str, Any]:
    """The settings in a study file that names data. Paths in it are relative to it.

    Refused for an unknown key, and where the data or the columns are not named as they have to be.
    """
    table = DataTable.read(raw, str(path))
    said = table.model_dump(exclude_unset=True) | {"data": file_in(path.parent, table.data)}
    return {_CALLED.get(name, name): value for name, value in said.items()}


def named_dataset(
    path: Path,
    labels: str | None = None,
    missing: str | None = None,
    categorical: Sequence[str] | None = None,
) -> Dataset:
    """The data in a file, ``.npz``, ``.npy``, ``.csv`` or ``.parquet``, or those that a study file
    with the key ``data`` names.

    What the labels are called, what becomes of missing values and which columns are categories is
    otherwise as the study file says. Refused if it cannot be read, or is a study of numbers.
    """
    if path.suffix.lower() != ".toml":
        kinds = tuple(categorical or ())
        return read_dataset(path, labels=labels or "y", missing=missing, categorical=kinds)
    raw = load_table(path)
    if not names_data(raw):
        needs = "it needs the key data, the name of an .npz, .csv or .parquet file"
        raise InputError(f"{path} names no data: {needs}")
    said = settings_in(raw, path)
    named = labels or said.get("labels", "y")
    how = {name: said[name] for name in ("categorical", "missing", "flatten") if name in said}
    how |= {} if missing is None else {"missing": missing}
    how |= {"categorical": tuple(categorical)} if categorical else {}
    beside = [said[name] for name in ("groups", "split") if name in said]
    columns = said.get("group_columns")
    return read_dataset(said["data"], groups=columns, labels=named, beside=beside, **how)
