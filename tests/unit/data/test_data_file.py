"""Study files that name data: columns by a mapping, options, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import boundcalc as bc
from boundcalc.data.arrays import read_dataset
from boundcalc.errors import InputError

Run = Callable[..., tuple[int, str, str]]

HEAD = 'data = "losses.csv"\nlabels = "label"\n'
GROUPS = '[groups]\naudio = ["pitch", "energy"]\ntext = ["words"]\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 200)
    rows = np.column_stack(
        [y + rng.normal(size=200), rng.normal(size=200), 2 * y + rng.normal(size=200), y]
    )
    np.savetxt(
        tmp_path / "losses.csv", rows, delimiter=",", header="pitch,energy,words,label", comments=""
    )
    return tmp_path


def test_a_study_file_sorts_the_columns_and_sets_the_options(folder: Path) -> None:
    (folder / "study.toml").write_text(f"{HEAD}delta = 0.1\nnorms = [2]\n{GROUPS}")
    groups = {"audio": ["pitch", "energy"], "text": ["words"]}
    direct = bc.compare(folder / "losses.csv", labels="label", groups=groups, delta=0.1, norms=[2])
    found = bc.compare(folder / "study.toml")
    assert [s.subset.label for s in found.subsets] == ["audio+text", "audio", "text"]
    assert found.to_dict() == direct.to_dict()
    assert bc.compare(folder / "study.toml", delta=0.2).study.delta == 0.2


def test_diagnose_and_estimate_take_the_columns_from_it(folder: Path, run: Run) -> None:
    (folder / "study.toml").write_text(f"{HEAD}delta = 0.1\n{GROUPS}")
    groups = {"audio": ["pitch", "energy"], "text": ["words"]}
    data = read_dataset(folder / "losses.csv", labels="label", groups=groups)
    code, out, _ = run(
        "estimate", str(folder / "study.toml"), "-m", "audio", "--draws", "50", "-f", "json"
    )
    assert (code, json.loads(out)["value"]) == (
        0,
        bc.estimate(data, modalities=["audio"], draws=50).value,
    )
    code, out, _ = run("diagnose", str(folder / "study.toml"), "-f", "json")
    assert (code, json.loads(out)["modalities"]) == (0, ["audio", "text"])


def test_a_study_of_numbers_names_no_data(refused: Callable[..., str]) -> None:
    for command in ("estimate", "diagnose"):
        assert "names no data: it needs the key data" in refused(command, "examples/iemocap.toml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD.replace("labels", "label") + GROUPS, "unknown key 'label'; did you mean 'labels'"),
        (HEAD + '[groups]\naudio = "pitch"\n', "groups are the columns of each modality"),
        (HEAD + '[groups]\naudio = ["pich"]\n', "did you mean 'pitch'"),
        ('data = "study.toml"\n', "data is the name of an .npz, .csv or .parquet file"),
        ("data = 3\n", "data is the name of an .npz, .csv or .parquet file"),
        (HEAD + 'norms = "x"\n' + GROUPS, "norms must be a list of numbers"),
        ('data = "none.csv"\n', "no such file"),
    ],
)
def test_bad_files(folder: Path, text: str, message: str) -> None:
    (folder / "study.toml").write_text(text)
    with pytest.raises(InputError, match=message):
        bc.compare(folder / "study.toml")
