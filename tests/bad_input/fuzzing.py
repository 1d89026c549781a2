"""Inputs of every kind, built by their structure and then spoiled; what boundcalc may answer to them.

``python tests/bad_input/fuzzing.py SECONDS`` tries as many as it can and counts the distinct failures.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import io
import json
import os
import re
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import typer.main
from hypothesis import HealthCheck, Phase, given, seed, settings
from spellings import Case, Line
from spoiling import KINDS, PAIRS

import boundcalc as bc
from boundcalc.cli.app import main
from boundcalc.errors import BoundcalcError
from boundcalc.record import as_json

PATIENCE = 10  # seconds of the processor, so that a busy machine is no fault
HANGS = 120  # seconds by the clock
MOST_MEMORY = 2**30
_SAYS = re.compile(r"Error: [^\x00-\x1f\u202a-\u202e\u2066-\u2069]{1,600}\n")
_NOTES = re.compile(r"(Note: .*\n)*")

# --- what may be answered ---------------------------------------------------------------------------

_built = functools.cache(typer.main.get_command)  # which takes longer than most answers


LONGEST: dict[str, Any] = {"seconds": 0.0, "files": {}, "line": ()}
"""The answer that took longest so far."""


class TooSlow(BaseException):
    """An answer that took longer than `PATIENCE`."""


def _late(*_: Any) -> None:
    raise TooSlow


class Answer(NamedTuple):
    """What came of one input."""

    code: Any
    out: str = ""
    err: str = ""
    fault: str = ""


def answered(files: dict[str, bytes], line: Line) -> Answer:
    """Run a command line, or what it says in Python, in a folder with these files."""
    out, err = io.StringIO(), io.StringIO()
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            Path(folder, name).write_bytes(content)
        os.chdir(folder)
        signal.signal(signal.SIGALRM, _late)
        signal.signal(signal.SIGPROF, _late)
        signal.alarm(HANGS)
        signal.setitimer(signal.ITIMER_PROF, PATIENCE)
        code: Any = "no exit code"
        held, began = _peak(anew=True), time.process_time()
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                _call(*line[1:]) if line[0] == "in Python" else _command(line)
        except SystemExit as stop:
            code = stop.code or 0
        except TooSlow:
            return Answer(code, fault=f"more than {PATIENCE} s: {line[0]}")
        except BaseException as error:
            return Answer(code, fault=_at(traceback.format_exception(error)))
        finally:
            signal.alarm(0)
            signal.setitimer(signal.ITIMER_PROF, 0)
            os.chdir(before)
            if (took := time.process_time() - began) > LONGEST["seconds"]:
                LONGEST.update(seconds=took, files=files, line=line)
    more = _peak() - held
    fault = f"more than 1 GB: {line[0]}" if more > MOST_MEMORY else ""
    return Answer(code, out.getvalue(), err.getvalue(), fault)


def _command(line: Line) -> None:
    with (
        mock.patch.object(sys, "argv", ["boundcalc", *line, "--debug"]),
        mock.patch("typer.main.get_command", _built),
    ):
        main()


def _call(verb: str, arguments: str) -> None:
    """A function of the package with arguments as JSON; those with blank names have a place."""
    given = json.loads(arguments)
    placed = [given.pop(name) for name in [*given] if not name.strip() or name == "id"]
    asked = getattr(bc, verb)
    try:
        inspect.signature(asked).bind(*placed, **given)
    except TypeError:  # Python's own words for an argument that is left out or unknown
        sys.exit(0)
    try:
        found = asked(*placed, **given)
    except BoundcalcError as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(2)
    print(as_json(found.to_dict()))
    sys.exit(0)


def _peak(*, anew: bool = False) -> int:
    """The most memory that was held since it was last asked `anew`, in bytes; 0 where unknown."""
    try:
        if anew:
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        said = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    return int(said.partition("VmHWM:")[2].split()[0]) * 1024


def objection(files: dict[str, bytes], line: Line) -> str:
    """What is wrong with the answer; empty where nothing is."""
    code, out, said, fault = answered(files, line)
    if fault:
        return fault
    if code == 2:
        kept = said[said.rfind("Error: ") :] if "Traceback" in said else said
        fine = _SAYS.fullmatch(_NOTES.sub("", kept, count=1)) and not out
        return "" if fine else f"a refusal that is not one line: {line[0]}: {kept[:150]!r}"
    if code not in (0, 1):
        return _at(said.splitlines())
    return ""


def difference(first: Case, second: Case) -> str:
    """What is wrong with two spellings of one input; empty where nothing is."""
    one, two = answered(*first), answered(*second)
    if one.fault or two.fault:
        return one.fault or two.fault
    how = f"two spellings differ: {first[1][0]}, {' '.join(second[1][:1])}"
    if one.code != two.code:
        return f"{how}: {one.code} and {two.code}: {(one.err or two.err)[-150:]!r}"
    if one.code in (0, 1) and (place := _differs(_values(one.out), _values(two.out))):
        return f"{how}: {place}"
    return ""


def _values(out: str) -> Any:
    """The answer, without the ending of the file that it is about."""
    return json.loads(re.sub(r"\b([a-z])\.(csv|npz|npy|txt|parquet)\b", r"\1", out))


def _differs(one: Any, two: Any, at: str = "") -> str:
    """The first place where two answers are not the same; empty where there is none."""
    if isinstance(one, dict) and isinstance(two, dict) and one.keys() == two.keys():
        # the line of a fact is part of its spelling
        found = (_differs(one[k], two[k], f"{at}.{k}") for k in one if k != "place")
    elif isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        found = (_differs(a, b, f"{at}[]") for a, b in zip(one, two, strict=True))
    else:
        return "" if one == two else f"{at}: {str(one)[:40]} and {str(two)[:40]}"
    return next(filter(None, found), "")


def _at(trace: list[str]) -> str:
    """The error and the place in the package that it comes from."""
    found = [line for line in "".join(f"{t}\n" for t in trace).splitlines() if line.strip()]
    ours = [
        line.strip() for line in found if "/boundcalc/" in line and line.strip().startswith("File")
    ]
    place = re.sub(r'.*/boundcalc/(.*)", line (\d+).*', r"\1:\2", ours[-1]) if ours else "?"
    named = [line for line in found if re.match(r"\w*(Error|Warning|Exception)\b", line)]
    return f"{place}: {(named or found or ['?'])[-1][:100]}"


def tried(kind: str, count: int, number: int, fail: Callable[[str, Any], None]) -> int:
    """Try so many inputs of a kind, the same ones for the same number."""
    done = 0

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        derandomize=False,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given({**KINDS, **PAIRS}[kind])
    def each(case: Any) -> None:
        nonlocal done
        done += 1
        if found := (objection if kind in KINDS else difference)(*case):
            fail(found, case)

    each()
    return done


def fuzz(seconds: float, first: int = 0) -> Counter[str]:
    """Try inputs of all kinds, and print how many there were and what they ended in."""
    ends, number, done = time.monotonic() + seconds, first, Counter[str]()
    failures = Counter[str]()

    def fail(found: str, case: Any) -> None:
        failures[found] += 1
        if failures[found] == 1:
            print(f"{found}\n  {case}", flush=True)

    while time.monotonic() < ends:
        for kind in (*KINDS, *PAIRS):
            done[kind] += tried(kind, 50, number, fail)
        number += 1
    print(f"{done.total():,} inputs: " + ", ".join(f"{n:,} {kind}" for kind, n in done.items()))
    print(f"{len(failures)} distinct failures; the slowest answer took {LONGEST['seconds']:.1f} s")
    print(f"  {(LONGEST['files'], LONGEST['line'])}")
    return failures


if __name__ == "__main__":
    sys.exit(1 if fuzz(float(sys.argv[1]), *map(int, sys.argv[2:3])) else 0)
