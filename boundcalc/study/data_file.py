"""A study file that names data in place of numbers: which file, which columns, and how to compare them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from boundcalc.errors import InputError, shorten
from boundcalc.study.design import Design
from boundcalc.study.fields import Table, known_keys

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
    return {**table, "data": path.parent / name}


def _check_groups(groups: Any, path: Path) -> None:
    listed = isinstance(groups, Mapping) and groups and all(_is_list(found) for found in groups.values())
    if not listed:
        raise InputError(
            f'{path}: groups are the columns of each modality, as in audio = ["pitch", "energy"], not '
            f"{shorten(repr(groups))}"
        )


def _is_list(columns: Any) -> bool:
    return isinstance(columns, list) and bool(columns) and all(isinstance(name, str) for name in columns)
