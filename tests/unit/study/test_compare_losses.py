"""Losses as they come: columns, ids, gaps, groups; directions, steps, margins, looks; one screen."""

from __future__ import annotations

import io
import re
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from files import ROOT
from rich.cells import cell_len

import boundcalc as bc
from boundcalc.cli.app import main
from boundcalc.errors import InputError
from boundcalc.render.comparison import comparison_rows

DRAW = np.random.default_rng(5)
N = 300
ERRORS = {
    "text": (DRAW.random(N) < 0.35).astype(int),
    "text+audio": (DRAW.random(N) < 0.15).astype(int),
    "late_fusion[text+audio]": (DRAW.random(N) < 0.2).astype(int),
}
FRAME = pd.DataFrame(
    {**ERRORS, "id": [f"u{i}" for i in range(N)], "patient": [i % 40 for i in range(N)]}
)


def run(*arguments: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["boundcalc", "compare", *map(str, arguments)])
    out, err, code = io.StringIO(), io.StringIO(), 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
    return code, out.getvalue(), err.getvalue()


def labels(result: Any) -> set[tuple[str, str]]:
    return {(v.more.label, v.less.label) for v in result.verdicts}


def test_columns_say_what_predictors_see() -> None:
    result = bc.compare(FRAME[list(ERRORS)])
    assert labels(result) == {
        ("text+audio", "text"),
        ("late_fusion[text+audio]", "text"),
        ("text+audio", "late_fusion[text+audio]"),
    }
    named = result.to_dict()["verdicts"][1]
    assert (named["more"], named["more_name"]) == (["text", "audio"], "late_fusion")
    assert "less_name" not in named
    assert labels(bc.compare(FRAME[list(ERRORS)], direction="more")) == {
        ("text+audio", "text"),
        ("late_fusion[text+audio]", "text"),
    }
    assert labels(bc.compare(FRAME[list(ERRORS)], reference="late_fusion")) == {
        ("late_fusion[text+audio]", "text"),
        ("text+audio", "late_fusion[text+audio]"),
    }


def test_predictors_without_a_common_modality_are_all_compared() -> None:
    result = bc.compare({"bert": ERRORS["text"], "cnn": ERRORS["text+audio"]})
    assert labels(result) == {("bert", "cnn")}


def test_files_are_joined_by_ids_in_any_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "two.parquet"
    FRAME[["id", "text", "patient"]].to_csv(one, index=False)
    FRAME[["text+audio", "id"]].sample(frac=1, random_state=1).to_parquet(two)
    code, out, err = run(
        str(one), str(two), "--losses", "--id", "id", "--group", "patient", monkeypatch=monkeypatch
    )
    assert (code, err) == (0, "")
    assert "Use text+audio" in out
    joined = bc.compare([one, two], losses=True, ids="id", groups="patient").verdicts[0]
    direct = bc.compare(FRAME[["text", "text+audio", "patient"]], groups="patient").verdicts[0]
    assert (joined.lower, joined.upper) == (direct.lower, direct.upper)
    (tmp_path / "s.toml").write_text(
        'losses = ["one.csv", "two.parquet"]\nid = "id"\ngroup = "patient"\n', encoding="utf-8"
    )
    assert bc.compare(tmp_path / "s.toml").verdicts[0].upper == direct.upper


def test_a_study_names_the_columns_of_its_predictors(tmp_path: Path) -> None:
    FRAME.rename(columns={"late_fusion[text+audio]": "late"}).to_csv(
        tmp_path / "l.csv", index=False
    )
    text = (
        'losses = "l.csv"\nid = "id"\n[[subset]]\nmodalities = ["text"]\n'
        '[[subset]]\nname = "late"\nmodalities = ["audio", "text"]\n'
        '[[subset]]\nmodalities = ["audio", "text"]\n'
    )
    (tmp_path / "s.toml").write_text(text, encoding="utf-8")
    result = bc.compare(tmp_path / "s.toml")
    assert [s.subset.label for s in result.subsets] == ["text", "late[audio+text]", "audio+text"]
    assert result.subsets[1].test_loss == ERRORS["late_fusion[text+audio]"].mean()


def test_losses_of_a_study_are_joined_by_ids(tmp_path: Path) -> None:
    for name, column in (("a", "text"), ("b", "text+audio")):
        table = FRAME[["id", column]].rename(columns={column: "loss"})
        table.sample(frac=1, random_state=len(name + column)).to_csv(
            tmp_path / f"{name}.csv", index=False
        )
    text = 'id = "id"\n' + "".join(
        f'[[subset]]\nmodalities = {seen}\ntest_losses = "{name}.csv"\n'
        for name, seen in (("a", '["text"]'), ("b", '["text", "audio"]'))
    )
    (tmp_path / "s.toml").write_text(text, encoding="utf-8")
    direct = bc.compare(FRAME[["text", "text+audio"]]).verdicts[0]
    assert bc.compare(tmp_path / "s.toml").verdicts[0].upper == direct.upper


def test_series_are_brought_into_one_order_or_refused() -> None:
    a, b = FRAME.set_index("id")["text"], FRAME.set_index("id")["text+audio"]
    one = bc.compare({"text": a, "text+audio": b.sample(frac=1, random_state=0)}).verdicts[0]
    assert one.upper == bc.compare({"text": a, "text+audio": b}).verdicts[0].upper
    with pytest.raises(InputError, match="different indexes"):
        bc.compare({"text": a, "text+audio": b.rename(index={"u0": "u-1"})})


def test_gaps_are_left_out_pair_by_pair_and_said() -> None:
    frame = FRAME[["text", "text+audio"]].astype(float)
    frame.loc[:99, "text+audio"] = np.nan
    result = bc.compare(frame)
    rest = bc.compare(frame[100:].reset_index(drop=True))
    assert (result.verdicts[0].n, result.verdicts[0].upper) == (200, rest.verdicts[0].upper)
    assert any("200 for text+audio against text" in note for note in result.notes)
    assert result.subsets[1].test_loss == rest.subsets[1].test_loss


# --- what is asked ------------------------------------------------------------------------------------


def test_a_later_step_certifies_the_direction_and_says_so() -> None:
    """15 against 6 discordant examples: p(0) is between δ/2 and δ/1 once the other pair is rejected."""
    n = 400

    base = np.zeros(n, int)
    base[:60] = 1
    near = base.copy()
    near[:15], near[60:66] = 0, 1
    result = bc.compare({"a": base, "a+b": np.zeros(n, int), "a+c": near}, direction="more")
    verdicts = {v.more.label: v for v in result.verdicts}
    assert verdicts["a+b"].amount is not None
    late = verdicts["a+c"]
    assert late.level < late.p_value <= 0.05
    assert (late.verdict, late.amount) == ("more", None)
    assert late.upper >= 0
    assert late.sentence.endswith("the direction is certified and the amount is not")


def test_step_down_is_no_sum_of_single_tests() -> None:
    """By itself each pair is tested at δ; together the first at δ/2."""
    alone = bc.compare({k: ERRORS[k] for k in ("text", "text+audio")}, direction="more").verdicts[0]
    together = bc.compare(FRAME[list(ERRORS)], direction="more").verdicts[0]
    assert (alone.level, together.level) == (0.05, pytest.approx(0.025))
    assert alone.upper < together.upper


def test_training_examples_take_nothing_from_the_held_out_verdict() -> None:
    tables = [
        {"modalities": ["a"], "test_losses": ERRORS["text"].tolist(), "train_loss": 0.3, "complexity": 1},
        {"modalities": ["a", "b"], "test_losses": ERRORS["text+audio"].tolist(), "train_loss": 0.1,
         "complexity": 2},
    ]  # fmt: skip
    bare = [{k: t[k] for k in ("modalities", "test_losses")} for t in tables]
    top = {"m": 2000, "lipschitz": 1.0}
    result, only = bc.compare({**top, "subset": tables}), bc.compare({"subset": bare})
    assert result.verdicts[0].upper == only.verdicts[0].upper
    assert result.training is not None
    together = bc.compare({**top, "subset": tables, "joint": "all"})
    assert together.training is None
    assert together.verdicts[0].upper > only.verdicts[0].upper


def test_limits_on_different_risks_are_not_combined() -> None:
    """A mean over groups, or over weighted losses, is not what the training losses speak of."""
    tables = [
        {"modalities": ["a"], "test_losses": ERRORS["text"].tolist(), "train_loss": 0.9, "complexity": 0.1},
        {"modalities": ["a", "b"], "test_losses": ERRORS["text+audio"].tolist(), "train_loss": 0.9,
         "complexity": 0.1},
    ]  # fmt: skip
    study = {"m": 10**6, "lipschitz": 1.0, "subset": tables}
    groups = [i % 30 for i in range(N)]
    assert bc.compare(study, groups=groups).verdicts[0].verdict == "more"
    with pytest.raises(InputError, match="joint = all combines limits on one risk"):
        bc.compare(study, groups=groups, joint="all")


@pytest.mark.parametrize(
    ("options", "upper"),
    [
        ({"direction": "more", "method": "error-counts", "reference": "text"}, -0.0042),
        ({"direction": "more", "method": "error-counts"}, -0.0039),
        ({}, -0.0006),
    ],
)
def test_iemocap_by_question(options: dict[str, Any], upper: float) -> None:
    verdicts = bc.compare(ROOT / "examples" / "iemocap.toml", **options).verdicts
    (found,) = [v for v in verdicts if (v.more.label, v.less.label) == ("text+audio+video", "text")]
    assert found.upper <= upper


def test_counts_of_errors_are_bounded_whatever_they_have_in_common() -> None:
    """The limit from counts holds for every coupling, so it is no tighter than that of the pairs."""
    a, b = ERRORS["text"], ERRORS["text+audio"]
    paired = bc.compare({"a": a, "a+b": b}).verdicts[0]
    tables = [{"modalities": ["a"], "test_errors": int(a.sum())}]
    tables += [{"modalities": ["a", "b"], "test_errors": int(b.sum())}]
    counts = bc.compare({"test_n": N, "method": "error_counts", "subset": tables}).verdicts[0]
    by_means = bc.compare({"test_n": N, "subset": tables}).verdicts[0]
    assert paired.upper < counts.upper < by_means.upper
    assert counts.lower < paired.lower


def test_margins_and_looks() -> None:
    frame = FRAME[["text", "text+audio"]]
    margin = bc.compare(frame, margin=0.05).verdicts[0]
    assert margin.margin.b_not_worse
    assert (
        "Certified: that the risk of text+audio is less than 0.05 above that of text"
        in margin.sentence
    )
    same = bc.compare({"a": ERRORS["text"], "a+b": np.roll(ERRORS["text"], 0)}, equivalence=0.2)
    assert same.verdicts[0].equivalent
    assert "are the same: they cannot be told apart" in same.notes[0]
    any_time = bc.compare(frame, looks="any").verdicts[0]
    three = bc.compare(frame, looks=3).verdicts[0]
    once = bc.compare(frame).verdicts[0]
    assert any_time.method == "betting_anytime"
    assert once.upper < three.upper
    assert once.upper < any_time.upper


def test_warnings() -> None:
    nearly = ERRORS["text"].copy()
    nearly[0] = 1 - nearly[0]
    result = bc.compare({"a": ERRORS["text"], "a+b": nearly})
    assert any("a+b and a are nearly the same predictor: their losses differ on 1 of 300" in n for n in
               result.notes)  # fmt: skip
    classes = ["sick" if i < 30 else "well" for i in range(N)]
    result = bc.compare(
        FRAME[["text", "text+audio"]], classes=classes, weights={"sick": 1, "well": 1}
    )
    said = "is no less than that of always naming the class 'well', 0.1"
    assert any(said in note for note in result.notes)


# --- one screen ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    ["iemocap.toml", "digits/study.toml", "from_training_losses.toml", "best_provable.toml",
     "breast_cancer.csv"],
)  # fmt: skip
def test_one_screen(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = run(str(ROOT / "examples" / source), monkeypatch=monkeypatch)
    lines = out.splitlines()
    assert code == 0
    assert len(lines) <= 40
    assert max(map(cell_len, lines)) <= 80
    assert "certified" in lines[2] + lines[3]
    _, full, _ = run(str(ROOT / "examples" / source), "--details", monkeypatch=monkeypatch)
    assert len(full.splitlines()) > len(lines)
    assert lines[2] in full


def test_many_pairs_and_notes_stay_on_one_screen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = ["+".join(f"modality{k}" for k in range(5) if i >> k & 1) for i in range(1, 32)]
    frame = pd.DataFrame({name: (DRAW.random(80) < 0.5).astype(int) for name in names})
    frame.to_csv(tmp_path / "l.csv", index=False)
    monkeypatch.setenv("COLUMNS", "80")
    _, out, _ = run(str(tmp_path / "l.csv"), "--losses", monkeypatch=monkeypatch)
    assert len(out.splitlines()) <= 40


def test_the_answer_names_the_smallest_that_nothing_beats() -> None:
    assert bc.compare(FRAME[list(ERRORS)]).answer.startswith(
        "Use text+audio: no other subset is certified"
    )
    same = bc.compare({"a": ERRORS["text"], "a+b": np.roll(ERRORS["text"], 7)})
    assert same.answer.startswith("Nothing is certified")


# --- bad input ----------------------------------------------------------------------------------------

A, B = ERRORS["text"].tolist(), ERRORS["text+audio"].tolist()


@pytest.mark.parametrize(
    ("source", "options", "says"),
    [
        ({"a": A, "a+b": B[:-1]}, {}, "a has 300 losses and a\\+b has 299"),
        ({"a": A}, {}, "at least two predictors"),
        ({"a": A, "a+b": ["x", *B[1:]]}, {}, "column a\\+b, row 1: 'x' is not a number"),
        ({"a": A, "a+b": [2, *B[1:]]}, {}, "column a\\+b, row 1: 2.0 is above 1"),
        ({"a": A, "a+b": [-1, *B[1:]]}, {}, "row 1: -1.0 is below 0"),
        ({"a": A, "a+b": [None] * N}, {}, "there is no loss"),
        ({"a": A, "a+b": B, "b+a": B}, {}, r"column b\+a: the same modalities as column a\+b"),
        ({"a": A, "a++b": B}, {}, "says no modalities"),
        ({"a": A, "a+b": B}, {"groups": ["g"] * N}, "one group only"),
        (
            {"a": A, "a+b": B},
            {"groups": ["g", None] * 150},
            "groups, example 2: the name is missing",
        ),
        ({"a": A, "a+b": B}, {"groups": "patient"}, "groups: 'patient' is no file, and no column"),
        ({"a": A, "a+b": B}, {"weights": {"x": 1}}, "classes and weights go together"),
        ({"a": A, "a+b": B}, {"classes": ["x"] * N, "weights": {"x": -1}}, "must be positive"),
        ({"a": A, "a+b": B}, {"margin": 1.5}, "margin = 1.5 is outside"),
        ({"a": A, "a+b": B}, {"margin": 0.1, "equivalence": 0.1}, "ask one of them"),
        ({"a": A, "a+b": B}, {"looks": 0}, "looks must be"),
        ({"a": A, "a+b": B}, {"direction": "mor"}, "unknown direction 'mor'; did you mean 'more'"),
        ({"a": A, "a+b": B}, {"joint": "al"}, "unknown joint 'al'; did you mean 'all'"),
        ({"a": A, "a+b": B}, {"method": "kl"}, "the method 'kl' fits no pair"),
        ({"a": A, "a+b": B}, {"loss": "zero-one", "loss_bound": 2}, "loss_bound = 1, not 2"),
        ({"a": A, "a+b": [0.5, *B[1:]]}, {"loss": "zero-one"}, "0.5 is neither 0 nor 1"),
        ({"a": A, "a+b": B}, {"norms": [1]}, "norms is for data, not for losses"),
    ],
)
def test_bad_losses_are_refused_in_one_line(
    source: Any, options: dict[str, Any], says: str
) -> None:
    with pytest.raises(InputError, match=says) as refused:
        bc.compare(source, **options)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda t: t[1:], "1 ids of .*one.csv are not in .*two.csv: u0"),
        (lambda t: pd.concat([t, t[:1]]), "the id 'u0' is there twice"),
        (lambda t: t.drop(columns="id"), "unknown column of .*two.csv 'id'"),
        (lambda t: t.rename(columns={"text+audio": "text"}), "is in .*one.csv as well"),
    ],
)
def test_ids_that_do_not_match_are_named(change: Any, says: str, tmp_path: Path) -> None:
    FRAME[["id", "text"]].to_csv(tmp_path / "one.csv", index=False)
    change(FRAME[["id", "text+audio"]]).to_csv(tmp_path / "two.csv", index=False)
    with pytest.raises(InputError, match=says):
        bc.compare([tmp_path / "one.csv", tmp_path / "two.csv"], losses=True, ids="id")


def test_several_files_need_ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    FRAME[["text"]].to_csv(tmp_path / "one.csv", index=False)
    one = str(tmp_path / "one.csv")
    code, out, err = run(one, one, "--losses", monkeypatch=monkeypatch)
    assert (code, out) == (2, "")
    assert "say which, with --id" in err
    assert run(one, one, monkeypatch=monkeypatch)[0] == 2


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('direction = "up"', "direction must be both or more or less, not 'up'"),
        ("looks = 1.5", "looks must be"),
        ('group = "nobody"', "groups: 'nobody' is no file"),
        ("margin = -1", "margin must be a number from 0"),
        ("class_weights = 3", "class_weights must be a table"),
        ('losses = "none.csv"', "no such file"),
        ("losses = 3", "losses is the name of a file"),
        ('joint = "both"', "joint must be held-out or all, not 'both'"),
    ],
)
def test_bad_keys_of_a_study(line: str, says: str, tmp_path: Path) -> None:
    text = "".join(
        f"[[subset]]\nmodalities = {seen}\ntest_losses = {losses}\n"
        for seen, losses in (('["a"]', A), ('["a", "b"]', B))
    )
    (tmp_path / "s.toml").write_text(f"{line}\n{text}", encoding="utf-8")
    with pytest.raises(InputError, match=says) as refused:
        bc.compare(tmp_path / "s.toml")
    assert "\n" not in str(refused.value)


# --- warnings about data ------------------------------------------------------------------------------


def test_data_that_are_suspicious() -> None:
    draw = np.random.default_rng(0)
    a, b, y = draw.normal(size=(400, 2)), np.ones((400, 1)), (draw.random(400) < 0.1).astype(int)
    a[200:] = a[:200]
    y[200:] = y[:200]
    notes = bc.compare({"a": a, "b": b, "y": y}, norms=(1.0,), equivalence=0.1).data.notes
    assert any("the modality b is constant" in note for note in notes)
    assert any("held-out examples are exact copies of training examples" in note for note in notes)
    assert any(
        "always naming the largest class errs on" in note and "no better" in note for note in notes
    )
    targets = draw.normal(size=400)
    noise = {name: draw.normal(size=(400, 60)) for name in "ab"}
    notes = bc.compare({**noise, "y": targets}, norms=(32.0,)).data.notes
    assert not any("copies" in note for note in notes)
    assert any("always predicting the mean" in note and "a+b" in note for note in notes)
    good = a[:, 0] + 0.1 * targets
    notes = bc.compare({"a": a, "b": a[:, ::-1], "y": good}, norms=(4.0,)).data.notes
    assert not any("always predicting" in note for note in notes)


def test_rounded_counts_take_those_that_speak_least() -> None:
    """0.47 of 3,410 is 1569 to 1636 errors; each direction takes the ends that weaken it."""
    from boundcalc.numeric.decide.paired import counts_test

    tables = [
        {"modalities": ["a"], "test_loss": 0.47},
        {"modalities": ["a", "b"], "test_loss": 0.42},
    ]
    study = {"test_n": 3410, "loss": "zero-one", "method": "error_counts", "subset": tables}
    found = bc.compare(study).verdicts[0]
    ends = {0.47: (1569, 1636), 0.42: (1399, 1466)}
    (few_less, most_less), (few_more, most_more) = ends[0.47], ends[0.42]
    better = counts_test(few_less, most_more, 3410, level=found.level)
    worse = counts_test(few_more, most_less, 3410, level=found.level)
    assert found.upper == -better.lower_limit(found.level)
    assert found.lower == worse.lower_limit(found.level)


def test_each_pair_is_counted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    FRAME[list(ERRORS)].to_csv(tmp_path / "l.csv", index=False)
    file = str(tmp_path / "l.csv")
    for margin in (0.02, 0.1, 0.2, 0.4):
        _, out, _ = run(file, "--losses", "--equivalence", str(margin), monkeypatch=monkeypatch)
        said = out[: out.index("With probability")].partition(" pairs: ")
        total = int(said[0].rsplit(maxsplit=1)[-1])
        parts = re.sub(r"\(.*?\)", "", " ".join(said[2].split())).split(",")
        assert sum(int(part.split()[0]) for part in parts) == total, out
        for v in bc.compare(FRAME[list(ERRORS)], equivalence=margin).verdicts:
            assert (v.needed is None) == (v.certified or v.equivalent)
            assert ("undecided" in v.sentence) == (v.needed is not None)


def test_forecasts_are_in_groups_where_groups_are_independent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = ["text+audio", "late_fusion[text+audio]"]
    FRAME[[*columns, "patient"]].to_csv(tmp_path / "l.csv", index=False)
    options = str(tmp_path / "l.csv"), "--losses"
    _, out, _ = run(*options, "--group", "patient", "--details", monkeypatch=monkeypatch)
    out = " ".join(out.split())
    assert "(300 test examples in 40 groups.)" in out
    assert "n: groups that would decide it with probability 0.8" in out
    assert "betting on the differences group by group" in out
    FRAME[columns].to_csv(tmp_path / "l.csv", index=False)
    _, plain, _ = run(*options, "--details", monkeypatch=monkeypatch)
    assert "n: test examples that would decide it with probability 0.8" in " ".join(plain.split())


def test_without_the_number_of_test_examples_nothing_is_said_of_intervals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "s.toml"
    for key, value in (("test_loss", "0.3"), ("test_errors", "30")):
        subset = f"[[subset]]\nmodalities = [%s]\n{key} = {value}\n"
        text = 'loss = "zero-one"\n' + subset % '"a"' + subset % '"a", "b"'
        file.write_text(text, encoding="utf-8")
        code, out, err = run(str(file), monkeypatch=monkeypatch)
        if key == "test_errors":
            assert code == 2
            assert "subset 1 (a): test_errors needs test_n" in err
            continue
        assert "Nothing can be decided" in out
        assert "interval" not in out
        assert "chance" not in out
        file.write_text("test_n = 100\n" + text, encoding="utf-8")
        _, out, _ = run(str(file), monkeypatch=monkeypatch)
        assert "all intervals" in " ".join(out.split())


def test_weighted_losses_are_called_so() -> None:
    classes, weights = ["u", "v"] * (N // 2), {"u": 1.0, "v": 3.0}
    said = "multiplied by the weight of its class"
    pair = FRAME["text"], FRAME["text+audio"]
    one = bc.certify(*pair, classes=classes, weights=weights)
    assert said in one.notes[0]
    assert one.deciding == "betting"
    assert bc.certify(*pair).notes is None
    frame = FRAME[["text", "text+audio"]].assign(kind=classes)
    assert one.notes[0] in bc.compare(frame, classes="kind", weights=weights).notes


def test_who_gave_test_losses_alone_is_not_told_of_training() -> None:
    a = np.array([0] * 50 + [1] * 50)
    verdict = bc.compare({"a": a, "a+b": np.roll(a, 3)}).verdicts[0]
    assert "training" not in verdict.sentence
    assert "deviation" not in verdict.sentence


def test_what_holds_alone_pays_for_one_look() -> None:
    """Of three looks each costs δ/3, also where it decides nothing; at any time nothing else holds."""
    frame = FRAME[["text", "text+audio"]]
    three, third = bc.compare(frame, looks=3), bc.compare(frame, delta=0.05 / 3)
    rows = [[r for r in result.comparisons if not r.joint] for result in (three, third)]
    assert [r.method for r in rows[0]] == [r.method for r in rows[1]]
    assert [r.upper for r in rows[0]] == pytest.approx([r.upper for r in rows[1]], abs=1e-12)
    single = [[x.value for s in result.subsets for x in s.limits] for result in (three, third)]
    assert single[0] == pytest.approx(single[1], abs=1e-12)
    a, b = (frame[name].to_numpy() for name in frame)
    certified = bc.certify(a, b, looks=3), bc.certify(a, b, delta=0.05 / 3)
    ends = [[x.lower for x in result.rows[1:]] for result in certified]
    assert ends[0] == pytest.approx(ends[1], abs=1e-12)
    any_time = bc.compare(frame, looks="any")
    assert [r.method for r in any_time.comparisons] == ["held-out"]
    assert not any(s.limits for s in any_time.subsets)


def test_files_of_a_study_that_name_their_examples_are_in_one_order(tmp_path: Path) -> None:
    """As for certify: by position they would be paired with the wrong rows."""
    rows = [f"{i},{int(i % 3 == 0)}" for i in range(30)]
    study = {
        "subset": [
            {"modalities": ["a"], "test_losses": str(tmp_path / "a.csv")},
            {"modalities": ["a", "b"], "test_losses": str(tmp_path / "b.csv")},
        ]
    }
    for name, listed in (("a", rows), ("b", rows[::-1])):
        (tmp_path / f"{name}.csv").write_text("\n".join(["id,loss", *listed]))
    with pytest.raises(InputError, match="a and a\\+b name their examples in the column 'id', and"):
        bc.compare(study)
    assert bc.compare({**study, "id": "id"}).verdicts[0].upper < 0.5


def flipped() -> pd.DataFrame:
    """Over examples `a` has the least loss, over groups and weighted by class `b` has."""
    sizes = [40, 40, 2, 2, 2, 2, 2, 2]
    frame = pd.DataFrame({"site": np.repeat([*"stuvwxyz"], sizes)})
    large, rare = frame["site"].isin(["s", "t"]), np.arange(len(frame)) % 2
    frame["kind"] = np.where(~large & (rare == 0), "rare", "usual")
    frame["a"] = (~large).astype(int)
    frame["b"] = (large & (rare == 0)).astype(int)
    return frame


GROUPED = {"groups": "site"}
WEIGHTED_BY_KIND = {"classes": "kind", "weights": {"usual": 1.0, "rare": 9.0}}


@pytest.mark.parametrize(
    "how",
    [
        {},
        GROUPED,
        GROUPED | {"group_size": 50},
        WEIGHTED_BY_KIND,
        GROUPED | WEIGHTED_BY_KIND,
    ],
    ids=["plain", "groups", "size", "weights", "both"],
)
def test_the_losses_of_a_question_are_those_of_its_verdicts(how: dict[str, Any]) -> None:
    """Whatever the mean is over: table, answer, JSON and certify say the same of one predictor."""
    frame = flipped()
    columns = ["a", "b", *(how[key] for key in ("groups", "classes") if key in how)]
    result = bc.compare(frame[columns], **how)
    weights = frame["kind"].map(WEIGHTED_BY_KIND["weights"]) if "weights" in how else 1.0
    expected = {}
    for name in ("a", "b"):
        losses = frame[name] * weights
        over_groups = "groups" in how and "group_size" not in how
        expected[name] = (
            losses.groupby(frame["site"]).mean().mean() if over_groups else losses.mean()
        )
    found = {s.subset.label: s.test_loss for s in result.subsets}
    assert found == pytest.approx(expected, abs=1e-12)
    in_json = {s["modalities"][0]: s["test_loss"] for s in result.to_dict()["subsets"]}
    assert in_json == found
    given = {key: frame[v] if isinstance(v, str) else v for key, v in how.items()}
    pair = bc.certify(frame["a"], frame["b"], **given)
    assert (pair.mean_a, pair.mean_b) == (found["a"], found["b"])
    least = min(expected, key=lambda name: expected[name])
    assert least == ("a" if how in ({}, GROUPED | {"group_size": 50}) else "b")
    assert f" {least} is among the smallest" in result.answer or f"Use {least}:" in result.answer


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({}, ""),
        (GROUPED, "mean over groups"),
        (GROUPED | {"group_size": 50}, "mean over examples that come in groups"),
        (WEIGHTED_BY_KIND, "weighted by class"),
        (GROUPED | WEIGHTED_BY_KIND, "weighted by class, mean over groups"),
    ],
)
def test_one_screen_says_which_mean_a_gap_is(how: dict[str, Any], said: str) -> None:
    columns = ["a", "b", *(how[key] for key in ("groups", "classes") if key in how)]
    result = bc.compare(flipped()[columns], **how)
    screen = " ".join(str(result).split())
    assert f"r(subset) − r(against){said and ', '}{said}, intervals" in screen
    assert not any("training examples" in note for note in result.notes)


def test_a_constant_predictor_is_judged_by_the_same_mean() -> None:
    """Of 100, 10 are rare: the 20 errors are few or many, as the rare ones count."""
    kind = ["rare"] * 10 + ["usual"] * 90
    a = np.zeros(100, dtype=int)
    a[10:30] = 1
    frame = pd.DataFrame({"a": a, "b": np.roll(a, 30), "kind": kind})
    balanced = bc.compare(frame, classes="kind", weights={"rare": 5.0, "usual": 5 / 9})
    assert not any("always naming" in note for note in balanced.notes)
    by_count = bc.compare(frame, classes="kind", weights={"rare": 1.0, "usual": 1.0})
    said = [note for note in by_count.notes if "always naming the class 'usual', 0.1" in note]
    assert len(said) == 2
    assert "the loss of a, 0.2 (weighted by class)" in said[0]


def test_a_subset_known_in_one_group_has_a_loss() -> None:
    """It is in no pair, so that nothing is said of it but its mean."""
    a, c = np.array([1, 0, 1, 0, 0, 0]), [1.0, 0.5, *[np.nan] * 4]
    result = bc.compare({"a": a, "a+b": 1 - a, "c": c, "g": [*"uuvvww"]}, groups="g")
    assert [s.test_loss for s in result.subsets] == pytest.approx([1 / 3, 2 / 3, 0.75])


@pytest.mark.parametrize("target", ["classes", "numbers"])
def test_predictors_on_data_are_judged_by_the_mean_of_the_verdicts(target: str) -> None:
    """Noise alone, so that none is better than a constant one; the groups differ in size."""
    draw = np.random.default_rng(8)
    groups = np.repeat(np.arange(60), np.where(np.arange(60) % 3, 2, 12))
    y = draw.integers(0, 2, groups.size) if target == "classes" else draw.normal(size=groups.size)
    data = {
        "a": draw.normal(size=(groups.size, 2)),
        "b": draw.normal(size=(groups.size, 2)),
        "y": y,
    }
    weights = {0: 1.0, 1: 4.0} if target == "classes" else None
    result = bc.compare(data, groups=groups, weights=weights, norms=[2])
    held_out = result.study.population
    for found in result.subsets:
        losses = pd.Series(found.subset.test_losses)
        if weights is not None:
            losses = losses * pd.Series(held_out.classes).map(weights)
        means = losses.groupby(held_out.groups).mean()
        assert found.test_loss == pytest.approx(means.mean(), abs=1e-12)
    note = next(n for n in result.data.notes if n.startswith("always"))
    assert f"({held_out.mean})" in note
    constant = float(note.split("held-out loss of ")[1].split()[0])
    named = re.split(" are | is ", note.split("), and ")[1])[0].split(", ")
    worse = [s.subset.label for s in result.subsets if s.test_loss >= constant - 5e-4]
    assert named == worse


@pytest.mark.parametrize("direction", ["more", "less"])
def test_a_forecast_of_one_direction_has_no_far_end(direction: str) -> None:
    """Nothing limits the side that was not asked: no number comes from the end of the range."""
    a = np.array([0] * 80 + [1] * 12 + [0] * 8)
    b = np.array([0] * 92 + [1] * 8)
    first, second = (a, b) if direction == "more" else (b, a)
    found = bc.certify(first, second, direction=direction)
    assert found.verdict is None
    assert [needed.least for needed in found.forecast] == [None, None]
    assert "with 0.8 (up to infinitely many over the interval)" in found.sentence
    both = bc.certify(first, second)
    assert both.forecast[-1].least is not None
    compared = bc.compare({"x": first, "x+y": second}, direction=direction).verdicts[0]
    assert compared.needed.forecast == found.forecast


@pytest.mark.parametrize(
    ("how", "column", "names"),
    [
        ({"task": "regression"}, "statement", {"held-out", "training"}),
        ({"task": "classification", "loss": "ramp"}, "statement", {"held-out", "training"}),
        ({"task": "classification"}, "loss", {"zero-one", "ramp"}),
    ],
)
def test_rows_for_csv_name_the_loss_that_they_are_about(
    how: dict[str, Any], column: str, names: set[str]
) -> None:
    draw = np.random.default_rng(3)
    data = {"a": draw.normal(size=(80, 2)), "b": draw.normal(size=(80, 2)), "y": np.arange(80) % 2}
    result = bc.compare(data, norms=[2], subsets=["a", "a+b"], **how)
    table = comparison_rows(result)
    assert table.columns[-1] == column
    assert {row[-1] for row in table.rows} == names
