"""The program proves every catalogue bound again from its lemmas, and never a worse one."""

from __future__ import annotations

import importlib.util
from collections import Counter
from fractions import Fraction
from types import ModuleType

import pytest
from files import EXAMPLES
from proofs import proof_named, proof_names
from sympy import ceiling
from test_catalogue import sample_values

import boundcalc as bc
from boundcalc.conventions import Side
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.exact import rounded_up
from boundcalc.numeric.prove.best_bound import Certificate, best_bound
from boundcalc.numeric.prove.pool import fact_rows, pool_of
from boundcalc.symbolic.parameter_symbol import ParameterSymbol
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import risk

# a whole number is not a sum that can be enclosed
FORMS = [form for form in proof_names() if not proof_named(form).expression.has(ceiling)]
SLACKENED = {
    "huang2021.theorem1/published",
    "huang2021.theorem1/published/2",
    "huang2021.theorem2/published",
}


def numbers(form: str) -> dict:
    id, variant, *_ = form.split("/")
    chosen = bc.theorem(id).variant(variant)
    given = dict(chosen.defaults) | sample_values(id, variant)
    known = {symbol(name): exactly(value) for name, value in given.items()}
    # parameters that cancel in the bound, but not in its facts
    facts = [line.fact for line in proof_named(form).lines]
    inside = {
        s for f in facts for s in (f.rhs - f.lhs).free_symbols if isinstance(s, ParameterSymbol)
    }
    return {s: Fraction(1, 2) for s in inside} | known


def proved(form: str) -> Certificate:
    proof, values = proof_named(form), numbers(form)
    pool = pool_of(
        fact_rows((line.fact for line in proof.lines), values), values=values, budget=proof.failure
    )
    return best_bound(proof.claim, pool, side=proof.side)


def stated(form: str) -> float:
    """The theorem's own bound on the claim, rounded up."""
    proof = proof_named(form)
    sign = 1 if proof.side is Side.UPPER else -1
    return rounded_up(sign * proof.expression, numbers(form))[0]


@pytest.mark.parametrize("form", FORMS)
def test_the_program_is_never_worse_than_the_theorem(form: str) -> None:
    found = proved(form)
    if form in SLACKENED:
        assert found.value < stated(form)
    else:
        # nothing better can be got from the same lemmas, but for rounding
        assert found.value == pytest.approx(stated(form), rel=1e-12, abs=1e-15)
        assert found.value <= stated(form) + 1e-12


@pytest.fixture(scope="module")
def rediscovery() -> ModuleType:
    path = EXAMPLES / "rediscovery.py"
    spec = importlib.util.spec_from_file_location("rediscovery", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("id", "event"),
    [
        ("huang2021.theorem1", "uniform deviation above and one fixed predictor"),
        ("huang2021.theorem2", "uniform deviation above and the true pair"),
    ],
)
def test_the_sharp_forms_are_found_with_the_same_multipliers(
    rediscovery: ModuleType, id: str, event: str
) -> None:
    known = bc.theorem(id).variant("sharp").derivation
    claim = (
        risk(rediscovery.F_M) - risk(rediscovery.F_N)
        if id.endswith("1")
        else rediscovery.latent_quality(rediscovery.M, rediscovery.TRUE)
    )
    found = rediscovery.discover(claim, rediscovery.LEDGERS[event]).check()
    assert found.expression == known.expression
    assert found.failure == known.failure
    count = Counter((step.fact.lemma, step.multiplier) for step in found.steps)
    assert count == Counter((step.fact.lemma, step.multiplier) for step in known.steps)


def test_the_numbers_only_choose_the_lemmas(
    rediscovery: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With other numbers the same closed form is found: it does not depend on them."""
    others = {
        s: value * Fraction(7, 5) if s.name != "delta" else value / 3
        for s, value in rediscovery.NUMBERS.items()
    }
    monkeypatch.setattr(rediscovery, "NUMBERS", others)
    claim = risk(rediscovery.F_M) - risk(rediscovery.F_N)
    event = rediscovery.LEDGERS["uniform deviations above and below"]
    found = rediscovery.discover(claim, event)
    assert found.expression == bc.theorem("huang2021.theorem1").variant("conditional").expression
