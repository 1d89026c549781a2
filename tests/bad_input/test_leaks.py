"""A label among the features is said, in whatever form it is there; what only resembles it is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
from scipy.sparse import csc_matrix, csr_array, eye_array, hstack

import boundcalc as bc
from boundcalc.data.arrays import as_dataset, read_dataset

M = 60
DRAW = np.random.default_rng(0)
X = DRAW.normal(size=(M, 2))
Y = (X[:, 0] > 0).astype(float)
THREE = np.arange(M) % 3
WORDS = [("u", "v", "w")[i] for i in THREE]
NUMBER = X[:, 0]
NOISE = 1 + 1e-12 * DRAW.normal(size=M)
ONE_HOT = np.eye(3)[THREE]
FAR = np.where(np.arange(M) == 5, -1e11, NUMBER)
FOUR = np.r_[np.arange(M - 2) % 2, 2, 3]
COUNTS = csr_array(DRAW.poisson(0.02, (M, 5000)))
SAID = ": is the label among the features?"


def holes(column: Any, each: int = 3, at: int = 0) -> Any:
    found = np.array(column, dtype=float)
    found[at::each] = np.nan
    return found


def notes(features: Any, labels: Any, **options: Any) -> list[str]:
    """What is said of leaks."""
    found = as_dataset({"fine": X[: len(labels), 1:], "a": features, "y": labels}, **options)
    assert not any(SAID in note for note in found.notes["fine"])
    return [note for note in found.notes["a"] if SAID in note]


LEAKS: dict[str, tuple[Any, Any]] = {
    "a copy": (Y, Y),
    "other numbers for the classes": (7 - 3 * Y, Y),
    "one column a class": (ONE_HOT, THREE),
    "codes of texts": (THREE, WORDS),
    "a number": (NUMBER, NUMBER),
    "in other units": (1000 * NUMBER - 4, NUMBER),
    "negated": (-NUMBER, NUMBER),
    "beside others": (np.c_[X[:, 1], np.ones(M), Y], Y),
    "with one far below": (3 - 2 * FAR, FAR),
    "with one far above": (3 + 2 * FAR, -FAR),
    "with two rare classes": (np.eye(4)[FOUR], FOUR),
    "with noise": (Y * NOISE, Y),
    "other numbers with noise": ((7 - 3 * Y) * NOISE, Y),
    "one column a class with noise": (ONE_HOT * NOISE[:, None], THREE),
    "codes far from zero with noise": ((1000 + THREE) * NOISE, THREE),
    "a number with noise": (NUMBER * NOISE, NUMBER),
    "in other units with noise": ((1000 * NUMBER - 4) * NOISE, NUMBER),
    "in single precision": (np.float32(0.1 * NUMBER + 3), NUMBER),
    "codes in single precision": (np.float32(0.1 * THREE), THREE),
    "in a sparse matrix": (csr_array(Y[:, None]), Y),
    "other numbers in a sparse matrix": (csc_matrix(7 - 3 * Y[:, None]), Y),
    "one column a class in a sparse matrix": (csr_array(ONE_HOT), THREE),
    "a number in a sparse matrix": (
        csr_array((NUMBER * (NUMBER > 0))[:, None]),
        NUMBER * (NUMBER > 0),
    ),
    "sparse with noise": (csr_array(ONE_HOT * NOISE[:, None]), THREE),
    "beside words": (
        hstack([COUNTS, csr_array(ONE_HOT)]),
        THREE,
    ),
}
WITH_HOLES: dict[str, tuple[Any, Any]] = {
    "a copy": (holes(Y), Y),
    "a third of it": (holes(holes(Y), 3, 1), Y),
    "texts": (holes(THREE, 4), WORDS),
    "one column a class": (
        np.c_[holes(ONE_HOT[:, 0], 5), holes(ONE_HOT[:, 1], 7), ONE_HOT[:, 2]],
        THREE,
    ),
    "noise": (holes((7 - 3 * Y) * NOISE), Y),
    "a number": (holes(NUMBER), NUMBER),
    "without the ends": (np.where(np.abs(NUMBER) > 1, np.nan, 3 - NUMBER), NUMBER),
    "a number with noise": (holes((1000 * NUMBER - 4) * NOISE), NUMBER),
}


@pytest.mark.parametrize(("features", "labels"), LEAKS.values(), ids=LEAKS)
def test_a_feature_that_tells_the_label_is_said(features: Any, labels: Any) -> None:
    (said,) = notes(features, labels)
    assert "the label of every example: is" in said


@pytest.mark.parametrize("missing", ["indicator", "drop"])
@pytest.mark.parametrize(("features", "labels"), WITH_HOLES.values(), ids=WITH_HOLES)
def test_a_label_with_holes_is_said(features: Any, labels: Any, missing: str) -> None:
    (said,) = notes(features, labels, missing=missing)
    assert "the label of every example that has a value there: is" in said


def test_a_column_that_only_one_class_has() -> None:
    """The day of death, of those who died."""
    day = np.where(Y > 0, X[:, 1], np.nan)
    told = "Where 2 has no value tells the label of every example" + SAID
    assert notes(np.c_[X[:, 1], day], Y, missing="indicator") == [told]
    assert notes(one_off(day, np.nan, int(np.argmax(Y))), Y, missing="indicator") == []
    assert notes(holes(day), Y, missing="indicator") == []


def test_a_column_of_texts_with_holes(tmp_path: Path) -> None:
    words = [None if i % 5 == 0 else word for i, word in enumerate(WORDS)]
    frame = pandas.DataFrame({"a_1": X[:, 0], "b_1": X[:, 1], "b_word": words, "y": WORDS})
    told = "Column b_word tells the label of every example that has a value there" + SAID
    assert told in as_dataset(frame, missing="indicator").notes["b"]
    frame.to_csv(tmp_path / "x.csv", index=False)
    assert told in read_dataset(tmp_path / "x.csv", missing="indicator").notes["b"]


def test_the_warning_reaches_who_compares_and_diagnoses() -> None:
    data = {"fine": X, "leak": np.c_[X[:, 1], Y], "y": Y}
    for found in (bc.compare(data).data.notes, bc.diagnose(data).notes):
        assert any("Column 2 tells the label of every example" + SAID in note for note in found)
    data["leak"] = csr_array(data["leak"])
    assert any("Column 2 tells the label" in note for note in bc.compare(data).data.notes)


def one_off(column: Any, change: float, row: int = -1) -> Any:
    found = np.array(column, dtype=float)
    found[row] += change
    return found


def with_outlier(seed: int) -> Any:
    column = np.random.default_rng(seed).normal(size=M)
    column[7], column[8] = 1e7, -1e3
    return column


RARE = (np.arange(M) == 5).astype(float)
# nobody is to be warned of these: they say much of the label, or nothing, but they are not it
FINE: dict[str, tuple[Any, Any]] = {
    "a strong correlation": (NUMBER + 1e-3 * X[:, 1], NUMBER),
    "a stronger one": (NUMBER + 1e-5 * X[:, 1], NUMBER),
    "a curve": (NUMBER + 1e-4 * NUMBER**2, NUMBER),
    "two clouds": (Y + 1e-3 * X[:, 1], Y),
    "one example of another class": (one_off(Y, 1), Y),
    "another of another class": (one_off(Y, -1, 0), Y),
    "one number off": (one_off(NUMBER, 0.1), NUMBER),
    "one number a little off": (one_off(NUMBER, 1e-4, 0), NUMBER),
    "one class of three": (ONE_HOT[:, 0], THREE),
    "two that together tell": (
        np.c_[np.arange(M) // 2 % 2, (np.arange(M) // 2 + np.arange(M)) % 2],
        np.arange(M) % 2,
    ),
    "constant": (np.ones((M, 2)), Y),
    "constant beside a number": (np.full((M, 2), 3.5), NUMBER),
    "large and almost constant": (1.6e9 + X[:, 1], Y),
    "large and more constant": (1.6e9 + 1e-3 * X[:, 1], Y),
    "large beside a number": (1.6e9 + 1e-3 * X[:, 1], NUMBER),
    "a class an example": (X[:, 1], [f"p{i}" for i in range(M)]),
    "the same outlier": (with_outlier(3), with_outlier(4)),
    "one example of a class": (RARE, RARE),
    "few examples": (Y[:8], Y[:8]),
    "fewer examples": (NUMBER[:4], NUMBER[:4]),
    "few examples and many features": (DRAW.integers(0, 2, (14, 3000)), Y[:14]),
    "words": (COUNTS, Y),
    "a sparse class of three": (csr_array(ONE_HOT[:, :1]), THREE),
    "a sparse class but one": (csr_array(one_off(Y, 1)[:, None]), Y),
    "a sparse number but one": (csr_array(one_off(NUMBER, 1)[:, None]), NUMBER),
    "empty": (csr_array((M, 3)), Y),
    "rows": (eye_array(M), Y),
}
FINE_WITH_HOLES: dict[str, tuple[Any, Any]] = {
    "few values": (holes(holes(holes(Y), 3, 1), 6, 2), Y),
    "three values": (np.where(np.arange(M) < 3, NUMBER, np.nan), NUMBER),
    "constant": (holes(np.ones(M)), Y),
    "nothing": (np.full(M, np.nan), Y),
    "one example off": (holes(one_off(Y, 1)), Y),
    "a strong correlation": (holes(NUMBER + 1e-3 * X[:, 1]), NUMBER),
    "two values of a number": (np.where(np.arange(M) % 30 == 4, NUMBER, np.nan), NUMBER),
}


@pytest.mark.parametrize(("features", "labels"), FINE.values(), ids=FINE)
def test_what_is_not_the_label_is_not_said(features: Any, labels: Any) -> None:
    assert notes(features, labels) == []


@pytest.mark.parametrize(("features", "labels"), FINE_WITH_HOLES.values(), ids=FINE_WITH_HOLES)
def test_what_is_not_the_label_and_has_holes(features: Any, labels: Any) -> None:
    assert notes(features, labels, missing="indicator") == []


@pytest.mark.slow
@pytest.mark.parametrize("m", [10, 12, 15, 20, 30])
@pytest.mark.parametrize("classes", [2, 3])
def test_chance_is_seldom_taken_for_a_leak(m: int, classes: int) -> None:
    """Bits that have nothing to do with the labels: an alarm in a thousand tables at most."""
    draw, alarms = np.random.default_rng(m), 0
    for _ in range(40):
        features, labels = draw.integers(0, classes, (m, 500)), draw.integers(0, classes, m)
        alarms += bool(notes(features, labels))
    assert alarms == 0
