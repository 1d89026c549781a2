"""What losses, groups, classes and ids are taken for, and where one is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from boundcalc.errors import DomainError, InputError
from boundcalc.numeric.decide.losses import (
    as_losses,
    class_weights,
    grouped,
    labels,
    range_end,
    refuse_between,
)


def test_losses_lie_between_0_and_their_bound() -> None:
    assert as_losses([0.0, 1.0, True], where="a").tolist() == [0, 1, 1]
    assert as_losses([[0.5], [2.0]], where="a", loss_bound=2).tolist() == [0.5, 2]
    assert as_losses([7], where="a", loss_bound=7.0).shape == (1,)
    assert range_end(None) == 1


@pytest.mark.parametrize("end", [1e-9, 1e9, 3])
def test_units_in_which_a_loss_can_be_measured(end: float) -> None:
    assert range_end(end) == end


@pytest.mark.parametrize("end", [0.99e-9, 1.01e9])
def test_units_in_which_rounding_would_show(end: float) -> None:
    with pytest.raises(DomainError, match=r"outside \[1e-9, 1e9\]"):
        range_end(end)


@pytest.mark.parametrize(
    ("values", "settings", "text"),
    [
        ([0.1, -1e-300], {}, "row 2: -1e-300 is below 0"),
        ([1.0, 1.0000001], {}, "row 2: 1.0000001 is above 1: give loss_bound"),
        ([2.5, 0], {"loss_bound": 2}, "row 1: 2.5 is above loss_bound = 2"),
        ([0, 0, np.nan, np.nan], {"rows": [9, 5, 7, 2]}, "row 7: nan is not a number"),
        ([np.inf], {"rows": [2]}, "row 2: inf is not finite"),
        ([0, 0.5], {"zero_one": True, "rows": [3, 4]}, "row 4: 0.5 is neither 0 nor 1"),
        ([], {}, "is empty"),
        (0.5, {}, r"has shape \(\); losses have shape"),
        ([[0.1, 0.2]], {}, r"has shape \(1, 2\)"),
        ([[[0.1]]], {}, r"has shape \(1, 1, 1\)"),
    ],
)
def test_losses_that_cannot_be(values: Any, settings: dict[str, Any], text: str) -> None:
    with pytest.raises(InputError, match=text):
        as_losses(values, where="here", **settings)


def test_groups_are_numbered_as_they_arrive() -> None:
    groups = grouped(["y", "x", "y", 3, 3.0, "3"], 6)
    assert groups.index.tolist() == [0, 1, 0, 2, 2, 2]
    assert groups.sizes.tolist() == [2, 1, 3]
    assert groups.means(np.array([1.0, 7.0, 2.0, 3.0, 3.0, 6.0])).tolist() == [1.5, 7, 4]
    assert groups.weights(3).tolist() == [2 / 3, 1 / 3, 1]
    assert groups.weights(6).tolist() == [2 / 6, 1 / 6, 3 / 6]
    with pytest.raises(InputError, match="a group has 3 examples, more than group_size = 2"):
        groups.weights(2)


def test_two_groups_are_enough_and_one_is_not() -> None:
    assert grouped(["a", "b"], 2).sizes.tolist() == [1, 1]
    with pytest.raises(InputError, match="one group only"):
        grouped(["a", "a"], 2)


@pytest.mark.parametrize(
    ("values", "n", "text"),
    [
        (["a", "b"], 3, "2 names for 3 examples"),
        (["a", None], 2, "example 2: the name is missing"),
        (["N/A", "b"], 2, "example 1: the name is missing"),
        ([["a"], ["b"]], 2, "a list of them"),
        ("ab", 2, "a list of them"),
    ],
)
def test_names_that_cannot_be(values: Any, n: int, text: str) -> None:
    with pytest.raises(InputError, match=text):
        labels(values, n, "groups")


def test_names_are_told_as_they_are_written() -> None:
    assert labels(np.array([1.0, 2.5, 3.0]), 3, "groups") == ["1", "2.5", "3"]


def test_the_weight_of_a_class_and_the_largest_of_any() -> None:
    found, most = class_weights(["x", 2, "x"], {"x": 0.5, 2.0: np.float32(3), "unseen": 8}, 3)
    assert found.tolist() == [0.5, 3, 0.5]
    assert most == 8
    with pytest.raises(InputError, match="class 'z' of the data has no weight"):
        class_weights(["x", "z"], {"x": 1.0}, 2)
    for weight in (0.0, -1.0):
        with pytest.raises(InputError, match="must be positive"):
            class_weights(["x"], {"x": weight}, 1)
    assert class_weights(["x"], {"x": 1e-300}, 1)[1] == 1e-300
    with pytest.raises(InputError) as refusal:
        class_weights(["z"], {f"c{i}": 1.0 for i in range(12)}, 1)
    assert str(refusal.value).endswith("c0, c1, c2, c3, c4, c5, c6, c7")


@pytest.mark.parametrize(
    ("names", "back"),
    [("abab", 3), ("aabba", 5), ("abcb", 4), ("aabbccca", 8), ("aabacc", 4)],
)
def test_groups_whose_rows_stand_together(names: str, back: int) -> None:
    with pytest.raises(InputError, match=f"example {back} is of a group that came before"):
        grouped(list(names), len(names)).refuse_scattered()
    whole = sorted(names)
    grouped(whole, len(whole)).refuse_scattered()
    grouped(whole[::-1], len(whole)).refuse_scattered()


def test_errors_are_losses_of_0_and_1() -> None:
    assert as_losses([0, 1, 1], where="losses", zero_one=True).tolist() == [0, 1, 1]


def test_what_is_neither_0_nor_1_is_named_with_its_example() -> None:
    whole, missing = np.array([0.0, 1.0, 1.0]), np.array([np.nan, 1.0, 0.0])
    refuse_between({"a": whole, "b": missing}, 1)
    with pytest.raises(InputError, match=r"^b, example 3: 0\.5 is neither 0 nor 1$"):
        refuse_between({"a": whole, "b": np.array([np.nan, 1.0, 0.5, 0.25])}, 1)
    with pytest.raises(InputError, match="loss_bound = 1, not 2"):
        refuse_between({"a": whole}, 2)
