"""Tables as they are: patterns, suffixes, categories, missing values, sparse matrices, images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas
import pytest
from files import save
from scipy.sparse import csr_array, csr_matrix, save_npz

import boundcalc as bc
from boundcalc.data.arrays import as_dataset, read_dataset
from boundcalc.data.encode import encoded
from boundcalc.data.fit.ball import Metric, Surrogate, path
from boundcalc.data.fit.linear_predictors import MultiClass
from boundcalc.data.fit.preparation import Scaling
from boundcalc.errors import InputError

nan = np.nan


def test_columns_by_patterns(tmp_path: Path) -> None:
    file = save(tmp_path, "d.csv", "M1,M22,age,sex,y\n1,2,3,4,0\n5,6,7,8,1\n")
    found = read_dataset(file, groups={"lab": ["M*"], "demo": ["[as]*", "age"]})
    assert found.columns == {"lab": ("M1", "M22"), "demo": ("age", "sex")}
    for groups, says in (
        ({"lab": ["Q*"]}, "no column matches"),
        ({"lab": ["M*"], "all": ["*"]}, "the column 'M1' is in two modalities"),
        ({"lab": ["M3"]}, r"unknown column of .*; known: M1, M22"),
    ):
        with pytest.raises(InputError, match=says):
            read_dataset(file, groups=groups)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("audio_pitch,audio_mel_mean,text_1", {"audio": 2, "text": 1}),
        ("mel_spec_1,mel_spec_mean,mel_x", {"mel_spec": 2, "mel": 1}),
        ("patient_id,a_x,b_y", {"a": 1, "b": 1}),
        ("Unnamed: 0,a_x,b_y", {"a": 1, "b": 1}),
    ],
)
def test_suffixes_of_any_kind(header: str, found: dict[str, int], tmp_path: Path) -> None:
    data = read_dataset(save(tmp_path, "d.csv", f"{header},y\n1,2,3,0\n4,5,6,1\n"))
    assert {name: len(columns) for name, columns in data.columns.items()} == found
    assert any("name rows" in said for said in data.remarks) == ("_id" in header or ":" in header)


CITIES = "demo_age,demo_city,demo_zip,y\n30,Rom,007,0\n,Wien,10,1\n50,,7,0\n70,Bern,7,1\n"


def test_categories_are_columns_that_the_first_part_fixes(tmp_path: Path) -> None:
    file = save(tmp_path, "d.csv", CITIES)
    data = read_dataset(file, missing="indicator", categorical=["*zip"])
    first = np.array([0, 1, 2])
    made = encoded(data, first)
    assert made.columns["demo"] == (
        *("demo_age", "demo_city=Rom", "demo_city=Wien", "demo_city missing"),
        *("demo_zip=007", "demo_zip=10", "demo_zip=7", "demo_age missing"),
    )
    assert made.modalities["demo"].tolist() == [
        [30, 1, 0, 0, 1, 0, 0, 0],
        [40, 0, 1, 0, 0, 1, 0, 1],
        [50, 0, 0, 1, 0, 0, 1, 0],
        [70, 0, 0, 0, 0, 0, 1, 0],  # nobody of the first part is in Bern
    ]
    assert any("1 of demo_city" in said for said in made.remarks)
    dropped = read_dataset(file, missing="drop", categorical=["*zip"])
    assert encoded(dropped).modalities["demo"].shape == (2, 5)
    assert any("2 of 4 examples are left out" in said for said in dropped.remarks)


def test_frames_hold_categories_as_files_do(tmp_path: Path) -> None:
    frame = pandas.read_csv(save(tmp_path, "d.csv", CITIES), dtype={"demo_zip": str})
    frame.to_parquet(tmp_path / "d.parquet")
    how = {"missing": "indicator", "categorical": ["*zip"]}
    file = read_dataset(tmp_path / "d.csv", **how)
    typed = frame.astype({"demo_city": "category"})
    for other in (
        read_dataset(tmp_path / "d.parquet", **how),
        as_dataset(frame, **how),
        as_dataset(typed, **how),
    ):
        assert np.array_equal(encoded(other).features(), encoded(file).features())
        assert encoded(other).columns == encoded(file).columns


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a_1,y\n1,0\nx,1\n", "row 3, column a_1: 'x' is not a number; --categorical 'a_1'"),
        ("a_1,y\nx,0\n1,1\n", "row 3, column a_1: 1 is a number, .* --categorical"),
        ("a_1,y\n1,0\n,1\n", "row 3, column a_1: the value is missing; --missing indicator"),
        ("a_1,y\nx,0\n,1\n", "row 3, column a_1: the value is missing; --missing indicator"),
        ("a_1,y\n" + "".join(f"t{i},0\n" for i in range(1001)), "more than 1,000 values"),
    ],
)
def test_what_is_refused_names_the_option(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=says):
        read_dataset(save(tmp_path, "d.csv", text))


def test_missing_values_do_not_look_at_the_other_parts() -> None:
    X = np.array([[1.0, nan], [3.0, 2.0], [100.0, 4.0], [nan, 6.0]])
    made = encoded(as_dataset({"a": X}, missing="indicator"), np.array([0, 1]))
    # the first column has no gap in the first part: filled with its mean, without an indicator
    assert made.modalities["a"].tolist() == [[1, 2, 1], [3, 2, 0], [100, 4, 0], [2, 6, 0]]


# --- sparse matrices and images ------------------------------------------------------------------


def test_sparse_features_are_never_dense() -> None:
    draw = np.random.default_rng(0)
    X = csr_array((draw.random((50, 4000)) < 0.01) * draw.random((50, 4000)))
    data = as_dataset({"words": csr_matrix(X), "b": np.arange(50.0)})
    rows = np.arange(20)
    found = Scaling.of(data, rows).features(data, np.arange(50))["words"]
    dense = X.toarray() / np.abs(X[:20].data).max()
    lengths = np.linalg.norm(dense, axis=1, keepdims=True)
    radius = np.quantile(lengths[:20], 0.9)
    assert found.nnz == X.nnz
    np.testing.assert_allclose(found.toarray(), dense / np.maximum(lengths, radius), atol=1e-12)
    y = np.arange(50) % 3
    problem = MultiClass(y, 3)
    fits = [
        path(Surrogate.of(Z, problem), [1.0, 4.0], Metric.of(Z))[-1]
        for Z in (found, found.toarray())
    ]
    np.testing.assert_allclose(*fits, atol=1e-8)


def test_sparse_files_are_compared(
    tmp_path: Path, run: Callable[..., tuple[int, str, str]]
) -> None:
    draw = np.random.default_rng(0)
    words = csr_array((draw.random((200, 300)) < 0.02) * 1.0)
    y = (np.asarray(words[:, :20].sum(axis=1)) > 0).astype(int)
    audio = draw.normal(size=(200, 2))
    save_npz(tmp_path / "words.npz", words)
    save(tmp_path, "audio.npy", audio)
    save(tmp_path, "y.npy", y)
    expected = bc.compare({"words": words, "audio": audio, "y": y}, norms=[4])
    files = [str(tmp_path / name) for name in ("words.npz", "audio.npy", "y.npy")]
    found = bc.compare(files, norms=[4])
    assert [v.lower for v in found.verdicts] == [v.lower for v in expected.verdicts]
    assert run("compare", *files, "--norms", "4")[0] == 0
    value = bc.estimate(words, draws=20).value
    assert value == pytest.approx(bc.estimate(words.toarray(), draws=20).value)
    with pytest.raises(InputError, match=r"no file holds the labels: call it y\.npy"):
        bc.compare(files[:2])


def test_images_are_flattened_on_request() -> None:
    images = np.arange(24.0).reshape(3, 2, 4)
    with pytest.raises(InputError, match=r"shape \(3, 2, 4\).*--flatten"):
        as_dataset({"image": images})
    found = as_dataset({"image": images}, flatten=True).modalities["image"]
    assert np.array_equal(found, images.reshape(3, 8))
