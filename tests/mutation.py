"""Make the package wrong in one place at a time, and see whether the tests notice.

``python tests/mutation.py [--sample N] [--seed S] [--log FILE] [FILE …]`` changes constants, signs, operators
and comparisons in lemmas, theorems, complexities and the numeric layer, each in a copy of the package, runs the
tests that are nearest to the file, and prints the share that was killed and every survivor. Tests that killed
another mutant of the file come first. With --log what was found is kept: the next run goes on from there.
"""

from __future__ import annotations

import argparse
import ast
import fnmatch
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "boundcalc"
LEMMAS = "laws/test_constants.py laws/test_side_conditions.py unit/symbolic/test_prove_lemmas.py oracles/test_lemmas.py "
VALUES = (
    "oracles/test_reference_values.py unit/complexities/test_complexities.py laws/test_catalogue.py"
)
LIMITS = "oracles/test_enclosure.py laws/test_limits.py oracles/test_outward.py oracles/test_fast_paths.py"
NEAREST = {
    "symbolic/lemmas/composition.py": f"unit/calculus {LEMMAS} {VALUES}",
    "symbolic/lemmas/*": f"{LEMMAS} unit/symbolic/test_learners_and_views.py laws/test_trusted_base.py {VALUES}",
    "theorems/*": f"laws/test_side_conditions.py {VALUES} laws/test_trusted_base.py",
    "complexities/*": f"unit/complexities {VALUES}",
    "numeric/special.py": f"{LIMITS} oracles/test_exact.py",
    "numeric/solve.py": "unit/numeric/test_solve.py oracles/test_exact.py",
    "numeric/problem.py": "unit/numeric/test_solve.py oracles/test_exact.py",
    "numeric/decide/*": "bad_input/test_losses_that_decide.py bad_input/test_certify_input.py "
    "unit/numeric/test_decide.py unit/numeric/test_certify.py",
    "numeric/prove/*": "unit/numeric/test_prove.py unit/numeric/test_prove_catalogue.py "
    "oracles/test_prove_random.py oracles/test_prove_scales.py unit/study/test_prove_study.py",
    "numeric/*": f"unit/numeric oracles/test_exact.py oracles/test_tape.py {LIMITS} bad_input",
}
"""Which tests are near to a file: those of the first pattern that fits."""
FURTHER = {
    "symbolic/*": "worlds/test_verify.py unit/symbolic bad_input/test_refusals.py oracles/test_mutation.py",
    "theorems/*": "laws worlds/test_verify.py oracles/test_mutation.py",
    "complexities/*": "laws unit/study/test_study_classes.py unit/calculus",
    "numeric/*": "laws/test_one_rule.py laws cli/test_snapshots.py unit/study",
}
"""Those of the whole suite that take longer, for the few that survive."""
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
SOUND = {
    (
        "symbolic/lemmas/covering.py",
        "closed = 12 * root * (1 + log(Largest(Integer(1), m / ((12 if centred else 3) * root)))) / m",
        "1 → 2 (2)",
    ): "where that ratio is below 2 the whole is above 1/2, which is taken instead",
    (
        "symbolic/lemmas/concentration.py",
        "moves[sample] = moves.get(sample, S.Zero) + abs(weight) * width",
        "Add → Sub",
    ): "only the squares of the widths are used, and every width gets the sign",
    (
        "theorems/classic/mutual_information.py",
        'example={"m": 10_000, "loss_bound": 1, "mutual_information": 2},',
        "2 → 4",
    ): "an example of another number is as good",
    (
        "theorems/lu2023/separation.py",
        'example={"n": 100, "m": 20_000},',
        "20000 → 40000",
    ): "an example of another number is as good",
}
"""Mutants that are right as well, by their file, line and change, and why; they are not tried."""
BROKEN = "not a test:"
LIMIT = 240  # seconds of the processor for the tests of one mutant
HEAVY = "numpy scipy.optimize scipy.special scipy.stats scipy.sparse sympy mpmath hypothesis typer rich.console pytest"


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
    text = path.read_text(encoding="utf-8")
    tree, lines, where = ast.parse(text), text.splitlines(), path.relative_to(PACKAGE).as_posix()
    seen = Counter[str]()
    for line, what in changes(tree):
        name = f"{where}:{line}: {what}"
        seen[name] += 1
        again = f" ({seen[name]})" if seen[name] > 1 else ""
        if (where, lines[line - 1].strip(), what + again) not in SOUND:
            yield name + again, ast.unparse(tree)


def plain(path: Path) -> str:
    """The text of a file as that of its mutants is written."""
    return ast.unparse(ast.parse(path.read_text(encoding="utf-8")))


def pattern(path: Path, groups: Iterable[str] = NEAREST) -> str:
    """The group of files that a file is of."""
    name = path.relative_to(PACKAGE).as_posix()
    return next(place for place in groups if fnmatch.fnmatch(name, place))


class FirstFailure:
    """The test that failed; a plugin of pytest."""

    name = ""

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Keep its name."""
        if report.failed:
            self.name = report.nodeid

    def pytest_collectreport(self, report: Any) -> None:
        """A module that cannot be imported is a failure too."""
        if report.failed:
            self.name = report.nodeid


def first_failure(folder: Path, tests: list[str]) -> str:
    """Run tests one file after the other, with the package of a folder: the first that fails."""
    import pytest

    sys.path.insert(0, str(folder))
    os.environ["PYTHONPATH"] = str(folder)
    os.chdir(ROOT)
    for name in tests:
        seen = FirstFailure()
        options = ["-x", "-n0", "-q", "-p", "no:cacheprovider", "-m", "not long"]
        options += ["-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning"]
        code = pytest.main([*options, f"tests/{name}"], plugins=[seen])
        if code == pytest.ExitCode.USAGE_ERROR and "::" in name:
            continue  # the test is not there where less is collected
        if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            return seen.name.removeprefix("tests/") or name
    return ""


def killer(folder: Path, path: Path, text: str, tests: list[str]) -> str:
    """What kills a mutant: a test, or the time that it takes; empty where it survives."""
    place = folder / "boundcalc" / path.relative_to(PACKAGE)
    before, times = place.read_bytes(), place.stat()
    place.write_text(text, encoding="utf-8")
    answer = folder / "answer"
    answer.write_text("the process ended", encoding="utf-8")
    child = os.fork()
    if child == 0:
        os.setpgrp()  # a session of its own would have a priority of its own
        resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT))
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nothing, stream)
        try:
            answer.write_text(first_failure(folder, tests), encoding="utf-8")
        except BaseException as error:
            answer.write_text(f"{BROKEN} {error!r}", encoding="utf-8")
        finally:
            os._exit(0)
    ended, deadline = 0, time.monotonic() + 10 * LIMIT
    while not ended and time.monotonic() < deadline:
        ended = os.waitpid(child, os.WNOHANG)[0]
        time.sleep(0.02)
    if not ended:
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
    place.write_bytes(before)
    os.utime(place, ns=(times.st_atime_ns, times.st_mtime_ns))
    found = answer.read_text(encoding="utf-8")
    if found.startswith(BROKEN):
        raise RuntimeError(found)
    return found


class Trial:
    """Mutants, the tests that killed them, and a file that keeps what was found."""

    def __init__(self, folder: Path, log: Path | None) -> None:
        self.folder, self.log, self.done = folder, log, dict[str, str]()
        self.killers: defaultdict[Path, Counter[str]] = defaultdict(Counter)
        self.sound: set[tuple[str, ...]] = set()
        if log and log.exists():
            self.done = dict(map(json.loads, log.read_text(encoding="utf-8").splitlines()))

    def judge(self, path: Path, name: str, text: str, tests: list[str]) -> None:
        """Run tests on a mutant, those first that killed others of its file."""
        if tuple(tests) not in self.sound:
            if wrong := killer(self.folder, path, plain(path), tests):
                raise RuntimeError(f"{wrong} fails where nothing is changed")
            self.sound.add(tuple(tests))
        known = [test for test, _ in self.killers[path].most_common(6) if "::" in test]
        self.done[name] = found = killer(self.folder, path, text, [*known, *tests])
        self.killers[path][found] += 1
        if self.log:
            with self.log.open("a", encoding="utf-8") as log:
                log.write(json.dumps([name, found]) + "\n")


def main() -> int:
    """Print the share of mutants that were killed, and the others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", help="within the package; default: all of them")
    parser.add_argument("--sample", type=int, default=0, help="so many mutants, drawn at random")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--log", type=Path, help="what was found, kept from run to run")
    parser.add_argument("--near", action="store_true", help="the nearest tests only")
    asked = parser.parse_args()
    roots = [PACKAGE / place.partition("/*")[0] for place in NEAREST if place.endswith("/*")]
    paths = dict.fromkeys(path for root in roots for path in sorted(root.rglob("*.py")))
    found = [
        (path, name, text)
        for path in paths
        if not asked.files or any(one in path.as_posix() for one in asked.files)
        for name, text in mutants(path)
    ]
    chosen = random.Random(asked.seed).sample(found, asked.sample) if asked.sample else found
    chosen.sort(key=lambda one: one[0])  # what killed one mutant of a file often kills the next
    for name in HEAVY.split():
        import_module(name)
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    sys.dont_write_bytecode = True
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(PACKAGE, Path(folder, "boundcalc"))
        os.environ["XDG_CACHE_HOME"] = str(Path(folder, "cache"))
        trial = Trial(Path(folder), asked.log)
        for path, name, text in chosen:
            if name not in trial.done:
                trial.judge(path, name, text, NEAREST[pattern(path)].split())
        for path, name, text in chosen:
            if not trial.done[name] and not asked.near:
                trial.judge(path, name, text, FURTHER[pattern(path, FURTHER)].split())
    dead, tried = Counter[str](), Counter[str]()
    for path, name, _ in chosen:
        tried[pattern(path)] += 1
        dead[pattern(path)] += bool(trial.done[name])
        if not trial.done[name]:
            print(f"survives: {name}")
    print(f"{len(found):,} mutants, {tried.total():,} tried")
    for place, count in tried.items():
        print(f"{place}: {dead[place]} of {count} killed")
    return int(dead != tried)


if __name__ == "__main__":
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[threads] = "1"
    sys.exit(main())
