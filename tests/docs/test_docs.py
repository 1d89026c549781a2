"""The documentation is true: its commands print what it says, its links lead somewhere, its formulas are ours.

A ```console block whose first line is ``$ boundcalc …`` or ``$ python examples/…`` is run and compared with the
output pasted below it; a line ``$ echo $?`` shows the exit code of the command before. ```pycon blocks are
doctests. Run this file as a program to put the present outputs into the console blocks:
``python tests/renew.py docs [FILE…]``.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import runpy
import shlex
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from files import ROOT

from boundcalc.cli.app import main
from boundcalc.numeric.compiled import compiled
from boundcalc.render.entries import closed_form, held_with
from boundcalc.render.terminal import LINES
from boundcalc.symbolic.catalogue import ENTRY_POINTS, theorem, theorem_modules

MADE = {"_build", "generated", "jupyter_execute"}  # by the build of the site
FILES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))
    if not MADE.intersection(path.parts)
)
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
PLAIN = {"COLUMNS": "80", "NO_COLOR": "1"}
PACKAGE = "learning_bounds"
FAMILIES = {id.partition(".")[0] for id in theorem_modules()}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def blocks(path: Path, language: str) -> Iterator[tuple[int, str]]:
    """The fenced blocks of one language, each with the line on which it starts."""
    text = path.read_text(encoding="utf-8")
    for found in FENCED.finditer(text):
        if found[1] == language:
            yield text.count("\n", 0, found.start()) + 1, found[2]


def is_run(block: str) -> bool:
    return block.startswith(("$ boundcalc", "$ python examples/"))


def marked(path: Path, language: str) -> list:
    return [
        pytest.param(block, id=f"{name_of(path)}:{line}") for line, block in blocks(path, language)
    ]


@contextlib.contextmanager
def repository_root() -> Iterator[None]:
    """A folder that looks like the repository's root, so that what a command writes is not left there."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        for entry in ROOT.iterdir():
            if not entry.name.startswith("."):
                (Path(folder) / entry.name).symlink_to(entry)
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


def run(command: str) -> tuple[str, int]:
    """What a terminal of 80 columns shows, and the exit code; in this process, because starting one is slow."""
    program, *arguments = shlex.split(command)
    screen = io.StringIO()
    if program == "python":
        with contextlib.redirect_stdout(screen), mock.patch.object(sys, "argv", arguments):
            runpy.run_path(arguments[0], run_name="__main__")
        return screen.getvalue(), 0
    assert program == "boundcalc", f"cannot run '{command}'"
    with (
        mock.patch.object(sys, "argv", ["boundcalc", *arguments]),
        mock.patch.dict(os.environ, PLAIN),
        contextlib.redirect_stdout(screen),
        contextlib.redirect_stderr(screen),
        pytest.raises(SystemExit) as stop,
    ):
        main()
    return screen.getvalue(), int(stop.value.code or 0)


@contextlib.contextmanager
def package_of_the_guide() -> Iterator[None]:
    """The package that docs/add-a-theorem.md builds, as if it were installed."""
    guide = ROOT / "docs" / "add-a-theorem.md"
    (theorem_file,) = (block for _, block in blocks(guide, "python") if "THEOREM" in block)
    ((_, project),) = blocks(guide, "toml")
    entries = tomllib.loads(project)["project"]["entry-points"][ENTRY_POINTS]
    group = "\n".join(
        [f"[{ENTRY_POINTS}]", *(f"{name} = {value}" for name, value in entries.items())]
    )
    files = {
        f"{PACKAGE}/__init__.py": "",
        f"{PACKAGE}/excess_risk.py": theorem_file,
        f"{PACKAGE}-1.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: 1\n",
        f"{PACKAGE}-1.dist-info/entry_points.txt": group,
    }
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(sys, "path", [folder, *sys.path]),
    ):
        for name, text in files.items():
            (Path(folder) / name).parent.mkdir(exist_ok=True)
            (Path(folder) / name).write_text(text, encoding="utf-8")
        forget_the_catalogue()
        try:
            yield
        finally:
            forget_the_catalogue()


def forget_the_catalogue() -> None:
    theorem_modules.cache_clear()
    theorem.__wrapped__.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def shown(block: str) -> str:
    """The block as a terminal would show it now: its commands, each with its output."""
    out, code = [], 0
    commands = re.findall(r"^\$ ((?:.*\\\n)*.*)$", block, flags=re.MULTILINE)
    with (
        repository_root(),
        package_of_the_guide() if PACKAGE in block else contextlib.nullcontext(),
    ):
        for command in commands:
            out.append(f"$ {command}")
            if command == "echo $?":
                out.append(str(code))
            else:
                text, code = run(command.replace("\\\n", " "))
                out += text.splitlines()
    return "\n".join(line.rstrip() for line in out).rstrip()


MORE = re.compile(r" --(details|ledger|format|derive|explain|standalone)\b| -f |^python ")
CONSOLE = [case for path in FILES for case in marked(path, "console") if is_run(case.values[0])]
PYTHON = [path for path in FILES if any(blocks(path, "pycon"))]


@pytest.mark.parametrize("block", CONSOLE)
def test_the_commands_print_what_is_pasted(block: str) -> None:
    printed = shown(block)
    pasted = "\n".join(line.rstrip() for line in block.splitlines()).rstrip()
    assert printed == pasted, "python tests/renew.py docs puts the present output into the page"


@pytest.mark.parametrize("block", CONSOLE)
def test_a_command_prints_one_screen_unless_asked_for_more(block: str) -> None:
    for command, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, flags=re.MULTILINE):
        if not MORE.search(command):
            assert len(output.rstrip().splitlines()) <= LINES, command


@pytest.mark.parametrize("path", PYTHON, ids=name_of)
def test_the_python_examples(path: Path) -> None:
    """What one block of a page defines, the next ones may use."""
    text = "\n".join(block for _, block in blocks(path, "pycon"))
    example = doctest.DocTestParser().get_doctest(text, {}, name_of(path), None, None)
    report = io.StringIO()
    with repository_root():
        doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(
            example, out=report.write
        )
    assert not report.getvalue(), report.getvalue()


def anchors(path: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    text = FENCED.sub("", path.read_text(encoding="utf-8"))
    heads = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_links_lead_somewhere(path: Path) -> None:
    text = FENCED.sub("", path.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        page = (path.parent / file).resolve() if file else path
        assert page.exists(), f"{name_of(path)} links to {target}"
        assert page.is_relative_to(ROOT), f"{name_of(path)} links outside the repository"
        if anchor:
            assert anchor in anchors(page), f"{name_of(path)} links to {target}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_catalogue_ids_exist(path: Path) -> None:
    text = FENCED.sub("", path.read_text(encoding="utf-8"))
    families = "|".join(sorted({*FAMILIES, r"[a-z]+(?:19|20)\d\d"}))
    for id in re.findall(rf"`((?:{families})\.[a-z]\w*)", text):
        assert id in theorem_modules(), f"{name_of(path)} mentions {id}"


def tidy(latex: str) -> str:
    """LaTeX without what does not change its meaning: thin spaces, sizes, braces around one token."""
    latex, before = re.sub(r"\\left|\\right|\\,|\s|\$", "", latex), ""
    while latex != before:
        latex, before = re.sub(r"\{(\w|\\[A-Za-z]+)\}", r"\1", latex), latex
    return latex


def tables(path: Path) -> Iterator[tuple[str, dict[str, tuple[str, ...]]]]:
    """Tables whose first head is a catalogue id: the id, and the rows by variant."""
    found = re.findall(
        r"^\| `(\w+\.\w+)` \|.*\n\|[-|: ]+\|\n((?:\|.*\n)+)", path.read_text("utf-8"), re.MULTILINE
    )
    for id, rows in found:
        cells = ([cell.strip() for cell in row.split("|")[1:-1]] for row in rows.splitlines())
        yield id, {name.strip("`"): tuple(rest) for name, *rest in cells}


FORMULAS = [
    pytest.param(id, rows, id=f"{name_of(path)}:{id}")
    for path in FILES
    for id, rows in tables(path)
]


@pytest.mark.parametrize(("id", "rows"), FORMULAS)
def test_closed_forms_in_tables_are_those_of_the_code(
    id: str, rows: dict[str, tuple[str, ...]]
) -> None:
    entry = compiled(id)
    assert list(rows) == list(entry.variants)
    for name, (written, chance, constants, *_) in rows.items():
        variant = entry.variant(name)
        assert tidy(written) == tidy(closed_form(variant).latex), name
        assert tidy(chance) == tidy(held_with(variant).latex), name
        assert constants == variant.status.value, name


def refresh(path: Path) -> None:
    """Put the present outputs into the console blocks of a page."""

    def renewed(found: re.Match[str]) -> str:
        run_it = found[1] == "console" and is_run(found[2])
        return f"```console\n{shown(found[2])}\n```" if run_it else found[0]

    path.write_text(FENCED.sub(renewed, path.read_text(encoding="utf-8")), encoding="utf-8")
