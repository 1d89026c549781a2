"""Seeds of every kind that NumPy gives, in every command."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from files import EXAMPLES

import boundcalc as bc
from boundcalc.errors import InputError
from boundcalc.study.simulate import changed, read_world
from boundcalc.worlds.simulate.repeat import repeat

X = np.random.default_rng(0).normal(size=(120, 2))
DATA = {"a": X[:, :1], "b": X[:, 1:], "y": (X[:, 0] > 0).astype(int)}
WORLD = EXAMPLES / "worlds" / "audio.toml"
CALLS: dict[str, Callable[[Any], Any]] = {
    "certify": lambda seed: bc.certify(abs(X[:60, 0]) / 9, abs(X[60:, 0]) / 9, seed=seed),
    "compare": lambda seed: bc.compare(DATA, seed=seed),
    "estimate": lambda seed: bc.estimate(X, draws=20, seed=seed),
    "diagnose": lambda seed: bc.diagnose(DATA, seed=seed),
    "simulate": lambda seed: repeat(changed(read_world(WORLD), repetitions=2, seed=seed)),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_seed_is_a_whole_number_of_any_kind(name: str) -> None:
    call = CALLS[name]
    for seed in (np.int64(3), np.array(3), 2**64, 2**128 - 1):
        found = json.loads(call(seed).to_json())
        assert found == json.loads(call(int(seed)).to_json())
    for wrong in (True, 1.5, -1, "x", np.array([1, 2]), 2**256):
        with pytest.raises(InputError, match="seed"):
            call(wrong)
