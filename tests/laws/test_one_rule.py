"""certify and compare say the same of the same losses, and each limit is computed once."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import boundcalc as bc
from boundcalc.numeric.decide import pairs
from boundcalc.numeric.decide.bets import Bets
from boundcalc.study import evidence, held_out
from boundcalc.study.statements import compare_study


def both(less: Any, more: Any, **options: Any) -> tuple[Any, Any]:
    """What certify and what compare say; A is the one that sees less."""
    found = bc.compare({"text": list(less), "text+audio": list(more)}, **options)
    return bc.certify(less, more, names=("text", "text+audio"), **options), found.verdicts[0]


def assert_same(one: Any, other: Any) -> None:
    assert {"a": "less", "b": "more", None: "undecided"}[one.verdict] == other.verdict
    assert (one.deciding, one.level) == (other.method, other.level)
    asked = one.direction
    assert other.upper == (None if asked == "less" else -one.decider.lower)
    assert other.lower == (None if asked == "more" else -one.decider.upper)
    tested = {
        "both": (one.p_value_a, one.p_value_b),
        "more": (one.p_value_b,),
        "less": (one.p_value_a,),
    }
    assert other.p_value == min(tested[asked])
    excludes = (other.upper is not None and other.upper < 0) or (
        other.lower is not None and other.lower > 0
    )
    assert excludes == (other.verdict != "undecided")
    if one.verdict is None and one.forecast:
        assert one.forecast[-1].n == other.needed.forecast[-1].n


@pytest.mark.parametrize("n", [2, 3, 7])
def test_on_all_small_zero_one_losses(n: int) -> None:
    for n10, n01, wrong in product(range(n + 1), repeat=3):
        if n10 + n01 + wrong > n or n10 + n01 == 0:
            continue
        a = np.repeat([1, 0, 1, 0], [n10, n01, wrong, n - n10 - n01 - wrong])
        b = np.repeat([0, 1, 1, 0], [n10, n01, wrong, n - n10 - n01 - wrong])
        assert_same(*both(a, b, delta=0.3))


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(2, 400),
    shares=st.tuples(st.floats(0, 0.3), st.floats(0, 0.3)),
    seed=st.integers(0, 2**20),
    delta=st.sampled_from([0.01, 0.05, 0.1, 0.3]),
    direction=st.sampled_from(["both", "more", "less"]),
    bounded=st.booleans(),
    looks=st.sampled_from([1, 3, "any"]),
)
def test_on_random_losses(
    n: int,
    shares: tuple[float, float],
    seed: int,
    delta: float,
    direction: str,
    bounded: bool,
    looks: int | str,
) -> None:
    draw = np.random.default_rng(seed)
    kinds = draw.choice(3, size=n, p=[*shares, 1 - sum(shares)])
    a, b = (kinds == 0).astype(float), (kinds == 1).astype(float)
    if bounded:
        a, b = np.clip(a + draw.random(n) / 4, 0, 1), np.clip(b + draw.random(n) / 4, 0, 1)
    if np.array_equal(a, b):
        return
    assert_same(*both(a, b, delta=delta, direction=direction, looks=looks))


@pytest.mark.parametrize("size", [None, 9])
def test_with_groups_classes_and_margins(size: int | None) -> None:
    draw = np.random.default_rng(3)
    a, b = (draw.random(120) < 0.4).astype(float), (draw.random(120) < 0.1).astype(float)
    groups, classes = (
        [f"g{i % 17}" for i in range(120)],
        ["x" if i % 3 else "y" for i in range(120)],
    )
    more = {
        "groups": groups,
        "group_size": size,
        "classes": classes,
        "weights": {"x": 0.5, "y": 2.0},
    }
    one, other = both(a, b, equivalence=0.3, **more)
    assert_same(one, other)
    assert one.margin == other.margin


def test_the_example_that_two_commands_disagreed_on() -> None:
    """1,000 examples, 40 against 20 discordant."""
    a, b = np.repeat([1, 0, 0], [40, 20, 940]), np.repeat([0, 1, 0], [40, 20, 940])
    one, other = both(a, b)
    assert (one.verdict, other.verdict) == ("b", "more")


def test_each_limit_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Counter[Any] = Counter()

    def counted(module: Any, name: str) -> None:
        true = getattr(module, name)

        def call(*given: Any, **numbers: Any) -> Any:
            key = [x.tobytes() if hasattr(x, "tobytes") else x for x in (*given, *numbers.items())]
            calls[name, repr(key)] += 1
            return true(*given, **numbers)

        monkeypatch.setattr(module, name, call)

    counted(evidence, "evaluate")
    counted(held_out, "evaluate")
    counted(held_out, "mean_limits")
    counted(pairs, "paired_test")
    counted(Bets, "lower_limit")
    draw = np.random.default_rng(0)
    tables = [
        {
            "modalities": list("abc"[: i + 1]),
            "test_losses": (draw.random(200) < 0.3 - 0.1 * i).astype(float).tolist(),
            "train_loss": 0.2 - 0.05 * i,
            "complexity": 1.0 + i,
        }
        for i in range(3)
    ]
    top = {"m": 4000, "lipschitz": 1.0, "loss": "zero-one", "subset": tables}
    for joint in ("held-out", "all"):
        calls.clear()
        bc.compare(top, joint=joint)
        assert len(calls) > 10
        assert {key: n for key, n in calls.items() if n > 1} == {}
    calls.clear()
    counts = [{**t, "test_errors": round(sum(t["test_losses"]))} for t in tables]
    for table in counts:
        del table["test_losses"]
    compare_study(bc.compare({**top, "test_n": 200, "subset": counts}).study)
    assert calls
    assert max(calls.values()) <= 2  # two comparisons
