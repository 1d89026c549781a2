"""The command line as a user meets it: a fresh process, stdout, stderr and exit code."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from files import ROOT
from typer.testing import CliRunner

from boundcalc.cli.app import app
from boundcalc.render.document import Table
from boundcalc.render.terminal import show
from boundcalc.symbolic.catalogue import theorem_modules

SHARP = [
    "huang2021.theorem1",
    "m=13200",
    "delta=0.05",
    "L=1",
    "C=1",
    "rademacher=0.01",
    "gamma=-0.2",
]


def boundcalc(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    code = "from boundcalc.cli.app import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        env={
            **{k: v for k, v in os.environ.items() if k != "COLUMNS"},
            "PYTHONIOENCODING": "utf-8",
            **environment,
        },
    )


def quick(*arguments: str) -> str:
    """In this process: for what does not depend on error handling."""
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_eval_json_has_the_fixed_fields() -> None:
    record = json.loads(quick("eval", *SHARP, "--variant", "sharp", "--format", "json"))
    assert set(record) == {
        "id",
        "variant",
        "value",
        "terms",
        "probability",
        "vacuous",
        "parameters",
    }
    assert record["value"] == pytest.approx(
        -0.2 + 0.02 + (2 * 2.995732273553991 / 13200) ** 0.5, rel=1e-14
    )
    assert record["probability"] == 0.95
    assert record["vacuous"] is False
    assert record["parameters"]["lipschitz"] == 1


def test_variant_left_out_is_the_tightest_and_named() -> None:
    assert json.loads(quick("eval", *SHARP, "-f", "json"))["variant"] == "sharp"


def test_a_ratio_is_an_equation_not_a_limit() -> None:
    text = quick("eval", "lu2023.separation", "n=100", "m=20000")
    assert "exact" in text
    assert "≤" not in text


def test_other_variants_that_fit_are_named() -> None:
    text = " ".join(quick("eval", *SHARP).split())
    assert "also fit sharp-vector, conditional, conditional-vector, published" in text
    assert "also fit" not in quick("eval", *SHARP, "--variant", "sharp")


def test_vacuous_is_said() -> None:
    text = quick("eval", "holdout.hoeffding", "n=1", "delta=0.01", "C=1", "test_loss=0.5")
    assert "Vacuous" in text


def test_printed_upper_limit_is_rounded_up_and_lower_down() -> None:
    assert "≤ 0.0787333" in quick(
        "eval", "holdout.hoeffding", "n=500", "delta=0.05", "C=1", "test_loss=0.024"
    )
    assert "≤ 0.0446895" in quick(
        "eval", "holdout.kl", "n=500", "delta=0.05", "test_loss=0.024"
    )  # 0.04468941…
    tiny = quick("eval", "holdout.hoeffding", "n=1000000000000", "delta=0.5", "C=1", "test_loss=0")
    assert "≤ 0.000000588706" in tiny  # √(ln 2/2)/10⁶ = 5.8870501…e-7
    lower = quick(
        "eval",
        "holdout.hoeffding",
        "n=500",
        "delta=0.05",
        "C=1",
        "test_loss=0.5",
        "--variant",
        "lower",
    )
    assert "≥ 0.445266" in lower  # 0.5 − 0.05473328… = 0.44526671…


def test_certified_encloses_the_decimal_that_was_written() -> None:
    low, high = json.loads(quick("eval", *SHARP, "--certified", "-f", "json"))["certified"]
    assert float(low) < -0.158695098467104 + 1e-14
    assert 0 < float(high) - float(low) <= 2e-15


def test_derive_prints_each_step_and_the_closed_form() -> None:
    text = quick("derive", "huang2021.theorem1", "--variant", "sharp", "--check")
    for lemma in (
        "infimum",
        "definition of γ",
        "ERM optimality",
        "bounded differences",
        "symmetrisation",
        "contraction",
    ):
        assert lemma in text
    assert "γ + 2LR + C√(2 ln(1/δ)/m)" in text
    assert "checked by the kernel" in text


def test_derive_with_numbers_shows_formula_numbers_result() -> None:
    text = quick("derive", *SHARP, "--variant", "sharp")
    assert "C√(2 ln(1/δ)/m) = 1·√(2·ln(1/0.05)/13200) ≈ 0.0213049" in " ".join(text.split())


@pytest.mark.parametrize(
    ("id", "shown"),
    [
        ("huang2021.proposition1", "crossover: m* = ⌈p_M + 1"),
        ("huang2021.theorem2", "r̂(h*∘g*) is unknown"),
        ("huang2021.theorem2", "(h*, g*) one fixed pair"),
        ("huang2021.selection", "does not imply"),
    ],
)
def test_stars_of_a_page_are_kept_and_marks_of_emphasis_are_not(id: str, shown: str) -> None:
    assert shown in " ".join(quick("show", id, "--details").split())


def test_python_m_boundcalc_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "boundcalc", "shwo"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "Error: unknown command 'shwo'; did you mean 'show'?\n"


def test_a_certificate_that_does_not_hold_exits_1(monkeypatch: pytest.MonkeyPatch) -> None:
    from boundcalc.errors import CertificateError
    from boundcalc.numeric.proof import Proof

    def refuse(self: Proof) -> Proof:
        raise CertificateError("planted")

    monkeypatch.setattr(Proof, "check", refuse)
    result = CliRunner().invoke(app, ["derive", "huang2021.theorem1", "--check"])
    assert result.exit_code == 1
    assert "planted" in result.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["list"],
        ["show", "holdout.kl"],
        ["derive", "holdout.kl"],
        ["eval", *SHARP],
        ["cite", "holdout.kl"],
    ],
)
def test_every_format(command: list[str]) -> None:
    json.loads(quick(*command, "--format", "json"))
    assert quick(*command, "--format", "markdown").strip()
    assert quick(*command, "--format", "latex").strip()
    rows = list(csv.reader(io.StringIO(quick(*command, "--format", "csv"))))
    assert rows
    assert all(rows[0])


def test_latex_of_every_entry_is_ascii() -> None:
    """pdflatex stops at characters it does not know."""
    for id in theorem_modules():
        for text in (quick("derive", id, "-f", "latex"), quick("show", id, "-f", "latex")):
            assert [c for c in text if ord(c) > 255 or c in "·×±°²½"] == [], id


def test_cite_prints_what_the_proof_rests_on() -> None:
    text = quick("cite", "huang2021.theorem1")
    for key in ("huang2021", "mcdiarmid1989", "bartlett2002", "ledoux1991", "maurer2016"):
        assert f"{{{key}," in text


def test_cite_a_study_or_one_variant() -> None:
    assert quick("cite", "examples/iemocap.toml").count("@") == 1
    assert "{clopper1934," in quick("cite", "examples/iemocap.toml")
    assert "maurer2016" not in quick("cite", "huang2021.theorem1", "--variant", "sharp")


def test_cite_follows_the_extension(run: Any, tmp_path: Path) -> None:
    for name, start in (("a.bib", "@article{"), ("a.csv", "key,work"), ("a.json", "[")):
        assert run("cite", "holdout.hoeffding", "-o", str(tmp_path / name))[0] == 0
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)
    for name, said in (
        ("a.png", "no picture of this,"),
        ("a.xyz", "unknown file extension 'xyz'"),
        ("a", "a has no extension to go by: bib, csv"),
    ):
        code, _, err = run("cite", "holdout.hoeffding", "-o", str(tmp_path / name))
        assert code == 2
        assert said in err
        assert not (tmp_path / name).exists()


def test_the_catalogue_is_on_one_screen(run: Any) -> None:
    code, brief, _ = run("list")
    assert code == 0
    assert len(brief.splitlines()) <= 40
    whole = run("list", "--details")[1]
    for id in theorem_modules():
        assert id in brief
        assert id in whole
    assert "sharp-empirical" not in brief
    assert "sharp-empirical" in whole


@pytest.mark.parametrize("format", ["rich", "json"])
def test_a_reader_that_leaves_and_a_full_disk(format: str) -> None:
    command = [sys.executable, "-m", "boundcalc", "eval", *SHARP, "--format", format]
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as gone:
        left = subprocess.run(command, stdout=gone, stderr=subprocess.PIPE, check=False, timeout=60)
    assert (left.returncode, left.stderr) == (141, b"")
    if not Path("/dev/full").exists():
        return
    with open("/dev/full", "w") as full:
        refused = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, check=False, timeout=60
        )
    assert refused.returncode == 2
    assert refused.stderr.startswith(b"Error: cannot read or write the output: ")
    assert refused.stderr.count(b"\n") == 1


def test_pipe_and_no_color() -> None:
    done = boundcalc("derive", "huang2021.theorem1", "--variant", "published", NO_COLOR="1")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert max(len(line.rstrip()) for line in done.stdout.splitlines()) <= 80


@pytest.mark.parametrize(
    "command",
    ["list", "show huang2021.theorem1", "derive holdout.kl", "rates lu2023.multimodal",
     "compare examples/iemocap.toml", "prove examples/facts.toml", "complexity linear-l2"],
)  # fmt: skip
@pytest.mark.parametrize("colour", [{}, {"FORCE_COLOR": "1"}], ids=["plain", "coloured"])
def test_no_line_in_a_pipe_ends_in_blanks(
    command: str, colour: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in colour.items():
        monkeypatch.setenv(name, value)
    printed = quick(*command.split())
    assert ("\x1b[" in printed) == bool(colour)
    ends = [re.sub(r"\x1b\[[\d;]*m", "", line)[-1:] for line in printed.splitlines()]
    assert " " not in ends
    assert any(ends)


BAD = [
    (["eval", "huang2021.theorem3"], "did you mean 'huang2021.theorem"),
    (["shw"], "did you mean 'show'?"),
    (["eval", *SHARP, "--variant", "shapr"], "did you mean 'sharp'?"),
    (["eval", *SHARP[:-1], "gama=1"], "did you mean 'gamma'?"),
    (["eval", *SHARP, "--nonsense"], "--nonsense"),
    (["eval"], "ID"),
    (["eval", "huang2021.theorem1", "m"], "NAME=VALUE"),
    (["eval", *SHARP, "m=5"], "m is given twice"),
    (["eval", *SHARP, "lipschitz=5"], "lipschitz is given twice"),
    (["eval", "holdout.kl", "n=10", "delta=0", "test_loss=0.1"], "delta = 0 is outside the domain"),
    (["eval", "holdout.kl", "n=10", "delta=1", "test_loss=0.1"], "delta = 1 is outside the domain"),
    (["eval", "holdout.kl", "n=10", "delta=-3", "test_loss=0.1"], "delta = -3"),
    (["eval", "holdout.kl", "n=0", "delta=0.1", "test_loss=0.1"], "n = 0"),
    (
        ["eval", "holdout.kl", "n=2.5", "delta=0.1", "test_loss=0.1"],
        "n = 2.5 is not a whole number",
    ),
    (
        ["eval", "holdout.kl", "n=10", "delta=0.1", "test_loss=1.5"],
        "divide the losses by loss_bound",
    ),
    (["eval", "holdout.kl", "n=10", "delta=nan", "test_loss=0.1"], "delta must be a finite number"),
    (["eval", "holdout.kl", "n=inf", "delta=0.1", "test_loss=0.1"], "n must be a finite number"),
    (
        ["eval", "holdout.kl", "n=ten", "delta=0.1", "test_loss=0.1"],
        "n must be a number, not 'ten'",
    ),
    (["eval", "holdout.kl", "variant=1", "n=10", "delta=0.1", "test_loss=0.1"], "write --variant"),
    (["eval", "holdout.kl", "n=13,200", "delta=0.1", "test_loss=0.1"], "without separators"),
    (["eval", "holdout.kl", "n=10", "delta=1/21", "test_loss=0.1"], "as a decimal, as 0.047619"),
    (
        ["eval", "classic.uniform_deviation", "m=10", "delta=0.1", "C=1", "train_loss=0.1"],
        "needs lipschitz, rademacher",
    ),
    (["eval", "lu2023.separation", "n=10"], "needs m"),
    (
        [
            "eval",
            "huang2021.selection",
            "L=1",
            "c_M=9",
            "c_N=4",
            "loss_drop=1e-200",
            "--variant",
            "crossover",
        ],
        "too large",
    ),
    (
        ["eval", "holdout.kl", "n=__import__('os')", "delta=0.1", "test_loss=0.1"],
        "n must be a number",
    ),
    (["eval", "holdout.kl", "n=1e999999", "delta=0.1", "test_loss=0.1"], "too large"),
    (
        ["eval", "holdout.kl", "n=" + "9" * 1_000_00, "delta=0.1", "test_loss=0.1"],
        "100000 characters",
    ),
    (["eval", "holdout.kl", "n=10", "delta=1e-350", "test_loss=0.1"], "delta"),
    (["eval", "holdout.kl", "n=10", "delta=0.1"], "needs test_loss"),
    (["eval", "holdout.clopper_pearson", "n=10", "delta=0.1", "errors=11"], "errors is above n"),
    (
        ["eval", "holdout.empirical_bernstein", "n=1", "delta=0.1", "C=1", "test_loss=0", "V=0"],
        "at least two",
    ),
    (
        ["eval", "holdout.empirical_bernstein", "n=9", "delta=0.1", "C=1", "test_loss=0", "V=0.3"],
        "variance is above",
    ),
    (
        ["eval", *SHARP[:-2], "rademacher=-0.1", "gamma=0"],
        "rademacher = -0.1 is outside the domain",
    ),
    (
        [
            "eval",
            "huang2021.selection",
            "L=1",
            "c_M=9",
            "c_N=4",
            "loss_drop=0",
            "--variant",
            "crossover",
        ],
        "never",
    ),
    (
        [
            "eval",
            "huang2021.selection",
            "L=1",
            "c_M=4",
            "c_N=4",
            "loss_drop=1",
            "--variant",
            "crossover",
        ],
        "no crossover",
    ),
    (["derive", "holdout.kl", "nn=1"], "did you mean 'n'?"),
    (["derive", "holdout.kl", "m=1"], "unknown parameter 'm' of holdout.kl"),
    (["show", "holdout.kll"], "did you mean 'holdout.kl'?"),
    (["list", "--paper", "huang"], "did you mean 'huang2021'?"),
    (["cite", "nobody"], "unknown theorem"),
    (["list", "--format", "yaml"], "yaml"),
    (["list", "-o", "no/such/folder/out.md"], "cannot write"),
]


@pytest.mark.parametrize(
    ("arguments", "names"), BAD, ids=lambda x: "_".join(x)[:50] if isinstance(x, list) else ""
)
def test_bad_input_is_one_line_and_exit_2(
    arguments: list[str], names: str, refused: Callable[..., str]
) -> None:
    assert names in refused(*arguments)


def test_bad_input_in_a_process_of_its_own() -> None:
    done = boundcalc("eval", "huang2021.theorem3")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: unknown theorem")
    assert len(done.stderr.splitlines()) == 1


def test_output_file_is_whole_or_not_there(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    quick("list", "-f", "json", "-o", str(target))
    assert len(json.loads(target.read_text(encoding="utf-8"))) >= 9
    target.write_text("before", encoding="utf-8")
    assert boundcalc("show", "nothing", "-o", str(target)).returncode == 2
    assert target.read_text(encoding="utf-8") == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["out.json"]


def test_brackets_in_a_table_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    show((Table(("[bold]head",), (("[red]cell",),), caption="E [r(f)]"),))
    printed = capsys.readouterr().out
    assert all(text in printed for text in ("E [r(f)]", "[bold]head", "[red]cell"))


def test_ids_are_completed() -> None:
    found = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; sys.argv = ['boundcalc']; from boundcalc.cli.app import main; main()",
        ],
        env=os.environ
        | {
            "_BOUNDCALC_COMPLETE": "complete_bash",
            "COMP_WORDS": "boundcalc show hol",
            "COMP_CWORD": "2",
        },
        capture_output=True,
        text=True,
    )
    assert "holdout.kl" in found.stdout.split()
    assert all(id.startswith("holdout.") for id in found.stdout.split())


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("verify ru", "rules"),
        ("complexity linear-l", "linear-l1 linear-l2 linear-lp"),
        ("complexity linear-l2 m=3 ra", "radius= radii="),
        ("complexity nothing ", ""),
        ("estimate data.npz --class k", "kernel"),
        ("eval huang2021.theorem1 --variant co", "conditional conditional-vector"),
        ("derive huang2021.theorem1 m=5 -v p", "published"),
        ("cite holdout.kl lu2023.unimodal -v ", "upper lower one-event expected"),
        ("rates lu2023.unimodal -v o", "one-event"),
        ("eval holdout.kl n=3 ", "test_loss= delta="),
        ("eval holdout.kl n=3 delta=0.1 de", ""),
        ("eval nothing ", ""),
        ("eval huang2021.theorem1 -v sharp rad", "rademacher="),
        ("eval huang2021.theorem1 -v sharp-empirical rad", "rademacher_empirical="),
        ("solve holdout.kl --for te", "test_loss"),
        ("sweep holdout.kl delta=0.1 --vary n", "n="),
        ("crossover lu2023.unimodal lu2023.multimodal:expected c_p", "c_predictor="),
        ("plan lu2023.multimodal tas", "tasks="),
    ],
)
def test_tab_offers_classes_variants_and_names(typed: str, offered: str) -> None:
    words = typed.split(" ")
    asked = {
        "_BOUNDCALC_COMPLETE": "complete_bash",
        "COMP_WORDS": f"boundcalc {typed}",
        "COMP_CWORD": str(len(words)),
    }
    found = CliRunner().invoke(app, [], env=asked, prog_name="boundcalc").stdout
    assert sorted(found.split()) == sorted(offered.split())
