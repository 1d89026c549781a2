"""Theorems at their ends: what they require, assume, take as neutral, and from where on they say nothing."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Symbol
from test_catalogue import FORMS, sample_values

import boundcalc as bc
from boundcalc.conventions import Side
from boundcalc.errors import InputError
from boundcalc.symbolic.lemmas.guards import weights


@pytest.mark.parametrize(("loss", "empty"), [(0.5, False), (0.99, True)])
def test_a_margin_bound_says_nothing_from_1_on(loss: float, empty: bool) -> None:
    given = {"m": 10**6, "delta": 0.05, "rademacher": 0.01, "margin": 1.0}
    assert bc.evaluate("classic.margin", train_loss=loss, **given).vacuous is empty
    with pytest.raises(InputError, match="train_loss"):
        bc.evaluate("classic.margin", train_loss=1.01, **given)


def test_one_task_is_assumed() -> None:
    given = {"n": 500, "delta": 0.05, "loss_bound": 1, "growth": 0.5, "c_composite": 1}
    told, assumed = (
        bc.evaluate("lu2023.unimodal", variant="one-event", **given, **tasks)
        for tasks in ({"tasks": 1}, {})
    )
    assert told.value == assumed.value


LINEAR = {"noise_variance": 1, "latent_quality_m": 0.1, "latent_quality_n": 0.5, "rank_m": 7}
BOTH = LINEAR | {"rank_n": 3}
SELECTION = {"lipschitz": 1, "complexity_m": 9, "complexity_n": 4, "loss_drop": 0.1}
RATIO = {"m": 9, "n": 9, "lipschitz": 1, "c_composite": 1, "growth": 1}
RATIO |= dict.fromkeys(("connection_gap", "c_predictor", "c_connection"), 0)
Values = dict[str, float]
# a variant, its other inputs, and inputs that are just allowed, and that are not
REQUIRED: dict[str, tuple[Values, list[Values], list[Values]]] = {
    "holdout.clopper_pearson:upper": (
        {"n": 50, "delta": 0.05},
        [{"errors": 50}],
        [{"errors": 51}],
    ),
    "holdout.kl:upper": ({"n": 50, "delta": 0.05}, [{"test_loss": 1}], [{"test_loss": 1.01}]),
    "pac_bayes.kl:exact": (
        {"m": 50, "delta": 0.05, "divergence": 1},
        [{"train_loss": 1}],
        [{"train_loss": 1.01}],
    ),
    # 2⁻⁴⁰ of C² is left for rounding
    "holdout.empirical_bernstein:upper": (
        {"n": 2, "delta": 0.05, "test_loss": 0, "loss_bound": 2.0**20},
        [{"variance": 2}],
        [{"variance": 2.0001}],
    ),
    "huang2021.proposition1:gap": (
        BOTH | {"m": 50},
        [{"m": 9}, {"rank_n": 7}, {"latent_quality_m": 0.5}],
        [{"m": 8}, {"rank_n": 8}, {"latent_quality_m": 0.51}],
    ),
    "huang2021.proposition1:crossover": (
        BOTH,
        [{"noise_variance": 0}, {"latent_quality_m": 0}, {"noise_variance": 0.1}],
        [
            {"noise_variance": 0, "latent_quality_m": 0},
            {"rank_n": 7},
            {"latent_quality_m": 0.5},
        ],
    ),
    "huang2021.selection:crossover": (
        SELECTION,
        [{"complexity_m": 4.01}, {"loss_drop": 0.01}],
        [{"complexity_m": 4}, {"loss_drop": 0}],
    ),
    "lu2023.improvement:expected": (
        RATIO,
        [{"connection_gap": 0.1}, {"c_predictor": 0.1}, {"c_connection": 0.1}],
        [{}],
    ),
}


@pytest.mark.parametrize("form", REQUIRED)
def test_what_a_theorem_just_allows_and_what_it_does_not(form: str) -> None:
    others, allowed, beyond = REQUIRED[form]
    id, _, variant = form.partition(":")
    for value in allowed:
        assert bc.evaluate(id, variant=variant, **(others | value)).value is not None
    for value in beyond:
        with pytest.raises(InputError):
            bc.evaluate(id, variant=variant, **(others | value))


NEUTRAL = {"optimisation_gap": 0, "tasks": 1, "loss_bound": 1}
"""An exact minimiser, one task, and losses in [0, 1]."""


@pytest.mark.parametrize(("id", "variant"), FORMS)
def test_what_is_not_given_is_taken_as_neutral(id: str, variant: str) -> None:
    taken = dict(bc.theorem(id).variant(variant).defaults)
    assert taken == {name: NEUTRAL[name] for name in taken}


# −λ‖b‖² says nothing at 0; risks and their differences nothing at C = 1 above and at 0 below
ENDS = {("huang2021.proposition1", "population"): 0}
VARIED = {
    **dict.fromkeys(("train_loss", "test_loss", "train_loss_m"), np.linspace(0, 1, 21)),
    **dict.fromkeys(("gamma", "centred_loss"), np.linspace(0, 1, 21)),
    **dict.fromkeys(("information_bits", "added_norm"), np.linspace(0, 20, 21)),
    **dict.fromkeys(
        ("mutual_information", "c_composite", "c_connection"), np.geomspace(1, 999, 21)
    ),
    "train_loss_n": 0,
    "errors": np.arange(0, 51, 2),
}
SIZES = np.array([50, 300, 5000, 10**6])[:, None]


@pytest.mark.parametrize(("id", "variant"), FORMS)
def test_a_bound_says_nothing_from_the_end_of_the_range_on(id: str, variant: str) -> None:
    form, values = bc.theorem(id).variant(variant), sample_values(id, variant)
    values |= {name: 1 for name in values if name in ("loss_bound", "distance_bound")}
    values |= {name: VARIED.get(name, value) for name, value in values.items()}
    values |= {name: SIZES for name in values if name in ("m", "n")}
    values |= {"variance": 0} if "variance" in values else {}
    result = bc.evaluate(id, variant=variant, **values)
    if form.trivial is None:
        assert not np.any(result.vacuous)
        return
    lower = form.side is Side.LOWER
    end = ENDS.get((id, variant), 0 if lower else 1)
    beyond = result.value <= end if lower else result.value >= end
    assert np.array_equal(result.vacuous, beyond)
    near = (result.value > 0) & (result.value < 1) if lower else beyond & (result.value < end + 1)
    assert np.any(near)


@pytest.mark.parametrize(("id", "variant"), FORMS)
def test_what_an_event_bounds_is_centred(id: str, variant: str) -> None:
    """A fixed predictor enters with its deviation r̂ − r, whose mean is 0."""
    form = bc.theorem(id).variant(variant)
    for proof in (form.derivation, *form.also):
        for fact in (part for step in proof.steps for part in step.fact.tree()):
            if fact.lemma != "bounded differences":
                continue
            left = sum(
                weight * Symbol(quantity.subjects[0].text)
                for quantity, weight in weights(fact.lhs).items()
                if quantity.measure in ("risk", "empirical_risk")
            )
            assert left == 0


@pytest.mark.parametrize(("id", "variant"), [form for form in FORMS if "pac_bayes" in form[0]])
def test_a_range_that_is_not_asked_for_is_assumed(id: str, variant: str) -> None:
    said = " ".join(bc.theorem(id).variant(variant).conditions)
    assert "the loss is in [0, 1]" in said or "the loss is 0 or 1" in said


# losses at both ends of [0, C] have the variance n r̂ (C − r̂)/(n − 1), and none have more
@pytest.mark.parametrize(
    ("n", "loss", "width", "largest"),
    [(101, 0.3, 1, 0.2121), (101, 0.5, 2, 0.7575), (2, 0.5, 1, 0.5)],
)
def test_no_losses_vary_more_than_those_at_the_ends(
    n: int, loss: float, width: float, largest: float
) -> None:
    given = {"n": n, "test_loss": loss, "loss_bound": width, "delta": 0.05}
    name = "holdout.empirical_bernstein"
    bc.evaluate(name, variant="upper", variance=largest, **given)
    for wrong in ({"variance": largest * 1.00001}, {"variance": 0.0, "n": 1}):
        with pytest.raises(InputError):
            bc.evaluate(name, variant="upper", **(given | wrong))
