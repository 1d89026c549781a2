"""What cannot be used in a file of losses is told with its own file, and its line there."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pandas
import pytest
from files import save

import boundcalc as bc
from boundcalc.data.loss_files import read_losses
from boundcalc.errors import InputError
from boundcalc.study.from_losses import study_of_losses

# in all of them the group of u1 has a name of two lines
FIRST = 'g,id,{0}\np,u0,0\n"q\nq",u1,1\np,u2,0\np,u3,1\n'
# the entry that cannot be used is that of u0, which stands in line 2 of the first file
SECOND = {
    "in the same order": 'g,id,{0}\np,u0,{1}\n"q\nq",u1,0\np,u2,1\np,u3,0\n',
    "in another order": 'g,id,{0}\np,u3,0\n"q\nq",u1,0\np,u0,{1}\np,u2,1\n',
    "of Windows": 'g,id,{0}\r\n"q\nq",u1,0\r\np,u3,0\r\np,u0,{1}\r\np,u2,1\r\n',
    "with quotes": '"g","id","{0}"\n"p","u2","1"\n"q\nq","u1","0"\n"p","u0","{1}"\n"p","u3","0"\n',
    "with blanks": 'g, id ,{0}\n"q\nq", u1, 0\np, u3, 0\np, u0, {1}\np, u2, 1\n\n , , \n\n',
}
FORMS = pytest.mark.parametrize("form", SECOND)
BAD = {
    "7": "7.0 is above",
    "-1": "-1.0 is below 0",
    "inf": "inf is not finite",
    "x": "'x' is not",
}
STUDY = """
id = "id"
[[subset]]
modalities = ["text"]
test_losses = "first.csv"
[[subset]]
modalities = ["text", "audio"]
test_losses = "second.csv"
"""


def written(folder: Path, form: str, bad: str, *names: str) -> tuple[list[str], int]:
    """Two files, and the line of the bad entry in the second one."""
    second = SECOND[form].format(names[1], bad)
    one = save(folder, "first.csv", FIRST.format(names[0]))
    two = save(folder, "second.csv", second.encode())
    return [str(one), str(two)], 1 + second.partition("u0")[0].count("\n")


@FORMS
@pytest.mark.parametrize("bad", BAD)
def test_a_loss_of_the_second_of_two_tables(
    form: str, bad: str, tmp_path: Path, refused: Callable[..., str]
) -> None:
    files, line = written(tmp_path, form, bad, "text", "text+audio")
    told = f"second.csv, column text+audio, row {line}: {BAD[bad]}"
    assert told in refused("compare", *files, "--losses", "--id", "id", "--group", "g")
    with pytest.raises(InputError, match=re.escape(told)):
        bc.compare(files, ids="id", groups="g")
    study = save(tmp_path, "s.toml", 'losses = ["first.csv", "second.csv"]\nid="id"\ngroup="g"\n')
    assert told in refused("compare", str(study))


@FORMS
@pytest.mark.parametrize("bad", BAD)
def test_a_loss_of_the_second_of_two_predictors(
    form: str, bad: str, tmp_path: Path, refused: Callable[..., str]
) -> None:
    files, line = written(tmp_path, form, bad, "loss", "loss")
    told = f"second.csv, column loss, row {line}: {BAD[bad]}"
    assert told in refused("certify", *files, "--id", "id")
    with pytest.raises(InputError, match=re.escape(told)):
        bc.certify(*files, ids="id")
    assert told in refused("compare", str(save(tmp_path, "s.toml", STUDY)))


@FORMS
def test_an_id_of_the_second_file(form: str, tmp_path: Path, refused: Callable[..., str]) -> None:
    tables, line = written(tmp_path, form, "0", "text", "text+audio")
    for file in tables:
        text = Path(file).read_bytes().decode()
        Path(file).write_bytes(text.replace("u0", "u4" if file == tables[0] else "").encode())
    told = f"second.csv, column id, row {line}: the id is missing"
    assert told in refused("compare", *tables, "--losses", "--id", "id", "--group", "g")


def test_a_loss_of_the_second_parquet_file(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    ids = [f"u{i}" for i in range(4)]
    for name, column, losses in (("one", "a", [0, 1, 0, 1]), ("two", "a+b", [0.0, 1, 9, 1])):
        frame = pandas.DataFrame({"id": ids, column: losses})
        (frame if name == "one" else frame[::-1]).to_parquet(tmp_path / f"{name}.parquet")
    with pytest.raises(InputError, match=r"two\.parquet, column a\+b, row 2: 9\.0 is above 1"):
        bc.compare([tmp_path / "one.parquet", tmp_path / "two.parquet"], ids="id")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('n,loss\n"a\nb",0\n"c",7\n', "column loss, row 4: 7.0 is above 1"),
        ('n,loss\n"a\nb",0\n"c",\n', "column loss, row 4 is empty; each line"),
        ('n,loss\n"a\nb",0\n"c",0,1\n', "row 4: 3 cells; the first line names 2"),
        ('"n\nn",loss\n"c",7\n', "column loss, row 3: 7.0 is above 1"),
        ("n,loss\n\na,0\n", "row 2: 1 cells; the first line names 2"),
        ("\nn,loss\na,0\n", "row 1 is empty; each line holds one loss"),
        ('n,loss\na,0\n"b,1\nc,0\n', "is not a CSV file: unexpected end of data"),
        ("loss\n0\n\n7\n", "row 3 is empty; each line holds one loss"),
        ("loss\n0\n1\n7\n\n", "row 4: 7.0 is above 1"),
        ("# by hand\nloss\n1\n", "row 1: '# by hand' is not a number"),
    ],
)
def test_a_loss_of_one_file(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"x.csv.*{re.escape(told)}"):
        read_losses(save(tmp_path, "x.csv", text))


def test_a_loss_between_0_and_1_of_the_second_file(
    tmp_path: Path, refused: Callable[..., str]
) -> None:
    files, line = written(tmp_path, "in another order", "0.5", "text", "text+audio")
    told = f"second.csv, column text+audio, row {line}: 0.5 is neither 0 nor 1"
    options = ["--losses", "--id", "id", "--group", "g"]
    assert told in refused("compare", *files, *options, "--loss", "zero-one")
    files, line = written(tmp_path, "of Windows", "0.5", "loss", "loss")
    told = f"second.csv, column loss, row {line}: 0.5 is neither 0 nor 1"
    assert told in refused("certify", *files, "--id", "id", "--loss", "zero-one")


@FORMS
def test_the_losses_of_the_examples_that_the_ids_name(form: str, tmp_path: Path) -> None:
    files, _ = written(tmp_path, form, "0.25", "text", "text+audio")
    study = study_of_losses(files, ids="id", groups="g")
    first, second = (subset.test_losses for subset in study.subsets)
    assert first is not None
    assert second is not None
    assert first.tolist() == [0, 1, 0, 1]
    assert second.tolist() == [0.25, 0, 1, 0]
