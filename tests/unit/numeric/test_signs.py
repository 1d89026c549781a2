"""Signs, and which of two bounds is smaller: what is claimed holds at random numbers."""

import itertools
import math
import random
import statistics
from fractions import Fraction

import pytest
from scipy.special import rel_entr
from scipy.stats import binom
from sympy import Float, Rational, Symbol, log, sqrt, sympify

import boundcalc as bc
from boundcalc.errors import InputError, UnknownNameError
from boundcalc.numeric.signs import _outer
from boundcalc.symbolic.functions import BinomialLower, BinomialUpper, KLLower, KLUpper
from boundcalc.symbolic.quantities import FunctionClass, Loss, Sample, rademacher

DOMAINS = {"delta": (0.001, 0.999), "margin": (0.01, 5), "m": (1, 10**6), "n": (1, 10**6)}
LOSS = Loss(bc.symbol("lipschitz"), bc.symbol("loss_bound"))
OF_A_CLASS = rademacher(FunctionClass("F", "F", LOSS), Sample("S", "S", bc.symbol("m")))


def value(expression, numbers):
    return float(expression.evalf(30, subs=numbers))


def places(expression, count=200):
    draw = random.Random(7)
    for _ in range(count):
        low_high = ((s, DOMAINS.get(s.name, (0, 3))) for s in expression.free_symbols)
        yield {
            s: draw.randint(*ends) if s.is_integer else draw.uniform(*ends) for s, ends in low_high
        }


def test_the_kernels_test_of_signs_is_public():
    L, delta, C = bc.symbol("lipschitz"), bc.symbol("delta"), bc.symbol("loss_bound")
    assert bc.nonnegative(L * log(2 / delta))
    assert bc.nonnegative(C - C)
    assert not bc.nonnegative(log(delta))
    assert not bc.nonnegative(L - C)
    assert bc.nonnegative(3)
    assert not bc.nonnegative(-3)
    for wrong in ("1", None, [1]):
        with pytest.raises(InputError, match="a sign is that of a SymPy expression"):
            bc.nonnegative(wrong)


PAIRS = [
    ("huang2021.theorem1:sharp", "huang2021.theorem1:published", "first"),
    ("huang2021.theorem1:published", "huang2021.theorem1:conditional", "second"),
    ("huang2021.theorem1:sharp-vector", "huang2021.theorem1:published", "first"),
    ("huang2021.theorem2:sharp", "huang2021.theorem2:published", "first"),
    ("huang2021.theorem1:sharp", "huang2021.theorem1:sharp", "equal"),
    ("huang2021.theorem1:sharp", "huang2021.theorem1:sharp-empirical", "where"),
    ("huang2021.certificate:erm", "huang2021.certificate:any", "where"),
    ("holdout.hoeffding:upper", "holdout.empirical_bernstein:upper", "neither"),
    ("pac_bayes.kl", "pac_bayes.multi_view", "equal"),
]


@pytest.mark.parametrize(("first", "second", "relation"), PAIRS)
def test_what_is_said_of_two_bounds_holds_at_random_numbers(first, second, relation):
    found = bc.compare_bounds(first, second)
    assert found.relation == relation
    for numbers in places(found.difference, 25):
        low = value(found.difference, numbers)
        if relation == "first":
            assert low >= -1e-12
        if relation == "second":
            assert low <= 1e-12


def test_the_condition_is_the_sign_of_the_difference():
    found = bc.compare_bounds("huang2021.theorem1:sharp", "huang2021.theorem1:sharp-empirical")
    assert found.condition == "C ≥ 2L(R − R̂)√(2m/ln(1/δ))"
    L, C, m, delta, R, R_hat = (
        bc.symbol(x)
        for x in ("lipschitz", "loss_bound", "m", "delta", "rademacher", "rademacher_empirical")
    )
    level = 2 * L * (R - R_hat) * sqrt(2 * m / log(1 / delta))
    for numbers in places(found.difference, 40):
        assert (value(C, numbers) >= value(level, numbers)) == (
            value(found.difference, numbers) >= 0
        )


def test_a_condition_is_not_divided_by_what_may_be_0():
    found = bc.compare_bounds("huang2021.certificate:erm", "huang2021.certificate:any")
    assert found.condition == "ε ≤ 2LR_N"


def test_both_counterexamples_are_counterexamples():
    found = bc.compare_bounds("holdout.hoeffding:upper", "holdout.empirical_bernstein:upper")
    names = {s.name: s for s in found.difference.free_symbols}
    for at, sign in ((found.first_smaller, 1), (found.second_smaller, -1)):
        numbers = {names[k]: Float(eval(v), 30) for k, v in at.items() if k in names}
        assert math.copysign(1, value(found.difference, numbers)) == sign
    assert str(found.to_dict()["relation"]) == "neither"


def test_bounds_are_compared_at_one_failure_probability():
    m, delta = bc.symbol("m"), bc.symbol("delta")
    found = bc.compare_bounds("huang2021.theorem1:conditional", "huang2021.theorem1:published")
    assert "fails with probability δ/2" in found.notes[0]
    assert not found.difference.has(log(2 / delta))
    assert found.difference.has(m)


def test_formulas_and_derivations_are_compared_too():
    L, R = bc.symbol("lipschitz"), bc.symbol("rademacher")
    assert bc.compare_bounds(2 * L * R, 3 * L * R).relation == "first"
    proof = bc.theorem("holdout.hoeffding").variant("upper").derivation
    assert bc.compare_bounds(proof, proof.expression).relation == "equal"
    x = Symbol("x")
    assert bc.compare_bounds(x, x**2).relation == "open"


def test_a_term_is_outweighed_by_a_larger_one_only():
    C, delta = bc.symbol("loss_bound"), bc.symbol("delta")
    small, large = C * sqrt(3 * log(1 / delta)), C * sqrt(2 * log(2 / delta))
    assert bc.compare_bounds(small, large).relation == "neither"
    assert bc.compare_bounds(small, 2 * large).relation == "first"


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (
            "holdout.hoeffding:upper",
            "holdout.hoeffding:lower",
            "an upper bound and .* a lower limit",
        ),
        ("huang2021.selection", "huang2021.theorem1", "is a value and .* an upper bound"),
        (1.5, 2, "no bound to compare: float"),
        (bc.symbol("gamma"), OF_A_CLASS, r"R\(F\) is no parameter: it has no value"),
    ],
)
def test_what_cannot_be_compared_is_refused(first, second, message):
    with pytest.raises(InputError, match=message):
        bc.compare_bounds(first, second)


def test_unknown_names_are_refused():
    with pytest.raises(UnknownNameError, match="did you mean"):
        bc.compare_bounds("holdout.hoefding", "holdout.kl")
    with pytest.raises(UnknownNameError, match="unknown variant"):
        bc.compare_bounds("holdout.hoeffding:uper", "holdout.kl")


def limit_of(id, side, errors, n, delta):
    """A limit on the same losses, 0 or 1, as a user would ask for it."""
    mean = errors / n
    numbers = {
        "errors": errors,
        "test_loss": mean,
        "loss_bound": 1,
        "variance": n * mean * (1 - mean) / (n - 1),
        "n": n,
        "delta": delta,
    }
    known = {p.name for p in bc.theorem(id).variant(side).parameters}
    return bc.evaluate(
        id, variant=side, **{name: x for name, x in numbers.items() if name in known}
    ).value


ON_ERRORS = [
    ("holdout.clopper_pearson", "holdout.kl"),
    ("holdout.clopper_pearson", "holdout.hoeffding"),
    ("holdout.kl", "holdout.hoeffding"),
    ("holdout.kl", "holdout.relative"),
    ("holdout.clopper_pearson", "holdout.relative"),
]


@pytest.mark.parametrize("side", ["upper", "lower"])
@pytest.mark.parametrize(("tighter", "looser"), ON_ERRORS)
def test_two_bounds_are_taken_on_the_same_data(tighter, looser, side):
    if looser == "holdout.relative" and side == "lower":
        return  # it has no lower limit
    found = bc.compare_bounds(f"{tighter}:{side}", f"{looser}:{side}")
    assert found.relation == ("first" if side == "upper" else "second")
    assert not found.difference.has(bc.symbol("loss_bound"))
    for errors, n, delta in (
        (0, 3, 0.9),
        (1, 10, 0.05),
        (7, 10, 0.5),
        (50, 50, 0.1),
        (3, 999, 0.01),
    ):
        lead = limit_of(looser, side, errors, n, delta) - limit_of(tighter, side, errors, n, delta)
        assert lead * (1 if side == "upper" else -1) >= -1e-12


def worst_losses(n, mean, C):
    """The n losses in [0, C] of this mean that vary most: each full, or empty, but for one."""
    left, losses = n * mean, []
    for _ in range(n):
        losses.append(min(C, left))
        left -= losses[-1]
    assert left == 0
    return losses


HELD_OUT = ["hoeffding", "empirical_bernstein", "smaller", "kl", "clopper_pearson", "sub_gaussian"]


@pytest.mark.parametrize("side", ["upper", "lower"])
@pytest.mark.parametrize(("a", "b"), list(itertools.combinations(HELD_OUT, 2)))
def test_no_place_is_named_that_no_data_can_have(a, b, side):
    found = bc.compare_bounds(f"holdout.{a}:{side}", f"holdout.{b}:{side}")
    for place in (found.first_smaller, found.second_smaller):
        at = {name: Fraction(x) for name, x in (place or {}).items()}
        C, n = at.get("loss_bound", Fraction(1)), int(at.get("n", 1))
        assert 0 <= at.get("test_loss", 0) <= C
        assert 0 <= at.get("errors", 0) <= n
        if at.get("variance"):
            assert n <= 1000  # or the losses are too many to write down
            losses = worst_losses(n, at["test_loss"], C)
            assert at["variance"] <= statistics.variance(losses)


def test_a_place_needs_losses_that_vary_so_much():
    """Two losses with a mean of 0.1 vary by 0.02 at most, whatever their range."""
    found = bc.compare_bounds("holdout.hoeffding:upper", "holdout.empirical_bernstein:upper")
    at = {name: Fraction(x) for name, x in found.first_smaller.items()}
    losses = worst_losses(int(at["n"]), at["test_loss"], at["loss_bound"])
    assert statistics.variance(losses) >= at["variance"] > 0


def test_what_is_not_one_thing_is_said_before_the_answer():
    found = bc.compare_bounds("pac_bayes.kl", "classic.uniform_deviation")
    assert "bound different things: the first r(Q), the second r(f̂)" in found.caveats[0]
    shown = str(found)
    assert shown.index("bound different things") < shown.index("exactly where")
    found = bc.compare_bounds("lu2023.multimodal:two-event", "lu2023.unimodal:one-event")
    assert "the first excess of f̂(x, ĝ(x)) over the best f(x, y), the sec" in found.caveats[0]
    found = bc.compare_bounds("huang2021.theorem1", "huang2021.certificate:any")
    assert "the first gamma, optimisation_gap, the second train_loss_m" in found.caveats[0]
    for pair in (("kl", "clopper_pearson"), ("hoeffding", "empirical_bernstein")):
        assert bc.compare_bounds(*(f"holdout.{id}:upper" for id in pair)).caveats == ()


def test_lower_limits_are_said_to_bound_what_they_are_below():
    """Their proofs are of −r; and no number that no user can give is looked at for ever."""
    proofs = [
        bc.theorem(id).variant("lower").derivation
        for id in ("classic.uniform_deviation", "holdout.kl")
    ]
    found = bc.compare_bounds(*proofs)
    assert "bound different things: the first r(f̂), the second r(f)." in found.caveats[0]


def test_the_variance_of_counted_errors_is_that_of_zeros_and_ones():
    found = bc.compare_bounds("holdout.clopper_pearson", "holdout.empirical_bernstein")
    errors, n, delta = 3, 10, 0.05
    losses = [1.0] * errors + [0.0] * (n - errors)
    known = {"n": n, "delta": delta}
    counted = bc.evaluate("holdout.clopper_pearson", **known, errors=errors).value
    varied = bc.evaluate(
        "holdout.empirical_bernstein",
        **known,
        test_loss=statistics.mean(losses),
        variance=statistics.variance(losses),
        loss_bound=1,
    ).value
    numbers = {"errors": Float(errors, 30), "n": Float(n, 30), "delta": Float(delta, 30)}
    formula = found.difference.replace(BinomialUpper, lambda *_: Float(counted, 30))
    at = {s: numbers[s.name] for s in formula.free_symbols}
    assert value(formula, at) == pytest.approx(varied - counted, rel=1e-9)


@pytest.mark.parametrize("limit", [KLUpper, KLLower, BinomialUpper, BinomialLower])
def test_closed_forms_are_on_the_outer_side_of_a_limit(limit):
    """With P(X ≤ k) and kl(q‖p) at the closed form itself: no solver is asked."""
    for k, n, delta in itertools.product((0, 1, 5, 37, 99, 100), (100,), ("1/100", "1/2", "9/10")):
        delta = Fraction(delta)
        q, c = Rational(k, n), log(Rational(1 / delta)) / n
        given = (k, n, Rational(delta)) if limit in (BinomialUpper, BinomialLower) else (q, c)
        for form, _ in _outer(limit(*map(sympify, given))):
            upper = limit in (KLUpper, BinomialUpper)
            p = kl_end(*form.args, upper) if form.has(KLUpper, KLLower) else float(form)
            assert p >= float(q) if upper else p <= float(q)
            if not 0 < p < 1:
                continue
            if limit in (BinomialUpper, BinomialLower):
                tail = binom.cdf(k, n, p) if upper else binom.sf(k - 1, n, p)
                assert tail <= delta * (1 + 1e-9)
            else:
                assert relative_entropy(float(q), p) >= float(c) * (1 - 1e-9)


def relative_entropy(q, p):
    return float(rel_entr(q, p) + rel_entr(1 - q, 1 - p))


def kl_end(q, c, upper):
    """The end of {p : kl(q‖p) ≤ c}, by halving."""
    inside, outside = float(q), 1.0 if upper else 0.0
    for _ in range(80):
        middle = (inside + outside) / 2
        near = relative_entropy(float(q), middle) <= float(c)
        inside, outside = (middle, outside) if near else (inside, middle)
    return outside
