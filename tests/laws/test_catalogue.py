"""Laws that every catalogue entry obeys."""

from __future__ import annotations

import importlib
import math
import re

import numpy as np
import pytest
from sympy import Expr, Integer, log

import boundcalc as bc
from boundcalc.conventions import Relation, Side, Status
from boundcalc.errors import InputError
from boundcalc.symbolic.analysis.quantiles import limit_rule
from boundcalc.symbolic.analysis.series import expand
from boundcalc.symbolic.catalogue import theorem_modules
from boundcalc.symbolic.literature import works
from boundcalc.symbolic.parameters import parameters, symbol
from boundcalc.symbolic.quantities import quantities_in

SECTIONS = ("Setting", "Claim", "Assumptions", "Source", "How the constants arise", "Worked number")
IDS = list(theorem_modules())
FORMS = [(id, variant) for id in IDS for variant in bc.theorem(id).variants]
EXPECTED = {
    "classic.margin": {"expected", "empirical"},
    "classic.mutual_information": {"bounded", "sub-gaussian"},
    "classic.stability": {"replacement", "removal"},
    "classic.uniform_deviation": {"expected", "empirical"},
    "holdout.clopper_pearson": {"upper", "lower"},
    "holdout.empirical_bernstein": {"upper", "lower"},
    "holdout.hoeffding": {"upper", "lower"},
    "holdout.kl": {"upper", "lower"},
    "holdout.relative": {"upper"},
    "holdout.smaller": {"upper", "lower"},
    "holdout.sub_gaussian": {"upper", "lower"},
    "classic.structural_risk": {
        "candidates",
        "weights",
        "candidates-empirical",
        "weights-empirical",
    },
    "pac_bayes.quadratic": {"exact", "published"},
    "huang2021.certificate": {"erm", "any", "erm-empirical", "any-empirical"},
    "huang2021.proposition1": {"gap", "crossover", "population"},
    "huang2021.selection": {"threshold", "crossover"},
    "huang2021.theorem1": {
        "published",
        "conditional",
        "conditional-vector",
        "sharp",
        "sharp-vector",
        "sharp-empirical",
    },
    "lu2023.improvement": {"one-event", "expected"},
    "lu2023.multimodal": {"one-event", "two-event", "expected"},
    "lu2023.separation": {"ratio", "multimodal", "unimodal-lower"},
    "lu2023.unimodal": {"one-event", "expected"},
    "huang2021.theorem2": {"published", "sharp", "sharp-vector", "sharp-empirical"},
    "liang2024.accuracy": {"fano"},
    "pac_bayes.kl": {"exact", "published"},
    "pac_bayes.majority_vote": {"exact", "published"},
    "pac_bayes.mcallester": {"exact", "published"},
    "pac_bayes.multi_view": {"exact", "loose", "vote"},
    "tosh2021.redundancy": {"sharp", "published"},
}


def sample_values(id: str, variant: str) -> dict[str, float]:
    """Values for a variant: the entry's example where it has them, else plain numbers inside the domain."""
    entry = bc.theorem(id)
    fallback = {
        "m": 5000,
        "n": 800,
        "delta": 0.1,
        "errors": 30,
        "rademacher": 0.02,
        "gamma": -0.1,
        "tasks": 3,
        "candidates": 12,
    }
    fallback |= {"growth": 0.75, "loss_bound": 1, "distance_bound": 2}
    values = {}
    for p in entry.variant(variant).parameters:
        values[p.name] = entry.example.get(p.name, fallback.get(p.name, 0.05))
    if id == "huang2021.selection":
        values |= {k: v for k, v in {"complexity_m": 9, "complexity_n": 4}.items() if k in values}
    return values


def test_the_catalogue_has_what_the_theory_names() -> None:
    for id, variants in EXPECTED.items():
        assert variants <= set(bc.theorem(id).variants), id


@pytest.mark.parametrize("id", IDS)
def test_page_example_and_source(id: str) -> None:
    entry = bc.theorem(id)
    module = importlib.import_module(theorem_modules()[id].partition(":")[0])
    assert entry.id == id
    assert entry.page == module.__doc__
    heads = re.findall(r"^(.+)\n-+$", entry.page, flags=re.MULTILINE)
    assert tuple(heads) == SECTIONS
    assert entry.source in works()
    assert entry.credit
    assert entry.example_variant in entry.variants


@pytest.mark.parametrize("id", IDS)
def test_worked_number_on_the_page_is_what_the_example_gives(id: str) -> None:
    entry = bc.theorem(id)
    section = entry.page.partition("Worked number\n")[2]
    printed = re.findall(
        r"−?\d+(?:\.\d+)?", section.partition("rounded up from")[0].replace(" ", "")
    )
    shown = printed[-1].replace("−", "-")
    result = bc.evaluate(id, variant=entry.example_variant, **entry.example)
    # a number of fewer places is exact
    assert abs(float(shown) - result.value) <= 1.01e-7


@pytest.mark.parametrize(("id", "variant"), FORMS)
def test_every_derivation_is_accepted_by_the_kernel(id: str, variant: str) -> None:
    proof = bc.derive(id, variant=variant)
    proof.check()
    form = bc.theorem(id).variant(variant)
    assert not quantities_in(form.expression)
    assert all(
        step.fact.source in {*works(), "definition", "input"} for step in form.derivation.steps
    )
    # the last printed running bound is the closed form itself
    sign = 1 if form.side is Side.UPPER else -1
    assert form.derivation.steps[-1].bound.expand() == (sign * form.expression).expand()


@pytest.mark.parametrize(("id", "variant"), FORMS)
def test_array_equals_scalar_and_terms_add_up(id: str, variant: str) -> None:
    values = sample_values(id, variant)
    one = bc.evaluate(id, variant=variant, **values)
    many = bc.evaluate(id, variant=variant, **{k: np.full((2, 3), v) for k, v in values.items()})
    assert many.value.shape == many.vacuous.shape == (2, 3)
    assert np.all(many.value == one.value)
    assert one.value == pytest.approx(sum(one.terms.values()), rel=1e-14)
    assert np.all(many.deciding == one.deciding)


@pytest.mark.parametrize(("id", "variant"), FORMS)
def test_two_spellings_agree(id: str, variant: str) -> None:
    values = sample_values(id, variant)
    short = {(parameters()[k].aliases or (k,))[0]: v for k, v in values.items()}
    assert (
        bc.evaluate(id, variant=variant, **short).value
        == bc.evaluate(id, variant=variant, **values).value
    )


@pytest.mark.parametrize(("id", "variant"), FORMS)
def test_smaller_failure_probability_never_tightens(id: str, variant: str) -> None:
    values = sample_values(id, variant)
    if bc.theorem(id).variant(variant).derivation.failure == 0:
        return
    deltas = np.geomspace(1e-6, 0.5, 9)
    result = bc.evaluate(id, variant=variant, **(values | {"delta": deltas}))
    slope = np.diff(result.value)
    assert np.all(slope < 0 if result.side is Side.UPPER else slope > 0)


@pytest.mark.parametrize(("id", "variant"), FORMS)
def test_concentration_vanishes_like_one_over_root_size(id: str, variant: str) -> None:
    """An O(1/m) where the truth is O(1/√m) would show here: the term at 100 sizes is a tenth.

    A logarithm of the size under the root is allowed: it grows by ln(10¹²)/ln(10¹⁰) at most. A stable
    learner's stability falls with the size, as 1/m at least.
    """
    values = sample_values(id, variant)
    sizes = [size for size in ("m", "n") if size in values]
    if "concentration" not in bc.evaluate(id, variant=variant, **values).terms:
        # no closed concentration term: implicit limits, thresholds, ratios and bounds in expectation
        implicit = {
            "holdout.kl",
            "holdout.relative",
            "holdout.clopper_pearson",
            "huang2021.selection",
        }
        means = {"huang2021.proposition1", "classic.mutual_information"}
        population = {"tosh2021.redundancy", "liang2024.accuracy"}
        assert id in implicit | means | population or id.startswith(("lu2023.", "pac_bayes."))
        return
    small, large = (
        bc.evaluate(id, variant=variant, **(values | dict.fromkeys(sizes, s) | stable)).terms[
            "concentration"
        ]
        for s in (10**10, 10**12)
        for stable in ({"stability": 1 / s} if "stability" in values else {},)
    )
    with_logarithm = rates_of(id, variant).has(log)
    if with_logarithm:
        assert 1 < (large / small) ** 2 * 100 < math.log(10**12) / math.log(10**10)
    else:
        assert small / large == pytest.approx(10, rel=1e-3)


def rates_of(id: str, variant: str) -> Expr:
    """How the concentration term falls with the training examples, its power left out."""
    m = symbol("m")
    form = bc.theorem(id).variant(variant)
    (term,) = (t.expression for t in form.terms if t.name == "concentration")
    coefficient = expand(term, m, limit_rule).lead[1] if term.has(m) else Integer(0)
    return coefficient.replace(log, lambda x: log(x) if x.has(m) else Integer(1))


@pytest.mark.parametrize("id", ["huang2021.theorem1", "huang2021.theorem2"])
def test_published_is_never_below_sharp_at_equal_confidence(id: str) -> None:
    rng = np.random.default_rng(7)
    size = 200
    values = {
        "m": rng.integers(1, 10**6, size),
        "delta": rng.uniform(1e-6, 0.99, size),
        "lipschitz": rng.uniform(0.1, 3, size),
        "loss_bound": rng.uniform(0.1, 3, size),
        "rademacher": rng.uniform(0, 0.5, size),
    }
    signed = (
        {"gamma": rng.normal(size=size)}
        if id.endswith("1")
        else {"centred_loss": rng.normal(size=size)}
    )
    sharp = bc.evaluate(id, variant="sharp", **values, **signed)
    extra = {} if id.endswith("1") else {"rademacher_full": rng.uniform(0, 0.5, size)}
    # published Theorem 1 holds with probability 1 − δ/2: at equal confidence its δ is twice as large
    delta = np.minimum(2 * values["delta"], 0.999999) if id.endswith("1") else values["delta"]
    published = bc.evaluate(
        id, variant="published", **(values | {"delta": delta}), **signed, **extra
    )
    equal = delta < 0.99999
    assert np.all(published.value[equal] > sharp.value[equal])


def test_the_separation_keeps_its_digits_at_huge_sizes() -> None:
    value = bc.evaluate("lu2023.separation", variant="unimodal-lower", n=1e15).value
    assert value == pytest.approx(0.5 * np.exp(-0.5), rel=1e-14)


def test_every_name_and_alias_means_one_parameter() -> None:
    names = [name for p in parameters().values() for name in (p.name, *p.aliases)]
    assert len(names) == len(set(names))


def test_statuses_say_where_constants_come_from() -> None:
    published = {(i, v) for i, v in FORMS if bc.theorem(i).variant(v).status is Status.PUBLISHED}
    assert {("huang2021.theorem1", "published"), ("huang2021.theorem2", "published")} <= published
    verbatim = {
        ("classic.margin", "expected"),
        ("classic.mutual_information", "bounded"),
        ("classic.mutual_information", "sub-gaussian"),
        ("classic.stability", "removal"),
        ("classic.stability", "replacement"),
        ("liang2024.accuracy", "fano"),
    }
    named = {(i, v) for i, v in published if i.startswith("holdout.") or v == "published"}
    assert published - named == verbatim


def test_closed_forms_of_theorem1_as_in_the_theory() -> None:
    texts = {
        v: bc.derive("huang2021.theorem1", variant=v).result for v in EXPECTED["huang2021.theorem1"]
    }
    assert texts == {
        "published": "γ + 8LR + 4C/√m + 2C√(2 ln(2/δ)/m) + ε",
        "conditional": "γ + 4LR + C√(2 ln(1/δ)/m) + ε",
        "conditional-vector": "γ + 4√2 LR + C√(2 ln(1/δ)/m) + ε",
        "sharp": "γ + 2LR + C√(2 ln(1/δ)/m) + ε",
        "sharp-vector": "γ + 2√2 LR + C√(2 ln(1/δ)/m) + ε",
        "sharp-empirical": "γ + 2LR̂ + 3C√(ln(1/δ)/(2m)) + ε",
    }
    assert bc.derive("huang2021.theorem1", variant="published").probability == "1 − δ/2"


def test_closed_forms_of_lu_as_in_the_theory() -> None:
    texts = {
        (id, v): bc.derive(f"lu2023.{id}", variant=v).result
        for id, v in [
            ("multimodal", "one-event"),
            ("multimodal", "two-event"),
            ("unimodal", "one-event"),
            ("separation", "multimodal"),
        ]
    }
    connection = "Lκ + Lc_G√(2π/m) + c_F√(2π/n)"
    assert texts == {
        ("multimodal", "one-event"): f"{connection} + √(2(L²D²/m + C²/(nT)) ln(1/δ))",
        ("multimodal", "two-event"): f"{connection} + LD√(2 ln(2/δ)/m) + C√(2 ln(2/δ)/(nT))",
        ("unimodal", "one-event"): "√(2π) c_FG n^(a − 1) + C√(2 ln(1/δ)/(nT))",
        ("separation", "multimodal"): "1/√n + √(2n/m)",
    }


@pytest.mark.parametrize("variant", ["one-event", "expected"])
def test_unimodal_bound_of_a_shattering_class_is_vacuous_at_every_n(variant: str) -> None:
    values = {
        "n": 10.0 ** np.arange(13),
        "c_composite": 1 / np.sqrt(2 * np.pi),
        "growth": 1,
        "loss_bound": 1,
    }
    result = bc.evaluate(
        "lu2023.unimodal",
        variant=variant,
        **values,
        **({"delta": 0.05} if variant == "one-event" else {}),
    )
    assert np.all(result.value >= 1 - 1e-15)
    assert np.all(result.vacuous)


def test_published_follows_from_conditional_by_nonnegativity() -> None:
    steps = bc.theorem("huang2021.theorem1").variant("published").derivation.steps
    assert [s.fact.lemma for s in steps].count("nonnegativity") == 2
    (event,) = bc.theorem("huang2021.theorem1").variant("published").derivation.events
    assert str(event.cost) == "delta/2"


def test_one_event_pays_for_a_sum_of_deviations() -> None:
    for id, variant in [("huang2021.certificate", "any"), ("huang2021.theorem1", "conditional")]:
        derivation = bc.theorem(id).variant(variant).derivation
        assert len(derivation.events) == 1
        assert (
            sum(
                step.fact.relation is Relation.AT_MOST and step.fact.cost != 0
                for step in derivation.steps
            )
            == 1
        )


@pytest.mark.parametrize(
    ("c_m", "c_n", "drop", "expected"), [(9, 4, 0.1, 400), (9, 4, 0.3, 45), (2, 1, 0.01, 6863)]
)
def test_crossover_is_the_least_sample_size_that_prefers_more(
    c_m: float, c_n: float, drop: float, expected: int
) -> None:
    star = bc.evaluate(
        "huang2021.selection", variant="crossover", L=1, c_M=c_m, c_N=c_n, loss_drop=drop
    ).value
    assert star == expected
    # exact integer arithmetic for perfect squares: (2·1/0.1)² must not be rounded to 401
    at, before = (
        bc.evaluate("huang2021.selection", variant="threshold", L=1, c_M=c_m, c_N=c_n, m=m).value
        for m in (star, star - 1)
    )
    assert at <= drop * (1 + 1e-12)
    assert before > drop


def test_an_id_that_is_not_where_its_file_lies_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from boundcalc.symbolic import catalogue

    place = {"classic.kl": catalogue.theorem_modules()["holdout.kl"]}
    monkeypatch.setattr(catalogue, "theorem_modules", lambda: place)
    with pytest.raises(InputError, match=r"'classic\.kl' has id = 'holdout\.kl'"):
        catalogue.theorem("classic.kl")
