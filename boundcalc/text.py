"""Numbers as text. Bounds are rounded outwards: rounding an upper bound down would make it
false.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, Inexact
from fractions import Fraction
from typing import Any

_SLACK = 4e-14
_SHORT = 12  # digits
_HUGE = 10**30
_WIDE = Context(prec=800)
_SIX_UP = Context(prec=6, rounding=ROUND_CEILING)
_BELOW_1 = math.nextafter(1.0, 0.0)


def upper(value: float, places: int = 4) -> str:
    """An upper limit, rounded up; the accuracy of the float itself is allowed for."""
    return _rounded(value, places, ROUND_CEILING, 1.0)


def lower(value: float, places: int = 4) -> str:
    """A lower limit, rounded down."""
    return _rounded(value, places, ROUND_FLOOR, -1.0)


def _rounded(value: float, places: int, rounding: str, direction: float) -> str:
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    shown = _moved(value, places, rounding, direction)
    return minus(f"{shown if shown else abs(shown):f}")


def _moved(value: float, places: int, rounding: str, direction: float) -> Decimal:
    """A float rounded outwards to so many places."""
    quantum = Decimal(1).scaleb(-places)
    exact = Decimal(value)
    nearest = exact.quantize(quantum, context=_WIDE)
    # a float that is meant to be a short decimal, such as 1.0 or 0.05, is shown as that decimal
    if float(nearest) == value:
        return nearest
    # the error of a sum of terms near 1 is absolute; a tiny limit keeps six digits of its own
    slack = Decimal(min(_SLACK * max(1.0, abs(value)), 1e-6 * abs(value)))
    moved = _WIDE.add(exact, slack if direction > 0 else -slack)
    return moved.quantize(quantum, rounding=rounding, context=_WIDE)


def significant(value: float, *, up: bool, digits: int = 6) -> str:
    """A limit with that many significant digits, rounded up or down; a huge or tiny one as
    2.5e-19.
    """
    power = math.floor(math.log10(abs(value))) if value and math.isfinite(value) else digits - 1
    if -12 < power < 16:
        places = max(digits - 1 - power, 0)
        return upper(value, places) if up else lower(value, places)
    rounding, direction = (ROUND_CEILING, 1.0) if up else (ROUND_FLOOR, -1.0)
    return minus(f"{_moved(value, digits - 1 - power, rounding, direction).normalize():e}")


def number(value: float, digits: int = 6) -> str:
    """A number that is not a limit: an input, an observation."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return minus(f"{int(value)}")
    return minus(f"{value:.{digits}g}")


def confidence(delta: float | Fraction) -> str:
    """1 − δ as text, rounded down; a tiny δ stays visible, and only δ = 0 gives 1."""
    exact = delta if isinstance(delta, Fraction) else Fraction(repr(float(delta)))
    if 0 < exact < Fraction(1, 10**9):
        shown = _SIX_UP.divide(Decimal(exact.numerator), Decimal(exact.denominator))
        return f"1 − {shown.normalize():e}"
    places = max(6, 2 - math.floor(math.log10(exact))) if exact else 0
    floor = Decimal(math.floor((1 - exact) * 10**places)).scaleb(-places)
    return f"{floor.normalize():f}"


def probability(failure: Any) -> Any:
    """1 − δ as floats, for one δ or an array of them: below 1 wherever δ is above 0.

    The float that is nearest to 1 − δ would be 1 for a δ below 10⁻¹⁶.
    """
    import numpy as np  # text needs no arrays

    if isinstance(failure, Fraction):
        return min(float(1 - failure), _BELOW_1) if failure > 0 else 1.0
    held = np.where(np.asarray(failure) > 0, np.minimum(1 - np.asarray(failure), _BELOW_1), 1.0)
    return held if held.ndim else float(held)


def decimal(value: Fraction, *, up: bool, digits: int | None = None) -> str:
    """A fraction rounded up or down to so many digits; where no number of them is given all of it
    if it is a short decimal, else six.
    """
    above, below = Decimal(value.numerator), Decimal(value.denominator)
    exactly = Context(prec=_SHORT)
    shown = exactly.divide(above, below)
    if digits or exactly.flags[Inexact]:
        rounding = ROUND_CEILING if up else ROUND_FLOOR
        shown = Context(prec=digits or 6, rounding=rounding).divide(above, below)
    wide = abs(shown.adjusted()) > 2 * _SHORT
    return (f"{shown:e}" if wide else f"{shown:f}").replace("-", "−")


def count(value: int) -> str:
    """A whole number with groups of thousands; a huge one with an exponent, rounded up."""
    if value < _HUGE:
        return f"{value:,}"
    return f"{_SIX_UP.create_decimal(value).normalize():e}".replace("+", "")


def minus(text: str) -> str:
    """A number in digits with the sign that all other text has."""
    return text.replace("-", "−", 1) if text.startswith("-") else text


def tex_relation(relation: str) -> str:
    """A printed sign in LaTeX."""
    return {"≤": r"\leq", "≥": r"\geq", "=": "="}[relation]


def tex_number(text: str) -> str:
    """A printed number in LaTeX: 1e-05 with a power of ten."""
    digits, _, exponent = text.replace("−", "-").lower().partition("e")
    if not exponent:
        return digits
    power = f"10^{{{int(exponent)}}}"
    return power if digits == "1" else rf"{digits}\cdot {power}"


def all_of(names: Iterable[str]) -> str:
    """Words in a row.

    >>> all_of(["m", "n", "tasks"])
    'm, n and tasks'
    """
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
