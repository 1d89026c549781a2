"""Study files: TOML, or a mapping with the same keys, checked key by key."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.data.losses import read_column, read_losses
from boundcalc.errors import InputError, shorten
from boundcalc.numeric.certifying.losses import as_losses
from boundcalc.numeric.decide.population import aligned
from boundcalc.numeric.decide.sample import Population
from boundcalc.study.classes import ClassNumbers, class_numbers
from boundcalc.study.counts import WrittenNumber
from boundcalc.study.fields import (
    Table,
    at_most,
    choice,
    flag,
    known_keys,
    modalities,
    number,
    only_one,
    placed,
    text,
    whole,
)
from boundcalc.study.losses import LossColumns, loss_table, population_of
from boundcalc.study.question import question
from boundcalc.study.study import LossKind, Study, Subset

_MOST_BYTES = 4 * 2**20
_QUESTION = ("direction", "method", "joint", "looks", "margin", "equivalence", "seed")
_EXAMPLES = ("losses", "id", "group", "group_size", "classes", "class_weights")
STUDY_KEYS = (
    *("title", "m", "test_n", "delta", "lipschitz", "loss_bound", "loss", "erm", "vector_outputs"),
    *("nested", "reference", "subset", *_QUESTION, *_EXAMPLES),
)
_COMPLEXITIES = ("complexity", "rademacher", "rademacher_empirical", "class")
_TESTS = ("test_loss", "test_errors", "test_losses")
_NUMBERS = ("train_loss", "test_loss", "variance", "centred_loss", "optimisation_gap", *_COMPLEXITIES[:3])
_SUBSET_KEYS = ("name", "modalities", "test_errors", "test_losses", "class", *_NUMBERS)


def read_study(source: Study | Mapping[str, Any] | str | Path) -> Study:
    """Read a study.

    Parameters
    ----------
    source : Study, mapping, str or Path
        A study is returned as it is; a mapping has the keys of a study file; anything else is the path
        of a TOML file. Paths in a file are relative to it, paths in a mapping to the working directory.

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
    try:
        path = Path(source)
    except TypeError:
        raise InputError(f"a study is a path or a mapping, not {shorten(repr(source))}") from None
    return study_in(load_table(path), path)


def study_in(table: Table, path: Path) -> Study:
    """The study in a TOML file that has been read."""
    return _study(table, where=str(path), folder=path.parent, title=path.stem)


def load_table(path: Path) -> Table:
    """Read a TOML file.

    Raises
    ------
    InputError
        If there is none, or it is too large or no valid TOML.
    """
    try:
        if path.is_dir():
            raise InputError(f"{path} is a folder, not a study file")
        with path.open("rb") as stream:
            raw = stream.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"there is no file {shorten(str(path), 200)}") from None
    except InputError:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot read {shorten(str(path), 200)}: {reason}") from None
    if len(raw) > _MOST_BYTES:
        raise InputError(f"{path} is larger than 4 MiB; put long lists into files of their own")
    try:
        return tomllib.loads(raw.decode("utf-8-sig"), parse_float=WrittenNumber)
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text (byte {error.start + 1})") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path} is not valid TOML: {error}") from None
    except ValueError:  # Python refuses whole numbers of more than a few thousand digits
        raise InputError(f"{path} holds a number with too many digits") from None
    except RecursionError:
        raise InputError(f"{path} is nested too deeply") from None


def _study(table: Table, *, where: str, folder: Path, title: str) -> Study:
    known_keys(table, STUDY_KEYS, where)
    delta, bound = number(table, "delta", where), number(table, "loss_bound", where)
    bare = Study(
        title=text(table, "title", where) or title,
        subsets=(),
        m=whole(table, "m", where),
        test_n=whole(table, "test_n", where),
        delta=0.05 if delta is None else delta,
        lipschitz=number(table, "lipschitz", where),
        loss_bound=1.0 if bound is None else bound,
        loss=_loss_kind(table, where),
        loss_declared="loss" in table,
        erm=flag(table, "erm", where),
        nested=flag(table, "nested", where),
        vector_outputs=flag(table, "vector_outputs", where),
        reference=modalities(table, "reference", where) if "reference" in table else None,
        question=question({key: table[key] for key in _QUESTION if key in table}, where),
        place=where,
    )
    _check_loss(bare)
    columns = _columns(table, where, folder)
    if columns is not None and "subset" not in table:
        table = {**table, "subset": columns.tables(leave_out=_used(table))}
    entries = _entries(table, where)
    subsets = tuple(_subset(entry, bare, _place(entry, i, where), folder) for i, entry in entries)
    if columns is not None:
        subsets = tuple(columns.subset(subset, bare.loss_bound) for subset in subsets)
    elif "id" in table:
        subsets = _by_ids(table, subsets, folder)
    for subset in subsets:
        _check_zero_one(bare, subset)
    _check_different(subsets, bare)
    study = replace(bare, subsets=subsets, test_n=_test_n(bare, subsets))
    with placed(where):
        study = replace(study, population=_population(table, study, columns, folder))
    if study.reference is not None:
        study.subset(study.reference, f"{where}: reference")
    return study


def _columns(table: Table, where: str, folder: Path) -> LossColumns | None:
    """The columns of losses that a study names."""
    if "losses" not in table:
        return None
    given, ids = table["losses"], _word(table, "id", where)
    files = [given] if isinstance(given, str) else given
    if not isinstance(files, list) or not files or not all(isinstance(f, str) and f for f in files):
        raise InputError(f"{where}: losses is the name of a file, or a list of names")
    with placed(where):
        return LossColumns(loss_table([folder / name for name in files], ids))


def _word(table: Table, key: str, where: str) -> str | None:
    return text(table, key, where) or None


def _used(table: Table) -> set[str]:
    """The columns that hold no losses."""
    return {table[key] for key in ("group", "classes") if isinstance(table.get(key), str)}


def _by_ids(table: Table, subsets: tuple[Subset, ...], folder: Path) -> tuple[Subset, ...]:
    """The losses of all subsets in the order of the first one's file."""
    column, given = str(table["id"]), table.get("subset", [])
    with_losses = [i for i, entry in enumerate(given) if isinstance(entry.get("test_losses"), str)]
    ids = {i: read_column(folder / given[i]["test_losses"], column, "id") for i in with_losses}
    found = list(subsets)
    for i in with_losses:
        first = with_losses[0]
        rows = aligned(ids[first], ids[i], (subsets[first].label, subsets[i].label))
        losses = subsets[i].test_losses
        assert losses is not None
        losses = losses[rows]
        losses.setflags(write=False)
        found[i] = replace(subsets[i], test_losses=losses)
    return tuple(found)


def _population(table: Table, study: Study, columns: LossColumns | None, folder: Path) -> Population:
    """Groups, and classes with their weights."""
    where = study.place
    size, weights = whole(table, "group_size", where), table.get("class_weights")
    if weights is not None and not isinstance(weights, Mapping):
        raise InputError("class_weights is a table of numbers, one a class")
    given = Population(_word(table, "group", where), size, _word(table, "classes", where), weights)
    return population_of(study, given, None if columns is None else columns.table, folder)


def _entries(table: Table, where: str) -> list[tuple[int, Table]]:
    entries = table.get("subset", [])
    if not isinstance(entries, (list, tuple)) or not all(isinstance(e, Mapping) for e in entries):
        raise InputError(f"{where}: subset must be a list of tables, each headed [[subset]]")
    if len(entries) < 2:
        counted = {0: "no subset", 1: "only one subset"}[len(entries)]
        raise InputError(f"{where}: {counted}; a comparison needs at least two [[subset]] tables")
    return list(enumerate(entries, start=1))


def _place(entry: Table, index: int, where: str) -> str:
    names = entry.get("modalities")
    usable = isinstance(names, (list, tuple)) and all(isinstance(n, str) for n in names)
    label = shorten("+".join(names or ())) if usable else ""
    return f"{where}, subset {index}" + (f" ({label})" if label else "")


def _loss_kind(table: Table, where: str) -> LossKind:
    """The kind that is given; a count of errors implies a 0/1 loss."""
    given = choice(table, "loss", LossKind, where)
    entries = table.get("subset", [])
    listed = entries if isinstance(entries, (list, tuple)) else []
    counted = any(isinstance(entry, Mapping) and "test_errors" in entry for entry in listed)
    if counted and given is LossKind.BOUNDED:
        raise InputError(f"{where}: test_errors counts errors of a 0/1 loss, but loss is 'bounded'")
    return given or (LossKind.ZERO_ONE if counted else LossKind.BOUNDED)


def _check_loss(study: Study) -> None:
    """A 0/1 loss has the range 1 and is not Lipschitz: only the loss class itself has a complexity."""
    if study.loss is not LossKind.ZERO_ONE:
        return
    if study.loss_bound != 1:
        raise InputError(f"{study.place}: loss_bound = {study.loss_bound:g}, but a 0/1 loss lies in [0, 1]")
    if study.lipschitz not in (None, 1.0):
        raise InputError(
            f"{study.place}: lipschitz = {study.lipschitz:g}, but a 0/1 loss is not Lipschitz; "
            "give the complexity of its loss class and lipschitz = 1"
        )
    if study.lipschitz is not None and study.vector_outputs:
        raise InputError(
            f"{study.place}: vector_outputs needs a Lipschitz loss, and a 0/1 loss is not Lipschitz"
        )


def _subset(table: Table, study: Study, where: str, folder: Path) -> Subset:
    known_keys(table, _SUBSET_KEYS, where)
    names = modalities(table, "modalities", where)
    only_one(table, _COMPLEXITIES, "the complexity", where)
    only_one(table, _TESTS, "the test losses", where)
    if "variance" in table and "test_loss" not in table:
        raise InputError(f"{where}: variance goes with test_loss, which is missing")
    given = {key: number(table, key, where) for key in _NUMBERS}
    written = table.get("test_loss")  # with the zeros at its end, which say how it was rounded
    for key in ("train_loss", "test_loss"):
        at_most(given[key], study.loss_bound, key, "loss_bound", where)
    centred = given["centred_loss"]
    at_most(abs(centred or 0.0), study.loss_bound, "the size of centred_loss", "loss_bound", where)
    errors = whole(table, "test_errors", where)
    if study.test_n is not None:
        at_most(errors, study.test_n, "test_errors", "test_n", where)
    size = ClassNumbers(given["complexity"], given["rademacher"], given["rademacher_empirical"])
    if "class" in table:
        size = class_numbers(table["class"], study, where)
    return Subset(
        modalities=names,
        name=text(table, "name", where),
        test_errors=errors,
        test_losses=_losses(table, study, where, folder),
        place=where,
        train_loss=given["train_loss"],
        test_loss=written if isinstance(written, WrittenNumber) else given["test_loss"],
        variance=given["variance"],
        complexity=size.complexity,
        rademacher=size.rademacher,
        rademacher_empirical=size.rademacher_empirical,
        assumes=size.assumes,
        centred_loss=given["centred_loss"],
        optimisation_gap=given["optimisation_gap"],
    )


def _losses(table: Table, study: Study, where: str, folder: Path) -> NDArray[np.float64] | None:
    """Per-example test losses, from a file or from the list itself; read-only."""
    if "test_losses" not in table:
        return None
    given, bound = table["test_losses"], study.loss_bound
    with placed(where):
        if isinstance(given, str):
            losses = read_losses(folder / given, loss_bound=bound)
        else:
            losses = as_losses(given, where="test_losses", loss_bound=bound)
    losses.setflags(write=False)
    return losses


def _check_zero_one(study: Study, subset: Subset) -> None:
    losses = subset.test_losses
    if study.loss is not LossKind.ZERO_ONE or losses is None:
        return
    bad = ~(np.isnan(losses) | np.isin(losses, (0.0, 1.0)))
    if bad.any():
        row = int(np.argmax(bad))
        raise InputError(f"{subset.place}: loss {row + 1} in test_losses is {losses[row]:g}, neither 0 nor 1")


def _check_different(subsets: Sequence[Subset], study: Study) -> None:
    """Predictors of the same modalities have names that differ."""
    seen: dict[tuple[frozenset[str], str], int] = {}
    for i, subset in enumerate(subsets, start=1):
        key = subset.names, subset.name
        if key in seen:
            same = "the same modalities" if not subset.name else "the same modalities and name"
            raise InputError(f"{subset.place}: {same} as subset {seen[key]}")
        seen[key] = i
    if study.nested and len({subset.names for subset in subsets}) < len(subsets):
        raise InputError(f"{study.place}: nested = true needs one predictor of each subset")


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
            at_most(subset.test_errors, n, "test_errors", "the number of test losses", subset.place)
    return n
