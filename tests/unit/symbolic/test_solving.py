"""Families, solving lemmas and sub-Gaussian losses: against bisection, enumeration and normals."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom, norm
from sympy import Integer, Rational, log, sqrt

import boundcalc as bc
from boundcalc.conventions import Relation, Side
from boundcalc.errors import CertificateError, SideConditionError
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.facts import Event, Fact
from boundcalc.symbolic.kernel import provably_nonnegative
from boundcalc.symbolic.lemmas import (
    bounded_differences,
    entropy_inversion,
    fixed_deviation,
    for_every_member,
    given,
    relative_chernoff,
    solved_for_root,
    sub_gaussian_deviation,
)
from boundcalc.symbolic.lemmas.solving import root_of
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Loss,
    Predictor,
    Sample,
    empirical_risk,
    risk,
)
from boundcalc.theorems.pac_bayes._setting import distributions, entropy_limit

delta, n, m = symbol("delta"), symbol("n"), symbol("m")
T = Sample("T", "T", n)
ALONE = FunctionClass("{f}", "f", Loss(symbol("lipschitz"), Integer(1)))
f = Predictor("f", "f", ALONE, independent_of=frozenset({"T"}))


def known(claim: object, limit: object) -> Derivation:
    """A proof from one asserted fact."""
    return Derivation(claim, (Apply(Fact("asserted", claim, Relation.AT_MOST, limit, "input")),))


@pytest.mark.parametrize("a", [Rational(0), Rational(1, 100), Rational(3, 10), Rational(2)])
@pytest.mark.parametrize("c", [Rational(1, 1000), Rational(1, 5), Rational(4)])
def test_the_solution_is_the_largest_that_the_inequality_allows(a: Rational, c: Rational) -> None:
    fact = solved_for_root(known(risk(f) - root_of(risk(f), c), a))
    low, high = 0.0, 100.0
    for _ in range(200):
        middle = (low + high) / 2
        allowed = middle - math.sqrt(float(c) * middle) <= float(a)
        low, high = (middle, high) if allowed else (low, middle)
    assert float(fact.rhs) == pytest.approx(low, rel=1e-9)
    grid = np.linspace(0, 50, 20_001)
    inside = grid[grid - np.sqrt(float(c) * grid) <= float(a)]
    assert inside.max() <= float(fact.rhs) + 1e-12


def test_what_has_another_form_is_not_solved() -> None:
    r, c = risk(f), Rational(1, 5)
    for claim, limit in (
        (r, c),
        (2 * r - root_of(r, c), c),
        (r + root_of(r, c), c),
        (r - root_of(r, c), -c),
        (r - root_of(r, -c), c),
        (r - root_of(r, c) - root_of(r, 2 * c), c),
    ):
        with pytest.raises(SideConditionError):
            solved_for_root(known(claim, limit))


def test_all_events_of_what_is_solved_are_paid_for() -> None:
    """From two chances that fail apart, with costs of 1/5 and 1/7."""
    r, c, costs = risk(f), Rational(1, 5), (Rational(1, 5), Rational(1, 7))
    claim, half = r - root_of(r, c), Rational(1, 2)
    facts = [
        Fact("?", claim, Relation.AT_MOST, c, "input", event=Event((cost,), (T,), cost))
        for cost in costs
    ]
    both = solved_for_root(Derivation(claim, tuple(Apply(fact, half) for fact in facts)))
    one, none = (
        solved_for_root(proof) for proof in (Derivation(claim, (Apply(facts[0]),)), known(claim, c))
    )
    assert (both.cost, one.cost, none.event) == (sum(costs), costs[0], None)
    assert one.event == facts[0].event
    with pytest.raises(CertificateError, match="left over"):
        solved_for_root(Derivation(claim, (Apply(facts[0], half),)))


def test_a_failed_certificate_names_the_lemma_that_is_missing() -> None:
    r, c = risk(f), Rational(1, 5)
    bent = Fact("asserted", r, Relation.AT_MOST, Rational(1, 10) + root_of(r, c), "input")
    with pytest.raises(CertificateError, match=r"nonlinear in r\(f\).*solving lemma"):
        Derivation(r, (Apply(bent),)).check()
    typed = Fact("asserted", r, Relation.AT_MOST, Rational(1, 10) + sqrt(c * r), "input")
    with pytest.raises(CertificateError, match=r"nonlinear in r\(f\).*solving lemma"):
        Derivation(r, (Apply(typed),)).check()
    nothing = Fact("asserted", r, Relation.AT_MOST, empirical_risk(f, T), "input")
    with pytest.raises(CertificateError, match="no fact bounds r̂_T"):
        Derivation(r, (Apply(nothing),)).check()


@pytest.mark.parametrize("p", [0.01, 0.2, 0.7])
@pytest.mark.parametrize("size", [1, 10, 300])
def test_the_relative_limit_fails_no_more_often_than_it_says(p: float, size: int) -> None:
    k = np.arange(size + 1)
    for level in (0.5, 0.1, 0.001):
        value = bc.evaluate(
            "holdout.relative", n=size, delta=level, loss_bound=1, test_loss=k / size
        ).value
        exact = bc.evaluate("holdout.kl", variant="upper", n=size, delta=level, test_loss=k / size)
        assert binom.pmf(k, size, p)[value < p].sum() <= level
        assert np.all(exact.value <= value * (1 + 1e-12))


def test_the_relative_limit_is_for_one_predictor() -> None:
    learned = Predictor("f", "f", ALONE)
    with pytest.raises(SideConditionError, match="depends on the sample"):
        relative_chernoff(learned, sample=T, cost=delta)
    sigma = symbol("sub_gaussian")
    with pytest.raises(SideConditionError, match="depends on the held-out"):
        sub_gaussian_deviation(learned, sample=T, deviation=sigma, side=Side.LOWER, cost=delta)


def test_gaussian_losses_stay_within_the_sub_gaussian_limit() -> None:
    for level in (0.4, 0.05, 1e-6):
        given = {"n": 25, "delta": level, "test_loss": 0, "sub_gaussian": 3}
        slack = bc.evaluate("holdout.sub_gaussian", variant="upper", **given).value
        assert norm.sf(slack / (3 / 5)) <= level
    # exp(λ²σ²/2) is attained by a normal: at a small δ less than 0.9 of it is too little
    assert norm.sf(0.9 * slack / (3 / 5)) > level


def test_every_member_pays_its_share() -> None:
    """Three opposite coins and the one that looks best: the union bound, by enumeration."""
    size, members = 6, 3
    for level in (0.3, 0.05):
        slack = math.sqrt(math.log(members / level) / (2 * size))
        chances = binom.pmf(np.arange(size + 1), size, 0.5)
        failing = 0.0
        for counts in itertools.product(range(size + 1), repeat=members):
            if 0.5 - min(counts) / size > slack:
                failing += math.prod(float(chances[k]) for k in counts)
        assert failing <= level
    value = bc.evaluate(
        "classic.structural_risk",
        variant="candidates",
        **{"m": 6, "delta": 0.05, "lipschitz": 1, "loss_bound": 1, "rademacher": 0},
        train_loss=0.5,
        candidates=3,
    ).value
    assert value == pytest.approx(0.5 + slack, rel=1e-12)


def test_a_family_refuses_other_shares() -> None:
    fact = relative_chernoff(f, sample=T, cost=delta)
    with pytest.raises(SideConditionError, match="with its share"):
        for_every_member(fact, share=symbol("weight"), cost=delta)
    with pytest.raises(SideConditionError, match="not a weight"):
        for_every_member(fact, share=symbol("lipschitz"), cost=delta)
    certain = Fact("asserted", risk(f), Relation.AT_MOST, n, "input")
    with pytest.raises(SideConditionError, match="no inequality that may fail"):
        for_every_member(certain, share=symbol("weight"), cost=delta)


def test_two_ways_to_share_delta_are_two_events() -> None:
    """∪ {a member is off by its weight's share} and ∪ {off by δ/N} fail apart from one another."""
    gap, half = risk(f) - empirical_risk(f, T), Rational(1, 2)
    shared = [
        for_every_member(bounded_differences(gap, cost=share * delta), share=share, cost=delta)
        for share in (symbol("weight"), 1 / symbol("candidates"))
    ]
    mixed = Derivation(
        risk(f),
        (
            *(Apply(fact, half) for fact in shared),
            Apply(fixed_deviation(f, sample=T), -1),
            Apply(given(empirical_risk(f, T), symbol("test_loss"), term="test_loss"), 1),
        ),
    )
    assert len(mixed.events) == 2
    assert mixed.check().failure == 2 * delta


def test_a_proof_of_a_lower_limit_says_the_same_inside_a_lemma() -> None:
    """The side only turns the sign of what is printed: kl ≤ c stays kl ≤ c."""
    proof = entropy_limit(*distributions())
    turned = replace(proof, side=Side.LOWER)
    assert turned.check().expression == -proof.expression
    loss = symbol("train_loss")
    assert entropy_inversion(turned, loss=loss).rhs == entropy_inversion(proof, loss=loss).rhs
    root = known(risk(f) - root_of(risk(f), Rational(1, 5)), Rational(-1, 100))
    with pytest.raises(SideConditionError, match="not known to be at least 0"):
        solved_for_root(replace(root, side=Side.LOWER))


def test_the_kernel_knows_counts_from_one_on() -> None:
    count, weight = symbol("candidates"), symbol("weight")
    for shown in (log(count), log(count / delta), log(1 / (weight * delta)), log(m) + 1):
        assert provably_nonnegative(shown)
    for unknown in (log(count / 2), log(delta * count), -log(count), log(weight)):
        assert not provably_nonnegative(unknown)


def test_the_quadratic_bound_is_its_printed_form_and_never_below_kl() -> None:
    rng = np.random.default_rng(3)
    given = {"m": rng.integers(1, 10**5, 60), "delta": rng.uniform(0.001, 0.9, 60)}
    given |= {"train_loss": rng.uniform(0, 1, 60), "divergence": rng.uniform(0, 50, 60)}
    kl, quadratic = (
        bc.evaluate(f"pac_bayes.{name}", variant="published", **given).value
        for name in ("kl", "quadratic")
    )
    B = (given["divergence"] + np.log(2 * np.sqrt(given["m"]) / given["delta"])) / given["m"]
    printed = (np.sqrt(given["train_loss"] + B / 2) + np.sqrt(B / 2)) ** 2
    assert quadratic == pytest.approx(printed, rel=1e-12)
    assert np.all(kl <= quadratic * (1 + 1e-12))
