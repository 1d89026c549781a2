"""No false statement is certified by way of nesting, observed numbers, names, signs or floats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sympy import Expr, Float, I, Integer, Rational, S, Symbol, exp, log, nan, oo, sqrt, zoo

from boundcalc.conventions import Average, Output, Side
from boundcalc.errors import CertificateError, SideConditionError
from boundcalc.symbolic.complexity import StructuredClass
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.facts import Event, Fact
from boundcalc.symbolic.kernel import provably_nonnegative
from boundcalc.symbolic.lemmas import (
    bounded_differences,
    contraction,
    definition,
    erm,
    fixed_deviation,
    given,
    in_expectation,
    instance,
    least_size,
    least_squares,
    linear_quality,
    mean_of,
    overtaking,
    sensitivity,
    uniform_deviation,
)
from boundcalc.symbolic.lemmas.classes import (
    EUCLIDEAN,
    columnwise,
    khintchine,
    measured,
    measured_inputs,
    sauer_shelah,
)
from boundcalc.symbolic.lemmas.composition import sum_rule
from boundcalc.symbolic.lemmas.covering import quadratic_covering
from boundcalc.symbolic.lemmas.extrema import largest_of_bounds
from boundcalc.symbolic.lemmas.multitask import top_eigenvalues
from boundcalc.symbolic.lemmas.nesting import loss_range
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Loss,
    ModalitySubset,
    Name,
    Predictor,
    Quantity,
    Sample,
    best_linear_quality,
    best_risk,
    deviation,
    empirical_risk,
    mean,
    named,
    quantities_in,
    rademacher,
    risk,
)

L, C, D = symbol("lipschitz"), symbol("loss_bound"), symbol("distance_bound")
m, delta, kappa = symbol("m"), symbol("delta"), symbol("connection_gap")
SAMPLE = Sample("S", "S", m)
F = FunctionClass("F", "F", Loss(L, C))
f = Predictor("f", "f", F, fixed=True)
g = Predictor("g", "g", F, fixed=True)
learned = Predictor("f̂", "f", F, erm_over=F, erm_on="S")
ETA = named("latent_quality", "η", "e")
RHO, SIGMA = named("rho", "ρ", "r"), named("sigma", "σ", "s")
Wrap = Callable[[Fact], Fact]
UPPER = Side.UPPER


def defined(quantity: Expr, as_: Expr) -> Fact:
    return definition(quantity, S(as_), of=str(quantity), source="boundcalc")


def proof_of(fact: Fact) -> Derivation:
    """What the fact says of its quantities, with numbers and parameters on the right."""
    closed = S(fact.rhs).subs(dict.fromkeys(quantities_in(S(fact.rhs)), 0))
    return Derivation(fact.lhs - fact.rhs + closed, (Apply(fact, 1),))


def at(fact: Fact, **values: object) -> Fact:
    """The fact as a theorem, with values for its parameters."""
    put = {symbol(name): S(value) for name, value in values.items()}
    return instance(proof_of(fact), of=f"x at {values}", source="boundcalc", at=put, term="x")


def added(*lines: tuple[Fact, int]) -> Derivation:
    """Facts with multipliers, as a derivation of what they add up to."""
    claim = sum((times * (fact.lhs - fact.rhs) for fact, times in lines), S.Zero)
    return Derivation(claim, tuple(Apply(fact, times) for fact, times in lines))


LOSS = empirical_risk(f, SAMPLE)

# --- what is inside a fact belongs to it ----------------------------------------------------------

RANGE = loss_range(risk(f), side=UPPER)
WRAPPED = [
    lambda fact: fact,
    lambda fact: at(fact),
    lambda fact: at(at(fact), connection_gap=1),
    lambda fact: largest_of_bounds((proof_of(fact),)),
    in_expectation,
    lambda fact: at(in_expectation(largest_of_bounds((proof_of(at(fact)),)))),
]


@pytest.mark.parametrize("wrap", WRAPPED)
@pytest.mark.parametrize("other", [at(RANGE, loss_bound=5), at(RANGE, loss_bound=sqrt(2)), RANGE])
def test_one_derivation_has_one_value_of_a_parameter(wrap: Wrap, other: Fact) -> None:
    """r(f) ≤ 1 where C = 1 and r(f) ≤ 5 where C = 5 are about two losses."""
    one = wrap(at(RANGE, loss_bound=1))
    with pytest.raises(CertificateError, match=r"loss_bound is 1 in|loss_bound has a value in"):
        added((one, 1), (other, 1)).check()
    assert added((one, 1), (at(RANGE, loss_bound=1), 1)).check()


@pytest.mark.parametrize("wrap", WRAPPED)
def test_a_claim_does_not_speak_of_a_parameter_with_a_value(wrap: Wrap) -> None:
    one = wrap(at(RANGE, loss_bound=1))
    with pytest.raises(CertificateError, match=r"loss_bound has a value in .* none in the claim"):
        Derivation(one.lhs + C, (Apply(one, 1),)).check()


def test_a_value_is_in_the_parameters_of_the_outer_fact() -> None:
    """C = 2D inside, D = 3 outside: C = 6."""
    fact = at(at(RANGE, loss_bound=2 * D), distance_bound=3)
    assert dict(fact.settings) == {C: 6, D: 3}
    assert added((fact, 1), (at(RANGE, loss_bound=6), 1)).check()
    with pytest.raises(CertificateError, match=r"loss_bound is 6 in .* and 5 in"):
        added((fact, 1), (at(RANGE, loss_bound=5), 1)).check()


@pytest.mark.parametrize(
    "lines",
    [
        ((at(RANGE, loss_bound=C / 2), 1),),
        ((at(at(RANGE, loss_bound=1), loss_bound=5), 1),),
        (
            (at(defined(ETA, kappa - C), connection_gap=C), 1),
            (at(defined(RHO, C), loss_bound=1), 1),
        ),
        (
            (at(defined(ETA, C), loss_bound=D + 1), 1),
            (at(defined(RHO, D), distance_bound=C), 1),
        ),
        ((at(defined(ETA, C + D), loss_bound=D, distance_bound=C), 1),),
    ],
)
def test_values_do_not_contradict_one_another(lines: tuple[tuple[Fact, int], ...]) -> None:
    """C = D + 1 and D = C hold nowhere, so anything would follow."""
    with pytest.raises(CertificateError, match=r"has a value in|is 1 in|is 5 in"):
        added(*lines).check()


def test_the_sizes_of_all_samples_inside_stay() -> None:
    """ρ ≤ C√(1/k) for k points: a million is not put in for k where the sample is out of sight."""
    k = symbol("size")
    sample = Sample("K", "K", k)
    loss = Fact("?", RHO + LOSS - empirical_risk(f, sample), RANGE.relation, C / sqrt(k), "x")
    seen = at(loss)
    hidden = at(Fact("?", RHO, RANGE.relation, C / sqrt(k), "x", inside=(seen,)))
    for fact in (seen, hidden, in_expectation(hidden), at(hidden)):
        with pytest.raises(SideConditionError, match="size of a sample"):
            at(fact, size=10**6)


c_M, c_N = symbol("complexity_m"), symbol("complexity_n")


@pytest.mark.parametrize("values", [(1, 4), (4, 4)])
@pytest.mark.parametrize("wrap", WRAPPED[:4])
def test_conditions_hold_where_parameters_have_values(values: tuple[int, int], wrap: Wrap) -> None:
    """With c_M ≤ c_N no sample is too small, and the formula is above 1."""
    threshold, drop = L * (sqrt(c_M) - sqrt(c_N)) / sqrt(m), symbol("distance_bound")
    least = least_size(RHO, threshold=threshold, target=drop, size=m, where=(c_M > c_N,))
    assert added((wrap(at(least, complexity_m=4, complexity_n=1)), 1)).check()
    excluded = at(least, complexity_m=values[0])
    with pytest.raises(CertificateError, match=r"complexity_m > complexity_n, which .* needs"):
        added((wrap(at(wrap(excluded), complexity_n=values[1])), 1)).check()
    with pytest.raises(CertificateError, match=r"needs, does not hold|has a value in"):
        added((excluded, 1), (at(defined(SIGMA, c_N), complexity_n=values[1]), 1)).check()


q, p_N = symbol("dual_exponent"), symbol("rank_n")
BALL = StructuredClass("B", "B", F.loss, operation="linear-lp", constants=(("dual_exponent", q),))
DIMENSION = (("dimension", symbol("dimension")),)
VC = StructuredClass("V", "V", F.loss, operation="vc", constants=DIMENSION)


@pytest.mark.parametrize(
    ("fact", "allowed", "excluded"),
    [
        (given(LOSS, S(3), term="x"), {"loss_bound": 3}, {"loss_bound": 1}),
        (khintchine(rademacher(BALL, SAMPLE)), {"dual_exponent": 2}, {"dual_exponent": 3 * S.Half}),
        (columnwise(rademacher(BALL, SAMPLE)), {"dual_exponent": 2}, {"dual_exponent": 3}),
        (sauer_shelah(rademacher(VC, Sample("S", "S", S(5)))), {"dimension": 5}, {"dimension": 6}),
        (
            least_squares(ModalitySubset("N", rank=p_N), sample=Sample("S", "S", S(9))),
            {"rank_n": 7},
            {"rank_n": 8},
        ),
    ],
    ids=lambda case: getattr(case, "lemma", ""),
)
def test_what_a_lemma_needs_of_its_numbers_is_checked_again(
    fact: Fact, allowed: dict[str, object], excluded: dict[str, object]
) -> None:
    """E‖Xᵀσ‖_q ≤ μ(q)‖…‖ for q ≥ 2 only, also where q gets its value later."""
    assert added((at(fact, **allowed), 1)).check()
    refused = (CertificateError, SideConditionError)
    with pytest.raises(refused, match=r"needs, does not hold here|has no value"):
        added((at(fact, **excluded), 1)).check()
    ((name, value),) = excluded.items()
    elsewhere = at(defined(RHO, symbol(name)), **{name: value})
    with pytest.raises(CertificateError, match=r"needs, does not hold here|has a value in"):
        added((fact, 1), (elsewhere, 1)).check()


def test_a_proof_checks_itself_as_all_do() -> None:
    class Unchecked(Derivation):
        def check(self) -> Unchecked:
            return self

    false = Unchecked(risk(f), (Apply(given(ETA, S.Zero, term="x"), 1),))
    for build in (
        lambda: instance(false, of="x", source="x", at={}, term="x"),
        lambda: largest_of_bounds((false,)),
    ):
        with pytest.raises(CertificateError, match="left"):
            build()


def test_the_assumptions_inside_are_those_of_the_fact() -> None:
    gap = erm(learned, against=f, sample=SAMPLE)
    fact = at(at(at(gap), loss_bound=1), distance_bound=2)
    assert set(gap.assumptions) < set(fact.all_assumptions)
    assert {"loss_bound = 1", "distance_bound = 2"} < set(fact.all_assumptions)
    assert len(set(fact.all_assumptions)) == len(fact.all_assumptions)


# --- numbers of one sample ------------------------------------------------------------------------


def measured_class(operation: str) -> Quantity:
    """The complexity on the sample of a class of the catalogue."""
    ones = ("scale", "subspace", "tasks", "task_size", "top_variance", "radius")
    constants = (*((name, S.One) for name in ones), ("depth", S(2)))
    over = StructuredClass("K", "K", F.loss, operation=operation, constants=constants)
    return rademacher(over, SAMPLE, average=Average.EMPIRICAL)


OBSERVED = [
    given(LOSS, S.Zero, term="x"),
    given(LOSS, symbol("train_loss"), term="x"),
    given(rademacher(F, SAMPLE, average=Average.EMPIRICAL), S.Zero, term="x"),
    given(named("centred_loss", "L̂", "L"), S.Zero, term="x"),
    erm(learned, against=f, sample=SAMPLE, gap=Rational(1, 9)),
    erm(learned, against=f, sample=SAMPLE, gap=symbol("optimisation_gap")),
    Fact("?", LOSS, RANGE.relation, symbol("frobenius"), "boundcalc"),
    measured_inputs(measured_class("network-frobenius"), S.One),
    quadratic_covering(measured_class("covering-quadratic")),
    top_eigenvalues(measured_class("shared-subspace")),
    measured(measured_class("linear-l2"), EUCLIDEAN, S.One),
]


@pytest.mark.parametrize("observed", OBSERVED, ids=lambda fact: fact.lemma)
@pytest.mark.parametrize(
    "wrap",
    [
        lambda fact: fact,
        at,
        lambda fact: at(at(fact), loss_bound=1),
        lambda fact: largest(fact),
        lambda fact: at(largest(at(fact))),
    ],
)
def test_a_number_of_one_sample_is_no_expectation(observed: Fact, wrap: Wrap) -> None:
    """r̂(f) = 0 on the sample, so E r̂(f) = 0, so r(f) = 0."""
    with pytest.raises(SideConditionError, match="has a number of one sample"):
        in_expectation(wrap(observed))


def largest(fact: Fact) -> Fact:
    """The largest of one bound, where the fact is a bound on one quantity."""
    proof = proof_of(fact)
    return largest_of_bounds((proof,)) if isinstance(proof.claim, Quantity) else fact


def test_an_observed_constant_is_no_parameter_of_a_theorem() -> None:
    with pytest.raises(SideConditionError, match="measured on the sample"):
        at(Fact("?", LOSS, RANGE.relation, symbol("frobenius"), "boundcalc"), frobenius=0)


def test_what_holds_on_every_sample_holds_in_the_mean() -> None:
    fact = at(uniform_deviation(learned, over=F, sample=SAMPLE, side=UPPER), loss_bound=1)
    expected = in_expectation(fact)
    assert expected.lhs.coeff(mean(deviation(F, SAMPLE, UPPER))) == -1
    assert expected.settings == fact.settings
    fact = erm(learned, against=f, sample=SAMPLE)
    assert in_expectation(at(fact)).lhs.coeff(mean(LOSS)) == -1


def test_a_mean_is_over_all_samples_at_any_depth() -> None:
    """t was learned on S and is fixed for T: a name does not hide that."""
    t = Predictor("t", "t", F, independent_of=frozenset({"T"}))
    loss = empirical_risk(t, Sample("T", "T", m))
    fact = at(defined(RHO, loss))
    for hidden in (fact, at(fact), Fact("?", RHO, RANGE.relation, C, "x", inside=(fact,))):
        with pytest.raises(SideConditionError, match="fixed before some samples only"):
            in_expectation(hidden)


def test_a_definition_and_its_mean_stand_together() -> None:
    line = defined(RHO, LOSS)
    unbiased = fixed_deviation(f, sample=SAMPLE)
    assert added((line, 1), (in_expectation(line), 1), (unbiased, 1)).check().exact
    with pytest.raises(CertificateError, match="defined in two ways"):
        added((in_expectation(line), 1), (defined(RHO, S.One), 1)).check()


# --- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "definitions",
    [
        ((RHO, risk(f)),),
        ((RHO, -2 * risk(f)),),
        ((RHO, risk(f) + risk(g)),),
        ((RHO, risk(f) - SIGMA), (SIGMA, S.Zero)),
        ((RHO, SIGMA), (SIGMA, risk(f))),
        ((RHO, rademacher(F, SAMPLE, loss_class=True)),),
        ((RHO, mean(deviation(F, SAMPLE, UPPER))),),
        ((RHO, S.One),),
    ],
)
@pytest.mark.parametrize(
    "label", ["rho", "gamma", "latent_quality", "centred_loss", "noise_variance", "risk"]
)
@pytest.mark.parametrize("nested", [False, True])
def test_no_number_is_given_for_a_name_of_what_is_not_observed(
    definitions: tuple[tuple[Name, Expr], ...], label: str, nested: bool
) -> None:
    new = named(label, "ρ", "r")
    facts = [defined(new if name is RHO else name, S(as_)) for name, as_ in definitions]
    facts = [at(fact) for fact in facts] if nested else facts
    with pytest.raises(CertificateError, match=r"is defined as .*: no number can be given for it"):
        added(*((fact, 1) for fact in facts), (given(new, S.Zero, term="x"), 1)).check()


def test_the_differences_that_are_inputs_are_given() -> None:
    H = FunctionClass("H", "H", Loss(L, C))
    for label, difference in (
        ("gamma", best_risk(F) - best_risk(H)),
        ("gamma", ETA - named("latent_quality", "θ", "t")),
        ("centred_loss", empirical_risk(learned, SAMPLE) - LOSS),
        ("latent_quality", best_risk(F) - risk(f)),
    ):
        name = named(label, "x", "x")
        number = given(name, S.NegativeOne, term="x")
        assert added((defined(name, difference), 1), (number, 1)).check()


@pytest.mark.parametrize(
    "refused",
    [
        lambda: loss_range(named("risk", "ρ", "r", f), side=UPPER),
        lambda: loss_range(named("empirical_risk", "ρ", "r", f, SAMPLE), side=UPPER),
        lambda: bounded_differences(named("deviation", "ρ", "r", F, SAMPLE, UPPER), cost=delta),
        lambda: sensitivity(named("rademacher", "ρ", "r", F, SAMPLE, Average.EMPIRICAL, True)),
        lambda: sum_rule(named("rademacher", "ρ", "r", SUMS, SAMPLE, Average.EXPECTED, False)),
        lambda: defined(best_linear_quality(ModalitySubset("N")), S(5)),
        lambda: defined(linear_quality(ModalitySubset("N")).lhs, S.Zero),
    ],
)
def test_no_lemma_speaks_of_a_name(refused: Callable[[], object]) -> None:
    with pytest.raises(SideConditionError):
        refused()


PARTS = (rademacher(F, SAMPLE), rademacher(F, SAMPLE))
SUMS = StructuredClass("F+F", "F", F.loss, Output.SCALAR, operation="sum", parts=PARTS)


def test_the_mean_of_a_name_is_not_the_name() -> None:
    """ρ calls itself the risk of a fixed predictor, and is its loss on the sample."""
    rho = named("risk", "ρ", "r", f)
    assert mean_of(rho) == mean(rho)
    assert mean_of(risk(f)) == risk(f)


def test_names_with_other_labels_are_two() -> None:
    one, other = named("gamma", "γ", "g"), named("delta", "γ", "g")
    assert one != other
    with pytest.raises(CertificateError, match="two different things"):
        added((defined(one, C), 1), (defined(other, C), -1)).check()


# --- signs ----------------------------------------------------------------------------------------

U, V = Symbol("u", positive=True), Symbol("u", real=True)
OWN = Parameter("delta", "δ", "d", "a number of another package", open_low=True).symbol
ALPHA = Parameter("alpha", "α", "a", "a probability", high=1, open_low=True, open_high=True).symbol


@pytest.mark.parametrize(
    "expr",
    [
        U + log(delta),
        U * (U + log(delta)),
        log(delta * exp(U)),
        log(1 / Symbol("delta", positive=True)),
        log(1 / OWN),
        log(OWN / delta),
        log(1 / delta) + log(ALPHA),
        log(1 / V),
        1 / log(1 / symbol("growth")),
        1 - delta,
    ],
    ids=str,
)
def test_no_symbol_of_a_user_takes_part_in_a_sign(expr: Expr) -> None:
    assert not provably_nonnegative(expr)


@pytest.mark.parametrize(
    "expr",
    [log(1 / delta), log(2 / ALPHA), log(1 / ALPHA) + log(1 / delta), log(2 / symbol("growth"))],
    ids=str,
)
def test_a_parameter_below_one_has_a_negative_logarithm(expr: Expr) -> None:
    assert provably_nonnegative(expr)


def test_parameters_of_two_domains_are_two() -> None:
    assert delta != OWN
    assert hash(symbol("delta")) == hash(delta)
    assert delta - OWN != 0
    assert (delta + OWN).subs(OWN, 2) == delta + 2
    assert sorted([str(s) for s in (delta + OWN).free_symbols]) == ["delta", "delta"]


# --- floats ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [Float(1e17), 0.5, Float("0.1", 50), 2 * Float(0.5) * C])
def test_no_float_is_given(value: object) -> None:
    with pytest.raises(SideConditionError, match="is a float"):
        given(ETA, value, term="x")


@pytest.mark.parametrize(
    "refused",
    [
        lambda: at(defined(ETA, (C - 10**17 - 1) * L), loss_bound=Float(1e17)),
        lambda: at(RANGE, loss_bound=0.1),
        lambda: least_size(RHO, threshold=2 * L / sqrt(m), target=Float(0.1), size=m),
        lambda: least_size(RHO, threshold=Float(0.1) * L / sqrt(m), target=S.One, size=m),
        lambda: overtaking(RHO, more=(0.1, 2), less=(S.One, S.One), where=(kappa > 0,)),
    ],
)
def test_no_float_is_rounded_away(refused: Callable[[], object]) -> None:
    """Inside a whole-number part or a product with 0 it would leave no trace."""
    with pytest.raises(SideConditionError, match="is a float"):
        refused()


TWICE = Float(1e17)


@pytest.mark.parametrize(
    "proof",
    [
        Derivation(S(10**17 + 1) * RHO, (Apply(defined(RHO, C), TWICE),)),
        Derivation(TWICE * RHO, (Apply(defined(RHO, C), 10**17),)),
        Derivation(RHO, (Apply(defined(RHO, TWICE * C)),)),
        Derivation(RHO, (Apply(defined(RHO, C), 1.0),)),
        Derivation(RHO, (Apply(defined(RHO, SIGMA), 1.0), Apply(defined(SIGMA, C), 1))),
        Derivation(RHO, (Apply(defined(RHO, C)),), stated_failure=Float(0.1)),
        Derivation(RHO, (Apply(replace(defined(RHO, C), event=Event(("x",), (), Float(0.1)))),)),
    ],
)
def test_no_float_enters_a_certificate(proof: Derivation) -> None:
    with pytest.raises(CertificateError, match="is a float"):
        proof.check()
    with pytest.raises(CertificateError, match="is a float"):
        instance(proof, of="x", source="boundcalc", at={}, term="x")


@pytest.mark.parametrize("value", [I, oo, -oo, nan, zoo])
def test_only_real_numbers_are_given(value: Expr) -> None:
    for quantity in (ETA, LOSS, rademacher(F, SAMPLE)):
        with pytest.raises(SideConditionError, match="is at least 0"):
            given(quantity, value, term="x")


def test_exact_numbers_are_given() -> None:
    for value in (Integer(10**17 + 1), Rational(1, 10), sqrt(2), log(2)):
        assert given(LOSS, value, term="x").rhs == value
    assert contraction(F, sample=SAMPLE).rhs == L * rademacher(F, SAMPLE)


# --- what a multiplier and a value may be ------------------------------------------------------------


def test_a_multiplier_speaks_of_no_quantity() -> None:
    """1/(1 − y) is no number where y = 1, but (1 − y)/(1 − y) is written 1: 0 ≤ −1."""
    y = named("own", "y", "y", 1)
    one = definition(y, S.One, of="y", source="huang2021")
    with pytest.raises(CertificateError, match="speaks of y"):
        Derivation(S.Zero, (Apply(one, times=-1 / (1 - y)),)).check()


def test_a_value_at_which_an_expression_is_infinite_is_refused() -> None:
    """From y = 1/c follows 1 − c y ≤ 0, but where c = 0 that says 1 ≤ 0."""
    y, c = named("own", "y", "y", 1), symbol("factor")
    inverse = definition(y, 1 / c, of="y", source="huang2021")
    proof = Derivation(1 - c * y, (Apply(inverse, times=-c),))
    assert instance(proof, of="x", source="boundcalc", at={c: S(2)}, term="x")
    with pytest.raises(SideConditionError, match="no value"):
        instance(proof, of="x", source="boundcalc", at={c: S.Zero}, term="x")
