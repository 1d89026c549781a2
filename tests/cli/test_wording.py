"""What a newcomer reads: one verdict a pair, labels beside values, options as they are typed."""

from __future__ import annotations

import csv
import io
import json
import pickle
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from files import EXAMPLES

import boundcalc as bc
from boundcalc.data.labels import as_labels
from boundcalc.errors import (
    BoundcalcError,
    ContradictionError,
    InputError,
    MissingExtraError,
    UnknownNameError,
    argument,
    prefix_errors,
)
from boundcalc.render.document import Lattice, Mark, Table
from boundcalc.render.drawings import WIDE, _edges, _places
from boundcalc.render.terminal import as_text

Run = Callable[..., tuple[int, str, str]]
Refused = Callable[..., str]
IEMOCAP, POSTERIORS = str(EXAMPLES / "iemocap.toml"), str(EXAMPLES / "posteriors.toml")
BEST = str(EXAMPLES / "best_provable.toml")
COMPOSED = "caf\u00e9"
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)


@pytest.fixture
def two(tmp_path: Path) -> tuple[str, str]:
    """The errors of two predictors on six examples."""
    found = []
    for name, errors in (("a", "101101"), ("b", "001000")):
        path = tmp_path / f"{name}.csv"
        path.write_text("loss\n" + "\n".join(errors) + "\n")
        found.append(str(path))
    return found[0], found[1]


def rows_of(run: Run, *arguments: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(run(*arguments, "-f", "csv")[1])))


def test_a_comparison_on_data_says_once_which_loss_and_unit(run: Run) -> None:
    data = str(EXAMPLES / "diabetes.csv")
    for details in ((), ("--details",)):
        asked = ("--task", "regression", "--norms", "1", "--subset", "body", "--subset", "blood")
        said = " ".join(run("compare", data, *asked, "-r", "blood", *details)[1].split())
        unit = "absolute error, cut at 2; 1 is one standard deviation of the target."
        assert said.count(f"The verdicts are about the {unit}") == 1, details
        assert said.count("standard deviation") == 1


def test_details_of_a_comparison_show_every_pair(run: Run, tmp_path: Path) -> None:
    names = [f"a_rather_long_name_of_{letter}" for letter in "abcdefg"]
    rows = ([int(i % (k + 3) == 0) for k in range(7)] for i in range(40))
    file = tmp_path / "many.csv"
    file.write_text("\n".join(",".join(map(str, row)) for row in [names, *rows]) + "\n")
    asked = "compare", str(file), "--losses", "--all-pairs"
    brief = " ".join(run(*asked)[1].split())
    assert "“r(subset) − r(against)”" in brief  # which rows do not fit on a screen
    assert "--details: all pairs, limits on each subset" in brief
    shown = run(*asked, "--details", "-f", "markdown")[1]
    pairs = [tuple(row[k] for k in ("more", "less")) for row in rows_of(run, *asked)]
    assert len(set(pairs)) == 21
    lines = shown.replace("\\", "").splitlines()
    for pair in pairs:
        assert f"{pair[0]} against {pair[1]}" in " ".join(lines)
        assert any(line.split(" | ")[:2] == [f"| {pair[0]}", pair[1]] for line in lines)
    assert "more pairs" not in shown


@pytest.mark.parametrize("study", [IEMOCAP, POSTERIORS, BEST])
def test_who_counts_the_verdicts_counts_the_pairs(run: Run, study: str) -> None:
    rows = rows_of(run, "compare", study)
    decided = [(row["more"], row["less"], row["verdict"]) for row in rows if row["verdict"]]
    words = {"more": "certified better", "undecided": "undecided"}
    verdicts = bc.compare(study).verdicts
    assert decided == [(v.more.label, v.less.label, words[v.verdict]) for v in verdicts]
    for row in rows:  # it does not stand beside a row that says something else
        assert not (row["verdict"] and row["joint"] == "false")
        assert row["verdict"] != "certified better" or row["certified"] == "more"


def test_the_verdict_of_two_predictors_is_that_of_what_decides(
    run: Run, two: tuple[str, str]
) -> None:
    rows = rows_of(run, "certify", *two)
    assert len(rows) > 1
    assert [row["decides"] for row in rows if row["verdict"]] == ["true"]


def test_what_other_methods_say_is_seen_where_nothing_is_joint(run: Run) -> None:
    shown = run("compare", POSTERIORS)[1]
    assert "uniform stability       alone   −0.1320   −0.0480   better" in shown
    assert "Method by method" not in run("compare", IEMOCAP)[1]


@pytest.mark.parametrize("kind", ["md", "tex", "html"])
@pytest.mark.parametrize("command", [("compare", IEMOCAP), ("list",)])
def test_a_file_does_not_speak_of_options(
    run: Run, tmp_path: Path, command: tuple[str, ...], kind: str
) -> None:
    assert run(*command, "-o", str(tmp_path / f"x.{kind}"))[0] == 0
    assert "--details" not in (tmp_path / f"x.{kind}").read_text()
    assert "--details" in run(*command)[1]


def test_python_does_not_speak_of_options() -> None:
    assert "--details" not in str(bc.compare(IEMOCAP))


def test_a_table_that_does_not_fit_has_a_label_beside_each_value() -> None:
    rows = (("text+audio", "text", "−0.0700", ""), ("audio", "text", "−0.01", "certified better"))
    table = Table(("subset", "against", "gap ≥", "verdict"), rows, "llRl", "A caption of the table")
    assert as_text((table,), width=30).splitlines() == [
        "A caption of the table",
        *("subset: text+audio", "  against: text", "  gap ≥: −0.0700", "  verdict:"),
        *("subset: audio", "  against: text", "  gap ≥: −0.01", "  verdict: certified better"),
    ]


def test_a_caption_is_as_wide_as_the_terminal() -> None:
    caption = "A caption that is much wider than the two columns below it are"
    table = Table(("a", "b"), (("1", "2"),), caption=caption)
    assert as_text((table,), width=80).splitlines()[0] == caption


def test_one_range_of_digits_is_said_in_one_sentence(
    refused: Refused, two: tuple[str, str]
) -> None:
    kl = ("holdout.kl", "n=10", "test_loss=0.1")
    for digits in ("0", "-1", "1001"):
        wanted = f"digits must be a whole number from 1 to {{}}, not {digits}"
        assert wanted.format(1000) in refused("eval", *kl, "delta=0.1", "--digits", digits)
        solved = ("solve", *kl, "--for", "delta", "--target", "0.5")
        assert wanted.format(1000) in refused(*solved, "--digits", digits)
        assert wanted.format(17) in refused("certify", *two, "--digits", digits)


def test_a_solution_has_the_digits_that_were_asked_for(run: Run) -> None:
    question = ("solve", "holdout.kl", "--for", "delta", "--target", "0.5", "n=10", "test_loss=0.1")
    for digits, said in ((5, "0.025207"), (2, "0.026"), (9, "0.0252067851")):
        shown = run(*question, "--digits", str(digits))[1].split("\n\n")[1]
        assert f"{said} is the smallest delta of {digits} digits" in shown
        assert "0.49999" not in shown
    value = bc.evaluate("holdout.kl", n=10, test_loss=0.1, delta=0.025207).value
    assert value <= 0.5 < bc.evaluate("holdout.kl", n=10, test_loss=0.1, delta=0.025206).value
    assert "it is 0.5; the next smaller" in " ".join(run(*question)[1].split())


def test_there_is_no_picture_in_plain_words(refused: Refused, tmp_path: Path) -> None:
    said = refused("eval", "holdout.kl", "n=9", "delta=0.1", "test_loss=0", "-o", "x.png")
    assert "there is no picture of this, only of what certify, compare, crossover" in said
    assert not (tmp_path / "x.png").exists()


def test_an_option_is_called_as_it_is_typed_and_a_key_as_it_is_written(
    refused: Refused, tmp_path: Path
) -> None:
    assert "--delta = 2 is outside the domain" in refused("compare", IEMOCAP, "--delta", "2")
    assert "--target must be a number" in refused("power", "--target", "x")
    outputs = refused("estimate", str(EXAMPLES / "breast_cancer.csv"), "--outputs", "0")
    assert "--outputs = 0 is outside" in outputs  # not --output
    study = tmp_path / "s.toml"
    study.write_text("group_size = 0\n[[subset]]\nmodalities = ['a']\ntest_loss = 0.1\n")
    said = refused("compare", str(study))
    assert "group_size" in said
    assert "--group-size" not in said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("certify A B --margin 2", "--margin = 2 is outside [0, 1], the range of the loss"),
        (
            "certify A B --margin 0 --equivalence 0",
            "--margin and --equivalence are two questions: ask one of them",
        ),
        (
            "certify A B --class-weights x=1",
            "--classes and --class-weights go together: the class of each example, a weight for "
            "each class",
        ),
        ("certify A B --group site", "--group: 'site' is no file, and a.csv has no columns"),
        ("compare STUDY --delta 2", "--delta = 2 is outside the domain (0 < delta < 1, real"),
        ("compare STUDY --norms 1,2", "--norms is for data, not for a study: leave it out"),
        ("compare STUDY --reference text --all-pairs", "--reference and --all-pairs exclude each"),
        ("compare DATA --norms 2,1", "--norms = (2.0, 1.0) must ascend, at most 1,000 of them"),
        ("compare DATA --repeats 0", "--repeats is 0: it has to be a whole number from 1 to 1000"),
        ("estimate DATA --draws 1", "--draws = 1 is outside the domain (2 to 10,000,000)"),
        ("estimate DATA --kernel rbf", "--kernel has no meaning for the class linear: leave it"),
        ("power --gap 0.1", "give --p10 and --p01; or --gap, --risk and --correlation; or --gap"),
        ("power --p10 0.1 --p01 0.2", "--p10 must be above --p01: call the worse predictor A"),
        ("power --p10 0.1 --p01 0.2 -n 1", "-n must be a whole number from 2 to 10^15"),
        ("eval holdout.kl n=9 test_loss=0 delta=2", "delta = 2 is outside the domain (0 < delta"),
        ("complexity linear-l2 norm=-1 m=9 radius=1", "norm = -1 is outside the domain (0 ≤ norm"),
        ("certify A B --alpha 0.05", "certify has no option --alpha: say --delta, the failure"),
        ("plan holdout.kl --cost n=1", "plan has no option --cost: say --price, such as --price"),
        ("show holdout.kl --alpha 1", "show has no option --alpha; known: --"),
        ("show holdout.kl --formt json", "show has no option --formt; did you mean '--format'?"),
        ("schema study --format json", "schema has no option --format"),
        ("compare A B", "2 files are compared with --losses, or where each holds one array (.npy,"),
        ("complexity late-fusion", "late-fusion needs m, norms, radii"),
        ("complexity late_fusion", "unknown class 'late_fusion'; did you mean 'late-fusion'?"),
        ("complexity late-fusion m=9 norms=1,2 radii=1", "late-fusion: norms has 2 entries and"),
        ("complexity sum m=9", "sum is an operation on classes: it is written in a study file, as"),
    ],
)
def test_each_argument_in_a_message_is_called_as_it_was_typed(
    refused: Refused, two: tuple[str, str], typed: str, said: str
) -> None:
    named = {"A": two[0], "B": two[1], "STUDY": IEMOCAP}
    named["DATA"] = str(EXAMPLES / "breast_cancer.csv")
    given = [named.get(word, word) for word in typed.split()]
    assert f"Error: {said}".replace("a.csv", two[0]) in refused(*given)


@pytest.mark.parametrize("command", ["certify A B", "compare STUDY", "power --p10 0.2 --p01 0.1"])
def test_a_confidence_in_the_place_of_delta_is_told(
    run: Run, two: tuple[str, str], command: str
) -> None:
    named = {"A": two[0], "B": two[1], "STUDY": IEMOCAP}
    given = [named.get(word, word) for word in command.split()]
    code, _, said = run(*given, "--delta", "0.95")
    assert code == 0
    assert "for a confidence of 0.95 say --delta 0.05" in said
    assert run(*given, "--delta", "0.5")[2] == ""


@pytest.mark.parametrize(
    ("typed", "given", "value"),  # Σ B_k X_k/√m; with one norm B √(Σ X_k²)/√m
    [
        ("norms=3,4", {"norms": (3, 4)}, (3 * 1 + 4 * 2) / 20),
        ("norms=5 joint=true", {"norms": [5], "joint": True}, 5 * 5**0.5 / 20),
    ],
)
def test_late_fusion_is_asked_for_as_a_class_is(
    run: Run, typed: str, given: dict[str, Any], value: float
) -> None:
    asked = ("complexity", "late-fusion", *typed.split(), "radii=1,2", "m=400", "-f", "json")
    assert json.loads(run(*asked)[1])["value"] == pytest.approx(value)
    assert bc.complexity("late-fusion", radii=(1, 2), m=400, **given).value == pytest.approx(value)


def test_a_composed_class_takes_its_own_parameters_only() -> None:
    with pytest.raises(UnknownNameError, match="key 'joined' of late-fusion; did you mean 'joint"):
        bc.complexity("late-fusion", norms=[1], radii=[1], m=9, joined=True)
    with pytest.raises(UnknownNameError, match="key 'kind' of given"):
        bc.complexity("given", value=1, m=9, kind="sum")


def test_an_argument_in_a_message_is_data() -> None:
    said = InputError(f"{argument('gap')} is the gap, not {argument('p10')}")
    assert str(said) == said.args[0] == "gap is the gap, not p10"
    assert said.calling({"gap": "--gap"}) == "--gap is the gap, not p10"
    key = InputError(f"{argument(argument('m'))} is missing")  # as checkers that pass it on do
    assert (str(key), key.calling({"m": "-m"})) == ("m is missing", "-m is missing")
    with pytest.raises(InputError, match=r"^s\.toml: gap is 2$") as found, prefix_errors("s.toml"):
        raise InputError(f"{argument('gap')} is 2")
    assert found.value.calling({"gap": "--gap"}) == "s.toml: gap is 2"
    assert "\\ufdd0gap\\ufdd1" in UnknownNameError("word", argument("gap"), ()).calling(
        {"gap": "no"}
    )


@pytest.mark.parametrize(
    "error",
    [
        UnknownNameError("word", "x", ("y",)),
        MissingExtraError("things", "that", "extra"),
        ContradictionError("no", (1, 2)),
        InputError(f"{argument('gap')} is 2"),
    ],
)
def test_a_refusal_of_another_process_arrives_whole(error: BoundcalcError) -> None:
    arrived = pickle.loads(pickle.dumps(error))
    assert (type(arrived), vars(arrived)) == (type(error), vars(error))
    assert str(arrived) == str(error)


def test_a_list_of_choices_has_no_line_of_its_own_for_a_sign(run: Run) -> None:
    for command in ("estimate", "compare", "derive"):
        for line in run(command, "--help")[1].splitlines():
            assert not line.strip("│ ").endswith(" |"), line


def test_no_evidence_is_said_in_words() -> None:
    same = bc.certify([0, 1, 0, 1], [1, 0, 1, 0], delta=0.05, method="betting")
    assert "the losses speak for neither, the p-value is 1" in same.sentence
    asked = bc.certify([0, 1, 0, 0, 1], [1, 1, 1, 1, 1], delta=0.05, direction="more")
    assert "the losses speak for nothing of that, the p-value is 1" in asked.sentence


def test_names_have_one_form() -> None:
    labels = as_labels([COMPOSED, DECOMPOSED, "x", "x "], where="labels")
    assert labels.classes == (COMPOSED, "x")
    assert "are one class" in labels.remarks[0]
    assert as_labels(["a", "b", "a"], where="labels").remarks == ()
    losses = [0, 1, 0, 0, 1, 0], [1, 1, 0, 1, 1, 1]
    names = [COMPOSED, DECOMPOSED, COMPOSED, "x", "x ", "y"]
    assert bc.certify(*losses, groups=names, delta=0.05).groups == 3
    for pair in (("text", "Text"), ("a b", "ab")):
        with pytest.raises(InputError, match="differ in case, blanks or Unicode form only"):
            bc.compare(dict(zip(pair, losses, strict=True)), delta=0.05)


def test_modalities_of_a_study_that_look_alike_are_refused(
    refused: Refused, tmp_path: Path
) -> None:
    subset = "[[subset]]\nmodalities = {}\ntest_loss = 0.1\n"
    study = tmp_path / "s.toml"
    study.write_text("test_n = 9\n" + "".join(map(subset.format, (["text"], ["Text", "audio"]))))
    assert "'text' and 'Text' differ in case" in refused("compare", str(study))


@pytest.mark.parametrize("names", ["ab", "abc"])
def test_no_mark_of_a_lattice_stands_on_another_line(names: str) -> None:
    subsets = [s for s in _subsets(names) if s]
    nodes = tuple((s, len(s), "") for s in subsets)
    pairs = [
        (i, j) for i, s in enumerate(subsets) for j, t in enumerate(subsets) if set(t) < set(s)
    ]
    lattice = Lattice(nodes, tuple((i, j, Mark.UNDECIDED) for i, j in pairs))
    places, _, box = _places(lattice, WIDE)
    edges = _edges(lattice, places, box)
    for i, edge in enumerate(edges):
        x, y = edge.mark
        assert all(abs(x - a) > box / 2 or abs(y - b) > 29 for a, b in places)
        for k, other in enumerate(edges):
            if k != i:
                points = [other.at(t / 100) for t in range(101)]
                assert min((x - a) ** 2 + (y - b) ** 2 for a, b in points) > 7**2


def _subsets(names: str) -> list[str]:
    return [""] if not names else [s + t for s in _subsets(names[1:]) for t in ("", names[0])]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("diagnose x.csv --group site", "diagnose has no option --group; compare, certify, report"),
        ("compare x.csv --nosuch", "--nosuch"),
        ("eval holdout.hoeffding n=1000,2000", "several are for `sweep --vary`"),
        ("eval holdout.hoeffding n=10,20,30", "several are for `sweep --vary`"),
        ("eval holdout.hoeffding q=3", "'q' of holdout.hoeffding; known: delta, loss_bound, n"),
        (
            "solve holdout.hoeffding --for n --target 0.2 q=3",
            "'q' of holdout.hoeffding; known: delta, loss_bound, n",
        ),
        (
            "sweep holdout.hoeffding --vary n=10:90:3 q=3",
            "'q' of holdout.hoeffding; known: delta, loss_bound, n",
        ),
        (
            "sweep holdout.hoeffding --vary q=10:90:3",
            "'q' of holdout.hoeffding; known: delta, loss_bound, n",
        ),
        ("crossover holdout.hoeffding holdout.nosuch --in n", "unknown theorem 'holdout.nosuch'"),
        ("crossover holdout.hoeffding holdout.kl:nosuch --in n", "unknown variant of holdout.kl"),
    ],
)
def test_a_slip_is_answered_with_what_there_is(refused: Refused, typed: str, said: str) -> None:
    assert said in refused(*typed.split())


def test_a_decimal_comma_is_no_list(refused: Refused) -> None:
    assert refused("eval", "holdout.hoeffding", "delta=0,05").endswith("0.05, with a point\n")


@pytest.mark.parametrize("command", ["estimate", "diagnose", "compare"])
def test_advice_names_the_command_that_has_the_option(
    refused: Refused, tmp_path: Path, command: str
) -> None:
    file = tmp_path / "x.csv"
    file.write_text("audio_1,text_1,site,y\n1,2,a,0\n2,1,b,1\n", encoding="utf-8")
    said = refused(command, str(file))
    assert "`compare` also takes columns by modality, with --group-columns" in said
    assert "--group 'site'" in said


def test_a_table_of_predictors_is_not_a_column_of_losses(refused: Refused, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("audio,text\n0.5,0.25\n0.25,0.5\n", encoding="utf-8")
    assert "`compare --losses`" in refused("certify", str(file), str(file))


def test_bounds_on_different_things_are_numbers_not_better_bounds(run: Run) -> None:
    numbers = "delta=0.05 C=1 test_loss=0.1 m=1000 L=1 rademacher=0.1 gamma=0"
    rest = f"--in n optimisation_gap=0 {numbers}"
    _, said, _ = run("crossover", "holdout.hoeffding", "huang2021.theorem1", *rest.split())
    assert "They bound different things" in said
    assert "is the smaller number from n = " in said
    assert " better " not in said.partition("is better.")[2]
    both = "holdout.hoeffding holdout.empirical_bernstein --in n variance=0.05"
    _, said, _ = run("crossover", *both.split(), "delta=0.05", "C=1", "test_loss=0.1")
    assert " is better " in said


def test_facts_alone_are_read_from_a_text_file(run: Run, refused: Refused, tmp_path: Path) -> None:
    text = "risk(a) <= 0.3 with cost 0.01\n# a remark\nrisk(b) - risk(a) <= 0.1\n"
    file = tmp_path / "facts.txt"
    file.write_text(text, encoding="utf-8")
    code, out, _ = run("prove", str(file), "--maximise", "risk(b)", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    proved = bc.prove(text, maximise="risk(b)")
    assert code == 0
    assert {(row["bound"], row["probability"]) for row in rows} == {("0.4", "0.99")}
    assert proved.value == pytest.approx(0.4)
    assert {row["place"][-6:] for row in rows} == {"line 1", "line 3"}
    wrong = file.rename(tmp_path / "facts.toml")
    assert "read from a .txt file" in refused("prove", str(wrong), "--maximise", "risk(b)")


def test_the_table_of_power_has_its_answer(run: Run) -> None:
    asked = ("power", "--p10", "0.04", "--p01", "0.02", "-n", "500", "--format")
    rows = list(csv.DictReader(io.StringIO(run(*asked, "csv")[1])))
    found = bc.power(p10=0.04, p01=0.02, n=500)
    expected = [(str(each.n), str(each.probability)) for each in (*found.needed, found)]
    assert [(row["n"], row["probability"]) for row in rows] == expected
    assert {row["gap"] for row in rows} == {"0.02"}


def test_a_class_of_the_data_without_a_weight_is_named() -> None:
    with pytest.raises(InputError, match=r"class 'x' of the data has no weight; .* for a, b"):
        bc.certify([0, 1, 0], [1, 0, 0], classes=["a", "b", "x"], weights={"a": 1, "b": 2})


def test_the_test_that_decides_is_a_word_of_the_glossary(run: Run) -> None:
    assert "only A is wrong" in " ".join(run("show", "exact paired test")[1].split())


def test_examples_of_the_help_can_be_pasted(run: Run) -> None:
    for command in ("sweep", "simulate"):
        said = run(command, "--help")[1].partition("Example")[2]
        assert "the same with" not in said
        assert "…" not in said


def test_a_column_of_the_user_is_no_option(refused: Refused, tmp_path: Path) -> None:
    file = tmp_path / "l.csv"
    file.write_text("loss_bound,text\n0,1\nx,0\n", encoding="utf-8")
    assert "column loss_bound, row 3: 'x'" in refused("compare", str(file), "--losses")
