"""What a tape says of its results: signs, which way a place moves them, what is given as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from inspect import signature
from math import inf
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sympy import Expr, Integer, exp, log, sqrt

from boundcalc.numeric import tapes
from boundcalc.numeric.arithmetic import FLOATS
from boundcalc.numeric.compile import tape
from boundcalc.numeric.special import IMPLEMENTATIONS
from boundcalc.numeric.tapes import OUTWARD, Tape
from boundcalc.symbolic.functions import BinomialLower, BinomialUpper, KLLower, KLUpper
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.parameters import parameter, symbol

m, n, L, R, delta = (symbol(x) for x in ("m", "n", "lipschitz", "rademacher", "delta"))
gamma, gap = symbol("gamma"), symbol("optimisation_gap")
errors, loss = symbol("errors"), symbol("test_loss")
"""γ is of either sign, the others are not below 0."""


@pytest.mark.parametrize("name", OUTWARD)
def test_an_argument_of_a_limit_is_moved_to_where_the_limit_is_further_out(name: str) -> None:
    limit: Callable[..., NDArray[np.float64]] = IMPLEMENTATIONS[name]
    arguments = list(signature(limit).parameters)
    known = {"errors": 7.0, "n": 40.0, "delta": 0.1, "test_loss": 0.3, "c": 0.02}
    at = [known[argument] for argument in arguments]
    out = 1 if name.endswith("Upper") else -1
    for i, (argument, way) in enumerate(zip(arguments, OUTWARD[name], strict=True)):
        if argument in ("errors", "n"):  # counts are floats as they are
            assert way == 0
            continue
        more = [x * 1.01 if k == i else x for k, x in enumerate(at)]
        assert way == out * np.sign(limit(*more) - limit(*at))


def test_what_is_given_is_an_input_or_its_negative() -> None:
    for expression in (loss, -loss, m, -gamma):
        assert tape(expression).given(0)
    for other in (2 * loss, L * loss, -L * loss, loss / m, -log(m), log(m), -2 * loss, 1 / m):
        assert not tape(other).given(0)
    assert [tape(L * m, -L).given(i) for i in (0, 1)] == [False, True]


SIGNS: list[tuple[Expr, int]] = [
    (m, 1),
    (gamma, 0),
    (L * m, 1),
    (-L, -1),
    (-L * gamma, 0),
    (L / m, 1),
    (-L / m, -1),
    (log(m), 1),
    (log(delta), -1),
    (log(L), 0),
    (log(L) * m, 0),
    (gamma**3, 0),
    (m**3, 1),
    (gamma**2, 1),
    (sqrt(log(m)), 1),
    (L + m, 1),
    (-L - 2 * m, -1),
    (L - m, 0),
    (exp(gamma), 0),
    (KLUpper(loss, L), 0),
]


@pytest.mark.parametrize(("expression", "sign"), SIGNS, ids=str)
def test_signs_that_are_known_whatever_the_numbers(expression: Expr, sign: int) -> None:
    recorded = tape(expression)
    assert recorded.signs[recorded.outputs[0]] == sign


@pytest.mark.parametrize(
    ("low", "high", "sign"),
    [(0.0, inf, 1), (0.5, 1.0, 1), (-inf, 0.0, -1), (-3.0, -1.0, -1), (-1.0, 1.0, 0)],
)
def test_the_sign_of_an_input_is_that_of_its_domain(
    low: float, high: float, sign: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also for parameters of other packages, which may be negative everywhere."""
    declared = Parameter("x", "x", "x", "a number", low=low, high=high)
    monkeypatch.setattr(tapes, "parameter", lambda _: declared)
    assert Tape((("input", "x"),), (0,)).signs == [sign]


def test_loud_inputs_are_those_that_make_a_result_infinite() -> None:
    forms = [L * sqrt(log(1 / delta) / m), R / (n + gamma), log(m) / L + loss**2, 1 / (2 + exp(-m))]
    recorded = tape(*forms)
    assert recorded.loud == {"lipschitz", "delta", "rademacher", "test_loss", "m"}
    ordinary = {name: 0.5 for name in recorded.inputs}
    for i in range(len(forms)):
        one = recorded.part(i)
        for name in one.inputs:
            with np.errstate(all="ignore"):
                (found,) = one.run(ordinary | {name: inf}, FLOATS)
            assert np.isfinite(found) or name in one.loud
            assert not np.isfinite(found) or name not in one.loud


def test_what_no_result_needs_moves_none() -> None:
    assert Tape((("input", "m"), ("input", "n")), (1,)).ways(1, True) == (0, 1)


def test_a_result_that_is_also_beyond_the_first_ones_is_not_moved() -> None:
    recorded = tape(L * m, L * m)
    assert set(recorded.ways(1, True)) == {0}
    assert set(recorded.ways(2, True)) == {1}
    assert set(recorded.ways(2, False)) == {-1}


WAYS: list[tuple[Expr, bool, dict[str, int]]] = [
    (L * gamma, True, {"lipschitz": 0, "gamma": 1}),
    (L * gamma, False, {"lipschitz": 0, "gamma": -1}),
    (L * m * R, True, {"lipschitz": 1, "m": 1, "rademacher": 1}),
    (-L * m, True, {"lipschitz": -1, "m": -1}),
    (L / m, True, {"lipschitz": 1, "m": -1}),
    (gamma / m, True, {"gamma": 1, "m": 0}),
    (-L / m, False, {"lipschitz": 1, "m": -1}),
    (gamma**2, True, {"gamma": 0}),
    (m**2, True, {"m": 1}),
    (gamma + L, True, {"gamma": 1, "lipschitz": 1}),
    (gamma - L, True, {"gamma": 1, "lipschitz": -1}),
    (delta**L, True, {"delta": 0, "lipschitz": 0}),
    (exp(-gamma), True, {"gamma": -1}),
    (sqrt(log(m)), False, {"m": -1}),
    (KLUpper(loss, L), True, {"test_loss": 1, "lipschitz": 1}),
    (KLUpper(loss, L), False, {"test_loss": 0, "lipschitz": 0}),
    (KLLower(loss, L), False, {"test_loss": -1, "lipschitz": 1}),
    (KLLower(loss, L), True, {"test_loss": 0, "lipschitz": 0}),
    (-KLLower(loss, L), True, {"test_loss": -1, "lipschitz": 1}),
    (2 * BinomialUpper(errors, n, delta), True, {"errors": 0, "n": 0, "delta": -1}),
    (2 * BinomialUpper(errors, n, delta), False, {"errors": 0, "n": 0, "delta": 0}),
    (BinomialLower(errors, n, delta), False, {"errors": 0, "n": 0, "delta": -1}),
    (BinomialLower(errors, n, delta), True, {"errors": 0, "n": 0, "delta": 0}),
]


def numbers(names: frozenset[str]) -> Iterator[Mapping[str, float]]:
    draw = np.random.default_rng(0)
    for _ in range(10):
        found = {name: draw.uniform(-1 if parameter(name).low < 0 else 0.01, 1) for name in names}
        counts = {"m": 12.0, "n": 40.0, "errors": 7.0}
        yield found | {name: x for name, x in counts.items() if name in names}


@pytest.mark.parametrize(("expression", "up", "ways"), WAYS, ids=str)
def test_ways_are_the_ways_that_move_a_result_outward(
    expression: Expr, up: bool, ways: Mapping[str, int]
) -> None:
    recorded = tape(expression)
    found = recorded.ways(1, up)
    inputs = {text: found[i] for i, (name, text, _) in enumerate(recorded.steps) if name == "input"}
    assert inputs == ways
    for at in numbers(recorded.inputs):
        (value,) = recorded.run(at, FLOATS)
        for name, way in inputs.items():
            (moved,) = recorded.run(at | {name: at[name] + way * 1e-3}, FLOATS)
            assert (moved - value) * (1 if up else -1) >= 0


def test_the_root_of_a_quotient_is_drawn_once() -> None:
    """With a logarithm in it; other roots may be shared with other terms."""

    def count(expression: Expr) -> Mapping[str, int]:
        names: list[Any] = [name for name, *_ in tape(expression).operations]
        return {name: names.count(name) for name in ("pow", "mul", "div")}

    assert count(L * sqrt(log(1 / delta) / m)) == {"pow": 1, "mul": 2, "div": 1}
    assert count(L * sqrt(log(2 * m)) * sqrt(R) / sqrt(n)) == {"pow": 1, "mul": 3, "div": 1}
    assert count(sqrt(L) / sqrt(m)) == {"pow": 2, "mul": 0, "div": 1}
    assert count(L / m) == {"pow": 0, "mul": 0, "div": 1}


@pytest.mark.parametrize("constant", ["lipschitz", "loss_bound", "distance_bound"])
@pytest.mark.parametrize("other", ["m", "errors", "rademacher", "variance"])
def test_what_is_the_same_at_all_points_is_multiplied_first(constant: str, other: str) -> None:
    recorded = tape(Integer(3) * symbol(other) * symbol(constant))
    *_, (name, *places) = recorded.operations
    assert name == "mul"
    assert [recorded.operations[int(i)] for i in places] == [
        ("number", "3"),
        ("input", constant),
        ("input", other),
    ]
