"""Connection and heterogeneity: worlds of known truth, leaks, the ledger, and what is printed."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from files import ROOT
from scipy.sparse import csr_array

import boundcalc as bc
from boundcalc.data.arrays import as_dataset
from boundcalc.data.diagnose.connection import measured_connection
from boundcalc.data.diagnose.diagnose import target_of
from boundcalc.data.diagnose.diagnosis import Diagnosis, ModalityPair
from boundcalc.data.diagnose.lu_bound import NORMS_CHOSEN
from boundcalc.data.fit.preparation import Prepared, prepared
from boundcalc.errors import InputError

CANCER = str(ROOT / "examples" / "breast_cancer.csv")


def pair(found: Diagnosis, x: str, y: str) -> ModalityPair:
    return next(p for p in found.pairs if (p.x, p.y) == (x, y))


def signs(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.choice([-1.0, 1.0], size=n)


def linear_world(seed: int, n: int) -> dict[str, np.ndarray]:
    """y = A x + noise with many columns, so that a fit on few examples follows its noise."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, (n, 25))
    y = x[:, :2] @ [[1.0, 0.5], [0.0, 1.0]] + rng.uniform(-0.7, 0.7, (n, 2))
    return {"x": x, "y2": y}


def ready(arrays: dict[str, np.ndarray], **options: float) -> Prepared:
    data = as_dataset(arrays)
    shares = {"setup": 0.1, "held_out": 0.4} | options
    return prepared(data, data.names, seed=0, scale="none", **shares)


def test_the_distance_is_that_of_new_examples() -> None:
    """An estimate from the training part would be too small here: 60 examples, 25 columns."""
    made = ready(linear_world(0, 2060), setup=20 / 2060, held_out=1980 / 2060)
    found, fitted = measured_connection(
        made, "x", "y2", kind="linear", delta=0.05, distance_bound=9.0, seed=0, tick=lambda: None
    )
    fresh = linear_world(1, 20_000)
    centres = {
        name: block[made.setup].mean(axis=0) for name, block in linear_world(0, 2060).items()
    }
    x, y = (np.asarray(fresh[name] - centres[name]) for name in ("x", "y2"))
    truth = float(np.linalg.norm(fitted.predict(x) - y, axis=1).mean())
    inside = np.linalg.norm(
        fitted.predict(made.rows("x", made.training)) - made.rows("y2", made.training), axis=1
    )
    assert inside.mean() < 0.9 * truth
    assert found.kappa.value == pytest.approx(truth, rel=0.03)
    assert found.kappa.lower < truth < found.kappa.upper
    spread = float(np.linalg.norm(y - made.rows("y2", made.training).mean(axis=0), axis=1).mean())
    assert found.normalised.lower < truth / spread < found.normalised.upper
    assert found.clipped == 0


def test_limits_hold_as_often_as_they_say() -> None:
    """A linear function that is known: ĝ from many examples, held-out parts of 40, δ = ½."""
    missed = 0
    for seed in range(12):
        made = ready(linear_world(seed, 400), setup=0.1, held_out=0.1)
        found, fitted = measured_connection(
            made, "x", "y2", kind="linear", delta=0.5, distance_bound=3.0, seed=0, tick=lambda: None
        )
        fresh = linear_world(1000 + seed, 4000)
        centres = {
            name: block[made.setup].mean(axis=0) for name, block in linear_world(seed, 400).items()
        }
        gap = fitted.predict(fresh["x"] - centres["x"]) - (fresh["y2"] - centres["y2"])
        truth = float(np.minimum(np.linalg.norm(gap, axis=1), 3).mean())
        missed += not found.kappa.lower <= truth <= found.kappa.upper
        assert found.kappa.lower < found.kappa.value < found.kappa.upper
    assert missed <= 6


def test_independent_modalities_are_not_connected() -> None:
    rng = np.random.default_rng(3)
    a, b = signs(rng, 1500), signs(rng, 1500)
    noisy = {"a": a + 0.1 * rng.standard_normal(1500), "b": b + 0.1 * rng.standard_normal(1500)}
    found = bc.diagnose(noisy)
    for each in found.pairs:
        assert each.connection.normalised.value == pytest.approx(1, abs=0.03)
        assert each.connection.cross_fitted_normalised == pytest.approx(1, abs=0.03)
        assert not each.connection.certified


def test_exclusive_or_is_heterogeneity_alone() -> None:
    rng = np.random.default_rng(4)
    a, b = signs(rng, 240), signs(rng, 240)
    arrays = {"a": a + 0.1 * rng.standard_normal(240), "b": b + 0.1 * rng.standard_normal(240)}
    found = bc.diagnose(arrays | {"y": a * b > 0}, predictor="rbf")
    assert all(p.heterogeneous and not p.both_seeds for p in found.pairs)
    assert pair(found, "a", "b").adds.mean_b == 0
    assert pair(found, "a", "b").two_stage.mean_b > 0.3  # b cannot be predicted, so ĝ(x) is no help
    assert "a adds to b" in found.sentences[1]
    assert found.sentences[2] == "For no pair are both seeds of an advantage certified."
    assert "use linear" in found.sentences[-1]


def test_a_modality_that_is_a_function_of_the_other() -> None:
    rng = np.random.default_rng(5)
    x = rng.standard_normal((500, 3))
    found = bc.diagnose({"x": x, "w": x @ rng.standard_normal((3, 2)), "y": x[:, 0] > 0})
    there = pair(found, "x", "w")
    assert there.connection.kappa.value == pytest.approx(0, abs=1e-3)
    assert there.connection.certified
    assert (
        not pair(found, "w", "x").connection.normalised.value < 0.05
    )  # two numbers do not tell three
    assert there.two_stage.mean_b == pytest.approx(there.adds.mean_b, abs=0.01)


def test_both_seeds_and_the_two_stage_learner_wins() -> None:
    """w is a curved function of x, the label a linear one of w: many pairs teach ĝ, few labels f̂."""
    rng = np.random.default_rng(6)
    x = rng.uniform(-3, 3, (400, 1))
    w = np.hstack([np.cos(2 * x), np.sin(3 * x)]) + 0.05 * rng.standard_normal((400, 2))
    found = bc.diagnose({"x": x, "w": w, "y": w[:, 0] > 0.2}, connection="rbf", labelled=0.3)
    there = pair(found, "x", "w")
    assert found.examples == {"setup": 40, "training": 200, "held_out": 160, "labelled": 60}
    assert there.both_seeds
    assert there.two_stage.verdict == "b"
    assert "certified better for x → w" in found.sentences[3]
    assert "Both seeds of an advantage are certified for x → w." in found.sentences


def test_regression_and_its_clipped_loss() -> None:
    rng = np.random.default_rng(7)
    x, w = rng.standard_normal((2, 1500, 1))
    z = (3 * x + 4 * w)[:, 0]
    found = bc.diagnose({"x": x, "w": w, "y": z}, loss_bound=6.0)
    # E min(|N(0, 4)|, 6), from 10^7 draws of another generator: below the unclipped 4 √(2/π)
    draws = np.minimum(np.abs(4 * np.random.default_rng(8).standard_normal(10**5)), 6).mean()
    assert found.risks["x"] == pytest.approx(draws, rel=0.06)
    assert all(p.heterogeneous for p in found.pairs)
    assert pair(found, "x", "w").adds.mean_b < 0.01
    assert found.loss == "clipped absolute error"
    assert bc.diagnose({"x": x, "w": w, "y": z}, modalities=["w", "x"]).loss_bound == pytest.approx(
        10, rel=0.3
    )


def changed_where(part: str, seed: int = 0) -> tuple[Diagnosis, Diagnosis]:
    """A diagnosis, and that of the same data with one part of the examples replaced by noise."""
    rng = np.random.default_rng(9)
    x = rng.standard_normal((400, 3))
    arrays = {"x": x, "w": x + 0.5 * rng.standard_normal((400, 3)), "y": x[:, 0] > 0}
    data = as_dataset(arrays)
    made = prepared(data, data.names, setup=0.1, held_out=0.4, seed=seed)
    target = target_of(data, made, classes=True, labelled=0.5, loss_bound=None, seed=seed)
    before = bc.diagnose(arrays, labelled=0.5, seed=seed)
    if part == "held out":
        for name in ("x", "w"):
            arrays[name] = arrays[name].copy()
            arrays[name][made.held_out] = rng.standard_normal((len(made.held_out), 3))
    which = made.held_out if part == "held out" else np.setdiff1d(made.training, target.labelled)
    arrays["y"] = arrays["y"].copy()
    arrays["y"][which] = ~arrays["y"][which]
    return before, bc.diagnose(arrays, labelled=0.5, seed=seed)


def test_nothing_depends_on_the_held_out_part_but_the_measurement() -> None:
    before, after = changed_where("held out")
    for old, new in zip(before.pairs, after.pairs, strict=True):
        assert old.connection.strength == new.connection.strength
        assert old.connection.distance_bound == new.connection.distance_bound
        assert old.bound.norms == new.bound.norms
        assert old.bound.terms["connection"] == new.bound.terms["connection"]
        assert old.connection.kappa.value != new.connection.kappa.value
    assert after.risks["x"] > 0.3 > before.risks["x"]


def test_labels_that_are_not_used_are_not_used() -> None:
    before, after = changed_where("labels")
    assert before.to_dict() == after.to_dict()


def test_the_ledger() -> None:
    rng = np.random.default_rng(10)
    x = {name: rng.standard_normal((100, 2)) for name in "abc"}
    unlabelled = bc.diagnose(x, delta=0.1)
    assert (unlabelled.statements, len(unlabelled.pairs), unlabelled.sentences[1:]) == (12, 6, ())
    # connection 2, two comparisons, and Lu's bound
    classes = bc.diagnose(x | {"y": rng.random(100) > 0.5}, delta=0.1)
    assert classes.statements == 6 * 5
    regression = bc.diagnose(x | {"y": rng.random(100)}, modalities=["a", "c"], delta=0.1)
    assert regression.statements == 2 * 5
    for found in (classes, regression):
        assert found.share * found.statements == pytest.approx(0.1)
        for each in found.pairs:
            assert each.adds.delta == each.two_stage.delta == pytest.approx(0.1 * 2 / 5)
            assert each.adds.level == pytest.approx(found.share / 2)
            assert each.bound.numbers["delta"] == pytest.approx(found.share / 31**NORMS_CHOSEN)


def test_progress_ends_at_its_end() -> None:
    rng = np.random.default_rng(11)
    x = {name: rng.standard_normal((60, 1)) for name in "abc"}
    for arrays in (x, x | {"y": rng.random(60) > 0.5}):
        steps: list[tuple[int, int]] = []
        bc.diagnose(arrays, progress=lambda done, total, steps=steps: steps.append((done, total)))
        assert steps[-1][0] == steps[-1][1] == len(steps)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"modalities": ["a"]}, "only 'a'"),
        ({"modalities": ["a", "d"]}, "unknown modality"),
        ({"task": "sorting"}, "unknown task 'sorting'"),
        ({"connection": "tree"}, "unknown connection 'tree'"),
        ({"labelled": 0}, "labelled = 0 must be a share"),
        ({"labelled": 0.01}, "labelled = 0.01 leaves 0 of 30 training labels"),
        ({"setup": 0.7}, "leave nothing to train on"),
        ({"held_out": 0.02}, "60 examples are too few"),
        ({"distance_bound": 0}, "distance_bound = 0 is outside"),
        ({"loss_bound": 1.0}, "loss_bound is for regression"),
        ({"max_pairs": 5}, "3 modalities make 6 ordered pairs, more than max_pairs = 5"),
        ({"delta": 1.5}, "delta = 1.5"),
        ({"scale": "rows"}, "unknown scale 'rows'"),
        ({"seed": -1}, "seed = -1"),
    ],
)
def test_options_that_cannot_be_used(options: dict[str, object], says: str) -> None:
    rng = np.random.default_rng(12)
    arrays = {name: rng.standard_normal((60, 2)) for name in "abc"} | {"y": rng.random(60) > 0.5}
    with pytest.raises(InputError, match=says):
        bc.diagnose(arrays, **options)


def test_data_that_cannot_be_used() -> None:
    rng = np.random.default_rng(13)
    a, b = rng.standard_normal((2, 60, 2))
    for arrays, options, says in (
        ({"a": a, "b": b * 1e200}, {"scale": "none"}, "'b' holds numbers too large to be squared"),
        ({"a": a, "b": b, "y": np.zeros(60, int)}, {}, "all labels are 0"),
        ({"a": a, "b": b, "y": np.r_[np.ones(58), 0, 0]}, {}, "all of one class"),
        (
            {"a": a, "b": b, "y": ["u", "v"] * 30},
            {"task": "regression"},
            "regression needs numbers",
        ),
        ({"a": a, "b": b}, {"task": "classification"}, "no labels"),
        ({"a": a}, {}, "only 'a'"),
    ):
        with pytest.raises(InputError, match=says):
            bc.diagnose(arrays, **options)


def test_constant_and_wide_modalities_work() -> None:
    rng = np.random.default_rng(14)
    arrays = {
        "flat": np.ones((60, 2)),
        "wide": rng.standard_normal((60, 200)),
        "y": rng.random(60) > 0.5,
    }
    found = bc.diagnose(arrays)
    assert pair(found, "wide", "flat").connection.normalised.value is None
    assert pair(found, "wide", "flat").connection.kappa.value == pytest.approx(0, abs=1e-9)
    assert pair(found, "flat", "wide").connection.normalised.value == pytest.approx(1)
    assert any("more features (200) than examples (60)" in note for note in found.notes)
    json.dumps(found.to_dict(), allow_nan=False)


def test_columns_that_do_not_vary_in_the_setup_part() -> None:
    """One is constant but for rounding, one varies elsewhere only: neither may be blown up."""
    rng = np.random.default_rng(17)
    arrays = {name: rng.standard_normal((60, 2)) for name in ("a", "b")}
    data = as_dataset(arrays)
    setup = prepared(data, data.names, setup=0.1, held_out=0.4, seed=0).setup
    rare = np.zeros((60, 1))
    rare[np.setdiff1d(np.arange(60), setup)[:4]] = 1e3
    arrays["a"] = np.hstack([arrays["a"], np.full((60, 1), 0.1), rare])
    found = bc.diagnose(arrays)
    assert pair(found, "b", "a").connection.kappa.value < 4
    assert any("not in the setup part, count for nothing: 1." in note for note in found.notes)


def test_whole_numbers_with_many_values_need_a_named_task() -> None:
    rng = np.random.default_rng(15)
    arrays = {name: rng.standard_normal((90, 2)) for name in "ab"} | {"y": np.arange(90) % 45}
    with pytest.raises(InputError, match="45 different whole numbers; name the task"):
        bc.diagnose(arrays)


def test_the_command(run: Callable[..., tuple[int, str, str]], refused: Callable[..., str]) -> None:
    arguments = (
        "diagnose",
        CANCER,
        "-m",
        "mean",
        "-m",
        "error",
        "--labelled",
        "0.5",
        "--format",
        "json",
    )
    code, out, _ = run(*arguments)
    assert code == 0
    shown = json.loads(out)
    again = bc.diagnose(CANCER, modalities=["mean", "error"], labelled=0.5)
    assert shown == json.loads(json.dumps(again.to_dict()))
    assert shown["examples"] == {"setup": 57, "training": 284, "held_out": 228, "labelled": 142}
    refused("diagnose", CANCER, "-m", "mean")


def test_no_certified_sentence_without_a_certificate() -> None:
    """The words follow the verdicts, in both directions."""
    rng = np.random.default_rng(16)
    arrays = {name: rng.standard_normal((80, 1)) for name in "ab"} | {"y": rng.random(80) > 0.5}
    found = bc.diagnose(arrays)
    assert "does not prove that none does" in found.sentences[0]
    assert "does not prove that none does" in found.sentences[1]
    assert found.sentences[3].endswith("undecided for all pairs.")
    assert "vacuous" in found.sentences[4]
    assert str(found.pairs[0]) == "a → b"


def test_csv_is_one_table_with_a_row_a_pair(run: Callable[..., tuple[int, str, str]]) -> None:
    code, out, _ = run("diagnose", CANCER, "--format", "csv")
    assert code == 0
    rows = list(csv.DictReader(out.splitlines()))
    found = bc.diagnose(CANCER)
    assert [(row["x"], row["y"]) for row in rows] == [(pair.x, pair.y) for pair in found.pairs]
    for row, pair in zip(rows, found.pairs, strict=True):
        kappa = pair.connection.kappa
        assert kappa.lower - 1e-6 <= float(row["kappa_lower"]) <= kappa.lower
        assert kappa.upper <= float(row["kappa_upper"]) <= kappa.upper + 1e-6
        assert pair.adds is not None
        assert (
            row["x_and_y_certified"] == {"a": "worse", "b": "better", None: ""}[pair.adds.verdict]
        )
        assert float(row["x_and_y_difference_lower"]) <= pair.adds.decider.lower


def test_categories_and_missing_values_are_read_as_compare_reads_them() -> None:
    rng = np.random.default_rng(0)
    n = 300
    colour = rng.choice(["red", "green", "blue"], n)
    y = (colour == "green").astype(int)
    b = rng.normal(size=(n, 2))
    frame = pd.DataFrame({"a_colour": colour, "b_u": b[:, 0], "b_v": b[:, 1], "y": y})
    named = bc.diagnose(frame, labels="y")
    # codes would make one of the three lie between the others
    levels = {f"a_{level}": colour == level for level in ("blue", "green", "red")}
    by_hand = pd.DataFrame(levels, dtype=float).join(frame.drop(columns="a_colour"))
    made = bc.diagnose(by_hand, labels="y")
    for x, y_ in (("a", "b"), ("b", "a")):
        one, other = pair(named, x, y_).connection, pair(made, x, y_).connection
        assert one.cross_fitted == pytest.approx(other.cross_fitted, rel=1e-12)
    frame.loc[7, "b_u"] = np.nan
    with pytest.raises(InputError, match="--missing"):
        bc.diagnose(frame, labels="y")
    said = " ".join(bc.diagnose(frame, labels="y", missing="indicator").notes)
    assert "b_u" in said
    dropped = bc.diagnose(frame, labels="y", missing="drop").examples
    assert sum(dropped[part] for part in ("setup", "training", "held_out")) == n - 1


def test_a_sparse_matrix_is_refused() -> None:
    rng = np.random.default_rng(0)
    sparse = csr_array(rng.normal(size=(60, 3)))
    with pytest.raises(InputError, match="modality 'a' is a sparse matrix"):
        bc.diagnose({"a": sparse, "b": rng.normal(size=(60, 2))})
