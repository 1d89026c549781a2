"""Classes whose numbers are expressions: the formula agrees with the numbers put in later."""

import math

import pytest
from sympy import Integer, Rational, Symbol, log, pi, sqrt

import boundcalc as bc
from boundcalc.calculus import function_class, given, union
from boundcalc.errors import ConventionError, DomainError, InputError

B, X, m, L, C, d = (
    bc.symbol(x) for x in ("norm", "radius", "m", "lipschitz", "loss_bound", "delta")
)


def test_every_operation_keeps_the_symbols():
    F = function_class("linear-l2", norm=B, radius=X, m=m)
    assert F.closed_form == B * X / sqrt(m)
    assert (F + 3 * F).closed_form == 4 * B * X / sqrt(m)
    assert F.lipschitz(L).convex_hull().offset().closed_form == L * B * X / sqrt(m)
    assert (F * L).loss_class(lipschitz=L, loss_bound=C).closed_form == L**2 * B * X / sqrt(m)
    assert (F + F).derivation.check()


def test_symbols_and_numbers_go_together():
    F = function_class("linear-l1", norm=B, radius=0.1, features=10, m=m)
    assert F.closed_form == B * sqrt(2 * log(20)) / (10 * sqrt(m))
    value = float(F.closed_form.subs({B: 2, m: 400}))
    number = bc.complexity("linear-l1", norm=2, radius=0.1, features=10, m=400).value
    assert value == pytest.approx(number, rel=1e-14)
    assert number == pytest.approx(2 * 0.1 * math.sqrt(2 * math.log(20) / 400), rel=1e-14)


def test_numbers_are_exact_in_a_closed_form():
    F = function_class("linear-l2", norm=0.1, radius=3, m=9)
    assert F.closed_form == Rational(1, 10)


def test_the_bridge_keeps_its_event():
    F = function_class("linear-l2", norm=B, frobenius=X, m=m)
    whole = F.loss_class(lipschitz=L, loss_bound=C).expected(delta=d)
    assert whole.derivation.check().failure == d
    assert whole.closed_form.subs({B: 1, X: 2, m: 4, L: 1, C: 1, d: Rational(1, 2)}) == (
        Rational(1, 2) + sqrt(log(2) / 8) / 2
    )


def test_gaussian_and_given():
    G = given(B, m=m, noise="gaussian")
    assert G.rademacher_from_gaussian().closed_form == sqrt(pi / 2) * B


def test_an_unknown_sign_is_refused():
    for wrong in (Symbol("x"), B - 1, -B, 2 - B):
        with pytest.raises(DomainError, match="is not known to be allowed"):
            function_class("linear-l2", norm=wrong, radius=1, m=10)
    with pytest.raises(DomainError, match="is not known to be allowed"):
        function_class("linear-l2", norm=1, radius=1, m=B)
    with pytest.raises(DomainError, match="is not known to be allowed"):
        function_class("finite", size=B, bound=1, m=10)
    assert function_class("linear-l2", norm=B + 1, radius=1, m=10).closed_form.subs(
        B, 0
    ) == 1 / sqrt(Integer(10))


def test_a_union_of_known_values_needs_a_known_bound():
    F = function_class("finite", size=3, bound=2, m=10)
    with pytest.raises(ConventionError, match="not known to suffice"):
        union(F, F, bound=bc.symbol("bound"))


def test_a_condition_that_is_not_known_is_refused():
    with pytest.raises(InputError, match="VC dimension"):
        function_class("vc", dimension=5, bound=1, m=m)


def test_no_number_is_made_of_symbols():
    F = function_class("linear-l2", norm=B, radius=1, m=10)
    with pytest.raises(InputError, match="norm = norm is no number"):
        bc.complexity(F)
    assert F.symbolic == {"norm": B}
    proof = bc.derive("classic.uniform_deviation", variant="expected", rademacher=F).check()
    assert proof.numbers == ""
