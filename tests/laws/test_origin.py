"""Every fact says who built it, and what is built on it repeats that, in every output."""

from __future__ import annotations

import copy
import importlib
import pickle
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from proofs import proof_named, proof_names
from sympy import S

import boundcalc as bc
from boundcalc.conventions import Relation, Side
from boundcalc.numeric.proof import Proof, proof_ledger, proof_step
from boundcalc.render.proof import check_sentence, proof_document
from boundcalc.render.texts import markdown
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.facts import LIBRARY, Fact
from boundcalc.symbolic.lemmas import definition, in_expectation, instance
from boundcalc.symbolic.lemmas.extrema import largest_of_bounds
from boundcalc.symbolic.lemmas.guards import at_most
from boundcalc.symbolic.lemmas.nesting import loss_range
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import FunctionClass, Loss, Predictor, named, risk

C = symbol("loss_bound")
f = Predictor("f", "f", FunctionClass("F", "F", Loss(symbol("lipschitz"), C)), fixed=True)
ETA = named("latent_quality", "η", "e")
OURS = loss_range(risk(f), side=Side.UPPER)
HERE = f"file {Path(__file__).name}"

PLUGIN = """
from dataclasses import replace
from functools import partial
from boundcalc.conventions import Relation
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas.guards import at_most, equal

def direct(lhs, rhs):
    return Fact("trick", lhs, Relation.AT_MOST, rhs, "boundcalc")

def guarded(lhs, rhs):
    return at_most("trick", lhs, rhs, "boundcalc")

def changed(fact):
    return replace(fact, rhs=fact.rhs / 2)

later = partial(Fact, "trick")
many = lambda *pairs: [direct(*pair) for pair in pairs]
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A package of someone else, with a lemma of its own."""
    (tmp_path / "guessing").mkdir()
    (tmp_path / "guessing" / "__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "guessing" / "lemmas.py").write_text(PLUGIN, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("guessing.lemmas")
    for name in ("guessing", "guessing.lemmas"):
        del sys.modules[name]


def proof_of(*facts: Fact) -> Derivation:
    claim = sum((fact.lhs for fact in facts), S.Zero)
    return Derivation(claim, tuple(Apply(fact, 1) for fact in facts))


def printed(proof: Derivation) -> Proof:
    steps = tuple(proof_step(step) for step in proof.steps)
    texts = ("x", "", "", "", "r", "r", steps, "C", "C", "≤", "1", "")
    return Proof(*texts, proof_ledger(proof), (), proof)


@pytest.mark.parametrize("form", proof_names())
def test_the_catalogue_rests_on_the_library_alone(form: str) -> None:
    assert {step.fact.asserted_by for step in proof_named(form).steps} == {()}
    assert {part.origin for step in proof_named(form).steps for part in step.fact.tree()} == {
        LIBRARY
    }


def test_a_lemma_of_a_package_is_of_that_package(plugin: ModuleType) -> None:
    made = [plugin.direct(risk(f), C), plugin.guarded(risk(f), C), plugin.changed(OURS)]
    made += plugin.many((risk(f), C))
    assert {fact.origin for fact in made} == {"package guessing"}
    assert replace(made[0], rhs=C / 2).origin == HERE
    assert plugin.later(risk(f), Relation.AT_MOST, C, "boundcalc").origin == HERE


def test_a_fact_by_hand_is_of_the_file_that_wrote_it() -> None:
    by_hand = Fact("trick", risk(f), Relation.AT_MOST, C, "boundcalc")
    changed = (replace(OURS), replace(OURS, rhs=C / 2), at_most("trick", risk(f), C, "boundcalc"))
    assert {fact.origin for fact in (by_hand, *changed)} == {HERE}
    with pytest.raises(TypeError, match="origin"):
        Fact("trick", risk(f), Relation.AT_MOST, C, "boundcalc", origin=LIBRARY)
    with pytest.raises((ValueError, TypeError), match="origin"):  # TypeError from Python 3.13 on
        replace(by_hand, origin=LIBRARY)


def test_copies_and_other_names_for_a_term_change_nothing() -> None:
    by_hand = Fact("trick", risk(f), Relation.AT_MOST, C, "boundcalc")
    for fact in (OURS, by_hand):
        same = (
            copy.copy(fact),
            copy.deepcopy(fact),
            pickle.loads(pickle.dumps(fact)),
            fact.called("x"),
        )
        assert {each.origin for each in same} == {fact.origin}


def test_a_session_has_no_file() -> None:
    scope = {
        "__name__": "__main__",
        "Fact": Fact,
        "args": ("trick", risk(f), Relation.AT_MOST, C, "x"),
    }
    exec("fact = Fact(*args)", scope)
    assert scope["fact"].origin == "this session"


def test_what_is_built_on_a_fact_rests_on_the_same_word(plugin: ModuleType) -> None:
    trick = plugin.direct(risk(f), C)
    for build in (
        in_expectation,
        lambda fact: instance(proof_of(fact), of="x", source="boundcalc", at={}, term="x"),
        lambda fact: largest_of_bounds((proof_of(fact),)),
        lambda fact: in_expectation(largest_of_bounds((proof_of(in_expectation(fact)),))),
    ):
        assert build(OURS).asserted_by == ()
        assert build(trick).origin == LIBRARY
        assert build(trick).asserted_by == ("package guessing",)
        assert build(build(trick)).asserted_by == ("package guessing",)


def test_every_output_says_whose_word_a_proof_rests_on(plugin: ModuleType) -> None:
    """One of three facts is inside another package's lemma, and inside an instance."""
    trick = plugin.direct(risk(f), C)
    inner = instance(proof_of(trick), of="x", source="boundcalc", at={}, term="x")
    ours = definition(ETA, C, of="η", source="boundcalc")
    proof = printed(proof_of(ours, inner, trick))
    word = "asserted by package guessing"
    assert [step["origin"] for step in proof.to_dict()["steps"]] == [LIBRARY, word, word]
    assert proof.to_dict()["origins"] == {LIBRARY: 1, word: 2}
    assert f"3 facts, 2 of them {word}:" in check_sentence(proof)
    shown = markdown(proof_document(proof, checked=True, ledger=False))
    for text in (proof.to_markdown(), shown):
        # the two steps, and the one inside the instance
        assert text.count(word) == 3 + (text is shown)
        assert text.count("; library)") == 1
    # a paper names whose facts are not of the library, and says how many there are
    assert proof.to_latex().count(f"({word})") == 3
    assert f"3 facts, 2 of them {word}." in proof.to_latex()


def test_a_proof_from_the_library_says_so() -> None:
    proof = bc.derive("huang2021.theorem1", variant="sharp")
    assert "11 facts of the library:" in check_sentence(proof)
    assert {step.origin for step in proof.steps} == {LIBRARY}
    assert proof.to_markdown().count("; library") == 11
    assert "11 facts of the library." in proof.to_latex()
    assert "asserted" not in proof.to_latex()
    one = bc.derive("holdout.clopper_pearson")
    assert "1 fact of the library:" in check_sentence(one)


def test_facts_of_the_user_are_of_the_user() -> None:
    found = bc.prove("risk(a) <= 0.3\nrisk(b) - risk(a) <= 0.1", maximise="risk(b)")
    assert found.to_dict()["steps"][0]["origin"] == "asserted by you"
    assert {carrier.origin for carrier in found.facts} == {"asserted by you"}
    assert "2 facts, 2 of them asserted by you:" in check_sentence(found.printed())
