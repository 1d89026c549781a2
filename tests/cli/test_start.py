"""What a command loads before it works, and the help pages that are kept."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from files import ROOT

from boundcalc.cli.group import COMMANDS

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
    page = inspect.getdoc(import_module(f"boundcalc.cli.{name}").run) or ""
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
