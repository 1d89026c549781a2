"""Rows belong together by their index, no column is lost in silence, names are in one form."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas
import pyarrow
import pytest
from pyarrow import parquet

import boundcalc as bc
from boundcalc.data.arrays import as_dataset, read_dataset
from boundcalc.data.dataset import Dataset
from boundcalc.errors import InputError

M = 60
X = np.random.default_rng(0).normal(size=(M, 2))
A = pandas.DataFrame(X)
Y = pandas.Series((X[:, 0] > 0).astype(int))
ORDER = np.random.default_rng(1).permutation(M)


def same(one: Dataset, two: Dataset) -> bool:
    return np.array_equal(one.features(), two.features()) and np.array_equal(one.labels, two.labels)


@pytest.mark.parametrize("names", [range(M), [f"p{i}" for i in range(M)], range(M, 0, -1)])
def test_rows_are_paired_by_their_index(names: object) -> None:
    frame, labels = A.set_axis(names), Y.set_axis(names)
    plain = as_dataset({"a": X, "b": X, "y": Y.to_numpy()})
    shuffled = frame.iloc[ORDER]
    assert same(as_dataset({"a": frame, "b": shuffled, "y": labels.iloc[ORDER]}), plain)
    assert same(as_dataset({"a": frame, "b": frame}, labels=labels.iloc[ORDER]), plain)


@pytest.mark.parametrize(
    ("frame", "labels"),
    [
        (A, Y.set_axis(range(100, 100 + M))),
        (A.set_axis([0] * M), Y),
        (A.set_index(pandas.MultiIndex.from_product([range(4), range(15)])), Y),
        (A.set_axis([str(i) for i in range(M)]), Y),
    ],
)
def test_rows_without_common_labels_are_refused(frame: object, labels: object) -> None:
    with pytest.raises(InputError, match=r"different indexes: .*\.to_numpy\(\)"):
        as_dataset({"a": frame, "y": labels})


def test_a_shuffled_series_beside_an_array_without_index_is_refused() -> None:
    for data in ({"a": X, "y": Y.iloc[ORDER]}, {"a": A.iloc[ORDER], "y": Y.to_numpy()}):
        with pytest.raises(InputError, match="in another order than their index"):
            as_dataset(data)
    assert same(as_dataset({"a": X, "y": Y}), as_dataset({"a": A, "y": Y}))


def test_groups_and_losses_are_paired_by_their_index() -> None:
    a, b, groups = (X[:, 0] > 1).astype(int), (X[:, 1] > 0).astype(int), np.arange(M) // 3
    plain = bc.certify(a, b, groups=groups)
    one, two, which = map(pandas.Series, (a, b, groups))
    for shuffled in ((one, two.iloc[ORDER], which), (one, two, which.iloc[ORDER])):
        assert bc.certify(*shuffled[:2], groups=shuffled[2]).to_dict() == plain.to_dict()
    for beside in ((a, two.iloc[ORDER], groups), (a, b, which.iloc[ORDER])):
        with pytest.raises(InputError, match="in another order than their index"):
            bc.certify(*beside[:2], groups=beside[2])
    with pytest.raises(InputError, match="A and groups have different indexes"):
        bc.certify(one, two, groups=which.set_axis(range(5, 5 + M)))
    times = two.set_axis(pandas.date_range("2020", periods=M)[::-1])
    with pytest.raises(InputError, match="in another order than their index"):
        bc.certify(a, times)


FRAME = pandas.DataFrame({"a_1": X[:, 0], "a_2": X[:, 1], "y": Y})


@pytest.mark.parametrize("index", ["y", "a_1", ["y", "a_2"]])
def test_a_column_stored_as_the_index_is_a_column(index: object, tmp_path: Path) -> None:
    frame = FRAME.set_index(index)
    frame.to_parquet(tmp_path / "x.parquet")
    for found in (as_dataset(frame), read_dataset(tmp_path / "x.parquet")):
        assert set(found.columns["a"]) == {"a_1", "a_2"}
        assert found.classes == (0, 1)


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    named = FRAME.set_index(pandas.Index(range(M), name="patient"))
    assert as_dataset(named).remarks == ("the index 'patient' names rows and is no column",)
    groups = {"one": ["a_1"], "two": ["y"]}
    found = as_dataset(FRAME, groups=groups)
    assert found.remarks == ("columns that no group uses: a_2",)
    FRAME.to_csv(tmp_path / "x.csv", index=False)
    assert read_dataset(tmp_path / "x.csv", groups=groups).remarks == found.remarks
    groups = {"one": ["a_1"], "two": ["a_2"]}
    frame = FRAME.assign(extra=1.0)
    for notes in (
        bc.compare(frame, groups=groups).data.notes,
        bc.diagnose(frame, groups=groups).notes,
    ):
        assert any("olumns that no group uses: extra" in note for note in notes)


@pytest.mark.parametrize("header", ["0,1,y", "0.5,1.5,yes", "a_1,0,y"])
def test_a_first_line_of_numbers_is_no_header(header: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(f"{header}\n1,2,0\n3,4,1\n")
    with pytest.raises(InputError, match="starts with numbers; its first line must name the colum"):
        read_dataset(tmp_path / "x.csv")


def test_columns_called_by_numbers_can_be_grouped(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("0,1,2\n1,2,0\n3,4,1\n")
    found = read_dataset(tmp_path / "x.csv", groups={"a": ["0"], "b": ["1"]}, labels="2")
    assert (found.features().tolist(), found.classes) == ([[1, 2], [3, 4]], (0, 1))


@pytest.mark.parametrize(
    ("column", "says"),
    [
        (X[:, 0] + 1j, "column a_1 holds complex128"),
        (pandas.Series([1 + 1j] * M, dtype=object), r"row 1, column a_1 holds \(1\+1j\)"),
        (pandas.Series([1.0, "2", *[0] * (M - 2)], dtype=object), "row 2, column a_1 holds '2'"),
        (
            pandas.array([1.0, None, *[0] * (M - 2)], dtype="Float64"),
            "row 2, column a_1: the value",
        ),
        (
            pandas.Series([1, pandas.NA, *[0] * (M - 2)], dtype=object),
            "row 2, column a_1: the value",
        ),
        (pandas.Series([1, 10**400, *[0] * (M - 2)], dtype=object), "a_1: the value is infinite"),
        (pandas.date_range("2020", periods=M), "column a_1 holds datetime64"),
    ],
)
def test_columns_that_would_be_changed_are_refused(column: object, says: str) -> None:
    with pytest.raises(InputError, match=says):
        as_dataset(FRAME.assign(a_1=column))


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        (Decimal("sNaN"), "row 2, column a_1: the value is missing"),
        (np.array([1.0, 2.0]), r"row 2, column a_1 holds array\(\[1\., 2\.\]\)"),
        ([1.0], r"row 2, column a_1 holds \[1\.0\]"),
        (np.longdouble("1e4000"), "row 2, column a_1: the value is infinite"),
        (None, "row 2, column a_1: the value is missing.*--missing"),
    ],
)
def test_a_cell_that_is_no_number_is_named(cell: object, says: str) -> None:
    values = [1.0, cell, *[0.5] * (M - 2)]
    with pytest.raises(InputError, match=says):
        as_dataset(FRAME.assign(a_1=pandas.Series(values, dtype=object)))
    array = np.array([[1.0], *[[0.5]] * (M - 1)], dtype=object)
    array[1, 0] = cell
    with pytest.raises(InputError, match=says.replace("a_1", "1")):
        as_dataset({"a": array, "y": Y.to_numpy()})


def test_numbers_that_are_text_are_refused_with_their_place() -> None:
    with pytest.raises(InputError, match="row 1, column a_1: 1 is a number, written as text: --ca"):
        as_dataset(FRAME.assign(a_1=["1", "2"] * (M // 2)))
    with pytest.raises(InputError, match="row 2, column a_1: 2 is a number, and '1,5' before it"):
        as_dataset(FRAME.assign(a_1=["1,5", "2"] * (M // 2)))


def test_our_minus_sign_is_one_in_a_file_too(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a_1,b_1,y\n−0.5,1,u\n2,3,v\n", encoding="utf-8")
    assert read_dataset(tmp_path / "x.csv").modalities["a"].tolist() == [[-0.5], [2]]
    (tmp_path / "x.csv").write_text("\na_1,b_1,y\n1,1,u\n2,3,v\n", encoding="utf-8")
    with pytest.raises(InputError, match="starts with a blank line"):
        read_dataset(tmp_path / "x.csv")


def test_numbers_in_object_columns_are_read() -> None:
    values = [Decimal("1.5"), np.float32(2), 3, True] * (M // 4)
    found = as_dataset(FRAME.assign(a_1=pandas.Series(values, dtype=object)))
    assert found.modalities["a"][:4, 0].tolist() == [1.5, 2, 3, 1]


def test_complex_and_masked_arrays_are_refused() -> None:
    for data, says in (
        (X + 1j, "complex128"),
        ([np.ma.masked_array([1, 2], [False, True])] * 3, "masked entries, the first in row 1"),
        (np.ma.masked_array(X, X[2, 1] == X), "masked entries, the first in row 3"),
    ):
        with pytest.raises(InputError, match=says):
            as_dataset({"a": data})
    with pytest.raises(InputError, match="complex128"):
        bc.estimate(A + 1j)


# --- names --------------------------------------------------------------------------------------


def test_two_columns_of_one_name_in_parquet(tmp_path: Path, refused: Callable[..., str]) -> None:
    values = pyarrow.array([0.5, 1.5])
    table = pyarrow.table([values, values, pyarrow.array([0, 1])], names=["a_1", "a_1", "y"])
    parquet.write_table(table, tmp_path / "x.parquet")
    assert "the column 'a_1' is there twice" in refused("compare", str(tmp_path / "x.parquet"))


NFC, NFD = "gr\u00f6\u00dfe", "gro\u0308\u00dfe"


def test_one_name_in_two_unicode_forms_is_one_modality(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(f"{NFC}_1,{NFD}_2,y\n1,2,0\n3,4,1\n", encoding="utf-8")
    found = read_dataset(tmp_path / "x.csv")
    assert found.names == (NFC,)
    assert found.chosen([NFD]) == (NFC,)
    grouped = read_dataset(tmp_path / "x.csv", groups={NFD: [f"{NFD}_1"]})
    assert grouped.columns == {NFC: (f"{NFC}_1",)}
    (tmp_path / "x.csv").write_text(f"{NFC}_1,{NFD}_1,y\n1,2,0\n3,4,1\n", encoding="utf-8")
    with pytest.raises(InputError, match="is there twice"):
        read_dataset(tmp_path / "x.csv")


def test_a_study_reads_names_in_one_form() -> None:
    subsets = [
        {"modalities": [NFC], "test_errors": 300},
        {"modalities": [NFD, "b"], "test_errors": 200},
    ]
    study = {"test_n": 1000, "loss": "zero-one", "delta": 0.05, "subset": subsets}
    assert len(bc.compare(study).verdicts) == 1
    assert len(bc.compare(study, reference=NFD).verdicts) == 1


@pytest.mark.parametrize(
    "names",
    [
        ("Audio", "audio"),
        ("my audio", "myaudio"),
        (NFC, NFD),
        (1, "1"),
        ("STRASSE", "stra\u00dfe"),
    ],
)
def test_modalities_that_look_alike_are_refused(names: tuple, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is this one modality|is there twice"):
        as_dataset(dict.fromkeys(names, X))
    np.savez(tmp_path / "x.npz", **{str(name): X for name in names} | {"c": X})
    if len(set(map(str, names))) == 2:
        with pytest.raises(InputError, match=r"is this one modality|is there twice"):
            read_dataset(tmp_path / "x.npz")


# --- rows in messages ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ('0,1,"two\nlines"\n0,1,b\n0,NaN,"c\nc"\n', "row 5, column b_1: the value is missing"),
        ('0,1,"two\r\nlines"\n0,x,b\n', "row 4, column b_1: 'x' is not a number"),
        ('0,1,"two\nlines"\n0,inf,b\n', "row 4, column b_1: the value is infinite"),
        ('0,1,"two\n\nlines"\n0,1\n', "row 5: the number of cells is 2"),
        ('0,1,"two\nlines"\n0,1,\n', "row 4: the label is missing"),
        ('0,1,"two\nlines"\n\n0,1,b\n', "row 4: the number of cells is 1"),
    ],
)
def test_the_row_is_the_line_in_the_file(cells: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(f"a_1,b_1,y\n{cells}".encode())
    with pytest.raises(InputError, match=says):
        read_dataset(file)
