"""certify, compare and diagnose say the same of the same losses, and each limit is computed once."""

from __future__ import annotations

from collections import Counter
from itertools import product
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import boundcalc as bc
from boundcalc.data.diagnose import diagnose
from boundcalc.numeric.decide import pairs
from boundcalc.numeric.decide.bets import Bets
from boundcalc.numeric.decide.certification import Certification
from boundcalc.study import evidence, held_out_losses
from boundcalc.study.statements import compare_study

DELTAS = (0.01, 0.05, 0.1, 0.3)
NAMES = ("text", "text+audio")


def both(less: Any, more: Any, **options: Any) -> tuple[Any, Any]:
    """What certify and what compare say; A is the one that sees less."""
    found = bc.compare(dict(zip(NAMES, map(list, (less, more)), strict=True)), **options)
    return bc.certify(less, more, names=NAMES, **options), found.verdicts[0]


def diagnosed(less: Any, more: Any, delta: float, zero_one: bool) -> Certification:
    """What a diagnosis says of a modality alone and of what is compared with it."""
    run = SimpleNamespace(losses={"text": less}, delta=delta, decided=1, statements=1, seed=0)
    fitted = (SimpleNamespace(x="text"), {"text+audio": more})
    task = SimpleNamespace(loss_bound=1.0, zero_one=zero_one)
    (found,) = diagnose._Run._certified(run, task, [fitted])  # type: ignore[arg-type]
    return found


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
    assert excludes == (other.p_value <= other.level)
    if one.verdict is None and one.forecast:
        assert one.forecast[-1].n == other.needed.forecast[-1].n


def assert_one_rule(less: Any, more: Any, delta: float, zero_one: bool) -> None:
    one, other = both(less, more, delta=delta, loss="zero-one" if zero_one else "bounded")
    assert_same(one, other)
    assert diagnosed(less, more, delta, zero_one) == one


def _when(quick: bool, short: bool) -> tuple[pytest.MarkDecorator, ...]:
    """How a test is marked that is quick, or at least short."""
    return () if quick else (pytest.mark.slow, *(() if short else (pytest.mark.long,)))


@pytest.mark.parametrize(
    ("n", "delta"),
    [
        pytest.param(n, delta, marks=_when(n < 4 and delta == 0.3, n < 6))
        for n in range(2, 8)
        for delta in DELTAS
    ],
)
def test_on_all_small_zero_one_losses(n: int, delta: float) -> None:
    for n10, n01, wrong in product(range(n + 1), repeat=3):
        if n10 + n01 + wrong > n or n10 + n01 == 0:
            continue
        counts = [n10, n01, wrong, n - n10 - n01 - wrong]
        a, b = (np.repeat(values, counts).astype(float) for values in ([1, 0, 1, 0], [0, 1, 1, 0]))
        assert_one_rule(a, b, delta, zero_one=True)


FEW = 6


@pytest.mark.parametrize(
    "seeds",
    [
        range(FEW),
        *(
            pytest.param(range(start, start + 200), marks=(pytest.mark.slow, pytest.mark.long))
            for start in range(FEW, FEW + 2000, 200)
        ),
    ],
    ids=str,
)
def test_on_random_losses(seeds: range) -> None:
    """0/1 and bounded ones, one direction or both, several looks, groups and weights of classes."""
    for seed in seeds:
        draw = np.random.default_rng(seed)
        n = int(10 ** draw.uniform(0.31, 2.6))
        shares = draw.uniform(0, 0.4, 2)
        kinds = draw.choice(3, size=n, p=[*shares, 1 - sum(shares)])
        a, b = (kinds == 0).astype(float), (kinds == 1).astype(float)
        zero_one = bool(draw.random() < 0.5)
        if not zero_one:
            a, b = (np.clip(x + draw.random(n) / 4, 0, 1) for x in (a, b))
        if np.array_equal(a, b):
            continue
        delta = float(draw.choice(DELTAS))
        assert_one_rule(a, b, delta, zero_one)
        options: dict[str, Any] = {
            "direction": str(draw.choice(["both", "more", "less"])),
            "looks": [1, 3, "any"][draw.integers(3)],
        }
        if n > 4 and draw.random() < 0.5:
            largest = int(draw.integers(1, 4))
            options["groups"] = [f"g{i // largest}" for i in range(n)]
            options["group_size"] = largest + int(draw.integers(3)) if draw.random() < 0.5 else None
        if draw.random() < 0.3:
            options["classes"] = ["x" if i % 3 else "y" for i in range(n)]
            options["weights"] = {"x": 0.5, "y": 2.0}
        one, other = both(a, b, delta=delta, equivalence=0.3, **options)
        assert_same(one, other)
        assert one.margin == other.margin


def test_a_diagnosis_decides_its_pairs_together() -> None:
    """Each interval is that of certify at its level, and verdicts are those of a step-down."""
    draw = np.random.default_rng(1)
    label = draw.integers(0, 2, 600)
    data = {
        "u": label[:, None] + draw.normal(0, 1.2, (600, 2)),
        "v": label[:, None] + draw.normal(0, 0.6, (600, 2)),
    }
    seen: list[tuple[Any, ...]] = []
    with pytest.MonkeyPatch.context() as patch:
        true = diagnose.certify_pairs
        patch.setattr(diagnose, "certify_pairs", lambda *given: seen.append(given) or true(*given))
        found = bc.diagnose(data, labels=label, delta=0.2)
    ((samples, _, question),) = seen
    together = [one for pair in found.pairs for one in (pair.adds, pair.two_stage)]
    smaller = sorted(min(one.p_value_a, one.p_value_b) for one in together)
    hypotheses = 2 * len(together)
    allowed = [p <= question.delta / (hypotheses - j) for j, p in enumerate(smaller)]
    first_failure = allowed.index(False) if False in allowed else len(allowed)
    assert 0 < sum(one.verdict is not None for one in together) == first_failure
    for sample, one in zip(samples, together, strict=True):
        if np.array_equal(sample.a, sample.b):  # certify refuses it
            assert one.verdict is None
            continue
        alone = bc.certify(sample.a, sample.b, delta=2 * one.level, loss="zero-one")
        assert (alone.level, alone.decider.lower) == (one.level, one.decider.lower)
        assert (alone.p_value_b, alone.decider.upper) == (one.p_value_b, one.decider.upper)


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
    counted(held_out_losses, "evaluate")
    counted(held_out_losses, "mean_limits")
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
