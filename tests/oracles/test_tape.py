"""Tapes are the formulas they were made of, in every arithmetic and after a way through JSON."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from mpmath import iv
from sympy import Symbol, ceiling, log, sqrt
from test_outward import exact, point

import boundcalc as bc
from boundcalc.errors import DomainError, InputError
from boundcalc.numeric.arithmetic import FLOATS
from boundcalc.numeric.bound import bind
from boundcalc.numeric.compile import enclosure, tape
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.rounding import UNIT, rounded
from boundcalc.numeric.tapes import tape_from
from boundcalc.symbolic.analysis.intervals import enclose
from boundcalc.symbolic.parameter import Role
from boundcalc.symbolic.parameters import parameter, parameters
from boundcalc.symbolic.precision import ends, working_digits

FORMS = [
    (id, name)
    for id, entry in bc.catalogue().items()
    for name, variant in entry.variants.items()
    if not variant.expression.has(ceiling)
]


@pytest.mark.parametrize(("id", "variant"), FORMS)
def test_every_arithmetic_agrees_with_the_expression(id: str, variant: str) -> None:
    rng, form = np.random.default_rng(5), bc.theorem(id).variant(variant)
    recorded = tape(*(t.expression for t in form.terms), form.expression)
    again = tape_from(json.loads(json.dumps(recorded.to_dict())))
    assert again == recorded
    for _ in range(8):
        values = point(id, variant, rng)
        bound = bind(id, variant, values)
        written = {s: exactly(values[s.name]) for s in form.expression.free_symbols}
        with np.errstate(all="ignore"):
            one, other = (t.run(bound.numbers, FLOATS) for t in (recorded, again))
            results, units = rounded(recorded, bound.numbers)
        assert np.array_equal(one, other, equal_nan=True)
        try:
            box = enclosure(form.expression, {s.name: v for s, v in written.items()}, 40)
        except TypeError:
            continue
        with working_digits(40):
            known = {s: iv.mpf(v.numerator) / v.denominator for s, v in written.items()}
            independent = enclose(form.expression, known)
            low, high = ends(independent)
            assert box.lower <= high
            assert low <= box.upper
        truth = exact(id, variant, values)
        if np.isfinite(units[-1]):
            error = abs(Fraction(float(results[-1])) - truth)
            assert error <= Fraction(float(units[-1]) + 1) * abs(truth) * Fraction(UNIT) * 2


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"operations": [["input", "m"]]},
        {"operations": [["eval", "m"]], "outputs": [0]},
        {"operations": [["add", 0, 1], ["input", "m"]], "outputs": [0]},
        {"operations": [["exp", -1]], "outputs": [0]},
        {"operations": [["exp", True]], "outputs": [0]},
        {"operations": [["input", "m"]], "outputs": [1]},
        {"operations": "input", "outputs": [0]},
        {"operations": [[]], "outputs": []},
    ],
)
def test_damaged_data_are_no_tape(data: Any) -> None:
    with pytest.raises(InputError, match="are not a tape"):
        tape_from(data)


def test_shared_parts_are_computed_once() -> None:
    m, n = Symbol("m", positive=True), Symbol("n", positive=True)
    recorded = tape(sqrt(log(1 / n) / m), 3 * sqrt(log(1 / n) / m) + m)
    assert [name for name, *_ in recorded.operations].count("log") == 1


def test_two_symbols_of_one_name_have_no_enclosure() -> None:
    from boundcalc.numeric.exact import enclosed

    one, other = Symbol("x", positive=True), Symbol("x", real=True)
    with pytest.raises(TypeError, match="two of one name"):
        enclosed(one - other, {one: Fraction(1), other: Fraction(2)}, 20)


def test_roles_of_parameters() -> None:
    of = {role: {p.name for p in parameters().values() if p.role is role} for role in Role}
    assert of[Role.COUNT] == {"m", "n", "tasks"}
    assert of[Role.FREE] == {"delta"}
    assert {"train_loss", "test_loss", "variance", "errors", "loss_drop"} <= of[Role.OBSERVED]
    assert {"rademacher", "complexity_m", "c_predictor"} <= of[Role.COMPLEXITY]
    for p in parameters().values():
        assert (p.falls_with == "m") == p.name.startswith("rademacher")
        empirical = "empirical" in p.name and p.role is Role.COMPLEXITY
        of_data = p.name in {
            *("frobenius", "trace", "scale", "column_norms", "largest_column", "column_sum"),
            "top_variance",
        }
        assert p.measured == (empirical or of_data or p.role is Role.OBSERVED)


def test_a_number_that_was_given_is_checked_in_one_place() -> None:
    assert parameter("m").check(7.0) == 7
    assert isinstance(parameter("m").check(7.0), int)
    assert parameter("norms").check([1, 2]) == (1.0, 2.0)
    for name, value, kind, text in (
        ("m", 10**400, DomainError, "m is too large: a whole number of more than 60 digits"),
        ("m", "7", InputError, "m must be a number, not '7'"),
        ("m", True, InputError, "m must be a number, not True"),
        ("m", [1, 2], InputError, "m must be a number, not a list of 2"),
        ("norms", [], InputError, "norms has 0 entries"),
        ("norms", "12", InputError, "norms must be a list of numbers"),
        ("norms", [1, -1], DomainError, "norms = -1 is outside the domain"),
    ):
        with pytest.raises(kind, match=text):
            parameter(name).check(value)
