"""What is generated as JavaScript computes what Python computes, and allows for the same errors."""

from __future__ import annotations

import math
import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sympy import Expr, ceiling, exp, log, sqrt

from boundcalc.numeric.compile import tape
from boundcalc.numeric.javascript import javascript
from boundcalc.numeric.rounding import SPARE, UNIT, rounded
from boundcalc.numeric.special import IMPLEMENTATIONS
from boundcalc.numeric.tapes import Tape
from boundcalc.symbolic.functions import (
    BinomialLower,
    BinomialUpper,
    KLLower,
    KLUpper,
    LogEntropyMoment,
)
from boundcalc.symbolic.parameters import symbol

m, n, L, R, delta, gamma, errors = (
    symbol(x) for x in ("m", "n", "lipschitz", "rademacher", "delta", "gamma", "errors")
)
FORMS: list[Expr] = [
    L + m,
    L - m * R,
    log(1 / delta) / m,
    (L * m) ** R,
    delta ** (R - gamma),
    sqrt(log(2 / delta) / m) + 3 * R**3,
    exp(-gamma) * m**2,
    (1 - delta) ** m,
    ceiling(m * R),
    LogEntropyMoment(m) / m,
    KLUpper(R, log(1 / delta) / m),
    KLLower(R, log(1 / delta) / m),
    BinomialUpper(errors, n, delta / 3),
    BinomialLower(errors, n, delta / 3),
]
VALUES = {
    **{"m": 17.0, "n": 40.0, "errors": 7.0, "delta": 0.07},
    **{"lipschitz": 1.3, "rademacher": 0.3, "gamma": -0.7},
}
MATHS = SimpleNamespace(
    abs=abs,
    **{name: getattr(np, name) for name in ("log", "sqrt", "exp", "log1p", "ceil")},
    pow=np.power,
    max=max,
    min=min,
)


def moved(value: Any, units: Any, way: int) -> Any:
    return value + abs(value) * (way * (units + SPARE) * UNIT)


def run(made: Tape) -> tuple[list[Any], list[Any]]:
    """The generated lines, which are Python as well but for their `const`."""
    known: dict[str, Any] = {"Math": MATHS, "moved": moved, "NaN": math.nan, "v": VALUES}
    known["limits"] = SimpleNamespace(**IMPLEMENTATIONS)
    _, *lines, _, _ = javascript(made).splitlines()
    for line in lines:
        _, *parts = re.split(r"(?:^const |, )([asu]\d+) = ", line.rstrip(";"))
        for name, text in zip(parts[::2], parts[1::2], strict=True):
            known[name] = eval(text, known)
    return [known[f"a{i}"] for i in made.outputs], [known[f"u{i}"] for i in made.outputs]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_values_and_their_errors_are_those_of_python(form: Expr) -> None:
    made = tape(form)
    found, units = run(made)
    expected, allowed = rounded(made, VALUES)
    assert found == expected  # in the same operations
    assert units == pytest.approx(allowed, rel=1e-12, abs=0, nan_ok=True)


def test_what_javascript_has_not_is_refused() -> None:
    with pytest.raises(TypeError, match="no function Other in JavaScript"):
        javascript(Tape((("input", "m"), ("call", "Other", 0)), (1,)))
    with pytest.raises(TypeError, match="no other in JavaScript"):
        javascript(Tape((("input", "m"), ("other", 0)), (1,)))
