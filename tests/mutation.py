"""Make the package wrong in one place at a time, and see whether the tests notice.

``python tests/mutation.py [--sample N] [--seed S] [FILE …]`` changes constants, signs, operators and comparisons in
lemmas, theorems, complexities, decisions and numeric inverses, each in a copy of the package, runs the tests that
are nearest to the file, and prints the share that was killed and every survivor.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "boundcalc"
NEAREST = {
    "symbolic/lemmas": "oracles/test_lemmas.py unit/symbolic/test_prove_lemmas.py bad_input/test_refusals.py",
    "theorems": "laws/test_constants.py oracles/test_reference_values.py laws/test_catalogue.py",
    "complexities": "unit/complexities oracles/test_reference_values.py",
    "numeric/decide": "unit/numeric/test_decide.py unit/numeric/test_certify.py",
    "numeric/special.py": "oracles/test_enclosure.py laws/test_limits.py oracles/test_fast_paths.py",
}
SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
LIMIT = 300  # seconds for the tests of one mutant


def changes(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Make each change in turn, say where and what, and undo it."""
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=bool()):
                continue
            case ast.Constant(value=int() | float()):
                before = node.value
                node.value = before + 1 if before in (0, 1) else 2 * before
                yield node.lineno, f"{before} → {node.value}"
                node.value = before
            case ast.UnaryOp(op=ast.USub()):
                node.op = ast.UAdd()
                yield node.lineno, "− dropped"
                node.op = ast.USub()
            case ast.BinOp() if type(node.op) in SWAPS:
                kept = node.op
                node.op = SWAPS[type(kept)]()  # type: ignore[assignment]
                yield node.lineno, f"{type(kept).__name__} → {type(node.op).__name__}"
                node.op = kept
            case ast.Compare() if type(node.ops[0]) in SWAPS:
                first = node.ops[0]
                node.ops[0] = SWAPS[type(first)]()  # type: ignore[call-overload]
                yield node.lineno, f"{type(first).__name__} → {type(node.ops[0]).__name__}"
                node.ops[0] = first


def mutants(path: Path) -> Iterator[tuple[str, str]]:
    """The text of each mutant of a file, and what was changed."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for line, what in changes(tree):
        yield f"{path.relative_to(PACKAGE)}:{line}: {what}", ast.unparse(tree)


def killed(folder: Path, path: Path, text: str, tests: str) -> bool:
    """Whether a test fails where the package holds this text."""
    place = folder / "boundcalc" / path.relative_to(PACKAGE)
    before = place.read_text(encoding="utf-8")
    place.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-x", "-n0", "-q", "-p", "no:cacheprovider"]
    command += [str(ROOT / "tests" / name) for name in tests.split()]
    try:
        done = subprocess.run(
            [*command, "-m", "not slow", f"--rootdir={ROOT}"],
            env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=ROOT / "tests",
            capture_output=True,
            timeout=LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return True
    finally:
        place.write_text(before, encoding="utf-8")
    return done.returncode == 1 or b"error" in done.stdout.lower()


def main() -> int:
    """Print the share of mutants that were killed, and the others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", help="within the package; default: all of them")
    parser.add_argument("--sample", type=int, default=0, help="so many mutants, drawn at random")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    found = [
        (path, tests, name, text)
        for place, tests in NEAREST.items()
        for path in sorted(
            [PACKAGE / place] if place.endswith(".py") else (PACKAGE / place).rglob("*.py")
        )
        if not asked.files or any(one in str(path) for one in asked.files)
        for name, text in mutants(path)
    ]
    chosen = random.Random(asked.seed).sample(found, min(asked.sample or len(found), len(found)))
    dead, tried = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(PACKAGE, Path(folder, "boundcalc"))
        for path, tests, name, text in chosen:
            place = next(p for p in NEAREST if str(path.relative_to(PACKAGE)).startswith(p))
            tried[place] += 1
            if killed(Path(folder), path, text, tests):
                dead[place] += 1
            else:
                print(f"survives: {name}", flush=True)
    print(f"{len(found):,} mutants, {tried.total():,} tried")
    for place, count in tried.items():
        print(f"{place}: {dead[place]} of {count} killed")
    return int(dead != tried)


if __name__ == "__main__":
    sys.exit(main())
