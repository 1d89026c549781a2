"""Imports run downwards only, and nothing heavy is imported before it is needed."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from files import ROOT

PACKAGE = ROOT / "boundcalc"
LAYERS = {
    "errors": 0,
    "arguments": 0,
    "conventions": 0,
    "record": 0,
    "text": 0,
    "symbolic": 1,
    "theorems": 2,
    "complexities": 2,
    "calculus": 2,
    "numeric": 3,
    "data": 3,
    "worlds": 3,
    "study": 4,
    "render": 5,
    "cli": 6,
}
# the same layer may be used sideways, except where the design forbids it
MAY_USE = {
    "arguments": {"errors"},
    "record": {"errors"},
    "data": {"numeric"},
    "worlds": {"numeric", "data"},
}
# how a record looks is decided above it: its methods ask for that by one door, when they are called
DOORS = {"record.py": {"boundcalc.render", "boundcalc.render.present"}}


def imports_of(path: Path) -> set[str]:
    return imports_in(ast.walk(ast.parse(path.read_text(encoding="utf-8"))), path)


def imports_in(nodes: Iterable[ast.AST], path: Path) -> set[str]:
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            found |= {node.module, *(f"{node.module}.{a.name}" for a in node.names)}
    return found


def layer_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "boundcalc" and len(parts) > 1 and parts[1] in LAYERS else None


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_run_downwards(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if own in ("__init__", "__main__"):
        return
    doors = DOORS.get(str(path.relative_to(PACKAGE)), set())
    loaded = imports_in(ast.parse(path.read_text(encoding="utf-8")).body, path)
    for module in imports_of(path):
        other = layer_of(module)
        if other is None or other == own or (module in doors and module not in loaded):
            continue
        assert LAYERS[other] < LAYERS[own] or other in MAY_USE.get(own, ()), (
            f"{path} imports {module}"
        )


@pytest.mark.parametrize("path", sorted((PACKAGE / "theorems").rglob("*.py")), ids=lambda p: p.stem)
def test_theorems_import_no_numerics_and_not_each_other(path: Path) -> None:
    for module in imports_of(path):
        assert module.split(".")[0] not in {"numpy", "scipy"}
        if module.startswith("boundcalc.theorems."):
            assert "._setting" in module, f"{path} imports {module}"


@pytest.mark.parametrize("path", sorted((PACKAGE / "symbolic").rglob("*.py")), ids=lambda p: p.stem)
def test_the_symbolic_layer_is_not_numeric(path: Path) -> None:
    assert not {m.split(".")[0] for m in imports_of(path)} & {"numpy", "scipy"}


def heavy_after(code: str) -> str:
    script = f"import sys\n{code}\nprint(sorted({{'sympy', 'scipy', 'numpy', 'sklearn'}} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()[-1]


def test_importing_boundcalc_is_light() -> None:
    assert heavy_after("import boundcalc") == "[]"


@pytest.mark.parametrize(
    "arguments", [["--help"], ["eval", "--help"], ["derive", "--help"], ["--version"]]
)
def test_help_is_light(arguments: list[str]) -> None:
    code = f"sys.argv = ['boundcalc', *{arguments!r}]\nfrom boundcalc.cli.app import main\ntry: main()\nexcept SystemExit: pass"
    assert heavy_after(code) == "[]"


@pytest.mark.parametrize("typed", ["verify ", "estimate data.npz --class "])
def test_ids_and_classes_are_completed_without_anything_heavy(typed: str) -> None:
    asked = {"COMP_WORDS": f"boundcalc {typed}", "COMP_CWORD": str(typed.count(" ") + 1)}
    code = (
        f"import os; os.environ |= {asked!r} | {{'_BOUNDCALC_COMPLETE': 'complete_bash'}}\n"
        "sys.argv = ['boundcalc']\nfrom boundcalc.cli.app import main\ntry: main()\nexcept SystemExit: pass"
    )
    assert heavy_after(code) == "[]"


def test_user_text_is_never_run() -> None:
    """No eval, exec, sympify or unpickling anywhere in the package."""
    banned = {"eval", "exec", "sympify", "parse_expr", "compile", "__import__"}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                bare = isinstance(node.func, ast.Name)
                name = (
                    node.func.id
                    if isinstance(node.func, ast.Name)
                    else getattr(node.func, "attr", "")
                )
                # re.compile is harmless, the builtin is not
                assert name not in (banned if bare else banned - {"compile"}), (
                    f"{path}:{node.lineno}: {name}"
                )
                pickled = [k for k in node.keywords if k.arg == "allow_pickle"]
                assert all(
                    isinstance(k.value, ast.Constant) and k.value.value is False for k in pickled
                ), path


def test_no_two_classes_share_a_name() -> None:
    """But for two public names of `boundcalc.worlds`, older than those inside the package."""
    found = Counter(
        node.name
        for path in PACKAGE.rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert {name for name, times in found.items() if times > 1} == {"Table", "Verdict"}


# what is looked up and what makes it; what a lemma refuses and what is asked in public
SHARED_FUNCTIONS = {"theorem", "complexity_class", "given", "verify", "nonnegative", "main", "run"}
SHARED_FILES = {"complexity", "linear"}


def named_by_folder(path: Path) -> bool:
    """Whether a file is named as a verb, a record or an id: `docs/architecture.md` says where."""
    return path.relative_to(PACKAGE).parts[0] in ("cli", "render", "theorems", "complexities")


def test_no_two_functions_share_a_name() -> None:
    """But for those of theorems and classes, which are steps of a proof."""
    found = Counter(
        node.name
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0] not in ("theorems", "complexities")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    )
    assert {name for name, times in found.items() if times > 1} == SHARED_FUNCTIONS


def test_no_two_files_share_a_name() -> None:
    found = Counter(path.stem for path in FILES if not named_by_folder(path))
    del found["__init__"]
    assert {name for name, times in found.items() if times > 1} == SHARED_FILES
