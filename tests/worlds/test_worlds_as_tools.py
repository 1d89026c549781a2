"""Micro-worlds as a tool, the lemmas of the linear model, and the papers' tables of the examples."""

from __future__ import annotations

import runpy
import subprocess
import sys
from fractions import Fraction as Q
from itertools import product

import pytest
from files import EXAMPLES
from scipy.stats import beta

import boundcalc as bc
from boundcalc.errors import InputError, SideConditionError
from boundcalc.symbolic.analysis.trends import TrendFacts
from boundcalc.symbolic.lemmas import explained_gain, least_squares, overtaking
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import (
    ModalitySubset,
    Sample,
    best_linear_quality,
    least_squares_risk,
    named,
)
from boundcalc.worlds import Modalities, held_out, joint_erm, two_subsets
from worlds import all_worlds

LAW = (Q(1, 2), Q(1, 3), Q(1, 6))
LOSSES = (((0, 1, 0), (1, 0, Q(1, 2))), ((Q(1, 2), 0, 1), (0, 0, Q(1, 2))))


# --- micro-worlds -----------------------------------------------------------------------------------


def game(**options: object) -> Modalities:
    return Modalities([[[float(v) for v in row] for row in heads] for heads in LOSSES], **options)


def brute_force(m: int) -> tuple[Q, Q]:
    """E r of the joint ERM with the largest risk, and P(it is at most the best risk), over ordered samples."""
    rows = [row for heads in LOSSES for row in heads]
    risks = [sum(p * v for p, v in zip(LAW, row, strict=True)) for row in rows]
    mean = below = Q(0)
    for sample in product(range(3), repeat=m):
        chance, means = Q(1), [sum((row[i] for i in sample), Q(0)) for row in rows]
        for i in sample:
            chance *= LAW[i]
        learned = max(r for r, total in zip(risks, means, strict=True) if total == min(means))
        mean, below = mean + chance * learned, below + chance * (learned <= min(risks))
    return mean, below


@pytest.mark.parametrize("m", [1, 3, 5])
def test_a_user_s_micro_world_is_exact(m: int) -> None:
    world = two_subsets("mine", LAW, m, game(learn_m=joint_erm))
    risks, least = world.exact_risks("f̂_M"), min(world.exact_risks("f°_M"))
    mean, below = brute_force(m)
    assert world.expectation(risks) == mean
    assert world.probability([r <= least for r in risks]) == below
    fixed = world.exact_risks("f°_M", empirical=True)
    assert world.expectation(fixed) == least
    assert all(
        type(p) is Q for p in (*risks, *fixed, world.expectation(risks), world.probability([]))
    )


def test_every_probability_of_the_gallery_is_a_fraction_and_they_sum_to_one() -> None:
    for world in all_worlds().values():
        whole = world.probability(world.chances.floats > -1)
        assert (type(whole), whole) == (Q, 1), world.name


def test_decimals_are_taken_as_written() -> None:
    world = held_out("coin", [0.9, 0.1], [0, 1], 3)
    assert world.probability(world.sample("T").counts[:, 1] == 3) == Q(1, 1000)
    assert world.exact_risks("f") == (Q(1, 10),) * 4


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: held_out("w", [0.5, 0.4], [0, 1], 2), "do not sum to 1 but to 9/10"),
        (lambda: held_out("w", [1.5, -0.5], [0, 1], 2), r"3/2 is not in \[0, 1\]"),
        (lambda: held_out("w", ["a", 1], [0, 1], 2), "the probability a is not a number"),
        (lambda: held_out("w", [0.5, 0.5], [0, 1], 0), "m is 0"),
        (lambda: held_out("w", [0.5, 0.5], [0, 1, 1], 2), "losses at 3 points, probabilities of 2"),
        (
            lambda: held_out("w", [0.1] * 10, [0] * 10, 50),
            "12,565,671,261 samples: too many to enumerate",
        ),
        (lambda: two_subsets("w", LAW[:1], 2, game()), "but to 1/2"),
        (lambda: two_subsets("w", [0.5, 0.5], 2, game()), "losses at 3 points, probabilities of 2"),
        (lambda: Modalities([[0, 1]]), r"it has to be \(encoders, heads, points\)"),
        (lambda: game(m_sees=[2]), r"m_sees is \[2\]: it has to name encoders from 0 to 1"),
        (lambda: game(n_sees=[]), r"n_sees is \[\]"),
    ],
)
def test_micro_worlds_that_cannot_be_built_are_refused(build: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        build()


def test_worlds_are_public_and_light() -> None:
    assert set(bc.worlds.__all__) == set(dir(bc.worlds))
    assert all(hasattr(bc.worlds, name) for name in bc.worlds.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'Lineer'"):
        bc.worlds.Lineer  # noqa: B018
    code = "import sys, boundcalc as bc; bc.worlds.LinearWorld, bc.worlds.TableWorld; print('sympy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


# --- lemmas of the linear model ---------------------------------------------------------------------

noise, p, q, m = (symbol(name) for name in ("noise_variance", "rank_m", "rank_n", "m"))
a, b = (noise + symbol(f"latent_quality_{s}") for s in "mn")


def test_linear_lemmas_refuse_what_they_cannot_prove() -> None:
    first = named("overtaking", "m*", "m^*")
    enough = (noise > 0, p > q, symbol("latent_quality_n") > symbol("latent_quality_m"))
    assert overtaking(first, more=(a, p), less=(b, q), where=enough)
    for i in range(3):
        with pytest.raises(SideConditionError, match="is not known to be positive"):
            overtaking(first, more=(a, p), less=(b, q), where=enough[:i] + enough[i + 1 :])
    with pytest.raises(SideConditionError, match="form x > y"):
        overtaking(first, more=(a, p), less=(b, q), where=(*enough[:1], p >= q, *enough[2:]))
    with pytest.raises(SideConditionError, match="may define"):
        overtaking(
            least_squares_risk(ModalitySubset("M"), Sample("S", "S", m)),
            more=(a, p),
            less=(b, q),
            where=enough,
        )
    with pytest.raises(SideConditionError, match="not a rank"):
        least_squares(ModalitySubset("M", rank=noise), sample=Sample("S", "S", m))
    with pytest.raises(SideConditionError, match="not a sample size"):
        least_squares(ModalitySubset("M", rank=p), sample=Sample("S", "S", noise))
    larger = ModalitySubset("M")
    eta = [best_linear_quality(s) for s in (larger, ModalitySubset("N", within=(larger,)))]
    assert explained_gain(*eta, least_variance=noise, added_norm=noise)
    with pytest.raises(SideConditionError, match="not known to be at least 0"):
        explained_gain(*eta, least_variance=symbol("gamma"), added_norm=noise)
    with pytest.raises(SideConditionError, match="only the latent qualities"):
        explained_gain(first, eta[1], least_variance=noise, added_norm=noise)
    with pytest.raises(SideConditionError, match="M is not declared to be in N"):
        explained_gain(*reversed(eta), least_variance=noise, added_norm=noise)
    learned = [named("latent_quality", f"η(ĝ_{s})", s, s) for s in "MN"]
    with pytest.raises(SideConditionError, match="only the latent qualities of best linear"):
        explained_gain(*learned, least_variance=noise, added_norm=noise)


def test_without_noise_more_modalities_still_cross_over_but_not_without_any_error() -> None:
    known = {
        "latent_quality_m": 0.5,
        "latent_quality_n": 1,
        "rank_m": 3,
        "rank_n": 1,
        "noise_variance": 0,
    }
    found = bc.evaluate("huang2021.proposition1", variant="crossover", **known).value
    gaps = [Q(1, 2) * Q(m - 1, m - 4) - Q(m - 1, m - 2) for m in range(5, 20)]
    assert found == next(m for m, gap in enumerate(gaps, 5) if gap <= 0)
    known["latent_quality_m"] = 0
    with pytest.raises(InputError, match=r"needs noise_variance \+ latent_quality_m > 0"):
        bc.evaluate("huang2021.proposition1", variant="crossover", **known)


def test_signs_beside_side_conditions() -> None:
    facts = TrendFacts(nonnegative=(m - p - 2,))
    assert [
        facts.sign(e) for e in (m - p - 1, p - m, m - p - 3, 1 / (m - p - 1), p / (m - p - 1) + 1)
    ] == [
        1,
        -1,
        None,
        1,
        1,
    ]
    assert TrendFacts().sign(m - p - 1) is None


# --- the papers' tables -----------------------------------------------------------------------------


def test_the_closed_form_is_within_4_5_percent_of_every_entry_of_the_synthetic_table() -> None:
    script = runpy.run_path(str(EXAMPLES / "huang2021_synthetic.py"))
    for column, overlap in enumerate(script["OVERLAPS"]):
        model = script["world"](overlap, coordinates=10)  # η is proportional to their number: quick
        for missing, (seen, entries) in zip((3, 2, 1, 0), script["PUBLISHED"].items(), strict=True):
            exact = model.latent_quality(seen) * script["COORDINATES"] / 10
            assert exact == pytest.approx(missing * 100 * (1 - overlap) ** 2, abs=1e-9)
            assert abs(exact - entries[column]) <= 0.045 * entries[column]


def test_iemocap_verdicts_are_those_of_clopper_and_pearson_at_a_fortieth_of_delta() -> None:
    script = runpy.run_path(str(EXAMPLES / "huang2021_iemocap.py"))
    n, level = 3410, 0.1 / 40
    limits = {}
    for name, row in script["ACCURACY"].items():
        wrong = [round(n * (1 - value / 100)) for value in row]
        limits[name] = [
            (beta.ppf(level, k, n - k + 1), beta.ppf(1 - level, k + 1, n - k)) for k in wrong
        ]
    found = script["verdicts"]()
    assert len(found) == 5
    for (more, less), row in found.items():
        for verdict, (low_m, high_m), (low_n, high_n) in zip(
            row, limits[more], limits[less], strict=True
        ):
            wanted = "more" if high_m < low_n else "less" if low_m > high_n else "undecided"
            assert verdict == wanted
