"""A refusal says what was meant: other names for a key or an argument, texts without quotes, classes as losses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from files import save

import boundcalc as bc
from boundcalc.errors import InputError, UnknownNameError

A, B = [1, 0] * 10, [0, 0, 1, 0] * 5
SUBSETS = (
    '[[subset]]\nmodalities = ["a"]\n{}\n[[subset]]\nmodalities = ["a", "b"]\ntest_loss = 0.25\n'
)
QUOTES = 'text stands in quotes, as in title = "Mine"'


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: bc.certify(A, B, class_weights={"x": 1}),
            "'class_weights' of certify; did you mean 'weights'",
        ),
        (lambda: bc.certify(A, B, id="id"), "'id' of certify; did you mean 'ids'"),
        (lambda: bc.certify(A, B, group=A), "'group' of certify; did you mean 'groups'"),
        (lambda: bc.estimate(np.eye(3), norms=2), "'norms' of estimate; did you mean 'norm'"),
        (lambda: bc.diagnose({"a": A}, label="y"), "'label' of diagnose; did you mean 'labels'"),
        (lambda: bc.power(gaps=0.1), "'gaps' of power; did you mean 'gap'"),
        (
            lambda: bc.prove("a <= 1", maximize="a"),
            "'maximize' of prove; did you mean 'maximise'",
        ),
        (lambda: bc.network({}, m=1, radii=1), "'radii' of network"),
    ],
)
def test_an_argument_by_another_name(call: Callable[[], Any], said: str) -> None:
    with pytest.raises(UnknownNameError, match=f"^unknown argument {said}"):
        call()


def test_numbers_of_a_theorem_are_still_checked_by_it() -> None:
    with pytest.raises(InputError, match=r"unknown parameter 'tset_loss' of holdout\.hoeffding"):
        bc.evaluate("holdout.hoeffding", variant="upper", n=10, delta=0.1, tset_loss=0.1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = Mine\n" + SUBSETS.format("test_loss = 0.5"), QUOTES),
        ("m = 10\nloss = zero-one\n" + SUBSETS.format("test_loss = 0.5"), QUOTES),
        (SUBSETS.format("test_loss = 0.5").replace('"a", "b"', "a, b"), QUOTES),
        ("title = Truely\n", QUOTES),
        ("nested = True\n", "; truth values are true and false"),
        ('[subset]\nmodalities = ["a"]\n', "each headed [[subset]]"),
        *(
            (
                SUBSETS.format(f"{key} = 0.9"),
                f"unknown key '{key}'; a loss is 1 − accuracy: give test_loss",
            )
            for key in ("test_acc", "accuracy", "acc", "test_accuracy")
        ),
        (
            SUBSETS.format("train_acc = 0.9"),
            "unknown key 'train_acc'; a loss is 1 − accuracy: give train_loss",
        ),
        (
            "test_acc = 0.9\n" + SUBSETS.format("test_loss = 0.5"),
            "unknown key 'test_acc'; a loss is 1 − accuracy: give test_loss",
        ),
    ],
)
def test_a_key_or_a_text_of_a_study(
    text: str, said: str, tmp_path: Path, refused: Callable[..., str]
) -> None:
    assert said in refused("compare", str(save(tmp_path, "s.toml", text)))


@pytest.mark.parametrize(
    "text", ["m = 1.2.3\n", "m = \n", "title = 'x\n", "= 3\n", "m = true false\n", "[a\n"]
)
def test_what_no_quotes_would_help(text: str, tmp_path: Path, refused: Callable[..., str]) -> None:
    assert "text stands in" not in refused("compare", str(save(tmp_path, "s.toml", text)))


def test_labels_that_are_classes(tmp_path: Path, refused: Callable[..., str]) -> None:
    rows = "".join(f"{i % 2},{i // 2 % 2},{'happy' if i % 3 else 'sad'}\n" for i in range(60))
    losses = str(save(tmp_path, "l.csv", "text,text+audio,mood\n" + rows))
    data = str(save(tmp_path, "d.csv", "a_1,b_1,mood\n" + rows))
    said = refused("compare", losses, "--losses")
    assert "row 2: 'sad' is not a number; if the column says what the examples are" in said
    assert "--group or --classes takes it" in said
    for command in ("compare", "diagnose"):
        said = refused(command, data, "--labels", "mood", "--task", "regression")
        assert "('happy')" in said
        assert "the task is classification" in said


def test_a_column_of_no_modality(tmp_path: Path, refused: Callable[..., str]) -> None:
    table = str(save(tmp_path, "d.csv", "a_1,b_1,age,y\n1,2,3,0\n2,1,4,1\n"))
    assert "--group-columns, which leaves out all columns that it does not name" in refused(
        "compare", table
    )
