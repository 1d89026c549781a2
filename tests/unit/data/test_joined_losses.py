"""Losses of several files in one order, by the ids of their examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from boundcalc.data.loss_files import Column
from boundcalc.data.loss_tables import joined_rows
from boundcalc.errors import InputError


def rows(*sides: Sequence[Any], in_order: bool = False) -> list[list[int]]:
    """Where the examples of A stand among those of A, B, …"""
    named = zip("ABC", sides, strict=False)
    ids = [Column(name, side, range(1, len(side) + 1)) for name, side in named]
    return [found.tolist() for found in joined_rows(ids, in_order=in_order)]


def test_ids_bring_rows_into_one_order() -> None:
    assert rows([3, 1, 2], ["1", "2", "3"]) == [[0, 1, 2], [2, 0, 1]]
    assert rows(["x", "y"], ["y", "x"], ["x", "y"]) == [[0, 1], [1, 0], [0, 1]]
    assert rows([1.0, 2.0], ["2", "1"]) == [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("sides", "said"),
    [
        ((["1", "2", "1"], ["1", "2", "3"]), "^A: the id '1' is there twice$"),
        ((["1", "2"], ["2", "2"]), "^B: the id '2' is there twice$"),
        ((["1", "2"], ["1", "3"]), "^1 ids of A are not in B: 2$"),
        ((["1"], ["1", "3"]), "^1 ids of B are not in A: 3$"),
        ((["1", "2"], ["2", "1"], ["1", "4"]), "^1 ids of A are not in C: 2$"),
        ((["1", None], ["1", None]), "^A, row 2: the id is missing$"),
        ((["1", "2"], [float("nan"), "2"]), "^B, row 1: the id is missing$"),
    ],
)
def test_ids_that_tell_no_order_are_refused(sides: tuple[Sequence[Any], ...], said: str) -> None:
    with pytest.raises(InputError, match=said):
        rows(*sides)


def test_numbers_tell_the_order_of_arrival() -> None:
    assert rows(["1", "2", "10"], ["10", "2", "1"], in_order=True) == [[0, 1, 2], [2, 1, 0]]
    assert rows(["b", "a"], ["a", "b"], in_order=True) == [[0, 1], [1, 0]]
    with pytest.raises(
        InputError, match=r"^A: example 2: the id 1 comes after 2; with looks = any"
    ):
        rows(["2", "1"], ["1", "2"], in_order=True)
