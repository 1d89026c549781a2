"""Rules compare whole conventions: measure, sample, average, outputs and loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sympy import Expr, Integer, S

from boundcalc.calculus import given, sum_of
from boundcalc.conventions import Average, Noise, Output, Signs
from boundcalc.errors import SideConditionError
from boundcalc.symbolic.complexity import StructuredClass, Tags, complexity_of
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas import classes, covering
from boundcalc.symbolic.lemmas import composition as rules
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Loss,
    Quantity,
    Sample,
    convention,
    gaussian,
    rademacher,
)

L, C, m, n, delta = (symbol(name) for name in ("lipschitz", "loss_bound", "m", "n", "delta"))
TRAIN, LARGER = Sample("S", "S", m), Sample("S", "S", 2 * m)
STEEP = Loss(Integer(1000), Integer(1000))
LOSS = Loss(S.One, S.One)
F = FunctionClass("F", "F", LOSS)
VECTOR = replace(F, output=Output.VECTOR)
EMPIRICAL = Average.EMPIRICAL
Refused = Callable[[], object]


def refused(build: Refused, message: str) -> None:
    with pytest.raises(SideConditionError, match=message):
        build()


RULES: dict[str, tuple[Callable[[Quantity], Fact], int, Output]] = {
    "sum": (rules.sum_rule, 2, Output.SCALAR),
    "scale": (rules.scale_rule, 1, Output.SCALAR),
    "offset": (rules.shift_rule, 1, Output.SCALAR),
    "subset": (rules.subset_rule, 1, Output.SCALAR),
    "convex-hull": (rules.hull_rule, 1, Output.SCALAR),
    "lipschitz": (rules.lipschitz_rule, 1, Output.SCALAR),
    "vector-contraction": (rules.vector_rule, 1, Output.VECTOR),
    "max": (rules.maximum_rule, 2, Output.SCALAR),
    "union": (rules.union_rule, 2, Output.SCALAR),
}
CONSTANTS = {
    "scale": "factor",
    "lipschitz": "lipschitz",
    "vector-contraction": "lipschitz",
    "union": "bound",
}


def composed(
    operation: str, part: Quantity, *, constant: Expr = S.One, loss: Loss = LOSS
) -> StructuredClass:
    """The result of an operation on one complexity, taken as often as the operation needs."""
    parts = (part,) * RULES[operation][1]
    names = {CONSTANTS[operation]: constant} if operation in CONSTANTS else {}
    return StructuredClass(
        "c", "c", loss, operation=operation, parts=parts, constants=tuple(names.items())
    )


def part_of(operation: str, **changes: object) -> Quantity:
    return rademacher(replace(F, output=RULES[operation][2]), TRAIN, **changes)


@pytest.mark.parametrize("operation", RULES)
def test_a_rule_says_nothing_of_the_loss_class_of_its_result(operation: str) -> None:
    """R(ℓ∘(F₁ + F₂)) is up to 1,000 times R(F₁) + R(F₂)."""
    rule = RULES[operation][0]
    whole = composed(operation, part_of(operation), loss=STEEP)
    assert rule(rademacher(whole, TRAIN))
    refused(lambda: rule(rademacher(whole, TRAIN, loss_class=True)), "same convention")


@pytest.mark.parametrize("operation", RULES)
@pytest.mark.parametrize("other", ["sample", "average", "measure", "outputs"])
def test_a_rule_compares_sample_average_noise_and_outputs(operation: str, other: str) -> None:
    rule, _, outputs = RULES[operation]
    wrong = FunctionClass(
        "F", "F", LOSS, Output.SCALAR if outputs is Output.VECTOR else Output.VECTOR
    )
    part = {
        "sample": rademacher(replace(F, output=outputs), LARGER),
        "average": part_of(operation, average=EMPIRICAL),
        "measure": gaussian(replace(F, output=outputs), TRAIN),
        "outputs": rademacher(wrong, TRAIN),
    }[other]
    refused(lambda: rule(rademacher(composed(operation, part), TRAIN)), "same convention|not known")


@pytest.mark.parametrize("operation", [name for name in RULES if name != "vector-contraction"])
def test_a_loss_class_is_a_part_like_any_other(operation: str) -> None:
    """F₁ + ℓ∘F₂ is a class of functions; a vector class has one output after its loss."""
    rule = RULES[operation][0]
    assert rule(rademacher(composed(operation, rademacher(VECTOR, TRAIN, loss_class=True)), TRAIN))
    (LOSS_OF_F,) = (given(0.1, m=9).loss_class(lipschitz=1000, loss_bound=1),)
    assert sum_of(LOSS_OF_F, given(0.1, m=9)).derivation.check()


def absolute(
    over: FunctionClass, *, loss_class: bool, average: Average = Average.EXPECTED
) -> Quantity:
    tags = Tags(averages=(average,), signs=Signs.ABSOLUTE, loss_class=loss_class)
    return complexity_of(over, TRAIN, tags)


def test_rules_for_one_class_compare_the_loss() -> None:
    R, loss_R = rademacher(F, TRAIN), rademacher(F, TRAIN, loss_class=True)
    refused(lambda: rules.gaussian_rule(loss_R, gaussian(F, TRAIN)), "convention")
    refused(lambda: rules.gaussian_rule(R, gaussian(F, TRAIN, loss_class=True)), "convention")
    refused(lambda: rules.signed_rule(loss_R, absolute(F, loss_class=False)), "convention")
    refused(lambda: rules.signed_rule(R, absolute(F, loss_class=True)), "convention")
    refused(lambda: rules.signed_rule(R, absolute(VECTOR, loss_class=False)), "convention")
    assert rules.gaussian_rule(loss_R, gaussian(F, TRAIN, loss_class=True))
    assert rules.signed_rule(loss_R, absolute(F, loss_class=True))


def test_one_class_is_another_only_in_one_convention() -> None:
    G = replace(F, text="G")
    steep = replace(G, loss=STEEP)
    assert rules.identity(rademacher(F, TRAIN), rademacher(steep, TRAIN))
    loss_R = rademacher(F, TRAIN, loss_class=True)
    for other in (
        rademacher(steep, TRAIN, loss_class=True),
        rademacher(G, TRAIN),
        rademacher(replace(G, output=Output.VECTOR), TRAIN),
        gaussian(G, TRAIN, loss_class=True),
        rademacher(G, TRAIN, loss_class=True, average=EMPIRICAL),
    ):
        refused(lambda other=other: rules.identity(loss_R, other), "convention")


@pytest.mark.parametrize(
    "malformed",
    [
        Quantity("rademacher", (F, TRAIN), "R", "R"),
        Quantity("rademacher", (TRAIN, F, Average.EXPECTED, False), "R", "R"),
        Quantity("gaussian", (F, TRAIN, False, False), "G", "G"),
        Quantity("largest", (F, TRAIN, False), "max", "max"),
    ],
)
def test_what_is_no_complexity_has_no_convention(malformed: Quantity) -> None:
    refused(lambda: convention(malformed), "not the complexity of a class")


LEAVES: dict[str, Callable[[Quantity], Fact]] = {
    "finite": classes.finite_maximum,
    "vc": classes.massart_patterns,
    "linear-l2": lambda of: classes.dual_norm(of, classes.EUCLIDEAN),
    "linear-lp": classes.ball_inclusion,
    "network-frobenius": classes.peeling,
    "entropy-integral": covering.chaining,
    "covering-quadratic": covering.chaining,
}
NUMBERS = (
    "size",
    "bound",
    "dimension",
    "norm",
    "p",
    "dual_exponent",
    "norm_product",
    "depth",
    "scale",
)
VALUES = tuple((name, symbol(name)) for name in NUMBERS)


def leaf(kind: str, *, loss: Loss = STEEP, output: Output = Output.SCALAR) -> StructuredClass:
    return StructuredClass("c", "c", loss, output, operation=kind, constants=VALUES)


@pytest.mark.parametrize("kind", LEAVES)
def test_what_is_known_of_a_class_is_not_known_of_its_loss_class(kind: str) -> None:
    """b bounds the functions, not their losses."""
    lemma = LEAVES[kind]
    assert lemma(rademacher(leaf(kind), TRAIN, average=EMPIRICAL))
    refused(
        lambda: lemma(rademacher(leaf(kind), TRAIN, average=EMPIRICAL, loss_class=True)),
        "loss class",
    )
    refused(
        lambda: lemma(rademacher(leaf(kind, output=Output.VECTOR), TRAIN, average=EMPIRICAL)),
        "outputs",
    )
    refused(
        lambda: lemma(absolute(leaf(kind), loss_class=False, average=EMPIRICAL)),
        "signed Rademacher",
    )


def test_the_spectral_bound_is_that_of_a_loss_class_in_the_unit_interval() -> None:
    unit = Loss(L, S.One)
    of = {
        flag: rademacher(
            leaf("network-spectral", loss=unit), TRAIN, average=EMPIRICAL, loss_class=flag
        )
        for flag in (True, False)
    }
    assert covering.chaining(of[True])
    refused(lambda: covering.chaining(of[False]), "of the class itself")
    wide = rademacher(leaf("network-spectral"), TRAIN, average=EMPIRICAL, loss_class=True)
    refused(lambda: covering.chaining(wide), r"\[0, 1\]")


def test_noise_is_part_of_the_convention() -> None:
    tags = Tags(averages=(EMPIRICAL,), noise=Noise.GAUSSIAN)
    measured = complexity_of(F, TRAIN, tags)
    assert convention(measured) == replace(convention(gaussian(F, TRAIN)), average=EMPIRICAL)
    refused(lambda: rules.gaussian_rule(rademacher(F, TRAIN), measured), "convention")
