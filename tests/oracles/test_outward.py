"""Limits are on the safe side in every format: against 60 digits at random points of the catalogue."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest
from mpmath import iv, mp
from sympy import lambdify

import boundcalc as bc
from boundcalc.errors import InputError
from boundcalc.numeric import rounding
from boundcalc.numeric.domains import exactly
from boundcalc.symbolic.functions import LimitFunction
from boundcalc.symbolic.parameters import parameter
from boundcalc.symbolic.precision import working_digits

LIMITS = [
    (id, name)
    for id, entry in bc.catalogue().items()
    for name, variant in entry.variants.items()
    if variant.relation != "="
]


@cache
def sixty_digits(id: str, variant: str) -> Any:
    """The closed form in mpmath, a way of its own; for limits of an equation their enclosure."""
    form = bc.theorem(id).variant(variant)
    symbols = [p.symbol for p in form.parameters]
    kinds = {f.func.__name__: _middle(f.func) for f in form.expression.atoms(LimitFunction)}
    return [p.name for p in form.parameters], lambdify(symbols, form.expression, [kinds, "mpmath"])


def _middle(limit: Any) -> Any:
    return lambda *arguments: mp.mpf(limit.enclose(*map(iv.mpf, arguments)).mid)


def exact(id: str, variant: str, values: dict[str, Any]) -> Fraction:
    names, function = sixty_digits(id, variant)
    with working_digits(60):
        written = (exactly(values[name]) for name in names)
        found = function(*(mp.mpf(x.numerator) / x.denominator for x in written))
        sign, mantissa, power, _ = mp.mpf(found)._mpf_
    return (-1) ** sign * int(mantissa) * Fraction(2) ** power


def drawn(parameter: Any, rng: np.random.Generator) -> Any:
    """A decimal that somebody might write, of any size, or an end of the domain."""
    low, high = parameter.low, parameter.high
    if parameter.integer:
        return int(10 ** rng.uniform(np.log10(max(low, 1)), rng.choice([1, 3, 4])))
    if rng.random() < 0.15 and parameter.name != "delta":
        return float(rng.choice([x for x in (0.0, 0.5, 1.0) if low <= x <= high]))
    if high == 1:
        kinds = [rng.random(), 10 ** rng.uniform(-12, 0), 1 - 10 ** rng.uniform(-12, -0.01)]
        return min(max(float(f"{rng.choice(kinds):.{rng.integers(1, 17)}g}"), 1e-12), 1 - 1e-12)
    size = 10 ** rng.choice([rng.uniform(-2, 1), rng.uniform(-14, 6)])
    value = float(f"{size:.{rng.integers(1, 17)}g}")
    return -value if low < 0 and rng.random() < 0.5 else value


def point(id: str, variant: str, rng: np.random.Generator) -> dict[str, Any]:
    """Random numbers; at every second point the free terms cancel the others but for a little."""
    form = bc.theorem(id).variant(variant)
    while True:
        values = {p.name: drawn(p, rng) for p in form.parameters}
        if "errors" in values:
            values["errors"] = int(rng.integers(0, values["n"] + 1))
        try:
            value = bc.evaluate(id, variant=variant, **values).value
        except InputError:
            continue
        free = [n for n in ("gamma", "centred_loss", "train_loss_n") if n in values]
        if not free or rng.random() < 0.5:
            return values
        name, keep = free[0], values.copy()
        sign = -1 if name == "train_loss_n" else 1
        values[name] = float(f"{values[name] - sign * value:.{rng.integers(5, 18)}g}")
        try:
            bc.evaluate(id, variant=variant, **values)
        except InputError:
            return keep
        return values


def texts(result: Any) -> list[str]:
    """Every number that stands for the limit: on the terminal, in a sentence, in JSON."""
    from boundcalc.render.evaluation import evaluation_document

    table = next(block for block in evaluation_document(result) if hasattr(block, "rows"))
    found = [table.rows[-1][1], json.dumps(result.to_dict()["value"])]
    said = re.search(rf".*{result.relation} (\S+?)[;.]?(?: |$|;)", result.status)
    return found + ([said[1]] if said and not result.vacuous else [])


@pytest.mark.parametrize(("id", "variant"), LIMITS)
def test_no_limit_is_on_the_wrong_side(id: str, variant: str) -> None:
    rng = np.random.default_rng(20)
    form = bc.theorem(id).variant(variant)
    for _ in range(60):
        values = point(id, variant, rng)
        result = bc.evaluate(id, variant=variant, **values)
        true = exact(id, variant, values)
        for text in [repr(result.value), *texts(result)]:
            printed = Fraction(Decimal(text.replace("−", "-")))
            assert (printed >= true) if form.relation == "≤" else (printed <= true), (values, text)
        assert (Fraction(result.value) >= true) is (form.relation == "≤") or result.value == true
        # and no further from it than rounding takes it
        size = sum(map(abs, map(Fraction, result.terms.values())))
        loose = Fraction(10) ** -(9 if form.expression.has(LimitFunction) else 13) / min(
            1, 1 - exactly(values.get("delta", 0.5))
        )
        assert abs(Fraction(result.value) - true) <= loose * size + Fraction(1, 10**60), values


CANCELLED = {"m": 10**15, "delta": 0.9, "L": 1, "C": 1e-9, "rademacher": 0.9517}
CANCELLED |= {"gamma": -2.0108, "optimisation_gap": 0.1074}
TRAPS = [
    ("huang2021.theorem1", "sharp", CANCELLED),
    ("huang2021.theorem1", "conditional", CANCELLED | {"gamma": -3.9142}),
    (
        "huang2021.theorem2",
        "sharp",
        {**CANCELLED, "gamma": None, "optimisation_gap": None, "centred_loss": -1.9034},
    ),
    (
        "huang2021.certificate",
        "erm",
        {
            "m": 10**15,
            "delta": 0.9,
            "L": 1,
            "C": 2.5,
            "rademacher_m": 0.3,
            "train_loss_m": 0.7,
            "train_loss_n": 1.3,
        },
    ),
    (
        "classic.uniform_deviation",
        "lower-erm",
        {"m": 10**15, "delta": 0.9, "C": 1e-9, "train_loss": 3e-10, "optimisation_gap": 3e-10},
    ),
]


@pytest.mark.parametrize(("id", "variant", "values"), TRAPS)
def test_terms_that_cancel_leave_a_safe_rest(id: str, variant: str, values: dict[str, Any]) -> None:
    values = {parameter(name).name: v for name, v in values.items() if v is not None}
    form = bc.theorem(id).variant(variant)
    values |= {name: v for name, v in form.defaults.items() if name not in values}
    result, true = bc.evaluate(id, variant=variant, **values), exact(id, variant, values)
    up = form.relation == "≤"
    assert (true > 0) is up
    for text in [repr(result.value), *texts(result)]:
        printed = Fraction(Decimal(text.replace("−", "-")))
        assert printed >= true if up else printed <= true


def test_arrays_are_rounded_like_numbers() -> None:
    rng = np.random.default_rng(4)
    for id, variant in LIMITS:
        points = [point(id, variant, rng) for _ in range(20)]
        arrays = {name: np.array([float(p[name]) for p in points]) for name in points[0]}
        together = bc.evaluate(id, variant=variant, **arrays)
        for i, values in enumerate(points):
            alone = bc.evaluate(id, variant=variant, **values)
            assert together.value[i] == pytest.approx(alone.value, rel=1e-9, abs=1e-13)
            true = exact(id, variant, {k: float(v) for k, v in values.items()})
            assert (Fraction(together.value[i]) - true) * (1 if alone.relation == "≤" else -1) >= 0


def test_zeros_and_what_was_given_stay_as_they_are() -> None:
    values = {"m": 100, "delta": 0.1, "L": 1, "C": 1, "rademacher": 0, "gamma": -0.2}
    terms = bc.evaluate("huang2021.theorem1", variant="sharp", **values).terms
    assert (terms["gamma"], terms["complexity"], terms["optimisation_gap"]) == (-0.2, 0, 0)
    nothing = bc.evaluate(
        "lu2023.multimodal", variant="expected", m=9, n=9, L=1, C=1, kappa=0, c_F=0, c_G=0
    )
    assert (nothing.value, bc.evaluate("holdout.kl", n=9, delta=0.1, test_loss=1.0).value) == (0, 1)


def test_what_underflows_is_enclosed() -> None:
    """D² is 0 as a float, and with it a root that is not."""
    tiny = {
        "D": 1e-170,
        "C": 1e-170,
        "m": 9,
        "n": 9,
        "L": 1,
        "kappa": 0,
        "c_F": 0,
        "c_G": 0,
        "delta": 0.1,
    }
    alone = bc.evaluate("lu2023.multimodal", **tiny)
    assert (
        Fraction(alone.value) >= exact("lu2023.multimodal", "one-event", dict(alone.parameters)) > 0
    )
    both = bc.evaluate("lu2023.multimodal", **tiny | {"D": [1e-170, 1.0]})
    assert both.value[0] == alone.value
    assert 0.7 < both.value[1] < 0.72


def test_a_formula_of_which_nothing_is_known_is_enclosed(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"m": 100, "delta": 0.1, "L": 1, "C": 1, "rademacher": 0.1, "gamma": -0.2}
    known = bc.evaluate("huang2021.theorem1", variant="sharp", **values)
    run = rounding.rounded

    def unknown(*arguments: Any) -> Any:
        values, units = run(*arguments)
        return values, [np.nan] * len(units)

    monkeypatch.setattr(rounding, "rounded", unknown)
    enclosed = bc.evaluate("huang2021.theorem1", variant="sharp", **values)
    true = exact("huang2021.theorem1", "sharp", dict(known.parameters))
    assert true <= Fraction(enclosed.value) <= Fraction(known.value)


def test_what_underflows_beside_a_term_of_either_sign_is_enclosed() -> None:
    tiny = {
        "m": 10**15,
        "delta": 0.9,
        "L": 1e-170,
        "C": 1e-319,
        "rademacher": 1e-170,
        "gamma": 0,
    }
    alone = bc.evaluate("huang2021.theorem1", variant="sharp", **tiny)
    true = exact("huang2021.theorem1", "sharp", dict(alone.parameters))
    assert Fraction(alone.value) >= true > 0
