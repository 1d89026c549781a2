"""Side conditions at their ends: what is just allowed passes, and just beyond nothing does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sympy import Expr, Integer, Rational, S, log, sqrt
from test_constants import PART, described

from boundcalc.conventions import Average, Relation, Side
from boundcalc.errors import CertificateError, DomainError, SideConditionError
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.facts import Event, Fact
from boundcalc.symbolic.lemmas import (
    binomial_limit,
    bounded_differences,
    classes,
    composition,
    definition,
    empirical_bernstein,
    entropy_inversion,
    given,
    in_expectation,
    instance,
    least_squares,
    pinsker,
    refined_pinsker,
    relative_entropy_limit,
    square,
    sub_gaussian_deviation,
    uniform_deviation,
)
from boundcalc.symbolic.lemmas.classes import subscript
from boundcalc.symbolic.lemmas.guards import paid
from boundcalc.symbolic.lemmas.nesting import ModalityClass, discordant_risks, only_name
from boundcalc.symbolic.lemmas.views import ConditionalMean, distance
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.posteriors import relative_entropy
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Loss,
    ModalitySubset,
    Predictor,
    Sample,
    empirical_risk,
    named,
    quantities_in,
    rademacher,
    risk,
)
from boundcalc.theorems.pac_bayes._setting import distributions, entropy_limit

HALF, THREE = Rational(1, 2), Integer(3)
TEST = Sample("T", "T", Integer(50))
UP, COST = Side.UPPER, Rational(1, 20)


def fixed(width: Expr, *, zero_one: bool = False, name: str = "f") -> Predictor:
    over = FunctionClass("F", "F", Loss(S.One, S(width), zero_one=zero_one))
    return Predictor(name, name, over, fixed=True)


def bernstein(variance: Expr) -> Fact:
    return empirical_bernstein(fixed(THREE), sample=TEST, variance=variance, side=UP, cost=COST)


def counted(errors: Expr) -> Fact:
    f = fixed(S.One, zero_one=True)
    return binomial_limit(f, sample=TEST, errors=errors, side=UP, cost=COST)


def entropy(loss: Expr) -> Fact:
    return relative_entropy_limit(fixed(S.One), sample=TEST, loss=loss, side=UP, cost=COST)


def columnwise(q: Expr) -> Fact:
    return classes.columnwise(described("linear-lp", dual_exponent=q))


def inclusion(q: Expr) -> Fact:
    """Of the ball of p = 6/5, whose dual exponent is 6."""
    of = described("linear-lp", p=Rational(6, 5), dual_exponent=q, norm=S.One)
    return classes.ball_inclusion(of)


def inverted(loss: Expr) -> Fact:
    return entropy_inversion(entropy_limit(*distributions()), loss=loss)


def placed(name: str) -> Callable[[Expr], Fact]:
    """A theorem at a value of this parameter."""

    def at(value: Expr) -> Fact:
        new, known = named("latent_quality", "η", "e"), symbol(name)
        line = definition(new, known, of="η", source="boundcalc")
        proof = Derivation(new, (Apply(line),))
        return instance(proof, of="x", source="boundcalc", at={known: value}, term="x")

    return at


within, growing, counted_from = placed("delta"), placed("growth"), placed("candidates")
within.__name__, growing.__name__, counted_from.__name__ = "delta", "growth", "candidates"


def squares(rank: Expr) -> Fact:
    """On 50 examples: the mean exists for m > p + 1."""
    return least_squares(ModalitySubset("N", rank=rank), sample=TEST)


LEMMAS: dict[Callable[[Expr], object], tuple[list[Expr], list[Expr]]] = {
    # two losses at the ends of [0, 3] have the sample variance 9/2
    bernstein: ([S.Zero, S(9) / 2], [S(9) / 2 + COST]),
    counted: ([S.Zero, S(50)], [S(51), S(-1)]),
    entropy: ([S.Zero, S.One], [1 + COST]),
    columnwise: ([S.One, S(2)], [1 - COST, 2 + COST]),
    inclusion: ([S(2), THREE, S(6)], [2 - COST, 6 + COST]),
    within: ([COST, 1 - COST], [S.Zero, S.One, -COST, 1 + COST]),
    growing: ([HALF, S.One], [HALF - COST, 1 + COST]),
    counted_from: ([S.One, S(2)], [S.Zero, 1 + HALF]),
    squares: ([S.Zero, S(48)], [S(49), S(-1), HALF]),
    inverted: ([S.Zero, S.One], [1 + COST]),
    paid: ([COST, S.One], [S.Zero, 1 + COST, -COST]),
}


@pytest.mark.parametrize("lemma", LEMMAS, ids=lambda lemma: lemma.__name__)
def test_what_is_just_allowed_and_what_is_not(lemma: Callable[[Expr], object]) -> None:
    allowed, beyond = LEMMAS[lemma]
    for value in allowed:
        lemma(value)
    for value in beyond:
        with pytest.raises((SideConditionError, DomainError)):
            lemma(value)


def test_a_count_of_errors_is_the_loss_times_the_number_of_examples() -> None:
    assert counted(S(5)).settled_as == Rational(1, 10)


def test_two_statistics_of_one_sample_move_together() -> None:
    """Each empirical risk moves by width/n: 2/n in all, and Σ c² = n (2/n)²."""
    f, g = fixed(S.One), fixed(S.One, name="g")
    both = empirical_risk(f, TEST) + empirical_risk(g, TEST)
    fact = bounded_differences(both, cost=COST)
    moved = sqrt(HALF * log(1 / COST) * 50 * Rational(2, 50) ** 2)
    assert moved in fact.rhs.args


def test_where_both_err_the_difference_is_none() -> None:
    f, g = (fixed(S.One, zero_one=True, name=name) for name in "fg")
    only = [
        Predictor(only_name(*pair), "o", f.member_of, fixed=True, made_of=pair)
        for pair in ((f, g), (g, f))
    ]
    fact = discordant_risks(*only, first=f, second=g)
    assert fact.lhs - fact.rhs in (
        difference := risk(f) - risk(g) - risk(only[0]) + risk(only[1]),
        -difference,
    )


def test_what_settles_a_class_is_the_class_described() -> None:
    over = FunctionClass("G", "G", Loss(S.One, S.One))
    of = rademacher(over, TEST, average=Average.EMPIRICAL)
    inner = described("linear-l2", norm=S.One).subjects[0]
    defined = rademacher(inner, TEST, average=Average.EMPIRICAL)
    fact = composition.identity(of, defined)
    assert (fact.settles, fact.settled_as) == (over, inner)


def test_what_a_fact_says_names_the_class() -> None:
    assert (
        composition.subset_rule(described("subset", PART)).assumptions[0] == "c is contained in F"
    )
    for fact, size in (
        (classes.finite_maximum(described("finite", size=THREE)), "max_c ‖c(S)‖₂"),
        (classes.massart_patterns(described("vc", bound=S.One)), "√ln |c(S)|"),
    ):
        (quantity,) = quantities_in(fact.rhs)
        assert quantity.name == size.replace("‖c(", "‖f(")


def test_an_intrinsic_complexity_stands_for_the_root_of_its_share() -> None:
    """R_m(F) = √(c/m), so c/m, √c/m and √(c/n) are no complexity of F at m."""
    size, c = symbol("m"), symbol("complexity_m")
    of = rademacher(PART.subjects[0], Sample("S", "S", size))
    assert given(of, sqrt(c / size), term="x").rhs == sqrt(c / size)
    for other in (c / size, sqrt(c) / size, sqrt(c / symbol("n")), sqrt(c)):
        with pytest.raises(SideConditionError, match="not a parameter that stands for"):
            given(of, other, term="x")


def test_two_classes_of_one_subset_and_family_are_one() -> None:
    one = ModalityClass("G", "G", PART.subjects[0].loss, sees=frozenset("ab"), family="nets")
    for other, inside in (
        (replace(one, text="K"), True),
        (replace(one, sees=frozenset("abc")), True),
        (replace(one, sees=frozenset("a")), False),
        (replace(one, text="K", family=""), False),
    ):
        assert one.is_within(other) is inside
    loose = replace(one, family="")
    assert not loose.is_within(replace(loose, text="K"))


def test_the_mean_given_what_is_known_is_the_mean_itself() -> None:
    views = frozenset("XZ")
    assert ConditionalMean("Y", views).given_only("X", "Z") == ConditionalMean("Y", views)
    assert ConditionalMean("Y", views).given_only("X") == ConditionalMean("Y", frozenset("X"))
    inner = ConditionalMean("Y", frozenset("Z"))
    assert inner.given_only("X") == ConditionalMean(inner, frozenset("X"))


def test_what_follows_from_proofs_fails_where_they_may_fail() -> None:
    """The square of a length, and limits by the relative entropy, cost what their proofs cost."""
    length = distance(ConditionalMean("Y", frozenset("X")), ConditionalMean("Y", frozenset("Z")))
    Q, _ = distributions()
    for claim, lemmas in (
        (length, [square]),
        (
            relative_entropy(Q, TEST),
            [pinsker, refined_pinsker, lambda p: entropy_inversion(p, loss=HALF)],
        ),
    ):
        facts = [
            Fact("?", claim, Relation.AT_MOST, HALF, "?", event=Event((cost,), (TEST,), cost))
            for cost in (COST, COST / 2)
        ]
        for lemma in lemmas:
            one = lemma(Derivation(claim, (Apply(facts[0]),)))
            two = lemma(Derivation(claim, tuple(Apply(fact, HALF) for fact in facts)))
            assert (one.event, two.cost) == (facts[0].event, COST * 3 / 2)
            with pytest.raises(CertificateError, match="left over"):
                lemma(Derivation(claim, (Apply(facts[0], HALF),)))


def test_a_number_of_one_sample_on_either_side_has_no_mean() -> None:
    seen, about = symbol("frobenius"), {"relation": Relation.AT_MOST, "source": "boundcalc"}
    for low, high in ((-seen, seen), (seen, seen), (seen, S.One), (S.Zero, seen)):
        with pytest.raises(SideConditionError, match="has a number of one sample"):
            in_expectation(Fact("?", low, rhs=high, **about))


def test_a_lower_limit_is_on_the_training_loss_above_the_risk() -> None:
    f, about = fixed(THREE), {"sample": TEST, "cost": COST}
    gap = risk(f) - empirical_risk(f, TEST)
    for side, bounded in ((UP, gap), (Side.LOWER, -gap)):
        for fact in (
            uniform_deviation(f, over=f.member_of, sample=TEST, side=side),
            empirical_bernstein(f, variance=S.One, side=side, **about),
            sub_gaussian_deviation(f, deviation=S.One, side=side, **about),
        ):
            assert fact.lhs == bounded


def test_a_mark_is_a_subscript_in_latex() -> None:
    assert (subscript("₁₂"), subscript("")) == ("_{12}", "")
