"""The verdict between two predictors: coverage by enumeration, independent formulas, the safe side."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from files import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import log, mpf, sqrt, workdps
from scipy.stats import beta, binom

import boundcalc as bc
from boundcalc.data.loss_files import read_losses
from boundcalc.errors import InputError
from boundcalc.numeric.decide.certification import Certification, confidence, p_value
from boundcalc.numeric.decide.certify_pairs import PairQuestion, certify_pairs
from boundcalc.numeric.decide.losses import as_losses, range_end
from boundcalc.numeric.decide.paired import paired_test
from boundcalc.numeric.decide.sample import paired_sample
from boundcalc.render.certification import certification_document

DIGITS = ROOT / "examples" / "digits"
N, DELTA = 6, 0.25


def zero_one(n10: int, n01: int, both: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """0/1 losses with n10 examples on which only A is wrong, n01 only B, `both` both."""
    a, b = np.zeros(n), np.zeros(n)
    a[: n10 + both], b[n10 : n10 + both + n01] = 1, 1
    return a, b


def certify(
    a: np.ndarray, b: np.ndarray, *, loss_bound: float | None = None, **question: Any
) -> Certification:
    """As `bc.certify`, also for losses that are all equal, which it refuses."""
    x, y = (as_losses(losses, where="losses", loss_bound=loss_bound) for losses in (a, b))
    zero_one = loss_bound is None and bool(np.isin([x, y], [0, 1]).all())
    sample = paired_sample(x, y, range_end(loss_bound), zero_one)
    return certify_pairs([sample], [("A", "B")], PairQuestion(**question))[0]


def limits(result: Certification, method: str, paired: bool) -> tuple[float, float]:
    return next((r.lower, r.upper) for r in result.rows if (r.method, r.paired) == (method, paired))


# coverage, by enumeration of every outcome


@pytest.fixture(scope="module")
def outcomes() -> list[tuple[tuple[int, int, int], Certification]]:
    counts = [c for c in product(range(N + 1), repeat=3) if sum(c) <= N]
    return [(c, certify(*zero_one(*c, N), delta=DELTA)) for c in counts]


def probability(counts: tuple[int, int, int], world: tuple[float, float, float]) -> float:
    rest = N - sum(counts)
    ways = math.factorial(N) // math.prod(math.factorial(k) for k in (*counts, rest))
    return ways * math.prod(
        p**k for p, k in zip((*world, 1 - sum(world)), (*counts, rest), strict=True)
    )


WORLDS = [
    (p10, p01, both)
    for p10, p01 in product((0.0, 0.02, 0.1, 0.2, 0.35, 0.5, 0.65, 0.9), repeat=2)
    for both in (0.0, 0.1)
    if p10 + p01 + both <= 1 + 1e-12
]


def test_every_interval_covers(outcomes: list) -> None:
    worst: dict[tuple[str, bool], float] = {}
    for world in WORLDS:
        truth = world[0] - world[1]
        missed: dict[tuple[str, bool], float] = {}
        for counts, result in outcomes:
            weight = probability(counts, world)
            for row in result.rows:
                key = row.method, row.paired
                missed[key] = missed.get(key, 0.0) + weight * (not row.lower <= truth <= row.upper)
        for key, value in missed.items():
            assert value <= DELTA, (world, key)
            worst[key] = max(worst.get(key, 0.0), value)
    assert len(worst) == 6
    assert worst["discordant", True] > DELTA / 8  # the worlds are hard enough to tell something


def test_a_false_verdict_has_probability_at_most_half_of_delta(outcomes: list) -> None:
    worst = 0.0
    for world in WORLDS:
        for wrong in [
            v for v, true in (("a", world[0] < world[1]), ("b", world[0] > world[1])) if not true
        ]:
            false = sum(probability(c, world) for c, r in outcomes if r.verdict == wrong)
            assert false <= DELTA / 2, (world, wrong)
            worst = max(worst, false)
    assert worst > DELTA / 4


def test_the_sentence_with_its_amount_is_false_with_probability_at_most_delta(
    outcomes: list,
) -> None:
    for world in WORLDS:
        truth = world[0] - world[1]
        false = 0.0
        for counts, result in outcomes:
            low, high = result.decider.lower, result.decider.upper
            wrong = {"b": truth <= 0 or low > truth, "a": truth >= 0 or high < truth, None: False}
            false += probability(counts, world) * wrong[result.verdict]
        assert false <= DELTA, world


def test_the_interval_excludes_zero_exactly_when_there_is_a_verdict(outcomes: list) -> None:
    for counts, result in outcomes:
        assert (result.decider.lower > 0) == (result.verdict == "b"), counts
        assert (result.decider.upper < 0) == (result.verdict == "a"), counts


def test_coverage_of_the_means_of_other_losses() -> None:
    """Losses on {0, ½, 1} for A and ½ for B, all counts of A: paired Hoeffding and empirical Bernstein."""
    n, delta = 6, 0.5
    counts = [(i, j) for i in range(n + 1) for j in range(n + 1 - i)]
    rows = {
        c: certify(
            np.repeat([0, 1, 0.5], [*c, n - sum(c)]),
            np.full(n, 0.5),
            delta=delta,
            method="hoeffding",
        ).rows
        for c in counts
    }
    for zero, one in product((0.0, 0.1, 0.3, 0.5, 0.7), (0.0, 0.3)):
        truth = (one - zero) / 2
        for k in range(len(rows[0, 0])):
            missed = sum(
                binom.pmf(i, n, zero) * binom.pmf(j, n - i, one / (1 - zero))
                for (i, j), found in rows.items()
                if not found[k].lower <= truth <= found[k].upper
            )
            assert missed <= delta


# independent formulas


def exact(k: int, n: int, share: float) -> tuple[float, float]:
    low = 0.0 if k == 0 else float(beta.ppf(share, k, n - k + 1))
    return low, 1.0 if k == n else float(beta.isf(share, k + 1, n - k))


@pytest.mark.parametrize(
    ("n10", "n01", "both", "n"), [(107, 8, 25, 900), (3, 0, 2, 40), (0, 0, 5, 12), (30, 9, 1, 40)]
)
def test_rows_against_independent_formulas(n10: int, n01: int, both: int, n: int) -> None:
    delta = 0.05
    a, b = zero_one(n10, n01, both, n)
    result = certify(a, b, delta=delta)
    gap, log2, log4 = np.mean(a) - np.mean(b), math.log(2 / delta), math.log(4 / delta)

    def bernstein(x: np.ndarray, log_share: float, width: float) -> float:
        # log_share = ln(1/share)
        log = log_share + math.log(2)
        return math.sqrt(2 * np.var(x, ddof=1) * log / n) + 7 * width * log / (3 * (n - 1))

    half = 2 * math.sqrt(log2 / (2 * n))
    assert limits(result, "hoeffding", True) == pytest.approx(
        (max(gap - half, -1), min(gap + half, 1)), abs=1e-12
    )
    half = bernstein(a - b, log2, 2)
    expected = max(gap - half, -1), min(gap + half, 1)
    assert limits(result, "empirical_bernstein", True) == pytest.approx(expected, abs=1e-12)
    for method, pair in {
        ("clopper_pearson", False): tuple(exact(k, n, delta / 4) for k in (n10 + both, n01 + both)),
        ("hoeffding", False): tuple(
            (max(np.mean(x) - h, 0), min(np.mean(x) + h, 1))
            for x in (a, b)
            for h in [math.sqrt(log4 / (2 * n))]
        ),
        ("empirical_bernstein", False): tuple(
            (max(np.mean(x) - h, 0), min(np.mean(x) + h, 1))
            for x in (a, b)
            for h in [bernstein(x, log4, 1)]
        ),
    }.items():
        (low_a, high_a), (low_b, high_b) = pair
        assert limits(result, *method) == pytest.approx(
            (low_a - high_b, high_a - low_b), abs=1e-9
        ), method
    pairs = result.discordant
    assert pairs is not None
    assert (pairs.n10, pairs.n01) == (n10, n01)


def test_limits_scale_with_the_loss() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.random(400), rng.random(400) / 2
    plain, scaled = bc.certify(a, b), bc.certify(250 * a, 250 * b, loss_bound=250)
    for one, other in zip(plain.rows, scaled.rows, strict=True):
        assert (other.lower, other.upper) == pytest.approx(
            (250 * one.lower, 250 * one.upper), rel=1e-9
        )
    assert plain.verdict == scaled.verdict == "b"


def test_limits_are_on_the_safe_side_of_exact_arithmetic() -> None:
    rng = np.random.default_rng(11)
    for _ in range(40):
        n, c, delta = (
            int(rng.integers(2, 300)),
            float(10 ** rng.uniform(-3, 3)),
            float(rng.uniform(0.01, 0.9)),
        )
        a, b = c * rng.random(n), c * rng.random(n)
        low, high = limits(
            certify(a, b, loss_bound=c, delta=delta, method="hoeffding"), "hoeffding", True
        )
        gap = (
            sum(Fraction(x) - Fraction(y) for x, y in zip(a.tolist(), b.tolist(), strict=True)) / n
        )
        with workdps(40):
            half = 2 * mpf(c) * sqrt(log(2 / mpf(delta)) / (2 * n))
            centre = mpf(gap.numerator) / gap.denominator
            assert low <= max(centre - half, -mpf(c))
            assert min(centre + half, mpf(c)) <= high


@pytest.mark.parametrize("n", [3, 10, 49, 1000])
def test_losses_at_the_ends_of_their_range(n: int) -> None:
    """Rounding pushes means and variances past what losses in the range can have."""
    for c in (0.7, 1.1, 1.0):
        result = bc.certify(np.full(n, c), np.zeros(n), loss_bound=c, delta=0.3)
        assert all(row.upper == c for row in result.rows)
        half = np.arange(n) % 2 * c
        assert all(
            abs(row.lower) <= c for row in bc.certify(half, c - half, loss_bound=c, delta=0.3).rows
        )


@settings(max_examples=6, deadline=None)
@given(st.lists(st.tuples(*[st.sampled_from([0.0, 0.25, 1.0])] * 2), min_size=2, max_size=20))
def test_exchanging_a_and_b_mirrors_everything(pairs: list[tuple[float, float]]) -> None:
    a, b = np.array(pairs).T
    one, other = certify(a, b, delta=0.3), certify(b, a, delta=0.3)
    assert other.verdict == {"a": "b", "b": "a", None: None}[one.verdict]
    assert other.difference == pytest.approx(-one.difference)
    assert other.further_examples == one.further_examples
    for row, mirrored in zip(one.rows, other.rows, strict=True):
        assert (mirrored.lower, mirrored.upper) == pytest.approx(
            (-row.upper, -row.lower), abs=1e-12
        )


# what decides


def test_the_type_of_loss_decides_which_method_decides() -> None:
    a, b = zero_one(9, 1, 0, 20)
    assert bc.certify(a, b).deciding == "discordant"
    assert bc.certify(a.astype(bool), b.astype(int)).deciding == "discordant"
    assert bc.certify(a, b, loss_bound=2).deciding == "betting"
    assert bc.certify(a, b / 2).deciding == "betting"
    assert bc.certify(a, b, loss="bounded").deciding == "betting"
    assert bc.certify(a, b, looks="any").deciding == "betting_anytime"
    assert bc.certify(a, b, method="hoeffding").deciding == "hoeffding"
    assert bc.certify(a, b, method="empirical-bernstein").deciding == "empirical_bernstein"
    assert [r.method for r in bc.certify(a, b, method="hoeffding").rows if r.deciding] == [
        "hoeffding"
    ]


def test_the_verdict_is_that_of_the_deciding_method_alone() -> None:
    """Here the sign test decides and empirical Bernstein, named instead, does not."""
    a, b = zero_one(9, 0, 0, 60)
    assert bc.certify(a, b).verdict == "b"
    assert bc.certify(a, b, method="empirical_bernstein").verdict is None


def test_the_sentence_says_that_the_kind_of_loss_was_read_off() -> None:
    a, b = zero_one(9, 1, 0, 20)
    said = "The loss is taken for 0/1, since every loss here is 0 or 1."
    assert said in bc.certify(a, b).sentence
    assert said not in bc.certify(a, b, loss="zero-one").sentence
    # one loss of 1e-9 changes the method, and nothing is read off any more
    b[-1] = 1e-9
    changed = bc.certify(a, b)
    assert (changed.deciding, said in changed.sentence) == ("betting", False)
    with pytest.raises(InputError, match="B, example 20: 1e-09 is neither 0 nor 1"):
        bc.certify(a, b, loss="zero-one")


def test_the_sentence_rounds_the_amount_down_and_agrees_with_the_table() -> None:
    losses = (read_losses(DIGITS / f"{name}.csv") for name in ("top", "both"))
    result = bc.certify(*losses, loss="zero-one")
    amount = result.sentence.rsplit(" ", 1)[1].rstrip(".")
    assert 0 <= result.decider.lower - float(amount) < 1e-4
    for details in (True, False):
        assert amount in repr(certification_document(result, details)[2:])


def test_one_question_is_stronger_than_two() -> None:
    a, b = zero_one(9, 3, 0, 60)
    assert bc.certify(a, b, delta=0.05).verdict is None
    more = bc.certify(a, b, delta=0.05, direction="more")
    assert (more.verdict, more.decider.upper, more.level) == ("b", 1.0, 0.05)
    assert bc.certify(a, b, delta=0.05, direction="less").verdict is None


def test_margins_are_read_off_the_interval() -> None:
    a, b = zero_one(20, 18, 0, 400)
    result = bc.certify(a, b, margin=0.1)
    assert result.margin is not None
    assert (result.margin.a_not_worse, result.margin.b_not_worse) == (True, True)
    low, high = result.decider.lower, result.decider.upper
    assert bc.certify(a, b, equivalence=max(-low, high) + 1e-6).margin.equivalent
    assert not bc.certify(a, b, equivalence=max(-low, high) - 1e-6).margin.equivalent
    assert "equivalent within 0.1" in bc.certify(a, b, equivalence=0.1).sentence


def test_a_later_step_certifies_the_direction_and_says_so() -> None:
    samples = [
        paired_sample(*zero_one(*counts, 0, 200), 1.0, zero_one=True)
        for counts in ((40, 5), (22, 9))
    ]
    first, second = certify_pairs(samples, [("x", "y"), ("x", "z")], PairQuestion(delta=0.05))
    assert (first.verdict, second.verdict) == ("b", "b")
    assert first.amount == first.decider.lower > 0
    assert (second.amount, second.decider.lower <= 0) == (None, True)
    assert second.sentence == (
        "z is certified better than x: with probability at least 0.95 its risk is lower; "
        "the direction is certified and the amount is not."
    )


def test_k_looks_share_delta() -> None:
    a, b = zero_one(14, 3, 0, 80)
    assert bc.certify(a, b, looks=5).level == pytest.approx(0.005)
    assert bc.certify(a, b, looks=5).decider.lower == pytest.approx(
        bc.certify(a, b, delta=0.01).decider.lower, abs=1e-6
    )


def test_at_any_time_a_group_counts_once_it_is_complete() -> None:
    """Each group errs by A at its first visit, by B at three later ones: A is better by one half.

    After the first visits of all, B would be certified, and A in the end.
    """
    first, rest = np.ones(60), np.zeros(180)
    a, visits = np.concatenate([first, rest]), list(range(60)) * 4
    refused = "example 61 is of a group that came before other"
    for seen in (61, 240):
        losses = {"a": a[:seen], "a+b": 1 - a[:seen]}
        with pytest.raises(InputError, match=refused):
            bc.certify(*losses.values(), groups=visits[:seen], looks="any")
        with pytest.raises(InputError, match=refused):
            bc.compare(losses, groups=visits[:seen], looks="any")
    together = a.reshape(4, 60).T.ravel()
    found = bc.certify(together, 1 - together, groups=sorted(visits), looks="any")
    assert found.verdict == "a"
    assert "each group was complete when it was looked at" in found.assumes[1]


@pytest.mark.parametrize("delta", [0.9, 0.9999])
def test_a_forecast_at_a_delta_near_one_has_a_critical_value(delta: float) -> None:
    """So little is asked that the bets decide for the worse of the two more often than not."""
    found = bc.certify([1, 0, 0], [0, 1, 1], delta=delta, loss="bounded")
    assert found.verdict or found.forecast[0].n


def test_limits_that_contradict_one_another_certify_nothing() -> None:
    """First A errs and then B does, more often: at any time both limits exclude 0, and each other."""
    a = np.concatenate([np.ones(100), np.zeros(900)])
    b = np.concatenate([np.zeros(100), np.ones(150), np.zeros(750)])
    for asked in ({"equivalence": 0.3}, {"margin": 0.3}, {}):
        found = bc.certify(a, b, looks="any", **asked)
        assert found.decider.lower > found.decider.upper
        assert (found.verdict, found.forecast, found.amount) == (None, (), None)
        assert found.sentence.startswith("No verdict, because the limits contradict one another")
        assert "ertified" not in found.sentence
        if found.margin is not None:
            assert (found.margin.a_not_worse, found.margin.b_not_worse) == (False, False)
    assert bc.compare({"a": a, "a+b": b}, looks="any").verdicts[0].verdict == "contradictory"


def test_groups_are_the_observations() -> None:
    rng = np.random.default_rng(1)
    groups = np.repeat(np.arange(40), 5)
    a, b = rng.random(200) < 0.4, rng.random(200) < 0.2
    result = bc.certify(a, b, groups=groups)
    means = (a.astype(float) - b).reshape(40, 5).mean(axis=1)
    alone = bc.certify((1 + means) / 2, np.full(40, 0.5), loss_bound=1)
    assert (result.groups, result.deciding, result.loss) == (40, "betting", "bounded")
    assert result.difference == pytest.approx(2 * alone.difference)
    assert result.n == 200
    over_examples = bc.certify(a, b, groups=groups, group_size=5)
    # groups of one size, which is the bound: the two means are the same
    assert over_examples.decider.lower == pytest.approx(result.decider.lower, abs=1e-9)
    assert over_examples.decider.lower > bc.certify(a, b, groups=groups, group_size=9).decider.lower


def test_class_weights_scale_the_loss_and_its_range() -> None:
    a, b = zero_one(30, 10, 5, 100)
    classes = np.where(np.arange(100) < 50, "cat", "dog")
    result = bc.certify(a, b, classes=classes, weights={"cat": 0.5, "dog": 2, "none": 3})
    assert (result.loss_bound, result.deciding) == (3, "betting")
    assert result.difference == pytest.approx(np.mean((a - b) * np.where(classes == "cat", 0.5, 2)))


def test_series_are_aligned_by_their_index() -> None:
    a, b = (
        pd.Series([1.0, 0, 0.5, 1], index=list("wxyz")),
        pd.Series([0.25, 1, 0, 0], index=list("zyxw")),
    )
    found = bc.certify(a, b)
    assert found.difference == pytest.approx(np.mean([1, 0, -0.5, 0.75]))
    with pytest.raises(InputError, match="A and B have different indexes"):
        bc.certify(a, b.rename({"w": "v"}))


def test_probabilities_are_rounded_down_and_p_values_up() -> None:
    assert all(row.probability < 1 for row in bc.certify([0, 1], [1, 0], delta=1e-20).rows)
    assert [confidence(d) for d in (0.05, 1 / 60, 1e-8, 1e-20)] == [
        "0.95",
        "0.983333",
        "0.99999999",
        "1 − 1e-20",
    ]
    assert [p_value(p) for p in (0.025001, 0.5, 1.0, 1.5301e-23)] == [
        "0.0251",
        "0.5",
        "1",
        "1.54e-23",
    ]


# further examples


@pytest.mark.parametrize("counts", [(20, 10), (5, 4), (2, 0)])
def test_a_forecast_is_about_what_repeated_samples_need(counts: tuple[int, int]) -> None:
    """With the shares observed and n examples, the exact test decides about every other time."""
    n = 4 * sum(counts)
    result = bc.certify(*zero_one(*counts, 1, n), delta=0.005)
    assert result.verdict is None
    assert result.further_examples is not None
    needed = n + result.further_examples
    assert result.forecast[0].n == needed
    b, c = (round(k * needed / n) for k in counts)
    p = paired_test(b, c, needed, level=result.level).p_value(0.0)
    assert result.level / 8 < p < result.level * 8
    assert result.forecast[1].n > needed


@pytest.mark.parametrize("method", [None, "betting", "hoeffding"])
def test_no_number_of_examples_decides_what_was_not_observed(method: str | None) -> None:
    losses = zero_one(30, 10, 1, 200)
    for asked, pair, better in (("less", losses, "B"), ("more", losses[::-1], "A")):
        result = bc.certify(*pair, direction=asked, method=method)
        assert result.verdict is None
        assert result.further_examples is None
        assert result.forecast == ()
        assert f"It was not asked whether {better} is better" in result.sentence
        assert "no number of examples would decide" in result.sentence
        assert "A forecast" not in result.sentence
    few = bc.certify(*zero_one(3, 2, 1, 200), direction="more", method=method)
    assert few.further_examples > 0


@pytest.mark.parametrize("method", ["hoeffding", "empirical_bernstein"])
def test_further_examples_of_an_interval(method: str) -> None:
    """The half-width is the observed gap, about, where every other sample is decided."""
    rng = np.random.default_rng(5)
    a = rng.random(50)
    b = np.clip(a + 0.05 + 0.2 * rng.standard_normal(50), 0, 1)
    result = bc.certify(a, b, method=method)
    assert result.further_examples is not None
    gap, log, spread = abs(result.difference), math.log(2 / 0.05), float(np.var(a - b))
    n = 50 + result.further_examples
    half = {
        "hoeffding": 2 * math.sqrt(log / (2 * n)),
        "empirical_bernstein": math.sqrt(2 * spread * n / (n - 1) * (log + math.log(2)) / n)
        + 14 * (log + math.log(2)) / (3 * (n - 1)),
    }[method]
    assert half == pytest.approx(gap, rel=0.02)


def test_equal_losses_are_never_decided() -> None:
    result = bc.certify(*zero_one(4, 4, 0, 30))
    assert (result.verdict, result.further_examples, result.difference) == (None, None, 0)
    assert "no number of examples" in result.sentence


def test_more_than_can_be_counted_is_said() -> None:
    result = bc.certify(np.full(9, 0.3), np.full(9, 0.1 + 0.2))
    assert (result.verdict, result.further_examples) == (None, None)
    assert "More than 10^15" in result.sentence


def test_errors_in_an_array_file_are_0_or_1(tmp_path: Path) -> None:
    file = tmp_path / "a.npy"
    np.save(file, [0, 1, 1.0])
    assert read_losses(file, zero_one=True).tolist() == [0, 1, 1]
    np.save(file, [0, 1, 0.5])
    with pytest.raises(InputError, match=r"row 3: 0\.5 is neither 0 nor 1"):
        read_losses(file, zero_one=True)
    assert read_losses(file).tolist() == [0, 1, 0.5]
