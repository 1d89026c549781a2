"""What must not change unnoticed: JSON of every documented command, refusals, and public names.

The commands are those of the pages, and of `MORE`; each is run with ``--format json``. After an
intended change, ``python tests/renew.py snapshots`` puts the present answers into
``snapshots.json``: read the difference before you commit it.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import io
import json
import math
import shlex
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from test_docs import FILES, blocks, repository_root

import boundcalc as bc
from boundcalc.cli.app import main

STORE = Path(__file__).parent / "snapshots.json"
# takes half a minute, and says how long it took
_LEFT_OUT = {"boundcalc verify"}
_OF_THE_MOMENT = {"seconds"}
_FORMATS = {"--format", "-f", "-o", "--output"}
_T1, _HOEFFDING = "huang2021.theorem1", "holdout.hoeffding n=500 C=1 test_loss=0.1"
MORE = (
    f"eval {_T1} m=100 delta=0.05",
    f"eval {_T1} m=1e400 delta=0.05 L=1 C=1 R=0.5 gamma=0",
    f"eval {_T1} m=100 delta=0.05 L=-1 C=1 R=0.5 gamma=0",
    f"eval {_T1} m=0 delta=0.05 L=1 C=1 R=0.5 gamma=0",
    f"eval {_T1} m=x delta=0.05 L=1 C=1 R=0.5 gamma=0",
    f"eval {_T1} m=nan delta=0.05 L=1 C=1 R=0.5 gamma=0",
    f"eval {_T1} m 100",
    f"eval {_T1} variant=sharp",
    f"eval {_HOEFFDING} delta=0.05",
    f"eval {_HOEFFDING} delta=0",
    f"eval {_HOEFFDING} delta=0.05 n=5",
    f"eval {_HOEFFDING} delta=0,05",
    f"eval {_HOEFFDING} delta=1/20",
    "eval holdout.kl n=100 test_loss=1.5 delta=0.05",
    "eval holdout.clopper_pearson n=100 errors=101 delta=0.05",
    "eval lu2023.improvement n=10 m=100 L=1",
    f"solve {_T1} --for gamma --target 0.1 m=100 delta=0.05 L=1 C=1 R=0.01",
    f"solve {_T1} --for nothing --target 0.1",
    "solve holdout.hoeffding --for n --target 0.05 delta=0.05 C=1 test_loss=0.1",
    "sweep holdout.hoeffding --vary n=100:10:5 delta=0.05 C=1 test_loss=0.2",
    "sweep holdout.hoeffding --vary n=100 delta=0.05 C=1 test_loss=0.2",
    "plan lu2023.multimodal --target 0.1",
    "crossover holdout.hoeffding holdout.kl --in m",
    "rates holdout.kl",
    "show lu2023.separation",
    "list",
    "cite lu2023.multimodal",
    "compare nowhere.toml",
    "compare README.md",
    "compare examples/iemocap.toml --delta 2",
    "compare examples/iemocap.toml --all-pairs",
    "certify examples/digits/top.csv nowhere.csv",
    "certify examples/digits/top.csv examples/digits/both.csv --delta 0",
    "estimate nowhere.npz",
    "diagnose nowhere.csv",
    "complexity linear-l2 norm=1",
    "prove nowhere.toml",
    "simulate nowhere.toml",
    "verify nothing",
)


def commands() -> list[str]:
    """Every documented command line, without what says how to print."""
    found = [f"boundcalc {line}" for line in MORE]
    for path in FILES:
        for _, block in blocks(path, "console"):
            text = block.replace("\\\n", " ")
            found += [" ".join(x[2:].split()) for x in text.splitlines() if x.startswith("$ bound")]
    unformatted = map(_without_format, found)
    return sorted(
        {line for line in unformatted if line not in _LEFT_OUT and "learning" not in line}
    )


def _without_format(line: str) -> str:
    words, kept = shlex.split(line), list[str]()
    while words:
        word = words.pop(0)
        if word in _FORMATS:
            words.pop(0)
        else:
            kept.append(word)
    return shlex.join(kept)


def answer(line: str) -> dict[str, Any]:
    """The exit code, and the JSON or the line of refusal."""
    arguments = [*shlex.split(line), "--format", "json"]
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.object(sys, "argv", arguments),
        repository_root(),
    ):
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
    said = out.getvalue()
    return {"code": code} | ({"json": json.loads(said)} if said else {"error": err.getvalue()})


def names() -> dict[str, str]:
    """The public names, with the names of their arguments."""
    public = {name: getattr(bc, name) for name in bc.__all__ if callable(getattr(bc, name))}
    return {name: ", ".join(inspect.signature(value).parameters) for name, value in public.items()}


def difference(old: Any, new: Any, place: str = "") -> str:
    """Where two answers differ, in words; empty where they do not. New keys are no difference."""
    if isinstance(old, dict) and isinstance(new, dict):
        gone = sorted(set(old) - set(new))
        if gone:
            return f"{place}: {', '.join(gone)} is gone"
        pairs = [(f"{place}.{key}", old[key], new[key]) for key in old if key not in _OF_THE_MOMENT]
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = [(f"{place}[{i}]", *both) for i, both in enumerate(zip(old, new, strict=True))]
    elif isinstance(old, float) and isinstance(new, float | int):
        same = math.isclose(old, new, rel_tol=1e-9, abs_tol=1e-12)
        return "" if same else f"{place}: {old} is now {new}"
    else:
        return "" if old == new else f"{place}: {old!r} is now {new!r}"
    return next(filter(None, (difference(*pair[1:], pair[0]) for pair in pairs)), "")


@functools.cache
def kept() -> dict[str, Any]:
    return dict(json.loads(STORE.read_text(encoding="utf-8")))


@pytest.mark.parametrize("line", commands())
def test_the_answer_is_the_one_that_was_kept(line: str) -> None:
    assert difference(kept()["commands"].get(line, {"code": "nothing kept"}), answer(line)) == ""


def test_no_kept_command_is_gone() -> None:
    assert set(kept()["commands"]) <= set(commands())


def test_public_names_and_arguments_stay() -> None:
    now = names()
    for name, arguments in kept()["names"].items():
        assert name in now, name
        assert set(arguments.split(", ")) <= set(now[name].split(", ")), name


def test_a_changed_number_is_a_difference() -> None:
    assert difference({"a": [1.0, 2.0]}, {"a": [1.0, 2.0 + 1e-6]}) == ".a[1]: 2.0 is now 2.000001"
    assert difference({"a": 1, "b": 2}, {"a": 1}) == ": b is gone"
    assert difference({"a": "x"}, {"a": "x", "new": 1}) == ""


def lasting(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry without what is another at each run."""
    return {key: value for key, value in entry.items() if key not in _OF_THE_MOMENT}


def renew() -> None:
    rows = (
        f"{json.dumps(x)}: {json.dumps(json.loads(said, object_hook=lasting), ensure_ascii=False)}"
        for x, said in ((x, json.dumps(answer(x))) for x in commands())
    )
    answers = ",\n".join(rows)
    public = json.dumps(names(), indent=0)
    STORE.write_text(f'{{"names": {public},\n"commands": {{\n{answers}\n}}}}\n', encoding="utf-8")
