"""Study files that name data in place of numbers: which file, and which columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from boundcalc.data.arrays import read_dataset
from boundcalc.data.dataset import Dataset
from boundcalc.errors import InputError
from boundcalc.study.folder import file_in
from boundcalc.study.schema import DataTable
from boundcalc.study.toml_file import Raw, load_table

# what the keys are called as options
_CALLED = {"groups": "group_columns", "group": "groups", "class_weights": "weights"}


def names_data(raw: Raw) -> bool:
    """Whether a TOML table names data rather than numbers."""
    return "data" in raw


def settings_in(raw: Raw, path: Path) -> dict[str, Any]:
    """The settings in a study file that names data. Paths in it are relative to it.

    Raises
    ------
    InputError
        For an unknown key, and where the data or the columns are not named as they have to be.
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
    """The data in a file, or those that a study file names.

    Parameters
    ----------
    path : Path
        ``.npz``, ``.npy``, ``.csv`` or ``.parquet``; or a study file with the key ``data``.
    labels : str, optional
        What the labels are called; otherwise as the study file says, or ``y``.
    missing : {"indicator", "drop"}, optional
        What becomes of missing values; otherwise as the study file says, or they are refused.
    categorical : sequence of str, optional
        Names or patterns of columns whose values are categories; otherwise as the study file says.

    Raises
    ------
    InputError
        If it cannot be read, or is a study of numbers.
    """
    if path.suffix.lower() != ".toml":
        kinds = tuple(categorical or ())
        return read_dataset(path, labels=labels or "y", missing=missing, categorical=kinds)
    raw = load_table(path)
    if not names_data(raw):
        raise InputError(
            f"{path} names no data: it needs the key data, the name of an .npz, .csv or .parquet "
            f"file"
        )
    said = settings_in(raw, path)
    named = labels or said.get("labels", "y")
    how = {name: said[name] for name in ("categorical", "missing", "flatten") if name in said}
    how |= {} if missing is None else {"missing": missing}
    how |= {"categorical": tuple(categorical)} if categorical else {}
    beside = [said[name] for name in ("groups", "split") if name in said]
    columns = said.get("group_columns")
    return read_dataset(said["data"], groups=columns, labels=named, beside=beside, **how)
