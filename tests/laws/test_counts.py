"""Means that are no whole numbers of errors: every count that the written digits allow."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

import boundcalc as bc
from boundcalc.study.held_out_losses import WrittenNumber, error_counts
from boundcalc.study.read import read_study


def study(n: int, *means: float, **top: Any) -> dict[str, Any]:
    names = (list("abc"[:size]) for size in range(1, len(means) + 1))
    tables = [{"modalities": m, "test_loss": mean} for m, mean in zip(names, means, strict=True)]
    return {"loss": "zero-one", "test_n": n, "subset": tables} | top


def counts(n: int, mean: float) -> tuple[int, int] | None:
    read = read_study(study(n, mean, 0.0))
    return error_counts(read, read.subsets[0])


@pytest.mark.parametrize(
    ("n", "written", "expected"),
    [
        (100, "0.4151", (41, 42)),  # no count is near
        (100, "0.2049", (20, 21)),
        (500, "0.12", (60, 60)),  # a whole count is taken at its word
        (3410, "0.4697", (1601, 1602)),  # 1602 is 0.46979…, cut off and not rounded
        (3410, "0.4698", (1602, 1602)),  # the only count that these digits allow
        (3410, "0.4700", (1602, 1603)),  # the zeros count: of two digits more would be allowed
        (3410, "0.47", (1569, 1636)),  # two digits: anything from 0.4601… to 0.4797…
        (12_345, "0.4151", (5124, 5125)),
        (3, "0.333", (1, 1)),
        (3, "0.66", (1, 2)),  # two of three is 0.67 when it is rounded
        (7, "0.99", (6, 7)),
        (7, "0.01", (0, 1)),
    ],
)
def test_counts_that_written_digits_allow(
    n: int, written: str, expected: tuple[int, int], tmp_path: Path
) -> None:
    path = tmp_path / "s.toml"
    path.write_text(
        f'loss = "zero-one"\ntest_n = {n}\n[[subset]]\nmodalities = ["a"]\ntest_loss = {written}\n'
        '[[subset]]\nmodalities = ["a", "b"]\ntest_loss = 0.0\n'
    )
    read = read_study(path)
    assert error_counts(read, read.subsets[0]) == expected
    assert error_counts(read, read.subsets[1]) == (0, 0)


HOW = ("near", "down", "up")


@given(st.integers(1, 20_000), st.data(), st.integers(1, 6), st.sampled_from(HOW))
def test_the_true_count_is_among_those_allowed(n: int, data: Any, places: int, how: str) -> None:
    """However a mean was rounded; unless what is printed is a whole number of errors by chance."""
    k = data.draw(st.integers(0, n))
    unit = Fraction(1, 10**places)
    scaled = Fraction(k, n) / unit
    digits = {"near": round(scaled), "down": scaled // 1, "up": -(-scaled // 1)}[how]
    written = f"{digits // 10**places}.{digits % 10**places:0{places}d}"
    if abs(Fraction(written) * n - round(Fraction(written) * n)) <= Fraction(1, 10**6):
        return
    found = counts(n, WrittenNumber(written))
    assert found is not None
    assert found[0] <= k <= found[1]


def test_a_pair_that_the_nearest_counts_would_decide_stays_open() -> None:
    """At δ = 0.05, 42 against 20 of 100 errors is certified and 41 against 21 is not."""
    share = 0.05 / 4

    def lower(k: int) -> float:
        return float(beta.ppf(share, k, 101 - k))

    def upper(k: int) -> float:
        return float(beta.ppf(1 - share, k + 1, 100 - k))

    assert lower(42) > upper(20)
    assert lower(41) < upper(21)
    result = bc.compare(study(100, 0.4151, 0.2049))
    (verdict,) = result.verdicts
    assert verdict.verdict == "undecided"
    assert verdict.upper == pytest.approx(upper(21) - lower(41), abs=1e-12)
    assert verdict.needed is not None
    assert verdict.needed.test_n is not None
    assert verdict.needed.test_n > 100
    first, second = result.subsets
    assert (first.test_loss, second.test_loss) == (0.4151, 0.2049)
    assert any("a is taken as 41 to 42 of 100, a+b is taken as 20 to 21" in n for n in result.notes)
    assert json.loads(json.dumps(result.to_dict()))["subsets"][0]["test_loss"] == 0.4151


def test_every_row_and_every_proof_takes_the_counts_that_weaken_it() -> None:
    """What is said at two counts of one subset holds for each of them."""
    reported = bc.compare(study(100, 0.4151, 0.2049))
    for first, second in ((41, 20), (41, 21), (42, 20), (42, 21)):
        counted = bc.compare(study(100, first / 100, second / 100))
        for ours, theirs in zip(reported.comparisons, counted.comparisons, strict=True):
            assert (ours.method, ours.joint) == (theirs.method, theirs.joint)
            for low, high in ((ours.lower, theirs.lower), (theirs.upper, ours.upper)):
                assert low is None or high is None or low <= high + 1e-12
        for ask in ("risk(a+b) - risk(a)", "risk(a)", "-1*risk(a+b)"):
            proved = bc.prove(study(100, 0.4151, 0.2049), maximise=ask)
            exact = bc.prove(study(100, first / 100, second / 100), maximise=ask)
            assert proved.value >= exact.value
