"""Sweeps in files: the same rows however they were computed, whole or not at all, in flat memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import boundcalc as bc
from boundcalc.errors import InputError

pytest.importorskip("pyarrow")
from pyarrow import parquet

SHARP: dict[str, Any] = {"variant": "sharp", "lipschitz": 1, "loss_bound": 1, "rademacher": 0.01}
SHARP |= {"gamma": -0.2, "vary": {"m": bc.Range(100, 1e6, 40, log=True), "delta": [0.01, 0.1]}}
MEMORY = """
import resource, sys, boundcalc as bc
count = int(sys.argv[2])
bc.write_sweep(sys.argv[1], "huang2021.theorem1", variant="sharp", chunks=200_000,
    vary={"m": bc.Range(100, 1e9, count, log=True), "delta": bc.Range(0.01, 0.2, 1000)},
    lipschitz=1, loss_bound=1, rademacher=0.01, gamma=-0.2)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.parametrize(
    ("chunks", "workers"), [(7, 1), (1000, 1), pytest.param(30, 2, marks=pytest.mark.slow)]
)
def test_the_rows_are_those_of_the_sweep(tmp_path: Path, chunks: int, workers: int) -> None:
    seen = []
    bc.write_sweep(
        tmp_path / "a.parquet",
        "huang2021.theorem1",
        chunks=chunks,
        workers=workers,
        progress=lambda done, total: seen.append((done, total)),
        **SHARP,
    )
    table = parquet.read_table(tmp_path / "a.parquet")
    columns = bc.sweep("huang2021.theorem1", **SHARP).columns()
    assert table.column_names == list(columns)
    for name, column in columns.items():
        assert np.array_equal(table[name].to_numpy(), column)
    assert seen[-1] == (80, 80)
    assert list(tmp_path.iterdir()) == [tmp_path / "a.parquet"]


@pytest.mark.parametrize("workers", [1, 2])
def test_nothing_is_left_where_the_last_point_cannot_be_used(tmp_path: Path, workers: int) -> None:
    ask = SHARP | {"vary": {"delta": [0.1, 0.2, 1.5]}, "m": 100}
    with pytest.raises(InputError, match="delta"):
        bc.write_sweep(tmp_path / "a.parquet", "huang2021.theorem1", workers=workers, **ask)
    assert list(tmp_path.iterdir()) == []


def test_what_is_written_already_stays_when_a_block_fails(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("kept")
    ask = {"delta": 0.1, "m": 100, "vary": {"rademacher": [0.1, 1e308]}, "gamma": 0}
    with pytest.raises(InputError, match="too large"):
        bc.write_sweep(
            file, "huang2021.theorem1", variant="sharp", chunks=1, lipschitz=9, loss_bound=1, **ask
        )
    assert file.read_text() == "kept"


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("a.zip", {}, "is written to .csv or .parquet"),
        ("a.csv", {"workers": 2}, "only a Parquet file is written by several processes"),
        ("no/a.csv", {}, "cannot write"),
        ("a.csv", {"chunks": 0}, "chunks = 0"),
    ],
)
def test_bad_requests(tmp_path: Path, name: str, change: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        bc.write_sweep(tmp_path / name, "huang2021.theorem1", **SHARP | change)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_memory_does_not_grow_with_the_grid(tmp_path: Path) -> None:
    peaks = []
    for count in (600, 3000):
        command = [sys.executable, "-c", MEMORY, str(tmp_path / "a.parquet"), str(count)]
        peaks.append(int(subprocess.run(command, check=True, capture_output=True).stdout))
    assert peaks[1] - peaks[0] < 64, peaks
