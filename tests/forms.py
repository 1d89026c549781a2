"""Every proof in the catalogue, and the micro-worlds in which its declarations are true."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import boundcalc as bc
from boundcalc.symbolic.derivation import Derivation
from boundcalc.worlds.gallery.registry import all_worlds, world
from boundcalc.worlds.micro import MicroWorld
from boundcalc.worlds.oracle import Values, objection, values_of

IN_WORDS = {
    ("lu2023.separation", "multimodal"): (
        "tables on two points",
        "tables and one pair",
        "tables and two functions",
        "tables on a hundred points",
    )
}
"""Worlds of a form whose setting is assumed in words only, not declared by its quantities."""


def forms() -> list[str]:
    """``id/variant``, with ``/2`` for the second proof of a variant, and so on."""
    found = []
    for id, entry in bc.catalogue().items():
        for variant in entry.variants.values():
            found += [
                f"{id}/{variant.name}{f'/{i}' if i > 1 else ''}" for i in range(1, len(variant.also) + 2)
            ]
    return found


@cache
def derivation(form: str) -> Derivation:
    """The proof of a form."""
    id, variant, *which = form.split("/")
    chosen = bc.theorem(id).variant(variant)
    return (chosen.derivation, *chosen.also)[int(which[0]) - 1 if which else 0]


@cache
def worlds(form: str) -> tuple[MicroWorld, ...]:
    """The worlds that a form speaks of, small ones first."""
    named = IN_WORDS.get(tuple(form.split("/")[:2]))
    candidates = [world(name) for name in named] if named else list(all_worlds().values())
    facts = [line.fact for line in derivation(form).lines]
    fitting = [w for w in candidates if objection(w, facts) is None]
    return tuple(sorted(fitting, key=lambda w: len(w.chances.weights)))


@cache
def values(form: str) -> Mapping[str, Values]:
    """The values of the parameters, by the name of the world."""
    return MappingProxyType({w.name: values_of(w, derivation(form)) for w in worlds(form)})
