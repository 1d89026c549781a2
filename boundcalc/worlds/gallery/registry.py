"""The worlds of the gallery, built when first asked for."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Any

from boundcalc.errors import UnknownNameError
from boundcalc.worlds.micro import MicroWorld
from boundcalc.worlds.samples import all_samples

_BUILDERS: dict[str, Callable[[str], MicroWorld]] = {}


def register(build: Callable[[str], MicroWorld]) -> Callable[[str], MicroWorld]:
    """Add a world under the name of the function that builds it."""
    _BUILDERS[build.__name__.replace("_", " ")] = build
    return build


def numbers_only(
    name: str, numbers: Mapping[str, float], extra: Mapping[str, Callable[..., Any]]
) -> MicroWorld:
    """A world in which nothing is drawn: parameters, and what is computed from them."""
    draws, chances = all_samples((Fraction(1),), 1)
    return MicroWorld(name, {"S": draws}, chances, {}, {}, numbers, extra)


def uniform(points: int) -> tuple[Fraction, ...]:
    """The uniform distribution."""
    return (Fraction(1, points),) * points


@cache
def _builders() -> Mapping[str, Callable[[str], MicroWorld]]:
    """All builders, after every file of the gallery has been read."""
    package = import_module("boundcalc.worlds.gallery")
    for module in pkgutil.iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
    return MappingProxyType(_BUILDERS)


@cache
def world(name: str) -> MicroWorld:
    """One world of the gallery.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    """
    if name not in _builders():
        raise UnknownNameError("world", name, _builders())
    return _builders()[name](name)


def all_worlds() -> Mapping[str, MicroWorld]:
    """The whole gallery by name."""
    return MappingProxyType({name: world(name) for name in _builders()})
