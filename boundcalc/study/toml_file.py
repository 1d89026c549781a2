"""TOML files and mappings with the same keys: read, checked, refused in one line.

The files that a study names lie in its folder: studies may come from strangers.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Self, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from boundcalc.errors import InputError, nearest, shorten, shown
from boundcalc.study.value_types import ValueType, WrittenNumber, WrongTypeError, of_type

_MOST_BYTES = 4 * 2**20
Raw = Mapping[str, Any]


class TomlTable(BaseModel):
    """A table of a file: its fields are the keys, and any other key is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    @classmethod
    def read(cls, raw: Raw, where: str) -> Self:
        """Check a table.

        Raises
        ------
        InputError
            One line that names the place, the key, and the nearest known key for an unknown one.
        """
        try:
            return cls.model_validate({str(key): value for key, value in raw.items()})
        except ValidationError as error:
            place, said = _first(cls, error, raw)
            raise InputError(f"{where}{place}: {said}" if where else said) from None

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


def table_of(kind: type[TomlTable]) -> ValueType:
    """A table in a table."""

    return ValueType(
        "a table", kind.json_schema, lambda key, value: kind.read(of_type(Mapping, value), key)
    )


def tables_of(kind: type[TomlTable]) -> ValueType:
    """A table with a table under each name."""
    each = table_of(kind)

    def check(key: str, value: Any) -> dict[str, TomlTable]:
        if not of_type(Mapping, value):
            raise WrongTypeError
        return {str(name): each.validated(f"{key}, {shown(name)}", v) for name, v in value.items()}

    def schema() -> dict[str, Any]:
        inside = {"additionalProperties": kind.json_schema(), "minProperties": 1}
        return {"type": "object", **inside}

    return ValueType("a table with a table under each name", schema, check)


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
    match problem["type"]:
        case "value_error":
            return str(problem["ctx"]["error"])
        case "missing":
            kinds = table.model_fields[known[key]].metadata
            takes = next((kind.takes for kind in kinds if isinstance(kind, ValueType)), "")
            return f"{key} must be {takes}; it is missing" if takes else f"{key} is missing"
    return f"unknown key {shown(key)}{nearest(key, known)}"


def load_table(path: Path) -> Raw:
    """Read a TOML file.

    Raises
    ------
    InputError
        If there is none, or it is too large or no valid TOML.
    """
    name = shorten(str(path), 200)
    try:
        if path.is_dir():
            raise InputError(f"{name} is a folder, not a study file")
        with path.open("rb") as stream:
            raw = stream.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"there is no file {name}") from None
    except InputError:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot read {name}: {reason}") from None
    if len(raw) > _MOST_BYTES:
        raise InputError(f"{name} is larger than 4 MiB; put long lists into files of their own")
    try:
        return tomllib.loads(raw.decode("utf-8-sig"), parse_float=WrittenNumber)
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8 text (byte {error.start + 1})") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name} is not valid TOML: {error}") from None
    except ValueError:  # Python refuses whole numbers of more than a few thousand digits
        raise InputError(f"{name} holds a number with too many digits") from None
    except RecursionError:
        raise InputError(f"{name} is nested too deeply") from None


def opened(source: object, what: str) -> tuple[Raw, Path]:
    """The table at a path, and the path.

    Raises
    ------
    InputError
        Also for what is no path.
    """
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
    """A file that a study in a folder names.

    Parameters
    ----------
    folder : Path or None
        None where the caller names the file and not a study.
    name : str or Path

    Raises
    ------
    InputError
        If it lies outside the folder, behind a symbolic link too, or is a device or a pipe.
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
