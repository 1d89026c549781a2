"""Side conditions at their ends: what is just allowed passes, and just beyond nothing does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from sympy import Expr, Integer, Rational, S, Symbol, log, sqrt
from test_catalogue import FORMS, sample_values
from test_constants import PART, described

import boundcalc as bc
from boundcalc.conventions import Average, Relation, Side
from boundcalc.errors import DomainError, InputError, SideConditionError
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas import (
    binomial_limit,
    bounded_differences,
    classes,
    composition,
    empirical_bernstein,
    entropy_inversion,
    given,
    in_expectation,
    least_squares,
    relative_entropy_limit,
)
from boundcalc.symbolic.lemmas.classes import subscript
from boundcalc.symbolic.lemmas.guards import paid, weights
from boundcalc.symbolic.lemmas.nesting import ModalityClass, discordant_risks, only_name
from boundcalc.symbolic.lemmas.views import ConditionalMean
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Loss,
    ModalitySubset,
    Predictor,
    Sample,
    empirical_risk,
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


def test_a_number_of_one_sample_on_either_side_has_no_mean() -> None:
    seen, about = symbol("frobenius"), {"relation": Relation.AT_MOST, "source": "boundcalc"}
    for low, high in ((-seen, seen), (seen, seen), (seen, S.One), (S.Zero, seen)):
        with pytest.raises(SideConditionError, match="has a number of one sample"):
            in_expectation(Fact("?", low, rhs=high, **about))


def test_a_mark_is_a_subscript_in_latex() -> None:
    assert (subscript("₁₂"), subscript("")) == ("_{12}", "")


@pytest.mark.parametrize(("loss", "empty"), [(0.5, False), (0.99, True)])
def test_a_margin_bound_says_nothing_from_1_on(loss: float, empty: bool) -> None:
    given = {"m": 10**6, "delta": 0.05, "rademacher": 0.01, "margin": 1.0}
    assert bc.evaluate("classic.margin", train_loss=loss, **given).vacuous is empty
    with pytest.raises(InputError, match="train_loss"):
        bc.evaluate("classic.margin", train_loss=1.01, **given)


def test_one_task_is_assumed() -> None:
    given = {"n": 500, "delta": 0.05, "loss_bound": 1, "growth": 0.5, "c_composite": 1}
    told, assumed = (
        bc.evaluate("lu2023.unimodal", variant="one-event", **given, **tasks)
        for tasks in ({"tasks": 1}, {})
    )
    assert told.value == assumed.value


# --- theorems: what they require, assume and say at the ends ---------------------------------------

LINEAR = {"noise_variance": 1, "latent_quality_m": 0.1, "latent_quality_n": 0.5, "rank_m": 7}
BOTH = LINEAR | {"rank_n": 3}
SELECTION = {"lipschitz": 1, "complexity_m": 9, "complexity_n": 4, "loss_drop": 0.1}
RATIO = {"m": 9, "n": 9, "lipschitz": 1, "c_composite": 1, "growth": 1}
RATIO |= dict.fromkeys(("connection_gap", "c_predictor", "c_connection"), 0)
Values = dict[str, float]
# a variant, its other inputs, and inputs that are just allowed, and that are not
REQUIRED: dict[str, tuple[Values, list[Values], list[Values]]] = {
    "holdout.clopper_pearson:upper": (
        {"n": 50, "delta": 0.05},
        [{"errors": 50}],
        [{"errors": 51}],
    ),
    "holdout.kl:upper": ({"n": 50, "delta": 0.05}, [{"test_loss": 1}], [{"test_loss": 1.01}]),
    "pac_bayes.kl:exact": (
        {"m": 50, "delta": 0.05, "divergence": 1},
        [{"train_loss": 1}],
        [{"train_loss": 1.01}],
    ),
    # 2⁻⁴⁰ of C² is left for rounding
    "holdout.empirical_bernstein:upper": (
        {"n": 2, "delta": 0.05, "test_loss": 0, "loss_bound": 2.0**20},
        [{"variance": 2}],
        [{"variance": 2.0001}],
    ),
    "huang2021.proposition1:gap": (
        BOTH | {"m": 50},
        [{"m": 9}, {"rank_n": 7}, {"latent_quality_m": 0.5}],
        [{"m": 8}, {"rank_n": 8}, {"latent_quality_m": 0.51}],
    ),
    "huang2021.proposition1:crossover": (
        BOTH,
        [{"noise_variance": 0}, {"latent_quality_m": 0}, {"noise_variance": 0.1}],
        [
            {"noise_variance": 0, "latent_quality_m": 0},
            {"rank_n": 7},
            {"latent_quality_m": 0.5},
        ],
    ),
    "huang2021.selection:crossover": (
        SELECTION,
        [{"complexity_m": 4.01}, {"loss_drop": 0.01}],
        [{"complexity_m": 4}, {"loss_drop": 0}],
    ),
    "lu2023.improvement:expected": (
        RATIO,
        [{"connection_gap": 0.1}, {"c_predictor": 0.1}, {"c_connection": 0.1}],
        [{}],
    ),
}


@pytest.mark.parametrize("form", REQUIRED)
def test_what_a_theorem_just_allows_and_what_it_does_not(form: str) -> None:
    others, allowed, beyond = REQUIRED[form]
    id, _, variant = form.partition(":")
    for value in allowed:
        assert bc.evaluate(id, variant=variant, **(others | value)).value is not None
    for value in beyond:
        with pytest.raises(InputError):
            bc.evaluate(id, variant=variant, **(others | value))


NEUTRAL = {"optimisation_gap": 0, "tasks": 1, "loss_bound": 1}
"""An exact minimiser, one task, and losses in [0, 1]."""


@pytest.mark.parametrize(("id", "variant"), FORMS)
def test_what_is_not_given_is_taken_as_neutral(id: str, variant: str) -> None:
    taken = dict(bc.theorem(id).variant(variant).defaults)
    assert taken == {name: NEUTRAL[name] for name in taken}


# −λ‖b‖² says nothing at 0; risks and their differences nothing at C = 1 above and at 0 below
ENDS = {("huang2021.proposition1", "population"): 0}
VARIED = {
    **dict.fromkeys(("train_loss", "test_loss", "train_loss_m"), np.linspace(0, 1, 21)),
    **dict.fromkeys(("gamma", "centred_loss"), np.linspace(0, 1, 21)),
    **dict.fromkeys(("information_bits", "added_norm"), np.linspace(0, 20, 21)),
    **dict.fromkeys(
        ("mutual_information", "c_composite", "c_connection"), np.geomspace(1, 999, 21)
    ),
    "train_loss_n": 0,
    "errors": np.arange(0, 51, 2),
}
SIZES = np.array([50, 300, 5000, 10**6])[:, None]


@pytest.mark.parametrize(("id", "variant"), FORMS)
def test_a_bound_says_nothing_from_the_end_of_the_range_on(id: str, variant: str) -> None:
    form, values = bc.theorem(id).variant(variant), sample_values(id, variant)
    values |= {name: 1 for name in values if name in ("loss_bound", "distance_bound")}
    values |= {name: VARIED.get(name, value) for name, value in values.items()}
    values |= {name: SIZES for name in values if name in ("m", "n")}
    values |= {"variance": 0} if "variance" in values else {}
    result = bc.evaluate(id, variant=variant, **values)
    if form.trivial is None:
        assert not np.any(result.vacuous)
        return
    lower = form.side is Side.LOWER
    end = ENDS.get((id, variant), 0 if lower else 1)
    beyond = result.value <= end if lower else result.value >= end
    assert np.array_equal(result.vacuous, beyond)
    near = (result.value > 0) & (result.value < 1) if lower else beyond & (result.value < end + 1)
    assert np.any(near)


@pytest.mark.parametrize(("id", "variant"), FORMS)
def test_what_an_event_bounds_is_centred(id: str, variant: str) -> None:
    """A fixed predictor enters with its deviation r̂ − r, whose mean is 0."""
    form = bc.theorem(id).variant(variant)
    for proof in (form.derivation, *form.also):
        for fact in (part for step in proof.steps for part in step.fact.tree()):
            if fact.lemma != "bounded differences":
                continue
            left = sum(
                weight * Symbol(quantity.subjects[0].text)
                for quantity, weight in weights(fact.lhs).items()
                if quantity.measure in ("risk", "empirical_risk")
            )
            assert left == 0


@pytest.mark.parametrize(("id", "variant"), [form for form in FORMS if "pac_bayes" in form[0]])
def test_a_range_that_is_not_asked_for_is_assumed(id: str, variant: str) -> None:
    said = " ".join(bc.theorem(id).variant(variant).conditions)
    assert "the loss is in [0, 1]" in said or "the loss is 0 or 1" in said


# losses at both ends of [0, C] have the variance n r̂ (C − r̂)/(n − 1), and none have more
@pytest.mark.parametrize(
    ("n", "loss", "width", "largest"),
    [(101, 0.3, 1, 0.2121), (101, 0.5, 2, 0.7575), (2, 0.5, 1, 0.5)],
)
def test_no_losses_vary_more_than_those_at_the_ends(
    n: int, loss: float, width: float, largest: float
) -> None:
    given = {"n": n, "test_loss": loss, "loss_bound": width, "delta": 0.05}
    name = "holdout.empirical_bernstein"
    bc.evaluate(name, variant="upper", variance=largest, **given)
    for wrong in ({"variance": largest * 1.00001}, {"variance": 0.0, "n": 1}):
        with pytest.raises(InputError):
            bc.evaluate(name, variant="upper", **(given | wrong))
