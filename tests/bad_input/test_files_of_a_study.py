"""What a stranger's study names lies in its folder; losses under odd headers; workers of any script."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from files import EXAMPLES

import boundcalc as bc
from boundcalc.data.loss_files import read_losses
from boundcalc.errors import InputError
from boundcalc.study.read import read_study
from boundcalc.study.toml_file import allow_outside, file_in

STUDY = """
loss_bound = 1
[[subset]]
modalities = ["a"]
test_losses = "{0}"
[[subset]]
modalities = ["a", "b"]
test_losses = "{0}"
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    (folder / "below").mkdir(parents=True)
    for file in (tmp_path / "l.csv", folder / "l.csv", folder / "below" / "l.csv"):
        file.write_text("0\n1\n0\n1\n")
    (folder / "link.csv").symlink_to("../l.csv")
    (folder / "inner.csv").symlink_to("below/l.csv")
    os.mkfifo(folder / "pipe.csv")
    return folder / "s.toml"


@pytest.mark.parametrize("name", ["../l.csv", "{}/l.csv", "link.csv", "below/../../l.csv"])
def test_a_file_outside_the_folder_is_refused(study: Path, name: str) -> None:
    study.write_text(STUDY.format(name.format(study.parent.parent)))
    with pytest.raises(InputError, match=r"subset 1 .*outside the folder.*--allow-outside"):
        read_study(study)
    with allow_outside():
        assert read_study(study).subsets[0].test_losses is not None
    with pytest.raises(InputError):
        read_study(study)


@pytest.mark.parametrize("name", ["l.csv", "below/l.csv", "inner.csv", "../study/l.csv"])
def test_a_file_inside_is_read(study: Path, name: str) -> None:
    study.write_text(STUDY.format(name))
    assert read_study(study).subsets[0].test_losses is not None


def test_a_pipe_is_not_waited_for(study: Path) -> None:
    study.write_text(STUDY.format("pipe.csv"))
    with pytest.raises(InputError, match="pipe"):
        read_study(study)
    for name in ("a\\u0000b", "x" * 5000):
        study.write_text(STUDY.format(name))
        with pytest.raises(InputError):
            read_study(study)


@pytest.mark.parametrize(
    "key",
    ['data = "../d.csv"', 'losses = "../l.csv"', 'facts = ["risk(a) <= 1"]\nstudy = "../s.toml"'],
)
def test_every_key_that_names_a_file(study: Path, key: str) -> None:
    study.write_text(key)
    call = bc.prove if "facts" in key else bc.compare
    with pytest.raises(InputError, match="outside the folder"):
        call(study)


def test_a_caller_names_any_file(study: Path) -> None:
    assert file_in(None, "/x/y") == Path("/x/y")
    losses = str(study.parent.parent / "l.csv")
    subsets = [{"modalities": m, "test_losses": losses} for m in (["a"], ["a", "b"])]
    assert read_study({"loss_bound": 1, "subset": subsets}).subsets[0].test_losses is not None


@pytest.mark.parametrize(
    ("text", "losses"),
    [
        ("0\n1.0\n0.0\n", [1, 0]),
        ("12\n0.25\n1.0\n", [0.25, 1]),
        ("0\n1\n0\n", [0, 1, 0]),
        ("0.0\n1.0\n0.0\n", [0, 1, 0]),
        ("0\n1\n0.5\n", [0, 1, 0.5]),
        ("0\n0.5\n", [0, 0.5]),
    ],
)
def test_a_header_that_is_a_number(tmp_path: Path, text: str, losses: list[float]) -> None:
    file = tmp_path / "l.csv"
    file.write_text(text)
    assert read_losses(file).tolist() == losses


def test_a_first_line_that_may_be_a_header_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "l.csv"
    file.write_text("0\n0.25\n0.5\n")
    with pytest.raises(InputError, match=r"row 1: '0' may be a header.*write 0\.0 for a loss"):
        read_losses(file)


WORLD = EXAMPLES / "worlds" / "audio.toml"
SCRIPT = f"import boundcalc as bc\nprint(len(bc.simulate({str(WORLD)!r}, workers=2).rows) > 0)\n"


def test_a_script_without_a_guard_starts_workers() -> None:
    pytest.importorskip("distributed")
    done = subprocess.run(
        [sys.executable, "-"], input=SCRIPT, capture_output=True, text=True, timeout=180
    )
    assert (done.stdout, done.stderr, done.returncode) == ("True\n", "", 0)


def test_no_further_examples_after_a_verdict() -> None:
    a, b = np.zeros(100), np.zeros(100)
    a[:20] = 1
    assert bc.certify(a, b).further_examples == 0
    assert bc.certify(a, a[::-1]).further_examples is None


def test_many_names_take_no_time_and_pipes_are_not_waited_for(tmp_path: Path) -> None:
    names = ", ".join(f'"m{i}"' for i in range(50_000))
    (tmp_path / "s.toml").write_text(f"[[subset]]\nmodalities = [{names}]\ntest_loss = 0.1\n")
    os.mkfifo(tmp_path / "p.toml")
    started = time.process_time()
    for call, name in ((read_study, "s"), (read_study, "p"), (bc.prove, "p"), (bc.simulate, "p")):
        with pytest.raises(InputError, match="is a pipe" if name == "p" else "only one"):
            call(tmp_path / f"{name}.toml")
    assert time.process_time() - started < 5
