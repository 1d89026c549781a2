"""The catalogue: finds theorems and classes by walking folders and the entry points of other packages.

What a theorem is, and with it SymPy, is imported when the first one is loaded: ids alone are found at once.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from boundcalc.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from boundcalc.symbolic.complexity import ComplexityClass
    from boundcalc.symbolic.theorem import Theorem

ENTRY_POINTS = "boundcalc.theorems"
COMPLEXITY_ENTRY_POINTS = "boundcalc.complexities"


Entry = TypeVar("Entry", "Theorem", "ComplexityClass")


@cache
def theorem_modules() -> Mapping[str, str]:
    """Module name by theorem id, without importing a theorem."""
    return _modules("boundcalc.theorems", ENTRY_POINTS)


@cache
def complexity_modules() -> Mapping[str, str]:
    """Module name by id of a function class, without importing one; ``linear_l2.py`` has id linear-l2."""
    found = _modules("boundcalc.complexities", COMPLEXITY_ENTRY_POINTS)
    own = {id.replace("_", "-"): module for id, module in found.items() if id != "rules"}
    return MappingProxyType(own)


def _modules(package: str, group: str) -> Mapping[str, str]:
    root = importlib.import_module(package)
    found: dict[str, str] = {}
    for module in pkgutil.walk_packages(root.__path__, f"{package}."):
        leaf = module.name.rsplit(".", 1)[-1]
        if not module.ispkg and not leaf.startswith("_"):
            found[module.name.removeprefix(f"{package}.")] = module.name
    for entry in entry_points(group=group):
        found.setdefault(entry.name, entry.value)
    return MappingProxyType(dict(sorted(found.items())))


@cache
def theorem(id: str) -> Theorem:
    """One theorem by its id, for example ``huang2021.theorem1``.

    Raises
    ------
    UnknownNameError
        If there is none; the message names the nearest id.
    InputError
        If another package's theorem cannot be loaded.
    """
    from boundcalc.symbolic.theorem import Theorem

    return _load(id, theorem_modules(), "theorem", "THEOREM", Theorem)


@cache
def complexity_class(id: str) -> ComplexityClass:
    """One function class by its id, for example ``linear-l2``.

    Raises
    ------
    UnknownNameError
        If there is none; the message names the nearest id.
    InputError
        If another package's class cannot be loaded.
    """
    from boundcalc.symbolic.complexity import ComplexityClass

    return _load(id, complexity_modules(), "class", "CLASS", ComplexityClass)


def _load(id: str, modules: Mapping[str, str], kind: str, attribute: str, record: type[Entry]) -> Entry:
    if id not in modules:
        raise UnknownNameError(kind, id, modules)
    module, _, named = modules[id].partition(":")
    try:
        entry = getattr(importlib.import_module(module), named or attribute)
    except Exception as error:
        if module.startswith("boundcalc."):
            raise
        raise InputError(f"{kind} '{id}' of another package cannot be loaded: {error}") from error
    if not isinstance(entry, record) or entry.id != id:
        raise InputError(f"the entry point '{id}' does not hold a {kind} of that id")
    return entry


def catalogue() -> Mapping[str, Theorem]:
    """All theorems by id."""
    return MappingProxyType({id: theorem(id) for id in theorem_modules()})


def complexities() -> Mapping[str, ComplexityClass]:
    """All function classes by id."""
    return MappingProxyType({id: complexity_class(id) for id in complexity_modules()})
