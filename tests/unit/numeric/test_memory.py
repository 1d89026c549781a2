"""Data that do not fit into the memory end in one line, wherever that shows."""

from __future__ import annotations

import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

from boundcalc.data.arrays import as_dataset, read_dataset
from boundcalc.errors import InputError

m = 200


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, m, 3))
    y = (a[:, 0] > 0).astype(int)
    np.savez("x.npz", a=a, b=b, y=y)
    np.save("x.npy", a)
    return tmp_path


def test_a_small_file_that_unpacks_to_much_more_is_refused(
    files: Path, refused: Callable[..., str]
) -> None:
    """Only what the archive says of its sizes is read: 20 GB are never made."""
    with zipfile.ZipFile("bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", b"\x00" * 10**6)
        archive.filelist[0].file_size = 20 * 10**9
    said = refused("compare", "bomb.npz")
    assert "unpacks to 20 GB, more than a hundred times as much" in said


def test_a_table_of_absurd_size_is_refused(files: Path, refused: Callable[..., str]) -> None:
    rows = 2 * 10**7
    frame = pandas.DataFrame({f"a_{i}": np.zeros(rows, dtype=np.int8) for i in range(7)})
    frame.to_parquet("bomb.parquet")
    assert "unpacks to 1.12 GB" in refused("compare", "bomb.parquet")


def test_a_table_is_read_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    row = ",".join(["0.12345678901234567890123456789"] * 40)
    file.write_text("\n".join([",".join(f"a_{i}" for i in range(40)), *[row] * 1000]))
    tracemalloc.start()
    read_dataset(file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < file.stat().st_size


def test_no_memory_is_one_line(
    files: Path, refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any, **more: Any) -> None:
        raise MemoryError

    made = as_dataset({"a": [1.0, 2.0]})
    monkeypatch.setattr("boundcalc.data.arrays.dataset", full)
    assert "too large for the memory" in refused("compare", "x.npz")
    monkeypatch.setattr("boundcalc.data.estimate.estimate.estimate", full)
    monkeypatch.setattr("boundcalc.study.read.read_dataset", lambda *a, **k: made)
    assert "not enough memory" in refused("estimate", "x.npy")


def test_a_file_that_cannot_be_mapped(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(*args: Any, **more: Any) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(np, "load", load)
    with pytest.raises(InputError, match=r"address space .*ulimit -v"):
        read_dataset("x.npy")
