"""Limits on the size of a grid, and what a sweep says where all that varies is left out."""

from __future__ import annotations

import json

import pytest

import boundcalc as bc
from boundcalc.errors import InputError
from boundcalc.numeric import grid, sweep

HOEFFDING = {"variant": "upper", "loss_bound": 1, "delta": 0.05}


def test_as_many_points_as_the_limit_are_computed_without_asking(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sweep, "LIMIT", 6)
    axes = {"n": [10, 20, 30], "test_loss": [0.1, 0.2]}
    assert bc.sweep("holdout.hoeffding", vary=axes, **HOEFFDING).size == 6
    axes["n"] = [10, 20, 30, 40]
    with pytest.raises(InputError, match="8 grid points are more than 6"):
        bc.sweep("holdout.hoeffding", vary=axes, **HOEFFDING)
    assert bc.sweep("holdout.hoeffding", vary=axes, chunks=6, **HOEFFDING).size == 8


def test_an_axis_has_at_most_as_many_points_as_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid, "LIMIT", 3)
    assert bc.Range(1, 2, 3).count == 3
    assert grid.grid({"n": [1, 2, 3]}).size == 3
    with pytest.raises(InputError, match="COUNT = 4 is more than 3 points on one axis"):
        bc.Range(1, 2, 4)
    with pytest.raises(InputError, match="n has more than 3 points on one axis"):
        grid.grid({"n": [1, 2, 3, 4]})


def test_the_failure_probability_is_known_where_it_is_the_same_at_every_point() -> None:
    varied = {"n": [10, 20], "test_loss": [0.1], "loss_bound": [1]}
    found = bc.sweep("holdout.hoeffding", variant="upper", vary=varied, delta=0.05)
    assert found.failure == 0.05  # δ is all that does not vary
    varied = {"n": [10, 20], "delta": [0.1, 0.2]}
    found = bc.sweep("holdout.hoeffding", variant="upper", vary=varied, test_loss=0, loss_bound=1)
    assert found.failure is None


def test_counts_are_written_as_whole_numbers_as_far_as_floats_tell_them_apart() -> None:
    for largest, whole in ((1000, True), (2**53, True), (10**17, False)):
        vary = {"n": [7, largest]}
        found = bc.sweep("holdout.hoeffding", vary=vary, test_loss=0.1, **HOEFFDING)
        text = json.dumps(found.to_dict()["vary"]["n"])
        assert text == (f"[7, {largest}]" if whole else "[7.0, 1e+17]")
