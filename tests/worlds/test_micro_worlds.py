"""Every fact, every statement and every expectation form of the catalogue holds in every micro-world.

The worlds themselves are checked against a brute force over ordered samples and sign vectors.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as Q
from itertools import combinations_with_replacement, product
from math import comb, sqrt

import numpy as np
import pytest
from proofs import proof_named, proof_names
from scipy.stats import binom, norm

import boundcalc as bc
from boundcalc.conventions import Average, Output, Side
from boundcalc.errors import InputError, UnknownNameError
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas import (
    bounded_differences,
    contraction,
    fixed_deviation,
    symmetrisation,
)
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Loss,
    Predictor,
    Sample,
    best_risk,
    deviation,
    empirical_risk,
    gaussian,
    mean,
    rademacher,
    risk,
)
from boundcalc.worlds import check_derivation, check_expectation, check_fact, held_out
from boundcalc.worlds.micro.checking import expectation_verdict, without_concentration, worst
from boundcalc.worlds.micro.finite_classes import (
    Cube,
    Table,
    all_tables,
    mean_gaussian_supremum,
)
from boundcalc.worlds.micro.reading import readings
from boundcalc.worlds.micro.samples import all_samples, orbits
from worlds import all_worlds, read, world, worlds
from worlds.many_points import HalfCubes, levels

PROOFS = proof_names()
FEW = {
    "classic.margin": 2,
    "classic.mutual_information": 3,
    "classic.stability": 3,
    "liang2024.accuracy": 2,
    "pac_bayes.kl": 4,
    "pac_bayes.majority_vote": 3,
    "pac_bayes.mcallester": 4,
    "pac_bayes.multi_view": 2,
    "pac_bayes.quadratic": 4,
    "tosh2021.redundancy": 2,
    "huang2021.proposition1": 3,
    "huang2021.selection": 1,
    "lu2023.improvement": 1,
    "lu2023.separation": 3,
}
S = Sample("S", "S", symbol("m"))
LOSS = Loss(symbol("lipschitz"), symbol("loss_bound"))
F = FunctionClass("H∘G_M", "F", LOSS)
VECTORS = replace(F, output=Output.VECTOR)


# --- the whole catalogue ----------------------------------------------------------------------------


@pytest.mark.parametrize("form", PROOFS)
def test_facts_statement_and_expectation_form_hold_in_every_world(form: str) -> None:
    """The expectation form drops the concentration term and averages over all samples."""
    proof, averages = proof_named(form), []
    for w in worlds(form):
        averages.append(check_expectation(w, proof))
        for verdict in (*check_derivation(w, proof), *filter(None, averages[-1:])):
            assert verdict.holds, verdict
    assert len(worlds(form)) >= FEW.get(form.split("/")[0], 5)
    implicit = form.split("/")[0] in {
        "holdout.clopper_pearson",
        "holdout.kl",
        "holdout.empirical_bernstein",
        "holdout.relative",
        "holdout.sub_gaussian",
        "holdout.smaller",
        "classic.structural_risk",
    } or form.startswith("pac_bayes.")
    assert (None in averages) == implicit


@pytest.mark.slow  # 26 s where no other test has read the worlds
def test_every_world_is_used() -> None:
    used = {w.name for form in PROOFS for w in worlds(form)}
    assert used == set(all_worlds())


# --- worlds that bite, by their numbers -------------------------------------------------------------


def expectations(form: str, name: str) -> tuple[float, float]:
    """E of the claim, and E of the bound without its concentration term."""
    proof = proof_named(form)
    bound = without_concentration(proof)
    mine = [reading for reading in read(form) if reading.world.name == name]
    hardest = worst(expectation_verdict(reading, proof, bound) for reading in mine)
    found = [expectation_verdict(reading, proof, 0 * symbol("m")).excess for reading in mine]
    return max(found), max(found) - hardest.excess


@pytest.mark.parametrize(
    ("form", "name", "gap", "bound"),
    [
        ("huang2021.theorem1/sharp", "large cube", 39 / 40, 1),
        ("huang2021.theorem1/sharp-vector", "vector cube", 39 / 40, 1),
        ("huang2021.theorem2/sharp", "large cube of encoders", 39 / 40, 1),
        ("huang2021.theorem1/conditional", "half on pairs", 3 / 4, 4 * (7 * 3 / 8 + 1 / 4) / 8),
        ("huang2021.certificate/any", "both deviate", 39 / 40 - 1 / 40, 0 - 1 + 2),
        ("huang2021.certificate/any-vector", "vector both deviate", 39 / 40 - 1 / 40, 0 - 1 + 2),
        ("lu2023.multimodal/expected", "tables of y", 3 * 39 / 40, 3),
        ("lu2023.unimodal/expected", "tables of labels", 39 / 40, 1),
    ],
)
def test_worlds_that_are_nearly_tight(form: str, name: str, gap: float, bound: float) -> None:
    assert expectations(form, name) == pytest.approx((gap, bound), abs=1e-9)


def test_half_of_the_conditional_four_is_refuted_by_pairs() -> None:
    gap, bound = expectations("huang2021.theorem1/conditional", "half on pairs")
    assert bound / 2 < gap < bound


@pytest.mark.parametrize("p", [Q(1, 4), Q(28, 100), Q(3, 10)])
def test_the_half_of_bounded_differences_bites_at_one_draw(p: Q) -> None:
    """m = 1, one Bernoulli(p) function, δ just below p: the deviation is 0.90 of what is allowed."""
    w = held_out("one draw", (p, 1 - p), (1, 0), 1)
    f = Predictor("f", "f", FunctionClass("{f}", "f", LOSS), fixed=True)
    T = Sample("T", "T", symbol("n"))
    fact = bounded_differences(empirical_risk(f, T) - risk(f), cost=symbol("delta"))
    assert check_fact(w, fact).holds
    p_ = float(p)
    assert 0.89 < (1 - p_) / sqrt(np.log(1 / p_) / 2) < 0.91


# --- binomial worlds, against SciPy's binomial ------------------------------------------------------

BINOMIAL = [
    (form, n, p)
    for form in PROOFS
    if form.startswith("holdout.")
    for n, p in ((2, 0.5), (20, 0.1), (20, 0.9), (150, 0.02), (1000, 0.3))
]


@pytest.mark.parametrize(("form", "n", "p"), BINOMIAL)
@pytest.mark.parametrize("delta", [0.3, 0.05, 0.001])
def test_held_out_limits_fail_no_more_often_than_they_say(
    form: str, n: int, p: float, delta: float
) -> None:
    """P(the truth is beyond the evaluated limit), a sum of binomial probabilities over the counts."""
    id, variant = form.split("/")
    k = np.arange(n + 1)
    known = {
        "errors": k,
        "n": n,
        "delta": delta,
        "loss_bound": 1,
        "test_loss": k / n,
        "variance": k * (n - k) / (n * (n - 1)),
        "sub_gaussian": 0.5,
    }
    names = [parameter.name for parameter in bc.theorem(id).variant(variant).parameters]
    limit = bc.evaluate(id, variant=variant, **{name: known[name] for name in names}).value
    missed = limit < p if variant == "upper" else limit > p
    assert binom.pmf(k, n, p)[missed].sum() <= delta * (1 + 1e-9)


@pytest.mark.parametrize("n", [1, 10, 1000])
@pytest.mark.parametrize("delta", [0.5, 0.05, 1e-6])
def test_clopper_pearson_at_the_ends(n: int, delta: float) -> None:
    """k = 0 and k = n: the limits that leave exactly δ, and the trivial ones."""

    def limit(variant: str, k: int) -> float:
        value = bc.evaluate(
            "holdout.clopper_pearson", variant=variant, errors=k, n=n, delta=delta
        ).value
        return float(value)

    assert (1 - limit("upper", 0)) ** n == pytest.approx(delta, rel=1e-9)
    assert limit("lower", n) ** n == pytest.approx(delta, rel=1e-9)
    assert limit("upper", n) == 1
    assert limit("lower", 0) == 0


@pytest.mark.parametrize("name", ["few errors", "some errors", "mostly errors", "fair errors"])
def test_the_samples_of_a_binomial_world_are_binomial(name: str) -> None:
    w = world(name)
    draws = w.sample("T")
    expected = binom.pmf(draws.counts[:, 0], draws.size, float(draws.law[0]))
    assert w.chances.floats == pytest.approx(expected, rel=1e-9)


# --- the worlds against a brute force ---------------------------------------------------------------


def ordered(w: object, points: int, m: int) -> list[tuple[tuple[int, ...], int]]:
    """All ordered samples, each with the row of the world that it belongs to."""
    rows = [tuple(row) for row in w.sample("S").counts.tolist()]  # type: ignore[attr-defined]
    samples = product(range(points), repeat=m)
    return [(s, rows.index(tuple(s.count(j) for j in range(points)))) for s in samples]


@pytest.mark.parametrize(
    "name", ["plain erm", "plain vector", "plain any", "half on pairs", "one rare point"]
)
def test_quantities_match_a_brute_force_over_ordered_samples_and_signs(name: str) -> None:
    w = world(name)
    draws, table = w.sample("S"), w.classes["H∘G_M"]
    assert isinstance(table, Table)
    law, points, m = [float(p) for p in draws.law], len(draws.law), draws.size
    of = VECTORS if table.k > 1 else F
    risks = [sum(p * loss for p, loss in zip(law, row, strict=True)) for row in table.losses]
    totals = dict.fromkeys(("up", "down", "loss", "output"), 0.0)
    for sample, row in ordered(w, points, m):
        chance = np.prod([law[j] for j in sample])
        means = [sum(losses[j] for j in sample) / m for losses in table.losses]
        up = max(r - e for r, e in zip(risks, means, strict=True))
        down = max(e - r for r, e in zip(risks, means, strict=True))
        signs = list(product((-1, 1), repeat=m))
        by_loss = (
            np.mean(
                [
                    max(sum(s * x[j] for s, j in zip(v, sample, strict=True)) for x in table.losses)
                    for v in signs
                ]
            )
            / m
        )
        vectors = [np.reshape(v, (m, table.k)) for v in product((-1, 1), repeat=m * table.k)]
        by_output = (
            np.mean([max((v * x[list(sample)]).sum() for x in table.outputs) for v in vectors]) / m
        )
        measured = rademacher(of, S, average=Average.EMPIRICAL)
        measured_loss = rademacher(of, S, average=Average.EMPIRICAL, loss_class=True)
        assert w.value(deviation(of, S, Side.UPPER))[row] == pytest.approx(up, abs=1e-12)
        assert w.value(deviation(of, S, Side.LOWER))[row] == pytest.approx(down, abs=1e-12)
        assert w.value(measured)[row] == pytest.approx(by_output, abs=1e-12)
        assert w.value(measured_loss)[row] == pytest.approx(by_loss, abs=1e-12)
        for key, value in zip(totals, (up, down, by_loss, by_output), strict=True):
            totals[key] += chance * value
    assert w.value(mean(deviation(of, S, Side.UPPER)))[0] == pytest.approx(totals["up"])
    assert w.value(mean(deviation(of, S, Side.LOWER)))[0] == pytest.approx(totals["down"])
    assert w.value(rademacher(of, S, loss_class=True))[0] == pytest.approx(totals["loss"])
    assert w.value(rademacher(of, S))[0] == pytest.approx(totals["output"])
    assert w.value(best_risk(of))[0] == pytest.approx(min(risks))


@pytest.mark.parametrize("m", [1, 2, 4])
def test_implicit_classes_match_their_tables(m: int) -> None:
    """Cubes, half-cubes and products of classes against the table of all their functions."""
    rng = np.random.default_rng(m)
    tables = all_tables((0, 1), 3)
    halves = np.unique(np.vstack([tables / 2, (tables + 1) / 2]), axis=0)
    two = np.array([[0.0, 0.25, 1.0], [1.0, 0.5, 0.0]])
    both = np.array([np.concatenate(pair) for pair in product(two, repeat=2)])
    pairs = [
        (levels(0, 1), Table(tables, (tables - 0.5)[..., None]), 3),
        (
            levels(-1, 1, k=2),
            Table(2 * tables - 1, np.repeat((2 * tables - 1)[..., None], 2, axis=2) / sqrt(2)),
            3,
        ),
        (HalfCubes(1), Table(halves, halves[..., None]), 3),
        (HalfCubes(2), Table(halves, np.repeat(halves[..., None], 2, axis=2) / sqrt(2)), 3),
        (Table(two, two[..., None]), Table(both, both[..., None]), 6),
    ]
    for implicit, table, points in pairs:
        for row in combinations_with_replacement(range(3), m):
            counts = np.bincount(row, minlength=3)
            counts = np.tile(counts, points // 3)
            for of_loss in (True, False):
                expected = table.rademacher(counts, of_loss=of_loss)
                assert implicit.rademacher(counts, of_loss=of_loss) == pytest.approx(
                    expected, abs=1e-12
                )
        weights = rng.normal(size=(20, points))
        assert implicit.lowest(weights) == pytest.approx(table.lowest(weights))
        assert implicit.contains(table.losses)
        assert implicit.interval == table.interval
        assert not implicit.contains(table.losses[:1] + 0.1)


def test_gaussian_suprema_match_quadrature() -> None:
    """E max of two, of three, and of many functions on a line, and of a cube."""
    draws = norm.ppf((np.arange(400) + 0.5) / 400)
    grid = np.stack(np.meshgrid(draws, draws), axis=-1).reshape(-1, 2)
    counts = np.array([1, 3])
    three = np.array([[0.0, 1.0], [1.0, 0.0], [0.3, 0.2]])
    for table in (three[:2], three, np.outer([0, 1, 2, 5], [1.0, 0.5])):
        expected = (grid * np.sqrt(counts) @ table.T).max(axis=1).mean()
        assert mean_gaussian_supremum(table, counts) == pytest.approx(expected, rel=2e-3)
    cube, all_four = levels(0, 1), all_tables((0, 1), 2)
    expected = (grid * np.sqrt(counts) @ all_four.T).max(axis=1).mean() / 4
    assert cube.gaussian(counts, of_loss=True) == pytest.approx(expected, rel=2e-3)
    with pytest.raises(InputError, match="closed form"):
        mean_gaussian_supremum(np.array([[0, 0], [1, 0], [0, 1], [1, 1.5]]), counts)


def test_orbits_are_samples_grouped_by_shape() -> None:
    drawn, chances = all_samples((Q(1, 4),) * 4, 3)
    grouped: dict[tuple[int, ...], int] = {}
    for row, weight in zip(drawn.counts, chances.weights, strict=True):
        shape = tuple(sorted(row.tolist(), reverse=True))
        grouped[shape] = grouped.get(shape, 0) + weight
    shapes, together = orbits(4, 3)
    assert {
        tuple(row.tolist()): w for row, w in zip(shapes.counts, together.weights, strict=True)
    } == grouped
    assert together.total == chances.total == sum(together.weights)


def test_probabilities_are_exact() -> None:
    w = held_out("exact", (Q(1, 3), Q(2, 3)), (1, 0), 5)
    errors = w.sample("T").counts[:, 0]
    assert w.probability(errors >= 4) == (comb(5, 4) * 2 + 1) * Q(1, 3) ** 5
    assert w.probability(errors >= 0) == 1


# --- what a world says no to ------------------------------------------------------------------------


def test_a_false_declaration_is_an_objection() -> None:
    w = world("plain any")
    fixed = Predictor("f", "f", F, fixed=True)
    narrow = FunctionClass("F", "F", Loss(symbol("lipschitz"), symbol("loss_bound") / 2))
    flat = FunctionClass("F", "F", Loss(symbol("lipschitz") / 100, symbol("loss_bound")))
    nobody = Predictor("f̂", "f", F, erm_over=F)
    for predictor, message in (
        (nobody, "does not minimise"),
        (Predictor("f", "f", narrow, fixed=True), "not in"),
        (Predictor("f", "f", flat, fixed=True), "steeper"),
    ):
        with pytest.raises(InputError, match=message):
            check_fact(w, fixed_deviation_of(predictor))
    assert check_fact(w, fixed_deviation_of(fixed)).holds


def fixed_deviation_of(f: Predictor) -> Fact:
    """A fact on one predictor that is true of the best."""
    of = replace(fixed_deviation(replace(f, fixed=True), sample=S))
    return replace(of, lhs=mean(empirical_risk(f, S)), rhs=risk(f))


def test_a_random_class_is_not_a_fixed_one() -> None:
    random = FunctionClass("whatever", "H", LOSS, fixed=False)
    with pytest.raises(InputError, match="depends on the sample"):
        check_fact(world("plain erm"), contraction(random, sample=S))


def test_a_vector_class_is_not_a_scalar_one() -> None:
    with pytest.raises(InputError, match="several outputs"):
        check_fact(world("plain vector"), contraction(F, sample=S))
    assert check_fact(world("plain vector"), contraction(VECTORS, sample=S)).holds


def test_pairs_that_are_the_triples_own_are_not_independent() -> None:
    facts = [line.fact for line in proof_named("lu2023.multimodal/one-event").lines]
    found, why = readings(world("pairs of the triples"), facts)
    assert not found
    assert "not independent" in why


def test_a_false_fact_gets_its_exact_probability() -> None:
    w = world("cube of heads")
    half = replace(
        symmetrisation(F, sample=S, side=Side.UPPER),
        lhs=deviation(F, S, Side.UPPER),
        rhs=rademacher(F, S, loss_class=True),
    )
    verdict = check_fact(w, half)
    assert not verdict.holds
    assert verdict.probability == 1
    assert verdict.excess == pytest.approx(1 / 4)


def test_unknown_names_are_named() -> None:
    with pytest.raises(UnknownNameError, match="cube of heads"):
        world("cube of head")
    with pytest.raises(InputError, match="is not defined"):
        check_derivation(world("opposite functions"), proof_named("pac_bayes.kl/exact"))
    with pytest.raises(InputError, match="do not sum to 1"):
        held_out("wrong", (Q(1, 2), Q(1, 3)), (1, 0), 2)


def test_gaussian_of_a_world_is_the_mean_over_samples() -> None:
    w = world("tables of y")
    connections = FunctionClass(
        "G", "G", Loss(symbol("lipschitz"), symbol("distance_bound")), Output.VECTOR
    )
    P = Sample("P", "P", symbol("m"))
    assert w.value(gaussian(connections, P))[0] == pytest.approx(1 / sqrt(2 * np.pi))
    assert isinstance(w.classes["G"], Cube)
