"""Numbers of any size: the same result in any units, and no warning."""

from __future__ import annotations

import warnings
from pathlib import Path

import dask.dataframe
import numpy as np
import pandas
import pytest

import boundcalc as bc
from boundcalc.data.arrays import as_dataset
from boundcalc.data.fit.preparation import Scaling, split
from boundcalc.errors import InputError

rng = np.random.default_rng(5)
A, B = rng.normal(size=(2, 200, 2))
Y = A[:, 0] + B[:, 0] + rng.normal(size=200)


@pytest.fixture(autouse=True)
def no_warnings() -> None:
    warnings.simplefilter("error")


def gaps(targets: object, scale: float = 1.0) -> list[float]:
    found = bc.compare({"a": A * scale, "b": B, "y": targets}, task="regression", norms=[1, 4])
    return [fit.test_loss for fit in found.data.fits]


def test_targets_and_features_in_any_units() -> None:
    ordinary = gaps(Y)
    for unit in (1e307, 1e-300):
        np.testing.assert_allclose(gaps(Y * unit), ordinary, rtol=1e-9)
    # below 1e-308 numbers have fewer digits
    np.testing.assert_allclose(gaps(Y, 1e-310), ordinary, atol=1e-3)


def test_features_of_the_least_size_are_scaled() -> None:
    data = as_dataset({"a": A * 2.0**-1040})
    rows = np.arange(len(A))
    plain = Scaling.of(as_dataset({"a": A}), rows).features(as_dataset({"a": A}), rows)["a"]
    tiny = Scaling.of(data, rows).features(data, rows)["a"]
    np.testing.assert_allclose(tiny, plain, atol=1e-7)


@pytest.mark.parametrize("task", ["compare", "diagnose"])
def test_targets_that_set_no_scale(task: str) -> None:
    labels = Y.copy()
    labels[split(200, (0.1, 0.9), seed=0)[0]] = 0.1  # whose mean is not 0.1 in floating point
    with pytest.raises(InputError, match=r"all the same number|equal but for a few"):
        getattr(bc, task)({"a": A, "b": B, "y": labels}, task="regression", seed=0)


def test_targets_too_large_for_distances() -> None:
    with pytest.raises(InputError, match="data: the labels are too large to be squared"):
        bc.diagnose({"a": A, "b": B, "y": Y * 1e307}, task="regression", loss_bound=1e9)


def test_numbers_beyond_all_fractions_are_no_classes() -> None:
    data = as_dataset({"a": A, "y": np.where(Y > 0, 1e300, 2e300)})
    assert data.classes is None
    assert as_dataset({"a": A, "y": np.where(Y > 0, 2**60, 1)}).classes == (1, 2**60)


def test_which_files_can_be_compared(tmp_path: Path) -> None:
    text, array = tmp_path / "x.txt", tmp_path / "x.npy"
    text.write_text("a b\n")
    np.save(array, A)
    with pytest.raises(
        InputError, match=r"neither data \(.npz, .csv, .parquet\) nor a study file \(.toml\)"
    ):
        bc.compare(text)
    with pytest.raises(InputError, match=r"one array; compare takes .npz, .csv or .parquet"):
        bc.compare(array)
    with pytest.raises(InputError, match="is a folder"):
        bc.diagnose(tmp_path)
    table = tmp_path / "x.csv"
    table.write_text("a_1;y\n1;2\n")
    with pytest.raises(InputError, match="separated by commas"):
        bc.diagnose(table)


def test_kinds_that_are_not_read() -> None:
    with pytest.raises(InputError, match="X is a path: read"):
        bc.estimate("x.npy")
    frame = dask.dataframe.from_dict({"a": [1.0, 2.0]}, npartitions=2)
    with pytest.raises(InputError, match=r"to_dask_array\(lengths=True\)"):
        bc.estimate(frame)


def test_diagnose_takes_groups_of_columns() -> None:
    frame = pandas.DataFrame(np.hstack([A, B]), columns=["p", "q", "r", "s"])
    found = bc.diagnose(frame, groups={"one": ["p", "q"], "two": ["s"]})
    assert found.modalities == ("one", "two")
    with pytest.raises(InputError, match="leave labels, groups, missing and categorical out"):
        bc.diagnose(as_dataset({"a": A, "b": B}), groups={"one": ["p"]})
