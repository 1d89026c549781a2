"""A study from losses as they come: one column a predictor, one row a held-out example."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.arguments import dimensions, typed
from boundcalc.data.loss_files import Column, read_names
from boundcalc.data.loss_tables import LossTable, as_loss_table, joined_tables, read_loss_table
from boundcalc.data.tables import is_pandas
from boundcalc.errors import (
    InputError,
    UnknownNameError,
    argument,
    normal,
    prefix_errors,
    refuse_unknown,
    shorten,
    shown,
)
from boundcalc.numeric.decide.losses import labels, range_end, refuse_between
from boundcalc.numeric.decide.sample import ANY, Population
from boundcalc.study.study import LossKind, Study, Subset
from boundcalc.study.toml_file import file_in

_NAMED = re.compile(r"(?P<name>[^\[\]]+)\[(?P<seen>[^\[\]]+)\]")
_STUDY_KEYS = frozenset({"subset", "losses", "data"})


def is_losses(source: Any, declared: bool | None, given_labels: Any) -> bool:
    """Whether it is losses: as declared, or a frame or a mapping of columns without labels."""
    if declared is not None or isinstance(source, (str, Path)):
        return bool(declared)
    if isinstance(source, (list, tuple)):
        return not all(str(path).lower().endswith((".npy", ".npz")) for path in source)
    if given_labels is not None:
        return False
    if is_pandas(source) and hasattr(source, "columns"):
        return "y" not in map(str, source.columns) and "y" not in source.index.names
    if not isinstance(source, Mapping) or "y" in source or not _STUDY_KEYS.isdisjoint(source):
        return False
    return bool(source) and all(_is_column(values) for values in source.values())


def _is_column(values: Any) -> bool:
    if isinstance(values, (str, bytes, Mapping)) or np.isscalar(values) or values is None:
        return False
    shape = getattr(values, "shape", None)
    if shape is not None:
        return len(shape) == 1
    return isinstance(values, Sequence) and bool(values) and dimensions(values[0]) == 0


def named_predictor(column: str, where: str) -> tuple[tuple[str, ...], str]:
    """The modalities and the name in ``text+audio``, which has none, or
    ``late_fusion[text+audio]``.
    """
    match = _NAMED.fullmatch(column.strip())
    seen, name = (match["seen"], match["name"].strip()) if match else (column, "")
    modalities = tuple(normal(part) for part in seen.split("+"))
    if not all(modalities) or len(set(modalities)) < len(modalities) or not column.isprintable():
        raise InputError(
            f"{where}: the name '{shorten(column)}' says no modalities: use names such as "
            "text+audio or late_fusion[text+audio]"
        )
    return modalities, name


def named_subsets(table: LossTable, leave_out: set[str]) -> list[dict[str, Any]]:
    """What the names of the columns say, as the tables of a study file."""
    columns = (name for name in table.columns if name not in leave_out)
    found = (named_predictor(column, table.where) for column in columns)
    return [{"modalities": list(modalities), "name": name} for modalities, name in found]


def with_losses(table: LossTable, subset: Subset, study: Study) -> Subset:
    """The subset with the losses of its column.

    Refused if no column is its own, or if its losses are given otherwise as well.
    """
    where, given = subset.place, (subset.test_losses, subset.test_loss, subset.test_errors)
    if any(value is not None for value in given):
        raise InputError(f"{where}: its losses are given twice, here and by the study's losses")
    with prefix_errors(where):
        losses = _losses(table, _column(table, subset), study.loss_bound, study.loss)
    return replace(subset, test_losses=losses)


def _column(table: LossTable, subset: Subset) -> Column:
    """The column of a subset, by the name of its predictor or the modalities that it sees."""
    for name in (subset.name, subset.label):
        if name and name in table.columns:
            return table.columns[name]
    for column, found in table.columns.items():
        with suppress(InputError):
            modalities, name = named_predictor(column, table.where)
            if (frozenset(modalities), name) == (subset.names, subset.name):
                return found
    kind = f"column of {table.where} for {shorten(subset.label)}"
    raise UnknownNameError(kind, subset.name or subset.label, table.columns)


@typed
def study_of_losses(
    source: Any,
    *,
    ids: str | None = None,
    loss: str | None = None,
    loss_bound: float | None = None,
    groups: Any = None,
    group_size: int | None = None,
    classes: Any = None,
    weights: Mapping[Any, float] | None = None,
    looks: int | str | None = None,
) -> Study:
    """The study of predictors whose losses are known example by example; `compare` says what the
    options are.
    """
    table = loss_table(source, ids, looks)
    population = _population(table, Population(groups, group_size, classes, weights))
    used = {name for name in (groups, classes) if isinstance(name, str) and name in table.columns}
    if loss is not None:
        refuse_unknown("kind of loss", loss, tuple(LossKind))
    subsets = []
    for called, column in table.columns.items():
        if called not in used:
            modalities, name = named_predictor(called, column.where)
            losses = _losses(table, column, loss_bound, loss)
            subsets.append(Subset(modalities, test_losses=losses, place=column.place, name=name))
    if len(subsets) < 2:
        raise InputError(f"{table.where}: a comparison needs the losses of at least two predictors")
    study = Study(
        title=shorten(table.where, 60),
        subsets=tuple(subsets),
        test_n=table.size,
        loss_bound=range_end(loss_bound),
        loss=LossKind.BOUNDED if loss is None else LossKind(loss),
        loss_declared=loss is not None,
        population=population,
        place=table.where,
    )
    check_subsets(study)
    return study


def loss_table(source: Any, ids: str | None, looks: int | str | None = None) -> LossTable:
    """The columns of files, a frame or a mapping."""
    if isinstance(source, (str, Path)):
        source = [source]
    tables = None
    if isinstance(source, (list, tuple)):
        if not all(isinstance(path, (str, Path)) for path in source):
            raise InputError(f"losses are files or columns with names, not {shown(source)}")
        tables = [read_loss_table(path) for path in source]
    tables = [as_loss_table(source)] if tables is None else tables
    return joined_tables(tables, ids, in_order=looks == ANY)


def _losses(
    table: LossTable, column: Column, loss_bound: float | None, kind: str | None
) -> NDArray[np.float64]:
    """Losses in their range, NaN where there is none; read-only."""
    seen = [part.strip() for name in table.columns for part in re.split(r"[+\[\]]", name)]
    losses = column.losses(
        loss_bound,
        zero_one=kind == LossKind.ZERO_ONE,
        gaps=True,
        alone=seen.count(column.name) == 1,
    )
    losses.setflags(write=False)
    return losses


def check_subsets(study: Study) -> None:
    """Refuse a predictor that is there twice, and losses that 0/1 losses cannot be."""
    seen: dict[tuple[frozenset[str], str], Subset] = {}
    for subset in study.subsets:
        first = seen.setdefault((subset.names, subset.name), subset)
        if first is not subset:
            same = "the same modalities and name" if subset.name else "the same modalities"
            which = first.place.removeprefix(study.place).removeprefix(", ")
            raise InputError(f"{subset.place}: {same} as {which}")
    if study.loss is LossKind.ZERO_ONE:
        losses = {s.place: s.test_losses for s in study.subsets if s.test_losses is not None}
        refuse_between(losses, study.loss_bound)


def population_of(
    study: Study, population: Population, table: LossTable | None = None, folder: Path | None = None
) -> Population:
    """The groups and classes of a study's test examples, checked.

    Refused where a subset has no loss for each example, or a name is missing.
    """
    if population.groups is None and population.classes is None:
        return population
    without = next((s for s in study.subsets if s.test_losses is None), None)
    if without is not None:
        raise InputError(
            f"{study.place}: groups and classes go with a loss for each example, which "
            f"{without.label} lacks"
        )
    if table is None:
        table = LossTable(study.place, {}, study.test_n or 0)
    return _population(table, population, folder=folder)


def _population(table: LossTable, given: Population, *, folder: Path | None = None) -> Population:
    """Groups and classes: as given, from a column, or from a file; one for each example."""
    found: dict[str, Any] = {}
    columns = {name: column.entries for name, column in table.columns.items()}
    for what, values in (("groups", given.groups), ("classes", given.classes)):
        name = shorten(str(values)) if isinstance(values, (str, Path)) else ""
        called = argument(what)
        unknown = InputError(f"{called}: '{name}' is no file, and no column of {table.where}")
        values = looked_up(values, columns, folder, unknown)
        found[what] = None if values is None else labels(values, table.size, called)
    return replace(given, **found)


def looked_up(
    given: Any, columns: Mapping[str, Sequence[Any]], folder: Path | None, unknown: InputError
) -> Any:
    """What the column or the file of a name says of each example; what is no name, as it is."""
    if not isinstance(given, (str, Path)):
        return given
    if str(given) in columns:
        return list(columns[str(given)])
    file = file_in(folder, given)
    if not file.is_file():
        raise unknown
    return read_names(file)
