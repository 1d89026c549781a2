"""Losses that cannot decide anything: one line from certify and from compare, and in Python."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import boundcalc as bc
from boundcalc.data.loss_files import read_columns, read_losses
from boundcalc.errors import InputError

N = 40
CANNOT = "they cannot be told apart"
DRAW = np.random.default_rng(0)
A, B = ((DRAW.random(N) < risk).astype(int).tolist() for risk in (0.5, 0.2))
NUMBERS = list(range(N))
COLUMNS: dict[str, list[Any]] = {
    "group": [f"p{i % 8}" for i in NUMBERS],
    "holes": ["" if i == 4 else f"p{i % 8}" for i in NUMBERS],
    "nameless": ["" if i == 4 else f"u{i}" for i in NUMBERS],
    "one": ["x"] * N,
    "id": [f"u{i}" for i in NUMBERS],
    "twice": ["u0", *(f"u{i}" for i in NUMBERS[:-1])],
    "late": [*NUMBERS[:9], 20, *NUMBERS[10:20], 9, *NUMBERS[21:]],
}


def write(path: Path, columns: dict[str, list[Any]]) -> str:
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return str(path)


# the losses of B, the column that is used, options, and what is said
CASES: dict[str, tuple[list[Any], str | None, str, str]] = {
    "ids twice": (B, "twice", "--id twice", "the id 'u0' is there twice"),
    "an id that is missing": (B, "nameless", "--id nameless", "row 6: the id is missing"),
    "a group without a name": (B, "holes", "--group holes", "--group, example 5: the name is miss"),
    "one group": (B, "one", "--group one", "there is one group only"),
    "a weight of 0": (
        B,
        "one",
        "--classes one --class-weights x=0",
        "the weight of class 'x' is 0; it must be positive",
    ),
    "a negative weight": (
        B,
        "one",
        "--classes one --class-weights x=-1",
        "the weight of class 'x' is -1; it must be positive",
    ),
    "a margin above C": (B, None, "--margin 1.5", "margin = 1.5 is outside [0, 1]"),
    "a margin below 0": (B, None, "--margin -0.1", "margin = -0.1 is outside [0, 1]"),
    "no equivalence": (B, None, "--equivalence 2", "equivalence = 2 is outside [0, 1]"),
    "a loss above C": ([*B[:6], 3, *B[7:]], "one", "--group one", "row 8: 3.0 is above 1"),
    "a loss below 0": ([*B[:6], -0.5, *B[7:]], "one", "--group one", "row 8: -0.5 is below 0"),
    "a late example": (B, "late", "--id late --looks any", "example 11: the id 10 comes after 20"),
}


@pytest.mark.parametrize("case", CASES)
def test_one_line_for_each(case: str, tmp_path: Path, refused: Callable[..., str]) -> None:
    losses, column, options, says = CASES[case]
    more = {} if column is None else {column: COLUMNS[column]}
    a = write(tmp_path / "a.csv", {"loss": A, **more})
    b = write(tmp_path / "b.csv", {"loss": losses, **more})
    both = write(tmp_path / "both.csv", {"text": A, "text+audio": losses, **more})
    for command in (["certify", a, b], ["compare", both, "--losses"]):
        err = refused(*command, *options.split())
        assert says in err
        if "a loss" in case:
            assert f"column {'loss' if command[0] == 'certify' else 'text+audio'}, row 8" in err


def test_unequal_lengths(tmp_path: Path, refused: Callable[..., str]) -> None:
    a = write(tmp_path / "a.csv", {"id": COLUMNS["id"], "loss": A})
    b = write(tmp_path / "b.csv", {"id": COLUMNS["id"][:-1], "loss": B[:-1]})
    assert "a has 40 losses and b has 39" in refused("certify", a, b)
    assert f"1 ids of {a} are not in {b}: u39" in refused("certify", a, b, "--id", "id")
    one = write(tmp_path / "one.csv", {"id": COLUMNS["id"], "text": A})
    other = write(tmp_path / "other.csv", {"id": COLUMNS["id"][:-1], "text+audio": B[:-1]})
    for options, says in (((), "say which, with --id"), (("--id", "id"), "not in")):
        assert says in refused("compare", one, other, "--losses", *options)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"groups": COLUMNS["holes"]}, "groups, example 5: the name is missing"),
        ({"groups": COLUMNS["one"]}, "one group only"),
        ({"classes": COLUMNS["one"], "weights": {"x": 0}}, "'x' is 0; it must be positive"),
        ({"margin": 1.5}, "margin = 1.5 is outside"),
        ({"equivalence": -0.1}, "equivalence = -0.1 is outside"),
    ],
)
def test_in_python(options: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        bc.certify(A, B, **options)
    with pytest.raises(InputError, match=says):
        bc.compare({"text": A, "text+audio": B}, **options)


@pytest.mark.parametrize("way", ["lists", "files", "study", "tables"])
def test_two_examples_without_ids_are_not_one(way: str, tmp_path: Path) -> None:
    names = [*COLUMNS["id"][:-1], ""]
    files, tables, subsets = [], [], []
    for seen, losses in ((["text"], A), (["text", "audio"], B)):
        name = "+".join(seen)
        files.append(write(tmp_path / f"{name}.csv", {"id": names, "loss": losses}))
        tables.append(write(tmp_path / f"table {name}.csv", {"id": names, name: losses}))
        subsets.append({"modalities": seen, "test_losses": files[-1]})
    asked: dict[str, Callable[[], Any]] = {
        "lists": lambda: bc.certify(A, B, ids=(names, names)),
        "files": lambda: bc.certify(*files, ids="id"),
        "study": lambda: bc.compare({"id": "id", "subset": subsets}),
        "tables": lambda: bc.compare(tables, ids="id"),
    }
    row = N if way == "lists" else N + 1
    with pytest.raises(InputError, match=f"row {row}: the id is missing"):
        asked[way]()


@pytest.mark.parametrize("looks", ["key", "option"])
@pytest.mark.parametrize("listed", ["losses", "test_losses"])
def test_late_examples_in_a_study(
    looks: str, listed: str, tmp_path: Path, refused: Callable[..., str]
) -> None:
    columns = {"late": COLUMNS["late"], "text": A, "text+audio": B}
    write(tmp_path / "l.csv", columns)
    subsets = ""
    for number, names in enumerate((["text"], ["text", "audio"])):
        write(tmp_path / f"{number}.csv", {"late": COLUMNS["late"], "loss": (A, B)[number]})
        subsets += f'[[subset]]\nmodalities = {names}\ntest_losses = "{number}.csv"\n'
    said = 'losses = ["l.csv"]\n' if listed == "losses" else subsets
    top = 'id = "late"\n' + ('looks = "any"\n' if looks == "key" else "")
    study = tmp_path / "s.toml"
    study.write_text(top + said)
    options = [] if looks == "key" else ["--looks", "any"]
    says = "example 11: the id 10 comes after 20"
    assert says in refused("compare", str(study), *options)
    with pytest.raises(InputError, match=says):
        bc.compare(study, **({} if looks == "key" else {"looks": "any"}))
    if looks == "option":
        assert bc.compare(study).verdicts


def test_equal_losses_may_be_equivalent() -> None:
    """They decide nothing, but a question of their difference has an answer."""
    plain, of_two = bc.compare({"text": A, "text+audio": A}), bc.certify(A, A)
    assert plain.verdicts[0].verdict == "undecided"
    assert of_two.verdict is None
    assert (of_two.decider.lower, of_two.decider.upper) == (
        -plain.verdicts[0].upper,
        -plain.verdicts[0].lower,
    )
    for said in (plain.verdicts[0].sentence, of_two.sentence.lower()):
        assert "mean losses are equal: no number of examples would decide it" in said
    assert plain.notes[0] == "the losses of text+audio and text are the same: " + CANNOT
    assert of_two.notes == ("the losses of A and B are the same: " + CANNOT,)
    assert bc.certify(A, A[::-1]).notes is None
    other = bc.compare({"text": A, "text+audio": A}, equivalence=0.1).verdicts[0]
    one = bc.certify(A, A, equivalence=0.1)
    assert one.verdict is None
    assert one.margin == other.margin
    assert one.margin is not None
    assert one.margin.equivalent


@pytest.mark.parametrize("groups", [None, [f"p{i // 2}" for i in range(200)]])
def test_equal_losses_of_fitted_predictors(groups: list[str] | None) -> None:
    y = np.arange(200) // 5 % 2
    noise = 0.01 * DRAW.normal(size=(2, 200, 1))
    data = {"a": y[:, None] + noise[0], "b": 3 * y[:, None] + noise[1], "y": y}
    alike = bc.compare(data, groups=groups)
    assert {v.verdict for v in alike.verdicts} == {"undecided"}
    assert any(CANNOT in note for note in alike.notes)
    found = bc.compare(data, groups=groups, equivalence=0.9).verdicts
    assert all(v.margin is not None and v.margin.equivalent for v in found)


def test_the_row_of_a_bad_loss_is_its_line_after_a_quoted_line_break(tmp_path: Path) -> None:
    file = tmp_path / "l.csv"
    file.write_text('a,a+b,g\n0,1,"x\ny"\n1,z,q\n')
    with pytest.raises(InputError, match=r"column a\+b, row 4: 'z' is not a number"):
        bc.compare(file, losses=True)
    file.write_text('a,a+b,g\n0,1,"x\ny"\n1,q\n')
    with pytest.raises(InputError, match="row 4: 2 cells"):
        bc.compare(file, losses=True)


def test_a_file_that_pandas_writes_with_its_index_is_read(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text(",loss\n0,0\n1,1\n2,1\n")
    assert read_losses(tmp_path / "l.csv").tolist() == [0, 1, 1]


@pytest.mark.parametrize("name", ["correct", "Accuracy", '"is_correct"', "F1"])
def test_a_column_of_which_more_is_better_is_no_loss(
    name: str, tmp_path: Path, refused: Callable[..., str]
) -> None:
    """The worse predictor would be certified."""
    bare, table = tmp_path / "bare.csv", tmp_path / "table.csv"
    bare.write_text("\n".join([name, *map(str, A)]) + "\n")
    write(tmp_path / "b.csv", {"loss": B})
    write(table, {"x": A, name: B})
    for arguments in (
        ["certify", str(bare), str(tmp_path / "b.csv")],
        ["compare", "--losses", str(table)],
    ):
        assert "more is better, and of a loss less is" in refused(*arguments)


def test_a_predictor_may_have_any_other_name(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", {"id": NUMBERS, "loss": A, "accurate model": A, "acc2": B})
    assert read_losses(tmp_path / "a.csv").tolist() == A
    columns = read_columns(tmp_path / "a.csv")
    assert columns is not None
    assert columns["accurate model"].losses(None).tolist() == A
    assert columns["acc2"].losses(None).tolist() == B
