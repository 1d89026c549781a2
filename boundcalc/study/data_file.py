"""A study file that names data in place of numbers: which file, which columns, and how to compare them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from boundcalc.data.arrays import read_dataset
from boundcalc.data.dataset import Dataset
from boundcalc.errors import InputError, shorten
from boundcalc.study.design import Design
from boundcalc.study.fields import Table, known_keys
from boundcalc.study.folder import file_in
from boundcalc.study.read import load_table

_KEYS = ("data", "groups", "labels", "delta", "reference")


def names_data(table: Table) -> bool:
    """Whether a TOML table names data rather than numbers."""
    return "data" in table


def settings_in(table: Table, path: Path) -> dict[str, Any]:
    """The settings in a study file that names data. Paths in it are relative to it.

    Raises
    ------
    InputError
        For an unknown key, and where the data or the columns are not named as they have to be.
    """
    known_keys(table, (*_KEYS, *(field.name for field in fields(Design))), str(path))
    name = table["data"]
    if not isinstance(name, str) or not name or name.lower().endswith(".toml"):
        raise InputError(f"{path}: data is the name of an .npz, .csv or .parquet file")
    if "groups" in table:
        _check_groups(table["groups"], path)
    return {**table, "data": file_in(path.parent, name)}


def named_dataset(path: Path, labels: str | None = None) -> Dataset:
    """The data in a file, or those that a study file names.

    Parameters
    ----------
    path : Path
        ``.npz``, ``.npy``, ``.csv`` or ``.parquet``; or a study file with the key ``data``.
    labels : str, optional
        What the labels are called; otherwise as the study file says, or ``y``.

    Raises
    ------
    InputError
        If it cannot be read, or is a study of numbers.
    """
    if path.suffix.lower() != ".toml":
        return read_dataset(path, labels=labels or "y")
    table = load_table(path)
    if not names_data(table):
        raise InputError(
            f"{path} names no data: it needs the key data, the name of an .npz, .csv or .parquet file"
        )
    said = settings_in(table, path)
    return read_dataset(said["data"], groups=said.get("groups"), labels=labels or said.get("labels", "y"))


def _check_groups(groups: Any, path: Path) -> None:
    listed = isinstance(groups, Mapping) and groups and all(_is_list(found) for found in groups.values())
    if not listed:
        raise InputError(
            f'{path}: groups are the columns of each modality, as in audio = ["pitch", "energy"], not '
            f"{shorten(repr(groups))}"
        )


def _is_list(columns: Any) -> bool:
    return isinstance(columns, list) and bool(columns) and all(isinstance(name, str) for name in columns)
