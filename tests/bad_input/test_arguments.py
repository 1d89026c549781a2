"""Every argument of every public verb, given what it cannot be: only errors of our own, one line each."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sympy import Symbol

import boundcalc as bc
from boundcalc.errors import BoundcalcError

HOLDOUT = {"n": 100, "delta": 0.05, "loss_bound": 1, "test_loss": 0.2}
LOSSES = ([1] * 9 + [0] * 51, [0] * 60)
STUDY = {
    "test_n": 200,
    "m": 300,
    "lipschitz": 1.0,
    "subset": [
        {"modalities": ["text"], "test_loss": 0.3, "train_loss": 0.2, "rademacher": 0.1},
        {"modalities": ["text", "audio"], "test_loss": 0.1, "train_loss": 0.1, "rademacher": 0.1},
    ],
}
WORLD = {
    "kind": "linear",
    "m": 20,
    "repetitions": 2,
    "covariance": [[1, 0], [0, 1]],
    "blocks": {"a": [0], "b": [1]},
    "theta": [1, 1],
    "noise_variance": 0.1,
    "norm": 2,
    "loss_bound": 9,
}
_GENERATOR = np.random.default_rng(0)
ARRAYS = {"a": _GENERATOR.normal(size=(60, 2)), "b": _GENERATOR.normal(size=(60, 1))}
DATA = {**ARRAYS, "y": np.arange(60) % 2}
FACTS = "risk(a) <= 0.3\nrisk(b) - risk(a) <= 0.1"
ROWS = {"text": LOSSES[0], "text+audio": LOSSES[1]}

CALLS: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "certify": (bc.certify, {"losses_a": LOSSES[0], "losses_b": LOSSES[1], "groups": None}),
    "compare": (bc.compare, {"study": STUDY}),
    "compare losses": (bc.compare, {"study": ROWS}),
    "compare data": (bc.compare, {"study": DATA}),
    "complexity": (bc.complexity, {"what": "linear-l2", "m": 100, "norm": 1, "radius": 1}),
    "crossover": (
        bc.crossover,
        {
            "first": "holdout.hoeffding",
            "second": "holdout.kl",
            "over": "n",
            **{k: HOLDOUT[k] for k in ("delta", "test_loss")},
            "only_first": {"loss_bound": 1},
        },
    ),
    "derive": (bc.derive, {"id": "holdout.hoeffding", **HOLDOUT}),
    "diagnose": (bc.diagnose, {"data": DATA}),
    "estimate": (bc.estimate, {"X": ARRAYS["a"], "draws": 10}),
    "evaluate": (bc.evaluate, {"id": "holdout.hoeffding", **HOLDOUT}),
    "lemma": (bc.lemma, {"name": "given"}),
    "plan": (
        bc.plan,
        {
            "id": "holdout.hoeffding",
            "target": 0.3,
            "prices": {"n": 1},
            "delta": 0.05,
            "loss_bound": 1,
            "test_loss": 0.2,
        },
    ),
    "power": (bc.power, {"p10": 0.1, "p01": 0.05}),
    "prove": (bc.prove, {"facts": FACTS, "maximise": "risk(b)"}),
    "prove study": (bc.prove, {"facts": STUDY, "maximise": "risk(text)"}),
    "rates": (bc.rates, {"id": "holdout.hoeffding"}),
    "simulate": (bc.simulate, {"world": WORLD}),
    "solve": (
        bc.solve,
        {"id": "holdout.hoeffding", "unknown": "n", "target": 0.3}
        | {k: v for k, v in HOLDOUT.items() if k != "n"},
    ),
    "sweep": (
        bc.sweep,
        {"id": "holdout.hoeffding", "vary": {"n": [10, 20]}}
        | {k: v for k, v in HOLDOUT.items() if k != "n"},
    ),
    "Range": (bc.Range, {"start": 10, "stop": 100, "count": 3}),
    "symbol": (bc.symbol, {"name": "m"}),
    "theorem": (bc.theorem, {"id": "holdout.hoeffding"}),
    "verify": (bc.verify, {"id": "holdout.hoeffding"}),
    "LinearWorld": (
        bc.worlds.LinearWorld,
        {
            "covariance": [[1, 0], [0, 1]],
            "blocks": {"a": [0], "b": [1]},
            "theta": [1, 1],
            "noise_variance": 0.1,
        },
    ),
    "TableWorld": (bc.worlds.TableWorld, {"points": 3}),
    "worlds.world": (bc.worlds.world, {"name": "cube of encoders"}),
}

WRONG: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "true": lambda: True,
    "3": lambda: 3,
    "-1": lambda: -1,
    "2.5": lambda: 2.5,
    "nan": lambda: float("nan"),
    "infinity": lambda: np.float64("inf"),
    "10**400": lambda: 10**400,
    "1e300": lambda: 1e300,
    "tiny": lambda: 5e-324,
    "Decimal": lambda: Decimal("sNaN"),
    "Fraction": lambda: Fraction(1, 3),
    "complex": lambda: 1 + 2j,
    "symbol": lambda: Symbol("x"),
    "empty text": lambda: "",
    "text": lambda: "no\x1b[31m such\nthing",
    "bytes": lambda: b"linear",
    "path": lambda: Path("nowhere.csv"),
    "folder": lambda: Path("/"),
    "empty list": lambda: [],
    "numbers": lambda: [1, 2],
    "texts": lambda: ["a", "b"],
    "None in a list": lambda: [None, None],
    "ragged": lambda: [[1], [1, 2]],
    "tuple": lambda: ("a", 1),
    "set": lambda: {1, "a"},
    "empty table": lambda: {},
    "table of numbers": lambda: {1: 2},
    "table of tables": lambda: {"n": {"n": None}},
    "table of objects": lambda: {None: object()},
    "generator": lambda: (i for i in range(3)),
    "array": lambda: np.array([1.0, np.nan]),
    "matrix": lambda: np.ones((2, 3, 1)),
    "array of text": lambda: np.array(["a", "b"]),
    "array of objects": lambda: np.array([object(), None]),
    "dates": lambda: np.array(["2020-01-01"], dtype="datetime64[D]"),
    "records": lambda: np.zeros(2, dtype=[("x", float)]),
    "masked": lambda: np.ma.masked_array([1.0, 2.0], mask=[True, False]),
    "series": lambda: pd.Series(["a", "b"]),
    "series of numbers": lambda: pd.Series([0.5, 1.0], index=["u", "v"]),
    "frame": lambda: pd.DataFrame({"a": [1, 2], 3: ["x", None]}),
    "empty frame": lambda: pd.DataFrame(),
    "object": object,
    "class": lambda: int,
    "function": lambda: len,
    "exception": lambda: ValueError("x"),
}


def arguments(verb: str) -> list[str]:
    """What the verb takes by name, and one of its numbers where it takes any."""
    call, given = CALLS[verb]
    parameters = inspect.signature(call).parameters.values()
    own = [p.name for p in parameters if p.kind is not p.VAR_KEYWORD]
    more = [name for name in given if name not in own][:1]
    if verb.startswith("compare"):
        more += ["direction", "method", "looks", "margin", "seed", "joint", "loss", "loss_bound"]
        more += ["task", "subsets", "held_out", "penalty", "rows", "repeats", "scale"]
    return [*own, *more]


def called(verb: str, name: str, value: Any) -> Any:
    """The verb, with one argument of the usual call replaced."""
    call, given = CALLS[verb]
    given = {**given, name: value}
    names = inspect.signature(call).parameters.values()
    first = [given.pop(p.name) for p in names if p.kind is p.POSITIONAL_ONLY and p.name in given]
    return call(*first, **given)


@pytest.mark.parametrize("verb", CALLS)
def test_the_usual_call_works(verb: str) -> None:
    name = next(iter(CALLS[verb][1]))
    called(verb, name, CALLS[verb][1][name])


CALLABLE = ("class", "function")
CASES = [(verb, name) for verb in CALLS for name in arguments(verb)]
LATER = (pytest.mark.slow, pytest.mark.long)
PARTS = [0, pytest.param(1, marks=LATER), pytest.param(2, marks=LATER)]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(("verb", "name"), CASES, ids=[" ".join(case) for case in CASES])
def test_what_an_argument_cannot_be_is_refused_by_us(verb: str, name: str, part: int) -> None:
    first = (CASES.index((verb, name)) + part) % len(PARTS)
    faults = []
    for what, value in list(WRONG.items())[first :: len(PARTS)]:
        if (verb, name, what) == ("verify", "id", "None") or (
            name == "progress" and what in CALLABLE
        ):
            continue  # the whole catalogue, and functions of the user's
        try:
            called(verb, name, value())
        except BoundcalcError as error:
            if "\n" in str(error) or "\x1b" in str(error) or len(str(error)) > 400:
                faults.append(f"{what}: says {str(error)!r}")
        except Exception as error:
            faults.append(f"{what}: {type(error).__name__}: {error}"[:150])
    assert not faults, "\n".join(faults)
