"""Margins, stability, information and views: each statement in worlds that are enumerated whole."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from sympy import Expr, Integer, Rational, symbols

import boundcalc as bc
from boundcalc.conventions import Relation
from boundcalc.errors import SideConditionError
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.lemmas import (
    fano,
    given_information,
    information,
    information_is_gain,
    projection,
    pythagoras,
    ramp,
    redundancy,
    square,
    stable_deviation,
    stable_mean,
    triangle,
    uniform_labels,
)
from boundcalc.symbolic.lemmas.learners import StablePredictor
from boundcalc.symbolic.lemmas.views import ConditionalMean
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import FunctionClass, Loss, Predictor, Sample, quantities_in

S = Sample("S", "S", symbol("m"))
F = FunctionClass("F", "F", Loss(symbol("lipschitz"), symbol("loss_bound")))
Learner = np.ndarray
"""The loss of what is learned from each sample (rows, in the order of `samples`) on each example."""


def samples(points: int, m: int) -> list[tuple[int, ...]]:
    return list(itertools.product(range(points), repeat=m))


def put(expr: Expr, **values: object) -> Expr:
    """An expression with values for its parameters, and 0 for its quantities."""
    known = {symbol(name): value for name, value in values.items()}
    return expr.subs({q: 0 for q in quantities_in(expr)}).subs(known)


def stability_of(learner: Learner, points: int, m: int) -> float:
    """The largest move of a loss where one example is replaced, over all samples."""
    rows = samples(points, m)
    worst = 0.0
    for a, b in itertools.combinations(range(len(rows)), 2):
        if sum(x != y for x, y in zip(rows[a], rows[b], strict=True)) == 1:
            worst = max(worst, float(np.abs(learner[a] - learner[b]).max()))
    return worst


def gaps(learner: Learner, chances: np.ndarray, m: int) -> tuple[np.ndarray, np.ndarray]:
    """r − r̂ of every sample, and the probability of each."""
    rows = samples(len(chances), m)
    gap = [loss @ chances - loss[list(row)].mean() for row, loss in zip(rows, learner, strict=True)]
    return np.array(gap), np.array([np.prod(chances[list(row)]) for row in rows])


def memoriser(points: int, m: int, scale: float) -> Learner:
    """Loses nothing on what it saw and `scale` elsewhere."""
    return np.array(
        [[0.0 if x in row else scale for x in range(points)] for row in samples(points, m)]
    )


def learners(points: int, m: int) -> list[Learner]:
    rng = np.random.default_rng(5)
    return [
        memoriser(points, m, 1.0),
        *(rng.uniform(0, 1, (points**m, points)) * s for s in (0.1, 0.5, 1.0)),
    ]


def stable(value: Expr | int) -> StablePredictor:
    return StablePredictor("f̂", "f", F, stability=Integer(0) + value, stable_on="S")


@pytest.mark.parametrize(("points", "m"), [(8, 1), (3, 2), (2, 4)])
def test_a_stable_learner_is_near_its_training_loss(points: int, m: int) -> None:
    chances = np.full(points, 1 / points)
    mean = stable_mean(stable(symbol("stability")), sample=S)
    for learner in learners(points, m):
        beta = stability_of(learner, points, m)
        gap, weight = gaps(learner, chances, m)
        limit = float(put(mean.rhs, stability=beta))
        assert gap @ weight <= limit + 1e-12
        for variant, given in (("replacement", beta), ("removal", beta / 2)):
            for delta in (0.05, 0.3, 0.7):
                bound = bc.evaluate(
                    "classic.stability",
                    variant=variant,
                    m=m,
                    delta=delta,
                    loss_bound=1,
                    train_loss=0,
                    stability=given,
                ).value
                assert weight[gap > bound + 1e-12].sum() <= delta


def test_the_mean_of_a_memoriser_is_nearly_its_stability() -> None:
    gap, weight = gaps(memoriser(60, 1, 1.0), np.full(60, 1 / 60), 1)
    assert gap @ weight > 0.98 * float(stable_mean(stable(Integer(1)), sample=S).rhs)


def test_the_width_of_a_constant_learner_is_needed() -> None:
    """β = 0 and one coin: a smaller C fails at the δ just below the chance of the gap."""
    p = 0.28
    learner = np.array([[1.0, 0.0], [1.0, 0.0]])
    gap, weight = gaps(learner, np.array([1 - p, p]), 1)
    delta = weight[gap > 0].sum() * (1 - 1e-9)
    fact = stable_deviation(stable(0), sample=S, cost=symbol("delta"))
    limit = float(put(fact.rhs, m=1, delta=delta, loss_bound=1))
    assert gap.max() <= limit
    assert gap.max() > 0.85 * limit


def test_the_move_of_one_example_is_counted_in_both_risks() -> None:
    """2β + C/m: the derivative in β of the root's factor is 2m, from the definition of the gap."""
    fact = stable_deviation(stable(symbol("stability")), sample=S, cost=symbol("delta"))
    m, beta, width = symbols("m beta C", positive=True)
    root = put(fact.rhs, m=m, stability=beta, loss_bound=width, delta=Rational(1, 3))
    each = 2 * beta + width / m
    assert float((root**2 / (m * each**2)).subs({m: 7, beta: 2, width: 3})) == pytest.approx(
        math.log(3) / 2
    )


@pytest.mark.parametrize(("points", "m"), [(2, 1), (3, 2), (2, 4)])
def test_information_bounds_the_mean_gap(points: int, m: int) -> None:
    rng = np.random.default_rng(8)
    chances = np.full(points, 1 / points)
    rows = samples(points, m)
    for rule in range(30):
        # which predictor each sample leads to, and the losses of three predictors
        chosen = (
            np.array([row[0] % 3 for row in rows]) if rule == 0 else rng.integers(0, 3, len(rows))
        )
        losses = rng.uniform(0, 1, (3, points))
        if rule == 0:
            losses = np.array([[float(x != y) for x in range(points)] for y in range(3)])
        gap, weight = gaps(losses[chosen], chances, m)
        shares = np.array([weight[chosen == f].sum() for f in range(3)])
        nats = sum(s * math.log(1 / s) for s in shares if s > 0)
        bound = bc.evaluate(
            "classic.mutual_information",
            variant="bounded",
            m=m,
            loss_bound=1,
            mutual_information=nats,
        )
        assert abs(gap @ weight) <= bound.value + 1e-12
        if rule == 0 and m == 1:
            assert gap @ weight > 0.8 * bound.value


def worlds() -> list[np.ndarray]:
    """P(X, Z) and the mean of Y given both: the squares at random, and two independent views added up."""
    rng = np.random.default_rng(3)
    found = [
        np.stack([rng.dirichlet(np.ones(6)).reshape(2, 3), rng.normal(size=(2, 3))])
        for _ in range(40)
    ]
    added = np.stack([np.full((2, 2), 0.25), np.add.outer([-1.0, 1.0], [-0.5, 0.5])])
    return [*found, added]


def distances(world: np.ndarray) -> dict[str, float]:
    chance, full = world
    from_x = (chance * full).sum(1) / chance.sum(1)
    from_z = (chance * full).sum(0) / chance.sum(0)
    by_z = (chance * from_z).sum(1) / chance.sum(1)
    gaps_ = {
        "x": from_x[:, None] - full,
        "z": from_z - full,
        "μ": by_z[:, None] - full,
        "μx": (by_z - from_x)[:, None],
    }
    return {name: float((chance * gap**2).sum()) for name, gap in gaps_.items()}


def test_redundant_views_lose_little() -> None:
    shares = []
    for world in worlds():
        found = distances(world)
        given = {"redundancy_x": found["x"], "redundancy_z": found["z"]}
        sharp, published = (
            bc.evaluate("tosh2021.redundancy", variant=v, **given).value
            for v in ("sharp", "published")
        )
        assert found["μ"] <= sharp * (1 + 1e-9) <= published * (1 + 2e-9)
        assert found["μ"] == pytest.approx(found["μx"] + found["x"])
        assert found["μx"] <= found["z"] * (1 + 1e-9)
        shares.append(found["μ"] / sharp)
    assert shares[-1] == pytest.approx(1)
    assert bc.evaluate(
        "tosh2021.redundancy", variant="published", redundancy_x=0.04, redundancy_z=0.01
    ).value == (pytest.approx(0.09))


def test_no_predictor_is_more_accurate_than_its_information() -> None:
    rng = np.random.default_rng(9)
    shares = []
    for labels in (2, 4, 32):
        joints = [rng.dirichlet(np.full(5, 0.2), labels) / labels for _ in range(20)]
        joints.append(np.eye(labels) / labels)
        for joint in joints:
            accuracy = joint.max(axis=0).sum()
            product = np.outer(joint.sum(1), joint.sum(0))
            seen = joint > 0
            bits = float((joint[seen] * np.log2(joint[seen] / product[seen])).sum())
            bound = bc.evaluate(
                "liang2024.accuracy", information_bits=max(bits, 0), classes=labels
            ).value
            assert accuracy <= bound + 1e-12
            shares.append(accuracy / bound)
    assert max(shares) > 0.8


def test_each_step_to_the_accuracy_holds() -> None:
    """Half of the labels is told, half is not: the entropies from their definitions."""
    labels = 16
    joint = np.hstack([np.eye(labels), np.ones((labels, 1))]) / (2 * labels)
    seen = joint > 0
    entropy = -float((joint[seen] * np.log2(joint[seen])).sum())
    views_alone = -float((joint.sum(0) * np.log2(joint.sum(0))).sum())
    known = {
        "accuracy": joint.max(axis=0).sum(),
        "label_entropy": math.log2(labels),
        "remaining_entropy": entropy - views_alone,
        "information_bits": math.log2(labels) / 2,
    }
    k = Integer(labels)
    facts = (fano(classes=k), information_is_gain(), uniform_labels(classes=k))
    for fact in (*facts, given_information(Integer(2), classes=k)):
        left, right = (
            float(e.subs({q: known[q.measure] for q in quantities_in(e)}))
            for e in (fact.lhs, fact.rhs)
        )
        if fact.relation is Relation.EQUAL:
            assert left == pytest.approx(right)
        else:
            assert left <= right + 1e-12


def test_the_ramp_is_above_the_error_and_lipschitz() -> None:
    rho = 0.3
    y = np.linspace(-2, 2, 4001)
    values = np.clip(1 - y / rho, 0, 1)
    assert np.all(values >= (y <= 0))
    assert np.abs(np.diff(values) / np.diff(y)).max() == pytest.approx(1 / rho)
    margin = symbol("margin")
    flat = Predictor("f̂", "f", FunctionClass("F", "F", Loss(1 / (2 * margin), Integer(1))))
    with pytest.raises(SideConditionError, match="1/ρ-Lipschitz"):
        ramp(flat, margin=margin)


def test_the_margin_bound_is_the_uniform_deviation_of_the_ramp() -> None:
    given = {"m": 700, "delta": 0.1, "train_loss": 0.05}
    for variant, name in (("expected", "rademacher"), ("empirical", "rademacher_empirical")):
        one = bc.evaluate("classic.margin", variant=variant, margin=0.25, **given, **{name: 0.01})
        ramped = bc.evaluate(
            "classic.uniform_deviation",
            variant=variant,
            lipschitz=4,
            loss_bound=1,
            **given,
            **{name: 0.01},
        )
        assert one.value == pytest.approx(ramped.value, rel=1e-12)


def test_what_is_not_declared_is_refused() -> None:
    f = Predictor("f̂", "f", F)
    x, z, both = (ConditionalMean("Y", frozenset(views)) for views in ("X", "Z", "XZ"))
    with pytest.raises(SideConditionError, match="learned stably"):
        stable_mean(f, sample=S)  # type: ignore[arg-type]
    with pytest.raises(SideConditionError, match="learned stably"):
        stable_mean(stable(symbol("stability")), sample=Sample("T", "T", symbol("n")))
    with pytest.raises(SideConditionError, match="not a stability"):
        stable_mean(stable(symbol("train_loss")), sample=S)
    with pytest.raises(SideConditionError, match="not a mutual information"):
        information(f, sample=S, value=symbol("divergence"))
    with pytest.raises(SideConditionError, match="not the mean"):
        pythagoras(z, both, by=x)
    with pytest.raises(SideConditionError, match="not a redundancy"):
        redundancy(x, both, value=symbol("margin"))
    with pytest.raises(SideConditionError, match="no number of classes"):
        fano(classes=symbol("outputs"))
    with pytest.raises(SideConditionError, match="not an information"):
        given_information(symbol("mutual_information"), classes=symbol("classes"))
    with pytest.raises(SideConditionError, match="not a distance"):
        square(Derivation(symbol("redundancy_x"), ()))
    assert projection(z, both, on="X").lhs == triangle(z.given_only("X"), x, by=x).lhs
