"""A class lies in another only with the same loss, range, letter and outputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sympy import S

from boundcalc.conventions import Average, Output, Side
from boundcalc.errors import SideConditionError
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas import (
    bounded_differences,
    contraction,
    erm,
    infimum,
    minimiser,
    symmetrisation,
    uniform_deviation,
)
from boundcalc.symbolic.lemmas.nesting import (
    ModalityClass,
    discordant_risks,
    empirical_infimum,
    erm_infimum,
    nested_complexity,
    nested_deviation,
    nested_empirical_infimum,
    only_name,
    pair_name,
    paired_risk,
)
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import FunctionClass, Loss, Predictor, Sample, deviation

L, C, m, n, delta = (symbol(name) for name in ("lipschitz", "loss_bound", "m", "n", "delta"))
TRAIN = Sample("S", "S", m)
UPPER = Side.UPPER
LOSS = Loss(L, S.One)
# what else a larger class may claim of itself
OTHERS = {
    "range": {"loss": replace(LOSS, width=S.Zero)},
    "Lipschitz constant": {"loss": replace(LOSS, lipschitz=S.Zero)},
    "values": {"loss": replace(LOSS, zero_one=True)},
    "letter": {"loss": replace(LOSS, letter="d")},
    "symbol": {"loss": replace(LOSS, symbol="φ")},
    "outputs": {"output": Output.VECTOR},
}
G = FunctionClass("G", "G", LOSS)
F = FunctionClass("F", "F", LOSS, within=(G,))


def within(larger: FunctionClass, kind: str) -> tuple[FunctionClass, Predictor, Predictor]:
    """A class declared to be in a larger one, a member that is learned there, a fixed one."""
    if kind == "modalities":
        own = ModalityClass("F", "F", LOSS, sees=frozenset("a"), family="x")
        larger = ModalityClass(
            "G", "G", larger.loss, larger.output, sees=frozenset("ab"), family="x"
        )
    elif kind == "between":
        between = FunctionClass(
            "B", "B", larger.loss, larger.output, within=(replace(G, text="G"),)
        )
        own, larger = FunctionClass("F", "F", LOSS, within=(between,)), replace(G, text="G")
    else:
        own = FunctionClass("F", "F", LOSS, within=(larger,))
    learned = Predictor("f̂", "f", own, erm_over=larger, erm_on="S")
    fixed = Predictor("f", "f", own, fixed=True, risk_minimiser_of=larger)
    return larger, learned, fixed


LEMMAS: dict[str, Callable[[FunctionClass, Predictor, Predictor], Fact]] = {
    "uniform deviation": lambda over, f, _: uniform_deviation(
        f, over=over, sample=TRAIN, side=UPPER
    ),
    "ERM": lambda over, f, other: erm(f, against=other, sample=TRAIN),
    "infimum": lambda over, f, _: infimum(over, f),
    "minimiser": lambda over, f, other: minimiser(other, below=f),
    "minimiser of classes": lambda over, f, other: minimiser(other, below=f.member_of),
    "empirical infimum": lambda over, f, _: empirical_infimum(over, at=f, sample=TRAIN),
    "ERM infimum": lambda over, f, _: erm_infimum(f, sample=TRAIN),
    "deviations": lambda over, f, _: nested_deviation(
        f.member_of, larger=over, sample=TRAIN, side=UPPER
    ),
    "complexities": lambda over, f, _: nested_complexity(
        f.member_of, larger=over, sample=TRAIN, average=Average.EXPECTED, loss_class=True
    ),
    "empirical infima": lambda over, f, _: nested_empirical_infimum(
        f.member_of, larger=over, sample=TRAIN
    ),
}


@pytest.mark.parametrize("lemma", LEMMAS)
@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("kind", ["declared", "modalities", "between"])
def test_a_class_lies_in_another_only_with_its_loss(kind: str, other: str, lemma: str) -> None:
    """With a range of 0 the larger class has no concentration term."""
    claim = LEMMAS[lemma]
    with pytest.raises(SideConditionError, match="not declared to be in"):
        claim(*within(replace(G, **OTHERS[other]), kind))
    assert claim(*within(G, kind))


def test_a_minimiser_is_in_the_class_that_it_minimises_over() -> None:
    """Its risk is under its own loss, those of the class are under theirs."""
    below = Predictor("h", "h", G)
    inside = Predictor("f", "f", F, fixed=True, risk_minimiser_of=G)
    assert minimiser(inside, below=below)
    elsewhere = replace(inside, member_of=replace(F, loss=Loss(L, C), within=(G,)))
    with pytest.raises(SideConditionError, match="f is not declared to be in G"):
        minimiser(elsewhere, below=below)


def test_what_made_the_hole_worth_closing() -> None:
    """r(f̂) − r̂(f̂) ≤ Δ⁺(G), and Δ⁺(G) ≤ E Δ⁺(G) ≤ 2R(ℓ∘G) ≤ 0 with a constant loss."""
    free = replace(G, loss=Loss(S.Zero, S.Zero))
    event = bounded_differences(deviation(free, TRAIN, UPPER), cost=delta)
    assert event.rhs == symmetrisation(free, sample=TRAIN, side=UPPER).lhs
    assert contraction(free, sample=TRAIN).rhs == 0
    inside = Predictor("f̂", "f", FunctionClass("F", "F", LOSS, within=(free,)))
    with pytest.raises(SideConditionError, match="not declared to be in"):
        uniform_deviation(inside, over=free, sample=TRAIN, side=UPPER)


def test_classes_of_one_family_are_nested_through_a_declared_class() -> None:
    """F_a ⊆ F_ab by the family, and F_ab ⊆ G by declaration."""
    ab = ModalityClass("F_ab", "F", LOSS, within=(G,), sees=frozenset("ab"), family="x")
    a = replace(ab, text="F_a", sees=frozenset("a"))
    assert a.is_within(ab)
    assert a.is_within(G)
    assert not ab.is_within(a)


@pytest.mark.parametrize("width", [S.Zero, S.Half, C, 2 * S.One])
def test_losses_that_are_0_or_1_have_range_1(width: object) -> None:
    """With range ½ every concentration term would be half of the true one."""
    with pytest.raises(SideConditionError, match="0 or 1"):
        Loss(L, S(width), zero_one=True)
    assert Loss(L, S.One, zero_one=True)


# --- losses of two predictors at once ---------------------------------------------------------------

BINARY = FunctionClass("E", "E", Loss(L, S.One, zero_one=True))
DOUBLE = FunctionClass("pairs", "p", Loss(L, 2 * S.One))
TESTED = frozenset({"T"})


def predictors(**first: object) -> tuple[Predictor, Predictor]:
    f = Predictor("f", "f", BINARY, **({"independent_of": TESTED} | first))
    return f, Predictor("g", "g", BINARY, independent_of=TESTED)


def pair(f: Predictor, g: Predictor, **about: object) -> Fact:
    about = {"independent_of": TESTED, "made_of": (f, g)} | about
    d = Predictor(pair_name(f, g), "d", DOUBLE, **about)
    return paired_risk(d, first=f, second=g)


def discordant(f: Predictor, g: Predictor, **about: object) -> Fact:
    made = {"independent_of": TESTED} | about
    both = ((f, g), (g, f))
    only = (Predictor(only_name(*two), "o", BINARY, made_of=two, **made) for two in both)
    return discordant_risks(*only, first=f, second=g)


@pytest.mark.parametrize("build", [pair, discordant])
def test_a_loss_of_two_predictors_depends_on_what_both_depend_on(
    build: Callable[..., Fact],
) -> None:
    """The difference of two learned predictors is not fixed, and its empirical risk is biased."""
    assert build(*predictors())
    assert build(*predictors(fixed=True))
    for about in ({"fixed": True}, {"independent_of": frozenset({"T", "S"})}):
        with pytest.raises(SideConditionError, match="depends on"):
            build(*predictors(), **about)
    with pytest.raises(SideConditionError, match="depends on"):
        build(*predictors(independent_of=frozenset()))


def test_a_difference_is_of_two_losses_of_one_kind() -> None:
    f, g = predictors()
    other = replace(g, member_of=replace(BINARY, text="D", loss=Loss(L, S.One, letter="d")))
    with pytest.raises(SideConditionError, match="different losses"):
        pair(f, other)
