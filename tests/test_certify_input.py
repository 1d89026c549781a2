"""What `boundcalc certify` reads, refuses and prints."""

from __future__ import annotations

import json
import os
import pickle
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from files import Bomb, save

import boundcalc as bc
from boundcalc.data.losses import read_losses
from boundcalc.errors import InputError
from boundcalc.render.certification import certification_document
from boundcalc.render.terminal import show

ROOT = Path(__file__).parent.parent
DIGITS = ROOT / "examples" / "digits"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.npy", np.array([1.0, 0.0, 0.5])),
        ("x.npy", np.array([[1.0], [0.0], [0.5]], dtype=np.float32)),
        ("x.csv", "1\n0\n0.5"),
        ("x.CSV", "\ufeffloss\r\n1\r\n0e5\r\n.5\r\n\r\n"),
        ("x.txt", '"zero-one loss, test"\n 1 \n+0\n5e-1\n'),
    ],
)
def test_files_are_read(name: str, content: object, tmp_path: Path) -> None:
    assert read_losses(save(tmp_path, name, content)).tolist() == [1, 0, 0.5]


def test_truth_values_are_zero_one_losses(tmp_path: Path) -> None:
    assert read_losses(save(tmp_path, "x.npy", np.array([True, False]))).tolist() == [1, 0]


@pytest.mark.parametrize("kind", ["array", "raw"])
def test_pickles_are_refused_and_not_run(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    content = np.array([Bomb(), 1.0], dtype=object) if kind == "array" else pickle.dumps(Bomb())
    path = save(tmp_path, "x.npy", content)
    with pytest.raises(InputError, match="never unpickled" if kind == "array" else "not a NumPy array file"):
        read_losses(path)
    assert not (tmp_path / "unpickled").exists()


GOOD = "1\n0\n0\n1\n"
BAD_FILES = [
    ("x.csv", "1\n0\nabc\n1\n", "x.csv, row 3: 'abc' is not a number"),
    ("x.csv", "loss\n0\nabc\n1\n", "x.csv, row 3: 'abc' is not a number"),
    ("x.csv", "1\n0\nnan\n1\n", "x.csv, row 3: nan is not a number"),
    ("x.csv", "loss\n0\n1\n-inf\n", "x.csv, row 4: -inf is not finite"),
    ("x.csv", "1\n\n0\n1\n", "x.csv, row 2 is empty"),
    ("x.csv", "1,0\n0,1\n", "each line holds one loss"),
    ("x.csv", "1\n1_0\n", "row 2: '1_0' is not a number"),
    ("x.csv", "NA\n0\n0\n1\n1\n", "row 1: 'NA' is not a number"),
    ("x.csv", "1\n-0.5\n0\n1\n", "x.csv, row 2: -0.5 is below 0"),
    ("x.csv", "1\n0\n0\n2.5\n", "x.csv, row 4: 2.5 is above 1: give loss_bound"),
    ("x.csv", "1\n0\n" + "9" * 1_000_000, "row 3 has 1000000 characters"),
    ("x.csv", "", "x.csv is empty"),
    ("x.csv", "\n\n", "x.csv is empty"),
    ("x.csv", "loss\n", "no losses"),
    ("x.csv", b"\xff\xfe1\x000", "not UTF-8"),
    ("x.csv", "1\n0\n0\n", "good has 4 losses and x has 3"),
    ("x.npy", b"", "x.npy is empty"),
    ("x.npy", b"\x93NUMPY\x01\x00v\x00{'descr'", "damaged"),
    ("x.npy", b"\x93NUMPY\x01\x00\x10\x00{'shape': (3,   ", "damaged"),
    ("x.npy", np.array([0.0, 1, np.nan, 0]), "x.npy, row 3: nan is not a number"),
    ("x.npy", np.array([0.0, 1, 0, 3]), "x.npy, row 4: 3.0 is above 1"),
    ("x.npy", np.zeros((2, 2)), "shape (2, 2)"),
    ("x.npy", np.float64(1), "shape ()"),
    ("x.npy", np.zeros(0), "x.npy is empty"),
    ("x.npy", np.array(["1", "0"]), "entries of type"),
    ("x.npy", np.array([1j, 0, 0, 1]), "entries of type complex128"),
    ("x.json", "[1, 0, 0, 1]", "not from '.json'"),
    ("x.npz", b"PK", "not from '.npz'"),
]
BAD_OPTIONS = [
    (["--delta", "0"], "delta = 0.0 is outside the domain"),
    (["--delta", "1"], "delta = 1.0 is outside the domain"),
    (["--delta", "x"], "delta must be a number"),
    (["--loss-bound", "0"], "loss_bound = 0.0 is outside the domain"),
    (["--loss-bound", "0.5"], "row 1: 1.0 is above loss_bound = 0.5"),
    (["--loss-bound", "1e300"], "loss_bound = 1e+300"),
    (["--loss-bound", "2", "--method", "discordant"], "0/1 losses"),
    (["--method", "hoefding"], "did you mean 'hoeffding'?"),
    (["--names", "one"], "two names"),
    (["--names", "a,a"], "two different names"),
    (["-o", "no/such/folder/x.txt"], "cannot write"),
]


@pytest.mark.parametrize(("name", "content", "says"), BAD_FILES, ids=lambda x: str(x)[:20])
def test_bad_files(
    name: str,
    content: object,
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    refused: Callable[..., str],
) -> None:
    monkeypatch.chdir(tmp_path)
    save(tmp_path, "good.csv", GOOD)
    save(tmp_path, name, content)
    assert says in refused("certify", "good.csv", name)


@pytest.mark.parametrize(("options", "says"), BAD_OPTIONS, ids=lambda x: str(x)[:30])
def test_bad_options(
    options: list[str],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    refused: Callable[..., str],
) -> None:
    monkeypatch.chdir(tmp_path)
    save(tmp_path, "good.csv", GOOD)
    save(tmp_path, "other.csv", "1\n1\n0\n0\n")
    assert says in refused("certify", "good.csv", "other.csv", *options)


def test_files_that_are_not_there(tmp_path: Path, refused: Callable[..., str]) -> None:
    good = str(save(tmp_path, "good.csv", GOOD))
    (tmp_path / "folder.csv").mkdir()
    assert "none.csv: no such file" in refused("certify", good, "none.csv")
    assert "cannot be read" in refused("certify", good, str(tmp_path / "folder.csv"))


@pytest.mark.parametrize(
    ("a", "b", "says"),
    [
        ([0.5], [0.5], "at least two"),
        ([1, "x"], [0, 1], "losses_a"),
        ([[1, 0], [0]], [0, 1], "losses_a"),
        ([1, 0], [None, 1], "Python objects"),
        (np.ma.masked_array([1, 0], [True, False]), [1, 0], "masked"),
        ([1, 0], [0, 1, 1], "A has 2 losses and B has 3"),
    ],
)
def test_bad_arrays(a: object, b: object, says: str) -> None:
    with pytest.raises(InputError, match=says):
        bc.certify(a, b)


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    script = "import sys\nfrom boundcalc.cli.app import main\nmain()"
    environment = {k: v for k, v in os.environ.items() if k != "COLUMNS"} | {
        "PYTHONIOENCODING": "utf-8",
        "NO_COLOR": "1",
    }
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
        timeout=60,
    )


def test_the_digits_example() -> None:
    done = command("certify", "examples/digits/top.csv", "examples/digits/both.csv", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    record = json.loads(done.stdout)
    assert list(record)[:10] == [
        "a", "b", "n", "delta", "loss_bound", "mean_a", "mean_b", "difference", "deciding", "verdict",
    ]  # fmt: skip
    assert {"sentence", "rows", "discordant", "further_examples"} < set(record)
    assert (record["a"], record["b"], record["n"], record["verdict"]) == ("top", "both", 900, "b")
    assert record["sentence"].startswith("both is certified better than top: with probability at least 0.95")
    assert (record["discordant"]["n10"], record["discordant"]["n01"]) == (107, 8)
    undecided = bc.certify(read_losses(DIGITS / "top.csv"), read_losses(DIGITS / "bottom.csv"))
    assert undecided.verdict is None


def test_it_fits_a_terminal_of_eighty_columns(capsys: pytest.CaptureFixture[str]) -> None:
    with mock.patch.dict(os.environ, {"COLUMNS": "80", "NO_COLOR": "1"}):
        show(
            certification_document(
                bc.certify([1] * 9 + [0] * 11, [0] * 12 + [1] * 8, names=("text", "text+audio+video"))
            )
        )
    out = capsys.readouterr().out
    assert max(len(line.rstrip()) for line in out.splitlines()) <= 80
    assert "\x1b" not in out
    assert "examples in all decide it with probability 0.5" in " ".join(out.split())


def test_the_example_script_answers(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(ROOT / "examples" / "which_half_helps.py"), run_name="__main__")
    answers = [line for line in capsys.readouterr().out.splitlines() if "?" in line]
    assert [line.partition("? ")[2] for line in answers] == ["Yes.", "Yes.", "Not certified."]


def test_labels_tell_files_of_the_same_name_apart(tmp_path: Path) -> None:
    from boundcalc.cli.certify import _labels

    assert _labels(Path("runs/a.csv"), Path("runs/b.npy")) == ("a", "b")
    assert _labels(Path("one/x.csv"), Path("two/x.csv")) == ("one/x", "two/x")
    assert _labels(Path("x.csv"), Path("x.csv")) == ("A", "B")


def test_the_command_module_is_light() -> None:
    script = "import sys, boundcalc.cli.certify as c; print({'numpy', 'scipy', 'sympy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
