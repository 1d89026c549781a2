"""The calculus of complexities: every rule against enumeration, whole expressions, conventions, tables of study files."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from sympy import Expr

import boundcalc as bc
from boundcalc.calculus import (
    Complexity,
    class_from_dict,
    complete,
    function_class,
    given,
    late_fusion,
    max_of,
    sum_of,
    union,
)
from boundcalc.conventions import Relation
from boundcalc.errors import ConventionError, InputError
from boundcalc.numeric.complexity import float_value, values_of
from boundcalc.symbolic.catalogue import complexities
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.quantities import quantities_in
from boundcalc.worlds.class_checks import mean_dual_norm, rademacher_of_table

KNOWN = [id for id, entry in complexities().items() if entry.forms]

# --- the calculus against enumeration ------------------------------------------------------------------------


def measured(quantity: object, tables: dict[str, np.ndarray]) -> float:
    """A quantity of a fact on the given sample, by enumeration of all sign vectors."""
    if quantity.measure == "largest":
        return max(measured(part, tables) for part in quantity.subjects)
    assert quantity.measure in {"rademacher", "rademacher_absolute"}
    return rademacher_of_table(
        tables[quantity.subjects[0].text], absolute=quantity.measure.endswith("absolute")
    )


def excess(
    fact: Fact, tables: dict[str, np.ndarray], values: dict[str, float], factor: float = 1.0
) -> float:
    """rhs − lhs with every quantity enumerated, the right-hand side multiplied by a wrong constant."""

    def side(expression: Expr) -> float:
        known = {q: measured(q, tables) for q in quantities_in(expression)}
        return float_value(expression.subs(known), values)

    return factor * side(fact.rhs) - side(fact.lhs)


def given_tables(*tables: np.ndarray, **conventions: str) -> list[Complexity]:
    """Finite classes with their exact complexity as the number that is given."""
    absolute = conventions.get("signs") == "absolute"
    output = "vector" if tables[0].ndim == 3 else "scalar"
    return [
        given(
            rademacher_of_table(t, absolute=absolute),
            m=t.shape[1],
            average="empirical",
            output=output,
            **conventions,
        )
        for t in tables
    ]


def check_rule(
    made: Complexity, composed: np.ndarray, *tables: np.ndarray, tight: bool, lemma: str
) -> None:
    """The rule's fact holds, the bound holds, the kernel accepts, and a smaller constant is caught if `tight`."""
    made.derivation.check()
    fact = next(step.fact for step in made.derivation.steps if step.fact.lemma == lemma)
    whole = fact.lhs.subjects[0]
    named = {whole.text: composed}
    parts = getattr(whole, "parts", ()) or (next(iter(quantities_in(fact.rhs))),)
    named |= {part.subjects[0].text: table for part, table in zip(parts, tables, strict=True)}
    values = values_of(made.tree, made.m)
    gap = excess(fact, named, values)
    assert gap >= -1e-12
    if fact.relation is Relation.EQUAL:
        assert abs(gap) <= 1e-12
        assert abs(excess(fact, named, values, 1.001)) > 1e-6
    assert rademacher_of_table(composed) <= float_value(made.expression, values) + 1e-12
    if tight:
        assert excess(fact, named, values, 0.99) < -1e-6, "a constant 1 % smaller is not caught"


CUBE = np.array(list(itertools.product((0.0, 1.0), repeat=3)))
RANDOM = np.random.default_rng(3).normal(size=(5, 6))
OTHER = np.random.default_rng(4).normal(size=(4, 6))


@pytest.mark.parametrize(("A", "B"), [(RANDOM, OTHER), (CUBE, -2 * CUBE)])
def test_sum(A: np.ndarray, B: np.ndarray) -> None:
    F, G = given_tables(A, B)
    total = (A[:, None] + B[None]).reshape(-1, A.shape[1])
    check_rule(F + G, total, A, B, tight=True, lemma="sum of classes")
    check_rule(sum_of(F, G), total, A, B, tight=True, lemma="sum of classes")
    F, G = given_tables(A, B, signs="absolute")
    absolute = (F + G).signed()
    absolute.derivation.check()
    assert (
        rademacher_of_table(total)
        <= rademacher_of_table(total, absolute=True)
        <= bc.complexity(F + G).value + 1e-12
    )


@pytest.mark.parametrize("c", [2.5, -3.0, 0.0])
def test_scale(c: float) -> None:
    (F,) = given_tables(RANDOM)
    check_rule(c * F, c * RANDOM, RANDOM, tight=c != 0, lemma="scaling") if c else (
        c * F
    ).derivation.check()
    assert bc.complexity(F * c).value == pytest.approx(rademacher_of_table(c * RANDOM))


def test_fixed_shift() -> None:
    (F,) = given_tables(RANDOM)
    check_rule(F.offset(), RANDOM + np.arange(6.0), RANDOM, tight=True, lemma="fixed shift")


def test_subset_and_inclusion() -> None:
    (F,) = given_tables(RANDOM)
    check_rule(F.subset(), RANDOM[1:3], RANDOM, tight=False, lemma="subset")
    check_rule(F.subset(), RANDOM, RANDOM, tight=True, lemma="subset")
    (small,) = given_tables(RANDOM[:2])
    inside = small.named("H").subset_of(F)
    assert inside.complexity.name == "R̂(H)"
    assert bc.complexity(inside).value == pytest.approx(rademacher_of_table(RANDOM))


def test_convex_hull() -> None:
    (F,) = given_tables(RANDOM)
    weights = np.random.default_rng(0).dirichlet(np.ones(5), size=200)
    hull = np.concatenate([RANDOM, weights @ RANDOM])
    check_rule(F.convex_hull(), hull, RANDOM, tight=True, lemma="convex hull")


@pytest.mark.parametrize("phi", [np.abs, np.sin, lambda x: -2 * x, lambda x: np.minimum(x, 0.3)])
def test_lipschitz_maps(phi: Callable) -> None:
    (F,) = given_tables(RANDOM)
    L = 2.0 if phi(3.0) == -6 else 1.0
    made = F.lipschitz(L)
    check_rule(made, phi(RANDOM), RANDOM, tight=L == 2, lemma="contraction")
    one_each = np.where(np.arange(6) % 2, phi(RANDOM), RANDOM)  # φ may depend on the example
    assert rademacher_of_table(one_each) <= bc.complexity(made).value + 1e-12


def test_vector_contraction_needs_its_root_of_two() -> None:
    """F = {0, (1, 1)}, m = 1, φ thrice the ℓ2 norm: R(φ∘F) = 3 √2/2 = 3 √2 R^vec(F)."""
    vectors = np.array([[[0.0, 0.0]], [[1.0, 1.0]]])
    (F,) = given_tables(vectors)
    check_rule(
        F.vector_contraction(3),
        3 * np.linalg.norm(vectors, axis=2),
        vectors,
        tight=True,
        lemma="vector contraction",
    )
    random = np.random.default_rng(1).normal(size=(6, 4, 3))
    (F,) = given_tables(random)
    for phi in (np.linalg.norm(random, axis=2), random.max(axis=2), random[..., 0]):
        check_rule(F.vector_contraction(1), phi, random, tight=False, lemma="vector contraction")
    loss = F.loss_class(lipschitz=2, loss_bound=9)
    loss.derivation.check()
    assert bc.complexity(loss).value == pytest.approx(
        2 * math.sqrt(2) * rademacher_of_table(random)
    )


def test_maximum() -> None:
    F, G = given_tables(RANDOM, OTHER)
    largest = np.maximum(RANDOM[:, None], OTHER[None]).reshape(-1, 6)
    check_rule(max_of(F, G), largest, RANDOM, OTHER, tight=False, lemma="pointwise maximum")
    low = np.full((1, 3), -9.0)
    F, G = given_tables(CUBE, low)
    check_rule(max_of(F, G), CUBE, CUBE, low, tight=True, lemma="pointwise maximum")


def test_union() -> None:
    tables = [np.clip(t, -1, 1) for t in (RANDOM, OTHER, RANDOM[::-1] * 0.5)]
    parts = given_tables(*tables)
    made = union(*parts, bound=1)
    check_rule(made, np.concatenate(tables), *tables, tight=False, lemma="union of classes")
    assert [proof.claim.name for proof in made.part_proofs] == ["R̂(F₁)", "R̂(F₂)", "R̂(F₃)"]
    printed = bc.complexity(2 * made).printed_parts
    assert [float(p.numbers.split("≤ ")[-1]) for p in printed] == pytest.approx(
        [rademacher_of_table(t) for t in tables], rel=1e-5
    )
    largest = max(rademacher_of_table(t) for t in tables)
    assert bc.complexity(made).value == pytest.approx(largest + math.sqrt(2 * math.log(3) / 6))
    # ±1 at one point: the constant √2 of √(2 ln N/m) cannot be halved, nor the 2 inside
    ends = [np.ones((1, 1)), -np.ones((1, 1))]
    exact, bound = (
        rademacher_of_table(np.concatenate(ends)),
        bc.complexity(union(*given_tables(*ends), bound=1)).value,
    )
    assert bound / math.sqrt(2) < exact == 1 <= bound


@pytest.mark.parametrize("operation", [sum_of, max_of, lambda F: union(F, bound=1)])
def test_one_class_alone_is_itself(operation) -> None:
    (F,) = given_tables(RANDOM)
    assert bc.complexity(operation(F)).value == bc.complexity(F).value
    assert bc.complexity(operation(F) + F).value == 2 * bc.complexity(F).value
    one, several = (
        late_fusion(norms=[3], radii=[2], m=4),
        late_fusion(norms=[3, 1], radii=[2, 2], m=4),
    )
    assert bc.complexity(one).value == 3
    assert bc.complexity(several).value == 4


def test_words_for_conventions_may_be_written_small_or_large() -> None:
    assert given(1, m=4, noise="gaussian").tags == given(1, m=4, noise="Gaussian").tags
    with pytest.raises(InputError, match="did you mean 'gaussian'"):
        given(1, m=4, noise="gausian")


def test_brackets_tell_a_sum_of_unions_from_a_union_of_sums() -> None:
    F, G, H = given_tables(RANDOM, OTHER, -RANDOM)
    assert bc.complexity(union(F + G, H, bound=1)).statement == "R̂((F₁+F₂)∪F₃)"
    assert bc.complexity(F + union(G, H, bound=1)).statement == "R̂(F₁+(F₂∪F₃))"


def test_rules_hold_for_expected_complexities_too() -> None:
    """Three points, all samples of two: the average over samples, for the rules that are not equalities of sets."""
    tables = [np.clip(t[:, :3], -1, 1) for t in (RANDOM, OTHER)]

    def expected(table: np.ndarray) -> float:
        return float(
            np.mean(
                [
                    rademacher_of_table(table[:, list(s)])
                    for s in itertools.product(range(3), repeat=2)
                ]
            )
        )

    F, G = (given(expected(t), m=2) for t in tables)
    pairs = [
        (union(F, G, bound=1), np.concatenate(tables)),
        (max_of(F, G), np.maximum(tables[0][:, None], tables[1][None]).reshape(-1, 3)),
        (F + G, (tables[0][:, None] + tables[1][None]).reshape(-1, 3)),
        (F.lipschitz(1), np.abs(tables[0])),
    ]
    for made, composed in pairs:
        made.derivation.check()
        assert expected(composed) <= bc.complexity(made).value + 1e-12


def test_signed_from_absolute() -> None:
    for table in (RANDOM, np.concatenate([RANDOM, -RANDOM])):
        (F,) = given_tables(table, signs="absolute")
        made = F.signed()
        made.derivation.check()
        assert rademacher_of_table(table) <= bc.complexity(made).value + 1e-12


def gaussian(table: np.ndarray, draws: int = 200_000) -> tuple[float, float]:
    """Ĝ of a finite class: a Monte-Carlo mean and its standard error."""
    g = np.random.default_rng(0).normal(size=(draws, table.shape[1]))
    each = (g @ table.T).max(axis=1) / table.shape[1]
    return float(each.mean()), float(each.std() / math.sqrt(draws))


def test_rademacher_from_gaussian() -> None:
    """F = {0, 1}, m = 1: R = ½ = √(π/2)·G with G = E max(0, g) = 1/√(2π): the constant is exact."""
    F = given(
        1 / math.sqrt(2 * math.pi), m=1, noise="Gaussian", average="empirical"
    ).rademacher_from_gaussian()
    F.derivation.check()
    assert bc.complexity(F).value == pytest.approx(0.5, rel=1e-14)
    for table in (RANDOM, CUBE):
        mean, error = gaussian(table)
        made = given(mean + 5 * error, m=table.shape[1], noise="Gaussian", average="empirical")
        assert rademacher_of_table(table) <= bc.complexity(made.rademacher_from_gaussian()).value


def test_gaussian_comparison_has_no_root_of_two() -> None:
    rng = np.random.default_rng(8)
    table = rng.normal(size=(5, 2, 3))
    whole, error = gaussian(table.reshape(5, -1))
    F = given(3 * (whole + 5 * error), m=2, noise="Gaussian", average="empirical", output="vector")
    made = F.vector_contraction(1)
    made.derivation.check()
    mean, error = gaussian(np.linalg.norm(table, axis=2))
    assert (
        mean - 5 * error
        <= bc.complexity(made).value
        == pytest.approx(3 * (whole + 5 * gaussian(table.reshape(5, -1))[1]))
    )
    assert made.derivation.steps[0].fact.lemma == "Gaussian comparison"


def test_bridge_from_measured_to_expected() -> None:
    """{0, x} with x Bernoulli(p), loss the identity: exact P(R_m > R̂_S + (w/2)√(ln(1/δ)/(2m))) ≤ δ."""
    for m in (1, 3, 5):
        table = {
            k: rademacher_of_table(np.array([[0.0] * m, [1.0] * k + [0.0] * (m - k)]))
            for k in range(m + 1)
        }
        steps = np.diff([table[k] for k in range(m + 1)])
        assert max(abs(steps)) == pytest.approx(
            1 / (2 * m)
        )  # c_i = w/(2m) is attained, so it cannot be smaller
        for p, delta in itertools.product((0.1, 0.28, 0.5, 0.9), (0.05, 0.27, 0.6)):
            chance = [math.comb(m, k) * p**k * (1 - p) ** (m - k) for k in range(m + 1)]
            expected = sum(c * table[k] for k, c in enumerate(chance))
            missed = 0.0
            for k, c in enumerate(chance):
                F = (
                    given(table[k], m=m, average="empirical")
                    .loss_class(lipschitz=1, loss_bound=1)
                    .expected(delta=delta)
                )
                result = bc.complexity(F)
                assert result.probability == pytest.approx(1 - delta)
                assert result.value == pytest.approx(
                    table[k] + 0.5 * math.sqrt(math.log(1 / delta) / (2 * m))
                )
                missed += c * (result.value < expected - 1e-12)
            assert missed <= delta
    F.derivation.check()
    (event,) = F.derivation.events
    assert str(event.cost) == "delta"


# --- whole expressions ------------------------------------------------------------------------------------


def test_late_fusion_separate_and_joint() -> None:
    separate = late_fusion(norms=[3, 4], radii=[1, 2], m=400)
    joint = late_fusion(norms=[5], radii=[1, 2], m=400, joint=True)
    assert bc.complexity(separate).value == pytest.approx((3 * 1 + 4 * 2) / 20)
    assert bc.complexity(joint).value == pytest.approx(5 * math.sqrt(5) / 20)
    X = [np.random.default_rng(k).normal(size=(9, 2)) for k in range(2)]
    X = [x / np.linalg.norm(x, axis=1, keepdims=True) * r for x, r in zip(X, (1, 2), strict=True)]
    exact = 3 * mean_dual_norm(X[0], 2) + 4 * mean_dual_norm(X[1], 2)
    assert exact <= bc.complexity(late_fusion(norms=[3, 4], radii=[1, 2], m=9)).value
    assert (
        5 * mean_dual_norm(np.hstack(X), 2)
        <= bc.complexity(late_fusion(norms=[5], radii=[1, 2], m=9, joint=True)).value
    )
    for bad in (
        {"norms": [1, 2], "joint": True},
        {"norms": [1]},
        {"norms": [1, 2], "joint": 1},
        {"norms": "ab"},
    ):
        with pytest.raises(InputError):
            late_fusion(**({"radii": [1, 2], "m": 9} | bad))


def test_a_proof_prints_from_linear_norms_to_the_loss_class() -> None:
    F = (
        late_fusion(norms=[1, 2], radii=[1, 1], m=1000)
        .named("H∘G_M")
        .loss_class(lipschitz=0.5, loss_bound=1)
    )
    F.derivation.check()
    result = bc.complexity(F)
    assert result.formula == "LB₁X₁/√m + LB₂X₂/√m"
    assert result.statement == "R(ℓ∘H∘G_M)"
    assert list(result.terms) == ["R(F₁)", "R(F₂)"]
    assert result.value == pytest.approx(0.5 * 3 / math.sqrt(1000))
    facts = [step.fact for step in result.proof.steps]
    assert facts[0] == "R(ℓ∘H∘G_M) ≤ LR(H∘G_M)"
    assert facts[1] == "R(H∘G_M) = R(F₁) + R(F₂)"
    assert "‖X₂ᵀσ‖₂" in facts[5]
    assert result.proof.steps[-1].bound == result.formula


@pytest.mark.parametrize("id", KNOWN)
def test_two_classes_of_one_kind_are_told_apart(id: str) -> None:
    entry = complexities()[id]
    one = function_class(id, form=entry.example_form, **entry.example)
    alone = bc.complexity(one).value
    parts = (one, one.subset(), one) if id == "linear-lp" else (one, one)
    result = bc.complexity(sum_of(*parts))
    result.derivation.check()
    assert result.value == pytest.approx(len(parts) * alone)
    assert len({step.fact.lhs for step in result.derivation.steps}) == len(result.derivation.steps)
    with pytest.raises(InputError, match="two different classes are called A"):
        bc.complexity(one.named("A") + one.named("A"))
    with pytest.raises(InputError, match="two different classes are called F₂"):
        bc.complexity(one.named("F₂") + one)


@pytest.mark.parametrize("variant", ["sharp", "sharp-empirical"])
def test_classes_inside_the_proof_of_a_theorem(variant: str) -> None:
    """One proof from the network's weights to the gap of risks; its value is the theorem's at that complexity."""
    empirical = variant.endswith("empirical")
    size = {"frobenius": 50} if empirical else {"radius": 1}
    F = function_class("network-frobenius", norms=(1, 2), m=2500, **size) + function_class(
        "finite", size=9, bound=1, m=2500
    )
    name = "rademacher_empirical" if empirical else "rademacher"
    proof = complete(
        bc.theorem("huang2021.theorem1").variant(variant).derivation, **{name: F}
    ).check()
    assert any(step.fact.lemma == "peeling of the layers" for step in proof.steps)
    R = bc.complexity(F.on_sample() if empirical else F).value
    numbers = {"m": 2500, "delta": 0.05, "lipschitz": 1, "loss_bound": 1, "gamma": -0.2}
    want = bc.evaluate("huang2021.theorem1", variant=variant, **numbers, **{name: R}).value
    values = {**values_of(F.tree, 2500), **numbers, "optimisation_gap": 0}
    assert float_value(proof.expression, values) == pytest.approx(want, rel=1e-12)


def described(parameter: str, vector: bool) -> Complexity:
    """A class that can stand for a complexity parameter of a theorem."""
    outputs = {"outputs": 2} if vector else {}
    size = {"frobenius": 9} if "empirical" in parameter else {"radius": 1}
    return function_class(
        "linear-frobenius" if vector else "linear-l2", norm=1, m=100, **outputs, **size
    )


TAKES_CLASSES = [
    (id, variant)
    for id in (
        "classic.uniform_deviation",
        "huang2021.theorem1",
        "huang2021.theorem2",
        "huang2021.certificate",
    )
    for variant, form in bc.theorem(id).variants.items()
    if any(p.name.startswith("rademacher") for p in form.parameters)
]


@pytest.mark.parametrize(("id", "variant"), TAKES_CLASSES)
def test_every_proof_that_takes_a_complexity_takes_classes(id: str, variant: str) -> None:
    form = bc.theorem(id).variant(variant)
    names = [p.name for p in form.parameters if p.name.startswith("rademacher")]
    whole = complete(
        form.derivation, **{name: described(name, variant.endswith("vector")) for name in names}
    ).check()
    assert not {s.name for s in whole.expression.free_symbols} & set(names)
    assert whole.failure == form.derivation.failure
    other = described(names[0], not variant.endswith("vector"))
    with pytest.raises(ConventionError, match="vector"):
        complete(form.derivation, **{names[0]: other})


def test_two_classes_inside_one_proof() -> None:
    proof = bc.theorem("huang2021.certificate").variant("any").derivation
    F, G = (function_class("linear-l2", norm=B, radius=1, m=100) for B in (1, 2))
    whole = complete(proof, rademacher_m=F, rademacher_n=G).check()
    names = {s.name for s in whole.expression.free_symbols}
    assert {"norm_1", "radius_1", "norm_2", "radius_2"} <= names
    facts = [str(step.fact.lhs) for step in whole.steps]
    assert {"R(F₁)", "R(F₂)"} <= set(facts)
    assert (
        complete(proof, rademacher_m=F.named("H∘G_M"), rademacher_n=F).check().expression
        == whole.expression
    )
    with pytest.raises(InputError, match="two different classes are called H∘G_N"):
        complete(proof, rademacher_m=F.named("H∘G_N"))
    with pytest.raises(InputError, match="gamma"):
        complete(proof, gamma=F)
    with pytest.raises(ConventionError, match=r"\.vector_contraction"):
        complete(
            proof,
            rademacher_m=function_class("linear-frobenius", outputs=2, norm=1, radius=1, m=100),
        )
    with pytest.raises(ConventionError, match="empirical"):
        complete(proof, rademacher_m=function_class("linear-l2", norm=1, frobenius=1, m=100))


# --- conventions -------------------------------------------------------------------------------------------

EXPECTED = given(0.1, m=50)
EMPIRICAL = given(0.1, m=50, average="empirical")
VECTOR = given(0.1, m=50, output="vector")
ABSOLUTE = given(0.1, m=50, signs="absolute")
GAUSSIAN = given(0.1, m=50, noise="Gaussian")
LOSS = EXPECTED.loss_class(lipschitz=1, loss_bound=1)
LARGER = given(0.1, m=51)

MISMATCHES = [
    (lambda: EXPECTED + EMPIRICAL, r"pay R_m ≤ R̂_S \+ \(w/2\)√\(ln\(1/δ\)/\(2m\)\)"),
    (lambda: max_of(EXPECTED, EMPIRICAL), "pay R_m"),
    (lambda: union(EXPECTED, EMPIRICAL, bound=1), "pay R_m"),
    (lambda: EMPIRICAL.expected(), "pay R_m"),
    (lambda: EMPIRICAL.expected(delta=0.1), "bounded loss class"),
    (lambda: EXPECTED.on_sample(), "sizes of the data"),
    (lambda: EXPECTED + VECTOR, r"\.vector_contraction\(L\), R ≤ √2 L R\^vec"),
    (lambda: VECTOR.lipschitz(1), "vector_contraction"),
    (lambda: max_of(VECTOR), "vector_contraction"),
    (lambda: union(VECTOR, bound=1), "vector_contraction"),
    (lambda: EXPECTED.vector_contraction(1), "lipschitz"),
    (lambda: EXPECTED + ABSOLUTE, r"\.signed\(\) first"),
    (lambda: ABSOLUTE.lipschitz(1), r"\.signed\(\) first"),
    (lambda: ABSOLUTE.offset(), r"\.signed\(\) first"),
    (lambda: max_of(ABSOLUTE), r"\.signed\(\) first"),
    (lambda: EXPECTED + GAUSSIAN, "rademacher_from_gaussian"),
    (lambda: GAUSSIAN.lipschitz(1), "rademacher_from_gaussian"),
    (lambda: GAUSSIAN.loss_class(lipschitz=1, loss_bound=1), "rademacher_from_gaussian"),
    (lambda: union(GAUSSIAN, bound=1), "rademacher_from_gaussian"),
    (lambda: EXPECTED.rademacher_from_gaussian(), "already"),
    (lambda: LOSS.loss_class(lipschitz=1, loss_bound=1), "loss class"),
    (lambda: EXPECTED + LARGER, "m = 50 and m = 51"),
    (
        lambda: (
            given(0.1, m=9, average="empirical")
            .loss_class(lipschitz=1, loss_bound=1)
            .expected(delta=0.1)
            + EMPIRICAL
        ),
        ".",
    ),
]


@pytest.mark.parametrize(
    ("make", "bridge"), MISMATCHES, ids=lambda x: x if isinstance(x, str) else ""
)
def test_mismatched_conventions_name_the_bridge(make: Callable, bridge: str) -> None:
    with pytest.raises(ConventionError, match=bridge):
        make()


def test_bounds_that_hold_on_every_sample_fit_both_conventions() -> None:
    both = function_class("finite", size=10, bound=1, m=50)
    assert bc.complexity(both).average == "expected"
    assert bc.complexity(both.on_sample()).statement == "R̂(F)"
    assert (both + EXPECTED).tags.average == "expected"
    assert (both + EMPIRICAL).tags.average == "empirical"
    assert both.expected().tags.averages == ("expected",)
    (both + EMPIRICAL).derivation.check()


def test_a_bound_that_may_fail_does_not_enter_a_union() -> None:
    paid = EMPIRICAL.loss_class(lipschitz=1, loss_bound=1).expected(delta=0.1)
    with pytest.raises(ConventionError, match="after it"):
        union(paid, EXPECTED, bound=1)


# --- tables of study files -----------------------------------------------------------------------------------

LINEAR = {"kind": "linear-l2", "norm": 1, "radius": 1}


def test_tables_and_operators_are_the_same() -> None:
    F = function_class("linear-l2", norm=1, radius=1, m=100)
    G = function_class("linear-l1", norm=2, radius=1, features=10, m=100)
    linear_l1 = {"kind": "linear-l1", "norm": 2, "radius": 1, "features": 10}
    vector = {"kind": "linear-frobenius", "outputs": 3, "norm": 1, "radius": 1}
    pairs = [
        (LINEAR, F),
        ({"kind": "sum", "of": [LINEAR, linear_l1]}, F + G),
        ({"kind": "scale", "factor": -2, "of": LINEAR}, -2 * F),
        ({"kind": "max", "of": [LINEAR, linear_l1]}, max_of(F, G)),
        ({"kind": "union", "bound": 3, "of": [LINEAR, linear_l1]}, union(F, G, bound=3)),
        ({"kind": "convex-hull", "of": {"kind": "offset", "of": LINEAR}}, F.offset().convex_hull()),
        ({"kind": "lipschitz", "lipschitz": 3, "of": LINEAR}, F.lipschitz(3)),
        (
            {"kind": "late-fusion", "norms": [1, 2], "radii": [1, 1]},
            late_fusion(norms=[1, 2], radii=[1, 1], m=100),
        ),
        (
            {"kind": "late-fusion", "norms": [2], "radii": [1, 1], "joint": True},
            late_fusion(norms=[2], radii=[1, 1], joint=True, m=100),
        ),
        (
            {"kind": "loss", "lipschitz": 2, "loss_bound": 1, "of": vector},
            function_class("linear-frobenius", outputs=3, norm=1, radius=1, m=100).loss_class(
                lipschitz=2, loss_bound=1
            ),
        ),
        (
            {
                "kind": "rademacher-from-gaussian",
                "of": {"kind": "given", "value": 0.2, "noise": "Gaussian"},
            },
            given(0.2, m=100, noise="Gaussian").rademacher_from_gaussian(),
        ),
        (
            {
                "kind": "expected",
                "delta": 0.1,
                "of": {
                    "kind": "loss",
                    "lipschitz": 1,
                    "loss_bound": 1,
                    "of": {"kind": "linear-l2", "norm": 1, "frobenius": 9},
                },
            },
            function_class("linear-l2", norm=1, frobenius=9, m=100)
            .loss_class(lipschitz=1, loss_bound=1)
            .expected(delta=0.1),
        ),
    ]
    for table, composed in pairs:
        made = class_from_dict(table, 100)
        assert bc.complexity(made).value == bc.complexity(composed).value
        assert made.tags == composed.tags
        made.derivation.check()
    assert class_from_dict({**LINEAR, "name": "G_M"}, 9).complexity.name == "R(G_M)"


MISTAKES = [
    ({"kind": "linear-l3", "norm": 1}, "class: kind must name .* did you mean 'linear-l"),
    ({"norm": 1}, "class: kind must name .* it is missing"),
    (3, "class must be a table"),
    ({"kind": "summ", "of": []}, "did you mean 'sum'"),
    ({"kind": "sum", "of": LINEAR}, "class: of must be a list"),
    ({"kind": "sum", "of": []}, "class: of must be a list"),
    ({"kind": "sum", "off": [LINEAR]}, "class: unknown key 'off' of sum; did you mean 'of'"),
    (
        {"kind": "sum", "of": [LINEAR, {**LINEAR, "nrom": 1}]},
        r"class\.of\[2\]: unknown parameter 'nrom' of linear-l2; did you mean 'norm'",
    ),
    (
        {
            "kind": "sum",
            "of": [{"kind": "given", "value": 1}, {"kind": "linear-l2", "norm": 1, "frobenius": 1}],
        },
        "class: the sum of an empirical",
    ),
    ({"kind": "scale", "of": LINEAR}, "class: scale needs factor"),
    ({"kind": "linear-l2", "norm": -1, "radius": 1}, "class: norm = -1 is outside the domain"),
    ({"kind": "linear-l2", "norm": "1", "radius": 1}, "class: norm must be a number"),
    ({**LINEAR, "m": 5}, "class: m is that of the study"),
    ({**LINEAR, "name": "two\nlines"}, "class: a name"),
    ({"kind": "transformer"}, "class: transformer has no value"),
    ({"kind": "given", "value": 1, "average": "expectd"}, "did you mean 'expected'"),
]


@pytest.mark.parametrize(
    ("table", "message"), MISTAKES, ids=lambda x: x if isinstance(x, str) else ""
)
def test_mistakes_in_tables_say_where_they_are(table: object, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        class_from_dict(table, 100)
    assert "\n" not in str(caught.value)


def test_tables_nested_too_deeply_are_refused() -> None:
    table: dict = LINEAR
    for _ in range(500):
        table = {"kind": "offset", "of": table}
    with pytest.raises(InputError, match="nested more than"):
        class_from_dict(table, 10)


def test_composed_classes_take_no_further_numbers() -> None:
    with pytest.raises(InputError, match="leave out m"):
        bc.complexity(EXPECTED, m=3)
    with pytest.raises(InputError, match="text or a Complexity"):
        bc.complexity(3)
    with pytest.raises(InputError, match="the sum takes complexities"):
        sum_of(EXPECTED, 3)
    assert EXPECTED.__add__(3) is NotImplemented
    with pytest.raises(InputError, match="of no classes"):
        sum_of()
    assert replace(EXPECTED.tags, output="vector") != EXPECTED.tags


def test_intrinsic_complexity_predicts_other_sample_sizes() -> None:
    for F in (
        late_fusion(norms=[1, 2], radii=[1, 3], m=100),
        function_class("finite", size=9, bound=1, m=100),
    ):
        c = bc.complexity(F).intrinsic
        assert bc.complexity(
            replace(F, m=400, parts=tuple(replace(p, m=400) for p in F.parts))
        ).value == pytest.approx(math.sqrt(c / 400))
    assert bc.complexity("linear-l2", norm=1, frobenius=3, m=10).intrinsic is None
    assert bc.complexity("vc", dimension=1, bound=1, m=10).intrinsic is None
