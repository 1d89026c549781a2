"""The catalogue: finds theorems and classes by walking folders and the entry points of other packages."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType

from boundcalc.errors import InputError, UnknownNameError
from boundcalc.symbolic.complexity import ComplexityClass
from boundcalc.symbolic.theorem import Theorem

ENTRY_POINTS = "boundcalc.theorems"
COMPLEXITY_ENTRY_POINTS = "boundcalc.complexities"


@cache
def theorem_modules() -> Mapping[str, str]:
    """Module name by theorem id, without importing a theorem."""
    root = importlib.import_module("boundcalc.theorems")
    found: dict[str, str] = {}
    for module in pkgutil.walk_packages(root.__path__, "boundcalc.theorems."):
        leaf = module.name.rsplit(".", 1)[-1]
        if not module.ispkg and not leaf.startswith("_"):
            found[module.name.removeprefix("boundcalc.theorems.")] = module.name
    for entry in entry_points(group=ENTRY_POINTS):
        found.setdefault(entry.name, entry.value)
    return MappingProxyType(dict(sorted(found.items())))


@cache
def theorem(id: str) -> Theorem:
    """One theorem by its id, for example ``huang2021.theorem1``.

    Raises
    ------
    UnknownNameError
        If there is none; the message names the nearest id.
    """
    modules = theorem_modules()
    if id not in modules:
        raise UnknownNameError("theorem", id, modules)
    module, _, attribute = modules[id].partition(":")
    own = module.startswith("boundcalc.theorems.")
    try:
        entry = getattr(importlib.import_module(module), attribute or "THEOREM")
    except Exception as error:
        if own:
            raise
        raise InputError(f"theorem '{id}' of another package cannot be loaded: {error}") from error
    if not isinstance(entry, Theorem) or entry.id != id:
        raise InputError(f"the entry point '{id}' does not hold a theorem of that id")
    return entry


def catalogue() -> Mapping[str, Theorem]:
    """All theorems by id."""
    return MappingProxyType({id: theorem(id) for id in theorem_modules()})


@cache
def complexity_modules() -> Mapping[str, str]:
    """Module name by id of a function class, without importing one; ``linear_l2.py`` has id linear-l2."""
    root = importlib.import_module("boundcalc.complexities")
    found: dict[str, str] = {}
    for module in pkgutil.iter_modules(root.__path__):
        if not module.name.startswith("_") and module.name != "rules":
            found[module.name.replace("_", "-")] = f"boundcalc.complexities.{module.name}"
    for entry in entry_points(group=COMPLEXITY_ENTRY_POINTS):
        found.setdefault(entry.name, entry.value)
    return MappingProxyType(dict(sorted(found.items())))


@cache
def complexity_class(id: str) -> ComplexityClass:
    """One function class by its id, for example ``linear-l2``.

    Raises
    ------
    UnknownNameError
        If there is none; the message names the nearest id.
    """
    modules = complexity_modules()
    if id not in modules:
        raise UnknownNameError("class", id, modules)
    module, _, attribute = modules[id].partition(":")
    try:
        entry = getattr(importlib.import_module(module), attribute or "CLASS")
    except Exception as error:
        if module.startswith("boundcalc.complexities."):
            raise
        raise InputError(f"class '{id}' of another package cannot be loaded: {error}") from error
    if not isinstance(entry, ComplexityClass) or entry.id != id:
        raise InputError(f"the entry point '{id}' does not hold a function class of that id")
    return entry


def complexities() -> Mapping[str, ComplexityClass]:
    """All function classes by id."""
    return MappingProxyType({id: complexity_class(id) for id in complexity_modules()})
