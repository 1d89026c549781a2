"""Probabilities as text and as numbers: none is 1 while something may fail."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import boundcalc as bc
from boundcalc.cli.app import app
from boundcalc.errors import ConventionError
from boundcalc.study.read import read_study
from boundcalc.text import confidence, probability

THEOREM = "huang2021.theorem1 L=1 C=1 rademacher=0.01 gamma=0"
FORMATS = ("rich", "json", "markdown", "latex", "csv")
COUNTED = 'loss = "zero-one"\ntest_n = 100\n' + "".join(
    f"[[subset]]\nmodalities = {names}\ntest_errors = {errors}\n"
    for names, errors in (('["a"]', 90), ('["a", "b"]', 1))
)
FACTS = 'facts = ["risk(a) <= 0.1 with cost {}"]\nmaximise = "risk(a)"\n'


def value_of(text: str) -> Fraction:
    """The number that 0.95, or 1 − 1e-20, stands for."""
    whole, *rest = text.split(" − ")
    return Fraction(Decimal(whole)) - sum(Fraction(Decimal(part)) for part in rest)


@given(st.one_of(st.floats(1e-300, 1, exclude_max=True), st.floats(-300, 0).map(lambda x: 10**x)))
def test_a_confidence_is_rounded_down_and_below_1(delta: float) -> None:
    exact = 1 - Fraction(repr(delta))
    shown = value_of(confidence(delta))
    assert shown <= exact
    assert shown < 1
    assert exact - shown <= min(Fraction(1, 10**6), Fraction(repr(delta)) / 10)
    assert value_of(confidence(Fraction(repr(delta)))) == shown
    assert probability(delta) < 1
    assert probability(Fraction(repr(delta))) < 1


def test_only_what_always_holds_has_probability_1() -> None:
    assert confidence(0.0) == confidence(Fraction(0)) == "1"
    assert probability(0.0) == probability(Fraction(0)) == 1
    assert confidence(1e-20) == "1 − 1e-20"
    assert confidence(0.05) == "0.95"
    assert confidence(Fraction(1, 3)) == "0.666666"
    assert confidence(Fraction(1, 10**400)) == "1 − 1e-400"
    assert probability(Fraction(1, 10**400)) == math.nextafter(1, 0)
    found = probability(np.array([0.0, 1e-20, 0.05, 1.0]))
    assert found.tolist() == [1.0, math.nextafter(1, 0), 0.95, 0.0]


def commands(delta: str, folder: Path) -> dict[str, str]:
    (folder / "s.toml").write_text(COUNTED)
    (folder / "f.toml").write_text(FACTS.format(delta))
    (folder / "a.csv").write_text("\n".join("1" * 40 + "0" * 60))
    (folder / "b.csv").write_text("\n".join("0" * 99 + "1"))
    draw = np.random.default_rng(0)
    arrays = {"a": draw.normal(size=(80, 2)), "b": draw.normal(size=(80, 2))}
    np.savez(folder / "d.npz", **arrays, y=arrays["a"][:, 0] > 0)
    fixed = f"{THEOREM} delta={delta}"
    limits = "C=1 test_loss=0.1 2.variance=0.05"
    return {
        "eval": f"eval {fixed} m=1000",
        "derive": f"derive {fixed} m=1000",
        "sweep": f"sweep {fixed} --vary m=100:1000:3",
        "crossover": "crossover holdout.hoeffding holdout.empirical_bernstein --in n "
        f"1.delta={delta} 2.delta=0.05 {limits}",
        "plan": f"plan {fixed} --target 0.5 --price m=1",
        "certify": f"certify {folder}/a.csv {folder}/b.csv -d {delta}",
        "compare": f"compare {folder}/s.toml -d {delta}",
        "diagnose": f"diagnose {folder}/d.npz -d {delta}",
        "estimate": f"estimate {folder}/d.npz -d {delta} --draws 50",
        "prove": f"prove {folder}/f.toml",
    }


# 1, 1.0 or 1.000 that is no part of a longer number and no start of "1 − 1e-20"
ONE = r"(?<![\d.])1(\.0+)?(?!\.?\d|e|\s*(\$-\$|−|-\$?)\s)"
SAID = re.compile(rf"(probability|with|level)\W+(at\W+least\W+)?{ONE}")


@pytest.mark.parametrize("delta", ["1e-7", "1e-12", "1e-17", "1e-20", "1e-100"])
def test_no_command_prints_a_probability_of_1(delta: str, tmp_path: Path) -> None:
    for name, line in commands(delta, tmp_path).items():
        for format in FORMATS:
            found = CliRunner().invoke(app, [*line.split(), "--format", format])
            assert found.exit_code == 0, (name, format, found.output)
            text = " ".join(found.stdout.split())
            assert not SAID.search(text), (name, format, SAID.search(text))
            if format == "json":
                levels = list(probabilities(json.loads(found.stdout)))
                assert name in ("crossover", "derive") or levels, name
                assert all(level < 1 for level in levels), (name, levels)
            if format == "csv" and "probability" in text:
                said = [row["probability"] for row in csv.DictReader(found.stdout.splitlines())]
                assert all(value_of(number) < 1 for number in said)


def probabilities(data: Any) -> Iterator[float]:
    """Every number called a probability, or the level of an interval."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key in ("probability", "level") and not isinstance(value, str):
                yield from np.ravel(value).tolist()
            yield from probabilities(value)
    elif isinstance(data, list):
        for entry in data:
            yield from probabilities(entry)


def test_a_pattern_that_finds_a_probability_of_1() -> None:
    """The search above can fail."""
    for wrong in ("with probability at least 1.", '"probability": 1.0,', "the first with 1, the"):
        assert SAID.search(wrong)
    for right in (
        "probability at least 1 − 1e-20",
        "at least 1 $-$ 1e-20",
        "at least $1 -$ 1e-20",
        "probability: 0.99999",
    ):
        assert not SAID.search(right)


def test_pictures_do_not_say_1_either() -> None:
    from boundcalc.render import plot

    known = {"lipschitz": 1, "loss_bound": 1, "rademacher": 0.01, "gamma": 0}
    swept = bc.sweep("huang2021.theorem1", vary={"m": [100, 1000]}, delta=1e-20, **known)
    assert plot.level(swept) == "1 − 1e-20"
    varied = bc.sweep("huang2021.theorem1", vary={"delta": [1e-20, 0.05]}, m=100, **known)
    assert varied.probability.tolist() == [math.nextafter(1, 0), 0.95]
    assert "delta" in plot.level(varied)


@pytest.mark.parametrize("delta", [1e-17, 1e-20, 1e-100])
def test_compare_answers_where_the_linear_program_cannot(delta: float, tmp_path: Path) -> None:
    """90 and 1 errors of 100: the exact limits at δ/4 are 0.449 and 0.4035 at δ = 10⁻²⁰."""
    (tmp_path / "s.toml").write_text(COUNTED)
    result = bc.compare(tmp_path / "s.toml", delta=delta)
    (verdict,) = result.verdicts
    assert verdict.verdict == ("undecided" if delta == 1e-100 else "more")
    if delta == 1e-20:
        assert -0.0456 < verdict.upper < -0.0454
    methods = [row.method for row in result.comparisons if row.joint]
    unsolved = [note for note in result.notes if "linear program" in note]
    assert "held-out" in methods
    assert len(unsolved) == ("best-provable" not in methods)
    assert all("a+b against a" in note and "other joint rows stand" in note for note in unsolved)
    assert all(row.probability < 1 for row in result.comparisons)


def test_a_bridge_that_hardly_ever_fails_is_not_free() -> None:
    """1 − 10⁻²⁰ as a float is 1: the cost was lost."""
    kernel = {"kind": "kernel", "norm": 2.0, "trace": 900.0}
    loss = {"kind": "loss", "lipschitz": 1.0, "loss_bound": 1.0, "of": kernel}
    subsets = [{"modalities": list("ab"[: i + 1]), "train_loss": 0.4} for i in range(2)]
    subsets[0]["class"] = {"kind": "expected", "delta": 1e-20, "of": loss}
    with pytest.raises(ConventionError, match="probability 1 − 1e-20, and the ledger does not pay"):
        read_study({"m": 1000, "lipschitz": 1.0, "subset": subsets})
