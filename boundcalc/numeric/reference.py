"""Values of closed forms that were computed elsewhere, to 30 digits and more, and how far ours are
off.

The files in ``references/`` were written without this package, from the printed formulas, by mpmath
alone. Their parameters are exact decimals.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any

from boundcalc.numeric.complexity import complexity
from boundcalc.numeric.evaluate import evaluate
from boundcalc.symbolic.catalogue import complexity_class

TOLERANCE = Decimal("1e-13")
"""The relative error that a value in floating point may have."""

DIGITS = 26
"""Significant digits of the enclosures that have to hold a reference value."""


@dataclass(frozen=True)
class Reference:
    """One value that was computed elsewhere.

    Attributes
    ----------
    id, form : str
        A theorem and its variant, or a class and its form.
    parameters : mapping
    value : str
        At least 30 digits.
    """

    id: str
    form: str
    parameters: Mapping[str, Any]
    value: str


@cache
def _read(name: str) -> tuple[Reference, ...]:
    text = (files("boundcalc.numeric") / "references" / f"{name}.json").read_text(encoding="utf-8")
    records = json.loads(text, parse_float=Decimal)
    return tuple(Reference(r["bound"], r["variant"], r["params"], r["value"]) for r in records)


def theorem_references(id: str | None = None) -> tuple[Reference, ...]:
    """The reference values of one theorem, or of all."""
    return tuple(r for r in _read("theorems") if id in (None, r.id))


def class_references(id: str | None = None) -> tuple[Reference, ...]:
    """The reference values of one function class, or of all."""
    return tuple(r for r in _read("complexities") if id in (None, r.id))


def theorem_error(reference: Reference) -> Decimal:
    """The relative error of `evaluate`."""
    value = evaluate(reference.id, variant=reference.form, **reference.parameters).value
    return _relative(value, reference.value)


def class_error(reference: Reference) -> Decimal:
    """The relative error of `complexity`."""
    selector = complexity_class(reference.id).selector
    known = {name: _floats(value) for name, value in reference.parameters.items()}
    return _relative(
        complexity(reference.id, **{selector: reference.form}, **known).value, reference.value
    )


def encloses(reference: Reference) -> bool:
    """Whether the certified interval of a theorem is narrow and holds the value."""
    known, form = reference.parameters, reference.form
    enclosure = evaluate(reference.id, variant=form, digits=DIGITS, **known).enclosure
    assert enclosure is not None
    lower, upper, exact = map(Fraction, (*enclosure.ends, reference.value))
    rounding = abs(exact) / 10**DIGITS
    narrow = upper - lower <= 10 * rounding
    return bool(narrow and lower - rounding <= exact <= upper + rounding)


def _relative(value: float, exact: str) -> Decimal:
    return abs(Decimal(value) / Decimal(exact) - 1)


def _floats(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(float(v) for v in value)
    return float(value) if isinstance(value, Decimal) else value
