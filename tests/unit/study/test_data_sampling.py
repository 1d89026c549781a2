"""Data as they were drawn: groups, a split of one's own, class weights, several splits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import boundcalc as bc
from boundcalc.data.arrays import as_dataset
from boundcalc.errors import InputError
from boundcalc.render.comparison_tables import training_blocks
from boundcalc.study.design import Sampling, parts_of

rng = np.random.default_rng(4)
M = 400
GROUPS = rng.integers(60, size=M)
A, B = rng.normal(size=(2, M, 2)) + rng.normal(size=(60, 2))[GROUPS]
Y = (A[:, 0] + 0.3 * rng.normal(size=M) > 0.4).astype(int)
DATA = {"a": A, "b": B, "y": Y}


def interval(result: bc.Comparison) -> tuple[float, float]:
    """Of r(a+b) − r(a)."""
    return result.verdicts[0].lower, result.verdicts[0].upper


def decided(result: bc.Certification) -> tuple[float, float]:
    """The same, where a is the first of the two."""
    row = next(row for row in result.rows if row.deciding)
    return -row.upper, -row.lower


HOW = {"subsets": ["a", "a+b"], "norms": [1, 4]}


@pytest.mark.parametrize("seed", range(20))
def test_no_group_stands_on_both_sides(seed: int) -> None:
    parts = parts_of(as_dataset(DATA), (0.1, 0.5, 0.4), seed, Sampling(groups=GROUPS))
    found = [set(GROUPS[rows].tolist()) for rows in parts.rows]
    assert sorted(np.concatenate(parts.rows).tolist()) == list(range(M))
    assert [len(names) for names in found] == [6, 30, 24]
    assert len(set.union(*found)) == 60


@pytest.mark.parametrize("extra", [{}, {"group_size": 20}])
def test_the_verdict_over_groups_is_that_of_certify(extra: dict[str, int]) -> None:
    result = bc.compare(DATA, groups=GROUPS, **extra, **HOW)
    rows = parts_of(as_dataset(DATA), (0.1, 0.45, 0.45), 0, Sampling(groups=GROUPS)).rows[2]
    a, both = (subset.test_losses for subset in result.study.subsets)
    alone = bc.certify(a, both, groups=GROUPS[rows], delta=0.05, **extra)
    assert interval(result) == decided(alone)
    assert result.training is None
    assert not any("training sample" in row.method for row in result.comparisons)


def test_weights_of_classes_are_those_of_certify() -> None:
    weights = {"0": 1.0, "1": 2.5}
    result = bc.compare(DATA, weights=weights, **HOW)
    rows = parts_of(as_dataset(DATA), (0.1, 0.45, 0.45), 0, Sampling()).rows[2]
    a, both = (subset.test_losses for subset in result.study.subsets)
    alone = bc.certify(a, both, classes=Y[rows], weights=weights, delta=0.05)
    assert interval(result) == decided(alone)
    with pytest.raises(InputError, match="class weights are for classes"):
        bc.compare(DATA | {"y": A[:, 0]}, weights={"1": 1}, **HOW)


@pytest.mark.parametrize("loss", ["ramp", "zero-one"])
def test_training_examples_speak_of_the_risk_without_weights(loss: str) -> None:
    weighted = bc.compare(DATA, weights={"0": 1.0, "1": 2.5}, loss=loss, **HOW)
    assert weighted.training is not None
    assert any("without class weights" in note for note in weighted.training.notes)
    shown = str(list(training_blocks(weighted, alone=False, ledger=False)))
    assert "another risk than the verdicts: without class weights" in shown
    alike = bc.compare(DATA, loss=loss, **HOW)
    assert alike.training is not None
    assert not any("another risk" in note for note in (*alike.training.notes, *alike.notes))


def test_what_the_losses_are_of_is_said_where_the_two_statements_exclude_one_another() -> None:
    rare = np.arange(2000) % 10 == 0
    losses = np.where(rare, 0.9, 0.05), np.where(rare, 0.1, 0.3)
    study = {
        **{"m": 400_000, "test_n": 2000, "delta": 0.05, "lipschitz": 1, "loss_bound": 1},
        "subset": [
            {"modalities": ["x", "z"], "train_loss": 0.135, "rademacher": 0.003},
            {"modalities": ["x"], "train_loss": 0.28, "rademacher": 0.002},
        ],
    }
    for subset, own in zip(study["subset"], losses, strict=True):
        subset["test_losses"] = own
    found = bc.compare(study, classes=rare.astype(int).tolist(), weights={0: 0.6, 1: 5.0})
    (verdict,) = found.verdicts
    assert found.training is not None
    (other,) = found.training.verdicts
    assert verdict.lower > 0 > other.upper  # the means with weights, and without
    assert any("another risk than the verdicts" in note for note in found.training.notes)


def test_weights_move_the_fit_towards_the_heavy_class() -> None:
    rare = (A[:, 0] + rng.normal(size=M) > 1.8).astype(int)
    data = {"a": A, "b": B, "y": rare}
    found = {
        w: bc.compare(
            data, weights={"0": 1, "1": w}, norms=[8], subsets=["a", "a+b"], equivalence=0.5
        )
        for w in (1, 20)
    }
    rows = parts_of(as_dataset(data), (0.1, 0.45, 0.45), 0, Sampling()).rows[2]
    missed = {
        w: float(r.study.subsets[0].test_losses[rare[rows] == 1].mean()) for w, r in found.items()
    }
    assert missed[20] < missed[1]


# --- a split of one's own ------------------------------------------------------------------------

PART = np.where(np.arange(M) % 3 == 0, "test", "train")


@pytest.mark.parametrize("split", [PART, PART.tolist(), PART == "test", (PART == "test") * 1.0])
def test_the_split_that_was_given(split: object) -> None:
    parts = parts_of(as_dataset(DATA), (0.1, 0.45, 0.45), 0, Sampling(split=split))
    assert np.array_equal(parts.rows[2], np.flatnonzero(PART == "test"))
    assert len(parts.rows[0]) == round(0.1 / 0.55 * np.sum(PART == "train"))
    assert sorted(np.concatenate(parts.rows).tolist()) == list(range(M))


def test_three_parts_leave_nothing_to_chance() -> None:
    names = np.array(["train", "val", "test"])[np.arange(M) % 3]
    one, two = (bc.compare(DATA, split=names, seed=seed, norms=[4]) for seed in (0, 1))
    assert one.data.sizes == (133, 134, 133)
    assert [fit.test_errors for fit in one.data.fits] == [fit.test_errors for fit in two.data.fits]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"split": ["train"] * M}, "no example is of the part test"),
        ({"split": ["train", "tset"] * (M // 2)}, "example 2: the part 'tset' is none of"),
        ({"split": PART[:-1]}, "399 entries for 400 examples"),
        ({"split": PART, "groups": GROUPS}, "stands on both sides of the split"),
        ({"split": ["test"] * 3 + ["train"] * (M - 3)}, "leaves 3 examples held out"),
        ({"split": "part"}, "unknown column or file for the split"),
        ({"groups": [0] * M}, "one group only"),
        ({"groups": np.arange(M) % 9}, "9 groups are too few"),
        ({"groups": [None, *GROUPS[1:]]}, "example 1: the name is missing"),
        ({"groups": {"a": ["x"]}, "group_columns": {"a": ["x"]}}, "leave one out"),
        ({"repeats": 0}, "repeats"),
    ],
)
def test_splits_that_cannot_be(options: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        bc.compare(DATA, **options)


# --- several splits -------------------------------------------------------------------------------


def test_several_splits_are_shown_and_decide_nothing() -> None:
    first = bc.compare(DATA, **HOW)
    several = bc.compare(DATA, repeats=4, **HOW)
    assert interval(several) == interval(first)
    assert several.verdicts[0].sentence == first.verdicts[0].sentence
    gaps = []
    for seed in range(4):
        a, both = bc.compare(DATA, seed=seed, **HOW).study.subsets
        gaps.append(float(both.test_losses.mean() - a.test_losses.mean()))
    spread = several.data.spread[0]
    assert (spread.more, spread.less, spread.splits) == (("a", "b"), ("a",), 4)
    np.testing.assert_allclose(
        [spread.least, spread.median, spread.most], np.quantile(gaps, [0, 0.5, 1]), atol=1e-12
    )


# --- the command and the study ---------------------------------------------------------------------


def test_columns_for_groups_and_parts(
    tmp_path: Path, run: Callable[..., tuple[int, str, str]]
) -> None:
    lines = ["a_1,a_2,b_1,b_2,y,patient,part"]
    part = np.where(GROUPS % 3 == 0, "test", "train")
    lines += [
        ",".join(map(str, (*x, *z, y, f"p{g}", p)))
        for x, z, y, g, p in zip(A, B, Y, GROUPS, part, strict=True)
    ]
    (tmp_path / "d.csv").write_text("\n".join(lines))
    study = 'data = "d.csv"\ngroup = "patient"\nsplit = "part"\nnorms = [4]\n'
    (tmp_path / "s.toml").write_text(study)
    expected = bc.compare(DATA, groups=GROUPS, split=part, norms=[4]).verdicts
    assert bc.compare(tmp_path / "s.toml").verdicts[0].lower == expected[0].lower
    code, out, _ = run(
        *("compare", str(tmp_path / "d.csv"), "--group", "patient", "--split", "part"),
        *("--norms", "4", "--repeats", "2"),
    )
    assert code == 0
    assert "no evidence" in " ".join(out.split())


def test_any_time_needs_predictors_that_stay() -> None:
    """More data are split anew and fitted anew, unless the split says which examples train."""
    with pytest.raises(InputError, match="looks = any is for predictors that stay the same"):
        bc.compare(DATA, looks="any", **HOW)
    part = ["train"] * 200 + ["test"] * 200
    found = [
        bc.compare({name: X[:m] for name, X in DATA.items()}, split=part[:m], looks="any", **HOW)
        for m in (300, M)
    ]
    first, later = (result.study.subsets[0].test_losses for result in found)
    assert np.array_equal(first, later[:100])
    assert bc.compare(DATA, looks=3, **HOW).study.question.looks == 3


def test_what_is_given_beside_frames_goes_by_their_index() -> None:
    """Groups, classes, a split and the losses of a study in another order are the same ones."""
    ids = [f"patient {i}" for i in range(M)]
    losses = {"a": rng.random(M), "a+b": rng.random(M)}
    frame, groups = pd.DataFrame(losses, ids), pd.Series(GROUPS, ids)
    half = pd.Series(np.where(np.arange(M) < 200, "train", "test"), ids)
    classes = pd.Series(Y, ids)
    study = {
        "test_n": M,
        "subset": [{"modalities": name.split("+"), "test_losses": frame[name]} for name in frame],
    }
    data = pd.DataFrame({"a_1": A[:, 0], "b_1": B[:, 0], "y": Y}, ids)
    mixed = rng.permutation(M)
    other = {**study, "subset": [study["subset"][0], {**study["subset"][1]}]}
    other["subset"][1]["test_losses"] = frame["a+b"].iloc[mixed]
    weights = {"0": 1.0, "1": 5.0}
    for first, second in (
        (bc.compare(frame, groups=groups), bc.compare(frame, groups=groups.iloc[mixed])),
        (bc.compare(study, groups=groups), bc.compare(other, groups=groups.iloc[mixed])),
        (
            bc.compare(frame, classes=classes, weights=weights),
            bc.compare(frame, classes=classes.iloc[mixed], weights=weights),
        ),
        (
            bc.compare(data, split=half, norms=[1]),
            bc.compare(data, split=half.iloc[mixed], norms=[1]),
        ),
    ):
        assert interval(first) == interval(second)
    one, same = (
        bc.certify(frame["a"], frame["a+b"].iloc[mixed], groups=g)
        for g in (groups, groups.iloc[mixed])
    )
    assert decided(one) == decided(same)
    gaps = data.assign(a_1=data["a_1"].where(np.arange(M) % 7 > 0))
    with pytest.raises(InputError, match="342 entries for 400 examples; each example needs one"):
        bc.compare(gaps, split=half.iloc[:342], missing="drop", norms=[1])
    other_ids = groups.set_axis(range(M))
    for refused in (
        lambda: bc.compare(frame, groups=other_ids),
        lambda: bc.certify(frame["a"], frame["a+b"], groups=other_ids),
    ):
        with pytest.raises(InputError, match="and groups have different indexes"):
            refused()
