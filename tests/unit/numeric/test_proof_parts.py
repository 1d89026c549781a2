"""Proofs in print: what each step adds in numbers, what is claimed, and how the limit is rounded."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from mpmath import mp

import boundcalc as bc
from boundcalc.calculus import function_class, late_fusion
from boundcalc.errors import InputError

HOEFFDING = {"n": 100, "loss_bound": 1, "delta": 0.05}
WIDTH = math.sqrt(math.log(20) / 200)  # 0.122387…


def test_each_step_has_the_numbers_that_it_adds() -> None:
    proof = bc.derive("holdout.hoeffding", variant="upper", test_loss=0.1, **HOEFFDING)
    text = "C√(ln(1/δ)/(2n)) = 1·√(ln(1/0.05)/(2·100)) ≈ 0.122387"
    assert [step.numbers for step in proof.steps] == [text, "", "r̂ = 0.1"]
    tex = r"C\,\sqrt{\frac{\ln\left(1/\delta\right)}{2\,n}} = "
    put_in = r"1\cdot \sqrt{\frac{\ln\left(1/0.05\right)}{2\cdot 100}} \approx 0.122387"
    assert [step.numbers_latex for step in proof.steps] == [tex + put_in, "", r"\widehat{r} = 0.1"]
    assert proof.numbers.endswith(" ≤ 0.222388")
    assert 0 < 0.222388 - (0.1 + WIDTH) < 1e-6


def test_what_is_known_is_put_in_where_the_rest_is_not() -> None:
    width = bc.derive("holdout.hoeffding", variant="upper", **HOEFFDING)
    assert [bool(step.numbers) for step in width.steps] == [True, False, False]
    assert width.numbers == ""
    loss = bc.derive("holdout.hoeffding", variant="upper", test_loss=0.1)
    assert [step.numbers for step in loss.steps] == ["", "", "r̂ = 0.1"]
    nothing = bc.derive("holdout.hoeffding", variant="upper")
    assert not any(step.numbers for step in nothing.steps)


def test_a_lower_limit_is_claimed_of_the_risk_itself() -> None:
    proof = bc.derive("holdout.hoeffding", variant="lower", test_loss=0.2, **HOEFFDING)
    assert (proof.claim, proof.claim_latex, proof.relation) == ("r(f)", "r(f)", "≥")
    assert proof.steps[-1].numbers == "−r̂ = −0.2 ≈ −0.2"
    assert proof.steps[-1].numbers_latex == r"-\widehat{r} = -0.2 \approx -0.2"
    assert proof.numbers.endswith(" ≥ 0.0776126")
    assert 0 < 0.2 - WIDTH - 0.0776126 < 1e-7


@pytest.mark.parametrize(("m", "n"), [(100, 7), (1000, 3), (50, 2), (5000, 100)])
def test_what_is_no_limit_is_rounded_to_the_nearest(m: int, n: int) -> None:
    with mp.workdps(30):
        one = mp.mpf(1)
        exact = (1 - one / (2 * n)) ** n / (2 * (1 / mp.sqrt(n) + mp.sqrt(one * 2 * n / m)))
        shown = bc.derive("lu2023.separation", variant="ratio", m=m, n=n).numbers
        assert float(shown.rpartition(" = ")[2]) == float(mp.nstr(exact, 6))
        assert " ≤ " not in shown


def test_numbers_are_shown_as_they_were_written_or_as_whole_numbers() -> None:
    given = {"lipschitz": 2.0, "loss_bound": 0.5, "rademacher": Fraction(1, 4), "m": 100.0}
    proof = bc.derive("classic.uniform_deviation", variant="expected", **given)
    assert proof.values == {
        "lipschitz": "2",
        "loss_bound": "0.5",
        "rademacher": "0.25",
        "m": "100",
    }
    third = bc.derive("holdout.hoeffding", variant="upper", delta=Fraction(1, 3), C=1, n=50)
    assert third.values["delta"] == "0.3333333333"
    assert third.steps[0].numbers.endswith(f" ≈ {math.sqrt(math.log(3) / 100):.6g}")


def test_numbers_of_a_class_are_shown_with_ten_digits() -> None:
    F = function_class("linear-l2", norm=1 / 3, radius=2, m=10_000)
    proof = bc.derive("classic.uniform_deviation", variant="expected", rademacher=F, lipschitz=1)
    assert {"0.3333333333", "2", "10000"} <= set(proof.values.values())
    printed = bc.complexity(F).proof.values
    assert sorted(printed.values()) == ["0.3333333333", "10000", "2"]


def test_classes_for_different_numbers_of_examples_are_refused() -> None:
    F = function_class("linear-l2", norm=1, radius=1, m=10_000)
    G = late_fusion(norms=[1, 2], radii=[1, 1], m=9_000)
    with pytest.raises(InputError, match="the classes are stated for m = 9000 and 10000"):
        bc.derive("huang2021.certificate", variant="any", rademacher_m=F, rademacher_n=G)


def test_lean_says_with_which_probability() -> None:
    usually = bc.derive("holdout.hoeffding", variant="upper").to_lean()
    always = bc.derive("lu2023.multimodal", variant="expected").to_lean()
    said, other = (text.partition("\n\n")[0].replace("\n", " ") for text in (usually, always))
    assert said.endswith("with probability at least 1 − δ.")
    assert other.endswith(", always.")


def test_a_weighted_statistic_moves_by_its_weight() -> None:
    """R̂ of a loss in [0, C] by at most C/(2m), with the weight 2 by C/m."""
    moves = [e.moves for e in bc.derive("classic.uniform_deviation", variant="empirical").explain()]
    (said,) = filter(None, moves)
    start, _, rest = said.partition(" moves ")
    assert start == "one of the m examples of S"
    each, _, total = rest.partition("; ")
    assert set(each.split(" and ")) == {"2R̂(ℓ∘F) by at most C/m", "Δ⁺(F) by at most C/m"}
    assert total == "c_i = 2C/m and Σ c_i² = 4C²/m"


def test_the_largest_term_is_told_where_there_are_several() -> None:
    known = {"n": 100, "test_loss": 0.1, "delta": 0.05}
    one = bc.evaluate("holdout.kl", variant="upper", **known)
    assert "largest" not in one.status
    two = bc.evaluate("holdout.hoeffding", variant="upper", loss_bound=1, **known)
    assert two.status.endswith("; the largest term is concentration.")
