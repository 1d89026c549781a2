"""The micro-worlds of `verify`, and those of other packages, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import EntryPoint
from types import MappingProxyType

from boundcalc.arguments import typed
from boundcalc.errors import InputError, refuse_unknown
from boundcalc.symbolic.plugins import leave_out, load_each
from boundcalc.worlds.micro.micro_world import MicroWorld

ENTRY_POINTS = "boundcalc.worlds"


@cache
def own_worlds() -> Mapping[str, Callable[[str], MicroWorld]]:
    """The builders of the library's own worlds."""
    from boundcalc.worlds.micro.examples import WORLDS

    return WORLDS


@typed
@cache
def world(name: str) -> MicroWorld:
    """One of the micro-worlds of `verify`.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    """
    if name in own_worlds():
        return own_worlds()[name](name)
    refuse_unknown("world", name, [*own_worlds(), *_foreign_worlds()])
    return _foreign_worlds()[name]


def all_worlds() -> Mapping[str, MicroWorld]:
    """All micro-worlds of `verify`, by name; those of other packages last."""
    return MappingProxyType({name: world(name) for name in (*own_worlds(), *_foreign_worlds())})


@cache
def _foreign_worlds() -> Mapping[str, MicroWorld]:
    """The worlds of other packages that can be built."""
    found: dict[str, MicroWorld] = {}
    for name, built in load_each(ENTRY_POINTS, _built):
        name = name.replace("_", " ")
        if name in own_worlds() or name in found:
            leave_out(f"the world '{name}' of another package", "the name is taken")
        else:
            found[name] = built
    return MappingProxyType(found)


def _built(entry: EntryPoint) -> tuple[str, MicroWorld]:
    """An entry point holds a world, or the function that builds it from its name."""
    held = entry.load()
    built = held if isinstance(held, MicroWorld) else held(entry.name.replace("_", " "))
    if not isinstance(built, MicroWorld):
        raise InputError("the entry point does not hold a micro-world")
    return entry.name, built
