"""Spoiled inputs of every kind: an answer, or one line that refuses them. `make fuzz` tries them for an hour."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fuzzing import answered, difference, objection, tried
from spoiling import KINDS, PAIRS

import boundcalc as bc
from boundcalc.errors import BoundcalcError

LONG = (pytest.mark.slow, pytest.mark.long)
COUNTS = [
    *((kind, 80 if kind in KINDS else 10) for kind in (*KINDS, *PAIRS)),
    *(pytest.param(kind, 400, marks=LONG) for kind in (*KINDS, *PAIRS)),
]


@pytest.mark.parametrize(("kind", "count"), COUNTS)
def test_an_answer_or_one_line(kind: str, count: int) -> None:
    failures: list[str] = []
    done = tried(kind, count, 1, lambda found, case: failures.append(f"{found}: {case}"))
    assert done >= count / 2
    assert not failures, "\n".join(failures)


def test_the_fuzzer_sees_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    line = ("eval", "holdout.hoeffding", "n=9", "delta=0.1", "C=1", "test_loss=0.1")
    assert objection({}, line) == ""

    def broken(*_: object, **__: object) -> None:
        raise TypeError("no")

    monkeypatch.setattr("boundcalc.numeric.evaluate.evaluate", broken)
    assert "TypeError: no" in objection({}, line)


HOEFFDING = ("eval", "holdout.hoeffding", "n=9", "delta=0.1", "C=1", "--format", "json")


def test_the_fuzzer_sees_another_answer() -> None:
    one = ({}, (*HOEFFDING, "test_loss=0.1"))
    assert difference(one, ({}, (*HOEFFDING, "test_loss=1/10"))) == ""
    assert ".value: " in difference(one, ({}, (*HOEFFDING, "test_loss=0.2")))
    assert "0 and 2" in difference(one, ({}, (*HOEFFDING, "test_loss=x")))
    called = (
        "in Python",
        "evaluate",
        '{"": "holdout.hoeffding", "n": 9, "delta": 0.1, "C": 1, "test_loss": 0.1}',
    )
    assert difference(one, ({}, called)) == ""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="peaks are counted on Linux")
def test_the_fuzzer_sees_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = bc.evaluate

    def wasteful(*given: Any, **named: Any) -> Any:
        np.zeros(10**7).fill(1.0)
        return plain(*given, **named)

    monkeypatch.setattr("boundcalc.numeric.evaluate.evaluate", wasteful)
    line = (*HOEFFDING, "test_loss=0.1")
    assert answered({}, line).fault == ""
    monkeypatch.setattr("fuzzing.MOST_MEMORY", 7 * 10**7)
    assert answered({}, line).fault == "more than 1 GB: eval"


# what a longer run found, one of each kind

LINEAR = """kind = "linear"
m = 12
repetitions = 2
covariance = [[1.0], [0.0, 1.0]]
blocks = { a = [0], b = [1] }
theta = [1.0, 1.0]
noise_variance = 0.1
norm = 2.0
loss_bound = 9.0
"""
HELD_OUT = {"variant": "lower", "loss_bound": 1.0}


def test_rows_of_different_lengths(tmp_path: Path) -> None:
    path = tmp_path / "w.toml"
    path.write_text(LINEAR, encoding="utf-8")
    with pytest.raises(BoundcalcError, match="rows of equal length"):
        bc.simulate(path)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: bc.solve(
                "holdout.empirical_bernstein", unknown="n", target=1e300, delta=0.1, loss_bound=1e300,
                test_loss=0.3, variance=1e300, variant="lower",
            ),
            "no n meets the target",
        ),
        (
            lambda: bc.solve(
                "classic.mutual_information", unknown="m", target=1e-300, loss_bound=1.0,
                mutual_information=0.5, variant="bounded",
            ),
            "target",
        ),
        (
            lambda: bc.plan(
                "holdout.kl", target=1e-300, prices={"n": 1e300}, delta=0.5, test_loss=1e-17,
                variant="lower",
            ),
            "cost is too large",
        ),
        (
            lambda: bc.crossover(
                "classic.stability:replacement", "holdout.clopper_pearson", over="m", n=2, delta=0.1,
                errors=3000, loss_bound=1, train_loss=0.1, stability=0.1,
            ),
            "errors",
        ),
        (
            lambda: bc.evaluate(
                "holdout.clopper_pearson", certified=True, n=10**18, delta=0.05, errors=10**12
            ),
            "takes too long",
        ),
        (
            lambda: bc.evaluate(
                "holdout.clopper_pearson", certified=True, n=10**299, delta=0.05, errors=3
            ),
            "too long",
        ),
        (lambda: bc.certify([1, 0, 1], [0, 0, 1], delta=5e-324), "too small to be divided"),
        (lambda: bc.power(p10=0.1, p01=0.0, delta=5e-324), "too small to be divided"),
    ],
)  # fmt: skip
def test_numbers_near_the_ends_of_the_floats(call: object, said: str) -> None:
    with pytest.raises(BoundcalcError, match=said):
        call()


def test_a_lower_limit_at_a_huge_count_is_not_lost() -> None:
    """½(1 − 1/(2n))ⁿ tends to ½ e^(−1/2), and never below."""
    found = bc.evaluate("lu2023.separation", variant="unimodal-lower", n=10**299)
    assert found.value == pytest.approx(0.5 * np.exp(-0.5), rel=1e-12)


def test_a_condition_that_overflows() -> None:
    """C² is too large for a float; the variance is below it all the same."""
    found = bc.evaluate(
        "holdout.empirical_bernstein",
        variant="upper",
        n=100,
        delta=1e-3,
        loss_bound=1e200,
        test_loss=0.0,
        variance=1.7e308,
    )
    assert 1e198 < found.value < 1e200


def test_huge_counts_on_an_axis() -> None:
    found = bc.sweep("lu2023.separation", variant="unimodal-lower", vary={"n": [10, 1e150]})
    assert found.to_dict()["vary"]["n"][0] == 10


@pytest.mark.parametrize("name", ["n", "delta", "test_loss", "loss_bound"])
def test_scalars_of_numpy_are_numbers(name: str) -> None:
    given = {"n": 100, "delta": 0.05, "test_loss": 0.25, "loss_bound": 1}
    kind = np.int64 if name in ("n", "loss_bound") else np.float32
    value = kind(given[name]) if name != "delta" else np.float64(0.05)
    result = bc.evaluate("holdout.hoeffding", **{**given, name: value})
    assert result.value == bc.evaluate("holdout.hoeffding", **given).value
    assert bc.power(p10=np.float64(0.1), p01=0.05, pairs=np.int64(2)) == bc.power(
        p10=0.1, p01=0.05, pairs=2
    )
