"""Inputs in two spellings that mean the same: there is one answer, or both are refused."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

Line = tuple[str, ...]
Case = tuple[dict[str, bytes], Line]

ORDERED = {"blocks", "groups"}  # the order of their keys is the order of the modalities


# --- numbers ----------------------------------------------------------------------------------------


def respelled(draw: Any, text: str) -> str:
    """A number of the command line in another way that is exact; other texts as they are."""
    try:
        value = Decimal(text.replace("−", "-").strip())
    except ArithmeticError:
        return text
    if not value.is_finite():
        return text
    ratio = Fraction(value)
    ways = [text, f"{value:e}", f" {text}", f"{ratio.numerator}/{ratio.denominator}"]
    ways += [f"{value:f}", f"{value:f}".replace("-", "−")]
    if not text.strip().startswith(("-", "−", "+")):
        ways += [f"+{text.strip()}"]
    if abs(ratio) == 10 ** max(value.adjusted(), 0):
        ways += [f"{'-' if ratio < 0 else ''}10^{value.adjusted()}"]
    return draw(st.sampled_from([way for way in ways if len(way) < 300]))


def line_in_two_ways(draw: Any, line: Line) -> tuple[Case, Case]:
    """A bound as one command line and as another one, or as a call."""
    command, entry, *rest = line
    options, given = [], {}
    while rest:
        word = rest.pop(0)
        if word.startswith("--"):
            options.append((word,) if word == "--certified" else (word, rest.pop(0)))
        else:
            name, _, text = word.partition("=")
            given[name] = text
    first = ({}, (*line, "--format", "json"))
    if command == "eval" and len(options) == 1 and draw(st.booleans()):
        call = {name: number_of(text) for name, text in given.items()}
        said = json.dumps({"": entry, "variant": options[0][1], **call})
        return first, ({}, ("in Python", "evaluate", said))
    pairs = [f"{n}={respelled(draw, text)}" for n, text in draw(st.permutations([*given.items()]))]
    place = draw(st.integers(0, len(pairs)))
    words = [w for option in draw(st.permutations(options)) for w in option]
    other = (command, "--format=json", entry, *pairs[:place], *words, *pairs[place:])
    return first, ({}, other)


def number_of(text: str) -> Any:
    """A number as a caller in Python has it."""
    value = Decimal(text.replace("−", "-"))
    whole = value.is_finite() and value == value.to_integral_value() and abs(value.adjusted()) < 399
    return int(value) if whole else float(value)


# --- TOML -------------------------------------------------------------------------------------------


def in_toml(draw: Any, table: dict[str, Any]) -> bytes:
    """A table in another order of its keys, with numbers and texts in other ways."""
    keys = draw(st.permutations(list(table)))
    lines, sections = [], []
    for key in keys:
        value = table[key]
        tables = isinstance(value, list) and value and all(isinstance(v, dict) for v in value)
        if tables and draw(st.booleans()):
            for entry in value:
                inside = draw(st.permutations(list(entry)))
                sections += [f"[[{_key(draw, key)}]]  # one of them"]
                sections += [f"{_key(draw, k)} = {_value(draw, entry[k], k)}" for k in inside]
        elif isinstance(value, dict) and value and draw(st.booleans()):
            sections += ["", f"[{_key(draw, key)}]"]
            inside = list(value) if key in ORDERED else draw(st.permutations(list(value)))
            sections += [f"{_key(draw, k)} = {_value(draw, value[k], k)}" for k in inside]
        else:
            lines += [f"{_key(draw, key)}   =\t{_value(draw, value, key)}"]
    end = draw(st.sampled_from(["\n", "\r\n"]))
    mark = draw(st.sampled_from(["", "", "\ufeff"]))
    return (mark + end.join(["# a study", *lines, *sections, ""])).encode()


def _key(draw: Any, key: str) -> str:
    bare = key.isascii() and key and key.replace("_", "a").replace("-", "a").isalnum()
    return key if bare and draw(st.booleans()) else _string(draw, key)


def _string(draw: Any, text: str) -> str:
    if draw(st.booleans()) and text.isprintable() and "'" not in text:
        return f"'{text}'"
    return '"' + "".join(f"\\U{ord(c):08x}" for c in text) + '"'


def _value(draw: Any, value: Any, key: str = "") -> str:
    if isinstance(value, dict):
        keys = list(value) if key in ORDERED else draw(st.permutations(list(value)))
        return "{" + ",".join(f"{_key(draw, k)}={_value(draw, value[k], k)}" for k in keys) + "}"
    if isinstance(value, list):
        if value and draw(st.booleans()):
            return "[\n" + "".join(f"  {_value(draw, v)}, # next\n" for v in value) + "]"
        return "[" + ", ".join(_value(draw, v) for v in value) + "]"
    if isinstance(value, str):
        return _string(draw, value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    return draw(st.sampled_from(_numbers(value)))


def _numbers(value: Any) -> list[str]:
    if isinstance(value, int):
        return [str(value), f"{value:_d}", *([f"+{value}", hex(value)] if value >= 0 else [])]
    if value != value or abs(value) == float("inf"):
        return [repr(value)]
    exact = Decimal(repr(value))
    digits, places = str(exact.copy_abs().normalize()), f"{exact.copy_abs():f}"
    sign = "-" if exact.is_signed() else ""
    plain = [f"{sign}{places}{'0' if '.' in places else '.0'}"] if len(places) < 60 else []
    return [repr(value), *plain, *([f"{sign}{digits}"] if "E" in digits else [])]


# --- tables -----------------------------------------------------------------------------------------


@st.composite
def tables_in_two_ways(draw: Any) -> tuple[Case, Case]:
    """Examples as CSV, and as CSV of another kind, Parquet, NumPy's container or a call."""
    count = draw(st.sampled_from([40, 60]))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    named = draw(st.sampled_from([[0, 1], ["no", "yes"], [1, 2, 3], ["01", "1"], [0.5, 1.5, 2.5]]))
    y = [named[i] for i in rng.permutation(count) % len(named)]
    columns: dict[str, list[Any]] = {
        name: [
            *map(float, np.round(rng.normal(size=count) + np.unique(y, return_inverse=True)[1], 3))
        ]
        for name in draw(st.sampled_from([["a_1", "a_2", "b_1"], ["a_1", "b_1", "c_1"]]))
    }
    kinds = ["csv", "npz", "parquet", "in Python"]
    options: Line = ()
    match draw(st.sampled_from(["plain", "plain", "whole", "words", "gaps"])):
        case "whole":
            columns["b_1"] = [*map(int, rng.integers(0, 3, count))]
        case "words":
            columns["b_1"] = [("red", "blue", "1")[i] for i in rng.integers(0, 3, count)]
            kinds = ["csv", "parquet"]
            options = ("--categorical", "b_1")
        case "gaps":
            for row in rng.integers(0, count, 4):
                columns["a_1"][row] = None
            kinds = ["csv", "parquet"]
            options = ("--missing", draw(st.sampled_from(["indicator", "drop"])))
    columns["y"] = y
    options += draw(st.sampled_from([(), ("--delta", "0.1"), ("--seed", "3"), ("--all-pairs",)]))
    first = _comma_separated(columns)
    line = ("compare", "d.csv", *options, "--format", "json")
    kind = draw(st.sampled_from(kinds))
    place = draw(st.integers(0, len(columns)))
    moved = [name for name in columns if name != "y"]
    moved = dict.fromkeys([*moved[:place], "y", *moved[place:]])
    other = {name: columns[name] for name in moved}
    match kind:
        case "csv":
            second = {"d.csv": _comma_separated(other, draw)}
        case "npz":
            stream = io.BytesIO()
            groups = dict.fromkeys(name[0] for name in columns if name != "y")
            arrays = {
                g: np.array([v for name, v in columns.items() if name.startswith(f"{g}_")]).T
                for g in groups
            }
            np.savez(stream, **arrays, y=np.array(y))
            second = {"d.npz": stream.getvalue()}
        case _:
            import pandas as pd

            frame = pd.DataFrame(other)
            stream = io.BytesIO()
            frame.to_parquet(stream)
            second = {"d.parquet": stream.getvalue()}
    name = next(iter(second))
    if kind == "in Python":
        asked = (
            dict(zip(options[::2], options[1::2], strict=False))
            if "--all-pairs" not in options
            else {}
        )
        call = {
            key.strip("-"): float(value) if key == "--delta" else int(value)
            for key, value in asked.items()
        }
        call |= {"all_pairs": True} if "--all-pairs" in options else {}
        return ({"d.csv": first}, line), (
            second,
            ("in Python", "compare", json.dumps({"": name, **call})),
        )
    return ({"d.csv": first}, line), (second, ("compare", name, *line[2:]))


def _comma_separated(columns: dict[str, list[Any]], draw: Any = None) -> bytes:
    stream = io.StringIO()
    end, quoting, mark, last = "\n", csv.QUOTE_MINIMAL, "", ""
    if draw:
        end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
        quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
        mark = draw(st.sampled_from(["", "\ufeff"]))
        last = draw(st.sampled_from(["", end]))
    writer = csv.writer(stream, lineterminator=end, quoting=quoting)
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return (mark + stream.getvalue() + last).encode()


@st.composite
def losses_in_two_ways(draw: Any) -> tuple[Case, Case]:
    """Losses of two predictors as CSV, and in another way."""
    count = draw(st.sampled_from([1, 20, 60]))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    if draw(st.booleans()):
        pair = [[*map(int, rng.integers(0, 2, count))] for _ in range(2)]
    else:
        pair = [[*map(float, np.round(rng.random(count), 3))] for _ in range(2)]
    options = draw(
        st.sampled_from(
            [
                (),
                ("--delta", "0.1"),
                ("--equivalence", "0.2"),
                ("--looks", "2"),
                ("--direction", "less"),
            ]
        )
    )
    files = {f"{n}.csv": _comma_separated({"loss": v}) for n, v in zip("ab", pair, strict=True)}
    tail = (*options, "--format", "json")
    first = (files, ("certify", "a.csv", "b.csv", *tail))
    match draw(st.sampled_from(["csv", "npy", "txt", "in Python"])):
        case "csv":
            second = {
                f"{n}.csv": _comma_separated({"loss": v}, draw)
                for n, v in zip("ab", pair, strict=True)
            }
            return first, (second, first[1])
        case "npy":
            second = {}
            for name, values in zip("ab", pair, strict=True):
                stream = io.BytesIO()
                np.save(stream, np.array(values))
                second[f"{name}.npy"] = stream.getvalue()
            return first, (second, ("certify", "a.npy", "b.npy", *tail))
        case "txt":
            second = {
                f"{n}.txt": "\r\n".join(map(str, v)).encode()
                for n, v in zip("ab", pair, strict=True)
            }
            return first, (second, ("certify", "a.txt", "b.txt", *tail))
    asked = dict(zip(options[::2], options[1::2], strict=True))
    call = {
        k.strip("-"): v if k == "--direction" else int(v) if k == "--looks" else float(v)
        for k, v in asked.items()
    }
    return first, (
        {},
        (
            "in Python",
            "certify",
            json.dumps({"": pair[0], " ": pair[1], "names": ["a", "b"], **call}),
        ),
    )
