"""What a key of a TOML file may hold: a check under the key's name, and its JSON Schema."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from math import isfinite
from numbers import Real
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_plain_validator_function

from boundcalc.arguments import is_number
from boundcalc.errors import InputError, nearest, shown
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.parameters import parameter
from boundcalc.text import normal, refuse_alike
from boundcalc.worlds import checks

KeySchema = Mapping[str, Any] | Callable[[], Mapping[str, Any]]
"""A JSON Schema, or what makes it where that takes time."""


class WrittenNumber(float):
    """A number of a TOML file that remembers how it was written: 0.4700 has four decimals."""

    text: str

    def __new__(cls, text: str) -> WrittenNumber:
        """Read it."""
        number = super().__new__(cls, text)
        number.text = text
        return number


class WrongTypeError(Exception):
    """A value of another type than the key takes."""


@dataclass(frozen=True)
class ValueType:
    """What a key takes.

    Attributes
    ----------
    takes : str
        In words, after "must be".
    schema : mapping, or callable
        Its JSON Schema, or what makes it.
    check : callable
        From the key and the value to the value that is used; `WrongTypeError` for another type.
    """

    takes: str
    schema: KeySchema
    check: Callable[[str, Any], Any]

    def validated(self, key: str, value: Any) -> Any:
        """The value that is used.

        Raises
        ------
        InputError
            For one that cannot be used.
        """
        try:
            return self.check(key, value)
        except WrongTypeError:
            raise InputError(f"{key} must be {self.takes}, not {shown(value)}") from None

    def __get_pydantic_core_schema__(self, source: Any, of: GetCoreSchemaHandler) -> CoreSchema:
        """A check of pydantic's."""
        key = (of.field_name or "").rstrip("_")
        return no_info_plain_validator_function(partial(self.validated, key))

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler, /
    ) -> dict[str, Any]:
        """Its JSON Schema."""
        return dict(self.schema() if callable(self.schema) else self.schema)


def in_domain(name: str, *, written: bool = False) -> ValueType:
    """A number in the domain of a parameter.

    Parameters
    ----------
    name : str
    written : bool
        Whether it stays the `WrittenNumber` that it is, with the zeros at its end.
    """
    target = parameter(name)

    def check(key: str, value: Any) -> Any:
        if isinstance(value, (list, tuple, Mapping)):
            raise InputError(f"{key} must be one number, not {shown(value)}")
        number = replace(target, name=key).check(value)
        return value if written and isinstance(value, WrittenNumber) else number

    return ValueType("a number", domain_schema(target), check)


def domain_schema(target: Parameter) -> dict[str, Any]:
    """The JSON Schema of a parameter."""
    each: dict[str, Any] = {"type": "integer" if target.integer else "number"}
    if isfinite(target.low):
        each["exclusiveMinimum" if target.open_low else "minimum"] = target.low
    if isfinite(target.high):
        each["exclusiveMaximum" if target.open_high else "maximum"] = target.high
    if target.vector:
        each = {"anyOf": [each, {"type": "array", "items": each, "minItems": 1}]}
    return each | {"description": target.meaning}


def whole(low: int, high: int | None = None) -> ValueType:
    """A whole number in a range."""

    def check(key: str, value: Any) -> int:
        if isinstance(value, bool):
            raise InputError(f"{key} must be a whole number, not {str(value).lower()}")
        return checks.whole(key, of_type(Real, value), low, high)

    limits = {"minimum": low} | ({} if high is None else {"maximum": high})
    takes = f"a whole number ≥ {low}" if high is None else f"a whole number from {low} to {high:,}"
    return ValueType(takes, {"type": "integer", **limits}, check)


def between(low: float, high: float) -> ValueType:
    """A number in a closed range, such as a length or a scale."""

    def check(key: str, value: Any) -> float:
        if not is_number(value) or not low <= value <= high:
            raise WrongTypeError
        return float(value)

    takes = f"a number from {low:g} to {high:g}".replace("e-0", "e-").replace("e+0", "e")
    return ValueType(takes, {"type": "number", "minimum": low, "maximum": high}, check)


def word(words: Iterable[str]) -> ValueType:
    """One of a few words."""
    known = [str(one) for one in words]

    def check(key: str, value: Any) -> str:
        if of_type(str, value) not in known:
            hint = nearest(value, known).partition("; known")[0]
            raise InputError(f"{key} must be {takes}, not {shown(value)}{hint}")
        return str(value)

    takes = " or ".join(known)
    return ValueType(takes, {"enum": known}, check)


def list_of(
    item: Callable[[str, Any], Any], takes: str, schema: KeySchema, least: int = 1
) -> ValueType:
    """A list whose items are all checked by one function."""

    def check(key: str, value: Any) -> tuple[Any, ...]:
        if len(of_type((list, tuple), value)) < least:
            raise WrongTypeError
        return tuple(item(key, one) for one in value)

    return ValueType(takes, {"type": "array", "items": schema, "minItems": least}, check)


def of_type(kind: type | tuple[type, ...], value: Any) -> Any:
    """A value of this type, which any other is refused for."""
    if not isinstance(value, kind):
        raise WrongTypeError
    return value


def _line(key: str, value: Any) -> str:
    text: str = of_type(str, value)
    if not text.isprintable():
        raise InputError(f"{key} must be one line without control characters")
    return text


def _names(key: str, value: Any) -> tuple[str, ...]:
    """Different names, each one line without ``+``, which joins the names of a subset."""
    if not of_type((list, tuple), value):
        raise WrongTypeError
    for name in value:
        if not isinstance(name, str) or not name.strip() or not name.isprintable() or "+" in name:
            raise InputError(f"{key} has {shown(name)}; a name is one line of text without '+'")
    names = tuple(map(normal, value))
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{key} names {shown(name)} twice")
    refuse_alike(names, key, "name")
    return names


def _number(key: str, value: Any) -> float:
    """Any number; what several have to fulfil together is checked elsewhere."""
    if not is_number(value):
        raise InputError(f"{key} must be made of numbers, not {shown(value)}")
    try:
        return float(value)
    except OverflowError:
        raise InputError(f"{key} has a number that is too large: {shown(value)}") from None


_STRING = {"type": "string"}
LINE = ValueType("text", _STRING, _line)
NAME = ValueType("text", _STRING, lambda key, value: of_type(str, value))
FLAG = ValueType("true or false", {"type": "boolean"}, lambda key, value: of_type(bool, value))
NAMES = ValueType(
    'a list of at least one name, such as ["text"]',
    {"type": "array", "items": _STRING, "minItems": 1, "uniqueItems": True},
    _names,
)
NUMBERS = list_of(_number, "a list of numbers", {"type": "number"})
ROWS = list_of(NUMBERS.validated, "a list of rows, each a list of numbers", NUMBERS.schema)
