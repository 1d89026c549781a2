"""Lu's bound on measured data: its classes contain what was fitted, its constants are those of the classes."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import boundcalc as bc
from boundcalc.data.arrays import as_dataset
from boundcalc.data.diagnose.diagnose import target_of
from boundcalc.data.diagnose.diagnosis import Diagnosis
from boundcalc.data.fit.preparation import prepared
from boundcalc.data.fit.ridge import fit_ridge

CLASSES = 3


def world(classes: int | None) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    x = rng.standard_normal((500, 3))
    w = x @ rng.standard_normal((3, 2)) + 0.2 * rng.standard_normal((500, 2))
    score = x[:, 0] + w[:, 0]
    label = (
        score
        if classes is None
        else np.digitize(score, np.quantile(score, np.arange(1, classes) / classes))
    )
    return {"x": x, "w": w, "y": label}


@pytest.fixture(scope="module", params=[None, 2, CLASSES])
def case(request: pytest.FixtureRequest) -> tuple[Diagnosis, dict[str, np.ndarray]]:
    arrays = world(request.param)
    return bc.diagnose(arrays, labelled=0.5), arrays


def test_the_parameters_of_the_theorem(case: tuple[Diagnosis, dict[str, np.ndarray]]) -> None:
    found, arrays = case
    regression = found.loss != "0/1 loss"
    data = as_dataset(arrays)
    made = prepared(data, data.names, setup=0.1, held_out=0.4, seed=0)
    target = target_of(data, made, classes=not regression, labelled=0.5, loss_bound=None, seed=0)
    there = next(p for p in found.pairs if p.x == "x")
    g = fit_ridge(made.rows("x", made.training), made.rows("w", made.training))
    f = target.fit(made, ("x", "w"), "linear")
    norms, numbers = there.bound.norms, there.bound.numbers
    # the least power of 2 that is not below the norm of what was fitted
    for norm, parts in (("B_G", (g.weights, g.intercept)), ("B_F", (f.weights, f.intercept))):
        size = math.sqrt(sum(float((part**2).sum()) for part in parts))
        assert size <= norms[norm] < 2 * size
        assert math.log2(norms[norm]) % 1 == 0
    outputs = CLASSES if not regression and len(np.unique(arrays["y"])) > 2 else 1
    loss = math.sqrt(2) if outputs > 1 else 1
    assert numbers["lipschitz"] == pytest.approx(loss * norms["B_y"])
    assert np.linalg.svd(f.weights[3:])[1].max() <= norms["B_y"]
    assert numbers["lipschitz"] * numbers["distance_bound"] >= numbers["loss_bound"]
    # all inputs are in the balls that the complexities are for
    rows = {name: np.linalg.norm(block, axis=1) for name, block in made.blocks.items()}
    assert all(rows[name].max() <= made.radii[name] * (1 + 1e-12) for name in rows)
    x, w = made.radii["x"], made.radii["w"]
    assert numbers["c_connection"] == pytest.approx(norms["B_G"] * math.sqrt(2 * (x**2 + 1)))
    assert numbers["c_predictor"] == pytest.approx(
        loss * norms["B_F"] * math.sqrt(outputs * (x**2 + w**2 + 1))
    )
    assert (numbers["m"], numbers["n"]) == (250, 125)
    assert numbers["connection_gap"] == there.connection.kappa.upper


def test_how_many_times_as_many_examples(case: tuple[Diagnosis, dict[str, np.ndarray]]) -> None:
    found, _ = case
    for each in found.pairs:
        bound = each.bound
        assert bound.vacuous
        if bound.times is None:
            assert bound.connection_term >= bound.loss_bound
            continue
        for times, enough in ((bound.times, True), (bound.times - 1, False)):
            more = {name: bound.numbers[name] * times for name in ("m", "n")}
            value = bc.evaluate(
                "lu2023.multimodal", variant="two-event", **(bound.numbers | more)
            ).value
            assert (value < bound.loss_bound) == enough


@pytest.mark.parametrize(
    ("value", "term", "observed", "says"),
    [
        (0.9, 0.4, 0.3, "is at most 0.9000 for"),
        (
            3.0,
            0.5,
            0.1,
            "Its term L κ is 0.5000; for the others about 26 times as many examples would be",
        ),
        (
            3.0,
            1.5,
            0.1,
            "1.500 (0.1 with κ̂ in place of its limit): more held-out examples would lower it.",
        ),
        (3.0, 1.5, 1.2, "for every pair no less than a loss can be: more examples would not help."),
    ],
)
def test_what_the_words_say_of_each_case(
    value: float, term: float, observed: float, says: str
) -> None:
    found = bc.diagnose(world(2))
    pairs = []
    for each in found.pairs:
        terms = {"connection_gap": term, "prediction": value - term}
        pairs.append(
            replace(
                each, bound=replace(each.bound, value=value, terms=terms, observed_term=observed)
            )
        )
    assert says in replace(found, pairs=tuple(pairs)).sentences[-1]


def ramp(scores: np.ndarray, right: int) -> float:
    """The ramp loss of margin 1: of z f for one score, z = ±1; else of the right score less the largest other."""
    if scores.size == 1:
        return float(np.clip(1 - (2 * right - 1) * scores[0], 0, 1))
    return float(np.clip(1 - (scores[right] - np.delete(scores, right).max()), 0, 1))


@pytest.mark.parametrize(("outputs", "constant"), [(1, 1.0), (3, math.sqrt(2))])
def test_the_lipschitz_constant_of_the_ramp_loss(outputs: int, constant: float) -> None:
    """It holds, and a smaller one does not."""
    rng = np.random.default_rng(2)
    steepest = 0.0
    for _ in range(3000):
        f = rng.uniform(-1, 1, outputs)
        step = 0.1 * rng.standard_normal(outputs)
        change = abs(ramp(f + step, 1) - ramp(f, 1))
        steepest = max(steepest, change / float(np.linalg.norm(step)))
    assert 0.97 * constant < steepest <= constant * (1 + 1e-9)
