"""Closed forms against 50-digit values and published numbers that were computed elsewhere."""

from __future__ import annotations

from fractions import Fraction

import pytest

import boundcalc as bc
from boundcalc.numeric.reference import (
    TOLERANCE,
    Reference,
    class_error,
    class_references,
    encloses,
    theorem_error,
    theorem_references,
)
from boundcalc.symbolic.catalogue import complexities


def label(reference: Reference) -> str:
    sizes = reference.parameters
    return f"{reference.id}-{reference.form}-{sizes.get('m', sizes.get('n'))}"


def test_no_reference_value_is_missing() -> None:
    """One or more for every variant and every form of the catalogue."""
    bounds = {(id, variant) for id, entry in bc.catalogue().items() for variant in entry.variants}
    assert {(r.id, r.form) for r in theorem_references()} == bounds
    covered = {(r.id, r.form) for r in class_references()}
    assert covered == {(id, form) for id, entry in complexities().items() for form in entry.forms}


@pytest.mark.parametrize("reference", theorem_references(), ids=label)
def test_bounds_match_fifty_digits(reference: Reference) -> None:
    assert theorem_error(reference) <= TOLERANCE


@pytest.mark.parametrize("reference", class_references(), ids=label)
def test_complexities_match_fifty_digits(reference: Reference) -> None:
    assert class_error(reference) <= TOLERANCE


@pytest.mark.parametrize("reference", theorem_references()[::17], ids=label)
def test_certified_interval_holds_the_fifty_digit_value(reference: Reference) -> None:
    assert encloses(reference)
    known, exact = reference.parameters, Fraction(reference.value)
    found = bc.evaluate(reference.id, variant=reference.form, digits=26, **known)
    assert abs(Fraction(found.certified[0]) - exact) <= max(abs(exact), 1) * Fraction(2, 10**25)


LINEAR = {
    "noise_variance": 0.7,
    "latent_quality_m": 0.2,
    "latent_quality_n": 0.9,
    "rank_m": 7,
    "rank_n": 3,
}
GOLDEN = [
    ("holdout.clopper_pearson", "upper", {"n": 500, "errors": 12, "delta": 0.05}, 0.0385956),
    ("holdout.kl", "upper", {"n": 500, "test_loss": 0.024, "delta": 0.05}, 0.0446895),
    (
        "holdout.hoeffding",
        "upper",
        {"n": 500, "test_loss": 0.024, "delta": 0.05, "loss_bound": 1},
        0.0787333,
    ),
    (
        "huang2021.theorem1",
        "published",
        {"m": 10_000, "delta": 0.05, "L": 1, "C": 1, "rademacher": 0.01, "gamma": 0},
        0.1743241,
    ),
    # 0.9·22/15 − 1.6·22/19, and ⌈(1.6·8 − 0.9·4)/0.7⌉
    ("huang2021.proposition1", "gap", {"m": 23, **LINEAR}, -0.5326315),
    ("huang2021.proposition1", "crossover", LINEAR, 14),
    ("huang2021.proposition1", "population", {"least_variance": 0.3, "added_norm": 2}, -1.2),
]


@pytest.mark.parametrize(("id", "variant", "values", "golden"), GOLDEN)
def test_golden_numbers(id: str, variant: str, values: dict, golden: float) -> None:
    # golden numbers are printed to seven places, limits among them rounded up
    value = bc.evaluate(id, variant=variant, **values).value
    assert golden - 1.01e-7 <= value <= golden + 0.51e-7


def test_golden_concentration_of_theorem2() -> None:
    result = bc.evaluate(
        "huang2021.theorem2",
        variant="published",
        m=10_000,
        delta=0.05,
        L=1,
        C=1,
        rademacher=0,
        rademacher_full=0,
        centred_loss=0,
    )
    assert result.terms["concentration"] == pytest.approx(0.1629722, abs=0.5e-7)


@pytest.mark.parametrize(("hypotheses", "size"), [(1, 840), (10, 1301), (100, 1761)])
def test_hoeffding_sample_sizes_of_learning_from_data(hypotheses: int, size: int) -> None:
    """Two-sided, ε = 0.05, δ = 0.03: each side of each hypothesis pays δ/(2·hypotheses)."""

    def gap(n: int) -> float:
        limit = bc.evaluate(
            "holdout.hoeffding",
            variant="upper",
            n=n,
            delta=0.03 / (2 * hypotheses),
            C=1,
            test_loss=0,
        )
        return limit.value

    assert gap(size) <= 0.05 < gap(size - 1)
