"""What is printed arrives: in every code page, at every width, into whatever -o names."""

from __future__ import annotations

import html
import io
import json
import os
import re
import stat
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from files import EXAMPLES, ROOT
from markdown_it import MarkdownIt
from rich.console import Console

import boundcalc as bc
from boundcalc.cli.values import assignments, decimal_from
from boundcalc.errors import InputError, shorten, visible
from boundcalc.record import as_json
from boundcalc.render import terminal, texts
from boundcalc.render.document import Heading, Table, Text
from boundcalc.render.files import whole_file
from boundcalc.render.plot import figure, save
from boundcalc.render.present import figure_of
from boundcalc.render.spelling import SIGNS, json_for, spelled

EVAL = ["eval", "holdout.hoeffding", "n=500", "delta=0.05", "C=1", "test_loss=0.02", "-v", "upper"]


def run(
    arguments: list[str], options: tuple[str, ...] = (), shell: str = "", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, *options, "-m", "boundcalc", *arguments]
    if shell:
        command = ["sh", "-c", f'"$@" {shell}', "sh", *command]
    return subprocess.run(command, capture_output=True, env=os.environ | environment, timeout=120)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp850", "cp932", "koi8-r", "latin-1"])
def test_signs_have_a_spelling_in_every_code_page(encoding: str) -> None:
    for sign, typed in {"≤": "<=", "∞": "inf", "R\u0302": "R^", "γ": "gamma", "Γ": "Gamma"}.items():
        try:
            sign.encode(encoding)
        except UnicodeEncodeError:
            assert spelled(sign, encoding) == typed
        else:
            assert spelled(sign, encoding) == sign
    assert "t\udce9.csv".encode(encoding, SIGNS) == rb"t\xe9.csv"


def test_the_command_line_in_ascii() -> None:
    done = run(EVAL, PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert b"r(f) <= 0.0747333" in done.stdout


def test_json_keeps_its_meaning_in_every_code_page() -> None:
    text = json.dumps({"ŷ": "R̂ ≤ 𝔼"}, ensure_ascii=False)
    shown = json_for(text, "cp1252")
    assert shown.isascii()
    assert json.loads(shown) == json.loads(text)
    assert json_for(text, "utf-8") == text


@pytest.mark.parametrize("options", [("-O",), ("-OO",), ("-bb",), ("-W", "error")])
def test_the_interpreter_s_own_options(options: tuple[str, ...]) -> None:
    done = run(EVAL, options)
    assert (done.returncode, done.stderr) == (0, b"")


def test_closed_streams(tmp_path: Path) -> None:
    done = run(EVAL, shell=">&-")
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert run(EVAL, shell="2>&-").stdout
    for nowhere in ("2>&-", "2</dev/null", "2>/dev/full"):  # closed, not to be written to, full
        assert run(["eval", "nothing"], shell=nowhere).returncode == 2
    file = tmp_path / "o.json"
    assert run([*EVAL, "-f", "json", "-o", str(file)], shell=">&- 2>&- <&-").returncode == 0
    assert json.loads(file.read_text())["value"] > 0.02


def table(width: int, block: Table) -> str:
    out = Console(width=width, file=io.StringIO(), highlight=False)
    terminal._print(out, (block,))
    return str(out.file.getvalue())  # type: ignore[attr-defined]


WIDE = Table(
    ("what is bought", "price", "a limit", "n"),
    (("the first", "1,457.0000", "−0.000123", "2,914"), ("another one", "99,999.5", "0.25", "7")),
    align="lrRr",
)


@pytest.mark.parametrize("width", range(12, 60, 5))
def test_a_narrow_terminal_breaks_no_number_and_loses_no_letter(width: int) -> None:
    def letters(text: str) -> Counter[str]:
        return Counter(text.replace("─", "")) - Counter({" ": 10**6, "\n": 10**6})

    shown = table(width, WIDE)
    assert not letters(table(120, WIDE)) - letters(shown)  # heads may stand beside every value
    assert set(sum((row[1:] for row in WIDE.rows), ())) <= set(shown.split())
    assert max(map(len, (line.rstrip() for line in shown.split("\n")))) <= width


@pytest.mark.parametrize(("width", "rows"), [(37, 2), (29, 1)])
def test_a_table_that_fits_on_its_side_says_each_head_once(width: int, rows: int) -> None:
    block = replace(WIDE, rows=WIDE.rows[:rows])
    shown, usual = (Counter(re.sub(r"[ \n─]", "", table(w, block))) for w in (width, 120))
    assert shown == usual
    assert re.search(r"^price +1,457\.0000", table(width, block), re.MULTILINE)


def test_a_width_of_0_is_none() -> None:
    usual = run(EVAL, COLUMNS="80").stdout
    for columns in ("0", "²", "9" * 50):
        assert run(EVAL, COLUMNS=columns).stdout == usual


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe, got = tmp_path / "p", list[bytes]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()), daemon=True)
    reader.start()
    with whole_file(pipe) as stream:
        stream.write(b"text")
    reader.join(10)
    assert got == [b"text"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_links_and_modes_are_kept(tmp_path: Path) -> None:
    file, link, again = tmp_path / "f", tmp_path / "l", tmp_path / "k"
    file.write_text("old")
    file.chmod(0o640)
    link.symlink_to("f")
    again.symlink_to(link)
    with whole_file(again) as stream:
        stream.write(b"new")
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("new", 0o640)
    assert link.is_symlink()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["f", "k", "l"]


def test_the_file_behind_standard_output_is_written_to(tmp_path: Path) -> None:
    file = tmp_path / "f"
    with file.open("wb") as out:
        out.write(b"head\n")
        out.flush()
        command = [sys.executable, "-m", "boundcalc", *EVAL, "-f", "csv", "-o", "/dev/stdout"]
        assert subprocess.run(command, stdout=out, timeout=120).returncode == 0
    assert file.read_text().startswith("head\n")
    assert "concentration" in file.read_text()


def test_what_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    for path in (tmp_path / "no" / "f", Path("/dev/full"), tmp_path):
        with pytest.raises(InputError, match="cannot write"), whole_file(path) as stream:
            stream.write(b"text")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("−0.2", "-0.2"),
        ("10^15", "1e15"),
        ("10**15", "1e15"),
        ("10^−3", "0.001"),
        ("1/8", "0.125"),
        ("−3/20", "-0.15"),
    ],
)
def test_numbers_as_they_are_printed(text: str, value: str) -> None:
    assert decimal_from(text, "x") == decimal_from(value, "x")


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("5,359", "write 5359,"),
        ("1_000", "write 1000,"),
        ("13 200", "write 13200,"),
        ("0,05", "write 0.05,"),
        ("1/240", "as 0.00416667"),
        ("2·10^5", "write 2e5"),
        ("1/0", "as a decimal"),
    ],
)
def test_other_spellings_are_refused_with_the_right_one(text: str, typed: str) -> None:
    with pytest.raises(InputError) as error:
        decimal_from(text, "x")
    assert typed in str(error.value)


def test_digits_of_other_scripts_are_no_numbers() -> None:
    with pytest.raises(InputError):
        assignments(["n=\u0661\u0662"])


HOSTILE = "\x1b[31mred\x1b[0m [bold]x[/bold] \u202etxet =cmd()"


def test_names_are_shown_as_text() -> None:
    assert "\x1b" not in visible(HOSTILE)
    assert "\u202e" not in shorten(HOSTILE)
    block = Table(("name",), ((HOSTILE,),))
    shown = table(200, block)
    assert "[bold]x[/bold]" in shown
    for text in (
        shown,
        texts.markdown((block,)),
        texts.latex_part((block,)),
        texts.comma_separated((block,)),
    ):
        assert not {"\x1b", "\u202e"} & set(text)


def test_json_shows_a_name_as_text_and_keeps_it() -> None:
    name = HOSTILE + "\x7f\x9b31m\u2066\u200f\ufeff\u2028 π"
    shown = as_json({name: name})
    assert json.loads(shown) == {name: name}
    assert visible(shown) == shown
    assert "π" in shown


@pytest.mark.parametrize("name", ["=cmd()", "+1+1", "@SUM(A1)", "-2+3+cmd|x", "\t=x", "-x"])
def test_a_cell_of_csv_is_no_formula(name: str) -> None:
    assert texts.comma_separated((Table(("name",), ((name,), ("−0.5",))),)).split("\n")[1][0] == "'"
    assert texts.comma_separated((Table(("name",), (("−0.5",),)),)).split("\n")[1] == "-0.5"


def test_markdown_shows_names_as_text() -> None:
    shown = texts.markdown((Text("<b>a|b</b> ![x](y)"), Table(("n",), (("a|b\nc <i>",),))))
    assert not {"<b", "</", "<i", "]("} & {shown[i : i + 2] for i in range(len(shown))}
    assert r"a\|b c" in shown


@pytest.mark.parametrize(
    "name",
    [
        *("**x**", "*x*", "__init__", "_a_", "test_loss", "~~x~~", "m*", "*", "a*b*c", "Σ_x*"),
        *("# x", "> x", "+ x", "1. x", "2) y", "[a](b)", "![a](b)", "<b>x</b>", "&lt;", "a & b"),
        *(r"C:\temp\*", "$5 and $6", "x|y"),
    ],
)
def test_markdown_reads_a_name_as_it_was_written(name: str) -> None:
    table = Table((name, "b"), ((name, "1"),), caption=name)
    made = texts.markdown((Heading(name), Text(f"{name} is better"), table))
    shown = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(made)
    assert html.unescape(re.sub(r"<[^>]*>", "", shown)).count(name) == 5


@pytest.mark.parametrize("raised", ["raise KeyboardInterrupt", "exec('raise KeyboardInterrupt')"])
def test_an_interrupt_while_the_program_is_loaded(raised: str, tmp_path: Path) -> None:
    code = """
import sys
from boundcalc.__main__ import main

class Interrupted:
    def find_spec(self, name, *_):
        if name == "boundcalc.cli.app":
            RAISED

sys.meta_path.insert(0, Interrupted())
main()
"""
    script = tmp_path / "interrupted.py"
    script.write_text(code.replace("RAISED", raised), encoding="utf-8")
    command = [sys.executable, "-m", "interrupted"]
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    done = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Error: interrupted\n")


def test_an_interrupt_that_a_module_in_c_swallows_is_one(tmp_path: Path) -> None:
    code = """
import os, signal, sys

class Interrupted:  # as a module does whose initialization Python's C code runs
    def find_spec(self, name, *_):
        if name == "boundcalc.cli.group":
            try:
                os.kill(os.getpid(), signal.SIGTERM)
            except KeyboardInterrupt:
                raise ImportError("initialization failed") from None

sys.meta_path.insert(0, Interrupted())
from boundcalc.__main__ import main
main()
"""
    script = tmp_path / "interrupted.py"
    script.write_text(code, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script, "eval"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Error: interrupted\n")


def test_a_name_with_dollars_is_drawn_as_text(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    name = r"$\frac{ and $5"
    found = bc.certify([0, 1, 0, 0] * 30, [0, 0, 1, 0] * 30, names=(name, "B"))
    with (tmp_path / "x.svg").open("wb") as stream:
        save(figure_of(found), stream, "svg")
    curve = bc.sweep("holdout.hoeffding", vary={"n": [10, 20]}, C=1, delta=0.1, test_loss=0.1)
    with pytest.raises(InputError, match="no formula"), (tmp_path / "y.svg").open("wb") as stream:
        save(figure([curve], labels=[r"$\frac{$"]), stream, "svg")


def test_an_interrupted_command_says_so(
    run: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("boundcalc.cli.eval.emit", interrupted)
    assert run(*EVAL) == (130, "", "Error: interrupted\n")


def test_subsets_names_the_limits_to_choose_from(refused: Callable[..., str]) -> None:
    losses = str(EXAMPLES / "subset_losses.csv")
    said = refused("subsets", "classic.uniform_deviation", losses, "--complexity", "text=0.002")
    assert "with --variant: expected, expected-vector, empirical" in said
