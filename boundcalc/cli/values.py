"""Numbers and words as they are typed, and how Typer is told to read them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from decimal import Context, Decimal, Inexact, InvalidOperation
from fractions import Fraction
from typing import Any

from boundcalc.errors import BoundcalcError, InputError, nearest, shorten

_LONGEST_NUMBER = 400
_POWER = re.compile(r"([+-]?)10(?:\^|\*\*)([+-]?\d{1,4})")
_SEVERAL = "several are for `sweep --vary`"
_FRACTION = re.compile(r"([+-]?\d+)/(\d*[1-9]\d*)")
_GROUPS = re.compile(r"[+-]?\d{1,3}([,_' \u00a0\u2009\u202f]\d{3})+(\.\d+)?")
_TIMES_POWER = re.compile(
    r"([+-]?\d+(?:\.\d+)?) ?[·×*] ?10(?:\^|\*\*)?\{?([+-]?\d{1,4})\}?", re.ASCII
)
"""5·10^−2 and 5 × 10⁻², with a plain minus and raised digits put down."""
_PERCENT = re.compile(r"([+-]?\d+(?:\.\d+)?) ?%", re.ASCII)
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
# names that the functions behind the commands use for something else
_KEYWORDS = frozenset({"variant", "target", "certified", "digits", "format", "output"})


class CommandLineError(BoundcalcError):
    """A value on the command line that cannot be used.

    It is no ValueError, which Typer would put into words of its own.
    """


def parsed(read: Callable[..., Any], name: str, metavar: str, **how: Any) -> dict[str, Any]:
    """What `typer.Option` needs for a value that a function makes of its text and its name."""

    def parser(text: Any) -> Any:
        if not isinstance(text, str):  # a default
            return text
        try:
            return read(text, name, **how)
        except InputError as error:
            raise CommandLineError(error.marked) from None

    return {"parser": parser, "metavar": metavar}


def typed_number(name: str) -> dict[str, Any]:
    """A number, as a float."""
    return parsed(lambda text, name: float(decimal_from(text, name)), name, "NUMBER")


def typed_decimal(name: str) -> dict[str, Any]:
    """A number, kept as it was written."""
    return parsed(decimal_from, name, "NUMBER")


def typed_whole(name: str, least: int | None = 0) -> dict[str, Any]:
    """A whole number."""
    return parsed(integer_from, name, "INTEGER", least=least)


def typed_numbers(name: str) -> dict[str, Any]:
    """Numbers with commas between them."""
    return parsed(numbers_from, name, "NUMBER,…")


def typed_word(words: Iterable[str], name: str) -> dict[str, Any]:
    """One of a few words, with - or _ in it; of an enumeration, its member."""
    known = {word.replace("_", "-"): word for word in words}

    def read(text: str, name: str) -> Any:
        plain = text.strip().lower().replace("_", "-")
        if plain not in known:
            *most, last = map(str, known.values())
            hint = nearest(plain, known).partition("; known")[0]
            raise InputError(
                f"{name} must be {', '.join(most)} or {last}, not '{shorten(text)}'{hint}"
            )
        return known[plain]

    def completed(incomplete: str) -> list[str]:
        return [str(word) for word in known.values() if word.startswith(incomplete)]

    return {**parsed(read, name, ", ".join(map(str, known.values()))), "autocompletion": completed}


def decimal_from(text: str, name: str) -> Decimal:
    """A number from the command line, kept as the decimal that was written.

    Usual spellings are read where they are exact: our minus sign, ``10^15``, ``10**15``, ``1/8``.

    Raises
    ------
    InputError
        For text, NaN, infinity or more than 400 characters.
    """
    if len(text) > _LONGEST_NUMBER:
        raise InputError(
            f"{name} has {len(text)} characters; a number has at most {_LONGEST_NUMBER}"
        )
    plain = text.strip().replace("−", "-")
    try:
        # Decimal() also reads 1_000 and digits of other scripts
        value = Decimal(_power(plain) if plain.isascii() and "_" not in plain else "")
    except InvalidOperation:
        found = _fraction(plain)
        if found is None:
            said = f"{name} must be a number, not '{shorten(text)}'"
            raise InputError(said + _spelling(plain)) from None
        value = found
    if not value.is_finite():
        raise InputError(f"{name} must be a finite number, not '{shorten(text)}'")
    if value and abs(value.adjusted()) > _LONGEST_NUMBER:
        raise InputError(f"{name} = {shorten(text)} is too large or too close to 0")
    return value


def _power(text: str) -> str:
    found = _POWER.fullmatch(text)
    return f"{found[1]}1e{found[2]}" if found else text


def _fraction(text: str) -> Decimal | None:
    """A fraction that is a decimal; None for another text."""
    if not text.isascii() or not (found := _FRACTION.fullmatch(text)):
        return None
    above, below = int(found[1]), int(found[2])
    context = Context(prec=2 * _LONGEST_NUMBER)
    value = context.divide(Decimal(above), Decimal(below))
    return None if context.flags[Inexact] else value


def _spelling(text: str) -> str:
    """How a number that is written for people is typed."""
    if _GROUPS.fullmatch(text):
        return f": write {re.sub('[^0-9.+-]', '', text)}, without separators"
    if found := _TIMES_POWER.fullmatch(text.translate(_RAISED)):
        return f": write {found[1]}e{int(found[2])}"
    if found := _PERCENT.fullmatch(text):
        return f": write {Decimal(found[1]).scaleb(-2):f}"
    if text.isascii() and (found := _FRACTION.fullmatch(text)):
        return f": write it as a decimal, as {float(Fraction(int(found[1]), int(found[2]))):.6g}"
    if "/" in text or "^" in text:
        return ": write it as a decimal"
    if re.fullmatch(r"[+-]?\d+,\d+", text):
        said = f": write {text.replace(',', '.')}, with a point"
        return said if text.lstrip("+-").startswith("0") else f"{said}, for one number; {_SEVERAL}"
    return f": write it without separators, for one number; {_SEVERAL}" if "," in text else ""


def integer_from(text: str, name: str, least: int | None = None) -> int:
    """A whole number from the command line."""
    value = decimal_from(text, name)
    if value != value.to_integral_value():
        raise InputError(f"{name} must be a whole number, not '{text}'")
    if least is not None and value < least:
        said = f"{name} must be a whole number from {least} on"
        raise InputError(f"{name} = {int(value)} is below {least}: {said}")
    return int(value)


def numbers_from(text: str, name: str) -> list[float]:
    """Numbers with commas between them."""
    parts = [part for part in text.split(",") if part.strip()]
    if not parts:
        raise InputError(f"{name} is a list of numbers with commas between them, not '{text}'")
    return [float(decimal_from(part, name)) for part in parts]


def looks(text: str, name: str = "looks") -> int | str:
    """How often the data are looked at: a whole number, or any."""
    return "any" if text.strip() == "any" else integer_from(text, name)


def assignments(
    pairs: Iterable[str],
    read: Callable[[str, str], Any] = decimal_from,
    options: Collection[str] = _KEYWORDS,
) -> dict[str, Any]:
    """``NAME=VALUE …`` as a mapping; a name given twice is an error.

    Parameters
    ----------
    read : callable
        From the text of a value, and its name.
    options : collection of str
        Names that are those of options.
    """
    found: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name.strip():
            raise InputError(f"expected NAME=VALUE, not '{shorten(pair)}'")
        name = name.strip()
        if name in options:
            written = f"--{name} {shorten(text)}"
            raise InputError(f"{name} is an option, not a parameter: write {written}")
        if name in found:
            raise InputError(f"{name} is given twice")
        found[name] = read(text, name)
    return found


def named_numbers(text: str, name: str = "--class-weights") -> dict[str, float]:
    """``NAME=W,NAME=W`` as a mapping: the weights of classes."""
    found: dict[str, float] = {}
    for part in text.split(","):
        called, equals, value = part.rpartition("=")
        called = called.strip()
        if not equals or not called:
            raise InputError(f"{name} takes NAME=W,NAME=W, not '{text}'")
        if called in found:
            raise InputError(f"{name} names the class '{called}' twice")
        found[called] = float(decimal_from(value, f"the weight of class '{called}'"))
    return found
