"""Data sets from files (.npz, .npy, .csv, .parquet), from mappings of arrays and from frames."""

from __future__ import annotations

import errno
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np

from boundcalc.data.columns import refuse_twice
from boundcalc.data.csv_file import read_csv
from boundcalc.data.dataset import MOST_MODALITIES, Dataset, dataset
from boundcalc.data.frames import columns_of, from_frame, read_parquet
from boundcalc.data.tables import (
    Contents,
    Groups,
    Reading,
    is_dask,
    is_pandas,
    opening,
    refuse_bomb,
)
from boundcalc.errors import InputError, nearest, normal, shorten

_MAGIC = b"\x93NUMPY"
# what scipy.sparse.save_npz writes of a matrix
_SPARSE = frozenset({"format", "shape", "data"})
_KINDS = {
    ".npz": "an .npz file (one made by numpy.savez)",
    ".npy": "a NumPy array file (one made by numpy.save)",
    ".csv": "a CSV file",
    ".parquet": "a Parquet file",
}


def read_dataset(
    path: str | Path,
    *,
    groups: Groups | None = None,
    labels: str = "y",
    task: str | None = None,
    beside: Sequence[str] = (),
    categorical: str | Sequence[str] = (),
    missing: str | None = None,
    flatten: bool = False,
) -> Dataset:
    """Read a data set from a file.

    Parameters
    ----------
    path : str or Path
        ``.npz``: one array a modality, the labels under the name `labels`; never a pickle. One
        that `scipy.sparse.save_npz` has made is the modality ``x`` and stays sparse.
        ``.npy``: one array, which becomes the modality ``x`` and stays on the disk. ``.csv``
        (UTF-8, a line of column names) and ``.parquet``: columns audio_1, audio_pitch, … form the
        modality audio.
    groups : mapping of str to sequence of str, optional
        The columns of each modality of a table, names or patterns such as ``M*``, where their names
        do not tell; columns that are not named are left out.
    labels : str
        The name of the labels, if there are any.
    task : {"classification", "regression"}, optional
        What the labels have to be fit for.
    beside : sequence of str
        Columns or arrays that are no features: groups of rows, parts.
    categorical : str or sequence of str
        Names or patterns of columns whose values are names of categories, also if they are numbers.
        Columns that hold nothing but text are.
    missing : {"indicator", "drop"}, optional
        What becomes of missing values: the mean and an indicator, or the example is left out;
        where left out they are refused.
    flatten : bool
        Whether an array of more dimensions, such as images, becomes one row an example.

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
    if suffix not in readers and not file.is_dir():
        said = "data are read from .npz, .npy, .csv or .parquet"
        raise InputError(f"{where}: {said}, not from '{suffix or file.name}'")
    reading = Reading(groups, labels, tuple(beside), _patterns(categorical), missing, flatten)
    advice = (
        "take fewer rows or columns; an array in an .npy file is read in blocks by boundcalc "
        "estimate"
    )
    with opening(file, where, kind=_KINDS.get(suffix, ""), advice=advice):
        return dataset(readers[suffix](file, where, reading), reading, task=task)


def as_dataset(
    data: Any,
    *,
    labels: Any = None,
    groups: Groups | None = None,
    task: str | None = None,
    beside: Sequence[str] = (),
    categorical: str | Sequence[str] = (),
    missing: str | None = None,
    flatten: bool = False,
) -> Dataset:
    """Make a data set of what is in memory.

    Parameters
    ----------
    data : mapping of str to array_like, or data frame
        One array (or data frame, or sparse matrix) a modality; in a mapping the labels may be under
        ``y``. Series and frames are brought into the order of the first one's index. The columns of
        a data frame are sorted into modalities as those of a file are.
    labels : array_like or str, optional
        The labels; for a data frame the name of their column, ``y`` where left out.
    groups, task, beside, categorical, missing, flatten
        As in `read_dataset`.

    """
    label = labels if isinstance(labels, str) else "y"
    reading = Reading(groups, label, tuple(beside), _patterns(categorical), missing, flatten)
    if type(data).__module__.partition(".")[0] == "pandas" and hasattr(data, "columns"):
        if not isinstance(labels, (str, type(None))):
            raise InputError("labels of a data frame are the name of a column")
        return dataset(from_frame(data, "data", reading), reading, task=task)
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
            "a Dask array is not put into a data set: give it to bc.estimate by itself"
        )
    *parts, labels = aligned_rows([*arrays.values(), labels], [*arrays, "the labels"])
    arrays = dict(zip(arrays, parts, strict=True))
    kept = {name: _listed(arrays.pop(name)) for name in map(normal, beside) if name in arrays}
    given = Contents("data", arrays, labels, columns_of(arrays), beside=kept)
    return dataset(given, reading, task=task)


def any_dataset(data: Any, *, labels: Any = None, **how: Any) -> Dataset:
    """A data set as it is, or that of a path or of what is in memory, as these are read."""
    if isinstance(data, Dataset):
        return data
    if not isinstance(data, (str, Path)):
        return as_dataset(data, labels=labels, **how)
    if not isinstance(labels, (str, type(None))):
        raise InputError("labels of a file are the name of a column or of an array")
    return read_dataset(data, labels=labels or "y", **how)


def _patterns(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _listed(values: Any) -> list[Any]:
    found = values.tolist() if hasattr(values, "tolist") else list(values)
    return found if isinstance(found, list) else [found]


def aligned_rows(parts: list[Any], names: list[str]) -> list[Any]:
    """Series and frames with the rows of the first one, which their indexes name."""
    found = list(parts)
    indexed = [i for i, part in enumerate(parts) if is_pandas(part)]
    bare = any(part is not None for i, part in enumerate(parts) if i not in indexed)
    for i in indexed:
        here, there = parts[indexed[0]].index, parts[i].index
        by_position = "pair them by position with .to_numpy()"
        if bare and there.dtype.kind in "iufM" and not there.is_monotonic_increasing:
            said = f"the rows of {shorten(names[i])} are in another order than their index"
            raise InputError(
                f"{said}, and what has no index is beside them: sort them, or {by_position}"
            )
        if here.equals(there) or len(here) != len(there):  # rows that differ are refused later
            continue
        if not (here.is_unique and there.is_unique and set(here) == set(there)):
            said = f"{shorten(names[indexed[0]])} and {shorten(names[i])} have different indexes"
            raise InputError(f"{said}: give both the same one, or {by_position}")
        found[i] = parts[i].reindex(here)
    return found


def in_rows_of(source: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given of each example, such as groups: series in the rows that a frame's index names,
    or that of the first indexed column of a mapping.
    """
    columns = source.values() if isinstance(source, Mapping) else (source,)
    rows = next(filter(is_pandas, columns), ())
    indexed = {name: values for name, values in given.items() if is_pandas(values)}
    for name, values in indexed.items():  # also where rows are left out: of which is not known
        if len(rows) not in (0, len(values)):
            said = f"{len(values):,} entries for {len(rows):,} examples; each example needs one"
            raise InputError(f"{name}: {said}")
    found = aligned_rows([rows, *indexed.values()], ["the examples", *indexed])
    return {**given, **dict(zip(indexed, found[1:], strict=True))}


def _read_npz(file: Path, where: str, reading: Reading) -> Contents:
    if reading.columns is not None:
        raise InputError(f"{where}: columns are grouped in tables, not in .npz files")
    with opened_npz(file, where) as archive:
        members = archive.files
        if len(members) > MOST_MODALITIES + len(reading.beside) + len(_SPARSE) + 2:
            said = f"{len(members):,} arrays; at most {MOST_MODALITIES} modalities can be compared"
            raise InputError(f"{where} holds {said}")
        refuse_twice(map(normal, members), where, "array")
        arrays = {normal(name): _member(archive, name, where) for name in members}
    if not arrays:
        raise InputError(f"{where} holds no arrays")
    if set(arrays) >= _SPARSE:
        from scipy.sparse import load_npz

        return Contents(where, {"x": load_npz(file)})
    label = normal(reading.label)
    if label != "y" and label not in arrays:
        hint = nearest(label, arrays)
        raise InputError(f"{where} has no array '{shorten(label)}' for the labels{hint}")
    labels = arrays.pop(label, None)
    kept = {name: _listed(arrays.pop(name)) for name in reading.beside if name in arrays}
    return Contents(where, arrays, labels, beside=kept)


@contextmanager
def opened_npz(file: Path, where: str) -> Iterator[Any]:
    """An ``.npz`` file, opened; one that unpacks to too much is refused."""
    if not zipfile.is_zipfile(file):
        raise InputError(f"{where} is not an .npz file (one made by numpy.savez), or is cut short")
    with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
        members = archive.zip.infolist()
        refuse_bomb(sum(member.file_size for member in members), file, where)
        if any(member.flag_bits & 1 for member in members):
            raise InputError(f"{where} is encrypted: save it without a password")
        yield archive


def read_array(path: str | Path) -> Any:
    """The one array in an ``.npy`` file, or the matrix that `scipy.sparse.save_npz` has saved."""
    file, where = Path(path), shorten(str(path), 200)
    with opening(file, where, kind=_KINDS.get(file.suffix.lower(), "an array")):
        if file.suffix.lower() == ".npy":
            return read_npy(file, where, mapped="r")
        held = _read_npz(file, where, Reading(label="y"))
        if list(held.modalities) != ["x"] or held.labels is not None:
            said = "several files are compared where each holds one array"
            raise InputError(f"{where} is no sparse matrix; {said}")
        return held.modalities["x"]


def _member(archive: Any, name: str, where: str) -> Any:
    try:
        found = archive[name]
    except ValueError as error:
        raise _refusal(error, f"{where}, array '{shorten(name)}'") from None
    if not isinstance(found, np.ndarray):
        raise InputError(f"{where}, '{shorten(name)}' is not a NumPy array")
    return found


def _read_one_array(file: Path, where: str, reading: Reading) -> Contents:
    if reading.columns is not None:
        raise InputError(f"{where}: columns are grouped in tables, not in .npy files")
    return Contents(where, {"x": read_npy(file, where, mapped="r")})


def read_npy(file: Path, where: str, *, mapped: Literal["r"] | None = None) -> Any:
    """The array in an ``.npy`` file, which has been opened.

    Parameters
    ----------
    file : Path
    where : str
        What error messages call it.
    mapped : {"r"}, optional
        Leave the entries on the disk.

    Raises
    ------
    InputError
        If it is no such file, is damaged or holds Python objects.
    """
    with file.open("rb") as stream:
        start = stream.read(len(_MAGIC))
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


def _refusal(error: ValueError, where: str) -> InputError:
    """What NumPy's refusal of an array means."""
    if "Object arrays" in str(error) or "Python objects" in str(error):
        return InputError(
            f"{where} holds Python objects, which are never unpickled; save an array of numbers, "
            "or labels of plain text: numpy.array(labels, dtype=str)"
        )
    return InputError(f"{where} is damaged: {shorten(str(error), 80)}")
