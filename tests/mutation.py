"""Make the package wrong in one place at a time, and see whether the tests notice.

``python tests/mutation.py [--sample N] [--seed S] [--log FILE] [FILE …]`` changes constants, signs, operators
and comparisons in lemmas, theorems, complexities and the numeric layer, each in a copy of the package, runs tests
that run the changed line, and prints the share that was killed and every survivor. Which tests run which line
is measured once (`build/lines`, `build/tests.xml`; --measure does it anew). Tests that killed another mutant of
the file come first, then the quickest. With --log what was found is kept: the next run goes on from there.
"""

from __future__ import annotations

import argparse
import ast
import fnmatch
import gc
import itertools
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib import import_module
from inspect import CO_OPTIMIZED
from math import ceil
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any
from xml.etree import ElementTree

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "boundcalc"
LEMMAS = "laws/test_constants.py laws/test_side_conditions.py unit/symbolic/test_prove_lemmas.py oracles/test_lemmas.py "
VALUES = (
    "oracles/test_reference_values.py unit/complexities/test_complexities.py laws/test_catalogue.py"
)
NEAREST = {
    "symbolic/lemmas/composition.py": f"unit/calculus {LEMMAS} {VALUES}",
    "symbolic/lemmas/*": f"{LEMMAS} unit/symbolic/test_learners_and_views.py laws/test_trusted_base.py {VALUES}",
    "theorems/*": f"laws/test_theorems.py {VALUES} laws/test_trusted_base.py",
    "complexities/*": f"unit/complexities {VALUES}",
    "numeric/decide/*": "",
    "numeric/prove/*": "",
    "numeric/*": "",
}
"""Groups of files, and the tests of a line that runs once, where the package is loaded."""
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
SOUND = Path(__file__).with_name("sound_mutants.toml")
"""Mutants that are right as well, by their file, line and changes, and why; they are not tried."""
BROKEN = "not a test:"
LINES, TIMES = ROOT / "build" / "lines", ROOT / "build" / "tests.xml"
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


def sound() -> dict[tuple[str, str, str], int]:
    """The file, the line and the change of each mutant that is right as well; none was seen yet."""
    listed = tomllib.loads(SOUND.read_text(encoding="utf-8"))
    return {
        (file, entry["line"], change): 0
        for file, entries in listed.items()
        for entry in entries
        for change in entry["changes"]
    }


def mutants(path: Path, right: dict[tuple[str, str, str], int]) -> Iterator[str]:
    """The name of each mutant of a file: where and what; those that are right are counted."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for name, _ in named(path):
        where, at, what = name.split(":", 2)
        here = (where, lines[int(at) - 1].strip(), what.strip())
        if here in right:
            right[here] += 1
        else:
            yield name


def named(path: Path) -> Iterator[tuple[str, ast.Module]]:
    """The name of each mutant of a file, and its tree until the next one is made."""
    tree, seen = ast.parse(path.read_text(encoding="utf-8")), Counter[str]()
    for line, what in changes(tree):
        name = f"{path.relative_to(PACKAGE).as_posix()}:{line}: {what}"
        seen[name] += 1
        yield name + (f" ({seen[name]})" if seen[name] > 1 else ""), tree


def made(path: Path, name: str) -> ast.Module:
    """The tree of a file with one change, or with none for no name."""
    for found, tree in named(path):
        if found == name:
            return tree
    return ast.parse(path.read_text(encoding="utf-8"))


def changed(path: Path, tree: ast.Module) -> tuple[dict[tuple[str, int], CodeType], bool]:
    """The code that a change is in, by name and line; and whether none of it runs on loading."""
    new: dict[tuple[str, int], CodeType] = {}
    inside = False

    def walk(before: CodeType, after: CodeType, within: bool) -> None:
        nonlocal inside
        if before != after:
            within = within or bool(before.co_flags & CO_OPTIMIZED and "<" not in before.co_name)
            inside = within
            new[before.co_qualname, before.co_firstlineno] = after
            for one, other in zip(before.co_consts, after.co_consts, strict=False):
                if isinstance(one, CodeType) and isinstance(other, CodeType):
                    walk(one, other, within)

    plain = compile(made(path, ""), str(path), "exec")
    walk(plain, compile(tree, str(path), "exec"), False)
    return new, inside


def pattern(path: Path, groups: Iterable[str] = NEAREST) -> str:
    """The group of files that a file is of."""
    name = path.relative_to(PACKAGE).as_posix()
    return next(place for place in groups if fnmatch.fnmatch(name, place))


class Measured:
    """Which tests run which lines of the package, and how long each takes."""

    def __init__(self, anew: bool) -> None:
        from coverage import CoverageData

        if anew or not (LINES.exists() and TIMES.exists()):
            options = f"-n2|--dist|worksteal|-m|not long|--junitxml={TIMES}"
            options += "|--cov=boundcalc|--cov-context=test|--cov-report="
            command = [sys.executable, "-m", "pytest", *options.split("|")]
            subprocess.run(command, cwd=ROOT, env=os.environ | {"COVERAGE_FILE": str(LINES)})
        self.known = dict[Path, dict[int, list[str]]]()
        self.data = CoverageData(str(LINES))
        self.data.read()
        self.files = {name.rpartition("boundcalc/")[2]: name for name in self.data.measured_files()}
        self.times = {
            f"{case.get('classname')}.{case.get('name')}": float(case.get("time", 0))
            for case in ElementTree.parse(TIMES).iter("testcase")
        }

    def time(self, test: str) -> float:
        """The seconds that a test takes, as far as they are known."""
        name = test.replace(".py::", ".").replace("::", ".").replace("/", ".")
        return max(self.times.get(name, 1.0), 0.05)

    def cost(self, test: str) -> tuple[bool, float]:
        """What orders tests: whole commands come after what tests a part, quick ones first."""
        return test.startswith(("tests/cli", "tests/docs")), self.time(test)

    def lines(self, path: Path) -> dict[int, list[str]]:
        """The tests that run each line of a file, in their order."""
        if path not in self.known:
            self.known[path] = self._lines(path)
        return self.known[path]

    def _lines(self, path: Path) -> dict[int, list[str]]:
        name = path.relative_to(PACKAGE).as_posix()
        found = self.data.contexts_by_lineno(self.files.get(name, name))
        tests = {at: {one.partition("|")[0] for one in every if one} for at, every in found.items()}
        return {at: sorted(every, key=self.cost) for at, every in tests.items()}

    def tests(self, path: Path, line: int, seconds: float) -> list[str]:
        """The tests that run a line, as many as there is time for; then those that are near to it."""
        lines, nearest = self.lines(path), NEAREST[pattern(path)].split()
        first = max((at for at in lines if at <= line), default=0)  # of the statement
        names = lines.get(first) or sorted(set().union(*lines.values()), key=self.cost)
        spent = itertools.accumulate(map(self.time, names))
        fit = [name for name, until in zip(names, spent, strict=True) if until < seconds]
        return fit + [f"tests/{name}" for name in nearest]


def quick_options() -> list[str]:
    """How pytest is called, whichever tests are run."""
    from hypothesis import HealthCheck, Phase, settings

    settings.register_profile(  # it is enough that an example fails, however large it is
        "mutants",
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    options = ["-n0", "-q", "--tb=no", "-p", "no:cacheprovider", "-m", "not long"]
    options.append("--hypothesis-profile=mutants")
    return [*options, "-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning"]


class Session:
    """Tests that are collected once, and run for one mutant after the other; a plugin of pytest.

    A function that is changed gets its new code in a copy of the process. What is changed where a
    module is loaded needs a process in which nothing of the package is loaded yet.
    """

    def __init__(self, work: Callable[[Session], None]) -> None:
        self.work, self.failed = work, ""
        self.items, self.functions = dict[str, Any](), defaultdict[str, list[FunctionType]](list)

    def pytest_runtestloop(self, session: Any) -> bool:
        """Run them as often as there are mutants."""
        for path in sorted((PACKAGE / "numeric").rglob("*.py")):  # some are imported by a test only
            import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        self.items = {item.nodeid: item for item in session.items}
        for found in gc.get_objects():
            if isinstance(found, FunctionType):
                self.functions[found.__code__.co_filename].append(found)
        gc.freeze()
        self.work(self)
        return True

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Keep the name of the one that failed."""
        if report.failed:
            self.failed = report.nodeid

    pytest_collectreport = pytest_runtest_logreport

    def chosen(self, tests: list[str]) -> list[Any]:
        """The tests of these names, or of files or folders of these names."""
        whole = tuple(name for name in tests if "::" not in name)
        names = [*tests, *(name for name in self.items if whole and name.startswith(whole))]
        return [self.items[name] for name in dict.fromkeys(names) if name in self.items]

    def first_failure(self, path: Path, tree: ast.Module, tests: list[str]) -> str:
        """The first of some tests that fails for a mutant; no other can be tried afterwards."""
        new, _ = changed(path, tree)
        for function in self.functions[str(path)]:
            code = function.__code__
            function.__code__ = new.get((code.co_qualname, code.co_firstlineno), code)
        items = self.chosen(tests)
        for item, following in itertools.zip_longest(items, items[1:]):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                break
        return self.failed


def first_failure(folder: Path, path: Path, tree: ast.Module, tests: list[str]) -> str:
    """The first of some tests that fails with a mutant in a copy of the package."""
    import pytest

    place = folder / "boundcalc" / path.relative_to(PACKAGE)
    before, times = place.read_bytes(), place.stat()
    place.write_text(ast.unparse(tree), encoding="utf-8")
    sys.path.insert(0, str(folder))
    os.environ["PYTHONPATH"] = str(folder)
    os.chdir(ROOT)

    def run(session: Session) -> None:
        items = session.chosen(tests)
        for item, following in itertools.zip_longest(items, items[1:]):
            if not session.failed:
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)

    seen = Session(run)
    files = dict.fromkeys(test.partition("::")[0] for test in tests)
    code = pytest.main([*quick_options(), *files], plugins=[seen])
    place.write_bytes(before)
    os.utime(place, ns=(times.st_atime_ns, times.st_mtime_ns))
    return seen.failed or ("" if code == pytest.ExitCode.OK else f"pytest ended with {code}")


def killer(folder: Path, run: Callable[[], str], limit: float) -> str:
    """What a copy of the process answers, or that it took too long or ended otherwise."""
    answer = folder / "answer"
    answer.write_text("the process ended", encoding="utf-8")
    child = os.fork()
    if child == 0:
        os.setpgrp()  # a session of its own would have a priority of its own
        resource.setrlimit(resource.RLIMIT_CPU, (ceil(limit), ceil(limit)))
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nothing, stream)
        try:
            with tempfile.TemporaryDirectory(dir=folder) as cache:
                os.environ["XDG_CACHE_HOME"] = cache
                answer.write_text(run(), encoding="utf-8")
        except BaseException as error:
            answer.write_text(f"{BROKEN} {error!r}", encoding="utf-8")
        finally:
            os._exit(0)
    ended, deadline = 0, time.monotonic() + 10 * limit
    while not ended and time.monotonic() < deadline:
        ended = os.waitpid(child, os.WNOHANG)[0]
        time.sleep(0.02)
    if not ended:
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
    found = answer.read_text(encoding="utf-8")
    if found.startswith(BROKEN):
        raise RuntimeError(found)
    return found


class Trial:
    """Mutants, the tests that killed them, and a file that keeps what was found."""

    def __init__(self, folder: Path, measured: Measured, asked: argparse.Namespace) -> None:
        self.folder, self.measured, self.asked = folder, measured, asked
        log = asked.log
        self.done = dict[str, str]()
        self.killers: defaultdict[Path, Counter[str]] = defaultdict(Counter)
        self.sound, self.unfit = set[tuple[Path, str]](), set[str]()
        if log and log.exists():
            self.done = dict(map(json.loads, log.read_text(encoding="utf-8").splitlines()))

    def tests(self, path: Path, name: str) -> list[str]:
        """The tests for a mutant, those first that killed others of its file."""
        line = int(name.split(":")[1])
        tests = self.asked.tests or self.measured.tests(path, line, self.asked.seconds)
        kills = {one: n for one, n in self.killers[path].items() if one in set(tests)}
        known = sorted(kills, key=lambda one: -kills[one] / self.measured.time(one))
        return [one for one in dict.fromkeys(known + tests) if one not in self.unfit]

    def judge(self, path: Path, name: str, session: Session | None) -> None:
        """Run tests on a mutant, in a session or with a package of its own."""
        run = session.first_failure if session else partial(first_failure, self.folder)
        while True:
            tests = self.tests(path, name)
            limit = 10 + sum(map(self.measured.time, tests))  # measured with coverage: slow
            found = killer(self.folder, partial(run, path, made(path, name), tests), limit)
            if "::" not in found or (path, found) in self.sound:
                break
            if not killer(self.folder, partial(run, path, made(path, ""), [found]), limit):
                self.sound.add((path, found))
                break
            self.unfit.add(found)  # it fails in any copy of the package
        self.done[name] = found
        self.killers[path][found] += 1
        if self.asked.log:
            with self.asked.log.open("a", encoding="utf-8") as log:
                log.write(json.dumps([name, found]) + "\n")


def main() -> int:
    """Print the share of mutants that were killed, and the others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", help="or FILE:LINE; default: all of them")
    parser.add_argument("--sample", type=int, default=0, help="so many mutants, drawn at random")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--log", type=Path, help="what was found, kept from run to run")
    parser.add_argument("--tests", nargs="+", metavar="TEST", help="those alone: files or tests")
    parser.add_argument("--seconds", type=float, default=60, help="that the tests of one may take")
    parser.add_argument("--again", action="store_true", help="try those that survived once more")
    parser.add_argument("--measure", action="store_true", help="anew, which tests run which lines")
    asked = parser.parse_args()
    roots = [PACKAGE / place.partition("/*")[0] for place in NEAREST if place.endswith("/*")]
    paths = list(dict.fromkeys(path for root in roots for path in sorted(root.rglob("*.py"))))
    right = sound()
    if asked.files:
        files = [name.partition(":")[0] for name in asked.files]
        paths = [path for path in paths if any(one in path.as_posix() for one in files)]
    found = [
        (path, name)
        for path in paths
        for name in mutants(path, right)
        if not asked.files or any(one in name for one in asked.files)
    ]
    read = {path.relative_to(PACKAGE).as_posix() for path in paths}
    gone = [place for place, seen in right.items() if not seen and place[0] in read]
    for file, line, change in gone:
        print(f"listed as right, but not there: {file}: {line}: {change}")
    chosen = random.Random(asked.seed).sample(found, asked.sample) if asked.sample else found
    chosen.sort(key=lambda one: one[0])  # what killed one mutant of a file often kills the next
    measured = Measured(asked.measure)
    for name in HEAVY.split():
        import_module(name)
    import pytest

    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    sys.dont_write_bytecode = True
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(PACKAGE, Path(folder, "boundcalc"))
        os.environ["XDG_CACHE_HOME"] = str(Path(folder, "cache"))
        trial = Trial(Path(folder), measured, asked)
        quick, slow = list[tuple[Path, str]](), list[tuple[Path, str]]()
        for path, name in chosen:
            if name not in trial.done or (asked.again and not trial.done[name]):
                # the catalogue is built of the symbolic part when it is loaded
                later = path.is_relative_to(PACKAGE / "numeric")
                later = later and changed(path, made(path, name))[1]
                (quick if later else slow).append((path, name))

        def work(session: Session) -> None:
            for path, name in quick:
                trial.judge(path, name, session)

        for path, name in slow:
            trial.judge(path, name, None)
        files = {test.partition("::")[0] for one in quick for test in trial.tests(*one)}
        if files:
            pytest.main([*quick_options(), *sorted(files)], plugins=[Session(work)])
    dead, tried = Counter[str](), Counter[str]()
    for path, name in chosen:
        tried[pattern(path)] += 1
        dead[pattern(path)] += bool(trial.done[name])
        if not trial.done[name]:
            print(f"survives: {name}")
    print(
        f"{len(found):,} mutants, {tried.total():,} tried; {sum(right.values())} others are right"
    )
    for place, count in tried.items():
        print(f"{place}: {dead[place]} of {count} killed")
    return int(dead != tried or bool(gone))


if __name__ == "__main__":
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[threads] = "1"
    sys.exit(main())
