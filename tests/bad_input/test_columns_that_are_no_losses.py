"""Columns of a table of losses that hold none: ids, ages, or losses under one name in two files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from files import save

import boundcalc as bc
from boundcalc.errors import InputError

N = 24
DRAW = np.random.default_rng(0)
A, B = DRAW.integers(0, 2, (2, N)).tolist()
RANDOM_NAMES = DRAW.permutation(1000)[:N].tolist()


def table(folder: Path, name: str, **columns: object) -> str:
    rows = zip(*columns.values(), strict=True)  # type: ignore[arg-type]
    lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
    return str(save(folder, name, "\n".join(lines) + "\n"))


def test_one_name_in_two_files(tmp_path: Path, refused: Callable[..., str]) -> None:
    files = [
        table(tmp_path, f"{name}.csv", id=range(N), loss=losses)
        for name, losses in (("one", A), ("two", B))
    ]
    said = refused("compare", *files, "--losses", "--id", "id")
    assert "the column 'loss' is in" in said
    assert "name each column after its predictor, as in text+audio" in said
    assert "certify compares two files with a column loss" in said


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("id", range(N)),
        ("patient_id", [i // 3 for i in range(N)]),
        ("patient_id", [f"{i // 3}" for i in range(N)]),
        ("case", RANDOM_NAMES),
        ("case", [float(i) for i in RANDOM_NAMES]),
        ("case", [10**15 + i for i in range(N)]),
    ],
)
@pytest.mark.parametrize("bound", [None, 1000])
def test_a_column_of_names(
    name: str, values: list[object], bound: int | None, tmp_path: Path, refused: Callable[..., str]
) -> None:
    file = table(tmp_path, "l.csv", **{name: values, "text": A, "text+audio": B})
    options = [] if bound is None else ["--loss-bound", str(bound)]
    said = refused("compare", file, "--losses", *options)
    assert f"l.csv, column {name}: whole numbers that name examples or groups are no losses" in said
    assert f"--id or --group takes the column, and predictor[{name}] is a name of losses" in said
    with pytest.raises(InputError, match=f"column {name}: .* ids or groups takes the column"):
        bc.compare({name: list(values), "text": A, "text+audio": B}, loss_bound=bound)
    study = f'losses = ["l.csv"]\nloss_bound = {bound or 1}\n'
    assert "are no losses" in refused("compare", str(save(tmp_path, "s.toml", study)))


def test_losses_that_only_look_like_names() -> None:
    counts = DRAW.integers(0, 5, N).tolist()
    for columns in (
        {"face_id": A, "face_id+text": B},
        {"text": counts, "text+audio": counts[::-1]},
        {"sound": np.arange(N) / 2, "text+audio": DRAW.random(N)},
        {"sound": [3, 1, 2], "text+audio": [1, 2, 0]},
        {"face_id": DRAW.random(N), "face_id+text": B},
        {"text": RANDOM_NAMES, "text+audio": RANDOM_NAMES[::-1]},
        {"late[case]": RANDOM_NAMES, "case+text": counts},
    ):
        assert bc.compare(columns, loss_bound=1000).verdicts
    named = {"patient_id": [i // 3 for i in range(N)], "text": A, "text+audio": B}
    assert bc.compare(named, groups="patient_id").verdicts


def test_rows_of_one_name_without_groups(tmp_path: Path) -> None:
    patients = [f"p{i // 3}" for i in range(N)]
    one = table(tmp_path, "one.csv", patient_id=patients, loss=A)
    two = table(tmp_path, "two.csv", patient_id=patients, loss=B)
    told = "names in the column patient_id are there several times: if their rows belong together"
    notes = bc.certify(one, two).notes or ()
    assert any(told in note for note in notes)
    assert not any(told in note for note in bc.certify(one, two, groups="patient_id").notes or ())
    one = table(tmp_path, "one.csv", patient_id=range(N), loss=A)
    two = table(tmp_path, "two.csv", patient_id=range(N), loss=B)
    assert not any(told in note for note in bc.certify(one, two).notes or ())
