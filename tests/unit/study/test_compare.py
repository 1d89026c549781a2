"""Comparisons: the numbers, the ledger behind them, the verdicts, and what is shown of them."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import runpy
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from files import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from scipy.stats import beta
from typer.testing import CliRunner

import boundcalc as bc
from boundcalc.cli.app import app
from boundcalc.errors import InputError
from boundcalc.numeric.compiled import compiled
from boundcalc.numeric.decide.certification import rounded_count
from boundcalc.numeric.decide.paired import paired_test
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.evaluate import OfBound
from boundcalc.study.read import read_study
from boundcalc.study.records import Comparison, Row
from boundcalc.study.study import LossKind

EXAMPLES = ROOT / "examples"
STUDIES = {
    "iemocap": EXAMPLES / "iemocap.toml",
    "digits": EXAMPLES / "digits" / "study.toml",
    "training": EXAMPLES / "from_training_losses.toml",
}
TVA, TA, TV, T = "text+audio+video", "text+audio", "text+video", "text"


@cache
def shipped(name: str) -> Comparison:
    return bc.compare(STUDIES[name])


def mapping(*subsets: dict[str, Any], **top: Any) -> dict[str, Any]:
    """A study of nested subsets: a, ab, abc, …, one for each table."""
    tables = [{"modalities": list("abcdef"[: i + 1]), **given} for i, given in enumerate(subsets)]
    return {**top, "subset": tables}


def row(result: Comparison, method: str, *, joint: bool = True, pair: int = 0) -> Row:
    v = result.verdicts[pair]
    rows = [r for r in result.comparisons if (r.more, r.less, r.method) == (v.more, v.less, method)]
    assert [r.joint for r in rows] == [joint]
    return rows[0]


# --- numbers -----------------------------------------------------------------------------------------


def exact_limits(k: float, n: int, share: float) -> tuple[float, float]:
    """Clopper & Pearson, as quantiles of beta distributions."""
    low = 0.0 if k == 0 else float(beta.ppf(share, k, n - k + 1))
    return low, 1.0 if k == n else float(beta.ppf(1 - share, k + 1, n - k))


# 3,410 times the printed means is 1707.387, 1601.677, 1668.172 and 1572.351: none is a whole number
COUNTS = {T: (1707, 1708), TA: (1601, 1602), TV: (1668, 1669), TVA: (1572, 1573)}


def test_iemocap_against_beta_quantiles() -> None:
    result = shipped("iemocap")
    limits = {
        name: (exact_limits(fewest, 3410, 0.0125)[0], exact_limits(most, 3410, 0.0125)[1])
        for name, (fewest, most) in COUNTS.items()
    }
    for subset in result.subsets:
        low, high = limits[subset.subset.label]
        assert subset.risk_lower == pytest.approx(low, abs=1e-12)
        assert subset.risk_upper == pytest.approx(high, abs=1e-12)
    assert len(result.verdicts) == 5
    for v in result.verdicts:
        (low_m, high_m), (low_n, high_n) = limits[v.more.label], limits[v.less.label]
        assert v.lower == pytest.approx(low_m - high_n, abs=1e-12)
        assert v.upper == pytest.approx(high_m - low_n, abs=1e-12)


def test_iemocap_verdicts() -> None:
    verdicts = {(v.more.label, v.less.label): v for v in shipped("iemocap").verdicts}
    assert {pair for pair, v in verdicts.items() if v.verdict == "more"} == {(TVA, T)}
    assert {v.verdict for v in verdicts.values()} == {"more", "undecided"}
    assert -0.00066 < verdicts[TVA, T].upper < -0.00065
    assert 0.0303 < verdicts[TVA, TA].upper < 0.0304
    assert verdicts[TVA, T].needed is None
    assert "lower by at least 0.00065" in verdicts[TVA, T].sentence


@pytest.mark.parametrize("pair", [(TVA, TA), (TA, T), (TV, T), (TVA, TV)])
def test_iemocap_forecasts(pair: tuple[str, str]) -> None:
    """With beta quantiles at real counts: about where the limits part, a sample is decided half the time."""
    verdicts = {(v.more.label, v.less.label): v for v in shipped("iemocap").verdicts}
    needed = verdicts[pair].needed
    more, less = COUNTS[pair[0]][1] / 3410, COUNTS[pair[1]][0] / 3410

    def gap(n: int) -> float:
        return exact_limits(more * n, n, 0.0125)[1] - exact_limits(less * n, n, 0.0125)[0]

    assert gap(math.ceil(1.01 * needed.test_n)) < 0 < gap(math.floor(0.99 * needed.test_n))
    assert needed.more_test_n == needed.test_n - 3410
    half, mostly = needed.forecast
    assert (half.n, half.probability, mostly.probability) == (needed.test_n, 0.5, 0.8)
    assert half.least < half.n < mostly.n
    assert half.most is None
    said = verdicts[pair].sentence
    assert "a forecast, if the losses stayed as observed" in said
    assert f"with probability 0.5, {rounded_count(mostly.n)} with 0.8" in said


def test_iemocap_says_that_counts_were_rounded() -> None:
    note = next(n for n in shipped("iemocap").notes if "whole number of errors" in n)
    for name, (fewest, most) in COUNTS.items():
        assert f"{name} is taken as {fewest} to {most} of 3410" in note


DIGITS = {
    name: np.loadtxt(EXAMPLES / "digits" / f"{name}.csv") for name in ("top", "bottom", "both")
}


def test_whole_counts_are_not_said_to_be_rounded() -> None:
    counted = mapping({"test_errors": 3}, {"test_loss": 0.02}, test_n=100)
    assert not any("whole number" in n for n in bc.compare(counted).notes)
    assert bc.compare(counted).subsets[0].test_loss == 0.03


def bernstein(
    mean: float, variance: float, n: int, width: float, share: float
) -> tuple[float, float]:
    log = math.log(2 / share)
    slack = math.sqrt(2 * variance * log / n) + 7 * width * log / (3 * (n - 1))
    return mean - slack, mean + slack


def test_paired_losses_are_compared_by_their_differences() -> None:
    result = bc.compare(
        replace(read_study(EXAMPLES / "digits" / "study.toml"), loss=LossKind.BOUNDED)
    )
    named = bc.compare(
        replace(read_study(EXAMPLES / "digits" / "study.toml"), loss=LossKind.BOUNDED),
        method="empirical_bernstein",
    )
    pairs = zip(result.verdicts, named.verdicts, ("top", "bottom"), strict=True)
    for v, by_bernstein, other in pairs:
        d = DIGITS["both"] - DIGITS[other]
        ends = by_bernstein.lower, by_bernstein.upper
        assert ends == pytest.approx(
            bernstein(d.mean(), d.var(ddof=1), 900, 2.0, 0.05 / 4), abs=1e-12
        )
        assert ends[0] < v.lower < d.mean() < v.upper < ends[1]
        assert (v.method, v.verdict) == ("betting", "more")
    assert all(s.risk_upper is None for s in result.subsets)


def test_paired_errors_are_compared_by_discordant_examples() -> None:
    result = shipped("digits")
    for v, other in zip(result.verdicts, ("top", "bottom"), strict=True):
        worse, better = (int(np.sum(s * (DIGITS[other] - DIGITS["both"]) > 0)) for s in (1, -1))
        one_of_four = paired_test(worse, better, 900, level=v.level)
        assert v.level == pytest.approx(0.05 / 4)
        assert v.upper == -one_of_four.lower_limit(v.level)
        assert one_of_four.rejects(-v.upper, v.level)
        assert not one_of_four.rejects(-v.upper + 1e-3, v.level)
        assert row(result, "held-out").note == "discordant pairs"


def test_a_loss_range_other_than_one() -> None:
    result = bc.compare(
        mapping(
            {"test_loss": 1.5, "variance": 0.4},
            {"test_loss": 1.0, "variance": 0.3},
            test_n=500,
            loss_bound=3,
        )
    )
    low_n, _ = bernstein(1.5, 0.4, 500, 3, 0.05 / 4)
    _, high_m = bernstein(1.0, 0.3, 500, 3, 0.05 / 4)
    assert result.verdicts[0].upper == pytest.approx(high_m - low_n, abs=1e-12)
    alone = row(result, "held-out-kl", joint=False)
    high = bc.evaluate("holdout.kl", variant="upper", n=500, delta=0.05 / 4, test_loss=1 / 3).value
    low = bc.evaluate("holdout.kl", variant="lower", n=500, delta=0.05 / 4, test_loss=1 / 2).value
    assert alone.upper == pytest.approx(3 * (high - low), abs=1e-12)


def test_method_of_the_ledger_by_what_is_given() -> None:
    def methods(first: dict[str, Any], second: dict[str, Any], **top: Any) -> list[str]:
        result = bc.compare(mapping(first, second, **{"test_n": 100, **top}))
        return [e.method.removeprefix("holdout.") for e in result.ledger if e.side == "upper"]

    plain = {"test_loss": 0.3}
    assert methods(plain, plain) == ["kl", "kl"]
    assert methods(plain, plain, loss="zero-one") == ["clopper_pearson"] * 2
    assert methods({**plain, "variance": 0.1}, plain) == ["empirical_bernstein", "kl"]
    assert methods(plain, plain, method="hoeffding") == ["hoeffding", "hoeffding"]
    assert methods({"test_errors": 3}, plain, method="error-counts") == ["error_counts"]
    assert methods({"test_errors": 3}, plain, direction="more") == ["clopper_pearson"]
    assert methods({"test_errors": 3}, plain) == ["clopper_pearson"] * 2
    assert methods({"test_losses": [0.1, 0.2]}, plain, test_n=2) == ["empirical_bernstein", "kl"]
    assert methods({"test_losses": [0.1, 0.2]}, {"test_losses": [0.3, 0.2]}, test_n=2) == [
        "betting"
    ]
    with pytest.raises(InputError, match="1 examples have a loss of both; at least two"):
        methods({"test_losses": [0.1]}, {"test_losses": [0.3]}, test_n=1)
    assert methods({"test_losses": [0]}, {"test_errors": 1}, test_n=1) == ["clopper_pearson"] * 2


def test_training_limits_against_closed_forms() -> None:
    """Six events: at each of three classes r̂ + 2√(c/m) + concentration, r̂ − concentration − gap."""
    result, m = shipped("training"), 20_000
    slack = math.sqrt(math.log(6 / 0.05) / (2 * m))
    for subset, (loss, c, gap) in zip(
        result.subsets, ((0.42, 4, 0), (0.33, 9, 0), (0.32, 16, 0.001)), strict=True
    ):
        assert subset.risk_upper == pytest.approx(loss + 2 * math.sqrt(c / m) + slack, abs=1e-12)
        assert subset.risk_lower == pytest.approx(loss - slack - gap, abs=1e-12)
        assert subset.rademacher == pytest.approx(math.sqrt(c / m))
    assert [v.verdict for v in result.verdicts] == ["more", "more", "undecided"]


def test_certificates_share_delta_between_their_directions() -> None:
    result, m = shipped("training"), 20_000
    slack = math.sqrt(2 * math.log(2 / 0.05) / m)
    R = {c: math.sqrt(c / m) for c in (4, 9)}
    erm, any_ = (row(result, f"certificate-{kind}", joint=False) for kind in ("erm", "any"))
    assert erm.upper == pytest.approx(0.33 - 0.42 + 2 * R[9] + slack, abs=1e-12)
    assert erm.lower == pytest.approx(0.33 - 0.42 - 2 * R[4] - slack, abs=1e-12)
    assert any_.upper == pytest.approx(0.33 - 0.42 + 2 * R[9] + 2 * R[4] + slack, abs=1e-12)
    assert any_.upper - any_.lower == pytest.approx(4 * (R[9] + R[4]) + 2 * slack, abs=1e-12)


def test_the_erm_certificate_charges_the_gap_of_the_other_predictor() -> None:
    certificate = row(shipped("training"), "certificate-erm", joint=False, pair=2)
    m, slack = 20_000, math.sqrt(2 * math.log(2 / 0.05) / 20_000)
    assert certificate.upper == pytest.approx(-0.01 + 2 * math.sqrt(16 / m) + slack, abs=1e-12)
    assert certificate.lower == pytest.approx(
        -0.01 - 2 * math.sqrt(9 / m) - slack - 0.001, abs=1e-12
    )


def test_what_says_nothing_is_marked_and_kept_in_the_range() -> None:
    tables = [
        {"train_loss": 0.3, "complexity": 50, "test_loss": 0.02},
        {"train_loss": 0.2, "complexity": 60},
    ]
    result = bc.compare(mapping(*tables, m=10, test_n=20, lipschitz=1))
    assert (result.subsets[1].risk_lower, result.subsets[1].risk_upper) == (0.0, 1.0)
    assert all(x.vacuous for x in result.subsets[1].limits)
    assert [x.vacuous for x in result.subsets[0].limits if x.method == "holdout.hoeffding"] == [
        False,
        True,
    ]
    certificate = row(result, "certificate-any", joint=False)
    assert (certificate.lower, certificate.upper) == (-1.0, 1.0)


def test_a_limit_says_what_other_results_of_its_bound_say() -> None:
    limits = [limit for subset in shipped("training").subsets for limit in subset.limits]
    assert {limit.id for limit in limits} >= {"classic.uniform_deviation", "huang2021.theorem2"}
    for limit in limits:
        form = compiled(limit.id).variant(limit.variant)
        assert isinstance(limit, OfBound)
        assert (limit.assumes, limit.status) == (form.assumes, form.status)
        assert limit.to_dict()["id"] == limit.to_dict()["method"] == limit.id
        assert limit.probability == 0.95


def test_theorem_1_and_2_are_reported_as_thresholds() -> None:
    result, m = shipped("training"), 20_000
    slack = math.sqrt(2 * math.log(1 / 0.05) / m)
    first, second = (row(result, f"theorem{i}", joint=False, pair=2) for i in (1, 2))
    assert first.value == pytest.approx(2 * math.sqrt(16 / m) + slack + 0.001, abs=1e-12)
    assert "only if γ < −τ" in first.note
    assert second.value == pytest.approx(0.32 + 2 * math.sqrt(16 / m) + slack, abs=1e-12)
    assert "never negative" in second.note
    assert "stands in" in second.note
    assert {first.certified, second.certified, first.upper, second.upper} == {None}


def test_a_given_centred_loss_is_used() -> None:
    study = mapping(
        {"train_loss": 0.4, "complexity": 1},
        {"train_loss": 0.3, "complexity": 1, "centred_loss": -0.1},
        m=10_000,
        lipschitz=1,
    )
    result = bc.compare(study)
    quality = next(x for x in result.subsets[1].limits if x.quantity == "latent quality")
    assert quality.value == pytest.approx(
        -0.1 + 0.02 + math.sqrt(2 * math.log(20) / 10_000), abs=1e-12
    )
    assert "stands in" not in row(result, "theorem2", joint=False).note


def test_vector_outputs_use_the_vector_variants() -> None:
    one = {"train_loss": 0.3, "complexity": 4.0}
    result = bc.compare(mapping(one, one, m=10_000, lipschitz=1, erm=True, vector_outputs=True))
    slack = math.sqrt(math.log(4 / 0.05) / (2 * 10_000))
    assert result.subsets[0].risk_upper == pytest.approx(
        0.3 + 2 * math.sqrt(2) * 0.02 + slack, abs=1e-12
    )
    assert {e.variant for e in result.ledger} == {"expected-vector", "lower-erm"}
    assert row(result, "theorem1", joint=False).value == pytest.approx(
        2 * math.sqrt(2) * 0.02 + math.sqrt(2 * math.log(20) / 10_000), abs=1e-12
    )
    assert row(result, "theorem2", joint=False).value == pytest.approx(
        0.3 + 2 * math.sqrt(2) * 0.02 + math.sqrt(2 * math.log(20) / 10_000), abs=1e-12
    )
    assert not result.crossovers


def test_a_complexity_measured_on_the_sample() -> None:
    """Both limits take it."""
    one = {"train_loss": 0.3, "rademacher_empirical": 0.01}
    result = bc.compare(mapping(one, one, m=10_000, lipschitz=1))
    assert [(e.variant, str(e.side)) for e in result.ledger] == [
        ("empirical", "upper"),
        ("lower-empirical", "lower"),
    ] * 2
    slack = math.sqrt(2 * math.log(4 / 0.05) / 10_000)
    assert result.subsets[0].risk_upper == pytest.approx(0.3 + 0.02 + slack, abs=1e-12)
    assert result.subsets[0].risk_lower == pytest.approx(0.3 - 0.02 - slack, abs=1e-12)
    assert row(result, "theorem2", joint=False).value == pytest.approx(
        0.3 + 0.02 + 3 * math.sqrt(math.log(20) / 20_000), abs=1e-12
    )
    erm = bc.compare(mapping(one, one, m=10_000, lipschitz=1, erm=True))
    assert [e.variant for e in erm.ledger] == ["empirical", "lower-erm"] * 2
    assert row(erm, "theorem1", joint=False).value == pytest.approx(
        0.02 + 3 * math.sqrt(math.log(20) / 20_000), abs=1e-12
    )


# --- the ledger --------------------------------------------------------------------------------------

MIXED = mapping(
    {"test_losses": [0.1, 0.4, 0.2], "train_loss": 0.3, "complexity": 1},
    {"test_loss": 0.3, "train_loss": 0.2, "rademacher_empirical": 0.1},
    {"test_losses": [0.1, 0.5, 0.2]},
    m=100,
    lipschitz=1,
    delta=0.07,
    joint="all",
)


@pytest.mark.parametrize(
    ("study", "events"),
    [(STUDIES["iemocap"], 8), (STUDIES["digits"], 4), (STUDIES["training"], 6), (MIXED, 12)],
)
@pytest.mark.parametrize("delta", [0.1, 0.05, 1e-3, 0.3])
def test_the_costs_add_up_to_delta_exactly(study: Any, events: int, delta: float) -> None:
    result = bc.compare(study, delta=delta)
    assert len(result.ledger) == events
    assert sum(event.cost for event in result.ledger) == exactly(delta)
    assert len({event.cost for event in result.ledger}) == 1
    assert len({(e.kind, e.quantity, e.side) for e in result.ledger}) == events


def test_single_limits_are_paid_for_only_where_a_pair_lacks_losses() -> None:
    """ab lacks per-example losses, so the pairs a–ab and ab–abc need single limits; a–abc is paired."""
    quantities = [(e.kind, e.quantity) for e in bc.compare(MIXED).ledger if e.side == "upper"]
    assert quantities == [
        *(("held-out", f"r({name})") for name in ("a", "a+b", "a+b+c")),
        ("paired", "r(a+b+c) − r(a)"),
        *(("deviation", f"r({name})") for name in ("a", "a+b")),
    ]


def test_an_erm_without_a_complexity_costs_nothing() -> None:
    tables = [{"test_loss": 0.3, "train_loss": 0.2}, {"test_loss": 0.3, "train_loss": 0.1}]
    result = bc.compare(mapping(*tables, m=1000, test_n=100, lipschitz=1, erm=True))
    assert [e.kind for e in result.ledger] == ["held-out"] * 4
    alone = [x.variant for x in result.subsets[0].limits if x.method == "classic.uniform_deviation"]
    assert alone == ["lower-erm"]


def test_a_subset_in_no_pair_costs_nothing() -> None:
    tables = [{"modalities": list(name), "test_loss": 0.3} for name in ("a", "ab", "c")]
    result = bc.compare({"test_n": 100, "subset": tables})
    assert len(result.ledger) == 4
    assert any("c is in no compared pair" in note for note in result.notes)
    assert result.subsets[2].risk_upper is None


def test_the_ledger_does_not_depend_on_the_values() -> None:
    def events(*losses: float) -> list[tuple[str, str, Fraction]]:
        tables = [{"test_loss": x, "train_loss": x, "complexity": 1} for x in losses]
        study = mapping(*tables, m=50, test_n=20, lipschitz=1)
        return [(e.quantity, e.variant, e.cost) for e in bc.compare(study).ledger]

    assert events(0.0, 1.0, 0.5) == events(0.3, 0.3, 0.3)


def test_no_event_gets_more_than_its_share() -> None:
    """Floats round: the share that is spent is never above the exact one."""
    from boundcalc.numeric.decide.decision import rounded_down

    for k in range(1, 200):
        cost = exactly(0.1) / k
        assert (
            Fraction(rounded_down(cost)) <= cost < Fraction(math.nextafter(rounded_down(cost), 1.0))
        )


@cache
def tiny(k_more: int, k_less: int) -> Comparison:
    return bc.compare(
        mapping({"test_errors": k_less}, {"test_errors": k_more}, test_n=6, delta=0.2)
    )


def probability_of_a_violation(p_more: float, p_less: float, both: float) -> float:
    """P(any joint limit is false), summed over all samples of 6; `both`: P(both predictors err)."""
    cells = (both, p_more - both, p_less - both, 1 - p_more - p_less + both)
    total, gap = 0.0, p_more - p_less
    for a in range(7):
        for b in range(7 - a):
            for c in range(7 - a - b):
                counts = (a, b, c, 6 - a - b - c)
                result = tiny(a + b, a + c)
                limits = {s.subset.label: (s.risk_lower, s.risk_upper) for s in result.subsets}
                holds = limits["a"][0] <= p_less <= limits["a"][1]
                holds &= limits["a+b"][0] <= p_more <= limits["a+b"][1]
                holds &= all(r.lower <= gap <= r.upper for r in result.comparisons if r.joint)
                holds &= all(v.lower <= gap <= v.upper for v in result.verdicts)
                if not holds:
                    ways = math.factorial(6) / math.prod(math.factorial(k) for k in counts)
                    total += ways * math.prod(p**k for p, k in zip(cells, counts, strict=True))
    return total


@pytest.mark.parametrize(
    ("p_more", "p_less", "both"),
    [
        (0.4, 0.4, 0.16),
        (0.6, 0.4, 0.24),
        (0.4, 0.4, 0.4),
        (0.4, 0.4, 0.0),
        (0.68, 0.32, 0.2),
        (0.1, 0.5, 0.05),
    ],
)
def test_joint_coverage_by_exact_enumeration(p_more: float, p_less: float, both: float) -> None:
    assert probability_of_a_violation(p_more, p_less, both) <= 0.2


def test_the_enumeration_bites() -> None:
    """In the first world the limits fail with probability 0.168: half the number of events would be too few."""
    assert probability_of_a_violation(0.4, 0.4, 0.16) > 0.16


# --- verdicts ----------------------------------------------------------------------------------------


def test_rows_that_hold_alone_do_not_decide() -> None:
    """At this m the ERM certificate certifies on its own; the joint limits do not."""
    tables = [{"train_loss": 0.33, "complexity": 9}, {"train_loss": 0.32, "complexity": 16}]
    result = bc.compare(mapping(*tables, m=1_200_000, lipschitz=1, erm=True))
    assert row(result, "certificate-erm", joint=False).certified == "more"
    assert row(result, "deviation").certified is None
    assert result.verdicts[0].verdict == "undecided"
    assert result.verdicts[0].upper == row(result, "deviation").upper


def test_held_out_rows_that_hold_alone_do_not_decide() -> None:
    """With joint = all four deviation events leave too little for the held-out limits; by itself the
    held-out verdict has all of δ."""
    tables = [
        {"test_loss": 0.5, "train_loss": 0.5, "complexity": 1},
        {"test_loss": 0.365, "train_loss": 0.4, "complexity": 1, "variance": 0.2},
    ]
    study = mapping(*tables, m=10, test_n=520, lipschitz=1)
    result = bc.compare(study, joint="all", method="hoeffding")
    assert row(result, "held-out-kl", joint=False).certified == "more"
    assert result.verdicts[0].verdict == "undecided"
    by_itself = bc.compare(study, method="hoeffding")
    assert by_itself.verdicts[0].verdict == "more"
    assert {e.kind for e in by_itself.ledger} == {"held-out"}
    assert {e.kind for e in by_itself.training.ledger} == {"deviation"}
    assert sum(e.cost for e in by_itself.ledger) == sum(e.cost for e in by_itself.training.ledger)


def loss_tables() -> st.SearchStrategy[dict[str, Any]]:
    loss = st.floats(0, 1).map(lambda x: round(x, 3))
    optional = {
        "test_loss": loss,
        "train_loss": loss,
        "complexity": st.floats(0, 5),
    }
    return st.fixed_dictionaries({}, optional=optional)


@settings(max_examples=40, deadline=None)
@given(
    tables=st.lists(loss_tables(), min_size=2, max_size=3),
    zero_one=st.booleans(),
    erm=st.booleans(),
)
def test_verdicts_are_the_joint_rows_and_nothing_else(
    tables: list[dict[str, Any]], zero_one: bool, erm: bool
) -> None:
    loss = "zero-one" if zero_one else "bounded"
    result = bc.compare(mapping(*tables, m=3000, test_n=2000, lipschitz=1, loss=loss, erm=erm))
    for v in result.verdicts:
        joint = [r for r in result.comparisons if r.joint and (r.more, r.less) == (v.more, v.less)]
        assert v.lower == max((r.lower for r in joint if r.lower is not None), default=None)
        assert v.upper == min((r.upper for r in joint if r.upper is not None), default=None)
        if v.verdict == "more":
            assert v.upper < 0
        elif v.verdict == "less":
            assert v.lower > 0
        elif v.verdict == "undecided":
            assert v.upper is None or v.upper >= 0
            assert v.lower is None or v.lower <= 0
            assert v.needed.reasons
    for r in result.comparisons:
        assert r.lower is None or -1 <= r.lower <= 1
        assert r.upper is None or -1 <= r.upper <= 1


def test_combined_limits_where_each_subset_has_another_kind() -> None:
    """Held-out losses of one, training losses of the other: only the two together give an interval."""
    tables = [{"test_loss": 0.5}, {"train_loss": 0.3, "complexity": 1}]
    result = bc.compare(mapping(*tables, m=100_000, test_n=10_000, lipschitz=1))
    combined = row(result, "combined")
    share = 0.05 / 4
    high = 0.3 + 2 * math.sqrt(1 / 100_000) + math.sqrt(math.log(1 / share) / 200_000)
    low = bc.evaluate("holdout.kl", variant="lower", n=10_000, delta=share, test_loss=0.5).value
    assert combined.upper == pytest.approx(high - low, abs=1e-12)
    assert result.verdicts[0].verdict == "more"


def test_worse_is_certified_too() -> None:
    result = bc.compare(mapping({"test_loss": 0.2}, {"test_loss": 0.3}, test_n=5000))
    assert result.verdicts[0].verdict == "less"
    assert result.verdicts[0].sentence.startswith(
        "a is certified better than a+b: its risk is lower by at least 0.0"
    )


def test_contradictory_limits_give_no_verdict_at_all() -> None:
    """The test losses of a say 0.9, its training losses 0.1: ab against a must not be decided."""
    tables = [
        {"test_loss": 0.9, "train_loss": 0.1, "complexity": 0.1},
        {"test_loss": 0.5, "train_loss": 0.5, "complexity": 0.1},
        {"test_loss": 0.1, "train_loss": 0.1, "complexity": 0.1},
    ]
    result = bc.compare(mapping(*tables, m=10_000, test_n=10_000, lipschitz=1))
    assert {v.verdict for v in result.verdicts} == {"contradictory"}
    assert all("contradict" in v.sentence for v in result.verdicts)
    good = bc.compare(mapping(*tables[1:], m=10_000, test_n=10_000, lipschitz=1))
    assert good.verdicts[0].verdict == "more"


def test_a_contradiction_in_one_pair_withholds_every_verdict() -> None:
    """Paired test losses say that abc is far better than ab, training losses that it is far worse."""
    low, high = [0.1, 0.2] * 2000, [0.8, 0.9] * 2000
    tables = [
        {"test_losses": high},
        {"test_losses": high, "train_loss": 0.1, "complexity": 0.1},
        {"test_losses": low, "train_loss": 0.9, "complexity": 0.1},
    ]
    result = bc.compare(mapping(*tables, m=10_000, lipschitz=1))
    assert all(s.risk_lower is None or s.risk_lower <= s.risk_upper for s in result.subsets)
    assert [v.verdict for v in result.verdicts] == ["contradictory"] * 3
    assert result.verdicts[2].upper < result.training.verdicts[2].lower
    assert "contradicts the held-out losses" in result.verdicts[0].sentence
    together = bc.compare(mapping(*tables, m=10_000, lipschitz=1), joint="all")
    assert [v.verdict for v in together.verdicts] == ["contradictory"] * 3
    assert together.verdicts[2].lower > together.verdicts[2].upper
    # r ≥ 0.87 by the training losses and a gap of 0.6 by the test losses: the other risk would be above 1
    two = bc.compare(mapping(*tables[::2], m=10_000, lipschitz=1), joint="all")
    assert {v.verdict for v in two.verdicts} <= {"contradictory", "more"}
    assert bc.compare(mapping(tables[0], {"test_losses": low})).verdicts[0].verdict == "more"


def test_the_order_of_subsets_changes_nothing_but_the_order() -> None:
    tables = mapping(
        {"test_loss": 0.5, "train_loss": 0.4, "complexity": 1},
        {"test_loss": 0.45, "train_loss": 0.35, "complexity": 4},
        {"test_losses": [0.2, 0.4] * 200},
        {"test_losses": [0.3, 0.1] * 200, "train_loss": 0.2, "complexity": 2},
        m=5000,
        lipschitz=1,
        erm=True,
    )
    other = {**tables, "subset": tables["subset"][::-1]}
    one, two = (bc.compare(study).to_dict() for study in (tables, other))
    for name in ("subsets", "comparisons", "verdicts", "crossovers", "ledger"):
        assert sorted(map(repr, one[name])) == sorted(map(repr, two[name])), name
    assert sorted(one["notes"])[0] == sorted(two["notes"])[0]


def test_a_file_and_a_mapping_agree() -> None:
    tables = [
        {"modalities": name.split("+"), "test_loss": loss}
        for name, loss in ((T, 0.5007), (TA, 0.4697), (TV, 0.4892), (TVA, 0.4611))
    ]
    title = "IEMOCAP emotion recognition (Huang et al. 2021)"
    study = {
        "title": title,
        "m": 13200,
        "test_n": 3410,
        "delta": 0.1,
        "loss": "zero-one",
        "subset": tables,
    }
    assert bc.compare(study).to_dict() == shipped("iemocap").to_dict()
    assert bc.compare(shipped("iemocap").study).to_dict() == shipped("iemocap").to_dict()


def test_delta_and_reference_are_replaced() -> None:
    result = bc.compare(STUDIES["iemocap"], delta=0.05, reference="audio + text")
    assert {(v.more.label, v.less.label) for v in result.verdicts} == {(TA, T), (TV, TA), (TVA, TA)}
    assert sum(e.cost for e in result.ledger) == Fraction(1, 20)
    assert result.to_dict()["delta"] == 0.05
    assert len(bc.compare(STUDIES["iemocap"], all_pairs=True).verdicts) == 6


# --- what would decide -------------------------------------------------------------------------------


@pytest.mark.parametrize("gap", [0.03, -0.03])
@pytest.mark.parametrize("variance", [None, 0.15])
def test_test_examples_that_decide(gap: float, variance: float | None) -> None:
    """Near the forecast a study with the same means becomes decided."""

    def study(n: int) -> dict[str, Any]:
        spread = {} if variance is None else {"variance": variance * (999 / 1000) * n / (n - 1)}
        return mapping({"test_loss": 0.3, **spread}, {"test_loss": 0.3 + gap, **spread}, test_n=n)

    first = bc.compare(study(1000)).verdicts[0]
    n = first.needed.test_n
    assert first.verdict == "undecided"
    assert n > 1000
    better = "more" if gap < 0 else "less"
    assert bc.compare(study(math.ceil(1.01 * n))).verdicts[0].verdict == better
    assert bc.compare(study(math.floor(0.99 * n))).verdicts[0].verdict == "undecided"


@pytest.mark.parametrize("erm", [True, False])
@pytest.mark.parametrize("gap", [0.02, -0.02])
def test_training_examples_that_decide(erm: bool, gap: float) -> None:
    def study(m: int) -> dict[str, Any]:
        tables = [
            {"train_loss": 0.3, "complexity": 2.0},
            {"train_loss": 0.3 + gap, "complexity": 3.0},
        ]
        return mapping(*tables, m=m, lipschitz=1, erm=erm)

    first = bc.compare(study(1000)).verdicts[0]
    m = first.needed.m
    assert bc.compare(study(m)).verdicts[0].verdict == ("more" if gap < 0 else "less")
    assert bc.compare(study(m - 1)).verdicts[0].verdict == "undecided"
    assert first.needed.more_m == m - 1000
    assert f"about {rounded_count(m)} training examples in all" in first.sentence


def needed_for(*tables: dict[str, Any], **top: Any) -> Any:
    return bc.compare(mapping(*tables, **top)).verdicts[0].needed


def test_no_number_of_test_examples_decides_equal_losses() -> None:
    needed = needed_for({"test_loss": 0.3}, {"test_loss": 0.3}, test_n=100)
    assert needed.test_n is None
    assert needed.reasons[0].startswith("the observed mean losses are equal: no number of")
    paired = needed_for({"test_losses": [0, 1]}, {"test_losses": [1, 0]})
    assert paired.reasons == (needed.reasons[0], "")


@pytest.mark.parametrize("asked", ["more", "less"])
def test_no_number_of_examples_decides_what_was_not_observed(asked: str) -> None:
    """By losses, by counts, by means, and by training losses."""
    a, b = [1.0] * 30 + [0.0] * 70, [1.0] * 10 + [0.0] * 90
    better = "a+b" if asked == "less" else "a"
    for losses, top in (
        (({"test_losses": a}, {"test_losses": b}), {}),
        (({"test_errors": 30}, {"test_errors": 10}), {"test_n": 100, "method": "error_counts"}),
        (({"test_loss": 0.3}, {"test_loss": 0.1}), {"test_n": 100}),
    ):
        found = bc.compare(
            mapping(*losses[:: 1 if asked == "less" else -1], direction=asked, **top)
        )
        (verdict,) = found.verdicts
        assert verdict.needed.forecast == ()
        assert verdict.needed.test_n is verdict.needed.more_test_n is None
        said = f"it was not asked whether {better} is better, which has the lower test loss"
        assert said in verdict.sentence
        assert f"for {better}" not in verdict.sentence
        assert "may be chance" not in found.answer
        assert f"only whether the one that sees {asked} is better was asked" in found.answer
    losses = {"train_loss": 0.30, "complexity": 1}, {"train_loss": 0.29, "complexity": 1}
    needed = needed_for(
        *losses[:: 1 if asked == "less" else -1], m=1000, lipschitz=1, direction=asked
    )
    assert needed.m is None
    assert f"not asked whether {better} is better, which has the lower train" in needed.reasons[1]


def test_what_was_observed_as_it_was_asked_may_be_chance() -> None:
    losses = {"test_losses": [1.0, 1.0, 0.0, 0.0]}, {"test_losses": [1.0, 0.0, 0.0, 0.0]}
    for asked in ("more", "both"):
        found = bc.compare(mapping(*losses, direction=asked))
        assert found.answer.endswith("what was observed may be chance.")
        assert found.verdicts[0].needed.forecast


def test_a_tiny_gap_is_not_searched_for_ever() -> None:
    needed = needed_for({"test_loss": 0.3}, {"test_loss": 0.3 + 1e-9}, test_n=100)
    assert needed.test_n is None
    assert "more than 10^15 test examples" in needed.reasons[0]


def test_reasons_why_training_examples_do_not_decide() -> None:
    top = {"m": 1000, "lipschitz": 1}
    good, bad = {"train_loss": 0.30}, {"train_loss": 0.31}
    equal = needed_for({**good, "complexity": 1}, {**good, "complexity": 2}, **top)
    assert "training losses are equal" in equal.reasons[1]
    fixed = needed_for({**good, "rademacher": 0.02}, {**bad, "complexity": 2}, **top)
    assert (
        "the complexity of a stays as given and only the concentration terms fall"
        in fixed.reasons[1]
    )
    gap = needed_for(
        {**good, "complexity": 1},
        {**bad, "complexity": 1, "optimisation_gap": 0.02},
        **top,
        erm=True,
    )
    assert "no more than the optimisation gap" in gap.reasons[1]
    enough = needed_for({**good, "rademacher": 0.001}, {**bad, "complexity": 2}, **top)
    assert enough.m is not None
    assert "a complexity that was given as a number stays" in enough.reasons[1]


def test_missing_keys_are_named() -> None:
    reasons = needed_for({"test_loss": 0.3}, {"train_loss": 0.3}).reasons
    assert "no held-out limits on a+b and a: test_n is missing" in reasons[0]
    assert "m, lipschitz, train_loss are missing, and no complexity is given" in reasons[1]
    assert (
        "on a+b: test_loss, test_errors or test_losses is missing"
        in needed_for({"test_loss": 0.3}, {}, test_n=9).reasons[0]
    )
    notes = bc.compare(
        mapping({"train_loss": 0.3, "complexity": 1}, {"train_loss": 0.2, "complexity": 1}, m=9)
    ).notes
    assert any(
        note == "training-based limits are off for a, a+b: lipschitz is missing" for note in notes
    )
    assert any("held-out limits are off" in note for note in notes)
    notes = bc.compare(
        mapping({"train_loss": 0.3, "complexity": 1}, {"train_loss": 0.2}, m=9, lipschitz=1)
    ).notes
    assert any(
        note.startswith("training-based limits are off for a")
        and note.endswith(": no complexity is given")
        for note in notes
    )
    assert any("erm = true" in note for note in notes)


def test_assumptions_are_said() -> None:
    notes = " | ".join(shipped("iemocap").notes)
    assert (
        "assumed by holdout.clopper_pearson (upper, lower): f was fixed before the held-out examples were seen"
        in notes
    )
    assert "second look" in notes
    zero_one = mapping(
        {"train_loss": 0.3, "rademacher": 0.1},
        {"train_loss": 0.2, "rademacher": 0.1},
        m=9,
        lipschitz=1,
        loss="zero-one",
    )
    assert any("that of the 0/1 loss class itself" in note for note in bc.compare(zero_one).notes)


# --- crossovers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("less", "more", "m_star", "says"),
    [
        ((0.42, 4), (0.32, 9), 400, "from m = 400 on; at this study's 500 it is"),
        ((0.42, 4), (0.33, 9), 494, "at this study's 500 it is"),
        ((0.42, 4), (0.34, 9), 625, "from m = 625 on; at this study's 500 not yet"),
        (
            (0.32, 4),
            (0.32, 9),
            None,
            "never preferred to a: it has the larger complexity and no smaller training loss",
        ),
        ((0.32, 4), (0.42, 9), None, "never"),
        ((0.42, 9), (0.32, 4), 1, "at every m"),
        ((0.42, 4), (0.42, 4), 1, "at every m"),
        (
            (0.32, 4),
            (0.42, 4),
            None,
            "never preferred to a: it has the larger training loss and no smaller complexity",
        ),
        ((0.32, 9), (0.42, 4), None, "only below m = 400"),
    ],
)
def test_crossovers(
    less: tuple[float, float], more: tuple[float, float], m_star: int | None, says: str
) -> None:
    tables = [{"train_loss": loss, "complexity": c} for loss, c in (less, more)]
    (crossover,) = bc.compare(mapping(*tables, m=500, lipschitz=1)).crossovers
    assert crossover.m_star == m_star
    assert says in crossover.sentence


def test_a_class_has_a_crossover_and_a_fixed_number_has_none() -> None:
    linear = {"train_loss": 0.42, "class": {"kind": "linear-l2", "norm": 2, "radius": 1}}
    (crossover,) = bc.compare(
        mapping(linear, {"train_loss": 0.32, "complexity": 9}, m=500, lipschitz=1)
    ).crossovers
    assert crossover.m_star == 400
    fixed = mapping(
        {"train_loss": 0.42, "rademacher": 0.1},
        {"train_loss": 0.32, "complexity": 9},
        m=500,
        lipschitz=1,
    )
    assert not bc.compare(fixed).crossovers


# --- what is shown -----------------------------------------------------------------------------------

ROW = {
    "more",
    "less",
    "method",
    "joint",
    "lower",
    "upper",
    "probability",
    "certified",
    "value",
    "note",
}
SUBSET = {
    "modalities",
    "train_loss",
    "test_loss",
    "rademacher",
    "risk_upper",
    "risk_lower",
    "limits",
} | {"rademacher_empirical"}


def quick(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["compare", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


@pytest.mark.parametrize("name", STUDIES)
def test_json_has_the_fixed_fields(name: str) -> None:
    record = json.loads(quick(str(STUDIES[name]), "--format", "json"))
    assert list(record) == [
        "title",
        "m",
        "delta",
        "subsets",
        "comparisons",
        "verdicts",
        "crossovers",
        "ledger",
        "notes",
        "answer",
    ]
    assert all(set(r) == ROW for r in record["comparisons"])
    assert all(set(s) == SUBSET for s in record["subsets"])
    fields = {"more", "less", "verdict", "lower", "upper", "sentence", "needed"}
    fields |= {"method", "p_value", "level", "n", "amount", "margin"}
    assert all(set(v) == fields for v in record["verdicts"])
    assert all(set(c) == {"more", "less", "m_star", "sentence"} for c in record["crossovers"])
    assert all(isinstance(r["more"], list) for r in record["comparisons"])
    assert {r["certified"] for r in record["comparisons"]} <= {"more", "less", None}
    assert math.fsum(e["cost"] for e in record["ledger"]) == pytest.approx(
        record["delta"], rel=1e-15
    )
    assert record == json.loads(json.dumps(shipped(name).to_dict()))


@pytest.mark.parametrize("name", STUDIES)
def test_text_fits_80_columns_without_colour(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    text = quick(str(STUDIES[name]), "--ledger", "--details")
    assert "\x1b" not in text
    assert max(map(cell_len, text.splitlines())) <= 80
    first = "risk ≤" if name != "digits" else "test loss"
    assert (
        text.index(first)
        < text.index("In words")
        < text.index("Method by method")
        < text.index("Ledger")
    )


def test_what_is_printed_first_is_joint_and_in_words() -> None:
    text = quick(str(STUDIES["iemocap"]), "--details")
    assert re.search(r"text\+audio\+video +text +−0\.0785 +−0\.0006 +certified better", text)
    assert re.search(r"text\+audio\+video +text\+audio +−0\.0474 +0\.0304 +undecided", text)
    assert (
        text.index("Use text+audio")
        < text.index("certified better")
        < text.index("Method by method")
    )
    assert "Hoeffding" not in quick(str(STUDIES["iemocap"]), "--details", "--no-alone")
    assert "Ledger" not in text
    assert "1/80" in quick(str(STUDIES["iemocap"]), "--ledger")


def test_a_certified_gap_is_never_printed_as_0() -> None:
    """−0.0000306… is not −0.0000."""
    from boundcalc.render.comparison import comparison_document
    from boundcalc.render.texts import markdown

    study = mapping({"test_loss": 0.30403}, {"test_loss": 0.3}, test_n=550_000)
    result = bc.compare(study, method="hoeffding")
    assert -5e-5 < result.verdicts[0].upper < 0
    for details in (True, False):
        shown = markdown(comparison_document(result, details=details))
        assert "| −0.00003 | certified better |" in shown


@pytest.mark.parametrize("format", ["markdown", "latex", "csv"])
@pytest.mark.parametrize("name", STUDIES)
def test_other_formats(format: str, name: str, tmp_path: Path) -> None:
    text = quick(str(STUDIES[name]), "--format", format)
    quick(str(STUDIES[name]), "--format", format, "--output", str(tmp_path / "out"))
    assert (tmp_path / "out").read_text(encoding="utf-8") == text
    if format == "csv":
        rows = list(csv.DictReader(io.StringIO(text)))
        result = shipped(name)
        assert len(rows) == len(result.comparisons)
        for shown, true in zip(rows, result.comparisons, strict=True):
            if true.upper is not None:
                assert true.upper <= float(shown["upper"]) < true.upper + 2e-6
                assert true.lower - 2e-6 < float(shown["lower"]) <= true.lower
    if format == "latex":
        assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == 1


def test_the_example_script_answers_both_questions(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(EXAMPLES / "is_audio_worth_it.py"), run_name="__main__")
    text = capsys.readouterr().out
    assert "Is audio worth adding to text?" in text
    assert "5,400" in text
    assert "Is video worth adding to both?" in text
    assert "75,000" in text
