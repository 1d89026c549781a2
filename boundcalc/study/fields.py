"""Single values of a study file: each reader checks one key and says where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar

from boundcalc.data.tables import normal
from boundcalc.errors import InputError, nearest, shorten
from boundcalc.numeric.domains import checked
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.parameters import parameter

Table = Mapping[str, Any]
Choice = TypeVar("Choice", bound=StrEnum)

# study keys whose domain is that of a parameter with another name
_DOMAIN_OF = {
    "test_n": "n",
    "test_errors": "errors",
    "complexity": "complexity_m",
    "norm": "rademacher",
    "radius": "rademacher",
}


@contextmanager
def placed(where: str) -> Iterator[None]:
    """Say where the input stands that is refused inside."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def target(key: str) -> Parameter:
    """The parameter whose domain a key has, under the key's name."""
    return replace(parameter(_DOMAIN_OF.get(key, key)), name=key)


def known_keys(table: Table, known: Iterable[str], where: str) -> None:
    """Refuse a key that is not known, and name the nearest one that is."""
    known = tuple(known)
    for key in table:
        if key not in known:
            raise InputError(f"{where}: unknown key '{shorten(str(key))}'{nearest(str(key), known)}")


def number(table: Table, key: str, where: str) -> float | None:
    """A finite number in the domain of its parameter, or None where it is absent."""
    if key not in table:
        return None
    value = table[key]
    if isinstance(value, (list, tuple, dict)):
        raise InputError(f"{where}: {key} must be one number, not {shorten(repr(value))}")
    with placed(where):
        return float(checked(target(key), value))


def whole(table: Table, key: str, where: str) -> int | None:
    """A whole number in the domain of its parameter, or None where it is absent."""
    value = number(table, key, where)
    return None if value is None else int(value)


def flag(table: Table, key: str, where: str) -> bool:
    """True or false; false where it is absent."""
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise InputError(f"{where}: {key} must be true or false, not {shorten(repr(value))}")
    return value


def text(table: Table, key: str, where: str) -> str:
    """One line of text; empty where it is absent."""
    value = table.get(key, "")
    if not isinstance(value, str):
        raise InputError(f"{where}: {key} must be text, not {shorten(repr(value))}")
    if not value.isprintable():
        raise InputError(f"{where}: {key} must be one line without control characters")
    return value


def choice(table: Table, key: str, kinds: type[Choice], where: str) -> Choice | None:
    """One of a few words, or None where it is absent."""
    if key not in table:
        return None
    value = table[key]
    known = [str(kind) for kind in kinds]
    if not isinstance(value, str) or value not in known:
        hint = nearest(value, known) if isinstance(value, str) else ""
        raise InputError(f"{where}: {key} must be {' or '.join(known)}, not {shorten(repr(value))}{hint}")
    return kinds(value)


def modalities(table: Table, key: str, where: str) -> tuple[str, ...]:
    """A list of different names, at least one.

    A name is one line and holds no ``+``, which joins the names of a subset.
    """
    value = table.get(key)
    if not isinstance(value, (list, tuple)) or not value:
        shown = "it is missing" if value is None else f"not {shorten(repr(value))}"
        raise InputError(f'{where}: {key} must be a list of at least one name, such as ["text"]; {shown}')
    for name in value:
        if not isinstance(name, str) or not name.strip() or not name.isprintable() or "+" in name:
            raise InputError(
                f"{where}: {key} has {shorten(repr(name))}; a name is one line of text without '+'"
            )
    names = tuple(map(normal, value))
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{where}: {key} names '{shorten(name)}' twice")
    return names


def at_most(value: float | None, most: float, key: str, most_key: str, where: str) -> None:
    """Refuse a value above another key's."""
    if value is not None and value > most:
        raise InputError(f"{where}: {key} = {value:.10g} is above {most_key} = {most:.10g}")


def only_one(table: Table, keys: Iterable[str], what: str, where: str) -> None:
    """Refuse two ways of giving the same thing."""
    given = [key for key in keys if key in table]
    if len(given) > 1:
        raise InputError(f"{where}: {' and '.join(given)} both give {what}; keep one of them")
