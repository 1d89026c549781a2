"""Data sets from files and from memory: what is read, and what is refused in one line."""

from __future__ import annotations

import runpy
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from files import ROOT, Bomb, save

from boundcalc.data import tables
from boundcalc.data.arrays import as_dataset, read_dataset
from boundcalc.errors import InputError, MissingExtraError, UnknownNameError

TABLE = "audio_1,audio_2,text_1,y\n1,2,3,yes\n4,5.5,6,no\n7,8,-9e-1,yes\n"


def test_a_csv_file(tmp_path: Path) -> None:
    data = read_dataset(
        save(tmp_path, "d.csv", "\ufeff" + TABLE.replace("\n", "\r\n") + "\r\n"),
        task="classification",
    )
    assert data.names == ("audio", "text")
    assert data.modalities["audio"].tolist() == [[1, 2], [4, 5.5], [7, 8]]
    assert data.columns == {"audio": ("audio_1", "audio_2"), "text": ("text_1",)}
    assert data.labels.tolist() == [1, 0, 1]
    assert data.classes == ("no", "yes")
    assert data.features(["text", "audio"]).shape == (3, 3)
    assert data.m == 3


def test_columns_by_a_mapping(tmp_path: Path) -> None:
    path = save(tmp_path, "d.csv", TABLE)
    data = read_dataset(path, groups={"both": ["text_1", "audio_2"]})
    assert data.modalities["both"].tolist() == [[3, 2], [6, 5.5], [-0.9, 8]]
    for groups, says in (
        ({"a": ["audio_3"]}, "did you mean 'audio_"),
        ({"a": ["audio_1"], "b": ["audio_1"]}, "in two modalities"),
        ({"a": "audio_1"}, "needs a list"),
    ):
        with pytest.raises(InputError, match=says):
            read_dataset(path, groups=groups)


def test_an_npz_file(tmp_path: Path) -> None:
    X = np.arange(6, dtype=np.float32).reshape(3, 2)
    data = read_dataset(
        save(tmp_path, "d.npz", {"audio": X, "age": [1, 2, 3], "y": [3.0, 3.0, 5.0]})
    )
    assert data.modalities["audio"].dtype == np.float32
    assert data.modalities["age"].shape == (3, 1)
    assert (data.classes, data.labels.tolist()) == ((3, 5), [0, 0, 1])


def test_an_npy_file_stays_on_the_disk(tmp_path: Path) -> None:
    data = read_dataset(save(tmp_path, "d.npy", np.eye(4)))
    assert isinstance(data.modalities["x"], np.memmap)


def test_parquet_and_data_frames_agree_with_csv(tmp_path: Path) -> None:
    import pandas

    path = save(tmp_path, "d.csv", TABLE)
    frame = pandas.read_csv(path)
    frame.to_parquet(tmp_path / "d.parquet")
    first = read_dataset(path)
    for other in (read_dataset(tmp_path / "d.parquet"), as_dataset(frame)):
        assert other.classes == first.classes
        assert np.array_equal(other.labels, first.labels)
        assert np.array_equal(other.features(), first.features())
    parts = as_dataset({"audio": frame[["audio_1", "audio_2"]], "y": frame["y"]})
    assert parts.columns["audio"] == ("audio_1", "audio_2")
    assert parts.classes == ("no", "yes")
    frame.loc[1, "audio_2"] = np.nan
    with pytest.raises(
        InputError, match="modality 'audio', row 2, column audio_2: the value is missing"
    ):
        as_dataset(frame)
    with pytest.raises(InputError, match=r"row 2, column audio_1 holds 'x'; .*--categorical"):
        as_dataset(frame.assign(audio_1=pandas.Series([1, "x", 2], dtype=object)))


def test_labels() -> None:
    X = np.ones((3, 1)) * [[1], [2], [3]]
    kinds = {
        "text": (["b", "a", "b"], ("a", "b"), [1, 0, 1]),
        "truth": ([True, False, True], (False, True), [1, 0, 1]),
        "whole": ([7, -1, 7], (-1, 7), [1, 0, 1]),
        "bytes": (np.array([b"b", b"a", b"b"]), ("a", "b"), [1, 0, 1]),
        "numbers": ([0.5, 1.25, 2], None, [0.5, 1.25, 2]),
        "column": ([["b"], ["a"], ["b"]], ("a", "b"), [1, 0, 1]),
        "words for nothing": (["none", "NA", "none"], ("NA", "none"), [1, 0, 1]),
    }
    for labels, classes, values in kinds.values():
        data = as_dataset({"x": X, "y": labels})
        assert (data.classes, data.labels.tolist()) == (classes, values)
    for labels, says in (
        ([1, 1, 1], "all labels are 1; classification needs two"),
        ([0.5, 1.2, 3], "not classes"),
        (None, "no labels"),
        (["a", None, "b"], "row 2: the label is missing"),
        (["a", " ", "none"], "row 2: the label is missing"),
        (["a", "none", "NaN"], "row 3: the label is missing"),
        (["1", "2", "None", "2"], "row 3: the label is missing"),
        ([1.0, np.nan, 2.0], "row 2: the label is missing"),
        ([1.0, np.inf, 2.0], "row 2: the label is infinite"),
        ([1, 2], "modality 'x' and the labels differ in their rows: 3 and 2"),
        ([[1, 2], [3, 4], [5, 6]], "one label an example"),
    ):
        with pytest.raises(InputError, match=says):
            as_dataset({"x": X}, labels=labels, task="classification")
    with pytest.raises(InputError, match="regression needs numbers"):
        as_dataset({"x": X}, labels=["a", "b", "a"], task="regression")
    with pytest.raises(UnknownNameError, match="did you mean 'classification'"):
        as_dataset({"x": X}, task="classificaton")


def test_what_is_unusual_is_noted() -> None:
    data = as_dataset({"a": [[1, 5, 2], [1, 6, 2]], "b": [1, 2]})
    assert data.notes["a"] == (
        "2 columns are constant: 1, 3.",
        "There are more features (3) than examples (2).",
    )
    assert data.notes["b"] == ()
    assert as_dataset({"a": [[1, 2, 3]]}).notes["a"] == (
        "There are more features (3) than examples (1).",
    )


@pytest.mark.parametrize("block", [2**20, 700])
def test_what_the_first_rows_do_not_tell(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A column that varies late is not constant, one that errs late is no label, gaps are found."""
    monkeypatch.setattr(tables, "_BLOCK_ENTRIES", block)
    y = np.arange(2500) % 2
    X = np.stack([np.ones(2500), np.ones(2500), y, y], axis=1)
    X[2400, 1], X[2300, 3] = 2, 1 - X[2300, 3]
    constant, leaks = as_dataset({"a": X}, labels=y).notes["a"]
    assert constant == "One column is constant: 1."
    assert leaks.startswith("Column 3 tells the label of every example")
    X[2450, 3] = np.nan
    with pytest.raises(InputError, match="row 2451, column 4: the value is missing"):
        as_dataset({"a": X}, labels=y)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({}, "no modality"),
        ({f"m{k}": [1, 2] for k in range(21)}, "21 modalities; at most 20"),
        ({"a": [[1, 2], [3]]}, "modality 'a' is not a matrix: its rows differ in length"),
        ({"a": [["x"]]}, "modality 'a' holds entries of type"),
        ({"a": np.array([[None]])}, "row 1, column 1: the value is missing"),
        ({"a": np.zeros((2, 2, 2))}, "reshape"),
        ({"a": np.zeros((0, 2))}, "empty"),
        (
            {"a": [1, 2], "b": [1, 2, 3]},
            "modality 'a' and modality 'b' differ in their rows: 2 and 3",
        ),
        ({"a": [[1, 2], [np.nan, 3]]}, "modality 'a', row 2, column 1: the value is missing"),
        ({"a": [[1, -np.inf], [0, 3]]}, "modality 'a', row 1, column 2: the value is infinite"),
        ({"a": np.ma.masked_array([1.0, 2], [True, False])}, "masked"),
        ([[1, 2]], "mapping"),
    ],
    ids=lambda x: str(x)[:20].replace("\n", " "),
)
def test_bad_data_in_memory(data: object, says: str) -> None:
    with pytest.raises(InputError, match=says):
        as_dataset(data)


BAD_FILES = [
    ("x.csv", "", "x.csv is empty"),
    ("x.csv", "\n\n", "x.csv is empty"),
    ("x.csv", "a_1,a_2\n", "no examples"),
    ("x.csv", "1,2\n3,4\n", "must name the columns"),
    ("x.csv", "a_1,age\n1,2\n", "the column 'age' belongs to no modality"),
    ("x.csv", "a_1,kind\n1,2\n", "if this one holds the labels, name it with --labels"),
    ("x.csv", "a,b,a+b\n1,0,1\n", "losses of predictors, say --losses"),
    ("x.csv", "a_1,a_1\n1,2\n", "is there twice"),
    ("x.csv", "a_1,a_2\n1,2\n3\n", "row 3: the number of cells is 1; the first line names 2"),
    ("x.csv", "a_1,a_2\n1,2\n\n3,4\n", "row 3: the number of cells is 1"),
    ("x.csv", "a_1,a_2\n1,2\n3,\n", "row 3, column a_2: the value is missing"),
    ("x.csv", "a_1,a_2\n1,2\n3,NA\n", "row 3, column a_2: the value is missing"),
    ("x.csv", "a_1,a_2\n1,2\n3,nan\n", "modality 'a', row 3, column a_2: the value is missing"),
    ("x.csv", "a_1,a_2\ninf,2\n3,4\n", "modality 'a', row 2, column a_1: the value is infinite"),
    ("x.csv", "a_1,a_2\n1,2\n3,x\n", "row 3, column a_2: 'x' is not a number"),
    ("x.csv", "a_1,a_2\n1,2\n3,1_0\n", "'1_0' is not a number"),
    ("x.csv", "a_1,a_2\n1,2\n3," + "9" * 10**6 + "\n", "field larger than field limit"),
    ("x.csv", "a_1,y\n1,b\n3,\n", "row 3: the label is missing"),
    ("x.csv", "y\na\nb\n", "holds no modality"),
    ("x.csv", b"\xff\xfea_1\n", "not UTF-8"),
    ("x.csv", ",".join(f"m{k}_1" for k in range(21)) + "\n" + ",".join(["1"] * 21), "at most 20"),
    ("x.txt", "a_1\n1\n", "not from '.txt'"),
    ("x.npz", b"", "x.npz is empty"),
    ("x.npz", b"PK\x03\x04 no archive", "not an .npz file"),
    ("x.npz", {"a": np.array([Bomb()], dtype=object)}, "never unpickled"),
    ("x.npz", {"y": [1, 2]}, "no modality"),
    ("x.npz", {"a": [[1.0, np.nan]]}, "modality 'a', row 1, column 2: the value is missing"),
    (
        "x.npz",
        {"a": [1, 2], "b": [1, 2, 3]},
        "modality 'a' and modality 'b' differ in their rows: 2 and 3",
    ),
    ("x.npz", {"a": ["u", "v"]}, "entries of type"),
    ("x.npy", np.array([Bomb()], dtype=object), "never unpickled"),
    ("x.npy", b"", "x.npy is empty"),
    ("x.npy", b"\x93NUMPY\x01\x00v\x00{'descr'", "damaged"),
    ("x.npy", b"abc", "not a NumPy array file"),
    ("x.npy", np.ones((3, 2)) * np.inf, "infinite"),
    ("x.parquet", b"", "x.parquet is empty"),
    ("x.parquet", b"PAR1 not really", "x.parquet"),
]


@pytest.mark.parametrize(
    ("name", "content", "says"), BAD_FILES, ids=lambda x: str(x)[:20].replace("\n", " ")
)
def test_bad_files(
    name: str,
    content: object,
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    refused: Callable[..., str],
) -> None:
    monkeypatch.chdir(tmp_path)
    save(tmp_path, name, content)
    assert says in refused("estimate", name)
    assert not (tmp_path / "unpickled").exists()


def test_files_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        read_dataset(tmp_path / "folder.csv")
    with pytest.raises(InputError, match="no such file"):
        read_dataset(tmp_path / "none.npz")


def test_a_damaged_archive(tmp_path: Path) -> None:
    path = save(tmp_path, "x.npz", {"a": np.arange(1000.0)})
    content = bytearray(path.read_bytes())
    content[500] ^= 255
    path.write_bytes(content)
    with pytest.raises(InputError, match="damaged"):
        read_dataset(path)
    with zipfile.ZipFile(tmp_path / "z.npz", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(InputError, match="is not a NumPy array"):
        read_dataset(tmp_path / "z.npz")


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'boundcalc\[data\]'"):
        read_dataset(save(tmp_path, "x.parquet", b"PAR1"))


def test_the_example_file_is_what_its_script_makes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = runpy.run_path(str(ROOT / "examples" / "make_breast_cancer.py"))
    made = tmp_path / "made.csv"
    monkeypatch.setitem(script["main"].__globals__, "FILE", made)
    script["main"]()
    assert made.read_text() == (ROOT / "examples" / "breast_cancer.csv").read_text()
    data = read_dataset(made, task="classification")
    assert data.names == ("mean", "error", "worst")
    assert (data.m, data.classes) == (569, ("benign", "malignant"))
