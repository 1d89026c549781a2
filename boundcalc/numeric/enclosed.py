"""Certified values: the exact value of a bound, enclosed by interval arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from mpmath import iv, mp
from sympy import ceiling

from boundcalc.errors import InputError
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.evaluate import evaluate
from boundcalc.symbolic.analysis.intervals import enclose, working_digits
from boundcalc.symbolic.catalogue import theorem
from boundcalc.symbolic.parameters import parameter


@dataclass(frozen=True)
class Enclosure:
    """A proved interval around the exact value, as decimal text rounded outwards."""

    lower: str
    upper: str


def certified(id: str, /, *, variant: str | None = None, digits: int = 15, **values: Any) -> Enclosure:
    """Enclose the exact value of a bound by interval arithmetic.

    Parameters are read as the decimals that were written: 0.1 is one tenth.

    Parameters
    ----------
    digits : int
        Decimal places of the result, 1 to 30.

    Raises
    ------
    InputError
        As `evaluate`; also for arrays.
    """
    if not 1 <= digits <= 30:
        raise InputError(f"digits = {digits} is not between 1 and 30")
    result = evaluate(id, variant=variant, **values)
    if np.ndim(result.value):
        raise InputError("a certified value needs single numbers, not arrays")
    written = {**result.parameters, **{parameter(k).name: v for k, v in values.items()}}
    expression = theorem(id).variant(result.variant).expression
    working = digits + 25
    with working_digits(working):
        if expression.has(ceiling):
            whole = str(int(result.value))
            return Enclosure(whole, whole)
        fractions = {s: exactly(written[s.name]) for s in expression.free_symbols}
        box = enclose(expression, {s: iv.mpf(f.numerator) / f.denominator for s, f in fractions.items()})
        return Enclosure(_outward(box.a, digits, down=True), _outward(box.b, digits, down=False))


def _outward(end: Any, digits: int, *, down: bool) -> str:
    scale = 10**digits
    scaled = mp.mpf(end.a if down else end.b) * scale
    whole = int(mp.floor(scaled)) if down else int(mp.ceil(scaled))
    sign = "-" if whole < 0 else ""
    head, tail = divmod(abs(whole), scale)
    return f"{sign}{head}.{tail:0{digits}d}"
