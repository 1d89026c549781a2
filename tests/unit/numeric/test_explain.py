"""The steps of a proof in words, and the pages of lemmas, parameters and words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import boundcalc as bc
from boundcalc.symbolic.catalogue import lemma_page, lemmas, uses_of
from boundcalc.symbolic.glossary import TERMS, meaning
from boundcalc.symbolic.quantities import quantities_in

NOT_FACTS = {"mean_of", "sensitivity"}


def test_every_lemma_says_why_it_is_true_and_what_it_loses() -> None:
    for name in set(lemmas()) - NOT_FACTS:
        page = lemma_page(name)
        assert page.why, name
        assert page.loses, name
        assert "Why:" not in page.statement + page.remarks


def test_every_fact_of_the_catalogue_knows_its_lemma_and_its_quantities() -> None:
    for id, entry in bc.catalogue().items():
        for form in entry.variants.values():
            for step in form.derivation.steps:
                for fact in step.fact.tree():
                    assert fact.constructor in lemmas(), (id, fact.lemma)
                    for quantity in quantities_in(fact.lhs - fact.rhs):
                        assert meaning(quantity), (id, quantity)


def test_the_differences_of_one_event_are_those_of_its_statistics() -> None:
    steps = {each.step: each for each in bc.derive("huang2021.theorem1", variant="sharp").explain()}
    assert steps["7"].moves == (
        "one of the m examples of S moves r̂(f°_M) by at most C/m and Δ⁺(H∘G_M) by at most C/m; "
        "c_i = 2C/m and Σ c_i² = 4C²/m"
    )
    # McDiarmid: √(½ ln(1/δ) · 4C²/m) = C√(2 ln(1/δ)/m)
    assert bc.derive("huang2021.theorem1").steps[6].bound.endswith("C√(2 ln(1/δ)/m) + ε")


def test_every_symbol_is_explained_once_where_it_appears_first() -> None:
    for id in bc.catalogue():
        proof = bc.derive(id)
        explained = [symbol for each in proof.explain() for symbol, _ in each.symbols]
        assert len(explained) == len(set(explained)) or id == "huang2021.selection"
        assert explained[0] in proof.steps[0].bound + proof.claim


def test_proofs_inside_facts_are_explained_too() -> None:
    steps = [each.step for each in bc.derive("pac_bayes.kl").explain()]
    assert steps == ["0", "1", "1.1", "1.2", "1.3", "1.4", "1.5"]


def test_uses_of_a_lemma() -> None:
    assert uses_of("pinsker") == {"pac_bayes.mcallester": ["exact", "published"]}
    assert "pac_bayes.kl" in uses_of("moment_tail")  # inside a fact


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pinsker", "Why: kl(q‖p) is at least 2(p − q)²."),
        ("delta", "Domain: 0 < delta < 1"),
        ("R", "upper bound on the expected Rademacher complexity"),
        ("Rademacher", "upper bound on the expected Rademacher complexity"),
        ("C", "the loss takes values in [0, C]"),
        ("Heterogeneity", "two modalities together"),
        ("vacuous", "It is true and says nothing"),
        ("i.i.d.", "drawn from the same distribution"),
        ("glossary", "crossover"),
    ],
)
def test_show_explains_names(
    run: Callable[..., tuple[int, str, str]], name: str, said: str
) -> None:
    code, out, err = run("show", name)
    assert (code, err) == (0, "")
    assert said in " ".join(out.split())


def test_show_names_what_is_near(refused: Callable[..., str]) -> None:
    assert "did you mean 'vacuous'?" in refused("show", "vacous")
    assert "did you mean 'holdout.kl'?" in refused("show", "holdout.kll")


def test_conditions_name_the_data_the_loss_and_what_was_fixed() -> None:
    said = bc.theorem("classic.uniform_deviation").variant("expected").conditions
    assert said == (
        "the examples are i.i.d.",
        "the loss takes values in [0, C]",
        "the loss is Lipschitz in the outputs",
        "classes and comparison predictors were fixed before the data",
        "f̂ is any member of F",
    )
    numbers = {"n": 500, "delta": 0.05, "loss_bound": 1, "test_loss": 0.02}
    assert "the examples are i.i.d." in bc.evaluate("holdout.hoeffding", **numbers).assumes
    assert "the examples are i.i.d." in bc.derive("holdout.hoeffding").to_dict()["assumes"]


def test_words_of_the_glossary_end_in_a_point() -> None:
    assert all(text.endswith(".") for text in TERMS.values())
