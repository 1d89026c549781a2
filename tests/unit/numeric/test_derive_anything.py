"""`derive` of any derivation, and with classes of functions in the place of complexities."""

import math

import pytest

import boundcalc as bc
from boundcalc.calculus import function_class, late_fusion
from boundcalc.errors import ConventionError, DomainError, InputError, UnknownNameError

F = function_class("linear-l2", norm=3, radius=1, m=10_000)
REST = {"L": 1, "C": 1, "delta": 0.05, "train_loss": 0.1}


def test_a_class_in_the_place_of_a_complexity_is_one_proof_with_its_numbers():
    proof = bc.derive("classic.uniform_deviation", variant="expected", rademacher=F, **REST).check()
    value = 0.1 + 2 * 3 / 100 + math.sqrt(math.log(20) / 20_000)
    assert proof.numbers.endswith("≤ 0.172239")
    assert 0 <= 0.172239 - value < 1e-6
    assert {"dual norm", "second moment", "bounded inputs"} <= {s.lemma for s in proof.steps}
    assert "the class is a whole ball of weights" in proof.assumes


def test_the_variant_is_the_one_whose_inputs_are_given():
    proof = bc.derive("classic.uniform_deviation", R=F, **REST)
    assert proof.variant == "expected"


def test_two_classes_in_one_theorem():
    G = late_fusion(norms=[1, 2], radii=[1, 1], m=10_000)
    proof = bc.derive("huang2021.certificate", variant="any", rademacher_m=F, rademacher_n=G)
    assert proof.check().result.count("√m") >= 3


def test_any_derivation_is_printed():
    proof = bc.derive(F.derivation, norm=2, radius=1, m=100).check()
    assert (proof.claim, proof.numbers) == ("R(F)", "BX/√m = 2·1/√100 ≤ 0.200000")
    assert bc.derive(F.derivation).numbers == ""


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: bc.derive(F.derivation, variant="x"), InputError, "has no variants"),
        (lambda: bc.derive(F.derivation, raduis=1), UnknownNameError, "did you mean 'radius'"),
        (lambda: bc.derive(F.derivation, norm=-1), DomainError, "outside the domain"),
        (
            lambda: bc.derive("classic.uniform_deviation", rademacher=F, m=7, **REST),
            InputError,
            "m is 7, and 10000 for the class",
        ),
        (
            lambda: bc.derive(
                "classic.uniform_deviation", variant="empirical", R_hat=F * 1, gamma=F
            ),
            InputError,
            "given no number called gamma",
        ),
        (
            lambda: bc.derive("classic.uniform_deviation", variant="expected-vector", rademacher=F),
            ConventionError,
            "vector outputs",
        ),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(call, error, message):
    with pytest.raises(error, match=message) as refusal:
        call()
    assert "\n" not in str(refusal.value)
