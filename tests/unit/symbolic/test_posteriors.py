"""PAC-Bayes: every step and every bound in worlds that are enumerated whole."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from mpmath import iv
from sympy import Expr, Float, Integer, Symbol

import boundcalc as bc
from boundcalc.errors import CertificateError, SideConditionError
from boundcalc.numeric.special import log_entropy_moment
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.functions import LogEntropyMoment
from boundcalc.symbolic.lemmas import (
    chain_rule,
    change_of_measure,
    convexity,
    entropy_inversion,
    entropy_moment,
    majority_vote,
    moment_tail,
    pinsker,
    refined_pinsker,
)
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.posteriors import Posterior, Prior, relative_entropy
from boundcalc.symbolic.precision import working_digits
from boundcalc.symbolic.quantities import FunctionClass, Loss, Sample, quantities_in
from boundcalc.theorems.pac_bayes._setting import entropy_limit

SIZE = 3
CHANCES = np.array([0.5, 0.3, 0.2])
# the loss of four predictors on three examples
LOSSES = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 0], [0.5, 0.25, 0]])
PRIOR = np.array([0.4, 0.3, 0.2, 0.1])
S = Sample("S", "S", Integer(SIZE))
F = FunctionClass("F", "F", Loss(Integer(1), Integer(1)))
Q, P = Posterior("Q", "Q", F), Prior("P", "P", F)
SAMPLES = list(itertools.product(range(3), repeat=SIZE))


def kl(q: float, p: float) -> float:
    """The relative entropy of two coins, from its definition."""
    parts = ((q, p), (1 - q, 1 - p))
    return sum(a * math.log(a / b) if b > 0 else math.inf for a, b in parts if a > 0)


def divergence(weights: np.ndarray, prior: np.ndarray = PRIOR) -> float:
    return float(sum(a * math.log(a / b) for a, b in zip(weights, prior, strict=True) if a > 0))


def xi(m: int) -> Fraction:
    """The sum, from its definition."""
    return sum(
        (Fraction(math.comb(m, k) * k**k * (m - k) ** (m - k), m**m) for k in range(m + 1)),
        Fraction(0),
    )


def probability(sample: tuple[int, ...]) -> float:
    return float(np.prod(CHANCES[list(sample)]))


def entropies(sample: tuple[int, ...]) -> np.ndarray:
    """kl(r̂(f)‖r(f)) of every predictor."""
    return np.array([kl(row[list(sample)].mean(), row @ CHANCES) for row in LOSSES])


def mean_moment() -> float:
    return sum(probability(s) * float(PRIOR @ np.exp(SIZE * entropies(s))) for s in SAMPLES)


def posteriors(sample: tuple[int, ...]) -> list[np.ndarray]:
    """The one at which the change of measure is an equation, single predictors, and some at random."""
    best = PRIOR * np.exp(SIZE * entropies(sample))
    rng = np.random.default_rng(sum(sample))
    return [best / best.sum(), PRIOR, *np.eye(4), *rng.dirichlet(np.full(4, 0.3), 20)]


def values(sample: tuple[int, ...], weights: np.ndarray) -> dict[str, float]:
    """Every quantity of the lemmas by its measure, in this world."""
    phi, risks, means = entropies(sample), LOSSES @ CHANCES, LOSSES[:, list(sample)].mean(axis=1)
    return {
        "gibbs_risk": float(weights @ risks),
        "empirical_gibbs_risk": float(weights @ means),
        "divergence": divergence(weights),
        "relative_entropy": kl(float(weights @ means), float(weights @ risks)),
        "mean_relative_entropy": float(weights @ phi),
        "log_moment": math.log(float(PRIOR @ np.exp(SIZE * phi))),
        "log_mean_moment": math.log(mean_moment()),
    }


def number(expr: Expr, known: dict[str, float]) -> float:
    """An expression with these values."""
    put = {q: known[q.measure] for q in quantities_in(expr)}
    put |= {s: known[s.name] for s in expr.free_symbols if isinstance(s, Symbol) and s not in put}
    found = expr.subs(put)
    moments = {f: Float(math.log(xi(int(f.args[0])))) for f in found.atoms(LogEntropyMoment)}
    return float(found.xreplace(moments).evalf())


@pytest.mark.parametrize("m", [1, 2, 3, 7, 8, 50, 1000])
def test_the_moment_is_its_defining_sum(m: int) -> None:
    exact = xi(m)
    with working_digits(40):
        box = LogEntropyMoment.enclose(iv.mpf(m))
        true = iv.log(iv.mpf(exact.numerator) / exact.denominator)
        assert box.a <= true.b
        assert true.a <= box.b
        assert box.delta < 1e-30
    assert 0 <= float(log_entropy_moment(m)) / math.log(exact) - 1 < 1e-12
    assert exact <= 2 * math.sqrt(m)


def test_small_samples_have_the_loose_moment_too() -> None:
    """Maurer has 2√m for m ≥ 8 only."""
    assert all(xi(m) ** 2 <= 4 * m for m in range(1, 60))


def test_the_large_moment_joins_the_sum() -> None:
    """The formula for large samples, against the sum carried out in ordinary arithmetic."""
    for m in (100_001, 250_000):
        ratios = np.maximum(1 - np.arange(20_000) / m, 0)
        plain = math.log1p(math.fsum(np.cumprod(ratios)))
        with working_digits(25):
            box = LogEntropyMoment.enclose(iv.mpf(m))
        assert float(box.mid) == pytest.approx(plain, rel=1e-12)
        assert float(box.delta) < 1e-13


@pytest.mark.parametrize("risk", [0.05, 0.3, 0.5, 0.9])
@pytest.mark.parametrize("m", [1, 2, 5, 20])
def test_coins_attain_the_moment(m: int, risk: float) -> None:
    mean = sum(
        math.comb(m, k) * risk**k * (1 - risk) ** (m - k) * math.exp(m * kl(k / m, risk))
        for k in range(m + 1)
    )
    fact = entropy_moment(P, sample=Sample("S", "S", Integer(m)))
    assert math.log(mean) == pytest.approx(number(fact.rhs, {}), rel=1e-12)


@pytest.mark.parametrize("sample", SAMPLES)
def test_each_step_holds_for_every_posterior(sample: tuple[int, ...]) -> None:
    facts = [convexity(Q, sample=S), change_of_measure(Q, P, sample=S)]
    facts += [entropy_moment(P, sample=S, loose=loose) for loose in (False, True)]
    for weights in posteriors(sample):
        known = values(sample, weights)
        for fact in facts:
            assert number(fact.lhs, known) <= number(fact.rhs, known) + 1e-12, fact.lemma
    # at the best posterior the change of measure is an equation
    known = values(sample, posteriors(sample)[0])
    assert number(facts[1].lhs, known) == pytest.approx(number(facts[1].rhs, known), rel=1e-9)


def test_convexity_is_an_equation_for_one_predictor() -> None:
    fact = convexity(Q, sample=S)
    known = values((0, 0, 2), np.eye(4)[1])
    assert number(fact.lhs, known) == pytest.approx(number(fact.rhs, known))


def test_the_tail_of_the_moment_costs_what_it_says() -> None:
    fact = moment_tail(P, sample=S, cost=symbol("delta"))
    assert fact.cost == symbol("delta")
    for delta in (0.02, 0.1, 0.3, 0.6):
        bad = 0.0
        for sample in SAMPLES:
            known = values(sample, PRIOR) | {"delta": delta}
            bad += probability(sample) * (number(fact.lhs, known) > number(fact.rhs, known))
        assert bad <= delta
    # Markov's inequality is an equation where exp Λ takes one value or 0: a moment of E Λ/δ cannot be less
    assert number(
        fact.rhs - fact.lhs, {"log_mean_moment": 0, "log_moment": 0, "delta": 0.5}
    ) == pytest.approx(math.log(2))


@pytest.mark.parametrize(
    ("id", "variant"),
    [
        ("pac_bayes.kl", "exact"),
        ("pac_bayes.mcallester", "exact"),
        ("pac_bayes.quadratic", "exact"),
    ],
)
def test_the_bound_fails_no_more_often_than_it_says(id: str, variant: str) -> None:
    """The worst posterior of each sample: it may look at the risks themselves."""
    for delta in (0.1, 0.5, 0.9):
        failing = 0.0
        for sample in SAMPLES:
            found = [values(sample, weights) for weights in posteriors(sample)]
            limits = bc.evaluate(
                id,
                variant=variant,
                m=SIZE,
                delta=delta,
                divergence=[v["divergence"] for v in found],
                train_loss=[v["empirical_gibbs_risk"] for v in found],
            ).value
            failing += probability(sample) * any(
                v["gibbs_risk"] > limit + 1e-12 for v, limit in zip(found, limits, strict=True)
            )
        assert failing <= delta


def test_pinsker_is_the_best_quadratic() -> None:
    proof = entropy_limit(Q, P)
    known = {"m": 10, "divergence": 1, "delta": 0.1}
    share = number(pinsker(proof).rhs, known) ** 2 / number(proof.expression, known)
    # next to ½ the relative entropy is 2(p − q)²: no smaller root is above every p
    step = 1e-4
    assert kl(0.5, 0.5 + step) * share == pytest.approx(step**2, rel=1e-6)
    for q, p in itertools.product(np.linspace(0, 1, 21), np.linspace(0.01, 0.99, 33)):
        assert (p - q) ** 2 <= share * kl(q, p) * (1 + 1e-12) + 1e-15


def test_the_refined_quadratic_is_the_best_for_small_risks() -> None:
    """p − q ≤ √(c p) wherever kl(q‖p) is at most the limit in the proof, with the lemma's own c."""
    proof = entropy_limit(Q, P)
    lhs = refined_pinsker(proof).lhs
    (root,) = (q for q in quantities_in(lhs) if q.measure == "root")
    known = {"m": 10, "divergence": 1, "delta": 0.1}
    assert lhs.coeff(root) == -1
    factor = number(root.subjects[1], known) / number(proof.expression, known)
    for q, p in itertools.product(np.linspace(0, 1, 41), np.linspace(0.01, 0.99, 33)):
        assert max(p - q, 0) ** 2 <= factor * kl(q, p) * p * (1 + 1e-12) + 1e-15
    # next to a small p the relative entropy is (p − q)²/(2p): no smaller factor will do
    assert 0.98 * factor * kl(0.99e-4, 1e-4) * 1e-4 < (1e-4 - 0.99e-4) ** 2


def test_the_chain_rule_on_pairs() -> None:
    rng = np.random.default_rng(4)
    for _ in range(20):
        rho, pi = rng.dirichlet(np.ones(3), 2)
        inner, prior = rng.dirichlet(np.ones(4), (2, 3))
        whole = divergence((rho[:, None] * inner).ravel(), (pi[:, None] * prior).ravel())
        split = {
            "view_divergence": float(
                sum(r * divergence(a, b) for r, a, b in zip(rho, inner, prior, strict=True))
            ),
            "weight_divergence": divergence(rho, pi),
        }
        fact = chain_rule(Posterior("Q", "Q", F, views=True), P)
        assert number(fact.rhs, split) == pytest.approx(whole)


def test_the_vote_needs_its_factor() -> None:
    """All tables of errors of 3 predictors on 3 examples, and the one that shows the 2."""
    fact = majority_vote(
        Posterior("Q", "Q", FunctionClass("F", "F", Loss(Integer(1), Integer(1), zero_one=True)))
    )
    (factor,) = (fact.rhs.coeff(q) for q in quantities_in(fact.rhs))
    for errors in itertools.product((0, 1), repeat=9):
        table = np.array(errors).reshape(3, 3)
        for weights in ([0.4, 0.3, 0.3], [0.5, 0.25, 0.25], [1, 0, 0]):
            vote = (np.array(weights) @ table >= 0.5) @ CHANCES
            assert vote <= float(factor) * float(np.array(weights) @ table @ CHANCES) + 1e-12
    voters = 2001
    assert 1 > 0.999 * float(factor) * (voters // 2 + 1) / voters > 0.99 * 1


def test_golden_numbers() -> None:
    given = {"m": 1000, "delta": 0.05, "train_loss": 0.1, "divergence": 2}
    assert bc.evaluate("pac_bayes.kl", variant="exact", **given).value == pytest.approx(
        0.1441247, abs=1e-7
    )
    assert bc.evaluate("pac_bayes.kl", variant="published", **given).value == pytest.approx(
        0.1453712, abs=1e-7
    )
    large = {"m": 60_000, "delta": 0.025, "train_loss": 0.02, "divergence": 10}
    root = bc.evaluate("pac_bayes.mcallester", variant="published", **large).value
    assert root == pytest.approx(0.0329, abs=5e-5)


@pytest.mark.parametrize("variant", ["exact", "published"])
def test_kl_is_never_weaker_than_the_root(variant: str) -> None:
    rng = np.random.default_rng(2)
    given = {"m": rng.integers(1, 10**5, 60), "delta": rng.uniform(0.001, 0.9, 60)}
    given |= {"train_loss": rng.uniform(0, 1, 60), "divergence": rng.uniform(0, 50, 60)}
    kl_value, root = (
        bc.evaluate(f"pac_bayes.{name}", variant=variant, **given).value
        for name in ("kl", "mcallester")
    )
    assert np.all(kl_value <= root * (1 + 1e-12))


def test_what_is_not_declared_is_refused() -> None:
    learned = Prior("P", "P", F, fixed=False)
    wide = FunctionClass("F", "F", Loss(Integer(1), Integer(2)))
    other = FunctionClass("G", "G", Loss(Integer(1), Integer(1)))
    with pytest.raises(SideConditionError, match="depends on the sample"):
        moment_tail(learned, sample=S, cost=symbol("delta"))
    with pytest.raises(SideConditionError, match="depends on the sample"):
        entropy_moment(learned, sample=S)
    with pytest.raises(SideConditionError, match=r"in \[0, 1\]"):
        entropy_moment(Prior("P", "P", wide), sample=S)
    with pytest.raises(SideConditionError, match=r"in \[0, 1\]"):
        convexity(Posterior("Q", "Q", wide), sample=S)
    with pytest.raises(SideConditionError, match="one class"):
        change_of_measure(Q, Prior("P", "P", other), sample=S)
    with pytest.raises(SideConditionError, match="a view first"):
        chain_rule(Q, P)
    with pytest.raises(SideConditionError, match="0 or 1"):
        majority_vote(Q)
    with pytest.raises(SideConditionError, match="not the parameter train_loss"):
        entropy_inversion(entropy_limit(Q, P), loss=symbol("test_loss"))
    # a proof about something else, and one that does not add up
    with pytest.raises(SideConditionError, match="not the relative entropy"):
        pinsker(Derivation(symbol("train_loss"), ()))
    short = Derivation(relative_entropy(Q, S), (Apply(convexity(Q, sample=S)),))
    with pytest.raises(CertificateError, match="left"):
        pinsker(short)
