"""Real arrays in: ``.npz``, ``.npy``, ``.csv`` and ``.parquet`` files, mappings of arrays, data frames."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from boundcalc.data import memory
from boundcalc.data.dataset import Dataset, dataset
from boundcalc.data.labels import as_labels
from boundcalc.data.npy import DAMAGED, damaged, read_npy, refusal
from boundcalc.data.rows import is_dask
from boundcalc.data.tables import Groups, from_frame, read_csv, read_parquet
from boundcalc.errors import InputError, nearest, shorten


def read_dataset(
    path: str | Path, *, groups: Groups | None = None, labels: str = "y", task: str | None = None
) -> Dataset:
    """Read a data set from a file.

    Parameters
    ----------
    path : str or Path
        ``.npz``: one array a modality, the labels under the name `labels`; never a pickle. ``.npy``: one
        array, which becomes the modality ``x`` and stays on the disk. ``.csv`` (UTF-8, a line of column
        names) and ``.parquet``: columns audio_1, audio_2, … form the modality audio.
    groups : mapping of str to sequence of str, optional
        The columns of each modality of a table, where their names do not tell; columns that are not named
        are left out.
    labels : str
        The name of the labels, if there are any.
    task : {"classification", "regression"}, optional
        What the labels have to be fit for.

    Returns
    -------
    Dataset

    Raises
    ------
    InputError
        If the file cannot be read or an entry cannot be used; the message names modality, row and column.
        In a CSV file rows are lines, the column names included; elsewhere the first row is 1.
    MissingExtraError
        For a Parquet file where pandas or pyarrow is not installed.
    """
    file = Path(path)
    where = shorten(str(path), 200)
    suffix = file.suffix.lower()
    readers: dict[str, Callable[[], Dataset]] = {
        ".npz": lambda: _npz(file, where, groups, labels, task),
        ".npy": lambda: _npy(file, where, groups, task),
        ".csv": lambda: read_csv(file, where, groups=groups, label=labels, task=task),
        ".parquet": lambda: read_parquet(file, where, groups=groups, label=labels, task=task),
    }
    if file.is_dir():
        raise InputError(f"{where} is a folder, not a file")
    if suffix not in readers:
        raise InputError(
            f"{where}: data are read from .npz, .npy, .csv or .parquet, not from '{suffix or file.name}'"
        )
    try:
        return readers[suffix]()
    except MemoryError:
        raise InputError(f"{where} is damaged, or too large for the memory: {memory.ADVICE}") from None
    except FileNotFoundError:
        raise InputError(f"{where}: no such file") from None
    except OSError as error:
        raise InputError(f"{where}: cannot be read ({shorten(str(error.strerror or error), 80)})") from None


def as_dataset(
    data: Any,
    *,
    labels: Any = None,
    groups: Groups | None = None,
    task: str | None = None,
) -> Dataset:
    """Make a data set of what is in memory.

    Parameters
    ----------
    data : mapping of str to array_like, or data frame
        One array (or data frame) a modality; in a mapping the labels may be under ``y``. The columns of a
        data frame are sorted into modalities as those of a file are.
    labels : array_like or str, optional
        The labels; for a data frame the name of their column, ``y`` where left out.
    groups, task
        As in `read_dataset`.

    Returns
    -------
    Dataset

    Raises
    ------
    InputError
    """
    if type(data).__module__.partition(".")[0] == "pandas":
        label = "y" if labels is None else labels
        if not isinstance(label, str):
            raise InputError("labels of a data frame are the name of a column")
        return from_frame(data, "data", groups=groups, label=label, task=task)
    if not isinstance(data, Mapping):
        raise InputError("data must be a mapping of modalities to arrays or a data frame")
    arrays = dict(data)
    if labels is not None and "y" in arrays:
        raise InputError("data: labels are given twice, as labels and under 'y'; leave one out")
    if labels is None:
        labels = arrays.pop("y", None)
    if groups is not None:
        raise InputError("groups are for tables; a mapping of arrays names its modalities itself")
    columns = {str(name): tuple(map(str, X.columns)) for name, X in arrays.items() if hasattr(X, "columns")}
    plain = {name: _in_memory(X) for name, X in arrays.items()}
    made = None if labels is None else as_labels(labels, where="data, labels")
    return dataset(plain, made, source="data", task=task, columns=columns)


def _in_memory(X: Any) -> Any:
    if is_dask(X):
        raise InputError("a Dask array is not put into a data set: give it to bc.estimate by itself")
    if hasattr(X, "columns") and hasattr(X, "to_numpy"):
        numeric = all(dtype.kind in "biuf" for dtype in X.dtypes)
        return X.to_numpy(dtype=np.float64, na_value=np.nan) if numeric else X.to_numpy()
    return X


def _npy(file: Path, where: str, groups: Groups | None, task: str | None) -> Dataset:
    if groups is not None:
        raise InputError(f"{where}: columns are grouped in tables, not in .npy files")
    X = read_npy(file, where, mapped="r")
    return dataset({"x": X}, None, source=where, task=task)


def _npz(file: Path, where: str, groups: Groups | None, label: str, task: str | None) -> Dataset:
    if groups is not None:
        raise InputError(f"{where}: columns are grouped in tables, not in .npz files")
    if file.stat().st_size == 0:
        raise InputError(f"{where} is empty")
    if not zipfile.is_zipfile(file):
        raise InputError(f"{where} is not an .npz file (one made by numpy.savez), or is cut short")
    arrays = {}
    try:
        with np.load(file, allow_pickle=False) as archive:
            memory.require(sum(member.file_size for member in archive.zip.infolist()), where)
            for name in archive.files:
                arrays[name] = _member(archive, name, where)
    except (zipfile.BadZipFile, zlib.error, *DAMAGED):
        raise damaged(where) from None
    if not arrays:
        raise InputError(f"{where} holds no arrays")
    if label != "y" and label not in arrays:
        raise InputError(f"{where} has no array '{shorten(label)}' for the labels{nearest(label, arrays)}")
    labels = arrays.pop(label, None)
    made = None if labels is None else as_labels(labels, where=f"{where}, labels")
    return dataset(arrays, made, source=where, task=task)


def _member(archive: Any, name: str, where: str) -> Any:
    try:
        found = archive[name]
    except ValueError as error:
        raise refusal(error, f"{where}, array '{shorten(name)}'") from None
    if not isinstance(found, np.ndarray):
        raise InputError(f"{where}, '{shorten(name)}' is not a NumPy array")
    return found
