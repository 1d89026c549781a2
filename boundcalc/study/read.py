"""Studies from files and mappings, and what their keys have to fulfil together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.data.losses import read_losses
from boundcalc.errors import InputError, placed
from boundcalc.numeric.certifying.losses import as_losses
from boundcalc.study.classes import ClassNumbers, class_numbers
from boundcalc.study.schema import StudyTable, SubsetTable
from boundcalc.study.study import LossKind, Study, Subset
from boundcalc.study.toml_file import Raw, entry_place, opened


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
        return _study(source, where="study", folder=Path(), title="")
    return study_in(*opened(source, "study"))


def study_in(raw: Raw, path: Path) -> Study:
    """The study in a TOML file that has been read."""
    return _study(raw, where=str(path), folder=path.parent, title=path.stem)


def _study(raw: Raw, *, where: str, folder: Path, title: str) -> Study:
    table = StudyTable.read(raw, where)
    bare = Study(
        title=table.title or title,
        subsets=(),
        m=table.m,
        test_n=table.test_n,
        delta=table.delta,
        lipschitz=table.lipschitz,
        loss_bound=table.loss_bound,
        loss=table.loss_kind,
        erm=table.erm,
        nested=table.nested,
        vector_outputs=table.vector_outputs,
        reference=table.reference,
        place=where,
    )
    subsets = tuple(
        _subset(one, bare, where + entry_place("subset", i, one.modalities), folder)
        for i, one in enumerate(table.subset)
    )
    _check_different(subsets)
    study = replace(bare, subsets=subsets, test_n=_test_n(bare, subsets))
    if study.reference is not None:
        study.subset(study.reference, f"{where}: reference")
    return study


def _subset(table: SubsetTable, study: Study, where: str, folder: Path) -> Subset:
    for key in ("train_loss", "test_loss"):
        _at_most(getattr(table, key), study.loss_bound, key, "loss_bound", where)
    size = abs(table.centred_loss or 0.0)
    _at_most(size, study.loss_bound, "the size of centred_loss", "loss_bound", where)
    if study.test_n is not None:
        _at_most(table.test_errors, study.test_n, "test_errors", "test_n", where)
    known = ClassNumbers(table.complexity, table.rademacher, table.rademacher_empirical)
    if table.class_ is not None:
        known = class_numbers(table.class_, study, where)
    return Subset(
        modalities=table.modalities,
        test_errors=table.test_errors,
        test_losses=_losses(table.test_losses, study, where, folder),
        place=where,
        train_loss=table.train_loss,
        test_loss=table.test_loss,
        variance=table.variance,
        complexity=known.complexity,
        rademacher=known.rademacher,
        rademacher_empirical=known.rademacher_empirical,
        assumes=known.assumes,
        centred_loss=table.centred_loss,
        optimisation_gap=table.optimisation_gap,
    )


def _at_most(value: float | None, most: float, key: str, most_key: str, where: str) -> None:
    """Refuse a value above another key's."""
    if value is not None and value > most:
        raise InputError(f"{where}: {key} = {value:.10g} is above {most_key} = {most:.10g}")


def _losses(given: Any, study: Study, where: str, folder: Path) -> NDArray[np.float64] | None:
    """Per-example test losses, from a file or from the list itself; read-only."""
    if given is None:
        return None
    bound = study.loss_bound
    with placed(where):
        if isinstance(given, str):
            losses = read_losses(folder / given, loss_bound=bound)
        else:
            losses = as_losses(given, where="test_losses", loss_bound=bound)
    if study.loss is LossKind.ZERO_ONE and not np.isin(losses, (0.0, 1.0)).all():
        row = int(np.argmin(np.isin(losses, (0.0, 1.0))))
        said = f"loss {row + 1} in test_losses is {losses[row]:g}, neither 0 nor 1"
        raise InputError(f"{where}: {said}")
    losses.setflags(write=False)
    return losses


def _check_different(subsets: Sequence[Subset]) -> None:
    seen: dict[frozenset[str], int] = {}
    for i, subset in enumerate(subsets, start=1):
        if subset.names in seen:
            raise InputError(f"{subset.place}: the same modalities as subset {seen[subset.names]}")
        seen[subset.names] = i


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
        if n is not None:
            counted = "the number of test losses"
            _at_most(subset.test_errors, n, "test_errors", counted, subset.place)
    return n
