"""Study files: TOML, or a mapping with the same keys, checked key by key."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.data.losses import read_losses
from boundcalc.errors import InputError, shorten
from boundcalc.numeric.certifying.losses import as_losses
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
from boundcalc.study.study import LossKind, Study, Subset

_MOST_BYTES = 4 * 2**20
STUDY_KEYS = (
    *("title", "m", "test_n", "delta", "lipschitz", "loss_bound", "loss", "erm", "vector_outputs"),
    *("nested", "reference", "subset"),
)
_COMPLEXITIES = ("complexity", "rademacher", "rademacher_empirical", "class")
_TESTS = ("test_loss", "test_errors", "test_losses")
_NUMBERS = ("train_loss", "test_loss", "variance", "centred_loss", "optimisation_gap", *_COMPLEXITIES[:3])
_SUBSET_KEYS = ("modalities", "test_errors", "test_losses", "class", *_NUMBERS)


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
        erm=flag(table, "erm", where),
        nested=flag(table, "nested", where),
        vector_outputs=flag(table, "vector_outputs", where),
        reference=modalities(table, "reference", where) if "reference" in table else None,
        place=where,
    )
    _check_loss(bare)
    entries = _entries(table, where)
    subsets = tuple(_subset(entry, bare, _place(entry, i, where), folder) for i, entry in entries)
    _check_different(subsets)
    study = replace(bare, subsets=subsets, test_n=_test_n(bare, subsets))
    if study.reference is not None:
        study.subset(study.reference, f"{where}: reference")
    return study


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
    if study.loss is LossKind.ZERO_ONE and not np.isin(losses, (0.0, 1.0)).all():
        row = int(np.argmin(np.isin(losses, (0.0, 1.0))))
        raise InputError(f"{where}: loss {row + 1} in test_losses is {losses[row]:g}, neither 0 nor 1")
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
            at_most(subset.test_errors, n, "test_errors", "the number of test losses", subset.place)
    return n
