"""The rows of a certified pair, what it takes from its forecast, and pairs that share δ."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import boundcalc as bc
from boundcalc.numeric.decide import certify_pairs as module
from boundcalc.numeric.decide.certify_pairs import PairQuestion, certify_pairs
from boundcalc.numeric.decide.forecast import Needed
from boundcalc.numeric.decide.sample import Population, paired_sample

A = [1] * 14 + [0] * 6 + [1] * 5 + [0] * 55
B = [0] * 14 + [1] * 6 + [1] * 5 + [0] * 55


def sample(a: list[float], b: list[float], *, zero_one: bool = True):  # type: ignore[no-untyped-def]
    values = np.array(a, dtype=float), np.array(b, dtype=float)
    return paired_sample(*values, 1.0, zero_one, Population(None, None, None, None))


def test_the_exact_test_stands_beside_another_method_as_it_decides_alone() -> None:
    alone = bc.certify(A, B, loss="zero-one", delta=0.1)
    beside = bc.certify(A, B, loss="zero-one", delta=0.1, method="hoeffding")
    assert alone.discordant is not None
    assert beside.discordant is not None
    assert (alone.discordant.n10, alone.discordant.n01) == (14, 6)
    assert beside.discordant.p_value_a == pytest.approx(alone.discordant.p_value_a, rel=1e-9)
    assert beside.discordant.p_value_b == pytest.approx(alone.discordant.p_value_b, rel=1e-9)
    (row,) = (r for r in beside.rows if r.method == "discordant")
    assert (row.lower, row.upper) == pytest.approx((alone.decider.lower, alone.decider.upper))
    assert not row.deciding


@pytest.mark.parametrize("method", ["discordant", "hoeffding"])
def test_rows_are_compared_with_the_paired_one_of_their_method(method: str) -> None:
    found = bc.certify(A, B, loss="zero-one", method=method)
    assert [r.deciding for r in found.rows] == [True] + [False] * (len(found.rows) - 1)
    assert found.rows[0].method == method
    paired = {r.method: r for r in found.rows if r.paired}
    others = [r for r in found.rows if not r.paired]
    assert others[0].method == "clopper_pearson"
    for row in others:
        rival = paired["discordant" if row.method == "clopper_pearson" else row.method]
        assert row.wider == pytest.approx((row.upper - row.lower) / (rival.upper - rival.lower))
        assert row.wider > 1
    assert all(r.probability == 0.95 for r in found.rows)


@pytest.mark.parametrize(("half", "further"), [(500, 420), (81, 1), (80, 1), (7, 1), (None, None)])
def test_further_examples_are_one_at_least(
    half: int | None, further: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    forecast = (Needed(probability=0.5, n=half, least=1, most=None),)
    monkeypatch.setattr(module, "pair_forecast", lambda *args, **options: forecast)
    (found,) = certify_pairs([sample(A, B)], [("a", "b")], PairQuestion(0.05))
    assert found.verdict is None
    assert found.further_examples == further
    assert (found.n, found.mean_a, found.mean_b) == (80, 19 / 80, 11 / 80)
    assert found.difference == pytest.approx(8 / 80)


def test_what_is_equivalent_needs_no_forecast_and_what_is_no_worse_does() -> None:
    pairs = [sample(A, B)], [("a", "b")]
    (alike,) = certify_pairs(*pairs, PairQuestion(0.05, equivalence=0.9))
    assert alike.margin is not None
    assert (alike.margin.equivalent, alike.forecast) == (True, ())
    (no_worse,) = certify_pairs(*pairs, PairQuestion(0.05, margin=0.9))
    assert no_worse.verdict is None
    assert no_worse.forecast != ()


def test_the_order_is_of_arrival_where_it_counts_and_the_seed_is_0() -> None:
    values = np.random.default_rng(0).uniform(0, 1, (2, 40)).tolist()
    pair = [sample(*values, zero_one=False)], [("a", "b")]
    (found,) = certify_pairs(*pair, PairQuestion(0.05))
    assert "the same ones in the same order for both" in found.assumes[1]
    assert found == certify_pairs(*pair, PairQuestion(0.05, seed=0))[0]
    assert found != certify_pairs(*pair, PairQuestion(0.05, seed=1))[0]
    (found,) = certify_pairs(*pair, PairQuestion(0.05, looks="any"))
    assert "the same ones in their order of arrival for both" in found.assumes[1]


def test_what_is_decided_needs_no_forecast() -> None:
    (found,) = certify_pairs([sample([1] * 20 + [0], [0] * 21)], [("a", "b")], PairQuestion(0.05))
    assert (found.verdict, found.further_examples, found.forecast) == ("b", 0, ())


def test_pairs_share_the_chance_of_failure() -> None:
    """Each of two is tested at half the level first."""
    pair, names = sample(A, B), ("a", "b")
    (alone,) = certify_pairs([pair], [names], PairQuestion(0.1))
    both = certify_pairs([pair, pair], [names, names], PairQuestion(0.2))
    assert alone.level == pytest.approx(0.05)
    for found in both:
        assert found.level == pytest.approx(alone.level)
        assert found.decider.lower == pytest.approx(alone.decider.lower)
    (one_sided,) = certify_pairs([pair], [names], PairQuestion(0.05, direction="more"))
    assert one_sided.level == pytest.approx(0.05)


def test_what_is_proved_is_on_the_safe_side_in_so_many_digits() -> None:
    found = bc.certify(A, B, loss="zero-one", delta=0.1, digits=3)
    assert found.proved is not None
    assert found.proved.digits == 3
    for text, value, up in (
        (found.proved.lower, found.decider.lower, False),
        (found.proved.upper, found.decider.upper, True),
        (found.proved.p_value_a, found.p_value_a, True),
        (found.proved.p_value_b, found.p_value_b, True),
    ):
        off = (Fraction(text) - Fraction(value)) * (1 if up else -1)
        assert 0 <= off <= abs(Fraction(value)) / 100
