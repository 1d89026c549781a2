"""compare on data: losses, fits, scaling, what is chosen and what pays for it."""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from files import EXAMPLES
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from scipy.optimize import minimize
from scipy.sparse import csr_array
from typer.testing import CliRunner

import boundcalc as bc
from boundcalc.cli.app import app, main
from boundcalc.data.arrays import as_dataset
from boundcalc.data.fit import ball
from boundcalc.data.fit.ball import Metric, Surrogate, inside, path
from boundcalc.data.fit.linear_predictors import (
    Binary,
    MultiClass,
    Regression,
    first_subsets,
    subset_scores,
)
from boundcalc.data.fit.preparation import Scaling, split
from boundcalc.errors import InputError
from boundcalc.numeric.decide.paired import paired_test
from boundcalc.render.comparison import comparison_document
from boundcalc.render.texts import markdown
from boundcalc.study import predictors

BREAST = str(EXAMPLES / "breast_cancer.csv")
NORMS = (1.0, 4.0)


def world(m=240, seed=0, classes=2):
    """Two modalities; the second decides, the first hardly helps."""
    draw = np.random.default_rng(seed)
    a, b = draw.normal(size=(m, 3)), draw.normal(size=(m, 2))
    score = b @ np.array([2.0, -1.0]) + 0.3 * a[:, 0] + draw.normal(size=m) * 0.5
    return {"a": a, "b": b, "y": np.digitize(score, np.linspace(-1, 1, classes - 1))}


def compared(**options):
    return bc.compare(world(), **{"norms": NORMS, **options})


# --- losses -------------------------------------------------------------------------------------------

PROBLEMS = [
    lambda y: Binary(np.where(y % 2, 1.0, -1.0), margin=0.7),
    lambda y: MultiClass(y % 3, 3, margin=0.7),
    lambda y: Regression(y / 2.0, loss_bound=1.5),
]


@pytest.mark.parametrize("make", PROBLEMS)
def test_losses_lie_in_their_range_are_lipschitz_and_above_the_errors(make):
    draw = np.random.default_rng(1)
    problem = make(np.arange(4000) % 6)
    one, two = (draw.normal(size=(problem.outputs, 4000)) for _ in range(2))
    step = 0.1 * (two - one)
    before, after = problem.losses(one), problem.losses(one + step)
    assert before.min() >= 0
    assert before.max() <= problem.loss_bound
    several = math.sqrt(2) if problem.outputs > 1 else 1.0
    slope = np.abs(after - before) / np.linalg.norm(step, axis=0)
    assert slope.max() <= several * problem.lipschitz * (1 + 1e-9)
    assert slope.max() >= 0.99 * several * problem.lipschitz  # no smaller constant would do
    errors = problem.errors(one)
    assert errors is None or np.all(before >= errors)


@pytest.mark.parametrize("make", PROBLEMS)
def test_the_gradient_of_the_surrogate(make):
    problem = make(np.arange(5))
    scores = np.random.default_rng(2).normal(size=(problem.outputs, 5))
    gradient = problem.surrogate(scores)[1]
    for i, j in itertools.product(range(problem.outputs), range(5)):
        step = np.zeros_like(scores)
        step[i, j] = 1e-6
        slope = (problem.surrogate(scores + step)[0] - problem.surrogate(scores - step)[0]) / 2e-6
        assert gradient[i, j] == pytest.approx(slope, abs=1e-7)


def test_the_complexity_of_margins_covers_all_signs():
    """sup over the ball of Σ σ_i u_i by ascent, for every σ, is below 2√k B‖X‖_F/m, what the study uses."""
    draw = np.random.default_rng(0)
    m, k = 6, 3
    X, y = draw.normal(size=(m, 2)), np.arange(m) % k
    problem = MultiClass(y, k)
    total = 0.0
    for signs in itertools.product((-1.0, 1.0), repeat=m):
        sigma = np.array(signs)
        best = 0.0
        for start in range(4):
            W = inside(draw.normal(size=(2, k)) * 5 + start, 1.0)
            for _ in range(60):
                scores = X @ W
                others = np.where(np.arange(k) == y[:, None], -np.inf, scores)
                G = np.zeros((m, k))
                G[np.arange(m), y] += sigma
                G[np.arange(m), others.argmax(axis=1)] -= sigma
                best = max(best, float(sigma @ problem.margins(scores.T)))
                W = inside(W + 0.1 * X.T @ G, 1.0)
        total += best / m
    assert 0 < total / 2**m <= 2 * math.sqrt(k) * np.linalg.norm(X) / m


# --- fits ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("norm", [0.3, 3.0])
def test_a_fit_is_in_the_ball_and_reaches_the_minimum(norm):
    draw = np.random.default_rng(3)
    X, y = draw.normal(size=(60, 3)), np.where(draw.random(60) < 0.5, 1.0, -1.0)
    y = np.where(X[:, 0] > 0.5, 1.0, y)
    problem = Binary(y)
    W = path(Surrogate.of(X, problem), [norm], Metric.of(X))[0]
    assert np.linalg.norm(W) <= norm
    other = minimize(
        lambda w: problem.surrogate(w[None] @ X.T)[0],
        np.zeros(3),
        constraints={"type": "ineq", "fun": lambda w: norm**2 - w @ w},
        method="SLSQP",
    )
    assert problem.surrogate(W.T @ X.T)[0] <= other.fun + 1e-4


def test_a_path_has_one_fit_a_norm():
    data = world()
    X, problem = data["b"], Binary(2.0 * data["y"] - 1)
    fits = path(Surrogate.of(X, problem), (0.5, 1, 2), Metric.of(X))
    values = [problem.surrogate(W.T @ X.T)[0] for W in fits]
    assert values == sorted(values, reverse=True)


@pytest.mark.parametrize("make", PROBLEMS)
@pytest.mark.parametrize("single", [False, True])
def test_blocks_of_rows_make_one_surrogate(make, single, monkeypatch):
    """Also where the last rows fill no block, and for some of the columns."""
    monkeypatch.setattr(ball, "_PRODUCT", 1)
    monkeypatch.setattr(ball, "_LEAST_BLOCK", 5)
    monkeypatch.setattr(ball, "_TOGETHER", 3)
    monkeypatch.setattr(ball, "_SINGLE", 0 if single else 10**6)
    draw = np.random.default_rng(4)
    X, problem = draw.normal(size=(53, 4)), make(np.arange(53) % 6)
    W = draw.normal(size=(2, problem.outputs))
    columns, cut = [1, 3], 20
    rows = np.arange(53)
    parts = [Surrogate.of(X[part], problem.part(part)) for part in (rows[:cut], rows[cut:])]
    value, slope = (parts[0] + parts[1]).on(columns)(W)
    expected, gradient = problem.surrogate(W.T @ X[:, columns].T)
    close = {"rel": 1e-5, "abs": 1e-5} if single else {"rel": 1e-12, "abs": 1e-14}
    assert value == pytest.approx(expected, **close)
    assert slope == pytest.approx(X[:, columns].T @ gradient.T, **close)


def test_larger_balls_than_the_minimum_needs_change_nothing():
    data = world()
    X, problem = data["b"], Binary(2.0 * data["y"] - 1)
    small, most, more = path(Surrogate.of(X, problem), (0.1, 1e3, 1e6), Metric.of(X))
    assert np.linalg.norm(small) == pytest.approx(0.1)
    assert np.linalg.norm(most) < 1e3
    assert np.array_equal(most, more)


@pytest.mark.parametrize("same", [False, True])
@pytest.mark.parametrize("sparse", [False, True])
def test_copies_are_counted_one_by_one(sparse, same, monkeypatch):
    """Also where the marks of all rows are one, which only says what is to be compared."""
    if same:
        monkeypatch.setattr(predictors, "_marks", lambda X, seed: np.zeros(X.shape[0], np.uint64))
    draw = np.random.default_rng(5)
    X = draw.integers(0, 3, (300, 3)) * (draw.random((300, 3)) < 0.7) * 1.0
    y, b = draw.integers(0, 2, 300), draw.integers(0, 2, (300, 1)) * 1.0
    data = as_dataset({"a": csr_array(X) if sparse else X, "b": b, "y": y})
    rows = np.hstack([X, b, y[:, None]]).tolist()
    train, test = np.arange(0, 300, 3), np.arange(1, 300, 3)
    seen = [rows[i] for i in train]
    copies = sum(rows[i] in seen for i in test)
    assert 0 < copies < len(test)
    assert predictors._copies(data, train, test) == copies


# --- the parts of the data ----------------------------------------------------------------------------


def test_features_are_fixed_by_the_first_part_and_no_longer_than_one():
    data = as_dataset(world())
    first, train, _ = split(data.m, (0.1, 0.45, 0.45), seed=0)
    scaling = Scaling.of(data, first)
    phi = scaling.features(data, train)
    assert all(np.linalg.norm(X, axis=1).max() <= 1 + 1e-12 for X in phi.values())
    inside_share = np.mean(np.linalg.norm(scaling.features(data, first)["a"], axis=1) < 1 - 1e-9)
    assert 0.8 <= inside_share <= 0.95
    moved = {name: X.copy() for name, X in world().items()}
    moved["a"][train] *= 100
    other = Scaling.of(as_dataset(moved), first)
    assert np.array_equal(other.blocks["a"].centre, scaling.blocks["a"].centre)
    assert other.blocks["a"].radius == scaling.blocks["a"].radius


def test_sizes_of_columns_do_not_matter_and_constant_ones_count_for_nothing():
    plain = world()
    scaled = {**plain, "a": np.hstack([plain["a"] * [1e200, 1e-200, 5], np.full((240, 1), 3.0)])}
    one, two = (bc.compare(data, norms=NORMS, subsets=["a", "a+b"]) for data in (plain, scaled))
    assert [f.norm for f in one.data.fits] == [f.norm for f in two.data.fits]
    assert [f.test_errors for f in one.data.fits] == [f.test_errors for f in two.data.fits]
    assert any("constant" in note for note in two.data.notes)


def test_the_held_out_part_chooses_nothing():
    _, _, test = split(240, (0.1, 0.45, 0.45), seed=0)
    other = world()
    other["y"][test] = 1 - other["y"][test]
    other["a"][test] = 7.0
    for options in ({}, {"loss": "ramp"}, {"choose": "bound"}):
        one, two = compared(**options), bc.compare(other, norms=NORMS, **options)
        assert [(f.norm, f.train_loss) for f in one.data.fits] == [
            (f.norm, f.train_loss) for f in two.data.fits
        ]
        assert one.data.fits[0].test_errors != two.data.fits[0].test_errors


def test_the_same_seed_gives_the_same_numbers():
    assert compared().to_dict() == compared().to_dict()
    assert compared(seed=1).to_dict()["data"]["fits"] != compared().to_dict()["data"]["fits"]


# --- what is chosen pays ------------------------------------------------------------------------------


def test_the_ledger_pays_for_every_norm():
    result = bc.compare(
        world(3000), loss="ramp", norms=(0.5, 1.0, 1.5, 2.0), delta=0.08, joint="all"
    )
    assert float(sum(event.cost for event in result.ledger)) == 0.08
    deviations = [e for e in result.ledger if e.kind == "deviation"]
    assert len(deviations) == 6
    assert {e.candidates for e in deviations} == {4}
    m, fit_ = result.data.sizes[1], result.data.fits[0]
    share = 0.08 / len(result.ledger) / 4
    upper = next(
        x.value
        for x in result.subsets[0].limits
        if x.joint and x.side == "upper" and x.variant == "empirical"
    )
    expected = (
        fit_.train_loss + 2 * fit_.rademacher_empirical + math.sqrt(2 * math.log(1 / share) / m)
    )
    assert expected < 1
    assert upper == pytest.approx(expected, rel=1e-9)


def test_rows_that_hold_alone_pay_for_every_norm():
    whole = bc.compare(world(3000), loss="ramp", norms=(0.5, 1.0, 1.5, 2.0))
    result = replace(whole.training, data=whole.data)
    m, fits = result.data.sizes[1], {f.modalities: f for f in result.data.fits}
    for row in (r for r in result.comparisons if not r.joint):
        more, less = fits[row.more.modalities], fits[row.less.modalities]
        R = more.rademacher_empirical
        if row.method == "certificate-any":
            slack = 2 * math.sqrt(2 * math.log(2 * 16 / 0.05) / m)
            upper = more.train_loss - less.train_loss + 2 * (R + less.rademacher_empirical) + slack
            assert upper < 1
            assert row.upper == pytest.approx(upper, rel=1e-9)
        if row.method == "theorem2":
            slack = 3 * math.sqrt(math.log(4 / 0.05) / (2 * m))
            assert row.value == pytest.approx(more.train_loss + 2 * R + slack, rel=1e-9)
        if row.method == "theorem1":
            slack = 3 * math.sqrt(math.log(4 / 0.05) / (2 * m))
            assert row.value == pytest.approx(more.train_loss + 2 * R + slack, rel=1e-9)
    assert {"certificate-any", "theorem1", "theorem2"} <= {r.method for r in result.comparisons}


@pytest.mark.parametrize("classes", [2, 3])
def test_draws_of_the_complexity_enter_the_ledger(classes: int):
    data = world(3000, classes=classes)
    result = bc.compare(data, loss="ramp", norms=(1.0, 2.0), draws=4000, joint="all")
    drawn = [e for e in result.ledger if e.kind == "complexity"]
    assert [e.quantity for e in drawn] == [f"R̂_S({s.subset.label})" for s in result.subsets]
    share = 0.05 / len(result.ledger)
    for one, fit_ in zip(result.subsets, result.data.fits, strict=True):
        estimate = one.subset.estimate
        paid = estimate.mean + estimate.bound * math.sqrt(
            2 * math.log(1 / share) / (4000 * result.data.sizes[1])
        )
        assert one.subset.sampled == pytest.approx(min(paid, fit_.rademacher_empirical), rel=1e-6)
        assert one.subset.sampled >= estimate.value
        # Jensen, and Khinchin and Kahane
        assert 1 / math.sqrt(2) <= estimate.value / fit_.rademacher_empirical <= 1
        upper = next(x.value for x in one.limits if x.joint and x.variant == "empirical")
        slack = math.sqrt(2 * math.log(1 / (share / 2)) / result.data.sizes[1])
        assert upper == pytest.approx(
            min(1, fit_.train_loss + 2 * one.subset.sampled + slack), rel=1e-6
        )
        assert classes == 3 or one.subset.sampled < fit_.rademacher_empirical
        # what holds alone has not paid for the draws
        slack = 3 * math.sqrt(math.log(2 / 0.05) / (2 * result.data.sizes[1]))
        quality = next(x.value for x in one.limits if x.quantity == "latent quality")
        expected = fit_.train_loss + 2 * fit_.rademacher_empirical + slack
        assert quality == pytest.approx(expected, rel=1e-6)


def test_complexities_are_the_closed_forms():
    for classes, factor, constant in ((2, 1.0, 1), (3, 2 * math.sqrt(3), 0)):
        data = as_dataset(world(classes=classes))
        result = bc.compare(data, norms=(2.0,), loss="ramp", intercept=bool(constant))
        first, train, _ = split(data.m, (0.1, 0.45, 0.45), seed=0)
        phi = Scaling.of(data, first).features(data, train)
        squares = sum(float(np.sum(phi[name] ** 2)) for name in data.names) + constant * len(train)
        both = result.data.fits[0]
        assert both.rademacher_empirical == pytest.approx(
            factor * 2 * math.sqrt(squares) / len(train)
        )
        assert result.subsets[0].subset.complexity == pytest.approx(factor**2 * 4 * (2 + constant))


def test_the_bound_chooses_the_norm_with_the_least_bound():
    grid, options = (
        (0.5, 1.0, 2.0, 4.0, 8.0),
        {"choose": "bound", "margin": 0.8, "subsets": ["b", "a+b"]},
    )
    chosen = bc.compare(world(), norms=grid, **options).data.fits
    each = [bc.compare(world(), norms=(B,), **options).data.fits for B in grid]
    for i in range(2):
        bounds = [fits[i].train_loss + 2 / 0.8 * fits[i].rademacher_empirical for fits in each]
        assert chosen[i].norm == grid[int(np.argmin(bounds))] < grid[-1]


# --- errors decide by discordant pairs ----------------------------------------------------------------


def test_errors_are_compared_by_discordant_pairs():
    result = compared()
    (row, *_) = [r for r in result.comparisons if r.joint]
    more, less = row.more.test_losses, row.less.test_losses
    level, found = 0.05 / len(result.ledger), result.verdicts[0]
    assert found.level == pytest.approx(level)
    n10, n01 = int(np.sum(less > more)), int(np.sum(less < more))
    for end, b, c in ((-row.upper, n10, n01), (row.lower, n01, n10)):
        test = paired_test(b, c, len(more), level=found.level)
        assert test.rejects(end, found.level)
        assert not test.rejects(end + 2e-3, found.level)
    assert result.study.loss_bound == 1
    assert {event.method for event in result.ledger} == {"discordant"}


def test_the_ramp_loss_stands_apart_from_the_verdicts_on_errors():
    result = compared()
    assert {e.kind for e in result.ledger} == {"paired"}
    assert {e.kind for e in result.training.ledger} == {"deviation"}
    assert float(sum(e.cost for e in result.training.ledger)) == 0.05
    assert all(s.test_loss is None for s in result.training.subsets)
    assert all(s.train_loss is None for s in result.subsets)
    assert [v.verdict for v in result.verdicts if v.less.label == "a"] == ["more"]


# --- which subsets ------------------------------------------------------------------------------------


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), K=st.integers(2, 5))
def test_promises_of_all_sets(seed, K):
    """The doubling sums against each set by itself."""
    draw = np.random.default_rng(seed)
    blocks = {f"m{k}": draw.normal(size=(30, k + 1)) for k in range(K)}
    y = draw.normal(size=(30, 1))
    T = y - y.mean(axis=0)
    value = subset_scores(blocks, y, m=100)
    assert value.shape == (2**K,)
    for mask in range(1, 2**K):
        chosen = [X for k, X in enumerate(blocks.values()) if mask >> k & 1]
        sizes = [float(np.mean(np.sum(X**2, axis=1))) for X in chosen]
        found = [
            max(float(np.sum((X.T @ T / 30) ** 2)) - s * float(np.mean(T**2)) / 30, 0.0)
            for X, s in zip(chosen, sizes, strict=True)
        ]
        assert value[mask] == pytest.approx(math.sqrt(sum(found)) - 2 * math.sqrt(sum(sizes) / 100))


def test_the_first_sets_are_all_together_each_alone_then_the_promising():
    promise = np.zeros(16)
    promise[[0b0110, 0b1010]] = 2, 3
    assert first_subsets("abcd", promise, 7) == [
        tuple("abcd"), ("a",), ("b",), ("c",), ("d",), ("b", "d"), ("b", "c")
    ]  # fmt: skip
    assert len(first_subsets("abcd", promise, 100)) == 15
    assert first_subsets("abcd", promise, 2) == [tuple("abcd"), ("a",)]


def test_many_modalities_are_ranked_and_few_are_fitted():
    draw = np.random.default_rng(0)
    data = {f"m{k}": draw.normal(size=(100, 1)) for k in range(20)}
    data["y"] = (data["m3"][:, 0] > 0).astype(int)
    result = bc.compare(data, max_fits=3, norms=(1.0,))
    assert result.data.subsets == 2**20 - 1
    assert [len(f.modalities) for f in result.data.fits] == [20, 1, 1]
    with pytest.raises(InputError, match="21 modalities; at most 20"):
        bc.compare({**data, "m20": data["m0"]})


def test_named_subsets_only():
    result = compared(subsets=["b", "a + b"])
    assert [f.modalities for f in result.data.fits] == [("b",), ("a", "b")]
    assert len(result.verdicts) == 1


# --- input --------------------------------------------------------------------------------------------


def test_the_task_is_told_by_the_labels_or_named():
    data = world(60)
    assert bc.compare(data, norms=NORMS).data.task == "classification"
    words = {**data, "y": np.where(data["y"] == 1, "yes", "no")}
    assert bc.compare(words, norms=NORMS).data.fits == bc.compare(data, norms=NORMS).data.fits
    numbers = {**data, "y": data["b"][:, 0] + 0.1}
    result = bc.compare(numbers, norms=NORMS, clip=1.5)
    assert (result.data.task, result.data.loss, result.study.loss_bound) == (
        "regression",
        "absolute",
        1.5,
    )
    assert {e.kind for e in result.ledger} == {"paired"}
    assert {e.kind for e in result.training.ledger} == {"deviation"}
    assert bc.compare(numbers, norms=NORMS, clip=1.5, joint="all").training is None
    whole = {**data, "y": np.arange(60)}
    with pytest.raises(InputError, match="60 different whole numbers; name the task"):
        bc.compare(whole)
    assert bc.compare(whole, task="regression", norms=NORMS).data.task == "regression"


def test_frames_and_bare_arrays():
    import pandas

    data = world(60)
    frame = pandas.DataFrame(
        {
            f"{name}_{j}": X[:, j]
            for name, X in data.items()
            if name != "y"
            for j in range(X.shape[1])
        }
    )
    frame["target"] = data["y"]
    arrays = {name: X for name, X in data.items() if name != "y"}
    of_frame = bc.compare(frame, labels="target", norms=NORMS)
    of_arrays = bc.compare(arrays, labels=data["y"], norms=NORMS)
    assert of_frame.data.fits == of_arrays.data.fits == bc.compare(data, norms=NORMS).data.fits


BAD = {
    "one modality": ({"a": np.ones((60, 1)), "y": np.arange(60) % 2}, {}, "one modality, 'a'"),
    "no labels": ({"a": np.ones((60, 1)), "b": np.ones((60, 1))}, {}, "no labels"),
    "one class": ({**world(60), "y": np.zeros(60, int)}, {}, "all labels are 0"),
    "too few": ({k: v[:9] for k, v in world(60).items()}, {}, "9 examples are too few"),
    "a plus": ({"a+b": np.ones((60, 1)), **world(60)}, {}, r"'a\+b' holds '\+'"),
    "text as numbers": ({**world(60), "y": ["u", "v"] * 30}, {"task": "regression"}, "text"),
    "numbers as classes": (
        {**world(60), "y": np.arange(60) / 7},
        {"task": "classification"},
        "are not classes",
    ),
    "still targets": (
        {**world(60), "y": np.full(60, 0.5)},
        {},
        "the same number, so .* task classification",
    ),
    "the wrong loss": (world(60), {"loss": "absolute"}, "zero-one or ramp"),
    "a strange loss": (world(60), {"loss": "rmp"}, "did you mean 'ramp'"),
    "no such option": (world(60), {"sede": 1}, "did you mean 'seed'"),
    "no such subset": (world(60), {"subsets": ["a", "c"]}, "unknown modality"),
    "twice": (world(60), {"subsets": ["a+b", "b+a"]}, "named twice"),
    "one subset": (world(60), {"subsets": ["a"]}, "at least two"),
    "no pair": (world(60), {"subsets": ["a", "b"]}, "no subset contains another"),
    "norms descend": (world(60), {"norms": [2, 1]}, "must ascend"),
    "two shares": (world(60), {"shares": [0.5, 0.5]}, "three numbers"),
    "no such reference": (world(60), {"reference": "c"}, "no subset sees exactly 'c'"),
    "an option for a study": ({"subset": []}, {"norms": [1]}, "norms is for data, not for a study"),
}


@pytest.mark.parametrize(("data", "options", "says"), BAD.values(), ids=BAD)
def test_bad_data_is_refused_in_one_line(data, options, says):
    with pytest.raises(InputError, match=says) as refused:
        bc.compare(data, **options)
    assert "\n" not in str(refused.value)


def test_nothing_is_fitted_before_the_pairs_are_known():
    ticks = []
    with pytest.raises(InputError):
        bc.compare(world(60), reference="c", progress=lambda *x: ticks.append(x))
    assert not ticks
    bc.compare(world(60), norms=NORMS, progress=lambda *x: ticks.append(x))
    assert ticks == [(1, 3), (2, 3), (3, 3)]


# --- the command line ---------------------------------------------------------------------------------


def test_json_has_the_shape_of_a_study_and_the_parts_of_the_data():
    run = ["compare", BREAST, "--subset", "mean+error", "--subset", "error", "--norms", "1,4"]
    result = CliRunner().invoke(app, [*run, "--format", "json"], catch_exceptions=False)
    record = json.loads(result.stdout)
    assert {
        "title",
        "m",
        "delta",
        "subsets",
        "comparisons",
        "crossovers",
        "data",
        "training",
    } <= set(record)
    assert record["data"]["sizes"] == [57, 256, 256]
    assert record["data"]["norms"] == [1, 4]
    text = CliRunner().invoke(app, [*run, "--details"], catch_exceptions=False).stdout
    assert "Guarantees and estimates" in text
    assert max(map(cell_len, text.splitlines())) <= 80


def test_many_pairs_are_cut_for_the_reader_but_not_in_details_and_json():
    draw = np.random.default_rng(0)
    data = {f"m{k}": draw.normal(size=(200, 1)) for k in range(4)}
    data["y"] = (sum(data[f"m{k}"] for k in range(4))[:, 0] > 0).astype(int)
    result = bc.compare(data, norms=(4.0,))
    assert len(result.to_dict()["verdicts"]) == 14
    certified = sum(v.certified for v in result.verdicts)
    assert 3 <= certified <= 12
    for details in (True, False):
        text = markdown(comparison_document(result, details=details, alone=False))
        assert text.count("| certified") == certified
        assert ("2 more pairs, 0 of them certified: JSON has all" in text) != details


@pytest.mark.parametrize(
    "given", [["--seed", "1.5"], ["--norms", "a"], ["--shares", ","], ["--task", "x"]]
)
def test_bad_options_end_in_one_line(given, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["boundcalc", "compare", BREAST, *given])
    with pytest.raises(SystemExit) as left:
        main()
    out, err = capsys.readouterr()
    assert (left.value.code, out) == (2, "")
    assert err.startswith("Error: ")
    assert err.count("\n") == 1
