"""Study files: what is read, and what is refused with one line that says where."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from files import ROOT

from boundcalc.cli.app import main
from boundcalc.errors import InputError
from boundcalc.study.read import read_study
from boundcalc.study.study import LossKind, compared_pairs

TEXT: dict[str, Any] = {"modalities": ["text"], "test_loss": 0.4}
BOTH: dict[str, Any] = {"modalities": ["text", "audio"], "test_loss": 0.3}


def mapping(*subsets: dict[str, Any], **top: Any) -> dict[str, Any]:
    return {"m": 1000, "test_n": 100, **top, "subset": list(subsets or (TEXT, BOTH))}


def test_the_shipped_studies_are_read() -> None:
    study = read_study(ROOT / "examples" / "iemocap.toml")
    assert (study.m, study.test_n, study.delta, study.loss) == (13200, 3410, 0.1, LossKind.ZERO_ONE)
    assert [s.label for s in study.subsets] == [
        "text",
        "text+audio",
        "text+video",
        "text+audio+video",
    ]
    assert [s.test_loss for s in study.subsets] == [0.5007, 0.4697, 0.4892, 0.4611]
    digits = read_study(ROOT / "examples" / "digits" / "study.toml")
    assert digits.test_n == 900
    assert [int(s.test_losses.sum()) for s in digits.subsets] == [132, 132, 33]
    training = read_study(ROOT / "examples" / "from_training_losses.toml")
    assert training.erm
    assert [s.complexity for s in training.subsets] == [4.0, 9.0, 16.0]


def test_defaults() -> None:
    study = read_study({"subset": [{"modalities": ["a"]}, {"modalities": ["a", "b"]}]})
    assert (study.delta, study.loss_bound, study.loss) == (0.05, 1.0, LossKind.BOUNDED)
    assert (study.m, study.test_n, study.lipschitz, study.reference) == (None, None, None, None)
    assert not study.erm
    assert not study.vector_outputs


def test_a_mapping_and_a_file_are_the_same_study(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text(
        'm = 1000\ntest_n = 100\n[[subset]]\nmodalities = ["text"]\ntest_loss = 0.4\n'
        '[[subset]]\nmodalities = ["text", "audio"]\ntest_loss = 0.3\n',
        encoding="utf-8",
    )
    a, b = read_study(file), read_study(mapping(title="s"))
    for name in ("title", "m", "test_n", "delta", "loss_bound", "loss", "reference"):
        assert getattr(a, name) == getattr(b, name)
    assert [(s.modalities, s.test_loss) for s in a.subsets] == [
        (s.modalities, s.test_loss) for s in b.subsets
    ]


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    text = '[[subset]]\r\nmodalities = ["a"]\r\n[[subset]]\r\nmodalities = ["a", "b"]\r\n'
    (tmp_path / "s.toml").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert len(read_study(tmp_path / "s.toml").subsets) == 2


def test_losses_are_found_beside_the_study_file_and_cannot_be_changed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("0\n1\n0\n", encoding="ascii")
    np.save(tmp_path / "b.npy", np.array([0.0, 1.0, 1.0]))
    (tmp_path / "s.toml").write_text(
        '[[subset]]\nmodalities = ["a"]\ntest_losses = "a.csv"\n'
        '[[subset]]\nmodalities = ["a", "b"]\ntest_losses = "b.npy"\n',
        encoding="ascii",
    )
    study = read_study(str(tmp_path / "s.toml"))
    assert study.test_n == 3
    assert study.subsets[0].test_losses.tolist() == [0, 1, 0]
    assert study.subsets[1].test_losses.tolist() == [0, 1, 1]
    with pytest.raises(ValueError, match="read-only"):
        study.subsets[0].test_losses[0] = 1


def test_the_losses_of_a_mapping_are_copied() -> None:
    losses = np.array([0.0, 1.0, 0.5])
    subsets = (
        {"modalities": ["a"], "test_losses": losses},
        {"modalities": ["a", "b"], "test_losses": [0, 0, 1]},
    )
    study = read_study({"subset": list(subsets)})
    losses[0] = 1.0
    assert study.subsets[0].test_losses.tolist() == [0.0, 1.0, 0.5]


def test_an_error_count_implies_a_zero_one_loss() -> None:
    assert (
        read_study(mapping({"modalities": ["a"], "test_errors": 3}, BOTH)).loss is LossKind.ZERO_ONE
    )


def test_intrinsic_complexity_of_a_class_and_of_a_number() -> None:
    linear = {**TEXT, "class": {"kind": "linear-l2", "norm": 3.0, "radius": 2.0}}
    number = {**BOTH, "rademacher": 0.02}
    study = read_study(mapping(linear, number))
    assert study.subsets[0].complexity == 36.0
    assert study.subsets[0].expected_complexity(900) == pytest.approx(6 / 30)
    assert study.subsets[1].complexity is None
    assert study.subsets[1].expected_complexity(900) == 0.02


def labels(**options: Any) -> list[tuple[str, str]]:
    subsets = [{"modalities": list(name)} for name in ("b", "ab", "a", "abc", "cb")]
    reference = options.pop("reference", None)
    study = read_study({"subset": subsets, **({"reference": reference} if reference else {})})
    return [
        ("".join(sorted(m.names)), "".join(sorted(n.names)))
        for m, n in compared_pairs(study, **options)
    ]


def test_nested_pairs_by_default_the_larger_first() -> None:
    assert set(labels()) == {
        ("ab", "b"),
        ("abc", "b"),
        ("bc", "b"),
        ("ab", "a"),
        ("abc", "ab"),
        ("abc", "a"),
        ("abc", "bc"),
    }


def test_reference_pairs() -> None:
    assert set(labels(reference=["b", "a"])) == {
        ("ab", "b"),
        ("ab", "a"),
        ("abc", "ab"),
        ("bc", "ab"),
    }


def test_all_pairs_put_the_larger_or_first_name_first() -> None:
    pairs = labels(all_pairs=True)
    assert len(pairs) == 10
    assert {("a", "b"), ("ab", "bc"), ("bc", "a")} <= set(pairs)


SUBSETS = '[[subset]]\nmodalities = ["a"]\ntest_loss = 0.5\n[[subset]]\nmodalities = ["a", "b"]\n'
SECOND = "s.toml, subset 2 (a+b): "
THIRD = "[[subset]]\n"
BAD = {
    # keys
    "unknown key of a subset": (
        SUBSETS + "tain_loss = 0.3",
        SECOND + "unknown key 'tain_loss'; did you mean 'train_loss'?",
    ),
    "unknown key of the study": (
        "testn = 3\n" + SUBSETS,
        "s.toml: unknown key 'testn'; did you mean 'test_n'?",
    ),
    "unknown key of a class": (
        SUBSETS + 'class = { kind = "linear-l2", nrm = 1 }',
        SECOND.replace(": ", ", class: ")
        + "unknown parameter 'nrm' of linear-l2; did you mean 'norm'?",
    ),
    # numbers
    "nan": (SUBSETS + "test_loss = nan", SECOND + "test_loss = nan is not a number"),
    "infinity": (SUBSETS + "test_loss = inf", SECOND + "test_loss = inf is not finite"),
    "too large a float": ("test_n = 1e400\n" + SUBSETS, "s.toml: test_n = inf is not finite"),
    "a million digits": (f"test_n = {'9' * 1_000_000}\n" + SUBSETS, "too many digits"),
    "four thousand digits": (f"test_n = {'9' * 4000}\n" + SUBSETS, "s.toml: test_n is too large"),
    "hexadecimal": (f"m = 0x{'f' * 100_000}\n" + SUBSETS, "s.toml: m is too large"),
    "negative loss": (
        SUBSETS + "train_loss = -0.1",
        SECOND + "train_loss = -0.1 is outside the domain",
    ),
    "loss above the bound": (
        "loss_bound = 2\n" + SUBSETS + "test_loss = 2.5",
        SECOND + "test_loss = 2.5 is above loss_bound = 2",
    ),
    "percentage": (
        SUBSETS + "train_loss = 46.1",
        SECOND + "train_loss = 46.1 is above loss_bound = 1",
    ),
    "text for a number": (
        SUBSETS + 'test_loss = "0.3"',
        SECOND + "test_loss must be a number, not '0.3'",
    ),
    "list for a number": (
        SUBSETS + "test_loss = [0.3]",
        SECOND + "test_loss must be one number, not [0.3]",
    ),
    "date for a number": (
        SUBSETS + "test_loss = 1979-05-27",
        SECOND + "test_loss must be a number",
    ),
    "truth value for a number": (
        SUBSETS + "test_loss = true",
        SECOND + "test_loss must be a number, not True",
    ),
    "no training examples": ("m = 0\n" + SUBSETS, "s.toml: m = 0 is outside the domain"),
    "half an example": ("m = 1.5\n" + SUBSETS, "s.toml: m = 1.5 is not a whole number"),
    "no test examples": ("test_n = 0\n" + SUBSETS, "s.toml: test_n = 0 is outside the domain"),
    "delta 0": ("delta = 0\n" + SUBSETS, "s.toml: delta = 0 is outside the domain"),
    "delta 1": ("delta = 1.0\n" + SUBSETS, "s.toml: delta = 1 is outside the domain"),
    "delta too small to divide": (
        "test_n = 9\ndelta = 5e-324\n" + SUBSETS + "test_loss = 0.5",
        "s.toml: delta = 4.94066e-324 is too small",
    ),
    "negative complexity": (
        SUBSETS + "complexity = -1",
        SECOND + "complexity = -1 is outside the domain",
    ),
    "negative rademacher": (
        SUBSETS + "rademacher = -1",
        SECOND + "rademacher = -1 is outside the domain",
    ),
    "centred loss": (
        SUBSETS + "centred_loss = -2",
        SECOND + "the size of centred_loss = 2 is above loss_bound = 1",
    ),
    "negative gap": (
        SUBSETS + "optimisation_gap = -1",
        SECOND + "optimisation_gap = -1 is outside the domain",
    ),
    "impossible variance": (
        "test_n = 100\n" + SUBSETS + "test_loss = 0.5\nvariance = 0.3",
        SECOND + "variance is above the most",
    ),
    "variance alone": (
        SUBSETS + "variance = 0.1",
        SECOND + "variance goes with test_loss, which is missing",
    ),
    "more errors than examples": (
        "test_n = 9\n" + SUBSETS + "test_errors = 10",
        SECOND + "test_errors = 10 is above test_n = 9",
    ),
    "half an error": (
        SUBSETS + "test_errors = 3.5",
        SECOND + "test_errors = 3.5 is not a whole number",
    ),
    # subsets
    "no modalities": (
        SUBSETS + THIRD + "test_loss = 0.2",
        "s.toml, subset 3: modalities must be a list",
    ),
    "empty modalities": (
        SUBSETS + THIRD + "modalities = []",
        "s.toml, subset 3: modalities must be a list",
    ),
    "modalities are text": (
        SUBSETS + THIRD + 'modalities = "a"',
        "s.toml, subset 3: modalities must be a list",
    ),
    "a modality is a number": (
        SUBSETS + THIRD + "modalities = [1]",
        "s.toml, subset 3: modalities has 1",
    ),
    "a modality is empty": (SUBSETS + THIRD + 'modalities = [" "]', "subset 3: modalities has ' '"),
    "a modality with a plus": (
        SUBSETS + THIRD + 'modalities = ["c+d"]',
        "subset 3 (c+d): modalities has 'c+d'",
    ),
    "a modality on two lines": (
        SUBSETS + THIRD + 'modalities = ["c\\nd"]',
        "subset 3 (c d): modalities has",
    ),
    "the same subset twice": (
        SUBSETS + THIRD + 'modalities = ["b", "a"]',
        "subset 3 (b+a): the same modalities as subset 2",
    ),
    "the same modality twice": (
        SUBSETS + THIRD + 'modalities = ["c", "c"]',
        "subset 3 (c+c): modalities names 'c' twice",
    ),
    "one subset": ('[[subset]]\nmodalities = ["a"]', "s.toml: only one subset"),
    "no subset": ("m = 3", "s.toml: no subset"),
    "subset is a number": ("subset = 3", "s.toml: subset must be a list of tables"),
    "subset is a table": (
        '[subset]\nmodalities = ["a"]',
        "s.toml: subset must be a list of tables",
    ),
    "nothing nested": (SUBSETS.replace('"a", "b"', '"b"'), "s.toml: no subset contains another"),
    "reference unknown": (
        'reference = ["z"]\n' + SUBSETS,
        "s.toml: reference: no subset sees exactly 'z'; the subsets are a, a+b",
    ),
    "reference is text": ('reference = "a"\n' + SUBSETS, "s.toml: reference must be a list"),
    # what excludes each other
    "two complexities": (
        SUBSETS + "complexity = 1\nrademacher = 0.1",
        SECOND + "complexity and rademacher both give the complexity",
    ),
    "two kinds of test losses": (
        SUBSETS + "test_loss = 0.1\ntest_errors = 1",
        SECOND + "test_loss and test_errors both give the test losses",
    ),
    "errors of a bounded loss": (
        'loss = "bounded"\n' + SUBSETS + "test_errors = 3",
        "s.toml: test_errors counts errors of a 0/1 loss",
    ),
    "zero-one up to 2": (
        'loss = "zero-one"\nloss_bound = 2\n' + SUBSETS,
        "s.toml: loss_bound = 2, but a 0/1 loss",
    ),
    "zero-one and Lipschitz": (
        'loss = "zero-one"\nlipschitz = 2\n' + SUBSETS,
        "s.toml: lipschitz = 2, but a 0/1 loss is not Lipschitz",
    ),
    "zero-one and vectors": (
        'loss = "zero-one"\nlipschitz = 1\nvector_outputs = true\n' + SUBSETS,
        "s.toml: vector_outputs needs a Lipschitz loss",
    ),
    "zero-one and a score class": (
        'loss = "zero-one"\n' + SUBSETS + 'class = { kind = "linear-l2", norm = 1, radius = 1 }',
        "a 0/1 loss is not Lipschitz",
    ),
    "vectors and a scalar class": (
        "vector_outputs = true\n"
        + SUBSETS
        + 'class = { kind = "linear-l2", norm = 1, radius = 1 }',
        "linear-l2 has one output, but vector_outputs is true",
    ),
    # words
    "unknown loss": (
        'loss = "zeroone"\n' + SUBSETS,
        "s.toml: loss must be zero-one or bounded, not 'zeroone'; did you mean 'zero-one'?",
    ),
    "erm is a number": ("erm = 1\n" + SUBSETS, "s.toml: erm must be true or false, not 1"),
    "title is a number": ("title = 3\n" + SUBSETS, "s.toml: title must be text, not 3"),
    "title rings": ('title = "a\\u0007b"\n' + SUBSETS, "s.toml: title must be one line"),
    "unknown class": (
        SUBSETS + 'class = { kind = "linear-l3" }',
        "class: kind must name a class or an operation; not 'linear-l3'; did you mean 'linear-l",
    ),
    "class without radius": (
        SUBSETS + 'class = { kind = "linear-l2", norm = 1 }',
        "class: linear-l2 (radius) needs radius",
    ),
    "class is text": (SUBSETS + 'class = "linear-l2"', SECOND + "class must be a table"),
    # losses
    "no file of losses": (SUBSETS + 'test_losses = "nowhere.csv"', "nowhere.csv: no such file"),
    "other number of losses": (
        "test_n = 4\n" + SUBSETS + "test_losses = [0, 1, 0]",
        SECOND + "test_losses has 3 losses, but test_n = 4",
    ),
    "losses of two lengths": (
        SUBSETS.replace("test_loss = 0.5", "test_losses = [0, 1]") + "test_losses = [0, 1, 0]",
        SECOND + "test_losses has 3 losses, but a has 2",
    ),
    "more errors than losses": (
        SUBSETS.replace("test_loss = 0.5", "test_losses = [0, 1]") + "test_errors = 3",
        SECOND + "test_errors = 3 is above",
    ),
    "half a zero-one loss": (
        'loss = "zero-one"\n' + SUBSETS + "test_losses = [0, 0.5]",
        "s.toml, subset 2 (a+b), example 2: 0.5 is neither 0 nor 1",
    ),
    "a negative loss": (
        SUBSETS + "test_losses = [0, -0.5]",
        SECOND + "test_losses, row 2: -0.5 is below 0",
    ),
    "losses are text": (SUBSETS + 'test_losses = ["x"]', SECOND + "test_losses"),
    "no losses": (SUBSETS + "test_losses = []", SECOND + "test_losses is empty"),
    # files
    "not TOML": ("m = = 3", "s.toml is not valid TOML: Invalid value (at line 1, column 5)"),
    "nested without end": ("title = " + "[" * 100_000, "s.toml is nested too deeply"),
    "too large": ("#" + "x" * 5_000_000, "s.toml is larger than 4 MiB"),
}


def refused(*arguments: str) -> str:
    """The one line on stderr of a command that ends with exit code 2."""
    out, err = io.StringIO(), io.StringIO()
    argv, sys.argv = sys.argv, ["boundcalc", "compare", *arguments]
    try:
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as stop:
            main()
    finally:
        sys.argv = argv
    assert stop.value.code == 2
    assert out.getvalue() == ""
    lines = err.getvalue().splitlines()
    assert len(lines) == 1
    assert "Traceback" not in lines[0]
    assert len(lines[0]) < 400
    return lines[0]


@pytest.mark.parametrize("name", BAD)
def test_bad_studies_are_refused_in_one_line_that_says_where(name: str, tmp_path: Path) -> None:
    text, message = BAD[name]
    file = tmp_path / "s.toml"
    file.write_text(text, encoding="utf-8")
    assert message in refused(str(file))


def test_bad_files_are_refused(tmp_path: Path) -> None:
    assert "there is no file" in refused(str(tmp_path / "nowhere.toml"))
    assert "is a folder" in refused(str(tmp_path))
    (tmp_path / "latin.toml").write_bytes('title = "é"'.encode("latin-1"))
    assert "is not UTF-8 text (byte 10)" in refused(str(tmp_path / "latin.toml"))


def test_bad_options_are_refused() -> None:
    file = str(ROOT / "examples" / "iemocap.toml")
    assert "delta = 2 is outside the domain" in refused(file, "--delta", "2").replace("2.0", "2")
    assert "delta must be a number, not 'x'" in refused(file, "--delta", "x")
    assert "no subset sees exactly 'video'" in refused(file, "--reference", "video")
    assert "exclude each other" in refused(file, "--reference", "text", "--all-pairs")


@pytest.mark.parametrize("source", [3, None, ["a"]])
def test_other_sources_are_refused(source: Any) -> None:
    with pytest.raises(InputError, match="a study is a path or a mapping, not"):
        read_study(source)
