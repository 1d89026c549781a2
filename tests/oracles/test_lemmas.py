"""Lemma constructors refuse where their side conditions fail, and say what they do not know."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import Expr, S, log, pi, sqrt

from boundcalc.conventions import Average, Output, Relation, Side
from boundcalc.errors import CertificateError, ConventionError, SideConditionError
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.functions import BinomialLower, BinomialUpper, KLLower, KLUpper
from boundcalc.symbolic.lemmas import (
    binomial_limit,
    bounded_differences,
    complexity_is_nonnegative,
    contraction,
    definition,
    empirical_bernstein,
    erm,
    expected_complexity,
    fixed_deviation,
    gaussian_comparison,
    gaussian_from_rademacher,
    given,
    hard_labelling,
    in_expectation,
    infimum,
    instance,
    intrinsic_complexity,
    least_size,
    mean_of,
    minimiser,
    relative_entropy_limit,
    root_is_nonnegative,
    sensitivity,
    substitution,
    symmetrisation,
    uniform_deviation,
)
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Loss,
    Predictor,
    Quantity,
    Sample,
    best_risk,
    composed_risk,
    deviation,
    empirical_risk,
    gaussian,
    mean,
    named,
    rademacher,
    risk,
    unimodal_error,
)

L, C, D, m, n, delta = (
    symbol(name) for name in ("lipschitz", "loss_bound", "distance_bound", "m", "n", "delta")
)
SAMPLE, TEST = Sample("S", "S", m), Sample("T", "T", n)
PAIRS = Sample("P", "P", m, independent_of=frozenset({"Z"}))
TRIPLES = Sample("Z", "Z", n, independent_of=frozenset({"P"}))
LOSS = Loss(L, C)

LARGE = FunctionClass("H", "H", LOSS)
SMALL = FunctionClass("G", "G", LOSS, within=(LARGE,))
OTHER = FunctionClass("K", "K", LOSS)
RANDOM = FunctionClass("Ĝ", "G", LOSS, fixed=False, within=(LARGE,))
VECTORS = FunctionClass("V", "V", LOSS, Output.VECTOR)

fixed = Predictor("f", "f", SMALL, fixed=True)
learned = Predictor("f̂", "f", SMALL, erm_over=SMALL, erm_on="S")
best = Predictor("f°", "f", LARGE, fixed=True, risk_minimiser_of=LARGE)
stranger = Predictor("k", "k", OTHER, fixed=True)

UPPER, LOWER, EMPIRICAL = Side.UPPER, Side.LOWER, Average.EMPIRICAL


# --- membership -------------------------------------------------------------------------------------


def test_membership_is_inherited_by_larger_classes() -> None:
    inner = FunctionClass("inner", "i", LOSS, within=(SMALL,))
    assert inner.is_within(LARGE)
    assert Predictor("p", "p", inner).is_in(LARGE)
    assert not Predictor("p", "p", LARGE).is_in(SMALL)
    assert infimum(LARGE, Predictor("p", "p", inner)).rhs == risk(Predictor("p", "p", inner))


@pytest.mark.parametrize(
    "refused",
    [
        lambda: infimum(SMALL, stranger),
        lambda: infimum(SMALL, best),
        lambda: minimiser(best, below=stranger),
        lambda: minimiser(best, below=OTHER),
        lambda: erm(learned, against=stranger, sample=SAMPLE),
        lambda: erm(learned, against=best, sample=SAMPLE),
        lambda: erm(replace(learned, member_of=OTHER), against=fixed, sample=SAMPLE),
        lambda: uniform_deviation(stranger, over=SMALL, sample=SAMPLE, side=UPPER),
        lambda: uniform_deviation(best, over=SMALL, sample=SAMPLE, side=LOWER),
    ],
)
def test_a_predictor_that_is_not_in_the_class_is_refused(refused: object) -> None:
    with pytest.raises(SideConditionError, match="not declared to be in"):
        refused()  # type: ignore[operator]


def test_only_declared_minimisers_minimise() -> None:
    with pytest.raises(SideConditionError, match="not declared to minimise the risk"):
        minimiser(fixed, below=SMALL)
    with pytest.raises(SideConditionError, match="not declared an empirical risk minimiser"):
        erm(fixed, against=fixed, sample=SAMPLE)
    assert minimiser(best, below=SMALL).rhs == best_risk(SMALL)
    assert minimiser(best, below=learned).rhs == risk(learned)
    gap = symbol("optimisation_gap")
    assert (
        erm(learned, against=fixed, sample=SAMPLE, gap=gap).rhs
        == empirical_risk(fixed, SAMPLE) + gap
    )


# --- fixed before the data --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "refused",
    [
        lambda: fixed_deviation(learned, sample=SAMPLE),
        lambda: symmetrisation(RANDOM, sample=SAMPLE, side=UPPER),
        lambda: expected_complexity(RANDOM, sample=SAMPLE),
        lambda: bounded_differences(deviation(RANDOM, SAMPLE, UPPER), cost=delta),
        lambda: bounded_differences(empirical_risk(learned, SAMPLE), cost=delta),
        lambda: bounded_differences(deviation(SMALL, SAMPLE, UPPER) - risk(learned), cost=delta),
        lambda: bounded_differences(rademacher(RANDOM, SAMPLE, average=EMPIRICAL, loss_class=True), cost=delta),
        lambda: empirical_bernstein(learned, sample=TEST, variance=symbol("variance"), side=UPPER, cost=delta),
        lambda: relative_entropy_limit(
            replace(learned, member_of=replace(SMALL, loss=Loss(L, S.One))),
            sample=TEST, loss=symbol("test_loss"), side=UPPER, cost=delta,
        ),
        lambda: binomial_limit(
            replace(learned, member_of=replace(SMALL, loss=Loss(L, S.One, True))),
            sample=TEST, errors=symbol("errors"), side=UPPER, cost=delta,
        ),
    ],
)  # fmt: skip
def test_what_depends_on_the_sample_is_refused(refused: object) -> None:
    with pytest.raises(SideConditionError, match=r"depends? on the|learned|random"):
        refused()  # type: ignore[operator]


# --- bounded differences ----------------------------------------------------------------------------


def concentration(statistic: Expr, cost: Expr = delta) -> Expr:
    """What the statistic may exceed its mean by."""
    fact = bounded_differences(statistic, cost=cost)
    return fact.rhs.subs({q: 0 for q in fact.rhs.free_symbols if isinstance(q, Quantity)})


def test_ranges_of_statistics_add_up_on_one_sample() -> None:
    upper, lower = deviation(SMALL, SAMPLE, UPPER), deviation(SMALL, SAMPLE, LOWER)
    gap = empirical_risk(fixed, SAMPLE) - risk(fixed)
    measured = rademacher(SMALL, SAMPLE, average=EMPIRICAL, loss_class=True)
    one = C * sqrt(log(1 / delta) / (2 * m))
    for statistic, times in (
        (upper, 1),
        (gap, 1),
        (-gap, 1),
        (upper + lower, 2),
        (upper + gap, 2),
        (measured, S.Half),
        (upper - 2 * measured, 2),
        (upper + gap - 2 * measured, 3),
        (3 * upper, 3),
    ):
        assert concentration(statistic).equals(times * one), statistic
    assert concentration(upper, delta / 2).equals(C * sqrt(log(2 / delta) / (2 * m)))


def test_independent_samples_add_in_squares_and_others_are_refused() -> None:
    connections = FunctionClass("D", "D", Loss(S.One, D), Output.VECTOR)
    both = L * deviation(connections, PAIRS, UPPER) + deviation(SMALL, TRIPLES, UPPER)
    expected = sqrt(log(1 / delta) * (L**2 * D**2 / m + C**2 / n) / 2)
    assert concentration(both).equals(expected)
    with pytest.raises(SideConditionError, match="not declared independent"):
        bounded_differences(
            deviation(SMALL, SAMPLE, UPPER) + deviation(OTHER, TEST, UPPER), cost=delta
        )
    alone = replace(TRIPLES, independent_of=frozenset())
    with pytest.raises(SideConditionError, match="not declared independent"):
        bounded_differences(
            deviation(SMALL, PAIRS, UPPER) + deviation(OTHER, alone, UPPER), cost=delta
        )


@pytest.mark.parametrize(
    "statistic",
    [
        best_risk(SMALL),
        mean(deviation(SMALL, SAMPLE, UPPER)),
        rademacher(SMALL, SAMPLE),
        rademacher(SMALL, SAMPLE, average=EMPIRICAL),
        gaussian(SMALL, SAMPLE),
        named("gamma", "γ", "g"),
        composed_risk(learned, fixed),
    ],
)
def test_a_statistic_whose_range_is_unknown_is_refused(statistic: Quantity) -> None:
    with pytest.raises(SideConditionError):
        bounded_differences(deviation(SMALL, SAMPLE, UPPER) + statistic, cost=delta)


def test_products_and_numbers_are_not_statistics() -> None:
    x = deviation(SMALL, SAMPLE, UPPER)
    with pytest.raises(SideConditionError, match="linear"):
        bounded_differences(x**2, cost=delta)
    with pytest.raises(SideConditionError, match="does not depend"):
        bounded_differences(risk(fixed), cost=delta)
    with pytest.raises(SideConditionError, match="linear"):
        bounded_differences(x * empirical_risk(fixed, SAMPLE), cost=delta)


@pytest.mark.parametrize("cost", [S.Zero, -delta, S(-1), symbol("gamma")])
def test_an_event_costs_something(cost: Expr) -> None:
    with pytest.raises(SideConditionError, match="cannot cost"):
        bounded_differences(deviation(SMALL, SAMPLE, UPPER), cost=cost)
    with pytest.raises(SideConditionError, match="cannot cost"):
        empirical_bernstein(fixed, sample=TEST, variance=symbol("variance"), side=UPPER, cost=cost)


def test_events_are_told_apart_by_what_they_are_about() -> None:
    """Two classes of one name are two events, and so are the two sides."""
    twin = replace(SMALL, loss=Loss(2 * L, C))
    events = {
        bounded_differences(deviation(over, sample, side), cost=delta).event
        for over in (SMALL, twin)
        for sample in (SAMPLE, TEST)
        for side in Side
    }
    assert len(events) == 8
    same = bounded_differences(deviation(SMALL, SAMPLE, UPPER), cost=delta)
    assert same.event in events


def test_sensitivity_of_a_fixed_risk_is_nothing() -> None:
    assert sensitivity(risk(fixed)) == {}
    with pytest.raises(SideConditionError, match="learned"):
        sensitivity(risk(learned))


# --- conventions ------------------------------------------------------------------------------------


def test_a_measured_complexity_is_not_an_expected_one() -> None:
    expected, measured = symbol("rademacher"), symbol("rademacher_empirical")
    assert (
        given(rademacher(SMALL, SAMPLE), expected, term="complexity").relation is Relation.AT_MOST
    )
    assert (
        given(rademacher(SMALL, SAMPLE, average=EMPIRICAL), measured, term="complexity").rhs
        == measured
    )
    for average, value in (
        (Average.EXPECTED, measured),
        (EMPIRICAL, expected),
        (EMPIRICAL, 2 * expected),
    ):
        with pytest.raises(ConventionError, match="pay bounded differences"):
            given(rademacher(SMALL, SAMPLE, average=average), value, term="complexity")


def test_a_risk_is_not_an_input() -> None:
    for f in (fixed, learned, best):
        with pytest.raises(SideConditionError, match="cannot be given"):
            given(risk(f), symbol("train_loss"), term="train_loss")
    assert (
        given(empirical_risk(learned, SAMPLE), symbol("train_loss"), term="t").relation
        is Relation.EQUAL
    )


def test_vector_outputs_have_their_own_complexity_and_factor() -> None:
    scalar, vector = contraction(SMALL, sample=SAMPLE), contraction(VECTORS, sample=SAMPLE)
    assert scalar.rhs == L * rademacher(SMALL, SAMPLE)
    assert vector.rhs == sqrt(2) * L * rademacher(VECTORS, SAMPLE)
    assert "ᵛᵉᶜ" in rademacher(VECTORS, SAMPLE).name
    assert "ᵛᵉᶜ" not in rademacher(VECTORS, SAMPLE, loss_class=True).name
    measured = contraction(SMALL, sample=SAMPLE, average=EMPIRICAL)
    assert measured.lhs == rademacher(SMALL, SAMPLE, average=EMPIRICAL, loss_class=True)


def test_gaussian_complexities() -> None:
    fact = gaussian_from_rademacher(SMALL, sample=SAMPLE)
    assert fact.rhs == sqrt(pi / 2) * gaussian(SMALL, SAMPLE, loss_class=True)
    assert gaussian_comparison(VECTORS, sample=SAMPLE).rhs == L * gaussian(VECTORS, SAMPLE)
    with pytest.raises(SideConditionError, match="vector outputs"):
        gaussian_comparison(SMALL, sample=SAMPLE)


def test_symmetrisation_and_nonnegativity() -> None:
    for side in Side:
        fact = symmetrisation(SMALL, sample=SAMPLE, side=side)
        assert fact.lhs == mean(deviation(SMALL, SAMPLE, side))
        assert fact.rhs == 2 * rademacher(SMALL, SAMPLE, loss_class=True)
    assert complexity_is_nonnegative(SMALL, sample=SAMPLE).lhs == 0
    assert root_is_nonnegative(sqrt(2 * log(2 / delta) / m), term="rate").lhs == 0
    for bad in (m, -1 / sqrt(m), sqrt(log(delta)), 1 / m, sqrt(m) - 1, log(m)):
        with pytest.raises(SideConditionError, match="square roots"):
            root_is_nonnegative(bad, term="rate")


# --- expectations -----------------------------------------------------------------------------------


def test_the_mean_of_what_is_not_random_is_itself() -> None:
    for q in (risk(fixed), gaussian(SMALL, SAMPLE), rademacher(SMALL, SAMPLE), mean(risk(learned))):
        assert mean_of(q) == q
    for q in (
        risk(learned),
        empirical_risk(fixed, SAMPLE),
        rademacher(SMALL, SAMPLE, average=EMPIRICAL),
    ):
        assert mean_of(q) == mean(q)


def test_facts_that_may_fail_have_no_expectation_form() -> None:
    with pytest.raises(SideConditionError, match="may fail"):
        in_expectation(bounded_differences(deviation(SMALL, SAMPLE, UPPER), cost=delta))
    fact = in_expectation(uniform_deviation(learned, over=SMALL, sample=SAMPLE, side=UPPER))
    assert fact.rhs == mean(deviation(SMALL, SAMPLE, UPPER))
    assert fact.lhs == mean(risk(learned)) - mean(empirical_risk(learned, SAMPLE))


# --- definitions, instances, limits -----------------------------------------------------------------


def test_a_definition_defines_something_new() -> None:
    eta = named("latent_quality", "η", "e")
    assert (
        definition(eta, best_risk(SMALL) - risk(fixed), of="η", source="huang2021").relation
        is Relation.EQUAL
    )
    for lhs in (
        risk(fixed),
        mean(deviation(SMALL, SAMPLE, UPPER)),
        rademacher(SMALL, SAMPLE),
        2 * eta,
    ):
        with pytest.raises(SideConditionError, match="may define"):
            definition(lhs, S.Zero, of="nothing", source="huang2021")


def test_substitution_needs_a_distance() -> None:
    distances = FunctionClass("D", "D", Loss(S.One, D, letter="d"), Output.VECTOR)
    g = Predictor("ĝ", "g", distances)
    assert substitution(learned, by=g).rhs == risk(learned) + L * risk(g)
    with pytest.raises(SideConditionError, match="distance"):
        substitution(learned, by=fixed)
    kappa = replace(g, fixed=True, risk_minimiser_of=distances)
    assert given(risk(kappa), symbol("connection_gap"), term="κ").relation is Relation.EQUAL
    with pytest.raises(SideConditionError, match="cannot be given"):
        given(risk(g), symbol("connection_gap"), term="κ")


def test_a_theorem_is_an_instance_only_if_it_checks_and_never_fails() -> None:
    eta, known = named("latent_quality", "η", "e"), symbol("connection_gap")
    proof = Derivation(eta, (Apply(definition(eta, known, of="η", source="huang2021")),))
    fact = instance(proof, of="η", source="huang2021", at={known: S.Half}, term="t")
    assert (fact.lhs, fact.rhs) == (eta, S.Half)
    risky = Derivation(
        deviation(SMALL, SAMPLE, UPPER),
        (
            Apply(bounded_differences(deviation(SMALL, SAMPLE, UPPER), cost=delta)),
            Apply(symmetrisation(SMALL, sample=SAMPLE, side=UPPER)),
            Apply(contraction(SMALL, sample=SAMPLE)),
            Apply(given(rademacher(SMALL, SAMPLE), symbol("rademacher"), term="complexity")),
        ),
    )
    with pytest.raises(SideConditionError, match="may fail"):
        instance(risky, of="x", source="boundcalc", at={}, term="t")
    with pytest.raises(CertificateError):
        instance(replace(risky, lines=risky.lines[:2]), of="x", source="boundcalc", at={}, term="t")


def test_held_out_limits_are_those_of_their_own_sample_and_cost() -> None:
    zero_one = Predictor("f", "f", FunctionClass("{f}", "f", Loss(L, S.One, True)), fixed=True)
    k, q = symbol("errors"), symbol("test_loss")
    for side, binomial, kl in ((UPPER, BinomialUpper, KLUpper), (LOWER, BinomialLower, KLLower)):
        for cost in (delta, delta / 2):
            exact = binomial_limit(zero_one, sample=TEST, errors=k, side=side, cost=cost)
            entropy = relative_entropy_limit(zero_one, sample=TEST, loss=q, side=side, cost=cost)
            assert {exact.lhs, exact.rhs} == {risk(zero_one), binomial(k, n, cost)}
            assert {entropy.lhs, entropy.rhs} == {risk(zero_one), kl(q, log(1 / cost) / n)}
            assert exact.cost == entropy.cost == cost
            assert (exact.lhs == risk(zero_one)) == (side is UPPER)
    with pytest.raises(SideConditionError, match="0 or 1"):
        binomial_limit(fixed, sample=TEST, errors=k, side=UPPER, cost=delta)
    with pytest.raises(SideConditionError, match=r"\[0, 1\]"):
        relative_entropy_limit(fixed, sample=TEST, loss=q, side=UPPER, cost=delta)


def test_least_size_and_its_neighbours() -> None:
    size, target = named("crossover", "m*", "m"), symbol("loss_drop")
    drops = (target > 0,)
    fact = least_size(size, threshold=2 * L / sqrt(m), target=target, size=m, where=drops)
    assert fact.rhs.subs({L: 3, target: S(1) / 7}) == 42**2
    for bad in (L / m, L, L / sqrt(m) + 1):
        with pytest.raises(SideConditionError, match="not of the form"):
            least_size(size, threshold=bad, target=target, size=m, where=drops)
    assert intrinsic_complexity(SMALL, sample=SAMPLE, value=S(9)).rhs == 3 / sqrt(m)
    assert hard_labelling(unimodal_error(n)).lhs.subs(n, 1) == S(1) / 4
