"""Every key of every TOML file with values that it cannot take: one line that names the key.

The JSON Schema is checked by a validator of its own, so that what editors mark is what is refused.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from files import ROOT

import boundcalc as bc
from boundcalc.errors import InputError
from boundcalc.study.json_schema import json_schema
from boundcalc.study.read import read_study
from boundcalc.study.simulate import read_world

WRONG = {
    "text": '"x"',
    "direction": '"a\\u202eb\\u001b[31m"',
    "empty text": '""',
    "negative": "-1",
    "zero": "0",
    "one": "1",
    "half": "0.5",
    "400 digits": "9" * 400,
    "4000 digits": "9" * 4000,
    "hexadecimal": "0x" + "f" * 5000,
    "hexadecimal in a list": f"[0x{'f' * 5000}]",
    "nan": "nan",
    "infinity": "inf",
    "too large": "1e400",
    "true": "true",
    "date": "1979-05-27",
    "times": "[01:02:00]",
    "numbers": "[1, 2]",
    "nested": "[[]]",
    "deeper": "[[[1]]]",
    "empty list": "[]",
    "mixed": '[1, "x", true]',
    "table": "{a = 1}",
    "empty table": "{}",
    "tables": "[{a = 1}]",
    "list in a table": "{a = [1]}",
}
# JSON has no such numbers, and the validator writes those of 5,000 digits into a message of its own
UNTOLD = {"nan", "infinity", "too large", "400 digits", "4000 digits", "hexadecimal"}
UNTOLD |= {"hexadecimal in a list"}
STUDY = """
title = "t"
m = 100
test_n = 50
delta = 0.1
lipschitz = 1.0
loss_bound = 1.0
loss = "bounded"
erm = true
nested = true
vector_outputs = false
reference = ["a"]
direction = "more"
method = "kl"
joint = "all"
looks = 3
margin = 0.1
equivalence = 0.1
seed = 1
losses = "losses.csv"
id = "id"
group = "g"
group_size = 3
classes = "c"
class_weights = {a = 1, b = 2}
"""
SUBSETS = """
[[subset]]
modalities = ["a"]
[[subset]]
"""
SUBSET = """
modalities = ["a", "b"]
name = "late"
train_loss = 0.4
test_loss = 0.4
test_errors = 3
test_losses = [0, 1]
variance = 0.1
centred_loss = -0.1
optimisation_gap = 0.1
complexity = 1
rademacher = 0.1
rademacher_empirical = 0.1
class = { kind = "linear-l2", norm = 1, radius = 1 }
"""
DATA = """
data = "d.csv"
labels = "y"
delta = 0.1
reference = "a"
task = "classification"
loss = "ramp"
seed = 1
shares = [0.1, 0.45, 0.45]
norms = [1, 2]
margin = 1.0
clip = 2.0
choose = "bound"
intercept = true
draws = 0
max_fits = 8
subsets = ["a", "b"]
groups = {a = ["a_1"], b = ["b_1"]}
"""
FACTS = """
title = "t"
maximise = "x"
minimise = ""
delta = 0.1
loss_bound = 1
quantities = ["x"]
facts = ["x <= 1"]
study = ""
"""
LINEAR = """
title = "t"
kind = "linear"
m = [10, 20]
repetitions = 5
delta = 0.1
seed = 1
covariance = [[1, 0], [0, 1]]
theta = [1, 0.5]
noise_variance = 1
subsets = [["a"], ["a", "b"]]
norm = 2
loss_bound = 2
test_n = 50
blocks = {a = [0], b = [1]}
"""
TABLE = """
title = "t"
kind = "table"
m = 10
repetitions = 5
delta = 0.1
seed = 1
points = 5
n = 3
tasks = 2
"""
# the keys of a table, what stands before and after them, the kind of file, and who reads it
TABLES: dict[str, tuple[str, str, str, str, Callable[[Path], Any]]] = {
    "study": (STUDY, "", f'{SUBSETS}modalities = ["a", "b"]\n', "study", read_study),
    "subset": (SUBSET, f"m = 100\n{SUBSETS}", "", "study", read_study),
    "data": (DATA, "", "", "data", bc.compare),
    "facts": (FACTS, "", "", "facts", bc.prove),
    "linear world": (LINEAR, "", "", "world", read_world),
    "table world": (TABLE, "", "", "world", read_world),
}


# what a table needs where its keys exclude one another
ALONE = {"subset": {"modalities"}, "study": {"m", "test_n", "erm", "reference"}}


def files(name: str) -> Iterator[tuple[str, str]]:
    """Each key alone with each value, and what the others say where they do not exclude it."""
    keys, before, after, _, _ = TABLES[name]
    lines = keys.split("\n")[1:-1]
    alone = (
        [line for line in lines if line.partition(" ")[0] in ALONE[name]]
        if name in ALONE
        else lines
    )
    for line in lines:
        key = line.partition(" ")[0]
        others = [other for other in alone if not other.startswith(f"{key} ")]
        yield f"{key}: right", "\n".join((before, *others, line, after))
        for what, value in WRONG.items():
            yield f"{key}: {what}", "\n".join((before, *others, f"{key} = {value}", after))
    yield "unknown: it", "\n".join((before, *alone, "zzz = 3", after))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    rows = "\n".join(f"{i % 3},{i % 5},{i % 2}" for i in range(60))
    (tmp_path / "d.csv").write_text(f"a_1,b_1,y\n{rows}\n", encoding="ascii")
    monkeypatch.chdir(tmp_path)
    return tmp_path


# keys that go with others, or with a file
COMPANIONS = (
    "variance goes",
    "no such file",
    "go together",
    "group_size is for",
    "go with a loss",
    "needs test_n",
)
# what no key by itself tells: what others say, what a file holds, what a text means
ELSEWHERE = (
    *COMPANIONS,
    *("twice", "different subsets", "increasing sizes", "no subset sees", "unknown modality"),
    *("above loss_bound", "one subset is named", "goes with", "no column", "no such file"),
    *("0/1 loss", "norm = ", "theta has", "covariance has", "numbers: for means", "loss_bound = "),
    *("read from", "column 1", "ascend", "draws = ", "unknown quantity", "facts is missing"),
    *("say what to bound", "both are given", "without control characters", "without '+'", "leak"),
    *(
        "blocks: a coordinate",
        "a gap",
        "fact 1",
        "names no quantity",
        "there are no facts",
        "there is no file",
    ),
    *(
        "is above test_n",
        "losses, but",
        "is not nested",
        "eigenvalue",
        "shares",
        "not a whole number",
    ),
    *("has the shape", "not symmetric", "the name of an .npz", "holds one", "the best weights"),
)


@pytest.mark.parametrize("name", TABLES)
def test_every_value_is_read_or_refused_in_one_line(name: str, folder: Path) -> None:
    *_, kind, read = TABLES[name]
    validator = jsonschema.Draft202012Validator(json_schema(kind))
    refused = 0
    for case, text in files(name):
        file = folder / "s.toml"
        file.write_text(text, encoding="utf-8")
        told = case.partition(": ")[2] not in UNTOLD
        marked = told and not validator.is_valid(tomllib.loads(text))
        try:
            read(file.relative_to(folder))
        except InputError as error:
            said = str(error)
            refused += 1
            assert said.isprintable(), case
            assert case.partition(":")[0] in said or any(part in said for part in ELSEWHERE), (
                case,
                said,
            )
            assert len(said) < 400, (case, said)
            free = not told or any(part in said for part in ELSEWHERE)
            assert marked or free, f"{case} is not marked: {said}"
            alone = any(part in said for part in COMPANIONS)
            assert "right" not in case or name == "facts" or alone, (case, said)
        else:
            assert not marked, f"{case} is marked, and it is read"
            assert not case.startswith("unknown"), name
    assert refused > 15 * len(TABLES[name][0].split("\n")[1:-1])


EXAMPLES = {
    "iemocap.toml": "study",
    "from_training_losses.toml": "study",
    "posteriors.toml": "study",
    "digits/study.toml": "study",
    "facts.toml": "facts",
    "best_provable.toml": "study",
    "worlds/audio.toml": "world",
    "worlds/four_modalities.toml": "world",
    "worlds/table.toml": "world",
}


def test_every_example_has_a_kind() -> None:
    found = ROOT.glob("examples/**/*.toml")
    shipped = {str(p.relative_to(ROOT / "examples")) for p in found if p.name != "pyproject.toml"}
    assert shipped == set(EXAMPLES)


@pytest.mark.parametrize(("name", "kind"), EXAMPLES.items())
def test_the_examples_keep_to_their_schema(name: str, kind: str) -> None:
    table = tomllib.loads((ROOT / "examples" / name).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(json_schema(kind))
    jsonschema.validate(table, json_schema(kind))


L2 = {"kind": "linear-l2", "norm": 1, "radius": 1}
CLASSES: list[tuple[Any, bool]] = [
    (L2, True),
    ({"kind": "linear-l2", "B": 1, "X": 1}, True),
    ({"kind": "sum", "of": [L2, L2], "name": "F"}, True),
    ({"kind": "network-frobenius", "norms": [1, 2], "radius": 1}, True),
    ({"kind": "late-fusion", "norms": [2], "radii": [1, 0.5], "joint": True}, True),
    ({"kind": "given", "value": 0.1}, True),
    ({"kind": "linear-l3"}, False),
    ({**L2, "nrm": 1}, False),
    ({**L2, "norm": -1}, False),
    ({**L2, "m": 3}, False),
    ({"kind": "sum", "of": L2}, False),
    ({"kind": "scale", "of": L2}, False),
    ({"kind": "sum", "of": [L2, {**L2, "norm": "x"}]}, False),
    ({"kind": "given", "value": 0.1, "signs": "both"}, False),
    ({"norm": 1}, False),
    ("linear-l2", False),
]


@pytest.mark.parametrize(("entry", "good"), CLASSES, ids=[str(entry)[:60] for entry, _ in CLASSES])
def test_classes_are_marked_where_they_are_refused(entry: Any, good: bool) -> None:
    study = {"m": 100, "subset": [{"modalities": ["a"], "class": entry}, {"modalities": ["b"]}]}
    assert jsonschema.Draft202012Validator(json_schema("study")).is_valid(study) is good
    if good:
        assert read_study(study).subsets[0].has_complexity
    else:
        with pytest.raises(InputError):
            read_study(study)


def test_the_command_prints_it(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    code, out, err = run("schema", "-o", str(tmp_path / "study.schema.json"))
    assert (code, out, err) == (0, "", "")
    assert '"modalities"' in (tmp_path / "study.schema.json").read_text(encoding="utf-8")
    assert '"covariance"' in run("schema", "world")[1]
    code, out, err = run("schema", "worlds")
    assert (code, out) == (2, "")
    assert "study" in err
    assert err.count("\n") == 1
