"""TOML files and mappings with the same keys: what a key may hold, read, checked, refused in one
line; and the JSON Schema of it.

The files that a study names lie in its folder: studies may come from strangers.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import partial
from math import isfinite
from numbers import Real
from pathlib import Path
from typing import Any, Self, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
)
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_plain_validator_function

from boundcalc.arguments import is_number
from boundcalc.errors import InputError, argument, nearest, normal, refuse_alike, shorten, shown
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.parameters import parameter
from boundcalc.worlds import checks

_MOST_BYTES = 4 * 2**20
_NO_VALUE = re.compile(r"Invalid value \(at line (\d+), column (\d+)\)")
_BARE = re.compile(r"(True|False)\b|[^\W\d]")
Raw = Mapping[str, Any]
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
        """The value that is used; one that cannot be is an `InputError`."""
        try:
            return self.check(key, value)
        except WrongTypeError:
            raise InputError(f"{key} must be {self.takes}, not {shown(value)}") from None

    def __get_pydantic_core_schema__(self, source: Any, of: GetCoreSchemaHandler) -> CoreSchema:
        key = argument((of.field_name or "").rstrip("_"))
        return no_info_plain_validator_function(partial(self.validated, key))

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler, /
    ) -> dict[str, Any]:
        return dict(self.schema() if callable(self.schema) else self.schema)


def in_domain(name: str, *, written: bool = False) -> ValueType:
    """A number in the domain of a parameter; if `written`, it stays the `WrittenNumber` that it is,
    with the zeros at its end.
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


def integer(low: int, high: int | None = None) -> ValueType:
    """A whole number in a range."""

    def check(key: str, value: Any) -> int:
        if isinstance(value, bool):
            raise InputError(f"{key} must be a whole number, not {str(value).lower()}")
        return checks.checked_whole(key, of_type(Real, value), low, high)

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


def list_of(item: Callable[[str, Any], Any], takes: str, schema: KeySchema) -> ValueType:
    """A list whose items are all checked by one function."""

    def check(key: str, value: Any) -> tuple[Any, ...]:
        if not of_type((list, tuple), value):
            raise WrongTypeError
        return tuple(item(key, one) for one in value)

    return ValueType(takes, {"type": "array", "items": schema, "minItems": 1}, check)


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
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise InputError(f"{key} names {shown(twice)} twice")
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


class TomlTable(BaseModel):
    """A table of a file: its fields are the keys, and any other key is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    @classmethod
    def read(cls, raw: Raw, where: str) -> Self:
        """Check a table; an `InputError` names the place, the key, and the nearest known one."""
        try:
            return cls.model_validate({str(key): value for key, value in raw.items()})
        except ValidationError as error:
            place, said = _first(cls, error, raw)
            refusal = InputError(said)  # without a place, of arguments
            raise (InputError(f"{where}{place}: {refusal}") if where else refusal) from None

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Its JSON Schema, without the titles and nulls that pydantic adds: TOML has no null."""
        from pydantic.json_schema import GenerateJsonSchema

        class Generator(GenerateJsonSchema):
            def field_title_should_be_set(self, schema: Any) -> bool:
                return False

            def default_schema(self, schema: Any) -> dict[str, Any]:
                made = super().default_schema(schema)
                return {key: one for key, one in made.items() if (key, one) != ("default", None)}

        return cls.model_json_schema(schema_generator=Generator)

    @classmethod
    def keys(cls) -> dict[str, str]:
        """The keys, and the field of each."""
        return {field.alias or name: name for name, field in cls.model_fields.items()}


def table_type(kind: type[TomlTable]) -> ValueType:
    """A table in a table."""

    return ValueType(
        "a table", kind.json_schema, lambda key, value: kind.read(of_type(Mapping, value), key)
    )


def tables_type(kind: type[TomlTable]) -> ValueType:
    """A table with a table under each name."""
    each = table_type(kind)

    def check(key: str, value: Any) -> dict[str, TomlTable]:
        if not of_type(Mapping, value):
            raise WrongTypeError
        return {str(name): each.validated(f"{key}, {shown(name)}", v) for name, v in value.items()}

    return ValueType(
        "a table with a table under each name",
        lambda: {"type": "object", "additionalProperties": kind.json_schema(), "minProperties": 1},
        check,
    )


def entry_place(key: str, index: int, names: object) -> str:
    """Where an entry of a list of tables stands, with its modalities where they can be shown."""
    listed = names if isinstance(names, (list, tuple)) else ()
    usable = all(isinstance(name, str) for name in listed)
    label = shorten("+".join(listed)) if usable else ""
    return f", {key} {index + 1}" + (f" ({label})" if label else "")


def _first(table: type[TomlTable], error: ValidationError, raw: Raw) -> tuple[str, str]:
    """The place and the sentence of the first problem; an unknown key explains a missing one."""
    problems = error.errors(include_url=False, include_input=False)
    same = [p for p in problems if p["loc"][:-1] == problems[0]["loc"][:-1]]
    first = next((p for p in same if p["type"] == "extra_forbidden"), problems[0])
    place, inside, entries = "", table, raw
    *path, key = first["loc"] or ("",)
    if isinstance(key, int):  # what the keys of a table have to fulfil together
        path, key = [*path, key], ""
    for name, index in zip(map(str, path[::2]), map(int, path[1::2]), strict=True):
        inside, *_ = get_args(inside.model_fields[name].annotation)
        entries = entries[name][index]
        place += entry_place(name, index, entries.get("modalities"))
    return place, _sentence(inside, str(key), first)


def _sentence(table: type[TomlTable], key: str, problem: Any) -> str:
    known = table.keys()
    if problem["type"] == "value_error":
        return str(problem["ctx"]["error"].marked)
    if problem["type"] == "missing":
        kinds = table.model_fields[known[key]].metadata
        takes = next((kind.takes for kind in kinds if isinstance(kind, ValueType)), "")
        return f"{key} must be {takes}; it is missing" if takes else f"{key} is missing"
    if "acc" in key.lower() and {"subset", "test_loss"} & set(known):
        loss = "train_loss" if "train" in key.lower() else "test_loss"
        return f"unknown key {shown(key)}; a loss is 1 − accuracy: give {loss}"
    return f"unknown key {shown(key)}{nearest(key, known)}"


def load_table(path: Path) -> Raw:
    """Read a TOML file that is not too large."""
    name, text = shorten(str(path), 200), load_text(path)
    try:
        return tomllib.loads(text, parse_float=WrittenNumber)
    except tomllib.TOMLDecodeError as error:
        bare = _BARE.match(text, _place(text, str(error)))
        text_advice = '; text stands in quotes, as in title = "Mine"'
        truth_advice = "; truth values are true and false"
        advice = "" if bare is None else truth_advice if bare[1] else text_advice
        raise InputError(f"{name} is not valid TOML: {error}{advice}") from None
    except ValueError:  # Python refuses whole numbers of more than a few thousand digits
        raise InputError(f"{name} holds a number with too many digits") from None
    except RecursionError:
        raise InputError(f"{name} is nested too deeply") from None


def _place(text: str, said: str) -> int:
    """Where TOML says that a value is none; the end of the text where it says something else."""
    found = _NO_VALUE.search(said)
    if found is None:
        return len(text)
    line, column = map(int, found.groups())
    return sum(len(row) + 1 for row in text.split("\n")[: line - 1]) + column - 1


def load_text(path: Path) -> str:
    """The text of a file that is not too large."""
    name = shorten(str(path), 200)
    # a shell's <(…) is written to; of another pipe nobody knows if a writer ever comes
    if path.is_fifo() and not path.absolute().as_posix().startswith(("/dev/", "/proc/")):
        raise InputError(f"{name} is a pipe, not a file")
    try:
        raw, folder = b"", path.is_dir()
        if not folder:
            with path.open("rb") as stream:
                raw = stream.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"there is no file {name}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot read {name}: {reason}") from None
    if folder:
        raise InputError(f"{name} is a folder, not a study file")
    if len(raw) > _MOST_BYTES:
        raise InputError(f"{name} is larger than 4 MiB; put long lists into files of their own")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8 text (byte {error.start + 1})") from None


def opened(source: object, what: str) -> tuple[Raw, Path]:
    """The table at a path, and the path; what is no path is refused."""
    try:
        path = Path(source)  # type: ignore[arg-type]
    except TypeError:
        raise InputError(f"a {what} is a path or a mapping, not {shown(source)}") from None
    return load_table(path), path


_ALLOWED = ContextVar("_ALLOWED", default=False)


@contextmanager
def allow_outside() -> Iterator[None]:
    """Within it, a study may name any file."""
    before = _ALLOWED.set(True)
    try:
        yield
    finally:
        _ALLOWED.reset(before)


def file_in(folder: Path | None, name: str | Path) -> Path:
    """A file that a study in a folder names; without a folder the caller names it.

    Refused if it lies outside the folder, behind a symbolic link too, or is a device or a pipe.
    """
    if folder is None:
        return Path(name)
    path, shown = folder / name, shorten(str(name), 200)
    try:
        inside = path.resolve().is_relative_to(folder.resolve())
        special = path.exists() and not path.is_file() and not path.is_dir()
    except (OSError, ValueError, RuntimeError):  # a name with a zero byte, links in a circle
        raise InputError(f"'{shown}' is not the name of a file") from None
    if _ALLOWED.get():
        return path
    if not inside:
        raise InputError(f"'{shown}' is outside the folder of the study; --allow-outside reads it")
    if special:
        raise InputError(f"'{shown}' is a device or a pipe; --allow-outside reads it")
    return path
