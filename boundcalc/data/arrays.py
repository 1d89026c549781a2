"""Data sets from files (.npz, .npy, .csv, .parquet), from mappings of arrays and from frames."""

from __future__ import annotations

import errno
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from tokenize import TokenError
from typing import Any, Literal

import numpy as np

from boundcalc.data.dataset import Dataset, dataset
from boundcalc.data.tables import (
    Contents,
    Groups,
    from_frame,
    is_dask,
    is_pandas,
    normal,
    read_csv,
    read_parquet,
    refuse_bomb,
    refuse_twice,
)
from boundcalc.errors import InputError, nearest, shorten

_MAGIC = b"\x93NUMPY"
# what NumPy raises for a damaged file; a header that is cut short fails in its tokenizer
_DAMAGED = (EOFError, KeyError, NotImplementedError, OverflowError, SyntaxError, TokenError)


def read_dataset(
    path: str | Path, *, groups: Groups | None = None, labels: str = "y", task: str | None = None
) -> Dataset:
    """Read a data set from a file.

    Parameters
    ----------
    path : str or Path
        ``.npz``: one array a modality, the labels under the name `labels`; never a pickle.
        ``.npy``: one array, which becomes the modality ``x`` and stays on the disk. ``.csv``
        (UTF-8, a line of column names) and ``.parquet``: columns audio_1, audio_2, … form the
        modality audio.
    groups : mapping of str to sequence of str, optional
        The columns of each modality of a table, where their names do not tell; columns that are
        not named are left out.
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
        If the file cannot be read or an entry cannot be used; the message names modality, row and
        column. In a CSV file rows are lines, the column names included; elsewhere the first row
        is 1.
    MissingExtraError
        For a Parquet file where pandas or pyarrow is not installed.
    """
    file = Path(path)
    where = shorten(str(path), 200)
    suffix = file.suffix.lower()
    readers = {
        ".npz": _read_npz,
        ".npy": _read_one_array,
        ".csv": read_csv,
        ".parquet": read_parquet,
    }
    if file.is_dir():
        raise InputError(f"{where} is a folder, not a file")
    if suffix not in readers:
        said = "data are read from .npz, .npy, .csv or .parquet"
        raise InputError(f"{where}: {said}, not from '{suffix or file.name}'")
    try:
        return dataset(readers[suffix](file, where, groups, labels), task=task)
    except MemoryError:
        raise InputError(
            f"{where} is damaged, or too large for the memory: take fewer rows or columns; an "
            "array in an .npy file is read in blocks by boundcalc estimate"
        ) from None
    except FileNotFoundError:
        raise InputError(f"{where}: no such file") from None
    except OSError as error:
        said = shorten(str(error.strerror or error), 80)
        raise InputError(f"{where}: cannot be read ({said})") from None


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
        One array (or data frame) a modality; in a mapping the labels may be under ``y``. Series
        and frames are brought into the order of the first one's index. The columns of a data
        frame are sorted into modalities as those of a file are.
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
    if type(data).__module__.partition(".")[0] == "pandas" and hasattr(data, "columns"):
        label = "y" if labels is None else labels
        if not isinstance(label, str):
            raise InputError("labels of a data frame are the name of a column")
        return dataset(from_frame(data, "data", groups, label), task=task)
    if not isinstance(data, Mapping):
        raise InputError("data must be a mapping of modalities to arrays or a data frame")
    if labels is not None and "y" in data:
        raise InputError("data: labels are given twice, as labels and under 'y'; leave one out")
    if groups is not None:
        raise InputError("groups are for tables; a mapping of arrays names its modalities itself")
    refuse_twice(map(str, data), "data", "modality")
    arrays = {str(name): X for name, X in data.items()}
    if labels is None:
        labels = arrays.pop("y", None)
    if any(map(is_dask, arrays.values())):
        raise InputError(
            "a Dask array is not put into a data set: give it to bc.estimate by itself",
        )
    *parts, labels = aligned_rows([*arrays.values(), labels], [*arrays, "the labels"])
    arrays = dict(zip(arrays, parts, strict=True))
    columns = {
        name: tuple(
            map(str, X.columns),
        )
        for name, X in arrays.items()
        if hasattr(X, "columns")
    }
    return dataset(Contents("data", arrays, labels, columns), task=task)


def aligned_rows(parts: list[Any], names: list[str]) -> list[Any]:
    """Series and frames with the rows of the first one, which their indexes name."""
    found = list(parts)
    indexed = [i for i, part in enumerate(parts) if is_pandas(part)]
    bare = any(part is not None for i, part in enumerate(parts) if i not in indexed)
    for i in indexed:
        here, there = parts[indexed[0]].index, parts[i].index
        by_position = "pair them by position with .to_numpy()"
        if bare and there.dtype.kind == "i" and not there.is_monotonic_increasing:
            said = f"the rows of {shorten(names[i])} are in another order than their index"
            raise InputError(
                f"data: {said}, and other arrays have no index: sort them, or {by_position}",
            )
        if here.equals(there) or len(here) != len(there):  # rows that differ are refused later
            continue
        if not (here.is_unique and there.is_unique and set(here) == set(there)):
            said = f"{shorten(names[indexed[0]])} and {shorten(names[i])} have different indexes"
            raise InputError(f"data: {said}: give both the same one, or {by_position}")
        found[i] = parts[i].reindex(here)
    return found


def _read_npz(file: Path, where: str, groups: Groups | None, label: str) -> Contents:
    if groups is not None:
        raise InputError(f"{where}: columns are grouped in tables, not in .npz files")
    if file.stat().st_size == 0:
        raise InputError(f"{where} is empty")
    if not zipfile.is_zipfile(file):
        raise InputError(f"{where} is not an .npz file (one made by numpy.savez), or is cut short")
    try:
        with np.load(file, allow_pickle=False) as archive:
            refuse_bomb(sum(member.file_size for member in archive.zip.infolist()), file, where)
            refuse_twice(map(normal, archive.files), where, "array")
            arrays = {normal(name): _member(archive, name, where) for name in archive.files}
    except (zipfile.BadZipFile, zlib.error, *_DAMAGED):
        raise InputError(f"{where} is damaged") from None
    if not arrays:
        raise InputError(f"{where} holds no arrays")
    label = normal(label)
    if label != "y" and label not in arrays:
        hint = nearest(label, arrays)
        raise InputError(f"{where} has no array '{shorten(label)}' for the labels{hint}")
    labels = arrays.pop(label, None)
    return Contents(where, arrays, labels)


def _member(archive: Any, name: str, where: str) -> Any:
    try:
        found = archive[name]
    except ValueError as error:
        raise _refusal(error, f"{where}, array '{shorten(name)}'") from None
    if not isinstance(found, np.ndarray):
        raise InputError(f"{where}, '{shorten(name)}' is not a NumPy array")
    return found


def _read_one_array(file: Path, where: str, groups: Groups | None, label: str) -> Contents:
    if groups is not None:
        raise InputError(f"{where}: columns are grouped in tables, not in .npy files")
    return Contents(where, {"x": read_npy(file, where, mapped="r")})


def read_npy(file: Path, where: str, *, needs: str = "", mapped: Literal["r"] | None = None) -> Any:
    """The array in an ``.npy`` file.

    Parameters
    ----------
    file : Path
    where : str
        What error messages call it.
    needs : str
        What they say of an empty file.
    mapped : {"r"}, optional
        Leave the entries on the disk.

    Raises
    ------
    InputError
        If it is no such file, is damaged or holds Python objects.
    OSError, MemoryError
    """
    with file.open("rb") as stream:
        start = stream.read(len(_MAGIC))
    if not start:
        raise InputError(f"{where} is empty{needs}")
    if start != _MAGIC:
        raise InputError(f"{where} is not a NumPy array file (one made by numpy.save)")
    try:
        return np.load(file, mmap_mode=mapped, allow_pickle=False)
    except ValueError as error:
        raise _refusal(error, where) from None
    except OSError as error:
        if error.errno != errno.ENOMEM:
            raise
        raise InputError(
            f"{where}: {file.stat().st_size / 1e9:.3g} GB of address space are needed to read it "
            "in blocks, and this process may not take so much (ulimit -v)"
        ) from None
    except _DAMAGED:
        raise InputError(f"{where} is damaged") from None


def _refusal(error: ValueError, where: str) -> InputError:
    """What NumPy's refusal of an array means."""
    if "Object arrays" in str(error) or "Python objects" in str(error):
        return InputError(
            f"{where} holds Python objects, which are never unpickled; save an array of numbers, "
            "or labels of plain text: numpy.array(labels, dtype=str)"
        )
    return InputError(f"{where} is damaged: {shorten(str(error), 80)}")
