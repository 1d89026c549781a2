"""The kernel accepts what adds up and is paid for, and nothing else; it knows no lemma and no theorem."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proofs import proof_named, proof_names
from sympy import Expr, Integer, Rational, S, Symbol, log, pi, sqrt

import boundcalc as bc
from boundcalc.conventions import Relation, Side
from boundcalc.errors import CertificateError
from boundcalc.symbolic import kernel
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.facts import Event, Fact
from boundcalc.symbolic.kernel import provably_nonnegative, verify
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import Sample, named

X, Y, Z = (named("test", name, name) for name in "XYZ")
delta, m, C, gamma = (symbol(name) for name in ("delta", "m", "loss_bound", "gamma"))
SAMPLE = Sample("S", "S", m)


def at_most(lhs: Expr, rhs: Expr, event: Event | None = None) -> Fact:
    return Fact("test", S(lhs), Relation.AT_MOST, S(rhs), "definition", event)


def equal(lhs: Expr, rhs: Expr) -> Fact:
    return Fact("test", S(lhs), Relation.EQUAL, S(rhs), "definition")


def event(about: str, cost: Expr) -> Event:
    return Event((about,), (SAMPLE,), cost)


# --- adding up --------------------------------------------------------------------------------------


def test_facts_that_add_up_are_accepted() -> None:
    steps = [(at_most(X, Y), Integer(2)), (equal(Z, Y), Integer(-2)), (at_most(Z, C), Integer(2))]
    verify(2 * X, 2 * C, steps, S.Zero)


@pytest.mark.parametrize("result", [C, 2 * C - Rational(1, 10**9), 2 * C + X, 3 * C, S.Zero])
def test_a_wrong_result_is_refused(result: Expr) -> None:
    steps = [(at_most(X, Y), Integer(2)), (at_most(Y, C), Integer(2))]
    with pytest.raises(CertificateError, match="do not add up"):
        verify(2 * X, result, steps, S.Zero)


@pytest.mark.parametrize("times", [1, 3, Rational(1999, 1000), C])
def test_a_wrong_multiplier_is_refused(times: Expr) -> None:
    steps = [(at_most(X, Y), S(times)), (at_most(Y, C), Integer(2))]
    with pytest.raises(CertificateError, match="do not add up"):
        verify(2 * X, 2 * C, steps, S.Zero)


@pytest.mark.parametrize(
    "times", [-1, -C, gamma, C - 1, 1 - sqrt(2), log(delta), Symbol("t"), Symbol("t", real=True)]
)
def test_a_multiplier_that_is_not_proved_nonnegative_is_refused(times: Expr) -> None:
    steps = [(at_most(X, Y), S(times))]
    with pytest.raises(CertificateError, match="not provably ≥ 0"):
        verify(times * X, times * Y, steps, S.Zero)


@pytest.mark.parametrize("times", [-1, gamma, C - 1, log(delta)])
def test_an_equality_may_have_any_multiplier(times: Expr) -> None:
    verify(times * X, times * Y, [(equal(X, Y), S(times))], S.Zero)


def test_what_is_not_an_equality_is_an_inequality() -> None:
    """A relation that is written as text is not the record that the kernel knows."""
    for relation in ("<=", "=", None):
        with pytest.raises(CertificateError, match="not provably ≥ 0"):
            verify(-X, -Y, [(replace(equal(X, Y), relation=relation), S.NegativeOne)], S.Zero)


@given(
    st.lists(
        st.tuples(st.integers(-9, 9), st.integers(-9, 9), st.integers(0, 9)), min_size=1, max_size=6
    )
)
@settings(max_examples=60, deadline=None)
def test_a_certificate_is_linear_algebra(lines: list[tuple[int, int, int]]) -> None:
    """Σ c (rhs − lhs), moved to the other side, is a result that is accepted; anything else is not."""
    steps = [(at_most(a * X + b * Y, b * X + a * Z), Integer(c)) for a, b, c in lines]
    result = X + sum(c * (fact.rhs - fact.lhs) for fact, c in steps)
    verify(X, result, steps, S.Zero)
    with pytest.raises(CertificateError, match="do not add up"):
        verify(X, result + Rational(1, 7), steps, S.Zero)


# --- paying -----------------------------------------------------------------------------------------


def test_events_that_cost_too_much_are_refused() -> None:
    one, other = at_most(X, Y, event("one", delta / 2)), at_most(Y, C, event("other", delta / 2))
    steps = [(one, S.One), (other, S.One)]
    verify(X, C, steps, delta)
    for budget in (S.Zero, delta / 2, delta * Rational(999, 1000), delta**2):
        with pytest.raises(CertificateError, match="cost"):
            verify(X, C, steps, budget)


def test_a_repeated_event_is_paid_for_once() -> None:
    same = event("same", delta)
    verify(X, C, [(at_most(X, Y, same), S.One), (at_most(Y, C, same), S.One)], delta)


@pytest.mark.parametrize(
    "other",
    [
        event("another", delta),
        event("same", delta / 2),
        Event(("same",), (Sample("T", "T", m),), delta),
        Event(("same", Side.UPPER), (SAMPLE,), delta),
    ],
)
def test_events_that_differ_in_anything_are_both_paid_for(other: Event) -> None:
    steps = [(at_most(X, Y, event("same", delta)), S.One), (at_most(Y, C, other), S.One)]
    with pytest.raises(CertificateError, match="cost"):
        verify(X, C, steps, delta)
    verify(X, C, steps, 2 * delta)


def test_an_event_is_paid_for_even_if_its_fact_has_no_weight() -> None:
    with pytest.raises(CertificateError, match="cost"):
        verify(X, X, [(at_most(X, Y, event("unused", delta)), S.Zero)], S.Zero)


def test_no_event_earns_anything() -> None:
    """An event with a negative cost would pay for the others."""
    steps = [
        (at_most(X, Y, event("real", delta)), S.One),
        (at_most(Z, Z, event("gift", -delta)), S.Zero),
    ]
    with pytest.raises(CertificateError, match="cost"):
        verify(X, Y, steps, S.Zero)


# --- what is proved nonnegative ---------------------------------------------------------------------

NONNEGATIVE = [0, 1, Rational(1, 3), pi, sqrt(2), C, 8 * C, C / sqrt(m), 4 - 2 * sqrt(2 * log(2)), delta / 2,
               sqrt(log(2 / delta)), log(2 / delta), (8 - 4 * sqrt(2)) * C, C * symbol("rademacher")]  # fmt: skip
UNPROVED = [-1, gamma, -C, C - 1, C - m, sqrt(2) - 2, log(Rational(1, 2)), 2 * sqrt(2 * log(2)) - 4, log(delta),
            log(delta / 2), X, -delta, 1 - 2 * delta, log(1 / (2 * delta)), Symbol("t")]  # fmt: skip


@pytest.mark.parametrize("expr", NONNEGATIVE, ids=str)
def test_proved_nonnegative(expr: Expr) -> None:
    assert provably_nonnegative(S(expr))


@pytest.mark.parametrize("expr", UNPROVED, ids=str)
def test_not_proved_nonnegative(expr: Expr) -> None:
    assert not provably_nonnegative(S(expr))


# --- every proof in the catalogue -------------------------------------------------------------------


@pytest.mark.parametrize("form", proof_names())
def test_every_derivation_of_the_catalogue_checks(form: str) -> None:
    assert proof_named(form).check() is proof_named(form)


def test_further_proofs_are_of_the_same_closed_form() -> None:
    variants = [v for entry in bc.catalogue().values() for v in entry.variants.values()]
    assert any(v.also for v in variants)
    for v in variants:
        for proof in v.also:
            assert proof.expression == v.expression
            assert proof.failure == v.derivation.failure


@pytest.mark.parametrize("form", proof_names())
def test_no_line_of_a_proof_can_be_left_out(form: str) -> None:
    """Without any one line something is left over, or the closed form changes."""
    proof = proof_named(form)
    for i in range(len(proof.lines)):
        lines = proof.lines[:i] + proof.lines[i + 1 :]
        try:
            shorter = replace(proof, lines=lines).check()
        except CertificateError:
            continue
        assert shorter.expression != proof.expression or shorter.failure != proof.failure


@pytest.mark.parametrize("form", [f for f in proof_names() if proof_named(f).events])
def test_no_proof_holds_with_less_failure(form: str) -> None:
    proof = proof_named(form)
    spent = sum((e.cost for e in proof.events), S.Zero)
    with pytest.raises(CertificateError, match="cost"):
        replace(proof, stated_failure=spent * Rational(99, 100)).check()


def test_what_is_left_over_is_named() -> None:
    with pytest.raises(CertificateError, match="Y is left over"):
        Derivation(X, (Apply(at_most(X, Y)),)).check()


def test_a_multiplier_that_is_not_determined_must_be_written() -> None:
    with pytest.raises(CertificateError, match="times="):
        Derivation(X, (Apply(at_most(Y, Z)),)).check()
    with pytest.raises(CertificateError, match="times="):
        Derivation(X + 2 * Y, (Apply(at_most(X + Y, C)),)).check()


# --- the trusted base is small ----------------------------------------------------------------------


def test_the_kernel_is_small_and_imports_no_lemma_and_no_theorem() -> None:
    source = Path(kernel.__file__).read_text(encoding="utf-8")
    tree = ast.parse(source)
    docstrings = {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef) and ast.get_docstring(node)
        for line in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    }
    lines = enumerate(source.splitlines(), start=1)
    code = [
        text
        for i, text in lines
        if text.strip() and not text.lstrip().startswith("#") and i not in docstrings
    ]
    assert len(code) <= 60
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not any(isinstance(node, ast.Import) for node in ast.walk(tree))
    allowed = {
        "conventions",
        "errors",
        "symbolic.analysis.intervals",
        "symbolic.facts",
        "symbolic.quantities",
    }
    assert {name for name in imported if name and name.startswith("boundcalc")} <= {
        f"boundcalc.{a}" for a in allowed
    }
