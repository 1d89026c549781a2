"""Columns that are declared to be names of categories: the same in every command that reads data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import boundcalc as bc
from boundcalc.data.arrays import as_dataset
from boundcalc.errors import BoundcalcError

ROWS = [(i % 7, ("red", "3", "blue")[i % 3], i % 2) for i in range(60)]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "d.csv"
    frame = pd.DataFrame(ROWS, columns=["a_1", "b_[x]", "y"])
    frame["a_2"] = range(60)
    frame = frame.sort_values("b_[x]", key=lambda x: x != "red")
    frame[["a_1", "a_2", "b_[x]", "y"]].to_csv(path, index=False)
    return path


@pytest.mark.parametrize("command", ["compare", "diagnose", "estimate"])
def test_the_option_that_a_refusal_names_is_taken(
    command: str, table: Path, run: Callable[..., tuple[int, str, str]], refused: Callable[..., str]
) -> None:
    table.write_text(table.read_text(encoding="utf-8").replace("red", "7"), encoding="utf-8")
    said = refused(command, str(table))
    assert "--categorical 'b_[x]'" in said
    for pattern in ("b_[x]", "b_*"):
        code, _, err = run(command, str(table), "--categorical", pattern)
        assert (code, err) == (0, "")
    assert "no column" in refused(command, str(table), "--categorical", "c_*")
    assert "unknown column" in refused(command, str(table), "--categorical", "b_y")


def test_numbers_that_are_names_are_several_columns(table: Path) -> None:
    plain = bc.diagnose(table, categorical="b_*")
    assert plain.to_dict() == bc.diagnose(table, categorical=["b_[x]"]).to_dict()
    assert bc.diagnose(table, categorical=["b_*", "a_1"]).to_dict() != plain.to_dict()
    frame = pd.read_csv(table)
    assert bc.diagnose(frame, categorical="b_*").risks == plain.risks
    read = as_dataset(frame, categorical="b_*")
    with pytest.raises(BoundcalcError, match="leave labels, groups, missing and categorical out"):
        bc.diagnose(read, categorical="b_*")
