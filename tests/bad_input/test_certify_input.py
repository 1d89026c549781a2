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
import pandas
import pytest
from files import ROOT, Bomb, save

import boundcalc as bc
from boundcalc.data.loss_files import read_losses
from boundcalc.errors import InputError
from boundcalc.render.certification import certification_document
from boundcalc.render.terminal import show

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
def test_pickles_are_refused_and_not_run(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    content = np.array([Bomb(), 1.0], dtype=object) if kind == "array" else pickle.dumps(Bomb())
    path = save(tmp_path, "x.npy", content)
    with pytest.raises(
        InputError, match="never unpickled" if kind == "array" else "not a NumPy array file"
    ):
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
    ("x.csv", "1\n0\n0\n2.5\n", "x.csv, row 4: 2.5 is above 1: give --loss-bound"),
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
    (["--loss", "binary"], "--loss must be zero-one or bounded, not 'binary'"),
    (["--loss", "zero-one", "--loss-bound", "2"], "--loss = zero-one has --loss-bound = 1"),
    (["--margin", "-0.1"], "margin = -0.1 is outside [0, 1]"),
    (["--margin", "1.1"], "margin = 1.1 is outside [0, 1]"),
    (["--margin", "x"], "margin must be a number"),
    (["--equivalence", "2"], "equivalence = 2 is outside [0, 1]"),
    (["--margin", "0.1", "--equivalence", "0.1"], "ask one of them"),
    (["--looks", "0"], "looks must be 'any' or a whole number from 1 to 1000"),
    (["--looks", "1.5"], "looks must be a whole number"),
    (["--looks", "any", "--method", "discordant"], "with --looks = any the method is 'betting'"),
    (["--direction", "up"], "direction must be more, less or both, not 'up'"),
    (["--group", "nowhere"], "--group: 'nowhere' is no file"),
    (["--group", "one.csv"], "there is one group only"),
    (["--group", "hole.csv"], "--group, example 3: the name is missing"),
    (["--group", "short.csv"], "--group: 3 names for 4 examples"),
    (["--group", "two.csv", "--group-size", "2"], "more than --group-size = 2"),
    (["--group", "two.csv", "--group-size", "0"], "--group-size must be a whole number"),
    (["--group-size", "2"], "--group-size is for groups"),
    (["--classes", "two.csv"], "--classes and --class-weights go together"),
    (["--class-weights", "u=1,v=2"], "--classes and --class-weights go together"),
    (["--classes", "two.csv", "--class-weights", "u=1,v=0"], "the weight of class 'v' is 0"),
    (["--classes", "two.csv", "--class-weights", "u=1,v=-1"], "the weight of class 'v' is -1"),
    (["--classes", "two.csv", "--class-weights", "u=1"], "class 'v' of the data has no weight"),
    (["--classes", "two.csv", "--class-weights", "u"], "--class-weights takes NAME=W"),
    (["--classes", "two.csv", "--class-weights", "u=1,u=2"], "twice"),
    (["--id", "id"], "good.csv has no columns with names"),
    (["--seed", "-1"], "seed must be a whole number from 0 on"),
    (["--delta", "0"], "delta = 0 is outside the domain"),
    (["--delta", "1"], "delta = 1 is outside the domain"),
    (["--delta", "x"], "delta must be a number"),
    (["--loss-bound", "0"], "--loss-bound = 0 is outside the domain"),
    (["--loss-bound", "0.5"], "is above --loss-bound = 0.5"),
    (["--loss-bound", "1e300"], "--loss-bound = 1e+300"),
    (["--loss-bound", "2", "--method", "discordant"], "0/1 losses"),
    (["--method", "hoefding"], "did you mean 'hoeffding'?"),
    (["--names", "one"], "two names"),
    (["--names", "a,a"], "two different names"),
    (["-o", "no/such/folder/x.json"], "cannot write"),
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
    save(tmp_path, "one.csv", "u\nu\nu\nu\n")
    save(tmp_path, "two.csv", "group\nu\nv\nv\nv\n")
    save(tmp_path, "hole.csv", "u\nv\n\nu\n")
    save(tmp_path, "short.csv", "u\nv\nu\n")
    assert says in refused("certify", "good.csv", "other.csv", *options)


def test_files_that_are_not_there(tmp_path: Path, refused: Callable[..., str]) -> None:
    good = str(save(tmp_path, "good.csv", GOOD))
    (tmp_path / "folder.csv").mkdir()
    assert "none.csv: no such file" in refused("certify", good, "none.csv")
    assert "is a folder" in refused("certify", good, str(tmp_path / "folder.csv"))


@pytest.mark.parametrize(
    ("a", "b", "says"),
    [
        ([0.5], [0.5], "at least two"),
        ([1, "x"], [0, 1], "losses_a"),
        ([[1, 0], [0]], [0, 1], "losses_a"),
        ([1, 0], [None, 1], "Python objects"),
        (np.ma.masked_array([1, 0], [False, True]), [1, 0], "losses_a has .* the first in row 2"),
        ([1, 0], [1, np.ma.masked], "losses_b has masked entries, the first in row 2"),
        (pandas.array([1.0, None], dtype="Float64"), [1, 0], "losses_a has .* the first in row 2"),
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
    done = command(
        "certify", "examples/digits/top.csv", "examples/digits/both.csv", "--format", "json"
    )
    assert (done.returncode, done.stderr) == (0, "")
    record = json.loads(done.stdout)
    assert list(record)[:10] == [
        "a", "b", "n", "delta", "loss_bound", "mean_a", "mean_b", "difference", "deciding", "verdict",
    ]  # fmt: skip
    assert {"sentence", "rows", "discordant", "further_examples"} < set(record)
    assert (record["a"], record["b"], record["n"], record["verdict"]) == ("top", "both", 900, "b")
    assert record["sentence"].startswith(
        "both is certified better than top: with probability at least 0.95"
    )
    assert (record["discordant"]["n10"], record["discordant"]["n01"]) == (107, 8)
    undecided = bc.certify(read_losses(DIGITS / "top.csv"), read_losses(DIGITS / "bottom.csv"))
    assert undecided.verdict is None


def test_it_fits_a_terminal_of_eighty_columns(capsys: pytest.CaptureFixture[str]) -> None:
    with mock.patch.dict(os.environ, {"COLUMNS": "80", "NO_COLOR": "1"}):
        show(
            certification_document(
                bc.certify(
                    [1] * 9 + [0] * 11, [0] * 12 + [1] * 8, names=("text", "text+audio+video")
                )
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
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


def test_one_file_alone_that_names_its_examples_is_noted(tmp_path: Path) -> None:
    a = save(tmp_path, "a.csv", "id,loss\n1,1\n2,0\n3,1\n")
    b = save(tmp_path, "b.csv", "0\n0\n1\n")
    named = "names its examples (column id): that the rows of"
    assert bc.certify(a, b).notes == (
        f"only A {named} B are in the same order is taken for granted",
    )
    assert bc.certify(b, a).notes == (
        f"only B {named} A are in the same order is taken for granted",
    )
    assert bc.certify(b, save(tmp_path, "c.csv", "loss\n1\n1\n0\n")).notes is None
    both = save(tmp_path, "d.csv", "id,loss\n1,0\n2,0\n3,1\n")
    assert bc.certify(a, both).notes is None


A_ROWS = "id,loss,patient\n1,1,u\n2,0,u\n3,1,v\n4,0.5,w\n"


def test_rows_are_joined_by_their_ids_and_grouped_by_a_column(tmp_path: Path) -> None:
    a = save(tmp_path, "a.csv", A_ROWS)
    b = save(tmp_path, "b.csv", "loss,id\n0,4\n0.5,3\n0,2\n0,1\n")
    result = bc.certify(a, b, ids="id", groups="patient")
    assert result.difference == pytest.approx(np.mean([0.5, 0.5, 0.5]))
    assert (result.groups, result.n) == (3, 4)


@pytest.mark.parametrize(
    ("b", "options", "says"),
    [
        ("id,loss\n4,0\n3,0\n2,0\n2,1\n", ["--id", "id"], "b.csv: the id '2' is there twice"),
        ("id,loss\n4,0\n3,0\n2,0\n9,1\n", ["--id", "id"], "1 ids of a.csv are not in b.csv: 1"),
        ("id,loss\n4,0\n3,0\n2,0\n", ["--id", "id"], "1 ids of a.csv are not in b.csv: 1"),
        ("id,loss\n4,0\n3,0\n2,0\n", [], "a has 4 losses and b has 3"),
        ("id,loss\n4,0\n3,0\n2,0\n1,1\n", [], "column 'id', and not in the same order"),
        ("id,loss\n4,0\n3,0\n2,0\n1,1\n", ["--id", "ids"], "did you mean 'id'?"),
        ("id,los\n4,0\n3,0\n2,0\n1,1\n", [], "unknown column of"),
        ("id,loss\n4,0\n3,0\n2,0\n1\n", ["--id", "id"], "row 5: 1 cells; the first line names 2"),
        (A_ROWS, ["--group", "patients"], "did you mean 'patient'?"),
    ],
)
def test_tables_that_cannot_be_used(
    b: str,
    options: list[str],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    refused: Callable[..., str],
) -> None:
    monkeypatch.chdir(tmp_path)
    save(tmp_path, "a.csv", A_ROWS)
    save(tmp_path, "b.csv", b)
    assert says in refused("certify", "a.csv", "b.csv", *options)


def test_looks_need_the_order_of_arrival(tmp_path: Path) -> None:
    late = save(tmp_path, "a.csv", "id,loss\n1,1\n3,0\n2,0\n")
    b = save(tmp_path, "b.csv", "id,loss\n1,0\n2,1\n3,0\n")
    with pytest.raises(InputError, match="example 3: the id 2 comes after 3"):
        bc.certify(late, b, ids="id", looks="any")
    assert bc.certify(b, late, ids="id", looks="any").deciding == "betting_anytime"


def test_the_answer_is_one_screen(capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(2)
    samples = [rng.integers(0, 2, (2, 60)).astype(float), rng.random((2, 60))]
    for (a, b), options in zip(
        samples, ({"margin": 0.1}, {"groups": np.arange(60) // 3}), strict=True
    ):
        with mock.patch.dict(os.environ, {"COLUMNS": "80", "NO_COLOR": "1"}):
            show(
                certification_document(
                    bc.certify(a, b, names=("text", "text+audio+video"), **options)
                )
            )
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) <= 40
        assert max(len(line.rstrip()) for line in lines) <= 80


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--p10", "0.2"], "--p10 and --p01 go together"),
        (["--p10", "0.1", "--p01", "0.2"], "--p10 must be above --p01: call"),
        (["--p10", "0.7", "--p01", "0.5"], "--p10 + --p01 = 1.2 is above 1"),
        (["--p10", "2", "--p01", "0"], "--p10 = 2 is no probability"),
        (["--gap", "0.1"], "give --p10 and --p01; or --gap, --risk and --correlation; or --gap"),
        (["--gap", "0", "--spread", "0.1"], "gap = 0 is outside (0, 1]"),
        (["--gap", "0.1", "--spread", "3"], "spread = 3 is outside (0, 1]"),
        (
            ["--gap", "0.1", "--risk", "0.05", "--correlation", "0"],
            "gap = 0.1 is outside (0, 0.05]",
        ),
        (["--gap", "0.1", "--risk", "0.5", "--correlation", "2"], "outside [−1, 1]"),
        (["--gap", "0.4", "--risk", "0.5", "--correlation", "1"], "cannot have a correlation of 1"),
        (
            ["--gap", "0.05", "--risk", "0.1", "--correlation", "-0.5"],  # both wrong: −0.028
            "risks 0.1 and 0.05 cannot have a correlation of -0.5",
        ),
        (["--gap", "0.6", "--spread", "0.81"], "have a spread of at most 0.8, not 0.81"),
        (["--p10", "0.2", "--p01", "0.1", "--gap", "0.1"], "two ways to say it"),
        (["--p10", "0.2", "--p01", "0.1", "--target", "1"], "target = 1 is no probability"),
        (["--p10", "0.2", "--p01", "0.1", "--pairs", "0"], "pairs must be a whole number"),
        (["--p10", "0.2", "--p01", "0.1", "-n", "1"], "n must be a whole number from 2"),
        (["--p10", "0.2", "--p01", "0.1", "--direction", "less"], "asks only whether A is better"),
        (["--gap", "0.1", "--spread", "0.1", "--direction", "less"], "ask more, or both"),
    ],
)
def test_power_refuses(options: list[str], says: str, refused: Callable[..., str]) -> None:
    assert says in refused("power", *options)


def test_power_at_the_ends_of_what_can_be() -> None:
    apart = bc.power(gap=0.6, risk=0.8, correlation=-1)  # never both wrong, never both right
    assert (apart.p10, apart.p01) == (pytest.approx(0.8), pytest.approx(0.2))
    assert apart.p10 + apart.p01 <= 1
    nested = bc.power(gap=0.1, risk=0.2, correlation=2 / 3)  # B is wrong only where A is
    assert (nested.p10, nested.p01) == (pytest.approx(0.1), pytest.approx(0, abs=1e-12))
    assert bc.power(gap=0.6, spread=0.8).spread == 0.8


def test_power_of_a_gap_is_that_of_its_discordance() -> None:
    by_gap = bc.power(gap=0.1, risk=0.3, correlation=0.0, n=200)
    assert (by_gap.p10, by_gap.p01) == (pytest.approx(0.3 * 0.8), pytest.approx(0.2 * 0.7))
    by_pair = bc.power(p10=0.24, p01=0.14, n=200)
    assert by_gap.needed == by_pair.needed
    assert by_gap.probability == pytest.approx(by_pair.probability)
    assert bc.power(p10=0.24, p01=0.14, n=by_pair.needed[1].n).probability > 0.5


@pytest.mark.parametrize(
    ("a", "b", "refused"),
    [
        ("uvw", "wuv", True),
        ("uvw", "uvw", False),
        ("uvv", "vuv", False),
        ("uvw", "wux", False),
    ],
    ids=["shuffled", "same order", "repeated", "other names"],
)
def test_a_column_that_tells_each_row_tells_the_order(
    a: str, b: str, refused: bool, tmp_path: Path
) -> None:
    """Whatever it is called: paired by position, the losses would be of other examples."""
    files = []
    for side, names in (("a", a), ("b", b)):
        rows = [f"{name},{i / 4}" for i, name in enumerate(names)]
        files.append(tmp_path / f"{side}.csv")
        files[-1].write_text("\n".join(["utterance,loss", *rows]), encoding="utf-8")
    study = {
        "subset": [
            {"modalities": [side], "test_losses": str(file)}
            for side, file in zip("ab", files, strict=True)
        ]
    }
    for ask in (lambda: bc.certify(*files), lambda: bc.compare(study, all_pairs=True)):
        if refused:
            with pytest.raises(InputError, match="'utterance', and not in the same order"):
                ask()
        else:
            ask()
