"""Files from strangers: whatever they hold is read, or refused in one line."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas
import pyarrow
import pytest
from files import save
from pyarrow import parquet

from boundcalc.data import tables
from boundcalc.data.arrays import read_dataset
from boundcalc.data.loss_tables import read_loss_table
from boundcalc.errors import InputError

X = np.random.default_rng(0).normal(size=(30, 3))
FRAME = pandas.DataFrame({"a_1": X[:, 0], "b_1": X[:, 1], "y": (X[:, 2] > 0).astype(int)})


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def archive(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return path


HEADERS = [
    b"{'descr': '<f8', 'fortran_order': False, 'shape': (3,)",
    b"{'descr': '<f8', 'fortran_order': False, 'shape': (10**30,)}",
    b"{'descr': '<f8', 'fortran_order': False, 'shape': (-3,)}",
    b"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999,)}",
    b"{'descr': 'nonsense', 'fortran_order': False, 'shape': (3,)}",
    b"{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (3,)}",
    b"[" * 5000,
    b"\xff\xfe",
    b"",
]


@pytest.mark.parametrize("header", HEADERS, ids=range(len(HEADERS)))
def test_headers_that_no_array_has(header: bytes, tmp_path: Path) -> None:
    text = header + b" " * (-len(header) % 64) + b"\n"
    content = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + b"\0" * 24
    (tmp_path / "x.npy").write_bytes(content)
    archive(tmp_path / "x.npz", {"a.npy": content, "y.npy": npy(np.arange(3))})
    for name in ("x.npy", "x.npz"):
        with pytest.raises(InputError, match=name):
            read_dataset(tmp_path / name)


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_other_compressions_are_read_or_refused(method: int, tmp_path: Path) -> None:
    path = archive(tmp_path / "x.npz", {"a.npy": npy(X), "y.npy": npy(np.arange(30))}, method)
    assert np.array_equal(read_dataset(path).modalities["a"], X)
    content = bytearray(path.read_bytes())
    content[60:90] = b"\xff" * 30
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"x\.npz"):
        read_dataset(path)


def test_encrypted_members_are_said(tmp_path: Path) -> None:
    path = archive(tmp_path / "x.npz", {"a.npy": npy(X)})
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match="encrypted: save it without a password"):
        read_dataset(path)


def test_bombs_and_crowds(tmp_path: Path) -> None:
    path = archive(tmp_path / "x.npz", {"a.npy": npy(np.zeros((1, 3)))})
    content = path.read_bytes()
    place = content.index(b"PK\x01\x02") + 24  # the size that the directory promises
    path.write_bytes(content[:place] + (2**31).to_bytes(4, "little") + content[place + 4 :])
    with pytest.raises(InputError, match=r"unpacks to 2\.15 GB"):
        read_dataset(path)
    archive(path, {f"m{i}.npy": b"" for i in range(2000)})
    with pytest.raises(InputError, match="2,000 arrays; at most 20"):
        read_dataset(path)
    (tmp_path / "x.csv").write_text(",".join(f"a_{i}" for i in range(100_001)) + "\n")
    with pytest.raises(InputError, match="100,001 columns; at most 100,000"):
        read_dataset(tmp_path / "x.csv")


@pytest.mark.parametrize("suffix", ["csv", "npz", "npy", "parquet"])
def test_what_is_no_file(suffix: str, tmp_path: Path, refused: Callable[..., str]) -> None:
    os.mkfifo(tmp_path / f"pipe.{suffix}")
    os.symlink("/dev/zero", tmp_path / f"zero.{suffix}")
    (tmp_path / f"folder.{suffix}").mkdir()
    for name in ("pipe", "zero"):
        assert "is a device or a pipe" in refused("estimate", str(tmp_path / f"{name}.{suffix}"))
    assert "is a folder" in refused("estimate", str(tmp_path / f"folder.{suffix}"))


METADATA = [b"", b"{", b"[]", b'"x"', b'{"index_columns": 3}', b'{"index_columns": [["y"], 4]}']
METADATA += [b'{"index_columns": ["nowhere"]}', b"[" * 10**5, b"\xff", b'{"columns": [1]}']
METADATA += [b'{"index_columns": [{"kind": "range", "start": 0, "stop": 1e99, "step": 0}]}']


@pytest.mark.parametrize("metadata", METADATA, ids=range(len(METADATA)))
def test_what_pandas_writes_beside_the_data_is_not_trusted(metadata: bytes, tmp_path: Path) -> None:
    table = pyarrow.Table.from_pandas(FRAME).replace_schema_metadata({"pandas": metadata})
    parquet.write_table(table, tmp_path / "x.parquet")
    found = read_dataset(tmp_path / "x.parquet")
    assert found.names == ("a", "b")
    assert np.array_equal(found.features(), X[:, :2])
    assert read_loss_table(tmp_path / "x.parquet").size == 30


def test_types_of_columns(tmp_path: Path) -> None:
    half = FRAME.astype({"a_1": np.float16})
    assert np.array_equal(read_or_frame(half).modalities["a"][:, 0], half["a_1"].to_numpy(float))
    for values, says in (
        (pyarrow.array([[1.0]] * 30), "row 1, column a_1 holds"),
        (pyarrow.array([b"\xff"] * 30), "row 1, column a_1 holds"),
        (pyarrow.array([{"u": 1}] * 30), "row 1, column a_1 holds"),
        (pyarrow.array([None] * 30), "row 1, column a_1: the value is missing"),
    ):
        table = pyarrow.table({"a_1": values, "b_1": X[:, 1], "y": [0, 1] * 15})
        parquet.write_table(table, tmp_path / "x.parquet")
        with pytest.raises(InputError, match=says):
            read_dataset(tmp_path / "x.parquet")


def read_or_frame(frame: pandas.DataFrame) -> object:
    from boundcalc.data.arrays import as_dataset

    return as_dataset(frame)


def mutated(content: bytes, seed: int) -> bytes:
    """Some bytes changed, left out or doubled, more of them near the ends where the structure is."""
    draw, found = np.random.default_rng(seed), bytearray(content)
    for _ in range(int(draw.integers(1, 8))):
        place = int(draw.beta(0.4, 0.4) * len(found))
        match int(draw.integers(4)):
            case 0:
                found[place : place + 1] = bytes([int(draw.integers(256))])
            case 1:
                found[place : place + 4] = bytes(draw.integers(256, size=4).tolist())
            case 2:
                del found[place : place + int(draw.integers(1, 30))]
            case 3:
                found[place:place] = found[place : place + int(draw.integers(1, 30))]
    return bytes(found)


@pytest.mark.parametrize("kind", ["npz", "npy", "parquet"])
def test_mutated_files_are_read_or_refused(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"x.{kind}"
    if kind == "parquet":
        FRAME.to_parquet(path)
    else:
        save(tmp_path, path.name, {"a": X, "b": X[:, :1], "y": FRAME["y"]} if kind == "npz" else X)
    content = path.read_bytes()
    refused = 0
    for seed in range(60):
        path.write_bytes(mutated(content, seed))
        try:
            read_dataset(path)
        except InputError:
            refused += 1
    assert refused > 10


@pytest.mark.parametrize("kind", ["string", "large_string", "binary", "dictionary", "nested"])
def test_a_text_that_is_there_once_in_the_file_is_no_bomb(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_UNPACKED", 10**6)
    texts: object = pyarrow.array(["x" * 1000] * 3000, pyarrow.large_string())
    if kind == "dictionary":
        texts = texts.dictionary_encode()
    elif kind == "nested":
        texts = pyarrow.array([[None, "x"]] * 3000)
    elif kind == "binary":
        texts = pyarrow.array([b"x" * 1000] * 3000, pyarrow.large_binary())
    elif kind == "string":
        texts = pyarrow.chunked_array([texts[:900].cast("string")] * 2)
    table = pyarrow.table({"a_1": texts, "y": np.arange(len(texts)) % 2})
    parquet.write_table(table, tmp_path / "x.parquet", row_group_size=900)
    assert (tmp_path / "x.parquet").stat().st_size < 50_000
    says = "the column 'a_1' holds list<" if kind == "nested" else "unpacks to"
    with pytest.raises(InputError, match=says):
        read_dataset(tmp_path / "x.parquet")


def test_columns_of_texts_are_read_as_they_are_written(tmp_path: Path) -> None:
    texts = pyarrow.array(["u", None, "w"] * 10)
    table = pyarrow.table({"a_1": texts, "a_2": texts.dictionary_encode(), "b_1": X[:, 0]})
    parquet.write_table(table.append_column("y", [["p", "q"] * 15]), tmp_path / "x.parquet")
    found = read_dataset(tmp_path / "x.parquet", missing="indicator")
    assert found.levels["a"] == {0: ("u", "w"), 1: ("u", "w")}
    assert found.classes == ("p", "q")
