"""Data that do not fit into the memory end in one line, wherever that shows."""

from __future__ import annotations

import resource
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

from boundcalc.data import memory, tables
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
    lines = [",".join(map(str, row)) for row in np.hstack([a, b, y[:, None]]).tolist()]
    Path("x.csv").write_text("\n".join(["a_1,a_2,a_3,b_1,b_2,b_3,y", *lines]))
    pandas.read_csv("x.csv").to_parquet("x.parquet")
    return tmp_path


def have(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(memory, "left", lambda: size)


@pytest.mark.parametrize("name", ["x.npz", "x.csv", "x.parquet"])
def test_a_file_that_does_not_fit_is_refused(
    files: Path, name: str, refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_FIRST_LOOK", 32)
    have(monkeypatch, 1000)
    said = refused("compare", name)
    assert said.startswith(f"Error: {name}: this takes about ")
    assert "1e-06 GB are left: take fewer rows or columns" in said


@pytest.mark.parametrize("command", ["compare", "diagnose"])
def test_what_is_computed_has_to_fit_as_well(
    files: Path, command: str, refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # the file fits, of which the features need several times as much
    have(monkeypatch, 2 * m * 7 * 8)
    assert "x.npz: this takes about" in refused(command, "x.npz")


def test_the_size_of_a_table_is_foreseen(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []
    monkeypatch.setattr(tables, "_FIRST_LOOK", 50)
    monkeypatch.setattr(memory, "require", lambda size, where: asked.append(size))
    read_dataset("x.csv")
    assert len(asked) == 3
    # files are read ahead, so that it is more than 50 rows that seem to have been read
    assert 9 / 8 * 8 * 6 * (m - 50) / 2 < asked[0] < 9 / 8 * 8 * 6 * m
    asked.clear()
    read_dataset("x.parquet")
    assert asked == [2 * 8 * 7 * m]
    asked.clear()
    as_dataset({"a": np.zeros((9, 2)), "b": np.zeros((9, 3))}).features()
    assert asked == [9 * 5 * 8]


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
    monkeypatch.setattr("boundcalc.data.estimate.estimate", full)
    monkeypatch.setattr("boundcalc.study.data_file.read_dataset", lambda *a, **k: made)
    assert "not enough memory" in refused("estimate", "x.npy")


def test_a_file_that_cannot_be_mapped(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(*args: Any, **more: Any) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(np, "load", load)
    with pytest.raises(InputError, match=r"address space .*ulimit -v"):
        read_dataset("x.npy")


def test_the_least_of_what_is_left_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {
        "/proc/meminfo": "MemTotal: 9000 kB\nMemAvailable:    8000 kB\n",
        "/proc/self/statm": "10 5 1",
        "/sys/fs/cgroup/memory.max": "5000000\n",
        "/sys/fs/cgroup/memory.current": "4000000\n",
        "/sys/fs/cgroup/memory.stat": "anon 1\ninactive_file 500000\n",
    }
    monkeypatch.setattr(memory, "_read", lambda path: told.get(path, ""))
    monkeypatch.setattr(resource, "getrlimit", lambda which: (resource.RLIM_INFINITY,) * 2)
    assert memory.left() == 1_500_000
    told["/sys/fs/cgroup/memory.max"] = "max\n"
    assert memory.left() == 8000 * 1024
    monkeypatch.setattr(resource, "getrlimit", lambda which: (100 * resource.getpagesize(),) * 2)
    assert memory.left() == 90 * resource.getpagesize()
    told.clear()
    assert memory.left() is None
    memory.require(1e30, "x")
