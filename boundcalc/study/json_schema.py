"""The JSON Schema of each kind of TOML file, for editors: what `boundcalc.study.schema` says."""

from __future__ import annotations

from typing import Any

from boundcalc.calculus.constructors import OPERATIONS
from boundcalc.conventions import Average, Noise, Output, Signs
from boundcalc.errors import find
from boundcalc.study.schema import WORLDS, DataTable, FactTable, StudyTable
from boundcalc.study.toml_file import TomlTable, domain_schema
from boundcalc.symbolic.catalogue import complexities
from boundcalc.symbolic.complexity import ComplexityClass
from boundcalc.symbolic.parameters import parameter

_TABLES: dict[str, tuple[type[TomlTable], ...]] = {
    "study": (StudyTable,),
    "data": (DataTable,),
    "facts": (FactTable,),
    "world": tuple(WORLDS.values()),
}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_CLASS = {"$ref": "#/$defs/class"}
_WORDS = {"average": Average, "signs": Signs, "output": Output, "noise": Noise}
# keys of operations whose domain is not that of the parameter of their name
_KEYS: dict[str, dict[str, Any]] = {
    "factor": {"type": "number"},
    "value": {"type": "number", "minimum": 0},
    "joint": {"type": "boolean"},
    **{key: {"enum": [str(word) for word in words]} for key, words in _WORDS.items()},
}


def json_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of one kind of file.

    Parameters
    ----------
    kind : {"study", "data", "facts", "world"}

    Raises
    ------
    UnknownNameError
    """
    made = [table.json_schema() for table in find("kind of file", kind, _TABLES)]
    if kind == "study":
        made[0]["$defs"]["class"] = _class()
        made[0]["$defs"]["SubsetTable"]["properties"]["class"] = _CLASS
    one = made[0] if len(made) == 1 else {"oneOf": made}
    return {"$schema": _DIALECT, **one, "title": kind}


def _class() -> dict[str, Any]:
    """A class of the catalogue or an operation on classes, by its kind."""
    known = {word: _operation(word) for word in OPERATIONS}
    known |= {id: _of_catalogue(entry) for id, entry in complexities().items()}
    return {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": sorted(known)}},
        "allOf": [
            {"if": {"properties": {"kind": {"const": word}}, "required": ["kind"]}, "then": table}
            for word, table in known.items()
        ],
    }


def _operation(word: str) -> dict[str, Any]:
    one = OPERATIONS[word]
    of = {"type": "array", "items": _CLASS, "minItems": 1} if one.several else _CLASS
    keys = {key: _key(key) for key in (*one.needs, *one.takes)} | ({} if one.leaf else {"of": of})
    return _table(keys, [key for key in keys if key not in one.takes])


def _of_catalogue(entry: ComplexityClass) -> dict[str, Any]:
    inputs = {name for form in entry.forms.values() for name in form.inputs}
    keys = {key: _key(key) for key in sorted(inputs)}
    keys |= {alias: _key(name) for name in sorted(inputs) for alias in parameter(name).aliases}
    choices = {entry.selector: {"enum": list(entry.forms)}, "form": {"enum": list(entry.forms)}}
    return _table(keys | choices | {"average": _KEYS["average"]}, [])


def _key(key: str) -> dict[str, Any]:
    return _KEYS[key] if key in _KEYS else domain_schema(parameter(key))


def _table(keys: dict[str, Any], required: list[str]) -> dict[str, Any]:
    named = {"kind": {"type": "string"}, "name": {"type": "string"}, **keys}
    return {"properties": named, "required": required, "additionalProperties": False}
