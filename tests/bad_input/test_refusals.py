"""What would make a false statement look proved, one case each: a constructor or the check refuses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sympy import Expr, I, Integer, Rational, S, log, sqrt

from boundcalc.conventions import Average, Output, Relation, Side
from boundcalc.errors import CertificateError, SideConditionError
from boundcalc.symbolic.complexity import StructuredClass
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.kernel import provably_nonnegative
from boundcalc.symbolic.lemmas import (
    binomial_limit,
    bounded_differences,
    contraction,
    definition,
    empirical_bernstein,
    erm,
    fixed_deviation,
    gaussian_comparison,
    given,
    hard_labelling,
    in_expectation,
    instance,
    intrinsic_complexity,
    least_size,
    mean_of,
    relative_entropy_limit,
    sensitivity,
    substitution,
    symmetrisation,
    uniform_deviation,
)
from boundcalc.symbolic.lemmas.composition import (
    lipschitz_rule,
    scale_rule,
    union_rule,
    vector_rule,
)
from boundcalc.symbolic.lemmas.extrema import largest_of_bounds
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

L, C, m, n, T, delta, R = (
    symbol(name) for name in ("lipschitz", "loss_bound", "m", "n", "tasks", "delta", "rademacher")
)
train_loss, loss_drop = symbol("train_loss"), symbol("loss_drop")
TRAIN, TEST = Sample("S", "S", m), Sample("T", "T", n)
APART = (
    Sample("S", "S", m, independent_of=frozenset({"T"})),
    Sample("T", "T", n, independent_of=frozenset({"S"})),
)
F = FunctionClass("F", "F", Loss(L, C))
ZERO_ONE = FunctionClass("E", "E", Loss(L, S.One, zero_one=True))
fixed = Predictor("f", "f", F, fixed=True)
learned = Predictor("f̂", "f", F, erm_over=F, erm_on="S")
tested = Predictor("t", "t", F, independent_of=frozenset({"T"}))
UPPER, LOWER = Side.UPPER, Side.LOWER
UP = deviation(F, TRAIN, UPPER)
ETA, THETA = named("latent_quality", "η", "e"), named("latent_quality", "θ", "t", "other")
Refused = Callable[[], object]


def defined(quantity: Expr, as_: object, *, times: int | None = None) -> Apply:
    return Apply(definition(quantity, S(as_), of=str(quantity), source="boundcalc"), times)


# --- bounded differences ----------------------------------------------------------------------------


@pytest.mark.parametrize("constant", [5, -5, C, train_loss])
def test_a_statistic_has_no_constant(constant: object) -> None:
    """E would be taken of the rest only, and the constant would be gained."""
    with pytest.raises(SideConditionError, match="without a constant"):
        bounded_differences(UP + constant, cost=delta)


@pytest.mark.parametrize("weight", [train_loss, symbol("rademacher_empirical"), symbol("gamma")])
def test_weights_and_costs_do_not_depend_on_the_sample(weight: Expr) -> None:
    with pytest.raises(SideConditionError, match="depends on the sample"):
        bounded_differences(weight * UP, cost=delta)
    with pytest.raises(SideConditionError, match="cannot cost"):
        bounded_differences(UP, cost=delta * symbol("optimisation_gap"))


@pytest.mark.parametrize("cost", [Integer(2), 2 * delta, C, m, sqrt(-S.One), 1 / R])
def test_no_event_costs_more_than_one(cost: Expr) -> None:
    with pytest.raises(SideConditionError, match="cannot cost"):
        bounded_differences(UP, cost=cost)


@pytest.mark.parametrize(
    "cost", [S.One, Rational(1, 20), delta, delta / 2, delta / symbol("size"), delta**2]
)
def test_costs_up_to_one_are_paid(cost: Expr) -> None:
    assert bounded_differences(UP, cost=cost).cost == cost


# --- numbers of the user ----------------------------------------------------------------------------

MEASURED_CLASS = rademacher(F, TRAIN, average=Average.EMPIRICAL)
BEST_CONNECTION = Predictor(
    "g",
    "g",
    d := FunctionClass("G", "G", Loss(S.One, C, letter="d")),
    fixed=True,
    risk_minimiser_of=d,
)


@pytest.mark.parametrize(
    "quantity",
    [
        UP,
        mean(UP),
        mean(empirical_risk(learned, TRAIN)),
        best_risk(F),
        risk(learned),
        composed_risk(learned, fixed),
        unimodal_error(n),
        rademacher(F, TRAIN, loss_class=True),
        rademacher(F, TRAIN, average=Average.EMPIRICAL, loss_class=True),
        Quantity("rademacher_absolute", (F, TRAIN), "|R|", "R"),
    ],
)
@pytest.mark.parametrize("value", [R, symbol("rademacher_empirical"), train_loss, S.Zero])
def test_only_inputs_and_observations_are_given(quantity: Quantity, value: Expr) -> None:
    with pytest.raises(SideConditionError, match=r"cannot be given|contract it first"):
        given(quantity, value, term="x")


@pytest.mark.parametrize(
    ("quantity", "value"),
    [
        (rademacher(F, TRAIN), Integer(-1)),
        (rademacher(F, TRAIN), -R),
        (rademacher(F, TRAIN), R / 2),
        (rademacher(F, TRAIN), train_loss),
        (rademacher(F, TRAIN), rademacher(F, TRAIN)),
        (rademacher(F, TRAIN), sqrt(symbol("complexity_m") / n)),
        (MEASURED_CLASS, sqrt(symbol("complexity_m") / m)),
        (rademacher(F, TRAIN), symbol("complexity_m")),
        (empirical_risk(learned, TRAIN), Rational(-1, 9)),
        (empirical_risk(learned, TRAIN), R),
        (empirical_risk(learned, TRAIN), 2 * train_loss),
        (risk(BEST_CONNECTION), train_loss),
        (gaussian(F, TRAIN), symbol("c_connection")),
        (gaussian(F, TRAIN), symbol("c_connection") / m),
        (gaussian(F, TEST), symbol("c_connection") / sqrt(m)),
        (gaussian(F, TRAIN), symbol("c_predictor") / sqrt(m)),
        (gaussian(F, TEST, loss_class=True), symbol("c_connection") / sqrt(n)),
        (named("gamma", "γ", "g"), train_loss),
    ],
)
def test_a_number_means_what_it_is_given_for(quantity: Quantity, value: Expr) -> None:
    with pytest.raises(SideConditionError, match=r"stands for|at least 0"):
        given(quantity, value, term="x")


def test_the_complexities_of_the_table_are_given() -> None:
    """Those of Lu's setting are of a loss class, with the constants of the table."""
    c_F, c_G, c_FG, a = (
        symbol(k) for k in ("c_predictor", "c_connection", "c_composite", "growth")
    )
    tasks = Sample("Z", "Z", n * T)
    for quantity, value in (
        (gaussian(F, TRAIN), c_G / sqrt(m)),
        (gaussian(F, tasks, loss_class=True), c_F / sqrt(n)),
        (gaussian(F, tasks, loss_class=True), c_FG * n ** (a - 1)),
        (rademacher(F, TRAIN), symbol("rademacher_m")),
        (rademacher(F, TRAIN), Rational(1, 100)),
        (rademacher(F, TRAIN), sqrt(symbol("complexity_m") / m)),
        (MEASURED_CLASS, symbol("rademacher_empirical_n")),
        (risk(BEST_CONNECTION), symbol("connection_gap")),
        (named("gamma", "γ", "g"), Integer(-1)),
    ):
        assert given(quantity, value, term="x").rhs == value


def test_an_intrinsic_complexity_is_one() -> None:
    for value in (-symbol("complexity_m"), Integer(-1), train_loss):
        with pytest.raises(SideConditionError, match="not an intrinsic complexity"):
            intrinsic_complexity(F, sample=TRAIN, value=value)


# --- one meaning for each name ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ((defined(ETA, 1, times=1), defined(ETA, 0, times=-1)), "defined in two ways"),
        ((defined(ETA, THETA + 1, times=1), defined(THETA, ETA, times=1)), "in a circle"),
        ((defined(ETA, mean(THETA) + 1, times=1), defined(THETA, ETA, times=1)), "in a circle"),
        (tuple(Apply(given(ETA, S(k), term="x"), 1 - 2 * k) for k in (0, 1)), "given in two ways"),
        (
            tuple(
                Apply(given(empirical_risk(f, TRAIN), train_loss, term="x"), times)
                for f, times in ((learned, 1), (fixed, -1))
            ),
            "given for both",
        ),
    ],
)
def test_nothing_is_settled_in_two_ways(lines: tuple[Apply, ...], message: str) -> None:
    """Both together prove that two different numbers are equal."""
    claim = -sum((line.times or 0) * (line.fact.rhs - line.fact.lhs) for line in lines)
    with pytest.raises(CertificateError, match=message):
        Derivation(S(claim), lines).check()


def test_a_fact_may_be_used_twice() -> None:
    line = defined(ETA, C, times=1)
    assert Derivation(2 * ETA, (line, line)).check().expression == 2 * C


@pytest.mark.parametrize("as_", [ETA + 1, 2 * ETA, mean(ETA) + 1])
def test_nothing_is_defined_by_itself(as_: Expr) -> None:
    with pytest.raises(SideConditionError, match="by itself"):
        defined(ETA, as_)


def test_what_lemmas_speak_of_is_not_redefined() -> None:
    for quantity in (
        unimodal_error(n),
        best_risk(F),
        Quantity("of a new lemma", (UP,), "max", "max"),
    ):
        with pytest.raises(SideConditionError, match="may define"):
            defined(quantity, 0)
        with pytest.raises(SideConditionError, match="may define"):
            least_size(quantity, threshold=L / sqrt(m), target=C, size=m)


@pytest.mark.parametrize(
    "twin", [replace(learned, erm_over=None), Predictor("f̂", "f", replace(F, text="G"), erm_over=F)]
)
def test_one_name_is_one_thing(twin: Predictor) -> None:
    claim = risk(learned) - risk(twin)
    with pytest.raises(CertificateError, match="two different things"):
        Derivation(claim, (Apply(Fact("?", claim, Relation.EQUAL, S.Zero, "?"), 1),)).check()


def test_a_definition_inside_an_instance_counts() -> None:
    proof = Derivation(ETA, (defined(ETA, C),))
    fact = instance(proof, of="η", source="boundcalc", at={}, term="x")
    with pytest.raises(CertificateError, match="defined in two ways"):
        Derivation(S(1), (Apply(fact, 1), defined(ETA, C + 1, times=-1))).check()


# --- theorems as facts ------------------------------------------------------------------------------


def test_a_lower_limit_used_as_a_fact_keeps_its_sign() -> None:
    proof = Derivation(
        -ETA, (Apply(definition(ETA, C / sqrt(m), of="η", source="boundcalc")),), side=LOWER
    )
    fact = instance(proof, of="η", source="boundcalc", at={}, term="x")
    assert (fact.lhs, fact.rhs) == (-ETA, -C / sqrt(m))
    assert proof.expression == C / sqrt(m)


@pytest.mark.parametrize(
    ("at", "message"),
    [
        ({m: 10**9}, "size of a sample"),
        ({T: 1}, "size of a sample"),
        ({symbol("size"): 1}, "size of a sample"),
        ({C: -1}, "loss_bound cannot be -1"),
        ({C: 0}, "loss_bound cannot be 0"),
        ({R: -R}, "rademacher cannot be"),
        ({symbol("growth"): 2}, "growth cannot be 2"),
        ({train_loss: 0}, "measured on the sample"),
        ({UP: 0}, "not a parameter"),
    ],
)
def test_only_parameters_inside_their_domain_are_set(at: dict, message: str) -> None:
    elsewhere = Sample("U", "U", symbol("size"))
    statistic = empirical_risk(learned, TRAIN) - empirical_risk(learned, elsewhere)
    proof = Derivation(ETA - statistic, (defined(ETA, statistic + C),))
    with pytest.raises(SideConditionError, match=message):
        instance(proof, of="x", source="boundcalc", at=at, term="x")


def test_a_parameter_with_a_value_is_not_free_elsewhere() -> None:
    """The instance says η ≤ 2 where C = 2; beside a fact about any C that would be said of every C."""
    proof = Derivation(ETA, (defined(ETA, C),))
    fact = instance(proof, of="η", source="boundcalc", at={C: Integer(2)}, term="x")
    assert Derivation(ETA, (Apply(fact),)).check().expression == 2
    with pytest.raises(CertificateError, match="loss_bound has a value in 'η' and none in"):
        Derivation(ETA + THETA, (Apply(fact), defined(THETA, C))).check()


def test_values_are_put_in_at_once() -> None:
    kappa, distance = symbol("connection_gap"), symbol("distance_bound")
    proof = Derivation(ETA, (defined(ETA, kappa + 2 * distance),))
    fact = instance(
        proof, of="η", source="boundcalc", at={kappa: distance, distance: Integer(3)}, term="x"
    )
    assert fact.rhs == distance + 6


def test_the_largest_of_lower_limits_is_not_an_upper_one() -> None:
    quantity = rademacher(F, TRAIN)
    upper = Derivation(quantity, (Apply(given(quantity, R, term="x")),))
    assert largest_of_bounds((upper,)).rhs == R
    below = Fact("nonnegativity", S.Zero, upper.lines[0].fact.relation, quantity, "definition")
    for proof in (
        Derivation(-quantity, (Apply(below),), side=LOWER),
        replace(upper, claim=2 * quantity),
    ):
        with pytest.raises(SideConditionError, match="not a quantity with an upper"):
            largest_of_bounds((proof,))


# --- samples ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "refused",
    [
        lambda: erm(learned, against=fixed, sample=TEST),
        lambda: erm(replace(learned, erm_on=""), against=fixed, sample=TRAIN),
        lambda: fixed_deviation(tested, sample=TRAIN),
        lambda: bounded_differences(empirical_risk(tested, TRAIN), cost=delta),
        lambda: sensitivity(empirical_risk(tested, TRAIN)),
        lambda: bounded_differences(UP - risk(tested), cost=delta),
        lambda: bounded_differences(
            deviation(F, APART[0], UPPER) + empirical_risk(tested, APART[1]), cost=delta
        ),
        lambda: empirical_bernstein(
            tested, sample=TRAIN, variance=symbol("variance"), side=UPPER, cost=delta
        ),
        lambda: relative_entropy_limit(
            replace(tested, member_of=ZERO_ONE),
            sample=TRAIN,
            loss=symbol("test_loss"),
            side=UPPER,
            cost=delta,
        ),
        lambda: binomial_limit(
            replace(tested, member_of=ZERO_ONE),
            sample=TRAIN,
            errors=symbol("errors"),
            side=UPPER,
            cost=delta,
        ),
    ],
)
def test_a_predictor_is_fixed_for_or_minimises_on_one_sample(refused: Refused) -> None:
    with pytest.raises(SideConditionError, match=r"depends on|learned|minimise on"):
        refused()


def test_a_predictor_learned_on_one_sample_is_fixed_for_another() -> None:
    gap = risk(tested) - empirical_risk(tested, TEST)
    fact = bounded_differences(gap, cost=delta)
    assert fact.rhs.coeff(risk(tested)) == 1
    assert fixed_deviation(tested, sample=TEST).lhs == mean(empirical_risk(tested, TEST))
    assert mean_of(risk(tested)) == mean(risk(tested))
    assert mean_of(risk(fixed)) == risk(fixed)


@pytest.mark.parametrize("gap", [Integer(-1), -symbol("optimisation_gap"), loss_drop])
def test_a_minimiser_is_not_below_the_minimum(gap: Expr) -> None:
    with pytest.raises(SideConditionError, match="optimisation gap"):
        erm(learned, against=fixed, sample=TRAIN, gap=gap)


def test_quantities_that_print_alike_are_sorted() -> None:
    pairs = [
        (deviation(F, TRAIN, UPPER), deviation(F, TEST, UPPER)),
        (risk(fixed), risk(replace(fixed, fixed=False))),
        (best_risk(F), best_risk(replace(F, within=(ZERO_ONE,)))),
        (mean(UP), mean(deviation(F, TEST, UPPER))),
    ]
    for one, other in pairs:
        assert one.name == other.name
        assert one + other == other + one
        assert one - other != 0
        assert (one + other).coeff(one) == 1
        assert one * other == other * one


# --- held-out observations --------------------------------------------------------------------------


@pytest.mark.parametrize("observed", [Integer(-1), 0 * R + train_loss, R, -symbol("errors"), UP])
def test_held_out_limits_start_from_their_own_observation(observed: Expr) -> None:
    on = {"sample": TEST, "side": UPPER, "cost": delta}
    f = replace(tested, member_of=ZERO_ONE)
    for build in (
        lambda: binomial_limit(f, errors=observed, **on),
        lambda: relative_entropy_limit(f, loss=observed, **on),
        lambda: empirical_bernstein(f, variance=observed, **on),
    ):
        with pytest.raises(SideConditionError, match="not the parameter"):
            build()


@pytest.mark.parametrize(
    "error", [risk(fixed), mean(UP), named("unimodal_error", "E", "E", n), unimodal_error(-n)]
)
def test_the_lower_bound_is_on_the_error_of_a_learner_from_labels(error: Quantity) -> None:
    with pytest.raises(SideConditionError, match=r"learner from labels|number of labels"):
        hard_labelling(error)


# --- expectations -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fact",
    [
        given(empirical_risk(learned, TRAIN), train_loss, term="x"),
        given(empirical_risk(learned, TRAIN), S.Half, term="x"),
        given(named("gamma", "γ", "g"), symbol("gamma"), term="x"),
        erm(learned, against=fixed, sample=TRAIN, gap=symbol("optimisation_gap")),
        uniform_deviation(tested, over=F, sample=TEST, side=UPPER),
        definition(ETA, MEASURED_CLASS**2, of="η", source="boundcalc"),
    ],
    ids=lambda fact: fact.lemma,
)
def test_what_holds_on_one_sample_is_no_mean(fact: Fact) -> None:
    with pytest.raises(SideConditionError, match=r"one sample|some samples|linear"):
        in_expectation(fact)


def test_means_are_of_what_is_random() -> None:
    random = FunctionClass("Ĝ", "G", Loss(L, C), fixed=False)
    empirical = Quantity("gaussian", (F, TRAIN, Average.EMPIRICAL, False), "Ĝ(F)", "G")
    for quantity in (
        rademacher(random, TRAIN),
        gaussian(random, TRAIN),
        empirical,
        ETA,
        MEASURED_CLASS,
    ):
        assert mean_of(quantity) == mean(quantity)
    assert symmetrisation(F, sample=TRAIN, side=UPPER).rhs == 2 * rademacher(
        F, TRAIN, loss_class=True
    )


NEGATIVE = FunctionClass("N", "N", Loss(-L, -C), Output.VECTOR)
DISTANCE = Predictor("g", "g", FunctionClass("G", "G", Loss(S.One, C, letter="d")))


@pytest.mark.parametrize(
    "refused",
    [
        lambda: contraction(NEGATIVE, sample=TRAIN),
        lambda: gaussian_comparison(NEGATIVE, sample=TRAIN),
        lambda: substitution(replace(fixed, member_of=NEGATIVE), by=DISTANCE),
        lambda: bounded_differences(deviation(NEGATIVE, TRAIN, UPPER), cost=delta),
        lambda: bounded_differences(
            empirical_risk(replace(fixed, member_of=NEGATIVE), TRAIN), cost=delta
        ),
        lambda: bounded_differences(
            rademacher(NEGATIVE, TRAIN, average=Average.EMPIRICAL, loss_class=True), cost=delta
        ),
        lambda: empirical_bernstein(
            replace(tested, member_of=NEGATIVE),
            sample=TEST,
            variance=symbol("variance"),
            side=UPPER,
            cost=delta,
        ),
        lambda: scale_rule(composed("scale", factor=-L)),
        lambda: lipschitz_rule(composed("lipschitz", lipschitz=-L)),
        lambda: vector_rule(
            composed("vector-contraction", Output.VECTOR, lipschitz=symbol("gamma"))
        ),
        lambda: union_rule(composed("union", bound=-C)),
    ],
)
def test_lipschitz_constants_and_ranges_are_not_negative(refused: Refused) -> None:
    with pytest.raises(SideConditionError, match="not known to be at least 0"):
        refused()


def composed(operation: str, output: Output = Output.SCALAR, **constants: Expr) -> Quantity:
    """The complexity of a class that an operation on one class gives."""
    made = {"operation": operation, "constants": tuple(constants.items())}
    part = rademacher(replace(F, output=output), TRAIN)
    return rademacher(StructuredClass("c", "c", F.loss, parts=(part,), **made), TRAIN)


# --- signs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "expr",
    [
        1 / R,
        1 / sqrt(R),
        C / R,
        R / symbol("loss_drop") ** 2,
        sqrt(1 - sqrt(2)),
        log(log(S.Half)),
        I,
    ],
)
def test_what_may_be_undefined_is_not_nonnegative(expr: Expr) -> None:
    assert not provably_nonnegative(expr)


@pytest.mark.parametrize(
    "expr", [R / C, 1 / sqrt(m), 1 / log(2 / delta), n ** (symbol("growth") - 1), R**2]
)
def test_powers_of_what_is_positive_are_nonnegative(expr: Expr) -> None:
    assert provably_nonnegative(expr)


c_M, c_N = symbol("complexity_m"), symbol("complexity_n")
RISES = 2 * L * (sqrt(c_M) - sqrt(c_N)) / sqrt(m)


@pytest.mark.parametrize(
    ("threshold", "target", "where"),
    [
        (-L / sqrt(m), C, ()),
        (L / sqrt(m), loss_drop, ()),
        (L / sqrt(m), -C, ()),
        (L / sqrt(m), R, ()),
        (RISES, C, ()),
        (-RISES, C, (c_M > c_N,)),
        (RISES, C, (c_N > c_M,)),
        (RISES, C, (c_M >= c_N,)),
        (RISES + L / sqrt(m), loss_drop, (c_M > c_N,)),
        (L / sqrt(m), loss_drop, (loss_drop > -1,)),
    ],
)
def test_a_solution_needs_the_signs(threshold: Expr, target: Expr, where: tuple) -> None:
    with pytest.raises(SideConditionError, match=r"not known to be positive|not of the form x > y"):
        least_size(
            named("crossover", "m*", "m"), threshold=threshold, target=target, size=m, where=where
        )


def test_a_solution_with_its_conditions() -> None:
    size = named("crossover", "m*", "m")
    fact = least_size(
        size, threshold=RISES, target=loss_drop, size=m, where=(c_M > c_N, loss_drop > 0)
    )
    assert fact.rhs.subs({L: 1, c_M: 9, c_N: 4, loss_drop: Rational(1, 10)}) == 400
    assert len(fact.assumptions) == 2
    assert least_size(size, threshold=3 * L / sqrt(m), target=C, size=m).rhs.subs({L: 1, C: 2}) == 3
