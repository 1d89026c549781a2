"""Labels of data: found under their name, never a modality, and classes that are assumed to be known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import boundcalc as bc
from boundcalc.data.arrays import as_dataset, read_dataset
from boundcalc.data.labels import class_notes, likely_task
from boundcalc.errors import InputError

X = np.arange(12.0).reshape(6, 2)
Y = np.array([0, 1, 0, 1, 0, 1])


def test_a_mistyped_name_of_the_labels_does_not_make_them_a_modality(tmp_path: Path) -> None:
    np.savez(tmp_path / "data.npz", a=X, b=X, lab=Y)
    with pytest.raises(InputError, match="no array 'labs' for the labels; did you mean 'lab'"):
        read_dataset(tmp_path / "data.npz", labels="labs")
    (tmp_path / "data.csv").write_text("a_1,b_1,lab\n1,2,0\n3,4,1\n")
    with pytest.raises(InputError, match="no column 'labs' for the labels; did you mean 'lab'"):
        read_dataset(tmp_path / "data.csv", labels="labs")


def test_labels_are_given_once() -> None:
    with pytest.raises(InputError, match="labels are given twice"):
        as_dataset({"a": X, "b": X, "y": Y}, labels=Y)


@pytest.mark.parametrize("name", ["", " a", "a ", "b\x1b[31m", "a\nb"])
def test_names_of_modalities_are_printable(name: str) -> None:
    with pytest.raises(InputError, match="is no name for a modality"):
        as_dataset({"ok": X, name: X})


def test_many_whole_numbers_may_be_amounts() -> None:
    assert likely_task(None, "data") == "regression"
    assert likely_task(range(20), "data") == "classification"
    assert likely_task([str(i) for i in range(21)], "data") == "classification"
    with pytest.raises(
        InputError, match="data: the labels are 21 different whole numbers; name the task"
    ):
        likely_task(range(21), "data")


def test_a_class_that_nothing_was_trained_on_is_named() -> None:
    known, unseen = class_notes(("cat", "dog", "emu"), np.array([0, 1, 1]))
    assert "the 3 classes were known beforehand" in known
    assert unseen.endswith("of class emu")
    assert len(class_notes(("cat", "dog"), np.array([0, 1]))) == 1


@pytest.mark.parametrize("option", [{"norms": [1e155]}, {"margin": 1e-300}, {"clip": 1e300}])
def test_extreme_options_are_refused(option: dict) -> None:
    with pytest.raises(InputError, match="1e-9 to 1e9"):
        bc.compare({"a": X, "b": X, "y": Y}, **option)
