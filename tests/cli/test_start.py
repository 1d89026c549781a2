"""What a command loads before it works, and the help pages that are kept."""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from importlib import import_module
from pathlib import Path

import pytest
from files import ROOT

import boundcalc as bc
from boundcalc.cli import certify, common, compare, diagnose, estimate
from boundcalc.cli.group import COMMANDS
from boundcalc.data import labels
from boundcalc.data.diagnose import diagnose as diagnosis
from boundcalc.data.estimate import estimate as library
from boundcalc.data.fit import ridge
from boundcalc.numeric.decide import decision, sample
from boundcalc.study import design, study

WATCH = """
import sys
sys.argv = ["boundcalc", *sys.argv[1:]]
from boundcalc.cli.app import main
try:
    main()
except SystemExit as stop:
    watched = {"typer", "rich", "pydantic", "numpy", "scipy", "sympy", "pandas"}
    print(sorted(watched & set(sys.modules)), file=sys.stderr)
    sys.exit(stop.code)
"""


def command(
    home: Path, *arguments: str, **settings: str
) -> tuple[subprocess.CompletedProcess[str], str]:
    """A command in a process of its own, and what it loaded."""
    done = subprocess.run(
        [sys.executable, "-c", WATCH, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "XDG_CACHE_HOME": str(home), "PYTHONPATH": str(ROOT), **settings},
    )
    return done, done.stderr.splitlines()[-1]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_of_each_command_what_its_help_says(name: str) -> None:
    page = inspect.getdoc(import_module(f"boundcalc.cli.{name}".replace("-", "_")).run) or ""
    assert " ".join(page.split("\n\n")[0].split()) == COMMANDS[name]


@pytest.mark.parametrize("arguments", [[], ["-h"], ["eval", "--help"]])
def test_a_help_page_is_drawn_once(tmp_path: Path, arguments: list[str]) -> None:
    first, loaded = command(tmp_path, *arguments)
    assert "typer" in loaded
    assert "Usage: boundcalc" in first.stdout
    again, loaded = command(tmp_path, *arguments)
    assert (again.returncode, again.stdout) == (0, first.stdout)
    assert loaded == "[]"


def test_a_page_fits_the_terminal_it_is_printed_on(tmp_path: Path) -> None:
    pages = [
        command(tmp_path, "list", "--help", **looks)[0].stdout
        for _ in range(2)
        for looks in (
            {"COLUMNS": "60"},
            {"COLUMNS": "100"},
            {"COLUMNS": "100", "FORCE_COLOR": "1"},
            {"COLUMNS": "100", "PYTHONIOENCODING": "ascii"},
        )
    ]
    assert pages[:4] == pages[4:]
    assert len(set(pages)) == 4
    assert [max(map(len, page.splitlines())) for page in pages[:2]] == [60, 100]
    assert "\x1b[" in pages[2]
    assert pages[3].isascii()


def test_pages_that_are_damaged_or_cannot_be_kept(tmp_path: Path) -> None:
    first, _ = command(tmp_path, "--help")
    (page,) = tmp_path.rglob("*.json")
    page.write_bytes(page.read_bytes().replace(b"Usage", b"Abuse"))
    assert command(tmp_path, "--help")[0].stdout == first.stdout
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    assert command(blocked, "--help")[0].stdout == first.stdout


def test_help_of_what_is_no_command_is_refused_each_time(tmp_path: Path) -> None:
    for _ in range(2):
        done, _ = command(tmp_path, "lisst", "--help")
        assert (done.returncode, done.stdout) == (2, "")
        assert "did you mean 'list'?" in done.stderr
    assert not list(tmp_path.rglob("*.json"))


@pytest.mark.parametrize(
    "arguments", [["list"], ["show", "holdout.kl"], ["power", "--p10", "0.04", "--p01", "0.02"]]
)
def test_values_are_read_without_pydantic(tmp_path: Path, arguments: list[str]) -> None:
    command(tmp_path, *arguments)
    done, loaded = command(tmp_path, *arguments)
    assert done.returncode == 0
    assert "pydantic" not in loaded


@pytest.mark.parametrize(
    ("shell", "asked"),
    [
        ("bash", {"COMP_WORDS": "boundcalc cer", "COMP_CWORD": "1"}),
        ("zsh", {"_TYPER_COMPLETE_ARGS": "boundcalc cer"}),
        (
            "fish",
            {"_TYPER_COMPLETE_ARGS": "boundcalc cer", "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
        ),
    ],
)
def test_commands_are_completed_without_being_loaded(
    tmp_path: Path, shell: str, asked: dict[str, str]
) -> None:
    done, loaded = command(tmp_path, _BOUNDCALC_COMPLETE=f"complete_{shell}", **asked)
    assert "certify" in done.stdout
    assert ("Certify which of two" in done.stdout) == (shell != "bash")
    assert loaded == "['typer']"


def test_ids_are_completed_by_their_names_alone(tmp_path: Path) -> None:
    asked = {"COMP_WORDS": "boundcalc eval hold", "COMP_CWORD": "2"}
    done, loaded = command(tmp_path, _BOUNDCALC_COMPLETE="complete_bash", **asked)
    assert "holdout.kl" in done.stdout.split()
    assert loaded == "['typer']"


WORDS = {
    "certify --method": (certify.METHODS, sample.METHODS),
    "compare --method": (compare.METHODS, study.METHODS_OF_STUDIES),
    "--direction": (common.DIRECTIONS, decision.DIRECTIONS),
    "--task": (common.TASKS, labels.TASKS),
    "--class": (estimate.CLASSES, library.KINDS),
    "--kernel": (estimate.KERNELS, library.KERNELS),
    "--noise": (estimate.NOISES, library.NOISES),
    "--connection": (diagnose.RIDGES, ridge.KINDS),
    "--scale": (diagnose.SCALES, diagnosis.SCALES),
    "--joint": (compare.JOINT, study.SharedDelta),
    "--choose": (compare.CHOICES, design.NormChoice),
    "certify --loss": (certify.LOSSES, study.LossKind),
    "compare --loss": (compare.LOSSES, [*design.Losses, study.LossKind.BOUNDED]),
}


@pytest.mark.parametrize("option", WORDS)
def test_the_words_that_an_option_takes_are_those_of_the_library(option: str) -> None:
    offered, known = WORDS[option]
    assert sorted(offered) == sorted(known)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["power", "--gap", "half"], "gap must be a number, not 'half'"),
        (["power", "--pairs", "1.5"], "pairs must be a whole number"),
        (
            ["power", "--direction", "mroe"],
            "direction must be more, less or both, not 'mroe'; did you mean 'more'?",
        ),
        (
            ["certify", "a", "b", "--method", "x"],
            "method must be discordant, betting, empirical_bernstein or hoeffding, not 'x'",
        ),
        (["compare", "a.csv", "--norms", "1,b"], "norms must be a number, not 'b'"),
        (["compare", "a.csv", "--joint", "some"], "joint must be held-out or all, not 'some'"),
        (["verify", "--budget", "long"], "budget must be a number"),
        (["simulate", "w.toml", "--workers", "0"], "workers = 0 is below 1"),
        (["list", "--format", "jsn"], "html, not 'jsn'; did you mean 'json'?"),
        (["prove", "f.toml", "--weights", "a"], "--weights takes NAME=W"),
    ],
)
def test_what_an_option_cannot_read_ends_in_one_line(
    refused: Callable[..., str], arguments: list[str], says: str
) -> None:
    assert says in refused(*arguments)


@pytest.mark.parametrize("typed", ["empirical-bernstein", "Empirical_Bernstein"])
def test_words_are_read_with_either_mark(
    run: Callable[..., tuple[int, str, str]], tmp_path: Path, typed: str
) -> None:
    for name, losses in (("a", "0.1\n0.2\n0.4\n"), ("b", "0.2\n0.1\n0.3\n")):
        (tmp_path / f"{name}.csv").write_text("loss\n" + losses, encoding="utf-8")
    files = (str(tmp_path / "a.csv"), str(tmp_path / "b.csv"))
    code, out, _ = run("certify", *files, "--method", typed, "-f", "json")
    assert (code, json.loads(out)["deciding"]) == (0, "empirical_bernstein")


@pytest.mark.parametrize(
    ("pair", "relation", "says"),
    [
        (("huang2021.theorem1:sharp", "huang2021.theorem1:published"), "first", "everywhere"),
        (
            ("holdout.hoeffding:upper", "holdout.empirical_bernstein:upper"),
            "neither",
            "Neither is always smaller",
        ),
    ],
)
def test_two_bounds_are_compared_whatever_the_numbers_are(
    run: Callable[..., tuple[int, str, str]], pair: tuple[str, str], relation: str, says: str
) -> None:
    code, out, _ = run("compare-bounds", *pair)
    assert code == 0
    assert says in out
    code, out, _ = run("compare-bounds", *pair, "--format", "json")
    assert (code, json.loads(out)) == (0, bc.compare_bounds(*pair).to_dict())
    assert json.loads(out)["relation"] == relation


def test_an_order_that_is_not_proved_is_shown_at_numbers(
    run: Callable[..., tuple[int, str, str]],
) -> None:
    said = " ".join(run("compare-bounds", "pac_bayes.kl", "pac_bayes.quadratic")[1].split())
    assert "Not decided: pac_bayes.kl (exact) was smaller" in said
    found = re.search("Seen for example at ([^;]+); `boundcalc crossover` decides it", said)
    assert found is not None
    numbers = {k: Fraction(v) for k, v in (part.split(" = ") for part in found[1].split(", "))}
    first, second = (
        bc.evaluate(f"pac_bayes.{id}", **{k: float(v) for k, v in numbers.items()}).value
        for id in ("kl", "quadratic")
    )
    assert first < second


@pytest.mark.parametrize(
    ("pair", "says"),
    [
        (("holdout.hoefding", "holdout.kl"), "did you mean 'holdout.hoeffding'?"),
        (("holdout.kl:uper", "holdout.kl"), "did you mean 'upper'?"),
        (("holdout.kl:upper", "holdout.kl:lower"), "an upper bound and"),
    ],
)
def test_what_cannot_be_compared_ends_in_one_line(
    refused: Callable[..., str], pair: tuple[str, str], says: str
) -> None:
    assert says in refused("compare-bounds", *pair)
