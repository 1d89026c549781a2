"""Labels keep what was written: only canonical decimals are numbers, and nothing is merged."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas
import pytest

import boundcalc as bc
from boundcalc.data.arrays import as_dataset, read_dataset
from boundcalc.data.dataset import Dataset
from boundcalc.errors import InputError

M = 60
X = np.random.default_rng(0).normal(size=(M, 2))


def labelled(labels: object, task: str | None = None) -> Dataset:
    return as_dataset({"a": X, "b": X[:, :1], "y": labels}, task=task)


@pytest.mark.parametrize(
    "pair",
    [
        ("01", "1"),
        ("12E1", "120"),
        ("1e5", "100000"),
        ("1_0", "10"),
        ("+1", "1"),
        ("١", "1"),
        ("１", "1"),
        ("0x1", "1"),
        ("02116", "2116"),
        ("1.0", "1"),
        ("-0", "0"),
        ("9007199254740992", "9007199254740993"),
        ("9" * 25, "9" * 24 + "8"),
        ("∞", "1"),
    ],
)
@pytest.mark.parametrize("task", [None, "classification"])
def test_two_texts_are_two_classes(pair: tuple[str, str], task: str | None, tmp_path: Path) -> None:
    for labels in (list(pair) * (M // 2), np.array(list(pair) * (M // 2))):
        assert len(labelled(labels, task).classes) == 2
    file = tmp_path / "x.csv"
    file.write_text("a_1,y\n" + "".join(f"{i},{pair[i % 2]}\n" for i in range(M)), encoding="utf-8")
    assert len(read_dataset(file, task=task).classes) == 2


@pytest.mark.parametrize("labels", [["01", "02"], ["+1", "-1"], ["1E1", "2E1"], ["007", "42"]])
def test_other_spellings_of_numbers_stay_text(labels: list[str]) -> None:
    assert labelled(labels * (M // 2)).classes == tuple(sorted(labels))


@pytest.mark.parametrize("labels", [["1", "2"], ["1.0", "2.0"], ["1.00e+00", "2.00e+00"]])
def test_canonical_whole_numbers_are_numbers(labels: list[str]) -> None:
    assert labelled(labels * (M // 2)).classes == (1, 2)


def test_numbers_as_programs_write_them_are_targets() -> None:
    texts = [repr(1.5e-5 * i) for i in range(1, M + 1)]
    assert labelled(texts).labels == pytest.approx(1.5e-5 * np.arange(1, M + 1))


@pytest.mark.parametrize(
    "codes", [("250.00", "250.0", "401.9"), ("1.1", "1.10", "1.2"), ("0.5", "1e-05", "3.25")]
)
def test_dotted_codes_are_classes_where_the_task_says_so(codes: tuple[str, ...]) -> None:
    labels = [codes[i % 3] for i in range(M)]
    assert labelled(labels, "classification").classes == tuple(sorted(codes))
    assert labelled(labels, "regression").classes is None
    silent = labelled(labels)
    assert silent.classes is None
    assert "targets of a regression; if they are codes" in silent.for_task(None).remarks[0]


def test_floats_in_an_array_are_classes_where_the_task_says_so() -> None:
    codes = np.array([250.5, 401.9])[np.arange(M) % 2]
    assert labelled(codes, "classification").classes == (250.5, 401.9)
    assert bc.compare(labelled(codes), task="classification").data.task == "classification"


def test_a_silent_regression_says_what_it_took_the_labels_for() -> None:
    found = bc.compare({"a": X, "b": X[:, :1], "y": X[:, 0] ** 2})
    assert any("targets of a regression" in note for note in found.data.notes)
    assert any("targets of a regression" in note for note in bc.diagnose(labelled(X[:, 0])).notes)


def test_one_number_in_two_spellings_is_said_and_is_a_number_for_a_regression() -> None:
    found = labelled(["1", "1.0", "2", "3"] * (M // 4))
    assert found.classes == ("1", "1.0", "2", "3")
    assert "'1' and '1.0' are one number" in found.remarks[0]
    read = labelled(["1", "1.0", "2", "3"] * (M // 4), "regression")
    assert read.labels.tolist() == [1, 1, 2, 3] * (M // 4)


def test_one_word_in_two_unicode_forms_is_one_class() -> None:
    labels = ["caf\u00e9", "cafe\u0301", "tea", " tea"] * (M // 4)
    assert labelled(labels).classes == ("caf\u00e9", "tea")


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        ([b"caf\xe9", b"caf\xe8"], "row 1: the label b'caf.xe9' is not UTF-8 text"),
        ([1, "1"], "row 2: the label '1' is text, and the first one, 1, is a number"),
        ([True, 0], "row 2: the label 0 is a number, and the first one, True, is a truth value"),
        ([1, 10**400], "row 2: the label is infinite"),
        ([1, Decimal("sNaN")], "row 2: the label is missing"),
        ([1, None], "row 2: the label is missing"),
        ([1, 1 + 1j], r"row 2: \(1\+1j\) is no label"),
        (["1", "inf"], "row 2: the label is infinite"),
        (["u", np.ma.masked], "masked entries, the first in row 2"),
        (np.array([1 + 1j, 2]), "entries of type complex128"),
        (np.ma.masked_array([0, 1], [False, True]), "masked entries, the first in row 2"),
        (pandas.array([0, None], dtype="Int64"), "masked entries, the first in row 2"),
        (pandas.array([True, None], dtype="boolean"), "masked entries, the first in row 2"),
        ([[1], [2, 3]], "no label"),
    ],
    ids=lambda x: ascii(x)[:30],
)
def test_labels_that_are_refused(labels: object, says: str) -> None:
    with pytest.raises(InputError, match=says):
        as_dataset({"a": X[:2], "y": labels})


@pytest.mark.parametrize("kind", ["boolean", "Int64", "Float64", "string", "object", "category"])
def test_a_missing_label_of_pandas_is_named_with_its_row(kind: str, tmp_path: Path) -> None:
    values = ["u", "v", None, "u"] if kind in ("string", "category") else [True, False, None, True]
    column = pandas.Series(values, dtype=kind)
    frame = pandas.DataFrame({"a_1": X[:4, 0], "y": column})
    frame.to_parquet(tmp_path / "x.parquet")
    for make in (
        lambda: as_dataset({"a": X[:4], "y": column}),
        lambda: as_dataset(frame),
        lambda: read_dataset(tmp_path / "x.parquet"),
    ):
        with pytest.raises(InputError, match="row 3: the label is missing"):
            make()


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        ([np.int64(1), np.int32(0)], (0, 1)),
        ([np.True_, np.False_], (False, True)),
        ([Decimal(1), Decimal("0.0")], (0, 1)),
        ([Fraction(4, 2), 1.0], (1, 2)),
        ([2**70, 2**70 + 1], (2**70, 2**70 + 1)),
        (np.array([2**63, 2**63 + 1], dtype=np.uint64), (2**63, 2**63 + 1)),
        (np.array([0, 1], dtype=np.float16), (0, 1)),
        (pandas.Series(["01", "1"], dtype="category"), ("01", "1")),
    ],
    ids=str,
)
def test_numbers_of_other_types_are_what_they_are(labels: object, classes: tuple) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert as_dataset({"a": X[:2], "y": labels}).classes == classes


def test_the_command_keeps_codes_apart(
    tmp_path: Path, run: Callable[..., tuple[int, str, str]], refused: Callable[..., str]
) -> None:
    rng = np.random.default_rng(1)
    codes = ["250.00", "250.0", "401.9"]
    lines = [f"{i % 3 + z:.3f},{z:.3f},{codes[i % 3]}" for i, z in enumerate(rng.normal(size=160))]
    file = tmp_path / "icd.csv"
    file.write_text("\n".join(["a_1,b_1,y", *lines]))
    code, out, _ = run("compare", str(file), "--no-alone", "--task", "classification")
    assert (code, "the 3 classes" in out) == (0, True)
    file.write_text("\n".join(["a_1,b_1,y", *lines[:100], "1,2,1\n3,\n"]))
    assert "row 103: the number of cells is 2" in refused("compare", str(file))


@pytest.mark.parametrize(
    "labels",
    [
        [Decimal("1"), Decimal(f"1.{'0' * 20}1")] * (M // 2),
        [Fraction(3), Fraction(3 * 10**20 + 1, 10**20)] * (M // 2),
        np.array([1, 1 + np.finfo(np.longdouble).eps] * (M // 2), dtype=np.longdouble),
    ],
)
def test_numbers_that_no_float_tells_apart_are_not_merged(labels: object) -> None:
    if isinstance(labels, np.ndarray) and np.finfo(np.longdouble).eps == np.finfo(float).eps:
        pytest.skip("long doubles are doubles here")
    with pytest.raises(InputError, match="more digits than a float has"):
        labelled(labels)
