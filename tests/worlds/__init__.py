"""The gallery of micro-worlds in which constants bite: those of `verify`, and many more.

Small samples make concentration slack, so there are several kinds: worlds with m = 1 or 2 that are
tight in expectation, worlds of few points whose samples can be large, so that tails are long, worlds
of very many points, and plain worlds with nothing special about them. Each function says what it is
for; its world has its name.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType

from proofs import proof_named

from boundcalc.errors import UnknownNameError
from boundcalc.worlds.micro import gallery
from boundcalc.worlds.micro.micro_world import MicroWorld
from boundcalc.worlds.micro.reading import WorldReading, read_in

_BUILDERS: dict[str, Callable[[str], MicroWorld]] = {}


def register(build: Callable[[str], MicroWorld]) -> Callable[[str], MicroWorld]:
    """Add a world under the name of the function that builds it."""
    name = build.__name__.replace("_", " ")
    assert name not in _BUILDERS
    _BUILDERS[name] = build
    return build


@cache
def _builders() -> Mapping[str, Callable[[str], MicroWorld]]:
    """All builders, after every file of the gallery has been read; first those of `verify`."""
    for module in pkgutil.iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    kept = {name: lambda _, w=w: w for name, w in gallery.all_worlds().items()}
    assert not kept.keys() & _BUILDERS.keys()
    return MappingProxyType(kept | _BUILDERS)


@cache
def world(name: str) -> MicroWorld:
    """One world of the gallery."""
    if name not in _builders():
        raise UnknownNameError("world", name, _builders())
    return _builders()[name](name)


def all_worlds() -> Mapping[str, MicroWorld]:
    """The whole gallery by name."""
    return MappingProxyType({name: world(name) for name in _builders()})


@cache
def read(name: str) -> tuple[WorldReading, ...]:
    """All ways to read a proof in the worlds of the gallery, small ones first."""
    sized = sorted(all_worlds().values(), key=lambda w: len(w.chances.weights))
    return tuple(reading for w in sized for reading in read_in(proof_named(name), w))


@cache
def worlds(name: str) -> tuple[MicroWorld, ...]:
    """The worlds that a proof speaks of, small ones first."""
    return tuple({reading.world.name: reading.world for reading in read(name)}.values())
