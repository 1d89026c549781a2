"""Inputs of every kind, spoiled by their structure."""

from __future__ import annotations

import functools
import io
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from hypothesis import strategies as st
from spellings import Case, Line, in_toml, line_in_two_ways, losses_in_two_ways, tables_in_two_ways

from boundcalc.cli.group import COMMANDS
from boundcalc.symbolic.catalogue import catalogue, complexities
from boundcalc.symbolic.parameters import parameter

# --- what stands in a file --------------------------------------------------------------------------

ENDS = [0, 1, -1, 2, 0.5, 1e-17, 1e-300, 5e-324, 1e16, 1e155, 1e300, -1e300, 10**18, 10**40]
numbers = st.one_of(
    st.sampled_from([*ENDS, float("inf"), float("nan"), 10**400]),
    st.integers(-3, 30),
    st.floats(allow_nan=False, allow_infinity=False),
)
NAMES = [
    "text",
    "audio",
    "video",
    "a",
    "b",
    "risk(a)",
    "text+audio",
    "=cmd()",
    "[red]x[/red]",
    "\u202ex",
]
texts = st.one_of(st.sampled_from(NAMES), st.text(max_size=8))
scalars = st.one_of(numbers, texts, st.booleans(), st.just(date(2020, 1, 2)))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=2)
    ),
    max_leaves=5,
)

SUBSETS = [
    {"modalities": ["text"], "test_loss": 0.3, "train_loss": 0.2, "rademacher": 0.1},
    {"modalities": ["text", "audio"], "test_loss": 0.1, "train_loss": 0.1, "complexity": 3.0},
]
STUDY = {"title": "t", "m": 300, "test_n": 200, "delta": 0.05, "lipschitz": 1.0, "subset": SUBSETS}
CLASS = {"kind": "scale", "factor": 2.0, "of": {"kind": "linear-l2", "norm": 1.0, "radius": 1.0}}
WITH_CLASS = {**STUDY, "subset": [{"modalities": ["text"], "train_loss": 0.2, "class": CLASS}]}
COUNTS = {
    "test_n": 80,
    "loss": "zero-one",
    "direction": "both",
    "seed": 1,
    "reference": ["a"],
    "subset": [
        {"modalities": ["a"], "test_errors": 20},
        {"modalities": ["a", "b"], "test_errors": 3},
    ],
}
FACTS = {
    "title": "t",
    "maximise": "risk(b) - 2*risk(a)",
    "delta": 0.05,
    "quantities": ["risk(a)", "risk(b)", "gain"],
    "facts": [
        "risk(a) >= 0.3 with cost 0.01",
        "risk(b) <= sqrt(0.25)",
        "gain == risk(a) - risk(b)",
    ],
}
WORLD = {
    "kind": "linear",
    "m": [12, 20],
    "repetitions": 2,
    "covariance": [[1.0, 0.0], [0.0, 1.0]],
    "blocks": {"a": [0], "b": [1]},
    "theta": [1.0, 1.0],
    "noise_variance": 0.1,
    "subsets": [["a"], ["a", "b"]],
    "norm": 2.0,
    "loss_bound": 9.0,
    "test_n": 10,
}
TABLE = {"kind": "table", "m": 9, "repetitions": 2, "points": 4, "n": 3, "tasks": 2}
# a larger world is no fault, and takes its time
TOO_MUCH = {"m", "repetitions", "test_n", "points", "n", "tasks", "draws", "workers"}


def places(tree: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where a value stands in tables and lists."""
    inside = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in inside:
        yield (*at, key)
        if isinstance(value, (dict, list)):
            yield from places(value, (*at, key))


PIECES = ["risk(a)", "risk(b)", "gain", " + ", " - ", " <= ", " == ", "0.5", "2*", "sqrt(", ")"]
PIECES += [
    " with cost ",
    "1e-400",
    "1/0",
    "/",
    "^",
    "((",
    "1e9999",
    "min(",
    "_",
    "\n",
    "=",
    "#",
    "log(",
]
formulas = st.lists(st.sampled_from(PIECES), max_size=9).map("".join)


def alike(value: Any, *, small: bool) -> st.SearchStrategy[Any]:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return st.booleans()
    if isinstance(value, (int, float)):
        few = st.integers(-2, 40) | st.sampled_from([0.5, 10**400])
        return few if small else st.sampled_from(ENDS) | st.integers(0, 99) | st.floats(0, 1)
    if isinstance(value, str):
        return texts | formulas | st.sampled_from([value.upper(), value + " ", value * 2])
    if not isinstance(value, (dict, list)):
        return values
    if isinstance(value, list):
        return st.permutations(value) | st.just(value * 2) | st.just(value[:1])
    return st.just({**value, "name": "other"})


@st.composite
def spoiled(draw: Any, *tables: dict[str, Any]) -> dict[str, Any]:
    """A table with up to three of its values replaced, left out or added."""
    table = json.loads(json.dumps(draw(st.sampled_from(tables))))
    for _ in range(draw(st.integers(0, 3))):
        *path, key = draw(st.sampled_from(list(places(table))))
        inside = table
        for step in path:
            inside = inside[step]
        match draw(st.sampled_from(["alike", "alike", "alike", "replaced", "left out", "added"])):
            case "alike":
                inside[key] = draw(
                    alike(inside[key], small=key in TOO_MUCH and "maximise" not in table)
                )
            case "replaced":
                inside[key] = draw(values)
            case "left out":
                del inside[key]
            case "added" if isinstance(inside, dict):
                inside[draw(st.sampled_from([*STUDY, *COUNTS, *FACTS, "name", "x"]))] = draw(values)
        if not table:
            break
    return table


def toml(table: dict[str, Any]) -> str:
    """A table as TOML, everything on the line of its key."""
    return "\n".join(f"{_text(key)} = {_toml(value)}" for key, value in table.items()) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_text(k)} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, (bool, str)):
        return str(value).lower() if isinstance(value, bool) else _text(value)
    return value.isoformat() if isinstance(value, date) else repr(value)


def _text(text: str) -> str:
    escaped = (c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text)
    return f'"{"".join(escaped)}"'


cells = st.one_of(
    st.sampled_from(
        ["0", "1", "0.5", "", "NaN", "inf", "1e400", "01", "−1", "1,5", "x", "\x1b[31m"]
    ),
    st.floats(0, 1).map(str),
    texts,
)


@st.composite
def csv_text(draw: Any, *tables: list[str]) -> bytes:
    """A table of numbers with a few cells, a separator or an encoding of another kind."""
    columns = draw(st.sampled_from(tables))
    count = draw(st.sampled_from([0, 1, 2, 60, 60, 60, 60]))
    shift = draw(st.integers(2, 5))
    rows = [[str((i + i // shift + j) % 2) for j in range(len(columns))] for i in range(count)]
    table = [list(columns), *rows]
    for _ in range(draw(st.integers(0, 3))):
        row = draw(st.sampled_from(table))
        if row:
            row[draw(st.integers(0, len(row) - 1))] = draw(cells)
        if draw(st.integers(0, 9)) == 0:
            row.append("1")
    sep = draw(st.sampled_from([",", ",", ",", ",", ";", "\t"]))
    text = "\n".join(sep.join(row) for row in table) + draw(
        st.sampled_from(["", "\n", "\r\n", '"'])
    )
    return text.encode(
        draw(st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-16", "utf-8-sig"])), "replace"
    )


# --- what stands on a command line ------------------------------------------------------------------


def spellings(value: float) -> list[str]:
    """One number in several ways."""
    found = [repr(value), f" {value!r}", repr(value).replace("-", "−")]
    if isinstance(value, int) and abs(value) < 10**15:
        found += [f"{value}.0", f"{value}e0"]
    return found


ids = st.sampled_from([*catalogue(), *complexities(), "nothing", ""])
OPTIONS = [
    "--variant",
    "--target",
    "--for",
    "--over",
    "--vary",
    "--format",
    "--price",
    "--certified",
]
OPTIONS += [
    "--delta",
    "--seed",
    "--losses",
    "--draws",
    "--check",
    "--brief",
    "-o",
    "--p10",
    "--nothing",
]
words = st.one_of(
    ids,
    st.sampled_from([*OPTIONS, "m=3", "n=10", "delta=0.05", "json", "n=1:9:3", "sharp", "delta=0"]),
    st.builds("{}={}".format, st.sampled_from(["m", "n", "C", "delta", "x", ""]), numbers),
    texts.filter(lambda text: "/" not in text),
)


@st.composite
def bound_lines(draw: Any) -> tuple[str, ...]:
    """A bound with numbers for its parameters, of which some are at the ends of floats."""
    entry = draw(st.sampled_from(list(catalogue().values())))
    variant = draw(st.sampled_from(list(entry.variants.values())))
    command = draw(st.sampled_from(["eval", "eval", "derive", "solve", "plan"]))
    given = {p.name: _number(draw, p.name) for p in variant.parameters}
    line = [command, entry.id, "--variant", variant.name]
    if command in ("solve", "plan"):
        unknown = draw(st.sampled_from(list(given)))
        given.pop(unknown)
        said = {"solve": ["--for", unknown], "plan": ["--price", f"{unknown}=1"]}
        line += [
            *said[command],
            "--target",
            repr(draw(st.sampled_from([0.1, 1e-300, 1e155, 0.5, 2]))),
        ]
    if command == "eval" and draw(st.booleans()):
        line += ["--certified"]
    return (*line, *(f"{name}={text}" for name, text in given.items()))


def _number(draw: Any, name: str) -> str:
    usual = [1, 5, 100] if parameter(name).integer else [0.5, 0.1, 0.9, 1.0]
    value = draw(st.sampled_from(usual) | st.sampled_from(ENDS))
    return draw(st.sampled_from(spellings(value)))


lines = st.one_of(
    st.builds(lambda c, w: (c, *w), st.sampled_from(list(COMMANDS)), st.lists(words, max_size=5)),
    bound_lines(),
)
# these run for long, and read or write where they are told
lines = lines.filter(lambda line: line[0] not in ("verify", "simulate") and "-o" not in line)

CALLS: list[tuple[str, dict[str, Any]]] = [
    ("evaluate", {"": "holdout.hoeffding", "variant": "upper", "n": 9, "delta": 0.1, "C": 1, "test_loss": 0.1}),
    ("solve", {"": "holdout.hoeffding", "variant": "upper", "unknown": "n", "target": 0.3, "delta": 0.1, "C": 1, "test_loss": 0.1}),
    ("plan", {"": "holdout.hoeffding", "variant": "upper", "target": 0.3, "prices": {"n": 1}, "at_most": {"n": 99}, "delta": 0.1, "C": 1, "test_loss": 0.1}),
    ("sweep", {"": "holdout.hoeffding", "variant": "upper", "vary": {"n": [9, 10]}, "chunks": None, "delta": 0.1, "C": 1, "test_loss": 0.1}),
    ("crossover", {"": "holdout.hoeffding", " ": "holdout.kl", "over": "test_loss", "only_first": {"C": 1}, "n": 10, "delta": 0.1}),
    ("complexity", {"": "linear-l2", "m": 9, "norm": 1.0, "radius": 1.0}),
    ("power", {"p10": 0.1, "p01": 0.05, "n": 50, "delta": 0.05, "target": 0.8, "direction": "both", "pairs": 1, "seed": 0}),
    ("certify", {"": [0, 1, 0, 0], " ": [1, 1, 0, 1], "delta": 0.1, "names": ["a", "b"], "ids": None, "groups": None, "classes": None, "method": None, "margin": None, "equivalence": None, "looks": 1, "direction": "both", "seed": 0}),
    ("compare", {"": STUDY, "delta": 0.1, "reference": "text", "all_pairs": False, "method": None, "direction": "both", "looks": None}),
    ("compare", {"": {"a": [[1.0], [2.0]] * 20, "b": [[0.0], [1.0]] * 20, "y": [0, 1] * 20}, "labels": None, "groups": None, "split": None, "shares": [0.1, 0.4, 0.5], "norms": [1, 2], "task": None, "missing": None, "categorical": [], "seed": 0, "max_fits": 3}),
    ("prove", {"": FACTS, "maximise": "risk(b)", "minimise": None, "weights": {}, "split": "equal"}),
    ("simulate", {"": WORLD, "workers": 1, "scheduler": None}),
    ("estimate", {"": [[0.5, 1.0], [1.0, 2.0], [2.0, 0.0]], " ": "linear", "p": 2, "norm": 1, "outputs": 1, "kernel": "linear", "gamma": None, "model": None, "draws": 5, "seed": 0, "noise": "rademacher", "modalities": None}),
    ("diagnose", {"": {"a": [[1.0], [2.0]] * 20, "b": [[0.0], [1.0]] * 20}, "labels": [0, 1] * 20, "groups": None, "task": None, "missing": None, "modalities": None, "connection": "linear", "labelled": 1.0, "setup": 0.1, "held_out": 0.4, "scale": "columns", "max_pairs": 9, "delta": 0.05, "seed": 0}),
]  # fmt: skip


@st.composite
def calls(draw: Any) -> tuple[dict[str, bytes], Line]:
    """A call with a few of its arguments, or what stands in them, of another kind."""
    verb, given = draw(st.sampled_from(CALLS))
    spoilt = draw(spoiled(given))
    return {}, ("in Python", verb, json.dumps(spoilt, default=str))


@functools.cache
def containers() -> dict[str, bytes]:
    """The same examples as NumPy's and as pandas' container."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    table, labels = rng.normal(size=(40, 3)), np.arange(40) % 2
    kept, packed, rows = io.BytesIO(), io.BytesIO(), io.BytesIO()
    np.savez(kept, a=table[:, :2], b=table[:, 2:], y=labels)
    np.savez_compressed(packed, a=table[:, :2], b=table[:, 2:], y=labels)
    frame = pd.DataFrame(table, columns=["a_1", "a_2", "b_1"]).assign(y=labels)
    frame.to_parquet(rows)
    return {"k.npz": kept.getvalue(), "p.npz": packed.getvalue(), "r.parquet": rows.getvalue()}


@st.composite
def damaged(draw: Any) -> tuple[dict[str, bytes], Line]:
    """A container with a few bytes of another value, or cut short."""
    name = draw(st.sampled_from(["k.npz", "p.npz", "r.parquet"]))
    content = bytearray(containers()[name])
    for _ in range(draw(st.integers(0, 4))):
        content[draw(st.integers(-400, 399))] = draw(st.integers(0, 255))
    if draw(st.integers(0, 9)) == 0:
        del content[draw(st.integers(0, len(content))) :]
    return {name: bytes(content)}, ("compare", name)


KINDS: dict[str, st.SearchStrategy[tuple[dict[str, bytes], Line]]] = {
    "command lines": lines.map(lambda line: ({}, line)),
    "studies": spoiled(STUDY, WITH_CLASS, COUNTS).map(
        lambda table: ({"s.toml": toml(table).encode()}, ("compare", "s.toml"))
    ),
    "facts": spoiled(FACTS).map(
        lambda table: ({"f.toml": toml(table).encode()}, ("prove", "f.toml"))
    ),
    "worlds": spoiled(WORLD, TABLE).map(
        lambda table: ({"w.toml": toml(table).encode()}, ("simulate", "w.toml"))
    ),
    "tables": csv_text(["a_1", "a_2", "b_1", "y"], ["a_1", "b_1", "y"]).map(
        lambda text: ({"d.csv": text}, ("compare", "d.csv"))
    ),
    "losses": csv_text(["text", "text+audio"], ["m[a]", "a+b", "c"]).map(
        lambda text: ({"l.csv": text}, ("compare", "l.csv", "--losses"))
    ),
    "pairs of losses": st.tuples(csv_text(["loss"], ["0"]), csv_text(["loss"])).map(
        lambda drawn: ({"a.csv": drawn[0], "b.csv": drawn[1]}, ("certify", "a.csv", "b.csv"))
    ),
    "calls": calls(),
    "containers": damaged(),
}


@st.composite
def files_in_two_ways(draw: Any, name: str, *line: str, of: Any) -> tuple[Case, Case]:
    """A table as TOML in two ways."""
    table = draw(of)
    told = (*line, name, "--format", "json")
    return ({name: toml(table).encode()}, told), ({name: in_toml(draw, table)}, told)


@st.composite
def bounds_in_two_ways(draw: Any) -> tuple[Case, Case]:
    """A bound with numbers, on the command line and in Python."""
    return line_in_two_ways(draw, draw(bound_lines()))


PAIRS: dict[str, st.SearchStrategy[tuple[Case, Case]]] = {
    "bounds in two ways": bounds_in_two_ways(),
    "studies in two ways": files_in_two_ways(
        "s.toml", "compare", of=spoiled(STUDY, WITH_CLASS, COUNTS)
    ),
    "facts in two ways": files_in_two_ways("f.toml", "prove", of=spoiled(FACTS)),
    "worlds in two ways": files_in_two_ways("w.toml", "simulate", of=spoiled(WORLD, TABLE)),
    "tables in two ways": tables_in_two_ways(),
    "losses in two ways": losses_in_two_ways(),
}
